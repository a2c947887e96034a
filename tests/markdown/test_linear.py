"""Hostile text costs as much work as it is long, counted in lines of Python that run.

A time says something about the machine, so none is measured here; `benchmarks/hostile.py` measures
times, of all fragments through all readers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from benchmarks import hostile
from bep.markdown import links

SIZES = (1500, 3000, 6000)
# From size to size the work grows by twice as much as before, by four times where it is quadratic.
MOST = 2.9

READINGS = [
    ("equal keys", "merge"),
    ("equal keys", "completion"),
    ("keys", "merge of templates"),
    ("lines of a value", "keys"),
    ("context elements", "merge"),
    ("sections", "merge of a new text"),
    ("equal headings", "merge"),
    ("titles", "merge"),
    ("equal rows", "merge of templates"),
    ("rows", "merge of templates"),
    ("decisions", "merge"),
    ("decisions of dates", "merge"),
    ("equal decisions", "merge"),
    ("text below decisions", "merge"),
    ("equal comments", "merge of templates"),
    ("sections", "briefing"),
    ("headings", "briefing in a budget"),
    ("headings of the guide", "briefing"),
    ("definitions", "definitions"),
    ("footnotes", "definitions"),
    ("uses in code", "definitions"),
    ("headings", "division"),
    ("ids", "division"),
    ("items", "questions"),
    ("growing backticks", "visible"),
    ("decisions of dates", "decisions"),
    ("phases", "phases"),
    ("documents", "derived text"),
    ("links", "rules"),
    ("mentions in code", "page"),
    ("tables", "blocks"),
    ("definitions and underlines", "blocks"),
    ("reservations", "settling"),
    ("descending rows", "settling"),
    ("a conflict", "settling"),
    ("conflicts", "settling"),
]


def work(read: Callable[[], object]) -> int:
    """How many lines of Python run in a call."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.sample(12)
@pytest.mark.parametrize(("fragment", "reader"), READINGS)
def test_the_work_grows_as_the_text_does(fragment, reader):
    known = hostile.FRAGMENTS[fragment]
    cases = [hostile.case(known, size) for size in SIZES]
    read = hostile.readers(known)[reader]
    hostile.read(read, cases[0])

    small, middle, large = (work(partial(hostile.read, read, one)) for one in cases)

    assert large - middle <= MOST * (middle - small)


PIECES = [
    *("[", "[a](", "[a](b", "](", "![", "``` ", "<a b='", "<!--", "[a](<", "\\", "> ", "- "),
    *("[a](b 't", "[a](b (", "[a]: ", "`[a](b)``"),
]


@pytest.mark.sample(6)
@pytest.mark.parametrize("piece", PIECES)
def test_links_of_pieces_cost_as_much_as_they_are_long(piece):
    small, middle, large = (work(partial(links.links, piece * count)) for count in SIZES)

    assert large - middle <= MOST * (middle - small) + SIZES[0]


def test_work_that_is_quadratic_is_found():
    def quadratic(one: hostile.Case) -> object:
        found: list[str] = []
        for line in one.fragment.split("\n"):
            for other in found:
                if other == line:
                    break
            found.append(line)
        return found

    items = hostile.FRAGMENTS["items"]
    counts = [work(partial(quadratic, hostile.case(items, size))) for size in SIZES]

    assert counts[2] - counts[1] > MOST * (counts[1] - counts[0])
