"""`adopt`: updates reach documents that were written by hand, which stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests import schemas
from tests.conftest import PAGE, Call, copy_repository, run_git, state
from tests.series import REVISIONS, revise

BY_HAND = """\
---
Author: Ada Lovelace (ada@example.com)
Status: Draft
---

# Session Relay

## 1. Goal

Sessions talk to each other.

## 2. Suggested Architecture

A relay.

## 3. Decision Summary

| Decision | Content |
|----------|---------|
| Relay | One for each agent |
"""
PARTS = "use one of metadata, context, index, sections"
NAME = "proposals/BEP-1005-session-relay.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1005.yml"


@pytest.fixture
def template(template: Path, tmp_path: Path) -> Path:
    """One of the test's own, to revise it."""
    return copy_repository(template, tmp_path / "template")


@pytest.fixture
def by_hand(repository: Path, template: Path) -> Path:
    """A repository with a document that somebody wrote without any tool."""
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    (repository / NAME).write_text(BY_HAND)
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=By hand")
    return repository


def committed(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Adopt")


def headings(folder: Path) -> list[str]:
    text = (folder / NAME).read_text()
    return [line for line in text.split("\n") if line.startswith("#")]


def test_a_document_gets_an_answers_file_and_stays_as_it_is(by_hand: Path, call: Call):
    code, out, errors = call(by_hand, "adopt", "1005")

    assert (code, errors) == (0, "")
    assert out.splitlines()[1].split() == [
        *("1005", "adopted", NAME),
        *("created,", "created_version,", "jira,", "scope"),
    ]
    assert run_git(by_hand, "status", "--porcelain") == f"?? {ANSWERS.rpartition('/')[0]}/"
    answers = yaml.safe_load((by_hand / ANSWERS).read_text())
    assert answers["_commit"] == "v1.0.0"
    assert answers["title"] == "Session Relay"
    assert answers["author_email"] == "ada@example.com"
    assert answers["created"] == ""
    assert answers["adopted"] is True


def test_metadata_and_context_block_are_added_with_values_that_are_known(by_hand: Path, call: Call):
    code, out, _ = call(by_hand, "adopt", "1005", "--complete")

    assert code == 0
    # Nobody knows when it was created, and a form that has no plan has no number of phases.
    assert (by_hand / NAME).read_text() == BY_HAND.replace(
        "Status: Draft\n---\n",
        "Status: Draft\nTarget-Version:\nImplemented-Version:\n---\n\n<!-- context-for-ai\n"
        "type: master-bep\nscope: Relay in Sessions\ndetail-docs: []\nkey-constraints: []\n"
        "key-decisions: []\n-->\n",
    )
    assert "not added: Created, Created-Version (metadata-empty)" in out
    assert yaml.safe_load((by_hand / ANSWERS).read_text())["scope"] == "Relay in Sessions"


def test_sections_are_added_on_demand_at_their_places_and_nothing_is_doubled(
    by_hand: Path, call: Call
):
    code, out, _ = call(by_hand, "adopt", "1005", "--complete", "sections")

    assert code == 0
    # "Goal" with "Decision Summary" makes it a tech-spec: no plan, no migration.
    assert headings(by_hand) == [
        "# Session Relay",
        "## 1. Goal",
        "## Current State & Scope, by Area",
        "## 2. Suggested Architecture",
        "## 3. Decision Summary",
        "## 4. Open Questions",
        "## 5. References",
    ]
    assert "not added: Related Issues (placeholder)" in out
    text = (by_hand / NAME).read_text()
    assert text.startswith(BY_HAND[: BY_HAND.index("## 2.")])
    lines = text.split("\n")
    assert all(line in lines for line in BY_HAND.split("\n"))


def test_what_was_added_is_no_difference_for_an_update(by_hand: Path, template: Path, call: Call):
    call(by_hand, "adopt", "1005", "--complete", "metadata,context,index,sections")
    committed(by_hand)
    before = state(by_hand)

    assert call(by_hand, "update")[0] == 0
    assert state(by_hand) == before
    revise(template, REVISIONS["context key added"], "v1.1.0")
    assert call(by_hand, "update")[0] == 0
    text = (by_hand / NAME).read_text()
    assert "scope: Relay in Sessions\n" in text
    assert "reviewers: []\n" in text


def test_completing_later_and_twice_gives_the_same(by_hand: Path, call: Call):
    call(by_hand, "adopt", "1005", "--complete")
    at_once = (by_hand / NAME).read_bytes(), (by_hand / ANSWERS).read_bytes()
    run_git(by_hand, "checkout", "--quiet", ".")
    run_git(by_hand, "clean", "--quiet", "--force", "-d")
    call(by_hand, "adopt", "1005")
    committed(by_hand)

    _, out, _ = call(by_hand, "adopt", "1005", "--complete")
    assert "completed" in out
    assert ((by_hand / NAME).read_bytes(), (by_hand / ANSWERS).read_bytes()) == at_once
    _, out, _ = call(by_hand, "adopt", "1005", "--complete")
    assert "recorded" in out
    assert ((by_hand / NAME).read_bytes(), (by_hand / ANSWERS).read_bytes()) == at_once


def test_an_update_brings_what_is_new_and_not_what_was_lacking(
    by_hand: Path, template: Path, call: Call
):
    text = BY_HAND.replace("1. Goal", "1. Motivation").replace("Decision Summary", "Decision Log")
    (by_hand / NAME).write_text(text)
    call(by_hand, "adopt", "1005")
    committed(by_hand)
    revise(template, REVISIONS["section added"], "v1.1.0")

    assert call(by_hand, "update")[0] == 0
    assert headings(by_hand) == [
        "# Session Relay",
        "## 1. Motivation",
        "## 2. Suggested Architecture",
        "## Alternatives",
        "## 3. Decision Log",
    ]


def test_one_that_was_made_from_the_template_is_left_alone(by_hand: Path, call: Call):
    call(by_hand, "new", "Born", "--defaults")
    (path,) = (by_hand / "proposals").glob("BEP-*-born.md")
    text = path.read_text()
    start, end = text.index("## Related Issues"), text.index("## Motivation")
    path.write_text(text[:start] + text[end:])
    committed(by_hand)

    _, out, _ = call(by_hand, "adopt", str(path), "--complete")
    assert "left" in out
    assert "its author has removed what it lacks" in out
    assert "## Related Issues" not in path.read_text()


def test_a_final_status_is_completed_by_number_only(by_hand: Path, call: Call):
    path = by_hand / NAME
    path.write_text(BY_HAND.replace("Status: Draft", "Status: Implemented"))
    committed(by_hand)

    _, out, _ = call(by_hand, "adopt", "--all", "--complete", "--status", "implemented")
    assert "not completed: it is Implemented; name its number to complete it" in out
    assert "context-for-ai" not in path.read_text()
    call(by_hand, "adopt", "1005", "--complete")
    assert "context-for-ai" in path.read_text()


def test_page_and_blank_document_are_adopted_with_the_number_0(
    by_hand: Path, template: Path, call: Call
):
    blank = by_hand / "proposals" / "BEP-0000-template.md"
    blank.write_text("# Title\n\n## Motivation\n")
    committed(by_hand)
    _, out, _ = call(by_hand, "adopt", "--all", "--complete")
    assert "not completed: name the number 0 to complete it" in out
    assert blank.read_text() == "# Title\n\n## Motivation\n"

    before = (by_hand / PAGE).read_text()
    assert call(by_hand, "adopt", "0", "--complete")[0] == 0
    assert (by_hand / PAGE).read_text() == before
    # A form has what an author has to replace.
    assert "\nscope: One-line summary of the proposal\n" in blank.read_text()
    assert call(by_hand, "adopt", "0", "--complete", "sections")[0] == 0
    page = (by_hand / PAGE).read_text()
    assert "| [1001](BEP-1001-event-journal.md)" in page
    assert "## Status Lifecycle" in page
    committed(by_hand)
    revise(template, REVISIONS["process page reworded"], "v1.1.0")
    assert call(by_hand, "update", "0")[0] == 0
    assert "| Rejected | Refused or cancelled, with the reason |" in (by_hand / PAGE).read_text()


def test_a_revision_that_is_gone_is_recorded_anew(by_hand: Path, call: Call):
    call(by_hand, "adopt", "1005")
    file = by_hand / ANSWERS
    file.write_text(
        file.read_text()
        .replace("_commit: v1.0.0", "_commit: v0.1.0")
        .replace("scope: ''", "scope: Relays")
    )
    committed(by_hand)

    _, out, _ = call(by_hand, "adopt", "1005")
    assert "adopted" in out
    answers = yaml.safe_load(file.read_text())
    assert (answers["_commit"], answers["scope"]) == ("v1.0.0", "Relays")


def test_all_ends_with_a_table_and_goes_on_after_a_refusal(by_hand: Path, call: Call):
    (by_hand / "proposals/BEP-1005-copied-by-hand.md").write_text("# Copy\n")
    report = by_hand.parent / "report.md"

    code, out, errors = call(by_hand, "adopt", "--all", "--report", str(report))
    assert code == 1
    assert [line.split()[1] for line in out.splitlines()[1:-1]] == [
        *("adopted", "adopted", "adopted", "refused", "refused"),
    ]
    assert errors.count("\n") == 2
    assert "gives that one another" in errors
    assert report.read_text().splitlines()[0] == "| Number | Outcome | Document | Not read |"


def test_the_data_of_an_adoption(by_hand: Path, call: Call):
    before = state(by_hand)
    code, out, _ = call(by_hand, "adopt", "1005", "--json", "--dry-run")
    assert code == 0
    schemas.of("adopt").validate(json.loads(out))
    (one,) = json.loads(out)
    assert list(one) == ["number", "path", "outcome", "unread", "remark"]
    assert state(by_hand) == before


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_endings_and_marks_stay(ending: str, by_hand: Path, call: Call):
    path = by_hand / NAME
    content = "\ufeff" + BY_HAND.rstrip("\n").replace("\n", ending)
    path.write_bytes(content.encode())
    call(by_hand, "adopt", "1005", "--complete")
    text = path.read_bytes().decode()
    assert text.startswith("\ufeff---")
    assert set(content.split(ending)) <= set(text.split(ending))
    assert text.count("\n") + text.count("\r") == text.count(ending) * len(ending)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# Only a title", b"no heading at all\n"])
def test_documents_with_next_to_nothing_are_adopted(content: bytes, by_hand: Path, call: Call):
    (by_hand / NAME).write_bytes(content)
    code, _, errors = call(by_hand, "adopt", "1005", "--complete", "context,sections")
    assert (code, errors) == (0, "")
    text = (by_hand / NAME).read_text()
    assert content.decode().strip() in text
    assert text.count("## Open Questions") == (1 if content.strip() else 0)


def test_a_binary_document_is_refused(by_hand: Path, call: Call):
    (by_hand / NAME).write_bytes(b"\x00\x01")
    before = state(by_hand)
    code, _, errors = call(by_hand, "adopt", "1005", "--complete")
    assert code == 1
    assert errors.count("\n") == 1
    assert errors.startswith(f"bep: {NAME}: it contains NUL characters and is not text")
    assert state(by_hand) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no document was named; `bep adopt 1046` takes one, `--all` takes all"),
        (("1005", "--all"), "--all and '1005' contradict each other"),
        (("1099",), "there is no proposal 1099"),
        (("--all", "--status", "Done"), "unknown status 'Done'"),
        (
            ("1005", "--complete", "sektions"),
            f"unknown part 'sektions'; did you mean 'sections'? {PARTS}",
        ),
        (("1005", "--complete=index,,"), f"unknown part ''; {PARTS}"),
        (("1005", "--complete="), f"unknown part ''; {PARTS}"),
    ],
)
def test_bad_calls_are_one_line(arguments, said, by_hand: Path, call: Call):
    before = state(by_hand)
    code, _, errors = call(by_hand, "adopt", *arguments)
    assert code == 2
    assert said in errors
    assert errors.count("\n") == 1
    assert state(by_hand) == before


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    "arguments",
    [
        ("1005", "--complete"),
        ("--complete", "1005"),
        ("--complete", "metadata,context", "1005"),
        ("--complete=Metadata, context", "1005"),
        ("1005", "--complete", "context,metadata"),
        ("--complete", "--all"),
        ("--all", "--complete"),
        ("--all", "--complete", "--status", "draft"),
        ("--number", "1005", "--complete", "index,metadata,context"),
    ],
)
def test_the_parts_are_named_behind_the_option_or_left_out(arguments, by_hand: Path, call: Call):
    code, out, errors = call(by_hand, "adopt", *arguments)
    assert (code, errors) == (0, "")
    assert "completed" in out
    text = (by_hand / NAME).read_text()
    assert "Target-Version:\n" in text
    assert "context-for-ai" in text


def test_one_part_alone(by_hand: Path, call: Call):
    call(by_hand, "adopt", "1005", "--complete", "metadata")
    text = (by_hand / NAME).read_text()
    assert "Target-Version:\n" in text
    assert "context-for-ai" not in text


def test_help_says_that_the_parts_may_be_left_out(by_hand: Path, call: Call):
    for arguments in (("--help",), ("1005", "--complete", "--help")):
        _, out, _ = call(by_hand, "adopt", *arguments)
        assert "--complete [PARTS]" in out
    assert "context-for-ai" not in (by_hand / NAME).read_text()
