"""Rules about the registry table and its numbers (process page; guide: Step 1)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from ... import names
from ...proposal import registry_table
from ...proposal.document import Document, Role
from ...proposal.registry_table import Row
from .derived_fixes import row_edits
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Snapshot
from .whole_document import has_markers

RULES = RuleSet("Registry")

_SOURCE = "process page: BEP Number Registry"

_STALE_DAYS = 90


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="A folder of proposals without README.md.",
    remedy="Make the page with `bep init`.",
)
def registry_missing(snapshot: Snapshot) -> Iterator[Hit]:
    """The proposals' folder has a process page with the registry.

    Without it, numbers are assigned twice.
    """
    if snapshot.process_page is None:
        page = Document(
            "", f"{snapshot.folder}/{names.REGISTRY_PAGE}", Role.PROCESS, guide=snapshot.guide
        )
        yield Hit(page, 0, "the process page with the registry is missing; `bep init` makes it")


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="""
        | Number | Title | Author | Status |

        | [1046](BEP-1046-discovery.md) | Discovery | Ada | {status[draft]} |""",
    remedy="Restore the table: header, line of dashes, then the rows without a gap.",
)
def registry_unreadable(snapshot: Snapshot) -> Iterator[Hit]:
    """The registry is one table `Number | Title | Author | Status`, in one piece.

    Rows outside it are not seen, and their numbers are assigned again.
    """
    page, error = snapshot.process_page, snapshot.registry_error
    if page and error and not has_markers(page):
        at = page.line_start(error.line) if error.line else 0
        yield Hit(page, at, f"{error.message}; {error.remedy}")


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="| [1046](BEP-1046-discovery.md) | Service Discovery |",
    remedy="Write number, title, author and status, with `|` between them.",
)
def registry_row_broken(snapshot: Snapshot) -> Iterator[Hit]:
    """A row has four cells and a readable number.

    Rows such as `| _next_ | …` and `| 1011 | _(skipped)_ | | |` are understood.
    """
    if snapshot.registry is None or snapshot.process_page is None:
        return
    for row in snapshot.registry.rows:
        line = snapshot.process_page.source[row.start : row.end].strip()
        if len(row.cells) < 4 and any(cell.text for cell in row.cells):
            message = f"the row has {len(row.cells)} cells instead of 4"
            yield Hit(snapshot.process_page, row.start, message, text=line, number=row.number)
        elif row.number is None and row.cells and re.search(r"\d", row.cells[0].text):
            message = f"{row.cells[0].text!r} is not a number; write [1046](BEP-1046-x.md) or 1046"
            yield Hit(snapshot.process_page, row.start, message, text=line)


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="""
        | [1046](BEP-1046-discovery.md) | Discovery | Ada | {status[draft]} |
        | 1046 | Quotas | Grace | {status[draft]} |""",
    remedy="Give the proposal that is not on the main branch another number: `bep renumber PATH`.",
)
def registry_row_repeated(snapshot: Snapshot) -> Iterator[Hit]:
    """A number has one row."""
    for number, rows in snapshot.rows.items():
        for row in rows[1:]:
            if snapshot.process_page:
                message = f"{number} already has a row, in line {rows[0].line} ({rows[0].title!r})"
                yield Hit(snapshot.process_page, row.start, message, text=row.title, number=number)


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="BEP-1046-discovery.md and BEP-1046-quotas.md",
    remedy="Give the one that is not on the main branch another number: `bep renumber PATH`.",
)
def number_shared(snapshot: Snapshot) -> Iterator[Hit]:
    """A number has one document.

    Otherwise a reference to BEP-1046 is ambiguous. The document that is not on the main branch is
    reported, else the one that the registry does not link.
    """
    for number, proposals in snapshot.by_number.items():
        if len(proposals) == 1:
            continue
        page, rows = snapshot.process_page, snapshot.rows.get(number, [])
        linked = {registry_table.target_of(page.path, row) for row in rows} if page else set()
        in_order = sorted(proposals, key=lambda one: one.main.path not in linked)
        first, *others = sorted(in_order, key=lambda one: one.main.path not in snapshot.on_main)
        for other in others:
            message = (
                f"{number} is also the number of {first.main.names[-1]};"
                f" `bep renumber {shlex.quote(other.main.path)}` gives this one another"
            )
            yield Hit(other.main, 0, message)


@RULES.of_snapshots(
    ERROR,
    _SOURCE,
    example="| [1046](BEP-1046/) | Service Discovery | Ada Lovelace | {status[draft]} |",
    remedy="Link the main document (`bep check --fix` and `bep sync` do this), or remove the link"
    " if the number is only reserved.",
)
def registry_link(snapshot: Snapshot) -> Iterator[Hit]:
    """The number in a row links the main document of that number.

    It does not link a directory, another proposal or a missing file.
    """
    for page, number, row in _rows(snapshot):
        those = snapshot.by_number.get(number, [])
        message = registry_table.wrong_link(
            page.path,
            row,
            {one.main.path for one in those},
            has_file=snapshot.paths.__contains__,
            has_directory=snapshot.directories.__contains__,
        )
        if message:
            edits = row_edits(snapshot, row, those[0], "Number") if len(those) == 1 else ()
            text = f"{number} {row.link}"
            yield Hit(page, row.start, message, text=text, edits=edits, number=number)


@RULES.of_snapshots(
    WARNING,
    _SOURCE,
    example="""
        | 1047 | Quotas | Ada Lovelace | {status[draft]} |
        | 1046 | Discovery | Ada Lovelace | {status[draft]} |""",
    remedy="Move the row to its place.",
)
def registry_order(snapshot: Snapshot) -> Iterator[Hit]:
    """The rows are in ascending order of their numbers."""
    page, last = snapshot.process_page, -1
    for row in snapshot.registry.rows if snapshot.registry else ():
        if row.number is None or page is None:
            continue
        if row.number < last:
            message = f"{row.number} is below {last}"
            yield Hit(page, row.start, message, text=str(row.number), number=row.number)
        last = max(last, row.number)


@RULES.of_snapshots(
    WARNING,
    _SOURCE,
    example="A claim of 1027, a year old, and no document.",
    remedy="Write the document with `bep new`, or give the number back with `bep unreserve`.",
)
def claim_stale(snapshot: Snapshot) -> Iterator[Hit]:
    """A number that was claimed more than 90 days ago has a document.

    A proposal that is not written by then is usually forgotten, and others wonder what it was
    about.
    """
    page = snapshot.process_page
    if page is None or snapshot.registry is None:
        return
    for number, claim in sorted(snapshot.claims.items()):
        if claim.days is None or claim.days <= _STALE_DAYS or number in snapshot.by_number:
            continue
        row = next(iter(snapshot.rows.get(number, [])), None)
        at = row.start if row else snapshot.registry.table.start
        message = f"{number} ({claim.title!r}), claimed {claim.days} days ago, has no document"
        yield Hit(page, at, message, text=str(number), number=number)


def _rows(snapshot: Snapshot) -> Iterator[tuple[Document, int, Row]]:
    """Yield the process page with each number and row of its registry."""
    if snapshot.process_page:
        for number, rows in snapshot.rows.items():
            for row in rows:
                yield snapshot.process_page, number, row
