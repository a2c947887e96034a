"""A template repository with a series of revisions, each a change that a maintainer could make."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT, TEMPLATE_PARTS, pack, run_git

MAIN = "includes/sections_main.jinja"
SINGLE = "includes/sections_single.jinja"
SUB = "includes/sections_sub.jinja"
SINGLE_DOCUMENT = "includes/single_document.jinja"
MAIN_DOCUMENT = "includes/main_document.jinja"
METADATA = "includes/metadata.jinja"
CONTEXT = "includes/context_main.jinja"
PAGE = "template_registry/{{ proposals }}/README.md.jinja"
NEW_DOCUMENT = (
    "template_segmented/{{ proposals }}/{{ proposal_name(number) }}/"
    "{% if rollout_document %}rollout.md{% endif %}.jinja"
)


class Edit(NamedTuple):
    """A file of the template and what becomes of `old` in it; '' makes the file anew."""

    path: str
    old: str
    new: str


def _macro(name: str, heading: str, guidance: str) -> str:
    return (
        f"\n{{% macro {name}() %}}\n{{% section {heading!r} %}}\n{guidance}\n{{% endsection %}}\n"
        f"{{% endmacro %}}\n"
    )


def _rename(kind: str, old: str, new: str, since: str) -> str:
    return f'  {kind}:\n    - {{since: {since}, from: "{old}", to: "{new}"}}'


REVISIONS: dict[str, Sequence[Edit]] = {
    "guidance reworded": [
        Edit(MAIN, "Why this change is needed: who has", "The reason for the change: who has"),
    ],
    "section added": [
        Edit(MAIN, "\n{% macro decision_log() %}", _macro("alternatives", "Alternatives", "What else.") + "\n{% macro decision_log() %}"),
        Edit(SINGLE_DOCUMENT, "{{ sections.decision_log() }}", "{{ sections.alternatives() }}\n{{ sections.decision_log() }}"),
        Edit(MAIN_DOCUMENT, "{{ sections.decision_log() }}", "{{ sections.alternatives() }}\n{{ sections.decision_log() }}"),
    ],
    "section removed": [
        Edit(SINGLE_DOCUMENT, "{{ sections.related_issues() }}\n", ""),
        Edit(MAIN_DOCUMENT, "{{ sections.related_issues() }}\n", ""),
    ],
    "section renamed": [
        Edit(SINGLE, '"Migration / Compatibility"', '"Transition"'),
        Edit("revisions.yml", "  sections: []", _rename("sections", "Migration / Compatibility", "Transition", "SINCE")),
    ],
    "sections reordered": [
        Edit(SINGLE_DOCUMENT, "{{ sections.motivation() }}\n{{ single.current_design() }}\n", "{{ single.current_design() }}\n{{ sections.motivation() }}\n"),
    ],
    "section split": [
        Edit(SINGLE, "\n{% macro current_design() %}", _macro("measurements", "Measurements", "Numbers of today.") + "\n{% macro current_design() %}"),
        Edit(SINGLE, "that a reader has to have seen.", "that a reader has to know."),
        Edit(SINGLE_DOCUMENT, "{{ single.current_design() }}\n", "{{ single.current_design() }}\n{{ single.measurements() }}\n"),
    ],
    "metadata key added": [Edit(METADATA, "Target-Version:\n", "Discussion:\nTarget-Version:\n")],
    "metadata key removed": [Edit(METADATA, "Implemented-Version:\n", "")],
    "metadata key renamed": [
        Edit(METADATA, "Target-Version:", "Planned-Version:"),
        Edit("revisions.yml", "  metadata: []", _rename("metadata", "Target-Version", "Planned-Version", "SINCE")),
    ],
    "context key added": [Edit(CONTEXT, "key-decisions: []\n", "reviewers: []\nkey-decisions: []\n")],
    "phases become a list": [
        Edit(CONTEXT, "phases: {{ phase_list(phases) | length }}\n", "phases: {{ phase_list(phases) | map(attribute='name') | list | comment_value }}\n"),
    ],
    "decision log column added": [
        Edit(MAIN, "| Date | Decision | Rationale |\n|------|----------|-----------|", "| Date | Decision | Rationale | Owner |\n|------|----------|-----------|-------|"),
    ],
    "optional sub-document": [
        Edit("copier.yml", "invoke_tasks:\n", 'rollout_document:\n  type: bool\n  help: A sub-document rollout.md?\n  default: true\n  ask: "{{ layout == \'segmented\' }}"\n\ninvoke_tasks:\n'),
        Edit(NEW_DOCUMENT, "", "# Rollout\n\n## Steps\n\n<!-- In order. -->\n"),
    ],
    "heading of a shared partial": [Edit(SUB, '"Interface / API"', '"Interfaces"'), Edit("revisions.yml", "  sections: []", _rename("sections", "Interface / API", "Interfaces", "SINCE"))],
    "process page reworded": [
        Edit(PAGE, "describe a change before it is built", "describe what is going to change"),
        Edit(PAGE, "| Rejected | Refused or cancelled; the reason is recorded |", "| Rejected | Refused or cancelled, with the reason |"),
    ],
    "answer renamed": [
        Edit("copier.yml", "\nscope:\n", "\nsummary:\n"),
        Edit("copier.yml", "default: \"{{ suggested('scope') }}\"\n  validator: \"{{ problem('scope') }}\"", "default: \"{{ earlier('summary') }}\""),
        Edit("copier.yml", "type: \"{{ type_of('scope') }}\"", "type: str"),
        Edit(CONTEXT, "(scope or '')", "(summary or '')"),
        Edit("bep/questionnaire/validation.py", '"scope": _judge_line("scope")', '"summary": _judge_line("summary")'),
        Edit("revisions.yml", "  answers: []", _rename("answers", "scope", "summary", "SINCE")),
    ],
}  # fmt: skip


def template_at_v1(folder: Path) -> Path:
    """The template of the working tree as a Git repository, tagged v1.0.0."""
    for part in TEMPLATE_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / part)
    run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Template")
    run_git(folder, "tag", "v1.0.0")
    pack(folder)
    return folder


def revise(folder: Path, edits: Sequence[Edit], tag: str) -> None:
    """Commit a change of the template and tag it."""
    for edit in edits:
        file = folder / edit.path
        new = edit.new.replace("SINCE", tag)
        if not edit.old:
            file.write_text(new)
            continue
        text = file.read_text()
        assert edit.old in text, (tag, edit.path, edit.old)
        file.write_text(text.replace(edit.old, new))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={tag}")
    run_git(folder, "tag", tag)


def with_each_revision(folder: Path) -> dict[str, str]:
    """Each of `REVISIONS` as a change of v1.0.0 of its own; gives their tags."""
    tags = {}
    for at, (name, edits) in enumerate(REVISIONS.items(), 1):
        run_git(folder, "checkout", "--quiet", "v1.0.0")
        tags[name] = f"v1.{at}.0"
        revise(folder, edits, tags[name])
    pack(folder)
    return tags
