"""The issues that a proposal answers, in their section of the main document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..markdown import edits, list_items, tables
from ..markdown.blocks import Block, Kind, Table
from ..markdown.edits import Splice
from ..markdown.heading_text import normalise
from ..markdown.list_items import Item
from ..markdown.section_tree import Section
from . import insertion
from .document import Document

SECTION = "related-issues"
# What lists of issues call their trackers, in the order in which the guide wants them.
JIRA = "JIRA"
GITHUB = "GitHub"
_ORDER = (JIRA, GITHUB)

_NO_TEXT = frozenset([Kind.FENCE, Kind.INDENTED_CODE, Kind.COMMENT])
_COMMENT = re.compile(r"<!--[^<>]*-->")
_MARKER = r"[ \t]*(?:(?:[-+*]|[0-9]{1,9}[.)])(?:[ \t]+|$))?"
# `BA-XXXX` and `#XXXX`, as the template writes them.
_PLACEHOLDER = re.compile(r"(?<![\w-])(?:[A-Z][A-Z0-9_]*-|\#)X{2,}(?![\w-])")
_NOTHING = re.compile(
    r"[_*(]*(?:tbd|tba|to ?do|n/?a|none(?: yet)?|-+|[–—…]|\.{3}|\?+)?[_*).]*", re.IGNORECASE
)
_REFERENCE = r"(?:\[[^\[\]]*\]\([^()\s]*\)|[\w./-]*\#\d+|[A-Z][A-Z0-9_]*-\d+)"
_REFERENCES = re.compile(rf"{_REFERENCE}(?:, {_REFERENCE})*")


class _Value(NamedTuple):
    """What is said of a tracker's issues on one line: `source[start:end]`, and a blank it needs."""

    start: int
    end: int
    text: str
    gap: str = ""


def text(document: Document) -> str:
    """What the section says, without blocks of code and comments."""
    return _COMMENT.sub("", "".join(map(document.text_of, _blocks(document))))


def _blocks(document: Document) -> Iterator[Block]:
    for section in document.all(SECTION):
        for block in document.blocks_between(section.text_start, section.end):
            if block.kind not in _NO_TEXT:
                yield block


def add(document: Document, tracker: str, reference: str) -> list[Splice]:
    """The edits that add an issue, in Markdown, to those of a tracker, in their form.

    It takes the place of a placeholder, follows other issues on the tracker's line, or gets a line
    of its own: an item, a row, a paragraph. The section is added where it is missing. No edits
    if the guide has no such section.
    """
    if SECTION not in document.guide.sections:
        return []
    section = document.find(SECTION)
    line = f"{tracker}: {reference}"
    if section is None:
        return [insertion.new_section(document, SECTION, f"- {line}")]
    own = next((one for one in section.children if _names(one, tracker)), None)
    values = _values(document, own or section, tracker, is_own=own is not None)
    filled = [splice for value in values if (splice := _filled(value, reference))]
    if filled:
        # What is to be filled in goes before what is only joined.
        return [min(filled, key=lambda splice: splice.start == splice.end)]
    if own:
        return [_new_line(document, own, tracker, reference)]
    if row := _row(document, section, tracker, reference):
        return [row]
    return [_new_line(document, section, tracker, line)]


def _names(section: Section, tracker: str) -> bool:
    """Whether a heading inside the section is the tracker's own."""
    return (
        section.heading is not None and tracker.lower() in normalise(section.heading.text).split()
    )


def _values(
    document: Document, section: Section, tracker: str, *, is_own: bool
) -> Iterator[_Value]:
    """The lines on which the tracker's issues are; in its own section no line needs its name."""
    label = rf"[*_]{{0,2}}{tracker}(?: (?:issues?|tickets?))?[*_]{{0,2}}[ \t]*:[*_]{{0,2}}[ \t]*"
    head = re.compile(rf"{_MARKER}(?:{label}){'?' if is_own else ''}", re.IGNORECASE)
    for block in document.blocks_between(section.text_start, section.end):
        if isinstance(block, Table):
            yield from _cells(block, tracker)
        elif block.kind in (Kind.LIST, Kind.PARAGRAPH):
            for start, line in document.lines_of(block):
                if found := head.match(line):
                    value = line[found.end() :].rstrip()
                    gap = " " if found[0].rstrip(" \t") == found[0] != "" else ""
                    at = start + found.end()
                    yield _Value(at, at + len(value), value, gap)


def _cells(table: Table, tracker: str) -> Iterator[_Value]:
    for row in table.rows:
        if len(row.cells) > 1 and normalise(row.cells[0].text) == tracker.lower():
            cell = row.cells[1]
            yield _Value(cell.start, cell.end, cell.text)


def _filled(value: _Value, reference: str) -> Splice | None:
    """The edit that adds the issue on a line, None if the line says something else."""
    if found := _PLACEHOLDER.search(value.text):
        return Splice(value.start + found.start(), value.start + found.end(), reference)
    if _NOTHING.fullmatch(value.text):
        return Splice(value.start, value.end, value.gap + reference)
    if _REFERENCES.fullmatch(value.text):
        return Splice(value.end, value.end, f", {reference}")
    return None


def _row(document: Document, section: Section, tracker: str, reference: str) -> Splice | None:
    """One more row of a table that has a row for each tracker, None without one."""
    known = [name.lower() for name in _ORDER]
    for table in document.own_blocks(section):
        if isinstance(table, Table) and len(table.header.cells) > 1:
            named = [one for one in table.rows if normalise(tables.text(one, 0)) in known]
            if named:
                cells = [tracker, reference, *[""] * (len(table.header.cells) - 2)]
                return edits.line_below(document.source, named[-1].start, tables.line(cells))
    return None


def _new_line(document: Document, section: Section, tracker: str, line: str) -> Splice:
    """The edit that gives the issue an item of its own, in the section's first list or a new."""
    source = document.source
    for block in document.own_blocks(section):
        if block.kind is Kind.LIST:
            return _new_item(source, list_items.items(source, block), tracker, line)
        if block.kind is Kind.PARAGRAPH:
            said = document.text_of(block).rstrip("\r\n")
            if _NOTHING.fullmatch(said.strip()):
                return Splice(block.start, block.start + len(said), f"- {line}")
    return insertion.in_own_paragraph(document, section.own_end, f"- {line}")


def _new_item(source: str, items: Sequence[Item], tracker: str, line: str) -> Splice:
    """One more item: after those of trackers that go before, else first; numbered ones last."""
    names = "|".join(_ORDER[: _ORDER.index(tracker) + 1])
    before = [at for at, one in enumerate(items, 1) if re.match(rf"\W*(?:{names})\b", one.text)]
    place = max(before, default=0 if line.startswith(tracker) else len(items))
    if place == len(items) or items[0].marker[0].isdecimal():
        return insertion.next_item(source, items, line)
    start = items[place].start
    indent = source[start : items[place].marker_start]
    ending = edits.ending_near(source, start)
    return Splice(start, start, f"{indent}{items[place].marker} {line}{ending}")
