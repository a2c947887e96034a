"""`bep list`: the registry with what the documents say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import schemas
from tests.conftest import CORPUS, PAGE, Call, copy_repository, run_git
from tests.histories import Commit, ago, day, main, write

SCHEMA = schemas.of("list")


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A repository with the real proposals."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    shutil.copytree(CORPUS / "proposals", tmp_path / "proposals")
    run_git(tmp_path, "init", "--quiet")
    return tmp_path


def listed(call: Call, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = call(folder, "list", *arguments, "--json")
    assert (code, err) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)
    SCHEMA.validate(found)
    return found


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [one["number"] for one in found]


# --- What it says -------------------------------------------------------------------------------


def test_the_list_is_a_table_of_all_numbers(repository, call):
    code, out, err = call(repository, "list")

    assert (code, err) == (0, "")
    rows = [re.split(r"  +", line) for line in out.splitlines()]
    assert rows[0] == ["Number", "Status", "Layout", "Author", "Where", "Title"]
    assert ["1001", "Accepted", "single", "Ada Lovelace", "main", "Event Journal"] in rows
    assert ["1002", "Draft", "single", "Grace B. Hopper", "main", "Quota Ledger"] in rows
    assert ["1005", "Draft", "Edsger Dijkstra", "reserved", "Relay in Sessions"] in rows
    assert "_next_" not in out
    assert "4711" not in out


def test_people_see_the_main_branch_by_its_name(repository, call):
    run_git(repository, "branch", "--move", "main", "develop")

    assert re.search(r"^1001 .*  develop  ", call(repository, "list")[1], re.MULTILINE)
    assert listed(call, repository, "1001")[0]["where"] == "main"


def test_json_has_the_documented_keys_and_null_where_nothing_is_known(repository, call):
    found = listed(call, repository)

    assert numbers(found) == [1001, 1002, 1003, 1005]
    assert found[0] == {
        "number": 1001,
        "title": "Event Journal",
        "author": "Ada Lovelace",
        "status": "Accepted",
        "layout": "single",
        "main": "proposals/BEP-1001-event-journal.md",
        "documents": [],
        "template_revision": None,
        "where": "main",
    }
    assert found[3] == {
        "number": 1005,
        "title": "Relay in Sessions",
        "author": "Edsger Dijkstra",
        "status": "Draft",
        "layout": None,
        "main": None,
        "documents": [],
        "template_revision": None,
        "where": "reserved",
    }


def test_the_documents_author_and_status_count_before_the_rows(repository, call):
    path = repository / "proposals/BEP-1002-quota-ledger.md"
    path.write_text(path.read_text().replace("Status: Draft", "Status: Implemented"))

    entry = listed(call, repository, "1002")[0]

    assert (entry["author"], entry["status"]) == ("Grace B. Hopper", "Implemented")


@pytest.mark.parametrize(
    "link", ["./BEP-1001-event-journal.md", "/proposals/BEP-1001-event-journal.md"]
)
def test_a_row_may_link_its_document_by_any_path(repository, call, link):
    page = repository / PAGE
    row = "| [1001](BEP-1001-event-journal.md) | Event Journal |"
    text = page.read_text()
    assert row in text
    page.write_text(text.replace(row, f"| [1001]({link}) | Journal of Events |"))

    (entry,) = json.loads(call(repository, "list", "1001", "--json")[1])
    (found,) = json.loads(call(repository, "search", "Journal of Events", "--json")[1])[:1]

    assert entry["title"] == found["title"] == "Journal of Events"


def test_a_document_without_row_is_listed_by_its_own_words(repository, call):
    (repository / "proposals/BEP-1004-by-hand.md").write_text(
        "---\nAuthor: Ada (a@b.c), Grace (g@h.i)\nStatus: Rejected\n---\n\n# By Hand\n"
    )

    found = listed(call, repository)

    assert numbers(found) == [1001, 1002, 1003, 1004, 1005]
    assert found[3] == {
        "number": 1004,
        "title": "By Hand",
        "author": "Ada",
        "status": "Rejected",
        "layout": "single",
        "main": "proposals/BEP-1004-by-hand.md",
        "documents": [],
        "template_revision": None,
        "where": "main",
    }


def test_an_empty_document_is_listed(repository, call):
    (repository / "proposals/BEP-1010-empty.md").write_bytes(b"")

    found = listed(call, repository, "1010")

    assert [(one["title"], one["author"], one["status"]) for one in found] == [
        ("Empty", None, None)
    ]


def test_json_stays_json_whatever_a_document_holds(repository):
    (repository / "proposals/BEP-1011-odd.md").write_bytes(b"---\r\nStatus: \xff\r\n---\r\n\0")

    done = subprocess.run(
        [sys.executable, "-m", "bep", "list", "1011", "--json"],
        cwd=repository,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode())[0]["number"] == 1011


def test_two_documents_with_one_number_are_two_entries(repository, call):
    (repository / "proposals/BEP-1002-other.md").write_text("# Other\n")

    found = listed(call, repository, "1002")

    assert [one["main"] for one in found] == [
        "proposals/BEP-1002-other.md",
        "proposals/BEP-1002-quota-ledger.md",
    ]
    titles = {one["main"].rpartition("/")[2]: one["title"] for one in found}
    assert titles == {
        "BEP-1002-other.md": "Other",
        "BEP-1002-quota-ledger.md": "Quota Ledger",
    }, "the row belongs to the document that it links"


def test_sub_documents_make_it_segmented_and_images_do_not(repository, call):
    for name in ("BEP-1001/b.md", "BEP-1001/a.md", "BEP-1001/x.png", "BEP-1002/y.svg"):
        (repository / "proposals" / name).parent.mkdir(exist_ok=True)
        (repository / "proposals" / name).write_text("x\n")

    found = listed(call, repository)

    assert [one["layout"] for one in found[:2]] == ["segmented", "single"]
    assert found[0]["documents"] == ["proposals/BEP-1001/a.md", "proposals/BEP-1001/b.md"]


@pytest.mark.parametrize(
    ("content", "revision"),
    [
        ("_commit: v1.2.0\n", "v1.2.0"),
        ("_commit: 1.0\n", "1.0"),
        ("title: x\n", None),
        ("[\n", None),
        ("", None),
        ("- x\n", None),
    ],
)
def test_the_revision_is_the_answers_files(repository, call, content, revision):
    (repository / "proposals/.copier").mkdir()
    (repository / "proposals/.copier/.copier-answers.BEP-1001.yml").write_text(content)

    assert listed(call, repository, "1001")[0]["template_revision"] == revision


# --- Which are listed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1002", [1002]),
        ("BEP-1002", [1002]),
        ("bep-1002", [1002]),
        ("1001,1005", [1001, 1005]),
        ("1005, 1001", [1001, 1005]),
        ("1002-1004", [1002, 1003]),
        ("BEP-1002-BEP-1004", [1002, 1003]),
        ("1001,1003-1099", [1001, 1003, 1005]),
        ("1001,1001", [1001]),
        ("proposals/BEP-1002-quota-ledger.md", [1002]),
        ("proposals/BEP-1001/data-model.md", [1001]),
        ("BEP-1001/", [1001]),
        ("./proposals/BEP-1001-event-journal.md,1005", [1001, 1005]),
    ],
)
def test_numbers_lists_ranges_and_paths(repository, call, number, expected):
    assert numbers(listed(call, repository, number)) == expected
    assert numbers(listed(call, repository, "--number", number)) == expected


@pytest.mark.parametrize(
    "number",
    ["1004", "1006-1009", "1005-1001", "x", "README.md", "1001,x", "1001-", "-", "1001;1002"],
)
def test_a_number_that_is_none_is_refused(repository, call, number):
    code, out, err = call(repository, "list", f"--number={number}")

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: [^\n]+\n", err)
    assert number.removeprefix("1001,") in err


@pytest.mark.parametrize(
    ("status", "expected"), [("Draft", [1002, 1005]), ("accepted", [1001]), ("Rejected", [])]
)
def test_a_status_selects(repository, call, status, expected):
    assert numbers(listed(call, repository, "--status", status)) == expected


def test_number_and_status_both_select(repository, call):
    assert numbers(listed(call, repository, "1001-1003", "--status", "Draft")) == [1002]


def test_an_unknown_status_is_refused(repository, call):
    code, out, err = call(repository, "list", "--status", "done")

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: [^\n]*'done'[^\n]*Draft[^\n]*\n", err)


# --- Where it works -----------------------------------------------------------------------------


def test_it_changes_nothing_and_needs_no_template(repository, call):
    (repository / "invoke.yaml").write_text("bep:\n  template: gh:nobody/nowhere\n")
    before = run_git(repository, "status", "--porcelain", "--ignored", "-uall")

    code, _, _ = call(repository, "list")

    assert code == 0
    assert run_git(repository, "status", "--porcelain", "--ignored", "-uall") == before
    assert not (repository / ".git" / "bep").exists()


def test_an_empty_registry_is_an_empty_list(repository, call):
    for path in (repository / "proposals").glob("BEP-*.md"):
        path.unlink()
    (repository / "proposals/README.md").write_text(
        "| Number | Title | Author | Status |\n|---|---|---|---|\n"
    )

    assert listed(call, repository) == []
    code, out, err = call(repository, "list")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["Number  Status  Layout  Author  Where  Title"]


def test_the_blank_document_is_not_listed(repository, call):
    (repository / "proposals/BEP-0000-template.md").write_text("# Title\n")

    assert numbers(listed(call, repository)) == [1001, 1002, 1003, 1005]


def test_the_real_proposals_are_listed(real, call):
    found = listed(call, real)

    documents = sorted(path.name for path in (real / "proposals").glob("BEP-1*.md"))
    assert sorted(one["main"].rpartition("/")[2] for one in found if one["main"]) == documents
    assert numbers(found) == sorted(numbers(found))
    assert {one["layout"] for one in found} == {"single", "segmented", "tech-spec", None}
    assert all(one["title"] for one in found)
    assert numbers(found).count(1026) == 2
    by_number = {one["number"]: one for one in found}
    assert len(by_number[1046]["documents"]) == 5
    assert by_number[1002]["layout"] == "single", "its directory holds images only"


# --- Order, authors, changes --------------------------------------------------------------------

ROWS = {
    1001: ("Relay", "Ada Lovelace", "Accepted"),
    1002: ("Äther", "Grace Hopper", "Draft"),
    1003: ("beacon", "ada byron", "draft"),
    1004: ("Clock", "Edsger Dijkstra", "Rejected"),
    1005: ("Anchor", "Edsger Dijkstra", "Draft"),
}


def written(number: int, more: str = "") -> str:
    """A document of the proposals of `aged`."""
    title, author, status = ROWS[number]
    co_author = ", Alan Turing (alan@example.com)" if number == 1004 else ""
    return f"---\nAuthor: {author} (a@b.c){co_author}\nStatus: {status}\n---\n\n# {title}\n{more}"


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory, _world: None) -> Path:
    """A repository with proposals of several ages and statuses, one of them only reserved."""
    head = "# P\n\n## BEP Number Registry\n\n| Number | Title | Author | Status |\n|-|-|-|-|\n"
    rows = [f"| {n} | {t} | {a} | {s} |\n" for n, (t, a, s) in ROWS.items()]
    questions = "\n## Open Questions\n\n- How long?\n"
    return write(
        tmp_path_factory.mktemp("aged") / "repository",
        [
            Commit(ago(400), {PAGE: head + "".join(rows)}),
            Commit(ago(300), {main(1002): written(1002).replace("Äther", "Ether")}),
            Commit(ago(200), {main(1001): written(1001).replace("Accepted", "Draft")}),
            Commit(ago(100), {main(1003): written(1003, questions)}),
            Commit(ago(50), {main(1001): written(1001)}),
            Commit(ago(40), {main(1002): written(1002, questions)}),
            Commit(ago(20), {main(1004): written(1004)}),
        ],
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("number", [1001, 1002, 1003, 1004, 1005]),
        ("title", [1005, 1003, 1004, 1001, 1002]),
        ("AUTHOR", [1003, 1001, 1004, 1005, 1002]),
        ("status", [1002, 1003, 1005, 1001, 1004]),
        ("created", [1004, 1003, 1001, 1002, 1005]),
        ("changed", [1004, 1002, 1001, 1003, 1005]),
    ],
)
def test_the_list_has_the_order_that_is_asked_for(aged, call, order, expected):
    assert numbers(listed(call, aged, "--sort", order)) == expected


def test_an_order_that_there_is_not_is_answered_with_the_nearest(aged, call):
    code, out, err = call(aged, "list", "--sort", "chnged")

    assert (code, out) == (2, "")
    assert err == (
        "bep: unknown order 'chnged'; did you mean 'changed'? use one of number, title, author,"
        " status, created, changed\n"
    )


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("ada", [1001, 1003]),
        ("ADA  LOVE", [1001]),
        ("alan", [1004]),
        ("alan@example.com", [1004]),
        ("dijkstra", [1004, 1005]),
        ("nobody", []),
    ],
)
def test_proposals_of_an_author(aged, call, author, expected):
    assert numbers(listed(call, aged, "--author", author)) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("30d", [1004]),
        ("6w", [1002, 1004]),
        ("50d", [1002, 1004]),
        ("51d", [1001, 1002, 1004]),
        ("2001-01-31", [1001, 1002, 1003, 1004]),
        ("2999-01-31", []),
        (f"{day(ago(45)):%Y-%m-%d}", [1002, 1004]),
    ],
)
def test_proposals_that_changed_since_a_date_or_an_age(aged, call, since, expected):
    assert numbers(listed(call, aged, "--since", since)) == expected


@pytest.mark.parametrize(
    "since", ["yesterday", "2026-02-30", "30", "d", "-3d", "99999999d", "main"]
)
def test_another_date_is_refused_in_one_line(aged, call, since):
    code, out, err = call(aged, "list", f"--since={since}")

    assert (code, out) == (2, "")
    assert err == (
        f"bep: --since {since!r} is not a date; write one such as 2026-01-31, or an age such as 30d"
        " or 6w\n"
    )


# --- Times --------------------------------------------------------------------------------------

# For how many days the proposals have been there.
AGES = {1001: 200, 1002: 300, 1003: 100, 1004: 20}


def test_times_are_a_table_of_days(aged, call):
    code, out, err = call(aged, "list", "--times")

    assert (code, err) == (0, "")
    when = {number: f"{day(ago(days)):%Y-%m-%d}" for number, days in AGES.items()}
    assert out.splitlines() == [
        "Number  Status    Created     Draft  Accepted  Rejected  Idle  Asked  Title",
        f"1001    Accepted  {when[1001]}    150        50              50         Relay",
        f"1002    Draft     {when[1002]}    300                        40     40  Äther",
        f"1003    draft     {when[1003]}    100                       100    100  beacon",
        f"1004    Rejected  {when[1004]}                         20    20         Clock",
    ]


def test_json_has_the_times_of_each_proposal_where_they_are_asked_for(aged, call):
    first, second, *_, last = listed(call, aged, "--times")
    times = first["times"]

    assert times["days"] == {"Draft": 150, "Accepted": 50}
    assert [one["status"] for one in times["periods"]] == ["Draft", "Accepted"]
    assert times["created"] == times["periods"][0]["since"]
    assert times["changed"] == times["periods"][1]["since"] == times["periods"][0]["until"]
    assert times["periods"][1]["until"] is None
    assert (times["at_least"], times["questions"]) == (False, [])
    assert second["times"]["questions"] == [{"line": 10, "text": "How long?", "days": 40}]
    assert last["times"] is None
    assert "times" not in listed(call, aged)[0]


def test_a_shallow_clone_says_that_times_are_at_least(aged, tmp_path, call):
    run_git(tmp_path, "clone", "--quiet", "--depth=2", aged.as_uri(), "clone")
    folder = tmp_path / "clone"

    code, out, err = call(folder, "list", "--times", "1001", "1004")
    assert code == 0
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [
        ["1001", "Accepted", f"<={day(ago(40)):%Y-%m-%d}", "40+"],
        ["1004", "Rejected", f"{day(ago(20)):%Y-%m-%d}", "20"],
    ]
    assert err == (
        "The history is cut off here, as in a shallow clone: `+` and `<=` mean at least and at"
        " the latest. `git fetch --unshallow` brings the rest.\n"
    )
    assert listed(call, folder, "--times", "1001")[0]["times"]["at_least"]


def test_a_proposal_on_a_branch_has_the_times_of_the_branch(aged, tmp_path, call):
    folder = copy_repository(aged, tmp_path / "repository")
    run_git(folder, "switch", "--quiet", "--create", "bep/1007-branch")
    (folder / main(1007)).write_text("---\nStatus: Draft\n---\n\n# Branch\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=B", "--date=2026-01-02T03:04:05Z")
    run_git(folder, "switch", "--quiet", "main")

    (found,) = listed(call, folder, "1007", "--times")
    assert (found["where"], found["times"]["created"]) == (
        "bep/1007-branch",
        "2026-01-02T03:04:05Z",
    )


@pytest.mark.parametrize("flags", [("--graph", "--times"), ("--attention", "--times")])
def test_what_is_another_list_is_refused_together(aged, call, flags):
    assert call(aged, "list", *flags) == (
        2,
        "",
        f"bep: {' and '.join(flags)} cannot be given together; leave one of them out\n",
    )


# --- Commits of any time ------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", ["253402300800", "999999999999", "253402300799"])
@pytest.mark.parametrize("where", ["on a branch", "merged"])
def test_a_commit_of_any_time_stops_no_task(repository, call, where, seconds):
    run_git(repository, "switch", "--quiet", "--create", "far")
    (repository / "proposals/BEP-1009-far.md").write_text("---\nStatus: Draft\n---\n\n# Far\n")
    run_git(repository, "add", "--all")
    date = f"@{seconds} +1400"
    variables = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    run_git(repository, "commit", "--quiet", "--message=Far", **variables)
    run_git(repository, "switch", "--quiet", "main")
    if where == "merged":
        run_git(repository, "merge", "--quiet", "far")

    for task in (
        *(["list"], ["list", "--json"], ["list", "--attention"], ["list", "--times"]),
        *(["list", "--times", "--json"], ["list", "--sort=changed"], ["search", "far"]),
        *(["check", "--all"], ["sync"], ["site", "--branches", f"--output={repository}/site"]),
    ):
        code, _, err = call(repository, *task)
        assert code in (0, 1), err
        assert "Traceback" not in err


def test_a_title_without_a_row_has_no_number_before_it(repository, call):
    page, main = repository / PAGE, repository / "proposals/BEP-1002-quota-ledger.md"
    lines = page.read_text().splitlines(keepends=True)
    page.write_text("".join(line for line in lines if "Quota Ledger" not in line))
    main.write_text(main.read_text().replace("# Quota Ledger", "# BEP-1002: Quota Ledger"))

    titles = {
        json.loads(call(repository, *task, "--json")[1])[0]["title"]
        for task in (["list", "1002"], ["search", "quota"])
    }

    assert titles == {"Quota Ledger"}
    (found, *_) = json.loads(call(repository, "search", "BEP-1001", "--json")[1])
    assert found["number"] == 1001
