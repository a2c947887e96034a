"""The process guide: sections, documents, layouts, metadata, statuses, as `guide.yml` has them.

Code asks for a section, a key, a column or a status by its identifier (`decision-log`) and holds
none of them as documents write them. `docs/revising.md` describes the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from .markdown.heading_text import normalise
from .names import document_name

# The numbers from which a proposal is segmented.
CRITERIA = ("lines", "components", "phases", "subsystems")
_LINES = re.compile(r"([0-9]{1,4})-([0-9]{1,4}) lines")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)$")
# What marks an alias that is the beginning, or the end, of longer headings.
_MORE = "…"


class Match(IntEnum):
    """How well a heading names a section; the lowest is best."""

    HEADING = 1
    ALIAS = 2
    BEGINNING = 3


class Column(NamedTuple):
    """A column of a section's table; `names` are its names, normalised, the best first."""

    heading: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A section of a document; `family` is the section of which it is a form, or itself.

    `builds_on` are the words, normalised, with which an entry begins that names proposals on which
    the document's own one builds.
    """

    id: str
    heading: str
    family: str = ""
    aliases: tuple[str, ...] = ()
    length: str = ""
    minimum: bool = False
    guidance: str = ""
    avoid: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    placeholders: bool = False
    may_be_empty: bool = False
    builds_on: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[int, int] | None:
        """How many lines it should have, None if the length is not a number of lines."""
        found = _LINES.fullmatch(self.length)
        return (int(found[1]), int(found[2])) if found else None

    @cached_property
    def name(self) -> str:
        """The heading as headings are compared."""
        return normalise(self.heading)


class DocumentForm(NamedTuple):
    """What a document is made of; a sub-document with a `file` answers the question `asked`.

    `sections` are as this document has them, by their families; `lines` is how long it may be, 0
    if nothing says so.
    """

    id: str
    sections: Mapping[str, Section]
    lines: int = 0
    file: str = ""
    asked: str = ""
    title: str = ""
    scope: str = ""


class Layout(NamedTuple):
    """How a proposal is laid out; `marks` are lists of sections that only this layout has."""

    id: str
    label: str
    main: str
    sub_documents: tuple[str, ...] = ()
    marks: tuple[tuple[str, ...], ...] = ()


class MetadataKey(NamedTuple):
    """A key of the front matter; `needed_in` and `empty_in` are identifiers of statuses."""

    id: str
    key: str
    placeholder: str = ""
    form: str = ""
    example: str = ""
    on_demand: bool = False
    needed_in: tuple[str, ...] = ()
    empty_in: tuple[str, ...] = ()


class ContextKey(NamedTuple):
    """A key of a context block; `meaning` says what it is for.

    A key `of_section` belongs to documents that have this section. The first sentence under one of
    the headings `said_under`, normalised, says what the key says.
    """

    id: str
    meaning: str = ""
    placeholder: str = ""
    of_segments: bool = False
    of_section: str = ""
    said_under: tuple[str, ...] = ()


class ContextForm(NamedTuple):
    """The context block of a kind of document."""

    type: str
    keys: Mapping[str, ContextKey]


class Status(NamedTuple):
    """A status; documents have its `name`."""

    id: str
    name: str
    meaning: str
    complete: bool = False
    settled: bool = False
    final: bool = False


class Transition(NamedTuple):
    """A step from one status to another; `logged` is what the decision log says of it, or ''."""

    before: str
    after: str
    when: str = ""
    logged: str = ""


class Segmentation(NamedTuple):
    """The numbers from which a proposal has the layout `layout`."""

    layout: str
    lines: int
    components: int
    phases: int
    subsystems: int


class Limits(NamedTuple):
    """A repository's own numbers in place of the guide's, each by its identifier.

    `documents` are lines; `sections` the least and most lines, of which the least may be None;
    `segmentation` the numbers from which a proposal is segmented.
    """

    documents: tuple[tuple[str, int], ...] = ()
    sections: tuple[tuple[str, tuple[int | None, int]], ...] = ()
    segmentation: tuple[tuple[str, int], ...] = ()

    def unknown_to(self, guide: Guide) -> list[str]:
        """The parts of which the guide has no number, as `sections.motive`."""
        return [
            f"{part}.{name}"
            for part in ("documents", "sections")
            for name, _ in getattr(self, part)
            if name not in getattr(guide, part)
            or (part == "documents" and not guide.documents[name].lines)
        ]


@dataclass(frozen=True, eq=False)
class Guide:
    """The process as data, each part by its identifier in the guide's order."""

    sections: Mapping[str, Section]
    documents: Mapping[str, DocumentForm]
    layouts: Mapping[str, Layout]
    segmentation: Segmentation
    metadata: Mapping[str, MetadataKey]
    context: Mapping[str, ContextForm]
    statuses: Mapping[str, Status]
    transitions: tuple[Transition, ...]
    oldest_tool: str = ""

    # --- Sections -------------------------------------------------------------------------------

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The sections in the order in which they are in a document; forms are left out."""
        return tuple(one.id for one in self.sections.values() if one.family == one.id)

    @cached_property
    def main_sections(self) -> Sequence[Section]:
        """The sections that main documents can have, their forms included."""
        return self._sections_of(layout.main for layout in self.layouts.values())

    @cached_property
    def sub_sections(self) -> Sequence[Section]:
        """The sections that sub-documents can have."""
        return self._sections_of(form.id for form in self.sub_document_forms)

    @cached_property
    def main_names(self) -> Names:
        """What headings of a main document name."""
        return Names(self.main_sections)

    @cached_property
    def sub_names(self) -> Names:
        """What headings of a sub-document name."""
        return Names(self.sub_sections)

    def _sections_of(self, forms: Iterable[str]) -> list[Section]:
        families = {family for form in forms for family in self.documents[form].sections}
        return [one for one in self.sections.values() if one.family in families]

    def section(self, family: str, form: DocumentForm) -> Section:
        """The section `family` as a document of that form has it."""
        return form.sections.get(family) or self.sections[family]

    @cached_property
    def builds_on(self) -> Mapping[str, tuple[str, ...]]:
        """The sections that say what a proposal builds on, each with its words for it."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.sections.values():
            if one.builds_on:
                found[one.family] = (*found.get(one.family, ()), *one.builds_on)
        return found

    def column_names(self, family: str | None) -> dict[str, str]:
        """The names of columns in a section's table, normalised, with their identifiers."""
        return {
            name: column
            for section in self.sections.values()
            if section.family == family
            for column, known in section.columns.items()
            for name in known.names
        }

    @cached_property
    def sub_document_forms(self) -> tuple[DocumentForm, ...]:
        """All forms of sub-documents, in the order in which an index has them."""
        names = dict.fromkeys(
            form for layout in self.layouts.values() for form in layout.sub_documents
        )
        return tuple(self.documents[name] for name in names)

    @cached_property
    def layout_files(self) -> frozenset[str]:
        """The file names of sub-documents that are not those of components."""
        return frozenset(one.file for one in self.sub_document_forms if one.file)

    def file_of(self, identifier: str) -> str:
        """The file name of the sub-document of this identifier: the guide's, or one like it."""
        form = self.documents.get(identifier)
        return form.file if form and form.file else document_name(identifier)

    def sub_document_form(self, file: str) -> DocumentForm:
        """The form of the sub-document `file`: its own one, or that of all others."""
        own = [one for one in self.sub_document_forms if one.file == file]
        return next(iter(own), self._usual_sub_document)

    @cached_property
    def _usual_sub_document(self) -> DocumentForm:
        forms = self.sub_document_forms
        return next((one for one in forms if not one.file), forms[0])

    def layout_of(self, names: Collection[str]) -> Layout:
        """The layout of a main document with sections of these names, normalised."""
        for layout in self.layouts.values():
            for marks in layout.marks:
                if all(self.sections[mark].name in names for mark in marks):
                    return layout
        return self.usual_layout

    @cached_property
    def every_section(self) -> tuple[Section, ...]:
        """The sections, and the forms that they have in the documents of each kind."""
        forms = (one for form in self.documents.values() for one in form.sections.values())
        return (*self.sections.values(), *forms)

    def may_have_marks(self, source: str) -> bool:
        """Whether a document can have a heading that marks a layout, however it is marked up."""
        text = source.casefold()
        return any(
            all(word in text for word in words) and pattern.search(text)
            for words, pattern in self._texts_of_marks
        )

    @cached_property
    def _texts_of_marks(self) -> list[tuple[list[str], re.Pattern[str]]]:
        every = {mark for one in self.layouts.values() for marks in one.marks for mark in marks}
        words = (self.sections[mark].name.casefold().split() for mark in sorted(every))
        return [(one, re.compile(r"[\W_]+".join(map(re.escape, one)))) for one in words]

    @cached_property
    def usual_layout(self) -> Layout:
        """The layout of a proposal that nothing says more about."""
        return next(iter(self.layouts.values()))

    def layout_with(self, layout: Layout, *, has_sub_documents: bool) -> Layout:
        """The layout of a proposal: `layout` if it goes together with the sub-documents it has."""
        if bool(layout.sub_documents) == has_sub_documents:
            return layout
        fitting = [
            one for one in self.layouts.values() if bool(one.sub_documents) == has_sub_documents
        ]
        return next(iter(fitting), layout)

    # --- Metadata and statuses ------------------------------------------------------------------

    def key(self, identifier: str) -> str:
        """A metadata key as documents have it, '' if the guide has none of that identifier."""
        found = self.metadata.get(identifier)
        return found.key if found else ""

    def status_of(self, text: str) -> Status | None:
        """The status that a text names in any letter case."""
        return self._statuses.get(text.strip().casefold())

    @cached_property
    def _statuses(self) -> Mapping[str, Status]:
        return {one.name.casefold(): one for one in self.statuses.values()}

    def requirements(self, status: Status) -> list[MetadataKey]:
        """The keys that a status needs and a new proposal does not."""
        first = self.first_status.id
        return [
            key
            for key in self.metadata.values()
            if status.id in key.needed_in and first not in key.needed_in
        ]

    def following(self, status: Status) -> list[Status]:
        """The statuses that can follow a status."""
        return [self.statuses[one.after] for one in self.transitions if one.before == status.id]

    def transition(self, before: Status, after: Status) -> Transition | None:
        """The step from one status to another, None if there is none."""
        steps = (one for one in self.transitions if one.before == before.id)
        return next((one for one in steps if one.after == after.id), None)

    def asks_for_reason(self, status: Status) -> bool:
        """Whether a transition to a status is logged with its reason."""
        return any(one.logged for one in self.transitions if one.after == status.id)

    @cached_property
    def first_status(self) -> Status:
        """The status of a new proposal."""
        return next(iter(self.statuses.values()))

    @cached_property
    def status_names(self) -> tuple[str, ...]:
        """The statuses as documents have them."""
        return tuple(one.name for one in self.statuses.values())


@lru_cache(maxsize=8)
def with_limits(guide: Guide, limits: Limits) -> Guide:
    """The guide with a repository's own limits; those of unknown parts are ignored."""
    lengths = {
        name: _length(guide.sections[name], *span)
        for name, span in limits.sections
        if name in guide.sections
    }
    most = dict(limits.documents)
    criteria: dict[str, Any] = dict(limits.segmentation)

    def limited(section: Section) -> Section:
        # A document may describe a section itself; what is set is the guide's own length.
        is_own = section.length != guide.sections[section.id].length
        return section if is_own else replace(section, length=lengths[section.id])

    def sections(of: Mapping[str, Section]) -> dict[str, Section]:
        return {key: limited(one) if one.id in lengths else one for key, one in of.items()}

    return replace(
        guide,
        sections=sections(guide.sections),
        documents={
            name: form._replace(
                # What has no length gets none: segmentation says when it is too long.
                lines=most.get(name, form.lines) if form.lines else 0,
                sections=sections(form.sections),
            )
            for name, form in guide.documents.items()
        },
        segmentation=guide.segmentation._replace(**criteria),
    )


def _length(section: Section, least: int | None, most: int) -> str:
    low = section.lines[0] if section.lines and least is None else least or 1
    return f"{min(low, most)}-{most} lines"


class Names:
    """The headings that name sections, each with the section's family."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._exact: dict[str, tuple[str, Match]] = {}
        self._beginnings: list[tuple[str, str]] = []
        self._endings: list[tuple[str, str]] = []
        for section in sections:
            self._exact[section.name] = section.family, Match.HEADING
        for section in sections:
            for alias in section.aliases:
                name = normalise(alias.strip(f" {_MORE}"))
                self._exact.setdefault(name, (section.family, Match.ALIAS))
                if alias.endswith(_MORE):
                    self._beginnings.append((f"{name} ", section.family))
                elif alias.startswith(_MORE):
                    self._endings.append((f" {name}", section.family))

    def find(self, name: str) -> tuple[str, Match] | None:
        """The section that a normalised heading names, and how well; None for another heading."""
        short = _PARENTHESIS.sub("", name)
        if found := self._exact.get(name) or self._exact.get(short):
            return found
        for ending, family in self._endings:
            if short.endswith(ending):
                return family, Match.ALIAS
        for beginning, family in self._beginnings:
            if short.startswith(beginning):
                return family, Match.BEGINNING
        return None

    def family(self, name: str) -> str | None:
        """The section that a normalised heading names, None for another heading."""
        found = self.find(name)
        return found[0] if found else None
