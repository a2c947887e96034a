"""`bep issue --github`: a proposal and its issue on GitHub, by the real `gh`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import EVERY, run_git, state
from tests.share import github_server
from tests.share.github_server import TOKEN, Answer
from tests.test_killed import DIED, run as run_until

MAIN = "proposals/BEP-1002-quota-ledger.md"
PAGE = "https://github.com/acme/api/blob/main/proposals/BEP-1002-quota-ledger.md"
ODD = 'Say "a" $(id) {0.__class__} @team #123 한글 ![x](http://y) <b>'
CONTEXT = "<!-- context-for-ai\ntype: master-bep\nscope: {scope}\n-->\n\n# {title}\n"


@pytest.fixture
def github(monkeypatch):
    with github_server.serving(monkeypatch) as server:
        yield server


@pytest.fixture
def folder(released: Path) -> Path:
    run_git(released, "remote", "add", "origin", "git@github.com:acme/api.git")
    return released


def test_an_issue_is_made_and_written(folder, github, call):
    code, out, err = call(folder, "issue", "1002", "--github")

    assert (code, out) == (0, "#1\n"), err
    assert "#1 is the new issue of BEP-1002: https://github.com/acme/api/issues/1" in err
    made = github.issues[0]
    assert made["title"] == "Quota Ledger"
    assert f"Proposal: [{MAIN}]({PAGE})" in made["body"]
    assert "- GitHub: #1\n" in (folder / MAIN).read_text()
    assert call(folder, "issue", "1002", "--github")[:2] == (0, "#1\n")
    assert len(github.issues) == 1


def test_it_is_recorded_with_the_answers(folder, github, call):
    run_git(folder, "remote", "remove", "origin")
    assert call(folder, "new", "Token Service", "--defaults", "--jira", "12")[0] == 0
    run_git(folder, "remote", "add", "origin", "https://github.com/acme/api")

    assert call(folder, "issue", "1006", "--github")[:2] == (0, "#1\n")

    answers = (folder / "proposals/.copier/.copier-answers.BEP-1006.yml").read_text()
    assert "\ngithub:\n- '#1'\n" in answers
    document = (folder / "proposals/BEP-1006-token-service.md").read_text()
    assert "- JIRA: BA-12\n- GitHub: #1\n" in document


def test_titles_and_scopes_are_text_and_call_nobody(folder, github, call):
    path = folder / MAIN
    path.write_text(
        path.read_text().replace("# Quota Ledger\n", CONTEXT.format(scope=repr(ODD), title=ODD))
    )

    assert call(folder, "issue", "1002", "--github")[0] == 0

    body = github.issues[0]["body"]
    assert (
        "(id) {0.\\_\\_class\\_\\_} @&#8203;team #&#8203;123 한글 !\\[x\\](http:&#8203;//y)" in body
    )
    assert github.issues[0]["title"].startswith('Say "a" $(id) {0.')


def test_issues_and_pull_requests_of_others_are_not_the_proposals_own(folder, github, call):
    path = folder / MAIN
    section = "## Related Issues\n\n- GitHub: [o/r#7](https://github.com/o/r/issues/7)\n\n"
    path.write_text(path.read_text().replace("## Mot", f"{section}## Mot"))

    assert call(folder, "issue", "1002", "--github")[:2] == (0, "#1\n")
    assert "- GitHub: [o/r#7](https://github.com/o/r/issues/7), #1\n" in path.read_text()


@pytest.mark.parametrize("key", ["#1", "acme/api#1", "https://github.com/acme/api/issues/1"])
def test_a_key_of_github_says_where_it_is(folder, github, call, key):
    call(folder, "issue", "1001", "--github")

    assert call(folder, "issue", "1002", "--key", key)[:2] == (0, "#1\n")


@pytest.mark.parametrize("key", ["1", "#1", "acme/api#1", "https://github.com/acme/api/issues/1"])
def test_an_existing_issue_is_linked(folder, github, call, key):
    github._make_issue("acme", "api", title="There already")

    assert call(folder, "issue", "1002", "--github", "--key", key)[:2] == (0, "#1\n")

    assert "- GitHub: #1\n" in (folder / MAIN).read_text()
    assert len(github.issues) == 1


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("#9", "there is no issue #9 in acme/api at github.com, or you may not see it"),
        ("o/r#1", "'o/r#1' is not an issue of acme/api; write one such as #12"),
        ("BA-1", "'BA-1' is not an issue of acme/api"),
    ],
)
def test_a_key_that_cannot_be_linked_is_refused(folder, github, call, key, said):
    before = state(folder)

    code, out, err = call(folder, "issue", "1002", "--github", "--key", key)

    assert (code, out) == (2, "")
    assert said in err
    assert state(folder) == before


@pytest.mark.parametrize(
    "address", ["https://gitlab.com/a/b", "https://codeberg.org/a/b", "/srv/git/a.git"]
)
def test_a_remote_elsewhere_has_no_issues_on_github(folder, call, address):
    run_git(folder, "remote", "set-url", "origin", address)

    for options in (["--github"], ["--key", "#12"]):
        code, out, err = call(folder, "issue", "1002", *options)

        assert (code, out) == (2, "")
        assert "is not on GitHub; an issue in JIRA needs neither --github nor a key such" in err


@pytest.mark.parametrize("who", ["me", "other"])
def test_an_issue_whose_answer_was_lost_is_found_among_newer_ones(folder, github, call, who):
    assert call(folder, "issue", "1002", "--github")[:2] == (0, "#1\n")
    run_git(folder, "checkout", "--quiet", "--", "proposals")
    github.issues[0]["user"] = {"login": github.login if who == "me" else "ada"}
    others = 150 if who == "me" else 50
    for _ in range(others):
        github._new("acme", "api", "issues", title="Another", user={"login": "somebody"})

    assert call(folder, "issue", "1002", "--github")[:2] == (0, "#1\n")


def test_a_dry_run_asks_nothing_of_github(folder, github, call):
    code, out, _ = call(folder, "issue", "1002", "--github", "--dry-run")

    assert code == 0
    assert "+- GitHub: #NEW\n" in out
    assert github.requests == []


@pytest.mark.parametrize(
    "answer",
    [Answer(410, {"message": "Issues are disabled"}), Answer(500, "<html>"), Answer(429, {})],
)
def test_where_github_refuses_no_file_changes(folder, github, call, answer):
    github.fail("POST", "/issues", answer)
    before = state(folder)

    code, out, err = call(folder, "issue", "1002", "--github")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert TOKEN not in err
    assert state(folder) == before


@pytest.mark.sample(6)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", [{"message": "x"}, ["x"], [{}], 7, "<html>"])
def test_an_odd_answer_ends_in_no_traceback(folder, github, call, method, body):
    github.fail(method, "/issues", Answer(201, body))

    code, out, err = call(folder, "issue", "1002", "--github")

    assert (code, out, err.count("\n")) in ((2, "", 1), (0, "#1\n", 2))


def test_killed_at_any_moment_the_next_call_completes_it_with_one_issue(folder, github, call):
    before, last, died = (folder / MAIN).read_bytes(), 0, DIED
    while died == DIED:
        github.issues.clear()
        died, _ = run_until(folder, ["issue", "1002", "--github"], last)

        assert call(folder, "issue", "1002", "--github")[:2] == (0, "#1\n"), last

        assert len(github.issues) == 1
        assert "- GitHub: #1\n" in (folder / MAIN).read_text()
        (folder / MAIN).write_bytes(before)
        last += EVERY
    assert last > 3
