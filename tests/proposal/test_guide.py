"""The guide's sections under the names that real documents give them."""

from __future__ import annotations

import pytest

from bep import guide_file
from bep.markdown.heading_text import normalise


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Motivation", "motivation"),
        ("1. Goal", "motivation"),
        ("Abstract", "motivation"),
        ("As-is", "current-design"),
        ("2. Current State & Scope, by Area", "current-design"),
        ("Current Design (Before Enhancement)", "current-design"),
        ("Suggested Architecture", "proposed-design"),
        ("3. Implementation Design", "proposed-design"),
        ("Migration of Existing Apps", "migration"),
        ("Impacts to Users or Developers / Migration Plan", "migration"),
        ("**Plan**", "implementation-plan"),
        ("4. Decision Summary", "decision-log"),
        ("Resolved Decisions", "decision-log"),
        ("Detailed Document Index", "document-index"),
        ("Document Structure", "document-index"),
        ("OPEN QUESTIONS:", "open-questions"),
        ("Benefits Summary", None),
        ("Technical Details", None),
        ("Design of the Tests", None),
        ("", None),
    ],
)
def test_a_heading_of_a_main_document_stands_for_a_section(heading, section):
    assert guide_file.own().main_names.family(normalise(heading)) == section


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Overview", "summary"),
        ("API", "interface"),
        ("Interface / API", "interface"),
        ("Current State", "current-design"),
        ("Decision Log", None),
    ],
)
def test_a_heading_of_a_sub_document_stands_for_a_section(heading, section):
    assert guide_file.own().sub_names.family(normalise(heading)) == section


@pytest.mark.parametrize("section", guide_file.own().main_sections)
def test_every_section_stands_for_itself(section):
    assert guide_file.own().main_names.family(section.name) == section.family
