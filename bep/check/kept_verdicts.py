"""Verdicts of an earlier call, used again for proposals that have not changed since.

A verdict is a function of the documents of a proposal, the guide and the severities. All of these
are in the name under which it is kept, and so are the code of the rules and the version of Python.
Nothing else is compared: neither times of files nor names of revisions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..markdown.links import Link
from ..proposal.document import Document, Known, Mention
from ..proposal.metadata import Entry
from ..system import cache_file
from ..system.repository import Repository
from . import two_processes
from .rules import verdict
from .rules.catalogue import BY_NAME
from .rules.finding import Finding, Severities
from .rules.rule import Severity
from .rules.runner import Track
from .rules.verdict import Subject, Verdict

_CODE = Path(__file__).parents[1]
_PACKAGES = ("check/rules", "markdown", "proposal", "questionnaire")


@dataclass(frozen=True)
class KeptVerdicts:
    """The verdicts in a file of the Git directory."""

    repository: Repository
    _read: dict[str, Verdict] = field(default_factory=dict)

    def judged(
        self, subjects: Sequence[Subject], severities: Severities, track: Track = iter
    ) -> list[Verdict]:
        """Return what `two_processes.judged` returns; what is not in the file yet is added."""
        names = _names(subjects, severities)
        new: dict[str, Subject] = {}
        for subject, name in zip(subjects, names, strict=True):
            if kept := self._find(name):
                verdict.learn(subject, kept.known)
            else:
                new[name] = subject
        judged = two_processes.judged([*new.values()], severities, track)
        self._read.update(zip(new, judged, strict=True))
        if new:
            self._keep(names)
        return [self._read[name] for name in names]

    def _find(self, name: str) -> Verdict | None:
        if name not in self._read and name in self._texts:
            if found := _verdict(self._texts[name]):
                self._read[name] = found
            else:
                del self._texts[name]
        return self._read.get(name)

    def _keep(self, used: Sequence[str]) -> None:
        """Write the file: the verdicts of this call, and at most as many other ones."""
        texts = self._texts
        texts |= {name: _text(self._read[name]) for name in used if name not in texts}
        now = set(used)
        others = [name for name in texts if name not in now]
        for name in others[: -len(now)]:
            del texts[name]
        cache_file.keep(self._path, texts)

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The verdicts as they are written, by their names."""
        data = cache_file.read(self._path)
        return data if isinstance(data, dict) else {}

    @property
    def _path(self) -> Path:
        return self.repository.git_directory / "bep" / "findings.json"


def _verdict(text: str) -> Verdict | None:
    """Return a verdict that `_text` wrote, or None for anything else."""
    try:
        findings, undecided, known = json.loads(text)
        return Verdict(
            [_finding(*one) for one in findings],
            [(BY_NAME[rule].name, path) for rule, path in undecided],
            [_known(*one) for one in known],
        )
    except (TypeError, ValueError, LookupError, RecursionError):
        return None


def _text(verdict: Verdict) -> str:
    known = [
        [one.entries, _title(one.title), one.links, sorted(one.anchors), one.mentions]
        for one in verdict.known
    ]
    return json.dumps([verdict.findings, verdict.undecided, known])


def _title(title: Heading | None) -> list[Any] | None:
    return [getattr(title, one.name) for one in fields(Heading)[1:]] if title else None


def _finding(path: str, line: int, rule: str, severity: str, *rest: Any) -> Finding:
    message, text, number, edits, *place = rest
    spans = tuple(Splice(*edit) for edit in edits)
    return Finding(path, line, rule, Severity(severity), message, text, number, spans, *place)


def _known(entries: Any, title: Any, links: Any, anchors: Any, mentions: Any) -> Known:
    return Known(
        tuple(Entry(*one) for one in entries),
        Heading(Kind.HEADING, *title) if title else None,
        tuple(Link(*one) for one in links),
        frozenset(anchors),
        tuple(Mention(*one) for one in mentions),
    )


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
