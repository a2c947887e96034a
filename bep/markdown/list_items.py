"""The items of a Markdown list, as spans of the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from . import blocks
from .blocks import Block

_MARKER = re.compile(r"(?P<indent>[ \t]*)(?P<marker>[-+*]|[0-9]{1,9}[.)])(?P<gap>[ \t]+|\Z)")
_BLANKS = " \t"
_CODE_INDENT = 4


class Item(NamedTuple):
    """An item of a list: `source[start:end]`, whole lines without the blank ones after it.

    `marker` is what it begins with, such as `-` or `2.`, at `marker_start`; `text` is what it
    holds, free of marker and indentation.
    """

    start: int
    end: int
    line: int
    marker_start: int
    marker: str
    text: str


class _Line(NamedTuple):
    start: int
    after: int
    text: str


def items(source: str, block: Block) -> tuple[Item, ...]:
    """The items of the list `block` of a document, in order; a list inside one is its text."""
    text, offset = source[block.start : block.end], block.start
    lines = [
        _Line(offset + start, offset + after, text[start:end])
        for start, end, after in blocks.lines(text)
    ]
    if block.start == 0 and source.startswith("\ufeff"):
        lines[0] = _Line(1, lines[0].after, lines[0].text[1:])
    begins: list[tuple[int, re.Match[str]]] = []
    width = _CODE_INDENT
    for at, line in enumerate(lines):
        # An item begins where a marker is further left than the text of the one before.
        if _columns(line.text) < min(width, _CODE_INDENT) and (found := _MARKER.match(line.text)):
            begins.append((at, found))
            width = _width(line.text, found)
        elif begins and begins[-1][0] == at - 1 and _is_hollow(lines[at - 1 : at + 1]):
            # An item may begin with one empty line, not with two.
            width = _CODE_INDENT
    ends = [at for at, _ in begins[1:]] + [len(lines)]
    return tuple(
        _item(lines[at:end], block.line + at, found)
        for (at, found), end in zip(begins, ends, strict=True)
    )


def _item(lines: Sequence[_Line], number: int, found: re.Match[str]) -> Item:
    filled = [at for at, line in enumerate(lines) if line.text.strip(_BLANKS)]
    lines = lines[: filled[-1] + 1]
    first, width = lines[0], _width(lines[0].text, found)
    blank = first.text[: found.start("marker")] + " " * len(found["marker"])
    texts = [_behind(blank + first.text[found.end("marker") :], width)]
    texts += [_behind(line.text, width) for line in lines[1:]]
    place = first.start + found.start("marker")
    return Item(first.start, lines[-1].after, number, place, found["marker"], "\n".join(texts))


def _is_hollow(lines: Sequence[_Line]) -> bool:
    marker = _MARKER.match(lines[0].text)
    return marker is not None and marker.end() == len(lines[0].text) and not lines[1].text.strip()


def _columns(text: str) -> int:
    """The columns before the first character that is not a blank."""
    blanks = text[: len(text) - len(text.lstrip(_BLANKS))]
    return len(blanks.expandtabs(4))


def _width(text: str, found: re.Match[str]) -> int:
    """The column in which an item's text is."""
    marked = len(text[: found.end("marker")].expandtabs(4))
    gap = len(text[: found.end()].expandtabs(4)) - marked
    code = gap > _CODE_INDENT or not text[found.end() :].strip(_BLANKS)
    return marked + (1 if code else gap)


def _behind(text: str, columns: int) -> str:
    """`text` without the blanks in its first columns."""
    body = text.lstrip(_BLANKS)
    return " " * (_columns(text) - columns) + body
