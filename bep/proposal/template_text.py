"""What the template says in a document, apart from what its author wrote.

It is known without running a template: it is what the document's guide says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache
from itertools import pairwise

from ..guide import Guide
from ..markdown.blocks import Block, Heading, Kind, Table
from . import document_index, implementation_plan
from .document import Document, Role, TopSection

_WORD = re.compile(r"\w+")
_NO_CONTENT = frozenset([Kind.BLANK, Kind.HEADING, Kind.FRONT_MATTER])
# The sections into which answers go when a document is made.
_FROM_ANSWERS = ("related-issues", document_index.SECTION)
# Those into which some lines of answers go, and the forms of these: list items, and labels with
# their values.
_PARTLY_FROM_ANSWERS = frozenset(
    ["proposed-design", implementation_plan.SECTION, "implementation-notes"]
)
_ANSWERED = re.compile(r"(?:[-*+] |[0-9]+[.)] |[^\W\d][\w ]{0,30}: )")


def is_guidance(document: Document, block: Block) -> bool:
    """Whether a block is a comment with the words of the guide on a section, and no others."""
    if block.kind is not Kind.COMMENT:
        return False
    words = tuple(_WORD.findall(document.text_of(block).casefold()))
    return words in _guidance(document.guide)


@lru_cache(maxsize=4)
def _guidance(guide: Guide) -> frozenset[tuple[str, ...]]:
    """The words of the comments that templates make of the guide's sections."""
    found = set()
    for one in guide.every_section:
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

    The blank lines after it belong to each.
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


def is_unwritten(document: Document, blank: str = "") -> bool:
    """Whether the author of a document has written none of its sections yet.

    Guidance says nothing, and neither does what the answers to the questionnaire fill in, the line
    that leads from a sub-document to its main document, or a line of the `blank` document.
    """
    if document.role is Role.MAIN and has_content(document, document.lead_blocks):
        return False
    known = {"", *(line.strip() for line in blank.split("\n"))}
    authors = [one for one in document.top_sections if one.family not in _FROM_ANSWERS]
    if not authors:
        return document.role is Role.MAIN and document.title is not None
    return any(one.family for one in authors) and all(
        _is_unwritten(document, one, known) for one in authors
    )


def _is_unwritten(document: Document, section: TopSection, known: Set[str]) -> bool:
    if section.family is None and f"## {section.heading.text}" not in known:
        return False
    if section.family and document.guide.sections[section.family].placeholders:
        return True
    is_answered = section.family in _PARTLY_FROM_ANSWERS
    return all(
        line.strip() in known or (is_answered and _ANSWERED.match(line) is not None)
        for block in document.blocks_between(section.text_start, section.end)
        if not is_guidance(document, block)
        and not (is_answered and isinstance(block, Heading))
        and not (isinstance(block, Table) and not block.rows)
        for _, line in document.lines_of(block)
    )
