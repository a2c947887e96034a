"""Running the rules: from a snapshot or a change to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from . import finding, verdict
from .catalogue import BY_NAME, CHANGE_RULES, SNAPSHOT_RULES
from .finding import Finding, Severities, in_order
from .guard import touched_outside
from .snapshot import Change, Guarded, Snapshot
from .verdict import Subject, Verdict

# Passes subjects on, one after the other, and may show how far the work is.
Track = Callable[[Sequence[Subject]], Iterable[Subject]]

_NOTHING: Mapping[str, str] = MappingProxyType({})


def unknown_rules(set_by_user: Mapping[str, str]) -> list[str]:
    """Return the names in the settings that no rule has."""
    return sorted(set_by_user.keys() - BY_NAME.keys())


class Judge(Protocol):
    """A function that returns the verdict on each of some subjects, in their order."""

    def __call__(
        self, subjects: Sequence[Subject], severities: Severities, track: Track = iter
    ) -> Sequence[Verdict]: ...


def judged(
    subjects: Sequence[Subject], severities: Severities, track: Track = iter
) -> list[Verdict]:
    """Return the verdict on each subject; `track` sees them go by."""
    return [verdict.verdict(one, severities) for one in track(subjects)]


def findings(
    snapshot: Snapshot,
    severities: Severities,
    numbers: frozenset[int] | None = None,
    track: Track = iter,
    judge: Judge = judged,
) -> list[Finding]:
    """Return what the rules find in a repository, by path, line and rule.

    With `numbers`, only findings about these proposals. `track` sees what is judged go by.
    """
    if numbers is not None:
        snapshot = snapshot.about(numbers)
    subjects = verdict.subjects(snapshot, numbers)
    verdicts = judge(subjects, severities, track)
    found = [
        one
        for subject, alone in zip(subjects, verdicts, strict=True)
        for one in verdict.decided(subject, alone, snapshot, severities)
    ]
    found += finding.of_hits(
        ((rule, hit) for rule in SNAPSHOT_RULES for hit in rule.find(snapshot)), severities
    )
    return in_order(one for one in found if numbers is None or one.number in numbers)


def introduced(
    change: Change,
    severities: Severities,
    numbers: frozenset[int] | None = None,
    track: Track = iter,
    judge: Judge = judged,
) -> list[Finding]:
    """Return the findings that a change introduced: new ones, and what the change itself did wrong.

    A finding is old if its rule found the same text in the same document before the change, on
    any line. If there are more than before, the last ones are new.
    """
    before = findings(change.before, severities, judge=judge)
    after = findings(change.after, severities, numbers, track, judge)
    new = added(before, after, change.renamed)
    hits = ((rule, hit) for rule in CHANGE_RULES for hit in rule.find(change))
    by_change = finding.of_hits(hits, severities)
    return in_order([*new, *(one for one in by_change if numbers is None or one.number in numbers)])


def outside(guarded: Guarded) -> list[Finding]:
    """Return what a change touches and may not; comments in documents do not silence it."""
    found = (
        finding.of_hit(touched_outside, hit, touched_outside.severity)
        for hit in touched_outside.find(guarded)
    )
    return in_order(found)


def added(
    before: Iterable[Finding], after: Iterable[Finding], renamed: Mapping[str, str] = _NOTHING
) -> list[Finding]:
    """Return the findings of `after` that are not among those of `before`, wherever they are now.

    `renamed` are the old paths of documents by their new ones.
    """
    known = Counter((one.rule, one.path, one.text) for one in before)
    new = []
    for one in after:
        key = (one.rule, renamed.get(one.path, one.path), one.text)
        if known[key] <= 0:
            new.append(one)
        known[key] -= 1
    return new
