"""Claims: the one place where a number is taken.

A number is taken by creating the Git ref `refs/bep/NNNN`, which Git does for exactly one of many
simultaneous callers: in the local repository, where all its worktrees share it, then in the shared
remote. The ref points to a commit whose message names title, author, time and a unique token; a
claim whose commit has a local ref was made here. So a killed process leaves either nothing, or a
claim that the next call for the same title finds and publishes.

Anybody who may push can make refs. One is a claim if its name is a number as `ref_of` writes it and
its commit says what `_message` writes; any other only occupies its name.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..proposal import registry_table
from ..questionnaire import answers
from ..system import (
    branch_proposals,
    effects,
    git_commits,
    git_objects,
    git_process,
    git_refs,
    git_remotes,
)
from ..system.repository import Repository, decode
from ..system.settings import Settings

# A server busy with other claims refuses for a moment only; a lasting refusal is reported.
_ATTEMPTS = 20
_MANY = 100
_MESSAGE = re.compile(
    rf"Reserve BEP-(?P<number>{names.NUMBER}): (?P<title>[^\n]*)\n\n"
    r"Title: (?P=title)\nAuthor: (?P<author>[^\n]*)\nTime: (?P<time>[^\n]*)\nToken: \S+\n*"
)
_LONGEST_MESSAGE = 10_000
_LONGEST_TEXT = 2_000
# Numbers count up: one that is far above all the rest does not decide which one is next.
_FAR = 1_000
_BY_HAND = "give a free number with --number (`renumber`: --to)"
# How long to wait for what was pushed to appear elsewhere, in seconds.
_MOMENTS = (0, 0.2, 0.5)
_FOR_A_MOMENT = re.compile(r"stale info|lock|already exists|failed to update", re.IGNORECASE)


class Refused(BepError):
    """The remote refused a claim."""


class Taken(BepError):
    """The requested number already belongs to somebody."""


class Claim(NamedTuple):
    """A number that somebody has taken; `commit` is what its ref points to."""

    number: int
    title: str
    author: str
    commit: str
    time: dt.datetime | None


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
    numbers = {ref: number_of_ref(ref, settings.claims) for ref in found.refs}
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
    found = (number_of_ref(ref, prefix) for ref in firsts)
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


def number_of_ref(ref: str, prefix: str) -> int | None:
    """The number in the name of a claim's ref, None for any other ref."""
    number = names.number_in_digits(ref.removeprefix(prefix))
    return number if number is not None and ref == _ref(prefix, number) else None


def ref_of(repository: Repository, number: int) -> str:
    """The ref that claims `number`."""
    return _ref(repository.settings.claims, number)


def _ref(prefix: str, number: int) -> str:
    return f"{prefix}{number:04d}"


def own(repository: Repository) -> list[Claim]:
    """The claims made in this repository and its worktrees, ascending."""
    return _claims_below(repository, repository.settings.claims)


def own_of(repository: Repository, number: int) -> Claim | None:
    """The claim of `number` that was made in this repository."""
    refs = git_refs.messages(repository.root, ref_of(repository, number))
    return next(iter(_claims_among(refs, repository.settings.claims)), None)


def _claims_below(repository: Repository, prefix: str) -> list[Claim]:
    return _claims_among(_refs_below(repository, prefix), prefix)


def _refs_below(repository: Repository, prefix: str) -> list[git_refs.RefMessage]:
    return git_refs.messages(repository.root, f"{prefix}*", f"{prefix}*/**")


def _claims_among(refs: Iterable[git_refs.RefMessage], prefix: str) -> list[Claim]:
    found = (_claim(number_of_ref(one.ref, prefix), one.commit, one.message) for one in refs)
    return sorted((one for one in found if one is not None), key=lambda claim: claim.number)


def _claim(number: int | None, commit: str, message: str | None) -> Claim | None:
    """The claim that a ref with this number makes, None if it is not a claim."""
    if number is None or message is None or len(message) > _LONGEST_MESSAGE:
        return None
    said = _MESSAGE.fullmatch(message)
    if (
        not said
        or int(said["number"]) != number
        or answers.line_problem(message.replace("\n", ""), "")
    ):
        return None
    return Claim(number, said["title"], said["author"], commit, _time(said["time"]))


def _time(text: str) -> dt.datetime | None:
    """A claim's time in UTC, which a time without a zone is taken to be; None if malformed."""
    try:
        time = dt.datetime.fromisoformat(text)
        return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None


def seen_refs(remote: str) -> str:
    """The refs that keep the claims of a remote here once they were published or fetched."""
    return f"refs/bep-seen/{remote}/"


def set_seen(repository: Repository, number: int, commit: str) -> None:
    """Remember which claim of a number the remote has, '' for none; best effort."""
    ref = _ref(seen_refs(repository.settings.remote), number)
    # Without this the claim is published again when somebody has given it back.
    with suppress(git_process.GitRefusal):
        git_refs.set_ref(repository.root, ref, commit)


def note_seen(repository: Repository) -> None:
    """Remember that the remote's claims are as of now."""
    note = repository.git_directory / "bep" / "seen"
    note.parent.mkdir(exist_ok=True)
    note.touch()


def seen(repository: Repository) -> tuple[list[Claim], dt.datetime | None]:
    """The remote's claims as `sync` saw them last, and when that was; None if never."""
    note = repository.git_directory / "bep" / "seen"
    if not note.exists():
        return [], None
    when = dt.datetime.fromtimestamp(note.stat().st_mtime).astimezone()
    return _claims_below(repository, seen_refs(repository.settings.remote)), when


def unshared(repository: Repository, made: Sequence[Claim]) -> set[int]:
    """The numbers of claims `made` here which the remote is not known to have.

    Empty where the repository has no remote.
    """
    remote = repository.settings.remote
    if not made or not git_remotes.remote_address(repository.root, remote):
        return set()
    there = _seen_commits(repository, remote)
    return {one.number for one in made if there.get(one.number) != one.commit}


def _seen_commits(repository: Repository, remote: str) -> dict[int | None, str]:
    """What the refs of claims on a remote pointed to when they were seen last, by their numbers."""
    prefix = seen_refs(remote)
    return {number_of_ref(one.ref, prefix): one.commit for one in _refs_below(repository, prefix)}


def known(repository: Repository, made: Sequence[Claim]) -> list[Claim]:
    """The claims `made` in this repository, and those of the remote as last seen."""
    theirs, _ = seen(repository)
    return [*{one.number: one for one in [*theirs, *made]}.values()]


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
                repository.root, remote.name, *(ref_of(repository, one) for one in missing)
            )
        except git_process.GitRefusal:
            missing = []
        messages |= git_objects.messages_of(repository.root, [wanted[number] for number in missing])
    found = (_claim(number, commit, messages.get(commit)) for number, commit in wanted.items())
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
    refs = _refs_below(repository, prefix)
    known = _claims_among(refs, prefix)
    holders = [
        *_held_here(repository),
        *(Holder(one.number, _ref(prefix, one.number)) for one in known),
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
        for found in (_number_of_branch(ref, settings), number_of_ref(ref, fetched)):
            if found is not None:
                yield Holder(found, ref)
    for number, name in branch_proposals.find(repository).holders.items():
        yield Holder(number, name)
    there = _claims_below(repository, seen_refs(settings.remote))
    yield from _on_remote(repository, settings.remote, there)


def _on_remote(repository: Repository, remote: str, claims: Iterable[Claim]) -> Iterator[Holder]:
    for one in claims:
        yield Holder(one.number, f"{ref_of(repository, one.number)} on {remote}")


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
    held |= {one.number for one in own(repository)}
    below = max([repository.settings.first_number - 1, *(one for one in held if one < number)])
    if held and number not in held and number - below > _FAR:
        raise BepError(
            f"the number {number} is more than {_FAR} above the one before it, {below}, so no"
            " number could follow it",
            f"correct it; or set `first_number: {number}` if numbers go on from it",
        )


def taken_for(
    repository: Repository, title: str, author: str, number: int | None, remote: Remote | None
) -> Claim | None:
    """A claim made here for this title and not used yet, as its process was killed; else None.

    It is `number`, if that is given, and published.
    """
    wanted = (_one_line(title), _one_line(author))
    rows = repository.read_registry().numbers()
    for claim in own(repository):
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
        wanted = number if number is not None else next_number(repository, remote)
        claim = _take_here(repository, title, author, wanted)
        if claim is not None and (remote is None or _published(repository, remote, claim)):
            return claim
        if claim is not None:
            give_back_here(repository, claim)
        if number is not None:
            raise Taken(f"the number {number} is already taken", "leave the number out")
        remote = look(repository, remote) if remote else None


def _take_here(repository: Repository, title: str, author: str, number: int) -> Claim | None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        commit = git_commits.commit_empty(repository.root, _message(number, title, author, now))
        effects.record_number(number, f"may be reserved for {title!r}")
        made = git_refs.create_ref(repository.root, ref_of(repository, number), commit)
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
    ref = ref_of(repository, claim.number)
    effects.record_number(claim.number, f"is reserved for {claim.title!r}")
    for _ in range(_ATTEMPTS):
        pushed = git_remotes.push(repository.root, remote.name, ref, claim.commit)
        if pushed.accepted:
            _refuse_elsewhere(repository, remote, claim)
            set_seen(repository, claim.number, claim.commit)
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
    ref = ref_of(repository, claim.number)
    try:
        git_refs.delete_ref(repository.root, ref, claim.commit)
    except git_process.GitRefusal as refusal:
        if git_refs.refs(repository.root, ref).get(ref) == claim.commit:
            raise BepError(
                f"the claim of {claim.number} cannot be given back: {refusal}",
                f"`bep unreserve {claim.number}` does it later",
            ) from None
    set_seen(repository, claim.number, "")
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
    ref = ref_of(repository, number)
    pushed = git_remotes.push(repository.root, remote.name, ref, "", commit)
    if pushed.accepted:
        return ""
    with suppress(git_process.GitRefusal):
        if _commit_there(repository, remote, number) != commit:
            return ""
    return pushed.said


def _commit_there(repository: Repository, remote: Remote, number: int) -> str | None:
    """What the ref of a number points to on the remote now, None if there is none."""
    ref = ref_of(repository, number)
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
    seen_there = _seen_commits(repository, remote.name) if remote.main.tip else {}
    found = []
    for claim in own(repository):
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


def _message(number: int, title: str, author: str, time: dt.datetime) -> str:
    title, author = _one_line(title), _one_line(author)
    return (
        f"Reserve {names.proposal_name(number)}: {title}\n\n"
        f"Title: {title}\nAuthor: {author}\nTime: {time.isoformat()}\nToken: {uuid.uuid4()}\n"
    )


def _one_line(text: str) -> str:
    """A title or name made safe for a commit message: a document's can be anything."""
    kept = (" " if answers.line_problem(char, "") else char for char in text[:_LONGEST_TEXT])
    return "".join(kept).strip()
