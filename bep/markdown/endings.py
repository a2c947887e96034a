"""The line endings of a text."""

from __future__ import annotations

import re

ENDING = re.compile(r"\r\n|\r|\n")


def most(text: str) -> str:
    """The line ending that most lines have; a line feed where there is none."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=lambda one: counts[one])


def with_ending(text: str, ending: str) -> str:
    """The text with `ending` at the end of each line."""
    if ending == "\n" and "\r" not in text:
        return text
    return ENDING.sub(ending, text)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same but for their line endings."""
    return one == other or with_ending(one, "\n") == with_ending(other, "\n")


def trailing(text: str) -> int:
    """Return where the line endings and blank lines at the end of the text begin."""
    found = ENDING.search(text, len(text.rstrip(" \t\r\n")))
    return found.start() if found else len(text)
