"""A document's Markdown as safe HTML, read as GitHub reads it.

What an author wrote is somebody else's text. Markdown and the HTML in it are rendered by
markdown-it-py, and what comes out is cleaned by nh3: only elements and attributes of a list stay,
links and images lead where `Place` says, and nothing that runs is left. Code and diagrams are put
in after that, as the site made them.
"""

from __future__ import annotations

import html
import re
import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.gfm import gfm_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from ..markdown import anchors
from .addresses import Place, Target, safe_anchor

_DIAGRAM = "mermaid"
# More than that is data, in which colours say nothing and take long.
_LONGEST_CODE = 20_000
# What no text of a page can hold.
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")
_ALIGNED = re.compile(r"text-align:(left|center|right)")
# Where the site's own HTML goes when the rest is clean. No author can know it, and no page has it.
_MARK = secrets.token_hex(8)
_MARKED = re.compile(f"{_MARK}([0-9]+);")
_BLANKS = re.compile(r"\s+")
# Elements within elements, which cost the cleaner and the search as much as the square of their
# depth. Those that need no end are left out.
_DEEPEST = 100
_TAG = re.compile(
    r"<(?P<closes>/?)(?!(?:p|li|d[dt]|t[drh]|br|hr|img|col)\b)[a-z][^<>]*>", re.IGNORECASE
)

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd"),
    *("del", "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "picture"),
    *("pre", "q", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
}
_ATTRIBUTES = {
    "*": {"id", "title", "lang", "dir"},
    "a": {"href", "name"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
_TABLE = "bep-cells"
_ALERTS = ("note", "tip", "important", "warning", "caution")
_CLASSES = {
    "div": {"markdown-alert", *(f"markdown-alert-{one}" for one in _ALERTS)},
    "p": {"markdown-alert-title"},
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list", "footnotes-list"},
    "li": {"task-list-item", "footnote-item"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "a": {"footnote-backref"},
    "table": {_TABLE},
}
# A task of a list is a picture of one: nothing can be ticked.
_TASK = '<input type="checkbox" disabled aria-label="task"{}> '


# A browser would take what follows these for their content; GitHub shows most of them as text.
_SWALLOWING = re.compile(
    r"<(?=/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext|template|noscript)[\s/>])",
    re.IGNORECASE,
)


class Heading(NamedTuple):
    """A heading with its anchor, and the line of the source on which it is, from 0."""

    level: int
    text: str
    anchor: str
    line: int


class Image(NamedTuple):
    """An image as a page shows it; without an address, `problem` says why it is not there."""

    address: str = ""
    problem: str = ""


@dataclass
class Body:
    """The text of a document as HTML, without its title; `problems` are for the top of the page.

    `title` is the title as HTML, '' if the document has none, and `anchor` its anchor.
    """

    text: Markup = field(default_factory=Markup)
    title: Markup = field(default_factory=Markup)
    anchor: str = ""
    headings: list[Heading] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


Images = Callable[[str], Image]


def body(source: str, place: Place, images: Images, issues: Sequence[tuple[int, int]] = ()) -> Body:
    """The HTML of a document's text, which begins below its front matter.

    `issues` are the spans of lines, from 0, that are about issues.
    """
    found = Body()
    writer = _Writer(place, images, found.problems, issues)
    tokens = [*writer.prepared(_parser().parse(_fit(source)))]
    _name_headings(tokens, found)
    at = _place_of_title(tokens)
    if at is not None:
        found.anchor = str(tokens[at].attrs.get("id", ""))
        found.title = writer.html([tokens[at + 1]])
        del tokens[at : at + 3]
    found.text = writer.html(tokens)
    return found


def inline(source: str, place: Place, images: Images) -> Markup:
    """The HTML of a line of Markdown, such as the text of a decision."""
    writer = _Writer(place, images, [], ())
    return writer.html([*writer.prepared(_parser().parseInline(_fit(source)))])


def anchor_above(headings: Sequence[Heading], line: int) -> str:
    """The anchor of the last heading that is not below a line, from 0; '' above the first one."""
    at = bisect_right(headings, line, key=lambda one: one.line)
    return headings[at - 1].anchor if at else ""


def plain(text: str, place: Place, *, are_issues: bool = False) -> Markup:
    """The HTML of a text that is no Markdown, with its references as links."""
    return Markup("").join(
        Markup('<a href="{}">{}</a>').format(one.address, one.text) if one.address else one.text
        for one in place.pieces(_fit(text), are_issues=are_issues)
    )


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True})
    parser.use(gfm_plugin)
    # What is opened is decided later: a link that is not opened is to show its text.
    parser.validateLink = _is_link  # type: ignore[method-assign]
    return parser


def _is_link(url: str) -> bool:
    return True


def _depth(html: str) -> int:
    """How many elements are open at once at most."""
    found = depth = 0
    for tag in _TAG.finditer(html):
        depth = max(0, depth - 1) if tag["closes"] else depth + 1
        found = max(found, depth)
    return found


def _without_html(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens, in which an author's HTML is text."""
    for token in tokens:
        if _MARK in token.content:
            yield token
        elif token.type == "html_block":
            yield token.copy(type="code_block")
        elif token.type == "html_inline":
            yield token.copy(type="text")
        elif token.children:
            yield token.copy(children=[*_without_html(token.children)])
        else:
            yield token


class _Writer:
    """Writes the tokens of one text as HTML."""

    def __init__(
        self,
        place: Place,
        images: Images,
        problems: list[str],
        issues: Sequence[tuple[int, int]],
    ) -> None:
        self._place = place
        self._images = images
        self._problems = problems
        self._issues = issues
        self._kept: list[str] = []

    def html(self, tokens: Sequence[Token]) -> Markup:
        """The tokens as safe HTML."""
        parser = _parser()
        rendered = parser.renderer.render(tokens, parser.options, {})
        if _depth(rendered) > _DEEPEST:
            self._problems.append(
                f"Its HTML is more than {_DEEPEST} elements deep, and is shown as text."
            )
            rendered = parser.renderer.render([*_without_html(tokens)], parser.options, {})
        clean = nh3.clean(
            rendered,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            allowed_classes=_CLASSES,
            attribute_filter=self._attribute,
            strip_comments=True,
            link_rel=None,
            url_schemes={"http", "https", "mailto", "data"},
        )
        whole = _MARKED.sub(lambda found: self._kept[int(found[1])], clean)
        return Markup(whole)  # noqa: S704  # cleaned above

    def _attribute(self, element: str, name: str, value: str) -> str | None:
        """The value that an attribute of an author's text keeps, None for none."""
        if _MARK in value:
            # A quote that is not closed reached into what the site puts in.
            return None
        if (element, name) == ("a", "href"):
            # The address of an image that is inside the page is none to go to.
            is_made = value in self._place.made and not value.startswith("data:")
            return value if is_made else self._linked(value).address or None
        if (element, name) == ("img", "src"):
            return value if value in self._place.made else self._raw_image(value)
        if name in ("id", "name"):
            return safe_anchor(value)
        return value

    def _raw_image(self, source: str) -> str | None:
        image = self._images(source)
        if image.problem:
            self._problems.append(f"The image {source} is not shown: {image.problem}.")
        return image.address or None

    def _keep(self, safe: str) -> Token:
        """A token for HTML of the site's own, which is put in when the rest is clean."""
        self._kept.append(safe)
        return Token("html_inline", "", 0, content=f"{_MARK}{len(self._kept) - 1};")

    def _keep_block(self, safe: str) -> Token:
        kept = self._keep(safe)
        kept.type, kept.block = "html_block", True
        kept.content += "\n"
        return kept

    def _linked(self, destination: str) -> Target:
        return self._place.link(destination)

    # --- Tokens -----------------------------------------------------------------------------------

    def prepared(self, tokens: Iterable[Token]) -> Iterator[Token]:
        """The tokens with links, images, code, diagrams and tables as the site has them."""
        lines = (0, 0)
        for token in tokens:
            lines = (token.map[0], token.map[1]) if token.map else lines
            if token.type in ("fence", "code_block"):
                yield self._code(token)
                continue
            if token.type == "html_block":
                token.content = _SWALLOWING.sub("&lt;", token.content)
            if token.type == "inline" and token.children:
                are_issues = any(first <= lines[0] < stop for first, stop in self._issues)
                token.children = [*self._inline(token.children, are_issues=are_issues)]
            elif token.type == "list_item_open" and "checked" in token.meta:
                checked = token.meta.pop("checked")
                yield token
                yield self._keep(_TASK.format(" checked" if checked else ""))
                continue
            elif token.type == "table_open":
                # The theme puts tables without a class into boxes that no keyboard reaches.
                token.attrs["class"] = _TABLE
                yield self._keep_block('<div class="bep-wide" tabindex="0">')
            elif style := _ALIGNED.fullmatch(str(token.attrs.get("style", ""))):
                del token.attrs["style"]
                token.attrs["align"] = style[1]
            yield token
            if token.type == "table_close":
                yield self._keep_block("</div>")

    def _inline(self, children: Sequence[Token], *, are_issues: bool) -> Iterator[Token]:
        # The links that are open, each with whether it leads nowhere.
        opened: list[str] = []
        for child in children:
            if child.type == "link_open":
                found = self._linked(str(child.attrs.get("href", "")))
                opened.append(found.problem)
                if found.problem:
                    yield self._keep('<span class="bep-broken">')
                    continue
                child.attrs["href"] = found.address
                yield child
            elif child.type == "link_close":
                problem = opened.pop() if opened else ""
                if problem:
                    said = html.escape(f" ({problem})")
                    yield self._keep(f'<span class="bep-why">{said}</span></span>')
                else:
                    yield child
            elif child.type == "image":
                yield from self._image(child, in_link=bool(opened))
            elif child.type == "html_inline":
                child.content = _SWALLOWING.sub("&lt;", child.content)
                yield child
            elif child.type == "text" and not opened:
                yield from self._text(child, are_issues=are_issues)
            else:
                yield child

    def _text(self, token: Token, *, are_issues: bool) -> Iterator[Token]:
        pieces = [*self._place.pieces(token.content, are_issues=are_issues)]
        if len(pieces) == 1:
            yield token
            return
        for one in pieces:
            text = Token("text", "", 0, content=one.text)
            if one.address:
                yield Token("link_open", "a", 1, attrs={"href": one.address})
                yield text
                yield Token("link_close", "a", -1)
            elif one.text:
                yield text

    def _image(self, token: Token, *, in_link: bool) -> Iterator[Token]:
        source = str(token.attrs.get("src", ""))
        image = self._images(source)
        if image.address:
            token.attrs["src"] = image.address
            yield token
            return
        words = html.escape(_shown(token.children or []) or source)
        target = self._linked(source)
        if target.address and not in_link and "://" in target.address:
            words = f'<a href="{html.escape(target.address)}">{words}</a>'
        yield self._keep(
            f'<span class="bep-broken">Image: {words}'
            f'<span class="bep-why"> ({html.escape(image.problem)})</span></span>'
        )

    def _code(self, token: Token) -> Token:
        language = token.info.strip().split(maxsplit=1)[0].lower() if token.info.strip() else ""
        text = html.escape(token.content, quote=False)
        if language == _DIAGRAM:
            shown = f'<pre class="bep-diagram" tabindex="0"><code>{text}</code></pre>'
        else:
            lexer = _lexer(language) if len(token.content) <= _LONGEST_CODE else None
            if lexer:
                text = highlight(token.content, lexer, _FORMATTER)
            shown = f'<div class="highlight"><pre tabindex="0"><code>{text}</code></pre></div>'
        return self._keep_block(shown)


_FORMATTER: Any = HtmlFormatter(nowrap=True)


@cache
def _lexer(language: str) -> Lexer | None:
    if not language:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


# --- Headings -------------------------------------------------------------------------------------


def _name_headings(tokens: Sequence[Token], found: Body) -> None:
    """Give the headings their anchors, which are GitHub's."""
    places = [at for at, one in enumerate(tokens) if one.type == "heading_open"]
    texts = [_shown(tokens[at + 1].children or []) for at in places]
    named = anchors.numbered(
        (at, anchors.slug(text)) for at, text in zip(places, texts, strict=True)
    )
    for (at, name), text in zip(named, texts, strict=True):
        token = tokens[at]
        anchor = safe_anchor(name)
        if anchor:
            token.attrs["id"] = anchor
        line = token.map[0] if token.map else 0
        found.headings.append(Heading(int(token.tag[1]), text, anchor, line))


def _shown(children: Sequence[Token]) -> str:
    """The text of inline tokens as a browser shows it."""
    texts = {"text", "code_inline"}
    parts = []
    for child in children:
        if child.type in texts:
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return _BLANKS.sub(" ", "".join(parts)).strip()


def _place_of_title(tokens: Sequence[Token]) -> int | None:
    """Where the first heading of level 1 begins, None without one."""
    for at, one in enumerate(tokens):
        if one.type == "heading_open" and one.tag == "h1" and one.level == 0:
            return at
    return None
