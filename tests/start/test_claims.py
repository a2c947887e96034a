"""Claims on a shared remote: `reserve`, `new`, `list` and `sync` against it."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bep.system import git_remotes
from tests.conftest import PAGE, run_git, state
from tests.start.shared_remote import (
    add_row,
    branch,
    claims,
    document,
    hook,
    refused,
    reserve,
    row,
    said_by,
)

# --- Where it works -----------------------------------------------------------------------------


def test_the_claim_stands_here_and_on_the_remote(repository, remote, call):
    assert reserve(call, repository, "Session Relay") == 1006

    assert claims(remote) == claims(repository) == ["1006"]
    said = said_by(remote, 1006)
    assert said == said_by(repository, 1006)
    assert "Title: Session Relay\n" in said
    assert "Author: Grace B. Hopper\n" in said
    assert re.search(r"^Time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", said, re.MULTILINE)
    assert re.search(r"^Token: \S{16,}$", said, re.MULTILINE)


def test_where_main_and_all_branches_are_protected(repository, remote, call):
    hook(remote, "refs/heads/*")
    main = run_git(remote, "rev-parse", "main")

    assert reserve(call, repository, "Session Relay") == 1006

    assert claims(remote) == ["1006"]
    assert run_git(remote, "rev-parse", "main") == main
    assert claims(remote, "refs/heads/") == ["main"]


def test_from_a_worktree_with_a_dirty_tree_and_a_detached_head(repository, remote, call, tmp_path):
    tree = tmp_path / "tree"
    run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))
    (tree / "VERSION").write_text("26.9.0\n")
    (tree / "staged.txt").write_text("x\n")
    run_git(tree, "add", "staged.txt")

    assert reserve(call, tree, "Session Relay") == 1006

    assert branch(tree) == "bep/1006-session-relay"
    assert claims(remote) == ["1006"]
    assert (tree / "VERSION").read_text() == "26.9.0\n"
    assert run_git(tree, "diff", "--cached", "--name-only") == "staged.txt"


def test_from_a_shallow_clone(repository, remote, call, tmp_path):
    (repository / "VERSION").write_text("26.9.0\n")
    run_git(repository, "commit", "--quiet", "--all", "--message=Second")
    run_git(repository, "push", "--quiet", "origin", "main")
    shallow = tmp_path / "shallow"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{remote}", str(shallow))
    add_row(repository, 1010, "Theirs", "Ada")
    run_git(repository, "commit", "--quiet", "--all", "--message=Third")
    run_git(repository, "push", "--quiet", "origin", "main")

    assert reserve(call, shallow, "Session Relay") == 1011
    assert claims(remote) == ["1011"]


def test_before_anything_was_pushed_to_the_remote(repository, call, tmp_path):
    run_git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    run_git(repository, "remote", "add", "origin", str(tmp_path / "empty.git"))

    assert reserve(call, repository, "Session Relay") == 1006
    assert claims(tmp_path / "empty.git") == ["1006"]


def test_a_remote_without_a_main_branch(repository, remote, call):
    run_git(remote, "branch", "--quiet", "--move", "main", "feature-x")
    run_git(remote, "symbolic-ref", "HEAD", "refs/heads/nowhere")
    run_git(remote, "branch", "bep/1020-x", "feature-x")

    assert reserve(call, repository, "Session Relay") == 1021
    assert claims(remote) == ["1021"]


def test_a_remote_that_was_deleted_and_made_anew(repository, remote, call, tmp_path):
    assert reserve(call, repository, "First", "--no-branch") == 1006
    shutil.rmtree(remote)
    run_git(tmp_path, "init", "--quiet", "--bare", str(remote))

    assert reserve(call, repository, "Second", "--no-branch") == 1007

    assert claims(remote) == ["1006", "1007"]
    assert "Title: First\n" in said_by(remote, 1006)


def test_a_clock_in_the_wrong_year(repository, remote, ada, call, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "1999-12-31T23:59:59Z")

    assert reserve(call, repository, "First", "--no-branch") == 1006
    assert reserve(call, ada, "Second", "--no-branch") == 1007
    assert reserve(call, repository, "First", "--no-branch") == 1006


# --- Again --------------------------------------------------------------------------------------


def test_the_same_title_again_gives_the_same_number(repository, remote, ada, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    reserve(call, ada, "Session Relay", "--no-branch", "--again")
    before = state(repository), run_git(remote, "for-each-ref")

    assert reserve(call, repository, "session relay", "--no-branch") == 1006
    assert (state(repository), run_git(remote, "for-each-ref")) == before


def test_in_another_clone_of_the_author_that_has_the_row(repository, remote, call, tmp_path):
    reserve(call, repository, "Session Relay")
    run_git(repository, "commit", "--quiet", "--all", "--message=Row")
    run_git(repository, "push", "--quiet", "origin", "HEAD")
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", "--branch=bep/1006-session-relay", str(remote), "other")

    assert reserve(call, other, "Session Relay") == 1006

    assert claims(remote) == claims(other) == ["1006"]


def test_in_another_clone_of_the_author_that_knows_nothing_of_it(
    repository, remote, call, tmp_path
):
    reserve(call, repository, "Session Relay")
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", str(remote), "other")

    assert reserve(call, other, "Session Relay") == 1006

    assert claims(remote) == claims(other) == ["1006"]
    assert row(other, 1006)


# --- A number of one's choice -------------------------------------------------------------------


def test_a_bare_row_is_claimed_on_the_remote(repository, remote, ada, call):
    assert reserve(call, repository, "Relay in Sessions", "--number", "1005") == 1005

    assert claims(remote) == ["1005"]
    assert "1005" in refused(call, ada, remote, "reserve", "Mine", "--number", "1005")


def test_a_number_with_a_claim_of_somebody_else_is_refused(repository, remote, ada, call):
    reserve(call, ada, "Theirs")

    assert "1006" in refused(call, repository, remote, "reserve", "Mine", "--number", "1006")


def test_ones_own_claim_is_taken_up(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")

    assert reserve(call, repository, "Session Relay", "--number", "1006") == 1006
    assert claims(remote) == ["1006"]


# --- Offline ------------------------------------------------------------------------------------


def test_offline_asks_nobody(repository, remote, call):
    remote.rename(remote.with_name("away"))

    assert reserve(call, repository, "Session Relay", "--offline") == 1006
    assert claims(repository) == ["1006"]


def test_new_asks_nobody_offline_and_the_next_call_publishes_its_number(repository, remote, call):
    there = repository / "there"
    run_git(repository, "remote", "set-url", "origin", str(there))
    code, _, err = call(repository, "new", "Session Relay", "--defaults")
    assert code == 2
    assert "the remote 'origin' does not answer" in err
    assert err.endswith("; try again later, or do without it with --offline\n")

    assert call(repository, "new", "Session Relay", "--defaults", "--offline")[0] == 0

    run_git(repository, "remote", "set-url", "origin", str(remote))
    assert (
        "BEP-1006 'Session Relay', which was reserved in this clone only"
        in call(repository, "sync")[1]
    )
    assert "refs/bep/1006" in run_git(remote, "for-each-ref")
    assert call(repository, "new", "Other", "--defaults", "--offline", "--issue") == (
        2,
        "",
        "bep: --issue asks the tracker, and --offline asks nobody; leave out one of them\n",
    )


def test_an_offline_claim_is_published_by_the_next_reserve(repository, remote, call):
    reserve(call, repository, "First", "--offline", "--no-branch")
    assert claims(remote) == []

    code, out, err = call(repository, "reserve", "Second", "--no-branch")

    assert (code, out) == (0, "1007\n")
    assert claims(remote) == ["1006", "1007"]
    assert re.search(r"1006 'First'.*published", err), err


def test_an_offline_claim_is_published_by_the_same_call_without_offline(repository, remote, call):
    reserve(call, repository, "Session Relay", "--offline")

    assert reserve(call, repository, "Session Relay") == 1006
    assert claims(remote) == ["1006"]


def test_an_offline_claim_is_published_by_sync(repository, remote, call):
    reserve(call, repository, "First", "--offline", "--no-branch")

    assert (
        "BEP-1006 'First', which is reserved in this clone only, would be published"
        in (call(repository, "sync", "--dry-run")[2])
    )
    assert claims(remote) == []
    code, out, err = call(repository, "sync")

    assert code == 0, err
    assert claims(remote) == ["1006"]
    assert re.search(r"1006 'First'.*published", out), out
    assert call(repository, "sync")[1] == "Nothing to settle.\n"


@pytest.mark.parametrize("arguments", [["reserve", "Other", "--no-branch"], ["sync"]])
def test_taken_meanwhile_without_a_document_is_given_up(repository, remote, ada, call, arguments):
    reserve(call, repository, "Mine", "--offline", "--no-branch")
    reserve(call, ada, "Theirs", "--no-branch")

    code, out, err = call(repository, *arguments)

    assert code == 0
    text = out + err
    assert "1006" in text
    assert "meanwhile" in text
    assert "'Mine'" in text
    assert "1006" not in claims(repository)
    assert row(repository, 1006) == ""
    assert "Title: Theirs\n" in said_by(remote, 1006)
    assert reserve(call, repository, "Mine", "--no-branch") > 1006


def test_the_same_title_after_a_lost_race_gets_the_next_number(repository, remote, ada, call):
    reserve(call, repository, "Mine", "--offline", "--no-branch")
    reserve(call, ada, "Theirs", "--no-branch")

    assert reserve(call, repository, "Mine", "--no-branch") == 1007
    assert claims(repository) == ["1007"]


@pytest.mark.parametrize("arguments", [["reserve", "Other", "--no-branch"], ["sync"]])
def test_taken_meanwhile_with_a_document_names_renumber(repository, remote, ada, call, arguments):
    reserve(call, repository, "Mine", "--offline", "--no-branch")
    path = document(repository, 1006, "mine")
    reserve(call, ada, "Theirs", "--no-branch")

    _, out, err = call(repository, *arguments)

    assert "bep renumber 1006" in out + err
    assert path.exists()
    assert "Mine" in row(repository, 1006)
    assert "Title: Theirs\n" in said_by(remote, 1006)


# --- Servers that refuse ------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["refs/heads/bep-claims/", "refs/tags/bep-"])
def test_the_place_of_claims_is_a_setting(repository, remote, ada, call, prefix):
    hook(remote, "refs/bep/*")
    for folder in (repository, ada):
        with (folder / "invoke.yaml").open("a") as settings:
            settings.write(f"  claims: {prefix}\n")

    assert reserve(call, repository, "First", "--no-branch") == 1006
    assert reserve(call, ada, "Second", "--no-branch") == 1007
    assert reserve(call, repository, "First", "--no-branch") == 1006
    assert reserve(call, repository, "Third", "--no-branch", "--offline") == 1007
    assert claims(remote, prefix) == ["1006", "1007"]

    code, out, err = call(repository, "sync")
    assert code == 0, err
    assert "meanwhile" in out
    listed = call(repository, "list")[1]
    assert re.search(r"^1007 .*Ada Lovelace .*Second$", listed, re.MULTILINE), listed
    assert call(ada, "unreserve", "1007")[0] == 0
    assert claims(remote, prefix) == ["1006"]


def test_a_hook_that_refuses_is_told_with_the_setting(repository, remote, call):
    hook(remote, "refs/bep/*")
    began = time.monotonic()

    text = refused(call, repository, remote, "reserve", "Session Relay")

    assert "`claims`" in text
    assert "refs/bep/1006" in text
    assert branch(repository) == "main"
    assert time.monotonic() - began < 5


def test_refs_that_the_server_hides_are_told_with_the_setting(repository, remote, call):
    run_git(remote, "config", "transfer.hideRefs", "refs/bep")

    assert "`claims`" in refused(call, repository, remote, "reserve", "Session Relay")


def test_a_refused_claim_gives_no_document(repository, remote, call):
    hook(remote, "refs/bep/*")

    text = refused(call, repository, remote, "new", "Session Relay", "--defaults")

    assert "`claims`" in text


@pytest.mark.parametrize(
    "arguments", [["reserve", "Session Relay"], ["new", "Session Relay", "--defaults"]]
)
def test_a_remote_that_is_gone_gives_no_number(repository, remote, call, arguments):
    remote.rename(remote.with_name("away"))

    assert "origin" in refused(call, repository, None, *arguments)


def test_a_remote_that_is_gone_names_offline(repository, remote, call):
    remote.rename(remote.with_name("away"))

    assert "--offline" in refused(call, repository, None, "reserve", "Session Relay")


def test_no_network(repository, call):
    """Nobody listens at port 1."""
    run_git(repository, "remote", "add", "origin", "git://127.0.0.1:1/x.git")

    assert "origin" in refused(call, repository, None, "reserve", "Session Relay")


def test_sync_settles_without_the_remote_and_says_so(repository, remote, call):
    remote.rename(remote.with_name("away"))

    code, out, err = call(repository, "sync")

    assert (code, run_git(repository, "status", "--porcelain")) == (2, f"M {PAGE}")
    assert "the row of BEP-1002" in out
    assert re.fullmatch("bep: the remote 'origin' does not answer: .*; try again later\n", err), err


def test_sync_does_not_guess_which_remote_is_shared(repository, remote, call):
    run_git(repository, "remote", "rename", "origin", "up")
    run_git(repository, "remote", "add", "fork", str(remote))

    code, _, err = call(repository, "sync")

    assert code == 2
    assert "name it in the setting `remote`" in err


class _Closed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="closed"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def closed_server() -> Iterator[str]:
    """The address of a server that wants a password."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Closed)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x.git"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("display", [":0", ""])
def test_nothing_asks_for_a_password_in_a_window(
    repository, closed_server, bep, monkeypatch, tmp_path, display
):
    """Where there can be no window, the program that Git is to ask knows the answer."""
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    asked = tmp_path / "asked"
    program = tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho x\n")
    program.chmod(0o755)
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    run_git(repository, "remote", "add", "origin", closed_server)
    before = state(repository)
    began = time.monotonic()

    done = bep(repository, "reserve", "Session Relay")

    assert time.monotonic() - began < 10
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"bep: [^\n]+\n", done.stderr), done.stderr
    assert asked.exists() is (not display)
    assert state(repository) == before


def test_a_server_that_says_nothing_is_given_up(repository, call, monkeypatch):
    monkeypatch.setenv("GIT_HTTP_LOW_SPEED_TIME", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/x.git"
        run_git(repository, "remote", "add", "origin", address)

        line = refused(call, repository, None, "reserve", "Session Relay")

    assert "the remote 'origin' does not answer: " in line


def test_a_server_of_ssh_that_says_nothing_is_given_up(repository, call, monkeypatch):
    monkeypatch.setattr(git_remotes, "SSH", git_remotes.SSH.replace("=60", "=1"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ssh://127.0.0.1:{silent.getsockname()[1]}/x.git"
        run_git(repository, "remote", "add", "origin", address)

        line = refused(call, repository, None, "reserve", "Session Relay")

    assert re.search("the remote 'origin' does not answer: .* timed out; try again", line), line


@pytest.mark.parametrize("place", ["environment", "settings"])
def test_a_command_for_ssh_of_the_user_is_kept(repository, call, monkeypatch, place):
    address, command = "git@127.0.0.1:x.git", "echo not today >&2; false"
    run_git(repository, "remote", "add", "origin", address)
    if place == "environment":
        monkeypatch.setenv("GIT_SSH_COMMAND", command)
    else:
        run_git(repository, "config", "core.sshCommand", command)

    line = refused(call, repository, None, "reserve", "Session Relay")

    assert "the remote 'origin' does not answer: not today" in line


# --- Names that look like options ---------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["--upload-pack=touch pwned", "--receive-pack=touch pwned", "-x", "ext::touch pwned"]
)
def test_an_address_is_never_an_option(repository, call, address):
    run_git(repository, "config", "remote.origin.url", address)

    refused(call, repository, None, "reserve", "Session Relay")

    assert not list(repository.rglob("pwned"))


def test_an_address_to_push_to_is_never_an_option(repository, remote, call):
    run_git(repository, "config", "remote.origin.pushurl", "--receive-pack=touch pwned")

    refused(call, repository, remote, "reserve", "Session Relay")

    assert not list(repository.rglob("pwned"))


@pytest.mark.parametrize("name", ["--upload-pack=touch pwned", "-x"])
def test_the_name_of_a_remote_is_never_an_option(repository, remote, call, name):
    run_git(repository, "config", f"remote.{name}.url", str(remote))
    with (repository / "invoke.yaml").open("a") as settings:
        settings.write(f"  remote: '{name}'\n")

    call(repository, "reserve", "Session Relay")

    assert not list(repository.rglob("pwned"))


def test_a_branch_of_the_remote_is_never_an_option(repository, remote, ada, call):
    add_row(ada, 1030, "Theirs", "Ada Lovelace")
    run_git(ada, "commit", "--quiet", "--all", "--message=Row")
    name = "refs/heads/--upload-pack=x"
    run_git(ada, "push", "--quiet", "origin", f"HEAD:{name}")
    run_git(remote, "symbolic-ref", "HEAD", name)

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1031


def test_a_title_that_begins_with_a_dash(repository, remote, call):
    assert reserve(call, repository, "--title=--force") == 1006
    assert "Title: --force\n" in said_by(remote, 1006)


# --- new ----------------------------------------------------------------------------------------


def test_new_takes_its_number_on_the_remote(repository, remote, ada, call):
    reserve(call, ada, "Theirs", "--no-branch")

    code, _, err = call(repository, "new", "Session Relay", "--defaults")

    assert code == 0, err
    assert claims(remote) == ["1006", "1007"]
    assert "Title: Session Relay\n" in said_by(remote, 1007)
    assert (repository / "proposals" / "BEP-1007-session-relay.md").exists()


def test_new_takes_up_what_was_reserved(repository, remote, call):
    reserve(call, repository, "Session Relay")

    code, _, err = call(repository, "new", "--defaults")

    assert code == 0, err
    assert claims(remote) == ["1006"]
    assert (repository / "proposals" / "BEP-1006-session-relay.md").exists()


def test_new_gives_its_number_back_when_it_fails(repository, remote, call):
    """The folder of the answers files leads out of the repository."""
    (repository.parent / "elsewhere").mkdir()
    (repository / "proposals" / ".copier").symlink_to(repository.parent / "elsewhere")

    refused(call, repository, remote, "new", "Session Relay", "--defaults")

    assert claims(remote) == claims(repository) == []


def test_new_with_a_number_that_somebody_has_claimed_is_refused(repository, remote, ada, call):
    reserve(call, ada, "Theirs")

    arguments = ("new", "Session Relay", "--number", "1006", "--defaults")
    assert "1006" in refused(call, repository, remote, *arguments)


# --- list ---------------------------------------------------------------------------------------


def test_list_shows_ones_own_claims_without_a_row(repository, remote, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    run_git(repository, "checkout", "--quiet", "--", PAGE)

    code, out, _ = call(repository, "list")

    assert code == 0
    line = r"^1006 +Grace B\. Hopper +reserved just now +Session Relay$"
    assert re.search(line, out, re.MULTILINE), out


def test_list_shows_the_remotes_claims_as_sync_saw_them(repository, remote, ada, call):
    reserve(call, ada, "Theirs", "--no-branch")
    code, out, err = call(repository, "list")
    assert (code, "Theirs" in out) == (0, False)

    assert call(repository, "sync")[0] == 0
    reserve(call, ada, "Later", "--no-branch")
    remote.rename(remote.with_name("away"))
    code, out, err = call(repository, "list")

    assert code == 0
    assert re.search(r"^1006 +Ada Lovelace +reserved just now +Theirs$", out, re.MULTILINE), out
    assert "Later" not in out
    assert re.search(r"origin as of \d{4}-\d\d-\d\d \d\d:\d\d", err), err


def test_list_forgets_claims_that_were_given_back(repository, remote, ada, call):
    reserve(call, ada, "Theirs", "--no-branch")
    call(repository, "sync")
    assert call(ada, "unreserve", "1006")[0] == 0

    call(repository, "sync")

    assert "Theirs" not in call(repository, "list")[1]


# --- --dry-run ----------------------------------------------------------------------------------


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "arguments",
    [
        ["reserve", "Session Relay"],
        ["reserve", "Relay in Sessions", "--number", "1005"],
        ["reserve", "Session Relay", "--offline"],
        ["unreserve", "1006"],
        ["new", "Session Relay", "--defaults"],
        ["sync"],
    ],
)
@pytest.mark.parametrize("newer", [False, True], ids=["", "remote is newer"])
def test_a_dry_run_changes_nothing(repository, remote, ada, call, arguments, newer):
    reserve(call, repository, "First", "--no-branch", "--offline")
    if newer:
        add_row(ada, 1030, "Theirs", "Ada Lovelace")
        run_git(ada, "commit", "--quiet", "--all", "--message=Row")
        run_git(ada, "push", "--quiet", "origin", "main")
    before = state(repository), run_git(remote, "for-each-ref")

    code, _, err = call(repository, *arguments, "--dry-run")

    assert code == 0, err
    assert (state(repository), run_git(remote, "for-each-ref")) == before


def test_git_is_not_asked_for_anything_else(repository, remote, call, monkeypatch, tmp_path):
    """In the common case one `ls-remote` and one push, and no fetch."""
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))

    reserve(call, repository, "Session Relay")

    monkeypatch.delenv("GIT_TRACE2_EVENT")
    started = [line for line in trace.read_text().splitlines() if '"event":"start"' in line]
    asked = re.findall(r'"git","(ls-remote|fetch|push)"', "\n".join(started))
    assert asked == ["ls-remote", "push"]


def test_a_remote_that_only_the_settings_know_is_refused(repository, call):
    """A misspelt name must not end in claims that nobody else sees."""
    settings = repository / "invoke.yaml"
    settings.write_text(settings.read_text() + "  remote: orgin\n")
    before = state(repository)

    code, out, err = call(repository, "reserve", "Session Relay")

    assert (code, out) == (2, "")
    assert "'orgin'" in err
    assert state(repository) == before


# --- What is not one's own -----------------------------------------------------------------------


def test_renumbering_another_document_gives_back_no_claim(repository, remote, call):
    call(repository, "new", "Mine", "--defaults")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Mine")
    run_git(repository, "switch", "--quiet", "--create", "pr", "main")
    quota = (repository / "proposals/BEP-1002-quota-ledger.md").read_text()
    theirs = repository / "proposals/BEP-1006-theirs.md"
    theirs.write_text(quota.replace("# Quota Ledger", "# Theirs"))
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Theirs")

    code, out, err = call(repository, "renumber", "1006")

    assert code == 0, err
    assert "free again" not in out + err
    assert claims(remote) == ["1006", "1007"]


def test_the_claim_of_a_document_on_another_branch_is_not_that_of_a_second_one(repository, call):
    quota = (repository / "proposals/BEP-1002-quota-ledger.md").read_text()
    codes, said = [], ""
    for name in ("one", "two"):
        run_git(repository, "switch", "--quiet", "--create", name, "main")
        document = repository / f"proposals/BEP-1010-hand-{name}.md"
        document.write_text(quota.replace("# Quota Ledger", f"# Hand {name}"))
        run_git(repository, "add", "--all")
        run_git(repository, "commit", "--quiet", "--message=Hand")
        code, _, said = call(repository, "renumber", "1010", "--to", "1010")
        run_git(repository, "add", "--all")
        run_git(repository, "commit", "--quiet", "--allow-empty", "--message=Claimed")
        codes.append(code)

    assert codes == [0, 1]
    assert "1010 is taken by proposals/BEP-1010-hand-one.md on the branch one" in said


def test_a_claim_that_the_server_refuses_stays_to_be_published(repository, remote, call):
    reserve(call, repository, "Session Relay", "--offline", "--no-branch")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho read-only >&2\nexit 1\n")
    hook.chmod(0o755)

    code, out, err = call(repository, "sync")
    assert (code, "refuses" in out) == (2, False)
    assert err.startswith("bep: the remote 'origin' refuses refs/bep/1006: ")
    assert "(pre-receive hook declined): read-only; ask for the right to push it" in err
    assert claims(repository) == ["1006"]
    hook.unlink()
    assert "is now published" in call(repository, "sync")[1]
    assert claims(remote) == ["1006"]


@pytest.fixture
def keeping(remote: Path) -> Path:
    """A remote that lets nobody delete a claim."""
    hook = remote / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ncase $3 in 000000*) echo kept >&2; exit 1;; esac\n")
    hook.chmod(0o755)
    return remote


def test_a_number_that_the_server_keeps_is_not_free(repository, keeping, call):
    code, out, _ = call(repository, "new", "Session Relay", "--defaults")
    assert code == 0

    code, out, err = call(repository, "renumber", "1006")

    assert (code, "free again" in out) == (0, False)
    assert "bep: origin keeps the number 1006 reserved: " in err
    assert "kept; `bep unreserve 1006` gives it back later" in err
    assert claims(keeping) == claims(repository) == ["1006", "1007"]

    (keeping / "hooks" / "update").unlink()
    assert call(repository, "unreserve", "1006")[0] == 0
    assert claims(keeping) == claims(repository) == ["1007"]


def test_a_number_whose_document_main_has_is_not_given_back(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "x")
    run_git(repository, "rm", "--quiet", "proposals/BEP-1002-quota-ledger.md")

    code, _, err = call(repository, "unreserve", "1002", "--force")

    assert code == 2
    assert "the number 1002 has a document on main; only a number without one" in err


def test_the_only_remote_is_the_shared_one_for_what_judges_a_change(repository, remote, call):
    run_git(repository, "push", "--quiet", "origin", "main")
    run_git(repository, "remote", "rename", "origin", "up")
    run_git(repository, "switch", "--quiet", "--create", "pr")
    (repository / "proposals/BEP-1050-hand.md").write_text("# Hand\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Hand")

    out = "".join(call(repository, "check")[1:])

    assert "number-unclaimed" in out
    assert "differ in remote" not in out


def test_a_proposal_of_the_current_branch_that_is_behind_is_to_be_pulled(
    repository, remote, ada, call
):
    document = ada / "proposals/BEP-1050-new.md"
    document.write_text("---\nStatus: Draft\n---\n\n# New\n")
    run_git(ada, "add", "--all")
    run_git(ada, "commit", "--quiet", "--message=New")
    run_git(ada, "push", "--quiet", "origin", "HEAD:main")
    run_git(repository, "fetch", "--quiet")

    said = call(repository, "status", "1050")[2]
    assert said == "bep: BEP-1050 is on main, not in this working tree; `git pull` first\n"

    run_git(repository, "remote", "add", "fork", str(remote))
    run_git(ada, "push", "--quiet", "origin", "HEAD:theirs")
    run_git(repository, "fetch", "--quiet", "fork")
    run_git(repository, "update-ref", "refs/remotes/origin/main", "main")
    run_git(repository, "update-ref", "-d", "refs/remotes/origin/theirs")
    run_git(repository, "update-ref", "-d", "refs/remotes/fork/main")
    assert "`git switch --track fork/theirs` first" in call(repository, "status", "1050")[2]


def test_a_proposal_that_another_worktree_has_is_worked_on_there(repository, call, tmp_path):
    worktree = tmp_path / "the other"
    run_git(repository, "worktree", "add", "--quiet", "-b", "bep/1050-by-hand", str(worktree))
    (worktree / "proposals/BEP-1050-by-hand.md").write_text("# By hand\n")
    run_git(worktree, "add", "--all")
    run_git(worktree, "commit", "--quiet", "--message=By hand")

    assert f"; `cd '{worktree}'` first" in call(repository, "status", "1050")[2]

    run_git(worktree, "switch", "--quiet", "--detach")
    assert "; `git switch bep/1050-by-hand` first" in call(repository, "status", "1050")[2]
