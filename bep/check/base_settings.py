"""Which settings judge a change: those of the commit that it is held against, not its own."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from ..system import settings
from ..system.repository import Repository
from ..system.settings import Settings
from .baseline import Basis

# What these say has no part in judging.
_ELSEWHERE = frozenset({"template", "version_file", "branch"})


class BaseSettings(NamedTuple):
    """The settings that judge, and remarks on what keeps them from being read."""

    settings: Settings
    remarks: tuple[str, ...] = ()


def find(repository: Repository, based: Basis) -> BaseSettings:
    """The settings of the basis; where there is none, those of the working tree.

    Broken ones count as none, so that a change can mend them.
    """
    if not based.commit:
        return BaseSettings(repository.settings)
    try:
        return BaseSettings(settings.read_at(repository.root, based.commit))
    except BepError as error:
        return BaseSettings(Settings(), (f"the default settings judge this change: {error}",))


def difference(judging: Settings, own: Settings, based: Basis) -> tuple[str, ...]:
    """A remark on what the working tree's settings say otherwise than those that judge, if any."""
    keys = [
        key
        for key in Settings._fields
        if key not in _ELSEWHERE and getattr(judging, key) != getattr(own, key)
    ]
    if not keys:
        return ()
    base = (based.commit or "")[:9]
    return (f"the settings of {base} judge this change; those here differ in {', '.join(keys)}",)
