"""`bep list --graph` in folders of 500 and of 2,000 proposals, against `bep list` and `grep`.

Run it with `python benchmarks/relations.py`. Every proposal links and mentions several others, so
every one is parsed. Targets: four times the proposals cost at most five times as much; less than
300 MB of memory.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from compare import BEP, Command, conditions, in_turn, installed, most, ratios, spread, table
from proposals import generated

# What takes more than 3 s, all relations of 2,000 proposals, has fewer runs.
RUNS, FEWER = 7, 3
FEW, MANY = 500, 2000
GRAPH = "`bep list --graph`"
CALLS = {
    "`bep list`": [*BEP, "list"],
    GRAPH: [*BEP, "list", "--graph"],
    "`bep list --graph 1005`": [*BEP, "list", "--graph", "1005"],
    "`grep`": ["grep", "-rnE", "BEP-[0-9]+", "proposals"],
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        environment, commands = installed(Path(name)), {}
        for size in (FEW, MANY):
            folder = generated(Path(name) / str(size), size)
            for call, arguments in CALLS.items():
                limit = FEWER if (call, size) == (GRAPH, MANY) else RUNS
                commands[call, size] = Command(arguments, folder, environment, limit=limit)
        found = in_turn(commands, RUNS)
    rows = []
    for call in CALLS:
        few, many = found[call, FEW], found[call, MANY]
        cells = [spread(few.cpu, " s"), spread(many.cpu, " s"), spread(ratios(many.cpu, few.cpu))]
        target = "at most 5 times, under 300 MB" if call == GRAPH else ""
        rows.append([call, *cells, most(many.memory), target])
    print(conditions(RUNS, "click", fewer=f"{FEWER} of {GRAPH} with {MANY:,} proposals"))
    heads = [f"{FEW} proposals", f"{MANY:,} proposals", f"{MANY:,} to {FEW}", f"memory, {MANY:,}"]
    print(table(["CPU time", *heads, "target"], rows), end="")


if __name__ == "__main__":
    main()
