"""How tasks become commands: one definition serves `invoke` and `bep`.

Their arguments answer `--help` in places where Invoke would take it for a value, and their errors
are one line on stderr and an exit code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.tasks import Task

from .. import output
from ..errors import WRONG_CALL, BepError
from ..interrupts import end_interrupts
from ..system import effects

# What names a proposal, or several: numbers, lists, ranges, paths.
NUMBER = re.compile(
    r"(?:BEP-|[0-9,\s-])+|(?:.*/)?BEP-[0-9]+(?:-[^/]*\.md|/.*)?", re.IGNORECASE | re.DOTALL
)

# Put before a value that begins with `-`, so that Invoke does not read it as a flag.
VALUE_MARK = "\0"


class Flag(Argument):
    """An argument of a task; its value may begin with `-`."""

    command: Command | None = None

    def set_value(self, value: Any, cast: bool = True) -> None:
        if isinstance(value, str) and value.startswith(VALUE_MARK):
            super().set_value(value[1:], cast)
            return
        # Invoke gives any word that follows to a position that is still empty, even `--help`.
        if self.positional and value in ("--help", "-h") and self.command:
            output.write(self.command.help_text("invoke") + "\n")
            raise Exit(code=0)
        if self.positional and isinstance(value, str) and looks_like_flag(value):
            raise ParseError(f"{value!r} is not a {self.name}; write --{self.name}={value}")
        super().set_value(value, cast)


def looks_like_flag(value: str) -> bool:
    """Whether `value` looks like an option: it begins with a hyphen and contains no space."""
    return value.startswith("-") and not any(char.isspace() for char in value)


class Command(Task):  # type: ignore[type-arg]
    """A task with positions for `bep` and its own help.

    `positions` are the arguments that `bep` takes without their flags, in order; one that is
    iterable, the last, takes all words that follow. With `number_first`, the first is a NUMBER that
    may be left out: a word that names no proposal is the second. `short` gives arguments a
    one-letter flag. `required` are those that cannot be left out. `optional_values` has, for each
    argument whose value may be left out, what the help calls the value, and the form of a word that
    is one.
    """

    def __init__(
        self,
        body: Callable[..., None],
        *,
        positions: Sequence[str] = (),
        number_first: bool = False,
        required: Sequence[str] = (),
        short: dict[str, str] | None = None,
        optional_values: dict[str, tuple[str, str]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(body, auto_shortflags=False, **options)
        self.positions = tuple(positions)
        self.number_first = number_first
        self.required = tuple(required)
        self._short = short or {}
        self._optional_values = optional_values or {}
        self._helps = dict(self.help)

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """The task's arguments, as Invoke's parser wants them."""
        arguments: list[Argument] = []
        self.help = dict(self._helps)
        for made in super().get_arguments(ignore_unknown_help):
            names = [made.names[0], *([self._short[made.name]] if made.name in self._short else [])]
            flag = Flag(
                names=names,
                kind=made.kind,
                default=made.default,
                help=made.help,
                positional=made.positional,
                optional=made.optional,
                attr_name=made.attr_name,
            )
            flag.command = self
            arguments.append(flag)
        return arguments

    def takes(self, name: str, word: str) -> bool:
        """Whether `word` behind an argument whose value may be left out is its value."""
        _, form = self._optional_values.get(name, ("", ""))
        return re.fullmatch(form, word) is not None

    def help_text(self, binary: str) -> str:
        """What `bep TASK --help` prints."""
        width = 100
        lines = [f"Usage: {binary} {self.name} {self._usage(binary)}".rstrip(), ""]
        lines += (inspect.getdoc(self.body) or "").split("\n")
        lines += ["", "Options:"]
        rows = [(self._spelled(argument), argument.help or "") for argument in self.get_arguments()]
        rows.append(("--help, -h", "Show this help."))
        column = max(len(spec) for spec, _ in rows) + 4
        for spec, text in rows:
            lines += _wrapped(f"  {spec}".ljust(column), text, width)
        return "\n".join(lines)

    def _usage(self, binary: str) -> str:
        shown = self.positions if binary == "bep" else tuple(self.positional)
        parts = []
        for name in shown:
            word = name.upper().replace("_", "-") + ("..." if name in self.iterable else "")
            # Invoke has no optional positions; '' means that one was left out.
            needed = name in self.required or binary != "bep"
            parts.append(word if needed else f"[{word}]")
        return " ".join([*parts, "[options]"])

    def _spelled(self, argument: Argument) -> str:
        word = (argument.name or "").upper().replace("_", "-")
        value = "" if argument.kind is bool else f" {word}"
        if argument.optional:
            value = f" [{self._optional_values.get(argument.name or '', (word, ''))[0]}]"
        repeat = " ..." if argument.kind is list else ""
        flags = [f"-{name}" if len(name) == 1 else f"--{name}" for name in argument.names]
        return f"{', '.join(flags)}{value}{repeat}"


def _wrapped(head: str, text: str, width: int) -> list[str]:
    lines, line = [], head
    for word in text.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = " " * len(head)
        line += (" " if line.strip() and not line.endswith("  ") else "") + word
    return [*lines, line]


def command(*, resumable: bool = False, **options: Any) -> Callable[[Callable[..., None]], Command]:
    """Make a function a task whose errors are one line on stderr and an exit code.

    `resumable`: called again after it was stopped, the task does what is left.
    """

    def decorate(body: Callable[..., None]) -> Command:
        def reporting(*arguments: Any, **named: Any) -> None:
            report(lambda: body(*arguments, **named), resumable)

        reporting.__name__ = body.__name__
        reporting.__doc__ = body.__doc__
        reporting.__signature__ = inspect.signature(body)  # type: ignore[attr-defined]
        name = body.__name__.rstrip("_").replace("_", "-")
        return Command(reporting, name=name, **options)

    return decorate


def report(work: Callable[[], None], resumable: bool = False) -> None:
    """Run `work`; what goes wrong becomes one line on stderr and Invoke's Exit with its code.

    `resumable` says that after a stop the same call does what is left.
    """
    output.open_streams()
    try:
        code = _code(work, resumable)
        # While it waited for another command, that one may have been killed.
        for line in effects.taken_completed():
            output.note(f"bep: {line}")
        if not output.finish() and not effects.are_intended():
            code = code or WRONG_CALL
    except BrokenPipeError:
        output.abandon()
        code = 0
    if code:
        raise Exit(code=code)


def _code(work: Callable[[], None], resumable: bool) -> int:
    """The exit code of `work`."""
    try:
        work()
    except BepError as error:
        output.note(f"bep: {error}")
        return error.code
    except ParseError as error:
        output.note(f"bep: {error}; see `bep --help`")
        return WRONG_CALL
    except (KeyboardInterrupt, EOFError):
        end_interrupts()
        output.note(f"bep: {stopped(resumable)}")
        return WRONG_CALL
    except Exit as end:
        return end.code
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        output.note(f"bep: {place}{(error.strerror or str(error)).lower()}")
        return WRONG_CALL
    return 0


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
