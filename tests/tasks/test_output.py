"""What strangers wrote cannot steer the terminal or the CI that shows it."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bep import output
from bep.markdown import terminal_text
from tests.conftest import PAGE, ROOT, Call, run_git

# What must never reach a terminal as it is, whoever wrote it; `\r\n` ends lines of documents.
STEERING = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]|\r(?!\n)"
)

HOSTILE = {
    "title of a window": "\x1b]0;owned\x07",
    "colour": "\x1b[31mred",
    "colour without ESC": "\x9b31mred",
    "line removed": "x\x1b[2K\rOK",
    "backspaces": "no\b\byes",
    "deleted": "a\x7fb",
    "right to left": "\u202egnp.exe",
    "isolate": "\u2066a\u2069",
    "mark": "a\u200f\u061cb",
    "line separator": "a\u2028::error::b",
    "next line": "a\x85b",
    "byte order mark": "a\ufeffb",
    "tags": "a\U000e0041\U000e007fb",
    "carriage return": "a\r::error::b",
    "form feed": "a\f\vb",
}


# --- One function -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b", r"\x9b"),
        ("\u202e", r"\u202e"),
        ("\u2028", r"\u2028"),
        ("\U000e0041", r"\U000e0041"),
        ("a\nb", r"a\nb"),
        ("a\r\nb", r"a\r\nb"),
        ("\ufeffa", r"\ufeffa"),
        ("a\tb", "a\tb"),
        (b"\xff\xfe".decode("utf-8", "surrogateescape"), r"\xff\xfe"),
        ("\ud83d", r"\ud83d"),
        ("한글 \u200dü", "한글 \u200dü"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        (r"\x1b", r"\x1b"),
        ("", ""),
    ],
)
def test_a_line_shows_what_would_steer_a_terminal(words, shown):
    assert terminal_text.line(words) == shown
    assert terminal_text.line(shown) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\r\nb\n", "a\r\nb\n"),
        ("a\rb\r\r\n", "a\\rb\\r\r\n"),
        ("\ufeffa\ufeffb", "\ufeffa\\ufeffb"),
        ("a\n\x1b[2J\n", "a\n\\x1b[2J\n"),
        ("a\tb", "a\tb"),
    ],
)
def test_a_text_keeps_its_lines(words, shown):
    assert terminal_text.text(words) == shown


@pytest.mark.parametrize("words", [*HOSTILE.values(), "\U000e0041", "한글 👩\u200d💻", "##[a]"])
def test_json_is_escaped_and_reads_the_same(words, capsys):
    output.print_json({words: [words]})
    output.finish()

    printed = capsys.readouterr().out
    assert not STEERING.search(printed)
    assert "##[" not in printed
    assert json.loads(printed) == {words: [words]}


def test_bytes_that_are_no_text_become_replacement_characters_in_json(capsys):
    output.print_json(b"a\xffb".decode("utf-8", "surrogateescape"))
    output.finish()

    assert json.loads(capsys.readouterr().out) == "a\ufffdb"


@pytest.mark.parametrize(
    "line",
    ["::error::x", "  ::add-mask::x", "\t::set-output name=a::b", "a\n::error::x", "\u2028::a::b"],
)
@pytest.mark.parametrize("stream", ["out", "err"])
def test_no_line_begins_a_command_of_githubs_runner(line, stream, capsys):
    (output.say if stream == "out" else output.note)(line)
    output.finish()

    printed = getattr(capsys.readouterr(), stream)
    assert printed.count("\n") == 1
    assert not printed.lstrip().startswith("::")


def test_no_line_holds_a_command_of_the_old_form(capsys):
    """The runner reads `##[name]` anywhere in a line."""
    output.say("a title ##[add-mask]x")
    output.finish()

    assert capsys.readouterr().out == "a title ##\\x5badd-mask]x\n"


def test_in_ci_a_text_begins_no_command_either(capsys, monkeypatch):
    """GitHub's runner removes blanks, so that the prefix of a diff's line does not help."""
    text = " ::error::x\n+::error::x\nplain ##[group]y\n"
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    output.write(text)
    output.finish()
    assert capsys.readouterr().out == text

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    output.write(text)
    output.finish()
    assert capsys.readouterr().out == " \\x3a:error::x\n+::error::x\nplain ##\\x5bgroup]y\n"


# --- One package --------------------------------------------------------------------------------


def test_all_that_is_printed_goes_through_one_package():
    for path in (ROOT / "bep").rglob("*.py"):
        if path.parent == ROOT / "bep/output":
            continue
        text = path.read_text()
        if not re.search(r"\b(print|input|stdout|stderr)\b", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "input"), path
            if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr"):
                base = node.value
                assert not (isinstance(base, ast.Name) and base.id == "sys"), path


# --- Every task's output ------------------------------------------------------------------------

TITLE = "\x1b[31mRelay\x1b]0;x\x07 \u202egnp \x9b2J\u2028::error::Relay"
STATUS = "Dr\x1b[1maft\u202e"
AUTHOR = "Eve\x1b[2K\x07\u2066 (eve@example.com)"
NAME = "BEP-1050-relay\x1b[31m\u202e.md"


def document(title: str, author: str, status: str) -> str:
    return (
        f"---\nAuthor: {author}\nStatus: {status}\nCreated: 2026-01-06\nCreated-Version: 26.1.0\n"
        "Target-Version:\nImplemented-Version:\n---\n\n"
        f"# {title}\n\n<!-- context-for-ai\nscope: {title}\nkey-decisions: []\n-->\n\n"
        f"## Motivation\n\nRelay {title}. [gone](gone\x1b[31m\u202e.md)\n\n"
        f"## Proposed Design\n\n### Part \x1b[5m\u202e One\n\n{title}\n\n### Two\n\n\x1b[5m\n\n"
        f"## Open Questions\n\n- {title}?\n\n"
        "## Decision Log\n\n| Date | Decision | Rationale |\n|---|---|---|\n"
        f"| 2026-01-06 | {title} | {author} |\n\n"
        "## Implementation Plan\n\n1. **Phase \x1b[5m\u202e**: see BEP-1001\n"
    )


@pytest.fixture
def hostile(released: Path) -> Path:
    """A repository with a proposal, a row and files of somebody who means no good."""
    repository = released
    page = repository / PAGE
    row = f"| 1051 | {TITLE} | {AUTHOR} | {STATUS} |\n"
    page.write_text(page.read_text().replace("| _next_", f"{row}| _next_"), newline="")
    (repository / "proposals" / NAME).write_text(document(TITLE, AUTHOR, STATUS))
    good = document("Relay \x1b[31m\u202e", AUTHOR, "Draft")
    (repository / "proposals/BEP-1052-good.md").write_text(good)
    (repository / "::error::\x1b[31m 1052.md").write_text(f"BEP-1052 \x1b[31m {TITLE}\n")
    (repository / "a\n::error::b.md").write_text("BEP-1052 and BEP-1002, ##[add-mask]x\n")
    (repository / "proposals/BEP-1053-bytes.md").write_bytes(
        good.encode().replace(b"Relay", b"Relay \xff\xfe\x1b[31m")
    )
    with (repository / "invoke.yaml").open("a") as settings:
        settings.write('  "odd\\x1b[31m\\u202e": 1\n  jira: {url: "http://127.0.0.1:1"}\n')
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Hostile")
    return repository


CALLS = [
    ["list"],
    ["list", "--attention"],
    ["list", "--json"],
    ["list", "--attention", "--json"],
    ["list", "\x1b[31m\u202e"],
    ["list", "--status", "\x1b[31m\u202e"],
    ["search", "relay"],
    ["search", "relay", "--json"],
    ["search", "\x1b[31mnothing\u202e"],
    ["search", "relay", "--limit", "\x1b[31m"],
    ["governs", "."],
    ["governs", "\x1b[31m\u202e"],
    ["context", "1050"],
    ["context", "1050", "--json"],
    ["context", "1052", "--section", "\x1b[5m\u202e"],
    ["context", "1052", "--phase", "\x1b[5m\u202e"],
    ["context", "1053"],
    ["context", "1053", "--json"],
    ["context", "1051"],
    ["check", "--all"],
    ["check", "--all", "--json"],
    ["check", "--all", "--format", "github"],
    ["check", "--fix", "--dry-run", "--all"],
    ["check", "--format", "\x1b[31m"],
    ["check", "--since", "\x1b[31m\u202e"],
    ["check", "--explain", "\x1b[31m\u202e"],
    ["review", "HEAD~1"],
    ["review", "HEAD~1", "--format", "markdown"],
    ["review", "HEAD~1", "--json"],
    ["review", "\x1b[31m\u202e"],
    ["review", "--format", "\x1b[31m"],
    ["mark", "1050", "accepted", "--dry-run"],
    ["mark", "1052", "rejected", "--reason", "no", "--dry-run"],
    ["mark", "1052", "\x1b[31m\u202e", "--dry-run"],
    ["ask", "1052", "--question", "Why \u202e\x1b[31m?", "--dry-run"],
    ["ask", "1052", "--question", "Why?", "--dry-run"],
    [
        *("decide", "1052", "--question", "1", "--decision", "d", "--rationale", "r"),
        "--dry-run",
    ],
    [
        *("decide", "1052", "--question", "\x1b[31m", "--decision", "d", "--rationale", "r"),
        "--dry-run",
    ],
    ["renumber", "1052", "--dry-run"],
    ["renumber", "1050", "--dry-run"],
    ["renumber", "\x1b[31m", "--dry-run"],
    ["renumber", f"proposals/{NAME}", "--to", "1090", "--dry-run"],
    ["status", "1052"],
    ["status", "\x1b[31m"],
    ["submit", "1052", "--dry-run"],
    ["issue", "1052", "--dry-run"],
    ["issue", "1052"],
    ["issue", "1052", "--key", "\x1b[31m\u202e"],
    ["sync", "--dry-run"],
    ["segment", "1052", "--dry-run"],
    ["segment", "1052", "--component", "\x1b[31m=x", "--dry-run"],
    ["add-document", "1052", "--name", "\x1b[31m", "--scope", "s", "--dry-run"],
    ["adopt", "--all", "--dry-run"],
    ["adopt", "--all", "--dry-run", "--json"],
    ["adopt", "1052", "--complete", "--dry-run"],
    ["update", "--dry-run"],
    ["update", "--dry-run", "--to", "\x1b[31m\u202e"],
    ["update", "--dry-run", "--template", "\x1b[31m\u202e"],
    ["init", "--agents", "--dry-run"],
    ["reserve", "\x1b[31mTitle\u202e"],
    ["reserve", TITLE, "--dry-run"],
    ["reserve", "A title", "--author", "\x1b[31m\u202e", "--dry-run"],
    ["unreserve", "1051", "--dry-run"],
    ["new", "\x1b[31mTitle\u202e", "--defaults"],
    ["new", "Title", "-d", "\x1b[31m=\u202e", "--defaults", "--dry-run"],
    ["new", "Title", "-d", "scope=\u202e\x1b[31m", "--defaults", "--dry-run"],
    ["new", "Title", "--data-file", "\x1b[31m\u202e.yml", "--dry-run"],
    ["new", "Title", "--template", "\x1b[31m\u202e", "--defaults", "--dry-run"],
    ["new", "1050", "--print-answers"],
    ["\x1b[31m\u202e"],
    ["--\x1b[31m\u202e"],
    ["list", "--\x1b[31m\u202e"],
    ["list", "1001", "\x1b[31m\u202e"],
    ["list", "--", "-\x1b[31m"],
]


def assert_harmless(printed: str, commands: int = 0) -> None:
    """No character steers, and of the runner's commands there are only so many annotations."""
    assert not STEERING.search(printed), ascii(printed)
    begun = [line for line in re.split(r"[\r\n]", printed) if line.lstrip().startswith("::")]
    assert len(begun) == commands
    form = r"::(error|warning) file=[^:,]*,line=\d+(,col=\d+)?(,endColumn=\d+)?,title=[a-z-]+::.*"
    assert all(re.fullmatch(form, line) for line in begun)
    assert "##[" not in printed


@pytest.mark.sample(24)
@pytest.mark.parametrize("arguments", CALLS, ids=lambda arguments: ascii(" ".join(arguments)))
def test_no_output_of_a_task_steers(hostile, call: Call, monkeypatch, arguments):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    code, out, err = call(hostile, *arguments)

    findings = 0
    if "github" in arguments:
        findings = len(json.loads(call(hostile, "check", "--all", "--json")[1]))
        assert findings > 5
    assert_harmless(out, findings)
    assert_harmless(err)
    assert "Traceback" not in err
    assert code in (0, 1, 2)
    if "--json" in arguments and code != 2:
        json.loads(out)


def test_the_json_of_hostile_titles_is_what_they_are(hostile, call):
    listed = json.loads(call(hostile, "list", "1050,1051", "--json")[1])

    assert listed[0]["status"] == STATUS
    assert listed[0]["main"] == f"proposals/{NAME}"
    assert "\x1b[31mRelay" in listed[1]["title"]


def test_columns_stay_columns_where_something_is_escaped(hostile, call):
    lines = call(hostile, "list")[1].splitlines()
    places = {line.find("Draft") for line in lines if re.match(r"100[25]", line)}

    assert places == {lines[0].index("Status")}
    title = lines[0].index("Title")
    assert [line[title - 2 : title] for line in lines] == ["  "] * len(lines)


def test_the_report_for_a_pull_request_shows_what_would_steer(hostile, call):
    call(hostile, "adopt", "--all", "--report", "report.md")

    text = (hostile / "report.md").read_bytes().decode("utf-8")
    assert "BEP-1050" in text
    assert_harmless(text)
    rows = [re.findall(r"(?<!\\)\|", line) for line in text.splitlines()]
    assert {len(row) for row in rows} == {5}


def test_the_report_of_an_update_shows_what_would_steer(released, call):
    assert call(released, "new", "Relay", "--defaults")[0] == 0
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Made")
    answers = released / "proposals/.copier/.copier-answers.BEP-1006.yml"
    answers.write_text(
        re.sub("_commit: .*", '_commit: "x\\\\e[31m\\\\u202e|<b>"', answers.read_text())
    )
    run_git(released, "commit", "--quiet", "--all", "--message=Hostile")

    code, out, err = call(released, "update", "--report", "report.md")

    assert code == 1
    assert_harmless(out)
    assert_harmless(err)
    text = (released / "report.md").read_text()
    assert r"\x1b[31m" in text.replace("\\[", "[")
    assert_harmless(text)
    rows = [re.findall(r"(?<!\\)\|", line) for line in text.splitlines()]
    assert {len(row) for row in rows} == {8}


def test_what_git_says_is_escaped(repository, call):
    """Names of branches and remotes, and what a server answers, are strangers' words too."""
    with (repository / "invoke.yaml").open("a") as settings:
        settings.write('  remote: "up\\e[31m\\u202e"\n')

    code, out, err = call(repository, "reserve", "A title")

    assert (code, out) == (2, "")
    assert_harmless(err)
    assert r"\x1b[31m" in err


def test_the_claim_of_a_stranger_is_escaped(repository, call):
    message = f"Reserve BEP-1060: {TITLE}\n\nTitle: {TITLE}\nAuthor: {AUTHOR}\nTime: x\nToken: y\n"
    tree = (
        run_git(repository, "mktree", "--missing", "-z")
        if False
        else run_git(repository, "rev-parse", "HEAD^{tree}")
    )
    commit = run_git(repository, "commit-tree", "-m", message, tree)
    run_git(repository, "update-ref", "refs/bep/1060", commit)

    for arguments in (["list"], ["list", "--attention"], ["list", "--json"], ["check", "--all"]):
        _, out, err = call(repository, *arguments)
        assert_harmless(out)
        assert_harmless(err)


def test_a_branch_is_escaped(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "\u202egnp-\u2066x")

    for arguments in (["check"], ["reserve", "A title"], ["context"], ["mark", "accepted"]):
        _, out, err = call(repository, *arguments)
        assert_harmless(out)
        assert_harmless(err)


# --- Real processes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["check", "--all", "--format", "github"], ["--\x1b[31m"], ["list", "\udcff\x1b"]],
)
def test_a_process_prints_no_steering_bytes(hostile, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "bep", *map(os.fsencode, arguments)],
        cwd=hostile,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )

    printed = (done.stdout + done.stderr).decode("utf-8")
    assert printed
    assert b"Traceback" not in done.stderr
    assert_harmless(printed, printed.count("::error file=") + printed.count("::warning file="))


@pytest.mark.parametrize("arguments", [["list", "--\x1b[31m\u202e"], ["list", "--number", "\x1b["]])
def test_under_invoke_errors_are_escaped_too(hostile, arguments):
    (hostile / "tasks.py").write_text("from bep.tasks import namespace as namespace\n")

    done = subprocess.run(
        [sys.executable, "-m", "invoke", *arguments],
        cwd=hostile,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )

    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
    assert_harmless((done.stdout + done.stderr).decode("utf-8"))
