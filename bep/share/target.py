"""Where the current branch goes: the remote to push it to, and the main branch to merge it into."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from ..system import git_log, git_merge, git_objects, git_process, git_refs, git_remotes
from ..system.git_remotes import RemoteRefs
from ..system.repository import Repository
from . import forge as forges, gh
from .forge import Forge, Kind


class Target(NamedTuple):
    """The current `branch`, and the branch `main` of `remote` that it goes into.

    `push_remote` gets the branch: another one than `remote` for a fork. `tip` is the newest commit
    of `main`, `pushed` that of the branch on its remote, '' if it is not there. `forge` is None
    for a remote on no host; `owner` has the repository that gets the branch.
    """

    branch: str
    push_remote: str
    pushed: str
    remote: str
    main: str
    tip: str
    forge: Forge | None
    owner: str

    @property
    def head(self) -> str:
        """The branch as GitHub names it: `owner:branch`."""
        return f"{self.owner}:{self.branch}"


def find(repository: Repository) -> Target:
    """Ask the remotes, and fetch the main branch's newest commit.

    Raises BepError on the main branch, a detached HEAD or during a merge, without a remote, where
    one does not answer, and where the branch has commits there that are not here.
    """
    root, remote = repository.root, repository.settings.remote
    branch = current_branch(repository)
    push_remote = _push_remote(repository, branch)
    found = _refs(repository, remote)
    main = _main(repository, found)
    if branch == main:
        raise BepError(
            f"this is {main}, into which a pull request goes",
            "switch to the proposal's branch; `bep reserve` and `bep new` make one",
        )
    is_elsewhere = push_remote != remote or (
        git_remotes.push_address(root, remote) != git_remotes.remote_address(root, remote)
    )
    there = _pushed_refs(repository, push_remote) if is_elsewhere else found
    tip, pushed = found.refs[f"refs/heads/{main}"], there.refs.get(f"refs/heads/{branch}", "")
    _refuse_diverged(repository, push_remote, branch, pushed)
    if not git_objects.commit_of(root, tip):
        try:
            git_remotes.fetch(root, remote, f"refs/heads/{main}")
        except git_process.GitRefusal as refusal:
            raise _silent(remote, refusal) from None
    if not git_log.merge_base(root, tip):
        raise BepError(
            f"{branch} and {main} of {remote} have no commit in common here",
            "in a shallow clone, fetch the rest with `git fetch --unshallow`",
        )
    return Target(
        branch=branch,
        push_remote=push_remote,
        pushed=pushed,
        remote=remote,
        main=main,
        tip=tip,
        forge=forges.at(git_remotes.remote_address(root, remote)),
        owner=_owner(repository, push_remote),
    )


def head_of(repository: Repository, branch: str) -> str:
    """A branch as GitHub names it, whether or not it was pushed; asks nobody."""
    remote = repository.settings.remote
    owner = _owner(repository, _push_remote(repository, branch)) or _owner(repository, remote)
    return f"{owner}:{branch}"


def has_gh(forge: Forge | None) -> bool:
    """Whether a forge is GitHub, and `gh` is here to speak to it."""
    if forge is None or not gh.is_installed():
        return False
    # A host of any name may be GitHub's: gh knows the hosts with a login.
    return forge.kind is Kind.GITHUB or (forge.kind is Kind.OTHER and gh.is_logged_in(forge.host))


def current_branch(repository: Repository) -> str:
    """The current branch; raises BepError on a detached HEAD, during a merge, without a commit."""
    root = repository.root
    # During a rebase, HEAD is detached as well.
    if what := git_merge.under_way(repository.git_directory):
        raise BepError(f"a {what} is under way", f"end it first; `git status` says how ({what})")
    branch = git_refs.branch(root)
    if branch is None:
        raise BepError("this is a detached HEAD", "switch to the proposal's branch first")
    if not git_objects.has_commit(root):
        raise BepError("there is no commit yet", "commit on the main branch and push it first")
    return branch


def _push_remote(repository: Repository, branch: str) -> str:
    """The remote that gets the branch: what Git's settings say of a fork, else the registry's."""
    keys = (f"branch.{branch}.pushRemote", "remote.pushDefault")
    named = (git_process.answer(repository.root, "config", "--get", key) for key in keys)
    return next(filter(None, named), repository.settings.remote)


def _refs(repository: Repository, remote: str) -> RemoteRefs:
    if not git_remotes.remote_address(repository.root, remote):
        raise BepError(
            f"there is no remote {remote!r}",
            "add it with `git remote add`, or name yours in the setting `remote`",
        )
    try:
        return git_remotes.remote_refs(repository.root, remote, "refs/heads/*")
    except git_process.GitRefusal as refusal:
        raise _silent(remote, refusal) from None


def _pushed_refs(repository: Repository, remote: str) -> RemoteRefs:
    """The branches where the pushes to a remote go."""
    root = repository.root
    address = git_remotes.push_address(root, remote)
    if address == git_remotes.remote_address(root, remote):
        return _refs(repository, remote)
    try:
        return git_remotes.remote_refs(root, address, "refs/heads/*")
    except git_process.GitRefusal as refusal:
        raise _silent(remote, refusal) from None


def _silent(remote: str, refusal: git_process.GitRefusal) -> BepError:
    return BepError(f"the remote {remote!r} does not answer: {refusal}", "try again when it does")


def _owner(repository: Repository, push_remote: str) -> str:
    # Git takes an address for a remote's name, too.
    address = git_remotes.push_address(repository.root, push_remote) or push_remote
    forge = forges.at(address)
    return forge.owner if forge else ""


def _main(repository: Repository, found: RemoteRefs) -> str:
    named = repository.settings.main
    main = found.main(named)
    if not main:
        remote = repository.settings.remote
        raise BepError(
            f"{remote} has no branch {named}" if named else f"{remote} has no main branch",
            "push it first, or correct the setting `main`",
        )
    return main


def _refuse_diverged(repository: Repository, remote: str, branch: str, pushed: str) -> None:
    root = repository.root
    # One that is not here has no descendant here either.
    if not pushed or git_log.is_ancestor(root, pushed, "HEAD"):
        return
    raise BepError(
        f"{branch} on {remote} has commits that are not in yours",
        f"get them with `git pull --rebase --autostash {remote} {branch}`, then try again",
    )
