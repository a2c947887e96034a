"""What the tasks share: opening the repository, and printing what they plan."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import BepError, suggestion
from ..output import (
    Painted,
    diff,
    has_terminal,
    note,
    prompt,
    remark,
    say_wrapped,
    shortened,
    width,
)

if TYPE_CHECKING:
    from ..guide import Guide
    from ..system.file_transaction import Change
    from ..system.repository import Repository
    from ..system.template_trust import TrustedTemplate

TEMPLATE = "Address or path of the template, instead of the one in the settings."
ONE = "The proposal: 1046, BEP-1046 or a path; default: the branch's."
MANY = (
    "The proposals: numbers, ranges, paths, patterns and folders, such as 1046 1050-1053"
    " 'proposals/BEP-10*.md'."
)
DRY_RUN = "Show the plan as a unified diff and change nothing."


def open_repository(*, writing: bool, finishing: bool = True) -> Repository:
    """The current folder's repository; before a task writes, interrupted changes are completed.

    Without `finishing`, a move of files that was interrupted is left to the caller.
    """
    from ..system import effects, file_transaction, repository, settings

    found = repository.find(Path.cwd())
    _refuse_newer_guide(found)
    for name in found.unknown_settings:
        meant = suggestion(name, settings.Settings._fields, choices="it has no effect")
        remark(f"the setting {name!r} is unknown; {meant}")
    if writing:
        effects.intend()
        remark(*file_transaction.complete_interrupted(found.tree))
    if writing and finishing:
        _finish_move(found)
    return found


def _refuse_newer_guide(found: Repository) -> None:
    """Raise BepError if the repository's guide says more than this tool understands."""
    from .. import names
    from ..questionnaire import revision_notes

    oldest = found.guide.oldest_tool
    if revision_notes.is_older(__version__, oldest):
        raise BepError(
            f"this guide needs bep {oldest} or newer, and this is {__version__}",
            "install the newer bep",
            f"{found.settings.proposals}/{names.GUIDE}",
        )


def guide_here() -> Guide:
    """The guide of the current folder's repository; outside one, the tool's own."""
    from .. import guide_file
    from ..system import git_process, repository

    return (
        repository.find(Path.cwd()).guide
        if git_process.repository(Path.cwd())
        else guide_file.own()
    )


def _finish_move(repository: Repository) -> None:
    from ..maintain import move_journal

    try:
        finished = move_journal.finish(repository)
    except BepError as error:
        # Other work can go on.
        remark(error)
        return
    if finished:
        begun, end = finished
        remark(f"finished {begun.in_words}, which had been interrupted")
        remark(*filter(None, [end.branch_problem, end.number_problem]))


def trusted_template(repository: Repository, named: str, *, asks: bool) -> TrustedTemplate:
    """The template that a task may run; on a terminal, and if it `asks`, a person may allow it.

    Raises BepError if it is refused.
    """
    from ..system import template_trust

    on_terminal = asks and has_terminal()
    return template_trust.decide(repository, named, _is_allowed if on_terminal else None)


def _is_allowed(reason: str) -> bool:
    note(reason)
    return confirmed("A template is a program. Run it, now and from now on?")


def typed(question: str, known: str = "") -> str:
    """The answer typed at the terminal, as from `output.prompt`.

    Meanwhile others may have changed the repository, so git is asked again.
    """
    from ..system import git_process

    said = prompt(question, known)
    git_process.look_again()
    return said


def confirmed(question: str) -> bool:
    """Whether somebody at the terminal says yes."""
    try:
        said = typed(f"{question} [y/N] ")
    except EOFError:
        return False
    return said.strip().casefold() in ("y", "yes")


def confirm(question: str) -> None:
    """Ask somebody at the terminal whether to go on; raises BepError if they do not."""
    if not confirmed(question):
        raise BepError("nothing was changed", "try again when it is right")


class TerminalScreen:
    """Where the questionnaire of `new` is shown and typed."""

    def show(self, text: str, hanging: int = 0) -> None:
        """Show a text; a line that is too long goes on below, `hanging` columns further right."""
        for line in text.split("\n"):
            say_wrapped(line, hanging=hanging)

    def ask(self, question: str, answer: str) -> str:
        """The line that is typed after a question, which shows as much of `answer` as fits."""
        room = max(width() // 2 - len(question), 10)
        shown = shortened(answer, room)
        return typed(f"{question} [{shown}] > " if answer else f"{question} > ", answer)


def painted_status(guide: Guide, name: str, width: int = 0) -> Painted:
    """The name of a status, in a colour that says whether it is open, agreed or over."""
    found = guide.status_of(name)
    if found and found.final:
        return Painted(name.ljust(width), "dim")
    return Painted(name.ljust(width), "green" if found and found.settled else "yellow")


def note_next(repository: Repository, path: str) -> None:
    """Print the next command for the proposal whose main document is at `path`."""
    from ..share import status

    if following := status.next_command(repository, path):
        note(f"Next: `{following}`.")


def print_diff(repository: Repository, changes: Iterable[Change]) -> None:
    """Print planned changes of files as a unified diff."""
    from ..markdown import edits
    from ..system.repository import decode

    for change in changes:
        old = repository.read(change.path) if repository.tree.has(change.path) else None
        path = repository.relative(change.path)
        diff(edits.unified_diff(path, old, decode(change.content)))
