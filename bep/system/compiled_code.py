"""Compiled code of one template commit, kept in the user's cache for the next process.

Each piece of code is kept under the source that it was compiled from. As it will be run, nothing is
read from a file or a folder that another user could have written. This module needs the standard
library only, because the template's extension loads it before all others.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from . import cache_file

# How many files of compiled code are kept.
MOST = 12
_SUFFIX = ".compiled"
_DIGEST_LENGTH = 32
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class CompiledCode:
    """The compiled modules, templates and strings of a commit; '' keeps them in memory only.

    `compiler` names the versions, besides Python's, on which the compiled code depends.
    """

    def __init__(self, commit: str = "", compiler: str = "") -> None:
        self._known: dict[tuple[str, str], CodeType] = {}
        self._modules: dict[tuple[str, str], CodeType] = {}
        self._path: Path | None = None
        self._is_new = False
        if commit:
            said = f"{sys.version}\0{sys.implementation.cache_tag}\0{compiler}".encode()
            ending = f"-{hashlib.sha256(said).hexdigest()[:16]}{_SUFFIX}"
            with suppress(OSError):
                found = root()
                self._path = found and found / f"{commit}{ending}"
            if self._path:
                self._known.update(_read(self._path))
                if not self._known:
                    self._modules = _modules_of_last(self._path.parent, ending)

    def use(self, environment: Any) -> None:
        """Make a Jinja environment of this commit compile each source only once.

        A source with Copier's `yield` tag is always compiled, because that has an effect. It lasts
        until another source is preprocessed. So every source still is.
        """
        compile_anew = environment.compile
        # Copier's environment and `bep`'s own name the template's extension differently.
        kind = type(environment).__name__

        def compiled(source: Any, name: str | None = None, *more: Any, **named: Any) -> Any:
            if not isinstance(source, str) or named or len(more) > 1 or "yield" in source:
                return compile_anew(source, name, *more, **named)
            key = (f"{kind} {name or ''}", source)
            if key in self._known:
                environment.preprocess(source, name)
            return self.code(key, lambda: compile_anew(source, name, *more))

        environment.compile = compiled

    def import_from(self, package: Path) -> None:
        """Make imports from a folder and its subfolders compile each module only once."""
        if not self._path:
            return
        code_of = self.code

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002
                source = self.get_data(self.path)
                key = ("", hashlib.sha256(source).hexdigest())
                return code_of(key, lambda: self.source_to_code(source, self.path))

        for folder in (package, *(path for path in package.iterdir() if path.is_dir())):
            sys.path_importer_cache[str(folder)] = FileFinder(str(folder), (Loader, [".py"]))

    def keep(self) -> bool:
        """Keep for the next process what was compiled since the last call; False if nothing was."""
        if not (self._is_new and self._path):
            return False
        self._is_new = False
        # Another process may have kept other code since.
        self._known = {**_read(self._path), **self._known}
        data = marshal.dumps(self._known)
        with suppress(OSError):
            cache_file.write(self._path, [hashlib.sha256(data).digest(), data])
            _forget_old(self._path.parent)
        return True

    def code(self, key: tuple[str, str], compile_anew: Callable[[], CodeType]) -> CodeType:
        """Return the code that is known by a key, compiled now if there is none."""
        if key not in self._known:
            # Most modules of a commit are those of the commits before it.
            self._known[key] = self._modules.get(key) or compile_anew()
            self._is_new = True
        return self._known[key]


@cache
def of_checkout(folder: Path) -> CompiledCode:
    """Return the code of the commit that Copier has checked out in `folder`."""
    commit = ""
    with suppress(OSError, ValueError):
        commit = _checked_out(folder / ".git")
    versions = [getattr(sys.modules.get(name), "__version__", "") for name in ("copier", "jinja2")]
    return CompiledCode(commit, " ".join(["copier", *versions]))


def _checked_out(git: Path) -> str:
    head = (git / "HEAD").read_text("ascii").strip()
    if head.startswith("ref: refs/heads/"):
        head = (git / head.removeprefix("ref: ")).read_text("ascii").strip()
    return head if _COMMIT.fullmatch(head) else ""


def _read(path: Path) -> dict[tuple[str, str], CodeType]:
    with suppress(OSError, ValueError, EOFError, TypeError):
        if is_private(path):
            content = path.read_bytes()
            digest, data = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
            if hashlib.sha256(data).digest() == digest:
                os.utime(path)
                known: dict[tuple[str, str], CodeType] = marshal.loads(data)  # noqa: S302 (private)
                return known
    return {}


def _modules_of_last(folder: Path, ending: str) -> dict[tuple[str, str], CodeType]:
    """Return the code of the modules of the commit that was used last.

    That of a template also depends on the filters and the settings of its commit.
    """
    with suppress(OSError, IndexError):
        found = _read(by_use(folder, lambda path: path.name.endswith(ending))[0])
        return {(kind, source): found[kind, source] for kind, source in found if not kind}
    return {}


def _forget_old(folder: Path) -> None:
    """Remove all files but the `MOST` that were used last."""
    with suppress(OSError):
        for path in by_use(folder, lambda path: path.name.endswith(_SUFFIX))[MOST:]:
            path.unlink()


def by_use(folder: Path, is_wanted: Callable[[Path], bool]) -> list[Path]:
    """Return the wanted entries of a folder, the one that was used last first; raises OSError."""
    wanted = filter(is_wanted, folder.iterdir())
    return sorted(wanted, key=lambda path: path.lstat().st_mtime, reverse=True)


# --- The folder ---------------------------------------------------------------------------------


def root() -> Path | None:
    """Return the folder for code that will be run, or None if other users can write to it.

    Raises OSError if it cannot be made.
    """
    folder = cache_file.user_folder() / "revisions"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = folder.resolve()
    return folder if is_private(folder) and all(map(_is_safe, folder.parents)) else None


def is_private(path: Path) -> bool:
    """Return whether only this user can have written a file or folder."""
    found = path.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_safe(folder: Path) -> bool:
    """Return whether nobody else can put another folder in the place of one in `folder`."""
    found = folder.stat()
    of_others = found.st_mode & stat.S_IWOTH
    of_group = found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())
    is_shared = (of_others or of_group) and not found.st_mode & stat.S_ISVTX
    return found.st_uid in (0, os.geteuid()) and not is_shared
