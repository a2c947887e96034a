"""Many processes that reserve at the same moment: each gets a number that nobody else has."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import forks, samples
from tests.conftest import PAGE, run_git

# Forks one process for each call, with all modules loaded; when the last one says that it is
# ready, all are let go in the same moment. Each leaves its output in files named after it.
RUNNER = """
calls, outputs = json.loads(sys.stdin.read())
ready, say_ready = os.pipe()
go, let_go = os.pipe()
children = []
for at, (folder, arguments) in enumerate(calls):
    child = os.fork()
    if child:
        children.append(child)
        continue
    os.close(let_go)
    os.chdir(folder)
    for kind, name in ((0, os.devnull), (1, f"{outputs}/{at}.out"), (2, f"{outputs}/{at}.err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o644), kind)
    sys.argv = ["bep", *arguments]
    os.write(say_ready, b"r")
    os.read(go, 1)
    run("bep")
waiting = len(children)
while waiting:
    waiting -= len(os.read(ready, waiting))
os.close(let_go)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(json.dumps(codes))
"""


class Ended(NamedTuple):
    """How a process ended: `number` is what it printed."""

    number: int
    branch: str
    page: str


def call_at_once(calls: list[tuple[Path, list[str]]], outputs: Path, trace: Path) -> list[str]:
    """What `bep` prints in each folder, called with the arguments in all of them at once.

    Git's traces are in `trace`.
    """
    done = done_at_once(calls, outputs, trace)
    assert [one.returncode for one in done] == [0] * len(calls), done
    return [one.stdout for one in done]


def done_at_once(
    calls: list[tuple[Path, list[str]]], outputs: Path, trace: Path
) -> list[subprocess.CompletedProcess[str]]:
    """The ended processes of calls that begin at the same moment; some may have failed."""
    outputs.mkdir()
    trace.mkdir()
    given = json.dumps([[(str(folder), arguments) for folder, arguments in calls], str(outputs)])
    environment = {**os.environ, "GIT_TRACE2_EVENT": str(trace)}
    done = forks.run_script(RUNNER, outputs, given=given, environment=environment)
    assert done.returncode == 0, done.stderr
    return [
        subprocess.CompletedProcess(
            calls[at][1],
            code,
            (outputs / f"{at}.out").read_text(),
            (outputs / f"{at}.err").read_text(),
        )
        for at, code in enumerate(json.loads(done.stdout))
    ]


def reserve_at_once(folders: list[Path], outputs: Path, trace: Path) -> list[Ended]:
    """`bep reserve "Title N"` in all `folders` at once; Git's traces are in `trace`."""
    calls = [(folder, ["reserve", f"Title {at}"]) for at, folder in enumerate(folders)]
    printed = call_at_once(calls, outputs, trace)
    assert all(re.fullmatch(r"\d+\n", out) for out in printed), printed
    return [
        Ended(int(out), run_git(folder, "branch", "--show-current"), (folder / PAGE).read_text())
        for out, folder in zip(printed, folders, strict=True)
    ]


def exit_codes(trace: Path, command: str, argument: str) -> list[int]:
    """With what the runs of `git COMMAND` that have `argument` among their arguments ended."""
    found = []
    for path in trace.iterdir():
        events = [json.loads(line) for line in path.read_text().splitlines()]
        start = next((one["argv"] for one in events if one["event"] == "start"), [])
        if start[1:2] == [command] and any(argument in one for one in start):
            found += [one["code"] for one in events if one["event"] == "exit"]
    return found


def claims_of(folder: Path) -> dict[int, str]:
    """The claims in a repository, with their messages."""
    form = "--format=%(refname)%00%(contents)%00"
    fields = run_git(folder, "for-each-ref", form, "refs/bep/").split("\0")[:-1]
    names = [name.strip().removeprefix("refs/bep/") for name in fields[0::2]]
    return dict(zip(map(int, names), fields[1::2], strict=True))


def assert_none_lost(claims: dict[int, str], ended: list[Ended]) -> None:
    """All numbers distinct and contiguous, each claim, row and branch its process' own."""
    count = len(ended)
    assert sorted(one.number for one in ended) == list(range(1006, 1006 + count))
    assert sorted(claims) == list(range(1006, 1006 + count))
    for at, one in enumerate(ended):
        assert one.branch == f"bep/{one.number}-title-{at}"
        assert re.findall(r"^\| \d+ \| (Title \d+) \|", one.page, re.MULTILINE) == [f"Title {at}"]
        assert f"| {one.number} | Title {at} | Grace B. Hopper | Draft |\n" in one.page
        assert f"\nTitle: Title {at}\n" in claims[one.number]
    tokens = [re.findall(r"^Token: (\S{16,})$", said, re.MULTILINE) for said in claims.values()]
    assert all(len(found) == 1 for found in tokens)
    assert len({found[0] for found in tokens}) == count


CLONES = samples.count("BEP_CLONES", 6, 24)
TREES = samples.count("BEP_TREES", 8, 64)
PROPOSALS = samples.count("BEP_PROPOSALS_AT_ONCE", 3, 6)


def test_clones_of_one_remote(repository, tmp_path):
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(remote))
    clones = [tmp_path / f"clone-{at}" for at in range(CLONES)]
    for clone in clones:
        run_git(tmp_path, "clone", "--quiet", "--shared", str(remote), str(clone))

    ended = reserve_at_once(clones, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(remote), ended)
    for clone, one in zip(clones, ended, strict=True):
        assert list(claims_of(clone)) == [one.number]
    pushes = exit_codes(tmp_path / "trace", "push", "refs/bep/")
    assert pushes.count(0) == CLONES
    assert len(pushes) > CLONES, "no push was rejected: the processes did not compete"
    assert run_git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/") == (
        "refs/heads/main"
    )


def test_worktrees_of_clones_of_one_remote(repository, tmp_path):
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(remote))
    trees = [tmp_path / f"tree-{at}" for at in range(TREES)]
    for clone, tree in enumerate(trees[: TREES // 4]):
        run_git(tmp_path, "clone", "--quiet", "--shared", str(remote), str(tree))
        for other in trees[TREES // 4 + clone :: TREES // 4]:
            run_git(tree, "worktree", "add", "--quiet", "--detach", str(other))

    ended = reserve_at_once(trees, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(remote), ended)
    here: dict[int, str] = {}
    for clone in trees[: TREES // 4]:
        here |= claims_of(clone)
    assert here == claims_of(remote)


def test_worktrees_of_one_clone_without_a_remote(repository, tmp_path):
    trees = [tmp_path / f"tree-{at}" for at in range(TREES)]
    for tree in trees:
        run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))

    ended = reserve_at_once(trees, tmp_path / "said", tmp_path / "trace")

    assert_none_lost(claims_of(repository), ended)
    made = exit_codes(tmp_path / "trace", "update-ref", "refs/bep/")
    assert made.count(0) == TREES
    assert len(made) > TREES, "no ref was refused: the processes did not compete"


# --- new ----------------------------------------------------------------------------------------


def new(at: int) -> list[str]:
    return ["new", f"Title {at}", "--defaults", "--json"]


def with_remote(repository: Path, tmp_path: Path) -> Path:
    remote = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(remote))
    run_git(repository, "remote", "add", "origin", str(remote))
    return remote


def assert_all_made(folder: Path, printed: list[str], numbers: list[int]) -> None:
    """Each call of `new` has a document, an answers file and a row under a number of its own."""
    made = [json.loads(out) for out in printed]
    assert sorted(one["number"] for one in made) == numbers
    page = (folder / PAGE).read_text()
    for at, one in enumerate(made):
        number, title = one["number"], f"Title {at}"
        name = f"BEP-{number}-title-{at}.md"
        assert one["main"] == f"proposals/{name}"
        assert f"# {title}\n" in (folder / one["main"]).read_text()
        answers = (folder / f"proposals/.copier/.copier-answers.BEP-{number}.yml").read_text()
        assert f"number: {number}\n" in answers
        assert f"| [{number}]({name}) | {title} | Grace B. Hopper | Draft |\n" in page
        assert f"\nTitle: {title}\n" in claims_of(folder)[number]


@pytest.mark.sample(1)
@pytest.mark.parametrize("remote", [True, False], ids=["remote", "no remote"])
def test_new_proposals_at_once_in_one_clone(repository, tmp_path, remote):
    there = with_remote(repository, tmp_path) if remote else repository
    for turn in range(2):
        calls = [(repository, [*new(at), "--again"]) for at in range(PROPOSALS)]

        printed = call_at_once(calls, tmp_path / f"said-{turn}", tmp_path / f"trace-{turn}")

        first = 1006 + PROPOSALS * turn
        assert_all_made(repository, printed, list(range(first, first + PROPOSALS)))
        assert sorted(claims_of(there)) == list(range(1006, first + PROPOSALS))


def test_reservations_and_proposals_at_once_in_one_clone(repository, tmp_path):
    remote = with_remote(repository, tmp_path)
    calls = [(repository, new(at)) for at in range(3)]
    calls += [(repository, ["reserve", f"Reserved {at}", "--no-branch"]) for at in range(3)]

    printed = call_at_once(calls, tmp_path / "said", tmp_path / "trace")

    made = [json.loads(out)["number"] for out in printed[:3]]
    reserved = [int(out) for out in printed[3:]]
    assert sorted(made + reserved) == list(range(1006, 1012))
    assert_all_made(repository, printed[:3], sorted(made))
    page = (repository / PAGE).read_text()
    for at, number in enumerate(reserved):
        assert f"| {number} | Reserved {at} | Grace B. Hopper | Draft |\n" in page
    assert sorted(claims_of(remote)) == list(range(1006, 1012))


def test_new_proposals_at_once_in_linked_worktrees(repository, tmp_path):
    remote = with_remote(repository, tmp_path)
    trees = [tmp_path / f"tree-{at}" for at in range(4)]
    for tree in trees:
        run_git(repository, "worktree", "add", "--quiet", "--detach", str(tree))

    printed = call_at_once(
        [(tree, new(at)) for at, tree in enumerate(trees)], tmp_path / "said", tmp_path / "trace"
    )

    made = [json.loads(out)["number"] for out in printed]
    assert sorted(made) == list(range(1006, 1010))
    for at, (tree, number) in enumerate(zip(trees, made, strict=True)):
        assert (tree / f"proposals/BEP-{number}-title-{at}.md").is_file()
        assert (
            f"| [{number}](BEP-{number}-title-{at}.md) | Title {at} |" in (tree / PAGE).read_text()
        )
    assert sorted(claims_of(remote)) == sorted(made)


def test_one_title_at_once_loses_no_document(repository, tmp_path):
    """All find the reservation that waits for it; one gets it, the others the next numbers.

    A process that starts after the first document was written is refused.
    """
    reserve_at_once([repository], tmp_path / "said", tmp_path / "trace")
    run_git(repository, "switch", "--quiet", "main")
    calls = [(repository, new(0))] * 3

    done = done_at_once(calls, tmp_path / "said-2", tmp_path / "trace-2")

    made = [json.loads(one.stdout) for one in done if not one.returncode]
    late = [one for one in done if one.returncode]
    refused = [(one.returncode, "already has this title" in one.stderr) for one in late]
    assert refused == [(2, True)] * len(late), done
    assert sorted(one["number"] for one in made) == [1006, 1007, 1008][: len(made)] != []
    assert claims_of(repository).keys() == {one["number"] for one in made}
    assert len({one["main"] for one in made}) == len(made)
    assert all((repository / one["main"]).is_file() for one in made)


def test_one_reserved_title_at_once_keeps_its_number(repository, tmp_path):
    page = repository / PAGE
    row = "| 1010 | Title 0 | Grace B. Hopper | Draft |\n"
    page.write_text(page.read_text().replace("| _next_ ", f"{row}| _next_ "))
    calls = [(repository, ["reserve", "Title 0", "--no-branch"])] * 4

    printed = call_at_once(calls, tmp_path / "said", tmp_path / "trace")

    assert printed == ["1010\n"] * 4
    assert list(claims_of(repository)) == [1010]


def test_a_number_that_was_given_is_never_replaced(repository, tmp_path, bep):
    calls = [(repository, [*new(at), "--number", "1010"]) for at in range(2)]
    first, second = (bep(folder, *arguments) for folder, arguments in calls)

    assert first.returncode == 0
    assert (second.returncode, second.stdout) == (2, "")
    assert "leave the number out" in second.stderr
