"""Compiled code that Copier's process keeps: what it renders is the same with it and without."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import copier
import pytest

from bep.system.compiled_code import CompiledCode
from tests import forks
from tests.conftest import copy_repository, files_of, run_git


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/bep/revisions"


@pytest.fixture
def expected(template: Path, repository: Path, tmp_path: Path) -> dict[str, bytes]:
    """What a copy makes where nothing can be kept."""
    place = copy_repository(repository, tmp_path / "expected")
    environment = {**os.environ, "XDG_CACHE_HOME": "/dev/null"}
    return copied(template, place, environment)


@pytest.fixture
def copy(template: Path, repository: Path, tmp_path: Path, cache: Path):
    """Makes a copy of the template in a repository of its own, and gives the files."""
    counter = iter(range(100))

    def make(source: Path = template) -> dict[str, bytes]:
        return copied(source, copy_repository(repository, tmp_path / f"copy-{next(counter)}"))

    return make


def copied(template: Path, place: Path, environment: dict[str, str] | None = None):
    call = ("copy", "--trust", "--defaults", "--quiet", "-d", "title=Relay", str(template), ".")
    done = forks.run("copier", place, *call, environment=environment)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return files_of(place)


def kept(cache: Path) -> Path:
    (found,) = cache.iterdir()
    return found


def test_a_second_copy_compiles_nothing_and_gives_the_same_bytes(copy, cache, expected):
    assert copy() == expected
    before = kept(cache).stat().st_ino
    assert copy() == expected
    assert kept(cache).stat().st_ino == before, "it was written again"


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut short": lambda at: at.write_bytes(at.read_bytes()[:-1]),
    "a byte changed": lambda at: at.write_bytes(at.read_bytes()[:-1] + b"x"),
    "empty": lambda at: at.write_bytes(b""),
    "others can write it": lambda at: at.chmod(0o666),
    "a folder in its place": lambda at: (at.unlink(), at.mkdir()),
    "a clock that went back": lambda at: os.utime(at, (0, 0)),
    "a killed writer's rest": lambda at: (at.parent / ".new-x").write_bytes(at.read_bytes()[:99]),
}


def test_damaged_code_is_compiled_anew_by_a_copy(copy, cache, expected):
    copy()
    DAMAGES["a byte changed"](kept(cache))
    assert copy() == expected


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_costs_only_time(damage, cache):
    keep("0" * 40, "value = 1")
    DAMAGES[damage](kept(cache))
    for _ in range(2):
        code = keep("0" * 40, "value = 1")
        namespace: dict[str, object] = {}
        exec(code, namespace)
        assert namespace["value"] == 1


def keep(commit: str, *sources: str) -> CodeType:
    """Keep sources of a commit as a new process would; returns the code of the last one."""
    code = CompiledCode(commit)
    made = [code.code(("", one), lambda one=one: compile(one, "", "exec")) for one in sources]
    code.keep()
    return made[-1]


def test_a_module_that_the_last_commit_has_too_is_not_compiled_again(cache):
    keep("0" * 40, "same = 1", "old = 1")
    new = CompiledCode("1" * 40)
    new.code(("", "same = 1"), pytest.fail)
    new.keep()

    assert [*CompiledCode("1" * 40)._known] == [("", "same = 1")], "it has its own code only"
    assert len(list(cache.iterdir())) == 2


def test_a_template_is_compiled_for_each_commit(cache):
    """The code holds what the commit's own filters and settings make of constants."""
    template = ("_Environment a.txt", "{{ 'a' | shown }}")
    old = CompiledCode("0" * 40)
    old.code(template, lambda: compile("'a'", "", "eval"))
    old.keep()
    new = CompiledCode("1" * 40).code(template, lambda: compile("'A'", "", "eval"))
    assert eval(new) == "A"


def test_another_commit_has_code_of_its_own(copy, cache, template, tmp_path):
    """Also where the templates are the same and only what they call has changed."""
    copy()
    other = copy_repository(template, tmp_path / "template")
    module = other / "bep/names.py"
    module.write_text(f"{module.read_text()}\nMARK = 1\n")
    guide = other / "guide.yml"
    guide.write_text(guide.read_text().replace("Why this change", "Why THIS change"))
    run_git(other, "commit", "--quiet", "--all", "--message=Other")
    run_git(other, "tag", "v1.1.0")

    made = copy(other)

    assert b"Why THIS change" in made["proposals/BEP-1006-relay.md"]
    assert len(list(cache.iterdir())) == 2


def test_what_was_not_committed_is_not_taken_for_the_commit(copy, template, tmp_path):
    drafts = copy_repository(template, tmp_path / "template")
    run_git(drafts, "tag", "--delete", "v1.0.0")
    copy(drafts)
    guide = drafts / "guide.yml"
    guide.write_text(guide.read_text().replace("Why this change", "Why THIS change"))
    assert b"Why THIS change" in copy(drafts)["proposals/BEP-1006-relay.md"]


def test_where_nothing_can_be_written_nothing_is_kept(copy, cache, expected):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"")  # not even root writes below a file
    assert copy() == expected
    assert cache.is_file()


def test_on_a_full_disk_nothing_is_kept(cache, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    code = CompiledCode("0" * 40)
    made = code.code(("", "source"), lambda: compile("x = " + "1 + " * 99 + "1", "", "exec"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        code.keep()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert code.code(("", "source"), pytest.fail) is made
    assert list(cache.iterdir()) == []


def test_writers_at_once_leave_one_file(cache):
    codes = [CompiledCode("0" * 40) for _ in range(4)]
    for at, code in enumerate(codes):
        code.code(("", f"{at}"), lambda: compile("pass", "", "exec"))
    for code in codes:
        code.keep()

    last = CompiledCode("0" * 40)
    for at in range(4):
        last.code(("", f"{at}"), pytest.fail)
    assert len(list(cache.iterdir())) == 1


def test_another_python_compiles_anew(cache, monkeypatch):
    code = CompiledCode("0" * 40)
    code.code(("", "source"), lambda: compile("pass", "", "exec"))
    code.keep()
    monkeypatch.setattr(sys, "version", "3.99")
    CompiledCode("0" * 40).code(("", "source"), lambda: compile("1", "", "exec"))
    assert CompiledCode("0" * 40)._known == {}


def test_copier_s_own_environment_and_that_of_bep_do_not_mix(
    released, template, tmp_path, cache, call
):
    """In one process, too: an update by Copier renders with both."""
    copier.run_copy(str(template), released, {"title": "A"}, defaults=True, unsafe=True, quiet=True)
    assert call(released, "new", "B", "--defaults")[0] == 0
    documents = [next(released.glob(f"proposals/BEP-100{at}-*.md")).read_text() for at in (6, 7)]
    assert documents[0].replace("# A\n", "# B\n").replace(": A\n", ": B\n") == documents[1]
