"""An extension of Python-Markdown whose pages are HTML already, and are not read as Markdown.

Generators of sites such as MkDocs and Zensical render pages by Python-Markdown. The site's pages
come as finished HTML: what an author wrote is read once, as GitHub reads it (`markup`), and no
dialect of a generator interprets it again.
"""

from __future__ import annotations

import html
import re
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

# The site writes its headings, and those of authors were cleaned: each has this form.
_HEADING = re.compile(r'<h([2-4])(?: [^<>]*?)? ?id="([^"]+)"[^<>]*>(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_FIRST, _LAST = 1000, -1000


class _Taking(Preprocessor):
    """Takes the whole page away before anything reads it."""

    def run(self, lines: list[str]) -> list[str]:
        vars(self.md)["bep_page"] = "\n".join(lines)
        return []


class _Giving(Postprocessor):
    """Puts it back when everything else is done."""

    def run(self, text: str) -> str:  # noqa: ARG002
        page: str = vars(self.md)["bep_page"]
        vars(self.md)["toc_tokens"] = contents_of(page)
        return page


class PageHTML(Extension):
    """The extension."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register what takes the page away and what puts it back."""
        md.preprocessors.register(_Taking(md), "bep_page", _FIRST)
        md.postprocessors.register(_Giving(md), "bep_page", _LAST)


def contents_of(page: str) -> list[dict[str, Any]]:
    """The table of contents of a page, in the form of Python-Markdown's extension `toc`."""
    top: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    for found in _HEADING.finditer(page):
        level, anchor, inner = int(found[1]), found[2], found[3]
        text = " ".join(_TAG.sub("", inner).split())
        entry = {
            "level": level,
            "id": html.unescape(anchor),
            "name": text,
            "html": text,
            "data-toc-label": "",
            "children": [],
        }
        while above and above[-1]["level"] >= level:
            above.pop()
        (above[-1]["children"] if above else top).append(entry)
        above.append(entry)
    return top


def makeExtension(**settings: Any) -> Extension:  # noqa: N802
    """The extension, as Python-Markdown asks for it."""
    return PageHTML(**settings)
