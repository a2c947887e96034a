"""Since when `check` looks: what a branch or a revision changed, or everything."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from ..system import git, main_settings
from ..system.repository import Repository


class Basis(NamedTuple):
    """What a change is held against; `said` tells people.

    `commit` is None where everything counts, '' where there was nothing before.
    """

    commit: str | None
    said: str


def find(repository: Repository, since: str, *, everything: bool) -> Basis:
    """The basis that a call asks for: `--since REV`, `--all`, or by the branch.

    A revision stands for the point where HEAD left it. In a shallow clone that may be missing; then
    the revision itself is compared. Raises BepError for a revision that is not here.
    """
    if everything and since:
        raise BepError("--all and --since contradict each other", "leave one of them out")
    if everything:
        return Basis(None, "everything")
    return _since(repository, since) if since else _of_branch(repository)


def _since(repository: Repository, since: str) -> Basis:
    root = repository.root
    commit = git.commit_of(root, since)
    if not commit:
        if since in ("HEAD", "@") and not git.has_commit(root):
            return Basis("", "what is new: there is no commit yet")
        raise BepError(
            f"there is no revision {since!r} here",
            "name a branch, tag or commit; in a shallow clone, fetch it first",
        )
    return _against(repository, [commit], f"what changed since {since}", since)


def _of_branch(repository: Repository) -> Basis:
    root, on_main = repository.root, main_settings.read(repository)
    # A branch does not say itself which branch it is held against.
    settings = on_main.settings if on_main else repository.settings
    branch = git.branch(root)
    if not git.has_commit(root):
        return Basis(None, "everything (there is no commit yet)")
    if branch is None:
        return Basis(None, "everything (on a detached HEAD; --since REV tells a change)")
    main = settings.main or git.main_branch(root, settings.remote)
    if branch == main:
        return Basis(None, f"everything (on {main})")
    candidates = (f"refs/remotes/{settings.remote}/{main}", f"refs/heads/{main}")
    found = [commit for ref in candidates if main and (commit := git.commit_of(root, ref))]
    if not found:
        return Basis(None, "everything (the main branch is not known here)")
    return _against(repository, found, f"what {branch} changes against {main}", main)


def _against(repository: Repository, commits: list[str], said: str, name: str) -> Basis:
    base = git.merge_base(repository.root, *commits)
    if base:
        return Basis(base, f"{said} ({base[:9]})")
    remark = f"where they parted is not here, so with {name} itself, {commits[0][:9]}"
    return Basis(commits[0], f"{said} ({remark})")
