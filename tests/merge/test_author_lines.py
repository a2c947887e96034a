"""Whether a document still holds what its author wrote; an update looks before it writes."""

from __future__ import annotations

import pytest

from bep.merge import author_lines

BASE = "# T\n\n<!-- Why. -->\n"


@pytest.mark.parametrize(
    ("ours", "result", "lost"),
    [
        ("# T\n\nMine.\n", "# T\n\nMine.\n", []),
        ("# T\n\nMine.\n", "# T\n", ["Mine."]),
        ("Mine.\nMine.\n", "Mine.\n", ["Mine."]),
        ("# T\n\n<!-- Why. -->\n", "", []),
        ("| a | b |\n", "| a | b |  |\n", []),
        ("| a | b |\n", "| a |  |\n", ["| a | b |"]),
        ("| a \\| c | b |\n", "| a \\| c |  | b |\n", []),
        ("Target-Version: 26.8.0\n", "Planned-Version: 26.8.0\n", []),
        ("key-constraints: [a, b]\n", "key-constraints: [a, b, c]\n", []),
        ("Target-Version: 26.8.0\n", "Planned-Version: 26.9.0\n", ["Target-Version: 26.8.0"]),
        ("Mine.\r\n", "Mine.\r\n", []),
        ("\ufeffMine.\n", "\ufeffMine.\n", []),
    ],
)
def test_lines_that_are_gone_are_found(ours, result, lost):
    assert author_lines.lost(BASE, ours, result) == lost


def test_lines_of_the_template_and_blank_ones_are_not_the_author_s():
    assert author_lines.written(BASE, "# T\n\n  \nMine.\nMine.\n") == {"Mine.": 2}


@pytest.mark.parametrize(
    ("ours", "lost"),
    [
        ('Author:   "Ada (ada@example.com)"\n', []),
        ("Author: Ada (ada@example.com)  \n", []),
        ("Author: Ada Byron (ada@example.com)\n", ["Author: Ada Byron (ada@example.com)"]),
        ("Reviewer: Ada (ada@example.com)\n", ["Reviewer: Ada (ada@example.com)"]),
        ("Author: Ada (ada@example.com)\n" * 2, ["Author: Ada (ada@example.com)"]),
    ],
)
def test_a_value_that_was_only_spelled_otherwise_is_the_template_s(ours, lost):
    assert author_lines.lost("Author: Ada (ada@example.com)\nStatus: Draft\n", ours, "") == lost


@pytest.mark.parametrize(
    ("base", "ours", "result", "lost"),
    [
        ("docs: [a.md, b.md]\n", "docs:\n  - a.md\n  - b.md\n", "docs:\n  - b.md\n", []),
        ("docs:\n  - a.md\n  - b.md\n", "docs: [a.md, b.md, c.md]\n", "docs: [b.md, c.md]\n", []),
        (
            "docs: [a.md, b.md]\n",
            "docs:\n  - a.md\n  - c.md\n",
            "docs:\n  - a.md\n",
            ["  - c.md"],
        ),
        ("docs: [a.md]\n", "docs: [a.md, c.md]\n", "docs: []\n", ["docs: [a.md, c.md]"]),
    ],
)
def test_an_element_that_was_only_spelled_otherwise_is_the_template_s(base, ours, result, lost):
    assert author_lines.lost(base, ours, result) == lost


HEADER = "| Date | Decision | Reason |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("ours", "result", "lost"),
    [
        ("| Date | Decision | Reason | PR |\n", "| Date | Reason | PR |\n", []),
        (
            "| Date | Decision | Reason | PR |\n",
            "| Date | Reason |\n",
            ["| Date | Decision | Reason | PR |"],
        ),
        (  # the author has the template's header in a table of their own too
            f"{HEADER}| Date | Decision | Reason | PR |\n",
            f"{HEADER}| Date | Reason | PR |\n",
            [],
        ),
        (f"{HEADER}| Date   | Decision |  Reason |\n", f"{HEADER}| Date   |  Reason |\n", []),
        (HEADER * 2, "", HEADER.splitlines()),
        (
            "| Date | Decision | Reason | Own |\n|---|---|---|---|\n",
            "| Date | Reason | Own |\n| --- | --- | --- |\n",
            [],
        ),
        (
            f"{HEADER}| Date | Decision | Reason | PR |\n",
            HEADER,
            ["| Date | Decision | Reason | PR |"],
        ),
        ("| Reason | Date | Decision |\n", "", []),
        ("| Own | Reason\n| --- | ---\n", "| Own\n| ---\n", []),
        (
            f"{HEADER}| 1 | Mine | Why |\n",
            "| Date | Reason |\n|---|---|\n| 1 | Why |\n",
            ["| 1 | Mine | Why |"],
        ),
    ],
)
def test_a_column_of_the_template_may_go_and_no_cell_of_the_author(ours, result, lost):
    assert author_lines.lost(HEADER, ours, result) == lost


@pytest.mark.parametrize(
    "line",
    [
        *("Target-Version: ", "target-version:", "TARGET-VERSION :"),
        *("Target-Version:\nTarget-Version:", "Target-Version:\ntarget-version: "),
    ],
)
def test_an_empty_key_of_the_template_may_go_however_it_is_written(line):
    base = "---\nStatus: Draft\nTarget-Version:\n---\n"
    ours = base.replace("Target-Version:", line)

    assert author_lines.lost(base, ours, "---\nStatus: Draft\n---\n") == []
    assert author_lines.lost("---\nStatus: Draft\n---\n", ours, "---\n") != []


@pytest.mark.parametrize(
    ("ours", "result"),
    [
        ("| Data | Low |\n", "| Data | Medium |\n"),
        ("| Data | High |\n| Net | Low |\n| Low | High |\n", "| New | High |\n"),
    ],
)
def test_a_row_of_words_that_the_template_has_elsewhere_is_the_author_s(ours, result):
    base = "| Data | High |\n| Net | Low |\n"
    lost = author_lines.lost(base, ours, result)

    assert [line for line in lost if line not in base.splitlines()] == [ours.splitlines()[-1]]


def test_a_line_of_many_blanks_takes_no_longer_than_its_length():
    line = " " * 200_000
    assert author_lines.lost("x\n", f"{line}|x\n", f"{line}|y\n") == [f"{line}|x"]
