"""What `check` must not report: text that is right although it looks like a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.test_rules import found
from tests.conftest import Call, run_git

MAIN = "proposals/BEP-1046-service-discovery.md"
METADATA = (
    "---\nAuthor: Ada Lovelace (ada@example.com)\nStatus: Draft\nCreated: 2026-01-15\n"
    "Created-Version: 26.1.0\nTarget-Version:\nImplemented-Version:\n---\n\n"
)
PAGE = (
    "# Proposals\n\n| Number | Title | Author | Status |\n|---|---|---|---|\n"
    "| [1046](BEP-1046-service-discovery.md) | Service Discovery | Ada Lovelace | Draft |\n"
)


def messages(call: Call, folder: Path, rule: str, text: str, **files: str) -> list[str]:
    """What a rule says of a main document that has `text` below its title."""
    documents = {MAIN: f"{METADATA}# Service Discovery\n\n{text}\n", "proposals/README.md": PAGE}
    for path, content in (documents | files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    run_git(folder, "init", "--quiet")
    return [one["message"] for one in found(call, folder, "--all") if one["rule"] == rule]


# --- Links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        *(
            "../../../actions",
            "../../../compare/v1...v2",
            "../../../commit/0a1b2c3",
            "../../../tags",
        ),
        *(
            "../../../commits/main?author=ada",
            "../../../blob/v1.0/README.md#use",
            "../../../labels",
        ),
        *("../../../raw/main/logo.png", "../../../milestone/3", "../../../projects/1"),
        *("../../../security/advisories", "../../../releases/tag/v1", "../../../issues?q=is:open"),
        *("../../../pull/12#issuecomment-1", "../../../wiki", "../../../graphs/contributors"),
        *("./../../../discussions/9", "../../../../other/issues/4", "../../../-/merge_requests/2"),
        *("../../../../../someone/other/blob/main/x.md", "../../../branches/all"),
    ],
)
def test_a_link_to_a_page_of_the_forge_is_not_dead(link: str, tmp_path: Path, call: Call):
    assert messages(call, tmp_path, "link-missing", f"[there]({link})") == []


@pytest.mark.parametrize(
    "link",
    [
        *("../../elsewhere.md", "../../../actions.md", "../../../issues-old/1.md", "../../../docs"),
        *("../../src/main.py", "../../packages/web"),
        *("actions", "../issues/12", "compare/v1...v2", "/actions"),
    ],
)
def test_another_link_that_leads_nowhere_is_dead(link: str, tmp_path: Path, call: Call):
    (said,) = messages(call, tmp_path, "link-missing", f"[there]({link})")

    assert link in said


@pytest.mark.parametrize(
    ("headings", "anchors"),
    [
        ("## Option\n\n## Option 1\n\n## Option", ["option", "option-1", "option-2"]),
        ("## Errors\n\n## Errors\n\n## Errors-1", ["errors", "errors-1", "errors-1-1"]),
        ("## id_\n\n## The `id_` of _it_", ["id_", "the-id_-of-it"]),
        ("Two\nlines\n---", ["twolines"]),
        ("## Part Ⅷ\n\n## Part ⅷ", ["part-ⅷ", "part-Ⅷ-1"]),
        ("<h2>Html</h2>\n\n## Html", ["html", "html-1"]),
    ],
)
def test_a_link_to_an_anchor_that_github_makes_is_not_dead(
    headings: str, anchors: list[str], tmp_path: Path, call: Call
):
    links = " ".join(f"[x](#{one})" for one in anchors)

    assert messages(call, tmp_path, "anchor-missing", f"{links}\n\n{headings}") == []


@pytest.mark.parametrize(
    "place",
    [
        '```html\n<a id="there"></a>\n```',
        'Write `<a name="there">` for it.',
        '<!-- <a id="there"></a> -->',
        '<!--\n<a id="there"></a>\n-->',
        '    <a id="there"></a>',
        "- ~~~\n  <h2>There</h2>\n  ~~~",
        'Not \\<a id="there"> this.',
    ],
)
def test_what_only_looks_like_an_anchor_is_none(place: str, tmp_path: Path, call: Call):
    said = messages(call, tmp_path, "anchor-missing", f"[x](#there)\n\n{place}")

    assert said == ["this document has no anchor #there"]


# --- Mentions -----------------------------------------------------------------------------------

ELSEWHERE = "https://github.com/someone/other/blob/main"


@pytest.mark.parametrize(
    "text",
    [
        f"Follows [BEP-1099 Model Registry]({ELSEWHERE}/BEP-1099-model-registry.md).",
        "Follows [BEP-1099](https://wiki.example.com/pages/12345).",
        "Follows [**BEP-1099**: Models](https://wiki.example.com/pages/12345).",
        "- [“BEP-1099” of the other team](//wiki.example.com/pages/12345)",
        f"BEP-1099, see [the draft]({ELSEWHERE}/BEP-1099-models.md?plain=1#goals).",
        f"Follows [BEP-1099][other].\n\n[other]: {ELSEWHERE}/BEP-1099-models.md",
        f"Follows [BEP-1099].\n\n[BEP-1099]: {ELSEWHERE}/BEP-1099-models.md",
        f'<a href="{ELSEWHERE}/BEP-1099-models.md">There</a>: BEP-1099.',
        f"BEP-1099 has [parts]({ELSEWHERE}/BEP-1099/).",
        f"BEP-1099 first.\n\n| Which |\n|---|\n| [BEP-1099]({ELSEWHERE}/models.md) |",
    ],
)
def test_a_proposal_at_another_address_is_known(text: str, tmp_path: Path, call: Call):
    assert messages(call, tmp_path, "proposal-unknown", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Follows BEP-1099.",
        f"BEP-1099, unlike [BEP-1098]({ELSEWHERE}/BEP-1098-models.md).",
        "See [what BEP-1099 says](https://tracker.example.com/12).",
        "See [BEP-1099](#references).",
        "See [BEP-1099](BEP-1046-service-discovery.md).",
        "BEP-1099 is [discussed](https://tracker.example.com/BEP-1099-not-a-document).",
        f"BEP-1099 is [no code]: `[BEP-1099]({ELSEWHERE}/BEP-1099-models.md)`",
    ],
)
def test_a_proposal_that_is_nowhere_is_unknown(text: str, tmp_path: Path, call: Call):
    said = messages(call, tmp_path, "proposal-unknown", text)

    assert said == ["there is no BEP-1099: no document, no row of the registry"]


# --- Components ---------------------------------------------------------------------------------

SWITCHED_ON = {"invoke.yaml": "bep:\n  check:\n    single-components: warning\n"}


def design(*headings: str) -> str:
    return "## Proposed Design\n\n" + "\n\n".join(f"### {one}\n\nText." for one in headings)


@pytest.mark.parametrize(
    "headings",
    [
        ["Phase 1: Tables", "Phase 2: Scheduler", "Phase 3"],
        ["API Changes", "Database Changes", "Updates to the CLI"],
        ["AS-IS", "TO-BE", "As-is: the agent", "Before", "After"],
        ["Overview", "Design Principles", "Terminology", "Security", "Error Handling"],
        [
            "Registration Flow",
            "Startup workflow",
            "Failure scenarios",
            "Life of a session, in detail",
        ],
        ["Merge the policies into one table", "Add a default per user", "Drop what is left over"],
        ["Manager: API", "Manager: persistence", "Manager: events", "Agent"],
        [
            "1. Examples",
            "2. Alternatives",
            "(a) Rollback strategy",
            "4) Naming",
            "Discarded options",
        ],
    ],
)
def test_subsections_about_something_else_are_no_components(
    headings: list[str], tmp_path: Path, call: Call
):
    said = messages(call, tmp_path, "single-components", design(*headings), **SWITCHED_ON)

    assert said == []


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        (["Data Model", "Config Schema", "Event Registration"], "data model, config schema, event"),
        (["1. Manager", "2. Agent", "3. Storage Proxy"], "manager, agent, storage proxy"),
        (["Overview", "`Worker` pool", "CLI", "Phase 1", "Cache"], "`worker` pool, cli, cache"),
        (["Manager: API", "Manager: events", "Agent: events", "Proxy"], "manager, agent, proxy"),
    ],
)
def test_components_are_counted_where_the_rule_is_switched_on(
    headings: list[str], names: str, tmp_path: Path, call: Call
):
    (said,) = messages(call, tmp_path, "single-components", design(*headings), **SWITCHED_ON)

    assert f"has 3 components ({names}".replace("`", "") in said.replace("`", "")


def test_the_components_that_were_answered_take_precedence(tmp_path: Path, call: Call):
    answers = "components:\n- name: broker\n  scope: Queues\n- name: worker\n- store\n"

    (said,) = messages(
        call,
        tmp_path,
        "single-components",
        design("Overview"),
        **SWITCHED_ON,
        **{"proposals/.copier/.copier-answers.BEP-1046.yml": answers},
    )

    assert "3 components (broker, worker, store)" in said


def test_nobody_is_asked_to_count_components_by_default(tmp_path: Path, call: Call):
    text = design("Data Model", "Config Schema", "Event Registration")

    assert messages(call, tmp_path, "single-components", text) == []


def finished(status: str, text: str) -> dict[str, str]:
    """The main document in another status, and the row that agrees."""
    return {
        MAIN: METADATA.replace("Draft", status) + f"# Service Discovery\n\n{text}\n",
        "proposals/README.md": PAGE.replace("Draft", status),
    }


# --- Division into sub-documents ----------------------------------------------------------------

PLAN = "## Implementation Plan\n\n1. Phase 1: Tables\n2. Phase 2: Events\n3. Phase 3: Clients"
CODE = "## Proposed Design\n\n`src/ai/backend/manager/a.py`, `src/ai/backend/agent/b.py`"
DIVISIBLE = {
    "single-phases": PLAN,
    "single-subsystems": CODE,
    "single-components": design("Data Model", "Config Schema", "Event Registration"),
}


@pytest.mark.parametrize("rule", DIVISIBLE)
@pytest.mark.parametrize("status", ["Implemented", "Rejected", "Superseded"])
def test_work_that_is_over_needs_no_division(rule: str, status: str, tmp_path: Path, call: Call):
    files = finished(status, DIVISIBLE[rule])

    assert messages(call, tmp_path, rule, "", **SWITCHED_ON, **files) == []


@pytest.mark.parametrize("rule", DIVISIBLE)
@pytest.mark.parametrize("status", ["Draft", "Accepted"])
def test_work_that_is_ahead_may_need_division(rule: str, status: str, tmp_path: Path, call: Call):
    files = finished(status, DIVISIBLE[rule])

    assert len(messages(call, tmp_path, rule, "", **SWITCHED_ON, **files)) == 1


def plan(*names: str) -> str:
    phases = "\n\n".join(f"### Phase {at}: {one}\n\nText." for at, one in enumerate(names, 1))
    return f"## Implementation Plan\n\n{phases}"


@pytest.mark.parametrize(
    "names",
    [
        ["Core Changes", "Adapter Updates", "Testing"],
        ["Add Test code for current agent", "Add new Agent code", "Remove old agent code"],
        ["Core (v26.1.0)", "Documentation (v26.1.0)", "Legacy API Removal (v27.0.0)"],
        ["Tables", "Scheduler", "Write the documentation", "Clean up"],
        ["Tables", "Scheduler", "Unit and integration tests - DONE"],
        ["Tables", "End-to-end validation", "Drop the deprecated columns"],
        ["Tables", "Scheduler", "Tests & docs", "Cleanup"],
    ],
)
def test_tests_documentation_and_removal_are_no_independent_phases(
    names: list[str], tmp_path: Path, call: Call
):
    assert messages(call, tmp_path, "single-phases", plan(*names)) == []


@pytest.mark.parametrize(
    "names",
    [
        ["Tables", "Scheduler", "Clients"],
        ["Tables", "Scheduler", "Clients", "Testing"],
        ["Scheduler handler tests", "Deployment handler tests", "Scenario tests"],
        ["Test framework", "Documentation generator", "Removal API"],
        ["Create endpoints", "Update endpoints", "Delete endpoints"],
        ["Input validation", "Output validation", "Document store"],
        ["", "", ""],
    ],
)
def test_phases_that_build_something_are_counted(names: list[str], tmp_path: Path, call: Call):
    (said,) = messages(call, tmp_path, "single-phases", plan(*names))

    assert f"the plan has {len(names)} phases" in said


def test_a_long_document_in_one_file_is_long_whatever_its_status(tmp_path: Path, call: Call):
    files = finished("Implemented", "Text.\n\n" * 300)

    assert len(messages(call, tmp_path, "single-lines", "", **files)) == 1


# --- Length of sections -------------------------------------------------------------------------

LONG = "## Motivation\n\n" + "A line.\n" * 40
DIAGRAM = "```mermaid\nerDiagram\n" + "  USER ||--|{ KEYPAIR : has\n" * 60 + "```\n"


@pytest.mark.parametrize("status", ["Implemented", "Rejected", "Superseded"])
def test_nobody_shortens_a_section_of_history(status: str, tmp_path: Path, call: Call):
    assert messages(call, tmp_path, "section-length", "", **finished(status, LONG)) == []


@pytest.mark.parametrize("status", ["Draft", "Accepted"])
def test_a_section_can_be_shortened_before(status: str, tmp_path: Path, call: Call):
    said = messages(call, tmp_path, "section-length", "", **finished(status, LONG))

    assert said == ["'Motivation': 40 lines; the guide says 10 to 30"]


@pytest.mark.parametrize(
    "diagram",
    [
        DIAGRAM,
        DIAGRAM.replace("```", "~~~"),
        DIAGRAM.replace("```", "`````"),
        DIAGRAM.replace("mermaid", " Mermaid theme=dark"),
        DIAGRAM.replace("\n  USER", "\n\n  USER"),
        f"{DIAGRAM}\nText between two diagrams.\n\n{DIAGRAM}",
        "- An item of a list:\n\n" + DIAGRAM,
    ],
)
def test_a_diagram_is_one_line_of_a_section(diagram: str, tmp_path: Path, call: Call):
    text = f"## Current Design\n\nThe tables:\n\n{diagram}"

    assert messages(call, tmp_path, "section-length", text) == []


@pytest.mark.parametrize(
    "block",
    [
        DIAGRAM.replace("mermaid", "sql"),
        DIAGRAM.replace("mermaid", ""),
        DIAGRAM.replace("mermaid", "mermaids"),
        "A line.\n" * 60,
        DIAGRAM + "\n" + "A line.\n" * 60,
    ],
)
def test_what_a_reader_reads_counts_by_its_lines(block: str, tmp_path: Path, call: Call):
    said = messages(call, tmp_path, "section-length", f"## Current Design\n\n{block}")

    assert len(said) == 1


def test_a_section_with_a_diagram_alone_is_not_too_short(tmp_path: Path, call: Call):
    files = finished("Accepted", f"## Current Design\n\n{DIAGRAM}")

    assert messages(call, tmp_path, "section-length", "", **files) == []


# --- Sections -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        *("Migration Roadmap", "Migration of the old agents", "Current Design Constraints"),
        *(
            "Open Questions of the reviewers",
            "Decision Log of the working group",
            "5. Proposed Design, part 2",
        ),
        *("Implementation Plan for the CLI", "Current State & what is missing"),
    ],
)
@pytest.mark.parametrize("above", ["## References", "## Motivation\n\nText."])
def test_a_heading_that_only_begins_with_a_name_can_be_anywhere(
    heading: str, above: str, tmp_path: Path, call: Call
):
    text = f"{above}\n\n## {heading}\n\nText.\n\n## Current Design\n\nText."

    said = messages(call, tmp_path, "section-order", text)

    assert not [one for one in said if heading in one]


def test_a_section_by_its_name_is_in_the_order(tmp_path: Path, call: Call):
    text = "## References\n\n## Migration Roadmap\n\n## Migration (later)\n\n## 2. Motivation"

    assert messages(call, tmp_path, "section-order", text) == [
        "'Migration (later)' is below 'References'; the guide puts it first",
        "'2. Motivation' is below 'References'; the guide puts it first",
    ]


# --- Decisions and questions --------------------------------------------------------------------


def logged(decision: str, key_decision: str) -> str:
    return (
        f"<!-- context-for-ai\ntype: master-bep\nkey-decisions:\n  - {key_decision}\n-->\n\n"
        "## Decision Log\n\n| Date | Decision | Rationale |\n|---|---|---|\n"
        f"| 2026-01-15 | {decision} | It was measured |\n"
    )


@pytest.mark.parametrize(
    ("decision", "key_decision"),
    [
        ("Put a cache in front", "Caching of all reads"),
        ("Encrypt what is on disk", "Encryption at rest"),
        ("Three attempts, then give up: no endless retry", "Retries end (2026-01-15)"),
        ("Talk over an event bus", "`EventBus` for everything"),
        ("The DB is the source of truth", "State lives in the DB"),
        ("Agents poll", "Polling, no push"),
        ("Names come from `instance_id`", "An instance has its own identity"),
        ("한글 문서를 쓴다", "문서는 한글로"),
        ("One key for each tenant", "Keys by tenancy"),
    ],
)
def test_a_paraphrase_of_a_logged_decision_is_logged(
    decision: str, key_decision: str, tmp_path: Path, call: Call
):
    text = logged(decision, key_decision)

    assert messages(call, tmp_path, "key-decision-unlogged", text) == []


@pytest.mark.parametrize(
    ("decision", "key_decision"),
    [
        ("Use event-driven updates", "Storage in Redis"),
        ("Use the new API for all of it", "Use the DB for all of them"),
        ("Agents poll", "Names are unique"),
    ],
)
def test_a_decision_with_no_word_of_the_log_is_not_logged(
    decision: str, key_decision: str, tmp_path: Path, call: Call
):
    (said,) = messages(call, tmp_path, "key-decision-unlogged", logged(decision, key_decision))

    assert repr(key_decision) in said


PUT_OFF = [
    *(
        "determine later",
        "TBD",
        "to be decided",
        "deferred",
        "**TBD**",
        "t.b.d.",
        "To be determined.",
    ),
    *(
        "will be decided in the next meeting",
        "postponed until v2",
        "not yet",
        "none so far",
        "open",
    ),
    *("we will decide later", "pending", "left open", "still under discussion", "TODO", "later"),
    *(
        "needs more input",
        "No decision yet",
        "waiting for the benchmark",
        "undecided (see #12)",
        "?",
    ),
]
ANSWERS = [
    *(
        "use Redis",
        "Redis now, something else later",
        "defer deletion to a job",
        "no",
        "none of them",
    ),
    *("Pending jobs are dropped", "open the port", "decided by the maintainers: yes", "not needed"),
]


@pytest.mark.sample(23)
@pytest.mark.parametrize("answer", PUT_OFF)
@pytest.mark.parametrize(
    "question",
    ["- Redis or not?\n  - Decision: {}", "- Redis or not?\n\n  **Answer:** {}", "Redis?\n==> {}"],
)
def test_a_question_whose_answer_is_put_off_is_open(
    question: str, answer: str, tmp_path: Path, call: Call
):
    text = f"## Open Questions\n\n{question.format(answer)}"

    assert messages(call, tmp_path, "question-answered", text) == []


@pytest.mark.parametrize(
    "question",
    [
        "- Decided: to be determined\n- Resolved: later",
        "- Redis?\n  - Decision:\n    deferred\n- B?",
    ],
)
def test_that_an_answer_is_put_off_can_be_said_otherwise(question: str, tmp_path: Path, call: Call):
    text = f"## Open Questions\n\n{question}"

    assert messages(call, tmp_path, "question-answered", text) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_question_with_an_answer_is_answered(answer: str, tmp_path: Path, call: Call):
    text = f"## Open Questions\n\n- Redis or not?\n  - Decision: {answer}"

    assert len(messages(call, tmp_path, "question-answered", text)) == 1


# --- Sub-documents that name each other ---------------------------------------------------------


def depends_on(**listed: str) -> dict[str, str]:
    """Sub-documents `a`, `b` … with what each depends on."""
    return {
        f"proposals/BEP-1046/{name}.md": f"<!-- context-for-ai\ntype: detail-doc\n"
        f"depends-on: {needs}\n-->\n\n# {name}\n"
        for name, needs in listed.items()
    }


@pytest.mark.parametrize(
    "listed",
    [
        {"a": "[b.md]", "b": "[a.md (see also)]"},
        {"a": "[b.md]", "b": "\n  - see a.md"},
        {"a": "[b.md (related)]", "b": "[a.md (related)]"},
        {"a": "[b.md]", "b": "[c.md, a.md (for reference)]", "c": "[]"},
        {"a": "see also b.md", "b": "[a.md]"},
        {"a": "[b.md]", "b": "[c.md]", "c": "[a.md (cf.)]"},
    ],
)
def test_documents_that_are_worth_reading_too_form_no_cycle(
    listed: dict[str, str], tmp_path: Path, call: Call
):
    said = messages(call, tmp_path, "depends-on-circle", "Text.", **depends_on(**listed))

    assert said == []


def test_documents_that_name_each_other_are_no_error(tmp_path: Path, call: Call):
    files = depends_on(a="[b.md]", b="[a.md]")
    assert messages(call, tmp_path, "depends-on-circle", "Text.", **files) == [
        "depends-on forms a cycle: a.md, b.md"
    ]

    severities = [
        one["severity"]
        for one in found(call, tmp_path, "--all")
        if one["rule"] == "depends-on-circle"
    ]

    assert severities == ["warning"]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_key_in_quotes_is_that_key(repository, call, quote):
    path = repository / "proposals/BEP-1002-quota-ledger.md"
    text = path.read_text()
    assert "\nStatus: Draft\n" in text
    quoted = text.replace("\nStatus:", f"\n{quote}Status{quote}:")
    path.write_text(quoted)

    call(repository, "check", "1002", "--fix")

    assert f"\n{quote}Status{quote}: Draft\n" in path.read_text()
    assert "\nStatus:" not in path.read_text()
    assert call(repository, "mark", "1002", "accepted", "--target-version", "26.9.0")[0] == 0
    assert f"\n{quote}Status{quote}: Accepted\n" in path.read_text()


def test_the_blank_document_is_a_proposal_to_mention(repository, call):
    with (repository / "proposals/BEP-1002-quota-ledger.md").open("a") as file:
        file.write("\nSee BEP-0000.\n")

    assert "proposal-unknown" not in call(repository, "check", "1002")[1]
