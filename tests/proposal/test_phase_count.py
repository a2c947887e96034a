"""How many phases an Implementation Plan has."""

from __future__ import annotations

import pytest

from bep.proposal import document, outline, phase_count
from tests.conftest import CORPUS, ROOT


def phases(body: str) -> int | None:
    source = f"# T\n\n## Implementation Plan\n\n{body}\n\n## References\n"
    return phase_count.count(outline.read(document.read(source)))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("1. Phase 1: a\n2. Phase 2: b\n", 2),
        ("- **Phase 1** - a\n- **Phase 1a**: b\n- *Phase 2*\n  - Phase 9\n", 2),
        ("### Phase 0: a\n\n1. x\n\n### Phase 1 (BA-1): b\n\n### Rollback\n", 2),
        ("### 1. Phase 1\n\n### 2. Phase 2\n", 2),
        ("| Phase | Scope |\n|---|---|\n| 1 | a |\n| 1a | b |\n| **2** | c |\n", 2),
        ("| Phases | Scope |\n|---|---|\n| Phase 1 | a |\n", 1),
        ("Text first.\n\n1. Phase 1\n", 1),
        ("", None),
        ("<!-- 1. Phase 1 -->\n", None),
        ("1. Do this\n2. Do that\n", None),
        ("1. Phase 1\n2. Tests\n", None),
        ("- Phase 1\n\ntext\n\n- Phase 2\n", None),
        ("### Phase 1\n\n### Phase 2-3\n", None),
        ("### Phase 1 and 2\n", None),
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
    assert phases(body) == count


def test_of_two_sections_that_could_be_the_plan_the_one_with_phases_counts():
    two = "## Plan\n\n### Phase 1\n\n## Implementation Plan\n\n### Parts\n"
    both = "## Plan\n\n### Phase 1\n\n## Implementation Plan\n\n### Phase 1\n\n### Phase 2\n"

    assert phase_count.count(outline.read(document.read(two))) == 1
    assert phase_count.count(outline.read(document.read(both))) is None


def test_a_rendered_plan_has_the_phases_that_its_context_block_tells():
    for path in (ROOT / "tests/golden").glob("*/proposals/BEP-1*.md"):
        text = path.read_text()
        assert f"\nphases: {phase_count.count(outline.read(document.read(text)))}\n" in text


def test_the_plans_of_the_real_documents():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    told = {
        path.name[4:8]: phase_count.count(outline.read(document.read(path.read_bytes().decode())))
        for path in sorted((CORPUS / "proposals").glob("BEP-1*.md"))
    }
    counted = " ".join(f"{number}:{count}" for number, count in told.items() if count)
    assert counted == (
        "1002:3 1021:3 1023:5 1024:4 1026:4 1031:4 1032:4 1033:4 1041:5 1046:4 1047:3 1048:4 1053:5"
    )
