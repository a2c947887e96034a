"""`bep context` over all real proposals: nothing that matters is missing, and little else is there.

What has to be there is found by code of this test's own, line by line.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import CORPUS, ROOT, Call, run_git

MAINS = sorted(path.name for path in (CORPUS / "proposals").glob("BEP-1*.md"))
DECISIONS = r"(?:\d+\. )?(?:Decision Log|Decision Summary|Design Decisions)"
QUESTIONS = r"(?:\d+\. )?Open Questions"
PLAN = r"(?:\d+\. )?Implementation (?:Plan|Checklist)"


class Proposal(NamedTuple):
    """A real proposal in a repository of its own kind."""

    folder: Path
    main: Path

    @property
    def source(self) -> str:
        return self.main.read_bytes().decode()

    @property
    def subs(self) -> list[Path]:
        return sorted((self.main.parent / self.main.name[:8]).glob("*.md"))

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in (self.main, *self.subs))

    def sections(self, heading: str) -> Iterator[str]:
        """What stands below headings of level 2; a hash in code begins none in these documents."""
        for part in re.split(r"(?m)^(?=## )", self.source):
            if re.match(rf"## {heading}\s*$", part.partition("\n")[0]):
                yield part

    def must_have(self) -> Iterator[str]:
        """The lines of the decisions and of the open questions."""
        for part in (*self.sections(DECISIONS), *self.sections(QUESTIONS)):
            yield from (line for line in part.splitlines() if line.strip() and line[0] != "#")

    def phases(self) -> list[str]:
        plans = "".join(self.sections(PLAN))
        named = re.findall(r"(?m)^(?:### |\d+\. |- )?\**Phase (\d+)", plans)
        return list(dict.fromkeys(named))

    def documents_of(self, phase: str) -> list[Path]:
        """The sub-documents that the index has in a row for the phase."""
        rows = [line for line in self.source.splitlines() if line.startswith("| [")]
        last = [(row, row.rstrip(" |").rpartition("|")[2]) for row in rows]
        wanted = [row for row, cell in last if re.match(rf" Phase (?:\d, )*{phase}\b", cell)]
        return [path for path in self.subs if any(path.name in row for row in wanted)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(CORPUS / "proposals", folder / "proposals")
    run_git(folder, "init", "--quiet")
    return folder


@pytest.fixture(params=MAINS or [pytest.param("", marks=pytest.mark.skip("no corpus"))])
def real(folder: Path, request: pytest.FixtureRequest) -> Proposal:
    return Proposal(folder, folder / "proposals" / request.param)


@pytest.fixture(scope="module")
def given() -> dict[tuple[str, ...], str]:
    """What `bep context` gave, by its arguments: two tests look at the same texts."""
    return {}


def text_of(real: Proposal, call: Call, given: dict[tuple[str, ...], str], *arguments: str) -> str:
    key = (f"proposals/{real.main.name}", *arguments)
    if key not in given:
        code, given[key], err = call(real.folder, "context", *key)
        assert code == 0, err
    return given[key]


@pytest.mark.sample(11)
def test_every_task_has_all_decisions_and_questions_and_its_documents_byte_for_byte(
    real, call, given
):
    tasks: list[tuple[list[str], list[Path]]] = [([], [])]
    tasks += [(["--phase", phase], real.documents_of(phase)) for phase in real.phases()]
    tasks += [(["--document", path.name], [path]) for path in real.subs]
    for arguments, chosen in tasks:
        out = text_of(real, call, given, *arguments)

        lines = set(out.splitlines())
        assert [line for line in real.must_have() if line not in lines] == [], arguments
        assert all(path.read_bytes().decode() in out for path in chosen), arguments


def test_json_says_the_same(real, call):
    arguments = ["--document", real.subs[0].name] if real.subs else []
    out = call(real.folder, "context", f"proposals/{real.main.name}", *arguments, "--json")[1]

    found = json.loads(out)
    told = [one["text"] for one in (*found["decisions"], *found["open_questions"])]
    told += [one["text"] for one in found["documents"]]
    lines = {line for text in told for line in text.splitlines()}
    # The head of a table is no decision.
    head = re.compile(r"\|(?: Decision|[-: ]+\|| Date)")
    rows = [line for line in real.must_have() if not head.match(line)]
    assert [line for line in rows if line not in lines] == []
    assert f"Status: {found['status']}" in real.source
    if real.subs:
        given = {one["path"]: one["text"] for one in found["documents"]}
        place = real.subs[0].relative_to(real.folder).as_posix()
        assert given[place] == real.subs[0].read_bytes().decode()


def test_segmented_proposals_take_a_third_at_most_on_average(folder, call, given):
    parts = []
    for name in MAINS:
        real = Proposal(folder, folder / "proposals" / name)
        if real.subs:
            tasks = [["--phase", phase] for phase in real.phases()]
            tasks += [["--document", path.name] for path in real.subs]
            sizes = [len(text_of(real, call, given, *task).encode()) for task in tasks]
            parts += [size / real.size for size in sizes]

    assert len(parts) > 40
    assert sum(parts) / len(parts) <= 1 / 3


def test_the_table_of_lengths_is_up_to_date(folder: Path):
    done = subprocess.run(
        [sys.executable, "benchmarks/context_sizes.py", str(CORPUS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == (ROOT / "docs/evidence/context-sizes.md").read_text(), done.stderr
