"""Hooks and aliases name the user's repository in variables; no other repository is meant."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forks
from tests.conftest import copy_repository, pack, run_git, state

BEP = f"{sys.executable} -m bep"
DRY_RUNS = (("new", "Other", "--defaults", "--dry-run"), ("update", "--dry-run"))

VARIABLES = {
    "the index of a partial commit": {"GIT_INDEX_FILE": "{git}/index"},
    "the index, relative": {"GIT_INDEX_FILE": ".git/index"},
    "a hook in a linked working tree": {"GIT_DIR": "{git}", "GIT_INDEX_FILE": "{git}/index"},
    "`git --git-dir`": {"GIT_DIR": "{git}"},
    "`git --git-dir`, relative": {"GIT_DIR": ".git"},
    "`git --git-dir --work-tree`": {"GIT_DIR": "{git}", "GIT_WORK_TREE": "{root}"},
    "only the working tree": {"GIT_WORK_TREE": "{root}"},
    "where objects are": {"GIT_OBJECT_DIRECTORY": "{git}/objects"},
    "what working trees share": {"GIT_COMMON_DIR": "{git}"},
}


@pytest.fixture(scope="module")
def _project(template: Path, _start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a proposal of v1.0.0 and a template that has v1.1.0."""
    folder = tmp_path_factory.mktemp("variables")
    newer = copy_repository(template, folder / "template")
    guide = newer / "guide.yml"
    guide.write_text(guide.read_text().replace("Why this change", "Why THIS change"))
    project = copy_repository(_start, folder / "repository")
    (project / "invoke.yaml").write_text(f"bep:\n  template: {newer}\n")
    run_git(project, "commit", "--quiet", "--all", "--message=Template")
    done = forks.run("bep", project, "new", "Cache", "--defaults")
    assert done.returncode == 0, done.stderr
    run_git(project, "add", "--all")
    run_git(project, "commit", "--quiet", "--message=Proposal")
    run_git(newer, "commit", "--quiet", "--all", "--message=Revised")
    run_git(newer, "tag", "v1.1.0")
    pack(newer)
    return project


@pytest.fixture
def project(_project: Path, tmp_path: Path) -> Path:
    return copy_repository(_project, tmp_path / "repository")


def called(folder: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """What `bep` answers under these variables: code, stdout and stderr."""
    done = forks.run("bep", folder, *arguments, environment={**os.environ, **variables})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def plans(_project: Path) -> list[tuple[int, str, str]]:
    """What the dry runs answer without any variable."""
    return [called(_project, *task) for task in DRY_RUNS]


@pytest.mark.sample(2)
@pytest.mark.parametrize("variables", VARIABLES.values(), ids=VARIABLES)
def test_a_dry_run_answers_the_same_and_changes_nothing(project, plans, variables):
    named = {
        name: value.format(root=project, git=project / ".git") for name, value in variables.items()
    }
    settings = project / ".git/config"
    before = (*state(project), settings.read_text())
    assert [called(project, *task, **named) for task in DRY_RUNS] == plans
    assert (*state(project), settings.read_text()) == before


def test_an_update_writes_the_same(project, tmp_path):
    other = copy_repository(project, tmp_path / "other")
    git = project / ".git"
    in_hook = called(project, "update", GIT_DIR=str(git), GIT_INDEX_FILE=f"{git}/index")
    assert in_hook == called(other, "update")
    assert state(project) == state(other)
    assert "Why THIS change" in (project / "proposals/BEP-1006-cache.md").read_text()


def test_a_commit_of_some_files_keeps_its_index_while_its_hook_plans(project):
    hook = project / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nset -e\n{BEP} new Other --defaults --dry-run\n{BEP} update --dry-run\n"
    )
    hook.chmod(0o755)
    (project / "staged").write_text("staged\n")
    run_git(project, "add", "staged")
    (project / "VERSION").write_text("26.9.0\n")
    run_git(project, "commit", "--quiet", "--message=Version", "VERSION")
    assert run_git(project, "show", "--format=", "--name-only", "HEAD") == "VERSION"
    assert run_git(project, "status", "--porcelain") == "A  staged"


def test_a_rebase_in_a_linked_working_tree_runs_tasks(project, tmp_path):
    tree = tmp_path / "tree"
    run_git(project, "worktree", "add", "--quiet", "-b", "other", str(tree))
    plan = f"{BEP} new Other --defaults --dry-run >&2 && {BEP} update >&2 && git commit -qam Update"
    run_git(tree, "rebase", "--quiet", "--force-rebase", "--exec", plan, "HEAD~1")
    assert "Why THIS change" in (tree / "proposals/BEP-1006-cache.md").read_text()
    assert run_git(tree, "status", "--porcelain") == ""
    assert run_git(project, "status", "--porcelain") == ""


def test_an_alias_runs_tasks(project, tmp_path):
    tree = tmp_path / "tree"
    run_git(project, "worktree", "add", "--quiet", "-b", "other", str(tree))
    plan = ("-c", f"alias.plan=!{BEP} update --dry-run", "plan")
    assert run_git(tree, *plan) == run_git(project, *plan)
    assert "Why THIS change" in run_git(tree, *plan)


def test_a_repository_that_only_the_variables_name_is_used_from_everywhere(
    project, plans, tmp_path
):
    bare = tmp_path / "settings.git"
    (project / ".git").rename(bare)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    named = {"GIT_DIR": str(bare), "GIT_WORK_TREE": str(project)}
    relative = {"GIT_DIR": "../settings.git", "GIT_WORK_TREE": "../repository"}
    for folder, variables in ((project, named), (elsewhere, named), (elsewhere, relative)):
        assert called(folder, "update", "--dry-run", **variables) == plans[1]


def test_copier_migrates_under_a_relative_git_directory(project):
    """Copier's own calls of git come before the template's and take the variables as they are."""
    answers = "proposals/.copier/.copier-answers.BEP-1006.yml"
    command = [sys.executable, "-m", "copier", "update", "--trust", "--defaults", "--quiet"]
    subprocess.run(
        [*command, "--answers-file", answers],
        cwd=project,
        env={**os.environ, "GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"},
        check=True,
        capture_output=True,
    )
    assert "Why THIS change" in (project / "proposals/BEP-1006-cache.md").read_text()
