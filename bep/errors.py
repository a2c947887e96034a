"""The one error that operations raise and the task layer prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WRONG_DOCUMENTS = 1
WRONG_CALL = 2


@dataclass
class BepError(Exception):
    """Something a person has to know: what is wrong, where, and what to do.

    `code` is the process's exit code: `WRONG_DOCUMENTS` where the work found something wrong
    with the documents, `WRONG_CALL` where the call or the environment is wrong.
    `str(error)` is one line: `path:line: message; remedy`.
    """

    message: str
    remedy: str = ""
    path: str | None = None
    line: int | None = None
    code: int = WRONG_CALL

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}: "
        if self.path is not None and self.line is not None:
            place = f"{self.path}:{self.line}: "
        remedy = f"; {self.remedy}" if self.remedy else ""
        return " ".join(f"{place}{self.message}{remedy}".split())


def reason_of(error: OSError) -> str:
    """Why the system refused something, in a few words: `no such file or directory`."""
    return (error.strerror or str(error)).lower()


# A list that is longer does not help to find a word in it.
_MOST_CHOICES = 12


def unknown(
    what: str,
    said: str,
    known: Iterable[str],
    *,
    choices: str = "",
    path: str | None = None,
    line: int | None = None,
) -> BepError:
    """The error for a name that is none of `known`: it suggests the nearest one.

    `what` says what kind of name it is. `choices` says where the known ones are listed; without it,
    and if they are few, the error lists them.
    """
    return BepError(f"unknown {what} {said!r}", suggestion(said, known, choices), path, line)


def suggestion(said: str, known: Iterable[str], choices: str = "") -> str:
    """What to do about a name that is none of `known`; `choices` as in `unknown`."""
    names = list(known)
    near = nearest(said, names)
    if not choices and len(names) <= _MOST_CHOICES:
        choices = f"use one of {', '.join(names)}"
    return " ".join(filter(None, [f"did you mean {near!r}?" if near else "", choices]))


def nearest(said: str, known: Iterable[str]) -> str:
    """The one of `known` that somebody who typed `said` may mean, '' if none is near."""
    from difflib import get_close_matches

    by_case = {one.casefold(): one for one in known}
    typed = said.casefold()[:100]
    near = get_close_matches(typed, by_case, 1)
    near += [one for one in by_case if typed and one.startswith(typed)]
    return by_case[near[0]] if near else ""
