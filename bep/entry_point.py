"""The first and the last moments of the process `bep`: Ctrl-C counts in them, too."""

from __future__ import annotations

import os
import signal
import sys

from .interrupts import begin_interrupts, end_interrupts


def main() -> None:
    """Run `bep`; exits with the code of `bep.tasks.program.main`."""
    code = 2
    try:
        begin_interrupts()
        from .tasks.program import main as run

        run()
        code = 0
    except KeyboardInterrupt:
        # Before a task or after it: the task itself says what it changed.
        _say_stopped()
    except SystemExit as end:
        code = int(end.code or 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def _say_stopped() -> None:
    end_interrupts()
    commands = sys.modules.get("bep.tasks.execution")
    stopped = getattr(commands, "stopped", lambda: "stopped; nothing was changed")
    os.write(2, f"bep: {stopped()}\n".encode(errors="replace"))
