"""The process as a skill of AI agents: a Markdown file whose front matter names its revision."""

from __future__ import annotations

from ..markdown import edits
from ..markdown.edits import Splice
from . import metadata
from .document import Document

_VERSION = "version"


def version(document: Document) -> metadata.Entry | None:
    """The entry with the template revision of a skill, or None if it has none."""
    entries = document.metadata.entries
    return next((one for one in entries if one.key == _VERSION), None)


def with_version_of(source: str, other: str) -> str:
    """A skill with the version of the skill `other`; unchanged if one of the two is not clear."""
    mine, theirs = version(Document(source)), version(Document(other))
    if mine is None or theirs is None or metadata.own_end(source, mine) > mine.end:
        return source
    new = other[theirs.start : theirs.end]
    return edits.applied(source, [Splice(mine.start, mine.end, new)])
