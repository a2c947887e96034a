"""The numbers that new sections get in a document whose author numbers its sections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..markdown.heading_text import is_numbered, normalise

_TENS = ("", "X", "XX", "XXX")
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ROMAN = tuple(ten + one for ten in _TENS for one in _ONES)[1:]
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# What numbers are written with besides digits, each row in its order.
_ROWS = (
    _ROMAN,
    _LETTERS,
    tuple("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    tuple("❶❷❸❹❺❻❼❽❾❿"),
    tuple("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    tuple("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    tuple("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"),
    tuple(f"{digit}\ufe0f\u20e3" for digit in range(1, 10)),
)
_WRITTEN = re.compile(
    rf"""(?P<before> §[ ]? | \( | ) (?P<above> (?:[0-9]{{1,4}}\.(?=[0-9]))*+ )
         (?P<last> [0-9]{{1,4}}(?:\ufe0f\u20e3)? | [IVX]+ | [A-Z]
                 | [{"".join(one for row in _ROWS[2:-1] for one in row)}] )
         (?P<behind> (?:\\?[.):]){{0,2}} (?:[ ][-\u2010-\u2015\u2212])? ) [ \t]+ (?=\S)""",
    re.VERBOSE,
)
_MARKS = re.compile(r"#{1,6}[ \t]+")


class Titled(NamedTuple):
    """A section among others of its level, and whether the template has just added it."""

    title: str
    new: bool


class _Number(NamedTuple):
    before: str
    above: str
    last: str
    behind: str

    @property
    def name(self) -> str:
        return self.above + self.last


def of_new(siblings: Sequence[Titled]) -> list[str]:
    """What is put before the title of each section: a number for new ones, '' for all others.

    In a document whose author numbers most sections a new one gets the number after that of the
    section before it, in the same form. Where another section has that number already, it gets
    none, unless it is the last one: then the number is the one after the highest.
    """
    found = [None if one.new else _read(one.title) for one in siblings]
    known = [one for one in found if one]
    if 2 * len(known) <= sum(not one.new for one in siblings):
        return [""] * len(siblings)
    taken = {one.name for one in known}
    last_at = max(at for at, one in enumerate(found) if one)
    before: _Number | None = None
    numbers = []
    for at, (one, number) in enumerate(zip(siblings, found, strict=True)):
        own = None
        if one.new and before and not is_numbered(one.title):
            own = _behind([before], taken)
            if own is None and at > last_at:
                alike = [other for other in known if other.above == before.above]
                own = _behind(alike, taken)
        if own:
            taken.add(own.name)
        before = own or number or before
        numbers.append("".join([*own, " "]) if own else "")
    return numbers


def numbered(heading: str, number: str) -> str:
    """A heading's source with a number before its title; a heading of another form stays."""
    marks = _MARKS.match(heading) if number else None
    if marks is None:
        return heading
    title = heading[marks.end() :]
    same = normalise(number + title) == normalise(title)
    return f"{marks[0]}{number}{title}" if same else heading


def unnumbered(heading: str) -> str:
    """A heading's source without the number that `numbered` puts there, if it has one."""
    marks = _MARKS.match(heading)
    if marks is None or _read(heading[marks.end() :]) is None:
        return heading
    written = _WRITTEN.match(heading[marks.end() :])
    return f"{marks[0]}{heading[marks.end() + written.end() :]}" if written else heading


def retitled(title: str, new: str) -> str:
    """A new title with the number of the old one in front, if that has one.

    >>> retitled("5. Migration / Compatibility", "Migration")
    '5. Migration'
    """
    written = _WRITTEN.match(title)
    return f"{title[: written.end()]}{new}" if written else new


def _read(title: str) -> _Number | None:
    """The number in front of a title, None if it has none that can be continued."""
    written = _WRITTEN.match(title)
    if not written or normalise(title) != normalise(title[written.end() :]):
        return None
    return _Number(*written.groups())


def _behind(numbers: Sequence[_Number], taken: set[str]) -> _Number | None:
    """The number after the highest of some that are alike, None if it is taken."""
    form = numbers[-1]
    if form.last.isascii() and form.last.isdigit():
        highest = max(int(one.last) for one in numbers if one.last.isascii() and one.last.isdigit())
        last = str(highest + 1).zfill(len(form.last))
    else:
        row = _row(form.last, taken)
        places = [row.index(one.last) for one in numbers if one.last in row]
        at = max(places, default=len(row)) + 1
        last = row[at] if at < len(row) else ""
    found = form._replace(last=last)
    return found if last and found.name not in taken else None


def _row(last: str, taken: set[str]) -> Sequence[str]:
    """The row that a number is from; `I` is a letter after `H`, and a numeral elsewhere."""
    rows = [row for row in _ROWS if last in row]
    if rows[:2] == [_ROMAN, _LETTERS] and _LETTERS[_LETTERS.index(last) - 1] in taken:
        return _LETTERS
    return rows[0] if rows else ()
