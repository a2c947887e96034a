"""What a repository exchanges with others: remote refs, fetches, pushes, whole copies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from . import git_clone, git_objects, git_refs
from .git_process import Ended, ended, run

# A server that accepts a connection and says nothing, or falls silent, would be waited for forever.
SSH = "ssh -o ConnectTimeout=60 -o ServerAliveInterval=30 -o ServerAliveCountMax=2"


def _patience(folder: Path) -> dict[str, str]:
    """How Git calls ssh, unless the user has set that."""
    is_set = "GIT_SSH_COMMAND" in os.environ or "GIT_SSH" in os.environ
    if is_set or "core.sshcommand" in dict(git_clone.configured(folder)):
        return {}
    return {"GIT_SSH_COMMAND": SSH}


def remotes(folder: Path) -> list[str]:
    """The names of all remotes."""
    keys = (key for key, _ in git_clone.configured(folder) if key.startswith("remote."))
    return sorted({key.split(".", 1)[1].rpartition(".")[0] for key in keys} - {""})


def remote_address(folder: Path, remote: str) -> str:
    """The address of `remote` as it was given, '' if there is no such remote.

    What `url.*.insteadOf` makes of it is for this machine only, and may contain a password.
    """
    return _configured(folder, f"remote.{remote}.url")


def push_address(folder: Path, remote: str) -> str:
    """The address of `remote` for pushes, as it was given, '' if there is no such remote."""
    return _configured(folder, f"remote.{remote}.pushurl") or remote_address(folder, remote)


def _configured(folder: Path, key: str) -> str:
    """The first value of a key in Git's configuration, '' if it has none."""
    return next((value for name, value in git_clone.configured(folder) if name == key), "")


class RemoteRefs(NamedTuple):
    """The refs of a remote with the objects they point to, and the branch of its HEAD, or ''."""

    head: str
    refs: dict[str, str]

    def main(self, named: str) -> str:
        """The main branch: `named`, else that of HEAD, `main` or `master`; '' if none is there."""
        candidates = [named] if named else [self.head, *git_refs.USUAL]
        return next((one for one in candidates if f"refs/heads/{one}" in self.refs), "")


def remote_refs(folder: Path, remote: str, *patterns: str) -> RemoteRefs:
    """What `remote` says of its refs that match `patterns`.

    Raises GitRefusal if it does not answer.
    """
    call = ("ls-remote", "--symref", "--", remote, "HEAD", *patterns)
    lines = run(folder, *call, environment=_patience(folder)).split("\n")
    pairs = [line.split("\t", 1) for line in lines if "\t" in line]
    named = {name: oid for oid, name in pairs if not oid.startswith("ref: ")}
    heads = [oid for oid, name in pairs if oid.startswith("ref: refs/heads/") and name == "HEAD"]
    return RemoteRefs(heads[0].removeprefix("ref: refs/heads/") if heads else "", named)


def fetch(folder: Path, remote: str, *refspecs: str, prune: bool = False) -> None:
    """Fetch refs of `remote`; without a destination, only their objects.

    Raises GitRefusal if that fails.
    """
    options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
    # Not even the remote's tracking branches change if nothing says so.
    options += ["--refmap=", "--no-prune-tags", "--prune" if prune else "--no-prune"]
    # Thousands of refs are more than a command line holds.
    given = "".join(f"{one}\n" for one in refspecs)
    call = ("fetch", *options, "--stdin", "--", remote)
    run(folder, *call, given=given, environment=_patience(folder))


class Push(NamedTuple):
    """How a push of one ref ended: `said` is the remote's or git's reason if it did not."""

    accepted: bool
    said: str


def push(folder: Path, remote: str, ref: str, new: str, expected: str = "") -> Push:
    """Set `ref` on `remote` to the commit `new` if it points to `expected` ('' is: to nothing).

    With `new` '' the ref is deleted. Of many at once, exactly one is accepted.
    """
    options = (
        "--porcelain",
        "--no-verify",
        "--no-signed",
        "--no-follow-tags",
        "--recurse-submodules=no",
        f"--force-with-lease={ref}:{expected}",
    )
    # The push of a mirror takes no ref by name, and not every server takes push options.
    settings = {f"remote.{remote}.mirror": "false", "push.pushOption": ""}
    call = ("push", *options, "--", remote, f"{new}:{ref}")
    return _outcome(ended(folder, *call, environment=_patience(folder), settings=settings))


def push_branch(folder: Path, remote: str, branch: str) -> Push:
    """Bring a branch to `remote`, without force, and make it the branch's upstream.

    The user's own hooks and options of pushes apply.
    """
    ref = f"refs/heads/{branch}"
    settings = {f"remote.{remote}.mirror": "false"}
    call = ("push", "--porcelain", "--set-upstream", "--", remote, f"{ref}:{ref}")
    return _outcome(ended(folder, *call, environment=_patience(folder), settings=settings))


def _outcome(done: Ended) -> Push:
    """How a push with `--porcelain` ended."""
    if not done.code:
        return Push(accepted=True, said="")
    lines = done.out.decode("utf-8", "replace").split("\n")
    of_ref = next((line.split("\t")[-1] for line in lines if line.startswith("!\t")), "")
    # What a hook of the server says is the true reason.
    errors = done.err.decode("utf-8", "replace").split("\n")
    told = [line.removeprefix("remote:").strip() for line in errors if line.startswith("remote:")]
    said = ": ".join(filter(None, [of_ref, next(filter(None, told), "")]))
    return Push(accepted=False, said=said or done.said)


def clone_bare(address: str, folder: Path) -> None:
    """Clone the repository at `address` into the new `folder`, without a working tree.

    Raises GitRefusal if it cannot be cloned.
    """
    call = ("clone", "--quiet", "--bare", "--", address, str(folder))
    run(folder.parent, *call, environment=_patience(folder.parent))


def mirror(address: str, folder: Path) -> None:
    """Make branches, tags and HEAD of the bare repository `folder` those of another one.

    The repository is made if there is none; the address, which may hold a password, is not
    stored there. Raises GitRefusal if the other repository does not answer.
    """
    there = remote_refs(folder.parent, address, "refs/heads/*", "refs/tags/*")
    if not folder.exists():
        is_usual = all(len(oid) == git_objects.SHA1_LENGTH for oid in there.refs.values())
        kind = "sha1" if is_usual else "sha256"
        run(folder.parent, "init", "--quiet", "--bare", f"--object-format={kind}", str(folder))
    prefixes = ("refs/heads/", "refs/tags/")
    wanted = {
        ref: oid
        for ref, oid in there.refs.items()
        if ref.startswith(prefixes) and not ref.endswith("^{}")
    }
    if wanted != git_refs.refs(folder, *prefixes):
        run(
            folder,
            "fetch",
            *("--quiet", "--prune", "--force", "--update-shallow", "--no-write-fetch-head"),
            *("--", address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"),
            environment=_patience(folder),
        )
    if there.head:
        run(folder, "symbolic-ref", "HEAD", f"refs/heads/{there.head}")
