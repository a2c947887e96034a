"""Answers of any kind in the grammars that they meet; Markdown's and YAML's own readers judge."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bep.markdown.escapes import (
    comment_value,
    link,
    markdown_text,
    plain_text,
    table_cell,
    yaml_value,
)
from bep.proposal import context_block, registry_table
from bep.questionnaire.answers import line_problem
from tests import samples

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# What the questionnaire lets through: one line, without blanks around it.
SPECIAL = st.text("\\`*_[]()<>!&;#|~-+=.:'\"{}%@/ a1é이\t", max_size=14)
LINES = st.one_of(
    SPECIAL, st.text(st.characters(codec="utf-8"), max_size=20), SPECIAL.map(lambda t: f"a{t}b")
)
ANSWERS = LINES.map(str.strip).filter(lambda text: text and not line_problem(text, "answer"))


def shown(tokens: list[Token] | None) -> str:
    """The characters that a reader of the page sees."""
    kinds = {"text", "code_inline"}
    assert all(token.type in kinds for token in tokens or []), tokens
    return "".join(token.content for token in tokens or [])


def squeezed(text: str) -> str:
    """A reader does not see how many blanks there are, and a code span drops one at its edges."""
    return "".join(text.split())


def without_code_marks(text: str) -> str:
    return squeezed(text).replace("`", "")


def heading_of(source: str) -> Token:
    tokens = MARKDOWN.parse(f"# {source}\n")
    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close"]
    return tokens[1]


# --- Markdown text ------------------------------------------------------------------------------


@settings(max_examples=samples.examples(500))
@given(ANSWERS.filter(lambda text: "`" not in text))
@example("C #")
@example("# #")
@example("a\\")
@example("a \\# b #")
@example("__init__ and *that*")
@example("~~gone~~")
@example("&amp; &#35;")
@example("<!-- x --> <a@b.c> <https://x.y>")
@example("<1@b.c> <+a@b.c> <#@b> <=/@b>")
@example("![a](b) [a](b) [a]")
@example("#")
def test_a_heading_shows_exactly_the_answer(text):
    assert squeezed(shown(heading_of(markdown_text(text)).children)) == squeezed(text)


@settings(max_examples=samples.examples(500))
@given(ANSWERS)
@example("`a` and ``b`c``")
@example("a ` b")
@example("`a\\` b")
@example("``")
@example("\\`a`")
@example("`a` \\`b`")
def test_with_code_spans_a_heading_shows_the_answer_but_for_their_marks(text):
    """Code spans may stay code spans; nothing else is read, and no character is lost."""
    seen = shown(heading_of(markdown_text(text)).children)

    assert without_code_marks(seen) == without_code_marks(text)


def test_code_spans_stay_code_spans():
    children = heading_of(markdown_text("Use `<b>*x*` for <b>")).children or []

    assert [(token.type, token.content) for token in children] == [
        ("text", "Use "),
        ("code_inline", "<b>*x*"),
        ("text", " for <b>"),
    ]


@settings(max_examples=samples.examples(300))
@given(ANSWERS.filter(lambda text: "`" not in text))
def test_a_line_of_text_in_a_list_item_shows_exactly_the_answer(text):
    """`Scope:` stands before it, so that block marks at the start are none."""
    tokens = MARKDOWN.parse(f"1. Phase 1: {markdown_text(text)}\n")

    inline = [token for token in tokens if token.type == "inline"]
    assert len(inline) == 1
    assert squeezed(shown(inline[0].children)) == squeezed(f"Phase 1: {text}")


@pytest.mark.parametrize(
    "text",
    [
        "Plain title",
        "snake_case_name",
        "A (b) c: d, e; f!",
        "50% of 3 < 4",
        "이름 — dash",
        "C++",
        "a.b",
    ],
)
def test_what_markdown_does_not_read_stays_as_it_is(text):
    assert markdown_text(text) == text


# --- Table cells --------------------------------------------------------------------------------


@settings(max_examples=samples.examples(500))
@given(ANSWERS)
@example("a | b")
@example("`a|b`")
@example("\\|")
@example("a\\")
@example("|")
@example("Name | 이름")
def test_a_table_cell_shows_the_answer_and_ends_nowhere(text):
    tokens = MARKDOWN.parse(f"| A | B |\n|---|---|\n| {table_cell(text)} | end |\n")

    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4
    assert cells[3].content == "end"
    assert without_code_marks(shown(cells[2].children)) == without_code_marks(text)


@settings(max_examples=samples.examples(300))
@given(ANSWERS)
def test_the_registry_reads_one_cell_for_each_that_was_written(text):
    page = "| Number | Title | Author | Status |\n|---|---|---|---|\n"

    after = registry_table.add_row(registry_table.read(page, "p"), 1000, text, "Ada", "Draft", "")

    row = registry_table.read(after, "p").row(1000)
    assert row is not None
    assert len(row.cells) == 4
    assert (row.author, row.status) == ("Ada", "Draft")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_line_break_becomes_a_blank_in_a_cell(ending):
    assert table_cell(f"a{ending}b") == "a b"


# --- YAML ---------------------------------------------------------------------------------------

SCALARS = st.one_of(
    ANSWERS,
    st.integers(),
    st.booleans(),
    st.sampled_from(
        [
            "- a",
            "a: b",
            "a #b",
            "#a",
            "'",
            '"',
            "yes",
            "null",
            "1.0",
            "2026-11-23",
            "[",
            "{",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "|",
            ">",
            "?",
            "",
            "~",
            "=",
            "<<",
            "0x1f",
            "1_000",
            "1:30",
        ]
    ),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=4))


@settings(max_examples=samples.examples(500))
@given(VALUES)
def test_yaml_reads_back_what_was_written_on_one_line(value):
    written = yaml_value(value)

    assert "\n" not in written
    assert yaml.safe_load(f"key: {written}\nnext: 1\n") == {"key": value, "next": 1}


@settings(max_examples=samples.examples(300))
@given(ANSWERS.filter(lambda text: "`" not in text), ANSWERS)
@example("a]b", "a](b) c.md")
@example("]", "%41 & #x?")
def test_a_link_shows_its_text_and_leads_to_its_path(text, path):
    opening, *inner, closing = heading_of(link(text, path)).children or []

    assert (opening.type, closing.type) == ("link_open", "link_close")
    assert squeezed(shown(inner)) == squeezed(text)
    assert unquote(str(opening.attrGet("href"))) == path


def test_plain_text_stays_plain():
    assert yaml_value("Ada Lovelace (ada@example.com)") == "Ada Lovelace (ada@example.com)"
    assert yaml_value("이름") == "이름"
    assert yaml_value(["data-model.md", "api.md"]) == "[data-model.md, api.md]"
    assert yaml_value("word " * 60) == repr("word " * 60)


ENDING_COMMENTS = st.text("->!a\\'\" x", max_size=12)
COMMENT_VALUES = st.one_of(VALUES, ENDING_COMMENTS, st.lists(ENDING_COMMENTS, max_size=3))


@settings(max_examples=samples.examples(500))
@given(COMMENT_VALUES)
@example("a --> b")
@example("--!>")
@example("-->-->")
@example("->")
@example(">")
@example("--\\x3e")
@example(["a-->", "b--!>c"])
@example(["-->", 0])
def test_no_value_ends_the_comment_around_it(value):
    body = f"scope: {comment_value(value)}\nphases: 3"

    block = context_block.wrap(body)

    assert context_block.read(block) == {"scope": value, "phases": 3}
    tokens = MARKDOWN.parse(f"{block}\n\n# Title\n")
    assert tokens[0].type == "html_block"
    assert tokens[0].content.rstrip("\n") == block
    assert tokens[1].type == "heading_open"


@settings(max_examples=samples.examples(300))
@given(st.lists(COMMENT_VALUES.filter(lambda value: not isinstance(value, list)), max_size=4))
def test_values_of_a_block_list_read_back(values):
    body = "key-constraints:" + "".join(f"\n  - {comment_value(value)}" for value in values)

    assert context_block.read(context_block.wrap(body)) == {"key-constraints": values or None}


def test_marks_that_nothing_closes_cost_no_more_than_their_length():
    hostile = "\\#" + "`" * 200_000 + "x"

    assert plain_text(hostile) == hostile[1:]
