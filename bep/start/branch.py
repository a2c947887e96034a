"""The branch on which a proposal is written (guide: Step 3 and 6, `bep/XXXX-short-title`)."""

from __future__ import annotations

from typing import NamedTuple

from .. import names
from ..system import effects, git_objects, git_process, git_refs
from ..system.repository import Repository


class Branch(NamedTuple):
    """The current branch: its name, whether it is new, what to say of it.

    For one that is not new, `remark` is the reason why it is not the proposal's.
    """

    name: str
    created: bool
    remark: str = ""


def name_of(repository: Repository, number: int, slug: str) -> str:
    """The name of a proposal's branch, as the settings form it."""
    return names.branch(repository.settings.branch, number, slug)


def enter(repository: Repository, number: int, slug: str) -> Branch:
    """Switch to the proposal's own branch, uncommitted changes included.

    It is created from the main branch and from a detached HEAD; on any other branch, and before
    the first commit, the branch is not changed.
    """
    current = git_refs.branch(repository.root)
    settings = repository.settings
    wanted = name_of(repository, number, slug)
    if current is not None and settings.number_in(current) == number:
        return Branch(current, created=False)
    if not git_objects.has_commit(repository.root):
        return Branch(current or "", False, "the repository has no commit yet")
    main = git_refs.branches(repository.root).main(settings.main, settings.remote) or current
    if current is not None and current != main:
        return Branch(current, False, f"this is not {main}")
    try:
        effects.record_branch(f"the branch may be {wanted} now")
        git_refs.switch_to_new_branch(repository.root, wanted)
    except git_process.GitRefusal as refusal:
        if git_refs.branch(repository.root) == wanted:
            # A hook that Git runs afterwards decides on the exit code, and on nothing else.
            effects.record_branch(f"the branch is {wanted} now")
            return Branch(wanted, True, "a post-checkout hook failed")
        effects.record_branch("")
        return Branch(current or "", False, f"{wanted} cannot be created: {refusal}")
    effects.record_branch(f"the branch is {wanted} now")
    return Branch(wanted, created=True)
