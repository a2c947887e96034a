"""Rows in columns: in full for pipes, as wide as it is for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 2
# Less of a title or a name says nothing; columns that can be left out give way to it.
_LEAST = 16


class Painted(NamedTuple):
    """Words in a style: bold, dim, red, green, yellow, cyan, or '' for none."""

    words: str
    style: str


# What is printed: words that are plain, or in a style.
Cell = str | Painted


class Column(NamedTuple):
    """A column; where the table is too wide, its cells can be cut.

    Where that leaves too little of them, columns are left out in the order of `left_out`; one that
    has 0 stays. The cells of a column `of_numbers` end at its right.
    """

    heading: str
    can_be_cut: bool = False
    left_out: int = 0
    of_numbers: bool = False


def plain(columns: Sequence[Column], rows: Sequence[Sequence[Painted]]) -> Iterator[str]:
    """Lines of text with all that the rows hold."""
    words = [[cell.words.strip() for cell in row] for row in rows]
    words.insert(0, [column.heading for column in columns])
    widths = [max(map(len, column)) for column in zip(*words, strict=True)]
    for row in words:
        cells = (
            text.rjust(width) if column.of_numbers else text.ljust(width)
            for column, text, width in zip(columns, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def drawn(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Painted]],
    width: int,
    *,
    has_colours: bool,
    has_ellipsis: bool,
    titles: Mapping[int, Painted] = MappingProxyType({}),
) -> str:
    """The rows as lines for a terminal of this width; no cell takes more than one line.

    `titles` are lines of their own above the rows with these positions.
    """
    from rich.table import Table
    from rich.text import Text

    overflow: Literal["crop", "ellipsis"] = "ellipsis" if has_ellipsis else "crop"
    table = Table(box=None, pad_edge=False, padding=(0, _GAP // 2), header_style="bold")
    kept = _fitting(columns, rows, width)
    for at in kept:
        column = columns[at]
        heading = Text(column.heading, no_wrap=True, overflow=overflow)
        table.add_column(
            heading,
            no_wrap=not column.can_be_cut,
            overflow=overflow,
            justify="right" if column.of_numbers else "left",
        )
    for row in rows:
        table.add_row(
            *(
                Text(row[at].words.strip(), row[at].style, no_wrap=True, overflow=overflow)
                for at in kept
            )
        )
    drawing = _drawing(width, has_colours=has_colours)
    drawing.print(table)
    text = _lines(drawing)
    return _with_titles(text, titles, width, has_colours=has_colours) if titles else text


def _with_titles(text: str, titles: Mapping[int, Painted], width: int, *, has_colours: bool) -> str:
    from rich.text import Text

    head, *lines = text.splitlines(keepends=True)
    parts = [head]
    for at, line in enumerate(lines):
        if at in titles:
            drawing = _drawing(width, has_colours=has_colours)
            drawing.print(Text(*titles[at]), no_wrap=True, overflow="crop")
            parts += ["\n", _lines(drawing)]
        parts.append(line)
    return "".join(parts)


def length(words: str) -> int:
    """The columns of a terminal that words take."""
    from rich.cells import cell_len

    return cell_len(words)


def _drawing(width: int, *, has_colours: bool) -> Console:
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        color_system="standard" if has_colours else None,
        force_terminal=True,
        legacy_windows=False,
        # What the environment says of colours and width has been considered.
        _environ={},
    )


def _lines(drawing: Console) -> str:
    text: str = drawing.file.getvalue()  # type: ignore[attr-defined]
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[Painted]], width: int) -> list[int]:
    """The places of the columns that have room, those that are cut with something to read."""
    kept = list(range(len(columns)))
    needed = [
        max(length(column.heading), *(length(row[at].words) for row in rows), 0)
        for at, column in enumerate(columns)
    ]
    for at, column in enumerate(columns):
        if column.can_be_cut:
            needed[at] = min(needed[at], _LEAST)
    optional = [at for at in kept if columns[at].left_out]
    for at in sorted(optional, key=lambda at: columns[at].left_out):
        if sum(needed[one] + _GAP for one in kept) - _GAP > width:
            kept.remove(at)
    return kept


def wrapped(cells: Sequence[Painted], width: int, *, hanging: int, has_colours: bool) -> str:
    """One line as several of a terminal; they begin as far to the right, and `hanging` more."""
    from rich.text import Text

    whole = Text.assemble(*cells)
    indent = len(whole.plain) - len(whole.plain.lstrip(" "))
    drawing = _drawing(width, has_colours=has_colours)
    room = max(width - indent, 1)
    if room - hanging < _LEAST:
        hanging = min(indent, room - 1)
    first = whole[indent:].wrap(drawing, room)[0]
    rest = whole[len(whole) - len(whole.plain[indent + len(first) :].lstrip(" ")) :]
    others = rest.wrap(drawing, max(room - hanging, 1)) if rest else ()
    margins = (indent, *[indent + hanging] * len(others))
    for margin, line in zip(margins, (first, *others), strict=True):
        drawing.print(Text(" " * margin) + line, no_wrap=True, overflow="ignore", crop=False)
    return _lines(drawing)


def cut(cells: Sequence[Painted], room: int, mark: str) -> list[Painted]:
    """As much of the cells, one after the other, as fits; `mark` is where the rest was."""
    from rich.cells import set_cell_size

    if sum(length(words) for words, _ in cells) <= room:
        return list(cells)
    left = room - len(mark)
    kept: list[Painted] = []
    for words, style in cells:
        if length(words) > left:
            return [*kept, Painted(set_cell_size(words, max(left, 0)).rstrip() + mark, style)]
        kept.append(Painted(words, style))
        left -= length(words)
    return kept
