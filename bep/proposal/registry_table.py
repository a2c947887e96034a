"""The BEP Number Registry: one table of the process page (guide: Step 1, Reserve BEP Number)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks as markdown, edits, links, merge_markers
from ..markdown.blocks import Block, Cell, Kind, Table
from ..markdown.edits import Splice
from ..markdown.escapes import plain_text, table_cell
from ..markdown.merge_markers import Marker

COLUMNS = ("Number", "Title", "Author", "Status")
_NAMES = tuple(name.casefold() for name in COLUMNS)

# A number with something around it: `~~1001~~`, `**1001**`, `[BEP-1001](…)`, `1001 (withdrawn)`.
_DECORATED = re.compile(
    rf"(?:<[^<>]*>|_|[^\w<])*(?:BEP[-_ ]?)?({names.NUMBER})(?![0-9.,]*[0-9])", re.IGNORECASE
)
_LINE = re.compile(r" {0,3}\|(.*)\|[ \t]*\r?")
_LINK = re.compile(r"\[\s*(\d+)\s*\]\(\s*+(?:<([^>]*+)>|([^)\s]*+))[^)]*+\)")


class Row(NamedTuple):
    """One row; `number` is None for rows such as `_next_`, `link` is '' if it is bare."""

    number: int | None
    link: str
    title: str
    author: str
    status: str
    start: int
    end: int
    line: int
    cells: tuple[Cell, ...]

    @property
    def held(self) -> int | None:
        """The number that nobody else gets, even if the cell has more than the number."""
        if self.number is not None or not self.cells:
            return self.number
        return _held(self.cells[0].text)


class RowText(NamedTuple):
    """What one line of a page says as a row of the registry; see `Row`."""

    number: int | None
    held: int | None
    title: str
    author: str
    status: str


class Registry(NamedTuple):
    """The registry in `source`, the text of the process page at `path`."""

    source: str
    path: str
    table: Table
    rows: tuple[Row, ...]

    def numbers(self) -> set[int]:
        """All numbers that a row holds, with or without a document, struck out or not."""
        return {number for row in self.rows if (number := row.held) is not None}

    def row(self, number: int) -> Row | None:
        """The row of `number`, None if it has none.

        Raises BepError if two rows have the number.
        """
        found = [row for row in self.rows if row.number == number]
        if len(found) > 1:
            first, second = found[0], found[1]
            raise BepError(
                f"two rows have the number {number} ({first.title!r} in line {first.line},"
                f" {second.title!r} in line {second.line})",
                "give one of them another number",
                self.path,
                second.line,
                WRONG_DOCUMENTS,
            )
        return found[0] if found else None


def _held(cell: str) -> int | None:
    found = _DECORATED.match(cell)
    return int(found[1]) if found else None


def row_in(line: str) -> RowText | None:
    """The row that a single line is, wherever it is; None if it lacks a number or a cell.

    For pages of which there are too many to be read as a whole, or that are broken.
    """
    found = _LINE.fullmatch(line)
    cells = [cell.strip() for cell in markdown.PIPE.split(found[1])] if found else []
    if len(cells) < len(COLUMNS) or (held := _held(cells[0])) is None:
        return None
    link = _LINK.fullmatch(cells[0])
    number = names.number_in_digits(link[1] if link else cells[0])
    unescaped = (cell.replace("\\|", "|") for cell in cells[1 : len(COLUMNS)])
    title, author, status = map(plain_text, unescaped)
    return RowText(number, held, title, author, status)


def target_of(page: str, row: Row) -> str | None:
    """The path from the root to which a row's link leads; None if it leaves the repository.

    `page` is the path of the process page.
    """
    found = links.resolved(row.link, tuple(page.split("/")))
    return None if found is None else "/".join(found)


def rows_of_documents(
    page: Registry, mains: Iterable[tuple[int, str]]
) -> Callable[[int, str], Row | None]:
    """A function that returns the row of a main document, by its number and path from the root.

    That is the first row that links it, else the first row of its number that links no main
    document of that number. `mains` are all main documents.
    """
    known = {*mains}
    linking: dict[tuple[int | None, str], Row] = {}
    free: dict[int | None, Row] = {}
    for row in page.rows:
        target = target_of(page.path, row) if row.link else None
        if target and (row.number, target) in known:
            linking.setdefault((row.number, target), row)
        else:
            free.setdefault(row.number, row)
    return lambda number, path: linking.get((number, path)) or free.get(number)


def wrong_link(
    page: str,
    row: Row,
    mains: Collection[str],
    *,
    has_file: Callable[[str], bool],
    has_directory: Callable[[str], bool],
) -> str | None:
    """Why the link of a row is wrong, None if it is right or the row has none.

    `mains` are the paths of the main documents of the row's number, from the root as all paths.
    """
    target = target_of(page, row)
    if not row.link or target in mains:
        return None
    if target is None:
        why = "which leads out of the repository; link the main document"
    elif has_directory(target):
        why = "which is a directory; link the main document"
    elif has_file(target):
        why = f"which is not a main document of {row.number}"
    else:
        why = "which does not exist"
    return f"the registry links {row.link}, {why}"


@lru_cache(maxsize=8)
def read(source: str, path: str) -> Registry:
    """The registry in the text of a process page; `path` is named in errors.

    Raises BepError if the page has no registry table, has two, or one that is broken off or
    holds merge-conflict markers: a number in the torn part would be given out twice.
    """
    blocks = markdown.blocks(source)
    tables = in_blocks(blocks)
    if not tables:
        raise missing(path)
    if len(tables) > 1:
        raise second(path, tables[1].line)
    _refuse_torn(source, path, tables[0], blocks)
    return Registry(source, path, tables[0], tuple(_row(row) for row in tables[0].rows))


def in_blocks(blocks: Iterable[Block]) -> list[Table]:
    """The tables among blocks that have the registry's columns; a page should have one."""
    return [
        block
        for block in blocks
        if isinstance(block, Table) and are_columns(cell.text for cell in block.header.cells)
    ]


def are_columns(names: Iterable[str]) -> bool:
    """Whether the first columns of a table have the names of the registry's."""
    return tuple(name.casefold() for name in names)[: len(_NAMES)] == _NAMES


def missing(path: str, line: int | None = None) -> BepError:
    """The error for a page without a registry table."""
    message = f"the registry table is missing ({' | '.join(COLUMNS)})"
    remedy = "restore its header and the line of dashes below it"
    return BepError(message, remedy, path, line, WRONG_DOCUMENTS)


def second(path: str, line: int) -> BepError:
    """The error for a page with two registry tables, of which the second one is on that line."""
    remedy = "join the two, with the rows in one table"
    return BepError("there is a second registry table here", remedy, path, line, WRONG_DOCUMENTS)


def _refuse_torn(source: str, path: str, table: Table, blocks: Sequence[Block]) -> None:
    if marker := _first_marker(source):
        raise BepError(
            "the page contains merge-conflict markers",
            "`bep sync` resolves those among the rows",
            path,
            markdown.line_of(source, marker.place),
            WRONG_DOCUMENTS,
        )
    following = next(
        (one for one in blocks if one.start >= table.end and one.kind != Kind.BLANK),
        None,
    )
    if (
        following
        and following.kind is Kind.PARAGRAPH
        and source[following.start : following.end].lstrip().startswith("|")
    ):
        raise BepError(
            "rows are outside the registry table",
            "remove the line that separates them from it",
            path,
            following.line,
            WRONG_DOCUMENTS,
        )


def _first_marker(source: str) -> Marker | None:
    if not merge_markers.may_hold(source):
        return None
    lines = ((start, source[start:end]) for start, end, _ in markdown.lines(source))
    return next((one for one in merge_markers.find(lines) if one.kind != "="), None)


def _row(row: markdown.Row) -> Row:
    texts = [cell.text for cell in row.cells] + [""] * len(COLUMNS)
    link = _LINK.fullmatch(texts[0])
    digits = link[1] if link else texts[0]
    return Row(
        names.number_in_digits(digits),
        (link[2] or link[3] or "") if link else "",
        title=plain_text(texts[1]),
        author=plain_text(texts[2]),
        status=texts[3],
        start=row.start,
        end=row.end,
        line=row.line,
        cells=row.cells,
    )


def add_row(
    registry: Registry, number: int, title: str, author: str, status: str, link: str
) -> str:
    """The page with one line more: the row of `number`, at its place in the ascending rows.

    `link` is the main document's file name, '' for a number that is only reserved. Rows without
    a number (`_next_`) stay after it. Raises BepError if the number has a row already.
    """
    if found := registry.row(number):
        raise BepError(
            f"the number {number} already has a row ({found.title!r})",
            "take another number",
            registry.path,
            found.line,
            WRONG_DOCUMENTS,
        )
    return edits.applied(
        registry.source, [row_splice(registry, number, title, author, status, link)]
    )


def row_splice(
    registry: Registry, number: int, title: str, author: str, status: str, link: str
) -> Splice:
    """The edit that adds the row of a number which has none, as `add_row` does."""
    text = _line_of((number_cell(number, link), *map(table_cell, (title, author, status))))
    return edits.line_below(registry.source, _place_above(registry, number), text)


def set_row(
    registry: Registry, number: int, title: str, author: str, status: str, link: str
) -> str:
    """The page with the row of `number` saying what its document says; added where missing.

    Only cells that differ are written. Raises BepError if two rows have the number.
    """
    row = registry.row(number)
    if row is None:
        return add_row(registry, number, title, author, status, link)
    wanted = {
        "Number": number_cell(number, link),
        "Title": table_cell(title),
        "Author": table_cell(author),
        "Status": table_cell(status),
    }
    return edits.applied(registry.source, cell_splices(registry, row, wanted))


def cell_splices(registry: Registry, row: Row, wanted: Mapping[str, str]) -> list[Splice]:
    """The edits that give cells of a row new contents, by the names of their columns.

    `wanted` holds the contents as a table has them. Only cells that differ are written; a row
    that is too short is written anew, with the cells that it has.
    """
    source = registry.source
    if len(row.cells) < len(COLUMNS):
        written = [source[cell.start : cell.end] for cell in row.cells]
        written += [""] * (len(COLUMNS) - len(written))
        cells = [wanted.get(name, text) for name, text in zip(COLUMNS, written, strict=True)]
        line = Splice(row.start, edits.line_end(source, row.start), _line_of(cells))
        return [line] if cells != written else []
    return [
        Splice(cell.start, cell.end, _padded(source, cell, wanted[name]))
        for name, cell in zip(COLUMNS, row.cells, strict=False)
        if name in wanted and source[cell.start : cell.end] != wanted[name]
    ]


def remove_row(registry: Registry, number: int) -> str:
    """The page without the line of the row of `number`.

    Raises BepError if two rows have the number; if none does, the page stays as it is.
    """
    row = registry.row(number)
    if row is None:
        return registry.source
    source, end = registry.source, edits.line_end(registry.source, row.start)
    ending = edits.ending_at(source, end)
    if ending or row.start == 0:
        return source[: row.start] + source[end + len(ending) :]
    # The last line of a page without a final line ending takes the one before it along.
    return source[: row.start].removesuffix("\n").removesuffix("\r")


def _line_of(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _padded(source: str, cell: Cell, text: str) -> str:
    """An empty cell (`||` or `| |`) has no blanks of its own to keep its text off the pipes."""
    if cell.start < cell.end:
        return text
    before = "" if source[cell.start - 1 : cell.start] == " " else " "
    after = "" if source[cell.end : cell.end + 1] == " " else " "
    return f"{before}{text}{after}" if text else ""


def number_cell(number: int, link: str) -> str:
    """The first cell of a row: the number as a link to a file beside the page, bare for ''."""
    return f"[{number}]({links.written(link)})" if link else str(number)


def with_rows_of(registry: Registry, other: Registry, numbers: Iterable[int]) -> str:
    """The page `registry` with the rows of these numbers as `other` has them, byte for byte.

    A row that `other` lacks is removed. A number of several rows stays as it is.
    """
    edit: list[Splice] = []
    for number in sorted(set(numbers)):
        old = [row for row in registry.rows if row.number == number]
        new = [row for row in other.rows if row.number == number]
        if len(old) > 1 or len(new) > 1:
            continue
        lines = [other.source[row.start : edits.line_end(other.source, row.start)] for row in new]
        if old and new:
            end = edits.line_end(registry.source, old[0].start)
            edit.append(Splice(old[0].start, end, lines[0]))
        elif old:
            end = edits.line_end(registry.source, old[0].start)
            after = end + len(edits.ending_at(registry.source, end))
            edit.append(Splice(old[0].start, after, ""))
        elif new:
            edit.append(edits.line_below(registry.source, _place_above(registry, number), lines[0]))
    return edits.applied(registry.source, edit)


def _place_above(registry: Registry, number: int) -> int:
    """Where the row is below which that of a number belongs."""
    smaller = [row for row in registry.rows if row.number is not None and row.number < number]
    return smaller[-1].start if smaller else registry.table.delimiter.start
