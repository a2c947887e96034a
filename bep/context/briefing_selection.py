"""The parts of a proposal that a task names (guide: Receiving Implementation Tasks).

The most important ones come first; a budget leaves out the last ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown.plain_text import visible
from ..proposal import lifecycle, template_text
from ..proposal.document import Document
from ..proposal.implementation_plan import Phase
from . import lookup, phase_documents, phase_sections
from .excerpts import (
    ESSENTIAL,
    SMALL,
    WHOLE,
    Holders,
    Piece,
    Proposal,
    Spans,
    Wish,
    divided,
    heading_of,
    spans_of,
    whole,
)
from .phase_sections import Found

# The design first; other sections of the guide follow in its order.
_DESIGN = ("proposed-design", "migration", "current-design")


def chosen(proposal: Proposal, phase: Phase | None, wish: Wish) -> Found:
    """The pieces that a task asks for, the most important first, and remarks on them.

    Raises BepError for a document or section that does not exist or cannot be read.
    """
    if not wish and not proposal.subs:
        given_up = lifecycle.is_given_up(proposal.main)
        return Found(() if given_up else tuple(_design(proposal)), ())
    file = lookup.document(proposal.main, proposal.subs, wish.document) if wish.document else ""
    reasons = {file: "asked for"} if file else {}
    if file and not wish.section:
        reasons = phase_documents.with_dependencies(proposal.subs, reasons)
    found, notes = Found((), ())
    if phase:
        of_phase = phase_documents.to_phase(proposal.main, proposal.mentions, proposal.subs, phase)
        reasons = reasons | of_phase | reasons
        if not of_phase:
            found, notes = phase_sections.find(proposal, phase)
    if wish.code and not (phase or reasons or wish.section):
        found, notes = phase_sections.sharing_with_code(proposal, wish.code)
    _refuse_unreadable(proposal.subs[name] for name in reasons)
    if wish.section:
        named = _named_section(proposal, file, wish.section)
        found += tuple(one for one in named if one.text)
        notes += tuple(_not_written(one) for one in named if not one.text)
        # Of that document a part was asked for.
        reasons.pop(file, None)
    documents = [
        whole(proposal.subs[name], why, proposal.scopes[name]) for name, why in reasons.items()
    ]
    paths = {one.path for one in documents}
    pieces = (*(one for one in found if one.path not in paths), *documents)
    return Found(pieces, (*notes, *_unwritten(proposal, pieces)))


def _unwritten(proposal: Proposal, pieces: Iterable[Piece]) -> Iterator[str]:
    """Remarks on sub-documents that are given and hold nothing yet."""
    for one in pieces:
        sub = proposal.subs.get(one.path.rpartition("/")[2])
        if sub and sub.path == one.path and template_text.is_unwritten(sub):
            yield f"{one.path} is not written yet."


def _not_written(piece: Piece) -> str:
    return f"{piece.path}:{piece.line}: {visible(piece.heading)} is not written yet."


def _refuse_unreadable(subs: Iterable[Document]) -> None:
    """Raise BepError if a requested document cannot be read."""
    for sub in subs:
        if sub.problem:
            raise BepError(sub.problem, path=sub.path, code=WRONG_DOCUMENTS)


def _named_section(proposal: Proposal, file: str, wanted: str) -> list[Piece]:
    """The requested section of the main document, or of the sub-document `file`."""
    document = proposal.subs[file] if file else proposal.main
    found = lookup.sections(document, wanted)
    given = Holders(spans_of(proposal, WHOLE) if document is proposal.main else [])
    pieces = (
        divided(document, "asked for", section.start, section.end, heading_of(section))
        for section in found
    )
    return [one for one in pieces if not (one.text and given.hold(one.start, one.end))]


def _design(proposal: Proposal) -> list[Piece]:
    """The design of a proposal in one file: the guide's sections first, then the author's own."""
    document = proposal.main
    guides = [
        (section.start, section.end, heading_of(section), document.heading_of(family))
        for family in dict.fromkeys((*_DESIGN, *document.guide.order))
        if family not in (*ESSENTIAL, *SMALL)
        for section in document.all(family)
    ]
    own = [
        (section.start, section.end, section.heading.text, "a section of the author's own")
        for section in document.top_sections
        if section.family is None
    ]
    found: list[Piece] = []
    taken = Spans(spans_of(proposal, (*ESSENTIAL, *SMALL)))
    for start, end, heading, reason in (*guides, *own):
        # A section for another one of the guide may contain it, or be part of it.
        if not taken.overlap(start, end):
            found.append(divided(document, reason, start, end, heading))
            taken.add(start, end)
    return [one for one in found if one.text]
