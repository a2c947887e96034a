"""The link destinations in a Markdown document, as spans of its source.

Inline links and images, reference definitions, and `href` and `src` of HTML tags. What is in
code, comments and front matter is text and no link; `[^1]: …` is a footnote, as GitHub has it.
Linear in the length of the document.
"""

from __future__ import annotations

import html
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from . import nested_blocks
from .blocks import Block, Heading, Kind, Table
from .nested_blocks import Leaf, View

Path = tuple[str, ...]


class Link(NamedTuple):
    """A destination as written, its span, and the span of the link's text.

    Where a link has no text of its own (definitions, tags), that span is empty.
    """

    destination: str
    start: int
    end: int
    text_start: int
    text_end: int


class Attribute(NamedTuple):
    """The value of an attribute as written, and its span."""

    value: str
    start: int
    end: int


class Tag(NamedTuple):
    """An HTML tag that is markup, and not code, comment or escaped text.

    `name` is in lower case, with `/` in front if the tag closes; attributes are by their names in
    lower case.
    """

    name: str
    start: int
    end: int
    attributes: Mapping[str, Attribute]


class Definition(NamedTuple):
    """A reference definition: its label as written, and the places of its first and last mark."""

    label: str
    start: int
    last: int


_MAX_PARENTHESES = 32
_TITLE = r"""(?: "(?: [^"\\]++ | \\[\s\S] )*+"
               | '(?: [^'\\]++ | \\[\s\S] )*+'
               | \((?: [^()\\]++ | \\[\s\S] )*+\) )"""
_ANGLED = r"< (?P<angled> (?: [^<>\\\n]++ | \\. )*+ ) >"
_DEFINITION = re.compile(
    rf"""[ \t]*+ \[ (?!\^) (?P<label> (?: [^\\\[\]]++ | \\[\s\S] )++ ) \]:
         [ \t]*+ (?: \n[ \t]*+ )?+
         (?: {_ANGLED} | (?!<) (?P<bare> [^\x00-\x20\x7f]++ ) )
         (?: (?: [ \t]++ (?: \n[ \t]*+ )?+ | \n[ \t]*+ ) {_TITLE} (?= [ \t]*(?: \n | \Z ) ) )?
         [ \t]*+ (?: \n | \Z )""",
    re.VERBOSE,
)
_OPENING = re.compile(rf"\([ \t\n]*+ (?: {_ANGLED} )?+", re.VERBOSE)
_CLOSING = re.compile(rf"(?: [ \t\n]++ {_TITLE} )?+ [ \t\n]*+ \)", re.VERBOSE)
_BARE_PIECE = re.compile(r"\\[!-/:-@\[-`{-~]|[()]|[^\x00-\x20\x7f()\\]+|\\")
_MARKS = re.compile(r"`+|[\\<\[\]]")
CODE_RUN = re.compile(r"`+")
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+>")
TAG = re.compile(
    r"""< (?: (?P<closing> / [A-Za-z][A-Za-z0-9-]*+ ) \s*+ >
            | (?P<name> [A-Za-z][A-Za-z0-9-]*+ )
              (?P<attributes>
                (?: \s++ [A-Za-z_:][A-Za-z0-9_.:-]*+
                    (?: \s*+ = \s*+ (?: [^\x00-\x20"'=<>`]++ | '[^']*+' | "[^"]*+" ) )?+ )*+ )
              \s*+ /?+ > )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""(?P<key> [A-Za-z_:][A-Za-z0-9_.:-]*+ )
        (?: \s*+ = \s*+ (?: (?P<bare> [^\x00-\x20"'=<>`]++ )
                          | '(?P<single> [^']*+ )' | "(?P<double> [^"]*+ )" ) )?+""",
    re.VERBOSE,
)
_FORMS = ("bare", "single", "double")
_TARGETS = {"a": "href", "img": "src"}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNSAFE = re.compile(r"[\x00-\x20\x7f()<>|\\%#?]")
_PATH = re.compile(r"[./#]")
_BEHIND_PATH = re.compile(r"[#?]")
_ESCAPED = re.compile(r"[\\%&]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def links(source: str) -> tuple[Link, ...]:
    """All links of the document in the order of their destinations."""
    return of_leaves(nested_blocks.leaves(source))


def of_leaves(leaves: Iterable[Leaf]) -> tuple[Link, ...]:
    """The links in blocks that `nested_blocks.leaves` gave, in the order of their destinations."""
    found = (link for leaf in leaves for piece in _in_leaf(leaf) for link in _links_of(piece))
    return tuple(sorted(found, key=lambda link: link.start))


def of_text(text: str) -> tuple[Link, ...]:
    """The links in inline content such as a heading's, which no container surrounds."""
    view = View(text, [0], [0])
    return tuple(link for piece in _inline(view, 0, len(text)) for link in _links_of(piece))


def tags(leaf: Leaf) -> Iterator[Tag]:
    """The HTML tags in a block that `nested_blocks.leaves` gave, in their order."""
    view, block = leaf
    if view.text.find("<", block.start, block.end) >= 0:
        yield from (piece for piece in _in_leaf(leaf) if isinstance(piece, Tag))


def _links_of(piece: Link | Tag) -> Iterator[Link]:
    """The link that a piece is, or to which the tag leads."""
    if isinstance(piece, Link):
        yield piece
        return
    found = piece.attributes.get(_TARGETS.get(piece.name, ""))
    if found and found.value and "\n" not in found.value:
        yield Link(found.value, found.start, found.end, found.end, found.end)


def definitions(leaf: Leaf) -> Iterator[Definition]:
    """The reference definitions with which a paragraph begins; other blocks have none."""
    view, block = leaf
    if not isinstance(block, Heading) and block.kind is Kind.PARAGRAPH:
        for found in _definitions(view, block):
            yield Definition(found["label"], view.place(found.start()), view.place(found.end() - 1))


def is_elsewhere(destination: str) -> bool:
    """Whether a destination is an address with a scheme or a host, no path in the repository."""
    return _SCHEME.match(destination) is not None


def may_be_path(destination: str) -> bool:
    """Whether a destination can be meant as a path or an anchor.

    `[Note]: later` is a definition for Markdown, and none for its author.
    """
    return _PATH.search(destination) is not None


def resolved(destination: str, document: Path) -> Path | None:
    """The path from the repository's root that a destination in `document` leads to.

    None for other addresses and for paths that leave the repository.
    """
    if destination[:1] in ("", "#", "?"):
        return document
    return _from_folder(destination, document[:-1])


# Many documents link the same ones.
@lru_cache(maxsize=4096)
def _from_folder(destination: str, folder: Path) -> Path | None:
    found = _walk(destination, (*folder, ""))
    return None if found is None else tuple(name for name, _ in found)


def fragment(destination: str) -> str:
    """The part after `#`, '' if there is none."""
    return destination.partition("#")[2]


def anchor(fragment: str) -> str:
    """The anchor that a fragment means, in its letter case: without escapes and GitHub's prefix."""
    return unquote(html.unescape(fragment)).removeprefix("user-content-")


def written(path: str) -> str:
    """A path as a destination that leads there, also in a table; letters of any script stay.

    >>> written("./BEP-1046/api (v2).md")
    './BEP-1046/api%20%28v2%29.md'
    """
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), path)


def moved(destination: str, document: Path, moves: Mapping[Path, str]) -> str:
    """The destination after each path of `moves` got its new name, in the same folder.

    Only that part of the path changes; a destination that no move concerns comes back as it is.
    """
    found = _walk(destination, document)
    for old, name in moves.items():
        if found is None or tuple(part for part, _ in found[: len(old)]) != old:
            continue
        at = found[len(old) - 1][1]
        if at is not None:
            path, rest = _split(destination)
            parts = path.split("/")
            parts[at] = _renamed(parts[at], old[-1], name)
            return "/".join(parts) + rest
    return destination


def _walk(destination: str, document: Path) -> list[tuple[str, int | None]] | None:
    """The names on the way from the root, with the place in the destination of those in it."""
    if is_elsewhere(destination):
        return None
    path, _ = _split(destination)
    if not path:
        return [(name, None) for name in document]
    base = () if path.startswith("/") else document[:-1]
    found: list[tuple[str, int | None]] = [(name, None) for name in base]
    for at, part in enumerate(path.split("/")):
        name = _decoded(part)
        if name == "..":
            if not found:
                return None
            found.pop()
        elif name not in ("", "."):
            found.append((name, at))
    return found


def _split(destination: str) -> tuple[str, str]:
    found = _BEHIND_PATH.search(destination)
    end = found.start() if found else len(destination)
    return destination[:end], destination[end:]


def _decoded(part: str) -> str:
    if not _ESCAPED.search(part):
        return part
    return unquote(html.unescape(_ESCAPE.sub(r"\1", part)), errors="surrogateescape")


def _renamed(part: str, old: str, new: str) -> str:
    """`part`, which reads `old`, as it reads `new`: what they share stays as it is written."""
    numbers = zip(re.findall(r"\d+", old), re.findall(r"\d+", new), strict=False)
    for was, becomes in numbers:
        respelled = part.replace(was, becomes, 1)
        if was != becomes and _decoded(respelled) == new:
            return respelled
    return written(new)


# --- Inline -------------------------------------------------------------------------------------


def _in_leaf(leaf: Leaf) -> Iterator[Link | Tag]:
    view, block = leaf
    if isinstance(block, Heading):
        yield from _inline(view, block.text_start, block.text_end)
    elif isinstance(block, Table):
        for row in (block.header, *block.rows):
            for cell in row.cells:
                yield from _inline(view, cell.start, cell.end)
    elif block.kind is Kind.HTML:
        yield from _inline(view, block.start, block.end, html_only=True)
    elif block.kind in (Kind.PARAGRAPH, Kind.LIST, Kind.QUOTE):
        yield from _paragraph(view, block)


def _definitions(view: View, block: Block) -> Iterator[re.Match[str]]:
    at = block.start
    while found := _DEFINITION.match(view.text, at, block.end):
        yield found
        at = found.end()


def _paragraph(view: View, block: Block) -> Iterator[Link | Tag]:
    at = block.start
    for found in _definitions(view, block):
        group = "angled" if found["angled"] is not None else "bare"
        start, end = view.place(found.start(group)), view.place(found.end(group))
        yield Link(found[group], start, end, end, end)
        at = found.end()
    yield from _inline(view, at, block.end)


def _inline(view: View, start: int, stop: int, *, html_only: bool = False) -> Iterator[Link | Tag]:
    """The links and tags of `view.text[start:stop]`, read as CommonMark reads inline content."""
    text = view.text
    code: CodeSpans | None = None
    # Brackets that are open, with whether they open an image; there are no links in links, so
    # those below `floor` open images only.
    opened: list[tuple[int, bool]] = []
    floor, at, comments = 0, start, True
    while found := _MARKS.search(text, at, stop):
        at, mark = found.end(), found[0]
        if comments and text.startswith("<!--", found.start()):
            # Without an end it is text, and so are all those after it.
            end = text.find("-->", at, stop)
            comments = end >= 0
            at = end + 3 if comments else at
        elif mark == "<":
            at, tag = _tag(view, found.start(), stop)
            if tag:
                yield tag
        elif html_only:
            continue
        elif mark == "\\":
            at += 1
        elif mark[0] == "`":
            code = code or CodeSpans(text, start, stop)
            at = code.behind(at, len(mark)) or at
        elif mark == "[":
            escaped = text[max(found.start() - 2, start) : found.start()] == "\\!"
            image = text[max(found.start() - 1, start) : found.start()] == "!" and not escaped
            opened.append((found.end(), image))
        elif opened:
            text_start, image = opened.pop()
            alive = image or len(opened) >= floor
            floor = min(floor, len(opened))
            target = _target(text, at, stop) if alive else None
            if target:
                yield Link(
                    text[target[0] : target[1]],
                    *(view.place(one) for one in (*target[:2], text_start, found.start())),
                )
                at = target[2]
                floor = floor if image else len(opened)


class CodeSpans:
    """Where the code spans of a text end; each run of backticks is looked at once."""

    def __init__(self, text: str, start: int = 0, stop: int = sys.maxsize) -> None:
        self._runs: dict[int, deque[int]] = {}
        for run in CODE_RUN.finditer(text, start, stop):
            self._runs.setdefault(len(run[0]), deque()).append(run.start())

    def behind(self, at: int, length: int) -> int | None:
        """The end of the span whose opening marks of that length end at `at`, None without one."""
        places = self._runs.get(length)
        while places and places[0] < at:
            places.popleft()
        return places[0] + length if places else None


def _target(text: str, at: int, stop: int) -> tuple[int, int, int] | None:
    """The span of the destination in the parentheses at `at`, and where they end."""
    opening = _OPENING.match(text, at, stop)
    if not opening:
        return None
    if opening["angled"] is not None:
        start, end = opening.span("angled")
        behind = opening.end()
    else:
        start = opening.end()
        behind = end = _bare_end(text, start, stop)
        if end < 0 or text.startswith("<", start):
            return None
    closing = _CLOSING.match(text, behind, stop)
    return (start, end, closing.end()) if closing else None


def _bare_end(text: str, at: int, stop: int) -> int:
    """The end of a destination without angles, -1 where its parentheses do not match."""
    depth = 0
    while piece := _BARE_PIECE.match(text, at, stop):
        depth += (piece[0] == "(") - (piece[0] == ")")
        if depth < 0 or depth > _MAX_PARENTHESES:
            break
        at = piece.end()
    return at if depth <= 0 else -1


def _tag(view: View, at: int, stop: int) -> tuple[int, Tag | None]:
    """Where what begins with `<` ends, and the tag that it is."""
    text = view.text
    if autolink := _AUTOLINK.match(text, at, stop):
        return autolink.end(), None
    tag = TAG.match(text, at, stop)
    if not tag:
        return at + 1, None
    attributes: dict[str, Attribute] = {}
    if tag["name"]:
        for one in _ATTRIBUTE.finditer(text, *tag.span("attributes")):
            if group := next((name for name in _FORMS if one[name] is not None), None):
                span = view.place(one.start(group)), view.place(one.end(group))
                attributes.setdefault(one["key"].lower(), Attribute(one[group], *span))
    name = (tag["name"] or tag["closing"]).lower()
    return tag.end(), Tag(name, view.place(at), view.place(tag.end()), attributes)
