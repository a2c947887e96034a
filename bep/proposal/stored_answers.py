"""The text of an answers file: what it says, and the edits that change one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..markdown import edits, yaml_data
from ..markdown.edits import Splice
from ..markdown.yaml_data import Unreadable
from . import key_values


def read(text: str) -> Mapping[str, Any]:
    """The answers of the text; none where it cannot be read."""
    try:
        found = yaml_data.load(text)
    except Unreadable:
        return {}
    return found if isinstance(found, dict) else {}


def replaced(text: str, new: Mapping[str, Any]) -> list[Splice]:
    """The edits that give answers of the text new values, in the form in which Copier writes them.

    An answer that the text does not have is left out.
    """
    ending = edits.usual_ending(text)
    return [
        Splice(entry.start, entry.end, edits.with_ending(_lines(entry.key, new[entry.key]), ending))
        for entry in key_values.read(text).entries()
        if entry.key in new
    ]


def _lines(key: str, value: Any) -> str:
    return yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=2**31)
