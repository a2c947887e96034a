"""Findings as people and other programs read them: text, concise, JSON, GitHub's annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import BepError, unknown
from ..markdown import terminal_text
from ..proposal.document import Document
from ..words import counted
from .rules.finding import Finding
from .rules.rule import Severity

FORMATS = ("text", "concise", "json", "github", "sarif")
# Those with nothing else on stdout.
DATA = frozenset(["concise", "json", "sarif"])


def shape(format_: str, *, json: bool, known: Sequence[str] = FORMATS) -> str:
    """Return the format that `--format` and `--json` ask for; raise BepError if unknown or two."""
    if format_ and format_ not in known:
        raise unknown("format", format_, known)
    if json and format_ not in ("", "json"):
        raise BepError(f"--json and --format {format_} contradict each other", "leave one out")
    return "json" if json else format_ or "text"


def marked_line(
    one: Finding, documents: Mapping[str, Document], encoding: str, room: int
) -> tuple[str, str] | tuple[()]:
    """Return the line of a finding and the marks below it; nothing if it has no column.

    `encoding` is that of the terminal, `room` the cells that are left on its lines.
    """
    document = documents.get(one.path)
    if one.column is None or document is None:
        return ()
    start = document.line_start(one.line)
    line = document.source[start : document.line_end(start)]
    # It measures text by a library that is slow to load.
    from . import excerpt

    return excerpt.lines(line, one.column, one.length, encoding, min(excerpt.WIDTH, room))


def counts(found: Sequence[Finding]) -> list[tuple[Severity, str, int]]:
    """Return the rules with the number of their findings, the worst and most frequent first."""
    counted = Counter((one.severity, one.rule) for one in found)
    ordered = sorted(counted.items(), key=lambda item: (item[0][0], -item[1]))
    return [(severity, rule, count) for (severity, rule), count in ordered]


def hints(found: Sequence[Finding]) -> Iterator[str]:
    """Yield what to do about findings, of which there are some."""
    if fixable := sum(1 for one in found if one.edits):
        yield f"`bep check --fix` corrects {fixable} of them."
    worst = next((one for one in found if one.severity is Severity.ERROR), found[0])
    yield f"`bep check --explain {worst.rule}` explains a rule."


def concise(found: Sequence[Finding]) -> list[str]:
    """Return each finding as `path:line:col: rule message`, as editors and compilers have it."""
    return [
        terminal_text.line(f"{one.path}:{one.line}:{one.column or 1}: {one.rule} {one.message}")
        for one in found
    ]


def summary(found: Sequence[Finding]) -> str:
    """Return the numbers of errors and warnings, in words."""
    errors = sum(1 for one in found if one.severity is Severity.ERROR)
    return f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}"


def annotated(found: Sequence[Finding]) -> list[str]:
    """Return the findings as annotations, which GitHub's runner reads from the output of a step.

    Errors come first. GitHub shows only the first ten annotations of each kind in a step.
    """
    ordered = sorted(found, key=lambda one: one.severity is not Severity.ERROR)
    return [
        f"::{one.severity.value} file={_property(one.path)},line={one.line}{_columns(one)},"
        f"title={_property(one.rule)}::{_data(one.message)}"
        for one in ordered
    ]


def _columns(one: Finding) -> str:
    if one.column is None:
        return ""
    end = f",endColumn={one.column + one.length - 1}" if one.length else ""
    return f",col={one.column}{end}"


def _data(words: str) -> str:
    shown = terminal_text.text(words)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def data(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the findings as `check --format json` prints them."""
    return [one.data() for one in found]


def has_errors(found: Sequence[Finding]) -> bool:
    """Return whether one of the findings is an error."""
    return any(one.severity is Severity.ERROR for one in found)
