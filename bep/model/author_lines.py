"""The lines that an author wrote, and whether a document still holds them."""

from __future__ import annotations

import re
from collections import Counter

from . import markdown

_PIPE = re.compile(r"(?<!\\)\|")


def written(base: str, ours: str) -> Counter[str]:
    """The lines of `ours`, with their counts, that neither are blank nor come from `base`."""
    return _lines(ours) - _lines(base)


def lost(base: str, ours: str, result: str) -> list[str]:
    """The author's lines that `result` does not hold any more.

    A table row counts by its cells, a metadata or context key by its value: in a row that got a
    cell more, and in a list that got an element more, nothing is lost.
    """
    kept = _lines(result)
    missing = written(base, ours) - kept
    if not missing:
        return []
    new = list(kept - _lines(ours))
    return [line for line in missing.elements() if not any(_holds(one, line) for one in new)]


def _lines(text: str) -> Counter[str]:
    text = text.removeprefix("\ufeff")
    spans = markdown.lines(text)
    return Counter(line for start, end, _ in spans if (line := text[start:end]).strip())


def _holds(new: str, line: str) -> bool:
    """Whether a new line holds what stood in one that is gone: a row's cells, a key's value."""
    if "|" in line:
        found = iter(_cells(new))
        return all(cell in found for cell in _cells(line))
    if ":" in line:
        return set(_words(line.partition(":")[2])) <= set(_words(new))
    return False


def _cells(line: str) -> list[str]:
    return [cell for part in _PIPE.split(line) if (cell := part.strip())]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s,\[\]'\"]+", text)
