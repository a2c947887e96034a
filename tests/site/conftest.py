"""The sites that the tests look at; each is built once for all processes of a run."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bep.system import repository as repositories
from tests.conftest import CORPUS, run_git
from tests.site import hostile


def build(root: Path, output: Path, *, with_branches: bool = False):
    pytest.importorskip("material", reason="the extra `site` is not installed")
    from bep.site import site

    return site.build(repositories.find(root), str(output), with_branches=with_branches)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder by a name, unless another process of this run has made it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder = base / name
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                make(base / f"{name}-work")
                (base / f"{name}-work").rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def corpus_repository(once, _world) -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")

    def make(root: Path) -> None:
        """All drafts at first, and a year later with the status that they have."""
        shutil.copytree(CORPUS / "proposals", root / "proposals")
        (root / "invoke.yaml").write_text("bep:\n  jira:\n    url: https://example.atlassian.net\n")
        texts = {path: path.read_text() for path in (root / "proposals").glob("BEP-1*.md")}
        for path, text in texts.items():
            path.write_text(re.sub(r"(?m)^Status: .*$", "Status: Draft", text, count=1))
        commit(root, "2025-03-14T12:00:00Z")
        for path, text in texts.items():
            path.write_text(text)
        commit(root, "2026-02-01T12:00:00Z")

    return once("corpus", make)


@pytest.fixture(scope="session")
def corpus_site(once, corpus_repository) -> Path:
    return once("corpus-site", lambda folder: build(corpus_repository, folder) and None)


@pytest.fixture(scope="session")
def hostile_repository(once, _world) -> Path:
    def make(root: Path) -> None:
        hostile.write(root)
        commit(root)

    return once("hostile", make)


@pytest.fixture(scope="session")
def hostile_site(once, hostile_repository) -> Path:
    return once("hostile-site", lambda folder: build(hostile_repository, folder) and None)


def commit(root: Path, time: str = "") -> None:
    """Commit all files of a folder, as a repository whose remote is on GitHub."""
    if not (root / ".git").exists():
        run_git(root, "init", "--quiet")
        run_git(root, "remote", "add", "origin", "https://github.com/acme/api.git")
    run_git(root, "add", "--all")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE") if time else ():
            patch.setenv(name, time)
        run_git(root, "commit", "--quiet", "--message=Next")
