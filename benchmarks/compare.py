"""Runs commands in turn and compares the processor time of their whole process trees.

What a benchmark prints is Markdown; `invoke evidence` puts it into docs/evidence/speed.md.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a folder; `before` prepares each run and is not measured."""

    name: str
    arguments: Sequence[str]
    folder: Path
    before: Callable[[], None] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)


def cpu_seconds(command: Command) -> float:
    """User and system time of one run, all its child processes included."""
    command.before()
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command.arguments,
        cwd=command.folder,
        check=True,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (end.ru_utime - start.ru_utime) + (end.ru_stime - start.ru_stime)


def in_turn(commands: Sequence[Command], runs: int) -> list[list[float]]:
    """The times of each command; one run of each after the other, as all of them get slower.

    Before them, each runs once unmeasured, to fill the caches that it has in use.
    """
    for command in commands:
        cpu_seconds(command)
    rounds = [[cpu_seconds(command) for command in commands] for _ in range(runs)]
    return [list(times) for times in zip(*rounds, strict=True)]


def ratios(ours: Sequence[float], others: Sequence[float]) -> list[float]:
    """The ratio of each pair."""
    return [mine / theirs for mine, theirs in zip(ours, others, strict=True)]


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """A median with the smallest and the largest value."""
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return f"{statistics.median(values):.{digits}f}{unit} ({low} to {high})"


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
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def conditions(runs: int, *packages: str) -> str:
    """A sentence that says where, when and with which versions something was measured."""
    nothing = Command("", [sys.executable, "-c", "pass"], Path.cwd())
    start = statistics.median(in_turn([nothing], 5)[0])
    git = subprocess.check_output(["git", "--version"], text=True).split()[2]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    known = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in known.splitlines() if "model name" in line]
    processors = f"{os.cpu_count()} processors" + (f" ({models[0]})" if models else "")
    load = os.getloadavg()[0]
    return (
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}, {runs} runs in turn, medians (smallest to"
        f" largest); {processors}, {platform.system()}, load {load:.1f};"
        f" {', '.join([f'Python {platform.python_version()}', f'Git {git}', *versions])};"
        f" `python -c pass` took {start:.3f} s.\n"
    )
