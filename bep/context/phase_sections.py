"""The sections that belong to a phase for which the plan links no sub-document.

Guide: Receiving Implementation Tasks. In a proposal in one file they are the sections that the plan
links or names, and those that name the phase. If the plan links nothing, sections of all documents
that share its terms are added, marked as such (`shared_terms`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ..guide import Guide
from ..markdown import links
from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from ..markdown.section_tree import Section
from ..proposal import template_text
from ..proposal.document import Document, Role
from ..proposal.implementation_plan import Phase
from . import lookup, named_terms, phase_documents, shared_terms
from .excerpts import (
    ESSENTIAL,
    SMALL,
    Piece,
    Proposal,
    Spans,
    divided,
    heading_of,
    spans_of,
    whole,
)
from .named_terms import Known
from .shared_terms import Part, Shared

_SHORTEST_HEADING = 6
# Sections of a higher level are compared by their subsections.
_COMPARED_LEVEL = 3
# What is given for its terms alone has at most about 3,000 tokens.
_ROOM = 12_000
_LISTED = 8


class Found(NamedTuple):
    """The pieces of a phase, the most important first, and remarks on them."""

    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]


class _Candidate(NamedTuple):
    """A section, or a whole sub-document, that may share terms with a phase."""

    document: Document
    start: int
    end: int
    heading: str
    part: Part

    @property
    def length(self) -> int:
        """The number of its characters."""
        return self.end - self.start

    @property
    def name(self) -> str:
        """What it is called in a remark."""
        file = self.document.names[-1]
        if not self.heading:
            return file
        shown = visible(self.heading)
        return f"{shown} ({file})" if self.document.role is Role.SUB else shown


def find(proposal: Proposal, phase: Phase) -> Found:
    """The sections of a phase, and whole sub-documents that share its terms."""
    document = proposal.main
    anchors = {
        links.fragment(link.destination).casefold()
        for link in document.links
        if phase.start <= link.start < phase.end and link.destination.startswith("#")
    }
    sure = [] if proposal.subs else _named(proposal, phase, anchors)
    others = [one for one in sure if not one.start <= phase.start < one.end]
    # Without a plan, the phase itself is one of these sections, as long as a design.
    is_named_by_headings = 0 < len(others) < len(sure)
    if sure and (anchors or is_named_by_headings):
        return Found(tuple(sure), ())
    text = document.source[phase.start : phase.end]
    shared, left = _sharing(proposal, text, f"phase {phase.label}", sure)
    notes = _notes(proposal, phase, shared, left) if shared or not sure else ()
    return Found((*sure, *shared), tuple(notes))


def _notes(
    proposal: Proposal, phase: Phase, given: Sequence[Piece], left: Sequence[str]
) -> Iterator[str]:
    """What a reader has to know of pieces that are `given` only because they share terms.

    `left` are the names of what shares terms too, and is not given.
    """
    listed = ", ".join(left[:_LISTED])
    if given:
        others = f" These share some too: {listed}." if left else ""
        yield (
            f"The plan links nothing for {phase.title}. The parts that share its terms are given;"
            f" there may be others.{others}"
        )
        return
    nothing = (
        "Nothing links a sub-document to" if proposal.subs else "The plan names no section for"
    )
    end = "scopes" if proposal.subs else "headings"
    choose = f"These share words with it: {listed}." if left else f"Choose by the {end} at the end."
    yield f"{nothing} {phase.title}: its text is in the plan below. {choose}"


def _named(proposal: Proposal, phase: Phase, anchors: Collection[str]) -> list[Piece]:
    """The sections of a proposal in one file that its plan, or their heading, gives to a phase."""
    document = proposal.main
    words = " ".join(visible(document.source[phase.start : phase.end]).casefold().split())
    found: list[Piece] = []
    taken = Spans(spans_of(proposal, (*ESSENTIAL, *SMALL)))
    for section in document.root.below():
        if section.heading is None or section.heading == document.title:
            continue
        if taken.overlap(section.start, section.end):
            continue
        heading = section.heading.text
        if (
            phase.label.casefold() in phase_documents.labels_in(heading)
            or lookup.anchor(heading) in anchors
            or _is_in(document.guide, normalise(visible(heading)), words)
        ):
            reason = f"it belongs to phase {phase.label}"
            found.append(divided(document, reason, section.start, section.end, heading))
            taken.add(section.start, section.end)
    return [one for one in found if one.text]


def _is_in(guide: Guide, name: str, words: str) -> bool:
    """Whether a text names a section; one short word may mean anything."""
    if len(name) < _SHORTEST_HEADING or (" " not in name and guide.main_names.family(name)):
        return False
    return lookup.holds_words(words, name)


# --- Shared terms -------------------------------------------------------------------------------


def sharing_with_code(proposal: Proposal, code: str) -> Found:
    """The parts that share terms with the texts of files."""
    known = Known([code])
    sources = [one.source for one in (proposal.main, *proposal.subs.values())]
    terms = sorted(filter(known.holds, named_terms.terms("\n".join(sources))))
    text = "\n".join(f"`{term}`" for term in terms)
    found, left = _sharing(proposal, text, "the code", ())
    given = "The parts that share terms with the code are given; there may be others."
    if not found:
        given = "No part shares many terms with the code: choose from the list at the end."
    others = f" These share some{' too' if found else ''}: {', '.join(left[:_LISTED])}."
    return Found(tuple(found), (f"{given}{others if left else ''}",))


def _sharing(
    proposal: Proposal, text: str, what: str, sure: Sequence[Piece]
) -> tuple[list[Piece], list[str]]:
    """What shares terms with a text as far as there is room, and the names of what else does.

    `what` the text is, its reason says.
    """
    taken = {one.path: Spans(()) for one in (proposal.main, *proposal.subs.values())}
    room = _ROOM
    for piece in sure:
        taken[piece.path].add(piece.start, piece.end)
    found, left = [], []
    candidates = [*_candidates(proposal)]
    ranked = shared_terms.ranked(text, [one.part for one in candidates])
    # Documents come last: a section costs less.
    for shared in sorted(ranked, key=lambda one: not candidates[one.place].heading):
        one = candidates[shared.place]
        spans = taken[one.document.path]
        is_taken = spans.overlap(one.start, one.end)
        if shared.is_good and not is_taken and one.length <= room:
            found.append(_piece(proposal, one, _reason(what, shared, one)))
            spans.add(one.start, one.end)
            room -= one.length
        elif not is_taken or not one.heading:
            left.append(one.name)
    return found, list(dict.fromkeys(left))


def _reason(what: str, shared: Shared, one: _Candidate) -> str:
    terms = ", ".join(f"`{term}`" for term in shared.terms)
    words = f"words of its {'heading' if one.heading else 'title'}"
    return f"shares {terms or words} with {what}"


def _piece(proposal: Proposal, one: _Candidate, reason: str) -> Piece:
    if one.heading:
        return divided(one.document, reason, one.start, one.end, one.heading)
    return whole(one.document, reason, proposal.scopes[one.document.names[-1]])


def _candidates(proposal: Proposal) -> Iterator[_Candidate]:
    """The sections of the main document, the sub-documents, and their sections."""
    main = proposal.main
    taken = Spans(spans_of(proposal, (*ESSENTIAL, *SMALL)))
    for section, end in _compared(main.root):
        if section.heading == main.title or taken.overlap(section.start, end):
            continue
        if template_text.has_content(main, main.blocks_between(section.text_start, end)):
            yield _candidate(main, section.start, end, heading_of(section))
    for sub in proposal.subs.values():
        if sub.problem:
            continue
        title = sub.bare_title or sub.names[-1].removesuffix(".md")
        beginning = Part(title, sub.source[: sub.sections_start], is_document=True)
        yield _Candidate(sub, 0, len(sub.source), "", beginning)
        for top in sub.top_sections:
            yield _candidate(sub, top.start, top.end, top.heading.text)


def _candidate(document: Document, start: int, end: int, heading: str) -> _Candidate:
    return _Candidate(document, start, end, heading, Part(heading, document.source[start:end]))


def _compared(section: Section) -> Iterator[tuple[Section, int]]:
    """The sections that are compared, with the end of what is: of some only their own text."""
    for child in section.children:
        is_divided = child.children and child.level < _COMPARED_LEVEL
        yield child, child.own_end if is_divided else child.end
        if is_divided:
            yield from _compared(child)
