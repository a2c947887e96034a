"""The order of things that two sides have changed: sections, keys, list elements, rows, columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)


def arranged(
    base: Sequence[_K],
    ours: Sequence[_K],
    theirs: Sequence[_K],
    *,
    keeps_order: bool = False,
    last: _K | None = None,
    may_stand: Callable[[_K, _K], bool] = lambda *_: True,
) -> list[_K]:
    """Ours in the order it gets, with what is new in theirs at the template's place.

    Each sequence holds an item once. What base and ours share and theirs lacks is expected to be
    gone from `ours` already if it has to go. The template's order applies unless the author
    changed it or `keeps_order`; what the author added stays after what it followed. A new
    item comes after the item before it in theirs, and after what the author put there, but not
    after `last`; `may_stand(new, following)` tells whether it can be right before `following`.
    """
    order = _Order(_skeleton(base, ours, theirs, keeps_order=keeps_order))
    known, have = set(theirs), set(base) | set(ours)
    # Nothing new comes after these.
    end = last if last in order else None
    closed = order.from_on(end)

    def first(place: _K | None, fits: Callable[[_K], bool]) -> _K | None:
        while place is not None and place not in closed and not fits(place):
            place = order.behind(place)
        return end if place is None or place in closed else place

    anchor: _K | None = None
    for at, new in enumerate(theirs):
        if new not in have:
            if anchor is None:
                place = next((one for one in theirs[at + 1 :] if one in order), None)
            else:
                place = first(order.behind(anchor), lambda one: one in known)
            order.insert(new, first(place, partial(may_stand, new)))
        if new in order:
            anchor = new
    return order.items()


class _Order(Generic[_K]):
    """Items in an order into which others are inserted, wherever, in the same time."""

    def __init__(self, items: Sequence[_K]) -> None:
        # At both ends there is no neighbour, which is None.
        around: list[_K | None] = [None, *items, None]
        self._behind = dict(pairwise(around))
        self._before = {item: before for before, item in pairwise(around)}

    def __contains__(self, item: _K | None) -> bool:
        return item is not None and item in self._behind

    def behind(self, item: _K | None) -> _K | None:
        """The item after another one, or after the beginning."""
        return self._behind[item]

    def insert(self, new: _K, following: _K | None) -> None:
        """Put an item before another one, or at the end."""
        before = self._before[following]
        self._behind[before] = self._before[following] = new
        self._before[new], self._behind[new] = before, following

    def from_on(self, item: _K | None) -> set[_K]:
        """An item and all after it."""
        found: set[_K] = set()
        while item is not None:
            found.add(item)
            item = self._behind[item]
        return found

    def items(self) -> list[_K]:
        """All items in order."""
        found: list[_K] = []
        item = self._behind[None]
        while item is not None:
            found.append(item)
            item = self._behind[item]
        return found


def told_apart(names: Iterable[str]) -> list[str]:
    r"""A key for each name, in their order: the name, and "name\0(2)" where it comes again."""
    counts: dict[str, int] = {}
    keys: dict[str, None] = {}
    for name in names:
        key = name
        while key in keys:
            counts[name] = counts.get(name, 1) + 1
            key = f"{name}\0({counts[name]})"
        keys[key] = None
    return list(keys)


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
