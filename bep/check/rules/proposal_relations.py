"""Rules about how proposals are related to each other (process page: Status Lifecycle)."""

from __future__ import annotations

from collections.abc import Iterator

from ... import names
from ...proposal import circles, lifecycle, relations
from ...proposal.lifecycle import SUPERSEDED_BY
from ...proposal.relations import Kind
from .metadata_values import place_of
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Relations between proposals")

_SOURCE = "process page: Status Lifecycle"


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        {key[status]}: {status[accepted]}
        ## {section[related-issues]}
        - Builds on: BEP-1046, which is {status[rejected]}""",
    remedy="Name what replaces the other design, here or in the successor, or reconsider"
    " this proposal. If it does not need the other one, let the entry say how they are related:"
    " `Alternative: BEP-1046`.",
)
def builds_on_rejected(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An agreed proposal that is not built yet builds on none that was rejected or replaced.

    Whoever implements it would look for a foundation that will not exist. A proposal builds on what
    `depends-on` names, and on what an entry of {section[related-issues]} names that begins with
    one of the guide's words for it, such as `Builds on`. It may build on one that it replaces
    itself.
    """
    status = proposal.known_status
    if status is None or status.final or not status.settled:
        return
    seen = set()
    for document in proposal.documents:
        for one in relations.of_document(proposal.number, document):
            if one.kind is Kind.BUILDS_ON and one.to not in seen:
                seen.add(one.to)
                if state := _given_up(one.to, proposal, snapshot):
                    name = names.proposal_name(one.to)
                    message = f"the proposal builds on {name}, which is {state}"
                    yield Hit(document, document.line_start(one.line), message, text=name)


def _given_up(number: int, proposal: Proposal, snapshot: Snapshot) -> str | None:
    """Return that a proposal is not to be built, in words, or None."""
    sharing = snapshot.by_number.get(number, [])
    if len(sharing) != 1 or not lifecycle.is_given_up(sharing[0].main):
        return None
    found = relations.successors(sharing[0].main)
    if proposal.number in found:
        return None
    by = f" by {' and '.join(map(names.proposal_name, found))}" if found else ""
    return f"{sharing[0].status}{by}"


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="""
        BEP-1046: {key[superseded-by]}: BEP-1050
        BEP-1050: {key[superseded-by]}: BEP-1046""",
    remedy="Decide which of the proposals is valid, give it its status back, and remove its key.",
)
def superseded_circle(snapshot: Snapshot) -> Iterator[Hit]:
    """Proposals never supersede each other in a circle.

    A reader who looks for what is valid follows `{key[superseded-by]}` forever. Each proposal in
    the circle is reported, and one that names itself by the rule `superseded-by`.
    """
    following: dict[int, list[int]] = {}
    for one in snapshot.proposals:
        others = (number for number in relations.successors(one.main) if number != one.number)
        following.setdefault(one.number, []).extend(others)
    for circle in circles.find(following):
        for at, number in enumerate(circle):
            way = [*circle[at:], *circle[: at + 1]]
            shown = ", ".join(map(names.proposal_name, way))
            for proposal in snapshot.by_number[number]:
                if way[1] in relations.successors(proposal.main):
                    place = place_of(proposal.main, SUPERSEDED_BY)
                    message = f"the proposals replace each other in a circle: {shown}"
                    yield Hit(proposal.main, place, message, text=shown)
