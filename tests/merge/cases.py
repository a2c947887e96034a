"""Cases for the merge: what a template's revision changes, and what an author does meanwhile.

A failing case reads as what happened: `Story(layout, changes, edits)`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from hypothesis import strategies as st

from tests.merge import edits, value_edits
from tests.merge.oracle import Case
from tests.merge.places import SectionOf
from tests.merge.reading import Node, read, trimmed
from tests.merge.revisions import CHANGES, Revision, changed_sections, revised
from tests.merge.template import LAYOUTS, Draft, Part, draft, render

EDITS: dict[str, edits.Edit] = {
    "write": edits.write,
    "fill": edits.fill,
    "write more": edits.write,
    "drop guidance": edits.drop_guidance,
    "edit guidance": edits.edit_guidance,
    "quote guidance": edits.quote_guidance,
    "change line": edits.change_line,
    "delete line": edits.delete_line,
    "blank lines": edits.blank_lines,
    "own section": edits.own_section,
    "underlined section": edits.underlined_section,
    "delete section": edits.delete_section,
    "move section": edits.move_section,
    "rename section": edits.rename_section,
    "label heading": edits.label_heading,
    "number sections": edits.number_sections,
    "further title": edits.further_title,
    "add row": value_edits.add_row,
    "edit row": value_edits.edit_row,
    "delete row": value_edits.delete_row,
    "own column": value_edits.own_column,
    "line below table": value_edits.line_below_table,
    "pad table": value_edits.pad_table,
    "table to list": value_edits.table_to_list,
    "fill key": value_edits.in_front(value_edits.fill_key),
    "quote value": value_edits.in_front(value_edits.quote_value),
    "comment above": value_edits.in_front(value_edits.comment_above),
    "comment behind": value_edits.in_front(value_edits.comment_behind),
    "strip comments": value_edits.in_front(value_edits.strip_comments),
    "own key": value_edits.in_front(value_edits.own_key),
    "delete key": value_edits.in_front(value_edits.delete_key),
    "break key": value_edits.in_front(value_edits.break_key),
    "drop front matter": edits.assign(front=None),
    "fill context": value_edits.in_context(value_edits.fill_key),
    "quote context": value_edits.in_context(value_edits.quote_value),
    "add element": value_edits.in_context(value_edits.add_element),
    "remove element": value_edits.in_context(value_edits.remove_element),
    "context comment": value_edits.in_context(value_edits.comment_above),
    "context note": value_edits.in_context(value_edits.comment_behind),
    "own context key": value_edits.in_context(value_edits.own_key),
    "delete context key": value_edits.in_context(value_edits.delete_key),
    "break context": value_edits.in_context(value_edits.break_key),
    "drop context": edits.assign(context=None),
    "above title": edits.above_title,
    "retitle": edits.retitle,
    "lead": edits.lead,
    "CRLF": edits.assign(ending="\r\n"),
    "CR": edits.assign(ending="\r"),
    "mixed endings": edits.assign(odd_ending="\r\n"),
    "byte order mark": edits.assign(mark="\ufeff"),
    "no final newline": edits.assign(end=""),
    "blank end": edits.assign(end="\n\n\n"),
    "open end": edits.open_end,
}

# What stands in the way of all other edits of a document is drawn less often.
_RARE = {"drop front matter", "drop context", "CR", "open end", "number sections", "further title"}
_KINDS = [*EDITS, *(kind for kind in EDITS if kind not in _RARE)]
# In most cases the author works where the template changed something.
_IN_SECTIONS = (
    "guidance reworded",
    "guidance dropped",
    "line changed",
    "line added",
    "section removed",
    "section split",
)
_FIRST_CHANGES = [*CHANGES, *_IN_SECTIONS * 10]
_ON_TEXT = ("write", "write more", "fill", "change line", "add row", "edit row")


class Story(NamedTuple):
    """A document's layout, the template's changes and the author's edits, each with its numbers."""

    layout: str
    changes: tuple[tuple[str, int], ...]
    edits: tuple[tuple[str, int, int], ...]

    def case(self, rules: Mapping[str, SectionOf]) -> Case:
        """The three texts; `rules` gives the other names of the guide's sections by layout."""
        base, revision, changed = _revision(self.layout, self.changes)
        document = draft(LAYOUTS[self.layout])
        for number, (kind, where, how) in enumerate(self.edits, start=1):
            EDITS[kind](document, _chosen(document, changed, where), how, number)
        theirs = render(revision.template)
        section_of = rules[self.layout]
        return Case(base, document.text(), theirs, revision.sections, revision.keys, section_of)


@lru_cache(maxsize=256)
def _revision(layout: str, changes: tuple[tuple[str, int], ...]) -> tuple[str, Revision, set[str]]:
    template = LAYOUTS[layout]
    revision = revised(template, changes)
    return render(template), revision, changed_sections(template, revision)


def _chosen(document: Draft, changed: set[str], where: int) -> Part:
    """The section for an edit: mostly one that the template changes too."""
    both = [part for part in document.parts if part.section in changed]
    parts = both if both and where % 4 else document.parts
    return parts[where // 4 % len(parts)]


def stories(layout: str) -> st.SearchStrategy[Story]:
    """Stories of a layout's document: one to four changes and one to five edits."""
    number = st.integers(0, 999)
    on_both = st.integers(0, 249).map(lambda where: where * 4 + 1)
    return st.builds(
        lambda change, changes, edit, edits: Story(layout, (change, *changes), (edit, *edits)),
        st.tuples(st.sampled_from(_FIRST_CHANGES), number),
        st.lists(st.tuples(st.sampled_from([*CHANGES]), number), max_size=3),
        st.tuples(st.sampled_from(_ON_TEXT), on_both, number),
        st.lists(st.tuples(st.sampled_from(_KINDS), number, number), max_size=4),
    )


def seeded(count: int, seed: int) -> Iterator[Story]:
    """The same stories each time, for what needs no search."""
    chance = random.Random(seed)

    def number() -> int:
        return chance.randrange(1000)

    for _ in range(count):
        kinds = [chance.choice(_FIRST_CHANGES), *chance.choices([*CHANGES], k=chance.randint(0, 3))]
        first = (chance.choice(_ON_TEXT), number() // 4 * 4 + 1, number())
        more = [
            (kind, number(), number()) for kind in chance.choices(_KINDS, k=chance.randint(0, 4))
        ]
        changes = tuple((kind, number()) for kind in kinds)
        yield Story(chance.choice([*LAYOUTS]), changes, (first, *more))


def meets(case: Case) -> bool:
    """Whether author and template changed the same section's own text, each in its way."""
    base, ours, theirs = (_own(text) for text in (case.base, case.ours, case.theirs))
    renamed = {old.casefold(): new.casefold() for old, new in case.sections.items()}
    for name, text in base.items():
        new = theirs.get(renamed.get(name, name))
        mine = ours.get(name)
        if new != text and mine is not None and mine not in (text, new):
            return True
    return False


def _own(text: str) -> dict[str, tuple[str, ...]]:
    """The own lines of the sections below the title by name."""
    found: dict[str, tuple[str, ...]] = {}
    title: Node = read(text).title
    for child in title.children:
        for node in child.walk():
            found.setdefault(node.name, trimmed(node.own))
    return found
