"""Which entries `list` shows, and in which order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..errors import BepError, unknown
from ..guide import Guide
from .proposal_list import Entry

if TYPE_CHECKING:
    # Slow to load, and not every list shows times.
    from .proposal_times import Times

_AGE = re.compile(r"([0-9]{1,5})([dw])")
_DAYS = {"d": 1, "w": 7}

# An entry with its times, None if they are not known.
Timed: TypeAlias = "tuple[Entry, Times | None]"


class Group(NamedTuple):
    """Entries under a title: a status, or what is said of those that have no document."""

    title: str
    is_status: bool
    entries: list[Entry]


def is_by(entry: Entry, name: str) -> bool:
    """Whether a part of the authors' names or addresses is `name`, whatever its case."""
    return " ".join(name.split()).casefold() in " ".join(entry.authors.split()).casefold()


def moment(text: str, now: dt.datetime) -> dt.datetime:
    """The time that a date such as `2026-01-31`, or an age such as `30d` or `6w`, means.

    Raises BepError for another text.
    """
    text = text.strip()
    age = _AGE.fullmatch(text)
    try:
        if age:
            return now - dt.timedelta(days=int(age[1]) * _DAYS[age[2]])
        date = dt.date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BepError(
            f"--since {text!r} is not a date",
            "write one such as 2026-01-31, or an age such as 30d or 6w",
        ) from None
    return dt.datetime.combine(date, dt.time(), dt.UTC)


def has_changed_since(times: Times | None, since: dt.datetime) -> bool:
    """Whether a proposal was changed at a time or later; what is not known was not."""
    return times is not None and times.history.changed >= since


# --- Order --------------------------------------------------------------------------------------


# What each order compares; None if that is not known.
_KEYS: Mapping[str, Callable[[Guide, Entry, Times | None], Any]] = {
    "number": lambda _, entry, __: entry.number,
    "title": lambda _, entry, __: (entry.title or "").casefold() or None,
    "author": lambda _, entry, __: (entry.author or "").casefold() or None,
    "status": lambda guide, entry, _: _place(guide, entry.status) if entry.status else None,
    "created": lambda _, __, times: times and -times.history.created.timestamp(),
    "changed": lambda _, __, times: times and -times.history.changed.timestamp(),
}
ORDERS = tuple(_KEYS)
# The orders that need the times.
OF_TIMES = frozenset(["created", "changed"])


def known_order(name: str) -> str:
    """One of `ORDERS`, whatever its case; raises BepError for an unknown one."""
    if name.casefold() not in _KEYS:
        raise unknown("order", name, ORDERS)
    return name.casefold()


def in_order(guide: Guide, entries: Sequence[Timed], order: str) -> list[Timed]:
    """Sort entries: the newest first by `created` and `changed`, statuses as the guide has them.

    Those of which that is not known are the last; else the number decides.
    """

    def key(one: Timed) -> tuple[bool, Any]:
        value = _KEYS[order](guide, *one)
        return (value is None, 0 if value is None else value)

    return sorted(entries, key=key)


def _place(guide: Guide, status: str) -> tuple[int, str]:
    """The place of a status among those of the guide; others are after them."""
    found = guide.status_of(status)
    names = guide.status_names
    return (names.index(found.name), "") if found else (len(names), status)


# --- Groups -------------------------------------------------------------------------------------

_RESERVED, _WITHOUT = "Reserved", "Without a status"


def groups(guide: Guide, entries: Sequence[Entry]) -> list[Group]:
    """The entries by status, in the guide's order; then numbers without a document, then others."""
    found: dict[tuple[int, str], Group] = {}
    last = len(guide.status_names) + 1
    for entry in entries:
        if not entry.main and entry.where:
            place, title = (last, ""), _RESERVED
        elif not entry.status:
            place, title = (last + 1, ""), _WITHOUT
        else:
            known = guide.status_of(entry.status)
            place, title = _place(guide, entry.status), known.name if known else entry.status
        found.setdefault(place, Group(title, place[0] < last, [])).entries.append(entry)
    return [found[place] for place in sorted(found)]
