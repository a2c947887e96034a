"""The console command `bep`: a Click program made from the tasks' definitions."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from .. import __version__, output
from ..errors import BepError
from ..system import effects
from . import catalogue, execution, help_text
from .command import Kind, Parameter, Task
from .positions import placed

# Put before a text that begins with a hyphen, so that Click does not read it as an option. No
# argument of a process can contain it.
_MARK = "\0"


class Command(click.Command):
    """A task as a command of Click: Click finds the options, `placed` distributes the rest."""

    def __init__(self, task: Task) -> None:
        self.task = task
        super().__init__(
            task.name,
            params=[
                *map(_option, task.parameters),
                _flag("--help", "-h", is_eager=True, callback=self._help),
                click.Argument(["_positions"], nargs=-1, type=_word),
            ],
            add_help_option=False,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words behind the task's name; `--help` among them is answered in any case."""
        try:
            return super().parse_args(ctx, self._marked(args))
        except click.UsageError as error:
            if {"--help", "-h"} & set(args[: args.index("--")] if "--" in args else args):
                self._help(ctx, None, True)
            raise BepError(*_problem(error, self.task)) from None

    def invoke(self, ctx: click.Context) -> int:
        """Run the task; returns the exit code."""
        values = dict(self._given(ctx.params))
        words = placed(self.task, ctx.params["_positions"], values)
        for name, word in words.items():
            values[name] = [*values.get(name, ()), *word] if isinstance(word, list) else word
        return execution.run(self.task, values)

    def _given(self, params: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for one in self.task.parameters:
            value = params[one.name]
            if one.kind is Kind.TEXT and value:
                if len(value) > 1:
                    raise BepError(f"--{one.word} is given twice", "leave one of them out")
                values[one.name] = value[0]
            elif one.kind is Kind.LIST and value:
                values[one.name] = list(value)
            elif one.kind is Kind.MAYBE and value is not None:
                values[one.name] = value or True
            elif one.kind is Kind.FLAG and value:
                values[one.name] = True
        return values

    def _help(self, ctx: click.Context, _: click.Parameter | None, is_asked: bool) -> None:
        if is_asked and not ctx.resilient_parsing:
            output.write(help_text.of_task(self.task) + "\n")
            ctx.exit()

    def _marked(self, args: Sequence[str]) -> list[str]:
        """The words, with marks where Click would not see what is meant.

        Text that begins with a hyphen is no option if it contains a space; a word behind an option
        whose value may be left out is its value only if it has the form of one.
        """
        options = {spelling: one for one in self.task.parameters for spelling in one.spellings}
        result: list[str] = []
        for at, word in enumerate(args):
            head = word.partition("=")[0]
            is_text = word.startswith("-") and re.search(r"\s", word) and head not in options
            result.append(f"{_MARK}{word}" if is_text else word)
            one = options.get(word)
            follows = args[at + 1 : at + 2]
            if one and one.kind is Kind.MAYBE:
                has_value = follows and re.fullmatch(one.form, follows[0])
                result[-1] += "" if has_value else "="
        return result


class Program(click.Group):
    """All tasks; each is imported when it is called."""

    def __init__(self) -> None:
        super().__init__(
            "bep",
            params=[_flag("--help", "-h"), _flag("--version", "-V")],
            callback=_answer,
            invoke_without_command=True,
            add_help_option=False,
        )

    def list_commands(self, _: click.Context) -> list[str]:
        """The names of all tasks."""
        return list(catalogue.MODULES)

    def get_command(self, _: click.Context, cmd_name: str) -> Command | None:
        """The command of a task, None for an unknown one."""
        return Command(catalogue.task(cmd_name)) if cmd_name in catalogue.MODULES else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options before the task's name."""
        if args and args[0] == "help":
            args = [*args[1:2], "--help"]
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if isinstance(error, click.NoSuchOption):
                raise BepError(
                    f"unknown option {error.option_name!r}", "see `bep --help`"
                ) from None
            raise BepError(*_problem(error)) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str, click.Command, list[str]]:
        """The task that is called, with its arguments; raises BepError for an unknown one."""
        name, *rest = args
        found = self.get_command(ctx, name)
        if found is None:
            known = ", ".join(sorted(catalogue.MODULES))
            raise BepError(f"unknown task {name!r}", f"the tasks are {known}")
        return name, found, ["--help"] if ctx.params["help"] else rest


def _answer(help: bool, version: bool) -> int:  # noqa: A002
    """What a call without a task prints."""
    if click.get_current_context().invoked_subcommand is None:
        if version:
            output.say(f"bep {__version__}")
        else:
            output.write(help_text.of_program() + "\n")
    return 0


def _word(value: str) -> str:
    return value.removeprefix(_MARK)


def _flag(*names: str, **options: Any) -> click.Option:
    return click.Option(names, is_flag=True, expose_value="callback" not in options, **options)


def _option(parameter: Parameter) -> click.Option:
    """An option of Click; one that takes a value is kept each time, to find it given twice."""
    names = [*parameter.spellings, parameter.name]
    if parameter.kind is Kind.FLAG:
        return click.Option(names, is_flag=True)
    return click.Option(names, type=_word, multiple=parameter.kind is not Kind.MAYBE)


def _problem(error: click.UsageError, task: Task | None = None) -> tuple[str, str]:
    """What is wrong with a call that Click refuses, and what to do."""
    name = f"{task.name} " if task else ""
    remedy = f"see `bep {name}--help`"
    option = getattr(error, "option_name", "")
    if isinstance(error, click.NoSuchOption):
        return f"{name}has no option {option!r}", remedy
    if isinstance(error, click.BadOptionUsage):
        flags = (
            {one.spellings[0] for one in task.parameters if one.kind is Kind.FLAG} if task else ()
        )
        what = "takes no value" if option in (*flags, "--help", "--version") else "needs a value"
        return f"{option} {what}", remedy
    return error.message.removesuffix("."), remedy


def main() -> None:
    """Run `bep` with the process's arguments; exits with 1 (documents) or 2 (call), or returns."""
    # A command ends before its garbage matters; collecting it costs a tenth of the time.
    gc.disable()
    effects.forget()
    if code := execution.report(lambda: _called(sys.argv[1:])):
        sys.exit(code)


def _called(arguments: Sequence[str]) -> int:
    program = Program()
    try:
        with program.make_context("bep", list(arguments)) as context:
            return int(program.invoke(context))
    except click.exceptions.Exit as end:
        return end.exit_code
