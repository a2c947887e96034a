"""The registry where the branch and the main branch both added rows: joined in a merge commit.

Rows of two branches are written at the same place, and a forge cannot merge them: so `submit`
merges the main branch where, and only where, that is what is in the way.
"""

from __future__ import annotations

from ..errors import WRONG_DOCUMENTS, BepError
from ..proposal import registry_conflicts
from ..system import git_commits, git_log, git_merge, git_objects, git_process, git_refs
from ..system.repository import Repository, decode, encode


def is_needed(repository: Repository, page: bytes | None, tip: str) -> bool:
    """Whether the registry clashes with that of the main branch at `tip`.

    `page` is about to be committed, None for that of HEAD. Raises BepError if only a person can
    join them: two titles for one number, or a clash outside the table.
    """
    return _joined(repository, page, tip) is not None


def join(repository: Repository, tip: str, main: str) -> None:
    """Merge the main branch at `tip`, called `main`, into HEAD with the registry joined.

    The remote-tracking branch of `main` is then at `tip`. Raises BepError, with nothing
    changed, if something else clashes or a file that is not committed is in the way.
    """
    page = repository.relative(repository.registry_page)
    text = _joined(repository, None, tip)
    if text is None:
        return
    try:
        message = f"Merge {main} and join the registry"
        commit = git_commits.joined(repository.root, tip, {page: text}, message)
        git_commits.forward(repository.root, commit)
        known = f"refs/remotes/{repository.settings.remote}/{main}"
        if git_refs.refs(repository.root, known):
            git_refs.set_ref(repository.root, known, tip)
    except git_process.GitRefusal as refusal:
        raise BepError(
            f"{main} cannot be merged: {refusal}",
            f"merge it by hand with `git merge {tip[:12]}`, then try again",
        ) from None


def _joined(repository: Repository, own: bytes | None, tip: str) -> bytes | None:
    """The page with the rows of both sides; None if they do not clash."""
    root, page = repository.root, repository.relative(repository.registry_page)
    base = git_log.merge_base(root, tip)
    before = git_objects.content_at(root, base, page)
    theirs = git_objects.content_at(root, tip, page)
    ours = own or git_objects.content_at(root, "HEAD", page)
    if before is None or theirs is None or ours is None or before in (theirs, ours):
        return None
    if git_merge.merged_text(root, ours, before, theirs) is not None:
        return None
    text = decode(git_merge.conflict_text(root, ours, before, theirs))
    settled = registry_conflicts.settle(text, page, repository.guide)
    if settled.clashes:
        clash = settled.clashes[0]
        titles = " and ".join(repr(title) for _, title in clash.rows)
        remedy = f"give yours another number with `bep renumber {clash.number}`"
        if clash.number in registry_conflicts.numbers(before, page):
            remedy = f"both sides changed one proposal: run `git merge {tip[:12]}`, then `bep sync`"
        raise BepError(
            f"{clash.number} has two titles, here and on the main branch: {titles}",
            remedy,
            page,
            code=WRONG_DOCUMENTS,
        )
    return encode(settled.text)
