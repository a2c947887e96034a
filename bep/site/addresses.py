"""Where things are on the site: pages of documents, copied images, source files, issues.

Every address is relative, so the site works below any path and from the file system.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote

from ..markdown import links
from ..questionnaire import issue_references
from ..share import forge as forges
from ..share.forge import Forge

# What a browser may open: everything else is text. JavaScript is the reason.
_OPENED = re.compile(r"https?://|mailto:", re.IGNORECASE)
# What in a text is a reference, though it is not a link.
_REFERENCE = re.compile(
    r"(?<![\w.-])(?<![\w.]/)BEP-(?P<number>\d{3,5})(?![\d_])"
    r"|(?<![\w-])(?P<key>[A-Z][A-Z0-9_]*-[1-9]\d*)(?![\w-])"
    r"|(?<![\w/.-])(?P<issue>[\w.-]+/[\w.-]+\#[1-9]\d*|\#[1-9]\d*)(?!\w)",
    re.ASCII,
)
# Anchors with which an author could take the place of a part of the theme.
_RESERVED = re.compile(r"__|bep-", re.IGNORECASE)


class Target(NamedTuple):
    """Where a link leads; without an address, `problem` says why it leads nowhere."""

    address: str = ""
    problem: str = ""


class Piece(NamedTuple):
    """A piece of a text, and the address of what it refers to, '' for other text."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Addresses:
    """The addresses that do not depend on the page that has the link.

    `pages` are the pages of documents by the documents' paths, `numbers` those of proposals by
    number. `has` says whether the repository has a file or folder at a path.
    """

    pages: Mapping[str, str]
    numbers: Mapping[int, str]
    has: Callable[[str], bool]
    proposals: str
    registry: str
    forge: Forge | None = None
    main: str = ""
    jira: str = ""
    projects: frozenset[str] = frozenset()

    def source(self, path: str, branch: str = "") -> str:
        """The page of a source file on the forge, '' if the forge is not known."""
        wanted = branch or self.main
        return forges.file_page(self.forge, wanted, path) if self.forge and wanted else ""


@dataclass(frozen=True)
class Place:
    """A document on its page: what its links mean.

    `own` are the pages of the documents of its proposal, which take precedence: a branch has
    documents that others have too. `branch` is the branch that has the document, '' for the main
    branch. `made` collects the addresses that were given out.
    """

    addresses: Addresses
    path: str
    page: str
    own: Mapping[str, str] = field(default_factory=dict)
    branch: str = ""
    made: set[str] = field(default_factory=set)

    def relative(self, address: str) -> str:
        """An address of the site as this page has it."""
        page, hash_mark, anchor = address.partition("#")
        found = posixpath.relpath(page, posixpath.dirname(self.page) or ".") if page else ""
        return self._given(f"{quote(found)}{hash_mark}{anchor}")

    def link(self, destination: str) -> Target:
        """Where a link of the document leads."""
        if links.is_elsewhere(destination):
            address = f"https:{destination}" if destination.startswith("//") else destination
            if _OPENED.match(address):
                return Target(self._given(address))
            return Target(problem="an address that is not opened")
        path = links.resolved(destination, tuple(self.path.split("/")))
        if path is None:
            return Target(problem="leads out of the repository")
        anchor = safe_anchor(links.anchor(links.fragment(destination)))
        return self._target("/".join(path), f"#{quote(anchor)}" if anchor else "")

    def _target(self, path: str, anchor: str) -> Target:
        if path == self.path:
            return Target(self._given(anchor or "#"))
        if page := self.own.get(path) or self.addresses.pages.get(path):
            return Target(self.relative(f"{page}{anchor}"))
        if path in (self.addresses.registry, self.addresses.proposals):
            return Target(self.relative("index.html"))
        if not self.addresses.has(path):
            return Target(problem=f"there is no {path}")
        source = self.addresses.source(path, self.branch)
        if source:
            return Target(self._given(f"{source}{anchor}"))
        return Target(problem=f"{path} is not a page of this site")

    def pieces(self, text: str, *, are_issues: bool = False) -> Iterator[Piece]:
        """A text in pieces: references to proposals and issues, and what is between them.

        `#12` is an issue only where a text is about issues (`are_issues`).
        """
        at = 0
        for found in _REFERENCE.finditer(text):
            if address := self._referred(found, are_issues=are_issues):
                yield Piece(text[at : found.start()])
                yield Piece(found[0], address)
                at = found.end()
        yield Piece(text[at:])

    def _referred(self, found: re.Match[str], *, are_issues: bool) -> str:
        if found["number"]:
            page = self.addresses.numbers.get(int(found["number"]), "")
            return self.relative(page) if page and page != self.page else ""
        if found["key"]:
            project = issue_references.project_of(found["key"])
            is_known = self.addresses.jira and project in self.addresses.projects
            return self._given(f"{self.addresses.jira}/browse/{found['key']}") if is_known else ""
        forge = self.addresses.forge
        if forge is None or forge.kind is not forges.Kind.GITHUB:
            return ""
        path, _, number = found["issue"].partition("#")
        if not path and not are_issues:
            return ""
        return self._given(f"https://{forge.host}/{path or forge.path}/issues/{number}")

    def _given(self, address: str) -> str:
        self.made.add(address)
        return address


def safe_anchor(anchor: str) -> str:
    """An anchor that is not a name of a part of the theme, as GitHub does it.

    >>> safe_anchor("__config"), safe_anchor("motivation")
    ('user-content-__config', 'motivation')
    """
    return f"user-content-{anchor}" if _RESERVED.match(anchor) else anchor


INDEX: Final = "index.html"
