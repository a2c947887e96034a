"""A document's front matter (guide: Step 4, Fill Metadata)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide, MetadataKey
from ..markdown import blocks, edits, yaml_data
from ..markdown.edits import Splice
from ..markdown.escapes import yaml_value
from ..markdown.patterns import pattern
from ..markdown.yaml_data import Unreadable
from . import key_values

_NAME_OF_KEY = r"""(?P<quote>["']?)[A-Za-z][A-Za-z0-9_-]*(?P=quote)[ \t]*:"""
_ENTRY = pattern(rf"{_NAME_OF_KEY}(?:[ \t]+|(?=[\r\n]|$))(?P<value>.*)")
_AUTHOR = pattern(r"([^()<>]*)(?:\(([^()<>]*)\)|<([^()<>]*)>)?")
_QUOTED = pattern(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"")
_COMMENT = pattern(r"(?:^|(?<=[ \t]))#")
# What a person's name is not made of: marks of YAML, Markdown, HTML, and of addresses.
_NAME = pattern(r"(?:[^\W_]|['’])[^\\<>()\[\]{}@`*#%^=;:!?]*")
_NOBODY = frozenset(["n/a", "na", "nobody", "none", "null", "tba", "tbd", "unknown"])
_BOUNDARY = pattern(rf"{_NAME_OF_KEY}(?:[ \t]|\Z)|---[ \t]*\Z")


class Entry(NamedTuple):
    """One key of the front matter; `start` and `end` are the span of its line's content."""

    key: str
    value: str
    start: int
    end: int


class Metadata(NamedTuple):
    """What the front matter says; entries in the order of the source, comments left out.

    `keys` are those of the guide, by their identifiers.
    """

    keys: Mapping[str, MetadataKey]
    entries: tuple[Entry, ...] = ()

    def value(self, identifier: str) -> str:
        """The value of the guide's key of that identifier, '' if it is missing or empty."""
        entry = self.entry(identifier)
        return entry.value if entry else ""

    def entry(self, identifier: str) -> Entry | None:
        """The first entry of the guide's key of that identifier, None if it is missing."""
        known = self.keys.get(identifier)
        return next((one for one in self.entries if known and one.key == known.key), None)


def read(front_matter: str, keys: Mapping[str, MetadataKey], offset: int = 0) -> Metadata:
    """The metadata in a document's front matter block, its `---` lines included.

    `keys` are the guide's, `offset` is where the block starts in the document. Of a list, or of
    text that begins below its key, the entry has the words on one line. Other lines that are no
    `Key: value` are comments, continuations or broken; they are left alone.
    """
    entries = []
    for one in key_values.read(front_matter).entries():
        entry = Entry(one.key, "", one.start, edits.line_end(front_matter, one.start))
        value = _value(front_matter[one.value : own_end(front_matter, entry)])
        entries.append(Entry(one.key, value, offset + entry.start, offset + entry.end))
    return Metadata(keys, tuple(entries))


def _value(written: str) -> str:
    first, *below = written.splitlines() or [""]
    if first.strip()[:1] not in ("", "[", ">", "|"):
        return _plain(first)
    if not all(line[:1] in (" ", "\t", "-", "]") for line in below):
        return _plain(first)
    found = key_values.meaning("\n".join([first, *below]))
    words = [str(one) for one in found if one] if isinstance(found, list) else [str(found or "")]
    return ", ".join(" ".join(one.split()) for one in words)


def _plain(written: str) -> str:
    """A YAML scalar as text; dates and numbers stay as they are written."""
    text = written.strip()
    if text[:1] in ("'", '"'):
        try:
            read_back = yaml_data.load(text)
        except Unreadable:
            return text
        return read_back if isinstance(read_back, str) else text
    return "" if text.startswith("#") else re.sub(r"[ \t]#.*", "", text).strip()


def authors(author: str) -> list[tuple[str, str]]:
    """Name and address of each author in an `Author` field, '' for what is not there.

    Authors are separated by commas; an address is in parentheses or angle brackets.
    """
    return [_author(part.strip()) for part in author.split(",") if part.strip()]


def set_value(source: str, known: Metadata, identifier: str, value: str, path: str) -> Splice:
    """The edit that gives a key a value; a missing key gets a line at its place in the order.

    `identifier` is the guide's for the key; `known` is the metadata of the document `source`;
    `path` is named in errors. Only the value is written: the line's spacing and comment stay.
    Raises BepError if it is not clear what the
    document says: without metadata, with a key that appears twice or is written otherwise, with a
    value that goes on in the next line.
    """
    key = known.keys[identifier].key
    _refuse_unclear(source, known, key, path)
    written = yaml_value(value)
    entry = known.entry(identifier)
    if entry is None:
        return _new_line(source, known, identifier, f"{key}: {written}")
    start, end = _value_span(source, entry)
    before = "" if source[start - 1] in " \t" else " "
    after = " " if source[end : end + 1] == "#" else ""
    return Splice(start, end, before + written + after)


def _refuse_unclear(source: str, known: Metadata, key: str, path: str) -> None:
    def refuse(problem: str, remedy: str, offset: int) -> None:
        line = blocks.line_of(source, offset)
        raise BepError(problem, remedy, path, line, WRONG_DOCUMENTS)

    if not known.entries:
        refuse("there is no metadata", "put it at the top, as the template does", 0)
    named = [one for one in known.entries if one.key.casefold() == key.casefold()]
    if len(named) > 1:
        refuse(f"the key {key} appears twice", "remove one of the lines", named[1].start)
    for one in named:
        if one.key != key:
            refuse(f"the key {one.key} is not one of the guide's", f"write {key}", one.start)
        if own_end(source, one) > one.end:
            refuse(f"the value of {key} continues below", "write it on one line", one.start)


def _new_line(source: str, known: Metadata, identifier: str, line: str) -> Splice:
    """The line of a missing key, below that of the last key before it in the guide's order."""
    before = takewhile(lambda one: one != identifier, known.keys)
    above = [one for name in before if (one := known.entry(name))]
    if above:
        return edits.line_below(source, own_end(source, above[-1]), line)
    first = known.entries[0].start
    return Splice(first, first, f"{line}{edits.ending_near(source, first)}")


def own_end(source: str, entry: Entry) -> int:
    """The end of the last line of a document that belongs to an entry, without line ending."""
    end = entry.end
    while True:
        start = end + len(edits.ending_at(source, end))
        following = edits.line_end(source, start)
        line = source[start:following]
        if not line.strip() or line.lstrip()[0] == "#" or _BOUNDARY.match(line):
            return end
        end = following


def _value_span(source: str, entry: Entry) -> tuple[int, int]:
    """Where the value is in its line, or would be, without the comment after it."""
    line = source[entry.start : entry.end]
    match = _ENTRY.fullmatch(line)
    start = match.start("value") if match else len(line)
    quoted = _QUOTED.match(line, start)
    if quoted:
        return entry.start + start, entry.start + quoted.end()
    comment = _COMMENT.search(line, start)
    value = line[start : comment.start() if comment else len(line)].rstrip()
    return entry.start + start, entry.start + start + len(value)


# Many proposals have the same authors.
@lru_cache(maxsize=1024)
def people(author: str, guide: Guide) -> tuple[str, ...]:
    """The names in an `Author` field; none if one of them cannot be a person's.

    The guide's placeholder is not a name, and neither is "TBD" or what is left of a list or of
    markup.
    """
    keys = guide.metadata.values()
    placeholders = {author_name(one.placeholder) for one in keys if one.placeholder}
    found = author_names(author)
    return tuple(found) if all(_is_name(one) and one not in placeholders for one in found) else ()


def _is_name(text: str) -> bool:
    is_written = _NAME.fullmatch(text) is not None and any(char.isalpha() for char in text)
    return is_written and text.casefold() not in _NOBODY


def author_name(author: str) -> str:
    """The first author's name in an `Author` field, without the address."""
    return _author(author.partition(",")[0].strip())[0]


def author_names(author: str) -> list[str]:
    """The names of all authors in an `Author` field, without their addresses."""
    return [name for name, _ in authors(author)]


def author_address(author: str) -> str:
    """The first author's address in an `Author` field, '' if it has none."""
    return _author(author.partition(",")[0].strip())[1]


def _author(text: str) -> tuple[str, str]:
    match = _AUTHOR.fullmatch(text)
    if not match:
        return text, ""
    return match[1].strip(), (match[2] or match[3] or "").strip()
