"""`bep list --times` and `--attention` in histories of up to 10,000 commits.

Run it with `python benchmarks/listing_times.py`. Two thirds of the commits change one of 200
proposals of 9 kB, which have open questions; a second series has 2,000 proposals. Targets: four
times the commits cost at most five times as much; less than 150 MB of memory. Beside it is what
Git alone takes to list the changes, for all proposals at once and with `git log --follow`, which
takes one file a call.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from compare import BEP, Command, conditions, in_turn, installed, most, ratios, spread, table
from proposals import HEAD, SEED, git

# What takes more than 3 s, histories of 2,000 proposals, has fewer runs.
RUNS, FEWER = 7, 3
COMMITS = (2_500, 5_000, 10_000)
PROPOSALS, MANY = 200, 2_000
TIMES, RAW, FOLLOW = "`bep list --times`", "`git log --raw`", "`git log --follow` for each"
CALLS = {
    "`bep list`": [*BEP, "list"],
    TIMES: [*BEP, "list", "--times"],
    "`bep list --attention`": [*BEP, "list", "--attention"],
    RAW: ["git", "log", "--raw", "--format=%H", "--", "proposals"],
    FOLLOW: [
        *("sh", "-c"),
        "git ls-files proposals | xargs -n 1 git log --follow --format=%H --raw --",
    ],
}
# The statuses that a proposal has one after the other.
STATUSES = ("Draft", "Accepted", "Implemented")
QUESTIONS = "\n## Open Questions\n\n- Which cache holds it?\n- How large is that?\n"
BODY = "".join(
    f"## Part {part}\n\n" + "Agents report what they hold.\n" * 30 + "\n" for part in range(10)
)


def generated(folder: Path, commits: int, proposals: int) -> Path:
    """A repository whose history changes its proposals, and other files, in turn."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    call = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(call, cwd=folder, stdin=subprocess.PIPE, text=True) as process:
        # One by one: the memory of a process that is measured begins with what this one has.
        for text in history(commits, proposals):
            process.stdin.write(text)  # type: ignore[union-attr]
    git(folder, "reset", "--quiet", "--hard")
    git(folder, "repack", "-adq")
    return folder


def history(commits: int, proposals: int) -> Iterator[str]:
    """The commits, as `git fast-import` reads them."""
    chance = random.Random(SEED)
    rows = (
        f"| [{at}](BEP-{at}-relay.md) | Relay {at} | Ada | Draft |\n"
        for at in range(1000, 1000 + proposals)
    )
    files = {"proposals/README.md": HEAD + "".join(rows)}
    places = [0] * proposals
    for at in range(commits):
        if at % 3 == 2:
            files[f"src/module{at % 500}.py"] = f"x = {at}\n"
        else:
            # Each is made once, then they change at random.
            number = at // 3 * 2 + at % 3
            number = number if number < proposals else chance.randrange(proposals)
            places[number] = min(places[number] + (chance.random() < 0.1), len(STATUSES) - 1)
            path = f"proposals/BEP-{1000 + number}-relay.md"
            files[path] = document(number, STATUSES[places[number]], at)
        who = f"Ada <a@b.c> {1_500_000_000 + 20_000 * at} +0000"
        yield f"commit refs/heads/main\ncommitter {who}\ndata 0\n"
        for path, text in files.items():
            yield f"M 644 inline {path}\ndata {len(text)}\n{text}\n"
        files.clear()


def document(number: int, status: str, change: int) -> str:
    head = f"---\nAuthor: Ada (a@b.c)\nStatus: {status}\n---\n\n# Relay {number}\n\n"
    return f"{head}{BODY}Change {change}.\n{QUESTIONS}"


def main() -> None:
    histories = [*((PROPOSALS, size) for size in COMMITS), (MANY, COMMITS[-1])]
    with tempfile.TemporaryDirectory() as name:
        environment, commands = installed(Path(name)), {}
        for proposals, commits in histories:
            folder = generated(Path(name) / f"{proposals}-{commits}", commits, proposals)
            few = proposals == PROPOSALS
            for call, arguments in CALLS.items():
                limit = 1 if call == FOLLOW else RUNS if few else FEWER
                if few or call != FOLLOW:
                    key = call, proposals, commits
                    commands[key] = Command(arguments, folder, environment, limit=limit)
        found = in_turn(commands, RUNS)
    rows = []
    for call in CALLS:
        every = [found[call, *one] for one in histories if (call, *one) in found]
        growth = spread(ratios(every[2].cpu, every[0].cpu), digits=1)
        cells = [spread(those.cpu, " s") for those in every] + [""] * (len(histories) - len(every))
        rows.append([call, *cells, growth, "at most 5 times" if call == TIMES else ""])
    for call in (TIMES, RAW):
        cells = [most(found[call, *one].memory) for one in histories]
        rows.append([f"memory of {call}", *cells, "", "under 150 MB" if call == TIMES else ""])
    fewer = f"{FEWER} of {MANY:,} proposals, 1 of {FOLLOW}"
    print(conditions(RUNS, "click", fewer=fewer))
    heads = [f"{size:,} commits" for size in COMMITS]
    heads += [f"{COMMITS[-1]:,} commits, {MANY:,} proposals", f"{COMMITS[-1]:,} to {COMMITS[0]:,}"]
    print(table(["CPU time", *heads, "target"], rows), end="")


if __name__ == "__main__":
    main()
