"""The merge by example: small texts in, the exact text out.

One test for each row of the design's table, for each of its cases that bite, and for each choice
that the design left open. What a person expects is written out; the oracle looks at it as well.
"""

from __future__ import annotations

from textwrap import dedent
from time import process_time
from typing import NamedTuple

import pytest
import yaml

from bep import guide_file
from bep.merge import author_lines
from bep.merge.merge import Rules, merge
from tests.merge.oracle import Case, problems

MAIN = Rules(section_of=guide_file.own().main_names.family)


def page(text: str) -> str:
    return dedent(text).removeprefix("\n")


class Merged(NamedTuple):
    """What most examples say of a merge."""

    text: str
    kept: tuple[str, ...]


def merged(base: str, ours: str, theirs: str, rules: Rules = MAIN) -> Merged:
    """The merge of the three, after the oracle found nothing wrong with it."""
    result = merge(base, ours, theirs, rules)
    again = merge(base, result.text, theirs, rules)
    case = Case(base, ours, theirs, rules.sections, rules.keys, rules.section_of)
    assert problems(case, result.text, result.kept) == []
    assert again.text == result.text, "a second update changes something"
    return Merged(result.text, result.kept)


def front_matter(text: str) -> dict[str, str]:
    return yaml.load(text.split("---\n")[1], yaml.BaseLoader)


def context(text: str) -> dict[str, object]:
    block = text.split("<!-- context-for-ai\n")[1]
    return yaml.load(block.split("-->", maxsplit=1)[0], yaml.BaseLoader)


def table(text: str) -> list[list[str]]:
    """The cells of all table rows, delimiter row left out."""
    rows = [line for line in text.splitlines() if line.startswith("|") and "--" not in line]
    return [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]


def headings(text: str) -> list[str]:
    return [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("##")]


OLD = page("""
    # Title

    ## Motivation

    <!-- Why. -->

    ## Open Questions

    <!-- What is open. -->
    """)
NEW_GUIDANCE = OLD.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")


# --- The table of the design --------------------------------------------------------------------


def test_what_only_the_template_changed_is_the_template_s():
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\n- JIRA: BA-XXXX")
    theirs = base.replace("BA-XXXX", "BA-1234")
    ours = base.replace("<!-- What is open. -->", "- How long?")

    result = merged(base, ours, theirs)

    assert result == (ours.replace("BA-XXXX", "BA-1234"), ())


def test_what_only_the_author_changed_is_the_author_s():
    ours = OLD.replace("<!-- Why. -->", "Users wait.  \n\n\n\tToo long.")
    theirs = OLD.replace("<!-- What is open. -->", "<!-- One bullet each. -->")

    result = merged(OLD, ours, theirs)

    assert result == (ours.replace("<!-- What is open. -->", "<!-- One bullet each. -->"), ())


def test_guidance_that_the_author_left_in_place_is_brought_up_to_date_around_the_text():
    ours = OLD.replace("<!-- Why. -->", "First.\n\n<!-- Why. -->\nUsers wait.")

    result = merged(OLD, ours, NEW_GUIDANCE)

    assert result == (ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->"), ())


def test_where_both_changed_the_text_the_author_s_stands_and_is_reported():
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nSay why.")
    ours = base.replace("Say why.", "Users wait.")
    theirs = base.replace("Why. -->", "Why, and for whom. -->").replace("Say why.", "Name a user.")

    result = merged(base, ours, theirs)

    expected = ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")
    assert result == (expected, ("Motivation",))


def test_an_added_section_is_inserted_at_the_template_s_place():
    ours = OLD.replace("<!-- Why. -->", "Users wait.")
    theirs = OLD.replace("## Open", "## Security\n\n<!-- Who can do what. -->\n\n## Open")

    result = merged(OLD, ours, theirs)

    expected = ours.replace("## Open", "## Security\n\n<!-- Who can do what. -->\n\n## Open")
    assert result == (expected, ())


def test_an_added_section_is_inserted_before_the_first_one():
    ours = OLD.replace("<!-- Why. -->", "Users wait.")
    theirs = OLD.replace("## Mot", "## Summary\n\n<!-- In one sentence. -->\n\n## Mot")

    result = merged(OLD, ours, theirs)

    assert result.text == ours.replace(
        "## Mot", "## Summary\n\n<!-- In one sentence. -->\n\n## Mot"
    )


def test_an_added_section_is_inserted_behind_the_last_one():
    ours = OLD.replace("<!-- What is open. -->", "- How long?")
    theirs = OLD + "\n## References\n\n<!-- Links. -->\n"

    result = merged(OLD, ours, theirs)

    assert result == (ours + "\n## References\n\n<!-- Links. -->\n", ())


def test_an_added_subsection_is_inserted_at_its_place_in_a_section_of_the_author_s():
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\n### Users\n\n### Costs")
    ours = base.replace("### Users", "Text.\n\n### Users\n\nThey wait.").replace(
        "Costs", "Costs\n\n9"
    )
    theirs = base.replace("### Costs", "### Operators\n\n### Costs")

    result = merged(base, ours, theirs)

    assert result == (ours.replace("### Costs", "### Operators\n\n### Costs"), ())


def test_a_section_that_the_author_removed_stays_removed():
    ours = page("""
        # Title

        ## Open Questions

        - How long?
        """)

    assert merged(OLD, ours, NEW_GUIDANCE) == (ours, ())


def test_a_removed_section_that_the_author_changed_stays_and_is_reported():
    ours = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nUsers wait.")
    theirs = OLD.replace("## Motivation\n\n<!-- Why. -->\n\n", "")

    result = merged(OLD, ours, theirs)

    assert result == (ours, ("Motivation",))


def test_a_removed_section_that_the_author_left_alone_is_removed():
    ours = OLD.replace("<!-- What is open. -->", "- How long?")
    theirs = OLD.replace("## Motivation\n\n<!-- Why. -->\n\n", "")

    result = merged(OLD, ours, theirs)

    assert result == (ours.replace("## Motivation\n\n<!-- Why. -->\n\n", ""), ())


def test_an_untouched_document_is_the_new_rendering():
    theirs = NEW_GUIDANCE.replace("# Title", "# Another Title") + "\n## References\n"

    assert merged(OLD, OLD, theirs) == (theirs, ())


def test_a_template_that_did_not_change_changes_no_byte():
    ours = "\ufeff# Other\r\n\r\n## Motivation\n<!-- Why. -->\ttext\r\n```\n## Open Questions"

    assert merged(OLD, ours, OLD) == (ours, ())


# --- Renamed, moved, split ----------------------------------------------------------------------


def test_a_section_that_the_template_renamed_keeps_the_author_s_text():
    rules = MAIN._replace(sections={"Motivation": "Why"})
    ours = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nUsers wait.\n\n### Who\n\nAll.")
    theirs = NEW_GUIDANCE.replace("## Motivation", "## Why")

    result = merged(OLD, ours, theirs, rules)

    expected = ours.replace("## Motivation", "## Why").replace("Why. -->", "Why, and for whom. -->")
    assert result == (expected, ())


def test_a_section_that_takes_the_name_of_one_that_was_there_is_not_renamed():
    base = "# T\n\n## Motivation\n\n<!-- Why. -->\n\n## Current Design\n\n<!-- Now. -->\n"
    ours = base.replace("<!-- Why. -->", "<!-- Why. -->\n\nBecause.")
    theirs = "# T\n\n## Motivation\n\n<!-- Why, and what is there. -->\n"
    rules = MAIN._replace(sections={"Current Design": "Motivation"})

    result = merged(base, ours, theirs, rules)

    assert result == (theirs + "\nBecause.\n", ())


def test_a_new_title_is_taken_behind_the_author_s_number():
    ours = OLD.replace("## Motivation\n", "## 3. Motivation\n\nUsers wait.\n")
    theirs = OLD.replace("## Motivation", "## Reasons")
    rules = MAIN._replace(sections={"Motivation": "Reasons"})

    kept = merge(OLD, ours, theirs, rules)
    taken = merge(OLD, ours, theirs, rules._replace(take=frozenset(["3. Motivation"])))

    assert (kept.text, kept.kept) == (ours, ("3. Motivation",))
    assert (taken.text, taken.kept) == (ours.replace("## 3. Motivation", "## 3. Reasons"), ())


def test_a_section_that_both_renamed_keeps_the_author_s_name():
    rules = MAIN._replace(sections={"Motivation": "Why"})
    ours = OLD.replace("## Motivation", "## Goal")
    theirs = NEW_GUIDANCE.replace("## Motivation", "## Why")

    result = merged(OLD, ours, theirs, rules)

    assert result.text == ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")


def test_the_template_s_new_order_applies_and_own_sections_travel_with_what_they_stood_behind():
    ours = page("""
        # Title

        ## Motivation

        Users wait.

        ## Measurements

        Nine seconds.

        ## Open Questions

        - How long?
        """)
    theirs = page("""
        # Title

        ## Open Questions

        <!-- What is open. -->

        ## Motivation

        <!-- Why. -->
        """)

    result = merged(OLD, ours, theirs)

    assert headings(result.text) == ["Open Questions", "Motivation", "Measurements"]
    assert "## Measurements\n\nNine seconds.\n" in result.text


def test_an_order_that_the_author_changed_stays():
    ours = page("""
        # Title

        ## Open Questions

        - How long?

        ## Motivation

        Users wait.
        """)
    base = OLD + "\n## References\n\n<!-- Links. -->\n"
    theirs = page("""
        # Title

        ## References

        <!-- Links. -->

        ## Motivation

        <!-- Why. -->

        ## Open Questions

        <!-- What is open. -->
        """)

    assert merged(base, ours, theirs) == (ours, ())


def test_a_section_that_the_template_split_leaves_the_author_s_text_whole():
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nProblem:\n\nCost:")
    theirs = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nProblem:\n\n## Cost\n\n<!-- Cost. -->")
    ours = base.replace("Problem:", "Problem: users wait.")

    result = merged(base, ours, theirs)

    expected = ours.replace("## Open", "## Cost\n\n<!-- Cost. -->\n\n## Open")
    assert result == (expected, ("Motivation",))


# --- Front matter and context block -------------------------------------------------------------

KEYS = page("""
    ---
    # Author: name and address
    Author: Grace Hopper (grace@example.com)
    Status: Draft
    # Target-Version: when accepted
    Target-Version:
    Implemented-Version:
    ---

    # Title
    """)


def test_metadata_merges_by_key():
    ours = KEYS.replace("Target-Version:\n", "Target-Version: 26.9.0\n")
    ours = ours.replace("Implemented-Version:\n", "Reviewer: Ada\n")
    theirs = KEYS.replace("Status: Draft", "Status: Proposed\nKind: Feature")
    theirs = theirs.replace("Implemented-Version:\n", "Implemented-Version: none\n")

    result = merged(KEYS, ours, theirs)

    assert result == (ours.replace("Status: Draft", "Status: Proposed\nKind: Feature"), ())


def test_comments_that_the_author_stripped_are_no_change_of_the_values():
    ours = KEYS.replace("# Author: name and address\n", "")
    ours = ours.replace("# Target-Version: when accepted\n", "")
    theirs = KEYS.replace("Status: Draft", "Status: Proposed")

    assert merged(KEYS, ours, theirs) == (ours.replace("Status: Draft", "Status: Proposed"), ())


def test_a_comment_that_the_author_wrote_survives_the_new_value():
    ours = KEYS.replace("Status: Draft", "# until Ada is back\nStatus: Draft  # not before May")
    theirs = KEYS.replace("Status: Draft", "Status: Proposed")

    result = merged(KEYS, ours, theirs)

    assert "# until Ada is back\n" in result.text
    assert "# not before May\n" in result.text


def test_a_renamed_key_keeps_the_author_s_value():
    rules = MAIN._replace(keys={"Target-Version": "Target-Release"})
    ours = KEYS.replace("Target-Version:\n", "Target-Version: 26.9.0\n")
    theirs = KEYS.replace("Target-Version:\n", "Target-Release:\n")

    result = merged(KEYS, ours, theirs, rules)

    assert front_matter(result.text) == {
        "Author": "Grace Hopper (grace@example.com)",
        "Status": "Draft",
        "Target-Release": "26.9.0",
        "Implemented-Version": "",
    }


def test_a_key_that_the_template_removed_goes_where_it_is_not_filled():
    theirs = KEYS.replace("Implemented-Version:\n", "")
    ours = KEYS.replace("Status: Draft", "Status: Accepted")
    filled = ours.replace("Implemented-Version:", "Implemented-Version: 26.9.1")

    assert merged(KEYS, ours, theirs).text == ours.replace("Implemented-Version:\n", "")
    assert merged(KEYS, filled, theirs).text == filled


def test_front_matter_that_the_author_removed_does_not_come_back():
    ours = "# Title\n\nText.\n"

    assert merged(KEYS, ours, KEYS.replace("Status: Draft", "Status: Proposed")).text == ours


CONTEXT = page("""
    <!-- context-for-ai
    type: master-bep
    scope: One line
    detail-docs: [data-model.md, api.md]
    key-decisions: []
    phases: 2
    -->

    # Title
    """)


@pytest.mark.parametrize("emptied", ["constraints:\n", "constraints: []\n"])
def test_a_list_that_the_author_emptied_gets_what_the_template_adds(emptied):
    block = "<!-- context-for-ai\nscope: x\nconstraints:\n  - a\nphases: 1\n-->\n\n"
    ours = block.replace("constraints:\n  - a\n", emptied)

    result = merged(block + OLD, ours + OLD, block.replace("  - a\n", "  - a\n  - b\n") + OLD)

    assert result.text == ours.replace(emptied, "constraints: [b]\n") + OLD


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (" [a]  # why", " [a, b]", " [a, b]  # why"),
        (" [a, c]  # why", " [a, b]", " [a, c, b]  # why"),
        ("\n  - a  # why", " [b]", "\n  - b\n  # why"),
        ("\n  # why\n  - a", " [a, b]", "\n  # why\n  - a\n  - b"),
    ],
)
def test_what_the_author_remarked_at_a_list_stays(mine, theirs, expected):
    base = "<!-- context-for-ai\nkey: [a]\n-->\n\n# Title\n"

    result = merge(base, base.replace(" [a]", mine), base.replace(" [a]", theirs))

    assert result.text == base.replace(" [a]", expected)


def test_a_list_that_the_author_wrote_in_another_form_gets_one_line():
    base = "<!-- context-for-ai\ndetail-docs: [a.md, b.md]\n-->\n\n# Title\n"
    ours = base.replace(" [a.md, b.md]", '\n  - a.md   # the tables\n  - "b.md"')
    theirs = base.replace("b.md]", "b.md, c.md]")

    result = merged(base, ours, theirs)

    assert result == (ours.replace('"b.md"\n', '"b.md"\n  - c.md\n'), ())


def test_the_context_block_merges_by_key_and_its_lists_by_element():
    ours = CONTEXT.replace("[data-model.md, api.md]", "[data-model.md, api.md, cli.md]")
    ours = ours.replace("key-decisions: []", "key-decisions:\n  - Events over polling")
    ours = ours.replace("type: master-bep\n", "type: master-bep\nowner: Ada\n")
    theirs = CONTEXT.replace("[data-model.md, api.md]", "[overview.md, data-model.md]")
    theirs = theirs.replace("phases: 2", "phases:\n  - Foundation\n  - Consumers\nrevision: 2")

    result = merged(CONTEXT, ours, theirs)

    found = context(result.text)
    assert sorted(found.pop("detail-docs")) == ["cli.md", "data-model.md", "overview.md"]
    assert found == {
        "type": "master-bep",
        "owner": "Ada",
        "scope": "One line",
        "key-decisions": ["Events over polling"],
        "phases": ["Foundation", "Consumers"],
        "revision": "2",
    }
    assert result.kept == ()


def test_a_number_of_phases_that_the_author_changed_stays_a_number():
    ours = CONTEXT.replace("phases: 2", "phases: 3")
    theirs = CONTEXT.replace("phases: 2", "phases:\n  - Foundation\n  - Consumers")

    assert merged(CONTEXT, ours, theirs).text == ours


def test_a_context_block_that_the_author_removed_does_not_come_back():
    ours = "# Title\n\nText.\n"

    assert merged(CONTEXT, ours, CONTEXT.replace("phases: 2", "phases: 3")).text == ours


# --- Tables -------------------------------------------------------------------------------------

LOG = page("""
    # Title

    ## Decision Log

    <!-- One row each. -->

    | Date | Decision | Rationale |
    |------|----------|-----------|
    """)
INDEX = page("""
    # Title

    ## Document Index

    | Document | Description |
    |----------|-------------|
    | [data-model](./BEP-1046/data-model.md) | Tables |
    | [api](./BEP-1046/api.md) | Queries |
    """)


def test_a_new_column_of_the_decision_log_is_added_to_the_author_s_rows():
    ours = LOG + "| 2026-01-15 | Events over polling | Lower latency |\n\nAll of them stand.\n"
    theirs = LOG.replace("Rationale |", "Rationale | By |").replace("-|\n", "-|----|\n")
    theirs = theirs.replace("One row each.", "One row for each.")

    result = merged(LOG, ours, theirs)

    assert table(result.text) == [
        ["Date", "Decision", "Rationale", "By"],
        ["2026-01-15", "Events over polling", "Lower latency", ""],
    ]
    assert result.text.startswith("# Title\n\n## Decision Log\n\n<!-- One row for each. -->\n\n|")
    assert result.text.endswith("|\n\nAll of them stand.\n")
    assert result.kept == ()


_LOG = (
    "# T\n\n## Decision Log\n\n| Date | Decision | Rationale |\n|---|---|---|\n{}\n## References\n"
)
_ROW = "| 2026-01-02 | A | B |\n"


@pytest.mark.parametrize(
    "line",
    [
        "[^1]: A footnote, with `code`.",
        "Text directly below.",
        "Text | with a pipe",
        "Text with an escaped \\| pipe",
        "  indented text",
        "    code",
        "<!-- a remark -->",
        "> a quote",
        "- an item",
        "1. an item",
        "***",
        "[a]: ./b.md",
        "```\n| x |\n```",
        "| short |",
        "| short",
        "|",
        "| A | B |\n|---|---|\n| 1 | 2 |",
        "First line\nsecond line",
    ],
)
@pytest.mark.parametrize("rows", ["", _ROW])
def test_a_line_directly_below_a_table_keeps_its_bytes(line, rows):
    base = _LOG.format("")
    theirs = base.replace("Rationale |", "Rationale | Owner |").replace("-|\n", "-|---|\n")
    with_row = _LOG.format("| 2026-02-03 | C | D |\n")
    first = base.replace("| Date |", "| Owner | Date |").replace("\n|-", "\n|---|-")

    added = merged(base, _LOG.format(f"{rows}{line}\n"), theirs).text
    assert f"---|---|\n{rows.replace(' B |', ' B |  |')}{line}\n" in added
    below = merged(base, _LOG.format(f"{rows}{line}\n"), with_row).text
    assert f"\n{line}\n" in below
    if "|" not in line.replace("\\|", ""):
        assert f"{rows}| 2026-02-03 | C | D |\n{line}\n" in below
        assert f"\n{line}\n" in merge(base, _LOG.format(f"{rows}{line}\n"), first, MAIN).text
    taken = merged(theirs, theirs.replace("|---|\n", f"|---|\n{rows}{line}\n"), base).text
    assert f"---|---|---|\n{rows}{line}\n" in taken


def test_a_row_that_is_shorter_than_its_table_keeps_its_bytes_where_a_column_comes_behind_it():
    ours = _LOG.format("| 2026-01-02 | A |\n")

    result = merged(
        _LOG.format(""),
        ours,
        _LOG.format("").replace("ale |", "ale | Who |").replace("-|\n", "-|---|\n"),
    )

    assert "\n| 2026-01-02 | A |\n" in result.text


def test_an_author_s_extra_column_stays():
    ours = page("""
        # Title

        ## Decision Log

        | Date | Decision | Rationale | PR |
        |------|----------|-----------|----|
        | 2026-01-15 | Events | Latency | #7 |
        """)
    theirs = LOG.replace("Rationale |", "Rationale | By |").replace("-|\n", "-|----|\n")

    head, row = table(merged(LOG, ours, theirs).text)

    assert dict(zip(head, row, strict=True)) == {
        "Date": "2026-01-15",
        "Decision": "Events",
        "Rationale": "Latency",
        "PR": "#7",
        "By": "",
    }


def test_rows_of_the_index_merge_one_by_one():
    ours = INDEX.replace("| Tables |", "| Tables and queries |")
    ours += "| [cli](./BEP-1046/cli.md) | Commands |\n"
    theirs = INDEX.replace("| [api](./BEP-1046/api.md) | Queries |\n", "")
    theirs = theirs.replace("| Tables |", "| The tables |")
    theirs += "| [events](./BEP-1046/events.md) | Events |\n"

    head, *rows = table(merged(INDEX, ours, theirs).text)

    assert head == ["Document", "Description"]
    assert sorted(rows) == [
        ["[cli](./BEP-1046/cli.md)", "Commands"],
        ["[data-model](./BEP-1046/data-model.md)", "Tables and queries"],
        ["[events](./BEP-1046/events.md)", "Events"],
    ]


def test_rows_keep_their_bytes_where_no_column_changed():
    row = "|  [api](./BEP-1046/api.md)|Queries   |"
    ours = INDEX.replace("| [api](./BEP-1046/api.md) | Queries |", row)
    theirs = INDEX + "| [events](./BEP-1046/events.md) | Events |\n"

    assert (
        merged(INDEX, ours, theirs).text == ours + "| [events](./BEP-1046/events.md) | Events |\n"
    )


REGISTRY = """
# Registry

## Numbers

One row per number, in order.

| Number | Title |
|--------|-------|
"""


def test_prose_that_the_author_left_alone_is_brought_up_to_date_around_the_author_s_rows():
    rows = "| 1001 | Ours |\n| 1002 | Too |\n"
    theirs = REGISTRY.replace("One row", "A row")

    result = merged(REGISTRY, REGISTRY + rows, theirs)

    assert result == (theirs + rows, ())


def test_prose_stays_whole_where_the_author_changed_a_word_of_it():
    ours = REGISTRY.replace("in order", "newest first") + "| 1001 | Ours |\n"

    result = merged(REGISTRY, ours, REGISTRY.replace("One row", "A row"))

    assert result == (ours, ("Numbers",))


def test_a_section_that_is_taken_keeps_the_rows_of_its_tables():
    ours = REGISTRY.replace("in order", "newest first") + "| 1001 | Ours |\n"
    theirs = REGISTRY.replace("One row", "A row")

    result = merge(REGISTRY, ours, theirs, MAIN._replace(take=frozenset(["Numbers"])))

    assert (result.text, result.kept) == (f"{theirs}| 1001 | Ours |\n", ())


def test_a_row_that_the_author_removed_stays_removed():
    ours = INDEX.replace("| [api](./BEP-1046/api.md) | Queries |\n", "")
    theirs = INDEX.replace("Queries", "Queries and commands").replace("Tables", "The tables")

    assert merged(INDEX, ours, theirs).text == ours.replace("Tables", "The tables")


def test_a_column_that_the_template_removed_stays_if_an_author_filled_it():
    ours = LOG + "| 2026-01-15 | Events | Latency |\n"
    theirs = LOG.replace(" Rationale |", "").replace("-----------|", "")
    unfilled = LOG + "| 2026-01-15 | Events | |\n"

    assert merged(LOG, ours, theirs).text == ours
    assert table(merged(LOG, unfilled, theirs).text) == [
        ["Date", "Decision"],
        ["2026-01-15", "Events"],
    ]


def test_a_column_that_the_template_removed_stays_under_the_author_s_name_for_it():
    both = Rules(columns_of=lambda _: {"reason": "why", "why": "why"})
    base = "# T\n\n## A\n\n| Item | Why |\n|---|---|\n| a | x |\n"
    ours = base.replace("Why", "Reason")

    result = merged(base, ours, "# T\n\n## A\n\n| Item |\n|---|\n| a |\n", both)

    assert (result.text, result.kept) == (ours, ("A",))


def test_a_table_without_borders_keeps_the_column_without_which_it_would_be_none():
    base = "# T\n\n## A\n\nItem | Why\n---|---\na | x\n"
    ours = f"{base}mine |\n"

    result = merge(base, ours, "# T\n\n## A\n\n| Item |\n|---|\n| a |\n")

    assert (result.text, result.kept) == (ours, ("A",))


def test_a_table_of_other_columns_is_the_author_s_text():
    ours = page("""
        # Title

        ## Decision Summary

        | Nr | Content | Decision |
        |----|---------|----------|
        | 1 | Events | yes |
        """)
    theirs = LOG.replace("Rationale |", "Rationale | By |").replace("-|\n", "-|----|\n")

    assert merged(LOG, ours, theirs).text == ours


# --- Cases that bite ----------------------------------------------------------------------------


def test_a_numbered_document_keeps_the_author_s_order():
    ours = page("""
        # Title

        ## 1. Motivation

        Users wait.

        ## 2. Open Questions

        <!-- What is open. -->
        """)
    theirs = page("""
        # Title

        ## Open Questions

        <!-- One bullet each. -->

        ## Motivation

        <!-- Why. -->

        ## References

        <!-- Links. -->
        """)

    result = merged(OLD, ours, theirs)

    assert headings(result.text) == ["1. Motivation", "References", "2. Open Questions"]
    assert "## 1. Motivation\n\nUsers wait.\n\n" in result.text
    assert result.text.endswith("## 2. Open Questions\n\n<!-- One bullet each. -->\n")


def test_another_name_for_a_section_is_that_section():
    ours = page("""
        # Title

        ## Goal

        <!-- Why. -->

        Users wait.

        ## 4. Decision Summary

        | Decision | Content |
        |----------|---------|
        | Events | yes |

        ## Open Questions

        - How long?
        """)
    theirs = NEW_GUIDANCE + "\n## Decision Log\n\n| Date | Decision |\n|------|----------|\n"

    result = merged(OLD, ours, theirs)

    assert result.text == ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")


def test_the_name_itself_comes_before_another_name():
    ours = OLD.replace("## Motivation", "## Goal\n\nFaster.\n\n## Motivation")

    result = merged(OLD, ours, NEW_GUIDANCE)

    assert result.text == ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")


def test_a_section_that_the_author_has_already_is_not_added_again():
    ours = OLD.replace("## Open", "## Security\n\nNobody can.\n\n## Open")
    theirs = OLD + "\n## Security\n\n<!-- Who can do what. -->\n"

    assert merged(OLD, ours, theirs).text == ours


def test_an_own_section_stays_behind_the_section_it_stood_behind():
    ours = OLD.replace("## Open", "## Measurements\n\nNine seconds.\n\n## Open")
    theirs = OLD.replace("## Open", "## Security\n\n<!-- Who can do what. -->\n\n## Open")

    result = merged(OLD, ours, theirs)

    expected = ours.replace("## Open", "## Security\n\n<!-- Who can do what. -->\n\n## Open")
    assert result == (expected, ())


def test_an_own_section_whose_neighbour_the_template_removed_stays_at_its_place():
    base = OLD + "\n## References\n\n<!-- Links. -->\n"
    theirs = OLD.replace(
        "## Open Questions\n\n<!-- What is open. -->\n", "## References\n\n<!-- L. -->\n"
    )
    ours = base.replace("## Ref", "## Measurements\n\nNine seconds.\n\n## Ref")

    result = merged(base, ours, theirs)

    assert headings(result.text) == ["Motivation", "Measurements", "References"]


def test_a_heading_repeated_five_times_keeps_each_text():
    risks = "".join(f"### Risk\n\nRisk {number}.\n\n" for number in range(5))
    ours = OLD.replace("## Open", f"{risks}## Open")
    theirs = NEW_GUIDANCE.replace("## Open", "### Costs\n\n<!-- What it costs. -->\n\n## Open")

    result = merged(OLD, ours, theirs)

    assert risks in result.text
    assert result.text.count("### Risk\n") == 5
    assert result.text.count("### Costs\n") == 1


def test_text_that_looks_like_a_template_is_text():
    ours = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\n{{ user }} {% if x %} {# c #} {%- raw %}")

    result = merged(OLD, ours, NEW_GUIDANCE)

    assert result.text == ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")


def test_guidance_that_stands_in_a_fence_is_the_author_s_text():
    ours = OLD.replace("<!-- Why. -->", "```html\n<!-- Why. -->\n## Motivation\n-->\n```\nText.")

    assert merged(OLD, ours, NEW_GUIDANCE) == (ours, ())


def test_guidance_that_the_author_edited_is_the_author_s_text():
    ours = OLD.replace("<!-- Why. -->", "<!-- Why? -->\n\nText.")

    assert merged(OLD, ours, NEW_GUIDANCE) == (ours, ())


def test_guidance_that_the_author_deleted_does_not_come_back():
    ours = OLD.replace("<!-- Why. -->", "Text.")

    assert merged(OLD, ours, NEW_GUIDANCE) == (ours, ())


def test_guidance_that_the_template_dropped_goes():
    ours = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\nText.")
    theirs = OLD.replace("<!-- Why. -->\n\n", "")

    assert merged(OLD, ours, theirs) == (ours.replace("<!-- Why. -->\n\n", ""), ())


@pytest.mark.parametrize("title", ["# My title\n", "My title\n===\n", "# My title\n\nText.\n\n"])
def test_a_context_block_below_the_title_is_kept_up_to_date_there(title):
    block = "<!-- context-for-ai\ntype: detail-doc\nowner: nobody\nscope: x\n-->\n\n"
    base, own = block + OLD, block.replace("scope: x", "scope: mine")
    theirs = block.replace("owner: nobody\n", "owner: a team\n") + OLD

    result = merged(base, f"{title}{own}{OLD}", theirs)

    assert result.text == f"{title}{own.replace('nobody', 'a team')}{OLD}"


# --- Bytes --------------------------------------------------------------------------------------


def test_what_is_new_has_the_author_s_line_endings_and_the_mark_stays():
    ours = "\ufeff" + OLD.replace("<!-- Why. -->", "Users wait.").replace("\n", "\r\n")
    theirs = OLD.replace("## Open", "## Security\n\n<!-- Who. -->\n\n## Open")

    result = merged(OLD, ours, theirs)

    added = "## Security\r\n\r\n<!-- Who. -->\r\n\r\n## Open"
    assert result.text == ours.replace("## Open", added)


@pytest.mark.parametrize(
    "first", ["#", "# Title", "---", "text", "<!-- context-for-ai\nkey: x\n-->"]
)
def test_a_second_mark_is_text_and_stays_where_it_is(first):
    ours = f"\ufeff\ufeff{first}\n"

    assert merge("", ours, "## New\n").text == f"{ours}\n## New\n"


def test_one_odd_line_ending_stays_and_does_not_decide():
    ours = OLD.replace("<!-- Why. -->", "Users wait.\r\nToo long.")
    theirs = OLD.replace("## Open", "## Security\n\n## Open")

    assert merged(OLD, ours, theirs).text == ours.replace("## Open", "## Security\n\n## Open")


def test_a_document_without_final_newline_is_no_obstacle():
    ours = OLD.replace("<!-- What is open. -->\n", "- How long?")
    theirs = OLD + "\n## References\n\n<!-- Links. -->\n"

    result = merged(OLD, ours, theirs)

    assert result.text.startswith(ours + "\n\n## References\n\n<!-- Links. -->")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_what_is_new_comes_below_front_matter_that_is_all_there_is(end, ending):
    base = "---\nStatus: Draft\n---\n\n# Title\n\n## Motivation\n\n<!-- Why. -->\n"
    theirs = f"{base}\n## Security\n\n<!-- Who can do what. -->\n"
    ours = f"---\nStatus: Draft\n---{end}".replace("\n", ending)

    result = merge(base, ours, theirs, MAIN)

    new = "---\n\n## Security\n\n<!-- Who can do what. -->\n".replace("\n", ending)
    assert result.text == ours.removesuffix(f"---{end.replace(chr(10), ending)}") + new
    assert merge(base, result.text, theirs, MAIN).text == result.text


def test_a_document_with_several_titles_gets_no_new_section_but_all_else():
    block = "<!-- context-for-ai\nphases: 2\n-->\n\n"
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\n### Users")
    ours = base + "\n# Appendix\n\n## Measurements\n\nNine seconds.\n"
    theirs = (
        "---\nStatus: Draft\n---\n\n"
        + block
        + base.replace("Why. -->", "Why, and for whom. -->").replace(
            "## Open", "### Costs\n\n<!-- Sums. -->\n\n## Open"
        )
        + "\n## References\n\n<!-- Links. -->\n"
    )

    result = merged(base, ours, theirs)

    expected = ours.replace("Why. -->", "Why, and for whom. -->")
    assert result.text == f"---\nStatus: Draft\n---\n\n{block}{expected}"
    assert result.kept == ("References", "Costs")


# --- Numbers ------------------------------------------------------------------------------------

WITH_REFERENCES = OLD + "\n## References\n\n<!-- Links. -->\n"
WITH_SECURITY = OLD.replace("## Open", "## Security\n\n<!-- Who. -->\n\n### Threats\n\n## Open")


def with_numbers(first: str, second: str) -> str:
    ours = OLD.replace("## Motivation", f"## {first} Motivation")
    return ours.replace("## Open", f"## {second} Open").replace("<!-- Why. -->", "Users wait.")


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        ("1.", "2.", "3."),
        ("4)", "5)", "6)"),
        ("(9)", "(10)", "(11)"),
        ("4\\.", "5\\.", "6\\."),
        ("2.1", "2.2", "2.3"),
        ("2.9.", "2.10.", "2.11."),
        ("01.", "02.", "03."),
        ("4 -", "5 -", "6 -"),
        ("4 –", "5 –", "6 –"),
        ("4:", "5:", "6:"),
        ("III.", "IV.", "V."),
        ("I)", "II)", "III)"),
        ("H.", "I.", "J."),
        ("A.", "B.", "C."),
        ("§4", "§5", "§6"),
        ("§ 4.1", "§ 4.2", "§ 4.3"),
        ("①", "②", "③"),
        ("1️⃣", "2️⃣", "3️⃣"),
        ("Ⅳ.", "Ⅴ.", "Ⅵ."),
        ("5.", "1.", "2."),
        ("3.", "2.", "4."),
    ],
)
def test_a_new_section_gets_the_next_number_in_the_document_s_form(first, second, number):
    ours = with_numbers(first, second)

    result = merged(OLD, ours, WITH_REFERENCES)

    assert result == (f"{ours}\n## {number} References\n\n<!-- Links. -->\n", ())
    newer = WITH_REFERENCES.replace("Links.", "Links, with titles.")
    again = merged(WITH_REFERENCES, result.text, newer)
    assert again == (result.text.replace("Links.", "Links, with titles."), ())
    back = merge(WITH_REFERENCES, result.text, OLD, MAIN)
    assert (back.text, back.kept) == (ours, ())


@pytest.mark.parametrize(
    ("first", "second", "heading"),
    [
        ("1.", "3.", "2. Security"),
        ("1.", "2.", "Security"),
        ("A.", "C.", "B. Security"),
        ("IV.", "V.", "Security"),
        ("1.", "", "Security"),
        ("", "1.", "Security"),
        ("Z.", "1.", "Security"),
        ("🚀 1.", "🚀 3.", "Security"),
    ],
)
def test_a_new_section_in_between_gets_a_number_that_is_free(first, second, heading):
    ours = with_numbers(first, second)

    result = merged(OLD, ours, WITH_SECURITY)

    added = f"## {heading}\n\n<!-- Who. -->\n\n### Threats\n\n## {second} Open"
    assert result.text == ours.replace(f"## {second} Open", added)


def test_new_subsections_are_numbered_as_those_beside_them():
    base = OLD.replace("<!-- Why. -->", "<!-- Why. -->\n\n### Users")
    ours = base.replace("## Mot", "## 1. Mot").replace("### Users", "### 1.1 Users\n\nAll.")
    ours = ours.replace("## Open", "## 2. Open")
    theirs = base.replace("### Users", "### Users\n\n### Costs\n\n### Gains")

    result = merged(base, ours, theirs)

    expected = ours.replace("All.", "All.\n\n### 1.2 Costs\n\n### 1.3 Gains")
    assert result.text == expected


def test_a_heading_that_the_template_underlines_gets_no_number():
    result = merge(OLD, with_numbers("1.", "2."), OLD + "\nReferences\n---\n\n<!-- Links. -->\n")

    assert "\n\nReferences\n---\n" in result.text


# --- The author's own sections ------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["References", "See also", "**4.** References"])
def test_a_section_of_the_author_s_own_gets_no_guidance(heading):
    ours = OLD.replace("Why. -->", "Why. -->\n\nUsers wait.")
    ours += f"\n## {heading}\n\n### Books\n\nOne.\n"
    theirs = WITH_REFERENCES + "\n### Pages\n\n<!-- Of whom. -->\n"

    result = merged(OLD, ours, theirs)

    assert result.text == ours
    assert result.kept == (heading,)


def test_another_name_for_an_empty_section_does_not_make_it_the_template_s():
    base = OLD.replace("<!-- Why. -->\n\n", "")
    ours = base.replace("## Motivation", "## Background\n\n### History\n\nLong.")

    result = merged(base, ours, OLD)

    assert result == (ours, ("Background",))
    named = base.replace("## Motivation", "## 🚀 Motivation").replace("Title", "Mine")
    with_guidance = named.replace("Motivation\n", "Motivation\n\n<!-- Why. -->\n")
    assert merged(base, named, OLD).text == with_guidance


def test_nothing_new_disappears_in_a_fence_that_the_author_left_open():
    ours = OLD.replace("<!-- What is open. -->", "```\nopen")
    theirs = NEW_GUIDANCE + "\n## References\n\n<!-- Links. -->\n"

    result = merged(OLD, ours, theirs)

    assert "<!-- Why, and for whom. -->" in result.text
    assert "```\nopen\n" in result.text


@pytest.mark.parametrize("opened", ["<pre>", "```", "<!-- note"])
def test_nothing_new_comes_above_a_title_below_which_all_is_swallowed(opened):
    ours = "# T\n\n" + opened + "\n\n## A\n\ntext\n"

    result = merged("# T\n\n## A\n\ntext\n", ours, "# T\n\n## A\n\ntext\n\n## B\n\nnew\n")

    assert result.text == ours
    assert result.kept == ("B",)


@pytest.mark.parametrize("opened", ["<pre>", "```", "~~~ text", "<!-- note"])
def test_nothing_new_comes_into_a_section_that_swallows_what_is_below_it(opened):
    base = "# T\n\n## A\n\n### B\n\ntext\n"
    ours = f"# T\n\n## A\n{opened}\n\n### B\n\ntext\n"

    result = merged(base, ours, "# T\n\n## A\n\n### C\n\nnew\n\n### B\n\ntext\n")

    assert result.text == ours
    assert "C" in result.kept


def test_a_new_part_comes_above_one_that_swallows_what_is_below_it():
    base = "# T\n\n## A\n\n### B\n\ntext\n"
    ours = "# T\n\n## A\n\n### B\n\ntext\n\n```\n"

    result = merged(base, ours, "# T\n\n## A\n\n### B\n\ntext\n\n### C\n\nnew\n")

    assert result.text == "# T\n\n## A\n\n### C\n\nnew\n\n### B\n\ntext\n\n```\n"


@pytest.mark.parametrize(
    ("between", "left"),
    [
        ("<!-- g -->\n\n", "\n"),
        ("<!-- g -->\n\n\n", "\n\n"),
        ("<!-- g -->\n", "\n"),
        ("\n<!-- g -->\n\n", "\n"),
        ("\n<!-- g -->\n", "\n"),
    ],
)
@pytest.mark.parametrize("own", ["| a | b |\n|---|---|\n| 1 | 2 |\n", "- item\n", "words\n"])
def test_guidance_that_goes_does_not_join_what_it_kept_apart(between, left, own):
    table = "| c | d |\n|---|---|\n"
    base = f"# T\n\n## A\n\n<!-- g -->\n\n{table}"

    result = merged(base, f"# T\n\n## A\n\n{own}{between}{table}", f"# T\n\n## A\n\n{table}")

    assert result.text == f"# T\n\n## A\n\n{own}{left}{table}"


def test_a_heading_keeps_its_line_ending_when_all_below_it_goes():
    base = "# T\n\n## A\n\n<!-- g -->\n\n## B\n\ntext\n"
    ours = "# T\n\n## 1. A\n\n<!-- g -->\r\r## B\n\ntext\n"

    result = merged(base, ours, "# T\n\n## A\n\n## B\n\ntext\n")

    assert result.text.startswith("# T\n\n## 1. A\n")
    assert result.text.endswith("## B\n\ntext\n")


def test_fifty_thousand_lines_are_merged_at_once():
    own = "".join(f"## Part {n}\n\n" + "Text of the author's.\n" * 8 + "\n" for n in range(4600))
    ours = OLD.replace("## Open", f"Users wait.\n\n{own}## Open")
    theirs = NEW_GUIDANCE.replace("## Open", "## Security\n\n<!-- Who. -->\n\n## Open")

    started = process_time()
    result = merge(OLD, ours, theirs, MAIN)

    assert process_time() - started < 5
    expected = ours.replace("<!-- Why. -->", "<!-- Why, and for whom. -->")
    assert result.text == expected.replace("## Open", "## Security\n\n<!-- Who. -->\n\n## Open")


def test_a_context_block_stands_on_top_where_a_blank_line_makes_front_matter_a_text():
    base = "---\nAuthor: Ada\n---\n\n" + OLD
    theirs = base.replace("---\n\n#", "---\n\n<!-- context-for-ai\nphases: 2\n-->\n\n#")

    result = merged(base, "\n---\n\nAuthor: Ada\n\n" + OLD, theirs)

    block = "<!-- context-for-ai\nphases: 2\n-->\n\n"
    assert result.text == f"{block}---\n\nAuthor: Ada\n\n{OLD}"


def test_a_blank_behind_a_last_heading_does_not_make_it_another_one():
    assert merge("", "0\r=", " ").text == "0\r= "


def test_a_context_block_that_the_author_left_unclosed_gets_no_key():
    block = "<!-- context-for-ai\ntype: master-bep\nphases: 2\n-->\n\n"
    ours = block.replace("phases", "<!--\nphases") + OLD
    theirs = block.replace("type", "owner: nobody\ntype") + OLD

    assert merged(block + OLD, ours, theirs).text == ours


def test_the_last_line_keeps_its_own_ending_where_guidance_below_it_goes():
    base = "# T\n\n## References\n\n<!-- Links. -->\n"
    ours = "# T\n\n## References\n\nmine\r\n\n<!-- Links. -->\n"
    theirs = "# T\n\n## References\n"

    assert merged(base, ours, theirs).text == "# T\n\n## References\n\nmine\r\n"


def test_the_last_line_keeps_its_own_ending_where_the_section_below_it_goes():
    base = "# T\n\n## Open Questions\n\n## References\n\n<!-- Links. -->\n"
    ours = "# T\n\n## Open Questions\n\nmine\r\n\n## References\n\n<!-- Links. -->\n"
    theirs = "# T\n\n## Open Questions\n"

    assert merged(base, ours, theirs).text == "# T\n\n## Open Questions\n\nmine\r\n"


@pytest.mark.parametrize("dropped", ["<!-- Why. -->", "<!-- Why. -->\n\n<!-- How long. -->"])
def test_guidance_below_an_anchor_stays_so_that_the_anchor_keeps_its_section(dropped):
    base = f"# T\n\n## A\n\n{dropped}\n\n## B\n\ntext\n"
    ours = base.replace("## A\n", '## A\n\n<a id="mine"></a>\n')

    result = merged(base, ours, "# T\n\n## A\n\n## B\n\ntext\n")

    last = dropped.split("\n\n")[-1]
    assert result.text == base.replace(dropped, f'<a id="mine"></a>\n\n{last}')
    assert result.kept == ("A",)


def test_a_row_that_the_template_changes_stays_above_those_of_the_author_with_equal_first_cells():
    table = "# T\n\n| Date | What |\n|---|---|\n| Monday | Begin |\n"
    ours = table + "| Friday | One |\n| Friday | Two |\n"

    result = merged(table, ours, table.replace("Begin", "Start"))

    assert result.text == ours.replace("Begin", "Start")


@pytest.mark.parametrize("above", ["### Own\n<pre>\n", "### X\n\n#### Y\n\n### Own\n```\n"])
def test_nothing_new_comes_above_a_deeper_section_that_swallows_what_is_below_it(above):
    theirs = OLD.replace("## Open", "## Security\n\n<!-- Who. -->\n\n## Open")

    result = merged(OLD, above + OLD, theirs)

    assert result.text == above + OLD
    assert result.kept == ("Security",)


def test_nothing_new_comes_above_an_indented_heading_that_would_go_on_in_its_list():
    theirs = OLD.replace("## Open", "## Security\n\n- Who?\n\n## Open")
    ours = OLD.replace("## Open", "  ## Own\n  ```\n\n## Open")

    result = merged(OLD, ours, theirs)

    assert result.text == ours
    assert result.kept == ("Security",)


def test_an_anchor_at_the_end_of_the_document_stays_there():
    base = "# T\n\n## A\n\ntext\n\n## B\n\ntext\n"
    ours = base + '\n<a id="end"></a>\n'

    moved = merged(base, ours, "# T\n\n## B\n\ntext\n\n## A\n\ntext\n")
    added = merged(base, ours, base + "\n## C\n\nnew\n")

    assert moved.text == ours
    assert added.text == ours.replace("## B", "## C\n\nnew\n\n## B")


def test_a_line_of_front_matter_that_only_looks_blank_stays():
    base = "---\nAuthor: Ada\n---\n\n" + OLD
    ours = base.replace("Author", "\u2028\nAuthor")

    result = merged(base, ours, base.replace("Author", "Reviewers:\nAuthor"))

    assert "\n\u2028\nAuthor: Ada\n" in result.text
    assert "Reviewers:\n" in result.text


@pytest.mark.parametrize("place", ["## Open Questions\n", "## References"])
def test_of_equal_comments_one_is_brought_up_to_date(place):
    base = "# T\n\n## Open Questions\n\n<!-- Ask. -->\n\n## References\n"
    ours = base.replace(
        place, f"{place}<!-- Ask. -->\n\n" if "Open" in place else f"<!-- Ask. -->\n\n{place}"
    )
    theirs = base.replace("Ask.", "Ask all.")

    once = merged(base, ours, theirs)

    assert once.text == ours.replace("Ask.", "Ask all.", 1)
    assert merged(base, once.text, theirs).text == once.text


def test_a_new_first_subsection_stands_before_the_next_one_wherever_the_author_moved_that():
    base = page("""
        # Title

        ## Proposed Design

        ### Schema

        Keys.

        ### Checker

        Reads.
        """)
    ours = page("""
        # Title

        ## Proposed Design

        ### Checker

        Reads.

        ### Schema

        Keys, and values.
        """)
    theirs = base.replace("### Schema", "### Model\n\nTables.\n\n### Schema")

    assert headings(merged(base, ours, theirs).text)[1:] == ["Checker", "Model", "Schema"]


@pytest.mark.parametrize(
    "lines",
    [
        "Related: a\nRelated: a\n",
        "Related: a # mine\nRelated: a\n",
        "related: a\nRelated: a\nRelated: b\n",
        "Related: b\n# why\nRelated:\n",
    ],
)
@pytest.mark.parametrize("new", ["", "Related: z\n", "Refers-To: a\n", "Refers-To: z\n"])
def test_the_lines_of_a_key_that_the_author_repeated_stay_as_they_are(lines, new):
    base = "---\nAuthor: A\nRelated: a\nCreated: x\n---\n"
    ours = base.replace("Related: a\n", lines)
    theirs = base.replace("Related: a\n", new).replace("Created: x", "Created: y")
    renamed = MAIN._replace(keys={"Related": "Refers-To"} if new.startswith("Ref") else {})

    result = merged(base, ours, theirs, renamed)

    assert result.text == ours.replace("Created: x", "Created: y")
    assert [one.casefold() for one in result.kept] == ["related"]
    assert author_lines.lost(base, ours, result.text) == []


def test_an_empty_key_that_the_author_repeated_goes_with_the_templates():
    base = "---\nAuthor: A\nRelated:\nCreated: x\n---\n"
    ours = base.replace("Related:\n", "Related:\nRelated: \n")

    assert merged(base, ours, base.replace("Related:\n", "")).text == (
        "---\nAuthor: A\nCreated: x\n---\n"
    )


STEPS = "# T\n\n## Decision Log\n\n| From | To | When |\n|---|---|---|\n{}"


def test_rows_that_share_their_first_cells_are_told_apart_by_the_next():
    """The author changed the first row and removed the second; the template rewords all."""
    old = STEPS.format(
        "| Draft | Accepted | A |\n| Draft | Rejected | B |\n| Accepted | Done | C |\n"
    )
    ours = STEPS.format("| Draft | Accepted | Two |\n| Accepted | Done | C |\n")
    new = STEPS.format(
        "| Draft | Accepted | X |\n| Draft | Rejected | Y |\n| Accepted | Done | Z |\n"
    )

    result = merge(old, ours, new, MAIN)

    assert result.text == ours.replace("| C |", "| Z |")
    assert result.kept == ("Decision Log",)


def test_lines_keep_their_own_endings_where_others_change():
    old = "---\nAuthor: A\nStatus: Draft\n---\n\n# T\n\nLast.\n"
    ours = "---\nAuthor: A\r\nStatus: Draft\n---\n\n# T\n\nMine.\n\nLast.\r\n"
    new = "---\nAuthor: A\nStatus: Draft\nMore:\n---\n\n# T\n\nLast.\n\n## New\n\n<!-- x -->\n"

    text = merge(old, ours, new, MAIN).text

    assert text.startswith("---\nAuthor: A\r\nStatus: Draft\nMore:\n---\n")
    assert "Last.\r\n" in text


def odd(text: str, *lines: str) -> str:
    """The text, in which these lines end in another way."""
    for line in lines:
        text = text.replace(f"{line}\n", f"{line}\r\n")
    return text


OF_LOG = """\
# T

## Decision Log

| Date | Decision |
|---|---|
| 1 | A |

## Open

<!-- What. -->
"""


@pytest.mark.parametrize("line", ["# T", "## Decision Log", "| 1 | A |", "|---|---|", "## Open"])
@pytest.mark.parametrize("own", ["", "Mine.\n\n## Open"])
def test_a_line_keeps_its_ending_whatever_comes_beside_it(line, own):
    """Also where that ending is all that the author changed."""
    ours = odd(OF_LOG.replace("## Open", own or "## Open"), line)
    new = OF_LOG.replace("| 1 | A |\n", "| 1 | A |\n| 2 | B |\n").replace("What.", "Which.\nWho.")
    new = new.replace("# T\n", "# T\n\n<!-- Lead. -->\n")

    assert merged(OF_LOG, ours, new).text == odd(new.replace("## Open", own or "## Open"), line)


def test_sections_that_change_places_take_their_line_endings_along():
    old = "# T\n\n## A\n\nOne.\n\n## B\n\nTwo.\n\n## C\n\nThree.\n"
    new = "# T\n\n## B\n\nTwo.\n\n## A\n\nOne.\n\n## C\n\nThree.\n"

    assert merged(old, odd(old, "## B", "One."), new).text == odd(new, "## B", "One.")


def test_a_carriage_return_is_followed_by_no_line_feed():
    ours = "# T\n\n## A\n\nOne.\r## B\n\nTwo.\n"
    old = ours.replace("\r", "\n")
    new = old.replace("## B", "\n## B")

    assert merged(old, ours, new).text == new.replace("One.\n\n", "One.\r\r")


OF_INDEX = "# T\n\n## Document Index\n\n"


def cells(*rows: str) -> str:
    """A table whose cells are single words."""
    lines = [f"| {' | '.join(row.split())} |" for row in rows]
    dashes = "|---" * len(rows[0].split()) + "|"
    return OF_INDEX + "\n".join([lines[0], dashes, *lines[1:]]) + "\n"


@pytest.mark.parametrize(
    ("old", "ours", "new", "expected"),
    [
        (
            cells("Doc About", "alpha A", "beta B"),
            cells("Doc About", "alpha mine", "beta B"),
            cells("Phase Doc About", "P1 alpha A", "P2 beta New"),
            cells("Phase Doc About", "P1 alpha mine", "P2 beta New"),
        ),
        (
            cells("Doc About", "alpha A", "beta B"),
            cells("No Doc About", "1 alpha A", "2 beta B"),
            cells("Doc About", "alpha New", "beta B"),
            cells("No Doc About", "1 alpha New", "2 beta B"),
        ),
        (
            cells("From To When", "Draft Done A", "Draft Gone B"),
            cells("From To When", "Draft Done A", "Draft Gone mine"),
            cells("From Who To When", "Draft x Done New", "Draft y Gone New"),
            cells("From Who To When", "Draft x Done New", "Draft y Gone mine"),
        ),
        (
            cells("N A B", "1 2 p", "2 1 q"),
            cells("N A B", "1 2 mine", "2 1 q"),
            cells("A N B", "2 1 p", "1 2 q"),
            cells("N A B", "1 2 mine", "2 1 q"),
        ),
    ],
    ids=["new first column", "own first column", "new second column", "columns change places"],
)
def test_rows_are_those_of_the_columns_that_all_versions_have(old, ours, new, expected):
    result = merge(old, ours, new, MAIN)

    assert result.text == expected
    assert author_lines.lost(old, ours, result.text) == []
