"""`list --graph`: the relations of proposals as a picture, and as data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .. import names
from ..guide import Guide, Status
from ..markdown import mermaid
from ..markdown.mermaid import Arrow, Line, Node
from ..markdown.plain_text import visible
from ..proposal import relations
from ..proposal.lifecycle import SUPERSEDED_BY
from ..proposal.relations import Kind, Relation
from ..system.branch_proposals import RESERVED
from .proposal_list import Entry

# Mermaid draws no more, unless the page that shows the picture allows it.
MOST_ARROWS: Final = 500

_LINES: Final = {
    Kind.SUPERSEDED_BY: Line.THICK,
    Kind.BUILDS_ON: Line.SOLID,
    Kind.MENTIONS: Line.DOTTED,
}
_LEGEND: Final = {
    Kind.SUPERSEDED_BY: "A ==> B: A is superseded by B",
    Kind.BUILDS_ON: "A --> B: A builds on B",
    Kind.MENTIONS: "A -.-> B: A mentions B",
}
_LABELS: Final = {Kind.SUPERSEDED_BY: "superseded by"}
# Dark letters on a light ground, which a page of either kind shows as they are.
_OPEN: Final = "fill:#fff4ce,stroke:#9a6700,color:#1f2328"
_AGREED: Final = "fill:#ddf4ff,stroke:#0969da,color:#1f2328"
_DONE: Final = "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"
_GIVEN_UP: Final = "fill:#ffebe9,stroke:#cf222e,color:#1f2328"
_REPLACED: Final = "fill:#eaeef2,stroke:#57606a,color:#1f2328"
_WITHOUT_STATUS: Final = "fill:#ffffff,stroke:#57606a,color:#1f2328"
_WITHOUT_DOCUMENT: Final = f"{_WITHOUT_STATUS},stroke-dasharray:4 3"
_NO_STATUS, _RESERVED, _UNKNOWN = "no-status", "number-reserved", "number-unknown"


class Graph(NamedTuple):
    """Proposals and how they are related; `entries` are by their numbers.

    `shown` are the numbers that are in it, `relations` the strongest one of each pair.
    """

    entries: Mapping[int, Sequence[Entry]]
    shown: Sequence[int]
    relations: Sequence[Relation]

    def data(self) -> list[dict[str, Any]]:
        """The relations as `list --graph --json` prints them."""
        return [
            {**one._asdict(), "kind": one.kind.value, "known": one.to in self.entries}
            for one in self.relations
        ]

    @property
    def unknown(self) -> list[int]:
        """The numbers that no document, row or claim has."""
        return [number for number in self.shown if number not in self.entries]


def graph(
    entries: Sequence[Entry], found: Sequence[Relation], around: Collection[int] | None = None
) -> Graph:
    """The graph of all proposals that are related, or of some and their neighbours.

    `entries` are all of the repository. Those that were asked for are shown even if nothing is
    related to them.
    """
    chosen = found if around is None else relations.around(found, around)
    pairs = relations.strongest(chosen)
    shown = {number for one in pairs for number in (one.number, one.to)} | {*(around or ())}
    by_number: dict[int, list[Entry]] = {}
    for entry in entries:
        by_number.setdefault(entry.number, []).append(entry)
    return Graph(by_number, sorted(shown), pairs)


def flowchart(guide: Guide, drawn: Graph) -> str:
    """The graph in Mermaid's language, the same for the same proposals."""
    kinds = {one.kind for one in drawn.relations}
    return mermaid.flowchart(
        [_node(guide, number, drawn.entries.get(number, ())) for number in drawn.shown],
        [_arrow(one) for one in drawn.relations],
        dict(_styles(guide)),
        [said for kind, said in _LEGEND.items() if kind in kinds],
    )


def _node(guide: Guide, number: int, entries: Sequence[Entry]) -> Node:
    name = names.proposal_name(number)
    titles = (visible(one.title).removeprefix(name).lstrip(" :") for one in entries if one.title)
    heading = f"{name} {' / '.join(dict.fromkeys(titles))}".strip()
    style, said = _state(guide, entries)
    return Node(name, [heading, said], style)


def _state(guide: Guide, entries: Sequence[Entry]) -> tuple[str, str]:
    """The style of a proposal, and its status in words."""
    if not entries:
        return _UNKNOWN, "no proposal has this number"
    first = next((one for one in entries if one.main), None)
    if first is None:
        return _RESERVED, RESERVED if entries[0].where else entries[0].status or "no document"
    status = guide.status_of(first.status or "")
    if status is None:
        return _NO_STATUS, first.status or "no status"
    return _style_name(status), status.name


def _arrow(one: Relation) -> Arrow:
    ends = names.proposal_name(one.number), names.proposal_name(one.to)
    return Arrow(*ends, _LINES[one.kind], _LABELS.get(one.kind, ""))


def _styles(guide: Guide) -> Iterator[tuple[str, str]]:
    for status in guide.statuses.values():
        yield _style_name(status), _style(guide, status)
    yield _NO_STATUS, _WITHOUT_STATUS
    yield _RESERVED, _WITHOUT_DOCUMENT
    yield _UNKNOWN, _WITHOUT_DOCUMENT


def _style_name(status: Status) -> str:
    return f"status-{status.id}"


def _style(guide: Guide, status: Status) -> str:
    if status.settled:
        return _DONE if status.final else _AGREED
    successor = guide.metadata.get(SUPERSEDED_BY)
    if successor and status.id in successor.needed_in:
        return _REPLACED
    return _GIVEN_UP if status.final else _OPEN
