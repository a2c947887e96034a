"""Lines of `key: value` as slices: nothing is lost, whatever an author wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bep.proposal import key_values

LINES = [
    "Author: Ada (ada@example.com)\n",
    "Status:\n",
    "key-constraints:\n",
    "  - No downtime\n",
    "- at the margin\n",
    "# Author: who writes\n",
    "\n",
    "   \n",
    "no key at all\n",
    "a:b\n",
    "phases: [1,\n",
    "\tx: y\n",
    "Empty:   \r\n",
    "last: without an ending",
]


@given(st.lists(st.sampled_from(LINES), max_size=12).map("".join))
def test_items_join_into_the_text(text):
    assert key_values.joined(key_values.read(text)) == text


def test_a_key_has_its_lines_and_the_comments_above_it():
    text = "# who\nAuthor: Ada\n\nkey-constraints:\n  - a\n# among them\n  - b\n# end\n"
    read = key_values.read(text)

    assert [(item.key, item.comment, item.own) for item in read.items] == [
        ("Author", "# who\n", "Author: Ada\n"),
        ("key-constraints", "\n", "key-constraints:\n  - a\n# among them\n  - b\n"),
    ]
    assert read.rest == "# end\n"


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (" Draft\n", "Draft"),
        (" 'a: b'\n", "a: b"),
        ("\n  - a\n  - 'b: c'\n", ["a", "b: c"]),
        (" [a, b]\n", ["a", "b"]),
        (" 26.10\n", "26.10"),
        (" 2026-01-02 # day\n", "2026-01-02"),
        ("\n", None),
        (" []\n", []),
        ("\n  - {name: A, components: [b]}\n", [{"name": "A", "components": ["b"]}]),
        (" [a,  b\n", "[a, b"),
        (" a: b: c\n", "a: b: c"),
        (" a \udcff\n", "a \udcff"),
    ],
)
def test_what_a_value_means(value, meaning):
    assert key_values.meaning(value) == meaning


@pytest.mark.parametrize(
    "value",
    [
        "[" * 100_000,
        "{a: " * 5_000,
        "[" * 5_000 + "]" * 5_000,
        "- " * 20_000 + "a",
        "&a [*a]",
        "&a [x, x, x]\n- &b [*a, *a, *a]",
        "\n".join(f"{' ' * depth}a:" for depth in range(2_000)),
    ],
    ids=lambda value: value[:8],
)
def test_what_would_exhaust_a_parser_is_its_words(value):
    assert key_values.meaning(value) == " ".join(value.split())


def test_an_anchor_without_alias_is_read():
    assert key_values.meaning(" [&first a, R&D]\n") == ["a", "R&D"]
