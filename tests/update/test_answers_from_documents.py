"""What documents written by hand say, as answers of the questionnaire."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings, strategies as st

from bep import guide_file, names
from bep.errors import BepError
from bep.proposal import registry_table
from bep.questionnaire import answers
from bep.questionnaire.validation import QUESTIONS, problem
from bep.update.answers_from_documents import Read, answers_of
from tests import samples
from tests.conftest import CORPUS, ROOT
from tests.rendered import EXAMPLES, render

NAME = "BEP-1046-service-discovery.md"
OF_THE_REPOSITORY = {"proposals", "first_number", "issue_prefix", "skills"}
PAGE = """\
| Number | Title | Author | Status |
|---|---|---|---|
| [1046](BEP-1046-service-discovery.md) | Discovery \\| Registry | Grace Hopper | Accepted |
"""
ROW = registry_table.read(PAGE, "README.md").row(1046)


def read(
    main: str,
    name: str = NAME,
    subs: dict[str, str] | None = None,
    row: registry_table.Row | None = None,
) -> Read:
    return answers_of(main, name, subs or {}, row, guide_file.own(), diagrams=False)


def told(main: str, **more: Any) -> dict[str, Any]:
    return read(main, **more).answers


def metadata(**entries: str) -> dict[str, Any]:
    lines = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in entries.items())
    return told(f"---\n{lines}---\n\n# T\n")


def section(heading: str, body: str, **more: Any) -> dict[str, Any]:
    return told(f"# T\n\n## {heading}\n\n{body}\n\n## Elsewhere\n\nBA-99 #99\n", **more)


def context(body: str) -> str:
    return f"<!-- context-for-ai\n{body}\n-->\n"


# --- Number, title, slug ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number", "slug"),
    [
        (NAME, 1046, "service-discovery"),
        ("BEP-1013-GraphQL-schema_v2.md", 1013, "GraphQL-schema_v2"),
        ("BEP-0046-short title (old).md", 46, "short title (old)"),
        ("BEP-20001-7.md", 20001, "7"),
    ],
)
def test_number_and_slug_are_what_stands_in_the_file_name(name, number, slug):
    found = told("", name=name)

    assert (found["number"], found["slug"]) == (number, slug)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "BEP-46-short.md",
        "BEP-1046.md",
        "BEP-1046-.hidden.md",
        "BEP-1046-a:b.md",
        "BEP-1046-a\x1bb.md",
        "BEP-1046-a\udcffb.md",
        "BEP-0000-template.md",
        "BEP-123456-x.md",
    ],
)
def test_a_file_name_that_cannot_be_kept_is_refused_in_one_line(name):
    with pytest.raises(BepError) as refusal:
        read("# T\n", name=name)

    assert refusal.value.code == 1
    assert refusal.value.path == name
    assert "rename" in refusal.value.remedy
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# Service Discovery", "Service Discovery"),
        ("# BEP-1046: Service Discovery", "Service Discovery"),
        ("# [BEP-1046] — Service Discovery", "Service Discovery"),
        ("# BEP-1047: the next one", "BEP-1047: the next one"),
        ("# BEP-10460 and more", "BEP-10460 and more"),
        (r"# Use `a_b` for \<b> and **c**", "Use `a_b` for <b> and c"),
        ("Service\nDiscovery\n===", "Service Discovery"),
        ("```\n# No title\n```\n# Title of it\n\n# Another", "Title of it"),
    ],
)
def test_the_title_is_the_first_heading_without_the_number(heading, title):
    assert told(f"{heading}\n", row=ROW)["title"] == title


@pytest.mark.parametrize("main", ["", "## Only a section\n", "# Title\n", "# BEP-1046\n", "#\n"])
def test_where_the_heading_says_nothing_the_registry_does_and_then_the_file_name(main):
    assert told(main, row=ROW)["title"] == "Discovery | Registry"
    assert told(main)["title"] == "Service Discovery"


# --- Metadata -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "name", "address", "co_authors"),
    [
        ("Ada Lovelace (ada@example.com)", "Ada Lovelace", "ada@example.com", []),
        ("Ada Lovelace <ada@example.com>", "Ada Lovelace", "ada@example.com", []),
        ("Ada Lovelace", "Ada Lovelace", "", []),
        ("ada@example.com", "", "ada@example.com", []),
        ('"Ada (a@b.c), Grace <g@h.i>"', "Ada", "a@b.c", ["Grace (g@h.i)"]),
        ("Joongi Kim | 김준기 (j@k.l)", "Joongi Kim | 김준기", "j@k.l", []),
        ("Ada (at work)", "Ada", "", []),
        ("Your Full Name (email@example.com)", "", "", []),
        ("", "", "", []),
    ],
)
def test_authors(field, name, address, co_authors):
    found = metadata(Author=field)

    assert found["author_name"] == name
    assert found["author_email"] == address
    assert found["co_authors"] == co_authors


def test_a_co_author_without_address_is_not_known():
    found = read("---\nAuthor: Ada (a@b.c), Grace, Alan (a@t.z)\n---\n")

    assert found.answers["co_authors"] == ["Alan (a@t.z)"]
    assert "co_authors" in found.unread


def test_author_and_status_that_the_document_lacks_are_the_registrys():
    for main in ("# T\n", "---\nAuthor: Your Full Name (email@example.com)\nStatus: new\n---\n"):
        found = told(main, row=ROW)
        assert (found["author_name"], found["status"]) == ("Grace Hopper", "Accepted")

    found = told("---\nAuthor: Ada\nStatus: draft\n---\n", row=ROW)
    assert (found["author_name"], found["status"]) == ("Ada", "Draft")


@pytest.mark.parametrize(
    ("key", "written", "answer"),
    [
        ("Status", "Draft", "Draft"),
        ("Status", "IMPLEMENTED # since June", "Implemented"),
        ("Status", "Draft | Accepted", ""),
        ("Created", "2026-02-07", "2026-02-07"),
        ("Created", "'2026-02-07'", "2026-02-07"),
        ("Created", "2026-02-30", ""),
        ("Created", "7 Feb 2026", ""),
        ("Created", "YYYY-MM-DD", ""),
        ("Created_Version", "26.3.0", "26.3.0"),
        ("Created_Version", '"26.3.0"', "26.3.0"),
        ("Created_Version", "v26.3.0rc1", "26.3.0"),
        ("Created_Version", "26.3", ""),
        ("Created_Version", "YY.Sprint.Patch", ""),
    ],
)
def test_status_and_dates(key, written, answer):
    assert metadata(**{key: written})[key.lower()] == answer


# --- Related Issues -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "jira", "github"),
    [
        ("- JIRA: BA-1, BA-22 (epic), BA-1", ["BA-1", "BA-22"], []),
        ("- [BA-1](https://x.example/browse/BA-1) \n  - **OTHER_2-3**", ["BA-1", "OTHER_2-3"], []),
        ("- BA-1을 따른다\n- [BEP-1022: Fields](BEP-1022-fields.md), UTF-8, BA-0", ["BA-1"], []),
        ("- JIRA: BA-XXXX\n- GitHub: #XXXX", [], []),
        ("- GitHub: #12, lablup/x#3 (PR #4), #12", [], ["#12", "lablup/x#3", "#4"]),
        (
            "- [lablup/x#3](https://github.com/lablup/x/pull/3), https://github.com/lablup/x/issues/5",
            [],
            ["https://github.com/lablup/x/pull/3", "https://github.com/lablup/x/issues/5"],
        ),
        ("- [section](#12), [file](a.md#3), a/b/c#4, x#5, `#a1`", [], []),
        ("<!-- BA-1 -->\n- JIRA: <!-- BA-2 #2 -->\n\n```\nBA-3 #3\n```", [], []),
        ("### JIRA\n\nBA-1\n\n### GitHub\n\n#2", ["BA-1"], ["#2"]),
    ],
)  # fmt: skip
def test_issues(body, jira, github):
    found = section("Related Issues", body)

    assert found["jira"] == jira
    assert found["github"] == github


def test_issues_elsewhere_are_not_the_proposals():
    found = section("Motivation", "BA-1 #1")

    assert (found["jira"], found["github"]) == ([], [])


# --- The context block --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "scope"),
    [
        ("scope: One line", "One line"),
        ("scope: >-\n  two\n  lines", "two lines"),
        ("scope: Discovery: one source\nkey-constraints: [", "Discovery: one source"),
        ("scope: ['a', b]", "a, b"),
        ("scope: One-line summary of the proposal", ""),
        ("scope:", ""),
        ("type: master-bep", ""),
    ],
)
def test_the_scope(body, scope):
    assert told(f"{context(body)}\n# T\n")["scope"] == scope


@pytest.mark.parametrize(
    ("body", "constraints"),
    [
        ("key-constraints: [no downtime, 'a, b']", ["no downtime", "a, b"]),
        ("key-constraints:\n  - short\n  - Clients: no change", ["short", "Clients: no change"]),
        ("key-constraints:\n  - a: b: c\n  # why\n  - [d", ["a: b: c", "[d"]),
        ("key-constraints: no downtime", ["no downtime"]),
        ("key-constraints: []", []),
    ],
)  # fmt: skip
def test_key_constraints(body, constraints):
    assert told(f"---\nStatus: Draft\n---\n{context(body)}")["key_constraints"] == constraints


# --- Layout and components ----------------------------------------------------------------------


def test_without_sub_documents_the_layout_is_one_file():
    found = told("# T\n")

    assert found["layout"] == "single"
    assert found["components"] == []
    assert found["adopted"] is True
    assert (
        answers_of("", NAME, {}, None, guide_file.own(), diagrams=True).answers["diagrams"] is True
    )


def test_each_sub_document_is_a_component_under_its_own_name():
    subs = {"storage_namespace.md": "", "00-overview.md": "", "migration.md": "", "overview.md": ""}

    found = told("# T\n", subs=subs)

    assert found["layout"] == "segmented"
    assert found["components"] == [{"name": "00-overview"}, {"name": "storage_namespace"}]
    assert (found["overview_document"], found["migration_document"]) == (True, True)


INDEX = """\
| Phase | Document | Contents |
|---|---|---|
| 1 | [Reads](./BEP-1046/b.md) | Reads of **all** |
| 1 | `a.md` | Schema |
| 2 | [elsewhere](./BEP-1047/c.md) | Not here |
| 2 | d |
"""


def test_scope_is_what_the_context_block_says_else_the_document_index():
    subs = {
        "a.md": context("scope: Tables: all"),
        "b.md": "# B\n\nOf reads.\n",
        "c.md": "",
        "d.md": "",
    }

    found = section("Document Index", INDEX, subs=subs)

    assert found["components"] == [
        {"name": "b", "scope": "Reads of all"},
        {"name": "a", "scope": "Tables: all"},
        {"name": "d"},
        {"name": "c"},
    ]


def test_components_are_told_from_other_documents_by_the_guide_of_the_repository():
    text = (ROOT / guide_file.FILE).read_text()
    guide = guide_file.read(text.replace("file: overview.md", "file: summary.md"))
    found = answers_of(
        "# T\n", NAME, {"overview.md": "", "summary.md": ""}, None, guide, diagrams=False
    )

    assert found.answers["components"] == [{"name": "overview"}]
    assert found.answers["overview_document"] is True
    assert "components" not in found.unread


def test_dependencies_lead_to_components_and_close_no_circle():
    subs = {
        "a.md": context(
            "depends-on: [b.md, ./b.md, a.md, gone.md, migration.md, ../BEP-1003/c.md]"
        ),
        "b.md": context("depends-on:\n  - '[c](BEP-1046/c.md)'"),
        "c.md": context("depends-on: a.md"),
        "migration.md": context("depends-on: [a.md]"),
    }

    found = told("# T\n", subs=subs)

    assert found["components"] == [
        {"name": "a", "depends_on": ["b"]},
        {"name": "b", "depends_on": ["c"]},
        {"name": "c"},
    ]


@pytest.mark.parametrize(
    "name", [".md", "con.md", " a.md", "a:b.md", "a\x1b.md", "a.md.md", "\ud800.md"]
)
def test_a_sub_document_that_can_be_no_component_is_named_as_unread(name):
    found = read("# T\n", subs={"a.md": "", name: ""})

    assert found.answers["components"] == [{"name": "a"}]
    assert "components" in found.unread


# --- Phases -------------------------------------------------------------------------------------


def test_phases_name_the_components_that_are_named_in_their_text():
    body = (
        "### Phase 1: One\n\n[a](BEP-1046/a.md#x), [m](BEP-1046/migration.md) [](BEP-1046/a.md)\n\n"
        "### Phase 2: Reads\n\n| Detail |\n|---|\n| b, `a.md` |\n\n### Phase 3: End\n"
    )
    subs = {"a.md": "", "b.md": "", "migration.md": ""}

    assert section("Implementation Plan", body, subs=subs)["phases"] == [
        {"name": "One", "components": ["a"]},
        {"name": "Reads", "components": ["a", "b"]},
        "End",
    ]


def test_phases_have_names_of_their_own():
    labels = ["1: Tests", "2", "3: Tests", "4: Tests (2)", "5: Tests"]
    body = "".join(f"### Phase {label}\n\n" for label in labels)

    assert section("6. Roadmap", body)["phases"] == [
        "Tests",
        "Phase 2",
        "Tests (2)",
        "Tests (2) (2)",
        "Tests (3)",
    ]


# --- What could not be read ---------------------------------------------------------------------


def test_what_is_not_known_is_stored_as_such_and_said_once():
    found = read("")

    assert found.unread == (
        "author_name", "author_email", "status", "created", "created_version", "jira", "scope",
        "phases",
    )  # fmt: skip
    assert all(found.answers[name] in ("", []) for name in found.unread)


def test_the_tech_spec_form_has_no_plan_that_a_reader_would_miss():
    assert "phases" not in read("# T\n\n## 1. Goal\n\n## 4. Decision Summary\n").unread
    assert "phases" in read("# T\n\n## Goal\n").unread


# --- Whatever the documents hold ----------------------------------------------------------------

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=12)
PIECES = [
    "---",
    "Author: A (a@b.c), B <b@c.d>, C",
    "Author:",
    "Status: draft",
    "Created: 2026-01-02",
    "Created-Version: 26.1.0.1",
    "\ufeff---",
    "<!-- context-for-ai",
    "-->",
    "scope: a: [b",
    "scope: &x [*x]",
    "key-constraints:",
    "  - a: b",
    "depends-on: [a.md, b.md, overview.md]",
    "detail-docs: b.md",
    "# BEP-1046: T",
    "# Title",
    "===",
    "## Related Issues",
    "- BA-1, #2, o/r#3",
    "## Implementation Plan",
    "## Plan",
    "### Phase 1: A",
    "### Phase 2",
    "1. **Phase 1: A** x",
    "2. B: c",
    "- [ ] C",
    "**Phase 3** - D",
    "Phase 4: E",
    "| Phase | x |",
    "|---|---|",
    "| 1 | [a](BEP-1046/a.md) |",
    "## Document Index",
    "| [b](./BEP-1046/b.md) | B \\| b |",
    "```",
    "> q",
    "    code",
    "\t1. tab",
    "",
    "",
]
LINES = st.tuples(
    st.lists(st.one_of(st.sampled_from(PIECES), ANYTHING), max_size=14),
    st.sampled_from(["\n", "\r\n", "\r"]),
).map(lambda parts: parts[1].join(parts[0]))
DOCUMENTS = st.one_of(LINES, LINES.map(context), LINES.map("## Plan\n\n{}".format))
FILES = st.sampled_from(
    ["a.md", "b.md", "c d.md", "overview.md", "migration.md", "{{ x }}.md", "Con.md"]
)
ROWS = st.none() | st.tuples(ANYTHING, ANYTHING, ANYTHING).map(
    lambda texts: registry_table.Row(1046, "", *texts, start=0, end=1, line=1, cells=())
)


@settings(max_examples=samples.examples(400))
@given(
    DOCUMENTS,
    st.sampled_from([NAME, "BEP-1046-A_b c.md", "BEP-0001-a..md", "BEP-99999-___.md"]),
    st.dictionaries(FILES, DOCUMENTS, max_size=4),
    ROWS,
)
def test_every_answer_has_its_form_whatever_the_documents_hold(main, name, subs, row):
    found = read(main, name, subs, row)

    assert set(found.answers) == set(QUESTIONS) - OF_THE_REPOSITORY
    for question, value in found.answers.items():
        assert problem(question, value, found.answers) is None, question
    assert answers.stored(found.answers) == found.answers
    assert len(set(found.unread)) == len(found.unread)
    assert {f"{one['name']}.md" for one in found.answers["components"]} <= subs.keys()
    assert names.main_document(found.answers["number"], found.answers["slug"]) == name


# --- Documents of the template ------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["single", "segmented"])
def test_the_answers_of_a_rendered_proposal_are_read_back(layout, checkout, tmp_path):
    given = copy.deepcopy(EXAMPLES[layout])
    if layout == "single":
        given |= {"components": [], "phases": ["Schema and defaults", "Checker"]}
    tree = render(checkout, tmp_path / "rendered", given)
    subs = {file: document.text for file, document in tree.sub_documents.items()}

    main_name = Path(tree.main_path).name
    found = answers_of(
        tree.main.text,
        main_name,
        subs,
        None,
        guide_file.own(),
        diagrams=given.get("diagrams", False),
    )

    assert found.unread == ()
    lost = {"estimated_lines": "", "subsystems": [], "adopted": True}
    assert (
        found.answers
        == {name: value for name, value in tree.stored.items() if name not in OF_THE_REPOSITORY}
        | lost
    )


def test_an_unanswered_proposal_says_nothing(checkout, tmp_path):
    unanswered = read("", name="BEP-1046-x.md").answers | {"title": "Title"}
    tree = render(checkout, tmp_path / "rendered", unanswered)

    found = read(tree.main.text, "BEP-1046-x.md")

    assert found.answers == unanswered | {"title": "X"}
    assert found.unread == read("", "BEP-1046-x.md").unread


def test_documents_with_odd_names_are_rendered_and_linked(checkout, tmp_path):
    odd = [
        "00-overview",
        "storage_namespace",
        "a (b) [c]",
        "{{ x }} {% y",
        "50% #1 `&` é",
        "README",
    ]
    subs = {f"{name}.md": "" for name in odd}
    plan = "".join(f"1. Phase {at}: x [y](<BEP-1013/{name}.md>)\n" for at, name in enumerate(odd))
    main = f"# T\n\n## Plan\n\n{plan}"
    name = "BEP-1013-GraphQL (old) [x] 50%.md"

    tree = render(checkout, tmp_path / "rendered", told(main, name=name, subs=subs))

    assert Path(tree.main_path).name == name
    assert tree.sub_documents.keys() == subs.keys()
    for rows in (tree.main.table_links("Document Index"), [tree.main.links]):
        targets = [unquote(link) for row in rows for link in row]
        assert set(targets) == {f"./BEP-1013/{file}" for file in subs}
    assert all(unquote(one.links[0]) == f"../{name}" for one in tree.sub_documents.values())


# --- Real documents -----------------------------------------------------------------------------

FOLDERS = [
    CORPUS / "proposals",
    *(CORPUS / "segmented-by-hand" / name for name in ("before", "after")),
]
REAL = [path for folder in FOLDERS for path in sorted(folder.glob("BEP-1*.md"))]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def read_real(path: Path) -> tuple[Read, dict[str, str]]:
    directory = path.with_name(re.match(r"BEP-\d+", path.name)[0])  # type: ignore[index]
    subs = {one.name: text_of(one) for one in directory.glob("*.md")}
    page = registry_table.read(text_of(CORPUS / "proposals" / "README.md"), "README.md")
    row = next((row for row in page.rows if row.link == path.name), None)
    return answers_of(text_of(path), path.name, subs, row, guide_file.own(), diagrams=False), subs


@pytest.mark.sample(12)
@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}-{path.stem[:8]}")
def test_a_real_proposal_is_rendered_from_what_was_read(path, checkout, tmp_path):
    found, subs = read_real(path)

    tree = render(checkout, tmp_path / "rendered", found.answers)

    for question, value in found.answers.items():
        assert problem(question, value, found.answers) is None, question
    assert Path(tree.main_path).name == path.name
    assert tree.sub_documents.keys() == subs.keys()
    assert found.answers.items() <= tree.stored.items()
    assert found.answers["author_name"]
    assert found.answers["status"]


@pytest.mark.skipif(not REAL, reason="the corpus is not here")
def test_most_real_plans_are_read():
    phases = {path: len(read_real(path)[0].answers["phases"]) for path in REAL}

    assert sum(count > 0 for count in phases.values()) >= 16
    assert phases[CORPUS / "proposals" / "BEP-1046-unified-service-discovery.md"] == 4
