"""Revisions of templates in the user's cache: their files, and what Python and Jinja made of them.

A revision is found by its commit, so what is kept is never out of date; it is compared with the
digests that were taken when it was exported. What is kept is run, so nothing is taken from a folder
that anybody else could have written. All of it can be made again: where the cache cannot be used or
written, a command only takes longer.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import marshal
import os
import py_compile
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from types import CodeType
from typing import Any

import jinja2

from . import cache_file, template_environment

# How many revisions are kept, and files of compiled templates.
_MOST = 12
_FILES, _MANIFEST, _COMPILED = "files", "manifest.json", ".compiled"
_TEMPORARY = ".new-"
_DIGEST_LENGTH = 32
# Whoever removes a revision needs a lock that this process keeps until it ends.
_in_use: list[int] = []


def exported(commit: str, export: Callable[[Path], object]) -> Path | None:
    """Return a folder with the files of a commit, or None if nothing can be kept.

    `export` writes them into the new folder that it gets, if they are not there yet; what it raises
    goes on. The folder belongs to other processes too, so nothing may be changed in it.
    """
    try:
        root = _root()
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


class CompiledTemplates:
    """The compiled templates and strings of a commit; '' keeps them in memory only.

    `folder` is where the cache has its files, whose bytecode is kept too.
    """

    def __init__(self, commit: str = "", folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], CodeType] = {}
        self._path = self._place(commit) if commit else None
        self._is_new = False
        if self._path:
            self._known.update(_read_compiled(self._path))

    def _place(self, commit: str) -> Path | None:
        with suppress(OSError):
            if root := _root():
                return root / f"{commit}-{_compiler()}{_COMPILED}"
        return None

    def use(self, environment: jinja2.Environment) -> None:
        """Let the environment of this commit compile only what is not known."""
        compile_anew: Any = environment.compile

        def compiled(source: Any, name: str | None = None, *more: Any, **named: Any) -> Any:
            if not isinstance(source, str) or named or len(more) > 1:
                return compile_anew(source, name, *more, **named)
            key = (name or "", source)
            if key not in self._known:
                self._known[key] = compile_anew(source, name, *more)
                self._is_new = True
            return self._known[key]

        environment.compile = compiled  # type: ignore[method-assign]

    def keep(self) -> None:
        """Keep for the next process what was compiled since the last call."""
        if not (self._is_new and self._path):
            return
        self._is_new = False
        # Another process may have kept other templates since.
        self._known = {**_read_compiled(self._path), **self._known}
        data = marshal.dumps(self._known)
        with suppress(OSError):
            _write(self._path, hashlib.sha256(data).digest() + data)
            _forget_old(self._path.parent)
        if self._folder:
            _keep_bytecode(self._folder)


def _keep_bytecode(folder: Path) -> None:
    """Keep the bytecode of all modules that this process has loaded from a folder."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        cached = getattr(module, "__cached__", None)
        if path and cached and Path(path).is_relative_to(folder) and not Path(cached).exists():
            with suppress(OSError, py_compile.PyCompileError):
                # The source is compared with its digest before it is used.
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                py_compile.compile(path, cached, doraise=True, invalidation_mode=mode)


def _read_compiled(path: Path) -> dict[tuple[str, str], CodeType]:
    with suppress(OSError, ValueError, EOFError, TypeError):
        if _is_private(path):
            content = path.read_bytes()
            digest, data = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
            if hashlib.sha256(data).digest() == digest:
                os.utime(path)
                known: dict[tuple[str, str], CodeType] = marshal.loads(data)  # noqa: S302 (private)
                return known
    return {}


def _compiler() -> str:
    """Name what decides, besides the commit, what Jinja compiles."""
    own = Path(template_environment.__file__).read_bytes() + Path(__file__).read_bytes()
    said = f"{sys.version}\0{sys.implementation.cache_tag}\0{jinja2.__version__}\0"
    return hashlib.sha256(said.encode() + own).hexdigest()[:16]


# --- Files of a revision ------------------------------------------------------------------------


def _make(folder: Path, export: Callable[[Path], object]) -> None:
    """Export a revision; another process may do the same, and the first to end is taken."""
    made = Path(mkdtemp(prefix=_TEMPORARY, dir=folder.parent))
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        export(made / _FILES)
        _write(made / _MANIFEST, json.dumps(_digests(made / _FILES)).encode())
        try:
            made.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    finally:
        os.close(lock)
        if made.exists():
            shutil.rmtree(made, ignore_errors=True)


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
        if is_there and _is_private(folder) and _is_whole(folder):
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


# --- The folder ---------------------------------------------------------------------------------


def _root() -> Path | None:
    """Return the folder of all revisions, None if others can write it; raise OSError without."""
    root = cache_file.user_folder() / "revisions"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root = root.resolve()
    return root if _is_private(root) and all(map(_is_safe, root.parents)) else None


def _is_private(path: Path) -> bool:
    found = path.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_safe(folder: Path) -> bool:
    """Return whether nobody else can put another folder in the place of one in `folder`."""
    found = folder.stat()
    of_others = found.st_mode & stat.S_IWOTH
    of_group = found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())
    is_shared = (of_others or of_group) and not found.st_mode & stat.S_ISVTX
    return found.st_uid in (0, os.geteuid()) and not is_shared


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with NamedTemporaryFile(dir=path.parent, prefix=_TEMPORARY, delete=False) as file:
        try:
            file.write(content)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise


def _forget_old(root: Path) -> None:
    """Remove the revisions and compiled templates that were used the longest time ago."""
    with suppress(OSError):
        every = sorted(root.iterdir(), key=lambda path: path.lstat().st_mtime, reverse=True)
        folders = [path for path in every if path.is_dir()]
        unfinished = [path for path in folders if path.name.startswith(_TEMPORARY)]
        revisions = [path for path in folders if path not in unfinished]
        for path in (*unfinished, *revisions[_MOST:]):
            _remove(path)
        for path in [path for path in every if path.name.endswith(_COMPILED)][_MOST:]:
            path.unlink()


def _remove(folder: Path) -> None:
    """Remove a revision unless a process uses it."""
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
