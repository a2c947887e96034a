"""What `copier copy` renders, held against the guide, for every pair of answers.

The cases come from `copier.yml` itself; each is a real copy into a repository of its own. The
documents are read by a Markdown and a YAML parser that know nothing of `bep`.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from pytest_copier import CopierFixture

from tests import samples
from tests.conftest import ROOT
from tests.rendered import (
    EXAMPLES,
    QUESTIONS,
    TECH_SPEC,
    Document,
    Tree,
    empty_repository,
    files_below,
    links,
    ready_repository,
    render,
)

GOLDEN_EXAMPLES = {**EXAMPLES, "tech-spec": TECH_SPEC}
GOLDEN = Path(__file__).resolve().parents[1] / "golden"

# --- The guide ----------------------------------------------------------------------------------

METADATA = [
    "Author",
    "Status",
    "Created",
    "Created-Version",
    "Target-Version",
    "Implemented-Version",
]
MAIN_CONTEXT = ["type", "scope", "detail-docs", "key-constraints", "key-decisions", "phases"]
SUB_CONTEXT = ["type", "parent", "scope", "depends-on", "key-decisions"]
SECTIONS = {
    "single": [
        "Related Issues",
        "Motivation",
        "Current Design",
        "Proposed Design",
        "Migration / Compatibility",
        "Implementation Plan",
        "Decision Log",
        "Open Questions",
        "References",
    ],
    "segmented": [
        "Related Issues",
        "Motivation",
        "Document Index",
        "Implementation Plan",
        "Decision Log",
        "Open Questions",
        "References",
    ],
}
SUB_SECTIONS = [
    "Summary",
    "Current Design",
    "Proposed Design",
    "Interface / API",
    "Implementation Notes",
]
LENGTHS = {
    "Related Issues": "2-5 lines",
    "Motivation": "10-30 lines",
    "Current Design": "10-50 lines",
    "Migration / Compatibility": "10-30 lines",
    "Implementation Plan": "10-30 lines",
    "References": "2-10 lines",
}
KEBAB_CASE = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

# --- The matrix ---------------------------------------------------------------------------------

COMPONENTS = [
    "data-model",
    "config-schema",
    "event-registration",
    "api",
    "agent-client",
    "web-console",
    "health-checks",
    "storage-proxy",
]


def some_components(count: int) -> list[Any]:
    """Names and mappings in turn; a mapping depends on the component before it."""
    return [
        {
            "name": name,
            "scope": f"Scope of {name}: all | of it",
            "depends_on": COMPONENTS[at - 1 : at],
        }
        if at % 2
        else name
        for at, name in enumerate(COMPONENTS[:count])
    ]


def some_phases(count: int) -> list[Any]:
    return [f"Step *{at}*" if at % 2 else {"name": f"Step {at}"} for at in range(count)]


# Each question with answers that tell its cases apart; '' and [] are "not known".
ANSWERS: dict[str, list[Any]] = {
    "proposals": ["proposals", "docs/proposals"],
    "first_number": [1000, 1],
    "issue_prefix": ["BA", "CORE"],
    "number": [1046, 20001],
    "title": ["Unified Service Discovery", "통합 서비스 `discovery`: for all"],
    "slug": ["service-discovery", "통합-서비스"],
    "scope": ["Discovery for all components: one source", ""],
    "jira": [[], ["BA-4313", "BA-4314"]],
    "github": [[], ["#12", "lablup/x#3", "https://github.com/lablup/backend.ai/pull/4"]],
    "estimated_lines": ["", 300],
    "components": [some_components(count) for count in (0, 1, 3, 8)],
    "phases": [some_phases(count) for count in (0, 1, 3, 8)],
    "subsystems": [[], ["manager", "agent"]],
    "layout": sorted(SECTIONS),
    "key_constraints": [[], ["No change: of the REST API", "# of sessions stays, as it is"]],
    "author_name": ["Ada Lovelace", "Joongi Kim | 김준기", ""],
    "author_email": ["ada@example.com", ""],
    "co_authors": [[], ["Alan Turing (alan@example.com)", "Grace Hopper (grace@example.com)"]],
    "created": ["2026-01-15", ""],
    "created_version": ["26.8.0", ""],
    "status": ["Draft"],
    "skills": [[]],
} | {name: [False, True] for name, details in QUESTIONS.items() if details["type"] == "bool"}

# Of these, all triples meet; of all others, all pairs.
STRUCTURE = ["layout", "components", "overview_document", "migration_document", "diagrams"]


def covering(
    values: Mapping[str, Sequence[Any]], triples: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Few cases in which each two answers meet, and each three answers to `triples`."""
    together = [*combinations(values, 2), *combinations([n for n in values if n in triples], 3)]
    missing = {
        frozenset(zip(names, choice, strict=True)): None
        for names in sorted(together, key=len, reverse=True)
        for choice in product(*(range(len(values[name])) for name in names))
    }
    while missing:
        case = dict(next(iter(missing)))
        for name in sorted(values.keys() - case.keys()):
            gains = [
                sum(
                    1 for one in missing if (name, at) in one and one - {(name, at)} <= case.items()
                )
                for at in range(len(values[name]))
            ]
            case[name] = gains.index(max(gains))
        for one in [one for one in missing if one <= case.items()]:
            del missing[one]
        yield {name: values[name][case[name]] for name in values}


CASES = list(covering(ANSWERS, STRUCTURE))


def named(case: dict[str, Any]) -> str:
    booleans = "-".join(name.split("_")[0] for name, value in case.items() if value is True)
    counts = f"{len(case['components'])}c-{len(case['phases'])}p"
    return f"{CASES.index(case):02d}-{case['layout']}-{counts}-{booleans}"


# The suite renders some of them, and runs all tests of each.
RENDERED = CASES[:: samples.count("BEP_RENDERED_EVERY", 3, 1)]


def of_layout(layout: str) -> pytest.MarkDecorator:
    cases = [case for case in RENDERED if case["layout"] == layout]
    return pytest.mark.parametrize("case", cases, ids=named)


each_case = pytest.mark.parametrize("case", RENDERED, ids=named)


@pytest.fixture(scope="session")
def copier_template_root(checkout: Path) -> Path:
    return checkout


@dataclass(frozen=True)
class Copied:
    """What `copier copy` made in a repository of its own."""

    repository: Path
    tree: Tree
    registry: Document


@pytest.fixture(scope="session")
def copied(
    copier_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    sessionpatch: pytest.MonkeyPatch,
) -> Callable[[dict[str, Any]], Copied]:
    """Copies the template for a case, once."""
    copier = CopierFixture(template=copier_template, defaults={}, monkeypatch=sessionpatch)

    @cache
    def copy(at: int) -> Copied:
        case = CASES[at]
        folder = tmp_path_factory.mktemp("copied") / "repository"
        proposals = case["proposals"]
        ready_repository(folder, proposals=proposals, first_number=case["first_number"])
        before = files_below(folder)
        copier.copy(folder, **case)
        page = Document((folder / proposals / "README.md").read_text("utf-8"))
        return Copied(folder, Tree.read(folder, without=before), page)

    return lambda case: copy(CASES.index(case))


@pytest.fixture
def rendering(case: dict[str, Any], copied: Callable[[dict[str, Any]], Copied]) -> Tree:
    return copied(case).tree


def names_of(components: list[Any]) -> list[str]:
    return [item if isinstance(item, str) else item["name"] for item in components]


def expected_sub_documents(case: Mapping[str, Any]) -> list[str]:
    if case["layout"] == "single":
        return []
    files = [f"{name}.md" for name in names_of(case["components"])]
    return (
        ["overview.md"] * case["overview_document"]
        + files
        + ["migration.md"] * case["migration_document"]
    )


# --- The matrix and its files -------------------------------------------------------------------


def test_the_matrix_answers_every_question_of_the_questionnaire():
    assert set(ANSWERS) == set(QUESTIONS)


def test_the_matrix_knows_every_layout_that_has_a_template_tree():
    trees = {path.name.removeprefix("template_") for path in ROOT.glob("template_*")}
    assert trees == {*SECTIONS, "registry"}


def test_in_the_matrix_every_two_answers_meet():
    for one, other in combinations(ANSWERS, 2):
        met = [(case[one], case[other]) for case in CASES]
        assert all(pair in met for pair in product(ANSWERS[one], ANSWERS[other])), (one, other)


@pytest.mark.sample(3)
@each_case
def test_exactly_the_answered_files_are_made(case: dict[str, Any], rendering: Tree):
    folder, number = case["proposals"], f"BEP-{case['number']}"
    expected = {
        f"{folder}/.copier/.copier-answers.{number}.yml",
        f"{folder}/{number}-{case['slug']}.md",
        *(f"{folder}/{number}/{name}" for name in expected_sub_documents(case)),
    }
    if case["layout"] == "segmented" and case["diagrams"]:
        expected.add(f"{folder}/{number}/diagrams/.gitkeep")
    assert set(rendering.files) == expected


@pytest.mark.sample(3)
@each_case
def test_files_are_clean_text(rendering: Tree):
    for path, data in rendering.files.items():
        text = data.decode("utf-8")
        assert "\r" not in text, path
        if not path.endswith("/.gitkeep"):
            assert re.search(r"[^\n]\n\Z", text), f"{path} does not end with one line ending"
        assert not re.findall(r"[ \t]+$", text, re.MULTILINE), f"{path} has trailing blanks"
        assert not re.findall(r"\{\{|\{%|\{#", text), f"{path} has Jinja in it"
        assert "\n\n\n" not in text, f"{path} has two empty lines in a row"


@each_case
def test_document_names_are_kebab_case_without_number_prefix(rendering: Tree):
    for path in rendering.documents:
        name = re.sub(r"^BEP-\d+-", "", PurePosixPath(path).stem)
        assert KEBAB_CASE.fullmatch(name), path
        assert name == name.lower(), path
        assert not re.match(r"\d", name), path


@each_case
def test_every_relative_link_leads_to_a_rendered_file(case: dict[str, Any], rendering: Tree):
    for path, document in rendering.documents.items():
        for target in document.links:
            if target.startswith("https://"):
                continue
            resolved = os.path.normpath(PurePosixPath(path).parent / unquoted(target))
            assert resolved in rendering.files, f"{path} links to {target}"


def unquoted(target: str) -> str:
    """A link's target as a path; the parser percent-encodes what is not ASCII."""
    return unquote(target.partition("#")[0])


# --- Front matter and context block -------------------------------------------------------------


@each_case
def test_front_matter_has_the_six_keys_in_order(case: dict[str, Any], rendering: Tree):
    metadata = rendering.main.metadata
    assert list(metadata) == METADATA
    assert metadata["Status"] == "Draft"
    assert str(metadata["Created"] or "") == case["created"]
    assert (metadata["Created-Version"] or "") == case["created_version"]
    assert metadata["Target-Version"] is None
    assert metadata["Implemented-Version"] is None


@each_case
def test_front_matter_names_all_authors(case: dict[str, Any], rendering: Tree):
    author = rendering.main.metadata["Author"]
    name, address = case["author_name"], case["author_email"]
    if name:
        first = f"{name} ({address})" if address else name
        assert author == ", ".join([first, *case["co_authors"]])
    else:
        assert author == "Your Full Name (email@example.com)"


@each_case
def test_context_block_is_the_first_thing_after_the_front_matter(rendering: Tree):
    assert rendering.main.body.startswith("\n<!-- context-for-ai\n")
    for document in rendering.sub_documents.values():
        assert document.text.startswith("<!-- context-for-ai\n")


@each_case
def test_context_block_of_the_main_document(case: dict[str, Any], rendering: Tree):
    context = rendering.main.context
    assert list(context) == MAIN_CONTEXT
    assert context == {
        "type": "master-bep",
        "scope": case["scope"] or "One-line summary of the proposal",
        "detail-docs": expected_sub_documents(case),
        "key-constraints": case["key_constraints"],
        "key-decisions": [],
        "phases": len(case["phases"]),
    }


@each_case
def test_context_block_and_document_say_the_same(rendering: Tree):
    context = rendering.main.context
    assert sorted(context["detail-docs"]) == sorted(rendering.sub_documents)
    assert context["phases"] == len(rendering.main.items("Implementation Plan"))


@of_layout("segmented")
def test_context_blocks_of_sub_documents(case: dict[str, Any], rendering: Tree):
    known = {item["name"]: item for item in case["components"] if isinstance(item, dict)}
    for file, document in rendering.sub_documents.items():
        name = file.removesuffix(".md")
        needs = known.get(name, {}).get("depends_on", [])
        context = document.context
        assert list(context) == SUB_CONTEXT
        assert context["type"] == "detail-doc"
        assert context["parent"] == f"BEP-{case['number']} ({case['title']})"
        assert context["depends-on"] == [f"{other}.md" for other in needs]
        assert context["key-decisions"] == []
        assert isinstance(context["scope"], str)
        if name in known:
            assert context["scope"] == known[name]["scope"]


# --- Headings, sections, guidance ---------------------------------------------------------------


@each_case
def test_exactly_one_title_and_it_is_the_first_heading(case: dict[str, Any], rendering: Tree):
    assert rendering.main.headings[0] == (1, case["title"].replace("`", ""))
    for document in rendering.documents.values():
        assert [level for level, _ in document.headings].count(1) == 1
        assert document.headings[0][0] == 1


@each_case
def test_sections_are_those_of_the_guide_in_its_order(case: dict[str, Any], rendering: Tree):
    assert list(rendering.main.sections) == SECTIONS[case["layout"]]
    for document in rendering.sub_documents.values():
        assert list(document.sections) == SUB_SECTIONS


@each_case
def test_only_a_single_file_has_subsections_one_for_each_component(
    case: dict[str, Any], rendering: Tree
):
    found = [text for level, text in rendering.main.headings if level > 2]
    single = case["layout"] == "single"
    expected = [name.replace("-", " ") for name in names_of(case["components"])] if single else []
    assert [heading.lower() for heading in found] == expected
    assert not any(
        level > 2 for sub in rendering.sub_documents.values() for level, _ in sub.headings
    )


@each_case
def test_every_section_begins_with_its_guidance_as_one_comment(rendering: Tree):
    for path, document in rendering.documents.items():
        for heading, tokens in document.sections.items():
            assert len(document.guidance(heading)) > 20, (path, heading)
            assert [token.type for token in tokens].count("html_block") == 1, (path, heading)


@each_case
def test_guidance_of_the_main_document_carries_the_guides_lengths(rendering: Tree):
    for heading in rendering.main.sections:
        if length := LENGTHS.get(heading):
            assert f"Length: {length}." in rendering.main.guidance(heading)


@of_layout("segmented")
def test_a_segmented_main_document_leaves_room_for_its_author(rendering: Tree):
    # The guide's limit is 200 lines.
    assert len(rendering.main.text.splitlines()) < 100


@of_layout("segmented")
def test_document_index_lists_every_sub_document_once(case: dict[str, Any], rendering: Tree):
    header, *rows = rendering.main.table("Document Index")
    number = f"BEP-{case['number']}"
    assert header == ["Document", "Description"]
    assert [name for name, _ in rows] == [f[:-3] for f in expected_sub_documents(case)]
    assert all(description for _, description in rows)
    targets = rendering.main.table_links("Document Index")
    assert targets == [[f"./{number}/{name}.md"] for name, _ in rows]


@of_layout("segmented")
def test_a_sub_document_leads_back_and_to_what_it_depends_on(case: dict[str, Any], rendering: Tree):
    main = f"BEP-{case['number']}-{case['slug']}.md"
    for document in rendering.sub_documents.values():
        assert document.title.startswith(f"BEP-{case['number']}: ")
        targets = [unquoted(target) for target in document.links]
        assert targets[0] == f"../{main}"
        needs = document.context["depends-on"]
        notes = document.sections["Implementation Notes"]
        assert [link for token in notes for link in links(token)] == [f"./{n}" for n in needs]


@each_case
def test_related_issues_lists_the_answered_issues(case: dict[str, Any], rendering: Tree):
    jira, *github = rendering.main.items("Related Issues")
    assert jira == f"JIRA: {', '.join(case['jira']) or case['issue_prefix'] + '-XXXX'}"
    assert github == (["GitHub: #12, lablup/x#3, lablup/backend.ai#4"] if case["github"] else [])


@each_case
def test_implementation_plan_numbers_the_phases(case: dict[str, Any], rendering: Tree):
    names = [item if isinstance(item, str) else item["name"] for item in case["phases"]]
    items = rendering.main.items("Implementation Plan")
    assert items == [f"Phase {at}: {name}" for at, name in enumerate(names, 1)]


@each_case
def test_decision_log_is_an_empty_table(rendering: Tree):
    assert rendering.main.table("Decision Log") == [["Date", "Decision", "Rationale"]]


# --- Registry, answers, replay ------------------------------------------------------------------


@each_case
def test_copying_registers_the_proposal(
    case: dict[str, Any], copied: Callable[[dict[str, Any]], Copied]
):
    registry = copied(case).registry
    shown = [str(case["number"]), case["title"].replace("`", ""), case["author_name"], "Draft"]
    assert registry.table()[1:] == [shown]
    targets = [[unquoted(target) for target in row] for row in registry.table_links()]
    assert targets == [[f"BEP-{case['number']}-{case['slug']}.md"]]


@each_case
def test_every_answer_is_stored(case: dict[str, Any], rendering: Tree):
    assert rendering.stored == case


@pytest.mark.sample(3)
@each_case
def test_stored_answers_give_the_same_bytes_again(
    rendering: Tree, copier_template: Path, tmp_path: Path
):
    # What an update does first; in a folder of its own, without the repository.
    again = render(copier_template, tmp_path / "replayed", rendering.stored)
    assert again.files == rendering.files


def test_a_component_of_a_phase_is_linked_where_it_has_a_document(checkout: Path, tmp_path: Path):
    repository = ready_repository(tmp_path / "repository")
    answers = {
        "title": "Phases",
        "components": "data-model, api",
        "phases": [{"name": "First", "components": ["data-model", "api"]}, "Last"],
    }
    segmented, single = (
        render(checkout, tmp_path / layout, {**answers, "layout": layout}, repository)
        for layout in ("segmented", "single")
    )
    plan = ["Phase 1: First (data-model, api)", "Phase 2: Last"]
    assert segmented.main.items("Implementation Plan") == plan
    assert single.main.items("Implementation Plan") == plan
    targets = [link for t in segmented.main.sections["Implementation Plan"] for link in links(t)]
    assert targets == ["./BEP-1000/data-model.md", "./BEP-1000/api.md"]
    assert single.main.links == []


# --- The recommended layout ---------------------------------------------------------------------

BELOW = {
    "estimated_lines": 499,
    "components": "data-model, api",
    "phases": "First, Second",
    "subsystems": "manager",
}
REACHED = {
    "estimated_lines": 500,
    "components": "data-model, api, agent-client",
    "phases": "First, Second, Third",
    "subsystems": "manager, agent",
}


def recommended(checkout: Path, folder: Path, answers: dict[str, Any]) -> str:
    repository = ready_repository(folder / "repository")
    tree = render(checkout, folder / "tree", {"title": "Any", **answers}, repository)
    layout: str = tree.stored["layout"]
    assert list(tree.main.sections) == SECTIONS[layout]
    return layout


@pytest.mark.parametrize("criterion", REACHED)
def test_each_criterion_of_the_guide_alone_recommends_segments(
    criterion: str, checkout: Path, tmp_path: Path
):
    answers = {**BELOW, criterion: REACHED[criterion]}
    assert recommended(checkout, tmp_path, answers) == "segmented"


@pytest.mark.parametrize("answers", [{}, BELOW], ids=["nothing known", "all below the limits"])
def test_no_criterion_recommends_one_file(answers: dict[str, Any], checkout: Path, tmp_path: Path):
    assert recommended(checkout, tmp_path, answers) == "single"


@pytest.mark.parametrize(
    ("wanted", "answers"), [("single", REACHED), ("segmented", BELOW)], ids=["single", "segmented"]
)
def test_the_recommendation_is_only_a_default(
    wanted: str, answers: dict[str, Any], checkout: Path, tmp_path: Path
):
    assert recommended(checkout, tmp_path, {**answers, "layout": wanted}) == wanted


# --- Process page and blank document ------------------------------------------------------------


@pytest.fixture(scope="module")
def made_ready(
    copier_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    sessionpatch: pytest.MonkeyPatch,
) -> Path:
    """An empty repository after `copier copy -d layout=registry`."""
    folder = empty_repository(tmp_path_factory.mktemp("registry") / "repository")
    copier = CopierFixture(template=copier_template, defaults={}, monkeypatch=sessionpatch)
    copier.copy(folder, layout="registry")
    return folder


def test_the_blank_document_is_the_guides_single_file(made_ready: Path):
    tree = Tree.read(made_ready)
    blank = tree.document("proposals/BEP-0000-template.md")
    assert list(blank.metadata) == METADATA
    assert blank.metadata["Author"] == "Your Full Name (email@example.com)"
    assert blank.metadata["Created"] == "YYYY-MM-DD"
    assert blank.metadata["Created-Version"] == "YY.Sprint.Patch"
    assert list(blank.context) == MAIN_CONTEXT
    assert blank.headings == [(1, "Title"), *((2, heading) for heading in SECTIONS["single"])]
    for heading, length in LENGTHS.items():
        assert f"Length: {length}." in blank.guidance(heading)


def test_the_process_page_has_an_empty_registry_and_working_links(made_ready: Path):
    page = Document((made_ready / "proposals/README.md").read_text("utf-8"))
    assert page.table("BEP Number Registry") == [["Number", "Title", "Author", "Status"]]
    anchors = {f"#{heading.lower().replace(' ', '-')}" for _, heading in page.headings}
    for target in page.links:
        assert target in anchors or (made_ready / "proposals" / target).is_file(), target


def test_a_proposal_can_be_copied_right_after_the_registry(
    made_ready: Path, tmp_path: Path, copier: CopierFixture
):
    folder = tmp_path / "repository"
    shutil.copytree(made_ready, folder)
    copier.copy(folder, title="First of All")
    page = Document((folder / "proposals/README.md").read_text("utf-8"))
    (row,) = page.table("BEP Number Registry")[1:]
    assert row[:2] == ["1000", "First of All"]
    assert (folder / "proposals/BEP-1000-first-of-all.md").is_file()


@pytest.mark.parametrize("wanted", [True, False])
def test_tasks_of_invoke_are_made_as_answered(wanted: bool, checkout: Path, tmp_path: Path):
    repository = empty_repository(tmp_path / "repository")
    answers = {"layout": "registry", "invoke_tasks": wanted}
    tree = render(checkout, tmp_path / "tree", answers, repository)
    assert ("tasks.py" in tree.files) is wanted
    if wanted:
        assert b"from bep.tasks import" in tree.files["tasks.py"]


# --- Golden examples ----------------------------------------------------------------------------


@pytest.mark.parametrize("example", GOLDEN_EXAMPLES)
def test_rendering_equals_the_golden_example(example: str, tmp_path: Path, copier: CopierFixture):
    folder = tmp_path / "repository"
    if example == "registry":
        empty_repository(folder)
    else:
        ready_repository(folder)
    before = files_below(folder)
    copier.copy(folder, **GOLDEN_EXAMPLES[example])
    made = {
        path: normalised(data, copier.template)
        for path, data in Tree.read(folder, without=before).files.items()
    }
    golden = GOLDEN / example
    if os.environ.get("UPDATE_GOLDEN"):
        refresh(golden, made)
    kept = files_below(golden) if golden.is_dir() else {}
    assert made == kept, "\n".join(differences(kept, made))


def normalised(data: bytes, template: Path) -> bytes:
    """`data` without the revision and the place of this run's template."""
    data = data.replace(str(template).encode(), b"TEMPLATE")
    return re.sub(rb"^(_commit|version): .*$", rb"\1: REVISION", data, flags=re.MULTILINE)


def refresh(golden: Path, made: Mapping[str, bytes]) -> None:
    shutil.rmtree(golden, ignore_errors=True)
    for path, data in made.items():
        (golden / path).parent.mkdir(parents=True, exist_ok=True)
        (golden / path).write_bytes(data)


def differences(kept: Mapping[str, bytes], made: Mapping[str, bytes]) -> Iterator[str]:
    yield "The rendering differs from the golden example. Where that is meant, refresh it with"
    yield "    UPDATE_GOLDEN=1 python -m pytest tests/start/test_rendering.py -k golden"
    yield "and read what `git diff tests/golden` says."
    for path in sorted({*kept, *made}):
        old, new = (files.get(path, b"").decode("utf-8").splitlines() for files in (kept, made))
        yield from difflib.unified_diff(old, new, f"golden/{path}", f"rendered/{path}", lineterm="")


def test_a_golden_example_that_differs_tells_how_to_refresh_it():
    told = "\n".join(differences({"a.md": b"old\n"}, {"a.md": b"new\n", "b.md": b"x\n"}))
    assert "UPDATE_GOLDEN=1" in told
    assert "-old\n+new" in told
    assert "rendered/b.md" in told


@pytest.mark.parametrize("example", ["single", "segmented"])
def test_golden_answers_files_are_stored_answers(example: str):
    tree = Tree.read(GOLDEN / example)
    stored = yaml.safe_load(tree.files[tree.answers_path])
    assert stored["_commit"] == "REVISION"
    assert {name: stored[name] for name in GOLDEN_EXAMPLES[example]} == GOLDEN_EXAMPLES[example]
