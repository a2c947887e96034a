"""Where the guide's sections stand in a main document (guide: Step 5, Write Sections)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..markdown import blocks, edits
from ..markdown.blocks import Block, Heading, Kind, Section
from ..markdown.edits import Splice
from . import guide
from .document import Document

# The order of both layouts: each has some of them.
_ORDER = (
    guide.RELATED_ISSUES,
    guide.MOTIVATION,
    guide.DOCUMENT_INDEX,
    guide.CURRENT_DESIGN,
    guide.PROPOSED_DESIGN,
    guide.MIGRATION,
    guide.IMPLEMENTATION_PLAN,
    guide.DECISION_LOG,
    guide.OPEN_QUESTIONS,
    guide.REFERENCES,
)
_LEVEL = 2


class Outline(NamedTuple):
    """The guide's sections of a main document by name; their own names come before other ones."""

    document: Document
    sections: Mapping[str, tuple[Section, ...]]

    def find(self, name: str) -> Section | None:
        """The section that stands for the guide's section `name`, None where there is none."""
        found = self.sections.get(name, ())
        return found[0] if found else None


def read(document: Document) -> Outline:
    """The guide's sections of a main document, found under their other names too.

    The title is none of them, whatever it says. Inside of another section of the guide only its
    own name makes a heading one: "Design Decisions" below Proposed Design is a part of the design.
    """
    found: dict[str, list[Section]] = {}
    root = blocks.sections(document.source, document.blocks)
    for name, section in _named(root, title_of(document), ()):
        found.setdefault(name, []).append(section)
    for name, several in found.items():
        several.sort(key=lambda section: not is_own_name(section, name))
    return Outline(document, {name: tuple(several) for name, several in found.items()})


def name_of(section: Section) -> str | None:
    """The guide's section for which a section of a main document stands, None for another one."""
    return guide.main_section(_heading(section)) if section.heading else None


def is_own_name(section: Section, name: str) -> bool:
    """Whether a section's heading is the guide's name itself and none of the other ones."""
    return _heading(section) == blocks.normalise(name)


def _named(
    section: Section, title: Heading | None, inside: tuple[str, ...]
) -> Iterator[tuple[str, Section]]:
    name = None if section.heading is title else name_of(section)
    if name and name not in inside and (not inside or is_own_name(section, name)):
        yield name, section
    for child in section.children:
        yield from _named(child, title, (*inside, name) if name else inside)


def title_of(document: Document) -> Heading | None:
    """The heading that is a document's title, None without one."""
    headings = (block for block in document.blocks if isinstance(block, Heading))
    return next((heading for heading in headings if heading.level == 1), None)


def _heading(section: Section) -> str:
    return blocks.normalise(section.heading.text) if section.heading else ""


def own_blocks(document: Document, section: Section) -> list[Block]:
    """The blocks of a section's own text, blank ones left out: what its children hold is not."""
    start = section.heading.end if section.heading else section.start
    return blocks_between(document, start, section.own_end)


def blocks_between(document: Document, start: int, end: int) -> list[Block]:
    """The blocks that begin in a span of the document, blank ones left out."""
    first, stop = (bisect_left(document.blocks, at, key=_start) for at in (start, end))
    return [block for block in document.blocks[first:stop] if block.kind is not Kind.BLANK]


def block_at(document: Document, offset: int) -> Block:
    """The block that holds the character at `offset`."""
    return document.blocks[bisect_right(document.blocks, offset, key=_start) - 1]


def in_front_of_blanks(document: Document, offset: int) -> int:
    """The end of the last block before `offset` that is not blank."""
    at = bisect_left(document.blocks, offset, key=_start) - 1
    while at >= 0 and document.blocks[at].kind is Kind.BLANK:
        at -= 1
    return document.blocks[at].end if at >= 0 else 0


def _start(block: Block) -> int:
    return block.start


def new_section(outline: Outline, name: str, body: str) -> Splice:
    """The edit that adds the guide's section `name` with `body`, at its place in the order.

    It stands in front of the first section that comes after it in the guide's order, else at the
    end: what an author wrote of their own stays above it.
    """
    found = [(_ORDER.index(other), one) for other, all_ in outline.sections.items() for one in all_]
    level = min((section.level for _, section in found), default=_LEVEL)
    anchors = [(place, section) for place, section in found if section.level == level]
    at = _ORDER.index(name)
    above = max((section.end for place, section in anchors if place < at), default=0)
    below = [one.start for place, one in anchors if place > at and one.start >= above]
    place = min(below, default=len(outline.document.source))
    return in_own_paragraph(outline.document, place, f"{'#' * level} {name}\n\n{body}")


def in_own_paragraph(document: Document, offset: int, text: str) -> Splice:
    """The insertion of whole lines behind the text before `offset`, with a blank line around them.

    `text` has line feeds, none at its end; the document's line endings are written. Blank lines
    that stand there serve, and a document without a final line ending stays one.
    """
    source = document.source
    place = in_front_of_blanks(document, offset)
    ending = edits.ending_near(source, max(place - 1, 0))
    lines = text.replace("\n", ending)
    rest = source[place:]
    if not rest and place and source[place - 1] not in "\r\n":
        return Splice(place, place, f"{ending}{ending}{lines}")
    before = ending if place else ""
    blank_follows = not rest or rest.lstrip(" \t")[:1] in ("\r", "\n")
    return Splice(place, place, f"{before}{lines}{ending}{'' if blank_follows else ending}")
