"""`bep reserve`: a number, its row and its branch, before there is a document."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PAGE, Call, run_git, state


def reserve(call: Call, folder: Path, *arguments: str) -> int:
    code, out, err = call(folder, "reserve", *arguments)
    assert code == 0, err
    assert re.fullmatch(r"\d+\n", out), out
    return int(out)


def refusal(call: Call, folder: Path, *arguments: str) -> str:
    """What a refused call says; it must be one line and have changed nothing."""
    before = state(folder)
    code, out, err = call(folder, *arguments)
    assert code == 2
    assert out == ""
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert state(folder) == before
    return err


def rows(folder: Path) -> list[str]:
    lines = (folder / PAGE).read_text().split("\n")
    return [line for line in lines if re.match(r"\| \[?1\d\d\d", line)]


def branch(folder: Path) -> str:
    return run_git(folder, "branch", "--show-current")


# --- What it does -------------------------------------------------------------------------------


def test_stdout_is_the_number_and_the_row_is_one_line_more(repository, bep):
    before = (repository / PAGE).read_text()

    done = bep(repository, "reserve", "Session Relay")

    assert (done.returncode, done.stdout) == (0, "1006\n")
    after = (repository / PAGE).read_text()
    line = "| 1006 | Session Relay | Grace B. Hopper | Draft |\n"
    assert after.replace(line, "") == before
    assert f"{line}| _next_ |" in after
    assert run_git(repository, "status", "--porcelain") == f"M {PAGE}"


def test_the_claim_names_title_author_and_a_token_of_its_own(repository, call):
    reserve(call, repository, "Relay: the `quick` | one", "--author", "Ada Lovelace")
    reserve(call, repository, "Other", "--no-branch")

    first = run_git(repository, "log", "-1", "--format=%B", "refs/bep/1006")
    second = run_git(repository, "log", "-1", "--format=%B", "refs/bep/1007")
    assert "Title: Relay: the `quick` | one\n" in first
    assert "Author: Ada Lovelace\n" in first
    tokens = [re.findall(r"^Token: (\S{16,})$", text, re.MULTILINE) for text in (first, second)]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]


def test_on_main_it_switches_to_the_proposals_branch(repository, call):
    reserve(call, repository, "Session Relay")

    assert branch(repository) == "bep/1006-session-relay"


def test_a_detached_head_gets_the_branch_too(repository, call):
    run_git(repository, "checkout", "--quiet", "--detach")

    reserve(call, repository, "Session Relay")

    assert branch(repository) == "bep/1006-session-relay"


@pytest.mark.parametrize("detached", [False, True])
def test_uncommitted_changes_are_carried_along(repository, call, detached):
    if detached:
        run_git(repository, "checkout", "--quiet", "--detach")
    (repository / "VERSION").write_text("26.9.0\n")
    (repository / "staged.txt").write_text("staged\n")
    run_git(repository, "add", "staged.txt")
    (repository / "untracked.txt").write_text("untracked\n")
    with (repository / PAGE).open("a") as page:
        page.write("An edit.\n")

    reserve(call, repository, "Session Relay")

    assert branch(repository) == "bep/1006-session-relay"
    assert run_git(repository, "status", "--porcelain").split("\n") == [
        "M VERSION",
        f" M {PAGE}",
        "A  staged.txt",
        "?? untracked.txt",
    ]
    assert (repository / PAGE).read_text().endswith("An edit.\n")


def test_on_another_branch_it_stays_and_says_so(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "feature/x")

    code, out, err = call(repository, "reserve", "Session Relay")

    assert (code, out) == (0, "1006\n")
    assert "Stayed on feature/x" in err
    assert branch(repository) == "feature/x"
    assert len(rows(repository)) == 5


@pytest.mark.parametrize("arguments", [["reserve"], ["new", "--defaults"]])
@pytest.mark.parametrize("is_committed", [False, True])
def test_it_switches_to_the_branch_that_the_proposal_has(repository, call, arguments, is_committed):
    reserve(call, repository, "Session Relay")
    if is_committed:
        run_git(repository, "commit", "--quiet", "--all", "--message=Reserve")
    run_git(repository, "switch", "--quiet", "main")

    code, out, err = call(repository, *arguments, "Session Relay")

    assert code == 0, err
    assert "Switched to the branch bep/1006-session-relay.\n" in out + err
    assert branch(repository) == "bep/1006-session-relay"
    assert len(rows(repository)) == 5


def test_it_stays_where_changes_would_be_lost(repository, call):
    reserve(call, repository, "Session Relay")
    run_git(repository, "commit", "--quiet", "--all", "--message=Reserve")
    run_git(repository, "switch", "--quiet", "main")
    with (repository / PAGE).open("a") as page:
        page.write("An edit.\n")

    err = call(repository, "reserve", "Session Relay")[2]

    assert "Stayed on main: bep/1006-session-relay cannot be checked out: error: Your local" in err
    assert (repository / PAGE).read_text().endswith("An edit.\n")


def test_no_branch_stays_on_main(repository, call):
    reserve(call, repository, "Session Relay", "--no-branch")

    assert branch(repository) == "main"
    assert len(rows(repository)) == 5


def test_before_the_first_commit_it_stays_and_says_so(repository, call):
    run_git(repository, "checkout", "--quiet", "--orphan", "start")
    run_git(repository, "branch", "--quiet", "-D", "main")

    code, out, err = call(repository, "reserve", "Session Relay")

    assert (code, out) == (0, "1006\n")
    assert "no commit yet" in err


def test_a_branch_of_that_name_is_no_obstacle(repository, call):
    run_git(repository, "branch", "bep/relay")  # a file where `bep/relay/...` would go
    (repository / "invoke.yaml").write_text("bep:\n  branch: 'bep/relay/{number}'\n")

    code, out, err = call(repository, "reserve", "Session Relay")

    assert (code, out) == (0, "1006\n")
    assert "Stayed on main" in err
    assert len(rows(repository)) == 5


def test_a_branch_with_other_digits_does_not_say_the_title(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "feature-1006")

    assert (
        "Next: `bep new 'Session Relay'` writes" in call(repository, "reserve", "Session Relay")[2]
    )


@pytest.mark.parametrize(
    "settings", ["branch: 'prop/{number}-{slug}'", "branch: '{slug}/{number}'", "first_number: 7"]
)
def test_the_branch_of_any_form_is_the_proposal_s(repository, call, settings):
    page = repository / PAGE
    page.write_text(page.read_text().split("| [1001]", maxsplit=1)[0])
    for document in (repository / "proposals").glob("BEP-*.md"):
        document.unlink()
    with (repository / "invoke.yaml").open("a") as file:
        file.write(f"  {settings}\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Settings")
    assert call(repository, "reserve", "Session Relay", "--offline")[0] == 0

    assert call(repository, "new", "--defaults")[0] == 0

    assert "Session Relay" in call(repository, "status")[1]
    assert call(repository, "renumber", "--to", "1050")[0] == 0
    assert "1050" in branch(repository)


def test_settings_name_branch_claims_and_main(repository, call):
    (repository / "invoke.yaml").write_text(
        "bep:\n  branch: docs/add-bep-{number}\n  claims: refs/heads/claims/\n  main: trunk\n"
    )
    run_git(repository, "branch", "--move", "main", "trunk")

    assert reserve(call, repository, "Session Relay") == 1006

    assert branch(repository) == "docs/add-bep-1006"
    assert run_git(repository, "log", "-1", "--format=%s", "refs/heads/claims/1006")
    assert run_git(repository, "for-each-ref", "refs/bep/") == ""


def test_it_works_in_a_subdirectory(repository, call):
    (repository / "src").mkdir()

    assert reserve(call, repository / "src", "Session Relay") == 1006
    assert len(rows(repository)) == 5


def test_without_a_git_identity_it_works_with_a_named_author(repository, call, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    assert reserve(call, repository, "Session Relay", "--author", "Ada Lovelace") == 1006
    assert "| 1006 | Session Relay | Ada Lovelace | Draft |" in rows(repository)


# --- Again --------------------------------------------------------------------------------------


def test_the_same_call_gives_the_same_number_and_changes_nothing(repository, call):
    reserve(call, repository, "Session Relay")
    before = state(repository)

    assert reserve(call, repository, "Session Relay") == 1006
    assert reserve(call, repository, "session relay ") == 1006
    assert state(repository) == before


def test_the_same_title_with_other_blanks_gives_the_same_number(repository, call):
    assert reserve(call, repository, "Session  Relay", "--no-branch") == 1006
    for title in ("Session Relay", "Session\N{NO-BREAK SPACE}relay"):
        assert reserve(call, repository, title, "--no-branch") == 1006

    assert call(repository, "new", "Session Relay", "--defaults")[0] == 0
    assert len(rows(repository)) == 5


def test_a_title_that_another_has_is_refused_unless_it_comes_again(repository, call):
    reserve(call, repository, "Session Relay", "--no-branch")
    another = ("--author", "Ada", "--no-branch")

    for title in ("session-relay!", "Quota  Ledger"):
        code, out, err = call(repository, "reserve", title, *another)
        assert (code, out) == (2, "")
        assert "already has this title" in err
    assert reserve(call, repository, "Session Relay", "--again", *another) == 1007
    code, out, err = call(repository, "reserve", "Session Relays", *another)
    assert (code, out) == (0, "1008\n")
    assert "bep: BEP-1006 has a similar title, 'Session Relay': proposals/README.md:" in err


def test_a_row_that_was_lost_is_written_again(repository, call):
    reserve(call, repository, "Session Relay")
    run_git(repository, "checkout", "--quiet", "--", PAGE)

    assert reserve(call, repository, "Session Relay") == 1006
    assert "| 1006 | Session Relay | Grace B. Hopper | Draft |" in rows(repository)


def test_the_title_of_a_document_is_no_reservation(repository, call):
    assert reserve(call, repository, "Quota Ledger", "--again") == 1006


@pytest.mark.parametrize(
    "cell",
    ["~~1041~~", "**1041**", "BEP-1041", "1041 (withdrawn)", "[~~1041~~](BEP-1041-x.md)", "_1041_"],
)
def test_a_decorated_row_holds_its_number(repository, call, cell):
    page = repository / PAGE
    row = f"| {cell} | Gone | Ada Lovelace | Draft |\n"
    page.write_text(page.read_text().replace("| _next_ ", f"{row}| _next_ "))
    run_git(repository, "commit", "--quiet", "--all", "--message=Gone")

    for arguments in (["reserve", "X", "--number=1041"], ["renumber", "1002", "--to=1041"]):
        code, _, err = call(repository, *arguments)
        assert code == 2
        assert "the number 1041 is taken" in err or "1041 has a row" in err, err
    assert reserve(call, repository, "Session Relay", "--no-branch") == 1042


# --- A number of one's choice -------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1005", "BEP-1005"])
def test_a_bare_row_is_taken_up_and_stays_as_it_is(repository, call, number):
    page = (repository / PAGE).read_text()

    assert reserve(call, repository, "Relay in Sessions", "--number", number) == 1005

    assert (repository / PAGE).read_text() == page
    assert branch(repository) == "bep/1005-relay-in-sessions"
    assert (
        run_git(repository, "for-each-ref", "--format=%(refname)", "refs/bep/") == "refs/bep/1005"
    )


def test_ones_own_claim_is_taken_up(repository, call):
    reserve(call, repository, "Session Relay", "--no-branch")

    assert reserve(call, repository, "Session Relay", "--number", "1006") == 1006


@pytest.mark.parametrize("number", ["1002", "1006", "1004", "999"])
def test_a_number_with_a_document_or_without_reservation_is_refused(repository, call, number):
    assert number in refusal(call, repository, "reserve", "Relay", "--number", number)


def test_somebody_elses_claim_is_refused(repository, call):
    reserve(call, repository, "Theirs", "--author", "Ada Lovelace", "--no-branch")

    text = refusal(call, repository, "reserve", "Mine", "--number", "1006")

    assert "Theirs" in text
    assert "Ada Lovelace" in text


def test_a_row_that_was_given_up_is_refused(repository, call):
    assert "1003" in refusal(call, repository, "reserve", "Mine", "--number", "1003")


def test_whose_row_is_taken_up_is_told(repository, call):
    """1005 was reserved by hand; nothing tells whether by the caller, who named the number."""
    code, out, err = call(repository, "reserve", "Mine", "--number", "1005")

    assert (code, out) == (0, "1005\n")
    assert "'Relay in Sessions'" in err
    assert "Edsger Dijkstra" in err
    assert "1005 | Relay in Sessions | Edsger Dijkstra" in (repository / PAGE).read_text()


@pytest.mark.parametrize("number", ["x", "-5", "10046x", "1.5"])
def test_a_number_that_is_none_is_refused(repository, call, number):
    assert number in refusal(call, repository, "reserve", "Relay", f"--number={number}")


# --- Which number is next -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "number"),
    [
        ("proposals/BEP-1041-by-hand.md", 1042),
        ("proposals/BEP-1042/diagram.svg", 1043),
        ("refs/heads/bep/1035", 1036),
        ("refs/heads/beps/1020-3", 1021),
        ("refs/heads/docs/add-bep-1036", 1037),
        ("refs/heads/BEP-1038-UPPER", 1039),
        ("refs/remotes/origin/bep/1039-x", 1040),
        ("refs/heads/feature/1099", 1006),
        ("refs/tags/bep/1099", 1006),
        ("elsewhere/BEP-1099-x.md", 1006),
        ("proposals/BEP-1099-x.txt", 1006),
    ],
)
def test_everything_that_holds_a_number_counts(repository, call, make, number):
    if make.startswith("refs/"):
        run_git(repository, "update-ref", make, "HEAD")
    else:
        (repository / make).parent.mkdir(exist_ok=True)
        (repository / make).write_text("x\n")

    assert reserve(call, repository, "Session Relay", "--no-branch") == number


def test_the_first_number_is_the_settings(repository, call):
    (repository / "invoke.yaml").write_text("bep:\n  first_number: 2000\n")

    assert reserve(call, repository, "Session Relay") == 2000


def test_worktrees_share_claims(repository, call, tmp_path):
    other = tmp_path / "other"
    run_git(repository, "worktree", "add", "--quiet", "--detach", str(other))

    numbers = [
        reserve(call, repository, "First", "--no-branch"),
        reserve(call, other, "Second", "--no-branch"),
        reserve(call, repository, "Third", "--no-branch"),
    ]

    assert numbers == [1006, 1007, 1008]
    assert len(rows(repository)) == 6
    assert len(rows(other)) == 5


def test_eight_at_once_get_eight_numbers(repository, tmp_path):
    trees = [tmp_path / f"tree-{at}" for at in range(8)]
    for tree in trees:
        run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))

    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bep", "reserve", f"Title {at}"],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for at, tree in enumerate(trees)
    ]
    ended = [process.communicate() for process in running]

    assert [process.returncode for process in running] == [0] * 8, ended
    assert sorted(int(out) for out, _ in ended) == list(range(1006, 1014))
    for at, (tree, (out, _)) in enumerate(zip(trees, ended, strict=True)):
        number = int(out)
        assert branch(tree) == f"bep/{number}-title-{at}"
        assert f"| {number} | Title {at} | Grace B. Hopper | Draft |" in rows(tree)
        said = run_git(repository, "log", "-1", "--format=%B", f"refs/bep/{number}")
        assert f"Title: Title {at}\n" in said


# --- Nothing is changed -------------------------------------------------------------------------


def test_a_dry_run_shows_the_row_and_changes_nothing(repository, call, tmp_path):
    before = state(repository)

    code, out, err = call(repository, "reserve", "Session Relay", "--dry-run")

    assert code == 0
    assert "1006" in err
    assert state(repository) == before
    (tmp_path / "plan.diff").write_text(out)
    run_git(repository, "apply", str(tmp_path / "plan.diff"))
    planned = (repository / PAGE).read_text()
    run_git(repository, "checkout", "--quiet", "--", PAGE)
    reserve(call, repository, "Session Relay")
    assert (repository / PAGE).read_text() == planned


@pytest.mark.parametrize(
    "arguments",
    [
        ["reserve"],
        ["reserve", ""],
        ["reserve", "   "],
        ["reserve", "two\nlines"],
        ["reserve", "--title", ""],
        ["reserve", "--title=two\nlines"],
        ["reserve", "Relay", "--author", "A (a@b.c)"],
        ["reserve", "Relay", "--author", "two\nlines"],
        ["reserve", "-foo"],
        ["reserve", "Session", "Relay"],
        ["reserve", "Relay", "--title", "Other"],
        ["reserve", "--title", "Relay", "Other"],
        ["reserve", "Relay", "--author", "A", "--author", "B"],
        ["reserve", "Relay", "--number"],
        ["reserve", "Relay", "--nobranch"],
        ["reserve", "Relay", "--no-branch=yes"],
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(repository, call, arguments):
    refusal(call, repository, *arguments)


def test_a_refused_title_is_one_line_of_the_process_without_a_traceback(repository, bep):
    done = bep(repository, "reserve", "two\nlines")

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"bep: [^\n]+\n", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (["--", "-foo"], "-foo"),
        (["--title=-foo"], "-foo"),
        (["--title", "-foo"], "-foo"),
        (["- a dash and blanks"], "- a dash and blanks"),
        (["--", "--help"], "--help"),
        (["--title", "--"], "--"),
    ],
)
def test_a_title_may_begin_with_a_dash(repository, call, arguments, title):
    assert reserve(call, repository, *arguments) == 1006
    said = run_git(repository, "log", "-1", "--format=%B", "refs/bep/1006")
    assert f"Title: {title}\n" in said


def test_how_to_type_a_title_with_a_dash_is_told(repository, call):
    said = call(repository, "reserve", "--no-branch", "--title=-foo")[2]
    assert "Next: `bep new -- -foo` writes the document." in said
    said = "or put `--` before a TITLE that begins with a hyphen\n"
    assert refusal(call, repository, "new", "-foo").endswith(said)
    said = "bep: '--no-branch' is not an option after `--`; put options before `--`\n"
    assert refusal(call, repository, "reserve", "--", "-x", "--no-branch") == said
    assert refusal(call, repository, "reserve", "--", "--no-branch", "-x") == said


def test_a_broken_registry_gives_no_number(repository, call):
    with (repository / PAGE).open("a") as page:
        page.write("<<<<<<< HEAD\n")
    before = state(repository)

    code, out, err = call(repository, "reserve", "Relay")

    assert (code, out) == (1, "")
    assert re.fullmatch(rf"bep: {PAGE}:26: [^\n]+\n", err)
    assert state(repository) == before


def test_a_page_that_cannot_be_written_gives_the_number_back(repository, call):
    """The page is a link out of the repository: readable, but not to be written."""
    (repository / PAGE).rename(repository.parent / "README.md")
    (repository / PAGE).symlink_to(repository.parent / "README.md")

    refusal(call, repository, "reserve", "Session Relay")
