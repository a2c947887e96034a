"""Flowcharts in Mermaid's language; whatever a label holds, it stays text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

# What a longer label keeps, so that a node stays a box that can be read.
_LONGEST = 80
# ASCII besides letters and digits that marks nothing in Mermaid, in Markdown and in HTML.
_PLAIN = frozenset(" ,.'!?/()-")
# With these Mermaid marks the placeholders that it puts in place of entities.
_PLACEHOLDERS = frozenset("\N{LATIN SMALL LIGATURE FL}\N{PILCROW SIGN}")
_BLANKS = re.compile(r"\s+")


class Line(StrEnum):
    """How an arrow is drawn."""

    DOTTED = "-.->"
    SOLID = "-->"
    THICK = "==>"


class Node(NamedTuple):
    """A box with the lines of its label; `style` is the name of one of the chart's styles."""

    name: str
    lines: Sequence[str]
    style: str


class Arrow(NamedTuple):
    """An arrow between the nodes of two names, with a label unless that is ''."""

    start: str
    end: str
    line: Line
    label: str = ""


def flowchart(
    nodes: Sequence[Node],
    arrows: Sequence[Arrow],
    styles: Mapping[str, str],
    remarks: Sequence[str],
) -> str:
    """A chart from left to right with what it needs of the `styles`; `remarks` are comments.

    Names of nodes and styles, and the styles themselves, are Mermaid's own words and come from
    code, never from a document.
    """
    used = {one.style for one in nodes}
    return "\n".join(
        [
            "flowchart LR",
            *(f"    %% {_one_line(one)}" for one in remarks),
            *(_node(one) for one in nodes),
            *(_arrow(one) for one in arrows),
            *(f"    classDef {name} {style}" for name, style in styles.items() if name in used),
            "",
        ]
    )


def label(text: str) -> str:
    """A text as one line of a label in quotes: what could mean something becomes an entity.

    >>> label('Say "no" to <b>')
    'Say #34;no#34; to #60;b#62;'
    """
    shown = _one_line(text)
    if len(shown) > _LONGEST:
        shown = f"{shown[: _LONGEST - 1].rstrip()}…"
    return "".join(map(_escaped, shown))


def _node(one: Node) -> str:
    lines = "<br>".join(map(label, one.lines))
    return f'    {one.name}["{lines}"]:::{one.style}'


def _arrow(one: Arrow) -> str:
    said = f'|"{label(one.label)}"|' if one.label else ""
    return f"    {one.start} {one.line}{said} {one.end}"


def _one_line(text: str) -> str:
    """A text without line breaks, characters that are not shown, and halves of characters."""
    return _BLANKS.sub(" ", "".join(_visible(text))).strip()


def _visible(text: str) -> Iterator[str]:
    for char in text:
        category = unicodedata.category(char)
        if category in ("Cs", "Co", "Cn"):
            yield "\N{REPLACEMENT CHARACTER}"
        elif category == "Cc" or category[0] == "Z":
            yield " "
        elif category != "Cf":
            yield char


def _escaped(char: str) -> str:
    is_plain = char.isalnum() or char in _PLAIN if char.isascii() else char not in _PLACEHOLDERS
    return char if is_plain else f"#{ord(char)};"
