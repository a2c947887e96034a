"""Commands that are killed: the next one that writes makes everything old or everything new.

A process is killed just before the nth thing that it does to the repository: a file opened for
writing, renamed, made or removed, a call of Git that writes; or to a server, a request. Then the
repository stays where it is, is copied, or is moved, and another command runs. The suite takes
some of the moments of each task, `invoke nightly` takes all of them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import forks
from tests.conftest import EVERY, FIXTURES, copy_repository, files_of, run_git
from tests.series import REVISIONS, revise

DIED = 9
CHANGES = frozenset(["os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"])
GIT = frozenset(
    "update-ref push commit-tree mktree update-index switch fetch commit reset merge branch".split()  # noqa: SIM905
)
GITHUB = frozenset(["POST", "PATCH"])
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

TASKS = {
    "mark": ["mark", "1001,1002", "rejected", "--reason", "Too dear"],
    "adopt": ["adopt", "1002", "--complete"],
    "update": ["update", "1001"],
    "segment": ["segment", "1010"],
    "renumber": ["renumber", "1001", "--to", "1020"],
    "renumber segments": ["renumber", "1003", "--to", "1021"],
    "retitle": ["retitle", "1003", "Parcel Relay"],
    "reserve": ["reserve", "Token Service"],
    "new": ["new", "Token Service", "--defaults", "-d", "scope=s", "-d", "components=a,b,c"],
    "fix": ["check", "--all", "--fix"],
}
# A number that is claimed, and has neither row nor document yet, is taken up by the same call.
CLAIMING = ("reserve", "new", "renumber", "renumber segments")
NEXT = ["ask", "1002", "--question", "And next?"]


class State(NamedTuple):
    """All that a command changes together: files, the index, claims.

    The branch follows; whoever does not stand on it can switch to it.
    """

    files: dict[str, bytes]
    index: str
    claims: str


def state(root: Path) -> State:
    return State(
        files_of(root),
        run_git(root, "ls-files", "--stage"),
        run_git(root, "for-each-ref", "--format=%(refname)", "refs/bep/"),
    )


def run(root: Path, arguments: Sequence[str], last: int | None = None) -> tuple[int, int]:
    """Call `bep` in a process forked from this one, to die at its change number `last`.

    Returns its exit code and how many changes it made.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _become(root, arguments, last, write)
    os.close(write)
    with os.fdopen(read) as said:
        count = said.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), int(count or 0)


def _become(root: Path, arguments: Sequence[str], last: int | None, write: int) -> None:
    code, count, place = 120, 0, str(root)

    def dying(event: str, given: tuple[Any, ...]) -> None:
        nonlocal count
        if _changes(event, given, place):
            if count == last:
                os._exit(DIED)
            count += 1

    try:
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww")
        )
        os.chdir(root)
        sys.argv = ["bep", *arguments]
        from bep.tasks import program

        sys.addaudithook(dying)
        try:
            program.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    finally:
        os.write(write, str(count).encode())
        os._exit(code)


def _changes(event: str, given: tuple[Any, ...], place: str) -> bool:
    """Whether an event of the interpreter is one that changes the repository at `place`."""
    if event == "open":
        path, _, flags = given
        return str(path).startswith(place) and bool(flags & WRITING)
    if event == "subprocess.Popen":
        return not (GIT | GITHUB).isdisjoint(map(str, given[1]))
    if event == "http.client.send":
        return True
    if event not in CHANGES:
        return False
    # A name without a path is one in a folder that is open.
    folders = [one for one in given if isinstance(one, int) and one > 2]
    places = [str(given[0]), *(_folder(one) for one in folders)]
    return any(one.startswith(place) for one in places)


def _folder(number: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return ""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, _start: Path, template: Path) -> Path:
    """A repository with a proposal to update, one by hand, and a segmented one."""
    forks.load_everything()
    folder = tmp_path_factory.mktemp("killed")
    revised = copy_repository(template, folder / "template")
    root = copy_repository(_start, folder / "start")
    (root / "invoke.yaml").write_text(f"bep:\n  template: {revised}\n")
    segmented = Path(__file__).parent / "golden" / "segmented" / "proposals"
    main = (segmented / "BEP-1046-unified-service-discovery.md").read_text()
    (root / "proposals/BEP-1003-segmented.md").write_text(main.replace("1046", "1003"))
    shutil.copytree(segmented / "BEP-1046", root / "proposals" / "BEP-1003")
    shutil.copytree(FIXTURES / "divide", root / "proposals", dirs_exist_ok=True)
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=More")
    assert run(root, ["adopt", "1001", "--complete"])[0] == 0
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message=Adopted")
    revise(revised, REVISIONS["section added"], "v1.1.0")
    return root


def difference(found: State, expected: State) -> str:
    """What differs, for whoever looks at a failure."""
    names = sorted(
        name
        for name in found.files.keys() | expected.files.keys()
        if found.files.get(name) != expected.files.get(name)
    )
    return f"{names}, {found.claims.split()}, {found.index == expected.index}"


class Outcomes(NamedTuple):
    """What a task may lead to, each after the next command too, and how many changes it makes."""

    old: State
    new: State
    changes: int


@pytest.fixture(scope="module")
def outcomes(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcomes]:
    known: dict[str, Outcomes] = {}

    def of(task: str) -> Outcomes:
        if task not in known:
            folder = tmp_path_factory.mktemp("outcomes")
            old, new = (copy_repository(start, folder / name) for name in ("old", "new"))
            code, changes = run(new, TASKS[task])
            assert code in (0, 1)
            assert changes > 8
            assert run(old, NEXT)[0] == run(new, NEXT)[0] == 0
            known[task] = Outcomes(state(old), state(new), changes)
            assert known[task].old != known[task].new
        return known[task]

    return of


def placed(root: Path, how: int) -> Iterator[Path]:
    """The repository where it is, as a copy beside the original, or elsewhere."""
    if how == 0:
        yield root
    elif how == 1:
        before = files_of(root)
        # As `cp -r` does it, which a restored backup is too.
        copy = Path(shutil.copytree(root, root.with_name(f"{root.name}-copy"), symlinks=True))
        yield copy
        assert files_of(root) == before, "the original is somebody else's"
    else:
        yield root.rename(root.with_name(f"{root.name}-moved"))


@pytest.mark.parametrize("task", TASKS)
def test_killed_at_any_moment_all_is_old_or_all_is_new(task, start, outcomes, tmp_path):
    expected = outcomes(task)
    found = []
    tried = range(sum(map(ord, task)) % EVERY, expected.changes, EVERY)
    for last in dict.fromkeys([*tried, expected.changes - 1]):
        root = copy_repository(start, tmp_path / f"killed-{last}")
        assert run(root, TASKS[task], last)[0] == DIED
        for place in placed(root, last % 3):
            code, _ = run(place, NEXT)
            now = state(place)
            if task in CLAIMING and now != expected.old and now.files == expected.old.files:
                found.append("old")
                code, _ = run(place, TASKS[task])
                assert state(place) == expected.new
                continue
            kind = "new" if now == expected.new else "old" if now == expected.old else "neither"
            found.append(kind)
            told = difference(now, expected.new if "new" in found else expected.old)
            assert (code, kind) in ((0, "old"), (0, "new")), f"{place.name}: {told}"
            left = {path.name for path in (place / ".git" / "bep").iterdir()}
            assert left - {"findings.jsonl"} == {"lock"}
    print(f"{task}: killed at {len(found)} of {expected.changes} moments")
    assert "new" in found
    assert found == sorted(found, key=("old", "new").index), "what was decided stays decided"
