"""Which parts of a proposal in one file go to which sub-document (guide: Document Segmentation).

The sections below Proposed Design are the components, unless the call names others. Current Design
and Migration, and an introduction to the design, each get their own document if they are long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .. import names
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import edits
from ..markdown.blocks import Block, Heading, Kind
from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from ..markdown.section_tree import Section
from ..proposal.document import Document
from ..questionnaire import answers as answer_forms

DESIGN = "proposed-design"
CURRENT = "current-design"
# Sections that get their own document if they are long.
MOVABLE = (CURRENT, "migration")
# The document that takes a long introduction to the design.
_OVERVIEW = "overview"
_LONG = 50
_DEEPEST = 3
_NUMBER = re.compile(r"\A(?:[0-9]+(?:\.[0-9]+)*[a-z]?[.):]|[0-9]+(?:\.[0-9]+)+)[ \t]+(?=\S)")


class Segment(NamedTuple):
    """What becomes a sub-document: `source[start:end]` of the main document, a section.

    `file` is its name in the proposal's directory, `title` the heading as a reader sees it, without
    number; `lines` counts those that hold something.
    """

    file: str
    title: str
    heading: Heading
    start: int
    end: int
    lines: int


class Wanted(NamedTuple):
    """A section that is to become a component: its heading, and the file name that it gets."""

    heading: str
    file: str


def wanted(text: str) -> Wanted:
    """What `--component "Heading=file-name"` asks for; without a name it follows from the heading.

    >>> wanted("REST API=rest-api.md")
    Wanted(heading='REST API', file='rest-api')
    """
    heading, equals, file = text.rpartition("=")
    if not equals:
        heading, file = text, ""
    return Wanted(heading.strip(), file.strip().removesuffix(".md"))


def changed(
    guide: Guide, plan: Sequence[Segment], text: str
) -> tuple[list[Wanted], frozenset[str]]:
    """Apply changes such as `2=api, 5=-` to a plan: its components, and the files not to make.

    Numbers are those of the plan's rows from 1; `-` leaves a section in the main document. Raises
    BepError for other text.
    """
    names_of: dict[int, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        row, _, name = map(str.strip, part.partition("="))
        if not (row.isdecimal() and 0 < int(row) <= len(plan) and name):
            raise BepError(f"{part!r} is not a change of the plan", "write 2=file-name, or 2=-")
        names_of[int(row)] = name.removesuffix(".md")
    of_long_texts = frozenset(map(guide.file_of, (*MOVABLE, _OVERVIEW)))
    asked = []
    staying = set()
    for at, one in enumerate(plan, 1):
        name = names_of.get(at, "")
        if name == "-":
            staying.add(one.file)
        elif name or one.file not in of_long_texts:
            asked.append(Wanted(visible(one.heading.text), name or one.file.removesuffix(".md")))
    return asked, frozenset(staying & of_long_texts)


def is_guidance(document: Document, block: Block, guidance: Set[str]) -> bool:
    """Whether a block is one of the template's comments, whatever its line endings."""
    return (
        block.kind is Kind.COMMENT
        and edits.with_ending(document.text_of(block).strip(), "\n") in guidance
    )


@dataclass(frozen=True, eq=False)
class Planner:
    """Plans the segments of a main document, as its answers and its text have it.

    `guidance` are comments of the template, which are not the author's text.
    """

    document: Document
    answers: Mapping[str, Any]
    guidance: Set[str]

    def plan(
        self, asked: Sequence[Wanted] | None = None, staying: Set[str] = frozenset()
    ) -> tuple[Segment, ...]:
        """The segments in the order of the document; `asked` are the components, if given.

        What would become one of the files `staying` because it is long stays where it is. Raises
        BepError if nothing is left, where a component is not there, holds nothing, or cannot
        have its file name.
        """
        chosen = self._components() if asked is None else self._asked(asked)
        found = [self._segment(section, name) for section, name in chosen]
        spans = [(one.start, one.end) for one in found]
        for family in MOVABLE:
            file, longest = self.document.guide.file_of(family), self._longest(family)
            section = self.document.find(family)
            if file in staying or section is None:
                continue
            if any(_overlap(section, span) for span in spans):
                continue
            if self._lines(section.text_start, section.end) > longest:
                found.append(self._made(section, section.end, file))
        if self.document.guide.file_of(_OVERVIEW) not in staying:
            found += self._introduction(found)
        if not found:
            raise self._wrong("nothing would become a sub-document", "name a component")
        found.sort(key=lambda one: one.start)
        self._refuse_shared_files(found)
        return tuple(found)

    # --- Which sections -------------------------------------------------------------------------

    @cached_property
    def _kept(self) -> dict[int, str]:
        """The sections that stay in the main document, by where they start."""
        return {
            found.start: self.document.heading_of(family)
            for family in stays(self.document.guide)
            if (found := self.document.find(family))
        }

    def _components(self) -> list[tuple[Section, str]]:
        design = self.document.find(DESIGN)
        if design is None:
            raise self._wrong(
                f"there is no section {self.document.heading_of(DESIGN)}",
                f'name the components with --component "Heading=file-name"; {self._headings()}',
            )
        if not design.children:
            raise self._wrong(
                f"{_title(design)!r} has no subsections that could be components",
                f'name others with --component "Heading=file-name"; {self._headings()}',
                design.heading,
            )
        # What everyone reads stays in the main document, even if it is part of the design.
        return [
            (section, "")
            for section in design.children
            if not any(section.start <= start < section.end for start in self._kept)
        ]

    def _asked(self, asked: Sequence[Wanted]) -> list[tuple[Section, str]]:
        found: list[tuple[Section, str]] = []
        for one in asked:
            section = self._named(one.heading)
            for other, _ in found:
                if _overlap(section, (other.start, other.end)):
                    raise self._wrong(
                        f"{_title(section)!r} and {_title(other)!r} are one section, or one is"
                        " inside the other",
                        "name one of them",
                        section.heading,
                    )
            found.append((section, one.file))
        return found

    def _named(self, heading: str) -> Section:
        exact = [one for one in self._candidates() if _title(one) == heading.strip()]
        name = normalise(heading)
        found = exact or [
            one
            for one in self._candidates()
            if one.heading and normalise(visible(one.heading.text)) == name
        ]
        if not found:
            raise BepError(f"there is no section {heading!r}", self._headings(), self.document.path)
        if len(found) > 1:
            lines = " and ".join(str(one.heading.line) for one in found if one.heading)
            raise self._wrong(
                f"{heading!r} is the heading of several sections, on the lines {lines}",
                "give them different headings",
                found[0].heading,
            )
        for start, kept in self._kept.items():
            if found[0].start <= start < found[0].end:
                holds = "stays" if start == found[0].start else f"holds {kept}, which stays"
                raise self._wrong(
                    f"{_title(found[0])!r} {holds} in the main document",
                    "name another section",
                    found[0].heading,
                )
        return found[0]

    def _candidates(self) -> list[Section]:
        """The sections of the second and third level that can move as a whole."""
        title = self.document.title
        return [
            section
            for section in self.document.root.below()
            if section.heading and section.heading != title and section.level <= _DEEPEST
        ]

    def _headings(self) -> str:
        """What can be named, in words."""
        inside = [
            (start, section.end)
            for section in self._candidates()
            for start in self._kept
            if section.start == start
        ]
        free = [
            _title(section)
            for section in self._candidates()
            if not any(start <= section.start < end for start, end in inside)
        ]
        return f"there are {', '.join(map(repr, free))}" if free else "it has no other sections"

    # --- Segments -------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> dict[str, str]:
        """The names of the components that the answers have, by their normalised titles."""
        components = answer_forms.components(self.answers.get("components"))
        return {normalise(one.title): one.name for one in components}

    def _segment(self, section: Section, name: str) -> Segment:
        title = _title(section)
        if not self._lines(section.text_start, section.end):
            raise self._wrong(
                f"{title!r} contains no text, so that its document would be empty",
                "write it, or name the components without it",
                section.heading,
            )
        name = name or self._known.get(normalise(title), "") or _file_name(title)
        file = names.document_name(name)
        # The layout's own documents are for the sections of that name.
        layouts = self.document.guide.layout_files
        is_layouts = file in layouts and name in names.slug(title).split("-")
        problem = None if is_layouts else names.component_problem(name, layouts)
        if problem:
            raise self._wrong(
                f"{title!r}: {problem}", f'give --component "{title}=file-name"', section.heading
            )
        return self._made(section, section.end, file)

    def _made(self, section: Section, end: int, file: str) -> Segment:
        heading = section.heading
        if heading is None:
            raise ValueError("the root of a document is not a segment")
        lines = self._lines(heading.end, end)
        return Segment(file, _bare(_title(section)), heading, section.start, end, lines)

    def _introduction(self, found: Sequence[Segment]) -> list[Segment]:
        """The text of Proposed Design before its first part, if it is long."""
        design = self.document.find(DESIGN)
        starts = {one.start for one in found}
        if design is None or not design.children or design.start in starts:
            return []
        every = all(child.start in starts for child in design.children)
        file = self.document.guide.file_of(_OVERVIEW)
        taken = file in {one.file for one in found}
        long = self._lines(design.text_start, design.own_end) > _LONG
        return [self._made(design, design.own_end, file)] if every and long and not taken else []

    def _longest(self, family: str) -> int:
        """How long a section is that stays in the main document."""
        found = self.document.guide.sections.get(family)
        return found.lines[1] if found and found.lines else _LONG

    def _lines(self, start: int, end: int) -> int:
        """The lines between two places that are neither blank nor the template's guidance."""
        return sum(
            line.strip() != ""
            for block in self.document.blocks_between(start, end)
            if not is_guidance(self.document, block, self.guidance)
            for line in self.document.text_of(block).splitlines()
        )

    def _refuse_shared_files(self, found: Sequence[Segment]) -> None:
        files: dict[str, Segment] = {}
        for one in found:
            other = files.setdefault(one.file, one)
            if other is not one:
                raise self._wrong(
                    f"{one.heading.text!r} and {other.heading.text!r} (line {other.heading.line})"
                    f" would both become {one.file}",
                    'name the components with --component "Heading=file-name"',
                    one.heading,
                )

    def _wrong(self, message: str, remedy: str, heading: Heading | None = None) -> BepError:
        line = heading.line if heading else None
        return BepError(message, remedy, self.document.path, line, WRONG_DOCUMENTS)


def stays(guide: Guide) -> Iterable[str]:
    """The sections that everyone reads, whatever part they work on: a main document has them."""
    return guide.documents[guide.layouts[guide.segmentation.layout].main].sections


def _overlap(section: Section, span: tuple[int, int]) -> bool:
    return section.start < span[1] and span[0] < section.end


def _title(section: Section) -> str:
    return visible(section.heading.text) if section.heading else ""


def _file_name(title: str) -> str:
    """The file name that follows from a heading; it does not begin with a number."""
    name = names.slug(_bare(title))
    return name.lstrip("0123456789-") or name if name[:1].isdecimal() else name


def _bare(title: str) -> str:
    """A heading without the number in front of it: `2a. Liveness` is about liveness."""
    return _NUMBER.sub("", title, count=1)
