"""`bep site` with 70 and with 2,000 proposals: processor time, time, memory, and what comes out.

Run it with `python benchmarks/site.py`; it needs the extra `site`. Target: linear, that is, 2,000
proposals cost at most 1.3 times 2,000 / 70 of what 70 cost beyond an empty folder.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from checking import Run, run
from proposals import generated

FEW, MANY = 70, 2000
RUNS = {0: 5, FEW: 5, MANY: 1}


def measured(folder: Path, size: int) -> Run:
    """The median of some runs, by processor time."""
    command = [sys.executable, "-m", "bep", "site", "--output", str(folder.parent / f"site-{size}")]
    run(command, folder)
    every = sorted(run(command, folder) for _ in range(RUNS[size]))
    return statistics.median_low(every)


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    costs = {}
    with tempfile.TemporaryDirectory() as name:
        for size in RUNS:
            folder = generated(Path(name) / str(size), size)
            costs[size] = cost = measured(folder, size)
            made = megabytes(folder.parent / f"site-{size}")
            print(
                f"{size:>5} proposals of {megabytes(folder / 'proposals'):5.1f} MB:"
                f" {cost.seconds:6.2f} s CPU, {cost.clock:6.2f} s, {cost.megabytes:4.0f} MB memory,"
                f" a site of {made:5.1f} MB"
            )
    few, many = (costs[size].seconds - costs[0].seconds for size in (FEW, MANY))
    print(f"{MANY / FEW:.1f} times the proposals cost {many / few:.1f} times as much")


if __name__ == "__main__":
    main()
