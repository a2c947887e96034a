"""`list`: the registry with what the documents say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BepError
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable
from ..proposal import metadata
from ..proposal.document import Document
from ..proposal.registry_table import Row
from ..start import claims
from ..start.claims import Claim
from ..system.repository import Repository, decode


class Entry(NamedTuple):
    """A number of the registry or of a document; None where nothing is known.

    `problem` says why a document could not be read.
    """

    number: int
    title: str | None = None
    author: str | None = None
    status: str | None = None
    layout: str | None = None
    main: str | None = None
    documents: Sequence[str] = ()
    template_revision: str | None = None
    problem: str | None = None

    def data(self) -> dict[str, Any]:
        """The entry as `list --json` prints it."""
        data = {name: value for name, value in self._asdict().items() if name != "problem"}
        return {**data, "documents": list(self.documents)}


def entries(repository: Repository) -> list[Entry]:
    """All numbers, ascending: those of rows, and of documents without one.

    Claims that have neither count too. A number that two documents have, or two rows without one,
    has two entries. Author and status are the document's, the title is the registry's where it
    has one.
    """
    rows = [(row.number, row) for row in repository.read_registry().rows if row.number is not None]
    documents = repository.main_documents()
    titled = {row.link or number: row for number, row in reversed(rows)}
    found = [
        _documented(repository, number, path, titled.get(path.name) or titled.get(number))
        for number, path in documents
    ]
    documented = {number for number, _ in documents}
    shown = documented | {number for number, _ in rows}
    found += [
        Entry(one.number, title=one.title or None, author=one.author or None)
        for one in _known_claims(repository)
        if one.number not in shown
    ]
    found += [_bare(number, row) for number, row in rows if number not in documented]
    return sorted(found, key=lambda entry: (entry.number, entry.main or ""))


def entry_of(repository: Repository, number: int) -> Entry:
    """The entry of a number that has a document."""
    return next(entry for entry in entries(repository) if entry.number == number)


def _known_claims(repository: Repository) -> list[Claim]:
    """The claims of this repository, and those of the remote as last seen."""
    theirs, _ = claims.seen(repository)
    return list({one.number: one for one in [*theirs, *claims.own(repository)]}.values())


def ages(repository: Repository) -> dict[int, str]:
    """How long numbers have been claimed, in words."""
    now = dt.datetime.now(dt.UTC)
    return {
        claim.number: _age(now - claim.time)
        for claim in _known_claims(repository)
        if claim.time is not None
    }


def _age(passed: dt.timedelta) -> str:
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(passed.total_seconds() // seconds)
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _bare(number: int, row: Row) -> Entry:
    return Entry(
        number,
        title=row.title or None,
        author=row.author or None,
        status=row.status or None,
    )


def _documented(repository: Repository, number: int, path: Path, row: Row | None) -> Entry:
    problem, text = None, ""
    parts: list[Path] = []
    try:
        text = repository.read(path)
        parts = repository.sub_documents(number)
    except BepError as error:
        problem = str(error)
    read = Document(text, guide=repository.guide)
    author = metadata.author_name(read.metadata.value("author"))
    return Entry(
        number,
        title=(row.title if row else "") or read.title_text or None,
        author=author or (row.author if row else "") or None,
        status=read.metadata.value("status") or (row.status if row else "") or None,
        layout=None
        if problem
        else read.guide.layout_with(read.layout, has_sub_documents=bool(parts)).id,
        main=repository.relative(path),
        documents=[repository.relative(part) for part in parts],
        template_revision=_template_revision(repository, number),
        problem=problem,
    )


def _template_revision(repository: Repository, number: int) -> str | None:
    """The revision that the answers file records, None without a readable file."""
    try:
        content = repository.tree.read(repository.answers_file(number))
        answers = yaml_data.load(decode(content))
    except (OSError, BepError, Unreadable):
        return None
    commit = answers.get("_commit") if isinstance(answers, dict) else None
    return str(commit) if commit is not None else None
