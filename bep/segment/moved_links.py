"""Links to, from and inside a document whose parts moved to documents of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .. import names
from ..markdown import links


class Target(NamedTuple):
    """Where an anchor is now: the sub-document's file, '' for the main document, and its name."""

    file: str
    anchor: str


class Relinking(NamedTuple):
    """A main document that was divided, and where its anchors went.

    `main` is its path from the repository's root; `anchors` are case folded.
    """

    main: links.Path
    anchors: Mapping[str, Target]

    @property
    def directory(self) -> str:
        """The name of the directory of its sub-documents."""
        return names.proposal_name(names.number_of_document(self.main[-1]) or 0)

    def within(self, destination: str, file: str) -> str:
        """A destination of the undivided document as it reads in `file`, '' for the main one.

        What led nowhere leads nowhere; addresses and paths from the root stay.
        """
        path = links.resolved(destination, self.main)
        if not destination or links.is_elsewhere(destination) or not links.may_be_path(destination):
            return destination
        if path == self.main and (target := self._target(destination)):
            return self._to(destination, target, file)
        if not file or destination.startswith(("/", "#", "?")):
            return destination
        rest = destination.removeprefix("./")
        inside = rest.removeprefix(f"{self.directory}/")
        return f"./{inside}" if inside and inside != rest else f"../{rest}"

    def _to(self, destination: str, target: Target, file: str) -> str:
        fragment = self._spelled(destination, target)
        if target.file == file:
            kept = "" if file else destination.partition("#")[0]
            return f"{kept}#{fragment}"
        if not target.file:
            return f"../{links.written(self.main[-1])}#{fragment}"
        folder = "./" if file else f"./{self.directory}/"
        return f"{folder}{links.written(target.file)}#{fragment}"

    def from_elsewhere(self, destination: str, document: links.Path) -> str:
        """A destination in another document, as it reads after the division."""
        if links.resolved(destination, document) != self.main:
            return destination
        target = self._target(destination)
        if target is None:
            return destination
        path = destination.partition("#")[0]
        if target.file:
            folder = path[: path.rfind("/") + 1]
            path = f"{folder}{self.directory}/{links.written(target.file)}"
        return f"{path}#{self._spelled(destination, target)}"

    def _target(self, destination: str) -> Target | None:
        return self.anchors.get(_anchor(links.fragment(destination)))

    def _spelled(self, destination: str, target: Target) -> str:
        """The anchor, as the author wrote it where it kept its name."""
        written = links.fragment(destination)
        return written if _anchor(written) == target.anchor.casefold() else target.anchor


def _anchor(fragment: str) -> str:
    return links.anchor(fragment).casefold()
