"""Answers files: what a repository's proposals were rendered from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable
from ..questionnaire import answers as answer_forms, validation
from ..questionnaire.answers import AnswerProblem
from ..system.repository import Repository, decode

_NAME = re.compile(rf"\.copier-answers\.BEP-({names.NUMBER})\.yml")
_MARKER = re.compile(rb"^(?:<{7} |>{7} |={7}\r?$)", re.MULTILINE)


_LAYOUT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Record(NamedTuple):
    """What an answers file says: the answers, the template revision and the template's address."""

    answers: dict[str, Any]
    revision: str
    source: str


def number_of(file_name: str) -> int | None:
    """The number in the name of an answers file, None for any other file."""
    match = _NAME.fullmatch(file_name)
    return int(match[1]) if match else None


def numbers(repository: Repository) -> list[int]:
    """The numbers that have an answers file, ascending; 0 is the process page's."""
    folder = repository.proposals / names.ANSWERS_FOLDER
    found = (number_of(one.name) for one in repository.tree.entries(folder) if not one.is_folder)
    return sorted(number for number in found if number is not None)


def of_page(repository: Repository) -> Record | None:
    """The record of process page and agents' skill, None if there is none.

    Raises BepError if it cannot be read.
    """
    path = repository.answers_file(0)
    if not repository.tree.has(path):
        return None
    return read(repository.content(path), repository.relative(path))


def skills(repository: Repository) -> list[str]:
    """The paths of the agents' skill that are set or recorded."""
    try:
        record = of_page(repository)
    except BepError:
        record = None
    recorded = answer_forms.skill_files(record.answers) if record else ()
    return [*dict.fromkeys((*repository.settings.skills, *recorded))]


def read(content: bytes, path: str) -> Record:
    """The record in the answers file at `path`.

    Raises BepError, with path and line, if it cannot be read, and if it is not that of the proposal
    that its path names.
    """
    if marker := _MARKER.search(content):
        line = content.count(b"\n", 0, marker.start()) + 1
        raise _broken("contains merge-conflict markers", "resolve the conflict", path, line)
    try:
        found = yaml_data.load(decode(content))
    except Unreadable as error:
        raise _broken(error.said, "correct it", path, error.line) from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise _broken("contains no answers", "`bep adopt` writes it anew", path, 1)
    for name in ("_commit", "_src_path"):
        if not isinstance(found.get(name), str | int | float) or not str(found[name]).strip():
            raise _broken(
                f"does not say which template it comes from ({name} is missing)",
                "`bep adopt` writes it anew",
                path,
            )
    kept = {name: value for name, value in found.items() if not name.startswith("_")}
    try:
        answers = answer_forms.stored(kept)
    except AnswerProblem as problem:
        raise _broken(str(problem), "correct it", path) from None
    refuse_problems(_misplaced(answers, path), content, path)
    return Record(answers, str(found["_commit"]), str(found["_src_path"]))


def _misplaced(answers: Mapping[str, Any], path: str) -> dict[str, str]:
    """The answers with which a template renders other files than those of the answers file."""
    folder, _, name = path.rpartition(f"/{names.ANSWERS_FOLDER}/")
    layout, proposals = answers.get("layout"), answers.get("proposals", folder)
    of_page = number_of(name) == 0
    # The revision knows which layouts there are; no other name may be part of a path.
    if layout is not None and not _LAYOUT.fullmatch(str(layout)):
        return {"layout": f"layout {layout!r} is unknown"}
    if layout is not None and (layout == validation.REGISTRY) is not of_page:
        page = "the process page has" if of_page else "only the process page has"
        return {"layout": f"it is {layout!r}; {page} {validation.REGISTRY!r}"}
    if proposals != folder:
        return {"proposals": f"it is {proposals!r}, and the file is in {folder!r}"}
    if not of_page and answers.get("slug", "x") == "":
        return {"slug": "it is empty; the name of the main document needs it"}
    return {}


def line_of(content: bytes, name: str) -> int | None:
    """The line in an answers file on which the answer `name` begins."""
    match = re.search(rb"^" + re.escape(name.encode()) + rb"[ \t]*:", content, re.MULTILINE)
    return content.count(b"\n", 0, match.start()) + 1 if match else None


def refuse_problems(problems: Mapping[str, str], content: bytes, path: str) -> None:
    """Raise BepError for the first malformed answer."""
    for name, reason in problems.items():
        raise _broken(f"answer {name!r}: {reason}", "correct it", path, line_of(content, name))


def _broken(message: str, remedy: str, path: str, line: int | None = None) -> BepError:
    return BepError(message, remedy, path, line, WRONG_DOCUMENTS)
