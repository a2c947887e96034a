"""What rules find in a proposal by itself: findings that nothing else in the repository changes.

Most rules look at one document or one proposal only. What those find stays the same as long as its
texts do, so it can be kept, or be found by another process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

from ...proposal.document import Document, Known
from . import finding
from .catalogue import DOCUMENT_RULES, PROPOSAL_RULES
from .finding import Finding, Severities
from .rule import Hit, Rule
from .snapshot import Proposal, Snapshot


class Subject(NamedTuple):
    """A proposal with its documents, or a document that belongs to none.

    `blank` is the repository's blank document.
    """

    documents: tuple[Document, ...]
    blank: Document | None
    proposal: Proposal | None = None


class Verdict(NamedTuple):
    """The findings in a subject by itself, and what is left to look at.

    `undecided` are the rules that ask for the rest of the repository, with the path of the document
    that they judge, '' for the proposal as a whole. `known` is what those, and rules about other
    documents, need of the documents, in the order of the subject's.
    """

    findings: Sequence[Finding]
    undecided: Sequence[tuple[str, str]]
    known: Sequence[Known]


_PROPOSAL = ""


class _AsksForOthersError(Exception):
    """A rule looked at the snapshot."""


class _Unseen:
    """Takes the place of the snapshot, and gives a rule nothing but the blank document.

    What the rule finds then, it finds in any snapshot with that document.
    """

    def __init__(self, blank: Document | None) -> None:
        self.blank = blank

    def __getattr__(self, name: str) -> Any:
        raise _AsksForOthersError


def subjects(snapshot: Snapshot, numbers: frozenset[int] | None = None) -> list[Subject]:
    """Return what is judged one by one: the proposals, and documents that belong to none.

    With `numbers`, only these proposals.
    """
    if numbers is not None:
        wanted = (one for one in snapshot.proposals if one.number in numbers)
        return [Subject(one.documents, snapshot.blank, one) for one in wanted]
    page = [snapshot.process_page] if snapshot.process_page else []
    return [
        *(Subject(one.documents, snapshot.blank, one) for one in snapshot.proposals),
        *(Subject((one,), snapshot.blank) for one in (*snapshot.strays, *page)),
    ]


def verdict(subject: Subject, severities: Severities) -> Verdict:
    """Judge a subject by itself. The documents keep in mind only what the verdict has of them."""
    hits: list[tuple[Rule[Any], Hit]] = []
    undecided: list[tuple[str, str]] = []
    unseen = cast("Snapshot", _Unseen(subject.blank))
    for rule, judged in _questions(subject, severities):
        try:
            hits += [*_hits(rule, judged, unseen)]
        except _AsksForOthersError:
            undecided.append(
                (rule.name, judged.path if isinstance(judged, Document) else _PROPOSAL)
            )
    found = finding.of_hits(hits, severities)
    known = [document.known for document in subject.documents]
    learn(subject, known)
    return Verdict(found, undecided, known)


def learn(subject: Subject, known: Iterable[Known]) -> None:
    """Let the documents of a subject know what a verdict knows of them."""
    for document, one in zip(subject.documents, known, strict=True):
        document.learn(one)


def decided(
    subject: Subject, verdict: Verdict, snapshot: Snapshot, severities: Severities
) -> list[Finding]:
    """Return the findings in a subject, now that the whole repository is known."""
    judged: dict[str, Document | Proposal] = {one.path: one for one in subject.documents}
    if subject.proposal:
        judged[_PROPOSAL] = subject.proposal
    left = ((_RULES[name], judged[path]) for name, path in verdict.undecided)
    hits = (pair for rule, one in left for pair in _hits(rule, one, snapshot))
    return [*verdict.findings, *finding.of_hits(hits, severities)]


_RULES: Mapping[str, Rule[Any]] = {
    rule.name: rule for rule in chain[Rule[Any]](DOCUMENT_RULES, PROPOSAL_RULES)
}


def _questions(
    subject: Subject, severities: Severities
) -> Iterator[tuple[Rule[Any], Document | Proposal]]:
    """The rules that apply to a subject, each with what it judges."""
    is_history = subject.proposal is not None and subject.proposal.is_history
    every: list[tuple[Sequence[Rule[Any]], Document | Proposal]] = [
        (DOCUMENT_RULES, document) for document in subject.documents
    ]
    if subject.proposal:
        every.append((PROPOSAL_RULES, subject.proposal))
    for rules, judged in every:
        for rule in rules:
            if severities.of(rule) and not (is_history and rule.spares_history):
                yield rule, judged


def _hits(
    rule: Rule[Any], judged: Document | Proposal, snapshot: Snapshot
) -> Iterator[tuple[Rule[Any], Hit]]:
    for hit in rule.find(judged, snapshot):
        document = hit.document
        if not rule.needs_text or not (document.problem or document.is_empty):
            yield rule, hit
