"""A line of Markdown as a reader sees it."""

from __future__ import annotations

import html
import re
from collections import deque

_RUN = re.compile(r"`+")
_PIECE = re.compile(
    r"""\\(?P<escaped>[!-/:-@\[-`{-~])
      | (?P<marks>(?<!(?<!\\)`)`++)
      | !?\[(?P<link>(?:[^\\\[\]]|\\.)*+)\]\([^()\s]*(?:[ ]"[^"()]*")?\)
      | (?P<reference>&\#?\w{1,32};)
      | (?P<hidden><!--[^<>]*-->|</?a\b[^<>]*>)
      | (?P<run>\*+|~~|_+)
    """,
    re.VERBOSE | re.DOTALL,
)


def visible(markdown: str) -> str:
    r"""The text that a reader sees of one line of Markdown, as `escaping.markdown_text` takes it.

    Links are their text, escapes, emphasis, character references, comments and anchors are
    resolved. Code spans keep their marks, and blanks in a row become one.

    >>> print(visible(r"**Use** `a_b` for [the *rest*](x.md), not \*"))
    Use `a_b` for the rest, not *
    """
    pieces: list[str] = []
    opened: dict[str, int] = {}
    closing = _Closing(markdown)
    end = 0
    while found := _PIECE.search(markdown, end):
        pieces.append(markdown[end : found.start()])
        end = found.end()
        if found["marks"]:
            end = closing.behind(end, len(found["marks"])) or end
            pieces.append(markdown[found.start() : end])
        elif found["run"]:
            pieces.append(_run(markdown, found, pieces, opened))
        else:
            pieces.append(_shown(found))
    return " ".join("".join([*pieces, markdown[end:]]).split())


class _Closing:
    """Where code spans end; each run of backticks is looked at once."""

    def __init__(self, markdown: str) -> None:
        self._runs: dict[int, deque[int]] = {}
        for run in _RUN.finditer(markdown):
            self._runs.setdefault(len(run[0]), deque()).append(run.start())

    def behind(self, at: int, length: int) -> int | None:
        """The end of the span whose opening marks of that length end at `at`, None without one."""
        places = self._runs.get(length, deque())
        while places and places[0] < at:
            places.popleft()
        return places[0] + length if places else None


def _shown(found: re.Match[str]) -> str:
    if found["escaped"]:
        return found["escaped"]
    if found["link"] is not None:
        return visible(found["link"])
    if found["hidden"]:
        return ""
    return html.unescape(found[0]) if found["reference"] else found[0]


def _run(markdown: str, found: re.Match[str], pieces: list[str], opened: dict[str, int]) -> str:
    """What is left of marks of emphasis: nothing where they close others, which then go too."""
    run = found[0]
    before = markdown[max(found.start() - 1, 0) : found.start()]
    behind = markdown[found.end() : found.end() + 1]
    # An underscore inside a word is no mark.
    whole = run[0] != "_"
    if run in opened and before.strip() and (whole or not _is_word(behind)):
        pieces[opened.pop(run)] = ""
        return ""
    if behind.strip() and (whole or not _is_word(before)):
        opened[run] = len(pieces)
    return run


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
