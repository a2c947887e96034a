"""The one error that operations raise and the task layer prints."""

from __future__ import annotations

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
