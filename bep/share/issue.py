"""`issue`: a proposal gets an issue in a tracker, or is linked with one that exists."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import edits
from ..proposal import related_issues, stored_answers, sub_documents
from ..questionnaire import answers as answer_forms
from ..system import (
    chosen_proposals,
    effects,
    file_transaction,
    git_remotes,
    main_settings,
    template_address,
)
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from ..update import answers_file, answers_from_documents
from . import forge
from .github_issues import GitHubIssues
from .jira import Jira
from .tracker import SUMMARY_LENGTH, Draft, Tracker


class Filed(NamedTuple):
    """A proposal with its issue, '' in a plan that would make one.

    `draft` is what the new issue says, None if none is made; `changes` are those of files.
    """

    number: int
    key: str
    page: str = ""
    draft: Draft | None = None
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()


def tracker_of(repository: Repository, *, github: bool = False) -> Tracker:
    """The tracker of a repository: its project in JIRA, or its issues on GitHub.

    Nothing is asked yet. Raises BepError if settings or remote do not say where that is, and
    where the main branch has another JIRA.
    """
    if github:
        return GitHubIssues(repository)
    jira = Jira(repository.settings)
    main = main_settings.read(repository)
    # A branch of somebody else could name a server of its own, and collect tokens there.
    if main and main.settings.jira.url != jira.url:
        there = main.settings.jira.url or "none"
        raise BepError(
            f"the setting jira.url is {jira.url} here, and {there} on {main.branch}",
            f"nothing was sent: change the setting on {main.branch} first",
        )
    return jira


def issue(
    repository: Repository, named: str, tracker: Tracker, *, key: str = "", dry_run: bool = False
) -> Filed:
    """Give the proposal that `named` means an issue, or link the existing one `key`.

    A proposal that has one in this project keeps it, unless `key` adds another. The key is written
    into the main document and the answers file. Called again after an interruption, it finds the
    issue that was made, and does the rest. Raises BepError if the tracker or a document refuses;
    then no file has changed.
    """
    # Two calls at once would make two issues.
    with file_transaction.alone(repository.tree):
        main = chosen_proposals.single(repository, named)
        name = names.proposal_name(main.number)
        known = _known(repository, main, tracker)
        if known and not key:
            more = f" (and {', '.join(known[1:])})" if known[1:] else ""
            remark = f"{name} already has {known[0]}{more}; nothing was made"
            return Filed(main.number, known[0], tracker.page(known[0]), remarks=(remark,))
        draft = plan(repository, main, tracker)
        # What cannot be written must be known before there is an issue.
        planned = _changes(repository, main, tracker, tracker.unknown)
        if not planned:
            raise BepError(
                f"there is no place for an issue in {tracker.name}: no answers file, no section",
                f"`bep adopt {main.number}` makes an answers file",
                main.place,
                code=WRONG_DOCUMENTS,
            )
        if dry_run and not key:
            return Filed(main.number, "", draft=draft, changes=planned)
        if key:
            found, made = tracker.existing(key.strip()), None
        else:
            found, made = _found_or_made(main.number, tracker, draft)
        changes = _changes(repository, main, tracker, found)
        remarks = [] if changes else [f"{name} already has {found}"]
        if not dry_run:
            remarks += _link(tracker, found, main, draft)
            file_transaction.write(repository.tree, changes)
    return Filed(main.number, found, tracker.page(found), made, changes, tuple(remarks))


def plan(repository: Repository, main: Main, tracker: Tracker) -> Draft:
    """What a new issue would say of a proposal."""
    document = main.document
    title = answers_from_documents.title(document.title_text, main.number, None)
    summary = title or names.proposal_name(main.number)
    if len(summary) > SUMMARY_LENGTH:
        summary = f"{summary[: SUMMARY_LENGTH - 1]}…"
    address = git_remotes.remote_address(repository.root, repository.settings.remote)
    branch = repository.main_branch()
    place = forge.at(address)
    page = forge.file_page(place, branch, main.place) if place and branch else ""
    # The same in every call for this proposal, and in no other repository of the project.
    where = template_address.canonical(address) if address else str(repository.root)
    seed = f"{where}\n{main.number}\n{tracker.name}"
    mark = f"bep{main.number}x{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
    return Draft(summary, sub_documents.scope(document), main.place, page, mark)


def _found_or_made(number: int, tracker: Tracker, draft: Draft) -> tuple[str, Draft | None]:
    """The issue that an interrupted call made, or a new one with what it says."""
    if found := tracker.find(draft.mark):
        effects.record_number(number, f"has the issue {found}")
        return found, None
    effects.record_number(number, f"may have a new issue in {tracker.place}")
    made = tracker.make(draft)
    effects.record_number(number, f"has the new issue {made}")
    return made, draft


def _link(tracker: Tracker, key: str, main: Main, draft: Draft) -> list[str]:
    if not draft.page:
        return []
    title = f"{names.proposal_name(main.number)}: {draft.summary}"
    try:
        refused = tracker.link(key, draft.page, title)
    except BepError as error:
        # It keeps nobody from the key of an issue that is there.
        refused = f"{error.message}; `bep issue {main.number} --key {key}` makes it"
    return [f"{key} has no link to the document: {refused}"] if refused else []


def _known(repository: Repository, main: Main, tracker: Tracker) -> list[str]:
    """The project's issues that the answers file and the document name."""
    stored = tracker.recorded(_stored(repository, main, tracker))
    return list(dict.fromkeys([*stored, *tracker.in_text(related_issues.text(main.document))]))


def _stored(repository: Repository, main: Main, tracker: Tracker) -> list[str]:
    path = repository.answers_file(main.number)
    if not repository.tree.has(path):
        return []
    record = answers_file.read(repository.content(path), repository.relative(path))
    return answer_forms.text_list(record.answers.get(tracker.answer))


def _changes(repository: Repository, main: Main, tracker: Tracker, key: str) -> tuple[Change, ...]:
    """The document and the answers file with the issue, as far as they lack it."""
    document = _document_with(main, tracker, key)
    answers = _answers_with(repository, main, tracker, key)
    return tuple(change for change in (document, answers) if change)


def _document_with(main: Main, tracker: Tracker, key: str) -> Change | None:
    document = main.document
    there = related_issues.text(document)
    if key in tracker.in_text(there):
        return None
    # Where the issues are links, this one is, too.
    base = tracker.page("")
    reference = f"[{key}]({tracker.page(key)})" if f"]({base}" in there else key
    text = edits.applied(document.source, related_issues.add(document, tracker.name, reference))
    if text == document.source:
        return None
    if key not in related_issues.text(document.with_source(text)):
        section = document.find(related_issues.SECTION)
        line = section.heading.line if section and section.heading else None
        raise _unwritable("the issue would not be read there", main.place, line)
    return Change(main.path, encode(text))


def _answers_with(repository: Repository, main: Main, tracker: Tracker, key: str) -> Change | None:
    path = repository.answers_file(main.number)
    if not repository.tree.has(path):
        return None
    stored = _stored(repository, main, tracker)
    if key in tracker.recorded(stored):
        return None
    text = repository.read(path)
    wanted = [*stored, key]
    new = edits.applied(text, stored_answers.replaced(text, {tracker.answer: wanted}))
    if answer_forms.text_list(stored_answers.read(new).get(tracker.answer)) != wanted:
        line = answers_file.line_of(encode(text), tracker.answer)
        raise _unwritable(f"{tracker.answer} cannot be edited", repository.relative(path), line)
    return Change(path, encode(new))


def _unwritable(problem: str, path: str, line: int | None) -> BepError:
    return BepError(problem, "correct the place; nothing was made", path, line, WRONG_DOCUMENTS)
