"""The files of the working tree as Git sees them: tracked, new, changed, renamed, matching."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .git_process import answer, items, literal

# How an index begins that cannot say of a file that it is not checked out.
_PLAIN_INDEX = b"DIRC\0\0\0\2"
_FOUND = re.compile(r"([^\0]+)\0([0-9]+)\0([^\n]*)(?:\n|\Z)")


def files(folder: Path, *patterns: str) -> list[str]:
    """The tracked files, and the untracked ones that are not ignored, that match `patterns`."""
    options = ("-z", "--cached", "--others", "--exclude-standard")
    return sorted({*items(folder, "ls-files", *options, "--", *patterns)})


def not_checked_out(folder: Path, git_directory: Path) -> dict[str, str]:
    """The blobs of regular files that Git was told not to check out, by their paths.

    A sparse checkout has such files. One of them can be in the working tree all the same.
    """
    index = Path(os.environ.get("GIT_INDEX_FILE") or git_directory / "index")
    # Only later formats of the index can say so; to ask git takes a while in a large repository.
    try:
        with index.open("rb") as file:
            if file.read(len(_PLAIN_INDEX)) == _PLAIN_INDEX:
                return {}
    except OSError:
        return {}
    found = {}
    for entry in items(folder, "ls-files", "-z", "-t", "--stage"):
        if entry.startswith("S 100"):
            kind, path = entry.split("\t", 1)
            found[path] = kind.split(" ")[2]
    return found


class Status(NamedTuple):
    """How a path differs from HEAD: Git's two letters, index first; `??` is untracked."""

    path: str
    letters: str


def status(folder: Path, *paths: str) -> list[Status]:
    """The paths below `paths` that differ from HEAD or the index, with untracked ones."""
    options = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
    return [Status(one[3:], one[:2]) for one in items(folder, "status", *options, "--", *paths)]


def working_paths(folder: Path) -> frozenset[str]:
    """The files of the working tree from its root: tracked ones that are there, and new ones.

    Ignored files are none of it. A submodule, and another repository inside, is one path.
    """
    options = ("-z", "-t", "--cached", "--deleted", "--others", "--exclude-standard")
    entries = items(folder, "ls-files", *options)
    gone = {entry[2:] for entry in entries if entry.startswith("R ")}
    return frozenset({entry[2:].removesuffix("/") for entry in entries} - gone)


def changed_files(folder: Path, commit: str) -> frozenset[str]:
    """The tracked files that differ between a commit and the working tree."""
    options = ("--name-only", "-z", "--no-renames", "--no-ext-diff")
    return frozenset(items(folder, "diff", *options, commit))


def new_files(folder: Path) -> frozenset[str]:
    """The files that Git neither tracks nor ignores, from the root of the working tree `folder`."""
    return frozenset(items(folder, "ls-files", "-z", "--others", "--exclude-standard"))


def changed_modes(folder: Path, commit: str, *paths: str) -> dict[str, tuple[str, str]]:
    """The modes of tracked files that differ between a commit and the working tree, old and new.

    A mode is as Git has it, `100644`; that of a missing file is `000000`. Only `paths` count.
    """
    options = ("--raw", "-z", "--no-renames", "--no-ext-diff")
    named = map(literal, paths)
    fields = items(folder, "diff", *options, commit, "--", *named)
    found = {}
    for said, path in zip(fields[0::2], fields[1::2], strict=True):
        old, new = said.removeprefix(":").split(" ")[:2]
        if old != new:
            found[path] = old, new
    return found


def renamed_files(folder: Path, commit: str, *paths: str) -> dict[str, str]:
    """The old names of tracked files below `paths` that were renamed since a commit, by their new.

    A new file that Git does not track yet is not seen as a renamed one.
    """
    options = ("--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff")
    fields = items(folder, "diff", *options, commit, "--", *map(literal, paths))
    return dict(zip(fields[2::3], fields[1::3], strict=True))


class Match(NamedTuple):
    """What a pattern matched in a line of a file."""

    path: str
    line: int
    text: str


def matches_in_files(
    folder: Path,
    pattern: str,
    *,
    paths: Sequence[str],
    without: Sequence[str],
    commit: str,
) -> list[Match]:
    """What matches a pattern as a word, in files below `paths`, from the root; () is all.

    Binary files are searched too, since attributes mark text files such as lock files as binary.
    The paths `without` are left out, with everything below them. The files are those of a commit,
    or, with '', of the working tree: tracked ones, and new ones that are not ignored.
    """
    options = ("-z", "-a", "--word-regexp", "--only-matching", "--extended-regexp", "--full-name")
    plain = ("--no-color", "--line-number", "--no-column", "--no-heading", "--no-break")
    below = [literal(path) for path in paths] or [":(top)"]
    excluded = [f":(top,exclude,literal){path}" for path in without]
    where = (commit,) if commit else ("--untracked",)
    said = answer(folder, "grep", *options, *plain, "-e", pattern, *where, "--", *below, *excluded)
    # Only a path can hold a line break.
    found = _FOUND.findall(said)
    before = len(f"{commit}:") if commit else 0
    return [Match(path[before:], int(line), text) for path, line, text in found]
