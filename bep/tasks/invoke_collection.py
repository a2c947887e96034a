"""The tasks for `invoke`: an Invoke collection made from their definitions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.tasks import Task as InvokeTask

from .. import output
from . import catalogue, execution, help_text
from .command import Kind, Parameter, Task

_HELP = ("--help", "-h")
_KINDS = {Kind.FLAG: bool, Kind.LIST: list}
_DEFAULTS = {Kind.FLAG: False, Kind.LIST: [], Kind.TEXT: ""}


class Flag(Argument):
    """An option of a task, or a position, which is never filled by what looks like an option."""

    def __init__(self, task: Task, parameter: Parameter) -> None:
        self.task = task
        is_position = parameter.name in task.invoke_positions
        super().__init__(
            names=[parameter.word, *filter(None, [parameter.short])],
            kind=_KINDS.get(parameter.kind, str),
            # Invoke fills a position only where it has no default.
            default=None if is_position else _DEFAULTS.get(parameter.kind),
            help=parameter.help,
            positional=is_position,
            optional=parameter.kind is Kind.MAYBE,
            # One that is the option itself would be an alias of itself.
            attr_name=parameter.name if parameter.name != parameter.word else None,
        )

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take a value; Invoke gives any word to what still needs one, even `--help`."""
        if value in _HELP:
            _explain(self.task)
        if self.positional and str(value).startswith("-") and not any(map(str.isspace, value)):
            raise ParseError(f"{value!r} is not a {self.name}; write --{self.name}={value}")
        super().set_value(value, cast)


class Command(InvokeTask):  # type: ignore[type-arg]
    """A task of Invoke made from a definition."""

    def __init__(self, task: Task) -> None:
        self.task = task
        super().__init__(_body(task), name=task.name, positional=task.invoke_positions)
        self.__doc__ = f"{task.summary}\n\n{task.description}"

    def get_arguments(
        self,
        ignore_unknown_help: bool | None = None,  # noqa: ARG002 (Invoke passes it by name)
    ) -> list[Argument]:
        """The task's parameters, as Invoke's parser wants them: positions first."""
        arguments = [Flag(self.task, one) for one in self.task.parameters]
        return sorted(arguments, key=lambda one: not one.positional)


def _body(task: Task) -> Callable[..., None]:
    def run(_: Context, **values: Any) -> None:
        # Invoke passes a value for each parameter, given or not.
        given = {
            name: value for name, value in values.items() if value not in ("", None, [], False)
        }
        if code := execution.run(task, given):
            raise Exit(code=code)

    return run


def _explain(task: Task) -> NoReturn:
    output.write(help_text.of_task(task, "invoke") + "\n")
    raise Exit(code=0)


def _explained(words: Sequence[str]) -> str:
    """The task whose help a call of Invoke wants, after a word that is not an option; else ''.

    Invoke takes the word for another task, and knows none of that name.
    """
    asked = next((at for at, word in enumerate(words) if word in (*_HELP, "--")), 0)
    names = [at for at, word in enumerate(words[:asked]) if word in catalogue.MODULES]
    if not names or words[asked] == "--":
        return ""
    behind = words[names[-1] + 1 : asked]
    return words[names[-1]] if any(not word.startswith("-") for word in behind) else ""


def collection() -> Collection:
    """All tasks, in the order of the help."""
    # Called as `invoke`, `inv` or `python -m invoke`.
    is_called = not {"invoke", "inv"}.isdisjoint(Path(sys.argv[0]).with_suffix("").parts[-2:])
    if is_called and (name := _explained(sys.argv[1:])):
        _explain(catalogue.task(name))
    return Collection(*(Command(catalogue.task(name)) for name in catalogue.MODULES))
