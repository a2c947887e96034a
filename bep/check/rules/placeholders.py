"""Rules about what the template leaves for the author to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...markdown.blocks import Kind
from ...markdown.heading_text import normalise
from ...proposal import template_text
from ...proposal.document import Document, TopSection
from .metadata_values import placeholders
from .rule import WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Sections")

_PLACEHOLDER = re.compile(r"(?<![\w-])(?:[A-Z][A-Z0-9]*-|\#)X{4}(?![\w-])")


@RULES.of_proposals(
    WARNING,
    "guide: Step 4, Fill Metadata; Step 5, Write Sections",
    example="- JIRA: BA-XXXX",
    remedy="Write what belongs there, or remove the line.",
)
def placeholder(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """No placeholder of the template is left.

    These are the guide's placeholders in metadata and context block, a title that is `Title`, and
    `BA-XXXX`, `BEP-XXXX` and `#XXXX` in title, context block and sections that list references.
    Elsewhere the text may be about them.
    """
    main = proposal.main
    for entry in main.metadata.entries:
        if entry.value in placeholders(main.guide):
            yield Hit(
                main,
                entry.start,
                f"{entry.key} is the placeholder {entry.value!r}; fill it in",
                text=entry.key,
            )
    for document in proposal.documents:
        yield from _in_title(document)
        yield from _in_context(document)
        for section in document.top_sections:
            # Elsewhere `BEP-XXXX` may be what the text is about.
            if section.family and document.guide.sections[section.family].placeholders:
                yield from _in_section(document, section)


@RULES.of_proposals(
    WARNING,
    "guide: Step 5, Write Sections",
    example="A proposal as `bep new` makes it, committed.",
    remedy="Write the sections, or give the number back: delete the document and call"
    " `bep unreserve`.",
    spares_history=True,
)
def template_untouched(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A committed proposal says more than the template.

    Guidance, lines of the blank document, and text that the template renders from the answers tell
    a reader nothing. An uncommitted proposal may be about to be written; from {status[accepted]}
    on, `section-unfilled` names each section.
    """
    main, status = proposal.main, proposal.known_status
    is_complete = status is not None and status.complete
    if is_complete:
        return
    blank = snapshot.blank.source if snapshot.blank else ""
    is_unwritten = all(template_text.is_unwritten(one, blank) for one in proposal.documents)
    if is_unwritten and snapshot.is_committed(main.path):
        message = "no section of the proposal is written yet; write them"
        yield Hit(main, main.title_start, message)


def _in_title(document: Document) -> Iterator[Hit]:
    title = document.title
    if title and normalise(title.text) == "title":
        message = f"the title is the placeholder {title.text!r}; write the title"
        yield Hit(document, title.start, message, text=title.text)
    elif title:
        yield from _in_text(document, title.start, title.end)


def _in_context(document: Document) -> Iterator[Hit]:
    context = document.context
    if context is None:
        return
    for key in document.guide.context["main"].keys.values():
        if key.placeholder and context.keys and context.keys.get(key.id) == key.placeholder:
            message = f"{key.id} is the placeholder {key.placeholder!r}; fill it in"
            yield Hit(document, context.place(key.id), message, text=key.id)
    yield from _in_text(document, context.block.start, context.block.end)


def _in_section(document: Document, section: TopSection) -> Iterator[Hit]:
    for block in document.blocks_between(section.text_start, section.end):
        if block.kind in (Kind.PARAGRAPH, Kind.LIST, Kind.TABLE):
            yield from _in_text(document, block.start, block.end)


def _in_text(document: Document, start: int, end: int) -> Iterator[Hit]:
    for found in _PLACEHOLDER.finditer(document.source, start, end):
        message = f"{found[0]} is a placeholder; write what belongs there"
        yield Hit(document, found.start(), message, text=found[0])
