"""Settings of a pull request are a stranger's text: they neither run code nor judge themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Call, copy_repository, pack, run_git, state

# --- A template that a branch names -------------------------------------------------------------

_SPY = """
from jinja2.ext import Extension
from pathlib import Path

class Spy(Extension):
    def __init__(self, environment):
        super().__init__(environment)
        Path({marker!r}).write_text("run")
"""


@pytest.fixture(scope="module")
def _marker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marker") / "marker"


@pytest.fixture
def marker(_marker: Path) -> Path:
    """What the evil template writes when it is run."""
    _marker.unlink(missing_ok=True)
    return _marker


@pytest.fixture(scope="module")
def evil(template: Path, tmp_path_factory: pytest.TempPathFactory, _marker: Path) -> Path:
    """A template that renders proposals and runs code of its own."""
    folder = copy_repository(template, tmp_path_factory.mktemp("evil") / "template")
    (folder / "extensions/spy.py").write_text(_SPY.format(marker=str(_marker)))
    settings = folder / "copier.yml"
    extension = "_jinja_extensions:\n  - copier_template_extensions.TemplateExtensionLoader\n"
    text = settings.read_text()
    assert extension in text
    settings.write_text(text.replace(extension, f"{extension}  - extensions/spy.py:Spy\n"))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Evil")
    run_git(folder, "tag", "v9.0.0")
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def _shared(template: Path, _start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shared repository, on its main a proposal in one file and one in segments."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("project") / "repository")
    (folder / "invoke.yaml").write_text(naming(template))
    run_git(folder, "commit", "--quiet", "--all", "--message=Released")
    for number, layout in ((1050, "single"), (1051, "segmented")):
        command = [sys.executable, "-m", "bep", "new", f"A {layout} one", "--defaults"]
        command += ["--number", str(number), "--layout", layout]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    run_git(folder, "switch", "--quiet", "main")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    bare = folder.parent / "shared.git"
    run_git(folder, "clone", "--quiet", "--bare", str(folder), str(bare))
    return bare


@pytest.fixture
def project(_shared: Path, tmp_path: Path) -> Path:
    """A fresh clone of the shared repository."""
    run_git(tmp_path, "clone", "--quiet", str(_shared), "clone")
    return tmp_path / "clone"


def pull_request(folder: Path, text: str, name: str = "invoke.yaml", branch: str = "pr") -> Path:
    """A branch of a stranger, checked out: its settings file says `text`."""
    run_git(folder, "switch", "--quiet", "--force-create", branch)
    (folder / name).write_text(text)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Pull request")
    return folder


def naming(address: object) -> str:
    return f"bep:\n  template: '{address}'\n"


TASKS = [
    ("init",),
    ("new", "Session Relay", "--defaults"),
    ("new", "Session Relay", "--defaults", "--print-answers"),
    ("update",),
    ("update", "1050"),
    ("adopt", "1050", "--complete"),
    ("adopt", "--all"),
    ("segment", "1050"),
    ("add-document", "1051", "--name", "data-model", "--scope", "Tables"),
]


@pytest.mark.parametrize("option", ["", "--dry-run", "--json"])
@pytest.mark.parametrize("task", TASKS, ids=" ".join)
def test_no_task_runs_a_template_that_only_the_branch_names(
    project: Path, evil: Path, marker: Path, call: Call, task: tuple[str, ...], option: str
):
    if option == "--json" and task[0] == "init":
        return
    pull_request(project, naming(evil))
    before = state(project)

    code, out, err = call(project, *task, *filter(None, [option]))

    assert (code, out) == (2, "")
    assert err.startswith(f"bep: invoke.yaml: the template '{evil}' is not the one on origin/")
    assert err.endswith(f"; call again with --template {evil} if you trust it\n")
    assert err.count("\n") == 1
    assert not marker.exists()
    assert state(project) == before
