"""Inline content of Markdown as a browser shows it, and what of it is code."""

from __future__ import annotations

import html
import re
from collections import deque

from . import links

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_GUARD = 0xE000
_UNGUARDED = {_GUARD + code: code for code in range(0x21, 0x7F)}
_EMPHASIS = re.compile(r"(?<!\w)_++|(?<!_)_++(?!\w)")
_CODE = re.compile(r"(?<!`)(`++)(?!`)")
_ANY_TAG = re.compile(r"<[A-Za-z/][^<>]*+>")
_ADDRESS = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*+:[^\s<>]*+)>")


def rendered(text: str) -> str:
    """What a reader sees of inline content: without marks, destinations, images and tags.

    Punctuation may stay that marks something; no anchor and no comparison of words needs it.
    """
    pieces: list[str] = []
    at = 0
    for start, end, code in code_spans(text):
        pieces += [_plain(text[at:start]), code]
        at = end
    return " ".join("".join([*pieces, _plain(text[at:])]).split("\n"))


def code_spans(text: str) -> list[tuple[int, int, str]]:
    """Start, end and content of the code spans in order; backticks end at the next equal run."""
    runs = [(run.start(1), run[1]) for run in _CODE.finditer(text)]
    later: dict[str, list[int]] = {}
    for at, marks in reversed(runs):
        later.setdefault(marks, []).append(at)
    found, behind = [], 0
    for at, marks in runs:
        places = later[marks]
        while places and places[-1] <= at:
            places.pop()
        if at < behind or text[max(at - 1, 0) : at] == "\\" or not places:
            continue
        end = places[-1]
        found.append((at, end + len(marks), text[at + len(marks) : end].strip()))
        behind = end + len(marks)
    return found


def _plain(text: str) -> str:
    text = _without_comments(_ESCAPE.sub(_guarded, text))
    text = _ANY_TAG.sub("", _ADDRESS.sub(r"\1", _without_destinations(text)))
    return html.unescape(_EMPHASIS.sub("", text)).translate(_UNGUARDED)


def _guarded(escaped: re.Match[str]) -> str:
    """A character that marks nothing, for one that is escaped."""
    return chr(_GUARD + ord(escaped[1]))


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces.append(text[at:start])
        at = end + 3
    return "".join([*pieces, text[at:]])


def _without_destinations(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for link in sorted(links.of_text(text), key=lambda link: link.text_start):
        image = text[max(link.text_start - 2, 0) : link.text_start] == "!["
        end = text.find(")", link.end) + 1
        if link.text_start == link.text_end == link.end or end == 0 or link.text_start < at:
            continue
        pieces.append(text[at : link.text_start - 2] if image else text[at : link.text_end])
        at = end
    return "".join([*pieces, text[at:]])


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
    r"""The text that a reader sees of one line of Markdown, as `escapes.markdown_text` takes it.

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
