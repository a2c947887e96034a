"""What a change does to the decisions and the open questions of a main document.

Their identity is what a reader sees: blanks, line breaks, emphasis, the form of links, the order of
rows and columns, and columns for other things do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeVar

from ..context import shared_terms
from ..markdown.plain_text import visible
from ..proposal import decision_log, open_questions
from ..proposal.decision_log import Decision
from ..proposal.document import Document

A = TypeVar("A")
B = TypeVar("B")

_REFERENCE_LINK = re.compile(r"\[([^\[\]]+)\]\[[^\[\]]*\]")
_BARE_ADDRESS = re.compile(r"<([a-z][a-z0-9+.-]*:[^\s<>]+)>", re.IGNORECASE)
# What is struck out says something else; a character that marks nothing stays where these are.
_STRUCK, _KEPT = "~~", "\ue000"
_WORD = re.compile(r"\w{2,}")
# Which part of their words two versions of a decision have in common: of all of them, of its text
# alone, of either where one is in the place of the other.
_ALIKE, _ALIKE_TEXT, _ALIKE_IN_PLACE = 0.5, 0.8, 0.3
# More pairs than these are not compared word by word.
_MOST_PAIRS = 40_000


class Altered(NamedTuple):
    """A decision that a change altered, as it was and as it is."""

    before: Decision
    after: Decision


class Answered(NamedTuple):
    """An open question that got its answer; without a `decision`, where it is written."""

    question: str
    decision: Decision | None


class DecisionChanges(NamedTuple):
    """The decisions that a change added, altered and removed."""

    added: tuple[Decision, ...]
    altered: tuple[Altered, ...]
    removed: tuple[Decision, ...]


class QuestionChanges(NamedTuple):
    """The questions that a change opened, answered, and removed without an answer."""

    opened: tuple[str, ...]
    answered: tuple[Answered, ...]
    removed: tuple[str, ...]


def said(text: str) -> str:
    """Return the words of inline Markdown as two versions of a text are compared."""
    text = _REFERENCE_LINK.sub(r"\1", text.replace(_STRUCK, _KEPT))
    shown = visible(_BARE_ADDRESS.sub(r"\1", text)).replace("`", "")
    return unicodedata.normalize("NFC", " ".join(shown.split())).replace(_KEPT, _STRUCK)


def decisions(before: Document, after: Document) -> DecisionChanges:
    """Compare the decisions of two versions of a main document."""
    old, new = decision_log.decisions(before), decision_log.decisions(after)
    gone, come = _without_common([*map(_key, old)], [*map(_key, new)])
    # How many of the decisions that stay are above one says whether two are in one place.
    pairs = _pairs(
        [(old[at], at - above) for above, at in enumerate(gone)],
        [(new[at], at - above) for above, at in enumerate(come)],
        lambda one, other: _likeness(one[0], other[0], in_place=one[1] == other[1]),
    )
    altered = {gone[was]: come[now] for was, now in pairs}
    return DecisionChanges(
        added=tuple(new[at] for at in come if at not in altered.values()),
        altered=tuple(Altered(old[was], new[now]) for was, now in sorted(altered.items())),
        removed=tuple(old[at] for at in gone if at not in altered),
    )


def questions(before: Document, after: Document, added: Sequence[Decision]) -> QuestionChanges:
    """Compare the open questions of two versions; `added` are decisions that may answer some."""
    old = [one.text for one in open_questions.find(before)]
    new = [one.text for one in open_questions.find(after)]
    gone, come = _without_common([*map(said, old)], [*map(said, new)])
    settled = [_unmarked(one.question.text) for one in open_questions.settled(after)]
    in_place = [at for at in gone if any(_unmarked(old[at]) in one for one in settled)]
    asked = [at for at in gone if at not in in_place]
    answers = dict(_answers([old[at] for at in asked], added))
    return QuestionChanges(
        opened=tuple(new[at] for at in come),
        answered=(
            *(Answered(old[at], None) for at in in_place),
            *(Answered(old[asked[at]], one) for at, one in sorted(answers.items())),
        ),
        removed=tuple(old[one] for at, one in enumerate(asked) if at not in answers),
    )


def _key(decision: Decision) -> tuple[str, ...]:
    return tuple(map(said, decision))


def _unmarked(question: str) -> str:
    """Return a question without the marks that say that it is settled."""
    return said(question).replace(_STRUCK, "").strip("✅☑✔ ")


def _without_common(old: Sequence[A], new: Sequence[A]) -> tuple[list[int], list[int]]:
    """Return the places of what only one of two lists has, each as often as it has more of it."""

    def left(these: Sequence[A], others: Sequence[A]) -> list[int]:
        known = Counter(others)
        found = []
        for at, one in enumerate(these):
            known[one] -= 1
            if known[one] < 0:
                found.append(at)
        return found

    return left(old, new), left(new, old)


def _pairs(
    old: Sequence[A], new: Sequence[B], likeness: Callable[[A, B], float]
) -> list[tuple[int, int]]:
    """Return the places of what is alike in two lists, the most similar first, each once.

    What has a `likeness` of 0 is not.
    """
    places: Iterable[tuple[int, int]] = product(range(len(old)), range(len(new)))
    if len(old) * len(new) > _MOST_PAIRS:
        # They come in the same order, whatever was changed in them.
        places = zip(range(len(old)), range(len(new)), strict=False)
    ranked = sorted(
        (-share, abs(was - now), was, now)
        for was, now in places
        if (share := likeness(old[was], new[now])) > 0
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, was, now in ranked:
        if was not in found and now not in taken:
            found[was] = now
            taken.add(now)
    return list(found.items())


def _likeness(old: Decision, new: Decision, *, in_place: bool) -> float:
    """Return how much two decisions have in common, 0 if not enough to be versions of one."""
    text = _share(_words(old.text), _words(new.text))
    whole = _share(_words(*old[1:]), _words(*new[1:]))
    if in_place:
        return max(text, whole) if max(text, whole) >= _ALIKE_IN_PLACE else 0
    return max(text if text >= _ALIKE_TEXT else 0, whole if whole >= _ALIKE else 0)


def _share(old: Counter[str], new: Counter[str]) -> float:
    """Return which part of the words of two texts both have, from 0 to 1."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0


@lru_cache(maxsize=1024)
def _words(*texts: str) -> Counter[str]:
    return Counter(_WORD.findall(" ".join(texts).casefold()))


def _answers(asked: Sequence[str], added: Sequence[Decision]) -> Iterator[tuple[int, Decision]]:
    """Yield the questions, by their places, that a new decision answers, with that decision.

    They have uncommon words in common. If as many decisions as questions are left, these answer
    them in turn.
    """
    about = [shared_terms.uncommon_words([one]) for one in asked]
    answers = [shared_terms.uncommon_words(one[1:]) for one in added]
    found = dict(_pairs(about, answers, lambda one, other: len(one & other)))
    left = [at for at in range(len(asked)) if at not in found]
    unused = [at for at in range(len(added)) if at not in found.values()]
    if len(left) == len(unused):
        found |= dict(zip(left, unused, strict=True))
    yield from ((at, added[answer]) for at, answer in found.items())
