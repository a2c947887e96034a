"""No call of any task ends in a traceback or a crash, or takes for ever, whatever the bytes.

The suite runs 150 calls, always the same; `invoke fuzz` runs as many as it is asked to.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import forks, fuzz, samples
from tests.conftest import copy_repository, run_git

COUNT = samples.count("BEP_FUZZ_CALLS", 30, 2_000)
FIRST = int(os.environ.get("BEP_FUZZ_FIRST", "0"))
GROUPS = 30
ANSWERS = """\
_commit: v1.0.0
_src_path: {template}
author_email: grace@example.com
author_name: Grace Hopper
components: {components}
created: '2026-02-03'
layout: {layout}
number: {number}
phases: [One, Two]
proposals: proposals
scope: What it is about
slug: {slug}
title: A title
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, _start: Path, template: Path) -> Path:
    """A repository with three proposals, two of which have answers files."""
    forks.load_everything()
    folder = copy_repository(_start, tmp_path_factory.mktemp("fuzz") / "start")
    (folder / "invoke.yaml").write_text(
        # Nobody listens there.
        f"bep:\n  template: {template}\n  jira: {{url: 'http://127.0.0.1:1'}}\n"
    )
    (folder / "pyproject.toml").write_text('[tool.other]\nname = "x"\n')
    (folder / "proposals" / "AGENTS.md").write_text("# Agents\n")
    segmented = Path(__file__).parent / "golden" / "segmented" / "proposals"
    shutil.copy(
        segmented / "BEP-1046-unified-service-discovery.md",
        folder / "proposals/BEP-1003-segmented.md",
    )
    (folder / "proposals" / "BEP-1003").mkdir()
    shutil.copy(segmented / "BEP-1046" / "api.md", folder / "proposals/BEP-1003/api.md")
    (folder / "proposals" / ".copier").mkdir()
    for number, slug, layout, components in (
        (1001, "event-journal", "single", "[]"),
        (1003, "segmented", "segmented", "[api]"),
    ):
        (folder / f"proposals/.copier/.copier-answers.BEP-{number}.yml").write_text(
            ANSWERS.format(
                template=template, number=number, slug=slug, layout=layout, components=components
            )
        )
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=More")
    return folder


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_call_crashes_or_takes_for_ever(group, start, tmp_path):
    cases = COUNT // fuzz.CALLS
    found = []
    for number in range(FIRST + group, FIRST + cases, GROUPS):
        folder = tmp_path / str(number)
        for call, size in fuzz.calls(number, start, folder):
            if problem := fuzz.problem(call, size):
                found.append(f"case {number}: {call.arguments}: {problem}\n{call.said[-1500:]}")
        shutil.rmtree(folder, ignore_errors=True)
    assert not found, "\n\n".join(found)
