"""Lines of `key: value`, as front matter and context blocks hold them, as slices of their text.

A line scanner, not a YAML parser: what an author wrote is read although it may be broken YAML, and
all items together are the text, byte for byte.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from ..markdown import blocks, yaml_data
from ..markdown.yaml_data import Unreadable

_NO_LETTER = re.compile(r"[\W\d_]+")
# YAML allows quotes around it.
_KEY = re.compile(r"""(["']?)([A-Za-z_][\w-]*)\1[ \t]*:(?=[ \t]|\Z)""")


class Item(NamedTuple):
    """A key with its lines: first the comment and blank lines above it, then its own.

    `value` is what is after the colon, further lines included.
    """

    key: str
    comment: str
    own: str
    value: str


class Entry(NamedTuple):
    """A key with its own lines as spans of the document; its value is from `value` to `end`."""

    key: str
    start: int
    value: int
    end: int


class Keyed(NamedTuple):
    """The items of a text in order, and the comments and blank lines after the last one.

    `head` is what is above the first item, down to the last line there that has no form.
    """

    items: tuple[Item, ...]
    rest: str
    head: str = ""

    def entries(self, offset: int = 0) -> tuple[Entry, ...]:
        """The items as spans of the document in which the text begins at `offset`."""
        at = offset + len(self.head)
        found = []
        for item in self.items:
            start = at + len(item.comment)
            at = start + len(item.own)
            found.append(Entry(item.key, start, at - len(item.value), at))
        return tuple(found)


def read(text: str) -> Keyed:
    """The items of `text`; joined, with the rest, they are the text again.

    Comments and blank lines belong to the key below them, all other lines to the key above.
    """
    begun: list[_Begun] = []
    stop = 0  # the end of the last line that is neither blank nor a comment
    for start, end, after in blocks.lines(text):
        line = text[start:end]
        if match := _KEY.match(line):
            begun.append(_Begun(match[2], stop, start, start + match.end()))
        elif not line.strip() or line.lstrip().startswith("#"):
            continue
        stop = after
    ends = [*(one.comment for one in begun), stop]
    items = (
        Item(one.key, text[one.comment : one.own], text[one.own : end], text[one.value : end])
        for one, end in zip(begun, ends[1:], strict=True)
    )
    return Keyed(tuple(items), text[stop:], text[: ends[0]])


class _Begun(NamedTuple):
    """Where an item, its own lines and its value begin; it ends where the next one begins."""

    key: str
    comment: int
    own: int
    value: int


def letters(key: str) -> str:
    """A key as misspelled keys are recognised: `created_version` means `Created-Version`."""
    return _NO_LETTER.sub("", key).casefold()


def joined(keyed: Keyed) -> str:
    """The text that was read."""
    lines = (item.comment + item.own for item in keyed.items)
    return "".join([keyed.head, *lines, keyed.rest])


def meaning(value: str) -> Any:
    """What an item's value means: YAML's reading; its words where it is broken.

    Dates and numbers stay as they are written, so that `2026.10` is not `2026.1`. Aliases and what
    is nested deeper than anyone writes count as broken.
    """
    try:
        node = yaml_data.compose(value)
    except Unreadable:
        return " ".join(value.split())
    return None if node is None else _plain(node)


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    if isinstance(node, yaml.MappingNode):
        return {_key(key): _plain(value) for key, value in node.value}
    return str(node.value)


def _key(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
