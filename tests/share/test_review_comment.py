"""`review --comment`: one comment on the pull request, through the real `gh`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bep.share.review_comment import MARK
from tests.conftest import run_git
from tests.share import github_server
from tests.share.github_server import Answer, GitHub
from tests.share.test_review import LEDGER, Folder
from tests.share.test_submit import connect

BRANCH = "bep/1002-quotas"
COMMENTS = "/repos/acme/api/issues/1/comments"
REFUSED = Answer(403, {"message": "Resource not accessible by integration"})


@pytest.fixture
def github(monkeypatch):
    for name in ("GITHUB_REF", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    with github_server.serving(monkeypatch) as server:
        server.branches = lambda _: True
        yield server


@pytest.fixture
def here(repository: Path, tmp_path: Path, github: GitHub) -> Folder:
    """A pushed branch that changes a proposal, with an open pull request."""
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "init", "--quiet", "--bare", str(remote))
    run_git(repository, "remote", "add", "origin", str(remote))
    connect(repository, remote)
    run_git(repository, "push", "--quiet", "origin", "main")
    run_git(repository, "switch", "--quiet", "--create", BRANCH)
    here = Folder(repository)
    here.edit(LEDGER, ("counted twice", "counted thrice"))
    here.commit()
    run_git(repository, "push", "--quiet", "origin", BRANCH)
    github._make_pull("acme", "api", head=BRANCH, base="main", title="Quotas")
    return here


def test_the_comment_is_made_once_and_kept_up_to_date(here, github, call):
    code, out, err = call(here.root, "review", "--comment")

    assert code == 0
    assert err == "Comment: https://github.com/acme/api/pull/1#issuecomment-1\n"
    assert out.startswith("Reviewed ")
    assert github.comments[0]["body"].startswith(f"{MARK}## Proposals\n")

    call(here.root, "review", "--comment")
    assert not [one for one in github.requests if one.startswith("PATCH")]
    here.edit(LEDGER, ("counted thrice", "not counted\nat all"))
    call(here.root, "review", "--comment")

    assert len(github.comments) == 1
    assert "Motivation +2 -1" in github.comments[0]["body"]

    here.edit(LEDGER, ("not counted\nat all", "counted twice"))
    call(here.root, "review", "--comment")

    assert "nothing changes" in github.comments[0]["body"]


def test_no_comment_says_that_nothing_changes(here, github, call):
    here.edit(LEDGER, ("counted thrice", "counted twice"))

    assert call(here.root, "review", "--comment")[::2] == (0, "")
    assert github.comments == []


def test_a_comment_of_somebody_else_is_left_alone(here, github, call):
    github.login = "mallory"
    github._make_comment("acme", "api", "1", body=f"{MARK}Approved by @grace")
    github.login = "grace"

    call(here.root, "review", "--comment")

    assert [one["user"]["login"] for one in github.comments] == ["mallory", "grace"]
    assert github.comments[0]["body"] == f"{MARK}Approved by @grace"


def test_in_a_workflow_it_is_the_pull_request_that_the_workflow_runs_for(
    here, github, call, monkeypatch
):
    run_git(here.root, "switch", "--quiet", "--detach")
    monkeypatch.setenv("GITHUB_REF", "refs/pull/1/merge")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/api")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    github.login = "github-actions[bot]"
    # The token of a workflow is no user's.
    github.fail("GET", "/user", REFUSED)

    for text in ("four times", "five times"):
        here.edit(LEDGER, ("counted ", f"counted {text} "))
        assert call(here.root, "review", "main", "--comment")[0] == 0

    assert len(github.comments) == 1


@pytest.mark.parametrize(("method", "path"), [("POST", COMMENTS), ("GET", COMMENTS)])
def test_who_may_not_comment_has_the_digest(here, github, call, method, path):
    github.fail(method, path, REFUSED)

    code, out, err = call(here.root, "review", "--format", "markdown", "--comment")

    assert code == 0
    assert "Motivation +1 -1" in out
    assert err.startswith("bep: no comment was written: github.com refuses ")
    assert err.count("\n") == 1


def test_without_an_open_pull_request_there_is_no_place_for_it(here, github, call):
    github._edit("acme", "api", "1", state="closed")

    code, out, err = call(here.root, "review", "--comment")

    assert (code, err) == (
        2,
        f"bep: acme:{BRANCH} has no open pull request; open it with `bep submit`\n",
    )
    assert out.startswith("Reviewed ")


def test_elsewhere_than_on_github_there_is_no_comment(here, call):
    run_git(here.root, "config", "remote.origin.url", str(here.root.parent / "remote.git"))

    code, _, err = call(here.root, "review", "--comment")

    assert code == 2
    assert "is not on GitHub, where a comment could be written; leave out --comment" in err


def test_a_failure_of_github_is_one(here, github, call):
    github.fail("POST", COMMENTS, Answer(500, "<html>"))

    assert call(here.root, "review", "--comment")[0] == 2
