"""A proposal as its answers file records it, and what the recorded revision renders from it.

A proposal without an answers file is read as `adopt` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .. import names
from ..errors import BepError
from ..system import template_revisions
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, decode
from ..system.template_trust import TrustedTemplate
from . import adopt, answers_file
from .adopt import Adopter


class Rendered(NamedTuple):
    """What the recorded revision makes of answers: the files by path, and the answers file."""

    files: Mapping[str, str]
    answers: Change

    def main_document(self, number: int) -> str:
        """The text of the main document."""
        return next(
            text for path, text in self.files.items() if names.number_of_path(path) == number
        )


class Recorded:
    """A proposal's record and its template revision; `place` takes a checkout of the template.

    `remarks` say what keeps others from updating it, where the record is new, and whether the
    template could be reached.
    Raises BepError if the answers file is broken, comes from another template than the
    configured one, or names a revision that does not exist.
    """

    def __init__(
        self, repository: Repository, main: Main, trusted: TrustedTemplate, place: Path
    ) -> None:
        self._repository = repository
        self._path = repository.answers_file(main.number)
        self._shown = repository.relative(self._path)
        adopter = Adopter(repository, trusted, adopt.Request([main.number]), place)
        if repository.tree.has(self._path):
            self.record = answers_file.read(self._content(), self._shown)
        else:
            adoption = adopter.planned(main.number, main.path)
            self.record = answers_file.read(adoption.changes[-1].content, self._shown)
        self.remarks = tuple(adopter.remarks)
        template_revisions.refuse_other(
            self.record.source,
            trusted.address,
            "rendering it runs the template's code: name it in the settings, or with --template",
            self._shown,
        )
        revisions = adopter.revisions
        found = revisions.recorded(self.record.revision, main.number, self._shown)
        self._revision = revisions.at(found)
        replayed = self._revision.replayed(self.record.answers, judged=False)
        answers_file.refuse_problems(replayed.problems, self._content(), self._shown)
        self.answers: Mapping[str, Any] = replayed.answers

    def rendered(self, answers: Mapping[str, Any]) -> Rendered:
        """The documents for other answers, and the answers file that holds them.

        Raises BepError for malformed answers.
        """
        replayed = self._revision.replayed(answers)
        for name, reason in replayed.problems.items():
            raise BepError(f"answer {name!r}: {reason}", "give another name", self._shown)
        files = self._revision.rendered(replayed.answers, self.record.source)
        change = Change(self._path, files.pop(self._shown))
        return Rendered({path: decode(content) for path, content in files.items()}, change)

    def _content(self) -> bytes:
        tree = self._repository.tree
        return self._repository.content(self._path) if tree.has(self._path) else b""
