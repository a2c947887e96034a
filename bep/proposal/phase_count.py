"""How many phases an Implementation Plan has (guide: Step 5 and AI Context Block, `phases`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..markdown import blocks as markdown, list_items
from ..markdown.blocks import Kind, Section, Table
from . import guide, outline as outlines
from .document import Document
from .outline import Outline

# "Phase 1a" is a part of phase 1; "Phases 2-3" and "Phase 1 and 2" are several.
_PHASE = re.compile(r"phase ([0-9]{1,4})[a-z]?(?![\w.])(?! ?(?:[-–—/&,+]|and|to) ?\d)")
_NUMBER = re.compile(r"(?:phase )?([0-9]{1,4})[a-z]?(?![\w.])(?! ?(?:[-–—/&,+]|and|to) ?\d)")
_COLUMNS = frozenset(["phase", "phases"])


def count(outline: Outline) -> int | None:
    """How many phases the plan of a main document has, None where they cannot be counted.

    Counted are different numbers: in headings "Phase 1", in list items that all begin with
    "Phase 1", or in a table's column "Phase". Steps without such a number may be no phases.
    """
    found = [
        number
        for section in outline.sections.get(guide.IMPLEMENTATION_PLAN, ())
        if (number := _in_section(outline.document, section)) is not None
    ]
    return found[0] if len(found) == 1 else None


def _in_section(document: Document, section: Section) -> int | None:
    headings = [markdown.normalise(one.heading.text) for one in section.children if one.heading]
    labelled = [name for name in headings if name.startswith("phase ")]
    if labelled:
        return _different(labelled, _PHASE)
    blocks = outlines.own_blocks(document, section)
    for block in blocks:
        if isinstance(block, Table):
            column = markdown.normalise(block.header.cells[0].text) if block.header.cells else ""
            cells = [row.cells[0].text if row.cells else "" for row in block.rows]
            return _different(cells, _NUMBER) if column in _COLUMNS else None
    found = [block for block in blocks if block.kind is Kind.LIST]
    if len(found) != 1:
        return None
    return _different((item.text for item in list_items.items(document.source, found[0])), _PHASE)


def _different(labels: Iterable[str], pattern: re.Pattern[str]) -> int | None:
    """How many different numbers the labels have, None where one of them has none."""
    matches = [pattern.match(markdown.normalise(label)) for label in labels]
    numbers = {int(match[1]) for match in matches if match}
    return len(numbers) if numbers and all(matches) else None
