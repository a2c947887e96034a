"""`review`: what a change means to a reviewer, proposal by proposal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from .. import guide_file, names
from ..check import check
from ..check.rules.finding import Finding
from ..check.rules.snapshot import Change, Proposal
from ..errors import BepError
from ..guide import Guide
from ..questionnaire import revision_notes
from ..system import baseline, citations, git_files, git_log, git_objects
from ..system.baseline import Basis
from ..system.repository import Repository, decode
from . import digest
from .digest import DocumentChange, Kind, Review


def review(repository: Repository, base: str = "") -> Review:
    """Compare the working tree with what HEAD and `base` have in common.

    Without `base`, that is the main branch. Raise BepError if there is nothing to compare with, and
    if there is no registry.
    """
    based = _basis(repository, base)
    judged = check.judge_change(repository, based)
    files = _Files(repository, based, judged.change)
    touched = files.touched({finding.number for finding in judged.findings})
    numbers = {number for pair in touched for number in pair.numbers}
    cited = citations.by_number(repository) if numbers else {}
    both = _guides(repository, based, judged.change)
    revisions = files.revisions(touched)
    found: dict[int | None, list[Finding]] = {}
    for finding in judged.findings:
        own = finding.number if finding.number in numbers else None
        found.setdefault(own, []).append(finding)
    digests = []
    for pair, recorded in zip(touched, revisions, strict=True):
        one = digest.of_proposal(pair.before, pair.after, pair.documents, both, recorded)
        # If two proposals share a number, the first one has its findings.
        own_findings = tuple(found.pop(one.side.number, ()))
        places = (place for number in pair.numbers for place in cited.get(number, ()))
        cited_by = sorted({place.path for place in places})
        digests.append(one._replace(findings=own_findings, cited_by=tuple(cited_by)))
    return Review(
        scope=based.scope,
        digests=tuple(sorted(digests, key=lambda one: (one.side.number, one.side.path))),
        others=tuple(files.others(touched)),
        findings=tuple(one for left in found.values() for one in left),
        remarks=judged.remarks,
    )


def _basis(repository: Repository, base: str) -> Basis:
    based = baseline.find(repository, base, everything=False)
    if based.everything:
        raise BepError(
            "the current branch does not say what to compare with",
            "name a commit, branch or tag: `bep review HEAD~1`",
        )
    if based.commit and not git_log.is_ancestor(repository.root, based.commit, "HEAD"):
        raise BepError(
            f"HEAD has no commit in common with {base or 'the main branch'} here",
            "in a shallow clone, `git fetch --unshallow`; otherwise name another BASE",
        )
    return based


class _Pair(NamedTuple):
    """A proposal as it was and as it is, and its files that the change touches.

    `documents` may be supporting files too; `answers` are answers files.
    """

    before: Proposal | None
    after: Proposal | None
    documents: tuple[DocumentChange, ...]
    answers: tuple[str, ...]

    @property
    def is_touched(self) -> bool:
        """Whether the change touches files of the proposal."""
        return bool(self.documents or self.answers)

    @property
    def numbers(self) -> set[int]:
        """The proposal's number, and the one that it had."""
        return {one.number for one in (self.before, self.after) if one}


class _Files:
    """What a change does to the files in the folder of proposals."""

    def __init__(self, repository: Repository, based: Basis, change: Change) -> None:
        self._repository, self._change = repository, change
        root, commit = repository.root, based.commit
        self._blobs = git_objects.blobs(root, commit) if commit else {}
        changed = git_files.changed_files(root, commit) if commit else frozenset[str]()
        self._changed = changed | (change.after.paths ^ self._blobs.keys())

    def touched(self, numbers: Set[int | None]) -> list[_Pair]:
        """Return the proposals whose files the change touches, and those with one of `numbers`.

        A row of the registry can be all that a change touches of a proposal.
        """
        pairs = [*self._pairs()]
        own = {number for pair in pairs if pair.is_touched for number in pair.numbers}
        others = numbers - own
        return [pair for pair in pairs if pair.is_touched or not pair.numbers.isdisjoint(others)]

    def _pairs(self) -> Iterator[_Pair]:
        """Yield all proposals with what the change does to their files."""
        for before, after in self._change.pairs():
            answers = {
                f"{side.folder}/{names.answers_file(one.number)}"
                for side, one in ((self._change.before, before), (self._change.after, after))
                if one
            }
            documents = tuple(self._documents(before, after))
            yield _Pair(before, after, documents, tuple(sorted(answers & self._changed)))

    def _documents(
        self, before: Proposal | None, after: Proposal | None
    ) -> Iterator[DocumentChange]:
        old = dict.fromkeys(self._change.before.files_of(before) if before else ())
        by_name = {path.rpartition("/")[2]: path for path in old}
        texts = {one.path for side in (before, after) if side for one in side.documents}
        for path in self._change.after.files_of(after) if after else ():
            was = self._change.renamed.get(path, path)
            if before and after and path == after.main.path:
                was = before.main.path
            if was not in old:
                # Git does not find a file that is rewritten too; its name in the directory stays.
                was = by_name.get(path.rpartition("/")[2], "")
            is_known = was in old
            old.pop(was, None)
            if not is_known:
                yield DocumentChange(path, Kind.ADDED, is_document=path in texts)
            elif was != path:
                yield DocumentChange(path, Kind.MOVED, was, path in texts)
            elif path in self._changed:
                yield DocumentChange(path, Kind.CHANGED, is_document=path in texts)
        for path in old:
            yield DocumentChange(path, Kind.REMOVED, is_document=path in texts)

    def revisions(self, pairs: Sequence[_Pair]) -> list[tuple[str, str]]:
        """Return the template's revisions before and after the change, by answers files it touches.

        '' if there is no such file.
        """
        paths = {path for pair in pairs for path in pair.answers}
        blobs = {path: self._blobs[path] for path in paths if self._blobs.get(path)}
        texts = git_objects.contents(self._repository.root, blobs.values())
        old = {path: _recorded(texts[blob]) for path, blob in blobs.items()}
        new = {path: _recorded(self._content(path)) for path in paths & self._change.after.paths}
        return [(_first(old, pair.answers), _first(new, pair.answers)) for pair in pairs]

    def others(self, pairs: Sequence[_Pair]) -> list[str]:
        """Return the files that the change touches and that belong to none of the proposals."""
        own = {path for pair in pairs for path in pair.answers}
        for pair in pairs:
            own |= {path for one in pair.documents for path in (one.path, one.before)}
        folders = tuple({f"{self._change.before.folder}/", f"{self._change.after.folder}/"})
        return sorted(path for path in self._changed - own if path.startswith(folders))

    def _content(self, path: str) -> bytes:
        try:
            return self._repository.content(self._repository.root / path)
        except BepError:
            return b""


def _first(revisions: Mapping[str, str], paths: Sequence[str]) -> str:
    return next((revisions[path] for path in paths if path in revisions), "")


def _recorded(answers: bytes) -> str:
    return revision_notes.recorded(decode(answers))


def _guides(repository: Repository, based: Basis, change: Change) -> tuple[Guide, Guide]:
    """Return the guide before the change and the one after it, which are often the same."""
    path = f"{change.before.folder}/{names.GUIDE}"
    text = git_objects.content_at(repository.root, based.commit, path) if based.commit else None
    try:
        return guide_file.read(decode(text), path) if text else guide_file.own(), change.after.guide
    except BepError:
        return change.after.guide, change.after.guide
