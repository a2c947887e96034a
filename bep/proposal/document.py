"""A BEP's document: front matter, title and sections, as spans of its source.

Nothing is ever rendered back from these parts: an edit is a splice of the source.
"""

from __future__ import annotations

from typing import NamedTuple

from ..markdown import blocks as markdown
from ..markdown.blocks import Block, Heading, Kind
from . import context_block, metadata


class Document(NamedTuple):
    """A document as it was read; `blocks` join back into `source`, byte for byte."""

    source: str
    blocks: tuple[Block, ...]
    metadata: metadata.Metadata

    @property
    def title(self) -> str:
        """The first top-level heading of level 1 as written, '' where there is none."""
        headings = (block for block in self.blocks if isinstance(block, Heading))
        return next((heading.text for heading in headings if heading.level == 1), "")

    @property
    def context_block(self) -> Block | None:
        """The first comment that is a context block, readable or not; None without one."""
        comments = (block for block in self.blocks if block.kind is Kind.COMMENT)
        opening = context_block.OPENING
        return next(
            (
                block
                for block in comments
                if self.source[block.start : block.end].lstrip("\ufeff \t").startswith(opening)
            ),
            None,
        )


def read(source: str) -> Document:
    """The document in `source`, whatever it holds; text that is no BEP gives empty parts."""
    blocks = markdown.blocks(source)
    front = next((block for block in blocks if block.kind is Kind.FRONT_MATTER), None)
    entries = metadata.read(source[front.start : front.end], front.start) if front else None
    return Document(source, blocks, entries or metadata.Metadata())
