"""`check`: the guide's rules on the proposals, and on what a change does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .. import names
from ..errors import BepError, unknown
from ..guide import Guide
from ..proposal.document import Document
from ..questionnaire import revision_notes
from ..start import claim_refs, held_numbers
from ..start.claim_refs import Claim
from ..system import baseline, chosen_proposals, citations, file_transaction, git_objects
from ..system.baseline import Basis
from ..system.repository import Repository, encode
from . import base_settings, fix as mending, snapshot_reader, two_processes
from .kept_verdicts import KeptVerdicts
from .rules import catalogue, runner
from .rules.finding import Finding, Severities
from .rules.runner import Track
from .rules.snapshot import Change, Reservation, Snapshot

_HEAD_BYTES = 500


class Checked(NamedTuple):
    """What was checked, in words, and what was found.

    `documents` are those that were judged, by path. `remarks` say what could not be asked.
    `changes` are the files that `fix` corrects, `fixed` the findings that this removes. `verdict`
    is what to say if there are no findings.
    """

    scope: str
    findings: list[Finding]
    documents: Mapping[str, Document]
    remarks: tuple[str, ...]
    changes: tuple[file_transaction.Change, ...] = ()
    fixed: tuple[Finding, ...] = ()
    verdict: str = "Nothing to report."


def check(
    repository: Repository,
    number: str = "",
    *,
    since: str = "",
    everything: bool = False,
    track: Track = iter,
    use_kept: bool = True,
) -> Checked:
    """Check the proposals that `number` names, or all of them; `track` can show progress.

    On a branch, or with `since`, report only what the change introduced. Without `use_kept`, the
    rules run even if an earlier call found everything as it is. Raise BepError for an unknown
    revision or number, and if there is no registry.
    """
    based = baseline.find(repository, since, everything=everything)
    case = _case(repository, based, number, track, use_kept=use_kept)
    return Checked(
        scope=_scope(based, number),
        findings=case.judge(case.snapshot),
        documents=case.snapshot.documents,
        remarks=case.remarks,
    )


def fix(
    repository: Repository,
    number: str = "",
    *,
    since: str = "",
    everything: bool = False,
    dry_run: bool = False,
) -> Checked:
    """Check, correct what can be corrected mechanically, and report the rest.

    Only lines with a finding change; either all files are written or none.
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
    return Checked(
        scope=_scope(based, number),
        findings=result.left,
        documents=result.snapshot.documents,
        remarks=case.remarks,
        changes=changes,
        fixed=tuple(sorted(result.fixed, key=lambda one: (one.path, one.line, one.rule))),
    )


class JudgedChange(NamedTuple):
    """A change with the findings that it introduced, and what could not be asked."""

    change: Change
    findings: list[Finding]
    remarks: tuple[str, ...]


def judge_change(repository: Repository, based: Basis) -> JudgedChange:
    """Return the change since a basis that is not everything, with its findings.

    Raise BepError if there is no registry.
    """
    case = _case(repository, based, "")
    if case.change is None:
        raise ValueError("everything is not a change")
    return JudgedChange(case.change, case.judge(case.snapshot), case.remarks)


class _Case(NamedTuple):
    """The working tree, a function that returns the findings of a state of it, and remarks.

    `change` is what is checked, None for everything.
    """

    snapshot: Snapshot
    judge: Callable[[Snapshot], list[Finding]]
    remarks: tuple[str, ...]
    change: Change | None = None


def _case(
    repository: Repository,
    based: Basis,
    number: str,
    track: Track = iter,
    *,
    use_kept: bool = True,
) -> _Case:
    base, remarks = base_settings.find(repository, based)
    before = repository._replace(settings=base)
    after, snapshot = snapshot_reader.of_either(before, repository.settings.proposals)
    remarks += base_settings.difference(after.settings, repository.settings, based)
    remarks += _changed_guide(after, based) + _outdated_guide(after)
    severities = Severities(base.check)
    numbers = _selected(repository, snapshot, number)
    judge = KeptVerdicts(repository).judged if use_kept else two_processes.judged
    if based.everything:
        return _Case(
            snapshot,
            lambda now: runner.findings(now, severities, numbers, track, judge),
            remarks,
        )
    change = snapshot_reader.change(before, snapshot, based)
    change = change._replace(citations=tuple(citations.added(after, based)))
    change, more = _with_claims(after, change, numbers)
    return _Case(
        snapshot,
        lambda now: runner.introduced(
            change._replace(after=now), severities, numbers, track, judge
        ),
        (*remarks, *more),
        change,
    )


def _changed_guide(repository: Repository, based: Basis) -> tuple[str, ...]:
    """Return a remark if the change has another guide than the commit it is compared with."""
    if based.commit is None:
        return ()
    path = repository.proposals / names.GUIDE
    name = repository.relative(path)
    before = git_objects.content_at(repository.root, based.commit, name)
    now = repository.content(path) if repository.tree.has(path) else None
    if before == now:
        return ()
    commit = based.commit[:9]
    if now is None:
        return (f"{name} is missing, and {commit} has it; the tool's own guide judges this change",)
    if before is None:
        return (f"{name} is new since {commit}; it judges this change",)
    return (f"{name} differs from that of {commit}; the one here judges this change",)


def _outdated_guide(repository: Repository) -> tuple[str, ...]:
    """Return a remark if proposals have a newer template revision than the repository's guide."""
    revisions = {
        path.name: revision_notes.recorded(repository.head(path, _HEAD_BYTES))
        for path in repository.tree.files(repository.proposals / names.ANSWERS_FOLDER, ".yml")
    }
    of_guide = revisions.get(repository.answers_file(0).name, "")
    newer = sum(revision_notes.is_older(of_guide, one) for one in revisions.values())
    if not newer:
        return ()
    path = repository.relative(repository.proposals / names.GUIDE)
    count = "1 proposal has" if newer == 1 else f"{newer} proposals have"
    return (f"{path} is of {of_guide}, and {count} a newer revision; `bep update` updates it",)


def _selected(repository: Repository, snapshot: Snapshot, number: str) -> frozenset[int] | None:
    if not number:
        return None
    known = sorted({*snapshot.by_number, *snapshot.rows})
    return frozenset(chosen_proposals.selected(repository, known, number, lambda one: one))


# More numbers than that are only counted in the first line.
_MOST_NAMED = 8


def _scope(based: Basis, number: str) -> str:
    if not number:
        return based.scope
    parts = number.split(",")
    named = number if len(parts) <= _MOST_NAMED else f"{len(parts)} proposals"
    return f"{based.scope}, of {named} only"


def _with_claims(
    repository: Repository, change: Change, numbers: frozenset[int] | None
) -> tuple[Change, tuple[str, ...]]:
    """Return the change with the claims of the numbers it adds; ask no remote if it adds none."""
    added = [one.number for one in change.added() if numbers is None or one.number in numbers]
    if not added:
        return change, ()
    own = {one.number: _reservation(one) for one in claim_refs.own(repository)}
    try:
        remote = held_numbers.look(repository)
    except BepError as error:
        skipped = ", ".join(map(str, added))
        return change, (f"the check for claims of new numbers was skipped ({skipped}): {error}",)
    if remote is None:
        return change._replace(claimed=own), ()
    told = held_numbers.read_remote(repository, remote, added)
    claimed = {
        number: Reservation(title="", author="", days=None)
        for number in added
        if number in remote.claims
    }
    claimed |= {one.number: _reservation(one) for one in told}
    unpublished = frozenset(own.keys() - remote.claims.keys())
    return change._replace(claimed=claimed, unpublished=unpublished), ()


def _reservation(claim: Claim) -> Reservation:
    return Reservation(title=claim.title, author=claim.author, days=None)


def explained(name: str, guide: Guide) -> str:
    """Return a rule's explanation, example and remedy in the guide's words.

    Raise BepError for an unknown rule.
    """
    one = catalogue.BY_NAME.get(name)
    if one is None:
        raise unknown("rule", name, catalogue.BY_NAME, choices="`bep check --explain` lists all")
    return catalogue.explained(one, guide)


_NO_EFFECT = "it has no effect"


def unknown_names(repository: Repository) -> list[str]:
    """Return what the settings say of rules, and of parts of the guide, that do not exist."""
    settings = repository.settings
    rules = (
        f"the setting 'check': {unknown('rule', name, catalogue.BY_NAME, choices=_NO_EFFECT)}"
        for name in runner.unknown_rules(settings.check)
    )
    parts = (
        f"the setting 'limits': the guide has no limit {name!r}; {_NO_EFFECT}"
        for name in settings.limits.unknown_to(repository.guide)
    )
    return [*rules, *parts]


def refuse_dry_run_alone(*, fix: bool, dry_run: bool) -> None:
    """Raise BepError for a dry run of nothing: without `--fix`, `check` changes no file."""
    if dry_run and not fix:
        raise BepError("--dry-run only works with --fix", "add --fix, or leave out --dry-run")
