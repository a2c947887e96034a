"""Branches, tags and other refs of a repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from . import git_objects
from .git_process import GitRefusal, answer, run

# What a main branch is called if nothing says otherwise.
USUAL = ("main", "master")


def branch(folder: Path) -> str | None:
    """The current branch, also before its first commit; None on a detached HEAD."""
    # The short form would depend on the names of other refs.
    return answer(folder, "symbolic-ref", "--quiet", "HEAD").removeprefix("refs/heads/") or None


def refs(folder: Path, *patterns: str) -> dict[str, str]:
    """All refs that match `patterns`, with the object each points to."""
    lines = run(folder, "for-each-ref", "--format=%(objectname) %(refname)", "--", *patterns)
    pairs = (line.split(" ", 1) for line in lines.split("\n") if line)
    return {name: oid for oid, name in pairs}


def create_ref(folder: Path, ref: str, commit: str) -> bool:
    """Point the new `ref` to `commit`; False if the ref exists already.

    Atomic across processes and worktrees: of many at once exactly one gets True.
    Raises GitRefusal if the ref cannot be made for another reason.
    """
    try:
        run(folder, "update-ref", "--no-deref", ref, commit, "0" * len(commit))
    except GitRefusal as refusal:
        # One that existed may have been given back since.
        if "reference already exists" in str(refusal) or refs(folder, ref):
            return False
        raise
    return True


def set_ref(folder: Path, ref: str, commit: str) -> None:
    """Point `ref` to `commit`, or remove it where that is ''."""
    run(folder, "update-ref", "--no-deref", *(["--", ref, commit] if commit else ["-d", ref]))


def delete_ref(folder: Path, ref: str, commit: str) -> None:
    """Remove `ref` if it still points to `commit`."""
    run(folder, "update-ref", "--no-deref", "-d", ref, commit)


_SWITCH = ("switch", "--no-guess", "--no-recurse-submodules")


def switch_to_new_branch(folder: Path, name: str) -> None:
    """Create the branch `name` here and switch to it, uncommitted changes included.

    Raises GitRefusal if it exists or the name is invalid.
    """
    run(folder, *_SWITCH, "--no-track", f"--create={name}")


def switch_to_branch(folder: Path, name: str) -> None:
    """Switch to the branch `name`, uncommitted changes included.

    Raises GitRefusal if they would be lost, or if another worktree has the branch.
    """
    run(folder, *_SWITCH, "--", name)


def has_branch(folder: Path, name: str) -> bool:
    """Whether there is a local branch of that name."""
    return f"refs/heads/{name}" in refs(folder, f"refs/heads/{name}")


def worktree_of(folder: Path, name: str) -> str:
    """The folder in which a local branch is checked out, '' if it is not."""
    form, ref = "--format=%(refname)%00%(worktreepath)", f"refs/heads/{name}"
    found, _, path = answer(folder, "for-each-ref", form, "--", ref).partition("\0")
    return path if found == ref else ""


def worktrees(folder: Path) -> list[Path]:
    """The folders of all worktrees of a repository that are there."""
    listed = run(folder, "worktree", "list", "--porcelain").split("\n\n")
    first = (one.partition("\n")[0] for one in listed if "\nbare" not in one)
    folders = (Path(line.removeprefix("worktree ")) for line in first)
    return [one for one in folders if one.is_dir()]


def rename_branch(folder: Path, old: str, new: str) -> None:
    """Give a local branch another name, even if it is checked out.

    Raises GitRefusal if there is none, the new name is taken or invalid.
    """
    run(folder, "branch", "--move", "--", old, new)


class RefMessage(NamedTuple):
    """A ref, the object it points to, and the message of that commit; None for another object."""

    ref: str
    commit: str
    message: str | None


def messages(folder: Path, *patterns: str) -> list[RefMessage]:
    """The refs that match `patterns`, with their messages."""
    form = "%(refname)%00%(objectname)%00%(objecttype)%00%(contents)%00"
    try:
        fields = run(folder, "for-each-ref", f"--format={form}", "--", *patterns).split("\0")[:-1]
    except GitRefusal:
        # It ends at an object that is damaged or missing: each is looked at by itself.
        known = refs(folder, *patterns)
        said = git_objects.messages_of(folder, [*known.values()])
        return [RefMessage(ref, commit, said.get(commit)) for ref, commit in known.items()]
    found = zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=True)
    return [
        RefMessage(name.lstrip("\n"), commit, text if kind == "commit" else None)
        for name, commit, kind, text in found
    ]


def tags(folder: Path) -> dict[str, str]:
    """The names of all tags, with the object that each is of."""
    form = "--format=%(objectname) %(*objectname) %(refname:lstrip=2)"
    listed = run(folder, "for-each-ref", form, "refs/tags/")
    found = (line.split(" ", 2) for line in listed.split("\n") if line)
    return {name: of or own for own, of, name in found}


class Branch(NamedTuple):
    """A branch of this repository or a remote one: the full name of its ref, and its tip."""

    ref: str
    tip: str
    is_current: bool

    @property
    def name(self) -> str:
        """The name of a local branch, without `refs/heads/`."""
        return self.ref.removeprefix("refs/heads/")


class KnownBranches(NamedTuple):
    """The branches that are known here, and the full names of those of the remotes' HEADs."""

    branches: tuple[Branch, ...]
    heads: Mapping[str, str]

    @property
    def tips(self) -> dict[str, str]:
        """The tips of the branches, and of the remotes' HEADs, by the full names of their refs."""
        known = {one.ref: one.tip for one in self.branches}
        heads = {ref: known[branch] for ref, branch in self.heads.items() if branch in known}
        return known | heads

    @property
    def current(self) -> Branch | None:
        """The branch of HEAD; None where HEAD is detached or has no commit yet."""
        return next((one for one in self.branches if one.is_current), None)

    def main(self, named: str, remote: str) -> str:
        """The branch that holds the registry, '' if none is known.

        It is the one that is named, else that of the remote's HEAD, else `main` or `master`, of the
        remote or here.
        """
        there, here = f"refs/remotes/{remote}/", "refs/heads/"
        head = self.heads.get(f"{there}HEAD", "").removeprefix(there)
        usual = (name for place in (there, here) for name in USUAL if f"{place}{name}" in self.tips)
        return named or head or next(usual, "")

    def refs_of(self, branch: str, remote: str) -> dict[str, str]:
        """The tips of a branch by the full names of its refs, that of the remote first."""
        tips = self.tips
        refs = (f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}")
        return {ref: tips[ref] for ref in refs if ref in tips}


def branches(folder: Path) -> KnownBranches:
    """All local branches, and those of remotes as they were fetched."""
    form = "%(HEAD)%00%(objectname)%00%(refname)%00%(symref)"
    listed = run(folder, "for-each-ref", f"--format={form}", "refs/heads/", "refs/remotes/")
    found, heads = [], {}
    for line in filter(None, listed.split("\n")):
        current, tip, ref, leads_to = line.split("\0")
        if leads_to:
            heads[ref] = leads_to
        else:
            found.append(Branch(ref, tip, current == "*"))
    return KnownBranches(tuple(found), heads)


def description(folder: Path, commit: str, tags: Sequence[str]) -> str:
    """A commit by one of `tags` before it, `v1.0.0-3-gabcdef0`; its short id without one."""
    chosen = [f"--match={tag}" for tag in tags] or ["--exclude=*"]
    return answer(folder, "describe", "--tags", "--always", *chosen, commit)
