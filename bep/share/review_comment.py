"""The one comment on a branch's pull request that has the digest, kept up to date through `gh`."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import BepError
from ..system.repository import Repository
from . import branch_pulls, gh, target as targets
from .forge import Forge, Kind
from .gh import GitHubRefusal

# By this, and by who wrote it, the comment is found again; GitHub does not show it.
MARK = "<!-- bep review -->\n"
_OF_A_PULL_REQUEST = re.compile(r"refs/pull/([0-9]{1,9})/")


class Place(NamedTuple):
    """A pull request on GitHub: the host, and the path of requests below that repository."""

    host: str
    owner: str
    name: str
    number: int

    def path(self, *parts: str | int) -> str:
        """Return the path of a request below the repository's issues."""
        return gh.path("repos", self.owner, self.name, "issues", *parts)


class Kept(NamedTuple):
    """The comment's page, '' if there is none; `problem` says why it could not be written."""

    page: str
    problem: str = ""


def keep(repository: Repository, text: str, *, is_empty: bool) -> Kept:
    """Write `text` into the comment, or make it if the digest is not empty.

    Raise BepError if the branch has no open pull request on GitHub, and without `gh`. That its
    account may not comment is not an error.
    """
    try:
        place = _place(repository)
        with gh.reading(place.host):
            return _written(place, MARK + text, is_empty=is_empty)
    except GitHubRefusal as refusal:
        if refusal.status not in gh.NOT_ALLOWED:
            raise
        return Kept("", refusal.message)


def _written(place: Place, body: str, *, is_empty: bool) -> Kept:
    comments = gh.every(place.host, place.path(place.number, "comments"))
    user = gh.user(place.host) if any(map(_is_marked, comments)) else ""
    own = [one for one in comments if _is_marked(one) and one["user"]["login"] == user]
    if not own and is_empty:
        return Kept("")
    if not own:
        made = gh.post(place.host, place.path(place.number, "comments"), body=body)
        return Kept(made["html_url"])
    if own[0]["body"].split() != body.split():
        gh.patch(place.host, place.path("comments", own[0]["id"]), body=body)
    return Kept(own[0]["html_url"])


def _is_marked(comment: dict[str, str]) -> bool:
    return (comment["body"] or "").startswith(MARK.rstrip())


def _place(repository: Repository) -> Place:
    """Return the pull request: in a workflow the one that it runs for, else the branch's."""
    of_workflow = _OF_A_PULL_REQUEST.match(os.environ.get("GITHUB_REF", ""))
    owner, _, name = os.environ.get("GITHUB_REPOSITORY", "").partition("/")
    if of_workflow and owner and name:
        server = urlsplit(os.environ.get("GITHUB_SERVER_URL", "")).hostname
        return Place(server or "github.com", owner, name, int(of_workflow[1]))
    target = targets.find(repository)
    forge = target.forge
    if forge is None or not (targets.has_gh(forge) or forge.kind is Kind.GITHUB):
        raise BepError(
            f"the remote {target.remote} is not on GitHub, where a comment could be written",
            "leave out --comment",
        )
    return Place(forge.host, forge.owner, forge.name, _open_pull(forge, target.head))


def _open_pull(forge: Forge, head: str) -> int:
    opened = [one for one in branch_pulls.find(forge, head) if one.state == "open"]
    if not opened:
        raise BepError(f"{head} has no open pull request", "open it with `bep submit`")
    return opened[0].number
