"""A remote that two clones share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run_git


@pytest.fixture
def remote(repository: Path, tmp_path: Path) -> Path:
    """The bare repository that `repository` and its clones share."""
    folder = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(folder))
    run_git(repository, "remote", "add", "origin", str(folder))
    run_git(repository, "fetch", "--quiet")
    run_git(repository, "branch", "--quiet", "--set-upstream-to=origin/main")
    return folder


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> Path:
    """The clone of another author."""
    folder = tmp_path / "ada"
    run_git(tmp_path, "clone", "--quiet", str(remote), str(folder))
    run_git(folder, "config", "user.name", "Ada Lovelace")
    run_git(folder, "config", "user.email", "ada@example.com")
    return folder
