"""A main document by the guide's sections, and where it names its sub-documents."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import NamedTuple

from .. import names
from ..markdown import blocks as markdown, links
from ..markdown.blocks import Block, Kind, Section, Table
from ..markdown.inline import visible
from . import context_block, document, guide
from .document import Document
from .key_values import Keyed

_NO_TEXT = frozenset([Kind.FENCE, Kind.INDENTED_CODE, Kind.COMMENT])


class MainDocument(NamedTuple):
    """A main document; `mentions` are places and file names of its sub-documents, in order."""

    document: Document
    root: Section
    context: Keyed
    mentions: tuple[tuple[int, str], ...]

    def all_sections(self) -> Iterator[Section]:
        """Every section, from top to bottom."""
        return self.root.below()

    def sections(self, name: str) -> list[Section]:
        """The sections that stand for the guide's section `name`, of the highest level with one."""
        found = [
            section
            for section in self.all_sections()
            if section.heading
            and guide.main_section(markdown.normalise(section.heading.text)) == name
        ]
        level = min((section.level for section in found), default=0)
        return [section for section in found if section.level == level]

    def blocks(self, section: Section) -> tuple[Block, ...]:
        """The blocks of a section, its heading and those of its children included."""
        blocks = self.document.blocks
        first, stop = (bisect_left(blocks, at, key=_start) for at in (section.start, section.end))
        return blocks[first:stop]

    def text(self, name: str) -> str:
        """What stands in the guide's section `name`, without blocks of code and comments."""
        return "".join(
            self.document.source[block.start : block.end]
            for section in self.sections(name)
            for block in self.blocks(section)
            if block.kind not in _NO_TEXT
        )

    def mentioned(self, start: int, end: int) -> list[str]:
        """The sub-documents that are named between two places, each once."""
        first, stop = (bisect_left(self.mentions, (at, "")) for at in (start, end))
        return list(dict.fromkeys(file for _, file in self.mentions[first:stop]))


def read(source: str, file_name: str, files: Collection[str]) -> MainDocument:
    """The main document `file_name` with the text `source`; `files` are its sub-documents' names.

    A sub-document is named by a link, or by its name in a table cell with nothing but names.
    """
    return of_document(document.read(source), file_name, files)


def of_document(found: Document, file_name: str, files: Collection[str]) -> MainDocument:
    """The main document that was read already, as `read` gives it."""
    source = found.source
    return MainDocument(
        found,
        markdown.sections(source, found.blocks),
        context_block.of_document(source, found.blocks),
        tuple(sorted({*_linked(source, file_name, files), *_listed(found.blocks, files)})),
    )


def _start(block: Block) -> int:
    return block.start


def _linked(source: str, file_name: str, files: Collection[str]) -> Iterator[tuple[int, str]]:
    folder = names.proposal_name(names.number_of_document(file_name) or 0)
    for link in links.links(source) if files else ():
        path = links.resolved(link.destination, (file_name,))
        if path and len(path) == 2 and path[0] == folder and path[1] in files:
            yield link.start, path[1]


def _listed(blocks: Collection[Block], files: Collection[str]) -> Iterator[tuple[int, str]]:
    tables = [block for block in blocks if isinstance(block, Table)] if files else []
    for cell in (cell for table in tables for row in table.rows for cell in row.cells):
        words = [word.strip(" `") for word in visible(cell.text).split(",")]
        found = [f"{word.removesuffix('.md')}.md" for word in words]
        if all(file in files for file in found):
            yield from ((cell.start, file) for file in found)
