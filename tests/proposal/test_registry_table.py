"""The BEP Number Registry: a row more or a cell changed, and every other byte as it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from bep.errors import WRONG_DOCUMENTS, BepError
from bep.proposal import registry_table
from tests import samples
from tests.conftest import CORPUS, FIXTURES

HEADER = "| Number | Title | Author | Status |\n|---|---|---|---|\n"
PAGE = (
    "# Page\n\n"
    f"{HEADER}"
    "| [1001](BEP-1001-a.md) | A | Ada | Draft |\n"
    "| 1003 | _(skipped)_ | | |\n"
    "| 1005 | Five | Ed | Draft |\n"
    "| _next_ | | | |\n"
    "\nThe end.\n"
)


def real_page() -> str:
    path = CORPUS / "proposals" / "README.md"
    if not path.exists():
        pytest.skip("the corpus is not here")
    return path.read_bytes().decode()


def added(source: str, number: int, title: str = "New", link: str = "") -> str:
    found = registry_table.read(source, "README.md")
    return registry_table.add_row(found, number, title, "Ada", "Draft", link)


def the_one_new_line(before: str, after: str) -> str:
    """The line that `after` has more than `before`, which is otherwise the same, byte for byte."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    at = next((at for at, line in enumerate(old) if new[at] != line), len(old))
    assert [*new[:at], *new[at + 1 :]] == old
    return new[at]


# --- Reading ------------------------------------------------------------------------------------


def test_the_fixture_page_reads_as_its_rows_without_the_table_in_a_fence():
    found = registry_table.read((FIXTURES / "registry.md").read_text(), "README.md")

    assert [(row.number, row.link, row.title) for row in found.rows] == [
        (1001, "BEP-1001-event-journal.md", "Event Journal"),
        (1002, "BEP-1002-quota-ledger.md", "Quota Ledger"),
        (1003, "", "_(skipped)_"),
        (1005, "", "Relay in Sessions"),
        (None, "", "_(reserve your number here)_"),
    ]
    assert found.numbers() == {1001, 1002, 1003, 1005}


def test_every_row_of_the_real_page_is_read():
    page = real_page()

    rows = registry_table.read(page, "README.md").rows

    lines = [line for line in page.split("\n") if line.startswith(("| [1", "| 1", "| _next_"))]
    assert len(rows) == len(lines) > 30
    assert [row.number for row in rows if row.number] == sorted(
        row.number for row in rows if row.number
    )


def test_a_row_knows_its_line():
    found = registry_table.read(PAGE, "README.md")

    row = found.row(1005)

    assert row is not None
    assert PAGE.split("\n")[row.line - 1] == "| 1005 | Five | Ed | Draft |"


def test_a_number_without_a_row_has_none():
    assert registry_table.read(PAGE, "README.md").row(1004) is None


@pytest.mark.parametrize(
    ("cell", "number", "link"),
    [
        ("[1009](BEP-1009-x.md)", 1009, "BEP-1009-x.md"),
        ("[1009](<BEP-1009-x y.md>)", 1009, "BEP-1009-x y.md"),
        ('[1009](BEP-1009-x.md "Title")', 1009, "BEP-1009-x.md"),
        ("[ 1009 ](BEP-1009-x.md)", 1009, "BEP-1009-x.md"),
        ("1009", 1009, ""),
        ("", None, ""),
        ("_next_", None, ""),
        ("1009 and more", None, ""),
    ],
)
def test_a_number_is_linked_or_bare(cell, number, link):
    row = registry_table.read(f"{HEADER}| {cell} | T | A | Draft |\n", "README.md").rows[0]

    assert (row.number, row.link) == (number, link)


# --- Adding a row -------------------------------------------------------------------------------


def test_a_row_added_to_the_real_page_is_one_line_more_and_nothing_else():
    page = real_page()
    number = max(registry_table.read(page, "README.md").numbers()) + 1

    after = added(page, number, "Discovery", f"BEP-{number}-discovery.md")

    line = the_one_new_line(page, after)
    assert line == f"| [{number}](BEP-{number}-discovery.md) | Discovery | Ada | Draft |\n"
    rows = registry_table.read(after, "README.md").rows
    assert [row.number for row in rows][-2:] == [number, None]


def test_a_row_added_to_the_fixture_page_stands_before_next():
    page = (FIXTURES / "registry.md").read_text()

    after = added(page, 1006)

    assert the_one_new_line(page, after) == "| 1006 | New | Ada | Draft |\n"
    assert "| 1006 | New | Ada | Draft |\n| _next_ |" in after


@pytest.mark.parametrize(
    ("number", "above"),
    [
        (1000, "|---|---|---|---|"),
        (1002, "| [1001](BEP-1001-a.md) | A | Ada | Draft |"),
        (1004, "| 1003 | _(skipped)_ | | |"),
        (1006, "| 1005 | Five | Ed | Draft |"),
    ],
)
def test_rows_ascend(number, above):
    after = added(PAGE, number)

    the_one_new_line(PAGE, after)
    assert f"{above}\n| {number} | New | Ada | Draft |\n" in after


def test_a_table_that_has_only_next_gets_its_row_before_it():
    page = f"{HEADER}| _next_ | | | |\n"

    assert added(page, 1000) == f"{HEADER}| 1000 | New | Ada | Draft |\n| _next_ | | | |\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_new_line_ends_as_the_lines_around_it(ending):
    page = PAGE.replace("\n", ending)

    assert added(page, 1006) == added(PAGE, 1006).replace("\n", ending)


def test_in_a_page_of_mixed_endings_the_line_above_decides():
    page = PAGE.replace("| 1005 | Five | Ed | Draft |\n", "| 1005 | Five | Ed | Draft |\r\n")

    assert the_one_new_line(page, added(page, 1006)) == "| 1006 | New | Ada | Draft |\r\n"
    assert the_one_new_line(page, added(page, 1004)) == "| 1004 | New | Ada | Draft |\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_table_that_ends_the_file_without_a_line_ending_stays_without_one(ending):
    page = f"{HEADER}| 1001 | A | Ada | Draft |".replace("\n", ending)

    assert added(page, 1002) == f"{page}{ending}| 1002 | New | Ada | Draft |"


def test_an_empty_table_that_ends_the_file_without_a_line_ending_gets_its_first_row():
    page = HEADER.removesuffix("\n")

    assert added(page, 1000) == f"{page}\n| 1000 | New | Ada | Draft |"


@pytest.mark.parametrize("title", ["A | B", "`a|b`", "| |", "a \\| b", "Name | 이름", "a\\"])
def test_a_title_of_any_kind_stays_one_cell(title):
    after = added(PAGE, 1006, title)

    row = registry_table.read(after, "README.md").row(1006)
    assert row is not None
    assert len(row.cells) == 4
    assert (row.author, row.status) == ("Ada", "Draft")
    the_one_new_line(PAGE, after)


def test_a_number_that_has_a_row_is_refused():
    with pytest.raises(BepError) as refused:
        added(PAGE, 1005)

    assert str(refused.value) == (
        "README.md:7: the number 1005 already has a row ('Five'); take another number"
    )


# --- Setting a row ------------------------------------------------------------------------------


def set_row(source: str, *values: str, number: int = 1005) -> str:
    title, author, status, link = values
    found = registry_table.read(source, "README.md")
    return registry_table.set_row(found, number, title, author, status, link)


def test_a_row_that_says_so_already_stays_byte_for_byte():
    page = f"{HEADER}|[1005](x.md)|   Five |Ed|  Draft|\n"

    assert set_row(page, "Five", "Ed", "Draft", "x.md") == page


def test_only_the_cells_that_differ_are_written():
    page = f"{HEADER}|1005|   Five |Ed\t|  Draft|  extra  |\n"

    after = set_row(page, "Five", "Ed", "Accepted", "x.md")

    assert after == f"{HEADER}|[1005](x.md)|   Five |Ed\t|  Accepted|  extra  |\n"


def test_empty_cells_are_filled_with_blanks_around_the_text():
    page = f"{HEADER}| 1005 ||| |\n"

    assert set_row(page, "Five", "Ed", "Draft", "") == f"{HEADER}| 1005 | Five | Ed | Draft |\n"


def test_a_cell_can_be_emptied():
    page = f"{HEADER}| 1005 | Five | Ed | Draft |\n"

    row = registry_table.read(set_row(page, "Five", "", "Draft", ""), "README.md").row(1005)

    assert row is not None
    assert (row.title, row.author, row.status) == ("Five", "", "Draft")


@pytest.mark.parametrize("short", ["| 1005 |", "| 1005 | Five |", "1005 | Five"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_row_that_is_too_short_becomes_whole(short, ending):
    page = f"{HEADER}{short}{ending}"

    after = set_row(page, "Five", "Ed", "Draft", "x.md")

    assert after == f"{HEADER}| [1005](x.md) | Five | Ed | Draft |{ending}"


def test_a_row_without_outer_pipes_keeps_its_form():
    page = f"{HEADER}1005 | Five | Ed | Draft\n"

    assert set_row(page, "Five", "Ed", "Accepted", "") == f"{HEADER}1005 | Five | Ed | Accepted\n"


def test_a_row_that_is_missing_is_added():
    assert set_row(PAGE, "New", "Ada", "Draft", "", number=1006) == added(PAGE, 1006)


# --- What cannot be read ------------------------------------------------------------------------


def refusal(source: str) -> BepError:
    with pytest.raises(BepError) as refused:
        registry_table.read(source, "docs/README.md")
    error = refused.value
    assert error.path == "docs/README.md"
    assert error.code == WRONG_DOCUMENTS
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize(
    "page",
    [
        "",
        "# Page\n",
        f"```\n{HEADER}| 1001 | A | B | Draft |\n```\n",
        f"<!--\n{HEADER}-->\n",
        "| Number | Title |\n|---|---|\n| 1001 | A |\n",
        "| Number | Title | Author | Status |\n| 1001 | A | B | Draft |\n",
    ],
)
def test_a_page_without_the_table_is_refused(page):
    assert str(refusal(page)).startswith("docs/README.md: the registry table is missing")


def test_a_second_table_is_refused_where_it_stands():
    error = refusal(f"{HEADER}| 1001 | A | B | Draft |\n\nText.\n\n{HEADER}")

    assert str(error).startswith("docs/README.md:7: there is a second registry table")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "torn",
    [
        "<<<<<<< HEAD\n| 1002 | B | C | Draft |\n=======\n| 1002 | D | E | Draft |\n>>>>>>> x\n",
        "<<<<<<< HEAD\n| 1002 | B | C | Draft |\n||||||| base\n=======\n>>>>>>> x\n",
    ],
)
def test_merge_conflict_markers_are_refused_with_the_line_of_the_first(torn, ending):
    page = f"{HEADER}| 1001 | A | B | Draft |\n{torn}".replace("\n", ending)

    error = refusal(page)

    assert str(error).startswith("docs/README.md:4: the page contains merge-conflict markers")


@pytest.mark.parametrize("gap", ["\n", "\n\n", "  \n"])
def test_rows_after_a_blank_line_are_refused(gap):
    error = refusal(f"{HEADER}| 1001 | A | B | Draft |\n{gap}| 1002 | C | D | Draft |\n")

    line = 4 + gap.count("\n")
    assert str(error).startswith(f"docs/README.md:{line}: rows are outside the registry table")


def test_two_rows_with_a_number_are_refused_when_it_is_asked_for_and_named_both():
    page = f"{HEADER}| 1001 | A | B | Draft |\n| 1001 | C | D | Draft |\n"
    found = registry_table.read(page, "docs/README.md")

    with pytest.raises(BepError) as refused:
        found.row(1001)

    text = str(refused.value)
    assert text.startswith("docs/README.md:4: two rows have the number 1001")
    assert "'A' in line 3" in text
    assert "'C' in line 4" in text
    assert refused.value.code == WRONG_DOCUMENTS


def test_two_rows_with_one_number_leave_the_other_numbers_readable():
    page = f"{HEADER}| 1001 | A | B | Draft |\n| 1001 | C | D | Draft |\n| 1002 | E | F | Draft |\n"

    row = registry_table.read(page, "README.md").row(1002)

    assert row is not None
    assert row.title == "E"


# --- Any page -----------------------------------------------------------------------------------

WORD = st.text(st.characters(categories=("L", "N"), codec="utf-8"), min_size=1, max_size=8)
PLAIN = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
CELL = st.one_of(PLAIN, st.just(""), st.just("_(skipped)_"), st.just("a\\|b"), st.just("`x`"))


@st.composite
def pages(draw):
    """A page with a registry of its own spacing, and the numbers that it holds."""
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    numbers = sorted(draw(st.sets(st.integers(1000, 1100), max_size=6)))
    rows = []
    for number in numbers:
        linked = f"[{number}](BEP-{number}-x.md)"
        cells = [draw(st.sampled_from([str(number), linked])), *[draw(CELL) for _ in range(3)]]
        pad = draw(st.sampled_from(["", " ", "  ", "\t"]))
        rows.append("|" + "|".join(f"{pad}{cell}{pad}" for cell in cells) + "|")
    if draw(st.booleans()):
        rows.append("| _next_ | | | |")
    before = draw(st.sampled_from(["", "# Page\n\n", "Text\n\n```\n| 1 | a | b | c |\n```\n\n"]))
    after = draw(
        st.sampled_from(["", "\n", "\n\n## More\n\nText", "\n\n| a | b |\n|-|-|\n| c | d |"])
    )
    table = (HEADER + "\n".join(rows)).removesuffix("\n")
    # A table of another kind after the registry would be refused if rows followed directly.
    after = after.replace("| a | b |", "Text\n\n| a | b |")
    return (before + table + after).replace("\n", ending), numbers


@settings(max_examples=samples.examples(150))
@given(pages(), st.integers(1000, 1100), PLAIN, PLAIN, st.booleans())
def test_what_was_added_is_read_and_its_removal_gives_the_source_back(
    page, number, title, author, linked
):
    source, numbers = page
    if number in numbers:
        number = 1101
    link = f"BEP-{number}-t.md" if linked else ""
    found = registry_table.read(source, "README.md")

    after = registry_table.add_row(found, number, title, author, "Draft", link)

    read = registry_table.read(after, "README.md")
    row = read.row(number)
    assert row is not None
    assert (row.title, row.author, row.status, row.link) == (title, author, "Draft", link)
    held = [row.number for row in read.rows if row.number is not None]
    assert held == sorted([*numbers, number])
    # The row with the ending that was added for it: its own; at the file's end the one before it.
    at_end = row.end == len(after) and not after.endswith(("\n", "\r"))
    if at_end:
        above = after[: row.start]
        removed = above.removesuffix("\r\n") if above.endswith("\r\n") else above[:-1]
    else:
        removed = after[: row.start] + after[row.end :]
    assert removed == source


@settings(max_examples=samples.examples(150))
@given(pages(), st.integers(0, 5), PLAIN, PLAIN, st.sampled_from(["Draft", "Accepted"]))
def test_a_row_that_was_set_says_so_and_setting_it_again_changes_nothing(
    page, at, title, author, status
):
    source, numbers = page
    number = numbers[at % len(numbers)] if numbers else 1000

    once = registry_table.set_row(
        registry_table.read(source, "README.md"), number, title, author, status, "x.md"
    )
    found = registry_table.read(once, "README.md")

    row = found.row(number)
    assert row is not None
    assert (row.title, row.author, row.status, row.link) == (title, author, status, "x.md")
    assert registry_table.set_row(found, number, title, author, status, "x.md") == once
    others = [one for one in registry_table.read(source, "README.md").rows if one.number != number]
    kept = [one for one in found.rows if one.number != number]
    assert [source[one.start : one.end].rstrip("\r\n") for one in others] == [
        once[one.start : one.end].rstrip("\r\n") for one in kept
    ]
