"""`governs`: from code to the proposals that it cites, and what their decisions say of it.

A file cites a proposal by naming it, and so does a commit that changed the file and names it in its
message. That does not mean that the file does what the proposal decided.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BepError
from ..proposal import lifecycle, sub_documents
from ..proposal.citation import Citation
from ..proposal.document import Document, Role
from ..system import baseline, branch_proposals, chosen_proposals, citations
from ..system.branch_proposals import Found
from ..system.citations import CitingCommit
from ..system.repository import Repository, decode
from . import briefing
from .briefing import Entry
from .named_terms import Known

# A file of source code is smaller; what is beyond is data.
_MOST_BYTES = 200_000
# In more files than that, any term occurs.
_MOST_FILES = 200
_NUL = b"\0"


class Governing(NamedTuple):
    """A proposal that is cited; `title` is None if no proposal has the number.

    `main` is None if it has no document. If the working tree lacks it, `branch` is a branch that
    has it, and `place` says so. `decisions` and `questions` are those that name something in the
    files.
    """

    number: int
    places: tuple[Citation, ...]
    commits: tuple[CitingCommit, ...]
    title: str | None = None
    status: str | None = None
    superseded_by: str | None = None
    scope: str | None = None
    main: str | None = None
    branch: str | None = None
    place: str = ""
    decisions: tuple[Entry, ...] = ()
    questions: tuple[Entry, ...] = ()

    def data(self) -> dict[str, Any]:
        """The proposal as `governs --json` prints it."""
        return {
            "number": self.number,
            "title": self.title,
            "status": self.status,
            "superseded_by": self.superseded_by,
            "scope": self.scope,
            "main": self.main,
            "branch": self.branch,
            "places": [{"path": one.path, "line": one.line} for one in self.places],
            "commits": [{"commit": one.id, "subject": one.subject} for one in self.commits],
            "decisions": [{"line": one.line, "text": one.text} for one in self.decisions],
            "open_questions": [{"line": one.line, "text": one.text} for one in self.questions],
        }


class Governed(NamedTuple):
    """What was looked at, in words, and the proposals that it cites, the most cited one first.

    `paths` are the files and folders from the root.
    """

    subject: str
    paths: frozenset[str]
    found: tuple[Governing, ...]
    remarks: tuple[str, ...]

    def of(self, number: int) -> Governing | None:
        """The cited proposal with a number, the first of two that share it."""
        return next((one for one in self.found if one.number == number), None)


def governs(repository: Repository, paths: Sequence[str] = ()) -> Governed:
    """The proposals that files and folders cite; without `paths`, what the branch changes.

    Raises BepError for a path that does not exist, is outside the repository or holds proposals,
    and if nothing says what the branch changes.
    """
    subject, wanted, remarks = _named(repository, paths) if paths else _of_change(repository)
    places = citations.by_number(repository, wanted)
    commits: dict[int, list[CitingCommit]] = {}
    for commit in citations.in_commits(repository) if wanted else ():
        if any(citations.is_below(path, wanted) for path in commit.paths):
            for number in commit.numbers:
                commits.setdefault(number, []).append(commit)
    cited = _Cited(repository, wanted, places, commits)
    found = [one for number in sorted(places.keys() | commits.keys()) for one in cited.of(number)]
    found.sort(key=lambda one: (one.title is None, -len(one.places), -len(one.commits)))
    return Governed(subject, wanted, tuple(found), remarks)


def only_one(governed: Governed, *, as_data: bool) -> Governing | None:
    """The proposal that is cited; None if several are.

    Raises BepError if none is, and for several that are wanted as data: that is one object.
    """
    found = [one for one in governed.found if one.main]
    if not found:
        remedy = "`bep search WORDS` finds proposals, `bep context NUMBER` reads one"
        raise BepError(f"no proposal is cited in {governed.subject}", remedy)
    if len(found) > 1 and as_data:
        known = ", ".join(str(one.number) for one in found)
        remedy = "give the number of one, or ask `bep governs --json`"
        raise BepError(f"{governed.subject} cites {len(found)} proposals: {known}", remedy)
    return found[0] if len(found) == 1 else None


def code(repository: Repository, governed: Governed, number: int) -> str:
    """The paths and texts of the files that cite a proposal, and of those that a call names."""
    one = governed.of(number)
    paths = _paths(governed.paths, one.places if one else ())
    return "\n".join(_text(repository, path) for path in paths)


def _paths(wanted: frozenset[str], places: Sequence[Citation]) -> list[str]:
    """The files in which terms are looked up; those that cite the proposal come first."""
    return [*dict.fromkeys([*(one.path for one in places), *sorted(wanted)])][:_MOST_FILES]


def _text(repository: Repository, path: str) -> str:
    """The path of a file with its text; a folder has none, and neither has a binary file."""
    tree, file, data = repository.tree, repository.root / path, b""
    with suppress(OSError, BepError):
        data = tree.head(file, _MOST_BYTES) if tree.is_own_file(file) else b""
    return f"{path}\n{'' if _NUL in data else decode(data)}"


# --- The paths of a call ------------------------------------------------------------------------

_Named = tuple[str, frozenset[str], tuple[str, ...]]


def _named(repository: Repository, words: Sequence[str]) -> _Named:
    """The paths of a call, as paths from the root."""
    found = {word: _path(repository, word) for word in words}
    folder = repository.settings.proposals
    wanted = frozenset(path for path in found.values() if not citations.is_below(path, {folder}))
    remark = f"{folder} holds the proposals, not what cites them; `bep context NUMBER` reads one"
    if not wanted:
        raise BepError(remark, "name another file or folder")
    subject = words[0] if len(words) == 1 else f"{len(words)} paths"
    return subject, wanted, () if len(wanted) == len({*found.values()}) else (remark,)


def _path(repository: Repository, word: str) -> str:
    """The path from the root of a path in a call, relative to the current folder or the root."""
    tree, root = repository.tree, repository.root
    if not word.strip():
        raise BepError("a path is empty", "name a file or a folder")
    tried = [Path(os.path.normpath(base / word)) for base in (Path.cwd(), root)]
    tried += [Path(os.path.realpath(one)) for one in tried[:1] if Path(word).is_absolute()]
    inside = [one for one in tried if one.is_relative_to(root)]
    if not inside:
        raise BepError(f"{word!r} is outside this repository", "name a path inside it")
    for path in inside:
        if tree.has(path):
            return tree.resolved(path)
    raise BepError(f"there is no {word!r} here", "name a file or a folder of the working tree")


def _of_change(repository: Repository) -> _Named:
    based = baseline.find(repository, "", everything=False)
    if based.everything or based.commit is None:
        raise BepError(
            "the current branch does not say which change is meant",
            "name files or folders: `bep governs src`",
        )
    changed = citations.changed_files(repository, based.commit)
    folder = repository.settings.proposals
    wanted = frozenset(one for one in changed if not citations.is_below(one, {folder}))
    return based.scope, wanted, ()


# --- The proposals that are cited ---------------------------------------------------------------


class _Cited:
    """Reads the proposals that are cited."""

    def __init__(
        self,
        repository: Repository,
        wanted: frozenset[str],
        places: Mapping[int, Sequence[Citation]],
        commits: Mapping[int, Sequence[CitingCommit]],
    ) -> None:
        self._repository, self._wanted = repository, wanted
        self._places, self._commits = places, commits
        self._guide = repository.guide
        # Many proposals are cited in the same files.
        self._text = cache(partial(_text, repository))
        self._mains = repository.documents_by_number()
        self._branches: Found | None = None

    def of(self, number: int) -> Iterator[Governing]:
        """The proposals with a number, usually one; one without a title if there is none."""
        for path in self._mains.get(number, ()):
            document = Document("", self._repository.relative(path), Role.MAIN, guide=self._guide)
            # What is wrong with a file that cannot be read, `check` says.
            with suppress(BepError):
                document = document.with_source(self._repository.read(path))
            document = chosen_proposals.with_registry_status(self._repository, document)
            yield self._with_document(number, document)
        if number not in self._mains:
            yield from self._elsewhere(number)

    def _elsewhere(self, number: int) -> Iterator[Governing]:
        """A proposal that is not in the working tree: on a branch, or only a row."""
        branches = self._branches or branch_proposals.find(self._repository)
        self._branches = branches
        for one in branches.of(number):
            texts = branch_proposals.texts(self._repository, [one.documents[one.main]])
            document = branch_proposals.document(self._guide, texts, one, one.main)
            found = self._with_document(number, document)
            yield found._replace(branch=one.branch, place=branches.place(one))
        if not branches.of(number):
            yield self._without_document(number, branches)

    def _without_document(self, number: int, branches: Found) -> Governing:
        try:
            rows = [one for one in self._repository.read_registry().rows if one.number == number]
        except BepError:
            rows = []
        titles = [one.title for one in rows]
        titles += [one.title for one in branches.rows if one.number == number]
        return self._cited(number)._replace(title=titles[0] if titles else None)

    def _cited(self, number: int) -> Governing:
        """A number and what cites it."""
        return Governing(
            number=number,
            places=tuple(self._places.get(number, ())),
            commits=tuple(self._commits.get(number, ())),
        )

    def _with_document(self, number: int, document: Document) -> Governing:
        places = self._places.get(number, ())
        known = Known(map(self._text, _paths(self._wanted, places)))

        def named_in(entries: Iterator[Entry]) -> tuple[Entry, ...]:
            return tuple(one for one in entries if known.named_in(one.text))

        return self._cited(number)._replace(
            title=document.shown_title,
            status=document.written_status or None,
            superseded_by=document.metadata.value(lifecycle.SUPERSEDED_BY) or None,
            scope=sub_documents.scope(document) or None,
            main=document.path,
            decisions=named_in(briefing.decisions(document)),
            questions=named_in(briefing.questions(document)),
        )
