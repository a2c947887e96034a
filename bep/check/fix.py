"""Mechanical corrections: the edits that findings carry, applied to the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..markdown import edits as splices
from ..markdown.edits import Splice
from .rules.finding import Finding
from .rules.snapshot import Snapshot

# One edit can enable another (a key is renamed, then moved); no chain is longer.
_ROUNDS = 5


class Fixed(NamedTuple):
    """The repository as it would be, new texts by path, findings fixed and findings left."""

    snapshot: Snapshot
    texts: Mapping[str, str]
    fixed: list[Finding]
    left: list[Finding]


def mend(snapshot: Snapshot, judge: Callable[[Snapshot], list[Finding]]) -> Fixed:
    """Apply the edits of the findings that `judge` returns, until none is left.

    Edits that overlap wait for the next round.
    """
    texts: dict[str, str] = {}
    done: list[Finding] = []
    left = judge(snapshot)
    for _ in range(_ROUNDS):
        chosen, edits = _without_overlap(left)
        if not chosen:
            break
        done += chosen
        new = {
            path: splices.applied(snapshot.documents[path].source, found)
            for path, found in edits.items()
        }
        texts |= new
        snapshot = snapshot.with_texts(new)
        left = judge(snapshot)
    return Fixed(snapshot=snapshot, texts=texts, fixed=done, left=left)


def _without_overlap(found: list[Finding]) -> tuple[list[Finding], dict[str, list[Splice]]]:
    """Return the findings whose edits can be applied together, and these edits by path."""
    fixable = sorted(
        (one for one in found if one.edits), key=lambda one: (*one.edits[0][:2], one.rank)
    )
    chosen: list[Finding] = []
    edits: dict[str, list[Splice]] = {}
    made: set[tuple[str, tuple[Splice, ...]]] = set()
    behind: dict[str, int] = {}
    for one in fixable:
        # One edit can fix several findings: files that a list lacks.
        if (one.path, one.edits) in made:
            chosen.append(one)
        elif one.edits[0].start >= behind.get(one.path, 0):
            chosen.append(one)
            made.add((one.path, one.edits))
            edits.setdefault(one.path, []).extend(one.edits)
            behind[one.path] = one.edits[-1].end
    return chosen, edits
