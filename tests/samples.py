"""How many cases of what is made in bulk the suite runs; `invoke nightly` runs many more.

A test whose cases are variations of one thing is marked `@pytest.mark.sample(n)`: of its cases the
suite runs n, spread evenly over them, and `invoke nightly` all. A test that goes over many files
asks `some` for those. Of the examples of a property it tries a fifth.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

_NIGHTLY = bool(os.environ.get("BEP_NIGHTLY"))
# Whether somebody waits for many cases; then each run tries others.
MANY = _NIGHTLY or any(name.startswith("BEP_") and name.endswith("_CASES") for name in os.environ)


def count(variable: str, usual: int, nightly: int) -> int:
    """How many cases a test makes: what an environment variable says, or one of the two numbers."""
    return int(os.environ.get(variable, nightly if _NIGHTLY else usual))


def examples(nightly: int) -> int:
    """How many examples of a property are tried: `nightly`, or a fifth of them in the suite."""
    return nightly if MANY else nightly // 5


def some(items: Sequence[T], usual: int) -> list[T]:
    """`usual` of the items, spread evenly over them; all in the night."""
    return [items[at] for at in _spread(len(items), len(items) if _NIGHTLY else usual)]


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """The cases beyond the samples, in the order in which they were collected."""
    tests: dict[object, list[pytest.Item]] = {}
    for item in () if _NIGHTLY else items:
        tests.setdefault((item.parent, getattr(item, "originalname", item.name)), []).append(item)
    return [case for cases in tests.values() for case in _beyond_sample(cases)]


def _beyond_sample(cases: list[pytest.Item]) -> list[pytest.Item]:
    marker = cases[0].get_closest_marker("sample")
    if not marker:
        return []
    sample = _spread(len(cases), marker.args[0])
    return [case for at, case in enumerate(cases) if at not in sample]


def _spread(count: int, wanted: int) -> list[int]:
    """Positions of `wanted` of `count` things, the first and the last among them."""
    if count <= wanted:
        return list(range(count))
    return [round(at * (count - 1) / max(wanted - 1, 1)) for at in range(wanted)]
