"""Rendering is a function of template revision and answers: the world reaches no document.

An update renders stored answers again, years later and on another machine; whatever else got into
a document would then look like a change. Defaults of questions may read the world, which the
first test of each kind shows: it is another world, and it is seen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run_git
from tests.rendered import EXAMPLES, Tree, empty_repository, ready_repository, render

SCRIPT = """
import json, sys
import copier
template, folder, answers = sys.argv[1:]
copier.run_copy(template, folder, json.loads(answers),
                defaults=True, quiet=True, unsafe=True, skip_tasks=True)
"""

ANOTHER_DAY = """
import datetime, time

class LaterDay(datetime.date):
    @classmethod
    def today(cls):
        return cls(2041, 7, 9)

class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2041, 7, 9, 12, 0, 0, tzinfo=tz)
    today = now
    @classmethod
    def utcnow(cls):
        return cls(2041, 7, 9, 12, 0, 0)

datetime.date, datetime.datetime = LaterDay, Later
moment = Later(2041, 7, 9, 12, 0, 0).timestamp()
time.time = lambda: moment
"""

ANOTHER_IDENTITY = "[user]\n\tname = Someone Else\n\temail = else@example.org\n"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Environment variables that make another world."""
    folder = tmp_path_factory.mktemp("worlds")
    (folder / "sitecustomize.py").write_text(ANOTHER_DAY)
    (folder / "gitconfig").write_text(ANOTHER_IDENTITY)
    found = {
        "another day": {"PYTHONPATH": str(folder)},
        "another Git identity": {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig")},
        "another author by environment": {
            "GIT_AUTHOR_NAME": "Someone Else",
            "GIT_AUTHOR_EMAIL": "else@example.org",
        },
        "another time zone": {"TZ": "Pacific/Kiritimati"},
        "a locale without UTF-8": {
            "LC_ALL": "POSIX",
            "LANG": "tr_TR.ISO-8859-9",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        },
        "another order of sets": {"PYTHONHASHSEED": "4711"},
        "another user and machine": {"USER": "else", "LOGNAME": "else", "HOSTNAME": "elsewhere"},
    }
    everything = {key: value for world in found.values() for key, value in world.items()}
    return {**found, "all of it": everything}


WORLDS = [
    "another day",
    "another Git identity",
    "another author by environment",
    "another time zone",
    "a locale without UTF-8",
    "another order of sets",
    "another user and machine",
    "all of it",
]

Rendering = Callable[..., Tree]


@pytest.fixture
def render_in(worlds: dict[str, dict[str, str]], template: Path, tmp_path: Path) -> Rendering:
    """Renders answers in a process of its own, in another world and another working folder."""

    def run(world: str, answers: dict[str, Any]) -> Tree:
        folder, place = tmp_path / "in another world", tmp_path / "another place"
        place.mkdir()
        subprocess.run(
            [sys.executable, "-c", SCRIPT, template, folder, json.dumps(answers)],
            cwd=place,
            env={**os.environ, **worlds[world]},
            check=True,
        )
        assert not list(place.iterdir())
        return Tree.read(folder)

    return run


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tree]:
    """The examples, each rendered for a repository that is ready for it."""
    folder = tmp_path_factory.mktemp("rendered")
    fresh, ready = empty_repository(folder / "empty"), ready_repository(folder / "ready")
    return {
        name: render(template, folder / name, answers, fresh if name == "registry" else ready)
        for name, answers in EXAMPLES.items()
    }


def test_all_worlds_are_tried(worlds: dict[str, dict[str, str]]):
    assert list(worlds) == WORLDS


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("world", "question", "value"),
    [
        ("another day", "created", "2041-07-09"),
        ("another Git identity", "author_name", "Someone Else"),
        ("another author by environment", "author_email", "else@example.org"),
        ("all of it", "created", "2041-07-09"),
    ],
)
def test_defaults_see_the_other_world(
    world: str, question: str, value: str, render_in: Rendering, tmp_path: Path
):
    repository = ready_repository(tmp_path / "repository")
    tree = render_in(world, {"title": "Any", "_repository": str(repository)})
    assert tree.stored[question] == value


@pytest.mark.sample(1)
@pytest.mark.parametrize("world", WORLDS[:-1])
def test_stored_answers_give_the_same_bytes_in_another_world(
    world: str, rendered: dict[str, Tree], render_in: Rendering
):
    again = render_in(world, rendered["segmented"].stored)
    assert again.files == rendered["segmented"].files


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_template_tree_is_the_same_in_another_world(
    example: str, rendered: dict[str, Tree], render_in: Rendering
):
    again = render_in("all of it", rendered[example].stored)
    assert again.files == rendered[example].files


def test_unknown_answers_stay_unknown_in_another_world(
    template: Path, render_in: Rendering, tmp_path: Path
):
    unknown = {"author_name": "", "author_email": "", "created": "", "created_version": ""}
    repository = ready_repository(tmp_path / "repository")
    answers = {**EXAMPLES["segmented"], **unknown}
    tree = render(template, tmp_path / "tree", answers, repository)
    again = render_in("all of it", tree.stored)
    assert again.files == tree.files
    assert {name: again.stored[name] for name in unknown} == unknown


# --- The state of the repository ----------------------------------------------------------------


@pytest.fixture
def busy(repository: Path) -> Path:
    """A repository with proposals, other settings, another version, on a proposal's branch."""
    settings = "bep:\n  first_number: 500\n  issue_prefix: OTHER\n"
    (repository / "invoke.yaml").write_text(settings)
    (repository / "VERSION").write_text("31.4.1\n")
    run_git(repository, "config", "user.name", "Someone Else")
    run_git(repository, "config", "user.email", "else@example.org")
    run_git(repository, "switch", "--quiet", "--create=bep/1005-relay-in-sessions")
    return repository


def test_defaults_see_the_state_of_the_repository(busy: Path, template: Path, tmp_path: Path):
    stored = render(template, tmp_path / "tree", {}, busy).stored
    seen = ("number", "title", "issue_prefix", "created_version", "author_name")
    expected = [1005, "Relay in Sessions", "OTHER", "31.4.1", "Edsger Dijkstra"]
    assert [stored[name] for name in seen] == expected


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_state_of_the_repository_reaches_no_document(
    example: str, busy: Path, rendered: dict[str, Tree], template: Path, tmp_path: Path
):
    again = render(template, tmp_path / "again", rendered[example].stored, busy)
    assert again.files == rendered[example].files


@pytest.mark.parametrize("example", ["single", "segmented"])
def test_what_stands_beside_a_document_does_not_reach_it(
    example: str, busy: Path, rendered: dict[str, Tree], template: Path
):
    files = dict(rendered[example].files)
    after = render(template, busy, rendered[example].stored)
    assert {path: after.files[path] for path in files} == files


def test_no_rendering_leaves_anything_for_the_next_one(
    rendered: dict[str, Tree], template: Path, tmp_path: Path
):
    for at, example in enumerate(["single", "segmented", "single", "registry", "segmented"]):
        again = render(template, tmp_path / str(at), rendered[example].stored)
        assert again.files == rendered[example].files


def test_rendering_leaves_the_repository_as_it_is(busy: Path, template: Path, tmp_path: Path):
    def state() -> list[str]:
        status = run_git(busy, "status", "--porcelain=v2", "--branch", "--ignored")
        return [status, run_git(busy, "for-each-ref"), run_git(busy, "diff")]

    before = state()
    render(template, tmp_path / "tree", {"title": "Any"}, busy)
    assert state() == before
