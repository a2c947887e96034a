"""Which parameter each word of a call is for."""

from __future__ import annotations

from collections.abc import Container, Sequence

from ..errors import BepError
from .command import NUMBER, Kind, Task


def placed(task: Task, words: Sequence[str], given: Container[str]) -> dict[str, str | list[str]]:
    """The values that words without an option give to the positions of a task.

    `given` are the parameters that have a value by option. Raises BepError for a word that is one
    too many, and for a parameter that has a value already.
    """
    values: dict[str, str | list[str]] = {}
    free = list(task.positions)
    for word in words:
        is_first = len(free) == len(task.positions)
        if task.number_first and is_first and (free[0] in given or not NUMBER.fullmatch(word)):
            free.pop(0)
        if not free:
            raise BepError(
                f"{task.name} takes no further argument {word!r}",
                f"quote text that contains spaces; see `bep {task.name} --help`",
            )
        name = free[0]
        if task.parameter(name).kind is Kind.LIST:
            values[name] = [*values.get(name, ()), word]
            continue
        free.pop(0)
        if name in given:
            raise BepError(f"{name} is given twice ({word!r})", "leave one of them out")
        values[name] = word
    return values
