"""The `<!-- context-for-ai -->` comment that AI agents read first (guide: AI Context Block)."""

from __future__ import annotations

from typing import Any

import yaml

from .keyed import LOADER

OPENING = "<!-- context-for-ai"
CLOSING = "-->"


def wrap(body: str) -> str:
    """The comment around `body`, lines of YAML.

    Raises ValueError where the body would end the comment: a value that got past
    `escaping.comment_value`.
    """
    if CLOSING in body or "--!>" in body:
        raise ValueError(f"a context block holds {CLOSING!r}: {body!r}")
    return f"{OPENING}\n{body.strip()}\n{CLOSING}"


def read(comment: str) -> dict[str, Any] | None:
    """The keys of a context block, None where `comment` is none or its YAML cannot be read."""
    text = comment.strip()
    if not text.startswith(OPENING) or not text.endswith(CLOSING):
        return None
    try:
        keys = yaml.load(text[len(OPENING) : -len(CLOSING)], Loader=LOADER)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        # A ValueError is a date that the calendar does not have, or a byte that is no UTF-8.
        return None
    return keys if isinstance(keys, dict) else None
