"""The branch of a proposal that gets another number or title."""

from __future__ import annotations

from typing import NamedTuple

from .. import names
from ..start import branch as branches
from ..system import git_refs, git_remotes
from ..system.repository import Repository


class Branch(NamedTuple):
    """A local branch with the old name; `remotes` are those to which it was pushed."""

    old: str
    new: str
    remotes: tuple[str, ...]

    @property
    def renamed(self) -> tuple[str, str] | None:
        """The old and the new name; None if the branch was pushed, and keeps its name."""
        return None if self.remotes else (self.old, self.new)


def following(
    repository: Repository, before: tuple[int, str], after: tuple[int, str]
) -> Branch | None:
    """The branch named, as the settings say, after number and slug of a proposal `before` it moves.

    None if there is no such branch, or the name stays as it is.
    """
    old, new = (branches.name_of(repository, *one) for one in (before, after))
    return _branch(repository, old, new) if git_refs.has_branch(repository.root, old) else None


def current(repository: Repository, before: int, after: int) -> Branch | None:
    """The current branch if its name, whatever its form, has the number `before`."""
    old = git_refs.branch(repository.root) or ""
    if repository.settings.number_in(old) != before:
        return None
    new = names.branch_with_number(old, after, repository.settings.branch)
    return _branch(repository, old, new)


def _branch(repository: Repository, old: str, new: str) -> Branch | None:
    if old == new:
        return None
    root = repository.root
    remotes = [
        remote
        for remote in git_remotes.remotes(root)
        if git_refs.refs(root, f"refs/remotes/{remote}/{old}")
    ]
    return Branch(old, new, tuple(remotes))
