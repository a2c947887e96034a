r"""All that `bep` and `invoke TASK` print, and all that they ask.

What comes from documents, repositories and arguments is escaped here, once: see
`bep.markdown.terminal_text`. Streams that are closed, full or of another encoding never stop a
task whose work is done: what stdout does not take appears on stderr. Colours, tables that fit, the
pager and the progress of work are for terminals; pipes and `TERM=dumb` get plain text.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from json import dumps
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from ..markdown import terminal_text
from .tables import Cell, Column, Painted, cut, drawn, plain, wrapped

if TYPE_CHECKING:
    from .progress_bar import ProgressBar

__all__ = ["Cell", "Column", "Painted"]

_T = TypeVar("_T")

# What GitHub's runner reads as a command: `::name::` at the start of a line, `##[name]` anywhere.
_COMMAND_LINE = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_OLD_COMMAND = "##["
# The parameters of the sequence that makes a terminal write in a style.
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_HEAD_OF_DIFF = re.compile(r"^--- .*\n\+\+\+ .*\n(?=@@ )", re.MULTILINE)
_LINE_OF_DIFF = re.compile(r"^([-+@]).*", re.MULTILINE)
_STYLES_OF_DIFF = {"-": "red", "+": "green", "@": "cyan"}


class _Stdout:
    """What was printed on stdout, kept until it has arrived, and why it does not.

    `held` is what waits for the pager, None while nothing has to wait.
    """

    printed: list[str]
    problem: str
    held: list[str] | None

    def __init__(self) -> None:
        self.printed, self.problem, self.held = [], "", None

    def write(self, text: str) -> None:
        """Print; raises BrokenPipeError if the reader has seen enough."""
        if self.held is not None:
            self.held.append(text)
            return
        self.printed.append(text)
        if not self.problem:
            _remove_bar()
            try:
                sys.stdout.write(text)
            except BrokenPipeError:
                raise
            except (OSError, ValueError) as error:
                self.fail(error)

    def release(self) -> str:
        """Let nothing wait any more; returns what did."""
        text, self.held = "".join(self.held or ()), None
        return text

    def fail(self, error: Exception) -> None:
        """Send everything to stderr from here on."""
        self.problem = str(getattr(error, "strerror", "") or error).lower()
        _discard(sys.stdout)


_stdout = _Stdout()
_bar: ProgressBar | None = None


# --- Printing -----------------------------------------------------------------------------------


def say(*parts: Cell, fitting: bool = False) -> None:
    """Print one line on stdout; with `fitting`, as much of it as the terminal is wide."""
    cells = [_shown(part) for part in parts]
    if fitting and has_screen():
        cells = _cut(cells, width())
    safe(f"{_painted_line(cells)}\n")


def note(line: str) -> None:
    """Print one line for people on stderr, where stdout is kept for data.

    A terminal that is narrower shows several lines, which break between words.
    """
    shown = _no_command(terminal_text.line(line))
    if _is_screen(sys.stderr) and (len(shown) > width() or not shown.isascii()):
        _note(wrapped([Painted(shown, "")], width(), hanging=2, has_colours=False))
    else:
        _note(f"{shown}\n")


def remark(*said: object) -> None:
    """Print what `bep` says of its own accord on stderr, each in a line: errors, warnings, news."""
    for one in said:
        note(f"bep: {one}")


def say_wrapped(*parts: Cell, hanging: int = 0) -> None:
    """Print one line on stdout; where the terminal is narrower, several that break between words.

    They begin as far to the right as the first, and `hanging` more.
    """
    if has_screen():
        cells = [_shown(part) for part in parts]
        safe(wrapped(cells, width(), hanging=hanging, has_colours=has_colours()))
    else:
        say(*parts)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    is_note: bool = False,
    titles: Mapping[int, Cell] | None = None,
) -> None:
    """Print rows in columns: on a terminal as wide as that is, elsewhere in full.

    They are printed on stdout, or for people on stderr. On a terminal, `titles` are above the rows
    with these positions.
    """
    shown = [[_shown(cell) for cell in row] for row in rows]
    if not (_is_screen(sys.stderr) if is_note else has_screen()):
        for line in plain(columns, shown):
            (note if is_note else say)(line)
        return
    text = drawn(
        columns,
        shown,
        width(),
        has_colours=has_colours(),
        has_ellipsis=can_print("…"),
        titles={at: _shown(title) for at, title in (titles or {}).items()},
    )
    (_note if is_note else safe)(text)


def diff(text: str) -> None:
    """Print a unified diff on stdout."""
    if not has_colours():
        write(text)
        return
    shown = _HEAD_OF_DIFF.sub(lambda head: _painted(head[0], "bold"), terminal_text.text(text))
    safe(_LINE_OF_DIFF.sub(lambda line: _painted(line[0], _STYLES_OF_DIFF[line[1]]), shown))


def write(text: str) -> None:
    """Print a text of several lines on stdout: a diff, a document, a help text."""
    shown = terminal_text.text(text)
    # Elsewhere a diff or a document is printed as it is: somebody may want to apply or store it.
    safe(_no_command(shown) if os.environ.get("GITHUB_ACTIONS") else shown)


def print_json(value: Any) -> None:
    """Print one JSON document on stdout; bytes that are no UTF-8 would make it none."""
    text = dumps(value, ensure_ascii=False, indent=2)
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if not can_print(text):
        text = dumps(value, indent=2)
    safe(terminal_text.json_text(text).replace(_OLD_COMMAND, "##\\u005b") + "\n")


def safe(text: str) -> None:
    """Print text whose foreign parts are already escaped: colours, annotations for GitHub."""
    _stdout.write(text)


@contextmanager
def paged() -> Iterator[None]:
    """On a terminal, show what is printed meanwhile by a pager, if it is longer than the screen.

    A question shows what was printed before it, without a pager.
    """
    if not has_screen():
        yield
        return
    from . import pager

    _stdout.held = []
    try:
        yield
    except KeyboardInterrupt:
        _stdout.write(_stdout.release())
        raise
    finally:
        text = _stdout.release()
        if not pager.shows(text):
            _stdout.write(text)


@contextmanager
def kept() -> Iterator[tuple[StringIO, StringIO]]:
    """Capture what is printed meanwhile on stdout and stderr, in this order, for a caller."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        yield out, err


def tracked(items: Sequence[_T]) -> Iterator[_T]:
    """Yield the items; on a terminal, show how far the work is and how long it will take."""
    global _bar  # noqa: PLW0603
    if not _is_screen(sys.stderr):
        yield from items
        return
    from .progress_bar import ProgressBar

    _bar = ProgressBar(len(items))
    try:
        for at, item in enumerate(items):
            _bar.show(at)
            yield item
    finally:
        _remove_bar()


def _remove_bar() -> None:
    if _bar:
        _bar.remove()


def prompt(question: str, known: str = "") -> str:
    """The answer that somebody at the terminal gives. Raises EOFError if they end the input.

    The key Up brings a `known` answer, to be edited.
    """
    _stdout.write(_stdout.release())
    if _edits_utf_8():
        with suppress(ImportError, OSError):
            import readline

            readline.clear_history()
            if known:
                readline.add_history(terminal_text.line(known))
    try:
        return input(terminal_text.line(question))
    except (KeyboardInterrupt, EOFError):
        # What is said next begins a line.
        _stdout.write("\n")
        raise


def _edits_utf_8() -> bool:
    """Whether readline, which goes by the locale, takes all that can be typed."""
    import locale

    return locale.nl_langinfo(locale.CODESET) == "UTF-8"


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


def has_screen() -> bool:
    """Whether stdout is a terminal that shows more than plain lines."""
    return not _stdout.problem and _is_screen(sys.stdout)


def has_colours() -> bool:
    """Whether stdout is one, and colours are not switched off (https://no-color.org)."""
    return has_screen() and not os.environ.get("NO_COLOR")


def encoding() -> str:
    """The encoding of stdout; what it lacks is printed as an escape."""
    return sys.stdout.encoding or "utf-8"


def can_print(text: str) -> bool:
    """Whether the encoding of stdout has all characters of a text."""
    try:
        text.encode(encoding())
    except UnicodeEncodeError:
        return False
    return True


def shortened(text: str, room: int) -> str:
    """As much of a text as fits into so many columns of the terminal."""
    return "".join(one.words for one in _cut([_shown(text)], room))


def _is_screen(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    except (AttributeError, ValueError):
        return False


def _shown(part: Cell) -> Painted:
    words, style = part if isinstance(part, Painted) else (part, "")
    return Painted(_printable(terminal_text.line(words)), style)


def _printable(words: str) -> str:
    """Words as stdout shows them, for their length."""
    return words.encode(encoding(), _REPLACED).decode(encoding()) if has_screen() else words


def _cut(cells: Sequence[Painted], room: int) -> list[Painted]:
    return cut(cells, room, "…" if can_print("…") else "...")


def _painted_line(cells: Sequence[Painted]) -> str:
    if has_colours():
        return "".join(_painted(words, style) for words, style in cells)
    return _no_command("".join(words for words, _ in cells))


def _painted(words: str, style: str) -> str:
    return f"\x1b[{_CODES[style]}m{words}\x1b[0m" if style and words else words


def _note(text: str) -> None:
    if _stdout.held is not None and _is_screen(sys.stderr):
        # Both are one text to somebody who sees both.
        _stdout.write(text)
    else:
        _on_stderr(text)


def _no_command(text: str) -> str:
    return _COMMAND_LINE.sub(r"\1\\x3a", text).replace(_OLD_COMMAND, "##\\x5b")


def _on_stderr(text: str) -> None:
    _remove_bar()
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        # There is nowhere left to report it; the exit code remains.
        _discard(sys.stderr)


# --- Streams ------------------------------------------------------------------------------------

_REPLACED = "bep.replaced"


def _replaced(error: UnicodeError) -> tuple[str | bytes, int]:
    """Print dots for an ellipsis that the encoding of a stream lacks, escapes for the rest."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] == "…":
        return "...", error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(_REPLACED, _replaced)


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
    # What cannot be read is refused where it is checked, not where it is typed.
    wanted = ((sys.stdin, "surrogateescape"), (sys.stdout, _REPLACED), (sys.stderr, _REPLACED))
    for stream, errors in wanted:
        with suppress(AttributeError):
            stream.reconfigure(errors=errors)  # type: ignore[union-attr]


def finish() -> bool:
    """Flush all output: to stdout, or if that fails to stderr with the reason.

    Returns whether stdout took it. Raises BrokenPipeError if its reader has seen enough.
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
        remark(f"stdout cannot be written ({problem}); the result:")
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
