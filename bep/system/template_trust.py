"""Whether a template may be run: it is a program, and a pull request can name any.

An address in the settings is trusted if the main branch names it, if a person has allowed it in
this clone, or if `bep` was installed from it. A person has to allow any other.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import BepError
from . import git_clone, git_objects, main_settings, settings, template_address
from .repository import Repository

# In the Git directory that all working trees share: one address per line.
_REMEMBERED = "bep/templates"

# Shows a remark and asks whether to go on.
Ask = Callable[[str], bool]


class TrustedTemplate(NamedTuple):
    """The address of a template whose code may run; `is_named` if the call names it."""

    address: str
    is_named: bool = False


def decide(repository: Repository, named: str = "", ask: Ask | None = None) -> TrustedTemplate:
    """The template that a call uses: `named` in it, that of the settings, or the installed one.

    Nothing of it is fetched or run here. For an untrusted one in the settings, `ask` is called.
    Raises BepError if it is refused, and if nothing names a template.
    """
    if named:
        _refuse_shadowed(repository, named)
        _remember(repository, named)
        return TrustedTemplate(named, is_named=True)
    found = template_address.find("", repository.settings.template)
    if found == template_address.installed_from():
        _refuse_shadowed(repository, found)
        if not repository.settings.template:
            _remember(repository, found)
        return TrustedTemplate(found)
    place = template_address.place_below(repository.root, found)
    if place is not None:
        reason = f"is {_path(repository, place)} in this repository, where any branch can change it"
    else:
        main = main_settings.read(repository)
        if main is None and not git_objects.has_commit(repository.root):
            return TrustedTemplate(found)
        on_main = main.settings.template if main else ""
        if known := _spelled_as_known(found, [on_main, *_remembered(repository)]):
            _refuse_shadowed(repository, known)
            return TrustedTemplate(known)
        reason = _reason(main.branch if main else "", on_main)
    if ask is None or not ask(f"The template {_shown(found)} {reason}."):
        raise BepError(
            f"the template {_shown(found)} {reason}",
            _remedy(found),
            settings.file_name(repository.tree),
        )
    _remember(repository, found)
    return TrustedTemplate(found)


def _reason(branch: str, on_main: str) -> str:
    if not branch:
        said = "is on no main branch, as there is none here"
    elif on_main:
        said = f"is not the one on {branch} ({_shown(on_main)})"
    else:
        said = f"is not on {branch}, which names none"
    return f"{said}, and this clone has not used it"


def _shown(address: str) -> str:
    return ascii(template_address.without_password(address))


def _remedy(address: str) -> str:
    is_shown = address == template_address.without_password(address)
    if is_shown and address.isascii() and address.isprintable():
        return f"try again with --template {shlex.quote(address)} if you trust it"
    return "try again with --template and this address if you trust it"


def _refuse_shadowed(repository: Repository, address: str) -> None:
    """Raise BepError if a folder of this repository would be taken for an address elsewhere."""
    if template_address.is_path(address):
        return
    if place := template_address.place_below(repository.root, address):
        raise BepError(
            f"git would take this for the template {_shown(address)}",
            "remove or rename it",
            template_address.said_without_password(_path(repository, place), address),
        )


def _path(repository: Repository, place: Path) -> str:
    return os.path.relpath(place, repository.root)


def _spelled_as_known(address: str, known: list[str]) -> str:
    """The address as one of `known` spells it, '' if none of them means the same.

    That spelling is used: two that compare equal may differ in port, user or scheme.
    """
    if address in known:
        return address
    wanted = template_address.canonical(address)
    return next((one for one in known if one and template_address.canonical(one) == wanted), "")


def _remembered(repository: Repository) -> list[str]:
    try:
        path = git_clone.common_directory(repository.git_directory) / _REMEMBERED
        return path.read_text("utf-8", "surrogateescape").split("\n")
    except OSError:
        return []


def _remember(repository: Repository, address: str) -> None:
    """Note that this clone uses a template, and what is recorded for it; best effort.

    A folder of the repository is not noted: each branch has other content in it.
    """
    if template_address.place_below(repository.root, address) is not None:
        return
    local = template_address.local_path(address)
    shared = template_address.shared_address(address)
    used = {str(local.resolve()) if local else shared, shared}
    before = _remembered(repository)
    new = sorted(one for one in used - set(before) if one.isprintable())
    if not new:
        return
    path = git_clone.common_directory(repository.git_directory) / _REMEMBERED
    text = "".join(f"{one}\n" for one in [*filter(None, before), *new])
    unfinished = path.with_name(f"templates-{os.urandom(4).hex()}")
    try:
        path.parent.mkdir(exist_ok=True)
        unfinished.write_text(text, "utf-8", "surrogateescape")
        unfinished.replace(path)
    except OSError:
        # Then the next call asks again.
        unfinished.unlink(missing_ok=True)
