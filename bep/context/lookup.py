"""The phase, document or section of a proposal that some words name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..errors import WRONG_CALL, BepError, unknown
from ..markdown import anchors
from ..markdown.heading_text import normalise
from ..markdown.plain_text import rendered, visible
from ..markdown.section_tree import Section
from ..proposal import implementation_plan
from ..proposal.document import Document, Role
from ..proposal.implementation_plan import Phase

_PHASE = re.compile(
    rf"\A(?:(?:{implementation_plan.WORDS})\s+|(?:[mp]|pr )(?=\d+\Z)|제(?=\d))|(?<=\d) ?단계\Z",
    re.IGNORECASE,
)
# A list of headings longer than this names the upper levels alone.
_MANY = 60


def phase(document: Document, phases: Sequence[Phase], wanted: str) -> Phase:
    """The phase with that label (`1`, `Phase 1`) or name, or with the one name that holds it.

    Raises BepError, which lists the phases.
    """
    label = _PHASE.sub("", wanted.strip()).casefold()
    every = [part for one in phases for part in (one, *one.parts)]
    by_label = [one for one in every if one.label.casefold() == label][:1]
    by_name = _by_name(phases, wanted)
    found = by_label or by_name
    if len(found) == 1:
        return found[0]
    plan = document.find(implementation_plan.SECTION)
    line = document.line(plan.start) if plan else None
    if not phases:
        what = "the plan has no phases" if plan else "there is neither a plan nor a phase"
        raise _no(document, line, what, "leave out --phase, or use --section")
    shown = ", ".join(f"{one.label} ({one.name})" if one.name else one.label for one in phases)
    raise unknown(
        "phase",
        wanted,
        [name for one in every for name in (one.label, one.name) if name],
        choices=f"the phases are {shown}",
        path=document.path,
        line=line,
    )


def document(document: Document, subs: Mapping[str, Document], wanted: str) -> str:
    """The file name of the sub-document that is meant: its name, with or without `.md`, or path.

    Raises BepError, which lists the sub-documents.
    """
    name = wanted.strip().rstrip("/").rpartition("/")[2]
    named = [file for file in subs if file.casefold() in (name.casefold(), f"{name}.md".casefold())]
    exact = [file for file in named if file in (name, f"{name}.md")]
    if exact or len(named) == 1:
        return (exact or named)[0]
    if not subs:
        remedy = "leave out --document, or use --section"
        raise _no(document, None, "the proposal has no sub-documents", remedy)
    raise unknown(
        "sub-document",
        wanted,
        subs,
        choices=f"the sub-documents are {', '.join(sorted(subs))}",
        path=document.path,
        line=_linked_from(document, name),
    )


def _linked_from(document: Document, name: str) -> int | None:
    """The line that links a file which does not exist."""
    ends = (f"/{name}", f"/{name}.md")
    places = (document.line(one.start) for one in document.links if one.destination.endswith(ends))
    return next(places, None)


def sections(document: Document, wanted: str) -> list[Section]:
    """The sections of a document with that heading, or with that name in the guide.

    Else the one whose heading contains the words. Raises BepError, which lists the headings.
    """
    name = normalise(wanted)
    every = [one for one in document.root.below() if one.heading]
    own = [one for one in every if _name(one) == name]
    if own and name:
        return own
    stands_for = document.guide.main_names.family(name) if document.role is Role.MAIN else None
    if stands_for and (found := document.all(stands_for)):
        return found
    inside = [one for one in every if name and holds_words(_name(one), name)]
    if len({_name(one) for one in inside}) == 1:
        return inside
    if not every:
        raise _no(document, None, "the document has no sections", "leave out --section")
    choices = f"the sections are {_shown(inside or every)}"
    if inside:
        what = f"{len(inside)} sections have {wanted!r} in their heading"
        raise _no(document, None, what, choices)
    known = [visible(one.heading.text) for one in every if one.heading]
    raise unknown("section", wanted, known, choices=choices, path=document.path)


def anchor(heading: str) -> str:
    """The anchor of a heading that comes once, in the form in which links are compared."""
    return anchors.slug(rendered(heading)).casefold()


def holds_words(text: str, words: str) -> bool:
    """Whether `text` contains `words` as whole words."""
    # Looking for the bare text first is a hundred times faster.
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _name(section: Section) -> str:
    return normalise(visible(section.heading.text)) if section.heading else ""


def _by_name(phases: Iterable[Phase], wanted: str) -> list[Phase]:
    words = normalise(wanted)
    named = [(one, normalise(one.name)) for one in phases]
    exact = [one for one, name in named if name == words]
    return exact or [one for one, name in named if words and holds_words(name, words)]


def _shown(every: Collection[Section]) -> str:
    kept = list(every)
    for level in (5, 4, 3, 2):
        if len(kept) > _MANY:
            kept = [one for one in kept if one.level <= level]
    return ", ".join(visible(one.heading.text) for one in kept if one.heading)


def _no(document: Document, line: int | None, what: str, remedy: str) -> BepError:
    return BepError(what, remedy, document.path, line, WRONG_CALL)
