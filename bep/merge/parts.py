"""A document cut into the parts that the merge looks at: slices that join back into the source.

Headings of level 1 have no children here: the sections below a document's title are beside it,
so that a second title, or none, changes no section's place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..markdown import blocks as markdown, edits, section_tree
from ..markdown.blocks import Block, Heading, Kind
from ..markdown.heading_text import normalise
from ..markdown.section_tree import Section
from ..proposal import context_block
from .order import told_apart

# In a part's content, the place of the context block; no text holds it (see `holds_text`).
CONTEXT = "\0"

# One that was left unclosed goes on to the end of the next comment.
_CONTEXT = re.compile(
    rf"[ ]{{0,3}}{context_block.OPENING}[ \t]*(?:\r\n|\r|\n)"
    rf"(?:(?!<!--).)*{context_block.CLOSING}\s*",
    re.DOTALL,
)
_MARK = "\ufeff"


class Part(NamedTuple):
    """A heading with its own text and the parts below it; the lead of a document has no heading.

    `above` are the anchors and the comment above the heading that belong to it, with the lines to
    it. `title` is the heading's text, `line` its line (0 for the lead), `name` its normalised form;
    `key` distinguishes it among its siblings. `content` is the own text from its first line that is
    not blank to its last one; `gap` the line endings and blank lines before it, `tail` those
    after. `open` is a part in which a fence or comment stays unclosed, so that what is put after
    it would become part of it, or whose anchors at the document's end a heading there would take.
    """

    above: str
    heading: str
    title: str
    level: int
    line: int
    name: str
    key: str
    gap: str
    content: str
    tail: str
    children: tuple[Part, ...]
    open: bool

    @property
    def text(self) -> str:
        """Heading, with what is above it, and own text, without the blank lines after."""
        return self.above + self.heading + self.gap + self.content

    def walk(self) -> Iterator[Part]:
        """The part and all parts below it, in the order of the source."""
        yield self
        for child in self.children:
            yield from child.walk()


class Parts(NamedTuple):
    """A document: byte-order mark, front matter, lead, and the parts that have a heading.

    `front` is the front matter without its `---` lines, None if there is none; `opening` and
    `closing` are these lines. `context` is the context block that is at `CONTEXT`.
    """

    mark: str
    opening: str
    front: str | None
    closing: str
    context: str | None
    lead: Part
    sections: tuple[Part, ...]

    def walk(self) -> Iterator[Part]:
        """All parts in the order of the source."""
        yield self.lead
        for part in self.sections:
            yield from part.walk()


def holds_text(source: str) -> bool:
    """Whether `source` is text that can be cut into parts: it holds no NUL."""
    return CONTEXT not in source


def read(source: str) -> Parts:
    """The parts of any text without NUL."""
    # A second mark is text. With the first one cut off, it would be read as a mark itself.
    mark = _MARK if source.startswith(_MARK) and not source.startswith(_MARK * 2) else ""
    source = source[len(mark) :]
    blocks = markdown.of_document(source)
    front = blocks[0] if blocks and blocks[0].kind is Kind.FRONT_MATTER else None
    opening, inner, closing = _fenced(source[: front.end]) if front else ("", None, "")
    context = _context(source, blocks)
    return Parts(
        mark,
        opening,
        inner,
        closing,
        source[context.start : context.end].rstrip() if context else None,
        *_tree(source, blocks, front.end if front else 0, context),
    )


def joined(document: Parts) -> str:
    """The source that was read."""
    front = document.front or ""
    body = "".join(part.text + part.tail for part in document.walk())
    head = document.mark + document.opening + front + document.closing
    return head + body.replace(CONTEXT, document.context or "")


def title_key(name: str) -> str:
    """The key of a heading of level 1: a title may have the name of a section beside it."""
    return f"\0{name}"


def without_context(document: Parts) -> Parts:
    """The document without its context block."""

    def without(part: Part) -> Part:
        content = part.content
        if CONTEXT in content:
            before, _, after = content.partition(CONTEXT)
            content = before.rstrip("\r\n") if not after else before + after.lstrip("\r\n")
        gap = part.gap if content else ""
        children = tuple(map(without, part.children))
        return part._replace(gap=gap, content=content, children=children)

    sections = tuple(map(without, document.sections))
    return document._replace(context=None, lead=without(document.lead), sections=sections)


def _fenced(block: str) -> tuple[str, str, str]:
    lines = [block[start:after] for start, _, after in markdown.lines(block)]
    return lines[0], "".join(lines[1:-1]), lines[-1]


def _context(source: str, blocks: Sequence[Block]) -> Block | None:
    """The context block, which is above the first section; elsewhere it is an example."""
    for block in blocks:
        if isinstance(block, Heading) and block.level > 1:
            return None
        if block.kind is Kind.COMMENT and _CONTEXT.fullmatch(source[block.start : block.end]):
            return block
    return None


def _tree(
    source: str, blocks: Sequence[Block], start: int, context: Block | None
) -> tuple[Part, tuple[Part, ...]]:
    root = section_tree.sections(source, tuple(blocks))
    unclosed = _takes_next(source, blocks)

    def own(at: int, end: int) -> str:
        if context is None or not at <= context.start < end:
            return source[at:end]
        stop = context.start + len(source[context.start : context.end].rstrip())
        return source[at : context.start] + CONTEXT + source[stop:end]

    def part(section: Section) -> Part:
        below = () if section.level == 1 else _with_keys(map(part, section.children))
        is_open = unclosed and section.own_end == len(source)
        heading = section.heading
        at = heading.start if heading else section.start
        found = _part(heading, own(at, section.own_end), is_open)
        found = found._replace(above=source[section.start : at])
        return found._replace(children=below, open=is_open or any(one.open for one in below))

    lead = _part(None, own(start, root.own_end), unclosed and not root.children)
    return lead, _with_keys(map(part, _beside_titles(root)))


def _beside_titles(root: Section) -> Iterator[Section]:
    """The uppermost sections, those below a heading of level 1 after it."""
    for section in root.children:
        yield section
        if section.level == 1:
            yield from section.children


def _takes_next(source: str, blocks: Sequence[Block]) -> bool:
    """Whether what comes below goes on in the last block, or takes anchors that are there."""
    last = next((one for one in reversed(blocks) if one.kind is not Kind.BLANK), None)
    if last is None:
        return False
    return _is_unclosed(source, blocks[-1]) or section_tree.ends_in_anchors(
        source[last.start : last.end]
    )


def _is_unclosed(source: str, last: Block) -> bool:
    text = source[last.start : last.end]
    if last.kind is Kind.FENCE:
        # A closed fence ends with a line that holds nothing but its marks.
        lines = [text[start:end] for start, end, _ in markdown.lines(text)]
        run = re.match(r"[ \t]*(`{3,}|~{3,})", lines[0])
        return len(lines) == 1 or run is None or not _closes(run[1], lines[-1])
    if last.kind in (Kind.COMMENT, Kind.HTML):
        found = markdown.blocks(f"{text}\n\n# x\n", front_matter=False)
        return not isinstance(found[-1], Heading)
    return False


def _closes(opened: str, line: str) -> bool:
    body = line.strip(" \t")
    return body.startswith(opened) and not body.strip(opened[0])


def _part(heading: Heading | None, text: str, unclosed: bool) -> Part:
    head = text[: heading.end - heading.start] if heading else ""
    ending = edits.LINE_ENDING.search(head[-2:] if head.endswith("\r\n") else head[-1:])
    if ending:
        head = head[: -len(ending[0])]
    rest = text[len(head) :]
    blank = edits.BLANK_LINES.match(rest)
    start = blank.end() if blank else 0
    end = len(rest.rstrip(" \t\r\n"))
    if start >= end:
        gap, content, tail = "", "", rest
    else:
        # Blanks at the end of the last line are part of that line.
        after = edits.LINE_ENDING.search(rest, end)
        stop = after.start() if after else len(rest)
        gap, content, tail = rest[:start], rest[start:stop], rest[stop:]
    title, level, line = (heading.text, heading.level, heading.line) if heading else ("", 0, 0)
    name = normalise(title)
    return Part("", head, title, level, line, name, name, gap, content, tail, (), unclosed)


def _with_keys(siblings: Iterable[Part]) -> tuple[Part, ...]:
    """Parts with the keys that distinguish them from their siblings."""
    found = list(siblings)
    keys = told_apart(title_key(one.name) if one.level == 1 else one.name for one in found)
    return tuple(part._replace(key=key) for part, key in zip(found, keys, strict=True))
