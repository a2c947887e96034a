"""What runs on a pull request: the action, the hook, `bep` itself. Nothing of it is executed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.conftest import ROOT, run_git
from tests.share import github_server

NEW = "proposals/BEP-1010-relay.md"
DOCUMENT = (
    "---\nAuthor: Ada Lovelace (ada@example.com)\nStatus: Draft\nCreated: 2026-01-15\n"
    "Created-Version: 26.1.0\nTarget-Version:\nImplemented-Version:\n---\n"
    "\n# Relay\n\n[gone](gone.md)\n"
)
# Names that the action, the hook or `bep` imports: of its own, of what it needs, of Python.
MODULES = (
    "bep", "copier", "invoke", "yaml", "jinja2", "venv", "ensurepip", "pip", "setuptools", "wheel",
    "json", "re", "os", "gc", "tomllib", "tasks", "sitecustomize", "usercustomize",
)  # fmt: skip
SCRIPTS = Path(sysconfig.get_path("scripts"))


class PullRequest(NamedTuple):
    """A checkout of somebody's pull request, and the file that its code would write."""

    folder: Path
    marker: Path

    def run(
        self, *command: str | Path, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def executed(self) -> list[str]:
        return self.marker.read_text().splitlines() if self.marker.exists() else []


@pytest.fixture
def pull_request(repository: Path, tmp_path: Path) -> PullRequest:
    """The merge of a branch into main, as a CI checks it out; its root is full of traps."""
    marker = tmp_path / "executed"

    def write(name: str, text: str) -> None:
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def trap(name: str) -> None:
        write(name, f"with open({str(marker)!r}, 'a') as file:\n    file.write('{name}\\n')\n")

    run_git(repository, "switch", "--quiet", "--create", "bep/1010-relay")
    for module in MODULES:
        trap(f"{module}.py")
        trap(f"{module}/__init__.py")
        trap(f"{module}/__main__.py")
    trap("setup.py")
    trap("hostile_backend.py")
    write("hostile.pth", "import sitecustomize\n")
    write("pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "hostile_backend"\n')
    write("setup.cfg", "[global]\ncommand_packages = tasks\n")
    write(
        "hostile-1.0.dist-info/entry_points.txt",
        "[setuptools.finalize_distribution_options]\nhostile = hostile_backend:all\n",
    )
    write("hostile-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    write("requirements-action.lock", "./hostile\n")
    write("pip.conf", "[global]\nindex-url = file:///nowhere\n")
    write(".python-version", "0.0.1\n")
    write(NEW, DOCUMENT)
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Relay")
    run_git(repository, "switch", "--quiet", "--detach", "main")
    run_git(repository, "merge", "--quiet", "--no-ff", "--no-edit", "bep/1010-relay")
    return PullRequest(repository, marker)


# --- The action ---------------------------------------------------------------------------------


@pytest.fixture
def github(monkeypatch):
    with github_server.serving(monkeypatch) as server:
        server.branches = lambda _: True
        server._make_pull("acme", "api", head="bep/1010-relay", base="main", title="Relay")
        yield server


def test_the_action_runs_nothing_of_a_pull_request(pull_request, github, tmp_path):
    """From the installation to the comment, with the one installation of all tests."""
    action = tmp_path / "action"
    for name in run_git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").split("\n"):
        if (ROOT / name).is_file():
            (action / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, action / name)
    runner = tmp_path / "runner"
    stale = runner / "bep" / "lib" / "stale"
    stale.mkdir(parents=True)
    environment = {
        "GITHUB_ACTION_PATH": str(action),
        "RUNNER_TEMP": str(runner),
        # As many workflows have it; an empty part is the working directory.
        "PYTHONPATH": f":{pull_request.folder}",
        "SINCE": "HEAD^1",
        "COMMENT": "--comment",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "acme/api",
        "GITHUB_REF": "refs/pull/1/merge",
        "GITHUB_SERVER_URL": "https://github.com",
    }

    steps = yaml.safe_load((action / "action.yml").read_text())["runs"]["steps"]
    done = []
    for number, step in enumerate(steps):
        script = tmp_path / f"step-{number}.sh"
        script.write_text(step["run"])
        shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
        done.append(pull_request.run(*shell, environment=environment))

    assert pull_request.executed == []
    installed, checked, reviewed = done
    assert installed.returncode == 0, installed.stderr
    assert checked.returncode == 1, checked.stderr
    assert checked.stderr == ""
    findings = [line for line in checked.stdout.splitlines() if line.startswith("::")]
    missing = f"::error file={NEW},line=12,col="
    assert any(one.startswith(missing) and "title=link-missing::" in one for one in findings)
    assert all(f" file={NEW}," in line for line in findings)
    assert (reviewed.returncode, reviewed.stdout) == (0, "")
    summary = (tmp_path / "summary.md").read_text()
    assert "### BEP-1010: Relay\n" in summary
    assert [one["body"] for one in github.comments] == [f"<!-- bep review -->\n{summary}"]
    assert not stale.exists()
    assert run_git(pull_request.folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("module", ["venv", "pip", "bep"])
def test_the_traps_work_without_isolated_mode(pull_request, module):
    pull_request.run(sys.executable, "-m", module, "--help")

    assert pull_request.executed


@pytest.mark.parametrize("where", [".", "", "{folder}"])
def test_the_traps_work_by_pythonpath(pull_request, where):
    path = f":{where.format(folder=pull_request.folder)}"

    pull_request.run(sys.executable, "-c", "pass", environment={"PYTHONPATH": path})

    assert pull_request.executed


# --- The hook of pre-commit, and `bep` as a command ---------------------------------------------


HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]


@pytest.mark.sample(3)
@pytest.mark.parametrize("path", [None, ".", ":", "{folder}", "proposals:{folder}"])
def test_the_hook_runs_nothing_of_a_pull_request(pull_request, path):
    with (pull_request.folder / NEW).open("a") as file:
        file.write("\n[nowhere](nowhere.md)\n")
    environment = {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    if path is not None:
        environment["PYTHONPATH"] = path.format(folder=pull_request.folder)

    # `env` finds the program on the PATH given, as pre-commit does.
    done = pull_request.run("env", *HOOK["entry"].split(), *HOOK["args"], environment=environment)

    assert pull_request.executed == []
    assert (done.returncode, done.stderr) == (1, "")
    assert "nowhere.md does not exist" in done.stdout
    assert "gone.md" not in done.stdout


def test_pre_commit_installs_the_locked_versions():
    assert HOOK["additional_dependencies"] == ["--constraint=requirements.lock"]


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--since", "HEAD^1"],
        ["check", "--all"],
        ["review", "HEAD^1"],
        ["list"],
        ["search", "relay"],
        ["context", "1010"],
        ["sync", "--dry-run"],
    ],
    ids=" ".join,
)
def test_the_command_runs_nothing_of_a_pull_request(pull_request, arguments):
    done = pull_request.run(SCRIPTS / "bep", *arguments)

    assert pull_request.executed == []
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["proposals", "proposals/BEP-1010"])
def test_a_folder_that_looks_like_a_git_directory_runs_nothing(pull_request, folder):
    """Git reads `config` of such a folder when it is called there, and runs what that names."""
    place = pull_request.folder / folder
    for name in ("objects", "refs"):
        (place / name).mkdir(parents=True)
        (place / name / "kept").touch()
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    program = place / "monitor"
    program.write_text(f"#!/bin/sh\necho monitor >> '{pull_request.marker}'\n")
    program.chmod(0o755)
    (place / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f'\tfsmonitor = "{program}"\n'
    )
    git = pull_request._replace(folder=place).run("git", "status")
    assert pull_request.executed, git.stderr
    pull_request.marker.unlink()

    done = pull_request._replace(folder=place).run(SCRIPTS / "bep", "list")

    assert pull_request.executed == []
    assert done.returncode == 2
    assert done.stderr.startswith("bep: ")
    assert pull_request.run(SCRIPTS / "bep", "list").returncode == 0
    assert pull_request.executed == []


# --- What is written down -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["action.yml", ".ci/install", ".pre-commit-hooks.yaml", "docs/checking.md"]
)
def test_python_is_called_in_isolated_mode_only(name):
    text = (ROOT / name).read_text()
    commands = "\n".join(re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)) or text
    calls = re.findall(r"\bpython3?\"? (-[^\n]*)", commands)

    assert calls
    assert [call for call in calls if not call.startswith("-I -m ")] == []
    assert re.findall(r"(?<!-I -m )\bpip3?\"? install", commands) == []


def test_packages_are_installed_by_their_hashes():
    script = (ROOT / ".ci" / "install").read_text()
    commands = script.replace("\\\n", " ").splitlines()
    first, second = (line.split() for line in commands if "pip install" in line)

    assert "lock=${2:-requirements-action.lock}" in script
    assert {"--require-hashes", "--only-binary", '"$lock"'} <= set(first)
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(second)
