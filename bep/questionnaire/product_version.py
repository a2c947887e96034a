"""Product versions, `YY.Sprint.Patch` (guide: Version Fields)."""

from __future__ import annotations

import re

_FORM = re.compile(r"\d{2}\.(?:0|[1-9]\d?)\.(?:0|[1-9]\d*)")
_FIRST_THREE = re.compile(r"(?<![\d.])(\d+\.\d+\.\d+)")

RULE = "a version has the form YY.Sprint.Patch, as in 26.8.0"


def is_version(text: str) -> bool:
    """Whether `text` is a version in the guide's form, such as `26.8.0`."""
    return _FORM.fullmatch(text) is not None


def from_version_file(content: str) -> str:
    """The product's version in the text of a version file, '' if it holds none.

    Only the first three numbers count: `26.8.0rc1` gives `26.8.0`.
    """
    match = _FIRST_THREE.search(content)
    return match[1] if match and is_version(match[1]) else ""


def is_before(one: str, other: str) -> bool:
    """Whether a version comes before another one; False if one of them is none.

    >>> is_before("26.8.0", "26.10.0")
    True
    """
    if not (is_version(one) and is_version(other)):
        return False
    return _order(one) < _order(other)


def _order(version: str) -> list[tuple[int, str]]:
    # The number of digits comes first: there may be thousands, which `int` refuses.
    return [(len(part), part) for part in version.split(".")]
