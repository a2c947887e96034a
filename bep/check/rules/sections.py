"""Rules about the sections of a document (guide: Step 5, Write Sections)."""

from __future__ import annotations

from collections.abc import Iterator

from ...proposal import guide
from ...proposal.document import Document, Role, TopSection
from .rule import WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Sections")

_SECTIONS = "guide: Step 5, Write Sections"
_FILLED_FROM = frozenset(["Accepted", "Implemented"])
# Sections in which less than the guide's length leaves questions open.
_AT_LEAST = frozenset([guide.MOTIVATION, guide.CURRENT_DESIGN, guide.IMPLEMENTATION_PLAN])


def is_tech_spec(document: Document) -> bool:
    """Return whether a main document has the later tech-spec form."""
    return guide.is_tech_spec({section.name for section in document.top_sections})


def is_segmented(proposal: Proposal) -> bool:
    """Return whether a proposal has sub-documents, or a Document Index that announces them."""
    return bool(proposal.parts) or proposal.main.top_section(guide.DOCUMENT_INDEX) is not None


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="A main document without Open Questions.",
    remedy="Add the section with its heading; if there is nothing to write, say so.",
)
def section_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A main document has all sections that the guide names.

    In one file these are the nine of Step 5; a segmented proposal's main document has a Document
    Index, and its design is in the sub-documents. Other names that existing documents use for a
    section are accepted ("Goal", "As-is", "Decision Summary"), and so are numbered headings. The
    tech-spec form needs neither a plan nor a migration section.
    """
    main = proposal.main
    wanted = guide.MAIN_SECTIONS if is_segmented(proposal) else guide.SINGLE_SECTIONS
    present = {section.guide for section in main.top_sections}
    absent = guide.NOT_IN_TECH_SPEC if is_tech_spec(main) else frozenset()
    for name in wanted:
        if name not in present and name not in absent:
            yield Hit(main, main.title_start, f"the section {name} is missing", text=name)


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Template",
    example="A sub-document that begins with its tables and never says what it is about.",
    remedy="Add the sections; if there is nothing to write in one, say so.",
)
def sub_section_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document has the sections of the guide's template for it.

    With them it can be read on its own: what it is for, what exists, what is proposed, and what
    others may rely on.
    """
    for document in proposal.parts:
        present = {section.guide for section in document.top_sections}
        absent = [name for name in guide.SUB_SECTIONS if name not in present]
        if absent and not document.is_empty:
            message = f"sections are missing: {', '.join(absent)}"
            yield Hit(document, document.title_start, message)


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="""
        ## References
        ## Motivation""",
    remedy="Move the section to its place.",
)
def section_order(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The sections are in the guide's order.

    Someone who reads many proposals then finds each section in the same place.
    """
    for document in proposal.documents:
        order = guide.MAIN_ORDER if document.role is Role.MAIN else guide.SUB_SECTIONS
        last: TopSection | None = None
        for section in document.top_sections:
            if section.heading.level == 1:
                last = None
            if section.guide not in order:
                continue
            if last and last.guide and order.index(section.guide) < order.index(last.guide):
                above = last.heading.text
                message = f"{section.heading.text!r} is below {above!r}; the guide has it first"
                yield Hit(document, section.heading.start, message, text=section.name)
            else:
                last = section


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="""
        ## Open Questions
        ## References
        ## Open Questions""",
    remedy="Join the two sections.",
)
def section_repeated(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A section appears in a document once.

    A link to it, and a tool that adds to it, reach the first one only.
    """
    for document in proposal.documents:
        seen: set[str] = set()
        for section in document.top_sections:
            if section.heading.level == 1:
                seen.clear()
            if section.guide and section.name in seen:
                message = f"the section {section.heading.text!r} appears again; join the two"
                yield Hit(document, section.heading.start, message, text=section.name)
            seen.add(section.name)


@RULES.of_proposals(
    WARNING,
    "process page: Status Transition Rules",
    example="""
        Status: Accepted

        ## Migration / Compatibility

        <!-- What breaks, for whom ... -->""",
    remedy='Write the section; if there is nothing to write, say so, as in "Nothing breaks".',
)
def section_unfilled(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """From Accepted on, no section contains only guidance.

    Comments are guidance: a reader of the page sees an empty section. Open Questions may be
    empty.
    """
    if proposal.status not in _FILLED_FROM:
        return
    for document in proposal.documents:
        for section in document.top_sections:
            may_be_empty = section.guide in (None, guide.OPEN_QUESTIONS)
            if not may_be_empty and document.filled_lines(section) == 0:
                name = section.heading.text
                message = f"the proposal is {proposal.status}, and {name!r} is empty"
                yield Hit(document, section.heading.start, message, text=section.name)


@RULES.of_proposals(
    WARNING,
    _SECTIONS,
    example="A Motivation of 80 lines.",
    remedy="Shorten the section; details belong in Proposed Design or in a sub-document.",
)
def section_length(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A section keeps to the guide's length.

    Lines that are neither blank nor part of a comment count; sections for the same purpose
    ("Abstract", "Motivation") count together. A section that is too long is reported at once. One
    that is too short is reported from Accepted on, and only if it is Motivation, Current Design or
    Implementation Plan: elsewhere one line can say it all. A long line then counts as several of
    100 characters.
    """
    main = proposal.main
    tech_spec = is_tech_spec(main)
    for name, (low, high) in guide.LENGTHS.items():
        found = [section for section in main.top_sections if section.guide == name]
        if not found or (tech_spec and name in (guide.MOTIVATION, guide.CURRENT_DESIGN)):
            continue
        lines = sum(map(main.filled_lines, found))
        wrapped = sum(main.filled_lines(section, 100) for section in found)
        shown = " and ".join(repr(section.heading.text) for section in found)
        if lines > high:
            message = f"{shown}: {lines} lines; the guide says {low} to {high}"
            yield Hit(main, found[0].heading.start, message, text=name)
        elif 0 < wrapped < low and name in _AT_LEAST and proposal.status in _FILLED_FROM:
            word = "line" if wrapped == 1 else "lines"
            message = f"{shown}: {wrapped} {word}; the guide says {low} to {high}"
            yield Hit(main, found[0].heading.start, message, text=name)
