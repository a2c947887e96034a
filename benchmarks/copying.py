"""`copier copy` of this template against one of a single empty file.

Run it with `python benchmarks/copying.py`. Target: at most 1.2 times, in memory and on disk.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compare import Command, conditions, in_turn, installed, ratios, spread, table
from proposals import git

import release

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 9


def as_template(folder: Path) -> Path:
    """A Git repository of what stands in `folder`, packed, with one tag, as a clone has it."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Template")
    git(folder, "gc", "--quiet")
    git(folder, "tag", "v1.0.0")
    return folder


def this_template(folder: Path, names: Sequence[str] = ()) -> Path:
    """This template with the files `names` of this checkout; left out, those of a release."""
    for name in names or release.files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return as_template(folder)


def empty_template(folder: Path) -> Path:
    (folder / "tree").mkdir(parents=True)
    (folder / "copier.yml").write_text("_subdirectory: tree\n")
    (folder / "tree" / "empty").touch()
    return as_template(folder)


def fresh_repository(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    page = folder / "proposals" / "README.md"
    page.parent.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "fixtures" / "registry.md", page)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Start")


def compare_copies(base: Path) -> tuple[list[float], list[float]]:
    """The times of `copier copy` of this template, and of the empty one."""
    copier = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "--quiet"]
    ours = this_template(base / "ours")
    other = empty_template(base / "other")
    repository, target = base / "repository", base / "target"
    # Copier's checkouts of the template go to the temporary folder too.
    place = {**installed(base), "TMPDIR": str(base)}
    found = in_turn(
        {
            "this template": Command(
                [*copier, "-d", "title=A proposal", str(ours), "."],
                repository,
                place,
                lambda: fresh_repository(repository),
            ),
            "one empty file": Command(
                [*copier, str(other), str(target)],
                base,
                place,
                lambda: shutil.rmtree(target, ignore_errors=True),
            ),
        },
        PAIRS,
    )
    return found["this template"].cpu, found["one empty file"].cpu


def main() -> None:
    rows = []
    for name, place in (("in memory", "/dev/shm"), ("on disk", tempfile.gettempdir())):
        if Path(place).is_dir():
            with tempfile.TemporaryDirectory(dir=place) as folder:
                mine, theirs = compare_copies(Path(folder))
            times = [spread(mine, " s"), spread(theirs, " s"), spread(ratios(mine, theirs))]
            rows.append([f"temporary files {name}", *times, "at most 1.2"])
    print(conditions(PAIRS, "copier"))
    print(table(["CPU time", "this template", "one empty file", "ratio", "target"], rows), end="")


if __name__ == "__main__":
    main()
