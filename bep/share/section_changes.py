"""What a change does to the sections of documents, the template's text apart from the author's.

Template text is known without running a template: it is what the guide says, as it was before the
change or as it is after it. Blank lines, line endings, blanks at the end of a line, and what only
aligns a table do not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..guide import Guide
from ..markdown import tables
from ..markdown.blocks import Heading, Kind, Table
from ..markdown.heading_text import normalise
from ..proposal import context_block
from ..proposal.document import Document

# What is not a section of a document, by names that no heading has once it is normalised.
METADATA, CONTEXT, BEGINNING = "\0metadata", "\0context block", "\0beginning"
_WORD = re.compile(r"\w+")
# What the template says around the guide's words.
_AROUND = "avoid length"
# What a key of a context block has before somebody fills it in.
_UNFILLED = ("[]", "0")


class SectionChange(NamedTuple):
    """The lines that a change adds to a section and removes from it.

    `path` is the document's, `section` the heading or what else it is. `template` of the lines are
    the template's text, `author` the author's. `came` and `went` are the author's lines.
    """

    path: str
    section: str
    added: int
    removed: int
    author: int
    template: int
    came: Counter[str]
    went: Counter[str]


class Guides(NamedTuple):
    """The guide before a change and after it; `updated` if the template's revision changed."""

    before: Guide
    after: Guide
    updated: bool


class _Line(NamedTuple):
    """A line as it is compared; `is_template` if the guide says it, `is_comment` if it may have.

    `says` is what a line of metadata says, whatever its key is called: the guide may rename one.
    """

    text: str
    is_template: bool
    is_comment: bool = False
    says: str = ""


def changes(before: Document, after: Document, guides: Guides) -> list[SectionChange]:
    """Compare the sections of two versions of a document, in the order of the new one.

    Either of them may be empty.
    """
    old, new = _sections(before), _sections(after)
    found = []
    for name in {**new, **old}:
        was, now = old.get(name, _NOTHING), new.get(name, _NOTHING)
        if was.text != now.text:
            one = _compared(after.path or before.path, was, now, guides)
            found += [one] if one.added or one.removed else []
    return found


def _compared(path: str, before: _Part, after: _Part, guides: Guides) -> SectionChange:
    old = list(before.lines(_words_of(guides.before)))
    new = list(after.lines(_words_of(guides.after)))
    waiting: dict[str, deque[int]] = {}
    for at, line in enumerate(old):
        waiting.setdefault(line.text, deque()).append(at)
    came, kept = [], []
    for line in new:
        if places := waiting.get(line.text):
            kept.append(places.popleft())
        else:
            came.append(line)
    went = [old[at] for places in waiting.values() for at in places]
    moved = len(kept) - _longest_ascent(kept)
    renamed = {line.says for line in came if line.says} & {line.says for line in went}
    by_author = [line.text for line in came if not line.is_template and line.says not in renamed]
    # What an update takes away may be the guidance of a revision that no guide here is of.
    from_author = [
        line.text
        for line in went
        if not line.is_template
        and line.says not in renamed
        and not (guides.updated and line.is_comment)
    ]
    author = len(by_author) + len(from_author) + 2 * moved
    added, removed = len(came) + moved, len(went) + moved
    return SectionChange(
        path=path,
        section=after.name or before.name,
        added=added,
        removed=removed,
        author=author,
        template=added + removed - author,
        came=Counter(by_author),
        went=Counter(from_author),
    )


def _longest_ascent(places: Sequence[int]) -> int:
    """Return how many of some places can stay where they are while the others move."""
    ends: list[int] = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return len(ends)


class _Part(NamedTuple):
    """A section of a document, or what else it consists of: `name` is what it is called."""

    document: Document
    name: str
    spans: Sequence[tuple[int, int]]

    @property
    def text(self) -> str:
        return "".join(self.document.source[start:end] for start, end in self.spans)

    def lines(self, words: _Words) -> Iterator[_Line]:
        """Yield the lines that are not blank."""
        for span in self.spans:
            yield from _lines(self.document, words, *span)


_NOTHING = _Part(Document(""), "", ())


def _sections(document: Document) -> dict[str, _Part]:
    """Return what a document consists of by what identifies it."""
    found: dict[str, _Part] = {}
    for name, shown, spans in _spans(document):
        key, count = name, 1
        while key in found:
            count += 1
            key = f"{name}\0({count})"
        found[key] = _Part(document, shown, spans)
    return found


def _spans(document: Document) -> Iterator[tuple[str, str, list[tuple[int, int]]]]:
    """Yield identity, heading and spans of what a document consists of."""
    start = document.front_matter.end if document.front_matter else 0
    top = document.top_sections
    end = top[0].start if top else len(document.source)
    beginning = [(start, end)]
    yield METADATA, METADATA, [(0, start)]
    context = document.context.block if document.context else None
    if context and start <= context.start < end:
        yield CONTEXT, CONTEXT, [(context.start, context.end)]
        beginning = [(start, context.start), (context.end, end)]
    yield BEGINNING, BEGINNING, beginning
    for one in top:
        yield one.family or one.name, one.heading.text, [(one.start, one.end)]


def _lines(document: Document, words: _Words, start: int, end: int) -> Iterator[_Line]:
    context = document.context.block if document.context else None
    for block in document.blocks_between(start, end):
        if isinstance(block, Table):
            yield from _rows(block, words)
            continue
        is_keyed = block in (document.front_matter, context)
        is_comment = block.kind is Kind.COMMENT and not is_keyed
        of_guide = (isinstance(block, Heading) and normalise(block.text) in words.names) or (
            is_comment and words.hold(document.text_of(block))
        )
        for _, line in document.lines_of(block):
            if text := line.strip("\ufeff").rstrip():
                unfilled = is_keyed and text in words.unfilled
                key, _, value = text.partition(":") if is_keyed else ("", "", "")
                says = f"{words.keys[key]}:{value}" if key in words.keys else ""
                yield _Line(text, of_guide or unfilled, is_comment, says)


def _rows(table: Table, words: _Words) -> Iterator[_Line]:
    """Yield a table's rows without what only aligns them, and without columns that are empty."""
    width = max(len(row.cells) for row in (table.header, *table.rows))
    filled = [
        at
        for at in range(width)
        if not table.rows or any(tables.text(row, at) for row in table.rows)
    ]
    for row in (table.header, *table.rows):
        cells = [tables.text(row, at) for at in filled]
        is_head = row is table.header and words.columns.issuperset(map(normalise, cells))
        yield _Line(f"| {' | '.join(cells)} |", is_head)


class _Words(NamedTuple):
    """What a guide says in documents.

    These are the names of its sections and columns, the identifiers of its keys of metadata, lines
    of keys that have no value yet, and the words of the guidance of each section.
    """

    names: frozenset[str]
    columns: frozenset[str]
    keys: Mapping[str, str]
    unfilled: frozenset[str]
    guidance: tuple[Counter[str], ...]

    def hold(self, comment: str) -> bool:
        """Return whether a comment says nothing beyond the guidance of a section."""
        words = _counted(comment)
        return any(words <= one for one in self.guidance)


@lru_cache(maxsize=4)
def _words_of(guide: Guide) -> _Words:
    known = guide.every_section
    unfilled = {"---", context_block.OPENING, context_block.CLOSING}
    for key in guide.metadata.values():
        unfilled |= {f"{key.key}:", f"{key.key}: {key.placeholder}".rstrip()}
    for form in guide.context.values():
        unfilled.add(f"type: {form.type}")
        unfilled |= {f"{key}: {value}" for key in form.keys for value in _UNFILLED}
        unfilled |= {f"{key.id}: {key.placeholder}".rstrip() for key in form.keys.values()}
    return _Words(
        names=frozenset(one.name for one in known),
        columns=frozenset(
            name for one in known for column in one.columns.values() for name in column.names
        ),
        keys={key.key: key.id for key in guide.metadata.values()},
        unfilled=frozenset(unfilled),
        guidance=tuple(
            _counted(f"{one.guidance} {one.avoid} {one.length} {_AROUND}") for one in known
        ),
    )


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))
