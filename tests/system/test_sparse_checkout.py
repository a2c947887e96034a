"""Files that are in Git but not checked out: they are read, and never overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import copier
import pytest

from bep.errors import BepError
from bep.system import repository as repositories
from tests import forks
from tests.conftest import Call, copy_repository, run_git, state
from tests.series import Edit, proposals_at_v1, template_at_v2

NUMBER = 1007
FOLDER = f"proposals/BEP-{NUMBER}"
CORE = f"{FOLDER}/core.md"
ANSWERS = f"proposals/.copier/.copier-answers.BEP-{NUMBER}.yml"
SINGLE_ANSWERS = "proposals/.copier/.copier-answers.BEP-1006.yml"
REVISION = [
    Edit("guide.yml", "Why this change is needed:", "The reason for this change:"),
    Edit("guide.yml", "What exists of this component today.", "What exists of this component."),
]


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """A template of two revisions."""
    return template_at_v2(tmp_path_factory.mktemp("revised") / "template", REVISION)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, _start: Path, revised: Path) -> Path:
    """A repository with a proposal in one file, 1006, and one in segments."""
    layout = ("--layout", "segmented", "-d", "components=[core, api]")
    place = tmp_path_factory.mktemp("whole") / "repository"
    folder = proposals_at_v1(_start, place, revised, ["Relay"], ["Discovery", *layout])
    assert forks.run("bep", folder, "sync").returncode == 0
    run_git(folder, "commit", "--quiet", "--all", "--message=Settled")
    assert (folder / CORE).exists()
    return folder


@pytest.fixture
def sparse(whole: Path, tmp_path: Path) -> Path:
    """Its sub-documents are not checked out."""
    folder = copy_repository(whole, tmp_path / "repository")
    run_git(folder, "sparse-checkout", "set", "--cone", "proposals/.copier")
    assert not (folder / FOLDER).exists()
    return folder


def refused(got: tuple[int, str, str], path: str = CORE) -> None:
    code, _, err = got
    folder = path.rpartition("/")[0]
    assert code != 0
    assert f"bep: {path}: is not checked out; run `git sparse-checkout add {folder}`" in err
    assert "Traceback" not in err


# --- Reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--json"],
        ["check", "--all", "--json"],
        ["context", str(NUMBER), "--document", "core"],
        ["search", "core"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_is_said_is_what_the_whole_checkout_says(
    whole: Path, sparse: Path, call: Call, arguments: list[str]
):
    expected = call(whole, *arguments)

    assert call(sparse, *arguments) == expected
    assert expected[1]


def test_what_is_not_checked_out_is_no_change(sparse: Path, call: Call):
    run_git(sparse, "branch", "base")

    code, out, _ = call(sparse, "check", "--since", "base", "--json")

    assert (code, json.loads(out)) == (0, [])


@pytest.mark.parametrize("also", [["src"], [FOLDER], ["proposals/.copier"]], ids=str)
def test_sync_has_nothing_to_settle(sparse: Path, call: Call, also: list[str]):
    run_git(sparse, "sparse-checkout", "set", "--cone", *also)
    before = state(sparse)

    code, out, err = call(sparse, "sync")

    assert (code, out) == (0, "Nothing to settle.\n"), err
    assert state(sparse) == before


def test_a_file_that_a_user_hid_with_the_index_is_read_from_git(
    whole: Path, tmp_path: Path, call: Call
):
    folder = copy_repository(whole, tmp_path / "repository")
    run_git(folder, "update-index", "--skip-worktree", CORE)
    (folder / CORE).unlink()

    assert call(folder, "sync")[1] == "Nothing to settle.\n"
    assert repositories.find(folder).content(folder / CORE) == (whole / CORE).read_bytes()


def test_a_file_that_is_there_all_the_same_is_read_as_it_is(
    whole: Path, tmp_path: Path, call: Call
):
    folder = copy_repository(whole, tmp_path / "repository")
    run_git(folder, "update-index", "--skip-worktree", CORE)
    (folder / CORE).write_text("# Mine\n")

    assert repositories.find(folder).content(folder / CORE) == b"# Mine\n"


def test_a_file_that_a_user_deleted_is_gone(whole: Path, tmp_path: Path):
    folder = copy_repository(whole, tmp_path / "repository")
    (folder / CORE).unlink()

    with pytest.raises(BepError):
        repositories.find(folder).content(folder / CORE)


# --- Writing ------------------------------------------------------------------------------------


def test_an_update_refuses_the_proposal_and_brings_the_others(sparse: Path, call: Call):
    before = (sparse / ANSWERS).read_bytes()

    refused(call(sparse, "update"))

    assert "v2.0.0" in (sparse / SINGLE_ANSWERS).read_text()
    assert (sparse / ANSWERS).read_bytes() == before
    assert not (sparse / FOLDER).exists()
    assert FOLDER not in run_git(sparse, "status", "--short")


def test_copier_s_own_update_leaves_all_as_it_was(sparse: Path, monkeypatch):
    monkeypatch.chdir(sparse)
    before = state(sparse)

    with pytest.raises(copier.errors.UserMessageError, match=r"core\.md: is not checked out"):
        copier.run_update(
            answers_file=ANSWERS, defaults=True, overwrite=True, unsafe=True, quiet=True
        )

    assert state(sparse) == before


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["new", "Other", "--defaults"], "proposals/README.md"),
        (["reserve", "Other"], "proposals/README.md"),
        (["ask", "1006", "--question", "Why?"], "proposals/BEP-1006-relay.md"),
        (["mark", "1006", "rejected", "--reason", "No"], "proposals/BEP-1006-relay.md"),
        (
            ["add-document", str(NUMBER), "--name", "store", "--scope", "S"],
            "proposals/BEP-1007-discovery.md",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_that_would_write_says_what_to_check_out(
    sparse: Path, call: Call, arguments: list[str], path: str
):
    run_git(sparse, "sparse-checkout", "set", "--cone", "src")
    before = state(sparse)

    refused(call(sparse, *arguments), path)

    assert state(sparse) == before


def test_a_number_is_not_changed_where_a_part_is_not_checked_out(sparse: Path, call: Call):
    before = state(sparse)

    refused(call(sparse, "renumber", str(NUMBER), "--to", "1011"), f"{FOLDER}/api.md")

    assert state(sparse) == before
