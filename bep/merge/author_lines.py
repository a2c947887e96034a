"""The lines that an author wrote, and whether a document still holds them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from ..markdown import blocks

_DELIMITER = re.compile(r"(?=.*\|)[ \t]*(?:\|[ \t]*)?(?::?-+:?[ \t]*\|[ \t]*)*(?::?-+:?[ \t]*)?")
_ENTRY = re.compile(
    r"(?:(?P<key>[A-Za-z][A-Za-z0-9_-]*)[ \t]*:(?=[ \t]|\Z)|[ \t]*-[ \t])(?P<value>.*)"
)


def written(base: str, ours: str) -> Counter[str]:
    """The lines of `ours`, with their counts, that neither are blank nor come from `base`."""
    return _lines(ours) - _lines(base)


def lost(base: str, ours: str, result: str) -> list[str]:
    """The author's lines that `result` does not hold any more.

    A table row counts by its cells, a metadata or context key by its value: in a row that got a
    cell more, and in a list that got an element more, nothing is lost. A value that the author only
    wrote in another form is the template's, which may remove it.
    """
    kept = _lines(result)
    missing = written(base, ours) - kept
    if not missing:
        return []
    held = _Held(kept - _lines(ours))
    template = _Template(_lines(base), _lines(ours), kept)
    return [
        line
        for line in missing.elements()
        if line not in held and not template.accounts_for(line, held)
    ]


class _Template:
    """The words and cells of the template, to find those that an author wrote in another form."""

    def __init__(self, base: Counter[str], ours: Counter[str], kept: Counter[str]) -> None:
        # Every row: the author may have changed one here and repeated it in another table.
        self._rows = {line: _cells(line) for line in base if "|" in line}
        self._cells = {cell for row in self._rows.values() for cell in row}
        self._words: dict[str, set[str]] = {}
        self._gone = _keys(base) - _keys(kept)
        for line in base - ours:
            if entry := _ENTRY.fullmatch(line):
                self._words.setdefault(_key(entry), set()).update(_words(entry["value"]))

    def accounts_for(self, line: str, held: _Held) -> bool:
        """Whether a line that is gone held nothing of the author's that is gone too."""
        if "|" in line:
            return self._accounts_for_row(line, held)
        entry = _ENTRY.fullmatch(line)
        if not entry:
            return False
        # The elements of a list are on the line of its key, or each on a line of its own.
        key = _key(entry)
        keys = {key, ""} if key else self._words.keys()
        known = set().union(*(self._words.get(key, set()) for key in keys))
        words = _words(entry["value"])
        if not words:
            # The author may have repeated a key that the template has taken away.
            return bool(key) and (key in self._words or key in self._gone)
        own = [word for word in words if word not in known]
        return len(own) < len(words) and (not own or held.has_words(own))

    def _accounts_for_row(self, line: str, held: _Held) -> bool:
        if _DELIMITER.fullmatch(line):
            # It says where columns are, and follows them.
            return held.has_delimiter
        cells = _cells(line)
        if own := [cell for cell in cells if cell not in self._cells]:
            return len(own) < len(cells) and held.has_cells(own)
        if any(self._is_rest(cells, row) for row in held.with_most_of(cells)):
            return True
        same = any(Counter(cells) <= Counter(row) for row in self._rows.values())
        return same and line not in self._rows

    def _is_rest(self, cells: Collection[str], row: Collection[str]) -> bool:
        """Whether what `cells` has and `row` has not was taken out of one row of the template."""
        gone, seen = {*cells} - {*row}, {*cells, *row}
        return any(gone <= {*one} <= seen for one in self._rows.values())


def _key(entry: re.Match[str]) -> str:
    """The key of a line, as keys are compared; '' for an element of a list."""
    return (entry["key"] or "").casefold()


def _keys(lines: Iterable[str]) -> set[str]:
    return {_key(entry) for line in lines if (entry := _ENTRY.fullmatch(line))}


def _lines(text: str) -> Counter[str]:
    text = text.removeprefix("\ufeff")
    spans = blocks.lines(text)
    return Counter(line for start, end, _ in spans if (line := text[start:end]).strip())


class _Held:
    """New lines, to ask whether one contains what a line says: a row's cells, a key's value."""

    def __init__(self, new: Collection[str]) -> None:
        self._is_empty = not new
        self.has_delimiter = any(map(_DELIMITER.fullmatch, new))
        self._by_cell = _by_part(new, _cells)
        self._by_word = _by_part(new, _words)

    def __contains__(self, line: str) -> bool:
        if "|" in line:
            parts = _cells(line)
        elif ":" in line:
            parts = _words(line.partition(":")[2])
        else:
            return False
        if not parts:
            return not self._is_empty
        if "|" not in line:
            return self.has_words(parts)
        return self.has_cells(parts)

    def has_cells(self, cells: Collection[str]) -> bool:
        """Whether one row has all the cells, in their order."""
        return any(_stand_in_order(cells, one) for one in _rarest(cells, self._by_cell))

    def with_most_of(self, cells: Collection[str]) -> Iterator[list[str]]:
        """The rows that have at least half of the cells, in their order."""
        rows = (row for cell in cells for row in self._by_cell.get(cell, ()))
        for row in rows:
            common = [cell for cell in cells if cell in row]
            if 2 * len(common) >= len(cells) and _stand_in_order(common, row):
                yield row

    def has_words(self, words: Collection[str]) -> bool:
        """Whether one line has all the words."""
        return any({*words} <= {*one} for one in _rarest(words, self._by_word))


def _rarest(parts: Iterable[str], lines: Mapping[str, list[list[str]]]) -> list[list[str]]:
    """The lines with one of the parts, the one that the fewest have."""
    return min((lines.get(part, []) for part in parts), key=len)


def _by_part(
    lines: Iterable[str], parts_of: Callable[[str], list[str]]
) -> dict[str, list[list[str]]]:
    """The lines, each as its parts, by each of these."""
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        parts = parts_of(line)
        for part in set(parts):
            found.setdefault(part, []).append(parts)
    return found


def _stand_in_order(cells: Iterable[str], others: Iterable[str]) -> bool:
    found = iter(others)
    return all(cell in found for cell in cells)


def _cells(line: str) -> list[str]:
    return [cell for part in blocks.PIPE.split(line) if (cell := part.strip())]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s,\[\]'\"]+", text)
