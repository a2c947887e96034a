"""What a task is, as plain data: `bep`, `invoke`, help and completion are made from it.

A function in one of this package's modules becomes a task through `command`; the modules
`program` and `invoke_collection` make commands of it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

# What names a proposal, or several: numbers, lists, ranges, paths.
NUMBER = re.compile(
    r"(?:BEP-|[0-9,\s-])+|(?:.*/)?BEP-[0-9]+(?:-[^/]*\.md|/.*)?", re.IGNORECASE | re.DOTALL
)


# The same, or a folder, or a pattern; a bare word may be anything else.
NUMBERS = re.compile(rf"{NUMBER.pattern}|.*[/*?].*", re.IGNORECASE | re.DOTALL)


class Exit(Exception):
    """The end of a task whose exit code is not 0, although it printed all that there is to say."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# What a parameter of this name takes.
SOURCES = ("number", "status", "layout", "section")


class Kind(Enum):
    """What an option takes."""

    TEXT = "one value"
    LIST = "a value each time it is given"
    FLAG = "nothing"
    MAYBE = "a value, which may be left out"


class Parameter(NamedTuple):
    """An option of a task; some can be given by position, too.

    `name` is the name in Python, `short` a one-letter option, `value` what the help calls its
    value. `form` is the form of a word that is the value of an option whose value may be left out.
    `source` says what the values are: a name that `completion` knows, or all of them, as in
    `bash|zsh|fish`; '' for any text.
    """

    name: str
    help: str
    kind: Kind
    short: str = ""
    value: str = ""
    form: str = ""
    source: str = ""

    @property
    def is_text(self) -> bool:
        """Whether its value is a text that a person writes, not one of some names."""
        return self.kind is Kind.TEXT and not self.source

    @property
    def word(self) -> str:
        """The parameter's name as it appears in options: `data-file`."""
        return self.name.replace("_", "-")

    @property
    def spellings(self) -> tuple[str, ...]:
        """The options that give it a value: `--data`, `-d`."""
        return (f"--{self.word}", *((f"-{self.short}",) if self.short else ()))


class Task(NamedTuple):
    """A task of the command line.

    `positions` are the parameters that `bep` takes without their options, in order; one that is a
    list takes several words. With `number_first`, the first is a NUMBER that may
    be left out: a word that names no proposal is the second. `required` are the parameters that
    cannot be left out. `invoke_positions` are those that `invoke`, which has no optional positions,
    takes without their options. With `of_branch`, a NUMBER that is left out is the one of the
    branch. `resumable`: called again after it was stopped, it does the rest.
    `paged`: what it prints is there to be read, and may be long; so is the plan of any `--dry-run`.
    """

    name: str
    body: Callable[..., None]
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    positions: tuple[str, ...] = ()
    number_first: bool = False
    required: tuple[str, ...] = ()
    invoke_positions: tuple[str, ...] = ()
    of_branch: bool = False
    examples: tuple[str, ...] = ()
    resumable: bool = False
    paged: bool = False

    def parameter(self, name: str) -> Parameter:
        """The parameter called `name` in Python."""
        return next(one for one in self.parameters if one.name == name)


_NONE: Mapping[str, Any] = MappingProxyType({})


def command(
    *,
    help: Mapping[str, str],  # noqa: A002
    positions: Sequence[str] = (),
    number_first: bool = False,
    required: Sequence[str] = (),
    invoke_positions: Sequence[str] = (),
    of_branch: bool = False,
    lists: Sequence[str] = (),
    short: Mapping[str, str] = _NONE,
    optional_values: Mapping[str, tuple[str, str]] = _NONE,
    values: Mapping[str, str] = _NONE,
    sources: Mapping[str, str] = _NONE,
    examples: Sequence[str] = (),
    resumable: bool = False,
    paged: bool = False,
) -> Callable[[Callable[..., None]], Task]:
    """Make a function a task: its docstring is the text of the help, its parameters the options.

    `help` has a text for each parameter. A parameter whose default is False is a flag. `lists` are
    those that may be given several times, `short` has one-letter options, `optional_values`, for
    each parameter whose value may be left out, its `value` and `form`. `values` has what the help
    calls other values that are not called as their parameter. `sources` has the source of
    parameters that are not called as theirs. The rest is as in `Task`.
    """

    def decorate(body: Callable[..., None]) -> Task:
        summary, _, description = (inspect.getdoc(body) or "").partition("\n")
        return Task(
            name=body.__name__.rstrip("_").replace("_", "-"),
            body=body,
            summary=summary,
            description=description.strip(),
            parameters=tuple(
                _parameter(one, help, lists, short, optional_values, values, sources)
                for one in inspect.signature(body).parameters.values()
            ),
            positions=tuple(positions),
            number_first=number_first,
            required=tuple(required),
            invoke_positions=tuple(invoke_positions),
            of_branch=of_branch,
            examples=tuple(examples),
            resumable=resumable,
            paged=paged,
        )

    return decorate


def _parameter(
    of_body: inspect.Parameter,
    helps: Mapping[str, str],
    lists: Sequence[str],
    short: Mapping[str, str],
    optional_values: Mapping[str, tuple[str, str]],
    values: Mapping[str, str],
    sources: Mapping[str, str],
) -> Parameter:
    name = of_body.name
    kind = Kind.FLAG if of_body.default is False else Kind.TEXT
    if name in lists:
        kind = Kind.LIST
    elif name in optional_values:
        kind = Kind.MAYBE
    usual = values.get(name, name.upper().replace("_", "-"))
    value, form = optional_values.get(name, (usual, ""))
    source = sources.get(name, name if name in SOURCES else "")
    return Parameter(name, helps[name], kind, short.get(name, ""), value, form, source)
