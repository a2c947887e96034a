"""The anchors of a Markdown document: where `#fragment` of a link can lead, as GitHub makes them.

A heading's anchor is its visible text in lower case, blanks as hyphens, without punctuation; where
it comes again, `-1`, `-2` … is added. `id` and `name` of HTML tags are anchors too. Letter case
is ignored: browsers and GitHub's own script do not agree on it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from .blocks import Heading
from .nested_blocks import Leaf
from .plain_text import rendered

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)([^<>]*+)>")
_NAME = re.compile(
    r"""(?<![^\s"'])(?:id|name)\s*=\s*(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE
)
# `:rocket:` may be an emoji, which is no part of an anchor, or may not.
_EMOJI = re.compile(r":[a-z0-9_+-]+:")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
# What Ruby, in which GitHub makes its anchors, takes for a part of a word.
_WORD = frozenset(["Nd", "Pc"])


def anchors(source: str, leaves: Iterable[Leaf]) -> frozenset[str]:
    """The anchors, case folded, of the document whose blocks `nesting.leaves` gave as `leaves`."""
    return frozenset(name for _, name in placed(source, leaves))


def placed(source: str, leaves: Iterable[Leaf]) -> list[tuple[int, str]]:
    """The anchors of a document, case folded, with their places in its source.

    In the order of their places; an anchor may have several, and the first one counts.
    """
    found = [*_of_headings(leaves), *_of_tags(source)]
    found.sort(key=lambda one: one[0])
    return [(place, name.casefold()) for place, name in found]


def _of_headings(leaves: Iterable[Leaf]) -> Iterator[tuple[int, str]]:
    seen: Counter[str] = Counter()
    for view, block in leaves:
        if isinstance(block, Heading):
            place = view.place(block.start)
            text = rendered(view.text[block.text_start : block.text_end])
            name = slug(text)
            yield place, f"{name}-{seen[name]}" if seen[name] else name
            seen[name] += 1
            if ":" in text:
                yield place, slug(_EMOJI.sub("", text))


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
    return category[0] in "LM" or category in _WORD


def _of_tags(source: str) -> Iterator[tuple[int, str]]:
    opened = 0
    for tag in _TAG.finditer(source):
        if tag[2].lower() in _HEADINGS:
            if tag[1]:
                yield tag.start(), slug(rendered(source[opened : tag.start()]).strip())
            opened = tag.end()
        for name in _NAME.finditer(tag[3]):
            yield tag.start(), html.unescape(name[1] or name[2] or name[3] or "")
