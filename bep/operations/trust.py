"""Whom to trust: the settings of a pull request choose neither the code that runs nor the rules.

A template is code that runs here. One that the settings name is taken where main's settings say
the same, where this clone has used it before, or where `bep` itself came from it; another one only
where the call names it, or somebody at a terminal says so. What a change is judged by is what its
base says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import BepError
from ..model import names
from ..outside import git, history, settings, source, template
from ..outside.repository import Repository
from ..outside.settings import Settings
from ..outside.source import Address

# Asks whether a template may run: its address, and what speaks against it.
Ask = Callable[[str, str], bool]


def template_address(repository: Repository, named: str, ask: Ask | None = None) -> Address:
    """Return the address of the template that may run; `named` is the one in the call.

    Raises BepError for one that only the settings of this checkout name; with `ask` it asks first.
    """
    found = source.find(named, repository.settings.template)
    if named:
        template.remember(repository.tree, source.canonical(named))
        return found
    address = repository.settings.template
    if not address or _is_known(repository, address):
        return found
    doubt = _doubt(repository)
    if ask is not None and ask(address, doubt):
        template.remember(repository.tree, source.canonical(address))
        return found
    raise BepError(
        f"the template {address!r} {doubt}, and running it runs its code",
        f"if you trust it, call again with --template {address}",
        repository.settings_file,
    )


def _is_known(repository: Repository, address: str) -> bool:
    wanted = source.canonical(address)
    installed = source.installed_from()
    if installed and wanted in (
        source.canonical(installed),
        source.canonical(source.shared_address(installed)),
    ):
        return True
    if wanted in template.remembered(repository.tree):
        return True
    if not git.has_commit(repository.root):
        # Nobody else's text can be here.
        return True
    said = _of_main(repository)
    return said is not None and source.canonical(said.template) == wanted


def _doubt(repository: Repository) -> str:
    said = _of_main(repository)
    if said is None or not said.template:
        return "is named by the settings of this checkout and not by those of the main branch"
    return f"is not the one of the main branch, {said.template!r}"


def _of_main(repository: Repository) -> Settings | None:
    """Return the settings that the main branch has; None where it has none that can be read."""
    for commit in _main_commits(repository):
        try:
            return settings.at(repository.root, commit).settings
        except BepError:
            return None
    return None


def main_branch(repository: Repository) -> tuple[str, str]:
    """Return the remote and the main branch, each '' where there is none.

    A pull request may set what the main branch is, and would be judged against itself. So the
    settings count that Git's main branch has; those of this checkout only where there is none.
    """
    remote, main = _known_to_git(repository)
    said = _of_main(repository)
    if said is None and not main:
        said = repository.settings
    return remote, (said.main if said else "") or main


def _known_to_git(repository: Repository) -> tuple[str, str]:
    root = repository.root
    remotes = git.remotes(root)
    remote = "origin" if "origin" in remotes else remotes[0] if len(remotes) == 1 else ""
    return remote, git.main_branch(root, remote)


def _main_commits(repository: Repository) -> Iterator[str]:
    remote, main = _known_to_git(repository)
    candidates = [main] if main else ["main", "master"]
    places = [f"refs/remotes/{remote}/{one}" for one in candidates] if remote else []
    places += [f"refs/heads/{one}" for one in candidates]
    for ref in places:
        if commit := history.commit_of(repository.root, ref):
            yield commit


def judged_by(repository: Repository, base: str | None) -> tuple[Repository, tuple[str, ...]]:
    """Return the repository with the settings of the commit `base`, and remarks for people.

    A change is judged by what its base says, not by what it says itself. Without a base, or where
    the change brings the registry itself, nobody else has said anything.
    """
    if not base:
        return repository, ()
    root = repository.root
    try:
        found = settings.at(root, base)
    except BepError as error:
        return _with(repository, Settings()), (f"the settings of the base count as empty: {error}",)
    known = found.settings
    page = f"{known.proposals}/{names.REGISTRY_PAGE}"
    if found.file is None and page not in history.blobs(root, base):
        known = known._replace(proposals=repository.settings.proposals)
    keys = [key for key, now in repository.settings._asdict().items() if now != getattr(known, key)]
    if not keys:
        return repository, ()
    remark = (
        f"judged by the settings of {base[:9]}, not by what the change sets ({', '.join(keys)})"
    )
    return _with(repository, known), (remark,)


def _with(repository: Repository, known: Settings) -> Repository:
    return repository._replace(settings=known)
