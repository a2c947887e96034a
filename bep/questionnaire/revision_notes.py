"""What an update has to know of a template revision beyond its files: `revisions.yml`.

Names that revisions changed, with the revision that did, and the oldest tool that can carry
proposals to this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..markdown import yaml_data
from ..markdown.yaml_data import Unreadable

FILE = "revisions.yml"
KINDS = ("sections", "metadata", "columns", "answers")

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})")
_COMMIT = re.compile(r"^_commit: *(\S+)", re.MULTILINE)


class Rename(NamedTuple):
    """A name that the revision `since` changed."""

    since: str
    old: str
    new: str


class Revisions(NamedTuple):
    """The content of `revisions.yml`; `renames` are in the order of their revisions."""

    oldest_tool: str = ""
    renames: Mapping[str, tuple[Rename, ...]] = {}

    def names(self, kind: str, recorded: str) -> dict[str, str]:
        """The names of one of `KINDS` that changed since the revision `recorded`, old to new.

        Several renames of one name are followed to the last. Where it is not known how old
        `recorded` is, all count.
        """
        then = _version(recorded)
        found: dict[str, str] = {}
        for rename in self.renames.get(kind, ()):
            version = _version(rename.since)
            if then is not None and version is not None and version <= then:
                continue
            # A name that is used again after a rename is not the one that `recorded` knew.
            then_named = [rename.old] if rename.old not in found else []
            earlier = [old for old, new in found.items() if new == rename.old]
            found |= dict.fromkeys([*earlier, *then_named], rename.new)
        return {old: new for old, new in found.items() if old != new}

    def earlier(self, kind: str, name: str) -> list[str]:
        """What `name` was called before, newest first."""
        found = [name]
        for rename in reversed(self.renames.get(kind, ())):
            if rename.new == found[-1]:
                found.append(rename.old)
        return found[1:]


def read(text: str) -> Revisions:
    """The content of `revisions.yml`; '' for a revision without one.

    Raises ValueError if it is malformed.
    """
    try:
        content = yaml_data.load(text)
    except Unreadable as error:
        raise ValueError(f"{FILE} cannot be read as YAML: {error}") from None
    content = {} if content is None else content
    if not isinstance(content, dict) or content.keys() - {"oldest_tool", "renames"}:
        raise ValueError(f"{FILE} has keys other than oldest_tool and renames")
    renames = content.get("renames") or {}
    if not isinstance(renames, dict) or renames.keys() - set(KINDS):
        raise ValueError(f"{FILE}: renames are those of {', '.join(KINDS)}")
    if wrong := [kind for kind, entries in renames.items() if not isinstance(entries or [], list)]:
        raise ValueError(f"{FILE}: the renames of {wrong[0]} are not a list")
    found = {kind: tuple(map(_rename, entries or ())) for kind, entries in renames.items()}
    return Revisions(str(content.get("oldest_tool") or ""), found)


def _rename(entry: Any) -> Rename:
    if not isinstance(entry, dict) or entry.keys() != {"since", "from", "to"}:
        raise ValueError(f"{FILE}: {entry!r} is not a rename; write {{since, from, to}}")
    return Rename(str(entry["since"]), str(entry["from"]), str(entry["to"]))


def recorded(answers: str) -> str:
    """The template revision in the text of an answers file, '' if there is none."""
    found = _COMMIT.search(answers)
    return found[1] if found else ""


def is_older(version: str, other: str) -> bool:
    """Whether `version` comes before `other`; False if one of them is none."""
    one, two = _version(version), _version(other)
    return one is not None and two is not None and one < two


def _version(text: str) -> tuple[int, ...] | None:
    match = _VERSION.match(text)
    return tuple(map(int, match.groups())) if match else None
