"""Writing all or nothing.

The new contents are staged in the Git directory with a plan; renaming the plan into place is the
moment at which the change is decided. A process killed before it has changed nothing; one killed
after it is completed by `complete_interrupted`, which every writing task calls first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from ..errors import BepError
from . import effects

if sys.platform != "win32":
    import fcntl

_FOLDER = "bep"
_PLAN = "plan.json"


class Change(NamedTuple):
    """A file's new content."""

    path: Path
    content: bytes


@contextmanager
def alone(git_directory: Path) -> Iterator[None]:
    """Keep other processes in this working tree waiting, from reading a file to writing it.

    A killed process gives the lock back; where the system has no such locks, nobody waits.
    """
    if sys.platform == "win32":
        yield
        return
    folder = git_directory / _FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(
    git_directory: Path,
    root: Path,
    changes: Sequence[Change],
    moves: Sequence[tuple[Path, Path]] = (),
    removals: Sequence[Path] = (),
) -> None:
    """Give all files their new contents, then move and remove; or leave all as it was.

    `moves` rename files and directories to names that are not in use, `removals` are files that
    are to go. Keeps the modes of existing files and writes through symbolic links. `root` is the
    working tree: paths that lead out of it are refused. Raises BepError where a file cannot be
    written.
    """
    staging = git_directory / _FOLDER / f"change-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    made: list[Path] = []
    try:
        targets = [_target(root, change.path) for change in changes]
        staging.mkdir(parents=True)
        plan = [
            _stage(staging, at, target, change.content)
            for at, (target, change) in enumerate(zip(targets, changes, strict=True))
        ]
        plan += [{"move": str(old), "to": str(new)} for old, new in moves]
        plan += [_stage_removal(staging, at, path) for at, path in enumerate(removals)]
        with _deferred_interrupts():
            (staging / "plan.new").write_text(json.dumps(plan))
            (staging / "plan.new").replace(staging / _PLAN)
            for step in plan:
                if "move" in step:
                    _rename(Path(step["move"]), Path(step["to"]))
                    continue
                if "remove" in step:
                    Path(step["remove"]).unlink()
                    continue
                made += _make_folders(Path(step["target"]).parent)
                _move(staging / step["new"], Path(step["target"]))
    except OSError as error:
        _roll_back(staging, made)
        reason = (error.strerror or str(error)).lower()
        place = error.filename2 or error.filename or str(staging)
        raise BepError(
            f"cannot be written ({reason})", "nothing was changed", _shown(Path(place), root)
        ) from None
    except BaseException:
        _roll_back(staging, made)
        raise
    effects.record_files(
        root, [*(one.path for one in changes), *(new for _, new in moves), *removals]
    )
    shutil.rmtree(staging, ignore_errors=True)


def _target(root: Path, path: Path) -> Path:
    try:
        target = path.resolve()
    except RuntimeError:
        raise BepError("is a circle of links", "make it a file", _shown(path, root)) from None
    if not target.is_relative_to(root.resolve()):
        raise BepError("leads out of the repository", "make it a file inside", _shown(path, root))
    if target.is_dir():
        raise BepError("is a directory, not a file", "move it away", _shown(path, root))
    return target


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _stage(staging: Path, at: int, target: Path, content: bytes) -> dict[str, Any]:
    new = staging / f"new-{at}"
    new.write_bytes(content)
    step: dict[str, Any] = {"target": str(target), "new": new.name, "old": None, "digest": None}
    if target.exists():
        old = target.read_bytes()
        (staging / f"old-{at}").write_bytes(old)
        shutil.copymode(target, staging / f"old-{at}")
        shutil.copymode(target, new)
        step |= {"old": f"old-{at}", "digest": _digest(old)}
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied", str(target))
    return step


def _stage_removal(staging: Path, at: int, path: Path) -> dict[str, Any]:
    kept = staging / f"gone-{at}"
    shutil.copy2(path, kept, follow_symlinks=False)
    digest = None if path.is_symlink() else _digest(path.read_bytes())
    return {"remove": str(path), "kept": kept.name, "digest": digest}


def _make_folders(folder: Path) -> list[Path]:
    """Make `folder` and its parents; returns those made, innermost first."""
    missing = [folder] if not folder.exists() else []
    missing += [parent for parent in folder.parents if missing and not parent.exists()]
    for one in reversed(missing):
        one.mkdir()
    return missing


def _move(staged: Path, target: Path) -> None:
    try:
        staged.replace(target)
    except OSError as error:
        # A linked worktree may stand on another file system than the Git directory.
        if error.errno != 18:
            raise
        beside = target.with_name(f".{target.name}.bep-new")
        shutil.copy2(staged, beside)
        beside.replace(target)
        staged.unlink()


def _rename(old: Path, new: Path) -> None:
    """Rename, but never onto something: of a file, `os.rename` would replace it."""
    if new.exists() or new.is_symlink():
        raise FileExistsError(17, "File exists", str(new))
    old.rename(new)


def _roll_back(staging: Path, made: list[Path]) -> None:
    plan_file = staging / _PLAN
    plan = json.loads(plan_file.read_text()) if plan_file.exists() else []
    for step in reversed(plan):
        if "move" in step:
            # A move that was not made finds its new name free, or taken by something else.
            if not Path(step["move"]).exists():
                Path(step["to"]).rename(step["move"])
            continue
        if "remove" in step:
            if not os.path.lexists(step["remove"]):
                _move(staging / step["kept"], Path(step["remove"]))
            continue
        if (staging / step["new"]).exists():
            continue
        target = Path(step["target"])
        if step["old"]:
            _move(staging / step["old"], target)
        else:
            target.unlink(missing_ok=True)
    for folder in sorted(made, key=lambda one: len(one.parts), reverse=True):
        folder.rmdir()
    shutil.rmtree(staging, ignore_errors=True)


def complete_interrupted(git_directory: Path) -> list[str]:
    """Complete the changes that killed processes had decided on; returns what was done, in words.

    A file that was edited since is left as it is: what somebody wrote counts before a plan.
    """
    said: list[str] = []
    for staging in sorted((git_directory / _FOLDER).glob("change-*")):
        if _is_alive(int(staging.name.split("-")[1])):
            continue
        plan_file = staging / _PLAN
        for step in json.loads(plan_file.read_text()) if plan_file.exists() else []:
            if "move" in step:
                old, to = Path(step["move"]), Path(step["to"])
                if old.exists() and not to.exists():
                    old.rename(to)
                    said.append(f"moved {old} to {to}, which a killed command had begun")
                continue
            if "remove" in step:
                gone = Path(step["remove"])
                if gone.exists() and _current_digest(gone) == step["digest"]:
                    gone.unlink()
                    said.append(f"removed {gone}, which a killed command had begun")
                continue
            target, new = Path(step["target"]), staging / step["new"]
            if not new.exists():
                continue
            if _current_digest(target) == step["digest"]:
                _make_folders(target.parent)
                _move(new, target)
                said.append(f"completed {target}, which a killed command had begun")
            else:
                said.append(f"left {target} as it is: it changed after a command was killed")
        shutil.rmtree(staging, ignore_errors=True)
    return said


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _current_digest(path: Path) -> str | None:
    return _digest(path.read_bytes()) if path.exists() else None


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
