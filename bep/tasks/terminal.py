"""What the tasks share: opening the repository, and printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BepError

if TYPE_CHECKING:
    from ..outside.files import Change
    from ..outside.repository import Repository
    from ..outside.source import Address

DRY_RUN = "Show the plan as a unified diff and change nothing."


def open_repository(*, writing: bool, finishing: bool = True) -> Repository:
    """The current folder's repository; before a task writes, killed changes are completed.

    Without `finishing`, a renumbering that was interrupted is left to the caller.
    """
    from ..outside import files, repository

    found = repository.find(Path.cwd())
    for name in found.unknown_settings:
        tell(f"bep: the setting {name!r} is unknown and has no effect", True)
    if writing:
        for line in files.complete_interrupted(found.tree):
            tell(f"bep: {line}", True)
    if writing and finishing:
        _finish_renumbering(found)
    return found


def _finish_renumbering(repository: Repository) -> None:
    from ..operations import unfinished

    try:
        finished = unfinished.finish(repository)
    except BepError as error:
        # It hinders no other work.
        tell(f"bep: {error}", True)
        return
    if finished:
        begun = finished.begun
        tell(f"bep: finished renumbering {begun.number} to {begun.to}, which had begun", True)


def template_address(repository: Repository, named: str, *, asks: bool = True) -> Address:
    """The template that may run; `named` is the one in the call. On a terminal it `asks`.

    Raises BepError for one that nobody has vouched for.
    """
    from ..operations import trust

    def ask(address: str, doubt: str) -> bool:
        tell(f"The template {address!r} {doubt}.", True)
        return input("Running it runs its code on this machine. Run it? [y/N] ").lower() == "y"

    there = sys.stdin.isatty() and sys.stdout.isatty()
    return trust.template_address(repository, named, ask if asks and there else None)


def number_of(text: str) -> int:
    """The number that `1046` or `BEP-1046` names. Raises BepError where it names none."""
    from ..operations import selection

    return selection.one_number(text)


def tell(line: str, on_stderr: bool) -> None:
    """Print a line for people: on stderr where stdout is kept for data."""
    print(line, file=sys.stderr if on_stderr else sys.stdout)


def print_diff(repository: Repository, changes: Iterable[Change]) -> None:
    """Print planned changes of files as a unified diff."""
    from ..model import diff
    from ..outside.repository import decode

    for change in changes:
        old = repository.read(change.path) if repository.tree.has(change.path) else None
        path = repository.relative(change.path)
        sys.stdout.write(diff.unified(path, old, decode(change.content)))


def print_json(value: Any) -> None:
    """Print one JSON document."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # Bytes of a document that are no UTF-8 would make it no JSON.
    print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
