"""Titles that name the same proposal: registry rows and `parent` may give a shorter form."""

from __future__ import annotations

import re

_PREFIX = re.compile(r"\A[\W_]*BEP[- ]?(?:\d+|X+)\s*[:—–-]?\s*", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def is_shorter_form(short: str, title: str) -> bool:
    """Return whether one title is a shorter form of the other: its words in the same order.

    Words may be cut ("Reorg"); letter case, signs, `BEP-XXXX:` in front and "and" do not count.

    >>> is_shorter_form("Router Mode & CLI", "BEP-1053: ROUTER Mode and CLI System")
    True
    """
    a, b = _title_words(short), _title_words(title)
    return short == _PREFIX.sub("", title, count=1) or _follows(a, b) or _follows(b, a)


def _title_words(title: str) -> list[str]:
    words = _WORD.findall(_PREFIX.sub("", title, count=1).casefold())
    return [word for word in words if word != "and"]


def _follows(short: list[str], long: list[str]) -> bool:
    rest = iter(long)
    return bool(short) and all(any(_is_cut(word, other) for other in rest) for word in short)


def _is_cut(word: str, other: str) -> bool:
    return word == other or (len(word) >= 4 and other.startswith(word))
