"""What a call of `bep` costs before it does anything, against `python -c pass` in the same run.

Run it with `python benchmarks/starting.py`. Targets, in seconds of processor time where
`python -c pass` takes 0.015: `--help`, `--version`, a wrong call and a completion under 0.1; what
looks at 70 proposals and 30 branches under 0.15. As ratios they hold on any machine.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from compare import BEP, NOTHING, Command, conditions, in_turn, installed, ratios, spread, table
from proposals import generated, git

RUNS = 15
PROPOSALS, BRANCHES = 70, 30
SMALL, LARGE = (f"under {seconds / 0.015:.1f}" for seconds in (0.1, 0.15))
CALLS = {
    "`python -c pass`": (NOTHING, ""),
    **{
        f"`import {module}`": ((sys.executable, "-c", f"import {module}"), "")
        for module in ("click", "argparse", "invoke.program")
    },
    "`bep --help`": ((*BEP, "--help"), SMALL),
    "`bep --version`": ((*BEP, "--version"), SMALL),
    "`bep new --help`": ((*BEP, "new", "--help"), SMALL),
    "a wrong call": ((*BEP, "list", "--jsn"), SMALL),
    "completion of `check 10`": ((*BEP, "completion", "zsh", "--", "check", "10"), SMALL),
    f"`bep list`, {PROPOSALS} proposals, {BRANCHES} branches": ((*BEP, "list"), LARGE),
    "the same, branches not read before": ((*BEP, "list"), LARGE),
    "`bep status 1005`": ((*BEP, "status", "1005"), LARGE),
    "`bep context 1005`": ((*BEP, "context", "1005"), LARGE),
    "`bep ask 1005`": ((*BEP, "ask", "1005", "--question", "Who pays?", "--dry-run"), LARGE),
    "`bep decide 1005`": (
        (*BEP, "decide", "1005", "1", "--decision", "Us", "--rationale", "So", "--dry-run"),
        LARGE,
    ),
}


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
    with tempfile.TemporaryDirectory() as name:
        folder = with_branches(generated(Path(name) / "repository", PROPOSALS))
        kept = folder / ".git/bep/branches.json"
        commands = {}
        for call, (arguments, _) in CALLS.items():
            before = partial(kept.unlink, missing_ok=True) if "not read" in call else lambda: None
            codes = (2,) if call == "a wrong call" else (0,)
            commands[call] = Command(arguments, folder, installed(Path(name)), before, codes)
        found = in_turn(commands, RUNS)
    least, *_ = found.values()
    rows = []
    for call, (_, target) in CALLS.items():
        mine = found[call].cpu
        rows.append([call, spread(mine, " s", 3), spread(ratios(mine, least.cpu), "", 1), target])
    print(conditions(RUNS, "click"))
    print(table(["CPU time", "", "to `python -c pass`", "target"], rows), end="")


if __name__ == "__main__":
    main()
