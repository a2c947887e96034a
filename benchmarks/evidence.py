"""What benchmarks print, in docs/evidence/speed.md: no number there is typed by hand.

A line `<!-- measured by benchmarks/NAME.py -->` begins what that benchmark prints, and a line
`<!-- end -->` ends it. To add a section, write its prose with such a pair of lines, and a benchmark
that prints Markdown: the sentence of `compare.conditions`, then a table.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/evidence/speed.md"
_MEASURED = re.compile(
    r"(<!-- measured by benchmarks/(\w+)\.py -->\n).*?(<!-- end -->\n)", re.DOTALL
)


def names(page: str) -> list[str]:
    """The benchmarks that a page has, in its order."""
    return [found[2] for found in _MEASURED.finditer(page)]


def with_measured(page: str, name: str, printed: str) -> str:
    """A page with what a benchmark has printed.

    Raises KeyError where the page has no place for it.
    """
    if name not in names(page):
        raise KeyError(name)
    text = f"\n{printed.strip()}\n\n"
    return _MEASURED.sub(
        lambda found: f"{found[1]}{text}{found[3]}" if found[2] == name else found[0], page
    )
