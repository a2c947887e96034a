"""Rendering below Copier's public API gives what Copier gives, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import copier
import pytest

from bep.system import template
from bep.system.renderer import Revision
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
    revisions = TemplateRevisions(template.open_template(str(series), place), place, tmp_path)
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


def tree_with(folder: Path, said: str) -> Revision:
    """A small template whose one tag says at compile time what its extension has for it."""
    (folder / "tree").mkdir(parents=True)
    (folder / "copier.yml").write_text(
        "_jinja_extensions:\n  - copier_template_extensions.TemplateExtensionLoader\n"
        "  - ext.py:Saying\n_subdirectory: tree\ntitle:\n  type: str\n  default: T\n"
    )
    (folder / "ext.py").write_text(
        "from jinja2 import nodes\nfrom jinja2.ext import Extension\n\n"
        "class Saying(Extension):\n    tags = {'say'}\n\n    def parse(self, parser):\n"
        "        line = next(parser.stream).lineno\n"
        f"        return nodes.Output([nodes.TemplateData({said!r})], lineno=line)\n"
    )
    (folder / "tree/a.txt.jinja").write_text("{% say %} {{ title }}")
    return Revision(folder, said, folder)


def test_what_was_compiled_with_another_extension_is_not_taken(tmp_path: Path):
    for at, said in enumerate(["one", "two", "one"]):
        revision = tree_with(tmp_path / str(at), said)

        assert revision.rendered({"title": "T"}, "gh:a/b") == {"a.txt": f"{said} T".encode()}


PUBLIC = """
import json, sys
import copier, copier._tools
del copier._tools.cast_to_bool
import json
import subprocess
import sys
from pathlib import Path
from bep.system import renderer

assert not renderer.HAS_PRIVATE_NAMES
folder, name, place, answers, source = json.loads(sys.argv[1])
revision = renderer.open_revision(Path(folder), name, Path(place))
replayed = revision.replayed(answers)
bad = revision.replayed({**answers, "created": "yesterday"})
files = revision.rendered(replayed.answers, source)
print(json.dumps([
    replayed.answers, replayed.unanswered, replayed.problems, bad.problems,
    {path: content.decode() for path, content in files.items()},
]))
"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_copiers_public_api_gives_the_same(name, series: Path, tmp_path: Path):
    """For a version of Copier that lacks one of the names that are not public."""
    place = tmp_path / "place"
    place.mkdir()
    run_git(place, "init", "--quiet")
    revisions = TemplateRevisions(template.open_template(str(series), place), place, tmp_path)
    revision = revisions.at(revisions.wanted("v1.0.0"))
    answers = revision.replayed(EXAMPLES[name]).answers
    given = json.dumps([str(revision.folder), "v1.0.0", str(place), answers, "gh:a/b"])

    done = subprocess.run(
        [sys.executable, "-c", PUBLIC, given], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    read, unanswered, problems, bad, files = json.loads(done.stdout)
    assert (read, unanswered, problems) == (answers, [], {})
    assert bad == revision.replayed({**answers, "created": "yesterday"}).problems
    wanted = revision.rendered(answers, "gh:a/b")
    assert files == {path: content.decode() for path, content in wanted.items()}
