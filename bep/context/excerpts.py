"""Pieces of a proposal: slices of its documents, each with the reason why it is given."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ..markdown.section_tree import Section
from ..proposal import (
    decision_log,
    document_index,
    implementation_plan,
    open_questions,
    template_text,
)
from ..proposal.document import Document
from ..proposal.open_questions import Question
from ..proposal.sub_documents import Mentions

# Sections of the guide that are given for every task; of the motivation, only the beginning.
WHOLE = (decision_log.SECTION, open_questions.SECTION, implementation_plan.SECTION)
MOTIVATION = "motivation"
ESSENTIAL = (MOTIVATION, *WHOLE)
# Those that say nothing about what is built.
SMALL = ("related-issues", "references", document_index.SECTION)


class Piece(NamedTuple):
    """Whole lines of a document, and why they are given.

    `source` is the slice that begins at `start`, `template` the places in it that are the
    template's text. `heading` names the section, `scope` says what a reader finds in a document.
    `children` are the pieces into which it can be taken apart where it is too long as a whole.
    """

    path: str
    reason: str
    source: str
    start: int
    line: int
    last_line: int
    heading: str = ""
    scope: str = ""
    children: tuple[Piece, ...] = ()
    template: tuple[tuple[int, int], ...] = ()

    @property
    def end(self) -> int:
        """Where it ends in its document."""
        return self.start + len(self.source)

    @property
    def text(self) -> str:
        """What the author wrote."""
        return self.without(())

    def without(self, spans: Iterable[tuple[int, int]]) -> str:
        """What the author wrote, except for some spans of the document."""
        kept, at = [], 0
        for start, end in sorted([*self.template, *spans]):
            if self.start <= start < self.end:
                kept.append(self.source[at : max(start - self.start, at)])
                at = max(end - self.start, at)
        return "".join([*kept, self.source[at:]])


class Left(NamedTuple):
    """What is not given: a document and what a reader finds there, or a section of one."""

    path: str
    lines: int
    scope: str
    heading: str = ""


class Wish(NamedTuple):
    """What a task is about, as the call says; '' for what it leaves open.

    `code` are the paths and texts of the files that it is about.
    """

    phase: str = ""
    document: str = ""
    section: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return any(self)


class Proposal(NamedTuple):
    """A proposal as it was read.

    `mentions` are the places where the main document names its sub-documents, `subs` these by file
    name, with a `problem` if they cannot be read; `scopes` say what a reader finds in them.
    `asked` are the open questions.
    """

    main: Document
    mentions: Mentions
    subs: Mapping[str, Document]
    scopes: Mapping[str, str]
    asked: tuple[Question, ...]


def spans_of(proposal: Proposal, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the sections that serve as the guide's `wanted` ones."""
    return [(section.start, section.end) for name in wanted for section in proposal.main.all(name)]


class Spans:
    """Spans of a document that do not overlap; fast at finding whether another one would."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def overlap(self, start: int, end: int) -> bool:
        """Whether a span shares text with one of these."""
        before = bisect_left(self._starts, end) - 1
        return before >= 0 and self._ends[before] > start

    def add(self, start: int, end: int) -> None:
        """Take in a span that overlaps none of these."""
        at = bisect_left(self._starts, start)
        self._starts.insert(at, start)
        self._ends.insert(at, end)


class Holders:
    """Spans, which may overlap; fast at finding whether one of them contains another span."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = [*accumulate((end for _, end in ordered), max)]

    def hold(self, start: int, end: int) -> bool:
        """Whether one of the spans holds this one."""
        before = bisect_right(self._starts, start) - 1
        return before >= 0 and self._furthest[before] >= end


def heading_of(section: Section) -> str:
    """The heading of a section as written, '' for the one above the first heading."""
    return section.heading.text if section.heading else ""


def piece(document: Document, reason: str, start: int, end: int, heading: str = "") -> Piece:
    """The span of a document as a piece."""
    source = document.source[start:end]
    last = document.line(start + max(len(source.rstrip()) - 1, 0))
    spans = _template_spans(document)
    inside = spans[bisect_left(spans, (start, 0)) : bisect_left(spans, (end, 0))]
    place = document.line(start)
    return Piece(document.path, reason, source, start, place, last, heading, template=inside)


@lru_cache(maxsize=64)
def _template_spans(document: Document) -> tuple[tuple[int, int], ...]:
    return tuple(template_text.spans(document))


def whole(sub: Document, reason: str, scope: str) -> Piece:
    """A sub-document, and the sections of which it consists."""
    starts = [section.start for section in sub.top_sections]
    spans = zip([0, *starts], [*starts, len(sub.source)], strict=True)
    headings = ["", *(section.heading.text for section in sub.top_sections)]
    children = tuple(
        piece(sub, reason, start, end, heading)
        for (start, end), heading in zip(spans, headings, strict=True)
        if start < end
    )
    found = piece(sub, reason, 0, len(sub.source))
    return found._replace(last_line=sub.line_count, scope=scope, children=children)


def divided(document: Document, reason: str, start: int, end: int, heading: str) -> Piece:
    """A section, and what it consists of: its own text and its subsections."""
    section = document.section_at.get(start)
    children: tuple[Piece, ...] = ()
    if section and section.children:
        spans = [(child.start, child.end, heading_of(child)) for child in section.children]
        own = document.blocks_between(section.text_start, section.own_end)
        if template_text.has_content(document, own):
            spans.insert(0, (start, section.own_end, heading))
        children = tuple(piece(document, reason, *span) for span in spans)
    return piece(document, reason, start, end, heading)._replace(children=children)
