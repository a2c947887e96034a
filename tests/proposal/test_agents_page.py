"""The page for agents: a block of the tool's between an author's own texts."""

from __future__ import annotations

import pytest

from bep.errors import BepError
from bep.proposal import agents_page
from bep.proposal.agents_page import with_block

BEGIN, END = "<!-- bep-agents: begin", "<!-- bep-agents: end -->"
RENDERED = f"{BEGIN}; of now -->\n# Working with BEPs\n\nNew.\n{END}\n"
BLOCK = with_block("", RENDERED, "page")


@pytest.mark.parametrize(
    ("own", "between"),
    [
        ("", ""),
        ("\n", ""),
        ("# Ours\n", "\n"),
        ("# Ours", "\n\n"),
        ("# Ours\n\n", ""),
        ("# Ours\r\n\r\nno final ending", "\r\n\r\n"),
        ("\ufeffx \udcff\n\n\n", ""),
        ("```\nnever closed\n", "\n"),
    ],
)
def test_a_missing_block_follows_the_text_in_its_line_endings(own, between):
    ending = "\r\n" if "\r" in own else "\n"
    now = with_block(own, RENDERED, "page")

    assert now == own + between + BLOCK.replace("\n", ending)
    assert with_block(now, RENDERED, "page") == now


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_block_is_written_anew_where_it_stands(ending):
    before = f"# Ours{ending}{ending}"
    old = f"{before}{BEGIN}; of old -->{ending}Old.{ending}{END}  {ending}Behind{ending}"

    now = with_block(old, RENDERED, "page")

    assert now == f"{before}{BLOCK.replace(chr(10), ending)}Behind{ending}"
    assert agents_page.has_block(now)


@pytest.mark.parametrize(
    ("marks", "line"),
    [(f"{BEGIN} -->\n", 3), (f"{END}\n{BEGIN} -->\n", 4), (f"{BEGIN} -->\n{END}\n{END}\n", 5)],
)
def test_marks_that_are_no_pair_are_refused(marks, line):
    with pytest.raises(BepError) as refused:
        with_block(f"# Ours\n\n{marks}", RENDERED, "proposals/AGENTS.md")

    assert str(refused.value).startswith(f"proposals/AGENTS.md:{line}: ")
