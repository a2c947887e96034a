"""The open questions of a main document (guide: Open Questions are in the main document only).

A question is a bullet, a number, a heading of its own, or a paragraph that asks. One that is struck
through, ticked off, marked as answered or is below "Resolved" is not open, and neither is a
statement that there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from ..markdown import blocks as markdown, edits, list_items
from ..markdown.blocks import Block, Heading, Kind, Section
from ..markdown.edits import Splice
from ..markdown.list_items import Item
from . import insertion
from .document import Document


class Form(StrEnum):
    """How a question is written."""

    ITEM = auto()
    HEADING = auto()
    PARAGRAPH = auto()


class Question(NamedTuple):
    """An open question: `source[start:end]`, whole lines without the blank ones behind it.

    `marker` is what it begins with: `-`, `2.`, `###`, nothing for a paragraph. `text` is what it
    asks, on one line; `detail` are the lines of what is below that: bullets, further
    paragraphs, code.
    """

    marker: str
    text: str
    detail: tuple[str, ...]
    form: Form
    start: int
    end: int
    line: int


class Settled(NamedTuple):
    """A question that is listed as open; `why` says what shows that it is settled."""

    question: Question
    why: str


SECTION = "open-questions"


class NoPlace(ValueError):
    """A question cannot be added in the existing form; `str()` says why."""


_ANSWERED = r"(?:resolved|answered|decided|closed|settled|obsolete)"
_KINDS = r"(?:questions?|issues?|items?|points?)"
_NONE = re.compile(
    rf"""[\W_]* (?: (?:currently|at\ present) \W+ )?
         (?: none | nothing | n/a
           | no (?: \ (?:open|unresolved|remaining|further|outstanding|more) )* \ {_KINDS}
           | all (?: \ (?:open|of|the|these) )* (?: \ {_KINDS} )? (?: \ are )? \ {_ANSWERED} )
         (?: \ (?: at\ this\ (?:time|point|stage|moment) | at\ the\ moment | currently | for\ now
                 | so\ far | yet | left | open | known | remain(?:s|ing)? ) )*
         (?: [\W_]*\Z | (?P<more> (?=[.,;:()–—-]|\ [(–—-]) ) )""",
    re.VERBOSE,
)
_SETTLED = re.compile(
    rf"""[^\w~]*+ (?<!\\) ~~(?!~) .*?~~
       | \[x\]\  | [✅☑✔]
       | [\W_]* {_ANSWERED} (?:\ \([^()]*\))? (?: \W*[\])] | \W*[:–—] | \ -\ )""",
    re.VERBOSE,
)
_IN_BRACKETS = re.compile(rf"[\[(]{_ANSWERED}[^\])]*[\])][\W_]*\Z")
_CHECKBOX = re.compile(r"\[[ xX]\] +")
_CLOSED_GROUP = re.compile(rf"{_ANSWERED}(?: {_KINDS})?\Z")
_OPEN_GROUP = re.compile(rf"(?:unresolved|open|remaining|pending|outstanding)(?: {_KINDS})?\Z")
_OF_CLOSED_GROUP = "is under a heading of resolved ones"
_SHOWN = 60
_EMPHASIS = re.compile(r"[*~`]")
_MARKS = re.compile(r"[*_`~]")
_ORDINAL = re.compile(r"([0-9]{1,9})[.)]")
# A checkbox, or the definition of a link, which shows nothing.
_BRACKETS = re.compile(r"\[[ xX]\] |\[(?:[^\[\]\\]|\\.)+\]:")
_CLOSING_MARKS = re.compile(r"(?<=[ \t])(#+)\Z")


def find(document: Document) -> tuple[Question, ...]:
    """The open questions of a main document, in their order."""
    return tuple(question for question, why in all_of(document) if not why)


def settled(document: Document) -> tuple[Settled, ...]:
    """Questions that are listed as open but are settled, in the order of the document."""
    return tuple(one for one in all_of(document) if one.why)


def all_of(document: Document) -> list[Settled]:
    """The questions that are open, with an empty `why`, and those that are settled."""
    found = [
        one
        for section in document.guide_sections.get(SECTION, ())
        for one in _in_section(document, section)
    ]
    return sorted(found, key=lambda one: one.question.start)


def _in_section(document: Document, section: Section, closed: str = "") -> Iterator[Settled]:
    """The questions of a section; `closed` says why none in it is open."""
    source = document.source
    own = document.own_blocks(section)
    kinds = [block.kind for block in own]
    for at, block in enumerate(own):
        if block.kind is Kind.LIST:
            for one in list_items.items(source, block):
                state = _state(one.text)
                if state is not _State.NONE:
                    yield Settled(_of_item(one), closed or _WHY[state])
        # A paragraph above a list introduces it.
        elif block.kind is Kind.PARAGRAPH and kinds[at + 1 : at + 2] != [Kind.LIST]:
            text = source[block.start : block.end]
            state = _state(text)
            if _MARKS.sub("", text).rstrip().endswith("?") and state is not _State.NONE:
                span = block.start, block.end, block.line
                asked = Question("", _asked(text), (), Form.PARAGRAPH, *span)
                yield Settled(asked, closed or _WHY[state])
    for child in section.children:
        if child.heading is not None:
            yield from _below(document, child, child.heading, closed)


def _below(
    document: Document, section: Section, heading: Heading, closed: str
) -> Iterator[Settled]:
    """The question that a heading asks, or those of the group that it names."""
    name = markdown.normalise(heading.text)
    if document.family_of(section) not in (None, SECTION):
        return
    if _CLOSED_GROUP.match(name):
        yield from _in_section(document, section, _OF_CLOSED_GROUP)
    elif _OPEN_GROUP.match(name):
        yield from _in_section(document, section, closed)
    elif (state := _state(heading.text)) is not _State.NONE:
        yield Settled(_of_section(document, section, heading), closed or _WHY[state])


def _of_item(item: Item) -> Question:
    first = _first_block(item.text)
    rest = item.text[first.end :] if first else ""
    detail = tuple(line for line in rest.split("\n") if line.strip())
    span = item.start, item.end, item.line
    return Question(item.marker, _asked(item.text), detail, Form.ITEM, *span)


def _of_section(document: Document, section: Section, heading: Heading) -> Question:
    body = document.source[heading.end : section.end]
    detail = tuple(line for line in body.splitlines() if line.strip())
    end = document.end_above(section.end)
    text = " ".join(heading.text.split())
    span = section.start, end, heading.line
    return Question("#" * heading.level, text, detail, Form.HEADING, *span)


def _first_block(text: str) -> Block | None:
    return next((block for block in markdown.blocks(text) if block.kind is not Kind.BLANK), None)


def _asked(text: str) -> str:
    """The first paragraph of a text, on one line; its first line where it begins otherwise."""
    first = _first_block(text)
    if first is None:
        return ""
    found = text[first.start : first.end].strip()
    if first.kind is not Kind.PARAGRAPH:
        found = found.partition("\n")[0]
    return _CHECKBOX.sub("", " ".join(found.split()), count=1)


class _State(StrEnum):
    """What a text says of a question; NONE where it asks nothing or says that there is none."""

    OPEN = auto()
    SETTLED = auto()
    NONE = auto()


def _state(text: str) -> _State:
    first = _first_block(text)
    words = " ".join(text[first.start : first.end].casefold().split()) if first else ""
    if not words:
        return _State.NONE
    last_bracket = max(words.rfind("("), words.rfind("["), 0)
    if _SETTLED.match(words) or _IN_BRACKETS.match(words, last_bracket):
        return _State.SETTLED
    return _State.OPEN if "?" in words or not _NONE.match(words) else _State.NONE


_WHY = {_State.OPEN: "", _State.SETTLED: "is struck through or marked as settled"}


def _is_bare_none(text: str) -> bool:
    """Whether a text says that there are no questions, and nothing else."""
    said = _NONE.match(" ".join(text.casefold().split()))
    return said is not None and said["more"] is None


def matching(found: Sequence[Question], wanted: str) -> tuple[Question, ...]:
    """The questions that `wanted` names: a position from 1 on, or a part of the text.

    Of those whose text is just that, contain it, or have it in their detail, the first kind that
    there is. Differences of case, emphasis and line breaks do not count.
    """
    if re.fullmatch(r"\s*[0-9]{1,6}\s*", wanted) and 1 <= int(wanted) <= len(found):
        return (found[int(wanted) - 1],)
    words = _plain(wanted)
    texts = [(one, _plain(one.text), _plain(" ".join((one.text, *one.detail)))) for one in found]
    exact = tuple(one for one, text, _ in texts if text == words)
    inside = tuple(one for one, text, _ in texts if words in text)
    anywhere = tuple(one for one, _, text in texts if words in text)
    return (exact or inside or anywhere) if words else ()


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).casefold().split())


def headline(question: Question) -> str:
    """What a question asks, without emphasis and cut to what fits into a line of many."""
    text = _EMPHASIS.sub("", question.text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…"


def add(document: Document, text: str) -> list[Splice]:
    """The edits that add an open question, in the form of the existing ones.

    `text` is Markdown on one line. It follows the last open question, or takes the place of the
    statement that there is none; the section is added where it is missing. Raises NoPlace where
    that form cannot hold it.
    """
    section = document.find(SECTION)
    if section is None:
        return [insertion.new_section(document, SECTION, f"- {_paragraph(text)}")]
    last = next(reversed(find(document)), None)
    if last is None:
        return [_first_question(document, section, text)]
    if last.form is Form.ITEM:
        return [_next_item(document.source, _siblings(document, last), text)]
    if last.form is Form.HEADING:
        line = f"{last.marker} {_numbered(last.text)}{_CLOSING_MARKS.sub(_escaped, text)}"
        return [insertion.in_own_paragraph(document, last.end, line)]
    if not _MARKS.sub("", text).endswith("?"):
        raise NoPlace("the questions here are paragraphs, and this text does not end with '?'")
    return [insertion.in_own_paragraph(document, last.end, _paragraph(text))]


def _first_question(document: Document, section: Section, text: str) -> Splice:
    """The edit for a section that has no open question."""
    source = document.source
    groups = [
        child
        for child in section.children
        if child.heading and _OPEN_GROUP.match(markdown.normalise(child.heading.text))
    ]
    place = groups[-1] if groups else section
    own = document.own_blocks(place)
    for block in own:
        if block.kind is Kind.PARAGRAPH and _is_bare_none(source[block.start : block.end]):
            end = block.start + len(source[block.start : block.end].rstrip("\r\n"))
            return Splice(block.start, end, f"- {_paragraph(text)}")
        for item in list_items.items(source, block) if block.kind is Kind.LIST else ():
            if _is_bare_none(item.text):
                end = item.start + len(source[item.start : item.end].rstrip("\r\n"))
                start = item.marker_start + len(item.marker)
                return Splice(start, end, f" {_paragraph(text)}")
    if own and own[-1].kind is Kind.LIST:
        return _next_item(source, list_items.items(source, own[-1]), text)
    return insertion.in_own_paragraph(document, place.own_end, f"- {_paragraph(text)}")


def _next_item(source: str, items: Sequence[Item], text: str) -> Splice:
    """The insertion of one more item into a list, in the form of its last one."""
    last = items[-1]
    indent = source[last.start : last.marker_start].removeprefix("\ufeff")
    line = f"{indent}{_next_marker(items)} {_paragraph(text)}"
    ending = edits.ending_near(source, last.start)
    gap = ending if len(items) > 1 and items[-2].end < last.start else ""
    if source[last.end - 1] in "\r\n":
        return Splice(last.end, last.end, f"{gap}{line}{ending}")
    return Splice(last.end, last.end, f"{ending}{gap}{line}")


def _next_marker(items: Sequence[Item]) -> str:
    last = items[-1].marker
    if not (ordinal := _ORDINAL.fullmatch(last)):
        return last
    same = len(items) > 1 and items[-2].marker == last
    return last if same else f"{int(ordinal[1]) + 1}{last[-1]}"


def _numbered(heading: str) -> str:
    """The number in front of a heading's successor: `3. ` behind `2. Scope`, '' behind `Scope`."""
    ordinal = _ORDINAL.match(heading)
    return f"{int(ordinal[1]) + 1}{ordinal[0][-1]} " if ordinal else ""


def _paragraph(text: str) -> str:
    """Markdown on one line that a list item or a paragraph shows as text of its own.

    What would begin a list, a heading, a quote, code or a definition gets a backslash.
    """
    blocks = markdown.blocks(text)
    ordinal = _ORDINAL.match(text)
    if len(blocks) == 1 and blocks[0].kind is Kind.PARAGRAPH and not _BRACKETS.match(text):
        return text
    if ordinal:
        return f"{text[: ordinal.end() - 1]}\\{text[ordinal.end() - 1 :]}"
    return f"\\{text}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def remove(document: Document, question: Question) -> list[Splice]:
    """The edits that take an open question out, with the blank lines that set it apart.

    Where it was the first of a numbered list, the next one takes over its number; other numbers
    stay, since a list is numbered on from its first item.
    """
    items = _siblings(document, question)
    at = [item.start for item in items].index(question.start) if items else 0
    if at + 1 < len(items):
        taken_over = [] if at else _takes_over(items[0], items[1])
        return [Splice(question.start, items[at + 1].start, ""), *taken_over]
    above = items[at - 1].end if at else document.end_above(question.start)
    below = document.blocks_between(question.end, len(document.source))
    if at or not below:
        return [_up_to_the_end(document.source, above, question.end)]
    if above < question.start:
        return [Splice(question.start, below[0].start, "")]
    # What is right above and right below must not become one paragraph or list.
    touching = below[0].start == question.end
    apart = edits.ending_near(document.source, question.start) if touching else ""
    return [Splice(question.start, question.end, apart)]


def _takes_over(first: Item, second: Item) -> list[Splice]:
    """The edit after which a numbered list goes on from the number of the item that goes."""
    one, other = _ORDINAL.fullmatch(first.marker), _ORDINAL.fullmatch(second.marker)
    if one is None or other is None or int(other[1]) != int(one[1]) + 1:
        return []
    start = second.marker_start
    return [Splice(start, start + len(second.marker), first.marker)]


def _up_to_the_end(source: str, start: int, end: int) -> Splice:
    """The removal of lines; a document without a final line ending has none afterwards."""
    if end == len(source) and source[end - 1] not in "\r\n":
        start = len(source[:start].removesuffix("\n").removesuffix("\r"))
    return Splice(start, end, "")


def _siblings(document: Document, question: Question) -> tuple[Item, ...]:
    """The items of the list in which a question is, none where it is in no list."""
    if question.form is not Form.ITEM:
        return ()
    return list_items.items(document.source, document.block_at(question.start))
