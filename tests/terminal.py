"""A real terminal at which a test types, and what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte

from tests.forks import Forked

KEYS_UP_AND_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")
# The pager clears the rest of the line behind its own.
PAGER_WAITS = re.compile(rb"(:|\(END\))(?:\x1b\[[0-9;?]*[mK])+\Z")
# The first terminal that a new session opens becomes its controlling one, which sends it Ctrl-C.
# With a `preexec_fn` Python could do the same, but would fork this large process.
_IN_SESSION_OF = ("sh", "-c", 'exec "$@" <>"$0"')
# A test decides by itself how wide the terminal is, and what pages.
_NOT_PASSED_ON = {"COLUMNS", "LINES", "NO_COLOR", "PAGER", "BEP_PAGER", "LESS"}

# Python decides by these how it reads and writes, before it runs anything.
_READ_AT_START = {"LANG", "LC_ALL", "PYTHONIOENCODING"}


class Terminal:
    """A person at a terminal: reads until something is shown, then types.

    `shown` is all that was printed, `screen` what can be seen of it, colours included.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        module: str = "bep",
        columns: int = 80,
        lines: int = 24,
        **environment: str,
    ) -> None:
        self._master, slave = pty.openpty()
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(columns, lines)
        passed = {name: os.environ[name] for name in os.environ.keys() - _NOT_PASSED_ON}
        passed |= {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environment}
        if environment.keys() & _READ_AT_START:
            self.process: subprocess.Popen[bytes] | Forked = subprocess.Popen(
                [*_IN_SESSION_OF, os.ttyname(slave), sys.executable, "-m", module, *arguments],
                cwd=folder,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                env=passed,
            )
        else:
            self.process = Forked.begun(
                [slave] * 3, folder, arguments, passed, module=module, terminal=True
            )
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def resize(self, columns: int, lines: int) -> None:
        """Resize the window, and notify the programs in it."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def wait_for(self, text: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while text not in self.shown[self._seen :]:
            assert self._read(end - time.monotonic()), f"{text!r} not in {self.shown!r}"
        self._seen = self.shown.index(text, self._seen) + len(text)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        """Type Ctrl-C until the process ends.

        Readline does not see one that comes between its prompt and its waiting for a key, until
        there is another.
        """
        while self.process.poll() is None:
            self.type("\x03")
            end = time.monotonic() + 3
            while self._read(end - time.monotonic()):
                pass
            if time.monotonic() < end:
                return

    def page(self) -> str:
        """The line at which the pager waits for a key, '' if the process ends before."""
        read, end = b"", time.monotonic() + 20
        while data := self._read(end - time.monotonic()):
            read += data
            if found := PAGER_WAITS.search(read):
                return found[1].decode()
        return ""

    def end(self) -> int:
        end = time.monotonic() + 20
        while self._read(end - time.monotonic()):
            pass
        os.close(self._master)
        return self.process.wait()

    def picture(self) -> str:
        """The screen as lines of text, without the empty ones at its end."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip() + "\n"

    def colour(self, text: str) -> str:
        """The colour in which a text is on the screen."""
        (found,) = [
            self.screen.buffer[at][line.index(text)].fg
            for at, line in enumerate(self.screen.display)
            if text in line
        ]
        return str(found)

    def _read(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._master], [], [], max(seconds, 0))
        try:
            data = os.read(self._master, 4096) if ready else b""
        except OSError:
            data = b""
        self._stream.feed(data)
        self.shown += KEYS_UP_AND_COLOURS.sub("", data.decode(errors="replace"))
        return data
