"""Rules about the sections of a document (guide: Step 5, Write Sections)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...guide import Match, Section
from ...markdown.blocks import Kind
from ...markdown.heading_text import normalise
from ...markdown.plain_text import visible
from ...proposal.document import Document, Role, TopSection
from .rule import WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Sections")

_SECTIONS = "guide: Step 5, Write Sections"
# The level of the headings of a document's sections.
_TOP = 2
# "Part of BEP-1046" says nothing.
_SENTENCE = 6
# GitHub and GitLab show a picture in place of such a block.
_DIAGRAM = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*mermaid\b", re.IGNORECASE)


def wanted_sections(proposal: Proposal) -> Iterator[Section]:
    """Yield the sections that the guide asks for in a main document.

    What another layout does without, a segmented proposal in its form does without too.
    """
    guide, main = proposal.guide, proposal.main
    usual = guide.documents[guide.usual_layout.main]
    for family, section in proposal.form.sections.items():
        if family in main.form.sections or family not in usual.sections:
            yield section


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="A main document without {section[open-questions]}.",
    remedy="Add the section with its heading; if there is nothing to write, say so.",
    spares_history=True,
)
def section_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A main document has all sections that the guide names.

    Which these are depends on the layout; a segmented proposal has its design in the sub-documents.
    Other names that the guide knows for a section are accepted, and so are numbered headings. A
    heading of a lower level that names it is reported where it is: moving it up is enough.
    """
    main = proposal.main
    present = {section.family for section in main.top_sections}
    below = {
        named[0]: section.heading
        for section in reversed([*main.section_at.values()])
        if section.heading and section.level > _TOP
        if (named := main.named_by(normalise(section.heading.text)))
        and named[1] is not Match.BEGINNING
    }
    for section in wanted_sections(proposal):
        if section.family in present:
            continue
        at, message = main.title_start, f"the section {section.heading} is missing"
        if found := below.get(section.family):
            at = found.start
            message = (
                f"the section {section.heading} is only a part of another one, {found.text!r};"
                f" make it a section ({'#' * _TOP})"
            )
        yield Hit(main, at, message, text=section.heading)


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Template",
    example="A sub-document that begins with its tables and never says what it is about.",
    remedy="Say in a summary, or below the title, what the document is about.",
    spares_history=True,
)
def sub_section_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document says what it is about, or has the sections of the guide's template for it.

    Without both it cannot be read on its own. A sentence below the title, or a section such as
    {section[summary]}, is enough: a catalogue, or a set of examples, has other sections.
    """
    for document in proposal.parts:
        present = {section.family for section in document.top_sections}
        wanted = document.form.sections.items()
        absent = [section.heading for family, section in wanted if family not in present]
        if absent and not document.is_empty and not _says_what_it_is_about(document):
            message = (
                "the document does not say what it is about, and sections are missing:"
                f" {', '.join(absent)}"
            )
            yield Hit(document, document.title_start, message)


def _says_what_it_is_about(document: Document) -> bool:
    """Return whether a document has a summary, or a sentence of its own below the title."""
    headings = {
        heading for key in document.context_form.keys.values() for heading in key.said_under
    }
    if any(one.name in headings and document.filled_lines(one) for one in document.top_sections):
        return True
    return any(
        len(visible(document.text_of(block)).split()) >= _SENTENCE
        for block in document.lead_blocks
        if block.kind is Kind.PARAGRAPH
    )


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="""
        ## {section[references]}
        ## {section[motivation]}""",
    remedy="Move the section to its place.",
    spares_history=True,
)
def section_order(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The sections are in the guide's order.

    Someone who reads many proposals then finds each section in the same place. A heading that only
    begins with a section's name ("Migration Roadmap") can be anywhere.
    """
    for document in proposal.documents:
        order = document.guide.order
        if document.role is not Role.MAIN:
            order = tuple(document.form.sections)
        last: TopSection | None = None
        for section in document.top_sections:
            if section.heading.level == 1:
                last = None
            if section.family not in order or _only_begins_with_a_name(document, section):
                continue
            if last and last.family and order.index(section.family) < order.index(last.family):
                above = last.heading.text
                message = f"{section.heading.text!r} is below {above!r}; the guide puts it first"
                yield Hit(document, section.heading.start, message, text=section.name)
            else:
                last = section


def _only_begins_with_a_name(document: Document, section: TopSection) -> bool:
    found = document.named_by(section.name)
    return found is not None and found[1] is Match.BEGINNING


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="""
        ## {section[open-questions]}
        ## {section[references]}
        ## {section[open-questions]}""",
    remedy="Join the two sections.",
)
def section_repeated(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A section appears only once in a document.

    Links to it, and tools that add to it, reach only the first one.
    """
    for document in proposal.documents:
        seen: set[str] = set()
        for section in document.top_sections:
            if section.heading.level == 1:
                seen.clear()
            if section.family and section.name in seen:
                message = f"the section {section.heading.text!r} appears again; join the two"
                yield Hit(document, section.heading.start, message, text=section.name)
            seen.add(section.name)


@RULES.of_proposals(
    WARNING,
    "process page: Status Transition Rules",
    example="""
        {key[status]}: {status[accepted]}

        ## {section[migration]}

        <!-- What breaks, for whom ... -->""",
    remedy='Write the section; if there is nothing to write, say so, as in "Nothing breaks".',
)
def section_unfilled(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """From {status[accepted]} on, no section contains only guidance.

    Comments count as guidance: a reader of the page sees an empty section. The section of open
    questions may be empty.
    """
    status = proposal.known_status
    if status is None or not status.complete:
        return
    for document in proposal.documents:
        for section in document.top_sections:
            known = document.guide.sections[section.family] if section.family else None
            if known and not known.may_be_empty and document.filled_lines(section) == 0:
                name = section.heading.text
                message = f"the proposal is {proposal.status}, and {name!r} is empty"
                yield Hit(document, section.heading.start, message, text=section.name)


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="A {section[motivation]} of 80 lines.",
    remedy="Shorten the section; details belong in {section[proposed-design]}, or in a"
    " sub-document.",
    spares_history=True,
)
def section_length(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A section keeps to the guide's length.

    Lines that are neither blank nor part of a comment count; a Mermaid diagram counts as one line,
    and sections for the same purpose ("Abstract", "{section[motivation]}") count together. A
    section that is too long is reported in every status. One that is too short is reported from
    {status[accepted]} on, and only if the guide has a minimum: elsewhere one line can say it all.
    For the minimum, a long line counts as several of 100 characters.
    """
    main, status = proposal.main, proposal.known_status
    for family in main.guide.order:
        known = main.guide.section(family, main.form)
        found = [section for section in main.top_sections if section.family == family]
        if not found or known.lines is None:
            continue
        low, high = known.lines
        lines = sum(_lines_read(main, section) for section in found)
        shown = " and ".join(repr(section.heading.text) for section in found)
        if lines > high:
            message = f"{shown}: {lines} lines; the guide says {low} to {high}"
            yield Hit(main, found[0].heading.start, message, text=known.heading)
        elif lines < low and known.minimum and status and status.complete:
            wrapped = sum(main.filled_lines(section, 100) for section in found)
            if not 0 < wrapped < low:
                continue
            word = "line" if wrapped == 1 else "lines"
            message = f"{shown}: {wrapped} {word}; the guide says {low} to {high}"
            yield Hit(main, found[0].heading.start, message, text=known.heading)


def _lines_read(document: Document, section: TopSection) -> int:
    """Return the number of a section's lines as a reader sees them: a diagram is one."""
    drawn = [
        sum(1 for _, text in document.lines_of(block) if text.strip())
        for block in document.blocks_between(section.text_start, section.end)
        if block.kind is Kind.FENCE and _DIAGRAM.match(document.text_of(block))
    ]
    return document.filled_lines(section) - sum(drawn) + len(drawn)
