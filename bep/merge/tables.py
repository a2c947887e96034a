"""The merge of a table by row and column (Decision Log, Document Index, registry)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..markdown import blocks, tables
from ..markdown.blocks import Row, Table
from .order import arranged, told_apart

Names = Mapping[str, str]

# A table whose columns are known by their own names alone.
OWN_NAMES: Names = MappingProxyType({})
_EMPTY = "  "


class MergedTable(NamedTuple):
    """The merged lines of the table, and whether something of the template gave way."""

    text: str
    gave_way: bool


class _Side(NamedTuple):
    """One version of the table: its text, columns by name, and rows by what identifies them."""

    source: str
    table: Table
    columns: dict[str, int]
    rows: dict[str, Row]

    def cell(self, row: Row, column: str) -> str:
        return tables.text(row, self.columns[column])

    def line(self, row: Row) -> str:
        return self.source[row.start : row.end]

    def is_text(self, row: Row) -> bool:
        """Whether a row is a line without a pipe, which its author put directly below."""
        return not blocks.has_border(self.source, row)


def corresponds(one: Table, other: Table, known: Names = OWN_NAMES) -> bool:
    """Whether `other` has at least half of the columns of `one`."""
    names, others = (set(_columns(table, known)) for table in (one, other))
    return 2 * len(names & others) >= len(names) > 0


def merge(
    base: tuple[str, Table],
    ours: tuple[str, Table],
    theirs: tuple[str, Table],
    known: Names = OWN_NAMES,
) -> MergedTable:
    """Merge three versions of a table; each is a source with the table that is in it.

    `known` says which normalised names of columns mean the same: each has the same value there.

    Rows and columns that the author added stay; those of the template follow it where the author
    left them. A column with an author's text in it is not taken away.
    """
    identifying = _identifying_columns([base[1], ours[1], theirs[1]], known)
    old, mine, new = (_side(*one, known, identifying) for one in (base, ours, theirs))
    text, kept = _with_columns(old, mine, new)
    widened = next(iter(blocks.blocks(text, front_matter=False)))
    if not isinstance(widened, Table):
        # One column without a pipe is not a table.
        return MergedTable(ours[0][ours[1].start : ours[1].end], gave_way=True)
    text, also_kept = _with_rows(old, _side(text, widened, known, identifying), new)
    return MergedTable(text, kept or also_kept)


def _identifying_columns(versions: Sequence[Table], known: Names) -> list[str]:
    """The columns of all versions, from the first on, that tell the template's rows apart.

    `versions` are those of the template before, of the author, and of the template now. All common
    columns, where no row is alone even by these.
    """
    base, *others = ([*_columns(table, known)] for table in versions)
    common = [name for name in base if all(name in one for one in others)]
    places = [{name: at for at, name in enumerate(one)} for one in (base, *others)]
    for count in range(1, len(common) + 1):
        before, mine, after = (
            Counter(_key(row, columns, common[:count]) for row in table.rows)
            for table, columns in zip(versions, places, strict=True)
        )
        if all(max(before[key], mine[key], after[key]) <= 1 for key in before | after):
            return common[:count]
    return common


def _key(row: Row, columns: Mapping[str, int], identifying: Sequence[str]) -> str:
    return "\0".join(tables.text(row, columns[name]) for name in identifying)


def _columns(table: Table, known: Names) -> list[str]:
    """The keys of a table's columns, in order; a repeated one gets a counter."""
    return told_apart(known.get(name, name) for name in tables.columns(table))


def _side(source: str, table: Table, known: Names, identifying: Sequence[str]) -> _Side:
    """A version whose rows are identified by their cells in some columns."""
    columns = {name: at for at, name in enumerate(_columns(table, known))}
    keys = told_apart(_key(row, columns, identifying) for row in table.rows)
    rows = dict(zip(keys, table.rows, strict=True))
    return _Side(source, table, columns, rows)


def _with_rows(old: _Side, mine: _Side, new: _Side) -> tuple[str, bool]:
    """The author's table with the rows that the template added, changed and took away."""
    lines: dict[str, str] = {}
    kept = False
    for key, row in mine.rows.items():
        before, after = old.rows.get(key), new.rows.get(key)
        lines[key] = mine.line(row)
        if before is None:
            continue
        if after is None:
            gone = not _changed(old, before, mine, row)
            kept = kept or not gone
            if gone:
                del lines[key]
            continue
        lines[key], gave_way = _merged_row((old, before), (mine, row), (new, after))
        kept = kept or gave_way
    for key, row in new.rows.items():
        if key not in old.rows and key not in mine.rows:
            lines[key] = _new_line(mine, new, row)
    stays = [key for key in mine.rows if key in lines]
    end = len(stays)
    while end and stays[end - 1] not in new.rows and mine.is_text(mine.rows[stays[end - 1]]):
        end -= 1
    # Text directly below the rows stays below them.
    order = arranged(list(old.rows), stays[:end], list(new.rows)) + stays[end:]
    head = mine.source[mine.table.start : mine.table.delimiter.end]
    text = "".join(
        part if part.endswith("\n") else f"{part}\n"
        for part in [head, *(lines[key] for key in order)]
    )
    ended = mine.source[: mine.table.end].endswith("\n")
    return (text if ended else text.removesuffix("\n")), kept


def _changed(old: _Side, before: Row, mine: _Side, row: Row) -> bool:
    """Whether the author wrote into a row of the template, be it after its last column."""
    beyond = row.cells[len(mine.columns) :]
    return any(cell.text for cell in beyond) or any(
        mine.cell(row, name) != (old.cell(before, name) if name in old.columns else "")
        for name in mine.columns
    )


def _merged_row(
    old: tuple[_Side, Row], mine: tuple[_Side, Row], new: tuple[_Side, Row]
) -> tuple[str, bool]:
    """A row's line, cell by cell, and whether a cell of the template gave way."""
    side, row = mine
    line, edits, gave_way = side.line(row), [], False
    for name, at in side.columns.items():
        if name not in old[0].columns or name not in new[0].columns or at >= len(row.cells):
            continue
        cell = row.cells[at]
        before, after = old[0].cell(old[1], name), new[0].cell(new[1], name)
        if after in (before, cell.text):
            continue
        if cell.text == before:
            edits.append((cell.start - row.start, cell.end - row.start, _escaped(after)))
        else:
            gave_way = True
    for start, end, text in sorted(edits, reverse=True):
        line = line[:start] + text + line[end:]
    return line, gave_way


def _new_line(mine: _Side, new: _Side, row: Row) -> str:
    if list(mine.columns) == list(new.columns) or new.is_text(row):
        return new.line(row)
    cells = [_escaped(new.cell(row, name)) if name in new.columns else "" for name in mine.columns]
    ending = new.line(row)[len(new.line(row).rstrip("\r\n")) :]
    return "|" + "".join(f" {cell} |" if cell else "  |" for cell in cells) + ending


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _with_columns(old: _Side, mine: _Side, new: _Side) -> tuple[str, bool]:
    """The author's table with the columns that the template added and took away."""
    gone = [name for name in mine.columns if name in old.columns and name not in new.columns]
    filled = [name for name in gone if _has_text(mine, old, name)]
    removed = {mine.columns[name] for name in gone if name not in filled}
    stays = [name for name in mine.columns if mine.columns[name] not in removed]
    order = arranged(list(old.columns), stays, list(new.columns), keeps_order=True)
    added = [name for name in order if name not in mine.columns]
    renamed = dict(_renamed(old, mine, new))
    if not (added or removed or renamed):
        return mine.source[mine.table.start : mine.table.end], bool(filled)
    keys = {row.start: key for key, row in mine.rows.items()}
    new_head, new_line = (
        _pieces(new.line(row)).cells for row in (new.table.header, new.table.delimiter)
    )
    lines = []
    for row in (mine.table.header, mine.table.delimiter, *mine.table.rows):
        pieces = _pieces(mine.line(row))
        if row is mine.table.header:
            fill = {name: new_head[new.columns[name]] for name in added} | renamed
        elif row is mine.table.delimiter:
            fill = {name: new_line[new.columns[name]] for name in added}
        elif mine.is_text(row):
            lines.append(mine.line(row))
            continue
        else:
            theirs = new.rows.get(keys[row.start])
            cells = {name: new.cell(theirs, name) if theirs else "" for name in added}
            fill = {name: f" {_escaped(cell)} " if cell else _EMPTY for name, cell in cells.items()}
        lines.append(_joined(pieces, order, mine.columns, fill))
    return "".join(lines), bool(filled)


def _renamed(old: _Side, mine: _Side, new: _Side) -> Iterator[tuple[str, str]]:
    """The columns that the template gave another name and the author did not, with that name."""
    before, ours, after = (_pieces(side.line(side.table.header)).cells for side in (old, mine, new))
    for name in mine.columns.keys() & old.columns.keys() & new.columns.keys():
        was, now = before[old.columns[name]], after[new.columns[name]]
        own = ours[mine.columns[name]]
        if own.strip() == was.strip() != now.strip():
            yield name, own.replace(was.strip(), now.strip(), 1) if was.strip() else now


def _has_text(mine: _Side, old: _Side, column: str) -> bool:
    """Whether the author wrote into a column of the template, or gave it another name."""
    headers = (tables.columns(side.table)[side.columns[column]] for side in (mine, old))
    if len(set(headers)) > 1:
        return True
    for key, row in mine.rows.items():
        before = old.rows.get(key)
        if mine.is_text(row):
            continue
        if mine.cell(row, column) != (old.cell(before, column) if before else ""):
            return True
    return False


class _Pieces(NamedTuple):
    """A row's line: what is before the first cell, the cells with their blanks, the end."""

    start: str
    cells: list[str]
    end: str


def _pieces(line: str) -> _Pieces:
    body = line.rstrip("\r\n")
    inner = body.strip(" \t")
    indent = body[: len(body) - len(body.lstrip(" \t"))]
    behind = body[len(body.rstrip(" \t")) :] + line[len(body) :]
    start = indent + ("|" if inner.startswith("|") else "")
    closed = len(inner) > 1 and inner.endswith("|") and not inner.endswith("\\|")
    cells = blocks.PIPE.split(inner.removeprefix("|")[: -1 if closed else None])
    return _Pieces(start, cells, ("|" if closed else "") + behind)


def _joined(
    pieces: _Pieces, order: Sequence[str], columns: dict[str, int], fill: dict[str, str]
) -> str:
    """The line with its cells in `order`; a row that is cut short stays so at its end."""
    cells: list[str | None] = []
    for name in order:
        if name in fill:
            cells.append(fill[name])
        elif columns[name] < len(pieces.cells):
            cells.append(pieces.cells[columns[name]])
        else:
            cells.append(None)
    is_short = len(pieces.cells) < len(columns)
    while cells and (cells[-1] is None or (is_short and cells[-1] == _EMPTY)):
        cells.pop()
    extra = pieces.cells[len(columns) :]
    written = "|".join([*(cell if cell is not None else _EMPTY for cell in cells), *extra])
    return pieces.start + written + pieces.end
