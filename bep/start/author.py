"""Who writes: Git's user, spelled as in that person's newest proposal."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..proposal import metadata
from ..questionnaire import validation
from ..system import git_clone
from ..system.repository import Repository

# Front matter is at the top; the first few kilobytes contain it.
_HEAD_BYTES = 4096


class Author(NamedTuple):
    """A person's full name and mail address, '' for what is not known."""

    name: str
    address: str


def suggested(repository: Repository | None, folder: Path) -> Author:
    """Git's user in `folder`; the name as that person's newest proposal spells it.

    The person is identified by address, else by name. '' for what is not known or would not
    fit the form `Full Name (email@example.com)`.
    """
    name, address = git_clone.identity(folder)
    name = " ".join(re.sub(r"[()<>@\x00-\x1f]", " ", name).split())
    if validation.problem("author_email", address, {}):
        address = ""
    spelled = _spelling(repository, name, address) if repository else ""
    return Author(spelled or name, address)


def reserved_for(repository: Repository, name: str) -> Author | None:
    """The person for whom a number is reserved; None if `name` cannot be an author's."""
    if not name or validation.problem("author_name", name, {}):
        return None
    return Author(name, addresses(repository).get(name.casefold(), ""))


def _spelling(repository: Repository, name: str, address: str) -> str:
    by_name = ""
    for _, path in reversed(repository.main_documents()):
        author = _author_of(repository, path)
        known = metadata.author_name(author)
        if address and metadata.author_address(author).casefold() == address.casefold():
            return known
        if known.casefold() == name.casefold():
            by_name = by_name or known
    return by_name


def addresses(repository: Repository) -> dict[str, str]:
    """The mail address of each author of a proposal, by case-folded name; the newest one counts."""
    authors = (_author_of(repository, path) for _, path in repository.main_documents())
    pairs = (pair for author in authors for pair in metadata.authors(author))
    return {name.casefold(): address for name, address in pairs if address}


def _author_of(repository: Repository, path: Path) -> str:
    head = repository.head(path, _HEAD_BYTES)
    lines = list(islice(head.lstrip("\ufeff").splitlines(), 100))
    if not lines or lines[0].rstrip() != "---":
        return ""
    front = "\n".join(
        lines[: next((at for at, text in enumerate(lines) if at and text.rstrip() == "---"), 0)]
    )
    return metadata.read(front, repository.guide.metadata).value("author")
