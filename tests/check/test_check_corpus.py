"""`bep check` on real proposals: known defects are found at their lines, and no error is false."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CORPUS, PAGE, ROOT, Call, run_git

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")

ROW = (
    "| Number | Title | Author | Status |\n|---|---|---|---|\n"
    "| [1053](BEP-1053-router-frontend-mode.md) | Router Frontend Mode | Joongi Kim | Draft |\n"
)
SOURCES = ["proposals", "segmented-by-hand/before", "segmented-by-hand/after"]
# What the corpus's README tells, by rule: file (its beginning) and lines; None for any line.
DEFECTS: dict[str, dict[str, list[int | None]]] = {
    "number-shared": {"BEP-1026-email": [1]},
    "registry-row-missing": {"BEP-1026-email": [1]},
    "registry-link": {"README": [93, 106, 107, 108]},
    "registry-author": {"README": [90, 100]},
    "registry-title": {"README": [75, 76, 80]},
    "placeholder": {"BEP-1013": [10]},
    "superseded-by": {"BEP-1004": [4]},
    "link-missing": {"BEP-1002": [29, 54, 88], "BEP-1004": [25, 33, 49]},
    "single-lines": {
        name: [501]
        for name in ("BEP-1003", "BEP-1013", "BEP-1024", "BEP-1026-fair", "BEP-1032", "BEP-1041")
    },
    "main-lines": {name: [201] for name in ("BEP-1033-", "BEP-1036-", "BEP-1046-", "BEP-1048-")},
    "sub-lines": {
        **{f"BEP-1033/0{number}": [301] for number in (1, 2, 4, 5, 6, 7, 8, 9)},
        "BEP-1048/permission": [301],
        "BEP-1048/resource-group": [301],
    },
    "metadata-empty": {"BEP-1001": [4, 5], "BEP-1013": [5]},
    "author-address": {"BEP-1041": [3]},
    "target-version-missing": {"BEP-1006": [6], "BEP-1013": [6]},
    "question-answered": {"BEP-1026-fair": [3296, 3350], "BEP-1033-": [684], "BEP-1046-": [236]},
    "decision-log-form": {"BEP-1021": [280]},
    "title-repeated": {"BEP-1033/05": [29, 340, 637, 754, 952]},
    "sub-document-name": {f"BEP-1033/0{number}": [1] for number in range(10)},
    "context-missing": {"BEP-1044": [None], "BEP-1047/current": [None]},
    "section-missing": {"BEP-1044": [None]},
}


def repository_of(source: str, folder: Path) -> Path:
    shutil.copytree(CORPUS / source, folder / "proposals")
    if not (folder / PAGE).exists():
        (folder / PAGE).write_text(ROW)
    run_git(folder, "init", "--quiet")
    return folder


def findings(call: Call, folder: Path) -> list[dict[str, Any]]:
    _, out, _ = call(folder, "check", "--all", "--json")
    found: list[dict[str, Any]] = json.loads(out)
    return [one | {"path": one["path"].removeprefix("proposals/")} for one in found]


def listed() -> Counter[tuple[str, str, int, str]]:
    """The errors of docs/evidence/corpus-errors.md: source, path, line, rule."""
    page = (ROOT / "docs" / "evidence" / "corpus-errors.md").read_text()
    errors: Counter[tuple[str, str, int, str]] = Counter()
    for part in page.split("\n## ")[1:]:
        source = part.splitlines()[0]
        for row in re.findall(
            r"^\| (\S+) \| (\d+) \| ([a-z-]+) \| true: (.+) \|$", part, re.MULTILINE
        ):
            path, line, rule, verdict = row
            many = re.search(r"\((\d+) links\)", verdict)
            errors[source, path, int(line), rule] += int(many[1]) if many else 1
    return errors


@pytest.mark.parametrize("source", SOURCES)
def test_every_error_was_looked_at(source: str, tmp_path: Path, call: Call):
    found = findings(call, repository_of(source, tmp_path))

    errors = Counter(
        (source, one["path"], one["line"], one["rule"])
        for one in found
        if one["severity"] == "error"
    )
    assert errors == {key: count for key, count in listed().items() if key[0] == source}


def test_about_one_proposal_is_found_what_is_found_about_all(tmp_path: Path, call: Call):
    folder = repository_of("proposals", tmp_path / "repository")
    every = findings(call, folder)
    assert every

    for number in ("1002", "1026", "1033", "1041"):
        _, out, _ = call(folder, "check", number, "--all", "--json")
        about = [one for one in every if re.search(rf"BEP-{number}\b", one["path"])]
        of_page = [one for one in json.loads(out) if one["path"] == PAGE]
        assert [one for one in json.loads(out) if one["path"] != PAGE] == [
            one | {"path": f"proposals/{one['path']}"} for one in about
        ]
        assert all(number in one["message"] for one in of_page)


def test_every_defect_that_is_known_is_found_at_its_line(tmp_path: Path, call: Call):
    found = findings(call, repository_of("proposals", tmp_path))

    for rule, places in DEFECTS.items():
        for name, lines in places.items():
            there = {
                one["line"] for one in found if one["rule"] == rule and one["path"].startswith(name)
            }
            assert there, f"{rule} in {name}"
            assert {line for line in lines if line is not None} <= there, f"{rule} in {name}"


def test_rows_without_a_document_and_shorter_titles_are_no_defects(tmp_path: Path, call: Call):
    found = findings(call, repository_of("proposals", tmp_path))

    rows = {one["line"] for one in found if one["path"] == "README.md"}
    assert rows == {75, 76, 80, 90, 93, 100, 106, 107, 108}


def test_the_tech_spec_form_and_grown_over_headings_are_recognised(tmp_path: Path, call: Call):
    found = findings(call, repository_of("proposals", tmp_path))
    missing = {
        (one["path"][:8], one["message"].removeprefix("the section ").partition(" is ")[0])
        for one in found
        if one["rule"] == "section-missing"
    }

    for number in (1055, 1057, 1058, 1061, 1064, 1072):
        assert not {name for path, name in missing if path == f"BEP-{number}"}
    assert {name for path, name in missing if path == "BEP-1002"} == {
        "Related Issues",
        "Migration / Compatibility",
        "Decision Log",
        "Open Questions",
        "References",
    }
    assert not {name for path, name in missing if path == "BEP-1046"}


@pytest.mark.parametrize("name", ["empty-main-document.md", "sub-document-with-front-matter.md"])
def test_odd_documents_are_findings(name: str, tmp_path: Path, call: Call):
    (tmp_path / "proposals/BEP-1048").mkdir(parents=True)
    shutil.copy(CORPUS / "odd/registry-2026-01-06.md", tmp_path / PAGE)
    shutil.copy(CORPUS / "odd" / name, tmp_path / "proposals/BEP-1048-odd.md")
    shutil.copy(CORPUS / "odd" / name, tmp_path / "proposals/BEP-1048/odd.md")
    run_git(tmp_path, "init", "--quiet")

    rules = {(one["rule"], one["path"]) for one in findings(call, tmp_path)}

    expected = ("document-empty", "BEP-1048-odd.md")
    if name != "empty-main-document.md":
        expected = ("sub-metadata", "BEP-1048/odd.md")
    assert expected in rules


def test_fix_mends_the_broken_images_and_decides_nothing(tmp_path: Path, call: Call):
    folder = repository_of("proposals", tmp_path)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Corpus")

    call(folder, "check", "--all", "--fix")

    changed = run_git(folder, "diff", "--unified=0").splitlines()
    added = [line for line in changed if re.match(r"\+(?!\+\+ )", line)]
    images = [line for line in added if re.search(r"\(\./BEP-100[24]/[a-z-]+\.(png|svg)\)", line)]
    assert len(images) == 6
    assert added == images
