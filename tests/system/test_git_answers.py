"""Inside a command git is asked each question once, until something may have changed the answer."""

from __future__ import annotations

import pytest

from bep.system import (
    file_transaction,
    git_clone,
    git_files,
    git_process,
    git_refs,
    git_remotes,
    working_tree,
)
from tests.conftest import run_git


@pytest.fixture
def asked(repository, tmp_path, monkeypatch):
    """Counts the processes of git that `bep` has started."""
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))

    def count() -> int:
        return trace.read_text().count("trace: built-in: git") if trace.exists() else 0

    return count


def branch_elsewhere(repository, name: str) -> None:
    """Another process makes a branch."""
    environment = {"GIT_TRACE": "0"}
    run_git(repository, "branch", name, **environment)


def test_a_question_is_asked_once(repository, asked):
    with git_process.asking_once():
        first = git_refs.refs(repository, "refs/heads/")
        assert git_refs.refs(repository, "refs/heads/") == first
        assert git_remotes.remotes(repository) == git_remotes.remotes(repository) == []
        assert git_remotes.remote_address(repository, "origin") == ""
        assert git_clone.identity(repository) == ("Grace Hopper", "grace@example.com")
    assert asked() == 2


def test_a_refusal_is_an_answer_too(repository, asked):
    with git_process.asking_once():
        for _ in range(2):
            with pytest.raises(git_process.GitRefusal, match="nowhere"):
                git_process.run(repository, "rev-parse", "nowhere")
    assert asked() == 1


def test_each_command_asks_anew(repository):
    with git_process.asking_once():
        assert not git_refs.has_branch(repository, "other")
    branch_elsewhere(repository, "other")
    with git_process.asking_once():
        assert git_refs.has_branch(repository, "other")


def test_outside_of_a_command_each_question_is_asked(repository, asked):
    git_refs.refs(repository, "refs/heads/")
    git_refs.refs(repository, "refs/heads/")
    assert asked() == 2


def test_what_git_writes_is_seen(repository):
    with git_process.asking_once():
        assert git_refs.branch(repository) == "main"
        git_refs.switch_to_new_branch(repository, "own")
        assert git_refs.branch(repository) == "own"


def test_files_that_are_written_are_seen(repository):
    tree = working_tree.of(repository, repository / ".git")
    with git_process.asking_once():
        assert git_files.status(repository) == []
        change = file_transaction.Change(repository / "proposals" / "new.md", b"text\n")
        file_transaction.write(tree, [change])
        assert [one.path for one in git_files.status(repository)] == ["proposals/new.md"]


@pytest.mark.parametrize("pause", ["a lock", "a person"])
def test_after_a_pause_all_is_asked_anew(repository, monkeypatch, pause):
    from bep.tasks import terminal

    monkeypatch.setattr("builtins.input", lambda _: branch_elsewhere(repository, "other") or "y")
    with git_process.asking_once():
        assert not git_refs.has_branch(repository, "other")
        if pause == "a person":
            assert terminal.confirmed("Go on?")
        else:
            branch_elsewhere(repository, "other")
            with file_transaction.alone(working_tree.of(repository, repository / ".git")):
                pass
        assert git_refs.has_branch(repository, "other")


@pytest.mark.parametrize("name", ["origin", "a.b", "two words"])
def test_remotes_are_those_that_git_lists(repository, name):
    run_git(repository, "config", f"remote.{name}.url", "https://example.com/x.git")
    run_git(repository, "config", "--add", f"remote.{name}.url", "https://example.com/y.git")
    run_git(repository, "config", "remote.pushDefault", name)
    run_git(repository, "config", "remote.pruned.prune", "true")

    assert git_remotes.remotes(repository) == run_git(repository, "remote").split("\n")
    assert git_remotes.remote_address(repository, name) == "https://example.com/x.git"
    assert git_remotes.remote_address(repository, "pruned") == ""


def test_the_main_branch_of_a_remote_that_calls_it_otherwise(repository, tmp_path):
    run_git(repository, "branch", "--move", "trunk")
    run_git(tmp_path, "clone", "--quiet", str(repository), "clone")

    assert git_refs.branches(tmp_path / "clone").main("", "origin") == "trunk"


def test_without_the_branch_of_its_head_the_remote_has_the_usual_main_branch(repository, tmp_path):
    run_git(tmp_path, "clone", "--quiet", str(repository), "clone")
    clone = tmp_path / "clone"
    run_git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")

    assert git_refs.branches(clone).main("", "origin") == "main"


def test_without_a_head_of_the_remote_its_usual_main_branch_counts(repository, tmp_path):
    run_git(tmp_path, "clone", "--quiet", str(repository), "clone")
    clone = tmp_path / "clone"
    run_git(clone, "switch", "--quiet", "--create", "own")
    run_git(clone, "remote", "set-head", "origin", "--delete")
    run_git(clone, "branch", "--quiet", "--delete", "main")

    assert git_refs.branches(clone).main("", "origin") == "main"
    assert [*git_refs.branches(clone).refs_of("main", "origin")] == ["refs/remotes/origin/main"]
