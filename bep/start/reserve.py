"""`reserve` and `unreserve`: a number and its row, before there is a document."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..proposal import registry_table
from ..proposal.registry_table import Row
from ..questionnaire import validation
from ..system import branch_proposals, effects, file_transaction, git_refs, working_tree
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from . import (
    author as authors,
    branch as branches,
    claim_refs,
    claims,
    held_numbers,
    known_titles,
    new,
    preconditions,
    reserved_numbers,
)
from .branch import Branch
from .claim_refs import Claim
from .claims import Fate
from .held_numbers import Remote
from .reserved_numbers import Reserved, folded


class Reservation(NamedTuple):
    """The number, what it was reserved for before, the registry's change, and the branch."""

    number: int
    before: Reserved | None
    change: Change | None
    branch: Branch | None
    remarks: tuple[str, ...]


def reserve(
    repository: Repository,
    title: str,
    *,
    author: str = "",
    number: int | None = None,
    with_branch: bool = True,
    offline: bool = False,
    again: bool = False,
    asks: known_titles.Asked | None = None,
    dry_run: bool = False,
) -> Reservation:
    """Reserve a number for `title`: its claim, its row, its branch.

    The same author asking again for the same title gets the number already reserved for it.
    `number` uses a row or a claim without document. Without a remote, or `offline`, the claim
    is made in this repository and published by the next call that asks the remote. `again` and
    `asks` are for a title that another proposal has. Raises BepError if the title is malformed
    or taken, or the number cannot be taken; then nothing has changed.
    """
    title = title.strip()
    for question, value in (("title", title), ("author_name", author)):
        if found := validation.problem(question, value, {}):
            raise BepError(found)
    author = author or authors.suggested(repository, repository.root).name
    preconditions.refuse_without_registry(repository)
    remote = None if offline else held_numbers.look(repository, or_offline=True)
    remarks = settled(repository, remote) if remote and not dry_run else []
    held = (
        _waiting(repository, title, author, remote)
        if number is None
        else _taken_up(repository, number, title, author, remote)
    )
    if held is None or number is not None:
        remarks += known_titles.refuse(
            repository, title, remote, number=number, again=again, asks=asks
        )
    before = reserved_numbers.reserved(repository, held) if held is not None else None
    before = before if before and before.known_by else None
    if dry_run:
        wanted = held if held is not None else held_numbers.next_number(repository, remote)
        change = _row(repository, wanted, title, author)
        return Reservation(wanted, before, change, None, tuple(remarks))
    claim, is_new = _claim(repository, held, title, author, remote, given=number is not None)
    place = (repository, claim.number, names.slug(title))
    branch = branches.enter_existing(*place) if with_branch else None
    with (
        claims.kept_if_used(repository, claim, remote, is_new=is_new),
        file_transaction.alone(repository.tree),
    ):
        change = _row(repository, claim.number, title, author)
        if change:
            file_transaction.write(repository.tree, [change])
    branch = branch or (branches.enter(*place) if with_branch else None)
    return Reservation(claim.number, before, change, branch, tuple(remarks))


class Settled(NamedTuple):
    """What happened to claims that the remote did not have, in words, and why it refuses one."""

    remarks: list[str]
    refusal: BepError | None


def settled(repository: Repository, remote: Remote) -> list[str]:
    """What `settle_pending` did, in words; raises Refused if the remote refuses a claim."""
    found = settle_pending(repository, remote)
    if found.refusal:
        for remark in found.remarks:
            effects.tell(remark)
        raise found.refusal
    return found.remarks


def settle_pending(repository: Repository, remote: Remote) -> Settled:
    """Publish the claims that the remote does not have.

    A number that somebody else took or gave back meanwhile is given up where it has no document
    yet.
    """
    remarks: list[str] = []
    refusal: claims.Refused | None = None
    for claim, fate, refused in claims.publish_pending(repository, remote):
        name = names.proposal_name(claim.number)
        if refused:
            refusal = refusal or refused
        elif fate is Fate.PUBLISHED:
            remarks.append(
                f"{name} {claim.title!r}, which was reserved in this clone only, is now published"
            )
        elif documents := repository.documents_of(claim.number):
            paths = [repository.relative(path) for path in documents]
            own = str(claim.number)
            if len(paths) > 1:
                own = branch_proposals.find(repository).to_move(paths)
            remarks.append(
                f"{name} was {fate} meanwhile; `bep renumber {shlex.quote(own)}` gives your"
                " document another number"
            )
        else:
            claims.give_back_here(repository, claim)
            _remove_row(repository, claim.number, claim.title)
            remarks.append(
                f"{name} was {fate} meanwhile; it had no document yet and was"
                f" given up: reserve {claim.title!r} again"
            )
    return Settled(remarks, refusal)


def _waiting(repository: Repository, title: str, author: str, remote: Remote | None) -> int | None:
    made = claim_refs.own(repository)
    elsewhere = held_numbers.outstanding(repository, remote, made) if remote else []
    return reserved_numbers.waiting_for(repository, title, author, [*made, *elsewhere])


def _taken_up(
    repository: Repository, number: int, title: str, author: str, remote: Remote | None
) -> int:
    remedy = "leave the number out: the next free one is taken"
    claiming = f"`bep renumber {number} --to {number}` claims this one for its document"
    _refuse_documented(repository, number, f"{remedy}; {claiming}")
    reserved_numbers.refuse_held(repository, number, remedy)
    row = repository.read_registry().row(number)
    claim = claim_refs.own_of(repository, number)
    if claim is None and (row is None or not row.author):
        try:
            following = held_numbers.next_number(repository, remote)
        except held_numbers.NoNextNumber:
            if row is None:
                held_numbers.refuse_far(repository, number)
                return reserved_numbers.in_range(repository, number)
            raise
        raise BepError(
            f"the number {number} is not reserved, so it cannot be used",
            f"leave the number out; the next one is {following}",
        )
    if claim is not None and not {folded(claim.author), folded(claim.title)} & {
        folded(author),
        folded(title),
    }:
        raise BepError(
            f"the number {number} is reserved for {claim.title!r} by {claim.author}",
            "leave the number out",
        )
    return number


def _refuse_documented(repository: Repository, number: int, remedy: str) -> None:
    if documents := repository.documents_of(number):
        raise BepError(
            f"the number {number} has a document", remedy, repository.relative(documents[0])
        )


def _claim(
    repository: Repository,
    held: int | None,
    title: str,
    author: str,
    remote: Remote | None,
    *,
    given: bool,
) -> tuple[Claim, bool]:
    """The claim, and whether it was made just now."""
    if held is None:
        return claims.take(repository, title, author, remote=remote), True
    if claim_refs.own_of(repository, held) is None and (
        claim := _own_elsewhere(repository, held, title, author, remote)
    ):
        return claim, False
    return reserved_numbers.claim_reserved(repository, held, title, author, remote, given=given)


def _own_elsewhere(
    repository: Repository, number: int, title: str, author: str, remote: Remote | None
) -> Claim | None:
    """The claim that this author made for this title in another clone, known here from now on."""
    if remote is None or number not in remote.claims:
        return None
    wanted = (folded(title), folded(author))
    for claim in held_numbers.read_remote(repository, remote, [number]):
        if (folded(claim.title), folded(claim.author)) == wanted:
            git_refs.create_ref(
                repository.root, claim_refs.ref_of(repository, number), claim.commit
            )
            return claim
    return None


def _row(repository: Repository, number: int, title: str, author: str) -> Change | None:
    """The registry's change; an existing row stays as it is."""
    if repository.read_registry().row(number) is not None:
        return None
    return new.register(repository, number, title, author, repository.guide.first_status.name, "")


def _remove_row(repository: Repository, number: int, title: str) -> Change | None:
    """Remove the row of `number` if it has this `title`, whether or not it links a document."""
    with file_transaction.alone(repository.tree):
        change = _without_row(repository, number, title)
        if change:
            file_transaction.write(repository.tree, [change])
    return change


def _without_row(repository: Repository, number: int, title: str) -> Change | None:
    page = repository.read_registry()
    row = page.row(number)
    if row is None or folded(row.title) != folded(title):
        return None
    return Change(repository.registry_page, encode(registry_table.remove_row(page, number)))


class Returned(NamedTuple):
    """What `unreserve` gave back: the registry's change, and whether the remote had the claim.

    `still_taken` says that the remote has the claim of somebody who was faster, which stays.
    `holders` still have the number.
    """

    change: Change | None
    from_remote: bool
    still_taken: bool
    holders: tuple[str, ...] = ()


def unreserve(
    repository: Repository,
    number: int,
    *,
    of: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> Returned:
    """Give a number back that has no document: its claim here and on the remote, its row.

    The claim of somebody else is given back only if the call names that person with `of`; if
    nothing says whose it is, with `force`. Raises BepError if the number has a document, here, on
    a branch or in another worktree, if it is not reserved, or if it is somebody else's.
    """
    remedy = "only a number without one is given back; `bep mark` ends a proposal that has one"
    _refuse_documented(repository, number, remedy)
    if elsewhere := (branches := branch_proposals.find(repository)).of(number):
        raise BepError(
            f"the number {number} has a document: {branches.place(elsewhere[0])}",
            remedy,
            elsewhere[0].main,
        )
    if on_main := branches.documents_on_main(number):
        said = f"the number {number} has a document on {branches.main}"
        raise BepError(said, remedy, on_main[0])
    _refuse_in_worktree(repository, number, remedy)
    remote = held_numbers.look(repository)
    if remote:
        _refuse_unfetched(repository, number, remote)
    held = _held(repository, number, remote)
    _refuse_other(repository, held, of, force=force)
    row, mine, there = held.row, held.mine, held.there
    change = _without_row(repository, number, row.title) if row else None
    if dry_run:
        return Returned(change, there is not None, held.still_taken)
    effects.record_number(number, "may be given back already")
    if remote and there and (refused := claims.withdraw(repository, remote, number, there)):
        raise BepError(
            f"{remote.name} keeps the number {number} reserved: {refused}",
            "try again when that is solved; the server must allow deleting its ref",
        )
    if mine is not None:
        claims.give_back_here(repository, mine)
    elif remote is not None:
        claim_refs.set_seen(repository, number, "")
    effects.record_number(number, "is given back")
    if row is not None:
        change = _remove_row(repository, number, row.title)
    holders = held_numbers.holders_of(repository, number, remote)
    return Returned(change, there is not None, held.still_taken, holders)


def _refuse_in_worktree(repository: Repository, number: int, remedy: str) -> None:
    """Raise BepError if another worktree has a document that no branch has yet."""
    for folder in git_refs.worktrees(repository.root):
        there = repository._replace(tree=working_tree.of(folder, repository.git_directory))
        for path in there.documents_of(number):
            raise BepError(f"the number {number} has a document", remedy, str(path))


def _refuse_unfetched(repository: Repository, number: int, remote: Remote) -> None:
    """Raise BepError if the remote may have a document that was not fetched."""
    known = {*git_refs.branches(repository.root).tips.values()}
    for one in remote.holders:
        if one.number == number and one.tip and one.tip not in known:
            raise BepError(
                f"the number {number} may have a document: {one.name} was not fetched",
                f"`git fetch {shlex.quote(remote.name)}`, and call again",
            )


class _Held(NamedTuple):
    """What holds a number: its row, the claim made here, what the remote has, and whose it is.

    `there` is None if the remote has nothing, or the claim of somebody who was faster than
    `mine`. `author` is '' if nothing says whose it is.
    """

    number: int
    row: Row | None
    mine: Claim | None
    there: str | None
    author: str
    still_taken: bool = False


def _held(repository: Repository, number: int, remote: Remote | None) -> _Held:
    row = repository.read_registry().row(number)
    mine = claim_refs.own_of(repository, number)
    there = remote.claims.get(number) if remote else None
    if mine is None and there is None and row is None:
        raise BepError(f"the number {number} is not reserved", "`bep list` shows those that are")
    if mine is not None:
        is_others = there not in (None, mine.commit)
        return _Held(number, row, mine, None if is_others else there, mine.author, is_others)
    if remote is not None and there is not None:
        published = held_numbers.read_remote(repository, remote, [number])
        return _Held(number, row, None, there, next((one.author for one in published), ""))
    return _Held(number, row, None, None, row.author if row else "")


def _refuse_other(repository: Repository, held: _Held, of: str, *, force: bool) -> None:
    """Raise BepError if a number is somebody else's and the call does not name them."""
    own = authors.suggested(repository, repository.root).name
    number, author = held.number, held.author
    if of and of.strip().casefold() != author.casefold():
        whose = f"by {author}" if author else "by somebody who is not known"
        raise BepError(
            f"the number {number} is reserved {whose}, not by {of.strip()}", "`bep list` shows it"
        )
    if of or held.mine is not None or author == own:
        return
    if author:
        raise BepError(
            f"the number {number} is reserved by {author}",
            f"ask them; `bep unreserve {number} --of {shlex.quote(author)}` gives it back",
        )
    if not force:
        raise BepError(
            f"the number {number} is reserved by somebody else", "--force gives it back anyway"
        )
