"""Rules that compare the registry's rows with the documents (process page; guide: Step 1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ...markdown import escapes
from ...proposal import derived_text
from ...proposal.document import Document
from ...proposal.registry_table import Row
from .derived_fixes import row_edits
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot
from .title_match import is_shorter_form

RULES = RuleSet("Registry")

_SOURCE = "process page: BEP Number Registry"
_DERIVED = "Correct the row; `bep sync` does this."


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="proposals/BEP-1080-quotas.md, and no row for 1080",
    remedy="Add the row; `bep sync` does this. If the number belongs to somebody else, give the"
    " document another one with `bep renumber PATH`.",
)
def registry_row_missing(snapshot: Snapshot) -> Iterator[Hit]:
    """Every document has a row.

    A number without a row looks free, and readers do not find the proposal.
    """
    if snapshot.registry is None:
        return
    for proposal in snapshot.proposals:
        if snapshot.row_of(proposal.number, proposal.main.path) is None:
            message = f"the registry has no row for this document (number {proposal.number})"
            yield Hit(proposal.main, 0, message)


@RULES.of_snapshots(
    WARNING,
    _SOURCE,
    example="| 1046 | Service Discovery | Ada Lovelace | {status[draft]} |, and"
    " BEP-1046-discovery.md exists",
    remedy="Link the document; `bep sync` does this.",
)
def registry_unlinked(snapshot: Snapshot) -> Iterator[Hit]:
    """If a number has a document, its row links it.

    A number without a link says that the document is still being written.
    """
    for page, row, proposal in _documented_rows(snapshot):
        if not row.link:
            message = f"{proposal.number} is not linked; its document is {proposal.main.names[-1]}"
            edits = row_edits(snapshot, row, proposal, "Number")
            yield Hit(page, row.start, message, edits=edits, number=proposal.number)


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="| [1046](BEP-1046-discovery.md) | Discovery | Grace Hopper | {status[draft]} |, and"
    " in the document `{key[author]}: Ada Lovelace (ada@example.com)`",
    remedy="Find out who is right, and write that name in both; `bep sync 1046 --author document`"
    " takes the document's, `--author registry` the row's.",
)
def registry_author(snapshot: Snapshot) -> Iterator[Hit]:
    """A row names the document's author.

    One name in common is enough. `check --fix` fills in a row that names nobody, and replaces a
    shorter form of the name by the document's; it does not decide between two people.
    """
    for page, row, proposal in _documented_rows(snapshot):
        found = derived_text.authors(row, proposal.main)
        if not found.document or found.agree:
            continue
        said = f"names {row.author!r}" if found.row else "names no author"
        message = f"the row of {proposal.number} {said}; the document is by {found.document[0]}"
        if found.dispute:
            message = derived_text.disagreement(row, proposal.number, found)
        yield Hit(
            page,
            row.start,
            message,
            text=f"{row.author}, {', '.join(found.document)}",
            edits=row_edits(snapshot, row, proposal, "Author"),
            number=proposal.number,
        )


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="| [1046](BEP-1046-discovery.md) | Discovery | Ada Lovelace | {status[draft]} |, and"
    " in the document `{key[status]}: {status[accepted]}`",
    remedy=f"{_DERIVED} `bep mark` changes both at once.",
)
def registry_status(snapshot: Snapshot) -> Iterator[Hit]:
    """A row gives the document's status."""
    for page, row, proposal in _documented_rows(snapshot):
        if proposal.status and row.status.strip("*_ `").casefold() != proposal.status.casefold():
            message = (
                f"the row of {proposal.number} says {row.status!r};"
                f" the document says {proposal.status!r}"
            )
            yield Hit(
                page,
                row.start,
                message,
                text=f"{row.status}, {proposal.status}",
                edits=row_edits(snapshot, row, proposal, "Status"),
                number=proposal.number,
            )


@RULES.of_snapshots(
    WARNING,
    _SOURCE,
    example="| [1046](BEP-1046-discovery.md) | Quotas | Ada Lovelace | {status[draft]} |, and in"
    " the document `# Unified Service Discovery`",
    remedy="Write the document's title, or a shorter form of it.",
)
def registry_title(snapshot: Snapshot) -> Iterator[Hit]:
    """A row has the document's title, or a shorter form of it.

    Otherwise, a search of the registry does not find the proposal.
    """
    for page, row, proposal in _documented_rows(snapshot):
        title = escapes.plain_text(proposal.main.title_text)
        if title and not is_shorter_form(row.title, title):
            message = f"the row of {proposal.number} has {row.title!r}; the document has {title!r}"
            yield Hit(
                page,
                row.start,
                message,
                text=f"{row.title}, {title}",
                edits=row_edits(snapshot, row, proposal, "Title"),
                number=proposal.number,
            )


# Several rules in a row ask for them.
@lru_cache(maxsize=1)
def _documented_rows(snapshot: Snapshot) -> list[tuple[Document, Row, Proposal]]:
    """Return the process page with each row that has a document, and that document's proposal.

    Where few proposals are asked about, only these: reading the documents of all takes long.
    """
    asked = snapshot.asked
    rows = (
        (snapshot.row_of(one.number, one.main.path), one)
        for one in snapshot.proposals
        if not one.main.problem and (asked is None or one.number in asked)
    )
    page = snapshot.process_page
    return [(page, row, proposal) for row, proposal in rows if page and row]
