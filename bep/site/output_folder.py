"""The folder that gets the site: made as a whole, and never in place of somebody's files."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..errors import BepError
from ..system.repository import Repository

# A folder that has this file was made by `bep site`, and is replaced by the next call.
MARK: Final = ".bep-site"
_BEFORE: Final = "before"
_SAID: Final = "This folder was made by `bep site`, and the next call replaces it.\n"


def resolved(repository: Repository, named: str) -> Path:
    """The folder that a call names, from the current folder.

    Raises BepError for a folder that has other files, for the repository's own folders, and for one
    that holds the repository.
    """
    folder = Path(os.path.realpath(named))
    root = Path(os.path.realpath(repository.root))
    git = Path(os.path.realpath(repository.git_directory))
    proposals = root / repository.settings.proposals
    if folder == git or git in folder.parents or ".git" in map(str.casefold, folder.parts):
        raise BepError("is in the Git directory", "name another folder", named)
    if folder == proposals or proposals in folder.parents:
        raise BepError("is in the folder of proposals", "name another folder", named)
    if folder == root or folder in root.parents:
        raise BepError("holds the repository", "name a folder of its own", named)
    if folder.exists() and not folder.is_dir():
        raise BepError("is a file", "name a folder", named)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise BepError(
            "has files that `bep site` did not make", "name a new or empty folder", named
        )
    return folder


@contextmanager
def work_beside(folder: Path) -> Iterator[Path]:
    """A new folder beside another one, on the same disk; it is gone afterwards.

    What a killed call left there is removed first, and a site that it had taken away is put back.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{glob.escape(folder.name)}-*"):
        _remove_left(left, folder)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    with (work / MARK).open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _remove_left(left: Path, folder: Path) -> None:
    """Remove the folder of a call that is over: nobody holds the lock on its mark."""
    try:
        mark = (left / MARK).open("r+")
    except OSError:
        return
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        if (left / _BEFORE).is_dir() and not folder.exists():
            (left / _BEFORE).rename(folder)
        shutil.rmtree(left, ignore_errors=True)


def replace(folder: Path, made: Path, work: Path) -> None:
    """Put a folder that was made in place of another one."""
    (made / MARK).write_text(_SAID)
    if folder.exists():
        folder.rename(work / _BEFORE)
    made.rename(folder)
