"""`bep context` and `bep search` in folders of 20 and of 2,000 proposals.

Run it with `python benchmarks/reading.py`. Targets: `context` for one proposal takes less than
0.4 s of processor time and no more among 2,000 proposals than among 20; `search` over 2,000 takes
less than 1 s. The obvious alternatives stand beside them: `bep --help`, which is what starting
Python and the tool costs, and `grep` for the same words.
"""

from __future__ import annotations

import compileall
import statistics
import sys
import tempfile
from pathlib import Path

from compare import Command, cpu_seconds
from proposals import generated

import bep

RUNS = 9
FEW, MANY = 20, 2000
WORDS = ("quota", "session")


def measured(commands: list[Command]) -> dict[str, list[float]]:
    """The processor time of each command, in turn, so that what slows one down slows all."""
    for command in commands:
        cpu_seconds(command)
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(RUNS):
        for command in commands:
            times[command.name].append(cpu_seconds(command))
    return times


def print_medians(times: dict[str, list[float]]) -> None:
    """Print a line with median, smallest and largest time for each command."""
    for command, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"  {command:<26} median {middle:.3f}, {min(seconds):.3f} to {max(seconds):.3f}")


def ratio(times: dict[str, list[float]], one: str, other: str) -> str:
    pairs = sorted(a / b for a, b in zip(times[one], times[other], strict=True))
    return f"{statistics.median(pairs):.2f} ({pairs[0]:.2f} to {pairs[-1]:.2f})"


def main() -> None:
    # As pip does when it installs a package; Invoke keeps Python from doing it on the way.
    compileall.compile_dir(Path(bep.__file__).parent, quiet=1)
    tool = [sys.executable, "-m", "bep"]
    with tempfile.TemporaryDirectory() as name:
        few, many = (generated(Path(name) / str(size), size) for size in (FEW, MANY))
        size = sum(path.stat().st_size for path in (many / "proposals").iterdir()) / 1e6
        context = [*tool, "context", "1005"]
        commands = [
            Command("python -c pass", [sys.executable, "-c", "pass"], few),
            Command("bep --help", [*tool, "--help"], few),
            Command(f"context, {FEW}", context, few),
            Command(f"context, {MANY}", context, many),
            Command(f"context --json, {MANY}", [*context, "--json"], many),
            Command(f"search, {FEW}", [*tool, "search", *WORDS], few),
            Command(f"search, {MANY}", [*tool, "search", *WORDS], many),
            Command(f"search --json, {MANY}", [*tool, "search", *WORDS, "--json"], many),
            Command("grep", ["grep", "-rniE", "|".join(WORDS), "proposals"], many),
        ]
        times = measured(commands)
    print(f"{RUNS} runs, {MANY} proposals of {size:.1f} MB, CPU seconds of the whole process tree")
    print_medians(times)
    print(f"context, {MANY} to {FEW}: {ratio(times, f'context, {MANY}', f'context, {FEW}')}")
    print(f"context to bep --help: {ratio(times, f'context, {MANY}', 'bep --help')}")
    print(f"search to grep: {ratio(times, f'search, {MANY}', 'grep')}")


if __name__ == "__main__":
    main()
