"""What a call of `bep` costs before it does anything, against `python -c pass` in the same run.

Run it with `python benchmarks/starting.py`. Targets, in seconds of processor time where
`python -c pass` takes 0.015: `--help`, `--version`, a wrong call and a completion under 0.1; `list`
of 70 proposals and 30 branches under 0.25.
"""

from __future__ import annotations

import compileall
import statistics
import sys
import tempfile
from pathlib import Path

from compare import Command, cpu_seconds
from proposals import generated, git

import bep

RUNS = 15
PROPOSALS, BRANCHES = 70, 30
# Without -P, Python looks for modules in the current folder first.
PYTHON = [sys.executable, "-P"]
BEP = [*PYTHON, "-m", "bep"]
FORGETTING = 'rm .git/bep/branches.json; exec "$@"'


def with_branches(folder: Path) -> Path:
    """The repository of proposals, with branches that have a commit each."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Start")
    for number in range(2000, 2000 + BRANCHES):
        git(folder, "switch", "--quiet", "--create", f"bep/{number}-draft", "main")
        document = folder / f"proposals/BEP-{number}-draft.md"
        document.write_text(f"---\nAuthor: A\nStatus: Draft\n---\n\n# Draft {number}\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=Draft")
    git(folder, "switch", "--quiet", "main")
    return folder


def main() -> None:
    # As pip does when it installs a package.
    compileall.compile_dir(Path(bep.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as name:
        folder = with_branches(generated(Path(name) / "repository", PROPOSALS))
        commands = [
            Command("python -c pass", [*PYTHON, "-c", "pass"], folder),
            Command("import click", [*PYTHON, "-c", "import click"], folder),
            Command("import argparse", [*PYTHON, "-c", "import argparse"], folder),
            Command("import invoke", [*PYTHON, "-c", "import invoke.program"], folder),
            Command("bep --help", [*BEP, "--help"], folder),
            Command("bep --version", [*BEP, "--version"], folder),
            Command("bep new --help", [*BEP, "new", "--help"], folder),
            Command("bep list --jsn (wrong)", ["sh", "-c", '"$@" || :', "", *BEP, "--jsn"], folder),
            Command(
                "completion: check 10", [*BEP, "completion", "zsh", "--", "check", "10"], folder
            ),
            Command(f"bep list, {PROPOSALS} and {BRANCHES}", [*BEP, "list"], folder),
            Command(
                "the same, branches unread", ["sh", "-c", FORGETTING, "", *BEP, "list"], folder
            ),
        ]
        for command in commands:
            cpu_seconds(command)
        rounds = [[cpu_seconds(command) for command in commands] for _ in range(RUNS)]
    print(f"{RUNS} runs in turn, CPU seconds of the whole process tree")
    for command, seconds in zip(commands, zip(*rounds, strict=True), strict=True):
        above = statistics.median(
            one - first[0] for one, first in zip(seconds, rounds, strict=True)
        )
        print(
            f"  {command.name:<24} median {statistics.median(seconds):.3f},"
            f" least {min(seconds):.3f}, above python -c pass {above:.3f}"
        )


if __name__ == "__main__":
    main()
