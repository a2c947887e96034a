"""The parts of a proposal that a task names (guide: Receiving Implementation Tasks).

The most important ones come first; a budget leaves out the last ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import blocks, links
from ..markdown.plain_text import visible
from ..proposal import document_index
from ..proposal.document import Document
from ..proposal.implementation_plan import Phase
from . import lookup, phase_documents
from .excerpts import (
    ESSENTIAL,
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

# The design first; other sections of the guide follow in its order.
_DESIGN = ("proposed-design", "migration", "current-design")
_SMALL = ("related-issues", "references", document_index.SECTION)
_SHORTEST_HEADING = 6


def chosen(
    proposal: Proposal, phase: Phase | None, wish: Wish
) -> tuple[tuple[Piece, ...], list[str]]:
    """The pieces that a task asks for, the most important first, and remarks on them.

    Raises BepError for a document or section that does not exist or cannot be read.
    """
    if not wish and not proposal.subs:
        return tuple(_design(proposal)), []
    found: list[Piece] = []
    reasons: dict[str, str] = {}
    file = lookup.document(proposal.main, proposal.subs, wish.document) if wish.document else ""
    if file:
        reasons[file] = "asked for"
    if file and not wish.section:
        reasons = phase_documents.with_dependencies(proposal.subs, reasons)
    of_phase: Collection[object] = ()
    if phase and proposal.subs:
        of_phase = phase_documents.to_phase(proposal.main, proposal.mentions, proposal.subs, phase)
        reasons = reasons | of_phase | reasons
    elif phase:
        of_phase = found = _parts_of_phase(proposal, phase)
    _refuse_unreadable(proposal.subs[name] for name in reasons)
    if wish.section:
        found = [*found, *_named_section(proposal, file, wish.section)]
        # Of that document a part was asked for.
        reasons.pop(file, None)
    found += [
        whole(proposal.subs[name], why, proposal.scopes[name]) for name, why in reasons.items()
    ]
    return tuple(found), [_nothing_named(proposal, phase)] if phase and not of_phase else []


def _refuse_unreadable(subs: Iterable[Document]) -> None:
    """Raise BepError if a requested document cannot be read."""
    for sub in subs:
        if sub.problem:
            raise BepError(sub.problem, path=sub.path, code=WRONG_DOCUMENTS)


def _nothing_named(proposal: Proposal, phase: Phase) -> str:
    if proposal.subs:
        return (
            f"Nothing links a sub-document to {phase.title}: its text is in the plan below."
            " Choose by the scopes at the end."
        )
    return (
        f"The plan names no section for {phase.title}: its text is in the plan below."
        " Choose by the headings at the end."
    )


def _named_section(proposal: Proposal, file: str, wanted: str) -> list[Piece]:
    """The requested section of the main document, or of the sub-document `file`."""
    document = proposal.subs[file] if file else proposal.main
    found = lookup.sections(document, wanted)
    given = Holders(spans_of(proposal, ESSENTIAL) if document is proposal.main else [])
    return [
        divided(document, "asked for", section.start, section.end, heading_of(section))
        for section in found
        if not given.hold(section.start, section.end)
    ]


def _design(proposal: Proposal) -> list[Piece]:
    """The design of a proposal in one file: the guide's sections first, then the author's own."""
    document = proposal.main
    guides = [
        (section.start, section.end, heading_of(section), document.heading_of(family))
        for family in dict.fromkeys((*_DESIGN, *document.guide.order))
        if family not in (*ESSENTIAL, *_SMALL)
        for section in document.all(family)
    ]
    own = [
        (section.start, section.end, section.heading.text, "a section of the author's own")
        for section in document.top_sections
        if section.family is None
    ]
    found: list[Piece] = []
    taken = Spans(spans_of(proposal, (*ESSENTIAL, *_SMALL)))
    for start, end, heading, reason in (*guides, *own):
        # A section for another one of the guide may contain it, or be part of it.
        if not taken.overlap(start, end):
            found.append(divided(document, reason, start, end, heading))
            taken.add(start, end)
    return found


def _parts_of_phase(proposal: Proposal, phase: Phase) -> list[Piece]:
    """The sections of a proposal in one file that its plan, or their heading, gives to a phase."""
    document = proposal.main
    text = document.source[phase.start : phase.end]
    words = " ".join(visible(text).casefold().split())
    anchors = {
        links.fragment(link.destination).casefold()
        for link in document.links
        if phase.start <= link.start < phase.end and link.destination.startswith("#")
    }
    found: list[Piece] = []
    taken = Spans(spans_of(proposal, (*ESSENTIAL, *_SMALL)))
    for section in document.root.below():
        if section.heading is None or section.heading is document.title:
            continue
        if taken.overlap(section.start, section.end):
            continue
        heading = section.heading.text
        if (
            phase.label.casefold() in phase_documents.labels_in(heading)
            or lookup.anchor(heading) in anchors
            or _is_in(document.guide, blocks.normalise(visible(heading)), words)
        ):
            reason = f"it belongs to phase {phase.label}"
            found.append(divided(document, reason, section.start, section.end, heading))
            taken.add(section.start, section.end)
    return found


def _is_in(guide: Guide, name: str, words: str) -> bool:
    """Whether a text names a section; one short word may mean anything."""
    if len(name) < _SHORTEST_HEADING or (" " not in name and guide.main_names.family(name)):
        return False
    return lookup.holds_words(words, name)
