"""`bep check --all` against `rumdl`, a linter of Markdown in Rust, on the same files.

Run it with `python benchmarks/checking.py [CORPUS]`; CORPUS is a folder that holds `proposals/`,
`../shared/corpus` if left out. The peer is installed into a temporary folder. Both are run without
what they keep of earlier runs, then with it, and then after one document has changed. Targets: at
most 1.5 times its time without, less than its time with; four times the proposals at most five
times the cost; less than 300 MB of memory.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import NamedTuple

PAIRS = 7
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
HEADS = ["", "bep, clock", "rumdl, clock", "bep, CPU", "rumdl, CPU", "bep, memory", "bep to rumdl"]
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
    """What one run cost: seconds of processor time and of the clock, most megabytes of memory."""

    seconds: float
    clock: float
    megabytes: float


def run(arguments: list[str], folder: Path) -> Run:
    """Run a command that may find something (exit code 1) and say what it cost."""
    begun = time.monotonic()
    process = subprocess.Popen(
        arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{arguments[0]} ended with {process.returncode}")
    clock = time.monotonic() - begun
    return Run(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1024)


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


def row(name: str, mine: list[Run], theirs: list[Run]) -> list[str]:
    """A row of the table: both, and the ratios of their times on the clock."""
    # Tests use the repositories of this module, and do not find what is beside it.
    from compare import ratios, spread

    clocks = [[one.clock for one in runs] for runs in (mine, theirs)]
    processors = [[one.seconds for one in runs] for runs in (mine, theirs)]
    medians = [f"{statistics.median(one):.2f} s" for one in (*clocks, *processors)]
    memory = f"{max(one.megabytes for one in mine):.0f} MB"
    return [name, *medians, memory, spread(ratios(*clocks), digits=1)]


def add_line(folder: Path) -> None:
    """Change one document."""
    first = min((folder / "proposals").glob("BEP-*.md"))
    first.write_bytes(first.read_bytes() + b"\nOne line more.\n")


def main() -> None:
    from compare import conditions, table

    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        venv.create(base / "tools", with_pip=True)
        tools = base / "tools/bin"
        subprocess.run([tools / "pip", "install", "-q", "rumdl"], check=True)
        version = subprocess.check_output([tools / "rumdl", "--version"], text=True)
        check = [sys.executable, "-m", "bep", "check", "--all"]
        peer = [str(tools / "rumdl"), "check"]
        folders = {f"{size:,} proposals": generated(base / str(size), size) for size in SIZES}
        corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
        if corpus.is_dir():
            folders["the corpus"] = real(base / "corpus", corpus)
        rows = []
        for title, folder in folders.items():
            named = f"{title}, {megabytes(folder):.1f} MB"
            for how, ours, theirs, before in (
                ("cold", [*check, "--no-cache"], [*peer, "--no-cache", "proposals"], None),
                ("again", check, [*peer, "proposals"], None),
                ("one document changed", check, [*peer, "proposals"], add_line),
            ):
                pairs = []
                for _ in range(PAIRS + 1):
                    if before:
                        before(folder)
                    # In turn, so that what slows the machine down slows both down.
                    pairs.append((run(ours, folder), run(theirs, folder)))
                # The first one fills the caches.
                mine, others = zip(*pairs[1:], strict=True)
                rows.append(row(f"{named}, {how}", [*mine], [*others]))
    print(conditions(PAIRS, "pyyaml").removesuffix("\n"))
    print(f"Compared with {version.strip()}.\n")
    print(table(HEADS, rows), end="")


if __name__ == "__main__":
    main()
