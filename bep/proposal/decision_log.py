"""The Decision Log of a main document (guide: Step 5, Decision Log / Open Questions lifecycle).

The table that is there is kept as it is: its columns are known by their names, and the
two-column summary of the tech-spec form is one of its shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits, list_items, tables
from ..markdown.blocks import Kind, Row, Table
from ..markdown.edits import Splice
from ..markdown.section_tree import Section
from . import insertion, open_questions
from .document import Document

SECTION = "decision-log"
_DATE, _DECISION, _RATIONALE = "date", "decision", "rationale"


class Columns(NamedTuple):
    """The places of a table's columns for decisions, None for those that it lacks."""

    date: int | None
    decision: int | None
    rationale: int | None


class Log(NamedTuple):
    """The table of decisions with the places of its columns, None for those that it lacks."""

    table: Table
    date: int | None
    decision: int
    rationale: int | None


class Decision(NamedTuple):
    """A decision with its reason; `date` is YYYY-MM-DD, the texts are Markdown on one line."""

    date: str
    text: str
    rationale: str


class Added(NamedTuple):
    """The edit that adds a decision, and the columns of the table that it leaves empty."""

    splice: Splice
    left_empty: tuple[str, ...]
    dated: bool


def find(document: Document) -> Log | None:
    """The table of decisions, None if the document has none.

    It is the first table with a column for decisions in a section that corresponds to the log.
    """
    for section in document.guide_sections.get(SECTION, ()):
        for block in document.blocks_between(section.text_start, section.end):
            if isinstance(block, Table):
                dates, decision, rationale = columns(document, block)
                if decision is not None:
                    return Log(block, dates, decision, rationale)
    return None


def columns(document: Document, table: Table) -> Columns:
    """The columns of a table, recognised by the names that the guide has for them."""
    known = document.guide.section(SECTION, document.form).columns
    known = {**document.guide.sections[SECTION].columns, **known}

    def place(column: str) -> int | None:
        return tables.column(table, known[column].names) if column in known else None

    return Columns(place(_DATE), place(_DECISION), place(_RATIONALE))


def row_count(document: Document) -> int:
    """How many rows the table has to which decisions are added."""
    log = find(document)
    return len(log.table.rows) if log else 0


class _Entry(NamedTuple):
    """A decision as it is written, at `source[start:end]`."""

    start: int
    end: int
    decision: Decision


def spans(document: Document) -> list[tuple[int, int]]:
    """Where the decisions are, however they are written, from top to bottom."""
    return [(one.start, one.end) for one in _entries(document)]


def decisions(document: Document) -> list[Decision]:
    """The decisions, however they are written; a row without text is none.

    They are the rows of a section's tables, the items of its lists and its subsections; without all
    of these, its paragraphs. What only says that there are none is left out. Where date and reason
    are not told apart, the text has everything.
    """
    return [one.decision for one in _entries(document)]


def _entries(document: Document) -> list[_Entry]:
    found: list[_Entry] = []
    for section in document.all(SECTION):
        found += [*_in_section(document, section)] or _in_prose(document, section)
    said = (one for one in found if any(one.decision))
    return [one for one in said if not open_questions.is_bare_none(one.decision.text)]


def _in_section(document: Document, section: Section) -> Iterator[_Entry]:
    for block in document.own_blocks(section):
        if isinstance(block, Table):
            yield from _rows(document, block)
        elif block.kind is Kind.LIST:
            for item in list_items.items(document.source, block):
                yield _Entry(item.start, item.end, Decision("", _line(item.text), ""))
    for child in section.children:
        inside = document.blocks_between(child.text_start, child.end)
        logs = [one for one in inside if isinstance(one, Table) and _is_log(document, one)]
        for table in logs:
            yield from _rows(document, table)
        if not logs:
            heading = child.heading.text if child.heading else ""
            text = _line(document.source[child.text_start : child.end])
            yield _Entry(child.start, child.end, Decision("", heading, text))


def _in_prose(document: Document, section: Section) -> list[_Entry]:
    said = [one for one in document.own_blocks(section) if one.kind is not Kind.COMMENT]
    if any(isinstance(one, Table) for one in said):
        return []
    return [
        _Entry(one.start, one.end, Decision("", _line(document.text_of(one)), "")) for one in said
    ]


def _rows(document: Document, table: Table) -> Iterator[_Entry]:
    """The rows that say something besides dashes, which stand for nothing."""
    places = columns(document, table)
    for row in table.rows:
        if any(one.text.strip(" -–—") for one in row.cells):
            if places.decision is None:
                cells = " ".join(cell.text for cell in row.cells if cell.text)
                decision = Decision("", cells, "")
            else:
                decision = Decision(*(tables.text(row, place) for place in places))
            yield _Entry(row.start, row.end, decision)


def _is_log(document: Document, table: Table) -> bool:
    return columns(document, table).decision is not None


def _line(text: str) -> str:
    return " ".join(text.split())


def add(document: Document, decision: Decision) -> Added:
    """The edit that adds a row to the Decision Log; the section is added where it is missing.

    The row is last, or where its date belongs if later ones are there. Raises BepError if
    the table has no column for the reason.
    """
    log = find(document)
    text, reason = tables.cell(decision.text), tables.cell(decision.rationale)
    if log is None:
        return _in_new_table(document, decision.date, text, reason)
    heading = document.heading_of(SECTION)
    if log.rationale is None:
        column = document.guide.sections[SECTION].columns[_RATIONALE].heading
        raise BepError(
            f"the {heading} has no column for the reason",
            f"add a column {column} to the table",
            document.path,
            log.table.line,
            WRONG_DOCUMENTS,
        )
    cells = [""] * len(log.table.header.cells)
    cells[log.decision], cells[log.rationale] = text, reason
    if log.date is not None:
        cells[log.date] = decision.date
    names = [cell.text for cell in log.table.header.cells]
    empty = tuple(name for name, text in zip(names, cells, strict=True) if name and not text)
    above = _row_above(log, decision.date, document.source)
    splice = edits.line_below(document.source, above.start, tables.line(cells))
    return Added(splice, empty, dated=log.date is not None)


def _in_new_table(document: Document, day: str, decision: str, reason: str) -> Added:
    """The edit that adds the guide's table with one row, in the section or in a new one.

    In the section it takes the place of the statement that there are no decisions.
    """
    section = document.find(SECTION)
    is_own = section is not None and document.is_own_name(section, SECTION)
    columns = document.guide.section(SECTION, document.form).columns
    cells = {_DATE: day, _DECISION: decision, _RATIONALE: reason}
    row = tables.line([cells.get(column, "") for column in columns])
    body = f"{tables.head([one.heading for one in columns.values()])}\n{row}"
    left_empty = tuple(one.heading for name, one in columns.items() if name not in cells)
    if section is None or not is_own:
        splice = insertion.new_section(document, SECTION, body)
    elif none := _statement_of_none(document, section):
        ending = edits.ending_near(document.source, none[0])
        splice = Splice(*none, body.replace("\n", ending))
    else:
        splice = insertion.in_own_paragraph(document, section.own_end, body)
    return Added(splice, left_empty, dated=_DATE in columns)


def _statement_of_none(document: Document, section: Section) -> tuple[int, int] | None:
    """Where a section says that there are no decisions, if it says nothing else."""
    said = [one for one in document.own_blocks(section) if one.kind is not Kind.COMMENT]
    if len(said) != 1 or said[0].kind not in (Kind.PARAGRAPH, Kind.LIST):
        return None
    text = document.text_of(said[0])
    if not open_questions.is_bare_none(text):
        return None
    return said[0].start, said[0].start + len(text.rstrip("\r\n"))


def _row_above(log: Log, day: str, source: str) -> Row:
    """The row below which a decision of that day goes: the last one that is not later.

    Text directly below the rows stays below them.
    """
    bordered = (row for row in log.table.rows if blocks.has_border(source, row))
    rows = (log.table.delimiter, *bordered)
    dates = [_date(row, log.date) for row in rows]
    later = [at for at, one in enumerate(dates) if one and one > day]
    if not later:
        return rows[-1]
    earlier = [at for at, one in enumerate(dates) if one and one <= day]
    return rows[earlier[-1]] if earlier else rows[later[0] - 1]


def _date(row: Row, column: int | None) -> str:
    """The date in a row, '' if no real one is there."""
    try:
        return date.fromisoformat(tables.text(row, column)).isoformat()
    except ValueError:
        return ""
