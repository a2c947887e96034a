"""The branch on which a proposal is written (guide: Step 3 and 6, `bep/XXXX-short-title`)."""

from __future__ import annotations

from typing import NamedTuple

from .. import names
from ..system import effects, git_objects, git_process, git_refs
from ..system.repository import Repository


class Branch(NamedTuple):
    """The current branch: its name, whether the call switched to it, what to say of it.

    If it did not switch, `remark` is the reason why the branch is not the proposal's.
    """

    name: str
    is_entered: bool
    remark: str = ""
    is_new: bool = False


def name_of(repository: Repository, number: int, slug: str) -> str:
    """The name of a proposal's branch, as the settings form it."""
    return names.branch(repository.settings.branch, number, slug)


def enter_existing(repository: Repository, number: int, slug: str) -> Branch | None:
    """Switch to the proposal's own branch if it exists and `enter` would create it; else None.

    Call it before files are written: Git does not switch with changes to a file that differs on
    the other branch.
    """
    wanted, current = name_of(repository, number, slug), git_refs.branch(repository.root)
    if current == wanted or not git_refs.has_branch(repository.root, wanted):
        return None
    return None if _why_stays(repository, current) else _switched(repository, wanted, is_new=False)


def enter(repository: Repository, number: int, slug: str) -> Branch:
    """Switch to a new branch for the proposal, uncommitted changes included.

    It is created from the main branch and from a detached HEAD; on any other branch, and before
    the first commit, the branch is not changed.
    """
    current = git_refs.branch(repository.root)
    if current is not None and repository.settings.number_in(current) == number:
        return Branch(current, is_entered=False)
    if reason := _why_stays(repository, current):
        return Branch(current or "", is_entered=False, remark=reason)
    return _switched(repository, name_of(repository, number, slug), is_new=True)


def _why_stays(repository: Repository, current: str | None) -> str:
    """The reason why a call leaves the current branch as it is, '' if it does not."""
    if not git_objects.has_commit(repository.root):
        return "the repository has no commit yet"
    main = repository.main_branch() or current
    return f"this is not {main}" if current is not None and current != main else ""


def _switched(repository: Repository, wanted: str, *, is_new: bool) -> Branch:
    current = git_refs.branch(repository.root) or ""
    switch = git_refs.switch_to_new_branch if is_new else git_refs.switch_to_branch
    try:
        effects.record_branch(f"the branch may be {wanted} now")
        switch(repository.root, wanted)
    except git_process.GitRefusal as refusal:
        if git_refs.branch(repository.root) == wanted:
            # A hook that Git runs afterwards decides on the exit code, and on nothing else.
            effects.record_branch(f"the branch is {wanted} now")
            return Branch(wanted, True, "a post-checkout hook failed", is_new)
        effects.record_branch("")
        verb = "created" if is_new else "checked out"
        said = str(refusal).removesuffix(":")
        return Branch(current, False, f"{wanted} cannot be {verb}: {said}")
    effects.record_branch(f"the branch is {wanted} now")
    return Branch(wanted, is_entered=True, is_new=is_new)
