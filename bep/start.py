"""The first and the last moments of the process `bep`: Ctrl-C counts in them, too."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def main() -> None:
    """Run `bep`; exits with the code of `bep.program.main`."""
    code = 2
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Otherwise it is ignored, as for a job in the background.
            signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGALRM, _interrupt)
        sys.unraisablehook = _interrupt_again
        from .program import main as run

        run()
        code = 0
    except KeyboardInterrupt:
        # Before a task or after it: the task itself says what it changed.
        _say_stopped()
    except SystemExit as end:
        code = int(end.code or 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def end_interrupts() -> None:
    """Let nothing interrupt a process any more that is about to end."""
    if signal.getsignal(signal.SIGINT) is _interrupt:
        # Not SIG_IGN, which programs started from here would inherit.
        signal.signal(signal.SIGINT, lambda *_: None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _interrupt_again(ignored: UnraisableHookArgs) -> None:
    """Interrupt once more where Python ignored it, as it does while it takes objects apart."""
    if ignored.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
    else:
        sys.__unraisablehook__(ignored)


def _say_stopped() -> None:
    end_interrupts()
    commands = sys.modules.get("bep.commands")
    stopped = getattr(commands, "stopped", lambda: "stopped; nothing was changed")
    os.write(2, f"bep: {stopped()}\n".encode(errors="replace"))
