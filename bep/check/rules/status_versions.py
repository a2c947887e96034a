"""Rules about what a status requires (process page: Status Lifecycle, Version Fields)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, auto
from inspect import cleandoc
from typing import NamedTuple

from ... import names
from ...guide import MetadataKey
from ...proposal import relations
from ...proposal.lifecycle import SUPERSEDED_BY, TARGET, VERSION
from .metadata_values import place_of
from .rule import ERROR, OFF, WARNING, Hit, Rule, RuleSet, Severity
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Status and versions")

_VERSIONS = "process page: Version Fields"
_TRANSITIONS = "process page: Status Transition Rules"

_WITH_RULES = frozenset([TARGET, VERSION, SUPERSEDED_BY])


class _When(Enum):
    """When a key breaks a rule.

    It is empty in the first status that needs it, or in a later one, or it is filled in too early.
    """

    MISSING = auto()
    SKIPPED = auto()
    EARLY = auto()

    def applies(self, key: MetadataKey, status: str, value: str) -> bool:
        """Return whether a key with this value breaks the rule in a status."""
        if self is _When.EARLY:
            return bool(value) and status in key.empty_in
        first = key.needed_in[0] if key.needed_in else ""
        is_needed = status == first if self is _When.MISSING else status in key.needed_in[1:]
        return not value and is_needed


class _KeyRule(NamedTuple):
    """A rule that a key is filled in, or left empty, while the proposal has a status.

    `key` is None for all keys that have no rule of their own.
    """

    name: str
    severity: Severity
    key: str | None
    when: _When
    explanation: str
    example: str
    remedy: str


_MESSAGES = {
    _When.MISSING: "the proposal is {status}, and {key} is not filled in",
    _When.SKIPPED: "the proposal is {status}, and {key} was never filled in",
    _When.EARLY: "the proposal is {status}, and {key} is {value}",
}
_KEY_RULES = (
    _KeyRule(
        name="target-version-missing",
        severity=ERROR,
        key=TARGET,
        when=_When.MISSING,
        explanation="""
            An accepted proposal has a target version.

            Those who wait for it, or build it, look for the release there.""",
        example="""
            {key[status]}: {status[accepted]}
            {key[target-version]}:""",
        remedy="Fill in `{key[target-version]}`; `bep mark NUMBER accepted --target-version V` does"
        " both.",
    ),
    _KeyRule(
        name="target-version-skipped",
        severity=OFF,
        key=TARGET,
        when=_When.SKIPPED,
        explanation="""
            An implemented proposal keeps its target version.

            {key[target-version]} is filled in on acceptance and stays. The change that skips it
            breaks `transition-incomplete`; later nobody knows which version was the target, and the
            implemented one tells readers enough. So the rule is off by default.""",
        example="""
            {key[status]}: {status[implemented]}
            {key[target-version]}:
            {key[implemented-version]}: 26.4.0""",
        remedy="Fill in the version that was the target; it may be the implemented one.",
    ),
    _KeyRule(
        name="target-version-early",
        severity=WARNING,
        key=TARGET,
        when=_When.EARLY,
        explanation="A draft has no target version: it is filled in on acceptance.",
        example="""
            {key[status]}: {status[draft]}
            {key[target-version]}: 26.3.0""",
        remedy="Leave the value empty until the proposal is accepted.",
    ),
    _KeyRule(
        name="implemented-version-missing",
        severity=ERROR,
        key=VERSION,
        when=_When.MISSING,
        explanation="""
            An implemented proposal names the version that includes it.

            Users and support look it up there.""",
        example="""
            {key[status]}: {status[implemented]}
            {key[implemented-version]}:""",
        remedy="Fill in the version; `bep mark NUMBER implemented --version V` does both.",
    ),
    _KeyRule(
        name="implemented-version-early",
        severity=ERROR,
        key=VERSION,
        when=_When.EARLY,
        explanation="Only an implemented proposal, or one that another replaced later, has an"
        " implemented version.\n\nStatus and version contradict each other otherwise.",
        example="""
            {key[status]}: {status[draft]}
            {key[implemented-version]}: 26.4.0""",
        remedy="Remove the value, or mark the proposal as implemented.",
    ),
    _KeyRule(
        name="metadata-needed",
        severity=WARNING,
        key=None,
        when=_When.MISSING,
        explanation="""
            A metadata key is filled in as soon as the status requires it.

            Separate rules are about the keys that every proposal has, and about versions.""",
        example="""
            {key[status]}: {status[accepted]}
            Reviewers:

            where the guide needs `Reviewers` in an accepted proposal""",
        remedy="Fill in the value.",
    ),
    _KeyRule(
        name="metadata-early",
        severity=WARNING,
        key=None,
        when=_When.EARLY,
        explanation="""
            A metadata key is empty as long as the guide says so.

            A value that comes too early contradicts the status.""",
        example="""
            {key[status]}: {status[draft]}
            Approved-By: Ada Lovelace

            where the guide leaves `Approved-By` empty in a draft""",
        remedy="Remove the value until the proposal has the status for it.",
    ),
)


def _finder(one: _KeyRule) -> Callable[[Proposal, Snapshot], Iterator[Hit]]:
    def find(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
        main, status = proposal.main, proposal.known_status
        for key in proposal.guide.metadata.values() if status else ():
            value = main.metadata.value(key.id)
            is_meant = key.id == one.key if one.key else _is_general(proposal, key)
            if status and is_meant and one.when.applies(key, status.id, value):
                message = _MESSAGES[one.when].format(status=status.name, key=key.key, value=value)
                yield Hit(main, place_of(main, key.id), message, text="" if one.key else key.key)

    return find


def _is_general(proposal: Proposal, key: MetadataKey) -> bool:
    """Return whether a key has no rule of its own, and may be empty in a new proposal."""
    return key.id not in _WITH_RULES and proposal.guide.first_status.id not in key.needed_in


for _one in _KEY_RULES:
    RULES.of_proposals.add(
        Rule(
            name=_one.name,
            severity=_one.severity,
            source=_VERSIONS,
            explanation=cleandoc(_one.explanation),
            example=cleandoc(_one.example),
            remedy=_one.remedy,
            spares_history=_one.key is None,
            find=_finder(_one),
        )
    )


@RULES.of_proposals(
    ERROR,
    _TRANSITIONS,
    example="""
        {key[status]}: {status[superseded]}
        {key[superseded-by]}: BEP-1099, which has neither a document nor a row""",
    remedy="Name the proposal that replaces this one: `bep mark NUMBER superseded --by M`.",
)
def superseded_by(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A superseded proposal, and no other, names the one that replaces it.

    A reader has to find what is valid instead.
    """
    main, known = proposal.main, proposal.guide.metadata.get(SUPERSEDED_BY)
    if known is None:
        return
    successor, status = main.metadata.value(SUPERSEDED_BY), proposal.known_status
    if status and status.id in known.needed_in and not successor:
        above = proposal.guide.key("status")
        message = f"the proposal is {status.name}; add the key {known.key} below {above}"
        yield Hit(main, place_of(main, "status"), message)
    elif successor and status and status.id not in known.needed_in:
        message = f"{known.key} is {successor}, and the proposal is {status.name}"
        yield Hit(main, place_of(main, SUPERSEDED_BY), message, text=successor)
    elif successor:
        yield from _successor(proposal, known.key, successor, snapshot)


def _successor(proposal: Proposal, key: str, successor: str, snapshot: Snapshot) -> Iterator[Hit]:
    main, place = proposal.main, place_of(proposal.main, SUPERSEDED_BY)
    numbers = relations.successors(main)
    if not numbers:
        yield Hit(main, place, f"{key} is {successor!r}; write BEP-XXXX", text=successor)
    for number in numbers:
        if number == proposal.number:
            yield Hit(main, place, "the proposal supersedes itself", text=successor)
        elif not snapshot.is_known(number):
            message = f"{names.proposal_name(number)} has no document and no row of the registry"
            yield Hit(main, place, message, text=successor)
