"""The phases of an implementation plan, in the forms in which people write them."""

from __future__ import annotations

import pytest

from bep.markdown import blocks as markdown
from bep.proposal import implementation_plan

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
    "nothing": ("", []),
}  # fmt: skip


def read(*bodies: str) -> tuple[str, list[implementation_plan.Step]]:
    source = "# T\n\n" + "".join(f"## Plan\n\n{body}\n" for body in bodies) + "## End\n\n1. End\n"
    root = markdown.sections(source)
    plans = [section for section in root.children[0].children if section.path[-1] != "end"]
    return source, implementation_plan.steps(source, markdown.blocks(source), plans)


@pytest.mark.parametrize(("body", "names"), FORMS.values(), ids=FORMS)
def test_the_phases_of_a_plan(body, names):
    assert [step.name for step in read(body)[1]] == names


def test_what_says_phase_counts_before_what_is_numbered_in_whichever_section():
    _, steps = read("1. Schema\n", "### Phase 1: Reads\n")

    assert [step.name for step in steps] == ["Reads"]


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
    source, steps = read(body)

    assert [source[step.start : step.end] for step in steps] == texts


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
    source = f"## Implementation Plan\n\n{plan}"
    blocks = markdown.blocks(source)
    plans = markdown.sections(source, blocks).children

    steps = implementation_plan.steps(source, blocks, plans)

    assert [implementation_plan.label(source, step) for step in steps] == labels
