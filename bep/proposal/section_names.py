"""Sections as people name them: by heading, by the guide's name, or by path from the top."""

from __future__ import annotations

from collections.abc import Iterator

from ..markdown.heading_text import normalise
from ..markdown.plain_text import visible
from ..markdown.section_tree import Section
from .document import Document

# A section with those above it, from the top; the title is none of them.
Chain = tuple[Section, ...]

_STEP = ">"


def chains(document: Document) -> Iterator[Chain]:
    """Yield all sections from top to bottom, each as the last of its chain."""
    yield from _below(document, document.root, ())


def _below(document: Document, section: Section, above: Chain) -> Iterator[Chain]:
    for child in section.children:
        chain = above
        if child.heading != document.title:
            chain = (*above, child)
            yield chain
        yield from _below(document, child, chain)


def shown(chain: Chain) -> str:
    """Return the path of a section as a person names it: `Proposed Design > Data Model`."""
    return f" {_STEP} ".join(visible(one.heading.text) for one in chain if one.heading)


def identity(chain: Chain) -> tuple[str, ...]:
    """Return what identifies a section in versions of its document, whatever the title is."""
    return tuple(one.path[-1] for one in chain)


def named(document: Document, name: str) -> list[Chain]:
    """Return the sections that a name means: one, several if it is not unique, or none.

    A heading may be preceded by those of the sections above it (`Proposed Design > Data Model`). A
    whole path is preferred to its end, and a heading to the guide's identifiers and other names.
    """
    every = list(chains(document))
    for names in ([name], name.split(_STEP)):
        wanted = [normalise(one) for one in names]
        ending = [one for one in every if all(wanted) and _names(one)[-len(wanted) :] == wanted]
        whole = [one for one in ending if len(one) == len(wanted)]
        if whole or ending:
            return whole or ending
    known = document.guide.sections.get(name.strip().casefold())
    family = known.family if known else document.family_named(normalise(name))
    found = document.find(family or "")
    return [one for one in every if one[-1] is found]


def _names(chain: Chain) -> list[str]:
    return [one.path[-1].partition("\0")[0] for one in chain]
