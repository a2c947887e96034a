"""Examples in docstrings are true, and the README shows what comes out today."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest

import bep.model
import bep.model.rules
import bep.outside
from tests.conftest import ROOT

MODULES = [
    found.name
    for package in (bep.model, bep.model.rules, bep.outside)
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_some_docstrings_have_examples():
    tests = doctest.DocTestFinder().find(importlib.import_module("bep.model.escaping"))
    assert any(test.examples for test in tests)


def test_the_readme_shows_a_rendered_document():
    folder = ROOT / "tests" / "golden" / "segmented" / "proposals"
    (document,) = folder.glob("BEP-*.md")
    shown = re.search(r"````markdown\n(.*?)````", (ROOT / "README.md").read_text(), re.DOTALL)

    assert shown is not None
    assert shown[1] == document.read_text()
