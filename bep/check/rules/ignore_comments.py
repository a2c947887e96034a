"""Comments by which a document silences a rule: `<!-- bep-check: ignore RULE: reason -->`."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...proposal.document import Document

_OPENING = re.compile(r"<!--\s*bep-check\b\s*:?")
_FORM = re.compile(r"\s*+ignore\s++([a-z][a-z-]*[a-z])\s*+(?::\s*+(\S.*)?)?", re.DOTALL)


class Silence(NamedTuple):
    """A comment that silences a rule: its place, the rule's name, the reason; None if missing."""

    at: int
    rule: str | None
    reason: str | None


def silences(document: Document) -> list[Silence]:
    """Return all comments meant to silence a rule, well-formed or not."""
    found: list[Silence] = []
    if not _OPENING.search(document.source):
        return found
    for block in document.comments:
        text = document.text_of(block)
        at = 0
        while opening := _OPENING.search(text, at):
            end = text.find("-->", opening.end())
            at = len(text) if end < 0 else end
            form = _FORM.fullmatch(text[opening.end() : at])
            rule, reason = (form[1], form[2] and form[2].rstrip()) if form else (None, None)
            found.append(Silence(block.start + opening.start(), rule, reason))
    return found


def silenced(document: Document) -> frozenset[str]:
    """Return the names of the rules that a document silences with a reason."""
    return frozenset(one.rule for one in silences(document) if one.rule and one.reason)
