"""Completion in real shells; titles are other people's text, and no shell evaluates them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from bep.tasks import catalogue
from tests.conftest import PAGE, ROOT, run_git

# Each would make a file if a shell evaluated it.
HOSTILE = [
    "$(touch made)",
    "`touch made`",
    "'; touch made; '",
    '"; touch made; "',
    "\\\\$(touch made) %n %1v :x",
    "a\tb $IFS *",
    "\x1b]0;x\x07 red \x1b[31m",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory, _start) -> Path:
    """A repository whose registry has hostile titles, and a command `bep` on the PATH."""
    folder = tmp_path_factory.mktemp("completion")
    repository = folder / "repository"
    shutil.copytree(_start, repository)
    page = repository / PAGE
    run_git(repository, "switch", "--quiet", "--create", "relay")
    (repository / "proposals/BEP-2100-on-a-branch.md").write_text("# On a Branch\n")
    run_git(repository, "add", "proposals")
    run_git(repository, "commit", "--quiet", "--message=Relay")
    run_git(repository, "switch", "--quiet", "-")
    rows = "".join(f"| {2000 + at} | {title} | A | Draft |\n" for at, title in enumerate(HOSTILE))
    page.write_text(page.read_text().replace("| _next_", f"{rows}| _next_"))
    tool = folder / "bin/bep"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -P -m bep "$@"\n')
    tool.chmod(0o755)
    return repository


def environment(place: Path) -> dict[str, str]:
    path = f"{place.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "TERM": "xterm", "LC_ALL": "C.UTF-8"}


def shell(name: str, place: Path, *arguments: str, folder: Path | None = None) -> str:
    """What a script prints in a shell."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [name, *arguments],
        cwd=folder or place,
        env=environment(place),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


# For each case the number of its words and the words; prints what bash would insert or show.
IN_BASH = """
eval "$(bep completion bash)"
COMP_TYPE=$1; shift
while (($#)); do
    COMP_CWORD=$1; COMP_WORDS=(bep "${@:2:COMP_CWORD}"); shift $((COMP_CWORD + 1))
    _bep bep
    printf '%s\\n' "${COMPREPLY[@]}" ==
done
"""


def in_bash(place: Path, *cases: list[str], kind: int = 9, folder: Path | None = None):
    """What bash inserts, or with `kind` 63 shows, for the last word of each case."""
    given = [part for words in cases for part in (str(len(words)), *words)]
    printed = shell(
        "bash", place, "--norc", "-c", IN_BASH, "bash", str(kind), *given, folder=folder
    )
    return [one.splitlines() for one in printed.split("==\n")[:-1]]


def in_fish(place: Path, line: str) -> list[str]:
    script = "bep completion fish | source; complete --do-complete $argv[1]"
    arguments = ("--no-config", "-c", script, line)
    return shell("fish", place, *arguments).splitlines()


OFFERED = [
    (["ch"], ["check"]),
    (["help", "dec"], ["decide"]),
    (["check", "--ex"], ["--explain"]),
    (["check", "200"], [str(2000 + at) for at in range(len(HOSTILE))]),
    (["check", "1001,100"], ["1001,1001", "1001,1002", "1001,1003", "1001,1005"]),
    (["context", "21"], ["2100"]),
    (["mark", "1001", "acc"], ["accepted"]),
    (["list", "--status", "=", "rej"], ["rejected"]),
    (["list", "--json", "--status", "super"], ["superseded"]),
    (["list", "--sort", "ch"], ["changed"]),
    (["list", "--author", "Edsger"], [r"Edsger\ Dijkstra"]),
    (["check", "--explain", "link-miss"], ["link-missing"]),
    (["new", "Title", "--layout", "se"], ["segmented"]),
    (["context", "--section", "Implementation Pl"], [r"Implementation\ Plan"]),
    (["context", "--section", "'Implementation Pl"], ["Implementation Plan"]),
    (["completion", "z"], ["zsh"]),
    (["retitle", "2000", "x"], []),
    (["nonsense", ""], []),
    (["check", "--nonsense", "--nonsense=", "$(touch made)"], []),
    ([""], [*catalogue.MODULES, "help"]),
]


def test_bash_completes(place):
    found = in_bash(place, *(words for words, _ in OFFERED))

    for got, (words, offered) in zip(found, OFFERED, strict=True):
        assert sorted(got) == sorted(offered), words
    assert not (place / "made").exists()


def test_bash_shows_titles_and_inserts_none(place):
    (shown, numbers) = in_bash(place, ["check", "2000"], ["check", ""], kind=63)

    assert shown == ["2000  $(touch made)"]
    assert len(numbers) > len(HOSTILE)
    assert all(line.isprintable() for line in numbers)
    assert not (place / "made").exists()


def test_where_nothing_can_be_read_nothing_is_said(place, tmp_path):
    calls = (["check", "1"], ["mark", "1001", "xcc"], ["li"])
    assert in_bash(place, *calls, folder=tmp_path) == [[], [], ["list"]]
    (tmp_path / "proposals").mkdir()
    (tmp_path / "proposals/README.md").write_bytes(b"\xff\0")
    (tmp_path / "invoke.yaml").write_text("bep: [")
    run_git(tmp_path, "init", "--quiet")
    assert in_bash(place, *calls, folder=tmp_path) == [[], [], ["list"]]


def test_fish_completes_with_titles(place):
    found = in_fish(place, "bep check 200")
    assert [line.partition("\t")[0] for line in found] == [str(2000 + at) for at in range(7)]
    assert "2000\t$(touch made)" in found
    assert in_fish(place, "bep list --status=acc") == ["--status=accepted"]
    assert in_fish(place, "bep chec")[0].startswith("check\tCheck proposals")
    # What is offered goes into a command line quoted.
    assert in_fish(place, "bep context --section 'Implementation Pl") == ["Implementation Plan"]
    assert not (place / "made").exists()


TYPED = {
    "check 2000": "check 2000 ",
    "mark 1001 acc": "mark 1001 accepted ",
    "context --section Implementation\\ Pl": "context --section Implementation Plan ",
    "list --status=acc": "list --status=accepted ",
}


def test_zsh_completes_shows_titles_and_evaluates_none(place):
    """A line is typed, completed and handed to a function, which prints its words."""
    with at_zsh(place) as zsh:
        for typed, completed in TYPED.items():
            zsh.send(f"say {typed}\t")
            zsh.sendline("end")
            zsh.expect_exact(f"<{completed}end>")
        zsh.send("say check 200\t")
        zsh.expect_exact("2000  $(touch made)")
        zsh.expect_exact("2006")
        zsh.sendcontrol("c")
        zsh.sendline("say done")
        zsh.expect_exact("<done>")
    assert not (place / "made").exists()


def at_zsh(place: Path):
    """An interactive zsh in which `say WORDS` is completed as `bep WORDS`, and prints them."""
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    zsh = pexpect.spawn(
        "zsh", ["-f", "-i"], cwd=place, env=environment(place), encoding="utf-8", timeout=20
    )
    zsh.setwinsize(40, 200)
    zsh.sendline(
        "PS1='> '; setopt no_beep; autoload -U compinit; compinit -D -u;"
        ' eval "$(bep completion zsh)"; compdef _bep say; say() { print -r -- "<$*>" };'
        ' echo rea""dy'
    )
    zsh.expect_exact("ready")
    return zsh
