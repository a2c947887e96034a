"""What holds numbers, here and on the shared remote, and which number is the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..proposal import registry_table
from ..system import branch_proposals, git_objects, git_process, git_refs, git_remotes
from ..system.repository import Repository, decode
from ..system.settings import Settings
from . import claim_refs
from .claim_refs import Claim

_MANY = 100
# Numbers count up: one that is far above all the rest does not decide which one is next.
_FAR = 1_000
_BY_HAND = "give a free number with --number (`renumber`: --to)"


class Holder(NamedTuple):
    """Something that holds a number: `name` is that of a ref, a file, or a line of one.

    `tip` is the commit of a remote's branch that may have a document of the number, else ''.
    """

    number: int
    name: str
    tip: str = ""


class Main(NamedTuple):
    """What holds numbers on a main branch at `tip`: rows, documents and directories."""

    tip: str
    holders: tuple[Holder, ...]


class Remote(NamedTuple):
    """What the shared remote says: refs that may be claims, names in use, holders of numbers.

    `holders` are branches, and what the main branch has. The message of a ref in `claims` shows
    whether it is a claim.
    """

    name: str
    claims: dict[int, str]
    occupied: frozenset[int]
    holders: tuple[Holder, ...]
    main: Main


class NoNextNumber(BepError):
    """No next number: something holds one that is far above all others, or all are taken."""


_NO_MAIN = Main("", ())


def look(
    repository: Repository, before: Remote | None = None, *, or_offline: bool = False
) -> Remote | None:
    """Ask the shared remote; None if the repository has none.

    One `ls-remote`, and a fetch of the main branch only if its tip is not here yet; what was
    seen `before` is not read again. Raises BepError if the remote does not answer, or the
    settings name one that does not exist; `or_offline`: the caller can do without it.
    """
    settings = repository.settings
    if not git_remotes.remote_address(repository.root, settings.remote):
        if settings.remote != Settings().remote:
            raise BepError(
                f"there is no remote {settings.remote!r}", "correct the setting `remote`"
            )
        if others := git_remotes.remotes(repository.root):
            raise BepError(
                f"which remote is shared? There are {', '.join(others)}, and no origin",
                "name it in the setting `remote`",
            )
        return None
    try:
        found = git_remotes.remote_refs(
            repository.root, settings.remote, "refs/heads/*", f"{settings.claims}*"
        )
        main = _on_main(repository, found, before.main if before else _NO_MAIN)
    except git_process.GitRefusal as refusal:
        raise BepError(
            f"the remote {settings.remote!r} does not answer: {refusal}",
            f"try again later{', or do without it with --offline' if or_offline else ''}",
        ) from None
    numbers = {ref: claim_refs.number_of_ref(ref, settings.claims) for ref in found.refs}
    claimed = {one: found.refs[ref] for ref, one in numbers.items() if one is not None}
    branches = (
        Holder(number, f"{ref} on {settings.remote}", found.refs[ref])
        for ref in found.refs
        if (number := _number_of_branch(ref, settings)) is not None
    )
    no_claims = (ref for ref, one in numbers.items() if one is None)
    occupied = claimed.keys() | _occupied(no_claims, settings.claims)
    return Remote(settings.remote, claimed, frozenset(occupied), (*branches, *main.holders), main)


def _number_of_branch(ref: str, settings: Settings) -> int | None:
    here, there = "refs/heads/", f"refs/remotes/{settings.remote}/"
    is_branch = ref.startswith((here, "refs/remotes/"))
    return settings.number_in(ref.removeprefix(here).removeprefix(there)) if is_branch else None


def _occupied(refs: Iterable[str], prefix: str) -> frozenset[int]:
    """The numbers whose refs cannot be made: a ref is there, or one below, as `1046/x`."""
    firsts = (
        prefix + ref.removeprefix(prefix).partition("/")[0]
        for ref in refs
        if ref.startswith(prefix)
    )
    found = (claim_refs.number_of_ref(ref, prefix) for ref in firsts)
    return frozenset(number for number in found if number is not None)


def _on_main(repository: Repository, found: git_remotes.RemoteRefs, before: Main) -> Main:
    """What the remote's main branch holds; `before` where it is as it was."""
    settings, root = repository.settings, repository.root
    main = found.main(settings.main)
    if not main:
        return _NO_MAIN
    tip = found.refs[f"refs/heads/{main}"]
    if tip == before.tip:
        return before
    if not git_objects.commit_of(root, tip):
        git_remotes.fetch(root, settings.remote, f"refs/heads/{main}")
    page = decode(
        git_objects.content_at(root, tip, f"{settings.proposals}/{names.REGISTRY_PAGE}") or b""
    )
    files = git_objects.names_at(root, tip, settings.proposals)
    here = repository.read(repository.registry_page)
    there = f"on {main} of {settings.remote}"
    rows = [
        Holder(number, f"the row {number} of {settings.proposals}/{names.REGISTRY_PAGE} {there}")
        for number in _numbers_beyond(page, here)
    ]
    in_names = [
        Holder(number, f"{settings.proposals}/{name} {there}", tip)
        for name in files
        if (number := names.number_of_name(name)) is not None
    ]
    return Main(tip, (*rows, *in_names))


def _numbers_beyond(page: str, known: str) -> set[int]:
    """The numbers in the rows of the remote's page that the page here lacks.

    Two pages of a repository share nearly all their lines, and a page on the remote may be broken:
    so it is not read as a whole, and a row counts wherever it is.
    """
    lines = set(page.split("\n")) - set(known.split("\n"))
    found = (registry_table.row_in(line) for line in lines)
    return {row.held for row in found if row and row.held is not None}


def read_remote(repository: Repository, remote: Remote, numbers: Sequence[int]) -> list[Claim]:
    """The refs of the remote that are claims, except those that cannot be fetched."""
    wanted = {number: remote.claims[number] for number in numbers if number in remote.claims}
    if not wanted:
        return []
    messages = git_objects.messages_of(repository.root, [*wanted.values()])
    missing = [number for number, commit in wanted.items() if commit not in messages]
    if missing:
        try:
            git_remotes.fetch(
                repository.root,
                remote.name,
                *(claim_refs.ref_of(repository, one) for one in missing),
            )
        except git_process.GitRefusal:
            missing = []
        messages |= git_objects.messages_of(repository.root, [wanted[number] for number in missing])
    found = (
        claim_refs.claim_of(number, commit, messages.get(commit))
        for number, commit in wanted.items()
    )
    return [claim for claim in found if claim is not None]


def outstanding(repository: Repository, remote: Remote, made: Sequence[Claim]) -> list[Claim]:
    """The remote's claims whose numbers have no row here and that were not `made` here.

    These are few: a claim's row comes with its proposal. If they are many, the remote's rows
    have not been merged for long, and reading all of them would take too long.
    """
    known = repository.read_registry().numbers() | {claim.number for claim in made}
    unknown = sorted(remote.claims.keys() - known)
    return read_remote(repository, remote, unknown) if len(unknown) <= _MANY else []


def next_number(repository: Repository, remote: Remote | None = None) -> int:
    """One more than the highest number that anything holds, from the first number on.

    Rows, documents and directories of the working tree, claims and branch names that are known
    here, and what the remote says. Raises BepError if the registry is missing or broken or all
    numbers are taken, NoNextNumber where one number is far above all others.
    """
    prefix = repository.settings.claims
    refs = claim_refs.refs_below(repository, prefix)
    known = claim_refs.claims_among(refs, prefix)
    holders = [
        *_held_here(repository),
        *(Holder(one.number, claim_refs.ref_below(prefix, one.number)) for one in known),
    ]
    occupied = _occupied((one.ref for one in refs), prefix)
    if remote is not None:
        holders += remote.holders
        occupied |= remote.occupied
        unknown = sorted(remote.claims.keys() - {one.number for one in holders})
        # Whether the others are claims makes no difference: they occupy their names either way.
        if unknown and (
            _far_above(repository, holders) or unknown[-1] > _after(repository, holders, occupied)
        ):
            claimed = read_remote(repository, remote, unknown)
            holders += _on_remote(repository, remote.name, claimed)
    if far := _far_above(repository, holders):
        raise far
    number = _after(repository, holders, occupied)
    if number > names.LARGEST_NUMBER:
        raise NoNextNumber(f"all numbers up to {names.LARGEST_NUMBER} are taken", _BY_HAND)
    return number


def holders_of(repository: Repository, number: int, remote: Remote | None) -> tuple[str, ...]:
    """The names of what holds a number, but claims: rows, documents and branches."""
    holders = [*_held_here(repository), *(remote.holders if remote else ())]
    return tuple(dict.fromkeys(one.name for one in holders if one.number == number))


def _held_here(repository: Repository) -> Iterator[Holder]:
    """What holds numbers in the working tree, on the branches known here, and in their names."""
    folder, page = repository.settings.proposals, repository.relative(repository.registry_page)
    for row in repository.read_registry().rows:
        if row.held is not None:
            yield Holder(row.held, f"{page}:{row.line}")
    for number, path in repository.main_documents():
        yield Holder(number, f"{folder}/{path.name}")
    for entry in repository.tree.entries(repository.proposals):
        if (found := names.number_of_directory(entry.name)) is not None:
            yield Holder(found, f"{folder}/{entry.name}")
    settings = repository.settings
    fetched = settings.claims.replace("refs/heads/", f"refs/remotes/{settings.remote}/", 1)
    for ref in git_refs.branches(repository.root).tips:
        for found in (_number_of_branch(ref, settings), claim_refs.number_of_ref(ref, fetched)):
            if found is not None:
                yield Holder(found, ref)
    for number, name in branch_proposals.find(repository).holders.items():
        yield Holder(number, name)
    there = claim_refs.claims_below(repository, claim_refs.seen_refs(settings.remote))
    yield from _on_remote(repository, settings.remote, there)


def _on_remote(repository: Repository, remote: str, claims: Iterable[Claim]) -> Iterator[Holder]:
    for one in claims:
        yield Holder(one.number, f"{claim_refs.ref_of(repository, one.number)} on {remote}")


def _after(repository: Repository, holders: Iterable[Holder], occupied: Set[int]) -> int:
    highest = max((one.number for one in holders), default=0)
    number = max(repository.settings.first_number, highest + 1)
    while number in occupied:
        number += 1
    return number


def _far_above(repository: Repository, holders: Iterable[Holder]) -> NoNextNumber | None:
    """The holders that are far above the others, as an error; None if there are none."""
    below = first = repository.settings.first_number - 1
    by_number = sorted(one for one in holders if one.number > first)
    for at, one in enumerate(by_number):
        if one.number - below > _FAR:
            several = [other.name for other in by_number[at : at + 3]]
            more = len(by_number) - at - len(several)
            said = ", ".join([*several, *([f"{more} more"] if more else [])])
            return NoNextNumber(
                f"the number {one.number} is more than {_FAR} above the one before it, {below}, so"
                f" the next number is not clear; see {said}",
                f"delete or correct what is wrong there; or {_BY_HAND}; or set"
                f" `first_number: {one.number}` if numbers go on from it",
            )
        below = one.number
    return None


def refuse_far(repository: Repository, number: int) -> None:
    """Raise BepError if a new number is so far above all others that none could follow it.

    The first number that a repository has may be any.
    """
    held = {one.number for one in _held_here(repository)}
    held |= {one.number for one in claim_refs.own(repository)}
    below = max([repository.settings.first_number - 1, *(one for one in held if one < number)])
    if held and number not in held and number - below > _FAR:
        raise BepError(
            f"the number {number} is more than {_FAR} above the one before it, {below}, so no"
            " number could follow it",
            f"correct it; or set `first_number: {number}` if numbers go on from it",
        )
