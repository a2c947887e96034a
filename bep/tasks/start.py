"""The tasks that start proposals: `init`, `reserve`, `unreserve`, `new`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BepError
from ..names import proposal_name
from ..output import has_terminal, note, print_json, remark, say, say_wrapped, write
from .command import command
from .terminal import (
    DRY_RUN,
    TEMPLATE,
    TerminalScreen,
    confirmed,
    open_repository,
    print_diff,
    trusted_template,
)

if TYPE_CHECKING:
    from ..share.tracker import Tracker
    from ..start.branch import Branch
    from ..start.form import Form
    from ..start.held_numbers import Remote
    from ..start.new import Created
    from ..system.file_transaction import Change
    from ..system.repository import Repository

OFFLINE = "Reserve in this repository only; the next `reserve`, `new` or `sync` publishes it."
AGAIN = "Allow a title that another proposal already has."


@command(
    resumable=True,
    help={
        "invoke": "Also write a tasks.py that gives `invoke` these tasks.",
        "agents": "Also write the process as a skill for AI agents, and the page AGENTS.md, which"
        " points to it, beside the registry; in an existing page only the marked block changes.",
        "apply": "Also change the lines of existing pages that contradict the tool, and show how.",
        "template": TEMPLATE,
        "dry_run": DRY_RUN,
    },
    examples=["bep init", "bep init --agents --dry-run"],
)
def init(
    invoke: bool = False,
    agents: bool = False,
    apply: bool = False,
    template: str = "",
    dry_run: bool = False,
) -> None:
    """Make this repository ready for proposals.

    Writes the process page with the registry, the blank document, their answers file and
    invoke.yaml; changes no existing file. Reports for each file whether it was made, equals the
    template's or differs, and lists lines of existing pages, including those for agents, that
    contradict the tool; --apply changes those that it can. Names what a first proposal still needs.
    """
    from ..questionnaire.answers import skill_files
    from ..start import form as forms, init as initialising
    from ..system import file_transaction
    from ..update import answers_file

    repository = open_repository(writing=not dry_run)
    trusted = trusted_template(repository, template, asks=True)
    # The skill joins what is recorded, so it is that of the same revision.
    record = answers_file.of_page(repository) if agents else None
    answers: dict[str, Any] = {
        "layout": "registry",
        "invoke_tasks": invoke,
        "proposals": repository.settings.proposals,
    }
    if record:
        answers = record.answers | ({"invoke_tasks": True} if invoke else {})
    with forms.opened(trusted.address, repository.root, record.revision if record else "") as form:
        skills = repository.settings.skills if agents else ()
        if agents:
            initialising.refuse_without_skill(form, record.revision if record else "")
        result = initialising.plan(
            repository,
            lambda paths: form.rendered(answers | ({"skills": [*paths]} if agents else {})).files,
            skills=skills,
            recorded=skill_files(record.answers) if record else (),
            apply=apply,
        )
    remark(*form.remarks)
    print_diff(repository, result.changes if dry_run else result.corrected)
    if not dry_run:
        file_transaction.write(repository.tree, result.changes)
    show = note if dry_run else say_wrapped
    words = {
        "made": "to be made" if dry_run else "made",
        "equal": "equal to the template's",
        "differs": "differs; left as it is",
        "kept": "exists; left as it is",
        "extended": "to record the skill" if dry_run else "now records the skill",
        "made alone": f"{'to be made' if dry_run else 'made'}; `bep adopt 0` records it",
        "unrecorded": "left as it is; `bep adopt 0` records it, for updates to reach it",
        "no file": "is not a regular file; move it away and try again",
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
    invoke_positions=["title"],
    required=["title"],
    values={"author": "PERSON"},
    help={
        "title": "What is proposed, in one line.",
        "number": "Use this number, which has a row or a reservation but no document.",
        "author": "Full name of the author; default: Git's user, as spelled in their newest"
        " proposal.",
        "no_branch": "Stay on the current branch.",
        "offline": OFFLINE,
        "again": AGAIN,
        "dry_run": DRY_RUN,
    },
    examples=["bep reserve 'Session Relay'"],
)
def reserve(
    title: str = "",
    number: str = "",
    author: str = "",
    no_branch: bool = False,
    offline: bool = False,
    again: bool = False,
    dry_run: bool = False,
) -> None:
    """Reserve the next number for a title, and print it.

    Takes the number, adds its row to the registry and, on the main branch or a detached HEAD,
    switches to a new branch for the proposal, taking uncommitted changes along. For a title that is
    already reserved, it returns the reserved number. Only the number is printed on stdout; what was
    done is printed on stderr.
    """
    from ..start import reserve as reserving
    from ..system import chosen_proposals

    repository = open_repository(writing=not dry_run)
    result = reserving.reserve(
        repository,
        title,
        author=author.strip(),
        number=chosen_proposals.one_number(number) if number else None,
        with_branch=not no_branch,
        offline=offline,
        again=again,
        asks=_goes_on if has_terminal() else None,
        dry_run=dry_run,
    )
    remark(*result.remarks)
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
    here = result.branch and repository.settings.number_in(result.branch.name) == result.number
    end_of_options = "-- " if title.strip().startswith("-") else ""
    call = "bep new" if here else f"bep new {end_of_options}{shlex.quote(title.strip())}"
    note(f"Next: `{call}` writes the document.")
    say(str(result.number))


@command(
    resumable=True,
    positions=["number"],
    required=["number"],
    values={"of": "PERSON"},
    help={
        "number": "The number: 1046, BEP-1046.",
        "of": "The person who reserved the number, if that is somebody else.",
        "force": "Give the number back although it is not known who reserved it.",
        "dry_run": DRY_RUN,
    },
    examples=["bep unreserve 1046"],
)
def unreserve(
    number: str = "",
    of: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> None:
    """Give a reserved number back while it has no document.

    Removes the claim, here and on the remote, and the registry row. If somebody else reserved the
    number, --of must name that person.
    """
    from ..start import reserve as reserving
    from ..system import chosen_proposals

    repository = open_repository(writing=not dry_run)
    wanted = chosen_proposals.one_number(number)
    result = reserving.unreserve(repository, wanted, of=of, force=force, dry_run=dry_run)
    changes = [result.change] if result.change else []
    if dry_run:
        print_diff(repository, changes)
        note(f"{wanted} would be given back")
        return
    row = "; its row is out of the registry" if changes else ""
    there = " here and on the remote" if result.from_remote else ""
    free = "is no longer reserved" if result.holders else "is free again"
    if result.still_taken:
        free = "is no longer reserved here, and stays reserved by somebody else on the remote"
    say(f"{wanted} {free}{there}{row}.")
    if result.holders and not result.still_taken:
        say(f"It is not given again while these hold it: {', '.join(result.holders)}.")
    if any(_is_to_commit(repository, one) for one in changes):
        say("Next: commit the registry page.")


def _is_to_commit(repository: Repository, change: Change) -> bool:
    """Whether a file that was changed differs from that of the last commit."""
    from ..system import git_objects

    path = repository.relative(change.path)
    return git_objects.content_at(repository.root, "HEAD", path) != change.content


@command(
    positions=["title"],
    invoke_positions=["title"],
    short={"data": "d"},
    lists=["data"],
    values={"data": "NAME=VALUE", "data_file": "FILE", "to": "REVISION", "jira": "KEYS"},
    help={
        "title": "What is proposed, in one line; default ('' with invoke): the title reserved on"
        " this branch.",
        "number": "Use this number, which must have no document; default: the reserved or the next"
        " one.",
        "layout": "A layout of the guide; default: the one that its criteria recommend.",
        "jira": "JIRA issues, separated by commas, such as BA-4313; a bare number gets the prefix.",
        "issue": "Also create the tracker's issue, as `bep issue` does.",
        "offline": OFFLINE,
        "data": "An answer as NAME=VALUE; may be repeated. --print-answers lists the names.",
        "data_file": "A YAML file with answers; -d takes precedence.",
        "again": AGAIN,
        "defaults": "Ask nothing; use the default for every question without an answer.",
        "resume": "Continue with the answers given to an interrupted call.",
        "template": TEMPLATE,
        "to": "A revision of the template, a tag or a commit, instead of the newest release.",
        "print_answers": "Print the questionnaire as YAML with this repository's defaults: a data"
        " file to edit.",
        "json": "Ask nothing; print what was made as JSON, and nothing else on stdout.",
        "dry_run": DRY_RUN,
    },
    examples=[
        "bep new 'Session Relay'",
        "bep new 'Session Relay' --layout segmented -d scope='Relay of sessions'",
    ],
)
def new(
    title: str = "",
    number: str = "",
    layout: str = "",
    jira: str = "",
    issue: bool = False,
    offline: bool = False,
    data: Sequence[str] | None = None,
    data_file: str = "",
    again: bool = False,
    defaults: bool = False,
    resume: bool = False,
    template: str = "",
    to: str = "",
    print_answers: bool = False,
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Start a proposal: number, questions, documents, registry row.

    On a terminal it asks for what matters, then shows all answers to accept or edit; an interrupted
    call keeps them for --resume. With --defaults or --data-file, or without a terminal, it never
    waits for input. On a branch made by `reserve` it uses that number and title. All files are
    written together or not at all.
    """
    from ..maintain import proposal_list
    from ..start import (
        form as forms,
        given_answers,
        held_numbers,
        kept_answers,
        new as creation,
        preconditions,
    )
    from ..system import template as templates

    if json and (dry_run or print_answers):
        other = "--dry-run shows a diff" if dry_run else "--print-answers prints YAML"
        raise BepError(f"{other}, and --json data", "leave out one of them")
    repository = open_repository(writing=not (dry_run or print_answers))
    asks = not (defaults or data_file or json)
    given = given_answers.read(
        {"title": title.strip(), "number": number, "layout": layout, "jira": jira},
        data or [],
        Path(data_file) if data_file else None,
    )
    kept = kept_answers.read(repository) if resume else {}
    preconditions.refuse_without_registry(repository)
    given |= creation.reserved_title(repository, {**kept, **given})
    if issue and offline:
        raise BepError(
            "--issue asks the tracker, and --offline asks nobody", "leave out one of them"
        )
    tracker = _tracker(repository, given) if issue else None
    # A dry run of a template that somebody works on shows what is there, released or not.
    is_draft = dry_run and not to and bool(template) and templates.is_local(template)
    trusted = trusted_template(repository, template, asks=asks)
    with forms.opened(trusted.address, repository.root, to, drafts=is_draft) as form:
        if print_answers:
            write(given_answers.as_data_file(form, given))
            return
        asks = asks and has_terminal()
        if not asks:
            preconditions.refuse_untitled(repository, {**kept, **given})
        remote = None if offline else held_numbers.look(repository, or_offline=True)
        created = _create(
            repository, form, given, kept, remote, again=again, asks=asks, dry_run=dry_run
        )
    if dry_run:
        print_diff(repository, created.changes)
    elif json:
        print_json(proposal_list.entry_of(repository, created.number).data())
    else:
        _show_created(repository, created)
    if tracker:
        _make_issue(repository, created, tracker, dry_run=dry_run)


def _tracker(repository: Repository, given: Mapping[str, Any]) -> Tracker:
    """The tracker for `--issue`; raises BepError if an issue is given, or no tracker is set."""
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
    form: Form,
    given: Mapping[str, Any],
    kept: Mapping[str, Any],
    remote: Remote | None,
    *,
    again: bool,
    asks: bool,
    dry_run: bool,
) -> Created:
    """Make a proposal from given and kept answers; with `asks`, ask for what is missing."""
    from ..start import kept_answers, known_titles, new as creation, reserve as reserving

    form.refuse_unknown(given)
    if remote and not dry_run:
        remark(*reserving.settled(repository, remote))
    answers = {**given, **creation.waiting_number(repository, {**kept, **given})}
    suggested = creation.suggested_number(repository, answers, remote)

    def refuse_known(title: str) -> None:
        similar = known_titles.refuse(
            repository,
            title,
            remote,
            number=creation.own_number(repository, {**kept, **answers}),
            again=again,
            asks=_goes_on if asks else None,
        )
        remark(*similar)

    if "title" in given:
        refuse_known(str(given["title"]))
    if asks:
        chosen = _asked(repository, form, answers, suggested, kept)
    else:
        chosen = {**suggested, **kept, **answers}
    rendered = form.rendered(chosen)
    if "title" not in given:
        refuse_known(rendered.answers["title"])
    created = creation.create(
        repository,
        rendered,
        form.rendered,
        number_given="number" in given or "number" in kept,
        remote=remote,
        dry_run=dry_run,
    )
    if not dry_run:
        kept_answers.forget(repository)
    remark(*form.remarks)
    return created


def _asked(
    repository: Repository,
    form: Form,
    given: Mapping[str, Any],
    suggested: Mapping[str, Any],
    kept: Mapping[str, Any],
) -> dict[str, Any]:
    """The answers that somebody at the terminal gives; where they stop, those so far are kept."""
    from ..start import conversation, kept_answers, preconditions

    talk = conversation.Conversation(
        form,
        repository.guide,
        TerminalScreen(),
        given,
        suggested,
        kept,
        lambda number: preconditions.problem_of_number(repository, number),
    )
    try:
        return talk.run()
    except (EOFError, KeyboardInterrupt):
        typed = {**{name: given[name] for name in given if name != "number"}, **talk.answers}
        if typed:
            kept_answers.keep(repository, typed)
            remark("the answers are kept; `bep new --resume` continues with them")
        raise


def _show_created(repository: Repository, created: Created) -> None:
    say(f"{proposal_name(created.number)} {created.answers['title'].strip()!r}:")
    for change in created.changes:
        say(f"  {repository.relative(change.path)}")
    _show_branch(created.branch, say)
    say_wrapped(
        "Next: write the sections in their order (a comment in each says what belongs there), then"
        f" `bep submit {created.number}`; `bep status {created.number}` says what is left."
    )


def _goes_on(lines: Sequence[str]) -> bool:
    """Whether somebody at the terminal wants another proposal beside these."""
    for line in lines:
        note(line)
    return confirmed("Make another one?")


def _show_branch(branch: Branch | None, show: Callable[[str], None]) -> None:
    if branch is None:
        return
    if branch.is_entered:
        but = f", though {branch.remark}" if branch.remark else ""
        show(f"Switched to the {'new ' if branch.is_new else ''}branch {branch.name}{but}.")
    elif branch.remark:
        place = branch.name or "a detached HEAD"
        show(f"Stayed on {place}: {branch.remark}.")
