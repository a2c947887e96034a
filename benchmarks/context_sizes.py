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
from statistics import mean
from typing import NamedTuple

from bep.context import briefing_text, context
from bep.proposal.document import Document
from bep.system import repository
from bep.system.repository import Repository

HEAD = """\
# The length of `bep context`

`bep context` gives what a task needs of a proposal. This table has its length for each proposal of
the corpus and each of its phases and sub-documents, against all documents of the proposal, in
bytes. `invoke context-sizes` writes it; do not edit it by hand.

- A phase of a segmented proposal takes {phases:.0%} of the whole on average, from {least:.0%} to
  {most:.0%} ({phase_count} phases; the aim is at most a quarter), a sub-document {documents:.0%}.
- A phase of a proposal in one file takes {single:.0%} on average.
- A section of a tech spec takes {sections:.0%} on average ({section_count} subsections of its
  areas and its design, which the table leaves out; the aim is at most a third).
- Without a task, a proposal in one file is never longer than it is: where its parts, with a line
  above each that says where it is from, would be longer, it is given as it is.

| proposal | lines | task | context | whole | part |
|---|---|---|---|---|---|
"""


SECTION = "--section"


class Size(NamedTuple):
    """The bytes of a context and of all documents of its proposal."""

    name: str
    lines: int
    task: str
    layout: str
    context: int
    whole: int

    @property
    def part(self) -> float:
        return self.context / self.whole


def sizes(found: Repository) -> Iterator[Size]:
    """For each proposal without an option, with each phase, document, and part of a tech spec."""
    for number, path in found.main_documents():
        subs = sorted(found.directory(number).glob("*.md"))
        whole = sum(one.stat().st_size for one in (path, *subs))
        lines = sum(one.read_bytes().count(b"\n") for one in (path, *subs))
        named = found.relative(path)
        main = Document(path.read_bytes().decode(), named, guide=found.guide)
        layout = "segmented" if subs else main.layout.main

        def size(task: str, **options: str) -> Size:
            given = context.context(found, named, **options)  # noqa: B023
            text = briefing_text.text(given).encode("utf-8", "surrogateescape")
            return Size(path.stem, lines, task, layout, len(text), whole)  # noqa: B023

        yield size("")
        phases = context.phases(found, named)
        yield from (size(f"--phase {label}", phase=label) for label in phases)
        yield from (size(f"--document {sub.name}", part=sub.name) for sub in subs)
        if layout == "tech-spec":
            below = [one.heading for one in main.root.below() if one.heading and one.level == 3]
            yield from (size(SECTION, section=heading.text) for heading in below)


def page(corpus: Path) -> str:
    """The page with the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(corpus / "proposals", folder / "proposals")
        subprocess.run(["git", "init", "--quiet", name], check=True, capture_output=True)
        every = list(sizes(repository.find(folder)))

    def parts(task: str, *, of_segmented: bool) -> list[float]:
        return [
            one.part
            for one in every
            if one.task.startswith(task) and (one.layout == "segmented") == of_segmented
        ]

    phases = parts("--phase", of_segmented=True)
    sections = parts(SECTION, of_segmented=False)
    head = HEAD.format(
        phases=mean(phases),
        least=min(phases),
        most=max(phases),
        phase_count=len(phases),
        documents=mean(parts("--document", of_segmented=True)),
        single=mean(parts("--phase", of_segmented=False)),
        sections=mean(sections),
        section_count=len(sections),
    )
    return head + "".join(_row(one) for one in every if one.task != SECTION)


def _row(size: Size) -> str:
    if size.task:
        return f"| | | `{size.task}` | {size.context:,} | | {size.part:.0%} |\n"
    head = f"| {size.name} | {size.lines:,} | "
    return f"{head}| {size.context:,} | {size.whole:,} | {size.part:.0%} |\n"


if __name__ == "__main__":
    print(page(Path(sys.argv[1])), end="")
