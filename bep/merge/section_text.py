"""The merge of a section's own text: guidance, tables, and prose, which stays whole."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ..markdown import blocks as markdown, edits as splices
from ..markdown.blocks import Block, Kind, Table
from ..markdown.edits import Splice
from ..markdown.section_tree import ends_in_anchors
from . import tables as merging_tables
from .parts import CONTEXT

_BLANK_LINE_ABOVE = re.compile(r"(?:\A|\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)[ \t]*\Z")


class MergedText(NamedTuple):
    """The merged text, and whether new text of the template gave way to the author's."""

    text: str
    gave_way: bool


class _Side(NamedTuple):
    """One version of the text with its guidance (comments) and its tables."""

    text: str
    comments: tuple[Block, ...]
    tables: tuple[Table, ...]

    def slice(self, block: Block) -> str:
        return self.text[block.start : block.end].strip("\r\n")

    def rest(self) -> list[str]:
        """The words of what is neither guidance nor a table nor the context block."""
        return self._words_outside(*self.comments, *self.tables)

    def around_tables(self) -> list[str]:
        """The words of everything but tables and the context block."""
        return self._words_outside(*self.tables)

    def _words_outside(self, *blocks: Block) -> list[str]:
        pieces, end = [], 0
        for block in sorted(blocks, key=lambda one: one.start):
            pieces.append(self.text[end : block.start])
            end = block.end
        return " ".join([*pieces, self.text[end:]]).replace(CONTEXT, " ").split()


def merge(
    base: str, ours: str, theirs: str, columns: merging_tables.Names = merging_tables.OWN_NAMES
) -> MergedText:
    """Merge three versions of a section's content.

    Where both changed it, the author's text stays, with guidance brought up to date where the
    author left it in place, and tables merged by row and column; `columns` are names of columns
    that mean the same.
    """
    if ours == base:
        return MergedText(theirs, gave_way=False)
    if theirs in (base, ours):
        return MergedText(ours, gave_way=False)
    old, mine, new = _side(base), _side(ours), _side(theirs)
    has_other_prose = new.rest() not in (old.rest(), mine.rest())
    if has_other_prose and old.around_tables() == mine.around_tables():
        merged, lost = _with_rows(old, mine, new, columns)
        if not lost:
            return merged
    edits, gave_way = _guidance(old, mine, new)
    tables = list(mine.tables)
    gave_way = gave_way or has_other_prose
    gave_way = gave_way or len(new.tables) < len(old.tables)
    for at, table in enumerate(new.tables):
        before = old.tables[at] if at < len(old.tables) else None
        if before is not None and old.slice(before) == new.slice(table):
            continue
        counterpart = _counterpart(before or table, tables, columns)
        if before is None or counterpart is None:
            gave_way = gave_way or counterpart is None
            continue
        tables.remove(counterpart)
        rows = merging_tables.merge(
            (old.text, before), (mine.text, counterpart), (new.text, table), columns
        )
        edits.append(Splice(counterpart.start, counterpart.end, rows.text))
        gave_way = gave_way or rows.gave_way
    text = splices.applied(ours, edits)
    # Blank lines that were before what went at the end.
    return MergedText(text[: splices.trailing_blanks(text)], gave_way)


def taken(
    base: str, ours: str, theirs: str, columns: merging_tables.Names = merging_tables.OWN_NAMES
) -> str:
    """The template's new content of a section, with the author's rows in its tables."""
    return _with_rows(_side(base), _side(ours), _side(theirs), columns)[0].text


def _with_rows(
    old: _Side, mine: _Side, new: _Side, columns: merging_tables.Names
) -> tuple[MergedText, list[Table]]:
    """The template's new text with the author's rows, and the author's tables that it lacks."""
    edits, left, gave_way = [], list(mine.tables), False
    for at, table in enumerate(new.tables):
        before = (old, old.tables[at]) if at < len(old.tables) else (new, table)
        counterpart = _counterpart(before[1], left, columns)
        if counterpart is None:
            continue
        left.remove(counterpart)
        merged = merging_tables.merge(
            (before[0].text, before[1]), (mine.text, counterpart), (new.text, table), columns
        )
        end = table.start + len(new.text[table.start : table.end].rstrip("\r\n"))
        edits.append(Splice(table.start, end, merged.text.rstrip("\r\n")))
        gave_way = gave_way or merged.gave_way
    return MergedText(splices.applied(new.text, edits), gave_way), left


def _counterpart(
    table: Table, tables: Sequence[Table], columns: merging_tables.Names
) -> Table | None:
    """The first of the author's `tables` that corresponds to one of the template."""
    return next((one for one in tables if merging_tables.corresponds(table, one, columns)), None)


def _side(text: str) -> _Side:
    blocks = markdown.blocks(text, front_matter=False)
    comments = [
        block
        for block in blocks
        if block.kind is Kind.COMMENT and text[block.start : block.end].strip().endswith("-->")
    ]
    tables = [block for block in blocks if isinstance(block, Table)]
    return _Side(text, tuple(comments), tuple(tables))


def _guidance(old: _Side, mine: _Side, new: _Side) -> tuple[list[Splice], bool]:
    """The template's comments that the author left in place, brought up to date.

    And whether one stays that the template dropped: below an anchor that would otherwise belong to
    the next heading.
    """
    waiting: dict[str, deque[Block]] = {}
    for one in mine.comments:
        waiting.setdefault(splices.with_ending(mine.slice(one), "\n"), deque()).append(one)
    edits, dropped = [], []
    known = {*waiting}
    for at in range(len(old.comments)):
        before, after = (
            [splices.with_ending(side.slice(one), "\n") for one in side.comments[at : at + 1]]
            for side in (old, new)
        )
        equal = waiting.get(before[0])
        # Where it was brought up to date already, another one like it is the author's.
        is_done = after != before and after and after[0] in known
        if not equal or is_done:
            continue
        left = equal.popleft()
        start = left.start
        end = start + len(mine.text[start : left.end].rstrip("\r\n"))
        if at < len(new.comments):
            edits.append(Splice(start, end, new.slice(new.comments[at])))
        else:
            dropped.append(Splice(start, _end_of_gone(mine.text, start, end), ""))
    dropped.sort()
    remaining = splices.applied(mine.text, [*edits, *dropped])
    separates = ends_in_anchors(remaining) and not ends_in_anchors(mine.text)
    return [*edits, *(dropped[:-1] if separates else dropped)], separates


def _end_of_gone(text: str, start: int, end: int) -> int:
    """Where what goes with a comment ends: the blank lines after it.

    One of them stays where text is right above, which would go on in what is below.
    """
    behind = splices.BLANK_LINES.match(text, end)
    after = behind.end() if behind else end
    if not text[:start].strip() or _BLANK_LINE_ABOVE.search(text[:start]):
        return after
    endings = list(splices.LINE_ENDING.finditer(text, end, after))
    return endings[0].end() if len(endings) > 1 else end
