"""Rules about a document as a whole and its title (guide: Step 5, Write Sections)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...markdown import merge_markers as markers
from ...markdown.blocks import Kind
from ...markdown.merge_markers import Marker
from ...proposal.document import Document, Role
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Snapshot

RULES = RuleSet("The document as a whole")

_SECTIONS = "guide: Step 5, Write Sections"
_FILES = "guide: Segmented Structure"

_NO_TEXT = re.compile("[\udc80-\udcff]")


@RULES.of_documents(
    ERROR,
    _FILES,
    example="A link named BEP-1046-discovery.md that leads nowhere.",
    remedy="Fix the file or its permissions, or move it out of the folder.",
    needs_text=False,
)
def document_unreadable(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document is a readable text file.

    It is not a link that leads nowhere or out of the repository, a file that `check` may not read,
    or binary data.
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

    In other encodings, readers see question marks instead of some characters.
    """
    if found := _NO_TEXT.search(document.source):
        byte = f"0x{ord(found[0]) - 0xDC00:02X}"
        yield Hit(document, found.start(), f"the byte {byte} is not UTF-8; save the file as UTF-8")


@RULES.of_documents(
    ERROR,
    _SECTIONS,
    example="A file of 0 bytes named BEP-1046-discovery.md.",
    remedy="Write the document with `bep new`, or remove the file: a reserved number needs no"
    " document.",
    needs_text=False,
)
def document_empty(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document is not empty.

    An empty file says only that a proposal exists.
    """
    if document.is_empty and not document.problem:
        yield Hit(document, 0, "the document is empty; write it, or remove it")


@RULES.of_documents(
    ERROR,
    "process page: BEP Number Registry",
    example="<<<<<<< HEAD",
    remedy="Decide what stays and remove the markers; `bep sync` does this for the rows of the"
    " registry.",
)
def merge_markers(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document contains no merge-conflict markers.

    Both versions are in the text, and no reader can tell which one is valid. Markers in code blocks
    are ignored. Markers shorter than Git's own (`conflict-marker-size`) are recognised by their
    order.
    """
    for marker in _markers(document):
        text = marker.text.strip()
        yield Hit(document, marker.place, f"this is a merge-conflict marker: {text!r}", text=text)


def _markers(document: Document) -> list[Marker]:
    """Return the markers outside code and comments; a `=` between them needs no finding."""
    if not markers.may_hold(document.source):
        return []
    lines = (
        line
        for block in document.blocks
        if block.kind not in (Kind.FENCE, Kind.INDENTED_CODE, Kind.COMMENT)
        for line in document.lines_of(block)
    )
    return [one for one in markers.find(lines) if one.kind != "="]


def has_markers(document: Document) -> bool:
    """Return whether a merge left conflict markers in a document."""
    return bool(_markers(document))


@RULES.of_documents(
    ERROR,
    _SECTIONS,
    example="""
        ---
        {key[status]}: {status[draft]}
        ---
        ## {section[motivation]}""",
    remedy="Write the title as a heading of level 1 below the metadata and the context block.",
)
def title_missing(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A document has a title: a heading of level 1.

    Lists and links use it.
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

    Tables of contents and tools treat each heading of level 1 as a separate document.
    """
    if document.role is Role.PROCESS:
        return
    for heading in document.headings:
        if heading.level == 1 and heading != document.title:
            message = f"{heading.text!r} is a second title; make it a section (##)"
            yield Hit(document, heading.start, message, text=heading.text)
