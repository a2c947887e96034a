"""How long `bep context` is, for each proposal of a corpus and each of its phases and documents.

Run it with `python benchmarks/context_sizes.py CORPUS`; CORPUS is a folder that holds `proposals/`.
It prints the page `docs/evidence/context-sizes.md`; `invoke context-sizes` writes it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bep.context import briefing_text, context
from bep.system import repository
from bep.system.repository import Repository

HEAD = """\
# The length of `bep context`

`bep context` gives what a task needs of a proposal. This table has its length for each proposal of
the corpus and each of its phases and sub-documents, against all documents of the proposal, in
bytes. `invoke context-sizes` writes it; do not edit it by hand.

- Of segmented proposals a phase or a document takes {segmented:.0%} of the whole on average, from
  {least:.0%} to {most:.0%} ({tasks} tasks; the aim is at most a third).
- A phase of a proposal in one file takes {single:.0%} on average.
- Without a task, a proposal in one file is given as it is but for Related Issues and References,
  with a line above each part that says where it stands: a short one becomes longer by that.

| proposal | lines | task | context | whole | part |
|---|---|---|---|---|---|
"""


class Size(NamedTuple):
    """The bytes of a context and of all documents of its proposal."""

    name: str
    lines: int
    task: str
    is_segmented: bool
    context: int
    whole: int

    @property
    def part(self) -> float:
        return self.context / self.whole


def sizes(found: Repository) -> Iterator[Size]:
    """For each proposal without an option, with each phase, with each document."""
    for number, path in found.main_documents():
        subs = sorted(found.directory(number).glob("*.md"))
        whole = sum(one.stat().st_size for one in (path, *subs))
        lines = sum(one.read_bytes().count(b"\n") for one in (path, *subs))
        named = found.relative(path)

        def size(task: str, **options: str) -> Size:
            given = context.context(found, named, **options)  # noqa: B023
            text = briefing_text.text(given).encode("utf-8", "surrogateescape")
            return Size(path.stem, lines, task, bool(subs), len(text), whole)  # noqa: B023

        yield size("")
        phases = context.phases(found, named)
        yield from (size(f"--phase {label}", phase=label) for label in phases)
        yield from (size(f"--document {sub.name}", part=sub.name) for sub in subs)


def page(corpus: Path) -> str:
    """The page with the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(corpus / "proposals", folder / "proposals")
        subprocess.run(["git", "init", "--quiet", name], check=True, capture_output=True)
        every = list(sizes(repository.find(folder)))
    tasks = [one.part for one in every if one.is_segmented and one.task]
    single = [one.part for one in every if not one.is_segmented and one.task]
    head = HEAD.format(
        segmented=sum(tasks) / len(tasks),
        least=min(tasks),
        most=max(tasks),
        tasks=len(tasks),
        single=sum(single) / len(single),
    )
    return head + "".join(map(_row, every))


def _row(size: Size) -> str:
    if size.task:
        return f"| | | `{size.task}` | {size.context:,} | | {size.part:.0%} |\n"
    head = f"| {size.name} | {size.lines:,} | "
    return f"{head}| {size.context:,} | {size.whole:,} | {size.part:.0%} |\n"


if __name__ == "__main__":
    print(page(Path(sys.argv[1])), end="")
