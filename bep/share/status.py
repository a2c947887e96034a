"""`status`: where a proposal stands, what blocks its next status, and the next command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..check.forecast import Forecast
from ..check.rules.rule import Severity
from ..errors import BepError
from ..guide import Status
from ..maintain import mark
from ..markdown import edits, plain_text
from ..proposal import decision_log, lifecycle, metadata, open_questions
from ..proposal.document import Document
from ..system import (
    branch_proposals,
    chosen_proposals,
    git_files,
    git_objects,
    git_refs,
    git_remotes,
    history,
)
from ..system.chosen_proposals import Main
from ..system.history import Place
from ..system.repository import Repository
from . import branch_pulls, forge as forges, pull_request, target as targets
from .branch_pulls import Pull


class SectionState(NamedTuple):
    """A section with the lines that a reader sees, and whether it says anything."""

    section: str
    lines: int
    written: bool


class OpenQuestion(NamedTuple):
    """An open question, and for how many days it has been there."""

    line: int
    text: str
    days: int


class Standing(NamedTuple):
    """Where a proposal stands.

    `where` is `main`, the name of a branch, or `reserved`; None on a detached HEAD, and for a row
    that reserves nothing. `blocked` says what blocks the status `following`, None if
    no status follows. `next` are commands. `remark` says why the pull request is not known,
    `is_of_registry` that only the registry has the status.
    """

    number: int
    title: str | None
    status: str | None
    where: str | None
    path: str | None = None
    sections: tuple[SectionState, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    following: str | None = None
    blocked: tuple[str, ...] = ()
    pull_request: Pull | None = None
    next: tuple[str, ...] = ()
    remark: str = ""
    is_of_registry: bool = False

    def data(self) -> dict[str, Any]:
        """The standing as `status --json` prints it."""
        pull = self.pull_request
        return {
            "number": self.number,
            "title": self.title,
            "status": self.status,
            "where": self.where,
            "sections": [one._asdict() for one in self.sections],
            "questions": [one._asdict() for one in self.questions],
            "blocked": list(self.blocked),
            "pull_request": pull and {"number": pull.number, "state": pull.state, "url": pull.url},
            "next": list(self.next),
        }


def find(repository: Repository, named: str) -> Standing:
    """Find out how far the proposal is that `named` means, or that of the branch.

    A number that is only reserved counts. GitHub is asked for the pull request. Raises BepError
    if it is not clear which proposal is meant.
    """
    reserved = _reserved(repository, named)
    if reserved:
        return reserved
    main = _main(repository, named)
    document = main.document
    following = _following(document)
    has_news = _has_news(repository, main)
    found = _pull_request(repository, main, has_news=has_news)
    pull, remark = (None, str(found)) if isinstance(found, BepError) else (found, "")
    standing = Standing(
        number=main.number,
        title=document.shown_title or None,
        status=document.written_status or None,
        is_of_registry=bool(document.registry_status),
        where=branch_proposals.find(repository).where(main.place),
        path=main.place,
        sections=tuple(_sections(document)),
        questions=tuple(_questions(repository, main)),
        following=following.name if following else None,
        blocked=tuple(blocking(repository, main, following)) if following else (),
        pull_request=pull,
        remark=remark,
    )
    return standing._replace(
        next=tuple(_next(repository, main, standing, following, has_news=has_news))
    )


def _reserved(repository: Repository, named: str) -> Standing | None:
    """The standing of a number that has a row and no document yet, None for another one."""
    text = named or str(repository.branch_number() or "")
    if not text or "," in text or chosen_proposals.is_range(text):
        return None
    number = chosen_proposals.one_number(text)
    row = repository.read_registry().row(number)
    if row is None or repository.documents_of(number):
        return None
    known = Standing(number, row.title or None, row.status or None, None)
    if not row.author:
        # Such a row keeps its number from everybody.
        return known
    return known._replace(where="reserved", next=(f"bep new --number {number}",))


def _has_news(repository: Repository, main: Main) -> bool:
    """Whether the document is not, as it is here, on the main branch."""
    root, settings = repository.root, repository.settings
    known = git_refs.branches(root)
    on_main = known.main(settings.main, settings.remote)
    if known.current and known.current.name == on_main:
        return False
    tip = next(iter(known.refs_of(on_main, settings.remote).values()), "")
    return not tip or git_objects.content_at(root, tip, main.place) != repository.content(main.path)


def _sections(document: Document) -> Iterator[SectionState]:
    for section in document.top_sections:
        lines = document.filled_lines(section)
        # A table that has no row yet is not written.
        is_log = section.family == decision_log.SECTION
        written = bool(decision_log.spans(document)) if is_log else lines > 0
        yield SectionState(plain_text.visible(section.heading.text), lines, written)


def _questions(repository: Repository, main: Main) -> list[OpenQuestion]:
    if not open_questions.find(main.document):
        return []
    place, now = Place("", main.place), dt.datetime.now(dt.UTC)
    known = history.of_places(repository, [place], now)[place]
    (asked,) = history.asked(repository, [(main.document, known)])
    return [OpenQuestion(one.question.line, one.question.text, one.days(now)) for one in asked]


# --- What is in the way -------------------------------------------------------------------------


def _following(document: Document) -> Status | None:
    """The status that a proposal is on its way to: the first that the guide has after its own.

    A final status leads nowhere.
    """
    status = document.status
    if status is None or status.final:
        return None
    return next(iter(document.guide.following(status)), None)


def blocking(repository: Repository, main: Main, status: Status) -> list[str]:
    """What is unwritten, unresolved or broken in a proposal that is to get a status.

    That is what `check` would report of it then, without the warnings that it already gives, and
    without what the call of `mark` supplies.
    """
    document = main.document
    try:
        text = _marked(document, status)
    except BepError as error:
        return [str(error)]
    page = repository.read_registry()
    row = edits.applied(page.source, mark.row(repository, page, main, status.name))
    forecast = Forecast(repository)
    errors = [one for one in forecast.now(main.number) if one.severity is Severity.ERROR]
    added = forecast.added(main.number, {main.place: text, page.path: row})
    found = sorted({*errors, *added}, key=lambda one: (one.path, one.line, one.message))
    asked = len(open_questions.find(document)) if status.settled else 0
    left = "1 open question is left" if asked == 1 else f"{asked} open questions are left"
    told = dict.fromkeys(f"{one.path}:{one.line}: {one.message}" for one in found)
    return [*told, *([f"{main.place}: {left}"] if asked else [])]


def _marked(document: Document, status: Status) -> str:
    """The document with a status, and some value for each key that the call gives one.

    Raises BepError if the metadata cannot be edited.
    """
    keys = lifecycle.keys_of_options(document.guide, status)
    lacking = {key.id: key.example for key in keys if not document.metadata.value(key.id)}
    values = {"status": status.name, **lacking}
    splices = [
        metadata.set_value(document.source, document.metadata, key, value, document.path)
        for key, value in values.items()
    ]
    return edits.applied(document.source, splices)


def _next(
    repository: Repository,
    main: Main,
    standing: Standing,
    following: Status | None,
    *,
    has_news: bool,
) -> Iterator[str]:
    """The commands that bring the proposal on, the nearest first."""
    number, settings = main.number, repository.settings
    has_issue = bool(pull_request.jira_keys(main.document))
    if settings.jira.url and not has_issue and not _is_final(main.document):
        yield f"bep issue {number}"
    if standing.questions and not _is_final(main.document):
        yield f"bep decide {number} --question 1 --decision D --rationale R"
    if has_news and _is_ahead(repository, standing):
        yield f"bep submit {number}"
    elif standing.blocked:
        yield f"bep check {number}"
    elif following:
        yield _call_of_mark(main, following)


def next_command(repository: Repository, named: str) -> str:
    """The next command for a proposal, found without `check` and GitHub; '' for none."""
    main = _main(repository, named)
    number = main.number
    if open_questions.find(main.document) and not _is_final(main.document):
        return f"bep decide {number} --question 1 --decision D --rationale R"
    if _has_news(repository, main):
        return f"bep submit {number}"
    following = _following(main.document)
    return _call_of_mark(main, following) if following else ""


def _call_of_mark(main: Main, status: Status) -> str:
    document = main.document
    known = [key for key in document.guide.metadata if document.metadata.value(key)]
    return lifecycle.call(document.guide, status, main.number, known)


def _main(repository: Repository, named: str) -> Main:
    main = chosen_proposals.single(repository, named)
    return main._replace(document=chosen_proposals.with_registry_status(repository, main.document))


def _is_final(document: Document) -> bool:
    status = document.guide.status_of(document.written_status)
    return status is not None and status.final


def _is_ahead(repository: Repository, standing: Standing) -> bool:
    """Whether something of the branch is not in an open pull request."""
    root = repository.root
    if standing.pull_request is None or git_files.status(root, repository.settings.proposals):
        return True
    upstream = git_objects.commit_of(root, "@{upstream}")
    return not upstream or upstream != git_objects.commit_of(root, "HEAD")


def _pull_request(repository: Repository, main: Main, *, has_news: bool) -> Pull | BepError | None:
    """The newest pull request of the proposal's branch, None without one, or why it is not known.

    That is the current branch, if it has something of the proposal.
    """
    root, remote = repository.root, repository.settings.remote
    forge = forges.at(git_remotes.remote_address(root, remote))
    branch = git_refs.branches(root).current
    is_its = has_news or repository.settings.number_in(branch.name if branch else "") == main.number
    if forge is None or branch is None or not is_its or not targets.has_gh(forge):
        return None
    try:
        found = branch_pulls.find(forge, targets.head_of(repository, branch.name))
    except BepError as error:
        return error
    return found[0] if found else None
