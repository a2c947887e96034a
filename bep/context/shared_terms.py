"""The terms of a text, and which sections share them with a phase of the plan.

A plan that links nothing still says what it is about. Each section scores for every term of the
plan's text that it holds (what is in `code`, paths, names such as AgentClient or user_id), the more
the fewer sections hold it, and up to three for the words of its heading. Nothing else counts, so
that a reader can see why a section was chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from . import lookup, search_score

_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?<![\w.-])[\w.-]++(?:/[\w.{}-]++)+")
_NAME = re.compile(r"\b(?:\w+_\w+|[A-Z][a-z0-9]+(?:[A-Z]\w*)+|[A-Z]{2,}[a-z]\w+|[a-z]+[A-Z]\w*)\b")
_ARGUMENTS = re.compile(r"\([^()]*\)\Z")
_SHORTEST = 3
_LENGTH_OF_CODE = range(4, 81)
# No real phase has half as many; what is made up may have any number.
_MOST_TERMS = 200
_WORD = re.compile(r"[^\W\d_]{4,}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Words that names of any two parts share.
_COMMON_WORDS = """
about after also always approach backend based been before between both change changes component
components could create current data define design detail detailed details document does each
existing from have implement implementation into like make more must need needed needs needing
only other over part plan proposal question require required section service should some step
still such support system than that their them then there these they this through type types
update used uses using very what when where which while will with without would
"""
_COMMON = frozenset(_COMMON_WORDS.split())

_OF_HEADING = 3.0
# Half of a heading's words, by their weight, have to be in the plan's text to count.
_LEAST_OF_HEADING = 0.5
# A whole document costs more.
_LEAST_OF_TITLE = 0.75
_LEAST = 0.25
# What has less than this part of the best score is not worth its tokens.
_OF_BEST = 0.25
_SHOWN_TERMS = 3


class Part(NamedTuple):
    """A part of a proposal: its heading, and its text; of a whole document, how it begins."""

    heading: str
    text: str
    is_document: bool = False


class Shared(NamedTuple):
    """The place of a part among those compared, its score, and the best terms that it shares.

    It `is_good` unless others share much more.
    """

    place: int
    score: float
    terms: tuple[str, ...]
    is_good: bool = False


def code(text: str) -> set[str]:
    """The terms that a text has in `code`, without the arguments of calls."""
    found = (term for term in _CODE.findall(text) if len(term) in _LENGTH_OF_CODE)
    return {_ARGUMENTS.sub("", term.casefold()) for term in found}


def uncommon_words(texts: Iterable[str]) -> set[str]:
    """The words of some texts that say what they are about, each in its singular form."""
    found = {word for text in texts for word in _WORD.findall(text.casefold())}
    return {word.removesuffix("s") for word in found - _COMMON}


def is_common(word: str) -> bool:
    """Whether a word is so common that the names of any two parts may share it."""
    return word in _COMMON


def _terms(text: str) -> list[str]:
    found = [*code(text), *_PATH.findall(text), *_NAME.findall(text)]
    known = {term.casefold() for term in found}
    return sorted(term for term in known if len(term) >= _SHORTEST)[:_MOST_TERMS]


def ranked(text: str, parts: Sequence[Part]) -> list[Shared]:
    """The parts that share terms with the text of a phase, the best ones first.

    Parts with equal scores keep their order.
    """
    terms = _terms(text)
    held = [_held(terms, search_score.fold(part.text)) for part in parts]
    count = Counter(term for one in held for term in one)
    named = _named_by_headings(search_score.fold(_parted(text)), parts)
    found = []
    for place, (mine, share) in enumerate(zip(held, named, strict=True)):
        best = sorted(mine, key=lambda term: (count[term], term))
        enough = _LEAST_OF_TITLE if parts[place].is_document else _LEAST_OF_HEADING
        of_heading = _OF_HEADING * share if share >= enough else 0.0
        score = sum(1 / count[term] for term in mine) + of_heading
        found.append(Shared(place, score, tuple(best[:_SHOWN_TERMS])))
    found.sort(key=lambda one: (-one.score, -named[one.place]))
    least = max(_LEAST, _OF_BEST * found[0].score) if found else 0.0
    return [
        one._replace(is_good=one.score >= least) for one in found if one.score or named[one.place]
    ]


def _held(terms: Iterable[str], folded: str) -> list[str]:
    return [term for term in terms if lookup.holds_words(folded, term)]


def _named_by_headings(folded: str, parts: Sequence[Part]) -> list[float]:
    """How much of each heading is in a text; a word that many headings have says little."""
    words = [_words(part.heading) for part in parts]
    count = Counter(word for one in words for word in one)
    inside = {word for word in count if search_score.begins_in(word, folded)}
    found = []
    for one in words:
        every = sum(1 / count[word] for word in one)
        found.append(sum(1 / count[word] for word in one if word in inside) / every if one else 0.0)
    return found


def _words(heading: str) -> list[search_score.Word]:
    name = normalise(_parted(visible(heading)))
    return [
        word
        for word in search_score.words(name)
        if not is_common(word.text) and any(map(str.isalpha, word.text))
    ]


def _parted(text: str) -> str:
    """A text with blanks inside names such as AgentClient."""
    return _HUMP.sub(" ", text)
