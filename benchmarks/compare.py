"""Runs two commands in turn and compares the processor time of their whole process trees."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
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


def report(ours: Command, other: Command, pairs: int) -> str:
    """Both commands' median times and the median of the ratios, pair by pair."""
    for command in (ours, other):
        cpu_seconds(command)
    measured = [(cpu_seconds(ours), cpu_seconds(other)) for _ in range(pairs)]
    ratios = sorted(mine / theirs for mine, theirs in measured)
    return "\n".join(
        [
            f"{pairs} pairs, CPU seconds of the whole process tree",
            f"  {ours.name:<42} median {statistics.median(a for a, _ in measured):.3f}",
            f"  {other.name:<42} median {statistics.median(b for _, b in measured):.3f}",
            f"  ratio: median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f}",
        ]
    )
