"""Where a link into a document can lead: headings as GitHub names them, and marked places."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bep.markdown import anchors, escapes, nested_blocks, plain_text


def of(source: str) -> frozenset[str]:
    return anchors.anchors(source, nested_blocks.leaves(source))


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Motivation", "motivation"),
        ("Migration / Compatibility", "migration--compatibility"),
        ("`instance_id` Strategy", "instance_id-strategy"),
        ("3. Domain/Project — Agent Access (Auto)", "3-domainproject--agent-access-auto"),
        ("What's new?", "whats-new"),
        ("_One_ **two** ~~three~~ snake_case", "one-two-three-snake_case"),
        ("__init__ and `__init__`", "init-and-__init__"),
        (r"a\_b \<b> \*c\*", "a_b-b-c"),
        ("[A link](x.md#y) and ![an image](z.png)", "a-link-and-"),
        ("🚀 Start", "-start"),
        ("[A link](x_(y).md) more", "a-link-more"),
        ("R&amp;D & co.", "rd--co"),
        ("<kbd>Ctrl</kbd> <!-- note --> end", "ctrl--end"),
        ("<https://example.com>", "httpsexamplecom"),
        ("한글 제목 ✅", "한글-제목-"),
        ("Ünïcode ²", "ünïcode-"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_heading_gets_the_anchor_that_github_gives_it(heading, anchor):
    assert of(f"# {heading}\n") == {anchor}


def test_an_emoji_by_its_name_may_count_or_not():
    assert of("# :rocket: Start\n") == {"rocket-start", "-start"}


def test_a_heading_that_comes_again_is_counted():
    assert of("# A\n\n## B\n\n# a\n\nA\n=\n") == {"a", "b", "a-1", "a-2"}


def test_headings_in_lists_and_quotes_count_and_code_does_not():
    source = "- # One\n\n  > ## Two\n\n```\n# Three\n```\n\n    # Four\n\n<!-- # Five -->\n"

    assert of(source) == {"one", "two"}


def test_marked_places_and_html_headings_count():
    source = (
        '<a id="First"></a> and <a name=second>x</a>\n\n'
        "| a |\n|---|\n| <span id='third'></span> |\n\n<h2 align=center>The Fourth</h2>\n"
    )

    assert of(source) == {"first", "second", "third", "the-fourth"}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Co"])))
def test_what_is_escaped_is_seen_as_it_was(text):
    line = " ".join(text.split())

    assert anchors.slug(plain_text.rendered(escapes.markdown_text(line))) == anchors.slug(
        line.replace("`", "")
    )


MARKS = st.sampled_from(["`", "``", "\\", "a", " ", "[", "](", ")", "<", ">", "_", "*", "&", "!"])


@given(st.lists(MARKS, max_size=40).map("".join))
def test_code_spans_are_apart_and_begin_and_end_with_equal_backticks(text):
    end = 0
    for start, stop, content in plain_text.code_spans(text):
        assert end <= start < stop
        marks = len(text[start:stop]) - len(text[start:stop].lstrip("`"))
        assert text[start:stop].endswith("`" * marks)
        assert content in text[start:stop]
        end = stop
    plain_text.rendered(text)


@pytest.mark.parametrize(
    "piece", ["`a ``b ", "](x", "<!--", "![a](b", "[a](b)", "_", "<a", "&", "\\_", "</h1>", "`"]
)
def test_the_cost_grows_with_the_length_only(piece):
    """A regular expression that goes back and forth would take hours for this."""
    of(f"# {piece * (200_000 // len(piece))}\n")
