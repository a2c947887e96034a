"""Lines of `key: value` as slices: nothing is lost, whatever an author wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bep.model import keyed

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
    assert keyed.joined(keyed.read(text)) == text


def test_a_key_has_its_lines_and_the_comments_above_it():
    text = "# who\nAuthor: Ada\n\nkey-constraints:\n  - a\n# among them\n  - b\n# end\n"
    read = keyed.read(text)

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
        (" &a [b, *a]\n", ["b", None]),
        (" {a: &a [b], c: *a}\n", {"a": ["b"], "c": ["b"]}),
    ],
)
def test_what_a_value_means(value, meaning):
    assert keyed.meaning(value) == meaning


def test_aliases_of_aliases_cost_no_more_than_they_are_long():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]

    read = keyed.meaning("\n" + "\n".join(f"  {line}" for line in lines))

    assert len(read) == 40
