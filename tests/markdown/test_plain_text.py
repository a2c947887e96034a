"""A line of Markdown as a reader sees it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from bep.markdown.escapes import markdown_text
from bep.markdown.plain_text import visible
from bep.questionnaire.answers import line_problem
from tests import samples

LINES = st.text("\\`*_[]()<>!&;#|~-+=.:'\"{}%@/ a1é이", max_size=20)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("plain", "plain"),
        ("**bold** *it* __bold__ _it_ ~~gone~~ ***both***", "bold it bold it gone both"),
        ("a_b snake_case 2 * 3 * 4", "a_b snake_case 2 * 3 * 4"),
        ("an open ** and _ stay", "an open ** and _ stay"),
        (r"\*no\* \# a\_b", "*no* # a_b"),
        ("`a*b*` and ``c`d``", "`a*b*` and ``c`d``"),
        ('[text](x.md) ![image](y.png) [*t*](z.md "title")', "text image t"),
        (r"[a\]b](a%20b.md)", "a]b"),
        ("[text][ref] [text]", "[text][ref] [text]"),
        ("R&amp;D &#35; AT&T", "R&D # AT&T"),
        ('Title <a id="x"></a><!-- note -->', "Title"),
        ("  a \t b\n c ", "a b c"),
    ],
)
def test_a_reader_sees(markdown, text):
    assert visible(markdown) == text


@settings(max_examples=samples.examples(500))
@given(LINES.filter(lambda text: not line_problem(text, "text")))
@example("`a` `b")
@example("*a* \\* ]")
def test_a_reader_sees_what_was_written_as_text(text):
    assert visible(markdown_text(text)) == " ".join(text.split())


@pytest.mark.parametrize("piece", ["[a](", "[", "*a ", "_a_", "<!--", "&a", "`", "\\", "~~"])
def test_hostile_lines_cost_no_more_than_their_length(piece):
    assert len(visible(piece * 50_000)) <= len(piece) * 50_000
