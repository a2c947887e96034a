"""The pull requests of a branch on GitHub."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import gh
from .forge import Forge


class Pull(NamedTuple):
    """A pull request; `state` is open, closed or merged."""

    number: int
    state: str
    url: str
    title: str
    body: str
    labels: frozenset[str]
    is_draft: bool


def find(forge: Forge, head: str, base: str = "") -> list[Pull]:
    """The pull requests of the branch `head`, which is `owner:branch`, the newest first.

    They go into the branch `base`, or into any without it. Raises BepError if GitHub does not
    answer.
    """
    wanted = {"base": base} if base else {}
    found = gh.get(forge.host, path(forge), head=head, state="all", per_page=100, **wanted)
    with gh.reading(forge.host):
        return [_pull(one) for one in found]


def make(forge: Forge, **fields: Any) -> Pull:
    """Make a pull request of these fields; raises BepError, of which GitHubRefusal is one."""
    made = gh.post(forge.host, path(forge), **fields)
    with gh.reading(forge.host):
        return _pull(made)


def path(forge: Forge, *parts: str | int) -> str:
    """The path of requests about pull requests of a repository, or one of them."""
    return gh.path("repos", forge.owner, forge.name, "pulls", *parts)


def _pull(data: dict[str, Any]) -> Pull:
    state = "merged" if data.get("merged_at") else str(data["state"])
    title, body = str(data["title"]), str(data.get("body") or "")
    labels = frozenset(str(one["name"]).casefold() for one in data.get("labels") or ())
    number, page = int(data["number"]), str(data["html_url"])
    return Pull(number, state, page, title, body, labels, bool(data.get("draft")))
