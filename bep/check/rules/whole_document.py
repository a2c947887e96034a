"""Rules about a document as a whole and its title (guide: Step 5, Write Sections)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...markdown.blocks import Kind
from ...proposal.document import Document, Role
from .rule import ERROR, WARNING, Hit, rule
from .snapshot import World

_SECTIONS = "guide: Step 5, Write Sections"
_FILES = "guide: Segmented Structure"

_NO_TEXT = re.compile("[\udc80-\udcff]")
_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$")


@rule(
    ERROR,
    _FILES,
    example="A link named BEP-1046-discovery.md that leads nowhere.",
    remedy="Repair the file or its rights, or take it out of the folder.",
)
def document_unreadable(page: Document, world: World) -> Iterator[Hit]:
    """A document is a file of text.

    Not a link that leads nowhere or out of the repository, not a file without the right to read
    it, and no binary data.
    """
    if page.problem:
        yield Hit(page, 0, page.problem, page.problem)


@rule(
    ERROR,
    _FILES,
    example="A file in Latin-1, in which `ü` is the byte FC.",
    remedy="Save the file as UTF-8.",
)
def document_encoding(page: Document, world: World) -> Iterator[Hit]:
    """A document is UTF-8.

    Readers see other characters as question marks.
    """
    if found := _NO_TEXT.search(page.source):
        byte = f"0x{ord(found[0]) - 0xDC00:02X}"
        yield Hit(page, found.start(), f"the byte {byte} is no UTF-8; save the file as UTF-8")


@rule(
    ERROR,
    _SECTIONS,
    example="A file of 0 bytes named BEP-1046-discovery.md.",
    remedy="Write the document with `bep new`, or remove the file: a reserved number needs none.",
)
def document_empty(page: Document, world: World) -> Iterator[Hit]:
    """A document holds something.

    An empty file says that there is a proposal, and nothing else.
    """
    if page.is_empty and not page.problem:
        yield Hit(page, 0, "the document is empty; write it, or remove it")


@rule(
    ERROR,
    "process page: BEP Number Registry",
    example="<<<<<<< HEAD",
    remedy="Decide what stays and remove the markers; among the rows of the registry"
    " `bep sync` does.",
)
def merge_markers(page: Document, world: World) -> Iterator[Hit]:
    """A document holds no markers of a merge conflict.

    Both versions stand in the text, and nobody can tell which holds. Markers in code blocks are
    examples.
    """
    for at, line in _markers(page):
        yield Hit(page, at, f"this is a merge-conflict marker: {line.strip()!r}", line.strip())


def _markers(page: Document) -> Iterator[tuple[int, str]]:
    if not any(marks in page.source for marks in ("<<<<<<<", ">>>>>>>", "|||||||")):
        return
    for block in page.blocks:
        if block.kind in (Kind.FENCE, Kind.INDENTED_CODE, Kind.COMMENT):
            continue
        for at, line in page.lines_of(block):
            if _MARKER.match(line):
                yield at, line


def has_markers(page: Document) -> bool:
    """Whether a merge left conflict markers in a document."""
    return next(_markers(page), None) is not None


@rule(
    ERROR,
    _SECTIONS,
    example="""
        ---
        Status: Draft
        ---
        ## Motivation""",
    remedy="Write the title as a heading of level 1 below the metadata and the context block.",
)
def title_missing(page: Document, world: World) -> Iterator[Hit]:
    """A document has a title: a heading of level 1.

    Lists and links show it.
    """
    if page.role is not Role.PROCESS and not (page.title and page.title.text):
        yield Hit(page, page.title_start, "the title is missing; write it as `# Title`")


@rule(
    WARNING,
    _SECTIONS,
    example="""
        # Unified Service Discovery
        # Part 2""",
    remedy="Make the other headings of level 1 sections (`##`).",
)
def title_repeated(page: Document, world: World) -> Iterator[Hit]:
    """A document has one title.

    Tables of contents and tools take each heading of level 1 for a document of its own.
    """
    if page.role is Role.PROCESS:
        return
    for heading in page.headings:
        if heading.level == 1 and heading is not page.title:
            message = f"{heading.text!r} is a second title; make it a section (##)"
            yield Hit(page, heading.start, message, heading.text)
