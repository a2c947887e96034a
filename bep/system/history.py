"""The files of the working tree and of commits, as Git knows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from . import git
from .git import GitRefusal


def merge_base(folder: Path, *commits: str) -> str:
    """The newest commit that HEAD has in common with any of `commits`.

    '' where there is none, or where a shallow clone does not hold it.
    """
    return git.answer(folder, "merge-base", "HEAD", *commits).split("\n")[0]


def paths(folder: Path) -> frozenset[str]:
    """The files of the working tree from its root: tracked ones that are there, and new ones.

    Ignored files are none of it. A submodule, and another repository inside, is one path.
    """
    listed = set(git.files(folder))
    gone = git.answer(folder, "ls-files", "-z", "--deleted").split("\0")
    return frozenset(name.removesuffix("/") for name in listed.difference(gone))


def blobs(folder: Path, commit: str) -> dict[str, str]:
    """The files of a commit by their paths from the root, with the ids of their contents.

    The id of a symbolic link or a submodule is ''.
    """
    listed = git.run(folder, "ls-tree", "-r", "-z", "--full-tree", commit)
    found = {}
    for entry in filter(None, listed.split("\0")):
        kind, path = entry.split("\t", 1)
        mode, _, blob = kind.split(" ")
        found[path] = blob if mode.startswith("100") else ""
    return found


def changed(folder: Path, commit: str) -> frozenset[str]:
    """The tracked files that differ between a commit and the working tree."""
    listed = git.run(folder, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit)
    return frozenset(name for name in listed.split("\0") if name)


def renamed(folder: Path, commit: str, *paths: str) -> dict[str, str]:
    """The old names of tracked files below `paths` that were renamed since a commit, by their new.

    A new file that Git does not track yet is not seen as a renamed one.
    """
    options = ("--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff")
    below = [f":(top,literal){path}" for path in paths]
    fields = git.run(folder, "diff", *options, commit, "--", *below).split("\0")
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def contents(folder: Path, wanted: Iterable[str]) -> Mapping[str, bytes]:
    """What the objects with these ids hold; one process for all of them."""
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    given = "".join(f"{one}\n" for one in asked)
    said = git.run(folder, "cat-file", "--batch", given=given).encode("utf-8", "surrogateescape")
    found, at = {}, 0
    for one in asked:
        header, _, _ = said[at : at + 200].partition(b"\n")
        name, kind, *size = header.decode().split(" ")
        if not size:
            raise GitRefusal(f"the object {name} is {kind}")
        at += len(header) + 1
        found[one] = said[at : at + int(size[0])]
        at += int(size[0]) + 1
    return found
