"""`bep check --all` against markdownlint-cli2 with its default rules, on the same files.

Run it with `python benchmarks/checking.py [CORPUS]`, with Node.js installed; CORPUS is a folder
that holds `proposals/`. Targets: at least twice as fast for each megabyte, four times the proposals
at most five times the cost, less than 200 MB of memory.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

PAIRS = 3
SIZES = (500, 2000)
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


class Run(NamedTuple):
    """What one run cost: seconds of processor time, megabytes of memory at most."""

    seconds: float
    megabytes: float


def run(arguments: list[str], folder: Path) -> Run:
    """Run a command that may find something (exit code 1) and say what it cost."""
    process = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{arguments[0]} ended with {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


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
    git(folder, "init", "--quiet")
    return folder


def real(folder: Path, corpus: Path) -> Path:
    """A repository with the proposals of a folder."""
    shutil.copytree(corpus / "proposals", folder / "proposals")
    git(folder, "init", "--quiet")
    return folder


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in (folder / "proposals").rglob("*.md")) / 1e6


def line(name: str, runs: list[Run], size: float) -> str:
    seconds = [one.seconds for one in runs]
    return (
        f"  {name:<20} median {statistics.median(seconds):6.2f} s, {min(seconds):.2f} to"
        f" {max(seconds):.2f}; {statistics.median(seconds) / size:.2f} s/MB;"
        f" {max(one.megabytes for one in runs):.0f} MB of memory"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        tools = base / "tools"
        tools.mkdir()
        install = ["npm", "install", "--silent", "--prefix", str(tools), "markdownlint-cli2"]
        subprocess.run(install, check=True, capture_output=True)
        ours = [sys.executable, "-m", "bep", "check", "--all"]
        other = [str(tools / "node_modules/.bin/markdownlint-cli2"), "proposals/**/*.md"]
        folders = {f"{size} proposals": generated(base / str(size), size) for size in SIZES}
        if len(sys.argv) > 1:
            folders["the corpus"] = real(base / "corpus", Path(sys.argv[1]))
        medians = {}
        for title, folder in folders.items():
            size = megabytes(folder)
            run(ours, folder)
            # In turn, so that what slows the machine down slows both down.
            pairs = [(run(ours, folder), run(other, folder)) for _ in range(PAIRS)]
            mine, theirs = ([pair[at] for pair in pairs] for at in (0, 1))
            ratios = sorted(b.seconds / a.seconds for a, b in pairs)
            medians[title] = statistics.median(one.seconds for one in mine)
            print(f"{title}, {size:.1f} MB, {PAIRS} pairs")
            print(line("bep check --all", mine, size))
            print(line("markdownlint-cli2", theirs, size))
            print(
                f"  {statistics.median(ratios):.1f} times as fast,"
                f" {ratios[0]:.1f} to {ratios[-1]:.1f} (at least 2)"
            )
        few, many = (medians[f"{size} proposals"] for size in SIZES)
        print(f"{SIZES[1]} to {SIZES[0]} proposals: {many / few:.2f} (at most 5)")


if __name__ == "__main__":
    main()
