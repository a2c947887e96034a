"""The open questions of a main document (guide: Open Questions are in the main document only).

A question is a bullet, a number, a row of a table, a heading of its own, a quote, the summary of a
`<details>` that asks, or a paragraph that does. One that is struck through, ticked off, marked as
answered or is below "Resolved" is not open, and neither is a statement that there are none. Text
that cannot be classified counts as open, HTML and code too: nobody should accept a proposal because
a program could not read its questions.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum, auto
from itertools import zip_longest
from typing import NamedTuple

from ..markdown import blocks as markdown, list_items, plain_text, tables
from ..markdown.blocks import Block, Heading, Kind, Table
from ..markdown.heading_text import normalise
from ..markdown.list_items import Item
from ..markdown.patterns import pattern
from ..markdown.section_tree import Section
from . import question_answers
from .document import Document


class Form(StrEnum):
    """How a question is written."""

    ITEM = auto()
    HEADING = auto()
    PARAGRAPH = auto()
    ROW = auto()
    # Text that cannot be classified.
    TEXT = auto()


class Question(NamedTuple):
    """An open question: `source[start:end]`, whole lines without the blank ones after it.

    `marker` is what it begins with: `-`, `2.`, `###`, nothing for other forms. `text` is what it
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


_ANSWERED = r"(?:resolved|answered|decided|closed|settled|obsolete|해결됨|결정됨|완료)"
_KINDS = r"(?:questions?|decisions?|issues?|items?|points?)"
_NONE = pattern(
    rf"""[–—]\Z
       | [\W_]* (?: (?:currently|at\ present) \W+ )?
         (?: there\ (?:is|are|were)\ (?:currently\ )? )?
         (?: none (?: \ [a-z]+ed )? | nothing (?: \ is (?=\ \w) )? | not (?=\ \w)
           | n[/.]\ ?a | empty (?=[\W_]*\Z)
           | (?: (?:해당|현재|미결|미해결|남은|열린) \ ? )*
             (?: (?:사항|질문|항목|결정) (?:[은는이가])? \ ? )? (?: 없음 | 없습니다 | 없다 )
           | no (?: \ (?:open|unresolved|remaining|further|outstanding|more|known) )* \ {_KINDS}
           | all (?: \ (?:open|of|the|these) )* (?: \ {_KINDS} )?
             (?: \ (?:are|were|have\ been) )? (?: \ now )? \ {_ANSWERED} )
         (?: \ (?: at\ this\ (?:time|point|stage|moment) | at\ the\ moment | currently | for\ now
                 | so\ far | yet | left | open | known | remain(?:s|ing)? | applicable ) )*
         (?: [\W_]*\Z | (?P<more> (?=[.,;:()–—-]|\ [(–—-]) ) )""",
    re.VERBOSE,
)
_SETTLED = pattern(
    rf"""[^\w~]*+ (?<!\\) ~~(?!~) .*?~~
       | \[x\]\  | [✅☑✔]
       | [\W_]* {_ANSWERED} (?:\ \([^()]*\))? (?: \W*[\])] | \W*[:–—] | \ -\ )""",
    re.VERBOSE,
)
# At the end of a question: `(resolved)`, `(decided: Redis)`, `[closed in #12]`, and no words that
# belong to what is asked, such as `(closed source or open source)`.
_IN_BRACKETS = pattern(
    rf"""[\[(] {_ANSWERED} (?: \s*[:,;–—-] [^\])]* | \ [^\])]*[0-9] [^\])]* )? [\])]
         [^\w?？؟՞⁇⁈⸮]* \Z""",
    re.VERBOSE,
)
_QUESTION_MARK = pattern("[?？؟՞⁇⁈⸮]")
# What a paragraph that asks may begin with: `**Cache size**`, `Q1:`, `Question 2.`
_LABEL = pattern(r"\s*(?:\*\*(?=\S)|__(?=\S)|(?:oq|q|question) ?-?#?[0-9]{1,3}\b)", re.IGNORECASE)
# A paragraph that begins a question of its own, whatever the one above asks: `Q2.`, `**Which?**`
_OWN_LABEL = pattern(
    r"""\s*+ (?: (?:\*\*|__)?+ (?:oq|q|question)\ ?-?#?[0-9]{1,3}\b
             | (?P<mark>\*\*|__) (?=\S) [^*_?？؟՞⁇⁈⸮]*+ [?？؟՞⁇⁈⸮] [^*_]*+ (?P=mark) )""",
    re.IGNORECASE | re.VERBOSE,
)
_ITEM_MARK = pattern(r"(?:[-+*]|[0-9]{1,9}[.)])[ \t]+")
_QUOTE_MARKS = pattern(r"^ {0,3}> ?", re.MULTILINE)
_CODE = frozenset([Kind.FENCE, Kind.INDENTED_CODE])
_FENCE = pattern(r"^ {0,3}(?:```|~~~).*$", re.MULTILINE)
_SUMMARY = pattern(
    r"\s*<details\b[^<>]*>\s*<summary\b[^<>]*>(?P<text>.*?)</summary>", re.DOTALL | re.IGNORECASE
)
_LINE_OF_DETAILS = pattern(r"^[ \t]*<details\b", re.MULTILINE | re.IGNORECASE)
_DETAILS = pattern(r"(?:^[ \t]*+)?<(?P<closing>/)?details\b[^<>]*>", re.MULTILINE | re.IGNORECASE)
_COLUMN_OF_QUESTIONS = pattern(r"\b(?:questions?|issues?|topics?|items?|points?)\b")
_COLUMN_OF_NUMBERS = pattern(r"#|№|ids?|no\.?|nr\.?|numbers?|")
_COLUMN_OF_ANSWERS = pattern(r"\b(?:answers?|resolutions?|decisions?|outcomes?)\b")
_COLUMN_OF_STATUSES = pattern(r"\b(?:status|state)\b")
_STATUS_OF_SETTLED = pattern(rf"[\W_]*(?:{_ANSWERED}|done|\[x\]|[✅☑✔])", re.IGNORECASE)
_CHECKBOX = pattern(r"\A\[[ xX]\] +")
_CLOSED_GROUP = pattern(rf"{_ANSWERED}(?: {_KINDS})?\Z")
_OPEN_GROUP = pattern(rf"(?:unresolved|open|remaining|pending|outstanding)(?: {_KINDS})?\Z")
_OF_CLOSED_GROUP = "is under a heading of resolved ones"
_SHOWN = 60
_EMPHASIS = pattern(r"[*~`]")
_MARKS = pattern(r"[*_`~]")


def find(document: Document) -> tuple[Question, ...]:
    """The open questions of a main document, in their order."""
    return tuple(question for question, why in all_of(document) if not why)


def clear(document: Document) -> tuple[Question, ...]:
    """The open questions, without text that cannot be classified."""
    return tuple(one for one in find(document) if one.form is not Form.TEXT)


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
    for question, state in _OwnText(document, section).questions():
        if state is not _State.NONE:
            yield Settled(question, closed or _WHY[state])
    for child in section.children:
        if child.heading is not None:
            yield from _below(document, child, child.heading, closed)


def _below(
    document: Document, section: Section, heading: Heading, closed: str
) -> Iterator[Settled]:
    """The question that a heading asks, or those of the group that it names."""
    name = normalise(heading.text)
    if document.family_of(section) not in (None, SECTION):
        return
    if _CLOSED_GROUP.match(name):
        yield from _in_section(document, section, _OF_CLOSED_GROUP)
    elif names_open_ones(name) or is_group(document, section):
        yield from _in_section(document, section, closed)
    elif (state := _state(heading.text)) is not _State.NONE:
        yield Settled(_of_section(document, section, heading), closed or _WHY[state])


def is_group(document: Document, section: Section) -> bool:
    """Whether a heading only groups what is below it: lists or tables in which each entry asks."""
    if section.heading is None or _asks(section.heading.text) or section.children:
        return False
    source = document.source
    shown = [one for one in document.own_blocks(section) if says_something(source, one)]
    if any(one.kind not in (Kind.LIST, Kind.TABLE) for one in shown):
        return False
    entries = _OwnText(document, section).questions()
    asking = [one for one, _ in entries if _asks(one.text)]
    # One that is settled may have an answer in the place of its question.
    rest = [state for one, state in entries if one not in asking]
    return bool(asking) and all(state is _State.SETTLED for state in rest)


class _OwnText:
    """Reads the questions in a section's own text, from top to bottom."""

    def __init__(self, document: Document, section: Section) -> None:
        self._source = document.source
        own = _folded(self._source, document.own_blocks(section))
        self._blocks = [one for one in own if says_something(self._source, one)]
        self._has_children = bool(section.children)
        self._found: list[tuple[Question, _State]] = []
        # Whether text can still belong to the last question that was found.
        self._goes_on = False

    def questions(self) -> list[tuple[Question, _State]]:
        """The questions with what is said of each."""
        for block, below in zip_longest(self._blocks, self._blocks[1:]):
            if self._is_choice(block):
                self._take_in(block)
            elif block.kind is Kind.LIST:
                items = list_items.items(self._source, block)
                self._found += [(_of_item(one), _state(one.text)) for one in items]
                self._goes_on = False
            elif isinstance(block, Table):
                self._found += _rows(block)
                self._goes_on = False
            elif block.kind not in _CODE:
                self._paragraph(block, below)
            elif self._goes_on:
                self._take_in(block)
        if not self._found and not self._has_children:
            self._found += [self._of_block(one, Form.TEXT) for one in self._blocks[:1]]
        return self._found

    def _is_choice(self, block: Block | None) -> bool:
        """Whether a block lists the answers that the question above offers."""
        if block is None or not (self._goes_on and self._is_labelled()):
            return False
        if isinstance(block, Table) and _names_questions(block):
            return False
        is_one = block.kind is Kind.LIST or isinstance(block, Table)
        return is_one and not _asks(self._source[block.start : block.end])

    def _paragraph(self, block: Block, below: Block | None) -> None:
        text = self._text(block)
        is_labelled = _LABEL.match(text) is not None
        is_above = below is not None and below.kind in (Kind.LIST, Kind.TABLE)
        asks_alone = _asks(text) if is_labelled else _asking_summary(self._source, block)
        # A paragraph above a list or a table introduces it.
        if is_above and not asks_alone:
            if self._is_choice(below) and not self._begins(text, is_labelled=is_labelled):
                self._take_in(block)
            else:
                self._goes_on = False
        elif self._begins(text, is_labelled=is_labelled):
            self._found.append(self._of_block(block, self._form(block)))
            self._goes_on = self._found[-1][0].form is Form.PARAGRAPH
        elif self._goes_on:
            self._take_in(block)

    def _begins(self, text: str, *, is_labelled: bool) -> bool:
        """Whether a text asks by itself, and is not part of the question above it."""
        if ends_asking(text):
            return True
        if not self._goes_on:
            return is_labelled or _asks(text)
        if _OWN_LABEL.match(text):
            return True
        return is_labelled and self._is_labelled() and not _asks(self._found[-1][0].text)

    def _is_labelled(self) -> bool:
        return _LABEL.match(self._found[-1][0].text) is not None

    def _form(self, block: Block) -> Form:
        # It is unclear how many questions other HTML asks.
        is_clear = block.kind is not Kind.HTML or _asking_summary(self._source, block)
        return Form.PARAGRAPH if is_clear else Form.TEXT

    def _of_block(self, block: Block, form: Form) -> tuple[Question, _State]:
        text = self._text(block)
        span = block.start, block.end, block.line
        summary = _summary(self._source, block)
        rest = self._source[summary.end() : block.end] if summary else ""
        detail = tuple(one for one in rest.splitlines() if plain_text.of_html(one))
        return Question("", _asked(text), detail, form, *span), _state(text)

    def _take_in(self, block: Block) -> None:
        """Make a block a part of the question above it."""
        question, state = self._found[-1]
        lines = self._source[question.end : block.end].splitlines()
        detail = (*question.detail, *(line for line in lines if line.strip()))
        self._found[-1] = question._replace(detail=detail, end=block.end), state

    def _text(self, block: Block) -> str:
        text = self._source[block.start : block.end]
        if block.kind is Kind.HTML:
            summary = _summary(self._source, block)
            return plain_text.of_html(summary["text"] if summary else text)
        if block.kind in _CODE:
            return textwrap.dedent(_FENCE.sub("", text)).strip()
        return _QUOTE_MARKS.sub("", text) if block.kind is Kind.QUOTE else text


def says_something(source: str, block: Block) -> bool:
    """Whether a block shows text to a reader: no comment, no rule, no HTML of tags only."""
    if block.kind is Kind.HTML:
        return bool(plain_text.of_html(source[block.start : block.end]))
    return block.kind not in (Kind.COMMENT, Kind.RULE)


def _folded(source: str, found: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with each `<details>` as one block, unless it may contain several questions."""
    ends = _ends_of_details(source, found[0].start, found[-1].end) if found else {}
    found = [piece for block in found for piece in _pieces(source, block)]
    at = 0
    while at < len(found):
        block, first = found[at], at
        at += 1
        end = ends.get(block.start, block.end)
        while at < len(found) and found[at].start < end:
            at += 1
        inside = found[first + 1 : at]
        if _asking_summary(source, block) or not any(_may_ask(source, one) for one in inside):
            yield replace(block, end=found[at - 1].end) if inside else block
        else:
            yield block
            at = first + 1


def _pieces(source: str, block: Block) -> Iterator[Block]:
    """A block; one of HTML is divided above each line that begins a `<details>`."""
    if block.kind is Kind.HTML:
        for line in _LINE_OF_DETAILS.finditer(source, block.start + 1, block.end):
            yield replace(block, end=line.start())
            number = markdown.line_of(source, line.start())
            block = replace(block, start=line.start(), line=number)
    yield block


def _may_ask(source: str, block: Block) -> bool:
    is_several = block.kind is Kind.LIST or isinstance(block, Table)
    return is_several or (block.kind not in _CODE and _asks(source[block.start : block.end]))


def _ends_of_details(source: str, start: int, end: int) -> dict[int, int]:
    """Where each `<details>` of a part of a document ends, by the place where it starts."""
    opened: list[int] = []
    ends = {}
    for tag in _DETAILS.finditer(source, start, end):
        if not tag["closing"]:
            opened.append(tag.start())
        elif opened:
            ends[opened.pop()] = tag.end()
    return ends


def _summary(source: str, block: Block) -> re.Match[str] | None:
    """The `<summary>` with which a block of HTML begins."""
    is_html = block.kind is Kind.HTML
    return _SUMMARY.match(source, block.start, block.end) if is_html else None


def _asking_summary(source: str, block: Block) -> bool:
    summary = _summary(source, block)
    return summary is not None and _asks(plain_text.of_html(summary["text"]))


def names_open_ones(heading: str) -> bool:
    """Whether a normalised heading names the open ones among several groups of questions."""
    return _OPEN_GROUP.match(heading) is not None


def _asks(text: str) -> bool:
    return _QUESTION_MARK.search(text) is not None


def ends_asking(text: str) -> bool:
    """Whether a text ends with a question mark, emphasis left out."""
    return _QUESTION_MARK.match(_MARKS.sub("", text).rstrip()[-1:]) is not None


def _rows(table: Table) -> Iterator[tuple[Question, _State]]:
    """The rows that ask something; one with an answer, or a status that says so, is settled."""
    asked, answers, statuses, others = columns(table)
    for row in table.rows:
        texts = [cell.text for cell in row.cells]
        text = texts[asked] if asked < len(texts) else ""
        if not _is_filled(text):
            continue
        state = _state(text)
        given = [texts[at] for at in answers if at < len(texts)]
        said = [texts[at] for at in statuses if at < len(texts)]
        if any(_is_filled(one) and not question_answers.is_put_off(one) for one in given) or any(
            _STATUS_OF_SETTLED.match(one.strip()) for one in said
        ):
            state = _State.SETTLED
        detail = tuple(texts[at] for at in others if at < len(texts) and _is_filled(texts[at]))
        yield Question("", text, detail, Form.ROW, row.start, row.end, row.line), state


def _names_questions(table: Table) -> bool:
    """Whether a column's name says that it holds questions."""
    return any(_COLUMN_OF_QUESTIONS.search(name) for name in tables.columns(table))


class Columns(NamedTuple):
    """The places of the column that asks, and of those for answers, statuses and the rest."""

    asked: int
    answers: list[int]
    statuses: list[int]
    others: list[int]


def columns(table: Table) -> Columns:
    """The places of a table's columns, by their names."""
    names = tables.columns(table)
    asking = [at for at, name in enumerate(names) if _COLUMN_OF_QUESTIONS.search(name)]
    # Without such a name, the first column that does not merely number the rows.
    free = [at for at, name in enumerate(names) if not _COLUMN_OF_NUMBERS.fullmatch(name)]
    answers = [at for at, name in enumerate(names) if _COLUMN_OF_ANSWERS.search(name)]
    statuses = [at for at, name in enumerate(names) if _COLUMN_OF_STATUSES.search(name)]
    asked = (asking or free or [0])[0]
    others = [at for at in free if at not in (asked, *statuses)]
    return Columns(asked, answers, statuses, others)


def _is_filled(text: str) -> bool:
    return bool(_MARKS.sub("", text).strip(" -–—"))


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
    for block in markdown.blocks(text):
        is_hidden = block.kind is Kind.COMMENT and "-->" in text[block.start : block.end]
        if block.kind is not Kind.BLANK and not is_hidden:
            return block
    return None


def _asked(text: str) -> str:
    """The first paragraph of a text, on one line; its first line where it begins otherwise."""
    first = _first_block(text)
    if first is None:
        return ""
    found = text[first.start : first.end].strip()
    if first.kind is not Kind.PARAGRAPH:
        line = found.partition("\n")[0]
        mark = _ITEM_MARK.match(line)
        found = line[mark.end() :] if mark else line
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
    if question_answers.puts_off(words):
        return _State.OPEN
    if _SETTLED.match(words) or _IN_BRACKETS.match(words, last_bracket):
        return _State.SETTLED
    return _State.OPEN if _asks(words) or not _NONE.match(words) else _State.NONE


_WHY = {_State.OPEN: "", _State.SETTLED: "is struck through or marked as settled"}


def is_bare_none(text: str) -> bool:
    """Whether a text says that there are no questions, and nothing else."""
    said = _NONE.match(" ".join(text.casefold().split()))
    return said is not None and said["more"] is None


def matching(found: Sequence[Question], wanted: str) -> tuple[Question, ...]:
    """The questions that `wanted` names: a position from 1 on, or a part of the text.

    Of those whose text is just that, contain it, or have it in their detail, the first kind that
    there is. Differences of case, emphasis and line breaks do not count. A number that is no
    position only names a question that is just that number.
    """
    position = is_position(wanted)
    if position and 1 <= int(wanted) <= len(found):
        return (found[int(wanted) - 1],)
    words = _plain(wanted)
    texts = [(one, _plain(one.text), _plain(" ".join((one.text, *one.detail)))) for one in found]
    exact = tuple(one for one, text, _ in texts if text == words)
    if position:
        return exact
    inside = tuple(one for one, text, _ in texts if words in text)
    anywhere = tuple(one for one, _, text in texts if words in text)
    return (exact or inside or anywhere) if words else ()


def is_position(wanted: str) -> bool:
    """Whether a name of a question is a number, as positions are."""
    return re.fullmatch(r"\s*[0-9]{1,6}\s*", wanted) is not None


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).casefold().split())


def headline(question: Question) -> str:
    """What a question asks, without emphasis and cut to what fits into a line of many."""
    text = _EMPHASIS.sub("", question.text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…"
