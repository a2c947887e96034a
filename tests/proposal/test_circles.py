"""Circles in what leads to what."""

from __future__ import annotations

import itertools
from time import process_time

import pytest
from hypothesis import given, strategies as st

from bep.proposal import circles

GRAPHS = st.dictionaries(
    st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4, unique=True), max_size=8
)


@pytest.mark.parametrize(
    ("following", "found"),
    [
        ({}, []),
        ({1: [2], 2: [3]}, []),
        ({1: [2], 2: [1]}, [(1, 2)]),
        ({3: [3]}, [(3,)]),
        ({9: [2], 2: [5], 5: [9]}, [(2, 5, 9)]),
        ({1: [2], 2: [3, 4], 3: [1], 4: [1, 5]}, [(1, 2, 3)]),
        ({1: [2], 2: [1, 3], 3: [4], 4: [3]}, [(1, 2), (3, 4)]),
        ({"b.md": {"a.md"}, "a.md": {"b.md"}}, [("a.md", "b.md")]),
    ],
)
def test_circles_are_found_from_their_lowest_element_on(following, found):
    assert circles.find(following) == found


def reachable(following: dict[int, list[int]]) -> dict[int, set[int]]:
    """What each element leads to in one step or more: steps are joined until nothing is new."""
    found = {one: set(following.get(one, ())) for one in range(8)}
    for middle, start in itertools.product(range(8), range(8)):
        if middle in found[start]:
            found[start] |= found[middle]
    return found


@given(GRAPHS)
def test_each_circle_is_one_and_each_element_on_a_circle_is_connected_with_one(following):
    leads = reachable(following)
    found = circles.find(following)

    for circle in found:
        for one, other in itertools.pairwise([*circle, circle[0]]):
            assert other in following[one]
        assert circle[0] == min(circle)
        assert len(set(circle)) == len(circle)
    on_circles = {one for one in range(8) if one in leads[one]}
    groups = {frozenset(other for other in leads[one] if one in leads[other]) for one in on_circles}
    assert {min(group) for group in groups} == {circle[0] for circle in found}
    assert len(groups) == len(found)
    for group in groups:
        assert any(set(circle) <= group for circle in found)


def test_a_long_chain_and_many_circles_take_linear_time():
    def seconds(count: int) -> float:
        chain = {at: [at + 1] for at in range(count)}
        pairs = {at: [at ^ 1] for at in range(count, 3 * count)}
        start = process_time()
        assert len(circles.find({**chain, **pairs})) >= count
        return process_time() - start

    seconds(1000)
    assert seconds(40_000) < 20 * seconds(10_000)
