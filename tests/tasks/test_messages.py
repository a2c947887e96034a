"""What a new user types by mistake, and the line that says what is wrong and what to type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, make_claim, run_git, state

JOURNAL = "proposals/BEP-1001-event-journal.md"
DOCUMENTED = f"{JOURNAL}: the number 1001 has a document"
GIVEN_BACK = "only a number without one is given back; `bep mark` ends a proposal that has one"
BOTH_WAYS = (
    "leave the number out: the next free one is taken;"
    " `bep renumber 1001 --to 1001` claims this one for its document"
)
TO = "leave --to out for the next free number, or give another number"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["unreserve", "1001"],
            f"{DOCUMENTED}; {GIVEN_BACK}",
        ),
        (
            ["reserve", "X", "--number", "1001"],
            f"{DOCUMENTED}; {BOTH_WAYS}",
        ),
        (["renumber", "1002", "--to", "1009"], f"the number 1009 is claimed already; {TO}"),
        (["new"], 'a new proposal needs a title; `bep new "What is proposed"`'),
        (["new", "-d", "title= "], 'a new proposal needs a title; `bep new "What is proposed"`'),
    ],
    ids=" ".join,
)
def test_on_main(repository, call: Call, arguments, said):
    make_claim(repository, 1009)
    before = state(repository)

    code, out, err = call(repository, *arguments)

    assert (code, out, err) == (2, "", f"bep: {said}\n")
    assert state(repository) == before


def test_on_a_branch_whose_proposal_is_written_or_not_there(repository, call: Call):
    run_git(repository, "switch", "--quiet", "--create=bep/1001-event-journal")
    written = call(repository, "new")
    run_git(repository, "switch", "--quiet", "--create=bep/1008-nothing")
    missing = call(repository, "status")

    assert written[2] == (
        f"bep: {JOURNAL}: the proposal of the branch bep/1001-event-journal is already written;"
        " `bep new TITLE` begins another one\n"
    )
    assert missing[2] == (
        "bep: the branch bep/1008-nothing names 1008, which has no document here;"
        " `bep new` writes one for a reserved number; or give the number that is meant\n"
    )


def test_what_has_a_status_already_keeps_it(repository, call: Call):
    before = state(repository)

    again = call(repository, "mark", "1001", "accepted", "--target-version", "26.3.0")
    as_json = call(repository, "mark", "1001", "accepted", "--json")
    other = call(repository, "mark", "1001", "accepted", "--target-version", "27.1.0")

    assert again[:2] == (0, "BEP-1001 is already Accepted.\n")
    assert [(one["from"], one["to"]) for one in json.loads(as_json[1])] == [("Accepted",) * 2]
    assert other[0] == 1
    assert (
        "is already Accepted, and Target-Version is 26.3.0; change it in the metadata" in other[2]
    )
    assert state(repository) == before


def test_no_working_tree_is_said_as_it_is(repository, bep, tmp_path, monkeypatch):
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    (tmp_path / "plain").mkdir()
    broken = tmp_path / "broken"
    run_git(tmp_path, "init", "--quiet", str(broken))
    (broken / ".git" / "config").write_text("[core")

    assert (
        "there is no working tree here: this is a bare" in bep(tmp_path / "bare.git", "list").stderr
    )
    assert "there is no working tree here" in bep(repository / ".git", "list").stderr
    plain = bep(tmp_path / "plain", "list").stderr
    assert "this is not a Git repository; change into yours, or make" in plain
    assert "Git cannot read this repository: fatal: bad config line" in bep(broken, "list").stderr
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert (
        "Git finds no working tree with GIT_DIR=/nowhere; `unset GIT_DIR`"
        in bep(repository, "list").stderr
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another user")
def test_the_repository_of_another_user_is_said_as_it_is(repository, call: Call):
    os.chown(repository, 12345, 12345)
    os.chown(repository / ".git", 12345, 12345)

    code, _, err = call(repository, "list")

    assert code == 2
    assert "belongs to another user of the machine" in err
    assert f"`git config --global --add safe.directory {repository}` if you trust" in err


@pytest.mark.parametrize("task", ["context", "status", "renumber", "submit"])
def test_without_a_registry_that_is_what_is_wrong(repository, call: Call, task):
    run_git(repository, "rm", "--quiet", "-r", "proposals")

    code, _, err = call(repository, task, "1")

    assert (code, err) == (
        2,
        f"bep: {PAGE}: there is no registry here; make one with `bep init`\n",
    )


def test_a_hook_that_fails_after_the_switch_does_not_undo_it(repository, call: Call):
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    _, number, err = call(repository, "reserve", "Cache")

    branch = run_git(repository, "branch", "--show-current")
    assert branch == f"bep/{number.strip()}-cache"
    assert f"Switched to the new branch {branch}, though a post-checkout hook failed." in err


def test_a_claim_is_published_whatever_the_settings_of_a_push(
    repository, call: Call, tmp_path: Path
):
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "r.git"], check=True)
    run_git(repository, "remote", "add", "origin", str(tmp_path / "r.git"))
    for setting in ("push.gpgSign=true", "remote.origin.mirror=true", "push.default=nothing"):
        run_git(repository, "config", *setting.split("="))

    code, number, err = call(repository, "reserve", "Cache")

    assert code == 0, err
    claimed = run_git(repository, "ls-remote", "origin", f"refs/bep/{number.strip()}")
    assert claimed.endswith(f"refs/bep/{number.strip()}")


@pytest.mark.parametrize("branch", ["docs/add-bep-1002", "bep/1002", "BEP-1002"])
def test_a_branch_of_any_form_follows_the_number_of_its_proposal(repository, call: Call, branch):
    run_git(repository, "switch", "--quiet", f"--create={branch}")

    code, out, _ = call(repository, "renumber", "1002")

    assert (code, f"The branch {branch} is now {branch.replace('1002', '1006')}." in out) == (
        0,
        True,
    )
    assert call(repository, "status")[1].startswith("BEP-1006 ")


def test_what_is_wrong_with_many_files_is_one_line(released, call: Call):
    for number in range(1003, 1007):
        text = (released / JOURNAL).read_text()
        (released / f"proposals/BEP-{number}-more.md").write_text(text)
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=More")
    assert call(released, "adopt", "--all")[0] == 0

    code, _, err = call(released, "update", "--dry-run")

    assert code == 1
    assert err.splitlines()[-1] == (
        "bep: proposals/.copier/.copier-answers.BEP-0000.yml: is not committed;"
        " commit or stash it first (and so are 6 other files)"
    )
    assert err.count("is not committed") == 1


@pytest.mark.parametrize(
    "task",
    ["search x", "update", "update 1000", "adopt --all", "adopt 0", "status", "list", "sync"],
)
def test_where_there_is_no_registry_every_task_says_so(tmp_path, call, task):
    run_git(tmp_path, "init", "--quiet")
    run_git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=Empty")

    assert call(tmp_path, *task.split()) == (
        2,
        "",
        "bep: proposals/README.md: there is no registry here; make one with `bep init`\n",
    )


def test_a_current_folder_that_was_removed_is_one_line(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    call = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m bep list"

    done = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False)

    said = "bep: the current folder no longer exists; change into the repository\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_document_that_cannot_be_read_is_wrong_and_the_call_is_not(repository, call):
    (document,) = repository.glob("proposals/BEP-1002-*.md")
    document.write_bytes(b"x" * 6_000_000)
    for task in ("context", "status"):
        code, _, err = call(repository, task, "1002")
        assert code == 1
        assert err.endswith(": is 6.0 MB large; the limit is 5 MB; split it\n")
    document.write_bytes(b"# T\n\0\n")
    said = "is not text: NUL bytes in line 2; save it as UTF-8"
    for task in (["status", "1002"], ["context", "1002"], ["ask", "1002", "Why?"]):
        got = call(repository, *task)
        assert got == (1, "", f"bep: {document.relative_to(repository)}: {said}\n")
