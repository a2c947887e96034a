"""Context blocks are edited in the form that stands there; every other byte stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from bep import guide_file
from bep.markdown import edits
from bep.markdown.edits import Splice
from bep.markdown.escapes import comment_value
from bep.proposal import context_block
from bep.proposal.context_block import Entry, Unclear
from tests import samples

Edit = Callable[[str, Sequence[Entry]], list[Splice]]


ORDER = tuple(guide_file.own().context["main"].keys)


def edited(body: str, edit: Edit) -> str:
    """The body of a context block after an edit; what surrounds it must be what it was."""
    before, after = "text\n\n<!-- context-for-ai\n", "-->\n\ntext"
    source = f"{before}{body}{after}"
    start, end = source.index("<!--"), source.index("-->") + 4
    found = context_block.entries(source, start, end)
    new = edits.applied(source, edit(source, found))
    assert new.startswith(before)
    assert new.endswith(after)
    return new[len(before) : -len(after)]


def number(key: str, value: int) -> Edit:
    return lambda source, found: context_block.set_number(source, found, ORDER, key, value)


def files(*wanted: str) -> Edit:
    def edit(source: str, found: Sequence[Entry]) -> list[Splice]:
        name = "detail-docs"
        return context_block.set_names(
            source, found, ORDER, name, wanted, lambda x: PurePosixPath(x).name
        )

    return edit


def decision(text: str) -> Edit:
    return lambda source, found: context_block.append(source, found, ORDER, "key-decisions", text)


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("phases: 2\n", "phases: 3\n"),
        ("phases:  2 # planned\nown: x\n", "phases:  3 # planned\nown: x\n"),
        ("phases:\n", "phases: 3\n"),
        ("scope: x\n\n# end\n", "scope: x\nphases: 3\n\n# end\n"),
        ("phases: 3\n", "phases: 3\n"),
        ("phases: [one, two]\n", "phases: [one, two]\n"),
        ("phases: four\n", "phases: four\n"),
        ("phases:\n  first: x\n", "phases:\n  first: x\n"),
    ],
)
def test_a_number_is_set_unless_the_author_says_it_otherwise(body, new):
    assert edited(body, number("phases", 3)) == new


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("detail-docs: []\n", "detail-docs: [a.md, b.md]\n"),
        ("detail-docs:\nphases: 1\n", "detail-docs: [a.md, b.md]\nphases: 1\n"),
        ("scope: x\nphases: 1\n", "scope: x\ndetail-docs: [a.md, b.md]\nphases: 1\n"),
        ("own: x\n", "detail-docs: [a.md, b.md]\nown: x\n"),
        ("detail-docs: [ b.md,a.md ]\n", "detail-docs: [ b.md,a.md ]\n"),
        ("detail-docs: [./BEP-1/b.md]\n", "detail-docs: [./BEP-1/b.md, a.md]\n"),
        ("detail-docs: [a.md, c.md, 'b.md']\n", "detail-docs: [a.md, 'b.md']\n"),
        ("detail-docs: [c.md, d.md, a.md, a.md]\n", "detail-docs: [a.md, b.md]\n"),
        ("detail-docs: [c.md]  # all\n", "detail-docs: [a.md, b.md]  # all\n"),
        ("detail-docs: [a.md,\n  c.md,\n  b.md]\n", "detail-docs: [a.md,\n  b.md]\n"),
        (
            "detail-docs:\n  - a.md\n  # next\n  - c.md\n\nphases: 1\n",
            "detail-docs:\n  - a.md\n  # next\n  - b.md\n\nphases: 1\n",
        ),
        ("detail-docs:\n- c.md\n", "detail-docs:\n- a.md\n- b.md\n"),
        ("detail-docs: none\n", "detail-docs: none\n"),
        ("detail-docs: [{a: b}]\n", "detail-docs: [{a: b}]\n"),
        ("detail-docs:\n  - c.md # why\n", "detail-docs:\n  - c.md # why\n"),
    ],
)
def test_a_list_of_names_loses_the_dead_ones_and_gets_the_new_ones(body, new):
    assert edited(body, files("a.md", "b.md")) == new


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("detail-docs: [a.md]\n", "detail-docs: []\n"),
        ("detail-docs:\n  - a.md\nphases: 1\n", "detail-docs:\nphases: 1\n"),
        ("detail-docs:\n", "detail-docs:\n"),
        ("scope: x\n", "scope: x\n"),
    ],
)
def test_without_sub_documents_the_list_is_empty(body, new):
    assert edited(body, files()) == new


@pytest.mark.parametrize(
    ("body", "new"),
    [
        ("key-decisions: []\nphases: 1\n", "key-decisions:\n  - Use it\nphases: 1\n"),
        ("key-decisions:\n", "key-decisions:\n  - Use it\n"),
        ("key-decisions: [a, 'b, c']\n", "key-decisions: [a, 'b, c', Use it]\n"),
        ("key-decisions:\n- a\n- b\n  c\n", "key-decisions:\n- a\n- b\n  c\n- Use it\n"),
        ("key-decisions:\n    - a\n# x\n", "key-decisions:\n    - a\n    - Use it\n# x\n"),
        ("scope: x\nphases: 1\n", "scope: x\nkey-decisions:\n  - Use it\nphases: 1\n"),
    ],
)
def test_a_text_is_added_to_a_list_in_its_form(body, new):
    assert edited(body, decision("Use it")) == new
    assert edited(body.replace("\n", "\r\n"), decision("Use it")) == new.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "key-decisions: just this\n",
            "the value of key-decisions in the context block is not a list",
        ),
        ("a: [b\n", "the context block is not YAML with keys and values"),
        ("\n", "the context block is not YAML with keys and values"),
        ("text\n", "the context block is not YAML with keys and values"),
        (f"a: {'[' * 500}\n", "the context block is not YAML with keys and values"),
        ("a: 2026-13-45\n", "the context block is not YAML with keys and values"),
        (f"a: {'x' * 200_000}\n", "the context block is not YAML with keys and values"),
        ("{a: b, c: d}\n", "the context block does not have one key per line"),
        ("a: b\na: c\n", "the context block does not have one key per line"),
        ("a: b ", "the end of the context block is not on its own line"),
    ],
)
def test_what_is_not_clear_is_left_alone(body, reason):
    with pytest.raises(Unclear, match=f"^{reason}$"):
        edited(body, decision("x"))


TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
NAMES = st.sampled_from(["a.md", "b.md", "c d.md", "e,f.md", "[g].md", "ä: h.md"])


def written(texts: Sequence[str], flow: bool) -> str:
    """A list as YAML, in one line or in several."""
    if flow:
        return f" {comment_value(list(texts))}"
    return "".join(f"\n  - {comment_value(text)}" for text in texts)


@settings(max_examples=samples.examples(200))
@given(
    st.lists(st.sampled_from(["a.md", "b.md", "c d.md", "é.md"]), max_size=5),
    st.lists(NAMES, max_size=5, unique=True),
    st.booleans(),
)
def test_names_that_were_set_are_read_back(there, wanted, flow):
    body = f"# one\nscope: x\ndetail-docs:{written(there, flow)}\n# two\nown: 'y'\n"

    new = edited(body, files(*wanted))

    read = yaml.safe_load(new)
    assert sorted(read.pop("detail-docs") or []) == sorted(wanted)
    assert read == {"scope": "x", "own": "y"}
    assert [line for line in new.split("\n") if line.startswith("#")] == ["# one", "# two"]
    assert edited(new, files(*wanted)) == new


@settings(max_examples=samples.examples(200))
@given(st.lists(TEXTS, max_size=4), TEXTS.filter(bool), st.booleans())
def test_a_text_that_was_added_is_read_back(there, text, flow):
    body = f"scope: x\nkey-decisions:{written(there, flow)}\nphases: 1\n"

    new = edited(body, decision(text))

    assert yaml.safe_load(new) == {"scope": "x", "key-decisions": [*there, text], "phases": 1}
    lines = new.split("\n")
    assert all(line in lines for line in body.split("\n") if not line.startswith("key-decisions:"))
