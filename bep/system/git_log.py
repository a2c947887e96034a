"""How commits follow each other, and what they changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .git_process import NO_FETCH, GitRefusal, answer, literal, run

# In the year 2106. A commit may carry any time, even one thousands of years ahead that Python's
# dates cannot hold.
_LATEST = 2**32 - 1
_RAW = ("--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-relative")


def head_time(folder: Path) -> int:
    """When the current commit was made, in seconds since 1970; 0 if there is none."""
    return min(
        int(answer(folder, "log", "-1", "--no-show-signature", "--format=%ct") or 0), _LATEST
    )


def time_of(seconds: int) -> dt.datetime:
    """The time of a commit from its seconds; one that is too far away counts as the latest."""
    return dt.datetime.fromtimestamp(max(0, min(seconds, _LATEST)), dt.UTC)


def is_ancestor(folder: Path, commit: str, of: str) -> bool:
    """Whether `of` is `commit` or descends from it."""
    try:
        run(folder, "merge-base", "--is-ancestor", commit, of)
    except GitRefusal:
        return False
    return True


def is_reached(folder: Path, commit: str, tips: Iterable[str]) -> bool:
    """Whether any of the objects `tips` is `commit` or descends from it; unknown ones do not."""
    given = "".join(f"{one}\n" for one in (commit, *(f"^{tip}" for tip in tips)))
    options = ("--ignore-missing", "--max-count=1", "--stdin")
    return not run(folder, "rev-list", *options, given=given)


def has_changed(folder: Path, since: str, path: str) -> bool:
    """Whether a commit of HEAD that is not in `since` changed a file."""
    options = ("--max-count=1", f"{since}..HEAD", "--", literal(path))
    return bool(answer(folder, "rev-list", *options))


def merge_base(folder: Path, *commits: str) -> str:
    """The newest commit that HEAD has in common with any of `commits`.

    '' if there is none, or where a shallow clone does not hold it.
    """
    return answer(folder, "merge-base", "HEAD", *commits).split("\n")[0]


class Commit(NamedTuple):
    """A commit with its message and the files that it changed, none for a merge."""

    id: str
    message: str
    paths: tuple[str, ...]


def commits_saying(folder: Path, pattern: str, most: int) -> list[Commit]:
    """The newest commits of HEAD's history whose messages match a pattern, at most so many."""
    options = ("--extended-regexp", f"--grep={pattern}", f"--max-count={most}")
    # Names are never empty, so an empty field ends them.
    form = ("--no-show-signature", "--no-color", "--format=%x00%H%x00%B%x00")
    diff = ("--no-renames", "--no-ext-diff", "--name-only", "-z")
    try:
        said = run(folder, "log", *options, *form, *diff, environment=NO_FETCH)
    except GitRefusal:
        # There is no commit yet, or the clone lacks a part of the history.
        return []
    fields = iter(said.split("\0"))
    found = []
    field = next(fields, None)
    while field is not None:
        if not field:
            field = next(fields, None)
            continue
        commit, message, paths = field, next(fields, ""), []
        field = next((one for one in fields if one), None)
        if field and field.startswith("\n"):
            paths = [field[1:]]
            while field := next(fields, None):
                paths.append(field)
        found.append(Commit(commit, message, tuple(paths)))
    return found


class FileChange(NamedTuple):
    """What a commit did to a file, by the ids of its contents: '' if there is none.

    `before` is the path that the file had, '' for a new one.
    """

    path: str
    before: str
    old: str
    new: str


class LogEntry(NamedTuple):
    """A commit of the log with the files that it changed, a merge compared to its first parent.

    `time` is when it was written, in seconds since 1970; None if it does not say.
    """

    id: str
    tree: str
    time: int | None
    parents: tuple[str, ...]
    changes: tuple[FileChange, ...]


def log_of_folders(folder: Path, tips: Iterable[str], below: Sequence[str]) -> Iterator[LogEntry]:
    """Every commit in the histories of `tips`, children first, with its changes below some folders.

    Renames inside these are followed; in a partial clone, those that change nothing else.
    Raises GitRefusal if a part of the history is broken.
    """
    options = ("--topo-order", "--full-history", "--sparse", "--root", "--no-follow")
    form = ("--diff-merges=first-parent", "--format=%H %T %at %P", "--no-show-signature")
    paths = ("--", *map(literal, below))
    given = "".join(f"{tip}\n" for tip in tips)

    def asked(*more: str) -> str:
        call = ("log", *options, *form, *_RAW, *more, "--stdin", *paths)
        return run(folder, *call, given=given, environment=NO_FETCH)

    try:
        said = asked()
    except GitRefusal:
        # To compare contents, it would have to fetch them.
        said = asked("--find-renames=100%")
    fields = iter(said.split("\0"))
    field = next(fields, "")
    while field:
        commit, tree, time, *parents = field.split(" ")
        field = next(fields, "")
        changes, field = _file_changes(field.removeprefix("\n"), fields)
        written = int(time) if time.isdecimal() else None
        yield LogEntry(commit, tree, written, tuple(filter(None, parents)), changes)


def _file_changes(field: str, fields: Iterator[str]) -> tuple[tuple[FileChange, ...], str]:
    """The changes of raw output that begin with a field, and the first field after them."""
    changes = []
    while field.startswith(":"):
        old_mode, new_mode, old, new, kind = field[1:].split(" ")
        before = path = next(fields)
        if kind[0] in "RC":
            path = next(fields)
        # A link or a submodule is not a file that can be read.
        old = old if old_mode.startswith("100") else ""
        new = new if new_mode.startswith("100") else ""
        changes.append(FileChange(path, before if old else "", old, new))
        field = next(fields, "")
    return tuple(changes), field


def tree_changes(
    folder: Path, pairs: Sequence[tuple[str, str]], below: Sequence[str] = ()
) -> list[tuple[FileChange, ...]]:
    """What differs between the trees of each pair, below some folders or, without any, anywhere."""
    given = "".join(f"{old} {new}\n" for old, new in pairs)
    paths = ("--", *map(literal, below))
    call = ("diff-tree", "--stdin", "-r", *_RAW, *paths)
    found: list[tuple[FileChange, ...]] = []
    if not pairs:
        return found
    fields = iter(run(folder, *call, given=given, environment=NO_FETCH).split("\0"))
    field = next(fields, "")
    while field:
        # A line names each pair, also one between which nothing differs.
        lines = field.split("\n")
        field = lines.pop() if lines[-1].startswith(":") else ""
        found += [()] * len(lines)
        if field:
            found[-1], field = _file_changes(field, fields)
    return found


def history_of(folder: Path, commits: Sequence[str], path: str) -> frozenset[str]:
    """The ids of all files and folders that a path has held in the history of some commits.

    Raises GitRefusal if a part of it is not here.
    """
    options = ("--objects", "--no-object-names", "--full-history", "--missing=allow-any")
    call = ("rev-list", *options, *commits, "--", literal(path))
    return frozenset(run(folder, *call, environment=NO_FETCH).split("\n"))
