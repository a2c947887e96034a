"""Which open questions touch a part of a proposal.

Guide: Receiving Implementation Tasks ("if your task touches an unresolved item, flag it"). It errs
towards one question too many: one that is flagged in vain costs only a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..markdown import blocks
from ..markdown.plain_text import visible
from . import phase_documents

_CODE = re.compile(r"`([^`\n]{4,80})`")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SHORTEST_NAME = 4
_SHARED_WORDS = 2
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


class Target(NamedTuple):
    """What a task is about.

    `phase` is the phase's label, '' where none is chosen. `names` are those of its parts that say
    something, `words` the uncommon ones among all of them, `code` the terms in the parts' text.
    """

    phase: str
    names: tuple[str, ...]
    words: frozenset[str]
    code: frozenset[str]


def target(phase: str, names: Iterable[str], text: str) -> Target:
    """What a task is about, from names (of phase, documents, sections), scopes, and their text."""
    known = list(names)
    plain = dict.fromkeys(blocks.normalise(visible(name)) for name in known)
    telling = (name for name in plain if len(name) >= _SHORTEST_NAME and name not in _COMMON)
    return Target(phase, tuple(telling), frozenset(uncommon_words(known)), frozenset(_code(text)))


def touches(question: str, target: Target) -> bool:
    """Whether an open question, in its text as written, touches the target.

    A question that names phases touches these alone. Else it does if it names a part, shares a
    term in code with the parts' text, or two uncommon words with their names.
    """
    phases = phase_documents.labels_in(question)
    if phases and target.phase:
        return target.phase.casefold() in phases
    words = " ".join(visible(question).casefold().split())
    if any(_is_named(name, words) for name in target.names):
        return True
    if _code(question) & target.code:
        return True
    return len(uncommon_words([question]) & target.words) >= _SHARED_WORDS


def _is_named(plain: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-])", words) is not None


def _code(text: str) -> set[str]:
    return {found.casefold().rstrip("()") for found in _CODE.findall(text)}


def uncommon_words(texts: Iterable[str]) -> set[str]:
    """The words of some texts that say what they are about, each in its singular form."""
    found = {word for text in texts for word in _WORD.findall(text.casefold())}
    return {word.removesuffix("s") for word in found - _COMMON}
