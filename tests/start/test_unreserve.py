"""`bep unreserve`: a number is given back, here and on the shared remote."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, run_git
from tests.start.shared_remote import (
    claims,
    document,
    hook,
    refused,
    reserve,
    row,
)


def test_ones_own_number_is_given_back(repository, remote, call):
    page = (repository / PAGE).read_text()
    reserve(call, repository, "Session Relay", "--no-branch")

    code, out, err = call(repository, "unreserve", "1006")

    assert code == 0, err
    assert "1006" in out
    assert claims(remote) == claims(repository) == []
    assert (repository / PAGE).read_text() == page


def test_an_offline_claim_is_given_back(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch", "--offline")

    assert call(repository, "unreserve", "1006")[0] == 0
    assert claims(remote) == claims(repository) == []
    assert row(repository, 1006) == ""


def test_without_a_remote_it_is_given_back_too(repository, call):
    reserve(call, repository, "Session Relay", "--no-branch")

    assert call(repository, "unreserve", "BEP-1006")[0] == 0
    assert claims(repository) == []
    assert row(repository, 1006) == ""


def test_a_row_of_ones_own_from_another_clone_is_given_back(repository, remote, call, tmp_path):
    reserve(call, repository, "Session Relay")
    run_git(repository, "commit", "--quiet", "--all", "--message=Row")
    run_git(repository, "push", "--quiet", "origin", "HEAD")
    run_git(tmp_path, "clone", "--quiet", "--branch=bep/1006-session-relay", str(remote), "other")

    code, _, err = call(tmp_path / "other", "unreserve", "1006")

    assert code == 0, err
    assert claims(remote) == []


def test_what_holds_a_number_that_was_given_back_is_named(repository, remote, call):
    reserve(call, repository, "Session Relay")
    run_git(repository, "push", "--quiet", "origin", "HEAD")
    run_git(repository, "switch", "--quiet", "main")

    out = call(repository, "unreserve", "1006")[1]

    assert "1006 is no longer reserved here and on the remote; its row is out" in out
    assert "while these hold it: refs/heads/bep/1006-session-relay, refs/remotes/" in out
    assert "refs/heads/bep/1006-session-relay on origin" in out
    assert "commit" not in out


def test_only_a_page_that_was_committed_is_to_be_committed(repository, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    said = "1006 is free again; its row is out of the registry.\n"
    assert call(repository, "unreserve", "1006")[1] == said

    reserve(call, repository, "Session Relay", "--no-branch")
    run_git(repository, "commit", "--quiet", "--all", "--message=Row")
    out = call(repository, "unreserve", "1006")[1]
    assert "while these hold it: the row 1006 of README.md on the branch main" in out
    assert out.endswith("Next: commit the registry page.\n")


def test_somebody_elses_number_is_refused(repository, remote, ada, call):
    reserve(call, ada, "Theirs")

    for option in ("--force", "--of=Edsger Dijkstra"):
        text = refused(call, repository, remote, "unreserve", "1006", option)
        assert "reserved by Ada Lovelace" in text
    assert "--of 'Ada Lovelace'" in refused(call, repository, remote, "unreserve", "1006")


def test_somebody_elses_row_is_refused(repository, remote, call):
    text = refused(call, repository, remote, "unreserve", "1005")

    assert "--of 'Edsger Dijkstra'" in text


def test_somebody_elses_number_is_given_back_to_whoever_names_them(repository, remote, ada, call):
    reserve(call, ada, "Theirs")

    code, _, err = call(repository, "unreserve", "1006", "--of", "ada lovelace")

    assert code == 0, err
    assert claims(remote) == []


def test_ones_own_claim_that_lost_the_race_is_given_back_and_theirs_stays(
    repository, remote, ada, call
):
    reserve(call, repository, "Mine", "--offline", "--no-branch")
    reserve(call, ada, "Theirs", "--no-branch")

    code, out, err = call(repository, "unreserve", "1006")

    assert code == 0, err
    assert "stays reserved by somebody else" in out
    assert (claims(repository), claims(remote)) == ([], ["1006"])


def is_listed(call: Call, folder: Path, number: int) -> bool:
    code, out, err = call(folder, "list")
    assert code == 0, err
    return re.search(rf"^{number} ", out, re.MULTILINE) is not None


def test_a_number_that_was_given_back_is_no_longer_listed(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    call(repository, "sync")

    assert call(repository, "unreserve", "1006")[0] == 0
    assert not is_listed(call, repository, 1006)
    assert call(repository, "sync")[1] == "Nothing to settle.\n"


def test_a_number_of_somebody_else_that_was_given_back_is_no_longer_listed(
    repository, remote, ada, call
):
    reserve(call, ada, "Theirs", "--no-branch")
    call(repository, "sync")
    assert is_listed(call, repository, 1006)

    assert call(repository, "unreserve", "1006", "--of", "Ada Lovelace")[0] == 0
    assert not is_listed(call, repository, 1006)


def test_ones_own_number_that_is_gone_from_the_remote_is_given_back(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    call(repository, "sync")
    run_git(remote, "update-ref", "-d", "refs/bep/1006")

    assert call(repository, "unreserve", "1006")[0] == 0
    assert not is_listed(call, repository, 1006)


@pytest.mark.parametrize("arguments", [["reserve", "Other", "--no-branch"], ["sync"]])
@pytest.mark.parametrize("before", [[], ["sync"]], ids=["new", "synchronised"])
def test_a_number_that_somebody_gave_back_is_given_up_where_it_was_reserved(
    repository, remote, ada, call, arguments, before
):
    reserve(call, repository, "Mine", "--no-branch")
    for task in before:
        call(repository, task)
    assert call(ada, "unreserve", "1006", "--of", "Grace B. Hopper")[0] == 0

    code, out, err = call(repository, *arguments)

    assert code == 0, err
    assert "BEP-1006 was given back by somebody else meanwhile" in out + err
    assert "published" not in out + err
    assert "Mine" not in row(repository, 1006)
    assert claims(remote) == claims(repository) == ([] if arguments == ["sync"] else ["1006"])


def test_a_number_that_somebody_gave_back_is_claimed_again_for_its_document(
    repository, remote, ada, call
):
    reserve(call, repository, "Mine", "--no-branch")
    document(repository, 1006)
    assert call(ada, "unreserve", "1006", "--of", "Grace B. Hopper")[0] == 0

    _, out, err = call(repository, "sync")

    assert "BEP-1006 'Mine', which was reserved in this clone only, is now published" in out, err
    assert claims(remote) == ["1006"]


def test_a_number_that_is_given_back_is_reserved_anew(repository, remote, ada, call):
    reserve(call, repository, "Mine", "--no-branch")
    assert call(ada, "unreserve", "1006", "--of", "Grace B. Hopper")[0] == 0
    assert reserve(call, ada, "Theirs", "--no-branch") == 1006

    _, out, err = call(repository, "sync")

    assert "BEP-1006 was taken by somebody else meanwhile" in out, err
    assert claims(repository) == []


def test_what_cannot_be_remembered_of_the_remote_stops_nothing(repository, remote, call):
    run_git(repository, "update-ref", "refs/bep-seen/origin", "HEAD")

    assert reserve(call, repository, "Mine", "--no-branch") == 1006
    assert call(repository, "unreserve", "1006")[0] == 0


def test_a_number_with_a_document_stays_even_with_force(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    document(repository, 1006)

    assert "document" in refused(call, repository, remote, "unreserve", "1006", "--force")


@pytest.mark.parametrize("place", ["bep/1006-by-hand", "main"])
def test_a_number_whose_document_was_not_fetched_stays(repository, remote, ada, call, place):
    reserve(call, repository, "Session Relay", "--no-branch")
    (ada / "proposals/BEP-1006-by-hand.md").write_text("# By hand\n")
    run_git(ada, "add", "--all")
    run_git(ada, "commit", "--quiet", "--message=By hand")
    run_git(ada, "push", "--quiet", "origin", f"HEAD:refs/heads/{place}")

    said = refused(call, repository, remote, "unreserve", "1006")
    assert "on origin was not fetched" in said or "on main of origin was not fetched" in said
    assert said.endswith("; `git fetch origin`, and call again\n")

    run_git(repository, "fetch", "--quiet", "origin")
    assert "has a document" in refused(call, repository, remote, "unreserve", "1006")


def test_a_number_whose_branch_on_the_remote_is_known_is_given_back(repository, remote, call):
    reserve(call, repository, "Session Relay")
    run_git(repository, "push", "--quiet", "origin", "HEAD")

    assert call(repository, "unreserve", "1006")[0] == 0


def test_a_number_with_a_document_in_another_worktree_stays(repository, call, tmp_path):
    reserve(call, repository, "Session Relay", "--no-branch")
    run_git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))
    path = document(tmp_path / "other", 1006)

    assert str(path) in refused(call, repository, None, "unreserve", "1006")

    shutil.rmtree(tmp_path / "other")
    assert call(repository, "unreserve", "1006")[0] == 0


def test_a_number_that_nobody_reserved_is_refused(repository, remote, call):
    assert "1044" in refused(call, repository, remote, "unreserve", "1044")


def test_without_the_right_to_delete_it_stays_reserved(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    hook(remote, "refs/bep/*")

    refused(call, repository, remote, "unreserve", "1006")


def test_with_the_remote_gone_it_stays_reserved(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    remote.rename(remote.with_name("away"))

    said = refused(call, repository, None, "unreserve", "1006")

    assert said.endswith("; try again later\n")
