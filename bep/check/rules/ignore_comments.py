"""Comments by which a document silences a rule: `<!-- bep-check: ignore RULE: reason -->`."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...proposal.document import Document

_OPENING = re.compile(r"<!--\s*bep-check\b\s*:?")
_FORM = re.compile(r"\s*ignore\s+([a-z][a-z-]*[a-z])\s*(?::\s*(\S.*?))?\s*", re.DOTALL)


class Silence(NamedTuple):
    """Where a comment stands, the rule that it names and its reason; '' for what it lacks."""

    at: int
    rule: str
    reason: str


def silences(page: Document) -> list[Silence]:
    """All comments of a document that mean to silence a rule, well formed or not."""
    found = []
    for block in page.comments:
        text = page.text_of(block)
        at = 0
        while opening := _OPENING.search(text, at):
            end = text.find("-->", opening.end())
            at = len(text) if end < 0 else end
            form = _FORM.fullmatch(text[opening.end() : at])
            rule, reason = (form[1], form[2] or "") if form else ("", "")
            found.append(Silence(block.start + opening.start(), rule, reason))
    return found


def silenced(page: Document) -> frozenset[str]:
    """The rules that a document silences, each with a reason."""
    return frozenset(one.rule for one in silences(page) if one.rule and one.reason)
