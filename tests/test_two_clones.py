"""Proposals in flight: what one clone makes on a branch, another knows once it has fetched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Call, copy_repository, run_git

RELAY = "proposals/BEP-1006-session-relay.md"
BRANCH = "bep/1006-session-relay"
TEXT = "---\nAuthor: {} (x@example.com)\nStatus: Draft\n---\n\n# {}\n\n## Motivation\n\nA walrus.\n"


class Clones(NamedTuple):
    """The bare remote, the clone of Grace, who writes, and that of Ada, who reads."""

    remote: Path
    grace: Path
    ada: Path


def write(folder: Path, number: int, slug: str, title: str, author: str = "Grace B. Hopper") -> str:
    path = f"proposals/BEP-{number}-{slug}.md"
    (folder / path).write_text(TEXT.format(author, title))
    return path


def commit(folder: Path, message: str = "Change") -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={message}")


def push(folder: Path) -> None:
    run_git(folder, "push", "--quiet", "origin", "HEAD")


@pytest.fixture(scope="module")
def _clones(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grace has proposed a relay on a branch with a sub-document, and pushed it."""
    place = tmp_path_factory.mktemp("clones")
    grace = copy_repository(_start, place / "grace")
    run_git(place, "clone", "--quiet", "--bare", str(grace), "remote.git")
    run_git(grace, "remote", "add", "origin", "../remote.git")
    run_git(grace, "fetch", "--quiet")
    run_git(place, "clone", "--quiet", "remote.git", "ada")
    run_git(place / "ada", "config", "user.name", "Ada Lovelace")
    run_git(place / "ada", "remote", "set-url", "origin", "../remote.git")
    run_git(grace, "switch", "--quiet", "--create", BRANCH)
    write(grace, 1006, "session-relay", "Session Relay")
    (grace / "proposals/BEP-1006").mkdir()
    (grace / "proposals/BEP-1006/tables.md").write_text("# Tables\n\nThe octopus.\n")
    commit(grace)
    push(grace)
    return place


@pytest.fixture
def clones(_clones: Path, tmp_path: Path) -> Clones:
    shutil.copytree(_clones, tmp_path / "clones", symlinks=True)
    place = tmp_path / "clones"
    return Clones(place / "remote.git", place / "grace", place / "ada")


def listed(call: Call, folder: Path) -> dict[int, Any]:
    code, out, err = call(folder, "list", "--json")
    assert code == 0, err
    return {one["number"]: one for one in json.loads(out)}


def shown(call: Call, folder: Path, number: int, end: str) -> bool:
    lines = call(folder, "list")[1].splitlines()
    return any(re.fullmatch(rf"{number} .* {end}", line) for line in lines)


def findings(call: Call, folder: Path) -> list[tuple[str, str, str]]:
    _, out, _ = call(folder, "check", "--all", "--json")
    found = [(one["rule"], one["severity"], one["message"]) for one in json.loads(out)]
    return [one for one in found if "link" in one[0] or "main" in one[0]]


def test_before_and_after_a_fetch_with_and_without_the_remote(clones, call):
    ada = clones.ada
    link = ada / "proposals/BEP-1002-quota-ledger.md"
    link.write_text(link.read_text() + "\n[the relay](BEP-1006-session-relay.md)\n")
    commit(ada)
    assert 1006 not in listed(call, ada)
    assert call(ada, "context", "1006")[0] == 2
    assert [rule for rule, _, _ in findings(call, ada)] == ["link-missing"]

    run_git(ada, "fetch", "--quiet")
    clones.remote.rename(clones.remote.with_name("gone"))

    assert listed(call, ada)[1006] == {
        "number": 1006,
        "title": "Session Relay",
        "author": "Grace B. Hopper",
        "status": "Draft",
        "layout": "segmented",
        "main": RELAY,
        "documents": ["proposals/BEP-1006/tables.md"],
        "template_revision": None,
        "where": BRANCH,
    }
    assert shown(call, ada, 1006, rf"{BRANCH}, just now +Session Relay")
    place = f"BEP-1006 is on the branch {BRANCH}, not on main"
    for word in ("walrus", "octopus"):
        assert f"\n      {place}\n" in call(ada, "search", word)[1]
    code, out, _ = call(ada, "context", "1006", "--document", "tables")
    assert (code, out.split("\n")[0]) == (0, f"{place}.")
    assert "The octopus." in out
    assert findings(call, ada) == [
        (
            "proposal-not-on-main",
            "warning",
            f"BEP-1006-session-relay.md does not exist here: {place}",
        )
    ]
    for task in (
        *(["status", "1006"], ["ask", "1006", "Is it so?"], ["mark", "1006", "accepted"]),
        *(["check", "1006"], ["sync", "1006"], ["update", "1006"], ["adopt", "1006"]),
    ):
        assert call(ada, *task) == (2, "", f"bep: {place}; `git switch {BRANCH}` first\n")
    for title in ("session relay", "Session: Relay"):
        code, _, err = call(ada, "reserve", title, "--offline")
        assert (code, place in err) == (2, True), err
    for call_of in (["reserve", "X", "--offline", "--number=1006"], ["unreserve", "1006"]):
        code, _, err = call(ada, *call_of)
        assert (code, place in err) == (2, True), err
    code, out, err = call(ada, "reserve", "Drain Mode", "--offline", "--no-branch")
    assert (code, out) == (0, "1007\n"), err
    assert shown(call, ada, 1007, "reserved just now, not shared +Drain Mode")
    clones.remote.with_name("gone").rename(clones.remote)
    assert call(ada, "sync")[0] == 0
    assert shown(call, ada, 1007, "reserved just now +Drain Mode")


def test_what_main_has_or_had_is_not_in_flight(clones, call):
    grace, ada = clones.grace, clones.ada
    run_git(grace, "branch", "behind", "main")
    run_git(grace, "push", "--quiet", "origin", "behind")
    run_git(grace, "switch", "--quiet", "main")
    run_git(grace, "merge", "--quiet", "--squash", BRANCH)
    commit(grace, "Squashed")
    (grace / RELAY).write_text(
        (grace / RELAY).read_text().replace("Status: Draft", "Status: Accepted")
    )
    commit(grace, "Accept")
    push(grace)
    run_git(ada, "fetch", "--quiet")

    behind = listed(call, ada)
    assert (behind[1006]["where"], behind[1006]["status"]) == ("main", "Accepted")
    assert call(ada, "context", "1006")[1].startswith(
        "BEP-1006 is on main, not in this working tree."
    )
    assert call(ada, "reserve", "X", "--offline", "--no-branch")[1] == "1007\n"
    run_git(ada, "checkout", "--quiet", "--", ".")
    run_git(ada, "merge", "--quiet", "--ff-only", "origin/main")
    _, out, _ = call(ada, "list", "--json")
    assert [(one["number"], one["where"]) for one in json.loads(out) if one["main"]] == [
        (1001, "main"),
        (1002, "main"),
        (1006, "main"),
    ]


@pytest.mark.parametrize("seconds_later", [0, 3600])
def test_a_branch_and_its_twin_are_one_and_a_newer_version_is_shown(
    clones, call, monkeypatch, seconds_later
):
    grace, ada = clones.grace, clones.ada
    before = int(run_git(grace, "log", "-1", "--format=%ct"))
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{before + seconds_later} +0000")
    run_git(ada, "fetch", "--quiet")
    run_git(ada, "branch", "--quiet", BRANCH, f"origin/{BRANCH}")
    (grace / RELAY).write_text((grace / RELAY).read_text().replace("# Session", "# The Session"))
    accepted = grace / "proposals/BEP-1002-quota-ledger.md"
    accepted.write_text(accepted.read_text().replace("Status: Draft", "Status: Accepted"))
    run_git(grace, "commit", "--quiet", "--all", "--message=Later")
    push(grace)
    run_git(ada, "fetch", "--quiet")

    code, out, err = call(ada, "list", "1002,1006", "--json")
    assert code == 0, err
    assert [
        (one["number"], one["title"], one["status"], one["where"]) for one in json.loads(out)
    ] == [
        (1002, "Quota Ledger", "Draft", "main"),
        (1002, "Quota Ledger", "Accepted", BRANCH),
        (1006, "The Session Relay", "Draft", BRANCH),
    ]
    here = listed(call, grace)
    assert (here[1002]["where"], here[1006]["where"], here[1001]["where"]) == (
        BRANCH,
        BRANCH,
        "main",
    )


@pytest.mark.parametrize("seconds_later", [0, 3600])
def test_a_branch_that_is_ahead_of_its_twin_is_shown_as_it_is_here(
    clones, call, monkeypatch, seconds_later
):
    grace = clones.grace
    before = int(run_git(grace, "log", "-1", "--format=%ct"))
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{before + seconds_later} +0000")
    (grace / RELAY).write_text((grace / RELAY).read_text().replace("# Session", "# The Session"))
    run_git(grace, "commit", "--quiet", "--all", "--message=Later")
    run_git(grace, "switch", "--quiet", "main")

    assert listed(call, grace)[1006]["title"] == "The Session Relay"


def test_a_pull_request_that_was_open_before_claims_its_number(clones, call):
    grace, ada = clones.grace, clones.ada

    code, _, err = call(grace, "reserve", "Session Relay", "--number=1006")
    assert code == 2
    assert "`bep renumber 1006 --to 1006` claims this one" in err
    code, out, err = call(grace, "renumber", "1006", "--to", "1006")
    assert code == 0, err
    assert out == "BEP-1006 is now claimed; its row is new in proposals/README.md.\n"
    assert call(grace, "renumber", "1006", "--to=1006")[1] == "BEP-1006 was already claimed.\n"
    assert run_git(clones.remote, "for-each-ref", "refs/bep/")
    _, out, _ = call(grace, "check", "--json")
    assert "number-unclaimed" not in out
    write(ada, 1006, "mine", "Something Else", author="Ada Lovelace")
    code, _, err = call(ada, "renumber", "1006", "--to=1006")
    assert code == 1
    assert "is taken by Grace B. Hopper for 'Session Relay'; `bep renumber" in err


def test_where_main_has_the_number_too_advice_is_about_the_branch(clones, call):
    grace, ada = clones.grace, clones.ada
    run_git(ada, "switch", "--quiet", "--create", "ada/1006")
    own = write(ada, 1006, "a-first", "Something Else", author="Ada Lovelace")
    commit(ada)
    run_git(grace, "switch", "--quiet", "main")
    run_git(grace, "merge", "--quiet", BRANCH)
    push(grace)
    run_git(ada, "fetch", "--quiet")
    code, _, err = call(ada, "renumber", "1006", "--to=1006")
    assert (code, f"`bep renumber {own}` gives this document another one" in err) == (1, True), err
    run_git(ada, "merge", "--quiet", "origin/main")

    _, out, err = call(ada, "sync")
    assert f"{own}: 1006 is also the number of {RELAY}" in err
    _, out, _ = call(ada, "check", "--all", "--json")
    shared = [one for one in json.loads(out) if one["rule"] == "number-shared"]
    assert [one["path"] for one in shared] == [own]
    assert f"`bep renumber {own}`" in shared[0]["message"]


@pytest.mark.parametrize("how", ["merge", "rebase", "cherry-pick", "merge into main"])
def test_while_a_merge_is_under_way_only_this_side_is_judged(clones, call, how):
    ada, grace = clones.ada, clones.grace
    bad = "\n[gone](nowhere.md)\n"
    theirs = grace / "proposals/BEP-1001-event-journal.md"
    run_git(grace, "switch", "--quiet", "main")
    theirs.write_text(theirs.read_text() + bad)
    (grace / "VERSION").write_text("1\n")
    commit(grace)
    push(grace)
    run_git(ada, "fetch", "--quiet")
    run_git(ada, "switch", "--quiet", "--create", "ada/ledger")
    ours = ada / "proposals/BEP-1002-quota-ledger.md"
    ours.write_text(ours.read_text() + bad.replace("nowhere", "elsewhere"))
    (ada / "VERSION").write_text("2\n")
    commit(ada)
    call_of, other = how.split()[0], "origin/main"
    if how == "merge into main":
        run_git(ada, "switch", "--quiet", "--detach", "origin/main")
        run_git(ada, "branch", "--force", "main", "HEAD")
        run_git(ada, "switch", "--quiet", "main")
        other = "ada/ledger"
    done = subprocess.run(["git", call_of, other], cwd=ada, capture_output=True, check=False)
    assert done.returncode == 1
    (ada / "VERSION").write_text("3\n")
    run_git(ada, "add", "--all")

    _, out, err = call(ada, "check", "--json")
    paths = [one["path"] for one in json.loads(out) if one["rule"] == "link-missing"]
    assert paths == ([] if how == "merge into main" else ["proposals/BEP-1002-quota-ledger.md"]), (
        err
    )
