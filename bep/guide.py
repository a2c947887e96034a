"""The process guide: sections, documents, layouts, metadata, statuses, as `guide.yml` has them.

Code asks for a section, a key, a column or a status by its identifier (`decision-log`) and holds
none of them as documents write them. `docs/revising.md` describes the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

from .errors import WRONG_DOCUMENTS, BepError
from .markdown import blocks, yaml_data
from .markdown.yaml_data import Unreadable
from .names import document_name

T = TypeVar("T")

FILE = "guide.yml"
# The numbers from which a proposal is segmented.
CRITERIA = ("lines", "components", "phases", "subsystems")

# What the tool itself works with: a guide without these cannot be used.
_NEEDED = {
    "sections": ("decision-log", "open-questions"),
    "metadata": ("author", "status"),
    "context": ("main", "sub-document"),
}
_LINES = re.compile(r"([0-9]{1,4})-([0-9]{1,4}) lines")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)$")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
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
        """How many lines it should have, None where the length is no number of lines."""
        found = _LINES.fullmatch(self.length)
        return (int(found[1]), int(found[2])) if found else None

    @cached_property
    def name(self) -> str:
        """The heading as headings are compared."""
        return blocks.normalise(self.heading)


class DocumentForm(NamedTuple):
    """What a document is made of; a sub-document with a `file` answers the question `asked`.

    `sections` are as this document has them, by their families; `lines` is how long it may be, 0
    where nothing says so.
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
        """A metadata key as documents have it, '' where the guide has none of that identifier."""
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
        """The step from one status to another, None where there is none."""
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
                name = blocks.normalise(alias.strip(f" {_MORE}"))
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


@lru_cache(maxsize=1)
def own() -> Guide:
    """The guide of the template revision, or of the installed tool, that this module belongs to."""
    package = Path(__file__).resolve().parent
    is_template = (package.parent / "copier.yml").exists()
    path = (package.parent if is_template else package) / FILE
    return read(path.read_text("utf-8"), str(path))


@lru_cache(maxsize=8)
def read(text: str, path: str = FILE) -> Guide:
    """The guide in the text of a `guide.yml`.

    Raises BepError, with `path` and line, for one that is malformed.
    """
    try:
        node = yaml_data.compose(text)
    except Unreadable as error:
        raise _malformed(error.said, path, error.line) from None
    try:
        return _Reader(node).guide()
    except _Malformed as error:
        raise _malformed(str(error), path, error.line) from None


def _malformed(problem: str, path: str, line: int) -> BepError:
    return BepError(problem, "correct the guide", path, line, WRONG_DOCUMENTS)


class _Malformed(ValueError):
    def __init__(self, reason: str, node: yaml.Node | None) -> None:
        super().__init__(reason)
        self.line = node.start_mark.line + 1 if node else 1


Node = yaml.Node | None
_Field = Callable[[Node], Any]


def _text(node: Node) -> str:
    """Text on one line or several; numbers and dates as they are written."""
    if not isinstance(node, yaml.ScalarNode) or node.tag.endswith((":null", ":bool")):
        raise _Malformed("this is not text", node)
    return str(node.value).strip()


def _name(node: Node) -> str:
    text = _text(node)
    if not text or "\n" in text:
        raise _Malformed("this is not one line of text", node)
    return text


def _file(node: Node) -> str:
    text = _name(node)
    if not re.fullmatch(r"[\w-]+\.md", text):
        raise _Malformed("this is not the name of a Markdown file", node)
    return text


def _metadata_key(node: Node) -> str:
    text = _name(node)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text):
        raise _Malformed("a key has letters, digits, - and _, and begins with a letter", node)
    return text


def _status_name(node: Node) -> str:
    text = _name(node)
    try:
        is_plain = yaml_data.load(text) == text
    except Unreadable:
        is_plain = False
    if not is_plain:
        raise _Malformed(f"metadata cannot hold {text!r} without quotes: name it otherwise", node)
    return text


def _flag(node: Node) -> bool:
    if not isinstance(node, yaml.ScalarNode) or not node.tag.endswith(":bool"):
        raise _Malformed("this is neither true nor false", node)
    return node.value.casefold() in ("true", "yes", "on")


def _number(node: Node) -> int:
    if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(r"[1-9][0-9]{0,5}", node.value):
        raise _Malformed("this is not a number of at least 1", node)
    return int(node.value)


def _list(node: Node, of: Callable[[Node], T]) -> tuple[T, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise _Malformed("this is not a list", node)
    return tuple(map(of, node.value))


def _names(node: Node) -> tuple[str, ...]:
    return _list(node, _name)


def _pairs(node: Node) -> dict[str, yaml.Node]:
    """The nodes of a mapping by key."""
    if not isinstance(node, yaml.MappingNode):
        raise _Malformed("this is not a list of `key: value`", node)
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _name(key)
        if name in found:
            raise _Malformed(f"{name} appears twice", key)
        found[name] = value
    return found


def _entries(node: Node, of: Callable[[str, Node], T]) -> dict[str, T]:
    """The parts of a mapping by their identifiers."""
    found = {}
    for key, value in _pairs(node).items():
        if not _IDENTIFIER.fullmatch(key):
            raise _Malformed(f"{key!r} is not an identifier: lower case, with hyphens", value)
        found[key] = of(key, value)
    if not found:
        raise _Malformed("this is empty", node)
    return found


def _guidance(node: Node) -> str:
    text = _text(node)
    if "-->" in text:
        raise _Malformed("guidance is a comment in documents: it cannot hold -->", node)
    return text


def _same(node: Node) -> Node:
    return node


def _one_of(node: Node, known: Collection[str], what: str) -> str:
    name = _name(node)
    if name not in known:
        raise _Malformed(f"there is no {what} {name!r}; there are {', '.join(known)}", node)
    return name


def _table(node: Node) -> dict[str, Column]:
    """The columns of a section's table by identifier, with their other names."""
    found = _record(
        node,
        {"columns": lambda value: _entries(value, lambda _, heading: _name(heading))},
        {"aliases": lambda value: _entries(value, lambda _, names: (names, _names(names)))},
    )
    aliases = found.get("aliases", {})
    for column, (names, _) in aliases.items():
        if column not in found["columns"]:
            raise _Malformed(f"there is no column {column!r}", names)
    return {
        column: Column(
            heading, tuple(map(blocks.normalise, (heading, *aliases.get(column, (None, ()))[1])))
        )
        for column, heading in found["columns"].items()
    }


def _record(
    node: Node, needed: Mapping[str, _Field], other: Mapping[str, _Field]
) -> dict[str, Any]:
    """The values of a part by the names of its fields in Python; `needed` ones must be there."""
    pairs = _pairs(node)
    known = {**needed, **other}
    for key, value in pairs.items():
        if key not in known:
            raise _Malformed(f"unknown key {key!r}; the keys are {', '.join(known)}", value)
    for key in needed:
        if key not in pairs:
            raise _Malformed(f"{key} is missing", node)
    return {key.replace("-", "_"): known[key](value) for key, value in pairs.items()}


_PARTS = (
    "sections",
    "documents",
    "layouts",
    "segmentation",
    "metadata",
    "context",
    "statuses",
    "transitions",
)


class _Reader:
    """Reads the parts of a guide; a part that names another one comes behind it."""

    def __init__(self, root: Node) -> None:
        self._nodes = _record(root, dict.fromkeys(_PARTS, _same), {"oldest-tool": _name})

    def guide(self) -> Guide:
        """The guide; raises _Malformed."""
        nodes = self._nodes
        self._section_nodes = _entries(nodes["sections"], lambda _, value: value)
        self._sections = {key: self._section(key) for key in self._section_nodes}
        self._documents = _entries(nodes["documents"], self._document)
        self._statuses = _entries(nodes["statuses"], self._status)
        layouts = _entries(nodes["layouts"], self._layout)
        guide = Guide(
            sections=self._sections,
            documents=self._documents,
            layouts=layouts,
            segmentation=self._segmentation(nodes["segmentation"], layouts),
            metadata=_entries(nodes["metadata"], self._key),
            context=_entries(nodes["context"], self._context),
            statuses=self._statuses,
            transitions=_list(nodes["transitions"], self._transition),
            oldest_tool=nodes.get("oldest_tool", ""),
        )
        self._refuse_incomplete(guide)
        self._refuse_ambiguous(guide)
        return guide

    # --- Sections -------------------------------------------------------------------------------

    def _section(self, identifier: str) -> Section:
        node = self._section_nodes[identifier]
        found = _record(
            node,
            {"heading": _name},
            {
                "aliases": _names,
                "form-of": _name,
                "length": _name,
                "minimum": _flag,
                "guidance": _guidance,
                "avoid": _guidance,
                "table": _table,
                "placeholders": _flag,
                "may-be-empty": _flag,
                "builds-on": lambda value: tuple(map(blocks.normalise, _names(value))),
            },
        )
        family = found.pop("form_of", identifier)
        columns = found.pop("table", {})
        if family != identifier:
            base = self._base(family, node)
            columns = _with_names(columns, base.columns)
            inherited = {"placeholders": base.placeholders, "may_be_empty": base.may_be_empty}
            found = {**inherited, "minimum": base.minimum, **found}
        return Section(id=identifier, family=family, columns=columns, **found)

    def _base(self, family: str, node: Node) -> Section:
        if family not in self._section_nodes:
            raise _Malformed(f"form-of: there is no section {family!r}", node)
        if "form-of" in _pairs(self._section_nodes[family]):
            raise _Malformed(f"form-of: {family!r} is itself a form of a section", node)
        return self._section(family)

    def _document(self, identifier: str, node: Node) -> DocumentForm:
        found = _record(
            node,
            {"sections": _same},
            {"lines": _number, "file": _file, "asked": _name, "title": _name, "scope": _name},
        )
        sections: dict[str, Section] = {}
        for section in self._sections_of(found.pop("sections")):
            if section.family in sections:
                raise _Malformed(f"{section.family} is twice among the sections", node)
            sections[section.family] = section
        return DocumentForm(id=identifier, sections=sections, **found)

    def _sections_of(self, node: yaml.Node) -> Iterator[Section]:
        """The sections that a document lists, or describes itself."""
        if isinstance(node, yaml.SequenceNode):
            yield from (self._known_section(one) for one in node.value)
            return
        for key, value in _pairs(node).items():
            section = self._known_section(value, key)
            if isinstance(value, yaml.ScalarNode):
                yield replace(section, guidance=_guidance(value), length="", avoid="")
            else:
                found = _record(value, {"guidance": _guidance}, {"length": _name})
                yield replace(section, **{"length": "", "avoid": "", **found})

    def _known_section(self, node: Node, name: str = "") -> Section:
        name = name or _name(node)
        if name not in self._sections:
            raise _Malformed(f"there is no section {name!r}", node)
        return self._sections[name]

    def _layout(self, identifier: str, node: Node) -> Layout:
        def documents(value: Node) -> tuple[str, ...]:
            return _list(value, document)

        def document(value: Node) -> str:
            return _one_of(value, self._documents, "document")

        def marks(value: Node) -> tuple[str, ...]:
            return _list(value, lambda one: self._known_section(one).id)

        found = _record(
            node,
            {"label": _name, "main": document},
            {"sub-documents": documents, "marks": lambda value: _list(value, marks)},
        )
        return Layout(id=identifier, **found)

    def _segmentation(self, node: Node, layouts: Mapping[str, Layout]) -> Segmentation:
        numbers = dict.fromkeys(CRITERIA, _number)
        segmented = [name for name, one in layouts.items() if one.sub_documents]
        layout = {"layout": lambda value: _one_of(value, segmented, "layout with sub-documents")}
        return Segmentation(**_record(node, {**layout, **numbers}, {}))

    # --- Metadata, context blocks, statuses -----------------------------------------------------

    def _key(self, identifier: str, node: Node) -> MetadataKey:
        found = _record(
            node,
            {"key": _metadata_key},
            {
                "placeholder": _name,
                "form": lambda value: _one_of(value, ["version"], "form"),
                "example": _name,
                "on-demand": _flag,
                "needed-in": self._some_statuses,
                "empty-in": self._some_statuses,
            },
        )
        return MetadataKey(id=identifier, **found)

    def _some_statuses(self, node: Node) -> tuple[str, ...]:
        if isinstance(node, yaml.ScalarNode) and node.value == "all":
            return tuple(self._statuses)
        return _list(node, self._status_id)

    def _status_id(self, node: Node) -> str:
        return _one_of(node, self._statuses, "status")

    def _context(self, _: str, node: Node) -> ContextForm:
        def key(name: str, value: Node) -> ContextKey:
            fields = {
                "meaning": _name,
                "placeholder": _name,
                "of-segments": _flag,
                "of-section": lambda one: _one_of(one, self._sections, "section"),
                "said-under": lambda one: tuple(map(blocks.normalise, _names(one))),
            }
            return ContextKey(id=name, **_record(value, {}, fields))

        found = _record(node, {"type": _name, "keys": lambda value: _entries(value, key)}, {})
        return ContextForm(**found)

    def _status(self, identifier: str, node: Node) -> Status:
        flags = dict.fromkeys(("complete", "settled", "final"), _flag)
        return Status(
            id=identifier, **_record(node, {"name": _status_name, "meaning": _name}, flags)
        )

    def _transition(self, node: Node) -> Transition:
        found = _record(
            node, {"from": self._status_id, "to": self._status_id}, {"when": _name, "logged": _name}
        )
        return Transition(before=found.pop("from"), after=found.pop("to"), **found)

    # --- The whole ------------------------------------------------------------------------------

    def _refuse_incomplete(self, guide: Guide) -> None:
        for part, identifiers in _NEEDED.items():
            for identifier in identifiers:
                if identifier not in getattr(guide, part):
                    raise _Malformed(f"{identifier} is missing", self._nodes[part])
        used = {one.id for form in guide.documents.values() for one in form.sections.values()}
        families = {guide.sections[one].family for one in used}
        for section in guide.sections.values():
            if section.id not in used | families:
                node = self._section_nodes[section.id]
                raise _Malformed(f"no document has the section {section.id!r}", node)

    def _refuse_ambiguous(self, guide: Guide) -> None:
        """Raise _Malformed where one name means two things."""
        for sections in (guide.main_sections, guide.sub_sections):
            owners: dict[str, str] = {}
            for section in sections:
                names = [(section.heading, self._section_nodes[section.id])]
                names += zip(section.aliases, self._alias_nodes(section.id), strict=True)
                for text, node in names:
                    name = text.casefold()
                    if name in owners:
                        raise _Malformed(f"{text!r} is a name of {owners[name]!r} already", node)
                    owners[name] = section.id
        _refuse_repeated((one.key for one in guide.metadata.values()), self._nodes["metadata"])
        files = (one.file for one in guide.documents.values() if one.file)
        _refuse_repeated(files, self._nodes["documents"])
        _refuse_repeated((one.name for one in guide.statuses.values()), self._nodes["statuses"])
        steps = (f"{one.before} to {one.after}" for one in guide.transitions)
        _refuse_repeated(steps, self._nodes["transitions"])

    def _alias_nodes(self, section: str) -> Sequence[yaml.Node]:
        aliases = _pairs(self._section_nodes[section]).get("aliases")
        return aliases.value if isinstance(aliases, yaml.SequenceNode) else ()


def _with_names(columns: Mapping[str, Column], base: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of a form of a section, which are also known by the section's own names."""
    return {
        key: one._replace(
            names=tuple(dict.fromkeys((*one.names, *(base[key].names if key in base else ())))),
        )
        for key, one in columns.items()
    } or dict(base)


def _refuse_repeated(names: Iterable[str], node: yaml.Node) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise _Malformed(f"{name!r} appears twice", node)
        seen.add(name.casefold())
