"""How many proposals had which status over the years: counted by month, and as a picture.

The picture is SVG inside the page, without scripts; its colours are those of the page's theme.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 900, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 160, 14, 30
_LINES = 4
# So many dates have room below the picture.
_DATES = 12
# A second status of one kind is drawn lighter.
_SHADES = ("1", ".55", ".3")
_LINE = 18


class Change(NamedTuple):
    """A status that a proposal had from a day on."""

    day: dt.date
    status: str


class Month(NamedTuple):
    """How many proposals had each status at the end of a month, or now in the last one."""

    first: dt.date
    counts: Mapping[str, int]

    @property
    def name(self) -> str:
        """`2026-03`."""
        return f"{self.first:%Y-%m}"


def months(histories: Iterable[Sequence[Change]]) -> list[Month]:
    """Count the statuses month by month, from the first change to the last one.

    The changes of each proposal are in order.
    """
    steps: dict[dt.date, Counter[str]] = {}
    for history in histories:
        before = ""
        for change in history:
            step = steps.setdefault(change.day.replace(day=1), Counter())
            step[change.status] += 1
            if before:
                step[before] -= 1
            before = change.status
    if not steps:
        return []
    found, counts = [], Counter[str]()
    month, last = min(steps), max(steps)
    while month <= last:
        counts.update(steps.get(month, {}))
        found.append(Month(month, {name: count for name, count in counts.items() if count > 0}))
        month = _following(month)
    return found


def _following(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def picture(found: Sequence[Month], kinds: Mapping[str, str]) -> Markup:
    """The months as an SVG picture; `kinds` are the statuses from bottom to top with their kinds.

    The kind decides the colour.
    """
    most = max((sum(one.counts.values()) for one in found), default=0)
    if not most or len(found) < 2:
        return Markup()
    frame = _Frame(len(found), most)
    parts = [*_grid(found, frame)]
    below = [0] * len(found)
    seen: Counter[str] = Counter()
    labels: list[tuple[float, str, str]] = []
    for status, kind in kinds.items():
        counts = [one.counts.get(status, 0) for one in found]
        if not any(counts):
            continue
        above = [low + count for low, count in zip(below, counts, strict=True)]
        points = [*enumerate(above), *reversed([*enumerate(below)])]
        path = " ".join(f"{frame.x(at):.1f},{frame.y(count):.1f}" for at, count in points)
        shade = _SHADES[min(seen[kind], len(_SHADES) - 1)]
        look = f'class="bep-area bep-area--{escape(kind)}" fill-opacity="{shade}"'
        parts.append(f'<polygon {look} points="{path}"/>')
        labels.append((frame.y((above[-1] + below[-1]) / 2), f"{status} {counts[-1]}", look))
        seen[kind] += 1
        below = above
    parts += _legend(labels)
    label = "How many proposals had which status, month by month"
    return Markup(  # noqa: S704  # every text in it is escaped
        f'<svg class="bep-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{label}">{"".join(parts)}</svg>'
    )


class _Frame(NamedTuple):
    """Where things are: months from left to right, counts from the bottom up."""

    months: int
    most: int

    def x(self, month: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * month / (self.months - 1)

    def y(self, count: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * count / self.most


def _grid(found: Sequence[Month], frame: _Frame) -> Iterable[str]:
    right = _WIDTH - _RIGHT
    step = -(-frame.most // _LINES)
    for count in range(0, frame.most + 1, step):
        y = frame.y(count)
        yield f'<line class="bep-grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{count}</text>'
    for at, name in _dates(found):
        x = frame.x(at)
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{name}</text>'


def _dates(found: Sequence[Month]) -> Iterator[tuple[int, str]]:
    """Yield what is below the picture: years, and the first month if there is room."""
    years = [at for at, one in enumerate(found) if one.first.month == 1]
    room = len(found) / _DATES
    if not years or years[0] > room:
        yield 0, found[0].name
    last = -len(found)
    for at in years:
        if at - last >= room:
            yield at, str(found[at].first.year)
            last = at


def _legend(labels: Sequence[tuple[float, str, str]]) -> Iterable[str]:
    """The names beside the right ends of the areas, none over another one."""
    top = float(_TOP)
    for y, text, look in sorted(labels):
        top = max(y, top + _LINE)
        x = _WIDTH - _RIGHT + 10
        yield f'<rect {look} x="{x}" y="{top - 5:.1f}" width="10" height="10"/>'
        yield f'<text x="{x + 16}" y="{top + 4:.1f}">{escape(text)}</text>'
