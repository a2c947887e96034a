"""The Markdown of a document as HTML: read as GitHub reads it, and nothing in it runs."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

pytest.importorskip("nh3", reason="the extra `site` is not installed")

from bep.share import forge
from bep.site import markup
from bep.site.addresses import Addresses, Place
from bep.site.markup import Image

PAGES = {
    "proposals/BEP-1001-one.md": "BEP-1001.html",
    "proposals/BEP-1001/part.md": "BEP-1001/part.html",
    "proposals/BEP-1002-two.md": "BEP-1002.html",
}
ADDRESSES = Addresses(
    PAGES,
    {1001: "BEP-1001.html", 1002: "BEP-1002.html"},
    lambda path: path in PAGES or path.startswith("src"),
    "proposals",
    "proposals/README.md",
    forge.at("https://github.com/acme/api"),
    "main",
    "https://example.atlassian.net",
    frozenset({"BA"}),
)


def place(page: str = "BEP-1001.html") -> Place:
    path = next(path for path, address in PAGES.items() if address == page)
    return Place(ADDRESSES, path, page)


def image(destination: str) -> Image:
    return Image(problem="it is missing") if "gone" in destination else Image("images/1.png")


def body(text: str, page: str = "BEP-1001.html", issues=()) -> markup.Body:
    where = place(page)
    where.made.add("images/1.png")
    return markup.body(text, where, image, issues)


def html(text: str, page: str = "BEP-1001.html", issues=()) -> str:
    return str(body(text, page, issues).text).strip()


def links(text: str, page: str = "BEP-1001.html", issues=()) -> dict[str, str | None]:
    """The links of a text: what they show, and where they lead."""
    reader = _Reader()
    reader.feed(html(text, page, issues))
    return reader.links


class _Reader(HTMLParser):
    """What a browser would see: elements, attributes, links."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.links: dict[str, str | None] = {}
        self._address: str | None = None

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "a":
            self._address = dict(attrs).get("href")

    def handle_endtag(self, tag):
        if tag == "a":
            self._address = None

    def handle_data(self, data):
        if self._address is not None:
            self.links[data] = self._address


# --- As GitHub reads it ---------------------------------------------------------------------------


def test_lists_of_two_blanks_are_nested():
    assert html("- one\n  - two\n    - three").count("<ul>") == 3


def test_tables_tasks_alerts_footnotes_and_bare_addresses():
    found = html(
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n> [!WARNING]\n> Careful.\n\n"
        "Note[^1]. ~~gone~~ https://example.com/bare\n\n[^1]: The note.\n"
    )
    assert '<td align="right">2</td>' in found
    assert found.count('type="checkbox"') == 2
    assert found.count("checked") == 1
    assert 'class="markdown-alert markdown-alert-warning"' in found
    assert 'href="#fn1"' in found
    assert 'id="fn1"' in found
    assert "<s>gone</s>" in found
    assert '<a href="https://example.com/bare"' in found


def test_html_that_authors_use_stays():
    found = html(
        "<details>\n<summary>More</summary>\n\nWith <kbd>Ctrl</kbd><br>and *it*.\n\n</details>"
    )
    assert "<details>\n<summary>More</summary>" in found
    assert "<kbd>Ctrl</kbd><br>and <em>it</em>" in found


@pytest.mark.parametrize("name", ["script", "style", "template", "title", "TEXTAREA", "noscript"])
def test_an_element_that_would_swallow_the_rest_is_text(name):
    text = html(f"Use the <{name}> tag.\n\n<{name}>\n\nAfter")
    assert f"Use the &lt;{name}&gt; tag." in text
    assert "After" in text


@pytest.mark.parametrize(
    "text", ["{}", "{}\n\ntext `x` [one](BEP-1002-two.md)", "a {} *b*", "- {}\n- c"]
)
def test_html_of_thousands_of_elements_in_each_other_is_text(text):
    found = body(text.format("<div>" * 2000))

    assert found.problems == ["Its HTML is more than 100 elements deep, and is shown as text."]
    assert str(found.text).count("&lt;div&gt;") == 2000
    assert "<div" not in str(found.text)
    assert body(text.format("<div>" * 50 + "</div>" * 50 + "<br>" * 500)).problems == []


def test_headings_have_the_anchors_of_github():
    found = body("# T\n\n## A `b` & C\n\n## A b & c\n\n### 한글 제목\n\n> ## Quoted\n")
    assert [one.anchor for one in found.headings] == [
        "t",
        "a-b--c",
        "a-b--c-1",
        "한글-제목",
        "quoted",
    ]


def test_the_title_is_apart_from_the_text():
    found = body("Above.\n\n# The *title*\n\nBelow.\n\n# Another\n")
    assert found.title == "The <em>title</em>"
    assert found.anchor == "the-title"
    assert str(found.text).split() == [
        "<p>Above.</p>",
        "<p>Below.</p>",
        "<h1",
        'id="another">Another</h1>',
    ]


def test_code_has_colours_and_is_text():
    found = html('```python\ndef f() -> None: "</code><script>"\n```')
    assert '<span class="k">def</span>' in found
    assert "<script>" not in found
    assert (
        html("    <b>")
        == '<div class="highlight"><pre tabindex="0"><code>&lt;b&gt;\n</code></pre></div>'
    )


def test_a_diagram_is_left_to_the_browser_as_text():
    assert '<pre class="bep-diagram" tabindex="0"><code>graph TD\nA--&gt;B["&lt;b&gt;"]' in html(
        '```mermaid\ngraph TD\nA-->B["<b>"]\n```'
    )


# --- Links and references -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("BEP-1002-two.md", "BEP-1002.html"),
        ("./BEP-1002-two.md#the-design", "BEP-1002.html#the-design"),
        ("/proposals/BEP-1002-two.md", "BEP-1002.html"),
        ("BEP-1001/part.md", "BEP-1001/part.html"),
        ("README.md", "index.html"),
        ("#motivation", "#motivation"),
        ("#__config", "#user-content-__config"),
        ("../src/a%20b.py#L3", "https://github.com/acme/api/blob/main/src/a%20b.py#L3"),
        ("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2"),
        ("//example.com/x", "https://example.com/x"),
        ("mailto:ada@example.com", "mailto:ada@example.com"),
    ],
)
def test_where_a_link_leads(written, address):
    assert links(f"[here]({written})") == {"here": address}
    assert links(f'<a href="{written}">here</a>') == {"here": address}


def test_a_link_from_a_sub_document_goes_up():
    text = "[main](../BEP-1001-one.md) [other](../BEP-1002-two.md) BEP-1002"
    assert links(text, "BEP-1001/part.html") == {
        "main": "../BEP-1001.html",
        "other": "../BEP-1002.html",
        "BEP-1002": "../BEP-1002.html",
    }


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("gone.md", "there is no proposals/gone.md"),
        ("../../x", "leads out of the repository"),
        ("javascript:alert(1)", "an address that is not opened"),
        ("data:text/html,x", "an address that is not opened"),
        ("file:///etc/passwd", "an address that is not opened"),
    ],
)
def test_a_link_that_leads_nowhere_says_so_at_its_place(written, problem):
    assert html(f"[here]({written})") == (
        f'<p><span class="bep-broken">here<span class="bep-why"> ({problem})</span></span></p>'
    )


def test_references_in_text_are_links():
    text = "BEP-1002, BA-7, XY-7, acme/other#3, #4; `BEP-1002`, [BEP-1002](https://example.com/)"
    known = {
        "BEP-1002": "https://example.com/",
        "BA-7": "https://example.atlassian.net/browse/BA-7",
        "acme/other#3": "https://github.com/acme/other/issues/3",
    }
    assert links(text) == known
    assert links("BEP-1002 and BEP-1001 and BEP-4711") == {"BEP-1002": "BEP-1002.html"}
    assert links("#4", issues=[(0, 1)]) == {"#4": "https://github.com/acme/api/issues/4"}


def test_an_image_that_is_not_there_says_so_at_its_place():
    assert html("![A *plan*](gone.png)") == (
        '<p><span class="bep-broken">Image: A plan'
        '<span class="bep-why"> (it is missing)</span></span></p>'
    )
    assert html("![A plan](here.png)") == '<p><img src="images/1.png" alt="A plan"></p>'


def test_an_image_in_html_that_is_not_there_is_named_above_the_text():
    found = body('<p><img src="gone.png" alt="x"></p>')
    assert "src" not in found.text
    assert found.problems == ["The image gone.png is not shown: it is missing."]


# --- Somebody else's text -------------------------------------------------------------------------

RUNNING = {
    *("script", "iframe", "object", "embed", "form", "button", "textarea", "style", "link", "meta"),
    *("base", "svg", "math", "template", "noscript", "frame", "frameset", "video", "audio"),
}
ALLOWED = ("http://", "https://", "mailto:", "#", "images/1.png", "BEP-", "../", "index.html")


def problems_of(text: str) -> list[str]:
    """What could run, or take something from elsewhere, in HTML."""
    reader = _Reader()
    reader.feed(text)
    found = sorted(reader.elements & RUNNING)
    for element, name, value in reader.attributes:
        if name.startswith("on") or name in ("style", "srcset", "srcdoc", "action", "formaction"):
            found.append(f"{element} {name}")
        if name == "href" and not value.startswith(ALLOWED):
            found.append(f"{element} {name}={value}")
        if name == "src" and value != "images/1.png":
            found.append(f"{element} {name}={value}")
        if name in ("id", "name") and value.startswith(("__", "bep-")):
            found.append(f"{element} {name}={value}")
        if name == "class" and value.startswith("md-"):
            found.append(f"{element} {name}={value}")
    return found


NASTY = [
    "<script>run()</script>",
    '<img src="x" onerror="run()">',
    '<a href="javascript:run()">x</a>',
    "<a href='java\nscript:run()'>x</a>",
    '<a href="&#106;avascript:run()">x</a>',
    "[x](javascript:run())",
    "[x](<javascript:run()>)",
    "[x]: javascript:run()",
    "<javascript:run()>",
    "![x](javascript:run())",
    "![x](https://evil.example/x.png)",
    "<svg><script>run()</script></svg>",
    '<svg/onload="run()">',
    '<p style="position:fixed" class="md-overlay">',
    '<a id="__config">{"base":"https://evil.example"}</a>',
    "## __search",
    '<div title="',
    '" onmouseover="run()',
    "<!--",
    "-->",
    '<noscript><p title="</noscript><img src=x onerror=run()>">',
    "<math><mtext><table><mglyph><style><img src=x onerror=run()>",
    "<textarea><img title='</textarea><img src=x onerror=run()>'>",
    "```mermaid\n<img src=x onerror=run()>\n```",
    "```\n</code></pre><script>run()</script>\n```",
    "`</code><script>run()</script>`",
    "<details open ontoggle=run()>",
    "| a |\n|---|\n| <b onclick=run()> |",
    "BEP-1002",
    "\x00\ud800",
    "<form action=x><button formaction=javascript:run()>x",
    "\n\n",
    "> ",
    "- ",
    "    ",
]


def test_the_address_of_an_image_inside_the_page_is_no_link():
    where = place()
    where.made.add("data:image/svg+xml;base64,AA==")
    found = markup.body('<a href="data:image/svg+xml;base64,AA==">x</a>', where, image)
    assert str(found.text) == "<p><a>x</a></p>\n"


@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=12), max_size=8).map("\n".join))
def test_nothing_in_a_text_runs(text):
    found = body(text)
    assert problems_of(str(found.text)) == []
    assert problems_of(str(found.title)) == []
    assert problems_of(str(markup.inline(text, place(), image))) == []
    assert problems_of(str(markup.plain(text, place()))) == []
    str(found.text).encode()


@given(st.lists(st.sampled_from(NASTY), max_size=5).map("\n\n".join))
def test_the_same_text_gives_the_same_bytes(text):
    assert body(text).text == body(text).text
