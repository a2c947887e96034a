"""Real repositories in temporary folders, with a Git identity and a template of their own."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

import release
from tests import forks, samples

# How long a case takes says something about the machine: nothing fails for it. The suite tries the
# same cases everywhere; who asks for many gets others each time.
settings.register_profile(
    "bep",
    max_examples=samples.examples(100),
    deadline=None,
    derandomize=not samples.MANY,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bep")

# Where files are in memory, nothing waits for a disk that has to keep what lives for a second.
_MEMORY, _ENOUGH = Path("/dev/shm"), 6 * 2**30
if _MEMORY.is_dir() and "TMPDIR" not in os.environ and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(__file__).resolve().parent / "fixtures"
CORPUS = ROOT.parent / "shared" / "corpus"

PAGE = "proposals/README.md"

Call = Callable[..., tuple[int, str, str]]

# Of the moments at which a task can be killed or stopped, the suite tries some.
EVERY = samples.count("BEP_KILLS_EVERY", 23, 1)


def moments(count: int) -> list[tuple[str, int]]:
    """Before and after which of `count` commands, from 1 on, a task is killed or stopped."""
    every = [(kind, at) for at in range(1, count + 1) for kind in ("before", "after")]
    return every[::EVERY]


# The first has the longest test, for which the other process would wait at the end; the others fork
# the test process, which costs more the larger it has grown.
_FIRST = ("test_action.py", "test_fuzz.py", "test_killed.py", "test_odd_documents.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run some tests first, and leave the cases beyond the samples to `invoke nightly`.

    A test that is selected by name runs all its cases.
    """
    items.sort(key=lambda item: item.path.name not in _FIRST)
    if any("::" in argument for argument in config.args):
        return
    if more := samples.left_out(items):
        config.hook.pytest_deselected(items=more)
        left = {*more}
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from scanning the thousands of collected tests."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Spare pytest its last search for files that were left open: it takes seconds."""
    gc.freeze()


def pytest_configure() -> None:
    """Heed Ctrl-C in the tests and what they start, also where the run is in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def run_git(folder: Path, *arguments: str, **variables: str) -> str:
    """What git prints in `folder`, with more environment variables; its errors fail the test."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copy_template(folder: Path, *more: str) -> None:
    """Copy what a template revision consists of, and more files of this checkout, into a folder."""
    for name in (*release.files(), *more):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)


def commit_template(folder: Path, message: str, tag: str = "") -> None:
    """Commit all files with a fixed date.

    The same template is then the same commit in all tests, and is compiled once.
    """
    date = "2026-01-01T00:00:00Z"
    run_git(folder, "add", "--all")
    commit = ("commit", "--quiet", f"--message={message}")
    run_git(folder, *commit, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
    if tag:
        run_git(folder, "tag", tag)


def pack(folder: Path) -> None:
    """Put a repository's objects into one file: to clone and to remove it costs a fraction."""
    run_git(folder, "repack", "-a", "-d", "--quiet")
    run_git(folder, "pack-refs", "--all")
    for path in (folder / ".git" / "objects").iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def copy_repository(source: Path, folder: Path) -> Path:
    """A repository as it is once more at the new `folder`; its index knows the copied files."""
    return Path(shutil.copytree(source, folder, symlinks=True))


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below `folder` but Git's own, with their contents."""
    paths = (path for path in sorted(folder.rglob("*")) if ".git" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }


def state(folder: Path) -> tuple[object, ...]:
    """All that a command could change: files, index, refs, HEAD."""
    return (
        run_git(folder, "status", "--porcelain", "--ignored", "--untracked-files=all"),
        run_git(folder, "for-each-ref"),
        (folder / ".git" / "HEAD").read_bytes() if (folder / ".git").is_dir() else b"",
        files_of(folder),
    )


def make_claim(
    folder: Path,
    number: int,
    title: str = "Theirs",
    *,
    author: str = "Ada Lovelace",
    time: str = "2026-01-02T03:04:05+00:00",
    ref: str = "",
) -> str:
    """A claim as `bep` makes it, but of anybody and of any time; returns its commit."""
    message = (
        f"Reserve BEP-{number:04d}: {title}\n\nTitle: {title}\nAuthor: {author}\nTime: {time}\n"
        "Token: 00000000-0000-0000-0000-000000000000\n"
    )
    commit = write_commit(folder, message)
    run_git(folder, "update-ref", ref or f"refs/bep/{number:04d}", commit)
    return commit


def write_commit(folder: Path, message: str) -> str:
    """A commit without files and parents that says `message`."""
    tree = subprocess.run(["git", "mktree"], cwd=folder, input=b"", capture_output=True, check=True)
    done = subprocess.run(
        ["git", "commit-tree", tree.stdout.decode().strip()],
        cwd=folder,
        input=message.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


@pytest.fixture(autouse=True, scope="session")
def _world(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One Git identity, no settings of the machine's user, caches of the tests' own."""
    home = tmp_path_factory.mktemp("home")
    # All processes of the suite share one cache of template revisions.
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    config = home / "gitconfig"
    config.write_text(
        "[user]\n\tname = Grace Hopper\n\temail = grace@example.com\n"
        f"[init]\n\tdefaultBranch = main\n\ttemplateDir = {home / 'nothing'}\n"
        "[advice]\n\tdetachedHead = false\n"
        # Repositories that live for a second need no care; the index of a copy knows its files.
        "[core]\n\tfsync = none\n\tcompression = 0\n\tcheckStat = minimal\n\ttrustctime = false\n"
        "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[pack]\n\twindow = 0\n"
    )
    (home / "nothing").mkdir()
    os.environ.update(
        HOME=str(home),
        XDG_CACHE_HOME=str(shared / "cache"),
        XDG_CONFIG_HOME=str(home / "config"),
        GIT_CONFIG_GLOBAL=str(config),
        GIT_CONFIG_SYSTEM=os.devnull,
    )
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_DIR", "GIT_WORK_TREE"):
        os.environ.pop(name, None)
    # Every process that a test starts would compile all modules of `bep` again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True, scope="module")
def _forget_removed_templates() -> Iterator[None]:
    """Forget the modules of templates that Copier has removed; otherwise its process would end.

    Thousands of modules would slow down the garbage collector and each fork.
    """
    yield
    loaded = {name: module for name, module in sys.modules.items() if name.startswith("bep_")}
    gone = {name for name, module in loaded.items() if "." not in name and not _is_there(module)}
    for name in loaded:
        if name.partition(".")[0] in gone:
            del sys.modules[name]
    for folder in [path for path in sys.path_importer_cache if not Path(path).exists()]:
        del sys.path_importer_cache[folder]


def _is_there(module: ModuleType) -> bool:
    return Path(getattr(module, "__file__", None) or module.__path__[0]).exists()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of the working tree without a history, which Copier renders in half the time."""
    folder = tmp_path_factory.mktemp("checkout") / "template"
    copy_template(folder)
    return folder


@pytest.fixture(scope="session")
def template(checkout: Path, tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """The template of the working tree as a Git repository, tagged v1.0.0, without a remote."""
    folder = tmp_path_factory.mktemp("repository") / "template"
    shutil.copytree(checkout, folder, ignore=shutil.ignore_patterns("__pycache__"))
    run_git(folder, "init", "--quiet")
    commit_template(folder, "Template", "v1.0.0")
    pack(folder)
    return folder


@pytest.fixture(scope="session")
def _start(checkout: Path, tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """What each `repository` is a copy of."""
    folder = tmp_path_factory.mktemp("start") / "repository"
    proposals = folder / "proposals"
    proposals.mkdir(parents=True)
    shutil.copy(FIXTURES / "registry.md", proposals / "README.md")
    for document in FIXTURES.glob("BEP-*.md"):
        shutil.copy(document, proposals)
    (folder / "VERSION").write_text("26.8.0rc1\n")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {checkout}\n")
    run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Start")
    pack(folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path, _start: Path) -> Path:
    """A repository with registry, two documents and version file; its template is `checkout`."""
    return copy_repository(_start, tmp_path / "repository")


@pytest.fixture(scope="session")
def _released(
    _start: Path, checkout: Path, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What each `released` is a copy of."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("released") / "repository")
    settings = folder / "invoke.yaml"
    settings.write_text(settings.read_text().replace(str(checkout), str(template)))
    run_git(folder, "commit", "--quiet", "--all", "--message=Released")
    return folder


@pytest.fixture
def released(tmp_path: Path, _released: Path) -> Path:
    """The same, but its template is `template`: it has revisions for answers files to record."""
    return copy_repository(_released, tmp_path / "repository")


@pytest.fixture
def bep() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command `bep` in a folder, without a terminal, as a process of its own."""

    def run(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return forks.run("bep", folder, *arguments, given=given)

    return run


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs the command `bep` in a folder, in this process: code, stdout and stderr."""
    from bep.tasks import program

    def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["bep", *arguments])
        capsys.readouterr()
        try:
            program.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return (code, *capsys.readouterr())

    return run
