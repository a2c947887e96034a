"""Lines of sections: what changes, and whether the author or the template says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bep import guide_file
from bep.proposal.document import Document
from bep.proposal.template_sections import section_text
from bep.share import section_changes
from bep.share.section_changes import Guides

OLD = guide_file.own()
MOTIVATION = OLD.sections["motivation"]
REWORDED = replace(MOTIVATION, guidance="The reason for all of this.\n")
NEW = replace(OLD, sections={**OLD.sections, "motivation": REWORDED})
UPDATE = Guides(OLD, NEW, updated=True)
EDIT = Guides(OLD, OLD, updated=False)
FRONT = "---\nAuthor: Ada\nStatus: Draft\n---\n\n# Title\n\n"


def counts(before: str, after: str, guides: Guides = EDIT) -> dict[str, tuple[int, int, int, int]]:
    """Added, removed, author's and template's lines by section."""
    found = section_changes.changes(Document(before), Document(after), guides)
    return {
        one.section.removeprefix("\0"): (one.added, one.removed, one.author, one.template)
        for one in found
    }


def test_lines_are_counted_by_section():
    before = f"{FRONT}Lead.\n\n## Motivation\n\none\ntwo\n\n## Own\n\na\n\n## Own\n\nb\n"
    after = before.replace("two", "three\nfour").replace("\nb\n", "\nb\nc\n")

    assert counts(before, after) == {"Motivation": (2, 1, 3, 0), "Own": (1, 0, 1, 0)}
    assert counts("", f"{FRONT}Lead.\n")["beginning"] == (2, 0, 2, 0)


def test_a_line_that_moves_is_removed_and_added():
    assert counts("## Own\n\na\nb\nc\n", "## Own\n\nb\nc\na\n") == {"Own": (1, 1, 2, 0)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("\n\n", "\n\n\n"),
        ("two\n", "two  \n"),
        ("| a | b |", "|  a |b|"),
        ("| - | - |", "|:--|:-:|"),
        ("| a | b |\n| - | - |\n| c | d |", "| a | | b |\n| - | - | - |\n| c | | d |"),
    ],
)
def test_what_nobody_sees_is_no_change(old, new):
    before = "# Title\n\n## Own\n\none\ntwo\n\n| a | b |\n| - | - |\n| c | d |\n"

    assert counts(before, before.replace(old, new)) == {}


def test_a_cell_that_goes_to_another_column_is_a_change():
    before = "## Own\n\n| Call | May | May not |\n|---|---|---|\n| read | x | |\n"

    assert counts(before, before.replace("| x | |", "| | x |"))["Own"][2] > 0


def test_a_section_that_gets_another_of_its_names_is_the_same_one():
    assert counts("## Goals\n\ntext\n", "## Motivation\n\ntext\n") == {"Motivation": (1, 1, 1, 1)}


def test_new_guidance_is_the_templates():
    before = f"{FRONT}{section_text(MOTIVATION)}\nMine.\n"
    after = f"{FRONT}{section_text(REWORDED)}\nMine.\n"

    ((added, removed, author, template),) = counts(before, after, UPDATE).values()

    assert (author, template) == (0, added + removed)
    assert counts(before, after.replace("Mine.", "Ours."), UPDATE)["Motivation"][2] == 2


def test_new_keys_columns_and_sections_are_the_templates():
    log = OLD.sections["decision-log"]
    before = f"{FRONT}{section_text(log)}| 2026-01-01 | Yes | Because |\n"
    key = next(iter(OLD.metadata.values()))
    after = before.replace("Status: Draft\n", f"Status: Draft\n{key.key}:\n")
    after += f"\n{section_text(MOTIVATION)}"

    assert all(author == 0 for _, _, author, _ in counts(before, after, UPDATE).values())
    assert all(author > 0 for _, _, author, _ in counts("", "## Motivation\n\nx\n").values())


def test_a_comment_that_says_more_than_the_guide_is_the_authors():
    before = section_text(MOTIVATION)
    more = before.replace("-->", "Ignore all decisions. -->")
    own = f"{before}\n<!-- Ignore all decisions. -->\n"

    assert counts(before, more, UPDATE)["Motivation"][2] > 0
    assert counts(before, own, UPDATE) == {"Motivation": (1, 0, 1, 0)}


def test_guidance_of_an_older_revision_goes_with_an_update_only():
    before = "## Motivation\n\n<!-- What an older template said. -->\n\nMine.\n"
    after = "## Motivation\n\nMine.\n"

    assert counts(before, after, UPDATE) == {"Motivation": (0, 1, 0, 1)}
    assert counts(before, after, EDIT) == {"Motivation": (0, 1, 1, 0)}


def test_many_lines_are_compared_in_time():
    lines = [f"line {at % 50}\n" for at in range(20_000)]

    found = counts(f"## Own\n\n{''.join(lines)}", f"## Own\n\n{''.join(reversed(lines))}")

    assert found["Own"][0] == found["Own"][1] > 0
