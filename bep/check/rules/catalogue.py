"""All rules: by what they look at, by name, and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from ...proposal.document import Document
from . import (
    changes,
    context_block,
    context_consistency,
    decisions_and_questions,
    file_names,
    links,
    metadata,
    metadata_values,
    placeholders,
    registry,
    registry_rows,
    sections,
    segmentation,
    status_versions,
    whole_document,
)
from .ignore_comments import silences
from .rule import WARNING, Hit, Rule, rule
from .snapshot import Change, Proposal, World


@rule(
    WARNING,
    "docs/checking.md: Silence a rule",
    example="<!-- bep-check: ignore section-length -->",
    remedy="Write `<!-- bep-check: ignore RULE: reason -->` with the name of a rule and a reason.",
)
def ignore_comment(page: Document, world: World) -> Iterator[Hit]:
    """A comment that silences a rule names one, and says why.

    Without a reason the next reader does not know whether it still holds; it silences nothing.
    """
    for one in silences(page):
        if one.rule not in BY_NAME:
            said = f"there is no rule {one.rule!r}" if one.rule else "this names no rule"
            yield Hit(page, one.at, f"{said}; write `bep-check: ignore RULE: reason`", one.rule)
        elif not one.reason:
            message = f"why is {one.rule} silenced? write `bep-check: ignore {one.rule}: reason`"
            yield Hit(page, one.at, message, one.rule)


OF_PAGES: tuple[Rule[[Document, World]], ...] = (
    whole_document.document_unreadable,
    whole_document.document_encoding,
    whole_document.document_empty,
    whole_document.merge_markers,
    whole_document.title_missing,
    whole_document.title_repeated,
    context_block.context_missing,
    context_block.context_unreadable,
    links.link_missing,
    links.anchor_missing,
    links.link_directory,
    links.proposal_unknown,
    ignore_comment,
)
OF_PROPOSALS: tuple[Rule[[Proposal, World]], ...] = (
    metadata.metadata_missing,
    metadata.metadata_unreadable,
    metadata.metadata_repeated,
    metadata.metadata_key_missing,
    metadata.metadata_key_spelling,
    metadata.metadata_key_unknown,
    metadata.metadata_order,
    metadata_values.metadata_empty,
    metadata_values.status_unknown,
    metadata_values.author_address,
    metadata_values.created_date,
    metadata_values.version_form,
    status_versions.target_version_missing,
    status_versions.target_version_skipped,
    status_versions.target_version_early,
    status_versions.implemented_version_missing,
    status_versions.implemented_version_early,
    status_versions.superseded_by,
    sections.section_missing,
    sections.sub_section_missing,
    sections.section_order,
    sections.section_repeated,
    sections.section_unfilled,
    sections.section_length,
    placeholders.placeholder,
    decisions_and_questions.decision_log_form,
    decisions_and_questions.decision_date,
    decisions_and_questions.decision_order,
    decisions_and_questions.decision_rationale,
    decisions_and_questions.question_answered,
    decisions_and_questions.question_in_sub_document,
    context_block.context_type,
    context_block.context_key_missing,
    context_block.context_scope,
    context_consistency.detail_docs,
    context_consistency.phases,
    context_consistency.parent_number,
    context_consistency.parent_title,
    context_consistency.depends_on_missing,
    context_consistency.depends_on_circle,
    context_consistency.key_decision_unlogged,
    segmentation.single_lines,
    segmentation.single_components,
    segmentation.single_phases,
    segmentation.single_subsystems,
    segmentation.main_lines,
    segmentation.sub_lines,
    segmentation.index_incomplete,
    segmentation.sub_metadata,
    file_names.sub_document_name,
)
OF_WORLDS: tuple[Rule[[World]], ...] = (
    file_names.document_name,
    file_names.directory_name,
    registry.registry_missing,
    registry.registry_unreadable,
    registry.registry_row_broken,
    registry.registry_row_repeated,
    registry.number_shared,
    registry.registry_link,
    registry.registry_order,
    registry.claim_stale,
    registry_rows.registry_row_missing,
    registry_rows.registry_unlinked,
    registry_rows.registry_author,
    registry_rows.registry_status,
    registry_rows.registry_title,
)
OF_CHANGES: tuple[Rule[[Change]], ...] = (
    changes.transition_unknown,
    changes.transition_incomplete,
    changes.number_unclaimed,
)

_FAMILIES: Mapping[str, str] = {
    "whole_document": "The document as a whole",
    "metadata": "Metadata",
    "metadata_values": "Metadata",
    "status_versions": "Status and versions",
    "changes": "Changes",
    "sections": "Sections",
    "placeholders": "Sections",
    "decisions_and_questions": "Decisions and open questions",
    "context_block": "Context block",
    "context_consistency": "Context block",
    "segmentation": "Segmentation",
    "file_names": "Names",
    "links": "Links",
    "registry": "Registry",
    "registry_rows": "Registry",
    "catalogue": "Silencing rules",
}

_ALL: tuple[Rule[Any], ...] = (*OF_PAGES, *OF_PROPOSALS, *OF_WORLDS, *OF_CHANGES)
BY_NAME: Mapping[str, Rule[Any]] = MappingProxyType({one.name: one for one in _ALL})


def similar(name: str) -> list[str]:
    """Names of rules that `name` may be meant for, else all names."""
    holding = [known for known in BY_NAME if name and name in known]
    return get_close_matches(name, BY_NAME, 3, 0.6) or holding or sorted(BY_NAME)


def explained(one: Rule[Any]) -> str:
    """A rule with everything that is known of it, as plain text."""
    example = "\n".join(f"    {line}" for line in one.example.split("\n"))
    return (
        f"{one.name} ({one.severity}; {one.source})\n\n{one.explanation}\n\n"
        f"Breaks it:\n\n{example}\n\nRemedy: {one.remedy}\n"
    )


def page() -> str:
    """The page of all rules, as Markdown."""
    families: dict[str, list[Rule[Any]]] = {title: [] for title in _FAMILIES.values()}
    for one in BY_NAME.values():
        families[_FAMILIES[one.find.__module__.rpartition(".")[2]]].append(one)
    lines = [_HEAD]
    for title, rules in families.items():
        lines.append(f"## {title}\n")
        lines.extend(_entry(one) for one in rules)
    return "\n".join(lines)


_HEAD = """\
# The rules of `bep check`

<!-- Written by `invoke rules` from bep/check/rules/; edit the rules there. -->

An **error** misleads a reader or a tool; a **warning** is about what the guide advises. How to run
them, change their severities and silence them: [checking](checking.md). `bep check --explain RULE`
shows the same text.
"""


def _entry(one: Rule[Any]) -> str:
    return (
        f"### {one.name}\n\n*{one.severity}, {one.source}*\n\n{one.explanation}\n\n"
        f"Breaks it:\n\n```text\n{one.example}\n```\n\n**Remedy:** {one.remedy}\n"
    )
