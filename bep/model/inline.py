"""A line of Markdown as a reader sees it."""

from __future__ import annotations

import html
import re

_PIECE = re.compile(
    r"""\\(?P<escaped>[!-/:-@\[-`{-~])
      | (?P<code>(?<!(?<!\\)`)(?P<marks>`++).+?(?<!`)(?P=marks)(?!`))
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
    end = 0
    for found in _PIECE.finditer(markdown):
        pieces.append(markdown[end : found.start()])
        end = found.end()
        if found["run"]:
            pieces.append(_run(markdown, found, pieces, opened))
        else:
            pieces.append(_shown(found))
    return " ".join("".join([*pieces, markdown[end:]]).split())


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
