r"""All that `bep` and `invoke TASK` print, and all that they ask.

What comes from documents, repositories and arguments is escaped here, once: see
`bep.markdown.terminal_text`. Streams that are closed, full or of another encoding never stop a
task whose work is done: what stdout does not take appears on stderr.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from json import dumps
from typing import Any, TextIO

from .markdown import terminal_text

# What GitHub's runner reads as a command: `::name::` at the start of a line, `##[name]` anywhere.
_COMMAND_LINE = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_OLD_COMMAND = "##["


class _Stdout:
    """What was printed on stdout, kept until it has arrived, and why it does not."""

    printed: list[str]
    problem: str

    def __init__(self) -> None:
        self.printed, self.problem = [], ""

    def write(self, text: str) -> None:
        """Print; raises BrokenPipeError where the reader has seen enough."""
        self.printed.append(text)
        if not self.problem:
            try:
                sys.stdout.write(text)
            except BrokenPipeError:
                raise
            except (OSError, ValueError) as error:
                self.fail(error)

    def fail(self, error: Exception) -> None:
        """Send everything to stderr from here on."""
        self.problem = str(getattr(error, "strerror", "") or error).lower()
        _discard(sys.stdout)


_stdout = _Stdout()


# --- Printing -----------------------------------------------------------------------------------


def say(line: str) -> None:
    """Print one line on stdout."""
    safe(f"{_no_command(terminal_text.line(line))}\n")


def note(line: str) -> None:
    """Print one line for people on stderr, where stdout is kept for data."""
    _on_stderr(f"{_no_command(terminal_text.line(line))}\n")


def write(text: str) -> None:
    """Print a text of several lines on stdout: a diff, a document, a help text."""
    shown = terminal_text.text(text)
    # Elsewhere a diff or a document is printed as it is: somebody may want to apply or store it.
    safe(_no_command(shown) if os.environ.get("GITHUB_ACTIONS") else shown)


def print_json(value: Any) -> None:
    """Print one JSON document on stdout; bytes that are no UTF-8 would make it none."""
    text = dumps(value, ensure_ascii=False, indent=2)
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = dumps(value, indent=2)
    safe(terminal_text.json_text(text).replace(_OLD_COMMAND, "##\\u005b") + "\n")


def safe(text: str) -> None:
    """Print what holds nothing foreign, or has it escaped: colours, annotations for GitHub."""
    _stdout.write(text)


def progress(text: str) -> None:
    """Show how far the work is, on a terminal only; '' takes it away again."""
    if sys.stderr.isatty():
        _on_stderr(f"\r{text} " if text else "\r\x1b[K")


def prompt(question: str, known: str = "") -> str:
    """The answer that somebody at the terminal gives. Raises EOFError where they end the input.

    The key Up brings a `known` answer, to be edited.
    """
    with suppress(ImportError, OSError):
        import readline

        readline.clear_history()
        if known:
            readline.add_history(terminal_text.line(known))
    return input(terminal_text.line(question))


def width() -> int:
    """The columns of the terminal."""
    # It loads modules for archives, which most calls do not need.
    import shutil

    return shutil.get_terminal_size().columns


def has_terminal() -> bool:
    """Whether there is a terminal to ask questions on."""
    try:
        return not _stdout.problem and sys.stdin.isatty() and sys.stdout.isatty()
    except (AttributeError, ValueError):
        # One of them is None, or was closed.
        return False


def has_colours() -> bool:
    """Whether stdout is a terminal and colours are not switched off (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def encoding() -> str:
    """The encoding of stdout; what it lacks is printed as an escape."""
    return sys.stdout.encoding or "utf-8"


def _no_command(text: str) -> str:
    return _COMMAND_LINE.sub(r"\1\\x3a", text).replace(_OLD_COMMAND, "##\\x5b")


def _on_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        # There is nowhere left to report it; the exit code remains.
        _discard(sys.stderr)


# --- Streams ------------------------------------------------------------------------------------


def open_streams() -> None:
    """Put stdin, stdout and stderr, even if closed by the caller, in a state that takes any text.

    A closed one is opened on the null device, so that no file and no pipe gets its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, and those below are open.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115
            if name == "stdout":
                _stdout.problem = "it is closed"
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def finish() -> bool:
    """Have all that was printed where it belongs: on stdout, else on stderr with the reason.

    Returns whether stdout took it. Raises BrokenPipeError where its reader has seen enough.
    """
    if not _stdout.problem:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            _stdout.fail(error)
    result, problem = "".join(_stdout.printed), _stdout.problem
    _stdout.__init__()  # type: ignore[misc]
    if problem and result:
        note(f"bep: stdout cannot be written ({problem}); the result:")
        _on_stderr(result)
        return False
    return True


def abandon() -> None:
    """Print no more on stdout: its reader has seen enough."""
    _stdout.printed.clear()
    _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    """Lead a stream to the null device; Python would complain again while closing it."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
