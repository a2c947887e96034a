"""`check --only`: a change touches nothing of a proposal besides the sections it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from .. import names
from ..errors import BepError, unknown
from ..proposal import section_names
from ..proposal.document import Document, Role
from ..system import baseline, chosen_proposals, git_files, git_objects
from ..system.baseline import Basis
from ..system.repository import Repository, decode, encode
from . import base_settings, snapshot_reader
from .check import Checked
from .rules import runner
from .rules.snapshot import Change, FileChange, Guarded, Proposal, Snapshot
from .snapshot_reader import Files


def check(
    repository: Repository,
    number: str = "",
    *,
    sections: Sequence[str] = (),
    documents: Sequence[str] = (),
    since: str = "",
    everything: bool = False,
    fix: bool = False,
) -> Checked:
    """Report what the change touches of a proposal outside these sections and documents.

    The sections are those of the main document, or of the `documents` if any are named; without
    sections, all of these documents may change. Raise BepError for an unknown section, document,
    number or revision, if there is nothing to compare with, and for `everything` or `fix`.
    """
    if fix or everything:
        option = "--fix" if fix else "--all"
        raise BepError(f"--only and {option} contradict each other", "leave one of them out")
    based = baseline.find(repository, since, everything=False)
    if based.everything:
        remedy = "add --since and a commit: `--since HEAD` means what is not committed"
        raise BepError("--only needs a commit to compare with", remedy)
    before = repository._replace(settings=base_settings.find(repository, based).settings)
    after, snapshot = snapshot_reader.of_either(before, repository.settings.proposals)
    change = snapshot_reader.change(before, snapshot, based)
    files = _Files(after, based, change)
    pair = _chosen(repository, change, files, number)
    inside = _Inside(pair, sections, documents)
    touched = list(files.of(pair, inside))
    guarded = Guarded(files=touched, before=change.before, after=change.after, numbers=pair.numbers)
    name = names.proposal_name(next(one for one in reversed(pair.numbers) if one is not None))
    return Checked(
        scope=f"{based.scope}: only {inside.label} of {name} may differ",
        findings=runner.outside(guarded),
        documents=change.after.documents,
        remarks=tuple(_others(change, files, pair)),
        verdict=f"Nothing else of {name} is touched." if touched else f"{name} is untouched.",
    )


# The mode of a file that is not there.
_NO_FILE = "000000"


class _Pair(NamedTuple):
    """A proposal before and after a change, None if there is none."""

    before: Proposal | None
    after: Proposal | None

    @property
    def numbers(self) -> tuple[int | None, int | None]:
        before, after = (one.number if one else None for one in self)
        return before, after

    @property
    def documents(self) -> Sequence[Document]:
        """The documents of both versions, the main ones first."""
        both = [one for one in (self.after, self.before) if one]
        return [*(one.main for one in both), *(part for one in both for part in one.parts)]


class _Files:
    """What a change does to the files of proposals."""

    def __init__(self, repository: Repository, based: Basis, change: Change) -> None:
        self._repository, self._change, self._commit = repository, change, based.commit
        root = repository.root
        self._base = (
            snapshot_reader.files_at(root, based.commit, based.brought)
            if based.commit
            else Files({}, frozenset())
        )
        self._touched = self._base.changed | (change.after.paths ^ self._base.blobs.keys())

    def touched(self, pair: _Pair) -> list[str]:
        """Return the paths of a proposal's files that the change touches."""
        return sorted(self._touched & {*self._paths(pair)})

    def _paths(self, pair: _Pair) -> Iterator[str]:
        for side, one in zip((self._change.before, self._change.after), pair, strict=True):
            if one:
                yield from side.files_of(one)
                yield f"{side.folder}/{names.answers_file(one.number)}"

    def of(self, pair: _Pair, inside: _Inside) -> Iterator[FileChange]:
        """Yield the files of a proposal that the change touches."""
        touched = self.touched(pair)
        old_names = {path: self._old_name(pair, path) for path in touched}
        moved = {old for path, old in old_names.items() if old != path}
        modes = self._modes(touched)
        for path, old in old_names.items():
            if path in moved - self._change.after.paths:
                continue
            before, after = self._before(old), self._after(path)
            if before and after:
                after = self._as_committed(before, after)
            file = FileChange(
                before=before,
                after=after,
                modes=_differing(modes.get(old), modes.get(path)),
                inside=inside.of(path, old),
            )
            if file.differs:
                yield file

    def _old_name(self, pair: _Pair, path: str) -> str:
        if pair.before and pair.after and path == pair.after.main.path:
            return pair.before.main.path
        return self._change.renamed.get(path, path)

    def _modes(self, paths: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        if not paths or not self._commit:
            return {}
        return git_files.changed_modes(self._repository.root, self._commit, *paths)

    def _before(self, path: str) -> Document | None:
        blob = self._base.blobs.get(path)
        if blob is None:
            return None
        data = git_objects.contents(self._repository.root, [blob])[blob] if blob else b""
        return self._document(self._change.before, path, data)

    def _after(self, path: str) -> Document | None:
        if path not in self._change.after.paths:
            return None
        try:
            data = self._repository.tree.read(self._repository.root / path)
        except (OSError, BepError):
            # A link that leads out, or a file without permissions; its mode, or its text, differs.
            data = b""
        return self._document(self._change.after, path, data)

    def _document(self, side: Snapshot, path: str, data: bytes) -> Document:
        known = side.documents.get(path)
        if known and not known.problem:
            return known.with_source(decode(data))
        return Document(decode(data), path, Role.OTHER, guide=side.guide)

    def _as_committed(self, before: Document, after: Document) -> Document:
        """Return the new version with the line endings of a commit, if Git converts them."""
        if "\r" in before.source or "\r\n" not in after.source:
            return after
        plain = after.source.replace("\r\n", "\n")
        ids = {
            git_objects.committed_id(self._repository.root, after.path, encode(text))
            for text in (after.source, plain)
        }
        return after.with_source(plain) if len(ids) == 1 and "" not in ids else after


def _differing(old: tuple[str, str] | None, new: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the modes of a file before and after, None if they are the same or there is one."""
    found = (old[0], new[1]) if old and new else (_NO_FILE, _NO_FILE)
    return None if _NO_FILE in found or found[0] == found[1] else found


class _Inside:
    """The sections and documents that may change, as a call names them; `label` says which."""

    def __init__(self, pair: _Pair, sections: Sequence[str], documents: Sequence[str]) -> None:
        named = [path for word in documents for path in _documents(pair, word)]
        self._paths = frozenset(named or (one.main.path for one in pair if one))
        versions = [one for one in pair.documents if one.path in self._paths]
        found = dict(one for word in sections for one in _sections(pair, versions, word))
        self._sections = tuple(found) if sections else None
        files = " and ".join(sorted({path.rpartition("/")[2] for path in named}))
        headings = " and ".join(dict.fromkeys(map(repr, found.values())))
        self.label = " in ".join(filter(None, (headings, files)))

    def of(self, path: str, old: str) -> tuple[str, ...] | None:
        """Return the sections of a file that may change, None if all of it may."""
        return self._sections if {path, old} & self._paths else ()


def _documents(pair: _Pair, word: str) -> list[str]:
    """Return the paths of the document that a word names, before and after a change."""
    paths = {one.path for one in pair.documents}
    wanted = PurePosixPath(word.strip()).name
    found = [path for path in paths if PurePosixPath(path).name in (wanted, f"{wanted}.md")]
    if not found:
        files = sorted(PurePosixPath(path).name for path in paths)
        choices = f"the documents are {', '.join(files)}"
        raise unknown("document", word, files, choices=choices)
    return found


def _sections(pair: _Pair, versions: Sequence[Document], word: str) -> Iterator[tuple[str, str]]:
    """Yield each section name in an argument, which separates several by commas, with its path.

    Raise BepError for an unknown name, and for one that several sections have.
    """
    whole = _section(versions, word)
    for name in [word] if whole else [one.strip() for one in word.split(",")]:
        if (meant := whole or _section(versions, name)) is None:
            raise _unknown_section(pair, versions, name)
        yield name, meant


def _section(versions: Sequence[Document], name: str) -> str | None:
    """Return the path of the section that a name means, or None if it is unknown.

    Raise BepError if several sections have the name.
    """
    # Those before the change, which are last, decide what a name means.
    for document in reversed(versions):
        found = [*map(section_names.shown, section_names.named(document, name))]
        if len(found) > 1:
            remedy = f"name the sections above it too: {', '.join(map(repr, found))}"
            raise BepError(f"{len(found)} sections are called {name!r}", remedy, document.path)
        if found:
            return found[0]
    return None


def _unknown_section(pair: _Pair, versions: Sequence[Document], name: str) -> BepError:
    for document in pair.documents:
        if document not in versions and section_names.named(document, name):
            file = document.names[-1]
            what = f"unknown section {name!r} of {versions[0].names[-1]}"
            return BepError(what, f"{file} has it: add `--only-document {file}`")
    known = [section_names.shown(one) for one in section_names.chains(versions[0])]
    top = [one for one in known if " > " not in one]
    choices = f"the sections are {', '.join(top)}"
    return unknown("section", name, known, choices=choices, path=versions[0].path)


def _chosen(repository: Repository, change: Change, files: _Files, number: str) -> _Pair:
    """Return the proposal that is meant: by number, by branch, or the only one that is touched."""
    pairs = [_Pair(*one) for one in change.pairs()]
    on_branch = repository.branch_number()
    if number:
        if "," in number or chosen_proposals.is_range(number):
            raise BepError("--only is for one proposal", "give one number")
        wanted = chosen_proposals.one_number(number)
    elif on_branch is not None:
        wanted = on_branch
    else:
        touched = [one for one in pairs if files.touched(one)]
        if len(touched) == 1:
            return touched[0]
        what = ", ".join(sorted(str(one.numbers[1] or one.numbers[0]) for one in touched))
        raise BepError(
            "it is not clear which proposal is meant: the change touches"
            f" {what or 'none'}, and the branch names none",
            "give its number",
        )
    found = [one for one in pairs if wanted in one.numbers]
    if len(found) > 1:
        file = PurePosixPath(number).name
        by_name = [one for one in found if file in {side.main.names[-1] for side in one if side}]
        found = by_name or found
    if not found:
        raise BepError(f"there is no proposal {wanted}", "`bep list` shows all numbers")
    if len(found) > 1:
        raise BepError(f"{len(found)} documents have the number {wanted}", "give the path of one")
    return found[0]


def _others(change: Change, files: _Files, chosen: _Pair) -> Iterator[str]:
    """Yield a remark if the change touches other proposals."""
    others = [
        names.proposal_name(pair.numbers[1] or pair.numbers[0] or 0)
        for pair in map(_Pair._make, change.pairs())
        if pair.numbers != chosen.numbers and files.touched(pair)
    ]
    if others:
        yield f"the change also touches {', '.join(others)}, which --only does not look at"
