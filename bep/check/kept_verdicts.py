"""Verdicts of an earlier call, used again for proposals that have not changed since.

A verdict is a function of the documents of a proposal, the guide and the severities. All of these
are in the name under which it is kept, and so are the code of the rules and the version of Python.
Nothing else is compared: neither times of files nor names of revisions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..proposal.document import Document, Known
from ..system import cache_file
from ..system.repository import Repository
from . import two_processes
from .rules import verdict
from .rules.catalogue import BY_NAME
from .rules.finding import Finding, Severities
from .rules.rule import Severity
from .rules.runner import Track
from .rules.verdict import Subject, Verdict

_NAME_LENGTH = 2 * sha256().digest_size
_CODE = Path(__file__).parents[1]
_PACKAGES = ("check/rules", "markdown", "proposal", "questionnaire")


@dataclass(frozen=True)
class KeptVerdicts:
    """The verdicts in a file of the Git directory, a line of JSON for each."""

    repository: Repository
    _read: dict[str, Verdict] = field(default_factory=dict)

    def judged(
        self, subjects: Sequence[Subject], severities: Severities, track: Track = iter
    ) -> list[Verdict]:
        """Return what `two_processes.judged` returns; what is not in the file yet is added."""
        names = _names(subjects, severities)
        if wanted := {*names} - self._read.keys():
            self._read.update(self._kept(wanted))
        new: dict[str, Subject] = {}
        for subject, name in zip(subjects, names, strict=True):
            if kept := self._read.get(name):
                verdict.learn(subject, kept.known)
            else:
                new[name] = subject
        judged = two_processes.judged([*new.values()], severities, track)
        self._read.update(zip(new, judged, strict=True))
        if new:
            self._keep(names, new)
        return [self._read[name] for name in names]

    def _kept(self, wanted: Set[str]) -> Iterator[tuple[str, Verdict]]:
        for line in self._lines():
            if (name := _name_in(line)) in wanted and (found := _verdict(line)):
                yield name, found

    def _keep(self, used: Sequence[str], new: Collection[str]) -> None:
        """Write the file: the verdicts of this call, and at most as many other ones."""
        cache_file.keep_lines(self._path, self._with_new(used, new))

    def _with_new(self, used: Sequence[str], new: Collection[str]) -> Iterator[str]:
        """The lines of the file, then those of verdicts that it does not have."""
        now, missing = {*used}, dict.fromkeys(used)
        others = sum(_name_in(line) not in now for line in self._lines())
        for line in self._lines():
            name = _name_in(line)
            if name in missing and name not in new:
                del missing[name]
                yield line
            elif name not in now:
                others -= 1
                if others < len(now):
                    yield line
        yield from (_line(name, self._read[name]) for name in missing)

    def _lines(self) -> Iterator[str]:
        with suppress(OSError, ValueError), self._path.open(encoding="ascii") as file:
            yield from (line for line in file if line.endswith("\n"))

    @property
    def _path(self) -> Path:
        return self.repository.git_directory / "bep" / "findings.jsonl"


def _name_in(line: str) -> str:
    return line[2 : 2 + _NAME_LENGTH]


def _verdict(line: str) -> Verdict | None:
    """Return the verdict of a line that `_line` wrote, or None for anything else."""
    try:
        _, findings, undecided, known = json.loads(line)
        return Verdict(
            tuple(_finding(*one) for one in findings),
            tuple((BY_NAME[rule].name, sys.intern(path)) for rule, path in undecided),
            tuple(_known(*one) for one in known),
        )
    except (TypeError, ValueError, LookupError, RecursionError):
        return None


def _line(name: str, verdict: Verdict) -> str:
    known = [[one.entries, _title(one.title), *one.inline] for one in verdict.known]
    return json.dumps([name, verdict.findings, verdict.undecided, known]) + "\n"


def _title(title: Heading | None) -> list[Any] | None:
    return [getattr(title, one.name) for one in fields(Heading)[1:]] if title else None


def _finding(path: str, line: int, rule: str, severity: str, *rest: Any) -> Finding:
    message, text, number, edits, *place = rest
    spans = tuple(Splice(*edit) for edit in edits)
    return Finding(path, line, rule, Severity(severity), message, text, number, spans, *place)


def _known(entries: Any, title: Any, *inline: Any) -> Known:
    return Known.of(entries, Heading(Kind.HEADING, *title) if title else None, inline)


def _names(subjects: Sequence[Subject], severities: Severities) -> list[str]:
    """Return the names under which the verdicts on subjects are kept."""
    bases: dict[tuple[int, int], str] = {}
    names = []
    for one in subjects:
        guide = one.documents[0].guide
        key = id(guide), id(one.blank)
        if key not in bases:
            bases[key] = _basis(guide, one.blank, severities)
        names.append(_name(bases[key], one))
    return names


def _basis(guide: Guide, blank: Document | None, severities: Severities) -> str:
    """Return a digest of everything besides its documents that a verdict depends on."""
    tool = [sys.version, yaml_data.VERSION, _code()]
    asked = sorted(severities.set_by_user.items())
    return _digest(json.dumps([tool, repr(guide), blank and blank.source, asked]))


def _name(basis: str, subject: Subject) -> str:
    documents = [
        (one.path, one.role, one.problem, _digest(one.source)) for one in subject.documents
    ]
    proposal = subject.proposal and (subject.proposal.number, subject.proposal.answers)
    return _digest(json.dumps([basis, proposal, documents]))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _code() -> str:
    """Return a digest of all modules that can take part in the rules."""
    digest = sha256()
    for folder in (_CODE, *(_CODE / name for name in _PACKAGES)):
        for path in sorted(folder.iterdir()):
            if path.suffix == ".py":
                digest.update(f"{path.name}:{path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
