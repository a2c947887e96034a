"""What an update does to a repository's files, once it is decided."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BepError
from ..markdown import edits as splices
from ..proposal import registry_table
from ..system import file_transaction, git
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from .proposal_update import CarriedFile


def write(repository: Repository, carried: Sequence[CarriedFile]) -> None:
    """Write what becomes of a proposal's files, all or nothing.

    Raises BepError where a file cannot be written.
    """
    root = repository.root
    changes = [
        Change(root / one.path, one.content)
        for one in carried
        if one.content is not None and content(repository, one.path) != one.content
    ]
    gone = [root / one.before for one in carried if one.before and one.content is None]
    gone += [root / one.before for one in carried if one.before not in ("", one.path)]
    changes += _relinked(repository, carried)
    removals = [path for path in dict.fromkeys(gone) if repository.tree.has(path)]
    if changes or removals:
        file_transaction.write(repository.tree, changes, removals=removals)


def _relinked(repository: Repository, carried: Sequence[CarriedFile]) -> list[Change]:
    """The registry page whose row leads to a main document that moves, as far as it can be read."""
    moved = {
        one.before.rpartition("/")[2]: one.path.rpartition("/")[2]
        for one in carried
        if one.before not in ("", one.path) and one.content is not None
    }
    if not moved:
        return []
    try:
        page = repository.read_registry()
    except BepError:
        return []
    edits = [
        edit
        for row in page.rows
        if row.number is not None and row.link in moved
        for edit in registry_table.cell_splices(
            page, row, {"Number": registry_table.number_cell(row.number, moved[row.link])}
        )
    ]
    text = splices.applied(page.source, edits)
    return [Change(repository.registry_page, encode(text))] if edits else []


def content(repository: Repository, path: str) -> bytes | None:
    """The content of a file at a path from the root, None where there is none."""
    try:
        return repository.tree.read(repository.root / path)
    except FileNotFoundError:
        return None


def refuse_unmerged(repository: Repository) -> None:
    """Raise BepError where a merge is not finished."""
    unmerged = sorted(git.unmerged(repository.root))
    if unmerged:
        raise BepError("is in conflict", "finish the merge first", unmerged[0])
