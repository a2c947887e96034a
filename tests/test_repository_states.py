"""Repositories in odd states: locks, hooks, damage, settings of Git; one line, or work done."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bep.system import file_transaction, working_tree
from tests.conftest import Call, run_git

BRANCH = "bep/1006-token-service"
DOCUMENT = "proposals/BEP-1006-token-service.md"
SUBMIT = ("submit", "--yes", "--no-pr", "--despite-errors")


@pytest.fixture
def branch(repository: Path, tmp_path: Path, call: Call) -> Path:
    """A clone on the branch of a new proposal, which is not committed."""
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), "remote.git")
    run_git(repository, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(repository, "fetch", "--quiet", "origin")
    assert call(repository, "new", "Token Service", "--defaults")[0] == 0
    return repository


def hook(folder: Path, name: str, *lines: str) -> None:
    path = folder / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def one_line(call: Call, folder: Path, *arguments: str) -> str:
    """What a refused call says."""
    code, out, err = call(folder, *arguments)
    assert (code, out) == (2, ""), err
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    return err


# --- Locks --------------------------------------------------------------------------------------


def test_a_hook_may_call_what_writes(branch, bep):
    hook(branch, "pre-commit", f"exec {sys.executable} -m bep sync")

    done = bep(branch, *SUBMIT)

    assert done.returncode == 0, done.stderr
    assert run_git(branch, "log", "-1", "--format=%s") == "docs: add BEP-1006 Token Service"


def test_a_command_that_waits_for_another_one_says_so(branch):
    command = [sys.executable, "-m", "bep", "ask", "1006", "--question", "Why?"]
    with file_transaction.alone(working_tree.of(branch, branch / ".git")):
        waiting = subprocess.Popen(command, cwd=branch, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr
        said = waiting.stderr.readline()
        assert "Why?" not in (branch / DOCUMENT).read_text()
    waiting.communicate()

    assert said == "bep: another bep command is running in this working tree; waiting for it\n"
    assert "Why?" in (branch / DOCUMENT).read_text()


def test_what_was_committed_is_not_said_to_be_not(branch, call):
    lock = branch / ".git/index.lock"
    lock.touch()

    code, _, err = call(branch, *SUBMIT)

    commit = run_git(branch, "rev-parse", "--short=9", "HEAD")
    assert code == 2
    assert f"\nbep: {commit} was committed, and the index does not know it: " in err
    lock.unlink()
    assert call(branch, *SUBMIT)[0] == 0
    assert run_git(branch, "status", "--porcelain") == ""


# --- Damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [("list",), ("check",), ("ask", "1006", "--question", "Why?")])
def test_a_damaged_index_is_told_in_one_line(branch, call, task):
    index = branch / ".git/index"
    index.write_bytes(b"XXXX" + index.read_bytes()[4:])

    assert "bep: git refuses: error: bad signature" in one_line(call, branch, *task)


def test_a_damaged_claim_stops_nothing(branch, call):
    ref = branch / ".git/refs/bep/1050"
    ref.write_text("1" * 40 + "\n")

    for task in (["list"], ["status", "1006"], ["check"], ["reserve", "Other", "--no-branch"]):
        code, _, err = call(branch, *task)
        assert (code, "git refuses" in err) == (0, False), (task, err)


def test_a_path_with_a_line_break_is_a_repository(branch, call, tmp_path):
    moved = tmp_path / "two\nlines"
    shutil.copytree(branch, moved, symlinks=True)

    assert call(moved, "list", "1006")[0] == 0


# --- Settings -----------------------------------------------------------------------------------


def test_settings_of_commits_do_not_empty_the_message(branch, call):
    run_git(branch, "config", "commit.cleanup", "strip")
    text = '  pull_request:\n    commit: "#{number} {title}"\n'
    settings = branch / "invoke.yaml"
    settings.write_text(settings.read_text() + text)

    assert call(branch, *SUBMIT)[0] == 0
    assert run_git(branch, "log", "-1", "--format=%s") == "#1006 Token Service"


def test_the_merge_is_signed_where_commits_are(branch, call, tmp_path):
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "remote.git"), "other")
    page = other / "proposals/README.md"
    page.write_text(page.read_text().replace("| _next_", "| 1007 | Other | Ada |  |\n| _next_"))
    run_git(other, "commit", "--quiet", "--all", "--message=Row")
    run_git(other, "push", "--quiet", "origin", "HEAD:main")
    signer = tmp_path / "signer"
    signer.write_text(
        "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----'\necho '-----END PGP SIGNATURE-----'\n"
    )
    signer.chmod(0o755)
    run_git(branch, "config", "gpg.program", str(signer))
    run_git(branch, "config", "commit.gpgSign", "true")
    hook(branch, "post-merge", f"exec {sys.executable} -m bep sync")

    code, _, err = call(branch, *SUBMIT)

    assert code == 0, err
    assert "Merged main of origin" in err
    assert "gpgsig" in run_git(branch, "cat-file", "commit", "HEAD")


def test_a_file_that_is_to_be_added_stays_one(branch, call):
    run_git(branch, "add", "--intent-to-add", ".")

    assert call(branch, "retitle", "1006", "Key Service")[0] == 0

    states = run_git(branch, "status", "--porcelain", "proposals/BEP-1006-key-service.md")
    assert states == "A proposals/BEP-1006-key-service.md"


def test_claims_that_go_where_nobody_looks_are_refused(branch, call, tmp_path):
    run_git(tmp_path, "init", "--quiet", "--bare", "fork.git")
    run_git(branch, "config", "remote.origin.pushurl", str(tmp_path / "fork.git"))

    said = one_line(call, branch, "reserve", "Other", "--no-branch")

    assert "pushes to 'origin' go to another repository" in said
    assert "refs/bep/1007" not in run_git(branch, "for-each-ref")
    assert run_git(tmp_path / "fork.git", "for-each-ref") == ""


def test_the_only_remote_has_the_main_branch_whatever_it_is_called(branch, call, tmp_path):
    run_git(branch, "add", "--all")
    run_git(branch, "commit", "--quiet", "--message=New")
    run_git(branch, "push", "--quiet", "origin", "HEAD")
    remote = tmp_path / "remote.git"
    options = ("--origin=upstream", f"--branch={BRANCH}")
    run_git(tmp_path, "clone", "--quiet", *options, str(remote), "other")

    assert f"what {BRANCH} changes against main" in call(tmp_path / "other", "check")[1]
    assert "BEP-1006" in call(tmp_path / "other", "review")[1]
