"""`bep list --attention`: what someone should look at, and why."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.conftest import CORPUS, PAGE, Call, run_git, state
from tests.histories import Commit, ago, main, text as draft, write as write_history

MAIN = "proposals/BEP-1002-quota-ledger.md"


@pytest.fixture
def tidy(repository: Path) -> Path:
    """The repository with nothing that needs attention but a number that is reserved."""
    path = repository / "proposals/BEP-1001-event-journal.md"
    path.write_text(path.read_text().replace("26.3.0", "26.9.0"))
    run_git(repository, "commit", "--quiet", "--all", "--message=Tidy")
    return repository


def reasons(call: Call, folder: Path, *arguments: str) -> dict[int, list[str]]:
    """The reasons for each number."""
    code, out, err = call(folder, "list", *arguments, "--attention", "--json")
    assert (code, err) == (0, "")
    return {one["number"]: one["attention"] for one in json.loads(out)}


def write(folder: Path, metadata: str, body: str = "") -> None:
    (folder / MAIN).write_text(f"---\nAuthor: Grace Hopper (g@h.i)\n{metadata}\n---\n\n# T\n{body}")


def status(folder: Path, text: str) -> None:
    """What the registry says of the proposal."""
    page = (folder / PAGE).read_text()
    (folder / PAGE).write_text(page.replace("Grace Hopper | Draft", f"Grace Hopper | {text}"))


def test_a_number_without_document_is_told_and_the_rest_is_silent(tidy, call):
    there = state(tidy)

    assert reasons(call, tidy) == {1005: ["reserved without a document"]}
    assert call(tidy, "list", "--attention") == (
        0,
        "1005  Relay in Sessions\n      reserved without a document\n",
        "",
    )
    assert call(tidy, "list", "1001-1003", "--attention") == (0, "", "")
    assert state(tidy) == there


def test_json_has_the_keys_of_list_and_the_reasons(tidy, call):
    plain = json.loads(call(tidy, "list", "1005", "--json")[1])
    told = json.loads(call(tidy, "list", "1005", "--attention", "--json")[1])

    assert told == [{**plain[0], "attention": ["reserved without a document"]}]
    assert "attention" not in plain[0]


def test_a_claim_tells_how_long_a_number_waits(tidy, call):
    assert call(tidy, "reserve", "Something New", "--no-branch")[0] == 0

    assert reasons(call, tidy)[1006] == ["reserved just now, without a document"]


@pytest.mark.parametrize(
    ("metadata", "registry", "why"),
    [
        ("Status: Accepted\nTarget-Version:", "Accepted", ["accepted without Target-Version"]),
        ("Status: Accepted\nTarget-Version: 26.8.0", "Accepted", []),
        ("Status: Accepted\nTarget-Version: 26.10.0", "Accepted", []),
        (
            "Status: Accepted\nTarget-Version: 26.7.3",
            "Accepted",
            ["accepted for 26.7.3, and 26.8.0 is current"],
        ),
        ("Status: Implemented", "Implemented", ["implemented without Implemented-Version"]),
        ("Status: Implemented\nImplemented-Version: 26.1.0", "Implemented", []),
        ("Status: Superseded", "Superseded", ["superseded without Superseded-By"]),
        ("Status: Superseded\nSuperseded-By: BEP-1001", "Superseded", []),
        ("Status: Rejected", "Rejected", []),
        ("Status: Rejected", "Draft", ["the registry says Draft"]),
        ("Status: WIP", "WIP", ["the status 'WIP' is unknown"]),
        ("Created:", "Draft", ["the registry says Draft", "no status"]),
    ],
)
def test_what_the_lifecycle_requires_and_the_metadata_lack(tidy, call, metadata, registry, why):
    write(tidy, metadata)
    status(tidy, registry)

    assert reasons(call, tidy, "1002") == ({1002: why} if why else {})


def test_documents_and_rows_that_do_not_match(tidy, call):
    other = tidy / "proposals/BEP-1002-other.md"
    other.write_text("---\nStatus: Draft\n---\n# Other\n")
    (tidy / "proposals/BEP-1009-new.md").write_text("---\nStatus: Draft\n---\n# New\n")
    (tidy / "proposals/BEP-1001-event-journal.md").unlink()

    code, out, _ = call(tidy, "list", "--attention")

    assert code == 0
    assert out == (
        "1001  Event Journal\n"
        "      the registry links BEP-1001-event-journal.md, which does not exist\n"
        "1002  Other\n"
        "      another document has the same number\n"
        "      no row in the registry\n"
        "1002  Quota Ledger\n"
        "      another document has the same number\n"
        "1005  Relay in Sessions\n"
        "      reserved without a document\n"
        "1009  New\n"
        "      no row in the registry\n"
    )


def test_a_branch_that_edits_a_document_is_no_second_document(repository, call):
    assert call(repository, "new", "Token Service", "--defaults")[0] == 0
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=New")
    run_git(repository, "branch", "--force", "main")
    (document,) = repository.glob("proposals/BEP-1006-*.md")
    document.write_text(document.read_text() + "\nMore.\n")
    run_git(repository, "commit", "--quiet", "--all", "--message=More")
    run_git(repository, "switch", "--quiet", "main")

    told = reasons(call, repository)
    versions = json.loads(call(repository, "list", "1006", "--json")[1])

    assert "another document has the same number" not in told.get(1006, [])
    assert [one["where"] for one in versions] == ["main", "bep/1006-token-service"]
    assert len({one["template_revision"] for one in versions}) == 1


def test_a_number_with_two_rows_is_told(tidy, call):
    page = (tidy / PAGE).read_text()
    (tidy / PAGE).write_text(page.replace("| 1003 |", "| 1002 | Again | Ada | Draft |\n| 1003 |"))

    assert reasons(call, tidy, "1002") == {1002: ["two rows of the registry have its number"]}


# --- Citations ----------------------------------------------------------------------------------


def test_code_that_relies_on_what_is_not_agreed_or_dropped(tidy, call):
    for name, text in {"b.py": "# BEP-1001\n\n# BEP-1002, BEP-1005", "a c.py": "BEP-1002"}.items():
        (tidy / name).write_text(text)
    there = {1005: ["reserved without a document"]}

    assert reasons(call, tidy) == {
        **there,
        1002: ["draft, and cited in a c.py:1 and 1 more place"],
    }
    for metadata, registry, said in (
        ("Status: Rejected", "Rejected", "rejected, and cited in b.py:3"),
        ("Status: Superseded\nSuperseded-By: BEP-1001", "Superseded", "superseded, and cited in"),
    ):
        (tidy / "a c.py").unlink(missing_ok=True)
        page = (tidy / PAGE).read_text()
        write(tidy, metadata)
        status(tidy, registry)
        assert reasons(call, tidy, "1002")[1002][0].startswith(said)
        (tidy / PAGE).write_text(page)
    assert "attention" not in call(tidy, "list", "--json")[1]


# --- Open questions -----------------------------------------------------------------------------


def commit_days_ago(folder: Path, days: int) -> None:
    date = f"{int(time.time()) - days * 86400} +0000"
    os.environ["GIT_AUTHOR_DATE"] = date
    try:
        run_git(folder, "commit", "--quiet", "--all", "--message=Some days ago")
    finally:
        del os.environ["GIT_AUTHOR_DATE"]


QUESTIONS = "\n## Open Questions\n\n- Old?\n"


def test_questions_that_are_open_for_long_are_told(tidy, call):
    write(tidy, "Status: Draft", QUESTIONS)
    assert reasons(call, tidy, "1002") == {}
    commit_days_ago(tidy, 29)
    assert reasons(call, tidy, "1002") == {}

    write(tidy, "Status: Draft", QUESTIONS.replace("Old", "Older"))
    commit_days_ago(tidy, 31)
    assert reasons(call, tidy, "1002") == {1002: ["1 open question, the oldest for 31 days"]}

    write(tidy, "Status: Draft", f"\ntext\n{QUESTIONS.replace('Old', 'Older')}- New?\n- Newer?\n")
    assert reasons(call, tidy, "1002") == {1002: ["3 open questions, the oldest for 31 days"]}

    write(tidy, "Status: Draft", QUESTIONS)
    assert reasons(call, tidy, "1002") == {}


def test_questions_of_what_is_done_are_told_and_of_what_is_over_are_not(tidy, call):
    write(tidy, "Status: Implemented\nImplemented-Version: 26.1.0", QUESTIONS)
    status(tidy, "Implemented")
    assert reasons(call, tidy, "1002") == {1002: ["implemented with 1 open question"]}

    write(tidy, "Status: Rejected", QUESTIONS)
    (tidy / PAGE).write_text((tidy / PAGE).read_text().replace("| Implemented", "| Rejected"))
    commit_days_ago(tidy, 99)
    assert reasons(call, tidy, "1002") == {}


def test_a_document_that_git_does_not_know_yet_has_new_questions(tidy, call):
    (tidy / "proposals/BEP-1009-new.md").write_text(f"---\nStatus: Draft\n---\n# N\n{QUESTIONS}")

    assert reasons(call, tidy, "1009") == {1009: ["no row in the registry"]}


# --- Drafts that nobody works on ----------------------------------------------------------------


def history(folder: Path, *commits: Commit) -> Path:
    """A repository with these commits, and a registry of two drafts."""
    head = "# P\n\n## BEP Number Registry\n\n| Number | Title | Author | Status |\n|-|-|-|-|\n"
    rows = [f"| [{n}](BEP-{n}-relay.md) | T | Ada | Draft |\n" for n in (1001, 1002)]
    return write_history(folder, [Commit(ago(900), {PAGE: head + "".join(rows)}), *commits])


def test_a_draft_that_nobody_changed_for_ninety_days(tmp_path, call):
    folder = history(
        tmp_path,
        Commit(ago(93), {main(1001): draft("Draft"), main(1002): draft("Draft")}),
        Commit(ago(89), {"proposals/BEP-1002/api.md": "x\n"}),
    )
    assert reasons(call, folder) == {1001: ["draft, untouched for 93 days"]}

    (folder / "invoke.yaml").write_text("bep:\n  untouched_days: 89\n")
    assert reasons(call, folder, "1002") == {1002: ["draft, untouched for 89 days"]}
    (folder / "invoke.yaml").write_text("bep:\n  untouched_days: 94\n")
    assert reasons(call, folder) == {}

    (folder / "invoke.yaml").unlink()
    (folder / main(1001)).write_text(draft("Draft", more="More.\n"))
    assert reasons(call, folder) == {}


@pytest.mark.parametrize("status", ["Accepted", "Implemented", "Rejected", "Superseded", "Drfat"])
def test_what_is_no_draft_may_rest(tmp_path, call, status):
    folder = history(tmp_path, Commit(ago(500), {main(1001): draft(status)}))

    assert "untouched" not in str(reasons(call, folder))


def test_a_draft_on_another_branch_is_looked_at_there(tmp_path, call):
    """It has no file here."""
    files = {main(1001): draft("Draft"), main(1002): draft("Draft")}
    folder = history(
        tmp_path,
        Commit(ago(200), {main(1003): draft("Draft", more=QUESTIONS)}, "bep/1003-relay"),
        Commit(ago(3), files),
    )

    assert reasons(call, folder) == {
        1003: ["1 open question, the oldest for 200 days", "draft, untouched for 200 days"]
    }


# --- Template revisions -------------------------------------------------------------------------


def answers(folder: Path, number: int, revision: str) -> None:
    path = folder / f"proposals/.copier/.copier-answers.BEP-{number}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"_commit: {revision}\n")


@pytest.mark.parametrize(
    ("revision", "why"),
    [
        ("v1.2.0", []),
        ("v1.10.0", []),
        ("v1.1.9", ["rendered from v1.1.9; v1.2.0 is available"]),
        ("v1.1.9-4-gabc1234", ["rendered from v1.1.9-4-gabc1234; v1.2.0 is available"]),
        ("v1.2.0-1-gabc1234", []),
        ("abc1234", []),
    ],
)
def test_a_proposal_behind_the_newest_revision_of_another_one(tidy, call, revision, why):
    answers(tidy, 1001, "v1.2.0")
    answers(tidy, 1002, revision)

    assert reasons(call, tidy, "1002") == ({1002: why} if why else {})


def test_a_local_template_tells_its_revisions_and_history_is_not_behind(tidy, template, call):
    (tidy / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(tidy, "commit", "--quiet", "--all", "--message=Released")
    answers(tidy, 1002, "v0.9.0")
    assert reasons(call, tidy, "1002") == {1002: ["rendered from v0.9.0; v1.0.0 is available"]}

    write(tidy, "Status: Rejected")
    status(tidy, "Rejected")
    assert reasons(call, tidy, "1002") == {}


def test_it_works_without_the_remote_and_without_a_version_file(tidy, call):
    run_git(tidy, "remote", "add", "origin", str(tidy / "not-there.git"))
    (tidy / "VERSION").unlink()
    write(tidy, "Status: Accepted\nTarget-Version: 20.1.0")
    status(tidy, "Accepted")

    assert reasons(call, tidy, "1002") == {}


def test_the_real_proposals(tmp_path, call):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    shutil.copytree(CORPUS / "proposals", tmp_path / "proposals")
    run_git(tmp_path, "init", "--quiet")

    found = reasons(call, tmp_path)

    untargeted = "accepted without Target-Version"
    assert [number for number, why in found.items() if untargeted in why] == [1006, 1013]
    dead = {number for number, why in found.items() if "which does not exist" in why[0]}
    assert dead == {1037, 1066, 1068, 1070}
    assert found[1027] == ["reserved without a document"]
    assert "another document has the same number" in found[1026]
