"""Findings of an earlier call, used again if nothing that the rules look at has changed.

What the rules find is a function of a snapshot and the severities. Both are in the name under which
the findings are kept, and so are the code of the rules and the version of Python. Nothing else is
compared: neither times of files nor names of revisions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..guide import Guide
from ..markdown import yaml_data
from ..markdown.edits import Splice
from ..proposal.document import Document
from ..system import cache_file
from ..system.repository import Repository
from .rules.rule import Severity
from .rules.runner import Finding, Severities
from .rules.snapshot import Snapshot

_CODE = Path(__file__).parents[1]
_PACKAGES = ("check/rules", "markdown", "proposal", "questionnaire")
_MOST = 20


def findings(
    repository: Repository,
    snapshot: Snapshot,
    severities: Severities,
    numbers: frozenset[int] | None,
    find: Callable[[], list[Finding]],
) -> list[Finding]:
    """Return the findings that an earlier call kept; otherwise call `find`, and keep its result."""
    folder = repository.git_directory / "bep" / "findings"
    path = folder / f"{_key(snapshot, severities, numbers)}.json"
    known = _read(cache_file.read(path))
    if known is None:
        known = find()
        cache_file.keep(path, [one._asdict() for one in known])
        cache_file.forget_old(folder, _MOST)
    else:
        with suppress(OSError):
            path.touch()
    return known


def _read(data: Any) -> list[Finding] | None:
    """Return the findings in the data of a file, or None if it contains anything else."""
    if not isinstance(data, list):
        return None
    try:
        return [
            Finding(
                **{
                    **one,
                    "severity": Severity(one["severity"]),
                    "edits": tuple(Splice(*edit) for edit in one["edits"]),
                }
            )
            for one in data
        ]
    except (TypeError, ValueError, LookupError):
        return None


def _key(snapshot: Snapshot, severities: Severities, numbers: frozenset[int] | None) -> str:
    state = [getattr(snapshot, field.name) for field in fields(snapshot)]
    asked = [severities.set_by_user, numbers]
    known = json.dumps(_plain([sys.version, yaml_data.VERSION, _code(), asked, state]))
    return sha256(known.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as data for JSON; the order of mappings and sets makes no difference."""
    if isinstance(value, Document):
        return [value.path, value.role, value.problem, _digest(value)]
    if isinstance(value, Guide):
        return repr(value)
    if isinstance(value, Mapping):
        return sorted([key, _plain(one)] for key, one in value.items())
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _digest(document: Document) -> str:
    return sha256(document.source.encode("utf-8", "surrogatepass")).hexdigest()


def _code() -> str:
    """Return a digest of all modules that can take part in the rules."""
    digest = sha256()
    for folder in (_CODE, *(_CODE / name for name in _PACKAGES)):
        for path in sorted(folder.iterdir()):
            if path.suffix == ".py":
                digest.update(f"{path.name}:{path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
