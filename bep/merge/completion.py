"""A document gets the parts of the template that it lacks, and nothing else changes.

It is a merge whose base is what both have: all that is new is what the document lacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..markdown import edits
from ..proposal import key_values
from ..proposal.context_block import CLOSING
from . import parts
from .merge import PLAIN, Rules, inner_keys, merge_parts, no_section, read
from .parts import Part, Parts
from .section_pairs import paired


def complete(
    ours: str, theirs: str, rules: Rules = PLAIN, *, may_have_its_own_sections: bool = False
) -> str:
    """The document with the parts of `theirs` that it lacks, at their places; nothing else.

    These are metadata keys, the context block and its keys, and sections. A section that exists
    under another name is not added. A document
    that `may_have_its_own_sections` and has none of the template's gets none of them. Raises
    Unmergeable if `ours` is not text.
    """
    ending = edits.usual_ending(ours)
    have, want = read(ours), parts.read(edits.with_ending(theirs, ending))
    own = [part.name for part in have.sections if part.level > 1]
    if may_have_its_own_sections and own and not any(map(rules.section_of, own)):
        title = tuple(part for part in want.sections if part.level == 1)
        want = want._replace(sections=title)
    return merge_parts(_common(have, want, rules), have, want, rules, ending).text


def _common(have: Parts, want: Parts, rules: Rules) -> Parts:
    """What `want` and `have` share, as `want` has it: a base from which only additions are new."""
    context = None
    if have.context is not None and want.context is not None:
        opening, inner = inner_keys(want.context)
        context = opening + _shared_keys(inner_keys(have.context)[1], inner) + CLOSING
    return want._replace(
        front=None if have.front is None else _shared_keys(have.front, want.front or ""),
        context=context,
        sections=_shared_parts(have.sections, want.sections, rules),
    )


def _shared_keys(have: str, want: str) -> str:
    names = {item.key.casefold() for item in key_values.read(have).items}
    read = key_values.read(want)
    return key_values.joined(
        read._replace(items=tuple(item for item in read.items if item.key.casefold() in names))
    )


def _shared_parts(have: Sequence[Part], want: Sequence[Part], rules: Rules) -> tuple[Part, ...]:
    slots = paired(want, have, want, {}, rules.section_of)
    nested = Rules(section_of=no_section)
    return tuple(
        slot.base._replace(children=_shared_parts(slot.ours.children, slot.base.children, nested))
        for slot in slots
        if slot.base and slot.ours
    )
