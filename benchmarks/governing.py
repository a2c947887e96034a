"""`bep governs` on 13,000 files of code with 5,000 commits, against `git grep` alone.

Run it with `python benchmarks/governing.py`. Target: less than a second for the folder of all
files. Beside it are `git grep` for the same pattern, `git log` for the messages, and `bep --help`,
which is what starting Python and the tool costs.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from compare import BEP, Command, conditions, in_turn, installed, ratios, spread, table
from proposals import SEED, generated, git

from bep.proposal import citation

RUNS = 9
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
        file = f"src/part{at % 40}/sub0/module{at % 40}.py"
        before = "from refs/heads/main^0\n" if at == 0 else ""
        said.append(
            f"commit refs/heads/main\ncommitter A <a@b.c> {1_700_000_000 + at} +0000\n"
            f"data {len(text)}\n{text}\n{before}M 100644 inline {file}\ndata 8\nx = {at:04}\n"
        )
    git(repository, "fast-import", "--quiet", given="".join(said))
    git(repository, "reset", "--quiet", "--hard")
    return repository


def main() -> None:
    grep = ["git", "grep", "-I", "--word-regexp", "--only-matching", "--line-number", "-E"]
    everything, a_part = f"`bep governs src`, {FILES:,} files", "`bep governs src/part1`"
    calls = {
        everything: [*BEP, "governs", "src"],
        a_part: [*BEP, "governs", "src/part1"],
        "`git grep`": [*grep, citation.NAME, "--", "src"],
        "`git grep --untracked`": [*grep, "--untracked", citation.NAME],
        "`git log --grep --name-only`": ["git", "log", f"--grep={citation.NAME}", "--name-only"],
        "`bep --help`": [*BEP, "--help"],
    }
    with tempfile.TemporaryDirectory() as name:
        folder, environment = with_code(Path(name) / "repository"), installed(Path(name))
        commands = {call: Command(given, folder, environment) for call, given in calls.items()}
        times = {call: found.cpu for call, found in in_turn(commands, RUNS).items()}
    rows = []
    for call, mine in times.items():
        against = [
            spread(ratios(mine, times[other]), digits=1) if call in (everything, a_part) else ""
            for other in ("`git grep`", "`bep --help`")
        ]
        rows.append([call, spread(mine, " s"), *against, "under 1 s" if call == everything else ""])
    print(conditions(RUNS, "click"))
    print(table(["CPU time", "", "to `git grep`", "to `bep --help`", "target"], rows), end="")


if __name__ == "__main__":
    main()
