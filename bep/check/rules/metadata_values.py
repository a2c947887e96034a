"""Rules about the values in a main document's metadata (guide: Step 4; Version Fields)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from ...markdown.edits import Splice
from ...proposal.document import Document
from ...proposal.metadata import Entry
from ...questionnaire import product_version, validation
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Metadata")

_GUIDE = "guide: Step 4, Fill Metadata"
_VERSIONS = "process page: Version Fields"

_NEEDED = ("Author", "Status", "Created", "Created-Version")
_VERSION_KEYS = ("Created-Version", "Target-Version", "Implemented-Version")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
PLACEHOLDERS = frozenset(
    ["YYYY-MM-DD", "YY.Sprint.Patch", "Your Full Name (email@example.com)", "Your Full Name"]
)


def entry_of(document: Document, key: str) -> Entry | None:
    """Return the first entry of a key in a document's metadata, or None."""
    return next((one for one in document.metadata.entries if one.key == key), None)


def place_of(document: Document, key: str) -> int:
    """Return the offset of a key in a document's metadata, or else 0."""
    entry = entry_of(document, key)
    return entry.start if entry else 0


def real_date(text: str) -> bool:
    """Return whether `text` is a calendar date in the form `YYYY-MM-DD`."""
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="Created:",
    remedy="Fill in the value.",
)
def metadata_empty(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Author, Status, Created and Created-Version are filled in from the beginning.

    Target-Version is filled in on acceptance, Implemented-Version on implementation; other rules
    require them then.
    """
    for key in _NEEDED:
        entry = entry_of(proposal.main, key)
        if entry and not entry.value:
            yield Hit(proposal.main, entry.start, f"{key} is empty; fill it in", text=key)


@RULES.of_proposals(
    ERROR,
    "process page: Status Lifecycle",
    example="Status: Done",
    remedy="Write one of Draft, Accepted, Implemented, Rejected, Superseded.",
)
def status_unknown(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The status is one of those in the lifecycle.

    Tools that select by status miss all others. `check --fix` corrects `draft` to `Draft`.
    """
    entry = entry_of(proposal.main, "Status")
    if entry is None or not entry.value or entry.value in validation.STATUSES:
        return
    known = {one.casefold(): one for one in validation.STATUSES}
    wanted = known.get(entry.value.casefold())
    edits = _set(proposal.main, entry, wanted) if wanted else ()
    remedy = f"write {wanted}" if wanted else f"write one of {', '.join(validation.STATUSES)}"
    message = f"unknown status {entry.value!r}; {remedy}"
    yield Hit(proposal.main, entry.start, message, text=entry.value, edits=edits)


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="Author: Ada Lovelace",
    remedy="Write the address in parentheses after the name.",
)
def author_address(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An author is named with an address: `Full Name (email@example.com)`.

    Someone with a question about the proposal years later needs it.
    """
    author = proposal.main.metadata.value("Author")
    if not author or author in PLACEHOLDERS:
        return
    for one in author.split(","):
        if one.strip() and "@" not in one:
            message = f"the author {one.strip()!r} has no address; add it in parentheses"
            yield Hit(proposal.main, place_of(proposal.main, "Author"), message, text=one.strip())


@RULES.of_proposals(
    ERROR,
    _GUIDE,
    example="Created: 2026-02-30",
    remedy="Write the day on which the proposal was created as `YYYY-MM-DD`.",
)
def created_date(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Created is a calendar date in the form `YYYY-MM-DD`.

    `check --fix` rewrites other spellings that begin with the year, such as `2026/1/5`.
    """
    entry = entry_of(proposal.main, "Created")
    if entry is None or not entry.value or entry.value in PLACEHOLDERS or real_date(entry.value):
        return
    edits: tuple[Splice, ...] = ()
    if parts := _YEAR_FIRST.fullmatch(entry.value):
        wanted = f"{parts[1]}-{parts[2]:>02}-{parts[3]:>02}"
        edits = _set(proposal.main, entry, wanted) if real_date(wanted) else ()
    message = f"Created is {entry.value!r}, not a calendar date; write it as YYYY-MM-DD"
    yield Hit(proposal.main, entry.start, message, text=entry.value, edits=edits)


@RULES.of_proposals(
    ERROR,
    _VERSIONS,
    example="Target-Version: 26.3",
    remedy="Write all three numbers: year, sprint, patch, as in 26.3.0.",
)
def version_form(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A version is written `YY.Sprint.Patch`.

    Tools that compare versions cannot compare others.
    """
    for key in _VERSION_KEYS:
        entry = entry_of(proposal.main, key)
        if not entry or not entry.value or entry.value in PLACEHOLDERS:
            continue
        if not product_version.is_version(entry.value):
            message = f"{key} is {entry.value!r}; {product_version.RULE}"
            yield Hit(proposal.main, entry.start, message, text=f"{key}: {entry.value}")


def _set(document: Document, entry: Entry, value: str) -> tuple[Splice, ...]:
    """Return the edit that gives an entry a new value and keeps the comment and blanks around it.

    Return no edit if the value is written with escapes.
    """
    at = document.source.find(entry.value, entry.start + len(entry.key), entry.end)
    return (Splice(at, at + len(entry.value), value),) if at >= 0 else ()
