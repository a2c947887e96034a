"""`bep governs` on 13,000 files of code with 5,000 commits, against `git grep` alone.

Run it with `python benchmarks/governing.py`. Target: less than a second for the folder of all
files. Beside it are `git grep` for the same pattern, `git log` for the messages, and `bep --help`,
which is what starting Python and the tool costs.
"""

from __future__ import annotations

import compileall
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import Command
from proposals import SEED, generated, git
from reading import RUNS, measured, print_medians, ratio

import bep
from bep.proposal import citation

FILES, COMMITS, PROPOSALS = 13_000, 5_000, 70
WORDS = [f"{verb}_{noun}" for verb in ("get", "set", "new") for noun in ("agent", "kernel", "job")]


def source(chance: random.Random, number: int | None) -> str:
    """A module of about 7 kB, as the real ones have; some cite a proposal."""
    head = f'"""Part of BEP-{number}."""\n' if number else ""
    lines = (f"def {chance.choice(WORDS)}_{at}(self):\n    return None\n" for at in range(170))
    return head + "\n".join(lines)


def with_code(folder: Path) -> Path:
    """A repository with proposals, code that cites them, and a history."""
    repository, chance = generated(folder, PROPOSALS), random.Random(SEED)
    numbers = [1000 + at for at in range(PROPOSALS)]
    for at in range(FILES):
        path = repository / "src" / f"part{at % 40}" / f"sub{at // 40 % 25}" / f"module{at}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source(chance, chance.choice(numbers) if at % 200 == 0 else None))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=Code")
    said = []
    for at in range(COMMITS):
        text = f"fix: step {at}" + (f" (BEP-{chance.choice(numbers)})" if at % 50 == 0 else "")
        path = f"src/part{at % 40}/sub0/module{at % 40}.py"
        before = "from refs/heads/main^0\n" if at == 0 else ""
        said.append(
            f"commit refs/heads/main\ncommitter A <a@b.c> {1_700_000_000 + at} +0000\n"
            f"data {len(text)}\n{text}\n{before}M 100644 inline {path}\ndata 8\nx = {at:04}\n"
        )
    given = "".join(said).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository, input=given, check=True)
    git(repository, "reset", "--quiet", "--hard")
    return repository


def main() -> None:
    # As pip does when it installs a package.
    compileall.compile_dir(Path(bep.__file__).parent, quiet=1)
    tool = [sys.executable, "-m", "bep"]
    with tempfile.TemporaryDirectory() as name:
        folder = with_code(Path(name) / "repository")
        grep = ["git", "grep", "-I", "--word-regexp", "--only-matching", "--line-number", "-E"]
        commands = [
            Command("bep --help", [*tool, "--help"], folder),
            Command("governs src", [*tool, "governs", "src"], folder),
            Command("governs src/part1", [*tool, "governs", "src/part1"], folder),
            Command("git grep", [*grep, citation.NAME, "--", "src"], folder),
            Command("the same, with new files", [*grep, "--untracked", citation.NAME], folder),
            Command("git log", ["git", "log", f"--grep={citation.NAME}", "--name-only"], folder),
        ]
        times = measured(commands)
    print(f"{RUNS} runs, {FILES} files, {COMMITS} commits, CPU seconds of the whole process tree")
    print_medians(times)
    print(f"governs src to git grep: {ratio(times, 'governs src', 'git grep')}")
    print(f"governs src to bep --help: {ratio(times, 'governs src', 'bep --help')}")


if __name__ == "__main__":
    main()
