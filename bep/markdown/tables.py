"""Markdown tables by the names of their columns."""

from __future__ import annotations

from collections.abc import Iterable

from .blocks import PIPE, Row, Table
from .heading_text import normalise


def columns(table: Table) -> list[str]:
    """The names of a table's columns, normalised as headings are."""
    return [normalise(cell.text) for cell in table.header.cells]


def column(table: Table, known: Iterable[str]) -> int | None:
    """The place of the column with one of these names, the best first; None without one."""
    there = columns(table)
    return next((there.index(name) for name in known if name in there), None)


def text(row: Row, at: int | None) -> str:
    """The text of a row's cell, '' if the row or the table has none there."""
    return row.cells[at].text if at is not None and at < len(row.cells) else ""


def cell(text: str) -> str:
    r"""Markdown on one line as the content of a cell, where each pipe needs a backslash.

    >>> print(cell("a | b \\| c "))
    a \| b \| c
    """
    return PIPE.sub(r"\\|", text.strip())


def line(cells: Iterable[str]) -> str:
    """A new row without line ending; the cells are Markdown already.

    >>> line(["2026-01-02", "", "Why"])
    '| 2026-01-02 | | Why |'
    """
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def head(columns: Iterable[str]) -> str:
    """The header and the delimiter row of a new table, without line ending.

    >>> print(head(["Date", "Decision"]))
    | Date | Decision |
    |------|----------|
    """
    names = list(columns)
    return f"{line(names)}\n|{'|'.join('-' * (len(name) + 2) for name in names)}|"
