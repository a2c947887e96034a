"""The sub-documents of a proposal: where its main document names them, and what they are about.

Guide: AI Context Block (`scope`, `depends-on`, `detail-docs`), Main Document (Document Index).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .. import names
from ..guide import Guide
from ..markdown import links
from ..markdown.blocks import Table
from ..markdown.plain_text import visible
from ..questionnaire import answers
from . import context_block, document_index
from .document import Document
from .key_values import Keyed


class Mentions(NamedTuple):
    """Where a main document names its sub-documents: places and file names, in order."""

    places: tuple[tuple[int, str], ...]

    def between(self, start: int, end: int) -> list[str]:
        """The sub-documents that are named between two places, each once."""
        first, stop = (bisect_left(self.places, (at, "")) for at in (start, end))
        return list(dict.fromkeys(file for _, file in self.places[first:stop]))


def mentions(main: Document, files: Collection[str]) -> Mentions:
    """Where a main document names its sub-documents `files`.

    It does so by a link, or by a name in a table cell with nothing but names.
    """
    found = {*_linked(main, files), *_listed(main, files)} if files else set()
    return Mentions(tuple(sorted(found)))


def _linked(main: Document, files: Collection[str]) -> Iterator[tuple[int, str]]:
    folder = names.proposal_name(main.number)
    for link in main.links:
        path = links.resolved(link.destination, main.names[-1:])
        if path and len(path) == 2 and path[0] == folder and path[1] in files:
            yield link.start, path[1]


def _listed(main: Document, files: Collection[str]) -> Iterator[tuple[int, str]]:
    tables = [block for block in main.blocks if isinstance(block, Table)]
    for cell in (cell for table in tables for row in table.rows for cell in row.cells):
        words = [word.strip(" `") for word in visible(cell.text).split(",")]
        found = [f"{word.removesuffix('.md')}.md" for word in words]
        if all(file in files for file in found):
            yield from ((cell.start, file) for file in found)


def components(
    main: Document, named_in: Mentions, subs: Mapping[str, Document]
) -> list[dict[str, Any]]:
    """The `components` answer: one for each file of `subs`, by file name, that can be one.

    They come in the order of the Document Index, the others after it by name. `scope` is what
    the context block says, else the Document Index; `depends_on` leaves out what is not a component
    and what would close a circle.
    """
    described = descriptions(main, named_in)
    own = names.number_of_document(main.names[-1])
    listed = (f"{name}.md" for name in named(main.context_lines, "detail-docs", own))
    order = dict.fromkeys([*described, *listed, *sorted(subs)])
    contexts = {
        file.removesuffix(".md"): subs[file].context_lines
        for file in order
        if file in subs and _is_component(main.guide, file)
    }
    needs = _without_circles(
        {
            name: [one for one in named(context, "depends-on", own) if one in contexts]
            for name, context in contexts.items()
        }
    )
    return [
        _component(name, scope(subs[f"{name}.md"]) or described.get(f"{name}.md", ""), needs[name])
        for name in contexts
    ]


def scope(document: Document) -> str:
    """The scope in a document's context block as one line, '' if it has none."""
    text = answers.line(", ".join(context_block.texts(document.context_lines, "scope")))
    known = document.guide.context["main"].keys.get("scope")
    return "" if known and text == known.placeholder else text


def _component(name: str, scope: str, needs: list[str]) -> dict[str, Any]:
    stated = {"scope": scope} if scope else {}
    return {"name": name, **stated, **({"depends_on": needs} if needs else {})}


def _is_component(guide: Guide, file: str) -> bool:
    name = file.removesuffix(".md")
    if not name or name != name.strip() or answers.line_problem(name, ""):
        return False
    return names.kept_component_problem(name, guide.layout_files) is None


def named(context: Keyed, key: str, number: int | None) -> list[str]:
    """The components of proposal `number` whose documents a list of a context block names."""
    paths = (visible(text).strip("`").split("/") for text in context_block.texts(context, key))
    own = (
        file
        for *folders, file in paths
        if {names.number_of_directory(folder) for folder in folders} <= {None, number}
    )
    return list(dict.fromkeys(file.removesuffix(".md") for file in own))


def descriptions(main: Document, named_in: Mentions) -> dict[str, str]:
    """The sub-documents of the Document Index with what is in the cell after their name."""
    found: dict[str, str] = {}
    for section in main.all(document_index.SECTION):
        inside = main.blocks_between(section.text_start, section.end)
        tables = (block for block in inside if isinstance(block, Table))
        for row in (row for table in tables for row in table.rows):
            named = [named_in.between(cell.start, cell.end) for cell in row.cells]
            at = next((at for at, files in enumerate(named) if files), -1)
            if at >= 0:
                behind = "".join(cell.text for cell in row.cells[at + 1 : at + 2])
                found.setdefault(named[at][0], answers.line(visible(behind)))
    return found


def _without_circles(needs: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What each name needs, without the needs that close a circle."""
    kept: dict[str, list[str]] = {name: [] for name in needs}
    # Whether a name lies on the way that is being followed; those that were left are settled.
    on_the_way: dict[str, bool] = {}
    for first in needs:
        way = [] if first in on_the_way else [(first, iter(needs[first]))]
        on_the_way.setdefault(first, True)
        while way:
            name, others = way[-1]
            other = next((one for one in others if not on_the_way.get(one)), None)
            if other is None:
                on_the_way[name] = False
                way.pop()
                continue
            kept[name].append(other)
            if other not in on_the_way:
                on_the_way[other] = True
                way.append((other, iter(needs[other])))
    return kept
