"""The tasks that bring documents and template together: `update`, `adopt`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ..errors import WRONG_DOCUMENTS, BepError, reason_of
from ..names import proposal_name
from ..output import (
    Column,
    diff,
    has_terminal,
    note,
    print_json,
    remark,
    say,
    say_wrapped,
    table,
    tracked,
)
from .command import Exit, command
from .terminal import DRY_RUN, MANY, TEMPLATE, open_repository, print_diff, trusted_template, typed

if TYPE_CHECKING:
    from ..system.repository import Repository
    from ..update.update import Outcome

_ADOPTIONS = (
    Column("Number"),
    Column("Outcome"),
    Column("Document", can_be_cut=True),
    Column("Not read", can_be_cut=True),
)


@command(
    resumable=True,
    positions=["number"],
    lists=["number", "take"],
    sources={"take": "section"},
    values={"to": "REVISION", "take": "SECTION", "report": "FILE"},
    help={
        "number": f"{MANY} 0 is the process page and the blank document.",
        "to": "The template revision: a tag or commit; default: the newest.",
        "template": "Address or path of a template to try instead of the configured one; it is"
        " never recorded in a proposal.",
        "status": "Only proposals with this status.",
        "final": "Also update proposals in a final status.",
        "take": "With one number: use the template's text of this section, instead of keeping the"
        " author's; may be repeated.",
        "report": "Write a Markdown table for a pull request to this file.",
        "json": "Print JSON: a list of objects with number, from, to, outcome and files.",
        "dry_run": "Show the plan file by file and the diff; change nothing.",
    },
    examples=["bep update --dry-run", "bep update 1046 1050-1053 --to v1.2.0"],
)
def update(
    number: Sequence[str] = (),
    to: str = "",
    template: str = "",
    status: str = "",
    final: bool = False,
    take: Sequence[str] | None = None,
    report: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Update proposals to the newest template, keeping authors' text.

    Renders the recorded and the new revision, and merges what the template changed into the
    documents, section by section. The changes are left in the working tree for you to review and
    commit. Proposals in a final status are left alone unless named by number or with --final. A
    proposal that cannot be updated is reported in one line; the others are updated, and the exit
    code is 1.
    """
    from tempfile import TemporaryDirectory

    from ..system import chosen_proposals
    from ..update import report as update_report, update as updating

    repository = open_repository(writing=not dry_run)
    if report:
        _refuse_unwritable(report)
    if status:
        chosen_proposals.known_status(repository.guide, status)
    known = updating.known_numbers(repository)
    numbers = chosen_proposals.numbers(repository, number, known)
    if take and len(numbers or ()) != 1:
        raise BepError("--take needs one number", f"`bep update 1046 --take {quote(take[0])}`")
    request = updating.Request(numbers, status, final, to, dry_run, tuple(take or ()))
    trusted = trusted_template(repository, template, asks=not json)
    asks = not (json or dry_run) and has_terminal()
    with TemporaryDirectory(prefix="bep-") as place:
        updater = updating.Updater(
            repository, trusted, request, Path(place), _ask_on_terminal if asks else None
        )
        remark(*updater.remarks)
        wanted = updater.numbers()
        outcomes = updater.update(tracked(wanted))
    if report:
        _write_report(report, update_report.report(outcomes))
    if json:
        print_json([update_report.data(repository, one, with_diff=dry_run) for one in outcomes])
    else:
        _show_update(repository, outcomes, updater.revision, dry_run)
    remark(*update_report.problems(outcomes))
    if any(one.problem for one in outcomes):
        raise Exit(code=WRONG_DOCUMENTS)


@command(
    resumable=True,
    positions=["number"],
    lists=["number"],
    optional_values={"complete": ("PARTS", r"[A-Za-z, ]*")},
    values={"report": "FILE"},
    help={
        "number": f"{MANY} 0 is the process page and the blank document.",
        "all": "Adopt all documents; those in a final status are not completed.",
        "complete": "Also add parts of the template that a document lacks: a list of metadata,"
        " context, index, sections; default: the first three.",
        "status": "Only proposals with this status.",
        "template": TEMPLATE,
        "report": "Write a Markdown table for a pull request to this file.",
        "json": "Print JSON: a list of objects with number, path, outcome, unread and remark.",
        "dry_run": DRY_RUN,
    },
    examples=["bep adopt --all", "bep adopt 1046 --complete sections"],
)
def adopt(
    number: Sequence[str] = (),
    all: bool = False,  # noqa: A002 (the option's name)
    complete: str | bool | None = None,
    status: str = "",
    template: str = "",
    report: str = "",
    json: bool = False,
    dry_run: bool = False,
) -> None:
    """Give documents written by hand an answers file, for updates.

    Reads number, title, authors, status, dates, versions, components and phases from the documents;
    what cannot be read is stored as unknown, and reported. The documents stay as they are.
    --complete, at the same time or later, adds parts of the template that a document lacks, in
    their places, with values from the documents and the registry. It adds nothing that `check`
    would report, and no section that the document may have under another name.
    """
    from tempfile import TemporaryDirectory

    from ..check.forecast import Forecast
    from ..system import chosen_proposals
    from ..update import additions, adopt as adopting, update as updating

    parts: frozenset[additions.Part] = frozenset()
    if complete is not None:
        parts = additions.parts_of(complete) if isinstance(complete, str) else additions.USUAL
    if number and all:
        raise BepError(
            f"--all and {' '.join(number)!r} contradict each other", "leave one of them out"
        )
    if not (number or all):
        raise BepError("no document was named", "`bep adopt 1046` takes one, `--all` takes all")
    repository = open_repository(writing=not dry_run)
    if report:
        _refuse_unwritable(report)
    if status:
        chosen_proposals.known_status(repository.guide, status)
    known = [0, *updating.known_numbers(repository)]
    numbers = chosen_proposals.numbers(repository, number, known)
    request = adopting.Request(numbers, parts, status, dry_run)
    trusted = trusted_template(repository, template, asks=not json)
    forecast = Forecast(repository)
    with TemporaryDirectory(prefix="bep-") as place:
        adopter = adopting.Adopter(repository, trusted, request, Path(place), forecast.rules)
        found = [adopter.adopt(*one) for one in tracked(adopter.documents())]
    if dry_run and not json:
        print_diff(repository, (change for one in found for change in one.changes))
    if report:
        _write_report(report, adopting.report(found))
    if json:
        print_json([adopting.data(one) for one in found])
    else:
        table(_ADOPTIONS, [adopting.cells(one) for one in found], is_note=dry_run)
    remark(*filter(None, (*adopter.remarks, *(one.problem for one in found))))
    if any(one.changes for one in found) and not (dry_run or json):
        say("Next: look at the change with `git diff`, and commit it.")
    if any(one.problem for one in found):
        raise Exit(code=WRONG_DOCUMENTS)


def _show_update(
    repository: Repository, outcomes: Sequence[Outcome], revision: str, dry_run: bool
) -> None:
    from ..update import report as update_report

    show = note if dry_run else say_wrapped
    for one in outcomes:
        if not one.files and not one.remarks:
            continue
        show(f"{proposal_name(one.number)}: {one.outcome}, {one.recorded} -> {one.revision}")
        for file in one.files:
            kept = f"; kept: {', '.join(file.kept)}" if file.kept else ""
            show(f"  {file.path}: {file.outcome}{kept}")
            for wanted in file.wanted:
                call = f"; `bep update {one.number} --take {quote(wanted.section)}` takes it"
                take = call if wanted.can_be_taken else ""
                show(f"    What the template changed in {wanted.section!r}{take}:")
                for line in update_report.wanted(wanted):
                    show(f"      {line}")
        for line in one.remarks:
            show(f"  {line}")
        if dry_run:
            for file in one.files:
                diff(update_report.diff(repository, file))
    show(update_report.summary(outcomes, revision))
    if not dry_run and any(one.files for one in outcomes):
        say("Next: look at the change with `git diff`, and commit it.")


def _ask_on_terminal(number: int, question: str, text: str) -> str:
    say(f"{proposal_name(number)}, {question}:")
    for line in text.splitlines():
        say(f"  {line}")
    return typed("Your answer (Enter leaves it open): ").strip()


def _refuse_unwritable(path: str) -> None:
    """Raise BepError if a report cannot be written to `path`; no new file is left there."""
    is_new = not os.path.lexists(path)
    os.close(_opened(path))
    if is_new:
        Path(path).unlink()


def _write_report(path: str, text: str) -> None:
    try:
        with os.fdopen(_opened(path), "w", encoding="utf-8") as file:
            file.truncate()
            file.write(text)
    except OSError as error:
        raise _unwritable(path, error) from None


def _opened(path: str) -> int:
    # A link of that name may be in somebody's pull request, and lead anywhere.
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o666)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: str, error: OSError) -> BepError:
    return BepError(f"cannot be written ({reason_of(error)})", "name another file", path)
