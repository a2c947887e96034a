"""Circles: proposals that replace each other, documents that need each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T", int, str)


def find(following: Mapping[T, Collection[T]]) -> list[tuple[T, ...]]:
    """The circles, each from its lowest element on, in the order in which one leads to the next.

    If several circles share elements, one of the shortest through the lowest of all is returned;
    none has an element of another one. Linear in the number of arrows.
    """
    parts = (
        part for part in _connected(following) if len(part) > 1 or _leads_to_itself(part, following)
    )
    return sorted(_circle(part, following) for part in parts)


def _leads_to_itself(part: Collection[T], following: Mapping[T, Collection[T]]) -> bool:
    return any(one in following.get(one, ()) for one in part)


def _connected(following: Mapping[T, Collection[T]]) -> Iterator[set[T]]:
    """The sets of elements each of which leads to all others of its set (Tarjan's algorithm)."""
    order: dict[T, int] = {}
    lowest: dict[T, int] = {}
    # The elements whose set is not complete, in the order in which they were found.
    open_: dict[T, None] = {}
    for root in following:
        way = [] if root in order else [(root, iter(following[root]))]
        while way:
            at, others = way[-1]
            if at not in order:
                order[at] = lowest[at] = len(order)
                open_[at] = None
            other = next(others, None)
            if other is None:
                way.pop()
                if way:
                    above = way[-1][0]
                    lowest[above] = min(lowest[above], lowest[at])
                if lowest[at] == order[at]:
                    yield _taken(open_, at)
            elif other not in order:
                way.append((other, iter(following.get(other, ()))))
            elif other in open_:
                lowest[at] = min(lowest[at], order[other])


def _taken(elements: dict[T, None], first: T) -> set[T]:
    """Take out the elements from `first` on."""
    found: set[T] = set()
    while first not in found:
        found.add(elements.popitem()[0])
    return found


def _circle(part: Collection[T], following: Mapping[T, Collection[T]]) -> tuple[T, ...]:
    """A shortest circle through the lowest element of a connected part."""
    first = min(part)
    before: dict[T, T] = {}
    reached = [first]
    while first not in before:
        found: list[T] = []
        for at in reached:
            for other in sorted(following.get(at, ())):
                if other in part and other not in before:
                    before[other] = at
                    found.append(other)
        reached = found
    way = [before[first]]
    while way[-1] != first:
        way.append(before[way[-1]])
    return tuple(reversed(way))
