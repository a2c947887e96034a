"""What the tips of branches hold below the folder of proposals, beside the main branch.

A branch that is behind, or that was merged, squashed or not, holds nothing of its own. What a tip
holds is kept in the Git directory, since a repository may have thousands of branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..proposal import registry_table
from ..proposal.registry_table import Row, RowText
from . import cache_file, git_clone, git_log, git_process
from .git_objects import SHA1_LENGTH, Object, Objects
from .repository import Repository, decode

_FORMAT = 3
_COMMITTER = re.compile(rb"^committer [^\n]* (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_TREE, _TREE_OF_SHA256 = (
    re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % width, re.DOTALL) for width in (20, 32)
)
# A branch that has more lines of its own has another page, in which not all that looks like a row
# is one.
_FEW = 20
_FOLDER, _FILE, _ANSWERS = b"40000", b"100", names.ANSWERS_FOLDER.encode()


class TipProposal(NamedTuple):
    """A proposal in a commit.

    `documents` are the ids of its documents by their paths, the main one first, and `answers` that
    of its answers file, '' without one. `is_newer` says whether the main branch has this main
    document, with another text.
    """

    number: int
    documents: Mapping[str, str]
    answers: str
    is_newer: bool

    @property
    def main(self) -> str:
        return next(iter(self.documents))


class TipRow(NamedTuple):
    """A row of the registry in a commit."""

    number: int
    title: str
    author: str
    status: str


class Tip(NamedTuple):
    """What a commit holds, or, of a branch, what it holds beside the main branch.

    `numbers` are those in use, with the name of what holds each.
    """

    time: int = 0
    proposals: Sequence[TipProposal] = ()
    rows: Sequence[TipRow] = ()
    numbers: Mapping[int, str] = {}


class Known(NamedTuple):
    """What was read of main branches and tips; `documents` are those of the main branches."""

    documents: dict[str, str]
    main: Tip
    tips: dict[str, Tip]


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


# Commits never change, and a command asks for their contents several times.
_latest: dict[tuple[object, ...], Known] = {}


def read(repository: Repository, main_tips: Sequence[str], tips: Sequence[str]) -> Known:
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
    every = Known(fresh.documents, fresh.main, {**(known.tips if known else {}), **fresh.tips})
    wanted = {*tips} - incomplete
    if tips and not incomplete & {*main_tips}:
        kept = {tip: one for tip, one in every.tips.items() if tip in wanted}
        cache_file.keep(path, {"key": key, **every._replace(tips=kept)._asdict()})
    return every if incomplete else _remembered(asked, every)


def _remembered(asked: tuple[object, ...], known: Known) -> Known:
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

    def read(self, tips: Sequence[str]) -> tuple[Known, set[str]]:
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
                found[tip] = Tip(time)
                continue
            folder = folders[trees[tip]]
            own = _rows_beyond(texts.get(folder.page, []), lines)
            numbers = {**_numbers_of(own), **folder.numbers}
            found[tip] = Tip(
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
        return Known(documents, main, found), incomplete

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
                form = _TREE if len(one.id) == SHA1_LENGTH else _TREE_OF_SHA256
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
            # The blank document, number 0, is not a proposal.
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
        """What the main branch ever had; None if that is not known here."""
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
) -> Tip:
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
    return Tip(
        max((times.get(tip, 0) for tip in tips), default=0),
        [
            TipProposal(number, found, answers.get(number, ""), is_newer=False)
            for number, found in documents.items()
        ],
        [*_exact(rows)],
        numbers,
    )


def _in_flight(
    folder: _Folder, on_main: Mapping[str, str], old: frozenset[str] | None
) -> Iterator[TipProposal]:
    """The proposals of which the main branch never had a document.

    Where it is not known what main had, those of which it has no document now.
    """
    for number, documents in folder.documents.items():
        is_newer = next(iter(documents)) in on_main
        if old is None and is_newer:
            continue
        own = [blob for path, blob in documents.items() if on_main.get(path) != blob]
        if any(old is None or blob not in old for blob in own):
            yield TipProposal(number, documents, folder.answers.get(number, ""), is_newer)


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


def _exact(rows: Iterable[_Row]) -> Iterator[TipRow]:
    for row in rows:
        if row.number is not None:
            yield TipRow(row.number, row.title, row.author, row.status)


def _numbers_of(rows: Iterable[_Row]) -> dict[int, str]:
    held = (row.held for row in rows)
    return {
        number: f"the row {number} of {names.REGISTRY_PAGE}"
        for number in held
        if number is not None
    }


# --- The cache ----------------------------------------------------------------------------------


def _cached(path: Path, key: Sequence[Any]) -> Known | None:
    """What was kept for this state of the main branches; None for another one, or for garbage."""
    data = cache_file.read(path)
    try:
        if data["key"] != key:
            return None
        tips = {tip: _tip(*one) for tip, one in data["tips"].items()}
        return Known(dict(data["documents"]), _tip(*data["main"]), tips)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _tip(time: int, proposals: list[Any], rows: list[Any], numbers: Mapping[str, str]) -> Tip:
    return Tip(
        int(time),
        [
            TipProposal(int(number), dict(files), str(blob), bool(new))
            for number, files, blob, new in proposals
        ],
        [TipRow(int(number), *map(str, told)) for number, *told in rows],
        {int(number): what for number, what in numbers.items()},
    )
