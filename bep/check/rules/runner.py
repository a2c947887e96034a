"""Running the rules: from a snapshot or a change to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, ParamSpec, Protocol

from ... import names
from ...markdown.edits import Splice
from ...proposal.document import Document
from .catalogue import BY_NAME, CHANGE_RULES, DOCUMENT_RULES, PROPOSAL_RULES, SNAPSHOT_RULES
from .guard import touched_outside
from .ignore_comments import silenced
from .rule import Hit, Rule, Severity
from .snapshot import Change, Guarded, Proposal, Snapshot

P = ParamSpec("P")
_Judged = tuple[Document, bool]
# Passes documents on, one after the other, and may show how far the work is.
Track = Callable[[Sequence[_Judged]], Iterable[_Judged]]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Finding(NamedTuple):
    """A place that breaks a rule; `number` is the proposal's, None for other files.

    `text` is the faulty text as written; `edits` repair it, by `rank` where several insert at one
    place. `column`, from 1, and `length` say where on the line it is; None if it is not on one
    line, or the whole line is meant.
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    text: str
    number: int | None
    edits: tuple[Splice, ...]
    rank: int = 0
    column: int | None = None
    length: int = 0

    def data(self) -> dict[str, Any]:
        """Return the finding as `check --format json` prints it."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "path": self.path,
            "line": self.line,
            "message": self.message,
            "fixable": bool(self.edits),
        }


@dataclass(frozen=True)
class Severities:
    """The severity of each rule: its own, unless the settings give another one.

    `set_by_user` maps rules to "error", "warning" or "off".
    """

    set_by_user: Mapping[str, str]

    def of(self, rule: Rule[Any]) -> Severity | None:
        """Return the severity, or None if the rule is switched off."""
        severity = Severity(self.set_by_user.get(rule.name, rule.severity))
        return None if severity is Severity.OFF else severity


def unknown_rules(set_by_user: Mapping[str, str]) -> list[str]:
    """Return the names in the settings that no rule has."""
    return sorted(set_by_user.keys() - BY_NAME.keys())


def findings(
    snapshot: Snapshot,
    severities: Severities,
    numbers: frozenset[int] | None = None,
    track: Track = iter,
    left_out: frozenset[int] = frozenset(),
) -> list[Finding]:
    """Return what the rules find in a repository, by path, line and rule.

    With `numbers`, only findings about these proposals. `track` sees each document go by. What
    `findings_in` returns for the proposals with the numbers of `left_out` is not among them.
    """
    hits = _hits(snapshot, severities, numbers, track, left_out)
    return _findings(hits, severities, numbers)


def findings_in(
    snapshot: Snapshot, proposals: Sequence[Proposal], severities: Severities
) -> list[Finding]:
    """Return what the rules that judge single documents and proposals find in these."""
    documents = _documents(proposals)
    return _findings(_hits_in(snapshot, documents, proposals, severities), severities, None)


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by path, line and rule."""
    return sorted(found, key=_order)


class Find(Protocol):
    """A function that returns what `findings` returns, perhaps in less time."""

    def __call__(
        self,
        snapshot: Snapshot,
        severities: Severities,
        numbers: frozenset[int] | None = None,
        track: Track = iter,
    ) -> list[Finding]: ...


def introduced(
    change: Change,
    severities: Severities,
    numbers: frozenset[int] | None = None,
    track: Track = iter,
    find: Find = findings,
) -> list[Finding]:
    """Return the findings that a change introduced: new ones, and what the change itself did wrong.

    A finding is old if its rule found the same text in the same document before the change, on
    any line. If there are more than before, the last ones are new.
    """
    before = find(change.before, severities)
    after = find(change.after, severities, numbers, track)
    new = added(before, after, change.renamed)
    by_change = (found for rule in _active(CHANGE_RULES, severities) for found in _of(rule, change))
    return in_order([*new, *_findings(by_change, severities, numbers)])


def outside(guarded: Guarded) -> list[Finding]:
    """Return what a change touches and may not; comments in documents do not silence it."""
    found = (
        _finding(touched_outside, hit, touched_outside.severity)
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


def _hits(
    snapshot: Snapshot,
    severities: Severities,
    numbers: frozenset[int] | None,
    track: Track,
    left_out: frozenset[int],
) -> Iterator[tuple[Rule[Any], Hit]]:
    proposals = [
        one
        for one in snapshot.proposals
        if one.number not in left_out and (numbers is None or one.number in numbers)
    ]
    documents = _documents(proposals)
    if numbers is None:
        page = [snapshot.process_page] if snapshot.process_page else []
        documents += [(one, False) for one in (*snapshot.strays, *page)]
    yield from _hits_in(snapshot, track(documents), proposals, severities)
    for rule in _active(SNAPSHOT_RULES, severities):
        yield from _of(rule, snapshot)


def _documents(proposals: Iterable[Proposal]) -> list[_Judged]:
    return [
        (document, is_history)
        for one in proposals
        for is_history in [one.is_history]
        for document in one.documents
    ]


def _hits_in(
    snapshot: Snapshot,
    documents: Iterable[_Judged],
    proposals: Iterable[Proposal],
    severities: Severities,
) -> Iterator[tuple[Rule[Any], Hit]]:
    for rule, hit in chain(
        _hits_in_documents(snapshot, documents, severities),
        _hits_in_proposals(snapshot, proposals, severities),
    ):
        if not rule.needs_text or _has_text(hit.document):
            yield rule, hit


def _hits_in_documents(
    snapshot: Snapshot, documents: Iterable[_Judged], severities: Severities
) -> Iterator[tuple[Rule[Any], Hit]]:
    rules = [*_active(DOCUMENT_RULES, severities)]
    for document, is_history in documents:
        for rule in rules:
            if not (is_history and rule.spares_history):
                yield from _of(rule, document, snapshot)


def _hits_in_proposals(
    snapshot: Snapshot, proposals: Iterable[Proposal], severities: Severities
) -> Iterator[tuple[Rule[Any], Hit]]:
    rules = [*_active(PROPOSAL_RULES, severities)]
    for proposal in proposals:
        is_history = proposal.is_history
        for rule in rules:
            if not (is_history and rule.spares_history):
                yield from _of(rule, proposal, snapshot)


def _active(rules: Iterable[Rule[P]], severities: Severities) -> Iterator[Rule[P]]:
    return (rule for rule in rules if severities.of(rule))


def _of(rule: Rule[P], *args: P.args, **kwargs: P.kwargs) -> Iterator[tuple[Rule[Any], Hit]]:
    for hit in rule.find(*args, **kwargs):
        yield rule, hit


def _has_text(document: Document) -> bool:
    return not document.problem and not document.is_empty


def _findings(
    hits: Iterable[tuple[Rule[Any], Hit]],
    severities: Severities,
    numbers: frozenset[int] | None,
) -> list[Finding]:
    """Return the hits as findings, in order, without those that their document silences."""
    silent: dict[Document, frozenset[str]] = {}
    found = []
    for rule, hit in hits:
        document = hit.document
        if document not in silent:
            silent[document] = silenced(document)
        severity = severities.of(rule)
        if severity is None or rule.name in silent[document]:
            continue
        one = _finding(rule, hit, severity)
        if numbers is None or one.number in numbers:
            found.append(one)
    return in_order(found)


def _finding(rule: Rule[Any], hit: Hit, severity: Severity) -> Finding:
    document = hit.document
    column, length = _columns(hit)
    return Finding(
        path=document.path,
        line=document.line(hit.at),
        rule=rule.name,
        severity=severity,
        message=hit.message,
        text=hit.text,
        number=hit.number if hit.number is not None else _number(document),
        edits=hit.edits,
        rank=hit.rank,
        column=column,
        length=length,
    )


def _columns(hit: Hit) -> tuple[int | None, int]:
    """Return the column of what is faulty, from 1, and its length; None for no place on a line.

    It is the faulty text, else what an edit replaces, else where the hit is.
    """
    document, at = hit.document, hit.at
    start, end = document.line_start(document.line(at)), document.line_end(at)
    for first in (at, start) if hit.text else ():
        found = document.source.find(hit.text, first, end)
        if found >= 0:
            return found - start + 1, len(hit.text)
    for edit in hit.edits[:1]:
        if start < edit.start <= edit.end <= end:
            return edit.start - start + 1, edit.end - edit.start
    return (at - start + 1, 0) if at > start else (None, 0)


def _order(one: Finding) -> tuple[str, int, str, str]:
    return one.path, one.line, one.rule, one.message


def _number(document: Document) -> int | None:
    number = names.number_of_document(document.names[-1])
    return number if number is not None else names.number_of_directory(document.names[-2])
