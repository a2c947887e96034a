"""The task `site`."""

from __future__ import annotations

from ..output import note, say
from ..words import counted
from .command import command
from .terminal import open_repository

OUTPUT = "site"


@command(
    help={
        "output": f"The folder for the site; default: `{OUTPUT}` in the current folder.",
        "branches": "Also show proposals that are only on branches, or newer there.",
    },
    examples=["bep site", "bep site --branches --output /tmp/proposals"],
)
def site(output: str = "", branches: bool = False) -> None:
    """Build a searchable web site of the proposals.

    It contains a table of all proposals to filter and sort, a page for each document, open
    questions and decisions of all proposals, their relations, and a chart of their statuses over
    the years. The site is static, loads nothing from other hosts, and works on any host, under any
    path, and from the file system. The output folder is replaced only if this command made it. The
    settings site.title and site.address give its name and future address. Needs the extra `site`:
    `pip install 'bep-templates[site]'`. Only the address of the front page is printed on stdout.
    """
    from ..site import site as sites

    repository = open_repository(writing=False)
    built = sites.build(repository, output or OUTPUT, with_branches=branches)
    proposals = counted(built.proposals, "proposal")
    note(f"{proposals} on {built.pages} pages.")
    say(f"{(output or OUTPUT).rstrip('/')}/index.html")
