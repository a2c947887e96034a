"""`bep context` and `bep search` in folders of 20 and of 2,000 proposals.

Run it with `python benchmarks/reading.py`. Targets: `context` for one proposal takes less than
0.4 s of processor time and no more among 2,000 proposals than among 20; `search` over 2,000 takes
less than 0.3 s, where `python -c pass` takes 0.015 s: they are given as ratios. Both are compared
with `bep --help`, the cost of starting Python and the tool, and with `grep` for the same words.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from compare import BEP, NOTHING, Command, conditions, in_turn, installed, ratios, spread, table
from proposals import generated

RUNS = 9
FEW, MANY = 20, 2000
WORDS = ("quota", "session")
CALLS = {
    "`bep context`": [*BEP, "context", "1005"],
    "`bep search`": [*BEP, "search", *WORDS],
    "`bep --help`": [*BEP, "--help"],
    "`grep`": ["grep", "-rniE", "|".join(WORDS), "proposals"],
    "`python -c pass`": [*NOTHING],
}
TARGETS = {
    "`bep context`": f"under {0.4 / 0.015:.1f}, does not grow",
    "`bep search`": f"under {0.3 / 0.015:.1f}",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        commands = {}
        for size in (FEW, MANY):
            folder = generated(Path(name) / str(size), size)
            for call, arguments in CALLS.items():
                commands[call, size] = Command(arguments, folder, installed(Path(name)))
        found = in_turn(commands, RUNS)
    rows = []
    for call in CALLS:
        few, many = found[call, FEW].cpu, found[call, MANY].cpu
        cells = [spread(few, " s", 3), spread(many, " s", 3), spread(ratios(many, few))]
        cells.append(spread(ratios(many, found["`python -c pass`", MANY].cpu), digits=1))
        rows.append([call, *cells, TARGETS.get(call, "")])
    against = [
        spread(ratios(found["`bep context`", size].cpu, found["`bep --help`", size].cpu))
        for size in (FEW, MANY)
    ]
    rows.append(["`bep context` to `bep --help`", *against, "", "", ""])
    print(conditions(RUNS, "click"))
    heads = [f"{FEW} proposals", f"{MANY:,} proposals", f"{MANY:,} to {FEW}"]
    heads.append(f"{MANY:,} to `python -c pass`")
    print(table(["CPU time", *heads, "target"], rows), end="")


if __name__ == "__main__":
    main()
