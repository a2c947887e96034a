"""Regular expressions that are compiled when they are first used.

Python compiles one in a fraction of a millisecond. Some modules have a dozen, of which most calls
need none. Where each character counts, `re.compile` gives what is a little faster.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, later; what is wrong with `text` is only said then.

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
        # From now on they are found without this function.
        vars(self).update((one, getattr(compiled, one)) for one in _METHODS)
        return getattr(compiled, name)
