"""A template's document as a small description, and what a new revision changes in it.

The shape is that of this project's renderings: front matter, context block, title, sections that
begin with a comment of guidance, two kinds of tables, third-level sections of the design.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import NamedTuple

Value = str | tuple[str, ...]
Pairs = tuple[tuple[str, Value], ...]


class Section(NamedTuple):
    """A section: one comment of guidance, lines of text, a table (header first), subsections."""

    name: str
    guidance: str = ""
    text: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    parts: tuple[Section, ...] = ()


class Template(NamedTuple):
    """A document as one revision of the template renders it; no pairs, no block."""

    metadata: Pairs
    commented: str
    context: Pairs
    title: str
    lead: str
    sections: tuple[Section, ...]


@dataclass
class Part:
    """A section of a document that is being written.

    `labels` are the lines directly above its heading, `body` those below it.
    """

    level: int
    heading: str
    body: list[str]
    section: str = ""
    guidance: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """A document that is being written, and how its text ends up in bytes."""

    front: list[str] | None
    context: list[str] | None
    title: str
    lead: list[str]
    parts: list[Part]
    above: list[str] = field(default_factory=list)
    ending: str = "\n"
    odd_ending: str = ""
    mark: str = ""
    end: str = "\n"

    def text(self) -> str:
        chunks = []
        if self.front is not None:
            chunks.append(["---", *self.front, "---"])
        if self.context is not None:
            chunks.append(["<!-- context-for-ai", *self.context, "-->"])
        if self.above:
            chunks.append(self.above)
        if self.title:
            chunks.append([f"# {self.title}"])
        if self.lead:
            chunks.append(self.lead)
        for part in self.parts:
            chunks.append([*part.labels, f"{'#' * part.level} {part.heading}"])
            if part.body:
                chunks.append(part.body)
        lines = [line for chunk in chunks for line in ("", *chunk)][1:]
        endings = [self.ending] * len(lines)
        if self.odd_ending:
            endings[len(lines) // 2 :: 7] = [self.odd_ending] * len(endings[len(lines) // 2 :: 7])
        endings[-1:] = [self.end.replace("\n", self.ending)]
        written = (line + ending for line, ending in zip(lines, endings, strict=True))
        return self.mark + "".join(written)


def draft(template: Template) -> Draft:
    """The template's document before an author touches it."""
    front = []
    for key, value in template.metadata:
        if template.commented:
            front.append(f"# {key}: {template.commented}")
        front += _written(key, value)
    context = [line for key, value in template.context for line in _written(key, value)]
    parts = [one for section in template.sections for one in _parts(section, 2)]
    return Draft(
        front if template.metadata else None,
        context if template.context else None,
        template.title,
        [template.lead] if template.lead else [],
        parts,
    )


def render(template: Template) -> str:
    """The text of the template's document."""
    return draft(template).text()


def table_lines(table: tuple[tuple[str, ...], ...]) -> list[str]:
    header, *rows = [f"| {' | '.join(row)} |" for row in table]
    return [header, "|" + "|".join("-" * (len(cell) + 2) for cell in table[0]) + "|", *rows]


def _parts(section: Section, level: int) -> list[Part]:
    guidance = wrap(f"<!-- {section.guidance} -->", 98) if section.guidance else []
    chunks = [guidance, list(section.text), table_lines(section.table) if section.table else []]
    body = [line for chunk in chunks if chunk for line in ("", *chunk)][1:]
    own = Part(level, section.name, body, section.name, guidance)
    return [own, *(part for one in section.parts for part in _parts(one, level + 1))]


def _written(key: str, value: Value) -> list[str]:
    """A key as the project's renderings have it: file names in a row, other lists one a line."""
    if isinstance(value, str):
        return [f"{key}: {value}".rstrip()]
    if not value or all(one.endswith(".md") for one in value):
        return [f"{key}: [{', '.join(value)}]"]
    return [f"{key}:", *(f"  - {one}" for one in value)]


_KEYS: Pairs = (
    ("Author", "Grace Hopper (grace@example.com)"),
    ("Status", "Draft"),
    ("Created", "2026-02-03"),
    ("Created-Version", "26.2.0"),
    ("Target-Version", ""),
    ("Implemented-Version", ""),
)
CONTEXT: Pairs = (
    ("type", "master-bep"),
    ("scope", "One line about the proposal"),
    ("detail-docs", ("data-model.md", "api.md")),
    ("key-constraints", ("No change of the REST API",)),
    ("key-decisions", ()),
    ("phases", "2"),
)
_ISSUES = Section(
    "Related Issues", "JIRA first. Length: 2-5 lines.", ("- JIRA: BA-4313", "- GitHub: #8120")
)
_MOTIVATION = Section(
    "Motivation",
    "Why this change is needed: who has which problem today, and what it costs them. A reader who "
    "stops here should know whether the proposal concerns them. Length: 10-30 lines.",
)
_CURRENT = Section("Current Design", "What exists today, as far as the proposal changes it.")
_PARTS = (
    Section("Config Schema", "", ("Scope: Keys and defaults",)),
    Section("Checker", "", ("Scope: Reads the settings", "", "Depends on: config-schema")),
)
_DESIGN = Section("Proposed Design", "The new design. One subsection each.", parts=_PARTS)
_MIGRATION = Section("Migration / Compatibility", "What breaks, for whom.")
_PLAN = Section(
    "Implementation Plan", "The phases in order.", ("1. Phase 1: Schema", "2. Phase 2: Checker")
)
_LOG = Section(
    "Decision Log", "One row for each decision.", table=(("Date", "Decision", "Rationale"),)
)
_OPEN = Section("Open Questions", "What is not settled yet, one bullet each.")
_REFERENCES = Section("References", "Related proposals, as links. Length: 2-10 lines.")
_INDEX = Section(
    "Document Index",
    "One row for each sub-document.",
    table=(
        ("Document", "Description"),
        ("[data-model](./BEP-1046/data-model.md)", "Tables and queries"),
        ("[api](./BEP-1046/api.md)", "Queries `a` \\| `b`"),
    ),
)
_DETAIL: Pairs = (
    ("type", "detail-doc"),
    ("parent", "BEP-1046 (Unified Service Discovery)"),
    ("scope", "'Settings: publishers, consumers'"),
    ("depends-on", ("data-model.md",)),
    ("key-decisions", ()),
)
_SUB = (
    Section("Summary", "What this component does. Length: 1-3 sentences."),
    _CURRENT,
    Section("Proposed Design", "The design in detail."),
    Section("Interface / API", "What others may rely on."),
    Section(
        "Implementation Notes", "Constraints.", ("- Depends on [data-model](./data-model.md)",)
    ),
)

LAYOUTS = {
    "single": Template(
        _KEYS,
        "",
        CONTEXT,
        "Unified Service Discovery",
        "",
        (_ISSUES, _MOTIVATION, _CURRENT, _DESIGN, _MIGRATION, _PLAN, _LOG, _OPEN, _REFERENCES),
    ),
    "segmented": Template(
        _KEYS,
        "",
        CONTEXT,
        "Unified Service Discovery",
        "",
        (_ISSUES, _MOTIVATION, _INDEX, _PLAN, _LOG, _OPEN, _REFERENCES),
    ),
    "sub-document": Template(
        (), "", _DETAIL, "BEP-1046: Config Schema", "Part of [BEP-1046](../BEP-1046-x.md).", _SUB
    ),
    "early": Template(
        _KEYS,
        "see the process page",
        (),
        "Unified Service Discovery",
        "The below sections are just examples.",
        (_ISSUES, _MOTIVATION, _CURRENT, _DESIGN, _MIGRATION, _REFERENCES),
    ),
}
