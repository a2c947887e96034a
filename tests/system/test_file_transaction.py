"""Writing all or nothing, whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bep.errors import BepError
from bep.system import file_transaction, working_tree
from bep.system.file_transaction import Change
from bep.system.working_tree import WorkingTree
from tests import forks
from tests.conftest import run_git

STEPS = """
import os, pathlib, shutil, sys

LAST = int(sys.argv[1])
count = 0

# What the interpreter says before it changes anything; each may be the last thing that happens.
WRITING = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.chmod", "os.link"
}

def dying(event, arguments):
    global count
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    if writes or event in WRITING:
        if count == LAST:
            os._exit(9)
        count += 1

from bep.system import file_transaction as files, working_tree

sys.addaudithook(dying)

root = pathlib.Path(sys.argv[2])
changes = [files.Change(root / name, b"new " + name.encode()) for name in sys.argv[3:]]
gone = [path for path in [root / "gone.md"] if path.exists()]
try:
    files.write(working_tree.of(root, root / ".git"), changes, removals=gone)
finally:
    print(count)
"""
NAMES = ("a.md", "deep/folder/b.md", "c.md")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two of the three files; the third and its folders are to be made."""
    folder = tmp_path / "root"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    (folder / "a.md").write_bytes(b"old a.md")
    (folder / "c.md").write_bytes(b"old c.md")
    return folder


def tree(root: Path) -> WorkingTree:
    return working_tree.of(root, root / ".git")


def write(root: Path, *changes: tuple[str, bytes]) -> None:
    file_transaction.write(tree(root), [Change(root / name, content) for name, content in changes])


def contents(root: Path) -> dict[str, bytes]:
    """All files, links and folders of the working tree."""
    return {
        path.relative_to(root).as_posix(): b"<link>"
        if path.is_symlink()
        else b"<folder>"
        if path.is_dir()
        else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if ".git" not in path.relative_to(root).parts
    }


def left_over(root: Path) -> list[str]:
    return [path.name for path in (root / ".git" / "bep").glob("*") if path.name != "lock"]


OLD = {"a.md": b"old a.md", "c.md": b"old c.md"}
NEW = {
    "a.md": b"new a.md",
    "c.md": b"new c.md",
    "deep": b"<folder>",
    "deep/folder": b"<folder>",
    "deep/folder/b.md": b"new deep/folder/b.md",
}

# --- As it should go ----------------------------------------------------------------------------


def test_all_files_get_their_contents_and_nothing_is_left_over(root):
    write(root, *((name, f"new {name}".encode()) for name in NAMES))

    assert contents(root) == NEW
    assert left_over(root) == []
    assert file_transaction.complete_interrupted(tree(root)) == []


def test_nothing_to_write_is_nothing_written(root):
    write(root)

    assert contents(root) == OLD


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664])
def test_an_existing_file_keeps_its_mode(root, mode):
    (root / "a.md").chmod(mode)

    write(root, ("a.md", b"new"))

    assert stat.S_IMODE((root / "a.md").stat().st_mode) == mode


def test_a_new_file_has_the_mode_that_any_program_would_give_it(root):
    (root / "by-hand.md").write_bytes(b"")

    write(root, ("new.md", b"new"))

    assert (root / "new.md").stat().st_mode == (root / "by-hand.md").stat().st_mode


def test_a_symbolic_link_stays_one_and_its_target_is_written(root):
    (root / "link.md").symlink_to("a.md")

    write(root, ("link.md", b"new"))

    assert (root / "link.md").is_symlink()
    assert (root / "a.md").read_bytes() == b"new"


def test_a_linked_folder_inside_the_repository_is_written_through(root):
    (root / "docs").mkdir()
    (root / "proposals").symlink_to("docs")

    write(root, ("proposals/x.md", b"new"))

    assert (root / "docs" / "x.md").read_bytes() == b"new"
    assert (root / "proposals").is_symlink()


# --- Refusals -----------------------------------------------------------------------------------


def refusal(root: Path, *changes: tuple[str, bytes]) -> str:
    before = contents(root)
    with pytest.raises(BepError) as refused:
        write(root, *changes)
    assert contents(root) == before
    assert left_over(root) == []
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_path_out_of_the_repository_is_refused(root):
    text = refusal(root, ("a.md", b"new"), ("../outside.md", b"new"))

    assert "outside.md" in text
    assert not (root.parent / "outside.md").exists()


def test_a_link_out_of_the_repository_is_refused(root, tmp_path):
    (tmp_path / "elsewhere.md").write_bytes(b"theirs")
    (root / "link.md").symlink_to(tmp_path / "elsewhere.md")

    text = refusal(root, ("a.md", b"new"), ("link.md", b"new"))

    assert text.startswith("link.md: ")
    assert (tmp_path / "elsewhere.md").read_bytes() == b"theirs"


def test_a_linked_folder_out_of_the_repository_is_refused(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "proposals").symlink_to(tmp_path / "elsewhere")

    assert refusal(root, ("proposals/x.md", b"new")).startswith("proposals/x.md: ")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("at", [0, 1, 2])
def test_where_a_folder_is_a_file_nothing_is_changed(root, at):
    (root / "blocked").write_bytes(b"a file")
    changes = [("a.md", b"new"), ("made/b.md", b"new")]
    changes.insert(at, ("blocked/x.md", b"new"))

    assert refusal(root, *changes).startswith("blocked")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_where_a_file_is_a_folder_nothing_is_changed(root, at):
    (root / "blocked.md").mkdir()
    changes = [("a.md", b"new"), ("made/b.md", b"new")]
    changes.insert(at, ("blocked.md", b"new"))

    assert refusal(root, *changes).startswith("blocked.md: ")


def test_a_name_that_is_too_long_changes_nothing(root):
    assert "too long" in refusal(root, ("a.md", b"new"), (f"{'x' * 300}.md", b"new"))


def test_a_circle_of_links_is_refused(root):
    (root / "one.md").symlink_to("two.md")
    (root / "two.md").symlink_to("one.md")

    assert "one.md" in refusal(root, ("a.md", b"new"), ("one.md", b"new"))


# --- A process that dies ------------------------------------------------------------------------


def die_at(step: int, root: Path, names: Sequence[str] = NAMES) -> subprocess.CompletedProcess[str]:
    return forks.run_script(STEPS, root, str(step), str(root), *names)


def fresh(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    return folder


def test_killed_at_any_step_it_leaves_all_old_or_the_next_run_makes_all_new(tmp_path):
    steps = int(die_at(10**6, fresh(tmp_path / "whole")).stdout)
    assert contents(tmp_path / "whole") == NEW
    assert steps > 8
    outcomes = []

    for step in range(steps):
        root = fresh(tmp_path / str(step))
        assert die_at(step, root).returncode == 9
        said = file_transaction.complete_interrupted(tree(root))
        found = contents(root)
        assert found in (OLD, NEW), (step, found)
        assert left_over(root) == []
        assert file_transaction.complete_interrupted(tree(root)) == []
        outcomes.append((found == NEW, bool(said)))

    decided = [new for new, _ in outcomes]
    assert decided == sorted(decided), "once decided, a later death does not undo it"
    assert set(decided) == {False, True}
    assert (True, True) in outcomes
    assert (False, True) not in outcomes


def last_moment_before_the_first_file(tmp_path: Path) -> Path:
    """A repository whose change is decided, though no file has been written yet."""
    for step in range(100):
        root = fresh(tmp_path / f"moment-{step}")
        died = die_at(step, root)
        assert died.returncode == 9, died.stderr
        if list((root / ".git" / "bep").glob("*/plan.json")):
            assert contents(root) == OLD
            return root
    raise AssertionError


def test_an_edit_made_after_the_kill_is_kept_and_told(tmp_path):
    root = last_moment_before_the_first_file(tmp_path)
    (root / "c.md").write_bytes(b"by hand")

    said = file_transaction.complete_interrupted(tree(root))

    assert contents(root) == NEW | {"c.md": b"by hand"}
    assert [line for line in said if "c.md" in line and "left" in line]
    assert len([line for line in said if "completed" in line]) == 2


def test_a_file_made_or_deleted_after_the_kill_is_left_as_it_is(tmp_path):
    root = last_moment_before_the_first_file(tmp_path)
    (root / "deep" / "folder").mkdir(parents=True)
    (root / "deep" / "folder" / "b.md").write_bytes(b"by hand")
    (root / "a.md").unlink()

    file_transaction.complete_interrupted(tree(root))

    expected = NEW | {"deep/folder/b.md": b"by hand"}
    del expected["a.md"]
    assert contents(root) == expected


def test_a_kept_mode_survives_the_kill(tmp_path):
    for step in range(100):
        root = fresh(tmp_path / f"moment-{step}")
        (root / "a.md").chmod(0o755)
        assert die_at(step, root).returncode == 9
        if file_transaction.complete_interrupted(tree(root)):
            break

    assert contents(root) == NEW
    assert stat.S_IMODE((root / "a.md").stat().st_mode) == 0o755


# --- A user who interrupts ----------------------------------------------------------------------

INTERRUPTED = """
import os, pathlib, signal, sys

root = pathlib.Path(sys.argv[1])
kind = getattr(signal, sys.argv[2])
seen = []

def interrupted(event, arguments):
    if event == "os.rename" and arguments[1] in ("a.md", "b.md", "c.md"):
        seen.append(arguments[1])
        os.kill(os.getpid(), kind)

sys.addaudithook(interrupted)
from bep.system import file_transaction as files, working_tree

signal.signal(signal.SIGTERM, lambda *got: sys.exit(15))
changes = [files.Change(root / name, b"new " + name.encode()) for name in sys.argv[3:]]
try:
    files.write(working_tree.of(root, root / ".git"), changes)
except KeyboardInterrupt:
    print("interrupted after", len(seen))
    sys.exit(130)
"""


@pytest.mark.parametrize(("kind", "code"), [("SIGINT", 130), ("SIGTERM", 15)])
def test_an_interruption_while_writing_waits_until_all_is_written(root, kind, code):
    ended = forks.run_script(INTERRUPTED, root, str(root), kind, *NAMES)

    assert ended.returncode == code, ended.stderr
    assert contents(root) == NEW
    assert file_transaction.complete_interrupted(tree(root)) == []
    assert left_over(root) == []


def test_an_interruption_before_the_decision_leaves_all_as_it_was(root, monkeypatch):
    write_file = file_transaction._write_file

    def interrupted(path: Path, content: bytes, mode: int | None = None) -> None:
        if content == b"new c.md":
            signal.raise_signal(signal.SIGINT)
        write_file(path, content, mode)

    monkeypatch.setattr(file_transaction, "_write_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(root, *((name, f"new {name}".encode()) for name in NAMES))
    monkeypatch.undo()

    assert contents(root) == OLD
    assert left_over(root) == []


def test_files_that_are_to_go_go_with_the_changes(root):
    (root / "gone.md").write_bytes(b"old")
    file_transaction.write(tree(root), [Change(root / "a.md", b"new")], removals=[root / "gone.md"])

    assert not (root / "gone.md").exists()
    assert (root / "a.md").read_bytes() == b"new"


def test_a_file_that_cannot_go_leaves_all_as_it_was(root):
    before = (root / "a.md").read_bytes()
    (root / "folder.md").mkdir()
    with pytest.raises(BepError):
        file_transaction.write(
            tree(root), [Change(root / "a.md", b"new")], removals=[root / "folder.md"]
        )
    assert (root / "a.md").read_bytes() == before
    assert (root / "folder.md").is_dir()


def test_killed_while_files_go_it_leaves_all_old_or_the_next_run_makes_all_new(tmp_path):
    outcomes = set()
    for last in range(40):
        folder = tmp_path / str(last)
        (folder / ".git").mkdir(parents=True)
        (folder / "a.md").write_bytes(b"old a")
        (folder / "gone.md").write_bytes(b"old")
        done = die_at(last, folder, ["a.md"])
        file_transaction.complete_interrupted(tree(folder))
        is_new = (folder / "a.md").read_bytes() == b"new a.md"
        assert (folder / "gone.md").exists() is not is_new
        outcomes.add(is_new)
        if done.returncode == 0:
            break
    assert outcomes == {True, False}


# --- Plans that a loss of power, another version or a person left behind -------------------------


def plan_of(*steps: dict[str, str], folders: Sequence[str] = ()) -> bytes:
    return json.dumps({"steps": steps, "folders": folders}).encode()


BROKEN = {
    "empty": b"",
    "cut off": b'{"steps": [{"kind": "wri',
    "no JSON": b"\0\0\0\0",
    "a list, as it was once": b'[{"target": "/a.md", "new": "new-0"}]',
    "a number": b"7",
    "an unknown step": plan_of({"kind": "burn", "path": "a.md"}),
    "a step without a path": plan_of({"kind": "move", "to": "b.md"}),
    "an absolute path": plan_of({"kind": "move", "path": "/a.md", "to": "b.md"}),
    "a path that leads out": plan_of({"kind": "move", "path": "a.md", "to": "../b.md"}),
    "a folder that leads out": plan_of(folders=["../x"]),
}


@pytest.mark.parametrize("plan", BROKEN.values(), ids=BROKEN)
def test_a_plan_that_cannot_be_read_is_set_aside_and_told_once(root, plan):
    folder = root / ".git" / "bep" / "change-0123456789ab"
    folder.mkdir(parents=True)
    (folder / "plan.json").write_bytes(plan)
    (folder / "new-0").write_bytes(b"new")
    before = contents(root)

    said = file_transaction.complete_interrupted(tree(root))
    write(root, ("a.md", b"newer"))

    assert [line.split(": ")[0] for line in said] == [".git/bep/broken-0123456789ab"]
    assert contents(root) == before | {"a.md": b"newer"}
    assert left_over(root) == ["broken-0123456789ab"]
    assert file_transaction.complete_interrupted(tree(root)) == []


def test_a_plan_whose_folder_became_a_link_is_not_followed(tmp_path):
    root = last_moment_before_the_first_file(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (root / "deep").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BepError, match="an interrupted change is waiting for it"):
        file_transaction.complete_interrupted(tree(root))

    assert list((tmp_path / "elsewhere").iterdir()) == []
    (root / "deep").unlink()
    file_transaction.complete_interrupted(tree(root))
    assert contents(root) == NEW


# --- A disk that is full, and two file systems --------------------------------------------------


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems that can give a file a second name, and those that cannot."""
    if request.param == "no links":

        def refuse(*arguments: object, **_: object) -> None:
            raise PermissionError(1, "Operation not permitted", arguments[0])

        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.parametrize("at", range(6))
def test_a_disk_that_is_full_while_staging_changes_nothing(root, monkeypatch, at):
    """Of two old files, three new ones and the plan."""
    write_file, calls = file_transaction._write_file, []
    monkeypatch.setattr(file_transaction._Staging, "keep", lambda *_: False)

    def full(path: Path, content: bytes, mode: int | None = None) -> None:
        calls.append(path)
        if len(calls) == at + 1:
            path.write_bytes(content[: len(content) // 2])
            raise OSError(28, "No space left on device", str(path))
        write_file(path, content, mode)

    monkeypatch.setattr(file_transaction, "_write_file", full)

    assert "no space left on device" in refusal(root, *((name, b"new") for name in NAMES))
    monkeypatch.undo()
    assert file_transaction.complete_interrupted(tree(root)) == []


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("at", range(3))
def test_a_file_that_cannot_be_put_in_place_puts_the_others_back(root, monkeypatch, at):
    restore, calls = file_transaction._Staging.restore, []

    def failing(staging: file_transaction._Staging, name: str, path: str) -> None:
        calls.append(path)
        if len(calls) == at + 1:
            raise OSError(5, "Input/output error", path)
        restore(staging, name, path)

    monkeypatch.setattr(file_transaction._Staging, "restore", failing)

    assert "input/output error" in refusal(root, *((name, b"new") for name in NAMES))
    monkeypatch.undo()
    assert file_transaction.complete_interrupted(tree(root)) == []


@pytest.mark.usefixtures("links")
def test_what_could_not_be_put_back_is_put_back_by_the_next_command(root, monkeypatch):
    restore, calls = file_transaction._Staging.restore, []

    def failing(staging: file_transaction._Staging, name: str, path: str) -> None:
        calls.append(path)
        if len(calls) > 2:
            raise OSError(5, "Input/output error", path)
        restore(staging, name, path)

    monkeypatch.setattr(file_transaction._Staging, "restore", failing)
    with pytest.raises(BepError, match="cannot be put back"):
        write(root, *((name, b"new") for name in NAMES))
    monkeypatch.undo()

    assert file_transaction.complete_interrupted(tree(root)) == [
        "undid what an interrupted command could not write"
    ]
    assert contents(root) == OLD
    assert left_over(root) == []


@pytest.fixture
def across(tmp_path: Path):
    """A working tree on another file system than its Git directory, as a linked worktree can be."""
    own = tmp_path.stat().st_dev
    others = (place for place in map(Path, ("/dev/shm", "/tmp", "/var/tmp")) if place.is_dir())
    other = next((place for place in others if place.stat().st_dev != own), None)
    if not other:
        pytest.skip("there is no second file system")
    git = tmp_path / "git"
    git.mkdir()
    with tempfile.TemporaryDirectory(dir=other) as folder:
        root = Path(folder).resolve()
        for name, content in OLD.items():
            (root / name).write_bytes(content)
        yield working_tree.of(root, git)


def test_across_file_systems_all_files_get_their_contents(across):
    changes = [Change(across.root / name, f"new {name}".encode()) for name in NAMES]
    file_transaction.write(across, changes)

    assert contents(across.root) == NEW
    assert [path.name for path in (across.git_directory / "bep").iterdir()] == ["lock"]


def test_across_file_systems_a_full_disk_leaves_nothing_behind(across, monkeypatch):
    write_file = file_transaction._write_file

    def full(path: Path, content: bytes, mode: int | None = None) -> None:
        write_file(path, content, mode)
        if path.is_relative_to(across.root) and path.name == "new-2":
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(file_transaction, "_write_file", full)
    with pytest.raises(BepError, match="no space left on device"):
        file_transaction.write(across, [Change(across.root / name, b"new") for name in NAMES])
    monkeypatch.undo()

    assert contents(across.root) == OLD
    assert file_transaction.complete_interrupted(across) == []
    assert contents(across.root) == OLD
