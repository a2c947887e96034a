"""Examples in docstrings are true, and the README shows what comes out today."""

from __future__ import annotations

import doctest
import importlib
import re

import pytest

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
