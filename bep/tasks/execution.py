"""Running a task: what goes wrong becomes one line on stderr and an exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from .. import output
from ..errors import WRONG_CALL, BepError, reason_of
from ..interrupts import end_interrupts
from ..system import effects
from . import candidates, help_text
from .command import Exit, Kind, Parameter, Task

# Parameters that say which proposal is meant.
_NAMING = ("number", "path")


def run(task: Task, values: Mapping[str, Any]) -> int:
    """Run a task with the values of the parameters that were given; returns the exit code."""
    return report(lambda: _run(task, values), task.resumable)


def _run(task: Task, values: Mapping[str, Any]) -> int:
    missing = [task.parameter(name) for name in task.required if name not in values]
    if missing and not output.has_terminal():
        raise _incomplete(task, missing)
    if output.has_terminal():
        values = {**values, **_number_asked(task, values)}
        values = {**values, **{one.name: _asked(one) for one in missing}}
    # Slow to load, and help does not need it.
    from ..system import git_process

    effects.on_news(output.remark)
    with (
        output.paged() if _is_for_readers(task, values) else nullcontext(),
        git_process.asking_once(),
    ):
        task.body(**values)
    return 0


def _is_for_readers(task: Task, values: Mapping[str, Any]) -> bool:
    is_text = values.get("format", "text") == "text" and not values.get("json")
    return is_text and (task.paged or "dry_run" in values)


def _incomplete(task: Task, missing: Sequence[Parameter]) -> BepError:
    """The error that names all that a call lacks, and what to type."""
    *most, last = [one.word.upper() for one in missing]
    named = f"{', '.join(most)} and {last}" if most else last
    choices = "".join(
        f"; {one.word.upper()}: {known}" for one in missing if (known := _choices(one))
    )
    call = help_text.shortest_call(task)
    return BepError(f"{task.name} needs {named}", f"write `{call}`{choices}")


def _number_asked(task: Task, values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The NUMBER that somebody at the terminal gives, if neither call nor branch names one."""
    if not task.of_branch or not values.keys().isdisjoint(_NAMING):
        return {}
    from ..system import chosen_proposals, repository

    try:
        chosen_proposals.of_branch(repository.find(Path.cwd()))
    except chosen_proposals.NotNamed as error:
        output.note(f"{error.message[0].upper()}{error.message[1:]}.")
        return {"number": _asked(task.parameter("number"))}
    return {}


def _asked(parameter: Parameter) -> str | list[str]:
    """A value from somebody at the terminal. Raises KeyboardInterrupt where they give none."""
    known = _choices(parameter)
    output.note(f"{parameter.help}{f' One of {known}.' if known else ''}")
    said = output.prompt(f"{parameter.word.upper()}: ").strip()
    if not said:
        raise KeyboardInterrupt
    return [said] if parameter.kind is Kind.LIST else said


def _choices(parameter: Parameter) -> str:
    """The values from which one is taken; '' for texts and for numbers, of which there are many."""
    if parameter.source == "number":
        return ""
    return ", ".join(one.value for one in candidates.of(parameter.source))


def report(work: Callable[[], int], resumable: bool = False) -> int:
    """Do `work`, which returns an exit code; what goes wrong in it becomes one line on stderr.

    `resumable` says that after a stop the same call does what is left.
    """
    output.open_streams()
    try:
        code = _code(work, resumable)
        # While it waited for another command, that one may have been killed.
        output.remark(*effects.taken_completed())
        if not output.finish() and not effects.are_intended():
            code = code or WRONG_CALL
    except BrokenPipeError:
        output.abandon()
        code = 0
    return code


def _code(work: Callable[[], int], resumable: bool) -> int:
    try:
        return work()
    except BepError as error:
        output.remark(error)
        return error.code
    except (KeyboardInterrupt, EOFError):
        end_interrupts()
        output.remark(stopped(resumable))
        return WRONG_CALL
    except Exit as end:
        return end.code
    except BrokenPipeError:
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not error.filename:
            # Only a question for the current folder names no file.
            output.remark("the current folder no longer exists; change into the repository")
        else:
            place = f"{error.filename}: " if error.filename else ""
            output.remark(f"{place}{reason_of(error)}")
        return WRONG_CALL
    except Exception as error:
        from ..system.git_process import GitRefusal

        if not isinstance(error, GitRefusal):
            raise
        output.remark(f"git refuses: {error}; correct that, then try again")
        return WRONG_CALL


def stopped(resumable: bool = False) -> str:
    """What a stopped command has changed, and what the same call would do now."""
    changed = effects.in_words()
    if not changed:
        return "stopped; nothing was changed"
    if resumable:
        return f"stopped; {changed}; the same call does the rest"
    if effects.holds_only_numbers():
        return f"stopped; {changed}; `bep list` shows it, `bep unreserve` gives it back"
    return f"stopped; {changed}; no file is written in part, `git status` shows what is done"
