"""Files of a working tree are opened where they are said to be, or not at all."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from bep.errors import BepError
from bep.system import working_tree
from bep.system.working_tree import WorkingTree
from tests.conftest import run_git

SECRET = b"the secret"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a document in a folder; a secret is beside it and in its Git directory."""
    folder = tmp_path / "root"
    (folder / "docs").mkdir(parents=True)
    run_git(folder, "init", "--quiet")
    (folder / "docs" / "a.md").write_bytes(b"text")
    (folder / ".git" / "secret.md").write_bytes(SECRET)
    (tmp_path / "secret.md").write_bytes(SECRET)
    (tmp_path / "rooted.md").write_bytes(SECRET)
    return folder


@pytest.fixture
def tree(root: Path) -> WorkingTree:
    return working_tree.of(root, root / ".git")


def link(path: Path, target: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


# --- Links that stay inside ---------------------------------------------------------------------

INSIDE = {
    "a file beside it": ("docs/l.md", "a.md"),
    "a file in another folder": ("deep/er/l.md", "../../docs/a.md"),
    "by a way around": ("l.md", "docs/../docs/./a.md"),
    "a chain of links": ("docs/l.md", "one.md"),
    "an absolute path": ("l.md", "{root}/docs/a.md"),
}


@pytest.mark.parametrize(("place", "target"), INSIDE.values(), ids=INSIDE)
def test_a_link_inside_the_repository_is_followed(root, tree, place, target):
    link(root / "docs" / "one.md", "a.md")
    path = link(root / place, target.format(root=root))

    assert tree.read(path) == b"text"
    assert tree.is_file(path)
    assert not tree.is_own_file(path)
    assert tree.resolved(path) == "docs/a.md"


def test_a_linked_folder_inside_is_followed_at_every_level(root, tree):
    link(root / "one", "docs")
    link(root / "two" / "three", "../one")

    assert tree.read(root / "two" / "three" / "a.md") == b"text"
    assert tree.resolved(root / "two" / "three" / "new.md") == "docs/new.md"
    assert [one.name for one in tree.entries(root / "two" / "three")] == ["a.md"]
    assert [one.is_folder for one in tree.entries(root / "two")] == [True]


# --- Links that lead away -----------------------------------------------------------------------

AWAY = {
    "a file beside the repository": ("docs/l.md", "../../secret.md"),
    "its absolute path": ("docs/l.md", "{root}/../secret.md"),
    "a folder whose name begins like the root's": ("l.md", "{root}ed.md"),
    "more levels up than there are": ("l.md", "../../../../../../../../etc/hostname"),
    "a device": ("l.md", "/dev/zero"),
    "the standard input": ("l.md", "/dev/stdin"),
    "a file of the process": ("l.md", "/proc/self/environ"),
    "the Git directory": ("docs/l.md", "../.git/secret.md"),
    "the Git directory by its absolute path": ("docs/l.md", "{root}/.git/secret.md"),
    "the Git directory by a way around": ("docs/l.md", "../docs/../.git/./secret.md"),
    "the Git directory in capitals": ("docs/l.md", "../.GIT/secret.md"),
    "a file that is not there yet in the Git directory": ("docs/l.md", "../.git/hooks/new"),
    "a link to a link": ("docs/l.md", "again.md"),
    "itself": ("docs/l.md", "l.md"),
    "a circle": ("docs/l.md", "circle/circle/circle.md"),
}


@pytest.mark.parametrize(("place", "target"), AWAY.values(), ids=AWAY)
def test_a_link_that_leads_away_is_neither_read_nor_resolved(root, tree, place, target):
    link(root / "docs" / "again.md", "../.git/secret.md")
    link(root / "docs" / "circle", "circle")
    path = link(root / place, target.format(root=root))

    for use in (tree.read, tree.resolved, tree.size, lambda path: tree.head(path, 10)):
        with pytest.raises(BepError) as refused:
            use(path)
        assert str(refused.value).startswith(f"{place}: ")
    assert not tree.is_file(path)
    assert not tree.is_folder(path)
    assert tree.has(path)
    assert path.name in [one.name for one in tree.entries(path.parent)]


@pytest.mark.parametrize("target", ["../", "..", ".git", "../root/.git", "{root}/.git/hooks", "/"])
def test_a_linked_folder_that_leads_away_is_not_entered(root, tree, target):
    folder = link(root / "away", target.format(root=root))
    (root / ".git" / "hooks").mkdir(exist_ok=True)

    for use in (tree.read, tree.resolved, tree.has):
        with pytest.raises(BepError):
            use(folder / "secret.md")
    with pytest.raises(BepError):
        tree.entries(folder)
    assert not tree.is_file(folder / "secret.md")
    assert not tree.is_folder(folder)
    assert tree.all_files(root, ".md") == [root / "docs" / "a.md"]


def test_a_git_directory_of_another_name_is_one(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    run_git(root, "init", "--quiet", "--separate-git-dir", str(root / "store"))
    (root / "store" / "secret.md").write_bytes(SECRET)
    link(root / "l.md", "store/secret.md")
    tree = working_tree.of(root, root / "store")

    for path in (root / "l.md", root / "store" / "secret.md"):
        with pytest.raises(BepError, match="leads into the Git directory"):
            tree.read(path)


def test_the_git_directory_of_a_repository_inside_is_one(root, tree):
    (root / "sub").mkdir()
    run_git(root / "sub", "init", "--quiet")
    link(root / "l.md", "sub/.git/config")

    with pytest.raises(BepError, match="leads into the Git directory"):
        tree.read(root / "l.md")


@pytest.mark.parametrize("path", ["../secret.md", "docs/../../secret.md", "/etc/hostname"])
def test_a_path_out_of_the_repository_is_refused_without_a_link(root, tree, path):
    with pytest.raises(BepError, match="leads out of the repository"):
        tree.read(root / path)


# --- What is not a regular file -------------------------------------------------------------------


def test_a_pipe_is_not_waited_for(root, tree):
    os.mkfifo(root / "pipe.md")

    with pytest.raises(BepError, match="is not a regular file"):
        tree.read(root / "pipe.md")


def test_a_socket_is_no_file(root, tree, monkeypatch):
    # The path of a socket may be 108 bytes long.
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.md")
    with pytest.raises(BepError, match="is not a regular file"):
        tree.read(root / "s.md")


def test_a_folder_is_no_file(root, tree):
    with pytest.raises(IsADirectoryError):
        tree.read(root / "docs")


@pytest.mark.parametrize("path", ["none.md", "none/none.md"])
def test_what_is_missing_is_missing(root, tree, path):
    with pytest.raises(FileNotFoundError):
        tree.read(root / path)
    assert not tree.has(root / path)
    assert tree.entries(root / path) == []
    assert tree.resolved(root / path) == path


def test_a_long_file_is_read_whole_and_its_head_is_short(root, tree):
    content = os.urandom(300_000)
    (root / "long.md").write_bytes(content)

    assert tree.read(root / "long.md") == content
    assert tree.head(root / "long.md", 100) == content[:100]
    assert tree.size(root / "long.md") == len(content)


# --- What changes between the look and the opening ----------------------------------------------


def test_a_file_that_becomes_a_link_meanwhile_is_never_followed_out(root, tree, tmp_path):
    """Somebody exchanges file and link all the time; the secret is never read."""
    (root / "docs" / "b.md").write_bytes(b"text")
    link(root / "docs" / "out.md", str(tmp_path / "secret.md"))
    link(root / "away", "../")
    (root / "near").mkdir()
    (root / "near" / "secret.md").write_bytes(b"text")
    done = threading.Event()

    def exchange() -> None:
        path, kept = root / "docs" / "a.md", root / "docs" / "b.md"
        folder = root / "folder"
        while not done.is_set():
            (root / "docs" / "out.md").rename(path)
            path.rename(root / "docs" / "out.md")
            os.link(kept, path)
            (root / "near").rename(folder)
            folder.rename(root / "near")
            (root / "away").rename(folder)
            folder.rename(root / "away")

    (root / "docs" / "a.md").unlink()
    thread = threading.Thread(target=exchange)
    thread.start()
    read = set()
    try:
        for _ in range(500):
            for path in ("docs/a.md", "folder/secret.md"):
                try:
                    read.add(tree.read(root / path))
                except (BepError, OSError):
                    read.add(b"refused")
    finally:
        done.set()
        thread.join()

    assert read <= {b"text", b"refused"}
