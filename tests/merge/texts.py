"""A section's own text that author and template both changed: part of the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.merge.reading import ANCHORS, Lines, Node, Table, filled
from tests.merge.values import matching

_TABLE = "\0table"


class Texts:
    """A section that both changed: its lines, with guidance that changed and the table as marks."""

    def __init__(
        self, base: Node, ours: Node, theirs: Node, result: Node, tables: Sequence[Table]
    ) -> None:
        old, new = base.comment_texts(), theirs.comment_texts()
        replaced = [text for text in old if text not in new]
        replacing = [text for text in new if text not in old]
        count = min(len(replaced), len(replacing))
        before = {text: f"\0{at}" if at < count else "" for at, text in enumerate(replaced)}
        self.separator = _separator(ours, replaced[count:])
        before.pop(self.separator, None)
        after = {text: f"\0{at}" if at < count else "" for at, text in enumerate(replacing)}
        for one, other in zip(replaced, replacing, strict=False):
            # It is up to date already; what is like the old one is the author's.
            if other in ours.comment_texts():
                before.pop(one, None)
        if not any(text in before for text in ours.comment_texts()):
            after = {}
        self.has_old_guidance = any(text in replaced for text in result.comment_texts())
        if self.separator:
            # It stays, below an anchor that would otherwise belong to the next heading.
            self.has_old_guidance = False
        b, o, t, r = tables or (None, None, None, None)
        self.ours, self.result = _marked(ours, before, o), _marked(result, after, r)
        # A table that gave way is not reported, nor is guidance.
        none = dict.fromkeys([*old, *new], "")
        if base.tables and theirs.tables:
            b, t = base.tables[0], theirs.tables[0]
        self.words = [
            [line for line in _marked(node, none, table) if line != _TABLE]
            for node, table in ((base, b), (ours, o), (theirs, t), (result, r))
        ]

    def expected(self) -> list[list[str]]:
        """The author's text; the template's too where the author changed no more than guidance."""
        base, ours, theirs, result = self.words
        is_theirs = ours == base != theirs == result and not self.has_old_guidance
        return [self.ours, self.result] if is_theirs else [self.ours]

    def might_give_way(self) -> bool:
        base, _, theirs, _ = self.words
        return theirs != base

    def gave_way(self) -> bool:
        """Whether lines that the template added are missing, or some that it removed are there."""
        base, _, theirs, result = map(Counter, self.words)
        return bool(theirs - base - result) or bool((base - theirs) & (result - theirs))


def _separator(ours: Node, dropped: Sequence[Lines]) -> Lines:
    """The last comment to go, where only such comments are below an anchor; none is ()."""
    rest = list(ours.own)
    last: Lines = ()
    for start, end in reversed(ours.comments):
        if (text := ours.own[start:end]) in dropped:
            last = last or (text if not filled(rest[end:]) else ())
            rest[start:end] = [""] * (end - start)
    left = filled(rest)
    return last if left and ANCHORS.fullmatch(left[-1].strip()) else ()


def _marked(node: Node, marks: Mapping[Lines, str], table: Table | None) -> list[str]:
    """The lines that are not blank; guidance and the table as one mark each.

    Of equal comments, the first is guidance; the author has written the others.
    """
    lines = list(node.own)
    first = {node.own[start:end]: start for start, end in reversed(node.comments)}
    for start, end in reversed(node.comments):
        if (text := node.own[start:end]) in marks and first[text] == start:
            lines[start:end] = [marks[text], *[""] * (end - start - 1)]
    if table:
        lines[table.start : table.end] = [_TABLE, *[""] * (table.end - table.start - 1)]
    return filled(lines)


def tables_of(base: Node, ours: Node, theirs: Node, result: Node) -> tuple[Table, ...]:
    """The table of the section in all four, none where one has no such table."""
    if not base.tables or not theirs.tables:
        return ()
    like = base.tables[0]
    new = theirs.tables[0]
    merged = matching(like, result.tables) or matching(new, result.tables)
    found = (like, matching(like, ours.tables), new, merged)
    return () if None in found else found
