"""Which proposals a NUMBER argument means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TypeVar

from .. import names
from ..errors import BepError
from ..questionnaire import answers, validation

_T = TypeVar("_T")
_ONE = rf"(?:BEP-)?({names.NUMBER})"
_NUMBER = re.compile(_ONE, re.IGNORECASE)
_RANGE = re.compile(rf"{_ONE}\s*-\s*{_ONE}", re.IGNORECASE)


def one_number(text: str) -> int:
    """The number in `1046`, `BEP-1046` or a path of the proposal.

    Raises BepError for anything else.
    """
    text = text.strip()
    if match := _NUMBER.fullmatch(text):
        return int(match[1])
    for part in reversed(PurePath(text).parts):
        number = names.number_of_document(part)
        if number is None:
            number = names.number_of_directory(part)
        if number is not None:
            return number
    raise BepError(f"{text!r} is no proposal", "write 1046, BEP-1046 or a path of the proposal")


def is_range(text: str) -> bool:
    """Whether a part of a NUMBER argument means several numbers, as `1050-1053` does."""
    return _RANGE.fullmatch(text.strip()) is not None


def selected(items: Sequence[_T], text: str, number_of: Callable[[_T], int]) -> list[_T]:
    """Those of `items` that a NUMBER argument means: numbers, ranges and paths, by commas.

    Raises BepError for a single number that no item has, and for a range that none is in.
    """
    wanted: set[int] = set()
    known = {number_of(item) for item in items}
    for part in filter(None, (part.strip() for part in text.split(","))):
        if match := _RANGE.fullmatch(part):
            low, high = int(match[1]), int(match[2])
            inside = {number for number in known if low <= number <= high}
        else:
            inside = {one_number(part)} & known
        if not inside:
            raise BepError(f"there is no proposal {part}", "`bep list` shows all numbers")
        wanted |= inside
    return [item for item in items if number_of(item) in wanted]


def numbers(text: str, known: Sequence[int]) -> list[int]:
    """The numbers of `known` that a NUMBER argument means, ascending.

    Raises BepError for a number that is not known, and for a range that none is in.
    """
    return selected(sorted(known), text, lambda number: number)


def one_line(text: str, what: str) -> str:
    """An argument that becomes one line of a document, without the blanks around it.

    Raises BepError where it is empty or holds a line break or another control character.
    """
    stripped = text.strip()
    if not stripped:
        raise BepError(f"the {what} is empty", f"give it with --{what}")
    if found := answers.line_problem(stripped, what):
        raise BepError(found, "write it on one line")
    return stripped


def is_status(text: str) -> bool:
    """Whether `text` is a status of the lifecycle, whatever its case."""
    return text.strip().casefold() in {known.casefold() for known in validation.STATUSES}


def refuse_unknown_status(status: str) -> None:
    """Raise BepError where `status` is none of the lifecycle's."""
    if not is_status(status):
        raise BepError(
            f"there is no status {status!r}", f"known are {', '.join(validation.STATUSES)}"
        )
