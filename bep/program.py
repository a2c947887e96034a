"""The console command `bep`: Invoke's program around the tasks, with positions and its own help."""

from __future__ import annotations

import gc
import sys

from invoke.exceptions import Exit
from invoke.program import Program

from . import __version__
from .commands import Command, report
from .positions import flags_of
from .tasks import namespace


class BepProgram(Program):
    """Shows what a user of `bep` needs, without the options that only task authors need."""

    def print_version(self) -> None:
        print(f"bep {__version__}")

    def print_help(self) -> None:
        print("Usage: bep TASK [arguments] [options]\n")
        print("Write and keep Backend.AI Enhancement Proposals (BEPs).\n")
        print("Tasks:")
        width = max(map(len, namespace.task_names)) + 2
        for name in namespace.task_names:
            summary = (namespace[name].__doc__ or "").strip().split("\n", 1)[0]
            print(f"  {name:<{width}}{summary}")
        print("\n`bep TASK --help` explains a task; `bep --version` tells the version.")

    def print_task_help(self, name: str) -> None:
        task: Command = namespace[name]
        print(task.help_text("bep"))


def main() -> None:
    """Run `bep` with the process's arguments; exits with 0, 1 (documents) or 2 (call)."""
    # A command ends before its garbage matters; looking for it costs a tenth of the time.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    program = BepProgram(version=__version__, namespace=namespace, name="bep", binary="bep")
    try:
        report(lambda: program.run(["bep", *flags_of(sys.argv[1:], namespace)]))
    except Exit as end:
        sys.exit(end.code)
