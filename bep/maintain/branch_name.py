"""The branch of a proposal that gets another number or title."""

from __future__ import annotations

from typing import NamedTuple

from ..start import branch as branches
from ..system import git
from ..system.repository import Repository


class Branch(NamedTuple):
    """A local branch with the old name; `remotes` are those to which it was pushed."""

    old: str
    new: str
    remotes: tuple[str, ...]

    @property
    def renamed(self) -> tuple[str, str] | None:
        """The old and the new name; None where the branch was pushed, and keeps its name."""
        return None if self.remotes else (self.old, self.new)


def following(
    repository: Repository, before: tuple[int, str], after: tuple[int, str]
) -> Branch | None:
    """The branch that the settings name after number and slug of a proposal `before` it moves.

    None where there is no such branch, or the name stays as it is.
    """
    root = repository.root
    old, new = (branches.name_of(repository, *one) for one in (before, after))
    if old == new or not git.has_branch(root, old):
        return None
    remotes = [
        remote for remote in git.remotes(root) if git.refs(root, f"refs/remotes/{remote}/{old}")
    ]
    return Branch(old, new, tuple(remotes))
