"""What a change means for one proposal, as data: from the proposal as it was and as it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from .. import names
from ..check.rules.finding import Finding
from ..check.rules.snapshot import Proposal
from ..guide import Guide
from ..markdown.plain_text import visible
from ..proposal import implementation_plan
from ..proposal.decision_log import Decision
from ..proposal.document import Document
from . import decision_changes, section_changes
from .decision_changes import DecisionChanges, QuestionChanges
from .section_changes import Guides, SectionChange

# How sections are called that have no heading.
_WITHOUT_HEADING = {
    section_changes.METADATA: "metadata",
    section_changes.CONTEXT: "context block",
    section_changes.BEGINNING: "title and lead",
}


class Kind(StrEnum):
    """What a change does to a document."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


class DocumentChange(NamedTuple):
    """A document or supporting file that a change touches, and where it was if it is moved."""

    path: str
    kind: Kind
    before: str = ""
    is_document: bool = True


class Side(NamedTuple):
    """What a proposal says of itself before or after the change.

    `status` is None if it says none. `revision` is the template's, '' if unknown.
    """

    number: int
    title: str
    path: str
    status: str | None
    phases: tuple[str, ...]
    revision: str


class Digest(NamedTuple):
    """What a change means for a proposal; `before` is None if it is new, `after` if it is gone.

    `binding` is the status that it had before, if that is one in which its text is settled.
    `problems` say what could not be read.
    """

    before: Side | None
    after: Side | None
    binding: str | None
    decisions: DecisionChanges
    questions: QuestionChanges
    sections: tuple[SectionChange, ...]
    documents: tuple[DocumentChange, ...]
    findings: tuple[Finding, ...] = ()
    cited_by: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def side(self) -> Side:
        """The proposal as it is, or as it was before it was removed."""
        found = self.after or self.before
        assert found is not None  # noqa: S101
        return found

    @property
    def is_update(self) -> bool:
        """Whether all that changes is the template's text in documents that were there."""
        return (
            self.before is not None
            and self.after is not None
            and self.before.revision != self.after.revision
            and self.before._replace(revision="") == self.after._replace(revision="")
            and not any((*self.decisions, *self.questions, self.problems))
            and not any(one.author for one in self.sections)
            and all(one.kind is Kind.CHANGED and one.is_document for one in self.documents)
        )

    @property
    def moved_lines(self) -> int:
        """How many lines of the author went from one section to another."""
        came = sum((one.came for one in self.sections), Counter[str]())
        went = sum((one.went for one in self.sections), Counter[str]())
        return (came & went).total()

    def section_name(self, section: SectionChange) -> str:
        """Return what a section is called; in a sub-document, after the name of its file."""
        name = _WITHOUT_HEADING.get(section.section) or visible(section.section)
        is_main = section.path in {side.path for side in (self.before, self.after) if side}
        return name if is_main else f"{section.path.rpartition('/')[2]}: {name}"

    def data(self) -> dict[str, Any]:
        """Return the digest as `review --json` prints it."""
        return {
            "number": self.side.number,
            "title": self.side.title,
            "path": self.side.path,
            "status": {
                "from": self.before.status if self.before else None,
                "to": self.after.status if self.after else None,
            },
            "decisions": {
                "added": [_plain(one) for one in self.decisions.added],
                "altered": [
                    {"from": _plain(one.before), "to": _plain(one.after)}
                    for one in self.decisions.altered
                ],
                "removed": [_plain(one) for one in self.decisions.removed],
            },
            "questions": {
                "opened": list(self.questions.opened),
                "answered": [
                    {"question": one.question, "decision": one.decision and _plain(one.decision)}
                    for one in self.questions.answered
                ],
                "removed": list(self.questions.removed),
            },
            "sections": [
                {
                    "section": self.section_name(one),
                    "added": one.added,
                    "removed": one.removed,
                    "author": one.author,
                    "template": one.template,
                }
                for one in self.sections
            ],
            "documents": [{"path": one.path, "change": one.kind.value} for one in self.documents],
            "findings": [one.data() for one in self.findings],
            "cited_by": list(self.cited_by),
        }


class Review(NamedTuple):
    """What a change means: a digest for each proposal that it touches, by number.

    `scope` says in words what was compared. `others` are further files in the folder of proposals
    that the change touches, `findings` new ones about none of the proposals, and `remarks` say
    what could not be asked.
    """

    scope: str
    digests: tuple[Digest, ...]
    others: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


def of_proposal(
    before: Proposal | None,
    after: Proposal | None,
    documents: Sequence[DocumentChange],
    guides: tuple[Guide, Guide],
    revisions: tuple[str, str] = ("", ""),
) -> Digest:
    """Compare a proposal with what it was; `documents` are its files that the change touches.

    `guides` are the one before the change and the one after it, `revisions` the template's
    revisions that the answers file records, '' if it records none.
    """
    old, new = _side(before, revisions[0]), _side(after, revisions[1])
    if before and after and before.number != after.number:
        before = _renumbered(before, after.number)
    was = before.main if before else Document("")
    now = after.main if after else Document("")
    if was.problem or now.problem:
        # What cannot be read has lost nothing.
        was = now = Document("")
    decisions = decision_changes.decisions(was, now)
    return Digest(
        before=old,
        after=new,
        binding=_binding(before, guides[0]),
        decisions=decisions,
        questions=decision_changes.questions(was, now, decisions.added),
        sections=tuple(
            _sections(
                before,
                after,
                documents,
                Guides(*guides, updated=all(revisions) and revisions[0] != revisions[1]),
            )
        ),
        documents=tuple(documents),
        problems=tuple(
            f"{document.path}{' as it was' if one is before else ''}: {document.problem}"
            for one in (before, after)
            for document in (one.documents if one else ())
            if document.problem
        ),
    )


def _renumbered(proposal: Proposal, number: int) -> Proposal:
    """Return a proposal whose text has another number, so that no line counts as changed."""
    old, new = names.proposal_name(proposal.number), names.proposal_name(number)
    main, *parts = (
        one.with_source(re.sub(rf"\b{old}\b", new, one.source)) for one in proposal.documents
    )
    return proposal._replace(main=main, parts=tuple(parts))


def _side(proposal: Proposal | None, revision: str) -> Side | None:
    if proposal is None:
        return None
    main = proposal.main
    return Side(
        number=proposal.number,
        title=main.shown_title,
        path=main.path,
        status=proposal.status or None,
        phases=tuple(one.title for one in implementation_plan.phases(main)),
        revision=revision,
    )


def _binding(proposal: Proposal | None, guide: Guide) -> str | None:
    """Return the status of a proposal whose text is settled: accepted, or final."""
    status = guide.status_of(proposal.status) if proposal else None
    return status.name if status and (status.settled or status.final) else None


def _sections(
    before: Proposal | None,
    after: Proposal | None,
    documents: Sequence[DocumentChange],
    guides: Guides,
) -> list[SectionChange]:
    old = {one.path: one for one in (before.documents if before else ())}
    new = {one.path: one for one in (after.documents if after else ())}
    found: list[SectionChange] = []
    for change in documents:
        now, was = new.get(change.path), old.get(change.before or change.path)
        other = now or was
        if other and not (was and was.problem) and not (now and now.problem):
            nothing = Document("", role=other.role, guide=other.guide)
            found += section_changes.changes(was or nothing, now or nothing, guides)
    return found


def _plain(decision: Decision) -> dict[str, str]:
    return {"date": decision.date, "decision": decision.text, "rationale": decision.rationale}
