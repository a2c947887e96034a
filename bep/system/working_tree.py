"""The files of a user's working tree, opened without being led out of it.

What is there may come from a stranger's pull request, in which a document or a folder can be a
link: to `.git/hooks`, to a secret beside the repository, to a device. So this is the one place
that opens these files. Each part of a path is opened from the folder before it, and never by a
link that the system follows; links are read and followed here, as long as they stay inside. What
is opened is what was looked at: nothing can be swapped in between.

A file that is in Git but not checked out (sparse checkout) is read from Git, and cannot be
written.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from ..errors import BepError
from . import git_files, git_objects, git_process

_T = TypeVar("_T")

# The root itself is where the user says it is.
_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER = _ROOT | os.O_NOFOLLOW
# Opening a pipe without a writer would wait forever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MOST_LINKS = 40
# Of a document or a registry page in bytes: a registry of 50,000 rows, or a long book. A larger one
# would keep everybody waiting.
LARGEST_PAGE = 5_000_000
_GIT = ".git"
_OUT, _INTO_GIT = "out of the repository", "into the Git directory"


class Entry(NamedTuple):
    """What a folder holds: a name, and what it is once links are followed.

    A link that leads out of the repository, or nowhere, counts as a file: it has to be
    reported, and reading it says why.
    """

    name: str
    is_folder: bool


@dataclass(frozen=True)
class WorkingTree:
    """A working tree at `root`; `git_directory` holds Git's own files, and those of `bep`.

    `git_parts` are the parts of the Git directory's path below the root, () where it is elsewhere.
    Paths are below the root. Those that are led out of the repository, or into its Git directory,
    raise BepError; those that are missing raise FileNotFoundError, like all files.
    """

    root: Path
    git_directory: Path
    git_parts: tuple[str, ...] = ()
    _from_blobs: dict[tuple[str, str], Mapping[str, bytes]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def read(self, path: Path) -> bytes:
        """Return the content of a regular file, all of it or its beginning.

        Raises BepError for what is not a regular file, or is larger than a document can be, OSError
        if it cannot be read.
        """
        try:
            with self._opened(path) as file:
                self._refuse_large(path, os.fstat(file).st_size)
                return _all_of(file)
        except FileNotFoundError:
            if self._is_only_in_git(path):
                return self._from_git(path)
            raise

    def _refuse_large(self, path: Path, size: int) -> None:
        if size > LARGEST_PAGE and path.name.endswith(".md"):
            said = f"is {size / 1e6:.1f} MB large; the limit is {LARGEST_PAGE / 1e6:.0f} MB"
            raise BepError(said, "split it", self.shown(path))

    def head(self, path: Path, size: int) -> bytes:
        """Return the first `size` bytes of a regular file; raises as `read` does."""
        try:
            with self._opened(path) as file:
                return os.read(file, size)
        except FileNotFoundError:
            return self.read(path)[:size]

    def size(self, path: Path) -> int:
        """Return the number of bytes of a regular file; raises as `read` does."""
        try:
            with self._opened(path) as file:
                return os.fstat(file).st_size
        except FileNotFoundError:
            return len(self.read(path))

    def is_file(self, path: Path) -> bool:
        """Return whether there is a regular file that may be read."""
        return stat.S_ISREG(self._mode(path)) or self._is_only_in_git(path)

    def is_own_file(self, path: Path) -> bool:
        """Return whether there is a regular file of that name, and not a link to one."""
        return stat.S_ISREG(self._mode(path, _own_mode)) or self._is_only_in_git(path)

    def is_folder(self, path: Path) -> bool:
        """Return whether there is a folder that may be read."""
        return stat.S_ISDIR(self._mode(path)) or self.shown(path) in self._below_only_in_git

    def has(self, path: Path) -> bool:
        """Return whether the name is in use, be it by a link that leads nowhere."""
        try:
            self._at(path, _own_mode)
        except (FileNotFoundError, NotADirectoryError):
            return self._is_only_in_git(path) or self.shown(path) in self._below_only_in_git
        return True

    def entries(self, folder: Path) -> list[Entry]:
        """Return what is in a folder, by name; nothing if there is no such folder."""
        unlisted = self._below_only_in_git.get(self.shown(folder), {})
        kinds = self._listed(folder)
        there = {name for name, _, _ in kinds}
        kinds += [(name, False, is_dir) for name, is_dir in unlisted.items() if name not in there]
        return sorted(
            Entry(name, self.is_folder(folder / name) if is_link else is_folder)
            for name, is_link, is_folder in kinds
        )

    def _listed(self, folder: Path) -> list[tuple[str, bool, bool]]:
        """Return what is in a folder: name, whether it is a link, whether it is a folder."""
        try:
            opened, _ = self._at(folder, _open_folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        try:
            with os.scandir(opened) as found:
                return [
                    (one.name, one.is_symlink(), one.is_dir(follow_symlinks=False)) for one in found
                ]
        finally:
            os.close(opened)

    def files(self, folder: Path, ending: str) -> list[Path]:
        """Return the files of a folder whose names end with `ending`, by name."""
        return [
            folder / one.name
            for one in self.entries(folder)
            if not one.is_folder and one.name.endswith(ending)
        ]

    def all_files(self, folder: Path, ending: str) -> list[Path]:
        """Return the files below a folder whose names end with `ending`; no links are followed."""
        found, folders = [], [folder]
        while folders:
            below = folders.pop()
            inner = []
            for one in self.entries(below):
                path = below / one.name
                mode = self._mode(path, _own_mode)
                if stat.S_ISDIR(mode) or (not mode and self.shown(path) in self._below_only_in_git):
                    inner.append(path)
                elif one.name.endswith(ending) and self.is_own_file(path):
                    found.append(path)
            folders += reversed(inner)
        return found

    def refuse_not_checked_out(self, path: Path) -> None:
        """Raise BepError if a file, or one below a folder, is in Git only."""
        shown = self.shown(path)
        below = f"{shown}/"
        for name in self._only_in_git if shown in self._below_only_in_git else [shown]:
            if (name == shown or name.startswith(below)) and self._is_only_in_git(self.root / name):
                folder = name.rpartition("/")[0]
                raise BepError(
                    "is not checked out", f"run `git sparse-checkout add {folder}` first", name
                )

    @cached_property
    def _only_in_git(self) -> Mapping[str, str]:
        """The blobs of files that are in Git but not checked out, by their paths."""
        return git_files.not_checked_out(self.root, self.git_directory)

    @cached_property
    def _below_only_in_git(self) -> Mapping[str, Mapping[str, bool]]:
        """What such files add to each folder: names, and whether these are folders."""
        found: dict[str, dict[str, bool]] = {}
        for path in self._only_in_git:
            rest, is_folder = path, False
            while rest:
                rest, _, name = rest.rpartition("/")
                found.setdefault(rest, {}).setdefault(name, is_folder)
                is_folder = True
        return found

    def _is_only_in_git(self, path: Path) -> bool:
        return self.shown(path) in self._only_in_git and not self._mode(path, _own_mode)

    def _from_git(self, path: Path) -> bytes:
        shown = self.shown(path)
        try:
            return self._blobs_like(path.suffix, shown.partition("/")[0])[self._only_in_git[shown]]
        except git_process.GitRefusal as refusal:
            raise BepError(
                f"is not checked out and cannot be read ({refusal})", "check it out", shown
            ) from None

    def _blobs_like(self, suffix: str, top: str) -> Mapping[str, bytes]:
        """Return the files of one kind below a folder of the root, read by one process."""
        if (suffix, top) not in self._from_blobs:
            below = [
                path for path in self._only_in_git if path == top or path.startswith(f"{top}/")
            ]
            wanted = (self._only_in_git[path] for path in below if path.endswith(suffix))
            self._from_blobs[suffix, top] = git_objects.contents(self.root, wanted)
        return self._from_blobs[suffix, top]

    def resolved(self, path: Path) -> str:
        """Return where `path` really is, from the root and with `/`: no part of it is a link."""
        try:
            _, parts = self._at(path, _no_link)
        except FileNotFoundError:
            # A folder that is to be made holds no links.
            if path.name.casefold() == _GIT:
                raise self._led_away(path, "", _INTO_GIT) from None
            return f"{self.resolved(path.parent)}/{path.name}".removeprefix("/")
        return "/".join(parts)

    @contextmanager
    def folder(self, path: str) -> Iterator[int]:
        """Open the folder at a path that `resolved` returned, '' for the root."""
        opened = os.open(self.root, _ROOT)
        try:
            for part in PurePosixPath(path).parts:
                opened, before = os.open(part, _FOLDER, dir_fd=opened), opened
                os.close(before)
            yield opened
        finally:
            os.close(opened)

    def shown(self, path: Path) -> str:
        """Return `path` as messages name it: from the root where it is below it."""
        return self._below(str(path)) or str(path)

    def _below(self, path: str) -> str | None:
        """Return a path from the root, '' for the root itself, None for one that is elsewhere."""
        root = str(self.root)
        if path == root:
            return ""
        # Paths as text: for thousands of documents, taking them apart costs as much as reading.
        return path[len(root) + 1 :] if path.startswith(f"{root}/") else None

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        try:
            file, _ = self._at(path, lambda folder, name: os.open(name, _FILE, dir_fd=folder))
        except OSError as error:
            # A socket, or a device that is not there.
            if error.errno in (errno.ENXIO, errno.ENODEV):
                raise self._no_file(path) from None
            raise
        try:
            mode = os.fstat(file).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, "Is a directory", self.shown(path))
            if not stat.S_ISREG(mode):
                raise self._no_file(path)
            yield file
        finally:
            os.close(file)

    def _mode(self, path: Path, kind: Callable[[int, str], int] | None = None) -> int:
        """Return the mode of what is there, 0 for nothing that may be; links are followed."""
        try:
            found, _ = self._at(path, kind or _kind)
        except (OSError, BepError):
            return 0
        return found

    def _at(self, path: Path, work: Callable[[int, str], _T]) -> tuple[_T, tuple[str, ...]]:
        """Do `work` with the last name of a path, in the folder that holds it; links are followed.

        `work` gets an open folder and a name in it, and says by ELOOP that this is a link. Returns
        what it returns, and the true path of that name.
        """
        rest = self._parts(path, str(path), "")
        folders = [os.open(self.root, _ROOT)]
        true: list[str] = []
        links = 0
        link = ""
        try:
            while True:
                part = rest.pop() if rest else "."
                if part == "..":
                    if not true:
                        raise self._led_away(path, link, _OUT)
                    os.close(folders.pop())
                    true.pop()
                    continue
                self._refuse_git(path, link, (*true, part))
                try:
                    if not rest:
                        done = work(folders[-1], part)
                        return done, (*true, part) if part != "." else tuple(true)
                    folders.append(os.open(part, _FOLDER, dir_fd=folders[-1]))
                    true.append(part)
                    continue
                except OSError as error:
                    target = _target(error, part, folders[-1])
                    if target is None:
                        place = "/".join((*true, part))
                        raise OSError(error.errno, error.strerror, place) from None
                links += 1
                link = link or "/".join((*true, part))
                if links > _MOST_LINKS:
                    raise BepError("is a circle of links", "make it a file", self.shown(path))
                if target.startswith("/"):
                    while len(folders) > 1:
                        os.close(folders.pop())
                    true.clear()
                    rest += self._parts(path, target, link)
                else:
                    rest += _reversed_parts(target)
        finally:
            for folder in folders:
                os.close(folder)

    def _parts(self, path: Path, absolute: str, link: str) -> list[str]:
        """Return the parts of an absolute path from the root, the last one first."""
        below = self._below(absolute)
        if below is None:
            raise self._led_away(path, link, _OUT)
        return _reversed_parts(below)

    def _refuse_git(self, path: Path, link: str, parts: tuple[str, ...]) -> None:
        # Some file systems take `.GIT` for `.git`.
        in_git = parts[-1].casefold() == _GIT or (self.git_parts and parts == self.git_parts)
        if in_git:
            raise self._led_away(path, link, _INTO_GIT)

    def _led_away(self, path: Path, link: str, where: str) -> BepError:
        """Return the error for a path that leads away, by the first `link` on it, '' for none."""
        shown = self.shown(path)
        if not link:
            return BepError(f"leads {where}", "name a file inside", shown)
        if link == shown:
            return BepError(f"is a link that leads {where}", "make it a file inside", shown)
        return BepError(f"is behind {link}, a link that leads {where}", "make it a folder", shown)

    def _no_file(self, path: Path) -> BepError:
        return BepError("is not a regular file", "move it away", self.shown(path))


def of(root: Path, git_directory: Path) -> WorkingTree:
    """Return the working tree at `root`, whose Git directory may be inside it."""
    true = git_directory.resolve()
    inside = true.is_relative_to(root)
    return WorkingTree(root, git_directory, true.relative_to(root).parts if inside else ())


def _reversed_parts(path: str) -> list[str]:
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _open_folder(folder: int, name: str) -> int:
    return os.open(name, _FOLDER, dir_fd=folder)


def _own_mode(folder: int, name: str) -> int:
    return os.lstat(name, dir_fd=folder).st_mode


def _no_link(folder: int, name: str) -> None:
    _kind(folder, name, missing_ok=True)


def _kind(folder: int, name: str, *, missing_ok: bool = False) -> int:
    """Return the mode of what is there; a link says so by ELOOP."""
    try:
        mode = os.lstat(name, dir_fd=folder).st_mode
    except FileNotFoundError:
        if missing_ok:
            return 0
        raise
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
    return mode


def _target(error: OSError, name: str, folder: int) -> str | None:
    """Return where the link leads that an opening failed on; None if it failed otherwise."""
    if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
        return None
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:
        return None


def _all_of(file: int) -> bytes:
    size = os.fstat(file).st_size
    pieces = []
    # One byte more than there should be: the file may grow, or hide its size.
    while piece := os.read(file, max(size + 1, 65536)):
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
