"""A small tree of files as one text, which is read and changed in one place.

A line `=== PATH` begins a file, which goes on to the next such line. A file that does not end with
a line ending has `=== PATH, without a line ending`. A checkout of the template makes one file of
what would be hundreds; Copier makes one for every proposal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_HEAD = re.compile(rb"^=== ([^\n]+?)(, without a line ending)?\n", re.MULTILINE)


def read(path: Path) -> dict[str, bytes]:
    """Return the files in a text by their paths."""
    parts = _HEAD.split(path.read_bytes())
    assert not parts[0], f"{path} begins with a path"
    return {
        name.decode(): content.removesuffix(b"\n") if unended else content
        for name, unended, content in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    }


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files as one text."""
    text = b""
    for name, content in files.items():
        assert not _HEAD.search(content)
        is_ended = content.endswith(b"\n") or not content
        text += f"=== {name}{'' if is_ended else ', without a line ending'}\n".encode()
        text += content + (b"" if is_ended else b"\n")
    path.write_bytes(text)


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
