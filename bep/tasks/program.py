"""The console command `bep`: Invoke's program around the tasks, with positions and its own help."""

from __future__ import annotations

import gc
import sys

from invoke.exceptions import Exit
from invoke.program import Program

from .. import __version__, output
from ..system import effects
from . import namespace
from .command import Command, report
from .positions import flags_of


class BepProgram(Program):
    """Shows what a user of `bep` needs, without the options that only task authors need."""

    def run(self, argv: list[str] | None = None, exit: bool = True) -> None:  # noqa: A002, ARG002
        """Run Invoke's steps; `report` prints what ends them, in one line."""
        self.create_config()
        self.parse_core(argv)
        self.parse_collection()
        self.parse_tasks()
        self.parse_cleanup()
        self.update_config()
        self.execute()

    def print_version(self) -> None:
        output.say(f"bep {__version__}")

    def print_help(self) -> None:
        width = max(map(len, namespace.task_names)) + 2
        summaries = {name: namespace[name].__doc__ or "" for name in namespace.task_names}
        lines = [
            "Usage: bep TASK [arguments] [options]",
            "",
            "Write and keep Backend.AI Enhancement Proposals (BEPs).",
            "",
            "Tasks:",
            *(
                f"  {name:<{width}}{doc.strip().split(chr(10), 1)[0]}"
                for name, doc in summaries.items()
            ),
            "",
            "`bep TASK --help` explains a task; `bep --version` prints the version.",
        ]
        output.write("\n".join(lines) + "\n")

    def print_task_help(self, name: str) -> None:
        task: Command = namespace[name]
        output.write(task.help_text("bep") + "\n")


def main() -> None:
    """Run `bep` with the process's arguments; exits with 0, 1 (documents) or 2 (call)."""
    # A command ends before its garbage matters; collecting it costs a tenth of the time.
    gc.disable()
    effects.forget()
    program = BepProgram(version=__version__, namespace=namespace, name="bep", binary="bep")
    try:
        report(lambda: program.run(["bep", *flags_of(sys.argv[1:], namespace)]))
    except Exit as end:
        sys.exit(end.code)
