"""Claims: the one place where a number is taken.

A number is taken by creating the Git ref `refs/bep/NNNN`, which Git does for exactly one of many
at once: in the local repository, where all its worktrees share it, then in the shared remote. The
ref points to a commit whose message names title, author, time and a unique token; a claim whose
commit stands under a local ref is one's own. So a killed process leaves either nothing, or a claim
that the next call for the same title finds and publishes.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import BepError
from ..model import names
from ..outside import effects, git
from ..outside.repository import Repository
from ..outside.settings import Settings

# A server busy with other claims refuses for a moment only; who is refused for good is told why.
_ATTEMPTS = 20
_MANY = 100
# A row of the registry: a number, linked or bare, in the first of four cells.
_ROW = re.compile(
    r" {0,3}\|[ \t]*\[?[ \t]*(\d{1,5})(?:\]\([^|]*\))?[ \t]*\|[^|]*(?:\\\|[^|]*)*\|.*\|.*\|"
)
_FOR_A_MOMENT = re.compile(r"stale info|lock|already exists|failed to update", re.IGNORECASE)


class Taken(BepError):
    """The number that was asked for belongs to somebody already."""


class Claim(NamedTuple):
    """A number that somebody has taken; `commit` is what its ref points to."""

    number: int
    title: str
    author: str
    commit: str
    time: dt.datetime | None


class Main(NamedTuple):
    """The numbers that rows, documents and directories on a main branch at `tip` hold."""

    tip: str
    held: frozenset[int]


class Remote(NamedTuple):
    """What the shared remote says: its claims, and all numbers that something there holds."""

    name: str
    claims: dict[int, str]
    held: frozenset[int]
    main: Main


_NO_MAIN = Main("", frozenset())


def look(repository: Repository, before: Remote | None = None) -> Remote | None:
    """Ask the shared remote; None where the repository has none.

    One `ls-remote`, and a fetch of the main branch only where its tip is not here yet; what was
    seen `before` is not read again. Raises BepError where the remote does not answer, or the
    settings name one that does not exist.
    """
    settings = repository.settings
    if not git.remote_address(repository.root, settings.remote):
        if settings.remote != Settings().remote:
            raise BepError(
                f"there is no remote {settings.remote!r}", "correct the setting `remote`"
            )
        return None
    try:
        found = git.remote_refs(
            repository.root, settings.remote, "refs/heads/*", f"{settings.claims}*"
        )
        main = _on_main(repository, found, before.main if before else _NO_MAIN)
    except git.GitRefusal as refusal:
        raise BepError(
            f"the remote {settings.remote!r} does not answer: {refusal}",
            "try again later, or reserve in this repository alone with --offline",
        ) from None
    claimed = {
        number: commit
        for ref, commit in found.refs.items()
        if (number := number_of_ref(ref, settings.claims)) is not None
    }
    in_names = (names.number_in_branch(ref) for ref in found.refs if ref.startswith("refs/heads/"))
    branches = {number for number in in_names if number is not None}
    return Remote(settings.remote, claimed, frozenset({*claimed, *branches, *main.held}), main)


def _on_main(repository: Repository, found: git.RemoteRefs, before: Main) -> Main:
    """What the remote's main branch holds; `before` where it is as it was."""
    settings, root = repository.settings, repository.root
    candidates = [settings.main] if settings.main else [found.head, "main", "master"]
    main = next((one for one in candidates if f"refs/heads/{one}" in found.refs), "")
    if not main:
        return _NO_MAIN
    tip = found.refs[f"refs/heads/{main}"]
    if tip == before.tip:
        return before
    if not git.has_object(root, tip):
        git.fetch(root, settings.remote, f"refs/heads/{main}")
    page = git.file_at(root, tip, f"{settings.proposals}/{names.REGISTRY_PAGE}")
    files = git.names_at(root, tip, settings.proposals)
    held = [names.number_of_document(name) or names.number_of_directory(name) for name in files]
    here = repository.read(repository.registry_page)
    in_names = {number for number in held if number is not None}
    return Main(tip, frozenset(_numbers_beyond(page, here) | in_names))


def _numbers_beyond(page: str, known: str) -> set[int]:
    """The numbers in those rows of the remote's page that the page here has not.

    Two pages of a repository share nearly all their lines, and a page on the remote may be broken:
    so it is not read as a whole, and a row counts wherever it stands.
    """
    lines = set(page.split("\n")) - set(known.split("\n"))
    found = (_ROW.match(line) for line in lines)
    return {int(row[1]) for row in found if row}


def number_of_ref(ref: str, prefix: str) -> int | None:
    """The number in the name of a claim's ref, None for any other ref."""
    rest = ref.removeprefix(prefix)
    return int(rest) if rest != ref and rest.isdecimal() else None


def ref_of(repository: Repository, number: int) -> str:
    """The ref that claims `number`."""
    return f"{repository.settings.claims}{number:04d}"


def own(repository: Repository) -> list[Claim]:
    """The claims made in this repository and its worktrees, ascending."""
    return _claims_below(repository, repository.settings.claims)


def _claims_below(repository: Repository, prefix: str) -> list[Claim]:
    found = []
    for ref, commit, message in git.messages(repository.root, f"{prefix}*"):
        number = number_of_ref(ref, prefix)
        if number is not None:
            claim = Claim(
                number, _said(message, "Title"), _said(message, "Author"), commit, _time(message)
            )
            found.append(claim)
    return sorted(found, key=lambda claim: claim.number)


def _time(message: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(_said(message, "Time"))
    except ValueError:
        return None


def seen_refs(remote: str) -> str:
    """Where the claims of a remote are kept here after `sync` has asked for them."""
    return f"refs/bep-seen/{remote}/"


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


def read_remote(repository: Repository, remote: Remote, numbers: Sequence[int]) -> list[Claim]:
    """Claims of the remote as their messages tell; without those that cannot be brought here."""
    wanted = [number for number in numbers if number in remote.claims]
    if not wanted:
        return []
    try:
        git.fetch(repository.root, remote.name, *(ref_of(repository, one) for one in wanted))
    except git.GitRefusal:
        return []
    told = git.messages_of(repository.root, [remote.claims[number] for number in wanted])
    found = []
    for number in wanted:
        if text := told.get(commit := remote.claims[number]):
            title, author = _said(text, "Title"), _said(text, "Author")
            found.append(Claim(number, title, author, commit, _time(text)))
    return found


def outstanding(repository: Repository, remote: Remote) -> list[Claim]:
    """The remote's claims whose numbers have no row here and that were not made here.

    These are few: a claim's row comes with its proposal. Where they are many, the remote's rows
    have not been merged for long, and nobody waits for all of them.
    """
    known = repository.read_registry().numbers() | {claim.number for claim in own(repository)}
    unknown = sorted(remote.claims.keys() - known)
    return read_remote(repository, remote, unknown) if len(unknown) <= _MANY else []


def _said(message: str, key: str) -> str:
    lines = (line.partition(": ") for line in message.split("\n"))
    return next((value for name, _, value in lines if name == key), "")


def next_number(repository: Repository, remote: Remote | None = None) -> int:
    """One more than the highest number that anything holds, from the first number on.

    Rows, documents and directories of the working tree, claims and branch names that are known
    here, and what the remote says. Raises BepError where the registry is missing or broken.
    """
    held = repository.read_registry().numbers() | (remote.held if remote else frozenset())
    held.update(number for number, _ in repository.main_documents())
    if repository.proposals.is_dir():
        folders = (names.number_of_directory(path.name) for path in repository.proposals.iterdir())
        held.update(number for number in folders if number is not None)
    prefix = repository.settings.claims
    for name in git.refs(repository.root, f"{prefix}*", "refs/heads/", "refs/remotes/"):
        number = number_of_ref(name, prefix)
        held.add((number if number is not None else names.number_in_branch(name)) or 0)
    return max(repository.settings.first_number, max(held, default=0) + 1)


def take(
    repository: Repository,
    title: str,
    author: str,
    number: int | None = None,
    remote: Remote | None = None,
) -> Claim:
    """Take `number`, or the next one, for exactly this caller; without `remote`, here alone.

    Raises Taken where `number` belongs to somebody, BepError where Git or the remote refuse.
    """
    while True:
        wanted = number if number is not None else next_number(repository, remote)
        claim = _take_here(repository, title, author, wanted)
        if claim is not None and (remote is None or publish(repository, remote, claim)):
            return claim
        if claim is not None:
            give_back_here(repository, claim)
        if number is not None:
            raise Taken(f"the number {number} is taken already", "leave the number out")
        remote = look(repository, remote) if remote else None


def _take_here(repository: Repository, title: str, author: str, number: int) -> Claim | None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        commit = git.commit_empty(repository.root, _message(number, title, author, now))
        effects.record_number(number, f"may be reserved for {title!r}")
        made = git.create_ref(repository.root, ref_of(repository, number), commit)
    except git.GitRefusal as refusal:
        effects.drop_number(number)
        raise BepError(
            f"number {number} cannot be taken: {refusal}", "mend it and try again"
        ) from None
    if not made:
        effects.drop_number(number)
        return None
    effects.record_number(number, f"is reserved for {title!r}")
    return Claim(number, title, author, commit, now)


def publish(repository: Repository, remote: Remote, claim: Claim) -> bool:
    """Make a claim of this repository known to the remote; False where somebody else has it.

    A lost answer is no failure: what counts is what the remote says afterwards. Raises BepError,
    and gives the claim back, where the remote takes no such ref; where it breaks off and does not
    answer any more, the claim stays and the next call publishes it.
    """
    ref = ref_of(repository, claim.number)
    effects.record_number(claim.number, f"is reserved for {claim.title!r}")
    for _ in range(_ATTEMPTS):
        pushed = git.push(repository.root, remote.name, ref, claim.commit)
        if pushed.accepted:
            return True
        try:
            there = git.remote_refs(repository.root, remote.name, ref).refs.get(ref)
        except git.GitRefusal as refusal:
            raise BepError(
                f"it is not known whether the remote {remote.name!r} took number {claim.number}:"
                f" {refusal}",
                "call again with the same title; the number stays yours",
            ) from None
        if there is not None:
            return there == claim.commit
        if not _FOR_A_MOMENT.search(pushed.said):
            break
    give_back_here(repository, claim)
    raise BepError(
        f"the remote {remote.name!r} refuses {ref}: {pushed.said}",
        "ask for the right to push it, or set `claims` to a prefix that the server accepts,"
        " such as refs/heads/bep-claims/",
    )


def give_back_here(repository: Repository, claim: Claim) -> None:
    """Undo the local part of `take`."""
    git.delete_ref(repository.root, ref_of(repository, claim.number), claim.commit)
    effects.drop_number(claim.number)


def give_back(repository: Repository, claim: Claim, remote: Remote | None) -> None:
    """Undo `take`; what the remote does not give back now, `unreserve` can."""
    if remote is not None:
        ref = ref_of(repository, claim.number)
        pushed = git.push(repository.root, remote.name, ref, "", claim.commit)
    give_back_here(repository, claim)
    if remote is not None and not pushed.accepted:
        effects.record_number(claim.number, f"is still reserved on {remote.name}")


class Pending(NamedTuple):
    """A claim that was made offline: published now, or taken by somebody else meanwhile."""

    claim: Claim
    published: bool


def publish_pending(repository: Repository, remote: Remote) -> list[Pending]:
    """Make the claims known that the remote has not; a lost race leaves the claim here."""
    found = []
    for claim in own(repository):
        there = remote.claims.get(claim.number)
        if there != claim.commit:
            published = there is None and publish(repository, remote, claim)
            found.append(Pending(claim, published))
    return found


def _message(number: int, title: str, author: str, time: dt.datetime) -> str:
    return (
        f"Reserve {names.proposal_name(number)}: {title}\n\n"
        f"Title: {title}\nAuthor: {author}\nTime: {time.isoformat()}\nToken: {uuid.uuid4()}\n"
    )
