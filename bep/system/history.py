"""When proposals were written, changed, accepted …: their history, from one pass over Git's log.

A main document is followed backwards through its renames, at a merge to the parent that has the
same text, else to one with the same status: what is found is how the present text came about. Times
are those at which commits were written. Clocks can be wrong, so a commit counts as no later than
those that follow it, and than the present.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..guide import Guide
from ..proposal import open_questions, times
from ..proposal.document import Document
from ..proposal.times import Asked, History, Version
from . import git_clone, git_files, git_log, git_objects, git_process
from .git_log import FileChange, LogEntry
from .git_objects import Objects
from .repository import Repository, decode

# So many contents are in memory at once; of one document, few are wanted.
_AT_ONCE, _FEW = 64, 8
# Marks before a text that can change while it stays the same question: `2.` becomes `1.`.
_MARKS = " \t-+*#>0123456789.)"


class Place(NamedTuple):
    """Where a main document is: in a commit, such as the tip of a branch, or in the working tree.

    `tip` is the id of the commit, '' for the working tree.
    """

    tip: str
    path: str


def of_places(
    repository: Repository, wanted: Iterable[Place], now: dt.datetime
) -> dict[Place, History]:
    """The histories of main documents in the working tree, on branches, or both.

    A document that a commit does not have is left out. What is not committed was written `now`.
    Raises BepError if Git cannot read the history.
    """
    places = list(dict.fromkeys(wanted))
    if not places:
        return {}
    try:
        return _histories(repository, places, now.replace(microsecond=0))
    except git_process.GitRefusal as refusal:
        remedy = "look at it with `git fsck`"
        if git_clone.is_partial(repository.git_directory):
            folder = repository.settings.proposals
            remedy = f"`git log --raw -- {folder}` fetches what this clone left out"
        raise BepError(f"Git cannot read the history ({refusal})", remedy) from None


def asked(
    repository: Repository, documents: Iterable[tuple[Document, History]]
) -> list[tuple[Asked, ...]]:
    """The open questions of main documents, each with the time since when it has been there.

    A question is as old as its first line is in that document without a gap.
    """
    with repository.objects() as objects:
        return [_asked(document, known, objects) for document, known in documents]


def _asked(document: Document, known: History, objects: Objects) -> tuple[Asked, ...]:
    found = open_questions.find(document)
    lines = [_words(document.source[one.start : document.line_end(one.start)]) for one in found]
    # The present version has them all.
    since = [known.versions[0].since] * len(found)
    left = set(range(len(found)))
    for version, content in _older_contents(known, objects) if found else ():
        there = {_words(line) for line in decode(content).split("\n")}
        left = {at for at in left if lines[at] in there}
        if not left:
            break
        for at in left:
            since[at] = version.since
    return tuple(Asked(one, time) for one, time in zip(found, since, strict=True))


def _older_contents(known: History, objects: Objects) -> Iterator[tuple[Version, bytes]]:
    """The versions before the present one, back to where there was none, or none that is here."""
    older = list(takewhile(lambda one: one.status is not None, known.versions[1:]))
    for at in range(0, len(older), _FEW):
        versions = older[at : at + _FEW]
        read = objects.read(one.blob for one in versions)
        for one in versions:
            content = read[one.blob].content if one.blob in read else None
            if content is None:
                return
            yield one, content


def _words(line: str) -> str:
    return line.lstrip(_MARKS).rstrip()


# --- The way back -------------------------------------------------------------------------------


class _Followed:
    """A main document on its way back through the history.

    `path` and `time` are those reached. `blobs` are the ids of its contents with the times since
    when, from the present one on, '' if it was removed and made again; `first` is the commit
    that brought the last of them. `is_absent`: what is reached does not have it.
    """

    def __init__(self, path: str, now: int, *, is_absent: bool) -> None:
        self.path, self.time, self.is_absent = path, now, is_absent
        self.blobs: list[tuple[int, str]] = []
        self.first = ""

    def undo(self, change: FileChange, entry: LogEntry) -> None:
        """Go back before a change of this document."""
        if self.is_absent == bool(change.new):
            # A link took its place, or another proposal had its path.
            return
        if change.old != change.new or change.before != change.path:
            self.time = self.time if entry.time is None else min(self.time, entry.time)
            self.blobs.append((self.time, change.new))
        self.first = entry.id
        self.path = change.before or change.path
        self.is_absent = not change.before


# Documents by the paths that they have in a commit; two can come from one file.
_Wanted = dict[str, list[_Followed]]
# How each merge differs from its parents but the first, by path.
_Others = Mapping[str, Sequence[Mapping[str, FileChange]]]


class _Statuses:
    """The statuses that main documents say, by the ids of their contents."""

    def __init__(self, guide: Guide, objects: Objects) -> None:
        self._guide, self._objects = guide, objects
        self._known: dict[str, str | None] = {}

    def read(self, blobs: Iterable[str]) -> None:
        """Read many at once."""
        left = [one for one in dict.fromkeys(blobs) if one not in self._known]
        for at in range(0, len(left), _AT_ONCE):
            batch = left[at : at + _AT_ONCE]
            found = self._objects.read(batch)
            for blob in batch:
                content = found[blob].content if blob in found else None
                self._known[blob] = None if content is None else self.said(decode(content))

    def of(self, blob: str) -> str | None:
        """The status that a content says; None for one that is not here, or is huge."""
        self.read([blob])
        return self._known[blob]

    def said(self, source: str) -> str:
        """The status as the guide writes it, else as it is written; '' without one."""
        document = Document(source, guide=self._guide)
        return document.status.name if document.status else document.metadata.value("status")


def _follow_back(
    log: Iterable[LogEntry], waiting: dict[str, _Wanted], others: _Others, statuses: _Statuses
) -> None:
    """Take documents from the commits that have them back to where they came from."""
    for entry in log:
        wanted = waiting.pop(entry.id, None)
        if not wanted:
            continue
        sides = [wanted, *({} for _ in entry.parents[1:])]
        undone = [
            (change, wanted.pop(change.path))
            for change in _paired(entry.changes)
            if change.path in wanted
        ]
        for change, ones in undone:
            for one in ones:
                at, done = _side(change, one, others.get(entry.id, ()), statuses)
                if done:
                    one.undo(done, entry)
                sides[at].setdefault(one.path, []).append(one)
        for parent, side in zip(entry.parents, sides, strict=False):
            waiting[parent] = _joined(waiting.get(parent), side)


def _side(
    change: FileChange,
    one: _Followed,
    others: Sequence[Mapping[str, FileChange]],
    statuses: _Statuses,
) -> tuple[int, FileChange | None]:
    """The parent of a commit in which a document is followed, and what was changed since then.

    `change` is how the commit differs from its first parent.
    """
    changes = [change, *(each.get(change.path) for each in others)]
    if None in changes:
        return changes.index(None), None
    there = [(at, each) for at, each in enumerate(changes) if each and each.before]
    if one.is_absent or not there:
        return 0, change
    if len(there) > 1:
        status = statuses.of(change.new)
        there.sort(key=lambda each: statuses.of(each[1].old) != status)
    return there[0]


def _joined(first: _Wanted | None, second: _Wanted) -> _Wanted:
    """What two children of a commit want of it."""
    if not first:
        return second
    larger, smaller = (first, second) if len(first) > len(second) else (second, first)
    for path, ones in smaller.items():
        larger.setdefault(path, []).extend(ones)
    return larger


def _paired(changes: Sequence[FileChange]) -> Sequence[FileChange]:
    """Changes in which a new main document replaces one with its number that is gone.

    Git sees no renamed file where the text was rewritten, too.
    """
    if len(changes) < 2:
        return changes
    gone = {names.number_of_path(one.path): one for one in changes if not one.new}
    found = []
    for one in changes:
        number = names.number_of_path(one.path)
        before = None if one.before or number is None else gone.get(number)
        found.append(one._replace(before=before.path, old=before.old) if before else one)
    return found


def _others_of_merges(root: Path, log: Sequence[LogEntry], folders: Sequence[str]) -> _Others:
    """How merges differ from their other parents, where they differ from the first."""
    trees = {one.id: one.tree for one in log}
    merges = [
        one
        for one in log
        if len(one.parents) > 1 and any(names.number_of_path(change.path) for change in one.changes)
    ]
    pairs = [(trees[parent], one.tree) for one in merges for parent in one.parents[1:]]
    found = iter(git_log.tree_changes(root, pairs, folders))
    return {
        one.id: [{each.path: each for each in _paired(next(found))} for _ in one.parents[1:]]
        for one in merges
    }


def _folders_before(root: Path, log: Sequence[LogEntry], followed: Iterable[_Followed]) -> set[str]:
    """The folders outside those looked at from which documents were moved into them."""
    made: dict[str, set[str]] = {}
    for one in followed:
        if one.is_absent and one.first:
            made.setdefault(one.first, set()).add(one.path)
    trees = {one.id: one.tree for one in log}
    entries = [one for one in log if one.id in made and one.parents]
    found = git_log.tree_changes(root, [(trees[one.parents[0]], one.tree) for one in entries])
    return {
        change.before.rpartition("/")[0] or change.before
        for entry, changes in zip(entries, found, strict=True)
        for change in changes
        if change.before and change.path in made[entry.id]
    }


# --- Histories ----------------------------------------------------------------------------------


class _Uncommitted(NamedTuple):
    """The paths that differ from HEAD, and of main documents that HEAD lacks, what they were there.

    That is '' for a new one.
    """

    paths: frozenset[str]
    before: Mapping[str, str]


def _histories(
    repository: Repository, places: Sequence[Place], now: dt.datetime
) -> dict[Place, History]:
    head = git_objects.commit_of(repository.root, "HEAD")
    here = _uncommitted(repository, places, head)
    with repository.objects() as objects:
        statuses = _Statuses(repository.guide, objects)
        log, followed = _followed_back(repository, places, statuses, here, head, now)
        statuses.read(blob for one in followed.values() for _, blob in one.blobs if blob)
    touched = _Touched(repository.settings.proposals, log, {one.tip or head for one in places})
    cut_off = git_clone.shallow_commits(repository.git_directory)
    found = {}
    for place, one in followed.items():
        is_here, number = not place.tip, names.number_of_path(place.path)
        versions = []
        if is_here and (place.path in here.paths or not one.blobs):
            versions = [Version(now, "", _status_here(repository, place.path, statuses))]
        is_cut_off = one.first in cut_off
        for time, blob in one.blobs:
            status = statuses.of(blob) if blob else None
            if blob and status is None:
                # Nothing says that it was another one.
                status, is_cut_off = (versions[-1].status or "") if versions else "", True
            versions.append(Version(git_log.time_of(time), blob, status))
        if not versions:
            continue
        is_touched = is_here and number in touched.numbers(here.paths)
        since = versions[0].since
        last = now if is_touched else touched.last(number, place.tip or head) or since
        found[place] = History(
            created=versions[-1].since,
            changed=max(since, min(last, now)),
            periods=times.periods(versions),
            is_since_at_least=is_cut_off,
            versions=tuple(versions),
        )
    return found


def _followed_back(
    repository: Repository,
    places: Sequence[Place],
    statuses: _Statuses,
    here: _Uncommitted,
    head: str,
    now: dt.datetime,
) -> tuple[list[LogEntry], dict[Place, _Followed]]:
    """The log, and the main documents, taken back as far as it goes."""
    root, folders = repository.root, [repository.settings.proposals]
    while True:
        followed = {}
        waiting: dict[str, _Wanted] = {}
        for place in places:
            before = None if place.tip else here.before.get(place.path)
            path, is_absent = before or place.path, before == ""
            one = followed[place] = _Followed(path, int(now.timestamp()), is_absent=is_absent)
            if tip := place.tip or head:
                waiting.setdefault(tip, {}).setdefault(path, []).append(one)
        log = list(git_log.log_of_folders(root, waiting, folders)) if waiting else []
        _follow_back(log, waiting, _others_of_merges(root, log, folders), statuses)
        more = _folders_before(root, log, followed.values()).difference(folders)
        if not more:
            return log, followed
        folders += sorted(more)


def _uncommitted(repository: Repository, places: Sequence[Place], head: str) -> _Uncommitted:
    root, folder = repository.root, repository.settings.proposals
    mains = {one.path for one in places if not one.tip}
    changed = git_files.status(root, git_process.literal(folder)) if mains else []
    gone = {one.path for one in changed if "D" in one.letters}
    new = {one.path for one in changed if one.letters[0] in "?A"}.difference(gone)
    renamed = git_files.renamed_files(root, "HEAD", folder) if head and new else {}
    by_number = {names.number_of_path(path): path for path in gone.difference(mains)}
    before = {
        path: renamed.get(path) or by_number.get(names.number_of_path(path), "")
        for path in new.intersection(mains)
    }
    return _Uncommitted(frozenset(one.path for one in changed), before)


def _status_here(repository: Repository, path: str, statuses: _Statuses) -> str:
    try:
        return statuses.said(repository.read(repository.root / path))
    except BepError:
        return ""


class _Touched:
    """When the directories of proposals were last changed, in the histories of some commits."""

    def __init__(self, folder: str, log: Iterable[LogEntry], tips: Iterable[str]) -> None:
        self._before = f"{folder}/"
        # Each history is a bit: a commit has those of the histories that it is in.
        self._bits = {tip: 1 << at for at, tip in enumerate(tips)}
        self._times: dict[int, list[tuple[int, int]]] = {}
        bits = dict(self._bits)
        for entry in log:
            own = bits.pop(entry.id, 0)
            for parent in entry.parents:
                bits[parent] = bits.get(parent, 0) | own
            if len(entry.parents) < 2 and entry.time is not None:
                for number in self.numbers(change.path for change in entry.changes):
                    self._times.setdefault(number, []).append((own, entry.time))

    def numbers(self, paths: Iterable[str]) -> set[int]:
        """The numbers of the proposals in whose directories the paths are."""
        found = (path.removeprefix(self._before).partition("/") for path in paths)
        return {n for one in found if one[1] and (n := names.number_of_directory(one[0]))}

    def last(self, number: int | None, tip: str) -> dt.datetime | None:
        """When a proposal's directory was last changed in a history; None without one."""
        times = self._times.get(number or 0, ())
        return next((git_log.time_of(time) for own, time in times if own & self._bits[tip]), None)
