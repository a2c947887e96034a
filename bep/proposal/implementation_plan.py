"""The phases of an Implementation Plan, in the forms in which real plans have them.

The guide asks for phased steps (Step 5, Write Sections) and for their number in the context block
(AI Context Block, `phases`). People write headings, list items, bold lines and tables, mostly but
not always with the word "Phase", and some describe phases without a plan of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..markdown import blocks as markdown, list_items, tables
from ..markdown.blocks import Block, Kind, Row, Table
from ..markdown.heading_text import normalise, shown
from ..markdown.patterns import pattern
from ..markdown.plain_text import visible
from ..markdown.section_tree import Section
from .document import Document

SECTION = "implementation-plan"


class Phase(NamedTuple):
    """A phase of the plan and the span of its text.

    `label` is the number or letter by which the plan calls it, such as `1` or `II`, `name` is ''
    if it has only that. `parts` are the phases 1a and 1b of a phase 1.
    """

    label: str
    name: str
    start: int
    end: int
    parts: tuple[Phase, ...] = ()

    @property
    def title(self) -> str:
        """How it is called in a sentence: `phase 1 (Foundation)`."""
        return f"phase {self.label} ({self.name})" if self.name else f"phase {self.label}"


class _Step(NamedTuple):
    """What announces a phase: its name, '' if it has only a number, and its span."""

    name: str
    start: int
    end: int


class _Item(NamedTuple):
    """A top-level item of a list; `text` is its first paragraph without marks."""

    number: int | None
    is_task: bool
    text: str
    start: int
    end: int


def phases(document: Document) -> tuple[Phase, ...]:
    """The phases of a main document's plan, in order; none if it describes none."""
    steps = _steps(document)
    labels = [_label(document.source, step) for step in steps]
    if len({label.casefold() for label in labels if label}) < len(steps):
        labels = [str(at) for at, _ in enumerate(steps, 1)]
    found: list[Phase] = []
    for label, step in zip(labels, steps, strict=True):
        phase = Phase(label, *step)
        part, above = _NUMBER.fullmatch(label), found and _NUMBER.fullmatch(found[-1].label)
        if part and above and part["part"] and part["number"] == above["number"]:
            first = found.pop()
            parts = (*(first.parts or [first]), phase)
            phase = first._replace(label=above["number"], end=phase.end, parts=parts)
        found.append(phase)
    return tuple(found)


def count(document: Document) -> int | None:
    """How many phases the plan of a main document has, None if they cannot be counted.

    They can where each has a number: headings "Phase 1" or "Milestone 1", the items of one list
    that all begin so, or a table's column "Phase". Steps without such a number may not be phases.
    """
    found = [
        number
        for section in document.guide_sections.get(SECTION, ())
        if (number := _counted(document, section)) is not None
    ]
    sure = len(found) == 1 and found[0] == len(phases(document))
    return found[0] if sure else None


def _steps(document: Document) -> list[_Step]:
    """What says "Phase 1" comes before what is merely numbered, in any section."""
    source = document.source
    parts = [
        (plan, document.blocks_between(plan.text_start, plan.end)) for plan in document.all(SECTION)
    ]
    for form in (_headings, _items, _lines, _rows, _numbered_headings, _numbered_items):
        for plan, inner in parts:
            if found := form(source, plan, inner):
                return found
    return [] if parts else _steps_without_plan(document)


def _steps_without_plan(document: Document) -> list[_Step]:
    """Several sections of one level, or rows of a table, that are called phases."""
    source, root = document.source, document.root
    found = _headings(source, root, ())
    headings = [document.section_at[one.start].heading for one in found]
    is_said = all(heading and _SAID.match(_bare(heading.text)) for heading in headings)
    forms = [found] if is_said else []
    of_phases = (
        block
        for block in document.blocks
        if isinstance(block, Table) and _OF_PHASES.intersection(tables.columns(block)[:1])
    )
    forms += [_rows(source, root, [table]) for table in of_phases]
    return next((steps for steps in forms if len(steps) > 1), [])


def _label(source: str, step: _Step) -> str:
    lines = source[step.start : step.end].splitlines()
    # Anchors and comments above a heading belong to it.
    line = next((one for one in lines if one.strip() and not one.lstrip().startswith("<")), "")
    found = _CALLED.match(line) or _COUNTED.match(line)
    return _of(found) if found else ""


def _of(found: re.Match[str]) -> str:
    """The number or letter of a phase, which comes after the word for it or before it."""
    groups = found.groupdict()
    return next(filter(None, (groups.get(one) for one in ("label", "before", "short"))), "")


def _counted(document: Document, section: Section) -> int | None:
    headings = [normalise(one.heading.text) for one in section.children if one.heading]
    labelled = [name for name in headings if _IS_PHASE.match(name)]
    if labelled:
        return _different(labelled, _PHASE_NUMBER)
    blocks = document.own_blocks(section)
    for block in blocks:
        if isinstance(block, Table):
            cells = [tables.text(row, 0) for row in _without_total(block)]
            is_counted = bool(_OF_PHASES.intersection(tables.columns(block)[:1]))
            return _different(cells, _ROW_NUMBER) if is_counted else None
    found = [block for block in blocks if block.kind is Kind.LIST]
    if len(found) != 1:
        return None
    items = list_items.items(document.source, found[0])
    return _different((_first_paragraph(item.text) for item in items), _PHASE_NUMBER)


def _different(labels: Iterable[str], pattern: re.Pattern[str]) -> int | None:
    """How many different numbers the labels have, None if one of them has none."""
    # What is merely a number in front of a heading can be all that a label has: "1: Schema".
    matches = [
        pattern.match(normalise(label)) or pattern.match(shown(label).casefold())
        for label in labels
    ]
    numbers = {int(match[match.lastindex or 0]) for match in matches if match}
    return len(numbers) if numbers and all(matches) else None


# --- What announces a phase ---------------------------------------------------------------------

_WORDS = ("phase", "step", "stage", "milestone", "wave", "iteration", "단계", "마일스톤")
WORDS = "|".join(_WORDS)
# What numbers a heading or an item: `6.1 Phase 1`, `2. Phase 1`, `b) Phase 2`.
_ORDINAL = r"(?: \d+(?:\.\d+)+[.)]?[ ] | [0-9a-z]{1,3}[.)][ ] )"
# Phase 1, Phase 1.5, Phase 1-2, Phase-1, Phase II, 단계 1; 1단계; M1, P1, PR 1.
_CALL = rf"""(?:
      (?i: {WORDS} ) (?: [ ] | -?(?=\d) )
      (?P<label> \d+(?:\.\d+|[a-z]|[\u2013-]\d+)?(?!\.?\d) | [IVX]+ | [A-Z] )
    | 제? (?P<before> \d+ ) [ ]? 단계
    | (?: [MP] | PR[ ] ) (?P<short> \d{{1,2}} )
    ) (?!\w)"""
# What may come between a number and the mark before the name: `Phase 2 (Q2 2026): API`.
_ASIDE = r"(?: [ ]? \( [^()]* (?:\([^()]*\)[^()]*)* \) (?=[ ]?[:\u2013\u2014-]) )?"
_PHASE = pattern(
    rf"""\W{{0,4}} {_ORDINAL}? {_CALL} {_ASIDE}
        (?P<mark> [ ]? [:.)\u2013\u2014-]* [ ]? )
        (?P<name> .* )""",
    re.VERBOSE,
)
_MARKS_OF_A_LINE = r"[\s#|*_>+-]* (?: \[[ xX]\]\ )? [\s*_]*"
_CALLED = pattern(
    rf"""{_MARKS_OF_A_LINE} (?: {_ORDINAL} | \([0-9a-z]{{1,3}}\)\ )? {_MARKS_OF_A_LINE}
        {_CALL}""",
    re.VERBOSE,
)
# What are phases wherever they are; steps may be those of anything.
_OF_PHASES = frozenset(["phase", "phases", "milestone", "milestones", "단계", "마일스톤"])
_SAID = pattern(r"[\W\d]{0,6}(?:[a-z][.)] )?제?\d*(?i: ?단계| ?마일스톤|phase|milestone)")
_COUNTED = pattern(rf"{_MARKS_OF_A_LINE} (?P<label> \d+[a-z]? ) (?!\w)", re.VERBOSE)
# "Phase 1a" is a part of phase 1; "Phases 2-3" and "Phase 1 and 2" are several.
_SEVERAL = r"(?![\w.])(?! ?(?:[-–—/&,+]|and|to) ?(?:phase )?\d)"
_IS_PHASE = pattern(
    r"(?:phase|milestone)(?: |s ?[0-9])|제?[0-9][0-9 ,~\u2013-]*단계|(?:단계|마일스톤) ?[0-9]"
)
_COUNT = r"([0-9]{1,4})"
_PHASE_NUMBER = pattern(
    rf"(?:(?:phase|milestone) {_COUNT}[a-z]?|(?:단계|마일스톤) ?{_COUNT}|제?{_COUNT} ?단계)"
    rf"{_SEVERAL}"
)
_ROW_NUMBER = pattern(rf"{_PHASE_NUMBER.pattern}|{_COUNT}[a-z]?{_SEVERAL}")
_TOTALS = frozenset(["total", "totals", "sum", "합계", "총계"])
# A column with nothing but numbers.
_COUNTERS = frozenset(["", "#", "no", "no.", "번호"])
_BOLD = pattern(r"(\*\*|__)(?=\S)(?P<text>.+?)(?<=\S)\1(?P<rest>.*)")
_BEHIND_BOLD = pattern(rf"\A{_ASIDE}", re.VERBOSE)
_NUMBERED = pattern(r"\d+(?:\.\d+)*[.)]?[ ](?P<name>.+)")
_NUMBER = pattern(r"(?P<number>\d+)(?P<part>[a-z]?)")
_MARKS = ":.\u2013\u2014-"


def _named_by_heading(text: str) -> str | None:
    """The name of the phase that a heading announces, None if it announces none."""
    found = _PHASE.fullmatch(_bare(text))
    return _bare(found["name"]) if found else None


def _named_by_line(text: str) -> str | None:
    """The name of the phase with which a line of text begins, None if it begins with none."""
    bold = _BOLD.match(text)
    if bold and (found := _PHASE.fullmatch(_bare(bold["text"]))):
        if name := _bare(found["name"]):
            return name
        rest = _BEHIND_BOLD.sub("", bold["rest"], count=1).lstrip()
        is_mark = rest[:1] in _MARKS or bold["text"].endswith(":")
        return _clause(rest.lstrip(f"{_MARKS} ")) if is_mark else None
    found = _PHASE.fullmatch(_bare(text))
    # "Phase 1 is done" is prose.
    if not found or (found["name"] and not found["mark"].strip()):
        return None
    return _clause(found["name"])


def _named_by_row(row: Row) -> str:
    """The name in the first cell; where that has only a number, what the second begins with."""
    first, second = [*(cell.text for cell in row.cells), "", ""][:2]
    text = _bare(first)
    if found := _PHASE.fullmatch(text) or _NUMBERED.fullmatch(text):
        text = _bare(found["name"])
    if text and not _NUMBER.fullmatch(text):
        return text
    called = _PHASE.fullmatch(_bare(second))
    return _clause(called["name"]) if called else _beginning(second)


def _beginning(text: str) -> str:
    """What a line is about: its bold beginning, else what is before a colon."""
    bold = _BOLD.match(text)
    return _bare(bold["text"]) if bold else _clause(_until(_COLON, _bare(text)))


# --- Names --------------------------------------------------------------------------------------

# How far a phase is, which authors note after its name.
_PROGRESS = pattern(
    r"(?: ?[-\u2013\u2014] ?(?:DONE|TODO|WIP|IN PROGRESS)"
    r"| [\u2705\u2611\u2714\u23f3\u274c\U0001f6a7]\ufe0f?)\Z"
)
# What a closing parenthesis may hold that is not part of a name: links, issues, versions.
_REMARK = pattern(r"\]\(|\b[A-Z][A-Z0-9_]*-\d|\bv\d|\d\.\d+\.\d")
_CLAUSE_END = pattern(r"`[^`]*`|(?P<end>\.(?= [A-Z]|\Z)|;(?= )| [\u2013\u2014-]{1,3} )")
_COLON = pattern(r"`[^`]*`|(?P<end>:(?= ))")


def _clause(text: str) -> str:
    return _bare(_until(_CLAUSE_END, _bare(text)))


def _until(end: re.Pattern[str], text: str) -> str:
    return next((text[: found.start()] for found in end.finditer(text) if found["end"]), text)


def _bare(text: str) -> str:
    """Markdown as a reader sees it, without what its end says on progress, issues and releases."""
    kept = _PROGRESS.sub("", " ".join(text.split()))
    opening = _opening(kept)
    if opening is not None and _REMARK.search(kept, opening):
        kept = kept[:opening]
    return visible(kept).rstrip(": ")


def _opening(text: str) -> int | None:
    """Where the parenthesis begins with which the text ends, None if it ends with none."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth <= 0:
            return at if text.endswith(")") else None
    return None


# --- Forms --------------------------------------------------------------------------------------


def _headings(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    below = [*plan.below()]
    named = {
        one.start: name
        for one in below
        if one.heading and (name := _named_by_heading(one.heading.text)) is not None
    }
    level = min((one.level for one in below if one.start in named), default=0)
    borders = [one.start for one in below if one.level <= level]
    return [
        _Step(named[start], start, end)
        for start, end in pairwise([*borders, plan.end])
        if start in named
    ]


def _items(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    return [
        _Step(name, item.start, item.end)
        for block in inner
        if block.kind is Kind.LIST
        for item in _list_items(source, block)
        if (name := _named_by_line(item.text)) is not None
    ]


def _lines(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    named = {
        block.start + start: name
        for block in inner
        if block.kind is Kind.PARAGRAPH
        for start, end, _ in markdown.lines(source[block.start : block.end])
        if (name := _named_by_line(source[block.start + start : block.start + end].strip()))
        is not None
    }
    return [_Step(named[start], start, end) for start, end in pairwise([*named, plan.end])]


def _rows(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    tables = (block for block in inner if isinstance(block, Table))
    return [step for table in tables if _has_phases(table) for step in _steps_of(table)]


def _steps_of(table: Table) -> list[_Step]:
    """A step for each row; one with nothing, or the same, in the first cell goes on."""
    found: list[_Step] = []
    above = ""
    for row in _without_total(table):
        first = visible(row.cells[0].text).strip() if row.cells else ""
        if found and first in ("", above):
            found[-1] = found[-1]._replace(end=row.end)
        else:
            found.append(_Step(_named_by_row(row), row.start, row.end))
            above = first
    return found


def _without_total(table: Table) -> Sequence[Row]:
    """The rows, without a last one that adds up those above."""
    last = tables.text(table.rows[-1], 0) if table.rows else ""
    return table.rows[:-1] if _bare(last).casefold() in _TOTALS else table.rows


def _has_phases(table: Table) -> bool:
    names = [visible(cell.text).casefold().removesuffix("s") for cell in table.header.cells[:2]]
    if names[:1] and names[0] in _COUNTERS:
        names.pop(0)
    return bool(names) and names[0] in _WORDS


def _numbered_headings(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    found = [
        _Step(numbered["name"], child.start, child.end)
        for child in plan.children
        if child.heading and (numbered := _NUMBERED.fullmatch(_bare(child.heading.text)))
    ]
    return found if len(found) == len(plan.children) else []


def _numbered_items(source: str, plan: Section, inner: Sequence[Block]) -> list[_Step]:
    """The items of the first numbered or task list, and of those that go on counting."""
    found: list[_Item] = []
    for block in inner:
        if block.kind is not Kind.LIST or block.start >= plan.own_end:
            continue
        items = [one for one in _list_items(source, block) if one.number is not None or one.is_task]
        if found and items and (items[0].number or 0) <= len(found):
            break
        found += items
    return [_Step(_beginning(item.text), item.start, item.end) for item in found]


# --- List items ---------------------------------------------------------------------------------

_TASK = pattern(r"\[[ xX]\] +")


def _list_items(source: str, block: Block) -> list[_Item]:
    """The items of a top-level list, without those of lists inside it."""
    found = []
    for item in list_items.items(source, block):
        ordinal = item.marker[:-1]
        text = _first_paragraph(item.text)
        task = _TASK.match(text)
        text = text[task.end() :] if task else text
        number = int(ordinal) if ordinal else None
        found.append(_Item(number, bool(task), text, item.start, item.end))
    return found


def _first_paragraph(text: str) -> str:
    """The paragraph with which a text begins, on one line; '' if it begins otherwise."""
    first = next(iter(markdown.blocks(text, front_matter=False)), None)
    if first is None or first.kind is not Kind.PARAGRAPH:
        return ""
    return " ".join(text[first.start : first.end].split())
