"""How well a proposal fits some words (guide: Writing a New BEP, check existing BEPs).

Only what looks like a heading is read of a document, not its structure: a search looks at thousands
of them. Letter case and the way in which a letter is encoded do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..proposal import context_block

# Weights of the places in which a word can appear.
TITLE, SCOPE, HEADING, DEEP_HEADING, TEXT = 10.0, 6.0, 3.0, 2.0, 0.5
_OF_LEVEL = (0.0, HEADING, HEADING, HEADING, DEEP_HEADING, DEEP_HEADING, DEEP_HEADING)
# What a place in a sub-document counts, compared with the same one in the main document.
IN_SUB_DOCUMENT = 0.6

# How much of its weight a word keeps if it appears in another form, or inside another word.
_WHOLE, _BEGINNING, _RELATED, _INSIDE = 1.0, 0.8, 0.7, 0.4
_SHORTEST_INSIDE = 4
_SHORTEST_STEM = 4
_ENDINGS = ("ations", "ation", "tions", "tion", "ings", "ing", "ers", "er", "ed", "es", "e", "s")
_SMALL_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to"]
)
_WORDS = re.compile(r"[\w./:#@+-]*\w[\w+#]*|\S+")
_LINE = re.compile(r"\n(?:(?P<mark>\#{1,6})[ \t][^\n]*|(?P<fence>`{3,}|~{3,})[^\n]*)")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(?:(?!---)[^\n]*\n)*---[ \t]*\r?\n")
_COMMENT_OR_FENCE = re.compile(r"\n(?:<!--| {0,3}(?P<fence>`{3,}(?!`)(?![^\n`]*`)|~{3,}))")
_SCOPE = re.compile(r"\nscope:[^\n]*")


class Place(NamedTuple):
    """A line in which words can be found, and what it weighs."""

    weight: float
    line: int
    text: str
    path: str = ""


class Word(NamedTuple):
    """A word that is looked for: folded, and its stem with which related words begin."""

    text: str
    stem: str

    @property
    def shortest(self) -> str:
        """A string in every text in which the word can be found."""
        return self.stem or self.text


def words(text: str) -> list[Word]:
    """The words of a question, each once; small ones count only if there are no others."""
    found = list(dict.fromkeys(_WORDS.findall(fold(text))))
    return [Word(word, _stem(word)) for word in found if word not in _SMALL_WORDS] or [
        Word(word, "") for word in found
    ]


def _stem(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return ""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return ""


def fold(text: str) -> str:
    """A text in the form in which texts are compared."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def places(source: str, part: float = 1.0, only: Sequence[Word] = ()) -> Iterator[Place]:
    """The title, the scope and the headings of a document, without those in fenced code.

    `part` is what its places count, compared with those of a main document. With words, `only`
    places that can hold one of them come.
    """
    parts_of_words = [word.shortest for word in only]
    text = f"\n{source}"
    start = text.find(context_block.OPENING)
    if start >= 0:
        scope = _SCOPE.search(text, start, text.find(context_block.CLOSING, start) + 1)
        if scope:
            yield Place(SCOPE * part, text.count("\n", 0, scope.start() + 1), scope[0].strip())
    line, at, fence, titled = 0, 0, "", False
    for found in _LINE.finditer(text, len(front_matter(source))):
        mark = found["fence"]
        if mark:
            closes = mark.startswith(fence) and not found[0].strip(f"\r\n \t{mark[0]}")
            fence = mark if not fence else "" if closes else fence
        elif not fence:
            level = len(found["mark"])
            weight = TITLE if level == 1 and not titled else _OF_LEVEL[level]
            titled = titled or level == 1
            low = fold(found[0]) if only else ""
            if only and not any(word in low for word in parts_of_words):
                continue
            line += text.count("\n", at, found.start() + 1)
            at = found.start() + 1
            yield Place(weight * part, line, found[0].strip())


class Score(NamedTuple):
    """How well a proposal fits: the sum of its words' weights, and the best places, best first.

    `words` are those that were found.
    """

    total: float
    words: frozenset[str]
    places: tuple[Place, ...]


def score(wanted: Sequence[Word], given: Iterable[Place]) -> Score:
    """How well places fit the words that are looked for; each word counts where it fits best.

    A place that holds several of the words counts more for each of them.
    """
    best: dict[str, float] = {}
    fitting: list[tuple[float, Place]] = []
    for place in given:
        text = fold(place.text)
        marks = {word.text: place.weight * mark for word in wanted if (mark := _mark(word, text))}
        if marks:
            together = 1 + 0.2 * (len(marks) - 1)
            fitting.append((sum(marks.values()) * together, place))
            for word, mark in marks.items():
                best[word] = max(best.get(word, 0.0), mark * together)
    fitting.sort(key=lambda one: -one[0])
    return Score(sum(best.values()), frozenset(best), tuple(place for _, place in fitting))


def _mark(word: Word, text: str) -> float:
    """How well a word fits a folded text, 0 if it is not in it."""
    if word.shortest not in text:
        return 0.0
    whole, beginning, related = _patterns(word)
    if whole.search(text):
        return _WHOLE
    if beginning.search(text):
        return _BEGINNING
    if related and related.search(text):
        return _RELATED
    # In scripts without spaces every word is inside another one.
    inside = word.text in text and (len(word.text) >= _SHORTEST_INSIDE or not word.text.isascii())
    return _INSIDE if inside else 0.0


@lru_cache(maxsize=64)
def _patterns(word: Word) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None]:
    """A word between borders, at the beginning of another one, and words with the same stem."""
    text = re.escape(word.text)
    stem = re.escape(word.stem)
    return (
        re.compile(rf"(?<![^\W_]){text}(?![^\W_])"),
        re.compile(rf"(?<![^\W_]){text}"),
        re.compile(rf"(?<![^\W_]){stem}") if stem else None,
    )


def stands_in(word: Word, folded: str) -> bool:
    """Whether a word is in a folded text."""
    return _mark(word, folded) > 0


def begins_in(word: Word, folded: str) -> bool:
    """Whether a word of a folded text is this word, or begins like it."""
    return _mark(word, folded) >= _RELATED


def without_comments(source: str) -> str:
    """A document without the comments that begin lines, line for line; the context block stays.

    A template's guidance names the same things in every document.
    """
    text = f"\n{source}"
    kept: list[str] = []
    at = behind = 0
    while found := _COMMENT_OR_FENCE.search(text, behind):
        start, behind = found.start() + 1, found.end()
        if fence := found["fence"]:
            closing = re.compile(rf"\n {{0,3}}{fence}{fence[0]}*[ \t]*\r?(?=\n|\Z)")
            end = closing.search(text, behind)
            if end is None:
                break
            behind = end.end()
        elif not text.startswith(context_block.OPENING, start):
            end_of_comment = text.find(context_block.CLOSING, behind)
            if end_of_comment < 0:
                break
            kept += [text[at:start], "\n" * text.count("\n", start, end_of_comment)]
            at = behind = end_of_comment + len(context_block.CLOSING)
    return "".join([*kept, text[at:]])[1:]


def front_matter(source: str) -> str:
    """The front matter of a document with its `---` lines, '' if it has none."""
    found = _FRONT_MATTER.match(source)
    return found[0] if found else ""


def first_line(word: Word, source: str) -> Place | None:
    """The first line of a document that contains a word, None if none does."""
    for line, text in enumerate(source.split("\n"), 1):
        if stands_in(word, fold(text)):
            return Place(TEXT, line, text)
    return None
