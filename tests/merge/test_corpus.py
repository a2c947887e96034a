"""What must hold of the merge, on every real document and for each kind of template change.

A real document is the author's version over a rendering with its title and its metadata. It counts
as it is, and with the template's guidance put in again at the sections that it has. To be quick,
each document meets all series of changes and its share of the single ones; where `BEP_MERGE_CASES`
is set it meets them all (`invoke merge-cases`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import CORPUS
from tests.merge.oracle import Case, problems
from tests.merge.reading import Document, keys, read, with_endings
from tests.merge.revisions import CHANGES, revised
from tests.merge.template import LAYOUTS, Template, render
from tests.merge.test_properties import SECTION_OF, merging

DOCUMENTS = sorted(CORPUS.rglob("*.md")) if CORPUS.is_dir() else []
SINGLE = [((kind, 3),) for kind in CHANGES]
# Several revisions skipped at once, and sections that are new, gone, renamed and in other places.
SERIES = [
    (("section added", 0), ("section added", 16), ("section moved", 4), ("guidance reworded", 1)),
    (("section renamed", 1), ("section removed", 2), ("key renamed", 4), ("key added", 9)),
    (("section split", 0), ("column added", 2), ("row added", 0), ("subsection added", 1)),
]
SHARE = 1 if "BEP_MERGE_CASES" in os.environ else 16

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason="the corpus is not here")


def told(path: Path) -> str:
    return path.relative_to(CORPUS).as_posix()


@pytest.mark.sample(25)
@pytest.mark.parametrize("number", range(len(DOCUMENTS)), ids=lambda at: told(DOCUMENTS[at]))
def test_no_line_of_a_real_document_is_lost(number):
    path = DOCUMENTS[number]
    layout = layout_of(path)
    written = path.read_bytes().decode()
    template = template_of(layout, read(written))
    base = render(template)
    completed = with_guidance(written, base)
    for changes in [*SERIES, *SINGLE[number % SHARE :: SHARE]]:
        revision = revised(template, changes)
        theirs = render(revision.template)
        rules = (revision.sections, revision.keys, SECTION_OF[layout])
        for ours in {completed, written} if SHARE == 1 else {completed}:
            case = Case(base, ours, theirs, *rules)
            merge = merging(case)
            result = merge(base, ours, theirs)
            assert not problems(case, result.text, result.kept), changes
            assert merge(base, result.text, theirs).text == result.text, changes


def test_each_kind_of_change_meets_a_real_document():
    assert len(DOCUMENTS) >= SHARE


def layout_of(path: Path) -> str:
    """Which of the generated layouts is most like the document's."""
    if path.parent.name.startswith("BEP-") or path.parent.name == "odd":
        return "sub-document"
    return "segmented" if path.with_name(path.name[:8]).is_dir() else "single"


def template_of(layout: str, document: Document) -> Template:
    """The layout with the document's title, and the values that it has for the template's keys."""
    template = LAYOUTS[layout]
    heading = "".join(document.title.heading).lstrip("# ") or template.title
    found = {key.name: key.value for key in keys(document.front or ())}
    metadata = [(key, found.get(key, value)) for key, value in template.metadata]
    metadata = [(key, value if isinstance(value, str) else "") for key, value in metadata]
    return template._replace(title=heading, metadata=tuple(metadata))


def with_guidance(ours: str, base: str) -> str:
    """The document with the comments of the base's sections below its headings of that name."""
    guidance = {
        node.name: [line + "\n" for line in node.comment_texts()[0]]
        for node in read(base).title.children
        if node.comments
    }
    lines = with_endings(ours)
    for node in reversed(read(ours).title.children):
        if node.name in guidance:
            at = node.own_start
            lines[at:at] = ["\n", *guidance.pop(node.name)]
    return "".join(lines)
