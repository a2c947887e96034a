"""The edits that correct derived text, for the rules that find it; `sync` makes the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from ...markdown.edits import Splice
from ...proposal import derived_text, recorded_sub_documents, registry_table
from ...proposal.derived_text import Part
from ...proposal.registry_table import Row
from .snapshot import Proposal, Snapshot


def row_edits(snapshot: Snapshot, row: Row, proposal: Proposal, column: str) -> tuple[Splice, ...]:
    """Return the edits after which a column of a registry row agrees with its document.

    Return none if several rows have the number.
    """
    registry, main = snapshot.registry, proposal.main
    if registry is None or len(snapshot.rows.get(proposal.number, [])) != 1:
        return ()
    cells = derived_text.derived_cells(registry, row, main)
    wanted = {name: cell for name, cell in cells.items() if name == column}
    return tuple(registry_table.cell_splices(registry, row, wanted))


def edits_of(proposal: Proposal, part: Part) -> tuple[Splice, ...]:
    """Return the edits after which a derived part of a main document agrees with its sources."""
    return tuple(sorted(chain.from_iterable(edits_by_line(proposal, part).values())))


def edits_by_line(proposal: Proposal, part: Part) -> Mapping[int, tuple[Splice, ...]]:
    """Return the same edits by the line that is wrong."""
    main = proposal.main
    described = {
        document.names[-1]: derived_text.description(document, document.names[-1])
        for document in proposal.parts
    }
    recorded = recorded_sub_documents.read(proposal.guide, proposal.answers)
    wrong = derived_text.of_main_document(main, described, recorded)
    return {one.line: one.splices for one in wrong if one.part is part}
