"""Which main documents a NUMBER argument means, and whether they can be edited."""

from __future__ import annotations

import fnmatch
import os.path
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple, TypeVar

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError, unknown
from ..guide import Guide, Status
from ..proposal import registry_table
from ..proposal.document import Document
from ..proposal.registry_table import Registry, Row
from ..questionnaire import answers
from . import branch_proposals, git_merge, git_refs
from .branch_proposals import BranchProposal, Found
from .repository import Repository, why_no_text


class NotNamed(BepError):
    """Neither the call nor the current branch says which proposal is meant."""


class Main(NamedTuple):
    """A proposal's main document as it was read."""

    number: int
    path: Path
    document: Document

    @property
    def place(self) -> str:
        """The document's path from the repository's root."""
        return self.document.path


def listed(repository: Repository, words: Sequence[str], *, with_page: bool = False) -> str:
    """The NUMBER argument that several words of a call are, separated by commas.

    A word is one of what `meant` takes, a folder that holds proposals, or a pattern such as
    `proposals/BEP-10*.md`; these mean the proposals in them. The registry's page and the blank
    document, which such words of a shell often include, are number 0 with `with_page`, and left out
    without. Raises BepError for words that name no proposal.
    """
    parts: list[str] = []
    for word in words:
        parts += _proposals_in(repository, word) or filter(None, map(str.strip, word.split(",")))
    found = list(dict.fromkeys(parts))
    kept = [part for part in found if not _is_page(part)]
    if with_page and len(kept) < len(found):
        kept.append("0")
    if not kept and (named := [*found, *filter(str.strip, words)]):
        raise BepError(f"{named[0]!r} names no proposal", "write 1046, BEP-1046 or a path of it")
    return ",".join(kept)


def _proposals_in(repository: Repository, word: str) -> list[str]:
    """The numbers of the proposals in a folder, or that a pattern means; for other words none.

    Raises BepError for a pattern that means none.
    """
    is_pattern = any(char in word for char in "*?[")
    if not is_pattern and not holds_all(repository, word):
        return []
    places = _places(repository, word)
    documents = repository.main_documents()
    count = Counter(number for number, _ in documents)
    found = [
        str(number) if count[number] == 1 else repository.relative(path)
        for number, path in documents
        if not is_pattern
        or fnmatch.fnmatch(path.name, word)
        or any(fnmatch.fnmatch(str(path), str(place)) for place in places)
    ]
    if found:
        return found
    folder = names.number_of_directory(PurePosixPath(word).parent.name)
    if is_pattern and folder is not None:
        return [str(folder)]
    raise BepError(f"no proposal found in {word!r}", "`bep list` shows all numbers and documents")


def holds_all(repository: Repository, word: str) -> bool:
    """Whether a word of a call names the folder of proposals, or a folder that holds it."""
    return bool(word.strip()) and any(
        place.is_relative_to(repository.root) and repository.proposals.is_relative_to(place)
        for place in _places(repository, word)
    )


def _places(repository: Repository, word: str) -> list[Path]:
    """What a path in a call may mean: it begins in the current folder, or in the root."""
    return [Path(os.path.normpath(base / word)) for base in (Path.cwd(), repository.root)]


def _is_page(part: str) -> bool:
    name = PurePosixPath(part).name
    return name == names.REGISTRY_PAGE or names.number_of_document(name) == 0


def read(repository: Repository, number: int, path: Path) -> Main:
    """The main document at `path`; raises BepError if it is not text that can be read."""
    try:
        found = Main(number, path, repository.document(path))
    except BepError as error:
        error.code = WRONG_DOCUMENTS
        raise
    if problem := why_no_text(found.document.source):
        raise BepError(problem, path=found.place, code=WRONG_DOCUMENTS)
    return found


def meant(repository: Repository, text: str) -> list[Main]:
    """The main documents that a NUMBER argument means, ascending and each once.

    It has numbers, ranges and paths, separated by commas; left out, it means that of the branch.
    Raises BepError for a number without document or with two, for a document in conflict after a
    merge, and if nothing says which proposal is meant.
    """
    known = repository.main_documents()
    found: set[tuple[int, Path]] = set()
    named = text.strip() or of_branch(repository)
    for part in filter(None, map(str.strip, named.split(","))):
        if is_range(part):
            numbers = [number for number, _ in selected(repository, known, part, itemgetter(0))]
            found.update((number, one(repository, str(number))) for number in numbers)
        else:
            found.add((one_number(part), one(repository, part)))
    if not found:
        raise BepError(f"{text!r} names no proposal", "write 1046, BEP-1046 or a path of it")
    refuse_unmerged(repository, (repository.relative(path) for _, path in found))
    return [read(repository, number, path) for number, path in sorted(found)]


def single(repository: Repository, text: str) -> Main:
    """The one main document that a NUMBER argument means; raises BepError for several too."""
    found = meant(repository, text)
    if len(found) > 1:
        raise BepError(f"{text!r} means {len(found)} proposals", "give one number")
    return found[0]


def of_branch(repository: Repository) -> str:
    """The number in the current branch's name, or of the one proposal that only the branch has.

    The second is what `renumber` leaves if it cannot rename the branch. Raises NotNamed if
    there is neither.
    """
    branch = git_refs.branch(repository.root) or "a detached HEAD"
    number = repository.settings.number_in(branch)
    if number is None:
        _refuse_without_registry(repository)
        raise NotNamed(
            f"it is not clear which proposal is meant, and {branch} does not name one",
            "give its number, or switch to its branch",
        )
    if not repository.documents_of(number):
        _refuse_without_registry(repository)
        beyond_main = _numbers_beyond_main(repository)
        if len(beyond_main) == 1:
            return str(beyond_main.pop())
        raise NotNamed(
            f"the branch {branch} names {number}, which has no document here",
            "`bep new` writes one for a reserved number; or give the number that is meant",
        )
    return str(number)


def _numbers_beyond_main(repository: Repository) -> set[int]:
    """The numbers of documents in the working tree that the main branch does not have."""
    on_main = branch_proposals.find(repository).on_main
    documents = repository.main_documents()
    return {number for number, path in documents if repository.relative(path) not in on_main}


def one(repository: Repository, named: str) -> Path:
    """The main document that is meant; `named` is a number, or the path where two have it.

    Raises BepError if there is none, also no registry, or where it is not clear which.
    """
    number = one_number(named)
    found = repository.documents_of(number)
    if not found:
        _refuse_without_registry(repository)
        _refuse_elsewhere(repository, number)
        raise BepError(
            f"the number {number} has no document", "`bep list` shows all numbers and documents"
        )
    by_name = [path for path in found if path.name == PurePosixPath(named).name]
    if len(found) > 1 and not by_name:
        first, second = map(repository.relative, found[:2])
        raise BepError(
            f"the number {number} has two documents, this one and {second}",
            "name the one that is meant by its path",
            first,
            code=WRONG_DOCUMENTS,
        )
    return (by_name or found)[0]


def _refuse_elsewhere(repository: Repository, number: int) -> None:
    """Raise BepError if another branch has the proposal: that is where it can be worked on."""
    if elsewhere := (branches := branch_proposals.find(repository)).of(number):
        raise BepError(
            branches.place(elsewhere[0]),
            f"`{_call_to_get(repository, branches, elsewhere[0])}` first",
        )


def _call_to_get(repository: Repository, branches: Found, one: BranchProposal) -> str:
    """The command that brings a proposal into the working tree, or into the one that has it."""
    if one.branch == branches.current:
        return "git pull"
    # Git checks a branch out in one worktree only.
    if worktree := git_refs.worktree_of(repository.root, one.branch):
        return f"cd {shlex.quote(worktree)}"
    shared = f"refs/remotes/{repository.settings.remote}/{one.branch}"
    known = git_refs.refs(repository.root, f"refs/heads/{one.branch}", shared)
    # What only another remote has is called by that remote's name.
    track = "" if known else "--track "
    return f"git switch {track}{shlex.quote(one.branch)}"


def _refuse_without_registry(repository: Repository) -> None:
    """Raise BepError if there is no registry: then that is what is wrong, and not a number."""
    if not repository.tree.has(repository.registry_page):
        repository.read_registry()


def refuse_unmerged(repository: Repository, paths: Iterable[str]) -> None:
    """Raise BepError if a merge left one of these files in conflict, or one in these folders."""
    touched = set(paths)
    for path in sorted(git_merge.unmerged(repository.root)):
        if not touched.isdisjoint((path, *map(str, PurePosixPath(path).parents))):
            raise BepError(
                "is in conflict after a merge",
                "resolve it and `git add` it",
                path,
                code=WRONG_DOCUMENTS,
            )


def row_of(repository: Repository, page: Registry, number: int, main: Path) -> Row | None:
    """The row that links the document, else the only row of its number if it has no link.

    None if the rows of the number are those of other documents. Raises BepError if two rows
    link the document.
    """
    rows = [row for row in page.rows if row.number == number]
    targets = {row: registry_table.target_of(page.path, row) for row in rows if row.link}
    linking = [row for row, target in targets.items() if target == repository.relative(main)]
    if len(linking) > 1:
        return page.row(number)  # which refuses it
    if linking or len(rows) != 1:
        return linking[0] if linking else None
    (row,) = rows
    target = targets.get(row)
    return row if target is None or not repository.tree.is_file(repository.root / target) else None


def with_registry_status(repository: Repository, main: Document) -> Document:
    """A main document that has the status of its row in the registry if its metadata has none.

    A registry that cannot be read says nothing.
    """
    if main.metadata.value("status"):
        return main
    with suppress(BepError):
        page = repository.read_registry()
        row = row_of(repository, page, main.number, repository.root / main.path)
        return replace(main, registry_status=row.status if row else "")
    return main


_T = TypeVar("_T")
_ONE = rf"(?:BEP-)?({names.NUMBER})"
_NUMBER = re.compile(_ONE, re.IGNORECASE)
_RANGE = re.compile(rf"{_ONE}\s*-\s*{_ONE}", re.IGNORECASE)


def one_number(text: str) -> int:
    """The number in `1046`, `BEP-1046` or a path of the proposal.

    Raises BepError for anything else.
    """
    text = text.strip()
    if match := _NUMBER.fullmatch(text):
        return int(match[1])
    for part in reversed(PurePath(text).parts):
        if (number := names.number_of_name(part)) is not None:
            return number
    raise BepError(f"{text!r} is not a proposal", "write 1046, BEP-1046 or a path of the proposal")


def is_range(text: str) -> bool:
    """Whether a part of a NUMBER argument means several numbers, as `1050-1053` does."""
    return _RANGE.fullmatch(text.strip()) is not None


def selected(
    repository: Repository, items: Sequence[_T], text: str, number_of: Callable[[_T], int]
) -> list[_T]:
    """The `items` that a NUMBER argument means: numbers, ranges and paths, separated by commas.

    Raises BepError for a single number that no item has, and for a range that none is in.
    """
    wanted: set[int] = set()
    known = {number_of(item) for item in items}
    for part in filter(None, (part.strip() for part in text.split(","))):
        if match := _RANGE.fullmatch(part):
            low, high = int(match[1]), int(match[2])
            inside = {number for number in known if low <= number <= high}
        else:
            inside = {number := one_number(part)} & known
            if not inside:
                _refuse_elsewhere(repository, number)
        if not inside:
            raise BepError(f"there is no proposal {part}", "`bep list` shows all numbers")
        wanted |= inside
    return [item for item in items if number_of(item) in wanted]


def numbers(repository: Repository, words: Sequence[str], known: Sequence[int]) -> list[int] | None:
    """The numbers of `known` that NUMBER arguments mean, ascending; None if they mean all.

    0 is the page. Raises BepError for a number that is not known, for a range that none is in, and
    if there is neither a proposal nor a registry.
    """
    if not any(known):
        _refuse_without_registry(repository)
    # Those in a final status are asked for by number, not by a folder that holds them.
    if any(holds_all(repository, word) for word in words):
        return None
    text = listed(repository, words, with_page=True)
    return selected(repository, sorted(known), text, lambda one: one) if text else None


def one_line(text: str, what: str) -> str:
    """An argument that becomes one line of a document, without the blanks around it.

    Raises BepError if it is empty or holds a line break or another control character.
    """
    stripped = text.strip()
    if not stripped:
        raise BepError(f"the {what} is empty", f"give it with --{what}")
    if found := answers.line_problem(stripped, what):
        raise BepError(found, "write it on one line")
    return stripped


def known_status(guide: Guide, text: str) -> Status:
    """The status that a call names, whatever its case; raises BepError for an unknown one."""
    found = guide.status_of(text)
    if found is None:
        raise unknown("status", text, guide.status_names)
    return found
