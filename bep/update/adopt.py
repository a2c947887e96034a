"""`adopt`: documents written by hand get an answers file, and on demand what they lack.

An adopted proposal takes part in every update from then on: what the template had when it was
recorded, and the document lacks, counts as left out by its author until `--complete` adds it. The
answers file then says what was added.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from .. import __version__, names
from ..errors import WRONG_DOCUMENTS, BepError, reason_of
from ..markdown import terminal_text
from ..markdown.escapes import table_cell
from ..proposal import registry_table
from ..proposal.document import Document, Role
from ..proposal.registry_table import Row
from ..questionnaire import validation
from ..questionnaire.answers import MAPPING_LISTS, TEXT_LISTS, skill_files
from ..system import branch_proposals, file_transaction, template, template_address
from ..system.file_transaction import Change
from ..system.renderer import Revision
from ..system.repository import Repository, decode, encode
from ..system.template_revisions import TemplateRevisions
from ..system.template_trust import TrustedTemplate
from . import additions, answers_file, answers_from_documents, final_proposals
from .additions import Added, Files, Judge, Part
from .answers_file import Record


class AdoptionOutcome(StrEnum):
    """What became of a document in an adoption."""

    ADOPTED = "adopted"
    COMPLETED = "completed"
    RECORDED = "recorded"
    LEFT = "left"
    REFUSED = "refused"


# Without these answers nothing can be rendered.
_NEEDED = frozenset(["layout", "number", "proposals", "title"])
_REGISTRY_ANSWERS = {"layout": validation.REGISTRY, "number": 0}


class Request(NamedTuple):
    """Which documents are adopted; `numbers` None means all.

    `complete` are the parts of the template that they get where they lack them.
    """

    numbers: Sequence[int] | None = None
    complete: Collection[Part] = ()
    status: str = ""
    dry_run: bool = False


class Adoption(NamedTuple):
    """What became of a document: `outcome`, the changes, answers that could not be read.

    `recorded` had an answers file already, `left` is explained by `remark`, `problem` says why it
    was refused.
    """

    number: int
    path: str
    outcome: AdoptionOutcome
    changes: tuple[Change, ...] = ()
    unread: tuple[str, ...] = ()
    remark: str = ""
    problem: str = ""


def no_rules(number: int, texts: Mapping[str, str]) -> Collection[str]:
    """Judge by no rule."""
    return ()


class Adopter:
    """Adopts the documents of a repository; `place` takes checkouts of the template.

    `judge` says which rules of `check` new texts would break: no part is added that would.
    `remark` says what keeps others from updating what was recorded, '' if nothing does. Raises
    BepError if the template cannot be fetched.
    """

    def __init__(
        self,
        repository: Repository,
        trusted: TrustedTemplate,
        request: Request,
        place: Path,
        judge: Judge = no_rules,
    ) -> None:
        self._repository, self._request, self._judge = repository, request, judge
        self.address = trusted.address
        self.remark = ""
        self._source = ""
        self.revisions = TemplateRevisions(
            template.open_template(self.address, place), place, repository.root, __version__
        )
        self._row_of = _row_of(repository)
        page = repository.registry_page
        of_page = {0: [page]} if repository.tree.has(page) else {}
        self._documents = of_page | repository.documents_by_number()

    @property
    def remarks(self) -> list[str]:
        """What was found out about the template, in words."""
        return [one for one in (self.revisions.template.remark, self.remark) if one]

    def documents(self) -> list[tuple[int, Path]]:
        """The requested documents, with their numbers; the process page has 0.

        Raises BepError for a number without one.
        """
        wanted = self._request.numbers
        for number in wanted or ():
            if number not in self._documents:
                raise BepError(f"the number {number} has no document", "`bep list` shows all")
        status = self._request.status.casefold()
        return [
            (number, path)
            for number, paths in self._documents.items()
            if wanted is None or number in wanted
            for path in paths
            if not status or self._status(path).casefold() == status
        ]

    def adopt(self, number: int, path: Path) -> Adoption:
        """Adopt a document, or say in the result why that is not possible."""
        shown = self._repository.relative(path)
        try:
            with file_transaction.alone(self._repository.tree):
                adoption = self.planned(number, path)
                if adoption.changes and not self._request.dry_run:
                    file_transaction.write(self._repository.tree, adoption.changes)
        except BepError as error:
            return Adoption(number, shown, AdoptionOutcome.REFUSED, problem=str(error))
        except OSError as error:
            problem = f"{shown}: cannot be read ({reason_of(error)})"
            return Adoption(number, shown, AdoptionOutcome.REFUSED, problem=problem)
        return adoption

    def planned(self, number: int, path: Path) -> Adoption:
        """What adopting a document would do; raises BepError if it is not possible."""
        shown = self._repository.relative(path)
        self._refuse_shared_number(number, path)
        stored = self._recorded(number)
        if isinstance(stored, Record) and self.revisions.find(stored.revision):
            return self._of_recorded(number, path, stored)
        revision = self.revisions.at(self.revisions.wanted(""))
        answers, unread = self._answers(number, path, stored, revision)
        source = self._recorded_address(revision.name)
        adoption = Adoption(number, shown, AdoptionOutcome.ADOPTED, unread=tuple(unread))
        if skills := skill_files(answers):
            adoption = adoption._replace(remark=f"with {', '.join(skills)}")
        if self._request.complete:
            if remark := self._stays(number, path):
                adoption = adoption._replace(remark=remark)
            else:
                adoption, answers = self._completed(adoption, path, revision, answers, source)
        # The answers file last: once it exists, the documents are done.
        change = self._record(number, revision, answers, source)
        return adoption._replace(changes=(*adoption.changes, change))

    def _of_recorded(self, number: int, path: Path, record: Record) -> Adoption:
        shown = self._repository.relative(path)
        if number == 0 and (skills := self._new_skills(record)):
            return self._with_skills(path, record, skills)
        if not self._request.complete:
            return Adoption(number, shown, AdoptionOutcome.RECORDED)
        if not record.answers.get("adopted"):
            made = "made from the template: its author has removed what it lacks"
            return Adoption(number, shown, AdoptionOutcome.LEFT, remark=made)
        if remark := self._stays(number, path):
            return Adoption(number, shown, AdoptionOutcome.LEFT, remark=remark)
        revision = self.revisions.at(self.revisions.wanted(record.revision))
        answers = revision.replayed(record.answers).answers
        adoption = Adoption(number, shown, AdoptionOutcome.RECORDED)
        adoption, known = self._completed(adoption, path, revision, answers, record.source)
        if known != answers:
            change = self._record(number, revision, known, record.source)
            adoption = adoption._replace(changes=(*adoption.changes, change))
        return adoption

    def _new_skills(self, record: Record | None) -> list[str]:
        """The files of the agents' skill that exist and are not recorded yet."""
        known = skill_files(record.answers) if record else ()
        tree, root = self._repository.tree, self._repository.root
        here = [one for one in self._repository.settings.skills if tree.is_file(root / one)]
        return [one for one in here if one not in known]

    def _with_skills(self, page: Path, record: Record, skills: Sequence[str]) -> Adoption:
        """The page's record with further files of the skill; all of them stay as they are."""
        adoption = Adoption(0, self._repository.relative(page), AdoptionOutcome.RECORDED)
        revision = self.revisions.at(self.revisions.wanted(record.revision))
        named = ", ".join(skills)
        if "skills" not in revision.questions:
            later = f"{named}: its revision {record.revision} has no skill; `bep update 0` first"
            return adoption._replace(outcome=AdoptionOutcome.LEFT, remark=later)
        every = [*skill_files(record.answers), *skills]
        answers = revision.replayed({**record.answers, "skills": every, "adopted": True}).answers
        return adoption._replace(
            outcome=AdoptionOutcome.ADOPTED,
            changes=(self._record(0, revision, answers, record.source),),
            remark=f"with {named}" + ("; try again to complete it" * bool(self._request.complete)),
        )

    def _recorded_address(self, revision: str) -> str:
        if not self._source:
            self._source = template_address.recorded_address(self.address, revision)
            self.remark = template_address.remark(self.address, self._source, revision)
        return self._source

    def _record(
        self, number: int, revision: Revision, answers: dict[str, Any], source: str
    ) -> Change:
        """The answers file with these answers."""
        target = self._repository.answers_file(number)
        rendered = revision.rendered(answers, source)
        return Change(target, rendered[self._repository.relative(target)])

    # --- What there is --------------------------------------------------------------------------

    def _status(self, path: Path) -> str:
        return final_proposals.written_status(self._repository, self._repository.relative(path))

    def _stays(self, number: int, path: Path) -> str | None:
        """Return why a document is not completed, or None if it is."""
        if self._request.numbers is not None:
            return None
        if not number:
            return "not completed: name the number 0 to complete it"
        status = final_proposals.final_status(self._repository, self._repository.relative(path))
        return (
            f"not completed: it is {status.name}; name its number to complete it"
            if status
            else None
        )

    def _refuse_shared_number(self, number: int, path: Path) -> None:
        others = [other for other in self._documents[number] if other != path]
        row = self._row_of(number, path)
        page = self._repository.relative(self._repository.registry_page)
        shown = self._repository.relative(path)
        if others and not (row and registry_table.target_of(page, row) == shown):
            paths = map(self._repository.relative, (*others, path))
            moved = branch_proposals.find(self._repository).to_move(paths)
            raise BepError(
                f"has the same number as {others[0].name}",
                f"`bep renumber {shlex.quote(moved)}` gives that one another",
                shown,
                code=WRONG_DOCUMENTS,
            )

    def _recorded(self, number: int) -> Record | None:
        """What the answers file says; None if there is none, or it is to be rewritten."""
        path = self._repository.answers_file(number)
        if not self._repository.tree.has(path):
            return None
        shown = self._repository.relative(path)
        try:
            return answers_file.read(self._repository.content(path), shown)
        except BepError:
            if self._request.numbers is None:
                raise
            return None

    def _answers(
        self, number: int, path: Path, stored: Record | None, revision: Revision
    ) -> tuple[dict[str, Any], list[str]]:
        """The answers to record, and the names of those that could not be read."""
        settings = self._repository.settings
        found: dict[str, Any] = {
            "proposals": settings.proposals,
            "first_number": settings.first_number,
            "issue_prefix": settings.issue_prefix,
        }
        unread: list[str] = []
        if number == 0:
            found |= _REGISTRY_ANSWERS | {"adopted": True, "skills": self._new_skills(None)}
        else:
            read = self._read(number, path, revision, {})
            found |= read.answers
            unread = list(read.unread)
        if stored is not None:
            found |= stored.answers | {"adopted": True}
        replayed = revision.replayed(found)
        for name, reason in replayed.problems.items():
            if name in _NEEDED:
                shown = self._repository.relative(path)
                raise BepError(reason, "correct it first", shown, code=WRONG_DOCUMENTS)
            unread.append(name)
            found[name] = [] if name in TEXT_LISTS | MAPPING_LISTS else ""
        return revision.replayed(found).answers, list(dict.fromkeys(unread))

    def _read(
        self, number: int, path: Path, revision: Revision, texts: Mapping[str, str]
    ) -> answers_from_documents.Read:
        """What the documents say; `texts` are new ones by path."""

        def text(file: Path) -> str:
            new = texts.get(self._repository.relative(file))
            return self._repository.read(file) if new is None else new

        return answers_from_documents.answers_of(
            text(path),
            path.name,
            {sub.name: text(sub) for sub in self._repository.sub_documents(number)},
            self._row_of(number, path),
            revision.guide,
            diagrams=self._repository.tree.is_folder(
                self._repository.directory(number) / "diagrams"
            ),
        )

    # --- What is added --------------------------------------------------------------------------

    def _completed(
        self,
        adoption: Adoption,
        path: Path,
        revision: Revision,
        answers: dict[str, Any],
        source: str,
    ) -> tuple[Adoption, dict[str, Any]]:
        """The adoption with what the documents get, and the answers that this gives."""
        number = adoption.number
        added = self._added(number, path, revision, revision.rendered(answers, source))
        changes = tuple(
            Change(self._repository.root / name, encode(text)) for name, text in added.texts.items()
        )
        if not changes:
            return adoption._replace(remark=added.remark), answers
        known = self._with_scopes(number, path, revision, answers, added)
        return (
            adoption._replace(
                outcome=AdoptionOutcome.COMPLETED,
                changes=changes,
                unread=tuple(
                    one for one in adoption.unread if one != "scope" or not known.get(one)
                ),
                remark=added.remark,
            ),
            known,
        )

    def _added(
        self, number: int, path: Path, revision: Revision, rendered: Mapping[str, bytes]
    ) -> Added:
        """What the documents get of the rendered ones."""
        folder = f"{self._repository.settings.proposals}/"
        of_agents = f"{folder}{names.AGENTS_PAGE}"
        found = {
            name: decode(content)
            for name, content in rendered.items()
            if name.endswith(".md") and name.startswith(folder) and name != of_agents
        }
        if number:
            documents, templates = self._of_proposal(number, path, revision, found)
        else:
            documents, templates = self._of_registry(found), found
        return additions.add(number, documents, templates, self._request.complete, self._judge)

    def _of_proposal(
        self, number: int, path: Path, revision: Revision, rendered: Mapping[str, str]
    ) -> tuple[list[Document], dict[str, str]]:
        """The documents of a proposal, and by path what the template has for them."""
        repository = self._repository
        main = repository.document(path)
        subs = [repository.document(file, Role.SUB) for file in repository.sub_documents(number)]
        by_name = {document.names[-1]: document for document in subs}
        files = Files(number, main, by_name, self._row_of(number, path), revision.guide)
        templates = {
            document.path: additions.sub_text(files, name, rendered[document.path])
            for name, document in by_name.items()
            if document.path in rendered
        }
        for name, text in rendered.items():
            if names.number_of_path(name) == number:
                templates[main.path] = additions.main_text(files, text)
        return [main, *subs], templates

    def _of_registry(self, rendered: Mapping[str, str]) -> list[Document]:
        """Process page and blank document, as far as they exist; a form has its placeholders."""
        repository = self._repository
        page = repository.relative(repository.registry_page)
        return [
            repository.document(repository.root / name, Role.PROCESS if name == page else Role.MAIN)
            for name in rendered
            if repository.tree.has(repository.root / name)
        ]

    def _with_scopes(
        self, number: int, path: Path, revision: Revision, known: dict[str, Any], added: Added
    ) -> dict[str, Any]:
        """The answers with the scopes that context blocks got, where they had none."""
        if not number:
            return known
        read = self._read(number, path, revision, added.texts).answers
        new = dict(known)
        if known.get("scope") == "":
            new["scope"] = read["scope"]
        if "components" in known:
            new["components"] = answers_from_documents.with_scopes(
                known["components"], read["components"]
            )
        return revision.replayed(new).answers


def _row_of(repository: Repository) -> Callable[[int, Path], Row | None]:
    """See `rows_of_documents`; a page that cannot be read has no rows."""
    try:
        page = repository.read_registry()
    except BepError:
        return lambda *_: None
    mains = ((number, repository.relative(path)) for number, path in repository.main_documents())
    row_of = registry_table.rows_of_documents(page, mains)
    return lambda number, path: row_of(number, repository.relative(path))


def cells(adoption: Adoption) -> tuple[str, str, str, str]:
    """The number, outcome, document and what is said of an adoption."""
    number = str(adoption.number) if adoption.number else "page"
    said = "; ".join(filter(None, [", ".join(adoption.unread), adoption.remark]))
    return number, adoption.outcome, adoption.path, said


def report(adoptions: Sequence[Adoption]) -> str:
    """What became of each document, as a Markdown table for a pull request."""
    lines = [
        "| Number | Outcome | Document | Not read |",
        "|--------|---------|----------|----------|",
    ]
    for adoption in adoptions:
        shown = (terminal_text.line(table_cell(cell)) for cell in cells(adoption))
        lines.append(f"| {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def data(adoption: Adoption) -> dict[str, Any]:
    """What became of a document, as `adopt --json` prints it."""
    return {
        "number": adoption.number,
        "path": adoption.path,
        "outcome": adoption.outcome,
        "unread": list(adoption.unread),
        "remark": adoption.remark or adoption.problem,
    }
