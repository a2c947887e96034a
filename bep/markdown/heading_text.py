r"""Headings as they are compared: what a reader sees of them, without a number in front.

Not only links, tags and escapes go. So do emoji, which are ornament, and what has no shape, such as
a zero-width space. What is in code or escaped is read like the rest: `4\.` is the number that it
looks like. All of it costs as much as a heading is long.
"""

from __future__ import annotations

import html
import re
from typing import Final

from .patterns import pattern

# Most headings have no mark of Markdown, no blank too many, and no number but the usual ones.
_PLAIN: Final = pattern(
    r"""(?: [0-9]++ (?: (?:\.[0-9]++)*+ [.)] | (?:\.[0-9]++)++ ) [ ] )?+
        ( (?! [A-Z]{1,6}[.)] ) [A-Za-z]
          (?: [A-Za-z0-9,./'"()+=?;%#@$|–—→가-힣-]++
            | [ ](?![ ]) | :(?=[ ]) | &(?=[ ]) | (?<=[A-Za-z0-9])_(?=[A-Za-z0-9]) )*+
          (?<![ :]) )""",
    re.VERBOSE,
)

_ESCAPE: Final = pattern(r"\\([!-/:-@\[-`{-~])")
_REFERENCE: Final = pattern(r"&\#?\w{1,32};")
_COMMENT: Final = pattern(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
# Other names in angles are types: `List<Key>`.
_TAG: Final = pattern(
    r"""</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|del|dfn|em|font|i|img|ins|kbd|mark|picture|q|s|samp
            |small|source|span|strike|strong|sub|sup|tt|u|var|wbr)(?=[\s/>])[^<>]*+>""",
    re.VERBOSE | re.IGNORECASE,
)
_FOOTNOTE: Final = pattern(r"\[\^[^\[\]\s]++\]")
_TARGET: Final = r"""
    \( \s*+ (?: <[^<>]*+> | [^()\s]*+ (?: \([^()\s]*+\) [^()\s]*+ )*+ )
       (?: \s++ (?: "[^"]*+" | '[^']*+' ) )?+ \s*+ \)"""
_IMAGE: Final = pattern(rf"!\[(?P<alt>[^\[\]]*+)\](?:{_TARGET}|\[[^\[\]]*+\])", re.VERBOSE)
_LINK: Final = pattern(rf"\](?:{_TARGET}|\[[^\[\]]*+\])|[\[\]]", re.VERBOSE)
_EMPHASIS: Final = pattern(r"[*~`]|(?<!\w)_+|(?<!_)_++(?!\w)")
_OWN_ANCHOR: Final = pattern(r"(?<!\S)\{#[^\s{}]*+\}")
_SHORT_CODE: Final = pattern(r"(?<!\S)(?::[a-z0-9_+-]++:)++", re.IGNORECASE)

_EMOJI: Final = pattern(
    "[\\xa9\\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa]\ufe0f"
    "|[\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe"
    "\u2600-\u2775\u2794-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001f51e\U0001f520-\U0001faff]|[#*]\ufe0f?\u20e3"
)
# Controls, format characters, fillers and variation selectors; a zero-width blank is not a blank.
_INVISIBLE: Final = pattern(
    "[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_KEYCAP: Final = pattern("([0-9])\u20e3|\U0001f51f")

# Digits in circles, parentheses and with full stops, and circled letters.
_SIGN: Final = "[\u2460-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]"
_DASH: Final = "[-\u2010-\u2015\u2212]"
_ROMAN: Final = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"
# A year or a status of HTTP is not a number of a section: `404: not found`.
_SHORT: Final = r"(?<![0-9]{3})"
_NUMBER: Final = rf"""(?:
    (?: §[ ]? [0-9]++ (?:\.[0-9]++)*+ [.):]*+ (?:[ ]{_DASH}(?=[ ]))?+
      | [0-9]++ (?:\.[0-9]++)*+ (?: [.)]++ :?+ (?:[ ]{_DASH}(?=[ ]))?+ | {_SHORT}:
                                  | {_SHORT} [ ]{_DASH}(?![ ][0-9]) )
      | [0-9]++ (?:\.[0-9]++)++
      | \( [0-9]{{1,2}} (?:\.[0-9]++)*+ \) [.:]?+
      | (?: {_ROMAN} | [A-Z] ) [.)]
      | [\u2160-\u2188]++ [.):]*+
    ) [ ] (?=\S)
    | {_SIGN} [.):]?+ [ ]?+ (?=[^\s:_]) )"""
_NUMBERS: Final = pattern(rf"{_NUMBER}++", re.VERBOSE)
_BARE_NUMBER: Final = pattern(r"[0-9]++(?:\.[0-9]++)*+ (?=\S)")
_MARKS: Final = pattern(r"[\\<>&:{}\[\]_!]")


def normalise(text: str) -> str:
    r"""The form of a heading in which it is compared with others.

    It has no number in front ("4.", "IV)", "§2.1"), single blanks, no difference of case, no
    emphasis, no closing colon, and never NUL. What is nothing but a number, an emoji or an image
    stays.

    >>> normalise('4\\. **R&amp;D** of [links](#x) \U0001f680 <a id="x"></a>')
    'r&d of links'
    """
    if plain := _PLAIN.fullmatch(text):
        return plain[1].casefold()
    words = _words(text)
    if _PLAIN.fullmatch(words):
        return words
    again = _words(words)
    # What has become a mark of Markdown by its being shown, as `&amp;lt;b>` has, is one too.
    return words if again == words else _words(_MARKS.sub(" ", again))


def is_numbered(text: str) -> bool:
    """Whether a heading has a number in front of its words; `4 Goals` counts too."""
    words = shown(text)
    return bool(_NUMBERS.match(words) or _BARE_NUMBER.match(words))


def shown(text: str, *, pictures: bool = False) -> str:
    """What a reader sees of a heading, number included, in one line; emoji and images if asked."""
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    text = text.replace("\0", "\ufffd")
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub("", text if pictures else _EMOJI.sub(" ", text))
        text = _KEYCAP.sub(_circled, text)
    if "<" in text:
        text = _TAG.sub("", _COMMENT.sub(" ", text))
    if "]" in text or "[" in text:
        text = _IMAGE.sub(r"\g<alt>" if pictures else " ", _FOOTNOTE.sub("", text))
        text = _LINK.sub("", text)
    text = _EMPHASIS.sub("", text)
    if "{#" in text:
        text = _OWN_ANCHOR.sub(" ", text)
    if ":" in text and not pictures:
        text = _SHORT_CODE.sub(" ", text)
    return " ".join(text.split()).rstrip(":\uff1a ")


def _words(text: str) -> str:
    words = shown(text) or shown(text, pictures=True)
    numbers = _NUMBERS.match(words)
    return (words[numbers.end() :] if numbers else words).casefold()


def _circled(keycap: re.Match[str]) -> str:
    """A digit in a circle: `4` on a key is a number, wherever it is."""
    if keycap[1] is None:
        return "\u2469"
    return chr(0x245F + int(keycap[1])) if keycap[1] != "0" else "\u24ea"
