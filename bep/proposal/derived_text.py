"""Derived text in documents and registry, compared with its sources.

The registry's row is derived from the document's metadata, the Document Index and `detail-docs`
from the sub-documents that exist, `phases` from the plan; the answers file records no sub-document
that is gone. Each difference comes with the edits that correct it; `sync` and `check` share them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import StrEnum, auto
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..guide import Guide
from ..markdown import blocks, escapes
from ..markdown.edits import Splice
from . import (
    context_block,
    document_index,
    implementation_plan,
    metadata,
    recorded_sub_documents,
    registry_table,
)
from .context_block import Unclear
from .document import Context, Document
from .registry_table import Registry, Row

_NOTHING: Mapping[str, str] = MappingProxyType({})
# How bytes are read that are not UTF-8.
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")
_NOT_COPIED = "is not copied to the registry; correct it"
_WORD = re.compile(r"\w+")


class Part(StrEnum):
    """What is derived."""

    ROW = auto()
    INDEX = auto()
    DETAIL_DOCS = auto()
    PHASES = auto()
    ANSWERS = auto()


class Right(StrEnum):
    """Who is right about an author: the document or the registry's row."""

    DOCUMENT = auto()
    REGISTRY = auto()


class Authors(NamedTuple):
    """The people whom a row and its document name; none if a value cannot be a person's name."""

    row: tuple[str, ...]
    document: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether both name one person, in the same words."""
        return not {_folded(one) for one in self.row}.isdisjoint(map(_folded, self.document))

    @property
    def dispute(self) -> bool:
        """Whether they name different people, and not one whose name is shorter in one of them."""
        pairs = product(map(_folded, self.row), map(_folded, self.document))
        return bool(self.row and self.document) and not any(
            _is_shorter(one, other) or _is_shorter(other, one) for one, other in pairs
        )


def _folded(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(name.casefold()))


def _is_shorter(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether a name is a shorter form of another: words are left out, or are initials."""
    rest = iter(long)
    return all(
        any(word in (other, other[0]) or word[0] == other for other in rest) for word in short
    )


def authors(row: Row | None, main: Document) -> Authors:
    """The people whom a document and its row, if there is one, name."""
    document = metadata.people(main.metadata.value("author"), main.guide)
    return Authors(metadata.people(row.author, main.guide) if row else (), document)


class Correction(NamedTuple):
    """A derived text that differs from its source: which, where, and the edits of that file.

    `what` names the correction; without `splices` only a person can make one, and `what` says what
    is wrong. `part` is None for a context block that cannot be read.
    """

    part: Part | None
    path: str
    line: int
    what: str
    splices: tuple[Splice, ...]


def description(sub_document: Document, file: str) -> str:
    """What a sub-document is about: its scope, else its title, else its file name in words."""
    context = sub_document.context
    scope = ((context and context.keys) or {}).get("scope")
    text = _if_utf_8(scope) if isinstance(scope, str) else _title(sub_document)
    return " ".join(text.split()) or names.document_title(file.removesuffix(".md"))


def _title(read: Document) -> str:
    """A document's title as a reader sees it, '' if a byte of it is not UTF-8."""
    return read.bare_title if _if_utf_8(read.title_text) else ""


def _if_utf_8(text: str) -> str:
    """A text, '' if a byte of it is not UTF-8: one document must not spoil another file."""
    return "" if _NOT_UTF_8.search(text) else text


def of_main_document(
    main: Document, descriptions: Mapping[str, str], recorded: Mapping[str, str] = _NOTHING
) -> list[Correction]:
    """The corrections of derived text in a main document.

    `descriptions` has the file names of its sub-documents and what each is about, `recorded` those
    of the answers file and what the Document Index was made to say of them.
    """
    found = [
        Correction(Part.INDEX, main.path, *difference)
        for difference in document_index.differences(main, descriptions, recorded)
    ]
    if main.context is None:
        return found
    files = list(dict.fromkeys(link.file for link in document_index.linked(main)))
    wanted = [name for name in files if name in descriptions]
    wanted += sorted(descriptions.keys() - set(files))
    return [*found, *_in_context_block(main, main.context, wanted)]


def of_answers(guide: Guide, path: str, text: str, files: Set[str]) -> list[Correction]:
    """The correction of an answers file at `path` that records sub-documents that are gone.

    `files` are the names of those that exist.
    """
    gone = recorded_sub_documents.read(guide, text).keys() - files
    edits = recorded_sub_documents.without(guide, text, gone) if gone else []
    if not edits:
        return []
    what = f"no longer recorded: {', '.join(sorted(gone))}, which does not exist"
    line = blocks.line_of(text, edits[0].start)
    return [Correction(Part.ANSWERS, path, line, what, tuple(edits))]


def _in_context_block(main: Document, context: Context, files: list[str]) -> Iterator[Correction]:
    try:
        yield from _of_context_block(main, context, files)
    except Unclear as unclear:
        yield Correction(None, main.path, context.block.line, str(unclear), ())


def _of_context_block(main: Document, context: Context, files: list[str]) -> Iterator[Correction]:
    source, block = main.source, context.block
    entries = context_block.entries(source, block.start, block.end)
    starts = {entry.key: entry.start for entry in entries}
    order = main.context_form.keys

    def correction(part: Part, key: str, what: str, edits: list[Splice]) -> Correction:
        line = blocks.line_of(source, starts.get(key, block.start))
        return Correction(part, main.path, line, what, tuple(edits))

    known = (context.keys or {}).get("detail-docs") or []
    listed = [_file_name(str(one)) for one in known] if isinstance(known, list) else files
    edits = context_block.set_names(source, entries, order, "detail-docs", files, _file_name)
    if edits or sorted(listed) != sorted(files):
        what = (
            "detail-docs: now the sub-documents that exist"
            if edits
            else "detail-docs does not list the sub-documents that exist"
        )
        yield correction(Part.DETAIL_DOCS, "detail-docs", what, edits)
    count = implementation_plan.count(main)
    if count is not None:
        edits = context_block.set_number(source, entries, order, "phases", count)
        if edits:
            what = f"phases: now {count}, as in the plan"
            yield correction(Part.PHASES, "phases", what, edits)


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def of_registry(
    page: Registry,
    mains: Iterable[Document],
    right: Right | None = None,
    addresses: Mapping[str, str] = _NOTHING,
) -> list[Correction]:
    """The corrections of the registry's rows, and the rows that are missing.

    `mains` are main documents, one per number. Status, author and link are the document's; a title
    is only written if the row has none. A value that is malformed as a status or name is never
    taken over. Where row and document name different authors, nothing is corrected unless `right`
    says who is right; `addresses` has mail addresses by case-folded names. A number that two rows
    hold is left alone.
    """
    rows: dict[int, list[Row]] = {}
    for row in page.rows:
        if row.number is not None:
            rows.setdefault(row.number, []).append(row)
    found = []
    for main in sorted(mains, key=lambda one: one.number):
        those = rows.get(main.number, [])
        own = those[0] if len(those) == 1 else None
        if not those:
            found.append(_missing_row(page, main))
        elif own:
            found += _row(page, own, main, is_right=right is Right.DOCUMENT)
        found += _other_encoding(main)
        found += _unknown_status(main)
        found += _other_author(page, own, main, right, addresses)
    return found


def _row_author(main: Document) -> str:
    """The author as a row names them, '' if the document names nobody."""
    return next(iter(metadata.people(main.metadata.value("author"), main.guide)), "")


def _status(main: Document) -> str:
    """The document's status as the guide spells it, '' if the guide does not know it."""
    return main.status.name if main.status else ""


def _other_encoding(main: Document) -> Iterator[Correction]:
    if _NOT_UTF_8.search(main.title_text):
        yield Correction(Part.ROW, main.path, 1, f"the title is not UTF-8 and {_NOT_COPIED}", ())


def _unknown_status(main: Document) -> Iterator[Correction]:
    entry = main.metadata.entry("status")
    if entry and entry.value and not _status(main):
        what = f"the status {entry.value!r} is unknown and {_NOT_COPIED}"
        yield Correction(Part.ROW, main.path, main.line(entry.start), what, ())


def _missing_row(page: Registry, main: Document) -> Correction:
    what = f"the row of {names.proposal_name(main.number)}: new"
    return Correction(Part.ROW, page.path, page.table.line, what, (new_row(page, main),))


def new_row(page: Registry, main: Document, status: str | None = None) -> Splice:
    """The edit that adds the row of a main document.

    `status` is the new one, where the document still has another.
    """
    author, status = _row_author(main), _status(main) if status is None else status
    return registry_table.row_splice(
        page, main.number, _title(main), author, status, main.names[-1]
    )


def _row(page: Registry, row: Row, main: Document, *, is_right: bool) -> Iterator[Correction]:
    wanted = derived_cells(page, row, main, is_right=is_right)
    if edits := registry_table.cell_splices(page, row, wanted):
        columns = " and ".join("link" if name == "Number" else name.lower() for name in wanted)
        what = f"the row of {names.proposal_name(main.number)}: {columns} now as in its document"
        yield Correction(Part.ROW, page.path, row.line, what, tuple(edits))


def _other_author(
    page: Registry,
    row: Row | None,
    main: Document,
    right: Right | None,
    addresses: Mapping[str, str],
) -> Iterator[Correction]:
    """The correction where row and document name different people, or the document nobody."""
    entry = main.metadata.entry("author")
    found = authors(row, main)
    if entry is None or not entry.value or (found.document and not found.dispute):
        return
    line = main.line(entry.start)
    if row and found.row and right is Right.REGISTRY:
        author = _with_addresses(row.author, addresses)
        what, edits = f"{entry.key}: now {author}, as in the registry", []
        try:
            edits += [metadata.set_value(main.source, main.metadata, "author", author, main.path)]
        except BepError as error:
            what = f"{error.message}; {error.remedy}"
        yield Correction(Part.ROW, main.path, line, what, tuple(edits))
    elif not found.document:
        what = f"{entry.value!r} is not a person's name and {_NOT_COPIED}"
        yield Correction(Part.ROW, main.path, line, what, ())
    elif row and right is None:
        yield Correction(Part.ROW, page.path, row.line, disagreement(row, main.number, found), ())


def _with_addresses(author: str, addresses: Mapping[str, str]) -> str:
    """The authors that a row names in the form of metadata, with the addresses that are known."""
    named = (
        (name, address or addresses.get(name.casefold(), ""))
        for name, address in metadata.authors(author)
    )
    return ", ".join(f"{name} ({address})" if address else name for name, address in named)


def disagreement(row: Row, number: int, found: Authors) -> str:
    """What a row and its document say of the author, and what settles it."""
    return (
        f"the row of {number} names {row.author!r}; the document is by {', '.join(found.document)};"
        f" `bep sync {number} --author document` or `--author registry` settles it"
    )


def derived_cells(
    page: Registry, row: Row, main: Document, *, is_right: bool = False
) -> dict[str, str]:
    """The cells in which a row differs from its document, by their columns, escaped for a table.

    The link is that of the column Number. If the row names another person, it stays so, unless the
    document `is_right` about that.
    """
    wanted: dict[str, str] = {}
    status = _status(main)
    if status and row.status != status:
        wanted["Status"] = escapes.table_cell(status)
    found = authors(row, main)
    if found.document and not found.agree and (is_right or not found.dispute):
        wanted["Author"] = escapes.table_cell(found.document[0])
    if not row.title and (title := _title(main)):
        wanted["Title"] = escapes.table_cell(title)
    target = registry_table.target_of(page.path, row) if row.link else None
    if target != main.path:
        wanted["Number"] = registry_table.number_cell(main.number, main.names[-1])
    return wanted
