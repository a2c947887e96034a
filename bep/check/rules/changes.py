"""Rules about what a change does: transitions of the status, new numbers (process page)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...guide import Guide, Status
from ...proposal.document import Document
from .metadata_values import place_of
from .rule import ERROR, Hit, RuleSet
from .snapshot import Change, Proposal, Reservation
from .title_match import is_shorter_form

RULES = RuleSet("Changes")

_TRANSITIONS = "process page: Status Transition Rules"

_REASON = re.compile(r"reject|cancel|withdr[ae]w|abandon|declin|obsolete|dropp", re.IGNORECASE)


@RULES.of_changes(
    ERROR,
    _TRANSITIONS,
    example="{key[status]}: {status[rejected]} becomes {key[status]}: {status[implemented]}",
    remedy="Take the steps of the lifecycle; `bep mark` knows them. A rejected proposal is reopened"
    " as a Draft first.",
)
def transition_unknown(change: Change) -> Iterator[Hit]:
    """A change moves a status to one that can follow it in the lifecycle.

    The process page has the table of transitions.
    """
    for old, new in _transitions(change):
        following = new.guide.following(old.status)
        if new.status not in following:
            ways = f"{old.status.name} is final"
            if following:
                names = ", ".join(one.name for one in following)
                ways = f"from {old.status.name} it can become {names}"
            message = f"the status goes from {old.status.name} to {new.status.name}; {ways}"
            yield Hit(new.main, place_of(new.main, "status"), message)


@RULES.of_changes(
    ERROR,
    _TRANSITIONS,
    example="{key[status]}: {status[draft]} becomes {key[status]}: {status[rejected]}, and"
    " nothing else changes",
    remedy="Add what the table of transitions requires; `bep mark` asks for it.",
)
def transition_incomplete(change: Change) -> Iterator[Hit]:
    """A change of status comes with what it requires.

    A rejection or cancellation has its reason in the document. Keys that a skipped status would
    have needed are filled in too. (Separate rules require the target version of an accepted
    proposal, the version of an implemented one and the successor of a superseded one.)
    """
    for old, new in _transitions(change):
        place, was, now = place_of(new.main, "status"), old.status, new.status
        steps = (
            one for one in new.guide.transitions if (one.before, one.after) == (was.id, now.id)
        )
        logged = any(one.logged for one in steps)
        if logged and not _gives_reason(old.main, new.main):
            message = f"the status becomes {now.name}, and the document does not say why"
            yield Hit(new.main, place, message)
        skipped = [
            key.key
            for key in new.guide.requirements(now)
            if key.needed_in[0] not in (was.id, now.id) and not new.main.metadata.value(key.id)
        ]
        if skipped:
            message = f"the status goes from {was.name} to {now.name} without {', '.join(skipped)}"
            yield Hit(new.main, place, message)


class _Transition(NamedTuple):
    """A main document before and after a change that gives it another status."""

    old: _Side
    new: _Side


class _Side(NamedTuple):
    main: Document
    status: Status

    @property
    def guide(self) -> Guide:
        return self.main.guide


def _transitions(change: Change) -> Iterator[_Transition]:
    """Yield the transitions of a change from one known status to another."""
    for old, new in _pairs(change):
        before, after = old.known_status, new.known_status
        if before and after and before != after:
            yield _Transition(_Side(old.main, before), _Side(new.main, after))


def _pairs(change: Change) -> Iterator[tuple[Proposal, Proposal]]:
    """Yield the proposals that existed before the change, as they were and as they are."""
    before = {one.main.path: one for one in change.before.proposals}
    for after in change.after.proposals:
        path = change.renamed.get(after.main.path, after.main.path)
        same = change.before.by_number.get(after.number, [])
        old = before.get(path) or (same[0] if len(same) == 1 else None)
        if old:
            yield old, after


def _body(document: Document) -> str:
    start = document.front_matter.end if document.front_matter else 0
    return document.source[start:]


def _gives_reason(old: Document, new: Document) -> bool:
    """Return whether the text below the metadata changed, or already speaks of a rejection."""
    return _body(old) != _body(new) or _REASON.search(_body(new)) is not None


@RULES.of_changes(
    ERROR,
    "how numbers are reserved (docs/reservation.md)",
    example="proposals/BEP-1080-quotas.md is new, and 1080 is not claimed",
    remedy="Give the document another number with `bep renumber PATH`, which claims it.",
)
def number_unclaimed(change: Change) -> Iterator[Hit]:
    """The number of a new main document is claimed by its author.

    Somebody else may take the number of a document that was copied by hand, or has taken it
    already. A row that was in the registry before the change counts as a claim. The shared remote
    is asked once; if it does not answer, `check` says that it skipped this.
    """
    if change.claimed is None:
        return
    for proposal in change.added():
        if proposal.number in change.before.rows:
            continue
        claim = change.claimed.get(proposal.number)
        if claim is None and proposal.number in change.unpublished:
            message = f"{proposal.number} is claimed in this clone only; `bep sync` publishes it"
            yield Hit(proposal.main, 0, message)
        elif claim is None:
            message = (
                f"the document is new, and {proposal.number} is not claimed;"
                " `bep renumber` gives it a claimed number"
            )
            yield Hit(proposal.main, 0, message)
        elif not _is_theirs(claim, proposal):
            message = f"{proposal.number} is claimed by {claim.author} for {claim.title!r}"
            yield Hit(proposal.main, 0, message)


def _is_theirs(claim: Reservation, proposal: Proposal) -> bool:
    """Return whether a claim fits a document by title or author; one that has neither fits all."""
    title, author = proposal.main.title_text, proposal.main.metadata.value("author")
    if not claim.title and not claim.author:
        return True
    named = claim.author.casefold() in author.casefold() if claim.author else False
    return named or is_shorter_form(claim.title, title)
