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
from ..markdown import links, list_items
from ..markdown.blocks import Block, Kind, Section, Table
from ..markdown.inline import visible
from ..proposal import (
    context_block,
    guide,
    key_values,
    main_document,
    metadata,
    open_questions as questions,
    outline,
    sub_documents,
)
from ..proposal.main_document import MainDocument
from ..proposal.page import Page
from . import (
    briefing_selection,
    lookup,
    phase_documents,
    touched_questions,
)
from .excerpts import (
    ESSENTIAL,
    Holders,
    Left,
    Piece,
    Proposal,
    Wish,
    has_content,
    heading_of,
    piece,
    sections_of,
    spans_of,
)
from .phase_documents import Phase
from .touched_questions import Target

_LONGEST_SCOPE = 400
# Why a piece is given that is no section.
METADATA = "Metadata"
CONTEXT_BLOCK = "Context block"


class Entry(NamedTuple):
    """A decision or an open question as it stands in the main document."""

    text: str
    start: int
    line: int
    touches: bool = False


class Briefing(NamedTuple):
    """A proposal for a task.

    `essentials` come always, `pieces` in the order of their importance; `left` is what the task
    does not name.
    """

    number: int
    title: str
    status: str
    superseded_by: str
    main: Page
    context: dict[str, Any] | None
    decisions: tuple[Entry, ...]
    questions: tuple[Entry, ...]
    phase: Phase | None
    wish: Wish
    essentials: tuple[Piece, ...]
    pieces: tuple[Piece, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]


def brief(page: Page, subs: Mapping[str, Page], wish: Wish) -> Briefing:
    """What to read of the proposal with this main document for a task.

    `subs` are its sub-documents by file name; those that cannot be read have a `problem`. Raises
    BepError for a phase, document or section that there is not, and for one that cannot be read.
    """
    number = names.number_of_document(page.names[-1]) or 0
    main = main_document.of_document(page.document, page.names[-1], subs.keys())
    asked = questions.find(page.outline)
    proposal = Proposal(page, main, page.outline, subs, _scopes(main, subs), asked)
    phase = lookup.phase(page, phase_documents.phases(main), wish.phase) if wish.phase else None
    chosen, notes = briefing_selection.chosen(proposal, phase, wish)
    target = _target(proposal, phase, chosen)
    entries = page.document.metadata
    heading = page.title.text if page.title else ""
    slug = page.names[-1].removesuffix(".md").split("-", 2)[-1]
    return Briefing(
        number,
        names.title_in(visible(heading), number) or names.document_title(slug),
        entries.value("Status"),
        entries.value(metadata.SUPERSEDED_BY),
        page,
        _context(main),
        tuple(_decisions(proposal)),
        _questions(proposal, target if wish else None),
        phase,
        wish,
        tuple(_essentials(proposal)),
        chosen,
        _left(proposal, chosen),
        (*_notes(proposal), *notes),
    )


# --- Essentials ---------------------------------------------------------------------------------


def _context(main: MainDocument) -> dict[str, Any] | None:
    """The keys of the context block as plain values, None without a context block."""
    found = {item.key: key_values.meaning(item.value) for item in main.context.items}
    return found or None


def _essentials(proposal: Proposal) -> Iterator[Piece]:
    page = proposal.page
    if page.front_matter:
        yield piece(page, METADATA, page.front_matter.start, page.front_matter.end)
    if block := page.document.context_block:
        yield piece(page, CONTEXT_BLOCK, block.start, block.end)
    lead = _lead(proposal)
    if lead:
        yield lead
    for name in ESSENTIAL:
        for section in _filled(proposal, name):
            yield piece(page, name, section.start, section.end, heading_of(section))


def _filled(proposal: Proposal, name: str) -> list[Section]:
    """The sections for the guide's section `name` that hold more than headings and guidance.

    A heading that asks is an open question, and more; so is one that decides.
    """
    document = proposal.page.document
    entries = [one.start for one in proposal.asked]
    entries += [one.start for one in _decisions(proposal)]
    entries.sort()
    return [
        section
        for section in sections_of(proposal.outline, name)
        if has_content(outline.blocks_between(document, section.start, section.end))
        or bisect_left(entries, section.start) < bisect_left(entries, section.end)
    ]


def _lead(proposal: Proposal) -> Piece | None:
    """What stands between the title and the first section, None where nothing does."""
    page = proposal.page
    title = page.title
    if title is None or (page.sections and page.sections[0].heading.start < title.start):
        return None
    end = page.sections[0].heading.start if page.sections else len(page.source)
    between = outline.blocks_between(page.document, title.end, end)
    if not has_content(between):
        return None
    return piece(page, "Introduction", between[0].start, end)


def _decisions(proposal: Proposal) -> Iterator[Entry]:
    """The rows of the Decision Log; without a table, its subsections, items or paragraphs."""
    page, document = proposal.page, proposal.main.document
    for section in sections_of(proposal.outline, guide.DECISION_LOG):
        inner = outline.blocks_between(document, section.start + 1, section.end)
        tables = [block for block in inner if isinstance(block, Table)]
        if tables:
            spans = [(row.start, row.end) for table in tables for row in table.rows]
        elif section.children:
            spans = [(child.start, child.end) for child in section.children]
        else:
            spans = [
                span
                for block in inner
                if block.kind is not Kind.COMMENT
                for span in _items(page.source, block)
            ]
        for start, end in spans:
            yield Entry(page.source[start:end].rstrip("\r\n"), start, page.line(start))


def _items(source: str, block: Block) -> list[tuple[int, int]]:
    """The spans of a list's items, of any other block its own."""
    if block.kind is Kind.LIST:
        return [(item.start, item.end) for item in list_items.items(source, block)]
    return [(block.start, block.end)]


def _questions(proposal: Proposal, target: Target | None) -> tuple[Entry, ...]:
    """The open questions, those first that touch the target."""
    found = []
    for question in proposal.asked:
        text = proposal.source[question.start : question.end]
        touches = target is not None and touched_questions.touches(text, target)
        found.append(Entry(text.rstrip("\r\n"), question.start, question.line, touches))
    return tuple(sorted(found, key=lambda entry: not entry.touches))


def _target(proposal: Proposal, phase: Phase | None, chosen: Sequence[Piece]) -> Target:
    names_of = [phase.name] if phase else []
    for one in chosen:
        sub = proposal.subs.get(one.path.rpartition("/")[2])
        if one.path == proposal.page.path or sub is None:
            names_of.append(one.heading)
            continue
        file = one.path.rpartition("/")[2]
        stem = file.removesuffix(".md")
        names_of += [file, stem, stem.replace("-", " "), one.heading]
        names_of += [sub.title.text if sub.title else "", proposal.scopes.get(file, "")]
    texts = [one.text for one in chosen]
    if phase:
        texts.append(proposal.source[phase.step.start : phase.step.end])
    return touched_questions.target(
        phase.label if phase else "", tuple(filter(None, names_of)), "\n".join(texts)
    )


# --- What is left -------------------------------------------------------------------------------


def _scopes(main: MainDocument, subs: Mapping[str, Page]) -> dict[str, str]:
    """What a reader finds in each sub-document: context block, index, title, in this order."""
    described = sub_documents.descriptions(main)
    found = {}
    for file, sub in subs.items():
        context = context_block.of_document(sub.source, sub.blocks)
        title = visible(sub.title.text) if sub.title else ""
        found[file] = (
            sub.problem or sub_documents.scope(context) or described.get(file, "") or title
        )
    return found


def _left(proposal: Proposal, chosen: Sequence[Piece]) -> tuple[Left, ...]:
    """The sub-documents and sections that are not given."""
    page = proposal.page
    whole = {one.path for one in chosen if not one.heading}
    found = [
        Left(sub.path, sub.line_count, proposal.scopes[file])
        for file, sub in _in_order(proposal)
        if sub.path not in whole
    ]
    given = Holders((one.line, one.last_line) for one in chosen if one.path == page.path)
    essential = Holders(spans_of(proposal, ESSENTIAL))
    starts = [one.start for one in page.headings]
    for section in page.sections:
        start, end = section.heading.start, section.end
        first = page.line(start)
        last = piece(page, "", start, end).last_line
        if section.guide == guide.DOCUMENT_INDEX and proposal.subs:
            continue
        if essential.hold(start, end) or given.hold(first, last):
            continue
        below = page.headings[bisect_right(starts, start) : bisect_left(starts, end)]
        inner = [one.text for one in below if one.level == 3]
        scope = _shortened(", ".join(map(visible, inner)))
        found.append(Left(page.path, last - first + 1, scope, section.heading.text))
    return tuple(found)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SCOPE else f"{text[:_LONGEST_SCOPE].rstrip()}…"


def _in_order(proposal: Proposal) -> list[tuple[str, Page]]:
    """The sub-documents in the order in which the main document names them."""
    named = dict.fromkeys(file for _, file in proposal.main.mentions)
    return [(file, proposal.subs[file]) for file in dict.fromkeys([*named, *proposal.subs])]


def _notes(proposal: Proposal) -> Iterator[str]:
    page = proposal.page
    lacking = [name for name in ESSENTIAL if not _filled(proposal, name)]
    if page.is_empty:
        yield f"{page.path} is empty."
        return
    if lacking:
        yield f"Missing or empty in the main document: {', '.join(lacking)}."
    folder = names.proposal_name(names.number_of_document(page.names[-1]) or 0)
    if f"{folder}/" not in page.source:
        return
    dead: dict[str, int] = {}
    for link in page.links:
        path = links.resolved(link.destination, page.names) or ()
        below = path[len(page.names) - 1 :]
        is_document = len(below) == 2 and below[0] == folder and below[1].endswith(".md")
        if is_document and below[1] not in proposal.subs:
            dead.setdefault(below[1], page.line(link.start))
    for file, line in dead.items():
        yield f"{page.path}:{line} links {file}, which does not exist."
