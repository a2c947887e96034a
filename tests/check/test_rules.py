"""Every rule on a small case of its own, and on documents that break none.

`tests/rules/RULE.txt` holds a repository's files (`tests/small_trees.py` reads it) and `expected`,
the findings of that rule. Where it has a folder `before/`, the files are a change of it. A rule
that is off is switched on there, as a warning, by `invoke.yaml`. `claims.txt` has a line for each
claim: number, age in days, title and, behind a `|`, author; `links.txt` one for each symbolic link:
path and target; `arguments.txt` one for each option of the call and its value.

    UPDATE_GOLDEN=1 python -m pytest tests/check/test_rules.py -k golden

writes `expected` anew; look at the difference.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bep import guide_file, names
from bep.check.rules import catalogue
from bep.check.rules.rule import Severity
from bep.proposal import document, metadata, registry_table
from tests import small_trees
from tests.conftest import PAGE, ROOT, Call, make_claim, run_git

CASES = ROOT / "tests" / "rules"
GOLDEN = ROOT / "tests" / "golden"
OF_THE_CASE = {"keys.yml", "expected", "claims.txt", "links.txt", "arguments.txt"}
BEFORE = "before/"


def case_of(name: str) -> dict[str, bytes]:
    return small_trees.read(CASES / f"{name}.txt")


def claim(folder: Path, line: str) -> None:
    number, days, said = line.split(" ", 2)
    title, _, author = said.partition(" | ")
    time = dt.datetime.now(dt.UTC) - dt.timedelta(days=int(days), hours=1)
    make_claim(folder, int(number), title, author=author or "Ada Lovelace", time=time.isoformat())


def prepare(name: str, folder: Path) -> list[str]:
    """Make the repository of a rule's case; gives the arguments with which it is checked."""
    case = case_of(name)

    def lines_of(file: str) -> list[str]:
        return case.get(file, b"").decode().splitlines()

    run_git(folder.parent, "init", "--quiet", str(folder))
    before = {path: text for path, text in case.items() if path.startswith(BEFORE)}
    if before:
        old = {path.removeprefix(BEFORE): text for path, text in before.items()}
        small_trees.unpack(old, folder)
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--message=Before")
    now = {path: text for path, text in case.items() if path not in before.keys() | OF_THE_CASE}
    small_trees.unpack(now, folder)
    for line in lines_of("links.txt"):
        path, target = line.split(" ")
        (folder / path).symlink_to(target)
    if keys := lines_of("keys.yml"):
        more = "metadata:\n" + "".join(f"  {key}\n" for key in keys)
        own = folder / "proposals/.copier/guide.yml"
        own.parent.mkdir()
        own.write_text((ROOT / guide_file.FILE).read_text().replace("metadata:\n", more))
    for line in lines_of("claims.txt"):
        claim(folder, line)
    given = [word for line in lines_of("arguments.txt") for word in line.split(" ", 1)]
    return ["--since", "HEAD", *given] if before else ["--all"]


def found(call: Call, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = call(folder, "check", *arguments, "--json")
    findings: list[dict[str, Any]] = json.loads(out)
    errors = [one for one in findings if one["severity"] == "error"]
    assert code == (1 if errors else 0), err
    return findings


def shown(one: dict[str, Any]) -> str:
    mends = " (fixable)" if one["fixable"] else ""
    return f"{one['path']}:{one['line']}: {one['severity']}: {one['message']}{mends}"


def test_every_rule_has_its_case():
    assert {path.stem for path in CASES.iterdir()} == set(catalogue.BY_NAME)


def test_every_module_of_rules_is_in_the_catalogue_and_every_name_is_unique():
    package = ROOT / "bep" / "check" / "rules"
    modules = {path.stem for path in package.glob("*.py") if "RuleSet(" in path.read_text()}

    assert {rule.find.__module__ for rule in catalogue.ALL} == {
        f"bep.check.rules.{name}" for name in modules
    }
    assert len(catalogue.BY_NAME) == len(catalogue.ALL)


@pytest.mark.parametrize("name", sorted(catalogue.BY_NAME))
def test_golden(name: str, tmp_path: Path, call: Call):
    folder = tmp_path / "repository"
    arguments = prepare(name, folder)

    lines = [shown(one) for one in found(call, folder, *arguments) if one["rule"] == name]

    if os.environ.get("UPDATE_GOLDEN"):
        written = "".join(f"{line}\n" for line in lines).encode()
        small_trees.write(CASES / f"{name}.txt", {**case_of(name), "expected": written})
    assert lines, "the rule fires on its case"
    assert lines == case_of(name)["expected"].decode().splitlines()
    severity = catalogue.BY_NAME[name].severity
    assert {line.split(": ")[1] for line in lines} == {
        "warning" if severity is Severity.OFF else severity.value
    }


def test_a_rule_that_is_off_reports_nothing_until_it_is_switched_on(tmp_path: Path, call: Call):
    off = sorted(rule.name for rule in catalogue.ALL if rule.severity is Severity.OFF)
    assert off == ["accepted-text", "single-components", "target-version-skipped"]
    for name in off:
        folder = tmp_path / name
        arguments = prepare(name, folder)
        (folder / "invoke.yaml").unlink()
        if "--since" in arguments:
            run_git(folder, "commit", "--quiet", "--amend", "--message=Before", "invoke.yaml")

        assert name not in {one["rule"] for one in found(call, folder, *arguments)}


def test_accepted_text_that_is_removed_with_its_document(tmp_path: Path, call: Call):
    folder = tmp_path / "repository"
    arguments = prepare("accepted-text", folder)
    (folder / "proposals/BEP-1046/data-model.md").unlink()

    said = [one["message"] for one in found(call, folder, *arguments)]

    assert "data-model.md is gone, it was Accepted, and the Decision Log has no new row" in said


OF_SYNC = ["detail-docs", "index-incomplete", "phases"]
OF_SYNC += ["registry-author", "registry-link", "registry-status", "registry-unlinked"]


def changed_lines(folder: Path) -> set[str]:
    diff = run_git(folder, "diff", "--unified=0").splitlines()
    return {line for line in diff if re.match(r"[+-](?!\+\+ |-- )", line)}


@pytest.mark.parametrize("name", OF_SYNC)
def test_fix_writes_derived_text_as_sync_does(name: str, tmp_path: Path, call: Call):
    folder = tmp_path / "repository"
    prepare(name, folder)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Before")
    fixable = [
        one for one in found(call, folder, "--all") if one["rule"] == name and one["fixable"]
    ]
    call(folder, "sync")
    by_sync = changed_lines(folder)
    run_git(folder, "checkout", "--quiet", ".")

    _, out, _ = call(folder, "check", "--all", "--fix")

    assert all(f"fixed: {one['message']}" in out for one in fixable)
    assert fixable
    assert changed_lines(folder)
    assert changed_lines(folder) <= by_sync


def test_the_page_of_all_rules_is_the_one_that_the_rules_give():
    written = (ROOT / "docs" / "rules.md").read_text()
    assert written == catalogue.page(), "`invoke rules` writes it anew"


def test_every_rule_is_explained_with_example_and_remedy():
    for rule in catalogue.BY_NAME.values():
        assert rule.summary.endswith("."), rule.name
        assert rule.remedy.endswith((".", ")")), rule.name
        assert rule.example.strip(), rule.name
        assert rule.source, rule.name


# --- Rendered documents break no rule -----------------------------------------------------------


def rendered(layout: str, folder: Path) -> list[Path]:
    """A repository with the process page and a proposal, as they are rendered."""
    shutil.copytree(GOLDEN / "registry", folder)
    shutil.copytree(GOLDEN / layout, folder, dirs_exist_ok=True)
    run_git(folder, "init", "--quiet")
    page = folder / PAGE
    (main,) = (path for path in page.parent.glob("BEP-*.md") if "BEP-0000" not in path.name)
    read = document.Document(main.read_text())
    table = registry_table.read(page.read_text(), PAGE)
    number = names.number_of_document(main.name) or 0
    author = metadata.author_name(read.metadata.value("author"))
    page.write_text(
        registry_table.add_row(table, number, read.title_text, author, "Draft", main.name)
    )
    return [main, *sorted((page.parent / f"BEP-{number}").glob("*.md"))]


LENGTHS = {
    one.heading: one.lines
    for one in guide_file.own().documents["single"].sections.values()
    if one.lines is not None
}


def filled(text: str) -> str:
    """A document with something written into each of its sections."""
    parts = re.split(r"(?m)^(?=## )", text)
    for at, part in enumerate(parts[1:], 1):
        heading = part.splitlines()[0].removeprefix("## ")
        low, _ = LENGTHS.get(heading, (3, 0))
        lines = "".join(f"Sentence {count} says something.\n" for count in range(low))
        if heading == "Decision Log":
            lines = "| 2026-02-01 | Use events | Less load |\n"
        if heading != "Related Issues":
            joint = "" if heading == "Decision Log" else "\n"
            parts[at] = f"{part.rstrip()}\n{joint}{lines}\n"
    return "".join(parts).rstrip() + "\n"


@pytest.mark.parametrize("layout", ["single", "segmented"])
def test_a_fresh_rendering_breaks_no_rule(layout: str, tmp_path: Path, call: Call):
    rendered(layout, tmp_path / "fresh")

    assert found(call, tmp_path / "fresh", "--all") == []


@pytest.mark.parametrize("layout", ["single", "segmented"])
@pytest.mark.parametrize("status", ["Draft", "Accepted", "Implemented"])
def test_a_rendering_that_is_filled_in_breaks_no_rule(
    layout: str, status: str, tmp_path: Path, call: Call
):
    folder = tmp_path / "filled"
    for path in rendered(layout, folder):
        text = filled(path.read_text()).replace("Status: Draft", f"Status: {status}")
        if status != "Draft":
            text = text.replace("Target-Version:", "Target-Version: 26.3.0")
        if status == "Implemented":
            text = text.replace("Implemented-Version:", "Implemented-Version: 26.4.0")
        path.write_text(text)
    page = folder / PAGE
    page.write_text(page.read_text().replace(" Draft |\n\n## File", f" {status} |\n\n## File"))

    assert found(call, folder, "--all") == []


def test_the_blank_document_is_exempt_and_a_copy_of_it_is_all_placeholders(
    tmp_path: Path, call: Call
):
    folder = tmp_path / "copied"
    shutil.copytree(GOLDEN / "registry", folder)
    run_git(folder, "init", "--quiet")
    assert found(call, folder, "--all") == []

    shutil.copy(folder / "proposals/BEP-0000-template.md", folder / "proposals/BEP-1046-copied.md")

    left = [one for one in found(call, folder, "--all") if one["rule"] == "placeholder"]
    said = [one["message"].split(";")[0].replace("the title", "title") for one in left]
    assert [one.split(" is ")[0] for one in said] == [
        "Author",
        "Created",
        "Created-Version",
        "scope",
        "title",
        "BA-XXXX",
        "#XXXX",
    ]


def test_the_length_guide_is_the_templates():
    (path,) = (GOLDEN / "single" / "proposals").glob("BEP-*.md")
    text = path.read_text()
    told = re.findall(
        r"^## (.+)\n\n<!--(?:(?!-->)[\s\S])*Length: (\d+)-(\d+) lines\.", text, re.MULTILINE
    )

    assert {name: (int(low), int(high)) for name, low, high in told} == LENGTHS
