"""`bep check --all` against `rumdl`, a linter of Markdown in Rust, on the same files.

Run it with `python benchmarks/checking.py [CORPUS]`; CORPUS is a folder that holds `proposals/`,
`../shared/corpus` if left out. The peer is installed into a temporary folder. Both are run without
what they keep of earlier runs, then with it, and then after one document has changed. Targets: at
most 1.5 times its time without, less than its time with; four times the proposals at most five
times the cost; less than 300 MB of memory.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import venv
from functools import partial
from pathlib import Path

from compare import (
    BEP,
    LINTED,
    Command,
    Costs,
    conditions,
    in_turn,
    installed,
    most,
    ratios,
    spread,
    table,
)
from proposals import CORPUS, add_line, generated, megabytes, real

PAIRS = 7
HEADS = ["", "bep, clock", "rumdl, clock", "bep, CPU", "rumdl, CPU", "bep, memory", "bep to rumdl"]
SIZES = (500, 2000)


def row(name: str, mine: Costs, theirs: Costs) -> list[str]:
    """A row of the table: both, and the ratios of their times on the clock."""
    times = (mine.clock, theirs.clock, mine.cpu, theirs.cpu)
    medians = [f"{statistics.median(one):.2f} s" for one in times]
    return [name, *medians, most(mine.memory), spread(ratios(mine.clock, theirs.clock), digits=1)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        environment = installed(base)
        venv.create(base / "tools", with_pip=True)
        tools = base / "tools/bin"
        subprocess.run([tools / "pip", "install", "-q", "rumdl"], check=True)
        version = subprocess.check_output([tools / "rumdl", "--version"], text=True)
        check = [*BEP, "check", "--all"]
        peer = [str(tools / "rumdl"), "check"]
        folders = {f"{size:,} proposals": generated(base / str(size), size) for size in SIZES}
        corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
        if corpus.is_dir():
            folders["the corpus"] = real(base / "corpus", corpus)
        rows = []
        for title, folder in folders.items():
            named = f"{title}, {megabytes(folder):.1f} MB"
            for how, ours, theirs, before in (
                ("cold", [*check, "--no-cache"], [*peer, "--no-cache", "proposals"], lambda: None),
                ("again", check, [*peer, "proposals"], lambda: None),
                ("one document changed", check, [*peer, "proposals"], partial(add_line, folder)),
            ):
                commands = {
                    "bep": Command(ours, folder, environment, before, LINTED),
                    "rumdl": Command(theirs, folder, environment, codes=LINTED),
                }
                found = in_turn(commands, PAIRS)
                rows.append(row(f"{named}, {how}", found["bep"], found["rumdl"]))
    print(conditions(PAIRS, "pyyaml").removesuffix("\n"))
    print(f"Compared with {version.strip()}.\n")
    print(table(HEADS, rows), end="")


if __name__ == "__main__":
    main()
