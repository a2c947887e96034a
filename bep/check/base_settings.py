"""The settings that judge a change: those of the commit it is compared with, not its own."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from ..system import repository as repositories, settings
from ..system.baseline import Basis
from ..system.repository import Repository
from ..system.settings import Settings

# Settings that decide what is found, or what of it counts.
_JUDGING = (
    "proposals",
    "remote",
    "main",
    "first_number",
    "issue_prefix",
    "claims",
    "skills",
    "check",
    "limits",
)


class BaseSettings(NamedTuple):
    """The settings that judge, with a remark if they could not be read."""

    settings: Settings
    remarks: tuple[str, ...] = ()


def find(repository: Repository, based: Basis) -> BaseSettings:
    """Return the settings of the commit compared with; without one, those of the working tree.

    Malformed ones are replaced by the defaults, so that a change can correct them.
    """
    if based.commit is None:
        return BaseSettings(repository.settings)
    try:
        read = settings.read_at(repository.root, based.commit)
        return BaseSettings(read._replace(remote=repositories.shared_remote(repository.tree, read)))
    except BepError as error:
        return BaseSettings(Settings(), (f"the default settings judge this change: {error}",))


def difference(judging: Settings, own: Settings, based: Basis) -> tuple[str, ...]:
    """Return a remark if the working tree's settings differ from those that judge."""
    keys = [key for key in _JUDGING if getattr(judging, key) != getattr(own, key)]
    if not keys:
        return ()
    base = (based.commit or "")[:9]
    return (f"the settings of {base} judge this change; those here differ in {', '.join(keys)}",)
