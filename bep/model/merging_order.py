"""The order of things that two sides have changed: sections, keys, list elements, rows, columns."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Sequence
from typing import TypeVar

_K = TypeVar("_K", bound=Hashable)


def arranged(
    base: Sequence[_K],
    ours: Sequence[_K],
    theirs: Sequence[_K],
    *,
    keeps_order: bool = False,
    stops: Container[_K] = (),
    last: _K | None = None,
    may_stand: Callable[[_K, _K], bool] = lambda *_: True,
) -> list[_K]:
    """Ours in the order it gets, with what is new in theirs at the template's place.

    Each sequence holds an item once. What base and ours share and theirs lacks is expected to be
    gone from `ours` already if it has to go. The template's order applies unless the author
    changed it or `keeps_order`; what the author added stays behind what it stood behind. A new
    item comes behind the item before it in theirs, and behind what the author put there up to one
    of `stops`, but not behind `last`; `may_stand(new, following)` tells whether it can stand right
    before `following`.
    """
    order = _skeleton(base, ours, theirs, keeps_order=keeps_order)
    known = set(theirs)
    have, before = set(base) | set(ours), set(order)
    for at, new in enumerate(theirs):
        if new in have:
            continue
        place = _place(order, theirs, at, before, known, stops)
        while place < len(order) and not may_stand(new, order[place]):
            place += 1
        if last is not None and last in before:
            place = min(place, order.index(last))
        order.insert(place, new)
        before.add(new)
    return order


def _skeleton(
    base: Sequence[_K], ours: Sequence[_K], theirs: Sequence[_K], *, keeps_order: bool
) -> list[_K]:
    in_ours, in_base = set(ours), set(base)
    author_moved = [one for one in ours if one in in_base] != [
        one for one in base if one in in_ours
    ]
    shared = in_base & in_ours & set(theirs)
    as_theirs = [item for item in theirs if item in shared]
    if keeps_order or author_moved or as_theirs == [item for item in base if item in shared]:
        return list(ours)
    head: list[_K] = []
    groups: dict[_K, list[_K]] = {}
    group = head
    for item in ours:
        if item in shared:
            group = groups[item] = []
        group.append(item)
    return head + [item for first in as_theirs for item in groups[first]]


def _place(
    order: Sequence[_K],
    theirs: Sequence[_K],
    at: int,
    present: set[_K],
    known: set[_K],
    stops: Container[_K],
) -> int:
    """Where the new item `theirs[at]` comes in `order`."""
    anchor = next((one for one in reversed(theirs[:at]) if one in present), None)
    if anchor is not None:
        place = order.index(anchor) + 1
        while place < len(order) and order[place] not in known and order[place] not in stops:
            place += 1
        return place
    following = next((one for one in theirs[at + 1 :] if one in present), None)
    return order.index(following) if following is not None else len(order)
