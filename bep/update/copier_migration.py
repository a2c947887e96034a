"""What the template's `after` migration does in `copier update`: it updates the documents.

Copier has written the answers file and left the documents alone. The documents follow here, with
the same merge as in `update`; where that fails, the answers file becomes what it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import BepError
from ..system import file_transaction, git_objects, repository, template_revisions
from ..system.file_transaction import Change
from ..system.renderer import Revision
from ..system.repository import Repository
from ..system.revision_cache import CompiledTemplates
from ..system.template import Template
from ..system.template_revisions import TemplateRevisions
from . import answers_file, final_proposals, proposal_update
from .proposal_update import CarriedFile, Proposal, carry


def migrate(
    place: Path,
    checkout: Path,
    path: str,
    revisions: tuple[str, str],
    answers: Mapping[str, Any],
    given: Collection[str],
) -> str:
    """Bring the documents of the answers file at `path` to the revision in `checkout`.

    `place` is the destination of `copier update`; `revisions` are the recorded and the new one,
    `answers` those that Copier has, `given` the names of those that the call gave. Returns what
    was done, in words. Raises BepError if it cannot be done; then nothing has changed.
    """
    found = repository.find(place)
    proposal_update.refuse_unmerged(found)
    before = proposal_update.committed(found, path)
    if before is None:
        raise BepError("is not committed", "commit it first", path)
    try:
        if said := _left_alone(found, before, path):
            file_transaction.write(found.tree, [Change(found.root / path, before)])
            return said
        with TemporaryDirectory(prefix="bep-") as folder:
            carried = _carried(
                found, checkout, Path(folder), (path, before), revisions, answers, given
            )
            proposal_update.write(found, carried)
    except BaseException:
        file_transaction.write(found.tree, [Change(found.root / path, before)])
        raise
    return _said(carried)


def _left_alone(found: Repository, before: bytes, path: str) -> str:
    """What is said of a proposal in a final status, '' for another one."""
    number = answers_file.number_of(Path(path).name)
    if number is None:
        return ""
    answers = answers_file.read(before, path).answers
    documents = [found.relative(document) for document in found.documents_of(number)]
    document = final_proposals.recorded_document(documents, number, answers)
    status = final_proposals.final_status(found, document) if document else None
    if status is None:
        return ""
    return f"  {document}: {status.name}, so it is left alone; `bep update {number}` updates it"


def _carried(
    found: Repository,
    checkout: Path,
    folder: Path,
    recorded: tuple[str, bytes],
    revisions: tuple[str, str],
    answers: Mapping[str, Any],
    given: Collection[str],
) -> list[CarriedFile]:
    path, before = recorded
    number = answers_file.number_of(Path(path).name)
    if number is None or path != found.relative(found.answers_file(number)):
        raise BepError("is not an answers file of a proposal", "see `bep list`", path)
    at_hand = TemplateRevisions(
        Template(str(checkout), checkout, None), folder, found.root, tool=""
    )
    old = at_hand.find(revisions[0])
    if old is None:
        raise BepError(
            f"the recorded revision {revisions[0]} is no longer in the template",
            f"`bep adopt {number}` records the document anew",
            path,
        )
    commit = git_objects.commit_of(checkout, "HEAD")
    new = Revision(checkout, revisions[1], found.root, CompiledTemplates(commit))
    changes = template_revisions.changes_of(new)
    own = {name: answers[name] for name in new.questions if name in answers}
    # Copier has replaced a malformed stored answer by a default.
    stored = answers_file.read(before, path)
    renamed = changes.names("answers", stored.revision)
    kept = {renamed.get(name, name): value for name, value in stored.answers.items()}
    problems = new.replayed({**own, **kept}).problems
    malformed = {name: reason for name, reason in problems.items() if name not in given}
    answers_file.refuse_problems(malformed, before, path)

    def read(name: str) -> bytes | None:
        if name == path:
            return before
        return proposal_update.content_of(found, name)

    documents = [found.relative(document) for document in found.documents_of(number)]
    proposal = Proposal(found.settings.proposals, number, before, stored, read, documents)
    return carry(proposal, at_hand.at(old), new, changes, own).files


def _said(carried: list[CarriedFile]) -> str:
    lines = [
        f"  {one.path}: {one.outcome}" + (f"; kept: {', '.join(one.kept)}" if one.kept else "")
        for one in carried
        if one.outcome != "current" or one.kept
    ]
    return "\n".join(lines)
