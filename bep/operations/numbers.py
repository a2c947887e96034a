"""Numbers: which is next, and the one place where a number is taken.

A number is taken by creating the Git ref `refs/bep/NNNN`, which Git does for exactly one of many
at once. The ref points to a commit whose message names title, author, time and a unique token.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import NamedTuple

from ..errors import BepError
from ..model import names
from ..outside import git
from ..outside.repository import Repository


class Taken(BepError):
    """The number that was asked for belongs to somebody already."""


class Claim(NamedTuple):
    """A number that somebody has taken; `commit` is what its ref points to."""

    number: int
    title: str
    author: str
    commit: str


class Reserved(NamedTuple):
    """A number without a document: title and author of its row, else of its claim.

    `known_by` are the titles and authors of both, case folded; empty for a free number.
    """

    number: int
    title: str
    author: str
    known_by: frozenset[str]


def next_number(repository: Repository) -> int:
    """One more than the highest number that anything holds, from the first number on.

    Rows, documents and directories of the working tree, claims, and names of branches that are
    known here. Raises BepError where the registry is missing or broken.
    """
    held = repository.read_registry().numbers()
    held.update(number for number, _ in repository.main_documents())
    held.update(_directory_numbers(repository))
    prefix = repository.settings.claims
    for name in git.refs(repository.root, prefix, "refs/heads/", "refs/remotes/"):
        number = _claimed_number(name, prefix)
        held.add((number if number is not None else names.number_in_branch(name)) or 0)
    return max(repository.settings.first_number, max(held, default=0) + 1)


def _directory_numbers(repository: Repository) -> list[int]:
    if not repository.proposals.is_dir():
        return []
    found = (names.number_of_directory(path.name) for path in repository.proposals.iterdir())
    return [number for number in found if number is not None]


def _claimed_number(ref: str, prefix: str) -> int | None:
    rest = ref.removeprefix(prefix)
    return int(rest) if rest != ref and rest.isdecimal() else None


def claims(repository: Repository) -> list[Claim]:
    """All claims that are known here, ascending."""
    prefix = repository.settings.claims
    found = []
    for ref, commit, message in git.messages(repository.root, prefix):
        number = _claimed_number(ref, prefix)
        if number is not None:
            title, author = _said(message, "Title"), _said(message, "Author")
            found.append(Claim(number, title, author, commit))
    return sorted(found, key=lambda claim: claim.number)


def _said(message: str, key: str) -> str:
    lines = (line.partition(": ") for line in message.split("\n"))
    return next((value for name, _, value in lines if name == key), "")


def reserved_by_branch(repository: Repository) -> Reserved | None:
    """The number that the current branch names, where it has no document yet."""
    number = names.number_in_branch(git.branch(repository.root) or "")
    if number is None or number < repository.settings.first_number:
        return None
    return None if repository.documents_of(number) else reserved(repository, number)


def reserved(repository: Repository, number: int) -> Reserved:
    """What row and claim of a number say of it."""
    row = repository.read_registry().row(number)
    claim = next((one for one in claims(repository) if one.number == number), None)
    said = [(one.title, one.author) for one in (row, claim) if one is not None]
    title, author = next((pair for pair in said if pair[0]), ("", ""))
    known_by = frozenset(text.casefold() for pair in said for text in pair if text)
    return Reserved(number, title, author, known_by)


def waiting_for(repository: Repository, title: str, author: str) -> int | None:
    """The number that waits for this author's document of this title, None where none does."""
    rows = repository.read_registry().rows
    candidates = [(row.number, row.title, row.author) for row in rows if row.number is not None]
    candidates += [(one.number, one.title, one.author) for one in claims(repository)]
    wanted = (title.casefold(), author.casefold())
    same = [number for number, *said in candidates if tuple(map(str.casefold, said)) == wanted]
    documented = {number for number, _ in repository.main_documents()}
    return next((number for number in same if number not in documented), None)


def take(repository: Repository, title: str, author: str, number: int | None = None) -> Claim:
    """Take `number`, or the next one, for exactly this caller.

    Raises BepError where `number` is taken or Git refuses to make the ref.
    """
    while True:
        wanted = number if number is not None else next_number(repository)
        ref = f"{repository.settings.claims}{wanted:04d}"
        try:
            commit = git.commit_empty(repository.root, _message(wanted, title, author))
            if git.create_ref(repository.root, ref, commit):
                return Claim(wanted, title, author, commit)
        except git.GitRefusal as refusal:
            raise BepError(
                f"number {wanted} cannot be taken: {refusal}", "mend it and try again"
            ) from None
        if number is not None:
            raise Taken(f"the number {number} is taken already", "leave the number out")


def give_back(repository: Repository, claim: Claim) -> None:
    """Undo `take`."""
    ref = f"{repository.settings.claims}{claim.number:04d}"
    git.delete_ref(repository.root, ref, claim.commit)


def _message(number: int, title: str, author: str) -> str:
    time = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return (
        f"Reserve {names.proposal_name(number)}: {title}\n\n"
        f"Title: {title}\nAuthor: {author}\nTime: {time}\nToken: {uuid.uuid4()}\n"
    )
