"""The tasks that bring a proposal to others: `issue`, `status`, `submit`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..errors import BepError
from ..names import proposal_name
from ..output import Painted, has_terminal, note, print_json, remark, say, say_wrapped
from ..words import counted
from .command import command
from .terminal import DRY_RUN, ONE, confirm, open_repository, painted_status, print_diff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..share.issue import Filed
    from ..share.status import SectionState, Standing
    from ..share.submit import Plan
    from ..share.tracker import Draft, Tracker
    from ..system.repository import Repository


@command(
    resumable=True,
    positions=["number"],
    of_branch=True,
    help={
        "number": ONE,
        "github": "Use GitHub, through gh, instead of JIRA.",
        "key": "Link this existing issue, such as BA-1234 or #12, and create none.",
        "dry_run": DRY_RUN,
    },
    examples=["bep issue 1046", "bep issue 1046 --key BA-1234"],
)
def issue(
    number: str = "",
    github: bool = False,
    key: str = "",
    dry_run: bool = False,
) -> None:
    """Create the tracker's issue for a proposal, and print its key.

    The issue contains title, scope and the document's path, and links to the document. Its key is
    written into the document and the answers file. If the proposal already has an issue, none is
    created, and its key is printed. The settings jira.url, jira.project and jira.issue_type say
    where to create it; credentials come from JIRA_USER and JIRA_API_TOKEN, netrc, or gh. Only the
    key is printed on stdout.
    """
    from ..questionnaire import issue_references
    from ..share import issue as issues

    repository = open_repository(writing=not dry_run)
    is_github = github or bool(issue_references.github_in(key))
    tracker = issues.tracker_of(repository, github=is_github)
    filed = issues.issue(repository, number, tracker, key=key, dry_run=dry_run)
    if dry_run:
        print_diff(repository, filed.changes)
    show_filed(repository, tracker, filed, dry_run=dry_run)
    if not dry_run:
        say(filed.key)


def show_filed(repository: Repository, tracker: Tracker, filed: Filed, *, dry_run: bool) -> None:
    """Say on stderr what happened, or would happen, to a proposal and its issue."""
    if filed.draft and dry_run:
        show_draft(tracker, filed.draft)
    elif filed.draft:
        note(f"{filed.key} is the new issue of {proposal_name(filed.number)}: {filed.page}")
    elif filed.changes:
        verb = "would be" if dry_run else "is"
        note(f"{filed.key} {verb} the issue of {proposal_name(filed.number)}: {filed.page}")
    if filed.changes and not dry_run:
        note(f"Written into {', '.join(repository.relative(one.path) for one in filed.changes)}.")
    remark(*filed.remarks)


def show_draft(tracker: Tracker, draft: Draft) -> None:
    """Say on stderr which issue would be made."""
    note(f"An issue would be made in {tracker.place}:")
    note(f"  title     {draft.summary}")
    note(f"  scope     {draft.scope or '(the document has none)'}")
    note(f"  document  {draft.page or draft.path}")


_SHOWN_FINDINGS = 5


@command(
    resumable=True,
    positions=["number"],
    of_branch=True,
    help={
        "number": ONE,
        "draft": "Open the pull request as a draft.",
        "no_pr": "Commit and push only.",
        "despite_errors": "Continue although `check` finds errors in what the branch changes.",
        "yes": "Do not ask; required without a terminal.",
        "dry_run": "Print every command, file and text, and do nothing.",
    },
    examples=["bep submit", "bep submit 1046 --draft"],
)
def submit(
    number: str = "",
    draft: bool = False,
    no_pr: bool = False,
    despite_errors: bool = False,
    yes: bool = False,
    dry_run: bool = False,
) -> None:
    """Open or update the pull request of a proposal.

    Checks what the branch changes, commits the proposal's own files, merges the main branch if
    both added rows to the registry, pushes, and opens the pull request or updates the open one.
    Shows its plan and asks first. After an interruption, the same call does the rest. Without `gh`,
    it prints the address of a page that opens the pull request.
    """
    from ..share import submit as submitting

    repository = open_repository(writing=not dry_run)
    plan = submitting.plan(
        repository,
        number,
        draft=draft,
        with_pull_request=not no_pr,
        despite_errors=despite_errors,
    )
    if draft and plan.pull and not plan.pull.is_draft:
        again = f"`gh pr ready --undo {plan.pull.number}` makes it one again"
        remark(f"the pull request is open and not a draft; {again}")
    show = say if dry_run else note
    for line in _planned(plan, in_full=dry_run):
        show(line)
    if dry_run:
        return
    if not plan.is_done and not yes:
        if not has_terminal():
            raise BepError("there is no terminal to ask on", "give --yes, or --dry-run to look")
        confirm("Go on?")
    done = submitting.carry_out(repository, plan, note)
    if done.is_open:
        note("Next: ask for a review; after changes, `bep submit` again.")
    elif not no_pr:
        note("Next: open the pull request on this page:" if done.page else _by_hand(plan))
    if done.page and not no_pr:
        say(done.page)


@command(
    paged=True,
    positions=["number"],
    of_branch=True,
    help={
        "number": ONE,
        "json": "Print JSON: an object with number, title, status, where, sections, questions,"
        " blocked, pull_request and next.",
    },
    examples=["bep status", "bep status 1046 --json"],
)
def status(number: str = "", json: bool = False) -> None:
    """Show how far a proposal is, and the next command.

    Shows what is written and what is empty, the open questions with their age, what blocks the next
    status (the open questions, and what `check` would report for that status) and, if `gh` is
    installed, the branch's pull request.
    """
    from ..share import status as standings

    repository = open_repository(writing=False)
    standing = standings.find(repository, number)
    if standing.remark:
        remark(f"the pull request is unknown: {standing.remark}")
    if json:
        print_json(standing.data())
        return
    _show_standing(repository, standing)


def _show_standing(repository: Repository, standing: Standing) -> None:

    guide, place = repository.guide, standing.where
    if place == "main":
        place = repository.main_branch() or place
    if standing.path is None and not place:
        place = "reserved for nobody"
    elif standing.where != "reserved":
        place = f"on {place or 'a detached HEAD'}"
    heading = f"{proposal_name(standing.number)} {standing.title or ''}"
    say(Painted(heading.rstrip(), "bold"))
    source = " (as the registry says)" if standing.is_of_registry else ""
    say("  ", painted_status(guide, standing.status or "no status"), f"{source}, {place}")
    if standing.path:
        say(f"  {standing.path}")
    _show_sections(standing.sections)
    if standing.questions:
        say("")
        say(Painted("Open questions:", "bold"))
    for asked in standing.questions:
        say_wrapped(f"  {standing.path}:{asked.line}: {asked.text}{_age(asked.days)}")
    if standing.blocked:
        say("")
        say(Painted(f"Blocking {standing.following}:", "bold"))
    for reason in standing.blocked:
        say_wrapped(f"  {reason}")
    if pull := standing.pull_request:
        say("")
        say(f"Pull request {pull.number}, {pull.state}: {pull.url}")
    if standing.next:
        say("")
    for at, call in enumerate(standing.next):
        say(f"{'Then' if at else 'Next'}: {call}")


def _show_sections(sections: Sequence[SectionState]) -> None:
    if sections:
        say("")
    width = max((len(one.section) for one in sections), default=0)
    for one in sections:
        lines = counted(one.lines, "line")
        say(f"  {one.section:<{width}}  ", lines if one.written else Painted("empty", "yellow"))


def _age(days: int) -> str:
    return " (new)" if days == 0 else f" ({counted(days, 'day')})"


def _by_hand(plan: Plan) -> str:
    target = plan.target
    return (
        f"Next: open a pull request of {target.branch} into {target.main} where {target.remote} is."
    )


def _planned(plan: Plan, *, in_full: bool) -> Iterator[str]:
    """What a call is going to do, line by line; `in_full` with the commands and all text."""
    target, texts = plan.target, plan.texts
    place = f" of {target.forge.path} on {target.forge.host}" if target.forge else ""
    yield f"{target.branch} goes into {target.main}{place}."
    many = len(plan.findings)
    yield f"  check         {many or 'no'} finding{'s' if many != 1 else ''}"
    for one in plan.findings[:_SHOWN_FINDINGS]:
        yield f"                  {one.path}:{one.line}: {one.severity.value}: {one.message}"
    if plan.files:
        yield f"  commit        {texts.commit}"
        for path, is_there in plan.files.items():
            yield f"                  {path}{'' if is_there else ' (removed)'}"
    if plan.fragment:
        yield f"  news          {texts.fragment}: {texts.news}"
    if plan.joins:
        yield f"  merge         {target.main} of {target.remote}, for the rows that both added"
    if plan.pushes:
        yield f"  push          {target.branch} to {target.push_remote}"
    if plan.makes_pull:
        yield f"  pull request  {'draft: ' if plan.draft else ''}{texts.title}"
    elif plan.new_body and plan.pull:
        yield f"  update        {plan.pull.url}"
    if plan.pull and plan.new_labels:
        yield f"  labels        {', '.join(plan.new_labels)}"
    if plan.is_done:
        yield "  nothing is left to do"
    if in_full:
        yield from _in_full(plan)


def _in_full(plan: Plan) -> Iterator[str]:
    target, texts = plan.target, plan.texts
    yield ""
    yield "These commands do the same:"
    if plan.files:
        yield f"  git add -- {shlex.join(plan.files)}"
        yield f"  git commit -m {shlex.quote(texts.commit)} -- {shlex.join(plan.files)}"
    if plan.joins:
        yield f"  git merge {target.tip[:12]}, then bep sync"
    if plan.pushes:
        yield f"  git push --set-upstream {target.push_remote} {shlex.quote(target.branch)}"
    if plan.makes_pull:
        draft = " --draft" if plan.draft else ""
        labels = "".join(f" --label {shlex.quote(one)}" for one in plan.labels)
        yield (
            f"  gh pr create --base {target.main} --head {shlex.quote(target.head)}{draft}{labels}"
            f" --title {shlex.quote(texts.title)} --body-file -"
        )
    if plan.makes_pull or plan.new_body:
        yield ""
        yield "The description of the pull request:"
        yield from ("  " + line for line in (plan.new_body or texts.body).split("\n"))
