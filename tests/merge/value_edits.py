"""What authors make of tables, front matter and context blocks, one small edit a function.

The edits have the form of those of `edits`.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.merge.edits import Edit, write
from tests.merge.template import Draft, Part

KeyEdit = Callable[[list[str], int, int], None]


def _table_at(part: Part) -> tuple[int, int] | None:
    rows = [at for at, line in enumerate(part.body) if line.startswith("|")]
    if not rows:
        return None
    end = rows[0]
    while end < len(part.body) and part.body[end].startswith("|"):
        end += 1
    return rows[0], end


def _cells(row: str) -> list[str]:
    return row.strip().strip("|").split(" | ")


def add_row(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None:
        return write(draft, part, how, number)
    size = len(_cells(part.body[table[0]]))
    cells = [f"2026-01-0{1 + how % 2}", f"Decision {number}", "a \\| b", f"cell {number}", "x", "y"]
    row = f"| {' | '.join(cells[: max(size + (0, 0, 0, -1, 1)[how % 5], 1)])} |"
    return part.body.insert(table[1], row)


def edit_row(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None or table[1] - table[0] < 3:
        return add_row(draft, part, how, number)
    at = table[0] + 2 + how % (table[1] - table[0] - 2)
    first, *rest = _cells(part.body[at])
    place = how % len(rest) if rest else 0
    rest[place : place + 1] = [f"edited {number}"]
    part.body[at] = f"| {' | '.join([first.strip(), *rest])} |"
    return None


def delete_row(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None or table[1] - table[0] < 3:
        return add_row(draft, part, how, number)
    del part.body[table[0] + 2 + how % (table[1] - table[0] - 2)]
    return None


def own_column(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None:
        return write(draft, part, how, number)
    for at in range(*table):
        new = ("PR", "---", f"#{number}")[min(at - table[0], 2)]
        part.body[at] = f"{part.body[at].rstrip()} {new} |"
    return None


_BELOW = (
    "[^N]: A footnote.",
    "Text N, directly below.",
    "one N | pipe",
    "escaped \\| N",
    "> A quote, N.",
    "- An item, N.",
    "    code N",
    "<!-- A remark, N. -->",
)


def line_below_table(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None:
        return write(draft, part, how, number)
    return part.body.insert(table[1], _BELOW[how % len(_BELOW)].replace("N", str(number)))


def pad_table(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None:
        return write(draft, part, how, number)
    for at in range(*table):
        part.body[at] = part.body[at].replace(" |", "   |")
    return None


def table_to_list(draft: Draft, part: Part, how: int, number: int) -> None:
    table = _table_at(part)
    if table is None:
        return write(draft, part, how, number)
    part.body[slice(*table)] = [f"- a decision {number}"]
    return None


# --- Front matter and context block -------------------------------------------------------------


def _line(lines: list[str], how: int) -> int:
    """The place of a line that holds a key."""
    places = [at for at, line in enumerate(lines) if line[:1].isalpha()]
    return places[how % len(places)]


def _value_end(lines: list[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and lines[end][:1] in (" ", "-"):
        end += 1
    return end


def fill_key(lines: list[str], how: int, number: int) -> None:
    at = _line(lines, how)
    key = lines[at].split(":")[0]
    lines[at : _value_end(lines, at)] = [f"{key}: filled {number}"]


def quote_value(lines: list[str], how: int, number: int) -> None:
    """The same value, written otherwise."""
    at = _line(lines, how)
    key, _, value = lines[at].partition(": ")
    if value and value[0] not in "'\"[":
        lines[at] = f'{key}:   "{value}"'


def comment_above(lines: list[str], how: int, number: int) -> None:
    lines.insert(_line(lines, how), f"# note {number}")


def comment_behind(lines: list[str], how: int, number: int) -> None:
    at = _line(lines, how)
    if not lines[at].rstrip().endswith(":"):
        lines[at] += f"  # note {number}"


def strip_comments(lines: list[str], how: int, number: int) -> None:
    lines[:] = [line for line in lines if not line.startswith("#")]


def own_key(lines: list[str], how: int, number: int) -> None:
    name = ("Own", "Reviewers", "Kind", "owner", "Own-Key")[how % 5]
    lines.insert(_line(lines, how), f"{name}: own {number}")


def delete_key(lines: list[str], how: int, number: int) -> None:
    at = _line(lines, how)
    if len(lines) > _value_end(lines, at) - at + 1:
        del lines[at : _value_end(lines, at)]


def break_key(lines: list[str], how: int, number: int) -> None:
    """What is not YAML any more."""
    broken = (f"Broken: [a, {number}", f"Broken: 'it{number}", f"Broken: a: b {number}")[how % 3]
    lines.append(broken)


def add_element(lines: list[str], how: int, number: int) -> None:
    """One more element in a list."""
    lists = [at for at, line in enumerate(lines) if line.rstrip().endswith(("]", ":"))]
    if not lists:
        return fill_key(lines, how, number)
    at = lists[how % len(lists)]
    key, _, value = lines[at].partition(": ")
    old = [one for one in value.strip("[]").split(", ") if one]
    if value and how // 7 % 2:
        lines[at] = f"{key}: [{', '.join([*old, f'own-{number}.md'])}]"
    elif value:
        lines[at : at + 1] = [f"{key}:", *(f"  - {one}" for one in old), f"  - own {number}"]
    else:
        lines.insert(_value_end(lines, at), f"  - own {number}")
    return None


def remove_element(lines: list[str], how: int, number: int) -> None:
    for at, line in enumerate(lines):
        if "[" in line and ", " in line:
            key, _, value = line.partition(": ")
            lines[at] = f"{key}: [{value.strip('[]').split(', ')[how % 2]}]"
            return


def in_front(change: KeyEdit) -> Edit:
    def edit(draft: Draft, part: Part, how: int, number: int) -> None:
        if draft.front:
            change(draft.front, how, number)

    return edit


def in_context(change: KeyEdit) -> Edit:
    def edit(draft: Draft, part: Part, how: int, number: int) -> None:
        if draft.context:
            change(draft.context, how, number)

    return edit
