"""The task `check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import WRONG_DOCUMENTS, BepError
from ..output import (
    Painted,
    encoding,
    note,
    print_json,
    remark,
    safe,
    say,
    say_wrapped,
    tracked,
    width,
    write,
)
from .command import Exit, command
from .terminal import DRY_RUN, MANY, guide_here, open_repository, print_diff

if TYPE_CHECKING:
    from ..check.check import Checked
    from ..check.rules.rule import Severity
    from ..guide import Guide
    from ..system.repository import Repository


@command(
    paged=True,
    resumable=True,
    positions=["number"],
    lists=["number", "only", "only_document"],
    sources={"explain": "rule", "since": "revision", "only": "section"},
    optional_values={"explain": ("RULE", r"[a-z](?:[a-z-]*[a-z])?")},
    values={"since": "REVISION", "only": "SECTION", "only_document": "FILE"},
    help={
        "number": MANY,
        "since": "Report what changed since this branch, tag or commit, on any branch.",
        "all": "Report everything, even on a branch.",
        "only": "Report only what the change touches in the proposal outside this section, or"
        " several, separated by commas.",
        "only_document": "The same for a document, by file name; with --only, for its sections.",
        "fix": "Fix what can be fixed mechanically, and report the rest.",
        "explain": "Explain a rule, with example and remedy, or list all rules. Checks nothing.",
        "format": "text, concise (path:line:col: rule message), json, github (annotations in a pull"
        " request) or sarif (code scanning).",
        "json": "The same as --format json.",
        "no_cache": "Run all rules, even if nothing changed since an earlier call.",
        "dry_run": "With --fix: " + DRY_RUN[0].lower() + DRY_RUN[1:],
    },
    examples=[
        "bep check 1046 1050-1053 'proposals/BEP-10*.md'",
        "bep check --all --fix",
        "bep check 1046 --only Motivation --since HEAD",
    ],
)
def check(
    number: Sequence[str] = (),
    since: str = "",
    all: bool = False,  # noqa: A002
    only: Sequence[str] = (),
    only_document: Sequence[str] = (),
    fix: bool = False,
    explain: str | bool | None = None,
    format: str = "",  # noqa: A002
    json: bool = False,
    no_cache: bool = False,
    dry_run: bool = False,
) -> None:
    """Check proposals and registry against the guide's rules.

    On a branch it reports problems in what the branch changes compared with the main branch, and
    ignores old lines; elsewhere it reports everything. The first line says which. The exit code is
    1 if there are errors, and 0 if there are only warnings. docs/rules.md lists the rules.

    With --only, it guards the rest of a proposal: instead of applying the rules, it exits with 1 if
    the change touches anything else in it.
    """
    from ..check import check as checking, guard, report
    from ..system import chosen_proposals

    if explain not in (None, False):
        _explain(explain, json=json)
        return
    shape = report.shape(format, json=json)
    checking.refuse_dry_run_alone(fix=fix, dry_run=dry_run)
    repository = open_repository(writing=fix and not dry_run)
    chosen = chosen_proposals.listed(repository, number)
    remark(*checking.unknown_names(repository))
    if only or only_document:
        result = guard.check(
            repository,
            chosen,
            sections=only,
            documents=only_document,
            since=since,
            everything=all,
            fix=fix,
        )
    elif fix and not (dry_run and shape != "text"):
        result = checking.fix(repository, chosen, since=since, everything=all, dry_run=dry_run)
    else:
        # A dry run that prints data says what could be fixed.
        result = checking.check(
            repository, chosen, since=since, everything=all, track=tracked, use_kept=not no_cache
        )
    shows_plan = dry_run and shape == "text"
    show = note if shape in report.DATA or shows_plan else say
    remark(*result.remarks)
    show(f"Checked {result.scope}.")
    if shows_plan:
        print_diff(repository, result.changes)
    for one in result.fixed:
        verb = "would be fixed" if dry_run else "fixed"
        show(f"{one.path}:{one.line}: {verb}: {one.message}")
    if shows_plan:
        note(f"Left: {report.summary(result.findings)}.")
    else:
        _print_findings(repository, result, shape)
    if report.has_errors(result.findings):
        raise Exit(code=WRONG_DOCUMENTS)


def _explain(rule: str | bool | None, *, json: bool) -> None:
    from ..check import check as checking

    if json:
        raise BepError("--explain shows text, and --json data", "leave out one of them")
    if isinstance(rule, str) and rule:
        write(checking.explained(rule, guide_here()))
    else:
        _list_rules(guide_here())


def _list_rules(guide: Guide) -> None:
    from ..check.rules import catalogue

    families = catalogue.by_family(guide)
    width = max(len(rule.name) for rules in families.values() for rule in rules)
    for family, rules in families.items():
        say(Painted(family, "bold"))
        say("")
        for rule in rules:
            severity = _painted_severity(rule.severity, width=len("warning"))
            head = f"  {rule.name:<{width}}  "
            say_wrapped(head, severity, f"  {rule.summary}", hanging=width + len("    warning"))
        say("")
    say("`bep check --explain RULE` explains one, with example and remedy.")


def _print_findings(repository: Repository, result: Checked, shape: str) -> None:
    from ..check import report, sarif

    found = result.findings
    if shape == "json":
        print_json(report.data(found))
    elif shape == "sarif":
        print_json(sarif.log(found, repository.guide))
    elif shape == "concise":
        for line in report.concise(found):
            say(line)
        note(report.summary(found))
    elif shape == "github":
        for line in report.annotated(found):
            safe(f"{line}\n")
        say(report.summary(found))
    else:
        _show_findings(result)


def _show_findings(result: Checked) -> None:
    """Print the findings by document, each with its line, then their number by rule."""
    from ..check import report

    found = result.findings
    if not found:
        say(result.verdict)
        return
    path = None
    for one in found:
        if one.path != path:
            say("")
            say(Painted(one.path, "bold"))
            path = one.path
        place, name = Painted(f"{one.line}", "bold"), Painted(f"[{one.rule}]", "dim")
        word = _painted_severity(one.severity)
        say_wrapped("  ", place, ": ", word, f": {one.message} ", name, hanging=4)
        margin = ("  ", " " * len(str(one.line)), Painted(" | ", "dim"))
        room = width() - len(str(one.line)) - len("   | ")
        marked = report.marked_line(one, result.documents, encoding(), max(room, 20))
        for text, style in zip(marked, ("", "yellow"), strict=False):
            say(*margin, Painted(text, style), fitting=True)
    say("")
    counted = report.counts(found)
    digits = len(str(max(count for _, _, count in counted)))
    for severity, rule, count in counted:
        say(f"  {count:>{digits}}  ", _painted_severity(severity), f"  {rule}")
    say(report.summary(found))
    for hint in report.hints(found):
        say(hint)


def _painted_severity(severity: Severity, width: int = 0) -> Painted:
    return Painted(severity.value.ljust(width), "red" if severity.value == "error" else "yellow")
