"""A move that has begun, to another number or title: what remains once the files are moved.

The files move all or nothing; Git's index, the branch's name and the claim of an old number follow
one after the other. A note in the Git directory says so from before the files move until all is
done: where the index was locked, or the process was killed, the next command that writes goes on
from there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import BepError, reason_of
from ..proposal import metadata
from ..start import claim_refs, claims, held_numbers
from ..start.claim_refs import Claim
from ..start.held_numbers import Remote
from ..system import (
    branch_proposals,
    effects,
    file_transaction,
    git_clone,
    git_commits,
    git_process,
    git_refs,
)
from ..system.repository import Repository


class Begun(NamedTuple):
    """What moves, main document first, and the commit that claims the new number `to`.

    `branch` has the old and the new name of a branch that is renamed. With a new title, `to` is
    the `number` itself and `claim` is ''.
    """

    number: int
    to: int
    moves: tuple[tuple[str, str], ...]
    claim: str = ""
    branch: tuple[str, str] | None = None

    @property
    def in_words(self) -> str:
        """What was begun."""
        if self.to == self.number:
            return f"giving {self.number} another title"
        return f"renumbering {self.number} to {self.to}"


class Finished(NamedTuple):
    """What came of a move: whether its old number was given back.

    `branch_problem` says why the branch keeps its old name, '' if it does not, or was pushed;
    `number_problem` why the old number stays reserved.
    """

    given_back: bool = False
    branch_problem: str = ""
    number_problem: str = ""


def note(repository: Repository, begun: Begun) -> None:
    """Write down what remains to be done; the caller holds the lock, and moves the files next.

    Raises BepError if that fails.
    """
    path = _path(repository)
    try:
        path.write_text(json.dumps(begun))
    except OSError as error:
        problem = f"cannot be written ({reason_of(error)})"
        raise BepError(problem, "nothing was changed", str(path)) from None


def forget(repository: Repository) -> None:
    """Note that nothing remains: all is done, or the files did not move."""
    _path(repository).unlink(missing_ok=True)


def refuse_locked_index(repository: Repository) -> None:
    """Raise BepError if another Git process holds the index, or has left its lock behind."""
    lock = git_clone.index_lock(repository.git_directory)
    if lock.exists():
        inside = lock.is_relative_to(repository.root)
        raise BepError(
            "another Git process has locked the index",
            "wait until it has ended; if none runs, remove this file",
            repository.relative(lock) if inside else str(lock),
        )


def follow(repository: Repository, begun: Begun, remote: Remote | None) -> Finished:
    """Update index, branch and the claim of an old number after the files moved; can be repeated.

    Raises BepError if the index cannot be written; the note stays for the next command.
    """
    with file_transaction.alone(repository.tree):
        try:
            git_commits.move_in_index(repository.root, begun.moves)
        except git_process.GitRefusal as refusal:
            raise _index_left_behind(begun, refusal) from None
    problem = _rename_branch(repository, *begun.branch) if begun.branch else ""
    old = claim_refs.own_of(repository, begun.number) if begun.to != begun.number else None
    is_free = old is not None and not _is_needed(repository, begun, old)
    refused = claims.give_back(repository, old, remote) if old and is_free else ""
    forget(repository)
    return Finished(is_free and not refused, problem, refused)


def _is_needed(repository: Repository, begun: Begun, claim: Claim) -> bool:
    """Whether the claim of an old number is that of a document that did not move."""
    if repository.documents_of(begun.number):
        return True
    before, after = begun.moves[0]
    elsewhere = branch_proposals.find(repository).of(begun.number)
    if any(one.main != before for one in elsewhere):
        return True
    try:
        document = repository.document(repository.root / after)
    except BepError:
        return True
    title = names.title_in(document.title_text, begun.to)
    authors = metadata.author_names(document.metadata.value("author"))
    fitting = {" ".join(text.casefold().split()) for text in (title, *authors)}
    return fitting.isdisjoint({claim.title.casefold(), claim.author.casefold()})


def _index_left_behind(begun: Begun, refusal: git_process.GitRefusal) -> BepError:
    is_renumbered = begun.to != begun.number
    where = f"moved to {begun.to}" if is_renumbered else "renamed"
    call = f"bep renumber {begun.number} --to {begun.to}" if is_renumbered else "bep sync"
    return BepError(
        f"the files of {begun.number} are {where}, but Git's index is not updated yet: {refusal}",
        f"when no other Git command runs, remove its lock and call `{call}`, which finishes it",
    )


def _rename_branch(repository: Repository, old: str, new: str) -> str:
    """Rename a branch that still has its old name; why that fails, '' if it does not."""
    if not git_refs.has_branch(repository.root, old):
        return ""
    try:
        git_refs.rename_branch(repository.root, old, new)
    except git_process.GitRefusal as refusal:
        return f"the branch {old} keeps its name: {refusal}"
    effects.record_branch(f"the branch {old} is {new} now")
    return ""


def finish(repository: Repository) -> tuple[Begun, Finished] | None:
    """Finish a move that was interrupted, and return it; None if none was, or no file had moved.

    Interrupted changes of files are completed already. Raises BepError as `follow` does.
    """
    if not _path(repository).exists():
        return None
    with file_transaction.alone(repository.tree):
        begun = _noted(_path(repository))
    if begun is None:
        forget(repository)
        return None
    old, new = (repository.root / path for path in begun.moves[0])
    if repository.tree.has(new) and not repository.tree.has(old):
        return begun, follow(repository, begun, _remote(repository))
    claim = claim_refs.own_of(repository, begun.to)
    if claim is not None and claim.commit == begun.claim:
        claims.give_back(repository, claim, _remote(repository))
    forget(repository)
    return None


def _path(repository: Repository) -> Path:
    return repository.git_directory / "bep" / "moving.json"


def _noted(path: Path) -> Begun | None:
    """What was noted; None for a note that was not written to its end: no file has moved then."""
    try:
        number, to, moves, claim, branch = json.loads(path.read_text())
        pairs = tuple((old, new) for old, new in moves)
        return Begun(number, to, pairs, claim, tuple(branch) if branch else None)
    except (OSError, ValueError, TypeError):
        return None


def _remote(repository: Repository) -> Remote | None:
    """The remote, or None if there is none or it does not answer: `unreserve` can be used later."""
    try:
        return held_numbers.look(repository)
    except BepError:
        return None
