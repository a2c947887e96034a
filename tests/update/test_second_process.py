"""Two processes plan and write many proposals: the result is the same, only sooner."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from bep import names
from bep.system import repository as repositories, second_process, template
from bep.system.template_revisions import TemplateRevisions
from bep.system.template_trust import TrustedTemplate
from bep.update import update as updating
from bep.update.update import Ask, Outcome, ProposalOutcome, Request, Updater
from tests.conftest import copy_repository, files_of, run_git
from tests.rendered import EXAMPLES, PROCESS_PAGE
from tests.series import REVISIONS, Edit, revise, template_at_v1

COUNT = 2 * updating._WORTH_IT
NUMBERS = range(1000, 1000 + COUNT)
QUESTION = "reviewer:\n  type: str\n  help: Who reviews it?\n\ninvoke_tasks:\n"


def answers_file(number: int) -> str:
    return f"proposals/{names.answers_file(number)}"


@pytest.fixture(scope="module")
def _proposals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Edited proposals; half of them record another commit, which has the same template."""
    place = tmp_path_factory.mktemp("second-process")
    source = template_at_v1(place / "template")
    run_git(source, "commit", "--quiet", "--allow-empty", "--message=Same")
    run_git(source, "tag", "v1.0.1")
    revise(source, REVISIONS["guidance reworded"], "v1.1.0")
    run_git(source, "checkout", "--quiet", "v1.0.1")
    revise(source, [Edit("copier.yml", "invoke_tasks:\n", QUESTION)], "question")

    folder = place / "repository"
    (folder / "proposals").mkdir(parents=True)
    (folder / "proposals/README.md").write_text(PROCESS_PAGE)
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {source}\n")
    revisions = TemplateRevisions(template.open_template(str(source), place), place, place, tool="")
    for number in NUMBERS:
        found = revisions.wanted(f"v1.0.{number % 2}")
        revision = revisions.at(found)
        answers = {**EXAMPLES["segmented" if number % 3 else "single"], "number": number}
        complete = revision.replayed({"proposals": "proposals", **answers})
        for path, content in revision.rendered(complete.answers, str(source)).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content.replace(b"\n## ", b"\nWhat we say.\n\n## "))
    broken = folder / answers_file(NUMBERS[-1])
    broken.write_text(broken.read_text() + "- [\n")
    run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    return folder


@pytest.fixture(params=[COUNT, COUNT // 2], ids=["one group", "two groups"])
def together(request: pytest.FixtureRequest) -> int:
    """How many proposals are written in one step."""
    count: int = request.param
    return count


@pytest.fixture
def proposals(
    _proposals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
) -> Path:
    """A copy for one test, in which a second process is possible whatever else the suite runs."""
    monkeypatch.setattr(second_process, "is_possible", lambda: True)
    monkeypatch.setattr(updating, "_TOGETHER", together)
    return copy_repository(_proposals, tmp_path / "repository")


def updated(folder: Path, to: str, ask: Ask | None = None) -> list[Outcome]:
    found = repositories.find(folder)
    with TemporaryDirectory() as place:
        trusted = TrustedTemplate(found.settings.template, is_named=True)
        updater = Updater(found, trusted, Request(to=to), Path(place), ask)
        return updater.update(updater.numbers())


def by_one(proposals: Path, to: str, place: Path, ask: Ask | None = None) -> list[Outcome]:
    """The outcomes of one process, which updates a copy at `place`."""
    copy_repository(proposals, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_process, "is_possible", lambda: False)
        return updated(place, to, ask)


def planned_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the proposals that this process plans from now on."""
    numbers: list[int] = []
    outcome = Updater._outcome

    def noted(updater: Updater, number: int, ask: Ask | None) -> Outcome:
        numbers.append(number)
        return outcome(updater, number, ask)

    monkeypatch.setattr(Updater, "_outcome", noted)
    return numbers


@pytest.mark.sample(2)
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept revisions", "nothing kept"])
def test_two_processes_write_what_one_writes(proposals, tmp_path, monkeypatch, together, is_kept):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache") if is_kept else os.devnull)
    alone = by_one(proposals, "v1.1.0", tmp_path / "alone")
    here = planned_here(monkeypatch)

    assert updated(proposals, "v1.1.0") == alone

    assert files_of(proposals) == files_of(tmp_path / "alone")
    first, second = NUMBERS[:together], NUMBERS[together:]
    # The second group is planned while this process writes the first one.
    assert here == [*first[: together // 2], *second[: round(len(second) / 3)]]
    assert {one.recorded for one in alone} == {"v1.0.0", "v1.0.1", None}
    assert [one.outcome for one in alone] == [
        *[ProposalOutcome.MERGED] * (COUNT - 1),
        ProposalOutcome.REFUSED,
    ]


@pytest.mark.sample(1)
def test_where_the_other_process_dies_one_plans_all(proposals, tmp_path, monkeypatch):
    alone = by_one(proposals, "v1.1.0", tmp_path / "alone")
    parent, outcome = os.getpid(), Updater._outcome

    def killed(updater: Updater, number: int, ask: Ask | None) -> Outcome:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome(updater, number, ask)

    monkeypatch.setattr(Updater, "_outcome", killed)

    assert updated(proposals, "v1.1.0") == alone
    assert files_of(proposals) == files_of(tmp_path / "alone")


@pytest.mark.sample(1)
def test_questions_are_asked_by_the_process_that_has_the_terminal(proposals, tmp_path):
    def asking(asked: list[int]) -> Callable[[int, str, str], str]:
        def ask(number: int, name: str, text: str) -> str:
            asked.append(number)
            assert (name, text) == ("reviewer", "Who reviews it?")
            return f"Reviewer {number}"

        return ask

    asked_alone: list[int] = []
    asked: list[int] = []
    alone = by_one(proposals, "question", tmp_path / "alone", asking(asked_alone))

    assert updated(proposals, "question", asking(asked)) == alone

    assert asked == asked_alone == list(NUMBERS[:-1])
    assert files_of(proposals) == files_of(tmp_path / "alone")
    for number in asked:
        answers = yaml.safe_load((proposals / answers_file(number)).read_text())
        assert answers["reviewer"] == f"Reviewer {number}"
