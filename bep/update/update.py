"""`update`: a revised template reaches existing proposals, and no author loses a line.

Both revisions are rendered for all proposals in one process and merged; proposals are written all
or nothing, many in one step. The author's version is that of HEAD, so that an update that was
killed is completed by the next one: a changed file that equals the update's result counts as done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from .. import __version__
from ..errors import WRONG_DOCUMENTS, BepError, reason_of
from ..system import (
    file_transaction,
    git_files,
    git_objects,
    second_process,
    template,
    template_revisions,
)
from ..system.repository import Repository
from ..system.template_revisions import TemplateRevisions
from ..system.template_trust import TrustedTemplate
from . import answers_file, final_proposals, proposal_update, sections_taken
from .proposal_update import Carried, CarriedFile, FileOutcome, Proposal, carry


class ProposalOutcome(StrEnum):
    """What becomes of a proposal in an update."""

    CURRENT = "current"
    LEFT_ALONE = "final"
    MERGED = "merged"
    REFUSED = "refused"
    UPDATED = "updated"


# How many proposals are written in one step.
_TOGETHER = 50
# A second process costs as much as planning this many.
_WORTH_IT = 8
# The part of the next ones that is planned by the process that writes.
_BESIDE_WRITING = 1 / 3

# Asks for the answer to a new question that has no default: number, name, help text; '' for none.
Ask = Callable[[int, str, str], str]


class Request(NamedTuple):
    """Which proposals are updated, and to which revision.

    `numbers` None means all; then those in a final status are left alone unless `final`. `to` is
    '' for the newest revision. Only a dry run takes changes of the template that no commit has.
    `take` names sections of the one proposal that become the template's where they would be kept.
    """

    numbers: Sequence[int] | None = None
    status: str = ""
    final: bool = False
    to: str = ""
    dry_run: bool = False
    take: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What becomes of a proposal: `outcome`, its files, and in words why it was refused.

    `recorded` is the revision from which it comes, `revision` the one that it has afterwards.
    """

    number: int
    recorded: str | None
    revision: str
    outcome: ProposalOutcome
    files: tuple[CarriedFile, ...] = ()
    problem: str = ""
    remarks: tuple[str, ...] = ()


class Updater:
    """Updates the proposals of a repository; `place` takes checkouts of the template.

    A template that the call names is tried, and its address never recorded.
    Raises BepError if template, revision or repository do not allow it.
    """

    def __init__(
        self,
        repository: Repository,
        trusted: TrustedTemplate,
        request: Request,
        place: Path,
        ask: Ask | None = None,
    ) -> None:
        self._repository, self._request, self._ask = repository, request, ask
        proposal_update.refuse_unmerged(repository)
        self._trusted = trusted
        self._revisions = TemplateRevisions(
            template.open_template(trusted.address, place), place, repository.root, __version__
        )
        self._target = self._revisions.wanted(request.to)
        drafts = self._drafts()
        self._with_drafts = bool(drafts)
        self.remarks = [*filter(None, [self._revisions.template.remark]), *drafts]
        at = self._revisions.draft if drafts else self._revisions.at
        self._new = at(self._target)
        self._changes = template_revisions.changes_of(self._new)
        skills = answers_file.skills(repository)
        listed = git_files.status(repository.root, repository.settings.proposals, *skills)
        self._changed = {one.path for one in listed}
        self._documents = {
            number: [repository.relative(path) for path in paths]
            for number, paths in repository.documents_by_number().items()
        }

    def _drafts(self) -> list[str]:
        """A remark that uncommitted changes of the template are included, or ''."""
        request, found = self._request, self._revisions.template
        here = request.to == "HEAD" or (not request.to and self._target.commit == self._head())
        if not here or not template.has_drafts(found):
            return []
        if not request.dry_run:
            raise BepError(
                f"the template {found.address} has changes that are not committed",
                "commit them, or look at them with --dry-run",
            )
        return ["the template has changes that are not committed; this plan includes them"]

    def _head(self) -> str:
        found = self._revisions.find("HEAD")
        return found.commit if found else ""

    @property
    def revision(self) -> str:
        """The revision to which proposals are brought, as answers files record it."""
        return self._target.name

    def numbers(self) -> list[int]:
        """The requested numbers, ascending; 0 means process page and blank document.

        Raises BepError for a number without an answers file.
        """
        known = answers_file.numbers(self._repository)
        wanted = self._request.numbers
        for number in wanted or ():
            if number not in known:
                raise BepError(
                    f"the proposal {number} has no answers file, which an update needs",
                    f"`bep adopt {number}` writes one",
                )
        found = known if wanted is None else [number for number in known if number in wanted]
        if self._request.status:
            status = self._request.status.casefold()
            found = [number for number in found if self._status(number).casefold() == status]
        return found

    def update(self, numbers: Iterable[int]) -> list[Outcome]:
        """Bring proposals to the new revision, or say in an outcome why that is not possible.

        Nothing is written in a dry run.
        """
        outcomes: list[Outcome] = []
        planned: list[Outcome] = []
        left = iter(numbers)
        tree = self._repository.tree
        with nullcontext() if self._request.dry_run else file_transaction.alone(tree):
            while together := list(islice(left, _TOGETHER)):
                written, planned = self._written_and_planned(planned, together)
                outcomes += written
            return [*outcomes, *self._written(planned)]

    def _written_and_planned(
        self, planned: list[Outcome], numbers: Sequence[int]
    ) -> tuple[list[Outcome], list[Outcome]]:
        """Write what is planned, while another process begins to plan the next proposals.

        Return what was written, and what is planned now.
        """
        if len(numbers) < _WORTH_IT or not second_process.is_possible():
            return self._written(planned), self._planned(numbers)
        is_writing = planned and not self._request.dry_run
        own = round(len(numbers) * (_BESIDE_WRITING if is_writing else 1 / 2))
        (written, mine), others = second_process.beside(
            lambda: (self._written(planned), self._planned(numbers[:own])),
            lambda: self._planned_without_asking(numbers[own:]),
        )
        theirs = (
            one or self._planned_one(number, self._ask)
            for number, one in zip(numbers[own:], others, strict=True)
        )
        return written, [*mine, *theirs]

    def _planned(self, numbers: Sequence[int]) -> list[Outcome]:
        return [self._planned_one(number, self._ask) for number in numbers]

    def _planned_without_asking(self, numbers: Sequence[int]) -> list[Outcome | None]:
        """The outcomes; None if the user has to be asked: a second process has no terminal."""
        found: list[Outcome | None] = []
        for number in numbers:
            try:
                found.append(self._planned_one(number, _cannot_ask if self._ask else None))
            except _CannotAsk:
                found.append(None)
        return found

    def _planned_one(self, number: int, ask: Ask | None) -> Outcome:
        try:
            return self._outcome(number, ask)
        except (BepError, OSError) as error:
            return self._refused(number, error)

    def _written(self, planned: list[Outcome]) -> list[Outcome]:
        """Write what is planned; one that cannot be written keeps none of the others back."""
        if self._request.dry_run:
            return planned
        moving = any(one.before not in ("", one.path) for each in planned for one in each.files)
        # A move changes the process page, which may be one of the other files.
        if len(planned) > 1 and not moving:
            try:
                self._write(*planned)
            except file_transaction.NotPutBack:
                raise
            except (BepError, OSError):
                pass
            else:
                return planned
        return [self._written_alone(one) for one in planned]

    def _written_alone(self, planned: Outcome) -> Outcome:
        try:
            self._write(planned)
        except (BepError, OSError) as error:
            return self._refused(planned.number, error)
        return planned

    def _write(self, *planned: Outcome) -> None:
        # Files that the update leaves alone may have uncommitted changes.
        touched = [file for one in planned for file in one.files if self._differs(file)]
        proposal_update.write(self._repository, touched)

    def _refused(self, number: int, error: BepError | OSError) -> Outcome:
        said = str(error)
        if isinstance(error, OSError):
            said = f"{error.filename}: cannot be read ({reason_of(error)})"
        elif self._request.take:
            raise error
        refused = ProposalOutcome.REFUSED
        return Outcome(number, self._recorded(number), self.revision, refused, problem=said)

    def _recorded(self, number: int) -> str | None:
        try:
            return self._proposal(number).record.revision or None
        except (BepError, OSError):
            return None

    def _outcome(self, number: int, ask: Ask | None) -> Outcome:
        proposal = self._proposal(number)
        record = proposal.record
        if self._is_final(number):
            return Outcome(number, record.revision, record.revision, ProposalOutcome.LEFT_ALONE)
        if not self._trusted.is_named:
            template_revisions.refuse_other(
                record.source,
                self._trusted.address,
                "an update runs the template's code: name it in the settings, or with --template",
                proposal.answers_file,
            )
        old = self._revisions.recorded(record.revision, number, proposal.answers_file)
        is_current = old.commit == self._target.commit and not self._with_drafts
        if is_current or self._is_newer(old):
            if self._request.take:
                raise sections_taken.too_late(number, record.revision)
            revision = self.revision if is_current else record.revision
            return Outcome(number, record.revision, revision, ProposalOutcome.CURRENT)
        plain, carried = self._carried(proposal, old, ask)
        self._refuse_uncommitted(carried.files, plain.files)
        changed = tuple(one for one in carried.files if self._differs(one))
        touched = any(one.outcome is FileOutcome.MERGED or one.lines[0] for one in carried.files)
        outcome = ProposalOutcome.MERGED if touched else ProposalOutcome.UPDATED
        kept_files = tuple(one for one in carried.files if one in changed or one.kept)
        if not kept_files:
            # What a checkout has uncommitted need not be about this proposal.
            outcome = ProposalOutcome.CURRENT
        return Outcome(
            number, record.revision, self.revision, outcome, kept_files, "", _remarks(carried)
        )

    def _carried(
        self, proposal: Proposal, old: template.RecordedRevision, ask: Ask | None
    ) -> tuple[Carried, Carried]:
        """The proposal in the new revision, once with all kept, once with the sections taken."""
        carried_with = partial(carry, proposal, self._revisions.at(old), self._new, self._changes)
        given: dict[str, Any] | None = None
        carried = carried_with(given)
        if carried.unanswered and ask:
            given = self._answers(proposal, carried.unanswered, ask)
            carried = carried_with(given)
        if not self._request.take:
            return carried, carried
        taken = sections_taken.meant(self._request.take, carried.files, proposal.number)
        return carried, carried_with(given, taken)

    def _answers(self, proposal: Proposal, questions: Sequence[str], ask: Ask) -> dict[str, Any]:
        stored = proposal.record.answers
        given: dict[str, Any] = {}
        for name in questions:
            text = self._new.help_text(name, {**stored, **given})
            answer = ask(proposal.number, name, text)
            if answer:
                given[name] = answer
        return given

    # --- The author's version -------------------------------------------------------------------

    def _proposal(self, number: int) -> Proposal:
        path = self._repository.relative(self._repository.answers_file(number))
        content = self._read(path)
        if content is None:
            raise _uncommitted(path, "is not committed")
        folder, record = self._repository.settings.proposals, answers_file.read(content, path)
        documents = self._documents.get(number, [])
        return Proposal(folder, number, content, record, self._read, documents)

    def _read(self, path: str) -> bytes | None:
        """A file as HEAD has it; one that Git ignores as it is."""
        if path not in self._changed:
            return self._now(path)
        return proposal_update.committed(self._repository, path)

    def _now(self, path: str) -> bytes | None:
        return proposal_update.content_of(self._repository, path)

    def _document(self, number: int) -> str | None:
        """The main document that the answers file belongs to, None if that is not clear."""
        documents = self._documents.get(number, [])
        answers: Mapping[str, Any] = {}
        if len(documents) > 1:
            path = self._repository.answers_file(number)
            try:
                content = self._repository.content(path)
                answers = answers_file.read(content, self._repository.relative(path)).answers
            except BepError:
                return None
        return final_proposals.recorded_document(documents, number, answers)

    def _status(self, number: int) -> str:
        document = self._document(number)
        return final_proposals.written_status(self._repository, document) if document else ""

    def _is_final(self, number: int) -> bool:
        if self._request.final or self._request.numbers is not None:
            return False
        document = self._document(number)
        return bool(document and final_proposals.final_status(self._repository, document))

    # --- What an update refuses -----------------------------------------------------------------

    def _is_newer(self, old: template.RecordedRevision) -> bool:
        """Whether the proposal has a newer revision already; refuses to go back if asked to."""
        if old == self._target or not self._revisions.comes_from(old, self._target):
            return False
        if self._request.to:
            raise BepError(
                f"the recorded revision {old.name} is newer than {self.revision}",
                "an update only goes forward",
                code=WRONG_DOCUMENTS,
            )
        return True

    def _refuse_uncommitted(
        self, carried: Sequence[CarriedFile], plain: Sequence[CarriedFile]
    ) -> None:
        """Refuse if a file has other changes than those of the update, with all kept or not."""
        updated = {one.path: one.content for one in plain}
        for one in carried:
            for path in {one.path, one.before} & self._changed:
                was = self._read(path)
                result = one.content if path == one.path else None
                if result != was and not self._is_one_of(path, (was, result, updated.get(path))):
                    raise _uncommitted(path, "has changes that are not committed")

    def _is_one_of(self, path: str, versions: Sequence[bytes | None]) -> bool:
        """Whether a file equals one of these versions, or is the same to Git."""
        now = self._now(path)
        if now in versions or now is None:
            return now in versions
        committed = [
            git_objects.committed_id(self._repository.root, path, one)
            for one in (now, *versions)
            if one is not None
        ]
        return bool(committed[0]) and committed[0] in committed[1:]

    def _differs(self, one: CarriedFile) -> bool:
        return one.path != one.before or one.content != self._read(one.path)


class _CannotAsk(Exception):
    pass


def _cannot_ask(number: int, name: str, text: str) -> str:
    raise _CannotAsk


def _uncommitted(path: str, what: str) -> BepError:
    return BepError(what, "commit or stash it first", path, code=WRONG_DOCUMENTS)


def _remarks(carried: Carried) -> tuple[str, ...]:
    return (
        *(f"the new question {name!r} has no answer" for name in carried.unanswered),
        *(f"the answer {name!r} answers no question and is left out" for name in carried.dropped),
    )


def known_numbers(repository: Repository) -> list[int]:
    """All numbers that a call can name: those with an answers file or a main document."""
    documented = {number for number, _ in repository.main_documents()}
    return sorted(documented | set(answers_file.numbers(repository)))
