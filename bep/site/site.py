"""`site`: the proposals of a repository as a web site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import BepError
from ..maintain import proposal_times
from ..share import forge as forges
from ..system import git_log, git_remotes
from ..system.repository import Repository
from . import generator, output_folder, proposals
from .addresses import Addresses
from .proposals import Contents, Proposal

if TYPE_CHECKING:
    from .pages import Past

_TITLE = "Enhancement proposals"


class Built(NamedTuple):
    """What was built: how many proposals have documents, and how many pages there are."""

    proposals: int
    pages: int


def build(repository: Repository, output: str, *, with_branches: bool = False) -> Built:
    """Build the site in the folder `output`, and replace the one that an earlier call built there.

    The same commits and files give the same bytes. Raises BepError if the folder is not the
    site's, where a package of the extra is missing, and where registry or guide cannot be read.
    """
    folder = output_folder.resolved(repository, output)
    try:
        from . import pages
        from .images import Images
    except ImportError as error:
        raise generator.missing(error) from None
    contents = proposals.read(repository, with_branches=with_branches)
    settings, time = repository.settings, git_log.head_time(repository.root)
    title = settings.site.title or _TITLE
    images = Images(repository)
    writer = pages.Writer(
        repository.guide,
        contents.proposals,
        _addresses(repository, contents),
        images,
        _past(repository, contents.proposals, time),
        title,
    )
    look = generator.Look(title, settings.site.address, time)
    with output_folder.work_beside(folder) as work:
        count = generator.write_pages(work, writer.pages())
        generator.write_files(work, images.files)
        made = generator.generate(work, pages.TABS, look)
        output_folder.replace(folder, made, work)
    return Built(len([one for one in contents.proposals if one.pages]), count)


def _addresses(repository: Repository, contents: Contents) -> Addresses:
    """Where things are; what the working tree has takes precedence over what branches have."""
    numbers: dict[int, str] = {}
    pages: dict[str, str] = {}
    for one in sorted(contents.proposals, key=lambda each: bool(each.branch)):
        for page in one.pages:
            numbers.setdefault(one.entry.number, page.address)
            pages.setdefault(page.content.path, page.address)
    settings = repository.settings
    remote = git_remotes.remote_address(repository.root, settings.remote)
    return Addresses(
        pages=pages,
        numbers=numbers,
        has=_has(repository),
        proposals=settings.proposals,
        registry=repository.relative(repository.registry_page),
        forge=forges.at(remote) if remote else None,
        main=contents.branches.main,
        jira=settings.jira.url,
        projects=frozenset({settings.jira.project or settings.issue_prefix}),
    )


def _has(repository: Repository) -> Callable[[str], bool]:
    """Whether there is a file or a folder at a path from the root."""
    tree, root = repository.tree, repository.root
    return lambda path: tree.is_file(root / path) or tree.is_folder(root / path)


def _past(repository: Repository, every: Sequence[Proposal], time: int) -> Past:
    """The times of the proposals; what is not committed counts as written with the last commit.

    The present would give other bytes each time.
    """
    from .pages import Past

    if not time:
        return Past(problem="There is no commit yet, and so no history.")
    entries = [one.entry for one in every if one.pages]
    now = git_log.time_of(time)
    try:
        found = proposal_times.of_entries(repository, entries, now=now)
    except BepError as error:
        return Past(problem=str(error))
    pairs = zip(entries, found, strict=True)
    return Past({(one.tip, one.main or ""): times for one, times in pairs if times})
