"""What the tasks share: opening the repository, and printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..operations.template_trust import TrustedTemplate
    from ..outside.files import Change
    from ..outside.repository import Repository

TEMPLATE = "Address or path of the template, in place of the one in the settings."
DRY_RUN = "Show the plan as a unified diff and change nothing."


def open_repository(*, writing: bool) -> Repository:
    """The current folder's repository; before a task writes, killed changes are completed."""
    from ..outside import files, repository

    found = repository.find(Path.cwd())
    for name in found.unknown_settings:
        tell(f"bep: the setting {name!r} is unknown and has no effect", True)
    if writing:
        for line in files.complete_interrupted(found.git_directory):
            tell(f"bep: {line}", True)
    return found


def trusted_template(repository: Repository, named: str, *, asks: bool) -> TrustedTemplate:
    """The template that a task may run; on a terminal, and where it `asks`, a person may allow it.

    Raises BepError where it is refused.
    """
    from ..operations import template_trust

    on_terminal = asks and sys.stdin.isatty() and sys.stdout.isatty()
    return template_trust.decide(repository, named, _is_allowed if on_terminal else None)


def _is_allowed(remark: str) -> bool:
    print(remark)
    try:
        said = input("A template is a program. Run it, now and from now on? [y/N] ")
    except EOFError:
        return False
    return said.strip().casefold() in ("y", "yes")


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
        old = decode(change.path.read_bytes()) if change.path.exists() else None
        path = repository.relative(change.path)
        sys.stdout.write(diff.unified(path, old, decode(change.content)))


def print_json(value: Any) -> None:
    """Print one JSON document."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # Bytes of a document that are no UTF-8 would make it no JSON.
    print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
