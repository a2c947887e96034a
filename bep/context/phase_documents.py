"""Which sub-documents belong to a phase or to another sub-document, and why.

Guide: AI Agent Working Pattern (only the documents relevant to the assigned phase), Document
Segmentation, AI Context Block (`depends-on`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .. import names
from ..markdown import tables
from ..markdown.blocks import Table
from ..markdown.heading_text import normalise
from ..proposal import document_index, implementation_plan, sub_documents
from ..proposal.document import Document
from ..proposal.implementation_plan import Phase
from ..proposal.sub_documents import Mentions

_PHASES = rf"(?:{implementation_plan.WORDS})s?"
_LABEL = r"(?:\d{1,9}[a-z]?|[ivx]+|(?-i:[A-Z]))(?!\w)"
_NEXT = r"(?:\s*(?:[,&/+]|and|to|[-\u2013\u2014])\s*)"
_NAMED = re.compile(
    rf"(?<!\w){_PHASES}\s+(?P<labels>{_LABEL}(?:{_NEXT}{_LABEL})*)"
    rf"|(?<!\w)제?(?P<before>\d+(?:{_NEXT}\d+)*)\s?단계",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?<!\d)(\d{1,9})\s*(?:[-\u2013\u2014]|to)\s*(\d{1,9})(?!\d)")
_ONE = re.compile(rf"(?<!\w){_LABEL}", re.IGNORECASE)
_ALL = frozenset(["all", "every", "each", "all phases"])
_LONGEST_RANGE = 100


def labels_in(text: str) -> set[str]:
    """The labels of the phases that a text names: `1`, `3` for "Phase 1 and 3"."""
    return {
        label
        for found in _NAMED.finditer(text)
        for label in _labels(found["labels"] or found["before"])
    }


def _labels(text: str) -> set[str]:
    found = {label.casefold() for label in _ONE.findall(text)}
    for first, last in _RANGE.findall(text):
        if int(last) - int(first) <= _LONGEST_RANGE:
            found |= {str(label) for label in range(int(first), int(last) + 1)}
    return found


def to_phase(
    main: Document, named_in: Mentions, subs: Mapping[str, Document], phase: Phase
) -> dict[str, str]:
    """The sub-documents that belong to a phase, by file name, with the reasons.

    The plan's links come first, then the index, then what says so itself, then what those depend
    on.
    """
    found: dict[str, str] = {}
    for files, reason in (
        (_in_plan(main, named_in, subs, phase), f"the plan names it in phase {phase.label}"),
        (_in_index(main, named_in, phase), f"the index gives it to phase {phase.label}"),
        (_in_sections(main, named_in, phase), f"a section on phase {phase.label} names it"),
        (_by_title(subs, phase), f"its title names phase {phase.label}"),
    ):
        for file in files:
            found.setdefault(file, reason)
    return with_dependencies(subs, found)


def with_dependencies(subs: Mapping[str, Document], found: Mapping[str, str]) -> dict[str, str]:
    """Chosen sub-documents with their reasons, and after them those that they depend on."""
    every = dict(found)
    for file in found:
        for name in dependencies(subs[file]):
            if f"{name}.md" in subs:
                every.setdefault(f"{name}.md", f"{file} depends on it")
    return every


def dependencies(sub: Document) -> list[str]:
    """The sub-documents, without `.md`, that a sub-document's context block says it depends on."""
    number = names.number_of_directory(sub.names[-2])
    return sub_documents.named(sub.context_lines, "depends-on", number)


def _in_plan(
    main: Document, named_in: Mentions, subs: Mapping[str, Document], phase: Phase
) -> Iterator[str]:
    yield from named_in.between(phase.start, phase.end)
    text = main.source[phase.start : phase.end]
    for file in subs:
        if re.search(rf"(?<![\w.-]){re.escape(file)}(?!\w)", text):
            yield file


def _in_index(main: Document, named_in: Mentions, phase: Phase) -> Iterator[str]:
    for section in main.all(document_index.SECTION):
        inside = main.blocks_between(section.start, section.end)
        for table in (block for block in inside if isinstance(block, Table)):
            columns = tables.columns(table)
            for row in table.rows:
                cells = [cell.text for cell in row.cells]
                if _row_names(columns, cells, phase.label.casefold()):
                    yield from named_in.between(row.start, row.end)


def _row_names(columns: Sequence[str], cells: Sequence[str], label: str) -> bool:
    """Whether a row of the index gives its document to the phase, in a column for it or in text."""
    for column, text in zip(columns, cells, strict=False):
        is_for_phases = re.search(rf"(?<!\w){_PHASES}(?!\w)", column) is not None
        labels = _labels(text) if is_for_phases else labels_in(text)
        if label in labels or (is_for_phases and normalise(text) in _ALL):
            return True
    return False


def _in_sections(main: Document, named_in: Mentions, phase: Phase) -> Iterator[str]:
    """The links in sections outside the plan whose heading names the phase."""
    for section in main.root.below():
        if section.heading and phase.label.casefold() in labels_in(section.heading.text):
            yield from named_in.between(section.start, section.end)


def _by_title(subs: Mapping[str, Document], phase: Phase) -> Iterator[str]:
    for file, sub in subs.items():
        if sub.title and phase.label.casefold() in labels_in(sub.title.text):
            yield file
