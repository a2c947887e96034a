"""What branches have beyond the main branch: proposals in flight, read without checkout.

A proposal is a draft on its branch for most of its life. One of a branch counts where the main
branch never had its text: a branch that is behind, or that was merged, squashed or not, holds
nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..guide import Guide
from ..proposal.document import Document, Role
from . import branch_tips, git_log, git_objects, git_refs
from .branch_tips import Known, Tip
from .repository import Repository, decode

# How `--json` says where a number is that no branch has a document of.
MAIN, RESERVED = "main", "reserved"


class BranchProposal(NamedTuple):
    """A proposal as a branch has it.

    The first fields are those of `TipProposal`. `branch` is called as its repository calls it, so
    that a branch and its twin on the remote are one; a branch of another remote has that remote's
    name before it. `tip` is the branch's last commit, and `time` when that was made, in seconds
    since 1970.
    """

    number: int
    documents: Mapping[str, str]
    answers: str
    is_newer: bool
    branch: str
    time: int
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

    `main` is the name of the main branch and `current` of the one that is checked out, '' if
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

    def documents_on_main(self, number: int) -> list[str]:
        """The paths of the main branch's documents with a number."""
        return sorted(path for path in self.on_main if names.number_of_path(path) == number)

    def place(self, one: BranchProposal) -> str:
        """Where a proposal is, as a sentence without its full stop."""
        name = names.proposal_name(one.number)
        if one.branch == self.main:
            return f"{name} is on {self.main}, not in this working tree"
        return f"{name} is on the branch {one.branch}, not on {self.main or MAIN}"

    def to_move(self, paths: Iterable[str]) -> str:
        """Which of several documents with one number gets another: never one of the main branch.

        Of several such, the last one.
        """
        return max(reversed([*paths]), key=lambda path: path not in self.on_main)

    def branch_of(self, path: str) -> str:
        """The branch that has a document of the working tree; '' on a detached HEAD."""
        is_on_main = path in self.on_main and path not in self.newer_here
        return self.main if is_on_main else self.current

    def where(self, path: str) -> str | None:
        """How `--json` calls the branch that has a document of the working tree."""
        return self.named(self.branch_of(path))

    def named(self, branch: str) -> str | None:
        """How `--json` calls a branch; None for a detached HEAD."""
        return MAIN if branch and branch == self.main else branch or None


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
    read = branch_tips.read(repository, main_tips, [*dict.fromkeys([*places, *own_tip])])
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
        tuple(_rows(main, read if is_behind else read._replace(main=Tip()), every)),
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


_Every = Sequence[tuple[_Place, Tip]]


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
            one = BranchProposal(*held, place.name, tip.time, place.commit)
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
    repository: Repository, main: str, main_tips: Sequence[str], tip: Tip
) -> Iterator[BranchProposal]:
    """What the main branch has and the working tree does not have, as it is behind."""
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
        yield BranchProposal(*one, main, tip.time, at)


def _without_older_twins(repository: Repository, every: _Every) -> _Every:
    """Each branch once: here or on its remote, whichever has the newer commit."""
    newest: dict[str, tuple[_Place, Tip]] = {}
    for one in every:
        before = newest.setdefault(one[0].name, one)
        if before is not one and _is_newer(repository, one, before):
            newest[one[0].name] = one
    return [*newest.values()]


def _is_newer(repository: Repository, one: tuple[_Place, Tip], twin: tuple[_Place, Tip]) -> bool:
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
    form = hashlib.sha1 if len(own) == git_objects.SHA1_LENGTH else hashlib.sha256
    blob = b"blob %d\0" % len(content) + content
    return form(blob, usedforsecurity=False).hexdigest() != own


def _rows(main: str, read: Known, every: _Every) -> Iterator[BranchRow]:
    documented: set[int | None]
    documented = {one.number for _, tip in every for one in tip.proposals}
    documented |= {names.number_of_path(path) for path in read.documents}
    known: set[tuple[int, str]] = set()
    for name, tip in [(main, read.main), *((place.name, tip) for place, tip in every)]:
        for row in tip.rows:
            if row.number not in documented and (row.number, row.title) not in known:
                known.add((row.number, row.title))
                yield BranchRow(*row, branch=name)


def _holders(main: str, read: Known, every: _Every) -> Iterator[tuple[int, str]]:
    for name, tip in [*((place.name, tip) for place, tip in every), (main, read.main)]:
        for number, what in tip.numbers.items():
            yield number, f"{what} on the branch {name}"
