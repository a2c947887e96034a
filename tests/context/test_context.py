"""`bep context`: what a task needs to know of a proposal, and no more."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bep import guide_file
from tests import schemas
from tests.conftest import FIXTURES, PAGE, Call, run_git

KEYS = [
    "warning",
    "number",
    "title",
    "status",
    "context",
    "decisions",
    "open_questions",
    "phase",
    "documents",
    "omitted",
    "tokens",
    "notes",
]
SCHEMA = schemas.of("context")
MAIN = "proposals/BEP-1010-parcel-relay.md"
GUIDANCE = (
    "<!-- The issues that this proposal addresses: JIRA first, then GitHub. Then the proposals that"
    " it\nbuilds on, each after `Builds on:`. Length: 2-5 lines. -->"
)
SINGLE = "proposals/BEP-1011-clock-drift.md"
Given = Callable[..., str]


@pytest.fixture
def parcels(repository: Path) -> Path:
    """A repository with a segmented proposal, 1010, and one in one file, 1011."""
    shutil.copytree(FIXTURES / "context", repository / "proposals", dirs_exist_ok=True)
    return repository


@pytest.fixture
def given(parcels: Path, call: Call) -> Given:
    """Runs `bep context` and gives its text."""

    def run(*arguments: str) -> str:
        code, out, err = call(parcels, "context", *arguments)
        assert code == 0, err
        assert re.fullmatch(r"About \d+ tokens; [^\n]* about \d+\.\n", err)
        return out

    return run


def data(call: Call, folder: Path, *arguments: str) -> dict[str, Any]:
    code, out, err = call(folder, "context", *arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    assert list(found) == KEYS
    SCHEMA.validate(found)
    return found


def text(folder: Path, name: str) -> str:
    return (folder / "proposals" / name).read_bytes().decode()


def sources(out: str) -> list[str]:
    """The lines that say where a part is from, in order."""
    return re.findall(r"^> (\S+:\d+(?:-\d+)?(?: \([^\n]*\))?)$", out, re.MULTILINE)


def documents(out: str) -> dict[str, str]:
    """The sub-documents that are given whole or in part, with the reasons."""
    found = re.findall(r"^> proposals/BEP-1010/(\S+?):\S+ \((.*)\)$", out, re.MULTILINE)
    return dict(found)


def left_out(out: str) -> list[str]:
    return re.findall(r"^- (.*)", out.partition("## Left out")[2], re.MULTILINE)


def refusal(call: Call, folder: Path, *arguments: str) -> str:
    code, out, err = call(folder, "context", *arguments)
    assert code == 2, (out, err)
    assert out == ""
    assert re.fullmatch(r"bep: [^\n]+\n", err)
    return err.removeprefix("bep: ").rstrip("\n")


# --- A segmented proposal -----------------------------------------------------------------------


def test_without_a_task_it_gives_the_essentials_and_says_what_else_there_is(given, parcels):
    out = given("1010")

    assert out.startswith("# BEP-1010: Parcel Relay\n\nStatus: Accepted; main document: ")
    assert [one.partition(":")[2] for one in sources(out)] == [
        "1-8 (Metadata)",
        "10-18 (Context block)",
        "22 (Introduction)",
        "28-30 (Motivation)",
        "55-60 (Decision Log)",
        "62-68 (Open Questions)",
        "47-53 (Implementation Plan)",
    ]
    assert left_out(out) == [
        "ledger.md (16 lines): Rows of the ledger",
        "routing.md (16 lines): Which depot comes next",
        "labels.md (3 lines): Printing",
        "migration.md (5 lines): From paper",
        "archive.md (1 line): Old parcels",
        "Related Issues (3 lines)",
        "Current Design (3 lines)",
        "References (3 lines)",
    ]
    assert "`bep context 1010 --document NAME`" in out
    assert "`bep context 1010 --section HEADING`" in out


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (
            "1",
            {
                "ledger.md": "the plan names it in phase 1",
                "archive.md": "the plan names it in phase 1",
            },
        ),
        (
            "2",
            {
                "routing.md": "the index gives it to phase 2",
                "migration.md": "the index gives it to phase 2",
                "ledger.md": "routing.md depends on it",
            },
        ),
        (
            "3",
            {
                "routing.md": "the index gives it to phase 3",
                "migration.md": "the index gives it to phase 3",
                "labels.md": "its title names phase 3",
                "ledger.md": "routing.md depends on it",
            },
        ),
    ],
)
def test_a_phase_brings_the_documents_that_belong_to_it_byte_for_byte(
    given, parcels, phase, expected
):
    out = given("1010", "--phase", phase)

    assert documents(out) == expected
    assert list(documents(out)) == list(expected)
    for name in expected:
        assert text(parcels, f"BEP-1010/{name}") in out
    others = {one.partition(" ")[0] for one in left_out(out) if ".md" in one}
    assert others == {one.name for one in (parcels / "proposals/BEP-1010").iterdir()} - set(
        expected
    )


def test_a_phase_that_links_nothing_gives_its_text_all_scopes_and_a_note(given):
    out = given("1010", "--phase", "4")

    assert documents(out) == {}
    assert "4. Phase 4: Rollout to all depots\n" in out
    assert "Note: Nothing links a sub-document to phase 4 (Rollout to all depots)" in out
    assert len([one for one in left_out(out) if ".md" in one]) == 5


def test_a_plan_that_links_nothing_is_read_for_its_terms(given, parcels, call):
    """In segments and in one file: best first, marked, with a note on what else there may be."""
    path = parcels / MAIN
    told = "Rollout: `label_queue`, `CREATE TABLE ledger`, AgentClient"
    path.write_text(path.read_text().replace("Rollout to all depots", told))
    out = given("1010", "--phase", "4")
    assert documents(out) == {
        "labels.md": "shares `label_queue` with phase 4",
        "ledger.md": "shares `create table ledger` with phase 4",
    }
    assert "    CREATE TABLE ledger (parcel TEXT, depot TEXT);\n" in out
    assert "## Summary" not in out
    assert "Note: The plan links nothing for phase 4 (Rollout" in out
    assert "there may be others" in data(call, parcels, "1010", "--phase", "4")["notes"][-1]

    path = parcels / SINGLE
    rest = "Everything else: `chrony` in src/drift/clock.py, once a minute."
    risks = "A leap second in src/drift/clock.py, read from chrony.\n\n### Old Servers\n\nNone."
    long = f"## Queues\n\nOf `chrony`. {'Much. ' * 3000}\n\n## Implementation Plan"
    text = path.read_text().replace("Everything else.", rest).replace("A leap second.", risks)
    path.write_text(text.replace("## Implementation Plan", long))
    out = given("1011", "--phase", "3")
    parts = re.findall(r"BEP-1011:\d+-\d+ \((shares .*)\)", out)
    assert parts == [
        "shares `chrony` with phase 3",
        "shares `src/drift/clock.py`, `chrony` with phase 3",
    ]
    assert "These share some too: Queues." in out
    assert "### Old Servers" not in out


@pytest.mark.parametrize("named", ["2", "Phase 2", "phase 2", "Routes", "routes"])
def test_a_phase_has_a_number_and_a_name(given, named):
    assert "task: phase 2 (Routes), line 51." in given("1010", "--phase", named)


@pytest.mark.parametrize(
    "named", ["routing.md", "routing", "BEP-1010/routing.md", "proposals/BEP-1010/routing.md"]
)
def test_a_document_brings_those_that_it_depends_on(given, parcels, named):
    out = given("1010", "--document", named)

    assert documents(out) == {"routing.md": "asked for", "ledger.md": "routing.md depends on it"}
    assert text(parcels, "BEP-1010/routing.md") in out


def test_a_document_of_another_proposal_is_not_the_own_one_of_that_name(given, parcels):
    path = parcels / "proposals/BEP-1010/routing.md"
    path.write_text(path.read_text().replace("[ledger.md]", "[../BEP-1011/ledger.md]"))
    assert documents(given("1010", "--document", "routing")) == {"routing.md": "asked for"}

    path.write_text(path.read_text().replace("BEP-1011", "BEP-1010"))
    assert "ledger.md" in documents(given("1010", "--document", "routing"))


def test_a_section_of_a_document_comes_alone(given, parcels):
    out = given("1010", "--document", "ledger", "--section", "proposed design")

    assert "> proposals/BEP-1010/ledger.md:14-16 (asked for)" in out
    assert "One row for each hand-over." not in out
    assert "    CREATE TABLE ledger (parcel TEXT, depot TEXT);\n" in out


def test_a_section_of_the_main_document_can_be_had_too(given):
    assert "\n## Current Design\n\nPaper.\n" in given("1010", "--section", "Current Design")


def test_a_link_to_a_document_that_does_not_exist_is_told(given):
    assert (
        "Note: proposals/BEP-1010-parcel-relay.md:41 links tariffs.md, which does not exist."
        in given("1010")
    )


# --- Open questions -----------------------------------------------------------------------------


def test_questions_that_touch_the_task_come_first_under_a_heading_of_their_own(given):
    out = given("1010", "--phase", "1")

    flagged = out.partition("flag them before going on")[2].partition("(Metadata)")[0]
    assert "- Which holidays count in the ledger?\n  They differ by country.\n" in flagged
    assert "label_queue" not in flagged
    # It speaks of another phase.
    assert "carriers" not in flagged
    rest = out.partition("(Open Questions)")[2].partition("(Implementation Plan)")[0]
    assert "holidays" not in rest
    assert "- Who prints when `label_queue` is full?\n" in rest


def test_a_term_in_code_and_a_named_phase_make_a_question_touch(given):
    def flagged(phase: str) -> str:
        out = given("1010", "--phase", phase)
        return out.partition("flag them before going on")[2].partition("(Metadata)")[0]

    assert "label_queue" in flagged("3")
    assert "carriers" in flagged("2")
    assert flagged("4") == ""


def test_questions_that_are_headings_and_nothing_else_are_there(given, parcels):
    path = parcels / SINGLE
    lines = path.read_text().partition("1. **Is `chrony`")[0]
    path.write_text(f"{lines}### Is `chrony` everywhere?\n\n### Who is called at night?\n")

    everything, flagged = given("1011"), given("1011", "--phase", "1")
    for out in (everything, flagged):
        assert out.count("### Is `chrony` everywhere?\n") == 1
        assert out.count("### Who is called at night?\n") == 1
    assert flagged.index("### Is `chrony`") < flagged.index("(Metadata)")
    assert flagged.index("### Who is called") > flagged.index("(Metadata)")


def test_without_a_task_no_question_is_flagged(given):
    assert "flag them" not in given("1010")


# --- One file -----------------------------------------------------------------------------------


def test_a_proposal_in_one_file_comes_with_its_design(given, parcels):
    out = given("1011")

    assert [one.partition(":")[2] for one in sources(out)] == [
        "1-5 (Metadata)",
        "9-11 (Goal)",
        "55-59 (Decision Summary)",
        "61-64 (Open Questions)",
        "41-53 (Implementation Plan)",
        "13-15 (Current State & Scope, by Area)",
        "17-31 (Implementation Design)",
        "33-35 (a section of the author's own)",
        "37-39 (Migration / Compatibility)",
    ]
    assert left_out(out) == ["References (11 lines)"]
    design = text(parcels, "BEP-1011-clock-drift.md").partition("\n## References")[0]
    assert [line for line in design.splitlines() if f"{line}\n" not in out] == ["# Clock Drift"]


def test_a_proposal_whose_parts_would_be_longer_comes_as_it_is(given, parcels, call):
    path = parcels / SINGLE
    path.write_text(path.read_text().partition("\n## References")[0])

    assert given("1011") == path.read_text()
    assert data(call, parcels, "1011")["tokens"] == -(-path.stat().st_size // 4)


@pytest.mark.parametrize(
    ("phase", "expected"), [("1", "21-27"), ("2", "29-31"), ("Seeing", "21-27")]
)
def test_a_phase_of_one_file_brings_the_sections_that_it_names(given, phase, expected):
    out = given("1011", "--phase", phase)

    parts = [one for one in sources(out) if "it belongs to" in one]
    assert [one.partition(":")[2].partition(" ")[0] for one in parts] == [expected]
    assert "2. As-is (3 lines)" in left_out(out)
    assert "3. Design (15 lines): Drift Monitor, Correction by Steps" in left_out(out)


def test_a_phase_of_one_file_that_names_nothing_says_so(given):
    out = given("1011", "--phase", "3")

    assert "Note: The plan names no section for phase 3 (Rest)" in out
    assert not [one for one in sources(out) if "it belongs to" in one]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("Drift Monitor", "21-27"),
        ("drift monitor", "21-27"),
        ("monitor", "21-27"),
        ("Alarms", "25-27"),
        ("Proposed Design", "17-31"),
        ("3. Design", "17-31"),
        ("Migration / Compatibility", "37-39"),
    ],
)
def test_a_section_is_found_by_its_heading_by_a_part_of_it_and_by_the_guides_name(
    given, named, expected
):
    parts = [one for one in sources(given("1011", "--section", named)) if "asked for" in one]
    assert [one.partition(":")[2].partition(" ")[0] for one in parts] == [expected]


def test_a_section_that_comes_anyway_comes_once(given):
    assert given("1011", "--section", "Decision Summary").count("| One clock |") == 1


# --- Status -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "first"),
    [
        ("Rejected", "**Rejected: BEP-1011 is not to be built; its Decision Summary says why.**"),
        (
            "Superseded\nSuperseded-By: BEP-1010",
            (
                "**Superseded by BEP-1010: BEP-1011 is not to be built."
                " Read that one: `bep context 1010`.**"
            ),
        ),
        (
            "Superseded\nSuperseded-By: BEP-1990",
            (
                "**Superseded by BEP-1990: BEP-1011 is not to be built."
                " BEP-1990 has no document here.**"
            ),
        ),
        (
            "Superseded",
            (
                "**Superseded: BEP-1011 is not to be built."
                " Its metadata does not say what replaces it.**"
            ),
        ),
    ],
)
def test_what_is_not_to_be_built_says_so_on_the_first_line(given, parcels, call, status, first):
    path = parcels / SINGLE
    path.write_text(path.read_text().replace("Status: Draft", f"Status: {status}"))

    assert given("1011").splitlines()[0] == first
    assert data(call, parcels, "1011")["warning"] == first.strip("*")
    # Its design is history; what was decided, and why, is not.
    assert "## 3. Design" not in given("1011")
    assert "| One clock |" in given("1011")


# --- Budget -------------------------------------------------------------------------------------


def test_a_token_is_four_bytes(parcels, call):
    _, out, err = call(parcels, "context", "1010", "--phase", "2")
    tokens = -(-len(out.encode()) // 4)

    assert err.startswith(f"About {tokens} tokens; ")
    assert data(call, parcels, "1010", "--phase", "2")["tokens"] == tokens


@pytest.mark.parametrize("budget", [500, 600, 720, 900])
@pytest.mark.parametrize("arguments", [["1011"], ["1010", "--phase", "3"]])
def test_a_budget_is_kept_in_the_order_of_importance(given, arguments, budget):
    everything, out = given(*arguments), given(*arguments, "--budget", str(budget))
    least = given(*arguments, "--budget", "1")

    tokens = len(out.encode()) / 4
    assert tokens <= budget or sources(out) == sources(least)
    assert set(sources(least)) <= set(sources(out))
    assert (f"Over the budget of {budget} tokens:" in out) == (out != everything)


def test_what_the_budget_leaves_out_is_listed_with_the_way_to_it(given):
    out = given("1010", "--phase", "2", "--budget", "640")

    assert list(documents(out)) == ["routing.md", "migration.md"]
    over = out.partition("Over the budget of 640 tokens:")[2].partition("Documents;")[0]
    assert over.strip() == "- ledger.md (16 lines): Rows of the ledger"
    assert "Note: Not everything that the task names fits into the budget of 640 tokens" in out


def test_a_document_that_does_not_fit_is_given_by_sections(given, parcels):
    long = parcels / "proposals/BEP-1010/ledger.md"
    long.write_text(f"{long.read_text()}\n## Rows\n\n{'A row. ' * 2000}\n")

    out = given("1010", "--document", "ledger", "--budget", "800")

    assert "CREATE TABLE" in out
    assert "- ledger.md, section Rows (3 lines)" in out


def test_a_budget_too_small_for_the_essentials_gives_them_and_a_note(given):
    out = given("1010", "--phase", "1", "--budget", "10")

    assert re.search(
        r"Note: The essentials alone are about \d+ tokens, more than the budget of 10; nothing", out
    )
    assert "| 2026-02-05 | Depots poll | No new daemon |" in out
    assert documents(out) == {}


# --- JSON ---------------------------------------------------------------------------------------


def test_json_has_the_documented_keys(parcels, call):
    found = data(call, parcels, "1010", "--phase", "3")

    assert (found["number"], found["title"], found["status"]) == (1010, "Parcel Relay", "Accepted")
    assert found["context"]["key-constraints"] == ["No new daemon"]
    assert [one["text"] for one in found["decisions"]] == [
        "| 2026-02-04 | A ledger row is never deleted | Audits \\| trust |",
        "| 2026-02-05 | Depots poll | No new daemon |",
    ]
    assert [one["line"] for one in found["decisions"]] == [59, 60]
    assert [(one["touches"], one["line"]) for one in found["open_questions"]] == [
        (True, 64),
        (True, 67),
        (False, 65),
    ]
    assert found["phase"] == {
        "label": "3",
        "name": "Printed labels",
        "text": "3. Phase 3: Printed labels\n",
    }
    given = {one["path"]: one for one in found["documents"]}
    assert given["proposals/BEP-1010/routing.md"] == {
        "path": "proposals/BEP-1010/routing.md",
        "reason": "the index gives it to phase 3",
        "text": text(parcels, "BEP-1010/routing.md"),
    }
    assert found["omitted"][0] == {
        "path": "proposals/BEP-1010/archive.md",
        "lines": 1,
        "scope": "Old parcels",
    }
    assert found["omitted"][-1] == {"path": MAIN, "lines": 3, "scope": "section References"}


def test_json_gives_what_no_list_holds_as_documents(parcels, call):
    found = data(call, parcels, "1010")

    reasons = [one["reason"] for one in found["documents"]]
    # A question that is settled stands in Open Questions, and in no list.
    assert reasons == [
        "Metadata",
        "Introduction",
        "Motivation",
        "Open Questions",
        "Implementation Plan",
    ]
    assert "~~Is paper kept?~~" in found["documents"][3]["text"]
    assert "holidays" not in found["documents"][3]["text"]


def test_json_has_null_where_nothing_is_known(parcels, call):
    (parcels / SINGLE).write_text("")
    found = data(call, parcels, "1011")

    assert found["title"] == "Clock Drift"
    assert (found["status"], found["context"], found["phase"]) == (None, None, None)
    assert found["documents"] == found["decisions"] == found["open_questions"] == []


# --- Which proposal -----------------------------------------------------------------------------


def test_without_a_number_it_is_the_branchs(parcels, call):
    run_git(parcels, "switch", "--quiet", "--create", "bep/1011-clock-drift")

    assert call(parcels, "context")[1] == call(parcels, "context", "1011")[1]
    assert call(parcels, "context", "--json")[1] == call(parcels, "context", SINGLE, "--json")[1]


def test_where_two_documents_have_the_number_the_path_says_which(parcels, call, given):
    shutil.copy(parcels / SINGLE, parcels / "proposals/BEP-1011-other.md")
    code, _, err = call(parcels, "context", "1011")

    assert code == 1
    assert "name the one that is meant by its path" in err
    assert f"`bep context {SINGLE} --section HEADING`" in given(SINGLE, "--section", "Risks")


def test_it_is_the_same_every_time_and_changes_nothing(parcels, call):
    before = run_git(parcels, "status", "--porcelain")

    assert call(parcels, "context", "1010") == call(parcels, "context", "1010")
    assert run_git(parcels, "status", "--porcelain") == before


def test_an_answers_file_and_a_registry_are_not_needed(parcels, given):
    (parcels / PAGE).unlink()

    assert given("1010").startswith("# BEP-1010: Parcel Relay\n")


# --- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["1010", "--phase", "7"],
            (
                f"{MAIN}:47: unknown phase '7'; the phases are 1 (Storage), 2 (Routes),"
                " 3 (Printed labels), 4 (Rollout to all depots)"
            ),
        ),
        (
            ["1010", "--document", "nope.md"],
            (
                f"{MAIN}: unknown sub-document 'nope.md'; the sub-documents are archive.md,"
                " labels.md, ledger.md, migration.md, routing.md"
            ),
        ),
        (
            ["1010", "--document", "tariffs"],
            (
                f"{MAIN}:41: unknown sub-document 'tariffs'; the sub-documents are archive.md,"
                " labels.md, ledger.md, migration.md, routing.md"
            ),
        ),
        (
            ["1011", "--document", "x"],
            f"{SINGLE}: the proposal has no sub-documents; leave out --document, or use --section",
        ),
        (
            ["1010", "--document", "ledger", "--section", "x"],
            (
                "proposals/BEP-1010/ledger.md: unknown section 'x'; the sections are"
                " BEP-1010: Ledger, Summary, Proposed Design"
            ),
        ),
        (
            ["1011", "--section", "phase"],
            (
                f"{SINGLE}: 3 sections have 'phase' in their heading; the sections are"
                " Phase 1: Seeing, Phase 2: Acting, Phase 3: Rest"
            ),
        ),
        (
            ["1001", "--phase", "1"],
            (
                "proposals/BEP-1001-event-journal.md: there is neither a plan nor a phase;"
                " leave out --phase, or use --section"
            ),
        ),
        (["1010", "--budget", "much"], "'much' is not a number of tokens; write --budget 8000"),
        (["1010", "--budget", "0"], "'0' is not a number of tokens; write --budget 8000"),
        (["1010,1011"], "'1010,1011' names 2 proposals; ask for one at a time"),
        (["4711"], "there is no proposal 4711; `bep list` shows all numbers"),
        (
            ["1005"],
            (
                "proposals/README.md:20: the number 1005 has no document yet: its row says"
                " 'Relay in Sessions'; `bep new --number 1005` writes it"
            ),
        ),
        (["x"], "'x' is not a proposal; write 1046, BEP-1046 or a path of the proposal"),
        (
            [],
            (
                "it is not clear which proposal is meant, and main does not name one;"
                " give its number, or switch to its branch"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_exist_is_told_in_one_line_with_what_does(parcels, call, arguments, said):
    assert refusal(call, parcels, *arguments) == said


def test_a_row_that_leads_nowhere_is_told(parcels, call):
    (parcels / "proposals/BEP-1001-event-journal.md").unlink()

    assert refusal(call, parcels, "1001") == (
        "proposals/README.md:17: the row of 1001 links BEP-1001-event-journal.md, which does not"
        " exist; correct the link, or check whether the document is on another branch"
    )


@pytest.mark.parametrize("content", [b"# Ledger\n\n\0\1\2", None], ids=["binary", "a link"])
def test_a_document_that_is_no_text_is_told_where_it_is_asked_for(parcels, call, given, content):
    path = parcels / "proposals/BEP-1010/ledger.md"
    path.unlink()
    if content is None:
        path.symlink_to("../../../secret.md")
    else:
        path.write_bytes(content)

    code, out, err = call(parcels, "context", "1010", "--document", "ledger")
    assert (code, out) == (1, "")
    assert err.startswith("bep: proposals/BEP-1010/ledger.md: ")
    assert err.count("\n") == 1
    assert call(parcels, "context", "1010", "--phase", "1") == (1, "", err)
    # Others do not suffer from it.
    assert "- ledger.md (" in given("1010", "--document", "labels")


def test_a_main_document_that_is_no_text_is_told(parcels, call):
    (parcels / SINGLE).write_bytes(b"# T\n\0")

    code, out, err = call(parcels, "context", "1011")
    assert (code, out) == (1, "")
    assert err == f"bep: {SINGLE}: is not text: NUL bytes in line 2; save it as UTF-8\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_document_that_may_not_be_read_is_told(parcels, call):
    (parcels / SINGLE).chmod(0)

    assert call(parcels, "context", "1011")[2].startswith(f"bep: {SINGLE}: cannot be read (")


def test_bytes_that_are_no_utf8_come_as_they_are(parcels, bep):
    path = parcels / "proposals/BEP-1010/archive.md"
    path.write_bytes(b"Old \xff parcels\n")
    done = bep(parcels, "context", "1010", "--document", "archive", "--json")

    assert done.returncode == 0
    assert "Old \ufffd parcels" in done.stdout


# --- The template's text ------------------------------------------------------------------------


def test_what_only_the_template_says_is_left_out_of_every_form(repository, template, call):
    """Fresh proposals of every layout, and what comes back when an author begins to write."""
    for layout in guide_file.own().layouts:
        made = call(
            *(repository, "new", f"Walrus {layout}", "--layout", layout, "--defaults", "--json"),
            *("-d", "components=tusks,whiskers", "-d", "phases=Ice,Water"),
        )[1]
        new = json.loads(made)
        number, main = str(new["number"]), repository / new["main"]
        documents = [main, *(repository / path for path in new["documents"])]
        tasks = [[], ["--json"], ["--section", "Open Questions"]]
        tasks += [["--document", path.name] for path in documents[1:]]
        tasks += [["--phase", "2"]] if "Water" in main.read_text() else []
        for task in tasks:
            code, out, err = call(repository, "context", number, *task)
            assert code == 0, err
            assert f"Not written yet: {new['main']} has only" in out.splitlines()["--json" in task]
            assert sum(path.stat().st_size for path in documents) > len(out.encode()), task
            assert "What is not settled yet" not in out
            assert "Length:" not in out
            assert "## Summary" not in out
            assert ("tusks.md is not written yet." in out) == ("tusks.md" in task)

        text = main.read_text()
        comment = "<!-- Ask Nanook about the ice first. -->\n"
        main.write_text(text.replace("## Open Questions\n", f"## Open Questions\n\n{comment}"))
        out = call(repository, "context", number)[1]
        assert comment in out
        assert "Not written yet" not in out
        assert "What is not settled yet" not in out


def test_a_section_without_text_is_said_to_be_empty(given, parcels):
    path = parcels / SINGLE
    path.write_text(f"{path.read_text()}\n## Related Issues\n\n{GUIDANCE}\n")

    out = given("1011", "--section", "Related Issues")
    assert f"Note: {SINGLE}:" in out
    assert "Related Issues is not written yet." in out
    assert GUIDANCE not in out
    assert "Related Issues (" not in given("1011")
