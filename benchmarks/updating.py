"""`bep update` against a loop of `copier update` and commit, in a repository of 10,000 other files.

Run it with `python benchmarks/updating.py`. Targets: at least 100 times faster for 70 proposals,
under 300 MB, time linear in the number of proposals; and `copier update` of one proposal at most
twice that of a template of the same files without the merge, in a small repository.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import copier
from copying import git, this_template

OTHER_FILES = 10_000
SIZES = (1, 10, 70, 500)
LOOPED = 10
RUNS = 3
PAIRS = 7
INCLUDE = "guide.yml"


class Cost(NamedTuple):
    """What a process and its children cost: seconds by the clock and of processor, megabytes."""

    wall: float
    cpu: float
    memory: float


def cost(arguments: Sequence[str], folder: Path) -> Cost:
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def revised_template(folder: Path, *, merging: bool = True) -> Path:
    """This template as v1.0.0, and as v1.1.0 with a sentence reworded and a section added.

    Without `merging`, Copier itself merges the documents of the same files.
    """
    this_template(folder)
    if not merging:
        settings = folder / "copier.yml"
        text = settings.read_text()
        start, end = text.index("_migrations:"), text.index("_message_after_update:")
        text = text[:start] + text[end:].partition("\n")[2]
        lines = [line for line in text.split("\n") if "_copier_operation == 'update'" not in line]
        settings.write_text("\n".join(lines))
        git(folder, "commit", "--quiet", "--all", "--amend", "--no-edit")
        git(folder, "tag", "--force", "v1.0.0")
    file = folder / INCLUDE
    text = file.read_text()
    text = text.replace("Why this change is needed", "Why we need this change")
    text = text.replace("  open-questions:\n", ADDED)
    file.write_text(
        text.replace("      - open-questions\n", "      - added\n      - open-questions\n")
    )
    git(folder, "commit", "--quiet", "--all", "--message=Revision")
    git(folder, "tag", "v1.1.0")
    return folder


ADDED = """\
  added:
    heading: Alternatives
    guidance: What else was considered.

  open-questions:
"""


def answers_file(number: int) -> str:
    return f"proposals/.copier/.copier-answers.BEP-{number}.yml"


def repository(folder: Path, template: Path, proposals: int, others: int) -> Path:
    """A repository with edited proposals of v1.0.0, every third one segmented, and other files."""
    folder.mkdir()
    for at in range(others):
        file = folder / f"src/{at % 100}/file{at}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {at}\n" * 20)
    page = folder / "proposals/README.md"
    page.parent.mkdir()
    page.write_text("| Number | Title | Author | Status |\n|---|---|---|---|\n")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    git(folder, "init", "--quiet")
    for layout in ("single", "segmented"):
        make_proposal(folder, template, layout)
    for number in range(1002, 1000 + proposals):
        copy_proposal(folder, 1001 if number % 3 == 0 else 1000, number)
    if proposals == 1:
        remove_proposal(folder, 1001)
    for document in (folder / "proposals").glob("BEP-*.md"):
        text = document.read_text()
        document.write_text(text.replace("\n## ", "\nWhat the author says here.\n\n## "))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Start")
    return folder


def make_proposal(folder: Path, template: Path, layout: str) -> None:
    copier.run_copy(
        str(template),
        folder,
        {
            "layout": layout,
            "number": 1000 + (layout == "segmented"),
            "title": "A proposal",
            "components": ["data-model", "api", "client"],
            "phases": ["One", "Two"],
            "author_name": "Ada Lovelace",
            "author_email": "ada@example.com",
            "created": "2026-01-02",
            "created_version": "26.1.0",
        },
        vcs_ref="v1.0.0",
        defaults=True,
        quiet=True,
        unsafe=True,
        skip_tasks=True,
    )


def copy_proposal(folder: Path, old: int, new: int) -> None:
    names = [f"BEP-{old}-a-proposal.md", f".copier/.copier-answers.BEP-{old}.yml"]
    names += [
        path.relative_to(folder / "proposals").as_posix()
        for path in (folder / f"proposals/BEP-{old}").rglob("*")
    ]
    for name in names:
        target = folder / "proposals" / name.replace(str(old), str(new))
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (folder / "proposals" / name).read_text()
        target.write_text(text.replace(str(old), str(new)))


def remove_proposal(folder: Path, number: int) -> None:
    (folder / f"proposals/BEP-{number}-a-proposal.md").unlink()
    (folder / answers_file(number)).unlink()
    shutil.rmtree(folder / f"proposals/BEP-{number}")


def reset(folder: Path, commit: str) -> None:
    git(folder, "reset", "--quiet", "--hard", commit)
    git(folder, "clean", "--quiet", "--force", "-d")


def head(folder: Path) -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def looped(folder: Path, number: int) -> float:
    """Seconds for one proposal of the loop: `copier update` and a commit."""
    started = time.perf_counter()
    subprocess.run(
        [
            *(sys.executable, "-m", "copier", "update", "--trust", "--defaults", "--quiet"),
            *("--answers-file", answers_file(number), "."),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    git(folder, "commit", "--quiet", "--all", f"--message={number}")
    return time.perf_counter() - started


def compare_with_loop(base: Path, template: Path) -> None:
    print("proposals  bep update: wall, CPU, memory     the loop, a proposal   times faster")
    for size in SIZES:
        folder = repository(base / f"repository-{size}", template, size, OTHER_FILES)
        start = head(folder)
        costs = []
        for _ in range(RUNS):
            costs.append(cost([sys.executable, "-m", "bep", "update"], folder))
            reset(folder, start)
        each = [looped(folder, 1000 + at) for at in range(min(size, LOOPED))]
        ours = Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
        loop = statistics.median(each)
        print(
            f"{size:9}  {ours.wall:7.2f} s {ours.cpu:6.2f} s {ours.memory:5.0f} MB"
            f"  {loop:12.2f} s      {loop * size / ours.wall:12.0f}"
        )
        shutil.rmtree(folder)


def compare_one(base: Path, template: Path) -> None:
    other = revised_template(base / "without-merge", merging=False)
    folders = []
    for name, source in (("ours", template), ("other", other)):
        folder = base / name
        folder.mkdir()
        (folder / "proposals").mkdir()
        (folder / "proposals/README.md").write_text("# Page\n")
        (folder / "invoke.yaml").write_text(f"bep:\n  template: {source}\n")
        git(folder, "init", "--quiet")
        make_proposal(folder, source, "single")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=Start")
        folders.append((folder, head(folder)))
    command = [
        *(sys.executable, "-m", "copier", "update", "--trust", "--defaults", "--quiet"),
        *("--answers-file", answers_file(1000), "."),
    ]
    pairs = []
    for _ in range(PAIRS):
        pair = []
        for folder, start in folders:
            pair.append(cost(command, folder).cpu)
            reset(folder, start)
        pairs.append(pair)
    ratios = sorted(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"copier update of one proposal, {PAIRS} pairs, CPU: {mine:.2f} s, without the merge")
    print(f"{theirs:.2f} s; ratio: median {statistics.median(ratios):.2f},", end=" ")
    print(f"{ratios[0]:.2f} to {ratios[-1]:.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        template = revised_template(base / "template")
        compare_one(base, template)
        compare_with_loop(base, template)


if __name__ == "__main__":
    main()
