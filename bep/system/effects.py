"""What this process has changed for good, and whether it was to change something.

`report` of `bep.tasks.execution` prints this when a command is stopped. A number counts
from the moment at which it may have been taken, until it is certain that it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from .. import names


class _Effects:
    """The effects so far, each once, in order."""

    def __init__(self) -> None:
        self.intended = False
        self.files: dict[str, None] = {}
        self.numbers: dict[int, str] = {}
        self.branch = ""
        self.steps: list[str] = []
        self.completed: list[str] = []
        self.teller: Callable[[str], None] | None = None


_now = _Effects()


def on_news(tell: Callable[[str], None]) -> None:
    """Set the function that reports what else happens, such as waiting for another command."""
    _now.teller = tell


def tell(what: str) -> None:
    """Report what else happens."""
    if _now.teller:
        _now.teller(what)


def forget() -> None:
    """Reset: another command runs in this process."""
    _now.__init__()  # type: ignore[misc]


def intend() -> None:
    """Note that the command is one that changes something, and not a plan of it."""
    _now.intended = True


def are_intended() -> bool:
    """Whether the command is one that changes something."""
    return _now.intended


def record_files(root: Path, paths: Iterable[Path]) -> None:
    """Note that files are in place, moved or gone."""
    for path in paths:
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        _now.files[shown] = None


def record_completed(lines: Iterable[str]) -> None:
    """Note what was completed for a command that was interrupted."""
    _now.completed += lines


def taken_completed() -> list[str]:
    """What was completed for interrupted commands, in words, each line once."""
    lines, _now.completed = _now.completed, []
    return lines


def file_count() -> int:
    """How many files were changed."""
    return len(_now.files)


def record_number(number: int, what: str) -> None:
    """Note that a number is, or may be, reserved: what it is, in words."""
    _now.numbers[number] = what


def drop_number(number: int) -> None:
    """Note that a number is not, or no longer, taken."""
    _now.numbers.pop(number, None)


def record_branch(what: str) -> None:
    """Note that another branch is, or may be, checked out now; '' that it is not."""
    _now.branch = what


def record_step(what: str) -> None:
    """Note a step that is done and stays done, in words."""
    _now.steps.append(what)


def in_words() -> str:
    """The effects in one line, '' if there are none."""
    told = []
    if _now.files:
        paths = [*_now.files]
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        count = "1 file was" if len(paths) == 1 else f"{len(paths)} files were"
        told.append(f"{count} changed ({', '.join(paths[:3])}{more})")
    told += [f"{names.proposal_name(number)} {what}" for number, what in _now.numbers.items()]
    if _now.branch:
        told.append(_now.branch)
    told += _now.steps
    return "; ".join(told)


def holds_only_numbers() -> bool:
    """Whether the only effects are numbers."""
    return bool(_now.numbers) and not (_now.files or _now.branch or _now.steps)
