"""Writing all or nothing.

The new contents are staged with a plan in the Git directory; renaming the plan into place is the
moment at which the change is decided. A process killed before it has changed nothing. One killed
after it is completed by the next command that writes, from the plan alone: its paths are relative
to the root, so that a copied or moved repository completes its own files, and everything that it
names was synchronised before it counted. Only one process holds the lock; so any plan it finds is
that of a dead process.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any, NamedTuple

from ..errors import BepError, reason_of
from . import effects, git_process
from .working_tree import WorkingTree

_FOLDER = "bep"
# A decided change goes forward; one whose writing failed goes back.
_PLAN, _UNDONE = "plan.json", "undone.json"
# Where a change is staged that cannot be on the Git directory's file system.
_BESIDE = "beside.json"
_FEW, _AT_ONCE = 8, 16

_held: set[Path] = set()


class NotPutBack(BepError):
    """A change that failed, and could not be undone either; the next command goes on with it."""


class Change(NamedTuple):
    """A file's new content."""

    path: Path
    content: bytes


class _Write(NamedTuple):
    """A file gets the content staged as `new`; its old one is kept as `old`, None for none."""

    path: str
    new: str
    old: str | None
    before: str | None
    after: str

    def apply(self, staging: _Staging) -> None:
        staging.restore(self.new, self.path)

    def undo(self, staging: _Staging) -> None:
        if _state(staging.tree, self.path) != self.after:
            return
        if self.old is not None:
            staging.restore(self.old, self.path)
        else:
            staging.take(self.path, self.new)

    def complete(self, staging: _Staging) -> str:
        if not staging.has(self.new):
            return ""
        now = _state(staging.tree, self.path)
        if now == self.before:
            self.apply(staging)
            return f"completed {self.path}, which an interrupted command had begun"
        if now == self.after:
            return ""
        return f"left {self.path} as it is: it changed after a command was interrupted"


class _Move(NamedTuple):
    """A file or a folder gets another name."""

    path: str
    to: str

    def apply(self, staging: _Staging) -> None:
        if _state(staging.tree, self.to) is not None:
            # Of a file, `rename` would replace it.
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.to)
        _rename(staging.tree, self.path, self.to)

    def undo(self, staging: _Staging) -> None:
        if _state(staging.tree, self.path) is None and _state(staging.tree, self.to) is not None:
            _rename(staging.tree, self.to, self.path)

    def complete(self, staging: _Staging) -> str:
        if _state(staging.tree, self.path) is None or _state(staging.tree, self.to) is not None:
            return ""
        _rename(staging.tree, self.path, self.to)
        return f"moved {self.path} to {self.to}, which an interrupted command had begun"


class _Removal(NamedTuple):
    """A file is removed; it is kept as `kept` until the change is complete."""

    path: str
    kept: str
    before: str

    def apply(self, staging: _Staging) -> None:
        staging.take(self.path, self.kept)

    def undo(self, staging: _Staging) -> None:
        if staging.has(self.kept) and _state(staging.tree, self.path) is None:
            staging.restore(self.kept, self.path)

    def complete(self, staging: _Staging) -> str:
        if _state(staging.tree, self.path) != self.before:
            return ""
        self.apply(staging)
        return f"removed {self.path}, which an interrupted command had begun"


_Step = _Write | _Move | _Removal
_STEPS: dict[str, type[_Step]] = {"write": _Write, "move": _Move, "removal": _Removal}


class _Plan(NamedTuple):
    """The steps in order, and the folders made for them."""

    steps: Sequence[_Step]
    folders: Sequence[str]

    def text(self) -> str:
        """The plan as it is kept."""
        kinds = {step: kind for kind, step in _STEPS.items()}
        steps = [{"kind": kinds[type(step)], **step._asdict()} for step in self.steps]
        return json.dumps({"steps": steps, "folders": self.folders})


class _Staging:
    """A folder in the Git directory that takes the contents and the plan of one change.

    A file system that is not that of the Git directory, as a linked worktree may have, gets a
    folder of the same name: afterwards files are renamed and never copied, so that a full disk is
    met before the change is decided.
    """

    def __init__(self, folder: Path, tree: WorkingTree) -> None:
        self.folder, self.tree = folder, tree
        self._written: list[Path] = []
        listed = folder / _BESIDE
        self._beside: list[str] = json.loads(listed.read_text()) if listed.exists() else []

    def place(self, path: str, name: str) -> str:
        """Return where a file that is to go to `path`, or comes from there, can be staged."""
        parent = PurePosixPath(path).parent
        while not (self.tree.root / parent).is_dir():
            parent = parent.parent
        if (self.tree.root / parent).stat().st_dev == self.folder.stat().st_dev:
            return name
        beside = f"{parent}/.bep-{self.folder.name}".removeprefix("./")
        if beside not in self._beside:
            self._beside.append(beside)
            self._note(_BESIDE, json.dumps(self._beside))
            (self.tree.root / beside).mkdir()
        return f"{beside}/{name}"

    def path(self, name: str) -> Path:
        """Return where something is staged."""
        return (self.tree.root if "/" in name else self.folder) / name

    def write(self, name: str, content: bytes, mode: int | None) -> None:
        """Stage a content; `synchronise` makes it certain."""
        self._written.append(self.path(name))
        _write_file(self.path(name), content, mode)

    def keep(self, name: str, folder: int, file: str) -> bool:
        """Stage a file of an open folder under a second name; return whether that was possible."""
        try:
            os.link(file, self.path(name), src_dir_fd=folder, follow_symlinks=False)
        except OSError:
            return False
        self._written.append(self.path(name))
        return True

    def has(self, name: str) -> bool:
        """Return whether something is staged, and not in its place."""
        return os.path.lexists(self.path(name))

    def restore(self, name: str, path: str) -> None:
        """Move what is staged to its place."""
        place = PurePosixPath(path)
        with self.tree.folder(str(place.parent)) as folder:
            os.replace(self.path(name), place.name, dst_dir_fd=folder)

    def take(self, path: str, name: str) -> None:
        """Move a file out of its place, and keep it."""
        place = PurePosixPath(path)
        with self.tree.folder(str(place.parent)) as folder:
            os.replace(place.name, self.path(name), src_dir_fd=folder)

    def synchronise(self) -> None:
        """Synchronise everything that is staged to the disk."""
        _synchronise_files(self._written)
        for beside in self._beside:
            _synchronise(self.tree.root / beside)
        _synchronise(self.folder)
        _synchronise(self.folder.parent)

    def decide(self, plan: _Plan) -> None:
        """Decide the change: from now on it will be completed."""
        self.synchronise()
        self._note(_PLAN, plan.text())
        _synchronise(self.folder)

    def _note(self, name: str, text: str) -> None:
        path = self.folder / f"{name}.new"
        _write_file(path, text.encode())
        _synchronise_file(path)
        (self.folder / f"{name}.new").replace(self.folder / name)

    def remove(self) -> None:
        """Throw away what is left of a change that is complete, or was never decided."""
        # The plan first: without it the rest has no effect.
        for name in (_PLAN, _UNDONE):
            (self.folder / name).unlink(missing_ok=True)
        for beside in self._beside:
            shutil.rmtree(self.tree.root / beside, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def alone(tree: WorkingTree) -> Iterator[None]:
    """Keep other processes in this working tree waiting, from reading a file to writing it.

    The process that gets the lock first completes interrupted changes; `effects` notes them.
    A killed process gives the lock back. No command of Git that runs a user's hooks belongs inside:
    a hook may call `bep`. Raises BepError if the Git directory cannot be written.
    """
    if tree.git_directory in _held:
        yield
        return
    folder = tree.git_directory / _FOLDER
    try:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _unwritable(tree, error, folder) from None
    try:
        _wait_for(lock)
        git_process.look_again()
        _held.add(tree.git_directory)
        for staging in sorted(folder.glob("change-*")):
            effects.record_completed(_completed(tree, staging))
        yield
    finally:
        _held.discard(tree.git_directory)
        os.close(lock)


def _wait_for(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        effects.tell("another bep command is running in this working tree; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def complete_interrupted(tree: WorkingTree) -> list[str]:
    """Complete the changes that killed processes had decided on; returns what was done, in words.

    A file that was edited since is left as it is: what somebody wrote takes precedence.
    """
    with alone(tree):
        pass
    return effects.taken_completed()


def write(
    tree: WorkingTree,
    changes: Sequence[Change],
    moves: Sequence[tuple[Path, Path]] = (),
    removals: Sequence[Path] = (),
) -> None:
    """Give all files their new contents, then move and remove; or leave all as it was.

    `moves` rename files and folders to names that are not in use, `removals` are files that are to
    go. Keeps the modes of existing files and writes through links inside the repository. Raises
    BepError for a path that is led out of it, and where a file cannot be written.
    """
    if not (changes or moves or removals):
        return
    named = [*(one.path for one in changes), *(new for _, new in moves), *removals]
    with alone(tree):
        staging = _Staging(_new_folder(tree), tree)
        try:
            plan = _staged(staging, changes, moves, removals)
        except OSError as error:
            staging.remove()
            raise _unwritable(tree, error, staging.folder, named) from None
        except BaseException:
            staging.remove()
            raise
        with _deferred_interrupts():
            try:
                staging.decide(plan)
                _apply(staging, plan)
                effects.record_files(tree.root, named)
            except OSError as error:
                _undo(staging, plan)
                raise _unwritable(tree, error, staging.folder, named) from None
            except BaseException:
                _undo(staging, plan)
                raise
            finally:
                git_process.look_again()
            staging.remove()


def _new_folder(tree: WorkingTree) -> Path:
    folder = tree.git_directory / _FOLDER / f"change-{os.urandom(6).hex()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise _unwritable(tree, error, folder) from None
    return folder


def _unwritable(
    tree: WorkingTree, error: OSError, otherwise: Path, files: Iterable[Path] = ()
) -> BepError:
    place = Path(error.filename2 or error.filename or otherwise)
    if not place.is_absolute():
        # One that was opened from its folder.
        place = next((path for path in files if path.name == place.name), place)
    return BepError(
        f"cannot be written ({reason_of(error)})", "nothing was changed", tree.shown(place)
    )


# --- Before a change is decided -----------------------------------------------------------------


def _staged(
    staging: _Staging,
    changes: Sequence[Change],
    moves: Sequence[tuple[Path, Path]],
    removals: Sequence[Path],
) -> _Plan:
    tree = staging.tree
    for path in (*(one.path for one in changes), *chain.from_iterable(moves), *removals):
        tree.refuse_not_checked_out(path)
    steps: list[_Step] = [_staged_write(staging, at, change) for at, change in enumerate(changes)]
    renamed = [(_true_place(tree, old), _true_place(tree, new)) for old, new in moves]
    steps += [_Move(old, new) for old, new in renamed]
    for at, path in enumerate(removals):
        place = _true_place(tree, path)
        before = _state(tree, place)
        if before is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place)
        if before == _IS_FOLDER:
            raise BepError("is a directory, not a file", "move it away", place)
        steps.append(_Removal(place, staging.place(place, f"gone-{at}"), before))
    targets = [one.path for one in steps if isinstance(one, _Write)] + [new for _, new in renamed]
    return _Plan(steps, _missing_folders(tree, targets))


def _true_place(tree: WorkingTree, path: Path) -> str:
    """Return where a file is that is moved or removed: a link itself is, not what it leads to."""
    return f"{tree.resolved(path.parent)}/{path.name}".removeprefix("/")


def _staged_write(staging: _Staging, at: int, change: Change) -> _Write:
    tree = staging.tree
    path = tree.resolved(change.path)
    new = staging.place(path, f"new-{at}")
    place = PurePosixPath(path)
    mode = old = before = None
    with suppress(FileNotFoundError), tree.folder(str(place.parent)) as folder:
        found = os.lstat(place.name, dir_fd=folder)
        if stat.S_ISDIR(found.st_mode):
            raise BepError("is a directory, not a file", "move it away", path)
        if not os.access(place.name, os.W_OK, dir_fd=folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        mode = stat.S_IMODE(found.st_mode)
        content = tree.read(tree.root / path)
        old, before = staging.place(path, f"old-{at}"), _digest(content)
        # Some file systems have no hard links.
        if not staging.keep(old, folder, place.name):
            staging.write(old, content, mode)
    staging.write(new, change.content, mode)
    return _Write(path, new, old, before, _digest(change.content))


def _missing_folders(tree: WorkingTree, paths: Sequence[str]) -> list[str]:
    """Return the folders that `paths` need and that are not there, outer ones first."""
    wanted = {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."}
    return sorted(folder for folder in wanted if _state(tree, folder) is None)


def _write_file(path: Path, content: bytes, mode: int | None = None) -> None:
    with path.open("wb") as file:
        file.write(content)
        if mode is not None:
            os.fchmod(file.fileno(), mode)


def _synchronise_files(paths: Sequence[Path]) -> None:
    """Make sure that a loss of power does not take these files away."""
    if len(paths) <= _FEW:
        for path in paths:
            _synchronise_file(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    # The file system joins what is synchronised at the same time.
    try:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(_synchronise_file, paths))
    except RuntimeError:
        # The system lets no more threads begin.
        for path in paths:
            _synchronise_file(path)


def _synchronise_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _synchronise(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# --- A change that is decided -------------------------------------------------------------------


def _apply(staging: _Staging, plan: _Plan) -> None:
    _make_folders(staging.tree, plan)
    for step in plan.steps:
        step.apply(staging)
    _synchronise_places(staging.tree, plan)


def _make_folders(tree: WorkingTree, plan: _Plan) -> None:
    for path in map(PurePosixPath, plan.folders):
        with suppress(FileExistsError), tree.folder(str(path.parent)) as folder:
            os.mkdir(path.name, dir_fd=folder)


def _synchronise_places(tree: WorkingTree, plan: _Plan) -> None:
    places = {PurePosixPath(step.path) for step in plan.steps}
    places |= {PurePosixPath(step.to) for step in plan.steps if isinstance(step, _Move)}
    places |= set(map(PurePosixPath, plan.folders))
    for parent in {str(place.parent) for place in places}:
        # A folder that was moved has another name now, and is synchronised as that.
        with suppress(FileNotFoundError), tree.folder(parent) as folder:
            os.fsync(folder)


def _undo(staging: _Staging, plan: _Plan) -> None:
    """Put everything back; where that fails too, the next command goes on with it."""
    decided = staging.folder / _PLAN
    if decided.exists():
        decided.replace(staging.folder / _UNDONE)
        _undo_steps(staging, plan)
    staging.remove()


def _undo_steps(staging: _Staging, plan: _Plan) -> None:
    try:
        for step in reversed(plan.steps):
            step.undo(staging)
    except OSError as error:
        raise NotPutBack(
            f"cannot be put back ({reason_of(error)})",
            "fix what prevents writing; the next command that writes restores it",
            staging.tree.shown(Path(error.filename or staging.folder)),
        ) from None
    for path in map(PurePosixPath, reversed(plan.folders)):
        # Somebody may have put something in it.
        with suppress(OSError), staging.tree.folder(str(path.parent)) as folder:
            os.rmdir(path.name, dir_fd=folder)


def _completed(tree: WorkingTree, folder: Path) -> list[str]:
    """Complete the change of a dead process, or undo it where that process was undoing it."""
    try:
        staging = _Staging(folder, tree)
        decided = folder / _PLAN
        undone = folder / _UNDONE
        found = decided if decided.exists() else undone
        plan = _read_plan(found) if found.exists() else None
    except (OSError, ValueError, TypeError, KeyError):
        aside = folder.with_name(folder.name.replace("change-", "broken-"))
        folder.replace(aside)
        what = "the plan of an interrupted change cannot be read"
        remedy = "look at what changed with `git status`, then remove this folder"
        return [f"{tree.shown(aside)}: {what}; {remedy}"]
    notes: list[str] = []
    if plan and found == undone:
        _undo_steps(staging, plan)
        notes = ["undid what an interrupted command could not write"]
    elif plan:
        notes = _gone_on(staging, plan)
    staging.remove()
    return notes


def _gone_on(staging: _Staging, plan: _Plan) -> list[str]:
    try:
        _make_folders(staging.tree, plan)
        notes = [note for step in plan.steps if (note := step.complete(staging))]
        _synchronise_places(staging.tree, plan)
    except OSError as error:
        raise BepError(
            f"cannot be written ({reason_of(error)}), and an interrupted change is waiting for it",
            f"fix that, or remove {staging.tree.shown(staging.folder)} to give up the change",
            staging.tree.shown(Path(error.filename or staging.folder)),
        ) from None
    return notes


def _read_plan(path: Path) -> _Plan:
    """Read a plan that `_Plan.text` wrote; anything else raises ValueError and the like."""
    read: Any = json.loads(path.read_bytes())
    steps = [_STEPS[one.pop("kind")](**one) for one in read["steps"]]
    places = [one.path for one in steps] + [one.to for one in steps if isinstance(one, _Move)]
    folders = list(read["folders"])
    for place in (*places, *folders):
        parts = PurePosixPath(place).parts
        if not parts or place.startswith("/") or ".." in parts:
            raise ValueError(place)
    return _Plan(steps, folders)


# --- What is there ------------------------------------------------------------------------------

_IS_FOLDER = "folder"


def _state(tree: WorkingTree, path: str) -> str | None:
    """Return what distinguishes the states of a path; None if nothing is there."""
    place = PurePosixPath(path)
    try:
        with tree.folder(str(place.parent)) as folder:
            mode = os.lstat(place.name, dir_fd=folder).st_mode
            if stat.S_ISLNK(mode):
                return f"link to {os.readlink(place.name, dir_fd=folder)}"
            if stat.S_ISDIR(mode):
                return _IS_FOLDER
            return _digest(tree.read(tree.root / path)) if stat.S_ISREG(mode) else "no file"
    except (FileNotFoundError, NotADirectoryError):
        return None


def _digest(content: bytes) -> str:
    # Slow to load, and most commands write nothing.
    from hashlib import sha256

    return sha256(content).hexdigest()


def _rename(tree: WorkingTree, path: str, to: str) -> None:
    old, new = PurePosixPath(path), PurePosixPath(to)
    with tree.folder(str(old.parent)) as before, tree.folder(str(new.parent)) as after:
        os.rename(old.name, new.name, src_dir_fd=before, dst_dir_fd=after)


@contextmanager
def _deferred_interrupts() -> Iterator[None]:
    """Hold back Ctrl-C and termination until the files are in place.

    Python handles signals in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda *got: held.append(got)) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        for number, _ in held:
            signal.raise_signal(number)
