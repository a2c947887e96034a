"""`adopt`: documents written by hand get an answers file, and on demand what they lack.

An adopted proposal takes part in every update from then on: what the template had when it was
recorded, and the document lacks, counts as left out by its author until `--complete` adds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import terminal_text
from ..markdown.escapes import table_cell
from ..merge import completion
from ..merge.merge import Rules, Unmergeable, no_section
from ..proposal.registry_table import Row
from ..questionnaire import validation
from ..questionnaire.answers import MAPPING_LISTS, TEXT_LISTS
from ..system import file_transaction, template, template_address
from ..system.file_transaction import Change
from ..system.renderer import Revision
from ..system.repository import Repository, decode, encode
from ..system.template_trust import TrustedTemplate
from . import answers_file, answers_from_documents
from .answers_file import Record
from .template_revisions import TemplateRevisions


class AdoptionOutcome(StrEnum):
    """What became of a document in an adoption."""

    ADOPTED = "adopted"
    COMPLETED = "completed"
    RECORDED = "recorded"
    LEFT = "left"
    REFUSED = "refused"


_HEADER = ("Number", "Outcome", "Document", "Not read")
# Without these answers nothing can be rendered.
_NEEDED = frozenset(["layout", "number", "proposals", "title"])
_REGISTRY_ANSWERS = {"layout": validation.REGISTRY, "number": 0}


class Request(NamedTuple):
    """Which documents are adopted; `numbers` None means all.

    `complete` also adds the parts of the template that they lack.
    """

    numbers: Sequence[int] | None = None
    complete: bool = False
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


class Adopter:
    """Adopts the documents of a repository; `place` takes checkouts of the template.

    Raises BepError if the template cannot be fetched.
    """

    def __init__(
        self, repository: Repository, trusted: TrustedTemplate, request: Request, place: Path
    ) -> None:
        self._repository, self._request = repository, request
        self.address = trusted.address
        self.revisions = TemplateRevisions(
            template.open_template(self.address, place), place, repository.root
        )
        self._rows = _rows(repository)
        self._documents: dict[int, list[Path]] = {}
        if repository.tree.has(repository.registry_page):
            self._documents[0] = [repository.registry_page]
        for number, path in repository.main_documents():
            self._documents.setdefault(number, []).append(path)

    def documents(self) -> list[tuple[int, Path]]:
        """The requested documents, with their numbers; the process page has 0.

        Raises BepError for a number without one.
        """
        wanted = self._request.numbers
        for number in wanted or ():
            if number not in self._documents:
                raise BepError(f"the number {number} has no document", "`bep list` shows all")
        found = [
            (number, path)
            for number, paths in self._documents.items()
            if wanted is None or number in wanted
            for path in paths
        ]
        status = self._request.status.casefold()
        return [
            (number, path)
            for number, path in found
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
            reason = (error.strerror or str(error)).lower()
            return Adoption(
                number,
                shown,
                AdoptionOutcome.REFUSED,
                problem=f"{shown}: cannot be read ({reason})",
            )
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
        rendered = revision.rendered(answers, template_address.shared_address(self.address))
        target = self._repository.answers_file(number)
        change = Change(target, rendered[self._repository.relative(target)])
        adoption = Adoption(number, shown, AdoptionOutcome.ADOPTED, (change,), tuple(unread))
        if not self._request.complete:
            return adoption
        if remark := self._stays(number, path):
            return adoption._replace(remark=remark)
        # The answers file last: once it exists, the documents are done.
        changes = (*self._completed(number, path, rendered), change)
        return adoption._replace(outcome=AdoptionOutcome.COMPLETED, changes=changes)

    def _of_recorded(self, number: int, path: Path, record: Record) -> Adoption:
        shown = self._repository.relative(path)
        if not self._request.complete:
            return Adoption(number, shown, AdoptionOutcome.RECORDED)
        if not record.answers.get("adopted"):
            made = "made from the template: its author has removed what it lacks"
            return Adoption(number, shown, AdoptionOutcome.LEFT, remark=made)
        if remark := self._stays(number, path):
            return Adoption(number, shown, AdoptionOutcome.LEFT, remark=remark)
        revision = self.revisions.at(self.revisions.wanted(record.revision))
        answers = revision.replayed(record.answers).answers
        changes = self._completed(number, path, revision.rendered(answers, record.source))
        return Adoption(
            number,
            shown,
            AdoptionOutcome.COMPLETED if changes else AdoptionOutcome.RECORDED,
            tuple(changes),
        )

    # --- What there is --------------------------------------------------------------------------

    def _status(self, path: Path) -> str:
        """The status that a document has, '' for one that cannot be read."""
        try:
            return self._repository.document(path).metadata.value("status")
        except BepError:
            return ""

    def _stays(self, number: int, path: Path) -> str | None:
        """Return why a document is not completed, or None if it is."""
        if self._request.numbers is not None or not number:
            return None
        status = self._repository.guide.status_of(self._status(path))
        if status is None or not status.final:
            return None
        return f"not completed: it is {status.name}; name its number to complete it"

    def _refuse_shared_number(self, number: int, path: Path) -> None:
        others = [other for other in self._documents[number] if other != path]
        row = self._rows.get(number)
        if others and (row is None or row.link != path.name):
            raise BepError(
                f"has the same number as {others[0].name}",
                "give one of them another with `bep renumber`",
                self._repository.relative(path),
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
            found |= _REGISTRY_ANSWERS | {"adopted": True}
        else:
            read = answers_from_documents.answers_of(
                self._repository.read(path),
                path.name,
                {
                    sub.name: self._repository.read(sub)
                    for sub in self._repository.sub_documents(number)
                },
                self._rows.get(number),
                revision.guide,
                diagrams=self._repository.tree.is_folder(
                    self._repository.directory(number) / "diagrams"
                ),
            )
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

    # --- What is added --------------------------------------------------------------------------

    def _completed(self, number: int, path: Path, rendered: Mapping[str, bytes]) -> list[Change]:
        guide = self._repository.guide
        folder = self._repository.settings.proposals
        main = next(
            (one for one in rendered if names.number_of_document(one.split("/")[-1]) == number), ""
        )
        changes = []
        for name, content in rendered.items():
            if not name.endswith(".md") or not name.startswith(f"{folder}/"):
                continue
            file = self._repository.root / name
            is_sub = bool(number) and name != main
            rules = Rules(section_of=guide.sub_names.family if is_sub else no_section)
            if name == main:
                rules = Rules(section_of=guide.main_names.family)
                file = path if number else file
            if self._repository.tree.has(file):
                changes += self._change(file, decode(content), rules, is_sub=is_sub)
        return changes

    def _change(self, file: Path, theirs: str, rules: Rules, *, is_sub: bool) -> list[Change]:
        ours = self._repository.read(file)
        try:
            # Many sub-documents describe one thing in their own order.
            text = completion.complete(ours, theirs, rules, may_have_its_own_sections=is_sub)
        except Unmergeable as error:
            shown = self._repository.relative(file)
            raise BepError(str(error), "correct the file", shown, code=WRONG_DOCUMENTS) from None
        return [Change(file, encode(text))] if text != ours else []


def _rows(repository: Repository) -> dict[int, Row]:
    """The registry's rows by number; a page that cannot be read has none."""
    try:
        rows = repository.read_registry().rows
    except BepError:
        return {}
    return {row.number: row for row in reversed(rows) if row.number is not None}


def table(adoptions: Sequence[Adoption]) -> list[str]:
    """What became of each document, as lines of text."""
    rows = [_HEADER, *map(_cells, adoptions)]
    cells = [[terminal_text.line(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _cells(adoption: Adoption) -> tuple[str, str, str, str]:
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
        shown = (terminal_text.line(table_cell(cell)) for cell in _cells(adoption))
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
