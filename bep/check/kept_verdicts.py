"""Verdicts of an earlier call, used again for proposals that have not changed since.

A verdict is a function of the documents of a proposal, the guide and the severities. All of these
are in the name under which it is kept, and so are the code of the rules and the version of Python.
Nothing else is compared: neither times of files nor names of revisions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.blocks import Heading, Kind
from ..markdown.edits import Splice
from ..markdown.links import Link
from ..proposal.document import Known, Mention
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

    def judged(
        self, subjects: Sequence[Subject], severities: Severities, track: Track = iter
    ) -> list[Verdict]:
        """Return what `two_processes.judged` returns; what is not in the file yet is added."""
        names = _names(subjects, severities)
        found = {name: one for name in names if (one := _read(self._kept.get(name)))}
        for subject, name in zip(subjects, names, strict=True):
            if name in found:
                verdict.learn(subject, found[name].known)
        new = {
            name: subject
            for subject, name in zip(subjects, names, strict=True)
            if name not in found
        }
        judged = two_processes.judged([*new.values()], severities, track)
        found |= dict(zip(new, judged, strict=True))
        if new:
            self._keep(found)
        return [found[name] for name in names]

    def _keep(self, used: Mapping[str, Verdict]) -> None:
        """Write the file: the verdicts of this call, and at most as many other ones."""
        others = ((name, one) for name, one in self._kept.items() if name not in used)
        every = {name: _data(one) for name, one in used.items()}
        every |= islice(others, len(used))
        self._kept.clear()
        self._kept.update(every)
        cache_file.keep(self._path, every)

    @cached_property
    def _kept(self) -> dict[str, Any]:
        data = cache_file.read(self._path)
        return data if isinstance(data, dict) else {}

    @property
    def _path(self) -> Path:
        return self.repository.git_directory / "bep" / "findings.json"


def _read(data: Any) -> Verdict | None:
    """Return the verdict in the data of a file, or None if it contains anything else."""
    try:
        findings, undecided, known = data
        return Verdict(
            [_finding(*one) for one in findings],
            [(BY_NAME[rule].name, path) for rule, path in undecided],
            [_known(*one) for one in known],
        )
    except (TypeError, ValueError, LookupError):
        return None


def _data(verdict: Verdict) -> list[Any]:
    """Return a verdict as `_read` reads it."""
    known = [
        [one.entries, _title(one.title), one.links, sorted(one.anchors), one.mentions]
        for one in verdict.known
    ]
    return [verdict.findings, verdict.undecided, known]


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
    guides = {id(one.guide): one.guide for subject in subjects for one in subject.documents}
    by_guide = {key: _basis(guide, severities) for key, guide in guides.items()}
    return [_name(by_guide[id(one.documents[0].guide)], one) for one in subjects]


def _basis(guide: Guide, severities: Severities) -> str:
    """Return a digest of everything besides the subject that a verdict depends on."""
    asked = sorted(severities.set_by_user.items())
    return _digest(json.dumps([sys.version, yaml_data.VERSION, _code(), repr(guide), asked]))


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
