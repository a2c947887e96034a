"""A registry page after a merge: conflicts resolved, rows in order, one row per number.

Two branches that reserve numbers write their rows at the same place, so the page is where a merge
stops. No person has to decide: the union of both sides is right, ascending (guide: Step 1,
Reserve BEP Number). Only two titles under one number need a person, and these are reported.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, NoReturn

from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import blocks, merge_markers
from ..markdown.blocks import Kind, Table
from ..words import counted
from . import registry_table
from .registry_table import COLUMNS, Registry


class Clash(NamedTuple):
    """Different titles under one `number`: each row's line in the source as given, and title."""

    number: int
    rows: tuple[tuple[int, str], ...]


class Settled(NamedTuple):
    """The page as it should be, what a person has to decide, and in words what was done."""

    text: str
    clashes: tuple[Clash, ...]
    remarks: tuple[str, ...]


def settle(source: str, path: str, guide: Guide, before: bytes | None = None) -> Settled:
    """The process page `source` with its registry settled; `path` is named in errors.

    Of two statuses, the one that is further on by the `guide` stays. `before` is the page that both
    sides started from, for conflicts that do not show what they started from.

    Merge-conflict markers in the table, of whatever length, give way to the rows of both sides,
    rows directly below the table come back into it, rows of one number and title become one, rows
    ascend. Lines keep their bytes, and a page that is in order comes back as it is.

    Raises BepError if markers are elsewhere or do not pair, and where the page has no
    registry table or has two.
    """
    found = _settled(source, path, guide, before)
    # Rows that came back into the table may have more of them directly below.
    while (again := _settled(found.text, path, guide, None)).text != found.text:
        found = again._replace(remarks=(*found.remarks, *again.remarks))
    return found


def numbers(before: bytes | None, path: str) -> set[int]:
    """The numbers that a page had before both sides changed it; none if it cannot be read."""
    page = _read(before, path)
    return page.numbers() if page else set()


def _read(before: bytes | None, path: str) -> Registry | None:
    try:
        return registry_table.read((before or b"").decode("utf-8", "surrogateescape"), path)
    except BepError:
        return None


def _settled(source: str, path: str, guide: Guide, before: bytes | None) -> Settled:
    parts = _parts(source, path)
    hunks = [part for part in parts if isinstance(part, _Hunk)]
    page = _flat(parts, path)
    place = _place(page, hunks, path)
    rows = _rows(page.lines[index] for index in place.rows)
    joined = [f"joined {counted(len(hunks), 'conflicting part')}"] if hunks else []
    if place.outside:
        joined.append(f"joined {counted(place.outside, 'row')} found below the table")
    base = _base_rows(hunks, _read(before, path) if hunks else None)
    kept, dropped = _without_deleted(rows, base)
    merged = _Merged(kept, base, guide)
    order = _ordered(merged)
    after = [_Line(row.text, row.ending, row.line) for row in order]
    lines = [*page.lines[: place.first], *after, *page.lines[place.stop :]]
    return Settled(
        _text(lines, ends_bare=bool(page.lines) and not page.lines[-1].ending),
        _clashes(order),
        (*joined, *dropped, *merged.remarks, *_moved(merged, order)),
    )


_OURS: Final = 0
_THEIRS: Final = 1
_BOTH: Final = 2

# What a marker makes of the part it is in: "" is outside conflicts, the others are named
# by the marker they start with.
_STEPS: Final = {
    ("", "<"): "<",
    ("<", "|"): "|",
    ("<", "="): "=",
    ("|", "="): "=",
    ("=", ">"): "",
}
_ROW: Final = re.compile(r" {0,3}\|")
_DELIMITER: Final = re.compile(r"[ \t|:]*-[-\s|:]*")
_PADDING: Final = re.compile(r"[ \t]+|(?<=-)-+")
_BLANKS: Final = " \t"
_HEAD: Final = f"| {' | '.join(COLUMNS)} |\n|---|---|---|---|\n"
_NUMBER, _STATUS = 0, 3
_WORDS: Final = {2: "two", 3: "three"}


class _Line(NamedTuple):
    """A line of the source; `number` counts from 1, `side` says who has it."""

    text: str
    ending: str
    number: int
    side: int = _BOTH

    @property
    def is_blank(self) -> bool:
        return not self.text.strip(_BLANKS)


class _Hunk(NamedTuple):
    """One conflict: what is after `<<<<<<<`, `=======` and `|||||||` (may be missing)."""

    line: int
    ours: list[_Line]
    theirs: list[_Line]
    base: list[_Line]


class _Page(NamedTuple):
    """The page with both sides of each conflict in place of it, and where these are."""

    lines: list[_Line]
    spans: list[tuple[int, int]]


class _Place(NamedTuple):
    """The lines `first` to `stop` hold the table's rows, and `outside` of these came back."""

    first: int
    stop: int
    rows: list[int]
    outside: int


class _Row(NamedTuple):
    """A row of the table; `cells` are as written, `spans` are theirs in `text`."""

    text: str
    ending: str
    line: int
    side: int
    number: int | None
    title: str
    cells: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same row: number and title, or all it says if it has no number."""
        if self.number is None:
            return (None, *self.cells)
        return (self.number, " ".join(self.title.split()).casefold())

    def is_in(self, side: int) -> bool:
        return self.side in (side, _BOTH)


# --- Reading ------------------------------------------------------------------------------------


def _refuse(message: str, remedy: str, path: str, line: int) -> NoReturn:
    raise BepError(message, remedy, path, line, WRONG_DOCUMENTS)


def _refuse_outside(path: str, line: int) -> NoReturn:
    message = "merge-conflict markers outside the registry table"
    _refuse(message, "resolve them by hand", path, line)


def _refuse_unpaired(path: str, line: int) -> NoReturn:
    message = "a merge-conflict marker without the others that belong to it"
    _refuse(message, "resolve the conflict by hand", path, line)


def _mark(text: str, size: int) -> str:
    """The kind of marker of that length that a line is, '' for another line."""
    found = merge_markers.marked(0, text)
    return found.kind if found and found.size == size else ""


def _parts(source: str, path: str) -> list[_Line | _Hunk]:
    parts: list[_Line | _Hunk] = []
    state, opened, size = "", 0, merge_markers.USUAL_SIZE
    into: dict[str, list[_Line]] = {}
    lines = [
        _Line(source[start:end], source[end:stop], number)
        for number, (start, end, stop) in enumerate(blocks.lines(source), 1)
    ]
    found = merge_markers.find((line.number, line.text) for line in lines)
    sizes = {one.place: one.size for one in found}
    for line in lines:
        number = line.number
        if not state:
            size = sizes.get(number, merge_markers.USUAL_SIZE)
        mark = _mark(line.text, size)
        step = _STEPS.get((state, mark))
        if step is not None:
            if step == "<":
                opened, into = number, {"<": [], "|": [], "=": []}
            elif not step:
                parts.append(_Hunk(opened, into["<"], into["="], into["|"]))
            state = step
        elif mark and (state or mark != "="):
            _refuse_unpaired(path, number)
        elif state:
            into[state].append(line)
        else:
            # A lone `=======` may underline a heading: `_place` sees.
            parts.append(line)
    if state:
        _refuse_unpaired(path, opened)
    return parts


def _flat(parts: list[_Line | _Hunk], path: str) -> _Page:
    page = _Page([], [])
    for part in parts:
        if isinstance(part, _Line):
            page.lines.append(part)
        else:
            start = len(page.lines)
            page.lines.extend(_both_sides(part, path))
            page.spans.append((start, len(page.lines)))
    return page


def _both_sides(hunk: _Hunk, path: str) -> list[_Line]:
    """The rows of both sides, between the blank lines that either side has at its edges."""
    sides = []
    for side, lines in ((_OURS, hunk.ours), (_THEIRS, hunk.theirs)):
        sides.append([line._replace(side=side) for line in lines if not line.is_blank])
    ours, theirs = sides
    head, other_head = _head_length(ours), _head_length(theirs)
    rows = [*ours[head:], *theirs[other_head:]]
    if (
        not all(_ROW.match(line.text) for line in (*ours, *theirs))
        or any(_DELIMITER.fullmatch(line.text) or _is_header(line.text) for line in rows)
        or [_PADDING.sub("", line.text) for line in ours[:head]]
        != [_PADDING.sub("", line.text) for line in theirs[:other_head]]
    ):
        _refuse_outside(path, hunk.line)
    before, after = zip(_edges(hunk.ours), _edges(hunk.theirs), strict=True)
    header = [line._replace(side=_BOTH) for line in ours[:head]]
    return [*max(before, key=len), *header, *rows, *max(after, key=len)]


def _edges(lines: list[_Line]) -> tuple[list[_Line], list[_Line]]:
    """The blank lines before and after what is not blank; all are after it if nothing is."""
    filled = [index for index, line in enumerate(lines) if not line.is_blank]
    return (lines[: filled[0]], lines[filled[-1] + 1 :]) if filled else ([], lines)


def _head_length(lines: list[_Line]) -> int:
    """How many of the first lines are the table's header and its delimiter."""
    if not lines or not _is_header(lines[0].text):
        return 0
    return 2 if len(lines) > 1 and _DELIMITER.fullmatch(lines[1].text) else 1


def _is_header(text: str) -> bool:
    cells = text.strip(_BLANKS).removeprefix("|").split("|")
    return registry_table.are_columns(cell.strip(_BLANKS) for cell in cells)


def _place(page: _Page, hunks: list[_Hunk], path: str) -> _Place:
    """Where the registry's rows are; refuses what is not a registry or has markers elsewhere."""
    found = blocks.blocks("".join(line.text + line.ending for line in page.lines))
    tables = registry_table.in_blocks(found)
    if not tables:
        raise registry_table.missing(path, hunks[0].line if hunks else 1)
    if len(tables) > 1:
        raise registry_table.second(path, page.lines[tables[1].line - 1].number)
    _refuse_stray(page, found, path)
    table = tables[0]
    place = _joined(page, found, found.index(table), table)
    for hunk, (start, stop) in zip(hunks, page.spans, strict=True):
        first, last = start, stop
        while first < last and page.lines[first].is_blank:
            first += 1
        while first < last and page.lines[last - 1].is_blank:
            last -= 1
        if first == last:
            first = last = start
        if first < table.line - 1 or last > place.stop:
            _refuse_outside(path, hunk.line)
    return place


def _refuse_stray(page: _Page, found: Sequence[blocks.Block], path: str) -> None:
    """Refuse a `=======` outside a conflict that is in a table or begins a paragraph."""
    size = merge_markers.USUAL_SIZE
    stray = [index for index, line in enumerate(page.lines) if _mark(line.text, size)]
    starts = [block.line - 1 for block in found] if stray else []
    for index in stray:
        if found[bisect_right(starts, index) - 1].kind in (Kind.TABLE, Kind.PARAGRAPH):
            _refuse_unpaired(path, page.lines[index].number)


def _joined(page: _Page, found: Sequence[blocks.Block], index: int, table: Table) -> _Place:
    """The table's rows with those that only blank lines separate from it."""
    first = table.line + 1
    stop = first + len(table.rows)
    rows, outside = list(range(first, stop)), 0
    ends = [*(block.line - 1 for block in found[1:]), len(page.lines)]
    for at in range(index + 1, len(found) - 1, 2):
        below = range(ends[at], ends[at + 1])
        if (
            found[at].kind != Kind.BLANK
            or found[at + 1].kind != Kind.PARAGRAPH
            or not _are_rows([page.lines[line] for line in below])
        ):
            break
        rows += below
        outside += len(below)
        stop = below.stop
    return _Place(first, stop, rows, outside)


def _are_rows(lines: list[_Line]) -> bool:
    return all(_ROW.match(line.text) for line in lines) and all(
        len(row.cells) >= len(COLUMNS) for row in _rows(lines)
    )


def _rows(lines: Iterable[_Line]) -> list[_Row]:
    """Lines that are rows of a table, read as the registry reads them."""
    given = list(lines)
    source = _HEAD + "\n".join(line.text for line in given)
    read = registry_table.read(source, "").rows if given else ()
    return [
        _Row(
            *line,
            number=row.number,
            title=row.title,
            cells=tuple(source[cell.start : cell.end] for cell in row.cells),
            spans=tuple((cell.start - row.start, cell.end - row.start) for cell in row.cells),
        )
        for line, row in zip(given, read, strict=True)
    ]


# --- One row per number -------------------------------------------------------------------------


def _base_rows(hunks: list[_Hunk], before: Registry | None) -> list[_Row]:
    """The rows that both sides started from: those that the conflicts show, else of the page."""
    lines: list[_Line] = []
    for hunk in hunks:
        base = [line for line in hunk.base if not line.is_blank]
        # A base that was a conflict itself (criss-cross merges) holds longer markers: it is none.
        if all(_ROW.match(line.text) for line in base):
            lines += base
    if before and not any(hunk.base for hunk in hunks):
        texts = (before.source[row.start : row.end].rstrip("\r\n") for row in before.rows)
        lines = [_Line(text, "", number) for number, text in enumerate(texts, 1)]
    return _rows(lines)


def _without_deleted(rows: list[_Row], before: list[_Row]) -> tuple[list[_Row], list[str]]:
    """The rows but those of the base that one side deleted and the other left unchanged."""
    if not before:
        return rows, []
    base: dict[tuple[object, ...], set[tuple[str, ...]]] = {}
    for row in before:
        base.setdefault(row.key, set()).add(_bare(row.cells))
    sides = [{row.key for row in rows if row.is_in(side)} for side in (_OURS, _THEIRS)]
    in_both = sides[_OURS] & sides[_THEIRS]
    changed = {row.key for row in rows if _bare(row.cells) not in base.get(row.key, ())}
    deleted = base.keys() - in_both - changed
    kept = [row for row in rows if row.key not in deleted]
    numbers = {row.number for row in kept}
    remarks = [
        f"{row.number}: the title that one side changed is kept"
        if row.number in numbers
        else f"{row.number}: left out, as one side deleted it"
        for row in rows
        if row.key in deleted and row.number is not None
    ]
    return kept, remarks


def _bare(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Cells without the empty ones at the end, which a row may leave out."""
    length = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:length]


class _Merged:
    """`rows` with one row for each number and title.

    `stands_for` says of each row, by its index, at which index the row is that it became;
    `result` has the rows that are left, by their index.
    """

    def __init__(self, rows: list[_Row], base: list[_Row], guide: Guide) -> None:
        self.rows, self.guide = rows, guide
        self.base: dict[int, list[_Row]] = {}
        for row in base:
            if row.number is not None:
                self.base.setdefault(row.number, []).append(row)
        self.result: dict[int, _Row] = {}
        self.stands_for: list[int] = []
        self.remarks: list[str] = []
        groups: dict[tuple[object, ...], list[int]] = {}
        # Rows without a number may repeat, but what both sides wrote is one.
        ours: dict[tuple[object, ...], deque[int]] = {}
        for index, row in enumerate(rows):
            if row.number is None and row.side == _OURS:
                ours.setdefault(row.key, deque()).append(index)
        for index, row in enumerate(rows):
            place = index
            if row.number is not None:
                group = groups.setdefault(row.key, [])
                group.append(index)
                place = group[0]
            elif row.side == _THEIRS and ours.get(row.key):
                place = ours[row.key].popleft()
            self.stands_for.append(place)
            if place == index:
                self.result[index] = row
        for group in groups.values():
            if len(group) > 1:
                self.merge(group)

    def merge(self, group: list[int]) -> None:
        """Make one row of the rows of one number and title."""
        members = [self.rows[index] for index in group]
        members.sort(key=lambda row: row.side == _THEIRS)
        width = max(len(row.cells) for row in members)
        all_cells = [_padded(row.cells, width) for row in members]
        base = self.base_of(members[0], width)
        cells = all_cells[0]
        for other in all_cells[1:]:
            cells = tuple(
                _chosen(column, *three, self.guide)
                for column, three in enumerate(zip(base, cells, other, strict=True))
            )
        if cells in all_cells:
            row = members[all_cells.index(cells)]
        else:
            carrier = next(row for row in members if row.cells[_NUMBER] == cells[_NUMBER])
            row = carrier._replace(text=_written(carrier, cells))
        # It is a row of both sides from here on, and is where the first of them was.
        self.result[group[0]] = row._replace(side=_side_of(members))
        self.remark(members, equal=len(set(all_cells)) == 1)

    def base_of(self, row: _Row, width: int) -> tuple[str | None, ...]:
        found = self.base.get(row.number or 0, [])
        same = [one for one in found if one.key == row.key] or found
        cells = {_bare(one.cells) for one in same}
        if len(cells) != 1:
            return (None,) * width
        return _padded(cells.pop(), width)[:width]

    def remark(self, members: list[_Row], *, equal: bool) -> None:
        number = members[0].number
        most = max(sum(row.is_in(side) for row in members) for side in (_OURS, _THEIRS))
        if most > 1:
            count = _WORDS.get(len(members), str(len(members)))
            kind = "equal rows" if equal else "rows of one title"
            self.remarks.append(f"{number}: {count} {kind} became one")
        elif not equal:
            self.remarks.append(f"{number}: the rows of both sides became one")


def _side_of(members: list[_Row]) -> int:
    sides = {row.side for row in members}
    return sides.pop() if len(sides) == 1 else _BOTH


def _padded(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells + ("",) * (width - len(cells))


def _chosen(column: int, base: str | None, ours: str, theirs: str, guide: Guide) -> str:
    """A cell of the row that two rows become."""
    if column == _NUMBER and ours.startswith("[") != theirs.startswith("["):
        return max(ours, theirs, key=lambda cell: cell.startswith("["))
    if base == ours != theirs:
        return theirs
    if column == _STATUS and base != theirs:
        return max(ours, theirs, key=lambda status: _progress(status, guide))
    return ours or ("" if base == theirs else theirs)


def _progress(status: str, guide: Guide) -> int:
    """How far on a status is; the final ones are all at the end."""
    words = re.findall(r"[^\W_]+", status)
    found = guide.status_of(" ".join(words)) or guide.status_of("".join(words[:1]))
    if found is None:
        return -1 if words else -2
    return len(guide.statuses) if found.final else [*guide.statuses].index(found.id)


def _written(row: _Row, cells: tuple[str, ...]) -> str:
    """The row's line with these cells; what it says already keeps its bytes."""
    if any(cells[len(row.cells) :]):
        return f"| {' | '.join(cells)} |"
    text = row.text
    for (start, end), old, new in reversed(list(zip(row.spans, row.cells, cells, strict=False))):
        if old != new:
            before = "" if old or text[start - 1 : start] in (" ", "") else " "
            after = "" if old or text[end : end + 1] == " " else " "
            text = text[:start] + before + new + after + text[end:]
    return text


# --- Order --------------------------------------------------------------------------------------


def _ordered(merged: _Merged) -> list[_Row]:
    """Numbered rows ascending, each with the rows without a number that were after it."""
    rows, result = merged.rows, merged.result
    numbered = [index for index, row in result.items() if row.number is not None]
    numbered.sort(key=lambda index: (rows[index].number, index))
    behind: dict[int, list[int]] = {}
    last = [-1, -1]
    for index, row in enumerate(rows):
        for side in _sides(row) if row.number is not None else ():
            last[side] = index
    above = [-1, -1]
    trailing = []
    for index, row in enumerate(rows):
        sides = _sides(row)
        if row.number is not None:
            for side in sides:
                above[side] = merged.stands_for[index]
        elif index in result:
            if _is_next(row) or all(index > last[side] for side in sides):
                trailing.append(index)
            else:
                anchor = max((above[side] for side in sides), key=lambda at: _rank(rows, at))
                behind.setdefault(anchor, []).append(index)
    order = behind.get(-1, [])
    for index in numbered:
        order += [index, *behind.get(index, [])]
    return [result[index] for index in (*order, *trailing)]


def _sides(row: _Row) -> tuple[int, ...]:
    return tuple(side for side in (_OURS, _THEIRS) if row.is_in(side))


def _rank(rows: list[_Row], index: int) -> tuple[int, int]:
    return (-1 if index < 0 else rows[index].number or 0, index)


def _is_next(row: _Row) -> bool:
    return bool(row.cells) and row.cells[_NUMBER].strip("_* \t").casefold() == "next"


def _clashes(order: list[_Row]) -> tuple[Clash, ...]:
    found: dict[int, list[tuple[int, str]]] = {}
    for row in order:
        if row.number is not None:
            found.setdefault(row.number, []).append((row.line, row.title))
    return tuple(Clash(number, tuple(rows)) for number, rows in found.items() if len(rows) > 1)


def _moved(merged: _Merged, order: list[_Row]) -> list[str]:
    """Say which rows were out of order on their own side, and where they are now."""
    rows, result = merged.rows, merged.result
    wrong: set[int] = set()
    for side in (_THEIRS, _OURS):
        seen = [at for at, row in result.items() if row.number is not None and row.is_in(side)]
        in_place = _ascending([(rows[at].number or 0, at) for at in seen])
        own = {at for at in seen if side == _OURS or result[at].side == _THEIRS}
        wrong |= own - in_place
    lines = {result[at].line for at in wrong}
    remarks = []
    above: int | None = None
    for row in order:
        if row.number is not None:
            if row.line in lines:
                where = "to the top" if above is None else f"after {above}"
                remarks.append(f"moved {row.number} {where}")
            above = row.number
    ours = [row for row in result.values() if row.is_in(_OURS)]
    while ours and ours[-1].number is None:
        ours.pop()
    if any(_is_next(row) for row in ours):
        remarks.append("moved _next_ to the end")
    return remarks


def _ascending(numbers: list[tuple[int, int]]) -> set[int]:
    """The names of a longest run of (number, name) that ascends already.

    Of two runs of that length, the one that keeps earlier rows: a row added in the wrong place is
    considered out of order, not the row before it.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for number, name in reversed(numbers):
        at = bisect_right(tails, -number)
        if at == len(tails):
            tails.append(-number)
            ends.append(name)
        tails[at], ends[at] = -number, name
        before[name] = ends[at - 1] if at else -1
    found = set()
    name = ends[-1] if ends else -1
    while name >= 0:
        found.add(name)
        name = before[name]
    return found


def _text(lines: list[_Line], *, ends_bare: bool) -> str:
    """The page; a line without ending that is not the last any more changes it with the last."""
    if not lines:
        return ""
    ending = lines[-1].ending or next(
        (line.ending for line in reversed(lines) if line.ending), "\n"
    )
    pieces = [line.text + (line.ending or ending) for line in lines[:-1]]
    last = lines[-1]
    return "".join(pieces) + last.text + ("" if ends_bare else last.ending)
