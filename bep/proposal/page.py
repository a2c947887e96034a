"""A Markdown document of the proposals folder, with the parts that rules ask for.

Parts are read when a rule asks for them, and once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple

from ..markdown import (
    anchors,
    blocks as markdown,
    links,
    nested_blocks,
    plain_text,
)
from ..markdown.blocks import Block, Heading, Kind
from ..markdown.links import Link
from ..markdown.nested_blocks import Leaf
from . import context_block, document, guide, key_values, outline as outlines
from .document import Document
from .outline import Outline


class Role(StrEnum):
    """What a document is for its proposal."""

    MAIN = "main document"
    SUB = "sub-document"
    PROCESS = "process page"
    OTHER = "another file"


class Section(NamedTuple):
    """A heading of level 1 or 2 below the title, and what stands below it up to `end`.

    `name` is the normalised heading, `guide` the guide's section for which it stands, if any.
    """

    heading: Heading
    name: str
    guide: str | None
    end: int

    @property
    def start(self) -> int:
        """Where the text below the heading begins."""
        return self.heading.end


class Mention(NamedTuple):
    """A proposal's number in the text: where it stands, and as it is written."""

    start: int
    text: str
    number: int


class Context(NamedTuple):
    """A context block: `keys` is None where it cannot be read, `places` are those of its keys."""

    block: Block
    keys: Mapping[str, Any] | None
    places: Mapping[str, int]

    def place(self, key: str) -> int:
        """Where `key` stands, else where the block begins."""
        return self.places.get(key, self.block.start)


class _Inline(NamedTuple):
    links: tuple[Link, ...]
    anchors: frozenset[str]
    mentions: tuple[Mention, ...]


_SECTION_OF: Final[Mapping[Role, Callable[[str], str | None]]] = {
    Role.MAIN: guide.main_section,
    Role.SUB: guide.sub_section,
    Role.PROCESS: guide.no_section,
    Role.OTHER: guide.no_section,
}
_CONTEXT = "context-for-ai"
_MENTION: Final = re.compile(r"(?<![\w.-])(?<![\w.]/)BEP-(\d{3,5})(?![\d_])")
_OF_TEXT: Final = frozenset([Kind.PARAGRAPH, Kind.TABLE, Kind.LIST, Kind.QUOTE])


@dataclass(frozen=True, eq=False)
class Page:
    """A document as it stands at `path`, from the repository's root.

    `problem` says why it could not be read, '' where it could.
    """

    path: str
    role: Role
    source: str
    problem: str = ""

    @cached_property
    def document(self) -> Document:
        return document.read(self.source)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return self.document.blocks

    @cached_property
    def is_empty(self) -> bool:
        return not self.source.lstrip("\ufeff").strip()

    @cached_property
    def line_count(self) -> int:
        """The number of lines, a last one without ending included."""
        ended = not self.source or self.source[-1] in "\r\n"
        return len(self._line_starts) - (1 if ended else 0)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(after for _, end, after in markdown.lines(self.source) if end < after)]

    def line(self, offset: int) -> int:
        """The line, from 1, on which the character at `offset` stands."""
        return bisect_right(self._line_starts, offset)

    def line_start(self, line: int) -> int:
        """Where a line begins."""
        return self._line_starts[line - 1]

    def line_end(self, offset: int) -> int:
        """The end of the line at `offset`, without its ending."""
        line = self.line(offset)
        starts = self._line_starts
        after = starts[line] if line < len(starts) else len(self.source)
        return offset + len(self.source[offset:after].rstrip("\r\n"))

    @cached_property
    def tree(self) -> Mapping[int, markdown.Section]:
        """The sections of all levels by the places where they begin, from top to bottom."""
        return {one.start: one for one in markdown.sections(self.source, self.blocks).below()}

    @cached_property
    def outline(self) -> Outline:
        """Where the guide's sections stand, as commands that edit a main document find them."""
        return outlines.read(self.document)

    @cached_property
    def front_matter(self) -> Block | None:
        first = self.blocks[0] if self.blocks else None
        return first if first and first.kind is Kind.FRONT_MATTER else None

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The headings that stand in no list or quote."""
        return tuple(block for block in self.blocks if isinstance(block, Heading))

    @cached_property
    def title(self) -> Heading | None:
        return next((heading for heading in self.headings if heading.level == 1), None)

    @property
    def title_start(self) -> int:
        """Where the title stands, else where the document begins."""
        return self.title.start if self.title else 0

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        section_of = _SECTION_OF[self.role]
        top = [one for one in self.headings if one.level <= 2 and one is not self.title]
        ends = [*(one.start for one in top), len(self.source)][1:]
        named = [(one, markdown.normalise(one.text)) for one in top]
        return tuple(
            Section(heading, name, section_of(name), end)
            for (heading, name), end in zip(named, ends, strict=True)
        )

    def section(self, name: str) -> Section | None:
        """The first section that stands for the guide's section `name`."""
        return next((one for one in self.sections if one.guide == name), None)

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    def blocks_of(self, section: Section) -> tuple[Block, ...]:
        """The blocks below a section's heading, those of its subsections included."""
        starts = self._block_starts
        return self.blocks[bisect_left(starts, section.start) : bisect_left(starts, section.end)]

    def text_of(self, block: Block) -> str:
        return self.source[block.start : block.end]

    def lines_of(self, block: Block) -> Iterator[tuple[int, str]]:
        """Place and text, without line ending, of each line of a block."""
        for start, end, _ in markdown.lines(self.text_of(block)):
            yield block.start + start, self.source[block.start + start : block.start + end]

    def filled_lines(self, section: Section, width: int = 0) -> int:
        """How many lines of a section hold something besides comments, headings included.

        With a `width`, a longer line counts as several.
        """
        return sum(
            -(-len(text.rstrip()) // width) if width else 1
            for block in self.blocks_of(section)
            if block.kind is not Kind.COMMENT and block.kind is not Kind.BLANK
            for _, text in self.lines_of(block)
            if text.strip()
        )

    @cached_property
    def comments(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind is Kind.COMMENT)

    @cached_property
    def context(self) -> Context | None:
        """The first comment that is, or is meant as, a context block."""
        for block in self.comments:
            if self.text_of(block)[4:].lstrip().lower().startswith(_CONTEXT):
                return self._context(block)
        return None

    def _context(self, block: Block) -> Context:
        text = self.text_of(block)
        places: dict[str, int] = {}
        read = key_values.read(text)
        at = block.start + len(read.head)
        for item in read.items:
            places.setdefault(item.key, at + len(item.comment))
            at += len(item.comment) + len(item.own)
        return Context(block, context_block.read(text), places)

    @cached_property
    def _inline(self) -> _Inline:
        """What stands inside the blocks; they are read once, and not kept."""
        leaves = list(nested_blocks.leaves(self.source, self.blocks))
        return _Inline(
            links.of_leaves(leaves),
            anchors.anchors(self.source, leaves),
            tuple(mention for leaf in leaves for mention in _mentions(leaf)),
        )

    @property
    def links(self) -> tuple[Link, ...]:
        return self._inline.links

    @property
    def anchors(self) -> frozenset[str]:
        return self._inline.anchors

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The mentions of proposals in what a reader sees as text, outside of code."""
        return self._inline.mentions

    @property
    def names(self) -> tuple[str, ...]:
        """The path by its parts."""
        return tuple(self.path.split("/"))


def _mentions(leaf: Leaf) -> Iterator[Mention]:
    block = leaf.block
    if isinstance(block, Heading):
        start, stop = block.text_start, block.text_end
    elif block.kind in _OF_TEXT:
        start, stop = block.start, block.end
    else:
        return
    text = leaf.view.text[start:stop]
    found = list(_MENTION.finditer(text))
    code = plain_text.code_spans(text) if found and "`" in text else []
    for one in found:
        span = bisect_right(code, (one.start(),)) - 1
        if span < 0 or code[span][1] <= one.start():
            yield Mention(leaf.view.place(start + one.start()), one[0], int(one[1]))
