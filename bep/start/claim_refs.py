"""The refs that are claims: what they are called, what their commits say, and which are known here.

Anybody who may push can make refs. One is a claim if its name is a number as `ref_of` writes it and
its commit says what `message` writes; any other only occupies its name. A claim whose commit has a
local ref was made here; those of the remote are kept in refs of their own once they were seen.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from .. import names
from ..questionnaire import answers
from ..system import git_process, git_refs, git_remotes
from ..system.repository import Repository

_MESSAGE = re.compile(
    rf"Reserve BEP-(?P<number>{names.NUMBER}): (?P<title>[^\n]*)\n\n"
    r"Title: (?P=title)\nAuthor: (?P<author>[^\n]*)\nTime: (?P<time>[^\n]*)\nToken: \S+\n*"
)
_LONGEST_MESSAGE = 10_000
_LONGEST_TEXT = 2_000


class Claim(NamedTuple):
    """A number that somebody has taken; `commit` is what its ref points to."""

    number: int
    title: str
    author: str
    commit: str
    time: dt.datetime | None


def number_of_ref(ref: str, prefix: str) -> int | None:
    """The number in the name of a claim's ref, None for any other ref."""
    number = names.number_in_digits(ref.removeprefix(prefix))
    return number if number is not None and ref == ref_below(prefix, number) else None


def ref_of(repository: Repository, number: int) -> str:
    """The ref that claims `number`."""
    return ref_below(repository.settings.claims, number)


def ref_below(prefix: str, number: int) -> str:
    """The ref of `number` below a prefix."""
    return f"{prefix}{number:04d}"


def own(repository: Repository) -> list[Claim]:
    """The claims made in this repository and its worktrees, ascending."""
    return claims_below(repository, repository.settings.claims)


def own_of(repository: Repository, number: int) -> Claim | None:
    """The claim of `number` that was made in this repository."""
    refs = git_refs.messages(repository.root, ref_of(repository, number))
    return next(iter(claims_among(refs, repository.settings.claims)), None)


def claims_below(repository: Repository, prefix: str) -> list[Claim]:
    """The claims among the refs below a prefix, ascending."""
    return claims_among(refs_below(repository, prefix), prefix)


def refs_below(repository: Repository, prefix: str) -> list[git_refs.RefMessage]:
    """All refs below a prefix, those that are no claims included."""
    return git_refs.messages(repository.root, f"{prefix}*", f"{prefix}*/**")


def claims_among(refs: Iterable[git_refs.RefMessage], prefix: str) -> list[Claim]:
    """Those of `refs` that are claims, ascending."""
    found = (claim_of(number_of_ref(one.ref, prefix), one.commit, one.message) for one in refs)
    return sorted((one for one in found if one is not None), key=lambda claim: claim.number)


def claim_of(number: int | None, commit: str, message: str | None) -> Claim | None:
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
    ref = ref_below(seen_refs(repository.settings.remote), number)
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
    return claims_below(repository, seen_refs(repository.settings.remote)), when


def unshared(repository: Repository, made: Sequence[Claim]) -> set[int]:
    """The numbers of claims `made` here which the remote is not known to have.

    Empty where the repository has no remote.
    """
    remote = repository.settings.remote
    if not made or not git_remotes.remote_address(repository.root, remote):
        return set()
    there = seen_commits(repository, remote)
    return {one.number for one in made if there.get(one.number) != one.commit}


def seen_commits(repository: Repository, remote: str) -> dict[int | None, str]:
    """What the refs of claims on a remote pointed to when they were seen last, by their numbers."""
    prefix = seen_refs(remote)
    return {number_of_ref(one.ref, prefix): one.commit for one in refs_below(repository, prefix)}


def known(repository: Repository, made: Sequence[Claim]) -> list[Claim]:
    """The claims `made` in this repository, and those of the remote as last seen."""
    theirs, _ = seen(repository)
    return [*{one.number: one for one in [*theirs, *made]}.values()]


def message(number: int, title: str, author: str, time: dt.datetime) -> str:
    """The message of a claim's commit, which no other claim has."""
    title, author = one_line(title), one_line(author)
    return (
        f"Reserve {names.proposal_name(number)}: {title}\n\n"
        f"Title: {title}\nAuthor: {author}\nTime: {time.isoformat()}\nToken: {uuid.uuid4()}\n"
    )


def one_line(text: str) -> str:
    """A title or name made safe for a commit message: a document's can be anything."""
    kept = (" " if answers.line_problem(char, "") else char for char in text[:_LONGEST_TEXT])
    return "".join(kept).strip()
