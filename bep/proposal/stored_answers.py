"""The text of an answers file: what it says, and the edits that change one answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from ..markdown import edits, yaml_data
from ..markdown.edits import Splice
from ..markdown.yaml_data import Unreadable
from . import key_values


def read(text: str) -> Mapping[str, Any]:
    """The answers of the text; none if it cannot be read."""
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


def written(answers: Mapping[str, Any]) -> str:
    """The text of these answers, in their order, as Copier writes them."""
    return "".join(map(_lines, answers.keys(), answers.values()))


def _lines(key: str, value: Any) -> str:
    if isinstance(value, list) and all(type(one) is str for one in value):
        value = tuple(value)
    is_plain = value is None or isinstance(value, str | int | float | tuple)
    return (_known_lines if is_plain else _dumped)(key, value)


def _dumped(key: str, value: Any) -> str:
    found = {key: [*value] if isinstance(value, tuple) else value}
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=2**31)


# Many proposals have the same answers. `1` and `true` are equal, and written otherwise.
_known_lines = lru_cache(maxsize=1024, typed=True)(_dumped)
