"""The forms in which `bep check` reports: a line with marks, concise, JSON, SARIF, all rules."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from bep.check import excerpt, sarif
from bep.check.rules import catalogue
from tests import schemas
from tests.check.test_check import QUOTA, append, finding
from tests.conftest import PAGE, ROOT, copy_repository

SCHEMA = schemas.of("check")
VALIDATOR = ROOT / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


@pytest.fixture(scope="module")
def faulty(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with links that lead nowhere, on lines of all kinds."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("faulty") / "repository")
    lines = (
        "설계 문서 🚀 [gone](gone.md)",
        "\t\u202ered \x1b[31m [gone](gone,1.md)",
        f"{'long ' * 40_000}[gone](gone;2.md){' tail' * 40_000}",
    )
    append(folder, QUOTA, "\r\n".join(["", *lines, ""]))
    page = folder / PAGE
    page.write_text(page.read_text().replace("Draft", "draft"))
    return folder


def test_text_shows_the_line_with_marks_below_the_place(faulty, call):
    code, out, _ = call(faulty, "check", "1002")

    assert code == 1
    lines = out.splitlines()
    below = {line: lines[at + 1 : at + 3] for at, line in enumerate(lines) if "[link-" in line}
    shown = [text for pair in below.values() for text in pair]
    assert shown == [
        "     | 설계 문서 🚀 [gone](gone.md)",
        "     |                     ^^^^^^^",
        "     |     \\u202ered \\x1b[31m [gone](gone,1.md)",
        "     |                               ^^^^^^^^^",
        "     | ...ng long long long [gone](gone;2.md) tail tail tail tail tail tail ...",
        "     |                             ^^^^^^^^^",
    ]
    assert lines[-1] == "`bep check --explain link-missing` explains a rule."


def test_text_ends_with_what_fix_would_correct(faulty, call, repository):
    _, out, _ = call(faulty, "check")
    found = json.loads(call(faulty, "check", "--json")[1])
    _, fixed, _ = call(repository, "check", "--since", "HEAD")

    count = sum(one["fixable"] for one in found)
    assert count
    assert out.splitlines()[-2] == f"`bep check --fix` corrects {count} of them."
    assert "bep check --" not in fixed


@pytest.mark.parametrize(
    ("line", "column", "length", "encoding", "shown"),
    [
        ("", 1, 0, "utf-8", ("", "^")),
        ("e\u0301a", 3, 1, "utf-8", ("e\u0301a", " ^")),
        ("설[x]", 2, 3, "ascii", ("\\uc124[x]", "      ^^^")),
        ("a\udcffb", 3, 1, "utf-8", ("a\\xffb", "     ^")),
        (
            "글" * 200,
            100,
            60,
            "utf-8",
            ("..." + "글" * 12 + "글" * 20 + "...", " " * 27 + "^" * 43),
        ),
    ],
)
def test_marks_are_aligned_by_the_cells_of_a_terminal(line, column, length, encoding, shown):
    assert excerpt.lines(line, column, length, encoding) == shown


def test_concise_has_one_line_a_finding_and_nothing_else(faulty, call):
    code, out, err = call(faulty, "check", "--format", "concise")

    found = json.loads(call(faulty, "check", "--json")[1])
    form = re.compile(r"(proposals/[^:]+):(\d+):(\d+): ([a-z-]+) (.+)")
    matches = [form.fullmatch(line) for line in out.splitlines()]
    assert [(m[1], int(m[2]), m[4]) for m in matches if m] == [
        (one["path"], one["line"], one["rule"]) for one in found
    ]
    assert f"{QUOTA}:17:16: link-missing the link gone.md does not exist" in out.splitlines()
    assert (code, err.splitlines()[0]) == (1, "Checked everything (on main).")


def test_json_is_by_its_schema(faulty, call):
    _, out, _ = call(faulty, "check", "--json")

    SCHEMA.validate(json.loads(out))


def test_sarif_passes_the_validator_of_its_makers(faulty, call, tmp_path):
    """Microsoft's `sarif-multitool` judges the log by schema and by the rules of the standard."""
    code, out, _ = call(faulty, "check", "--format", "sarif")
    log = tmp_path / "check.sarif"
    log.write_text(out)

    assert code == 1
    [run] = json.loads(out)["runs"]
    found = json.loads(call(faulty, "check", "--json")[1])
    assert [(one["ruleId"], one["message"]["text"]) for one in run["results"]] == [
        (one["rule"], one["message"]) for one in found
    ]
    prints = [one["partialFingerprints"]["finding/v1"] for one in run["results"]]
    assert len(set(prints)) == len(prints)
    dead = next(one for one in run["results"] if one["ruleId"] == "link-missing")
    [place] = dead["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": QUOTA, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 17, "startColumn": 16, "endColumn": 23},
    }
    if not VALIDATOR.exists():
        pytest.skip("the npm package @microsoft/sarif-multitool is not here")
    done = subprocess.run([VALIDATOR, "validate", log], capture_output=True, text=True, check=False)
    assert "Analysis completed successfully" in done.stdout, done.stdout + done.stderr
    assert ": error " not in done.stdout, done.stdout


def test_sarif_holds_paths_and_texts_of_strangers(repository):
    from bep import guide_file

    odd = finding("proposals/BEP-1 %20#\udcff.md", "\x1b[31m")

    [run] = sarif.log([odd], guide_file.own())["runs"]

    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "proposals/BEP-1%20%2520%23%FF.md"


def test_explain_alone_lists_all_rules_by_family(tmp_path, call):
    code, out, err = call(tmp_path, "check", "--explain")

    assert (code, err) == (0, "")
    listed = re.findall(r"^  ([a-z-]+) +(error|warning|off) +\S.*[.:]$", out, re.MULTILINE)
    assert [name for name, _ in listed] == [
        rule.name for rules in catalogue.RULE_SETS for rule in rules
    ]
    assert out.startswith("The document as a whole\n\n  document-unreadable ")
