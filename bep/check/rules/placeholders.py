"""The rule about what the template leaves for the author to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...markdown import blocks
from ...markdown.blocks import Kind
from ...proposal import guide
from ...proposal.document import Document, TopSection
from .metadata_values import PLACEHOLDERS
from .rule import WARNING, Hit, rule
from .snapshot import Proposal, World

_PLACEHOLDER = re.compile(r"(?<![\w-])(?:[A-Z][A-Z0-9]*-|\#)X{4}(?![\w-])")
_SCOPE = "One-line summary of the proposal"
# Elsewhere `BEP-XXXX` may be what the text is about.
_WITH_PLACEHOLDERS = frozenset(
    [guide.RELATED_ISSUES, guide.DOCUMENT_INDEX, guide.DECISION_LOG, guide.REFERENCES]
)


@rule(
    WARNING,
    "guide: Step 4, Fill Metadata; Step 5, Write Sections",
    example="- JIRA: BA-XXXX",
    remedy="Write what belongs there, or remove the line.",
)
def placeholder(proposal: Proposal, world: World) -> Iterator[Hit]:
    """No placeholder of the template is left.

    `YYYY-MM-DD` and `YY.Sprint.Patch` in the metadata, a title that is `Title`, the template's
    scope in the context block, `BA-XXXX`, `BEP-XXXX` and `#XXXX` in title, context block, Related
    Issues, Document Index, Decision Log and References. Elsewhere they may be what the text is
    about.
    """
    main = proposal.main
    for entry in main.metadata.entries:
        if entry.value in PLACEHOLDERS:
            yield Hit(
                main,
                entry.start,
                f"{entry.key} is the placeholder {entry.value!r}; fill it in",
                entry.key,
            )
    for page in proposal.pages:
        yield from _in_title(page)
        yield from _in_context(page)
        for section in page.top_sections:
            if section.guide in _WITH_PLACEHOLDERS:
                yield from _in_section(page, section)


def _in_title(page: Document) -> Iterator[Hit]:
    title = page.title
    if title and blocks.normalise(title.text) == "title":
        message = f"the title is the placeholder {title.text!r}; write the title"
        yield Hit(page, title.start, message, title.text)
    elif title:
        yield from _in_text(page, title.start, title.end)


def _in_context(page: Document) -> Iterator[Hit]:
    context = page.context
    if context is None:
        return
    if context.keys and context.keys.get("scope") == _SCOPE:
        message = f"scope is the placeholder {_SCOPE!r}; fill it in"
        yield Hit(page, context.place("scope"), message, "scope")
    yield from _in_text(page, context.block.start, context.block.end)


def _in_section(page: Document, section: TopSection) -> Iterator[Hit]:
    for block in page.blocks_between(section.start, section.end):
        if block.kind in (Kind.PARAGRAPH, Kind.LIST, Kind.TABLE):
            yield from _in_text(page, block.start, block.end)


def _in_text(page: Document, start: int, end: int) -> Iterator[Hit]:
    for found in _PLACEHOLDER.finditer(page.source, start, end):
        message = f"{found[0]} is a placeholder; write what belongs there"
        yield Hit(page, found.start(), message, found[0])
