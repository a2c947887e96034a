"""The life of a proposal as docs/tutorial.md tells it: two authors, two clones, every step.

The remote is a real repository, JIRA a real server asked by its real client, GitHub the small
server of the tests asked by the real `gh`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import PAGE, run_git
from tests.share import github_server, jira_server
from tests.share.test_submit import connect

TITLE = "Retry Failed Downloads"
BRANCH = "bep/1000-retry-failed-downloads"
DOCUMENT = "proposals/BEP-1000-retry-failed-downloads.md"
TEXTS = {
    "Motivation": "A download that breaks off has to be started again by hand.\n" * 10,
    "Current Design": "`fetch_model()` opens one connection and reads until the end.\n",
    "Proposed Design": "`fetch_model()` tries up to five times.\n",
    "Migration / Compatibility": "Nothing breaks.\n",
    "References": "There are none.\n",
}


@pytest.fixture
def jira(monkeypatch):
    for name in ("JIRA_USER", "JIRA_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with jira_server.serving() as server:
        yield server


@pytest.fixture
def github(monkeypatch):
    with github_server.serving(monkeypatch) as server:
        yield server


def clone(remote: Path, name: str) -> Path:
    """A clone in which somebody of that name works."""
    folder = remote.with_name(name)
    run_git(remote.parent, "clone", "--quiet", str(remote), name)
    connect(folder, remote)
    run_git(folder, "config", "user.name", name.capitalize())
    run_git(folder, "config", "user.email", f"{name}@example.com")
    return folder


def write_sections(document: Path) -> None:
    text = document.read_text()
    for heading, said in TEXTS.items():
        text = text.replace(f"## {heading}\n", f"## {heading}\n\n{said}")
    document.write_text(text)


class Story:
    """The two clones and the servers; each step is a method, and the test calls them in order."""

    def __init__(self, remote: Path, template: Path, call, jira, github) -> None:
        self.template, self.call, self.jira, self.github = template, call, jira, github
        run_git(remote.parent, "init", "--quiet", "--bare", str(remote))
        self.ada = clone(remote, "ada")
        self._make_ready()
        self.grace = clone(remote, "grace")

    def bep(self, folder: Path, *arguments: str) -> str:
        """What a command that ends well prints: its result, else what it notes."""
        code, out, err = self.call(folder, *arguments)
        assert code == 0, (arguments, err)
        return out or err

    def _make_ready(self) -> None:
        self.bep(self.ada, "init", "--template", str(self.template))
        settings = self.ada / "invoke.yaml"
        settings.write_text(f"{settings.read_text()}  jira:\n    url: {self.jira.url}\n")
        (self.ada / "VERSION").write_text("26.8.0\n")
        run_git(self.ada, "add", "--all")
        run_git(self.ada, "commit", "--quiet", "--message=Proposals")
        run_git(self.ada, "push", "--quiet", "origin", "main")

    def two_ideas_get_two_numbers(self) -> None:
        assert self.bep(self.ada, "reserve", TITLE) == "1000\n"
        assert self.bep(self.grace, "reserve", "Faster Uploads") == "1001\n"

    def the_first_gets_an_issue_and_a_document(self) -> str:
        scope = "scope=Downloads are tried again"
        self.bep(self.ada, "new", "--issue", "--defaults", "-d", scope)
        text = (self.ada / DOCUMENT).read_text()
        (key,) = [one for one in text.split() if one.startswith("BA-")]
        assert self.jira.fields(key)["summary"] == TITLE
        return key

    def it_is_written_checked_and_submitted(self, key: str) -> None:
        assert "'Motivation' is empty" in self.bep(self.ada, "status")
        write_sections(self.ada / DOCUMENT)
        assert "Nothing to report" in self.bep(self.ada, "check")
        page = self.bep(self.ada, "submit", "--yes").strip()
        (pull,) = self.github.pulls
        assert (pull["html_url"], pull["title"]) == (page, f"docs({key}): add BEP-1000 {TITLE}")
        assert page in [one["url"] for one in self.jira.links(key)]

    def grace_reviews_it_and_asks(self) -> None:
        run_git(self.grace, "add", "--all")
        run_git(self.grace, "commit", "--quiet", "--message=My number")
        run_git(self.grace, "fetch", "--quiet", "origin")
        run_git(self.grace, "switch", "--quiet", BRANCH)
        assert TITLE in self.bep(self.grace, "review", "origin/main")
        self.bep(self.grace, "ask", "How long may a task wait in all?")
        self.bep(self.grace, "submit", "--yes")
        assert "How long may a task wait" in self.github.pulls[0]["body"]
        for _ in range(2):
            self.bep(self.grace, "review", "origin/main", "--comment")
        (comment,) = self.github.comments
        assert "How long may a task wait" in comment["body"]

    def ada_decides_and_it_is_accepted(self) -> None:
        run_git(self.ada, "pull", "--quiet", "--rebase", "origin", BRANCH)
        assert "Next: bep decide 1000" in self.bep(self.ada, "status")
        decision = ("--decision", "Five minutes", "--rationale", "The scheduler gives up")
        self.bep(self.ada, "decide", "--question", "1", *decision)
        self.bep(self.ada, "mark", "accepted", "--target-version", "26.9.0")
        self.bep(self.ada, "submit", "--yes")
        shown = self.bep(self.ada, "review", "origin/main", "--format", "json")
        (digest,) = json.loads(shown)
        assert digest["status"] == {"from": None, "to": "Accepted"}
        assert "Five minutes" in json.dumps(digest["decisions"]["added"])

    def it_is_merged_and_the_other_joins_its_row(self) -> None:
        run_git(self.ada, "push", "--quiet", "origin", f"{BRANCH}:main")
        self.github.pulls[0].update(state="closed", merged_at="2026-11-26T00:00:00Z")
        run_git(self.grace, "switch", "--quiet", "bep/1001-faster-uploads")
        self.bep(self.grace, "new", "--defaults")
        self.bep(self.grace, "submit", "--yes")
        rows = (self.grace / PAGE).read_text()
        assert rows.index(TITLE) < rows.index("Faster Uploads")
        assert len(self.github.pulls) == 2

    def it_is_released(self, key: str) -> None:
        run_git(self.ada, "switch", "--quiet", "main")
        run_git(self.ada, "pull", "--quiet", "origin", "main")
        standing = self.bep(self.ada, "status", "1000")
        assert "Next: bep mark 1000 implemented --version V" in standing
        run_git(self.ada, "switch", "--quiet", "--create=bep/1000-implemented")
        self.bep(self.ada, "mark", "1000", "implemented", "--version", "26.9.0")
        self.bep(self.ada, "submit", "--yes")
        assert self.github.pulls[-1]["title"] == f"docs({key}): update BEP-1000 {TITLE}"
        (entry,) = json.loads(self.bep(self.ada, "list", "1000", "--json"))
        assert entry["status"] == "Implemented"
        assert run_git(self.ada, "status", "--porcelain") == ""


def test_an_idea_becomes_a_decision_and_a_release(tmp_path, template, call, jira, github):
    story = Story(tmp_path / "api.git", template, call, jira, github)

    story.two_ideas_get_two_numbers()
    key = story.the_first_gets_an_issue_and_a_document()
    story.it_is_written_checked_and_submitted(key)
    story.grace_reviews_it_and_asks()
    story.ada_decides_and_it_is_accepted()
    story.it_is_merged_and_the_other_joins_its_row()
    story.it_is_released(key)
