"""Findings as people and other programs read them: text, concise, JSON, GitHub's annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import BepError, unknown
from ..markdown import terminal_text
from ..proposal.document import Document
from . import excerpt
from .rules.rule import Severity
from .rules.runner import Finding

FORMATS = ("text", "concise", "json", "github", "sarif")
# Those with nothing else on stdout.
DATA = frozenset(["concise", "json", "sarif"])

_BOLD, _RED, _YELLOW, _GREY = "1", "31", "33", "2"
_COLOURS = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW}


def shape(format_: str, *, json: bool, known: Sequence[str] = FORMATS) -> str:
    """Return the format that `--format` and `--json` ask for; raise BepError if unknown or two."""
    if format_ and format_ not in known:
        raise unknown("format", format_, known)
    if json and format_ not in ("", "json"):
        raise BepError(f"--json and --format {format_} contradict each other", "leave one out")
    return "json" if json else format_ or "text"


def text(
    found: Sequence[Finding],
    documents: Mapping[str, Document],
    *,
    colour: bool,
    encoding: str = "utf-8",
) -> list[str]:
    """Return the findings grouped by document, each with its line, then their number by rule.

    `encoding` is that of the terminal.
    """

    def painted(words: str, code: str) -> str:
        return f"\033[{code}m{words}\033[0m" if colour else words

    if not found:
        return ["Nothing to report."]
    said: list[str] = []
    path = None
    for one in found:
        if one.path != path:
            said += ["", painted(terminal_text.line(one.path), _BOLD)]
            path = one.path
        severity = painted(one.severity.value, _COLOURS[one.severity])
        rule = painted(f"[{one.rule}]", _GREY)
        said.append(f"  {one.line}: {severity}: {terminal_text.line(one.message)} {rule}")
        margin = f"{' ' * (len(str(one.line)) + 3)}{painted('|', _GREY)} "
        for line, code in zip(_excerpt(one, documents, encoding), ("0", _YELLOW), strict=False):
            said.append(margin + painted(line, code))
    counts = Counter((one.severity, one.rule) for one in found)
    said.append("")
    width = len(str(max(counts.values())))
    for (severity, rule), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        word = painted(severity.value, _COLOURS[severity])
        said.append(f"  {count:>{width}}  {word}  {rule}")
    return [*said, summary(found), *_hints(found)]


def _excerpt(
    one: Finding, documents: Mapping[str, Document], encoding: str
) -> tuple[str, str] | tuple[()]:
    """Return the line of a finding and the marks below it; nothing if it has no column."""
    document = documents.get(one.path)
    if one.column is None or document is None:
        return ()
    start = document.line_start(one.line)
    line = document.source[start : document.line_end(start)]
    return excerpt.lines(line, one.column, one.length, encoding)


def _hints(found: Sequence[Finding]) -> Iterator[str]:
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
    return f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


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
