"""What rules are about: the proposals of a repository at one moment, and a change of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ...errors import BepError
from ...proposal import registry_table as registry
from ...proposal.document import Document
from ...proposal.registry_table import Registry, Row


class Proposal(NamedTuple):
    """A proposal's documents, in the order of their file names; `parts` are its sub-documents.

    `answers` is the text of its answers file, '' without one.
    """

    number: int
    main: Document
    parts: tuple[Document, ...] = ()
    answers: str = ""

    @property
    def documents(self) -> tuple[Document, ...]:
        return (self.main, *self.parts)

    @property
    def status(self) -> str:
        return self.main.metadata.value("Status")


class Reservation(NamedTuple):
    """A claim of a number, and for how many days it has stood; None where that is not known."""

    title: str
    author: str
    days: int | None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A repository at one moment.

    `folder` is the proposals' folder and `paths` are all files, from the repository's root.
    `process_page` holds the registry. `strays` are pages in directories of numbers that have no
    main document. `anchors` are those of documents elsewhere that links with a fragment lead to.
    """

    folder: str
    paths: frozenset[str]
    proposals: tuple[Proposal, ...]
    process_page: Document | None
    strays: tuple[Document, ...] = ()
    claims: Mapping[int, Reservation] = field(default_factory=dict)
    anchors: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def directories(self) -> frozenset[str]:
        """All directories that hold a file."""
        found: set[str] = {""}
        for path in self.paths:
            parent = path.rpartition("/")[0]
            while parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0]
        return frozenset(found)

    def holds(self, path: str) -> bool:
        """Whether a file or directory exists; what a submodule holds is taken for granted."""
        if path in self.paths or path in self.directories:
            return True
        parent = path.rpartition("/")[0]
        while parent and parent not in self.directories:
            if parent in self.paths:
                return True
            parent = parent.rpartition("/")[0]
        return False

    @cached_property
    def _ordered(self) -> list[str]:
        return sorted(self.paths)

    def below(self, directory: str) -> list[str]:
        """The files in a directory and its subdirectories, in order."""
        first = bisect_left(self._ordered, f"{directory}/")
        last = bisect_left(self._ordered, f"{directory}0")
        return self._ordered[first:last]

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The documents of proposals by their paths."""
        found = {document.path: document for one in self.proposals for document in one.documents}
        found |= {document.path: document for document in self.strays}
        if self.process_page:
            found[self.process_page.path] = self.process_page
        return found

    @cached_property
    def by_number(self) -> Mapping[int, list[Proposal]]:
        """The proposals by number; more than one where two documents share it."""
        found: dict[int, list[Proposal]] = {}
        for one in self.proposals:
            found.setdefault(one.number, []).append(one)
        return found

    @cached_property
    def _registry(self) -> Registry | BepError | None:
        page = self.process_page
        if page is None or page.problem:
            return None
        try:
            return registry.read(page.source, page.path)
        except BepError as error:
            return error

    @property
    def registry(self) -> Registry | None:
        """The registry table, None where the page has none that can be read."""
        return self._registry if isinstance(self._registry, Registry) else None

    @property
    def registry_error(self) -> BepError | None:
        """Why the page's registry cannot be read."""
        return self._registry if isinstance(self._registry, BepError) else None

    @cached_property
    def rows(self) -> Mapping[int, list[Row]]:
        """The registry's rows by number."""
        found: dict[int, list[Row]] = {}
        for row in self.registry.rows if self.registry else ():
            if row.number is not None:
                found.setdefault(row.number, []).append(row)
        return found

    def is_known(self, number: int) -> bool:
        """Whether a document, a row or a claim has the number."""
        return number in self.by_number or number in self.rows or number in self.claims

    def anchors_of(self, path: str) -> frozenset[str] | None:
        """The anchors of a document, None for other files."""
        document = self.documents.get(path)
        return document.anchors if document else self.anchors.get(path)


class Change(NamedTuple):
    """What a change did: the repository before it and after it.

    `renamed` are the old paths of documents by their new ones. `claimed` are the shared remote's
    claims of numbers whose documents the change adds, None where nobody could be asked;
    `unpublished` are numbers whose claims it does not know yet.
    """

    before: Snapshot
    after: Snapshot
    renamed: Mapping[str, str]
    claimed: Mapping[int, Reservation] | None = None
    unpublished: frozenset[int] = frozenset()

    def added(self) -> list[Proposal]:
        """The proposals that the change adds; a renamed document is none."""
        before = {one.main.path for one in self.before.proposals}
        return [
            one
            for one in self.after.proposals
            if one.number not in self.before.by_number
            and self.renamed.get(one.main.path, one.main.path) not in before
        ]
