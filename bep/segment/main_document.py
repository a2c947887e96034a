"""What a main document with sub-documents must have: context block and Document Index.

Guide: Main Document, AI Context Block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .. import names
from ..markdown import edits
from ..markdown.blocks import Table
from ..markdown.plain_text import visible
from ..merge import completion
from ..proposal import derived_text, document_index, insertion
from ..proposal.document import Document, Role

_NAMED = 3


class Completed(NamedTuple):
    """The main document, and in words what only a person can correct in it."""

    text: str
    remarks: tuple[str, ...]


def completed(main: Document, text: str, shell: str, subs: Mapping[str, str]) -> Completed:
    """The main document `main`, now `text`, with what it needs for its sub-documents.

    `subs` are their texts by file name; `shell` is the main document as the template renders it:
    index and context block come from it where the document has none. Existing ones get the rows
    and names that they lack.
    """
    ending = edits.usual_ending(text)
    rendered = main.with_source(edits.with_ending(shell, ending))
    if rendered.context is not None and main.with_source(text).context is None:
        text = completion.complete(text, rendered.text_of(rendered.context.block))
    about = _descriptions(main, subs)
    text = _with_index(main.with_source(text), rendered)
    found = derived_text.of_main_document(main.with_source(text), about)
    corrections = [edit for one in found for edit in one.splices]
    remarks = (f"{one.path}:{one.line}: {one.what}" for one in found if not one.splices)
    return Completed(edits.applied(text, corrections), tuple(remarks))


def too_long(main: Document) -> str:
    """A remark on a main document that is longer than the guide says, '' if it is not."""
    most = main.form.lines
    if not most or main.line_count <= most:
        return ""
    lengths = [
        (main.line(one.end - 1) - main.line(one.start) + 1, visible(one.heading.text))
        for one in main.top_sections
    ]
    longest = sorted(lengths, key=lambda one: one[0], reverse=True)[:_NAMED]
    named = ", ".join(f"{heading!r} ({count})" for count, heading in longest)
    return f"the guide allows at most {most} lines there; the longest are {named}"


def _with_index(document: Document, rendered: Document) -> str:
    """The document's text with an index that contains a table."""
    text = document.source
    there, here = document.find(document_index.SECTION), rendered.find(document_index.SECTION)
    if here is None or here.heading is None:
        return text
    source = rendered.source
    if there is None:
        body = edits.with_ending(source[here.heading.end : here.end].strip(), "\n")
        return edits.applied(text, [insertion.new_section(document, document_index.SECTION, body)])
    inside = document.blocks_between(there.text_start, there.end)
    table = _table(rendered, here.start, here.end)
    has_table = any(isinstance(block, Table) for block in inside)
    if table is None or has_table or document_index.list_of_documents(document):
        return text
    rows = edits.with_ending(source[table.start : table.end].strip(), "\n")
    return edits.applied(text, [insertion.in_own_paragraph(document, there.own_end, rows)])


def _table(read: Document, start: int, end: int) -> Table | None:
    found = (one for one in read.blocks_between(start, end) if isinstance(one, Table))
    return next(found, None)


def _descriptions(main: Document, subs: Mapping[str, str]) -> dict[str, str]:
    folder = "/".join((*main.names[:-1], names.proposal_name(main.number)))
    return {
        file: derived_text.description(
            Document(text, f"{folder}/{file}", Role.SUB, guide=main.guide), file
        )
        for file, text in subs.items()
    }
