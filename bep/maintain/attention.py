"""`list --attention`: what someone should look at, and why. Does not contact the remote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import BepError
from ..proposal import lifecycle, registry_table
from ..proposal.citation import Citation
from ..proposal.document import Document
from ..proposal.registry_table import Registry, Row
from ..questionnaire import product_version as version
from ..system import chosen_proposals, citations, git_refs, template, template_address
from ..system.repository import Repository
from ..words import counted
from . import proposal_list, proposal_times
from .proposal_list import Entry
from .proposal_times import Times

# An open question is discussed for some weeks; after that it is forgotten.
_LONG_DAYS = 30
# A template revision as Copier records it: a tag, or a number of commits behind one.
_REVISION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-(\d{1,9})-g[0-9a-f]+)?")


class Known(NamedTuple):
    """What is known about the repository besides the proposal that is looked at.

    `mains` are the paths of the main documents by their numbers, and `cited` the places outside
    the proposals that cite them.
    """

    page: Registry
    mains: Mapping[int, Sequence[str]]
    ages: dict[int, str]
    newest: str
    version: str
    cited: Mapping[int, Sequence[Citation]]


def reasons(
    repository: Repository, entries: Sequence[Entry], everything: Sequence[Entry]
) -> list[tuple[Entry, list[str]]]:
    """The entries that someone should look at, each with the reasons, in a few words.

    `everything` are all entries of the repository: one of them may have a newer revision.
    """
    mains: dict[int, list[str]] = {}
    for entry in everything:
        if entry.main and not entry.tip:
            mains.setdefault(entry.number, []).append(entry.main)
    known = Known(
        repository.read_registry(),
        mains,
        proposal_list.ages(repository),
        _newest_revision(repository, everything),
        _product_version(repository),
        citations.by_number(repository),
    )
    documents = proposal_times.read_documents(repository, entries)
    times = proposal_times.of_entries(repository, entries, documents=documents)
    found = [
        (entry, list(_reasons(repository, entry, read, time, known)))
        for entry, read, time in zip(entries, documents, times, strict=True)
    ]
    return [(entry, why) for entry, why in found if why]


def _reasons(
    repository: Repository, entry: Entry, read: Document, times: Times | None, known: Known
) -> Iterator[str]:
    wrong = list(_wrong_links(repository, entry, known))
    yield from wrong
    if entry.main is None:
        yield from () if wrong else _of_reservation(entry, known)
        return
    if entry.problem:
        yield entry.problem
        return
    if not entry.tip:
        # Another branch has its own registry.
        yield from _of_registry(repository, entry, read, known, has_wrong_link=bool(wrong))
    yield from _of_status(read, known)
    yield from _of_citations(read, known.cited.get(entry.number, ()))
    if times:
        yield from _of_questions(read, times)
        yield from _of_age(read, times, repository.settings.untouched_days)
    status = repository.guide.status_of(entry.status or "")
    if not (status and status.final):
        yield from _of_revision(repository, entry, known.newest)


def _wrong_links(repository: Repository, entry: Entry, known: Known) -> Iterator[str]:
    """Rows whose link is wrong, in the words of `check`."""
    tree, root = repository.tree, repository.root
    for row in known.page.rows:
        if row.number == entry.number:
            wrong = registry_table.wrong_link(
                known.page.path,
                row,
                known.mains.get(entry.number, ()),
                has_file=lambda path: tree.is_file(root / path),
                has_directory=lambda path: tree.is_folder(root / path),
            )
            yield from [wrong] if wrong else []


def _of_reservation(entry: Entry, known: Known) -> Iterator[str]:
    if entry.author:
        age = known.ages.get(entry.number)
        yield f"reserved {age}, without a document" if age else "reserved without a document"


def _of_registry(
    repository: Repository, entry: Entry, read: Document, known: Known, *, has_wrong_link: bool
) -> Iterator[str]:
    if len(known.mains[entry.number]) > 1:
        yield "another document has the same number"
    rows = [row for row in known.page.rows if row.number == entry.number]
    row: Row | None = None
    if len(rows) < 2 and entry.main:
        main = repository.root / entry.main
        row = chosen_proposals.row_of(repository, known.page, entry.number, main)
    if len(rows) > 1:
        yield "two rows of the registry have its number"
    elif row is None:
        yield from () if has_wrong_link else ("no row in the registry",)
    elif row.status != read.metadata.value("status"):
        yield f"the registry says {row.status or 'no status'}"


def _of_status(read: Document, known: Known) -> Iterator[str]:
    """What the lifecycle requires and the metadata lacks."""
    status = read.status
    if status is None:
        written = read.metadata.value("status")
        yield f"the status {written!r} is unknown" if written else "no status"
        return
    name = status.name.lower()
    lacking = [
        key.key
        for key in read.guide.requirements(status)
        if key.needed_in[0] == status.id and not read.metadata.value(key.id)
    ]
    if lacking:
        yield f"{name} without {', '.join(lacking)}"
    target = read.metadata.value(lifecycle.TARGET)
    if not status.final and status.settled and version.is_before(target, known.version):
        yield f"{name} for {target}, and {known.version} is current"


def _of_citations(read: Document, places: Sequence[Citation]) -> Iterator[str]:
    """Code that relies on what is not agreed yet, or is not to be built."""
    status = read.status
    if not places or status is None or (status.settled and not lifecycle.is_given_up(read)):
        return
    first = places[0]
    others = len(places) - 1
    more = f" and {counted(others, 'more place')}" if others else ""
    yield f"{status.name.lower()}, and cited in {first.path}:{first.line}{more}"


def _of_questions(read: Document, times: Times) -> Iterator[str]:
    oldest = times.oldest_question_days
    status = read.status
    if oldest is None or status is None:
        return
    count = len(times.asked)
    many = counted(count, "open question")
    if status.final and status.settled:
        yield f"{status.name.lower()} with {many}"
    elif not status.final and oldest >= _LONG_DAYS:
        yield f"{many}, the oldest for {oldest} days"


def _of_age(read: Document, times: Times, most: int) -> Iterator[str]:
    """A proposal that is still to be decided, and that nobody works on."""
    status = read.status
    days = times.untouched_days
    if status and not status.settled and not status.final and days >= most:
        yield f"{status.name.lower()}, untouched for {days} days"


def _of_revision(repository: Repository, entry: Entry, newest: str) -> Iterator[str]:
    record = repository.answers_file(entry.number)
    if entry.template_revision is None and repository.tree.has(record):
        yield "its answers file records no template revision, so no update reaches it"
    if _is_behind(entry.template_revision, newest):
        yield f"rendered from {entry.template_revision}; {newest} is available"


def _is_behind(revision: str | None, newest: str) -> bool:
    order = _order(revision or "")
    return order is not None and order < (_order(newest) or order)


def _order(revision: str) -> tuple[int, ...] | None:
    found = _REVISION.fullmatch(revision)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def _newest_revision(repository: Repository, everything: Sequence[Entry]) -> str:
    """The newest revision that an answers file records or a local template has; '' for none."""
    known = [entry.template_revision or "" for entry in everything]
    known += _local_revisions(repository)
    return max((one for one in known if _order(one)), key=lambda one: _order(one) or (), default="")


def _local_revisions(repository: Repository) -> list[str]:
    try:
        address = template_address.find("", repository.settings.template)
    except BepError:
        return []
    is_local = template.is_local(address)
    return [*git_refs.tags(Path(address).expanduser())] if is_local else []


def _product_version(repository: Repository) -> str:
    path = repository.root / repository.settings.version_file
    return version.from_version_file(repository.read(path)) if repository.tree.is_file(path) else ""
