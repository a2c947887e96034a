"""Both sides of a merge: one that is under way, and the lines of a text."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..markdown import merge_markers
from . import git_log, git_objects
from .git_process import Ended, answer, ended, items, temporary_folder


def under_way(git_directory: Path) -> str:
    """What of a merge, rebase or the like waits for its end, in a word; '' for nothing."""
    marks = {
        "MERGE_HEAD": "merge",
        "rebase-merge": "rebase",
        "rebase-apply": "rebase",
        "CHERRY_PICK_HEAD": "cherry-pick",
        "REVERT_HEAD": "revert",
    }
    return next((marks[name] for name in marks if (git_directory / name).exists()), "")


class OtherSide(NamedTuple):
    """What is brought into HEAD: its `commit`, and the one that both sides come from, or ''.

    `branch` is the one that a rebase took off, '' for anything else.
    """

    commit: str
    fork: str
    branch: str = ""


def other_side(folder: Path, git_directory: Path) -> OtherSide | None:
    """The other side of the merge, rebase or cherry-pick that is under way; None without one.

    For a rebase that is what it goes onto: the commits that are picked are this side's.
    """
    for place in (git_directory / "rebase-merge", git_directory / "rebase-apply"):
        with suppress(OSError, UnicodeDecodeError):
            onto = (place / "onto").read_text().strip()
            taken_off = (place / "head-name").read_text().strip()
            is_branch = taken_off.startswith("refs/heads/")
            return OtherSide(onto, onto, taken_off.removeprefix("refs/heads/") if is_branch else "")
    names = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "CHERRY_PICK_HEAD^")
    merged, picked, parent = git_objects.commits_of(folder, *names)
    if merged:
        return OtherSide(merged, git_log.merge_base(folder, merged))
    return OtherSide(picked, parent) if picked else None


def unmerged(folder: Path) -> set[str]:
    """The paths that a merge left in conflict."""
    return {entry.split("\t", 1)[1] for entry in items(folder, "ls-files", "-u", "-z")}


def marker_size(folder: Path, path: str) -> int:
    """The length of merge-conflict markers in a file, which attributes can change."""
    said = answer(folder, "check-attr", "-z", "conflict-marker-size", "--", path).split("\0")
    value = said[2] if len(said) > 2 else ""
    return int(value) if re.fullmatch("[1-9][0-9]{0,3}", value) else merge_markers.USUAL_SIZE


def merged_text(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """Both sides' changes of a text; None if they clash."""
    done = _merge_file(folder, ours, base, theirs)
    return None if done.code else done.out


def conflict_text(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> bytes:
    """Both sides' changes of a text, with conflict markers where they clash."""
    return _merge_file(folder, ours, base, theirs).out


def _merge_file(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> Ended:
    with temporary_folder() as place:
        paths = [Path(place) / name for name in ("ours", "base", "theirs")]
        for path, content in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(content)
        return ended(folder, "merge-file", "-p", "--diff3", *map(str, paths))
