"""Numbers of thousands of digits, which Python's `int` refuses: no task ends in a traceback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PAGE, ROOT, Call, run_git

BIG = "9" * 5000
MAIN = "proposals/BEP-1046-unified-service-discovery.md"
PART = "proposals/BEP-1046/data-model.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1046.yml"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def numbers(repository: Path) -> Path:
    """A segmented proposal that has such a number wherever one is read."""
    golden = ROOT / "tests/golden/segmented/proposals"
    for path in golden.rglob("*"):
        if path.is_file():
            target = repository / "proposals" / path.relative_to(golden)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    main, part = repository / MAIN, repository / PART
    edit(main, "Status: Draft", "Status: Accepted")
    edit(main, "Target-Version:", f"Target-Version: 26.1.{BIG}")
    edit(main, "phases: 3", f"phases: {BIG}")
    edit(main, "## Open Questions\n", f"## Open Questions\n\n- In phases {BIG}-{BIG}, why?\n")
    edit(main, "## Motivation\n", f"## Motivation\n\n#{BIG}, BEP-{BIG}, BA-{BIG}\n\n{BIG}. One\n")
    edit(main, "1. Phase 1", f"1. Phase {BIG}")
    edit(main, "| Tables, queries", f"| In phases {BIG}-{BIG}: tables")
    edit(part, "parent: BEP-1046", f"parent: BEP-{BIG}")
    edit(part, "# ", f"# {BIG}.{BIG} ")
    edit(repository / ANSWERS, "number: 1046", f"number: {BIG}")
    edit(
        repository / PAGE,
        "| _next_",
        f"| [{BIG}](x.md) | X | Y | Draft |\n| {BIG} | | | |\n| _next_",
    )
    (repository / "VERSION").write_text(f"26.1.{BIG}\n")
    (repository / ".gitattributes").write_text(f"*.md conflict-marker-size={BIG}\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Numbers")
    return repository


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    "task",
    [
        *("check --all", "list", "list --attention", "list --times", "list --graph", "sync"),
        *("status 1046", "context 1046", "context 1046 --phase 1", "search why", "review HEAD~1"),
        *("context 1046 --document data-model.md", "context 1046 --section Motivation"),
        *("renumber 1046 --to 1050 --dry-run", "retitle 1046 New --dry-run", "governs proposals"),
        *("ask 1046 --question Why?", "adopt 1046", "update 1046 --dry-run", "mark 1046 draft"),
        *("add-document 1046 --name x --scope y", "check --all --fix", "new X --defaults"),
    ],
)
def test_no_task_ends_in_a_traceback(numbers: Path, call: Call, task: str):
    code, _, err = call(numbers, *task.split())

    assert code in (0, 1, 2)
    assert "Traceback" not in err


def test_the_registry_is_settled_after_a_merge(numbers: Path, call: Call):
    row = "| [1002]"
    run_git(numbers, "switch", "--quiet", "--create", "theirs")
    edit(numbers / PAGE, row, f"| 1011 | Theirs | Ada | Draft |\n{row}")
    run_git(numbers, "commit", "--quiet", "--all", "--message=Theirs")
    run_git(numbers, "switch", "--quiet", "main")
    edit(numbers / PAGE, row, f"| 1010 | Ours | Ada | Draft |\n{row}")
    run_git(numbers, "commit", "--quiet", "--all", "--message=Ours")
    with pytest.raises(AssertionError):
        run_git(numbers, "merge", "theirs")

    call(numbers, "sync")

    page = (numbers / PAGE).read_text()
    assert "| 1010 | Ours |" in page
    assert "| 1011 | Theirs |" in page
    assert "<<<<<<<" not in page


def test_folders_in_folders_are_no_obstacle(repository: Path, call: Call):
    folder = repository / "proposals/BEP-1046"
    (repository / MAIN).write_text("# X\n")
    folder.mkdir()
    within = os.open(folder, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("a", dir_fd=within)
        outer, within = within, os.open("a", os.O_RDONLY, dir_fd=within)
        os.close(outer)
    os.close(within)
    try:
        for task in ("renumber 1046 --to 1050 --dry-run", "retitle 1046 New --dry-run"):
            assert call(repository, *task.split())[0] == 0
    finally:
        # Python, too, removes such folders only by recursion.
        subprocess.run(["rm", "-r", folder], check=True)


def test_long_texts_of_one_character_do_not_keep_anybody_waiting(numbers: Path, call: Call):
    """With a pattern that takes the square of its text, this would take minutes."""
    main, part, blanks = numbers / MAIN, numbers / PART, " " * 90_000
    edit(main, "## Motivation\n", f"## Mo{blanks}tivation\n")
    edit(main, "# Unified", f"<!-- bep-check: ignore link-missing: a{blanks}b -->\n\n# Unified")
    edit(part, f"parent: BEP-{BIG} (Unified", f'parent: "BEP-1046 (Uni{blanks}fied')
    edit(part, "Discovery)", 'Discovery)x"')
    edit(part, "depends-on: []", f"depends-on: ['{'a' * 90_000}']")

    assert "Traceback" not in call(numbers, "check", "1046")[2]


def test_aliases_are_as_deep_as_what_they_refer_to(numbers: Path, call: Call):
    deep = f"{'[' * 97}x{']' * 97}"
    keys = [f"k0: &a0 {deep}"]
    keys += [f"k{at}: &a{at} {deep.replace('x', f'*a{at - 1}')}" for at in range(1, 12)]
    edit(numbers / PART, "type: detail-doc", "\n".join([*keys, "type: *a11"]))

    out = call(numbers, "check", "1046")[1]

    assert "nested deeper than 100 levels" in out


def test_a_name_that_is_not_utf_8_on_a_branch_stops_no_task(numbers: Path, call: Call):
    blob = run_git(numbers, "rev-parse", f"HEAD:{MAIN}")
    run_git(numbers, "switch", "--quiet", "--create", "odd")
    entry = f"100644,{blob},proposals/BEP-1077-\udcff.md"
    run_git(numbers, "update-index", "--add", "--cacheinfo", entry)
    run_git(numbers, "commit", "--quiet", "--message=Odd")
    run_git(numbers, "switch", "--quiet", "--force", "main")

    for task in ("list --times", "list", "list --attention", "search why", "context 1077"):
        assert "Traceback" not in call(numbers, *task.split())[2]
