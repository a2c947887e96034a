"""`bep site` with 70 and with 2,000 proposals: processor time, memory, and what comes out.

Run it with `python benchmarks/site.py [CORPUS]`; it needs the extra `site`. CORPUS is a folder that
holds `proposals/`, `../shared/corpus` if left out. Target: linear, that is, 2,000 proposals cost at
most 1.3 times 2,000 / 70 of what 70 cost beyond an empty folder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from compare import BEP, Command, conditions, in_turn, installed, most, spread, table
from proposals import CORPUS, generated, megabytes, real

# 2,000 proposals take a minute.
RUNS, FEWER = 7, 1
FEW, MANY = 70, 2000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        folders = {f"{size:,}": generated(base / str(size), size) for size in (0, FEW, MANY)}
        corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
        if corpus.is_dir():
            folders["the corpus"] = real(base / "corpus", corpus)
        commands, sites = {}, {}
        for title, folder in folders.items():
            sites[title] = folder.with_name(f"{folder.name}-site")
            call = [*BEP, "site", f"--output={sites[title]}"]
            limit = FEWER if title == f"{MANY:,}" else RUNS
            commands[title] = Command(call, folder, installed(base), limit=limit)
        found = in_turn(commands, RUNS)
        rows = []
        for title, those in found.items():
            given, made = megabytes(folders[title]), megabytes(sites[title], "*")
            cells = [spread(those.cpu, " s"), most(those.memory), f"{made:.0f} MB"]
            rows.append([f"{title}, {given:.1f} MB", *cells])
    empty, few, many = (median(found[f"{size:,}"].cpu) for size in (0, FEW, MANY))
    print(conditions(RUNS, "mkdocs-material", fewer=f"{FEWER} of {MANY:,} proposals"))
    print(table(["proposals", "CPU time", "memory", "site"], rows))
    growth = [f"{MANY / FEW:.1f} times", f"{(many - empty) / (few - empty):.1f} times"]
    heads = [f"{MANY:,} to {FEW}, beyond an empty folder", "CPU time", "target"]
    print(table(heads, [[*growth, f"at most {1.3 * MANY / FEW:.0f} times"]]), end="")


if __name__ == "__main__":
    main()
