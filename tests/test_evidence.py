"""The page of speeds: what a benchmark prints gets its place there, and nothing else changes."""

from __future__ import annotations

import pytest

from benchmarks import evidence
from tests.conftest import ROOT

PAGE = """# Speed

<!-- measured by benchmarks/one.py -->
old
<!-- end -->
Prose.
<!-- measured by benchmarks/two.py -->
<!-- end -->
"""


def test_what_is_printed_gets_its_place():
    page = evidence.with_measured(PAGE, "two", r"| 1 | \1 |")
    assert page == PAGE.replace("two.py -->\n", "two.py -->\n\n| 1 | \\1 |\n\n")
    assert evidence.with_measured(page, "two", r"| 1 | \1 |") == page


def test_a_benchmark_without_a_place_is_refused():
    with pytest.raises(KeyError):
        evidence.with_measured(PAGE, "three", "")


def test_every_place_has_its_benchmark():
    names = evidence.names(evidence.PAGE.read_text())
    assert names
    assert all((ROOT / f"benchmarks/{name}.py").is_file() for name in names)
