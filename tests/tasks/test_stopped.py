"""Ctrl-C at any moment: no traceback, and the message says what is true.

An audit hook counts what Python does (imports, files, processes) and sends a real SIGINT at one of
these events; a program `git` first on PATH sends one around each Git command.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forks
from tests.conftest import copy_repository, moments, run_git, state

# Sends SIGINT to its own process at the events of one kind whose numbers are given.
AT_EVENT = """
import os, signal, sys

from bep.entry_point import main

kind, moments = sys.argv[1], {int(one) for one in sys.argv[2].split(",")}
seen = 0

def hook(event, arguments):
    global seen
    if event == kind:
        seen += 1
        if seen in moments:
            os.kill(os.getpid(), signal.SIGINT)

sys.argv = ["bep", *sys.argv[3:]]
sys.addaudithook(hook)
main()
"""

# Ctrl-C reaches the whole group of a terminal's processes: git dies of it, too.
WRAPPER = """\
#!/bin/sh
# One that answers questions is killed after the last one: nothing comes after it.
case $* in *"cat-file --batch"*) exec "$FAULT_GIT" "$@" ;; esac
number=0
[ -e "$FAULT/count" ] && read number < "$FAULT/count"
number=$((number + 1))
echo $number > "$FAULT/count"
if [ "$FAULT_BEFORE" = $number ]; then
    kill -INT $PPID
    kill -INT $$
fi
"$FAULT_GIT" "$@"
code=$?
if [ "$FAULT_AFTER" = $number ]; then
    kill -INT $PPID
fi
exit $code
"""


def at_event(
    folder: Path, kind: str, moments: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    if kind != "import":
        return forks.run_script(AT_EVENT, folder, kind, moments, *arguments)
    return subprocess.run(
        [sys.executable, "-c", AT_EVENT, kind, moments, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def around_git(folder: Path, faults: Path, *arguments: str, **moment: int):
    """Run `bep` with an interrupt before or after one of its Git commands."""
    git = shutil.which("git")
    assert git
    wrapper = faults / "bin/git"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(WRAPPER.replace("$FAULT_GIT", git))
    wrapper.chmod(0o755)
    (faults / "count").unlink(missing_ok=True)
    environment = {
        **os.environ,
        "FAULT": str(faults),
        "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}",
        **{f"FAULT_{name.upper()}": str(number) for name, number in moment.items()},
    }
    return forks.run("bep", folder, *arguments, environment=environment)


def whole(folder: Path) -> tuple[object, ...]:
    """All that a command could change here; on the remote, its claims."""
    remote = folder.parent / "remote.git"
    claims = run_git(remote, "for-each-ref", "refs/bep/") if remote.exists() else ""
    return (*state(folder), claims)


def assert_true(folder: Path, before: tuple[object, ...], done) -> str:
    """The message of a stopped command, which must say what it changed, or that it did not."""
    said = [line for line in done.stderr.splitlines() if line.startswith("bep: stopped")]
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    assert done.returncode == 2, done.stderr
    assert len(said) == 1, done.stderr
    changed = whole(folder) != before
    if "nothing was changed" in said[0]:
        assert not changed, said[0]
    for path in re.findall(r"proposals/[\w./-]*\w", said[0]):
        assert (folder / path).exists() or path in str(before), said[0]
    return said[0]


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Path:
    """The repository with a remote beside it."""
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(tmp_path / "remote.git"))
    run_git(repository, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(repository, "fetch", "--quiet", "origin")
    return repository


# --- Git commands -------------------------------------------------------------------------------


def test_reserve_stopped_around_any_git_command_says_what_is_true(clone, tmp_path):
    counting = tmp_path / "counting"
    shutil.copytree(tmp_path / "remote.git", counting / "remote.git")
    copied = copy_repository(clone, counting / "repository")
    run_git(copied, "remote", "set-url", "origin", str(counting / "remote.git"))
    assert around_git(copied, counting, "reserve", "Session Relay").returncode == 0
    commands = int((counting / "count").read_text())
    assert commands >= 10

    for kind, moment in moments(commands):
        folder = tmp_path / f"{kind}-{moment}"
        shutil.copytree(tmp_path / "remote.git", folder / "remote.git")
        work = copy_repository(clone, folder / "repository")
        run_git(work, "remote", "set-url", "origin", str(folder / "remote.git"))
        before = whole(work)
        done = around_git(work, folder, "reserve", "Session Relay", **{kind: moment})
        said = assert_true(work, before, done)
        if "nothing was changed" not in said:
            assert "the same call does the rest" in said
        again = around_git(work, folder, "reserve", "Session Relay")
        assert (again.returncode, again.stdout) == (0, "1006\n"), (kind, moment, said, again)
        assert run_git(work, "branch", "--show-current") == "bep/1006-session-relay"
        remote = run_git(folder / "remote.git", "for-each-ref", "refs/bep/")
        assert remote.endswith("refs/bep/1006")


@pytest.mark.sample(2)
@pytest.mark.parametrize("task", ["new", "renumber", "retitle", "mark", "sync", "init"])
def test_a_writing_task_stopped_around_git_commands_says_what_is_true(clone, tmp_path, task):
    arguments = {
        "new": ["new", "Session Relay", "--defaults"],
        "renumber": ["renumber", "1002"],
        "retitle": ["retitle", "1002", "Parcel Relay"],
        "mark": ["mark", "1001", "implemented", "--version", "26.8.0"],
        "sync": ["sync"],
        "init": ["init", "--agents"],
    }[task]
    for kind, moment in moments(20):
        folder = tmp_path / f"{kind}-{moment}"
        shutil.copytree(tmp_path / "remote.git", folder / "remote.git")
        work = copy_repository(clone, folder / "repository")
        run_git(work, "remote", "set-url", "origin", str(folder / "remote.git"))
        before = whole(work)
        done = around_git(work, folder, *arguments, **{kind: moment})
        if int((folder / "count").read_text()) < moment:
            assert done.returncode == 0, done.stderr
            break
        said = assert_true(work, before, done)
        if "nothing was changed" in said:
            assert around_git(work, folder, *arguments).returncode == 0


# --- Other moments ------------------------------------------------------------------------------

IMPORTS = ["1", "2", "7", "30", "90", "200"]


@pytest.mark.parametrize("moment", IMPORTS)
def test_stopped_while_it_imports(repository, moment):
    before = whole(repository)

    done = at_event(repository, "import", moment, "new", "Session Relay", "--defaults")

    assert "nothing was changed" in assert_true(repository, before, done)
    assert done.stdout == ""


@pytest.mark.sample(3)
@pytest.mark.parametrize("kind", ["os.rename", "os.mkdir", "tempfile.mkdtemp", "shutil.rmtree"])
@pytest.mark.parametrize("moment", ["1", "2", "3"])
def test_new_stopped_while_it_works_with_files_says_what_is_true(repository, kind, moment):
    before = whole(repository)

    done = at_event(repository, kind, moment, "new", "Session Relay", "--defaults")

    if done.returncode == 0:
        assert "stopped" not in done.stderr
        assert moment != "1"
        return
    said = assert_true(repository, before, done)
    if "nothing was changed" in said:
        again = at_event(repository, "none", "0", "new", "Session Relay", "--defaults")
        assert again.returncode == 0, again.stderr
    else:
        assert (repository / "proposals/BEP-1006-session-relay.md").is_file()


@pytest.mark.parametrize("moments", ["1,2", "1,2,3", "2,3,4", "3,4"])
def test_a_second_interrupt_leaves_no_traceback(repository, moments):
    before = whole(repository)

    done = at_event(repository, "subprocess.Popen", moments, "reserve", "Session Relay")

    assert_true(repository, before, done)


@pytest.mark.parametrize(("kind", "moments"), [("shutil.rmtree", "1,2,3"), ("os.rmdir", "1,2,3,4")])
def test_stopped_while_it_cleans_up(repository, kind, moments):
    before = whole(repository)

    done = at_event(repository, kind, moments, "new", "Session Relay", "--defaults")

    assert_true(repository, before, done)


@pytest.mark.sample(3)
@pytest.mark.parametrize("moment", ["1", "2", "3", "5", "8"])
def test_an_update_that_was_stopped_goes_on(released, template, moment, call):
    for title in ("First", "Second"):
        assert call(released, "new", title, "--defaults")[0] == 0
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Made")
    revised = copy_repository(template, released.parent / "revised")
    file = revised / "guide.yml"
    file.write_text(file.read_text().replace("Why this change is needed", "The reason"))
    run_git(revised, "commit", "--quiet", "--all", "--message=Revised")
    run_git(revised, "tag", "v1.1.0")
    arguments = ("update", "--template", str(revised))
    before = whole(released)

    done = at_event(released, "os.rename", moment, *arguments)

    if done.returncode == 0:
        assert moment != "1"
        return
    said = assert_true(released, before, done)
    assert "nothing was changed" in said or "the same call does the rest" in said
    again = at_event(released, "none", "0", *arguments)
    assert again.returncode == 0, again.stderr
    for slug in ("first", "second"):
        (document,) = (released / "proposals").glob(f"BEP-*-{slug}.md")
        assert "The reason" in document.read_text()


def test_under_invoke_a_stopped_task_says_it_too(repository, tmp_path):
    (repository / "tasks.py").write_text("from bep.tasks import namespace as namespace\n")
    script = AT_EVENT.replace("from bep.entry_point import main", "from invoke.main import program")
    script = script.replace("main()", "program.run()")

    done = subprocess.run(
        [
            *(sys.executable, "-c", script, "subprocess.Popen", "3"),
            *("reserve", "Session Relay"),
        ],
        cwd=repository,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("bep: stopped; ")
    assert "Traceback" not in done.stderr


def test_a_child_of_an_interrupted_process_can_be_interrupted(repository):
    """The null handler is not inherited: `signal.SIG_IGN` would be."""
    from bep import interrupts

    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, interrupts._interrupt)
        interrupts.end_interrupts()
        assert signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, interrupts._interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
