"""Numbers that wait for their document: rows and claims without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import BepError
from ..questionnaire import validation
from ..system import branch_proposals
from ..system.repository import Repository
from . import claim_refs, claims
from .claim_refs import Claim
from .claims import Taken
from .held_numbers import Remote


class Reserved(NamedTuple):
    """A number without a document: title and author of its row, else of its claim.

    `known_by` are the titles and authors of both, folded; empty for a free number.
    """

    number: int
    title: str
    author: str
    known_by: frozenset[str]


def folded(text: str) -> str:
    """A title or name as it is compared with one that is given again: without case and blanks."""
    return " ".join(text.casefold().split())


def reserved_by_branch(repository: Repository) -> Reserved | None:
    """The number that the current branch names, where it has no document yet."""
    number = repository.branch_number()
    if number is None or number < repository.settings.first_number:
        return None
    return None if repository.documents_of(number) else reserved(repository, number)


def reserved(repository: Repository, number: int) -> Reserved:
    """What row and claim of a number say about it, here, or elsewhere as it was last fetched."""
    row = repository.read_registry().row(number)
    known = [
        one
        for one in claim_refs.known(repository, claim_refs.own(repository))
        if one.number == number
    ]
    rows = [one for one in branch_proposals.find(repository).rows if one.number == number]
    said = [(one.title, one.author) for one in (row, *known, *rows) if one is not None]
    title, author = next((pair for pair in said if pair[0]), ("", ""))
    known_by = frozenset(folded(text) for pair in said for text in pair if text)
    return Reserved(number, title, author, known_by)


def waiting_for(
    repository: Repository, title: str, author: str, known: Sequence[Claim]
) -> int | None:
    """The number reserved for this author's document of this title, None if there is none.

    `known` are the claims that count besides the registry's rows.
    """
    rows = repository.read_registry().rows
    candidates = [(row.number, row.title, row.author) for row in rows if row.number is not None]
    candidates += [(one.number, one.title, one.author) for one in known]
    wanted = (folded(title), folded(author))
    same = [number for number, *said in candidates if tuple(map(folded, said)) == wanted]
    if not same:
        return None
    documented = {number for number, _ in repository.main_documents()}
    documented |= {one.number for one in branch_proposals.find(repository).only_elsewhere}
    return next((number for number in same if number not in documented), None)


def in_range(repository: Repository, number: int) -> int:
    """The number itself; raises BepError if the settings let no proposal have it."""
    first = repository.settings.first_number
    if found := validation.problem("number", number, {"first_number": first}):
        raise BepError(found, "give another number, or change the setting `first_number`")
    return number


def refuse_held(repository: Repository, number: int, remedy: str) -> None:
    """Raise Taken where a document on a branch, or a row that is struck out, has the number."""
    if elsewhere := (branches := branch_proposals.find(repository)).of(number):
        raise Taken(
            f"the number {number} is taken: {branches.place(elsewhere[0])}",
            remedy,
            elsewhere[0].main,
        )
    for row in repository.read_registry().rows:
        if row.number is None and row.held == number:
            raise Taken(
                f"the number {number} is taken: its row says {row.cells[0].text!r}",
                remedy,
                repository.relative(repository.registry_page),
                row.line,
            )


def claim_reserved(
    repository: Repository,
    number: int,
    title: str,
    author: str,
    remote: Remote | None,
    *,
    given: bool,
) -> tuple[Claim, bool]:
    """The claim of a number that is reserved for the caller, and whether it was made just now.

    Raises Taken where the number was `given` and is somebody else's, BepError where it was found
    by its reservation.
    """
    if (held := claim_refs.own_of(repository, number)) is not None:
        return held, False
    try:
        return claims.take(repository, title, author, number, remote), True
    except claims.Taken:
        # Another process of this repository may have claimed it since.
        if (held := claim_refs.own_of(repository, number)) is not None:
            return held, False
        if given:
            raise
    raise BepError(
        f"the number {number} is reserved here for {title!r}, and somebody else has claimed it",
        "remove its row, and try again for the next number",
        repository.relative(repository.registry_page),
    )
