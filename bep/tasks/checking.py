"""The task `check`."""

from __future__ import annotations

import os
import sys

from invoke.context import Context
from invoke.exceptions import Exit

from ..commands import command
from ..errors import WRONG_DOCUMENTS
from .terminal import DRY_RUN, open_repository, print_diff, print_json, tell


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
        "dry_run": "With --fix: " + DRY_RUN[0].lower() + DRY_RUN[1:],
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
    from ..operations import checking, reporting

    if explain:
        print(checking.explained(explain), end="")
        return
    shape = reporting.shape(format, json=json)
    checking.refuse_dry_run_alone(fix=fix, dry_run=dry_run)
    repository = open_repository(writing=fix and not dry_run)
    for name in checking.unknown_rules(repository):
        tell(f"bep: the setting 'check' names a rule that there is not: {name!r}", True)
    if fix:
        result = checking.fix(repository, number, since=since, everything=all, dry_run=dry_run)
    else:
        result = checking.check(repository, number, since=since, everything=all)
    for remark in result.remarks:
        tell(f"bep: {remark}", True)
    tell(f"Checked {result.scope}.", shape == "json" or dry_run)
    if dry_run:
        print_diff(repository, result.changes)
    for one in result.mended:
        verb = "to be mended" if dry_run else "mended"
        tell(f"{one.path}:{one.line}: {verb}: {one.message}", shape == "json" or dry_run)
    if shape == "json" and not dry_run:
        print_json(reporting.data(result.findings))
    elif not dry_run:
        for line in reporting.lines(result.findings, shape, colour=_colours()):
            print(line)
    if reporting.has_errors(result.findings):
        raise Exit(code=WRONG_DOCUMENTS)


def _colours() -> bool:
    """Whether the output goes to a terminal that nobody wants plain (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
