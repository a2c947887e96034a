"""Rows in columns: in full for pipes, as wide as it is for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Literal, NamedTuple

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
    """A column; where the table is too wide, it may be cut, and even be left out."""

    heading: str
    can_be_cut: bool = False
    can_be_left_out: bool = False


def plain(columns: Sequence[Column], rows: Sequence[Sequence[Painted]]) -> Iterator[str]:
    """Lines of text with all that the rows hold."""
    words = [[cell.words.strip() for cell in row] for row in rows]
    words.insert(0, [column.heading for column in columns])
    widths = [max(map(len, column)) for column in zip(*words, strict=True)]
    for row in words:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def drawn(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Painted]],
    width: int,
    *,
    has_colours: bool,
    has_ellipsis: bool,
) -> str:
    """The rows as lines for a terminal of this width; no cell takes more than one line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    overflow: Literal["crop", "ellipsis"] = "ellipsis" if has_ellipsis else "crop"
    table = Table(box=None, pad_edge=False, padding=(0, _GAP // 2), header_style="bold")
    kept = _fitting(columns, rows, width)
    for at in kept:
        column = columns[at]
        heading = Text(column.heading, no_wrap=True, overflow=overflow)
        table.add_column(heading, no_wrap=not column.can_be_cut, overflow=overflow)
    for row in rows:
        table.add_row(
            *(
                Text(row[at].words.strip(), row[at].style, no_wrap=True, overflow=overflow)
                for at in kept
            )
        )
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        color_system="standard" if has_colours else None,
        force_terminal=True,
        legacy_windows=False,
        _environ={},
    )
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[Painted]], width: int) -> list[int]:
    """The places of the columns that have room, those that are cut with something to read."""
    from rich.cells import cell_len

    kept = list(range(len(columns)))
    needed = [
        max(cell_len(column.heading), *(cell_len(row[at].words) for row in rows), 0)
        for at, column in enumerate(columns)
    ]
    for at, column in enumerate(columns):
        if column.can_be_cut:
            needed[at] = min(needed[at], _LEAST)
    for at in reversed(range(len(columns))):
        if sum(needed[one] + _GAP for one in kept) - _GAP > width and columns[at].can_be_left_out:
            kept.remove(at)
    return kept


def wrapped(words: str, width: int) -> list[str]:
    """Words as lines of a terminal, each as far to the right as the first begins."""
    from rich.console import Console
    from rich.text import Text

    text = words.lstrip(" ")
    indent = " " * min(len(words) - len(text), width // 2)
    lines = Text(text).wrap(Console(width=width), width - len(indent))
    return [f"{indent}{line.plain}".rstrip() for line in lines]


def cut(cells: Sequence[Painted], room: int, mark: str) -> list[Painted]:
    """As much of the cells, one behind the other, as fits; `mark` is where the rest was."""
    from rich.cells import cell_len, set_cell_size

    if sum(cell_len(words) for words, _ in cells) <= room:
        return list(cells)
    left = room - len(mark)
    kept: list[Painted] = []
    for words, style in cells:
        length = cell_len(words)
        if length > left:
            return [*kept, Painted(set_cell_size(words, max(left, 0)).rstrip() + mark, style)]
        kept.append(Painted(words, style))
        left -= length
    return kept
