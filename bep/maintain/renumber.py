"""`renumber`: a proposal moves to another number, with everything that contains the old one."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import anchors, blocks, edits as splices, links, nested_blocks
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..proposal import context_block, derived_text, metadata, registry_table
from ..proposal.document import Document
from ..start import claims
from ..system import chosen_proposals, effects, file_transaction, git
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import renumber_journal
from .renumber_journal import Begun, Finished

_LARGEST_TEXT = 2_000_000
_BINARY_PROBE = 8192
_SHOWN = 120


class Mention(NamedTuple):
    """A line of an author's text that names the old number and stays as it is."""

    path: str
    line: int
    text: str


class Renumbering(NamedTuple):
    """What a renumbering does; paths are relative to the root, and old ones in `changes`."""

    number: int
    to: int
    moves: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    mentions: tuple[Mention, ...]


class Renumbered(NamedTuple):
    """What `renumber` did, and whether the old number was given back."""

    plan: Renumbering
    given_back: bool


# A move is planned, planned again with its claim, and compared before files change.
_links_of = functools.lru_cache(maxsize=512)(links.links)


def renumber(
    repository: Repository, named: str, to: int | None = None, *, dry_run: bool = False
) -> Renumbered:
    """Move a proposal to the number `to`, or the next one: claim, files, links, registry row.

    `named` is its number, or the path of its main document where two carry the number. The claim
    of the old number is given back if it was made here. Raises BepError if there is no such
    proposal or the new number cannot be taken; then nothing has changed. The same call finishes one
    that was interrupted.
    """
    number = chosen_proposals.one_number(named)
    if not dry_run:
        renumber_journal.refuse_locked_index(repository)
        finished = renumber_journal.finish(repository)
        if finished and _is_meant(finished.begun, named, number, to):
            return _reported(repository, finished)
    main = chosen_proposals.one(repository, named)
    remote = claims.look(repository)
    if dry_run:
        wanted = to if to is not None else claims.next_number(repository, remote)
        return Renumbered(plan(repository, number, wanted, main=main), given_back=False)
    if to is not None:
        # Refuse before a claim is made that would not be used.
        plan(repository, number, to, main=main)
    read = repository.document(main)
    author = metadata.author_name(read.metadata.value("author"))
    title = read.title_text or main.stem
    claim = claims.taken_for(repository, title, author, to, remote) or claims.take(
        repository, title, author, to, remote
    )
    before_writing = effects.file_count()
    try:
        found = plan(repository, number, claim.number, main=main)
        begun = Begun(number, claim.number, found.moves, claim.commit)
        apply(repository, found, begun)
    except BaseException:
        if effects.file_count() == before_writing:
            claims.give_back(repository, claim, remote)
        raise
    return Renumbered(found, renumber_journal.follow(repository, begun, remote).given_back)


def _is_meant(begun: Begun, named: str, number: int, to: int | None) -> bool:
    """Whether a call repeats the one that began, for the same of two documents with a number."""
    file, old = PurePosixPath(named).name, PurePosixPath(begun.moves[0][0]).name
    return begun.number == number and to in (None, begun.to) and file in (old, named)


def _reported(repository: Repository, finished: Finished) -> Renumbered:
    begun = finished.begun
    found = Renumbering(begun.number, begun.to, begun.moves, (), ())
    mentions = tuple(_mentions(repository, found, git.files(repository.root)))
    return Renumbered(found._replace(mentions=mentions), finished.given_back)


def plan(repository: Repository, number: int, to: int, *, main: Path) -> Renumbering:
    """Everything that moving a proposal to the number `to` does; nothing is written.

    `main` is its main document. Raises BepError where `to` is in use, or a file concerned is
    broken, in conflict or cannot be read.
    """
    listed = git.files(repository.root)
    found = _planned(repository, number, to, main, listed)
    _refuse_unmerged(repository, found, git.unmerged(repository.root))
    return found._replace(mentions=tuple(_mentions(repository, found, listed)))


def apply(repository: Repository, plan: Renumbering, begun: Begun) -> None:
    """Carry out a plan, all or nothing, also when the process is killed; `begun` is noted.

    Raises BepError where a file cannot be written, the index is locked, or the files changed since
    the plan was made.
    """
    root = repository.root
    with file_transaction.alone(repository.tree):
        main = root / plan.moves[0][0]
        fresh = _planned(repository, plan.number, plan.to, main, git.files(root))
        if (fresh.moves, fresh.changes) != (plan.moves, plan.changes):
            raise BepError("the files changed since the plan was made", "try again")
        moves = [(root / old, root / new) for old, new in plan.moves]
        renumber_journal.refuse_locked_index(repository)
        try:
            renumber_journal.note(repository, begun)
            file_transaction.write(repository.tree, plan.changes, moves)
        except BaseException:
            renumber_journal.forget(repository)
            raise


def _planned(
    repository: Repository, number: int, to: int, main: Path, listed: Sequence[str]
) -> Renumbering:
    _refuse_used(repository, number, to)
    page = repository.read_registry()
    moves = _moves(repository, main, number, to)
    moved = {old for old, _ in moves}
    parts = repository.tree.all_files(repository.directory(number), ".md")
    if repository.relative(repository.directory(number)) not in moved:
        parts = []
    own = [main, *parts]
    change = _Renaming(repository, number, to, moves)
    texts = {path: repository.read(path) for path in own}
    change.note_headings(texts)
    texts |= {path: repository.read(path) for path in _pages(repository, listed) if path not in own}
    new = {path: change.text_of(path, text, path in own) for path, text in texts.items()}
    new[repository.registry_page] = change.page(page, main, new[main])
    changes = [
        Change(path, encode(text))
        for path, text in sorted(new.items())
        if text != texts.get(path, page.source)
    ]
    answers = repository.answers_file(number)
    if repository.relative(answers) in moved:
        # The answers file last: once it exists, the documents do.
        changes.append(Change(answers, encode(_answers(repository, number, to))))
    return Renumbering(number, to, moves, tuple(changes), ())


def _refuse_used(repository: Repository, number: int, to: int) -> None:
    if to == number:
        raise BepError(f"the proposal already has the number {number}", "give another number")
    if to < 1:
        raise BepError(f"{to} is not a valid proposal number", "give another number")
    row = repository.read_registry().row(to)
    if row:
        path = repository.relative(repository.registry_page)
        raise BepError(
            f"the number {to} has a row ({row.title!r})", "give another number", path, row.line
        )
    for used in (
        *repository.documents_of(to),
        repository.directory(to),
        repository.answers_file(to),
    ):
        if repository.tree.has(used):
            raise BepError(
                f"the number {to} is in use", "give another number", repository.relative(used)
            )


def _refuse_unmerged(repository: Repository, found: Renumbering, unmerged: Collection[str]) -> None:
    touched = {repository.relative(path) for path, _ in found.changes}
    touched.update(old for old, _ in found.moves)
    for path in sorted(unmerged):
        parents = (parent.as_posix() for parent in PurePosixPath(path).parents)
        if path in touched or not touched.isdisjoint(parents):
            raise BepError(
                "is in conflict after a merge",
                "settle it and `git add` it",
                path,
                code=WRONG_DOCUMENTS,
            )


def _moves(repository: Repository, main: Path, number: int, to: int) -> tuple[tuple[str, str], ...]:
    name = re.sub(r"\A(BEP-)[0-9]+", rf"\g<1>{to:04d}", main.name)
    pairs = [(main, main.with_name(name))]
    if _owns_directory(repository, main, number):
        pairs.append((repository.directory(number), repository.directory(to)))
    if _owns_answers(repository, main, number):
        pairs.append((repository.answers_file(number), repository.answers_file(to)))
    return tuple(
        (repository.relative(old), repository.relative(new))
        for old, new in pairs
        if repository.tree.has(old)
    )


def _owns_directory(repository: Repository, main: Path, number: int) -> bool:
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


def _owns_answers(repository: Repository, main: Path, number: int) -> bool:
    """Whether the answers file belongs to a document: of two with the number, by its slug."""
    path = repository.answers_file(number)
    if len(repository.documents_of(number)) == 1 or not repository.tree.has(path):
        return True
    slug = re.search(r"^slug:[ \t]*['\"]?([^\r\n'\"]*)", repository.read(path), re.MULTILINE)
    return slug is not None and names.main_document(number, slug[1].strip()) == main.name


def _pages(repository: Repository, listed: Sequence[str]) -> Iterator[Path]:
    """All Markdown files in the proposals folder; links are followed."""
    found = (repository.root / name for name in listed if name.endswith(".md"))
    for path in found:
        if path.is_relative_to(repository.proposals) and repository.tree.is_own_file(path):
            yield path


def _answers(repository: Repository, number: int, to: int) -> str:
    path = repository.answers_file(number)
    text = repository.read(path)
    found = re.search(r"(?:\A\ufeff?|(?<=[\r\n]))number:[ \t]*['\"]?0*(\d+)(?!\d)", text)
    if not found or int(found[1]) != number:
        raise BepError(
            f"the answers do not say the number {number}",
            f"write `number: {number}` there",
            repository.relative(path),
            code=WRONG_DOCUMENTS,
        )
    return text[: found.start(1)] + str(to) + text[found.end(1) :]


class _Renaming:
    """The edits of texts: links that lead to what moves, and the proposal's own labels."""

    def __init__(
        self, repository: Repository, number: int, to: int, moves: tuple[tuple[str, str], ...]
    ) -> None:
        self.repository = repository
        self.number, self.to = number, to
        self.moves = {_parts(old): _parts(new)[-1] for old, new in moves}
        self.anchors: dict[links.Path, dict[str, str]] = {}
        # Whose number it is where two documents have it, the text does not say.
        self.is_shared = len(repository.documents_of(number)) > 1
        self.in_anchor = re.compile(rf"bep-(0*{number})(?!\d)", re.IGNORECASE)
        self.name = re.compile(rf"(?<!\w)BEP-(0*{number})(?!\w)", re.IGNORECASE)
        self.heading = re.compile(rf"BEP-(0*{number})(?!\w)", re.IGNORECASE)
        self.parent = re.compile(
            rf"(?:\A|(?<=[\r\n]))[ \t]*parent[ \t]*:[ \t]*['\"]?BEP-(0*{number})(?!\d)",
            re.IGNORECASE,
        )
        self.label = re.compile(rf"BEP-(0*{number})(?=:|\Z)")
        self.row_number = re.compile(rf"(?:\[\s*)?(0*{number})(?!\d)")
        self.row_link = re.compile(rf"\]\(\s*<?(?:[^\s()]*/)?BEP-(0*{number})(?!\d)")

    def note_headings(self, own: Mapping[Path, str]) -> None:
        """Remember what becomes of the anchors of headings that contain the number."""
        for path, text in own.items():
            before, after = _anchors(text), _anchors(self.text_of(path, text, own=True))
            # If an anchor appears several times, links lead to the first one.
            pairs = reversed([*zip(before, after, strict=True)])
            self.anchors[self._place(path)] = {
                old.casefold(): new for old, new in pairs if old != new
            }

    def text_of(self, path: Path, text: str, own: bool) -> str:
        """A document with its links, and its labels where it is the proposal's own."""
        edits = list(self._links(path, text))
        edits += self._labels(text) if own else self._superseding(text)
        return splices.applied(text, edits)

    def page(self, page: registry_table.Registry, main: Path, text: str) -> str:
        """The process page with the row of the main document, which has a new text, at its place.

        The row of another document with the number stays; a document that had none gets one.
        """
        path, source = self.repository.registry_page, page.source
        edits = list(self._links(path, source))
        row = chosen_proposals.row_of(self.repository, page, self.number, main)
        if row is None:
            document = Document(text, guide=self.repository.guide)
            new = self.moves[self._place(main)]
            edits.append(derived_text.new_row(page, self.to, new, document))
            return splices.applied(source, edits)
        cell = row.cells[0]
        written = source[cell.start : cell.end]
        edits = [edit for edit in edits if not cell.start <= edit.start < cell.end]
        for pattern, new in ((self.row_number, str(self.to)), (self.row_link, f"{self.to:04d}")):
            if found := pattern.search(written):
                span = found.span(1)
                edits.append(Splice(cell.start + span[0], cell.start + span[1], new))
        return _with_row_at_its_place(splices.applied(source, edits), page, row, self.to)

    def _place(self, path: Path) -> links.Path:
        return _parts(self.repository.relative(path))

    def _links(self, path: Path, text: str) -> Iterator[Splice]:
        place = self._place(path)
        for link in _links_of(text):
            new = links.moved(link.destination, place, self.moves)
            anchor = links.fragment(link.destination)
            if anchor:
                target = links.resolved(link.destination, place) or ()
                named = links.anchor(anchor).casefold()
                if renamed := self.anchors.get(target, {}).get(named):
                    new = new.removesuffix(anchor) + self._respelled(anchor, renamed)
            if new != link.destination:
                yield Splice(link.start, link.end, new)
                words = text[link.text_start : link.text_end]
                if label := self.label.match(words):
                    start = link.text_start + label.start(1)
                    yield Splice(start, start + len(label[1]), f"{self.to:04d}")

    def _respelled(self, anchor: str, renamed: str) -> str:
        """A renamed anchor, written as its author wrote the old one where that is possible."""
        for found in self.in_anchor.finditer(anchor):
            new = f"{anchor[: found.start(1)]}{self.to:04d}{anchor[found.end(1) :]}"
            if links.anchor(new).casefold() == renamed.casefold():
                return new
        return renamed

    def _superseding(self, text: str) -> Iterator[Splice]:
        """The edit of a front matter that names the proposal as its successor."""
        key = self.repository.guide.key("superseded-by")
        if self.is_shared or not key or key not in text:
            return
        entry = Document(text, guide=self.repository.guide).metadata.entry("superseded-by")
        if entry is not None:
            for found in self.name.finditer(text, entry.start, entry.end):
                yield Splice(found.start(1), found.end(1), f"{self.to:04d}")

    def _labels(self, text: str) -> Iterator[Splice]:
        for block in blocks.blocks(text):
            found, start = None, block.start
            if isinstance(block, Heading):
                start = block.text_start
                found = self.heading.match(text[start : block.text_end])
            elif block.kind is Kind.COMMENT:
                comment = text[start : block.end]
                if comment.lstrip("\ufeff \t").startswith(context_block.OPENING):
                    found = self.parent.search(comment)
            if found:
                yield Splice(start + found.start(1), start + found.end(1), f"{self.to:04d}")


def _parts(path: str) -> links.Path:
    return PurePosixPath(path).parts


def _anchors(text: str) -> list[str]:
    """The anchors of a document, in the order of their places."""
    return [name for _, name in anchors.placed(text, nested_blocks.leaves(text))]


def _with_row_at_its_place(
    source: str, page: registry_table.Registry, row: registry_table.Row, to: int
) -> str:
    """The edited page `source`, with the row of `to`, which is still in its old place, moved."""
    others = [one for one in page.rows if one.number is not None and one is not row]
    smaller = [one for one in others if one.number is not None and one.number < to]
    larger = [one for one in others if one.number is not None and one.number > to]
    if all(one.line < row.line for one in smaller) and all(one.line > row.line for one in larger):
        return source
    above = smaller[-1].line if smaller else page.table.delimiter.line
    lines = [(source[start:end], source[end:stop]) for start, end, stop in blocks.lines(source)]
    moving = lines.pop(row.line - 1)
    lines.insert(above if above < row.line else above - 1, moving)
    # The line that had no ending has one now, and the last line has none.
    for at, (text, ending) in enumerate(lines[:-1]):
        if not ending:
            lines[at] = (text, lines[-1][1])
            lines[-1] = (lines[-1][0], "")
    return "".join(text + ending for text, ending in lines)


# --- Mentions -----------------------------------------------------------------------------------


def _mentions(repository: Repository, plan: Renumbering, listed: Sequence[str]) -> list[Mention]:
    """The lines that will name the old number, with the paths that the files will have."""
    new = {repository.relative(path): content for path, content in plan.changes}
    pattern = re.compile(
        rf"(?<![^\W_])bep[-/ ]0*{plan.number}(?!\d){_not_of_others(repository, plan)}",
        re.IGNORECASE,
    )
    others = _files_of_others(repository, plan)
    probe = re.compile(rf"bep[-/ ]0*{plan.number}".encode(), re.IGNORECASE)
    found = []
    for name in listed:
        if name in others or name.startswith(tuple(f"{other}/" for other in others)):
            continue
        content = new.get(name)
        if content is None:
            content = _small_file(repository, repository.root / name)
        if b"\0" in content[:_BINARY_PROBE] or not probe.search(content):
            continue
        text = decode(content)
        path = _moved_path(name, plan.moves)
        for at, (start, end, _) in enumerate(blocks.lines(text), start=1):
            if pattern.search(text, start, end):
                line = encode(text[start:end].strip()).decode("utf-8", "replace")
                found.append(Mention(path, at, line[:_SHOWN]))
    return sorted(found)


def _files_of_others(repository: Repository, plan: Renumbering) -> list[str]:
    """The files and folders of another document with the number, which stay where they are."""
    moved = {old for old, _ in plan.moves}
    of_number = [
        *repository.documents_of(plan.number),
        repository.directory(plan.number),
        repository.answers_file(plan.number),
    ]
    found = map(repository.relative, of_number)
    is_shared = len(repository.documents_of(plan.number)) > 1
    return [path for path in found if path not in moved] if is_shared else []


def _not_of_others(repository: Repository, plan: Renumbering) -> str:
    """A pattern for what does not go on as a name of another document with the number."""
    names_of = (PurePosixPath(path).name for path in _files_of_others(repository, plan))
    # What is behind the number: `-title.md`, `.yml`, and `/` for a folder.
    ends = [re.escape(re.sub(r"\A\.?\D*\d+", "", name)) or "/" for name in names_of]
    return f"(?!{'|'.join(ends)})" if ends else ""


def _small_file(repository: Repository, path: Path) -> bytes:
    """The content of a regular file of a text's size, b'' for anything else."""
    tree = repository.tree
    try:
        if not tree.is_own_file(path) or tree.size(path) > _LARGEST_TEXT:
            return b""
        return tree.read(path)
    except (OSError, BepError):
        return b""


def _moved_path(path: str, moves: tuple[tuple[str, str], ...]) -> str:
    for old, new in moves:
        if path == old or path.startswith(f"{old}/"):
            return new + path.removeprefix(old)
    return path
