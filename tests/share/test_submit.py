"""`submit`: from a written proposal to a pull request, with real git and the real `gh`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import EVERY, PAGE, copy_repository, run_git
from tests.share import github_server
from tests.share.github_server import Answer, GitHub
from tests.terminal import Terminal
from tests.test_killed import DIED, run

GITHUB = "git@github.com:acme/api.git"
BRANCH = "bep/1006-token-service"
DOCUMENT = "proposals/BEP-1006-token-service.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1006.yml"
OWN = [ANSWERS, DOCUMENT, PAGE]
TITLE = "docs(BA-7): add BEP-1006 Token Service"
HOSTILE = 'a "q" $(id) {0.__class__} {name} for @team, see #123 <b>한글</b>'


class World(NamedTuple):
    """A clone on the branch of a new proposal, not committed; what its remote is; the GitHub."""

    root: Path
    remote: Path
    github: GitHub

    def commits(self) -> list[str]:
        """The subjects of the branch's commits, newest first."""
        return run_git(self.root, "log", "--format=%s", "origin/main..HEAD").split("\n")

    def clone(self, name: str) -> Path:
        folder = self.root.parent / name
        run_git(self.root.parent, "clone", "--quiet", str(self.remote), name)
        connect(folder, self.remote)
        return folder


def connect(folder: Path, remote: Path) -> None:
    """Make a repository on this machine the one of GitHub's."""
    run_git(folder, "config", "remote.origin.url", GITHUB)
    run_git(folder, "config", f"url.{remote}.insteadOf", GITHUB)


@pytest.fixture(scope="module")
def start(tmp_path_factory, _start) -> Path:
    """A folder with the clone and its remote."""
    folder = tmp_path_factory.mktemp("submit")
    root, remote = copy_repository(_start, folder / "root"), folder / "remote.git"
    run_git(folder, "init", "--quiet", "--bare", str(remote))
    run_git(root, "remote", "add", "origin", GITHUB)
    connect(root, remote)
    run_git(root, "push", "--quiet", "origin", "main")
    answers = ["-d", "jira=BA-7", "-d", f"scope={HOSTILE}"]
    assert run(root, ["new", "Token Service", "--defaults", *answers])[0] == 0
    return folder


@pytest.fixture
def world(start, tmp_path, monkeypatch):
    folder = shutil.copytree(start, tmp_path / "w", symlinks=True)
    root, remote = folder / "root", folder / "remote.git"
    run_git(root, "config", "--remove-section", f"url.{start / 'remote.git'}")
    connect(root, remote)
    run_git(root, "update-index", "-q", "--refresh")
    with github_server.serving(monkeypatch) as github:
        github.branches = lambda name: name in run_git(remote, "branch")
        yield World(root, remote, github)


def set_up(world: World, text: str) -> None:
    """Add settings of `pull_request`."""
    file = world.root / "invoke.yaml"
    file.write_text(f"{file.read_text()}  pull_request:\n{text}")


# --- The whole way ------------------------------------------------------------------------------


def test_a_proposal_becomes_one_commit_and_one_pull_request(world, call):
    code, out, err = call(world.root, "submit", "--yes")

    assert code == 0, err
    assert out == "https://github.com/acme/api/pull/1\n"
    assert world.commits() == [TITLE]
    assert run_git(world.root, "show", "--name-only", "--format=").split() == sorted(OWN)
    assert run_git(world.root, "status", "--porcelain") == ""
    assert run_git(world.root, "rev-parse", "HEAD") == run_git(world.remote, "rev-parse", BRANCH)
    assert run_git(world.root, "rev-parse", "--abbrev-ref", "@{upstream}") == f"origin/{BRANCH}"
    (pull,) = world.github.pulls
    assert pull["title"] == TITLE
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["draft"]) == (BRANCH, "main", False)


def test_the_description_has_scope_index_questions_and_decisions(world, call):
    call(world.root, "ask", "1006", "--question", "Does @team want `@this`, or #4 | more?")
    call(world.root, "ask", "1006", "--question", "Which cache?")
    call(
        world.root,
        "decide",
        "1006",
        "--question",
        "2",
        "--decision",
        "Redis",
        "--rationale",
        "Here [now](README.md)",
    )
    assert call(world.root, "submit", "--yes")[0] == 0

    body = world.github.pulls[0]["body"]
    page = f"https://github.com/acme/api/blob/{BRANCH}/{DOCUMENT}"
    assert f"- [{DOCUMENT}]({page})" in body
    assert "- Does @&#8203;team want" in body
    assert "or #&#8203;4" in body
    assert "Redis — Here now\n" in body
    assert "## Decision Log\n\n- " in body
    assert "Redis" in body
    assert "](README.md)" not in body
    assert "BA-7" in body
    assert "(id) {0.\\_\\_class\\_\\_} {name} for @&#8203;team, see #&#8203;123 \\<b\\>한글" in body


def test_a_second_call_finds_nothing_to_do(world, call):
    call(world.root, "submit", "--yes")
    before = (world.commits(), list(world.github.issues))

    code, out, err = call(world.root, "submit")

    assert (code, out) == (0, "https://github.com/acme/api/pull/1\n")
    assert "nothing is left to do" in err
    assert (world.commits(), world.github.issues) == before


def test_what_changed_since_is_committed_and_the_description_follows(world, call):
    call(world.root, "submit", "--yes")
    world.github.pulls[0]["body"] = f"Mine above.\r\n{world.github.pulls[0]['body']}\r\nMine below."
    call(world.root, "ask", "1006", "--question", "Which cache?")

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (0, "https://github.com/acme/api/pull/1\n")
    assert world.commits() == [TITLE.replace("add", "update"), TITLE]
    body = world.github.pulls[0]["body"]
    assert "Which cache?" in body
    assert body.startswith("Mine above.\n")
    assert body.endswith("\nMine below.")
    assert "Updated the pull request's description." in err


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("there", "after"),
    [
        (TITLE, "docs(BA-7): add BEP-1006 Ticket -- Service --> <b>"),
        ("Mine", "Mine"),
    ],
)
def test_the_title_follows_unless_a_person_changed_it(world, call, there, after):
    call(world.root, "submit", "--yes")
    (pull,) = world.github.pulls
    # As GitHub gives it back when somebody edited it in a browser.
    pull.update(title=there, body=pull["body"].replace("\n", "\r\n"))
    for title in ("Ticket -- Service --> <b>", "Ticket -- Service --> <b> 2"):
        call(world.root, "retitle", "1006", title, "--slug", "token-service")
        assert call(world.root, "submit", "--yes")[0] == 0

    assert world.github.pulls[0]["title"] == (f"{after} 2" if there == TITLE else after)


def test_who_takes_the_marks_away_keeps_the_description(world, call):
    call(world.root, "submit", "--yes")
    world.github.pulls[0]["body"] = "All mine."
    call(world.root, "ask", "1006", "--question", "Which cache?")
    call(world.root, "submit", "--yes")

    assert world.github.pulls[0]["body"] == "All mine."


def test_another_proposal_of_the_branch_keeps_the_description(world, call):
    call(world.root, "submit", "--yes")
    call(world.root, "ask", "1002", "--question", "Which cache?")
    before = world.github.pulls[0]["body"]

    assert call(world.root, "submit", "1002", "--yes")[0] == 0
    assert world.commits()[0].startswith("docs: update BEP-1002")
    assert world.github.pulls[0]["body"] == before


def test_a_later_change_of_a_proposal_on_main_is_an_update(world, call):
    call(world.root, "submit", "--yes")
    run_git(world.root, "push", "--quiet", "origin", f"{BRANCH}:main")
    run_git(world.root, "switch", "--quiet", "--create=bep/1006-accepted")
    call(world.root, "ask", "1006", "--question", "Which cache?")

    assert call(world.root, "submit", "--yes")[0] == 0
    assert world.github.pulls[1]["title"] == "docs(BA-7): update BEP-1006 Token Service"


# --- What is committed --------------------------------------------------------------------------


def test_other_changes_stay_untouched(world, call):
    root = world.root
    (root / "VERSION").write_text("26.9.0\n")
    (root / "staged.txt").write_text("staged\n")
    with next((root / "proposals").glob("BEP-1001-*.md")).open("a") as document:
        document.write("\nMine.\n")
    run_git(root, "add", "staged.txt")
    (root / "untracked.txt").write_text("untracked\n")

    assert call(root, "submit", "--yes")[0] == 0
    assert run_git(root, "show", "--name-only", "--format=").split() == sorted(OWN)
    status = run_git(root, "status", "--porcelain").split("\n")
    assert {"A  staged.txt", "?? untracked.txt"} <= set(status)
    assert any(one.endswith("VERSION") for one in status)


def test_of_the_registry_only_the_own_row_is_committed(world, call):
    page = world.root / PAGE
    call(world.root, "reserve", "Another one", "--no-branch")
    page.write_text(page.read_text().replace("# ", "# My ", 1))
    mine = page.read_text()

    assert call(world.root, "submit", "--yes")[0] == 0
    committed = run_git(world.root, "show", f"HEAD:{PAGE}")
    assert "Token Service" in committed
    assert "Another one" not in committed
    assert "# My " not in committed
    assert page.read_text() == mine
    assert run_git(world.root, "status", "--porcelain") == f"M {PAGE}"


def test_sub_documents_and_what_was_removed_are_committed(world, call):
    folder = world.root / "proposals/BEP-1006"
    folder.mkdir()
    for name in ("a.md", "b.md", "diagram.svg"):
        (folder / name).write_text(f"# {name}\n")
    call(world.root, "submit", "--yes", "--despite-errors")
    (folder / "b.md").unlink()
    call(world.root, "submit", "--yes", "--despite-errors")

    shown = run_git(world.root, "show", "--name-status", "--format=").split("\n")
    assert "D\tproposals/BEP-1006/b.md" in shown
    assert sorted(run_git(world.root, "ls-files", "proposals/BEP-1006").split()) == [
        "proposals/BEP-1006/a.md",
        "proposals/BEP-1006/diagram.svg",
    ]


def test_a_link_is_committed_as_a_link_and_never_followed(world, call):
    folder = world.root / "proposals/BEP-1006"
    folder.mkdir()
    (world.root.parent / "secret.txt").write_text("secret\n")
    (folder / "out.svg").symlink_to("../../../secret.txt")
    (folder / "in.svg").symlink_to("../../VERSION")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)

    for _ in range(2):
        code, _, err = call(world.root, "submit", "--yes", "--despite-errors")
        assert code == 0, err

    listed = run_git(world.root, "ls-tree", "HEAD", "proposals/BEP-1006/").split("\n")
    assert [one.split()[0] for one in listed] == ["120000", "120000", "100755"]
    assert run_git(world.root, "show", "HEAD:proposals/BEP-1006/out.svg") == "../../../secret.txt"
    assert world.commits() == [TITLE]


def test_a_retitled_proposal_loses_its_old_file(world, call):
    call(world.root, "submit", "--yes", "--no-pr")
    call(world.root, "retitle", "1006", "Ticket Service")

    code, _, err = call(world.root, "submit", "1006", "--yes", "--no-pr")

    assert code == 0, err
    there = run_git(world.root, "ls-tree", "--name-only", "HEAD", "proposals/").split("\n")
    assert "proposals/BEP-1006-ticket-service.md" in there
    assert DOCUMENT not in there
    assert "Ticket Service" in run_git(world.root, "show", f"HEAD:{PAGE}")
    assert run_git(world.root, "status", "--porcelain") == ""


def test_line_endings_are_those_that_git_keeps(world, call):
    run_git(world.root, "config", "core.autocrlf", "true")
    document = world.root / DOCUMENT
    document.write_bytes(document.read_bytes().replace(b"\n", b"\r\n"))

    for _ in range(2):
        code, _, err = call(world.root, "submit", "--yes")
        assert code == 0, err

    shown = run_git(world.root, "cat-file", "blob", f"HEAD:{DOCUMENT}")
    assert "\r" not in shown
    assert world.commits() == [TITLE]


def test_a_hook_that_refuses_the_commit_is_quoted(world, call):
    hook = world.root / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'fatal: no ticket' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = run_git(world.root, "status", "--porcelain")

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (2, "")
    assert "git refused to commit: fatal: no ticket" in err
    assert run_git(world.root, "status", "--porcelain") == before
    assert world.commits() == [""]


# --- Settings -----------------------------------------------------------------------------------


def test_texts_are_templates_in_the_settings(world, call):
    set_up(
        world,
        "    title: 'feat: {title} ({name}) {jira}'\n"
        "    commit: 'bep {number} {slug}'\n"
        "    body: '{scope}'\n"
        "    draft: true\n"
        "    labels: [bep, 'needs review']\n"
        "    news_fragment: changes/{jira}.doc.md\n",
    )
    run_git(world.root, "commit", "--quiet", "--all", "--message=Settings")

    code, _, err = call(world.root, "submit", "--yes")
    assert code == 0, err
    (pull,) = world.github.pulls
    assert "labels" not in err
    assert pull["title"] == "feat: Token Service (BEP-1006) BA-7"
    assert pull["draft"]
    assert [one["name"] for one in pull["labels"]] == ["bep", "needs review"]
    assert world.commits()[0] == "bep 1006 token-service"
    assert run_git(world.root, "show", "HEAD:changes/BA-7.doc.md") == "Add BEP-1006: Token Service"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("title: '{titel}'", "'pull_request.title': unknown field {titel}; the fields are action,"),
        ("title: [a]", "setting 'pull_request.title' is ['a']; write text"),
        ("news_fragment: ../x", "setting 'pull_request.news_fragment' is '../x'; write a path"),
        ("news_fragment: '.git/{name}'", "is '.git/{name}'; write a path from the root"),
        ("news_fragment: '{title}.md'", "unknown field {title}"),
        ("draft: 1", "setting 'pull_request.draft' is 1; write true or false"),
        ("labels: bep", "setting 'pull_request.labels' is 'bep'; write a list of words"),
        ("reviewers: [a]", "setting 'pull_request.reviewers' is unknown; name one of title,"),
    ],
)
def test_a_wrong_setting_is_one_line(world, call, line, said):
    set_up(world, f"    {line}\n")

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_news_fragment_of_somebody_else_stays(world, call):
    set_up(world, "    news_fragment: changes/.doc.md\n")
    (world.root / "changes").mkdir()
    (world.root / "changes/.doc.md").write_text("Theirs\n")

    assert call(world.root, "submit", "--yes")[0] == 0
    assert (world.root / "changes/.doc.md").read_text() == "Theirs\n"
    assert "changes" not in run_git(world.root, "show", "--name-only", "--format=")


def test_a_title_that_is_too_long_for_github_is_cut(world, call):
    set_up(world, f"    title: '{'x' * 300}'\n")

    assert call(world.root, "submit", "--yes")[0] == 0
    assert len(world.github.pulls[0]["title"]) == 250


# --- The registry of both -----------------------------------------------------------------------


def other_row(world: World, row: str = "| 1007 | Theirs | Ada | Draft |") -> None:
    """Push a row to main that a merge cannot put beside the new one."""
    other = world.clone("other")
    page = other / PAGE
    last = next(one for one in page.read_text().split("\n") if one.startswith("| 1005 "))
    page.write_text(page.read_text().replace(last, f"{last}\n{row}"))
    (other / "new.txt").write_text("theirs\n")
    run_git(other, "add", "--all")
    run_git(other, "commit", "--quiet", "--message=Theirs")
    run_git(other, "push", "--quiet", "origin", "HEAD:main")


def test_rows_that_both_added_are_joined(world, call):
    other_row(world)

    code, _, err = call(world.root, "submit", "--yes")

    assert code == 0, err
    text = (world.root / PAGE).read_text()
    assert text.index("Token Service") < text.index("| 1007 | Theirs |")
    assert "<<<<" not in text
    assert (world.root / "new.txt").read_text() == "theirs\n"
    assert run_git(world.root, "status", "--porcelain") == ""
    assert "Merge main and join the registry" in world.commits()
    run_git(world.root, "merge-base", "--is-ancestor", "origin/main", "HEAD")
    # What came with the merge is the main branch's.
    assert run_git(world.root, "rev-parse", "origin/main") == run_git(
        world.remote, "rev-parse", "main"
    )


def test_what_both_changed_apart_is_merged_and_keeps_its_mode(world, call):
    script = "#!/bin/sh\n" + "echo\n" * 9
    (world.root / "run.sh").write_text(script)
    (world.root / "run.sh").chmod(0o755)
    run_git(world.root, "add", "run.sh")
    run_git(world.root, "commit", "--quiet", "--message=Script", "--", "run.sh")
    run_git(world.root, "push", "--quiet", "origin", "HEAD:main")
    other_row(world)
    other = world.root.parent / "other"
    (other / "run.sh").write_text(f"{script}theirs\n")
    run_git(other, "commit", "--quiet", "--all", "--message=Theirs again")
    run_git(other, "push", "--quiet", "origin", "HEAD:main")
    (world.root / "run.sh").write_text(script.replace("#!/bin/sh", "#!/bin/bash"))
    run_git(world.root, "commit", "--quiet", "--message=Ours", "--", "run.sh")

    code, _, err = call(world.root, "submit", "--yes")

    assert code == 0, err
    assert run_git(world.root, "ls-tree", "HEAD", "run.sh").startswith("100755 ")
    merged = (world.root / "run.sh").read_text()
    assert merged.startswith("#!/bin/bash\n")
    assert merged.endswith("theirs\n")


def test_two_titles_for_one_number_are_for_a_person(world, call):
    other_row(world, "| 1006 | Theirs | Ada | Draft |")

    code, out, err = call(world.root, "submit", "--yes", "--despite-errors")

    assert (code, out) == (1, "")
    assert "1006 has two titles" in err
    assert "bep renumber 1006" in err
    assert world.commits() == [""]


def test_a_local_change_in_the_way_of_the_join_is_named(world, call):
    other_row(world)
    (world.root / "new.txt").write_text("mine\n")

    code, _, err = call(world.root, "submit", "--yes")

    assert code == 2
    assert "main cannot be merged: error: The following untracked" in err
    assert (world.root / "new.txt").read_text() == "mine\n"
    assert world.commits() == [TITLE]
    (world.root / "new.txt").unlink()
    assert call(world.root, "submit", "--yes")[0] == 0
    assert world.commits().count(TITLE) == 1


# --- What stands in the way ---------------------------------------------------------------------


def refused(world: World, call, *arguments: str) -> str:
    """The one line of a refused call, after which nothing has changed."""
    before = run_git(world.root, "for-each-ref"), run_git(world.root, "status", "--porcelain")
    code, out, err = call(world.root, "submit", "--yes", *arguments)
    assert code in (1, 2)
    assert out == ""
    assert (run_git(world.root, "for-each-ref"), run_git(world.root, "status", "-s")) == before
    (line,) = err.strip().split("\n")
    return line


def test_errors_of_check_stop_it(world, call):
    document = world.root / DOCUMENT
    document.write_text(document.read_text().replace("Status: Draft", "Status: Maybe"))

    assert f"{DOCUMENT}:" in (line := refused(world, call))
    assert "or give --despite-errors" in line
    assert call(world.root, "submit", "--yes", "--despite-errors")[0] == 0


def test_main_itself_is_refused(world, call):
    run_git(world.root, "stash", "--include-untracked", "--quiet")
    run_git(world.root, "switch", "--quiet", "main")

    assert "this is main" in refused(world, call, "1001")


def test_a_detached_head_is_refused(world, call):
    run_git(world.root, "switch", "--quiet", "--detach")

    assert "this is a detached HEAD" in refused(world, call, "1006")


def test_without_a_remote_the_setting_is_named(world, call):
    run_git(world.root, "remote", "remove", "origin")

    assert "there is no remote 'origin'" in refused(world, call)


def test_a_remote_that_is_not_there_is_said(world, call):
    world.remote.rename(world.remote.with_name("elsewhere"))

    assert "the remote 'origin' does not answer" in refused(world, call)


def test_a_branch_that_diverged_is_not_overwritten(world, call):
    call(world.root, "submit", "--yes")
    other = world.clone("other")
    run_git(other, "switch", "--quiet", BRANCH)
    run_git(other, "commit", "--quiet", "--allow-empty", "--message=Theirs")
    run_git(other, "push", "--quiet", "origin", BRANCH)
    call(world.root, "ask", "1006", "--question", "Which cache?")

    assert f"{BRANCH} on origin has commits that are not in yours" in refused(world, call)


def test_a_merge_that_is_under_way_is_ended_first(world, call):
    (world.root / ".git/MERGE_HEAD").write_text(run_git(world.root, "rev-parse", "HEAD") + "\n")

    assert "a merge is under way" in refused(world, call)


def test_a_server_that_refuses_is_quoted_and_the_commit_kept(world, call):
    hook = world.remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'Protected by policy 7'\nexit 1\n")
    hook.chmod(0o755)

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (2, "")
    assert "(pre-receive hook declined): Protected by policy 7" in err
    hook.unlink()
    assert call(world.root, "submit", "--yes")[0] == 0
    assert world.commits() == [TITLE]


@pytest.mark.sample(1)
@pytest.mark.parametrize(("merged", "said"), [(None, "closed"), ("2026-01-01T00:00:00Z", "merged")])
def test_a_pull_request_that_was_closed_or_merged_is_named(world, call, merged, said):
    call(world.root, "submit", "--yes")
    world.github.pulls[0].update(state="closed", merged_at=merged)
    call(world.root, "ask", "1006", "--question", "Which cache?")

    line = refused(world, call)

    assert f"was {said}: https://github.com/acme/api/pull/1" in line


def test_nobody_is_asked_without_a_terminal(world, call):
    code, out, err = call(world.root, "submit")

    assert (code, out) == (2, "")
    assert "give --yes, or --dry-run to look" in err
    assert world.commits() == [""]


def test_on_a_terminal_it_shows_the_plan_and_asks(world):
    person = Terminal(world.root, "submit")
    person.wait_for(f"pull request  {TITLE}")
    person.wait_for("Go on? [y/N]")
    person.type("n\n")
    assert person.end() == 2
    assert "nothing was changed" in person.shown
    assert world.commits() == [""]

    person = Terminal(world.root, "submit")
    person.wait_for("Go on? [y/N]")
    person.type("y\n")
    assert person.end() == 0, person.shown
    assert "https://github.com/acme/api/pull/1" in person.shown
    assert world.commits() == [TITLE]


def test_a_proposal_that_main_has_as_it_is_needs_nothing(world, call):
    run_git(world.root, "stash", "--include-untracked", "--quiet")

    assert "BEP-1001 is on main as it is here" in refused(world, call, "1001")


# --- GitHub -------------------------------------------------------------------------------------


def test_a_dry_run_prints_everything_and_does_nothing(world, call):
    before = run_git(world.root, "for-each-ref"), run_git(world.root, "status", "--porcelain")

    code, out, err = call(world.root, "submit", "--dry-run")

    assert (code, err) == (0, "")
    for part in (TITLE, DOCUMENT, "git push --set-upstream origin", "gh pr create", "@&#8203;team"):
        assert part in out
    assert (run_git(world.root, "for-each-ref"), run_git(world.root, "status", "-s")) == before
    assert not world.github.issues


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), "gh auth login"),
        (github_server.not_found(), "refuses repos/acme/api/pulls (Not Found)"),
        (Answer(403, {"message": "Slow down"}, {"Retry-After": "9"}), "try again in 9 seconds"),
        (Answer(500, "<html>"), "answered 500"),
        (Answer(200, "<html>"), "not JSON"),
        (Answer(200, {"items": []}), "github.com answered something unexpected"),
        (Answer(200, [{"state": "open"}]), "github.com answered something unexpected"),
        (Answer(200, "[" * 100_000), "not JSON"),
        (Answer(200, '[{"number": 1e999, "state": "open"}]'), "answered something unexpected"),
        (Answer(301, {"message": "Moved Permanently"}), "the repository has moved"),
    ],
)
def test_github_is_asked_before_anything_is_done(world, call, answer, said):
    world.github.fail("GET", "/pulls", answer)

    assert said in (line := refused(world, call))
    assert github_server.TOKEN not in line


@pytest.mark.sample(1)
@pytest.mark.parametrize("status", [403, 422, 500, 502])
def test_where_the_pull_request_fails_a_second_call_makes_it(world, call, status):
    world.github.fail("POST", "/pulls$", Answer(status, {"message": "No"}), times=1)

    code, out, err = call(world.root, "submit", "--yes")
    assert (code, out) == (2, "")
    assert github_server.TOKEN not in err

    assert call(world.root, "submit", "--yes")[0] == 0
    assert world.commits() == [TITLE]
    assert len(world.github.pulls) == 1


def test_without_labels_the_pull_request_is_there_all_the_same(world, call):
    set_up(world, "    labels: [bep]\n")
    world.github.fail("POST", "/labels$", Answer(403, {"message": "No"}))

    code, out, err = call(world.root, "submit", "--yes")

    assert (code, out) == (0, "https://github.com/acme/api/pull/1\n")
    assert "labels bep were not set" in err

    world.github.failures.clear()
    code, _, err = call(world.root, "submit", "--yes")
    assert code == 0
    assert "labels        bep" in err
    assert [one["name"] for one in world.github.pulls[0]["labels"]] == ["bep"]
    world.github.pulls[0]["labels"] = [{"name": "Bep"}]
    assert "labels" not in call(world.root, "submit", "--yes")[2]


def test_without_gh_the_page_that_opens_it_is_printed(world, call, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    code, out, _ = call(world.root, "submit", "--yes")

    assert code == 0
    assert out.startswith(
        f"https://github.com/acme/api/compare/main...{BRANCH}?quick_pull=1&title="
    )
    assert run_git(world.remote, "rev-parse", BRANCH) == run_git(world.root, "rev-parse", "HEAD")
    assert not world.github.issues


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (
            "https://gitlab.example.com/a/b.git",
            "https://gitlab.example.com/a/b/-/merge_requests/new",
        ),
        ("https://codeberg.org/a/b.git", "https://codeberg.org/a/b/compare/main..."),
        ("ssh://git@git.example.com/a/b.git", ""),
    ],
)
def test_another_forge_has_its_own_page(world, call, address, page):
    run_git(world.root, "config", "remote.origin.url", address)
    run_git(world.root, "config", f"url.{world.remote}.insteadOf", address)

    code, out, err = call(world.root, "submit", "--yes")

    assert code == 0
    assert out.startswith(page)
    assert page or f"open a pull request of {BRANCH} into main" in err


def test_no_pr_commits_and_pushes_only(world, call):
    code, out, _ = call(world.root, "submit", "--yes", "--no-pr")

    assert (code, out) == (0, "")
    assert run_git(world.remote, "rev-parse", BRANCH) == run_git(world.root, "rev-parse", "HEAD")
    assert not world.github.requests


def test_a_fork_gets_the_branch_and_the_repository_the_pull_request(world, call):
    fork = world.remote.with_name("fork.git")
    run_git(world.remote.parent, "clone", "--quiet", "--bare", str(world.remote), str(fork))
    run_git(world.root, "remote", "add", "fork", "git@github.com:ada/api.git")
    run_git(world.root, "config", f"url.{fork}.insteadOf", "git@github.com:ada/api.git")
    run_git(world.root, "config", "remote.pushDefault", "fork")
    world.github.branches = lambda name: True

    assert call(world.root, "submit", "--yes")[0] == 0
    assert run_git(fork, "rev-parse", BRANCH) == run_git(world.root, "rev-parse", "HEAD")
    assert world.github.pulls[0]["head"]["label"] == f"ada:{BRANCH}"
    assert BRANCH not in run_git(world.remote, "branch")
    standing = json.loads(call(world.root, "status", "--json")[1])
    assert standing["pull_request"]["number"] == 1
    assert "bep submit 1006" not in standing["next"]


def test_a_fork_can_be_the_address_that_pushes_go_to(world, call):
    fork = world.remote.with_name("fork.git")
    run_git(world.remote.parent, "clone", "--quiet", "--bare", str(world.remote), str(fork))
    run_git(world.root, "config", "remote.origin.pushurl", "git@github.com:ada/api.git")
    run_git(world.root, "config", f"url.{fork}.insteadOf", "git@github.com:ada/api.git")
    world.github.branches = lambda name: True

    assert call(world.root, "submit", "--yes")[0] == 0
    assert world.github.pulls[0]["head"]["label"] == f"ada:{BRANCH}"
    assert "nothing is left to do" in call(world.root, "submit", "--yes")[2]


def test_a_pull_request_that_is_no_draft_stays_none(world, call):
    assert call(world.root, "submit", "--yes")[0] == 0
    assert "`gh pr ready --undo 1`" in call(world.root, "submit", "--yes", "--draft")[2]

    world.github.pulls[0]["draft"] = True
    assert "gh pr ready" not in call(world.root, "submit", "--yes", "--draft")[2]


def test_a_pull_request_into_another_branch_is_not_this_one(world, call):
    call(world.root, "submit", "--yes", "--no-pr")
    world.github._make_pull("acme", "api", BRANCH, "release-1", TITLE, body="theirs")

    assert call(world.root, "submit", "--yes")[0] == 0
    assert [one["base"]["ref"] for one in world.github.pulls] == ["release-1", "main"]


def test_a_remote_that_does_not_let_fetch_is_told(world, call, tmp_path):
    other = world.clone("other")
    run_git(other, "commit", "--quiet", "--allow-empty", "--message=More")
    run_git(other, "push", "--quiet")
    asked = tmp_path / "asked"
    script = tmp_path / "upload-pack"
    script.write_text(
        f'#!/bin/sh\n[ -e {asked} ] && exit 1\ntouch {asked}\nexec git-upload-pack "$@"\n'
    )
    script.chmod(0o755)
    run_git(world.root, "config", "remote.origin.uploadpack", str(script))

    line = refused(world, call)

    assert line.startswith("bep: the remote 'origin' does not answer: ")
    assert line.endswith("; try again when it does")


def test_of_two_submits_one_makes_the_pull_request(world, call):
    call(world.root, "submit", "--yes", "--no-pr")
    other = world.clone("other")
    run_git(other, "switch", "--quiet", BRANCH)

    def meanwhile(method: str, path: str) -> Answer | None:
        if method == "POST" and path.endswith("/pulls") and not world.github.pulls:
            world.github._make_pull("acme", "api", BRANCH, "main", TITLE, body="theirs")
        return None

    world.github.failures.append(meanwhile)

    code, out, _ = call(other, "submit", "--yes")

    assert (code, out) == (0, "https://github.com/acme/api/pull/1\n")
    assert len(world.github.pulls) == 1


def test_of_two_clones_the_second_to_push_is_told(world, call):
    call(world.root, "submit", "--yes", "--no-pr")
    other = world.clone("other")
    run_git(other, "switch", "--quiet", BRANCH)
    call(other, "ask", "1006", "--question", "Theirs?")
    call(world.root, "ask", "1006", "--question", "Ours?")
    assert call(other, "submit", "--yes")[0] == 0

    code, _, err = call(world.root, "submit", "--yes")

    assert code == 2
    assert "has commits that are not in yours" in err


# --- Killed -------------------------------------------------------------------------------------


def test_a_submit_that_is_killed_anywhere_is_taken_up(world, tmp_path):
    set_up(world, "    news_fragment: changes/.doc.md\n")
    run_git(world.root, "commit", "--quiet", "--message=Settings", "--", "invoke.yaml")
    other_row(world)
    shutil.copytree(world.root, root := tmp_path / "start", symlinks=True)
    shutil.copytree(world.remote, tmp_path / "start.git", symlinks=True)
    for last in range(0, 60, EVERY):
        for path, source in ((world.root, root), (world.remote, tmp_path / "start.git")):
            shutil.rmtree(path)
            shutil.copytree(source, path, symlinks=True)
        world.github.issues.clear()
        code, count = run(world.root, ["submit", "--yes"], last)
        if code != DIED:
            break
        assert run(world.root, ["submit", "--yes"])[0] == 0, last
        assert sorted(world.commits()) == sorted(
            [TITLE, "Settings", "Merge main and join the registry", "Theirs"][
                : len(world.commits())
            ]
        )
        assert world.commits().count(TITLE) == 1, last
        assert run_git(world.root, "status", "--porcelain") == "", last
        assert len(world.github.pulls) == 1, last
        assert run_git(world.root, "show", "HEAD:changes/.doc.md") == "Add BEP-1006: Token Service"
        pushed = run_git(world.remote, "rev-parse", BRANCH)
        assert pushed == run_git(world.root, "rev-parse", "HEAD"), last
    assert code == 0
    assert 8 < count <= last
