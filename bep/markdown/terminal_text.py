r"""Text as a terminal or a log may show it: characters that would steer it are written as escapes.

Who wrote a title, a path or a claim is unknown; none of them may colour, hide, reorder or fake a
line. Escapes are written as Python writes them, `\x1b` and `\u202e`; bytes that are no UTF-8
(surrogates, as `surrogateescape` decodes them) appear as `\xNN`.
"""

from __future__ import annotations

import re

# Control characters, what reorders text, separators of lines, byte order marks, tags, surrogates.
# Joiners stay: Persian and emoji are written with them.
_CONTROLS = (
    "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_IN_TEXT = re.compile(rf"\r(?!\n)|[{_CONTROLS}]")
_IN_LINE = re.compile(rf"[\r\n{_CONTROLS}]")
_SHORT = {"\n": "\\n", "\r": "\\r"}


def text(words: str) -> str:
    r"""`words` with their lines and tabs; a mark of byte order may begin them.

    >>> print(text("red: \x1b[31m"))
    red: \x1b[31m
    """
    mark = "\ufeff" if words.startswith("\ufeff") else ""
    return mark + _IN_TEXT.sub(_escape, words.removeprefix(mark))


def line(words: str) -> str:
    r"""`words` on one line: line breaks are written as escapes too.

    >>> print(line("one\ntwo"))
    one\ntwo
    """
    return words if words.isascii() and words.isprintable() else _IN_LINE.sub(_escape, words)


def json_text(written: str) -> str:
    r"""JSON that reads the same, its steering characters written as `\uXXXX`.

    >>> print(json_text('"\u202e"'))
    "\u202e"
    """
    return _IN_TEXT.sub(_json_escape, written)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
