"""Many processes that reserve at the same moment: each gets a number that nobody else has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import PAGE, run_git
from tests.forks import RUN

# Forks one process for each folder, with all modules loaded; when the last one says that it is
# ready, all are let go in the same moment. Each leaves its output in files named after it.
RUNNER = (
    RUN
    + """
import json

folders, outputs = json.loads(sys.stdin.read())
ready, say_ready = os.pipe()
go, let_go = os.pipe()
children = []
for at, folder in enumerate(folders):
    child = os.fork()
    if child:
        children.append(child)
        continue
    os.close(let_go)
    os.chdir(folder)
    for kind, name in ((0, os.devnull), (1, f"{outputs}/{at}.out"), (2, f"{outputs}/{at}.err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o644), kind)
    sys.argv = ["bep", "reserve", f"Title {at}"]
    os.write(say_ready, b"r")
    os.read(go, 1)
    run()
waiting = len(children)
while waiting:
    waiting -= len(os.read(ready, waiting))
os.close(let_go)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(json.dumps(codes))
"""
)


class Ended(NamedTuple):
    """How a process ended: `number` is what it printed."""

    number: int
    branch: str
    page: str


def reserve_at_once(folders: list[Path], outputs: Path, trace: Path) -> list[Ended]:
    """`bep reserve "Title N"` in all `folders` at once; Git's traces are in `trace`."""
    outputs.mkdir()
    trace.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps([[str(folder) for folder in folders], str(outputs)]),
        env={**os.environ, "GIT_TRACE2_EVENT": str(trace)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [(outputs / f"{at}.err").read_text() for at in range(len(folders))]
    assert json.loads(done.stdout) == [0] * len(folders), said
    printed = [(outputs / f"{at}.out").read_text() for at in range(len(folders))]
    assert all(re.fullmatch(r"\d+\n", out) for out in printed), printed
    return [
        Ended(int(out), run_git(folder, "branch", "--show-current"), (folder / PAGE).read_text())
        for out, folder in zip(printed, folders, strict=True)
    ]


def exit_codes(trace: Path, command: str, argument: str) -> list[int]:
    """With what the runs of `git COMMAND` that have `argument` among their arguments ended."""
    found = []
    for path in trace.iterdir():
        events = [json.loads(line) for line in path.read_text().splitlines()]
        start = next((one["argv"] for one in events if one["event"] == "start"), [])
        if start[1:2] == [command] and any(argument in one for one in start):
            found += [one["code"] for one in events if one["event"] == "exit"]
    return found


def claims_of(folder: Path) -> dict[int, str]:
    """The claims in a repository, with their messages."""
    form = "--format=%(refname)%00%(contents)%00"
    fields = run_git(folder, "for-each-ref", form, "refs/bep/").split("\0")[:-1]
    names = [name.strip().removeprefix("refs/bep/") for name in fields[0::2]]
    return dict(zip(map(int, names), fields[1::2], strict=True))


def assert_none_lost(claims: dict[int, str], ended: list[Ended]) -> None:
    """All numbers distinct and contiguous, each claim, row and branch its process' own."""
    count = len(ended)
    assert sorted(one.number for one in ended) == list(range(1006, 1006 + count))
    assert sorted(claims) == list(range(1006, 1006 + count))
    for at, one in enumerate(ended):
        assert one.branch == f"bep/{one.number}-title-{at}"
        assert re.findall(r"^\| \d+ \| (Title \d+) \|", one.page, re.MULTILINE) == [f"Title {at}"]
        assert f"| {one.number} | Title {at} | Grace B. Hopper | Draft |\n" in one.page
        assert f"\nTitle: Title {at}\n" in claims[one.number]
    tokens = [re.findall(r"^Token: (\S{16,})$", said, re.MULTILINE) for said in claims.values()]
    assert all(len(found) == 1 for found in tokens)
    assert len({found[0] for found in tokens}) == count


def test_32_clones_of_one_remote(repository, tmp_path):
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(remote))
    clones = [tmp_path / f"clone-{at}" for at in range(32)]
    for clone in clones:
        run_git(tmp_path, "clone", "--quiet", "--shared", str(remote), str(clone))

    ended = reserve_at_once(clones, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(remote), ended)
    for clone, one in zip(clones, ended, strict=True):
        assert list(claims_of(clone)) == [one.number]
    pushes = exit_codes(tmp_path / "trace", "push", "refs/bep/")
    assert pushes.count(0) == 32
    assert len(pushes) > 32, "no push was rejected: the processes did not compete"
    assert run_git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/") == (
        "refs/heads/main"
    )


def test_16_worktrees_of_one_clone_without_a_remote(repository, tmp_path):
    trees = [tmp_path / f"tree-{at}" for at in range(16)]
    for tree in trees:
        run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))

    ended = reserve_at_once(trees, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(repository), ended)
    made = exit_codes(tmp_path / "trace", "update-ref", "refs/bep/")
    assert made.count(0) == 16
    assert len(made) > 16, "no ref was refused: the processes did not compete"


def test_16_worktrees_of_one_clone_with_a_remote(repository, tmp_path):
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(remote))
    run_git(repository, "remote", "add", "origin", str(remote))
    trees = [tmp_path / f"tree-{at}" for at in range(16)]
    for tree in trees:
        run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))

    ended = reserve_at_once(trees, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(remote), ended)
    assert claims_of(repository) == claims_of(remote)
