"""Which decisions and questions name something of a file: a term in its text or its path.

A term is text in `code`, or a name in `snake_case` or `CamelCase`. Other words are not terms, since
any two texts share some of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import lookup

_CODE = re.compile(r"`([^`\n]{1,80})`")
_NAME = re.compile(r"[A-Za-z]\w*_\w+|[A-Z]+[a-z0-9]+[A-Z]\w*")
# What programs of any kind hold.
_COMMON_WORDS = """
async await bool bytes class dict enum error false float import list name none null object return
self string true tuple type uuid value
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_SHORTEST = 4


def terms(text: str) -> frozenset[str]:
    """The terms in a text as written in a document, in lower case."""
    code = (found.strip().removesuffix("()") for found in _CODE.findall(text))
    found = {one.casefold() for one in (*code, *_NAME.findall(text))}
    return frozenset(one for one in found - _COMMON if len(one) >= _SHORTEST)


class Known:
    """Texts of files, with their paths, in which terms are looked up."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._text = "\n".join(texts).casefold()
        self._answers: dict[str, bool] = {}

    def named_in(self, text: str) -> bool:
        """Whether a text names a term that the files hold."""
        return any(map(self.holds, terms(text)))

    def holds(self, term: str) -> bool:
        """Whether the files hold a term, as a word."""
        if term not in self._answers:
            self._answers[term] = lookup.holds_words(self._text, term)
        return self._answers[term]
