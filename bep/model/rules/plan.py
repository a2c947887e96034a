"""The phases of an Implementation Plan, as far as they can be counted."""

from __future__ import annotations

import re

from .. import guide, markdown
from ..markdown import Heading, Kind, Table
from ..page import Page, Section

_PHASE = re.compile(r"(?:phase|step|stage|milestone)[ \t]+(\d{1,3})(?!\d|\.\d)", re.IGNORECASE)
_ITEM = re.compile(r" {0,3}(?:[-+*]|[0-9]{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_NUMBER = re.compile(r"(?:phase[ \t]+)?(\d{1,3})", re.IGNORECASE)
_MARKS = "*_`~ \t"


def phases(page: Page) -> int | None:
    """How many phases a main document's plan has; None where it does not number them.

    Phases are subsections or list items such as "Phase 1: Foundation", or rows of a table whose
    first column is "Phase". Parts such as 1a belong to their phase.
    """
    for section in page.sections:
        if section.guide == guide.IMPLEMENTATION_PLAN and (found := _numbers(page, section)):
            return len(found)
    return None


def _numbers(page: Page, section: Section) -> set[int]:
    blocks = page.blocks_of(section)
    headings = [_phase(block.text) for block in blocks if isinstance(block, Heading)]
    if found := {number for number in headings if number is not None}:
        return found
    for block in blocks:
        if isinstance(block, Table) and (found := _of_table(block)):
            return found
    lines = (
        line
        for block in blocks
        if block.kind is Kind.LIST
        for _, line in page.lines_of(block)
        if (marker := _ITEM.match(line))
        for line in [line[marker.end() :]]
    )
    items = (_phase(line) for line in lines)
    return {number for number in items if number is not None}


def _phase(text: str) -> int | None:
    match = _PHASE.match(text.lstrip(_MARKS))
    return int(match[1]) if match else None


def _of_table(table: Table) -> set[int]:
    if not table.header.cells or markdown.normalise(table.header.cells[0].text) != "phase":
        return set()
    firsts = (row.cells[0].text.strip(_MARKS) for row in table.rows if row.cells)
    return {int(match[1]) for first in firsts if (match := _NUMBER.match(first))}
