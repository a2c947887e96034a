"""What a change is compared with: a commit, or nothing, so that everything counts."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from . import git_log, git_merge, git_objects, git_refs, main_settings
from .git_merge import OtherSide
from .repository import Repository, shared_remote


class Basis(NamedTuple):
    """What a check reports, in words in `scope`.

    `everything` means all findings; otherwise those that are new since `commit`, and if that is
    None there was nothing before. `brought` is the other side of a merge that is under way.
    """

    scope: str
    everything: bool
    commit: str | None
    brought: OtherSide | None = None


def find(repository: Repository, since: str, *, everything: bool) -> Basis:
    """Return the basis that a call asks for: `--since REV`, `--all`, or what the branch implies.

    A revision means its merge base with HEAD. A shallow clone may lack that; then the revision
    itself is compared. Raise BepError for an unknown revision.
    """
    if everything and since:
        raise BepError("--all and --since contradict each other", "leave one of them out")
    if everything:
        return _everything()
    return _since(repository, since) if since else _of_branch(repository)


def _since(repository: Repository, since: str) -> Basis:
    root = repository.root
    commit = git_objects.commit_of(root, since)
    if not commit:
        if since in ("HEAD", "@") and not git_objects.has_commit(root):
            return Basis("what is new: there is no commit yet", everything=False, commit=None)
        raise BepError(
            f"unknown revision {since!r}",
            "name a branch, tag or commit; in a shallow clone, fetch it first",
        )
    return _against(repository, [commit], f"what changed since {since}", since)


def _of_branch(repository: Repository) -> Basis:
    root = repository.root
    on_main = main_settings.read(repository)
    # A branch does not choose the branch that it is compared with.
    settings = on_main.settings if on_main else repository.settings
    settings = settings._replace(remote=shared_remote(repository.tree, settings))
    known = git_refs.branches(root)
    current = known.current
    if not current and not git_objects.has_commit(root):
        return _everything("there is no commit yet")
    brought = git_merge.other_side(root, repository.git_directory)
    branch = (
        current.name if current else git_refs.branch(root) or (brought.branch if brought else "")
    )
    if not branch:
        return _everything("on a detached HEAD; --since REV selects a change")
    main = known.main(settings.main, settings.remote)
    under_way = git_merge.under_way(repository.git_directory) if brought else ""
    if branch == main and brought:
        head = git_objects.commit_of(root, "HEAD")
        return Basis(f"what {main} changes in this {under_way}", False, head, brought)
    if branch == main:
        return _everything(f"on {main}")
    found = [*known.refs_of(main, settings.remote).values()]
    if not found:
        return _everything("no main branch is known here")
    scope = f"what {branch} changes against {main}"
    basis = _against(repository, found, scope, main)
    if brought:
        without = f"without what this {under_way} brings"
        basis = basis._replace(scope=f"{basis.scope}, {without}", brought=brought)
    return basis


def _everything(reason: str | None = None) -> Basis:
    scope = f"everything ({reason})" if reason else "everything"
    return Basis(scope, everything=True, commit=None)


def _against(repository: Repository, commits: list[str], scope: str, name: str) -> Basis:
    base = git_log.merge_base(repository.root, *commits)
    if base:
        return Basis(f"{scope} ({base[:9]})", everything=False, commit=base)
    remark = f"the merge base is not here: compared with {name} itself, {commits[0][:9]}"
    return Basis(f"{scope} ({remark})", everything=False, commit=commits[0])
