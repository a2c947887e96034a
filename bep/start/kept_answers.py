"""The answers that were typed when `new` was interrupted, kept for `new --resume`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BepError
from ..system.repository import Repository


def keep(repository: Repository, answers: Mapping[str, Any]) -> None:
    """Keep answers; if they cannot be written, they are lost."""
    path = _path(repository)
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(dict(answers)), "utf-8")


def read(repository: Repository) -> dict[str, Any]:
    """The answers that were kept; raises BepError if there are none."""
    try:
        found = json.loads(_path(repository).read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise BepError("there are no answers of an interrupted `bep new`", "leave out --resume")
    return found


def forget(repository: Repository) -> None:
    """Remove the answers: they have become a proposal."""
    with suppress(OSError):
        _path(repository).unlink()


def _path(repository: Repository) -> Path:
    return repository.git_directory / "bep" / "new.json"
