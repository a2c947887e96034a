"""Documents as an outsider of the merge reads them: markdown-it-py and plain Python, no `bep`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import yaml
from markdown_it import MarkdownIt

Lines = tuple[str, ...]

_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table").disable("inline")
_ENDING = re.compile(r"\r\n|\r|\n")
_WITH_ENDING = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*\Z)")
_PIPE = re.compile(r"(?<!\\)\|")
_CONTEXT = "<!-- context-for-ai"
_NUMBER = (
    r"(?:(?:\d+(?:\.\d+)*\\?[.)]|\d+(?:\.\d+)+|(?:[IVX]+|[A-Z])\\?[.)]|§ ?\d+(?:\.\d+)*"
    r"|\d{1,2}:|\(\d\d?\)|[①-⒛Ⅰ-Ⅻ]\.?|\d\ufe0f?\u20e3)|\d{1,2}(?= [-–] ))(?: [-–])? (?=.)"
)
_BORDER = re.compile(r"(?<!\\)\|")
ANCHORS = re.compile(
    r" {0,3}(?:<(a|details|div|p|section|span)(?=\s[^<>]*(?:id|name)\s*=)[^<>]*>(?:\s*</\1\s*>)?"
    r"(?:\s*<!--[^\n]*?-->)*\s*)+",
    re.IGNORECASE,
)
_WITH_LINES = (
    "paragraph_open",
    "bullet_list_open",
    "ordered_list_open",
    "blockquote_open",
    "table_open",
)

Place = tuple[str, int, int, str, str]


@dataclass(frozen=True)
class Table:
    """A table by its place in a section's own lines, `start` and the line behind its last."""

    start: int
    end: int
    lines: Lines

    @cached_property
    def columns(self) -> Lines:
        return cells(self.lines[0])

    @cached_property
    def rows(self) -> tuple[Lines, ...]:
        return tuple(cells(line) for line in self.lines[2:] if _BORDER.search(line))

    @cached_property
    def texts(self) -> Lines:
        """The lines directly below that have no pipe: rows to a renderer, text to their author."""
        return tuple(line for line in self.lines[2:] if not _BORDER.search(line))


@dataclass(frozen=True)
class Node:
    """A section: its heading as written, its own lines, what stands below it.

    `labels` are the anchors and the comment above the heading, with the lines down to it; `start`
    is the place of their first line among the document's lines, front matter included.
    """

    level: int
    heading: Lines
    name: str
    own: Lines
    comments: tuple[tuple[int, int], ...] = ()
    tables: tuple[Table, ...] = ()
    children: list[Node] = field(default_factory=list)
    labels: Lines = ()
    start: int = 0

    @property
    def own_start(self) -> int:
        """The place of the first own line."""
        return self.start + len(self.labels) + len(self.heading)

    @property
    def below_heading(self) -> Lines:
        """Own lines and all below."""
        return self.own + tuple(line for one in self.children for line in one.lines)

    @property
    def lines(self) -> Lines:
        """Heading with its labels, own lines and all below."""
        return self.labels + self.heading + self.below_heading

    def comment_texts(self) -> list[Lines]:
        return [self.own[start:end] for start, end in self.comments]

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Document:
    """A document taken apart.

    `title` stands for all sections where there is no heading of level 1; `open` says that what is
    appended would be part of the last block, because that is a fence or comment without an end.
    """

    front: Lines | None
    context: Lines | None
    lead: Node
    above: tuple[Node, ...]
    title: Node
    further: tuple[Node, ...]
    open: bool

    @property
    def has_title(self) -> bool:
        return bool(self.title.heading)

    def nodes(self) -> Iterator[Node]:
        for top in (self.lead, *self.above, self.title, *self.further):
            yield from top.walk()


@lru_cache(maxsize=512)
def read(text: str) -> Document:
    """The parts of a document, whatever its line endings."""
    lines = split(text.removeprefix("\ufeff"))
    front_end = _front_end(lines)
    front = tuple(lines[1 : front_end - 1]) if front_end else None
    root, may_be_open = _tree(lines[front_end:], front_end)
    is_open = may_be_open and _ends_open(lines[front_end:])
    # Anchors are taken by the next heading.
    is_open = is_open or bool(ANCHORS.fullmatch("".join(filled(lines[front_end:])[-1:])))
    context, lead = _context(root)
    level_one = [at for at, node in enumerate(root.children) if node.level == 1]
    if not level_one:
        title = Node(1, (), "", (), children=root.children)
        return Document(front, context, lead, (), title, (), is_open)
    first = level_one[0]
    above, title, further = root.children[:first], root.children[first], root.children[first + 1 :]
    return Document(front, context, lead, tuple(above), title, tuple(further), is_open)


def split(text: str) -> list[str]:
    """The lines without their endings; none behind the last ending."""
    lines = _ENDING.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def with_endings(text: str) -> list[str]:
    return _WITH_ENDING.findall(text)


def normalise(heading: str) -> str:
    """The lower-case words of a heading, without marks, emoji, leading numbers and final colon."""
    return re.sub(f"^(?:{_NUMBER})+", "", _shown(heading)).casefold()


def is_numbered(node: Node) -> bool:
    title = _shown(re.sub(r"^#+[ \t]+", "", node.heading[0]))
    return re.match(r"\d+(\.\d+)* ", title) is not None or re.match(_NUMBER, title) is not None


def without_number(heading: Lines) -> Lines:
    """The lines of a heading without the number in front of its title."""
    return (re.sub(rf"^(#+ )(?:{_NUMBER})", r"\1", heading[0]), *heading[1:])


def number_of(heading: Lines) -> str:
    """The number in front of a heading's title, marks left out; the heading where it has none."""
    found = re.match(r"#+ [(§]? ?(\d+(?:\.\d+)*|[IVX]+\b|[A-Z]\b|[①-⒛Ⅰ-Ⅻ])", heading[0])
    return found[1] if found else heading[0]


def _shown(heading: str) -> str:
    text = re.sub(
        r"<[^<>]*>|!?\[\^?|\]\([^()]*\)|\]|\\(?=\W)|[*`~\U0001f300-\U0001f9ff]", "", heading
    )
    return " ".join(re.sub(r"\b_+\b|(?<!\w)_+|_+(?!\w)", "", text).split()).rstrip(": ")


def cells(line: str) -> Lines:
    """The cells of a table row, escaped pipes left as they are."""
    inner = line.strip(" \t")
    found = [cell.strip(" \t") for cell in _PIPE.split(inner)]
    return tuple(
        found[1 if found[0] == "" else 0 : -1 if len(found) > 1 and not found[-1] else None]
    )


def filled(lines: Sequence[str]) -> list[str]:
    """The lines that are not blank."""
    return [line for line in lines if line.strip(" \t")]


def trimmed(lines: Lines) -> Lines:
    """Without blank lines at the ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip(" \t"):
        start += 1
    while end > start and not lines[end - 1].strip(" \t"):
        end -= 1
    return lines[start:end]


@dataclass(frozen=True)
class Key:
    """A key with the lines of its value, and what they mean."""

    name: str
    lines: Lines

    @cached_property
    def value(self) -> object:
        return meaning(self.name, self.lines)

    @cached_property
    def written(self) -> str:
        return "\n".join(self.lines)


def keys(lines: Lines) -> list[Key]:
    """The keys at the left margin in order; comments and blank lines are no part of them."""
    found: list[Key] = []
    for line in lines:
        match = _KEY.match(line)
        if match:
            found.append(Key(match[1], (line,)))
        elif found and line.strip() and not line.lstrip().startswith("#"):
            found[-1] = Key(found[-1].name, (*found[-1].lines, line))
    return found


def meaning(name: str, lines: Lines) -> object:
    """The value as YAML reads it, all scalars as text; the words where it is not YAML."""
    try:
        loaded = yaml.load("\n".join(lines), yaml.CBaseLoader)
    except yaml.YAMLError:
        return " ".join("\n".join(lines).split(":", 1)[1].split())
    return loaded.get(name) if isinstance(loaded, dict) else None


def comments(lines: Lines) -> list[str]:
    """The YAML comments, whole lines and those behind a value, as their words."""
    found = []
    for line in lines:
        bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", lambda quoted: "_" * len(quoted[0]), line)
        match = re.search(r"(?:^|[ \t])(#.*)", bare)
        if match:
            found.append(line[match.start(1) :].rstrip())
    return found


def _front_end(lines: Sequence[str]) -> int:
    """How many lines the front matter has, its fences included."""
    if lines and lines[0].rstrip(" \t") == "---":
        for at in range(1, len(lines)):
            if lines[at].rstrip(" \t") == "---":
                return at + 1
    return 0


def _ends_open(lines: Sequence[str]) -> bool:
    """Whether what comes behind the lines is part of their last block, a fence or the like."""
    tokens = _MARKDOWN.parse("\n".join([*lines, "", "# probe", ""]))
    return tokens[-1].type != "heading_close"


def _tree(lines: Sequence[str], offset: int) -> tuple[Node, bool]:
    """The sections below a root of level 0; whether the last block may be an open one.

    `offset` is how many lines stand before these.
    """
    tokens = _MARKDOWN.parse("\n".join(lines) + "\n")
    places = []
    for at, token in enumerate(tokens):
        if token.level == 0 and token.map is not None:
            start, end = token.map
            told = tokens[at + 1].content if token.type == "heading_open" else token.content
            places.append((token.type, start, min(end, len(lines)), token.tag, told))
    starts = [(0, 0, 0, 0, ""), *_headings(lines, places)]
    stops = [above for _, above, *_ in starts[1:]] + [len(lines)]
    branch: list[Node] = []
    inner = [place for place in places if place[0] in ("html_block", "table_open")]
    at = 0
    for (level, above, start, after, told), stop in zip(starts, stops, strict=True):
        comments, tables = [], []
        while at < len(inner) and inner[at][1] < start:
            at += 1
        while at < len(inner) and inner[at][1] < stop:
            kind, first, last, _, content = inner[at]
            if kind == "table_open":
                last = min(last, stop)
                tables.append(Table(first - after, last - after, tuple(lines[first:last])))
            elif content.startswith("<!--"):
                while last > first and not lines[last - 1].strip():
                    last -= 1
                comments.append((first - after, last - after))
            at += 1
        node = Node(
            level,
            tuple(lines[start:after]) if level else (),
            normalise(told),
            tuple(lines[after:stop]),
            tuple(comments),
            tuple(tables),
            labels=tuple(lines[above:start]),
            start=above + offset,
        )
        while branch and branch[-1].level >= level:
            branch.pop()
        if branch:
            branch[-1].children.append(node)
        branch.append(node)
        if level == 0:
            root = node
    return root, bool(tokens) and tokens[-1].type in ("fence", "html_block")


def _headings(
    lines: Sequence[str], places: Sequence[Place]
) -> Iterator[tuple[int, int, int, int, str]]:
    """Level, first label, span and text of each heading."""
    for at, (kind, start, end, tag, told) in enumerate(places):
        if kind == "heading_open":
            yield int(tag[1]), _labelled(lines, places[:at], start), start, end, told


def _labelled(lines: Sequence[str], above: Sequence[Place], heading: int) -> int:
    """The first of the lines above a heading that belong to it, `heading` where none does.

    These are anchors, also with blank lines in between, and a comment directly above that is not
    the guidance with which the section before begins.
    """
    start = heading
    for at in range(len(above) - 1, -1, -1):
        kind, first, last, _, content = above[at]
        while not lines[last - 1].strip():
            last -= 1
        direct = last == start
        before = above[at - 1] if at else None
        if kind in ("paragraph_open", "html_block") and ANCHORS.fullmatch(
            "\n".join(lines[first:last])
        ):
            start = first
        elif kind == "html_block" and content.startswith("<!--") and direct:
            first_heading = all(place[0] != "heading_open" for place in above)
            told = first_heading or (before is not None and before[0] == "heading_open")
            if first == last - 1:
                told = before is not None and before[0] == "heading_open" and before[2] == first
            if told:
                break
            start = first
        else:
            while direct and kind in _WITH_LINES and ANCHORS.fullmatch(lines[last - 1]):
                start = last = last - 1
            break
    return start


def _context(root: Node) -> tuple[Lines | None, Node]:
    """The lines of the context block above the first section, and what else is above all headings.

    A block that is below the title is taken out there.
    """
    for at, node in enumerate([root, *root.children]):
        if node.level > 1:
            break
        for start, end in node.comments:
            lines = node.own[start:end]
            # One that holds the beginning of another comment was left unclosed, and is no block.
            opened = any("<!--" in line for line in lines[1:])
            if lines[0].strip() == _CONTEXT and lines[-1].strip() == "-->" and not opened:
                if node is root:
                    return lines[1:-1], Node(0, (), "", root.own[:start] + root.own[end:])
                root.children[at - 1] = _without(node, start, end)
                return lines[1:-1], Node(0, (), "", root.own)
        if node.level == 1 and node.children:
            break
    return None, Node(0, (), "", root.own)


def _without(node: Node, start: int, end: int) -> Node:
    """The section without some of its own lines; comments and tables stay with theirs."""

    def moved(at: int) -> int:
        return at if at <= start else at - (end - start)

    comments = tuple((moved(one), moved(two)) for one, two in node.comments if one != start)
    tables = tuple(Table(moved(one.start), moved(one.end), one.lines) for one in node.tables)
    own = node.own[:start] + node.own[end:]
    return replace(node, own=own, comments=comments, tables=tables)
