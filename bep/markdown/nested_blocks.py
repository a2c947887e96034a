"""The blocks of a Markdown document, also those inside lists, block quotes and footnotes.

The scanner gives a list or a quote as one block; here it is taken apart. What is inside is read
from a view: its lines without the marks of the containers around them. What is indented below a
footnote is a part of it, as GitHub has it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import blocks
from .blocks import Block, Kind


class Piece(NamedTuple):
    """A part of a line, and the place of its first character in the source."""

    text: str
    place: int


Line = list[Piece]


class View(NamedTuple):
    """Lines of the source without the marks of the containers around them.

    `shifts` give, from each of `starts` on, how far the source is ahead.
    """

    text: str
    starts: list[int]
    shifts: list[int]

    def place(self, at: int) -> int:
        """The place in the source of the character at `at`."""
        return at + self.shifts[bisect_right(self.starts, at) - 1]

    def line(self, start: int, end: int, columns: int) -> Line:
        """A part of one line after so many blanks."""
        at = bisect_right(self.starts, start)
        found = [Piece(" " * columns + self.text[start:end], start + self.shifts[at - 1] - columns)]
        for begin, shift in zip(self.starts[at : at + _MOST], self.shifts[at:], strict=False):
            if begin >= end:
                break
            last = found.pop()
            found.append(Piece(last.text[: len(last.text) - (end - begin)], last.place))
            found.append(Piece(self.text[begin:end], begin + shift))
        return found


class Leaf(NamedTuple):
    """A block that holds no further ones; its spans are those of the view's text."""

    view: View
    block: Block


# The label of a footnote, at the beginning of the line that defines it.
FOOTNOTE = re.compile(r"(?:^|(?<=[\r\n]))\ufeff?[ ]{0,3}\[(\^[^\s\[\]]+)\]:")
_BLANKS = " \t"
# Deeper containers are read as text: each depth costs another reading of what is inside.
_MAX_DEPTH = 12
# So are those after which a document has cost this many readings of each of its characters, which
# nothing does that a person wrote. A view costs as much as a text of this length, besides its own.
_READINGS = 6
_ALWAYS = 200_000
_COST_OF_VIEW = 100
_CODE_INDENT = 4
# The pieces of a line: one besides the marks of its containers.
_MOST = 2
_MARKS = re.compile(r"(?:[ \t]*+(?:[-+*>]|[0-9]{1,9}[.)]))++[ \t]++")
_TABBED = re.compile(r"^(?:[ \t]*+(?:[-+*>]|[0-9]{1,9}[.)]))++ *+\t", re.MULTILINE)
_MARKER = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|\Z)")


def leaves(source: str, found: tuple[Block, ...] | None = None) -> Iterator[Leaf]:
    """All blocks of the document in order, but for front matter and blank lines.

    A list or quote that is nested too deep comes as a leaf. `found` is the result of
    `markdown.blocks(source)` if the caller has it already.
    """
    budget = _Budget(_READINGS * len(source) + _ALWAYS)
    marked = source.startswith("\ufeff")
    if "\r" not in source and not marked and not ("\t" in source and _TABBED.search(source)):
        found = blocks.of_document(source) if found is None else found
        return _in_blocks(View(source, [0], [0]), found, 0, budget)
    view = _joined(_pieces(source[start:end], start) for start, end, _ in blocks.lines(source))
    if marked:
        view = View(view.text[1:], [0, *(at - 1 for at in view.starts[1:])], view.shifts)
        view.shifts[:] = [shift + 1 for shift in view.shifts]
    return _in_view(view, 0, budget)


def _pieces(line: str, place: int) -> Line:
    """A line of the source, with blanks in place of tabs among the marks of containers.

    How wide a tab is depends on its column in the source, which a view does not know.
    """
    marks = _MARKS.match(line) if "\t" in line else None
    if marks is None:
        return [Piece(line, place)]
    return [Piece(marks[0].expandtabs(4), place), Piece(line[marks.end() :], place + marks.end())]


def _joined(lines: Iterable[Line]) -> View:
    texts, starts, shifts, at = [], [], [], 0
    for line in lines:
        for text, place in line:
            texts.append(text)
            starts.append(at)
            shifts.append(place - at)
            at += len(text)
        texts.append("\n")
        at += 1
    return View("".join(texts[:-1]), starts or [0], shifts or [0])


class _Budget:
    """How many characters may still be read inside containers."""

    def __init__(self, left: int) -> None:
        self.left = left

    def allows(self, view: View) -> bool:
        """Whether what is inside a container may be taken apart; it counts as read from now on."""
        self.left -= len(view.text) + _COST_OF_VIEW
        return self.left >= 0


def _in_view(view: View, depth: int, budget: _Budget) -> Iterator[Leaf]:
    if not budget.allows(view):
        depth = _MAX_DEPTH
    return _in_blocks(view, blocks.blocks(view.text), depth, budget)


def _in_blocks(view: View, found: tuple[Block, ...], depth: int, budget: _Budget) -> Iterator[Leaf]:
    in_footnote = False
    for block in found:
        if block.kind is Kind.BLANK or block.kind is Kind.FRONT_MATTER:
            continue
        if in_footnote and block.kind is Kind.INDENTED_CODE:
            yield from _in_view(_outdented(view, block), depth + 1, budget)
            continue
        in_footnote = block.kind is Kind.PARAGRAPH and has_footnote(view.text, block)
        if block.kind not in (Kind.LIST, Kind.QUOTE) or depth >= _MAX_DEPTH:
            yield Leaf(view, block)
        elif block.kind is Kind.QUOTE:
            yield from _in_view(_quoted(view, block), depth + 1, budget)
        else:
            for item in _items(view, block):
                yield from _in_view(item, depth + 1, budget)


def has_footnote(text: str, block: Block) -> bool:
    """Whether a paragraph of `text` defines a footnote: what is indented below belongs to it."""
    if text.find("[^", block.start, block.end) < 0:
        return False
    return FOOTNOTE.search(text, block.start, block.end) is not None


def _outdented(view: View, block: Block) -> View:
    lines = (
        view.line(at, at + len(body), max(indent - _CODE_INDENT, 0))
        for indent, at, body in _lines_of(view, block)
    )
    return _joined([_FIRST, *lines])


def _lines_of(view: View, block: Block) -> Iterator[tuple[int, int, str]]:
    """The lines of a container: columns of indentation, where the rest is in the view, the rest."""
    for start, end, _ in blocks.lines(view.text[block.start : block.end]):
        line = view.text[block.start + start : block.start + end]
        body = line.lstrip(_BLANKS)
        lead = len(line) - len(body)
        yield _width(line[:lead], 0), block.start + start + lead, body


def _width(blanks: str, column: int) -> int:
    for char in blanks:
        column += 4 - column % 4 if char == "\t" else 1
    return column


# A line without its container's marks goes on a paragraph, and so far in it can do nothing else.
_LAZY = 64
# An empty first line keeps `---` inside a container from being front matter.
_FIRST: Line = [Piece("", 0)]


def _quoted(view: View, block: Block) -> View:
    lines = [_FIRST]
    for indent, at, body in _lines_of(view, block):
        end = at + len(body)
        if indent < _CODE_INDENT and body.startswith(">"):
            rest = body[1:].lstrip(_BLANKS)
            gap = body[1 : len(body) - len(rest)]
            columns = max(_width(gap, indent + 1) - indent - 2, 0)
            lines.append(view.line(end - len(rest), end, columns))
        else:
            lines.append(view.line(at, end, _lazy(indent, body)))
    return _joined(lines)


def _items(view: View, block: Block) -> Iterator[View]:
    lines = [_FIRST]
    inner = _CODE_INDENT
    for indent, at, body in _lines_of(view, block):
        end = at + len(body)
        marker = _MARKER.match(body) if indent < min(inner, _CODE_INDENT) else None
        if marker:
            yield _joined(lines)
            after = indent + marker.end()
            rest = body[marker.end() :].lstrip(_BLANKS)
            gap = body[marker.end() : len(body) - len(rest)]
            width = _width(gap, after) - after
            taken = width if rest and width <= _CODE_INDENT else 1
            inner = after + taken
            columns = max(width - taken, 0) if rest else 0
            lines = [_FIRST, view.line(end - len(rest), end, columns)]
        elif indent >= inner or not body:
            lines.append(view.line(at, end, max(indent - inner, 0)))
        else:
            lines.append(view.line(at, end, _lazy(indent, body)))
    yield _joined(lines)


def _lazy(indent: int, body: str) -> int:
    """The blanks before a line without its container's marks; as GitHub has it, footnotes begin."""
    return indent if indent < _CODE_INDENT and FOOTNOTE.match(body) else _LAZY
