"""YAML as values and nodes: read as PyYAML reads it, or not at all, and then with a reason."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from bep.markdown import yaml_data
from bep.markdown.yaml_data import LONGEST, Unreadable
from tests.test_hostile_yaml import VALUES

# PyYAML's two parsers differ in tabs and in Unicode's line endings; the one in C is used.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(Unreadable) as refused:
        yaml_data.load(text)
    assert "\n" not in refused.value.reason
    return refused.value.line, refused.value.reason


# --- What is read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "---\n",
        "a: b\nc: [d, {e: f}]\n",
        "- 1\n- 0x1F\n- 0b1\n- 0\n- 1_000\n- 1.5\n- .inf\n- 1e3\n",
        "[true, no, OFF, null, ~, '']",
        "day: 2026-02-28\ntime: 2026-02-28 10:00:00.5 +02:00\nT: 2026-02-28T10:00:00Z\n",
        "a: 1\na: 2\n",
        "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo: {<<: [*base, {c: 4}]}\n",
        "- &a [x]\n- *a\n- *a\n",
        "text: |\n  two\n  lines\nmore: >-\n  one\n  line\n",
        "'a': \"\\x41\\u00e9\\U0001F984\"\n",
        "%YAML 1.1\n---\na: b\n...\n",
        "? a\n: b\n? [c]\n",
        "이름: 통합 🦄\n",
    ],
)
def test_valid_yaml_is_what_pyyaml_says(text: str):
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        assert refusal(text)
    else:
        assert yaml_data.load(text) == expected


@pytest.mark.parametrize("text", ["01046", "0100", "-017", "08", "1:30", "1:30:00", "0_1"])
def test_a_number_that_yaml_takes_for_another_one_is_text(text: str):
    assert yaml_data.load(f"number: {text}\nother: 1\n") == {"number": text, "other": 1}


AMBIGUOUS = re.compile(r"\b0[0-9_]|[0-9_]:[0-9]")
PIECES = ["a", "b: ", "- ", "? ", "[", "]", "{", "}", ", ", ": ", "\n", "\n  ", '"', "'", " #"]
PIECES += ["&a ", "*a", "!!int ", "!", "|\n", ">\n", "1", "0x", "_", "2026-02-30", "2026-01-01"]
PIECES += [
    "true",
    "<<: ",
    "=",
    "\t",
    "\\U00110000",
    "é",
    "\ufeff",
    "\r\n",
    "\u2028",
    "\0",
    "\udcff",
]
PIECES += ["%YAML 1.1\n", "---\n", "...\n", "1:2:3", ".inf", "[" * 200, "- " * 200, "9" * 5000]
ANY_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


def problem(read: Callable[[str], Any], text: str) -> Unreadable | None:
    """Why `text` cannot be read; any other exception fails the test."""
    try:
        read(text)
    except Unreadable as error:
        return error
    return None


@given(text=ANY_TEXT)
def test_any_text_is_what_pyyaml_says_or_a_reason_with_a_line(text: str):
    found = problem(yaml_data.load, text)

    if found is None and not AMBIGUOUS.search(text):
        assert repr(yaml_data.load(text)) == repr(yaml.load(text, Loader=PARSER))
    elif found is not None:
        assert 1 <= found.line <= len(text.splitlines()) + 1
        assert found.reason


@given(text=ANY_TEXT)
def test_any_text_has_pyyamls_node_or_a_reason(text: str):
    if problem(yaml_data.compose, text) is None:
        node, expected = yaml_data.compose(text), yaml.compose(text, Loader=PARSER)
        assert (node is None) == (expected is None)
        assert node is None or yaml.serialize(node) == yaml.serialize(expected)


@given(words=st.lists(st.sampled_from(["a", "é", "이름", "🦄", "'x y'"]), min_size=1))
def test_marks_count_characters(words: list[str]):
    text = "\n".join(f"  - {word}" for word in words)
    node = yaml_data.compose(text)

    assert isinstance(node, yaml.SequenceNode)
    spans = [(one.start_mark.index, one.end_mark.index) for one in node.value]
    assert [text[start:end] for start, end in spans] == words


# --- What is not --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_text_is_refused_at_its_line(name: str):
    line, _ = refusal(f"a: b\nc: {VALUES[name]}\n")

    assert line in (2, 3, 4)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: !!bool x\n", 2, "it has the tag '!!bool', and tags are not read"),
        ("- !own x\n", 1, "it has the tag '!own', and tags are not read"),
        ("\n! x\n", 2, "it has the tag '!', and tags are not read"),
        ("- ok\n- 2026-13-01\n", 2, "'2026-13-01' is not a calendar date"),
        ("- ok\n- 0b_\n", 2, "'0b_' is not a readable number"),
        (f"- {'1' * 2_000}\n", 1, f"'{'1' * 39}…' is not a readable number"),
        ("- a\n- &a [x]\n- &a y\n", 3, "it has the anchor &a twice"),
        ("- a\n- *b\n", 2, "the alias *b refers to no anchor above it"),
        ("a: &a\n  b: *a\n", 2, "the alias *a refers to a part that contains it"),
        ("a\n--- b\n", 2, "it contains more than one document"),
        ("a: \x07\n", 1, "it contains the character U+0007"),
        ("a:\n  \udcff\n", 2, "it contains the character U+DCFF"),
        (f"{'[' * 101}{']' * 101}", 1, "it is nested deeper than 100 levels"),
        ("x\n" * LONGEST, LONGEST // 2 + 1, f"it is longer than {LONGEST} characters"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_reason_is_in_plain_words(text: str, line: int, reason: str):
    assert refusal(text) == (line, reason)


def test_a_hundred_levels_are_read():
    text = "[" * 100 + "]" * 100

    assert yaml_data.load(text) == yaml.safe_load(text)


def test_an_alias_has_no_node_of_its_own():
    with pytest.raises(Unreadable, match="aliases are not read here"):
        yaml_data.compose("[&a x, *a]")


def filled(unit: str) -> str:
    return unit * (LONGEST // len(unit))


@pytest.mark.sample(16)
@pytest.mark.parametrize(
    "text",
    [
        filled("["),
        filled("{"),
        filled("[{a: "),
        filled("- "),
        filled("? "),
        filled("?\n"),
        filled("&a\n"),
        filled("*a\n"),
        filled("&"),
        filled("!"),
        filled("a"),
        filled("a\n"),
        filled("a: \n"),
        filled("---\n"),
        filled(" \n"),
        filled("#\n"),
        f'"{filled("x")[2:]}"',
        "\n".join(f"- &a{at} x" for at in range(8_000)),
        "- &a x\n" + "- *a\n" * 19_000,
        f"[{filled('a,')[2:]}]",
        f"{{{filled('a,')[2:]}}}",
        f"{{{filled('<<: {}, ')[8:]}}}",
        # All of these numbers have one hash.
        "{" + ", ".join(f"{at * (2**61 - 1)}: x" for at in range(1, 3_600)) + "}",
        f"- &a [{'x, ' * 300}]\n" + "- {<<: [{b: *a}]}\n" * 1_000,
    ],
    ids=lambda text: repr(text[:12]),
)
@pytest.mark.parametrize("read", [yaml_data.load, yaml_data.compose])
def test_no_text_takes_long(text: str, read: Callable[[str], Any]):
    """Each takes less than a second; without the limits minutes, or the process."""
    assert len(text) <= LONGEST
    start = time.process_time()
    problem(read, text)
    assert time.process_time() - start < 20
