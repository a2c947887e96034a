"""The folder of proposals: all tasks agree on where it is, or on why it cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import copier
import pytest
from copier.errors import UserMessageError

from tests.conftest import Call, files_of, run_git, state

TASKS = (
    ("adopt", "--all"),
    ("ask", "1001", "--question=How many?"),
    ("check",),
    ("check", "--all"),
    ("review", "HEAD"),
    ("context", "1001"),
    ("governs", "."),
    ("init",),
    ("issue", "1001", "--github"),
    ("list",),
    ("list", "--attention"),
    ("mark", "1001", "rejected", "--reason=No"),
    ("new", "Cache", "--defaults"),
    ("new", "--print-answers"),
    ("renumber", "1001", "--to=1010"),
    ("reserve", "Cache"),
    ("retitle", "1001", "Parcel Relay"),
    ("search", "journal"),
    ("status", "1001"),
    ("submit", "1001", "--yes"),
    ("sync",),
    ("unreserve", "1005"),
    ("update",),
)


def move(folder: Path, old: str, new: str, target: str) -> None:
    """Move a folder with `git mv` and leave a link to it."""
    (folder / new).parent.mkdir(parents=True, exist_ok=True)
    run_git(folder, "mv", old, new)
    (folder / old).symlink_to(target)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Moved")


def refused(call: Call, folder: Path, task: tuple[str, ...]) -> str:
    """What a refused call says; one line, and nothing has changed."""
    before = state(folder)
    code, out, err = call(folder, *task)
    assert (code, out) == (2, ""), err
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert state(folder) == before
    return err


@pytest.mark.parametrize("task", TASKS, ids=" ".join)
def test_every_task_refuses_a_linked_folder_in_the_same_line(released, call, task):
    move(released, "proposals", "real", "real")
    assert refused(call, released, task) == (
        "bep: proposals: is behind a link, and Git knows its files in real; set `proposals: real`\n"
    )


def test_the_remedy_for_a_linked_folder_works(released, call):
    move(released, "proposals", "docs/beps", "docs/beps")
    assert "set `proposals: docs/beps`" in refused(call, released, ("list",))
    with (released / "invoke.yaml").open("a") as settings:
        settings.write("  proposals: docs/beps\n")
    assert "docs/beps/BEP-1001-event-journal.md" in call(released, "list", "--json")[1]


def test_a_folder_below_a_link_is_refused(released, call):
    move(released, "proposals", "text/proposals", "text/proposals")
    (released / "proposals").unlink()
    (released / "docs").symlink_to("text")
    with (released / "invoke.yaml").open("a") as settings:
        settings.write("  proposals: docs/proposals\n")
    assert "set `proposals: text/proposals`" in refused(call, released, ("check",))


def test_a_linked_folder_of_answers_files_is_refused(released, call):
    (released / "answers").mkdir()
    (released / "answers/.keep").touch()
    (released / "proposals/.copier").symlink_to("../answers")
    assert "proposals/.copier: is behind a link" in refused(call, released, ("update",))


def test_a_link_to_the_folder_is_no_obstacle(released, call):
    before = call(released, "check", "--all")
    (released / "beps").symlink_to("proposals")
    assert call(released, "check", "--all") == before


def test_copier_refuses_a_linked_folder_before_it_asks(released, template):
    move(released, "proposals", "real", "real")
    before = state(released)
    with pytest.raises(UserMessageError, match="set `proposals: real`"):
        copier.run_copy(str(template), released, {"title": "A"}, defaults=True, unsafe=True)
    assert state(released) == before


SPELLINGS = ("proposals/", "./proposals", "./proposals/", "proposals//", "././proposals/.")


@pytest.mark.sample(3)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_any_spelling_of_the_folder_means_the_same(released, call, spelling):
    plain = call(released, "check", "--all")
    with (released / "invoke.yaml").open("a") as settings:
        settings.write(f"  proposals: {spelling}\n")
    assert call(released, "check", "--all") == plain
    assert call(released, "new", "Cache", "--defaults")[0] == 0
    answers = "proposals/.copier/.copier-answers.BEP-1006.yml"
    assert "\nproposals: proposals\n" in files_of(released)[answers].decode()
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Cache")
    assert '"proposals/BEP-1006-cache.md"' in call(released, "list", "--json")[1]
    assert call(released, "update")[1] == "Template revision v1.0.0: 1 up to date.\n"
    assert call(released, "renumber", "1006", "--to=1010")[0] == 0


@pytest.mark.parametrize("spelling", [".", "/proposals", "../proposals", "a/../proposals", "~/a"])
def test_a_folder_outside_is_refused_as_it_is_written(released, call, spelling):
    with (released / "invoke.yaml").open("a") as settings:
        settings.write(f"  proposals: {spelling}\n")
    assert f"setting 'proposals': {spelling!r} is not a folder" in refused(
        call, released, ("list",)
    )
