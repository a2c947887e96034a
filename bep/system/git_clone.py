"""What kind of clone a repository is, and who works in it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .git_process import answer


def identity(folder: Path) -> tuple[str, str]:
    """The name and address of Git's user here, '' for what is not set."""
    # Git lists a key once for each file that sets it; the last one counts.
    found = dict(configured(folder))
    name = os.environ.get("GIT_AUTHOR_NAME") or found.get("user.name", "")
    address = os.environ.get("GIT_AUTHOR_EMAIL") or found.get("user.email", "")
    return name.strip(), address.strip()


def configured(folder: Path) -> list[tuple[str, str]]:
    """The settings of remotes, the user and ssh, as keys and values; a key can be there twice."""
    keys = r"^(remote\..*|user\.(name|email)|core\.sshcommand)$"
    said = answer(folder, "config", "--null", "--get-regexp", keys)
    entries = (entry.partition("\n") for entry in said.split("\0")[:-1])
    return [(key, value) for key, _, value in entries]


def index_lock(git_directory: Path) -> Path:
    """The file that exists while a git process writes the index, or was killed as it did."""
    return git_directory / "index.lock"


def common_directory(git_directory: Path) -> Path:
    """The Git directory that all working trees of the repository share."""
    with suppress(OSError, UnicodeDecodeError):
        return git_directory / (git_directory / "commondir").read_text().strip()
    return git_directory


def is_shallow(git_directory: Path) -> bool:
    """Whether the history of this clone is cut off."""
    return (common_directory(git_directory) / "shallow").exists()


def shallow_commits(git_directory: Path) -> frozenset[str]:
    """The commits after which the history of this clone is cut off; none in a full clone."""
    with suppress(OSError, UnicodeDecodeError):
        return frozenset((common_directory(git_directory) / "shallow").read_text("ascii").split())
    return frozenset()


def is_partial(git_directory: Path) -> bool:
    """Whether objects may be missing because the clone left them at its remote."""
    return any(common_directory(git_directory).glob("objects/pack/*.promisor"))
