"""Titles that proposals have already, wherever they are (guide: check existing BEPs)."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..proposal.document import Document
from ..system import branch_proposals
from ..system.branch_proposals import BranchRow
from ..system.repository import Repository
from . import claim_refs, held_numbers
from .claim_refs import Claim
from .held_numbers import Remote

# A title is near the top.
_HEAD_BYTES = 4096
_SIMILAR = 0.85
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\W*BEP[- ]?\d+\W*", re.IGNORECASE)
# Whether somebody goes on, who is shown these lines.
Asked = Callable[[Sequence[str]], bool]


class _Known(NamedTuple):
    """A title with the number of its proposal, and where that is, as a sentence."""

    number: int
    title: str
    place: str


def refuse(
    repository: Repository,
    title: str,
    remote: Remote | None,
    *,
    number: int | None = None,
    again: bool = False,
    asks: Asked | None = None,
) -> list[str]:
    """Raise BepError if another proposal than `number` has the title, unless it comes `again`.

    Somebody who can be asked decides, also about similar titles; otherwise these are returned, in
    words.
    """
    if again:
        return []
    others = [(one, folded) for one, folded in _known(repository, remote) if one.number != number]
    wanted = _folded(title)
    same = [one for one, folded in others if folded == wanted]
    near = difflib.SequenceMatcher(b=wanted)
    similar = [one for one, folded in others if folded != wanted and _is_near(near, folded)]
    if same and not asks:
        raise BepError(
            f"{names.proposal_name(same[0].number)} already has this title: {same[0].place}",
            "give another title, or --again for another proposal of this title",
        )
    said = [f"has this title: {one.place}" for one in same]
    said += [f"has a similar title, {one.title!r}: {one.place}" for one in similar]
    lines = [
        f"{names.proposal_name(one.number)} {words}"
        for one, words in zip([*same, *similar], said, strict=True)
    ]
    if lines and asks and not asks(lines):
        raise BepError("nothing was changed", "try again with another title")
    return [] if asks else lines


def _known(repository: Repository, remote: Remote | None) -> Iterator[tuple[_Known, str]]:
    """All known titles with their folded forms, each title of a number once."""
    found: dict[tuple[int, str], _Known] = {}
    for one in _every(repository, remote):
        if one.title:
            found.setdefault((one.number, _folded(one.title)), one)
    for (_, folded), one in found.items():
        yield one, folded


def _every(repository: Repository, remote: Remote | None) -> Iterator[_Known]:
    branches, guide = branch_proposals.find(repository), repository.guide
    documented = set()
    for number, path in repository.main_documents():
        documented.add(number)
        shown = repository.relative(path)
        yield _Known(number, Document(repository.head(path, _HEAD_BYTES)).title_text, shown)
    contents = branch_proposals.texts(
        repository, (one.documents[one.main] for one in branches.proposals)
    )
    for one in branches.proposals:
        documented.add(one.number)
        read = branch_proposals.document(guide, contents, one, one.main)
        head = Document(read.source[:_HEAD_BYTES])
        yield _Known(one.number, head.title_text, branches.place(one))
    page = repository.relative(repository.registry_page)
    for row in repository.read_registry().rows:
        if row.number is not None and (row.author or row.link):
            yield _Known(row.number, row.title, f"{page}:{row.line}")
    made = claim_refs.own(repository)
    there = held_numbers.outstanding(repository, remote, made) if remote else []
    reserved: list[BranchRow | Claim] = [
        *branches.rows,
        *claim_refs.known(repository, made),
        *there,
    ]
    for said in reserved:
        if said.number not in documented:
            yield _Known(said.number, said.title, f"reserved by {said.author or 'somebody'}")


def _folded(title: str) -> str:
    """A title without what two spellings of it may differ in: case, blanks and punctuation."""
    number = _NUMBER.match(title)
    rest = title[number.end() :] if number else title
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", rest).casefold()))


def _is_near(wanted: difflib.SequenceMatcher[str], other: str) -> bool:
    wanted.set_seq1(other)
    return (
        wanted.real_quick_ratio() >= _SIMILAR
        and wanted.quick_ratio() >= _SIMILAR
        and wanted.ratio() >= _SIMILAR
    )
