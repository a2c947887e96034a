"""Releases of the template: what a template revision consists of, and the commit that holds it.

Copier checks out all files of the newest tag `vX.Y.Z`, and each of them takes time. The commit of
such a tag therefore has only what Copier renders and what `extensions/bep.py` loads. It is merged
into the branch that it was made from, so that `git describe` finds the tag from every later commit;
the merge changes no file of the branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bep.system import git_files, git_objects, git_process, git_refs
from tests import package_imports

ROOT = Path(__file__).resolve().parent
PARTS = (
    "LICENSE",
    "copier.yml",
    "extensions",
    "guide.yml",
    "includes",
    "revisions.yml",
    "template_registry",
    "template_segmented",
    "template_single",
)
LOADED = ("bep.template_api", "bep.system.compiled_code")
_TAG = re.compile(r"v(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}")


class Refused(Exception):
    """A release that cannot be made; `str()` says in one line why, and what to do."""


def files() -> list[str]:
    """The paths of the files in this checkout that belong to a template revision, sorted."""
    parts = (ROOT / part for part in PARTS)
    found = (path for part in parts for path in ([part] if part.is_file() else part.rglob("*")))
    own = {path for path in found if path.is_file() and "__pycache__" not in path.parts}
    own |= {package_imports.PATHS[name] for name in package_imports.needed_by(LOADED)}
    return sorted(path.relative_to(ROOT).as_posix() for path in own)


def make(tag: str, root: Path = ROOT) -> str:
    """Tag a commit of the template's files, merge it into the current branch, return its name.

    `root` is a checkout of this project. Tag and branch change in one step; nothing is pushed.
    Raises Refused where no release can be made of this checkout, and GitRefusal where Git exits
    with an error; then neither has changed.
    """
    if problem := next(_problems(tag, root), ""):
        raise Refused(problem)
    wanted = {*files()}
    branch = git_refs.branch(root) or ""
    head = git_objects.commit_of(root, "HEAD")
    entries = git_process.run(root, "ls-tree", "-r", "-z", "HEAD").split("\0")
    own = [entry for entry in entries if entry.partition("\t")[2] in wanted]
    revision = _commit(
        root,
        _tree(root, own),
        f"Template revision {tag}\n\nOnly what Copier renders and what that loads;"
        f" the rest is in {head}.",
        head,
    )
    same = git_process.run(root, "rev-parse", "HEAD^{tree}")
    merged = _commit(root, same, f"Merge the template revision {tag}", head, revision)
    steps = f"create refs/tags/{tag} {revision}\nupdate refs/heads/{branch} {merged} {head}\n"
    git_process.run(
        root, "update-ref", "--stdin", "-m", f"release: {tag}", given=f"start\n{steps}commit\n"
    )
    return branch


def _problems(tag: str, root: Path) -> Iterator[str]:
    if not _TAG.fullmatch(tag):
        yield f"{tag!r} is no template revision: write it as v1.2.3"
    if tag in git_refs.tags(root):
        yield f"there is a tag {tag} already, which is never moved: take the next number"
    if f"## {tag}" not in (root / "CHANGELOG.md").read_text().split("\n"):
        yield f"CHANGELOG.md has no entry `## {tag}`: move there what is below `## Unreleased`"
    if git_files.status(root, "."):
        yield "there are uncommitted changes: commit them first"
    if not git_refs.branch(root):
        yield "this is a detached HEAD: switch to the branch first"


def _tree(root: Path, entries: list[str]) -> str:
    """The Git tree with these entries, which are as `git ls-tree -z` prints them."""
    with TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        given = "".join(f"{entry}\0" for entry in entries)
        git_process.run(root, "update-index", "-z", "--index-info", given=given, environment=index)
        return git_process.run(root, "write-tree", environment=index)


def _commit(root: Path, tree: str, message: str, *parents: str) -> str:
    options = (option for parent in parents for option in ("-p", parent))
    return git_process.run(root, "commit-tree", tree, *options, given=message)
