"""What people type: several proposals, words without quotes, misspellings, what is missing."""

from __future__ import annotations

import shlex

import pytest

from bep.tasks import catalogue, execution, program
from bep.tasks.command import Kind
from tests.conftest import run_git
from tests.terminal import Terminal

HOW_TO_NAME = "write 1046, BEP-1046 or a path of"


def numbers(call, folder, *words: str) -> list[str]:
    code, out, err = call(folder, "list", *words)
    assert code == 0, err
    return [line.split()[0] for line in out.splitlines()[1:]]


# --- Several proposals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["1001", "1005"], "1001 1005"),
        (["1005", "BEP-1001"], "1001 1005"),
        (["1001-1002", "1005"], "1001 1002 1005"),
        (["1001,1005", "1002"], "1001 1002 1005"),
        (["1001", "--number", "1005"], "1001 1005"),
        (["proposals"], "1001 1002"),
        (["."], "1001 1002"),
        (["proposals/", "1005"], "1001 1002 1005"),
        (["proposals/BEP-100*.md"], "1001 1002"),
        (["proposals/BEP-1002*"], "1002"),
        (["BEP-*-quota-*"], "1002"),
        (["proposals/BEP-1001-event-journal.md", "proposals/README.md"], "1001"),
        (["proposals/BEP-1002/data-model.md"], "1002"),
        (["proposals/BEP-1002/*.md"], "1002"),
    ],
)
def test_words_that_follow_each_other_name_proposals(repository, call, words, meant):
    assert numbers(call, repository, *words) == meant.split()


def test_paths_begin_where_the_user_is(repository, call):
    (repository / "docs").mkdir()
    (repository / "proposals/BEP-1002").mkdir()

    assert numbers(call, repository / "docs", "../proposals/BEP-1002*") == ["1002"]
    assert numbers(call, repository / "docs", "proposals") == ["1001", "1002"]
    assert numbers(call, repository / "proposals/BEP-1002", "..") == ["1001", "1002"]


def test_each_task_for_several_proposals_takes_them(released, call):
    code, out, _ = call(released, "check", "1001", "BEP-1002*.md")
    assert out.startswith("Checked everything (on main), of 1001,1002 only.")
    assert code == 1
    assert call(released, "sync", "1001", "1002", "--dry-run")[0] == 0
    adopted = call(released, "adopt", "1001", "1002", "--dry-run", "--json")[1]
    assert adopted.count('"outcome"') == 2
    assert call(released, "update", "1001", "proposals", "--dry-run")[0] == 0
    out = call(released, "mark", "1001", "1002", "implemented", "--version", "26.8.0")[1]
    assert "BEP-1001 is now Implemented" in out
    assert "BEP-1002 is now Implemented" in out


# --- What cannot be meant -----------------------------------------------------------------------

CHOICES = "use one of Draft, Accepted, Implemented, Rejected, Superseded"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("chek", "unknown task 'chek'; did you mean 'check'? `bep --help` lists the tasks"),
        ("xyz", "unknown task 'xyz'; `bep --help` lists the tasks"),
        ("help chek", "unknown task 'chek'; did you mean 'check'? `bep --help` lists the tasks"),
        ("--versoin", "unknown option '--versoin'; did you mean '--version'? see `bep --help`"),
        (
            "list --jsn",
            "list has no option '--jsn'; did you mean '--json'? see `bep list --help`",
        ),
        ("list --status acceptd", f"unknown status 'acceptd'; did you mean 'Accepted'? {CHOICES}"),
        ("list --status x", f"unknown status 'x'; {CHOICES}"),
        ("mark accept", f"unknown status 'accept'; did you mean 'Accepted'? {CHOICES}"),
        (
            "mark 1002",
            (
                "mark needs STATUS; write `bep mark [NUMBER...] STATUS`; STATUS: draft, accepted,"
                " implemented, rejected, superseded"
            ),
        ),
        ("mark accepted 1002", "the number '1002' comes first; write `bep mark 1002 accepted`"),
        ("mark what accepted", f"'what' is not a proposal; {HOW_TO_NAME} the proposal"),
        ("check --explain link-mising", "unknown rule 'link-mising'; did you mean 'link-missing'?"),
        ("new X --defaults --layout singel", "'singel' is unknown; did you mean 'single'?"),
        ("new X --defaults -d scop=x", "unknown question 'scop'; did you mean 'scope'?"),
        ("context 1002 --section motvation", "'motvation'; did you mean 'Motivation'?"),
        (
            "ask 1002 Do we?",
            (
                "ask takes the QUESTION as one argument, and 'we?' is one more;"
                " quote it: `bep ask 1002 'Do we?'`"
            ),
        ),
        ("ask Do we need it?", "quote it: `bep ask 'Do we need it?'`"),
        ("reserve Relay of $(sessions)", "quote it: `bep reserve 'Relay of $(sessions)'`"),
        ("new Session Relay --defaults", "quote it: `bep new 'Session Relay'`"),
        ("retitle 1002 Session Relay", "quote it: `bep retitle 1002 'Session Relay'`"),
        ("ask Why? 1002", "the number '1002' comes first; write `bep ask 1002 'Why?'`"),
        ("context 1001 1002", "context takes one NUMBER, and '1002' is one more"),
        ("init here", "init takes no argument 'here'; see `bep init --help`"),
        ("list proposals/README.md", f"'proposals/README.md' names no proposal; {HOW_TO_NAME} it"),
        ("list x*.md", "no proposal found in 'x*.md'; `bep list` shows all numbers and documents"),
        ("list src", f"'src' is not a proposal; {HOW_TO_NAME} the proposal"),
        (
            "decide 1002",
            (
                "decide needs QUESTION, DECISION and RATIONALE; write `bep decide [NUMBER] QUESTION"
                " --decision DECISION --rationale RATIONALE`"
            ),
        ),
        ("decide 1002 1 --decision x", "decide needs RATIONALE; write "),
        ("reserve", "reserve needs TITLE; write `bep reserve TITLE`"),
        ("add-document 1002", "add-document needs NAME and SCOPE; write "),
        ("renumber", "it is not clear which proposal is meant, and main does not name one"),
    ],
)
def test_one_line_says_what_was_typed_and_what_to_type(repository, call, line, said):
    before = run_git(repository, "status", "--porcelain")

    code, out, err = call(repository, *line.split())

    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert run_git(repository, "status", "--porcelain") == before


def test_renumber_takes_the_proposal_of_the_branch(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")

    assert "BEP-1002 would become BEP-1006" in call(repository, "renumber", "--dry-run")[2]


# --- What is missing is asked for ---------------------------------------------------------------


def test_on_a_terminal_what_is_missing_is_asked_for(repository):
    terminal = Terminal(repository, "decide", "1002", "--rationale", "One consumer")
    terminal.wait_for("QUESTION: ")
    terminal.type("who\n")
    terminal.wait_for("What was decided, in one line of Markdown.")
    terminal.wait_for("DECISION: ")
    terminal.type("Nobody\n")
    assert terminal.end() == 1
    assert "there is no open question" in terminal.shown

    terminal = Terminal(repository, "mark", "1002")
    terminal.wait_for("draft, accepted, implemented, rejected, superseded.")
    terminal.wait_for("STATUS: ")
    terminal.type("\n")
    assert terminal.end() == 2
    assert "bep: stopped; nothing was changed" in terminal.shown


@pytest.mark.parametrize("arguments", [["retitle"], ["retitle", "--title", "Budgets"]])
def test_a_number_that_the_branch_does_not_name_is_asked_for_first(repository, arguments):
    terminal = Terminal(repository, *arguments, "--dry-run", PAGER="cat")
    terminal.wait_for("It is not clear which proposal is meant, and main does not name one.")
    terminal.wait_for("NUMBER: ")
    terminal.type("1002\n")
    if len(arguments) == 1:
        terminal.wait_for("TITLE: ")
        terminal.type("Budgets\n")

    assert terminal.end() == 0
    assert "BEP-1002-budgets.md" in terminal.shown


def test_a_number_that_something_else_says_is_not_asked_for(repository):
    (repository / "a.py").write_text("# BEP-1002\n")
    assert Terminal(repository, "context", "--path", "a.py", PAGER="cat").end() == 0

    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")
    assert Terminal(repository, "status", PAGER="cat").end() == 0


# --- Help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 120])
def test_help_fits_the_terminal_and_breaks_no_word(tmp_path, call, monkeypatch, width):
    for arguments in (["--help"], *([name, "--help"] for name in catalogue.MODULES)):
        monkeypatch.setenv("COLUMNS", "1000")
        whole = call(tmp_path, *arguments)[1]
        monkeypatch.setenv("COLUMNS", str(width))
        text = call(tmp_path, *arguments)[1]

        assert text.split() == whole.split()
        assert max(map(len, text.splitlines())) <= min(width, 100), arguments
        assert not any(line.endswith(" ") for line in text.splitlines())


def test_help_has_groups_with_one_line_for_each_task(tmp_path, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = call(tmp_path, "help")

    assert code == 0
    assert out == call(tmp_path, "--help")[1] == call(tmp_path)[1]
    for group, names in catalogue.GROUPS.items():
        lines = out.partition(f"\n{group}:\n")[2].splitlines()[: len(names)]
        assert [line.split()[0] for line in lines] == list(names)
    assert call(tmp_path, "help", "mark") == call(tmp_path, "mark", "--help")


@pytest.mark.parametrize("name", catalogue.MODULES)
def test_the_examples_of_each_task_are_calls_of_it(monkeypatch, name):
    task = catalogue.task(name)
    called = []
    monkeypatch.setattr(execution, "run", lambda of, values: called.append((of, values)) or 0)

    assert 1 <= len(task.examples) <= 3
    for example in task.examples:
        line = example.removeprefix('eval "$(').removesuffix(')"').removesuffix(" | source")
        assert program._called(shlex.split(line)[1:]) == 0
        of, values = called.pop()
        assert of is task
        assert {one for one in task.required if one not in values} == set()
        assert all(
            isinstance(values[one.name], list) == (one.kind is Kind.LIST)
            for one in task.parameters
            if one.name in values
        )
