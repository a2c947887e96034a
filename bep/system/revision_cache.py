"""Revisions of templates in the user's cache: their files, and what Python and Jinja made of them.

A revision is found by its commit, so what is kept is never out of date; it is compared with the
digests that were taken when it was exported. What is kept is run, so nothing is taken from a folder
that anybody else could have written. All of it can be created again: if the cache cannot be used or
written, a command only takes longer.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import py_compile
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import mkdtemp

import jinja2

from . import cache_file, compiled_code, template_environment
from .cache_file import TEMPORARY, write
from .compiled_code import MOST, CompiledCode, by_use, is_private

_FILES, _MANIFEST = "files", "manifest.json"
# Whoever removes a revision needs a lock that this process keeps until it ends.
_in_use: list[int] = []


def exported(commit: str, export: Callable[[Path], object]) -> Path | None:
    """Return a folder with the files of a commit, or None if nothing can be kept.

    `export` writes them into the new folder that it gets, if they are not there yet; what it raises
    goes on. The folder belongs to other processes too, so nothing may be changed in it.
    """
    try:
        root = compiled_code.root()
        if root is None:
            return None
        folder = root / commit
        if not _take(folder):
            _make(folder, export)
            _forget_old(root)
            if not _take(folder):
                return None
    except OSError:
        return None
    return folder / _FILES


class CompiledTemplates(CompiledCode):
    """The compiled templates and strings of a commit; '' keeps them in memory only.

    `folder` is where the cache has its files, whose bytecode is kept too.
    """

    def __init__(self, commit: str = "", folder: Path | None = None) -> None:
        super().__init__(commit, _compiler() if commit else "")
        self._folder = folder

    def keep(self) -> bool:
        """Keep for the next process what was compiled since the last call; False if nothing was."""
        is_new = super().keep()
        if is_new and self._folder:
            _keep_bytecode(self._folder)
        return is_new


def _keep_bytecode(folder: Path) -> None:
    """Keep the bytecode of all modules that this process has loaded from a folder."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        cached = getattr(module, "__cached__", None)
        if path.startswith(f"{folder}{os.sep}") and cached and not Path(cached).exists():
            with suppress(OSError, py_compile.PyCompileError):
                # The source is compared with its digest before it is used.
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                py_compile.compile(path, cached, doraise=True, invalidation_mode=mode)


def _compiler() -> str:
    """Name the versions, besides Python's, on which compiled templates depend."""
    own = Path(template_environment.__file__).read_bytes()
    own += Path(compiled_code.__file__).read_bytes()
    return f"{jinja2.__version__} {hashlib.sha256(own).hexdigest()}"


# --- Files of a revision ------------------------------------------------------------------------


def _make(folder: Path, export: Callable[[Path], object]) -> None:
    """Export a revision; another process may do the same, and the first to end is taken."""
    made = Path(mkdtemp(prefix=TEMPORARY, dir=folder.parent))
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        export(made / _FILES)
        digests = _digests(made / _FILES)
        _take_bytecode(made / _FILES, digests)
        write(made / _MANIFEST, [json.dumps(digests).encode()])
        try:
            made.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    finally:
        os.close(lock)
        if made.exists():
            shutil.rmtree(made, ignore_errors=True)


def _take_bytecode(folder: Path, digests: Mapping[str, str]) -> None:
    """Copy the bytecode of the modules that the last used revision has too: most of them."""
    with suppress(OSError, IndexError):
        last = by_use(folder.parent.parent, _is_revision)[0]
        known = (is_private(last) and cache_file.read(last / _MANIFEST)) or {}
        for path in digests:
            if path.endswith(".py") and known.get(path) == digests[path]:
                with suppress(FileNotFoundError):
                    content = Path(cache_from_source(str(last / _FILES / path))).read_bytes()
                    cached = Path(cache_from_source(str(folder / path)))
                    cached.parent.mkdir(exist_ok=True)
                    write(cached, [content])


def _take(folder: Path) -> bool:
    """Keep other processes from removing a revision, if it is there and as it was exported."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        # Somebody may have removed it, and made it anew, before it was locked.
        is_there = os.path.samestat(os.fstat(lock), os.lstat(folder))
        if is_there and is_private(folder) and _is_whole(folder):
            os.utime(folder)
            _in_use.append(lock)
            return True
    except OSError:
        pass
    os.close(lock)
    _remove(folder)
    return False


def _is_whole(folder: Path) -> bool:
    known = cache_file.read(folder / _MANIFEST)
    return bool(known) and known == _digests(folder / _FILES)


def _digests(folder: Path) -> dict[str, str]:
    """Return the digests of all files in a folder but bytecode, by their paths."""
    start = len(str(folder)) + 1
    return {path[start:]: _digest(path) for path in _files(str(folder))}


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                yield entry.path


def _digest(path: str) -> str:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (of some hundred files)
        return hashlib.sha256(file.read()).hexdigest()


def _forget_old(root: Path) -> None:
    """Remove the revisions that were used the longest time ago."""
    with suppress(OSError):
        unfinished = [path for path in root.iterdir() if path.name.startswith(TEMPORARY)]
        for path in (*unfinished, *by_use(root, _is_revision)[MOST:]):
            _remove(path)


def _is_revision(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(TEMPORARY)


def _remove(folder: Path) -> None:
    """Remove a revision unless a process uses it."""
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
