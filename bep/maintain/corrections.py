"""Corrections of derived text: where it differs from its source, and the files with them.

`sync` writes them; `check` can show and write them too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from operator import itemgetter
from typing import NamedTuple

from ..errors import BepError
from ..markdown import edits as splices, yaml_data
from ..markdown.yaml_data import Unreadable
from ..proposal import (
    derived_text,
    recorded_sub_documents,
    stored_answers,
)
from ..proposal.derived_text import Correction, Right
from ..proposal.document import Document, Role
from ..proposal.registry_table import Registry
from ..start import author
from ..system import chosen_proposals, git_merge
from ..system.file_transaction import Change
from ..system.repository import Repository, encode


class Found(NamedTuple):
    """Corrections, one line for each document that could not be read, and the numbers looked at."""

    corrections: tuple[Correction, ...]
    problems: tuple[str, ...]
    numbers: frozenset[int]


def find(
    repository: Repository, page: Registry, named: str = "", right: Right | None = None
) -> Found:
    """The corrections of derived text in the proposals that `named` means, or in all.

    `page` is the registry, `right` says who is right where it names another author. Of two
    documents with one number, the row belongs to the one it links, and the sub-documents are left
    alone. Raises BepError for a number without a document.
    """
    known = repository.main_documents()
    chosen = (
        chosen_proposals.selected(repository, known, named, itemgetter(0))
        if named.strip()
        else known
    )
    counts = Counter(number for number, _ in known)
    found: list[Correction] = []
    problems: list[str] = []
    with_rows: list[Document] = []
    unmerged = git_merge.unmerged(repository.root)
    _, page_answers = _answers(repository, 0)
    for number, path in chosen:
        if repository.relative(path) in unmerged:
            place = repository.relative(path)
            problems.append(f"{place}: is in conflict after a merge; resolve it")
            continue
        try:
            main = chosen_proposals.read(repository, number, path)
            if counts[number] == 1:
                about = descriptions(repository, number)
                file, answers = _answers(repository, number)
                problems += _unreadable(file, answers)
                recorded = recorded_sub_documents.read(repository.guide, answers)
                found += derived_text.of_main_document(main.document, about, recorded)
                known_files = about.keys() | _named_by_another_guide(
                    repository, answers, page_answers
                )
                found += derived_text.of_answers(repository.guide, file, answers, known_files)
            if counts[number] == 1 or chosen_proposals.row_of(repository, page, number, path):
                with_rows.append(main.document)
        except BepError as error:
            problems.append(str(error))
    addresses = author.addresses(repository) if right is Right.REGISTRY else {}
    rows = derived_text.of_registry(page, with_rows, right, addresses)
    numbers = frozenset(number for number, _ in chosen)
    return Found((*rows, *found), tuple(problems), numbers)


def _answers(repository: Repository, number: int) -> tuple[str, str]:
    """Path and text of a proposal's answers file, '' without one."""
    path = repository.answers_file(number)
    return repository.relative(path), repository.read(path) if repository.tree.has(path) else ""


def _named_by_another_guide(repository: Repository, answers: str, page_answers: str) -> Set[str]:
    """The file names in the repository's guide, if the proposal has another template revision.

    That revision may use other names, so it means nothing that these files are missing.
    """
    revisions = {stored_answers.read(one).get("_commit") for one in (answers, page_answers) if one}
    return repository.guide.layout_files if len(revisions) > 1 else frozenset()


def _unreadable(file: str, answers: str) -> list[str]:
    """The problem of an answers file that cannot be read, as a line."""
    try:
        yaml_data.load(answers)
    except Unreadable as error:
        return [f"{file}:{error.line}: {error.said}; correct it"]
    return []


def descriptions(repository: Repository, number: int) -> dict[str, str]:
    """The sub-documents of a proposal, by file name, with what each is about.

    Raises BepError if one cannot be read.
    """
    return {
        part.name: derived_text.description(repository.document(part, Role.SUB), part.name)
        for part in repository.sub_documents(number)
    }


def changes(
    repository: Repository, corrections: Iterable[Correction], known: Mapping[str, str]
) -> list[Change]:
    """The corrected files; `known` are texts that replace the content of files.

    Paths are relative to the root. A known text that differs from its file is also a change.
    """
    edits: dict[str, list[splices.Splice]] = {path: [] for path in known}
    for one in corrections:
        edits.setdefault(one.path, []).extend(one.splices)
    found = []
    for place, made in edits.items():
        path = repository.root / place
        there = repository.read(path)
        text = splices.applied(known.get(place, there), made)
        if text != there:
            found.append(Change(path, encode(text)))
    return found
