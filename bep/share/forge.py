"""Where a repository is on a forge (GitHub, GitLab, Gitea), and the addresses of its pages."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple
from urllib.parse import quote, urlencode

from ..system import template_address

# Servers and browsers refuse addresses that are much longer.
_LONGEST_ADDRESS = 6000
_WEB = re.compile(r"(?:git\+)?(https?://)(?:[^/?#]*@)?([^/?#]+)", re.IGNORECASE)


class Kind(Enum):
    """The forges whose pages are known; `OTHER` has an address and nothing more."""

    GITHUB = "GitHub"
    GITLAB = "GitLab"
    GITEA = "Gitea"
    OTHER = ""


# What of a host's name tells its forge; who has a forge of their own mostly names it so.
_HOSTS = {
    "github": Kind.GITHUB,
    "gitlab": Kind.GITLAB,
    "gitea": Kind.GITEA,
    "forgejo": Kind.GITEA,
    "codeberg": Kind.GITEA,
}


class Forge(NamedTuple):
    """A repository on a forge: its host, its path there, `owner/name`, and where its pages are."""

    kind: Kind
    host: str
    path: str
    site: str

    @property
    def owner(self) -> str:
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        return self.path.partition("/")[2]

    @property
    def page(self) -> str:
        return f"{self.site}/{quote(self.path)}"


def at(address: str) -> Forge | None:
    """The repository on a forge at the address of a remote; None if that is on no host.

    >>> at("git@github.com:lablup/backend.ai.git").page
    'https://github.com/lablup/backend.ai'
    """
    if template_address.is_path(address) or address.startswith("file:"):
        return None
    host, slash, path = template_address.canonical(address).partition("/")
    if not slash or not path:
        return None
    # GitHub's second name, for networks that let only the ports of the web through.
    host = "github.com" if host == "ssh.github.com" else host
    kind = next((kind for word, kind in _HOSTS.items() if word in host), Kind.OTHER)
    if kind is Kind.GITHUB and path.count("/") != 1:
        kind = Kind.OTHER
    # What serves Git over http has its pages beside it; ssh says nothing of their port.
    web = _WEB.match(address)
    return Forge(kind, host, path, f"{web[1]}{web[2]}".lower() if web else f"https://{host}")


def file_page(forge: Forge, branch: str, path: str) -> str:
    """The address of a file on a branch; '' for a forge whose pages are not known."""
    below = {Kind.GITHUB: "blob", Kind.GITLAB: "-/blob", Kind.GITEA: "src/branch"}
    if forge.kind not in below:
        return ""
    return f"{forge.page}/{below[forge.kind]}/{quote(branch)}/{quote(path)}"


def new_pull_request_page(forge: Forge, main: str, branch: str, title: str, body: str) -> str:
    """The address that opens a pull request of `branch` into `main`, filled in with title and body.

    '' for a forge whose pages are not known. A body that would make the address too long is left
    out.
    """
    compared = f"{forge.page}/compare/{quote(main)}...{quote(branch)}"
    if forge.kind is Kind.GITHUB:
        start, fields = compared, {"quick_pull": "1", "title": title, "body": body}
    elif forge.kind is Kind.GITEA:
        start, fields = compared, {"title": title, "body": body}
    elif forge.kind is Kind.GITLAB:
        start = f"{forge.page}/-/merge_requests/new"
        names = ("source_branch", "target_branch", "title", "description")
        values = (branch, main, title, body)
        pairs = zip(names, values, strict=True)
        fields = {f"merge_request[{name}]": value for name, value in pairs}
    else:
        return ""
    whole = f"{start}?{urlencode(fields, quote_via=quote)}"
    if len(whole) <= _LONGEST_ADDRESS:
        return whole
    del fields[next(reversed(fields))]
    return f"{start}?{urlencode(fields, quote_via=quote)}"
