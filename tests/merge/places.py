"""Sections under one parent: which are the same, and where they stand. Part of the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tests.merge.reading import Node, filled, is_numbered

SectionOf = Callable[[str], str | None]


class Siblings(NamedTuple):
    """Sections under one parent, and which of them are the same."""

    base: list[Node]
    ours: list[Node]
    theirs: list[Node]
    result: list[Node]
    old: dict[int, Node]  # by place in `ours`: the template's section before
    new: dict[int, Node]  # by place in `ours`: the template's section now
    added: list[Node]  # what the template has now and the author has not


def siblings(
    base: list[Node],
    ours: list[Node],
    theirs: list[Node],
    result: list[Node],
    renamed: Mapping[str, str],
    section_of: SectionOf,
) -> Siblings:
    """The four lists of sections, with what is known of the author's."""
    old = pairs(base, ours, renamed, section_of)
    names = {one.name: one for one in reversed(theirs)}
    now = {id(node): names.get(renamed.get(node.name, node.name)) for node in base}
    new = {at: one for at, node in old.items() if (one := now[id(node)]) is not None}
    known = set(map(id, now.values()))
    fresh = [node for node in theirs if id(node) not in known]
    rest = [at for at in range(len(ours)) if at not in old]
    both = pairs(fresh, [ours[at] for at in rest], {}, section_of)
    new |= {rest[at]: node for at, node in both.items()}
    had = set(map(id, both.values()))
    added = [node for node in fresh if id(node) not in had]
    return Siblings(base, ours, theirs, result, old, new, added)


def pairs(
    base: list[Node],
    ours: list[Node],
    renamed: Mapping[str, str],
    section_of: SectionOf,
) -> dict[int, Node]:
    """The template's sections by the place of the author's: same name, new name, other name."""
    found: dict[int, Node] = {}

    def take(node: Node, test: Callable[[Node], bool]) -> None:
        if all(node is not one for one in found.values()):
            places = (at for at, one in enumerate(ours) if at not in found and test(one))
            if (at := next(places, None)) is not None:
                found[at] = node

    for node in base:
        take(node, lambda one, name=node.name: one.name == name)
    for node in base:
        name = renamed.get(node.name)
        take(node, lambda one, name=name: one.name == name)
    for node in base:
        if section := section_of(node.name):
            take(node, lambda one, section=section: section_of(one.name) == section)
    return found


def author_moved(group: Siblings) -> bool:
    """Whether the author put the template's sections into another order, as far as they stay."""
    place = {id(node): at for at, node in enumerate(group.base)}
    places = [
        place[id(old)]
        for at, old in sorted(group.old.items())
        if at in group.new or filled(group.ours[at].lines) != filled(old.lines)
    ]
    return places != sorted(places)


def author_numbered(group: Siblings) -> bool:
    """Whether the author gave one of the template's sections a number."""
    return any(is_numbered(group.ours[at]) for at in group.old)


def crowd(group: Siblings) -> set[str]:
    """Names that several sections of the author's have, or would have after the template's."""
    mine = Counter(node.name for node in group.ours)
    names = {name for name, count in mine.items() if count > 1}
    for at, node in group.new.items():
        if node.name != group.ours[at].name and mine[node.name]:
            names |= {node.name, group.ours[at].name}
    return names


def order_problems(group: Siblings, fixed: bool, is_open: bool) -> Iterator[str]:
    """Where the sections stand that the result has."""
    if crowd(group):
        return
    place = {node.name: at for at, node in enumerate(group.result)}
    at_in_result: dict[int, int] = {}
    for at, node in enumerate(group.ours):
        names = [node.name, *([group.new[at].name] if at in group.new else [])]
        found = [place[name] for name in names if name in place]
        if found:
            at_in_result[at] = found[0]
    survivors = sorted(at_in_result)
    known = [at for at in survivors if at in group.old and at in group.new]
    in_theirs = {id(node): at for at, node in enumerate(group.theirs)}
    template = [in_theirs[id(group.new[at])] for at in known]
    stands = [at_in_result[at] for at in survivors] == sorted(at_in_result.values())
    if fixed or template == sorted(template) or (is_open and stands):
        if not stands:
            yield f"the author's order changed: {[node.name for node in group.result]}"
    else:
        result = [at_in_result[at] for _, at in sorted(zip(template, known, strict=True))]
        if result != sorted(result):
            yield f"not the template's order: {[node.name for node in group.result]}"
        if all(at in group.old or at not in group.new for at in survivors):
            yield from _travels(group, survivors, at_in_result)
    if not is_open:  # then it stands before the open block, which would take it in
        yield from _added_in_place(group, at_in_result)


def _travels(group: Siblings, survivors: list[int], place: dict[int, int]) -> Iterator[str]:
    """An own section stands behind the section it stood behind."""
    order = sorted(survivors, key=place.__getitem__)
    for before, at in zip([None, *survivors], survivors, strict=False):
        if at not in group.new:
            now = order.index(at)
            if order[now - 1 : now] != ([] if before is None else [before]):
                yield f"{group.ours[at].heading} left the section it stood behind"


def _added_in_place(group: Siblings, place: dict[int, int]) -> Iterator[str]:
    """A new section follows its neighbour in the template, and the author's sections below that.

    A section that comes first in the template precedes the next one, wherever the author has that.
    """
    there = {node.name: at for at, node in enumerate(group.result)}
    where = {id(group.new[at]): now for at, now in place.items() if at in group.new}
    where |= {id(node): there[node.name] for node in group.added if node.name in there}
    order = sorted(where.values())
    back = {now: at for at, now in place.items()}
    for node in group.added:
        if id(node) not in where:
            continue
        now = where[id(node)]
        earlier = group.theirs[: group.theirs.index(node)]
        before = next((where[id(one)] for one in reversed(earlier) if id(one) in where), None)
        at = order.index(now)
        behind = order[at - 1] if at else None
        later = group.theirs[group.theirs.index(node) + 1 :]
        after = next((where[id(one)] for one in later if id(one) in where), None)
        is_first = before is None and order[at + 1 : at + 2] == [after]
        if behind != before and not is_first:
            yield f"the added {node.heading} is not in its place: {[n.name for n in group.result]}"
        following = back.get(now + 1)
        if following is not None and before is not None:
            own = following not in group.new and following not in group.old
            previous = following - 1
            dropped = previous in group.old and previous not in group.new
            if own and previous >= 0 and not dropped:
                yield f"the added {node.heading} came between an own section and its neighbour"
