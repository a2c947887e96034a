"""What an update does to a repository's files, once it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import BepError
from ..outside import files, git
from ..outside.files import Change
from ..outside.repository import Repository
from .carrying import CarriedFile


def write(repository: Repository, carried: Sequence[CarriedFile]) -> None:
    """Write what becomes of a proposal's files, all or nothing.

    Raises BepError where a file cannot be written.
    """
    root = repository.root
    changes = [
        Change(root / one.path, one.content)
        for one in carried
        if one.content is not None and content(root / one.path) != one.content
    ]
    gone = [root / one.before for one in carried if one.before and one.content is None]
    gone += [root / one.before for one in carried if one.before not in ("", one.path)]
    removals = [path for path in dict.fromkeys(gone) if path.exists()]
    if changes or removals:
        files.write(repository.git_directory, root, changes, removals=removals)


def content(path: Path) -> bytes | None:
    """The content of a file, None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def refuse_unmerged(repository: Repository) -> None:
    """Raise BepError where a merge is not finished."""
    unmerged = sorted(git.unmerged(repository.root))
    if unmerged:
        raise BepError("is in conflict", "finish the merge first", unmerged[0])
