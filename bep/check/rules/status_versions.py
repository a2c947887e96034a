"""Rules about what a status requires (process page: Status Lifecycle, Version Fields)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import names
from ...proposal.document import Document
from .metadata import SUPERSEDED_BY
from .metadata_values import place_of
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Status and versions")

_VERSIONS = "process page: Version Fields"
_TRANSITIONS = "process page: Status Transition Rules"

_NUMBER = re.compile(r"(?<!\d)(\d{3,5})(?!\d)")


def _value(document: Document, key: str) -> str:
    return document.metadata.value(key)


@RULES.of_proposals(
    ERROR,
    _VERSIONS,
    example="""
        Status: Accepted
        Target-Version:""",
    remedy="Fill in `Target-Version`; `bep mark NUMBER accepted --target-version V` does both.",
)
def target_version_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An accepted proposal has a target version.

    Whoever waits for it, or builds it, looks for the release there.
    """
    main = proposal.main
    if proposal.status == "Accepted" and not _value(main, "Target-Version"):
        message = "the proposal is Accepted, and Target-Version is not filled in"
        yield Hit(main, place_of(main, "Target-Version"), message)


@RULES.of_proposals(
    WARNING,
    _VERSIONS,
    example="""
        Status: Implemented
        Target-Version:
        Implemented-Version: 26.4.0""",
    remedy="Fill in the version that was the target; it may be the implemented one.",
)
def target_version_skipped(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An implemented proposal still tells its target version.

    Target-Version is filled in with the acceptance and stays.
    """
    main = proposal.main
    if proposal.status == "Implemented" and not _value(main, "Target-Version"):
        message = "the proposal is Implemented, and Target-Version was never filled in"
        yield Hit(main, place_of(main, "Target-Version"), message)


@RULES.of_proposals(
    WARNING,
    _VERSIONS,
    example="""
        Status: Draft
        Target-Version: 26.3.0""",
    remedy="Leave the value out until the acceptance.",
)
def target_version_early(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A draft has no target version: it is filled in with the acceptance."""
    main = proposal.main
    if proposal.status == "Draft" and (version := _value(main, "Target-Version")):
        message = f"the proposal is a Draft, and Target-Version is {version}"
        yield Hit(main, place_of(main, "Target-Version"), message)


@RULES.of_proposals(
    ERROR,
    _VERSIONS,
    example="""
        Status: Implemented
        Implemented-Version:""",
    remedy="Fill in the version; `bep mark NUMBER implemented --version V` does both.",
)
def implemented_version_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An implemented proposal tells the version that has it.

    Users and support look it up there.
    """
    main = proposal.main
    if proposal.status == "Implemented" and not _value(main, "Implemented-Version"):
        message = "the proposal is Implemented, and Implemented-Version is not filled in"
        yield Hit(main, place_of(main, "Implemented-Version"), message)


@RULES.of_proposals(
    ERROR,
    _VERSIONS,
    example="""
        Status: Draft
        Implemented-Version: 26.4.0""",
    remedy="Take the value out, or mark the proposal as implemented.",
)
def implemented_version_early(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Only an implemented proposal, or one that another replaced later, has an implemented version.

    Status and version contradict each other otherwise.
    """
    main = proposal.main
    version = _value(main, "Implemented-Version")
    if proposal.status in ("Draft", "Accepted", "Rejected") and version:
        message = f"the proposal is {proposal.status}, and Implemented-Version is {version}"
        yield Hit(main, place_of(main, "Implemented-Version"), message)


@RULES.of_proposals(
    ERROR,
    _TRANSITIONS,
    example="""
        Status: Superseded
        Superseded-By: BEP-1099, of which there is neither a document nor a row""",
    remedy="Name the proposal that replaces this one: `bep mark NUMBER superseded --by M`.",
)
def superseded_by(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A superseded proposal names the one that replaces it, and only such a one does.

    A reader has to find what holds instead.
    """
    main, successor = proposal.main, _value(proposal.main, SUPERSEDED_BY)
    if proposal.status == "Superseded" and not successor:
        message = f"the proposal is Superseded; add the key {SUPERSEDED_BY} below Status"
        yield Hit(main, place_of(main, "Status"), message)
    elif successor:
        yield from _successor(proposal, successor, snapshot)


def _successor(proposal: Proposal, successor: str, snapshot: Snapshot) -> Iterator[Hit]:
    main, place = proposal.main, place_of(proposal.main, SUPERSEDED_BY)
    if proposal.status in ("Draft", "Accepted", "Implemented", "Rejected"):
        message = f"{SUPERSEDED_BY} is {successor}, and the proposal is {proposal.status}"
        yield Hit(main, place, message, text=successor)
        return
    numbers = [int(one) for one in _NUMBER.findall(successor)]
    if not numbers:
        yield Hit(main, place, f"{SUPERSEDED_BY} is {successor!r}; write BEP-XXXX", text=successor)
    for number in numbers:
        if number == proposal.number:
            yield Hit(main, place, "the proposal supersedes itself", text=successor)
        elif not snapshot.is_known(number):
            message = f"{names.proposal_name(number)} has no document and no row of the registry"
            yield Hit(main, place, message, text=successor)
