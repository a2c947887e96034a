"""A proposal as it is rendered, before anything is written."""

from __future__ import annotations

from typing import Any, NamedTuple


class Rendering(NamedTuple):
    """Files by their paths from the repository's root, and the complete answers they come from."""

    files: dict[str, bytes]
    answers: dict[str, Any]
