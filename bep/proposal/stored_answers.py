"""The text of an answers file: its answers as they are written, and edits of single ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..markdown import edits, yaml_data
from ..markdown.edits import Splice
from ..markdown.yaml_data import Unreadable
from . import key_values


def read(text: str) -> Mapping[str, Any]:
    """The answers as YAML has them, none where the file cannot be read."""
    try:
        found = yaml_data.load(text)
    except Unreadable:
        return {}
    return found if isinstance(found, dict) else {}


def set_values(text: str, values: Mapping[str, Any]) -> list[Splice]:
    """The edits after which the answers have these values; one that is missing is added.

    A key that is not at the beginning of a line is left as it is.
    """
    ending = edits.usual_ending(text)
    found = [
        Splice(entry.start, entry.end, _lines(entry.key, values[entry.key], ending))
        for entry in key_values.read(text).entries()
        if entry.key in values
    ]
    missing = values.keys() - read(text).keys()
    before = "" if not text or text[-1] in "\r\n" else ending
    added = "".join(_lines(key, values[key], ending) for key in sorted(missing))
    return [*found, Splice(len(text), len(text), before + added)] if added else found


def _lines(key: str, value: Any, ending: str) -> str:
    """A key's lines, in the form in which Copier writes an answers file."""
    written = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=2**31)
    return edits.with_ending(written, ending)
