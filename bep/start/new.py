"""`new` and `copier copy`: a number, documents and a registry row become a proposal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .. import names
from ..proposal import registry_table
from ..proposal.document import Document
from ..questionnaire import validation
from ..system import file_transaction, git_remotes
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import (
    author as authors,
    branch as branches,
    claim_refs,
    claims,
    held_numbers,
    preconditions,
    reserved_numbers,
)
from .branch import Branch
from .claim_refs import Claim
from .held_numbers import Remote
from .rendering import Rendering
from .reserved_numbers import folded


def register(
    repository: Repository, number: int, title: str, author: str, status: str, link: str
) -> Change | None:
    """The process page with the row of `number`; None if it has that row already."""
    found = repository.read_registry()
    text = registry_table.set_row(found, number, title, author, status, link)
    return Change(repository.registry_page, encode(text)) if text != found.source else None


def register_copy(repository: Repository, answers: Mapping[str, Any]) -> None:
    """Take the number of documents that `copier copy` has just written, and write its row.

    Raises BepError if somebody took the number since the questionnaire began.
    """
    if answers["layout"] == validation.REGISTRY:
        return
    number, title = answers["number"], answers["title"].strip()
    try:
        claims.take(repository, title, answers["author_name"], number)
    except claims.Taken:
        preconditions.refuse_reserved(repository, answers)
    with file_transaction.alone(repository.tree):
        change = _row(repository, answers)
        if change:
            file_transaction.write(repository.tree, [change])


def _row(repository: Repository, answers: Mapping[str, Any]) -> Change | None:
    """The process page with the row of a proposal that has a document; None if it has it."""
    number, link = answers["number"], names.main_document(answers["number"], answers["slug"])
    title, author = answers["title"].strip(), answers["author_name"]
    return register(repository, number, title, author, answers["status"], link)


def farewell(repository: Repository, answers: Mapping[str, Any], *, registered: bool) -> str:
    """What `copier copy` says at the end: what was made, and what to do next.

    `registered` says whether the number was taken and its row written.
    """
    folder = answers["proposals"]
    if answers["layout"] == validation.REGISTRY:
        return f"Made {folder}/README.md, the blank document and invoke.yaml. Next: commit them."
    number, slug = answers["number"], answers["slug"]
    made = f"Made {folder}/{names.main_document(number, slug)}"
    if not registered:
        return (
            f"{made}; its number has no row and no claim, as tasks were skipped.\n"
            f"Next: `bep renumber {number} --to {number}` takes the number and writes the row."
        )
    has_remote = bool(git_remotes.remotes(repository.root))
    publish = "`bep sync` publishes the number; then " if has_remote else ""
    return (
        f"{made} and registered it in {folder}/README.md.\n"
        f"Next: {publish}write the sections in their order, commit on the branch"
        f" {branches.name_of(repository, number, slug)}, and open a pull request."
    )


class Created(NamedTuple):
    """What `new` made: its changes, the answers, and the current branch."""

    number: int
    changes: tuple[Change, ...]
    answers: dict[str, Any]
    branch: Branch | None

    def main(self, repository: Repository) -> Main:
        """The main document, even if it is only planned."""
        path = repository.proposals / names.main_document(self.number, self.answers["slug"])
        text = next(decode(one.content) for one in self.changes if one.path == path)
        document = Document(text, repository.relative(path), guide=repository.guide)
        return Main(self.number, path, document)


def waiting_number(repository: Repository, given: Mapping[str, Any]) -> dict[str, int]:
    """The number that this author has reserved for this title, as an answer.

    No answer if there is none, or if the branch names it anyway.
    """
    if "number" in given or "title" not in given:
        return {}
    by_branch = reserved_numbers.reserved_by_branch(repository)
    if by_branch and folded(by_branch.title) == folded(str(given["title"])):
        return {}
    author = given.get("author_name") or authors.suggested(repository, repository.root).name
    number = reserved_numbers.waiting_for(
        repository, str(given["title"]), str(author), claim_refs.own(repository)
    )
    return {} if number is None else {"number": number}


def reserved_title(repository: Repository, given: Mapping[str, Any]) -> dict[str, str]:
    """The title that the number in these answers is reserved for, as an answer, or no answer."""
    number = names.number_in_digits(str(given.get("number", "")))
    if number is None or str(given.get("title", "")).strip():
        return {}
    title = reserved_numbers.reserved(repository, number).title
    return {"title": title} if title and not repository.documents_of(number) else {}


def own_number(repository: Repository, given: Mapping[str, Any]) -> int | None:
    """The number whose reservation a new proposal takes up, None if it gets the next one."""
    by_branch = reserved_numbers.reserved_by_branch(repository)
    number = given.get("number") or (by_branch.number if by_branch else None)
    return None if number is None else int(number)


def suggested_number(
    repository: Repository, given: Mapping[str, Any], remote: Remote | None
) -> dict[str, int]:
    """The next number as a suggestion, if the remote has more numbers than this repository."""
    if remote is None or "number" in given or reserved_numbers.reserved_by_branch(repository):
        return {}
    return {"number": held_numbers.next_number(repository, remote)}


def create(
    repository: Repository,
    rendered: Rendering,
    render: Callable[[Mapping[str, Any]], Rendering],
    *,
    number_given: bool,
    remote: Remote | None,
    dry_run: bool = False,
) -> Created:
    """Make a proposal: number, branch, documents, answers file and registry row, all or nothing.

    A number that somebody took meanwhile is replaced by the next one, unless it was given; `render`
    then renders the files again. The number is taken on `remote` too, unless that is None.
    """
    if dry_run:
        _refuse(repository, rendered)
        changes = _changes(repository, rendered)
        return Created(rendered.answers["number"], changes, rendered.answers, None)

    def made(wanted: int | None) -> Created:
        claim, is_new = _claim(repository, rendered, wanted, number_given, remote)
        with claims.kept_if_used(repository, claim, remote, is_new=is_new):
            ours = rendered
            if claim.number != rendered.answers["number"]:
                ours = render({**rendered.answers, "number": claim.number})
            place = (repository, claim.number, ours.answers["slug"])
            branch = branches.enter_existing(*place)
            with file_transaction.alone(repository.tree):
                _refuse(repository, ours)
                changes = _changes(repository, ours)
                file_transaction.write(repository.tree, changes)
        branch = branch or branches.enter(*place)
        return Created(claim.number, changes, ours.answers, branch)

    wanted: int | None = rendered.answers["number"]
    while True:
        try:
            return made(wanted)
        except claims.Taken:
            if number_given:
                raise
            wanted = None


def _refuse(repository: Repository, rendered: Rendering) -> None:
    """Raise BepError if the number or one of the files is there already."""
    preconditions.refuse_taken(repository, rendered.answers)
    preconditions.refuse_existing(repository, rendered.files)


def _claim(
    repository: Repository,
    rendered: Rendering,
    wanted: int | None,
    given: bool,
    remote: Remote | None,
) -> tuple[Claim, bool]:
    """The claim of `wanted`, or of the next number, and whether it was made just now.

    Raises Taken where `wanted` is somebody else's.
    """
    title, author = rendered.answers["title"].strip(), rendered.answers["author_name"]
    if wanted is None:
        return claims.take(repository, title, author, remote=remote), True
    # Another process may be writing the files of that number.
    with file_transaction.alone(repository.tree):
        _refuse(repository, rendered)
    by_branch = reserved_numbers.reserved_by_branch(repository)
    waits = reserved_numbers.waiting_for(
        repository, title, author, claim_refs.own(repository)
    ) == wanted or (by_branch is not None and by_branch.number == wanted)
    if given or waits:
        return reserved_numbers.claim_reserved(
            repository, wanted, title, author, remote, given=given
        )
    return claims.take(repository, title, author, wanted, remote), True


def _changes(repository: Repository, rendered: Rendering) -> tuple[Change, ...]:
    made = [Change(repository.root / path, content) for path, content in rendered.files.items()]
    # The answers file last: once it exists, the documents do.
    last = repository.answers_file(rendered.answers["number"])
    made.sort(key=lambda change: change.path == last)
    row = _row(repository, rendered.answers)
    return (*([row] if row else []), *made)
