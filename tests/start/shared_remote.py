"""Claims and rows in clones of a shared remote: helpers of the tests of claims."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import PAGE, Call, run_git, state


def reserve(call: Call, folder: Path, *arguments: str) -> int:
    code, out, err = call(folder, "reserve", *arguments)
    assert code == 0, err
    assert re.fullmatch(r"\d+\n", out), out
    return int(out)


def claims(folder: Path, prefix: str = "refs/bep/") -> list[str]:
    found = run_git(folder, "for-each-ref", "--format=%(refname)").split()
    return [name.removeprefix(prefix) for name in found if name.startswith(prefix)]


def said_by(folder: Path, number: int) -> str:
    return run_git(folder, "log", "-1", "--format=%B", f"refs/bep/{number}")


def row(folder: Path, number: int) -> str:
    lines = (folder / PAGE).read_text().split("\n")
    return next((one for one in lines if re.match(rf"\| \[?{number}\b", one)), "")


def branch(folder: Path) -> str:
    return run_git(folder, "branch", "--show-current")


def document(folder: Path, number: int, name: str = "by-hand") -> Path:
    """A document that somebody made by copying another."""
    source = (folder / "proposals" / "BEP-1002-quota-ledger.md").read_text()
    path = folder / "proposals" / f"BEP-{number}-{name}.md"
    path.write_text(source.replace("1002", str(number)))
    return path


def add_row(folder: Path, number: int, title: str, author: str) -> None:
    page = folder / PAGE
    line = f"| {number} | {title} | {author} | Draft |\n"
    page.write_text(page.read_text().replace("| _next_ ", f"{line}| _next_ "))


def hook(remote: Path, refuses: str, message: str = "not allowed here") -> None:
    """A server that accepts no ref that fits the shell pattern `refuses`."""
    path = remote / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "#!/bin/sh\nwhile read old new ref; do\n"
        f"  case $ref in {refuses}) echo '{message}' >&2; exit 1;; esac\ndone\n"
    )
    path.chmod(0o755)


def refused(call: Call, folder: Path, remote: Path | None, *arguments: str) -> str:
    """What a refused call says; one line, and nothing has changed, here or on the remote."""
    before = state(folder), remote and run_git(remote, "for-each-ref")
    code, out, err = call(folder, *arguments)
    assert code == 2, (code, out, err)
    assert out == ""
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert (state(folder), remote and run_git(remote, "for-each-ref")) == before
    return err
