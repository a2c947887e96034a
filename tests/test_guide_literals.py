"""Nothing that the guide says is said again in code or in the template's trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bep import guide_file
from tests.conftest import ROOT

OWN = guide_file.own()
# The registry's table is the tool's own; these are its columns.
REGISTRY = frozenset(["Number", "Title", "Author", "Status"])
# What is no document: a claim's commit, and heads of tables that `list` and `adopt` print.
ELSEWHERE = {
    "bep/start/claim_refs.py": "Author:",
    "bep/tasks/registry.py": "Created",
    "bep/tasks/update.py": "Document",
}
# Words that are names of the guide and of much else: they are looked for as documents write them.
COMMON = frozenset(
    name
    for name in (
        *(one.heading for one in OWN.sections.values()),
        *(one.key for one in OWN.metadata.values()),
        *OWN.status_names,
        *(
            column.heading
            for section in OWN.sections.values()
            for column in section.columns.values()
        ),
    )
    if re.fullmatch(r"[A-Z][a-z]+", name)
)
FULL = (
    *(one.heading for one in OWN.sections.values()),
    *(alias.strip(" …") for one in OWN.sections.values() for alias in one.aliases),
    *(one.key for one in OWN.metadata.values()),
    OWN.metadata["author"].placeholder,
    *(key.placeholder for form in OWN.context.values() for key in form.keys.values()),
    *(one.scope for one in OWN.documents.values()),
    *(one.file for one in OWN.documents.values()),
)
NAMES = sorted({name for name in FULL if name and re.search(r"[ -.]", name)} - COMMON, key=len)
KEYS = "|".join(re.escape(one.key) for one in OWN.metadata.values())
HEADINGS = "|".join(re.escape(one.heading) for one in OWN.sections.values())
STATUSES = "|".join(OWN.status_names)
AS_WRITTEN = re.compile(
    rf"^[ \t]*(?:{KEYS}):|##+ (?:{HEADINGS})\b|(?<=: )(?:{STATUSES})$|\|\s*(?:{STATUSES})\s*\|",
    re.MULTILINE,
)
WHOLE = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, NAMES)) + r")(?![\w-])")

SOURCES = sorted((ROOT / "bep").rglob("*.py"))
TREES = sorted(
    path
    for folder in ("includes", "template_single", "template_segmented", "template_registry")
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
)


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The strings of a module and their lines; of docstrings those of rules, which users read."""
    documented: set[int] = set()
    for node in ast.walk(tree):
        is_rule = isinstance(node, ast.FunctionDef) and any(
            "RULES" in ast.unparse(one) for one in node.decorator_list
        )
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not is_rule:
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                documented.add(id(first.value))
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documented:
            yield node.lineno, node.value


def literals(text: str) -> list[str]:
    """What a text says of the guide as documents write it."""
    found = [one[0] for one in (*WHOLE.finditer(text), *AS_WRITTEN.finditer(text))]
    return found + [text] * (text in COMMON - REGISTRY)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_names_what_the_guide_says_by_identifiers(path: Path):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {one!r}"
        for line, text in texts(ast.parse(path.read_text()))
        for one in literals(text)
        if one != ELSEWHERE.get(str(path.relative_to(ROOT)))
    ]

    assert found == []


def test_the_trees_take_their_words_from_the_guide():
    found = [
        f"{path.relative_to(ROOT)}: {one!r}"
        for path in TREES
        for one in literals(re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL))
    ]

    assert found == []


def test_a_literal_is_found():
    assert literals("the Decision Log says so") == ["Decision Log"]
    assert all(map(literals, ["Status: Draft", "| Draft |", "## References"]))
    assert literals("Rationale") == ["Rationale"]
    assert not literals("the references of a proposal with this status")
