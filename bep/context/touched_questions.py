"""Which open questions touch a part of a proposal.

Guide: Receiving Implementation Tasks ("if your task touches an unresolved item, flag it"). It errs
towards one question too many: one that is flagged in vain costs only a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from . import phase_documents, shared_terms

_SHORTEST_NAME = 4
_SHARED_WORDS = 2


class Target(NamedTuple):
    """What a task is about.

    `phase` is the phase's label, '' if none is chosen. `names` are those of its parts that say
    something, `words` the uncommon ones among all of them, `code` the terms in the parts' text.
    """

    phase: str
    names: tuple[str, ...]
    words: frozenset[str]
    code: frozenset[str]


def target(phase: str, names: Iterable[str], text: str) -> Target:
    """What a task is about, from names (of phase, documents, sections), scopes, and their text."""
    known = list(names)
    plain = dict.fromkeys(normalise(visible(name)) for name in known)
    distinct = (
        name for name in plain if len(name) >= _SHORTEST_NAME and not shared_terms.is_common(name)
    )
    return Target(
        phase,
        tuple(distinct),
        frozenset(shared_terms.uncommon_words(known)),
        frozenset(shared_terms.code(text)),
    )


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
    if shared_terms.code(question) & target.code:
        return True
    return len(shared_terms.uncommon_words([question]) & target.words) >= _SHARED_WORDS


def _is_named(plain: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(plain)}(?![\w-])", words) is not None
