"""Rules about decisions and open questions (guide: Decision Log / Open Questions lifecycle)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from ...markdown import tables
from ...markdown.blocks import Kind, Row, Table
from ...proposal import decision_log, open_questions, question_answers
from ...proposal.document import Document, TopSection
from .metadata_values import real_date
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Decisions and open questions")

_SOURCE = "guide: lifecycle of decisions and open questions"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOTHING = frozenset(["", "-", "–", "—"])

_ITEM = re.compile(r"[ \t]*(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]+|\Z)")
_IN_PLACE = "answers a question in place"


class Log(NamedTuple):
    """The table of a Decision Log; a column is None if the header does not name it."""

    table: Table
    date: int | None
    decision: int | None
    rationale: int | None

    @property
    def is_summary(self) -> bool:
        """Whether it is the tech-spec form's table of two columns, which has no dates."""
        return self.date is None and len(self.table.header.cells) == 2 and self.rationale == 1

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that are not empty."""
        return tuple(row for row in self.table.rows if any(cell.text for cell in row.cells))


def logs(document: Document) -> Iterator[tuple[TopSection, Log | None]]:
    """Yield the Decision Log sections of a main document, each with its table if it has one."""
    for section in document.top_sections:
        if section.family == decision_log.SECTION:
            below = document.blocks_between(section.text_start, section.end)
            table = next((block for block in below if isinstance(block, Table)), None)
            yield section, Log(table, *decision_log.columns(document, table)) if table else None


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        ## {section[decision-log]}

        We decided to use events.""",
    remedy="Write one row for each decision in a table with the columns of the guide;"
    " `bep decide` does this.",
)
def decision_log_form(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The {section[decision-log]} is a table with date, decision and rationale.

    Agents and reviewers look decisions up there. A table with two columns, decision and content, is
    accepted too; in a final proposal, it may have the columns that were usual at its time.
    """
    main = proposal.main
    columns = main.guide.section(decision_log.SECTION, main.form).columns
    for section, log in logs(main):
        if log is None:
            if main.filled_lines(section):
                wanted = " | ".join(one.heading for one in columns.values())
                message = f"{section.heading.text!r} has no table {wanted}"
                yield Hit(main, section.heading.start, message, text=section.name)
        elif not (log.is_summary or proposal.is_history):
            for column in columns.values():
                if tables.column(log.table, column.names) is None:
                    message = (
                        f"the table of {section.heading.text!r} has no column {column.heading}"
                    )
                    yield Hit(main, log.table.start, message, text=column.heading)


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="| 2026-02-30 | Use events | Lower latency |",
    remedy="Write the day of the decision as `YYYY-MM-DD`.",
)
def decision_date(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A decision in the log has a calendar date in the form `YYYY-MM-DD`."""
    main = proposal.main
    for log in _tables(main):
        for row in log.rows if log.date is not None else ():
            written = tables.text(row, log.date)
            if not any(real_date(one) for one in _DATE.findall(written)):
                message = f"the date of the decision is {written!r}; write it as YYYY-MM-DD"
                yield _of_cell(main, row, log.date if written else log.decision, message)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        | 2026-02-03 | Use events | Lower latency |
        | 2026-01-15 | Store in the database | One place |""",
    remedy="Append new decisions at the end of the table.",
)
def decision_order(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Decisions are in the order of their dates: a new one is appended.

    The last row is then the valid one.
    """
    main = proposal.main
    for log in _tables(main):
        last = ""
        for row in log.rows if log.date is not None else ():
            dates = [one for one in _DATE.findall(tables.text(row, log.date)) if real_date(one)]
            if dates and dates[0] < last:
                message = f"the decision of {dates[0]} is below one of {last}"
                yield _of_cell(main, row, log.decision, message)
                break
            last = dates[0] if dates else last


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="| 2026-01-15 | Use events | |",
    remedy="Give the reason for the decision.",
)
def decision_rationale(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A decision has its rationale.

    Without it the next reader starts the discussion again.
    """
    main = proposal.main
    for log in _tables(main):
        for row in log.rows if log.rationale is not None else ():
            if tables.text(row, log.rationale).strip() in _NOTHING:
                message = f"the decision {tables.text(row, log.decision)!r} has no rationale"
                yield _of_cell(main, row, log.decision, message)


def _of_cell(document: Document, row: Row, column: int | None, message: str) -> Hit:
    """A hit at the text of a row's cell, which other cells may contain too."""
    cells = row.cells[column : column + 1] if column is not None else ()
    at = cells[0].start if cells else row.start
    return Hit(document, at, message, text=tables.text(row, column))


def _tables(document: Document) -> Iterator[Log]:
    return (log for _, log in logs(document) if log)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="- ~~Events or polling?~~ Decided: events",
    remedy="Move the question into the {section[decision-log]}; `bep decide` does this.",
)
def question_answered(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A resolved question leaves the open ones and becomes a row of the {section[decision-log]}.

    A question that is struck through, ticked off, answered in place or listed under "Resolved" is
    not open, and readers look for its answer elsewhere. A postponed answer ("Decision: to be
    determined") does not count.
    """
    main = proposal.main
    reported: set[int] = set()
    asked = open_questions.all_of(main)
    for one, why in asked:
        if why:
            reported.add(one.start)
            yield _hit(main, main.line_start(one.line), one.text, why)
    found = [one for one, _ in asked]
    beginnings = [one.start for one in found]
    for at, line in _answers(main):
        before = bisect_right(beginnings, at) - 1
        question = found[before] if before >= 0 and at < found[before].end else None
        # The first line asks; and of one question, one answer is reported.
        if question is None:
            yield _hit(main, at, line, _IN_PLACE)
        elif main.line(at) != question.line and question.start not in reported:
            reported.add(question.start)
            yield _hit(main, at, line, _IN_PLACE)


def _answers(document: Document) -> Iterator[tuple[int, str]]:
    """Yield the lines among the open questions that answer one, with their offsets."""
    for section in document.all(open_questions.SECTION):
        for block in document.blocks_between(section.text_start, section.end):
            if block.kind in (Kind.LIST, Kind.PARAGRAPH):
                lines = [*document.lines_of(block)]
                below = [*(text for _, text in lines[1:]), ""]
                for (at, line), next_line in zip(lines, below, strict=True):
                    if question_answers.answers(line, next_line):
                        yield at, line


def _hit(document: Document, at: int, text: str, why: str) -> Hit:
    marker = _ITEM.match(text)
    words = " ".join(text[marker.end() if marker else 0 :].split())
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    log = document.heading_of(decision_log.SECTION)
    message = f"{shown!r} {why}; move it into the {log} (`bep decide`)"
    return Hit(document, at, message, text=words)


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Guidelines",
    example="""
        proposals/BEP-1046/data-model.md:
        ## {section[open-questions]}""",
    remedy="Move the questions into {section[open-questions]} of the main document.",
)
def question_in_sub_document(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Open questions are only in the main document.

    One place lists everything that is not settled.
    """
    for document in proposal.parts:
        for section in document.top_sections:
            if document.guide.main_names.family(section.name) == open_questions.SECTION:
                message = f"{section.heading.text!r} belongs in the main document"
                yield Hit(document, section.heading.start, message, text=section.name)
