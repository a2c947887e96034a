"""Snapshots of the working tree and of commits, read for the rules."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import BepError, reason_of
from ..guide import Guide
from ..markdown import links
from ..proposal import registry_table, stored_answers
from ..proposal.document import Document, Role
from ..questionnaire import answers as answer_forms, revision_notes
from ..start import claim_refs
from ..system import branch_proposals, git_files, git_objects
from ..system.baseline import Basis
from ..system.branch_proposals import Found
from ..system.git_merge import OtherSide
from ..system.repository import Repository, decode
from .rules.snapshot import Change, Proposal, Reservation, Skill, Snapshot


def working_tree(repository: Repository) -> Snapshot:
    """Read the proposals of the working tree, without ignored files."""
    root = repository.root
    branches = branch_proposals.find(repository)
    elsewhere = {
        path: branches.place(one) for one in branches.only_elsewhere for path in one.documents
    }
    read = partial(_read, repository, repository.guide)
    paths = git_files.working_paths(root)
    found = _snapshot(
        repository, paths, _known_claims(repository, branches), elsewhere, branches.on_main, read
    )
    return dataclasses.replace(found, is_committed=_committed(repository))


def of_either(repository: Repository, own_folder: str) -> tuple[Repository, Snapshot]:
    """Read the working tree; if the folder of `repository` has no proposals, read `own_folder`.

    So a change may move the folder, or add the first one, and cannot hide anything by it. Raise
    BepError if neither has a registry.
    """
    snapshot = working_tree(repository)
    if snapshot.process_page is not None or snapshot.proposals:
        return repository, snapshot
    if repository.settings.proposals == own_folder:
        repository.read_registry()  # raises: there is none
        return repository, snapshot
    settings = repository.settings._replace(proposals=own_folder)
    return of_either(repository._replace(settings=settings), own_folder)


def at(
    repository: Repository, commit: str | None, now: Snapshot, brought: OtherSide | None = None
) -> Snapshot:
    """Read the proposals of a commit, none if it is None; share with `now` what did not change.

    Files that the other side of a merge has changed are as `brought` has them.
    """
    root, folder = repository.root, repository.settings.proposals
    if commit is None:
        return Snapshot(
            folder=folder, paths=frozenset(), proposals=(), process_page=None, guide=now.guide
        )
    blobs, changed = files_at(root, commit, brought)
    below = f"{folder}/"
    other = [
        path
        for path, blob in blobs.items()
        if blob
        and (path in changed or path not in now.documents)
        and (_is_text(path, below) or path in repository.settings.skills)
    ]
    texts = git_objects.contents(root, (blobs[path] for path in other))

    def document(path: str, role: Role) -> Document:
        same = now.documents.get(path)
        if same and path not in changed and same.role is role:
            return same
        blob = blobs[path]
        data = (texts.get(blob) or git_objects.contents(root, [blob])[blob]) if blob else None
        empty = Document("", path, role, guide=now.guide)
        return (
            dataclasses.replace(empty, problem="a link") if data is None else _judged(empty, data)
        )

    paths = frozenset(blobs)
    found = _snapshot(repository, paths, now.claims, now.elsewhere, now.on_main, document)
    return dataclasses.replace(
        found,
        is_committed=lambda path: path in paths,
        anchors_elsewhere=lambda path: (
            found.anchors_elsewhere(path) if path in changed else now.anchors_of(path)
        ),
    )


def _committed(repository: Repository) -> Callable[[str], bool]:
    """Return a function that says whether HEAD has a file of the proposals; it asks Git once."""
    root, folder = repository.root, repository.settings.proposals
    known = cache(lambda: frozenset(git_objects.names_at(root, "HEAD", folder)))
    return lambda path: path.removeprefix(f"{folder}/") in known()


class Files(NamedTuple):
    """The files of a commit, with the ids of their contents, and those that may differ from now."""

    blobs: Mapping[str, str]
    changed: frozenset[str]


def files_at(root: Path, commit: str, brought: OtherSide | None = None) -> Files:
    """Return the files of a commit; those that a merge has `brought` are as the other side's."""
    blobs = git_objects.blobs(root, commit)
    changed = git_files.changed_files(root, commit)
    if brought:
        theirs, fork = git_objects.blobs(root, brought.commit), {}
        if brought.fork:
            fork = (
                git_objects.blobs(root, brought.fork) if brought.fork != brought.commit else blobs
            )
        differing = {
            path for path in theirs.keys() | fork.keys() if theirs.get(path) != fork.get(path)
        }
        blobs = {path: blob for path, blob in blobs.items() if path not in differing}
        blobs |= {path: theirs[path] for path in differing if path in theirs}
        changed |= differing
    return Files(blobs, changed)


def change(before: Repository, after: Snapshot, based: Basis) -> Change:
    """Return the change from the basis to the snapshot `after`; `before` has the base's settings.

    Files that Git sees as renamed are known by both names.
    """
    folders = {before.settings.proposals, after.folder}
    renamed = git_files.renamed_files(before.root, based.commit, *folders) if based.commit else {}
    was = at(before, based.commit, after, based.brought)
    return Change(before=was, after=after, renamed=renamed)


def _is_text(path: str, below: str) -> bool:
    """Return whether the text of a file at a commit is needed."""
    return path.startswith(below) and path.endswith((".md", ".yml"))


def _snapshot(
    repository: Repository,
    paths: frozenset[str],
    known_claims: Mapping[int, Reservation],
    elsewhere: Mapping[str, str],
    on_main: frozenset[str],
    read: Callable[[str, Role], Document],
) -> Snapshot:
    folder = repository.settings.proposals
    process_path = f"{folder}/{names.REGISTRY_PAGE}"
    process_page = read(process_path, Role.PROCESS) if process_path in paths else None
    mains, parts = _documents(folder, paths, read)
    proposals = []
    for number, sharing in mains.items():
        own = tuple(parts.pop(number, []))
        # If two documents share the number, the directory belongs to the one that is linked.
        linked = _linked(sharing, process_page)
        path = f"{folder}/{names.answers_file(number)}"
        answers = read(path, Role.OTHER).source if path in paths and not own else ""
        proposals += [
            Proposal(number=number, main=one, parts=own if one is linked else (), answers=answers)
            for one in sharing
        ]
    blank = _blank_document(folder, paths)
    return Snapshot(
        folder=folder,
        paths=paths,
        proposals=tuple(sorted(proposals, key=lambda one: (one.number, one.main.path))),
        process_page=process_page,
        strays=tuple(chain.from_iterable(parts.values())),
        claims=known_claims,
        elsewhere=elsewhere,
        on_main=on_main,
        blank=read(blank, Role.OTHER) if blank else None,
        guide=repository.guide,
        skills=tuple(_skills(repository, paths, read)),
        anchors_elsewhere=_anchors_by(read),
    )


def _skills(
    repository: Repository, paths: frozenset[str], read: Callable[[str, Role], Document]
) -> Iterator[Skill]:
    """Yield the skill files that the settings name; without one, no answers file is read."""
    here = [path for path in repository.settings.skills if path in paths]
    if not here:
        return
    folder = f"{repository.settings.proposals}/{names.ANSWERS_FOLDER}/"
    texts = {
        path: read(path, Role.OTHER).source
        for path in sorted(paths)
        if path.startswith(folder) and path.endswith(".yml")
    }
    of_page = texts.get(f"{repository.settings.proposals}/{names.answers_file(0)}", "")
    answers = stored_answers.read(of_page)
    for path in here:
        is_recorded = path in answer_forms.skill_files(answers)
        yield Skill(
            document=read(path, Role.OTHER),
            recorded=revision_notes.recorded(of_page) if is_recorded else None,
            revisions=tuple(filter(None, map(revision_notes.recorded, texts.values()))),
            is_adopted=answer_forms.is_adopted(answers),
        )


def _blank_document(folder: str, paths: frozenset[str]) -> str | None:
    below = (path for path in sorted(paths) if path.startswith(f"{folder}/"))
    found = ((path.removeprefix(f"{folder}/"), path) for path in below)
    return next((path for name, path in found if names.number_of_document(name) == 0), None)


_ByNumber = dict[int, list[Document]]


def _documents(
    folder: str, paths: frozenset[str], read: Callable[[str, Role], Document]
) -> tuple[_ByNumber, _ByNumber]:
    """Read the main documents and the sub-documents, each by number."""
    mains: _ByNumber = {}
    parts: _ByNumber = {}
    below = f"{folder}/"
    for path in sorted(path for path in paths if path.startswith(below)):
        first, _, rest = path.removeprefix(below).partition("/")
        if not rest and (number := names.number_of_document(first)):
            mains.setdefault(number, []).append(read(path, Role.MAIN))
        elif rest.endswith(".md") and "/" not in rest:
            number = names.number_of_directory(first)
            if number:
                parts.setdefault(number, []).append(read(path, Role.SUB))
    return mains, parts


def _linked(documents: list[Document], process_page: Document | None) -> Document:
    """Return the document to which the number's row leads, or else the first one."""
    if len(documents) == 1 or process_page is None:
        return documents[0]
    try:
        rows = registry_table.read(process_page.source, process_page.path).rows
    except BepError:
        return documents[0]
    targets = {links.resolved(row.link, process_page.names) for row in rows if row.link}
    return next((document for document in documents if document.names in targets), documents[0])


def _anchors_by(read: Callable[[str, Role], Document]) -> Callable[[str], Sequence[str] | None]:
    """Return a function that reads the anchors of a page, each page once."""

    @cache
    def anchors(path: str) -> Sequence[str] | None:
        document = read(path, Role.OTHER)
        return None if document.problem else document.anchors

    return anchors


def _read(repository: Repository, guide: Guide, path: str, role: Role) -> Document:
    """Read a file of the working tree; if that fails, the document says why in `problem`."""
    empty = Document("", path, role, guide=guide)
    try:
        return _judged(empty, repository.tree.read(repository.root / path))
    except BepError as error:
        problem = f"the file {error.message}; {error.remedy}"
    except FileNotFoundError:
        problem = "the file is a link that leads nowhere; repair or remove it"
    except OSError as error:
        problem = f"the file cannot be read ({reason_of(error)}); fix its permissions"
    return dataclasses.replace(empty, problem=problem)


def _judged(empty: Document, data: bytes) -> Document:
    """Return the document that a file's bytes are."""
    if b"\0" in data:
        problem = "the file is not UTF-8 text: it contains NUL bytes"
        return dataclasses.replace(empty, problem=problem)
    return empty.with_source(decode(data))


def _known_claims(repository: Repository, branches: Found) -> dict[int, Reservation]:
    """Return the claims known here, and the rows of branches that have no document."""
    now = dt.datetime.now(dt.UTC)
    found = {
        row.number: Reservation(title=row.title, author=row.author, days=None)
        for row in branches.rows
        if row.author
    }
    return found | {
        one.number: Reservation(
            title=one.title,
            author=one.author,
            days=(now - one.time).days if one.time else None,
        )
        for one in claim_refs.known(repository, claim_refs.own(repository))
    }
