"""Streams that are closed, full or of another encoding: what is done is done, and is reported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forks
from tests.conftest import PAGE, run_git, state

FULL = Path("/dev/full")
KOREAN = "세션 릴레이 – ünï 👩\u200d💻"


def shell(
    folder: Path, call: str, *arguments: str, program: str = "bep", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `bep`, which `call` names "$@", by a shell with its redirections."""
    return subprocess.run(
        ["sh", "-c", call, "sh", sys.executable, "-m", program, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


def numbers_reserved(folder: Path) -> list[str]:
    return run_git(folder, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/bep/").split()


# --- stdout -------------------------------------------------------------------------------------

NO_STDOUT = {
    "closed": ('"$@" >&-', "it is closed"),
    "full": ('"$@" >/dev/full', "no space left on device"),
    "for reading only": ('"$@" 1</dev/null', "bad file descriptor"),
    "closed with stdin": ('"$@" <&- >&-', "it is closed"),
}
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")


@pytest.mark.sample(2)
@needs_full
@pytest.mark.parametrize("how", NO_STDOUT)
def test_a_number_that_stdout_does_not_take_is_reserved_and_printed_on_stderr(repository, how):
    call, reason = NO_STDOUT[how]

    done = shell(repository, call, "reserve", "Session Relay", "--no-branch")

    assert done.returncode == 0
    said = done.stderr.decode()
    assert said.endswith(f"bep: stdout cannot be written ({reason}); the result:\n1006\n")
    assert numbers_reserved(repository) == ["1006"]
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.sample(4)
@needs_full
@pytest.mark.parametrize("how", NO_STDOUT)
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--json"],
        ["--help"],
        ["new", "--help"],
        ["--version"],
        ["search", "quota"],
    ],
)
def test_what_only_reads_fails_where_stdout_takes_nothing(repository, how, arguments):
    call, reason = NO_STDOUT[how]
    wanted = forks.run("bep", repository, *arguments).stdout

    done = shell(repository, call, *arguments)

    said = done.stderr.decode()
    head = f"bep: stdout cannot be written ({reason}); the result:\n"
    assert (done.returncode, said) == (2, head + wanted)


@needs_full
def test_a_plan_that_stdout_does_not_take_is_nothing_done(repository):
    before = state(repository)

    done = shell(repository, '"$@" >/dev/full', "reserve", "Session Relay", "--dry-run")

    assert done.returncode == 2
    assert b"+| 1006 | Session Relay |" in done.stderr
    assert state(repository) == before


@needs_full
def test_findings_keep_their_code_where_stdout_takes_nothing(repository):
    assert forks.run("bep", repository, "check", "--all").returncode == 1

    done = shell(repository, '"$@" >/dev/full', "check", "--all")

    assert done.returncode == 1
    assert b"the result:\n" in done.stderr


@needs_full
def test_a_proposal_is_made_although_stdout_takes_nothing(repository):
    done = shell(repository, '"$@" >&-', "new", "Session Relay", "--json")

    assert done.returncode == 0
    result = done.stderr.decode().partition("the result:\n")[2]
    assert json.loads(result)["main"] == "proposals/BEP-1006-session-relay.md"
    assert (repository / "proposals/BEP-1006-session-relay.md").is_file()


def test_a_file_never_gets_the_number_of_a_closed_stream(repository):
    """Otherwise what is printed would be written into it."""
    before = (repository / PAGE).read_bytes()

    done = shell(repository, '"$@" <&- >&- 2>&-', "reserve", "Session Relay", "--no-branch")

    assert done.returncode == 0
    page = (repository / PAGE).read_bytes()
    assert page.replace(b"| 1006 | Session Relay | Grace B. Hopper | Draft |\n", b"") == before
    assert numbers_reserved(repository) == ["1006"]


def test_a_reader_who_has_seen_enough_stops_no_work(repository):
    done = shell(repository, '"$@" | true', "reserve", "Session Relay", "--no-branch")

    assert done.returncode == 0
    assert numbers_reserved(repository) == ["1006"]
    assert b"Traceback" not in done.stderr


# --- stderr -------------------------------------------------------------------------------------

NO_STDERR = ['"$@" 2>&-', '"$@" 2>/dev/full', '"$@" 2</dev/null']


@pytest.mark.sample(4)
@needs_full
@pytest.mark.parametrize("call", NO_STDERR)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["list", "4711"], 2),
        (["list", "--nonsense"], 2),
        (["nonsense"], 2),
        (["reserve", "Session Relay"], 0),
        (["mark", "1002", "implemented"], 1),
        (["check", "--all"], 1),
    ],
)
def test_without_stderr_the_code_is_right_and_stdout_is_data(
    repository, tmp_path, call, arguments, code
):
    (tmp_path / "other").mkdir()
    wanted = forks.run("bep", repository, *arguments)
    assert wanted.returncode == code

    # `reserve` gives the same number again.
    done = shell(repository, call, *arguments)

    assert (done.returncode, done.stdout.decode()) == (code, wanted.stdout)


@needs_full
def test_with_neither_stdout_nor_stderr_the_code_is_right(repository):
    assert shell(repository, '"$@" >&- 2>&-', "list").returncode == 2
    assert shell(repository, '"$@" >/dev/full 2>&1', "reserve", "Relay").returncode == 0
    assert shell(repository, '"$@" >/dev/full 2>/dev/full', "--nonsense").returncode == 2


# --- stdin --------------------------------------------------------------------------------------


@pytest.mark.sample(3)
@pytest.mark.parametrize("call", ['"$@" <&-', '"$@" </dev/null', '"$@" </dev/full'])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["reserve", "Session Relay"], 0),
        (["new", "Session Relay"], 0),
        (["segment", "1002"], 1),
        (["update"], 0),
    ],
)
def test_without_stdin_nothing_is_asked(released, call, arguments, code):
    done = shell(released, call, *arguments)

    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Enter" not in done.stdout


@pytest.mark.parametrize("call", ['"$@" <&-', '"$@" </dev/null'])
def test_without_stdin_one_line_says_what_is_missing(repository, call):
    before = state(repository)

    done = shell(repository, call, "new")

    assert done.returncode == 2
    assert re.fullmatch(r"bep: [^\n]*title[^\n]*\n", done.stderr.decode())
    assert state(repository) == before


# --- Encodings ----------------------------------------------------------------------------------

NARROW = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict"},
    {"PYTHONIOENCODING": "euc-kr"},
    {"LC_ALL": "C"},
    {"LANG": "C", "LC_ALL": "", "LC_CTYPE": ""},
]


@pytest.fixture
def korean(repository: Path) -> Path:
    page = repository / PAGE
    row = f"| 1007 | {KOREAN} | 김철수 | Draft |\n"
    page.write_text(page.read_text().replace("| _next_", f"{row}| _next_"))
    document = repository / "proposals/BEP-1007-세션.md"
    text = (repository / "proposals/BEP-1002-quota-ledger.md").read_text()
    document.write_text(f"{text.replace('Quota Ledger', KOREAN)}\n세션 [문서](없음.md)\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Korean")
    return repository


@pytest.mark.sample(1)
@pytest.mark.parametrize("environment", NARROW, ids=str)
def test_every_title_is_printed_in_any_encoding(korean, environment):
    for arguments in (
        ["list"],
        ["context", "1007"],
        ["check", "--all"],
        ["review", "HEAD~1"],
        ["renumber", "1007", "--dry-run"],
        ["list", "없음"],
    ):
        plain = forks.run("bep", korean, *arguments)
        done = shell(korean, '"$@"', *arguments, **environment)
        assert done.returncode == plain.returncode, (arguments, done.stderr)
        assert b"Traceback" not in done.stderr
        assert done.stdout.count(b"\n") == plain.stdout.count("\n")
        assert done.stderr.count(b"\n") == plain.stderr.count("\n")


@pytest.mark.sample(3)
@pytest.mark.parametrize("environment", NARROW, ids=str)
def test_json_reads_the_same_in_any_encoding(korean, environment):
    encoding = environment.get("PYTHONIOENCODING", "utf-8").partition(":")[0]

    done = shell(korean, '"$@"', "list", "1007", "--json", **environment)

    listed = json.loads(done.stdout.decode(encoding))
    assert listed[0]["title"] == KOREAN
    assert listed[0]["main"] == "proposals/BEP-1007-세션.md"


@pytest.mark.sample(1)
@pytest.mark.parametrize("environment", NARROW, ids=str)
def test_a_korean_title_is_reserved_in_any_encoding(repository, environment):
    done = shell(repository, '"$@"', "reserve", KOREAN, **environment)

    assert (done.returncode, done.stdout) == (0, b"1006\n"), done.stderr
    assert f"| 1006 | {KOREAN} |" in (repository / PAGE).read_text()
    again = shell(repository, '"$@"', "new", KOREAN, "--defaults", **environment)
    assert again.returncode == 0, again.stderr
    assert [*(repository / "proposals").glob("BEP-1006-*.md")]


# --- invoke -------------------------------------------------------------------------------------


@needs_full
@pytest.mark.parametrize("call", ['"$@" >/dev/full', '"$@" 2>/dev/full', '"$@" <&-'])
def test_under_invoke_a_number_is_printed_somewhere(repository, call):
    (repository / "tasks.py").write_text("from bep.tasks import namespace as namespace\n")

    done = shell(repository, call, "reserve", "Session Relay", "--no-branch", program="invoke")

    assert done.returncode == 0, done.stderr
    assert b"1006\n" in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    assert numbers_reserved(repository) == ["1006"]


def test_under_invoke_titles_are_printed_in_any_encoding(korean):
    (korean / "tasks.py").write_text("from bep.tasks import namespace as namespace\n")

    done = shell(korean, '"$@"', "list", program="invoke", PYTHONIOENCODING="ascii")

    assert done.returncode == 0, done.stderr
    assert b"\\uc138\\uc158" in done.stdout
