"""What texts that are not written yet would add to the findings of `check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ..system.repository import Repository
from . import snapshot_reader
from .rules import runner
from .rules.finding import Finding, Severities
from .rules.snapshot import Snapshot

# A rule that the settings switch off today may be on tomorrow.
_ALL_RULES = Severities({})


class Forecast:
    """Compares a repository's working tree, read once, with other texts of its documents."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._before: dict[int, Sequence[Finding]] = {}

    def added(self, number: int, texts: Mapping[str, str]) -> list[Finding]:
        """Return the findings about a proposal that new texts of its documents would add.

        `texts` are by paths from the root; the number 0 means the whole repository.
        """
        after = self._findings(self._snapshot.with_texts(texts), number)
        return runner.added(self.now(number), after)

    def now(self, number: int) -> Sequence[Finding]:
        """Return the findings about a proposal as it is."""
        if number not in self._before:
            self._before[number] = self._findings(self._snapshot, number)
        return self._before[number]

    def rules(self, number: int, texts: Mapping[str, str]) -> list[str]:
        """Return the names of the rules that new texts would break, as `added` finds them."""
        return sorted({one.rule for one in self.added(number, texts)})

    @cached_property
    def _snapshot(self) -> Snapshot:
        return snapshot_reader.working_tree(self._repository)

    def _findings(self, snapshot: Snapshot, number: int) -> list[Finding]:
        return runner.findings(snapshot, _ALL_RULES, frozenset([number]) if number else None)
