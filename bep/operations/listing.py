"""`list`: the registry with what the documents say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..model import document, metadata
from ..model.registry import Row
from ..outside.repository import Repository, decode


class Entry(NamedTuple):
    """A number of the registry or of a document; None where nothing is known."""

    number: int
    title: str | None
    author: str | None
    status: str | None
    layout: str | None
    main: str | None
    documents: list[str]
    template_revision: str | None

    def data(self) -> dict[str, Any]:
        """The entry as `list --json` prints it."""
        return self._asdict()


def entries(repository: Repository) -> list[Entry]:
    """All numbers, ascending: those of rows, and of documents without one.

    A number that two documents carry, or two rows without one, has two entries. Author and status
    are the document's, the title is the registry's where it has one.
    """
    rows = [(row.number, row) for row in repository.read_registry().rows if row.number is not None]
    documents = repository.main_documents()
    titled = {row.link or number: row for number, row in reversed(rows)}
    found = [
        _documented(repository, number, path, titled.get(path.name) or titled.get(number))
        for number, path in documents
    ]
    documented = {number for number, _ in documents}
    found += [_bare(number, row) for number, row in rows if number not in documented]
    return sorted(found, key=lambda entry: (entry.number, entry.main or ""))


def entry_of(repository: Repository, number: int) -> Entry:
    """The entry of a number that has a document."""
    return next(entry for entry in entries(repository) if entry.number == number)


def _bare(number: int, row: Row) -> Entry:
    return Entry(
        number, row.title or None, row.author or None, row.status or None, None, None, [], None
    )


def _documented(repository: Repository, number: int, path: Path, row: Row | None) -> Entry:
    read = document.read(repository.read(path))
    directory = repository.directory(number)
    parts = sorted(directory.glob("*.md")) if directory.is_dir() else []
    return Entry(
        number,
        (row.title if row else "") or read.title or None,
        metadata.author_name(read.metadata.value("Author")) or (row.author if row else "") or None,
        read.metadata.value("Status") or (row.status if row else "") or None,
        "segmented" if parts else "single",
        repository.relative(path),
        [repository.relative(part) for part in parts],
        _template_revision(repository, number),
    )


def _template_revision(repository: Repository, number: int) -> str | None:
    """The revision that the answers file records, None without a readable one."""
    try:
        answers = yaml.safe_load(decode(repository.answers_file(number).read_bytes()))
    except (OSError, yaml.YAMLError):
        return None
    commit = answers.get("_commit") if isinstance(answers, dict) else None
    return str(commit) if commit is not None else None


def table(found: list[Entry]) -> list[str]:
    """The entries as lines of text for a terminal."""
    header = ("Number", "Status", "Layout", "Author", "Title")
    cells = [
        (
            str(entry.number),
            entry.status or "",
            entry.layout or ("reserved" if entry.author else ""),
            entry.author or "",
            entry.title or "",
        )
        for entry in found
    ]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *cells)
    ]
