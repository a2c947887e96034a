"""`review`: what each commit of a history means to a reviewer, and whatever a change is made of.

`UPDATE_GOLDEN=1 python -m pytest tests/share/test_review.py` writes the files of
`tests/golden/review` anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from tests.conftest import PAGE, ROOT, run_git
from tests.series import REVISIONS, proposals_at_v1, template_at_v2

GOLDEN = ROOT / "tests" / "golden" / "review"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "review.json").read_text())
GUIDE = "proposals/.copier/guide.yml"
JOURNAL = "proposals/BEP-1001-event-journal.md"
LEDGER = "proposals/BEP-1002-quota-ledger.md"
TOKENS = "proposals/BEP-1006-token-service.md"
HEAD = "|------|----------|-----------|\n"
ROWS = (
    "| 2026-03-02 | Tokens are opaque | Clients must not read them |\n"
    "| 2026-03-02 | They expire after an hour | Long enough for an upload |\n"
    "| 2026-03-03 | One table for all kinds | Fewer joins |\n"
)


class Folder(NamedTuple):
    """A repository to edit and to call `bep` in."""

    root: Path

    def bep(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bep", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def edit(self, path: str, *edits: tuple[str, str]) -> None:
        file = self.root / path
        text = file.read_bytes().decode()
        for old, new in edits:
            assert old in text, (path, old)
            text = text.replace(old, new)
        file.write_bytes(text.encode())

    def commit(self) -> None:
        run_git(self.root, "add", "--all")
        run_git(self.root, "commit", "--quiet", "--message=Step")


# --- A history ----------------------------------------------------------------------------------


def new(here: Folder) -> None:
    here.bep(
        "new", "Token Service", "--defaults", "-d", "components=issuer,store", "--to", "v1.0.0"
    )


def written(here: Folder) -> None:
    here.edit(
        TOKENS,
        (HEAD, HEAD + ROWS),
        ("\n## Current Design", "\nNobody knows who calls.\n\n## Current Design"),
        ("### Issuer\n", "### Issuer\n\nIt signs.\nIt forgets.\n"),
        ("### Store\n", "### Store\n\nA table of hashes.\n"),
        (
            "questions that have an answer. -->",
            "questions that have an answer. -->\n\n- Which hash?",
        ),
        ("- Which hash?", "- Which hash?\n- Do we need refresh tokens?\n- Who rotates the keys?"),
    )


def accepted(here: Folder) -> None:
    more = ["--target-version", "26.9.0", "--despite-open-questions"]
    here.bep("mark", "1006", "accepted", *more)


def decisions_altered(here: Folder) -> None:
    here.edit(
        TOKENS,
        ("after an hour | Long enough for an upload", "after a day | Uploads take longer"),
        ("| 2026-03-03 | One table for all kinds | Fewer joins |\n", ""),
    )


def questions_answered(here: Folder) -> None:
    here.bep(
        "decide",
        "1006",
        "--question",
        "hash",
        "--decision",
        "Argon2",
        "--rationale",
        "The slowest hash there is",
    )
    here.edit(TOKENS, ("- Do we need refresh tokens?\n", ""))
    here.bep("ask", "1006", "--question", "Which clock counts?")


def reformatted(here: Folder) -> None:
    """Nothing that a reader sees: another alignment, CRLF, emphasis."""
    here.edit(
        TOKENS,
        ("| 2026-03-02 | Tokens are opaque |", "|2026-03-02|**Tokens**   are _opaque_|"),
        ("|------|----------|-----------|", "|:-----|:--------:|-----------|"),
        ("\n", "\r\n"),
    )


def segmented(here: Folder) -> None:
    here.edit(TOKENS, ("\r\n", "\n"))
    here.commit()
    here.bep("segment", "1006", "--component", "Issuer=issuer", "--component", "Store=store")


def updated(here: Folder) -> None:
    here.bep("update")
    shutil.copy(here.root.parent / "template" / "guide.yml", here.root / GUIDE)


def renumbered(here: Folder) -> None:
    here.bep("renumber", "1006", "--to", "1020")


def others(here: Folder) -> None:
    """An accepted document is edited, another proposal is taken away."""
    here.edit(JOURNAL, ("Events get lost.", "Events get lost, twice."))
    (here.root / LEDGER).unlink()
    row = next(line for line in (here.root / PAGE).read_text().split("\n") if "[1002]" in line)
    here.edit(PAGE, (f"{row}\n", ""))


STEPS: list[Callable[[Folder], None]] = [
    *(new, written, accepted, decisions_altered, questions_answered, reformatted, segmented),
    *(updated, renumbered, others),
]


@pytest.fixture(scope="module")
def history(_start, tmp_path_factory) -> dict[str, str]:
    """What `review` says of each step, by its name; and of all of them as Markdown and JSON."""
    folder = tmp_path_factory.mktemp("history")
    revision = ("guidance reworded", "decision log column added", "metadata key renamed")
    edits = [edit for name in revision for edit in REVISIONS[name]]
    here = Folder(
        proposals_at_v1(_start, folder / "repository", template_at_v2(folder / "template", edits))
    )
    (here.root / "tokens.py").write_text("# BEP-1006 says why. See BEP-1002, not BEP-10060.\n")
    (here.root / GUIDE).parent.mkdir()
    shutil.copy(ROOT / "guide.yml", here.root / GUIDE)
    here.commit()
    run_git(here.root, "switch", "--quiet", "--create", "bep/1006-token-service")
    said = {}
    for step in STEPS:
        step(here)
        said[f"{step.__name__}.txt"] = here.bep("review", "HEAD")
        here.commit()
    said["everything.md"] = here.bep("review", "--format", "markdown")
    said["everything.json"] = here.bep("review", "--json")
    return {name: _steady(text) for name, text in said.items()}


def _steady(text: str) -> str:
    """Put words for what differs from run to run: commits, and the day."""
    text = re.sub(r"\b[0-9a-f]{9}\b", "COMMIT", text)
    return re.sub(r"\b(?!2026-03)\d{4}-\d\d-\d\d\b", "TODAY", text)


@pytest.mark.parametrize(
    "name", [*(f"{step.__name__}.txt" for step in STEPS), "everything.md", "everything.json"]
)
def test_a_reviewer_reads(history, name):
    golden = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(history[name])

    assert history[name] == golden.read_text()


def test_what_merely_looks_different_alters_no_decision(history):
    assert all("decision is" not in history[name] for name in ("reformatted.txt", "renumbered.txt"))
    assert "A template update and nothing else, v1.0.0 -> v2.0.0" in history["updated.txt"]


def test_the_output_is_by_the_schema(history):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(history["everything.json"]), SCHEMA)
