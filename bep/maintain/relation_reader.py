"""The relations between all proposals of a repository, those in flight on branches included."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ..errors import BepError
from ..proposal import relations
from ..proposal.document import Document, Role
from ..proposal.relations import Relation
from ..system import branch_proposals
from ..system.repository import Repository


class Relations(NamedTuple):
    """The relations in all documents that could be read, and why others could not."""

    found: Sequence[Relation]
    problems: Sequence[str]


def of_repository(repository: Repository, around: Collection[int] | None = None) -> Relations:
    """Read the relations, by number, then by path and line.

    They are those of the documents of the working tree, and of proposals that only branches have.
    Documents that share a number count as one proposal. With `around`, only relations that begin or
    end at one of these numbers are sure to be there, and most documents are not parsed.
    """
    found: list[Relation] = []
    problems = []
    for number, document in chain(_of_tree(repository), _of_branches(repository)):
        if document.problem:
            problems.append(document.problem)
        elif around is None or number in around or relations.may_name(document, around):
            found += relations.of_document(number, document)
    return Relations(sorted(found, key=lambda one: one[:3]), problems)


def _of_tree(repository: Repository) -> Iterator[tuple[int, Document]]:
    guide = repository.guide
    mains = repository.main_documents()
    for number, path in mains:
        yield number, repository.with_text(Document("", repository.relative(path), guide=guide))
    for number in dict.fromkeys(number for number, _ in mains):
        try:
            parts = repository.sub_documents(number)
        except BepError as error:
            folder = repository.relative(repository.directory(number))
            yield number, Document("", folder, Role.SUB, str(error), guide)
            continue
        for path in parts:
            part = Document("", repository.relative(path), Role.SUB, guide=guide)
            yield number, repository.with_text(part)


def _of_branches(repository: Repository) -> Iterator[tuple[int, Document]]:
    proposals, guide = branch_proposals.find(repository).only_elsewhere, repository.guide
    contents = branch_proposals.texts(
        repository, [blob for one in proposals for blob in one.documents.values()]
    )
    for one in proposals:
        for path in one.documents:
            yield one.number, branch_proposals.document(guide, contents, one, path)
