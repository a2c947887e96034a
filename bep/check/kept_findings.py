"""Findings of an earlier call, where everything that the rules look at is as it was.

What the rules find is a function of a snapshot and the severities. Both are in the name under which
the findings are kept, and so are the code of the rules and the version of Python. Nothing else is
compared: neither times of files nor names of revisions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    """Return what was kept of an earlier call, or what `find` returns, which is then kept."""
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
    """Return the findings in a file, None for another file."""
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
    digest = sha256()
    for part in _parts(snapshot, severities, numbers):
        digest.update(json.dumps(part).encode())
    return digest.hexdigest()


def _parts(
    snapshot: Snapshot, severities: Severities, numbers: frozenset[int] | None
) -> Iterator[Any]:
    """Yield all that the findings depend on, in one order."""
    yield [sys.version, yaml_data.VERSION, _code()]
    yield [sorted(severities.set_by_user.items()), numbers and sorted(numbers)]
    yield [snapshot.folder, sorted(snapshot.paths), sorted(snapshot.on_main)]
    yield [repr(snapshot.guide), sorted(snapshot.claims.items())]
    yield sorted(snapshot.elsewhere.items())
    yield sorted([path, sorted(anchors)] for path, anchors in snapshot.anchors.items())
    for one in snapshot.proposals:
        is_committed = one.main.path in snapshot.committed
        yield [one.number, one.main.path, is_committed, [p.path for p in one.parts], one.answers]
    for skill in snapshot.skills:
        yield [skill.document.path, skill.recorded, skill.revisions, skill.is_adopted]
    blank = [snapshot.blank] if snapshot.blank else []
    for document in (*snapshot.documents.values(), *blank):
        yield [document.path, document.role, document.problem, _digest(document)]


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
