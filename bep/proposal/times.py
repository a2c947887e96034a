"""How long things take: what a main document's versions say of its statuses, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from .open_questions import Question


class Version(NamedTuple):
    """What a main document said from `since` on.

    `blob` is the id of its content, '' for one that is not committed. `status` is as the guide
    writes it, else as the document does, '' without one; None while there was no document, or none
    that can be read.
    """

    since: dt.datetime
    blob: str
    status: str | None


class Period(NamedTuple):
    """A time in which a proposal had a status, '' for none; `until` is None for the present."""

    status: str
    since: dt.datetime
    until: dt.datetime | None


class History(NamedTuple):
    """When a proposal was created and last changed, and its statuses from the first to the present.

    Where the history is cut off, as in a shallow clone, it was created earlier than that:
    `is_since_at_least`. `versions` are those of the main document, the present one first.
    """

    created: dt.datetime
    changed: dt.datetime
    periods: tuple[Period, ...]
    is_since_at_least: bool
    versions: tuple[Version, ...] = ()

    def days(self, now: dt.datetime) -> dict[str, int]:
        """The whole days in each status, in the order in which the proposal first had them."""
        times: dict[str, dt.timedelta] = {}
        for one in self.periods:
            passed = (one.until or now) - one.since
            times[one.status] = times.get(one.status, dt.timedelta()) + passed
        return {status: whole_days(passed) for status, passed in times.items()}


class Asked(NamedTuple):
    """An open question of a proposal, and since when it has been there."""

    question: Question
    since: dt.datetime

    def days(self, now: dt.datetime) -> int:
        """For how many days it has been open."""
        return whole_days(now - self.since)


def whole_days(passed: dt.timedelta) -> int:
    """How many days have passed; none if that is negative."""
    return max(passed.days, 0)


def periods(versions: Sequence[Version]) -> tuple[Period, ...]:
    """The statuses that versions had, which are given from the present one back to the first."""
    found: list[Period] = []
    until: dt.datetime | None = None
    for one in versions:
        if one.status is not None:
            if found and found[-1].status == one.status and found[-1].since == until:
                found[-1] = found[-1]._replace(since=one.since)
            else:
                found.append(Period(one.status, one.since, until))
        until = one.since
    return tuple(reversed(found))
