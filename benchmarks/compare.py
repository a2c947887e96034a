"""Runs commands in turn, and says in Markdown what they and all their child processes cost.

`invoke evidence` puts what a benchmark prints into docs/evidence/speed.md.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

BEP = (sys.executable, "-m", "bep")
# The exit codes of a linter that works, whether it finds something or not.
LINTED = (0, 1)
NOTHING = (sys.executable, "-c", "pass")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a folder; `before` prepares each run and is not measured.

    It may end with one of `codes`. One that takes long has at most `limit` runs.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    codes: Sequence[int] = (0,)
    limit: int = sys.maxsize


class Cost(NamedTuple):
    """Seconds by the clock and of processor time, and the megabytes of the largest process."""

    clock: float
    cpu: float
    memory: float


class Costs(NamedTuple):
    """The costs of several runs."""

    clock: list[float]
    cpu: list[float]
    memory: list[float]


def cost(command: Command) -> Cost:
    """What one run costs, all its child processes included.

    Linux counts the memory of this process until the command begins, so the result is never less: a
    benchmark that compares memory must need little itself.
    """
    command.before()
    begun = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        sys.exit(f"{command.arguments} ended with {process.returncode}")
    return Cost(clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def costs(runs: Sequence[Cost]) -> Costs:
    return Costs(*(list(values) for values in zip(*runs, strict=True)))


def in_turn(commands: Mapping[Key, Command], runs: int) -> dict[Key, Costs]:
    """The costs of each command.

    They run in turn, so that whatever slows the machine down affects all of them. Each command runs
    once before that, unmeasured, to fill its caches, unless its limit is a single run.
    """
    for command in commands.values():
        if command.limit > 1:
            cost(command)
    found: dict[Key, list[Cost]] = {key: [] for key in commands}
    for at in range(runs):
        for key, command in commands.items():
            if at < command.limit:
                found[key].append(cost(command))
    return {key: costs(those) for key, those in found.items()}


def ratios(ours: Sequence[float], others: Sequence[float]) -> list[float]:
    """The ratio of each pair; runs without a counterpart are left out."""
    return [mine / theirs for mine, theirs in zip(ours, others, strict=False)]


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """A median with the smallest and the largest value, or the only value."""
    median = f"{statistics.median(values):.{digits}f}{unit}"
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return f"{median} ({low} to {high})" if len(values) > 1 else median


def most(memory: Sequence[float]) -> str:
    """The most memory of all runs."""
    return f"{max(memory):.0f} MB"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in line)}|\n" for line in lines
    )


def installed(folder: Path) -> dict[str, str]:
    """An environment in which `bep` has bytecode, as pip gives it, and caches of its own."""
    return {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        # The command `bep` does not look for modules in the current folder first.
        "PYTHONSAFEPATH": "1",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def conditions(runs: int, *packages: str, fewer: str = "") -> str:
    """A sentence that says where, when and with which versions something was measured.

    `fewer` says what had fewer runs.
    """
    times = [cost(Command(NOTHING, Path.cwd())).cpu for _ in range(5)]
    git = subprocess.check_output(["git", "--version"], text=True).split()[2]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    known = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in known.splitlines() if "model name" in line]
    processors = f"{os.cpu_count()} processors" + (f" ({models[0]})" if models else "")
    load = os.getloadavg()[0]
    return (
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}, {runs} runs in turn"
        f"{fewer and f' ({fewer})'}, medians (smallest to"
        f" largest); {processors}, {platform.system()}, load {load:.1f};"
        f" {', '.join([f'Python {platform.python_version()}', f'Git {git}', *versions])};"
        f" `python -c pass` took {statistics.median(times):.3f} s.\n"
    )
