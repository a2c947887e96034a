"""The tasks that take a proposal to others: `issue`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoke.context import Context

from ..output import note, say
from .command import command
from .terminal import DRY_RUN, open_repository, print_diff

if TYPE_CHECKING:
    from ..share.issue import Filed
    from ..share.tracker import Draft, Tracker
    from ..system.repository import Repository


@command(
    resumable=True,
    positions=["number"],
    help={
        "number": "The proposal: 1046, BEP-1046 or a path; left out, the branch's.",
        "github": "Make an issue on GitHub, through gh, in place of one in JIRA.",
        "key": "Link this existing issue, such as BA-1234 or #12, and make none.",
        "dry_run": DRY_RUN,
    },
)
def issue(
    context: Context,
    number: str = "",
    github: bool = False,
    key: str = "",
    dry_run: bool = False,
) -> None:
    """Make the tracker's issue for a proposal, and print its key.

    The issue says title, scope and where the document is, and has a link to it. Its key is written
    into the document and the answers file. A proposal that has an issue already keeps it: nothing
    is made, and its key is printed. The settings jira.url, jira.project and jira.issue_type say
    where; credentials come from JIRA_USER and JIRA_API_TOKEN, netrc, or gh. Only the key is printed
    on stdout.
    """
    from ..share import issue as issues

    repository = open_repository(writing=not dry_run)
    tracker = issues.tracker_of(repository, github=github)
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
        note(f"{filed.key} is the new issue of BEP-{filed.number:04d}: {filed.page}")
    elif filed.changes:
        verb = "would be" if dry_run else "is"
        note(f"{filed.key} {verb} the issue of BEP-{filed.number:04d}: {filed.page}")
    if filed.changes and not dry_run:
        note(f"Written into {', '.join(repository.relative(one.path) for one in filed.changes)}.")
    for remark in filed.remarks:
        note(f"bep: {remark}")


def show_draft(tracker: Tracker, draft: Draft) -> None:
    """Say on stderr which issue would be made."""
    note(f"An issue would be made in {tracker.place}:")
    note(f"  title     {draft.summary}")
    note(f"  scope     {draft.scope or '(the document has none)'}")
    note(f"  document  {draft.page or draft.path}")
