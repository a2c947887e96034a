"""What `issue` needs of a tracker, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

SUMMARY_LENGTH = 255


class Draft(NamedTuple):
    """What a new issue says of a proposal; each is one line, and text, not markup.

    `path` is the main document's, `page` its address for people or ''. An issue has the `mark` in
    its description, by which it is found where the call that made it was interrupted.
    """

    summary: str
    scope: str
    path: str
    page: str
    mark: str


class Tracker(Protocol):
    """A project of a tracker; `name` is what documents call it, `answer` where answers keep keys.

    `unknown` is written in a plan in place of a key that is not known yet. What the tracker
    refuses, and what prevents it from answering, raises BepError.
    """

    name: str
    answer: str
    unknown: str

    @property
    def place(self) -> str:
        """The project, in words."""

    def in_text(self, text: str) -> list[str]:
        """The project's issues in Markdown, each once, in order."""

    def recorded(self, answers: Sequence[str]) -> list[str]:
        """The project's issues in a list of answers, each once, in order."""

    def page(self, key: str) -> str:
        """The address of an issue for people."""

    def existing(self, named: str) -> str:
        """The key of an issue that a person names; BepError if the project does not have it."""

    def find(self, mark: str) -> str:
        """The key of the issue that has this mark, '' if none is found."""

    def make(self, draft: Draft) -> str:
        """The key of a new issue."""

    def link(self, key: str, url: str, title: str) -> str:
        """Link an issue with an address, if it is not; return why it cannot be linked, or ''."""
