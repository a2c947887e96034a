"""`add-document`: one more sub-document; and what becomes of one whose file is deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests import schemas
from tests.conftest import Call, files_of, run_git, state
from tests.series import REVISIONS, revise, template_at_v1

FOLDER = "proposals/BEP-1010"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1010.yml"
SCOPE = "Keys | values, and `how` they go"


def born(folder: Path, call: Call) -> Path:
    """The repository with a segmented proposal that was made from its template."""
    arguments = ("--number", "1010", "--layout", "segmented", "--defaults")
    components = "[{name: data-model, scope: Tables}, {name: api, depends_on: [data-model]}]"
    phases = "[{name: Base, components: [data-model]}, {name: Rest, components: [data-model, api]}]"
    code, _, errors = call(
        folder,
        *("new", "Media Relay", *arguments, "-d", f"components={components}"),
        *("-d", f"phases={phases}", "-d", "migration_document=true"),
    )
    assert (code, errors) == (0, "")
    committed(folder)
    return folder


@pytest.fixture
def relay(released: Path, call: Call) -> Path:
    return born(released, call)


@pytest.fixture
def own_template(repository: Path, tmp_path: Path) -> Path:
    """A template of the repository's own, to be revised."""
    template = template_at_v1(tmp_path / "template")
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    committed(repository)
    return template


def committed(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Change")


def main(folder: Path) -> str:
    return (folder / "proposals/BEP-1010-media-relay.md").read_text()


def answers(folder: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((folder / ANSWERS).read_text())
    return found


def test_it_is_in_index_context_block_and_answers(relay: Path, call: Call):
    code, out, errors = call(
        relay,
        *("add-document", "1010", "--name", "Key Store.md", "--scope", SCOPE),
        *("--depends-on", "Data Model", "--depends-on", "migration.md"),
    )
    assert (code, errors) == (0, "")
    assert out.splitlines()[0] == f"{FOLDER}/key-store.md is new; also changed:"
    text = (relay / FOLDER / "key-store.md").read_text()
    assert f"scope: {SCOPE}\n" in text
    assert "depends-on: [data-model.md, migration.md]\n" in text
    assert "# BEP-1010: Key Store\n" in text
    rows = [line for line in main(relay).split("\n") if line.startswith("| [")]
    assert rows[2:] == [
        "| [key-store](./BEP-1010/key-store.md) | Keys \\| values, and `how` they go |",
        "| [migration](./BEP-1010/migration.md) | Migration plan and compatibility |",
    ]
    assert "detail-docs: [data-model.md, api.md, key-store.md, migration.md]" in main(relay)
    assert answers(relay)["components"][-1] == {
        "name": "key-store",
        "scope": SCOPE,
        "depends_on": ["data-model"],
    }
    _, out, _ = call(relay, "check", "1010", "--all", "--format", "json")
    assert [one for one in json.loads(out) if one["severity"] == "error"] == []
    committed(relay)
    before = state(relay)
    call(relay, "sync", "1010")
    assert state(relay)[3] == before[3]


def test_an_index_that_is_a_list_gets_an_item(relay: Path, call: Call):
    path = next((relay / "proposals").glob("BEP-1010-*.md"))
    text = path.read_text()
    table = text[
        text.index("| Document | Desc") : text.index("\n\n## ", text.index("| Document | Desc"))
    ]
    listed = (
        "* [a](./BEP-1010/data-model.md): tables\n* [b](BEP-1010/api.md) says how\n"
        "* [m](BEP-1010/migration.md)"
    )
    path.write_text(text.replace(table, listed))
    committed(relay)

    assert call(relay, "add-document", "1010", "--name", "key-store", "--scope", "A *b*")[0] == 0

    new = f"{listed}\n* [key-store](./BEP-1010/key-store.md): A \\*b\\*\n\n## "
    assert new in path.read_text()
    assert "| Document |" not in path.read_text()


def test_it_is_updated_like_one_that_was_there_from_the_start(
    own_template: Path, repository: Path, call: Call
):
    relay = born(repository, call)
    call(relay, "add-document", "1010", "--name", "key-store", "--scope", SCOPE)
    committed(relay)
    revise(own_template, REVISIONS["heading of a section of sub-documents"], "v1.1.0")
    assert call(relay, "update", "1010")[0] == 0
    assert "## Interfaces\n" in (relay / FOLDER / "key-store.md").read_text()


def test_the_documents_of_the_layout_can_be_added(relay: Path, call: Call):
    code, _, errors = call(relay, "add-document", "1010", "--name", "overview", "--scope", "All")
    assert (code, errors) == (0, "")
    assert "scope: All\n" in (relay / FOLDER / "overview.md").read_text()
    assert answers(relay)["overview_document"] is True
    assert "(./BEP-1010/overview.md)" in main(relay)


def test_a_proposal_without_answers_file_gets_one(relay: Path, call: Call):
    (relay / ANSWERS).unlink()
    assert call(relay, "add-document", "1010", "--name", "key-store", "--scope", SCOPE)[0] == 0
    names = [one["name"] for one in answers(relay)["components"]]
    assert names == ["data-model", "api", "key-store"]


def test_dry_run_and_data(relay: Path, call: Call):
    before = state(relay)
    arguments = ("add-document", "1010", "--name", "key-store", "--scope", SCOPE, "--dry-run")
    code, out, _ = call(relay, *arguments)
    assert code == 0
    assert f"+++ b/{FOLDER}/key-store.md" in out
    code, out, _ = call(relay, *arguments, "--json")
    schemas.of("add-document").validate(json.loads(out))
    assert json.loads(out) == {
        "path": f"{FOLDER}/key-store.md",
        "changed": ["proposals/BEP-1010-media-relay.md", f"{FOLDER}/key-store.md", ANSWERS],
        "remarks": [],
    }
    assert state(relay) == before


# --- Removing -----------------------------------------------------------------------------------


def test_a_deleted_one_is_told_by_check_and_settled_by_sync(
    own_template: Path, repository: Path, call: Call
):
    relay = born(repository, call)
    (relay / FOLDER / "data-model.md").unlink()
    (relay / FOLDER / "migration.md").unlink()
    _, out, _ = call(relay, "check", "1010", "--all", "--format", "json")
    errors = [one["message"] for one in json.loads(out) if one["severity"] == "error"]
    assert any("./BEP-1010/data-model.md does not exist" in one for one in errors)

    code, out, said = call(relay, "sync", "1010")
    assert (code, said) == (0, "")
    assert f"{ANSWERS}:" in out
    assert [line for line in main(relay).split("\n") if line.startswith("| [")] == [
        "| [api](./BEP-1010/api.md) | API |"
    ]
    assert "detail-docs: [api.md]" in main(relay)
    now = answers(relay)
    assert now["components"] == ["api"]
    assert now["phases"] == ["Base", {"name": "Rest", "components": ["api"]}]
    assert now["migration_document"] is False
    committed(relay)

    revise(own_template, REVISIONS["section added"], "v1.1.0")
    assert call(relay, "update", "1010")[0] == 0
    assert not (relay / FOLDER / "data-model.md").exists()
    assert not (relay / FOLDER / "migration.md").exists()
    assert "data-model.md) |" not in main(relay)
    assert call(relay, "add-document", "1010", "--name", "data-model", "--scope", "New")[0] == 0


def test_sync_leaves_the_rest_of_the_answers_as_it_is(relay: Path, call: Call):
    file = relay / ANSWERS
    file.write_text(file.read_text().replace("title:", "# mine\ntitle:"))
    before = file.read_text().split("\n")
    (relay / FOLDER / "api.md").unlink()
    call(relay, "sync", "1010")
    after = file.read_text().split("\n")
    gone = [line for line in before if line not in after]
    assert gone == ["- name: api", "  depends_on:", "  - api"]
    assert "# mine" in after


def test_what_a_row_says_besides_stays(relay: Path, call: Call):
    path = relay / "proposals/BEP-1010-media-relay.md"
    path.write_text(path.read_text().replace("| Tables |", "| Tables, and why there are six |"))
    (relay / FOLDER / "data-model.md").unlink()
    _, out, errors = call(relay, "sync", "1010")
    assert "the row of data-model.md leads nowhere, but its text is nowhere else" in errors + out
    assert "why there are six" in main(relay)


# --- Bad input ----------------------------------------------------------------------------------


BAD_CALLS = [
    (("1010", "--name", "api", "--scope", "x"), f"{FOLDER}/api.md: already exists", 1),
    (("1010", "--name", "../api", "--scope", "x"), "component '../api' is not a file name", 2),
    (("1010", "--name", "01-api", "--scope", "x"), "begins with a number", 2),
    (("1010", "--name", "readme", "--scope", "x"), "the layout reserves", 2),
    (("1010", "--name", "", "--scope", "x"), "has no letter", 2),
    (("1010", "--name", "keys", "--scope", " "), "the scope is empty", 2),
    (("1010", "--name", "keys", "--scope", "a\nb"), "control character", 2),
    (("1010", "--name", "keys"), "add-document needs SCOPE", 2),
    (("1010", "--scope", "x"), "add-document needs NAME", 2),
    (
        ("1010", "--name", "keys", "--scope", "x", "--depends-on", "data"),
        "no sub-document 'data' to depend on; there are api, data-model, migration",
        2,
    ),
    (("1001", "--name", "keys", "--scope", "x"), "is one file; `bep segment` divides", 1),
    (("1099", "--name", "keys", "--scope", "x"), "the number 1099 has no document", 2),
]


def test_bad_calls_are_one_line(relay: Path, call: Call):
    before = files_of(relay)
    for arguments, said, exit_code in BAD_CALLS:
        code, out, errors = call(relay, "add-document", *arguments)
        assert said in errors
        assert (code, out, errors.count("\n")) == (exit_code, "", 1)
    assert files_of(relay) == before
