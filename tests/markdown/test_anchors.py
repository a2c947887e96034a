"""Where a link into a document can lead: headings as GitHub names them, and marked places."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from bep.markdown import anchors, escapes, nested_blocks, plain_text
from tests import node


def of(source: str) -> frozenset[str]:
    return frozenset(anchors.anchors(source, nested_blocks.leaves(source)))


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
        ("Api [![Build](badge.svg)](https://ci.example.com)", "api-"),
        ('[Flow](x.md "one) two") more', "flow-more"),
        ("R&amp;D & co.", "rd--co"),
        ("<kbd>Ctrl</kbd> <!-- note --> end", "ctrl--end"),
        ("<https://example.com>", "httpsexamplecom"),
        ("한글 제목 ✅", "한글-제목-"),
        ("Ünïcode ²", "ünïcode-"),
        ("e\u0301", "e\u0301"),
        ("id_", "id_"),
        ("_id", "_id"),
        ("`_id` and id_ and _it_", "_id-and-id_-and-it"),
        ("_a `b` c_ d_e_f", "a-b-c-d_e_f"),
        ("(_a_), _b", "a-_b"),
        (r"\_a\_ and _", "_a_-and-_"),
        ("__a_ b", "_a-b"),
        ("[The `x` of](y.md) it", "the-x-of-it"),
        ("Part Ⅷ", "part-ⅷ"),
        ("ⓐ and Ⓑ", "ⓐ-and-ⓑ"),
        ("A \u200b\u2028b", "a-b"),
        ("Map<str, int> of <Key>", "mapstr-int-of-"),
        (":rocket: Start", "rocket-start"),
        (":ok_hand::hatched_chick: Two", "ok_handhatched_chick-two"),
    ],
)
def test_a_heading_gets_the_anchor_that_github_gives_it(heading, anchor):
    assert of(f"# {heading}\n") == {anchor}


def test_a_heading_that_comes_again_is_counted():
    assert of("# A\n\n## B\n\n# a\n\nA\n=\n") == {"a", "b", "a-1", "a-2"}


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        (["Option", "Option 1", "Option"], ["option", "option-1", "option-2"]),
        (["Errors", "Errors", "Errors-1"], ["errors", "errors-1", "errors-1-1"]),
        (["A", "A", "A 1", "A-1", "A"], ["a", "a-1", "a-1-1", "a-1-2", "a-2"]),
        (["B-1", "B", "B"], ["b-1", "b", "b-2"]),
        (["<h2>C</h2>", "C", "<H3 align=center>C</H3>"], ["c", "c-1", "c-2"]),
        (["a", '<a id="d"></a>', "d", "d"], ["a", "d", "d", "d-1"]),
        (["🚀", "✅", "🚀"], ["", "-1", "-2"]),
    ],
)
def test_the_number_of_a_repeated_heading_is_the_next_free_one(headings, names):
    source = "".join(
        one if one[0] == "<" else f"## {one}" for one in "\n\n\0".join(headings).split("\0")
    )

    assert [name for _, name in anchors.placed(source, nested_blocks.leaves(source))] == names


def test_a_heading_of_two_lines_has_nothing_between_them():
    source = "The first\nand  \n   the second\n===\n\n> - Third\n>   fourth\n>   ===\n"

    assert of(source) == {"the-firstandthe-second", "thirdfourth"}


def test_a_link_in_a_heading_by_its_label_is_its_text():
    source = "# See [the page][p], ![it][p] and [a][b]\n\n# The [P][]\n\n[p]: p.md\n"

    assert of(source) == {"see-the-page--and-ab", "the-p"}


def test_what_looks_like_a_tag_in_code_or_comments_is_no_anchor():
    source = (
        '`<a id="a"></a>` and <!-- <a id="b"></a> --> and \\<a id="c">\n\n'
        '```html\n<a name="d"></a>\n<h2>E</h2>\n```\n\n    <a id="f"></a>\n\n'
        '<!--\n<a id="g"></a>\n-->\n\n- ~~~\n  <a id="h"></a>\n  ~~~\n\n'
        '<div>\n<!-- <p id="i"> --><p data-id="j" id = "k"></p>\n</div>\n\n'
        '| a |\n|---|\n| ``<a id="l">`` <i ID=m></i> |\n\nx <a name="n" id=\'o\'>y</a>\n'
    )

    assert of(source) == {"k", "m", "n", "o"}


SLUGGER = """
import Slugger from "github-slugger"
import { readFileSync } from "node:fs"
const slugger = new Slugger()
const headings = JSON.parse(readFileSync(0, "utf8"))
console.log(JSON.stringify(headings.map((one) => slugger.slug(one))))
"""
PIECES = (
    *(
        "Option",
        "Errors",
        "Phase",
        "id_",
        "_id",
        "__init__",
        "snake_case",
        "API/CLI",
        "1",
        "2.",
        "-",
    ),
    *(
        "-1",
        "(v2)",
        "&",
        "—",
        "don't",
        "<Key>",
        "a*b",
        "~x~",
        "`code`",
        "[x](y)",
        "Ünïcode",
        "e\u0301",
    ),
    *(
        "한글",
        "日本語",
        "Привет",
        "ΣΊΣΥΦΟΣ",
        "İ",
        "ß",
        "ﬁ",
        "Ⅷ",
        "Ⓑ",
        "²",
        "½",
        "٣",
        "🚀",
        "👩‍💻",
        ":ok:",
        "‿",
    ),
)


def test_five_hundred_headings_get_the_anchors_that_github_slugger_gives():
    """The npm package reproduces GitHub's output, of which it has 78 samples.

    Where GitHub itself is different: it knows newer letters than Unicode 13. What is visible of a
    heading (emphasis, tags, images) is not the package's subject.
    """
    chosen = random.Random(500)
    seen = [" ".join(chosen.choices(PIECES, k=chosen.randint(1, 3))) for _ in range(450)]
    source = "".join(f"## {escapes.markdown_text(one)}\n\n" for one in seen)
    words = [one for one in PIECES if one.isalnum() and not one.isdigit()]
    two_lines = ["\n".join(chosen.choices(words, k=2)) for _ in range(50)]
    source += "".join(f"{one}\n---\n\n" for one in two_lines)

    expected = by_github_slugger([*seen, *two_lines])

    assert [name for _, name in anchors.placed(source, nested_blocks.leaves(source))] == expected


def by_github_slugger(headings: list[str]) -> list[str]:
    names: list[str] = node.run(SLUGGER, headings, "github-slugger")
    return names


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


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "piece", ["`a ``b ", "](x", "<!--", "![a](b", "[a](b)", "_", "<a", "&", "\\_", "</h1>", "`"]
)
def test_the_cost_grows_with_the_length_only(piece):
    """A regular expression that goes back and forth would take hours for this."""
    of(f"# {piece * (200_000 // len(piece))}\n")
