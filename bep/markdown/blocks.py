"""The top-level blocks of a Markdown document, as spans of its source.

A line scanner for CommonMark with GFM tables. Text goes in, values come out: every block says
where it is, and all blocks together are the source, byte for byte. Inline content is not
read, and what is inside a list or a block quote is part of it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a top-level block is."""

    FRONT_MATTER = auto()
    HEADING = auto()
    FENCE = auto()
    INDENTED_CODE = auto()
    HTML = auto()
    COMMENT = auto()
    TABLE = auto()
    LIST = auto()
    QUOTE = auto()
    RULE = auto()
    PARAGRAPH = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole lines: `source[start:end]`, line endings included; `line` counts from 1."""

    kind: Kind
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """A heading; `text` is its inline content as written, `text_start:text_end` its span.

    The span of a heading without text is empty, at the place of the text. For a setext
    heading `text` has its lines joined by line feeds, and the span ends before the underline.
    """

    level: int
    text: str
    text_start: int
    text_end: int


class Cell(NamedTuple):
    r"""A table cell: the span without the blanks around it, and its text with `\|` as `|`."""

    start: int
    end: int
    text: str


class Row(NamedTuple):
    """A line of a table, line ending included, with the cells that are written there."""

    start: int
    end: int
    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A GFM table; its rows are neither padded nor cut to the width of the header."""

    header: Row
    delimiter: Row
    rows: tuple[Row, ...]


def blocks(source: str, *, front_matter: bool = True) -> tuple[Block, ...]:
    """Return the top-level blocks of any text in order, without gap or overlap.

    Headings and tables come as `Heading` and `Table`. A run of blank lines between blocks is one
    block; blank lines after a list, a quote or indented code are not part of it. Lines of anchors
    directly above a heading are a block of HTML, even if they continue a paragraph. A piece of
    a document that is not its beginning has no `front_matter`.
    """
    found = _Scanner(source).run(front_matter=front_matter)
    return tuple(_with_anchors(source, found) if "<" in source else found)


@lru_cache(maxsize=32)
def of_document(source: str) -> tuple[Block, ...]:
    """Return `blocks(source)` of a whole document; the newest ones are kept.

    So a version of a text is scanned once, whoever asks for it.
    """
    return blocks(source)


def head_of_document(source: str) -> tuple[Block, ...]:
    """Return the first of `of_document(source)`: down to the first heading of level 1, or all.

    Where that heading is near the top, the rest is not scanned.
    """
    for size in _NEAR:
        near = source[: source.rfind("\n", 0, size) + 1] if len(source) > size else ""
        found = blocks(near) if near else ()
        # What reaches the end of the piece may go on after it: its last block, and front matter.
        if found and (found[0].kind is Kind.FRONT_MATTER or near.lstrip("\ufeff")[0] != "-"):
            for at, block in enumerate(found[:-1], 1):
                if isinstance(block, Heading) and block.level == 1:
                    return found[:at]
    return of_document(source)


def _with_anchors(source: str, found: list[Block]) -> Iterator[Block]:
    """Return the blocks with the lines of anchors above headings as blocks of their own."""
    for at, block in enumerate(found):
        if block.kind in _CAN_END_IN_ANCHORS and _is_above_heading(source, found, at):
            yield from _divided(source, block)
        else:
            yield block


def _is_above_heading(source: str, found: Sequence[Block], at: int) -> bool:
    """Return whether only comments, and blank lines after anchors, separate block and heading."""
    below = at + 1
    while below < len(found) and found[below].kind in _BETWEEN:
        below += 1
    if below == len(found) or not isinstance(found[below], Heading):
        return False
    is_apart = found[at + 1].kind is Kind.BLANK
    return not is_apart or is_anchors(source[found[at].start : found[at].end])


def _divided(source: str, block: Block) -> Iterator[Block]:
    """Return a block that is above a heading, and the lines of anchors with which it ends."""
    text = source[block.start : block.end]
    spans = [(start, after) for start, _, after in lines(text)]
    first = len(spans)
    while first and is_anchors(text[slice(*spans[first - 1])]):
        first -= 1
    if first == len(spans):
        yield block
        return
    place = block.start + spans[first][0]
    if first:
        rest = replace(block, end=place)
        if isinstance(rest, Table):
            rest = replace(rest, rows=tuple(row for row in rest.rows if row.start < place))
        yield rest
    yield Block(_HTML, place, block.end, block.line + first)


def is_anchors(text: str) -> bool:
    """Return whether a text is nothing but anchors, with comments beside them."""
    return _ANCHORS.match(text) is not None


def line_of(source: str, offset: int) -> int:
    """Return the number, from 1, of the line on which the character at `offset` is."""
    offset = min(max(offset, 0), len(source))
    before = source.count("\n", 0, offset) + source.count("\r", 0, offset)
    return 1 + before - source.count("\r\n", 0, offset + 1)


def has_border(source: str, row: Row) -> bool:
    """Whether a row of a table has a pipe.

    A line without one, directly below a table, is a row too, as GitHub has it; but its author
    meant text.
    """
    return PIPE.search(source, row.start, row.end) is not None


def lines(source: str) -> Iterator[tuple[int, int, int]]:
    r"""Return start, end without line ending and end with it for each line of the source.

    Only `\n`, `\r\n` and `\r` end a line. There is no line after the last line ending.
    """
    start = 0
    for ending in _ENDING.finditer(source):
        yield start, ending.start(), ending.end()
        start = ending.end()
    if start < len(source):
        yield start, len(source), len(source)


def line_starts(source: str) -> list[int]:
    """Return the places where the lines of `lines` start, and the end of the last ending."""
    if "\r" not in source:
        return [*accumulate((len(line) + 1 for line in source.split("\n")[:-1]), initial=0)]
    return [0, *(ending.end() for ending in _ENDING.finditer(source))]


# Patterns are matched on single lines without their ending (a definition: on joined lines) and
# are possessive where they could otherwise go back and forth on hostile input.
_ENDING: Final = re.compile(r"(\r\n?|\n)")
_BLANKS: Final = " \t"
_NEAR: Final = (1024, 4096)
_OPENERS: Final = frozenset("#>`~<*+-_0123456789")
_UNDERLINE: Final = re.compile(r"(=++|-++)[ \t]*\Z")
_ATX: Final = re.compile(r"#{1,6}+(?=[ \t]|\Z)")
_FENCE_RUN: Final = re.compile(r"`{3,}+(?=[^`]*\Z)|~{3,}")
_MARKER: Final = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|\Z)")
# A border of a table's cells.
PIPE: Final = re.compile(r"(?<!\\)\|")
# A hyphen with a blank after it is a list item, a lone one underlines a heading.
_DELIMITER: Final = re.compile(
    r"(?!-(?:[ \t]|\Z))\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*\Z"
)
# As GitHub has it, a footnote ends a table.
_FOOTNOTE: Final = re.compile(r"\[\^[^\s\[\]]+\]:")
_DEFINITION: Final = re.compile(
    r"""\[ (?P<label> (?: [^\\\[\]]++ | \\[\s\S] )*+ ) \]:
        [ \t]*+ (?: \n[ \t]*+ )?+
        (?: < (?: [^<>\\\n]++ | \\. )*+ > | (?!<) (?P<bare> [^\x00-\x20\x7f]++ ) )
        (?: (?: [ \t]++ (?: \n[ \t]*+ )?+ | \n[ \t]*+ )
            (?: "(?: [^"\\]++ | \\[\s\S] )*+"
              | '(?: [^'\\]++ | \\[\s\S] )*+'
              | \((?: [^()\\]++ | \\[\s\S] )*+\) )
            (?= [ \t]*(?: \n | \Z ) ) )?
        [ \t]*+ (?: \n | \Z )""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\[\s\S]")
_LONGEST_LABEL: Final = 999

_VERBATIM_TAGS: Final = "pre|script|style|textarea"
_BLOCK_TAGS: Final = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|"
    "dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|"
    "header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|"
    "param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_COMMENT: Final = "<!--"
_ANY_CASE: Final = re.IGNORECASE | re.ASCII
_HTML_FORMS: Final = tuple(
    (re.compile(start, _ANY_CASE), re.compile(end, _ANY_CASE) if end else None)
    for start, end in (
        (rf"<(?:{_VERBATIM_TAGS})(?=[ \t>]|\Z)", rf"</(?:{_VERBATIM_TAGS})>"),
        (_COMMENT, "-->"),
        (r"<\?", r"\?>"),
        (r"<![a-z]", ">"),
        (r"<!\[CDATA\[", r"\]\]>"),
        (rf"</?(?:{_BLOCK_TAGS})(?=[ \t]|/?>|\Z)", None),
    )
)
_LONE_TAG: Final = re.compile(
    r"""< (?: / [a-z][a-z0-9-]*+ [ \t]*+
            | [a-z][a-z0-9-]*+
              (?: [ \t]++ [a-z_:][a-z0-9_.:-]*+
                  (?: [ \t]*+ = [ \t]*+ (?: [^\x00-\x20"'=<>`]++ | '[^']*+' | "[^"]*+" ) )?+ )*+
              [ \t]*+ /? )
        > [ \t]*\Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

# Nothing but elements without content that have a name, and comments beside them.
_ANCHORS: Final = re.compile(
    r"""[ ]{0,3}
        (?: < (a|details|div|p|section|span) (?=\s [^<>]*? (?:id|name) \s*=) [^<>]*+ >
            (?: \s*+ </\1\s*+> )?+
            (?: \s*+ <!-- (?: [^-\n]++ | -(?!->) )*+ --> )*+
            \s*+ )++ \Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_CAN_END_IN_ANCHORS: Final = frozenset([Kind.PARAGRAPH, Kind.LIST, Kind.QUOTE, Kind.TABLE])
_BETWEEN: Final = frozenset([Kind.BLANK, Kind.COMMENT])

# Python 3.11 is slow to look members up on their class, and these are asked for on every line.
_PARAGRAPH: Final = Kind.PARAGRAPH
_LIST: Final = Kind.LIST
_QUOTE: Final = Kind.QUOTE
_FENCE: Final = Kind.FENCE
_HTML: Final = Kind.HTML
_TABLE: Final = Kind.TABLE

_RUNS: Final = {"#": (_ATX, Kind.HEADING), "`": (_FENCE_RUN, _FENCE), "~": (_FENCE_RUN, _FENCE)}
_CODE_INDENT: Final = 4
_RULE_MARKS: Final = 3
# Deeper containers are read as text, so that a line costs no more than its length.
_MAX_DEPTH: Final = 100


class _Scanner:
    """Reads one source from top to bottom; line numbers here count from 0.

    Each reader takes the line where its block starts and gives the line after its end.
    """

    def __init__(self, source: str) -> None:
        parts = _ENDING.split(source)
        self.found: list[Block] = []
        self.texts: list[str] = parts[::2]
        self.starts = [*accumulate(map(len, parts), initial=0)][::2]
        if self.texts[-1]:
            self.starts.append(len(source))
        else:
            self.texts.pop()
        if source.startswith("\ufeff"):
            self.texts[0] = self.texts[0][1:]
            self.starts[0] = 1

    def run(self, *, front_matter: bool) -> list[Block]:
        texts = self.texts
        at = self.front_matter() if front_matter else 0
        while at < len(texts):
            text = texts[at]
            body = text.lstrip(_BLANKS)
            if not body:
                at = self.blank(at)
            elif _indent(text, body) >= _CODE_INDENT:
                at = self.indented_code(at)
            else:
                at = _READERS[_kind_at(body, 0)](self, at, body)
        return self.found

    def span(self, first: int, stop: int) -> tuple[int, int, int]:
        # A byte order mark is not part of the first line's text, but of the first block.
        return self.starts[first] if first else 0, self.starts[stop], first + 1

    def add(self, kind: Kind, first: int, stop: int) -> int:
        self.found.append(Block(kind, *self.span(first, stop)))
        return stop

    def front_matter(self) -> int:
        if self.texts and self.texts[0].rstrip(_BLANKS) == "---":
            for at in range(1, len(self.texts)):
                if self.texts[at].rstrip(_BLANKS) == "---":
                    return self.add(Kind.FRONT_MATTER, 0, at + 1)
        return 0

    def blank(self, first: int) -> int:
        stop = first + 1
        while stop < len(self.texts) and not self.texts[stop].lstrip(_BLANKS):
            stop += 1
        return self.add(Kind.BLANK, first, stop)

    def indented_code(self, first: int) -> int:
        stop = first + 1
        for at in range(stop, len(self.texts)):
            text = self.texts[at]
            body = text.lstrip(_BLANKS)
            if body:
                if _indent(text, body) < _CODE_INDENT:
                    break
                stop = at + 1
        return self.add(Kind.INDENTED_CODE, first, stop)

    def fence(self, first: int, body: str) -> int:
        opened = _fence_run(body, 0)
        for at in range(first + 1, len(self.texts)):
            text = self.texts[at]
            if opened in text:
                body = text.lstrip(_BLANKS)
                if _closes(opened, body) and _indent(text, body) < _CODE_INDENT:
                    return self.add(Kind.FENCE, first, at + 1)
        return self.add(Kind.FENCE, first, len(self.texts))

    def html(self, first: int, body: str) -> int:
        kind = Kind.COMMENT if body.startswith(_COMMENT) else Kind.HTML
        end = _html_end(body, 0)
        for at in range(first, len(self.texts)):
            text = self.texts[at]
            if end is None:
                if not text.lstrip(_BLANKS):
                    return self.add(kind, first, at)
            elif end.search(text):
                return self.add(kind, first, at + 1)
        return self.add(kind, first, len(self.texts))

    def rule(self, first: int, _: str) -> int:
        return self.add(Kind.RULE, first, first + 1)

    def container(self, first: int, body: str) -> int:
        kind = _kind_at(body, 0)
        nest = _Nest(_marker(kind, body, 0))
        stop = first
        for at in range(first, len(self.texts)):
            text = self.texts[at]
            if not nest.takes(text):
                break
            if text.lstrip(_BLANKS):
                stop = at + 1
        return self.add(kind, first, stop)

    def atx_heading(self, first: int, body: str) -> int:
        text = self.texts[first]
        level = len(body) - len(body.lstrip("#"))
        inner = body[level:]
        content = inner.strip(_BLANKS)
        unclosed = content.rstrip("#")
        if not unclosed or unclosed[-1] in _BLANKS:
            content = unclosed.rstrip(_BLANKS)
        lead = len(inner) - len(inner.lstrip(_BLANKS)) if content else min(len(inner), 1)
        start = self.starts[first] + len(text) - len(inner) + lead
        span = self.span(first, first + 1)
        self.found.append(Heading(Kind.HEADING, *span, level, content, start, start + len(content)))
        return first + 1

    def setext_heading(self, first: int, underline: int, level: int) -> int:
        inner = [text.lstrip(_BLANKS) for text in self.texts[first:underline]]
        start = self.starts[first] + len(self.texts[first]) - len(inner[0])
        end = self.starts[underline - 1] + len(self.texts[underline - 1].rstrip(_BLANKS))
        span = self.span(first, underline + 1)
        text = "\n".join(inner).rstrip(_BLANKS)
        self.found.append(Heading(Kind.HEADING, *span, level, text, start, end))
        return underline + 1

    def paragraph(self, first: int, body: str) -> int:
        """Read a paragraph, or what its later lines make of it: a setext heading or a table."""
        content = first  # the first line that is not part of a link reference definition
        header = body  # the line before, if it could be the header of a table
        for at in range(first + 1, len(self.texts)):
            text = self.texts[at]
            body = text.lstrip(_BLANKS)
            if not body:
                return self.add(Kind.PARAGRAPH, first, at)
            if _indent(text, body) >= _CODE_INDENT:
                header = ""
                continue
            if _is_delimiter(body, header):
                if first < at - 1:
                    self.add(Kind.PARAGRAPH, first, at - 1)
                return self.table(at - 1)
            if underline := _UNDERLINE.match(body):
                content += _definitions(self.texts[content:at])
                if content < at:
                    if first < content:
                        self.add(Kind.PARAGRAPH, first, content)
                    return self.setext_heading(content, at, 1 if underline[1][0] == "=" else 2)
            if _kind_at(body, 0, lone_tag=False, any_item=False) is not _PARAGRAPH:
                return self.add(Kind.PARAGRAPH, first, at)
            header = body
        return self.add(Kind.PARAGRAPH, first, len(self.texts))

    def table(self, first: int) -> int:
        stop = first + 2
        while stop < len(self.texts) and self.is_row(self.texts[stop]):
            stop += 1
        header, delimiter, *rows = (self.row(at) for at in range(first, stop))
        span = self.span(first, stop)
        self.found.append(Table(Kind.TABLE, *span, header, delimiter, tuple(rows)))
        return stop

    def is_row(self, text: str) -> bool:
        body = text.lstrip(_BLANKS)
        return (
            body != ""
            and _indent(text, body) < _CODE_INDENT
            and _kind_at(body, 0, lone_tag=False) is _PARAGRAPH
            and not _FOOTNOTE.match(body)
        )

    def row(self, at: int) -> Row:
        text, offset = self.texts[at], self.starts[at]
        if "\\" in text:
            cells = tuple(_cell(text, offset, *span) for span in _cells(text))
        else:
            cells = _plain_cells(text, offset)
        return Row(*self.span(at, at + 1), cells)


_READERS: Final[dict[Kind, Callable[[_Scanner, int, str], int]]] = {
    Kind.HEADING: _Scanner.atx_heading,
    Kind.FENCE: _Scanner.fence,
    Kind.HTML: _Scanner.html,
    Kind.COMMENT: _Scanner.html,
    Kind.LIST: _Scanner.container,
    Kind.QUOTE: _Scanner.container,
    Kind.RULE: _Scanner.rule,
    Kind.PARAGRAPH: _Scanner.paragraph,
}


class _Cursor:
    """A place in a line: `column` is where the next mark is, `edge` where content may."""

    __slots__ = ("at_end", "column", "edge", "pos", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = self.column = self.edge = 0
        self.skip(0)

    def skip(self, marks: int) -> None:
        """Go past as many marks and to the mark after them; tabs count from the line's start."""
        rest = self.text[self.pos + marks :]
        body = rest.lstrip(_BLANKS)
        self.pos = len(self.text) - len(body)
        self.at_end = not body
        self.column += marks
        width = len(rest) - len(body)
        if "\t" in rest[:width]:
            past = self.column % 4
            width = len((" " * past + rest[:width]).expandtabs(4)) - past
        self.column += width

    def indented(self) -> bool:
        return self.column - self.edge >= _CODE_INDENT

    def enter_quote(self) -> None:
        self.edge = self.column + 1
        self.skip(1)
        if self.column > self.edge:
            self.edge += 1

    def enter_item(self) -> int:
        """Go into the list item that starts here and give the indentation of its content."""
        outer, width = self.edge, len(_MARKER.match(self.text, self.pos)[0])  # type: ignore[index]
        after = self.column + width
        self.skip(width)
        gap = self.column - after
        self.edge = after + (1 if self.at_end or gap > _CODE_INDENT else gap)
        return self.edge - outer


class _Nest:
    """The containers that are open inside one top-level list or quote, line by line."""

    # Is in the stack among the indentations of list items.
    QUOTE: Final = -1

    def __init__(self, marker: str) -> None:
        self.marker = marker
        self.stack: list[int] = []
        self.leaf: Kind | None = None  # FENCE, HTML, TABLE or PARAGRAPH while one is open
        self.hollow = False  # the last line opened an item and gave it no content
        self.fence = ""
        self.html_end: re.Pattern[str] | None = None
        self.inner: list[str] = []
        self.header = ""

    def takes(self, text: str) -> bool:
        """Read the next line; give whether it is part of the list or quote."""
        cursor = _Cursor(text)
        depth = self.enter(cursor)
        whole = depth == len(self.stack)
        self.hollow = False
        if not whole and self.leaf is not _PARAGRAPH:
            self.leaf = None
        if cursor.at_end:
            del self.stack[depth:]
            if not whole or (self.leaf is not _FENCE and self.html_end is None):
                self.leaf = None
            return depth > 0 or self.marker != ">"
        if whole and self.goes_on(cursor):
            return True
        kind = self.kind(cursor, whole=whole)
        if kind is _PARAGRAPH and self.leaf is _PARAGRAPH:
            body = text[cursor.pos :]
            self.inner.append(body)
            self.header = body if whole and not cursor.indented() else ""
            return True
        if depth == 0 and _marker(kind, text, cursor.pos) != self.marker:
            return False
        del self.stack[depth:]
        self.open(cursor, kind)
        return True

    def enter(self, cursor: _Cursor) -> int:
        """Go past the marks of the open containers; give how many of them the line is in."""
        for depth, width in enumerate(self.stack):
            if width == self.QUOTE:
                if cursor.indented() or not cursor.text.startswith(">", cursor.pos):
                    return depth
                cursor.enter_quote()
            elif cursor.at_end:
                if self.hollow and depth == len(self.stack) - 1:
                    return depth
            elif cursor.column - cursor.edge < width:
                return depth
            else:
                cursor.edge += width
        return len(self.stack)

    def goes_on(self, cursor: _Cursor) -> bool:
        """Return whether the innermost block takes the line, and close it if that ends it."""
        text, pos = cursor.text, cursor.pos
        if self.leaf is _FENCE:
            if not cursor.indented() and _closes(self.fence, text[pos:]):
                self.leaf = None
            return True
        if self.leaf is _HTML:
            if self.html_end and self.html_end.search(text, pos):
                self.leaf = self.html_end = None
            return True
        if cursor.indented():
            return False
        if self.leaf is _TABLE:
            is_text = self.kind(cursor, whole=True) is _PARAGRAPH
            return is_text and not _FOOTNOTE.match(text, pos)
        return self.leaf is _PARAGRAPH and self.is_underline(text[pos:])

    def is_underline(self, body: str) -> bool:
        """Return whether the line makes the open paragraph a table or a heading."""
        if _is_delimiter(body, self.header):
            self.leaf = _TABLE
            return True
        if _UNDERLINE.match(body):
            if _definitions(self.inner) < len(self.inner):
                self.leaf = None
                return True
            self.inner = []
        return False

    def kind(self, cursor: _Cursor, *, whole: bool) -> Kind:
        if cursor.indented():
            return _PARAGRAPH
        text = self.leaf in (_PARAGRAPH, _TABLE)
        inside = whole and self.leaf is _PARAGRAPH
        return _kind_at(cursor.text, cursor.pos, lone_tag=not text, any_item=not inside)

    def open(self, cursor: _Cursor, kind: Kind) -> None:
        """Open the containers that start on the line, and the block inside them."""
        self.leaf = self.html_end = None
        while kind in (_QUOTE, _LIST) and len(self.stack) < _MAX_DEPTH:
            if kind is _QUOTE:
                cursor.enter_quote()
                self.stack.append(self.QUOTE)
            else:
                self.stack.append(cursor.enter_item())
            if cursor.at_end:
                self.hollow = kind is _LIST
                return
            if cursor.indented():
                return
            kind = _kind_at(cursor.text, cursor.pos)
        if not cursor.indented():
            self.open_leaf(cursor.text, cursor.pos, kind)

    def open_leaf(self, text: str, pos: int, kind: Kind) -> None:
        if kind is _PARAGRAPH:
            self.leaf, self.header = kind, text[pos:]
            self.inner = [self.header]
        elif kind is _FENCE:
            self.leaf, self.fence = kind, _fence_run(text, pos)
        elif kind in (_HTML, Kind.COMMENT):
            end = _html_end(text, pos)
            if end is None or not end.search(text, pos):
                self.leaf, self.html_end = _HTML, end
        elif kind not in (Kind.HEADING, Kind.RULE):
            # Too deep: the mark of a further container is text.
            self.open_leaf(text, pos, _PARAGRAPH)


def _indent(text: str, body: str) -> int:
    """Return the columns before `body`, which is `text` without its leading blanks."""
    width = len(text) - len(body)
    return len(text[:width].expandtabs(4)) if width and "\t" in text[:width] else width


def _kind_at(text: str, pos: int, *, lone_tag: bool = True, any_item: bool = True) -> Kind:
    """Return the kind of block that the mark at `pos` starts, PARAGRAPH if it is mere text.

    What may not interrupt a paragraph counts only on demand: a tag of no special meaning on a
    line of its own, and list items that are empty or do not start at 1.
    """
    mark = text[pos]
    if mark not in _OPENERS:
        return _PARAGRAPH
    if mark == ">":
        return _QUOTE
    if mark == "<":
        return _html_kind(text, pos, lone_tag=lone_tag)
    if mark in _RUNS:
        run, kind = _RUNS[mark]
        return kind if run.match(text, pos) else _PARAGRAPH
    if mark in "*-_" and _is_rule(text, pos):
        return Kind.RULE
    marker = _MARKER.match(text, pos)
    return _LIST if marker and (any_item or _may_interrupt(text, marker)) else _PARAGRAPH


def _html_kind(text: str, pos: int, *, lone_tag: bool) -> Kind:
    if text.startswith(_COMMENT, pos):
        return Kind.COMMENT
    if any(start.match(text, pos) for start, _ in _HTML_FORMS):
        return _HTML
    return _HTML if lone_tag and _LONE_TAG.match(text, pos) else _PARAGRAPH


def _html_end(text: str, pos: int) -> re.Pattern[str] | None:
    """Return what ends the HTML block that starts here, None for a blank line."""
    return next((end for start, end in _HTML_FORMS if start.match(text, pos)), None)


def _is_rule(text: str, pos: int) -> bool:
    # From the right, because lines such as `- - - x` are asked about at each of their marks.
    mark = text[pos]
    return len(text.rstrip(mark + _BLANKS)) <= pos and text.count(mark, pos) >= _RULE_MARKS


def _may_interrupt(text: str, marker: re.Match[str]) -> bool:
    number = marker[0][:-1]
    filled = text[marker.end() :].strip(_BLANKS) != ""
    return filled and (not number or int(number) == 1)


def _marker(kind: Kind, text: str, pos: int) -> str:
    """Return what two neighbours must share to be one list or quote, "" for other blocks."""
    if kind is _LIST:
        return _MARKER.match(text, pos)[0][-1]  # type: ignore[index]
    return ">" if kind is _QUOTE else ""


def _fence_run(text: str, pos: int) -> str:
    return _FENCE_RUN.match(text, pos)[0]  # type: ignore[index]


def _closes(opened: str, body: str) -> bool:
    return body.startswith(opened) and not body.rstrip(_BLANKS).strip(opened[0])


def _is_delimiter(body: str, header: str) -> bool:
    """Return whether `body` is the delimiter row of a table with this header."""
    if body[0] not in "|-:" or "|" not in header or not _DELIMITER.match(body):
        return False
    # As GitHub has it, a line of nothing but hyphens underlines a heading.
    if _UNDERLINE.match(body):
        return False
    return len(_cells(body)) == len(_cells(header))


def _cells(text: str) -> list[tuple[int, int]]:
    """Return the spans between the pipes of a table row; those at its ends are optional."""
    start = len(text) - len(text.lstrip(_BLANKS))
    stop = len(text.rstrip(_BLANKS))
    spans = []
    for pipe in PIPE.finditer(text, start, stop):
        spans.append((start, pipe.start()))
        start = pipe.end()
    spans.append((start, stop))
    if spans[0][0] == spans[0][1]:
        del spans[0]
    if spans and spans[-1][0] == spans[-1][1]:
        del spans[-1]
    return spans


def _plain_cells(text: str, offset: int) -> tuple[Cell, ...]:
    """Return the cells of a row without a backslash: each pipe is a border, in half the time."""
    pieces = text.split("|")
    last = len(pieces) - 1
    cells = []
    for at, piece in enumerate(pieces):
        content = piece.strip(_BLANKS)
        if content:
            start = offset + piece.index(content)
            cells.append(Cell(start, start + len(content), content))
        elif 0 < at < last:
            start = offset + min(len(piece), 1)
            cells.append(Cell(start, start, ""))
        offset += len(piece) + 1
    return tuple(cells)


def _cell(text: str, offset: int, start: int, stop: int) -> Cell:
    raw = text[start:stop]
    content = raw.strip(_BLANKS)
    start += offset + (raw.index(content) if content else min(len(raw), 1))
    return Cell(start, start + len(content), content.replace("\\|", "|"))


def _definitions(texts: list[str]) -> int:
    """Return how many of a paragraph's lines, from its first, are link reference definitions."""
    if not texts[0].lstrip(_BLANKS).startswith("["):
        return 0
    joined = "\n".join(text.lstrip(_BLANKS) for text in texts)
    end = 0
    while (found := _DEFINITION.match(joined, end)) and _is_sound(found):
        end = found.end()
        if end == len(joined):
            return len(texts)
    return joined.count("\n", 0, end)


def _is_sound(found: re.Match[str]) -> bool:
    """Return whether a definition has a label and balanced parentheses."""
    if not found["label"].strip() or len(found["label"]) > _LONGEST_LABEL:
        return False
    depth = 0
    for char in _ESCAPED.sub("", found["bare"] or ""):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0
