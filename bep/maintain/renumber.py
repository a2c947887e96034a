"""`renumber`: a proposal moves to another number, with everything that contains the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits as splices, links
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..proposal import context_block, derived_text, metadata, registry_table, title as titles
from ..proposal.document import Document
from ..start import claims, held_numbers, reserved_numbers
from ..system import chosen_proposals, git_files
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from . import branch_name, move_journal, moved_files
from .branch_name import Branch
from .move_journal import Begun, Finished
from .moved_files import Mention, MovedLinks, Moves

_NEXT = "leave --to out for the next free number, or give another number"


class Renumbering(NamedTuple):
    """What a renumbering does; paths are relative to the root, and old ones in `changes`."""

    number: int
    to: int
    moves: Moves
    changes: tuple[Change, ...]
    mentions: tuple[Mention, ...]
    branch: Branch | None = None


def renumber(
    repository: Repository, named: str, to: int | None = None, *, dry_run: bool = False
) -> tuple[Renumbering, Finished]:
    """Move a proposal to the number `to`, or the next one: claim, files, links, registry row.

    `named` is its number, or the path of its main document where two carry the number; left out,
    that of the branch. The claim of the old number is given back if it was made here. Returns what
    was planned, and what came of it. Raises BepError if there is no such proposal or the new number
    cannot be taken; then nothing has changed. The same call finishes one that was interrupted.
    """
    named = named.strip() or chosen_proposals.of_branch(repository)
    number = chosen_proposals.one_number(named)
    if not dry_run:
        move_journal.refuse_locked_index(repository)
        earlier = move_journal.finish(repository)
        if earlier and _is_meant(earlier[0], named, number, to):
            return _as_planned(repository, earlier[0]), earlier[1]
    main = chosen_proposals.one(repository, named)
    if to is not None and to != number:
        # An update refuses the answers of a proposal with another number.
        reserved_numbers.in_range(repository, to)
    remote = held_numbers.look(repository)
    if dry_run:
        wanted = to if to is not None else held_numbers.next_number(repository, remote)
        return plan(repository, number, wanted, main=main), Finished()
    if to is not None:
        # Refuse before a claim is made that would not be used.
        reserved_numbers.refuse_held(repository, to, "give another number")
        plan(repository, number, to, main=main)
    read = repository.document(main)
    author = metadata.author_name(read.metadata.value("author"))
    title = read.title_text or main.stem
    try:
        claim = claims.taken_for(repository, title, author, to, remote) or claims.take(
            repository, title, author, to, remote
        )
    except claims.Taken:
        raise BepError(f"the number {to} is claimed already", _NEXT) from None
    with claims.kept_if_used(repository, claim, remote, is_new=True):
        found = plan(repository, number, claim.number, main=main)
        renamed = found.branch.renamed if found.branch else None
        begun = Begun(number, claim.number, found.moves, claim.commit, renamed)
        apply(repository, found, begun)
    return found, move_journal.follow(repository, begun, remote)


def _is_meant(begun: Begun, named: str, number: int, to: int | None) -> bool:
    """Whether a call repeats the one that began, for the same of two documents with a number."""
    file, old = PurePosixPath(named).name, PurePosixPath(begun.moves[0][0]).name
    return begun.number == number and to in (None, begun.to) and file in (old, named)


def _as_planned(repository: Repository, begun: Begun) -> Renumbering:
    """What an interrupted call had planned; its changes are made."""
    branch = Branch(*begun.branch, ()) if begun.branch else None
    found = Renumbering(begun.number, begun.to, begun.moves, (), (), branch)
    listed = git_files.files(repository.root)
    return found._replace(mentions=tuple(_mentions(repository, found, listed)))


def plan(repository: Repository, number: int, to: int, *, main: Path) -> Renumbering:
    """Everything that moving a proposal to the number `to` does; nothing is written.

    `main` is its main document. Raises BepError if `to` is in use, or a file concerned is
    broken, in conflict or cannot be read.
    """
    listed = git_files.files(repository.root)
    found = _planned(repository, number, to, main, listed)
    moved_files.refuse_unmerged(repository, found.moves, found.changes)
    return found._replace(
        mentions=tuple(_mentions(repository, found, listed)),
        branch=_branch(repository, number, to, main),
    )


def _branch(repository: Repository, number: int, to: int, main: Path) -> Branch | None:
    """The local branch of the proposal; one that another document of the number may mean is not."""
    is_shared = len(repository.documents_of(number)) > 1
    if "{slug}" not in repository.settings.branch and is_shared:
        return None
    slug = main.stem.split("-", 2)[2]
    found = branch_name.following(repository, (number, slug), (to, slug))
    return found or (None if is_shared else branch_name.current(repository, number, to))


def apply(repository: Repository, plan: Renumbering, begun: Begun) -> None:
    """Carry out a plan, all or nothing, also when the process is killed; `begun` is noted.

    Raises BepError if a file cannot be written, the index is locked, or the files changed since
    the plan was made.
    """
    main = repository.root / plan.moves[0][0]

    def planned() -> tuple[Moves, tuple[Change, ...]]:
        fresh = _planned(repository, plan.number, plan.to, main, git_files.files(repository.root))
        return fresh.moves, fresh.changes

    moved_files.apply(repository, begun, plan.changes, planned)


def _planned(
    repository: Repository, number: int, to: int, main: Path, listed: Sequence[str]
) -> Renumbering:
    _refuse_used(repository, number, to)
    page = repository.read_registry()
    moves = _moves(repository, main, number, to)
    moved = {old for old, _ in moves}
    directory, own = repository.directory(number), [main]
    if repository.relative(directory) in moved:
        own += repository.tree.all_files(directory, ".md")
    change = _Renaming(repository, number, to, moves)
    texts = {path: repository.read(path) for path in own}
    change.note_headings(texts)
    pages = moved_files.pages(repository, listed)
    texts |= {path: repository.read(path) for path in pages if path not in own}
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
        raise BepError(f"the proposal already has the number {number}", _NEXT)
    if to < 1:
        raise BepError(f"{to} is not a valid proposal number", _NEXT)
    row = repository.read_registry().row(to)
    if row:
        path = repository.relative(repository.registry_page)
        raise BepError(f"the number {to} has a row ({row.title!r})", _NEXT, path, row.line)
    for used in (
        *repository.documents_of(to),
        repository.directory(to),
        repository.answers_file(to),
    ):
        if repository.tree.has(used):
            raise BepError(f"the number {to} is in use", _NEXT, repository.relative(used))


def _moves(repository: Repository, main: Path, number: int, to: int) -> Moves:
    name = re.sub(r"\A(BEP-)[0-9]+", rf"\g<1>{to:04d}", main.name)
    pairs = [(main, main.with_name(name))]
    if moved_files.owns_directory(repository, main, number):
        pairs.append((repository.directory(number), repository.directory(to)))
    if moved_files.owns_answers(repository, main, number):
        pairs.append((repository.answers_file(number), repository.answers_file(to)))
    return tuple(
        (repository.relative(old), repository.relative(new))
        for old, new in pairs
        if repository.tree.has(old)
    )


def _answers(repository: Repository, number: int, to: int) -> str:
    path = repository.answers_file(number)
    text = repository.read(path)
    found = re.search(r"(?:\A\ufeff?|(?<=[\r\n]))number:[ \t]*['\"]?0*(\d{1,9})(?!\d)", text)
    if not found or int(found[1]) != number:
        raise BepError(
            f"the answers do not give the number {number}",
            f"write `number: {number}` there",
            repository.relative(path),
            code=WRONG_DOCUMENTS,
        )
    return text[: found.start(1)] + str(to) + text[found.end(1) :]


class _Renaming:
    """The edits of texts: links that lead to what moves, and the proposal's own labels."""

    def __init__(self, repository: Repository, number: int, to: int, moves: Moves) -> None:
        self.repository = repository
        self.number, self.to = number, to
        self.links = MovedLinks(repository, moves, self._respelled)
        # Whose number it is where two documents have it, the text does not say.
        self.is_shared = len(repository.documents_of(number)) > 1
        self.in_anchor = re.compile(rf"bep-(0*{number})(?!\d)", re.IGNORECASE)
        self.name = re.compile(rf"(?<!\w)BEP-(0*{number})(?!\w)", re.IGNORECASE)
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
            self.links.note_headings(path, text, self.text_of(path, text, own=True))

    def text_of(self, path: Path, text: str, own: bool) -> str:
        """A document with its links, and its labels where it is the proposal's own."""
        edits = {*self._links(path, text)}
        edits |= {*(self._labels(text) if own else self._superseding(text))}
        return splices.applied(text, edits)

    def page(self, page: registry_table.Registry, main: Path, text: str) -> str:
        """The process page with the row of the main document, which has a new text, at its place.

        The row of another document with the number stays; a document that had none gets one.
        """
        path, source = self.repository.registry_page, page.source
        edits = list(self._links(path, source))
        row = chosen_proposals.row_of(self.repository, page, self.number, main)
        if row is None:
            new = self.links.moves[self.links.place(main)]
            document = Document(text, new, guide=self.repository.guide)
            edits.append(derived_text.new_row(page, document))
            return splices.applied(source, edits)
        cell = row.cells[0]
        written = source[cell.start : cell.end]
        edits = [edit for edit in edits if not cell.start <= edit.start < cell.end]
        for pattern, new in ((self.row_number, str(self.to)), (self.row_link, f"{self.to:04d}")):
            if found := pattern.search(written):
                span = found.span(1)
                edits.append(Splice(cell.start + span[0], cell.start + span[1], new))
        return _with_row_at_its_place(splices.applied(source, edits), page, row, self.to)

    def _links(self, path: Path, text: str) -> Iterator[Splice]:
        for link, edit in self.links.edits(path, text):
            yield edit
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
            spans: Sequence[tuple[int, int]] = ()
            start = block.start
            if isinstance(block, Heading):
                start = block.text_start
                spans = titles.parts(text[start : block.text_end], self.number).numbers
            elif block.kind is Kind.COMMENT:
                comment = text[start : block.end]
                if comment.lstrip("\ufeff \t").startswith(context_block.OPENING):
                    found = self.parent.search(comment)
                    spans = [found.span(1)] if found else ()
            for first, last in spans:
                yield Splice(start + first, start + last, f"{self.to:04d}")


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
    pattern = re.compile(
        rf"(?<![^\W_])bep[-/ ]0*{plan.number}(?!\d){_not_of_others(repository, plan)}",
        re.IGNORECASE,
    )
    probe = re.compile(rf"bep[-/ ]0*{plan.number}".encode(), re.IGNORECASE)
    others = _files_of_others(repository, plan)
    looked_at = [
        name
        for name in listed
        if name not in others and not name.startswith(tuple(f"{other}/" for other in others))
    ]
    return moved_files.mentions(repository, plan.moves, plan.changes, looked_at, pattern, probe)


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
    # What is after the number: `-title.md`, `.yml`, and `/` for a folder.
    ends = [re.escape(re.sub(r"\A\.?\D*\d+", "", name)) or "/" for name in names_of]
    return f"(?!{'|'.join(ends)})" if ends else ""
