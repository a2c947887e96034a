"""A divided proposal held against the document that it was, by no code of `bep`.

Headings, links and code come from markdown-it-py, lines from Python, anchors from GitHub's rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# Destinations: inline links, definitions, attributes of tags.
_TARGET = re.compile(
    r"""(?<=\]\()[^)\s]+ | (?<=\]:[ ])\S+ | (?<=href=")[^"]* | (?<=src=")[^"]*""", re.VERBOSE
)
_TAG = re.compile(r"""<[a-zA-Z][^<>]*?\b(?:id|name|href|src)=["']([^"']*)["']""")
_ANCHOR = re.compile(r"""<[a-zA-Z][^<>]*?\b(?:id|name)=["']([^"']*)["']""")
_FRONT = re.compile(r"\A\ufeff?---\r?\n.*?\n---\r?\n", re.DOTALL)


@lru_cache(maxsize=256)
def parsed(text: str) -> list[Token]:
    """What markdown-it-py makes of a text."""
    return PARSER.parse(text)


class Link(NamedTuple):
    """A link as a reader meets it: what it shows, and what its destination says."""

    shown: str
    destination: str


def author_lines(text: str) -> Counter[str]:
    """The lines that hold something, without heading marks and targets of links.

    Lines of code are taken as they are.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    code = code_lines(text)
    found: Counter[str] = Counter()
    for at, line in enumerate(lines):
        if line.strip():
            found[line if at in code else _without_marks(line)] += 1
    return found


def _without_marks(line: str) -> str:
    line = _TARGET.sub("TARGET", re.sub(r"^ {0,3}#{1,6}(?=\s)", "#", line))
    return re.sub(r"^(?:=+|-+)$", "===", line)


def body(text: str) -> str:
    """A document without its front matter."""
    return _FRONT.sub("", text)


def code_lines(text: str) -> frozenset[int]:
    """The lines of code blocks, counted from 0."""
    return frozenset(
        line
        for token in parsed(text.removeprefix("\ufeff"))
        if token.type in ("fence", "code_block") and token.map
        for line in range(*token.map)
    )


def fences(text: str) -> Counter[str]:
    """The code blocks of a document, byte for byte."""
    found = parsed(body(text))
    return Counter(token.content for token in found if token.type in ("fence", "code_block"))


def tables(text: str) -> Counter[int]:
    """The number of rows of each table."""
    found: Counter[int] = Counter()
    rows = 0
    for token in parsed(body(text)):
        rows = 0 if token.type == "table_open" else rows + (token.type == "tr_open")
        found[rows] += token.type == "table_close"
    return +found


def links(text: str) -> Iterator[Link]:
    """All links and images of a document, those of tags too."""
    for token in _flat(parsed(body(text))):
        if token.type == "link_open":
            yield Link("", unquote(str(token.attrGet("href"))))
        elif token.type == "image":
            yield Link(token.content, unquote(str(token.attrGet("src"))))
        elif token.type in ("html_inline", "html_block"):
            for found in re.finditer(r"""\b(?:href|src)=["']([^"']*)["']""", token.content):
                yield Link("", found[1])


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


@lru_cache(maxsize=256)
def anchors(text: str) -> set[str]:
    """The anchors of a document as GitHub makes them."""
    seen: Counter[str] = Counter()
    found: set[str] = set()
    tokens = parsed(body(text))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            shown = "".join(
                one.content
                for one in tokens[at + 1].children or []
                if one.type in ("text", "code_inline")
            )
            name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
        elif token.type in ("html_block", "inline"):
            found |= {name.lower() for name in _ANCHOR.findall(token.content)}
    return found


def resolves(folder: Path, document: str, destination: str) -> bool:
    """Whether a link in a document of the repository leads somewhere."""
    if re.match(r"[a-zA-Z][\w+.-]*:|//", destination):
        return True
    path, _, fragment = destination.partition("#")
    target = PurePosixPath(document).parent / path if path else PurePosixPath(document)
    file = (folder / target).resolve()
    if not file.exists():
        return False
    if not fragment or file.suffix != ".md":
        return True
    return fragment.lower() in anchors(file.read_bytes().decode("utf-8", "replace"))


def broken(folder: Path, document: str) -> Counter[str]:
    """What the links of a document show or say that lead nowhere."""
    text = (folder / document).read_bytes().decode("utf-8", "replace")
    return Counter(
        destination for _, destination in links(text) if not resolves(folder, document, destination)
    )


def unresolved_references(text: str) -> int:
    """How many links, images and footnotes with a label have no definition."""
    shown = [token.content for token in _flat(parsed(body(text))) if token.type == "text"]
    labels = {label for one in shown for label in re.findall(r"\[(\^[^\]]+)\](?!:)", one)}
    defined = set(re.findall(r"^\[(\^[^\]]+)\]: ", text, re.MULTILINE))
    return len(labels - defined) + sum(len(re.findall(r"\]\[[^\]]+\]", one)) for one in shown)
