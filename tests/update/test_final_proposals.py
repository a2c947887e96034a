"""Proposals in a final status are history: neither door of an update changes them unasked."""

from __future__ import annotations

import json
from pathlib import Path

import copier
import pytest

from tests.conftest import Call, copy_repository, run_git, state
from tests.series import Edit, proposals_at_v1, template_at_v2

ADOPTED = "proposals/BEP-1006-relay.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1006.yml"
REWORDED = [Edit("guide.yml", "Why this change is needed:", "The reason for this change:")]


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """A template of two revisions."""
    return template_at_v2(tmp_path_factory.mktemp("revised") / "template", REWORDED)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory, _start: Path, revised: Path) -> Path:
    """A repository with a proposal of the first revision."""
    place = tmp_path_factory.mktemp("relay") / "repository"
    return proposals_at_v1(_start, place, revised, ["Relay"])


@pytest.fixture
def repository(relay: Path, tmp_path: Path) -> Path:
    return copy_repository(relay, tmp_path / "repository")


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Change")


def with_status(folder: Path, path: str, status: str) -> None:
    """The proposal with another status, at `path`."""
    text = (folder / ADOPTED).read_text()
    (folder / path).write_text(text.replace("Status: Draft", f"Status: {status}"))
    commit(folder)


def outcome(call: Call, folder: Path, *arguments: str) -> list[str]:
    """What `bep update` says of the number 1006."""
    _, out, _ = call(folder, "update", "--json", *arguments)
    return [one["outcome"] for one in json.loads(out) if one["number"] == 1006]


# --- Two documents of one number ----------------------------------------------------------------


@pytest.mark.sample(2)
@pytest.mark.parametrize("other", ["aaa", "zzz"])
@pytest.mark.parametrize("final", ["Implemented", "rejected", "Superseded"])
def test_the_status_is_that_of_the_document_the_answers_belong_to(
    repository: Path, call: Call, other: str, final: str
):
    with_status(repository, f"proposals/BEP-1006-{other}.md", "Draft")
    with_status(repository, ADOPTED, final)
    before = {path: (repository / path).read_bytes() for path in (ADOPTED, ANSWERS)}

    assert outcome(call, repository) == ["final"]
    assert outcome(call, repository, "--status", "Draft") == []
    assert outcome(call, repository, "--status", final, "--final", "--dry-run") == ["merged"]
    assert {path: (repository / path).read_bytes() for path in before} == before


@pytest.mark.parametrize("other", ["aaa", "zzz"])
def test_another_document_of_the_number_that_is_final_keeps_nothing_back(
    repository: Path, call: Call, other: str
):
    path = f"proposals/BEP-1006-{other}.md"
    with_status(repository, path, "Implemented")
    before = (repository / path).read_bytes()

    assert outcome(call, repository) == ["updated"]

    assert "The reason for this change:" in (repository / ADOPTED).read_text()
    assert (repository / path).read_bytes() == before


def test_which_of_two_renamed_documents_it_is_has_to_be_said(repository: Path, call: Call):
    for name in ("aaa", "zzz"):
        with_status(repository, f"proposals/BEP-1006-{name}.md", "Implemented")
    run_git(repository, "rm", "--quiet", ADOPTED)
    commit(repository)

    assert outcome(call, repository) == ["refused"]


# --- Copier's door ------------------------------------------------------------------------------


def copier_update(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    copier.run_update(answers_file=ANSWERS, defaults=True, overwrite=True, unsafe=True)


@pytest.mark.sample(1)
@pytest.mark.parametrize("final", ["Implemented", "REJECTED", "Superseded"])
def test_copier_s_update_leaves_a_final_proposal_alone(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], final: str
):
    with_status(repository, ADOPTED, final)
    before = state(repository)

    copier_update(repository, monkeypatch)

    assert state(repository) == before
    said = capfd.readouterr()
    assert (
        f"  {ADOPTED}: {final.capitalize()}, so it is left alone; `bep update 1006` updates it"
        in said.out + said.err
    )


def test_copier_s_update_changes_a_draft_beside_a_final_document_of_its_number(
    repository: Path, monkeypatch: pytest.MonkeyPatch
):
    with_status(repository, "proposals/BEP-1006-aaa.md", "Implemented")

    copier_update(repository, monkeypatch)

    assert "The reason for this change:" in (repository / ADOPTED).read_text()
    assert "_commit: v2.0.0" in (repository / ANSWERS).read_text()
