"""The `<!-- context-for-ai -->` comment that AI agents read first (guide: AI Context Block)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from . import keyed
from .keyed import LOADER, Keyed
from .markdown import Block, Kind

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


def of_document(source: str, blocks: Iterable[Block]) -> Keyed:
    """The keys of a document's first context block, also where its YAML is broken.

    `blocks` are those of `source`. A document without a context block has no keys.
    """
    for block in blocks:
        if block.kind is Kind.COMMENT:
            text = source[block.start : block.end].lstrip("\ufeff \t")
            if text.startswith(OPENING):
                return keyed.read(text[len(OPENING) :].partition(CLOSING)[0])
    return keyed.read("")


def texts(context: Keyed, key: str) -> list[str]:
    """The elements of the list that `key` has, or its one value, also where the YAML is broken."""
    value = next((item.value for item in context.items if item.key == key), "")
    meaning = keyed.meaning(value)
    if meaning is None:
        return []
    if isinstance(meaning, list):
        return [_words(element) for element in meaning]
    elements = [line.strip()[2:] for line in value.splitlines() if line.strip().startswith("- ")]
    return elements or [meaning if isinstance(meaning, str) else value]


def _words(element: Any) -> str:
    """An element as text: `Clients: no change` without quotes is a mapping to YAML."""
    if isinstance(element, dict):
        return ", ".join(f"{key}: {value}" for key, value in element.items())
    return str(element)
