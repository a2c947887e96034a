"""The guide's sections under the names that real documents give them."""

from __future__ import annotations

import pytest

from bep.markdown import blocks
from bep.proposal import guide


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Motivation", guide.MOTIVATION),
        ("1. Goal", guide.MOTIVATION),
        ("Abstract", guide.MOTIVATION),
        ("As-is", guide.CURRENT_DESIGN),
        ("2. Current State & Scope, by Area", guide.CURRENT_DESIGN),
        ("Current Design (Before Enhancement)", guide.CURRENT_DESIGN),
        ("Suggested Architecture", guide.PROPOSED_DESIGN),
        ("3. Implementation Design", guide.PROPOSED_DESIGN),
        ("Migration of Existing Apps", guide.MIGRATION),
        ("Impacts to Users or Developers / Migration Plan", guide.MIGRATION),
        ("**Plan**", guide.IMPLEMENTATION_PLAN),
        ("4. Decision Summary", guide.DECISION_LOG),
        ("Resolved Decisions", guide.DECISION_LOG),
        ("Detailed Document Index", guide.DOCUMENT_INDEX),
        ("Document Structure", guide.DOCUMENT_INDEX),
        ("OPEN QUESTIONS:", guide.OPEN_QUESTIONS),
        ("Benefits Summary", None),
        ("Technical Details", None),
        ("Design of the Tests", None),
        ("", None),
    ],
)
def test_a_heading_of_a_main_document_stands_for_a_section(heading, section):
    assert guide.main_section(blocks.normalise(heading)) == section


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Overview", guide.SUMMARY),
        ("API", guide.INTERFACE),
        ("Interface / API", guide.INTERFACE),
        ("Current State", guide.CURRENT_DESIGN),
        ("Decision Log", None),
    ],
)
def test_a_heading_of_a_sub_document_stands_for_a_section(heading, section):
    assert guide.sub_section(blocks.normalise(heading)) == section


@pytest.mark.parametrize("section", [*guide.SINGLE_SECTIONS, *guide.MAIN_SECTIONS])
def test_every_section_stands_for_itself(section):
    assert guide.main_section(blocks.normalise(section)) == section


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["goal", "decision summary"], True),
        (["goal", "implementation design"], True),
        (["goal", "proposed design"], False),
        (["motivation", "decision summary"], False),
    ],
)
def test_the_tech_spec_form(names, expected):
    assert guide.is_tech_spec(names) is expected
