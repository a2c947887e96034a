"""The tasks that start proposals: `init`, `reserve`, `unreserve`, `new`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.context import Context

from ..errors import BepError
from ..output import has_terminal, note, print_json, prompt, say, write
from .command import command
from .terminal import (
    DRY_RUN,
    TEMPLATE,
    confirmed,
    number_of,
    open_repository,
    print_diff,
    trusted_template,
)

if TYPE_CHECKING:
    from ..share.tracker import Tracker
    from ..start.branch import Branch
    from ..start.new import Created
    from ..start.prompts import Render
    from ..system.copier_api import Rendering
    from ..system.repository import Repository
    from ..system.template_trust import TrustedTemplate

AGAIN = "Make another proposal of a title that one has already."


@command(
    resumable=True,
    help={
        "invoke": "Also write a tasks.py that gives `invoke` these tasks.",
        "agents": "Also write AGENTS.md beside the registry, which says how AI agents work with"
        " proposals; in an existing one only the marked block changes.",
        "apply": "Also change the lines of existing pages that contradict the tool, and show how.",
        "template": TEMPLATE,
        "dry_run": DRY_RUN,
    },
)
def init(
    context: Context,
    invoke: bool = False,
    agents: bool = False,
    apply: bool = False,
    template: str = "",
    dry_run: bool = False,
) -> None:
    """Make this repository ready for proposals.

    Writes the process page with the registry, the blank document, their answers file and
    invoke.yaml, and touches nothing that exists. Says for each file whether it was made, equals the
    template's or differs, and lists lines in existing pages, those for agents included, that
    contradict the tool; --apply changes them where a line says it alone. Names what a first
    proposal still needs.
    """
    from ..start import init as initialising

    repository = open_repository(writing=not dry_run)
    settings = repository.settings
    rendering = _render(
        repository,
        trusted_template(repository, template, asks=True),
        {"layout": "registry", "invoke_tasks": invoke, "proposals": settings.proposals},
    )
    result = initialising.plan(repository, rendering.files, agents=agents, apply=apply)
    _note_remarks(rendering)
    print_diff(repository, result.changes if dry_run else result.corrected)
    if not dry_run:
        initialising.write(repository, result)
    show = note if dry_run else say
    words = {
        "made": "to be made" if dry_run else "made",
        "equal": "equal to the template's",
        "differs": "differs; left as it is",
        "kept": "exists; left as it is",
        "current": "its block is equal to this version's",
        "added": "its block is to be added" if dry_run else "its block was added to your text",
        "updated": "its block is to be updated" if dry_run else "its block was updated",
    }
    for outcome in result.outcomes:
        show(f"{outcome.path}: {words[outcome.state]}")
    for found in result.contradictions:
        line = f"{found.path}:{found.line}: {found.text!r}"
        if apply and found.edits:
            show(f"{line} {'would be changed' if dry_run else 'is changed'}: {found.reason}")
        else:
            by_hand = "; change it by hand" if apply else ""
            show(f"{line} contradicts the tool: {found.reason}{by_hand}")
    count = sum(bool(one.edits) for one in result.contradictions)
    if count and not apply:
        show(f"`bep init --apply` changes {count} of these lines; with --dry-run it shows how.")
    for missing in result.missing:
        show(f"Missing: {missing}")
    show('Next: commit these files, then `bep new "Your title"`.')


@command(
    resumable=True,
    positions=["title"],
    positional=["title"],
    required=["title"],
    help={
        "title": "What is proposed, in one line.",
        "number": "Use this number, which has a row or a reservation but no document.",
        "author": "Full name of the author; left out, Git's user, as in their newest proposal.",
        "no_branch": "Stay on the current branch.",
        "offline": "Reserve in this repository only; the next `reserve` or `sync` publishes it.",
        "again": AGAIN,
        "dry_run": DRY_RUN,
    },
)
def reserve(
    context: Context,
    title: str,
    number: str = "",
    author: str = "",
    no_branch: bool = False,
    offline: bool = False,
    again: bool = False,
    dry_run: bool = False,
) -> None:
    """Reserve the next number for a title, and print it.

    Takes the number, adds its row to the registry and, on the main branch or a detached HEAD,
    switches to a new branch of the proposal, uncommitted changes included. Asked again for the
    same title, it gives the number that is already reserved. Only the number is printed on stdout;
    what was done is printed on stderr.
    """
    from ..start import reserve as reserving

    repository = open_repository(writing=not dry_run)
    result = reserving.reserve(
        repository,
        title,
        author=author.strip(),
        number=number_of(number) if number else None,
        with_branch=not no_branch,
        offline=offline,
        again=again,
        asks=_goes_on if has_terminal() else None,
        dry_run=dry_run,
    )
    for remark in result.remarks:
        note(f"bep: {remark}")
    page = repository.relative(repository.registry_page)
    if dry_run:
        print_diff(repository, [result.change] if result.change else [])
        note(f"{result.number} would be reserved")
        return
    row = f"its row is new in {page}" if result.change else f"its row is in {page}"
    if before := result.before:
        author = f" by {before.author}" if before.author else ""
        note(f"{result.number} was already reserved for {before.title!r}{author}; {row}.")
    else:
        note(f"{result.number} is reserved for {title.strip()!r}; {row}.")
    _show_branch(result.branch, note)
    here = result.branch is not None and str(result.number) in result.branch.name
    call = "bep new" if here else f"bep new {shlex.quote(title.strip())}"
    note(f"Next: `{call}` writes the document.")
    say(str(result.number))


@command(
    resumable=True,
    positions=["number"],
    required=["number"],
    help={
        "number": "The number: 1046, BEP-1046.",
        "of": "The name of the person whose number it is, to give back that of somebody else.",
        "force": "Give back a number of which nothing says whose it is.",
        "dry_run": DRY_RUN,
    },
)
def unreserve(
    context: Context,
    number: str = "",
    of: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> None:
    """Give a reserved number back while it has no document.

    Removes the claim, here and on the remote, and the registry row. A number that somebody else
    reserved is given back only if --of names that person.
    """
    from ..start import reserve as reserving

    repository = open_repository(writing=not dry_run)
    wanted = number_of(number)
    result = reserving.unreserve(repository, wanted, of=of, force=force, dry_run=dry_run)
    changes = [result.change] if result.change else []
    if dry_run:
        print_diff(repository, changes)
        note(f"{wanted} would be given back")
        return
    row = "; its row is out of the registry. Next: commit the registry page" if changes else ""
    there = " here and on the remote" if result.from_remote else ""
    free = "is free again"
    if result.still_taken:
        free = "is no longer reserved here, and stays reserved by somebody else on the remote"
    say(f"{wanted} {free}{there}{row}.")


@command(
    positions=["title"],
    positional=["title"],
    short={"data": "d"},
    iterable=["data"],
    help={
        "title": "What is proposed, in one line; left out ('' with invoke), the title reserved on"
        " this branch.",
        "number": "Use this number, which has a row or a reservation but no document.",
        "layout": "A layout of the guide; left out, what its criteria say.",
        "jira": "JIRA issues, separated by commas, such as BA-4313; a bare number gets the prefix.",
        "issue": "Also make the tracker's issue, as `bep issue` does.",
        "data": "An answer as NAME=VALUE; may be repeated. --print-answers lists the names.",
        "data_file": "A YAML file with answers; -d takes precedence.",
        "again": AGAIN,
        "defaults": "Ask nothing; questions without an answer take their defaults.",
        "template": TEMPLATE,
        "to": "A revision of the template, a tag or a commit, in place of the newest release.",
        "print_answers": "Print the questionnaire as YAML with this repository's defaults: a data"
        " file to edit.",
        "json": "Ask nothing; print what was made as JSON and nothing else on stdout.",
        "dry_run": DRY_RUN,
    },
)
def new(
    context: Context,
    title: str,
    number: str = "",
    layout: str = "",
    jira: str = "",
    issue: bool = False,
    data: Sequence[str] | None = None,
    data_file: str = "",
    again: bool = False,
    defaults: bool = False,
    template: str = "",
    to: str = "",
    print_answers: bool = False,
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Start a proposal: number, questionnaire, documents, registry row.

    On a terminal it asks for what matters and shows the rest to accept or edit; with --defaults,
    --data-file, or without a terminal, it never waits for input. On a branch made by `reserve` it
    uses that number and title. Everything appears together or not at all.
    """
    from ..maintain import proposal_list
    from ..start import preconditions, prompts
    from ..system import template as templates

    repository = open_repository(writing=not (dry_run or print_answers))
    asks = not (defaults or data_file or json)
    given = prompts.given_answers(
        {"title": title.strip(), "number": number, "layout": layout, "jira": jira},
        data or [],
        Path(data_file) if data_file else None,
    )
    preconditions.refuse_without_registry(repository)
    tracker = _tracker(repository, given) if issue else None
    # A dry run of a template that somebody works on shows what is there, released or not.
    is_draft = dry_run and bool(template) and templates.is_local(template)
    trusted = trusted_template(repository, template, asks=asks)
    render = partial(_render, repository, trusted, revision=to or ("HEAD" if is_draft else ""))
    if print_answers:
        write(prompts.print_answers(render, given))
        return
    asks = asks and has_terminal()
    created = _create(repository, render, given, again=again, asks=asks, dry_run=dry_run)
    if dry_run:
        print_diff(repository, created.changes)
    elif json:
        print_json(proposal_list.entry_of(repository, created.number).data())
    else:
        _show_created(repository, created)
    if tracker:
        _make_issue(repository, created, tracker, dry_run=dry_run)


def _tracker(repository: Repository, given: Mapping[str, Any]) -> Tracker:
    """The tracker for `--issue`; raises BepError where an issue is given, or no tracker is set."""
    from ..share import issue as issues

    if given.get("jira"):
        raise BepError("--issue makes an issue, and --jira names one", "leave out one of them")
    return issues.tracker_of(repository)


def _make_issue(
    repository: Repository, created: Created, tracker: Tracker, *, dry_run: bool
) -> None:
    from ..share import issue as issues
    from .share import show_draft, show_filed

    if dry_run:
        show_draft(tracker, issues.plan(repository, created.main(repository), tracker))
        return
    number = str(created.number)
    try:
        filed = issues.issue(repository, number, tracker)
    except BepError as error:
        remedy = f"the proposal is made; `bep issue {number}` does the rest"
        raise BepError(str(error), remedy, code=error.code) from None
    show_filed(repository, tracker, filed, dry_run=False)


def _create(
    repository: Repository,
    render: Render,
    given: Mapping[str, Any],
    *,
    again: bool,
    asks: bool,
    dry_run: bool,
) -> Created:
    """Make a proposal from the given answers; with `asks`, ask for what is missing."""
    from ..start import claims, known_titles, new as creation, prompts, reserve as reserving

    remote = claims.look(repository)
    if remote and not dry_run:
        for remark in reserving.settle_pending(repository, remote):
            note(f"bep: {remark}")
    answers = {**given, **creation.waiting_number(repository, given)}
    suggested = creation.suggested_number(repository, answers, remote)

    def refuse_known(title: str) -> None:
        for remark in known_titles.refuse(
            repository,
            title,
            remote,
            number=creation.own_number(repository, answers),
            again=again,
            asks=_goes_on if asks else None,
        ):
            note(f"bep: {remark}")

    if "title" in given:
        refuse_known(str(given["title"]))
    if asks:
        rendered = prompts.converse(repository.guide, render, answers, suggested, _show_rest)
    else:
        rendered = render(answers, (), suggested)
    prompts.refuse_unknown(answers, rendered)
    if "title" not in given:
        refuse_known(rendered.answers["title"])
    created = creation.create(
        repository,
        (rendered.files, rendered.answers),
        lambda changed: render(changed).files,
        number_given="number" in given,
        remote=remote,
        dry_run=dry_run,
    )
    _note_remarks(rendered)
    return created


def _show_created(repository: Repository, created: Created) -> None:
    say(f"BEP-{created.number:04d} {created.answers['title'].strip()!r}:")
    for change in created.changes:
        say(f"  {repository.relative(change.path)}")
    _show_branch(created.branch, say)
    say(
        "Next: write the sections in their order (a comment in each says what belongs there), then"
        f" `bep submit {created.number}`; `bep status {created.number}` says what is left."
    )


def _render(
    repository: Repository,
    trusted: TrustedTemplate,
    given: Mapping[str, Any],
    ask: tuple[str, ...] = (),
    suggestions: Mapping[str, Any] | None = None,
    *,
    revision: str = "",
) -> Rendering:
    from ..system import copier_api

    return copier_api.render(
        trusted.address,
        repository.root,
        given,
        ask=ask,
        suggestions=suggestions,
        revision=revision,
    )


def _note_remarks(rendered: Rendering) -> None:
    for remark in rendered.remarks:
        note(f"bep: {remark}")


def _goes_on(lines: Sequence[str]) -> bool:
    """Whether somebody at the terminal wants another proposal beside these."""
    for line in lines:
        note(line)
    return confirmed("Make another one?")


def _show_branch(branch: Branch | None, show: Callable[[str], None]) -> None:
    if branch is None:
        return
    if branch.created:
        show(f"Switched to the new branch {branch.name}.")
    elif branch.remark:
        place = branch.name or "a detached HEAD"
        show(f"Stayed on {place}: {branch.remark}.")


def _show_rest(shown: Mapping[str, str], remark: str) -> str:
    """Show answers that were not asked for; return the names that the user wants to change."""
    width = max(map(len, shown))
    say("")
    say("The rest, as this repository suggests it:")
    for name, value in shown.items():
        say(f"  {name:<{width}}  {value}")
    if remark:
        say(remark)
    return prompt("Enter accepts it; or type the names to change, separated by commas: ")
