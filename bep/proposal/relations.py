"""How proposals are related: what one builds on, what replaces it, and what else it names.

A proposal *builds on* another one if its design needs it. Its documents say so in two places: in
`depends-on` of a context block, and in an entry of a section for which the guide has the words with
which such entries begin (`builds-on`). Every other link to a document of another proposal, and
every other mention of its number in text that readers see, is a mention and no more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Final, NamedTuple

from .. import names
from ..markdown import links
from ..markdown.blocks import Block, Kind as BlockKind, Table
from ..markdown.heading_text import normalise
from ..markdown.patterns import pattern
from ..markdown.section_tree import Section
from . import context_block
from .citation import numbers_in
from .document import Document, Role
from .lifecycle import SUPERSEDED_BY

DEPENDS_ON: Final = "depends-on"

# The number of the blank document, which is not a proposal.
_BLANK = 0

_NAME = pattern(r"BEP-(\d{1,5})(?!\d)")
# No year of a date.
_NUMBER = pattern(r"(?<![\d-])(?:BEP-)?(\d{3,5})(?![\d-])", re.IGNORECASE)
# What is only worth reading too is not a dependency.
_SEE_ALSO = pattern(r"\b(?:see|cf|related|reference)\b", re.IGNORECASE)
_ENTRY = pattern(r"(?P<indent>[ \t]*)(?P<marker>(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)?")
# The beginning of a line that is an entry of its own in a paragraph.
_LABEL = pattern(r"[^\[\]():]{1,40}(?:\([^()]{0,80}\))?[*_ ]{0,3}:(?!//)")
# The beginning of a link's text that names a proposal.
_CALLED = pattern(r"\W*BEP-(\d{3,5})(?![\d_])")
_TAB = 4
# More than a label has.
_LONGEST = 200


class Kind(StrEnum):
    """How a proposal is related to another one; the strongest comes first."""

    SUPERSEDED_BY = "superseded-by"
    BUILDS_ON = "builds-on"
    MENTIONS = "mentions"


_STRENGTH: Final = {kind: at for at, kind in enumerate(Kind)}


class Relation(NamedTuple):
    """A place where the proposal `number` names another one, `to`, whether or not that exists."""

    number: int
    path: str
    line: int
    kind: Kind
    to: int


class Neighbour(NamedTuple):
    """A proposal that is related to another one; `is_named` says which of them names the other.

    It is true if the neighbour is named by the proposal in question, and false if it names that.
    """

    number: int
    kind: Kind
    is_named: bool


def of_document(number: int, document: Document) -> list[Relation]:
    """The relations in a document of the proposal `number`, by line, then by the other's number.

    Each line counts once for each other proposal, by the strongest kind. A proposal is not related
    to itself, and code, comments and front matter besides the successor name none.
    """
    found: dict[tuple[int, int], Kind] = {}
    for at, kind, to in _places(number, document):
        if to not in (number, _BLANK):
            place = document.line(at), to
            found[place] = min(kind, found.get(place, kind), key=_STRENGTH.__getitem__)
    return [
        Relation(number, document.path, line, found[line, to], to) for line, to in sorted(found)
    ]


def strongest(relations: Iterable[Relation]) -> list[Relation]:
    """The first of the strongest relations from one proposal to another, by both numbers."""
    found: dict[tuple[int, int], Relation] = {}
    for one in relations:
        before = found.setdefault((one.number, one.to), one)
        if _STRENGTH[one.kind] < _STRENGTH[before.kind]:
            found[one.number, one.to] = one
    return [found[pair] for pair in sorted(found)]


def neighbours(relations: Iterable[Relation], number: int) -> list[Neighbour]:
    """The proposals that a proposal names, then those that name it, each by number."""
    pairs = [one for one in strongest(relations) if number in (one.number, one.to)]
    named = [Neighbour(one.to, one.kind, is_named=True) for one in pairs if one.number == number]
    naming = [Neighbour(one.number, one.kind, is_named=False) for one in pairs if one.to == number]
    return [*named, *naming]


def around(relations: Iterable[Relation], numbers: Collection[int]) -> list[Relation]:
    """The relations that begin or end at one of some proposals."""
    return [one for one in relations if one.number in numbers or one.to in numbers]


def may_name(document: Document, numbers: Collection[int]) -> bool:
    """Whether a document can name one of some proposals; that is known without parsing it."""
    return any(to in numbers for to in (*_numbers_in(document), *successors(document)))


# --- What a document says -------------------------------------------------------------------------


def successors(document: Document) -> list[int]:
    """The numbers that a main document gives as those of the proposals that replace it."""
    key = document.guide.metadata.get(SUPERSEDED_BY)
    # Most documents need not be read for that.
    if document.role is not Role.MAIN or not key or key.key not in document.source:
        return []
    found = _NUMBER.findall(document.metadata.value(SUPERSEDED_BY))
    return [int(one) for one in dict.fromkeys(found)]


def is_see_also(entry: str) -> bool:
    """Whether an entry of `depends-on` names something that is only worth reading too."""
    return _SEE_ALSO.search(entry) is not None


def numbers_elsewhere(document: Document) -> Iterator[int]:
    """The numbers of proposals that are documents at another address.

    A link leads there whose text begins with the number, or whose address ends with the name of
    such a document.
    """
    for link in document.links:
        if links.is_elsewhere(link.destination):
            if called := _CALLED.match(document.source, link.text_start, link.text_end):
                yield int(called[1])
            name = re.split("[?#]", link.destination)[0].rstrip("/").rpartition("/")[2]
            number = names.number_of_document(name) or names.number_of_directory(name)
            if number is not None:
                yield number


def _places(number: int, document: Document) -> Iterator[tuple[int, Kind, int]]:
    """The places that name a proposal, its own one included."""
    entry = document.metadata.entry(SUPERSEDED_BY)
    for to in successors(document):
        yield entry.start if entry else 0, Kind.SUPERSEDED_BY, to
    if _numbers_in(document) <= {number}:
        return
    for text in context_block.texts(document.context_lines, DEPENDS_ON):
        kind = Kind.MENTIONS if is_see_also(text) else Kind.BUILDS_ON
        for to in numbers_in(text):
            yield document.context.place(DEPENDS_ON) if document.context else 0, kind, to
    named = list(_named(document))
    spans = sorted(_spans_of_builds_on(document)) if named else []
    starts = [start for start, _ in spans]
    # One may be inside another.
    ends = list(accumulate((end for _, end in spans), max))
    for at, to in named:
        span = bisect_right(starts, at) - 1
        is_inside = span >= 0 and at < ends[span]
        yield at, Kind.BUILDS_ON if is_inside else Kind.MENTIONS, to


def _numbers_in(document: Document) -> set[int]:
    """The numbers of all names of proposals in a document, be they relations or not."""
    return {int(one[1]) for one in _NAME.finditer(document.source)}


def _named(document: Document) -> Iterator[tuple[int, int]]:
    """The links to proposals and the mentions of them, but for those of other repositories."""
    folder = document.names[: -1 if document.role is Role.MAIN else -2]
    for link, target in zip(document.links, document.link_targets, strict=True):
        if target and target[: len(folder)] == folder and len(target) > len(folder):
            name = target[len(folder)]
            number = names.number_of_document(name) or names.number_of_directory(name)
            if number:
                yield link.start, number
    mentions = document.mentions
    elsewhere = set(numbers_elsewhere(document)) if mentions else ()
    yield from ((one.start, one.number) for one in mentions if one.number not in elsewhere)


def _spans_of_builds_on(document: Document) -> Iterator[tuple[int, int]]:
    """The spans of a document that say what the proposal builds on."""
    for family, words in document.guide.builds_on.items():
        for section in document.all(family):
            yield from _spans_in(document, section, words)


def _spans_in(
    document: Document, section: Section, words: Sequence[str]
) -> Iterator[tuple[int, int]]:
    for child in section.children:
        if child.heading and _begins(child.heading.text, words):
            yield child.start, child.end
        else:
            yield from _spans_in(document, child, words)
    for block in document.own_blocks(section):
        if isinstance(block, Table):
            rows = (one for one in block.rows if one.cells and _begins(one.cells[0].text, words))
            yield from ((row.cells[0].start, row.cells[-1].end) for row in rows)
        elif block.kind in (BlockKind.LIST, BlockKind.PARAGRAPH):
            yield from _entries_of(document, block, words)


def _entries_of(
    document: Document, block: Block, words: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """The entries of a list or a paragraph that begin with one of the words, with those inside."""
    began: tuple[int, int] | None = None
    for start, line in document.lines_of(block):
        found = _ENTRY.match(line)
        width = len(found["indent"].expandtabs(_TAB)) if found else 0
        text = line[found.end() :] if found else line
        is_entry = bool(found and found["marker"]) or bool(_LABEL.match(text))
        if began and is_entry and width <= began[1]:
            yield began[0], start
            began = None
        if began is None and is_entry and _begins(text, words):
            began = start, width
    if began:
        yield began[0], block.end


def _begins(text: str, words: Sequence[str]) -> bool:
    """Whether a text begins with one of the words, each normalised as headings are."""
    written = normalise(text[:_LONGEST])
    return any(
        written.startswith(one) and not written[len(one) : len(one) + 1].isalnum() for one in words
    )
