"""Which number is next: what holds numbers, here and on the shared remote."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, make_claim, run_git, state, write_commit
from tests.start.shared_remote import (
    add_row,
    claims,
    document,
    refused,
    reserve,
    row,
)


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
