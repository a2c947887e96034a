"""Claims: the one place where a number is taken.

A number is taken by creating the Git ref `refs/bep/NNNN`, which Git does for exactly one of many
simultaneous callers: in the local repository, where all its worktrees share it, then in the shared
remote. The ref points to a commit whose message names title, author, time and a unique token; a
claim whose commit has a local ref was made here. So a killed process leaves either nothing, or a
claim that the next call for the same title finds and publishes.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import NamedTuple

from ..errors import BepError
from ..system import effects, git_commits, git_process, git_refs, git_remotes
from ..system.repository import Repository
from . import claim_refs, held_numbers
from .claim_refs import Claim
from .held_numbers import Remote

# A server busy with other claims refuses for a moment only; a lasting refusal is reported.
_ATTEMPTS = 20
# How long to wait for what was pushed to appear elsewhere, in seconds.
_MOMENTS = (0, 0.2, 0.5)
_FOR_A_MOMENT = re.compile(r"stale info|lock|already exists|failed to update", re.IGNORECASE)


class Refused(BepError):
    """The remote refused a claim."""


class Taken(BepError):
    """The requested number already belongs to somebody."""


def taken_for(
    repository: Repository, title: str, author: str, number: int | None, remote: Remote | None
) -> Claim | None:
    """A claim made here for this title and not used yet, as its process was killed; else None.

    It is `number`, if that is given, and published.
    """
    wanted = (claim_refs.one_line(title), claim_refs.one_line(author))
    rows = repository.read_registry().numbers()
    for claim in claim_refs.own(repository):
        if (claim.title, claim.author) != wanted or number not in (None, claim.number):
            continue
        if claim.number in rows or repository.documents_of(claim.number):
            continue
        is_known = remote is None or remote.claims.get(claim.number) == claim.commit
        if is_known or (remote is not None and _published(repository, remote, claim)):
            return claim
    return None


def take(
    repository: Repository,
    title: str,
    author: str,
    number: int | None = None,
    remote: Remote | None = None,
) -> Claim:
    """Take `number`, or the next one, for exactly this caller; without `remote`, only here.

    Raises Taken if `number` belongs to somebody, BepError if Git or the remote refuse.
    """
    while True:
        wanted = number if number is not None else held_numbers.next_number(repository, remote)
        claim = _take_here(repository, title, author, wanted)
        if claim is not None and (remote is None or _published(repository, remote, claim)):
            return claim
        if claim is not None:
            give_back_here(repository, claim)
        if number is not None:
            raise Taken(f"the number {number} is already taken", "leave the number out")
        remote = held_numbers.look(repository, remote) if remote else None


def _take_here(repository: Repository, title: str, author: str, number: int) -> Claim | None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        commit = git_commits.commit_empty(
            repository.root, claim_refs.message(number, title, author, now)
        )
        effects.record_number(number, f"may be reserved for {title!r}")
        made = git_refs.create_ref(repository.root, claim_refs.ref_of(repository, number), commit)
    except git_process.GitRefusal as refusal:
        effects.drop_number(number)
        raise BepError(
            f"number {number} cannot be taken: {refusal}", "fix that and try again"
        ) from None
    if not made:
        effects.drop_number(number)
        return None
    effects.record_number(number, f"is reserved for {title!r}")
    return Claim(number, title, author, commit, now)


def _published(repository: Repository, remote: Remote, claim: Claim) -> bool:
    """As `publish`, but a claim that the remote refuses is given back."""
    try:
        return publish(repository, remote, claim)
    except Refused:
        give_back_here(repository, claim)
        raise


def publish(repository: Repository, remote: Remote, claim: Claim) -> bool:
    """Publish a claim of this repository; False if somebody else has it.

    A lost answer is not a failure: what counts is what the remote says afterwards. Raises Refused
    if the remote refuses such a ref or what is pushed goes elsewhere, BepError if it stops
    answering; the claim stays, and the next call publishes it.
    """
    ref = claim_refs.ref_of(repository, claim.number)
    effects.record_number(claim.number, f"is reserved for {claim.title!r}")
    for _ in range(_ATTEMPTS):
        pushed = git_remotes.push(repository.root, remote.name, ref, claim.commit)
        if pushed.accepted:
            _refuse_elsewhere(repository, remote, claim)
            claim_refs.set_seen(repository, claim.number, claim.commit)
            return True
        try:
            there = _commit_there(repository, remote, claim.number)
        except git_process.GitRefusal as refusal:
            raise _unknown(remote, claim, refusal) from None
        if there is not None:
            return there == claim.commit
        if not _FOR_A_MOMENT.search(pushed.said):
            break
    if pushed.said.startswith(("fatal: ", "error: ")):
        raise Refused(
            f"{ref} cannot be pushed to {remote.name!r}: {pushed.said}",
            "correct that, or reserve in this repository only with --offline",
        )
    raise Refused(
        f"the remote {remote.name!r} refuses {ref}: {pushed.said}",
        "ask for the right to push it, or set `claims` to a prefix that the server accepts,"
        " such as refs/heads/bep-claims/",
    )


def give_back_here(repository: Repository, claim: Claim) -> None:
    """Undo the local part of `take`; another process of this repository may have done so."""
    ref = claim_refs.ref_of(repository, claim.number)
    try:
        git_refs.delete_ref(repository.root, ref, claim.commit)
    except git_process.GitRefusal as refusal:
        if git_refs.refs(repository.root, ref).get(ref) == claim.commit:
            raise BepError(
                f"the claim of {claim.number} cannot be given back: {refusal}",
                f"`bep unreserve {claim.number}` does it later",
            ) from None
    claim_refs.set_seen(repository, claim.number, "")
    effects.drop_number(claim.number)


def _refuse_elsewhere(repository: Repository, remote: Remote, claim: Claim) -> None:
    """Raise Refused if a claim that was pushed is not where others look for it.

    A copy of the server that pushes go to may need a moment.
    """
    root = repository.root
    address = git_remotes.remote_address(root, remote.name)
    if git_remotes.push_address(root, remote.name) == address:
        return
    for wait in _MOMENTS:
        time.sleep(wait)
        try:
            there = _commit_there(repository, remote, claim.number)
        except git_process.GitRefusal as refusal:
            raise _unknown(remote, claim, refusal) from None
        if there == claim.commit:
            return
    withdraw(repository, remote, claim.number, claim.commit)
    raise Refused(
        f"pushes to {remote.name!r} go to another repository than fetches",
        "nobody looks for claims there: set `pushurl` to the same repository, and push branches to"
        " a fork with `remote.pushDefault`",
    )


def _unknown(remote: Remote, claim: Claim, refusal: git_process.GitRefusal) -> BepError:
    return BepError(
        f"it is not known whether the remote {remote.name!r} took number {claim.number}: {refusal}",
        "try again with the same title; the number stays yours",
    )


def withdraw(repository: Repository, remote: Remote, number: int, commit: str) -> str:
    """Remove a claim from the remote; return why it is still there, '' if it is not.

    A lost answer is not a failure: what counts is what the remote says afterwards.
    """
    ref = claim_refs.ref_of(repository, number)
    pushed = git_remotes.push(repository.root, remote.name, ref, "", commit)
    if pushed.accepted:
        return ""
    with suppress(git_process.GitRefusal):
        if _commit_there(repository, remote, number) != commit:
            return ""
    return pushed.said


def _commit_there(repository: Repository, remote: Remote, number: int) -> str | None:
    """What the ref of a number points to on the remote now, None if there is none."""
    ref = claim_refs.ref_of(repository, number)
    return git_remotes.remote_refs(repository.root, remote.name, ref).refs.get(ref)


def give_back(repository: Repository, claim: Claim, remote: Remote | None) -> str:
    """Undo `take`; return why it failed, '' if it did not: `unreserve` can do it later."""
    if remote and (refused := withdraw(repository, remote, claim.number, claim.commit)):
        effects.record_number(claim.number, f"is still reserved on {remote.name}")
        return f"{remote.name} keeps the number {claim.number} reserved: {refused}"
    give_back_here(repository, claim)
    return ""


@contextmanager
def kept_if_used(
    repository: Repository, claim: Claim, remote: Remote | None, *, is_new: bool
) -> Iterator[None]:
    """Give a new claim back if the block fails before it has changed a file."""
    before = effects.file_count()
    try:
        yield
    except BaseException:
        if is_new and effects.file_count() == before:
            give_back(repository, claim, remote)
        raise


class Fate(StrEnum):
    """What became of a claim that the remote does not have."""

    PUBLISHED = "published"
    REFUSED = "refused"
    TAKEN = "taken by somebody else"
    GIVEN_BACK = "given back by somebody else"


class Pending(NamedTuple):
    """A claim that the remote did not have when it was asked."""

    claim: Claim
    fate: Fate
    refusal: Refused | None = None


def publish_pending(repository: Repository, remote: Remote) -> list[Pending]:
    """Publish the claims that the remote lacks; a lost race leaves the claim here.

    One that the remote had was given back there, and is published again only for a document. A
    remote without a main branch was made anew: nobody gave anything back.
    """
    seen_there = claim_refs.seen_commits(repository, remote.name) if remote.main.tip else {}
    found = []
    for claim in claim_refs.own(repository):
        there = remote.claims.get(claim.number)
        was_there = seen_there.get(claim.number) == claim.commit
        if there is None and was_there:
            # Another process may have published it since; without an answer, it counts as there.
            there = claim.commit
            with suppress(git_process.GitRefusal):
                there = _commit_there(repository, remote, claim.number)
        if there == claim.commit:
            continue
        if there is None and was_there and not repository.documents_of(claim.number):
            fate = Fate.GIVEN_BACK
        else:
            try:
                published = there is None and publish(repository, remote, claim)
            except Refused as refusal:
                found.append(Pending(claim, Fate.REFUSED, refusal))
                continue
            fate = Fate.PUBLISHED if published else Fate.TAKEN
        found.append(Pending(claim, fate))
    return found
