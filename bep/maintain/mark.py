"""`mark`: proposals change their status, in the document and in the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..markdown import edits
from ..markdown.edits import Splice
from ..proposal import derived_text, lifecycle, registry_table
from ..proposal.lifecycle import Marked, Wish
from ..proposal.registry_table import Registry
from ..system import chosen_proposals, file_transaction
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, encode


class Step(NamedTuple):
    """A proposal that changes its status."""

    number: int
    main: str
    marked: Marked

    def data(self) -> dict[str, Any]:
        """The step as `mark --json` prints it."""
        return {
            "number": self.number,
            "main": self.main,
            "from": self.marked.before,
            "to": self.marked.after,
            "remarks": list(self.marked.remarks),
        }


class Marking(NamedTuple):
    """The steps and the changes of files; if anything is refused, there are none."""

    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    refusals: tuple[BepError, ...]


def wish(
    repository: Repository,
    status: str,
    *,
    version: str = "",
    target_version: str = "",
    by: str = "",
    reason: str = "",
    despite_open_questions: bool = False,
) -> Wish:
    """The transition that a call asks for.

    Raises BepError for an unknown status, for malformed values, for options that the status
    has no use for, and where `by` is not a proposal of the registry.
    """
    guide = repository.guide
    found = Wish(
        chosen_proposals.known_status(guide, status),
        version.strip(),
        target_version.strip(),
        _successor(repository, by) if by else "",
        chosen_proposals.one_line(reason, "reason") if reason else "",
        despite_open_questions,
    )
    lifecycle.refuse_unfitting(guide, found)
    return found


def _successor(repository: Repository, by: str) -> str:
    number = chosen_proposals.one_number(by)
    if number not in repository.read_registry().numbers() and not repository.documents_of(number):
        raise BepError(f"there is no proposal {number}", "`bep list` shows all numbers")
    return names.proposal_name(number)


def mark(repository: Repository, named: str, wanted: Wish, *, dry_run: bool = False) -> Marking:
    """Bring the proposals that `named` means to the wanted status: all of them, or none.

    Metadata, Decision Log and registry row change together. What the lifecycle refuses is in the
    result, one error for each proposal. Raises BepError if it is not clear which documents are
    meant, or where the registry is broken.
    """
    today = dt.datetime.now().astimezone().date().isoformat()
    with file_transaction.alone(repository.tree):
        mains = chosen_proposals.meant(repository, named)
        steps, changes, refusals = [], [], []
        for main in mains:
            try:
                step = _step(main, wanted, today)
            except BepError as refusal:
                refusals.append(refusal)
            else:
                steps.append(step)
                text = edits.applied(main.document.source, step.marked.splices)
                if step.marked.splices:
                    changes.append(Change(main.path, encode(text)))
        if refusals:
            return Marking((), (), tuple(refusals))
        page = repository.read_registry()
        rows = [edit for main in mains for edit in row(repository, page, main, wanted.status.name)]
        text = edits.applied(page.source, rows)
        if text != page.source:
            changes.append(Change(repository.registry_page, encode(text)))
        if not dry_run:
            file_transaction.write(repository.tree, changes)
    return Marking(tuple(steps), tuple(changes), ())


def _step(main: Main, wanted: Wish, today: str) -> Step:
    if wanted.by == names.proposal_name(main.number):
        raise BepError(f"{wanted.by} cannot replace itself", "give another number", main.place)
    marked = lifecycle.mark(main.document, wanted, today)
    return Step(main.number, main.place, marked)


def row(repository: Repository, page: Registry, main: Main, status: str) -> Sequence[Splice]:
    """The edits that bring the status into the proposal's row; a missing row is added.

    The row of another document with the same number is left alone.
    """
    found = chosen_proposals.row_of(repository, page, main.number, main.path)
    if found is not None:
        return registry_table.cell_splices(page, found, {"Status": status})
    if main.number in page.numbers():
        return []
    return [derived_text.new_row(page, main.document, status)]
