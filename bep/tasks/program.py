"""The console command `bep`: a Click program made from the tasks' definitions."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import __version__, output
from ..errors import BepError, suggestion, unknown
from ..system import effects
from . import catalogue, execution, help_text
from .command import Kind, Parameter, Task
from .positions import next_position, placed

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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
                click.Argument(
                    ["_positions"], nargs=-1, type=_word, shell_complete=self._next_word
                ),
            ],
            add_help_option=False,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words after the task's name; `--help` among them is answered in any case."""
        before = args[: args.index("--")] if "--" in args else args
        # Click would take it for the value of an option in front of it.
        self._help(ctx, None, not {"--help", "-h"}.isdisjoint(before))
        try:
            return super().parse_args(ctx, self._marked(args))
        except click.UsageError as error:
            raise BepError(*_problem(error, self.task)) from None

    def invoke(self, ctx: click.Context) -> int:
        """Run the task; returns the exit code."""
        values = dict(self._given(ctx.params))
        words = placed(self.task, ctx.params["_positions"], values)
        for name, word in words.items():
            values[name] = [*values.get(name, ()), *word] if isinstance(word, list) else word
        return execution.run(self.task, values)

    def _next_word(
        self, ctx: click.Context, _: click.Parameter, typed: str
    ) -> list[CompletionItem[str]]:
        """What a position may be: of the next one, or of a number that may be left out, too."""
        given = self._given(ctx.params)
        values = placed(self.task, ctx.params["_positions"] or (), given)
        # What is still empty may become a number, or what follows one.
        may_be = [typed] if typed else ["1", ""]
        names = dict.fromkeys(next_position(self.task, values, given, word) for word in may_be)
        return [item for name in names if name for item in _items(self.task.parameter(name), typed)]

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
                values[one.name] = value.removeprefix(_MARK) if value != _MARK else True
            elif one.kind is Kind.FLAG and value:
                values[one.name] = True
        return values

    def _help(self, ctx: click.Context, _: click.Parameter | None, is_asked: bool) -> None:
        if is_asked and not ctx.resilient_parsing:
            with output.paged():
                output.write(help_text.of_task(self.task) + "\n")
            ctx.exit()

    def _marked(self, args: Sequence[str]) -> list[str]:
        """The words, with marks where Click would not see what is meant.

        Text that begins with a hyphen is not an option if it contains a space; a word after an
        option whose value may be left out is its value only if it has the form of one.
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
                result[-1] += "" if has_value else f"={_MARK}"
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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The tasks, whose modules are imported for their summaries, and the options."""
        from click.shell_completion import CompletionItem

        found = super(click.Group, self).shell_complete(ctx, incomplete)
        tasks = {name: catalogue.task(name).summary for name in catalogue.MODULES}
        return found + [
            CompletionItem(name, help=summary)
            for name, summary in {**tasks, "help": "Explain a task."}.items()
            if name.startswith(incomplete)
        ]

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
            raise BepError(*_problem(error)) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str, click.Command, list[str]]:
        """The task that is called, with its arguments; raises BepError for an unknown one."""
        name, *rest = args
        found = self.get_command(ctx, name)
        if found is None:
            raise unknown("task", name, catalogue.MODULES, choices="`bep --help` lists the tasks")
        return name, found, ["--help"] if ctx.params["help"] else rest


def _answer(help: bool, version: bool) -> int:  # noqa: A002
    """What a call without a task prints."""
    if click.get_current_context().invoked_subcommand is None:
        if version:
            output.say(f"bep {__version__}")
        else:
            with output.paged():
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
        return click.Option(names, is_flag=True, help=parameter.help)
    options: dict[str, Any] = {"shell_complete": lambda _, __, typed: _items(parameter, typed)}
    if parameter.kind is not Kind.MAYBE:
        options |= {"type": _word, "multiple": True}
    return click.Option(names, help=parameter.help, **options)


def _items(parameter: Parameter, typed: str) -> list[CompletionItem[str]]:
    """What may be given for a parameter; a list separated by commas goes on after its last."""
    from click.shell_completion import CompletionItem

    from . import candidates

    before, comma, last = typed.rpartition(",") if parameter.source == "number" else ("", "", typed)
    return [
        CompletionItem(f"{before}{comma}{one.value}", help=one.meaning)
        for one in candidates.of(parameter.source)
        if one.value.casefold().startswith(last.casefold())
    ]


def _problem(error: click.UsageError, task: Task | None = None) -> tuple[str, str]:
    """What is wrong with a call that Click refuses, and what to do."""
    name, parameters = (f"{task.name} ", task.parameters) if task else ("", ())
    see = f"see `bep {name}--help`"
    option = getattr(error, "option_name", "")
    if isinstance(error, click.NoSuchOption):
        own = [spelling for one in parameters for spelling in one.spellings]
        what = f"{name}has no option {option!r}" if task else f"unknown option {option!r}"
        last = task.parameter(task.positions[-1]) if task and task.positions else None
        if last and last.is_text and not option.startswith("--"):
            see += f", or put `--` before a {last.word.upper()} that begins with a hyphen"
        return what, suggestion(option, [*(own or ["--version"]), "--help"], see)
    if isinstance(error, click.BadOptionUsage):
        flags = [one.spellings[0] for one in parameters if one.kind is Kind.FLAG]
        what = "takes no value" if option in (*flags, "--help", "--version") else "needs a value"
        return f"{option} {what}", see
    return error.message.removesuffix("."), see


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


def completions(words: Sequence[str], last: str) -> list[tuple[str, str]]:
    """What `last`, which is being typed after `words`, may become, with what each means.

    Nothing where the words are not a call, or the repository cannot be read: nobody would see an
    error after the prompt.
    """
    from click.shell_completion import ShellComplete

    if words[:1] == ["help"]:
        words = words[1:]
    try:
        found = ShellComplete(Program(), {}, "bep", "").get_completions(list(words), last)
    except Exception:
        return []
    return [(item.value, item.help or "") for item in found]
