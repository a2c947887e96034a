"""Findings: the places that break a rule, as they are reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ... import names
from ...markdown.edits import Splice
from ...proposal.document import Document
from .ignore_comments import silenced
from .rule import Hit, Rule, Severity


class Finding(NamedTuple):
    """A place that breaks a rule; `number` is the proposal's, None for other files.

    `text` is the faulty text as written; `edits` repair it, by `rank` if several insert at one
    place. `column`, from 1, and `length` say where on the line it is; None if it is not on one
    line, or the whole line is meant.
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    text: str
    number: int | None
    edits: tuple[Splice, ...]
    rank: int = 0
    column: int | None = None
    length: int = 0

    def data(self) -> dict[str, Any]:
        """Return the finding as `check --format json` prints it."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "path": self.path,
            "line": self.line,
            "message": self.message,
            "fixable": bool(self.edits),
        }


@dataclass(frozen=True)
class Severities:
    """The severity of each rule: its own, unless the settings give another one.

    `set_by_user` maps rules to "error", "warning" or "off".
    """

    set_by_user: Mapping[str, str]

    def of(self, rule: Rule[Any]) -> Severity | None:
        """Return the severity, or None if the rule is switched off."""
        severity = Severity(self.set_by_user.get(rule.name, rule.severity))
        return None if severity is Severity.OFF else severity


def of_hits(hits: Iterable[tuple[Rule[Any], Hit]], severities: Severities) -> list[Finding]:
    """Return the hits of active rules as findings, without those that their document silences."""
    silent: dict[Document, frozenset[str]] = {}
    found = []
    for rule, hit in hits:
        document = hit.document
        if document not in silent:
            silent[document] = silenced(document)
        severity = severities.of(rule)
        if severity and rule.name not in silent[document]:
            found.append(of_hit(rule, hit, severity))
    return found


def of_hit(rule: Rule[Any], hit: Hit, severity: Severity) -> Finding:
    """Return a hit as a finding."""
    document = hit.document
    column, length = _columns(hit)
    return Finding(
        path=document.path,
        line=document.line(hit.at),
        rule=rule.name,
        severity=severity,
        message=hit.message,
        text=hit.text,
        number=hit.number if hit.number is not None else own_number(document),
        edits=hit.edits,
        rank=hit.rank,
        column=column,
        length=length,
    )


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by path, line and rule."""
    return sorted(found, key=lambda one: (one.path, one.line, one.rule, one.message))


def _columns(hit: Hit) -> tuple[int | None, int]:
    """Return the column of what is faulty, from 1, and its length; None for no place on a line.

    It is the faulty text, else what an edit replaces, else where the hit is.
    """
    document, at = hit.document, hit.at
    start, end = document.line_start(document.line(at)), document.line_end(at)
    for first in (at, start) if hit.text else ():
        found = document.source.find(hit.text, first, end)
        if found >= 0:
            return found - start + 1, len(hit.text)
    for edit in hit.edits[:1]:
        if start < edit.start <= edit.end <= end:
            return edit.start - start + 1, edit.end - edit.start
    return (at - start + 1, 0) if at > start else (None, 0)


def own_number(document: Document) -> int | None:
    """Return the number of the proposal to which a document belongs, or None for another one."""
    number = names.number_of_document(document.names[-1])
    return number if number is not None else names.number_of_directory(document.names[-2])
