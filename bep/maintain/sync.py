"""`sync`: derived text is rewritten from its sources, concurrent registry changes are merged."""

from __future__ import annotations

import re
import shlex
from collections.abc import Set
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..proposal import registry_conflicts, registry_table
from ..proposal.derived_text import Correction, Right
from ..proposal.registry_table import Registry
from ..start import claim_refs, held_numbers, reserve
from ..start.reserve import Settled
from ..system import (
    branch_proposals,
    file_transaction,
    git_merge,
    git_objects,
    git_process,
    git_remotes,
)
from ..system.file_transaction import Change
from ..system.repository import Repository
from . import corrections

_NOTHING = Settled([], None)


class Synced(NamedTuple):
    """What `sync` did, what only a person can decide, and why the remote could not be asked.

    `refusal` may also say why the remote refused a claim.
    """

    changes: tuple[Change, ...]
    remarks: tuple[str, ...]
    problems: tuple[str, ...]
    refusal: BepError | None


def right_of(author: str) -> Right | None:
    """Return who is right about authors, None for ''; raise BepError for anything else."""
    if author and author not in list(Right):
        known = " or ".join(f"--author {one}" for one in Right)
        raise BepError(f"--author {author!r} is neither side", f"use {known}")
    return Right(author) if author else None


def sync(
    repository: Repository, named: str = "", *, author: str = "", dry_run: bool = False
) -> Synced:
    """Settle the registry page, rewrite derived text, publish offline claims, learn the remote's.

    Derived text is that of the proposals that `named` means, or of all. Two titles for one number,
    two documents with one number, corrections that would lose an author's words, and rows that name
    another author than their document are reported, not made; `author` says who is right about the
    last: `document` or `registry`. Raises BepError for another `author`, and if the page is missing
    or its conflict is not in registry rows.
    """
    right = right_of(author)
    page = repository.relative(repository.registry_page)
    if not repository.tree.has(repository.registry_page):
        repository.read_registry()
    with file_transaction.alone(repository.tree):
        source = repository.read(repository.registry_page)
        is_unmerged = page in git_merge.unmerged(repository.root)
        before = git_objects.content_at(repository.root, ":1", page) if is_unmerged else None
        settled = registry_conflicts.settle(source, page, repository.guide, before)
        _refuse_unsettled(repository, settled.text, page)
        found = corrections.find(repository, registry_table.read(settled.text, page), named, right)
        changes = corrections.changes(repository, found.corrections, {page: settled.text})
        if not dry_run:
            file_transaction.write(repository.tree, changes)
    remarks = [f"{page}: {remark}" for remark in settled.remarks]
    remarks += [_line(one) for one in found.corrections if one.splices]
    shared = Settled(_to_publish(repository), None) if dry_run else _with_remote(repository)
    remarks += shared.remarks
    problems = [_clash(repository, page, clash) for clash in settled.clashes]
    problems += _shared_numbers(repository, registry_table.read(settled.text, page), found.numbers)
    problems += [*found.problems, *(_line(one) for one in found.corrections if not one.splices)]
    return Synced(tuple(changes), tuple(remarks), tuple(problems), shared.refusal)


def _refuse_unsettled(repository: Repository, text: str, page: str) -> None:
    """Raise BepError if a merge left markers in the page that say nothing by themselves."""
    if page not in git_merge.unmerged(repository.root):
        return
    size = git_merge.marker_size(repository.root, page)
    left = re.compile(rf"(?:<{{{size}}}|>{{{size}}})(?: .*)?")
    for number, line in enumerate(text.splitlines(), 1):
        if left.fullmatch(line):
            raise BepError(
                f"is in conflict, and its markers of length {size} are ambiguous",
                "resolve it by hand and `git add` it",
                page,
                number,
                WRONG_DOCUMENTS,
            )


def _line(correction: Correction) -> str:
    return f"{correction.path}:{correction.line}: {correction.what}"


def _to_publish(repository: Repository) -> list[str]:
    """The claims that the remote is not known to have, in words."""
    made = claim_refs.own(repository)
    unshared = claim_refs.unshared(repository, made)
    return [
        f"{names.proposal_name(one.number)} {one.title!r}, which is reserved in this clone only,"
        " would be published"
        for one in made
        if one.number in unshared
    ]


def _with_remote(repository: Repository) -> Settled:
    """Publish the claims made here, and learn those of the remote; or say why that is not done."""
    done = _NOTHING
    try:
        remote = held_numbers.look(repository)
        if remote is None:
            return done
        done = reserve.settle_pending(repository, remote)
        prefix = repository.settings.claims
        seen = f"+{prefix}*:{claim_refs.seen_refs(remote.name)}*"
        git_remotes.fetch(repository.root, remote.name, seen, prune=True)
    except git_process.GitRefusal as refusal:
        problem = f"the claims of the remote could not be fetched: {refusal}"
        return done._replace(refusal=done.refusal or BepError(problem, "try again later"))
    except BepError as error:
        return done._replace(refusal=error)
    claim_refs.note_seen(repository)
    return done


def _clash(repository: Repository, page: str, clash: registry_conflicts.Clash) -> str:
    titles = " and ".join(f"{title!r} (line {line})" for line, title in clash.rows)
    documents = [repository.relative(path) for path in repository.documents_of(clash.number)]
    branches = branch_proposals.find(repository)
    own = branches.to_move(documents) if documents else ""
    remedy = f"give the one that is not on {branches.main} another number"
    if clash.number in registry_conflicts.numbers(
        git_objects.content_at(repository.root, ":1", page), page
    ):
        remedy = "both sides changed the same proposal: remove the wrong row"
    elif own and own not in branches.on_main:
        remedy = f"`bep renumber {shlex.quote(own)}` gives the branch's document another number"
    return (
        f"{page}:{clash.rows[0][0]}: two titles for the number {clash.number}: {titles}; {remedy}"
    )


def _shared_numbers(repository: Repository, page: Registry, numbers: Set[int]) -> list[str]:
    linked = {registry_table.target_of(page.path, row) for row in page.rows}
    by_number: dict[int, list[Path]] = {}
    for number, path in repository.main_documents():
        if number not in numbers:
            continue
        by_number.setdefault(number, []).append(path)
    problems = []
    for number, paths in by_number.items():
        if len(paths) < 2:
            continue
        # The one that the registry does not link was added by hand.
        known = sorted(map(repository.relative, paths), key=lambda path: path not in linked)
        other = branch_proposals.find(repository).to_move(known)
        first = next(path for path in known if path != other)
        problems.append(
            f"{other}: {number} is also the number of {first};"
            f" give this one another with `bep renumber {shlex.quote(other)}`"
        )
    return problems
