"""The `<!-- context-for-ai -->` comment that AI agents read first (guide: AI Context Block)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import takewhile
from typing import Any

import yaml

from ..markdown import edits as splices, yaml_data
from ..markdown.edits import Splice
from ..markdown.escapes import comment_value
from ..markdown.yaml_data import Unreadable
from . import key_values
from .key_values import Entry, Keyed

OPENING = "<!-- context-for-ai"
CLOSING = "-->"

_INDENT = "  "


def wrap(body: str) -> str:
    """The comment around `body`, lines of YAML.

    Raises ValueError if the body would end the comment: a value that got past
    `escapes.comment_value`.
    """
    if CLOSING in body or "--!>" in body:
        raise ValueError(f"a context block contains {CLOSING!r}: {body!r}")
    return f"{OPENING}\n{body.strip()}\n{CLOSING}"


def read(comment: str) -> dict[str, Any] | None:
    """The keys of a context block, None where `comment` is none or its YAML cannot be read."""
    try:
        return _keys(comment)
    except Unreadable:
        return None


def problem(comment: str) -> Unreadable | None:
    """Why the YAML of a context block cannot be read, with the line; None if it can."""
    try:
        _keys(comment)
    except Unreadable as error:
        return error
    return None


def _keys(comment: str) -> dict[str, Any] | None:
    text = comment.lstrip("\ufeff").strip()
    if not text.startswith(OPENING) or not text.endswith(CLOSING):
        return None
    keys = yaml_data.load(text[len(OPENING) : -len(CLOSING)])
    return keys if isinstance(keys, dict) else None


def texts(context: Keyed, key: str) -> list[str]:
    """The elements of the list that `key` has, or its one value, even if the YAML is broken."""
    value = next((item.value for item in context.items if item.key == key), "")
    meaning = key_values.meaning(value)
    if meaning is None:
        return []
    if isinstance(meaning, list):
        return [_words(element) for element in meaning]
    elements = [line.strip()[2:] for line in value.splitlines() if line.strip().startswith("- ")]
    return elements or [meaning if isinstance(meaning, str) else value]


def _words(element: Any) -> str:
    """An element as text: `Clients: no change` without quotes is a mapping to YAML."""
    if isinstance(element, dict):
        return ", ".join(f"{key}: {value}" for key, value in element.items())
    return str(element)


class Unclear(ValueError):
    """A context block cannot be edited; `str()` is the reason, in a few words."""


def entries(source: str, start: int, end: int) -> tuple[Entry, ...]:
    """The keys of the context block `source[start:end]`, in order.

    Raises Unclear if the block cannot be read, or not as one key per line.
    """
    known = read(source[start:end])
    if not known:
        raise Unclear("the context block is not YAML with keys and values")
    body = source.index(OPENING, start) + len(OPENING)
    text = source[body : source.rindex(CLOSING, start, end)]
    if not text.rstrip(" \t").endswith(("\n", "\r")):
        raise Unclear("the end of the context block is not on its own line")
    found = key_values.read(text).entries(body)
    if sorted(entry.key for entry in found) != sorted(map(str, known)):
        raise Unclear("the context block does not have one key per line")
    return found


def read_as_mappings(source: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield key, start and end of each list element that reads as text, and is a mapping to YAML.

    It is one `key: value` on one line, without braces. Raises Unclear as `entries` does.
    """
    for entry in entries(source, start, end):
        node = _node(source, entry)
        for element in node.value if isinstance(node, yaml.SequenceNode) else ():
            if isinstance(element, yaml.MappingNode) and len(element.value) == 1:
                value = element.value[0][1]
                first = entry.value + element.start_mark.index
                last = entry.value + value.end_mark.index
                is_plain = isinstance(value, yaml.ScalarNode) and source[first] != "{"
                if is_plain and source[first:last].isprintable():
                    yield entry.key, first, last


def set_number(
    source: str, found: Sequence[Entry], order: Iterable[str], key: str, value: int
) -> list[Splice]:
    """The edits after which `key` has the number `value`; none if it says so, or else.

    A missing key comes at its place in `order`, the guide's order of keys.
    A list, a mapping and text that is not a number are the author's own way to say it.
    """
    entry = _entry(found, key)
    if entry is None:
        return [_new_lines(source, found, order, key, f" {value}")]
    node = _node(source, entry)
    if node is None:
        at = entry.value
        return [Splice(at, at, f" {value}")]
    if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(r"[0-9]{1,9}", node.value):
        return []
    return [_over(entry, node, str(value))] if int(node.value) != value else []


def set_text(source: str, found: Sequence[Entry], key: str, value: str) -> list[Splice]:
    """The edits that set `key`, if it is there and has one value, to the text `value`."""
    entry = _entry(found, key)
    node = _node(source, entry) if entry else None
    if entry is None or not isinstance(node, yaml.ScalarNode) or node.value == value:
        return []
    return [_over(entry, node, comment_value(value))]


def set_names(
    source: str,
    found: Sequence[Entry],
    order: Iterable[str],
    key: str,
    wanted: Sequence[str],
    name_of: Callable[[str], str],
) -> list[Splice]:
    """The edits after which the list `key` holds the `wanted` names and no others.

    `name_of` gives the name that an element means. Elements that stay keep their place and
    spelling, new ones follow. No edits if the value is not a list of text, or a comment would go.
    """
    entry = _entry(found, key)
    node = _node(source, entry) if entry else None
    if entry is not None and isinstance(node, yaml.SequenceNode):
        return _changed_names(source, entry, node, wanted, name_of)
    if node is not None or not wanted:
        return []
    written = f" {comment_value(list(wanted))}"
    if entry is None:
        return [_new_lines(source, found, order, key, written)]
    return [Splice(entry.value, entry.value, written)]


def _changed_names(
    source: str,
    entry: Entry,
    node: yaml.SequenceNode,
    wanted: Sequence[str],
    name_of: Callable[[str], str],
) -> list[Splice]:
    names = [name_of(one.value) if isinstance(one, yaml.ScalarNode) else "" for one in node.value]
    if not all(names):
        return []
    dead = _superfluous(names, set(wanted))
    known = set(names)
    new = [name for name in wanted if name not in known]
    if node.flow_style and len(dead) == len(names):
        edits = [_over(entry, node, comment_value(new))] if names or new else []
    else:
        removing = _without_in_flow if node.flow_style else _without_lines
        edits = list(removing(source, entry, node.value, dead))
        edits += _appended(source, entry, node, new)
    # A comment among the elements is an author's word and does not go with them.
    return [] if any("#" in source[one.start : one.end] for one in edits) else edits


def append(
    source: str, found: Sequence[Entry], order: Iterable[str], key: str, value: str
) -> list[Splice]:
    """The edits that add one text to the list `key`, in its existing form.

    Raises Unclear if the value of `key` is not a list.
    """
    line = f"{_INDENT}- {comment_value(value)}"
    entry = _entry(found, key)
    if entry is None:
        return [_new_lines(source, found, order, key, f"\n{line}")]
    node = _node(source, entry)
    if node is None:
        return [_below(source, entry, line)]
    if not isinstance(node, yaml.SequenceNode):
        raise Unclear(f"the value of {key} in the context block is not a list")
    if not node.value:
        ending = splices.ending_near(source, entry.start)
        span = Splice(entry.value, entry.value + node.end_mark.index, f"{ending}{line}")
        return [span]
    return _appended(source, entry, node, [value])


def _superfluous(names: Sequence[str], wanted: Set[str]) -> list[int]:
    """The places of names that are not wanted, or are there already."""
    seen: set[str] = set()
    dead = []
    for at, name in enumerate(names):
        if name not in wanted or name in seen:
            dead.append(at)
        seen.add(name)
    return dead


def _entry(found: Sequence[Entry], key: str) -> Entry | None:
    return next((entry for entry in found if entry.key == key), None)


def _node(source: str, entry: Entry) -> yaml.Node | None:
    """What an entry's value is to YAML; its marks count from the value's start.

    Raises Unclear if it cannot be read by itself.
    """
    try:
        return yaml_data.compose(source[entry.value : entry.end])
    except Unreadable as error:
        raise Unclear(
            f"the value of {entry.key} in the context block cannot be edited: {error.reason}"
        ) from None


def _over(entry: Entry, node: yaml.Node, text: str) -> Splice:
    return Splice(entry.value + node.start_mark.index, entry.value + node.end_mark.index, text)


def _appended(
    source: str, entry: Entry, node: yaml.SequenceNode, new: Sequence[str]
) -> list[Splice]:
    """The edits that add elements to a list which has some."""
    if not new:
        return []
    if node.flow_style:
        at = entry.value + node.value[-1].end_mark.index
        return [Splice(at, at, f", {comment_value(list(new))[1:-1]}")]
    indent = " " * node.start_mark.column
    return [_below(source, entry, *(f"{indent}- {comment_value(one)}" for one in new))]


def _without_in_flow(
    source: str, entry: Entry, elements: Sequence[yaml.Node], dead: Sequence[int]
) -> Iterator[Splice]:
    """The edits that take elements out of a flow list, each with one of the commas around it."""
    gone = set(dead)
    alive = next(at for at in range(len(elements)) if at not in gone)
    for at in dead:
        if at < alive:
            start, end = elements[at].start_mark.index, elements[at + 1].start_mark.index
        else:
            start, end = elements[at - 1].end_mark.index, elements[at].end_mark.index
        yield Splice(entry.value + start, entry.value + end, "")


def _without_lines(
    source: str, entry: Entry, elements: Sequence[yaml.Node], dead: Sequence[int]
) -> Iterator[Splice]:
    """The edits that take elements out of a block list, with their lines."""
    for at in dead:
        place = entry.value + elements[at].start_mark.index
        start = max(source.rfind("\n", 0, place), source.rfind("\r", 0, place)) + 1
        end = splices.line_end(source, entry.value + elements[at].end_mark.index)
        yield Splice(start, end + len(splices.ending_at(source, end)), "")


def _below(source: str, entry: Entry, *lines: str) -> Splice:
    ending = splices.ending_near(source, entry.start)
    return Splice(entry.end, entry.end, "".join(f"{line}{ending}" for line in lines))


def _new_lines(
    source: str, found: Sequence[Entry], order: Iterable[str], key: str, value: str
) -> Splice:
    """The lines of a missing key, at its place in the order of keys."""
    lines = f"{key}:{value}".split("\n")
    before = takewhile(lambda one: one != key, order)
    above = [entry for name in before if (entry := _entry(found, name))]
    if above:
        return _below(source, above[-1], *lines)
    ending = splices.ending_near(source, found[0].start)
    at = found[0].start
    return Splice(at, at, "".join(f"{line}{ending}" for line in lines))
