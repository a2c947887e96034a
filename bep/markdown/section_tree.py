"""The tree of sections that the headings of a Markdown document make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .blocks import Block, Heading, Kind, blocks, is_anchors, of_document
from .heading_text import normalise


class Section(NamedTuple):
    r"""A heading and what is below it; the root has no heading and level 0.

    It starts with the anchors and the comment above its heading, which belong to it. Its own text
    runs from the end of its heading to `own_end`, its children from there to `end`. `path`
    identifies it in its document: the normalised headings from the root down. Where a path comes
    again under the same parent, NUL and a count are added: "risks", "risks\0(2)".
    """

    heading: Heading | None
    level: int
    path: tuple[str, ...]
    start: int
    own_end: int
    end: int
    children: tuple["Section", ...]

    @property
    def text_start(self) -> int:
        """Where the text below the heading begins."""
        return self.heading.end if self.heading else self.start

    def below(self) -> Iterator["Section"]:
        """All sections below this one, from top to bottom."""
        for child in self.children:
            yield child
            yield from child.below()


def sections(source: str, found: tuple[Block, ...] | None = None) -> Section:
    """Return the tree of sections that the top-level headings make.

    `found` is the result of `blocks(source)` if the caller has it already.
    """
    branch = [_Branch(None, 0, (), 0)]
    found = of_document(source) if found is None else found
    for at, block in enumerate(found):
        if isinstance(block, Heading):
            is_first = len(branch) == 1 and not branch[0].children
            start = _start_of_section(source, found, at, is_first=is_first)
            while branch[-1].level >= block.level:
                closed = branch.pop().close(start)
                branch[-1].children.append(closed)
            branch.append(branch[-1].child(block, start))
    while len(branch) > 1:
        closed = branch.pop().close(len(source))
        branch[-1].children.append(closed)
    return branch[0].close(len(source))


def ends_in_anchors(source: str) -> bool:
    """Return whether a piece of a document ends in anchors, which belong to a heading below."""
    if not source.rstrip().endswith(">"):
        return False
    extended = f"{source}\n\n# x\n"
    below = sections(extended, blocks(extended, front_matter=False)).children
    return bool(below) and below[-1].start < len(source.rstrip())


def _start_of_section(source: str, found: Sequence[Block], heading: int, *, is_first: bool) -> int:
    """Return where the section of the heading `found[heading]` starts.

    Anchors above a heading belong to it, even if a blank line is between; a comment does where
    it is directly above, and is not what the section before begins with.
    """
    start = found[heading].start
    at = heading - 1
    while at >= 0:
        block = found[at]
        is_anchor = block.kind is Kind.HTML and is_anchors(source[block.start : block.end])
        is_label = block.kind is Kind.COMMENT and block.end == start
        if is_anchor or (is_label and _is_label(source, found, at, is_first=is_first)):
            start = block.start
        elif block.kind is not Kind.BLANK:
            break
        at -= 1
    return start


def _is_label(source: str, found: Sequence[Block], at: int, *, is_first: bool) -> bool:
    """Return whether the comment `found[at]`, directly above a heading, speaks of that heading.

    It may be the first one of the document.
    """
    before = found[at - 1] if at else None
    comment = source[found[at].start : found[at].end].rstrip()
    if "\n" not in comment and "\r" not in comment:
        return not isinstance(before, Heading)
    # One of several lines may as well be the guidance of a section that says nothing yet, or the
    # context block above the title.
    if before is not None and before.kind is Kind.BLANK:
        before = found[at - 2] if at > 1 else None
    return not is_first and before is not None and not isinstance(before, Heading)


@dataclass(slots=True)
class _Branch:
    """A section whose end is not reached yet."""

    heading: Heading | None
    level: int
    path: tuple[str, ...]
    start: int
    children: list[Section] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def child(self, heading: Heading, start: int) -> "_Branch":
        name = normalise(heading.text)
        count = self.seen[name] = self.seen.get(name, 0) + 1
        key = name if count == 1 else f"{name}\0({count})"
        return _Branch(heading, heading.level, (*self.path, key), start)

    def close(self, end: int) -> Section:
        children = tuple(self.children)
        own_end = children[0].start if children else end
        return Section(self.heading, self.level, self.path, self.start, own_end, end, children)
