"""The status lifecycle of a proposal (the process page: Status Lifecycle, Version Fields).

A transition requires what the guide says, and records it: values in the metadata, reasons in the
decision log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide, MetadataKey, Status, Transition
from ..markdown import blocks, edits as splices
from ..markdown.edits import Splice
from ..questionnaire import product_version as version
from ..words import counted
from . import decision_log, metadata, open_questions
from .decision_log import Decision
from .document import Document

TARGET, VERSION, SUPERSEDED_BY = "target-version", "implemented-version", "superseded-by"
# The parts of a wish that give keys a value, and what their options take.
_GIVEN = {TARGET: ("target_version", "V"), VERSION: ("version", "V"), SUPERSEDED_BY: ("by", "M")}


class Wish(NamedTuple):
    """What a call to `mark` asks for; `by` is a proposal's name, such as BEP-1046."""

    status: Status
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


def is_given_up(document: Document) -> bool:
    """Whether the status of a main document says that it is not to be built."""
    status = document.guide.status_of(document.written_status.partition(" ")[0])
    return status is not None and status.final and not status.complete


def refuse_unfitting(guide: Guide, wish: Wish) -> None:
    """Raise BepError for a version of a wrong form, and for options that the status has no use for.

    The reason of an acceptance is why open questions do not prevent it.
    """
    for name, value in (("version", wish.version), ("target-version", wish.target_version)):
        if value and not version.is_version(value):
            raise BepError(f"--{name} {value!r} is not a version: {version.RULE}", "correct it")
    used = set(_options(guide, wish.status))
    for name, value in wish._asdict().items():
        if name != "status" and value and name not in used:
            raise BepError(
                f"{_option(name)} cannot be given with {wish.status.name}", "leave it out"
            )
    if wish.status.settled and wish.reason and not wish.despite_open_questions:
        raise BepError(
            f"{wish.status.name} takes a --reason only with --despite-open-questions",
            "leave it out",
        )


def _options(guide: Guide, status: Status) -> Iterator[str]:
    """The parts of a wish that a status has a use for."""
    yield from (_GIVEN[key.id][0] for key in keys_of_options(guide, status))
    if status.settled:
        yield "despite_open_questions"
    if status.settled or guide.asks_for_reason(status):
        yield "reason"


def _option(field: str) -> str:
    """The option of `mark` for a part of a wish."""
    return f"--{field.replace('_', '-')}"


def mark(document: Document, wish: Wish, today: str) -> Marked:
    """The transition of a main document to `wish.status`; `today` is in the decision log.

    Raises BepError, with the way out, for a transition that the lifecycle does not have, that lacks
    what it requires, or that would accept open questions unasked.
    """
    guide, place = document.guide, _Place(document.path, _line(document, "status"))
    before = _status(document, place)
    if before == wish.status:
        return _unchanged(document, place, wish)
    transition = guide.transition(before, wish.status)
    if transition is None:
        raise place.refusal(*_no_way(guide, before, wish.status, document.number))
    given = {key.id: _value(document, place, key, wish) for key in guide.requirements(wish.status)}
    values = {"status": wish.status.name, **{key: value for key, (value, _) in given.items()}}
    edits = [
        metadata.set_value(document.source, document.metadata, key, value, document.path)
        for key, value in values.items()
        if document.metadata.value(key) != value
    ]
    decision, remark = _decision(document, place, transition, before, wish, today)
    if decision is not None:
        edits.append(decision_log.add(document, decision).splice)
        _refuse_misread(document, edits, place)
    remarks = [*(remark for _, remark in given.values()), remark]
    return Marked(before.name, wish.status.name, tuple(edits), tuple(filter(None, remarks)))


def _unchanged(document: Document, place: _Place, wish: Wish) -> Marked:
    """No transition: the status is there already. Raises BepError for options that differ."""
    for key in keys_of_options(document.guide, wish.status):
        field, _ = _GIVEN[key.id]
        given, there = getattr(wish, field), document.metadata.value(key.id)
        if given and given != there:
            raise place._replace(line=_line(document, key.id)).refusal(
                f"the proposal is already {wish.status.name}, and {key.key} is {there or 'empty'}",
                f"change it in the metadata, or leave {_option(field)} out",
            )
    remarks = ("the reason was not added",) if wish.reason else ()
    return Marked(wish.status.name, wish.status.name, (), remarks)


class _Place(NamedTuple):
    path: str
    line: int

    def refusal(self, problem: str, remedy: str) -> BepError:
        return BepError(problem, remedy, self.path, self.line, WRONG_DOCUMENTS)


def _line(document: Document, key: str) -> int:
    entry = document.metadata.entry(key)
    return blocks.line_of(document.source, entry.start) if entry else 1


def _status(document: Document, place: _Place) -> Status:
    guide = document.guide
    written = document.metadata.value("status")
    if not written:
        first = f"{guide.key('status')}: {guide.first_status.name}"
        raise place.refusal("there is no status", f"write `{first}` into the metadata")
    status = guide.status_of(written)
    if status is None:
        known = ", ".join(guide.status_names)
        raise place.refusal(f"the status {written!r} is unknown", f"write one of {known}")
    return status


def _no_way(guide: Guide, before: Status, after: Status, number: int) -> tuple[str, str]:
    """Why there is no transition, and the way out."""
    problem = f"there is no transition from {before.name} to {after.name}"
    for between in guide.following(before):
        if after in guide.following(between):
            return problem, f"make it {between.name} first: `{call(guide, between, number)}`"
    calls = [f"`{call(guide, one, number)}`" for one in guide.following(before)]
    if calls:
        return problem, f"from there, only {' or '.join(calls)} leads on"
    return problem, "begin a new proposal with `bep new`"


def keys_of_options(guide: Guide, status: Status) -> list[MetadataKey]:
    """The keys that a status needs and that a call of `mark` gives by its options."""
    return [key for key in guide.requirements(status) if key.id in _GIVEN]


def call(guide: Guide, status: Status, number: int, known: Collection[str] = ()) -> str:
    """The call of `mark` for a status, with what it needs besides the `known` keys."""
    keys = [key for key in keys_of_options(guide, status) if key.id not in known]
    needed = [_call_option(key) for key in keys]
    if guide.asks_for_reason(status):
        needed.append("--reason R")
    return " ".join(["bep mark", str(number), names.slug(status.name), *needed])


def _call_option(key: MetadataKey) -> str:
    """The option that gives a key its value, as a call has it."""
    field, value = _GIVEN[key.id]
    return f"{_option(field)} {value}"


def _value(document: Document, place: _Place, key: MetadataKey, wish: Wish) -> tuple[str, str]:
    """The value that a required key gets, and what is to be remarked about it, or ''."""
    is_option = key.id in _GIVEN
    given = str(getattr(wish, _GIVEN[key.id][0])) if is_option else ""
    there = document.metadata.value(key.id)
    if given:
        return given, f"{key.key} was {there}" if there not in ("", given) else ""
    if key.id == TARGET and not there and wish.version:
        return wish.version, f"the empty {key.key} became {wish.version}"
    remedy = (
        f"give {_call_option(key)}" if is_option else f"write `{key.key}: ...` into the metadata"
    )
    if not there:
        raise place.refusal(f"{wish.status.name} needs {key.key}", remedy)
    if key.form == "version" and not version.is_version(there):
        place = place._replace(line=_line(document, key.id))
        raise place.refusal(f"{key.key} {there!r} is not a version: {version.RULE}", remedy)
    return there, ""


def _decision(
    document: Document,
    place: _Place,
    transition: Transition,
    before: Status,
    wish: Wish,
    today: str,
) -> tuple[Decision | None, str]:
    """What the decision log has to say about a transition, and what is to be remarked, or ''."""
    status = wish.status
    if transition.logged:
        if not wish.reason:
            raise place.refusal(f"{status.name} needs a reason", "give --reason R")
        return _logged(document, Decision(today, transition.logged, wish.reason))
    found = open_questions.find(document) if status.settled else ()
    if not found:
        return None, ""
    count = counted(len(found), "open question")
    left = f"{count} {'is' if len(found) == 1 else 'are'} left"
    if before.settled:
        return None, left
    if not wish.despite_open_questions:
        place = place._replace(line=found[0].line)
        raise place.refusal(
            f"{left}, the first is {open_questions.headline(found[0])!r}",
            "settle them with `bep decide`, or give --despite-open-questions",
        )
    texts = "; ".join(map(open_questions.headline, found))
    reason = wish.reason or f"Still open: {texts}"
    accepted = next((one.name for one in document.guide.statuses.values() if one.settled), "")
    return _logged(document, Decision(today, f"{accepted} with {count}", reason))


def _logged(document: Document, decision: Decision) -> tuple[Decision, str]:
    heading = document.heading_of(decision_log.SECTION)
    return decision, f"the {heading} says {decision.text!r}"


def _refuse_misread(document: Document, edits: Sequence[Splice], place: _Place) -> None:
    """Raise BepError if the edits would not add one row of the decision log."""
    after = document.with_source(splices.applied(document.source, edits))
    if decision_log.row_count(after) != decision_log.row_count(document) + 1:
        log = document.heading_of(decision_log.SECTION)
        raise place.refusal(
            f"the reason would not be read as a row of the {log}",
            "check whether code or a comment above it is not closed",
        )
