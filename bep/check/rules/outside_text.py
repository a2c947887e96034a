"""What differs between two versions of a document outside some of its sections."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from ...markdown import blocks
from ...markdown.plain_text import visible
from ...proposal import section_names
from ...proposal.document import Document
from ...proposal.section_names import Chain

_BLANK_END = re.compile(r"(?:\A|\r\n|\r|\n)[ \t\r\n]*\Z")


class Difference(NamedTuple):
    """A part of a document that differs: its offset in the new version, and how it differs."""

    at: int
    message: str


def differences(before: Document, after: Document, names: Sequence[str]) -> list[Difference]:
    """Return what differs outside the sections that `names` mean in one of the versions.

    A section is its text with all sections below it, up to the next heading of its level or a
    higher one; its own heading is outside. Of a section that was not there before, the heading is
    inside, and so are the blank lines around it.
    """
    kept, added = _pairs(before, after, names)
    found = [one for old, new in kept for one in _of_heading(before, old, after, new)]
    was = _Outside(before, [old for old, _ in kept], [])
    now = _Outside(after, [new for _, new in kept], added)
    parts: dict[tuple[str, ...], _Part] = {}
    for removed, come in _hunks(was, now):
        for line in was.lines[removed]:
            part = _part(parts, was, now, line.at, "gone")
            part.removed.append(line.text)
            part.gone_at.append(now.place_near(come, part.key))
        for line in now.lines[come]:
            part = _part(parts, now, was, line.at, "new")
            part.added.append(line.text)
            part.new_at.append(line.at)
    found += [Difference(part.at, part.message(after)) for part in parts.values()]
    return sorted(found)


def _pairs(
    before: Document, after: Document, names: Sequence[str]
) -> tuple[list[tuple[Chain, Chain]], list[Chain]]:
    """Return the named sections in both versions, and those that only the new one has.

    A section inside another named one is left out, and one that is gone.
    """
    old = [found[0] for name in names if (found := section_names.named(before, name))]
    new = [
        found[0]
        for name in names
        if not section_names.named(before, name) and (found := section_names.named(after, name))
    ]
    kept = [(one, now) for one in _outermost(old) if (now := _counterpart(before, one, after))]
    return kept, [one for one in _outermost(new) if not _is_inside(one, [now for _, now in kept])]


def _outermost(chains: Sequence[Chain]) -> list[Chain]:
    """Return the sections that are in none of the others, each once."""
    unique = {id(chain[-1]): chain for chain in chains}
    return [chain for chain in unique.values() if not _is_inside(chain, chains)]


def _is_inside(chain: Chain, others: Sequence[Chain]) -> bool:
    return any(above is other[-1] for above in chain[:-1] for other in others)


def _counterpart(before: Document, old: Chain, after: Document) -> Chain | None:
    """Return the section that the new version has for one, also with another heading."""
    every = list(section_names.chains(after))
    known = section_names.identity(old)
    above = before.source[: old[-1].start]
    by_path = [one for one in every if section_names.identity(one) == known]
    by_name = [one for one in every if section_names.identity(one)[-1] == known[-1]]
    by_place = [one for one in every if after.source[: one[-1].start] == above]
    family = before.family_of(old[-1])
    best = after.find(family) if family else None
    by_guide = [one for one in every if one[-1] is best]
    return next((found[0] for found in (by_path, by_name, by_place, by_guide) if found), None)


def _of_heading(before: Document, old: Chain, after: Document, new: Chain) -> Iterator[Difference]:
    """Yield the difference of a named section's own heading."""
    was, now = old[-1].heading, new[-1].heading
    if was is None or now is None:
        return
    written = [
        document.source[one.start : one.end].rstrip("\r\n")
        for document, one in ((before, was), (after, now))
    ]
    if written[0] != written[1]:
        to = f" to {visible(now.text)!r}" if visible(was.text) != visible(now.text) else ""
        name = section_names.shown(old)
        yield Difference(now.start, f"the heading of {name!r} changed{to}; only the text below may")


class _Line(NamedTuple):
    """A line with its ending, and its offset."""

    text: str
    at: int


@dataclass(frozen=True)
class _Part:
    """A part of a document with the lines that only one of the versions has.

    `only` says whether the whole part is `gone` or `new`, or is ''. `text` is that part. `gone_at`
    and `new_at` are the offsets of the lines in the new version.
    """

    key: tuple[str, ...]
    label: str
    only: str
    text: str
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    gone_at: list[int] = field(default_factory=list)
    new_at: list[int] = field(default_factory=list)

    @property
    def at(self) -> int:
        """The first place of a difference in the new version."""
        return min(self.new_at or self.gone_at)

    def message(self, after: Document) -> str:
        """Return how the part differs, in words."""
        if self.only == "gone" and f"\n{self.text}" in after.source:
            return f"{self.label} is no longer a section: something above it is not closed"
        if self.only:
            return f"{self.label} is {self.only}"
        if Counter(self.removed) == Counter(self.added):
            return f"{self.label} is in another place"
        if _without_endings(self.removed) == _without_endings(self.added):
            return f"{self.label} has other line endings"
        counts = [
            f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} {verb}"
            for lines, verb in ((self.added, "added"), (self.removed, "removed"))
            if lines
        ]
        return f"{self.label} changed: {', '.join(counts)}"


def _without_endings(lines: Sequence[str]) -> list[str]:
    return [line.rstrip("\r\n") for line in lines]


class _Outside:
    """The lines of a document outside some of its sections.

    Each `named` section is replaced by one line. Each `added` one is left out; `joins` has an index
    into `lines` for each of those, which says where the section was.
    """

    def __init__(self, document: Document, named: Sequence[Chain], added: Sequence[Chain]) -> None:
        self.document = document
        self.lines: list[_Line] = []
        self.joins: list[int] = []
        self._chains = list(section_names.chains(document))
        self._starts = [one[-1].start for one in self._chains]
        self.identities = {section_names.identity(one) for one in self._chains}
        sections = [(one[-1], f"\0{at}") for at, one in enumerate(named)]
        sections += [(one[-1], "") for one in added]
        end = 0
        for section, mark in sorted(sections, key=lambda one: one[0].start):
            self._add(end, section.start)
            if mark:
                self.lines.append(_Line(mark, section.start))
            else:
                self.joins.append(len(self.lines))
            end = max(end, section.end)
        self._add(end, len(document.source))

    def _add(self, start: int, end: int) -> None:
        text = self.document.source[start:end]
        self.lines += [_Line(text[at:after], start + at) for at, _, after in blocks.lines(text)]

    def place_near(self, span: slice, key: tuple[str, ...]) -> int:
        """Return the offset where lines of the part `key` are missing, before or in `span`."""
        around = [
            self.lines[at].at for at in (span.start, span.start - 1) if 0 <= at < len(self.lines)
        ]
        own = (at for at in around if self.key_at(at) == key)
        return next(own, around[0] if around else 0)

    def key_at(self, at: int) -> tuple[str, ...]:
        """Return what identifies the part to which the character at `at` belongs."""
        label = self._without_heading(at)
        return (f"\0{label}",) if label else section_names.identity(self.chain_at(at))

    def label_at(self, at: int, depth: int) -> str:
        """Return what the part at `at` is called; of a section, that `depth` levels down."""
        return self._without_heading(at) or repr(section_names.shown(self.chain_at(at)[:depth]))

    def chain_at(self, at: int) -> Chain:
        """Return the section at `at` with those above it, () if there is none."""
        last = bisect_right(self._starts, at) - 1
        chain = self._chains[last] if last >= 0 else ()
        return chain if chain and at < chain[-1].end else ()

    def _without_heading(self, at: int) -> str:
        """Return what the part at `at` is called if it belongs to no section, else ''."""
        document, context = self.document, self.document.context
        if document.front_matter and at < document.front_matter.end:
            return "the metadata"
        if context and context.block.start <= at < context.block.end:
            return "the context block"
        if document.title and document.title.start <= at < document.title.end:
            return "the title"
        return "" if self.chain_at(at) else "the text above the first section"


def _part(
    parts: dict[tuple[str, ...], _Part], own: _Outside, other: _Outside, at: int, only: str
) -> _Part:
    """Return the part to which a line of the version `own` belongs; add it if it is missing.

    A section that only this version has is one part with all that is below it.
    """
    key, whole = own.key_at(at), ""
    if key in own.identities and key not in other.identities:
        while key[:-1] and key[:-1] not in other.identities:
            key = key[:-1]
        section = own.chain_at(at)[len(key) - 1]
        whole = own.document.source[section.start : section.end].strip()
    if key not in parts:
        parts[key] = _Part(key, own.label_at(at, len(key)), only if whole else "", whole)
    return parts[key]


def _hunks(was: _Outside, now: _Outside) -> Iterator[tuple[slice, slice]]:
    """Yield the spans of lines that differ."""
    old, new = [one.text for one in was.lines], [one.text for one in now.lines]
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        is_join = any(j1 <= one <= j2 for one in now.joins)
        if kind == "equal" or (is_join and _up_to_blank(old[i1:i2]) == _up_to_blank(new[j1:j2])):
            continue
        down = 0
        if i1 == i2 or j1 == j2:
            down = _to_heading(old, i1, i2) if i1 < i2 else _to_heading(new, j1, j2)
        yield slice(i1 + down, i2 + down), slice(j1 + down, j2 + down)


def _to_heading(lines: Sequence[str], start: int, end: int) -> int:
    """Return by how many lines a span can move down to begin with a heading; 0 if it cannot.

    It can while the lines that it leaves are equal to those that it takes in. A section that was
    moved is then found as a whole, and not the end of the one above it.
    """
    for count in range(len(lines) - end):
        if lines[start + count].startswith("#"):
            return count
        if lines[start + count] != lines[end + count]:
            break
    return 0


def _up_to_blank(lines: Sequence[str]) -> str:
    """Return lines without the blank ones at their end and the line ending above these."""
    return _BLANK_END.sub("", "".join(lines))
