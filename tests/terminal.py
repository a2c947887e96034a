"""A real terminal at which a test types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

KEYS_UP_AND_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


def _take_terminal() -> None:
    """Make stdin the terminal that sends its Ctrl-C to this process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A person at a terminal: reads until something is shown, then types."""

    def __init__(self, folder: Path, *arguments: str, module: str = "bep") -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 (nothing else runs in this process)
            env={**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def wait_for(self, text: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while text not in self.shown[self._seen :]:
            assert self._read(end - time.monotonic()), f"{text!r} not in {self.shown!r}"
        self._seen = self.shown.index(text, self._seen) + len(text)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        end = time.monotonic() + 20
        while self._read(end - time.monotonic()):
            pass
        os.close(self._master)
        return self.process.wait(5)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(seconds, 0))
        try:
            data = os.read(self._master, 4096) if ready else b""
        except OSError:
            data = b""
        self.shown += KEYS_UP_AND_COLOURS.sub("", data.decode(errors="replace"))
        return bool(data)
