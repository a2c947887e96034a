"""Reference definitions and footnotes of a Markdown document, and where their labels are used.

Both hold for a whole document: where a part of it moves away, they have to go with it. Footnotes
are those of GitHub: `[^1]: …`, with what is indented below it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from . import (
    blocks as markdown,
    edits,
    links,
    nested_blocks,
    plain_text,
)
from .blocks import Block, Heading, Kind, Table
from .nested_blocks import Leaf, View


class Definition(NamedTuple):
    """A definition or footnote: its label, normalised, and its lines as a span of the source.

    A footnote's label begins with `^`. What is in a list or quote is not `movable`.
    """

    label: str
    start: int
    end: int
    movable: bool


class Use(NamedTuple):
    """A place in the text at which a label is in brackets."""

    place: int
    label: str


_LABEL = re.compile(
    r"(?P<first>^[ \t]*+)?(?<!\\)\[(?P<label>(?:[^\\\[\]]|\\[\s\S])++)\]", re.MULTILINE
)
_BELOW = frozenset([Kind.INDENTED_CODE, Kind.BLANK])
_CONTAINERS = frozenset([Kind.LIST, Kind.QUOTE])
_TEXT = frozenset([Kind.PARAGRAPH, Kind.LIST, Kind.QUOTE])


def definitions(source: str, blocks: Sequence[Block], leaves: Sequence[Leaf]) -> list[Definition]:
    """All definitions and footnotes in the order of the source.

    `blocks` and `leaves` are those of `source`, from `markdown.blocks` and `nested_blocks.leaves`.
    """
    starts = [block.start for block in blocks]
    lines = [start for start, _, _ in markdown.lines(source)]

    def kind(place: int) -> Kind:
        return blocks[bisect_right(starts, place) - 1].kind

    def spanned(label: str, first: int, last: int) -> Definition:
        start = lines[bisect_right(lines, first) - 1]
        end = edits.line_end(source, last)
        end += len(edits.ending_at(source, end))
        return Definition(normalised(label), start, end, kind(first) is Kind.PARAGRAPH)

    found = [*_footnotes(source, blocks)]
    linked = (one for leaf in leaves for one in links.definitions(leaf))
    found += [spanned(one.label, one.start, one.last) for one in linked]
    for view in {id(leaf.view): leaf.view for leaf in leaves if "[^" in leaf.view.text}.values():
        for note in _footnotes(view.text, markdown.blocks(view.text)):
            if kind(view.place(note.start)) in _CONTAINERS:
                last = note.start + len(view.text[note.start : note.end].rstrip()) - 1
                found.append(spanned(note.label, view.place(note.start), view.place(last)))
    return sorted(found, key=lambda one: one.start)


def _footnotes(text: str, blocks: Sequence[Block]) -> Iterator[Definition]:
    """The footnotes that paragraphs of `text` define, not those inside lists and quotes."""
    for at, block in enumerate(blocks):
        if block.kind is Kind.PARAGRAPH and nested_blocks.has_footnote(text, block):
            begun = list(nested_blocks.FOOTNOTE.finditer(text, block.start, block.end))
            ends = [*(one.start() for one in begun[1:]), _end_below(blocks, at)]
            for one, end in zip(begun, ends, strict=True):
                yield Definition(normalised(one[1]), one.start(), end, movable=True)


def _end_below(blocks: Sequence[Block], at: int) -> int:
    """The end of what is indented below a footnote's first paragraph, which is `blocks[at]`."""
    end = blocks[at].end
    at += 1
    while at < len(blocks) and blocks[at].kind in _BELOW:
        if blocks[at].kind is Kind.INDENTED_CODE:
            end = blocks[at].end
        at += 1
    return end


def uses(leaves: Iterable[Leaf]) -> Iterator[Use]:
    """Where labels are in brackets, outside code, links and what defines them.

    What looks like a use and has no definition is text; the caller knows the labels.
    """
    for view, block in leaves:
        for start, end in _spans(Leaf(view, block)):
            yield from _in_span(view, start, end)


def _spans(leaf: Leaf) -> Iterator[tuple[int, int]]:
    block = leaf.block
    if isinstance(block, Heading):
        yield block.text_start, block.text_end
    elif isinstance(block, Table):
        for row in (block.header, *block.rows):
            yield from ((cell.start, cell.end) for cell in row.cells)
    elif block.kind in _TEXT:
        yield block.start, block.end


def _in_span(view: View, start: int, end: int) -> Iterator[Use]:
    text = view.text[start:end]
    found = list(_LABEL.finditer(text))
    if not found:
        return
    code = [(first, stop) for first, stop, _ in plain_text.code_spans(text)]
    linked = {(link.text_start, link.text_end) for link in links.of_text(text)}
    for one in found:
        place = one.start("label") - 1
        span = bisect_right(code, (place, len(text))) - 1
        is_code = span >= 0 and place < code[span][1]
        is_defined = one["first"] is not None and text.startswith(":", one.end())
        if not (is_code or is_defined or one.span("label") in linked):
            yield Use(view.place(start + place), normalised(one["label"]))


def normalised(label: str) -> str:
    """A label as it is compared: letter case and line breaks do not count."""
    return " ".join(label.split()).casefold()
