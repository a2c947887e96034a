"""The items of a list, held against a CommonMark parser."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from bep.markdown import blocks, list_items
from bep.markdown.blocks import Kind
from bep.markdown.list_items import Item
from tests import samples
from tests.conftest import CORPUS
from tests.rendered import MARKDOWN


def items(source: str) -> list[Item]:
    """The items of all top-level lists."""
    found = (block for block in blocks.blocks(source) if block.kind is Kind.LIST)
    return [item for block in found for item in list_items.items(source, block)]


def lines_of_items(source: str) -> list[int]:
    """The lines on which the items of top-level lists begin, as markdown-it reads them."""
    return [
        token.map[0] + 1
        for token in MARKDOWN.parse(source)
        if token.type == "list_item_open" and token.level == 1 and token.map
    ]


def test_an_item_is_its_lines_and_its_text_without_marker_and_indentation():
    source = "# T\n\n1. **One**\n   - detail\n\n     more\n\n2) Two\n"

    assert items(source) == [
        Item(5, 39, 3, 5, "1.", "**One**\n- detail\n\n  more"),
        Item(40, 47, 8, 40, "2)", "Two"),
    ]
    assert source[5:39] == "1. **One**\n   - detail\n\n     more\n"


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("- a\n- b", ["a", "b"]),
        ("* a\nlazy\n* b\n", ["a\nlazy", "b"]),
        ("- a\n  - b\n- c\n", ["a\n- b", "c"]),
        ("  - a\n - b\n", ["a", "b"]),
        ("-\n-  b\n", ["", "b"]),
        ("-     code\n", ["    code"]),
        ("- ```\n  - no item\n  ```\n", ["```\n- no item\n```"]),
        ("-\ta\n\n\tb\n", ["a\n\nb"]),
        ("10. a\n    b\n11. c\n", ["a\nb", "c"]),
        ("\ufeff- a\r\n- b\r\n", ["a", "b"]),
    ],
)
def test_the_text_of_items(source, texts):
    assert [item.text for item in items(source)] == texts


PIECES = st.sampled_from(
    [
        "- ",
        "* ",
        "1. ",
        "2. ",
        "10) ",
        "  ",
        "   ",
        "    ",
        "\t",
        "a",
        "b c",
        "```",
        "> ",
        "\n",
        "\n\n",
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join))
@example("- a\n-\n- b")
@example("1. a\n2. b\n\n3. c")
@settings(max_examples=samples.examples(300))
def test_items_begin_where_a_commonmark_parser_sees_them(source):
    found = items(source)

    assert [item.line for item in found] == lines_of_items(source)
    for item in found:
        assert source.startswith(item.marker, item.marker_start)
        assert source[item.start : item.marker_start].strip() == ""
        assert source[item.start : item.end].strip(" \t").count("\n") >= item.text.count("\n")


def test_the_items_of_the_real_documents():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    for path in sorted(CORPUS.rglob("*.md")):
        source = path.read_bytes().decode()
        front = len(source) - len(source.removeprefix("---\n").partition("\n---\n")[2])
        body = source[front:] if source.startswith("---\n") else source
        assert [item.line for item in items(body)] == lines_of_items(body), path
