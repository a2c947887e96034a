"""`status`: where a proposal stands, what is in the way, and the next command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import schemas
from tests.conftest import PAGE, run_git
from tests.share import github_server
from tests.share.github_server import Answer
from tests.share.test_submit import BRANCH, DOCUMENT, connect
from tests.terminal import Terminal

SCHEMA = schemas.of("status")


@pytest.fixture
def data(call):
    """What `status --json` says, held to its schema."""

    def of(root: Path, *arguments: str) -> dict:
        code, out, err = call(root, "status", *arguments, "--json")
        assert code == 0, err
        found = json.loads(out)
        SCHEMA.validate(found)
        return found

    return of


def test_a_new_proposal_is_empty_and_its_next_status_far(repository, call, data):
    call(repository, "new", "Token Service", "--defaults")

    found = data(repository)

    assert (found["number"], found["title"], found["status"]) == (1006, "Token Service", "Draft")
    assert found["where"] == BRANCH
    written = {one["section"]: one["written"] for one in found["sections"]}
    assert not written["Motivation"]
    assert not written["Decision Log"]
    assert any("'Motivation' is empty" in one for one in found["blocked"])
    # The call of `mark` gives it.
    assert not any("Target-Version" in one for one in found["blocked"])
    assert found["pull_request"] is None
    assert found["next"] == ["bep submit 1006"]


def test_what_is_written_is_seen(repository, call, data):
    call(repository, "new", "Token Service", "--defaults")
    document = repository / DOCUMENT
    why = "Users wait.\n" * 12
    document.write_text(document.read_text().replace("## Motivation\n", f"## Motivation\n\n{why}"))

    found = data(repository)

    assert {"section": "Motivation", "lines": 12, "written": True} in found["sections"]
    assert not any("'Motivation'" in one for one in found["blocked"])


def test_open_questions_have_their_age_and_are_decided_first(repository, call, data, monkeypatch):
    call(repository, "new", "Token Service", "--defaults")
    call(repository, "ask", "1006", "--question", "Which cache?")
    run_git(repository, "add", "--all")
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-01-01T00:00:00Z")
    run_git(repository, "commit", "--quiet", "--message=Asked")
    call(repository, "ask", "1006", "--question", "And now?")

    found = data(repository)

    old, new = found["questions"]
    assert (old["text"], new["text"]) == ("Which cache?", "And now?")
    assert old["days"] > 100
    assert new["days"] == 0
    assert found["blocked"][-1].endswith("2 open questions are left")
    assert found["next"][0] == "bep decide 1006 --question 1 --decision D --rationale R"


def test_errors_are_in_the_way_as_well(repository, data):
    document = next((repository / "proposals").glob("BEP-1002-*.md"))
    document.write_text(document.read_text() + "\n[broken](no-such-file.md)\n")

    assert any("no-such-file.md" in one for one in data(repository, "1002")["blocked"])


def test_on_main_the_next_status_is_the_next_command(repository, data):
    found = data(repository, "1001")

    assert (found["status"], found["where"]) == ("Accepted", "main")
    assert found["next"][0].startswith(("bep mark 1001 implemented --version", "bep check 1001"))


@pytest.mark.parametrize("status", ["Implemented", "Rejected", "Superseded"])
def test_a_final_status_leads_nowhere(repository, call, data, status):
    path = repository / "proposals/BEP-1002-quota-ledger.md"
    path.write_text(path.read_text().replace("Status: Draft", f"Status: {status}"))
    run_git(repository, "commit", "--quiet", "--all", "--message=Final")

    found = data(repository, "1002")

    assert (found["status"], found["blocked"], found["next"]) == (status, [], [])


def test_the_main_branch_is_called_by_its_name(repository, call, data):
    run_git(repository, "branch", "--move", "main", "master")

    assert "Draft, on master\n" in call(repository, "status", "1002")[1]
    assert data(repository, "1002")["where"] == "main"


@pytest.mark.parametrize("committed", [False, True])
def test_where_a_document_is_and_what_is_main_are_the_same_for_all(
    repository, tmp_path, call, data, committed
):
    """In a clone that knows no HEAD of its remote and has no main branch of its own."""
    run_git(tmp_path, "init", "--quiet", "--initial-branch=work", "clone")
    clone = tmp_path / "clone"
    run_git(clone, "config", "user.name", "Ada")
    run_git(clone, "config", "user.email", "ada@example.com")
    run_git(clone, "remote", "add", "origin", str(repository))
    run_git(clone, "fetch", "--quiet", "origin")
    run_git(clone, "switch", "--quiet", "--create", "feature", "origin/main")
    (document,) = clone.glob("proposals/BEP-1002-*.md")
    document.write_text(document.read_text() + "\nMore.\n")
    if committed:
        run_git(clone, "commit", "--quiet", "--all", "--message=More")

    listed = json.loads(call(clone, "list", "1002", "--json")[1])
    found = data(clone, "1002")

    assert found["where"] == listed[0]["where"] == ("feature" if committed else "main")
    assert found["next"][-1] == "bep submit 1002"
    assert "what feature changes against main" in call(clone, "check")[1]


def test_a_number_that_is_only_reserved_has_a_standing(repository, call, data):
    call(repository, "reserve", "Token Service")

    found = data(repository)

    assert (found["number"], found["title"]) == (1006, "Token Service")
    assert (found["where"], found["sections"]) == ("reserved", [])
    assert found["next"] == ["bep new --number 1006"]


def test_the_text_shows_it_and_ends_with_the_next_command(repository, call):
    call(repository, "new", "Token Service", "--defaults")
    call(repository, "ask", "1006", "--question", "Which cache?")

    code, out, _ = call(repository, "status", "1006")

    assert code == 0
    assert out.startswith(f"BEP-1006 Token Service\n  Draft, on {BRANCH}\n  {DOCUMENT}\n")
    assert "\n  Motivation                 empty\n" in out
    assert ": Which cache? (new)\n" in out
    assert "\nBlocking Accepted:\n  " in out
    assert out.endswith("Then: bep submit 1006\n")


@pytest.mark.parametrize(
    ("named", "said"),
    [("9999", "the number 9999 has no document"), ("x", "'x' is not a proposal")],
)
def test_an_unknown_number_is_one_line(repository, call, named, said):
    code, out, err = call(repository, "status", named)

    assert (code, out) == (2, "")
    assert said in err


@pytest.fixture
def github(repository, call, monkeypatch):
    remote = repository.with_name("remote.git")
    run_git(repository, "init", "--quiet", "--bare", str(remote))
    run_git(repository, "remote", "add", "origin", "x")
    connect(repository, remote)
    run_git(repository, "push", "--quiet", "origin", "main")
    call(repository, "new", "Token Service", "--defaults")
    with github_server.serving(monkeypatch) as server:
        yield server


def test_the_pull_request_of_the_branch_is_shown(repository, call, data, github):
    assert call(repository, "submit", "--yes")[0] == 0
    pull = {"number": 1, "state": "open", "url": "https://github.com/acme/api/pull/1"}

    found = data(repository)

    assert found["pull_request"] == pull
    assert "bep submit 1006" not in found["next"]
    github.pulls[0].update(state="closed", merged_at="2026-01-01T00:00:00Z")
    assert data(repository)["pull_request"] == {**pull, "state": "merged"}


def test_the_pull_request_is_not_that_of_another_proposal(repository, call, data, github):
    assert call(repository, "submit", "--yes")[0] == 0

    assert data(repository, "1002")["pull_request"] is None
    assert data(repository, "1006")["pull_request"]


def test_where_github_does_not_answer_the_rest_is_shown(repository, call, github):
    github.fail("GET", "/pulls", Answer(500, "<html>"))

    code, out, err = call(repository, "status")

    assert code == 0
    assert out.startswith("BEP-1006")
    assert "the pull request is unknown: github.com answered 500" in err


def test_decide_and_mark_end_with_the_next_command(repository, call):
    call(repository, "new", "Token Service", "--defaults")
    call(repository, "ask", "1006", "--question", "Which cache?")
    decision = ("--decision", "Redis", "--rationale", "Known")

    _, _, err = call(repository, "decide", "1006", "--question", "1", *decision)
    assert err.endswith("Next: `bep submit 1006`.\n")

    _, _, err = call(repository, "mark", "1006", "accepted", "--target-version", "26.9.0")
    assert err.endswith("Next: `bep submit 1006`.\n")


def test_on_a_terminal_what_is_in_the_way_is_shown_before_it_is_accepted(repository, call):
    call(repository, "new", "Token Service", "--defaults")
    accept = ("mark", "1006", "accepted", "--target-version", "26.9.0")

    person = Terminal(repository, *accept)
    person.wait_for("'Motivation' is empty")
    person.wait_for("Make it Accepted all the same? [y/N]")
    person.type("n\n")
    assert person.end() == 2
    assert "Status: Draft" in (repository / DOCUMENT).read_text()

    person = Terminal(repository, *accept)
    person.wait_for("[y/N]")
    person.type("y\n")
    assert person.end() == 0, person.shown
    assert "Status: Accepted" in (repository / DOCUMENT).read_text()


def test_on_a_terminal_nobody_is_asked_about_what_is_refused_anyway(repository, call):
    call(repository, "new", "Token Service", "--defaults")

    person = Terminal(repository, "mark", "1006", "accepted")

    assert person.end() == 1
    assert "give --target-version V" in person.shown.replace("\r\n  ", " ")
    assert "all the same?" not in person.shown


def test_a_row_that_keeps_its_number_from_everybody_leads_nowhere(repository, call, data):
    page = repository / PAGE
    page.write_text(page.read_text().replace("| _next_", "| 1011 | _(skipped)_ |  |  |\n| _next_"))

    found = data(repository, "1011")

    assert (found["where"], found["next"]) == (None, [])
    assert "no status, reserved for nobody" in call(repository, "status", "1011")[1]


def test_titles_and_sections_are_shown_as_readers_see_them(repository, data):
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    text = document.read_text().replace(
        "# Quota Ledger", "# [Quota](https://x.org) **Ledger** & Co"
    )
    document.write_text(text.replace("## Motivation", "## [Motivation](https://x.org)"))

    found = data(repository, "1002")

    assert found["title"] == "Quota Ledger & Co"
    assert "Motivation" in [one["section"] for one in found["sections"]]


def test_an_obstacle_is_said_once(repository, data):
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    document.write_text(re.sub("(?m)^Author: .*$", "Author: [x", document.read_text()))

    blocked = data(repository, "1002")["blocked"]

    assert len(blocked) == len(set(blocked))


def test_on_a_detached_head_what_main_has_otherwise_is_nowhere(repository, call, data):
    run_git(repository, "switch", "--quiet", "--detach")
    assert data(repository, "1002")["where"] == "main"
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    document.write_text(document.read_text() + "\nMore.\n")
    run_git(repository, "commit", "--quiet", "--all", "--message=More")

    assert data(repository, "1002")["where"] is None
    assert json.loads(call(repository, "list", "1002", "--json")[1])[0]["where"] is None
