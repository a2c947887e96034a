"""Which parameter each word of a call is for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Container, Sequence

from ..errors import BepError
from .command import NUMBER, NUMBERS, Kind, Task

# Proposals have four digits and more.
_SHORT_NUMBER = re.compile("[0-9]{1,3}")

Values = dict[str, str | list[str]]


def placed(task: Task, words: Sequence[str], given: Container[str]) -> Values:
    """The values that words without an option give to the positions of a task.

    `given` are the parameters that have a value by option. Raises BepError for a word that is one
    too many, and for a parameter that has a value already.
    """
    if len(words) == 1 and _is_position(task, words[0], given):
        return {task.positions[1]: words[0]}
    values: Values = {}
    for at, word in enumerate(words):
        name = next_position(task, values, given, word)
        if name is None:
            raise _too_many(task, words, at, values)
        if task.parameter(name).kind is Kind.LIST:
            values[name] = [*values.get(name, ()), word]
        elif name in given:
            raise BepError(f"{name} is given twice ({word!r})", "leave one of them out")
        else:
            values[name] = word
    return values


def _is_position(task: Task, word: str, given: Container[str]) -> bool:
    """Whether the only word, such as `1`, is the required second argument, not a proposal."""
    if not task.number_first or len(task.positions) < 2:
        return False
    number, text = task.positions[:2]
    is_missing = text in task.required and text not in given and number not in given
    return is_missing and _SHORT_NUMBER.fullmatch(word) is not None


def next_position(task: Task, values: Values, given: Container[str], word: str) -> str | None:
    """The position that `word` fills after those that have `values`, None if none is left."""
    free = [
        name
        for at, name in enumerate(task.positions)
        if not any(later in values for later in task.positions[at + 1 :])
        and (name not in values or task.parameter(name).kind is Kind.LIST)
    ]
    if task.number_first and free[:1] == [task.positions[0]]:
        is_given = free[0] in given and task.parameter(free[0]).kind is not Kind.LIST
        if is_given or not _names_proposals(task, word):
            free.pop(0)
    return free[0] if free else None


def _names_proposals(task: Task, word: str) -> bool:
    """Whether a word can be the first position of a task that has a NUMBER there."""
    is_list = task.parameter(task.positions[0]).kind is Kind.LIST
    return (NUMBERS if is_list else NUMBER).fullmatch(word) is not None


def _too_many(task: Task, words: Sequence[str], at: int, values: Values) -> BepError:
    """The error for the word at `at`, for which no position is left; it says what to type."""
    word, see = words[at], f"see `bep {task.name} --help`"
    options = {spelling for one in task.parameters for spelling in one.spellings}
    for one in words:
        if one.partition("=")[0] in options:
            return BepError(f"{one!r} is not an option after `--`", "put options before `--`")
    if not task.positions:
        return BepError(f"{task.name} takes no argument {word!r}", see)
    last = task.parameter(task.positions[-1])
    first = task.positions[0]
    if task.number_first and first not in values and _names_proposals(task, word):
        call = shlex.join(["bep", task.name, word, *words[:at]])
        return BepError(f"the number {word!r} comes first", f"write `{call}`")
    if task.number_first and first not in values and not last.is_text:
        remedy = "write 1046, BEP-1046 or a path of the proposal"
        return BepError(f"{words[0]!r} is not a proposal", remedy)
    if last.is_text:
        text = words[-len(words) + (first in values and task.number_first) :]
        before = words[: len(words) - len(text)]
        call = shlex.join(["bep", task.name, *before, " ".join(text)])
        return BepError(
            f"{task.name} takes the {last.word.upper()} as one argument, and {word!r} is one more",
            f"quote it: `{call}`",
        )
    return BepError(f"{task.name} takes one {last.word.upper()}, and {word!r} is one more", see)
