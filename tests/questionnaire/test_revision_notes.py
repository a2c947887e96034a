"""`revisions.yml`: the names that a template's revisions changed."""

from __future__ import annotations

import pytest

from bep.questionnaire import revision_notes
from tests.conftest import ROOT

RENAMES = """\
oldest_tool: "1.2.0"
renames:
  sections:
    - {since: v1.1.0, from: Plan, to: Roadmap}
    - {since: v2.0.0, from: Roadmap, to: Implementation Plan}
    - {since: v3.0.0, from: Goals, to: Plan}
"""


SKIPPED = {"Plan": "Implementation Plan", "Roadmap": "Implementation Plan", "Goals": "Plan"}


@pytest.mark.parametrize(
    ("recorded", "names"),
    [
        ("v1.0.0", SKIPPED),
        ("v1.1.0", {"Roadmap": "Implementation Plan", "Goals": "Plan"}),
        ("v1.1.0-3-gabcdef0", {"Roadmap": "Implementation Plan", "Goals": "Plan"}),
        ("v2.4.1", {"Goals": "Plan"}),
        ("v3.0.0", {}),
        # How old a bare commit is, nobody knows: all renames count.
        ("abcdef0", SKIPPED),
    ],
)
def test_renames_are_followed_over_the_revisions_that_are_skipped(recorded, names):
    assert revision_notes.read(RENAMES).names("sections", recorded) == names


def test_a_name_that_is_used_again_is_not_the_one_that_was_recorded():
    read = revision_notes.read(
        "renames:\n  sections:\n"
        "    - {since: v1.1.0, from: Migration, to: Upgrade Path}\n"
        "    - {since: v1.3.0, from: Migration, to: Data Migration}\n"
    )

    assert read.names("sections", "v1.0.0") == {"Migration": "Upgrade Path"}
    assert read.names("sections", "v1.2.0") == {"Migration": "Data Migration"}


def test_the_earlier_names_of_a_name_are_known():
    read = revision_notes.read(RENAMES)
    assert read.earlier("sections", "Implementation Plan") == ["Roadmap", "Plan"]
    assert read.earlier("answers", "scope") == []


def test_a_revision_without_the_file_changed_no_name():
    assert revision_notes.read("") == revision_notes.Revisions()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("renames: [", "cannot be read as YAML"),
        ("rename: {}", "has keys other"),
        ("renames: {titles: []}", "renames are those of sections, metadata, columns, answers"),
        ("renames: {sections: [{from: a, to: b}]}", "is not a rename"),
        ("[]", "has keys other"),
    ],
)
def test_a_file_without_its_form_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        revision_notes.read(text)


def test_the_template_s_own_file_is_in_order():
    assert revision_notes.read((ROOT / "revisions.yml").read_text()).oldest_tool


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [
        ("1.0.0", "1.0.1", True),
        ("1.10.0", "1.9.0", False),
        ("1.0.0", "", False),
        ("x", "1.0.0", False),
    ],
)
def test_versions_are_compared_by_their_numbers(version, other, older):
    assert revision_notes.is_older(version, other) is older
