"""Rules about what a status requires (process page: Status Lifecycle, Version Fields)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import NamedTuple

from ... import names
from ...proposal.lifecycle import (
    ACCEPTED,
    DRAFT,
    IMPLEMENTED,
    REJECTED,
    SUPERSEDED,
    TARGET,
    VERSION,
)
from ...proposal.metadata import SUPERSEDED_BY
from .metadata_values import place_of
from .rule import ERROR, WARNING, Hit, Rule, RuleSet, Severity
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Status and versions")

_VERSIONS = "process page: Version Fields"
_TRANSITIONS = "process page: Status Transition Rules"

_NUMBER = re.compile(r"(?<!\d)(\d{3,5})(?!\d)")


class _VersionRule(NamedTuple):
    """A rule that a version is filled in, or left empty, while the proposal has a status.

    `message` may name the `{status}` and the `{version}`.
    """

    name: str
    severity: Severity
    statuses: tuple[str, ...]
    key: str
    is_filled: bool
    message: str
    explanation: str
    example: str
    remedy: str


_VERSION_RULES = (
    _VersionRule(
        name="target-version-missing",
        severity=ERROR,
        statuses=(ACCEPTED,),
        key=TARGET,
        is_filled=True,
        message="the proposal is {status}, and Target-Version is not filled in",
        explanation="""
            An accepted proposal has a target version.

            Those who wait for it, or build it, look for the release there.""",
        example="""
            Status: Accepted
            Target-Version:""",
        remedy="Fill in `Target-Version`; `bep mark NUMBER accepted --target-version V` does both.",
    ),
    _VersionRule(
        name="target-version-skipped",
        severity=WARNING,
        statuses=(IMPLEMENTED,),
        key=TARGET,
        is_filled=True,
        message="the proposal is {status}, and Target-Version was never filled in",
        explanation="""
            An implemented proposal keeps its target version.

            Target-Version is filled in on acceptance and stays.""",
        example="""
            Status: Implemented
            Target-Version:
            Implemented-Version: 26.4.0""",
        remedy="Fill in the version that was the target; it may be the implemented one.",
    ),
    _VersionRule(
        name="target-version-early",
        severity=WARNING,
        statuses=(DRAFT,),
        key=TARGET,
        is_filled=False,
        message="the proposal is a {status}, and Target-Version is {version}",
        explanation="A draft has no target version: it is filled in on acceptance.",
        example="""
            Status: Draft
            Target-Version: 26.3.0""",
        remedy="Leave the value empty until the proposal is accepted.",
    ),
    _VersionRule(
        name="implemented-version-missing",
        severity=ERROR,
        statuses=(IMPLEMENTED,),
        key=VERSION,
        is_filled=True,
        message="the proposal is {status}, and Implemented-Version is not filled in",
        explanation="""
            An implemented proposal names the version that includes it.

            Users and support look it up there.""",
        example="""
            Status: Implemented
            Implemented-Version:""",
        remedy="Fill in the version; `bep mark NUMBER implemented --version V` does both.",
    ),
    _VersionRule(
        name="implemented-version-early",
        severity=ERROR,
        statuses=(DRAFT, ACCEPTED, REJECTED),
        key=VERSION,
        is_filled=False,
        message="the proposal is {status}, and Implemented-Version is {version}",
        explanation="Only an implemented proposal, or one that another replaced later, has an"
        " implemented version.\n\nStatus and version contradict each other otherwise.",
        example="""
            Status: Draft
            Implemented-Version: 26.4.0""",
        remedy="Remove the value, or mark the proposal as implemented.",
    ),
)


def _finder(one: _VersionRule) -> Callable[[Proposal, Snapshot], Iterator[Hit]]:
    def find(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
        main = proposal.main
        version = main.metadata.value(one.key)
        if proposal.status in one.statuses and bool(version) is not one.is_filled:
            message = one.message.format(status=proposal.status, version=version)
            yield Hit(main, place_of(main, one.key), message)

    return find


for _one in _VERSION_RULES:
    RULES.of_proposals.add(
        Rule(
            name=_one.name,
            severity=_one.severity,
            source=_VERSIONS,
            explanation=cleandoc(_one.explanation),
            example=cleandoc(_one.example),
            remedy=_one.remedy,
            find=_finder(_one),
        )
    )


@RULES.of_proposals(
    ERROR,
    _TRANSITIONS,
    example="""
        Status: Superseded
        Superseded-By: BEP-1099, which has neither a document nor a row""",
    remedy="Name the proposal that replaces this one: `bep mark NUMBER superseded --by M`.",
)
def superseded_by(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A superseded proposal, and no other, names the one that replaces it.

    A reader has to find what is valid instead.
    """
    main, successor = proposal.main, proposal.main.metadata.value(SUPERSEDED_BY)
    if proposal.status == SUPERSEDED and not successor:
        message = f"the proposal is Superseded; add the key {SUPERSEDED_BY} below Status"
        yield Hit(main, place_of(main, "Status"), message)
    elif successor:
        yield from _successor(proposal, successor, snapshot)


def _successor(proposal: Proposal, successor: str, snapshot: Snapshot) -> Iterator[Hit]:
    main, place = proposal.main, place_of(proposal.main, SUPERSEDED_BY)
    if proposal.status in (DRAFT, ACCEPTED, IMPLEMENTED, REJECTED):
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
