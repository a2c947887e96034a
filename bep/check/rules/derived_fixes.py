"""The edits that mend derived text, for the rules that find it; `sync` makes the same ones."""

from __future__ import annotations

from collections.abc import Mapping

from ...markdown.edits import Splice
from ...proposal import (
    derived_text,
    recorded_sub_documents,
    registry_table,
)
from ...proposal.derived_text import Part
from ...proposal.registry_table import Row
from .snapshot import Proposal, Snapshot


def row_edits(snapshot: Snapshot, row: Row, proposal: Proposal, column: str) -> tuple[Splice, ...]:
    """The edits after which a column of a registry row says what its document says.

    None where two rows hold the number.
    """
    page, main = snapshot.registry, proposal.main
    if page is None or len(snapshot.rows.get(proposal.number, [])) != 1:
        return ()
    cells = derived_text.derived_cells(page, row, proposal.number, main.path, main)
    wanted = {name: cell for name, cell in cells.items() if name == column}
    return tuple(registry_table.cell_splices(page, row, wanted))


def edits_of(proposal: Proposal, part: Part) -> tuple[Splice, ...]:
    """The edits after which a part of a main document says what its sources say."""
    return tuple(sorted(edit for edits in edits_by_line(proposal, part).values() for edit in edits))


def edits_by_line(proposal: Proposal, part: Part) -> Mapping[int, tuple[Splice, ...]]:
    """The same edits, by the line of what is wrong."""
    main = proposal.main
    described = {
        page.names[-1]: derived_text.description(page, page.names[-1]) for page in proposal.parts
    }
    return {
        one.line: one.splices
        for one in derived_text.of_main_document(
            main.path, main, described, recorded_sub_documents.read(proposal.answers)
        )
        if one.part is part
    }
