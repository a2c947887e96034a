"""Flowcharts in Mermaid's language: whatever a label holds is text."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, strategies as st

from bep.markdown import mermaid
from bep.markdown.mermaid import Arrow, Line, Node
from tests import mermaid_parser

NASTY = (
    "",
    "end",
    "subgraph x",
    "click A call alert()",
    'click A href "javascript:alert(1)"',
    "%% a comment",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "---\ntitle: x\n---",
    "Say \"no\" to 'quotes'",
    "`code` and ```mermaid",
    "[brackets] (and) {braces} ((twice)) [[twice]] >flag]",
    "<script>alert(1)</script><img src=x onerror=alert(1)><b>",
    "&lt;b&gt; &amp; &#60; #60; #quot; #35;",
    "A --> B; C -.-> D ==> E --- F",
    "style A fill:#f00;",
    "classDef x fill:#f00,stroke:#00f;",
    "linkStyle 0 stroke:#f00;",
    "style: #1; and classDef: #2;",
    'C:\\new\\table, \\n and \\" and \\u0022',
    "한글 제목, 日本語, עברית, 🚀 👩‍💻 é",
    "two\nlines\r\nand\ta\u2028third\x0b\x1b[31m",
    "\u202eright to left\u200b",
    "half of a character \ud800 \udcff",
    "- a list",
    "1. a list",
    "# a heading",
    "**bold** _it_ ~~no~~ $$x^2$$",
    "https://example.com/?a=b&c=d#e www.example.com",
    "fa:fa-car A@{ shape: circle }",
    "|label| :::class",
    "ﬂ°°60¶ß ß",
    "x" * 300,
    '"' * 300,
    "word " * 60,
    "{{ jinja }} {% if %}",
)


def shown(text: str) -> str:
    """What a reader sees of a label: entities decoded, as Mermaid does."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), mermaid.label(text))


def chart(texts: list[str]) -> str:
    nodes = [Node(f"N{at}", [text, "end"], "plain") for at, text in enumerate(texts)]
    arrows = [Arrow("N0", f"N{at}", Line.DOTTED, text) for at, text in enumerate(texts)]
    return mermaid.flowchart(nodes, arrows, {"plain": "fill:#ffffff", "unused": ""}, texts)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Unified Service Discovery", "Unified Service Discovery"),
        ('Say "no"', "Say #34;no#34;"),
        ("a\n  b", "a b"),
        ("#35;", "#35;35#59;"),
        ("한글 🚀", "한글 🚀"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("\u202ea\u200b\x1bb", "a b"),
        ("\udc80", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_label_is_one_line_of_text(text, label):
    assert mermaid.label(text) == label


@given(st.text(st.characters(exclude_categories=()), max_size=120))
def test_what_could_mean_something_is_an_entity(text):
    found = mermaid.label(text)

    assert re.fullmatch(r"(?:[a-zA-Z0-9 ,.'!?/()-]|[^\x00-\x7f]|#\d+;)*", found)
    assert found.isprintable()
    assert len(shown(text)) <= 80
    found.encode()


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S")), max_size=80))
def test_what_is_visible_stays(text):
    assert shown(text) == text


def test_mermaid_reads_every_label_as_its_text():
    chosen = random.Random(7)
    pieces = [*NASTY, *'"#;:%&<>[](){}|`\\/-=.~*_@^$ \n']
    mixed = ["".join(chosen.choices(pieces, k=chosen.randint(1, 4))) for _ in range(250)]
    texts = [f"BEP-1 {text}" for text in (*NASTY, *mixed)]

    (found,) = mermaid_parser.parsed([chart(texts)])

    expected = [[shown(text).strip(), "end"] for text in texts]
    assert list(found.nodes.values()) == expected
    assert list(found.nodes) == [f"N{at}" for at in range(len(texts))]
    assert {tuple(one) for one in found.classes.values()} == {("plain",)}
    assert [one[3] for one in found.arrows] == [one[0] for one in expected]
    assert {one[2] for one in found.arrows} == {"dotted"}
    assert found.styles == {"plain": ["fill:#ffffff"]}


def test_mermaid_reads_charts_of_any_size():
    many = [Node(f"BEP-{at}", ["x"], "plain") for at in range(1000, 1600)]
    arrows = [Arrow(one.name, many[0].name, line) for one in many[:3] for line in Line]

    texts = [
        mermaid.flowchart([], [], {}, []),
        mermaid.flowchart(many, arrows, {"plain": "fill:#fff"}, []),
    ]
    empty, full = mermaid_parser.parsed(texts)

    assert (empty.nodes, empty.arrows) == ({}, [])
    assert len(full.nodes) == 600
    assert [one[2] for one in full.arrows] == ["dotted", "normal", "thick"] * 3
