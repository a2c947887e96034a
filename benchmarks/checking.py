"""`bep check --all` against `rumdl`, a linter of Markdown in Rust, on the same files.

Run it with `python benchmarks/checking.py [CORPUS]`; CORPUS is a folder that holds `proposals/`,
`../shared/corpus` if left out. The peer is installed into a temporary folder. Both are run without
what they keep of earlier runs, then with it, and then after one document has changed. Targets: at
most 1.5 times its time without, less than its time with; four times the proposals at most five
times the cost; less than 300 MB of memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import NamedTuple

from compare import conditions, ratios, spread, table
from proposals import CORPUS, add_line, generated, megabytes, real

PAIRS = 7
HEADS = ["", "bep, clock", "rumdl, clock", "bep, CPU", "rumdl, CPU", "bep, memory", "bep to rumdl"]
SIZES = (500, 2000)


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


def row(name: str, mine: list[Run], theirs: list[Run]) -> list[str]:
    """A row of the table: both, and the ratios of their times on the clock."""
    clocks = [[one.clock for one in runs] for runs in (mine, theirs)]
    processors = [[one.seconds for one in runs] for runs in (mine, theirs)]
    medians = [f"{statistics.median(one):.2f} s" for one in (*clocks, *processors)]
    memory = f"{max(one.megabytes for one in mine):.0f} MB"
    return [name, *medians, memory, spread(ratios(*clocks), digits=1)]


def main() -> None:
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
