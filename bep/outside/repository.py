"""A user's repository: where its proposals are and what its files say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..errors import BepError
from ..model import names, registry
from . import git, settings
from .settings import Settings


class Repository(NamedTuple):
    """A Git working tree with a folder of proposals."""

    root: Path
    git_directory: Path
    settings: Settings
    unknown_settings: tuple[str, ...]

    @property
    def proposals(self) -> Path:
        return self.root / self.settings.proposals

    @property
    def registry_page(self) -> Path:
        return self.proposals / names.REGISTRY_PAGE

    def relative(self, path: Path) -> str:
        """`path` as it is named in messages and outputs: relative to the root, with `/`."""
        return path.relative_to(self.root).as_posix()

    def read(self, path: Path) -> str:
        """The text of a file; bytes that are no UTF-8 come back unchanged when it is written.

        Raises BepError where it cannot be read.
        """
        try:
            return decode(path.read_bytes())
        except OSError as error:
            reason = (error.strerror or "error").lower()
            raise BepError(
                f"cannot be read ({reason})", "repair the file or its rights", self.relative(path)
            ) from None

    def read_registry(self) -> registry.Registry:
        """The registry table of the process page.

        Raises BepError where page or table are missing or broken.
        """
        path = self.relative(self.registry_page)
        if not self.registry_page.exists():
            raise BepError("there is no registry here", "make one with `bep init`", path)
        return registry.read(self.read(self.registry_page), path)

    def main_documents(self) -> list[tuple[int, Path]]:
        """All main documents with their numbers, ascending; the blank document is none."""
        folder = self.proposals
        return [(number, folder / name) for number, name in self._names_of_documents()]

    def documents_of(self, number: int) -> list[Path]:
        """The main documents that carry `number`; more than one where it collided."""
        folder = self.proposals
        return [folder / name for found, name in self._names_of_documents() if found == number]

    def _names_of_documents(self) -> list[tuple[int, str]]:
        """The main documents' numbers and file names; a path for each of thousands costs time."""
        try:
            with os.scandir(self.proposals) as entries:
                return sorted(
                    (number, entry.name)
                    for entry in entries
                    if (number := names.number_of_document(entry.name)) and entry.is_file()
                )
        except FileNotFoundError:
            return []

    def directory(self, number: int) -> Path:
        """Where the sub-documents and supporting files of `number` are, if it has any."""
        return self.proposals / names.proposal_name(number)

    def answers_file(self, number: int) -> Path:
        return self.proposals / names.answers_file(number)


def find(folder: Path) -> Repository:
    """The repository that holds `folder`.

    Raises BepError where `folder` is in no Git working tree or the settings are broken.
    """
    found = git.repository(folder)
    if found is None:
        raise BepError("this is no Git repository", "run `git init` first", str(folder))
    root, git_directory = found
    known, unknown = settings.read(root)
    return Repository(root, git_directory, known, tuple(unknown))


def decode(data: bytes) -> str:
    """A file's bytes as text that `encode` turns back into exactly these bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text that `decode` made."""
    return text.encode("utf-8", "surrogateescape")
