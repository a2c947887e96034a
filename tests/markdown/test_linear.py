"""Hostile text costs as much work as it is long, counted in lines of Python that run.

A time says something about the machine, so none is measured here; `benchmarks/hostile.py` measures
times, of all fragments through all readers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from benchmarks import hostile

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


def work(reader: Callable[[hostile.Case], object], one: hostile.Case) -> int:
    """How many lines of Python run while a reader reads."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        hostile.read(reader, one)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(("fragment", "reader"), READINGS)
def test_the_work_grows_as_the_text_does(fragment, reader):
    known = hostile.FRAGMENTS[fragment]
    cases = [hostile.case(known, size) for size in SIZES]
    read = hostile.readers(known)[reader]
    hostile.read(read, cases[0])

    small, middle, large = (work(read, one) for one in cases)

    assert large - middle <= MOST * (middle - small)


def test_work_that_is_quadratic_is_found():
    def quadratic(one: hostile.Case) -> object:
        found: list[str] = []
        for line in one.fragment.split("\n"):
            for other in found:
                if other == line:
                    break
            found.append(line)
        return found

    counts = [work(quadratic, hostile.case(hostile.FRAGMENTS["items"], size)) for size in SIZES]

    assert counts[2] - counts[1] > MOST * (counts[1] - counts[0])
