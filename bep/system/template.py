"""A template's Git repository: its revisions, and the files of one of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from ..errors import BepError
from . import git, template_address

# What a template revision does not need: its tests would only cost time.
_UNNEEDED = ("tests", "docs", "benchmarks")
_DISTANCE = re.compile(r"-\d+-g[0-9a-f]+$")


class Template(NamedTuple):
    """A template at `address`; `folder` is where git finds its objects.

    `working_tree` is where its files can be edited, None for a clone.
    """

    address: str
    folder: Path
    working_tree: Path | None


class Revision(NamedTuple):
    """A commit of a template, and how answers files record it."""

    commit: str
    name: str


def is_local(address: str) -> bool:
    """Whether a template's working tree is on this machine."""
    return (Path(address).expanduser() / ".git").exists()


def open_template(address: str, place: Path) -> Template:
    """The template at `address`; one that is not on this machine is cloned into `place`.

    Raises BepError if it cannot be fetched.
    """
    local = Path(address).expanduser()
    if is_local(address):
        return Template(address, local.resolve(), local.resolve())
    if local.is_dir() and not git.commit_of(local, "HEAD"):
        raise BepError(
            f"the template {address} is not a Git repository", "commit it: revisions are commits"
        )
    clone = place / "template.git"
    try:
        git.clone_bare(template_address.git_address(address), clone)
    except git.GitRefusal as refusal:
        raise BepError(
            f"the template {address} cannot be fetched: {refusal}", "check its address"
        ) from None
    return Template(address, clone, None)


def newest(template: Template) -> Revision:
    """The newest release, as Copier finds it; without releases the newest commit."""
    releases = []
    for tag in git.tags(template.folder):
        try:
            version = Version(tag)
        except InvalidVersion:
            continue
        if not version.is_prerelease:
            releases.append((version, tag))
    found = revision(template, max(releases)[1] if releases else "HEAD")
    if found is None:
        raise BepError(f"the template {template.address} has no commit", "commit it")
    return found


def revision(template: Template, name: str) -> Revision | None:
    """The revision that a tag, a commit or a description names, None if there is none."""
    commit = git.commit_of(template.folder, name)
    return Revision(commit, git.description(template.folder, commit)) if commit else None


def has_drafts(template: Template) -> bool:
    """Whether the template's working tree has uncommitted changes."""
    return template.working_tree is not None and bool(git.status(template.working_tree, "."))


def export(template: Template, revision: Revision, target: Path) -> Path:
    """The files of a revision in the new folder `target`, without its tests and documentation."""
    target.mkdir()
    git.export(template.folder, revision.commit, target, without=_UNNEEDED)
    return target


def export_drafts(template: Template, target: Path) -> Path:
    """The files of the template's working tree, with uncommitted changes."""
    tree = template.working_tree or template.folder
    for name in git.files(tree):
        if name.split("/")[0] not in _UNNEEDED and (tree / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree / name, target / name)
    return target


def release(revision: str) -> str:
    """The release on which a recorded revision builds: `v1.0.0` of `v1.0.0-3-gabcdef0`."""
    return _DISTANCE.sub("", revision)
