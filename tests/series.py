"""A template repository with a series of revisions, each a change that a maintainer could make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests import forks
from tests.conftest import commit_template, copy_repository, copy_template, pack, run_git

GUIDE = "guide.yml"
CONTEXT = "includes/context_main.jinja"
PAGE = "template_registry/{{ proposals }}/README.md.jinja"


class Edit(NamedTuple):
    """A file of the template and what becomes of `old` in it; '' makes the file anew."""

    path: str
    old: str
    new: str


def _section(name: str, heading: str, guidance: str) -> str:
    return f"  {name}:\n    heading: {heading}\n    guidance: {guidance}\n\n"


def _rename(kind: str, old: str, new: str, since: str) -> str:
    return f'  {kind}:\n    - {{since: {since}, from: "{old}", to: "{new}"}}'


REVISIONS: dict[str, Sequence[Edit]] = {
    "guidance reworded": [
        Edit(GUIDE, "Why this change is needed: who has", "The reason for the change: who has"),
    ],
    "section added": [
        Edit(GUIDE, "  decision-log:\n    heading", _section("alternatives", "Alternatives", "What else.") + "  decision-log:\n    heading"),
        Edit(GUIDE, "      - decision-log\n", "      - alternatives\n      - decision-log\n"),
    ],
    "section removed": [
        Edit(GUIDE, "      - related-issues\n      - motivation\n", "      - motivation\n"),
    ],
    "section renamed": [
        Edit(GUIDE, "heading: Migration / Compatibility\n    aliases:\n", "heading: Transition\n    aliases:\n      - Migration / Compatibility\n"),
        Edit("revisions.yml", "  sections: []", _rename("sections", "Migration / Compatibility", "Transition", "SINCE")),
    ],
    "sections reordered": [
        Edit(GUIDE, "      - motivation\n      - current-design\n", "      - current-design\n      - motivation\n"),
    ],
    "section split": [
        Edit(GUIDE, "  proposed-design:\n    heading", _section("measurements", "Measurements", "Numbers of today.") + "  proposed-design:\n    heading"),
        Edit(GUIDE, "that a reader needs to have seen.", "that a reader needs to know."),
        Edit(GUIDE, "      - proposed-design\n      - migration\n", "      - measurements\n      - proposed-design\n      - migration\n"),
    ],
    "metadata key added": [Edit(GUIDE, "  target-version:\n    key", "  discussion: {key: Discussion}\n  target-version:\n    key")],
    "metadata key removed": [
        Edit(GUIDE, "  implemented-version:\n    key: Implemented-Version\n    form: version\n    needed-in: [implemented]\n    empty-in: [draft, accepted, rejected]\n    example: 26.2.1\n", ""),
    ],
    "metadata key renamed": [
        Edit(GUIDE, "key: Target-Version", "key: Planned-Version"),
        Edit("revisions.yml", "  metadata: []", _rename("metadata", "Target-Version", "Planned-Version", "SINCE")),
    ],
    "context key added": [Edit(GUIDE, "      phases: {of-section", "      reviewers: {}\n      phases: {of-section")],
    "phases become a list": [
        Edit(CONTEXT, "'phases': phase_list(phases) | length,", "'phases': phase_list(phases) | map(attribute='name') | list | comment_value,"),
    ],
    "decision log column added": [
        Edit(GUIDE, "rationale: Rationale}\n", "rationale: Rationale, owner: Owner}\n"),
    ],
    "optional sub-document": [
        Edit("copier.yml", "invoke_tasks:\n", 'rollout_document:\n  type: bool\n  help: A sub-document rollout.md?\n  default: true\n  ask: "{{ layout_has(\'rollout\') }}"\n\ninvoke_tasks:\n'),
        Edit(GUIDE, "\n# A document that was written by hand", "  rollout:\n    file: rollout.md\n    asked: rollout_document\n    title: Rollout\n    scope: The rollout\n    sections:\n      summary: In order.\n    lines: 300\n\n# A document that was written by hand"),
        Edit(GUIDE, "[overview, component, migration]", "[overview, component, migration, rollout]"),
    ],
    "heading of a section of sub-documents": [
        Edit(GUIDE, "heading: Interface / API\n    aliases: [Interface, Interfaces,", "heading: Interfaces\n    aliases: [Interface, Interface / API,"),
        Edit("revisions.yml", "  sections: []", _rename("sections", "Interface / API", "Interfaces", "SINCE")),
    ],
    "process page reworded": [
        Edit(PAGE, "describe a change before it is built", "describe what is going to change"),
        Edit(GUIDE, "meaning: Refused or cancelled; the reason is recorded", "meaning: Refused or cancelled, with the reason"),
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


def proposals_at_v1(start: Path, folder: Path, template: Path, *calls: Sequence[str]) -> Path:
    """A copy of the repository `start` in which `bep` made proposals of a template's v1.0.0.

    `calls` are the arguments of `bep new`, of each proposal.
    """
    copy_repository(start, folder)
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(folder, "commit", "--quiet", "--all", "--message=Template")
    for arguments in calls:
        done = forks.run("bep", folder, "new", *arguments, "--defaults", "--to", "v1.0.0")
        assert done.returncode == 0, done.stderr
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--message=Proposal")
    pack(folder)
    return folder


def template_at_v1(folder: Path) -> Path:
    """The template of the working tree as a Git repository, tagged v1.0.0."""
    copy_template(folder)
    run_git(folder, "init", "--quiet")
    commit_template(folder, "Template", "v1.0.0")
    pack(folder)
    return folder


def template_at_v2(folder: Path, edits: Sequence[Edit]) -> Path:
    """The template of the working tree, v1.0.0, and a second revision with these edits, v2.0.0."""
    revise(template_at_v1(folder), edits, "v2.0.0")
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
    commit_template(folder, tag, tag)


def with_each_revision(folder: Path) -> dict[str, str]:
    """Each of `REVISIONS` as a change of v1.0.0 of its own; gives their tags."""
    tags = {}
    for at, (name, edits) in enumerate(REVISIONS.items(), 1):
        run_git(folder, "checkout", "--quiet", "v1.0.0")
        tags[name] = f"v1.{at}.0"
        revise(folder, edits, tags[name])
    pack(folder)
    return tags
