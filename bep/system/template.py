"""A template's Git repository: its revisions, and the files of one of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from ..errors import BepError
from . import (
    git_files,
    git_objects,
    git_process,
    git_refs,
    git_remotes,
    template_address,
    template_cache,
)

# What a template revision does not need: its tests would only cost time.
_UNNEEDED = ("tests", "docs", "benchmarks")
# Beside releases of three numbers, `v1` is a name that moves on with them.
_PARTS = 3
_DISTANCE = re.compile(r"-\d+-g[0-9a-f]+$")


class Template(NamedTuple):
    """A template at `address`, as it is shown; `folder` is where git finds its objects.

    `working_tree` is where its files can be edited, None for a copy. `remark` says why the copy of
    one on another machine may be old, '' if it is not.
    """

    address: str
    folder: Path
    working_tree: Path | None
    remark: str = ""


class RecordedRevision(NamedTuple):
    """A commit of a template, and how answers files record it."""

    commit: str
    name: str


def is_local(address: str) -> bool:
    """Whether a template's working tree is on this machine."""
    return (Path(address).expanduser() / ".git").exists()


def is_plain_folder(address: str) -> bool:
    """Whether a template is a folder without Git's data, which has no revisions."""
    folder = Path(address).expanduser()
    return folder.is_dir() and not is_local(address) and not (folder / "objects").is_dir()


def open_template(address: str, place: Path) -> Template:
    """The template at `address`, the last copy of it where that is not on this machine.

    A repository without a working tree is cloned into `place`. Raises BepError if the template
    cannot be fetched and never was.
    """
    local = Path(address).expanduser()
    if is_local(address):
        return Template(address, local.resolve(), local.resolve())
    if local.is_dir() and not git_objects.commit_of(local, "HEAD"):
        raise BepError(
            f"the template {address} is not a Git repository", "`git init` there and commit"
        )
    shown = template_address.without_password(address)
    try:
        if not template_address.local_path(address):
            copy = template_cache.copy_of(address, place)
            return Template(shown, copy.folder, None, copy.remark)
        clone = place / "template.git"
        git_remotes.clone_bare(template_address.git_address(address), clone)
    except git_process.GitRefusal as refusal:
        said = template_address.said_without_password(str(refusal), address)
        raise BepError(
            f"the template {shown} cannot be fetched: {said}", "check its address"
        ) from None
    return Template(shown, clone, None)


def newest(template: Template) -> RecordedRevision:
    """The newest release, as Copier finds it; without releases the newest commit."""
    releases = _releases(git_refs.tags(template.folder), early=False)
    found = revision(template, releases[-1] if releases else "HEAD")
    if found is None:
        raise BepError(f"the template {template.address} has no commit", "commit it")
    return found


def revision(template: Template, name: str) -> RecordedRevision | None:
    """The revision that a tag, a commit or a description names, None if there is none."""
    commit = git_objects.commit_of(template.folder, name)
    if not commit:
        return None
    return RecordedRevision(commit, recorded_name(template.folder, commit, name))


def recorded_name(folder: Path, commit: str, chosen: str) -> str:
    """How answers files record a commit of the template in `folder`, which `chosen` names.

    It is a release on it, else its distance from one: tags such as `latest` and `v1` move on.
    """
    tags = git_refs.tags(folder)
    releases = _releases(tags, early=True)
    here = [release for release in releases if tags[release] == commit]
    if here:
        return chosen if chosen in here else here[-1]
    return git_refs.description(folder, commit, releases)


def _releases(tags: Iterable[str], *, early: bool) -> list[str]:
    """The tags that name releases, ascending; with `early` also those before a release."""
    known = {}
    for tag in tags:
        with suppress(InvalidVersion):
            version = Version(tag)
            if early or not version.is_prerelease:
                known[tag] = version
    full = {tag: version for tag, version in known.items() if len(version.release) >= _PARTS}
    return sorted(full or known, key=lambda tag: (known[tag], tag))


def has_drafts(template: Template) -> bool:
    """Whether the template's working tree has uncommitted changes."""
    return template.working_tree is not None and bool(git_files.status(template.working_tree, "."))


def export(template: Template, revision: RecordedRevision, target: Path) -> Path:
    """The files of a revision in the new folder `target`, without its tests and documentation."""
    target.mkdir()
    git_objects.export(template.folder, revision.commit, target, without=_UNNEEDED)
    return target


def export_drafts(template: Template, target: Path) -> Path:
    """The files of the template's working tree, with uncommitted changes."""
    tree = template.working_tree or template.folder
    for name in git_files.files(tree):
        if name.split("/")[0] not in _UNNEEDED and (tree / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree / name, target / name)
    return target


def release(revision: str) -> str:
    """The release on which a recorded revision builds: `v1.0.0` of `v1.0.0-3-gabcdef0`."""
    return _DISTANCE.sub("", revision)
