"""The anchors of a Markdown document: where `#fragment` of a link can lead, as GitHub makes them.

A heading's anchor is its visible text in lower case, blanks as hyphens, without punctuation; where
another heading has it already, `-1`, `-2` … is added. `id` and `name` of HTML tags are anchors too.
Letter case is ignored: browsers and GitHub's own script do not agree on it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

from . import links, references
from .blocks import Heading
from .links import Tag
from .nested_blocks import Leaf
from .plain_text import rendered

_REFERENCE = re.compile(r"(!?)\[((?:[^\\\[\]]|\\.)*+)\]\[((?:[^\\\[\]]|\\.)*+)\]", re.DOTALL)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_NAMES = ("id", "name")
# What Ruby, in which GitHub makes its anchors, takes for a part of a word besides letters and
# marks: digits, Roman numerals, connectors, and circled letters.
_WORD = frozenset(["Nd", "Nl", "Pc"])
_CIRCLED = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))


def anchors(source: str, leaves: Iterable[Leaf]) -> tuple[str, ...]:
    """The anchors of the document whose blocks `nested_blocks.leaves` gave as `leaves`.

    They are case folded, in their order, each once.
    """
    return tuple(dict.fromkeys(name.casefold() for _, name in placed(source, leaves)))


def placed(source: str, leaves: Iterable[Leaf]) -> list[tuple[int, str]]:
    """The anchors of a document with their places in its source, in the order of these.

    An anchor may have several places, and the first one counts.
    """
    every = list(leaves)
    tags = [tag for leaf in every for tag in links.tags(leaf)]
    headings = [*_headings(every), *_html_headings(source, tags)]
    headings.sort(key=lambda one: one[0])
    found = [*numbered(headings), *_of_tags(tags)]
    found.sort(key=lambda one: one[0])
    return found


def _headings(leaves: list[Leaf]) -> Iterator[tuple[int, str]]:
    """Yield the headings, each with its place and its anchor if no other heading has it."""
    labels: frozenset[str] | None = None
    for view, block in leaves:
        if isinstance(block, Heading):
            text = view.text[block.text_start : block.text_end]
            if "][" in text:
                labels = _labels(leaves) if labels is None else labels
                text = _without_references(text, labels)
            yield view.place(block.start), slug(rendered(text))


def _labels(leaves: list[Leaf]) -> frozenset[str]:
    found = (one.label for leaf in leaves for one in links.definitions(leaf))
    return frozenset(map(references.normalised, found))


def _without_references(text: str, labels: frozenset[str]) -> str:
    """Return a heading with the texts of its links in place of `[text][label]`."""

    def shown(found: re.Match[str]) -> str:
        image, words, label = found.groups()
        if references.normalised(label or words) not in labels:
            return found[0]
        return "" if image else words

    return _REFERENCE.sub(shown, text)


def _html_headings(source: str, tags: list[Tag]) -> Iterator[tuple[int, str]]:
    opened: Tag | None = None
    for tag in tags:
        if tag.name in _HEADINGS:
            opened = tag
        elif opened and tag.name == f"/{opened.name}":
            yield opened.start, slug(rendered(source[opened.end : tag.start]).strip())
            opened = None


def numbered(headings: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield the headings with their anchors, of which no two are the same.

    The next number of a text is tried until the anchor is free: after `Option` and `Option 1`,
    another `Option` is `option-2`.
    """
    taken: dict[str, int] = {}
    for place, text in headings:
        name = text
        while name in taken:
            taken[text] += 1
            name = f"{text}-{taken[text]}"
        taken[name] = 0
        yield place, name


def slug(text: str) -> str:
    """The anchor that GitHub gives to a heading with this visible text.

    >>> slug("3. Domain/Project — Agent_Access (`auto`)")
    '3-domainproject--agent_access-auto'
    """
    kept = (char for char in text.lower() if char in " -" or _is_word(char))
    return "".join(kept).replace(" ", "-")


def _is_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char == "_"
    category = unicodedata.category(char)
    if category[0] in "LM" or category in _WORD:
        return True
    return any(first <= ord(char) <= last for first, last in _CIRCLED)


def _of_tags(tags: Iterable[Tag]) -> Iterator[tuple[int, str]]:
    for tag in tags:
        for name in _NAMES:
            if value := tag.attributes.get(name):
                yield tag.start, html.unescape(value.value)
