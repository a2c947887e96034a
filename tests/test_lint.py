"""The linters find nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT, run_git


@pytest.mark.parametrize(
    "arguments",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=" ".join,
)
def test_a_linter_finds_nothing(arguments):
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_all_modules_outside_the_template_s_trees_are_linted():
    trees = ("template_registry/", "template_segmented/", "template_single/")
    tracked = run_git(ROOT, "ls-files", "*.py").split("\n")

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--show-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    linted = {Path(line).relative_to(ROOT).as_posix() for line in done.stdout.splitlines()}
    assert {name for name in tracked if not name.startswith(trees)} - linted == set()


WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
ACTIONS = (ROOT / "action.yml", ROOT / "site" / "action.yml")


def example(heading: str, name: str = "checking.md") -> str:
    """The example below a heading of a page of docs/, with a commit for its placeholder."""
    page = (ROOT / "docs" / name).read_text()
    _, _, section = page.partition(f"\n## {heading}\n")
    block = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert block
    return block[1].replace("FULL-COMMIT-SHA", "0123456789" * 4)


def is_valid(schema: str, *files: Path) -> None:
    options = ["-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run(
        [sys.executable, *options, *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def is_safe(*files: Path) -> None:
    zizmor = Path(sysconfig.get_path("scripts")) / "zizmor"
    options = ["--offline", "--no-progress", "--no-config", "--persona=auditor"]
    done = subprocess.run([zizmor, *options, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_are_valid():
    is_valid("github-workflows", *WORKFLOWS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda path: path.parent.name)
def test_the_actions_are_valid(action):
    is_valid("github-actions", action)


def test_the_workflows_and_the_actions_are_safe():
    is_safe(*WORKFLOWS, *ACTIONS)


@pytest.mark.parametrize(
    ("heading", "page"), [("GitHub", "checking.md"), ("GitHub Pages", "site.md")]
)
def test_the_workflow_of_the_documentation_is_valid_and_safe(tmp_path, heading, page):
    workflow = tmp_path / ".github" / "workflows" / "proposals.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(example(heading, page))

    is_valid("github-workflows", workflow)
    is_safe(workflow)


@pytest.mark.parametrize(
    ("heading", "page"), [("Other CIs", "checking.md"), ("Other hosts", "site.md")]
)
def test_the_pipeline_of_the_documentation_is_valid(tmp_path, heading, page):
    pipeline = tmp_path / ".gitlab-ci.yml"
    pipeline.write_text(example(heading, page))

    is_valid("gitlab-ci", pipeline)
