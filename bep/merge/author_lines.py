"""The lines that an author wrote, and whether a document still holds them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from ..markdown import blocks

_PIPE = re.compile(r"(?<!\\)\|")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:(?=[ \t]|\Z)(.*)")


def written(base: str, ours: str) -> Counter[str]:
    """The lines of `ours`, with their counts, that neither are blank nor come from `base`."""
    return _lines(ours) - _lines(base)


def lost(base: str, ours: str, result: str) -> list[str]:
    """The author's lines that `result` does not hold any more.

    A table row counts by its cells, a metadata or context key by its value: in a row that got a
    cell more, and in a list that got an element more, nothing is lost. A value that the author only
    spelled otherwise is the template's, which may remove it.
    """
    kept = _lines(result)
    missing = written(base, ours) - kept
    if not missing:
        return []
    held = _Held(kept - _lines(ours))
    respelled = Counter(map(_entry, (_lines(base) - _lines(ours)).elements()))
    found = []
    for line in missing.elements():
        if line in held:
            continue
        if (entry := _entry(line)) and respelled[entry]:
            respelled[entry] -= 1
        else:
            found.append(line)
    return found


def _entry(line: str) -> tuple[str, ...]:
    """A key with the words of its value, () for another line."""
    found = _KEY.fullmatch(line)
    return (found[1], *_words(found[2])) if found else ()


def _lines(text: str) -> Counter[str]:
    text = text.removeprefix("\ufeff")
    spans = blocks.lines(text)
    return Counter(line for start, end, _ in spans if (line := text[start:end]).strip())


class _Held:
    """New lines, to ask whether one contains what a line says: a row's cells, a key's value."""

    def __init__(self, new: Collection[str]) -> None:
        self._is_empty = not new
        self._by_cell = _by_part(new, _cells)
        self._by_word = _by_part(new, _words)

    def __contains__(self, line: str) -> bool:
        if "|" in line:
            parts, lines = _cells(line), self._by_cell
        elif ":" in line:
            parts, lines = _words(line.partition(":")[2]), self._by_word
        else:
            return False
        if not parts:
            return not self._is_empty
        # Where one of the parts is rare, few lines have to be looked at.
        found = min((lines.get(part, []) for part in parts), key=len)
        if "|" in line:
            return any(_stand_in_order(parts, one) for one in found)
        return any(set(parts) <= set(one) for one in found)


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
    return [cell for part in _PIPE.split(line) if (cell := part.strip())]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s,\[\]'\"]+", text)
