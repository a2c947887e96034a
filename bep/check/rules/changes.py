"""Rules about what a change does: transitions of the status, new numbers (process page)."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ... import names
from ...guide import Status
from ...markdown.blocks import Kind
from ...proposal import decision_log
from ...proposal.document import Document, Role
from ...proposal.lifecycle import SUPERSEDED_BY
from .metadata_values import place_of
from .rule import ERROR, OFF, WARNING, Hit, RuleSet
from .snapshot import Change, Proposal, Reservation
from .title_match import is_shorter_form

RULES = RuleSet("Changes")

_TRANSITIONS = "process page: Status Transition Rules"

_REASON = re.compile(r"reject|cancel|withdr[ae]w|abandon|declin|obsolete|dropp", re.IGNORECASE)


@RULES.of_changes(
    ERROR,
    _TRANSITIONS,
    example="{key[status]}: {status[rejected]} becomes {key[status]}: {status[implemented]}",
    remedy="Follow the lifecycle; `bep mark` knows the transitions. A rejected proposal is reopened"
    " as a {status[draft]} first.",
)
def transition_unknown(change: Change) -> Iterator[Hit]:
    """A change moves a status to one that can follow it in the lifecycle.

    The process page has the table of transitions.
    """
    for _, new, was, now in _transitions(change):
        following = new.guide.following(was)
        if now not in following:
            ways = f"{was.name} is final"
            if following:
                called = ", ".join(one.name for one in following)
                ways = f"from {was.name} it can become {called}"
            message = f"the status goes from {was.name} to {now.name}; {ways}"
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
    have required are filled in too. (Separate rules require the target version of an accepted
    proposal, the version of an implemented one and the successor of a superseded one.)
    """
    for old, new, was, now in _transitions(change):
        place, step = place_of(new.main, "status"), new.guide.transition(was, now)
        if step and step.logged and not _gives_reason(old.main, new.main):
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


@RULES.of_changes(
    OFF,
    "guide: lifecycle of decisions and open questions",
    example="The {section[proposed-design]} changes while the proposal is {status[accepted]}, and"
    " the {section[decision-log]} gets no row.",
    remedy="Record with `bep decide` why the design changed.",
)
def accepted_text(change: Change) -> Iterator[Hit]:
    """A change to an accepted proposal comes with a row in the {section[decision-log]}.

    Those who build it rely on the text. Comments, metadata, titles, references and open questions
    do not count, and neither does a change of status itself. Even a corrected misspelling is
    reported, so the rule is off by default.
    """
    for old, new in change.pairs():
        status = old.known_status if old else None
        if old is None or new is None or status is None or not status.settled:
            continue
        rows = [Counter(decision_log.decisions(one.main)) for one in (old, new)]
        if not rows[1] - rows[0]:
            yield from _altered(old, new, status)


def _altered(old: Proposal, new: Proposal, status: Status) -> Iterator[Hit]:
    """Yield the sections of settled text that differ; of a document, each once."""
    before = {one.names[-1]: one for one in old.parts}
    log = new.main.heading_of(decision_log.SECTION)
    unlogged = f"it was {status.name}, and the {log} has no new row"
    for document in new.documents:
        was = old.main if document is new.main else before.pop(document.names[-1], None)
        known = _settled_texts(was) if was else {}
        for name, (at, lines) in _settled_texts(document).items():
            same = known.pop(name, None)
            if lines != (same[1] if same else []):
                label = repr(name) if name else "the text above the first section"
                yield Hit(document, at, f"{label} changed, {unlogged}", text=name)
        for name, (_, lines) in known.items():
            if lines:
                message = f"{name!r} is gone, {unlogged}"
                yield Hit(document, document.title_start, message, text=name)
    for file in before:
        yield Hit(new.main, new.main.title_start, f"{file} is gone, {unlogged}", text=file)


def _settled_texts(document: Document) -> dict[str, tuple[int, list[str]]]:
    """Return the text of each section that is settled, by heading: its place and its lines."""
    title = document.title.end if document.title else 0
    top = document.top_sections
    end = top[0].start if top else len(document.source)
    spans = [("", title, title, end)] if title <= end else []
    for one in top:
        known = document.guide.sections.get(one.family or "")
        if known is None or not (known.placeholders or known.may_be_empty):
            spans.append((one.heading.text, one.heading.start, one.text_start, one.end))
    found: dict[str, tuple[int, list[str]]] = {}
    for name, at, start, end in spans:
        lines = [
            line.strip()
            for block in document.blocks_between(start, end)
            if block.kind is not Kind.COMMENT
            for _, line in document.lines_of(block)
            if line.strip()
        ]
        place, above = found.get(name, (at, []))
        found[name] = place, [*above, *lines]
    return found


class _Transition(NamedTuple):
    """A proposal before and after a change that takes it from one known status to another."""

    old: Proposal
    new: Proposal
    was: Status
    now: Status


def _transitions(change: Change) -> Iterator[_Transition]:
    """Yield the transitions of a change."""
    for old, new in change.pairs():
        if old is None or new is None:
            continue
        was, now = old.known_status, new.known_status
        if was and now and was != now:
            yield _Transition(old, new, was, now)


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
    remedy="Claim it with `bep renumber 1080 --to 1080`; if somebody else has it, give the document"
    " another number with `bep renumber PATH`.",
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
                f" `bep renumber {proposal.number} --to {proposal.number}` claims it"
            )
            yield Hit(proposal.main, 0, message)
        elif not _is_theirs(claim, proposal):
            is_alone = len(change.after.by_number[proposal.number]) == 1
            named = str(proposal.number) if is_alone else shlex.quote(proposal.main.path)
            message = (
                f"{proposal.number} is claimed by {claim.author} for {claim.title!r};"
                f" `bep renumber {named}` gives this document another number"
            )
            yield Hit(proposal.main, 0, message)


@RULES.of_changes(
    WARNING,
    "From code to its proposals (docs/agents.md)",
    example="src/relay.py has a new comment `See BEP-1046`, and BEP-1046 is {status[superseded]}",
    remedy="Cite the proposal that replaces it, or say why the old one is meant: what it decided is"
    " not to be built.",
)
def cites_superseded(change: Change) -> Iterator[Hit]:
    """A change adds no citation of a proposal that should not be built.

    It is about files outside the proposals: whoever follows the citation finds a design that was
    replaced or refused. Older citations are not reported.
    """
    for one in change.citations:
        proposal, name = change.given_up(one.number), names.proposal_name(one.number)
        if proposal is None:
            continue
        successor = proposal.main.metadata.value(SUPERSEDED_BY)
        instead = f" by {successor}; cite that one" if successor else "; it is not to be built"
        message = f"this cites {name}, which is {proposal.status}{instead}"
        # Only the line matters; the file may be of any kind and size.
        document = Document("\n" * (one.line - 1), one.path, Role.OTHER)
        yield Hit(document, one.line - 1, message, text=name, number=one.number)


def _is_theirs(claim: Reservation, proposal: Proposal) -> bool:
    """Return whether a claim fits a document by title or author; one that has neither fits all."""
    title, author = proposal.main.title_text, proposal.main.metadata.value("author")
    if not claim.title and not claim.author:
        return True
    named = claim.author.casefold() in author.casefold() if claim.author else False
    return named or is_shorter_form(claim.title, title)
