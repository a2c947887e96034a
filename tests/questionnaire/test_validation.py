"""The form of each answer, as `bep.questionnaire.validation.problem` judges it."""

from __future__ import annotations

from itertools import pairwise

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from bep import guide_file
from bep.questionnaire import answers
from bep.questionnaire.validation import QUESTIONS, problem
from tests import samples
from tests.conftest import ROOT

NO_LINE = ["two\nlines", "two\r\nlines", "a\rb", "a\0b", "a\x1bb", "a\u2028b", "a\u2029b"]
GOOD = {
    "number": [1000, "1000", 1046, 99999],
    "title": ["T", "Unified Service Discovery", "이름", "a: b | c # d", "-foo", "{{ x }}", "1"],
    "slug": ["", "a", "unified-service-discovery", "이름", "2fa", "a" * 60],
    "scope": ["", "One line", "a | b --> c", None],
    "jira": [
        "",
        [],
        None,
        "4313",
        4313,
        "BA-1, 22",
        [22],
        "BA-1",
        "BA-1, BA-22",
        ["BA-1", "OTHER_2-3"],
        " BA-1 ,, BA-2 ",
    ],
    "github": [
        "",
        [],
        "#12",
        "12",
        12,
        "#12, lablup/backend.ai#5",
        ["lablup/backend.ai#5"],
        "https://github.com/lablup/backend.ai/issues/12",
        "https://github.com/lablup/backend.ai/pull/12",
    ],
    "estimated_lines": ["", None, 0, 300, "300", 100000],
    "components": [
        "",
        [],
        None,
        "data-model",
        "data-model, api",
        ["data-model", "api"],
        [{"name": "data-model", "scope": "Tables"}, {"name": "api", "depends_on": ["data-model"]}],
        [{"name": "api", "depends_on": "data-model.md"}, "data-model"],
        "[{name: api, scope: 'a: b'}]",
        "데이터",
    ],
    "phases": [
        "",
        [],
        "One",
        "Foundation, Migration",
        ["Foundation: the tables", "Migration"],
        [{"name": "One"}, {"name": "Two"}],
        [1, 2],
    ],
    "subsystems": ["", [], "manager, agent", ["manager"]],
    "layout": ["single", "segmented", "registry"],
    "key_constraints": ["", [], "no change of the REST API", ["a, b", "c: d"]],
    "migration_document": [True, False, "true", "no"],
    "overview_document": [True, False],
    "diagrams": [True, False],
    "invoke_tasks": [True, False],
    "skills": ["", [], ".claude/skills/bep-guide/SKILL.md", ["docs/a.b/x1/SKILL.md", "a/SKILL.md"]],
    "adopted": [True, False, "true", "no"],
    "author_name": ["", "HyeokJin Kim", "Joongi Kim | 김준기", "O'Neil, J."],
    "author_email": ["", "name@example.com", "a.b+c@d-e.org", "이름@example.com"],
    "co_authors": [
        "",
        [],
        "Full Name (name@example.com)",
        "A B (a@b.c), C D (c@d.e)",
        ["Full Name (name@example.com)"],
    ],
    "status": ["", "Draft", "Accepted", "Implemented", "Rejected", "Superseded"],
    "created": ["", "2026-11-23", "2024-02-29"],
    "created_version": ["", "26.8.0", "26.1.12", "26.0.0"],
    "proposals": ["proposals", "docs/proposals", "docs/my proposals", "제안"],
    "first_number": [1, 1000, "1000", 99999],
    "issue_prefix": ["BA", "B", "A_1"],
}
# The value, and what of it the message has to name where that is not the value's own `repr`.
BAD = {
    "number": [(999, "999"), (0, "0"), (-1, "-1"), ("abc", "'abc'"), ("", "''"), (100000, "100000"),
               ("10.5", "'10.5'"), (None, "None")],
    "title": [("", "empty"), ("   ", "empty"), (None, "empty"),
              *[(text, repr(text)) for text in NO_LINE],
              ("a\u202eb", "U+202E")],
    "slug": ["Upper", "two words", "a--b", "-a", "a-", "../x", "a/b", "a_b", "a.md", "e\u0301",
             "a" * 61],
    "scope": [*NO_LINE, ("a\u2066b", "U+2066")],
    "jira": [("BA", "'BA'"), ("0", "'0'"), ("BA-0", "'BA-0'"), ("ba-1", "'ba-1'"),
             ("BA-1; BA-2", "'BA-1; BA-2'"), (["BA-1", "x"], "'x'"), ([{"a": 1}], "{'a': 1}"),
             ({"a": 1}, "{'a': 1}"), ([True], "True")],
    "github": [("#", "'#'"), ("#0", "'#0'"), ("x#", "'x#'"), ("http://github.com/a/b/issues/1",
               "http:"),
               ("https://github.com/a/b", "https:"), (["#1", "#x"], "'#x'")],
    "estimated_lines": ["many", -1, 3.5, True, "1e3", "300 lines", "0500"],
    "components": [
        ("01-overview", "'01-overview'"),
        ("1", "'1'"), ("../x", "'../x'"), ("a/b", "'a/b'"),
        ("con", "'con'"), ("nul", "'nul'"), ("lpt1", "'lpt1'"),
        ("overview", "'overview'"), ("migration", "'migration'"), ("diagrams", "'diagrams'"),
        ("readme", "'readme'"),
        ("api, api", "'api'"), ("[{", "'[{'"), ("- a: [", "'- a: ['"), ({"name": "api"},
        "{'name': 'api'}"),
        ([{"scope": "x"}], "{'scope': 'x'}"), ([{"name": ""}], "{'name': ''}"), ([None], "None"),
        ([{"name": "api", "colour": "red"}], "'colour'"), ([["api"]], "['api']"),
        ([{"name": "api", "scope": "a\nb"}], "'a\\nb'"), ([True], "True"),
        ([{"name": "api", "depends_on": ["data-model"]}], "'data-model'"),
        ([{"name": "api", "depends_on": ["api"]}], "api -> api"),
        ([{"name": "a", "depends_on": "b"}, {"name": "b", "depends_on": "a"}], " -> "),
        ([{"name": "a", "depends_on": "b"}, {"name": "b", "depends_on": "c"},
          {"name": "c", "depends_on": "a"}], "circle"),
    ],
    "phases": [("One, One", "'One'"), ([{"name": "One", "component": "x"}], "'component'"),
               ([{"components": []}], "{'components': []}"), ([None], "None"), ("[", "'['"),
               (["a\nb"], "'a\\nb'")],
    "subsystems": [(["a\nb"], "'a\\nb'"), ([None], "None")],
    "layout": ["", "Single", "both", None],
    "key_constraints": [(["a\nb"], "'a\\nb'"), ([{"a": "b"}], "{'a': 'b'}")],
    "migration_document": ["maybe", "", None, 2],
    "overview_document": ["maybe"],
    "diagrams": ["maybe"],
    "invoke_tasks": ["maybe"],
    "skills": ["SKILL.md", "x/skill.md", "../x/SKILL.md", "/x/SKILL.md", "a/../x/SKILL.md",
               "a//x/SKILL.md", ".git/x/SKILL.md", "a/.GIT/x/SKILL.md", "My Skill/SKILL.md"],
    "adopted": ["maybe", "", None],
    "author_name": ["A (a@b.c)", "a@b.c", "<a>", "two\nlines"],
    "author_email": ["name", "a@", "@b", "a b@c", "a@b@c", "A (a@b.c)", "<a@b.c>", "a@b.c\nx"],
    "co_authors": [("Full Name", "'Full Name'"), ("name@example.com", "'name@example.com'"),
                   ("(a@b.c)", "'(a@b.c)'"), ("A B <a@b.c>", "'A B <a@b.c>'"), ("A B (x)",
                   "'A B (x)'"),
                   (["A B (a@b.c)", "C"], "'C'")],
    "status": ["draft", "Done"],
    "created": ["2026-13-01", "2026-02-30", "23.11.2026", "20261123", "2026-11-23T10:00", "today",
                "2026-W01-1"],
    "created_version": ["26.8", "26.8.0rc1", "v26.8.0", "2026.8.0", "26.08.0", "26.8.00", "6.8.0",
                        "26.8.0.1",
                        "26.8.0\n"],
    "proposals": ["", "/etc", "../x", "a/../b", "a//b", "a/", ".", "..", "a\nb", ".hidden",
                  "a\\b", "a."],
    "first_number": [0, -1, "", "x", 100000, True, 1.5],
    "issue_prefix": ["", "ba", "1A", "BA-1", "B A"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "value"), [(name, value) for name, values in GOOD.items() for value in values]
)
def test_an_answer_of_the_right_form_passes(question, value):
    assert problem(question, value, {"first_number": 1000}) is None


@pytest.mark.parametrize(
    ("question", "value", "named"),
    [
        (name, *(value if isinstance(value, tuple) else (value, repr(value))))
        for name, values in BAD.items()
        for value in values
    ],
)
def test_an_answer_of_another_form_is_refused_in_one_line_that_names_it(question, value, named):
    found = problem(question, value, {"first_number": 1000})

    assert found
    assert named in found
    assert "\n" not in found


def test_there_is_a_rule_for_every_question_of_the_template_and_cases_for_every_rule():
    asked = yaml.safe_load((ROOT / "copier.yml").read_text())
    questions = {
        name
        for name, details in asked.items()
        if not name.startswith("_") and details.get("when") is not False
    }

    assert questions == set(QUESTIONS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize("question", sorted(set(QUESTIONS) - {"title", "number", "layout",
    "migration_document", "overview_document", "diagrams", "invoke_tasks", "adopted",
    "proposals", "first_number", "issue_prefix"}))  # fmt: skip
def test_not_known_always_passes_where_the_question_can_go_without_an_answer(question):
    assert problem(question, "", {}) is None
    if question in answers.TEXT_LISTS | answers.MAPPING_LISTS:
        assert problem(question, [], {}) is None


# --- The number ---------------------------------------------------------------------------------


def test_numbers_start_from_the_first_number_of_the_repository():
    assert problem("number", 41, {"first_number": 42}) == (
        "number 41 is too low; numbers start from 42"
    )
    assert problem("number", 42, {"first_number": 42}) is None


def test_the_number_0_belongs_to_the_process_page_alone():
    assert problem("number", 0, {"layout": "registry", "first_number": 1000}) is None
    assert "1046" in problem("number", 1046, {"layout": "registry", "first_number": 1000})
    assert "0" in problem("number", 0, {"layout": "single", "first_number": 1000})


# --- Components and phases ----------------------------------------------------------------------


def test_a_circle_of_components_is_shown_as_one():
    circle = [
        {"name": "api", "depends_on": ["model"]},
        {"name": "model", "depends_on": ["store"]},
        {"name": "store", "depends_on": ["api"]},
    ]

    found = problem("components", circle, {})

    shown = found.rpartition(": ")[2].split(" -> ")
    needs = {one["name"]: one["depends_on"][0] for one in circle}
    assert shown[0] == shown[-1]
    assert all(needs[one] == other for one, other in pairwise(shown)), (
        "each name in the circle depends on the one after it"
    )


def test_components_that_share_what_they_need_are_no_circle():
    diamond = [
        {"name": "top", "depends_on": ["left", "right"]},
        {"name": "left", "depends_on": ["base"]},
        {"name": "right", "depends_on": ["base"]},
        "base",
    ]

    assert problem("components", diamond, {}) is None


@pytest.mark.parametrize("said", ["Data Model", "data_model", "data-model.md", "Data  model!"])
def test_a_component_gets_the_name_of_a_file(said):
    typed = {"components": [said, {"name": "api", "depends_on": [said]}], "phases": []}
    typed["phases"] = [{"name": "One", "components": [said, "api"]}]

    assert problem("components", typed["components"], {}) is None
    assert problem("phases", typed["phases"], typed) is None
    kept = answers.stored(typed)
    file = said if said == "data-model.md" else "data-model"
    assert kept["components"] == [file, {"name": "api", "depends_on": [file]}]
    assert kept["phases"] == [{"name": "One", "components": [file, "api"]}]
    assert answers.stored({**typed, "adopted": True})["components"] == typed["components"]


def test_a_refused_component_comes_with_a_name_that_fits():
    assert "'a-b'" in problem("components", "a/b", {})
    assert "'overview-of-it'" in problem("components", "01-overview-of-it", {})


def test_a_phase_names_known_components_only():
    known = {"components": "data-model, api"}

    assert (
        problem("phases", [{"name": "One", "components": ["api", "data-model.md"]}], known) is None
    )
    found = problem("phases", [{"name": "One", "components": ["gui"]}], known)
    assert "'gui'" in found
    assert "data-model" in found
    assert "'gui'" in problem("phases", [{"name": "One", "components": "gui"}], {"components": []})


# --- What an adopted proposal keeps -------------------------------------------------------------

KEPT_NAMES = ["00-overview", "storage_namespace", "RBAC-model", "v2.1 (old) notes", "a [b] `c`",
              "{{ x }}", "README", "diagrams", "e\u0301", "a" * 61]  # fmt: skip
LOST_NAMES = ["a/b", "a\\b", "..", ".hidden", "a:b", "what?", "a|b", "<a>", "a*", 'a"b', "CON",
              "nul.old", "a\nb", "a\0b", "a\u202eb", "\ud800", "x.md", "a\u2028b"]  # fmt: skip
TRUE = [True, "true", "yes", "1"]


@pytest.mark.parametrize("name", KEPT_NAMES)
def test_an_adopted_proposal_keeps_its_file_names(name):
    context = {"adopted": True}

    assert problem("slug", name, context) is None
    assert problem("components", [{"name": name}], context) is None
    named = [{"name": "One", "components": [name]}]
    assert problem("phases", named, {**context, "components": [name]}) is None


@pytest.mark.parametrize("name", LOST_NAMES)
def test_a_file_name_that_is_not_safe_is_refused_of_an_adopted_proposal_too(name):
    for question, value in [("slug", name), ("components", [{"name": name}])]:
        found = problem(question, value, {"adopted": True})
        assert found
        assert repr(name) in found
        assert found == " ".join(found.split())


@pytest.mark.parametrize("name", ["overview", "migration"])
def test_a_document_of_the_layout_is_no_component_of_an_adopted_proposal(name):
    assert "layout reserves" in problem("components", [name], {"adopted": True})


@pytest.mark.parametrize("adopted", TRUE)
def test_the_answer_adopted_counts_as_it_was_typed(adopted):
    assert problem("slug", "Kept", {"adopted": adopted}) is None


@pytest.mark.parametrize("adopted", [False, "false", "no", "0", "", None])
def test_new_names_have_the_guides_form(adopted):
    assert "'Kept'" in problem("slug", "Kept", {"adopted": adopted})
    assert "'a/b'" in problem("components", ["a/b"], {"adopted": adopted})


def test_a_good_name_stays_good_when_a_proposal_is_adopted():
    assert problem("slug", "con", {"adopted": True}) == problem("slug", "con", {}) is None


# --- Issues -------------------------------------------------------------------------------------


def test_a_bare_number_of_an_issue_gets_the_projects_prefix():
    assert answers.issue_keys("4313, BA-1, 7", "CORE") == ["CORE-4313", "BA-1", "CORE-7"]
    assert answers.issue_keys("", "BA") == []


def test_of_broken_components_only_the_components_are_refused():
    assert problem("phases", [{"name": "One"}], {"components": "[{"}) is None


# --- The layout that the guide recommends ("When to Segment") -----------------------------------


@pytest.mark.parametrize(
    ("given_answers", "layout"),
    [
        ({}, "single"),
        ({"estimated_lines": 499}, "single"),
        ({"estimated_lines": 500}, "segmented"),
        ({"estimated_lines": "499"}, "single"),
        ({"components": "a, b"}, "single"),
        ({"components": "a, b, c"}, "segmented"),
        ({"components": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}, "segmented"),
        ({"phases": ["a", "b"]}, "single"),
        ({"phases": ["a", "b", "c"]}, "segmented"),
        ({"subsystems": "manager"}, "single"),
        ({"subsystems": "manager, agent"}, "segmented"),
        ({"components": "[{"}, "single"),
        ({"estimated_lines": None, "components": None, "phases": "", "subsystems": []}, "single"),
    ],
)
def test_any_of_the_four_criteria_asks_for_segments(given_answers, layout):
    assert answers.recommended_layout(guide_file.own(), given_answers) == layout


@pytest.mark.parametrize("lines", [500, "500"])
def test_lines_count_as_a_number_however_they_were_given(lines):
    assert problem("estimated_lines", lines, {}) is None
    assert answers.recommended_layout(guide_file.own(), {"estimated_lines": lines}) == "segmented"


def test_all_criteria_that_hold_are_named():
    reasons = answers.segmentation_reasons(
        guide_file.own(),
        {
            "estimated_lines": 700,
            "components": "a, b, c",
            "phases": "x, y, z, w",
            "subsystems": "m, n",
        },
    )

    assert [reason.split(" (")[0] for reason in reasons] == [
        "700 estimated lines",
        "3 components",
        "4 phases",
        "2 subsystems",
    ]


# --- Whatever is answered -----------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "scope", "depends_on", "components"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=samples.examples(400))
@given(st.sampled_from(QUESTIONS), ANYTHING)
def test_every_value_gets_an_answer_of_one_line_and_no_exception(question, value):
    found = problem(question, value, {"first_number": 1000})

    assert found is None or (found and "\n" not in found)


@given(st.lists(st.text("abcdefgh -", min_size=1).map(str.strip).filter(bool), max_size=4))
def test_a_list_that_is_typed_with_commas_is_the_list(items):
    items = [item for item in items if not item.startswith("- ")]
    typed = ", ".join(items)

    assert answers.text_list(typed) == items
    assert answers.text_list(items) == items


@settings(max_examples=samples.examples(200))
@given(st.sampled_from(QUESTIONS), ANYTHING)
def test_what_is_stored_of_a_good_answer_is_good_too(question, value):
    """Copier judges stored answers again, and replaces one that fails by its default."""
    context = {"first_number": 1000}
    if problem(question, value, context) or value is None:
        return

    kept = answers.stored({question: value})[question]

    assert problem(question, kept, context) is None
    assert answers.stored({question: kept})[question] == kept
