"""`bep reserve` against the Git commands it needs, with 10,000 claims and rows, and with 100.

Run it with `python benchmarks/reserving.py`. Targets: the raw commands plus at most 0.25 s of
processor time where `python -c pass` takes 0.015 s, which is given as a ratio, and with 10,000 less
than 2 times the cost with 100.
"""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path

from compare import BEP, NOTHING, Command, conditions, in_turn, installed, ratios, spread, table
from proposals import HEAD, git

PAIRS = 9
SIZES = (100, 10_000)
TARGET = 0.25 / 0.015
FIRST = 1000
PAGE = "proposals/README.md"
# What `bep reserve` asks of the remote: where numbers are, the new tip of main, the claim.
RAW = """
git ls-remote --symref -- origin HEAD 'refs/heads/*' 'refs/bep/*' &&
git fetch --quiet --no-tags -- origin +refs/heads/main:refs/remotes/origin/main &&
git push --quiet --porcelain --force-with-lease="$CLAIM": -- origin "$COMMIT:$CLAIM"
"""


def forget(clone: Path, remote: Path, claim: str) -> None:
    """Undo a claim, the branch of its proposal, and what is not committed."""
    git(remote, "update-ref", "-d", claim)
    git(clone, "update-ref", "-d", claim)
    git(clone, "checkout", "--quiet", "--force", "main")
    for branch in git(clone, "branch", "--format=%(refname:short)").split():
        if branch != "main":
            git(clone, "branch", "--quiet", "-D", branch)


class World:
    """A bare repository with `size` claims and rows, and a clone of it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        self._installed = installed(folder)
        self.remote = folder / "remote.git"
        self.clone = folder / "clone"
        self._commits = count()
        folder.mkdir()
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        numbers = range(FIRST, FIRST + size)
        rows = (f"| {number} | Proposal {number} | Ada Lovelace | Draft |\n" for number in numbers)
        self._page = HEAD + "".join(rows)
        self._commit_page()
        self._claim(numbers)
        git(self.remote, "gc", "--quiet")
        git(folder, "clone", "--quiet", str(self.remote), str(self.clone))
        git(self.clone, "config", "user.name", "Bench Mark")
        git(self.clone, "config", "user.email", "bench@example.com")

    def _claim(self, numbers: range) -> None:
        """A claim each, with a commit and a message of its own, as `bep` makes it."""
        commands = []
        for number in numbers:
            said = (
                f"Reserve BEP-{number:04d}: Proposal {number}\n\nTitle: Proposal {number}\n"
                f"Author: Ada Lovelace\nTime: 2026-01-02T03:04:05+00:00\nToken: {number}\n"
            )
            commands.append(
                f"commit refs/bep/{number}\ncommitter bep <bep@localhost> 1700000000 +0000\n"
                f"data {len(said)}\n{said}\n"
            )
        git(self.remote, "fast-import", "--quiet", given="".join(commands))
        git(self.remote, "pack-refs", "--all")

    def _commit_page(self) -> None:
        """A new tip of main, whose page differs in one line below the table."""
        page = f"{self._page}\nEdit {next(self._commits)}.\n"
        exists = git(self.remote, "for-each-ref", "refs/heads/main")
        parent = "from refs/heads/main^0\n" if exists else ""
        commands = (
            "commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\n"
            f"data 4\nPage\n{parent}M 100644 inline {PAGE}\ndata {len(page)}\n{page}\n"
        )
        git(self.remote, "fast-import", "--quiet", given=commands)

    @property
    def claim(self) -> str:
        return f"refs/bep/{FIRST + self.size}"

    def reset(self) -> None:
        """Undo the last run; then somebody's commit lands on the remote's main."""
        forget(self.clone, self.remote, self.claim)
        self._commit_page()

    def reserve(self) -> Command:
        return Command([*BEP, "reserve", "Session Relay"], self.clone, self._installed, self.reset)

    def raw(self) -> Command:
        tree = git(self.clone, "mktree")
        said = "Reserve\n\nToken: of the benchmark\n"
        commit = git(self.clone, "commit-tree", tree, given=said)
        return Command(
            ["sh", "-c", RAW], self.clone, {"CLAIM": self.claim, "COMMIT": commit}, self.reset
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        worlds = [World(Path(name) / str(size), size) for size in SIZES]
        ours = {(world.size, "ours"): world.reserve() for world in worlds}
        raw = {(world.size, "raw"): world.raw() for world in worlds}
        nothing = Command([*NOTHING], worlds[0].clone)
        found = in_turn({**ours, **raw, "nothing": nothing}, PAIRS)
    print(conditions(PAIRS, "click"))
    start, rows = found["nothing"].cpu, []
    for size, target in zip(SIZES, ("", f"at most {TARGET:.1f}"), strict=True):
        mine, theirs = found[size, "ours"].cpu, found[size, "raw"].cpu
        more = [one - other for one, other in zip(mine, theirs, strict=True)]
        cells = [spread(values, " s") for values in (mine, theirs, more)]
        cells.append(spread(ratios(more, start), digits=1))
        rows.append([f"{size:,} claims and rows", *cells, target])
    growth = spread(ratios(found[SIZES[1], "ours"].cpu, found[SIZES[0], "ours"].cpu))
    rows.append([f"{SIZES[1]:,} to {SIZES[0]:,}", growth, "", "", "", "less than 2"])
    heads = ["`bep reserve`", "Git alone", "more", "more, to `python -c pass`"]
    print(table(["CPU time", *heads, "target"], rows), end="")


if __name__ == "__main__":
    main()
