"""Where a repository cites its proposals: in its files, and in the messages of its commits.

The folder of proposals is not searched: proposals do not govern themselves. Neither are the skills
of agents, whose numbers are examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import NamedTuple

from ..errors import BepError
from ..proposal import citation
from ..proposal.citation import Citation
from . import git_files, git_log
from .baseline import Basis
from .repository import Repository

# More paths than that would be a long command line; all files are searched then.
_MOST_PATHS = 500
# Of a long history, the newest commits that name a proposal say what matters today.
_MOST_COMMITS = 500
# Git looks for a NUL byte in so many bytes at the beginning.
_HEAD_BYTES = 8000


class CitingCommit(NamedTuple):
    """A commit whose message names proposals; `paths` are the files that it changed."""

    id: str
    subject: str
    numbers: frozenset[int]
    paths: tuple[str, ...]


def in_files(
    repository: Repository, paths: Collection[str] = ("",), commit: str = ""
) -> list[Citation]:
    """The citations in text files that are, or are below, some paths from the root; '' is all.

    The files are those of a commit, or, with '', of the working tree: tracked ones, and new ones
    that Git does not ignore. A line counts once for each proposal that it names.
    """
    wanted = frozenset(paths)
    if not wanted:
        return []
    named = [] if "" in wanted or len(wanted) > _MOST_PATHS else sorted(wanted)
    found = git_files.matches_in_files(
        repository.root,
        citation.NAME,
        paths=named,
        without=[repository.settings.proposals, *repository.settings.skills],
        commit=commit,
    )
    every = [one for one in found if is_below(one.path, wanted)]
    # What a commit has is only compared with the working tree.
    binary = set() if commit else _binary(repository, {one.path for one in every})
    places = (one for one in every if one.path not in binary)
    cited = (Citation(citation.number_of(one.text), one.path, one.line) for one in places)
    return list(dict.fromkeys(cited))


def _binary(repository: Repository, paths: Iterable[str]) -> set[str]:
    """The files of the working tree that Git, without attributes, takes for binary ones."""
    found = set()
    for path in paths:
        with suppress(OSError, BepError):
            if b"\0" in repository.tree.head(repository.root / path, _HEAD_BYTES):
                found.add(path)
    return found


def by_number(repository: Repository, paths: Collection[str] = ("",)) -> dict[int, list[Citation]]:
    """The citations of `in_files` in the working tree, by the number of the proposal."""
    found: dict[int, list[Citation]] = {}
    for one in in_files(repository, paths):
        found.setdefault(one.number, []).append(one)
    return found


def is_below(path: str, wanted: Collection[str]) -> bool:
    """Whether a file is one of some paths, or in a folder of them; '' is the root."""
    if path in wanted or "" in wanted:
        return True
    ends = (at for at, char in enumerate(path) if char == "/")
    return any(path[:at] in wanted for at in ends)


def in_commits(repository: Repository) -> list[CitingCommit]:
    """The commits of HEAD's history whose messages cite proposals, the newest first."""
    found = git_log.commits_saying(repository.root, citation.NAME, _MOST_COMMITS)
    return [
        CitingCommit(one.id, one.message.partition("\n")[0].strip(), numbers, one.paths)
        for one in found
        if (numbers := citation.numbers_in(one.message))
    ]


def changed_files(repository: Repository, commit: str) -> frozenset[str]:
    """The files of the working tree that differ from a commit, also new and removed ones."""
    root = repository.root
    return git_files.changed_files(root, commit) | git_files.new_files(root)


def added(repository: Repository, based: Basis) -> list[Citation]:
    """The citations that a change adds; one that merely moved is none."""
    if based.commit is None:
        return in_files(repository)
    after = in_files(repository, changed_files(repository, based.commit))
    if not after:
        return []
    renamed = git_files.renamed_files(repository.root, based.commit)
    old = {renamed.get(one.path, one.path) for one in after}
    known: Counter[tuple[str, int]] = Counter()
    for commit in (based.commit, *([based.brought.commit] if based.brought else [])):
        there = in_files(repository, old, commit)
        known |= Counter((one.path, one.number) for one in there)
    new = []
    for one in after:
        key = (renamed.get(one.path, one.path), one.number)
        if known[key] <= 0:
            new.append(one)
        known[key] -= 1
    return new
