"""What an agent has to read of a proposal for a task, and no more.

Guide: AI Agent Working Pattern. The essentials (metadata, context block, motivation, Decision Log,
open questions, plan) are always a part of it; of the rest, what the task names. Every text is a
slice of its document.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .. import names
from ..markdown import links
from ..markdown.plain_text import visible
from ..markdown.section_tree import Section
from ..proposal import (
    decision_log,
    document_index,
    implementation_plan,
    key_values,
    lifecycle,
    open_questions,
    sub_documents,
    template_text,
)
from ..proposal.document import Document
from ..proposal.implementation_plan import Phase
from ..proposal.sub_documents import Mentions
from . import (
    briefing_selection,
    lookup,
    touched_questions,
)
from .excerpts import (
    ESSENTIAL,
    MOTIVATION,
    Holders,
    Left,
    Piece,
    Proposal,
    Wish,
    heading_of,
    piece,
)
from .named_terms import Known
from .touched_questions import Target

_LONGEST_SCOPE = 400
# The reasons for pieces that are not sections.
METADATA = "Metadata"
CONTEXT_BLOCK = "Context block"


class Entry(NamedTuple):
    """A decision or an open question as written in the main document."""

    text: str
    start: int
    line: int
    touches: bool = False


class Briefing(NamedTuple):
    """A proposal for a task.

    `essentials` come always, `pieces` in the order of their importance; `left` is what the task
    does not name. `whole` is the text of a proposal in one file.
    """

    number: int
    title: str
    status: str
    superseded_by: str
    main: Document
    context: dict[str, Any] | None
    decisions: tuple[Entry, ...]
    questions: tuple[Entry, ...]
    phase: Phase | None
    wish: Wish
    essentials: tuple[Piece, ...]
    pieces: tuple[Piece, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]
    whole: str = ""

    @property
    def is_unwritten(self) -> bool:
        """Whether it contains only the template's text and answers to the questionnaire."""
        # Without sections, that is obvious.
        has_sections = len(self.main.top_sections) > 1
        return has_sections and not self.questions and template_text.is_unwritten(self.main)


def brief(main: Document, subs: Mapping[str, Document], wish: Wish) -> Briefing:
    """What to read of the proposal with this main document for a task.

    `subs` are its sub-documents by file name; those that cannot be read have a `problem`. Raises
    BepError for a phase, document or section that does not exist or cannot be read.
    """
    named_in = sub_documents.mentions(main, subs.keys())
    asked = open_questions.find(main)
    proposal = Proposal(main, named_in, subs, _scopes(main, named_in, subs), asked)
    phases = implementation_plan.phases(main) if wish.phase else ()
    phase = lookup.phase(main, phases, wish.phase) if wish.phase else None
    chosen, notes = briefing_selection.chosen(proposal, phase, wish)
    essentials = tuple(_essentials(proposal, wish, chosen))
    target = _target(proposal, phase, chosen)
    return Briefing(
        number=main.number,
        title=main.shown_title,
        status=main.written_status,
        superseded_by=main.metadata.value(lifecycle.SUPERSEDED_BY),
        main=main,
        context=_context(main),
        decisions=tuple(decisions(main)),
        questions=_questions(main, target if wish else None, wish.code),
        phase=phase,
        wish=wish,
        essentials=essentials,
        pieces=chosen,
        left=_left(proposal, (*essentials, *chosen)),
        notes=(*_notes(proposal), *notes),
        whole="" if subs else piece(main, "", 0, len(main.source)).text,
    )


# --- Essentials ---------------------------------------------------------------------------------


def _context(main: Document) -> dict[str, Any] | None:
    """The keys of the context block as plain values, None without a context block."""
    found = {item.key: key_values.meaning(item.value) for item in main.context_lines.items}
    return found or None


def _essentials(proposal: Proposal, wish: Wish, chosen: Sequence[Piece]) -> Iterator[Piece]:
    """The parts that are always given; for a task, only the beginning of the motivation."""
    document = proposal.main
    if document.front_matter:
        yield piece(document, METADATA, document.front_matter.start, document.front_matter.end)
    if context := document.context:
        yield piece(document, CONTEXT_BLOCK, context.block.start, context.block.end)
    lead = _lead(proposal)
    if lead:
        yield lead
    for family in ESSENTIAL:
        why = document.heading_of(family)
        for section in _filled(proposal, family):
            is_cut = wish and family == MOTIVATION
            end = _end_of_beginning(document, section) if is_cut else section.end
            if not any(one.path == document.path and one.start == section.start for one in chosen):
                yield piece(document, why, section.start, end, heading_of(section))


def _end_of_beginning(document: Document, section: Section) -> int:
    """The end of the first block of a section that has content."""
    below = document.blocks_between(section.text_start, section.end)
    first = (one.end for one in below if template_text.has_content(document, [one]))
    return next(first, section.end)


def _filled(proposal: Proposal, name: str) -> list[Section]:
    """The sections for the guide's section `name` that hold more than headings and guidance.

    A heading that asks is an open question, and counts as more; so does one that decides.
    """
    main = proposal.main
    entries = [one.start for one in proposal.asked]
    entries += [one.start for one in decisions(proposal.main)]
    entries.sort()
    return [
        section
        for section in main.all(name)
        if template_text.has_content(main, main.blocks_between(section.text_start, section.end))
        or bisect_left(entries, section.start) < bisect_left(entries, section.end)
    ]


def _lead(proposal: Proposal) -> Piece | None:
    """The text between the title and the first section, None if there is none."""
    document = proposal.main
    end = document.sections_start
    if document.title is None or end < document.title.start:
        return None
    between = document.lead_blocks
    if not template_text.has_content(document, between):
        return None
    return piece(document, "Introduction", between[0].start, end)


def decisions(main: Document) -> Iterator[Entry]:
    """The decisions in a main document."""
    for start, end in decision_log.spans(main):
        yield Entry(main.source[start:end].rstrip("\r\n"), start, main.line(start))


def questions(main: Document) -> Iterator[Entry]:
    """The open questions in a main document."""
    for one in open_questions.find(main):
        yield Entry(main.source[one.start : one.end].rstrip("\r\n"), one.start, one.line)


def _questions(main: Document, target: Target | None, code: str) -> tuple[Entry, ...]:
    """The open questions; those that touch the target, or name a term of the code, come first."""
    known = Known([code])
    found = [
        one._replace(
            touches=known.named_in(one.text)
            or (target is not None and touched_questions.touches(one.text, target))
        )
        for one in questions(main)
    ]
    return tuple(sorted(found, key=lambda entry: not entry.touches))


def _target(proposal: Proposal, phase: Phase | None, chosen: Sequence[Piece]) -> Target:
    names_of = [phase.name] if phase else []
    for one in chosen:
        sub = proposal.subs.get(one.path.rpartition("/")[2])
        if one.path == proposal.main.path or sub is None:
            names_of.append(one.heading)
            continue
        file = one.path.rpartition("/")[2]
        stem = file.removesuffix(".md")
        names_of += [file, stem, stem.replace("-", " "), one.heading]
        names_of += [sub.title_text, proposal.scopes.get(file, "")]
    texts = [one.text for one in chosen]
    if phase:
        texts.append(proposal.main.source[phase.start : phase.end])
    return touched_questions.target(
        phase.label if phase else "", tuple(filter(None, names_of)), "\n".join(texts)
    )


# --- What is left -------------------------------------------------------------------------------


def _scopes(main: Document, named_in: Mentions, subs: Mapping[str, Document]) -> dict[str, str]:
    """What a reader finds in each sub-document: context block, index, title, in this order."""
    described = sub_documents.descriptions(main, named_in)
    found = {}
    for file, sub in subs.items():
        title = visible(sub.title_text)
        found[file] = sub.problem or sub_documents.scope(sub) or described.get(file, "") or title
    return found


def _left(proposal: Proposal, given: Sequence[Piece]) -> tuple[Left, ...]:
    """The sub-documents and sections that are not given."""
    document = proposal.main
    whole = {one.path for one in given if not one.heading}
    found = [
        Left(sub.path, sub.line_count, proposal.scopes[file])
        for file, sub in _in_order(proposal)
        if sub.path not in whole
    ]
    here = Holders((one.line, one.last_line) for one in given if one.path == document.path)
    begun = {one.start for one in given if one.path == document.path}
    starts = [one.start for one in document.headings]
    for section in document.top_sections:
        start, end = section.start, section.end
        first = document.line(start)
        last = piece(document, "", start, end).last_line
        if section.family == document_index.SECTION and proposal.subs:
            continue
        if template_text.is_empty(document, section):
            continue
        if here.hold(first, last):
            continue
        below = document.headings[bisect_right(starts, start) : bisect_left(starts, end)]
        inner = [one.text for one in below if one.level == 3]
        scope = "the rest" if start in begun else _shortened(", ".join(map(visible, inner)))
        found.append(Left(document.path, last - first + 1, scope, section.heading.text))
    return tuple(found)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SCOPE else f"{text[:_LONGEST_SCOPE].rstrip()}…"


def _in_order(proposal: Proposal) -> list[tuple[str, Document]]:
    """The sub-documents in the order in which the main document names them."""
    named = dict.fromkeys(file for _, file in proposal.mentions.places)
    return [(file, proposal.subs[file]) for file in dict.fromkeys([*named, *proposal.subs])]


def _notes(proposal: Proposal) -> Iterator[str]:
    document = proposal.main
    lacking = [
        document.heading_of(family)
        for family in ESSENTIAL
        if family in document.form.sections and not _filled(proposal, family)
    ]
    if document.is_empty:
        yield f"{document.path} is empty."
        return
    if lacking:
        yield f"Missing or empty in the main document: {', '.join(lacking)}."
    folder = names.proposal_name(document.number)
    if f"{folder}/" not in document.source:
        return
    dead: dict[str, int] = {}
    for link in document.links:
        path = links.resolved(link.destination, document.names) or ()
        below = path[len(document.names) - 1 :]
        is_document = len(below) == 2 and below[0] == folder and below[1].endswith(".md")
        if is_document and below[1] not in proposal.subs:
            dead.setdefault(below[1], document.line(link.start))
    for file, line in dead.items():
        yield f"{document.path}:{line} links {file}, which does not exist."
