"""What must hold of every division: no line lost, code untouched, links to the same section.

Links are followed by markdown-it-py and GitHub's rule for anchors, not by code of `bep`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, example, given, settings, strategies as st

from bep.proposal.document import Document
from bep.segment import main_document
from bep.segment.division import Division
from bep.segment.moved_links import Relinking
from bep.segment.plan import Planner
from tests import samples
from tests.segment import divided

CASES = samples.count("BEP_DIVIDING_CASES", 30, 3_000)
MAIN = "proposals/BEP-1010-media-relay.md"
ELSEWHERE = "proposals/BEP-1011-other.md"
GUIDANCE = "<!-- Guidance. -->"
SHELL = f"""\
<!-- context-for-ai
type: detail-doc
parent: BEP-1010 (Media Relay)
scope: One
depends-on: []
key-decisions: []
-->

# BEP-1010: One

Part of [BEP-1010](../BEP-1010-media-relay.md).

## Summary

{GUIDANCE}

## Current Design

{GUIDANCE}

## Proposed Design

{GUIDANCE}

## Interface / API

{GUIDANCE}
"""
INDEX = "## Document Index\n\n| Document | Description |\n|----------|-------------|\n"


class Case(NamedTuple):
    """A document whose links are `L<n>`, and the numbers of the headings to which they lead."""

    text: str
    other: str


def _piece(kind: str, at: int, number: int, target: int) -> str:
    """A block of a section; `@n@` stands for the anchor of the n-th heading of the document."""
    return {
        "text": f"Text {number} with [L{number}](#@{target}@) and `[no](#@{target}@)`.",
        "path": f'See [L{number}](BEP-1010-media-relay.md#@{target}@ "T") or ![p](img/{at}.png).',
        "list": f"- item {number}\n  > [L{number}](<#@{target}@>)\n- [ ] two",
        "table": f"| A | B |\n|---|---|\n| [L{number}](#@{target}@) | {number} |",
        "fence": f"````md\n## no heading {number}\n[no](#@{target}@) [^n] [r{at}]: x\n```\n````",
        "tag": f'<a id="tag-{number}"></a>\n<a href="#@{target}@">L{number}</a>',
        "use": f"Use [r{target % 3}] and [word {number}][R{target % 3}].[^n{target % 3}]",
        "reference": f"[r{number % 3}]: ./other-{number}.md#x\n[s{number}]: <#@{target}@>",
        "footnote": f"[^n{number % 3}]: Note [L{number}](#@{target}@).\n\n    More {number}.",
        "listed": f"- item\n[^n{number % 3}]: Note [L{number}](#@{target}@).",
        "same": f"{{}} Same\n\nmark-{number}",
        "quote": f"> ## Quoted {number}\n> and [L{number}](#@{target}@)",
        "setext": f"Lines {number}\n---",
    }[kind]


KINDS = (
    *("text", "path", "list", "table", "fence", "tag", "use", "reference", "footnote"),
    *("listed", "same", "same", "quote"),
)
PIECES = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 99)), max_size=5)
SECTIONS = st.tuples(
    *(PIECES for _ in range(3)), st.lists(PIECES, min_size=1, max_size=4), PIECES, PIECES
)
ENDINGS = st.sampled_from(["\n", "\r\n"])


def written(sections, ending: str) -> Case:
    """The document, with each link at the anchor of a heading."""
    number = 0

    def body(pieces, level: int) -> str:
        nonlocal number
        blocks = []
        for at, (kind, target) in enumerate(pieces):
            number += 1
            blocks.append(_piece(kind, at, number, target).replace("{}", "#" * level))
        return "".join(f"{block}\n\n" for block in blocks)

    motivation, current, intro, parts, migration, plan = sections
    components = "".join(
        f"### {at}. Part {at}\n\nAbout {at}.\n\n{body(pieces, 4)}"
        for at, pieces in enumerate(parts)
    )
    text = (
        "---\nStatus: Draft\n---\n\n# Media Relay\n\n"
        f"## Motivation\n\nWhy.\n\n{body(motivation, 3)}"
        f"## Current Design\n\nToday.\n\n{body(current, 3)}"
        f"## Proposed Design\n\n{body(intro, 5) if 'same' not in dict(intro) else ''}{components}"
        f"## Migration\n\nMoves.\n\n{body(migration, 3)}"
        f"## Implementation Plan\n\nPlan.\n\n{body(plan, 3)}"
    )
    names = [name for name, _ in _headings(text)]
    anchored = re.sub(r"@(\d+)@", lambda found: names[int(found[1]) % len(names)], text)
    others = "".join(f"[O{at}](BEP-1010-media-relay.md#{name})\n" for at, name in enumerate(names))
    return Case(anchored.replace("\n", ending), others)


def _headings(text: str) -> list[tuple[str, str]]:
    """The anchors of headings, with what tells one from another: its text, or the mark below."""
    seen: Counter[str] = Counter()
    found = []
    tokens = divided.parsed(divided.body(text))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            shown = tokens[at + 1].content
            name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
            below = next((one.content for one in tokens[at + 3 :] if one.type == "inline"), "")
            mark = below if shown == "Same" else shown
            found.append((f"{name}-{seen[name]}" if seen[name] else name, mark))
            seen[name] += 1
    return found


def leads_to(texts: Mapping[str, str], path: str, destination: str) -> str:
    """What tells the heading to which a link of a document leads, '' where it leads to none."""
    target, _, fragment = destination.partition("#")
    folder = path.split("/")[:-1]
    for part in target.split("/") if target else ():
        folder = folder[:-1] if part == ".." else folder if part == "." else [*folder, part]
    file = "/".join(folder) if target else path
    return dict(_headings(texts[file])).get(fragment, "") if file in texts else ""


def labelled(text: str) -> dict[str, str]:
    """The links of a document by their words `L<n>` or `O<n>`."""
    found = re.findall(r"\[([LO]\d+)\]\(<?([^)>\s]*)", "".join(_prose(text)))
    tags = re.findall(r'<a href="([^"]*)">(L\d+)</a>', text)
    return {**dict(found), **{label: target for target, label in tags}}


def _prose(text: str) -> list[str]:
    code = divided.code_lines(text)
    return [line for at, line in enumerate(text.splitlines(keepends=True)) if at not in code]


def divide(case: Case) -> tuple[dict[str, str], Relinking]:
    document = Document(case.text, MAIN)
    guidance = frozenset([GUIDANCE])
    plan = Planner(document, {}, guidance).plan()
    shells = {one.file: SHELL for one in plan}
    result = Division(document, plan, shells, guidance).divided()
    main = main_document.completed(document, result.main, INDEX, result.subs)
    assert main.remarks == ()
    texts = {MAIN: main.text} | {f"proposals/BEP-1010/{f}": t for f, t in result.subs.items()}
    return texts, result.relinking


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=not samples.MANY,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(SECTIONS, ENDINGS)
@example(([("use", 1)], [], [], [[("footnote", 1), ("reference", 2)]], [], [("use", 2)]), "\n")
@example(([], [], [], [[("listed", 1), ("use", 0)], [("use", 0)]], [], []), "\n")
@example(([], [("same", 0)], [], [[("same", 0)], [("same", 1), ("text", 3)]], [], []), "\r\n")
def test_a_division_loses_nothing_and_links_lead_to_the_same_section(sections, ending):
    case = written(sections, ending)
    texts, relinking = divide(case)

    held = sum(map(divided.author_lines, texts.values()), Counter())
    missing = divided.author_lines(case.text) - held
    # Where only its parts said something, its heading is in the sub-documents.
    assert missing - Counter(["# Proposed Design"]) == Counter()
    held = sum(map(divided.fences, texts.values()), Counter())
    assert set(divided.fences(case.text)) == set(held)
    for text in texts.values():
        assert text.count("\n") == text.count(ending)

    before = {MAIN: case.text}
    meant = {label: leads_to(before, MAIN, target) for label, target in labelled(case.text).items()}
    for path, text in texts.items():
        for label, target in labelled(text).items():
            expected = meant[label]
            found = leads_to(texts, path, target)
            assert found == expected or (expected, found) == ("Proposed Design", "Document Index")
        images = re.findall(r"!\[p\]\(([^)]*)\)", text)
        assert all(one.startswith("img/" if path == MAIN else "../img/") for one in images)
        assert divided.unresolved_references(text) <= divided.unresolved_references(case.text)
    after = {
        label: relinking.from_elsewhere(target, tuple(ELSEWHERE.split("/")))
        for label, target in labelled(case.other).items()
    }
    for label, target in after.items():
        expected = leads_to(before, ELSEWHERE, labelled(case.other)[label])
        found = leads_to(texts, ELSEWHERE, target)
        assert found == expected or (expected, found) == ("Proposed Design", "Document Index")
