"""The blocks inside lists and quotes, at their places in the source."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from bep.markdown import blocks, nested_blocks
from bep.markdown.blocks import Heading, Kind

ORACLE = MarkdownIt("commonmark").enable("table")


def kinds(source: str) -> list[Kind]:
    return [leaf.block.kind for leaf in nested_blocks.leaves(source)]


def test_lists_and_quotes_are_taken_apart():
    source = "# A\n\n- one\n  - two\n\n  ```\n  code\n  ```\n- > ## B\n\n| a |\n|---|\n"

    assert kinds(source) == [
        Kind.HEADING,
        Kind.PARAGRAPH,
        Kind.PARAGRAPH,
        Kind.FENCE,
        Kind.HEADING,
        Kind.TABLE,
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places_are_those_of_the_source(ending, mark):
    source = mark + ending.join(["text", "", "> - # In & out", ">   more", ""])

    (heading,) = (leaf for leaf in nested_blocks.leaves(source) if isinstance(leaf.block, Heading))

    place = heading.view.place(heading.block.text_start)
    assert source[place:].startswith("In & out")


def test_the_blocks_that_are_known_already_give_the_same():
    source = "a\n\n- b\n  # c\n\n> d\n"

    known = nested_blocks.leaves(source, blocks.blocks(source))

    assert [leaf.block for leaf in known] == [leaf.block for leaf in nested_blocks.leaves(source)]


def test_containers_that_are_nested_too_deep_are_leaves():
    assert kinds("> " * 200 + "x\n") == [Kind.QUOTE]


LINES = st.sampled_from(
    ["# h", "text", "- a", "  - b", "1. c", "> q", "> # r", "```", "    x", "", "  ## i", "***"]
)


@given(st.lists(LINES, max_size=14).map("\n".join))
def test_headings_are_those_that_commonmark_sees(source):
    tokens = ORACLE.parse(source)
    expected = [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"
    ]

    found = [leaf.block for leaf in nested_blocks.leaves(source)]

    assert [block.text for block in found if isinstance(block, Heading)] == expected
