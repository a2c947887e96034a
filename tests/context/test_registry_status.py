"""A status that only the registry has: every command that shows one shows that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import PAGE, run_git

WARNING = "Rejected: BEP-1002 is not to be built; its Decision Log says why."


@pytest.fixture
def rejected(repository: Path) -> Path:
    """A repository whose registry alone says that BEP-1002 is rejected."""
    document = next((repository / "proposals").glob("BEP-1002-*.md"))
    document.write_text(document.read_text().replace("Status: Draft", "Status:"))
    page = repository / PAGE
    row = next(line for line in page.read_text().splitlines() if line.startswith("| [1002]"))
    page.write_text(page.read_text().replace(row, row.replace("Draft", "Rejected")))
    (repository / "ledger.py").write_text("# BEP-1002\n")
    run_git(repository, "add", "--all")
    return repository


@pytest.mark.parametrize("task", [["list"], ["search", "Quota Ledger"], ["governs", "ledger.py"]])
def test_each_list_of_proposals_has_it(rejected, call, task):
    _, out, _ = call(rejected, *task, "--json")

    assert {one["status"] for one in json.loads(out) if one["number"] == 1002} == {"Rejected"}


def test_context_warns_first_and_says_where_the_status_is_from(rejected, call):
    _, out, _ = call(rejected, "context", "1002")

    first = [line for line in out.splitlines() if line][:2]
    assert first == [f"**{WARNING}**", "Its status, as the registry says: Rejected."]

    _, out, _ = call(rejected, "context", "1002", "--json")

    found = json.loads(out)
    assert (found["status"], found["warning"]) == ("Rejected", WARNING)


def test_status_says_where_it_is_from_and_advises_as_for_any_final_proposal(rejected, call):
    call(rejected, "ask", "1002", "--question", "Which cache?")

    _, out, _ = call(rejected, "status", "1002")

    assert out.splitlines()[1] == "  Rejected (as the registry says), on main"
    assert "bep decide" not in out


def test_the_documents_own_status_is_the_one_that_counts(rejected, call):
    document = next((rejected / "proposals").glob("BEP-1002-*.md"))
    document.write_text(document.read_text().replace("Status:", "Status: Draft"))

    _, out, _ = call(rejected, "status", "1002")
    _, context, _ = call(rejected, "context", "1002")

    assert out.splitlines()[1] == "  Draft, on main"
    assert "registry" not in context.partition("##")[0]
