"""What `bep` costs with 20,000 proposals, ten times as many as in the other benchmarks.

Run it with `python benchmarks/scale.py`; it takes a quarter of an hour. Targets: linear, that is,
at most 11 times the cost of 2,000 proposals; `check --all` takes less than 300 MB of memory.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from compare import (
    BEP,
    LINTED,
    Command,
    Costs,
    conditions,
    cost,
    in_turn,
    installed,
    most,
    ratios,
    spread,
    table,
)
from proposals import add_line, generated, git
from reserving import FIRST, forget
from updating import repository, revised_template

# The update of all takes minutes.
RUNS, FEWER = 3, 1
FEW, MANY = 2_000, 20_000
CHECK = "`bep check --all`, again"
READING = {
    "`bep list`": ("list",),
    "`bep status 1005`": ("status", "1005"),
    "`bep search quota session`": ("search", "quota", "session"),
    "`bep context 1005`": ("context", "1005"),
    CHECK: ("check", "--all"),
}
SINCE = "`bep check --since HEAD`, one document changed"
RESERVE = "`bep reserve`, a bare remote"
UPDATE = "`bep update --dry-run` of all"


def with_remote(folder: Path, remote: Path) -> Path:
    """The repository of proposals as the clone of a bare one."""
    git(folder, "config", "user.name", "Bench Mark")
    git(folder, "config", "user.email", "bench@example.com")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Start")
    git(folder, "gc", "--quiet")
    git(folder, "clone", "--quiet", "--bare", str(folder), str(remote))
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "fetch", "--quiet", "origin")
    return folder


def of_documents(base: Path) -> dict[tuple[str, int], Costs]:
    """The costs of calls that read, and then of those that change a document or claim a number."""
    reading, changing = {}, {}
    for size in (FEW, MANY):
        remote = base / f"{size}.git"
        folder = with_remote(generated(base / str(size), size), remote)
        call = partial(Command, folder=folder, environment=installed(base))
        for name, arguments in READING.items():
            reading[name, size] = call([*BEP, *arguments], codes=LINTED if name == CHECK else (0,))
        since = [*BEP, "check", "--since", "HEAD"]
        changing[SINCE, size] = call(since, before=partial(add_line, folder), codes=LINTED)
        undo = partial(forget, folder, remote, f"refs/bep/{FIRST + size}")
        changing[RESERVE, size] = call([*BEP, "reserve", "Session Relay"], before=undo)
    return in_turn(reading, RUNS) | in_turn(changing, RUNS)


def of_updates(base: Path) -> dict[tuple[str, int], Costs]:
    """The cost of planning an update of proposals that Copier made."""
    template, commands = revised_template(base / "template"), {}
    for size in (FEW, MANY):
        folder = repository(base / f"update-{size}", template, size, 0)
        call = partial(Command, folder=folder, environment=installed(base))
        commands[UPDATE, size] = call([*BEP, "update", "--dry-run"], limit=FEWER)
    # The first update to a revision fills the cache of revisions.
    cost(call([*BEP, "update", "--dry-run", str(FIRST)]))
    return in_turn(commands, FEWER)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        found = of_documents(Path(name)) | of_updates(Path(name))
    rows = []
    for call in (*READING, SINCE, RESERVE, UPDATE):
        few, many = found[call, FEW], found[call, MANY]
        cells = [
            cell
            for one in (few, many)
            for cell in (f"{median(one.clock):.2f} s", spread(one.cpu, " s"), most(one.memory))
        ]
        target = "at most 11, under 300 MB" if call == CHECK else "at most 11"
        rows.append([call, *cells, spread(ratios(many.cpu, few.cpu), digits=1), target])
    print(conditions(RUNS, "click", fewer=f"{FEWER} of {UPDATE}"))
    measures = [f"{size:,}, {what}" for size in (FEW, MANY) for what in ("clock", "CPU", "memory")]
    print(table(["", *measures, f"{MANY:,} to {FEW:,}, CPU", "target"], rows), end="")


if __name__ == "__main__":
    main()
