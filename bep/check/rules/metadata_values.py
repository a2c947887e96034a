"""Rules about the values in a main document's metadata (guide: Step 4; Version Fields)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

from ...guide import Guide
from ...markdown.edits import Splice
from ...proposal import metadata
from ...proposal.document import Document
from ...proposal.metadata import Entry
from ...questionnaire import product_version
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Metadata")

_GUIDE = "guide: Step 4, Fill Metadata"
_VERSIONS = "process page: Version Fields"

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# How a guide writes the form of versions that begin with a year.
_YEAR_OF_VERSION = "YY."


@lru_cache(maxsize=8)
def placeholders(guide: Guide) -> frozenset[str]:
    """Return the values in place of which an author writes something; of a person the name too."""
    written = {one.placeholder for one in guide.metadata.values() if one.placeholder}
    return frozenset(written | {metadata.author_name(one) for one in written})


def place_of(document: Document, key: str) -> int:
    """Return the offset of the guide's key in a document's metadata, or else 0."""
    entry = document.metadata.entry(key)
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
    example="{key[created]}:",
    remedy="Fill in the value.",
)
def metadata_empty(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """Keys that the guide requires in every status are filled in from the beginning.

    These are author, status, and the day and version of creation. Other rules are about keys that
    are filled in later.
    """
    first = proposal.guide.first_status.id
    for key in proposal.guide.metadata.values():
        entry = proposal.main.metadata.entry(key.id)
        if first in key.needed_in and entry and not entry.value:
            message = f"{key.key} is empty; fill it in"
            yield Hit(proposal.main, entry.start, message, text=key.key)


@RULES.of_proposals(
    ERROR,
    "process page: Status Lifecycle",
    example="{key[status]}: Done",
    remedy="Write one of the statuses on the process page.",
)
def status_unknown(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The status is one of those in the lifecycle.

    Tools that select by status miss all others. `check --fix` corrects upper and lower case.
    """
    entry, known = proposal.main.metadata.entry("status"), proposal.guide.status_names
    if entry is None or not entry.value or entry.value in known:
        return
    wanted = proposal.guide.status_of(entry.value)
    edits = _set(proposal.main, entry, wanted.name) if wanted else ()
    remedy = f"write {wanted.name}" if wanted else f"write one of {', '.join(known)}"
    message = f"unknown status {entry.value!r}; {remedy}"
    yield Hit(proposal.main, entry.start, message, text=entry.value, edits=edits)


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="{key[author]}: Ada Lovelace",
    remedy="Write the address in parentheses after the name.",
)
def author_address(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """An author is named with an address: `Full Name (email@example.com)`.

    Someone who has a question about the proposal years later needs it.
    """
    author = proposal.main.metadata.value("author")
    if not author or author in placeholders(proposal.guide):
        return
    for one in author.split(","):
        if one.strip() and "@" not in one:
            message = f"the author {one.strip()!r} has no address; add it in parentheses"
            yield Hit(proposal.main, place_of(proposal.main, "author"), message, text=one.strip())


@RULES.of_proposals(
    ERROR,
    _GUIDE,
    example="{key[created]}: 2026-02-30",
    remedy="Write the day on which the proposal was created as `YYYY-MM-DD`.",
)
def created_date(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The day of the first draft is a calendar date in the form `YYYY-MM-DD`.

    `check --fix` rewrites other spellings that begin with the year, such as `2026/1/5`.
    """
    entry = proposal.main.metadata.entry("created")
    if entry is None or not entry.value or real_date(entry.value):
        return
    if entry.value in placeholders(proposal.guide):
        return
    edits: tuple[Splice, ...] = ()
    if parts := _YEAR_FIRST.fullmatch(entry.value):
        wanted = f"{parts[1]}-{parts[2]:>02}-{parts[3]:>02}"
        edits = _set(proposal.main, entry, wanted) if real_date(wanted) else ()
    message = f"{entry.key} is {entry.value!r}, not a calendar date; write it as YYYY-MM-DD"
    yield Hit(proposal.main, entry.start, message, text=entry.value, edits=edits)


@RULES.of_proposals(
    ERROR,
    _VERSIONS,
    example="{key[target-version]}: 26.3",
    remedy="Write all three numbers: year, sprint, patch, as in 26.3.0.",
)
def version_form(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A version is written `YY.Sprint.Patch`.

    Tools cannot compare versions in any other form.
    """
    for key in proposal.guide.metadata.values():
        entry = proposal.main.metadata.entry(key.id) if key.form == "version" else None
        if not entry or not entry.value or entry.value in placeholders(proposal.guide):
            continue
        if not product_version.is_version(entry.value):
            message = f"{key.key} is {entry.value!r}; {product_version.RULE}"
            yield Hit(proposal.main, entry.start, message, text=f"{key.key}: {entry.value}")


# The months in which the version of the next year is worked on, or that of the last year is newest.
_FROM_MONTH, _TO_MONTH = 10, 3
# A version that is further off does not begin with a year.
_MOST_YEARS = 10


@RULES.of_proposals(
    WARNING,
    _VERSIONS,
    example="""
        {key[created]}: 2025-01-11
        {key[created-version]}: 26.1.0""",
    remedy="Correct the day or the version, whichever is wrong.",
)
def created_year(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The day of the first draft is in the year of its version.

    Agents sometimes write a year from their training data. From October on, a version of the next
    year is accepted, and up to March one of the previous year. Versions that do not begin with a
    year are ignored, and so are those of a guide whose versions have another form.
    """
    main, key = proposal.main, proposal.guide.metadata.get("created-version")
    entry, version = main.metadata.entry("created"), main.metadata.value("created-version")
    if key is None or entry is None or not key.placeholder.startswith(_YEAR_OF_VERSION):
        return
    if not real_date(entry.value) or not product_version.is_version(version):
        return
    day = dt.date.fromisoformat(entry.value)
    later = int(version.partition(".")[0]) - day.year % 100
    fitting = 1 if day.month >= _FROM_MONTH else -1 if day.month <= _TO_MONTH else 0
    if later not in (0, fitting) and abs(later) <= _MOST_YEARS:
        message = (
            f"{entry.key} is {entry.value}, and {key.key} {version} is from another year;"
            " correct the wrong one"
        )
        yield Hit(main, entry.start, message, text=f"{entry.value} {version}")


def _set(document: Document, entry: Entry, value: str) -> tuple[Splice, ...]:
    """Return the edit that gives an entry a new value and keeps the comment and blanks around it.

    Return no edit if the value is written with escapes.
    """
    at = document.source.find(entry.value, entry.start + len(entry.key), entry.end)
    return (Splice(at, at + len(entry.value), value),) if at >= 0 else ()
