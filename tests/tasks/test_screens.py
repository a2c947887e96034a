"""What a terminal shows, character by character: `tests/golden/screens`.

`UPDATE_GOLDEN=1 python -m pytest tests/tasks/test_screens.py` writes them anew.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyte
import pytest

from bep import output
from bep.output import progress_bar
from tests import forks
from tests.conftest import PAGE, ROOT, copy_repository, run_git
from tests.terminal import Terminal

GOLDEN = ROOT / "tests" / "golden" / "screens"
SIZES = [(80, 24), (120, 40)]
NEW = ("new", "-d", "created=2026-08-03")
# Each question of the review, by its label, and what is typed there.
EDITS = {
    "number": "1012",
    "title": "세션 Relay",
    "file name": "relay-of-sessions",
    "scope": "Sessions, and what they hold",
    "jira issues": "-",
    "github issues": "17",
    "lines": "900",
    "components": "data-model, api, 설계",
    "phases": "Foundation, Switch-over",
    "subsystems": "manager, agent",
    "layout": "2",
    "constraints": "No downtime",
    "migration plan": "yes",
    "overview": "yes",
    "diagrams": "no",
    "author": "Ada Lovelace",
    "mail address": "ada@example.com",
    "co-authors": "Grace Hopper (grace@example.com)",
    "created": "2026-08-04",
    "created version": "26.8.1",
}


class Film:
    """What a person sees in a terminal, picture by picture, and what they type."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self.folder, self.size = folder, size
        self.pictures: list[str] = []

    def take(self, title: str, person: Terminal) -> None:
        picture = re.sub(r"_src_path: .*", "_src_path: TEMPLATE", person.picture())
        picture = picture.replace(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}", "  TODAY   ")
        self.pictures.append(f"=== {title} ===\n{picture}")

    def call(self, *arguments: str, **environment: str) -> Terminal:
        columns, lines = self.size
        return Terminal(self.folder, *arguments, columns=columns, lines=lines, **environment)

    def run(self, *arguments: str, code: int = 0) -> Terminal:
        """Take pictures of a call that asks nothing, page by page where the pager shows it."""
        title = f"bep {' '.join(arguments)}"
        person = self.call(*arguments)
        while page := person.page():
            self.take(title, person)
            title = f"{title}: next page"
            person.type("q" if page == "(END)" else " ")
        assert person.end() == code, person.shown
        if "next page" not in title:
            self.take(title, person)
        return person

    def equals(self, name: str) -> None:
        """Compare with the golden file of this name and size."""
        path = GOLDEN / f"{name}-{self.size[0]}x{self.size[1]}.txt"
        text = "\n".join(self.pictures)
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text()


@pytest.fixture(scope="module")
def _world_of_screens(
    tmp_path_factory: pytest.TempPathFactory, _start: Path, template: Path
) -> Path:
    """A folder with a repository and its template, which has a newer revision."""
    folder = tmp_path_factory.mktemp("s")
    revised = copy_repository(template, folder / "template")
    repository = copy_repository(_start, folder / "repository")
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {revised}\n")
    page = repository / PAGE
    rows = [
        "| 1007 | 여러 세션을 한 번에 옮기는 릴레이와 그 대기열을 다루는 🚀 | 김지수 | Draft |\n",
        "| 1008 | [red]Relay[/red] \x1b[31mof {all} :rocket: kinds | Eve | Draft |\n",
    ]
    text = page.read_text()
    page.write_text(text.replace("| _next_", "".join(rows) + "| _next_"))
    run_git(repository, "commit", "--quiet", "--all", "--message=Rows")
    kept = copy_repository(repository, folder / "kept")
    done = forks.run("bep", kept, "new", "Relay", "--defaults", "--number", "1010")
    assert done.returncode == 0, done.stderr
    run_git(kept, "add", "--all")
    run_git(kept, "commit", "--quiet", "--message=Relay")
    run_git(kept, "switch", "--quiet", "main")
    run_git(kept, "merge", "--quiet", "--ff-only", "-")
    guide = revised / "guide.yml"
    words = "A reader who stops here should know whether the proposal affects them."
    assert words in guide.read_text()
    guide.write_text(guide.read_text().replace(words, "Who stops here knows what it is about."))
    run_git(revised, "commit", "--quiet", "--all", "--message=Revised")
    run_git(revised, "tag", "v1.1.0")
    return folder


@pytest.fixture
def repository_of_screens(_world_of_screens: Path, tmp_path: Path) -> Path:
    return copy_repository(_world_of_screens / "repository", tmp_path / "repository")


@pytest.fixture
def kept_repository(_world_of_screens: Path, tmp_path: Path) -> Path:
    return copy_repository(_world_of_screens / "kept", tmp_path / "kept")


@pytest.fixture(params=SIZES, ids="{0[0]}x{0[1]}".format)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


def answer(person: Terminal, *lines: tuple[str, str]) -> None:
    for question, line in lines:
        person.wait_for(question)
        person.type(f"{line}\r")


@pytest.mark.sample(1)
def test_new(repository_of_screens: Path, size: tuple[int, int]):
    film = Film(repository_of_screens, size)
    person = film.call(*NEW)
    answer(
        person,
        ("1/7 Title > ", "?"),
        ("1/7 Title > ", ""),
        ("1/7 Title > ", "Session Relay"),
        ("2/7 Scope", "How sessions of all kinds are handed from one agent to another"),
        ("3/7 JIRA issues > ", "nonsense"),
        ("3/7 JIRA issues", "4313, 4314"),
        ("4/7 Lines > ", "<"),
        ("3/7 JIRA issues", ""),
        ("4/7 Lines > ", "700"),
    )
    person.wait_for("5/7 Components > ")
    film.take("new: help, an error, a way back", person)
    person.interrupt()
    assert person.end() == 2
    film.take("new: Ctrl-C", person)

    person = film.call("new", "--resume")
    answer(person, ("1/3 Components > ", "Data Model, API"), ("2/3 Phases", ""), ("3/3 Sub", ""))
    person.wait_for("a number changes that answer > ")
    film.take("new --resume: the review", person)
    for label, said in EDITS.items():
        person.type(f"{label}\r")
        answer(person, (" > ", said))
        person.wait_for("a number changes that answer > ")
    film.take("new --resume: every answer edited", person)
    person.type("\r")
    assert person.end() == 0, person.shown
    film.take("new --resume: made", person)
    film.equals("new")


@pytest.mark.sample(1)
def test_reading_and_keeping(kept_repository: Path, size: tuple[int, int]):
    film = Film(kept_repository, size)
    person = film.run("list")
    assert person.colour("Accepted (1)") == "green"
    film.run("list", "--sort", "title")
    film.run("list", "--times")
    film.run("list", "--attention")
    film.run("search", "relay", "quota")
    film.run("status", "1010")
    film.run("check", "1002", code=1)
    film.run("update", "--dry-run")
    film.run("mark", "1001", "implemented", "--version", "26.8.0", "--dry-run")
    person = film.call("mark", "1002", "accepted", "--target-version", "26.9.0")
    answer(person, ("Make it Accepted all the same? [y/N] ", "y"))
    assert person.end() == 0, person.shown
    film.take("bep mark 1002 accepted --target-version 26.9.0", person)
    film.equals("kept")


# --- Other terminals ----------------------------------------------------------------------------


def test_a_narrow_terminal_shows_number_status_and_title(kept_repository: Path):
    person = Terminal(kept_repository, "list", "--sort", "number", columns=40)
    assert person.end() == 0

    lines = person.picture().splitlines()
    assert lines[0] == "Number  Status    Title"
    assert lines[1] == "1001    Accepted  Event Journal"
    assert "1007    Draft     여러 세션을 한 번에  …" in lines


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C", "PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}],
    ids=["ascii", "cp1252"],
)
def test_what_an_encoding_lacks_is_escaped_and_cut(
    kept_repository: Path, environment: dict[str, str]
):
    person = Terminal(kept_repository, "list", **environment)
    assert person.end() == 0

    assert person.shown.isascii() == ("LANG" in environment)
    row = next(line for line in person.shown.splitlines() if line.startswith("1007"))
    assert r"\uc5ec\ub7ec" in row
    assert len(row) <= 80


def test_pipes_and_dumb_terminals_get_plain_text_without_rich(kept_repository: Path):
    code = (
        "import sys; sys.argv = ['bep', 'list']; from bep.tasks import program; program.main();"
        " assert 'rich' not in sys.modules"
    )
    piped = subprocess.run(
        [sys.executable, "-c", code],
        cwd=kept_repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    dumb = Terminal(kept_repository, "list", TERM="dumb", columns=40)
    assert dumb.end() == 0

    assert dumb.shown.replace("\r\n", "\n") == piped
    assert "다루는 🚀" in piped
    assert max(map(len, piped.splitlines())) > 80


def test_colours_can_be_switched_off(kept_repository: Path):
    for environment, colour in (({}, "green"), ({"NO_COLOR": "1"}, "default")):
        person = Terminal(kept_repository, "list", **environment)
        assert person.end() == 0
        assert person.colour("Accepted") == colour


# --- The pager ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"BEP_PAGER": "sed s/^/paged:/", "PAGER": "less"}, "paged:1001"),
        ({"PAGER": "sed s/^/paged:/"}, "paged:1001"),
        ({"PAGER": "cat"}, "\n1001"),
        ({"BEP_PAGER": "", "PAGER": "less"}, "\n1001"),
        ({"PAGER": "no-such-pager"}, "not found"),
        ({"PAGER": "false"}, "\n1001"),
    ],
    ids=str,
)
def test_the_pager_is_chosen_as_git_chooses_it(
    kept_repository: Path, environment: dict[str, str], shown: str
):
    person = Terminal(kept_repository, "list", lines=6, **environment)

    assert person.end() == 0
    assert shown in person.shown
    # Nothing is lost.
    assert "1001  " in person.shown
    assert "1010  " in person.shown


def test_the_pager_survives_control_c_and_another_size(kept_repository: Path):
    person = Terminal(kept_repository, "check", "--all")
    assert person.page() == ":"
    person.type("\x03")
    # A busy pager may miss it and print nothing, so ask it to repaint the page.
    person.type("r")
    assert person.page()
    person.resize(60, 12)
    person.type(" ")
    assert person.page()
    person.type("q")

    # There are errors on pages that nobody looked at.
    assert person.end() == 1
    assert "stopped" not in person.shown
    assert "Traceback" not in person.shown


def test_what_a_program_reads_is_not_paged(kept_repository: Path):
    assert Terminal(kept_repository, "list", "--json", lines=6).end() == 0


# --- Progress -----------------------------------------------------------------------------------


def _all_of(master: int) -> Iterator[bytes]:
    """What was written to a terminal that is closed; the system passes it on in pieces."""
    with suppress(OSError):
        while data := os.read(master, 100_000):
            yield data


def test_long_work_shows_how_far_it_is_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    master, slave = os.openpty()
    monkeypatch.setattr(progress_bar, "_SECONDS", 0)
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        for item in output.tracked(["a", "b", "c"]):
            output.note(f"{item} is done")
    shown = b"".join(_all_of(master))
    os.close(master)

    assert b"1/3" in shown
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(shown)
    assert [line.rstrip() for line in screen.display if line.strip()] == [
        "a is done",
        "b is done",
        "c is done",
    ]
    assert not screen.cursor.hidden
