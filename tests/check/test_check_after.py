"""`bep check` after `copier copy` and after every other task: no errors, in whatever order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import copier
import pytest

from bep.tasks import catalogue
from tests.conftest import Call, run_git
from tests.series import REVISIONS, revise, template_at_v1

READING = {"check", "completion", "context", "governs", "list", "mcp"}
READING |= {"review", "search", "site", "status"}
# What these leave behind, `submit` judges itself: see `tests/share`.
SHARING = {"issue", "submit"}
Step = Callable[..., str]


def errors(call: Call, folder: Path, *scope: str) -> list[str]:
    _, out, err = call(folder, "check", "--json", *scope)
    assert out, err
    found: list[dict[str, Any]] = json.loads(out)
    return [
        f"{one['path']}:{one['line']}: {one['message']}"
        for one in found
        if one["severity"] == "error"
    ]


def no_errors(call: Call, folder: Path) -> None:
    """Of everything there is, and of what the branch changes."""
    assert errors(call, folder, "--all") == []
    assert errors(call, folder) == []


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Step")


@pytest.fixture
def ready(tmp_path: Path, call: Call) -> tuple[Path, Path]:
    """A clone that `init` has made ready, with its remote; and the template, which is revised."""
    template = template_at_v1(tmp_path / "template")
    remote, folder = tmp_path / "remote.git", tmp_path / "clone"
    run_git(tmp_path, "init", "--quiet", "--bare", str(remote))
    run_git(tmp_path, "clone", "--quiet", str(remote), str(folder))
    (folder / "VERSION").write_text("26.8.0\n")
    code, _, err = call(folder, "init", "--template", str(template))
    assert (code, err) == (0, "")
    with (folder / "invoke.yaml").open("a") as settings:
        settings.write(f"bep:\n  template: {template}\n")
    commit(folder)
    run_git(folder, "push", "--quiet", "origin", "main")
    return folder, template


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "answers",
    [
        {"layout": "single"},
        {"layout": "segmented", "components": ["data-model", "api"], "phases": ["One", "Two"]},
        {"layout": "segmented", "migration_document": True, "overview_document": True},
    ],
    ids=["single", "segmented", "all documents"],
)
def test_after_copier_copy(ready: tuple[Path, Path], call: Call, answers: Mapping[str, Any]):
    folder, template = ready
    run_git(folder, "switch", "--quiet", "--create", "work")

    copier.run_copy(
        str(template),
        folder,
        {"title": "Service Discovery", **answers},
        defaults=True,
        unsafe=True,
        quiet=True,
    )

    # Copier claims the number in this clone; it is the remote's after `sync`.
    (told,) = errors(call, folder)
    assert "is claimed in this clone only; `bep sync` publishes it" in told
    assert errors(call, folder, "--all") == []
    call(folder, "sync")
    no_errors(call, folder)


def test_after_every_task(ready: tuple[Path, Path], call: Call):
    folder, template = ready
    done = {"init"}

    def step(task: str, *arguments: str) -> str:
        code, out, err = call(folder, task, *arguments)
        assert code == 0, err
        no_errors(call, folder)
        commit(folder)
        done.add(task)
        return out

    step("reserve", "Service Discovery", "--no-branch")
    step("unreserve", "1000")
    step("reserve", "Service Discovery")
    step(
        *("new", "--defaults", "--layout", "segmented"),
        *("-d", "components=data-model,api", "-d", "phases=One,Two"),
    )
    step("new", "Quota Ledger", "--defaults", "--layout", "single")
    step("ask", "1000", "--question", "Which store?")
    step("ask", "1000", "--question", "Who sweeps?")
    step(
        *("decide", "1000", "--question", "store", "--decision", "Redis for the store", "--key"),
        *("--rationale", "It is there"),
    )
    step("mark", "1001", "rejected", "--reason", "No need")
    step("mark", "1001", "draft")
    fill(folder)
    step("mark", "1000", "accepted", "--target-version", "26.9.0", "--despite-open-questions")
    step("renumber", "1000", "--to", "1010")
    step("mark", "1001", "superseded", "--by", "1010")
    step("retitle", "1010", "Another Title")
    (folder / "proposals/BEP-1010/api.md").rename(folder / "proposals/BEP-1010/interface.md")
    assert any("api.md" in told for told in errors(call, folder, "--all"))
    step("sync")
    step("add-document", "1010", "--name", "rollout", "--scope", "Who gets it when")
    fill(folder)
    step("mark", "1010", "implemented", "--version", "26.9.1")
    revise(template, REVISIONS["section added"], "v1.1.0")
    assert "merged" in step("update", "--final")
    number = step("reserve", "Audit Trail", "--author", "Ada Lovelace", "--no-branch").strip()
    by_hand(folder, number, "audit-trail", "Audit Trail")
    step("sync")
    step("adopt", number)
    step("adopt", number, "--complete")
    step("segment", number, "--component", "Current Design=today")
    (folder / "proposals/BEP-1010/data-model.md").unlink()
    assert errors(call, folder, "--all") != []
    assert call(folder, "check", "--all", "--fix")[0] == 0
    no_errors(call, folder)
    assert done == set(catalogue.MODULES) - READING - SHARING


def fill(folder: Path) -> None:
    """Write something into each section, as an accepted proposal needs it."""
    empty = re.compile(r"^## (?!Decision|Open|Document|Implementation).*$", re.MULTILINE)
    proposals = folder / "proposals"
    for path in (*proposals.glob("BEP-10[01]0-*.md"), *proposals.glob("BEP-10[01]0/*.md")):
        path.write_text(empty.sub(r"\g<0>\n\nText.", path.read_text()))
    commit(folder)


def by_hand(folder: Path, number: str, name: str, title: str) -> None:
    """A document without answers file."""
    (folder / f"proposals/BEP-{number}-{name}.md").write_text(
        "---\nAuthor: Ada Lovelace (ada@example.com)\nStatus: Draft\nCreated: 2026-01-06\n"
        "Created-Version: 26.1.0\nTarget-Version:\nImplemented-Version:\n---\n\n"
        f"# {title}\n\n## Motivation\n\nNobody knows.\n\n## Current Design\n\nPaper.\n"
    )
    commit(folder)
