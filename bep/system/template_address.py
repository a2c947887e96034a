"""Where a template is: its address as others can use it."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import BepError
from . import git_log, git_objects, git_process, git_refs, git_remotes

_SHORT = {"gh:": "github.com", "gl:": "gitlab.com"}


@lru_cache(maxsize=16)
def shared_address(address: str) -> str:
    """A template's address for others, without a password.

    It is the `origin` of a local clone, and the absolute path of a local folder without one.
    """
    folder = local_path(address)
    if folder is None or not folder.is_dir():
        return without_password(address)
    # A plain folder inside some other repository must not be taken for that repository.
    origin = git_remotes.remote_address(folder, "origin") if (folder / ".git").exists() else ""
    return without_password(below(folder, origin)) or str(folder.resolve())


def recorded_address(address: str, revision: str) -> str:
    """A template's address as it is recorded beside `revision`: one that has this revision.

    It is the shared address, but the path of a local clone if its `origin` lacks the revision, as
    nobody could update from there. Only the origin of a local clone is asked.
    """
    shared, folder = shared_address(address), local_path(address)
    if folder is None or not folder.is_dir() or shared == (own := str(folder.resolve())):
        return shared
    return shared if _origin_has(folder, revision) else own


def _origin_has(clone: Path, revision: str) -> bool:
    commit = git_objects.commit_of(clone, revision)
    if not commit:
        return False
    try:
        there = git_remotes.remote_refs(clone, "origin", "refs/heads/*", "refs/tags/*").refs
    except git_process.GitRefusal:
        # It does not answer: what was last fetched or pushed has to do.
        return git_log.is_reached(
            clone, commit, git_refs.refs(clone, "refs/remotes/origin/").values()
        )
    tag = f"refs/tags/{revision}"
    if tag in git_refs.refs(clone, tag):
        return commit in (there.get(tag), there.get(f"{tag}^{{}}"))
    if git_log.is_reached(clone, commit, there.values()):
        return True
    newer = [
        ref
        for ref, tip in there.items()
        if ref.startswith("refs/heads/") and not git_objects.commit_of(clone, tip)
    ]
    if newer:
        # A clone that is behind does not know what these are made on.
        with suppress(git_process.GitRefusal):
            git_remotes.fetch(clone, "origin", *newer)
    return bool(newer) and git_log.is_reached(clone, commit, (there[ref] for ref in newer))


def remark(address: str, recorded: str, revision: str) -> str:
    """Return what keeps others from updating what records this address and revision, else ''."""
    folder = local_path(address)
    if not revision:
        return (
            "the template is not a Git repository, so no revision is recorded and nothing can be"
            " updated; commit the template, then `bep adopt` records one"
        )
    shared = shared_address(address)
    if recorded == shared or folder is None or recorded != str(folder.resolve()):
        return ""
    return (
        f"the template's origin {shared} does not have {revision}, so the path {recorded} is"
        f" recorded, from which only this machine can update; push {revision} there first"
    )


def without_password(address: str) -> str:
    """An address as it may be recorded and printed: a user of a web server may be a token.

    >>> without_password("https://user:token@example.com/a/b.git")
    'https://example.com/a/b.git'
    >>> without_password("ssh://git:secret@example.com/a/b.git")
    'ssh://git@example.com/a/b.git'
    """
    address = re.sub(r"(?i)^((?:git\+)?https?://)[^/?#]*@", r"\1", address)
    return re.sub(r"^([\w+.-]+://[^/?#:@]*):[^/?#]*@", r"\1@", address)


def said_without_password(said: str, address: str) -> str:
    """What a program said of an address, without the password in the address.

    >>> said_without_password("cannot find a:b@c.org", "git://a:b@c.org/d")
    'cannot find a@c.org'
    """
    shown = without_password(address)
    user, _, _ = address.partition("://")[2].rpartition("@")
    kept, _, _ = shown.partition("://")[2].rpartition("@")
    return (
        said.replace(address, shown).replace(f"{user}@", f"{kept}@") if shown != address else said
    )


def canonical(address: str) -> str:
    """An address in the one spelling that `gh:`, https and ssh forms of it share.

    >>> canonical("git@github.com:lablup/bep.git") == canonical("gh:lablup/bep")
    True
    """
    text = address.strip().removeprefix("git+").rstrip("/").removesuffix(".git")
    for short, host in _SHORT.items():
        if text.startswith(short):
            text = f"https://{host}/{text.removeprefix(short)}"
    if match := re.fullmatch(r"(?:\w+://)(?:[^@/]+@)?([^/:]+)(?::\d+)?/+(.+)", text):
        return f"{match[1].lower()}/{match[2]}"
    if match := re.fullmatch(r"(?:[^@/]+@)?([^/:]{2,}):(?!//)(.+)", text):
        return f"{match[1].lower()}/{match[2].lstrip('/')}"
    path = local_path(text)
    return str(path.resolve()) if path else text


def local_path(address: str) -> Path | None:
    """The path at an address on this machine, even a link that leads nowhere; else None."""
    try:
        path = Path(address).expanduser()
        return path if path.is_symlink() or path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long a name, or no such user's home: an address need not be a valid path.
        return None


def place_below(root: Path, address: str) -> Path | None:
    """The file or folder below `root` that git or Copier would take an address for, if any.

    Git looks for a folder first, whatever the address looks like: `git@example.com:a/b.git` too.
    """
    bare = address.strip().removeprefix("git+").removeprefix("file://").rstrip("/")
    for text in dict.fromkeys((bare, bare.removesuffix(".git"), f"{bare}.git")):
        path = local_path(text)
        if path is None:
            continue
        # A link below the root may lead out of it, and one outside may lead into it.
        spelled = Path(os.path.normpath(path.absolute()))
        if any(one.is_relative_to(root.resolve()) for one in (spelled, path.resolve())):
            return spelled
    return None


def below(folder: Path, address: str) -> str:
    """An address in which the relative path of what is there is one from `folder`."""
    if not is_path(address) or address.startswith("~"):
        return address
    path = local_path(str(folder / address))
    return os.path.normpath(path) if address and path else address


def is_path(address: str) -> bool:
    """Whether an address reads as a path, not as `gh:a/b`, `https://…` or `git@…:a/b`."""
    return not re.match(r"[\w.+@-]{2,}:", address.strip())


def git_address(address: str) -> str:
    """An address as git takes it: `gh:` and `gl:` written out, without `git+`.

    >>> git_address("gh:lablup/bep")
    'https://github.com/lablup/bep.git'
    """
    text = address.strip().removeprefix("git+")
    for short, host in _SHORT.items():
        if text.startswith(short):
            return f"https://{host}/{text.removeprefix(short).removesuffix('.git')}.git"
    return str(Path(text).expanduser()) if Path(text).expanduser().exists() else text


def installed_from() -> str:
    """Where this package was installed from: a path or a Git address; '' for a bare wheel.

    pip and uv record it for installs from a path, editable ones and Git addresses.
    """
    # Slow to load, and seldom needed.
    from importlib import metadata

    # A checkout on the import path has its own metadata, which record no origin.
    found = metadata.distributions(name="bep-templates")
    recorded = next(filter(None, (one.read_text("direct_url.json") for one in found)), "{}")
    origin = json.loads(recorded)
    address = str(origin.get("url", ""))
    if "vcs_info" in origin:
        return f"git+{address}"
    return unquote(urlsplit(address).path) if "dir_info" in origin else ""


def find(named: str, settings_template: str) -> str:
    """The template: named in the call, else in the settings, else where this was installed from.

    Where the settings name the template that this was installed from, its local clone serves: it
    is here, and it fits this tool. Raises BepError if nothing names a template.
    """
    if named:
        return named
    installed = installed_from()
    if not settings_template:
        if installed:
            return installed
        raise BepError(
            "no template is configured",
            "name it with --template, or as `template` in invoke.yaml",
        )
    own = {canonical(installed), canonical(shared_address(installed))} if installed else set()
    if canonical(settings_template) in own:
        return installed
    return settings_template
