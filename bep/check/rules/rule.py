"""Rules, what they judge, and the places that break them.

A rule is a generator over values with its explanation as docstring. One definition serves `check`,
`check --explain` and the page `docs/rules.md`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, ParamSpec

from ...guide import Guide
from ...markdown.edits import Splice
from ...proposal.document import Document
from .snapshot import Change, Guarded, Proposal, Snapshot

P = ParamSpec("P")


class Severity(StrEnum):
    """An error misleads a reader or a tool; a warning is about what the guide advises.

    A rule that is off reports nothing, unless the settings give it another severity.
    """

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


ERROR, WARNING, OFF = Severity.ERROR, Severity.WARNING, Severity.OFF


@dataclass(frozen=True)
class Hit:
    """A place that breaks a rule.

    `message` says what is wrong and what to do. `text` is the faulty text as written; it identifies
    the hit when lines have moved. `edits`, in the order of the text, repair it where that is
    mechanical; of several that insert at one place, the one with the lowest `rank` comes first.
    `number` is the proposal's, if the document's path does not say it.
    """

    document: Document
    at: int
    message: str
    text: str = field(default="", kw_only=True)
    edits: tuple[Splice, ...] = field(default=(), kw_only=True)
    rank: int = field(default=0, kw_only=True)
    number: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[P]):
    """A named rule; `find` yields the places that break it.

    `source` is where the rule comes from, `example` breaks it, `remedy` says what to do. A rule
    that needs no text also applies to documents that are empty or cannot be read. One that spares
    history judges the form that the guide asks for today, which a final proposal need not have.
    """

    name: str
    severity: Severity
    source: str
    explanation: str
    example: str
    remedy: str
    needs_text: bool = True
    spares_history: bool = False
    find: Callable[P, Iterator[Hit]]

    @property
    def summary(self) -> str:
        """The rule in one sentence."""
        return self.explanation.split("\n", 1)[0]

    def in_words_of(self, guide: Guide) -> Rule[P]:
        """Return the rule with the names that the guide has for things.

        Its texts have them as `{section[decision-log]}`, `{key[status]}`, `{status[draft]}`,
        `{column[decision-log.date]}`, `{most[single]}` for the lines of a document, and
        `{from[phases]}` for the numbers from which the guide asks for segments.
        """
        words = _words(guide)
        return replace(
            self,
            explanation=self.explanation.format_map(words),
            example=self.example.format_map(words),
            remedy=self.remedy.format_map(words),
        )


class _Words(dict[str, str]):
    """Words by identifier; what a guide does not have is called by its identifier."""

    def __missing__(self, identifier: str) -> str:
        return identifier


def _words(guide: Guide) -> Mapping[str, _Words]:
    columns = {
        f"{section.id}.{name}": column.heading
        for section in guide.sections.values()
        for name, column in section.columns.items()
    }
    return {
        "section": _Words({one.id: one.heading for one in guide.sections.values()}),
        "key": _Words({one.id: one.key for one in guide.metadata.values()}),
        "status": _Words({one.id: one.name for one in guide.statuses.values()}),
        "column": _Words(columns),
        "most": _Words({one.id: str(one.lines) for one in guide.documents.values()}),
        "from": _Words({name: str(value) for name, value in guide.segmentation._asdict().items()}),
    }


class RuleSet:
    """The rules of one module, in its order, and the family to which `docs/rules.md` adds them.

    `RULES.of_documents(…)` above a generator makes it a rule of the set that judges documents one
    by one; the other registries judge proposals, a whole snapshot, a change, or a guarded proposal.
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self.of_documents = Registry[[Document, Snapshot]]()
        self.of_proposals = Registry[[Proposal, Snapshot]]()
        self.of_snapshots = Registry[[Snapshot]]()
        self.of_changes = Registry[[Change]]()
        self.of_guarded = Registry[[Guarded]]()

    def __iter__(self) -> Iterator[Rule[Any]]:
        yield from self.of_documents
        yield from self.of_proposals
        yield from self.of_snapshots
        yield from self.of_changes
        yield from self.of_guarded


class Registry(Generic[P]):
    """The rules of a set that judge the same kind of thing; calling it registers one more."""

    def __init__(self) -> None:
        self._rules: list[Rule[P]] = []

    def __iter__(self) -> Iterator[Rule[P]]:
        return iter(self._rules)

    def __call__(
        self,
        severity: Severity,
        source: str,
        *,
        example: str,
        remedy: str,
        needs_text: bool = True,
        spares_history: bool = False,
    ) -> Callable[[Callable[P, Iterator[Hit]]], Rule[P]]:
        """Make a generator a rule named after the function: `title_missing` is `title-missing`."""

        def register(find: Callable[P, Iterator[Hit]]) -> Rule[P]:
            return self.add(
                Rule(
                    name=find.__name__.replace("_", "-"),
                    severity=severity,
                    source=source,
                    explanation=inspect.getdoc(find) or "",
                    example=inspect.cleandoc(example),
                    remedy=remedy,
                    needs_text=needs_text,
                    spares_history=spares_history,
                    find=find,
                )
            )

        return register

    def add(self, rule: Rule[P]) -> Rule[P]:
        """Register a rule and return it."""
        self._rules.append(rule)
        return rule
