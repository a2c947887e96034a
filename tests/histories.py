"""Git histories with given dates, made by one process: `git fast-import`."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.conftest import run_git

START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
FOLDER = "proposals"


class Commit(NamedTuple):
    """A commit written so many days after START, with the new contents of files, None for removed.

    A branch begins where main is; `merges` names another one.
    """

    day: float
    files: Mapping[str, str | bytes | None]
    branch: str = "main"
    merges: str = ""


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


def ago(days: float) -> float:
    """The day that is so many days, and a minute, before the present."""
    return (dt.datetime.now(dt.UTC) - START).total_seconds() / 86400 - days - 1 / 1440


def main(number: int, slug: str = "relay") -> str:
    """The path of a main document."""
    return f"{FOLDER}/BEP-{number}-{slug}.md"


def text(status: str, *, more: str = "", number: int = 1001) -> str:
    """A main document with enough text to be recognised under another name."""
    lines = "".join(f"Line {at} of proposal {number}.\n" for at in range(20))
    return (
        f"---\nAuthor: Ada (a@b.c)\nStatus: {status}\n---\n\n# Proposal {number}\n\n{lines}{more}"
    )


def write(folder: Path, commits: Iterable[Commit]) -> Path:
    """Make a repository that has these commits, with `main` checked out."""
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    stream: list[bytes] = []
    made: set[str] = set()
    for commit in commits:
        stream.append(_header(commit, is_new=commit.branch not in made and bool(made)))
        made.add(commit.branch)
        for path, content in commit.files.items():
            if content is None:
                stream.append(f"D {path}\n".encode())
            else:
                data = content if isinstance(content, bytes) else content.encode()
                stream.append(f"M 644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=folder, input=b"".join(stream), check=True
    )
    run_git(folder, "reset", "--quiet", "--hard")
    return folder


def _header(commit: Commit, *, is_new: bool) -> bytes:
    who = f"Ada <a@b.c> {int(day(commit.day).timestamp())} +0000"
    lines = [f"commit refs/heads/{commit.branch}", f"author {who}", f"committer {who}", "data 0"]
    if is_new:
        lines.append("from refs/heads/main")
    if commit.merges:
        lines.append(f"merge refs/heads/{commit.merges}")
    return "".join(f"{line}\n" for line in lines).encode()
