"""Inline content of Markdown as a browser shows it, and what of it is code."""

from __future__ import annotations

import html
import re
import unicodedata

from . import links
from .links import CodeSpans

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# Characters that mark nothing, for punctuation that is escaped or in code.
_GUARD = 0xE000
_GUARDS = {code: _GUARD + code for code in range(0x21, 0x7F) if not chr(code).isalnum()}
_UNGUARDED = {guard: code for code, guard in _GUARDS.items()}
_UNDERSCORES = re.compile(r"_+")
_ADDRESS = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*+:[^\s<>]*+)>")
# What follows the destination of a link: `>` or nothing, a title or none, the parenthesis.
_CLOSING = re.compile(
    r"""[>]?\s*+ (?: "(?:[^"\\]|\\.)*+" | '(?:[^'\\]|\\.)*+' | \((?:[^()\\]|\\.)*+\) )?+ \s*+ \)""",
    re.VERBOSE | re.DOTALL,
)
# The elements that do not end a line of text.
_INLINE = frozenset(
    ["a", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "span", "strong", "u"]
)
_LINE_BREAK = re.compile(r"(?<![ \t])[ \t]*+\n[ \t]*+")


def rendered(text: str) -> str:
    """What a reader sees of inline content: without marks, destinations, images and tags.

    Lines stay apart. Punctuation may stay that marks something; no anchor and no comparison of
    words needs it.
    """
    pieces: list[str] = []
    at = 0
    for start, end, code in code_spans(text):
        pieces += [text[at:start], code.replace("\n", " ").translate(_GUARDS)]
        at = end
    return _LINE_BREAK.sub("\n", _plain("".join([*pieces, text[at:]])))


def of_html(text: str) -> str:
    """What a reader sees of a block of HTML, on one line: without tags and comments.

    >>> of_html("<ul><li>One?</li><li>A &amp; B</li></ul>")
    'One? A & B'
    """
    shown = links.TAG.sub(_between, _without_comments(text))
    return " ".join(html.unescape(shown).split())


def _between(tag: re.Match[str]) -> str:
    """What a tag is in a line of text: nothing, or a blank where a browser begins a new one."""
    name = tag["name"] or tag["closing"].lstrip("/ ")
    return "" if name.lower() in _INLINE else " "


def code_spans(text: str) -> list[tuple[int, int, str]]:
    """Start, end and content of the code spans in order; backticks end at the next equal run."""
    if "`" not in text:
        return []
    code, found, behind = CodeSpans(text), [], 0
    for run in links.CODE_RUN.finditer(text):
        at, length = run.start(), len(run[0])
        if at < behind or text[max(at - 1, 0) : at] == "\\":
            continue
        if end := code.behind(run.end(), length):
            found.append((at, end, text[run.end() : end - length].strip()))
            behind = end
    return found


def _plain(text: str) -> str:
    text = _without_comments(_ESCAPE.sub(_guarded, text))
    text = links.TAG.sub("", _ADDRESS.sub(r"\1", _without_destinations(text)))
    return html.unescape(_without_emphasis(text)).translate(_UNGUARDED)


def _guarded(escaped: re.Match[str]) -> str:
    return escaped[1].translate(_GUARDS)


def _without_emphasis(text: str) -> str:
    """Take out the underscores that mark emphasis; `id_` and `snake_case` keep theirs."""
    runs = list(_UNDERSCORES.finditer(text))
    left = [len(run[0]) for run in runs]
    opened: list[int] = []
    for at, run in enumerate(runs):
        opens, closes = _flanks(text, run)
        while closes and left[at] and opened:
            marks = min(left[at], left[opened[-1]])
            left[at] -= marks
            left[opened[-1]] -= marks
            if not left[opened[-1]]:
                opened.pop()
        if opens and left[at]:
            opened.append(at)
    kept = iter(left)
    return _UNDERSCORES.sub(lambda _: "_" * next(kept), text)


def _flanks(text: str, run: re.Match[str]) -> tuple[bool, bool]:
    """Return whether a run of underscores can open emphasis, and whether it can close it."""
    before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
    is_before, is_after = _is_punctuation(before), _is_punctuation(after)
    left = bool(after.strip()) and (not is_after or not before.strip() or is_before)
    right = bool(before.strip()) and (not is_before or not after.strip() or is_after)
    return left and (not right or is_before), right and (not left or is_after)


def _is_punctuation(char: str) -> bool:
    return bool(char) and (ord(char) in _UNGUARDED or unicodedata.category(char)[0] in "PS")


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
        closing = _CLOSING.match(text, link.end)
        end = closing.end() if closing else text.find(")", link.end) + 1
        if link.text_start == link.text_end == link.end or end == 0 or link.text_start < at:
            continue
        inside = "" if image else text[link.text_start : link.text_end]
        if "](" in inside:
            # A link may have images in its text.
            inside = _without_destinations(inside)
        pieces += [text[at : link.text_start - 2 if image else link.text_start], inside]
        at = end
    return "".join([*pieces, text[at:]])


_HIDDEN = re.compile(r"\\[!-/:-@\[-`{-~]|(?P<marks>`++)|(?P<comment><!--)")
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
    code = CodeSpans(markdown)
    end = 0
    while found := _PIECE.search(markdown, end):
        pieces.append(markdown[end : found.start()])
        end = found.end()
        if found["marks"]:
            end = code.behind(end, len(found["marks"])) or end
            pieces.append(markdown[found.start() : end])
        elif found["run"]:
            pieces.append(_run(markdown, found, pieces, opened))
        else:
            pieces.append(_shown(found))
    return " ".join("".join([*pieces, markdown[end:]]).split())


def hidden_spans(text: str) -> list[tuple[int, int]]:
    """The spans of inline content that are code or comments, in order."""
    spans: list[tuple[int, int]] = []
    code, comments, at = CodeSpans(text), True, 0
    while found := _HIDDEN.search(text, at):
        at = found.end()
        if found["marks"]:
            end = code.behind(at, len(found["marks"]))
        elif found["comment"] and comments:
            close = text.find("-->", at)
            # Without an end it is text, and so are all those after it.
            comments = close >= 0
            end = close + 3 if comments else None
        else:
            end = None
        if end is not None:
            spans.append((found.start(), end))
            at = end
    return spans


def _shown(found: re.Match[str]) -> str:
    if found["escaped"]:
        return found["escaped"]
    if found["link"] is not None:
        return visible(found["link"])
    if found["hidden"]:
        return ""
    return html.unescape(found[0]) if found["reference"] else found[0]


def _run(markdown: str, found: re.Match[str], pieces: list[str], opened: dict[str, int]) -> str:
    """What is left of marks of emphasis: nothing if they close others, which then go too."""
    run = found[0]
    before = markdown[max(found.start() - 1, 0) : found.start()]
    behind = markdown[found.end() : found.end() + 1]
    # An underscore inside a word is not a mark.
    whole = run[0] != "_"
    if run in opened and before.strip() and (whole or not _is_word(behind)):
        pieces[opened.pop(run)] = ""
        return ""
    if behind.strip() and (whole or not _is_word(before)):
        opened[run] = len(pieces)
    return run


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
