"""Whether a document is still what the template made of the answers."""

from __future__ import annotations

import re

from ..markdown.blocks import Heading, Kind
from . import decision_log, implementation_plan
from .document import Document, TopSection

# The sections that the template fills from answers, besides those that list references, and the
# forms of lines that it writes there: list items, and labels with their values.
_FROM_ANSWERS = frozenset(["proposed-design", implementation_plan.SECTION, "implementation-notes"])
_ANSWERED = re.compile(r"[ \t]*(?:[-*+] |[0-9]+[.)] |[^\W\d][\w ]{0,30}: )")


def is_untouched(document: Document, blank: str = "") -> bool:
    """Return whether no section of a document says anything besides comments and answers.

    Lines of the `blank` document say nothing either. A section of the author's own does, and so
    does a row of the decision log.
    """
    sections, said = document.top_sections, {"", *(line.strip() for line in blank.split("\n"))}
    return (
        sum(1 for one in sections if one.family) > 1
        and all(_is_untouched(document, one, said) for one in sections)
        and not decision_log.decisions(document)
    )


def _is_untouched(document: Document, section: TopSection, said: set[str]) -> bool:
    if section.family is None and f"## {section.heading.text}" not in said:
        return False
    if section.family and document.guide.sections[section.family].placeholders:
        return True
    from_answers = section.family in _FROM_ANSWERS
    return all(
        line.strip() in said or (from_answers and _ANSWERED.match(line) is not None)
        for block in document.blocks_between(section.text_start, section.end)
        if block.kind is not Kind.COMMENT and not (from_answers and isinstance(block, Heading))
        for _, line in document.lines_of(block)
    )
