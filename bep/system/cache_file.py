"""JSON files in which a command keeps results for the next one, in the Git directory or the user's.

Each result can be computed again, so a file that is damaged or cannot be written only costs time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

TEMPORARY = ".new-"


def user_folder() -> Path:
    """Return the folder for what does not belong to one repository.

    Raises OSError if the user has no home.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "bep"
    except RuntimeError as error:
        raise OSError(str(error)) from None


def read(path: Path) -> Any:
    """Return the data of a file, or None if it is missing or cannot be read."""
    with suppress(OSError, ValueError, RecursionError):
        return json.loads(path.read_text("ascii"))
    return None


def keep(path: Path, data: Any) -> None:
    """Write data that `read` returns; do nothing if that fails."""
    keep_lines(path, [json.dumps(data)])


def keep_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines of ASCII, which have their endings; do nothing if that fails."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, (line.encode("ascii") for line in lines))


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file, whole or not at all; raises OSError."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(dir=path.parent, prefix=TEMPORARY, delete=False) as file:
        try:
            file.writelines(parts)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
