"""What a main document has to have beside its sub-documents: context block and Document Index.

Guide: Main Document, AI Context Block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..markdown import edits, endings
from ..markdown.blocks import Table
from ..markdown.inline import visible
from ..merge import completion
from ..proposal import derived_text, document, guide, outline as outlines
from ..proposal.document import Document
from ..proposal.outline import Outline
from ..proposal.page import Page

_NAMED = 3


class Completed(NamedTuple):
    """The main document, and in words what of it only a person can mend."""

    text: str
    remarks: tuple[str, ...]


def completed(text: str, shell: str, path: str, subs: Mapping[str, str]) -> Completed:
    """A main document at `path` with what it needs for its sub-documents `subs`, by file name.

    `shell` is the main document as the template renders it: index and context block come from it
    where the document has none. What stands there gets the rows and names that it lacks.
    """
    ending = endings.most(text)
    rendered = document.read(endings.with_ending(shell, ending))
    block = rendered.context_block
    if block is not None and document.read(text).context_block is None:
        text = completion.complete(text, rendered.source[block.start : block.end])
    text = _with_index(text, outlines.read(rendered))
    found = derived_text.of_main_document(path, document.read(text), _descriptions(subs))
    mended = [edit for one in found for edit in one.splices]
    remarks = (f"{one.path}:{one.line}: {one.what}" for one in found if not one.splices)
    return Completed(edits.applied(text, mended), tuple(remarks))


def too_long(main: Page) -> str:
    """What to say of a main document that is longer than the guide has it, '' where it is not."""
    if main.line_count <= guide.MAIN_LINES:
        return ""
    lengths = [
        (main.line(one.end - 1) - one.heading.line + 1, visible(one.heading.text))
        for one in main.sections
    ]
    longest = sorted(lengths, key=lambda one: one[0], reverse=True)[:_NAMED]
    named = ", ".join(f"{heading!r} ({count})" for count, heading in longest)
    return f"the guide has at most {guide.MAIN_LINES} lines there; longest are {named}"


def _with_index(text: str, rendered: Outline) -> str:
    """The document with a Document Index that holds a table."""
    outline = outlines.read(document.read(text))
    there, here = outline.find(guide.DOCUMENT_INDEX), rendered.find(guide.DOCUMENT_INDEX)
    if here is None or here.heading is None:
        return text
    source = rendered.document.source
    if there is None:
        body = endings.with_ending(source[here.heading.end : here.end].strip(), "\n")
        return edits.applied(text, [outlines.new_section(outline, guide.DOCUMENT_INDEX, body)])
    inside = outlines.blocks_between(outline.document, there.start, there.end)
    table = _table(rendered.document, here.start, here.end)
    if table is None or any(isinstance(block, Table) for block in inside):
        return text
    rows = endings.with_ending(source[table.start : table.end].strip(), "\n")
    return edits.applied(text, [outlines.in_own_paragraph(outline.document, there.own_end, rows)])


def _table(read: Document, start: int, end: int) -> Table | None:
    found = (one for one in outlines.blocks_between(read, start, end) if isinstance(one, Table))
    return next(found, None)


def _descriptions(subs: Mapping[str, str]) -> dict[str, str]:
    return {
        file: derived_text.description(document.read(text), file) for file, text in subs.items()
    }
