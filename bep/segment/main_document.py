"""What a main document with sub-documents must have: context block and Document Index.

Guide: Main Document, AI Context Block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..markdown import edits
from ..markdown.blocks import Table
from ..markdown.plain_text import visible
from ..merge import completion
from ..proposal import derived_text, guide, insertion
from ..proposal.document import Document, Role

_NAMED = 3


class Completed(NamedTuple):
    """The main document, and in words what only a person can correct in it."""

    text: str
    remarks: tuple[str, ...]


def completed(text: str, shell: str, path: str, subs: Mapping[str, str]) -> Completed:
    """A main document at `path` with what it needs for its sub-documents `subs`, by file name.

    `shell` is the main document as the template renders it: index and context block come from it
    where the document has none. Existing ones get the rows and names that they lack.
    """
    ending = edits.usual_ending(text)
    rendered = Document(edits.with_ending(shell, ending))
    if rendered.context is not None and Document(text).context is None:
        text = completion.complete(text, rendered.text_of(rendered.context.block))
    text = _with_index(text, rendered)
    found = derived_text.of_main_document(path, Document(text), _descriptions(subs))
    corrections = [edit for one in found for edit in one.splices]
    remarks = (f"{one.path}:{one.line}: {one.what}" for one in found if not one.splices)
    return Completed(edits.applied(text, corrections), tuple(remarks))


def too_long(main: Document) -> str:
    """A remark on a main document that is longer than the guide says, '' if it is not."""
    if main.line_count <= guide.MAIN_LINES:
        return ""
    lengths = [
        (main.line(one.end - 1) - one.heading.line + 1, visible(one.heading.text))
        for one in main.top_sections
    ]
    longest = sorted(lengths, key=lambda one: one[0], reverse=True)[:_NAMED]
    named = ", ".join(f"{heading!r} ({count})" for count, heading in longest)
    return f"the guide allows at most {guide.MAIN_LINES} lines there; the longest are {named}"


def _with_index(text: str, rendered: Document) -> str:
    """The document with a Document Index that contains a table."""
    document = Document(text)
    there, here = document.find(guide.DOCUMENT_INDEX), rendered.find(guide.DOCUMENT_INDEX)
    if here is None or here.heading is None:
        return text
    source = rendered.source
    if there is None:
        body = edits.with_ending(source[here.heading.end : here.end].strip(), "\n")
        return edits.applied(text, [insertion.new_section(document, guide.DOCUMENT_INDEX, body)])
    inside = document.blocks_between(there.start, there.end)
    table = _table(rendered, here.start, here.end)
    if table is None or any(isinstance(block, Table) for block in inside):
        return text
    rows = edits.with_ending(source[table.start : table.end].strip(), "\n")
    return edits.applied(text, [insertion.in_own_paragraph(document, there.own_end, rows)])


def _table(read: Document, start: int, end: int) -> Table | None:
    found = (one for one in read.blocks_between(start, end) if isinstance(one, Table))
    return next(found, None)


def _descriptions(subs: Mapping[str, str]) -> dict[str, str]:
    return {
        file: derived_text.description(Document(text, role=Role.SUB), file)
        for file, text in subs.items()
    }
