"""Links to sections whose titles an update changed, within the documents of a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..markdown import anchors, edits, links, nested_blocks
from ..markdown.edits import Splice
from ..markdown.plain_text import rendered

# Of each document, by its path from the root: the anchors that changed, before and after.
Moved = Mapping[links.Path, Mapping[str, str]]


def of(source: str, renamed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The anchors that the new titles of a document's sections changed, before and after.

    `source` is the document after the update, `renamed` are titles before and after. Old anchors
    that now belong to something else are left out.
    """
    there = anchors.anchors(source, nested_blocks.leaves(source))
    pairs = (tuple(anchors.slug(rendered(title)) for title in titles) for titles in renamed)
    return {
        old: new for old, new in pairs if old.casefold() not in there and new.casefold() in there
    }


def relinked(source: str, place: links.Path, moved: Moved) -> str:
    """A document at `place` whose links lead to the new anchors."""
    splices = []
    for link in links.links(source):
        renamed = moved.get(links.resolved(link.destination, place) or ())
        fragment = links.fragment(link.destination)
        new = renamed.get(links.anchor(fragment).casefold()) if renamed else None
        if new is not None:
            splices.append(Splice(link.end - len(fragment), link.end, new))
    return edits.applied(source, splices)
