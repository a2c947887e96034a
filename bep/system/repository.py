"""A user's repository: where its proposals are and what its files say."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from .. import guide_file, names
from ..errors import BepError, reason_of
from ..guide import Guide, with_limits
from ..proposal import registry_table
from ..proposal.document import Document, Role
from . import git_objects, git_process, git_refs, git_remotes, settings, working_tree
from .git_objects import Objects
from .settings import Settings
from .working_tree import LARGEST_PAGE, WorkingTree


class Repository(NamedTuple):
    """A Git working tree with a folder of proposals."""

    tree: WorkingTree
    settings: Settings
    unknown_settings: tuple[str, ...]

    @property
    def root(self) -> Path:
        return self.tree.root

    @property
    def git_directory(self) -> Path:
        return self.tree.git_directory

    @property
    def proposals(self) -> Path:
        return self.root / self.settings.proposals

    @property
    def registry_page(self) -> Path:
        return self.proposals / names.REGISTRY_PAGE

    @property
    def guide(self) -> Guide:
        """The process by which this repository's documents are judged, with its own limits.

        It came with the template; without it the tool's own guide applies. Raises BepError if
        it is malformed.
        """
        path = self.proposals / names.GUIDE
        found = (
            guide_file.read(self.read(path), self.relative(path))
            if self.tree.has(path)
            else guide_file.own()
        )
        return with_limits(found, self.settings.limits)

    def document(self, path: Path, role: Role = Role.MAIN) -> Document:
        """A document of a proposal; raises BepError if it cannot be read."""
        return Document(self.read(path), self.relative(path), role, guide=self.guide)

    def relative(self, path: Path) -> str:
        """`path` as it is named in messages and outputs: relative to the root, with `/`."""
        return path.relative_to(self.root).as_posix()

    def read(self, path: Path) -> str:
        """The text of a file; bytes that are no UTF-8 come back unchanged when it is written.

        Raises BepError if it cannot be read.
        """
        return decode(self.content(path))

    def content(self, path: Path) -> bytes:
        """The content of a file; raises BepError if it cannot be read."""
        try:
            return self.tree.read(path)
        except OSError as error:
            problem, remedy = (
                f"cannot be read ({reason_of(error)})",
                "fix the file or its permissions",
            )
            raise BepError(problem, remedy, self.relative(path)) from None

    def head(self, path: Path, size: int) -> str:
        """The text of the first `size` bytes of a file; '' if it cannot be read."""
        try:
            return decode(self.tree.head(path, size))
        except (OSError, BepError):
            return ""

    def with_text(self, empty: Document) -> Document:
        """A document with the text of its file; its `problem` says why that cannot be read."""
        try:
            return empty.with_source(self.read(self.root / empty.path))
        except BepError as error:
            return replace(empty, problem=str(error))

    def objects(self) -> AbstractContextManager[Objects]:
        """Read what Git keeps; of what is larger than a document may be, not the content."""
        return git_objects.objects(self.root, self.git_directory, LARGEST_PAGE)

    def branch_number(self) -> int | None:
        """The number of the proposal that the current branch is for, by its name."""
        return self.settings.number_in(git_refs.branch(self.root))

    def main_branch(self) -> str:
        """The name of the main branch, '' if no ref here shows it."""
        return git_refs.branches(self.root).main(self.settings.main, self.settings.remote)

    def read_registry(self) -> registry_table.Registry:
        """The registry table of the process page.

        Raises BepError if page or table are missing or broken.
        """
        path = self.relative(self.registry_page)
        if not self.tree.has(self.registry_page):
            raise BepError("there is no registry here", "make one with `bep init`", path)
        return registry_table.read(self.read(self.registry_page), path)

    def main_documents(self) -> list[tuple[int, Path]]:
        """All main documents with their numbers, ascending; the blank document is none."""
        folder = self.proposals
        return [(number, folder / name) for number, name in self._names_of_documents()]

    def documents_by_number(self) -> dict[int, list[Path]]:
        """All main documents by their numbers, ascending."""
        found: dict[int, list[Path]] = {}
        for number, path in self.main_documents():
            found.setdefault(number, []).append(path)
        return found

    def documents_of(self, number: int) -> list[Path]:
        """The main documents with this `number`; more than one if it collided."""
        folder = self.proposals
        return [folder / name for found, name in self._names_of_documents() if found == number]

    def _names_of_documents(self) -> list[tuple[int, str]]:
        """The main documents' numbers and file names; a path for each of thousands costs time."""
        return sorted(
            (number, entry.name)
            for entry in self.tree.entries(self.proposals)
            if not entry.is_folder and (number := names.number_of_document(entry.name))
        )

    def sub_documents(self, number: int) -> list[Path]:
        """The Markdown files in the directory of `number`, by name."""
        return self.tree.files(self.directory(number), ".md")

    def directory(self, number: int) -> Path:
        """Where the sub-documents and supporting files of `number` are, if it has any."""
        return self.proposals / names.proposal_name(number)

    def answers_file(self, number: int) -> Path:
        return self.proposals / names.answers_file(number)


def find(folder: Path) -> Repository:
    """The repository that holds `folder`.

    Raises BepError if `folder` is in no Git working tree, where the settings are broken, and
    where the folder of proposals is behind a link.
    """
    found = git_process.repository(folder)
    if found is None:
        raise _no_repository(folder)
    root, git_directory = found
    tree = working_tree.of(root, git_directory)
    known, unknown = settings.read(tree)
    _refuse_linked(tree, known.proposals)
    return Repository(tree, known._replace(remote=shared_remote(tree, known)), tuple(unknown))


def shared_remote(tree: WorkingTree, known: Settings) -> str:
    """The shared remote: the one in the settings or, if that does not exist, the only one."""
    usual = Settings().remote
    if known.remote != usual or not _may_lack(tree, usual):
        return known.remote
    every = git_remotes.remotes(tree.root)
    return every[0] if len(every) == 1 else known.remote


def _may_lack(tree: WorkingTree, remote: str) -> bool:
    """Whether the repository may have only other remotes; asking Git costs a process."""
    try:
        text = (tree.git_directory / "config").read_text("utf-8", "replace")
    except OSError:
        return True
    sections = text.lower()
    has_others = "[remote" in sections or "[include" in sections
    return f'[remote "{remote}"]' not in text and has_others


def _no_repository(folder: Path) -> BepError:
    """Why there is no working tree at `folder`, in words."""
    said = git_process.why_no_repository(folder)
    variables = [name for name in ("GIT_DIR", "GIT_WORK_TREE") if os.environ.get(name)]
    if variables:
        shown = " and ".join(f"{name}={os.environ[name]}" for name in variables)
        problem = f"Git finds no working tree with {shown}"
        remedy = f"`unset {' '.join(variables)}`, and try again in your repository"
    elif owned := re.search("dubious ownership in repository at '(.*)'", said):
        problem = "this repository belongs to another user of the machine, and Git refuses it"
        call = f"git config --global --add safe.directory {shlex.quote(owned[1])}"
        remedy = f"`{call}` if you trust its owner"
    elif "bare repository" in said or "must be run in a work tree" in said:
        problem = "there is no working tree here: this is a bare repository, or Git's own folder"
        remedy = "change into a working tree; `git clone` makes one of a bare repository"
    elif said and "not a git repository" not in said:
        problem, remedy = f"Git cannot read this repository: {said}", "correct that first"
    else:
        problem = "this is not a Git repository"
        remedy = "change into yours, or make this one with `git init`"
    return BepError(problem, remedy, str(folder))


def _refuse_linked(tree: WorkingTree, proposals: str) -> None:
    """Raise BepError if Git knows the files of proposals in another folder."""
    for name in (proposals, f"{proposals}/{names.ANSWERS_FOLDER}"):
        try:
            true = tree.resolved(tree.root / name)
        except (BepError, OSError):
            # Whatever opens it reports what is wrong.
            return
        if true != name:
            raise BepError(
                f"is behind a link, and Git knows its files in {true}",
                f"set `proposals: {true}`" if name == proposals else "make it a folder",
                name,
            )


def why_no_text(text: str) -> str:
    """Why a text is not a document, and what to do: it holds NUL bytes; '' if it is one."""
    if "\0" not in text:
        return ""
    line = text[: text.index("\0")].count("\n") + 1
    return f"is not text: NUL bytes in line {line}; save it as UTF-8"


def decode(data: bytes) -> str:
    """A file's bytes as text that `encode` turns back into exactly these bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text that `decode` made."""
    return text.encode("utf-8", "surrogateescape")
