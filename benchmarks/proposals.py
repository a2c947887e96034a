"""Repositories with generated proposals, and with real ones, for benchmarks and tests."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
# Git must not pack objects in the background while something is measured.
SETTINGS = (
    *("-c", "user.name=Bench", "-c", "user.email=bench@example.com"),
    *("-c", "gc.auto=0"),
)
SEED = 1046
TEXT = """
agent session kernel manager quota event cache schema cluster node image volume token scope queue
worker policy limit lease route audit replica shard index batch stream gateway
"""
WORDS = TEXT.split()
SECTIONS = (
    ("Related Issues", 3),
    ("Motivation", 14),
    ("Current Design", 30),
    ("Proposed Design", 60),
    ("Migration / Compatibility", 12),
    ("Implementation Plan", 12),
)
HEAD = """# Proposals

| Number | Title | Author | Status |
|--------|-------|--------|--------|
"""


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """What Git says, without the newline at its end."""
    done = subprocess.run(
        ["git", *SETTINGS, *arguments],
        cwd=folder,
        input=given,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def sentence(chance: random.Random) -> str:
    words = chance.choices(WORDS, k=chance.randint(6, 14))
    if chance.random() < 0.3:
        words[2] = f"`{words[2]}_{words[3]}`"
    return " ".join(words).capitalize() + "."


def section(chance: random.Random, title: str, lines: int, numbers: list[int]) -> str:
    written = [f"## {title}", ""]
    while len(written) < lines:
        kind = chance.random()
        if kind < 0.5:
            written += [sentence(chance), sentence(chance), ""]
        elif kind < 0.7:
            written += [*(f"- {sentence(chance)}" for _ in range(3)), ""]
        elif kind < 0.8:
            other = chance.choice(numbers)
            written += [f"See [BEP-{other}](BEP-{other}-proposal.md#motivation).", ""]
        elif kind < 0.9:
            written += ["```python", "def step(session: Session) -> None:", "    ...", "```", ""]
        else:
            cells = " | ".join(chance.choices(WORDS, k=3))
            written += ["| a | b | c |", "|---|---|---|", *([f"| {cells} |"] * 4), ""]
    return "\n".join(written)


def proposal(chance: random.Random, number: int, numbers: list[int]) -> str:
    body = "\n".join(section(chance, title, lines, numbers) for title, lines in SECTIONS)
    return f"""---
Author: Ada Lovelace (ada@example.com)
Status: Draft
Created: 2026-01-15
Created-Version: 26.1.0
Target-Version:
Implemented-Version:
---

<!-- context-for-ai
type: master-bep
scope: {sentence(chance)}
key-constraints: []
key-decisions: []
phases: 0
-->

# Proposal {number}

{body}
## Decision Log

| Date | Decision | Rationale |
|------|----------|-----------|
| 2026-01-15 | {sentence(chance)} | {sentence(chance)} |

## Open Questions

- {sentence(chance)}

## References

- [BEP-{numbers[0]}](BEP-{numbers[0]}-proposal.md)
"""


def generated(folder: Path, size: int) -> Path:
    """A repository with that many proposals."""
    chance = random.Random(SEED)
    proposals = folder / "proposals"
    proposals.mkdir(parents=True)
    numbers = list(range(1000, 1000 + size))
    rows = []
    for number in numbers:
        name = f"BEP-{number}-proposal.md"
        (proposals / name).write_text(proposal(chance, number, numbers))
        rows.append(f"| [{number}]({name}) | Proposal {number} | Ada Lovelace | Draft |\n")
    (proposals / "README.md").write_text(HEAD + "".join(rows))
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def real(folder: Path, corpus: Path) -> Path:
    """A repository with the proposals of a folder."""
    shutil.copytree(corpus / "proposals", folder / "proposals")
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def megabytes(folder: Path, names: str = "*.md") -> float:
    """The size of the files of a folder that have such names."""
    return sum(path.stat().st_size for path in folder.rglob(names) if path.is_file()) / 1e6


def add_line(folder: Path) -> None:
    """Change the document of one proposal, not the blank one: every verdict depends on that."""
    first = min((folder / "proposals").glob("BEP-[1-9]*.md"))
    first.write_bytes(first.read_bytes() + b"\nOne line more.\n")
