"""Copies of templates from other machines: what was fetched once can be used offline."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import cache_file, git_process, git_remotes, template_address

# Its time is that of the last time that the copy was compared with the template.
_STAMP = "bep-fetched"


class Copy(NamedTuple):
    """A bare repository with a template's branches and tags.

    `remark` says why they may be old, '' if they are those that the template has now.
    """

    folder: Path
    remark: str = ""


def copy_of(address: str, place: Path) -> Copy:
    """The copy of the template at `address`, brought up to date if that can be reached.

    If no cache can be written, it is made in `place`. Raises GitRefusal if the template
    cannot be reached and never was.
    """
    location = template_address.git_address(address)
    try:
        with _alone(_folder(address)) as folder:
            return _up_to_date(folder, location, address)
    except OSError:
        folder = place / "template.git"
        git_remotes.mirror(location, folder)
        return Copy(folder)


def _folder(address: str) -> Path:
    shared = template_address.without_password(template_address.git_address(address))
    name = hashlib.sha256(shared.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache_file.user_folder() / "templates" / f"{name}.git"


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Keep other processes from a copy; a killed one gives it back."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def _up_to_date(folder: Path, location: str, address: str) -> Copy:
    stamp = folder / _STAMP
    if not stamp.exists():
        # There is none, or a process was killed while it made one.
        shutil.rmtree(folder, ignore_errors=True)
    for left in folder.rglob("*.lock"):
        # This process is the only one here, so a killed git has left it.
        left.unlink()
    try:
        git_remotes.mirror(location, folder)
    except git_process.GitRefusal as refusal:
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            raise
        when = dt.datetime.fromtimestamp(stamp.stat().st_mtime).astimezone()
        said = template_address.said_without_password(str(refusal), address)
        shown = template_address.without_password(address)
        return Copy(
            folder,
            f"the template {shown} cannot be reached ({said}); what was fetched on"
            f" {when:%Y-%m-%d at %H:%M} is used",
        )
    stamp.touch()
    return Copy(folder)
