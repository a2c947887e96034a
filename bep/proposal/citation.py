"""What cites a proposal outside the proposals: its name, as text or in a link.

To name a proposal is to cite it. It does not mean that the code does what the proposal decided.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# As a word, for Git and Python alike.
NAME = "BEP-[0-9]{3,5}"
_NAME = re.compile(rf"(?<!\w){NAME}(?!\w)", re.ASCII)


class Citation(NamedTuple):
    """A line of a file that names a proposal."""

    number: int
    path: str
    line: int


def number_of(name: str) -> int:
    """The number in what `NAME` matched."""
    return int(name.removeprefix("BEP-"))


def numbers_in(text: str) -> frozenset[int]:
    """The numbers of the proposals that a text names."""
    return frozenset(map(number_of, _NAME.findall(text)))
