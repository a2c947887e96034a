"""`context`: what an agent reads of a proposal for its task (guide: AI Agent Working Pattern).

It reads the files of one proposal and nothing else, so that its cost does not grow with the
folder. A proposal that is not in the working tree is read from its branch.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown.terminal_text import line as one_line
from ..proposal import implementation_plan
from ..proposal.document import Document, Role
from ..system import branch_proposals, chosen_proposals
from ..system.branch_proposals import Found
from ..system.repository import Repository, decode, why_no_text
from . import briefing, briefing_text, governs
from .briefing_text import Given
from .excerpts import Wish
from .governs import Governed

_MOST_PLACES = 3
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
    cited: Governed | None = None,
) -> Given:
    """The briefing on a proposal, for a phase, a sub-document (`part`) or a section of it.

    `number` is 1046, BEP-1046 or a path; left out, that of the current branch. With `cited`, it is
    for the files that it names, unless something else is asked for. Raises BepError
    if there is no such proposal, phase, document or section, and where a requested file
    cannot be read as text.
    """
    read = _read(repository, number)
    if read.main.problem:
        raise BepError(read.main.problem, path=read.main.path, code=WRONG_DOCUMENTS)
    code = governs.code(repository, cited, read.main.number) if cited else ""
    wish = Wish(phase, part, section, code)
    brief = briefing.brief(read.main, read.parts, wish)
    if cited:
        brief = brief._replace(notes=(_citing(brief.number, cited), *brief.notes))
    named = str(brief.number) if read.is_only_one else read.main.path
    return briefing_text.fitted(
        brief,
        f"bep context {named}",
        replaced=_replaced(repository, brief.superseded_by),
        place=read.place,
        budget=budget,
    )


def _citing(number: int, cited: Governed) -> str:
    """Where files cite a proposal, as a sentence."""
    name, one = names.proposal_name(number), cited.of(number)
    if one is None:
        return f"{cited.subject} does not cite {name}."
    places = [f"{one_line(place.path)}:{place.line}" for place in one.places]
    places += [f"the commit {commit.id[:9]}" for commit in one.commits]
    more = len(places) - _MOST_PLACES
    others = f" and {more} more" if more > 0 else ""
    return f"{name} is cited in {', '.join(places[:_MOST_PLACES])}{others}."


def phases(repository: Repository, number: str) -> list[str]:
    """The labels of the phases of a proposal's plan, in order; raises BepError as `context`."""
    main = _read(repository, number).main
    return [phase.label for phase in implementation_plan.phases(main)]


def lengths(given: Given, repository: Repository) -> tuple[int, int]:
    """The estimated tokens of what is given, and of all documents of the proposal."""
    read = _read(repository, given.briefing.main.path)
    documents = [read.main, *read.parts.values()]
    every = sum(briefing_text.tokens(one.source) for one in documents)
    return briefing_text.tokens(briefing_text.text(given)), every


class _Read(NamedTuple):
    """The documents of a proposal; `parts` are its sub-documents by file name.

    `place` says where it is, '' for the working tree, and `is_only_one` that no other main document
    has its number.
    """

    main: Document
    parts: dict[str, Document]
    is_only_one: bool
    place: str = ""


def _read(repository: Repository, number: str) -> _Read:
    """The proposal that is meant; the error for a number without document says what is known."""
    if number.strip() and not chosen_proposals.is_range(number) and "," not in number:
        wanted = chosen_proposals.one_number(number)
        if not repository.documents_of(wanted):
            return _on_branch(repository, wanted, number)
    found = chosen_proposals.meant(repository, number)
    if len(found) > 1:
        raise BepError(f"{number!r} names {len(found)} proposals", "ask for one at a time")
    path, wanted = found[0].path, found[0].number
    main = _document(repository, path, Role.MAIN)
    return _Read(
        chosen_proposals.with_registry_status(repository, main),
        _sub_documents(repository, wanted),
        len(repository.documents_of(wanted)) == 1,
    )


def _on_branch(repository: Repository, number: int, named: str) -> _Read:
    """A proposal that is only on a branch; raises BepError if it is not clear which one."""
    branches = branch_proposals.find(repository)
    known = branches.of(number)
    by_name = [one for one in known if one.main.endswith(f"/{PurePosixPath(named).name}")]
    if not known:
        raise _no_document(repository, number, branches)
    if len(known) > 1 and not by_name:
        first, second = known[:2]
        raise BepError(
            f"two branches have a document with the number {number}: {first.main} on"
            f" {first.branch}, and {second.main} on {second.branch}",
            "name the one that is meant by its path",
            code=WRONG_DOCUMENTS,
        )
    one = (by_name or known)[0]
    texts = branch_proposals.texts(repository, one.documents.values())
    main, *parts = (
        branch_proposals.document(repository.guide, texts, one, path) for path in one.documents
    )
    subs = {part.names[-1]: part for part in parts}
    return _Read(main, subs, len(known) == 1, branches.place(one))


def _no_document(repository: Repository, number: int, branches: Found) -> BepError:
    row = repository.read_registry().row(number)
    page = repository.relative(repository.registry_page)
    elsewhere = [one for one in branches.rows if one.number == number]
    if row is None and elsewhere:
        one = elsewhere[0]
        return BepError(
            f"the number {number} has no document yet: it is reserved for {one.title!r}"
            f" by {one.author} on the branch {one.branch}",
            "ask them, or fetch again",
        )
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
    text = decode(data)
    problem = why_no_text(text)
    return replace(empty, problem=problem) if problem else empty.with_source(text)


def _replaced(repository: Repository, by: str) -> str:
    """Where to read on instead of a superseded proposal."""
    number = re.search(r"(?<!\d)\d{1,5}(?!\d)", by)
    if number is None:
        return "Its metadata does not say what replaces it."
    if repository.documents_of(int(number[0])):
        return f"Read that one: `bep context {int(number[0])}`."
    if elsewhere := branch_proposals.find(repository).of(int(number[0])):
        return f"Read that one, on {elsewhere[0].branch}: `bep context {int(number[0])}`."
    return f"BEP-{int(number[0]):04d} has no document here."
