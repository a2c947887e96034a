"""Claims in a shared remote: `reserve`, `unreserve`, `new`, `list` and `sync` against it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bep.system import git_remotes
from tests.conftest import PAGE, Call, make_claim, run_git, state, write_commit


@pytest.fixture
def remote(repository: Path, tmp_path: Path) -> Path:
    """The bare repository that `repository` and its clones share."""
    folder = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(folder))
    run_git(repository, "remote", "add", "origin", str(folder))
    run_git(repository, "fetch", "--quiet")
    run_git(repository, "branch", "--quiet", "--set-upstream-to=origin/main")
    return folder


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> Path:
    """The clone of another author."""
    folder = tmp_path / "ada"
    run_git(tmp_path, "clone", "--quiet", str(remote), str(folder))
    run_git(folder, "config", "user.name", "Ada Lovelace")
    run_git(folder, "config", "user.email", "ada@example.com")
    return folder


def reserve(call: Call, folder: Path, *arguments: str) -> int:
    code, out, err = call(folder, "reserve", *arguments)
    assert code == 0, err
    assert re.fullmatch(r"\d+\n", out), out
    return int(out)


def claims(folder: Path, prefix: str = "refs/bep/") -> list[str]:
    found = run_git(folder, "for-each-ref", "--format=%(refname)").split()
    return [name.removeprefix(prefix) for name in found if name.startswith(prefix)]


def said_by(folder: Path, number: int) -> str:
    return run_git(folder, "log", "-1", "--format=%B", f"refs/bep/{number}")


def row(folder: Path, number: int) -> str:
    lines = (folder / PAGE).read_text().split("\n")
    return next((one for one in lines if re.match(rf"\| \[?{number}\b", one)), "")


def branch(folder: Path) -> str:
    return run_git(folder, "branch", "--show-current")


def document(folder: Path, number: int, name: str = "by-hand") -> Path:
    """A document that somebody made by copying another."""
    source = (folder / "proposals" / "BEP-1002-quota-ledger.md").read_text()
    path = folder / "proposals" / f"BEP-{number}-{name}.md"
    path.write_text(source.replace("1002", str(number)))
    return path


def add_row(folder: Path, number: int, title: str, author: str) -> None:
    page = folder / PAGE
    line = f"| {number} | {title} | {author} | Draft |\n"
    page.write_text(page.read_text().replace("| _next_ ", f"{line}| _next_ "))


def hook(remote: Path, refuses: str, message: str = "not allowed here") -> None:
    """A server that accepts no ref that fits the shell pattern `refuses`."""
    path = remote / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "#!/bin/sh\nwhile read old new ref; do\n"
        f"  case $ref in {refuses}) echo '{message}' >&2; exit 1;; esac\ndone\n"
    )
    path.chmod(0o755)


def refused(call: Call, folder: Path, remote: Path | None, *arguments: str) -> str:
    """What a refused call says; one line, and nothing has changed, here or on the remote."""
    before = state(folder), remote and run_git(remote, "for-each-ref")
    code, out, err = call(folder, *arguments)
    assert code == 2, (code, out, err)
    assert out == ""
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert (state(folder), remote and run_git(remote, "for-each-ref")) == before
    return err


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


# --- Which number is next -----------------------------------------------------------------------


def test_a_row_on_the_remotes_main_counts(repository, remote, ada, call):
    add_row(ada, 1030, "Theirs", "Ada Lovelace")
    run_git(ada, "commit", "--quiet", "--all", "--message=Row")
    run_git(ada, "push", "--quiet", "origin", "main")
    head = run_git(repository, "rev-parse", "main")

    assert reserve(call, repository, "Session Relay") == 1031

    assert row(repository, 1030) == ""
    assert run_git(repository, "rev-parse", "main") == head


def test_a_broken_registry_on_the_remotes_main_holds_its_numbers(repository, remote, ada, call):
    add_row(ada, 1030, "Theirs", "Ada Lovelace")
    page = (ada / PAGE).read_text()
    (ada / PAGE).write_text(page.replace("| 1030", "<<<<<<< HEAD\n| 1030"))
    run_git(ada, "commit", "--quiet", "--all", "--message=Row")
    run_git(ada, "push", "--quiet", "origin", "main")

    assert reserve(call, repository, "Session Relay") == 1031


def test_a_row_on_another_branch_of_the_remote_does_not_count(repository, remote, ada, call):
    run_git(ada, "switch", "--quiet", "--create", "feature-x")
    add_row(ada, 1030, "Theirs", "Ada Lovelace")
    run_git(ada, "commit", "--quiet", "--all", "--message=Row")
    run_git(ada, "push", "--quiet", "origin", "feature-x")

    assert reserve(call, repository, "Session Relay") == 1006


def test_a_claim_of_the_remote_counts_though_it_is_not_here(repository, remote, call):
    make_claim(remote, 1040)

    assert reserve(call, repository, "Session Relay") == 1041


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("refs/heads/bep/1035", 1036),
        ("refs/heads/BEP/1035", 1036),
        ("refs/heads/beps/1020-3", 1021),
        ("refs/heads/Beps/1020-3", 1021),
        ("refs/heads/docs/add-bep-1036", 1037),
        ("refs/heads/docs/Add-BEP-1036", 1037),
        ("refs/heads/feature/1099", 1006),
        ("refs/bep/notes", 1006),
        ("refs/tags/bep/1099", 1006),
    ],
)
def test_names_on_the_remote_count_though_they_are_not_here(repository, remote, call, ref, number):
    run_git(remote, "update-ref", ref, "main")

    assert reserve(call, repository, "Session Relay") == number


def test_the_only_remote_is_the_shared_one_whatever_its_name(repository, remote, call):
    run_git(repository, "remote", "rename", "origin", "upstream")
    assert call(repository, "reserve", "T")[1] == "1006\n"
    assert "refs/bep/1006" in run_git(remote, "for-each-ref")

    run_git(repository, "remote", "add", "mine", str(remote))
    code, _, err = call(repository, "reserve", "U", "--no-branch")
    assert (code, err) == (
        2,
        (
            "bep: which remote is shared? There are mine, upstream, and no origin;"
            " name it in the setting `remote`\n"
        ),
    )


def test_the_main_branch_is_the_settings(repository, remote, ada, call):
    run_git(ada, "switch", "--quiet", "--create", "trunk")
    add_row(ada, 1030, "Theirs", "Ada Lovelace")
    run_git(ada, "commit", "--quiet", "--all", "--message=Row")
    run_git(ada, "push", "--quiet", "origin", "trunk")
    with (repository / "invoke.yaml").open("a") as settings:
        settings.write("  main: trunk\n")

    assert reserve(call, repository, "Session Relay") == 1031


def test_two_clones_count_on(repository, remote, ada, call):
    numbers = [
        reserve(call, repository, "First", "--no-branch"),
        reserve(call, ada, "Second", "--no-branch"),
        reserve(call, repository, "Third", "--no-branch"),
    ]

    assert numbers == [1006, 1007, 1008]
    assert claims(remote) == ["1006", "1007", "1008"]
    assert claims(repository) == ["1006", "1008"]


# --- Refs that anybody made -----------------------------------------------------------------------

OTHERS = ["blob", "tree", "commit", "tag of a commit", "tag of a claim", "text", "other number"]


def other_object(folder: Path, kind: str, number: int) -> str:
    """Something that a ref named as a claim can point to, and that is no claim of `number`."""
    if kind == "blob":
        return run_git(folder, "rev-parse", f"main:{PAGE}")
    if kind == "tree":
        return run_git(folder, "rev-parse", "main^{tree}")
    if kind == "commit":
        return run_git(folder, "rev-parse", "main")
    if kind == "text":
        return write_commit(folder, f"Title: A\nAuthor: B\nTime: 2026-01-02\nNumber: {number}\n")
    claim = make_claim(folder, number if kind == "tag of a claim" else number + 1, ref="refs/x")
    run_git(folder, "update-ref", "-d", "refs/x")
    if kind == "other number":
        return claim
    run_git(folder, "tag", "-a", "-m", "A tag", "made", claim if "claim" in kind else "main")
    return run_git(folder, "rev-parse", "refs/tags/made")


@pytest.mark.sample(3)
@pytest.mark.parametrize("number", [1006, 1050, 99999])
@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("place", ["here", "remote"])
def test_a_ref_that_is_no_claim_only_occupies_its_name(
    repository, remote, call, place, kind, number
):
    folder = repository if place == "here" else remote
    run_git(folder, "update-ref", f"refs/bep/{number}", other_object(folder, kind, number))

    numbers = [reserve(call, repository, title, "--no-branch") for title in ("A", "B")]

    assert numbers == ([1007, 1008] if number == 1006 else [1006, 1007])
    assert call(repository, "sync")[0] == 0
    assert not re.search(rf"^{number}\b", call(repository, "list")[1], re.MULTILINE)


@pytest.mark.sample(6)
@pytest.mark.parametrize("place", ["here", "remote"])
@pytest.mark.parametrize(
    "name",
    [
        "12345678901234567890123",
        "100000",
        "\u0663\u0663\u0663\u0663",
        "\uff11\uff10\uff15\uff10",
        "001050",
        "01050",
        "1050x",
        "+1050",
        "1050/x",
        "x/1050",
    ],
)
def test_a_ref_whose_name_is_no_number_is_no_claim(repository, remote, call, place, name):
    make_claim(repository if place == "here" else remote, 1050, ref=f"refs/bep/{name}")

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1006
    assert call(repository, "sync")[0] == 0
    assert "1050" not in call(repository, "list")[1]


@pytest.mark.parametrize("place", ["here", "remote"])
def test_a_ref_below_the_next_numbers_is_passed_over(repository, remote, call, place):
    """Git makes no ref `refs/bep/1006` beside `refs/bep/1006/x`."""
    folder = repository if place == "here" else remote
    make_claim(folder, 1006, ref="refs/bep/1006/x")

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1007


def test_of_two_names_for_a_number_the_exact_one_counts(repository, remote, call):
    make_claim(remote, 1050, "Wrong", ref="refs/bep/001050")
    make_claim(remote, 1050, "Right")

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1051
    call(repository, "sync")
    listed = call(repository, "list")[1]
    assert "Right" in listed
    assert "Wrong" not in listed


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "title",
    ["Two\nTitle: lines", "\x1b[2JBell\a", "x" * 1_000_000, "\u202eover", "\x9b1m"],
)
def test_a_message_that_bep_never_writes_is_no_claim(repository, remote, call, title):
    make_claim(remote, 1050, title)

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1006
    assert call(repository, "sync")[0] == 0
    assert "1050" not in call(repository, "list")[1]


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("time", "age"),
    [
        ("2026-01-01T00:00:00", r"\d+ days ago"),
        ("2026-01-01", r"\d+ days ago"),
        ("0001-01-01T00:00:00+00:00", r"\d+ days ago"),
        ("0001-01-01T00:00:00+14:00", ""),
        ("9999-12-31T23:59:59-12:00", ""),
        ("9999-12-31T23:59:59", "just now"),
        ("2026-01-01T00:00:00+23:59", r"\d+ days ago"),
        ("yesterday", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("place", ["here", "remote"])
def test_a_claim_of_any_time_ends_no_command(repository, remote, call, place, time, age):
    make_claim(repository if place == "here" else remote, 1006, time=time)

    assert reserve(call, repository, "Session Relay", "--no-branch") == 1007
    assert call(repository, "sync")[0] == 0
    code, out, _ = call(repository, "list")
    assert code == 0
    assert re.search(rf"^1006 +Ada Lovelace +reserved *{age}.* Theirs$", out, re.MULTILINE), out
    code, out, _ = call(repository, "list", "--attention")
    assert code == 0
    assert "1006  Theirs" in out
    code, _, err = call(repository, "check", "--all")
    assert code in (0, 1), err
    assert "Traceback" not in err


def test_the_title_of_a_claim_is_always_one_line(repository, remote, call):
    """A document's heading can hold what no title may; its claim is one all the same."""
    path = document(repository, 1040)
    path.write_text(path.read_text().replace("# ", "# \x1b[1m \u202e" + "long " * 1_000, 1))

    code, _, err = call(repository, "renumber", "1040")

    assert code == 0, err
    assert claims(remote) == ["1041"]
    assert reserve(call, repository, "Session Relay", "--no-branch") == 1042


# --- Numbers far above all others -----------------------------------------------------------------


def far_above(repository: Path, remote: Path, call: Call, what: str) -> str:
    """Put something there that holds a number far above all others; returns how it is named."""
    if what == "claim":
        make_claim(repository, 99999)
        named = "refs/bep/99999"
    elif what == "claim on the remote":
        make_claim(remote, 99999)
        named = "refs/bep/99999 on origin"
    elif what == "branch on the remote":
        run_git(remote, "branch", "bep/99998", "main")
        named = "refs/heads/bep/99998 on origin"
    elif "branch" in what:
        named = "refs/heads/bep/99998" if what == "branch" else "refs/remotes/origin/bep/99998"
        run_git(repository, "update-ref", named, "main")
    elif what == "document":
        named = f"proposals/{document(repository, 99999).name}"
    elif what == "directory":
        named = "proposals/BEP-99999"
        (repository / named).mkdir()
    else:
        add_row(repository, 99999, "Typo", "Ada Lovelace")
        named = f"{PAGE}:"
    if what == "row on the remote":
        run_git(repository, "commit", "--quiet", "--all", "--message=Row")
        run_git(repository, "push", "--quiet", "origin", "main")
        run_git(repository, "reset", "--quiet", "--hard", "HEAD^")
        named = f"the row 99999 of {PAGE} on main of origin"
    return named


FAR = [
    "claim",
    "claim on the remote",
    "branch",
    "remote-tracking branch",
    "branch on the remote",
    "row",
    "row on the remote",
    "document",
    "directory",
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("what", FAR)
def test_a_number_far_above_all_others_is_named_and_no_number_follows_it(
    repository, remote, call, what
):
    named = far_above(repository, remote, call, what)
    made = [] if what != "claim" else ["99999"]

    for arguments in (
        ["reserve", "Session Relay", "--no-branch"],
        ["reserve", "Session Relay", "--dry-run"],
        ["new", "Session Relay", "--defaults"],
        ["renumber", "1002"],
    ):
        before = (state(repository), run_git(remote, "for-each-ref"))
        code, out, err = call(repository, *arguments)
        assert (code, out) == (2, ""), (arguments, out, err)
        # An own claim that the remote does not have is published first.
        said = [line for line in err.splitlines() if "is now published" not in line]
        assert len(said) == 1, err
        assert named in said[0]
        assert "1005" in said[0]
        assert "--number" in said[0]
        if not made:
            assert (state(repository), run_git(remote, "for-each-ref")) == before
    assert claims(repository) == made


@pytest.mark.sample(3)
@pytest.mark.parametrize("what", FAR)
def test_a_number_far_above_all_others_hinders_no_number_given_by_hand(
    repository, remote, call, what
):
    far_above(repository, remote, call, what)

    assert reserve(call, repository, "Session Relay", "--no-branch", "--number", "1006") == 1006
    assert reserve(call, repository, "Session Relay", "--no-branch") == 1006
    code, _, err = call(repository, "new", "Other", "--number", "1007", "--defaults")
    assert code == 0, err
    code, _, err = call(repository, "renumber", "1002", "--to", "1008")
    assert code == 0, err
    assert {"1006", "1007", "1008"} <= set(claims(remote))
    assert call(repository, "list")[0] == 0


@pytest.mark.parametrize(
    "number", ["999", "1002", "1003", "0", "100000", "\u0661\u0660\u0660\u0666"]
)
def test_by_hand_only_a_free_number_in_range_is_taken(repository, remote, call, number):
    far_above(repository, remote, call, "branch")

    refused(call, repository, remote, "reserve", "Session Relay", "--number", number)


@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "Session Relay", "--number", "10060", "--defaults"],
        ["new", "Session Relay", "--number", "10060", "--defaults", "--dry-run"],
        ["reserve", "Session Relay", "--number", "10060"],
    ],
)
def test_a_new_number_far_above_all_others_is_refused(repository, remote, call, arguments):
    if arguments[0] == "reserve":
        far_above(repository, remote, call, "branch")

    said = refused(call, repository, remote, *arguments)

    assert "10060 is more than 1000 above the one before it, 1005, so no number" in said
    assert "set `first_number: 10060`" in said


def test_a_reserved_number_far_above_all_others_is_taken_up(repository, remote, call):
    add_row(repository, 99999, "Session Relay", "Grace B. Hopper")

    code, _, err = call(repository, "new", "Session Relay", "--number", "99999", "--defaults")

    assert code == 0, err


def test_several_numbers_far_above_all_others_are_named_together(repository, remote, call):
    for number in range(99990, 100_000):
        run_git(remote, "update-ref", f"refs/heads/bep/{number}", "main")

    said = refused(call, repository, remote, "reserve", "Session Relay")

    assert "refs/heads/bep/99990 on origin" in said
    assert "7 more" in said


def test_first_number_says_that_numbers_go_on_from_there(repository, remote, call):
    run_git(remote, "branch", "bep/99997", "main")
    with (repository / "invoke.yaml").open("a") as settings:
        settings.write("  first_number: 99997\n")

    numbers = [reserve(call, repository, title, "--no-branch") for title in ("A", "B")]

    assert numbers == [99998, 99999]
    said = refused(call, repository, remote, "reserve", "C")
    assert "all numbers up to 99999 are taken" in said


@pytest.mark.parametrize("number", [1500, 2005])
def test_a_number_not_far_above_the_others_counts(repository, remote, call, number):
    run_git(remote, "branch", f"docs/bep-{number}", "main")

    assert reserve(call, repository, "Session Relay") == number + 1


def test_claims_of_the_remote_can_lie_between(repository, remote, call):
    for number in (1900, 2800):
        make_claim(remote, number)
    run_git(remote, "branch", "bep/3700", "main")

    assert reserve(call, repository, "Session Relay") == 3701


def test_refs_that_are_no_claims_do_not_lie_between(repository, remote, call):
    for number in (1900, 2800):
        run_git(remote, "update-ref", f"refs/bep/{number}", "main")
    run_git(remote, "branch", "bep/3700", "main")

    assert "bep/3700" in refused(call, repository, remote, "reserve", "Session Relay")


def test_thousands_of_refs_are_looked_at_in_one_call(repository, remote, call):
    refs = "".join(f"create refs/bep/{number} main\n" for number in range(90_000, 98_000))
    done = subprocess.run(
        ["git", "update-ref", "--stdin"], cwd=remote, input=refs, text=True, check=False
    )
    assert done.returncode == 0

    assert reserve(call, repository, "Session Relay") == 1006


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


# --- unreserve ----------------------------------------------------------------------------------


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
