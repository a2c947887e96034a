"""`reserve`: a number and its row, before there is a document."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from ..model import names, questionnaire
from ..outside import files
from ..outside.files import Change
from ..outside.repository import Repository
from . import authors, branches, creation, gate, numbers
from .branches import Branch
from .numbers import Claim, Reserved


class Reservation(NamedTuple):
    """The number, what it was reserved for before, the registry's change, and the branch."""

    number: int
    before: Reserved | None
    change: Change | None
    branch: Branch | None


def reserve(
    repository: Repository,
    title: str,
    *,
    author: str = "",
    number: int | None = None,
    with_branch: bool = True,
    dry_run: bool = False,
) -> Reservation:
    """Reserve a number for `title`: its claim, its row, its branch.

    The same author asking again for the same title gets the number already reserved for it.
    `number` takes up a row or a claim without document. Raises BepError where title or number
    cannot be had; then nothing has changed.
    """
    title = title.strip()
    for question, value in (("title", title), ("author_name", author)):
        if found := questionnaire.problem(question, value, {}):
            raise BepError(found)
    author = author or authors.suggested(repository, repository.root).name
    gate.refuse_without_registry(repository)
    held = (
        numbers.waiting_for(repository, title, author)
        if number is None
        else _taken_up(repository, number, title, author)
    )
    before = numbers.reserved(repository, held) if held is not None else None
    if dry_run:
        wanted = held if held is not None else numbers.next_number(repository)
        return Reservation(wanted, before, _row(repository, wanted, title, author), None)
    claim, mine = _claim(repository, held, title, author)
    try:
        with files.alone(repository.git_directory):
            change = _row(repository, claim.number, title, author)
            if change:
                files.write(repository.git_directory, repository.root, [change])
    except BaseException:
        if mine:
            numbers.give_back(repository, claim)
        raise
    branch = branches.enter(repository, claim.number, names.slug(title)) if with_branch else None
    return Reservation(claim.number, before, change, branch)


def _taken_up(repository: Repository, number: int, title: str, author: str) -> int:
    if documents := repository.documents_of(number):
        raise BepError(
            f"the number {number} has a document",
            "leave the number out",
            repository.relative(documents[0]),
        )
    row = repository.read_registry().row(number)
    claim = _claim_of(repository, number)
    if claim is None and (row is None or not row.author):
        raise BepError(
            f"the number {number} is not reserved, so it cannot be taken up",
            f"leave the number out; the next one is {numbers.next_number(repository)}",
        )
    if claim is not None and not {claim.author.casefold(), claim.title.casefold()} & {
        author.casefold(),
        title.casefold(),
    }:
        raise BepError(
            f"the number {number} is reserved for {claim.title!r} by {claim.author}",
            "leave the number out",
        )
    return number


def _claim_of(repository: Repository, number: int) -> Claim | None:
    return next((one for one in numbers.claims(repository) if one.number == number), None)


def _claim(repository: Repository, held: int | None, title: str, author: str) -> tuple[Claim, bool]:
    """The claim, and whether it was made just now."""
    claim = _claim_of(repository, held) if held is not None else None
    return (claim, False) if claim else (numbers.take(repository, title, author, held), True)


def _row(repository: Repository, number: int, title: str, author: str) -> Change | None:
    """The registry's change; a row that stands there stays as it is."""
    if repository.read_registry().row(number) is not None:
        return None
    return creation.register(repository, number, title, author, "Draft", "")
