"""What a rule is, and what it finds.

A rule is a generator over values, with its explanation as docstring. One definition serves
`check`, `check --explain` and the page `docs/rules.md`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, ParamSpec

from ...markdown.edits import Splice
from ...proposal.document import Document

P = ParamSpec("P")


class Severity(StrEnum):
    """An error misleads a reader or a tool; a warning is about what the guide advises."""

    ERROR = "error"
    WARNING = "warning"


ERROR, WARNING = Severity.ERROR, Severity.WARNING


class Hit(NamedTuple):
    """A place where a rule does not hold.

    `message` says what is wrong and what to do. `text` is what is wrong as it is written: by it the
    same hit is known again after lines moved. `edits`, in the order of the text, mend it where that
    is mechanical. `number` is the proposal's, where the page does not tell it.
    """

    page: Document
    at: int
    message: str
    text: str = ""
    edits: tuple[Splice, ...] = ()
    number: int | None = None


@dataclass(frozen=True)
class Rule(Generic[P]):
    """A named rule; `find` gives the places where it does not hold."""

    name: str
    severity: Severity
    source: str
    explanation: str
    example: str
    remedy: str
    find: Callable[P, Iterator[Hit]]

    @property
    def summary(self) -> str:
        """The rule in one sentence."""
        return self.explanation.split("\n", 1)[0]


def rule(
    severity: Severity, source: str, example: str, remedy: str
) -> Callable[[Callable[P, Iterator[Hit]]], Rule[P]]:
    """Make a generator a rule, named by the function: `title_missing` is `title-missing`.

    `source` is where the rule comes from, `example` what breaks it, `remedy` the way out.
    """

    def decorate(find: Callable[P, Iterator[Hit]]) -> Rule[P]:
        return Rule(
            find.__name__.replace("_", "-"),
            severity,
            source,
            inspect.getdoc(find) or "",
            inspect.cleandoc(example),
            remedy,
            find,
        )

    return decorate
