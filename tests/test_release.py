"""Releases of the template: what the commit of a tag has, and what users make of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import copier
import pytest

import release
from tests.conftest import Call, commit_template, copy_repository, copy_template, pack, run_git
from tests.package_imports import MODULES, PACKAGE

GUIDANCE = "Why this change is needed: who has"


@pytest.fixture(scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """What each `project` is a copy of."""
    folder = tmp_path_factory.mktemp("project") / "project"
    modules = [f"bep/{path.relative_to(PACKAGE).as_posix()}" for path in MODULES]
    copy_template(folder, *modules, "release.py", "tasks.py", "tests/package_imports.py")
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## v1.0.0\n\nAll.\n")
    (folder / ".gitignore").write_text("__pycache__/\n")
    run_git(folder, "init", "--quiet")
    commit_template(folder, "All")
    pack(folder)
    return folder


@pytest.fixture
def project(_project: Path, tmp_path: Path) -> Path:
    """This project as a repository without tags, with an entry for v1.0.0 in its changelog."""
    return copy_repository(_project, tmp_path / "project")


def released(project: Path, tag: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invoke", "release", "--tag", tag],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_has_what_a_template_revision_consists_of(project: Path):
    before = run_git(project, "rev-parse", "HEAD")
    done = released(project, "v1.0.0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Made v1.0.0; `git ls-tree -r --name-only v1.0.0` lists its files.\n"
        "Next: `git push --atomic origin main v1.0.0`\n"
    )

    names = run_git(project, "ls-tree", "-r", "--name-only", "v1.0.0").split("\n")
    assert names == release.files()
    assert "bep/tasks/program.py" not in names
    assert run_git(project, "diff", "v1.0.0", before, "--", *names) == ""
    # The branch has the files that it had, and knows the tag.
    assert run_git(project, "diff", before, "HEAD") == ""
    assert run_git(project, "status", "--porcelain") == ""
    assert run_git(project, "rev-parse", "HEAD^1", "v1.0.0^1") == f"{before}\n{before}"
    assert run_git(project, "describe", "--tags").startswith("v1.0.0-1-g")


def test_proposals_come_from_a_release_and_are_updated_to_the_next_one(
    project: Path, repository: Path, call: Call
):
    release.make("v1.0.0", project)
    copier.run_copy(
        str(project), repository, {"title": "Session Relay"}, defaults=True, unsafe=True, quiet=True
    )
    document = repository / "proposals/BEP-1006-session-relay.md"
    answers = repository / "proposals/.copier/.copier-answers.BEP-1006.yml"
    assert GUIDANCE in document.read_text()
    assert "_commit: v1.0.0\n" in answers.read_text()
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Relay")

    for name, old, new in (
        ("guide.yml", GUIDANCE, "The reason for this change: who has"),
        ("CHANGELOG.md", "## v1.0.0\n", "## v1.1.0\n\nWording.\n\n## v1.0.0\n"),
    ):
        text = (project / name).read_text()
        (project / name).write_text(text.replace(old, new))
    commit_template(project, "Wording")
    release.make("v1.1.0", project)
    assert run_git(project, "merge-base", "--all", "v1.0.0", "v1.1.0").startswith(
        run_git(project, "rev-parse", "v1.0.0")
    )
    code, _, err = call(repository, "update", "--template", str(project))
    assert (code, err) == (0, "")
    assert "The reason for this change: who has" in document.read_text()
    assert "_commit: v1.1.0\n" in answers.read_text()


@pytest.mark.parametrize(
    ("tag", "change", "said"),
    [
        ("v1.0", "", "'v1.0' is no template revision: write it as v1.2.3"),
        ("v1.0.0", "tag v1.0.0", "there is a tag v1.0.0 already, which is never moved"),
        ("v1.2.0", "", "CHANGELOG.md has no entry `## v1.2.0`"),
        ("v1.0.0", "rm --quiet tasks.py release.py --cached", "there are uncommitted changes"),
        ("v1.0.0", "switch --quiet --detach", "this is a detached HEAD"),
    ],
)
def test_what_cannot_be_released_is_refused(project: Path, tag: str, change: str, said: str):
    if change:
        run_git(project, *change.split())
    before = run_git(project, "for-each-ref")
    with pytest.raises(release.Refused, match=f"^{re.escape(said)}"):
        release.make(tag, project)
    assert run_git(project, "for-each-ref") == before


def test_a_refusal_is_one_line(project: Path):
    done = released(project, "1.0.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "release: '1.0.0' is no template revision: write it as v1.2.3\n"
