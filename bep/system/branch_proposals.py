"""What branches hold that the main branch has not: proposals in flight, read without checkout.

A proposal is a draft on its branch for most of its life. One of a branch counts where the main
branch never had its text: a branch that is behind, or that was merged, squashed or not, holds
nothing of its own. What the tip of a branch holds is kept in the Git directory, since a repository
may have thousands of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..guide import Guide
from ..proposal import registry_table
from ..proposal.document import Document, Role
from ..proposal.registry_table import Row, RowText
from . import cache_file, git_clone, git_log, git_objects, git_process, git_refs
from .git_objects import Object, Objects
from .repository import Repository, decode

# How `--json` says where a number is that no branch has a document of.
MAIN, RESERVED = "main", "reserved"
_FORMAT = 3
_COMMITTER = re.compile(rb"^committer [^\n]* (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_TREE, _TREE_OF_SHA256 = (
    re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % width, re.DOTALL) for width in (20, 32)
)
_SHA256 = 64
# A branch that has more lines of its own has another page, in which not all that looks like a row
# is one.
_FEW = 20
_FOLDER, _FILE, _ANSWERS = b"40000", b"100", names.ANSWERS_FOLDER.encode()


class BranchProposal(NamedTuple):
    """A proposal as a branch has it.

    `branch` is called as its repository calls it, so that a branch and its twin on the remote are
    one; a branch of another remote has that remote's name before it. `time` is that of the branch's
    last commit, in seconds since 1970. `documents` are the ids of its documents by their paths, the
    main one first, and `answers` that of its answers file, '' without one. `is_newer` says whether
    the main branch has this main document, with another text. `tip` is the branch's last commit.
    """

    number: int
    branch: str
    time: int
    documents: Mapping[str, str]
    answers: str
    is_newer: bool
    tip: str

    @property
    def main(self) -> str:
        return next(iter(self.documents))


class BranchRow(NamedTuple):
    """A number that the registry on a branch has, while no document of it is known."""

    number: int
    title: str
    author: str
    status: str
    branch: str


class Found(NamedTuple):
    """What is known of branches.

    `main` is the name of the main branch and `current` of the one that is checked out, '' where
    there is none. `on_main` are the paths of the main branch's documents, and `newer_here` of those
    that the current branch has otherwise. `proposals` are those in flight, and those of the main
    branch that the working tree lacks. `holders` say where a number is in use, be it in a version
    that is long merged.
    """

    main: str
    current: str
    on_main: frozenset[str]
    newer_here: frozenset[str]
    proposals: tuple[BranchProposal, ...]
    rows: tuple[BranchRow, ...]
    holders: Mapping[int, str]

    @property
    def only_elsewhere(self) -> list[BranchProposal]:
        """The proposals of which the working tree has no version."""
        return [one for one in self.proposals if not one.is_newer]

    def of(self, number: int) -> list[BranchProposal]:
        """The proposals with a number of which the working tree has no version."""
        return [one for one in self.only_elsewhere if one.number == number]

    def place(self, one: BranchProposal) -> str:
        """Where a proposal is, as a sentence without its full stop."""
        name = names.proposal_name(one.number)
        if one.branch == self.main:
            return f"{name} is on {self.main}, not in this working tree"
        return f"{name} is on the branch {one.branch}, not on {self.main or MAIN}"

    def to_move(self, paths: Iterable[str]) -> str:
        """Which of several documents with one number gets another: none of the main branch.

        Of several such, the last one.
        """
        return max(reversed([*paths]), key=lambda path: path not in self.on_main)

    def where(self, path: str) -> str | None:
        """Where a document of the working tree is: `main` or a branch; None on a detached HEAD."""
        is_on_main = path in self.on_main and path not in self.newer_here
        return MAIN if is_on_main else self.named(self.current)

    def named(self, branch: str) -> str | None:
        """How `--json` calls a branch."""
        return MAIN if branch and branch == self.main else branch or None


class _TipProposal(NamedTuple):
    """A proposal in a commit.

    `documents` are the ids of its documents by path, the main one first, `answers` is that of its
    answers, '' without any. `is_newer`: the main branch has the main document, too.
    """

    number: int
    documents: Mapping[str, str]
    answers: str
    is_newer: bool

    @property
    def main(self) -> str:
        return next(iter(self.documents))


class _TipRow(NamedTuple):
    """A row of the registry in a commit."""

    number: int
    title: str
    author: str
    status: str


class _Tip(NamedTuple):
    """What a commit holds, or, of a branch, what it holds beside the main branch.

    `numbers` are those in use, with the name of what holds each.
    """

    time: int = 0
    proposals: Sequence[_TipProposal] = ()
    rows: Sequence[_TipRow] = ()
    numbers: Mapping[int, str] = {}


class _Known(NamedTuple):
    """What was read of main branches and tips; `documents` are those of the main branches."""

    documents: dict[str, str]
    main: _Tip
    tips: dict[str, _Tip]


# Mode, name and id of what a tree holds.
_Entry = tuple[bytes, bytes, bytes]
_Row = Row | RowText


class _Folder(NamedTuple):
    """The folder of proposals in a commit, or what differs in it from that of the main branch.

    `documents` are the ids of each number's documents by their paths, the main one first, and
    `doubles` those of further main documents with the same numbers; `page` is the id of the
    registry page.
    """

    documents: Mapping[int, Mapping[str, str]]
    doubles: Mapping[str, str]
    answers: Mapping[int, str]
    numbers: Mapping[int, str]
    page: str
    is_complete: bool


class _Place(NamedTuple):
    """A branch as it is shown, and whether the configured remote or this repository has it."""

    name: str
    commit: str
    is_local: bool
    is_ours: bool
    is_current: bool


def find(repository: Repository) -> Found:
    """Read what branches hold; what is broken in one counts as absent, and stops no other."""
    known = git_refs.branches(repository.root)
    remote = repository.settings.remote
    current = known.current
    main = known.main(repository.settings.main, remote) or (current.name if current else "")
    mains = known.refs_of(main, remote)
    main_tips = sorted({*mains.values()})
    places: dict[str, list[_Place]] = {}
    for one in known.branches:
        if one.ref not in mains:
            places.setdefault(one.tip, []).append(_place(one, remote))
    head = current.tip if current else git_objects.commit_of(repository.root, "HEAD")
    own_tip = [head] if head and head not in main_tips else []
    read = _read(repository, main_tips, [*dict.fromkeys([*places, *own_tip])])
    every = [
        (place, read.tips[tip])
        for tip, those in places.items()
        if tip in read.tips
        for place in those
    ]
    is_behind = not all(
        tip == head or git_log.is_ancestor(repository.root, tip, "HEAD") for tip in main_tips
    )
    proposals = [*_in_flight_elsewhere(repository, every)]
    if is_behind:
        proposals += _missing_here(repository, main, main_tips, read.main)
    of_head = read.tips[head].proposals if head in read.tips else ()
    own = {path for one in of_head for path in one.documents}
    return Found(
        main,
        current.name if current else git_refs.branch(repository.root) or "",
        frozenset(read.documents),
        frozenset(own),
        tuple(proposals),
        tuple(_rows(main, read if is_behind else read._replace(main=_Tip()), every)),
        dict(_holders(main, read, every)),
    )


def document(
    guide: Guide, contents: Mapping[str, bytes], one: BranchProposal, path: str
) -> Document:
    """A document of a proposal; `problem` says why it cannot be read.

    `contents` are what `texts` returned.
    """
    role = Role.MAIN if path == one.main else Role.SUB
    empty = Document("", path, role, guide=guide)
    data = contents.get(one.documents[path])
    if data is None:
        return replace(empty, problem=f"{path} on the branch {one.branch} cannot be read here")
    if b"\0" in data:
        return replace(empty, problem=f"{path} on the branch {one.branch} is not UTF-8 text")
    return empty.with_source(decode(data))


def texts(repository: Repository, wanted: Iterable[str]) -> Mapping[str, bytes]:
    """The contents of files by their ids, or by `COMMIT:PATH`.

    Left out are those that are not here, and those that are larger than a document is.
    """
    asked = [one for one in wanted if one]
    if not asked:
        return {}
    with repository.objects() as objects:
        found = objects.read(asked)
    return {
        name: one.content
        for name, one in found.items()
        if one.kind == "blob" and one.content is not None
    }


# --- Branches -----------------------------------------------------------------------------------


def _place(one: git_refs.Branch, remote: str) -> _Place:
    is_local = one.ref.startswith("refs/heads/")
    name = one.ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    is_ours = is_local or name.startswith(f"{remote}/")
    if is_ours and not is_local:
        name = name.removeprefix(f"{remote}/")
    return _Place(name, one.tip, is_local, is_ours, one.is_current)


_Every = Sequence[tuple[_Place, _Tip]]


def _in_flight_elsewhere(repository: Repository, every: _Every) -> Iterator[BranchProposal]:
    """One version of each document: that of its own branch, then the newest one."""
    current = {place.name for place, _ in every if place.is_current}
    here = {path.name for _, path in repository.main_documents()}
    chosen: dict[tuple[int, str], tuple[tuple[bool, int, bool], BranchProposal]] = {}
    for place, tip in _without_older_twins(repository, every):
        if place.is_current:
            # The working tree has what is left of it.
            continue
        for held in tip.proposals:
            one = _branch_proposal(held, place.name, tip.time, place.commit)
            rank = (
                repository.settings.number_in(place.name) == one.number,
                tip.time,
                place.is_ours and place.is_local,
            )
            has_path = one.main.rpartition("/")[2] in here
            if not has_path or _has_other(repository, one, is_current=place.name in current):
                before = chosen.setdefault((one.number, one.main), (rank, one))
                if before[0] < rank:
                    chosen[one.number, one.main] = (rank, one)
    yield from (one for _, one in chosen.values())


def _missing_here(
    repository: Repository, main: str, main_tips: Sequence[str], tip: _Tip
) -> Iterator[BranchProposal]:
    """What the main branch has and the working tree has not, as it is behind."""
    here = {path.name for _, path in repository.main_documents()}
    missing = [one for one in tip.proposals if one.main.rpartition("/")[2] not in here]
    if not missing:
        return
    # The main branch here and the one of the remote need not have the same.
    asked = {f"{at}:{one.main}": at for one in missing for at in main_tips}
    with repository.objects() as objects:
        read = objects.read(asked)
    tips = {(name.partition(":")[2], one.id): asked[name] for name, one in read.items()}
    for one in missing:
        at = tips.get((one.main, one.documents[one.main]), main_tips[0])
        yield _branch_proposal(one, main, tip.time, at)._replace(is_newer=False)


def _branch_proposal(one: _TipProposal, branch: str, time: int, tip: str) -> BranchProposal:
    return BranchProposal(one.number, branch, time, one.documents, one.answers, one.is_newer, tip)


def _without_older_twins(repository: Repository, every: _Every) -> _Every:
    """Each branch once: here or on its remote, whichever has the newer commit."""
    newest: dict[str, tuple[_Place, _Tip]] = {}
    for one in every:
        before = newest.setdefault(one[0].name, one)
        if before is not one and _is_newer(repository, one, before):
            newest[one[0].name] = one
    return [*newest.values()]


def _is_newer(repository: Repository, one: tuple[_Place, _Tip], twin: tuple[_Place, _Tip]) -> bool:
    """Whether a tip is newer than its twin; at the same second, the descendant is."""
    (place, tip), (other, other_tip) = one, twin
    if tip.time != other_tip.time:
        return tip.time > other_tip.time
    local, remote = (place, other) if place.is_local else (other, place)
    is_behind = local.commit != remote.commit and git_log.is_ancestor(
        repository.root, local.commit, remote.commit
    )
    return place.is_local != is_behind


def _has_other(repository: Repository, one: BranchProposal, *, is_current: bool) -> bool:
    """Whether the working tree has another version than a branch, and that of the main branch."""
    if is_current or not one.is_newer:
        return False
    try:
        content = repository.tree.read(repository.root / one.main)
    except (OSError, BepError):
        return True
    import hashlib

    own = one.documents[one.main]
    form = hashlib.sha256 if len(own) == _SHA256 else hashlib.sha1
    blob = b"blob %d\0" % len(content) + content
    return form(blob, usedforsecurity=False).hexdigest() != own


def _rows(main: str, read: _Known, every: _Every) -> Iterator[BranchRow]:
    documented: set[int | None]
    documented = {one.number for _, tip in every for one in tip.proposals}
    documented |= {names.number_of_path(path) for path in read.documents}
    known: set[tuple[int, str]] = set()
    for name, tip in [(main, read.main), *((place.name, tip) for place, tip in every)]:
        for row in tip.rows:
            if row.number not in documented and (row.number, row.title) not in known:
                known.add((row.number, row.title))
                yield BranchRow(*row, branch=name)


def _holders(main: str, read: _Known, every: _Every) -> Iterator[tuple[int, str]]:
    for name, tip in [*((place.name, tip) for place, tip in every), (main, read.main)]:
        for number, what in tip.numbers.items():
            yield number, f"{what} on the branch {name}"


# --- Tips ---------------------------------------------------------------------------------------


# Commits never change, and a command asks for their contents several times.
_latest: dict[tuple[object, ...], _Known] = {}


def _read(repository: Repository, main_tips: Sequence[str], tips: Sequence[str]) -> _Known:
    """What tips hold beside the main branches, from the cache where it is there."""
    is_shallow = git_clone.is_shallow(repository.git_directory)
    key = [_FORMAT, repository.settings.proposals, is_shallow, *main_tips]
    path = repository.git_directory / "bep" / "branches.json"
    asked = (path, *map(str, key), "", *tips)
    if asked in _latest:
        return _latest[asked]
    known = _cached(path, key)
    unread = [tip for tip in tips if known is None or tip not in known.tips]
    if known and not unread:
        return _remembered(asked, known)
    with repository.objects() as objects:
        reader = _Reader(repository, objects, main_tips, is_shallow=is_shallow)
        fresh, incomplete = reader.read(unread)
    every = _Known(fresh.documents, fresh.main, {**(known.tips if known else {}), **fresh.tips})
    wanted = {*tips} - incomplete
    if tips and not incomplete & {*main_tips}:
        kept = {tip: one for tip, one in every.tips.items() if tip in wanted}
        cache_file.keep(path, {"key": key, **every._replace(tips=kept)._asdict()})
    return every if incomplete else _remembered(asked, every)


def _remembered(asked: tuple[object, ...], known: _Known) -> _Known:
    _latest.clear()
    _latest[asked] = known
    return known


class _Reader:
    """Reads what commits hold below the folder of proposals."""

    def __init__(
        self,
        repository: Repository,
        objects: Objects,
        main_tips: Sequence[str],
        *,
        is_shallow: bool,
    ) -> None:
        self._repository, self._objects, self._main_tips = repository, objects, main_tips
        self._below = repository.settings.proposals
        self._is_shallow = is_shallow
        self._trees: dict[str, frozenset[_Entry]] = {}

    def _rows_of_main(self, page: Sequence[str]) -> list[_Row]:
        """The rows of a main branch's page, which is nearly always that of the working tree."""
        try:
            here = self._repository.read_registry()
        except BepError:
            return _rows_of(page)
        lines = {*page}
        own = lines.difference(here.source.split("\n"))
        if not _are_few(own, page):
            return _rows_of(page)
        texts = ((row, here.source[row.start : row.end].rstrip("\n")) for row in here.rows)
        return [*(row for row, text in texts if text in lines), *_rows_in(own)]

    def read(self, tips: Sequence[str]) -> tuple[_Known, set[str]]:
        """What tips hold beside the main branches, and those of which something is not here."""
        asked = [*self._main_tips, *tips]
        times, trees = self._times(asked), self._trees_of(asked)
        mains = [trees[tip] for tip in self._main_tips if tip in trees]
        on_main = frozenset[_Entry]().union(*(self._trees[tree] for tree in mains))
        folders = self._folders({*trees.values()}, {*mains}, on_main)
        pages = self._objects.read(filter(None, (one.page for one in folders.values())))
        texts = {name: decode(one.content or b"").split("\n") for name, one in pages.items()}
        of_main = [texts.get(folders[tree].page, []) for tree in mains]
        lines = {line for page in of_main for line in page}
        rows = [row for page in of_main for row in self._rows_of_main(page)]
        main = _main_tip(times, self._main_tips, [folders[tree] for tree in mains], rows)
        documents = {path: blob for one in main.proposals for path, blob in one.documents.items()}
        for tree in mains:
            documents |= folders[tree].doubles
        old = self._old(folders[trees[tip]] for tip in tips if tip in trees)
        found = {}
        for tip in tips:
            time = times.get(tip, 0)
            if tip not in trees:
                found[tip] = _Tip(time)
                continue
            folder = folders[trees[tip]]
            own = _rows_beyond(texts.get(folder.page, []), lines)
            numbers = {**_numbers_of(own), **folder.numbers}
            found[tip] = _Tip(
                time,
                [*_in_flight(folder, documents, old)],
                [*_exact(own)],
                {number: what for number, what in numbers.items() if number not in main.numbers},
            )
        incomplete = {tip for tip in asked if tip not in times}
        incomplete |= {tip for tip in trees if not folders[trees[tip]].is_complete}
        if old is None and not self._is_shallow:
            # A partial clone may have more of the history next time.
            incomplete |= {*asked}
        return _Known(documents, main, found), incomplete

    def _times(self, tips: Iterable[str]) -> dict[str, int]:
        """When commits were made; a ref may also point to something else."""
        found = {}
        for tip, one in self._objects.read(tips).items():
            said = _COMMITTER.search(one.content or b"")
            if one.kind == "commit":
                found[tip] = int(said[1]) if said else 0
        return found

    def _trees_of(self, tips: Iterable[str]) -> dict[str, str]:
        """The trees of the folder in those commits that have it."""
        asked = {f"{tip}:{self._below}": tip for tip in tips}
        read = self._objects.read(asked)
        self._keep_trees(read.values())
        return {asked[name]: one.id for name, one in read.items() if one.kind == "tree"}

    def _keep_trees(self, found: Iterable[Object]) -> None:
        for one in found:
            if one.kind == "tree" and one.id not in self._trees:
                form = _TREE_OF_SHA256 if len(one.id) == _SHA256 else _TREE
                self._trees[one.id] = frozenset(form.findall(one.content or b""))

    def _folders(
        self, trees: Set[str], mains: Set[str], on_main: Set[_Entry]
    ) -> dict[str, _Folder]:
        """What is in the trees: all of it in those of main branches, else what these have not."""
        nothing: Set[_Entry] = frozenset()
        own = {tree: self._trees[tree] - (nothing if tree in mains else on_main) for tree in trees}
        inner = (
            blob.hex()
            for entries in own.values()
            for mode, name, blob in entries
            if mode == _FOLDER and (name == _ANSWERS or name.startswith(b"BEP-"))
        )
        self._keep_trees(self._objects.read(set(inner) - self._trees.keys()).values())
        return {tree: self._folder(self._trees[tree], entries) for tree, entries in own.items()}

    def _folder(self, every: Set[_Entry], own: Iterable[_Entry]) -> _Folder:
        mains: dict[int, _Entry] = {}
        folders: dict[int, _Entry] = {}
        numbers: dict[int, str] = {}
        doubles: dict[str, str] = {}
        records: Mapping[str, str] = {}
        page, is_complete = "", True
        for entry in sorted(own):
            mode, written, blob = entry
            name = decode(written)
            # The blank document, number 0, is no proposal.
            if mode == _FOLDER and (number := names.number_of_directory(name)):
                folders[number] = entry
                numbers[number] = f"{self._below}/{name}"
                is_complete &= blob.hex() in self._trees
            elif mode == _FOLDER and written == _ANSWERS:
                records = self._files(blob.hex(), ".yml")
            elif mode.startswith(_FILE):
                if number := names.number_of_document(name):
                    # The second of two with a number is reported where it is checked out.
                    if mains.setdefault(number, entry) is not entry:
                        doubles[f"{self._below}/{name}"] = blob.hex()
                    numbers[number] = f"{self._below}/{name}"
                elif name == names.REGISTRY_PAGE:
                    page = blob.hex()
        documents: dict[int, Mapping[str, str]] = {}
        inner = {entry[1]: entry for entry in every if entry[0] == _FOLDER}
        for number in mains.keys() | folders.keys():
            main = mains.get(number) or _main_among(every, number)
            folder = folders.get(number) or inner.get(names.proposal_name(number).encode())
            if main is not None:
                place = f"{self._below}/{names.proposal_name(number)}"
                parts = self._files(folder[2].hex(), ".md") if folder else {}
                documents[number] = {f"{self._below}/{decode(main[1])}": main[2].hex()} | {
                    f"{place}/{name}": blob for name, blob in parts.items()
                }
        answers = {
            number: records[name]
            for number in documents
            if (name := names.answers_file(number).rpartition("/")[2]) in records
        }
        return _Folder(documents, doubles, answers, numbers, page, is_complete)

    def _files(self, tree: str, ending: str) -> dict[str, str]:
        """The files of a tree that was read, with their ids."""
        return {
            decode(name): blob.hex()
            for mode, name, blob in sorted(self._trees.get(tree, ()))
            if mode.startswith(_FILE) and name.endswith(ending.encode())
        }

    def _old(self, folders: Iterable[_Folder]) -> frozenset[str] | None:
        """What the main branch ever had; None where that is not known here."""
        if self._is_shallow:
            return None
        if not self._main_tips or not any(one.documents for one in folders):
            return frozenset()
        try:
            return git_log.history_of(self._repository.root, self._main_tips, self._below)
        except git_process.GitRefusal:
            return None


def _main_among(entries: Iterable[_Entry], number: int) -> _Entry | None:
    found = (
        one
        for one in sorted(entries)
        if one[0].startswith(_FILE) and names.number_of_document(decode(one[1])) == number
    )
    return next(found, None)


def _main_tip(
    times: Mapping[str, int], tips: Sequence[str], folders: Sequence[_Folder], rows: Sequence[_Row]
) -> _Tip:
    """What the main branches hold together: the one here, and the remote's."""
    documents: dict[int, Mapping[str, str]] = {}
    answers: dict[int, str] = {}
    numbers: dict[int, str] = _numbers_of(rows)
    for one in folders:
        documents |= {
            number: {**documents.get(number, {}), **found}
            for number, found in one.documents.items()
        }
        answers |= one.answers
        numbers |= one.numbers
    return _Tip(
        max((times.get(tip, 0) for tip in tips), default=0),
        [
            _TipProposal(number, found, answers.get(number, ""), is_newer=False)
            for number, found in documents.items()
        ],
        [*_exact(rows)],
        numbers,
    )


def _in_flight(
    folder: _Folder, on_main: Mapping[str, str], old: frozenset[str] | None
) -> Iterator[_TipProposal]:
    """The proposals of which the main branch never had a document.

    Where it is not known what main had, those of which it has no document now.
    """
    for number, documents in folder.documents.items():
        is_newer = next(iter(documents)) in on_main
        if old is None and is_newer:
            continue
        own = [blob for path, blob in documents.items() if on_main.get(path) != blob]
        if any(old is None or blob not in old for blob in own):
            yield _TipProposal(number, documents, folder.answers.get(number, ""), is_newer)


def _rows_of(page: Sequence[str]) -> list[_Row]:
    """The rows of the registry; of a page that is broken, what looks like rows."""
    try:
        return [*registry_table.read("\n".join(page), names.REGISTRY_PAGE).rows]
    except BepError:
        return _rows_in(page)


def _rows_beyond(page: Sequence[str], known: Set[str]) -> list[_Row]:
    """The rows that a page has and the main branch's has not.

    Two pages of a repository share nearly all their lines, so that there is no need to read
    thousands of pages as a whole.
    """
    own = {*page} - known
    return _rows_in(own) if _are_few(own, page) else _rows_of(page)


def _are_few(own: Set[str], page: Sequence[str]) -> bool:
    return len(own) <= min(_FEW, len(page) // 2)


def _rows_in(lines: Iterable[str]) -> list[_Row]:
    return [row for line in sorted(lines) if (row := registry_table.row_in(line))]


def _exact(rows: Iterable[_Row]) -> Iterator[_TipRow]:
    for row in rows:
        if row.number is not None:
            yield _TipRow(row.number, row.title, row.author, row.status)


def _numbers_of(rows: Iterable[_Row]) -> dict[int, str]:
    held = (row.held for row in rows)
    return {
        number: f"the row {number} of {names.REGISTRY_PAGE}"
        for number in held
        if number is not None
    }


# --- The cache ----------------------------------------------------------------------------------


def _cached(path: Path, key: Sequence[Any]) -> _Known | None:
    """What was kept for this state of the main branches; None for another one, or for garbage."""
    data = cache_file.read(path)
    try:
        if data["key"] != key:
            return None
        tips = {tip: _tip(*one) for tip, one in data["tips"].items()}
        return _Known(dict(data["documents"]), _tip(*data["main"]), tips)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _tip(time: int, proposals: list[Any], rows: list[Any], numbers: Mapping[str, str]) -> _Tip:
    return _Tip(
        int(time),
        [
            _TipProposal(int(number), dict(files), str(blob), bool(new))
            for number, files, blob, new in proposals
        ],
        [_TipRow(int(number), *map(str, told)) for number, *told in rows],
        {int(number): what for number, what in numbers.items()},
    )
