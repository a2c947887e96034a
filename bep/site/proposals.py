"""The proposals that the site shows, read once, with the pages of their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .. import names
from ..maintain import proposal_list
from ..maintain.proposal_list import Entry
from ..markdown import anchors
from ..markdown.plain_text import visible
from ..proposal import decision_log, open_questions, related_issues, relations, sub_documents
from ..proposal.decision_log import Decision
from ..proposal.document import Document, Role
from ..proposal.metadata import Metadata
from ..proposal.open_questions import Question
from ..proposal.relations import Relation
from ..system import branch_proposals
from ..system.branch_proposals import BranchProposal, Found
from ..system.repository import Repository

# Of many documents that share a number or a name, a page names some.
_NAMED = 4


class Content(NamedTuple):
    """What a document says.

    The parts into which a `Document` was read take much more memory than its text, so they are not
    kept for all documents at once. `problem` is a sentence. The text begins after the front
    matter, at `start`, on the line `line`, from 0. `issues` are the lines of the text, from 0, that
    are about issues.
    """

    path: str
    source: str
    problem: str
    title: str
    scope: str
    metadata: Metadata
    start: int
    line: int
    issues: tuple[tuple[int, int], ...]
    questions: tuple[Question, ...]
    decisions: tuple[Decision, ...]
    relations: tuple[Relation, ...]

    @property
    def text(self) -> str:
        return self.source[self.start :]


class Page(NamedTuple):
    """A document and the address of its page.

    `name` is what the navigation calls it, and `about` what the main document says of it.
    """

    content: Content
    address: str
    name: str
    about: str = ""


class Proposal(NamedTuple):
    """A number of the registry, with the pages of its documents, the main one first.

    One that is only reserved has none. `branch` is the branch that has it, '' for what the working
    tree has. `problems` say what is wrong with it as a whole.
    """

    entry: Entry
    pages: tuple[Page, ...] = ()
    branch: str = ""
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`BEP-1046`."""
        return names.proposal_name(self.entry.number)

    @property
    def main(self) -> Page | None:
        return self.pages[0] if self.pages else None


class Contents(NamedTuple):
    """The proposals by number and path, and what is known of branches."""

    proposals: tuple[Proposal, ...]
    branches: Found


def read(repository: Repository, *, with_branches: bool) -> Contents:
    """Read the proposals of the working tree, and those in flight `with_branches`.

    A document that cannot be read is there with its `problem`. Raises BepError if the registry
    or the guide cannot be read.
    """
    found = branch_proposals.find(repository)
    reader = _Reader(repository, found, with_branches=with_branches)
    return Contents(tuple(reader.proposals()), found)


class _Reader:
    """Reads the proposals, and gives each document an address that no other one has."""

    def __init__(self, repository: Repository, found: Found, *, with_branches: bool) -> None:
        self._repository = repository
        self._guide = repository.guide
        self._found = found
        self._with_branches = with_branches
        self._taken: set[str] = set()
        self._contents: Mapping[str, bytes] = {}

    def proposals(self) -> Iterator[Proposal]:
        """The proposals by number, those of the working tree before those of branches."""
        in_flight = self._in_flight()
        entries = proposal_list.entries(self._repository)
        clashes = _clashes([one for one in entries if one.main and not one.tip])
        read = []
        for entry in entries:
            if entry.main is None:
                if self._with_branches or self._is_in_registry(entry):
                    read.append(Proposal(entry))
            elif not entry.tip:
                read.append(self._of_tree(entry, clashes.get(entry.main, ())))
            elif branch := in_flight.get((entry.tip, entry.main)):
                read.append(self._of_branch(entry, branch))
        # What the working tree has comes first and has the short addresses.
        read.sort(key=lambda one: (bool(one.branch), one.entry.number, one.entry.main or ""))
        addressed = [self._addressed(one) for one in read]
        addressed.sort(key=lambda one: (one.entry.number, bool(one.branch), one.entry.main or ""))
        return iter(addressed)

    def _in_flight(self) -> Mapping[tuple[str, str], BranchProposal]:
        if not self._with_branches:
            return {}
        every = self._found.proposals
        wanted = [blob for one in every for blob in one.documents.values()]
        self._contents = branch_proposals.texts(self._repository, wanted)
        return {(one.tip, one.main): one for one in every}

    def _is_in_registry(self, entry: Entry) -> bool:
        """Whether the working tree knows a number without document, and not only branches do."""
        return all(row.number != entry.number for row in self._found.rows)

    def _of_tree(self, entry: Entry, problems: Sequence[str]) -> Proposal:
        main = self._document(entry.main or "", Role.MAIN)
        parts = [self._document(path, Role.SUB) for path in entry.documents]
        return Proposal(entry, _pages(entry.number, main, parts), problems=tuple(problems))

    def _document(self, path: str, role: Role) -> Document:
        return self._repository.with_text(Document("", path, role, guide=self._guide))

    def _of_branch(self, entry: Entry, one: BranchProposal) -> Proposal:
        main, *parts = (
            branch_proposals.document(self._guide, self._contents, one, path)
            for path in one.documents
        )
        return Proposal(entry, _pages(entry.number, main, parts), one.branch)

    def _addressed(self, proposal: Proposal) -> Proposal:
        """A proposal whose pages have addresses: the number, and names of sub-documents below."""
        if not proposal.pages:
            return proposal
        base = self._free(proposal.name)
        main, *parts = proposal.pages
        pages = [main._replace(address=f"{base}.html", name=proposal.name)]
        for part in parts:
            slug = anchors.slug(part.name).strip("-") or "document"
            pages.append(part._replace(address=f"{self._free(f'{base}/{slug}')}.html"))
        return proposal._replace(pages=tuple(pages))

    def _free(self, wanted: str) -> str:
        """An address like the wanted one that no page has, even if case does not count."""
        found, count = wanted, 1
        while found.casefold() in self._taken:
            count += 1
            found = f"{wanted}-{count}"
        self._taken.add(found.casefold())
        return found


def _pages(number: int, main: Document, parts: Sequence[Document]) -> tuple[Page, ...]:
    """The pages of a proposal, which have no addresses yet."""
    files = {part.names[-1] for part in parts}
    named = sub_documents.mentions(main, files)
    about = sub_documents.descriptions(main, named) if files else {}
    pages = [Page(content(number, main), "", "")]
    for part in parts:
        file = part.names[-1]
        said = content(number, part)
        pages.append(Page(said, "", file.removesuffix(".md"), said.scope or about.get(file, "")))
    return tuple(pages)


def content(number: int, document: Document) -> Content:
    """What a document of the proposal `number` says."""
    start = document.front_matter.end if document.front_matter else 0
    line = document.line(start) - 1
    is_main = document.role is Role.MAIN
    sections = document.all(related_issues.SECTION) if is_main else []
    return Content(
        path=document.path,
        source=document.source,
        problem=_problem(document),
        title=visible(document.title_text),
        scope=sub_documents.scope(document),
        metadata=document.metadata,
        start=start,
        line=line,
        issues=tuple(
            (document.line(one.start) - 1 - line, document.line(max(one.end - 1, 0)) - line)
            for one in sections
        ),
        questions=open_questions.find(document) if is_main else (),
        decisions=tuple(decision_log.decisions(document)) if is_main else (),
        relations=tuple(relations.of_document(number, document)),
    )


def _problem(document: Document) -> str:
    """What is wrong with a document as a whole, as a sentence; '' for nothing."""
    if document.problem:
        return f"This document cannot be read: {document.problem}."
    return "This document is empty." if document.is_empty else ""


def _clashes(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """What is wrong with documents that share a number or a slug, by the documents' paths."""
    found: dict[str, list[str]] = {}
    for what, key in (("number", _number), ("name", _slug)):
        groups: dict[str, list[str]] = {}
        for one in entries:
            groups.setdefault(key(one), []).append(one.main or "")
        for paths in groups.values():
            for path in paths if len(paths) > 1 else ():
                others = [other for other in paths[: _NAMED + 1] if other != path][:_NAMED]
                more = len(paths) - 1 - len(others)
                said = f"{', '.join(others)}{f' and {more} more' if more > 0 else ''}"
                found.setdefault(path, []).append(f"The same {what} is used by {said}.")
    return found


def _number(entry: Entry) -> str:
    return str(entry.number)


def _slug(entry: Entry) -> str:
    return names.slug_of_document((entry.main or "").rpartition("/")[2]).casefold()
