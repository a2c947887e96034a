"""Edits of a text: splices that keep every byte outside them, line endings, and diffs.

A splice says which span of the source gets which text. Several splices of one source are computed
from the same source and applied together.
"""

from __future__ import annotations

import difflib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_ENDING = re.compile(r"[\r\n]|\Z")
_LINE_ABOVE = re.compile(r"(\r\n|\n|\r)[^\r\n]*\Z")


class Splice(NamedTuple):
    """`text` takes the place of `source[start:end]`; an empty span is an insertion."""

    start: int
    end: int
    text: str


def applied(source: str, splices: Iterable[Splice]) -> str:
    """The source with all splices; insertions at one place appear in the order they are given.

    Raises ValueError if two of them overlap.
    """
    pieces: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at:
            raise ValueError(f"splices overlap at {splice.start}")
        pieces += [source[at : splice.start], splice.text]
        at = splice.end
    return "".join(pieces) + source[at:]


def line_end(source: str, offset: int) -> int:
    """Where the line at `offset` ends, its line ending left out."""
    match = _ENDING.search(source, offset)
    return match.start() if match else len(source)


def ending_at(source: str, offset: int) -> str:
    """The line ending at `offset`, '' if there is none."""
    if source.startswith("\r\n", offset):
        return "\r\n"
    return source[offset : offset + 1] if source[offset : offset + 1] in ("\r", "\n") else ""


def ending_near(source: str, offset: int) -> str:
    """The line ending of the line at `offset`, else of the line above it, else a line feed."""
    inside = source.startswith("\r\n", offset - 1) if offset else False
    end = line_end(source, offset - 1 if inside else offset)
    if ending := ending_at(source, end):
        return ending
    above = _LINE_ABOVE.search(source, 0, end)
    return above[1] if above else "\n"


def line_below(source: str, offset: int, text: str) -> Splice:
    """The insertion of the line `text` below the line at `offset`, in that line's ending.

    Below a last line without an ending, the new line has none either.
    """
    end = line_end(source, offset)
    ending = ending_at(source, end)
    at = end + len(ending)
    return Splice(at, at, text + ending if ending else ending_near(source, end) + text)


LINE_ENDING = re.compile(r"\r\n|\r|\n")
BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*")


def usual_ending(text: str) -> str:
    """The line ending that most lines have; a line feed if there is none."""
    counts = _endings(text)
    return max(counts, key=lambda one: counts[one])


def _endings(text: str) -> dict[str, int]:
    pairs = text.count("\r\n")
    return {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}


def with_ending(text: str, ending: str) -> str:
    """The text with `ending` at the end of each line."""
    if ending == "\n" and "\r" not in text:
        return text
    return LINE_ENDING.sub(ending, text)


def with_endings_of(text: str, other: str) -> str:
    """The text, whose lines end with line feeds, with the line endings of another one.

    A line that both have ends as it does in the other one, a new line as most lines do there.
    """
    usual = usual_ending(other)
    if sum(map(bool, _endings(other).values())) < 2:
        return with_ending(text, usual)
    lines, own = text.split("\n"), LINE_ENDING.split(other)
    known = LINE_ENDING.findall(other)
    endings = [""] * (len(lines) - 1)
    free: Iterable[int] = range(len(known))
    for keys, own_keys in zip(_line_keys(lines), _line_keys(own), strict=True):
        waiting: dict[str, deque[int]] = {}
        for at in free:
            waiting.setdefault(own_keys[at], deque()).append(at)
        for at, ending in enumerate(endings):
            if not ending and keys[at] and (found := waiting.get(keys[at])):
                endings[at] = known[found.popleft()]
        free = sorted(at for left in waiting.values() for at in left)
    last = ""
    for at, line in enumerate(lines[:-1]):
        ending = endings[at] or usual
        # A line feed directly after a carriage return would be one ending with it.
        last = endings[at] = "\r" if (last, line, ending) == ("\r", "", "\n") else ending
    return "".join(map("".join, zip(lines, [*endings, ""], strict=True)))


def _line_keys(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """What tells each line from others: itself and the next text above and below, then less."""
    above = [*_texts_before(lines)]
    below = [*_texts_before(reversed(lines))][::-1]
    yield ["\n".join(one) for one in zip(above, lines, below, strict=True)]
    yield ["\n".join(one) for one in zip(above, lines, strict=True)]
    yield ["\n".join(one) for one in zip(lines, below, strict=True)]
    yield lines


def _texts_before(lines: Iterable[str]) -> Iterator[str]:
    """For each line, the last one before it that is not empty, '' if there is none."""
    last = ""
    for line in lines:
        yield last
        last = line or last


def same_lines(one: str, other: str) -> bool:
    """Whether two texts are the same but for their line endings."""
    return one == other or with_ending(one, "\n") == with_ending(other, "\n")


def trailing_blanks(text: str) -> int:
    """Return where the line endings and blank lines at the end of the text begin."""
    found = LINE_ENDING.search(text, len(text.rstrip(" \t\r\n")))
    return found.start() if found else len(text)


def unified_diff(path: str, old: str | None, new: str | None) -> str:
    """The change of a file as a unified diff that `git apply` takes.

    `old` is None for a new file, and `new` for one that is removed. Lines end at line feeds only,
    so that other line endings and odd characters show as they are.
    """
    source = "/dev/null" if old is None else f"a/{path}"
    target = "/dev/null" if new is None else f"b/{path}"
    lines = difflib.unified_diff(_lines(old or ""), _lines(new or ""), source, target)
    body = "".join(map(_ended, lines))
    if old is not None and new is not None:
        return body
    # An empty file has no lines to show; its header alone makes or removes it.
    kind = "new" if old is None else "deleted"
    return f"diff --git a/{path} b/{path}\n{kind} file mode 100644\n{body}"


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
