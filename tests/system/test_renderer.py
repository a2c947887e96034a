"""Rendering below Copier's public API gives what Copier gives, byte for byte."""

from __future__ import annotations

from pathlib import Path

import copier
import pytest

from bep.system import template
from bep.system.template_revisions import TemplateRevisions
from tests.conftest import run_git
from tests.rendered import EXAMPLES, files_below
from tests.series import REVISIONS, revise, template_at_v1

# Each is about another part of rendering: paths, questions, extensions, includes.
CHANGES = ("optional sub-document", "phases become a list", "section added")
HOSTILE = {
    **EXAMPLES["segmented"],
    "title": "`{{ a }}` | {% b %} <!-- --> 이름 \\",
    "slug": "이름",
    "scope": "a --> b: [c] # d 'e'",
    "components": [{"name": "data-model", "scope": "|"}],
    "phases": ["One, two", "*Three*"],
    "key_constraints": ["- no: 'x' --> y"],
    "created": "",
    "author_name": "",
}


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = template_at_v1(tmp_path_factory.mktemp("series") / "template")
    for at, name in enumerate(CHANGES, 1):
        revise(folder, REVISIONS[name], f"v1.{at}.0")
    return folder


@pytest.mark.parametrize("tag", ["v1.0.0", "v1.3.0"])
def test_it_gives_what_copier_gives(tag, series: Path, tmp_path: Path):
    place = tmp_path / "place"
    place.mkdir()
    revisions = TemplateRevisions(
        template.open_template(str(series), place), place, tmp_path, tool=""
    )
    revision = revisions.at(revisions.wanted(tag))
    for name, answers in {**EXAMPLES, "hostile": HOSTILE}.items():
        folder = tmp_path / name
        worker = copier.run_copy(
            str(series),
            folder,
            answers,
            vcs_ref=tag,
            defaults=True,
            quiet=True,
            unsafe=True,
            skip_tasks=True,
        )
        stored = {key: worker.answers.combined[key] for key in revision.questions}
        replayed = revision.replayed(stored)

        assert (replayed.problems, replayed.unanswered) == ({}, ())
        assert revision.rendered(replayed.answers, str(series)) == files_below(folder), name


def test_the_newest_release_is_copiers(series: Path, tmp_path: Path):
    for tag in ("v1.10.0", "tool-9.0.0", "v2.0.0rc1", "latest"):
        run_git(series, "tag", tag, "v1.3.0")
    run_git(series, "tag", "v1.9.0", "v1.0.0")
    found = template.newest(template.open_template(str(series), tmp_path))
    # Of two tags at one commit, git describes by one; Copier records what git says.
    assert found.commit == run_git(series, "rev-parse", "v1.10.0")
    for tag in ("v1.10.0", "tool-9.0.0", "v2.0.0rc1", "latest", "v1.9.0"):
        run_git(series, "tag", "--delete", tag)


def test_a_template_without_releases_is_taken_as_it_is(tmp_path: Path, series: Path):
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--no-tags", str(series), str(clone))
    found = template.newest(template.open_template(str(clone), tmp_path))
    assert found.commit == run_git(clone, "rev-parse", "HEAD")
    assert found.commit.startswith(found.name)


def test_a_template_elsewhere_is_cloned(tmp_path: Path, series: Path):
    found = template.open_template(f"file://{series}", tmp_path)
    assert found.working_tree is None
    assert template.newest(found).name == "v1.3.0"


def test_a_question_fits_a_terminal_of_the_usual_width(series: Path, tmp_path: Path):
    """Copier cuts off what does not, and puts a picture of two columns before the first line."""
    revisions = TemplateRevisions(
        template.open_template(str(series), tmp_path), tmp_path, tmp_path, tool=""
    )
    revision = revisions.at(revisions.wanted("v1.0.0"))
    for answers in EXAMPLES.values():
        asked = revision.replayed({**answers, "estimated_lines": 12_000}).answers
        for name in revision.questions:
            first, *others = revision.help_text(name, asked).split("\n")
            assert len(first) <= 76, first
            assert all(len(line) <= 78 for line in others), others
