"""Each writing task, on documents in all odd forms: nothing is lost, and twice is once.

The suite runs sixty cases, always the same; `invoke fuzz` runs as many as it is asked to.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests import forks, fuzz, odd_documents, samples
from tests.conftest import copy_repository, files_of
from tests.odd_documents import MAIN
from tests.series import Edit, proposals_at_v1, template_at_v2

COUNT = samples.count("BEP_ODD_CASES", 20, 2_000)
FIRST = int(os.environ.get("BEP_FUZZ_FIRST", "0"))
GROUPS = 10
REVISION = [
    Edit("guide.yml", "Why this change is needed:", "The reason for this change:"),
    Edit(
        "guide.yml",
        "  references:\n    heading:",
        "  risks:\n    heading: Dangers\n    guidance: What may fail.\n  references:\n    heading:",
    ),
    Edit("guide.yml", "      - references\n", "      - risks\n      - references\n"),
]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, _start: Path) -> Path:
    """A repository with a proposal of the first of a template's two revisions."""
    forks.load_everything()
    place = tmp_path_factory.mktemp("odd")
    template = template_at_v2(place / "template", REVISION)
    return proposals_at_v1(_start, place / "start", template, ["Relay"])


@pytest.mark.sample(3)
@pytest.mark.parametrize("group", range(GROUPS))
def test_no_line_is_lost_and_a_second_call_changes_nothing(group, start, tmp_path):
    base = (start / MAIN).read_text()
    found = []
    for number in range(FIRST + group, FIRST + COUNT, GROUPS):
        chance = random.Random(number)
        folder = copy_repository(start, tmp_path / str(number))
        odd_documents.write(chance, folder)
        case = odd_documents.case(chance)
        before = files_of(folder)
        call = fuzz.run(case.arguments, folder)
        after = files_of(folder)
        wrong = odd_documents.problems(case, call.code, before, after, base)
        if "Traceback" in call.said or call.code not in (0, 1, 2):
            wrong.append(f"exit code {call.code}")
        again = fuzz.run(case.arguments, folder)
        if files_of(folder) != after:
            wrong.append(f"a second call changed files: {again.said[-300:]}")
        if wrong:
            found.append(f"case {number}: {case.name}: {wrong}\n{call.said[-600:]}")
        shutil.rmtree(folder)
    assert not found, "\n\n".join(found)
