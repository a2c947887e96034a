"""What `check` has to report, wherever and however it is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.check.test_false_findings import MAIN, PAGE, messages
from tests.conftest import ROOT, Call, run_git

# --- Merge-conflict markers ---------------------------------------------------------------------


def conflict(folder: Path, size: int, *, style: str) -> str:
    """What Git leaves in a document where two branches changed one line."""
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    run_git(folder, "config", "merge.conflictStyle", style)
    (folder / ".gitattributes").write_text(f"*.md conflict-marker-size={size}\n")
    commit(folder, "Old")
    run_git(folder, "switch", "--quiet", "--create=theirs")
    commit(folder, "Their")
    run_git(folder, "switch", "--quiet", "main")
    commit(folder, "Our")
    with pytest.raises(AssertionError):
        run_git(folder, "merge", "--quiet", "theirs")
    return (folder / "text.md").read_text()


def commit(folder: Path, line: str) -> None:
    (folder / "text.md").write_text(f"Above\n\n{line} text.\n\nBelow\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={line}")


@pytest.mark.sample(8)
@pytest.mark.parametrize("size", [3, 4, 6, 7, 8, 10, 15, 40])
@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_the_markers_of_a_merge_are_found_whatever_their_length(
    size: int, style: str, tmp_path: Path, call: Call
):
    text = conflict(tmp_path / "merged", size, style=style)

    said = messages(call, tmp_path / "checked", "merge-markers", text)

    assert f"this is a merge-conflict marker: '{'<' * size} HEAD'" in said
    assert f"this is a merge-conflict marker: '{'>' * size} theirs'" in said
    assert len(said) == (3 if style == "diff3" else 2)


def test_markers_of_another_length_are_found_on_the_process_page(tmp_path: Path, call: Call):
    page = f"{PAGE}\n## How\n\n<<<<<<<<<<<< HEAD\nA\n============\nB\n>>>>>>>>>>>> theirs\n"

    said = messages(call, tmp_path, "merge-markers", "Text.", **{"proposals/README.md": page})

    assert len(said) == 2


@pytest.mark.parametrize(
    "text",
    [
        ">>> a quote in a quote in a quote\n\n>>>> and so on",
        "Title\n=====\n\n<<< not a marker\n\n>>> nor this",
        "```\n<<<<<<<<<< HEAD\n==========\n>>>>>>>>>> theirs\n```",
        "    <<<<< HEAD\n    =====\n    >>>>> theirs",
        "<<<<here>>>>\n\n<<<<<<<<here\n\n=======",
        "<<<<< HEAD\n\n>>>>>> theirs",
    ],
)
def test_what_only_looks_like_a_marker_is_none(text: str, tmp_path: Path, call: Call):
    assert messages(call, tmp_path, "merge-markers", text) == []


# --- Rows of the registry that lead nowhere -----------------------------------------------------

LINKS = {
    "BEP-1001-gone.md": "which does not exist",
    "BEP-1001/": "which is a directory; link the main document",
    "../../elsewhere.md": "which leads out of the repository; link the main document",
    "https://example.com/x.md": "which leads out of the repository; link the main document",
    "README.md": "which is not a main document of 1001",
    "BEP-1046-service-discovery.md": "which is not a main document of 1001",
    "#registry": "which is not a main document of 1001",
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("documented", [False, True])
def test_check_and_list_say_the_same_of_a_row_that_leads_nowhere(
    link: str, documented: bool, tmp_path: Path, call: Call
):
    page = PAGE.replace("| [1046]", f"| [1001]({link}) | Quotas | Ada Lovelace | Draft |\n| [1046]")
    files = {"proposals/README.md": page, "proposals/BEP-1001/notes.md": "# Notes\n"}
    if documented:
        files["proposals/BEP-1001-quotas.md"] = "---\nStatus: Draft\n---\n\n# Quotas\n"

    by_check = messages(call, tmp_path, "registry-link", "Text.", **files)
    _, out, _ = call(tmp_path, "list", "1001", "--attention", "--json")

    assert by_check == [f"the registry links {link}, {LINKS[link]}"]
    assert json.loads(out)[0]["attention"] == by_check


def test_a_dead_link_beside_the_number_is_dead(tmp_path: Path, call: Call):
    page = PAGE.replace("| Service Discovery", "| [Service Discovery](BEP-1046-old.md)")

    said = messages(call, tmp_path, "link-missing", "Text.", **{"proposals/README.md": page})

    assert said == [f"the link BEP-1046-old.md does not exist; {Path(MAIN).name} does"]


def test_a_document_whose_name_ends_that_of_another_is_not_in_the_index(repository, call):
    golden = ROOT / "tests/golden/segmented/proposals"
    shutil.copytree(golden, repository / "proposals", dirs_exist_ok=True)
    main = repository / "proposals/BEP-1046-unified-service-discovery.md"
    row = "| [api](./BEP-1046/api.md) |"
    assert row in main.read_text()
    main.write_text(main.read_text().replace(row, "| [x](./BEP-1046/graphql-api.md) |"))
    (repository / "proposals/BEP-1046/graphql-api.md").write_text("# X\n")

    assert "has no entry for api.md" in call(repository, "check", "1046")[1]


def test_a_misnamed_file_or_directory_is_a_finding_about_the_number_in_its_name(repository, call):
    for name in ("BEP-1046-relay/relay.md", "bep_1046.md", "BEP-1999-other/other.md"):
        path = repository / "proposals" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# Relay\n")
    main = repository / "proposals/BEP-1046-relay.md"
    main.write_text("# Relay\n")

    found = json.loads(call(repository, "check", "1046", "--json")[1])

    named = {one["path"] for one in found if one["rule"] in ("document-name", "directory-name")}
    assert named == {"proposals/BEP-1046-relay", "proposals/bep_1046.md"}


def test_the_finding_about_a_decision_points_to_its_cell(tmp_path: Path, call: Call):
    log = (
        "## Decision Log\n\n| Date | Decision | Rationale |\n|---|---|---|\n"
        "| 2026-13 | 3 | 2026-13 |\n| | 4 | |\n| 2026-01-16 | 1 | Yes |\n| 2025-06-01 | 6 | |\n"
    )

    messages(call, tmp_path, "decision-date", log)
    _, out, _ = call(tmp_path, "check", "--all", "--format", "concise")

    found = [line.split(" ")[:2] for line in out.splitlines() if " decision-" in line]
    assert [(place.split(":")[2], rule) for place, rule in found] == [
        ("3", "decision-date"),
        ("5", "decision-date"),
        ("5", "decision-rationale"),
        ("16", "decision-order"),
        ("16", "decision-rationale"),
    ]
