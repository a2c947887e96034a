"""The text of a section as the template writes it: heading, guidance, table, and what answers say.

`template_text` knows this text again in a document.
"""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache

from ..guide import Section
from ..markdown import tables

_LINE = 98
_ITEM = re.compile(r"[ \t]*(?:[-*+]|[0-9]{1,3}[.)])[ \t]")
# Where an item of a list begins, below another one.
_ITEM_START = re.compile(r"\n(?=[ \t]*(?:[-*+]|[0-9]{1,3}[.)])[ \t])")


def guidance_line(section: Section) -> str:
    """What belongs into a section and what does not, on one line."""
    avoid = f" Avoid: {section.avoid}" if section.avoid else ""
    return " ".join(f"{section.guidance}{avoid}".split())


def section_text(section: Section, content: str = "") -> str:
    """A section with its heading, its guidance, and the content that answers give."""
    head = _section_head(
        section.heading,
        section.guidance,
        section.avoid,
        section.length,
        tuple(column.heading for column in section.columns.values()),
    )
    content = content.strip("\n")
    if not content:
        return head
    return f"{head}{content}\n" if section.columns else f"{head}\n{content}\n"


@lru_cache(maxsize=256)
def _section_head(
    heading: str, guidance: str, avoid: str, length: str, columns: tuple[str, ...]
) -> str:
    comment = guidance_comment(guidance, avoid, length) if guidance or avoid or length else ""
    table = tables.head(columns) if columns else ""
    return "\n\n".join(filter(None, [f"## {heading}", comment, table])) + "\n"


def guidance_comment(guidance: str, avoid: str = "", length: str = "") -> str:
    r"""The guidance of a section as one HTML comment: its paragraphs and lists.

    >>> guidance_comment("Why.", length="10-30 lines")
    '<!-- Why. Length: 10-30 lines. -->'
    >>> print(guidance_comment("Say:\n\n- what\n- why", "a tale.", "2-5 lines"))
    <!-- Say:
    <BLANKLINE>
    - what
    - why
    <BLANKLINE>
    Avoid: a tale. Length: 2-5 lines. -->
    """
    blocks = [block for block in re.split(r"\n[ \t]*\n", guidance) if block.strip()]
    if avoid:
        blocks.append(f"Avoid: {avoid}")
    if length and (not blocks or _ITEM.match(blocks[-1])):
        blocks.append(f"Length: {length}.")
    elif length:
        blocks[-1] += f" Length: {length}."
    blocks = blocks or [""]
    blocks[0] = f"<!-- {blocks[0].strip()}"
    # A no-break blank keeps the closing mark on the line of the last word.
    blocks[-1] = f"{blocks[-1].strip()}\xa0-->"
    return "\n\n".join(map(_filled, blocks)).replace("\xa0", " ")


def _filled(block: str) -> str:
    """A paragraph, or a list item by item, in lines of the usual length."""
    items = _ITEM_START.split(block) if _ITEM.search(block) else [block]
    return "\n".join(
        textwrap.fill(
            re.sub(r"[ \t\n]+", " ", item.strip()),
            _LINE,
            subsequent_indent="  " if _ITEM.match(item) else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for item in items
    )
