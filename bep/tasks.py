"""The tasks that users get, by `bep TASK` and by `invoke TASK`.

They only translate: arguments to operations, results to text. Operations are imported inside the
tasks, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit

from .commands import command
from .errors import WRONG_DOCUMENTS, BepError

if TYPE_CHECKING:
    from .operations.branches import Branch
    from .operations.updating import Outcome
    from .outside.files import Change
    from .outside.rendering import Rendering
    from .outside.repository import Repository

_T = TypeVar("_T")

_DRY_RUN = "Show the plan as a unified diff and change nothing."
_TEMPLATE = "Address or path of the template, in place of the one in the settings."


@command(
    help={
        "invoke": "Also write a tasks.py that gives `invoke` these tasks.",
        "template": _TEMPLATE,
        "dry_run": _DRY_RUN,
    }
)
def init(context: Context, invoke: bool = False, template: str = "", dry_run: bool = False) -> None:
    """Make this repository ready for proposals.

    Writes the process page with the registry, the blank document, their answers file and
    invoke.yaml, and touches nothing that exists. Says for each file whether it was made, is equal
    to the template's or differs, and names lines in existing pages that contradict the tool.
    """
    from .operations import initialising

    repository = _open(writing=not dry_run)
    settings = repository.settings
    rendering = _render(
        repository,
        template,
        {"layout": "registry", "invoke_tasks": invoke, "proposals": settings.proposals},
    )
    result = initialising.initialise(repository, rendering.files, dry_run=dry_run)
    if dry_run:
        _print_diff(repository, result.changes)
    words = {
        "made": "to be made" if dry_run else "made",
        "equal": "equal to the template's",
        "differs": "differs; left as it is",
        "kept": "exists; left as it is",
    }
    for outcome in result.outcomes:
        _tell(f"{outcome.path}: {words[outcome.state]}", dry_run)
    for found in result.contradictions:
        _tell(
            f"{found.path}:{found.line}: {found.text!r} contradicts the tool: {found.reason}",
            dry_run,
        )
    _tell('Next: commit these files, then `bep new "Your title"`.', dry_run)


@command(
    positions=["title"],
    positional=["title"],
    required=["title"],
    help={
        "title": "What is proposed, in one line.",
        "number": "Take up this number: a row or a reservation without a document.",
        "author": "Full name of the author; else Git's user, as spelled in their newest proposal.",
        "no_branch": "Stay on the current branch.",
        "offline": "Reserve in this repository alone; the next `reserve` or `sync` publishes it.",
        "dry_run": _DRY_RUN,
    },
)
def reserve(
    context: Context,
    title: str,
    number: str = "",
    author: str = "",
    no_branch: bool = False,
    offline: bool = False,
    dry_run: bool = False,
) -> None:
    """Reserve the next number for a title, and print it.

    Takes the number, adds its row to the registry and, on the main branch or a detached HEAD,
    switches to a new branch of the proposal, uncommitted changes included. Asked again for the
    same title, it gives the number that is reserved already. Prints the number only; what was
    done is told on stderr.
    """
    from .operations import reserving

    repository = _open(writing=not dry_run)
    result = reserving.reserve(
        repository,
        title,
        author=author.strip(),
        number=_number(number) if number else None,
        with_branch=not no_branch,
        offline=offline,
        dry_run=dry_run,
    )
    for remark in result.remarks:
        _tell(f"bep: {remark}", True)
    page = repository.relative(repository.registry_page)
    if dry_run:
        _print_diff(repository, [result.change] if result.change else [])
        _tell(f"{result.number} would be reserved", True)
        return
    row = f"its row is new in {page}" if result.change else f"its row stands in {page}"
    if before := result.before:
        author = f" by {before.author}" if before.author else ""
        _tell(f"{result.number} was reserved already for {before.title!r}{author}; {row}.", True)
    else:
        _tell(f"{result.number} is reserved for {title.strip()!r}; {row}.", True)
    _tell_branch(result.branch, True)
    here = result.branch is not None and str(result.number) in result.branch.name
    call = "bep new" if here else f"bep new {shlex.quote(title.strip())}"
    _tell(f"Next: `{call}` writes the document.", True)
    print(result.number)


@command(
    positions=["number"],
    required=["number"],
    help={
        "number": "The number: 1046, BEP-1046.",
        "force": "Give back what somebody else reserved.",
        "dry_run": _DRY_RUN,
    },
)
def unreserve(
    context: Context, number: str = "", force: bool = False, dry_run: bool = False
) -> None:
    """Give a reserved number back while it has no document.

    Takes back the claim, here and on the remote, and the registry row. Refuses a number that
    somebody else reserved, without --force.
    """
    from .operations import reserving

    repository = _open(writing=not dry_run)
    wanted = _number(number)
    result = reserving.unreserve(repository, wanted, force=force, dry_run=dry_run)
    changes = [result.change] if result.change else []
    if dry_run:
        _print_diff(repository, changes)
        _tell(f"{wanted} would be given back", True)
        return
    row = "; its row is out of the registry" if changes else ""
    there = " here and on the remote" if result.from_remote else ""
    _tell(f"{wanted} is free again{there}{row}. Next: commit the registry page.", False)


@command(
    positions=["title"],
    positional=["title"],
    short={"data": "d"},
    iterable=["data"],
    help={
        "title": "What is proposed, in one line; left out ('' with invoke), the title reserved on"
        " this branch.",
        "number": "Take up this number: a row or a reservation without a document.",
        "layout": "single or segmented; else what the guide's criteria say.",
        "jira": "JIRA issues, separated by commas, such as BA-4313; a bare number gets the prefix.",
        "data": "An answer as NAME=VALUE; may be repeated. --print-answers lists the names.",
        "data_file": "A YAML file with answers; -d counts before it.",
        "defaults": "Ask nothing; questions without an answer take their defaults.",
        "template": _TEMPLATE,
        "print_answers": "Print the questionnaire as YAML with this repository's defaults: a data"
        " file to edit.",
        "json": "Ask nothing; print what was made as JSON and nothing else on stdout.",
        "dry_run": _DRY_RUN,
    },
)
def new(
    context: Context,
    title: str,
    number: str = "",
    layout: str = "",
    jira: str = "",
    data: Sequence[str] | None = None,
    data_file: str = "",
    defaults: bool = False,
    template: str = "",
    print_answers: bool = False,
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Start a proposal: number, questionnaire, documents, registry row.

    On a terminal it asks for what matters and shows the rest to accept or edit; with --defaults,
    --data-file or without a terminal it never waits for input. On a branch made by `reserve` it
    takes up that number and title. Everything appears together or not at all.
    """
    from .operations import claims, conversation, creation, gate, listing, reserving
    from .outside import rendering

    repository = _open(writing=not (dry_run or print_answers))
    given = conversation.given_answers(
        {"title": title.strip(), "number": number, "layout": layout, "jira": jira},
        data or [],
        Path(data_file) if data_file else None,
    )
    gate.refuse_without_registry(repository)
    number_given = "number" in given

    def render(
        answers: Mapping[str, Any],
        ask: tuple[str, ...] = (),
        suggestions: Mapping[str, Any] | None = None,
    ) -> Rendering:
        return _render(repository, template, answers, ask, suggestions)

    if print_answers:
        print(conversation.print_answers(render, given), end="")
        return
    remote = claims.look(repository)
    if remote and not dry_run:
        for remark in reserving.settle_pending(repository, remote):
            _tell(f"bep: {remark}", True)
    given |= creation.waiting_number(repository, given)
    suggested = creation.suggested_number(repository, given, remote)
    if defaults or data_file or json or not rendering.can_ask():
        rendered = render(given, (), suggested)
    else:
        rendered = conversation.converse(render, given, suggested, _tell_rest)
    conversation.refuse_unknown(given, rendered)
    created = creation.create(
        repository,
        (rendered.files, rendered.answers),
        lambda answers: render(answers).files,
        number_given=number_given,
        remote=remote,
        dry_run=dry_run,
    )
    if dry_run:
        _print_diff(repository, created.changes)
        return
    if json:
        _print_json(listing.entry_of(repository, created.number).data())
        return
    _tell(f"BEP-{created.number:04d} {created.answers['title'].strip()!r}:", False)
    for change in created.changes:
        _tell(f"  {repository.relative(change.path)}", False)
    _tell_branch(created.branch, False)
    _tell(
        "Next: write the sections in their order (a comment in each says what belongs there),"
        " commit, and open a pull request.",
        False,
    )


@command(
    positions=["number"],
    help={
        "number": "Numbers, lists and ranges, such as 1046,1050-1059, or a path of a proposal.",
        "status": "Only proposals with this status.",
        "attention": "Only what someone should look at, and why.",
        "json": "Print JSON: a list of objects with number, title, author, status, layout, main,"
        " documents and template_revision; with --attention also attention, a list of reasons.",
    },
)
def list_(
    context: Context,
    number: str = "",
    status: str = "",
    attention: bool = False,
    json: bool = False,
) -> None:
    """List the registry with what the documents say.

    Shows number, status, layout, author and title; numbers without a document are shown as
    reserved, with the age of their claim. With --attention: accepted without target version,
    reserved without document, another status in the registry, an older template revision, questions
    open for over 30 days, and the like. Works offline: of the remote's claims it shows what `sync`
    saw last, and says when that was.
    """
    from .operations import attention as attentions, claims, listing, selection

    repository = _open(writing=False)
    found = every = listing.entries(repository)
    if number:
        found = selection.selected(found, number, lambda entry: entry.number)
    if status:
        selection.refuse_unknown_status(status)
        found = [one for one in found if (one.status or "").casefold() == status.casefold()]
    looked_at = attentions.reasons(repository, found, every) if attention else []
    if json:
        plain = [entry.data() for entry in found]
        reasons = [{**entry.data(), "attention": why} for entry, why in looked_at]
        _print_json(reasons if attention else plain)
        return
    table = listing.table(found, listing.ages(repository))
    for line in attentions.table(looked_at) if attention else table:
        print(line)
    _, when = claims.seen(repository)
    if when:
        name = repository.settings.remote
        _tell(f"Claims of {name} as of {when:%Y-%m-%d %H:%M}; `bep sync` asks again.", True)


@command(
    positions=["number"],
    required=["number"],
    help={
        "number": "The proposal: 1046, BEP-1046, or the path of its main document.",
        "to": "The new number; else the next one.",
        "dry_run": _DRY_RUN,
    },
)
def renumber(context: Context, number: str = "", to: str = "", dry_run: bool = False) -> None:
    """Move a proposal to another number.

    Moves documents, directory and answers file, and rewrites the registry row, context blocks,
    headings that carry the number and links from other proposals. The claim moves too. Text
    elsewhere that mentions the old number is listed with path and line, not changed.
    """
    from .operations import renumbering

    repository = _open(writing=not dry_run)
    wanted = _number(to) if to else None
    plan, given_back = renumbering.renumber(repository, number, wanted, dry_run=dry_run)
    if dry_run:
        _print_diff(repository, plan.changes)
    for old, new in plan.moves:
        _tell(f"{old} -> {new}", dry_run)
    for mention in plan.mentions:
        _tell(f"{mention.path}:{mention.line}: mentions it still: {mention.text}", dry_run)
    verb = "would become" if dry_run else "is now"
    _tell(f"BEP-{plan.number:04d} {verb} BEP-{plan.to:04d}.", dry_run)
    if given_back:
        _tell(f"The number {plan.number} is free again.", dry_run)


@command(
    positions=["number", "status"],
    help={
        "number": "The proposals: 1046, or 1046,1050-1053; left out, the branch's.",
        "status": "accepted, implemented, rejected, superseded, or draft, which reopens.",
        "version": "The version that has it, for implemented.",
        "target_version": "The version that it is planned for, for accepted.",
        "by": "The proposal that replaces it, for superseded.",
        "reason": "Why, for rejected; or why open questions do not stand against acceptance.",
        "despite_open_questions": "Accept although questions are open; the Decision Log says so.",
        "json": "Print what changed as JSON and nothing else on stdout.",
        "dry_run": _DRY_RUN,
    },
)
def mark(
    context: Context,
    number: str = "",
    status: str = "",
    version: str = "",
    target_version: str = "",
    by: str = "",
    reason: str = "",
    despite_open_questions: bool = False,
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Bring proposals to another status.

    Draft becomes accepted, accepted implemented; both may be rejected, and a rejected proposal may
    be reopened as a draft. Changes the metadata, the registry's row and, where a reason is due, the
    Decision Log; all proposals of a call, or none. From Draft, implemented takes both steps.
    """
    from .operations import marking, selection

    if not status and selection.is_status(number):
        number, status = "", number
    repository = _open(writing=not dry_run)
    wish = marking.wish(
        repository,
        status,
        version=version,
        target_version=target_version,
        by=by,
        reason=reason,
        despite_open_questions=despite_open_questions,
    )
    result = marking.mark(repository, number, wish, dry_run=dry_run)
    for refusal in result.refusals:
        _tell(f"bep: {refusal}", True)
    if result.refusals:
        raise Exit(code=WRONG_DOCUMENTS)
    if json:
        _print_json([step.data() for step in result.steps])
        return
    if dry_run:
        _print_diff(repository, result.changes)
    verb = "would become" if dry_run else "is now"
    for step in result.steps:
        told = "; ".join(("", *step.marked.remarks))
        before, after = step.marked.before, step.marked.after
        _tell(f"BEP-{step.number:04d} {verb} {after}, it was {before}{told}.", dry_run)


@command(
    positions=["number"],
    help={
        "number": "The proposal: 1046, BEP-1046 or a path; left out, the branch's.",
        "question": "What is not settled, in one line of Markdown.",
        "dry_run": _DRY_RUN,
    },
)
def ask(context: Context, number: str = "", question: str = "", dry_run: bool = False) -> None:
    """Add an open question to a proposal's main document.

    It follows the questions that stand there, in their form: a bullet, a number, a heading.
    """
    from .operations import asking

    repository = _open(writing=not dry_run)
    result = asking.ask(repository, number, question, dry_run=dry_run)
    if dry_run:
        _print_diff(repository, [result.change])
    place = repository.relative(result.change.path)
    verb = "would be" if dry_run else "is"
    _tell(f"{place}: this {verb} open question {result.position}.", dry_run)


@command(
    positions=["number"],
    help={
        "number": "The proposal: 1046, BEP-1046 or a path; left out, the branch's.",
        "question": "The question: its position among the open ones, or a part of its text.",
        "decision": "What was decided, in one line of Markdown.",
        "rationale": "Why, in one line of Markdown.",
        "date": "The day of the decision, YYYY-MM-DD; left out, today.",
        "key": "Also add the decision to key-decisions in the context block.",
        "drop_detail": "Let go what stands below the question: bullets, paragraphs, code.",
        "dry_run": _DRY_RUN,
    },
)
def decide(
    context: Context,
    number: str = "",
    question: str = "",
    decision: str = "",
    rationale: str = "",
    date: str = "",
    key: bool = False,
    drop_detail: bool = False,
    dry_run: bool = False,
) -> None:
    """Move an open question into the Decision Log.

    The question leaves Open Questions, and the log's table gets a row with date, decision and
    rationale. Detail below a question, which no row can hold, keeps it from moving without
    --drop-detail.
    """
    from .operations import asking

    repository = _open(writing=not dry_run)
    result = asking.decide(
        repository,
        number,
        question,
        decision,
        rationale,
        day=date.strip(),
        key=key,
        drop_detail=drop_detail,
        dry_run=dry_run,
    )
    if dry_run:
        _print_diff(repository, [result.change])
    place = repository.relative(result.change.path)
    told = "; ".join((f"{place}: {'would be' if dry_run else 'is'} decided", *result.remarks))
    _tell(f"{told}. No longer in Open Questions:", dry_run)
    _tell(result.lines, dry_run)


@command(
    positions=["number"],
    help={
        "number": "The proposals whose derived text is meant: 1046,1050-1059; left out, all.",
        "dry_run": _DRY_RUN,
    },
)
def sync(context: Context, number: str = "", dry_run: bool = False) -> None:
    """Settle the registry, rewrite derived text, and publish claims that were made offline.

    Joins the rows of both sides of a merge conflict in the registry table and sorts them. Writes
    status, author and link of the rows, Document Index, detail-docs and phases from their sources;
    only lines that differ change. Publishes claims made offline and learns the remote's. What only
    a person can decide is told; then the exit code is 1.
    """
    from .operations import syncing

    repository = _open(writing=not dry_run)
    result = syncing.sync(repository, number, dry_run=dry_run)
    if dry_run:
        _print_diff(repository, result.changes)
    for remark in result.remarks:
        _tell(remark, dry_run)
    for problem in result.problems:
        _tell(f"bep: {problem}", True)
    if result.problems:
        raise Exit(code=WRONG_DOCUMENTS)
    if not result.remarks:
        _tell("Nothing to settle.", dry_run)
    elif result.changes and not dry_run:
        _tell("Next: look at the change, `git add` it and commit.", False)


@command(
    positions=["number"],
    help={
        "number": "Numbers, lists and ranges, such as 1046,1050-1059, or a path of a proposal; left"
        " out, all. 0 is process page and blank document.",
        "to": "The template revision: a tag or commit; else the newest.",
        "template": "Address or path of a template to try in place of the configured one; it is"
        " never recorded.",
        "status": "Only proposals with this status.",
        "final": "Also those that are Implemented, Rejected or Superseded.",
        "report": "Write a Markdown table for a pull request to this file.",
        "json": "Print JSON: a list of objects with number, from, to, outcome and files.",
        "dry_run": "Show the plan file by file and the diff; change nothing.",
    },
)
def update(
    context: Context,
    number: str = "",
    to: str = "",
    template: str = "",
    status: str = "",
    final: bool = False,
    report: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Bring proposals to the newest template revision; what their authors wrote stays.

    Renders the recorded and the new revision, and merges what the template changed into the
    documents, section by section. The change stands in the working tree, to be reviewed and
    committed. Proposals in a final status are left alone unless asked for by number or --final.
    One that cannot be updated is told in a line; the others go on, and the exit code is 1.
    """
    from tempfile import TemporaryDirectory

    from .operations import selection, update_report, updating

    repository = _open(writing=not dry_run)
    if status:
        selection.refuse_unknown_status(status)
    numbers = selection.numbers(number, updating.known_numbers(repository)) if number else None
    request = updating.Request(numbers, status, final, template, to, dry_run)
    asks = not (json or dry_run) and sys.stdin.isatty() and sys.stdout.isatty()
    with TemporaryDirectory(prefix="bep-") as place:
        updater = updating.Updater(
            repository, request, Path(place), _ask_on_terminal if asks else None
        )
        for remark in updater.remarks:
            _tell(f"bep: {remark}", True)
        wanted = updater.numbers()
        outcomes = [updater.update(one) for one in _with_progress(wanted)]
    if report:
        _write_report(report, update_report.report(outcomes))
    if json:
        _print_json([update_report.data(repository, one, with_diff=dry_run) for one in outcomes])
    else:
        _tell_update(repository, outcomes, updater.revision, dry_run)
    for one in outcomes:
        if one.problem:
            _tell(f"bep: {one.problem}", True)
    if any(one.problem for one in outcomes):
        raise Exit(code=WRONG_DOCUMENTS)


@command(
    positions=["number"],
    help={
        "number": "Numbers, lists and ranges, such as 1046,1050-1059, or a path of a proposal; 0 is"
        " process page and blank document.",
        "all": "All documents; those in a final status are not completed then.",
        "complete": "Also add the parts of the template that a document lacks: metadata keys,"
        " context block, sections.",
        "status": "Only proposals with this status.",
        "report": "Write a Markdown table for a pull request to this file.",
        "json": "Print JSON: a list of objects with number, path, outcome, unread and remark.",
        "dry_run": _DRY_RUN,
    },
)
def adopt(
    context: Context,
    number: str = "",
    all: bool = False,  # noqa: A002 (the option's name)
    complete: bool = False,
    status: str = "",
    report: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Give documents that were written by hand an answers file, so that updates reach them.

    Reads number, title, authors, status, dates, versions, components and phases from what stands
    there; what cannot be read is stored as not known, and told. The documents stay as they are.
    With --complete, then or later, the parts of the template that a document lacks are added at
    their places; sections that stand there under another name are not doubled.
    """
    from tempfile import TemporaryDirectory

    from .operations import adopting, selection, updating

    if bool(number) == all:
        raise BepError("name proposals, or --all", "see `bep adopt --help`")
    repository = _open(writing=not dry_run)
    if status:
        selection.refuse_unknown_status(status)
    known = [0, *updating.known_numbers(repository)]
    numbers = selection.numbers(number, known) if number else None
    request = adopting.Request(numbers, complete, status, dry_run)
    with TemporaryDirectory(prefix="bep-") as place:
        adopter = adopting.Adopter(repository, request, Path(place))
        found = [adopter.adopt(*one) for one in _with_progress(adopter.documents())]
    if dry_run and not json:
        _print_diff(repository, (change for one in found for change in one.changes))
    if report:
        _write_report(report, adopting.report(found))
    if json:
        _print_json([adopting.data(one) for one in found])
    else:
        for line in adopting.table(found):
            _tell(line, dry_run)
    for one in found:
        if one.problem:
            _tell(f"bep: {one.problem}", True)
    if any(one.changes for one in found) and not (dry_run or json):
        _tell("Next: look at the change with `git diff`, and commit it.", False)
    if any(one.problem for one in found):
        raise Exit(code=WRONG_DOCUMENTS)


def _write_report(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BepError(f"cannot be written ({reason})", "name another file", path) from None


def _tell_update(
    repository: Repository, outcomes: Sequence[Outcome], revision: str, dry_run: bool
) -> None:
    from .model.names import proposal_name
    from .operations import update_report

    for one in outcomes:
        if not one.files and not one.remarks:
            continue
        _tell(
            f"{proposal_name(one.number)}: {one.outcome}, {one.recorded} -> {one.revision}", dry_run
        )
        for file in one.files:
            kept = f"; kept: {', '.join(file.kept)}" if file.kept else ""
            _tell(f"  {file.path}: {file.outcome}{kept}", dry_run)
        for remark in one.remarks:
            _tell(f"  {remark}", dry_run)
        if dry_run:
            for file in one.files:
                sys.stdout.write(update_report.diff(repository, file))
    _tell(update_report.summary(outcomes, revision), dry_run)
    if not dry_run and any(one.files for one in outcomes):
        _tell("Next: look at the change with `git diff`, and commit it.", False)


def _with_progress(items: Sequence[_T]) -> Iterator[_T]:
    """The items; on a terminal, with a line that says how far the work is."""
    shown = sys.stderr.isatty()
    for at, item in enumerate(items, 1):
        if shown:
            sys.stderr.write(f"\r{at}/{len(items)} ")
            sys.stderr.flush()
        yield item
    if shown:
        sys.stderr.write("\r\x1b[K")


def _ask_on_terminal(number: int, question: str, text: str) -> str:
    print(f"\rBEP-{number:04d}, {question}: {text}")
    return input("Your answer (Enter leaves it open): ").strip()


@command(
    positions=["number"],
    help={
        "number": "Numbers, lists and ranges, such as 1046,1050-1059, or a path of a proposal.",
        "since": "Report what changed since this branch, tag or commit, whatever the branch.",
        "all": "Report everything, also on a branch.",
        "fix": "Mend what is mechanical, and report the rest.",
        "explain": "Explain a rule, with example and remedy, and check nothing.",
        "format": "text, json or github (annotations of a pull request).",
        "json": "The same as --format json.",
        "dry_run": "With --fix: " + _DRY_RUN[0].lower() + _DRY_RUN[1:],
    },
)
def check(
    context: Context,
    number: str = "",
    since: str = "",
    all: bool = False,  # noqa: A002
    fix: bool = False,
    explain: str = "",
    format: str = "",  # noqa: A002
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Judge proposals and registry by the guide's rules.

    On a branch it reports what the branch changes against the main branch and leaves old lines
    alone, elsewhere everything; the first line says which. Exits with 1 where it finds an error,
    with 0 where it finds warnings only. docs/rules.md lists the rules.
    """
    from .operations import checking, reporting

    if explain:
        print(checking.explained(explain), end="")
        return
    shape = reporting.shape(format, json=json)
    checking.refuse_dry_run_alone(fix=fix, dry_run=dry_run)
    repository = _open(writing=fix and not dry_run)
    for name in checking.unknown_rules(repository):
        _tell(f"bep: the setting 'check' names a rule that there is not: {name!r}", True)
    if fix:
        result = checking.fix(repository, number, since=since, everything=all, dry_run=dry_run)
    else:
        result = checking.check(repository, number, since=since, everything=all)
    for remark in result.remarks:
        _tell(f"bep: {remark}", True)
    _tell(f"Checked {result.scope}.", shape == "json" or dry_run)
    if dry_run:
        _print_diff(repository, result.changes)
    for one in result.mended:
        verb = "to be mended" if dry_run else "mended"
        _tell(f"{one.path}:{one.line}: {verb}: {one.message}", shape == "json" or dry_run)
    if shape == "json" and not dry_run:
        _print_json(reporting.data(result.findings))
    elif not dry_run:
        for line in reporting.lines(result.findings, shape, colour=_colours()):
            print(line)
    if reporting.has_errors(result.findings):
        raise Exit(code=WRONG_DOCUMENTS)


def _colours() -> bool:
    """Whether the output goes to a terminal that nobody wants plain (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _open(*, writing: bool) -> Repository:
    """The current folder's repository; before a task writes, killed changes are completed."""
    from .outside import files, repository

    found = repository.find(Path.cwd())
    for name in found.unknown_settings:
        _tell(f"bep: the setting {name!r} is unknown and has no effect", True)
    if writing:
        for line in files.complete_interrupted(found.git_directory):
            _tell(f"bep: {line}", True)
    return found


def _render(
    repository: Repository,
    template: str,
    given: Mapping[str, Any],
    ask: tuple[str, ...] = (),
    suggestions: Mapping[str, Any] | None = None,
) -> Rendering:
    from .outside import rendering, source

    address = source.find(template, repository.settings.template)
    rendered = rendering.render(address, repository.root, given, ask=ask, suggestions=suggestions)
    for remark in rendered.remarks:
        _tell(f"bep: {remark}", True)
    return rendered


def _number(text: str) -> int:
    from .operations import selection

    return selection.one_number(text)


def _tell(line: str, on_stderr: bool) -> None:
    print(line, file=sys.stderr if on_stderr else sys.stdout)


def _tell_branch(branch: Branch | None, on_stderr: bool) -> None:
    if branch is None:
        return
    if branch.created:
        _tell(f"Switched to the new branch {branch.name}.", on_stderr)
    elif branch.remark:
        place = branch.name or "a detached HEAD"
        _tell(f"Stayed on {place}: {branch.remark}.", on_stderr)


def _tell_rest(shown: Mapping[str, str], remark: str) -> str:
    """Show answers that were not asked for; returns the names that the user wants to change."""
    width = max(map(len, shown))
    print("\nThe rest, as this repository suggests it:")
    for name, value in shown.items():
        print(f"  {name:<{width}}  {value}")
    if remark:
        print(remark)
    return input("Enter accepts it; or type the names to change, separated by commas: ")


def _print_diff(repository: Repository, changes: Iterable[Change]) -> None:
    from .model import diff
    from .outside.repository import decode

    for change in changes:
        old = decode(change.path.read_bytes()) if change.path.exists() else None
        path = repository.relative(change.path)
        sys.stdout.write(diff.unified(path, old, decode(change.content)))


def _print_json(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # Bytes of a document that are no UTF-8 would make it no JSON.
    print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


namespace = Collection(
    init, reserve, unreserve, new, renumber, list_, update, adopt, check, mark, ask, decide, sync
)
