"""What `adopt --complete` adds to documents: parts of the template, with real values.

A value that nobody gave is left out, and so is a section that an author may have written under a
heading of their own. Where a part would bring a finding of `check`, it is not added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError, unknown
from ..guide import Guide
from ..markdown import edits, links, tables
from ..markdown.blocks import Block, Kind as BlockKind, Table
from ..markdown.edits import Splice
from ..markdown.escapes import comment_value, table_cell
from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from ..merge import completion
from ..merge.completion import Kind, Lacking
from ..merge.merge import Rules, Unmergeable
from ..proposal import (
    context_block,
    document_index,
    implementation_plan,
    insertion,
    sub_documents,
    title as titles,
)
from ..proposal.context_block import Unclear
from ..proposal.document import Document, Role
from ..proposal.registry_table import Row
from ..questionnaire import answers, validation
from . import answers_from_documents


class Part(StrEnum):
    """The parts of a document that `adopt --complete` knows, in their order there."""

    METADATA = "metadata"
    CONTEXT = "context"
    INDEX = "index"
    SECTIONS = "sections"


USUAL = frozenset([Part.METADATA, Part.CONTEXT, Part.INDEX])


def parts_of(text: str) -> frozenset[Part]:
    """The parts that a list separated by commas names; raises BepError for an unknown one."""
    wanted = [one.strip().casefold() for one in text.split(",")]
    known = [one.value for one in Part]
    for one in wanted:
        if one not in known:
            raise unknown("part", one, known)
    return frozenset(map(Part, wanted))


class Files(NamedTuple):
    """The documents of a proposal, its row of the registry, and the guide of its template."""

    number: int
    main: Document
    subs: Mapping[str, Document]
    row: Row | None
    guide: Guide


# The rules that new texts of documents, by path, would break and the existing ones do not.
Judge = Callable[[int, Mapping[str, str]], Collection[str]]


class Added(NamedTuple):
    """The new texts of documents, by path, and a remark on what was not added, or ''."""

    texts: Mapping[str, str]
    remark: str


# --- Values that are true -----------------------------------------------------------------------

_SENTENCE = re.compile(r".+?[.!?](?=\s|\Z)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|etc|al|no|fig)|\b[A-Za-z])\.\Z", re.IGNORECASE)
# Shorter ones are not a summary ("Part of BEP-1046."), longer ones no line.
_WORDS, _LONGEST = 5, 200


def scope(files: Files) -> str:
    """What a proposal is about, in one line; '' if neither abstract nor title say it."""
    stated = sub_documents.scope(files.main)
    title = files.row.title if files.row else ""
    for text in (
        stated,
        _said(files.main, files.guide, "main"),
        answers.line(visible(title)),
        answers_from_documents.title(files.main.title_text, files.number, files.row),
    ):
        if text and not validation.problem("scope", text, validation.ADOPTED):
            return text
    return ""


def _said(document: Document, guide: Guide, form: str) -> str:
    """The first sentence under a heading that introduces a document, '' without one."""
    key = guide.context[form].keys.get("scope")
    for section in document.top_sections:
        if key and section.name in key.said_under:
            return _first_sentence(
                document, document.blocks_between(section.text_start, section.end)
            )
    return ""


def _first_sentence(document: Document, blocks: Iterable[Block]) -> str:
    """The first sentence of the first paragraph, without marks; '' if it is not a summary."""
    for block in blocks:
        if block.kind is not BlockKind.PARAGRAPH:
            continue
        text = " ".join(document.text_of(block).split())
        sentence = answers.line(_sentence(visible(text).replace("`", "")))
        if sentence.endswith(":") or len(sentence) > _LONGEST:
            return ""
        if len(sentence.split()) >= _WORDS:
            return sentence.rstrip(".")
    return ""


def _sentence(paragraph: str) -> str:
    end = 0
    for found in _SENTENCE.finditer(paragraph):
        end = found.end()
        if not _ABBREVIATION.search(paragraph, 0, end):
            return paragraph[:end]
    return paragraph[:end] if end == len(paragraph) else paragraph


def scope_of_sub(files: Files, file: str) -> str:
    """What a sub-document is about, in one line; '' if it does not say it."""
    document = files.subs[file]
    named = sub_documents.mentions(files.main, files.subs.keys())
    title = document.title
    lead = [one for one in document.root.children if title and one.heading == title]
    return (
        sub_documents.scope(document)
        or sub_documents.descriptions(files.main, named).get(file, "")
        or (_first_sentence(document, document.own_blocks(lead[0])) if lead else "")
        or _said(document, files.guide, "sub-document")
    )


def title_of_sub(files: Files, file: str) -> str:
    """The title of a sub-document as a reader sees it, else its file name in words."""
    heading = titles.shown(files.subs[file].title_text, files.number)
    return answers.line(heading) or names.document_title(file.removesuffix(".md"))


def order_of_subs(files: Files) -> list[str]:
    """The file names of the sub-documents as the main document names them, the others after."""
    named = sub_documents.mentions(files.main, files.subs.keys())
    first = named.between(0, len(files.main.source) + 1)
    return list(dict.fromkeys([*first, *sorted(files.subs)]))


# --- The template's text with these values ------------------------------------------------------


def main_text(files: Files, template: str) -> str:
    """The main document that the template renders, with real values and no placeholder."""
    wanted = _wanted(files.main, template, files.guide)
    count = implementation_plan.count(files.main)
    said = {
        "scope": scope(files),
        "detail-docs": order_of_subs(files),
        "phases": "" if count is None else count,
    }
    changes = [*_without_placeholders(wanted), *_with_values(wanted, said)]
    return edits.applied(template, [*changes, *_with_rows(files, wanted)])


def sub_text(files: Files, file: str, template: str) -> str:
    """The sub-document that the template renders, with real values."""
    wanted = _wanted(files.subs[file], template, files.guide)
    said = {"scope": scope_of_sub(files, file) or title_of_sub(files, file)}
    return edits.applied(template, list(_with_values(wanted, said)))


def _wanted(document: Document, template: str, guide: Guide) -> Document:
    return Document(template, document.path, document.role, guide=guide)


def _without_placeholders(wanted: Document) -> Iterator[Splice]:
    """The edits that remove metadata whose value an author would have to replace."""
    placeholders = {one.placeholder for one in wanted.guide.metadata.values() if one.placeholder}
    for entry in wanted.metadata.entries:
        if entry.value in placeholders:
            ending = edits.ending_at(wanted.source, entry.end)
            yield Splice(entry.start, entry.end + len(ending), "")


def _with_values(
    wanted: Document, said: Mapping[str, str | int | Sequence[str]]
) -> Iterator[Splice]:
    """The edits that give keys of the context block these values; a key with '' goes."""
    block = wanted.context.block if wanted.context else None
    if block is None:
        return
    try:
        entries = context_block.entries(wanted.source, block.start, block.end)
    except Unclear:
        return
    for entry in entries:
        value = said.get(entry.key)
        if value == "":
            yield Splice(entry.start, entry.end, "")
        elif value is not None:
            written = comment_value(value if isinstance(value, str | int) else list(value))
            yield Splice(entry.value, entry.end, f" {written}\n")


def _with_rows(files: Files, wanted: Document) -> Iterator[Splice]:
    """The edit that fills the index with the titles of the sub-documents and what they say."""
    section = wanted.find(document_index.SECTION)
    inside = wanted.blocks_between(section.text_start, section.end) if section else []
    table = next((one for one in inside if isinstance(one, Table)), None)
    if table is None:
        return
    headings = tables.columns(table)
    known = wanted.guide.column_names(document_index.SECTION)
    lines = []
    for file in order_of_subs(files):
        said = {
            "document": _link(files, file),
            "description": table_cell(scope_of_sub(files, file)),
        }
        cells = (said.get(known.get(heading, ""), "") for heading in headings)
        lines.append(f"{tables.line(cells)}\n")
    yield Splice(table.delimiter.end, table.end, "".join(lines))


def _link(files: Files, file: str) -> str:
    target = links.written(f"./{names.proposal_name(files.number)}/{file}")
    return f"[{table_cell(title_of_sub(files, file))}]({target})"


# --- What is added ------------------------------------------------------------------------------


class _Candidate(NamedTuple):
    """A lacking part of the document at `path`; what is in one `group` comes together or not.

    `label` is what a remark calls it.
    """

    path: str
    lacking: Lacking
    part: Part
    group: tuple[str, ...]
    label: str
    is_sub: bool


_OTHER_HEADING = "perhaps there under another heading"
# Shorter words of headings say little.
_LETTERS = 4
# How many parts of sub-documents a remark names.
_NAMED = 2


def add(
    number: int,
    documents: Sequence[Document],
    templates: Mapping[str, str],
    wanted: Collection[Part],
    judge: Judge,
) -> Added:
    """Add the wanted parts of the `templates`, texts by path, that the documents lack.

    What `judge` objects to is left out. Raises BepError if a document is not text.
    """
    known = {one.path: one for one in documents if one.path in templates}
    rules = {path: Rules(section_of=one.family_named) for path, one in known.items()}

    def texts(chosen: Collection[_Candidate]) -> dict[str, str]:
        found = {}
        for path, document in known.items():
            own = [one for one in chosen if one.path == path]
            parts = [one.lacking for one in own if one.part is not Part.INDEX]
            text = completion.complete(document.source, templates[path], rules[path], parts)
            if len(parts) < len(own):
                text = _with_index(document.with_source(text), templates[path])
            if text != document.source:
                found[path] = text
        return found

    candidates: list[_Candidate] = []
    refused: list[tuple[_Candidate, str]] = []
    for path, document in known.items():
        for one in _candidates(document, templates[path], rules[path]):
            if one.part not in wanted or (
                one.part is Part.INDEX and document.find(document_index.SECTION)
            ):
                continue
            if one.part is Part.SECTIONS and _may_be_there(document, one.lacking.name):
                refused.append((one, _OTHER_HEADING))
            else:
                candidates.append(one)
    chosen = candidates
    if chosen and judge(number, texts(chosen)):
        chosen = []
        for _, group in groupby(candidates, key=lambda one: one.group):
            more = list(group)
            found = judge(number, texts([*chosen, *more]))
            if not found:
                chosen += more
            reason = ", ".join(sorted(set(found)))
            refused += [(one, reason) for one in more if found]
    return Added(texts(chosen), _remark(refused))


def _with_index(document: Document, template: str) -> str:
    """The document with the template's index at its place in the guide's order of sections.

    The template may have fewer sections than the document: its order says too little.
    """
    wanted = document.with_source(template)
    section = wanted.find(document_index.SECTION)
    if section is None or section.heading is None:
        return document.source
    body = template[section.heading.end : section.end].strip("\n")
    splice = insertion.new_section(document, document_index.SECTION, body)
    return edits.applied(document.source, [splice])


def _candidates(document: Document, template: str, rules: Rules) -> Iterator[_Candidate]:
    is_sub = document.role is Role.SUB
    try:
        found = completion.lacking(
            document.source, template, rules, may_have_its_own_sections=is_sub
        )
    except Unmergeable as error:
        raise BepError(
            str(error), "correct the file", document.path, code=WRONG_DOCUMENTS
        ) from None
    where = f" of {document.names[-1]}" if is_sub else ""
    is_broken = document.context is not None and document.context.keys is None
    for one in found:
        if is_broken and one.kind is Kind.CONTEXT:
            continue
        part, label = _part(one, rules), "metadata" if one.whole else one.name
        if one.kind is Kind.CONTEXT:
            label = f"key {one.name} of the context block" if one.name else "context block"
        # Front matter with some of its keys is no better than none.
        group = (document.path, one.kind, "" if one.whole else one.name, *one.place)
        yield _Candidate(document.path, one, part, group, f"{label}{where}", is_sub)


def _part(one: Lacking, rules: Rules) -> Part:
    if one.kind is Kind.METADATA:
        return Part.METADATA
    if one.kind is Kind.CONTEXT:
        return Part.CONTEXT
    if rules.section_of(normalise(one.name)) == document_index.SECTION:
        return Part.INDEX
    return Part.SECTIONS


def _may_be_there(document: Document, heading: str) -> bool:
    """Whether an author may have written a section of the guide under a heading of their own.

    One of their headings has a word of the section's names; or it is a section of prose, and the
    document has sections that the guide does not know.
    """
    if document.role not in (Role.MAIN, Role.SUB):
        return False
    family = document.family_named(normalise(heading))
    forms = [one for one in document.guide.sections.values() if one.family == family]
    is_list = any(one.columns or one.placeholders or one.may_be_empty for one in forms)
    own = [one for one in document.top_sections if one.family is None]
    if own and not is_list:
        return True
    words = {word for one in forms for name in (one.heading, *one.aliases) for word in _words(name)}
    found = {section.heading.start for section in document.top_sections if section.family}
    headings = (
        one for one in document.headings if one != document.title and one.start not in found
    )
    return any(_words(one.text) & words for one in headings)


def _words(text: str) -> set[str]:
    found = re.findall(r"[^\W\d_]+", normalise(text))
    return {word.removesuffix("s") for word in found if len(word) >= _LETTERS}


def _remark(refused: Sequence[tuple[_Candidate, str]]) -> str:
    """What was not added and why; of many parts of sub-documents, only how many."""
    by_reason: dict[str, list[_Candidate]] = {}
    for one, reason in refused:
        by_reason.setdefault(reason, []).append(one)
    said = [f"{', '.join(_labels(those))} ({reason})" for reason, those in by_reason.items()]
    return f"not added: {'; '.join(said)}" if said else ""


def _labels(refused: Sequence[_Candidate]) -> list[str]:
    of_subs = [one for one in refused if one.is_sub]
    if len(of_subs) <= _NAMED:
        return list(dict.fromkeys(one.label for one in refused))
    paths = {one.path for one in of_subs}
    documents = f"{len(paths)} sub-documents" if len(paths) > 1 else of_subs[0].path
    named = dict.fromkeys(one.label for one in refused if not one.is_sub)
    return [*named, f"{len(of_subs)} parts of {documents}"]
