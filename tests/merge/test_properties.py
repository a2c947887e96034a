"""What must hold of the merge, on thousands of generated cases.

`BEP_MERGE_CASES=100000` (or `invoke merge-cases --count 100000`) makes as many cases as it says.
"""

from __future__ import annotations

from collections import Counter
from difflib import unified_diff

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from bep import guide_file
from bep.merge import author_lines
from bep.merge.merge import Merged, Rules, Unmergeable, merge
from tests import samples
from tests.merge.cases import SectionOf, meets, stories
from tests.merge.oracle import Case, judge
from tests.merge.template import LAYOUTS, render

CASES = samples.count("BEP_MERGE_CASES", 500, 20_000)
SECTION_OF: dict[str, SectionOf] = {
    "single": guide_file.own().main_names.family,
    "segmented": guide_file.own().main_names.family,
    "early": guide_file.own().main_names.family,
    "sub-document": guide_file.own().sub_names.family,
}


def checked(cases: int) -> settings:
    return settings(
        max_examples=cases,
        deadline=None,
        # The suite tries the same cases everywhere; the longer run finds others.
        derandomize=not samples.MANY,
        report_multiple_bugs=False,
        phases=[phase for phase in Phase if phase is not Phase.explain],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def merging(case: Case):
    rules = Rules(case.sections, case.keys, case.section_of)

    def merged(base: str, ours: str, theirs: str) -> Merged:
        return merge(base, ours, theirs, rules)

    return merged


def told(case: Case) -> str:
    """The three texts as differences, for the reader of a failure."""
    result = merging(case)(case.base, case.ours, case.theirs).text
    texts = {"ours": (case.base, case.ours), "theirs": (case.base, case.theirs)}
    texts["result"] = (case.ours, result)
    return "\n" + "".join(
        line
        for name, (one, other) in texts.items()
        for line in unified_diff(one.splitlines(True), other.splitlines(True), "", name, n=1)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_properties_hold_for_whatever_author_and_template_did(layout):
    @checked(CASES // len(LAYOUTS))
    @given(stories(layout))
    def holds(story):
        case = story.case(SECTION_OF)
        found = judge(case, merging(case))
        assert not found, told(case)

    holds()


def test_in_over_half_of_the_cases_author_and_template_change_the_same_section():
    met = []

    @settings(checked(400), phases=[Phase.generate], database=None)
    @given(st.sampled_from([*LAYOUTS]).flatmap(stories))
    def count(story):
        met.append(meets(story.case(SECTION_OF)))

    count()
    assert len(met) >= 400
    assert sum(met) > len(met) / 2


# Lines that open, close and look like what a document consists of.
FRAGMENTS = [
    *("", "", "", "text", "  indented", "    code", "\ttab", "text  ", "{{ x }}", "{% raw %}"),
    *(
        "## Motivation",
        "## Own",
        "### Own",
        "# Title",
        "####### no",
        "##",
        "Title\n===",
        "Own\n---",
    ),
    *(
        "```",
        "````",
        "~~~",
        "``` x",
        "<!-- c -->",
        "<!--",
        "-->",
        "<details>",
        "</details>",
        "<pre>",
    ),
    *("---", "***", "- item", "1. item", "- - -", "> quote", "> ## quoted", "[a]: /b", "\\"),
    *(
        "| a | b |",
        "|---|---|",
        "| Date | Decision | Rationale |",
        "|---|---|---|",
        "| x | y | z |",
    ),
    *("Status: Draft", "phases: 2", "# comment", "<!-- context-for-ai", "\ufeff", "\u2028"),
    *("<<<<<<< HEAD", "=======", ">>>>>>> theirs", "<!-- One row for each decision. -->"),
]


@checked(CASES // 16)
@given(st.sampled_from([*LAYOUTS]), st.data())
def test_what_is_taken_replaces_the_text_of_that_section_only(layout, data):
    case = data.draw(stories(layout)).case(SECTION_OF)
    rules = Rules(case.sections, case.keys, case.section_of)
    kept = merge(case.base, case.ours, case.theirs, rules)
    offered = {one.section for one in kept.wanted if one.can_be_taken}

    for name in offered:
        take = rules._replace(take=frozenset([name]))
        taken = merge(case.base, case.ours, case.theirs, take)

        gone = author_lines.lost(case.base, case.ours, taken.text)
        given_up = author_lines.written("", "\n".join(taken.given_up))
        assert not Counter(gone) - given_up, told(case)
        assert name not in taken.kept
        assert [one for one in taken.kept if one != name] == [
            one for one in kept.kept if one != name
        ]


@st.composite
def disturbed(draw, layout: str) -> tuple[str, str]:
    """A rendering with foreign lines in some places, and what came of it in bytes."""
    lines = render(LAYOUTS[layout]).splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines)))
        gone = draw(st.integers(0, 3))
        lines[at : at + gone] = draw(st.lists(st.sampled_from(FRAGMENTS), max_size=4))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    return layout, ending.join("\n".join(lines).split("\n")) + draw(st.sampled_from(["", ending]))


@checked(CASES // 16)
@given(st.sampled_from([*LAYOUTS]).flatmap(disturbed), st.data())
def test_no_line_is_lost_from_text_without_form(text, data):
    layout, ours = text
    case = data.draw(stories(layout)).case(SECTION_OF)._replace(ours=ours)

    assert not judge(case, merging(case)), told(case)


MARKS = "\n#-|>` <!:a\u2028"
# A template is rendered with line feeds and without a byte order mark; no text contains NUL.
rendered = st.text(st.characters(exclude_characters="\0\r\ufeff")) | st.text(MARKS, max_size=40)
written = st.text(st.characters(exclude_categories=(), exclude_characters="\0")) | st.text(
    MARKS + "\r\ufeff", max_size=40
)


@checked(CASES // 8)
@given(rendered, written, rendered)
def test_any_three_texts_can_be_merged(base, ours, theirs):
    assert merge(base, base, theirs)[:2] == (theirs, ())
    assert merge(base, ours, base)[:2] == (ours, ())
    merge(base, ours, theirs)


def test_what_is_no_text_is_refused():
    with pytest.raises(Unmergeable, match="contains NUL"):
        merge("# A\n", "\0", "# B\n")
