"""The file `guide.yml`: it is read into a `Guide`, and refused where it is malformed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .errors import WRONG_DOCUMENTS, BepError
from .guide import (
    CRITERIA,
    Column,
    ContextForm,
    ContextKey,
    DocumentForm,
    Guide,
    Layout,
    MetadataKey,
    Section,
    Segmentation,
    Status,
    Transition,
)
from .markdown import yaml_data
from .markdown.heading_text import normalise
from .markdown.yaml_data import Unreadable

T = TypeVar("T")

FILE = "guide.yml"

# What the tool itself works with: a guide without these cannot be used.
_NEEDED = {
    "sections": ("decision-log", "open-questions"),
    "metadata": ("author", "status"),
    "context": ("main", "sub-document"),
}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


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
        raise _Malformed("a key has only letters, digits, - and _, and begins with a letter", node)
    return text


def _status_name(node: Node) -> str:
    text = _name(node)
    try:
        is_plain = yaml_data.load(text) == text
    except Unreadable:
        is_plain = False
    if not is_plain:
        raise _Malformed(f"metadata cannot hold {text!r} without quotes; choose another name", node)
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
        raise _Malformed("guidance is a comment in documents: it cannot contain -->", node)
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
            heading,
            tuple(map(normalise, (heading, *aliases.get(column, (None, ()))[1]))),
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
    """Reads the parts of a guide; a part that names another one comes after it."""

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
                "builds-on": lambda value: tuple(map(normalise, _names(value))),
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
                raise _Malformed(f"{section.family} appears twice among the sections", node)
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
                "said-under": lambda one: tuple(map(normalise, _names(one))),
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
        """Raise _Malformed if one name means two things."""
        for sections in (guide.main_sections, guide.sub_sections):
            owners: dict[str, str] = {}
            for section in sections:
                names = [(section.heading, self._section_nodes[section.id])]
                names += zip(section.aliases, self._alias_nodes(section.id), strict=True)
                for text, node in names:
                    name = text.casefold()
                    if name in owners:
                        raise _Malformed(f"{text!r} is already a name of {owners[name]!r}", node)
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
