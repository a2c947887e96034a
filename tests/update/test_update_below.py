"""`copier update` where it cannot work is refused before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import forks
from tests.conftest import copy_repository, run_git, state
from tests.series import Edit, proposals_at_v1, template_at_v2

REVISION = [Edit("guide.yml", "Why this change", "Why THIS change")]
ANSWERS = "proposals/.copier/.copier-answers.BEP-1006.yml"


@pytest.fixture(scope="module")
def _project(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("below")
    revised = template_at_v2(folder / "template", REVISION)
    return proposals_at_v1(_start, folder / "repository", revised, ["Cache"])


@pytest.fixture
def project(_project: Path, tmp_path: Path) -> Path:
    """A repository with a proposal of v1.0.0, whose template has v2.0.0."""
    return copy_repository(_project, tmp_path / "project")


def update(folder: Path, answers: str, *options: str) -> tuple[int, str]:
    """What `copier update` answers in a folder: code and stderr."""
    return copied(folder, "update", "--answers-file", answers, *options)


def copied(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    operation, *rest = arguments
    fixed = ["--trust", "--defaults", "--quiet"]
    environment = {**os.environ, **variables}
    done = forks.run("copier", folder, operation, *fixed, *rest, environment=environment)
    return done.returncode, done.stderr


BELOW = {
    "the folder of proposals": ("proposals", ".copier/.copier-answers.BEP-1006.yml"),
    "the folder of answers files": ("proposals/.copier", ".copier-answers.BEP-1006.yml"),
    "the folder of proposals, named": (".", ".copier/.copier-answers.BEP-1006.yml", "proposals"),
    "the folder of answers files, named": (".", ANSWERS.rpartition("/")[2], "proposals/.copier"),
    "as Renovate does it": ("proposals", ".copier/.copier-answers.BEP-1006.yml", "--skip-answered"),
    "with another answer": ("proposals", ".copier/.copier-answers.BEP-1006.yml", "-d", "title=B"),
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("place", BELOW.values(), ids=BELOW)
def test_below_the_root_nothing_is_written(project, place):
    below, answers, *more = place
    before = state(project)
    code, said = update(project / below, answers, *more)
    assert code != 0
    assert "not the root of its repository" in " ".join(said.split())
    assert state(project) == before


def test_a_way_to_the_root_through_a_folder_below_it_is_refused(project):
    before = state(project)
    code, said = update(project / "proposals", ANSWERS, "..")
    assert code != 0
    assert f"Copier does not update through `..`; use {project}" in " ".join(said.split())
    assert state(project) == before


def test_the_refusal_names_the_root_where_the_update_works(project):
    _, said = update(project / "proposals", ".copier/.copier-answers.BEP-1006.yml")
    assert f"this is not the root of its repository; use {project}" in " ".join(said.split())
    assert update(project, ANSWERS) == (0, "")
    assert "Why THIS change" in (project / "proposals/BEP-1006-cache.md").read_text()


def test_a_linked_folder_of_proposals_is_refused_too(project):
    run_git(project, "mv", "proposals", "real")
    (project / "proposals").symlink_to("real")
    run_git(project, "add", "--all")
    run_git(project, "commit", "--quiet", "--message=Moved")
    before = state(project)
    assert "set `proposals: real`" in update(project, ANSWERS)[1]
    assert state(project) == before


@pytest.mark.parametrize("operation", ["copy", "update"])
def test_an_index_that_copier_has_replaced_is_reported(project, template, operation):
    """Copier's own git comes first: in a hook only `bep` keeps the index."""
    arguments = {
        "copy": ("--data", "title=Other", str(template), "."),
        "update": ("--answers-file", ANSWERS),
    }
    index = str(project / ".git/index")
    code, said = copied(project, operation, *arguments[operation], GIT_INDEX_FILE=index)
    assert code != 0
    assert "GIT_INDEX_FILE is set" in said
    run_git(project, "reset", "--quiet")
    assert run_git(project, "status", "--porcelain") == ""
