"""What two commands say of a document cannot differ, and each version of a text is read once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

from bep.check.rules import decisions_and_questions
from bep.context import briefing
from bep.context.excerpts import Wish
from bep.markdown import blocks
from bep.proposal import (
    decision_log,
    derived_text,
    document_index,
    implementation_plan,
    open_questions,
    sub_documents,
)
from bep.proposal.document import Document, Role
from bep.update import answers_from_documents
from tests import small_trees
from tests.conftest import CORPUS, ROOT, Call, run_git


def tree_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.md")
        if path.is_file()
    }


TREES = {
    **{folder.name: tree_of(folder) for folder in (CORPUS, ROOT / "tests/golden")},
    **{path.stem: small_trees.read(path) for path in (ROOT / "tests/rules").iterdir()},
}
DOCUMENTS = sorted(
    (tree, path)
    for tree, files in TREES.items()
    for path in map(PurePosixPath, files)
    if path.match("BEP-[1-9]*-*.md") and not path.parent.name.startswith("BEP-")
)


def text_of(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def read(tree: str, path: PurePosixPath) -> tuple[Document, dict[str, Document]]:
    """A main document with its sub-documents, by file name."""
    files = TREES[tree]
    main = Document(text_of(files[str(path)]), f"proposals/{path.name}")
    folder = path.parent / path.name[: len("BEP-1234")]
    subs = {
        one.name: Document(
            text_of(files[str(one)]), f"proposals/{folder.name}/{one.name}", Role.SUB
        )
        for one in sorted(map(PurePosixPath, files))
        if one.parent == folder and one.suffix == ".md"
    }
    return main, subs


@pytest.mark.parametrize(("tree", "path"), DOCUMENTS, ids=str)
def test_all_commands_agree_on_a_document(tree: str, path: PurePosixPath):
    main, subs = read(tree, path)
    if "\0" in main.source:
        return
    told = briefing.brief(main, subs, Wish())
    adopted = answers_from_documents.answers_of(
        main.source,
        path.name,
        {file: sub.source for file, sub in subs.items()},
        None,
        main.guide,
        diagrams=False,
    ).answers

    # Sections: `check` looks at those of the upper two levels, all others at all of them.
    upper = {one.heading.start: one.family for one in main.top_sections if one.family}
    everywhere = {section.start: name for name in main.guide.order for section in main.all(name)}
    assert upper.items() <= everywhere.items()
    assert {start for start in everywhere if main.section_at[start].level <= 2} == set(upper)

    # Decisions: `context` gives all; `decide` adds to a table of them, which `check` judges.
    log = decision_log.find(main)
    rows = {row.start for row in log.table.rows} if log else set()
    assert [one.start for one in told.decisions] == [start for start, _ in decision_log.spans(main)]
    assert rows <= {one.start for one in told.decisions}
    if log and main.find(decision_log.SECTION).level <= 2:
        judged = [one.table for _, one in decisions_and_questions.logs(main) if one]
        assert log.table in judged

    # Open questions: `context`, `ask`, `decide` and `check`.
    asked = [one.start for one in open_questions.find(main)]
    assert sorted(one.start for one in told.questions) == asked
    every = open_questions.all_of(main)
    assert [one.question.start for one in every if not one.why] == asked

    # Phases: `context`, `adopt`, and where they can be counted `check` and `sync`.
    phases = implementation_plan.phases(main)
    assert len(adopted["phases"]) == len(phases)
    assert implementation_plan.count(main) in (None, len(phases))

    # Sub-documents: `context`, `sync`, `check`, `adopt`.
    given = {Path(one.path) for one in (*told.pieces, *told.left)} - {Path(main.path)}
    assert {one.name for one in given} == set(subs)
    linked = {one.file for one in document_index.linked(main)}
    mentioned = {file for _, file in sub_documents.mentions(main, subs).places}
    assert linked & set(subs) <= mentioned
    about = {file: derived_text.description(sub, file) for file, sub in subs.items()}
    assert set(about) == set(subs)
    assert {f"{one['name']}.md" for one in adopted["components"]} <= set(subs)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text of some length is scanned from now on."""
    seen: Counter[str] = Counter()
    scan = blocks._Scanner.run

    def counted(self: blocks._Scanner, *, front_matter: bool) -> list[blocks.Block]:
        if len(self.texts) > 30:
            seen["\n".join(self.texts)] += 1
        return scan(self, front_matter=front_matter)

    blocks.of_document.cache_clear()
    monkeypatch.setattr(blocks._Scanner, "run", counted)
    return seen


@pytest.fixture
def adopted(released, call: Call) -> Path:
    """A repository with a real proposal in one file, adopted."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    for name in ("BEP-1041-scope-based-graphql-api-naming.md", "BEP-1057-agent-re-architecture.md"):
        shutil.copy(CORPUS / "proposals" / name, released / "proposals" / name)
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Documents")
    assert call(released, "adopt", "1041")[0] == 0
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Adopted")
    return released


@pytest.mark.parametrize(
    "command",
    [
        "ask 1057 --question Who?",
        "decide 1057 --question 1 --decision No --rationale So --drop-detail",
        "mark 1057 Rejected --reason Unneeded",
        "context 1041 --json",
        "sync",
        "segment 1041",
    ],
    ids=lambda command: command.split()[0],
)
def test_each_version_of_a_text_is_scanned_once(adopted, call: Call, scans, command):
    code, said, complaint = call(adopted, *command.split())

    assert code == 0, said + complaint
    assert scans
    assert max(scans.values()) == 1


def test_context_gives_the_decisions_of_all_sections_of_the_log(repository, call: Call):
    """A summary beside the log is a part of it: real documents have both."""
    path = repository / "proposals/BEP-1001-event-journal.md"
    path.write_text(
        "# T\n\n## 7. Decision Summary\n\n| Decision | Content |\n|---|---|\n| A | B |\n\n"
        "## Decision Log\n\n| Date | Decision | Rationale |\n|---|---|---|\n"
        "| 2026-01-02 | C | D |\n"
    )
    given = json.loads(call(repository, "context", "1001", "--json")[1])

    assert [one["text"] for one in given["decisions"]] == ["| A | B |", "| 2026-01-02 | C | D |"]
