"""The generator of the site: MkDocs with the theme Material, from finished pages.

The generator adds what all pages share: header, navigation, search, themes for light and dark.
Nothing of a repository is read here, and nothing of the repository configures it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import BepError
from ..markdown import terminal_text

_ASSETS = "assets"
_PAGES, _SITE = "pages", "site"
_STYLE, _SCRIPT, _WORKER = "bep/site.css", "bep/site.js", "bep/iframe-worker.js"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The theme gives its dialog no name.
_SEARCH = 'data-md-component="search" role="dialog"'
_HEAD = '<meta charset="utf-8">'
# What no page can hold, and what shows letters in another order than they are written.
_STEERING = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Letters of JSON that YAML refuses.
_NO_YAML = re.compile("[\ufffe\uffff]")


# Where a page begins and ends in what the generator makes of it; no author knows it.
_EDGE = f"<!--{secrets.token_hex(8)}-->"


class WebPage(NamedTuple):
    """A page: its address, its title as text, and its HTML.

    The front page has no title besides that of the site.
    """

    address: str
    title: str
    html: str
    has_contents: bool = True


class Look(NamedTuple):
    """What the whole site is called, and the address at which it will be, '' where unknown."""

    title: str
    address: str
    time: int


def write_pages(work: Path, pages: Iterable[WebPage]) -> int:
    """Write pages into a folder for `generate`, and return how many there are."""
    count = 0
    for count, page in enumerate(pages, 1):  # noqa: B007
        path = work / _PAGES / f"{page.address.removesuffix('.html')}.md"
        # Bytes that are no UTF-8 are half of a letter here, which no page can hold.
        _write(path, _source(page).encode("utf-8", "replace"))
    return count


def write_files(work: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder for `generate`, by their addresses."""
    for address, content in files.items():
        _write(work / _PAGES / address, content)


def generate(work: Path, tabs: Mapping[str, str], look: Look) -> Path:
    """Make the site of what was written into the folder `work`, and return the site's folder.

    `tabs` are the addresses of the pages that each page links to, by their names. Raises BepError
    if the generator is not installed.
    """
    for name, content in _assets():
        _write(work / _PAGES / "bep" / name, content)
    _run(_configure(work, tabs, look), look.time)
    _finish(work / _SITE, look)
    return work / _SITE


def _source(page: WebPage) -> str:
    """A page as the generator takes it. Titles are put into HTML as they are."""
    hidden = ["navigation"] if page.has_contents else ["navigation", "toc"]
    named = {"title": html.escape(terminal_text.line(page.title))} if page.title else {}
    head = _yaml({**named, "hide": hidden})
    return f"---\n{head}\n---\n{_EDGE}{_STEERING.sub(_escaped, page.html)}{_EDGE}"


def _escaped(found: re.Match[str]) -> str:
    return terminal_text.line(found[0])


def _yaml(data: Mapping[str, Any]) -> str:
    """Data as YAML on one line."""
    # JSON writes one letter as two escapes where YAML wants the letter, or one.
    return _NO_YAML.sub("\ufffd", json.dumps(data, ensure_ascii=False))


def _assets() -> Iterator[tuple[str, bytes]]:
    for one in resources.files(__package__).joinpath(_ASSETS).iterdir():
        if one.name.endswith(".gz"):
            yield one.name.removesuffix(".gz"), gzip.decompress(one.read_bytes())
        else:
            yield one.name, one.read_bytes()


def _configure(work: Path, tabs: Mapping[str, str], look: Look) -> Path:
    """Write what the generator is to do."""
    settings: dict[str, Any] = {
        "site_name": html.escape(terminal_text.line(look.title)),
        "site_url": look.address or None,
        "docs_dir": str(work / _PAGES),
        "site_dir": str(work / _SITE),
        "use_directory_urls": False,
        "theme": _theme(),
        "nav": [{name: f"{at.removesuffix('.html')}.md"} for name, at in tabs.items()],
        "plugins": [{"material/search": {}}, {"material/offline": {}}],
        "markdown_extensions": [f"{__package__}.page_html"],
        "extra_css": [_STYLE],
        "extra_javascript": [_SCRIPT],
        # The plugin for use without a network would take it from a network.
        "extra": {"generator": False, "polyfills": [_WORKER]},
        "validation": {"nav": {"omitted_files": "ignore"}},
    }
    config_file = work / "mkdocs.yml"
    _write(config_file, _yaml(settings).encode())
    return config_file


def _run(config_file: Path, time: int) -> None:
    """Run the generator; `time` dates the map of the site."""
    # Both are read from the environment when the theme is imported and the site is built.
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    os.environ["SOURCE_DATE_EPOCH"] = str(time)
    try:
        from material.plugins.search import plugin as search  # type: ignore[import-untyped]
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.exceptions import Abort, MkDocsException
    except ImportError as error:
        raise missing(error) from None
    logging.getLogger("mkdocs").setLevel(logging.ERROR)
    if not hasattr(search.Parser, "is_tolerant"):
        search.Parser = _tolerant(search.Parser)
    try:
        build(load_config(str(config_file)))
    except (Abort, MkDocsException) as error:
        raise BepError(f"the generator failed: {error}", "please report this") from None


def _tolerant(parser: Any) -> Any:
    """The reader of pages for the search index; in its own, some nested headings are an error.

    It looks for the beginning of a list item in the section that begins inside that item.
    """

    class Tolerant(parser):  # type: ignore[misc]
        is_tolerant = True

        def handle_endtag(self, tag: str) -> None:
            with suppress(ValueError):
                super().handle_endtag(tag)

    return Tolerant


def _theme() -> dict[str, Any]:
    def scheme(name: str, query: str, icon: str, other: str) -> dict[str, Any]:
        return {
            "scheme": name,
            "media": f"(prefers-color-scheme: {query})",
            "primary": "custom",
            "accent": "custom",
            "toggle": {"icon": f"material/{icon}", "name": f"Switch to the {other} theme"},
        }

    return {
        "name": "material",
        "font": False,
        "features": ["navigation.tabs", "search.highlight"],
        "palette": [
            scheme("default", "light", "weather-night", "dark"),
            scheme("slate", "dark", "weather-sunny", "light"),
        ],
        "icon": {"logo": "material/file-document-multiple-outline"},
    }


def missing(error: ImportError) -> BepError:
    """The error for a package of the extra `site` that is not installed."""
    name = (error.name or "mkdocs").partition(".")[0]
    return BepError(
        f"the package {name} is not installed", "run `pip install 'bep-templates[site]'`"
    )


# --- What the generator leaves open ---------------------------------------------------------------


def _finish(site: Path, look: Look) -> None:
    for path in sorted(site.rglob("*.html")):
        text = path.read_text("utf-8")
        start, *inner = text.split(_EDGE)
        # Scripts of the theme are known by their hashes, and nothing else that is inline runs.
        around = start + (inner[-1] if inner else "")
        policy = _policy(_INLINE.findall(around))
        start = start.replace(_SEARCH, f'{_SEARCH} aria-label="Search"', 1)
        text = "".join((start, *inner)).replace(_HEAD, f"{_HEAD}\n      {policy}", 1)
        path.write_text(text, "utf-8", newline="\n")
    if not look.address:
        # They are of use only where the address is known.
        for name in ("404.html", "sitemap.xml", "sitemap.xml.gz"):
            (site / name).unlink(missing_ok=True)
    for path in site.rglob("*.map"):
        path.unlink()
    # Stemmers of other languages.
    shutil.rmtree(site / "assets" / "javascripts" / "lunr", ignore_errors=True)


def _policy(scripts: Iterable[str]) -> str:
    """What a browser may load and run for a page, as an element of its head."""
    digests = (hashlib.sha256(one.encode()).digest() for one in scripts)
    known = " ".join(sorted({f"'sha256-{base64.b64encode(one).decode()}'" for one in digests}))
    # Opened from the file system, files are not of the page's origin.
    own = "'self' file:"
    parts = {
        "default-src": "'none'",
        "script-src": f"{own} blob: {known}",
        "style-src": f"{own} 'unsafe-inline'",
        "img-src": f"{own} data:",
        "font-src": f"{own} data:",
        "connect-src": own,
        "worker-src": f"{own} blob:",
        "frame-src": f"{own} blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    said = "; ".join(f"{name} {value}".strip() for name, value in parts.items())
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{said}">'
        '<meta name="referrer" content="same-origin">'
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
