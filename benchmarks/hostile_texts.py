"""Documents that were written to take long: fragments of text, each in its place in a proposal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bep import guide_file

FRONT = "front matter"
CONTEXT = "context block"
WHOLE = "whole document"
PAGE = "process page"
CONFLICT = "process page in conflict"
DESIGN = guide_file.own().sections["proposed-design"].heading
LOG = guide_file.own().sections["decision-log"].heading
ASKED = guide_file.own().sections["open-questions"].heading
PLAN = guide_file.own().sections["implementation-plan"].heading
INDEX = guide_file.own().sections["document-index"].heading

PATH = "proposals/BEP-1046-unified-service-discovery.md"
SUBS = ("api.md", "data-model.md", "rollout.md")
_FORM = """\
---
Author: Ada Lovelace (ada@example.com)
Status: Draft
Created: 2026-01-15
{front}Created-Version: 26.1.0
Target-Version:
Implemented-Version:
---

<!-- context-for-ai
type: main
scope: One way to find services
{context}detail-docs: [api, data-model]
key-decisions: []
phases: 2
-->

# Unified Service Discovery

## Motivation

<!-- Why this change is needed. -->

Nobody finds anything.

## Document Index

| Document | Description |
|----------|-------------|
| [api](./BEP-1046/api.md) | The calls |
{index}
## Current Design

Text.

## Proposed Design

### Store

It stores.

{design}

### Reader

It reads.

## Migration / Compatibility

None.

## Implementation Plan

### Phase 1: Store

See [api](./BEP-1046/api.md).

{plan}

## Decision Log

| Date | Decision | Rationale |
|------|----------|-----------|
{log}

## Open Questions

- Who pays?

{asked}

## References

- BEP-1001
"""
_REVISED = (
    ("Why this change is needed.", "What this change is for."),
    ("| Date | Decision | Rationale |", "| Date | Decision | Rationale | Owner |"),
    ("|------|----------|-----------|", "|------|----------|-----------|-------|"),
    ("Target-Version:\n", "Discussion:\nTarget-Version:\n"),
    ("key-decisions: []\n", "reviewers: []\nkey-decisions: []\n"),
    ("## References", "## Alternatives\n\n<!-- What else. -->\n\n## References"),
)
_PAGE = """\
# Proposals

| Number | Title | Author | Status |
|--------|-------|--------|--------|
{rows}| _next_ | | | |

More.
"""


class Fragment(NamedTuple):
    """Hostile text: its place in a document, and how it is made from a number of parts."""

    place: str
    made: Callable[[int], str]


class Case(NamedTuple):
    """A text that holds a fragment, and the same proposal without it."""

    place: str
    fragment: str
    text: str
    plain: str


def _lines(form: str) -> Callable[[int], str]:
    """A line for each number below a count."""
    return lambda count: "".join(f"{form.replace('@', str(at))}\n" for at in range(count))


def _run(text: str) -> Callable[[int], str]:
    return lambda count: f"{text * count}\n"


def _growing(mark: str, between: str) -> Callable[[int], str]:
    return lambda count: between.join(mark * at for at in range(1, count + 1)) + "\n"


def _nested(mark: str) -> Callable[[int], str]:
    """Lines that are each nested deeper than the one before, up to a depth that repeats."""
    return lambda count: "".join(f"{mark * (at % 60 + 1)}x{at}\n" for at in range(count))


def _indented(marker: str) -> Callable[[int], str]:
    return lambda count: "".join(f"{'  ' * (at % 40)}{marker} x{at}\n" for at in range(count))


def _columns(count: int) -> str:
    names = "".join(f" c{at} |" for at in range(count))
    return f"\n|{names}\n|{' - |' * count}\n|{' x |' * count}\n"


def _headings_below(count: int) -> str:
    return "".join(f"{'#' * (2 + at % 5)} Part {at}\n\n" for at in range(count))


def _dates(count: int) -> str:
    return "".join(
        f"| 20{at % 90 + 10:02}-01-02 | Decision {at} | Because |\n" for at in range(count)
    )


def _conflict(count: int) -> str:
    sides = (
        "".join(f"| {2000 + at} | {side} {at} | A | |\n" for at in range(count)) for side in "ab"
    )
    ours, theirs = sides
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n"


def _conflicts(count: int) -> str:
    return "".join(
        f"<<<<<<< HEAD\n| {1000 + at} | a | A | |\n=======\n| {1000 + at} | b | A | |\n>>>>>>> b\n"
        for at in range(count)
    )


FRAGMENTS: dict[str, Fragment] = {
    # Front matter.
    "equal keys": Fragment(FRONT, _lines("Status: Draft")),
    "keys": Fragment(FRONT, _lines("Key-@: value")),
    "keys in other case": Fragment(FRONT, _lines("STATUS: Draft @")),
    "lines of a value": Fragment(FRONT, _lines("  more @")),
    "elements": Fragment(FRONT, lambda n: "Tags:\n" + _lines("  - x@")(n)),
    "equal elements": Fragment(FRONT, lambda n: "Tags:\n" + _lines("  - x")(n)),
    "anchors of YAML": Fragment(FRONT, lambda n: "Tags:\n" + _lines("  - &a x")(n)),
    "lines of &": Fragment(FRONT, _lines("&")),
    "comments of YAML": Fragment(FRONT, _lines("# @")),
    "blank lines in front matter": Fragment(FRONT, _run("\n")),
    "a long value": Fragment(FRONT, lambda n: f"Tags: {'x ' * n}\n"),
    "an open quote": Fragment(FRONT, lambda n: f'Tags: "{"x " * n}\n'),
    "quotes": Fragment(FRONT, lambda n: f"Tags: {QUOTES * n}\n"),
    "colons": Fragment(FRONT, lambda n: f"Tags: {'a: ' * n}\n"),
    "brackets of YAML": Fragment(FRONT, lambda n: f"Tags: {'[' * n}\n"),
    "a long author": Fragment(FRONT, lambda n: f"Author: {'a (b), ' * n}\n"),
    "an open author": Fragment(FRONT, lambda n: f"Author: {'a ( ' * n}\n"),
    "hashes": Fragment(FRONT, lambda n: f"Tags: {' #' * n}\n"),
    "unclosed front matter": Fragment(WHOLE, lambda n: "---\n" + _lines("Key-@: value")(n)),
    # Context block.
    "equal context keys": Fragment(CONTEXT, _lines("scope: it")),
    "context keys": Fragment(CONTEXT, _lines("key-@: value")),
    "context elements": Fragment(CONTEXT, lambda n: "constraints:\n" + _lines("  - x@")(n)),
    "equal context elements": Fragment(CONTEXT, lambda n: "constraints:\n" + _lines("  - x")(n)),
    "a flow list": Fragment(CONTEXT, lambda n: f"constraints: [{'x, ' * n}x]\n"),
    "context lines": Fragment(CONTEXT, _lines("  more @")),
    "context comments": Fragment(CONTEXT, _lines("# @")),
    "context lines of &": Fragment(CONTEXT, _lines("&")),
    "many context blocks": Fragment(DESIGN, _lines("<!-- context-for-ai\ntype: x\n-->\n")),
    # Inline.
    "open brackets": Fragment(DESIGN, _run("[")),
    "closed brackets": Fragment(DESIGN, lambda n: f"{'[' * n}{']' * n}\n"),
    "closing links": Fragment(DESIGN, _run("](")),
    "open links": Fragment(DESIGN, _run("[a](")),
    "open angled links": Fragment(DESIGN, _run("[a](<b")),
    "open titles": Fragment(DESIGN, _run('[a](b "')),
    "links": Fragment(DESIGN, _run("[a](b.md) ")),
    "links in links": Fragment(DESIGN, lambda n: f"{'[a' * n}{'](b)' * n}\n"),
    "images": Fragment(DESIGN, _run("![")),
    "images in images": Fragment(DESIGN, lambda n: f"{'![a' * n}{'](b)' * n}\n"),
    "stars": Fragment(DESIGN, _run("*")),
    "emphasis": Fragment(DESIGN, _run("*a ")),
    "strong emphasis": Fragment(DESIGN, _run("**a* ")),
    "underscores": Fragment(DESIGN, _run("_a_ ")),
    "one run of underscores": Fragment(DESIGN, _run("_")),
    "tildes": Fragment(DESIGN, _run("~~a ")),
    "growing backticks": Fragment(DESIGN, _growing("`", "a")),
    "backticks": Fragment(DESIGN, _run("`a ``b ")),
    "one run of backticks": Fragment(DESIGN, _run("a`")),
    "backslashes": Fragment(DESIGN, _run("\\")),
    "escapes": Fragment(DESIGN, _run("\\`a`")),
    "entities": Fragment(DESIGN, _run("&amp;")),
    "half entities": Fragment(DESIGN, _run("&#")),
    "autolinks": Fragment(DESIGN, _run("<http://a> ")),
    "half autolinks": Fragment(DESIGN, _run("<a:")),
    "tags": Fragment(DESIGN, _run('<a href="b.md">')),
    "half tags": Fragment(DESIGN, _run("<a ")),
    "attributes": Fragment(DESIGN, lambda n: f"<a{' id=x' * n}\n"),
    "open attributes": Fragment(DESIGN, _run("<a href='")),
    "ids": Fragment(DESIGN, _lines('text <a id="x@"></a>')),
    "comments in a line": Fragment(DESIGN, _run("a <!-- b --> ")),
    "half comments in a line": Fragment(DESIGN, _run("a <!-- ")),
    "parentheses": Fragment(DESIGN, _run("(")),
    "closing parentheses": Fragment(DESIGN, _run(")")),
    "braces": Fragment(DESIGN, _run("{{ ")),
    "pipes": Fragment(DESIGN, _run("|")),
    "a long line": Fragment(DESIGN, _run("word ")),
    "a long word": Fragment(DESIGN, _run("w")),
    "digits": Fragment(DESIGN, _run("1")),
    "versions": Fragment(DESIGN, _run("1.")),
    "mentions": Fragment(DESIGN, _run("BEP-1234 ")),
    "mentions in code": Fragment(DESIGN, _run("`BEP-1234` ")),
    "phases in a line": Fragment(DESIGN, _run("phase 1, 2 and ")),
    "placeholders": Fragment(DESIGN, _lines("<placeholder @> TODO TBD")),
    "anchors": Fragment(DESIGN, _run("[a](#store) ")),
    "pages": Fragment(DESIGN, _lines("[a](./BEP-1046/x@.md#a)")),
    "paths": Fragment(DESIGN, lambda n: f"[a](./{'../a/' * n}x.md#b)\n"),
    "emoji": Fragment(DESIGN, lambda n: f"### {':a:' * n}\n"),
    # Blocks.
    "quotes in quotes": Fragment(DESIGN, _nested("> ")),
    "a quote": Fragment(DESIGN, _lines("> x@")),
    "lists in lists": Fragment(DESIGN, _indented("-")),
    "markers": Fragment(DESIGN, lambda n: f"{'- ' * n}x\n"),
    "lines of markers": Fragment(DESIGN, _nested("- ")),
    "quotes and lists": Fragment(DESIGN, _nested("> - ")),
    "a list": Fragment(DESIGN, _lines("- x@")),
    "a loose list": Fragment(DESIGN, _lines("- x@\n")),
    "empty items": Fragment(DESIGN, _lines("-")),
    "lists": Fragment(DESIGN, _lines("- x@\n\n<!-- -->\n")),
    "other lists": Fragment(DESIGN, lambda n: "- x\n\n+ x\n\n" * n),
    "numbers": Fragment(DESIGN, _lines("@. x")),
    "a long item": Fragment(DESIGN, lambda n: "- x\n" + _lines("  y @")(n)),
    "lazy lines": Fragment(DESIGN, lambda n: "- x\n" + _lines("y @")(n)),
    "an unclosed comment": Fragment(DESIGN, lambda n: "<!--\n" + _lines("x @")(n)),
    "unclosed comments": Fragment(DESIGN, _lines("<!-- @")),
    "comments": Fragment(DESIGN, _lines("<!-- x@ -->")),
    "equal comments": Fragment(DESIGN, _lines("<!-- Why this change is needed. -->\n")),
    "silences": Fragment(DESIGN, _run("<!-- bep-check: ignore x: y -->\n\n")),
    "half silences": Fragment(DESIGN, lambda n: f"<!-- {'bep-check ' * n}-->\n"),
    "blocks of HTML": Fragment(DESIGN, _lines("<div>x@")),
    "separate blocks of HTML": Fragment(DESIGN, _lines("<div>\n")),
    "declarations": Fragment(DESIGN, _lines("<!a")),
    "instructions": Fragment(DESIGN, _lines("<? x")),
    "a fence": Fragment(DESIGN, lambda n: "```\n" + _lines("x @")(n) + "```\n"),
    "fences": Fragment(DESIGN, _lines("```\nx\n```")),
    "unclosed fences": Fragment(DESIGN, _growing("`", "\n")),
    "fences of tildes": Fragment(DESIGN, _growing("~", "\nx\n")),
    "indented code": Fragment(DESIGN, _lines("    x @")),
    "pieces of indented code": Fragment(DESIGN, _lines("    x @\n")),
    "tabs": Fragment(DESIGN, _run("\t")),
    "tabs in a list": Fragment(DESIGN, _nested("-\t")),
    "blank lines": Fragment(DESIGN, _run("\n")),
    "lines of blanks": Fragment(DESIGN, _run("   \n")),
    "a line of blanks": Fragment(DESIGN, _run(" ")),
    "rules": Fragment(DESIGN, _run("---\n\n")),
    "equals": Fragment(DESIGN, _lines("x\n===")),
    "underlines": Fragment(DESIGN, _lines("x @\n--- |")),
    "a paragraph": Fragment(DESIGN, _lines("text @")),
    "paragraphs": Fragment(DESIGN, _lines("text @\n")),
    "byte order marks": Fragment(WHOLE, _run("\ufeff")),
    "carriage returns": Fragment(WHOLE, _run("x\r")),
    "both endings": Fragment(WHOLE, _run("x\r\n\r")),
    "odd separators": Fragment(DESIGN, _run("x\u2028\x0b\x0c\x85")),
    # Definitions.
    "footnotes": Fragment(DESIGN, _lines("[^@]: text\n")),
    "footnotes in a row": Fragment(DESIGN, _lines("[^@]: text [^@]")),
    "footnotes with code": Fragment(DESIGN, _lines("[^@]: text\n\n    more\n")),
    "uses of footnotes": Fragment(DESIGN, lambda n: "[^1]: text\n\n" + _lines("text [^1]")(n)),
    "definitions": Fragment(DESIGN, _lines("[a@]: b.md")),
    "equal definitions": Fragment(DESIGN, _lines("[a]: b.md")),
    "separate definitions": Fragment(DESIGN, _lines("[a@]: b.md\n")),
    "half definitions": Fragment(DESIGN, _lines("[a@]:")),
    "definitions with titles": Fragment(DESIGN, _lines("[a]: b '")),
    "definitions and underlines": Fragment(DESIGN, _lines("[a@]: b.md\n---")),
    "definitions in a list": Fragment(DESIGN, _lines("- [a@]: b.md\n  ===")),
    "uses of definitions": Fragment(DESIGN, lambda n: _lines("[a@]: b.md")(n) + "\n[a1] " * n),
    "uses in code": Fragment(DESIGN, lambda n: "[a]: b.md\n\n" + "`[a]` " * n + "\n"),
    # Headings and tables.
    "headings": Fragment(DESIGN, _lines("### Part @\n")),
    "equal headings": Fragment(DESIGN, _lines("### Part\n")),
    "deep headings": Fragment(DESIGN, _headings_below),
    "headings of the guide": Fragment(DESIGN, _lines("## Motivation\n\nText @.\n")),
    "sections": Fragment(DESIGN, _lines("## Section @\n\nText.\n")),
    "titles": Fragment(DESIGN, _lines("# Title @\n")),
    "filled headings": Fragment(DESIGN, _lines("### Part @\n\nText.\n")),
    "headings of hashes": Fragment(DESIGN, lambda n: f"### {'#' * n} x {'# ' * n}\n"),
    "a long heading": Fragment(DESIGN, lambda n: f"### {'*a `b` [c](d) ' * n}\n"),
    "headings of tags": Fragment(DESIGN, _run("<h2>x</h2> ")),
    "rows": Fragment(DESIGN, lambda n: "| A | B |\n|---|---|\n" + _lines("| x@ | y |")(n)),
    "equal rows": Fragment(DESIGN, lambda n: "| A | B |\n|---|---|\n" + _lines("| x | y |")(n)),
    "rows of escapes": Fragment(DESIGN, lambda n: "|A|B|\n|-|-|\n" + _lines("| \\| | @ |")(n)),
    "a row of escapes": Fragment(DESIGN, lambda n: f"|A|B|\n|-|-|\n|{BACKSLASHED * n}|\n"),
    "columns": Fragment(DESIGN, _columns),
    "tables": Fragment(DESIGN, _lines("| A | B |\n|---|---|\n| x@ | y |\n")),
    "headers": Fragment(DESIGN, _lines("| A | B |")),
    "delimiters": Fragment(DESIGN, lambda n: "| A |\n" + _lines("|---|---|")(n)),
    # Sections of the guide.
    "decisions": Fragment(LOG, _lines("| 2026-01-02 | Decision @ | Because |")),
    "equal decisions": Fragment(LOG, _lines("| 2026-01-02 | Decision | Because |")),
    "decisions of dates": Fragment(LOG, _dates),
    "short decisions": Fragment(LOG, _lines("| x@ |")),
    "text below decisions": Fragment(LOG, _lines("text @")),
    "headings of decisions": Fragment(LOG, _lines("\n### Decision @\n\nText.")),
    "tables of decisions": Fragment(
        LOG, _lines("\n| Date | Decision | Rationale |\n|---|---|---|\n| 2026-01-02 | x@ | y |")
    ),
    "items": Fragment(ASKED, _lines("- Question @?")),
    "equal items": Fragment(ASKED, _lines("- Question?")),
    "items with detail": Fragment(ASKED, _lines("- Question @?\n\n  More.\n")),
    "a question": Fragment(ASKED, lambda n: "- Question?\n" + _lines("  - more @")(n)),
    "questions": Fragment(ASKED, _lines("### Question @?\n")),
    "groups of questions": Fragment(ASKED, _lines("### Resolved\n\n- Question @?\n")),
    "paragraphs of questions": Fragment(ASKED, _lines("Question @?\n")),
    "settled questions": Fragment(ASKED, _lines("- ~~Question @?~~ resolved")),
    "a struck question": Fragment(ASKED, lambda n: f"- {'~~' * n}\n"),
    "tildes of a question": Fragment(ASKED, lambda n: f"- {'~ ' * n}\n"),
    "no questions": Fragment(ASKED, lambda n: f"- no {'open more ' * n}\n"),
    "brackets of a question": Fragment(ASKED, lambda n: f"- {'(resolved' * n}\n"),
    "phases": Fragment(PLAN, _lines("### Phase @: Part @\n\nText.\n")),
    "items of phases": Fragment(PLAN, _lines("- **Phase @**: part @")),
    "lines of phases": Fragment(PLAN, _lines("**Phase @**: part @\n")),
    "rows of phases": Fragment(
        PLAN, lambda n: "| Phase | What |\n|---|---|\n" + _lines("| @ | part |")(n)
    ),
    "numbered phases": Fragment(PLAN, _lines("@. Part @")),
    "a long phase": Fragment(PLAN, lambda n: f"### Phase 2: {'(a) ' * n}\n"),
    "bold phases": Fragment(PLAN, lambda n: f"- {'**a ' * n}\n"),
    "documents": Fragment(INDEX, _lines("| [x@](./BEP-1046/x@.md) | Text |")),
    "equal documents": Fragment(INDEX, _lines("| [api](./BEP-1046/api.md) | Text |")),
    "names of documents": Fragment(INDEX, lambda n: f"| {'api, ' * n}api | Text |\n"),
    # The process page.
    "reservations": Fragment(PAGE, _lines("| 1@ | Title @ | A | |")),
    "equal reservations": Fragment(PAGE, _lines("| 1001 | Title | A | |")),
    "one number": Fragment(PAGE, _lines("| 1001 | Title @ | A | |")),
    "linked rows": Fragment(PAGE, _lines("| [1@](BEP-1@-x.md) | Title @ | A | Draft |")),
    "rows without a number": Fragment(PAGE, _lines("| x | Title @ | A | Draft |")),
    "descending rows": Fragment(
        PAGE, lambda n: "".join(f"| {n - at} | T {at} | A | |\n" for at in range(n))
    ),
    "pieces of a registry": Fragment(PAGE, _lines("| 1@ | Title @ | A | |\n")),
    "half links in rows": Fragment(PAGE, lambda n: f"| {'[1](' * n} | T | A | |\n"),
    "blanks in rows": Fragment(PAGE, lambda n: f"| [{' ' * n}1 | T | A | |\n"),
    "a conflict": Fragment(CONFLICT, _conflict),
    "conflicts": Fragment(CONFLICT, _conflicts),
}
QUOTES = "'\""
BACKSLASHED = "\\|"


def sized(made: Callable[[int], str], size: int) -> str:
    """The longest text of a fragment that has not more than `size` characters."""
    low, high = 1, 2
    while len(made(high)) <= size:
        low, high = high, 2 * high
    while high - low > max(low // 50, 1):
        middle = (low + high) // 2
        low, high = (middle, high) if len(made(middle)) <= size else (low, middle)
    return made(low)


def case(fragment: Fragment, size: int) -> Case:
    """A text with a fragment of about `size` characters."""
    text = sized(fragment.made, size)
    place = fragment.place
    if place in (PAGE, CONFLICT):
        return Case(place, text, _PAGE.format(rows=text), EMPTY_PAGE)
    if place == WHOLE:
        return Case(place, text, text, EMPTY_PROPOSAL)
    return Case(place, text, _proposal(**{_SLOTS[place]: text}), EMPTY_PROPOSAL)


_SLOTS = {
    FRONT: "front",
    CONTEXT: "context",
    DESIGN: "design",
    LOG: "log",
    ASKED: "asked",
    PLAN: "plan",
    INDEX: "index",
}


def _proposal(**filled: str) -> str:
    return _FORM.format(**{slot: filled.get(slot, "") for slot in _SLOTS.values()})


def revised(text: str) -> str:
    """A document as a later revision of the template has it."""
    for old, new in _REVISED:
        text = text.replace(old, new, 1)
    return text


EMPTY_PAGE, EMPTY_PROPOSAL = _PAGE.format(rows=""), _proposal()
