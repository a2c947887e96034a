"""The phases of an Implementation Plan, in the forms in which people write them."""

from __future__ import annotations

import pytest

from bep.proposal import implementation_plan
from bep.proposal.document import Document
from bep.proposal.implementation_plan import Phase
from tests.conftest import CORPUS, ROOT

HEADINGS = """\
### Phase 1: Schema (BA-12) - DONE

1. Add tables
2. Phase in

### Phase 2 - `read` **path**

### Phase 3

### Notes

Phase 4: never
"""
FORMS = {
    "headings": (HEADINGS, ["Schema", "`read` path", ""]),
    "headings with other words": (
        "### Step A) Schema\n\n### Milestone II. Reads\n\n#### Stage 1: within\n",
        ["Schema", "Reads"],
    ),
    "headings in the middle": ("Why.\n\n#### (a) Phase 1: Schema\n\n### More\n", ["Schema"]),
    "numbered headings": ("### 1. Schema\n\n#### 7. x\n\n### 2. Reads\n", ["Schema", "Reads"]),
    "headings of parts": ("### Resources\n\n### Registration\n", []),
    "the template's list": (
        """\
1. Phase 1: Schema: the tables ([a](./BEP-1046/a.md), [b](./BEP-1046/b.md))
2. Phase 2: Reads
""",
        ["Schema: the tables", "Reads"],
    ),
    "bold in a list": (
        """\
1. **Phase 1 — schema + core**: tables
   and more.
2. **Phase 1a**: reads; slowly
3. **Phase 2:** Writes
""",
        ["schema + core", "reads", "Writes"],
    ),
    "a list with lists": (
        """\
1. **Phase 1: Schema**
   - Phase 7: within
   1. Step 1: within

2. **Phase 2: Reads**
""",
        ["Schema", "Reads"],
    ),
    "bullets": ("- Phase 1: Schema\n- Phase 2: Reads. They come later.\n", ["Schema", "Reads"]),
    "a checklist of phases": (
        "- [x] Phase 1: Schema ✅\n- [ ] Phase 2: Reads\n",
        ["Schema", "Reads"],
    ),
    "a checklist": ("- [x] Schema\n- [ ] Reads: all of them\n", ["Schema", "Reads"]),
    "bold lines": (
        "**Phase 1: Schema**\n\nTables.\n\n**Phase 2**: Reads\n- all\n",
        ["Schema", "Reads"],
    ),
    "lines": ("Phase 1: Schema\nPhase 2: Reads - of all kinds\n", ["Schema", "Reads"]),
    "remarks before the colon": (
        "- Phase 1: Schema\n- Phase 2 (Q2): Reads\n- **Phase 3** (after (late) review): Writes\n",
        ["Schema", "Reads", "Writes"],
    ),
    "remarks in all headings": (
        "### M1 (Q1): Schema\n\n### M2 (Q2) - Reads\n\n### M3 (Writes)\n",
        ["Schema", "Reads", "(Writes)"],
    ),
    "prose with remarks": ("- Phase 1 (Q1) is done.\n- **Phase 2** (Q2) begins.\n", []),
    "prose": ("Phase 1 is done.\n\n**Phase 2** begins.\n\nIn phase 3: more.\n", []),
    "a table": (
        """\
| Phase | Scope |
|---|---|
| 1 | Schema: tables |
| 1a | `a: b`, c |
| **2. Reads** | all |
| Phase 3: Writes | |
| Last | |
""",
        ["Schema", "`a: b`, c", "Reads", "Writes", "Last"],
    ),
    "another table": ("| Step by step | x |\n|---|---|\n| 1 | y |\n", []),
    "an ordered list": (
        """\
Steps:

1. **Context + middleware:** add x
2. Audit trail
   of all: later

Then

3. Verify `a: b` - twice

Risks:

1. None
""",
        ["Context + middleware", "Audit trail of all", "Verify `a: b`"],
    ),
    "plain bullets": ("- Add tables\n- Read them\n", []),
    "code": ("```\n### Phase 1: Schema\n```\n\n    1. Phase 1: Schema\n", []),
    "releases": ("### Phase 1: Core (v26.1.0 ~ v26.x)\n\n### Phase 2: Users (and groups)\n",
                 ["Core", "Users (and groups)"]),
    "CRLF": ("1. Phase 1: Schema\r\n2. Phase 2: Reads\r\n", ["Schema", "Reads"]),
    "headings in Korean": (
        "### 1단계: 저장소\n\n### 2단계 - 조회\n\n#### 1단계: within\n", ["저장소", "조회"]
    ),
    "Korean words in front": ("1. **단계 1: 저장소**\n2. 제2단계: 조회\n", ["저장소", "조회"]),
    "Korean prose": ("1단계에서는 저장소를 만든다.\n", []),
    "a table in Korean": ("| 단계 | 내용 |\n|---|---|\n| 1단계 | 저장소 |\n| 2 | 조회 |\n",
                          ["저장소", "조회"]),
    "a table with numbers in front": (
        "| # | Phase | Weeks |\n|---|---|---|\n| 1 | Schema | 2 |\n| 2 | **Reads** | 1 |\n",
        ["Schema", "Reads"],
    ),
    "a table with a sum": (
        "| Phase | What |\n|---|---|\n| 1 | Schema |\n| 2 | Reads |\n| **Total:** | 4,000 |\n",
        ["Schema", "Reads"],
    ),
    "milestones": ("| Milestone | What |\n|---|---|\n| M1 | Schema |\n| M2 | Reads: all |\n",
                   ["Schema", "Reads"]),
    "short names": ("### M1: Schema\n\n### P2 — Reads\n\n### PR 3: Writes\n",
                    ["Schema", "Reads", "Writes"]),
    "waves": ("- **Wave 1**: Schema\n- **Phase-2**: Reads\n", ["Schema", "Reads"]),
    "nothing": ("", []),
}  # fmt: skip
OTHER_NAMES = (
    *("Rollout", "Rollout Strategy", "Milestones", "Roadmap (2026)", "Phased Rollout"),
    *("Implementation Phases", "5. Work Breakdown Structure", "Timeline", "구현 계획", "로드맵"),
)


def read(*bodies: str) -> tuple[str, list[Phase]]:
    """A document with these plans, and its phases, those with parts taken apart."""
    source = "# T\n\n" + "".join(f"## Plan\n\n{body}\n" for body in bodies) + "## End\n\n1. End\n"
    phases = implementation_plan.phases(Document(source))
    return source, [part for phase in phases for part in phase.parts or (phase,)]


@pytest.mark.parametrize(("body", "names"), FORMS.values(), ids=FORMS)
def test_the_phases_of_a_plan(body, names):
    assert [one.name for one in read(body)[1]] == names


def test_what_says_phase_counts_before_what_is_numbered_in_whichever_section():
    _, phases = read("1. Schema\n", "### Phase 1: Reads\n")

    assert [one.name for one in phases] == ["Reads"]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (HEADINGS, ["### Phase 1: Schema (BA-12) - DONE\n\n1. Add tables\n2. Phase in\n\n",
                    "### Phase 2 - `read` **path**\n\n", "### Phase 3\n\n"]),
        ("1. Phase 1: A\n   - x\n2. Phase 2: B\n\nThen.\n",
         ["1. Phase 1: A\n   - x\n", "2. Phase 2: B\n"]),
        ("**Phase 1: A**\n\nx\n\n**Phase 2: B**\n\ny\n",
         ["**Phase 1: A**\n\nx\n\n", "**Phase 2: B**\n\ny\n\n"]),
        ("| Phase | x |\n|---|---|\n| 1 | A |\n| 2 | B |\n", ["| 1 | A |\n", "| 2 | B |\n"]),
        ("### 1. A\n\nx\n\n### 2. B\n", ["### 1. A\n\nx\n\n", "### 2. B\n\n"]),
    ],
)  # fmt: skip
def test_a_phase_spans_its_text(body, texts):
    source, phases = read(body)

    assert [source[one.start : one.end] for one in phases] == texts


@pytest.mark.parametrize(
    ("plan", "labels"),
    [
        ("### Phase 1: Schema\n\n### Phase 2b - Reads\n", ["1", "2b"]),
        ("1. **Phase 0**: Schema\n2. Phase II: Reads\n", ["0", "II"]),
        ("### (a) Phase 3: Schema\n", ["3"]),
        ("- [x] Step 1: Schema\n- [ ] Stage A: Reads\n", ["1", "A"]),
        ("| Phase | What |\n|---|---|\n| 1 | Schema |\n| Phase 2 | Reads |\n", ["1", "2"]),
        ("### 1. Schema\n\n### 2. Reads\n", ["1", "2"]),
        ("1. Schema\n2. Reads\n", ["1", "2"]),
    ],
)
def test_a_phase_is_called_by_its_number_or_letter(plan, labels):
    phases = implementation_plan.phases(Document(f"## Implementation Plan\n\n{plan}"))

    assert [phase.label for phase in phases] == labels


@pytest.mark.parametrize(
    "plan",
    [
        "### Phase 1: Schema\n\n### Phase 1a: Index\n\n### Phase 2: Reads\n",
        "1. Phase 1a: Schema\n2. Phase 1b: Index\n3. Phase 2: Reads\n",
        "| Phase |\n|---|\n| 1 |\n| 1b |\n| 2 |\n",
    ],
)
def test_phases_of_one_number_are_parts_of_one_phase(plan):
    source = f"## Implementation Plan\n\n{plan}"
    document = Document(source)

    first, second = implementation_plan.phases(document)

    assert [first.label, second.label] == ["1", "2"]
    assert source[first.start : first.end].count("1") >= len(first.parts) == 2
    assert first.parts[1].label in ("1a", "1b")
    assert implementation_plan.count(document) == 2


def test_a_plan_has_other_names_and_sometimes_none():
    for heading in OTHER_NAMES:
        body = "### Phase 1: Schema\n\n### Phase 2: Reads\n"
        document = Document(f"# T\n\n## {heading}\n\n{body}")
        assert [one.name for one in implementation_plan.phases(document)] == ["Schema", "Reads"]
        assert implementation_plan.count(document) == 2, heading

    parts = "### (a) Phase 1 — Schema\n\nx\n\n### (b) Phase 2 — Reads\n\n### (c) Risks\n"
    rows = "| Milestone | Work |\n|---|---|\n| 1 | Schema |\n| 2 | Reads |\n"
    for body in (f"## Design\n\n{parts}", f"## Design\n\nAs follows:\n\n{rows}"):
        document = Document(f"# T\n\n{body}\n## End\n")
        found = implementation_plan.phases(document)
        assert [(one.label, one.name) for one in found] == [("1", "Schema"), ("2", "Reads")]
        # They are no plan: the context block does not count them.
        assert implementation_plan.count(document) is None
    steps = "### Step 1: log in\n\n### Step 2: look\n\n| Step | What |\n|---|---|\n| 1 | in |\n"
    assert implementation_plan.phases(Document(f"# T\n\n## Usage\n\n{steps}")) == ()


# --- How many they are ----------------------------------------------------------------------------


def counted(body: str) -> int | None:
    source = f"# T\n\n## Implementation Plan\n\n{body}\n\n## References\n"
    return implementation_plan.count(Document(source))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("1. Phase 1: a\n2. Phase 2: b\n", 2),
        ("- **Phase 1** - a\n- **Phase 1a**: b\n- *Phase 2*\n  - Phase 9\n", 2),
        ("### Phase 0: a\n\n1. x\n\n### Phase 1 (BA-1): b\n\n### Rollback\n", 2),
        ("### 1. Phase 1\n\n### 2. Phase 2\n", 2),
        ("| Phase | Scope |\n|---|---|\n| 1 | a |\n| 1a | b |\n| **2** | c |\n", 2),
        ("| Phases | Scope |\n|---|---|\n| Phase 1 | a |\n", 1),
        ("| Phase | Lines |\n|---|---|\n| 1 | 3 |\n| 2 | 4 |\n| Total | 7 |\n", 2),
        ("| Phase | Scope |\n|---|---|\n| 1: Schema | a |\n| 2 – Reads | b |\n", 2),
        ("Text first.\n\n1. Phase 1\n", 1),
        ("### 1단계: a\n\n### 2단계\n\n### 위험\n", 2),
        ("1. 단계 1: a\n2. 제2단계\n", 2),
        ("| 단계 | 내용 |\n|---|---|\n| 1단계 | a |\n| 2 | b |\n", 2),
        ("### Milestone 1: a\n\n### Milestone 2 (BA-1)\n\n### Dates\n", 2),
        ("- Milestone 1: a\n- Milestone 2: b\n", 2),
        ("| Milestone | Date |\n|---|---|\n| 1 | May |\n| Milestone 2 | June |\n", 2),
        ("### 마일스톤 1: a\n\n### 마일스톤 2\n", 2),
        ("### Milestones\n\n### Milestone 1\n", 1),
        ("### Milestones 1-3: all\n\n### Milestone 4: b\n", None),
        ("| Milestone | Date |\n|---|---|\n| M1 | May |\n", None),
        ("### Step 1: a\n\n### Step 2: b\n", None),
        ("### 1-2단계: a\n\n### 3단계\n", None),
        ("", None),
        ("<!-- 1. Phase 1 -->\n", None),
        ("1. Do this\n2. Do that\n", None),
        ("1. Phase 1\n2. Tests\n", None),
        ("- Phase 1\n\ntext\n\n- Phase 2\n", None),
        ("### Phase 1\n\n### Phase 2-3\n", None),
        ("### Phase 1 and 2\n", None),
        ("### Phases 1-3: all\n\n### Phase 4: b\n", None),
        ("### Phase 1 – Phase 2: a\n\n### Phase 3\n", None),
        ("### Phases\n\n### Phase 1\n", 1),
        ("### Phase one\n\n### Phase 2\n", None),
        ("### Phase 2.1\n", None),
        ("| Phase | Scope |\n|---|---|\n| 1 | a |\n| later | b |\n", None),
        ("| Step | Phase |\n|---|---|\n| 1 | 1 |\n", None),
        ("| Phase |\n|---|\n", None),
        (f"### Phase {'9' * 5000}\n", None),
        ("> 1. Phase 1\n", None),
    ],
)
def test_phases_are_counted_by_their_numbers_or_not_at_all(body, count):
    assert counted(body) == count


def test_of_two_sections_that_could_be_the_plan_the_one_with_phases_counts():
    two = "## Plan\n\n### Phase 1\n\n## Implementation Plan\n\n### Parts\n"
    both = "## Plan\n\n### Phase 1\n\n## Implementation Plan\n\n### Phase 1\n\n### Phase 2\n"

    assert implementation_plan.count(Document(two)) == 1
    assert implementation_plan.count(Document(both)) is None


def test_a_rendered_plan_has_the_phases_that_its_context_block_tells():
    for path in (ROOT / "tests/golden").glob("*/proposals/BEP-1*.md"):
        text = path.read_text()
        document = Document(text)
        stated = f"\nphases: {implementation_plan.count(document)}\n"
        assert (stated in text) is ("implementation-plan" in document.form.sections)


def test_the_plans_of_the_real_documents():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    told = {
        path.name[4:8]: implementation_plan.count(Document(path.read_bytes().decode()))
        for path in sorted((CORPUS / "proposals").glob("BEP-1*.md"))
    }
    counted = " ".join(f"{number}:{count}" for number, count in told.items() if count)
    assert counted == (
        "1002:3 1021:3 1023:5 1024:4 1026:4 1031:4 1032:4 1033:4 1041:5 1046:4 1047:3 1048:4 1053:5"
    )


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("### Phase 1: S\n\n### Phase 1.5: B\n\n### Phase 2: C\n", "1 S, 1.5 B, 2 C"),
        ("1. Phase 1: S\n2. Phase 1.5: B\n3. Phase 2: C\n", "1 S, 1.5 B, 2 C"),
        ("| Phase | PR |\n|---|---|\n| 1 | a |\n| | b |\n| 2 | c |\n| 2 | d |\n", "1 a, 2 c"),
        ("### 6.1 Overview\n\n### 6.2 Phase 1: S\n\n### 6.3 Phase 2: C\n", "1 S, 2 C"),
        ("### 6.1 Phase 0: P\n\n### 6.2 Phase 1: S\n", "0 P, 1 S"),
        ("### Phase 1-2: S\n\n### Phase 3–4 (later): C\n", "1-2 S, 3–4 C"),
        ('<a id="p0"></a>\n\n### Phase 0: P\n\na\n\n### Phase 1: S\n', "0 P, 1 S"),
    ],
)
def test_a_phase_is_called_by_its_own_number(body, labels):
    source = f"# T\n\n## Implementation Plan\n\n{body}\n## References\n"

    found = implementation_plan.phases(Document(source))

    assert ", ".join(f"{one.label} {one.name}" for one in found) == labels
