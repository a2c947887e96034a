"""`context`: what an agent reads of a proposal for its task (guide: AI Agent Working Pattern).

It reads the files of one proposal and nothing else, so that its cost does not grow with the
folder.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..proposal import implementation_plan
from ..proposal.document import Document, Role
from ..system import chosen_proposals
from ..system.repository import Repository, decode
from . import briefing, briefing_text
from .briefing_text import Given
from .excerpts import Wish

_BUDGET = re.compile(r"[1-9][0-9]{0,8}")


def budget_of(text: str) -> int | None:
    """The number of tokens that `--budget` names, None for ''. Raises BepError for other text."""
    number = text.strip().replace("_", "").replace(",", "")
    if not number:
        return None
    if not _BUDGET.fullmatch(number):
        raise BepError(f"{text!r} is not a number of tokens", "write --budget 8000")
    return int(number)


def context(
    repository: Repository,
    number: str,
    *,
    phase: str = "",
    part: str = "",
    section: str = "",
    budget: int | None = None,
) -> Given:
    """The briefing on a proposal, for a phase, a sub-document (`part`) or a section of it.

    `number` is 1046, BEP-1046 or a path; left out, that of the current branch. Raises BepError
    where there is no such proposal, phase, document or section, and where a requested file
    cannot be read as text.
    """
    place = _main(repository, number)
    found = names.number_of_document(place.name) or 0
    main = _document(repository, place, Role.MAIN)
    if main.problem:
        raise BepError(main.problem, path=main.path, code=WRONG_DOCUMENTS)
    brief = briefing.brief(main, _sub_documents(repository, found), Wish(phase, part, section))
    named = str(found) if len(repository.documents_of(found)) == 1 else main.path
    return briefing_text.fitted(
        brief,
        f"bep context {named}",
        replaced=_replaced(repository, brief.superseded_by),
        budget=budget,
    )


def phases(repository: Repository, number: str) -> list[str]:
    """The labels of the phases of a proposal's plan, in order; raises BepError as `context`."""
    place = _main(repository, number)
    main = _document(repository, place, Role.MAIN)
    return [phase.label for phase in implementation_plan.phases(main)]


def lengths(given: Given, repository: Repository) -> tuple[int, int]:
    """The estimated tokens of what is given, and of all documents of the proposal."""
    documents = [given.briefing.main, *_sub_documents(repository, given.briefing.number).values()]
    every = sum(briefing_text.tokens(one.source) for one in documents)
    return briefing_text.tokens(briefing_text.text(given)), every


def _main(repository: Repository, number: str) -> Path:
    """The main document that is meant; the error for a number without one says what is known."""
    if number.strip() and not chosen_proposals.is_range(number) and "," not in number:
        wanted = chosen_proposals.one_number(number)
        if not repository.documents_of(wanted):
            raise _no_document(repository, wanted)
    found = chosen_proposals.meant(repository, number)
    if len(found) > 1:
        raise BepError(f"{number!r} names {len(found)} proposals", "ask for one at a time")
    return found[0].path


def _no_document(repository: Repository, number: int) -> BepError:
    row = repository.read_registry().row(number)
    page = repository.relative(repository.registry_page)
    if row is None:
        return BepError(f"there is no proposal {number}", "`bep list` shows all numbers")
    if row.link:
        remedy = "correct the link, or check whether the document is on another branch"
        return BepError(
            f"the row of {number} links {row.link}, which does not exist", remedy, page, row.line
        )
    said = f"its row says {row.title!r}" if row.title else "it is only reserved"
    return BepError(
        f"the number {number} has no document yet: {said}",
        f"`bep new --number {number}` writes it",
        page,
        row.line,
    )


def _sub_documents(repository: Repository, number: int) -> dict[str, Document]:
    paths = repository.sub_documents(number)
    return {path.name: _document(repository, path, Role.SUB) for path in paths}


def _document(repository: Repository, path: Path, role: Role) -> Document:
    """A document; its `problem` is why it cannot be read as text."""
    empty = Document("", repository.relative(path), role, guide=repository.guide)
    try:
        data = repository.content(path)
    except BepError as error:
        return replace(empty, problem=f"{error.message}; {error.remedy}")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        return replace(empty, problem=f"is not text: NUL bytes in line {line}; save it as UTF-8")
    return empty.with_source(decode(data))


def _replaced(repository: Repository, by: str) -> str:
    """Where to read on instead of a superseded proposal."""
    number = re.search(r"(?<!\d)\d{1,5}(?!\d)", by)
    if number is None:
        return "Its metadata do not say what replaces it."
    if repository.documents_of(int(number[0])):
        return f"Read that one: `bep context {int(number[0])}`."
    return f"BEP-{int(number[0]):04d} has no document here."
