"""The times of listed proposals: their histories, and the ages of their open questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..proposal import times
from ..proposal.document import Document
from ..proposal.times import Asked, History
from ..system import branch_proposals, history
from ..system.history import Place
from ..system.repository import Repository, decode
from .proposal_list import Entry


class Times(NamedTuple):
    """The history of a proposal and its open questions, as of `now`."""

    history: History
    asked: tuple[Asked, ...]
    now: dt.datetime

    @property
    def days(self) -> dict[str, int]:
        """The whole days in each status."""
        return self.history.days(self.now)

    @property
    def untouched_days(self) -> int:
        """For how many days nothing of the proposal has changed."""
        return times.whole_days(self.now - self.history.changed)

    @property
    def oldest_question_days(self) -> int | None:
        """The age of the oldest open question; None without one."""
        return max((one.days(self.now) for one in self.asked), default=None)

    def data(self) -> dict[str, Any]:
        """The times as `list --json` prints them."""
        known = self.history
        return {
            "created": _written(known.created),
            "changed": _written(known.changed),
            "at_least": known.is_since_at_least,
            "days": self.days,
            "periods": [
                {
                    "status": one.status,
                    "since": _written(one.since),
                    "until": _written(one.until) if one.until else None,
                }
                for one in known.periods
            ],
            "questions": [
                {
                    "line": one.question.line,
                    "text": one.question.text,
                    "days": one.days(self.now),
                }
                for one in self.asked
            ],
        }


def _written(time: dt.datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def of_entries(
    repository: Repository,
    entries: Sequence[Entry],
    *,
    documents: Sequence[Document] | None = None,
    now: dt.datetime | None = None,
) -> list[Times | None]:
    """The times of each entry, None for a number without a document.

    `documents` are those of the entries, if they have been read. Raises BepError if Git cannot
    read the history.
    """
    now = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    places = [Place(one.tip, one.main) if one.main else None for one in entries]
    histories = history.of_places(repository, filter(None, places), now)
    known = [histories.get(place) if place else None for place in places]
    read = [
        (document, found)
        for document, found in zip(
            documents or read_documents(repository, entries), known, strict=True
        )
        if found
    ]
    asked = iter(history.asked(repository, read))
    return [found and Times(found, next(asked), now) for found in known]


def read_documents(repository: Repository, entries: Sequence[Entry]) -> list[Document]:
    """The main document of each entry, an empty one if there is none or it cannot be read."""
    guide = repository.guide
    names = {f"{one.tip}:{one.main}" for one in entries if one.tip}
    contents = branch_proposals.texts(repository, sorted(names))
    found = []
    for entry in entries:
        document = Document("", entry.main or "", guide=guide)
        if entry.tip:
            content = contents.get(f"{entry.tip}:{entry.main}", b"")
            document = document.with_source(decode(content))
        elif entry.main:
            document = repository.with_text(document)
        found.append(document)
    return found
