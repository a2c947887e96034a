"""Files of a proposal that move: links that lead to them, and lines that still mention them.

What `renumber` and `retitle` share. A move is planned first, and nothing is written if the files
have changed since.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..markdown import anchors, blocks, links, nested_blocks
from ..markdown.edits import Splice
from ..markdown.links import Link
from ..proposal import stored_answers
from ..system import chosen_proposals, file_transaction
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import move_journal
from .move_journal import Begun

# Pairs of an old and a new path, relative to the root; the main document's comes first.
Moves = tuple[tuple[str, str], ...]

_LARGEST_TEXT = 2_000_000
_BINARY_PROBE = 8192
_SHOWN = 120

# A move is planned, perhaps planned again with its claim, and compared before files change.
_links_of = functools.lru_cache(maxsize=512)(links.links)


class Mention(NamedTuple):
    """A line of an author's text that names what has another name now, and stays as it is."""

    path: str
    line: int
    text: str


class MovedLinks:
    """The edits of links that lead to files that move, or to headings whose anchors change.

    `respelled` spells a new anchor as its author spelled the old one.
    """

    def __init__(
        self,
        repository: Repository,
        moves: Moves,
        respelled: Callable[[str, str], str] = lambda _, renamed: renamed,
    ) -> None:
        self._repository = repository
        self._respelled = respelled
        self.moves = {_parts(old): _parts(new)[-1] for old, new in moves}
        self._anchors: dict[links.Path, dict[str, str]] = {}

    def place(self, path: Path) -> links.Path:
        """The path by its parts, from the root."""
        return _parts(self._repository.relative(path))

    def note_headings(self, path: Path, text: str, new: str) -> None:
        """Remember what becomes of the anchors of a document whose headings change."""
        # If an anchor appears several times, links lead to the first one.
        pairs = reversed([*zip(_anchors(text), _anchors(new), strict=True)])
        self._anchors[self.place(path)] = {old.casefold(): now for old, now in pairs if old != now}

    def edits(self, path: Path, text: str) -> Iterator[tuple[Link, Splice]]:
        """The links of a document that change, each with the edit of its destination."""
        place = self.place(path)
        for link in _links_of(text):
            new = links.moved(link.destination, place, self.moves)
            anchor = links.fragment(link.destination)
            if anchor:
                target = links.resolved(link.destination, place) or ()
                named = links.anchor(anchor).casefold()
                if renamed := self._anchors.get(target, {}).get(named):
                    new = new.removesuffix(anchor) + self._respelled(anchor, renamed)
            if new != link.destination:
                yield link, Splice(link.start, link.end, new)


def _parts(path: str) -> links.Path:
    return PurePosixPath(path).parts


def _anchors(text: str) -> list[str]:
    """The anchors of a document, in the order of their places."""
    return [name for _, name in anchors.placed(text, nested_blocks.leaves(text))]


def pages(repository: Repository, listed: Sequence[str]) -> Iterator[Path]:
    """All Markdown files in the proposals folder; links are followed."""
    found = (repository.root / name for name in listed if name.endswith(".md"))
    for path in found:
        if path.is_relative_to(repository.proposals) and repository.tree.is_own_file(path):
            yield path


def owns_directory(repository: Repository, main: Path, number: int) -> bool:
    """Whether the directory belongs to a document: of two with the number, that which links it."""
    others = [path for path in repository.documents_of(number) if path != main]
    directory = _parts(repository.relative(repository.directory(number)))

    def leads_there(path: Path) -> bool:
        place = _parts(repository.relative(path))
        targets = (
            links.resolved(one.destination, place) for one in _links_of(repository.read(path))
        )
        return any(target and target[: len(directory)] == directory for target in targets)

    return not others or (leads_there(main) and not any(map(leads_there, others)))


def owns_answers(repository: Repository, main: Path, number: int) -> bool:
    """Whether the answers file belongs to a document: of two with the number, by its slug."""
    path = repository.answers_file(number)
    if len(repository.documents_of(number)) == 1 or not repository.tree.has(path):
        return True
    slug = stored_answers.read(repository.read(path)).get("slug", "")
    return names.main_document(number, str(slug).strip()) == main.name


def refuse_unmerged(repository: Repository, moves: Moves, changes: Sequence[Change]) -> None:
    """Raise BepError if a merge left one of the files concerned in conflict."""
    changed = (repository.relative(path) for path, _ in changes)
    chosen_proposals.refuse_unmerged(repository, [*changed, *(old for old, _ in moves)])


def apply(
    repository: Repository,
    begun: Begun,
    changes: tuple[Change, ...],
    planned: Callable[[], tuple[Moves, tuple[Change, ...]]],
) -> None:
    """Write the changes and move the files, all or nothing, also when the process is killed.

    Where files move, `begun` is noted first; `planned` makes the plan again. Raises BepError if
    a file cannot be written, the index is locked, or the new plan is another one.
    """
    root = repository.root
    with file_transaction.alone(repository.tree):
        if planned() != (begun.moves, changes):
            raise BepError("the files changed since the plan was made", "try again")
        moves = [(root / old, root / new) for old, new in begun.moves]
        if not moves:
            file_transaction.write(repository.tree, changes)
            return
        move_journal.refuse_locked_index(repository)
        try:
            move_journal.note(repository, begun)
            file_transaction.write(repository.tree, changes, moves)
        except BaseException:
            move_journal.forget(repository)
            raise


def mentions(
    repository: Repository,
    moves: Moves,
    changes: Sequence[Change],
    listed: Sequence[str],
    pattern: re.Pattern[str],
    probe: re.Pattern[bytes],
) -> list[Mention]:
    """The lines of the files `listed` that will match `pattern`, with the paths they will have.

    A file in which `probe` finds nothing has no such line.
    """
    new = {repository.relative(path): content for path, content in changes}
    found = []
    for name in listed:
        content = new.get(name)
        if content is None:
            content = _small_file(repository, repository.root / name)
        if b"\0" in content[:_BINARY_PROBE] or not probe.search(content):
            continue
        text = decode(content)
        path = _moved_path(name, moves)
        for at, (start, end, _) in enumerate(blocks.lines(text), start=1):
            if pattern.search(text, start, end):
                line = encode(text[start:end].strip()).decode("utf-8", "replace")
                found.append(Mention(path, at, line[:_SHOWN]))
    return sorted(found)


def _small_file(repository: Repository, path: Path) -> bytes:
    """The content of a regular file of a text's size, b'' for anything else."""
    tree = repository.tree
    try:
        if not tree.is_own_file(path) or tree.size(path) > _LARGEST_TEXT:
            return b""
        return tree.read(path)
    except (OSError, BepError):
        return b""


def _moved_path(path: str, moves: Moves) -> str:
    for old, new in moves:
        if path == old or path.startswith(f"{old}/"):
            return new + path.removeprefix(old)
    return path
