"""What the answers of the questionnaire mean: lists as typed, components, phases, the layout."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from .. import names
from ..guide import DocumentForm, Guide
from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable

TRUE = frozenset(["true", "yes", "y", "on", "t", "1"])
TEXT_LISTS = frozenset(["co_authors", "jira", "github", "subsystems", "key_constraints", "skills"])
MAPPING_LISTS = frozenset(["components", "phases"])


class AnswerProblem(ValueError):
    """An answer that does not have the form its question asks for."""


class Component(NamedTuple):
    """A part of the proposed design: one sub-document of the segmented layout."""

    name: str
    scope: str = ""
    depends_on: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return names.document_name(self.name)

    @property
    def title(self) -> str:
        return names.document_title(self.name)

    @property
    def files_needed(self) -> list[str]:
        return [names.document_name(name) for name in self.depends_on]


class Phase(NamedTuple):
    """A step of the implementation plan and the components that it builds."""

    name: str
    components: tuple[str, ...] = ()


def answer_list(value: Any) -> list[Any]:
    """A list answer as a list: what was typed is split at commas, or read as YAML's `[...]`.

    Raises AnswerProblem if the value is neither a list nor text that holds one.
    """
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, str):
        raise AnswerProblem(f"{value!r} is not a list; write items separated by commas")
    text = value.strip()
    if text.startswith(("[", "- ")):
        try:
            read = yaml_data.load(text)
        except Unreadable as error:
            raise AnswerProblem(f"{value!r} is not a YAML list: {error.reason}") from None
        if not isinstance(read, list):
            raise AnswerProblem(f"{value!r} is not a list; write items separated by commas")
        return read
    return [item for part in text.split(",") if (item := part.strip())]


def text_list(value: Any) -> list[str]:
    """A list answer whose items are text, blanks around them removed."""
    items = answer_list(value)
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            raise AnswerProblem(f"{item!r} is not text; write items separated by commas")
    return [text for item in items if (text := str(item).strip())]


def components(value: Any, *, adopted: bool = True) -> list[Component]:
    """The `components` answer: names, or mappings with `name`, `scope` and `depends_on`.

    Names become names of files, except those of an `adopted` proposal, and stored ones, which are.
    """
    found: list[Component] = []
    for item in answer_list(value):
        entry = _mapping(item, "component", {"name", "scope", "depends_on"})
        name = entry["name"] if adopted else names.component_name(entry["name"])
        depends = _component_names(text_list(entry.get("depends_on")), adopted)
        scope = one_line(entry.get("scope"), "scope")
        found.append(Component(name, scope, tuple(depends)))
    return found


def phases(value: Any, *, adopted: bool = True) -> list[Phase]:
    """The `phases` answer: names, or mappings with `name` and `components`, named as those are."""
    found: list[Phase] = []
    for item in answer_list(value):
        entry = _mapping(item, "phase", {"name", "components"})
        parts = _component_names(text_list(entry.get("components")), adopted)
        found.append(Phase(entry["name"], tuple(parts)))
    return found


def _component_names(said: Iterable[str], adopted: bool) -> list[str]:
    if adopted:
        return [name.removesuffix(".md") for name in said]
    return [names.component_name(name) for name in said]


def skill_files(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths of the agents' skill, each once; () for none or where the answer is malformed."""
    try:
        return tuple(dict.fromkeys(text_list(answers.get("skills"))))
    except AnswerProblem:
        return ()


def is_adopted(answers: Mapping[str, Any]) -> bool:
    """Whether the documents were there before the answers; `-d` gives the answer as text."""
    return str(answers.get("adopted")).lower() in TRUE


class SubDocument(NamedTuple):
    """A sub-document that answers ask for: its file, title and scope, and what it builds on.

    `form` is the guide's; `component` is None for a document with a question of its own.
    """

    file: str
    form: DocumentForm
    title: str
    scope: str
    component: Component | None = None

    @property
    def name(self) -> str:
        return self.file.removesuffix(".md")


def sub_documents(guide: Guide, answers: Mapping[str, Any]) -> list[SubDocument]:
    """The sub-documents that the answers ask for, in the order of the index."""
    layout = guide.layouts.get(str(answers.get("layout")))
    found: list[SubDocument] = []
    for name in layout.sub_documents if layout else ():
        form = guide.documents[name]
        if not form.file:
            found += (
                SubDocument(one.file, form, one.title, one.scope or one.title, one)
                for one in components(answers.get("components"), adopted=is_adopted(answers))
            )
        elif answers.get(form.asked) is True:
            found.append(SubDocument(form.file, form, form.title, form.scope))
    return found


def issue_keys(value: Any, prefix: str) -> list[str]:
    """The `jira` answer as issue keys; a bare number gets the project's prefix."""
    return [key if "-" in key else f"{prefix}-{key}" for key in text_list(value)]


def authors(name: str, address: str, co_authors: Any) -> str:
    """The `Author` field: `Full Name (email@example.com)`, co-authors after a comma."""
    name, address = name.strip(), address.strip()
    first = f"{name} ({address})" if address else name
    return ", ".join([first, *text_list(co_authors)])


def segmentation_reasons(guide: Guide, answers: Mapping[str, Any]) -> list[str]:
    """Which of the guide's criteria ("When to Segment") ask for segments, in words.

    Malformed answers decide nothing here; their own rule refuses them.
    """
    reasons, limits = [], guide.segmentation
    lines = str(answers.get("estimated_lines"))
    if re.fullmatch("[0-9]{1,9}", lines) and int(lines) >= limits.lines:
        reasons.append(f"{lines} estimated lines (the guide's limit is {limits.lines})")
    for question in ("components", "phases", "subsystems"):
        limit: int = getattr(limits, question)
        try:
            count = len(answer_list(answers.get(question)))
        except AnswerProblem:
            continue
        if count >= limit:
            reasons.append(f"{count} {question} (from {limit} on)")
    return reasons


def recommended_layout(guide: Guide, answers: Mapping[str, Any]) -> str:
    """The layout that the guide's "When to Segment" recommends for these answers."""
    if segmentation_reasons(guide, answers):
        return guide.segmentation.layout
    return guide.usual_layout.id


def stored(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the answers file keeps them: lists as lists, what is not known as ''."""
    kept: dict[str, Any] = {}
    for question, value in answers.items():
        if question in MAPPING_LISTS:
            kept[question] = _with_component_names(question, answer_list(value), answers)
        elif question in TEXT_LISTS:
            kept[question] = text_list(value)
        elif isinstance(value, date):
            kept[question] = value.isoformat()
        else:
            kept[question] = "" if value is None else value
    return kept


def _with_component_names(question: str, items: list[Any], answers: Mapping[str, Any]) -> list[Any]:
    """The items of `components` or `phases`, in which components have the names of their files."""
    if is_adopted(answers):
        return items
    in_components = question == "components"
    key = "depends_on" if in_components else "components"
    kept: list[Any] = []
    for item in items:
        if not isinstance(item, dict):
            kept.append(_stored_name(item) if in_components and isinstance(item, str) else item)
            continue
        named = dict(item)
        if in_components and isinstance(item.get("name"), str):
            named["name"] = _stored_name(item["name"])
        if isinstance(item.get(key), list):
            named[key] = [_stored_name(one) if isinstance(one, str) else one for one in item[key]]
        kept.append(named)
    return kept


def _stored_name(said: str) -> str:
    """A component's name as it is stored: one that fits stays as it was written, with `.md`."""
    name = names.component_name(said)
    return said if said.removesuffix(".md") == name else name


def line_problem(text: str, what: str) -> str | None:
    """Return why `text` cannot be one line of a document, or None if it can."""
    for char in text:
        if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"}:
            return f"{what} {text!r} has the control character U+{ord(char):04X}; one line of text"
        # Overrides and isolates can make a line read as something that it is not.
        if char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            return f"{what} {text!r} contains the direction override U+{ord(char):04X}; remove it"
    return None


def one_line(value: Any, what: str) -> str:
    """`value` as text on one line, blanks around it removed; raises AnswerProblem otherwise."""
    if isinstance(value, date | list | dict):
        raise AnswerProblem(f"{what} {str(value)!r} is not text; put it in quotes")
    text = "" if value is None else str(value).strip()
    if found := line_problem(text, what):
        raise AnswerProblem(found)
    return text


def line(text: str) -> str:
    """`text` on one line, blanks in a row as one; '' if it holds what no line can."""
    joined = " ".join(text.split())
    return "" if line_problem(joined, "text") else joined


def _mapping(item: Any, kind: str, keys: set[str]) -> dict[str, Any]:
    entry = item if isinstance(item, dict) else {"name": item}
    if unknown := sorted(str(key) for key in entry.keys() - keys):
        raise AnswerProblem(
            f"{kind} {item!r} has an unknown key {unknown[0]!r};"
            f" the keys are {', '.join(sorted(keys))}"
        )
    name = entry.get("name")
    if isinstance(name, bool) or not isinstance(name, str | int | float) or not str(name).strip():
        raise AnswerProblem(f"{kind} {item!r} has no name; write a name or {{name: ...}}")
    return {**entry, "name": one_line(name, kind)}
