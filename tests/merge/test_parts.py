"""A document cut into the parts that the merge looks at: they join back into the source."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bep.merge import parts
from tests.conftest import CORPUS

PIECES = [
    "---\n",
    "Author: Ada\n",
    "# Title\n",
    "## Motivation\n",
    "### Deep\n",
    "Setext\n===\n",
    "<!-- context-for-ai\nscope: x\n-->\n",
    "<!-- context-for-ai -->\n",
    "<!-- open",
    "```\n",
    "text  \n",
    "\n",
    "  \n",
    "\r\n",
    "\r",
    "\ufeff",
    "- item\n",
    "| a |\n|---|\n",
    "no ending",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_parts_join_into_the_source(source):
    assert parts.joined(parts.read(source)) == source


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_parts_of_real_documents_join_into_them():
    for path in CORPUS.rglob("*.md"):
        source = path.read_bytes().decode()
        assert parts.joined(parts.read(source)) == source


def test_a_document_has_front_matter_context_block_lead_and_sections():
    read = parts.read(
        "---\nAuthor: Ada\n---\n\n<!-- context-for-ai\nscope: x\n-->\n\nLead.\n\n# T\n\nOwn.\n\n"
        "## A\n\n### B\ntext\n\n## A\n# Second\n"
    )
    assert (read.front, read.context) == (
        "Author: Ada\n",
        "<!-- context-for-ai\nscope: x\n-->",
    )
    assert (read.lead.gap, read.lead.content, read.lead.tail) == ("\n", "\0\n\nLead.", "\n\n")
    assert [(part.key, part.level) for part in read.sections] == [
        ("\0t", 1),
        ("a", 2),
        ("a\0(2)", 2),
        ("\0second", 1),
    ]
    (below,) = read.sections[1].children
    assert (below.heading, below.gap, below.content, below.tail) == ("### B", "\n", "text", "\n\n")


@pytest.mark.parametrize(
    ("source", "is_open"),
    [
        ("## A\n```\ncode\n```\n", False),
        ("## A\n```\ncode\n", True),
        ("## A\n~~~~\n```\n~~~\n", True),
        ("## A\n<!-- closed -->\n", False),
        ("## A\n<!-- never closed\n", True),
        ("## A\n<div>\n", False),
        ("## A\n<pre>\nnever closed\n", True),
        ("## A\n```\n", True),
    ],
)
def test_what_would_swallow_the_next_section_is_known(source, is_open):
    (part,) = parts.read(source).sections
    assert part.open is is_open


def test_a_context_block_below_a_section_is_an_example():
    example = "<!-- context-for-ai\nscope: x\n-->"
    assert parts.read(f"# T\n\n{example}\n").context == example
    assert parts.read(f"# T\n\n## A\n\n{example}\n").context is None
