"""Proposals in a final status, which are history: an update of all leaves them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import names
from ..guide import Status
from ..proposal.document import Document
from ..system.repository import Repository

# Front matter is at the top; the first few kilobytes contain it.
_HEAD_BYTES = 8192


def recorded_document(
    documents: Sequence[str], number: int, answers: Mapping[str, Any]
) -> str | None:
    """The main document that answers belong to: the one of their name, or else the only one."""
    name = names.main_document(number, str(answers.get("slug", "")))
    by_name = [path for path in documents if path.rpartition("/")[2] == name]
    if not by_name and len(documents) != 1:
        return None
    return (by_name or documents)[0]


def final_status(repository: Repository, path: str) -> Status | None:
    """The status of the main document at `path` if it is a final one."""
    status = repository.guide.status_of(written_status(repository, path))
    return status if status and status.final else None


def written_status(repository: Repository, path: str) -> str:
    """The status that a main document has, as written; '' if it cannot be read."""
    head = repository.head(repository.root / path, _HEAD_BYTES)
    return Document(head, guide=repository.guide).metadata.value("status")
