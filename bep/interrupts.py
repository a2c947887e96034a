"""Ctrl-C in the process `bep`: it counts from the first moment on, and no longer at the end."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def begin_interrupts() -> None:
    """Raise KeyboardInterrupt for Ctrl-C from now on, even if Python would ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Otherwise it is ignored, as for a job in the background.
        signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _interrupt_again


def end_interrupts() -> None:
    """Ignore interrupts from now on: the process is about to end."""
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
