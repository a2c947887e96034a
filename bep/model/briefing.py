"""What an agent has to read of a proposal for a task, and no more.

Guide: AI Agent Working Pattern. The essentials (metadata, context block, motivation, Decision Log,
open questions, plan) are always a part of it; of the rest, what the task names. Every text is a
slice of its document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from . import (
    belonging,
    context_block,
    finding,
    guide,
    keyed,
    links,
    lists,
    main_document,
    markdown,
    metadata,
    names,
    outline as outlines,
    questions,
    sub_documents,
    touching,
)
from .belonging import Phase
from .inline import visible
from .main_document import MainDocument
from .markdown import Block, Kind, Section, Table
from .outline import Outline
from .page import Page
from .touching import Target

_DESIGN = (guide.PROPOSED_DESIGN, guide.MIGRATION, guide.CURRENT_DESIGN)
_ESSENTIAL = (
    guide.MOTIVATION,
    guide.DECISION_LOG,
    guide.OPEN_QUESTIONS,
    guide.IMPLEMENTATION_PLAN,
)
_SMALL = (guide.RELATED_ISSUES, guide.REFERENCES, guide.DOCUMENT_INDEX)
_NO_CONTENT = frozenset([Kind.COMMENT, Kind.BLANK, Kind.HEADING])
_SHORTEST_HEADING = 6
_LONGEST_SCOPE = 400
# Why a piece is given that is no section.
METADATA = "Metadata"
CONTEXT_BLOCK = "Context block"


class Wish(NamedTuple):
    """What a task is about, as the call says it; '' for what it leaves open."""

    phase: str = ""
    document: str = ""
    section: str = ""

    def __bool__(self) -> bool:
        return bool(self.phase or self.document or self.section)


class Piece(NamedTuple):
    """Whole lines of a document, and why they are given.

    `heading` names the section, `scope` says what a reader finds in a document. `children` are
    the pieces into which it can be taken apart where it is too long as a whole.
    """

    path: str
    reason: str
    text: str
    start: int
    line: int
    last_line: int
    heading: str = ""
    scope: str = ""
    children: tuple[Piece, ...] = ()


class Entry(NamedTuple):
    """A decision or an open question as it stands in the main document."""

    text: str
    start: int
    line: int
    touches: bool = False


class Left(NamedTuple):
    """What is not given: a document and what a reader finds there, or a section of one."""

    path: str
    lines: int
    scope: str
    heading: str = ""


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


class _Proposal(NamedTuple):
    """A proposal as it was read; `mains` are the sections of its main document."""

    page: Page
    main: MainDocument
    outline: Outline
    subs: Mapping[str, Page]
    scopes: Mapping[str, str]

    @property
    def source(self) -> str:
        return self.page.source


def brief(page: Page, subs: Mapping[str, Page], wish: Wish) -> Briefing:
    """What to read of the proposal with this main document for a task.

    `subs` are its sub-documents by file name; those that cannot be read have a `problem`. Raises
    BepError for a phase, document or section that there is not, and for one that cannot be read.
    """
    number = names.number_of_document(page.names[-1]) or 0
    main = main_document.of_document(page.document, page.names[-1], subs.keys())
    readable = {file: sub for file, sub in subs.items() if not sub.problem}
    proposal = _Proposal(page, main, outlines.read(page.document), subs, _scopes(main, readable))
    phase = finding.phase(page, belonging.phases(main), wish.phase) if wish.phase else None
    chosen, notes = _chosen(proposal, readable, phase, wish)
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
    found = {item.key: keyed.meaning(item.value) for item in main.context.items}
    return found or None


def _essentials(proposal: _Proposal) -> Iterator[Piece]:
    page = proposal.page
    if page.front_matter:
        yield piece(page, METADATA, page.front_matter.start, page.front_matter.end)
    if block := page.document.context_block:
        yield piece(page, CONTEXT_BLOCK, block.start, block.end)
    lead = _lead(proposal)
    if lead:
        yield lead
    for name in _ESSENTIAL:
        for section in _filled(proposal, name):
            yield piece(page, name, section.start, section.end, _heading(section))


def _filled(proposal: _Proposal, name: str) -> list[Section]:
    """The sections for the guide's section `name` that hold more than headings and guidance."""
    document = proposal.page.document
    return [
        section
        for section in sections_of(proposal.outline, name)
        if has_content(outlines.blocks_between(document, section.start, section.end))
    ]


def has_content(blocks: Iterable[Block]) -> bool:
    """Whether blocks are more than headings, comments and tables without a row."""
    return any(
        block.kind not in _NO_CONTENT and not (isinstance(block, Table) and not block.rows)
        for block in blocks
    )


def _lead(proposal: _Proposal) -> Piece | None:
    """What stands between the title and the first section, None where nothing does."""
    page = proposal.page
    title = page.title
    if title is None or (page.sections and page.sections[0].heading.start < title.start):
        return None
    end = page.sections[0].heading.start if page.sections else len(page.source)
    between = outlines.blocks_between(page.document, title.end, end)
    if not has_content(between):
        return None
    return piece(page, "Introduction", between[0].start, end)


def sections_of(outline: Outline, name: str) -> list[Section]:
    """All sections that stand for the guide's section `name`, from top to bottom."""
    return sorted(outline.sections.get(name, ()), key=lambda section: section.start)


def _heading(section: Section) -> str:
    return section.heading.text if section.heading else ""


def piece(page: Page, reason: str, start: int, end: int, heading: str = "") -> Piece:
    """The span of a document as a piece."""
    text = page.source[start:end]
    content = text.rstrip()
    last = page.line(start + max(len(content) - 1, 0))
    return Piece(page.path, reason, text, start, page.line(start), last, heading)


def _decisions(proposal: _Proposal) -> Iterator[Entry]:
    """The rows of the Decision Log; without a table, its subsections, items or paragraphs."""
    page, document = proposal.page, proposal.main.document
    for section in sections_of(proposal.outline, guide.DECISION_LOG):
        inner = outlines.blocks_between(document, section.start + 1, section.end)
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
        return [(item.start, item.end) for item in lists.items(source, block)]
    return [(block.start, block.end)]


def _questions(proposal: _Proposal, target: Target | None) -> tuple[Entry, ...]:
    """The open questions, those first that touch the target."""
    found = []
    for question in questions.find(proposal.outline):
        text = proposal.source[question.start : question.end]
        touches = target is not None and touching.touches(text, target)
        found.append(Entry(text.rstrip("\r\n"), question.start, question.line, touches))
    return tuple(sorted(found, key=lambda entry: not entry.touches))


def _target(proposal: _Proposal, phase: Phase | None, chosen: Sequence[Piece]) -> Target:
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
    return Target(phase.label if phase else "", tuple(filter(None, names_of)), "\n".join(texts))


# --- What a task names --------------------------------------------------------------------------


def _chosen(
    proposal: _Proposal, readable: Mapping[str, Page], phase: Phase | None, wish: Wish
) -> tuple[tuple[Piece, ...], list[str]]:
    """The pieces that a task asks for, the most important first, and remarks on them."""
    found: list[Piece] = []
    notes: list[str] = []
    reasons: dict[str, str] = {}
    if wish.document:
        reasons = _of_document(proposal, readable, wish)
    if phase:
        if proposal.subs:
            linked = belonging.to_phase(proposal.main, readable, phase)
            reasons = {**linked, **reasons} if not wish.document else {**reasons, **linked}
            named = bool(linked)
        else:
            parts = _parts_of_phase(proposal, phase)
            found += parts
            named = bool(parts)
        if not named:
            notes.append(_nothing_named(proposal, phase))
    if wish.section:
        found += _named_section(proposal, reasons, wish)
        reasons.pop(_file_of(found), None)
    found += [
        _whole(readable[file], reason, proposal.scopes[file]) for file, reason in reasons.items()
    ]
    if not wish and not proposal.subs:
        found = _design(proposal)
    return tuple(found), notes


def _file_of(found: Sequence[Piece]) -> str:
    return found[0].path.rpartition("/")[2] if found else ""


def _nothing_named(proposal: _Proposal, phase: Phase) -> str:
    if proposal.subs:
        return (
            f"Nothing links a sub-document to {phase.title}: its text stands in the plan below."
            " Choose by the scopes at the end."
        )
    return (
        f"The plan names no section for {phase.title}: its text stands in the plan below."
        " Choose by the headings at the end."
    )


def _of_document(proposal: _Proposal, readable: Mapping[str, Page], wish: Wish) -> dict[str, str]:
    file = finding.document(proposal.page, proposal.subs, wish.document)
    if problem := proposal.subs[file].problem:
        raise BepError(problem, path=proposal.subs[file].path, code=WRONG_DOCUMENTS)
    chosen = {file: "asked for"}
    # A part of a document was asked for, and nothing around it.
    return chosen if wish.section else belonging.with_dependencies(readable, chosen)


def _named_section(proposal: _Proposal, reasons: Mapping[str, str], wish: Wish) -> list[Piece]:
    page = proposal.page
    if wish.document:
        page = proposal.subs[next(iter(reasons))]
    outline = proposal.outline if page is proposal.page else None
    found = finding.sections(page, outline, wish.section)
    given = _spans(proposal, _ESSENTIAL) if outline else []
    return [
        _divided(page, "asked for", section.start, section.end, _heading(section))
        for section in found
        if not any(start <= section.start and section.end <= end for start, end in given)
    ]


def _whole(sub: Page, reason: str, scope: str) -> Piece:
    """A sub-document, and the sections of which it consists."""
    starts = [section.heading.start for section in sub.sections]
    spans = zip([0, *starts], [*starts, len(sub.source)], strict=True)
    headings = ["", *(section.heading.text for section in sub.sections)]
    children = tuple(
        piece(sub, reason, start, end, heading)
        for (start, end), heading in zip(spans, headings, strict=True)
        if start < end
    )
    found = piece(sub, reason, 0, len(sub.source))
    return found._replace(last_line=sub.line_count, scope=scope, children=children)


def _divided(page: Page, reason: str, start: int, end: int, heading: str) -> Piece:
    """A section, and what it consists of: its own text and its subsections."""
    tree = markdown.sections(page.source, page.blocks)
    section = next((one for one in finding.below(tree) if one.start == start), None)
    children: tuple[Piece, ...] = ()
    if section and section.children:
        spans = [(child.start, child.end, _heading(child)) for child in section.children]
        if has_content(outlines.blocks_between(page.document, start, section.own_end)):
            spans.insert(0, (start, section.own_end, heading))
        children = tuple(piece(page, reason, *span) for span in spans)
    return piece(page, reason, start, end, heading)._replace(children=children)


def _design(proposal: _Proposal) -> list[Piece]:
    """The design of a proposal in one file: the guide's sections first, then the author's own."""
    page = proposal.page
    guides = [
        (section.start, section.end, _heading(section), name)
        for name in _DESIGN
        for section in sections_of(proposal.outline, name)
    ]
    own = [
        (section.heading.start, section.end, section.heading.text, "a section of the author's own")
        for section in page.sections
        if section.guide is None
    ]
    found: list[Piece] = []
    taken = _spans(proposal, (*_ESSENTIAL, *_SMALL))
    for start, end, heading, reason in (*guides, *own):
        # What stands for another section of the guide may hold it, or stand in it.
        if not any(first < end and start < last for first, last in taken):
            found.append(_divided(page, reason, start, end, heading))
            taken.append((start, end))
    return found


def _spans(proposal: _Proposal, wanted: Sequence[str]) -> list[tuple[int, int]]:
    return [
        (section.start, section.end)
        for name in wanted
        for section in sections_of(proposal.outline, name)
    ]


def _parts_of_phase(proposal: _Proposal, phase: Phase) -> list[Piece]:
    """The sections of a proposal in one file that its plan, or their heading, gives to a phase."""
    page, step = proposal.page, phase.step
    text = page.source[step.start : step.end]
    words = " ".join(visible(text).casefold().split())
    anchors = {
        links.fragment(link.destination).casefold()
        for link in page.links
        if step.start <= link.start < step.end and link.destination.startswith("#")
    }
    found: list[Piece] = []
    taken = _spans(proposal, (*_ESSENTIAL, *_SMALL))
    for section in proposal.main.all_sections():
        if section.heading is None or section.heading is page.title:
            continue
        if any(first < section.end and section.start < last for first, last in taken):
            continue
        heading = section.heading.text
        if (
            phase.label.casefold() in belonging.labels_in(heading)
            or finding.anchor(heading) in anchors
            or _is_in(markdown.normalise(visible(heading)), words)
        ):
            reason = f"it belongs to phase {phase.label}"
            found.append(_divided(page, reason, section.start, section.end, heading))
            taken.append((section.start, section.end))
    return found


def _is_in(name: str, words: str) -> bool:
    """Whether a text names a section; one short word may mean anything."""
    if len(name) < _SHORTEST_HEADING or (" " not in name and guide.main_section(name)):
        return False
    return finding.holds_words(words, name)


# --- What is left -------------------------------------------------------------------------------


def _scopes(main: MainDocument, subs: Mapping[str, Page]) -> dict[str, str]:
    """What a reader finds in each sub-document: context block, index, title, in this order."""
    described = sub_documents.descriptions(main)
    found = {}
    for file, sub in subs.items():
        context = context_block.of_document(sub.source, sub.blocks)
        title = visible(sub.title.text) if sub.title else ""
        found[file] = sub_documents.scope(context) or described.get(file, "") or title
    return found


def _left(proposal: _Proposal, chosen: Sequence[Piece]) -> tuple[Left, ...]:
    """The sub-documents and sections that are not given."""
    page = proposal.page
    whole = {one.path for one in chosen if not one.heading}
    found = [
        Left(sub.path, sub.line_count, sub.problem or proposal.scopes[file])
        for file, sub in _in_order(proposal)
        if sub.path not in whole
    ]
    given = [(one.line, one.last_line) for one in chosen if one.path == page.path]
    essential = _spans(proposal, _ESSENTIAL)
    for section in page.sections:
        start, end = section.heading.start, section.end
        first = page.line(start)
        last = piece(page, "", start, end).last_line
        if section.guide == guide.DOCUMENT_INDEX and proposal.subs:
            continue
        if any(at <= start and end <= stop for at, stop in essential):
            continue
        if any(at <= first and last <= stop for at, stop in given):
            continue
        inner = [one.text for one in page.headings if start < one.start < end and one.level == 3]
        scope = _shortened(", ".join(map(visible, inner)))
        found.append(Left(page.path, last - first + 1, scope, section.heading.text))
    return tuple(found)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SCOPE else f"{text[:_LONGEST_SCOPE].rstrip()}…"


def _in_order(proposal: _Proposal) -> list[tuple[str, Page]]:
    """The sub-documents in the order in which the main document names them."""
    named = dict.fromkeys(file for _, file in proposal.main.mentions)
    return [(file, proposal.subs[file]) for file in dict.fromkeys([*named, *proposal.subs])]


def _notes(proposal: _Proposal) -> Iterator[str]:
    page = proposal.page
    lacking = [name for name in _ESSENTIAL if not _filled(proposal, name)]
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
