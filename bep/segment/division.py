"""The text of a proposal in one file, divided into a main document and sub-documents.

Every line of the author goes to one of them as it is: the levels of headings and the targets of
links are all that changes. Definitions and footnotes go with the text that uses them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, NoReturn

from .. import names
from ..context.excerpts import Spans
from ..errors import WRONG_DOCUMENTS, BepError
from ..guide import Guide
from ..markdown import (
    anchors,
    blocks,
    edits as splices,
    links,
    nested_blocks,
    references,
    section_tree,
)
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..markdown.heading_text import normalise
from ..markdown.links import Link
from ..markdown.nested_blocks import Leaf
from ..markdown.plain_text import rendered
from ..markdown.references import Definition
from ..markdown.section_tree import Section
from ..merge import parts
from ..proposal import document_index
from ..proposal.document import Document
from .moved_links import Relinking, Target
from .plan import CURRENT, DESIGN, MOVABLE, Segment, is_guidance

_MAIN = ""
# Elements that hold blocks of Markdown between two blocks of HTML.
_CONTAINER = re.compile(
    r"<(?P<closes>/?)(?P<name>details|div|table|section|article|aside|figure)\b(?![^<>]*/>)",
    re.IGNORECASE,
)
_HIGHEST_BELOW = 3

Span = tuple[int, int]


class Divided(NamedTuple):
    """The main document without its segments, the sub-documents by file, and where anchors went."""

    main: str
    subs: Mapping[str, str]
    relinking: Relinking


class _Document(NamedTuple):
    """A document that results from the division: the author's spans in it, in order.

    `segment` is None for the main document. `appended` are definitions that it needs and that were
    elsewhere.
    """

    segment: Segment | None
    spans: tuple[Span, ...]
    appended: tuple[Definition, ...]


class _Written(NamedTuple):
    """A document's text, and the spans in it that hold the author's headings, in order."""

    text: str
    own: tuple[Span, ...]


_Inside = Callable[[Span], list[Splice]]


class _Edits:
    """Edits of the document, none of which overlap; those inside a span are found at once.

    An insertion between two spans belongs to the first.
    """

    def __init__(self, edits: Iterable[Splice]) -> None:
        self._edits = sorted(edits)

    def inside(self, span: Span) -> list[Splice]:
        first, stop = (bisect_left(self._edits, (at,)) for at in (span[0], span[1] + 1))
        return [one for one in self._edits[first:stop] if span[0] < one.end <= span[1]]


def _start(one: Link | Segment) -> int:
    return one.start


@dataclass(frozen=True, eq=False)
class Division:
    """Divides a main document into `segments`, which are in its order.

    `shells` are the sub-documents as the template renders them, by file name. `guidance` are the
    template's comments, which are left out.
    """

    document: Document
    segments: Sequence[Segment]
    shells: Mapping[str, str]
    guidance: Set[str]

    @cached_property
    def _leaves(self) -> list[Leaf]:
        return [*nested_blocks.leaves(self.document.source, self.document.blocks)]

    @cached_property
    def _links(self) -> Sequence[Link]:
        return links.of_leaves(self._leaves)

    @cached_property
    def _ending(self) -> str:
        return splices.usual_ending(self.document.source)

    def divided(self) -> Divided:
        """The documents.

        Raises BepError if a segment contains a fence or comment that is never closed, or half an
        element of HTML.
        """
        self._refuse_unclosed()
        defined = references.definitions(self.document.source, self.document.blocks, self._leaves)
        homes = self._homes(defined)
        documents = self._documents(defined, homes)
        levels = _Edits(self._levels())
        plain = {file: self._written(one, levels.inside) for file, one in documents.items()}
        self._refuse_loss(plain)
        relinking = Relinking(self.document.names, self._anchors(documents, plain))
        texts = {
            file: self._written(one, self._with_links(levels, file, relinking)).text
            for file, one in documents.items()
        }
        return Divided(texts.pop(_MAIN), texts, relinking)

    # --- What stays in the main document --------------------------------------------------------

    @cached_property
    def _emptied(self) -> list[Section]:
        """The sections of which nothing stays but their heading."""
        return [*filter(self._is_emptied, self.document.root.below())]

    def _is_emptied(self, section: Section) -> bool:
        if section.heading is None or section.heading == self.document.title:
            return False
        inside = self._inside(section)
        if not inside or any(one.start == section.start for one in inside):
            return False
        return all(
            self._home(block.start) or self._is_guidance(block)
            for block in self.document.blocks_between(section.heading.end, section.end)
        )

    @cached_property
    def _dropped(self) -> list[Span]:
        """The template's text for one file that is not filled in."""
        return [*self._dropped_spans()]

    def _dropped_spans(self) -> Iterator[Span]:
        for section in self._emptied:
            if section.heading and self._is_own_design(section):
                yield section.heading.start, section.own_end
        for family in MOVABLE:
            found = self.document.find(family)
            if found and found.heading and not found.children and self._is_templates(found, family):
                yield found.heading.start, found.end
        emptied = Spans((one.start, one.own_end) for one in self._emptied)
        for block in self.document.blocks:
            inside = self._home(block.start) or emptied.overlap(block.start, block.start + 1)
            if inside and self._is_guidance(block):
                yield block.start, block.end

    def _is_templates(self, section: Section, family: str) -> bool:
        """Whether a section is as the template wrote it, and nothing leads there."""
        heading, own = section.heading, self.document.own_blocks(section)
        if heading is None or heading.text != self.document.heading_of(family):
            return False
        anchor = f"#{anchors.slug(rendered(heading.text))}"
        is_linked = any(link.destination.casefold() == anchor for link in self._links)
        return bool(own) and all(map(self._is_guidance, own)) and not is_linked

    def _is_own_design(self, section: Section) -> bool:
        """Whether a section is the design by that very name, as sub-documents have it."""
        heading, own = section.heading, self.document.guide.sections[DESIGN].heading
        return heading is not None and heading.text.casefold() == own.casefold()

    def _is_guidance(self, block: blocks.Block) -> bool:
        return is_guidance(self.document, block, self.guidance)

    def _refuse_unclosed(self) -> None:
        for one in self.segments:
            text = self.document.source[one.start : one.end]
            if any(part.open for part in parts.read(f"\n{text}").walk()):
                self._refuse(one, "a code fence or comment that is never closed")
            if name := self._torn_element(one):
                self._refuse(one, f"only half of a <{name}> element")

    def _refuse(self, segment: Segment, what: str) -> NoReturn:
        raise BepError(
            f"{segment.heading.text!r} contains {what}",
            "close it in that section first",
            self.document.path,
            segment.heading.line,
            WRONG_DOCUMENTS,
        )

    def _torn_element(self, segment: Segment) -> str:
        """The name of an HTML element that begins or ends in a segment, and not both; '' for none.

        Without its other half, it would take in what is below it, in both documents.
        """
        open_ones: list[str] = []
        for block in self.document.blocks:
            if block.kind is not Kind.HTML or not segment.start <= block.start < segment.end:
                continue
            for tag in _CONTAINER.finditer(self.document.source, block.start, block.end):
                name = tag["name"].lower()
                if not tag["closes"]:
                    open_ones.append(name)
                elif open_ones[-1:] == [name]:
                    open_ones.pop()
                else:
                    return name
        return open_ones[-1] if open_ones else ""

    # --- What goes where --------------------------------------------------------------------------

    def _home(self, place: int) -> str:
        """The document that receives the text at a place."""
        at = bisect_right(self.segments, place, key=_start) - 1
        return self.segments[at].file if at >= 0 and place < self.segments[at].end else _MAIN

    def _inside(self, section: Section) -> list[Segment]:
        """The segments inside a section, or the one that is that section."""
        bounds = (section.start, section.end)
        first, stop = (bisect_left(self.segments, at, key=_start) for at in bounds)
        return [one for one in self.segments[first:stop] if one.end <= section.end]

    def _homes(self, defined: Sequence[Definition]) -> list[Set[str]]:
        """The documents that need each definition; if none does, the one that it is in."""
        used: dict[str, set[str]] = {one.label: set() for one in defined}
        inside: dict[str, set[str]] = {one.label: set() for one in defined}
        for one in {one.label: one for one in reversed(defined)}.values():
            if not one.movable:
                used[one.label].add(self._home(one.start))
        starts = [one.start for one in defined]
        for use in references.uses(self._leaves) if defined else ():
            if use.label not in used:
                continue
            at = bisect_right(starts, use.place) - 1
            if at >= 0 and use.place < defined[at].end:
                inside[defined[at].label].add(use.label)
            else:
                used[use.label].add(self._home(use.place))
        waiting = list(used)
        while waiting:
            label = waiting.pop()
            for other in inside[label]:
                if not used[label] <= used[other]:
                    used[other] |= used[label]
                    waiting.append(other)
        first: dict[str, Set[str]] = {}
        homes: list[Set[str]] = []
        for one in defined:
            home = {self._home(one.start)}
            if one.label in first:
                # Without effect, and it has to stay so.
                homes.append({min(first[one.label])})
                continue
            first[one.label] = used[one.label] or home
            homes.append(first[one.label])
        return homes

    def _documents(
        self, defined: Sequence[Definition], homes: Sequence[Set[str]]
    ) -> dict[str, _Document]:
        gone = [*self._dropped]
        for one, needed in zip(defined, homes, strict=True):
            if one.movable and self._home(one.start) not in needed:
                gone.append(self._with_blank(one))
        moved = [(one.start, one.end) for one in self.segments]
        appended: dict[str, list[Definition]] = {}
        for one, needed in zip(defined, homes, strict=True):
            for file in needed - {self._home(one.start)}:
                appended.setdefault(file, []).append(one)
        inside: dict[str, list[Span]] = {}
        for span in gone:
            first = max(bisect_right(self.segments, span[0], key=_start) - 1, 0)
            stop = bisect_left(self.segments, span[1], key=_start)
            for segment in self.segments[first:stop]:
                inside.setdefault(segment.file, []).append(span)
        whole = (0, len(self.document.source))
        main = _without(whole, [*moved, *gone])
        found = {_MAIN: _Document(None, tuple(main), tuple(appended.get(_MAIN, ())))}
        for segment in self.segments:
            file = segment.file
            stays = _without((segment.heading.end, segment.end), inside.get(file, ()))
            found[file] = _Document(segment, tuple(stays), tuple(appended.get(file, ())))
        return found

    def _with_blank(self, one: Definition) -> Span:
        """A definition, with the blank lines after it where it is a paragraph of its own."""
        document = self.document
        block = document.block_at(one.start)
        if block.start != one.start:
            return one.start, one.end
        following = document.block_at(one.end)
        is_blank = following.start == one.end and following.kind is Kind.BLANK
        return one.start, following.end if is_blank else one.end

    # --- Texts ----------------------------------------------------------------------------------

    def _written(self, document: _Document, inside: _Inside) -> _Written:
        text = "".join(self._cut(span, inside) for span in document.spans)
        appended = ""
        for at, one in enumerate(document.appended):
            # What is directly below a footnote would be a part of it.
            is_below_footnote = at and document.appended[at - 1].label.startswith("^")
            between = self._ending * (2 if is_below_footnote else 1) if at else ""
            copied = self._cut((one.start, one.end), inside).rstrip("\r\n")
            # Outside its list, what is indented that far would be code.
            appended += between + (copied if one.movable else copied.lstrip(" \t"))
        if document.segment is None:
            return self._main(text, appended)
        return self._sub(document.segment, text, appended, inside)

    def _main(self, text: str, appended: str) -> _Written:
        end = splices.trailing_blanks(text)
        body, tail = text[:end], splices.LINE_ENDING.match(text, end)
        last = tail[0] if tail else ""
        more = f"{self._ending * 2}{appended}" if appended else ""
        return _Written(f"{body}{more}{last}", ((0, len(body)),))

    def _sub(self, segment: Segment, text: str, appended: str, inside: _Inside) -> _Written:
        shell = splices.with_ending(self.shells[segment.file], self._ending)
        title, taking = _taking(self.document.guide, shell, segment.file)
        heading = self._cut((segment.start, segment.heading.end), inside).rstrip("\r\n")
        blank = splices.BLANK_LINES.match(text)
        body = text[blank.end() if blank else 0 : splices.trailing_blanks(text)]
        ending = self._ending
        head = f"{shell[: title.start]}{heading}{ending}"
        middle = shell[title.end : taking.heading.end if taking.heading else title.end]
        before = f"{head}{middle}{ending}"
        more = f"{ending * 2}{appended}" if appended else ""
        behind = "" if segment.file == self.document.guide.file_of(CURRENT) else shell[taking.end :]
        text = f"{before}{body}{more}{ending}{ending if behind else ''}{behind}"
        return _Written(text, ((title.start, len(head)), (len(before), len(before) + len(body))))

    def _cut(self, span: Span, inside: _Inside) -> str:
        moved = (Splice(one.start - span[0], one.end - span[0], one.text) for one in inside(span))
        return splices.applied(self.document.source[span[0] : span[1]], moved)

    def _levels(self) -> list[Splice]:
        """Headings at their new levels, and text for sections that became empty."""
        found = [
            edit
            for one in self.segments
            for block in self.document.blocks_between(one.start, one.end)
            if isinstance(block, Heading)
            for edit in self._level(block, one)
        ]
        for section in self._emptied:
            if section.heading and not self._is_own_design(section):
                text = f"{self._ending}{self._pointer(section)}{self._ending}"
                found.append(Splice(section.heading.end, section.heading.end, text))
        return found

    def _level(self, block: Heading, segment: Segment) -> Iterator[Splice]:
        top = segment.heading.level
        below = block.level + min(0, _HIGHEST_BELOW - 1 - top)
        level = 1 if block.start == segment.heading.start else below
        if level == block.level:
            return
        line = self.document.source[block.start : block.end]
        marks = re.match(r"\ufeff?[ \t]*(#+)", line)
        if marks:
            yield Splice(block.start + marks.start(1), block.start + marks.end(1), "#" * level)
        else:
            run = re.search(r"-+[ \t]*[\r\n]*\Z", line)
            if run and level == 1:
                start = block.start + run.start()
                yield Splice(start, start + len(run[0].rstrip()), "=" * len(run[0].rstrip()))

    def _pointer(self, section: Section) -> str:
        folder = names.proposal_name(self.document.number)
        named = [
            f"[{one.file.removesuffix('.md')}]({links.written(f'./{folder}/{one.file}')})"
            for one in self._inside(section)
        ]
        return f"See {', '.join(named)}."

    def _with_links(self, levels: _Edits, file: str, relinking: Relinking) -> _Inside:
        """The edits of a document inside a span, with those of its links."""

        def inside(span: Span) -> list[Splice]:
            found = levels.inside(span)
            first, stop = (bisect_left(self._links, at, key=_start) for at in span)
            for link in self._links[first:stop]:
                new = relinking.within(link.destination, file)
                if new != link.destination and link.end <= span[1]:
                    found.append(Splice(link.start, link.end, new))
            return found

        return inside

    # --- Anchors --------------------------------------------------------------------------------

    def _anchors(
        self, documents: Mapping[str, _Document], plain: Mapping[str, _Written]
    ) -> dict[str, Target]:
        """Where each anchor of the undivided document is now; the first of a name counts."""
        found = anchors.placed(self.document.source, self._leaves)
        before = [(place, name.casefold()) for place, name in found]
        now: dict[str, Target] = {}
        there = {file: _placed(one) for file, one in plain.items()}
        spans = [(*span, file) for file, document in documents.items() for span in document.spans]
        spans += [(one.start, one.heading.end, one.file) for one in self.segments]
        spans.sort()
        of_file: dict[str, list[str]] = {file: [] for file in documents}
        for place, name in before:
            at = bisect_left(spans, (place + 1,)) - 1
            if at >= 0 and place < spans[at][1]:
                of_file[spans[at][2]].append(name)
        for file, held in of_file.items():
            if len(held) == len(there[file]):
                for name, new in zip(held, there[file], strict=True):
                    now.setdefault(name, Target(file, new))
            else:
                # A tag that began in one part and ended in another is none any more.
                for name in held:
                    now.setdefault(name, Target(file, name))
        ordered = {name: now[name] for _, name in before if name in now}
        for section in self._emptied:
            if section.heading and self._is_own_design(section):
                index = self.document.find(document_index.SECTION)
                own = self.document.heading_of(document_index.SECTION)
                text = index.heading.text if index and index.heading else own
                name = anchors.slug(section.heading.text).casefold()
                ordered[name] = Target(_MAIN, anchors.slug(rendered(text)))
        return ordered

    def _refuse_loss(self, plain: Mapping[str, _Written]) -> None:
        """Check finally that each line of the author is in one of the documents."""
        held: Counter[str] = Counter()
        for one in plain.values():
            held.update(_lines(one.text))
        for start, end in self._dropped:
            held.update(_lines(self.document.source[start:end]))
        missing = _lines(self.document.source) - held
        if missing:
            # Never observed; but no division is worth a line that somebody wrote.
            raise BepError(
                f"the division would lose the line {next(iter(missing))!r}",
                "please report this; nothing was changed",
                self.document.path,
                code=WRONG_DOCUMENTS,
            )


def _placed(written: _Written) -> list[str]:
    """The anchors in the author's spans of a document."""
    found = anchors.placed(written.text, nested_blocks.leaves(written.text))
    return [name for place, name in found if any(a <= place < b for a, b in written.own)]


def _taking(guide: Guide, shell: str, file: str) -> tuple[Heading, Section]:
    """The title of a rendered sub-document, and the section that takes the author's text."""
    known = guide.sub_document_form(file).sections
    own = (one for one in MOVABLE if one in known and guide.file_of(one) == file)
    wanted = next(own, DESIGN)
    sections = [*section_tree.sections(shell).below()]
    title = next((one.heading for one in sections if one.level == 1 and one.heading), None)
    taking = next(
        (
            one
            for one in sections
            if one.heading and guide.sub_names.family(normalise(one.heading.text)) == wanted
        ),
        None,
    )
    if title is None or taking is None:
        raise BepError(
            f"the template's {file} has no title or no section {guide.sections[wanted].heading}",
            "check its sub-documents",
        )
    return title, taking


def _without(whole: Span, gone: Iterable[Span]) -> Iterator[Span]:
    """The parts of a span that stay when others go."""
    at = whole[0]
    for start, end in sorted(gone):
        if end <= at or start >= whole[1]:
            continue
        if start > at:
            yield at, start
        at = max(at, end)
    if at < whole[1]:
        yield at, whole[1]


def _lines(text: str) -> Counter[str]:
    """The lines that hold something, without the marks of headings."""
    found: Counter[str] = Counter()
    for start, end, _ in blocks.lines(text):
        line = text[start:end].lstrip("\ufeff")
        marks = re.match(r"[ \t]*#{1,6}(?=[ \t])", line)
        kept = line[marks.end() :] if marks else line
        if kept.strip():
            found["=" * len(kept) if set(kept.strip()) == {"-"} else kept] += 1
    return found
