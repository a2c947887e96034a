"""Rules about a document as a whole and its title (guide: Step 5, Write Sections)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...markdown.blocks import Kind
from ...proposal.document import Document, Role
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Snapshot

RULES = RuleSet("The document as a whole")

_SECTIONS = "guide: Step 5, Write Sections"
_FILES = "guide: Segmented Structure"

_NO_TEXT = re.compile("[\udc80-\udcff]")
_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$")


@RULES.of_documents(
    ERROR,
    _FILES,
    example="A link named BEP-1046-discovery.md that leads nowhere.",
    remedy="Repair the file or its rights, or take it out of the folder.",
    needs_text=False,
)
def document_unreadable(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document is a file of text.

    Not a link that leads nowhere or out of the repository, not a file without the right to read
    it, and no binary data.
    """
    if document.problem:
        yield Hit(document, 0, document.problem, text=document.problem)


@RULES.of_documents(
    ERROR,
    _FILES,
    example="A file in Latin-1, in which `ü` is the byte FC.",
    remedy="Save the file as UTF-8.",
)
def document_encoding(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document is UTF-8.

    Readers see other characters as question marks.
    """
    if found := _NO_TEXT.search(document.source):
        byte = f"0x{ord(found[0]) - 0xDC00:02X}"
        yield Hit(document, found.start(), f"the byte {byte} is no UTF-8; save the file as UTF-8")


@RULES.of_documents(
    ERROR,
    _SECTIONS,
    example="A file of 0 bytes named BEP-1046-discovery.md.",
    remedy="Write the document with `bep new`, or remove the file: a reserved number needs none.",
    needs_text=False,
)
def document_empty(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document holds something.

    An empty file says that there is a proposal, and nothing else.
    """
    if document.is_empty and not document.problem:
        yield Hit(document, 0, "the document is empty; write it, or remove it")


@RULES.of_documents(
    ERROR,
    "process page: BEP Number Registry",
    example="<<<<<<< HEAD",
    remedy="Decide what stays and remove the markers; among the rows of the registry"
    " `bep sync` does.",
)
def merge_markers(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document holds no markers of a merge conflict.

    Both versions stand in the text, and nobody can tell which holds. Markers in code blocks are
    examples.
    """
    for at, line in _markers(document):
        yield Hit(
            document, at, f"this is a merge-conflict marker: {line.strip()!r}", text=line.strip()
        )


def _markers(document: Document) -> Iterator[tuple[int, str]]:
    if not any(marks in document.source for marks in ("<<<<<<<", ">>>>>>>", "|||||||")):
        return
    for block in document.blocks:
        if block.kind in (Kind.FENCE, Kind.INDENTED_CODE, Kind.COMMENT):
            continue
        for at, line in document.lines_of(block):
            if _MARKER.match(line):
                yield at, line


def has_markers(document: Document) -> bool:
    """Return whether a merge left conflict markers in a document."""
    return next(_markers(document), None) is not None


@RULES.of_documents(
    ERROR,
    _SECTIONS,
    example="""
        ---
        Status: Draft
        ---
        ## Motivation""",
    remedy="Write the title as a heading of level 1 below the metadata and the context block.",
)
def title_missing(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document has a title: a heading of level 1.

    Lists and links show it.
    """
    if document.role is not Role.PROCESS and not (document.title and document.title.text):
        yield Hit(document, document.title_start, "the title is missing; write it as `# Title`")


@RULES.of_documents(
    WARNING,
    _SECTIONS,
    example="""
        # Unified Service Discovery
        # Part 2""",
    remedy="Make the other headings of level 1 sections (`##`).",
)
def title_repeated(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document has one title.

    Tables of contents and tools take each heading of level 1 for a document of its own.
    """
    if document.role is Role.PROCESS:
        return
    for heading in document.headings:
        if heading.level == 1 and heading is not document.title:
            message = f"{heading.text!r} is a second title; make it a section (##)"
            yield Hit(document, heading.start, message, text=heading.text)
