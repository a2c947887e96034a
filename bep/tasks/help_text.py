"""The texts of `bep --help` and `bep TASK --help`, wrapped to the width of the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import TextWrapper

from .. import output
from . import catalogue
from .command import Kind, Parameter, Task

_NARROWEST, _WIDEST = 20, 100
# On a terminal that is narrower, a description begins below what it describes.
_NARROW = 60


def of_program() -> str:
    """What `bep --help` prints: all tasks in their groups."""
    width = _width()
    lines = [
        "Usage: bep TASK [arguments] [options]",
        "",
        *_wrapped("Write and maintain Backend.AI Enhancement Proposals (BEPs).", width),
    ]
    column = max(map(len, catalogue.MODULES)) + 4
    for group, names in catalogue.GROUPS.items():
        rows = [(name, catalogue.task(name).summary) for name in names]
        lines += ["", f"{group}:", *_table(rows, width, column)]
    last = (
        "`bep TASK --help` or `bep help TASK` explains a task; `bep --version` prints the version."
    )
    return "\n".join([*lines, "", *_wrapped(last, width)])


def of_task(task: Task, program: str = "bep") -> str:
    """What `bep TASK --help` prints; `program` may be `invoke`, which takes fewer positions."""
    width = _width()
    usage = " ".join(["Usage:", program, task.name, *_arguments(task, program), "[options]"])
    lines = [*_wrapped(usage, width, " " * 4), ""]
    for paragraph in (task.summary, *task.description.split("\n\n")):
        lines += [*_wrapped(paragraph, width), ""]
    rows = [(_spelled(one), one.help) for one in task.parameters]
    rows.append(("--help, -h", "Show this help."))
    lines += ["Options:", *_table(rows, width, min(28, max(len(spec) for spec, _ in rows) + 4))]
    if task.examples:
        lines += ["", "Examples:"]
        for example in task.examples:
            lines += _wrapped(example, width - 2, " " * 4, first="  ")
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def shortest_call(task: Task) -> str:
    """A call of a task with its positions, and the options that it needs."""
    return " ".join(["bep", task.name, *_arguments(task, "bep")])


def _arguments(task: Task, program: str) -> list[str]:
    shown = task.positions if program == "bep" else task.invoke_positions
    needed = [task.parameter(name) for name in task.required if name not in shown]
    parts = [_usage(task.parameter(name), task, program) for name in shown]
    return [*parts, *map(_spelled, needed)]


def _usage(parameter: Parameter, task: Task, program: str) -> str:
    dots = "..." if parameter.kind is Kind.LIST else ""
    word = f"{parameter.word.upper()}{dots}"
    # Invoke has no optional positions; '' means that one was left out.
    return word if parameter.name in task.required or program != "bep" else f"[{word}]"


def _spelled(parameter: Parameter) -> str:
    value = {Kind.FLAG: "", Kind.MAYBE: f" [{parameter.value}]"}.get(
        parameter.kind, f" {parameter.value}"
    )
    dots = " ..." if parameter.kind is Kind.LIST else ""
    return f"{', '.join(parameter.spellings)}{value}{dots}"


def _table(rows: Iterable[tuple[str, str]], width: int, column: int) -> Iterator[str]:
    """Terms, and after or below each its description, which begins in `column`."""
    if width < _NARROW:
        column = 6
    for term, description in rows:
        head = f"  {term}".ljust(column)
        if len(head) > column or head[-2:].strip():
            yield head.rstrip()
            head = " " * column
        yield from _wrapped(description, width, " " * column, first=head)


def _wrapped(text: str, width: int, indent: str = "", first: str = "") -> list[str]:
    wrapper = TextWrapper(
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.wrap(text)


def _width() -> int:
    return min(max(output.width(), _NARROWEST), _WIDEST)
