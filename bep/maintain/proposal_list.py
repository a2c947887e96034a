"""`list`: the registry with what the documents say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BepError
from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable
from ..proposal import metadata, registry_table
from ..proposal.document import Document
from ..proposal.registry_table import Row
from ..start import claim_refs
from ..start.claim_refs import Claim
from ..system import branch_proposals, git_log
from ..system.branch_proposals import RESERVED, BranchRow, Found
from ..system.repository import Repository, decode
from ..words import counted


class Entry(NamedTuple):
    """A number of the registry or of a document; None if nothing is known.

    `where` is `main`, the name of a branch, or `reserved`; `standing` says it for people, with the
    main branch's own name and the age of the branch or the claim. `problem` says why a document
    could not be read. `authors` is what is written of all of them, `tip` the commit of another
    branch that has the document, '' for the working tree.
    """

    number: int
    title: str | None = None
    author: str | None = None
    status: str | None = None
    layout: str | None = None
    main: str | None = None
    documents: Sequence[str] = ()
    template_revision: str | None = None
    where: str | None = None
    standing: str = ""
    problem: str | None = None
    authors: str = ""
    tip: str = ""

    def data(self) -> dict[str, Any]:
        """The entry as `list --json` prints it."""
        data = {**self._asdict(), "documents": list(self.documents)}
        return {name: value for name, value in data.items() if name not in _NOT_PRINTED}


# What an entry has for people, or for other modules.
_NOT_PRINTED = frozenset(["standing", "problem", "authors", "tip"])


class _Known(NamedTuple):
    """What is known of branches and claims, and the numbers whose claims are here only."""

    guide: Guide
    branches: Found
    claims: Sequence[Claim]
    unshared: Set[int]
    now: dt.datetime


def entries(repository: Repository) -> list[Entry]:
    """All numbers, ascending: those of rows, and of documents without one, here or on branches.

    Claims that have neither count too. A number that two documents have, or two rows without one,
    has two entries, and so has a document that a branch has in a newer version than main. Author
    and status are the document's, the title is the registry's where it has one.
    """
    own = claim_refs.own(repository)
    known = _Known(
        repository.guide,
        branch_proposals.find(repository),
        claim_refs.known(repository, own),
        claim_refs.unshared(repository, own),
        dt.datetime.now(dt.UTC),
    )
    page = repository.read_registry()
    rows = [(row.number, row) for row in page.rows if row.number is not None]
    documents = {
        (number, repository.relative(path)): path for number, path in repository.main_documents()
    }
    row_of = registry_table.rows_of_documents(page, documents)
    found = [
        _documented(repository, number, path, row_of(number, place), known)
        for (number, place), path in documents.items()
    ]
    found += _on_branches(repository, known)
    documented = {entry.number for entry in found}
    found += [_reserved(number, row, known) for number, row in rows if number not in documented]
    shown = {entry.number for entry in found}
    beyond = [row for row in known.branches.rows if row.number not in shown]
    found += [_reserved(row.number, row, known) for row in beyond]
    shown |= {row.number for row in beyond}
    found += [_reserved(one.number, one, known) for one in known.claims if one.number not in shown]
    return sorted(found, key=lambda entry: (entry.number, entry.main or ""))


def entry_of(repository: Repository, number: int) -> Entry:
    """The entry of a number that has a document."""
    return next(entry for entry in entries(repository) if entry.number == number)


def ages(repository: Repository) -> dict[int, str]:
    """How long numbers have been claimed, in words."""
    now = dt.datetime.now(dt.UTC)
    return {
        claim.number: _age(now - claim.time)
        for claim in claim_refs.known(repository, claim_refs.own(repository))
        if claim.time is not None
    }


def _age(passed: dt.timedelta) -> str:
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(passed.total_seconds() // seconds)
        if count > 0:
            return f"{counted(count, unit)} ago"
    return "just now"


def _reserved(number: int, said: Row | BranchRow | Claim, known: _Known) -> Entry:
    """A number without document, as its row says it, else its claim."""
    is_reserved = bool(said.author) or isinstance(said, Claim)
    times = [one.time for one in known.claims if one.number == number and one.time]
    age = f" {_age(known.now - times[0])}" if times else ""
    shared = ", not shared" if number in known.unshared else ""
    return Entry(
        number,
        title=said.title or None,
        author=said.author or None,
        status=None if isinstance(said, Claim) else said.status or None,
        where=RESERVED if is_reserved else None,
        standing=f"{RESERVED}{age}{shared}" if is_reserved else "",
        authors=said.author,
    )


def _documented(
    repository: Repository, number: int, path: Path, row: Row | None, known: _Known
) -> Entry:
    read = Document("", repository.relative(path), guide=known.guide)
    parts: list[Path] = []
    try:
        read = read.with_source(repository.read(path))
        parts = repository.sub_documents(number)
    except BepError as error:
        read = replace(read, problem=str(error))
    branch = known.branches.branch_of(read.path)
    return _entry(
        number,
        read,
        row,
        documents=[repository.relative(part) for part in parts],
        template_revision=_template_revision(_answers(repository, number)),
        where=known.branches.named(branch),
        standing=_standing(number, branch or "a detached HEAD", known),
    )


def _entry(number: int, read: Document, row: Row | None, **more: Any) -> Entry:
    written = read.metadata.value("author") or (row.author if row else "")
    author = metadata.author_name(read.metadata.value("author"))
    form = read.guide.layout_with(read.layout, has_sub_documents=bool(more["documents"]))
    return Entry(
        number,
        title=(row.title if row else "") or read.shown_title,
        author=author or (row.author if row else "") or None,
        status=read.metadata.value("status") or (row.status if row else "") or None,
        layout=None if read.problem else form.id,
        main=read.path,
        problem=read.problem,
        authors=written,
        **more,
    )


def _on_branches(repository: Repository, known: _Known) -> Iterator[Entry]:
    """The proposals that other branches have, or have in a newer version."""
    proposals = known.branches.proposals
    wanted = [blob for one in proposals for blob in (one.documents[one.main], one.answers)]
    contents = branch_proposals.texts(repository, wanted)
    for one in proposals:
        read = branch_proposals.document(known.guide, contents, one, one.main)
        yield _entry(
            one.number,
            read,
            None,
            documents=[path for path in one.documents if path != one.main],
            template_revision=_template_revision(
                contents.get(one.answers) or _answers(repository, one.number)
            ),
            where=known.branches.named(one.branch),
            standing=_standing(one.number, one.branch, known, one.time),
            tip=one.tip,
        )


def _standing(number: int, branch: str, known: _Known, time: int | None = None) -> str:
    age = ""
    if time is not None and branch != known.branches.main:
        age = f", {_age(known.now - git_log.time_of(time))}"
    return f"{branch}{age}{', number not shared' if number in known.unshared else ''}"


def _answers(repository: Repository, number: int) -> bytes:
    try:
        return repository.tree.read(repository.answers_file(number))
    except (OSError, BepError):
        return b""


def _template_revision(content: bytes) -> str | None:
    """The revision that an answers file records, None for one that cannot be read."""
    if not content:
        return None
    try:
        answers = yaml_data.load(decode(content))
    except Unreadable:
        return None
    commit = answers.get("_commit") if isinstance(answers, dict) else None
    return str(commit) if commit is not None else None
