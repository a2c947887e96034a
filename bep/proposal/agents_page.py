"""The tool's marked block of the page for agents; an author's own text surrounds it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits

_BLANK_LINE_LAST = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)\Z")
_MARK = re.compile(r"^<!-- bep-agents: (begin|end)\b[^\r\n]*?-->[ \t]*$", re.MULTILINE)


class Block(NamedTuple):
    """The block's span, marks included, and where the text between the marks begins and ends."""

    start: int
    text_start: int
    text_end: int
    end: int


def block(source: str) -> Block | None:
    """The block of a page, None if there is none or its marks are not one pair."""
    marks = _marks(source)
    if [mark[1] for mark in marks] != ["begin", "end"]:
        return None
    begin, end = marks
    ending = edits.LINE_ENDING.match(source, begin.end())
    return Block(begin.start(), ending.end() if ending else begin.end(), end.start(), end.end())


def with_block(source: str, new: str, path: str) -> str:
    """The text of a page with the block `new`; the rest keeps its bytes.

    An existing block is replaced, a missing one is appended. `path` is named in errors. Raises
    BepError if the block's marks are not one pair.
    """
    ending = edits.ending_near(source, 0)
    new = new.rstrip("\n").replace("\n", ending)
    marks = _marks(source)
    if not marks:
        return _behind(source, new, ending)
    found = block(source)
    if found is None:
        raise BepError(
            "the block is not marked by one begin and one end",
            "keep one pair of marks, or none",
            path,
            blocks.line_of(source, marks[-1].start()),
            WRONG_DOCUMENTS,
        )
    return source[: found.start] + new + source[found.end :]


def has_block(source: str) -> bool:
    """Whether a text contains marks of the block."""
    return bool(_marks(source))


def _marks(source: str) -> list[re.Match[str]]:
    return list(_MARK.finditer(source.replace("\r", "\n")))


def _behind(source: str, new: str, ending: str) -> str:
    """A text with the block appended as a separate paragraph."""
    if not source.strip("\ufeff \t\r\n"):
        return f"{source}{new}{ending}"
    ended = source.endswith(("\n", "\r"))
    blank = "" if _BLANK_LINE_LAST.search(source) else ending
    return f"{source}{'' if ended else ending}{blank}{new}{ending}"
