"""What `check` looks at: the proposals of the working tree, and of a commit, as values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from .. import names
from ..errors import BepError
from ..markdown import links
from ..proposal import registry_table
from ..proposal.document import Document, Role
from ..start import claims
from ..system import git
from ..system.repository import Repository, decode
from .rules.snapshot import Proposal, Reservation, Snapshot

# Where a link with a fragment may lead into a Markdown file; the links themselves are read later.
_INTO_A_PAGE = re.compile(r"\.(?:md|markdown)(?=\#)")
_NO_PATH = re.compile(r"""[\s()<>"'\[\]]""")
_LONGEST_PATH = 300


def working_tree(repository: Repository) -> Snapshot:
    """The proposals as the files of the working tree have them; ignored files are left out."""
    root = repository.root
    return _world(
        repository,
        git.working_paths(root),
        _known_claims(repository),
        lambda path, role: _read(repository, path, role),
    )


def at(repository: Repository, commit: str, now: Snapshot) -> Snapshot:
    """The proposals as a commit has them, '' for none; what did not change is shared with `now`."""
    root, folder = repository.root, repository.settings.proposals
    if not commit:
        return Snapshot(folder, frozenset(), (), None)
    blobs = git.blobs(root, commit)
    changed = git.changed_files(root, commit)
    below = f"{folder}/"
    other = [
        path
        for path, blob in blobs.items()
        if blob and (path in changed or path not in now.documents) and _is_text(path, below, now)
    ]
    texts = git.contents(root, (blobs[path] for path in other))

    def document(path: str, role: Role) -> Document:
        same = now.documents.get(path)
        if same and path not in changed and same.role is role:
            return same
        blob = blobs[path]
        return (
            _judged(path, role, texts[blob])
            if blob in texts
            else Document("", path, role, "a link")
        )

    return _world(repository, frozenset(blobs), now.claims, document)


def _is_text(path: str, below: str, now: Snapshot) -> bool:
    """Whether the text of a file at a commit may be asked for."""
    return (path.startswith(below) and path.endswith((".md", ".yml"))) or path in now.anchors


def _world(
    repository: Repository,
    paths: frozenset[str],
    known: Mapping[int, Reservation],
    read: Callable[[str, Role], Document],
) -> Snapshot:
    folder = repository.settings.proposals
    process_path = f"{folder}/{names.REGISTRY_PAGE}"
    process_page = read(process_path, Role.PROCESS) if process_path in paths else None
    start = len(folder) + 1
    mains: dict[int, list[Document]] = {}
    parts: dict[int, list[Document]] = {}
    for path in sorted(path for path in paths if path.startswith(f"{folder}/")):
        first, _, rest = path[start:].partition("/")
        if not rest and (number := names.number_of_document(first)):
            mains.setdefault(number, []).append(read(path, Role.MAIN))
        elif rest.endswith(".md") and "/" not in rest:
            number = names.number_of_directory(first)
            if number:
                parts.setdefault(number, []).append(read(path, Role.SUB))
    proposals = []
    for number, documents in mains.items():
        own = tuple(parts.pop(number, []))
        # Where two documents share the number, the directory belongs to the one that is linked.
        linked = _linked(documents, process_page)
        answers = f"{folder}/{names.answers_file(number)}"
        said = read(answers, Role.OTHER).source if answers in paths and not own else ""
        proposals += [
            Proposal(number, one, own if one is linked else (), said) for one in documents
        ]
    strays = tuple(document for documents in parts.values() for document in documents)
    every = [document for one in proposals for document in one.documents]
    every += [*strays, *([process_page] if process_page else [])]
    return Snapshot(
        folder,
        paths,
        tuple(sorted(proposals, key=lambda one: (one.number, one.main.path))),
        process_page,
        strays,
        known,
        _anchors_elsewhere(every, paths, read),
    )


def _linked(documents: list[Document], process_page: Document | None) -> Document:
    """The document to which the number's row leads, else the first one."""
    if len(documents) == 1 or process_page is None:
        return documents[0]
    try:
        rows = registry_table.read(process_page.source, process_page.path).rows
    except BepError:
        return documents[0]
    targets = {links.resolved(row.link, process_page.names) for row in rows if row.link}
    return next((document for document in documents if document.names in targets), documents[0])


def _anchors_elsewhere(
    documents: Iterable[Document], paths: frozenset[str], read: Callable[[str, Role], Document]
) -> dict[str, frozenset[str]]:
    """The anchors of Markdown files that are no documents of proposals and that links lead to."""
    documents = list(documents)
    known = {document.path for document in documents}
    wanted = {
        "/".join(target)
        for document in documents
        for destination in set(_into_pages(document.source))
        if (target := links.resolved(destination, document.names))
    }
    found = {}
    for path in sorted((wanted & paths) - known):
        document = read(path, Role.OTHER)
        if not document.problem:
            found[path] = document.anchors
    return found


def _into_pages(source: str) -> Iterator[str]:
    """What may be paths of Markdown files with a fragment behind them."""
    for found in _INTO_A_PAGE.finditer(source):
        before = source[max(found.start() - _LONGEST_PATH, 0) : found.end()]
        yield _NO_PATH.split(before)[-1]


def _read(repository: Repository, path: str, role: Role) -> Document:
    """A file of the working tree; what keeps it from being read is its problem."""
    try:
        return _judged(path, role, repository.tree.read(repository.root / path))
    except BepError as error:
        return Document("", path, role, f"the file {error.message}; {error.remedy}")
    except FileNotFoundError:
        problem = "the file is a link that leads nowhere; repair or remove it"
        return Document("", path, role, problem)
    except OSError as error:
        reason = (error.strerror or "error").lower()
        return Document("", path, role, f"the file cannot be read ({reason}); repair its rights")


def _judged(path: str, role: Role, data: bytes) -> Document:
    if b"\0" in data:
        return Document("", path, role, "the file is no text in UTF-8: it holds NUL bytes")
    return Document(decode(data), path, role)


def _known_claims(repository: Repository) -> dict[int, Reservation]:
    """Claims of this repository, and those of the remote as they were seen last."""
    now = dt.datetime.now(dt.UTC)
    theirs, _ = claims.seen(repository)
    return {
        one.number: Reservation(one.title, one.author, (now - one.time).days if one.time else None)
        for one in [*theirs, *claims.own(repository)]
    }
