"""Headings as they are compared: as a reader sees them, without number and ornament."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import example, given, settings, strategies as st

from bep.markdown.heading_text import is_numbered, normalise
from tests import samples
from tests.markdown.test_linear import MOST, SIZES, work

NUMBERS = [
    *("4.", "4)", "(4)", "4\\.", "4\\)", "4 -", "4 –", "4 —", "4:", "4.)", "**4.**", "4. -"),
    *("2.1", "2.1.", "2.1)", "(2.1)", "2.1 –", "2.1:", "12.", "2026."),
    *("IV.", "IV)", "I.", "XII.", "VIII)", "IV\\.", "A.", "B)", "C\\."),
    *("§4", "§ 4.1", "§4.", "§ 4 –", "&sect;4", "§4:"),
    *("①", "⑫", "❸", "㉑", "⑷", "⒋", "Ⅳ", "Ⅳ.", "ⅳ.", "Ⓐ", "4️⃣", "4⃣", "1️⃣2️⃣", "🔟", "①."),
    *("🚀 4.", "4. 🚀", ":rocket: 4.", "4\u200b.", "4.\xa0", "4. IV.", "<a id='x'></a>4."),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_front_is_no_part_of_a_heading(number: str) -> None:
    assert normalise(f"{number} Motivation") == "motivation"
    assert is_numbered(f"{number} Motivation")


@pytest.mark.parametrize(
    "written",
    [
        "🚀 Motivation",
        "Motivation 🚀✨",
        "⚠️ Motivation",
        "👩‍💻 Motivation 🇰🇷",
        "™️ Motivation",
        "ℹ️ Motivation",
        ":rocket: Motivation",
        ":+1::rocket: Motivation :tada:",
        '<a id="motivation"></a>Motivation',
        'Motivation <a name="x"/>',
        "Moti<wbr>vation<br>",
        "Motivation <!-- why -->",
        "<b>Motivation</b>",
        "[Motivation](#x)",
        "[Motivation](<a b> 'title')",
        "[Motivation](https://a.example/x_(y)?a=1)",
        "[Motivation][why]",
        "[Motivation][]",
        "[Motivation]",
        "![logo](logo.png) Motivation",
        "[![logo](logo.png)](x.md) Motivation",
        "![logo][logo] Motivation",
        "`Motivation`",
        "**Moti**vation",
        "_Motivation_ :",
        "Motivation[^1]",
        "Motivation [^note]",
        "Motivatio&#110;",
        "&nbsp;Motivation",
        "Moti\u200bvation",
        "Moti\xadvation\ufe0f",
        "\ufeffMotivation",
        "\u2060Motivation\u200e",
        "\xa0Motivation\xa0",
        "Motivation {#why}",
        "Motivation {#why}:",
        "Motivation\uff1a",
        "MOTIVATION::",
    ],
)
def test_a_heading_is_what_a_reader_sees(written: str) -> None:
    assert normalise(written) == "motivation"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("I/O", "i/o"),
        ("C API", "c api"),
        ("V2 design", "v2 design"),
        ("1a", "1a"),
        ("2a. Liveness", "2a. liveness"),
        ("(a) Data layer", "(a) data layer"),
        ("(C) the authors", "(c) the authors"),
        ("3 components", "3 components"),
        ("A/B testing", "a/b testing"),
        ("1 & 2: Schema", "1 & 2: schema"),
        ("404: not found", "404: not found"),
        ("2026 - a review", "2026 - a review"),
        ("1 - 2 days", "1 - 2 days"),
        ("Step 4: Motivation", "step 4: motivation"),
        ("Phase 1: Schema", "phase 1: schema"),
        ("I - Robot", "i - robot"),
        ("IIII. Four", "iiii. four"),
        ("v. Motivation", "v. motivation"),
        ("Option ① and 2️⃣", "option ① and ②"),
        ("Node.js and A. Turing", "node.js and a. turing"),
        ("A → B", "a → b"),
        ("10 ™ signs", "10 ™ signs"),
        ("List<Key> of `Map<K, V>`", "list<key> of map<k, v>"),
        ("a < b > c", "a < b > c"),
        ("R&D, AT&amp;T", "r&d, at&t"),
        ("std::vector", "std::vector"),
        ("GET /:id:/x", "get /:id:/x"),
        ("{{ a }} {#if}", "{{ a }}"),
        ("C:\\temp", "c:\\temp"),
        ("snake_case `_x_`", "snake_case x"),
        ("[1] Motivation", "1 motivation"),
        ("Straße 한글", "strasse 한글"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_a_name_is_not_damaged(written: str, name: str) -> None:
    assert normalise(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *((one, one) for one in ("4.", "4", "2.1", "(4)", "4 -", "§4", "①")),
        ("IV.", "iv."),
        ("Ⅳ.", "ⅳ."),
        ("4. 5.", "5."),
        ("4. 🚀", "4."),
        ("🚀", "🚀"),
        ("![Logo](x.png)", "logo"),
    ],
)
def test_what_is_nothing_else_stays(written: str, name: str) -> None:
    assert normalise(written) == name


def test_a_number_without_a_mark_keeps_an_order_too() -> None:
    assert is_numbered("3 Ways")
    assert not is_numbered("Ways")
    assert not is_numbered("4.")
    assert not is_numbered("V2 design")


MARKS = "\\`*_[]()<>!&;#|~-+=.:'\"{}^$/§ab1245IVAXx 🚀①Ⅳ\u200b\ufe0f\u20e3\xa0\0é İſ\n"
PIECES = [
    *(
        "&amp;",
        "&lt;",
        "&#92;",
        "&#91;",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "[x](y)",
        "[a][b]",
        "![a](b)",
    ),
    *("[^1]", ":a:", "{#x}", "4.", "IV.", "§4", " ", "\\", "a", "4 - ", "①", "<s", "1\u20e3", "_"),
]
HEADINGS = st.text() | st.text(MARKS, max_size=30) | st.lists(st.sampled_from(PIECES)).map("".join)


@settings(max_examples=samples.examples(1000))
@given(HEADINGS)
@example("&amp;amp;amp;lt;b>")
@example("<s<b>trong>")
@example("①:a:b")
@example("①_a")
@example("\\&lt;b>")
def test_what_is_compared_compares_as_itself(text: str) -> None:
    name = normalise(text)

    assert normalise(name) == name
    assert "\0" not in name
    assert name == " ".join(name.split())


HOSTILE = [
    *PIECES,
    *("[", "]", "](", "[a](", "](a ", '](a "', "](a '", "](<", "](a(b", "![", "![a](", "<a ", "<"),
    *("1.", "1", "1.1", ".", "§", "I", "X", "_", "*", "`", ":", ":a", "&a", "&", "{#", "{", "(1"),
    *("Foo ", "a_", "a_b", "A ", "🚀", "\u200b", "4\u20e3", "  ", "- ", "[^", "<!-", "&#", "a: "),
]


@pytest.mark.sample(17)
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_headings_cost_as_much_as_they_are_long(piece: str) -> None:
    assert len(normalise(piece * 50_000)) <= len(piece) * 50_000

    small, middle, large = (work(partial(normalise, piece * count)) for count in SIZES)
    assert large - middle <= MOST * (middle - small) + SIZES[0]
