"""The life of a proposal, from its rendering to its implementation: each step changes its lines."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, run_git
from tests.rendered import ROOT

ENDINGS = ["\n", "\r\n"]
Step = Callable[..., list[str]]


@pytest.fixture(params=["single", "segmented"])
def main(repository: Path, request: pytest.FixtureRequest) -> Path:
    """The main document of a fresh rendering, registered and committed."""
    golden = ROOT / "tests/golden" / request.param / "proposals"
    shutil.copytree(golden, repository / "proposals", dirs_exist_ok=True)
    (found,) = (path.name for path in golden.glob("BEP-*.md"))
    page = repository / PAGE
    row = row_of(repository / "proposals" / found, "Draft")
    page.write_text(page.read_text().replace("| _next_", f"{row}\n| _next_"))
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Rendered")
    run_git(repository, "switch", "--quiet", "--create", f"bep/{found[4:8]}-a-title")
    return repository / "proposals" / found


def row_of(main: Path, status: str) -> str:
    author = re.search(r"^Author: ([^(]+) ", main.read_text(), re.MULTILINE)
    assert author
    return f"| [{main.name[4:8]}]({main.name}) | A Title | {author[1]} | {status} |"


def stepper(call: Call, main: Path) -> Step:
    """Runs a task; gives the hunks of the change as Git shows them, and commits it."""
    repository = main.parents[1]

    def step(*arguments: str) -> list[str]:
        code, _, err = call(repository, *arguments)
        assert code == 0
        assert err.startswith("Next: `bep ") or not err
        diff = run_git(repository, "diff", "--unified=0", "--no-color")
        run_git(repository, "commit", "--quiet", "--allow-empty", "--all", "--message=Step")
        return [
            line
            for line in diff.split("\n")
            if line[:1] in ("+", "-") and not line.startswith(("--- a/", "+++ b/"))
        ]

    return step


@pytest.mark.sample(2)
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_author_asks_decides_and_sees_it_implemented(main, call, ending):
    main.write_bytes(main.read_bytes().replace(b"\n", ending.encode()))
    run_git(main.parents[1], "commit", "--quiet", "--allow-empty", "--all", "--message=Endings")
    rendered = main.read_bytes()
    step = stepper(call, main)
    accept = ["mark", "accepted", "--target-version", "26.9.0"]

    assert step("ask", "--question", "Is *one* worker enough?") == [
        "+- Is *one* worker enough?",
        "+",
    ]
    assert step("ask", "--question", "Who | what expires `idle` entries?") == [
        "+- Who | what expires `idle` entries?"
    ]
    assert step("ask", "--question", "- or nothing?") == ["+- \\- or nothing?"]

    assert step(
        *("decide", "--question", "one worker", "--decision", "One worker | no pool"),
        *("--rationale", "See [BEP-1001](BEP-1001-event-journal.md)", "--date", "2026-03-01"),
        "--key",
    ) == [
        "-key-decisions: []",
        "+key-decisions:",
        "+  - One worker | no pool",
        "+| 2026-03-01 | One worker \\| no pool | See [BEP-1001](BEP-1001-event-journal.md) |",
        "-- Is *one* worker enough?",
    ]
    assert call(main.parents[1], *accept)[0] == 1
    assert step(
        *("decide", "--question", "2", "--decision", "Something", "--rationale", "It is needed"),
        *("--date", "2026-02-01"),
    ) == ["+| 2026-02-01 | Something | It is needed |", "-- \\- or nothing?"]
    assert step(
        *("decide", "--question", "expires", "--decision", "The worker", "--rationale", "Simple"),
        *("--date", "2026-03-02", "--key"),
    ) == [
        "+  - The worker",
        "+| 2026-03-02 | The worker | Simple |",
        "-- Who | what expires `idle` entries?",
        "-",
    ]

    assert step(*accept) == [
        "-Status: Draft",
        "+Status: Accepted",
        "-Target-Version:",
        "+Target-Version: 26.9.0",
        f"-{row_of(main, 'Draft')}",
        f"+{row_of(main, 'Accepted')}",
    ]
    assert step("sync", main.name[4:8]) == []
    assert step("mark", "implemented", "--version", "26.9.1") == [
        "-Status: Accepted",
        "+Status: Implemented",
        "-Implemented-Version:",
        "+Implemented-Version: 26.9.1",
        f"-{row_of(main, 'Accepted')}",
        f"+{row_of(main, 'Implemented')}",
    ]

    lines = rendered.decode().split(ending)
    now = iter(main.read_bytes().decode().split(ending))
    touched = ("Status:", "Target-Version:", "Implemented-Version:", "key-decisions:")
    assert all(line in now for line in lines if not line.startswith(touched))


def test_what_was_asked_and_decided_at_once_leaves_but_its_row(main, call):
    step = stepper(call, main)
    rendered = main.read_text()

    step("ask", "--question", "Why?")
    step(
        *("decide", "--question", "1", "--decision", "D", "--rationale", "R"),
        *("--date", "2026-03-01"),
    )

    header = "|------|----------|-----------|\n"
    log = rendered.index("## Decision Log")
    assert main.read_text() == rendered[:log] + rendered[log:].replace(
        header, f"{header}| 2026-03-01 | D | R |\n", 1
    )
