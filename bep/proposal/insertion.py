"""Where new text goes in a document: a section, lines as a paragraph, an item of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..markdown import edits
from ..markdown.edits import Splice
from ..markdown.list_items import Item
from .document import Document

_LEVEL = 2
_ORDINAL = re.compile(r"([0-9]{1,9})[.)]")


def new_section(document: Document, family: str, body: str) -> Splice:
    """The edit that adds a section of the guide with `body`, at its place in the order.

    It goes before the first section that follows it in the guide's order, or to the end of the
    document: an author's own sections stay above it.
    """
    order = document.guide.order
    found = [
        (order.index(other), section)
        for other, sections in document.guide_sections.items()
        for section in sections
    ]
    level = min((section.level for _, section in found), default=_LEVEL)
    anchors = [(place, section) for place, section in found if section.level == level]
    at = order.index(family)
    above = max((section.end for place, section in anchors if place < at), default=0)
    below = [one.start for place, one in anchors if place > at and one.start >= above]
    place = min(below, default=len(document.source))
    return in_own_paragraph(
        document, place, f"{'#' * level} {document.heading_of(family)}\n\n{body}"
    )


def in_own_paragraph(document: Document, offset: int, text: str) -> Splice:
    """The insertion of whole lines after the text before `offset`, with a blank line around them.

    `text` has line feeds, none at its end; they are written as the document's line endings. Blank
    lines that exist already are not added again, and a document without a final line ending still
    has none.
    """
    source = document.source
    place = document.end_above(offset)
    ending = edits.ending_near(source, max(place - 1, 0))
    lines = text.replace("\n", ending)
    rest = source[place:]
    if not rest and place and source[place - 1] not in "\r\n":
        return Splice(place, place, f"{ending}{ending}{lines}")
    before = ending if place else ""
    blank_follows = not rest or rest.lstrip(" \t")[:1] in ("\r", "\n")
    return Splice(place, place, f"{before}{lines}{ending}{'' if blank_follows else ending}")


def next_item(source: str, items: Sequence[Item], text: str) -> Splice:
    """The insertion of one more item, a line of Markdown, into a list, in its last one's form.

    A blank line keeps apart what is right below the list: it would go on in the new item.
    """
    last = items[-1]
    indent = source[last.start : last.marker_start].removeprefix("\ufeff")
    line = f"{indent}{_next_marker(items)} {text}"
    ending = edits.ending_near(source, last.start)
    gap = ending if len(items) > 1 and items[-2].end < last.start else ""
    if source[last.end - 1] in "\r\n":
        apart = "" if source[last.end :].lstrip(" \t")[:1] in ("", "\r", "\n") else ending
        return Splice(last.end, last.end, f"{gap}{line}{ending}{apart}")
    return Splice(last.end, last.end, f"{ending}{gap}{line}")


def _next_marker(items: Sequence[Item]) -> str:
    last = items[-1].marker
    if not (ordinal := _ORDINAL.fullmatch(last)):
        return last
    same = len(items) > 1 and items[-2].marker == last
    return last if same else f"{int(ordinal[1]) + 1}{last[-1]}"
