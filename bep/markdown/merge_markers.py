"""The markers that Git writes into a text where a merge stopped.

They are seven characters long, or as long as an attribute `conflict-marker-size` says; those of a
base that was in conflict itself are longer. From seven on, such a line is a marker by itself.
Shorter ones are markers where they come in a conflict's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

USUAL_SIZE = 7
_LINE = re.compile(r"(<{3,}|>{3,}|\|{3,}|={3,})(?: .*)?", re.DOTALL)
_BEGUN = re.compile(r"^(?:<<<|>>>|\|\|\|)", re.MULTILINE)


class Marker(NamedTuple):
    """A line that is a marker: its place, its `kind` (`<`, `|`, `=` or `>`) and its length."""

    place: int
    text: str
    kind: str
    size: int


def may_hold(text: str) -> bool:
    """Whether a text can contain markers: a quick look, before its lines are read."""
    return _BEGUN.search(text.replace("\r", "\n")) is not None


def marked(place: int, line: str) -> Marker | None:
    """The marker that a line, without its ending, would be; None for any other line."""
    found = _LINE.fullmatch(line)
    return Marker(place, line, found[1][0], len(found[1])) if found else None


def find(lines: Iterable[tuple[int, str]]) -> list[Marker]:
    """The markers among lines, each given with its place; `=` only inside a conflict."""
    found: list[Marker] = []
    # Conflicts that are not closed yet, by the length of their markers.
    begun: dict[int, list[Marker]] = {}
    for place, line in lines:
        marker = marked(place, line)
        if marker is None:
            continue
        size = marker.size
        if marker.kind == "<":
            begun[size] = [marker]
        elif size in begun:
            begun[size].append(marker)
        if size >= USUAL_SIZE and (marker.kind != "=" or size in begun):
            found.append(marker)
        if marker.kind == ">" and (conflict := begun.pop(size, None)) and size < USUAL_SIZE:
            found += conflict if any(one.kind == "=" for one in conflict) else []
    return sorted(found)
