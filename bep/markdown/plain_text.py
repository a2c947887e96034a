"""Inline content of Markdown as a browser shows it, and what of it is code."""

from __future__ import annotations

import html
import re

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
