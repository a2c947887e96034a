"""`check`: the guide's rules on the proposals, and on what a change does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..errors import BepError
from ..start import claims
from ..start.claims import Claim
from ..system import chosen_proposals, file_transaction, git
from ..system.repository import Repository, encode
from . import base_settings, baseline, fix as mending, snapshot_reader
from .baseline import Basis
from .rules import catalogue, runner
from .rules.runner import Finding, Severities
from .rules.snapshot import Change, Reservation, Snapshot


class Checked(NamedTuple):
    """What was looked at, in words, and what was found.

    `remarks` are for people: what could not be asked. `changes` are the files that `fix` mends,
    `mended` the findings that are gone then.
    """

    scope: str
    findings: list[Finding]
    remarks: tuple[str, ...]
    changes: tuple[file_transaction.Change, ...] = ()
    mended: tuple[Finding, ...] = ()


def check(
    repository: Repository, number: str = "", *, since: str = "", everything: bool = False
) -> Checked:
    """Judge the proposals that `number` means, all without it.

    On a branch, or with `since`, only what the change introduced is found. Raises BepError for a
    revision or number that is not here, and where there is no registry.
    """
    based = baseline.find(repository, since, everything=everything)
    case = _case(repository, based, number)
    return Checked(_scope(based, number), case.judge(case.snapshot), case.remarks)


def fix(
    repository: Repository,
    number: str = "",
    *,
    since: str = "",
    everything: bool = False,
    dry_run: bool = False,
) -> Checked:
    """Like `check`, and mend of what it finds what is mechanical; the rest is found.

    Only lines with a finding change, all files or none.
    """
    based = baseline.find(repository, since, everything=everything)
    with file_transaction.alone(repository.tree):
        case = _case(repository, based, number)
        result = mending.mend(case.snapshot, case.judge)
        changes = tuple(
            file_transaction.Change(repository.root / path, encode(text))
            for path, text in sorted(result.texts.items())
        )
        if changes and not dry_run:
            file_transaction.write(repository.tree, changes)
    found = _scope(based, number)
    mended = tuple(sorted(result.mended, key=lambda one: (one.path, one.line, one.rule)))
    return Checked(found, result.left, case.remarks, changes, mended)


class _Case(NamedTuple):
    """The working tree, what gives the findings of a state of it, and remarks."""

    snapshot: Snapshot
    judge: Callable[[Snapshot], list[Finding]]
    remarks: tuple[str, ...]


def _case(repository: Repository, based: Basis, number: str) -> _Case:
    base, remarks = base_settings.find(repository, based)
    before = repository._replace(settings=base)
    after, snapshot = _gathered(before, repository.settings.proposals)
    remarks += base_settings.difference(after.settings, repository.settings, based)
    severities = Severities(base.check)
    numbers = _selected(snapshot, number)
    if based.commit is None:
        return _Case(snapshot, lambda now: runner.findings(now, severities, numbers), remarks)
    folders = {before.settings.proposals, after.settings.proposals}
    renamed = git.renamed_files(repository.root, based.commit, *folders) if based.commit else {}
    change = Change(snapshot_reader.at(before, based.commit, snapshot), snapshot, renamed)
    change, more = _with_claims(after, change, numbers)
    return _Case(
        snapshot,
        lambda now: runner.introduced(change._replace(after=now), severities, numbers),
        (*remarks, *more),
    )


def _gathered(repository: Repository, own_folder: str) -> tuple[Repository, Snapshot]:
    """The working tree; its own settings' folder where the one that counts holds no proposals.

    So a change may move the folder, or be the first to have one, and hides nothing by it.
    """
    snapshot = snapshot_reader.working_tree(repository)
    if snapshot.process_page is not None or snapshot.proposals:
        return repository, snapshot
    if repository.settings.proposals == own_folder:
        repository.read_registry()  # which says that there is none
        return repository, snapshot
    settings = repository.settings._replace(proposals=own_folder)
    return _gathered(repository._replace(settings=settings), own_folder)


def _selected(snapshot: Snapshot, number: str) -> frozenset[int] | None:
    if not number:
        return None
    known = sorted({*snapshot.by_number, *snapshot.rows})
    return frozenset(chosen_proposals.selected(known, number, lambda one: one))


def _scope(based: Basis, number: str) -> str:
    return f"{based.said}, of {number} only" if number else based.said


def _with_claims(
    repository: Repository, change: Change, numbers: frozenset[int] | None
) -> tuple[Change, tuple[str, ...]]:
    """The change with the claims of the numbers that it adds; who adds none asks nobody."""
    added = [one.number for one in change.added() if numbers is None or one.number in numbers]
    if not added:
        return change, ()
    own = {one.number: _reservation(one) for one in claims.own(repository)}
    try:
        remote = claims.look(repository)
    except BepError as error:
        skipped = ", ".join(map(str, added))
        return change, (f"whether the new numbers are claimed was skipped ({skipped}): {error}",)
    if remote is None:
        return change._replace(claimed=own), ()
    told = claims.read_remote(repository, remote, added)
    claimed = {number: Reservation("", "", None) for number in added if number in remote.claims}
    claimed |= {one.number: _reservation(one) for one in told}
    unpublished = frozenset(own.keys() - remote.claims.keys())
    return change._replace(claimed=claimed, unpublished=unpublished), ()


def _reservation(claim: Claim) -> Reservation:
    return Reservation(claim.title, claim.author, None)


def explained(name: str) -> str:
    """A rule with explanation, example and remedy; raises BepError where there is none."""
    one = catalogue.BY_NAME.get(name)
    if one is None:
        raise BepError(f"there is no rule {name!r}", f"try {', '.join(catalogue.similar(name))}")
    return catalogue.explained(one)


def unknown_rules(repository: Repository) -> list[str]:
    """The names of rules in the settings that there are not."""
    return runner.unknown_rules(repository.settings.check)


def refuse_dry_run_alone(*, fix: bool, dry_run: bool) -> None:
    """Raise BepError for a dry run of nothing: without `--fix`, `check` changes no file."""
    if dry_run and not fix:
        raise BepError("--dry-run shows what --fix would change", "add --fix, or leave it out")
