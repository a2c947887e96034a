"""Regular expressions that are compiled when they are first used.

Python compiles one in a fraction of a millisecond. Some modules have a dozen, of which most calls
need none. Patterns that are used for every line of a document are made by `re.compile`: they are a
little faster.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as `re.compile` gives it, but compiled when it is first used.

    Its first use raises `re.error` if `text` is not a regular expression.

    >>> pattern("[a-z]+").sub("x", "ab 12")
    'x 12'
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self._flags)
        # From now on the methods are found without this function.
        vars(self).update((one, getattr(compiled, one)) for one in _METHODS)
        return getattr(compiled, name)
