"""The parts of a title's heading: the title, the proposal's number, and what follows."""

from __future__ import annotations

import re
from typing import NamedTuple

from .. import names
from ..markdown.patterns import pattern
from ..markdown.plain_text import visible

_NUMBER = r"BEP[- ]?(?P<number>[0-9]{1,9})(?![0-9])"
_ANCHORS = pattern(r"(?:<a\b[^<>]*>[ \t]*</a>[ \t]*)*")
_NAMED = pattern(rf"(?i:[*_`\[]*{_NUMBER}[\]*_`]*(?:\([^()]*\))?[\s:.\u2013\u2014-]*)")
_LINK = pattern(r"\[(?P<text>[^\[\]]+)\](?:\([^()]*\)|\[[^\[\]]*\])")
# What may follow a title: an anchor, a comment, a footnote, the number in parentheses.
_ASIDE = pattern(
    r"(?<![ \t])[ \t]*(?:\{#[^{}]*\}|<a\b[^<>]*>[ \t]*</a>|<!--[^<>]*-->|\[\^[^\[\]\s]+\]"
    rf"|(?<!\])\((?i:\[?{_NUMBER}\]?)\))"
)


class Parts(NamedTuple):
    """A title with what precedes and follows it; joined, they are the heading's text.

    `numbers` are the spans of the proposal's number in that text.
    """

    front: str
    title: str
    back: str
    numbers: tuple[tuple[int, int], ...]


def parts(heading: str, number: int) -> Parts:
    """The parts of a heading's text, as it is written, in a document of the proposal `number`.

    >>> parts("[BEP-1046: Relay](x.md) {#r}", 1046)[:3]
    ('[BEP-1046: ', 'Relay', '](x.md) {#r}')
    """
    anchors = _ANCHORS.match(heading)
    start = anchors.end() if anchors else 0
    asides = _asides(heading, number)
    end = asides[0].start() if asides else len(heading)
    if link := _LINK.fullmatch(heading, start, end):
        start, end = link.span("text")
    numbers = [one.span("number") for one in asides if one["number"]]
    named = _NAMED.match(heading, start, end)
    if named and int(named["number"]) == number:
        start = named.end()
        numbers.insert(0, named.span("number"))
    return Parts(heading[:start], heading[start:end], heading[end:], tuple(numbers))


def shown(heading: str, number: int) -> str:
    """The title that a reader sees in a heading, without the number and what follows the title."""
    asides = _asides(heading, number)
    title = heading[: asides[0].start()] if asides else heading
    return names.title_in(visible(title), number)


def _asides(heading: str, number: int) -> list[re.Match[str]]:
    """What follows the title in a heading, in order."""
    found: list[re.Match[str]] = []
    for aside in reversed([*_ASIDE.finditer(heading)]):
        end = found[-1].start() if found else len(heading)
        if aside.end() != end or int(aside["number"] or number) != number:
            break
        found.append(aside)
    return found[::-1]
