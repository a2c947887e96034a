"""What rules judge: the proposals of a repository at one moment, and a change to them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from ... import guide_file, names
from ...errors import BepError
from ...guide import DocumentForm, Guide, Status
from ...proposal import document_index, lifecycle, registry_table
from ...proposal.citation import Citation
from ...proposal.document import Document
from ...proposal.registry_table import Registry, Row


class Proposal(NamedTuple):
    """A proposal's main document and, by file name, its `parts`: the sub-documents.

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
    def guide(self) -> Guide:
        return self.main.guide

    @property
    def status(self) -> str:
        return self.main.metadata.value("status")

    @property
    def known_status(self) -> Status | None:
        """The status if the guide knows it by that very name."""
        found = self.guide.status_of(self.status)
        return found if found and found.name == self.status else None

    @property
    def is_history(self) -> bool:
        """Whether it has a final status: an update leaves it alone, and it keeps its form."""
        status = self.known_status
        return status is not None and status.final

    @property
    def form(self) -> DocumentForm:
        """What the guide says of the main document, which has or announces sub-documents or not."""
        has_parts = bool(self.parts) or self.main.top_section(document_index.SECTION) is not None
        layout = self.guide.layout_with(self.main.layout, has_sub_documents=has_parts)
        return self.guide.documents[layout.main]


class Skill(NamedTuple):
    """A file of the agents' skill, and the template revision that is recorded for it.

    That is None if no answers file names it, '' if the template has no revisions. `revisions`
    are those of all answers files. One that `is_adopted` was there before its record.
    """

    document: Document
    recorded: str | None
    revisions: tuple[str, ...]
    is_adopted: bool


class Reservation(NamedTuple):
    """A claim of a number, and its age in days, None if unknown."""

    title: str
    author: str
    days: int | None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A repository at one moment.

    `folder` is the proposals' folder and `paths` are all files, from the repository's root.
    `process_page` has the registry. `strays` are documents in directories of numbers that have no
    main document. `elsewhere` says where documents are that only a branch has, in a sentence, by
    their paths; `on_main` are the paths of those that main has. `anchors_elsewhere` returns the
    anchors of a page that is not a document. `is_committed` says whether HEAD has a path.
    `blank` is the blank document, None without one. `guide` is the one that the rules judge by, and
    `skills` are the agents' instructions. `asked` are the numbers of the proposals about which
    findings are wanted, None for all.
    """

    folder: str
    paths: frozenset[str]
    proposals: tuple[Proposal, ...]
    process_page: Document | None
    strays: tuple[Document, ...] = ()
    claims: Mapping[int, Reservation] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    on_main: frozenset[str] = frozenset()
    anchors_elsewhere: Callable[[str], Sequence[str] | None] = lambda _: None
    is_committed: Callable[[str], bool] = lambda _: False
    blank: Document | None = None
    guide: Guide = field(default_factory=guide_file.own)
    skills: tuple[Skill, ...] = ()
    asked: frozenset[int] | None = None

    @cached_property
    def directories(self) -> frozenset[str]:
        """All directories that contain a file."""
        found: set[str] = {""}
        for path in self.paths:
            parent = path.rpartition("/")[0]
            while parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0]
        return frozenset(found)

    def holds(self, path: str) -> bool:
        """Return whether a file or directory exists; any path inside a submodule counts."""
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
        """Return the files in a directory and its subdirectories, in order."""
        first = bisect_left(self._ordered, f"{directory}/")
        last = bisect_left(self._ordered, f"{directory}0")
        return self._ordered[first:last]

    def files_of(self, proposal: Proposal) -> list[str]:
        """Return the files of a proposal: its documents, then what else is in its directory."""
        own = [one.path for one in proposal.documents]
        if len(self.by_number[proposal.number]) > 1 and not proposal.parts:
            return own
        inside = self.below(f"{self.folder}/{names.proposal_name(proposal.number)}")
        return list(dict.fromkeys([*own, *inside]))

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The process page, the documents of proposals, the strays and the skills, by path."""
        found = {document.path: document for one in self.proposals for document in one.documents}
        others = (*self.strays, *(one.document for one in self.skills))
        found |= {document.path: document for document in others}
        if self.process_page:
            found[self.process_page.path] = self.process_page
        return found

    @cached_property
    def by_number(self) -> Mapping[int, list[Proposal]]:
        """The proposals by number; several if documents share the number."""
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
            return registry_table.read(page.source, page.path)
        except BepError as error:
            return error

    @property
    def registry(self) -> Registry | None:
        """The registry table, None if the process page has none that can be read."""
        return self._registry if isinstance(self._registry, Registry) else None

    @property
    def registry_error(self) -> BepError | None:
        """Why the registry cannot be read, None if it can or there is no process page."""
        return self._registry if isinstance(self._registry, BepError) else None

    @cached_property
    def rows(self) -> Mapping[int, list[Row]]:
        """The registry's rows by number."""
        found: dict[int, list[Row]] = {}
        for row in self.registry.rows if self.registry else ():
            if row.number is not None:
                found.setdefault(row.number, []).append(row)
        return found

    @cached_property
    def row_of(self) -> Callable[[int, str], Row | None]:
        """Returns the row of a main document: see `registry_table.rows_of_documents`."""
        if self.registry is None:
            return lambda *_: None
        mains = ((one.number, one.main.path) for one in self.proposals)
        return registry_table.rows_of_documents(self.registry, mains)

    def is_known(self, number: int) -> bool:
        """Return whether a document, here or on a branch, a row or a claim has the number."""
        return (
            # The blank document.
            number == 0
            or number in self.by_number
            or number in self.rows
            or number in self.claims
            or number in self._numbers_elsewhere
        )

    @cached_property
    def _numbers_elsewhere(self) -> Mapping[int, str]:
        found = ((names.number_of_document(path.split("/")[-1]), path) for path in self.elsewhere)
        return {number: self.elsewhere[path] for number, path in found if number is not None}

    def standing(self, number: int) -> str | None:
        """Return where a proposal is that has no document here, or None if nothing says it."""
        if number in self.by_number:
            return None
        return self._numbers_elsewhere.get(number) or self.reserved(number)

    def reserved(self, number: int) -> str | None:
        """Return for whom a number is reserved that has no document anywhere, or None."""
        if number in self.by_number or number in self._numbers_elsewhere:
            return None
        rows = self.rows.get(number, [])
        bare = (row for row in rows if row.author and not row.link)
        one: Row | Reservation | None = next(bare, None) or self.claims.get(number)
        if one is None:
            return None
        return f"{names.proposal_name(number)} is only reserved, for {one.title!r} by {one.author}"

    def about(self, numbers: frozenset[int]) -> Snapshot:
        """Return this snapshot, with findings wanted about these proposals only."""
        found = copy(self)
        # `replace` would read everything anew.
        vars(found)["asked"] = numbers
        return found

    def with_texts(self, texts: Mapping[str, str]) -> Snapshot:
        """Return the snapshot in which the documents at these paths have other texts."""

        def new(document: Document) -> Document:
            text = texts.get(document.path)
            return document if text is None else document.with_source(text)

        proposals = tuple(
            one._replace(main=new(one.main), parts=tuple(map(new, one.parts)))
            for one in self.proposals
        )
        return replace(
            self,
            proposals=proposals,
            process_page=new(self.process_page) if self.process_page else None,
            strays=tuple(map(new, self.strays)),
        )

    def anchors_of(self, path: str) -> Sequence[str] | None:
        """Return the anchors of a Markdown file, or None for other files."""
        document = self.documents.get(path)
        if document:
            return document.anchors
        is_page = path in self.paths and path.endswith((".md", ".markdown"))
        return self.anchors_elsewhere(path) if is_page else None


class Change(NamedTuple):
    """What a change did: the repository before it and after it.

    `renamed` are the old paths of documents by their new ones. `claimed` are the shared remote's
    claims of numbers whose documents the change adds, None if the remote could not be asked;
    `unpublished` are numbers whose claims it does not know yet. `citations` are those that it
    adds to other files.
    """

    before: Snapshot
    after: Snapshot
    renamed: Mapping[str, str]
    claimed: Mapping[int, Reservation] | None = None
    unpublished: frozenset[int] = frozenset()
    citations: tuple[Citation, ...] = ()

    def pairs(self) -> list[tuple[Proposal | None, Proposal | None]]:
        """Return each proposal as it was and as it is, None if it is new or gone.

        One is recognised by its path, else by its number if no other proposal shares that.
        """
        left = {one.main.path: one for one in self.before.proposals}
        by_path = {
            now.main.path: left.pop(self.renamed.get(now.main.path, now.main.path), None)
            for now in self.after.proposals
        }
        found: list[tuple[Proposal | None, Proposal | None]] = []
        for now in self.after.proposals:
            was = by_path[now.main.path]
            same = self.before.by_number.get(now.number, [])
            if was is None and len(same) == 1:
                was = left.pop(same[0].main.path, None)
            found.append((was, now))
        return [*found, *((one, None) for one in left.values())]

    def given_up(self, number: int) -> Proposal | None:
        """Return the proposal with a number if it is not to be built; None for shared numbers."""
        sharing = self.after.by_number.get(number, [])
        is_given_up = len(sharing) == 1 and lifecycle.is_given_up(sharing[0].main)
        return sharing[0] if is_given_up else None

    def added(self) -> list[Proposal]:
        """Return the proposals that the change adds; a renamed document is not new."""
        before = {one.main.path for one in self.before.proposals}
        return [
            one
            for one in self.after.proposals
            if one.number not in self.before.by_number
            and self.renamed.get(one.main.path, one.main.path) not in before
        ]


class FileChange(NamedTuple):
    """A file of a proposal that a change touches: its two versions, None if there is none.

    `modes` are its modes in Git, if these differ. `inside` are the names of the sections that may
    change, None if all of its text may.
    """

    before: Document | None
    after: Document | None
    modes: tuple[str, str] | None
    inside: tuple[str, ...] | None

    @property
    def differs(self) -> bool:
        """Whether there is any difference, besides line endings that Git converts."""
        if self.before is None or self.after is None:
            return self.before is not self.after
        old, new = self.before, self.after
        return self.modes is not None or (old.path, old.source) != (new.path, new.source)


class Guarded(NamedTuple):
    """What a change does to a proposal: to its files, and to its rows of the registry.

    `numbers` are the proposal's before and after the change, None if there is no proposal.
    """

    files: Sequence[FileChange]
    before: Snapshot
    after: Snapshot
    numbers: tuple[int | None, int | None]
