"""The command `bep` and the same tasks under `invoke`: help, usage, errors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bep as package
from bep.tasks import catalogue
from tests.conftest import ROOT, Call, run_git

TASKS = sorted(catalogue.MODULES)


def refusal(call: Call, folder: Path, *arguments: str, code: int = 2) -> str:
    """What a refused call says, which must be one line."""
    got, out, err = call(folder, *arguments)
    assert (got, out) == (code, ""), err
    assert re.fullmatch(r"bep: [^\n\0]+\n", err), err
    return err


def invoke(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invoke", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def state(folder: Path) -> tuple[str, ...]:
    return (
        run_git(folder, "status", "--porcelain", "-uall"),
        run_git(folder, "for-each-ref"),
        run_git(folder, "rev-parse", "--symbolic-full-name", "HEAD"),
    )


@pytest.fixture
def with_tasks(repository: Path) -> Path:
    """The repository with the two lines that `invoke` needs."""
    (repository / "tasks.py").write_text(
        '"""Tasks."""\nfrom bep.tasks import namespace as namespace\n'
    )
    (repository / ".gitignore").write_text("__pycache__\n")
    return repository


# --- Help and version ---------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_every_task(tmp_path, call, arguments):
    code, out, err = call(tmp_path, *arguments)

    assert (code, err) == (0, "")
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    assert set(TASKS) <= listed


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version_is_told(tmp_path, call, arguments):
    assert call(tmp_path, *arguments) == (0, f"bep {package.__version__}\n", "")


def test_the_process_tells_its_version_outside_of_any_repository(tmp_path, bep):
    done = bep(tmp_path, "--version")

    assert (done.returncode, done.stdout) == (0, f"bep {package.__version__}\n")


@pytest.mark.parametrize("task", TASKS)
def test_every_task_explains_itself_whatever_its_arguments(repository, call, task):
    before = state(repository)
    texts = set()

    for arguments in (
        [task, "--help"],
        [task, "-h"],
        ["--help", task],
        [task, "1046", "--help", "more"],
        [task, "one", "two", "three", "--help"],
        [task, "--nonsense", "--help"],
        [task, "--help", "--nonsense"],
        *([task, one.spellings[0], "--help"] for one in catalogue.task(task).parameters),
    ):
        code, out, err = call(repository, *arguments)
        assert (code, err) == (0, ""), arguments
        texts.add(out)

    assert len(texts) == 1
    text = texts.pop()
    assert text.startswith(f"Usage: bep {task}")
    assert all(len(line) <= 100 for line in text.splitlines())
    for parameter in catalogue.task(task).parameters:
        assert all(spelling in text for spelling in parameter.spellings)
        assert parameter.help, f"--{parameter.word} explains itself"
    assert state(repository) == before


SLOW = """
import sys

seen = set()

class Finder:
    def find_spec(self, name, path=None, target=None):
        seen.add(name)

sys.meta_path.insert(0, Finder())
from bep.tasks import program
sys.argv = ["bep", *sys.argv[1:]]
try:
    program.main()
finally:
    slow = {"invoke", "copier", "jinja2", "yaml", "mcp", "anyio", "hashlib", "tempfile", "wcwidth"}
    slow |= {"bep.system.git_process", "bep.proposal.open_questions"}
    print(*sorted(seen & slow), file=sys.stderr)
"""
READ = "bep.system.git_process yaml\n"


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        (["--help"], "\n"),
        (["new", "--help"], "\n"),
        (["mcp", "--help"], "\n"),
        (["list", "--nonsense"], "\n"),
        (["list"], READ),
        (["search", "ledger"], READ),
        (["governs", "."], f"bep.proposal.open_questions {READ}"),
        (
            ["check", "1002"],
            "bep.proposal.open_questions bep.system.git_process hashlib tempfile yaml\n",
        ),
    ],
)
def test_nothing_is_loaded_that_takes_long(repository, arguments, loaded):
    """So that it answers at once: Invoke never, neither Git nor an operation for a help text."""
    done = subprocess.run(
        [sys.executable, "-c", SLOW, *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr.endswith(loaded)
    assert done.stderr.splitlines()[-1] == loaded.strip()


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "arguments",
    [
        ["reserve", "--help"],
        ["reserve", "-h"],
        ["reserve", "Session Relay", "--help"],
        ["new", "--help"],
        ["list", "--help"],
        ["check", "--format", "--help"],
        ["status", "1000", "--help"],
        ["status", "1000", "1001", "-h"],
        ["--help", "reserve"],
    ],
)
def test_invokes_help_never_runs_the_task(with_tasks, arguments):
    before = state(with_tasks)

    done = invoke(with_tasks, *arguments)

    assert done.returncode == 0, done.stderr
    assert "Usage: inv" in done.stdout
    task = next(word for word in arguments if word in TASKS)
    assert catalogue.task(task).summary in done.stdout
    assert state(with_tasks) == before


# --- invoke -------------------------------------------------------------------------------------


def test_invoke_and_bep_are_the_same_tasks(with_tasks, call):
    listed = invoke(with_tasks, "list", "--number", "1001,1005", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout == call(with_tasks, "list", "1001,1005", "--json")[1]

    reserved = invoke(with_tasks, "reserve", "Session Relay", "--no-branch")
    assert (reserved.returncode, reserved.stdout) == (0, "1006\n")
    assert call(with_tasks, "reserve", "Session Relay", "--no-branch")[1] == "1006\n"

    made = invoke(
        with_tasks, "new", "Session Relay", "-d", "scope=x y", "--data", "slug=relay", "--json"
    )
    assert made.returncode == 0, made.stderr
    assert '"main": "proposals/BEP-1006-relay.md"' in made.stdout


def test_errors_under_invoke_are_one_line_and_the_same_code(with_tasks):
    done = invoke(with_tasks, "list", "--number", "4711")

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"bep: [^\n]*4711[^\n]*\n", done.stderr)


def test_a_value_that_may_be_left_out_under_invoke(with_tasks):
    done = invoke(with_tasks, "adopt", "--number", "1001", "--complete", "sektions")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "bep: unknown part 'sektions'; did you mean 'sections'?"
        " use one of metadata, context, index, sections\n"
    )

    done = invoke(with_tasks, "adopt", "--complete", "--dry-run", "--number", "1001")
    assert "unknown part" not in done.stderr


def test_a_dash_under_invoke_is_no_title(with_tasks):
    before = state(with_tasks)

    done = invoke(with_tasks, "reserve", "--nonsense")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert state(with_tasks) == before


# --- What cannot be meant -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "'nonsense'"),
        (["help", "nonsense"], "'nonsense'"),
        (["--nonsense"], "'--nonsense'"),
        (["--nonsense", "list"], "'--nonsense'"),
        (["list", "--nonsense"], "'--nonsense'"),
        (["list", "-x"], "'-x'"),
        (["context", "1001", "1002"], "'1002'"),
        (["list", "--status"], "--status"),
        (["list", "--json=yes"], "--json"),
        (["context", "--json", "--number", "1001", "1002"], "1002"),
        (["list", "--status", "Draft", "--status", "Accepted"], "status"),
        (["reserve"], "TITLE"),
        (["init", "here"], "'here'"),
        (["list_"], "'list_'"),
        (["", "list"], "''"),
    ],
)
def test_usage_errors_are_one_line_and_code_2(repository, call, arguments, named):
    assert named in refusal(call, repository, *arguments)


def test_the_process_ends_with_code_2_and_no_traceback(repository, bep):
    done = bep(repository, "list", "--nonsense")

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"bep: [^\n]+\n", done.stderr)


def test_options_may_stand_before_and_behind_positions(repository, call):
    first = call(repository, "list", "1001", "--json")
    second = call(repository, "list", "--json", "1001")
    third = call(repository, "list", "--number=1001", "--json")

    assert first == second == third
    assert first[0] == 0


# --- Where it is called -------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["list"], ["reserve", "T"], ["new", "T", "--defaults"]])
def test_outside_of_a_repository_it_says_so(tmp_path, call, arguments):
    assert "not a Git repository" in refusal(call, tmp_path, *arguments)


def test_inside_a_git_directory_it_says_so(repository, call):
    refusal(call, repository / ".git", "list")


def test_a_bare_repository_is_no_place_for_it(tmp_path, call):
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")

    refusal(call, tmp_path / "bare.git", "list")


def test_a_subdirectory_is_as_good_as_the_root(repository, call):
    (repository / "src/deep").mkdir(parents=True)

    assert call(repository / "src/deep", "list") == call(repository, "list")


def test_a_folder_whose_name_is_odd(repository, call):
    odd = repository.with_name("a b\tü'\"$x")
    repository.rename(odd)

    code, out, err = call(odd, "new", "Session Relay", "--defaults")

    assert code == 0, err
    assert "proposals/BEP-1006-session-relay.md" in out


def test_a_module_of_the_repository_does_not_get_in_the_way(repository):
    """The command, not `python -m`: a `yaml.py` or `bep/` of the user's own is not imported."""
    (repository / "yaml.py").write_text("raise SystemExit('imported')\n")
    (repository / "bep").mkdir()
    (repository / "bep/__init__.py").write_text("raise SystemExit('imported')\n")
    command = Path(sys.executable).with_name("bep")
    if not command.exists():
        pytest.skip("the package is not installed")

    done = subprocess.run(
        [command, "new", "Session Relay", "--json"],
        cwd=repository,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (repository / "proposals/BEP-1006-session-relay.md").is_file()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("invoke.yaml", "bep:\n  main: [\n", "invoke.yaml:3: "),
        ("pyproject.toml", "[tool.bep]\nmain = \n", "pyproject.toml:2: "),
        ("invoke.yaml", "bep:\n  proposals: /etc\n", "invoke.yaml: "),
    ],
)
def test_broken_settings_are_told_with_their_place(repository, call, name, text, said):
    (repository / "invoke.yaml").unlink()
    (repository / name).write_text(text)

    assert refusal(call, repository, "list").startswith(f"bep: {said}")


def test_an_unknown_setting_is_told_and_does_no_harm(repository, call):
    (repository / "invoke.yaml").write_text("bep:\n  propsals: docs\n")

    code, out, err = call(repository, "list")

    assert code == 0
    assert out.startswith("Number")
    said = "'propsals' is unknown; did you mean 'proposals'? it has no effect"
    assert err == f"bep: the setting {said}\n"


def test_a_missing_registry_says_what_to_do(repository, call):
    (repository / "proposals/README.md").unlink()

    assert "bep init" in refusal(call, repository, "list")


def test_a_reader_who_has_seen_enough_is_no_error(repository):
    table = (repository / "proposals/README.md").read_text()
    rows = "".join(f"| {number} | {'x' * 90} | A | Draft |\n" for number in range(2000, 6000))
    (repository / "proposals/README.md").write_text(table.replace("| _next_", f"{rows}| _next_"))

    with subprocess.Popen(
        [sys.executable, "-m", "bep", "list"],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, b"")


DYING = """
import os, sys
from bep.tasks import program

seen = []

def dying(event, given):
    if event == "os.rename" and given[1] in ("README.md", "BEP-1006-session-relay.md"):
        seen.append(given[1])
        if len(seen) == 2:
            os._exit(9)

sys.addaudithook(dying)
sys.argv = ["bep", "new", "Session Relay", "--defaults"]
program.main()
"""


def test_a_killed_change_is_completed_by_the_next_task_that_writes(repository, call):
    """What `tests/system/test_file_transaction.py` shows of `files`, seen from outside."""
    died = subprocess.run(
        [sys.executable, "-c", DYING],
        cwd=repository,
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
    )
    assert died.returncode == 9, died.stderr

    code, _, err = call(repository, "reserve", "Other", "--no-branch")

    assert code == 0
    assert "completed" in err
    assert (repository / "proposals/BEP-1006-session-relay.md").is_file()
    assert (repository / "proposals/.copier/.copier-answers.BEP-1006.yml").is_file()
    page = (repository / "proposals/README.md").read_text()
    assert "[1006](BEP-1006-session-relay.md)" in page
    assert "| 1007 | Other |" in page


def test_what_prints_json_has_a_schema():
    tasks = {
        name
        for name in catalogue.MODULES
        if any(one.word == "json" for one in catalogue.task(name).parameters)
    }
    written = {path.stem for path in (ROOT / "docs/schemas").glob("*.json")}

    assert tasks <= written
