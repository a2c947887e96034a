"""The guide's sections, and the other names under which real documents have them.

Guide: Step 5 (Write Sections) and Document Segmentation; the later tech-spec form counts too. A
name is a heading as `markdown.normalise` gives it, its lower-case words without leading number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from ..markdown import blocks

RELATED_ISSUES = "Related Issues"
MOTIVATION = "Motivation"
DOCUMENT_INDEX = "Document Index"
CURRENT_DESIGN = "Current Design"
PROPOSED_DESIGN = "Proposed Design"
MIGRATION = "Migration / Compatibility"
IMPLEMENTATION_PLAN = "Implementation Plan"
DECISION_LOG = "Decision Log"
OPEN_QUESTIONS = "Open Questions"
REFERENCES = "References"
SUMMARY = "Summary"
INTERFACE = "Interface / API"
IMPLEMENTATION_NOTES = "Implementation Notes"

SINGLE_SECTIONS = (
    RELATED_ISSUES,
    MOTIVATION,
    CURRENT_DESIGN,
    PROPOSED_DESIGN,
    MIGRATION,
    IMPLEMENTATION_PLAN,
    DECISION_LOG,
    OPEN_QUESTIONS,
    REFERENCES,
)
MAIN_SECTIONS = (
    RELATED_ISSUES,
    MOTIVATION,
    DOCUMENT_INDEX,
    IMPLEMENTATION_PLAN,
    DECISION_LOG,
    OPEN_QUESTIONS,
    REFERENCES,
)
SUB_SECTIONS = (SUMMARY, CURRENT_DESIGN, PROPOSED_DESIGN, INTERFACE, IMPLEMENTATION_NOTES)

# Where a section is in a main document of either layout.
MAIN_ORDER = (
    RELATED_ISSUES,
    MOTIVATION,
    DOCUMENT_INDEX,
    CURRENT_DESIGN,
    PROPOSED_DESIGN,
    MIGRATION,
    IMPLEMENTATION_PLAN,
    DECISION_LOG,
    OPEN_QUESTIONS,
    REFERENCES,
)
# The length guide of a main document's sections, in lines (guide: Step 5, Write Sections).
LENGTHS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        RELATED_ISSUES: (2, 5),
        MOTIVATION: (10, 30),
        CURRENT_DESIGN: (10, 50),
        MIGRATION: (10, 30),
        IMPLEMENTATION_PLAN: (10, 30),
        REFERENCES: (2, 10),
    }
)
# The longest documents of a segmented proposal, in lines (guide: Segmented Structure, Sub-Document
# Guidelines).
MAIN_LINES = 200
SUB_LINES = 300

# A document of the tech-spec form has none of these, and nothing corresponds to them.
NOT_IN_TECH_SPEC = frozenset([MIGRATION, IMPLEMENTATION_PLAN])

_CURRENT = (
    "current state",
    "current architecture",
    "current implementation",
    "current status",
    "existing design",
    "existing architecture",
    "as-is",
    "as is",
    "status quo",
)
_PROPOSED = (
    "proposed structure",
    "proposed architecture",
    "proposed solution",
    "proposed changes",
    "suggested architecture",
    "suggested design",
    "implementation design",
    "detailed design",
    "design",
    "to-be",
    "to be",
)

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    RELATED_ISSUES: ("related issue", "issues", "related tickets"),
    MOTIVATION: (
        "goal",
        "goals",
        "background",
        "abstract",
        "overview",
        "introduction",
        "problem",
        "problem statement",
    ),
    DOCUMENT_INDEX: ("document structure", "documents", "sub-documents", "detailed documents"),
    CURRENT_DESIGN: _CURRENT,
    PROPOSED_DESIGN: _PROPOSED,
    MIGRATION: (
        "migration",
        "compatibility",
        "backward compatibility",
        "backwards compatibility",
        "impacts to users or developers",
        "breaking changes",
    ),
    IMPLEMENTATION_PLAN: (
        "plan",
        "implementation checklist",
        "implementation steps",
        "implementation phases",
        "phases",
        "roadmap",
        "rollout plan",
    ),
    DECISION_LOG: (
        "decision summary",
        "decisions",
        "key decisions",
        "design decisions",
        "resolved decisions",
    ),
    OPEN_QUESTIONS: ("open question", "open issues", "unresolved questions", "questions"),
    REFERENCES: ("reference", "related documents", "see also", "further reading", "links"),
}
_OTHER_NAMES_IN_SUB_DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    SUMMARY: ("overview", "abstract", "purpose", "goal"),
    CURRENT_DESIGN: _CURRENT,
    PROPOSED_DESIGN: _PROPOSED,
    INTERFACE: ("interface", "interfaces", "api", "apis", "api design", "public interface"),
    IMPLEMENTATION_NOTES: ("notes", "implementation details", "constraints"),
}
# Headings that go on after the name: "Migration of Existing Apps", "Current State & Scope".
_BEGINNINGS: Mapping[str, str] = {
    "current design": CURRENT_DESIGN,
    "current state": CURRENT_DESIGN,
    "proposed design": PROPOSED_DESIGN,
    "implementation design": PROPOSED_DESIGN,
    "migration": MIGRATION,
    "impacts to users or developers": MIGRATION,
    "implementation plan": IMPLEMENTATION_PLAN,
    "decision log": DECISION_LOG,
    "open questions": OPEN_QUESTIONS,
}
_PARENTHESIS = re.compile(r"\s*\([^()]*\)$")
_INDEX = "document index"


def _by_name(names: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    found = {other: section for section, others in names.items() for other in others}
    found |= {blocks.normalise(section): section for section in names}
    return MappingProxyType(found)


_MAIN = _by_name(_OTHER_NAMES)
_SUB = _by_name(_OTHER_NAMES_IN_SUB_DOCUMENTS)


def main_section(name: str) -> str | None:
    """The guide's section of a main document that a heading names, None for another one.

    >>> main_section("as-is"), main_section("migration of existing apps")
    ('Current Design', 'Migration / Compatibility')
    """
    return _section(name, _MAIN)


def sub_section(name: str) -> str | None:
    """The guide's section of a sub-document that a heading names, None for another one."""
    return _section(name, _SUB)


def no_section(name: str) -> str | None:
    """None: a document of which the guide names no sections."""
    return None


def is_beginning(name: str) -> bool:
    """Whether a heading of a main document merely begins with a name of the guide's section."""
    short = _PARENTHESIS.sub("", name)
    return short not in _MAIN and not short.endswith(_INDEX) and main_section(name) is not None


def _section(name: str, known: Mapping[str, str]) -> str | None:
    short = _PARENTHESIS.sub("", name)
    if short in known:
        return known[short]
    if short.endswith(_INDEX) and known is _MAIN:
        return DOCUMENT_INDEX
    for beginning, section in _BEGINNINGS.items():
        if short.startswith(f"{beginning} ") and section in known.values():
            return section
    return None


def is_tech_spec(names: Collection[str]) -> bool:
    """Whether a document with sections of these names has the tech-spec form."""
    return "goal" in names and bool({"decision summary", "implementation design"} & set(names))
