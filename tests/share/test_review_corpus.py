"""`review` on real proposals: no false alteration, and the true ones are found."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bep.markdown.blocks import Table
from bep.markdown.edits import Splice, applied
from bep.proposal import decision_log, open_questions
from bep.proposal.document import Document
from bep.share import decision_changes, section_changes
from bep.share.section_changes import Guides
from tests.conftest import CORPUS, Call, run_git

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")

MAINS = sorted(CORPUS.glob("*/BEP-*.md")) + sorted(CORPUS.glob("*/*/BEP-*.md"))


def realigned(document: Document) -> str:
    """The document with one blank at each side of each cell."""
    return _tables(document, lambda cells, _: f"| {' | '.join(cells)} |")


def with_column(document: Document) -> str:
    """The document with another column, which says nothing, as the first of each table."""
    first = {0: "Owner", 1: "---"}
    return _tables(document, lambda cells, at: f"| {' | '.join([first.get(at, ''), *cells])} |")


def _tables(document: Document, line: Any) -> str:
    splices = []
    for table in (one for one in document.blocks if isinstance(one, Table)):
        for at, row in enumerate((table.header, table.delimiter, *table.rows)):
            cells = [document.source[cell.start : cell.end] for cell in row.cells]
            end = row.start + len(document.source[row.start : row.end].rstrip("\r\n"))
            if cells:
                splices.append(Splice(row.start, end, line(cells, at)))
    return applied(document.source, splices)


HARMLESS = {
    "re-aligned": realigned,
    "a column more": with_column,
    "CRLF": lambda document: document.source.replace("\n", "\r\n"),
    "blanks": lambda document: re.sub(r"(?<=[^\s\\])\n", " \n", document.source),
}


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=list(HARMLESS))
def test_harmless_edits_of_real_documents_say_nothing(edit):
    assert len(MAINS) > 30
    seen = 0
    for path in MAINS:
        before = Document(path.read_text(), path.name)
        after = before.with_source(edit(before))
        assert not any(decision_changes.decisions(before, after)), path
        assert not any(decision_changes.questions(before, after, [])), path
        if edit is not with_column:
            guides = Guides(before.guide, before.guide, updated=False)
            assert section_changes.changes(before, after, guides) == [], path
        seen += len(decision_log.decisions(before)) + len(open_questions.find(before))
    assert seen > 100


def test_every_decision_is_one_that_other_commands_know():
    for path in MAINS:
        document = Document(path.read_text(), path.name)
        assert len(decision_log.decisions(document)) <= len(decision_log.spans(document)), path


def test_each_cell_of_a_real_log_that_changes_is_an_alteration():
    altered = 0
    for path in MAINS:
        before = Document(path.read_text(), path.name)
        log = decision_log.find(before)
        for row in log.table.rows if log else ():
            cell = row.cells[log.decision] if log and log.decision < len(row.cells) else None
            if cell is None or not cell.text:
                continue
            after = before.with_source(applied(before.source, [Splice(cell.end, cell.end, " too")]))
            found = decision_changes.decisions(before, after)
            assert (len(found.added), len(found.altered), len(found.removed)) == (0, 1, 0), path
            altered += 1
    assert altered > 50


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The corpus as a repository, on a branch."""
    folder = tmp_path / "repository"
    shutil.copytree(CORPUS / "proposals", folder / "proposals")
    shutil.copytree(
        CORPUS / "segmented-by-hand" / "before", folder / "proposals", dirs_exist_ok=True
    )
    run_git(folder, "init", "--quiet")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Corpus")
    run_git(folder, "switch", "--quiet", "--create", "bep/1046-change")
    return folder


def reviewed(call: Call, folder: Path) -> dict[int, dict[str, Any]]:
    code, out, err = call(folder, "review", "HEAD", "--json")
    assert code == 0, err
    return {one["number"]: one for one in json.loads(out)}


def test_what_was_rewritten_while_a_proposal_was_segmented_is_said(here, call):
    after = CORPUS / "segmented-by-hand" / "after"
    shutil.copytree(after, here / "proposals", dirs_exist_ok=True)

    ((number, found),) = reviewed(call, here).items()

    assert (after / f"BEP-{number}").is_dir()
    # Its author rewrote a list as the rows of a table.
    said = decision_changes.said((here / found["path"]).read_text())
    gone = [one["from"] for one in found["decisions"]["altered"]] + found["decisions"]["removed"]
    assert not [one for one in gone if decision_changes.said(one["decision"]) in said]
    assert sum(one["change"] == "added" for one in found["documents"]) == 4
    assert "moved from one section to another" in " ".join(call(here, "review", "HEAD")[1].split())


def test_changes_of_real_proposals_are_what_they_are(here, call):
    proposals = here / "proposals"
    status = proposals / "BEP-1046-unified-service-discovery.md"
    status.write_text(status.read_text().replace("Status: Draft", "Status: Accepted"))
    (proposals / "BEP-1061-agent-kernel-lifecycle.md").unlink()
    call(here, "renumber", "1058", "--to", "1090")

    found = reviewed(call, here)

    assert {1046, 1061, 1090} <= found.keys()
    assert found[1046]["status"] == {"from": "Draft", "to": "Accepted"}
    assert found[1061]["status"]["to"] is None
    assert found[1090]["sections"] == []
    altered = {number for number, one in found.items() if one["decisions"]["altered"]}
    assert altered == set()
