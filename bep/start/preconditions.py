"""The gate: what the repository must be like before a proposal is made in it.

Rules of form are the questionnaire's. What depends on the repository is refused here, on `copy`
and `new` only: never at a replay of stored answers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import guide_file, names
from ..errors import BepError
from ..questionnaire import answers as answer_forms, validation
from ..system import git_refs
from ..system.repository import Repository
from . import held_numbers, reserved_numbers
from .claims import Taken
from .reserved_numbers import folded


def refuse_unready(repository: Repository, place: Path, for_registry: bool) -> None:
    """Raise BepError if no proposal can be made at `place`, the destination of `copier copy`.

    `for_registry`: the process page and the blank document are to be made, which must not exist.
    """
    refuse_below_root(repository, place)
    if repository.tree.has(repository.root / ".copier-answers.yml"):
        raise BepError(
            "the answers file of another template is at the root, and Copier would take its"
            " answers for this template's",
            "use `bep new`, which does not",
            ".copier-answers.yml",
        )
    if not for_registry:
        refuse_without_registry(repository)
        return
    blank = repository.proposals / names.main_document(0, "template")
    # Copier writes these by itself, and follows any link.
    for name in ("invoke.yaml", "tasks.py"):
        repository.tree.resolved(repository.root / name)
    for path in (repository.registry_page, blank):
        if repository.tree.has(path):
            raise BepError(
                "exists already", "`bep init` makes only what is missing", repository.relative(path)
            )


def refuse_below_root(repository: Repository, place: Path) -> None:
    """Raise BepError if `place`, the destination of Copier, is not the repository's root."""
    if place.resolve() != repository.root.resolve():
        raise BepError(
            "this is not the root of its repository", f"use {repository.root}", str(place)
        )


def refuse_indirect(repository: Repository, place: Path) -> None:
    """Raise BepError if `place` is not the root, or is a path to it that contains `..`.

    There, Copier fails in the middle of an update, after it has written the answers file.
    """
    refuse_below_root(repository, place)
    if ".." in place.parts:
        raise BepError("Copier does not update through `..`", f"use {repository.root}", str(place))


def refuse_without_registry(repository: Repository) -> None:
    """Raise BepError if the registry is missing or broken, or cannot be written."""
    repository.read_registry()
    refuse_read_only(repository)


def refuse_untitled(repository: Repository, given: Mapping[str, Any]) -> None:
    """Raise BepError if neither the answers nor a reservation of the branch say the title."""
    waiting = reserved_numbers.reserved_by_branch(repository)
    if str(given.get("title", "")).strip() or (waiting and waiting.title):
        return
    branch = git_refs.branch(repository.root) or ""
    number = repository.settings.number_in(branch)
    for document in repository.documents_of(number) if number is not None else ():
        raise BepError(
            f"the proposal of the branch {branch} is already written",
            "`bep new TITLE` begins another one",
            repository.relative(document),
        )
    raise BepError("a new proposal needs a title", '`bep new "What is proposed"`')


def refuse_read_only(repository: Repository) -> None:
    """Raise BepError if the proposals folder or the registry cannot be written."""
    repository.tree.refuse_not_checked_out(repository.registry_page)
    for path in (repository.proposals, repository.registry_page):
        if not os.access(path, os.W_OK):
            raise BepError("cannot be written", "change its permissions", repository.relative(path))


def refuse_taken(repository: Repository, answers: Mapping[str, Any]) -> None:
    """Raise BepError if these answers do not fit the repository or their number is taken.

    It is Taken where another number would do. A number that waits for its document may be taken up
    from its branch, by its author, or with its title.
    """
    if answers["layout"] == validation.REGISTRY:
        # Copier writes these by itself, and follows any link.
        for name in answer_forms.skill_files(answers):
            repository.tree.resolved(repository.root / name)
        repository.tree.resolved(repository.proposals / names.AGENTS_PAGE)
        return
    if not str(answers["slug"]).strip():
        raise BepError("the answer 'slug' is empty", "leave it out to derive it from the title")
    if answers["proposals"] != repository.settings.proposals:
        raise BepError(
            f"the folder {answers['proposals']!r} is not the one in the settings,"
            f" {repository.settings.proposals!r}",
            "set `proposals` in invoke.yaml",
        )
    number = answers["number"]
    if documents := repository.documents_of(number):
        raise Taken(
            f"the number {number} is taken",
            "leave the number out",
            repository.relative(documents[0]),
        )
    reserved_numbers.refuse_held(repository, number, "leave the number out")
    held_numbers.refuse_far(repository, number)
    refuse_reserved(repository, answers)


def refuse_existing(repository: Repository, files: Iterable[str]) -> None:
    """Raise BepError if one of the files that a proposal gets, from the root, is there."""
    for file in files:
        if repository.tree.has(repository.root / file):
            raise BepError("exists already", "move it away", file)


def refuse_other_answers_file(answers: Mapping[str, Any], file: str | Path) -> None:
    """Raise BepError if Copier would write these answers to a file that is not theirs.

    `file` is relative to the root. `copier recopy` names the file of an existing proposal, and
    would create that proposal a second time.
    """
    own = Path(answers["proposals"], names.answers_file(answers["number"]))
    if Path(os.path.normpath(file)) != own:
        raise BepError(
            f"the answers of {names.proposal_name(answers['number'])} belong in {own.as_posix()}",
            "leave out --answers-file; `bep update` or `copier update` moves a proposal to a"
            " newer template",
            Path(file).as_posix(),
        )


def problem_of_number(repository: Repository, number: int) -> str | None:
    """The reason why a new proposal cannot have `number`: another one has it. Else None."""
    try:
        reserved_numbers.refuse_held(repository, number, "")
    except Taken:
        is_taken = True
    else:
        is_taken = bool(repository.documents_of(number))
    # Copier shows what fits in one line of the terminal.
    return (
        f"{number} is taken; {held_numbers.next_number(repository)} is free" if is_taken else None
    )


def refuse_reserved(repository: Repository, answers: Mapping[str, Any]) -> None:
    """Raise Taken if the number is reserved for somebody else's document."""
    number, title, author = answers["number"], answers["title"], answers["author_name"]
    reserved = reserved_numbers.reserved(repository, number)
    if (
        reserved.known_by
        and not reserved.known_by & {folded(title), folded(author)}
        and repository.branch_number() != number
    ):
        raise Taken(
            f"the number {number} is reserved for {reserved.title!r}"
            f" by {reserved.author or 'somebody'}",
            "leave the number out, or give that title",
            repository.relative(repository.registry_page),
        )


def files(repository: Repository, answers: Mapping[str, Any]) -> list[str]:
    """The files, from the root, that Copier writes for a proposal with these answers."""
    if answers["layout"] == validation.REGISTRY:
        return []
    number = answers["number"]
    paths = [
        repository.answers_file(number),
        repository.proposals / names.main_document(number, answers["slug"]),
    ]
    paths += [
        repository.directory(number) / one.file
        for one in answer_forms.sub_documents(guide_file.own(), answers)
    ]
    return [repository.relative(path) for path in paths]
