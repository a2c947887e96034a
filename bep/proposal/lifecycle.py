"""The status lifecycle of a proposal (the process page: Status Lifecycle, Version Fields).

    Draft -> Accepted -> Implemented      Draft, Accepted -> Rejected -> Draft

A proposal that another one replaces becomes Superseded. A transition requires what the process page
says, and records it: versions in the metadata, reasons in the Decision Log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits as splices
from ..markdown.edits import Splice
from ..questionnaire import product_version as version, validation
from . import (
    decision_log,
    metadata,
    open_questions,
)
from .decision_log import Decision
from .document import Document

DRAFT, ACCEPTED, IMPLEMENTED, REJECTED, SUPERSEDED = validation.STATUSES
# What has one of these is history: nothing is made of it any more.
FINAL = frozenset([IMPLEMENTED, REJECTED, SUPERSEDED])
TARGET, VERSION = "Target-Version", "Implemented-Version"


class Transition(NamedTuple):
    """What a transition requires: keys that have a value, and a reason in the Decision Log.

    `logged` is the decision that the log gets with the reason, '' where it needs none.
    """

    keys: tuple[str, ...] = ()
    logged: str = ""


# From Draft, `Implemented` takes both steps at once.
TRANSITIONS: Mapping[tuple[str, str], Transition] = MappingProxyType(
    {
        (DRAFT, ACCEPTED): Transition((TARGET,)),
        (DRAFT, IMPLEMENTED): Transition((TARGET, VERSION)),
        (ACCEPTED, IMPLEMENTED): Transition((TARGET, VERSION)),
        (DRAFT, REJECTED): Transition(logged="Proposal rejected"),
        (ACCEPTED, REJECTED): Transition(logged="Implementation cancelled"),
        (REJECTED, DRAFT): Transition(),
        (DRAFT, SUPERSEDED): Transition((metadata.SUPERSEDED_BY,)),
        (ACCEPTED, SUPERSEDED): Transition((metadata.SUPERSEDED_BY,)),
        (IMPLEMENTED, SUPERSEDED): Transition((metadata.SUPERSEDED_BY,)),
    }
)

_OPTIONS = {
    ACCEPTED: ("target_version", "reason", "despite_open_questions"),
    IMPLEMENTED: ("version", "target_version", "reason", "despite_open_questions"),
    REJECTED: ("reason",),
    SUPERSEDED: ("by",),
    DRAFT: (),
}


class Wish(NamedTuple):
    """What a call to `mark` asks for; `by` is a proposal's name, such as BEP-1046."""

    status: str
    version: str = ""
    target_version: str = ""
    by: str = ""
    reason: str = ""
    despite_open_questions: bool = False


class Marked(NamedTuple):
    """A transition: the edits of the main document, and what they do beyond its status."""

    before: str
    after: str
    splices: tuple[Splice, ...]
    remarks: tuple[str, ...]


def status_of(text: str) -> str | None:
    """The status that a text names in any letter case; None if the lifecycle has no such status."""
    known = {status.casefold(): status for status in validation.STATUSES}
    return known.get(text.strip().casefold())


def following(status: str) -> tuple[str, ...]:
    """The statuses that can follow a status, in the lifecycle's order."""
    return tuple(after for before, after in TRANSITIONS if before == status)


def refuse_unfitting(wish: Wish) -> None:
    """Raise BepError for a version of a wrong form, and for options that the status has no use for.

    The reason of an acceptance is why open questions do not prevent it.
    """
    for name, value in (("version", wish.version), ("target-version", wish.target_version)):
        if value and not version.is_version(value):
            raise BepError(f"--{name} {value!r} is not a version: {version.RULE}", "correct it")
    for name, value in wish._asdict().items():
        if name != "status" and value and name not in _OPTIONS[wish.status]:
            flag = f"--{name.replace('_', '-')}"
            raise BepError(f"{wish.status} takes no {flag}", "leave it out")
    accepting = wish.status in (ACCEPTED, IMPLEMENTED)
    if accepting and wish.reason and not wish.despite_open_questions:
        raise BepError(
            f"{wish.status} takes a --reason only with --despite-open-questions", "leave it out"
        )


def mark(document: Document, path: str, number: int, wish: Wish, today: str) -> Marked:
    """The transition of a main document to `wish.status`.

    `path` is named in errors, `today` is in the Decision Log. Raises BepError, with the way
    out, for a transition that the lifecycle does not have, that lacks what it requires, or that
    would accept open questions unasked.
    """
    place = _Place(path, _line(document, "Status"))
    before = _status(document, place)
    transition = TRANSITIONS.get((before, wish.status))
    if transition is None:
        raise place.refusal(*_no_way(before, wish.status, number))
    given = {key: _value(document, place, key, wish) for key in transition.keys}
    values = {"Status": wish.status, **{key: value for key, (value, _) in given.items()}}
    edits = [
        metadata.set_value(document.source, document.metadata, key, value, path)
        for key, value in values.items()
        if document.metadata.value(key) != value
    ]
    decision, remark = _decision(document, place, transition, before, wish, today)
    if decision is not None:
        edits.append(decision_log.add(document, decision, path).splice)
        _refuse_misread(document, edits, place)
    remarks = [*(remark for _, remark in given.values()), remark]
    return Marked(before, wish.status, tuple(edits), tuple(filter(None, remarks)))


class _Place(NamedTuple):
    path: str
    line: int

    def refusal(self, problem: str, remedy: str) -> BepError:
        return BepError(problem, remedy, self.path, self.line, WRONG_DOCUMENTS)


def _line(document: Document, key: str) -> int:
    entry = document.metadata.entry(key)
    return blocks.line_of(document.source, entry.start) if entry else 1


def _status(document: Document, place: _Place) -> str:
    written = document.metadata.value("Status")
    if not written:
        raise place.refusal("there is no status", f"write `Status: {DRAFT}` into the metadata")
    status = status_of(written)
    if status is None:
        known = ", ".join(validation.STATUSES)
        raise place.refusal(f"the status {written!r} is unknown", f"write one of {known}")
    return status


def _no_way(before: str, after: str, number: int) -> tuple[str, str]:
    """Why there is no transition, and the way out."""
    if before == after:
        return f"the proposal is {before} already", "leave it out"
    problem = f"there is no way from {before} to {after}"
    if before == REJECTED:
        return problem, f"reopen it first with `bep mark {number} draft`"
    if before == IMPLEMENTED:
        return problem, f"where another proposal replaces it: `bep mark {number} superseded --by M`"
    if before == ACCEPTED:
        return problem, f"cancel it with `bep mark {number} rejected --reason R`, then reopen it"
    return problem, "begin a new proposal with `bep new`"


def _value(document: Document, place: _Place, key: str, wish: Wish) -> tuple[str, str]:
    """The value that a required key gets, and what is to be remarked about it, or ''."""
    given, flag = {
        TARGET: (wish.target_version, "--target-version V"),
        VERSION: (wish.version, "--version V"),
        metadata.SUPERSEDED_BY: (wish.by, "--by M"),
    }[key]
    there = document.metadata.value(key)
    if given:
        return given, f"{key} was {there}" if there not in ("", given) else ""
    if key == TARGET and not there and wish.version:
        return wish.version, f"the empty {TARGET} became {wish.version}"
    if not there:
        raise place.refusal(f"{wish.status} needs {key}", f"give {flag}")
    if key in (TARGET, VERSION) and not version.is_version(there):
        place = place._replace(line=_line(document, key))
        raise place.refusal(f"{key} {there!r} is not a version: {version.RULE}", f"give {flag}")
    return there, ""


def _decision(
    document: Document, place: _Place, transition: Transition, before: str, wish: Wish, today: str
) -> tuple[Decision | None, str]:
    """What the Decision Log has to say about a transition, and what is to be remarked, or ''."""
    if transition.logged:
        if not wish.reason:
            raise place.refusal(f"{wish.status} needs a reason", "give --reason R")
        return _logged(Decision(today, transition.logged, wish.reason))
    found = open_questions.find(document) if TARGET in transition.keys else ()
    if not found:
        return None, ""
    count = "1 open question" if len(found) == 1 else f"{len(found)} open questions"
    left = f"{count} {'is' if len(found) == 1 else 'are'} left"
    if before != DRAFT:
        return None, left
    if not wish.despite_open_questions:
        place = place._replace(line=found[0].line)
        raise place.refusal(
            f"{left}, the first is {open_questions.headline(found[0])!r}",
            "settle them with `bep decide`, or give --despite-open-questions",
        )
    texts = "; ".join(map(open_questions.headline, found))
    reason = wish.reason or f"Still open: {texts}"
    return _logged(Decision(today, f"Accepted with {count}", reason))


def _logged(decision: Decision) -> tuple[Decision, str]:
    return decision, f"the Decision Log says {decision.text!r}"


def _refuse_misread(document: Document, edits: Sequence[Splice], place: _Place) -> None:
    """Raise BepError where the edits would not add one row of the Decision Log."""
    after = Document(splices.applied(document.source, edits))
    if decision_log.row_count(after) != decision_log.row_count(document) + 1:
        raise place.refusal(
            "the reason would not be read as a row of the Decision Log",
            "look whether code or a comment above it is left open",
        )
