"""`bep issue`: a proposal and its issue in JIRA, by the real client and a real server."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from bep.share import jira
from bep.share.tracker import Draft
from bep.system.settings import Jira as JiraSettings, Settings
from tests.conftest import EVERY, files_of, run_git, state
from tests.share import jira_server
from tests.share.jira_server import set_jira
from tests.tasks.test_stopped import at_event
from tests.test_killed import DIED, run as run_until

MAIN = "proposals/BEP-1002-quota-ledger.md"
TITLE = "Quota Ledger"
ODD = 'Say "a" $(id) {0.__class__} @team #123 한글 [~x] {html} \\\\server'


@pytest.fixture(scope="module")
def server():
    with jira_server.serving() as found:
        yield found


@pytest.fixture
def folder(released, server, monkeypatch, tmp_path):
    """A repository with a remote of its own on GitHub, and JIRA in its settings on main."""
    for name in ("JIRA_USER", "JIRA_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    set_jira(released, server.url)
    name = f"{uuid.uuid4()}.git"
    run_git(released, "init", "--quiet", "--bare", str(tmp_path / name))
    run_git(released, "config", f"url.{tmp_path}/.insteadOf", "git@github.com:acme/")
    run_git(released, "remote", "add", "origin", f"git@github.com:acme/{name}")
    return released


def new(call, folder: Path, title: str = TITLE, *options: str) -> Path:
    """A proposal from the template, committed; returns its main document."""
    assert call(folder, "new", title, "--defaults", "--again", *options)[0] == 0
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=New")
    return max((folder / "proposals").glob("BEP-*.md"))


def page(folder: Path, document: Path) -> str:
    name = run_git(folder, "remote", "get-url", "origin").removesuffix(".git").rpartition("/")[2]
    return f"https://github.com/acme/{name}/blob/main/proposals/{document.name}"


def answers(folder: Path, document: Path) -> str:
    number = document.name[:8]
    return (folder / f"proposals/.copier/.copier-answers.{number}.yml").read_text()


# --- Making one ---------------------------------------------------------------------------------


def test_an_issue_is_made_written_and_linked(folder, server, call):
    document = new(call, folder, "Token Service", "-d", "scope=What it covers")

    code, out, err = call(folder, "issue")

    assert code == 0, err
    key = out.strip()
    assert re.fullmatch(r"BA-\d+\n", out)
    assert f"{key} is the new issue of BEP-1006: {server.url}/browse/{key}" in err
    fields = server.fields(key)
    assert (fields["summary"], fields["issuetype"]["name"]) == ("Token Service", "Task")
    assert "Scope: What it covers" in fields["description"]
    assert f"[proposals/{document.name}|{page(folder, document)}]" in fields["description"]
    assert server.links(key) == [
        {"url": page(folder, document), "title": "BEP-1006: Token Service"}
    ]
    assert run_git(folder, "diff", "--unified=0").split("\n").count("+- JIRA: " + key) == 1
    assert f"\njira:\n- {key}\n" in answers(folder, document)
    assert len(run_git(folder, "diff", "--numstat").split("\n")) == 2


def test_a_second_call_makes_nothing_and_needs_no_server(folder, server, call):
    new(call, folder)
    key = call(folder, "issue")[1]
    count, before = server.count(), state(folder)
    set_jira(folder, "http://127.0.0.1:1")
    run_git(folder, "branch", "--force", "main")

    assert call(folder, "issue", "1006")[:2] == (0, key)
    assert "nothing was made" in call(folder, "issue", "1006")[2]
    assert server.count() == count
    assert files_of(folder)[MAIN] == before[-1][MAIN]


def test_an_issue_that_only_the_document_names_is_found(folder, call, server):
    path = folder / MAIN
    path.write_text(path.read_text().replace("## Mot", "## Related Issues\n\nBA-3, BA-4\n\n## Mot"))
    count = server.count()

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (0, "BA-3\n")
    assert "BEP-1002 already has BA-3 (and BA-4); nothing was made" in err
    assert server.count() == count


def test_keys_of_other_projects_are_not_the_proposals_own(folder, call):
    path = folder / MAIN
    path.write_text(path.read_text().replace("## Mot", "## Related Issues\n\n- CVE-1\n\n## Mot"))

    code, out, err = call(folder, "issue", "1002")

    assert code == 0, err
    assert f"- JIRA: {out}- CVE-1\n" in path.read_text()


def test_project_and_type_are_those_of_the_settings(folder, server, call):
    set_jira(folder, server.url, project="BA", issue_type="Story")

    key = call(folder, "issue", "1002")[1].strip()

    assert server.fields(key)["issuetype"]["name"] == "Story"


def test_titles_and_scopes_are_text_wherever_they_go(folder, server, call):
    document = new(call, folder, ODD, "-d", f"scope={ODD}")

    key = call(folder, "issue")[1].strip()

    fields = server.fields(key)
    assert fields["summary"] == ODD
    shown = r'"a" $(id) \{0.\_\_class\_\_\} @team #123 한글 \[\~x\] \{html\} &#92;&#92;server'
    assert f"Scope: Say {shown}\n" in fields["description"]
    assert server.links(key)[0]["title"] == f"BEP-1006: {ODD}"
    assert key in document.read_text()


def test_a_long_title_is_cut(folder, server, call):
    path = folder / MAIN
    path.write_text(path.read_text().replace("# Quota Ledger", f"# {'long ' * 100}"))

    summary = server.fields(call(folder, "issue", "1002")[1].strip())["summary"]

    assert len(summary) == 255
    assert summary.endswith("…")


def test_without_a_page_on_a_forge_the_path_has_to_do(folder, server, call):
    run_git(folder, "remote", "remove", "origin")

    key = call(folder, "issue", "1002")[1].strip()

    assert f"Proposal: {MAIN}\n" in server.fields(key)["description"]
    assert server.links(key) == []


def test_a_dry_run_shows_issue_and_files_and_changes_nothing(folder, server, call):
    new(call, folder, "Token Service", "-d", "scope=What it covers")
    count, before = server.count(), state(folder)

    code, out, err = call(folder, "issue", "--dry-run")

    assert code == 0
    assert "+- JIRA: BA-NEW\n" in out
    assert "title     Token Service" in err
    assert "scope     What it covers" in err
    assert (server.count(), state(folder)) == (count, before)


# --- Linking one --------------------------------------------------------------------------------


def test_an_existing_issue_is_linked(folder, server, call):
    document = new(call, folder)

    for at, key in enumerate(("BA-5", "6"), 1):
        code, out, err = call(folder, "issue", "--key", key)

        assert (code, out) == (0, f"BA-{at + 4}\n"), err
        assert len(server.links(f"BA-{at + 4}")) == 1
    assert "- JIRA: BA-5, BA-6\n" in document.read_text()
    assert "\njira:\n- BA-5\n- BA-6\n" in answers(folder, document)


def test_an_issue_that_is_linked_is_not_linked_twice(folder, server, call):
    new(call, folder)
    call(folder, "issue", "--key", "BA-7")
    before = state(folder)

    code, out, err = call(folder, "issue", "--key", "BA-7")

    assert (code, out, len(server.links("BA-7"))) == (0, "BA-7\n", 1)
    assert "BEP-1006 already has BA-7" in err
    assert state(folder) == before


def test_links_that_are_there_are_written_as_links(folder, server, call):
    path = folder / MAIN
    link = f"- JIRA: [BA-3]({server.url}/browse/BA-3)"
    path.write_text(path.read_text().replace("## Mot", f"## Related Issues\n\n{link}\n\n## Mot"))

    assert call(folder, "issue", "1002", "--key", "BA-8")[0] == 0

    assert f"{link}, [BA-8]({server.url}/browse/BA-8)\n" in path.read_text()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("BA-99999", "there is no issue BA-99999 at "),
        ("XX-1", "XX-1 is not in the project BA; give an issue of that project"),
        ("BA-0", "'BA-0' is not an issue key; write one such as BA-12"),
        ("ba-1", "'ba-1' is not an issue key"),
        ("BA-1](http://x)", "is not an issue key"),
        ("../../x", "is not an issue key"),
    ],
)
def test_a_key_that_cannot_be_linked_is_refused(folder, call, key, said):
    before = state(folder)

    code, out, err = call(folder, "issue", "1002", "--key", key)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert state(folder) == before


# --- What is refused before anything is made ----------------------------------------------------


@pytest.fixture
def nothing_made(folder, server):
    count = server.count()
    yield
    assert server.count() == count


@pytest.mark.usefixtures("nothing_made")
class TestNothingIsMade:
    def test_without_an_address_the_setting_is_named(self, folder, call):
        settings = folder / "invoke.yaml"
        settings.write_text(settings.read_text().partition("  jira:")[0])

        code, out, err = call(folder, "issue", "1002")

        assert (code, out) == (2, "")
        assert "there is no setting jira.url; add `jira: {url: https://example.atl" in err

    def test_where_the_project_is_what_proposals_are_called(self, folder, call):
        with (folder / "invoke.yaml").open("a") as settings:
            settings.write("  issue_prefix: BEP\n")

        code, out, err = call(folder, "issue", "1002")

        assert (code, out) == (2, "")
        assert "in documents, BEP-1 is not an issue of JIRA; set jira.project" in err

    def test_where_only_a_branch_names_the_server(self, folder, call, monkeypatch):
        """Else a pull request could collect the tokens of those who try it."""
        run_git(folder, "switch", "--quiet", "--create=theirs")
        monkeypatch.setenv("JIRA_API_TOKEN", "s3cret")
        set_jira(folder, "http://evil.example.com")

        code, out, err = call(folder, "issue", "1002")

        assert (code, out) == (2, "")
        assert "jira.url is http://evil.example.com here, and http://127.0.0.1" in err
        assert "nothing was sent: change the setting on main first" in err

    def test_where_the_answers_file_is_broken(self, folder, call):
        document = new(call, folder)
        path = folder / f"proposals/.copier/.copier-answers.{document.name[:8]}.yml"
        path.write_text("jira: [\n")

        code, _, err = call(folder, "issue")

        assert code == 1
        assert f"{path.name}:2: " in err

    def test_where_the_answers_cannot_be_edited(self, folder, call):
        document = new(call, folder)
        path = folder / f"proposals/.copier/.copier-answers.{document.name[:8]}.yml"
        path.write_text(path.read_text().replace("\njira:", "\n? jira\n:"))

        code, _, err = call(folder, "issue")

        assert code == 1
        assert "jira cannot be edited; correct the place; nothing was made" in err

    def test_where_the_document_is_in_conflict(self, folder, call):
        path = folder / MAIN
        for name in ("one", "two"):
            run_git(folder, "switch", "--quiet", f"--create={name}", "main")
            path.write_text(f"# {name}\n")
            run_git(folder, "commit", "--quiet", "--all", f"--message={name}")
        subprocess.run(["git", "merge", "one"], cwd=folder, capture_output=True, check=False)

        assert "is in conflict after a merge" in call(folder, "issue", "1002")[2]

    @pytest.mark.parametrize("number", ["1234", "1001,1002", "x"])
    def test_where_it_is_not_one_proposal(self, folder, call, number):
        assert call(folder, "issue", number)[:2] == (2, "")

    def test_without_the_package_its_installation_is_named(self, folder, call, monkeypatch):
        monkeypatch.setitem(sys.modules, "jira", None)

        assert call(folder, "issue", "1002") == (
            2,
            "",
            "bep: the package jira is not installed; run `pip install 'bep-templates[jira]'`\n",
        )


def test_an_unknown_type_is_named_with_its_field(folder, server, call):
    set_jira(folder, server.url, issue_type="Saga")
    before = state(folder)

    code, out, err = call(folder, "issue", "1002")

    assert (code, out) == (2, "")
    assert "issuetype: issue type is required" in err
    assert "correct the settings jira.project and jira.issue_type" in err
    assert state(folder) == before


# --- With `new` ---------------------------------------------------------------------------------


def test_new_makes_the_issue_too(folder, server, call):
    code, _, err = call(folder, "new", "Token Service", "--defaults", "--issue")

    assert code == 0, err
    key = re.search(r"(BA-\d+) is the new issue of BEP-1006", err)
    assert key
    assert server.fields(key[1])["summary"] == "Token Service"
    document = folder / "proposals/BEP-1006-token-service.md"
    assert f"- JIRA: {key[1]}\n" in document.read_text()
    assert f"- {key[1]}\n" in answers(folder, document)


def test_the_proposal_stays_where_the_tracker_fails(folder, server, call):
    set_jira(folder, "http://127.0.0.1:1")

    code, out, err = call(folder, "new", "Token Service", "--defaults", "--issue")

    assert code == 2
    assert "BEP-1006-token-service.md" in out
    assert "cannot be reached (connection refused)" in err
    assert "the proposal is made; `bep issue 1006` does the rest" in err
    set_jira(folder, server.url)
    run_git(folder, "branch", "--force", "main")
    assert call(folder, "issue", "1006")[0] == 0


def test_new_refuses_what_cannot_be_before_it_makes_a_proposal(folder, call):
    settings = folder / "invoke.yaml"
    both = call(folder, "new", "T", "--defaults", "--issue", "--jira", "12")
    settings.write_text(settings.read_text().partition("  jira:")[0])
    unset = call(folder, "new", "T", "--defaults", "--issue")

    assert both[0] == unset[0] == 2
    assert "--issue makes an issue, and --jira names one" in both[2]
    assert "there is no setting jira.url" in unset[2]
    assert list((folder / "proposals").glob("BEP-1006*")) == []


def test_a_dry_run_of_new_says_which_issue_would_be_made(folder, server, call):
    count, before = server.count(), state(folder)

    code, _, err = call(
        folder, "new", "Token Service", "--defaults", "--issue", "--dry-run", "-d", "scope=It all"
    )

    assert code == 0, err
    assert "An issue would be made in BA at 127.0.0.1" in err
    assert "title     Token Service" in err
    assert "scope     It all" in err
    assert (server.count(), state(folder)) == (count, before)


# --- Interrupted, and at once -------------------------------------------------------------------


def test_killed_at_any_moment_the_next_call_completes_it_with_one_issue(folder, server, call):
    document = new(call, folder)
    before = files_of(folder)
    made, last = set(), 0
    while True:
        count = server.count()
        run_git(folder, "remote", "set-url", "origin", f"git@github.com:acme/{uuid.uuid4()}.git")
        died, _ = run_until(folder, ["issue"], last)
        code, out, err = call(folder, "issue", "1006")

        assert code == 0, err
        key = out.strip()
        assert server.count() == count + 1, last
        assert server.links(key) == [{"url": page(folder, document), "title": f"BEP-1006: {TITLE}"}]
        assert f"- JIRA: {key}\n" in document.read_text()
        assert f"\njira:\n- {key}\n" in answers(folder, document)
        made.add("is the new issue" in err)
        for name, content in before.items():
            (folder / name).write_bytes(content)
        if died != DIED:
            break
        last += EVERY
    # Some were killed before the issue was made, and some after.
    assert made == {True, False}


# The requests: who it is, its fields, search, the issue in two parts, its links, a link in two.
@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("1", "stopped; nothing was changed"),
        ("3", "stopped; nothing was changed"),
        ("5", "stopped; BEP-1002 may have a new issue in BA at 127.0.0.1"),
        ("6", "stopped; BEP-1002 has the new issue BA-"),
        ("8", "stopped; BEP-1002 has the new issue BA-"),
    ],
)
def test_stopped_it_says_what_is_true_and_the_next_call_does_the_rest(
    folder, server, call, moment, said
):
    count = server.count()

    done = at_event(folder, "http.client.send", moment, "issue", "1002")

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert ("the same call does the rest" in done.stderr) == ("BEP" in said)
    if "may have" not in said:
        assert (server.count() == count + 1) == ("has" in said)
    assert call(folder, "issue", "1002")[0] == 0
    assert server.count() == count + 1


def test_two_calls_at_once_make_one_issue(folder, server, call):
    new(call, folder)
    count = server.count()
    calls = [
        subprocess.Popen(
            [sys.executable, "-m", "bep", "issue"], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    keys = {one.communicate()[0] for one in calls}

    assert len(keys) == 1
    assert server.count() == count + 1


# --- The tracker itself -------------------------------------------------------------------------


def test_the_same_address_is_linked_once(server):
    tracker = jira.Jira(Settings(jira=JiraSettings(server.url)))
    for title in ("A pull request", "Another title"):
        assert tracker.link("BA-9", "https://github.com/acme/api/pull/1", title) == ""
    tracker.link("BA-9", "https://github.com/acme/api/pull/2", "Two")

    assert [one["title"] for one in server.links("BA-9")] == ["A pull request", "Two"]


def test_an_issue_is_found_by_its_mark_only(server):
    tracker = jira.Jira(Settings(jira=JiraSettings(server.url)))
    mark = f"bep1x{uuid.uuid4().hex[:16]}"
    assert tracker.find(mark) == ""

    key = tracker.make(Draft("T", "", "proposals/x.md", "", mark))

    assert tracker.find(mark) == key
    assert tracker.find(f"{mark}0") == ""
