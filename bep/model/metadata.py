"""A document's front matter (guide: Step 4, Fill Metadata)."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

KEYS = (
    "Author",
    "Status",
    "Created",
    "Created-Version",
    "Target-Version",
    "Implemented-Version",
)

_ENTRY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:(?:[ \t]+|(?=[\r\n]|$))(.*)")
_AUTHOR = re.compile(r"([^()<>]*)(?:\(([^()<>]*)\)|<([^()<>]*)>)?")


class Entry(NamedTuple):
    """One key of the front matter; `start` and `end` are the span of its line's content."""

    key: str
    value: str
    start: int
    end: int


class Metadata(NamedTuple):
    """What the front matter says; entries in the order of the source, comments left out."""

    entries: tuple[Entry, ...] = ()

    def value(self, key: str) -> str:
        """The value of `key`, '' where the key is missing or empty."""
        return next((entry.value for entry in self.entries if entry.key == key), "")


def read(front_matter: str, offset: int = 0) -> Metadata:
    """The metadata in a document's front matter block, its `---` lines included.

    `offset` is where the block starts in the document. Lines that are no `Key: value` are
    comments, continuations or broken; they are left alone.
    """
    entries: list[Entry] = []
    for line in re.finditer(r"[^\r\n]+", front_matter):
        if match := _ENTRY.fullmatch(line[0]):
            start, end = offset + line.start(), offset + line.end()
            entries.append(Entry(match[1], _plain(match[2]), start, end))
    return Metadata(tuple(entries))


def _plain(written: str) -> str:
    """A YAML scalar as text; dates and numbers stay as they are written."""
    text = written.strip()
    if text[:1] in ("'", '"'):
        try:
            read_back = yaml.safe_load(text)
        except yaml.YAMLError:
            return text
        return read_back if isinstance(read_back, str) else text
    return "" if text.startswith("#") else re.sub(r"[ \t]#.*", "", text).strip()


def authors(author: str) -> list[tuple[str, str]]:
    """Name and address of each author in an `Author` field, '' for what is not there.

    Authors are separated by commas; an address stands in parentheses or angle brackets.
    """
    return [_author(part.strip()) for part in author.split(",") if part.strip()]


def author_name(author: str) -> str:
    """The first author's name in an `Author` field, without the address."""
    return _author(author.partition(",")[0].strip())[0]


def author_address(author: str) -> str:
    """The first author's address in an `Author` field, '' where it has none."""
    return _author(author.partition(",")[0].strip())[1]


def _author(text: str) -> tuple[str, str]:
    match = _AUTHOR.fullmatch(text)
    if not match:
        return text, ""
    return match[1].strip(), (match[2] or match[3] or "").strip()
