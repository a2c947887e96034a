"""Findings that are kept: the next call is as right as one without them, whatever has changed."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import proposals
from bep.check import snapshot_reader, two_processes
from bep.check.rules import runner, verdict
from bep.check.rules.finding import Severities
from bep.check.rules.verdict import Subject, Verdict
from bep.system import repository as repositories, second_process
from tests import samples
from tests.conftest import CORPUS, ROOT, Call, copy_repository, make_claim, run_git

DOCUMENT = "proposals/BEP-1001-relay.md"
SKILL = ".claude/skills/bep-guide/SKILL.md"
RECORD = "proposals/.copier/.copier-answers.BEP-0000.yml"
TEXT = """---
Author: Ada Lovelace (ada@example.com)
Status: Draft
---

# Relay

## Motivation

See [the other](BEP-1002-cache.md#cache), [notes](../notes.md#first), [later](BEP-1003/),
[a file](later.md), BEP-1009 and [what it replaces](BEP-1004-queue.md).
"""


@pytest.fixture(scope="module")
def _ready(tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "repository"
    (folder / "proposals").mkdir(parents=True)
    (folder / DOCUMENT).write_text(TEXT)
    other = TEXT.replace("Relay", "Cache")
    (folder / "proposals/BEP-1002-cache.md").write_text(other)
    (folder / "proposals/README.md").write_text(
        "| Number | Title | Author | Status |\n|---|---|---|---|\n"
        "| [1001](BEP-1001-relay.md) | Relay | Ada Lovelace | Draft |\n"
        "| [1002](BEP-1002-cache.md) | Cache | Ada Lovelace | Draft |\n"
    )
    (folder / COPIED).write_text("# Copied\n\n## Motivation\n\nWhy?\n\n## Current Design\n\nHow?\n")
    (folder / "notes.md").write_text("# First\n")
    for path, text in ((SKILL, "# BEPs\n"), (RECORD, f"_commit: v1.0.0\nskills: [x/{SKILL}]\n")):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Start")
    return folder


@pytest.fixture
def kept(_ready: Path, tmp_path: Path, call: Call) -> Path:
    """A repository whose findings are kept."""
    folder = copy_repository(_ready, tmp_path / "repository")
    call(folder, "check", "--json")
    return folder


def kept_in(folder: Path) -> dict[str, str]:
    """What is kept, by the names of the verdicts."""
    lines = file_of(folder).read_text().splitlines()
    return {json.loads(line)[0]: line for line in lines}


def file_of(folder: Path) -> Path:
    return folder / ".git/bep/findings.jsonl"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def with_old_times(path: Path, old: str, new: str) -> None:
    """Change a file, to one of the same size and times."""
    assert len(old) == len(new)
    times = path.stat()
    replace(path, old, new)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


COPIED = "proposals/BEP-1005-copied.md"
CHANGES: dict[str, Callable[[Path], object]] = {
    "a document, its times as they were": lambda at: with_old_times(
        at / DOCUMENT, "## Motivation", "## Motivatoin"
    ),
    "a heading of another document": lambda at: with_old_times(
        at / "proposals/BEP-1002-cache.md", "# Cache", "# Caehc"
    ),
    "a heading of a file elsewhere": lambda at: with_old_times(at / "notes.md", "First", "Fisrt"),
    "what is recorded of a skill": lambda at: with_old_times(
        at / RECORD, f"x/{SKILL}", f"{SKILL}  "
    ),
    "the registry": lambda at: with_old_times(at / "proposals/README.md", "| Cache", "| Queue"),
    "a file to which a link leads": lambda at: (at / "proposals/later.md").write_text("Later.\n"),
    "a document of a number": lambda at: (at / "proposals/BEP-1009-x.md").write_text("# X\n"),
    "a file that is gone": lambda at: (at / "notes.md").unlink(),
    "another name": lambda at: (at / DOCUMENT).rename(at / "proposals/BEP-1001-Relay.md"),
    "a severity": lambda at: (at / "invoke.yaml").write_text(
        "bep: {check: {metadata-key-missing: off}}\n"
    ),
    "a limit": lambda at: (at / "invoke.yaml").write_text(
        "bep: {limits: {segmentation: {lines: 5}}}\n"
    ),
    "the guide": lambda at: (at / "proposals/.copier/guide.yml").write_text(
        (ROOT / "guide.yml").read_text().replace("heading: Motivation", "heading: Reason")
    ),
    "the blank document": lambda at: (at / "proposals/BEP-0000-template.md").write_bytes(
        (at / COPIED).read_bytes()
    ),
    "a claim": lambda at: make_claim(at, 1009),
    "a document on a branch": lambda at: (
        run_git(at, "switch", "--quiet", "--create=bep/1004"),
        (at / "proposals/BEP-1004-queue.md").write_text("# Queue\n"),
        run_git(at, "add", "--all"),
        run_git(at, "commit", "--quiet", "--message=Queue"),
        run_git(at, "switch", "--quiet", "main"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_that_changed_is_overlooked(change: str, kept: Path, call: Call):
    before = json.loads(call(kept, "check", "--all", "--json")[1])
    assert before

    CHANGES[change](kept)

    after = json.loads(call(kept, "check", "--all", "--json")[1])
    assert after == json.loads(call(kept, "check", "--all", "--json", "--no-cache")[1])
    assert after != before


def test_what_is_kept_is_used_for_the_same_question_only(kept: Path, call: Call):
    replace(file_of(kept), "context block", "marked")
    assert "marked" in call(kept, "check", "--json")[1]
    assert "marked" not in call(kept, "check", "--json", "--no-cache")[1]
    assert json.loads(call(kept, "check", "1002", "--json", "--no-cache")[1]) == [
        one
        for one in json.loads(call(kept, "check", "--json", "--no-cache")[1])
        if one["path"] == "proposals/BEP-1002-cache.md"
    ]


def test_only_what_changed_is_judged_again(kept: Path, call: Call, monkeypatch: pytest.MonkeyPatch):
    judged: list[str] = []
    judge = verdict.verdict
    monkeypatch.setattr(
        verdict,
        "verdict",
        lambda one, severities: judged.append(one.documents[0].path) or judge(one, severities),
    )
    call(kept, "check", "--all")
    assert judged == []
    replace(kept / DOCUMENT, "## Motivation", "## Motivation\n\nWhy not?")
    call(kept, "check", "--all")
    assert judged == [DOCUMENT]


def test_a_mended_document_has_its_findings_fixed_and_not_kept_ones(kept: Path, call: Call):
    replace(kept / "proposals/README.md", "| Draft |\n| [1002]", "| Accepted |\n| [1002]")
    code, out, _ = call(kept, "check", "--all", "--fix")
    assert "fixed: " in out
    assert call(kept, "check", "--all", "--fix")[1].count("fixed: ") == 0
    assert code in (0, 1)


@pytest.mark.parametrize("garbage", [b"", b"[", b"{}", b"[1]", b'{"x": 1', b"\xff" * 99])
def test_a_damaged_file_is_written_anew(garbage: bytes, kept: Path, call: Call):
    path = file_of(kept)
    good = path.read_bytes()
    path.write_bytes(garbage)
    said = call(kept, "check", "--json")
    assert said == call(kept, "check", "--json", "--no-cache")
    assert path.read_bytes() == good


@pytest.mark.parametrize("change", ["code", "Python"])
def test_another_version_of_tool_or_python_finds_anew(
    change: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
):
    count = len(kept_in(kept))
    if change == "Python":
        monkeypatch.setattr(sys, "version", "3.99")
        call(kept, "check", "--json")
        assert len(kept_in(kept)) == 2 * count
        return
    shutil.copytree(ROOT / "bep", tmp_path / "tool/bep")
    shutil.copy(ROOT / "guide.yml", tmp_path / "tool")
    replace(tmp_path / "tool/bep/check/rules/metadata_values.py", "is empty; fill it in", "is bare")
    replace(kept / DOCUMENT, "Status: Draft", "Status: Draft\nCreated:")

    def said(place: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bep", "check", "--json"],
            cwd=kept,
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert "fill it in" in said(ROOT)
    assert "is bare" in said(tmp_path / "tool")
    assert "fill it in" in said(ROOT)


@pytest.mark.parametrize("trouble", ["full disk", "a file in place of the folder", "read-only"])
def test_a_call_that_can_keep_nothing_says_the_same(trouble: str, kept: Path, call: Call):
    folder = kept / ".git/bep"
    shutil.rmtree(folder)
    if trouble == "a file in place of the folder":
        folder.write_text("")
    elif trouble == "read-only":
        if os.geteuid() == 0:
            pytest.skip("root writes everything")
        folder.mkdir(mode=0o500)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if trouble == "full disk":
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        said = call(kept, "check", "--json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert said == call(kept, "check", "--json", "--no-cache")
    if folder.is_dir():
        assert not file_of(kept).exists()


def test_the_file_does_not_grow_without_end(kept: Path, call: Call):
    count = len(kept_in(kept))
    for status in ("A", "B", "C", "D", "E", "F"):
        for name in (DOCUMENT, "proposals/BEP-1002-cache.md", COPIED):
            replace(kept / name, "\n## Motivation", f"\n{status}\n\n## Motivation")
        call(kept, "check", "--json")
    assert len(kept_in(kept)) <= 2 * count


@pytest.mark.parametrize("part", range(1, 4))
def test_a_damaged_verdict_is_found_anew(part: int, kept: Path, call: Call):
    said = call(kept, "check", "--json")
    whole = file_of(kept).read_text()
    damaged = [json.loads(line) for line in whole.splitlines()]
    for parts in damaged:
        parts[part] = [["x"]]
    file_of(kept).write_text("".join(f"{json.dumps(parts)}\n" for parts in damaged))
    assert call(kept, "check", "--json") == said
    assert file_of(kept).read_text() == whole


# --- Two processes ------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["the corpus", "generated"])
def much(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _world: None
) -> Path:
    folder = tmp_path_factory.mktemp("much") / "repository"
    if request.param == "generated":
        return proposals.generated(folder, samples.count("BEP_CHECKED", 60, 2_000))
    if not CORPUS.exists():
        pytest.skip("the corpus is not here")
    return proposals.real(folder, CORPUS)


@pytest.mark.sample(1)
def test_two_processes_find_what_one_finds(much: Path):
    snapshot = snapshot_reader.working_tree(repositories.find(much))
    alone = runner.findings(snapshot, Severities({}))
    again = snapshot_reader.working_tree(repositories.find(much))
    judge = two_processes.judged
    assert runner.findings(again, Severities({}), judge=judge) == alone


def test_half_is_judged_by_another_process(much: Path, monkeypatch: pytest.MonkeyPatch):
    # Threads of other tests may be alive.
    monkeypatch.setattr(second_process, "is_possible", lambda: True)
    snapshot = snapshot_reader.working_tree(repositories.find(much))
    here: list[Subject] = []
    judge = verdict.verdict
    monkeypatch.setattr(
        verdict, "verdict", lambda one, severities: here.append(one) or judge(one, severities)
    )
    subjects = verdict.subjects(snapshot)
    two_processes.judged(subjects, Severities({}))
    assert 0 < len(here) < len(subjects)


@pytest.mark.sample(1)
def test_where_the_other_process_dies_one_finds_all(much: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(second_process, "is_possible", lambda: True)
    snapshot = snapshot_reader.working_tree(repositories.find(much))
    parent, judge = os.getpid(), runner.judged

    def killed(*arguments: Any) -> list[Verdict]:
        if os.getpid() != parent:
            os.kill(os.getpid(), 9)
        return judge(*arguments)

    alone = runner.findings(snapshot, Severities({}))
    monkeypatch.setattr(runner, "judged", killed)
    assert runner.findings(snapshot, Severities({}), judge=two_processes.judged) == alone
