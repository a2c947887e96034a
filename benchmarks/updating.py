"""`bep update` against a loop of `copier update` and commit, in a repository of 10,000 other files.

Run it with `python benchmarks/updating.py`. Targets: 400 times faster for 70 proposals, 800 times
for 500, under 300 MB; and `copier update` of one proposal no slower than that of a template of the
same files whose documents Copier merges itself, in a small repository.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from compare import (
    BEP,
    Command,
    Cost,
    conditions,
    cost,
    costs,
    in_turn,
    installed,
    most,
    ratios,
    spread,
    table,
)
from copying import ROOT, this_template
from proposals import HEAD, SETTINGS, git

OTHER_FILES = 10_000
SIZES = (1, 70, 500)
TARGETS = {70: "at least 400", 500: "at least 800"}
PAIRS = 7
INCLUDE = "guide.yml"


def revised_template(folder: Path, names: Sequence[str] = (), *, merging: bool = True) -> Path:
    """This template as v1.0.0, and as v1.1.0 with a sentence reworded and a section added.

    It has the files `names`, by default those of a release. Without `merging`, Copier itself merges
    the documents of the same files.
    """
    this_template(folder, names)
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
    page.write_text(HEAD)
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
    git(folder, "gc", "--quiet")
    return folder


def make_proposal(folder: Path, template: Path, layout: str) -> None:
    answers = {
        "layout": layout,
        "number": 1000 + (layout == "segmented"),
        "title": "A proposal",
        "components": ["data-model", "api", "client"],
        "phases": ["One", "Two"],
        "author_name": "Ada Lovelace",
        "author_email": "ada@example.com",
        "created": "2026-01-02",
        "created_version": "26.1.0",
    }
    # In another process: the memory of what is measured begins with that of this one.
    given = folder.parent / "answers.json"
    given.write_text(json.dumps(answers))
    options = ["--trust", "--defaults", "--quiet", "--skip-tasks", "--vcs-ref=v1.0.0"]
    call = [*COPIER, "copy", *options, f"--data-file={given}", str(template), str(folder)]
    subprocess.run(call, check=True)


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


def looped(folder: Path, number: int, environment: Mapping[str, str]) -> Cost:
    """One proposal of the loop: `copier update` and a commit."""
    commit = ["git", *SETTINGS, "commit", "--quiet", "--all", f"--message={number}"]
    parts = [
        cost(Command(call, folder, environment))
        for call in ([*COPIER_UPDATE, answers_file(number), "."], commit)
    ]
    return Cost(*map(sum, zip(*parts, strict=True)))


COPIER = (sys.executable, "-m", "copier")
COPIER_UPDATE = (*COPIER, "update", "--trust", "--defaults", "--quiet", "--answers-file")


def rows_beside_loop(
    base: Path, template: Path, has: str, sizes: Sequence[int]
) -> Iterator[list[str]]:
    """A row for each number of proposals; `has` names the files that the template has."""
    for size in sizes:
        folder = repository(base / f"repository-{size}", template, size, OTHER_FILES)
        environment, start = installed(base), git(folder, "rev-parse", "HEAD")
        command = Command([*BEP, "update"], folder, environment)
        shutil.rmtree(base / "cache", ignore_errors=True)
        first = cost(command)
        runs, looping = [], []
        for at in range(PAIRS):
            reset(folder, start)
            # In turn, so that what slows the machine down slows both down.
            looping.append(looped(folder, 1000 + at % size, environment))
            reset(folder, start)
            runs.append(cost(command))
        ours, loop = costs(runs), costs(looping)
        yield [
            f"{size}, {has}",
            spread(ours.clock, " s"),
            spread(ours.cpu, " s"),
            f"{first.cpu:.2f} s",
            most(ours.memory),
            spread(loop.clock, " s"),
            spread([size * one for one in ratios(loop.clock, ours.clock)], digits=0),
            spread([size * one for one in ratios(loop.cpu, ours.cpu)], digits=0),
            TARGETS.get(size, ""),
        ]
        shutil.rmtree(folder)


def compare_with_loop(base: Path, template: Path) -> str:
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    names = [name for name in listed if name and (ROOT / name).is_file()]
    whole = revised_template(base / "whole", names)
    rows = [
        *rows_beside_loop(base, template, "a release", SIZES),
        *rows_beside_loop(base, whole, "all files", [*TARGETS]),
    ]
    head_cells = [
        *("proposals", "`bep update`, clock", "CPU", "CPU, nothing kept", "memory"),
        *("the loop, a proposal, clock", "times as fast", "by CPU", "target"),
    ]
    return table(head_cells, rows)


def compare_one(base: Path, template: Path) -> str:
    other = revised_template(base / "without-merge", merging=False)
    commands = {}
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
        prepare = partial(reset, folder, git(folder, "rev-parse", "HEAD"))
        call = [*COPIER_UPDATE, answers_file(1000), "."]
        commands[name] = Command(call, folder, installed(base), prepare)
    found = in_turn(commands, PAIRS)
    mine, theirs = found["ours"].cpu, found["other"].cpu
    cells = [spread(mine, " s"), spread(theirs, " s"), spread(ratios(mine, theirs))]
    return table(
        ["CPU time", "this template", "Copier merges", "ratio", "target"],
        [["`copier update` of one proposal", *cells, "at most 1"]],
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        template = revised_template(base / "template")
        print(conditions(PAIRS, "copier"))
        print(compare_one(base, template))
        print(compare_with_loop(base, template), end="")


if __name__ == "__main__":
    main()
