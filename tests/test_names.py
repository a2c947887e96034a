"""Names of proposals, files and branches."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings, strategies as st

from bep import names
from bep.errors import BepError
from bep.proposal import registry_table
from bep.questionnaire import validation
from bep.system import chosen_proposals
from tests import samples
from tests.conftest import CORPUS

TITLES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=80),
    st.text("ab1 -_./É한İßǅﬁ́", max_size=80),
)


@settings(max_examples=samples.examples(500))
@given(TITLES)
@example("İstanbul")
@example("ß" * 61)
@example("\u0301")
@example("한" * 40)
@example("e\u0301" * 40)
@example("ΑΣ")
def test_every_title_gives_a_slug(title):
    slug = names.slug(title)

    assert slug
    assert len(slug.encode()) <= 60
    assert unicodedata.normalize("NFC", slug) == slug
    assert slug == slug.lower()
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug
    # Marks (category M) belong to the letters of many scripts.
    assert all(char == "-" or unicodedata.category(char)[0] in "LNM" for char in slug)
    assert names.slug(slug) == slug
    assert names.slug_problem(slug) is None


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Unified Service Discovery", "unified-service-discovery"),
        ("  RBAC: who may what?  ", "rbac-who-may-what"),
        ("REST API v2.1", "rest-api-v2-1"),
        ("snake_case and CamelCase", "snake-case-and-camelcase"),
        ("통합 서비스 디스커버리", "통합-서비스-디스커버리"),
        ("Überprüfung", "überprüfung"),
        ("cafe\u0301", "caf\u00e9"),
        ("हिन्दी", "हिन्दी"),
        ("a/b\\c:d", "a-b-c-d"),
        ("!!!", "proposal"),
        ("", "proposal"),
        ("- x -", "x"),
    ],
)
def test_a_slug_keeps_letters_and_digits_of_any_script(title, slug):
    assert names.slug(title) == slug


def test_a_long_title_is_cut_at_a_word():
    slug = names.slug("word " * 30)

    assert slug == "-".join(["word"] * 12)
    assert len(slug) == 59


def test_a_cut_that_falls_on_a_words_end_keeps_the_word():
    title = "a" * 29 + " " + "b" * 30 + " c"

    assert names.slug(title) == "a" * 29 + "-" + "b" * 30


@given(TITLES)
def test_only_a_slug_is_a_slug(text):
    assert (names.slug_problem(text) is None) == (names.slug(text) == text)


@given(st.integers(0, 99999), TITLES)
def test_a_main_documents_name_holds_its_number(number, title):
    name = names.main_document(number, names.slug(title))

    assert names.number_of_document(name) == number
    assert "/" not in name
    assert len(name.encode()) <= 255


def test_names_have_at_least_four_digits():
    assert names.proposal_name(0) == "BEP-0000"
    assert names.proposal_name(1046) == "BEP-1046"
    assert names.main_document(0, "template") == "BEP-0000-template.md"
    assert names.answers_file(1046) == ".copier/.copier-answers.BEP-1046.yml"


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("1046", 1046),
        ("0001", 1),
        ("99999", 99999),
        ("100000", None),
        ("9" * 5000, None),
        ("\u0661\u0660\u0664\u0666", None),
        ("\uff11\uff10\uff14\uff16", None),
        ("\u00b9", None),
        ("1_046", None),
        (" 1046", None),
        ("1046\n", None),
        ("-1", None),
        ("", None),
    ],
)
def test_a_number_is_one_to_five_ascii_digits_everywhere(digits, number):
    assert names.number_in_digits(digits) == number
    assert names.number_of_document(f"BEP-{digits}-x.md") == number
    assert names.number_of_directory(f"BEP-{digits}") == number
    cell = digits.strip()
    page = f"| Number | Title | Author | Status |\n|---|---|---|---|\n| {cell} | A | B | Draft |\n"
    expected = 1046 if cell == "1046" else number
    assert [one.number for one in registry_table.read(page, "README.md").rows] == [expected]
    if expected is None:
        with pytest.raises(BepError, match="not a proposal"):
            chosen_proposals.one_number(digits)
        assert validation.problem("number", digits, {"first_number": 1})


@pytest.mark.parametrize(
    "name",
    ["README.md", "BEP-1046", "BEP-1046.md", "bep-x-y.md", "BEP-1046-x.txt", "xBEP-1046-x.md"],
)
def test_other_files_are_no_main_documents(name):
    assert names.number_of_document(name) is None


def test_the_real_main_documents_are_known_by_their_numbers():
    folder = CORPUS / "proposals"
    if not folder.is_dir():
        pytest.skip("the corpus is not here")
    paths = [path.name for path in folder.glob("*.md") if path.name != "README.md"]

    assert len(paths) > 30
    assert all(names.number_of_document(name) == int(name[4:8]) for name in paths)
    directories = [path.name for path in folder.iterdir() if path.is_dir()]
    assert all(names.number_of_directory(name) == int(name[4:]) for name in directories)


@pytest.mark.parametrize(
    ("branch", "number"),
    [
        ("bep/1035", 1035),
        ("beps/1020-3", 1020),
        ("docs/add-bep-1036", 1036),
        ("bep/1046-short-title", 1046),
        ("BEP-1046", 1046),
        ("feature/BEP-1046-x", 1046),
        ("Bep/1046", 1046),
        ("bep_1046", 1046),
        ("bep1046", 1046),
        ("refs/heads/bep/10460-x", 10460),
        ("refs/remotes/origin/docs/bep-1046", 1046),
        ("main", None),
        ("feature/1046", None),
        ("bep/104", None),
        ("bep/104612", None),
        ("bep/\u0661\u0660\u0664\u0666", None),
        ("bep/\uff11\uff10\uff14\uff16", None),
        ("be\u017f/1046", None),
        ("bepx/1046", None),
        ("xbep/1046", None),
        ("", None),
    ],
)
def test_a_branchs_name_holds_a_number(branch, number):
    assert names.number_in_branch(branch, "bep/{number}-{slug}") == number


@pytest.mark.parametrize(
    "form",
    ["prop/{number}-{slug}", "p/{number}", "{slug}/{number}", "{slug}.{number}", "+{number}"],
)
@pytest.mark.parametrize("number", [7, 1046, 99999])
def test_a_branch_of_the_settings_form_is_that_of_its_number(form, number):
    branch = names.branch(form, number, "quota-ledger")

    assert names.number_in_branch(branch, form) == number
    assert names.number_in_branch(names.branch_with_number(branch, 1050, form), form) == 1050
    assert names.number_in_branch(f"x{branch}", "bep/{number}-{slug}") is None


@pytest.mark.parametrize(
    ("component", "title"),
    [
        ("data-model", "Data Model"),
        ("db-schema", "DB Schema"),
        ("rest-api", "REST API"),
        ("event-registration", "Event Registration"),
        ("storage_namespace", "Storage Namespace"),
        ("00-overview", "00 Overview"),
        ("_", "_"),
        ("데이터-모델", "데이터 모델"),
    ],
)
def test_a_component_gives_file_and_heading(component, title):
    assert names.document_name(component) == f"{component}.md"
    assert names.document_title(component) == title


@given(st.one_of(TITLES, st.text("a1-_./", max_size=10)))
def test_a_component_that_passes_is_a_safe_file_name(component):
    if names.component_problem(component, ["overview.md"]):
        return

    assert names.slug(component) == component
    assert not component[0].isdigit() or not component.split("-")[0].isdigit()
    assert any(char.isalpha() for char in component)


def test_a_component_cannot_have_the_file_of_another_document():
    assert names.component_problem("rollout", []) is None
    assert "reserves" in (names.component_problem("rollout", ["rollout.md"]) or "")
