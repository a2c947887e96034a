"""A document gets parts of the template that it lacks, and nothing else changes.

It is a merge whose base is what both have: all that is new is what the document lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from ..markdown import edits
from ..proposal import key_values
from ..proposal.context_block import CLOSING
from ..proposal.key_values import Item
from . import parts
from .merge import PLAIN, Rules, inner_keys, merge_parts, no_section, read
from .parts import Part, Parts
from .section_pairs import paired


class Kind(StrEnum):
    """What a lacking part is: a key of the front matter, of the context block, or a section."""

    METADATA = auto()
    CONTEXT = auto()
    SECTION = auto()


class Lacking(NamedTuple):
    """A part of the template that a document lacks.

    `name` is a key or a heading, '' for the context block as a whole. `place` has the keys of a
    section and of those around it. `whole` is a key of front matter that does not exist.
    """

    kind: Kind
    name: str
    place: tuple[str, ...] = ()
    whole: bool = False


def lacking(
    ours: str, theirs: str, rules: Rules = PLAIN, *, may_have_its_own_sections: bool = False
) -> list[Lacking]:
    """The parts of `theirs` that the document lacks, in their order.

    A section that exists under another name is not among them, and neither is a title, which only
    the author can give. Sections are left out if several headings have the level of a title, or if
    a document that `may_have_its_own_sections` has none of the template's. Raises Unmergeable if
    `ours` is not text.
    """
    have, want = read(ours), parts.read(theirs)
    found = [
        Lacking(Kind.METADATA, item.key, whole=have.front is None)
        for item in _new_items(have.front, want.front)
    ]
    if want.context is not None and have.context is None:
        found.append(Lacking(Kind.CONTEXT, ""))
    elif want.context is not None and have.context is not None:
        mine, new = inner_keys(have.context)[1], inner_keys(want.context)[1]
        found += (Lacking(Kind.CONTEXT, item.key) for item in _new_items(mine, new))
    own = [part for part in have.sections if part.level > 1]
    if sum(part.level == 1 for part in have.sections) > 1:
        return found
    sections = _lacking_sections(have.sections, want.sections, rules, ())
    if may_have_its_own_sections and own and not any(rules.section_of(one.name) for one in own):
        return found
    return [*found, *sections]


def complete(
    ours: str, theirs: str, rules: Rules = PLAIN, chosen: Collection[Lacking] | None = None
) -> str:
    """The document with the parts of `theirs` that it lacks, at their places; nothing else.

    `chosen` are those that are added, left out all. Raises Unmergeable if `ours` is not text.
    """
    have, want = (read(edits.with_ending(one, "\n")) for one in (ours, theirs))
    if chosen is None:
        chosen = lacking(ours, theirs, rules)
    want = _with_chosen(have, want, rules, frozenset(chosen))
    text = merge_parts(_common(have, want, rules), have, want, rules).text
    return edits.with_endings_of(text, ours)


# --- What is lacking ----------------------------------------------------------------------------


def _new_items(have: str | None, want: str | None) -> list[Item]:
    known = _names(have or "")
    return [
        one for one in key_values.read(want or "").items if key_values.letters(one.key) not in known
    ]


def _names(text: str) -> set[str]:
    return {key_values.letters(item.key) for item in key_values.read(text).items}


def _lacking_sections(
    have: Sequence[Part], want: Sequence[Part], rules: Rules, above: tuple[str, ...]
) -> Iterator[Lacking]:
    for slot in paired(want, have, want, {}, rules.section_of):
        if slot.base is None or (slot.ours is None and slot.base.level == 1):
            continue
        place = (*above, slot.base.key)
        if slot.ours is None:
            yield Lacking(Kind.SECTION, slot.base.title, place)
        else:
            yield from _lacking_sections(slot.ours.children, slot.base.children, _NESTED, place)


_NESTED = Rules(section_of=no_section)

# --- What is added ------------------------------------------------------------------------------


def _with_chosen(have: Parts, want: Parts, rules: Rules, chosen: frozenset[Lacking]) -> Parts:
    """What is wanted without the parts that `have` lacks and nobody chose."""
    keys = {
        kind: {key_values.letters(one.name) for one in chosen if one.kind is kind and one.name}
        for kind in (Kind.METADATA, Kind.CONTEXT)
    }
    front = want.front
    if front is not None and (have.front is not None or keys[Kind.METADATA]):
        front = _only(front, _names(have.front or "") | keys[Kind.METADATA])
    else:
        front = None
    if have.context is None and not any(one.kind is Kind.CONTEXT for one in chosen):
        want = parts.without_context(want)
    elif have.context is not None and want.context is not None:
        opening, inner = inner_keys(want.context)
        known = _names(inner_keys(have.context)[1])
        inner = _only(inner, known | keys[Kind.CONTEXT])
        want = want._replace(context=opening + inner + CLOSING)
    places = {one.place for one in chosen if one.kind is Kind.SECTION}
    sections = _chosen_sections(have.sections, want.sections, rules.section_of, places, ())
    return want._replace(front=front, sections=sections)


def _only(text: str, names: Collection[str]) -> str:
    keyed = key_values.read(text)
    items = tuple(item for item in keyed.items if key_values.letters(item.key) in names)
    return key_values.joined(keyed._replace(items=items))


def _chosen_sections(
    have: Sequence[Part],
    want: Sequence[Part],
    section_of: Callable[[str], str | None],
    places: Collection[tuple[str, ...]],
    above: tuple[str, ...],
) -> tuple[Part, ...]:
    ours = {
        slot.base.key: slot.ours for slot in paired(want, have, want, {}, section_of) if slot.base
    }
    found = []
    for part in want:
        place, mine = (*above, part.key), ours[part.key]
        if mine is not None:
            below = _chosen_sections(mine.children, part.children, no_section, places, place)
            found.append(part._replace(children=below))
        elif place in places:
            found.append(part)
    return tuple(found)


def _common(have: Parts, want: Parts, rules: Rules) -> Parts:
    """What `want` and `have` share, as `want` has it: a base from which only additions are new."""
    context = None
    if have.context is not None and want.context is not None:
        opening, inner = inner_keys(want.context)
        context = opening + _only(inner, _names(inner_keys(have.context)[1])) + CLOSING
    front = None if have.front is None else _only(want.front or "", _names(have.front))
    return want._replace(
        front=front,
        context=context,
        sections=_shared_parts(have.sections, want.sections, rules),
    )


def _shared_parts(have: Sequence[Part], want: Sequence[Part], rules: Rules) -> tuple[Part, ...]:
    slots = paired(want, have, want, {}, rules.section_of)
    return tuple(
        slot.base._replace(children=_shared_parts(slot.ours.children, slot.base.children, _NESTED))
        for slot in slots
        if slot.base and slot.ours
    )
