"""The arguments of `bep`: positions become flags before Invoke reads them.

Invoke has no optional positions, and treats everything that begins with `-` as a flag.
"""

from __future__ import annotations

from collections.abc import Sequence

from invoke.collection import Collection
from invoke.parser.argument import Argument

from ..errors import BepError
from .command import NUMBER, VALUE_MARK, Command, looks_like_flag


def flags_of(arguments: Sequence[str], collection: Collection) -> list[str]:
    """The arguments of `bep` with positions turned into flags, as Invoke reads them.

    Raises BepError for arguments that no task takes.
    """
    at = next((at for at, word in enumerate(arguments) if not word.startswith("-")), None)
    before = arguments if at is None else arguments[:at]
    for word in before:
        if word not in ("--help", "-h", "--version", "-V"):
            raise BepError(f"unknown option {word!r}", "see `bep --help`")
    if at is None:
        return list(arguments)
    name = arguments[at]
    if name not in collection.task_names:
        known = ", ".join(sorted(collection.task_names))
        raise BepError(f"unknown task {name!r}", f"the tasks are {known}")
    task: Command = collection[name]
    words = list(arguments[at + 1 :])
    if _asks_for_help([*before, *words], task):
        return ["--help", name]
    return [name, *_task_flags(words, task)]


def _flags(task: Command) -> dict[str, Argument]:
    return {
        (f"-{spelling}" if len(spelling) == 1 else f"--{spelling}"): argument
        for argument in task.get_arguments()
        for spelling in argument.names
    }


def _needs_value(argument: Argument) -> bool:
    return argument.kind is not bool and not argument.optional


def _asks_for_help(words: Sequence[str], task: Command) -> bool:
    """Whether `--help` is among the words and not the value of a flag."""
    flags = _flags(task)
    takes_value = False
    for word in words:
        if word == "--" and not takes_value:
            return False
        if word in ("--help", "-h") and not takes_value:
            return True
        takes_value = not takes_value and word in flags and _needs_value(flags[word])
    return False


def _task_flags(words: Sequence[str], task: Command) -> list[str]:
    flags = _flags(task)
    result: list[str] = []
    positions = list(task.positions)
    rest = list(words)
    only_positions = False
    given: set[str] = set()
    while rest:
        word = rest.pop(0)
        head, equals, value = word.partition("=")
        if word == "--" and not only_positions:
            only_positions = True
        elif head in flags and not only_positions:
            argument = flags[head]
            if argument.name in given and argument.kind is not list:
                raise BepError(f"{head} is given twice", "leave one of them out")
            given.add(argument.name or "")
            if argument.kind is bool and equals:
                raise BepError(f"{head} takes no value", f"see `bep {task.name} --help`")
            result.append(head)
            if equals:
                result.append(VALUE_MARK + value)
            elif argument.kind is not bool and not rest and not argument.optional:
                raise BepError(f"{head} needs a value", f"see `bep {task.name} --help`")
            elif _takes_next(argument, task, rest, bool(positions) and positions[0] not in given):
                result.append(VALUE_MARK + rest.pop(0))
        elif looks_like_flag(word) and not only_positions and word != "-":
            raise BepError(f"{task.name} has no option {head!r}", f"see `bep {task.name} --help`")
        elif positions:
            name = _position(word, task, positions, given)
            result += [f"--{name.replace('_', '-')}", VALUE_MARK + word]
        else:
            raise BepError(
                f"{task.name} takes no further argument {word!r}",
                f"quote text that contains spaces; see `bep {task.name} --help`",
            )
    return [*result, *_left_out(task, given)]


def _position(word: str, task: Command, positions: list[str], given: set[str]) -> str:
    """The position that a word fills; taken from `positions`, those still free, and `given`."""
    is_first = len(positions) == len(task.positions)
    if task.number_first and is_first and (positions[0] in given or not NUMBER.fullmatch(word)):
        positions.pop(0)
    name = positions[0] if positions[0] in task.iterable else positions.pop(0)
    if name in given and name not in task.iterable:
        raise BepError(f"{name} is given twice ({word!r})", "leave one of them out")
    given.add(name)
    return name


def _takes_next(argument: Argument, task: Command, rest: Sequence[str], has_position: bool) -> bool:
    """Whether the next word is the argument's value.

    Where the value may be left out, a word of another form is the position that is still free.
    """
    if argument.kind is bool or not argument.optional:
        return argument.kind is not bool
    if not rest or looks_like_flag(rest[0]):
        return False
    return not has_position or task.takes(argument.name or "", rest[0])


def _left_out(task: Command, given: set[str]) -> list[str]:
    """Flags for positions that Invoke requires; a missing required argument is an error."""
    result: list[str] = []
    for name in (*task.required, *task.positional):
        if name in given:
            continue
        if name in task.required:
            raise BepError(f"{task.name} needs {name.upper()}", f"see `bep {task.name} --help`")
        result += [f"--{name.replace('_', '-')}", VALUE_MARK]
    return result
