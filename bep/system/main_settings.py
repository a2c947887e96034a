"""The settings on the main branch, which a branch under review does not change.

A branch's own settings of `main` and `remote` do not decide which branch that is: otherwise a pull
request could name itself.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import BepError
from . import git_refs, git_remotes, settings
from .repository import Repository
from .settings import Settings


class MainSettings(NamedTuple):
    """The settings at the tip of `branch`, such as `origin/main`; defaults where it has none."""

    branch: str
    settings: Settings


def read(repository: Repository) -> MainSettings | None:
    """The settings on the main branch, None if no main branch is here.

    It is that of the remote `origin`, else of the only remote; else a local `main` or `master`.
    Settings there that cannot be read count as none.
    """
    names = git_remotes.remotes(repository.root)
    remote = "origin" if "origin" in names else names[0] if len(names) == 1 else ""
    known = git_refs.branches(repository.root)
    refs = known.refs_of(known.main("", remote), remote)
    if not refs:
        return None
    ref, tip = next(iter(refs.items()))
    shown = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    try:
        return MainSettings(shown, settings.read_at(repository.root, tip))
    except BepError:
        return MainSettings(shown, Settings())
