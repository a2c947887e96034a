"""The site as a reader has it: in Chromium, from the file system and from a host, below a path."""

from __future__ import annotations

import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import samples
from tests.conftest import ROOT
from tests.site.hostile import RUN

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

# The first has no windows, and takes two thirds of the time of the others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TABS = ("index.html", "questions.html", "decisions.html", "relations.html")
SEGMENTED, PART = "BEP-1046.html", "BEP-1046/data-model.html"

if CHROMIUM is None:
    pytest.skip("chromium is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


class Reader:
    """A page in the browser, and what it did that it should not."""

    def __init__(self, browser, site, **settings):
        self.site = site
        self.context = browser.new_context(
            **{"viewport": DESKTOP, "color_scheme": "light", **settings}
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.on("request", self._asked)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _asked(self, request):
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def open(self, address: str):
        self.page.goto(f"{self.site}/{address}")
        if self.page.query_selector("pre.bep-diagram"):
            self.page.wait_for_selector("body[data-bep-drawn]")
        return self.page

    def shown(self) -> list[str]:
        """The numbers in the table of the front page that are not filtered out."""
        return [
            row.inner_text()
            for row in self.page.query_selector_all(".bep-table tbody tr td:first-child")
            if row.is_visible()
        ]


@pytest.fixture(scope="module")
def corpus(browser, corpus_site):
    """A reader of the corpus' files, which by the end had no error and asked no other host."""
    reader = Reader(browser, f"file://{corpus_site}")
    yield reader
    assert reader.errors == []
    assert reader.elsewhere == []


@pytest.fixture(scope="module")
def hosted(browser, corpus_site):
    """A reader of the same site below a path of a host."""
    handler = partial(_Quiet, directory=str(corpus_site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        host = f"http://127.0.0.1:{server.server_address[1]}"
        reader = Reader(browser, f"{host}/{corpus_site.name}")
        yield reader
        server.shutdown()
    assert reader.errors == []
    assert reader.elsewhere == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def test_the_table_is_filtered(corpus):
    page = corpus.open("index.html")
    everything = corpus.shown()
    page.select_option("select[name=status]", "Implemented")
    implemented = corpus.shown()
    assert 0 < len(implemented) < len(everything)
    assert page.inner_text(".bep-shown") == f"{len(implemented)} of {len(everything)} proposals"
    page.select_option("select[name=author]", "HyeokJin Kim")
    assert 0 < len(corpus.shown()) < len(implemented)
    page.click(".bep-filters button[type=reset]")
    assert corpus.shown() == everything
    page.fill("input[name=words]", "service discovery")
    assert corpus.shown() == ["BEP-1046"]


def test_a_filter_is_a_part_of_the_address(corpus):
    page = corpus.open("index.html?status=Superseded")
    assert corpus.shown() == ["BEP-1004"]
    assert page.input_value("select[name=status]") == "Superseded"


def test_the_table_is_sorted_by_mouse_and_keyboard(corpus):
    page = corpus.open("index.html")
    page.click("th[data-key=created] button")
    cells = page.eval_on_selector_all(
        ".bep-table tbody td:nth-child(6)", "cells => cells.map(one => one.textContent)"
    )
    dated = [one for one in cells if one]
    assert dated == sorted(dated)
    assert cells[: len(dated)] == dated
    page.focus("th[data-key=number] button")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert corpus.shown()[0] == "BEP-1072"
    assert page.get_attribute("th[data-key=number]", "aria-sort") == "descending"


def test_links_lead_from_page_to_page(corpus):
    page = corpus.open("index.html")
    page.click("text=Unified Service Discovery")
    assert page.url.endswith(SEGMENTED)
    page.click(".bep-segments >> text=Data Model Details")
    assert page.url.endswith(PART)
    page.click("[rel=next]")
    page.click(".bep-line a")
    assert page.url.endswith(SEGMENTED)
    page.click("text=3 open questions")
    page.click("details[open] [aria-label='To the question']")
    assert page.url.endswith("#open-questions")


@pytest.mark.parametrize("from_host", [False, True], ids=["file system", "host"])
def test_the_search_finds_words_of_documents(corpus, hosted, from_host):
    page = (hosted if from_host else corpus).open("index.html")
    page.keyboard.press("/")
    page.keyboard.type("preemption")
    page.wait_for_selector(".md-search-result__item >> text=Preemption")
    page.click(".md-search-result__item a >> nth=0")
    page.wait_for_url(re.compile("BEP-1055"))


def test_a_site_below_a_path_of_a_host_has_all_its_files(hosted):
    page = hosted.open("index.html?status=Superseded")
    assert hosted.shown() == ["BEP-1004"]
    page.click("text=Scenario Tester")
    assert page.url.endswith("BEP-1004.html")
    page = hosted.open(PART)
    page.click(".bep-line a")
    assert page.url.endswith(SEGMENTED)


def test_diagrams_are_drawn_and_follow_the_theme(corpus):
    page = corpus.open("relations.html")
    assert page.query_selector("pre.bep-diagram--drawn svg")
    page.click(".bep-diagram--graph a >> text=BEP-1047")
    assert page.url.endswith("BEP-1047.html")
    page = corpus.open("BEP-1033.html")
    drawn = page.query_selector_all("pre.bep-diagram--drawn svg")
    assert len(drawn) == len(page.query_selector_all("pre.bep-diagram"))
    page.click("label[for=__palette_1]:visible")
    page.wait_for_selector("body[data-bep-drawn=dark]")
    page.click("label[for=__palette_0]:visible")
    page.wait_for_selector("body[data-bep-drawn=light]")


def test_what_is_folded_is_printed(browser, corpus_site):
    reader = Reader(browser, f"file://{corpus_site}")
    page = reader.open(SEGMENTED)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.is_visible("details.bep-part li")
    assert not page.is_visible(".md-header")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not page.is_visible("details.bep-part li")


def test_a_page_without_scripts_can_be_read(browser, corpus_site):
    reader = Reader(browser, f"file://{corpus_site}", java_script_enabled=False)
    page = reader.open("index.html")
    assert len(reader.shown()) > 30
    assert not page.is_visible(".bep-filters")


# --- For everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "scheme", "addresses"),
    [
        (DESKTOP, "light", (SEGMENTED, "relations.html", "history.html", "index.html")),
        (PHONE, "dark", (PART, "index.html", "relations.html")),
    ],
    ids=["desktop, light", "phone, dark"],
)
def test_no_page_has_a_barrier(browser, corpus_site, size, scheme, addresses):
    """By the rules of axe-core."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    # Which policy a page has is tested elsewhere; this one would keep the test out.
    reader = Reader(
        browser, f"file://{corpus_site}", viewport=size, color_scheme=scheme, bypass_csp=True
    )
    for address in samples.some(addresses, 2):
        page = reader.open(address)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.add_script_tag(path=str(AXE))
        found = page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], preload: false})"
            ".then(said => said.violations.map(one => [one.id, one.nodes[0].html]))"
        )
        assert found == [], address
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], address


# --- Authors who try everything -------------------------------------------------------------------


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["with policy", "without policy"])
def test_no_script_of_an_author_runs(browser, hostile_site, bypass_csp):
    reader = Reader(browser, f"file://{hostile_site}", bypass_csp=bypass_csp)
    owned = "document.documentElement.dataset.owned"
    for address in ("BEP-1001.html", "BEP-1004.html", *TABS):
        page = reader.open(address)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate(owned) is None, address
    page.keyboard.press("/")
    page.keyboard.type("evil")
    page.wait_for_selector(".md-search-result__item")
    assert page.evaluate(owned) is None
    assert reader.elsewhere == []
    # Mermaid reads labels in a document of no window, of which the policy says so too.
    assert [one for one in reader.errors if "inline event handler" not in one] == []
    assert RUN not in page.url


def test_a_broken_diagram_says_so_at_its_place(browser, hostile_site):
    page = Reader(browser, f"file://{hostile_site}").open("BEP-1001.html")
    broken = page.inner_text("pre.bep-diagram:not(.bep-diagram--drawn)")
    assert broken.startswith("This diagram cannot be drawn: No diagram type detected")
    assert "this is no diagram <script>" in broken
