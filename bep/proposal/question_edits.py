"""Open questions that are added to a main document, and taken out of it."""

from __future__ import annotations

import re

from ..markdown import blocks as markdown, edits, list_items, tables
from ..markdown.blocks import Kind, Table
from ..markdown.edits import Splice
from ..markdown.heading_text import normalise
from ..markdown.list_items import Item
from ..markdown.section_tree import Section
from . import insertion, open_questions
from .document import Document
from .open_questions import Form, Question

_ROW_NUMBER = re.compile(r"([A-Za-z]{0,3}-?)([0-9]{1,4})")
# A checkbox, or the definition of a link, which shows nothing.
_BRACKETS = re.compile(r"\[[ xX]\] |\[(?:[^\[\]\\]|\\.)+\]:")
_CLOSING_MARKS = re.compile(r"(?<=[ \t])(#+)\Z")
_ORDINAL = re.compile(r"([0-9]{1,9})[.)]")


class NoPlace(ValueError):
    """A question cannot be added in the existing form; `str()` says why."""


def add(document: Document, text: str) -> list[Splice]:
    """The edits that add an open question, in the form of the existing ones.

    `text` is Markdown on one line. It follows the last open question, or takes the place of the
    statement that there is none; the section is added where it is missing. Raises NoPlace if
    that form cannot hold it.
    """
    section = document.find(open_questions.SECTION)
    if section is None:
        return [insertion.new_section(document, open_questions.SECTION, f"- {_paragraph(text)}")]
    last = next(reversed(open_questions.clear(document)), None)
    if last is None:
        return [_first_question(document, section, text)]
    if last.form is Form.ITEM:
        return [insertion.next_item(document.source, _siblings(document, last), _paragraph(text))]
    if last.form is Form.HEADING:
        line = f"{last.marker} {_numbered(last.text)}{_CLOSING_MARKS.sub(_escaped, text)}"
        return [insertion.in_own_paragraph(document, last.end, line)]
    if last.form is Form.ROW:
        return [_next_row(document, last.end, text)]
    if not open_questions.ends_asking(text):
        raise NoPlace("the questions here are paragraphs, and this text does not end with '?'")
    return [insertion.in_own_paragraph(document, last.end, _paragraph(text))]


def _first_question(document: Document, section: Section, text: str) -> Splice:
    """The edit for a section that has no open question."""
    source = document.source
    groups = [
        child
        for child in section.children
        if child.heading and open_questions.names_open_ones(normalise(child.heading.text))
    ]
    place = groups[-1] if groups else section
    own = document.own_blocks(place)
    for block in own:
        if block.kind is Kind.PARAGRAPH and open_questions.is_bare_none(
            source[block.start : block.end]
        ):
            end = block.start + len(source[block.start : block.end].rstrip("\r\n"))
            return Splice(block.start, end, f"- {_paragraph(text)}")
        for item in list_items.items(source, block) if block.kind is Kind.LIST else ():
            if open_questions.is_bare_none(item.text):
                end = item.start + len(source[item.start : item.end].rstrip("\r\n"))
                start = item.marker_start + len(item.marker)
                return Splice(start, end, f" {_paragraph(text)}")
    shown = (block for block in reversed(own) if open_questions.says_something(source, block))
    last = next(shown, None)
    if last and last.kind is Kind.LIST:
        return insertion.next_item(source, list_items.items(source, last), _paragraph(text))
    if isinstance(last, Table):
        return _next_row(document, (last.rows or [last.delimiter])[-1].end, text)
    return insertion.in_own_paragraph(document, place.own_end, f"- {_paragraph(text)}")


def _next_row(document: Document, place: int, text: str) -> Splice:
    """The insertion of one more row after the one that ends at `place`, numbered on from it."""
    table = document.block_at(place - 1)
    if not isinstance(table, Table):
        raise NoPlace("the questions here are in a table that cannot be read")
    asked = open_questions.columns(table).asked
    before = table.rows[-1].cells if table.rows else ()
    cells = [""] * len(table.header.cells)
    if asked and (number := _ROW_NUMBER.fullmatch(before[0].text if before else "")):
        cells[0] = f"{number[1]}{int(number[2]) + 1}"
        place = table.rows[-1].end
    cells[asked] = tables.cell(text)
    source = document.source
    ending = edits.ending_near(source, table.start)
    line = tables.line(cells)
    ends_open = source[place - 1] not in "\r\n"
    return Splice(place, place, f"{ending}{line}" if ends_open else f"{line}{ending}")


def _numbered(heading: str) -> str:
    """The number in front of a heading's successor: `3. ` after `2. Scope`, '' after `Scope`."""
    ordinal = _ORDINAL.match(heading)
    if ordinal is None or heading[ordinal.end() : ordinal.end() + 1] not in (" ", "\t"):
        return ""
    return f"{int(ordinal[1]) + 1}{ordinal[0][-1]} "


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
    stay, since a list is numbered on from its first item. A heading that groups questions leaves
    with the last one below it.
    """
    question = leaving(document, question)
    if question.form is Form.ROW:
        return [_up_to_the_end(document.source, question.start, question.end)]
    items = _siblings(document, question)
    at = [item.start for item in items].index(question.start) if items else 0
    if at + 1 < len(items):
        taken_over = [] if at else _takes_over(items[0], items[1])
        return [Splice(question.start, items[at + 1].start, ""), *taken_over]
    above = items[at - 1].end if at else document.end_above(question.start)
    below = document.blocks_between(question.end, len(document.source))
    if at or not below:
        return [_up_to_the_end(document.source, min(above, question.start), question.end)]
    # The next `<details>` may begin in the block of HTML in which this one ends.
    is_apart = not document.source[question.end : below[0].start].strip()
    if above < question.start and is_apart:
        return [Splice(question.start, below[0].start, "")]
    # What is right above and right below must not become one paragraph or list.
    touching = below[0].start == question.end
    apart = edits.ending_near(document.source, question.start) if touching else ""
    return [Splice(question.start, question.end, apart)]


def leaving(document: Document, question: Question) -> Question:
    """The question with all that leaves with it: the heading of its group if it is alone there."""
    starts = [one.question.start for one in open_questions.all_of(document)]
    for whole in document.all(open_questions.SECTION):
        for group in whole.below():
            inside = [at for at in starts if group.start <= at < group.end]
            if inside == [question.start] and open_questions.is_group(document, group):
                end = document.end_above(group.end)
                return question._replace(form=Form.HEADING, start=group.start, end=end)
    return question


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
    """The items of the list in which a question is, none if it is in no list."""
    if question.form is not Form.ITEM:
        return ()
    return list_items.items(document.source, document.block_at(question.start))
