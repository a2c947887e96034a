"""GitHub's issues as a tracker, through `gh`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..errors import BepError
from ..markdown import escapes
from ..proposal import related_issues
from ..questionnaire import issue_references
from ..system import git_remotes
from ..system.repository import Repository
from . import forge, gh
from .forge import Forge, Kind
from .gh import GitHubRefusal
from .tracker import Draft


class GitHubIssues:
    """The issues of the repository on GitHub that is the remote."""

    name = related_issues.GITHUB
    answer = "github"
    unknown = "#NEW"

    def __init__(self, repository: Repository) -> None:
        """Raise BepError if the remote is not on GitHub."""
        remote = repository.settings.remote
        found = forge.at(git_remotes.remote_address(repository.root, remote))
        # Whether another host is one of GitHub's, `gh` knows.
        if found is None or found.kind in (Kind.GITLAB, Kind.GITEA) or found.path.count("/") != 1:
            raise BepError(
                f"the remote {remote!r} is not on GitHub",
                "an issue in JIRA needs neither --github nor a key such as #12",
            )
        self._forge: Forge = found
        self._issues = gh.path("repos", found.owner, found.name, "issues")

    @property
    def place(self) -> str:
        return f"{self._forge.path} at {self._forge.host}"

    def in_text(self, text: str) -> list[str]:
        return self.recorded(issue_references.github_in(text))

    def recorded(self, answers: Sequence[str]) -> list[str]:
        path = self._forge.path
        numbers = (issue_references.github_number(one, path) for one in answers)
        return list(dict.fromkeys(f"#{number}" for number in numbers if number))

    def page(self, key: str) -> str:
        return f"{self._forge.page}/issues/{key.removeprefix('#')}"

    def existing(self, named: str) -> str:
        number = issue_references.github_number(named, self._forge.path)
        if number is None:
            raise BepError(
                f"{named!r} is not an issue of {self._forge.path}", "write one such as #12"
            )
        try:
            gh.get(self._forge.host, f"{self._issues}/{number}")
        except GitHubRefusal as refusal:
            if refusal.status not in (404, 410):
                raise
            raise BepError(
                f"there is no issue #{number} in {self.place}, or you may not see it",
                "correct --key",
            ) from None
        return f"#{number}"

    def find(self, mark: str) -> str:
        # Newest first: the call that was interrupted is not long ago. In a busy repository, many
        # may be newer, but few of one's own.
        own = {"creator": gh.user(self._forge.host)}
        found = ""
        # An account that GitHub does not know has made none.
        with suppress(GitHubRefusal):
            found = self._with_mark(mark, **own)
        return found or self._with_mark(mark)

    def _with_mark(self, mark: str, **query: str) -> str:
        there = gh.get(self._forge.host, self._issues, state="all", per_page=100, **query)
        with gh.reading(self._forge.host):
            issues = [one for one in there if "pull_request" not in one]
            found = [f"#{int(one['number'])}" for one in issues if mark in (one["body"] or "")]
        return next(iter(found), "")

    def make(self, draft: Draft) -> str:
        made = gh.post(
            self._forge.host, self._issues, title=draft.summary, body=_description(draft)
        )
        with gh.reading(self._forge.host):
            return f"#{int(made['number'])}"

    def link(self, key: str, url: str, title: str) -> str:  # noqa: ARG002
        """Do nothing: on GitHub an issue has links in its text only."""
        return ""


def _description(draft: Draft) -> str:
    document = escapes.markdown_text(draft.path)
    if draft.page:
        document = f"[{document}]({draft.page})"
    scope = [f"Scope: {escapes.quoted_text(draft.scope)}"] if draft.scope else []
    return "\n\n".join([*scope, f"Proposal: {document}", f"<!-- {draft.mark} -->"])
