"""The Document Index of a main document, with each sub-document (guide: Segmentation)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from .. import names
from ..markdown import blocks as markdown, edits, links, list_items, tables
from ..markdown.blocks import Block, Kind, Row, Table
from ..markdown.edits import Splice
from ..markdown.escapes import markdown_text, table_cell
from . import insertion
from .document import Document

SECTION = "document-index"
_DESCRIPTION = "description"
_LONE_LINK = re.compile(r"\[[^\[\]]*\]\([^()]*\)")


class Difference(NamedTuple):
    """Where the index differs from the files; without `splices` only a person can correct it."""

    line: int
    what: str
    splices: tuple[Splice, ...]


class Link(NamedTuple):
    """A link to a sub-document: the file's name, and the offset of its destination."""

    file: str
    start: int


def linked(document: Document) -> list[Link]:
    """The links to sub-documents in the index of a main document, in order.

    A document without an index has none.
    """
    section = document.find(SECTION)
    if section is None:
        return []
    return [
        Link(target[-1], link.start)
        for link, target in zip(document.links, document.link_targets, strict=True)
        if section.start <= link.start < section.end and target and may_list(document, target)
    ]


def may_list(document: Document, target: links.Path) -> bool:
    """Whether the index of a main document can list a file: the path of one of its sub-documents.

    `target` is a path from the repository's root, where no file need be.
    """
    folder = (*document.names[:-1], names.proposal_name(document.number))
    return target[:-1] == folder and target[-1].endswith(".md")


def unlisted(document: Document, files: Iterable[str]) -> list[str]:
    """The sub-documents among `files` that the index neither links nor names, by name.

    Without an index, that is all of them.
    """
    section = document.find(SECTION)
    text = document.source[section.text_start : section.end] if section else ""
    known = {link.file for link in linked(document)}
    return [
        name
        for name in sorted(set(files) - known)
        if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)
    ]


def differences(
    document: Document, descriptions: Mapping[str, str], recorded: Mapping[str, str]
) -> list[Difference]:
    """The entries that the index lacks, and the rows that lead nowhere; none without an index.

    `descriptions` has the file names of the sub-documents, and what a new entry says of each. Rows
    that lead somewhere stay as they are. A row that leads nowhere can be removed if it contains
    only its link and what is `recorded` of the file. An index that is neither a table nor a list
    of links is left to a person.
    """
    section = document.find(SECTION)
    if section is None:
        return []
    blocks = document.blocks_between(section.text_start, section.end)
    of_index = [block for block in blocks if isinstance(block, Table)]
    source = document.source
    by_row = _by_row([row for table in of_index for row in table.rows], linked(document))
    dead = [
        _dead(source, row, links_of, recorded.get(links_of[0].file, ""))
        for row, links_of in by_row
        if not any(link.file in descriptions for link in links_of)
    ]
    new = {name: descriptions[name] for name in unlisted(document, descriptions)}
    if not new:
        return dead
    if of_list := list_of_documents(document):
        return [*dead, _items(document, of_list, new)]
    if of_index:
        gone = {splice.start for one in dead for splice in one.splices}
        return [*dead, _missing(document, of_index, by_row, gone, new)]
    heading = section.heading
    what = f"{document.heading_of(SECTION)} has no entry for {', '.join(new)}, and no table; add it"
    return [Difference(heading.line if heading else 1, what, ())]


def list_of_documents(document: Document) -> Block | None:
    """The last list of the index that links sub-documents, where no other block does."""
    section = document.find(SECTION)
    if section is None:
        return None
    found = linked(document)
    inside = document.blocks_between(section.text_start, section.end)
    linking = [
        block for block in inside if any(block.start <= one.start < block.end for one in found)
    ]
    is_list = bool(linking) and all(one.kind is Kind.LIST for one in linking)
    return linking[-1] if is_list else None


def _items(document: Document, of_list: Block, new: Mapping[str, str]) -> Difference:
    """The items that the list of the index lacks, below its last one."""
    text, block, places = document.source, of_list, list[int]()
    for name, about in new.items():
        line = f"{link(document, name)}: {markdown_text(about)}"
        splice = insertion.next_item(text, list_items.items(text, block), line)
        places.append(splice.start)
        text = edits.applied(text, [splice])
        block = document.with_source(text).block_at(of_list.start)
    start, added = places[0], len(text) - len(document.source)
    edit = Splice(start, start, text[start : start + added])
    return Difference(of_list.line, f"new items for {', '.join(new)}", (edit,))


def _by_row(rows: Sequence[Row], found: Sequence[Link]) -> list[tuple[Row, list[Link]]]:
    """The rows that have links, with these."""
    starts = [row.start for row in rows]
    by_row: dict[int, list[Link]] = {}
    for link in found:
        at = bisect_right(starts, link.start) - 1
        if at >= 0 and link.start < rows[at].end:
            by_row.setdefault(at, []).append(link)
    return [(rows[at], those) for at, those in by_row.items()]


def _dead(source: str, row: Row, links_of: Sequence[Link], recorded: str) -> Difference:
    """A row that leads nowhere; it is kept if a person wrote something into it."""
    name = links_of[0].file
    what = f"the row of {name} leads nowhere"
    stem = name.removesuffix(".md")
    said_anyway = {"", stem, names.document_title(stem), recorded, markdown_text(recorded)}
    at = _column(row, links_of[0])
    others = {cell.text for cell in (*row.cells[:at], *row.cells[at + 1 :])}
    written = source[row.cells[at].start : row.cells[at].end]
    if _LONE_LINK.fullmatch(written) and others <= said_anyway:
        return Difference(row.line, f"{what}: removed", (Splice(row.start, row.end, ""),))
    return Difference(row.line, f"{what}, but its text is nowhere else", ())


def _column(row: Row, link: Link) -> int:
    ends = [cell.end for cell in row.cells]
    return min(bisect_right(ends, link.start), len(ends) - 1)


def _missing(
    document: Document,
    of_index: Sequence[Table],
    by_row: Sequence[tuple[Row, list[Link]]],
    gone: Set[int],
    new: Mapping[str, str],
) -> Difference:
    """The rows that the index lacks, below the last row that stays.

    They go into the last table that links sub-documents, and are like its rows.
    """
    source = document.source
    by_start = {row.start: _column(row, those[0]) for row, those in by_row}
    column = document.guide.sections[SECTION].columns.get(_DESCRIPTION)
    described = column.names if column else ()
    table = next(
        (one for one in reversed(of_index) if any(row.start in by_start for row in one.rows)),
        of_index[0],
    )
    columns = [by_start[row.start] for row in table.rows if row.start in by_start]
    headings = tables.columns(table)
    at = min(columns[-1] if columns else 0, len(headings) - 1)
    about = next((n for n, name in enumerate(headings) if name in described and n != at), at + 1)
    lines = []
    for name, text in new.items():
        cells = [""] * len(headings)
        cells[at] = link(document, name)
        if about < len(cells):
            cells[about] = table_cell(text)
        lines.append(tables.line(cells))
    # Text directly below the rows stays below them.
    bordered = (row for row in table.rows if markdown.has_border(source, row))
    above = [row for row in (table.delimiter, *bordered) if row.start not in gone][-1]
    ending = edits.ending_near(source, above.start)
    edit = edits.line_below(source, above.start, ending.join(lines))
    return Difference(above.line, f"new rows for {', '.join(new)}", (edit,))


def link(document: Document, name: str) -> str:
    """The link to a sub-document, by its file's name, in the index of its main document."""
    target = links.written(f"./{names.proposal_name(document.number)}/{name}")
    return f"[{table_cell(name.removesuffix('.md'))}]({target})"
