"""`renumber N --to N`: a document that came without a claim takes the number that it has."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import edits
from ..proposal import derived_text, metadata
from ..start import claim_refs, claims, held_numbers
from ..start.claim_refs import Claim
from ..start.held_numbers import Remote
from ..system import branch_proposals, chosen_proposals, file_transaction, git_refs
from ..system.file_transaction import Change
from ..system.repository import Repository, encode


class Claimed(NamedTuple):
    """A number that its document has now: whether the claim is new, and the registry's change."""

    number: int
    is_new: bool
    change: Change | None


def claim(repository: Repository, named: str, *, dry_run: bool = False) -> Claimed:
    """Claim the number that a document has, and add its row where it is missing.

    Raises BepError if the number is somebody else's: that of a document on the main branch, of a
    row with another document, or of a claim that fits neither title nor author.
    """
    number = chosen_proposals.one_number(named)
    main = chosen_proposals.one(repository, named)
    _refuse_of_main(repository, number, main)
    remote = held_numbers.look(repository)
    read = repository.document(main)
    author = metadata.author_name(read.metadata.value("author"))
    title = read.title_text or main.stem
    held = _held(repository, number, main, (title, author), remote)
    if dry_run:
        return Claimed(number, held is None, _row(repository, number, main))
    try:
        made = held or claims.take(repository, title, author, number, remote)
    except claims.Taken:
        raise _taken(number, repository.relative(main), "by somebody else") from None
    with (
        claims.kept_if_used(repository, made, remote, is_new=held is None),
        file_transaction.alone(repository.tree),
    ):
        change = _row(repository, number, main)
        if change:
            file_transaction.write(repository.tree, [change])
    return Claimed(number, held is None, change)


def _refuse_of_main(repository: Repository, number: int, main: Path) -> None:
    """Raise BepError if the main branch has another document of the number."""
    path = repository.relative(main)
    branches = branch_proposals.find(repository)
    on_main = branches.documents_on_main(number)
    if on_main and path not in on_main:
        raise _taken(number, path, f"by {on_main[0]} on {branches.main}")


def _refuse_of_branch(repository: Repository, number: int, main: Path) -> None:
    """Raise BepError if a branch has another document of the number, which has the claim."""
    path = repository.relative(main)
    for one in branch_proposals.find(repository).of(number):
        if one.main != path:
            raise _taken(number, path, f"by {one.main} on the branch {one.branch}")


def _taken(number: int, path: str, whom: str) -> BepError:
    return BepError(
        f"the number {number} is taken {whom}",
        f"`bep renumber {shlex.quote(path)}` gives this document another one",
        path,
        code=WRONG_DOCUMENTS,
    )


def _held(
    repository: Repository, number: int, main: Path, said: tuple[str, str], remote: Remote | None
) -> Claim | None:
    """The claim of this document, here and published from now on; None if there is none."""
    own = claim_refs.own_of(repository, number)
    if own and own.title.casefold() not in {text.casefold() for text in said}:
        _refuse_of_branch(repository, number, main)
    there = remote.claims.get(number) if remote else None
    if own and remote and there is None:
        there = own.commit if claims.publish(repository, remote, own) else ""
    if own and there in (None, own.commit):
        return own
    if remote is None or there is None:
        return None
    told = held_numbers.read_remote(repository, remote, [number])
    wanted = {text.casefold() for text in said if text}
    for one in told:
        if wanted & {one.title.casefold(), one.author.casefold()}:
            if own is None:
                git_refs.create_ref(
                    repository.root, claim_refs.ref_of(repository, number), one.commit
                )
            return one
    whom = f"by {told[0].author} for {told[0].title!r}" if told else "by somebody else"
    raise _taken(number, repository.relative(main), whom)


def _row(repository: Repository, number: int, main: Path) -> Change | None:
    """The process page with the row of the document; None if it has one."""
    page = repository.read_registry()
    if chosen_proposals.row_of(repository, page, number, main) is not None:
        return None
    if others := [row for row in page.rows if row.held == number]:
        path = repository.relative(main)
        raise _taken(number, path, f"by the row {others[0].title!r} ({page.path}:{others[0].line})")
    new = derived_text.new_row(page, repository.document(main))
    return Change(repository.registry_page, encode(edits.applied(page.source, [new])))
