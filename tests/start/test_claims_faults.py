"""`bep reserve`, killed at any of its Git commands or left without an answer, and called again.

A program `git` first on PATH counts the commands, so that none of them can be forgotten here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import forks
from tests.conftest import PAGE, moments, run_git

# `bep` starts it itself, so that its parent is the process to kill.
WRAPPER = """\
#!/bin/sh
# This one runs until `bep` has no more questions, so nothing follows it.
case $* in *"cat-file --batch"*) exec "$FAULT_GIT" "$@" ;; esac
number=0
[ -e "$FAULT/count" ] && read number < "$FAULT/count"
number=$((number + 1))
echo $number > "$FAULT/count"
if [ "$FAULT_BEFORE" = $number ]; then
    kill -KILL $PPID
    exit 1
fi
if [ "$FAULT_PUSH" ] && [ "$1" = push ] && [ ! -e "$FAULT/lost" ]; then
    : > "$FAULT/lost"
    [ "$FAULT_PUSH" = refused ] || "$FAULT_GIT" "$@" > /dev/null 2>&1 || exit 99
    [ "$FAULT_PUSH" = gone ] && mv "$FAULT/remote.git" "$FAULT/away.git"
    echo "fatal: the remote end hung up unexpectedly" >&2
    exit 128
fi
"$FAULT_GIT" "$@"
code=$?
if [ "$FAULT_AFTER" = $number ]; then
    kill -KILL $PPID
fi
exit $code
"""


class World(NamedTuple):
    """A clone whose remote is `folder`/remote.git."""

    folder: Path

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def commands(self) -> int:
        return int((self.folder / "count").read_text())

    def bep(self, *arguments: str, **faults: str) -> subprocess.CompletedProcess[str]:
        """Run `bep` in the clone; `faults` are for the wrapper, without them nothing is wrong."""
        environment = dict(os.environ)
        if faults:
            (self.folder / "count").unlink(missing_ok=True)
            environment |= {f"FAULT_{name.upper()}": value for name, value in faults.items()}
            environment["FAULT"] = str(self.folder)
            environment["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return forks.run("bep", self.clone, *arguments, environment=environment)

    def commit_on_remote(self, row: str) -> None:
        """Somebody's row lands on the remote's main; the clone knows nothing of it."""
        other = self.folder / "other"
        run_git(self.folder, "clone", "--quiet", str(self.remote), str(other))
        page = other / PAGE
        page.write_text(page.read_text().replace("| _next_ ", f"{row}\n| _next_ "))
        run_git(other, "commit", "--quiet", "--all", "--message=A row")
        run_git(other, "push", "--quiet", "origin", "main")

    def copy(self, folder: Path) -> World:
        """The same once more, with a remote of its own."""
        shutil.copytree(self.folder, folder, symlinks=True)
        copied = World(folder)
        run_git(copied.clone, "remote", "set-url", "origin", str(copied.remote))
        return copied


MakeWorld = Callable[[], World]


@pytest.fixture
def make_world(repository: Path, tmp_path: Path) -> MakeWorld:
    git = shutil.which("git")
    assert git
    made: list[World] = []

    def make() -> World:
        world = World(tmp_path / f"world-{len(made)}")
        made.append(world)
        (world.folder / "bin").mkdir(parents=True)
        wrapper = world.folder / "bin" / "git"
        wrapper.write_text(WRAPPER.replace("$FAULT_GIT", git))
        wrapper.chmod(0o755)
        run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(world.remote))
        run_git(tmp_path, "clone", "--quiet", str(world.remote), str(world.clone))
        return world

    return make


def claimed(folder: Path) -> list[tuple[int, str]]:
    """Number and title of each claim in a repository."""
    form = "--format=%(refname)%00%(contents)%00"
    fields = run_git(folder, "for-each-ref", form, "refs/bep/").split("\0")[:-1]
    titles = [re.findall(r"^Title: (.*)$", said, re.MULTILINE) for said in fields[1::2]]
    numbers = [int(name.strip().removeprefix("refs/bep/")) for name in fields[0::2]]
    return [(number, title) for number, (title,) in zip(numbers, titles, strict=True)]


def wrong(world: World, again: subprocess.CompletedProcess[str], *others: str) -> list[str]:
    """What is not as it should be after a second call that nothing has disturbed."""
    if again.returncode != 0 or not re.fullmatch(r"\d+\n", again.stdout):
        return [f"the second call: {again}"]
    number = int(again.stdout)
    there = claimed(world.remote)
    rows = re.findall(
        r"^\| (\d+) \| Session Relay \|", (world.clone / PAGE).read_text(), re.MULTILINE
    )
    found = []
    if sorted(there) != sorted([(number, "Session Relay"), *zip_up(there, others)]):
        found.append(f"printed {number}, but the remote has {there}")
    if sorted(claimed(world.clone)) != sorted(there):
        found.append(f"the clone has {claimed(world.clone)}, the remote {there}")
    if rows != [str(number)]:
        found.append(f"printed {number}, but the page has rows {rows}")
    branch = run_git(world.clone, "branch", "--show-current")
    if branch != f"bep/{number}-session-relay":
        found.append(f"printed {number}, but the branch is {branch}")
    return found


def zip_up(there: Sequence[tuple[int, str]], titles: Sequence[str]) -> list[tuple[int, str]]:
    """One claim for each of `titles`, under whatever number."""
    return [next((one for one in there if one[1] == title), (0, title)) for title in titles]


def remote_is_newer(world: World) -> tuple[str, ...]:
    """The remote's main must be fetched to be looked at."""
    world.commit_on_remote("| 1010 | Theirs | Ada Lovelace | Draft |")
    return ()


def claim_is_pending(world: World) -> tuple[str, ...]:
    """A claim that was made offline is published on the way."""
    done = world.bep("reserve", "Offline", "--offline", "--no-branch")
    assert done.returncode == 0, done.stderr
    return ("Offline",)


@pytest.mark.parametrize("prepare", [remote_is_newer, claim_is_pending])
def test_killed_before_or_after_any_of_its_git_commands(make_world, prepare, tmp_path):
    prepared = make_world()
    others = prepare(prepared)
    counting = prepared.copy(tmp_path / "counting")
    assert wrong(counting, counting.bep("reserve", "Session Relay", count="only"), *others) == []
    commands = counting.commands
    assert commands >= 6, "the wrapper has not seen all commands"

    def outcome(kind: str, at: int) -> list[str]:
        world = prepared.copy(tmp_path / f"{kind}-{at}")
        killed = world.bep("reserve", "Session Relay", **{kind: str(at)})
        if killed.returncode == 0 and kind == "after":
            # `bep` itself ends `cat-file --batch`, and what would kill behind it, and goes on.
            return wrong(world, killed, *others)
        if killed.returncode != -9:
            return [f"{kind} {at}: not killed: {killed}"]
        said = wrong(world, world.bep("reserve", "Session Relay"), *others)
        return [f"killed {kind} command {at} of {commands}: {one}" for one in said]

    assert [said for case in moments(commands) for said in outcome(*case)] == []


def wrong_move(world: World, again: subprocess.CompletedProcess[str]) -> list[str]:
    """What is not as it should be after a second call of `renumber 1006`."""
    if again.returncode != 0 or "BEP-1006 is now BEP-1007." not in again.stdout:
        return [f"the second call: {again}"]
    status = run_git(world.clone, "status", "--porcelain")
    moved = "R  proposals/BEP-1006-x.md -> proposals/BEP-1007-x.md"
    left = [path.name for path in (world.clone / ".git" / "bep").iterdir() if path.name != "lock"]
    problems = [
        ("the index", moved not in status or "??" in status, status),
        ("the row", "| [1007](BEP-1007-x.md) |" not in (world.clone / PAGE).read_text(), ""),
        ("claims here", claimed(world.clone) != [(1007, "Moving")], claimed(world.clone)),
        ("claims there", claimed(world.remote) != [(1007, "Moving")], claimed(world.remote)),
        ("what is left over", bool(left), left),
    ]
    return [f"{what}: {found}" for what, is_wrong, found in problems if is_wrong]


@pytest.mark.parametrize("to", [[], ["--to", "1007"]], ids=["", "to"])
def test_renumber_killed_before_or_after_any_of_its_git_commands(make_world, to, tmp_path):
    prepared = make_world()
    folder = prepared.clone
    assert prepared.bep("reserve", "Moving", "--no-branch").returncode == 0
    text = (folder / "proposals/BEP-1002-quota-ledger.md").read_text()
    (folder / "proposals/BEP-1006-x.md").write_text(text.replace("Quota Ledger", "Moving", 1))
    page = (folder / PAGE).read_text()
    (folder / PAGE).write_text(page.replace("| 1006 |", "| [1006](BEP-1006-x.md) |"))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Document")
    call = ("renumber", "1006", *to)
    counting = prepared.copy(tmp_path / "counting")
    assert wrong_move(counting, counting.bep(*call, count="only")) == []
    commands = counting.commands
    assert commands >= 15, "the wrapper has not seen all commands"

    def outcome(kind: str, at: int) -> list[str]:
        world = prepared.copy(tmp_path / f"{kind}-{at}")
        killed = world.bep(*call, **{kind: str(at)})
        if killed.returncode != -9:
            return [f"{kind} {at}: not killed: {killed}"]
        said = wrong_move(world, world.bep(*call))
        return [f"killed {kind} command {at} of {commands}: {one}" for one in said]

    assert [said for case in moments(commands) for said in outcome(*case)] == []


def test_the_answer_to_an_accepted_push_is_lost(make_world):
    world = make_world()

    first = world.bep("reserve", "Session Relay", push="lost")

    assert (world.folder / "lost").exists()
    assert wrong(world, first) == []
    again = world.bep("reserve", "Session Relay")
    assert again.stdout == first.stdout == "1006\n"
    assert wrong(world, again) == []


def test_the_answer_to_a_number_that_was_given_back_is_lost(make_world):
    world = make_world()
    assert world.bep("reserve", "Session Relay").returncode == 0

    done = world.bep("unreserve", "1006", push="lost")

    assert (world.folder / "lost").exists()
    assert done.returncode == 0, done.stderr
    assert claimed(world.remote) == claimed(world.clone) == []


def test_the_answer_is_lost_and_the_remote_is_gone_for_a_while(make_world):
    world = make_world()

    first = world.bep("reserve", "Session Relay", push="gone")

    assert first.returncode == 2
    assert first.stdout == ""
    assert re.fullmatch(r"bep: [^\n]+\n", first.stderr)
    assert "1006" in first.stderr
    (world.folder / "away.git").rename(world.remote)
    again = world.bep("reserve", "Session Relay")
    assert again.stdout == "1006\n"
    assert wrong(world, again) == []


def test_another_title_after_a_lost_answer_gets_another_number(make_world):
    world = make_world()
    world.bep("reserve", "First", push="gone")
    (world.folder / "away.git").rename(world.remote)

    again = world.bep("reserve", "Session Relay")

    assert again.stdout == "1007\n"
    assert wrong(world, again, "First") == []


def test_a_push_that_breaks_off_before_the_remote_has_it_leaves_no_claim(make_world):
    world = make_world()

    first = world.bep("reserve", "Session Relay", push="refused")

    assert first.returncode == 2
    assert re.fullmatch(r"bep: [^\n]+\n", first.stderr)
    assert claimed(world.remote) == claimed(world.clone) == []
    assert run_git(world.clone, "status", "--porcelain") == ""
    again = world.bep("reserve", "Session Relay")
    assert again.stdout == "1006\n"
    assert wrong(world, again) == []
