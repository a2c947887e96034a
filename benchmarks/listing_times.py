"""`bep list --times` and `--attention` in histories of up to 10,000 commits.

Run it with `python benchmarks/listing_times.py`. Two thirds of the commits change one of 200
proposals of 9 kB, which have open questions; a second series has 2,000 proposals. Targets: four
times the commits cost at most five times as much; less than 150 MB of memory. Beside it is what
Git alone takes to list the changes, for all proposals at once and with `git log --follow`, which
takes one file a call.
"""

from __future__ import annotations

import compileall
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from checking import Run, run
from proposals import HEAD, SEED, git

import bep

RUNS = 3
COMMITS = (2_500, 5_000, 10_000)
PROPOSALS, MANY = 200, 2_000
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
    # As pip does when it installs a package.
    compileall.compile_dir(Path(bep.__file__).parent, quiet=1)
    tool = [sys.executable, "-m", "bep", "list"]
    follow = "git ls-files proposals | xargs -n 1 git log --follow --format=%H --raw --"
    calls = {
        "bep list": tool,
        "bep list --times": [*tool, "--times"],
        "bep list --attention": [*tool, "--attention"],
        "git log --raw": ["git", "log", "--raw", "--format=%H", "--", "proposals"],
        "git log --follow": ["sh", "-c", follow],
    }
    runs: dict[tuple[str, int, int], list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        for proposals, commits in (*((PROPOSALS, size) for size in COMMITS), (MANY, COMMITS[-1])):
            folder = generated(Path(name) / f"{proposals}-{commits}", commits, proposals)
            for at in range(RUNS):
                for call, arguments in calls.items():
                    if call != "git log --follow" or (at == 0 and proposals == PROPOSALS):
                        key = (call, proposals, commits)
                        runs.setdefault(key, []).append(run(arguments, folder))
    print(f"{RUNS} runs, CPU seconds and megabytes of memory, medians")
    for (call, proposals, commits), those in runs.items():
        seconds, megabytes = (statistics.median(one[at] for one in those) for at in (0, 2))
        size = f"{proposals:>5} proposals, {commits:>6} commits"
        print(f"  {call:<22} {size}: {seconds:6.2f} s, {megabytes:4.0f} MB")
    few, many = (
        statistics.median(one.seconds for one in runs["bep list --times", PROPOSALS, size])
        for size in (COMMITS[0], COMMITS[-1])
    )
    print(f"bep list --times, {COMMITS[-1]} to {COMMITS[0]} commits: {many / few:.2f}")


if __name__ == "__main__":
    main()
