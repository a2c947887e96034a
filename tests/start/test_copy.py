"""Plain `copier copy` and `copier update`, without the tool: Copier and this template alone."""

from __future__ import annotations

import gc
import re
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError

from bep.proposal import context_block, document
from tests import forks
from tests.conftest import PAGE, run_git
from tests.terminal import Terminal

ANSWERS = "proposals/.copier/.copier-answers.BEP-1006.yml"


def copy(template: Path, folder: Path, **answers: Any) -> None:
    copier.run_copy(str(template), folder, answers, defaults=True, unsafe=True, quiet=True)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def state(folder: Path) -> tuple[Any, ...]:
    if not (folder / ".git").exists():
        return (files(folder),)
    return (
        run_git(folder, "for-each-ref"),
        run_git(folder, "status", "--porcelain", "-uall"),
        files(folder),
    )


def refused(template: Path, folder: Path, **answers: Any) -> str:
    """What Copier says where it refuses; it must be one line and have changed nothing."""
    before, message = state(folder), ""
    with warnings.catch_warnings():
        # Copier leaves its scan of the template open where a template refuses. It is searched for
        # among what the copy made.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.disable()
        try:
            copy(template, folder, **answers)
        except UserMessageError as error:
            message = error.message
        finally:
            gc.collect(0)
            gc.enable()
    assert message, "not refused"
    assert state(folder) == before
    assert "\n" not in message
    return message


# --- Copy ---------------------------------------------------------------------------------------


def test_a_copy_registers_and_claims_the_next_number(repository, template):
    before = files(repository)

    copy(template, repository, title="Session Relay")

    after = files(repository)
    assert {path for path in after if after[path] != before.get(path)} == {
        PAGE,
        "proposals/BEP-1006-session-relay.md",
        ANSWERS,
    }
    row = b"| [1006](BEP-1006-session-relay.md) | Session Relay | Grace B. Hopper | Draft |\n"
    assert after[PAGE].replace(row, b"") == before[PAGE]
    said = run_git(repository, "log", "-1", "--format=%B", "refs/bep/1006")
    assert "Title: Session Relay\nAuthor: Grace B. Hopper\n" in said
    assert run_git(repository, "branch", "--show-current") == "main"


def test_copy_and_new_give_identical_bytes(released, template, bep):
    answers = {
        "title": "Session Relay: a | b",
        "components": [
            {"name": "data-model", "scope": "T"},
            {"name": "api", "depends_on": ["data-model"]},
        ],
        "phases": ["Foundation", "Migration"],
        "jira": "4313",
        "subsystems": ["manager", "agent"],
    }
    other = released.with_name("other")
    shutil.copytree(released, other)
    (released.parent / "answers.yml").write_text(yaml.safe_dump(answers, sort_keys=False))

    copy(template, released, **answers)
    done = bep(other, "new", "--data-file", "../answers.yml")

    assert done.returncode == 0, done.stderr
    assert files(other) == files(released)
    assert "proposals/BEP-1006/api.md" in files(other)


def test_lists_may_be_typed_with_commas(repository, checkout):
    copy(
        checkout, repository, title="Session Relay", layout="segmented", jira="BA-1, BA-2",
        components="data-model, api", key_constraints="no downtime, no change: none",
    )  # fmt: skip

    answers = yaml.safe_load((repository / ANSWERS).read_text())
    assert answers["jira"] == ["BA-1", "BA-2"]
    assert answers["components"] == ["data-model", "api"]
    assert answers["key_constraints"] == ["no downtime", "no change: none"]
    assert answers["co_authors"] == []
    main = (repository / "proposals/BEP-1006-session-relay.md").read_text()
    block = re.search(r"<!-- context-for-ai.*?-->", main, re.DOTALL)
    assert block
    keys = context_block.read(block[0])
    assert keys
    assert keys["detail-docs"] == ["data-model.md", "api.md"]


def test_after_reserve_number_and_title_are_the_defaults(repository, checkout, bep):
    assert bep(repository, "reserve", "Session Relay").stdout == "1006\n"
    claim = run_git(repository, "rev-parse", "refs/bep/1006")

    copy(checkout, repository)

    assert "[1006](BEP-1006-session-relay.md)" in (repository / PAGE).read_text()
    assert (repository / "proposals/BEP-1006-session-relay.md").is_file()
    assert run_git(repository, "for-each-ref", "--format=%(objectname)", "refs/bep/") == claim


def called(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command `copier copy` answers, with the defaults of all questions."""
    return forks.run("copier", repository, "copy", "--trust", "--defaults", *arguments)


def test_the_command_tells_what_was_made(repository, template):
    done = called(repository, str(template), ".", "-d", "title=Session Relay")

    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "Made proposals/BEP-1006-session-relay.md" in said
    assert "Next: write the sections in their order" in said


def test_the_command_tells_how_to_publish_the_number(repository, checkout, bep, tmp_path):
    run_git(tmp_path, "init", "--quiet", "--bare", "shared.git")
    run_git(repository, "remote", "add", "origin", str(tmp_path / "shared.git"))
    run_git(repository, "push", "--quiet", "origin", "main")

    done = called(repository, str(checkout), ".", "-d", "title=Session Relay")
    assert "Next: `bep sync` publishes the number; then write" in done.stdout + done.stderr
    bep(repository, "sync")

    assert "refs/bep/1006" in run_git(repository, "ls-remote", "origin")


def test_without_tasks_the_command_tells_how_to_take_the_number(repository, checkout, bep):
    done = called(repository, "--skip-tasks", str(checkout), ".", "-d", "title=Session Relay")
    call = "bep renumber 1006 --to 1006"
    assert f"Next: `{call}` takes the number and writes the row." in done.stdout + done.stderr

    bep(repository, *call.split()[1:])

    assert "refs/bep/1006" in run_git(repository, "for-each-ref")
    assert "[1006](BEP-1006-session-relay.md)" in (repository / PAGE).read_text()


def test_to_pretend_changes_nothing(repository, checkout):
    before = state(repository)

    copier.run_copy(
        str(checkout), repository, {"title": "T"},
        defaults=True, unsafe=True, quiet=True, pretend=True,
    )  # fmt: skip

    assert state(repository) == before


def test_the_page_and_the_blank_document_can_be_copied_too(tmp_path, checkout):
    run_git(tmp_path, "init", "--quiet")

    copy(checkout, tmp_path, layout="registry")

    assert set(files(tmp_path)) == {
        "invoke.yaml",
        PAGE,
        "proposals/BEP-0000-template.md",
        "proposals/.copier/guide.yml",
        "proposals/.copier/.copier-answers.BEP-0000.yml",
    }
    assert run_git(tmp_path, "for-each-ref") == ""


def test_a_folder_of_ones_own_is_found_in_the_settings(repository, checkout):
    (repository / "proposals").rename(repository / "docs")
    (repository / "invoke.yaml").write_text("bep:\n  proposals: docs\n")

    copy(checkout, repository, title="Session Relay")

    assert (repository / "docs/BEP-1006-session-relay.md").is_file()
    assert "[1006](BEP-1006-session-relay.md)" in (repository / "docs/README.md").read_text()
    assert not (repository / "proposals").exists()


def test_a_clone_of_the_template_records_its_origin(repository, template, tmp_path):
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", str(template), str(clone))
    run_git(clone, "remote", "set-url", "origin", "https://example.com/bep-templates.git")

    copy(clone, repository, title="Session Relay")

    answers = yaml.safe_load((repository / ANSWERS).read_text())
    assert answers["_src_path"] == "https://example.com/bep-templates.git"


# --- The gate -----------------------------------------------------------------------------------


def test_outside_of_a_repository_it_is_refused(tmp_path, checkout):
    (tmp_path / "plain").mkdir()

    assert "not a Git repository" in refused(checkout, tmp_path / "plain", title="T")


def test_without_a_registry_it_is_refused(repository, checkout):
    (repository / PAGE).unlink()

    assert "bep init" in refused(checkout, repository, title="T")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("<<<<<<< HEAD\n", f"{PAGE}:26: "),
        ("\n| Number | Title | Author | Status |\n|---|---|---|---|\n", f"{PAGE}:27: "),
    ],
)
def test_a_broken_registry_is_refused(repository, checkout, more, named):
    with (repository / PAGE).open("a") as page:
        page.write(more)

    assert named in refused(checkout, repository, title="T")


def test_a_number_with_a_document_is_refused(repository, checkout):
    assert "1001" in refused(checkout, repository, title="T", number=1001)


def test_a_number_with_a_document_is_refused_as_soon_as_it_is_typed(repository, checkout):
    before = state(repository)
    terminal = Terminal(repository, "copy", "--trust", str(checkout), ".", module="copier")
    terminal.wait_for("Number")
    terminal.type("\b\b\b\b1001\r")
    terminal.wait_for("1001 is taken; 1006 is free")
    terminal.interrupt()
    terminal.end()
    assert state(repository) == before


def test_a_number_that_is_reserved_for_another_is_refused(repository, checkout, bep):
    assert "Relay in Sessions" in refused(checkout, repository, title="T", number=1005)
    bep(repository, "reserve", "Theirs", "--author", "Ada Lovelace", "--no-branch")
    run_git(repository, "checkout", "--quiet", "--", PAGE)
    assert "Theirs" in refused(checkout, repository, title="T", number=1006)


def test_a_reserved_number_is_taken_up_with_its_title(repository, checkout):
    copy(checkout, repository, title="Relay in Sessions", number=1005)

    assert "[1005](BEP-1005-relay-in-sessions.md)" in (repository / PAGE).read_text()


def test_existing_documents_are_refused(repository, checkout):
    (repository / "proposals/BEP-1006").mkdir()
    (repository / "proposals/BEP-1006/api.md").write_text("by hand\n")

    text = refused(
        checkout, repository, title="T", number=1006, layout="segmented", components="api"
    )

    assert "proposals/BEP-1006/api.md" in text


def test_another_templates_answers_file_at_the_root_is_refused(repository, checkout):
    (repository / ".copier-answers.yml").write_text("_src_path: gh:a/b\ntitle: Leaked\n")

    assert ".copier-answers.yml" in refused(checkout, repository, title="T")


# Copier leaves its scan of the template open where a template refuses.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_copy_from_stored_answers_does_not_make_the_proposal_again(repository, checkout):
    copy(checkout, repository, title="Session Relay")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposal")
    before = state(repository)
    options = {"defaults": True, "unsafe": True, "overwrite": True}
    said = "the answers of BEP-1007 belong in proposals/.copier/.copier-answers.BEP-1007.yml"

    with pytest.raises(UserMessageError, match=said):
        copier.run_recopy(repository, answers_file=ANSWERS, **options)
    with pytest.raises(UserMessageError, match=said):
        copier.run_copy(
            str(checkout), repository, {"title": "T"}, answers_file="answers.yml", **options
        )

    assert state(repository) == before


def test_a_subdirectory_as_destination_is_refused(repository, checkout):
    (repository / "docs").mkdir()

    assert str(repository) in refused(checkout, repository / "docs", title="T")


def test_a_page_that_exists_is_not_copied_over(repository, checkout):
    assert PAGE in refused(checkout, repository, layout="registry")


def test_a_folder_that_is_not_the_settings_is_refused(repository, checkout):
    """The row would stand in another folder than the document that it links."""
    assert "elsewhere" in refused(checkout, repository, title="T", proposals="elsewhere")


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"title": "two\nlines"}, "title"),
        ({}, "title"),
        ({"title": "T", "number": "abc"}, "'abc'"),
        ({"title": "T", "components": "[{"}, "'[{'"),
        ({"title": "T", "proposals": "../up"}, "'../up'"),
    ],
)
def test_a_bad_answer_is_refused_in_one_line(repository, checkout, answers, named):
    assert named in refused(checkout, repository, **answers)


@pytest.mark.parametrize(
    "answers", [["title=T", "number=1001"], ["title=T", "number=abc"], ["title=T", "components=[{"]]
)
def test_the_command_ends_with_one_line_and_no_traceback(repository, checkout, answers):
    before = state(repository)
    data = [word for answer in answers for word in ("-d", answer)]

    done = called(repository, "--quiet", str(checkout), ".", *data)

    assert done.returncode not in (0, None)
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert state(repository) == before


# --- Update -------------------------------------------------------------------------------------


@pytest.fixture
def newer(template: Path, tmp_path: Path) -> Path:
    """A template of one's own with v1.0.0 only; `release` gives it v1.1.0."""
    clone = tmp_path / "newer"
    run_git(tmp_path, "clone", "--quiet", str(template), str(clone))
    run_git(clone, "remote", "remove", "origin")
    return clone


def release(newer: Path) -> None:
    """v1.1.0 says one thing more in its guidance."""
    path = newer / "guide.yml"
    text = path.read_text()
    assert text.count("Why this change is needed") == 1
    path.write_text(text.replace("Why this change is needed", "WHY this change is needed"))
    run_git(newer, "commit", "--quiet", "--all", "--message=More guidance")
    run_git(newer, "tag", "v1.1.0")


def test_an_update_leaves_page_and_refs_alone(repository, newer):
    copy(newer, repository, title="Session Relay", created="2026-01-06")
    (repository / "VERSION").write_text("27.1.0\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposal")
    page, refs = (repository / PAGE).read_bytes(), run_git(repository, "for-each-ref")
    answers = yaml.safe_load((repository / ANSWERS).read_text())
    release(newer)

    copier.run_update(
        repository, answers_file=ANSWERS, defaults=True, unsafe=True, quiet=True, overwrite=True
    )

    assert (repository / PAGE).read_bytes() == page
    assert run_git(repository, "for-each-ref") == refs
    updated = yaml.safe_load((repository / ANSWERS).read_text())
    assert updated == answers | {"_commit": "v1.1.0"}
    text = (repository / "proposals/BEP-1006-session-relay.md").read_text()
    assert "WHY this change is needed" in text
    assert document.Document(text).metadata.value("created-version") == "26.8.0"
    assert set(run_git(repository, "diff", "--name-only").split()) == {
        ANSWERS,
        "proposals/BEP-1006-session-relay.md",
    }


def test_a_renumbered_proposal_still_updates(repository, newer, call):
    copy(newer, repository, title="Session Relay", layout="segmented", components="data-model, api")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposal")
    assert call(repository, "renumber", "1006", "--to", "1020")[0] == 0
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Renumbered")
    release(newer)
    answers = ANSWERS.replace("1006", "1020")

    copier.run_update(
        repository, answers_file=answers, defaults=True, unsafe=True, quiet=True, overwrite=True
    )

    main = "proposals/BEP-1020-session-relay.md"
    assert "WHY this change is needed" in (repository / main).read_text()
    assert set(run_git(repository, "diff", "--name-only").split()) == {answers, main}


def test_an_update_to_the_same_revision_changes_nothing(repository, newer):
    copy(newer, repository, title="Session Relay", layout="segmented", components="data-model, api")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposal")
    before = state(repository)

    copier.run_update(
        repository, answers_file=ANSWERS, defaults=True, unsafe=True, quiet=True, overwrite=True
    )

    assert state(repository) == before


def test_an_adopted_proposal_keeps_its_file_names_through_an_update(repository, newer):
    data = {
        "title": "Session Relay",
        "layout": "segmented",
        "slug": "RBAC_model v2",
        "components": ["00-overview", "storage_namespace", "README"],
        "phases": [{"name": "One", "components": ["storage_namespace"]}],
        "adopted": True,
    }
    copy(newer, repository, **data)
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Adopted")
    answers = yaml.safe_load((repository / ANSWERS).read_text())
    names = set(files(repository))
    release(newer)

    copier.run_update(
        repository, answers_file=ANSWERS, defaults=True, unsafe=True, quiet=True, overwrite=True
    )

    assert data.items() <= answers.items()
    assert yaml.safe_load((repository / ANSWERS).read_text()) == answers | {"_commit": "v1.1.0"}
    assert set(files(repository)) == names
    assert {
        "proposals/BEP-1006-RBAC_model v2.md",
        *(f"proposals/BEP-1006/{name}.md" for name in data["components"]),
    } < names


def test_a_new_proposal_has_no_names_of_that_kind(repository, checkout):
    for adopted in ({}, {"adopted": False}):
        assert "slug" in refused(checkout, repository, title="T", slug="RBAC_model", **adopted)


# --- A data file as a person writes it ----------------------------------------------------------


def test_dates_and_empty_keys_of_a_data_file_are_taken_as_they_are_meant(repository, checkout):
    """YAML reads an unquoted date as a date, and nothing behind a key as null."""
    data = repository.parent / "answers.yml"
    data.write_text("title: Told\ncreated: 2026-01-02\nscope:\nauthor_name:\njira: 4313\nphases:\n")

    done = called(repository, "--data-file", str(data), str(checkout), ".")

    assert done.returncode == 0, done.stderr
    source = (repository / "proposals" / "BEP-1006-told.md").read_text()
    assert document.Document(source).metadata.value("created") == "2026-01-02"
    assert "- JIRA: BA-4313\n" in source
    stored = yaml.safe_load((repository / ANSWERS).read_text())
    assert stored["created"] == "2026-01-02"
    assert (stored["scope"], stored["author_name"], stored["phases"]) == ("", "", [])
    assert "| [1006](BEP-1006-told.md) | Told |  | Draft |" in (repository / PAGE).read_text()


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("title: 2026-01-02", "'2026-01-02'"),
        ("title: [a]", "['a']"),
        ("title: T\nscope: [a, b]", "['a', 'b']"),
        ("title: T\nslug:", "slug"),
        ("title: T\nnumber:", "number"),
        ("title: T\ncreated: 2026-01-02 10:00:00", "2026-01-02 10:00:00"),
    ],
)
def test_what_a_data_file_cannot_mean_is_refused_in_one_line(repository, checkout, written, named):
    answers = yaml.safe_load(written)

    assert named in refused(checkout, repository, **answers)
