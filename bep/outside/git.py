"""The only caller of `git`.

Every call is non-interactive (no password prompt), speaks plain English, and passes names after
options that end option parsing, so that a name beginning with `-` stays a name.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ..errors import BepError

_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
_COMMITTER = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "bep"), ("EMAIL", "bep@localhost"))
}


class GitRefusal(Exception):
    """A git command that ended with an error; `str()` is what git said, in one line."""


def run(
    folder: Path, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None
) -> str:
    """What `git ARGUMENTS` prints in `folder`, its final line ending removed.

    Raises GitRefusal where git exits with an error, BepError where there is no git.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            env={**os.environ, **_ENVIRONMENT, **(environment or {})},
        )
    except FileNotFoundError:
        if not folder.is_dir():
            raise BepError("there is no such folder", path=str(folder)) from None
        raise BepError("git is not installed", "install Git 2.34 or newer") from None
    except NotADirectoryError:
        raise BepError("this is no folder", path=str(folder)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
        raise GitRefusal(" ".join(said.split()) or f"git exited with {done.returncode}")
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def answer(folder: Path, *arguments: str) -> str:
    """Like `run`, but '' where git exits with an error: the question has no answer."""
    try:
        return run(folder, *arguments)
    except GitRefusal:
        return ""


def repository(folder: Path) -> tuple[Path, Path] | None:
    """The root of the working tree that holds `folder` and its Git directory.

    None where there is no working tree.
    """
    lines = answer(folder, "rev-parse", "--show-toplevel", "--absolute-git-dir").split("\n")
    return (Path(lines[0]), Path(lines[1])) if len(lines) == 2 else None


def identity(folder: Path) -> tuple[str, str]:
    """The name and address of Git's user here, '' for what is not set."""
    lines = answer(folder, "config", "--get-regexp", r"^user\.(name|email)$").split("\n")
    # Git lists a key once for each file that sets it; the last one counts.
    found = dict(line.split(" ", 1) for line in lines if " " in line)
    name = os.environ.get("GIT_AUTHOR_NAME") or found.get("user.name", "")
    address = os.environ.get("GIT_AUTHOR_EMAIL") or found.get("user.email", "")
    return name.strip(), address.strip()


def branch(folder: Path) -> str | None:
    """The current branch, also before its first commit; None on a detached HEAD."""
    return answer(folder, "symbolic-ref", "--quiet", "--short", "HEAD") or None


def has_commit(folder: Path) -> bool:
    """Whether HEAD points to a commit."""
    return bool(answer(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"))


def refs(folder: Path, *prefixes: str) -> dict[str, str]:
    """All refs below `prefixes`, with the object each points to."""
    lines = run(folder, "for-each-ref", "--format=%(objectname) %(refname)", "--", *prefixes)
    pairs = (line.split(" ", 1) for line in lines.split("\n") if line)
    return {name: oid for oid, name in pairs}


def commit_empty(folder: Path, text: str) -> str:
    """A new commit without parents and files that says `text`; returns its id.

    Works without a Git identity: who made it stands in the message.
    """
    tree = run(folder, "mktree")
    return run(folder, "commit-tree", "--no-gpg-sign", tree, given=text, environment=_COMMITTER)


def create_ref(folder: Path, ref: str, commit: str) -> bool:
    """Point the new `ref` to `commit`; False where the ref exists already.

    Atomic across processes and worktrees: of many at once exactly one gets True.
    Raises GitRefusal where the ref cannot be made for another reason.
    """
    try:
        run(folder, "update-ref", "--no-deref", ref, commit, "0" * len(commit))
    except GitRefusal:
        if refs(folder, ref):
            return False
        raise
    return True


def delete_ref(folder: Path, ref: str, commit: str) -> None:
    """Remove `ref` if it still points to `commit`."""
    run(folder, "update-ref", "--no-deref", "-d", ref, commit)


def switch_to_new_branch(folder: Path, name: str) -> None:
    """Create the branch `name` here and switch to it, uncommitted changes included.

    Raises GitRefusal where it exists or the name is none.
    """
    run(folder, "switch", "--no-guess", f"--create={name}")


def main_branch(folder: Path, remote: str) -> str:
    """The branch that holds the registry: the remote's HEAD, else `main` or `master`.

    '' where none of them exists.
    """
    head = answer(folder, "symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD")
    if head:
        return head.removeprefix(f"{remote}/")
    known = refs(folder, "refs/heads/main", "refs/heads/master")
    return next((n for n in ("main", "master") if f"refs/heads/{n}" in known), "")


def remote_address(folder: Path, remote: str) -> str:
    """The address that `remote` stands for, '' where there is no such remote."""
    return answer(folder, "remote", "get-url", "--", remote)


def messages(folder: Path, prefix: str) -> list[tuple[str, str, str]]:
    """Name, object and message of each ref below `prefix`."""
    form = "%(refname)%00%(objectname)%00%(contents)%00"
    fields = run(folder, "for-each-ref", f"--format={form}", "--", prefix).split("\0")[:-1]
    triples = zip(fields[0::3], fields[1::3], fields[2::3], strict=True)
    return [(name.lstrip("\n"), commit, text) for name, commit, text in triples]


def files(folder: Path, *patterns: str) -> list[str]:
    """The tracked files, and the untracked ones that are not ignored, that match `patterns`."""
    listed = run(
        folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns
    )
    return sorted({name for name in listed.split("\0") if name})
