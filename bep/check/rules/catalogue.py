"""All rules: by what they look at, by name, and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from ...proposal.page import Page
from . import (
    changes as lifecycle,
    context_block as context,
    context_consistency as context_truth,
    decisions_and_questions as record,
    file_names as naming,
    links as linking,
    metadata,
    metadata_values as values,
    placeholders,
    registry,
    registry_rows as rows,
    sections,
    segmentation,
    status_versions as versions,
    whole_document as documents,
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
def ignore_comment(page: Page, world: World) -> Iterator[Hit]:
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


OF_PAGES: tuple[Rule[[Page, World]], ...] = (
    documents.document_unreadable,
    documents.document_encoding,
    documents.document_empty,
    documents.merge_markers,
    documents.title_missing,
    documents.title_repeated,
    context.context_missing,
    context.context_unreadable,
    linking.link_missing,
    linking.anchor_missing,
    linking.link_directory,
    linking.proposal_unknown,
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
    values.metadata_empty,
    values.status_unknown,
    values.author_address,
    values.created_date,
    values.version_form,
    versions.target_version_missing,
    versions.target_version_skipped,
    versions.target_version_early,
    versions.implemented_version_missing,
    versions.implemented_version_early,
    versions.superseded_by,
    sections.section_missing,
    sections.sub_section_missing,
    sections.section_order,
    sections.section_repeated,
    sections.section_unfilled,
    sections.section_length,
    placeholders.placeholder,
    record.decision_log_form,
    record.decision_date,
    record.decision_order,
    record.decision_rationale,
    record.question_answered,
    record.question_in_sub_document,
    context.context_type,
    context.context_key_missing,
    context.context_scope,
    context_truth.detail_docs,
    context_truth.phases,
    context_truth.parent_number,
    context_truth.parent_title,
    context_truth.depends_on_missing,
    context_truth.depends_on_circle,
    context_truth.key_decision_unlogged,
    segmentation.single_lines,
    segmentation.single_components,
    segmentation.single_phases,
    segmentation.single_subsystems,
    segmentation.main_lines,
    segmentation.sub_lines,
    segmentation.index_incomplete,
    segmentation.sub_metadata,
    naming.sub_document_name,
)
OF_WORLDS: tuple[Rule[[World]], ...] = (
    naming.document_name,
    naming.directory_name,
    registry.registry_missing,
    registry.registry_unreadable,
    registry.registry_row_broken,
    registry.registry_row_repeated,
    registry.number_shared,
    registry.registry_link,
    registry.registry_order,
    registry.claim_stale,
    rows.registry_row_missing,
    rows.registry_unlinked,
    rows.registry_author,
    rows.registry_status,
    rows.registry_title,
)
OF_CHANGES: tuple[Rule[[Change]], ...] = (
    lifecycle.transition_unknown,
    lifecycle.transition_incomplete,
    lifecycle.number_unclaimed,
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
