"""Examples in docstrings are true, and the README shows what comes out today."""

from __future__ import annotations

import doctest
import importlib
import re

import pytest

from bep.proposal import document
from tests.conftest import ROOT
from tests.package_imports import PATHS

MODULES = sorted(PATHS.keys() - {"bep.__main__"})


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_some_docstrings_have_examples():
    tests = doctest.DocTestFinder().find(importlib.import_module("bep.markdown.escapes"))
    assert any(test.examples for test in tests)


def test_the_readme_shows_a_rendered_document():
    folder = ROOT / "tests" / "golden" / "segmented" / "proposals"
    (document,) = folder.glob("BEP-*.md")
    shown = re.search(r"````markdown\n(.*?)````", (ROOT / "README.md").read_text(), re.DOTALL)

    assert shown is not None
    assert shown[1] == document.read_text()


PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_somewhere(page):
    for link in document.Document(page.read_text()).links:
        target, _, anchor = link.destination.partition("#")
        if not target.startswith(("http:", "https:", "mailto:")):
            path = (page.parent / target) if target else page
            assert path.exists(), link.destination
            if anchor and path.suffix == ".md":
                assert anchor in document.Document(path.read_text()).anchors, link.destination
