"""What the template says in a document, apart from what its author wrote.

It is known without running a template: it is what the document's guide says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from ..guide import Guide
from ..markdown.blocks import Block, Heading, Kind, Table
from . import decision_log, document_index, implementation_plan
from .document import Document, Role, TopSection

_WORD = re.compile(r"\w+")
_NO_CONTENT = frozenset([Kind.BLANK, Kind.HEADING, Kind.FRONT_MATTER])
# The sections into which answers go when a document is made.
_FROM_ANSWERS = ("related-issues", document_index.SECTION)

# The sections that the template fills from answers, besides those that list references, and the
# forms of lines that it writes there: list items, and labels with their values.
_FILLED_FROM_ANSWERS = frozenset(["proposed-design", implementation_plan.SECTION, "implementation-notes"])
_ANSWERED = re.compile(r"[ \t]*(?:[-*+] |[0-9]+[.)] |[^\W\d][\w ]{0,30}: )")


def is_guidance(document: Document, block: Block) -> bool:
    """Whether a block is a comment with the words of the guide on a section, and no others."""
    if block.kind is not Kind.COMMENT:
        return False
    words = tuple(_WORD.findall(document.text_of(block).casefold()))
    return words in _guidance(document.guide)


@lru_cache(maxsize=4)
def _guidance(guide: Guide) -> frozenset[tuple[str, ...]]:
    """The words of the comments that templates make of the guide's sections."""
    forms = [section for form in guide.documents.values() for section in form.sections.values()]
    found = set()
    for one in (*guide.sections.values(), *forms):
        avoid = f"avoid {one.avoid}" if one.avoid else ""
        length = f"length {one.length}" if one.length else ""
        found.add(tuple(_WORD.findall(f"{one.guidance} {avoid} {length}".casefold())))
    return frozenset(found - {()})


def has_content(document: Document, blocks: Iterable[Block]) -> bool:
    """Whether blocks are more than headings, guidance and tables without a row."""
    return any(block.kind not in _NO_CONTENT and _is_content(document, block) for block in blocks)


def _is_content(document: Document, block: Block) -> bool:
    if isinstance(block, Table):
        return bool(block.rows)
    context = document.context
    return not (is_guidance(document, block) or (context and block == context.block))


def spans(document: Document) -> list[tuple[int, int]]:
    """The places of guidance, and of those sections of the guide that hold nothing else.

    The blank lines behind it belong to each.
    """
    empty = [(one.start, one.end) for one in document.top_sections if is_empty(document, one)]
    gone = {one.start for span in empty for one in document.blocks_between(*span)}
    seen = [block for block in document.blocks if block.kind is not Kind.BLANK]
    starts = [*(block.start for block in seen), len(document.source)]
    comments = [
        (start, end)
        for block, (start, end) in zip(seen, pairwise(starts), strict=True)
        if start not in gone and is_guidance(document, block)
    ]
    return sorted([*empty, *comments])


def is_empty(document: Document, section: TopSection) -> bool:
    """Whether a section is the guide's, and nothing is below its heading that the author wrote."""
    if section.family is None:
        return False
    has_table = bool(document.guide.sections[section.family].columns)
    return not any(
        _is_content(document, one) or (isinstance(one, Table) and not has_table)
        for one in document.blocks_between(section.text_start, section.end)
    )


def is_unwritten(document: Document) -> bool:
    """Whether the author of a document has written none of its sections yet.

    What the answers to the questionnaire fill in does not count, and neither does the line that
    leads from a sub-document to its main document.
    """
    start = document.title.end if document.title else 0
    end = document.top_sections[0].start if document.top_sections else len(document.source)
    above = document.blocks_between(start, end)
    if document.role is Role.MAIN and has_content(document, above):
        return False
    authors = [one for one in document.top_sections if one.family not in _FROM_ANSWERS]
    return bool(authors) and all(_is_unwritten(document, one) for one in authors)


def _is_unwritten(document: Document, section: TopSection) -> bool:
    # Answers name the phases, one a line, and components, one a heading.
    if section.family == implementation_plan.SECTION:
        return document.filled_lines(section) <= len(implementation_plan.phases(document))
    below = document.blocks_between(section.text_start, section.end)
    return not has_content(document, below)


def is_untouched(document: Document, blank: str = "") -> bool:
    """Return whether no section of a document says anything besides comments and answers.

    Lines of the `blank` document say nothing either. A section of the author's own does, and so
    does a row of the decision log.
    """
    sections, said = document.top_sections, {"", *(line.strip() for line in blank.split("\n"))}
    return (
        sum(1 for one in sections if one.family) > 1
        and all(_is_untouched(document, one, said) for one in sections)
        and not decision_log.decisions(document)
    )


def _is_untouched(document: Document, section: TopSection, said: set[str]) -> bool:
    if section.family is None and f"## {section.heading.text}" not in said:
        return False
    if section.family and document.guide.sections[section.family].placeholders:
        return True
    from_answers = section.family in _FILLED_FROM_ANSWERS
    return all(
        line.strip() in said or (from_answers and _ANSWERED.match(line) is not None)
        for block in document.blocks_between(section.text_start, section.end)
        if block.kind is not Kind.COMMENT and not (from_answers and isinstance(block, Heading))
        for _, line in document.lines_of(block)
    )
