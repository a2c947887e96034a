"""The pager, as Git has it: a program that shows a long text a screen at a time."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

from .tables import length

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def shows(text: str) -> bool:
    """Whether a pager showed the text; it does not where the text fits the terminal, or it fails.

    It is what BEP_PAGER or PAGER names, a call for the shell, else `less`; '' and `cat` are none.
    """
    chosen = os.environ.get("BEP_PAGER", os.environ.get("PAGER", "less")).strip()
    if chosen in ("", "cat") or not _is_long(text):
        return False
    sys.stdout.flush()
    # As Git has it: leave the text on the screen, show colours.
    settings = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        process = subprocess.Popen(["sh", "-c", chosen], stdin=subprocess.PIPE, env=settings)
    except OSError:
        return False
    # Ctrl-C means something to the pager, and nothing has to be stopped here.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # It passes over a pager that has been left before the end.
        process.communicate(text.encode(sys.stdout.encoding or "utf-8", sys.stdout.errors or ""))
    finally:
        signal.signal(signal.SIGINT, before)
    return process.returncode <= 0


def _is_long(text: str) -> bool:
    """Whether the text and the prompt after it take more lines than the terminal has."""
    columns, lines = shutil.get_terminal_size()
    return sum(_rows(line, columns) for line in text.splitlines()) >= lines


def _rows(line: str, columns: int) -> int:
    plain = _STYLE.sub("", line)
    cells = len(plain) if plain.isascii() else length(plain)
    return max(1, -(-cells // max(columns, 1)))
