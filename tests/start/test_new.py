"""`bep new`: number, questionnaire, documents and registry row, all or nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bep.proposal import context_block, document
from tests import schemas
from tests.conftest import PAGE, Call, run_git, state
from tests.terminal import Terminal

SEGMENTED = {
    "scope": "What it covers: --> all of it",
    "jira": ["BA-1", "BA-2"],
    "github": ["#12"],
    "components": [
        {"name": "data-model", "scope": "Tables | queries"},
        {"name": "api", "depends_on": ["data-model"]},
    ],
    "phases": [{"name": "Foundation", "components": ["data-model"]}, {"name": "Migration"}],
    "subsystems": ["manager", "agent"],
    "key_constraints": ["no change of the REST API", "a: b"],
    "migration_document": True,
    "diagrams": True,
}


def new(call: Call, folder: Path, *arguments: str) -> dict[str, Any]:
    """What `bep new --json` says of the proposal it made."""
    code, out, err = call(folder, "new", *arguments, "--json")
    assert code == 0, err
    made: dict[str, Any] = json.loads(out)
    schemas.of("new").validate(made)
    return made


def refusal(call: Call, folder: Path, *arguments: str, code: int = 2) -> str:
    """What a refused call says; it must be one line and have changed nothing."""
    before = state(folder)
    got, out, err = call(folder, "new", *arguments)
    assert got == code, err
    assert out == ""
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert state(folder) == before
    return err


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def answers_of(folder: Path, number: int) -> dict[str, Any]:
    path = folder / f"proposals/.copier/.copier-answers.BEP-{number}.yml"
    read: dict[str, Any] = yaml.safe_load(path.read_text())
    return read


def refs(folder: Path) -> list[str]:
    return run_git(folder, "for-each-ref", "--format=%(refname)").split("\n")


def data_file(folder: Path, answers: dict[str, Any]) -> str:
    path = folder.parent / "answers.yml"
    path.write_text(yaml.safe_dump(answers, allow_unicode=True))
    return str(path)


# --- What is made -------------------------------------------------------------------------------


def test_one_file_a_linked_row_an_answers_file_a_claim_and_a_branch(released, call):
    repository = released
    before = files(repository)

    code, out, err = call(repository, "new", "Session Relay", "--defaults")

    assert (code, err) == (0, "")
    after = files(repository)
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {
        PAGE,
        "proposals/BEP-1006-session-relay.md",
        "proposals/.copier/.copier-answers.BEP-1006.yml",
    }
    assert changed < set(out.split())
    row = b"| [1006](BEP-1006-session-relay.md) | Session Relay | Grace B. Hopper | Draft |\n"
    assert after[PAGE].replace(row, b"") == before[PAGE]
    assert row + b"| _next_ |" in after[PAGE]
    assert refs(repository)[:2] == ["refs/bep/1006", "refs/heads/bep/1006-session-relay"]
    assert run_git(repository, "branch", "--show-current") == "bep/1006-session-relay"
    assert run_git(repository, "log", "--oneline", "main..") == ""


def test_the_document_says_what_the_repository_suggests(repository, call):
    new(call, repository, "Session Relay")

    read = document.Document((repository / "proposals/BEP-1006-session-relay.md").read_text())
    assert read.title_text == "Session Relay"
    assert read.metadata.value("author") == "Grace B. Hopper (grace@example.com)"
    assert read.metadata.value("status") == "Draft"
    assert read.metadata.value("created-version") == "26.8.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", read.metadata.value("created"))
    assert read.metadata.value("target-version") == ""


def test_the_answers_file_says_where_it_came_from(released, call, template):
    new(call, released, "Session Relay")

    answers = answers_of(released, 1006)
    assert answers["_commit"] == "v1.0.0"
    assert answers["_src_path"] == str(template)
    assert (answers["number"], answers["title"], answers["slug"]) == (
        1006,
        "Session Relay",
        "session-relay",
    )
    assert answers["jira"] == answers["components"] == []
    assert answers["estimated_lines"] == ""
    assert not [
        name for name in answers if name.startswith("_") and name not in ("_commit", "_src_path")
    ]


def test_segments_are_a_main_document_and_a_directory(released, call):
    made = new(call, released, "Session Relay", "--data-file", data_file(released, SEGMENTED))

    assert made == {
        "number": 1006,
        "title": "Session Relay",
        "author": "Grace B. Hopper",
        "status": "Draft",
        "layout": "segmented",
        "main": "proposals/BEP-1006-session-relay.md",
        "documents": [
            "proposals/BEP-1006/api.md",
            "proposals/BEP-1006/data-model.md",
            "proposals/BEP-1006/migration.md",
        ],
        "template_revision": "v1.0.0",
        "where": "bep/1006-session-relay",
    }
    assert (released / "proposals/BEP-1006/diagrams").is_dir()
    main = (released / made["main"]).read_text()
    block = re.search(r"<!-- context-for-ai.*?-->", main, re.DOTALL)
    assert block
    assert context_block.read(block[0]) == {
        "type": "master-bep",
        "scope": "What it covers: --> all of it",
        "detail-docs": ["data-model.md", "api.md", "migration.md"],
        "key-constraints": ["no change of the REST API", "a: b"],
        "key-decisions": [],
        "phases": 2,
    }
    assert "[data-model](./BEP-1006/data-model.md) | Tables \\| queries |" in main
    api = (released / "proposals/BEP-1006/api.md").read_text()
    block = re.search(r"<!-- context-for-ai.*?-->", api, re.DOTALL)
    assert block
    assert context_block.read(block[0]) == {
        "type": "detail-doc",
        "parent": "BEP-1006 (Session Relay)",
        "scope": "API",
        "depends-on": ["data-model.md"],
        "key-decisions": [],
    }


def links_of(path: Path) -> list[str]:
    return re.findall(r"\]\((\.[^)]+)\)", path.read_text())


def test_every_relative_link_leads_to_a_file(repository, call):
    new(call, repository, "Session Relay", "--data-file", data_file(repository, SEGMENTED))

    documents = sorted((repository / "proposals").rglob("*.md"))
    links = [(path, link) for path in documents for link in links_of(path)]
    assert len(links) > 6
    assert all((path.parent / link).is_file() for path, link in links)


@pytest.mark.parametrize(
    ("answers", "layout"),
    [
        (["-d", "components=a, b, c", "--layout", "single"], "single"),
        (["-d", "components=a, b, c"], "segmented"),
        (["-d", "estimated_lines=500"], "segmented"),
        (["-d", "estimated_lines=499"], "single"),
    ],
)
def test_the_guides_criteria_decide_the_layout_where_nobody_does(repository, call, answers, layout):
    new(call, repository, "Session Relay", *answers)

    assert answers_of(repository, 1006)["layout"] == layout


def test_braces_in_answers_stay_text(repository, call):
    title = "{{ number }} {% raw %} `{# x #}`"

    made = new(call, repository, title, "-d", "scope={{ 7 * 7 }}")

    text = (repository / made["main"]).read_text()
    assert "# {{ number }} {% raw %} `{# x #}`\n" in text
    assert "{{ 7 * 7 }}" in text
    assert answers_of(repository, 1006)["title"] == title


@pytest.mark.parametrize(
    "title",
    [
        "A | B",
        "- #hash: *star* _x_",
        "'quoted' \"title\"",
        "이름 — Ünïcödé " + "a" * 200,
        "true",
        "1",
    ],
)
def test_a_title_of_any_kind_makes_a_proposal(repository, call, title):
    made = new(call, repository, "--title", title)

    assert made["title"] == title
    assert answers_of(repository, 1006)["title"] == title
    assert (repository / made["main"]).is_file()


def test_jira_gets_the_projects_prefix(repository, call):
    made = new(call, repository, "Session Relay", "--jira", "4313, BA-4314")

    assert "- JIRA: BA-4313, BA-4314\n" in (repository / made["main"]).read_text()


# --- Answers ------------------------------------------------------------------------------------


def test_flags_count_before_d_and_d_before_the_data_file(repository, call):
    path = data_file(
        repository, {"title": "File", "scope": "file", "slug": "file", "layout": "segmented"}
    )

    new(call, repository, "Flag", "-d", "title=Pair", "-d", "scope=pair", "--data-file", path)

    answers = answers_of(repository, 1006)
    assert [answers[name] for name in ("title", "scope", "slug", "layout")] == [
        "Flag",
        "pair",
        "file",
        "segmented",
    ]


def test_the_title_may_stand_in_the_data_file(repository, call):
    assert (
        new(call, repository, "--data-file", data_file(repository, {"title": "Told"}))["title"]
        == "Told"
    )


def test_numbers_and_dates_in_a_data_file_are_read_as_they_are_meant(repository, call):
    path = repository.parent / "answers.yml"
    path.write_text(
        "created: 2026-02-07\ncreated_version: 26.1.0\ngithub: 1234\njira: [4313]\n"
        "estimated_lines: 700\nphases: [1, 2]\n"
    )

    made = new(call, repository, "Session Relay", "--data-file", str(path))

    text = (repository / made["main"]).read_text()
    assert "Created: 2026-02-07\n" in text
    assert "- JIRA: BA-4313\n- GitHub: #1234\n" in text
    assert made["layout"] is not None
    assert answers_of(repository, 1006)["created"] == "2026-02-07"
    assert answers_of(repository, 1006)["layout"] == "segmented"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("number: 01046", ""),
        ("estimated_lines: 0500", "estimated_lines: '0500' is not a number of lines, such as 300"),
        ("estimated_lines: 1:30", "estimated_lines: '1:30' is not a number of lines, such as 300"),
        ("jira: 0100", "jira: '0100' is not an issue key, such as BA-1234"),
        ("diagrams: maybe", "diagrams: 'maybe' is neither true nor false"),
        ("status: Bogus", "status: status 'Bogus' is unknown; use one of Draft, "),
    ],
)
def test_an_answer_is_never_taken_for_another_one(repository, call, written, said):
    path = repository.parent / "answers.yml"
    path.write_text(f"title: Told\n{written}\n")

    code, out, err = call(repository, "new", "--dry-run", "--data-file", str(path))

    assert (code, said in err) == (2 if said else 0, True)
    assert said or "BEP-1046-told.md" in out


def test_printed_answers_are_a_data_file_that_gives_the_same_documents(repository, call):
    given = ["Session Relay", "-d", "components=data-model, api", "-d", "subsystems=a, b"]
    code, out, err = call(repository, "new", *given, "--print-answers")
    assert (code, err) == (0, "")
    untouched = run_git(repository, "status", "--porcelain")
    (repository.parent / "printed.yml").write_text(out)

    new(call, repository, *given)
    first = files(repository)
    run_git(repository, "switch", "--quiet", "--force", "main")
    run_git(repository, "branch", "--quiet", "-D", "bep/1006-session-relay")
    run_git(repository, "update-ref", "-d", "refs/bep/1006")
    run_git(repository, "clean", "--quiet", "--force", "-d")
    new(call, repository, "--data-file", str(repository.parent / "printed.yml"))

    assert untouched == ""
    assert files(repository) == first


def test_printed_answers_name_every_question_with_a_comment(repository, call):
    _, out, _ = call(repository, "new", "--print-answers")

    assert "\ntitle: ''\n" in out
    for name in ("scope", "jira", "components", "phases", "layout", "number", "slug", "created"):
        assert re.search(rf"^#.*\n(?:# )?{name}:", out, re.MULTILINE), name
    assert "\n# number: 1006\n" in out
    for name in ("issue_prefix", "skills", "adopted"):
        assert f"{name}:" not in out


def test_printed_answers_leave_the_scope_to_the_title(repository, call):
    _, out, _ = call(repository, "new", "--print-answers")
    path = repository.parent / "printed.yml"
    path.write_text(out.replace("\ntitle: ''\n", "\ntitle: Session Relay\n"))

    new(call, repository, "--data-file", str(path))

    assert answers_of(repository, 1006)["scope"] == "Session Relay"


def test_without_a_terminal_it_never_waits(repository, bep):
    done = bep(repository, "new", "Session Relay")

    assert done.returncode == 0, done.stderr
    assert "BEP-1006" in done.stdout


def test_without_a_title_and_a_terminal_it_is_refused(repository, call):
    assert "title" in refusal(call, repository)
    assert "title" in refusal(call, repository, "--defaults")


BAD = [
    (["T", "-d", "colour=red"], "'colour'"),
    (["T", "-d", "colour"], "'colour'"),
    (["T", "--layout", "registry"], "'registry' is that of the process page; `bep init` makes it"),
    (["T", "--number", "abc"], "'abc'"),
    (["T", "-d", "number=abc"], "'abc'"),
    (["T", "--number", "1001"], "1001"),
    (["T", "--number", "1005"], "Relay in Sessions"),
    (["T", "--layout", "both"], "'both'"),
    (["T", "--jira", "x y"], "'x y'"),
    (["T", "-d", "components=[{"], "[{"),
    (["two\nlines"], "U+000A"),
    (["  "], "title"),
    (["T", "--template", "/nowhere"], "/nowhere"),
    (["T", "--data-file", "nowhere.yml"], "nowhere.yml"),
    (["T", "--data-file", "."], "."),
    (["T", "--number"], "--number"),
    (["T", "extra"], "'extra'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "named"), BAD)
def test_what_cannot_be_meant_is_refused_in_one_line(repository, call, arguments, named):
    assert named in refusal(call, repository, "--defaults", *arguments)


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title: x\nscope: [\n", "answers.yml:3: "),
        (b"title: x\n  scope: y\n", "answers.yml:2: "),
        (b"- title\n", "answers.yml:1: "),
        (b"title: \xff\n", "answers.yml: "),
        (b"title: x\n\ttab: y\n", "answers.yml:2: "),
        (b"title: [x]\n", "title"),
        (b"title: x\ncolour: red\n", "'colour'"),
        (b"title: x\nnumber: 1001\n", "1001"),
        (b"title: x\ncomponents: 7-up\n", "7-up"),
        (b"title: x\ncomponents: {a: b}\n", "components"),
        (b"title: x\nslug: [a]\n", "slug"),
        (b"title: x\nproposals: ../up\n", "../up"),
    ],
)
def test_a_data_file_that_cannot_be_meant_is_refused_with_its_place(
    repository, call, content, said
):
    path = repository.parent / "answers.yml"
    path.write_bytes(content)

    assert said in refusal(call, repository, "--data-file", str(path))


# --- Which number -------------------------------------------------------------------------------


def test_on_a_branch_made_by_reserve_its_number_and_title_are_taken_up(repository, call):
    call(repository, "reserve", "Session Relay")

    made = new(call, repository)

    assert (made["number"], made["title"]) == (1006, "Session Relay")
    assert "| 1006 |" not in (repository / PAGE).read_text()
    assert (repository / PAGE).read_text().count("[1006](BEP-1006-session-relay.md)") == 1
    assert refs(repository) == [
        "refs/bep/1006",
        "refs/heads/bep/1006-session-relay",
        "refs/heads/main",
    ]


@pytest.mark.parametrize("options", [[], ["--no-branch"]])
def test_the_author_for_whom_a_number_is_reserved_is_the_default(repository, call, options):
    call(repository, "reserve", "Session Relay", "--author", "Ada Lovelace", *options)

    new(call, repository, *(["--number", "1006"] if options else []))

    answers = answers_of(repository, 1006)
    assert answers["author_name"] == "Ada Lovelace"
    assert answers["author_email"] == "ada@example.com"
    assert "| Session Relay | Ada Lovelace |" in (repository / PAGE).read_text()


def test_the_address_is_never_that_of_another_author(repository, call):
    call(repository, "reserve", "Session Relay", "--author", "Somebody New")
    new(call, repository)
    assert answers_of(repository, 1006)["author_email"] == ""

    run_git(repository, "switch", "--quiet", "main")
    call(repository, "reserve", "Other", "--author", "Ada Lovelace")
    new(call, repository, "-d", "author_name=Grace B. Hopper")
    assert answers_of(repository, 1007)["author_email"] == "grace@example.com"


@pytest.mark.parametrize("title", ["Use *stars* | `a|b` \\ <b>", "snake_case_ & `code`"])
def test_a_title_comes_back_from_the_row_as_it_was_given(repository, call, title):
    call(repository, "reserve", title)
    run_git(repository, "update-ref", "-d", "refs/bep/1006")  # as on a colleague's machine

    made = new(call, repository)

    assert made["title"] == title
    assert answers_of(repository, 1006)["title"] == title


def test_the_title_may_be_given_another_wording_on_its_branch(repository, call):
    call(repository, "reserve", "Session Relay")

    made = new(call, repository, "Relay of Sessions")

    assert (made["number"], made["title"]) == (1006, "Relay of Sessions")


def test_on_the_branch_of_another_reservation_the_title_has_its_own_number(repository, call):
    call(repository, "reserve", "Session Relay")
    call(repository, "reserve", "Event Archive")

    made = new(call, repository, "Event Archive")

    assert (made["number"], made["title"]) == (1007, "Event Archive")


def test_a_branch_made_by_hand_gives_its_row(repository, call):
    run_git(repository, "switch", "--quiet", "--create", "bep/1005-relay")

    made = new(call, repository)

    assert (made["number"], made["title"]) == (1005, "Relay in Sessions")


def test_elsewhere_the_same_title_takes_the_number_that_waits_for_it(repository, call):
    call(repository, "reserve", "Session Relay", "--no-branch")
    call(repository, "reserve", "Other", "--no-branch")

    assert new(call, repository, "session relay")["number"] == 1006
    assert run_git(repository, "branch", "--show-current") == "bep/1006-session-relay"


def test_a_number_can_be_given(repository, call):
    made = new(call, repository, "Relay in Sessions", "--number", "BEP-1005")

    assert made["number"] == 1005


def test_somebody_elses_reservation_is_refused(repository, call):
    call(repository, "reserve", "Theirs", "--author", "Ada Lovelace", "--no-branch")

    assert "Theirs" in refusal(call, repository, "Mine", "--number", "1006")


@pytest.mark.parametrize("place", ["elsewhere", "no commit", "detached"])
def test_it_stays_or_switches_as_reserve_does(repository, call, place):
    if place == "elsewhere":
        run_git(repository, "switch", "--quiet", "--create", "feature/x")
    elif place == "no commit":
        run_git(repository, "checkout", "--quiet", "--orphan", "start")
        run_git(repository, "branch", "--quiet", "-D", "main")
    else:
        run_git(repository, "checkout", "--quiet", "--detach")

    code, out, _ = call(repository, "new", "Session Relay", "--defaults")

    assert code == 0
    branch = {"elsewhere": "feature/x", "no commit": "start", "detached": "bep/1006-session-relay"}
    assert run_git(repository, "branch", "--show-current") == branch[place]
    assert ("Switched" if place == "detached" else "Stayed") in out


# --- All or nothing -----------------------------------------------------------------------------


def test_a_dry_run_is_a_diff_that_gives_the_same_files(released, call):
    repository = released
    given = ["Session Relay", "--data-file", data_file(repository, SEGMENTED)]
    before = state(repository)
    code, out, err = call(repository, "new", *given, "--dry-run")
    assert (code, err) == (0, "")
    assert state(repository) == before
    diff = repository.parent / "plan.diff"
    diff.write_text(out)

    new(call, repository, *given)
    made = files(repository)
    run_git(repository, "switch", "--quiet", "--force", "main")
    run_git(repository, "clean", "--quiet", "--force", "-d")
    run_git(repository, "apply", str(diff))

    assert "proposals/BEP-1006/diagrams/.gitkeep" in made, "an empty file is in the plan too"
    assert files(repository) == made


@pytest.mark.parametrize("ending", ["\r\n", "no last line ending"])
def test_a_dry_run_is_exact_for_other_line_endings(repository, call, ending):
    page = (repository / PAGE).read_bytes()
    if ending == "\r\n":
        (repository / PAGE).write_bytes(page.replace(b"\n", b"\r\n"))
    else:
        (repository / PAGE).write_bytes(page.partition(b"\n\n## Files")[0])
    run_git(repository, "commit", "--quiet", "--all", "--message=Endings")
    _, out, _ = call(repository, "new", "Session Relay", "--dry-run")
    (repository.parent / "plan.diff").write_bytes(out.encode())

    new(call, repository, "Session Relay")
    made = (repository / PAGE).read_bytes()
    run_git(repository, "switch", "--quiet", "--force", "main")
    run_git(repository, "clean", "--quiet", "--force", "-d")
    run_git(repository, "apply", str(repository.parent / "plan.diff"))

    assert (repository / PAGE).read_bytes() == made


def test_where_the_answers_file_cannot_be_written_nothing_is_made(repository, call):
    """The folder of answers files is a file: found out last, when all else is in place."""
    (repository / "proposals/.copier").write_text("in the way")

    text = refusal(call, repository, "Session Relay", "--defaults")

    assert "proposals/.copier" in text


def test_where_a_document_cannot_be_written_nothing_is_made(repository, call):
    (repository / "proposals/BEP-1006").write_text("in the way")

    text = refusal(
        call, repository, "Session Relay", "--number", "1006", "--layout", "segmented",
        "-d", "components=api",
    )  # fmt: skip

    assert "proposals/BEP-1006" in text


def test_a_document_that_exists_is_not_overwritten(repository, call):
    (repository / "proposals/BEP-1006").mkdir()
    (repository / "proposals/BEP-1006/api.md").write_text("by hand")

    text = refusal(
        call, repository, "Session Relay", "--number", "1006", "--layout", "segmented",
        "-d", "components=api",
    )  # fmt: skip

    assert "proposals/BEP-1006/api.md" in text


@pytest.mark.parametrize(
    ("page", "code", "named"),
    [
        (None, 2, "bep init"),
        ("# No table\n", 1, "the registry table is missing"),
        ("{page}<<<<<<< HEAD\n", 1, f"{PAGE}:26: "),
        ("{page}", 2, "title"),
    ],
)
def test_a_registry_that_cannot_be_used_is_refused_before_anything_is_asked(
    repository, call, page, code, named
):
    if page is None:
        (repository / PAGE).unlink()
    else:
        (repository / PAGE).write_text(page.format(page=(repository / PAGE).read_text()))

    assert named in refusal(call, repository, code=code)


def test_another_templates_answers_file_at_the_root_does_not_leak_in(repository, call):
    (repository / ".copier-answers.yml").write_text(
        "_commit: v9\n_src_path: gh:other/template\ntitle: Leaked\nauthor_name: Leaked\n"
        "scope: leaked\nlayout: segmented\nproposals: leaked\nslug: leaked\n"
    )

    made = new(call, repository, "Session Relay")

    assert made["main"] == "proposals/BEP-1006-session-relay.md"
    assert "eaked" not in str(answers_of(repository, 1006))


def test_a_proposals_folder_of_ones_own_and_no_version_file(repository, call, template):
    (repository / "proposals").rename(repository / "docs")
    (repository / "VERSION").unlink()
    (repository / "invoke.yaml").write_text(
        f"bep:\n  template: {template}\n  proposals: docs\n  issue_prefix: CORE\n"
    )
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Settings")

    made = new(call, repository, "Session Relay", "--jira", "7")

    text = (repository / "docs/BEP-1006-session-relay.md").read_text()
    assert made["main"] == "docs/BEP-1006-session-relay.md"
    assert "- JIRA: CORE-7\n" in text
    assert "\nCreated-Version:\n" in text


def test_json_is_one_document_and_nothing_else(repository, bep):
    done = bep(repository, "new", "Session Relay", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["number"] == 1006
    assert done.stdout.startswith("{")


@pytest.mark.parametrize("other", ["--dry-run", "--print-answers"])
def test_what_is_no_json_is_not_printed_for_json(repository, call, other):
    code, out, err = call(repository, "new", "Session Relay", "--json", other)

    assert (code, out) == (2, "")
    assert err.startswith(f"bep: {other} ")


def test_two_proposals_one_after_the_other_get_two_numbers(repository, call):
    assert new(call, repository, "First")["number"] == 1006
    assert new(call, repository, "Second")["number"] == 1007


# --- On a terminal ------------------------------------------------------------------------------


def typed(person: Terminal, *lines: tuple[str, str]) -> None:
    for question, line in lines:
        person.wait_for(question)
        person.type(f"{line}\r")


ACCEPT = ("Enter makes it", "")


def test_on_a_terminal_it_asks_for_what_matters_and_shows_all(repository):
    person = Terminal(repository, "new", "Session Relay")
    typed(
        person,
        ("1/6 Scope [Session Relay] > ", "Session Relay and more"),
        ("2/6 JIRA issues > ", "4313"),
        ("3/6 Lines > ", "700"),
        ("4/6 Components > ", "Data Model, api"),
        ("5/6 Phases > ", "Foundation"),
        ("6/6 Subsystems > ", ""),
    )
    person.wait_for("Author           Grace B. Hopper")
    typed(person, ACCEPT)

    assert person.end() == 0, person.shown
    answers = answers_of(repository, 1006)
    assert answers["scope"] == "Session Relay and more"
    assert answers["components"] == ["data-model", "api"]
    assert answers["layout"] == "segmented"
    assert (repository / "proposals/BEP-1006/api.md").is_file()
    assert "- JIRA: BA-4313\n" in (repository / "proposals/BEP-1006-session-relay.md").read_text()


def test_a_question_of_the_template_without_a_default_is_asked(repository, checkout, tmp_path):
    template = tmp_path / "template"
    shutil.copytree(checkout, template)
    questions = template / "copier.yml"
    text = questions.read_text()
    more = "priority:\n  type: str\n  help: |-\n    Priority: how urgent.\n\nkey_constraints:\n"
    questions.write_text(text.replace("key_constraints:\n", more, 1))
    given = ["-d", "scope=x", "-d", "components=", "-d", "phases=", "--layout", "single"]
    person = Terminal(
        repository, "new", "Session Relay", "--jira", "1", *given, "--template", str(template)
    )

    typed(
        person,
        ("1/1 Priority > ", ""),
        ("this needs an answer", "high"),
        ACCEPT,
    )

    assert person.end() == 0, person.shown
    assert answers_of(repository, 1006)["priority"] == "high"


def test_what_is_typed_is_taken_also_where_the_locale_has_no_such_letters(repository, call):
    assert call(repository, "reserve", "세션 릴레이")[0] == 0
    person = Terminal(repository, "new", LC_ALL="C")
    typed(
        person,
        ("Title [세션 릴레이] > ", ""),
        ("Scope [세션 릴레이] > ", "릴레이 전부"),
        ("JIRA issues > ", ""),
    )
    person.wait_for("> ")
    person.type("\x04")

    assert person.end() == 2, person.shown
    assert "\nbep: the answers are kept" in person.shown.replace("\r", "")
    person = Terminal(repository, "new", "--resume", "--defaults")
    assert person.end() == 0, person.shown
    assert answers_of(repository, 1006)["scope"] == "릴레이 전부"


def test_an_answer_that_the_encoding_lacks_is_refused_and_asked_again(repository):
    person = Terminal(repository, "new", PYTHONIOENCODING="cp1252")
    typed(person, ("Title > ", "“Relay”"), ("Title", "Relay"))
    person.wait_for("Scope [Relay]")
    person.type("\x03")
    person.end()

    assert "Traceback" not in person.shown


@pytest.fixture
def renaming_template(checkout, tmp_path):
    """A template whose guide names the document of the migration otherwise than the tool's."""
    folder = tmp_path / "template"
    shutil.copytree(checkout, folder)
    guide = folder / "guide.yml"
    guide.write_text(guide.read_text().replace("file: migration.md", "file: rollout.md"))
    return folder


def test_a_file_that_only_this_template_writes_is_not_overwritten(
    repository, call, renaming_template
):
    file = repository / "proposals/BEP-1006/rollout.md"
    file.parent.mkdir()
    file.write_text("An author's text.\n")
    before = state(repository)

    code, out, err = call(
        *(repository, "new", "Session Relay", "--defaults", "--template", str(renaming_template)),
        *("--number", "1006", "-d", "layout=segmented", "-d", "migration_document=true"),
    )

    assert (code, out) == (2, "")
    assert "proposals/BEP-1006/rollout.md: exists already; move it away" in err
    assert state(repository) == before


def test_a_component_cannot_have_a_file_that_this_template_names(
    repository, call, renaming_template
):
    calls = ["new", "Session Relay", "--defaults", "--template", str(renaming_template)]

    code, _, err = call(repository, *calls, "-d", "components=rollout,api,web")
    assert code == 2
    assert "component 'rollout' is a name that the layout reserves" in err

    call(repository, *calls, "-d", "components=migration,api,web")
    index = (repository / "proposals/BEP-1006-session-relay.md").read_text()
    assert "[migration](./BEP-1006/migration.md)" in index


def test_one_can_ask_for_help_go_back_correct_and_empty(repository):
    person = Terminal(repository, "new")
    typed(
        person,
        ("1/7 Title > ", ""),
        ("must not be empty", "Session Relay"),
        ("2/7 Scope [Session Relay] > ", "?"),
        ("Example: ", "Sessions"),
        ("3/7 JIRA issues > ", "nonsense"),
        ("BA-", "4313"),
        ("4/7 Lines > ", "<"),
        ("3/7 JIRA issues [4313] > ", "-"),
        ("4/7 Lines > ", "<"),
        ("3/7 JIRA issues > ", "<"),
        ("2/7 Scope [Sessions] > ", ""),
        ("3/7 JIRA issues > ", ""),
        ("4/7 Lines > ", ""),
        ("5/7 Components > ", ""),
        ("6/7 Phases > ", ""),
        ("7/7 Subsystems > ", ""),
        ACCEPT,
    )

    assert person.end() == 0, person.shown
    answers = answers_of(repository, 1006)
    assert (answers["title"], answers["scope"], answers["jira"]) == (
        "Session Relay",
        "Sessions",
        [],
    )


def test_every_answer_can_be_changed_before_it_is_accepted(repository):
    given = ["--jira", "1", "-d", "scope=x", "-d", "components=", "-d", "phases="]
    person = Terminal(repository, "new", "Session Relay", "--layout", "single", *given)
    typed(
        person,
        ("Enter makes it", "colour"),
        ("'colour' is not in the list", "file name"),
        ("File name [session-relay] > ", "session-relay-of-mine"),
        ("Enter makes it", "1"),
        ("Number [1006] > ", "1001"),
        ("1001 is taken; 1006 is free", "1009"),
        ("Enter makes it", "layout"),
        ("2 ", "2"),
        ("Enter makes it", "migration plan"),
        ("Migration plan [no] > ", "yes"),
        ACCEPT,
    )

    assert person.end() == 0, person.shown
    assert (repository / "proposals/BEP-1009-session-relay-of-mine.md").is_file()
    assert (repository / "proposals/BEP-1009/migration.md").is_file()
    assert "Segmented; the guide recommends One file: no criterion for" in person.shown


def test_control_c_at_a_question_changes_nothing_and_keeps_the_answers(repository, call):
    before = state(repository)
    person = Terminal(repository, "new", "Session Relay")
    typed(person, ("1/6 Scope", "Sessions of all kinds"), ("2/6 JIRA", "4313"))
    person.wait_for("3/6 Lines")
    person.interrupt()

    assert person.end() == 2
    assert "Traceback" not in person.shown
    assert "nothing was changed" in person.shown
    assert "`bep new --resume` continues with them" in person.shown
    assert state(repository) == before

    person = Terminal(repository, "new", "--resume")
    typed(
        person,
        ("1/4 Lines > ", ""),
        ("2/4 Components > ", ""),
        ("3/4 Phases > ", ""),
        ("4/4 Subsystems > ", ""),
        ACCEPT,
    )
    assert person.end() == 0, person.shown
    answers = answers_of(repository, 1006)
    assert (answers["title"], answers["scope"]) == ("Session Relay", "Sessions of all kinds")
    assert answers["jira"] == ["4313"]
    assert "there are no answers" in refusal(call, repository, "--resume")


def test_a_number_alone_has_the_title_for_which_it_is_reserved(repository, call):
    call(repository, "reserve", "Session Relay", "--no-branch")

    assert call(repository, "new", "--number", "1006", "--defaults")[0] == 0

    assert (repository / "proposals/BEP-1006-session-relay.md").is_file()
    assert call(repository, "new", "--number", "1001", "--defaults")[0] == 2


def test_an_empty_slug_makes_no_document(repository, call):
    there = state(repository)

    code, _, err = call(repository, "new", "Session Relay", "--defaults", "-d", "slug=")

    said = "bep: the answer 'slug' is empty; leave it out to derive it from the title\n"
    assert (code, err) == (2, said)
    assert state(repository) == there
