"""What must hold of merged keys (front matter, context block) and tables: part of the oracle.

Each function takes the same part of the old rendering, of the author's document, of the new
rendering and of the result, and gives a line for each thing that is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.merge.reading import Key, Lines, Table, comments, filled, keys

Row = dict[str, str]


# --- Keys ---------------------------------------------------------------------------------------


def keys_problems(
    base: Lines | None,
    ours: Lines | None,
    theirs: Lines | None,
    result: Lines | None,
    renamed: Mapping[str, str],
) -> Iterator[str]:
    """A block of keys; None where the document has no such block."""
    if ours is None:
        yield from _absent(base, theirs, result)
    elif result is None:
        if base is None or theirs is not None or filled(ours) != filled(base):
            yield "the block of keys is gone"
    elif base == theirs:
        if result != ours:
            yield f"keys changed that the template left alone: {ours} -> {result}"
    elif _starts_without_key(ours):  # nobody can say which lines make which key
        if lost := {*filled(ours)} - {*(base or ())} - {*result}:
            yield f"lines without form are lost: {sorted(lost)}"
    else:
        yield from _comments_stand(base or (), ours, result)
        yield from _keys_merged(base or (), ours, theirs or (), result, renamed)


def _absent(base: Lines | None, theirs: Lines | None, result: Lines | None) -> Iterator[str]:
    """The author has no block: it comes only if the template has just added it."""
    added = base is None and theirs is not None
    if added and result != theirs:
        yield f"the added block of keys is {result}"
    if not added and result is not None:
        yield f"a block of keys came back: {result}"


def _comments_stand(base: Lines, ours: Lines, result: Lines) -> Iterator[str]:
    lost = Counter(comments(ours)) - Counter(comments(base)) - Counter(comments(result))
    if lost:
        yield f"comments among the keys are lost: {sorted(lost)}"


def _keys_merged(
    base: Lines, ours: Lines, theirs: Lines, result: Lines, renamed: Mapping[str, str]
) -> Iterator[str]:
    b, o, t, r = (keys(lines) for lines in (base, ours, theirs, result))
    new_name = {key.name: renamed.get(key.name, key.name) for key in b}
    their_own = {key.name for key in t if key.name not in new_name.values()}
    noted = bool(set(comments(ours)) - set(comments(base)))
    expected: list[str] = []
    for key, old, new in _same_keys(b, o, t, new_name):
        name = new.name if new else key.name
        found = [one for one in r if one.name == name]
        if old and not new and key.value == old.value:
            if not noted and any(one.value == old.value for one in found):
                yield f"the key {key.name!r}, removed and not filled, is still there"
        elif not found:
            yield f"the key {key.name!r} is lost"
        else:
            expected.append(name)
            yield from _value_merged(old, key, new, found)
    ours_names = {key.name for key in o}
    yield from _keys_gone(b, ours_names, new_name, r)
    yield from _keys_added(t, their_own - ours_names, r)
    if strange := {key.name for key in r} - ours_names - {key.name for key in t}:
        yield f"keys from nowhere: {sorted(strange)}"
    yield from _keys_in_order(expected, t, r, their_own - ours_names)


def _same_keys(
    base: list[Key], ours: list[Key], theirs: list[Key], new_name: Mapping[str, str]
) -> Iterator[tuple[Key, Key | None, Key | None]]:
    """The author's keys with the template's before and now.

    One that the author repeated is the author's own in all its lines, unless all are empty.
    """
    names = Counter(key.name for key in ours)
    repeated = {key.name for key in ours if names[key.name] > 1 and key.value not in ("", None)}
    in_base, in_theirs = (_first(found) for found in (base, theirs))
    old_name = {new: old for old, new in new_name.items()}
    seen: set[str] = set()
    for key in ours:
        old = in_base.get(key.name) or in_base.get(old_name.get(key.name, ""))
        new = in_theirs.get(new_name.get(key.name, key.name))
        if key.name in repeated or (key.name in seen and new):
            old = new = None
        yield key, old, new
        seen.add(key.name)


def _keys_gone(
    base: list[Key], ours: set[str], new_name: Mapping[str, str], result: list[Key]
) -> Iterator[str]:
    """What the author removed stays away, under its old name and its new one."""
    there = {key.name for key in result}
    for key in base:
        names = {key.name, new_name[key.name]}
        if not names & ours and names & there:
            yield f"the key {key.name!r}, removed by the author, came back"


def _keys_added(theirs: list[Key], added: set[str], result: list[Key]) -> Iterator[str]:
    """What the template added is there once, as the template has it."""
    for key in theirs:
        found = [one.value for one in result if one.name == key.name]
        if key.name in added and found != [key.value]:
            yield f"the added key {key.name!r} is {found}"


def _starts_without_key(lines: Lines) -> bool:
    """Whether a line that is neither key nor comment stands before the first key."""
    known = {line for key in keys(lines) for line in key.lines}
    text = [line for line in filled(lines) if not line.lstrip().startswith("#")]
    return bool(text) and text[0] not in known


def _first(found: Sequence[Key]) -> dict[str, Key]:
    return {key.name: key for key in reversed(found)}


def _value_merged(old: Key | None, own: Key, new: Key | None, found: list[Key]) -> Iterator[str]:
    values = [one.value for one in found]
    if old and new and old.written == new.written and found[0].written != own.written:
        yield f"{own.name!r} was left alone by the template and is written {found[0].written!r}"
    before = old.value if old else None
    after = new.value if new else before
    mine = own.value
    if mine == "" and isinstance(before, list):
        mine = []  # of a list that the author emptied only the key is left
    if isinstance(mine, list) and isinstance(after, list) and (old is None or after != before):
        yield from _elements_merged(before, mine, after, values[0], own.name)
    elif old and own.value == before:
        if values[0] != after:
            yield f"{own.name!r} was left alone and is {values[0]!r} instead of {after!r}"
    elif own.value not in values:
        yield f"the author's {own.name!r} {own.value!r} became {values!r}"


def _elements_merged(
    before: object, ours: list[object], after: list[object], result: object, name: str
) -> Iterator[str]:
    """A list merges by element: the author's changes and the template's, both."""
    base = before if isinstance(before, list) else []
    if not isinstance(result, list):
        yield f"the list {name!r} became {result!r}"
        return
    for element in ours:
        stays = element not in base or element in after
        if result.count(element) != (ours.count(element) if stays else 0):
            yield f"{name!r} has {element!r} {result.count(element)} times"
    for element in after:
        if element not in base and element not in ours and result.count(element) != 1:
            yield f"{name!r} has the added {element!r} {result.count(element)} times"
    for element in result:
        if element not in ours and (element not in after or element in base):
            yield f"{name!r} has {element!r} from nowhere"
    kept = [element for element in result if element in ours]
    if kept != [element for element in ours if element in result]:
        yield f"{name!r} has another order: {result!r}"


def _keys_in_order(
    own: list[str], theirs: list[Key], result: list[Key], added: set[str]
) -> Iterator[str]:
    """The author's keys keep their order, and an added key follows the same key as in the template.

    A key that comes first in the template precedes the next one, wherever the author has that.
    """
    stand = [key.name for key in result if key.name in own]
    if stand != own:
        yield f"keys in another order: {own} became {stand}"
    names = [key.name for key in theirs]
    # Where the author repeated a key, its first line counts.
    there = list(dict.fromkeys(key.name for key in result if key.name in names))
    for name in added & set(there):
        before = [one for one in names[: names.index(name)] if one in there]
        after = [one for one in names[names.index(name) + 1 :] if one in there]
        at = there.index(name)
        is_first = not before and there[at + 1 : at + 2] == after[:1]
        if there[at - 1 : at] != before[-1:] and not is_first:
            yield f"the added key {name!r} stands behind {there[:at][-1:]}, not {before[-1:]}"


# --- Tables -------------------------------------------------------------------------------------


def matching(base: Table, tables: Sequence[Table]) -> Table | None:
    """The author's table that is the template's: the first with half of its columns."""
    for table in tables:
        if len(set(base.columns) & set(table.columns)) * 2 >= len(base.columns):
            return table
    return None


def table_problems(base: Table, ours: Table, theirs: Table, result: Table) -> Iterator[str]:
    """A table of the template's that the author has too."""
    if theirs.lines == base.lines:
        if result.lines != ours.lines:
            yield f"a table changed that the template left alone: {result.lines}"
        return
    if ours.lines == base.lines:
        if result.lines != theirs.lines:
            yield f"a table that the author left alone is not the template's: {result.lines}"
        return
    if ours.texts != tuple(line for line in result.texts if line in ours.texts):
        yield f"lines below the rows changed: {ours.texts} became {result.texts}"
    yield from _columns_merged(base, ours, theirs, result)
    yield from _rows_merged(base, ours, theirs, result)


def _columns_merged(base: Table, ours: Table, theirs: Table, result: Table) -> Iterator[str]:
    for column in ours.columns:
        goes = (
            column in base.columns
            and column not in theirs.columns
            and not _is_filled(column, base, ours)
        )
        if (column in result.columns) == goes:
            yield f"the column {column!r} {'is still there' if goes else 'is lost'}"
    for column in set(base.columns) - set(ours.columns):
        if column in result.columns:
            yield f"the column {column!r}, removed by the author, came back"
    for column in set(theirs.columns) - set(base.columns):
        if result.columns.count(column) != 1:
            yield f"the added column {column!r} is there {result.columns.count(column)} times"
    if not set(result.columns) <= set(ours.columns) | set(theirs.columns):
        yield f"columns from nowhere: {result.columns}"
    shared = [column for column in result.columns if column in ours.columns]
    if shared != [column for column in ours.columns if column in result.columns]:
        yield f"the columns have another order: {result.columns}"


def _is_filled(column: str, base: Table, ours: Table) -> bool:
    before = {key: row.get(column, "") for key, row in _by_key(base).items()}
    return any(
        row.get(column, "") not in ("", before.get(key, "")) for key, row in _by_key(ours).items()
    )


def _rows_merged(base: Table, ours: Table, theirs: Table, result: Table) -> Iterator[str]:
    b, o, t, r = (_by_key(table) for table in (base, ours, theirs, result))
    there = []
    for key, row in o.items():
        old, new = b.get(key), t.get(key)
        if old is not None and new is None and row == old:
            if key in r:
                yield f"the row {key[0]!r}, removed and left alone, is still there"
            continue
        if key not in r:
            yield f"the author's row {key[0]!r} is lost"
            continue
        there.append(key)
        expected = _merged_row(old, row, new)
        for column, cell in expected.items():
            if column in result.columns and r[key].get(column, "") != cell:
                yield f"row {key[0]!r}, {column!r}: {r[key].get(column)!r} instead of {cell!r}"
        if old is None and new is None:
            yield from _own_row_stands(ours, key, result, o, r)
    for key in t:
        if key not in b and key not in o and key not in r:
            yield f"the added row {key[0]!r} is missing"
    for key in r:
        if key not in o and (key in b or key not in t):
            yield f"the row {key[0]!r} came back or comes from nowhere"
    if [key for key in r if key in there] != there:
        yield "the author's rows have another order"


def _own_row_stands(
    ours: Table, key: tuple[str, int], result: Table, o: dict, r: dict
) -> Iterator[str]:
    """All cells of a row that is the author's, also those that no column has a name for."""
    before, after = ours.rows[list(o).index(key)], result.rows[list(r).index(key)]
    if Counter(filled(before)) - Counter(after):
        yield f"cells of the author's row are lost: {before} became {after}"
    if (
        ours.columns == result.columns
        and _lines_of_rows(ours)[list(o).index(key)] not in result.lines
    ):
        yield f"the author's row {before} was written anew"


def _lines_of_rows(table: Table) -> Lines:
    return tuple(line for line in table.lines[2:] if line not in table.texts)


def _merged_row(old: Row | None, own: Row, new: Row | None) -> Row:
    merged = dict(own)
    for column, cell in (new or {}).items():
        unchanged = old is not None and own.get(column, "") == old.get(column, "")
        if unchanged and (column in own or column not in old):
            merged[column] = cell
    return merged


def _by_key(table: Table) -> dict[tuple[str, int], Row]:
    """The rows by first cell, counted where it repeats."""
    found: dict[tuple[str, int], Row] = {}
    seen: Counter[str] = Counter()
    for row in table.rows:
        name = row[0] if row else ""
        seen[name] += 1
        found[name, seen[name]] = dict(zip(table.columns, row, strict=False))
    return found
