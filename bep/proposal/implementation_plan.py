"""The phases of an implementation plan, in the forms in which real plans have them.

The guide asks for phased steps (Step 5, Write Sections). People write headings, list items, bold
lines and tables, mostly but not always with the word "Phase".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ..markdown import blocks as markdown
from ..markdown.blocks import Block, Heading, Kind, Section, Table
from ..markdown.inline import visible


class Step(NamedTuple):
    """A phase: its name, '' where it has only a number, and the span of its text."""

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


def steps(source: str, blocks: Sequence[Block], plans: Sequence[Section]) -> list[Step]:
    """The phases that the sections `plans` of a document describe, in order, [] for none.

    `blocks` are those of `source`. What says "Phase 1" counts before what is merely numbered, in
    whichever of the sections it stands.
    """
    parts = [(plan, _blocks_below(plan, blocks)) for plan in plans]
    for form in (_headings, _items, _lines, _rows, _numbered_headings, _numbered_items):
        for plan, inner in parts:
            if found := form(source, plan, inner):
                return found
    return []


def label(source: str, step: Step) -> str:
    """The number or letter by which a plan calls a phase, such as `1`, `2a`, `II`; '' for none."""
    line = source[step.start : step.end].lstrip().partition("\n")[0]
    found = _CALLED.match(line) or _COUNTED.match(line)
    return found["label"] if found else ""


def _blocks_below(plan: Section, blocks: Sequence[Block]) -> Sequence[Block]:
    """The blocks of a section without its heading."""
    first, stop = (bisect_left(blocks, at, key=_start) for at in (plan.start + 1, plan.end))
    return blocks[first:stop]


def _start(block: Block) -> int:
    return block.start


# --- What announces a phase ---------------------------------------------------------------------

_WORDS = ("phase", "step", "stage", "milestone")
_PHASE = re.compile(
    rf"""\W{{0,4}} (?: [0-9a-z]{{1,3}} [.)] [ ] )?
        (?i: {"|".join(_WORDS)} ) [ ]
        (?: \d+[a-z]? | [IVX]+ | [A-Z] ) (?!\w)
        (?P<mark> [ ]? [:.)\u2013\u2014-]* [ ]? )
        (?P<name> .* )""",
    re.VERBOSE,
)
_MARKS_OF_A_LINE = r"[\s#|*_>+-]* (?: \[[ xX]\]\ )? [\s*_]*"
_CALLED = re.compile(
    rf"""{_MARKS_OF_A_LINE} (?: [0-9a-z]{{1,3}}[.)]\ | \([0-9a-z]{{1,3}}\)\ )? {_MARKS_OF_A_LINE}
        (?i: {"|".join(_WORDS)} )\ (?P<label> \d+[a-z]? | [IVX]+ | [A-Z] ) (?!\w)""",
    re.VERBOSE,
)
_COUNTED = re.compile(rf"{_MARKS_OF_A_LINE} (?P<label> \d+[a-z]? ) (?!\w)", re.VERBOSE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(?P<text>.+?)(?<=\S)\1(?P<rest>.*)")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*[.)]?[ ](?P<name>.+)")
_NUMBER = re.compile(r"\d+[a-z]?")
_MARKS = ":.\u2013\u2014-"


def _named_by_heading(text: str) -> str | None:
    """The name of the phase that a heading announces, None where it announces none."""
    found = _PHASE.fullmatch(_bare(text))
    return _bare(found["name"]) if found else None


def _named_by_line(text: str) -> str | None:
    """The name of the phase with which a line of text begins, None where it begins with none."""
    bold = _BOLD.match(text)
    if bold and (found := _PHASE.fullmatch(_bare(bold["text"]))):
        if name := _bare(found["name"]):
            return name
        rest = bold["rest"].lstrip()
        is_mark = rest[:1] in _MARKS or bold["text"].endswith(":")
        return _clause(rest.lstrip(f"{_MARKS} ")) if is_mark else None
    found = _PHASE.fullmatch(_bare(text))
    # "Phase 1 is done" is prose.
    if not found or (found["name"] and not found["mark"].strip()):
        return None
    return _clause(found["name"])


def _named_by_row(row: markdown.Row) -> str:
    """The name in the first cell; where that has only a number, what the second begins with."""
    first, second = [*(cell.text for cell in row.cells), "", ""][:2]
    text = _bare(first)
    if found := _PHASE.fullmatch(text) or _NUMBERED.fullmatch(text):
        text = _bare(found["name"])
    name = "" if _NUMBER.fullmatch(text) else text
    return name or _beginning(second)


def _beginning(text: str) -> str:
    """What a line is about: its bold beginning, else what stands before a colon."""
    bold = _BOLD.match(text)
    return _bare(bold["text"]) if bold else _clause(_until(_COLON, _bare(text)))


# --- Names --------------------------------------------------------------------------------------

# How far a phase is, which authors note behind its name.
_PROGRESS = re.compile(
    r"(?: ?[-\u2013\u2014] ?(?:DONE|TODO|WIP|IN PROGRESS)"
    r"| [\u2705\u2611\u2714\u23f3\u274c\U0001f6a7]\ufe0f?)\Z"
)
# What a closing parenthesis may hold that is no part of a name: links, issues, versions.
_REMARK = re.compile(r"\]\(|\b[A-Z][A-Z0-9_]*-\d|\bv\d|\d\.\d+\.\d")
_CLAUSE_END = re.compile(r"`[^`]*`|(?P<end>\.(?= [A-Z]|\Z)|;(?= )| [\u2013\u2014-]{1,3} )")
_COLON = re.compile(r"`[^`]*`|(?P<end>:(?= ))")


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
    """Where the parenthesis begins with which the text ends, None where it ends with none."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth <= 0:
            return at if text.endswith(")") else None
    return None


# --- Forms --------------------------------------------------------------------------------------


def _headings(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    headings = [block for block in inner if isinstance(block, Heading)]
    named = {
        heading.start: name
        for heading in headings
        if (name := _named_by_heading(heading.text)) is not None
    }
    level = min((heading.level for heading in headings if heading.start in named), default=0)
    borders = [heading.start for heading in headings if heading.level <= level]
    return [
        Step(named[start], start, end)
        for start, end in pairwise([*borders, plan.end])
        if start in named
    ]


def _items(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    return [
        Step(name, item.start, item.end)
        for block in inner
        if block.kind is Kind.LIST
        for item in _list_items(source, block)
        if (name := _named_by_line(item.text)) is not None
    ]


def _lines(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    named = {
        block.start + start: name
        for block in inner
        if block.kind is Kind.PARAGRAPH
        for start, end, _ in markdown.lines(source[block.start : block.end])
        if (name := _named_by_line(source[block.start + start : block.start + end].strip()))
        is not None
    }
    return [Step(named[start], start, end) for start, end in pairwise([*named, plan.end])]


def _rows(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    tables = (block for block in inner if isinstance(block, Table))
    return [
        Step(_named_by_row(row), row.start, row.end)
        for table in tables
        if any(visible(cell.text).casefold() in _WORDS for cell in table.header.cells[:1])
        for row in table.rows
    ]


def _numbered_headings(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    found = [
        Step(numbered["name"], child.start, child.end)
        for child in plan.children
        if child.heading and (numbered := _NUMBERED.fullmatch(_bare(child.heading.text)))
    ]
    return found if len(found) == len(plan.children) else []


def _numbered_items(source: str, plan: Section, inner: Sequence[Block]) -> list[Step]:
    """The items of the first numbered or task list, and of those that go on counting."""
    found: list[_Item] = []
    for block in inner:
        if block.kind is not Kind.LIST or block.start >= plan.own_end:
            continue
        items = [one for one in _list_items(source, block) if one.number is not None or one.is_task]
        if found and items and (items[0].number or 0) <= len(found):
            break
        found += items
    return [Step(_beginning(item.text), item.start, item.end) for item in found]


# --- List items ---------------------------------------------------------------------------------

_MARKER = re.compile(r"(?:[-+*]|(?P<number>[0-9]{1,9})[.)])(?=[ \t]|\Z)")
_TASK = re.compile(r"\[[ xX]\] +")
_NO_PARAGRAPH = re.compile(r"#{1,6}(?: |\Z)|```|~~~|[>|<]")
_CODE_INDENT = 4


def _list_items(source: str, block: Block) -> list[_Item]:
    """The items of a top-level list, without those of lists inside it."""
    found: list[tuple[int, int | None, list[str]]] = []
    inner, is_open = _CODE_INDENT, False
    for start, end, _ in markdown.lines(source[block.start : block.end]):
        line = source[block.start + start : block.start + end].lstrip("\ufeff").expandtabs(4)
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        marker = _MARKER.match(body)
        if marker and indent < min(inner, _CODE_INDENT):
            text = body[marker.end() :].lstrip(" ")
            inner = len(line) - len(text) if text else indent + marker.end() + 1
            number = int(marker["number"]) if marker["number"] else None
            found.append((block.start + start, number, [text]))
            is_open = True
        else:
            is_open = bool(is_open and body and not marker and not _NO_PARAGRAPH.match(body))
            if is_open:
                found[-1][2].append(body)
    ends = [*(start for start, _, _ in found[1:]), block.end]
    return [
        _item(number, " ".join(texts).strip(), start, end)
        for (start, number, texts), end in zip(found, ends, strict=False)
    ]


def _item(number: int | None, text: str, start: int, end: int) -> _Item:
    task = _TASK.match(text)
    return _Item(number, bool(task), text[task.end() :] if task else text, start, end)
