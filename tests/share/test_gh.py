"""GitHub through the real `gh`: what it answers, and what is said where it does not."""

from __future__ import annotations

import pytest

from bep.errors import BepError
from bep.share import gh
from tests.share import github_server
from tests.share.github_server import TOKEN, Answer


@pytest.fixture
def github(monkeypatch):
    with github_server.serving(monkeypatch) as server:
        yield server


ISSUES = gh.path("repos", "acme", "api", "issues")


def test_what_is_made_is_there_and_can_be_changed(github):
    made = gh.post("github.com", ISSUES, title='한글 "quoted" $(id)', body="two\nlines")
    one = f"{ISSUES}/{made['number']}"
    gh.patch("github.com", one, title="Another")

    assert gh.get("github.com", one)["title"] == "Another"
    assert gh.get("github.com", one)["body"] == "two\nlines"


def test_a_list_of_several_pages_is_read_to_its_end(github):
    for at in range(101):
        github._make_issue("acme", "api", title=str(at))

    assert len(gh.every("github.com", ISSUES, state="all")) == 101
    assert github.requests.count("GET /repos/acme/api/issues") == 2


def test_another_host_is_asked_where_the_repository_is_there(github, monkeypatch):
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", TOKEN)

    assert gh.get("git.example.com", "user") == {"login": "grace"}


def test_it_is_known_whether_somebody_is_logged_in(github, monkeypatch):
    assert gh.is_logged_in("github.com")
    assert not gh.is_logged_in("git.example.com")
    monkeypatch.delenv("GH_TOKEN")
    assert not gh.is_logged_in("github.com")


LIMITED = Answer(
    403,
    {"message": "API rate limit exceeded"},
    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000000"},
)


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(403, {"message": "Resource not accessible"}), "refuses repos/acme/api/issues (Res"),
        (github_server.not_found(), "refuses repos/acme/api/issues (Not Found)"),
        (LIMITED, "accepts no more requests for now (API rate limit exceeded); try again after "),
        (Answer(429, {"message": "Slow"}, {"Retry-After": "30"}), "try again in 30 seconds"),
        (Answer(429, "<html>"), "accepts no more requests for now (status 429, no JSON); try ag"),
        (github_server.invalid("No."), "answered 422 (Validation Failed: No.); correct what"),
        (Answer(422, {"message": "M", "errors": ["a", {"field": "f", "code": "c"}]}), "M: a: f: c"),
        (Answer(500, "<html>Oops</html>"), "answered 500 (status 500, no JSON); try again later"),
        (Answer(502, []), "github.com answered 502 (status 502"),
        (Answer(200, "<html>"), "github.com answered something that is not JSON"),
        (Answer(401, {"message": "Bad credentials"}), "does not accept gh's credentials (Bad cred"),
    ],
)
def test_a_refusal_is_one_line(github, answer, said):
    github.fail("GET", "/issues", answer)

    with pytest.raises(BepError) as caught:
        gh.get("github.com", ISSUES, state="all")

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_login_the_call_that_logs_in_is_named(github, monkeypatch):
    monkeypatch.delenv("GH_TOKEN")

    with pytest.raises(BepError, match=r"gh is not logged in to github.com; run `gh auth login"):
        gh.get("github.com", "user")


def test_without_gh_its_page_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not gh.is_installed()
    with pytest.raises(BepError, match=r"gh is not installed; install .*https://cli.github.com"):
        gh.get("github.com", "user")


def test_a_gh_that_knows_no_such_option_is_too_old(monkeypatch, tmp_path):
    (tmp_path / "gh").write_text("#!/bin/sh\necho 'unknown flag: --include' >&2\nexit 1\n")
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BepError, match="this gh is too old"):
        gh.get("github.com", "user")


def test_a_server_that_is_silent_is_given_up(monkeypatch, tmp_path):
    (tmp_path / "gh").write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(gh, "TIMEOUT", 0.2)

    with pytest.raises(BepError, match=r"did not answer within 0\.2 seconds"):
        gh.get("github.com", "user")


def test_without_a_network_the_reason_is_said(github, monkeypatch, tmp_path):
    (tmp_path / "config.yml").write_text(f"http_unix_socket: {tmp_path}/nobody\n")
    monkeypatch.setenv("GH_CONFIG_DIR", str(tmp_path))

    with pytest.raises(BepError, match=r"github.com cannot be reached"):
        gh.get("github.com", "user")
