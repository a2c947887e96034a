"""`check`: the guide's rules on the proposals, and on what a change does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..errors import BepError
from ..model.rules import catalogue, judging
from ..model.rules.judging import Finding, Severities
from ..model.rules.world import Change, Reservation, World
from ..outside import files, history
from ..outside.repository import Repository, encode
from . import basis, claims, gathering, mending, selection
from .basis import Basis
from .claims import Claim


class Checked(NamedTuple):
    """What was looked at, in words, and what was found.

    `remarks` are for people: what could not be asked. `changes` are the files that `fix` mends,
    `mended` the findings that are gone then.
    """

    scope: str
    findings: list[Finding]
    remarks: tuple[str, ...]
    changes: tuple[files.Change, ...] = ()
    mended: tuple[Finding, ...] = ()


def check(
    repository: Repository, number: str = "", *, since: str = "", everything: bool = False
) -> Checked:
    """Judge the proposals that `number` means, all without it.

    On a branch, or with `since`, only what the change introduced is found. Raises BepError for a
    revision or number that is not here, and where there is no registry.
    """
    based = basis.find(repository, since, everything=everything)
    world = _gather(repository)
    judge, remarks = _judge(repository, based, world, number)
    return Checked(_scope(based, number), judge(world), remarks)


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
    based = basis.find(repository, since, everything=everything)
    with files.alone(repository.tree):
        world = _gather(repository)
        judge, remarks = _judge(repository, based, world, number)
        result = mending.mend(world, judge)
        changes = tuple(
            files.Change(repository.root / path, encode(text))
            for path, text in sorted(result.texts.items())
        )
        if changes and not dry_run:
            files.write(repository.tree, changes)
    found = _scope(based, number)
    mended = tuple(sorted(result.mended, key=lambda one: (one.path, one.line, one.rule)))
    return Checked(found, result.left, remarks, changes, mended)


def _gather(repository: Repository) -> World:
    world = gathering.working_tree(repository)
    if world.process_page is None and not world.proposals:
        repository.read_registry()
    return world


def _judge(
    repository: Repository, based: Basis, world: World, number: str
) -> tuple[Callable[[World], list[Finding]], tuple[str, ...]]:
    """What gives the findings of a state of the repository, and remarks on what it leaves out."""
    severities = Severities(repository.settings.check)
    numbers = _selected(world, number)
    if based.commit is None:
        return (lambda now: judging.findings(now, severities, numbers)), ()
    before = gathering.at(repository, based.commit, world)
    folder = repository.settings.proposals
    renamed = history.renamed(repository.root, based.commit, folder) if based.commit else {}
    change = Change(before, world, renamed)
    change, remarks = _with_claims(repository, change, numbers)
    return (
        lambda now: judging.introduced(change._replace(after=now), severities, numbers)
    ), remarks


def _selected(world: World, number: str) -> frozenset[int] | None:
    if not number:
        return None
    known = sorted({*world.documents, *world.rows})
    return frozenset(selection.selected(known, number, lambda one: one))


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
    return judging.unknown_rules(repository.settings.check)


def refuse_dry_run_alone(*, fix: bool, dry_run: bool) -> None:
    """Raise BepError for a dry run of nothing: without `--fix`, `check` changes no file."""
    if dry_run and not fix:
        raise BepError("--dry-run shows what --fix would change", "add --fix, or leave it out")
