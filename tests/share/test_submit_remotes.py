"""`submit` to real servers: over HTTP and `file://`, a protected main branch, two at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import run_git
from tests.share import http_remote
from tests.share.test_submit import BRANCH, GITHUB, TITLE, start, world

__all__ = ["start", "world"]


def reach(world, address: str) -> None:
    """Have the remote under another address."""
    run_git(world.root, "config", "--remove-section", f"url.{world.remote}")
    run_git(world.root, "config", f"url.{address}.insteadOf", GITHUB)


def submitted(world, call) -> None:
    code, out, err = call(world.root, "submit", "--yes")
    assert (code, out) == (0, "https://github.com/acme/api/pull/1\n"), err
    assert world.commits() == [TITLE]
    assert run_git(world.remote, "rev-parse", BRANCH) == run_git(world.root, "rev-parse", "HEAD")


def test_over_http(world, call):
    run_git(world.remote, "config", "http.receivepack", "true")
    with http_remote.serving(world.remote.parent) as address:
        reach(world, f"{address}/{world.remote.name}")
        submitted(world, call)


def test_over_http_where_nobody_may_push(world, call):
    run_git(world.remote, "config", "http.receivepack", "false")
    with http_remote.serving(world.remote.parent) as address:
        reach(world, f"{address}/{world.remote.name}")

        code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (2, "")
    assert "403" in err.split("bep: ")[-1]
    assert err.count("bep: ") == 1


def test_where_the_network_ends_in_the_middle_a_second_call_goes_on(world, call):
    hook = world.root / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nmv {world.remote} {world.remote}.away\n")
    hook.chmod(0o755)

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (2, "")
    assert "origin rejected" in err
    hook.unlink()
    world.remote.with_name(f"{world.remote.name}.away").rename(world.remote)
    submitted(world, call)


def test_over_a_file_address(world, call):
    reach(world, world.remote.as_uri())
    submitted(world, call)


def test_a_protected_main_branch_is_not_touched(world, call):
    hook = world.remote / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ] || exit 1\n')
    hook.chmod(0o755)
    before = run_git(world.remote, "rev-parse", "main")

    submitted(world, call)

    assert run_git(world.remote, "rev-parse", "main") == before


@pytest.mark.sample(1)
@pytest.mark.parametrize("change", ["", "Which cache?"])
def test_two_calls_at_once_make_one_commit_and_one_pull_request(world, call, change):
    if change:
        submitted(world, call)
        call(world.root, "ask", "1006", "--question", change)
    command = [sys.executable, "-m", "bep", "submit", "--yes"]
    both = [
        subprocess.Popen(command, cwd=world.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    said = [one.communicate()[0].decode() for one in both]

    # One that comes too late may be refused, and then the other has done it.
    assert 0 in [one.returncode for one in both], said
    assert not any("Traceback" in one for one in said), said
    code, _, err = call(world.root, "submit", "--yes")
    assert code == 0, err
    assert "nothing is left to do" in err
    assert len(world.commits()) == (2 if change else 1), said
    assert len(world.github.pulls) == 1
