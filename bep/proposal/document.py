"""A Markdown document of the proposals folder: its parts as slices of its source, read once.

Every command asks this one object, so what two of them say of a document cannot differ. Nothing is
rendered back from the parts: an edit is a splice of the source (`bep.markdown.edits`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from sys import intern
from typing import Any, Final, NamedTuple

from .. import guide_file, names
from ..guide import ContextForm, DocumentForm, Guide, Layout, Match, Status
from ..markdown import anchors, blocks, links, nested_blocks, plain_text, section_tree
from ..markdown.blocks import Block, Heading, Kind
from ..markdown.heading_text import normalise
from ..markdown.links import Link, Path
from ..markdown.nested_blocks import Leaf
from ..markdown.section_tree import Section
from . import context_block, key_values, title as titles
from .key_values import Keyed
from .metadata import Entry, Metadata, read as read_metadata


class Role(StrEnum):
    """What a document is for its proposal."""

    MAIN = "main document"
    SUB = "sub-document"
    PROCESS = "process page"
    OTHER = "another file"


class TopSection(NamedTuple):
    """A heading of level 1 or 2 below the title, and what is below it up to `end`.

    It starts with the anchors and the comment above its heading. `name` is the normalised
    heading, `family` the guide's section that it is, None for another.
    """

    heading: Heading
    name: str
    family: str | None
    start: int
    end: int

    @property
    def text_start(self) -> int:
        """Where the text below the heading begins."""
        return self.heading.end


class Context(NamedTuple):
    """A context block: its keys, None if its YAML cannot be read, and the places of these.

    `lines` are the keys line by line, even if the YAML is broken.
    """

    block: Block
    keys: Mapping[str, Any] | None
    places: Mapping[str, int]
    lines: Keyed

    def place(self, key: str) -> int:
        """Where `key` is, else where the block begins."""
        return self.places.get(key, self.block.start)


class Mention(NamedTuple):
    """A proposal's number in the text: its place, and its spelling."""

    start: int
    text: str

    @property
    def number(self) -> int:
        return int(self.text.removeprefix(_MENTIONED))


class Inline(NamedTuple):
    """What is inside the blocks of a document."""

    links: tuple[Link, ...]
    anchors: tuple[str, ...]
    mentions: tuple[Mention, ...]


_Rows = Iterable[Any]
_entry = lru_cache(maxsize=4096)(Entry)
_place = lru_cache(maxsize=65_536)(int)


class Known(NamedTuple):
    """What rules ask of a document when they look at several; `entries` are those of the metadata.

    Who has it need not read the document again.
    """

    entries: tuple[Entry, ...]
    title: Heading | None
    inline: Inline

    @classmethod
    def of(cls, entries: _Rows, title: Heading | None, inline: Iterable[_Rows]) -> Known:
        """Make one from the fields of its parts.

        Texts and places that many documents have are in memory once.
        """
        links, anchors, mentions = inline
        return cls(
            tuple(_entry(intern(key), intern(value), *at) for key, value, *at in entries),
            title,
            Inline(
                tuple(Link(intern(destination), *map(_place, at)) for destination, *at in links),
                tuple(map(intern, anchors)),
                tuple(Mention(_place(at), intern(text)) for at, text in mentions),
            ),
        )


# A context block, or a comment that is meant as one.
_CONTEXT: Final = re.compile(r"\ufeff?[ \t]*<!--\s*context-for-ai", re.IGNORECASE)
_MENTIONED: Final = "BEP-"
_MENTION: Final = re.compile(r"(?<![\w.-])(?<![\w.]/)BEP-\d{3,5}(?![\d_])")
_OF_TEXT: Final = frozenset([Kind.PARAGRAPH, Kind.TABLE, Kind.LIST, Kind.QUOTE])
_OWN_NAME: Final = 0


@dataclass(frozen=True, eq=False)
class Document:
    """The document with the text `source` at `path`, from the repository's root.

    `role` decides which of the guide's sections it can have. `problem` says why its file could not
    be read, None if it could; text that is no BEP has empty parts. `guide` is the one of its
    repository. `registry_status` is the status in the registry, which is used if the metadata has
    none.
    """

    source: str
    path: str = ""
    role: Role = Role.MAIN
    problem: str | None = None
    guide: Guide = field(default_factory=guide_file.own)
    registry_status: str = ""

    def with_source(self, source: str) -> Document:
        """Give this document another text."""
        return replace(self, source=source)

    # --- Lines ----------------------------------------------------------------------------------

    @cached_property
    def is_empty(self) -> bool:
        return not self.source.lstrip("\ufeff").strip()

    @cached_property
    def line_count(self) -> int:
        """The number of lines, a last one without ending included."""
        ended = not self.source or self.source[-1] in "\r\n"
        return len(self._line_starts) - (1 if ended else 0)

    @cached_property
    def _line_starts(self) -> list[int]:
        return blocks.line_starts(self.source)

    def line(self, offset: int) -> int:
        """The line, from 1, on which the character at `offset` is."""
        return bisect_right(self._line_starts, offset)

    def line_start(self, line: int) -> int:
        """Where a line begins."""
        return self._line_starts[line - 1]

    def line_end(self, offset: int) -> int:
        """The end of the line at `offset`, without its ending."""
        line = self.line(offset)
        starts = self._line_starts
        after = starts[line] if line < len(starts) else len(self.source)
        return offset + len(self.source[offset:after].rstrip("\r\n"))

    @property
    def names(self) -> Path:
        """The path by its parts."""
        return tuple(self.path.split("/"))

    @property
    def number(self) -> int:
        """The number in a main document's file name, 0 for any other document."""
        return names.number_of_document(self.names[-1]) or 0

    # --- Blocks ---------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The top-level blocks; they join back into the source, byte for byte."""
        return blocks.of_document(self.source)

    @cached_property
    def _head(self) -> tuple[Block, ...]:
        """The blocks down to the title, or all."""
        return self.blocks if "blocks" in vars(self) else blocks.head_of_document(self.source)

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    def blocks_between(self, start: int, end: int) -> list[Block]:
        """The blocks that begin in a span of the document, blank ones left out."""
        starts = self._block_starts
        found = self.blocks[bisect_left(starts, start) : bisect_left(starts, end)]
        return [block for block in found if block.kind is not Kind.BLANK]

    def block_at(self, offset: int) -> Block:
        """The block that holds the character at `offset`."""
        return self.blocks[bisect_right(self._block_starts, offset) - 1]

    def end_above(self, offset: int) -> int:
        """The end of the last block before `offset` that is not blank, 0 if there is none."""
        at = bisect_left(self._block_starts, offset) - 1
        while at >= 0 and self.blocks[at].kind is Kind.BLANK:
            at -= 1
        return self.blocks[at].end if at >= 0 else 0

    def text_of(self, block: Block) -> str:
        """A block as it is written, line endings included."""
        return self.source[block.start : block.end]

    def lines_of(self, block: Block) -> Iterator[tuple[int, str]]:
        """Place and text, without line ending, of each line of a block."""
        for start, end, _ in blocks.lines(self.text_of(block)):
            yield block.start + start, self.source[block.start + start : block.start + end]

    @cached_property
    def comments(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind is Kind.COMMENT)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The headings that are in no list or quote."""
        return tuple(block for block in self.blocks if isinstance(block, Heading))

    # --- Front matter, context block, title -----------------------------------------------------

    @cached_property
    def front_matter(self) -> Block | None:
        """The front matter with its `---` lines, None if there is none."""
        first = self._head[0] if self._head else None
        return first if first and first.kind is Kind.FRONT_MATTER else None

    @cached_property
    def metadata(self) -> Metadata:
        """What the front matter says."""
        front = self.front_matter
        keys = self.guide.metadata
        return read_metadata(self.text_of(front), keys, front.start) if front else Metadata(keys)

    @property
    def status(self) -> Status | None:
        """The status that the metadata has, None without one that the guide knows."""
        return self.guide.status_of(self.metadata.value("status"))

    @property
    def written_status(self) -> str:
        """The status as written in the metadata, else in the registry; '' without one."""
        return self.metadata.value("status") or self.registry_status

    @cached_property
    def context(self) -> Context | None:
        """The first comment that is, or is meant as, a context block."""
        for block in self.comments:
            if opening := _CONTEXT.match(self.text_of(block)):
                return self._context(block, opening.end())
        return None

    def _context(self, block: Block, opening: int) -> Context:
        text = self.text_of(block)
        places: dict[str, int] = {}
        for entry in key_values.read(text).entries(block.start):
            places.setdefault(entry.key, entry.start)
        lines = key_values.read(text[opening:].partition(context_block.CLOSING)[0])
        return Context(block, context_block.read(text), places, lines)

    @property
    def context_lines(self) -> Keyed:
        """The keys of the context block line by line; none without one."""
        return self.context.lines if self.context else key_values.read("")

    @cached_property
    def title(self) -> Heading | None:
        """The first heading of level 1."""
        headings = (block for block in self._head if isinstance(block, Heading))
        return next((heading for heading in headings if heading.level == 1), None)

    @property
    def title_text(self) -> str:
        """The title as written, '' if there is none."""
        return self.title.text if self.title else ""

    @property
    def bare_title(self) -> str:
        """The title as readers see it, without the proposal's number, '' if there is none."""
        folder = names.number_of_directory(self.names[-2]) if len(self.names) > 1 else None
        return titles.shown(self.title_text, self.number or folder or 0)

    @property
    def shown_title(self) -> str:
        """The bare title of a main document, else the title as the file names it."""
        return self.bare_title or names.document_title(names.slug_of_document(self.names[-1]))

    @property
    def title_start(self) -> int:
        """Where the title is, else where the document begins."""
        return self.title.start if self.title else 0

    # --- Sections -------------------------------------------------------------------------------

    @cached_property
    def layout(self) -> Layout:
        """The layout of a main document, as its headings show it."""
        if not self.guide.may_have_marks(self.source):
            return self.guide.usual_layout
        return self.guide.layout_of({_name(one) for one in self.section_at.values()})

    @cached_property
    def form(self) -> DocumentForm:
        """What the guide says of this document."""
        if self.role is not Role.SUB:
            return self.guide.documents[self.layout.main]
        return self.guide.sub_document_form(self.names[-1])

    @property
    def context_form(self) -> ContextForm:
        """What the guide says of this document's context block."""
        return self.guide.context["sub-document" if self.role is Role.SUB else "main"]

    def heading_of(self, family: str) -> str:
        """The heading that this document has, or would have, for a section of the guide."""
        return self.guide.section(family, self.form).heading

    @cached_property
    def root(self) -> Section:
        """The tree of sections."""
        return section_tree.sections(self.source, self.blocks)

    @cached_property
    def section_at(self) -> Mapping[int, Section]:
        """The sections of all levels by the places where they begin, from top to bottom."""
        return {one.start: one for one in self.root.below()}

    @cached_property
    def guide_sections(self) -> Mapping[str, tuple[Section, ...]]:
        """The sections that are the guide's ones, by their families.

        The title is none of them, whatever it says. Inside another section of the guide only the
        guide's own heading counts: "Design Decisions" below Proposed Design is a part of the
        design. The guide's own headings come first, then its other names; a heading that merely
        begins with such a name counts if there is nothing better.
        """
        found: dict[str, list[tuple[int, Section]]] = {}
        for name, section in self._named(self.root, ()):
            found.setdefault(name, []).append((self._rank(section, name), section))
        chosen = {}
        for name, ranked in found.items():
            ranked.sort(key=lambda one: one[0])
            last = max(ranked[0][0], Match.ALIAS)
            chosen[name] = tuple(section for rank, section in ranked if rank <= last)
        return chosen

    def _named(self, section: Section, inside: tuple[str, ...]) -> Iterator[tuple[str, Section]]:
        name = None if section.heading == self.title else self.family_of(section)
        if name and name not in inside and (not inside or self.is_own_name(section, name)):
            yield name, section
        for child in section.children:
            yield from self._named(child, (*inside, name) if name else inside)

    def _rank(self, section: Section, name: str) -> int:
        if _name(section) == self.guide.sections[name].name:
            return _OWN_NAME
        found = self.named_by(_name(section))
        return found[1] if found else Match.BEGINNING

    def named_by(self, heading: str) -> tuple[str, Match] | None:
        """The guide's section that a normalised heading names, and how well; None for another."""
        if self.role not in (Role.MAIN, Role.SUB):
            return None
        names = self.guide.main_names if self.role is Role.MAIN else self.guide.sub_names
        return names.find(heading)

    def family_of(self, section: Section) -> str | None:
        """The guide's section that a heading names, wherever it is; None for another one."""
        return self.family_named(_name(section))

    def family_named(self, heading: str) -> str | None:
        """The guide's section that a normalised heading would name; None for another one."""
        found = self.named_by(heading)
        return found[0] if found else None

    def is_own_name(self, section: Section, family: str) -> bool:
        """Whether a section's heading is the guide's own name for it and none of the other ones."""
        own = self.guide.section(family, self.form), self.guide.sections[family]
        return _name(section) in [one.name for one in own]

    def find(self, family: str) -> Section | None:
        """The guide's section of that identifier, None if the document has none."""
        found = self.guide_sections.get(family, ())
        return found[0] if found else None

    def all(self, family: str) -> list[Section]:
        """All that are the guide's section of that identifier, from top to bottom."""
        return sorted(self.guide_sections.get(family, ()), key=lambda section: section.start)

    @cached_property
    def top_sections(self) -> tuple[TopSection, ...]:
        """The sections into which headings of level 1 and 2 divide the document."""
        families = {
            section.start: family
            for family, sections in self.guide_sections.items()
            for section in sections
        }
        top = [
            (one.heading, one.start)
            for one in self.section_at.values()
            if one.heading and one.level <= 2 and one.heading != self.title
        ]
        ends = [*(start for _, start in top), len(self.source)][1:]
        return tuple(
            TopSection(heading, normalise(heading.text), families.get(start), start, end)
            for (heading, start), end in zip(top, ends, strict=True)
        )

    @property
    def sections_start(self) -> int:
        """Where the first top section starts; the end of the source if there is none."""
        return self.top_sections[0].start if self.top_sections else len(self.source)

    @property
    def lead_blocks(self) -> list[Block]:
        """The blocks between title and first top section, blank ones left out."""
        start = self.title.end if self.title else 0
        return self.blocks_between(start, self.sections_start)

    def top_section(self, family: str) -> TopSection | None:
        """The first top section that is the guide's section of that identifier."""
        return next((one for one in self.top_sections if one.family == family), None)

    def own_blocks(self, section: Section) -> list[Block]:
        """The blocks of a section's own text, blank ones left out: not those of its children."""
        return self.blocks_between(section.text_start, section.own_end)

    def filled_lines(self, section: TopSection, width: int = 0) -> int:
        """How many lines of a section hold something besides comments, headings included.

        With a `width`, a longer line counts as several.
        """
        return sum(
            -(-len(text.rstrip()) // width) if width else 1
            for block in self.blocks_between(section.text_start, section.end)
            if block.kind is not Kind.COMMENT
            for _, text in self.lines_of(block)
            if text.strip()
        )

    # --- Inside the blocks ----------------------------------------------------------------------

    @cached_property
    def _inline(self) -> Inline:
        """What is inside the blocks; their parts are read once, and not kept."""
        leaves = list(nested_blocks.leaves(self.source, self.blocks))
        return Inline(
            links.of_leaves(leaves),
            anchors.anchors(self.source, leaves),
            tuple(mention for leaf in leaves for mention in _mentions(leaf)),
        )

    @property
    def links(self) -> tuple[Link, ...]:
        return self._inline.links

    @property
    def link_targets(self) -> tuple[Path | None, ...]:
        """The path from the repository's root to which each of `links` leads.

        None for what leaves the repository, and for addresses elsewhere.
        """
        return tuple(links.resolved(link.destination, self.names) for link in self.links)

    @property
    def anchors(self) -> tuple[str, ...]:
        return self._inline.anchors

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The mentions of proposals in what a reader sees as text: not in code and comments."""
        return self._inline.mentions

    # --- Read earlier, or by another process ----------------------------------------------------

    @property
    def known(self) -> Known:
        return Known.of(self.metadata.entries, self.title, self._inline)

    def learn(self, known: Known) -> None:
        """Use what was read from this document earlier, and forget everything else."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        metadata = Metadata(self.guide.metadata, known.entries)
        vars(self).clear()
        vars(self).update(own, metadata=metadata, title=known.title, _inline=known.inline)


def _name(section: Section) -> str:
    return section.path[-1].partition("\0")[0] if section.path else ""


def _mentions(leaf: Leaf) -> Iterator[Mention]:
    block = leaf.block
    if isinstance(block, Heading):
        start, stop = block.text_start, block.text_end
    elif block.kind in _OF_TEXT:
        start, stop = block.start, block.end
    else:
        return
    # Few blocks have a mention, and to look for this alone costs little.
    if leaf.view.text.find(_MENTIONED, start, stop) < 0:
        return
    text = leaf.view.text[start:stop]
    found = list(_MENTION.finditer(text))
    hidden = plain_text.hidden_spans(text) if found else []
    for one in found:
        span = bisect_right(hidden, (one.start(), len(text))) - 1
        if span < 0 or hidden[span][1] <= one.start():
            yield Mention(leaf.view.place(start + one.start()), one[0])
