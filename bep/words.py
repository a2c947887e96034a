"""Words of messages that depend on a number."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun, whose plural has an `s`.

    >>> [counted(one, "open question") for one in (0, 1, 2)]
    ['0 open questions', '1 open question', '2 open questions']
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
