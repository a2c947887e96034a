"""The line of a document with marks below the place that a finding is about."""

from __future__ import annotations

from ..markdown import terminal_text

# In cells of a terminal; together with the margin a line fits 80 columns.
WIDTH = 72
_CUT = "..."
_TAB = "    "


def lines(
    line: str, column: int, length: int, encoding: str = "utf-8", width: int = WIDTH
) -> tuple[str, str]:
    r"""Return a line of a document as a terminal shows it, and the marks to print below it.

    The place begins at `column`, from 1, and has `length` characters. A line of more than `width`
    cells is cut around it.
    `encoding` is that of the terminal: what it does not have is shown as an escape.

    >>> print("\n".join(lines("설계: [x](y)\tz", 9, 1)))
    설계: [x](y)    z
              ^
    """
    start, end, most = column - 1, column - 1 + length, width * 2 // 5
    # Each character takes two cells at most and none at least; a few more are enough to cut from.
    before = _shown(line[max(0, start - 4 * width) : start], encoding)
    place = _head(_shown(line[start : min(end, start + 4 * width)], encoding), width - most)
    after = "" if place.endswith(_CUT) else _shown(line[end : end + 4 * width], encoding)
    if _cells(before + place + after) > width:
        before = _tail(before, most)
        after = _head(after, width - _cells(before) - _cells(place))
    marks = "^" * max(1, _cells(place))
    return f"{before}{place}{after}", f"{' ' * _cells(before)}{marks}"


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text without control characters takes."""
    if text.isascii():
        return len(text)
    # Loading it takes longer than judging most documents.
    from wcwidth import wcswidth

    return wcswidth(text)


def _shown(text: str, encoding: str) -> str:
    plain = terminal_text.line(text.replace("\t", _TAB))
    return plain.encode(encoding, "backslashreplace").decode(encoding)


def _head(text: str, width: int) -> str:
    """Return the beginning of a text that fits the width."""
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - len(_CUT):
        text = text[:-1]
    return text + _CUT


def _tail(text: str, width: int) -> str:
    """Return the end of a text that fits the width."""
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - len(_CUT):
        text = text[1:]
    return _CUT + text
