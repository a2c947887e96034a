"""The section-aware three-way merge: what the template changed, applied to what an author made.

Base is the old template revision rendered with the stored answers, theirs the new one, ours the
document as it is. The author's text stays; `kept` says where the template's new text gave way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, zip_longest
from types import MappingProxyType
from typing import NamedTuple

from ..markdown import edits
from ..markdown.heading_text import is_numbered
from ..proposal.context_block import CLOSING
from . import key_values, parts, section_numbers, section_text
from .order import arranged
from .parts import CONTEXT, Part, Parts
from .section_numbers import Titled
from .section_pairs import Slot, paired, same
from .section_text import MergedText

# What `kept` calls the text above the title, and the context block as a whole.
_ABOVE = "(above the title)"
_CONTEXT_BLOCK = "context-for-ai"
_NOTHING: Mapping[str, str] = MappingProxyType({})


def no_section(name: str) -> str | None:
    """None: a document of which the guide names no sections."""
    return None


def no_columns(name: str) -> Mapping[str, str]:
    """No names: a table's columns are known by their own names alone."""
    return _NOTHING


class Rules(NamedTuple):
    """How names of base, ours and theirs correspond.

    `sections` and `keys` are the template's renames from base to theirs, as written. `section_of`
    returns the guide's section that a normalised heading names, in any spelling, `columns_of` the
    names of columns in its table that mean the same. `take` are the author's headings of sections
    whose new template text does not give way but replaces the author's.
    """

    sections: Mapping[str, str] = _NOTHING
    keys: Mapping[str, str] = _NOTHING
    section_of: Callable[[str], str | None] = no_section
    columns_of: Callable[[str], Mapping[str, str]] = no_columns
    take: frozenset[str] = frozenset()


PLAIN = Rules()


class Wanted(NamedTuple):
    """The template's text of a section before and after, where the after gave way to the author's.

    `section` is the author's heading. `after` is '' if the template removed the section. One
    that the document has no place for cannot be taken, nor can a removal.
    """

    section: str
    before: str
    after: str
    can_be_taken: bool = True


class Merged(NamedTuple):
    """The merged document, and the headings of sections whose new template text gave way.

    Keys of front matter and context block are among them as they are written there. `wanted` is
    what gave way, `given_up` the author's text that the template's was taken for. `renamed` are
    the titles of the author's sections that have the template's new title, before and after.
    """

    text: str
    kept: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    given_up: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


class Unmergeable(ValueError):
    """A document in which the template's changes cannot be put; `str()` says why."""


def merge(base: str, ours: str, theirs: str, rules: Rules = PLAIN) -> Merged:
    """Merge three versions of a document; no line is lost that its author wrote.

    The author's lines keep their endings, and those of the template get the usual one. Raises
    Unmergeable if `ours` is not text.
    """
    base, mine, theirs = (edits.with_ending(one, "\n") for one in (base, ours, theirs))
    if theirs == base:
        return Merged(ours, ())
    if mine == base:
        return Merged(edits.with_endings_of(theirs, ours), ())
    merged = merge_parts(parts.read(base), read(mine), parts.read(theirs), rules)
    return merged._replace(text=edits.with_endings_of(merged.text, ours))


def merge_parts(base: Parts, ours: Parts, theirs: Parts, rules: Rules) -> Merged:
    """Merge three documents that are cut into parts; all lines end with line feeds."""
    context, kept = _merged_context(base, ours, theirs, rules)
    if base.context is not None and ours.context is None:
        base, theirs = parts.without_context(base), parts.without_context(theirs)
    if context is None:
        ours = parts.without_context(ours)
    merger = _Merger(base, ours, theirs, rules, context, [*kept])
    text = merger.merged()
    kept = tuple(dict.fromkeys(merger.kept))
    gone, renamed = tuple(merger.given_up), tuple(merger.renamed)
    return Merged(text, kept, tuple(merger.wanted), gone, renamed)


def read(ours: str) -> Parts:
    """The parts of an author's document; raises Unmergeable if it is not text."""
    if not parts.holds_text(ours):
        raise Unmergeable("it contains NUL characters and is not text")
    return parts.read(ours)


class _Piece(NamedTuple):
    """A part as it comes out: `ours` is the author's part that it is, None for a new one.

    `text` is all of it but the `tail`, the heading included.
    """

    heading: str
    text: str
    tail: str
    ours: Part | None


@dataclass(frozen=True, eq=False)
class _Merger:
    """Merges three documents, once; `context` is their merged context block."""

    base: Parts
    ours: Parts
    theirs: Parts
    rules: Rules
    context: str | None
    kept: list[str]
    wanted: list[Wanted] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def _ends(self) -> list[Part]:
        """The last part of each document."""
        return [[*one.walk()][-1] for one in (self.base, self.ours, self.theirs)]

    @cached_property
    def _begins_open(self) -> bool:
        """Whether a fence or comment takes in all that is below the title, or more."""
        ours = self.ours
        return ours.lead.open or any(one.open and one.level == 1 for one in ours.sections)

    @cached_property
    def _several_titles(self) -> bool:
        return sum(part.level == 1 for part in self.ours.sections) > 1

    def merged(self) -> str:
        """The text of the merged document."""
        front = self._merged_front()
        base, ours, theirs = self.base, self.ours, self.theirs
        pieces = [
            self._piece(base.lead, ours.lead, theirs.lead),
            *self._siblings(base.sections, ours.sections, theirs.sections, None),
        ]
        body = self._body(pieces, front)
        if _swallowed(pieces, body) is not None:
            # The author's text goes on in what is next to it; nothing new can be there.
            self.kept.extend(_words(piece) for piece in pieces if piece.ours is None)
            pieces = [piece for piece in pieces if piece.ours]
            body = self._body(pieces, front)
        if (title := _swallowed(pieces, body)) is not None:
            raise Unmergeable(f"its text before {title!r} would swallow that section")
        if front and body and not ours.sections and not ours.lead.text:
            # The document ended there, maybe without a line ending.
            return ours.mark + front.rstrip("\n") + "\n\n" + body.lstrip("\n")
        return ours.mark + front + body

    def _body(self, pieces: Sequence[_Piece], front: str) -> str:
        body = self._with_context(self._joined(pieces), bool(front))
        return body.replace(CONTEXT, self.context or "")

    # --- Front matter and context block ---------------------------------------------------------

    def _merged_front(self) -> str:
        base, ours, theirs = self.base, self.ours, self.theirs
        if ours.front is None:
            new = base.front is None and theirs.front is not None
            return theirs.opening + (theirs.front or "") + theirs.closing if new else ""
        if theirs.front is None and base.front is not None and base.front == ours.front:
            return ""
        inner = ours.front
        if theirs.front is not None:
            merged = key_values.merge(base.front or "", inner, theirs.front, self.rules.keys)
            inner = merged.text
            self.kept.extend(merged.kept)
        return ours.opening + inner + ours.closing

    def _with_context(self, body: str, below_front: bool) -> str:
        """`body` with the one mark of the context block, which has its place in the lead."""
        if self.context is None:
            return body.replace(CONTEXT, "")
        first, mark, rest = body.partition(CONTEXT)
        if mark:
            return first + mark + rest.replace(CONTEXT, "")
        return ("\n" if below_front else "") + CONTEXT + "\n\n" + body.lstrip("\n")

    # --- Sections -------------------------------------------------------------------------------

    def _siblings(
        self,
        base: Sequence[Part],
        ours: Sequence[Part],
        theirs: Sequence[Part],
        parent: Part | None,
    ) -> list[_Piece]:
        section_of = no_section if parent else self.rules.section_of
        slots = paired(base, ours, theirs, self.rules.sections, section_of)
        in_base = {slot.base.key: at for at, slot in enumerate(slots) if slot.base}
        in_ours = {slot.ours.key: at for at, slot in enumerate(slots) if slot.ours}
        in_theirs = {slot.theirs.key: at for at, slot in enumerate(slots) if slot.theirs}
        stays = [at for part in ours if not self._is_gone(slots[at := in_ours[part.key]])]
        order = arranged(
            [in_base[part.key] for part in base],
            stays,
            [at for part in theirs if self._fits(slots[at := in_theirs[part.key]], ours, parent)],
            keeps_order=_keeps_order(slots, ours),
            last=next((at for at in stays if _is_open(slots[at])), None),
            may_stand=lambda new, other: _level(slots[new]) >= _level(slots[other]),
        )
        arrangement = [slots[at] for at in order]
        numbers = _numbers(arrangement)
        return [
            piece
            for slot, number in zip(arrangement, numbers, strict=True)
            for piece in self._pieces(slot, number)
        ]

    def _is_gone(self, slot: Slot) -> bool:
        """Whether the template took away a section that the author left alone."""
        if slot.base is None or slot.ours is None or slot.theirs is not None:
            return False
        if same(slot.base, slot.ours):
            return True
        heading = slot.ours.heading
        if same(slot.base, slot.ours._replace(heading=section_numbers.unnumbered(heading))):
            # The number came with the section.
            self.given_up.append(heading)
            return True
        self._keep(Wanted(slot.ours.title, _whole(slot.base), "", can_be_taken=False))
        return False

    def _keep(self, wanted: Wanted) -> None:
        self.kept.append(wanted.section)
        self.wanted.append(wanted)

    def _takes(self, ours: Part, before: str, after: str) -> bool:
        """Whether new text of the template replaces the author's; if not, that is reported."""
        if ours.title in self.rules.take:
            self.given_up.append(ours.text)
            return True
        self._keep(Wanted(ours.title, before, after))
        return False

    def _fits(self, slot: Slot, siblings: Sequence[Part], parent: Part | None) -> bool:
        """Whether a new section can be below its parent, or at all in one open fence.

        It can only be above an open sibling, which would be below it where its level is deeper.
        Which of several titles it would belong below is for the author to say.
        """
        new = slot.theirs if slot.base is None and slot.ours is None else None
        if new is None or not (
            self._several_titles
            or (self._begins_open if parent is None else _takes_none(parent, new))
            or any(one.open and one.level > new.level for one in siblings)
        ):
            return True
        self._keep(Wanted(new.title, "", _whole(new), can_be_taken=False))
        return False

    def _pieces(self, slot: Slot, number: str) -> list[_Piece]:
        if slot.ours is None:
            return _new_pieces(slot.theirs, number) if slot.theirs else []
        if slot.theirs is None or slot.base is None:
            if (
                slot.theirs
                and _has_more(slot.theirs, slot.ours)
                and self._takes(slot.ours, "", _whole(slot.theirs))
            ):
                return self._taken(slot.ours, slot.theirs)
            return [_Piece(part.heading, part.text, part.tail, part) for part in slot.ours.walk()]
        below = self._siblings(
            slot.base.children, slot.ours.children, slot.theirs.children, slot.ours
        )
        return [self._piece(slot.base, slot.ours, slot.theirs), *below]

    def _taken(self, ours: Part, theirs: Part) -> list[_Piece]:
        """The template's new section in place of the author's own text below the same heading."""
        below = self._siblings((), ours.children, theirs.children, ours)
        gap, content = ours.gap, ours.content
        if theirs.content:
            columns = self.rules.columns_of(theirs.name)
            gap, content = theirs.gap, section_text.taken("", content, theirs.content, columns)
        text = ours.above + ours.heading + gap + content
        return [_Piece(ours.heading, text, ours.tail, ours), *below]

    def _piece(self, base: Part, ours: Part, theirs: Part) -> _Piece:
        """A section of the author without its children, brought up to date."""
        above = _three(base.above, ours.above, theirs.above)
        heading, title = _three(base.heading, ours.heading, theirs.heading), theirs.title
        versions = (base.content, ours.content, theirs.content)
        columns = self.rules.columns_of(theirs.name)
        merged = section_text.merge(*versions, columns)
        if not base.content and _is_other_name(base, ours, theirs):
            # That both are empty does not make it the template's section.
            merged = MergedText(ours.content, merged.gave_way or theirs.content != ours.content)
        renamed = theirs.heading not in (base.heading, heading)
        if (merged.gave_way or renamed) and not ours.title:
            self.kept.append(_ABOVE)
        elif (merged.gave_way or renamed) and self._takes(ours, base.text, theirs.text):
            if renamed:
                title = section_numbers.retitled(ours.title, theirs.title)
                heading = theirs.heading
                if is_numbered(ours.title):
                    heading = ours.heading.replace(ours.title, title, 1)
            if merged.gave_way:
                merged = MergedText(section_text.taken(*versions, columns), gave_way=False)
        if ours.title and heading != ours.heading:
            self.renamed.append((ours.title, title))
        gap = theirs.gap
        if ours.content:
            # The template's gap above the lead is the one below its front matter.
            lacks_front = ours is self.ours.lead and self.ours.front is None
            own = lacks_front or not theirs.content
            gap = ours.gap if own else _three(base.gap, ours.gap, theirs.gap)
        text = above + heading + (gap + merged.text if merged.text else "")
        tail = ours.tail
        if not any(part is end for part in (base, ours, theirs) for end in self._ends):
            tail = _three(base.tail, ours.tail, theirs.tail)
        return _Piece(heading, text, tail, ours)

    # --- Joining --------------------------------------------------------------------------------

    def _joined(self, pieces: Sequence[_Piece]) -> str:
        base, ours, theirs = (one.tail for one in self._ends)
        ending = _three(base, ours, theirs)
        next_line = {one.line: other.line for one, other in pairwise(self.ours.walk())}
        if not next_line and not self._ends[1].text and any(piece.text for piece in pieces):
            # Nothing of the author's is there, so all of it is new.
            ending = theirs
        written = []
        for piece, following in pairwise(pieces):
            mine, other, tail = piece.ours, following.ours, piece.tail
            beside = mine and other and next_line.get(mine.line) == other.line
            unchanged = mine and piece.text == mine.text
            if (piece.text or tail) and not (beside and unchanged) and tail.count("\n") < 2:
                tail = "\n\n"
            written.append(piece.text + tail)
        return "".join([*written, pieces[-1].text + ending])


def _swallowed(pieces: Sequence[_Piece], body: str) -> str | None:
    """The first section that is not read as it is meant to be, None if all are: a last look."""
    read = [part.heading.rstrip() for part in parts.read(f"\n{body}").walk()]
    for piece, heading in zip_longest(pieces, read):
        if piece is None or piece.heading.rstrip() != heading:
            return _words(piece) if piece else ""
    return None


def _words(piece: _Piece) -> str:
    """The heading without its marks."""
    return piece.heading.strip().lstrip("# ")


def _takes_none(parent: Part, new: Part) -> bool:
    """Whether a section cannot be below this one: by its level, or inside an open fence."""
    swallows = parent.open and not parent.children
    return swallows or new.level <= parent.level


def _merged_context(
    base: Parts, ours: Parts, theirs: Parts, rules: Rules
) -> tuple[str | None, tuple[str, ...]]:
    """The merged context block, and what of it gave way."""
    old, mine, new = base.context, ours.context, theirs.context
    if mine is None:
        return (new if old is None else None), ()
    if new is None and old is not None:
        return (None, ()) if mine == old else (mine, (_CONTEXT_BLOCK,))
    if new is None or mine == new:
        return mine, ()
    opening, inner = inner_keys(mine)
    before = inner_keys(old)[1] if old else ""
    merged = key_values.merge(before, inner, inner_keys(new)[1], rules.keys)
    text = mine if merged.text == inner else f"{opening}{merged.text}{CLOSING}"
    return text, merged.kept


def _whole(part: Part) -> str:
    return "".join(f"{one.text}{one.tail}" for one in part.walk())


def _new_pieces(new: Part, number: str) -> list[_Piece]:
    heading = section_numbers.numbered(new.heading, number)
    parts = [new._replace(heading=heading), *(part for one in new.children for part in one.walk())]
    return [_Piece(part.heading, part.text, part.tail, None) for part in parts]


def _numbers(slots: Sequence[Slot]) -> list[str]:
    """The number that each section gets, '' for all but new ones in a numbered document."""
    numbers = [""] * len(slots)
    for level in {_level(slot) for slot in slots if slot.ours is None}:
        places = [at for at, slot in enumerate(slots) if _level(slot) == level]
        titles = [Titled(_title(slots[at]), slots[at].ours is None) for at in places]
        for at, number in zip(places, section_numbers.of_new(titles), strict=True):
            numbers[at] = number
    return numbers


def _title(slot: Slot) -> str:
    """The title with which a section comes out."""
    base, ours, theirs = slot.base, slot.ours, slot.theirs
    if theirs and (ours is None or (base and edits.same_lines(base.heading, ours.heading))):
        return theirs.title
    return ours.title if ours else ""


def _has_more(theirs: Part, ours: Part) -> bool:
    """Whether the template has text or subsections that the author's own section lacks."""
    names = {part.name for part in ours.walk()}
    if any(part.name not in names for child in theirs.children for part in child.walk()):
        return True
    if not ours.content:
        return theirs.content != ""
    return section_text.merge("", ours.content, theirs.content).gave_way


def _is_other_name(base: Part, ours: Part, theirs: Part) -> bool:
    """Whether the author's section is the template's by another name of the guide's only."""
    return ours.level > 1 and ours.name not in (base.name, theirs.name)


def _is_open(slot: Slot) -> bool:
    return slot.ours is not None and slot.ours.open


def _level(slot: Slot) -> int:
    part = slot.ours or slot.theirs
    return part.level if part else 0


def _keeps_order(slots: Sequence[Slot], ours: Sequence[Part]) -> bool:
    """Whether moving sections would break numbers, further titles or nesting of the author's."""
    shared = [slot.ours for slot in slots if slot.ours and (slot.base or slot.theirs)]
    below = [part for part in shared if part.level > 1]
    return (
        any(is_numbered(part.title) for part in shared)
        or sum(part.level == 1 for part in ours) > 1
        or len({part.level for part in below}) > 1
        or any(part.open for part in ours)
    )


def _three(base: str, ours: str, theirs: str) -> str:
    return theirs if theirs != base and ours == base else ours


def inner_keys(context: str) -> tuple[str, str]:
    """The opening line of a context block, and the lines inside."""
    at = edits.LINE_ENDING.search(context)
    end = at.end() if at else len(context)
    return context[:end], context[end : -len(CLOSING)]
