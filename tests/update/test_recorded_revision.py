"""What answers files record is the release that was chosen, whatever other tags its commit has."""

from __future__ import annotations

import re
from pathlib import Path

import copier
import pytest

from bep.system import template as templates
from bep.system.template import Template
from tests.conftest import Call, copy_repository, run_git

ANSWERS = "proposals/.copier/.copier-answers.BEP-{}.yml"
OTHERS = ("latest", "tool-1.0.0", "v1", "v1.0", "stable/1")


@pytest.fixture
def tagged(template: Path, tmp_path: Path) -> Path:
    """A template whose release v1.0.0 has other tags too, some of them newer and annotated."""
    folder = copy_repository(template, tmp_path / "template")
    for name in OTHERS:
        run_git(folder, "tag", name)
    run_git(folder, "tag", "--annotate", "--message=Newest", "zz")
    return folder


@pytest.fixture
def project(released: Path, tagged: Path) -> Path:
    (released / "invoke.yaml").write_text(f"bep:\n  template: {tagged}\n")
    run_git(released, "commit", "--quiet", "--all", "--message=Tagged")
    return released


def revise(folder: Path, *tags: str) -> None:
    """A new commit of the template, to which these tags are moved."""
    guide = folder / "guide.yml"
    guide.write_text(re.sub(r"Why (this|THIS)", "Why THIS", guide.read_text()) + "\n")
    run_git(folder, "commit", "--quiet", "--all", "--message=Revised")
    for tag in tags:
        run_git(folder, "tag", "--force", tag)


def recorded(folder: Path, number: int) -> str:
    text = (folder / ANSWERS.format(number)).read_text()
    return text.partition("_commit: ")[2].partition("\n")[0]


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=More")


@pytest.mark.sample(5)
@pytest.mark.parametrize("to", ["", "v1.0.0", *OTHERS, "zz", "HEAD"])
def test_new_records_the_release(project, call: Call, to):
    assert call(project, "new", "A", "--defaults", *(["--to", to] if to else []))[0] == 0
    assert recorded(project, 1006) == "v1.0.0"


@pytest.mark.sample(2)
@pytest.mark.parametrize("to", [None, "v1.0.0", "v1", "latest"])
def test_copier_records_the_release(project, tagged, to):
    copier.run_copy(
        str(tagged), project, {"title": "A"}, vcs_ref=to, defaults=True, unsafe=True, quiet=True
    )
    assert recorded(project, 1006) == "v1.0.0"


def test_adopt_records_the_release(project, call: Call):
    assert call(project, "adopt", "1001")[0] == 0
    assert recorded(project, 1001) == "v1.0.0"


@pytest.mark.sample(1)
@pytest.mark.parametrize("door", ["bep", "copier"])
def test_an_update_comes_from_the_release_after_the_others_have_moved_on(
    project, tagged, call: Call, door
):
    call(project, "new", "A", "--defaults")
    commit(project)
    revise(tagged, "v1.1.0", "tool-1.1.0", *OTHERS)
    if door == "bep":
        assert call(project, "update")[0] == 0
    else:
        answers = ANSWERS.format(1006)
        copier.run_update(
            project, answers_file=answers, defaults=True, unsafe=True, overwrite=True, quiet=True
        )
    assert recorded(project, 1006) == "v1.1.0"
    assert "Why THIS change" in (project / "proposals/BEP-1006-a.md").read_text()


def test_of_two_releases_of_one_commit_the_chosen_one_is_recorded(project, tagged, call: Call):
    run_git(tagged, "tag", "v1.0.1")
    assert call(project, "new", "A", "--defaults")[0] == 0
    assert call(project, "new", "B", "--defaults", "--to=v1.0.0")[0] == 0
    assert [recorded(project, 1006), recorded(project, 1007)] == ["v1.0.1", "v1.0.0"]


def test_a_commit_between_releases_is_recorded_by_its_distance_from_one(project, tagged, call):
    revise(tagged, *OTHERS, "zz")
    assert call(project, "new", "A", "--defaults", "--to=latest")[0] == 0
    assert re.fullmatch(r"v1\.0\.0-1-g[0-9a-f]+", recorded(project, 1006))


def name_of(folder: Path, chosen: str) -> str:
    found = templates.revision(Template(str(folder), folder, folder), chosen)
    assert found is not None
    return found.name


def test_without_releases_of_three_numbers_those_of_fewer_count(tagged):
    for tag in ("v1.0.0", "v1.0"):
        run_git(tagged, "tag", "--delete", tag)
    assert name_of(tagged, "HEAD") == name_of(tagged, "latest") == "v1"


def test_without_releases_the_commit_is_recorded(tagged):
    for tag in ("v1.0.0", "v1.0", "v1"):
        run_git(tagged, "tag", "--delete", tag)
    assert re.fullmatch(r"[0-9a-f]{7,}", name_of(tagged, "latest"))


def test_a_release_candidate_is_recorded_where_it_is_chosen_and_never_the_newest(tagged):
    revise(tagged, "v1.1.0rc1")
    assert name_of(tagged, "v1.1.0rc1") == "v1.1.0rc1"
    assert templates.newest(Template(str(tagged), tagged, tagged)).name == "v1.0.0"


def test_an_annotated_release_is_recorded_like_any_other(tagged):
    revise(tagged, "latest")
    run_git(tagged, "tag", "--annotate", "--message=Release", "v1.1.0")
    assert name_of(tagged, "latest") == "v1.1.0"
