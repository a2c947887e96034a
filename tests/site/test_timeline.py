"""How many proposals had which status over the years."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("markupsafe")

from bep.site import timeline
from bep.site.timeline import Change


def change(day: str, status: str) -> Change:
    return Change(dt.date.fromisoformat(day), status)


FIRST = [
    change("2025-11-20", "Draft"),
    change("2026-01-31", "Accepted"),
    change("2026-03-01", "Done"),
]
SECOND = [change("2025-12-01", "Draft")]


def test_statuses_are_counted_at_the_end_of_each_month():
    assert [(one.name, dict(one.counts)) for one in timeline.months([FIRST, SECOND])] == [
        ("2025-11", {"Draft": 1}),
        ("2025-12", {"Draft": 2}),
        ("2026-01", {"Draft": 1, "Accepted": 1}),
        ("2026-02", {"Draft": 1, "Accepted": 1}),
        ("2026-03", {"Draft": 1, "Done": 1}),
    ]


def test_several_changes_in_a_month_count_once():
    history = [change("2026-01-01", "Draft"), change("2026-01-02", "Accepted")]
    assert [dict(one.counts) for one in timeline.months([history])] == [{"Accepted": 1}]


def test_no_history_has_no_picture():
    assert timeline.months([]) == []
    assert timeline.picture([], {}) == ""


def test_the_picture_is_well_formed_and_always_the_same():
    found = timeline.months([FIRST, SECOND])
    kinds = {"Draft": "open", "Accepted": "agreed", "Done": "done", "<b>": "over"}
    drawn = timeline.picture(found, kinds)
    assert drawn == timeline.picture(found, kinds)
    tree = ET.fromstring(drawn)
    assert len(tree.findall("polygon")) == 3
    assert [one.text for one in tree.findall("text")][-3:] == ["Done 1", "Accepted 0", "Draft 1"]


def test_names_of_statuses_are_text():
    found = timeline.months([[change("2026-01-01", "<b>"), change("2026-02-01", "<b>&")]])
    ET.fromstring(timeline.picture(found, {"<b>": '"x', "<b>&": "open"}))


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        ("2025-11-01", "2026-03-01", ["2025-11", "2026"]),
        ("2025-12-01", "2027-03-01", ["2026", "2027"]),
        ("2026-02-01", "2026-05-01", ["2026-02"]),
        ("1986-01-01", "2026-01-01", ["1986", "1990", "1994", "1998", "2002", "2006", "2010"]),
    ],
)
def test_the_dates_below_the_picture_have_room(first, last, dates):
    found = timeline.months([[change(first, "Draft"), change(last, "Accepted")]])
    tree = ET.fromstring(timeline.picture(found, {"Draft": "open", "Accepted": "agreed"}))
    below = [one.text for one in tree.findall("text") if one.get("text-anchor") == "middle"]
    assert below[: len(dates)] == dates
    assert len(below) <= 12
