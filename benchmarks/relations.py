"""`bep list --graph` in folders of 500 and of 2,000 proposals, against `bep list` and `grep`.

Run it with `python benchmarks/relations.py`. Every proposal links and mentions several others, so
every one is parsed. Targets: four times the proposals cost at most five times as much; less than
300 MB of memory.
"""

from __future__ import annotations

import compileall
import statistics
import sys
import tempfile
from pathlib import Path

from checking import Run, run
from proposals import generated

import bep

RUNS = 3
SIZES = (500, 2000)


def main() -> None:
    # As pip does when it installs a package.
    compileall.compile_dir(Path(bep.__file__).parent, quiet=1)
    tool = [sys.executable, "-m", "bep", "list"]
    calls = {
        "bep list": tool,
        "bep list --graph": [*tool, "--graph"],
        "bep list --graph 1005": [*tool, "--graph", "1005"],
        "grep": ["grep", "-rnE", "BEP-[0-9]+", "proposals"],
    }
    runs: dict[tuple[str, int], list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folders = {size: generated(Path(name) / str(size), size) for size in SIZES}
        for _ in range(RUNS):
            for size, folder in folders.items():
                for call, arguments in calls.items():
                    runs.setdefault((call, size), []).append(run(arguments, folder))
    print(f"{RUNS} runs, CPU seconds and megabytes of memory, medians")
    for (call, size), those in runs.items():
        seconds, megabytes = (statistics.median(one[at] for one in those) for at in (0, 2))
        print(f"  {call:<22} {size:>5} proposals: {seconds:6.2f} s, {megabytes:4.0f} MB")
    few, many = (
        statistics.median(one.seconds for one in runs["bep list --graph", size]) for size in SIZES
    )
    print(f"bep list --graph, {SIZES[1]} to {SIZES[0]}: {many / few:.2f}")


if __name__ == "__main__":
    main()
