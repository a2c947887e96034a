"""The oracle notices a merge that is wrong: each wrong merge is the real one with one fault.

A fault is put into the real result at one place of a generated case. Where the case has no such
place the wrong merge is right, and the case does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from bep.merge.merge import Merged
from tests.merge.cases import Story, seeded
from tests.merge.oracle import Case, problems
from tests.merge.reading import Document, Node, normalise, read, trimmed, with_endings
from tests.merge.test_properties import SECTION_OF, merging

Wrong = Callable[[Case, Merged], Merged | None]

NOTICED = 5


def drops_a_last_line(case: Case, right: Merged) -> Merged | None:
    """Of a section that ends with a line of the author's, this line is missing."""
    known = {line for text in (case.base, case.theirs) for line in text.splitlines()}
    for node in read(right.text).nodes():
        own = [at for at, line in enumerate(node.own) if line.strip()]
        if node.heading and own and node.own[own[-1]] not in known:
            return _spliced(right, _line(node, own[-1]), 1, [])
    return None


def appends_a_new_section(case: Case, right: Merged) -> Merged | None:
    """A section that the template added stands at the end and not at its place."""
    return _at_the_end(case, right, lambda name, ours, theirs: name in theirs and name not in ours)


def appends_an_own_section(case: Case, right: Merged) -> Merged | None:
    """A section of the author's own stands at the end and not where it stood."""
    return _at_the_end(case, right, lambda name, ours, theirs: name in ours and name not in theirs)


def leaves_a_label_behind(case: Case, right: Merged) -> Merged | None:
    """The anchor above a heading is at the end of the section before."""
    for node in read(right.text).nodes():
        if node.labels[:1] and node.labels[0].startswith("<a") and node.start > 0:
            text = ["", *node.labels, "", "Text between.", ""]
            return _spliced(right, node.start, len(node.labels), text)
    return None


def drops_a_label(case: Case, right: Merged) -> Merged | None:
    """What is above a heading is missing."""
    for node in read(right.text).nodes():
        if node.labels:
            return _spliced(right, node.start, len(node.labels), [])
    return None


def takes_the_template_s_side(case: Case, right: Merged) -> Merged | None:
    """Of a section that both changed, the template's text is there."""
    for old, own, new, node in _same_sections(case, right):
        texts = [trimmed(one.own) for one in (old, own, new)]
        if len(set(texts)) == 3 and trimmed(node.own) != texts[2]:
            return _spliced(right, _line(node, 0), len(node.own), ["", *texts[2], ""])
    return None


def leaves_guidance_old(case: Case, right: Merged) -> Merged | None:
    """Guidance in a section that the author wrote in is not brought up to date."""
    for old, own, new, node in _same_sections(case, right):
        gone = [text for text in old.comment_texts() if text not in new.comment_texts()]
        left = [text for text in own.comment_texts() if text in gone]
        if left and trimmed(own.own) != trimmed(old.own):
            return _spliced(right, _line(node, 0), len(node.own), list(own.own))
    return None


def brings_back_what_was_removed(case: Case, right: Merged) -> Merged | None:
    """A section that the author deleted is there again."""
    names = _names(read(case.ours)) | _names(read(right.text))
    sections = {case.section_of(name) for name in names}
    for node in read(case.theirs).title.children:
        known = node.name in names or (case.section_of(node.name) or " ") in sections
        if not known and node.name in _names(read(case.base)):
            return _spliced(right, _end(right), 0, ["", *trimmed(node.lines)])
    return None


def adds_a_section_again(case: Case, right: Merged) -> Merged | None:
    """A section that the author has under another name is added under the template's."""
    names = _names(read(right.text))
    sections = {case.section_of(name): name for name in names}
    for node in read(case.theirs).title.children:
        if node.name not in names and case.section_of(node.name) in sections:
            return _spliced(right, _end(right), 0, ["", *trimmed(node.lines)])
    return None


def takes_the_template_s_keys(case: Case, right: Merged) -> Merged | None:
    """The front matter is the template's."""
    ours, theirs, result = (read(text).front for text in (case.ours, case.theirs, right.text))
    if not ours or not theirs or not result or ours == read(case.base).front:
        return None
    return None if result == theirs else _spliced(right, 1, len(result), list(theirs))


def reports_nothing(case: Case, right: Merged) -> Merged | None:
    return Merged(right.text, ()) if right.kept else None


def reports_too_much(case: Case, right: Merged) -> Merged | None:
    """A section is reported in which nothing gave way."""
    for old, own, new, _ in _same_sections(case, right):
        if own.own == old.own == new.own and own.name not in map(normalise, right.kept):
            return Merged(right.text, (*right.kept, own.heading[0].lstrip("# ")))
    return None


def changes_line_endings(case: Case, right: Merged) -> Merged | None:
    return Merged(right.text.replace("\r\n", "\n"), right.kept) if "\r\n" in right.text else None


def leaves_markers(case: Case, right: Merged) -> Merged | None:
    return _spliced(right, _end(right), 0, ["<<<<<<< ours", "text", "=======", ">>>>>>> theirs"])


@pytest.fixture(scope="module")
def right_merges() -> list[tuple[Story, Case, Merged]]:
    """Generated cases with their results; mixed line endings could not be put in again."""
    stories = [(story, story.case(SECTION_OF)) for story in seeded(1200, seed=4)]
    return [
        (story, case, merging(case)(case.base, case.ours, case.theirs))
        for story, case in stories
        if case.ours.count("\r") in (0, case.ours.count("\n"))
    ]


@pytest.mark.sample(7)
@pytest.mark.parametrize(
    "wrong",
    [
        drops_a_last_line,
        appends_a_new_section,
        appends_an_own_section,
        leaves_a_label_behind,
        drops_a_label,
        takes_the_template_s_side,
        leaves_guidance_old,
        brings_back_what_was_removed,
        adds_a_section_again,
        takes_the_template_s_keys,
        reports_nothing,
        reports_too_much,
        changes_line_endings,
        leaves_markers,
    ],
    ids=lambda wrong: wrong.__name__,
)
def test_the_oracle_notices_a_merge_that(wrong, right_merges):
    faults = ((story, case, right, wrong(case, right)) for story, case, right in right_merges)
    seen = list(islice((one for one in faults if one[3] not in (None, one[2])), NOTICED))

    for story, case, right, bad in seen:
        assert not problems(case, right.text, right.kept), story
        assert problems(case, bad.text, bad.kept), story
    assert len(seen) == NOTICED, "too few cases have a place for this fault"


def _spliced(right: Merged, at: int, count: int, new: list[str]) -> Merged:
    """The result with other lines in place of `count` lines, in its own line endings."""
    lines = with_endings(right.text)
    ending = "\r\n" if "\r\n" in right.text else "\n"
    if lines and at >= len(lines) and not lines[-1].endswith(ending):
        lines[-1] += ending
    lines[at : at + count] = [line + ending for line in new]
    return Merged("".join(lines), right.kept)


def _line(node: Node, at: int) -> int:
    """The place of a section's own line in the document."""
    return node.own_start + at


def _end(right: Merged) -> int:
    """The place behind the title's last section."""
    document = read(right.text)
    return document.further[0].start if document.further else len(with_endings(right.text))


def _names(document: Document) -> set[str]:
    return {node.name for node in document.title.children}


def _at_the_end(
    case: Case, right: Merged, chosen: Callable[[str, set[str], set[str]], bool]
) -> Merged | None:
    """One of the sections that are chosen moves behind all others; no name stands twice."""
    document = read(right.text)
    ours, theirs = read(case.ours), read(case.theirs)
    names = [node.name for node in document.title.children]
    if len(set(names)) < len(names) or read(case.ours).open:
        return None
    known = _names(theirs) & _names(ours)
    for at, node in enumerate(document.title.children):
        if chosen(node.name, _names(ours), _names(theirs)) and set(names[at + 1 :]) & known:
            if node.name in _names(read(case.base)) or case.section_of(node.name):
                continue
            moved = [*trimmed(node.lines), ""]
            with_it = _spliced(right, _end(right), 0, ["", *moved])
            return _spliced(with_it, node.start, len(node.lines), [])
    return None


def _same_sections(case: Case, right: Merged) -> Iterator[tuple[Node, Node, Node, Node]]:
    """Sections that all four have under one name, and none of them twice."""
    documents = [read(text) for text in (case.base, case.ours, case.theirs, right.text)]
    found = [{node.name: node for node in one.title.children} for one in documents]
    for name in set.intersection(*map(set, found)):
        if (
            all(sum(node.name == name for node in one.title.children) == 1 for one in documents)
            and not documents[1].further
        ):
            yield tuple(nodes[name] for nodes in found)  # type: ignore[misc]
