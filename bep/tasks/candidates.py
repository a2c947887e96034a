"""What can be given for a parameter, in this repository: numbers with titles, statuses, rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .terminal import guide_here


class Candidate(NamedTuple):
    """A value, and what it means: a number and its title."""

    value: str
    meaning: str = ""


def of(source: str) -> list[Candidate]:
    """The values from a parameter's source; none from one that has no names.

    Raises BepError if the repository cannot be read.
    """
    if "|" in source:
        return [Candidate(value) for value in source.split("|")]
    reader = _READERS.get(source)
    return reader() if reader else []


def _numbers() -> list[Candidate]:
    """The numbers of registry, documents and branches; the files themselves are not opened."""
    from ..system import branch_proposals, repository

    found = repository.find(Path.cwd())
    in_flight = branch_proposals.find(found)
    titles = {one.number: Path(one.main).stem for one in in_flight.proposals}
    titles |= {row.number: row.title for row in in_flight.rows}
    titles |= {number: path.stem for number, path in found.main_documents()}
    titles |= {row.number: row.title for row in found.read_registry().rows if row.number}
    return [Candidate(str(number), title) for number, title in sorted(titles.items())]


def _statuses() -> list[Candidate]:
    return [Candidate(name.lower()) for name in guide_here().status_names]


def _rules() -> list[Candidate]:
    from ..check.rules import catalogue

    rules = catalogue.BY_NAME.values()
    return [Candidate(one.name, one.explanation.partition("\n")[0]) for one in rules]


def _sections() -> list[Candidate]:
    return [Candidate(one.heading) for one in guide_here().sections.values()]


def _layouts() -> list[Candidate]:
    return [Candidate(one.id, one.label) for one in guide_here().layouts.values()]


def _authors() -> list[Candidate]:
    """The authors in the registry; the documents themselves are not opened."""
    from ..system import branch_proposals, repository

    found = repository.find(Path.cwd())
    names = {row.author for row in found.read_registry().rows}
    names |= {row.author for row in branch_proposals.find(found).rows}
    return [Candidate(name) for name in sorted(filter(None, names))]


def _orders() -> list[Candidate]:
    from ..maintain import list_selection

    return [Candidate(one) for one in list_selection.ORDERS]


_READERS: dict[str, Callable[[], list[Candidate]]] = {
    "author": _authors,
    "number": _numbers,
    "order": _orders,
    "status": _statuses,
    "rule": _rules,
    "section": _sections,
    "layout": _layouts,
}
