"""Which sections of three versions are one: by name, by the template's renames, by other names."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from ..markdown import edits
from ..markdown.heading_text import normalise
from .parts import Part, title_key


@dataclass(slots=True)
class Slot:
    """A section in the three versions, None if one lacks it."""

    base: Part | None = None
    ours: Part | None = None
    theirs: Part | None = None


def paired(
    base: Sequence[Part],
    ours: Sequence[Part],
    theirs: Sequence[Part],
    renames: Mapping[str, str],
    section_of: Callable[[str], str | None],
) -> list[Slot]:
    """The sections of three lists of siblings; each part is in one slot.

    `renames` are headings that the template changed from base to theirs. The title is the first
    heading of level 1, whatever it says. `section_of` finds the author's sections for
    one of the guide's under another name.
    """
    slots = _template_slots(base, theirs, renames)
    _find_ours(slots, ours, section_of)
    found = {slot.ours.key for slot in slots if slot.ours}
    return slots + [Slot(ours=part) for part in ours if part.key not in found]


def _template_slots(
    base: Sequence[Part], theirs: Sequence[Part], renames: Mapping[str, str]
) -> list[Slot]:
    free = {part.key: part for part in theirs}
    slots = [Slot(base=part) for part in base]
    title = _title(theirs)
    changed = {normalise(old): normalise(new) for old, new in renames.items()}
    there = {part.name for part in base} - changed.keys()
    # A new name that another section already had means that the two were merged.
    names = {old: new for old, new in changed.items() if new not in there}
    if title and _title(base):
        first = next(slot for slot in slots if slot.base is _title(base))
        first.theirs = free.pop(title.key)
    for key_of in (lambda part: names.get(part.name, ""), lambda part: part.key):
        for slot in slots:
            if slot.base and slot.theirs is None:
                slot.theirs = free.pop(key_of(slot.base), None)
    return slots + [Slot(theirs=part) for part in theirs if part.key in free]


def _title(siblings: Sequence[Part]) -> Part | None:
    return next((part for part in siblings if part.level == 1), None)


def _title_of_author(ours: Sequence[Part], sections: Container[str]) -> Part | None:
    """The title; of several headings of its level, one that is not in the template."""
    found = [part for part in ours if part.level == 1]
    if len(found) > 1:
        found = [part for part in found if part.name not in sections]
    return found[0] if found else None


def _find_ours(
    slots: Sequence[Slot], ours: Sequence[Part], section_of: Callable[[str], str | None]
) -> None:
    free = {part.key: part for part in ours}
    known = [part for slot in slots for part in (slot.base, slot.theirs) if part]
    title = _title_of_author(ours, {part.name for part in known if part.level > 1})
    for slot in slots:
        if any(part.level == 1 for part in (slot.base, slot.theirs) if part):
            slot.ours = free.pop(title.key) if title else None
            break
    for side in ("theirs", "base", "theirs"):
        for slot in slots:
            part: Part | None = getattr(slot, side)
            # A section that has its new name already is the renamed one.
            renamed = slot.base and slot.theirs and slot.base.key != slot.theirs.key
            if side == "theirs" and not renamed and slot.base is not None:
                continue
            if slot.ours is None and part is not None:
                # An author may have made a section a heading of level 1.
                slot.ours = free.pop(part.key, None) or free.pop(title_key(part.name), None)
    # What base has takes precedence over what is new: the author wrote under a name they found.
    for slot in sorted(slots, key=lambda slot: slot.base is None):
        if slot.ours is None:
            names = {section_of(part.name) for part in (slot.base, slot.theirs) if part} - {None}
            found = next((part for part in free.values() if section_of(part.name) in names), None)
            slot.ours = free.pop(found.key) if found else None


def same(one: Part, other: Part) -> bool:
    """Whether two parts and all below them are the same but for blank lines and line endings."""
    return (
        edits.same_lines(one.above, other.above)
        and edits.same_lines(one.heading, other.heading)
        and edits.same_lines(one.content, other.content)
        and len(one.children) == len(other.children)
        and all(map(same, one.children, other.children))
    )
