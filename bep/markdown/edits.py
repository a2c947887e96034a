"""Splices: how a document is edited, so that every byte outside of them stays.

An edit says which span of the source gets which text. Several edits of one source are computed
from the same source and applied together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_ENDING = re.compile(r"[\r\n]|\Z")
_LINE_ABOVE = re.compile(r"(\r\n|\n|\r)[^\r\n]*\Z")


class Splice(NamedTuple):
    """`text` takes the place of `source[start:end]`; an empty span is an insertion."""

    start: int
    end: int
    text: str


def applied(source: str, splices: Iterable[Splice]) -> str:
    """The source with all splices; insertions at one place stand in the order they are given.

    Raises ValueError where two of them overlap.
    """
    pieces: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at:
            raise ValueError(f"splices overlap at {splice.start}")
        pieces += [source[at : splice.start], splice.text]
        at = splice.end
    return "".join(pieces) + source[at:]


def line_end(source: str, offset: int) -> int:
    """Where the line at `offset` ends, its line ending left out."""
    match = _ENDING.search(source, offset)
    return match.start() if match else len(source)


def ending_at(source: str, offset: int) -> str:
    """The line ending that stands at `offset`, '' where none does."""
    if source.startswith("\r\n", offset):
        return "\r\n"
    return source[offset : offset + 1] if source[offset : offset + 1] in ("\r", "\n") else ""


def ending_near(source: str, offset: int) -> str:
    """The line ending of the line at `offset`, else of the line above it, else a line feed."""
    inside = source.startswith("\r\n", offset - 1) if offset else False
    end = line_end(source, offset - 1 if inside else offset)
    if ending := ending_at(source, end):
        return ending
    above = _LINE_ABOVE.search(source, 0, end)
    return above[1] if above else "\n"


def line_below(source: str, offset: int, text: str) -> Splice:
    """The insertion of the line `text` below the line at `offset`, in that line's ending.

    Below a last line without ending stands one without ending.
    """
    end = line_end(source, offset)
    ending = ending_at(source, end)
    at = end + len(ending)
    return Splice(at, at, text + ending if ending else ending_near(source, end) + text)
