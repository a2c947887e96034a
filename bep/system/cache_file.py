"""What a command remembers for the next one: JSON files in the repository's own Git directory.

They are only ever an answer that would be found again: whatever is wrong with a file, or with
writing it, costs time and nothing else.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


def read(path: Path) -> Any:
    """Return what was kept, None if there is nothing that can be read."""
    with suppress(OSError, ValueError, RecursionError):
        return json.loads(path.read_text("ascii"))
    return None


def keep(path: Path, data: Any) -> None:
    """Write a file, all of it or nothing; it is no harm where that fails."""
    text = json.dumps(data)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=".new-", delete=False) as file:
            try:
                file.write(text)
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                os.unlink(file.name)  # noqa: PTH108
                raise


def forget_old(folder: Path, most: int) -> None:
    """Remove all files of a folder but the `most` that were written or used last."""
    with suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[most:]:
            path.unlink()
