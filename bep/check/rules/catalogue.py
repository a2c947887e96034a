"""All rules: by what they judge, by name, and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from ... import guide_file
from ...guide import Guide
from ...proposal.document import Document
from . import (
    agents_skill,
    changes,
    context_block,
    context_consistency,
    decisions_and_questions,
    file_names,
    guard,
    links,
    metadata,
    metadata_values,
    placeholders,
    proposal_relations,
    registry,
    registry_rows,
    sections,
    segmentation,
    status_versions,
    whole_document,
)
from .ignore_comments import silences
from .rule import WARNING, Hit, Rule, RuleSet
from .snapshot import Change, Proposal, Snapshot

RULES = RuleSet("Silencing rules")


@RULES.of_documents(
    WARNING,
    "docs/checking.md: Silence a rule",
    example="<!-- bep-check: ignore section-length -->",
    remedy="Write `<!-- bep-check: ignore RULE: reason -->` with the name of a rule and a reason.",
)
def ignore_comment(document: Document, snapshot: Snapshot) -> Iterator[Hit]:
    """A comment that silences a rule names the rule and gives a reason.

    Without a reason, which shows the next reader whether it still applies, it has no effect.
    """
    for one in silences(document):
        if one.rule is None:
            message = "this names no rule; write `bep-check: ignore RULE: reason`"
            yield Hit(document, one.at, message)
        elif one.rule not in BY_NAME:
            message = f"unknown rule {one.rule!r}; write `bep-check: ignore RULE: reason`"
            yield Hit(document, one.at, message, text=one.rule)
        elif one.reason is None:
            message = f"{one.rule} needs a reason; write `bep-check: ignore {one.rule}: reason`"
            yield Hit(document, one.at, message, text=one.rule)


# In the order of docs/rules.md. A new module of rules is added here.
RULE_SETS: Sequence[RuleSet] = (
    whole_document.RULES,
    metadata.RULES,
    metadata_values.RULES,
    status_versions.RULES,
    changes.RULES,
    guard.RULES,
    sections.RULES,
    placeholders.RULES,
    decisions_and_questions.RULES,
    context_block.RULES,
    context_consistency.RULES,
    segmentation.RULES,
    file_names.RULES,
    links.RULES,
    proposal_relations.RULES,
    registry.RULES,
    registry_rows.RULES,
    agents_skill.RULES,
    RULES,
)
DOCUMENT_RULES: Sequence[Rule[[Document, Snapshot]]] = [
    rule for rules in RULE_SETS for rule in rules.of_documents
]
PROPOSAL_RULES: Sequence[Rule[[Proposal, Snapshot]]] = [
    rule for rules in RULE_SETS for rule in rules.of_proposals
]
SNAPSHOT_RULES: Sequence[Rule[[Snapshot]]] = [
    rule for rules in RULE_SETS for rule in rules.of_snapshots
]
CHANGE_RULES: Sequence[Rule[[Change]]] = [rule for rules in RULE_SETS for rule in rules.of_changes]

ALL: Sequence[Rule[Any]] = [rule for rules in RULE_SETS for rule in rules]
BY_NAME: Mapping[str, Rule[Any]] = MappingProxyType({rule.name: rule for rule in ALL})


def explained(rule: Rule[Any], guide: Guide) -> str:
    """Return the explanation of a rule with its example and remedy, as plain text."""
    rule = rule.in_words_of(guide)
    example = "\n".join(f"    {line}" for line in rule.example.split("\n"))
    spared = f"{_SPARED}\n\n" if rule.spares_history else ""
    return (
        f"{rule.name} ({rule.severity}; {rule.source})\n\n{rule.explanation}\n\n{spared}"
        f"Breaks it:\n\n{example}\n\nRemedy: {rule.remedy}\n"
    )


def by_family(guide: Guide) -> dict[str, list[Rule[Any]]]:
    """Return all rules in the guide's words, by the names of their families."""
    return {family: [rule.in_words_of(guide) for rule in rules] for family, rules in _families()}


def _families() -> Iterator[tuple[str, list[Rule[Any]]]]:
    for family, sets in groupby(RULE_SETS, key=lambda rules: rules.family):
        yield family, [rule for rules in sets for rule in rules]


def page() -> str:
    """Return `docs/rules.md`, the page of all rules, as Markdown."""
    guide = guide_file.own()
    lines = [_HEAD]
    for family, rules in _families():
        lines.append(f"## {family}\n")
        lines.extend(_entry(rule.in_words_of(guide)) for rule in rules)
    return "\n".join(lines)


_SPARED = "A proposal in a final status is history, and may have the form of its time."
_HEAD = """\
# The rules of `bep check`

<!-- Written by `invoke rules` from bep/check/rules/; edit the rules there. -->

An **error** misleads a reader or a tool; a **warning** is about the guide's advice. A rule that
is **off** runs only where the settings switch it on. How to run them, change their severities and
silence them: [checking](checking.md). `bep check --explain RULE` shows the same text.
"""


def _entry(rule: Rule[Any]) -> str:
    spared = f"{_SPARED}\n\n" if rule.spares_history else ""
    return (
        f"### {rule.name}\n\n*{rule.severity}, {rule.source}*\n\n{rule.explanation}\n\n{spared}"
        f"Breaks it:\n\n```text\n{rule.example}\n```\n\n**Remedy:** {rule.remedy}\n"
    )
