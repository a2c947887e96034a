"""`retitle`: a proposal gets another title, wherever the tool writes the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import edits, escapes
from ..markdown.blocks import Heading
from ..markdown.edits import Splice
from ..markdown.plain_text import visible
from ..proposal import context_block, registry_table, stored_answers, title as titles
from ..proposal.context_block import Unclear
from ..proposal.document import Document, Role
from ..questionnaire import validation
from ..system import chosen_proposals, git_files
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, encode
from . import branch_name, move_journal, moved_files
from .branch_name import Branch
from .move_journal import Begun
from .moved_files import Mention, MovedLinks, Moves

_PARENT = "parent"


class Retitling(NamedTuple):
    """What another title changes; paths are relative to the root, and old ones in `changes`."""

    number: int
    main: str
    title: str
    slug: str
    moves: Moves
    changes: tuple[Change, ...]
    branch: Branch | None
    mentions: tuple[Mention, ...]


def plan(repository: Repository, named: str, title: str, slug: str = "") -> Retitling:
    """Everything that giving a proposal the title does; nothing is written.

    `named` is its number, the path of its main document where two have the number, or '' for the
    branch's. Without a `slug`, the file name follows from the title. There are no changes if all
    is so already. Raises BepError for a malformed title or slug, for a title that another proposal
    has, and where a file concerned is in the way, broken, in conflict or cannot be read.
    """
    main = chosen_proposals.single(repository, named)
    title = names.title_in(chosen_proposals.one_line(title, "title"), main.number)
    title = chosen_proposals.one_line(title, "title")
    slug = _slug(main, title, slug.strip())
    moves, changes = _planned(repository, main, title, slug)
    moved_files.refuse_unmerged(repository, moves, changes)
    old_slug = _parts_of_name(main.path)[1]
    return Retitling(
        main.number,
        main.place,
        title,
        slug,
        moves,
        changes,
        branch_name.following(repository, (main.number, old_slug), (main.number, slug))
        if moves
        else None,
        tuple(_mentions(repository, main, title, moves, changes)),
    )


def apply(repository: Repository, plan: Retitling) -> str:
    """Carry out a plan, all or nothing, also when the process is killed.

    Returns why the branch keeps its old name, '' if it does not, or was pushed. Raises BepError
    if a file cannot be written, the index is locked, or the files changed since the plan was
    made.
    """
    renamed = plan.branch.renamed if plan.branch else None
    begun = Begun(plan.number, plan.number, plan.moves, branch=renamed)
    path = repository.root / plan.main

    def planned() -> tuple[Moves, tuple[Change, ...]]:
        main = chosen_proposals.read(repository, plan.number, path)
        return _planned(repository, main, plan.title, plan.slug)

    moved_files.apply(repository, begun, plan.changes, planned)
    return move_journal.follow(repository, begun, None).branch_problem if plan.moves else ""


def _slug(main: Main, title: str, given: str) -> str:
    slug = given or names.slug(title)
    # A name by hand may be kept, although a new one of its form is refused.
    if slug != _parts_of_name(main.path)[1] and (found := validation.problem("slug", slug, {})):
        raise BepError(found, "correct --slug")
    return slug


def _parts_of_name(main: Path) -> tuple[str, str]:
    """The file name of a main document: `BEP-1046-`, and its slug."""
    bep, number, slug = main.stem.split("-", 2)
    return f"{bep}-{number}-", slug


def _planned(
    repository: Repository, main: Main, title: str, slug: str
) -> tuple[Moves, tuple[Change, ...]]:
    page = repository.read_registry()
    moves = _moves(repository, main, slug)
    own = _own_edits(repository, main, title, slug)
    pages = moved_files.pages(repository, git_files.files(repository.root))
    texts = {path: repository.read(path) for path in {*pages, *own, repository.registry_page}}
    _refuse_title_of_another(repository, page, main, title, texts)
    changed = _moved_links(repository, main, moves, own[main.path])
    new = {path: _edited(changed, path, text, own.get(path, [])) for path, text in texts.items()}
    new[repository.registry_page] = _page(repository, page, main, title, new)
    changes = [
        Change(path, encode(text)) for path, text in sorted(new.items()) if text != texts[path]
    ]
    return moves, (*changes, *_answers(repository, main, title, slug))


def _own_edits(
    repository: Repository, main: Main, title: str, slug: str
) -> dict[Path, list[Splice]]:
    """The edits of the heading, and of the parent in each sub-document."""
    owns = moved_files.owns_directory(repository, main.path, main.number)
    directory = repository.directory(main.number)
    found = {main.path: _retitled_heading(main, title)}
    for path in repository.tree.all_files(directory, ".md") if owns else ():
        found[path] = _retitled_parent(repository.document(path, Role.SUB), main, title, slug)
    return found


def _moved_links(
    repository: Repository, main: Main, moves: Moves, heading: list[Splice]
) -> MovedLinks:
    found = MovedLinks(repository, moves)
    source = main.document.source
    try:
        found.note_headings(main.path, source, edits.applied(source, heading))
    except ValueError:
        raise _wrong_heading(main, "contains an anchor that would be lost") from None
    return found


def _moves(repository: Repository, main: Main, slug: str) -> Moves:
    new = main.path.with_name(f"{_parts_of_name(main.path)[0]}{slug}.md")
    if new == main.path:
        return ()
    if repository.tree.has(new):
        raise BepError(
            "exists already", "give another --slug, or move it away", repository.relative(new)
        )
    return ((main.place, repository.relative(new)),)


def _edited(changed: MovedLinks, path: Path, text: str, own: list[Splice]) -> str:
    """A document with its links, and with the edits of its heading or parent."""
    found = [
        edit
        for _, edit in changed.edits(path, text)
        if not any(one.start < edit.end and edit.start < one.end for one in own)
    ]
    return edits.applied(text, [*found, *own])


def _refuse_title_of_another(
    repository: Repository,
    page: registry_table.Registry,
    main: Main,
    title: str,
    texts: Mapping[Path, str],
) -> None:
    wanted = title.casefold()
    for row in page.rows:
        if row.number not in (None, main.number) and row.title.casefold() == wanted:
            raise _taken(row.number or 0, title, page.path, row.line)
    for number, path in repository.main_documents():
        if path == main.path or path not in texts:
            continue
        read = Document(texts[path], guide=repository.guide)
        if titles.shown(read.title_text, number).casefold() == wanted:
            line = read.title.line if read.title else None
            raise _taken(number, title, repository.relative(path), line)


def _taken(number: int, title: str, path: str, line: int | None) -> BepError:
    name = names.proposal_name(number)
    return BepError(f"{name} has the title {title!r}", "choose another title", path, line)


# --- Heading, parents, row, answers -------------------------------------------------------------


def _retitled_heading(main: Main, title: str) -> list[Splice]:
    """The edit that gives the heading the title, after the number that it may have in front."""
    document, heading = main.document, main.document.title
    if heading is None:
        raise BepError(
            "there is no heading of level 1 for the title",
            "write it as `# Title`",
            main.place,
            code=WRONG_DOCUMENTS,
        )
    number, source = main.number, document.source
    if titles.shown(heading.text, number) == title:
        return []
    start = heading.text_start
    blank = " " if source[start - 1 : start] == "#" else ""
    for text in _headings(heading, number, title):
        edit = Splice(start, heading.text_end, blank + text)
        new = document.with_source(edits.applied(source, [edit])).title
        is_read = new is not None and new.start == heading.start and new.text == text
        if is_read and titles.shown(text, number) == titles.shown(
            escapes.markdown_text(title), number
        ):
            return [edit]
    raise _wrong_heading(main, f"cannot say {title!r} in its form")


def _headings(heading: Heading, number: int, title: str) -> Iterator[str]:
    """The texts that the heading may get, the one nearest to the old one first."""
    written, old = escapes.markdown_text(title), titles.parts(heading.text, number)
    new = f"{old.front}{written}{old.back}"
    yield new
    # Above an underline, a title can begin like a list or a quote.
    yield re.sub(r"\A(\d*)(?=[^\w\s\\])", r"\1\\", new)
    if "](" not in old.title:
        # Emphasis goes; a link would be lost.
        shown = visible(old.front + old.title)
        yield f"{shown.removesuffix(names.title_in(shown, number))}{written}{old.back}"


def _wrong_heading(main: Main, problem: str) -> BepError:
    heading = main.document.title
    return BepError(
        f"the heading {problem}",
        "write the new title there by hand, then try again",
        main.place,
        heading.line if heading else None,
        WRONG_DOCUMENTS,
    )


def _retitled_parent(document: Document, main: Main, title: str, slug: str) -> list[Splice]:
    """The edits of a sub-document's context block, if it names the parent by title or file."""
    context = document.context
    parent = (context.keys or {}).get(_PARENT) if context else None
    if context is None or not isinstance(parent, str):
        return []
    new = _parent(parent, main, title, slug)
    if new == parent:
        return []
    try:
        block = context.block
        entries = context_block.entries(document.source, block.start, block.end)
        return context_block.set_text(document.source, entries, _PARENT, new)
    except Unclear as unclear:
        line = document.line(context.place(_PARENT))
        raise BepError(str(unclear), "correct it", document.path, line, WRONG_DOCUMENTS) from None


def _parent(parent: str, main: Main, title: str, slug: str) -> str:
    """What a sub-document says of its parent, with the new title in its old form."""
    if main.path.name in parent:
        new = f"{_parts_of_name(main.path)[0]}{slug}.md"
        return parent.replace(main.path.name, new)
    signs = r"[ \t]*:[ \t]*|[ \t]+[\u2013\u2014-][ \t]+"
    form = rf"(BEP[- ]?0*{main.number})(?:([ \t]*)\(.*\)|({signs}).+)"
    named = re.fullmatch(form, parent.strip(), re.IGNORECASE)
    if named is None:
        return parent
    number, blank, sign = named.groups()
    return f"{number}{sign}{title}" if sign else f"{number}{blank}({title})"


def _page(
    repository: Repository,
    page: registry_table.Registry,
    main: Main,
    title: str,
    texts: Mapping[Path, str],
) -> str:
    """The process page, its links edited, with the title in the row of the proposal."""
    row = chosen_proposals.row_of(repository, page, main.number, main.path)
    text = texts[repository.registry_page]
    if row is None or row.title == title:
        return text
    read = registry_table.read(text, page.path)
    cells = {"Title": escapes.table_cell(title)}
    return edits.applied(
        text, registry_table.cell_splices(read, read.rows[page.rows.index(row)], cells)
    )


def _answers(repository: Repository, main: Main, title: str, slug: str) -> list[Change]:
    path = repository.answers_file(main.number)
    owns = moved_files.owns_answers(repository, main.path, main.number)
    if not repository.tree.has(path) or not owns:
        return []
    text = repository.read(path)
    wanted = {"title": title, "slug": slug}
    old = stored_answers.read(text)
    if all(old.get(name) == value for name, value in wanted.items()):
        return []
    new = edits.applied(text, stored_answers.replaced(text, wanted))
    if stored_answers.read(new) != {**old, **wanted}:
        raise BepError(
            "title and slug cannot be set in these answers",
            "correct the file, or `bep adopt` writes it anew",
            repository.relative(path),
            code=WRONG_DOCUMENTS,
        )
    return [Change(path, encode(new))]


# --- Mentions -----------------------------------------------------------------------------------


def _mentions(
    repository: Repository, main: Main, title: str, moves: Moves, changes: tuple[Change, ...]
) -> list[Mention]:
    """The lines that will name the old file, or the old title after the number."""
    old = titles.shown(main.document.title_text, main.number)
    forms = [rf"{re.escape(main.path.stem)}(?![\w-])"] if moves else []
    if changes and old:
        more = title[len(old) :] if title.casefold().startswith(old.casefold()) else ""
        is_new = f"(?!{re.escape(more)})" if more else ""
        forms.append(rf"BEP[- ]?0*{main.number}\W{{1,4}}{re.escape(old)}(?!\w){is_new}")
    if not forms:
        return []
    listed = git_files.files(repository.root)
    pattern = re.compile("|".join(forms), re.IGNORECASE)
    probe = re.compile(rf"bep[- ]?0*{main.number}".encode(), re.IGNORECASE)
    return moved_files.mentions(repository, moves, changes, listed, pattern, probe)
