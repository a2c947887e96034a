"""Calls of all tasks on repositories with odd bytes in documents, answers, settings and refs.

A case is made from its number alone, so that one that fails can be run again. Each call is a
process of its own, forked from this one, which has imported `bep` already.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import run_git

# What a person waits for at the most, in seconds of CPU time for a megabyte of text.
LONGEST = 2.0
MEGABYTE = 1_000_000
# Git, Copier and the template have a cost of their own, whatever the text.
FIXED = 6.0
CALLS = 10

ODD = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\t",
        b"\x1b[2J",
    ),
    *("\u202e".encode(), "\u2028".encode(), "\u0663\u0663".encode(), "한글".encode(), b"\x85"),
    *(
        b"---\n",
        b"...\n",
        b"<!--",
        b"-->",
        b"--!>",
        b"```\n",
        b"~~~\n",
        b"<details>\n",
        b"<a id=x>",
    ),
    *(b"|", b"||\n", b"|---|\n", b"\\|", b"|-:|\n", b"Decision\n---\n", b"[^1]: note\n", b"> > > "),
    *(b"!!bool x", b"!!int ''", b"!!timestamp x", b"!!python/object:os.system", b"&a [*a]", b"*a"),
    *(b'"\\U00110000"', b"key: 2026-02-30\n", b"? ? ? ? ", b"- - - - ", b"{" * 200, b"[" * 2000),
    *(b"9" * 5000, b"number: " + b"9" * 5000 + b"\n", b"layout: other\n", b"proposals: ../..\n"),
    *(b"# \n", b"## Open Questions\n", b"## Decision Log\n", b"####### x\n", b"Title\n=====\n"),
    *(b"<<<<<<< ours\n", b"=======\n", b">>>>>>> theirs\n", b"||||||| base\n", b"<<<<<<<< x\n"),
    *(b"- [ ] Q?\n", b"1. Q?\n", b"* * *\n", b"[a](BEP-1002", b"](x.md#y)", b"<x@y", b"&amp;&#0;"),
    *(b"{{ 7 * 7 }}", b"{% raw %}", b"$(touch x)", b"%s%n", b"{0.__class__}", b"::error::x\n"),
    b"x" * 3000,
)
FILES = (
    "proposals/BEP-1001-event-journal.md",
    "proposals/BEP-1002-quota-ledger.md",
    "proposals/BEP-1003-segmented.md",
    "proposals/BEP-1003/api.md",
    "proposals/README.md",
    "proposals/.copier/.copier-answers.BEP-1001.yml",
    "proposals/.copier/.copier-answers.BEP-1003.yml",
    "proposals/AGENTS.md",
    "invoke.yaml",
    "pyproject.toml",
    "VERSION",
)
REFS = (
    *("refs/bep/99999", "refs/bep/1050", "refs/bep/01050", "refs/bep/" + "9" * 23, "refs/bep/٣٣٣٣"),
    *("refs/bep/x", "refs/heads/bep/99998", "refs/heads/bep/1060-a", "refs/heads/docs/bep-2024"),
    *("refs/remotes/origin/bep/1061", "refs/tags/v1", "refs/bep-seen/origin/1070"),
)
WORDS = ("1001", "1002", "1003", "1000-1003", "1001,1002", "BEP-1003", "9999", "0", "-1", "x", "")
TEXTS = ("Who?", "a | b", "x\ny", "\u202ex", "", "--help", "$(id)", "{{ x }}", "- [ ] x", "`")


class Call(NamedTuple):
    """What became of a call: exit code (negative: a signal), its words, seconds of CPU time."""

    arguments: list[str]
    code: int
    said: str
    seconds: float


def problem(call: Call, size: int) -> str | None:
    """Return what is wrong with a call on a repository with `size` bytes of text, or None."""
    if call.code < 0:
        return f"ended by signal {-call.code}"
    if call.code not in (0, 1, 2):
        return f"exit code {call.code}"
    if "Traceback (most recent" in call.said:
        return "a traceback"
    longest = FIXED + LONGEST * size / MEGABYTE
    return f"{call.seconds:.1f} s" if call.seconds > longest else None


def calls(number: int, start: Path, folder: Path) -> Iterator[tuple[Call, int]]:
    """Make the repository of a case in `folder`, from `start`, and call tasks on it.

    Yields each call and how many bytes of text there are.
    """
    chance = random.Random(number)
    shutil.copytree(start, folder, symlinks=True)
    for _ in range(chance.randint(1, 4)):
        _spoil(chance, folder)
    if chance.random() < 0.3:
        _spoil_refs(chance, folder)
    if chance.random() < 0.5:
        run_git(folder, "add", "--all", "--ignore-errors", ":(exclude)*pipe*")
        run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Odd")
    size = sum(path.stat().st_size for path in folder.glob("proposals/**/*.md") if path.is_file())
    for _ in range(CALLS):
        yield run(_arguments(chance), folder), size


def _spoil(chance: random.Random, folder: Path) -> None:
    path = folder / chance.choice(FILES)
    kind = chance.random()
    if kind < 0.06:
        _replace(chance, path)
        return
    text = path.read_bytes() if path.is_file() else b""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = _changed(chance, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A link that leads nowhere may lead to a file in a folder that is not there.
    if not path.is_dir() and (path.exists() or not path.is_symlink()):
        path.write_bytes(text)


def _replace(chance: random.Random, path: Path) -> None:
    """Put something in a file's place that is no file, or nothing."""
    if path.is_dir() and not path.is_symlink():
        return
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = chance.randrange(5)
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        path.symlink_to(
            chance.choice(("/dev/zero", "../.git/config", "../../x", path.name, "README.md"))
        )
    elif kind == 2:
        path.write_bytes(b"")
    elif kind == 3:
        path.chmod(0) if path.exists() else path.write_bytes(b"\xff" * 100)


def _changed(chance: random.Random, text: bytes) -> bytes:
    at = chance.randint(0, len(text))
    # At the beginning of a line odd text means more.
    if chance.random() < 0.6:
        at = text.rfind(b"\n", 0, at) + 1
    end = min(len(text), at + chance.choice((0, 0, 0, 1, 20, 400)))
    piece = chance.choice(ODD)
    many = chance.choice((1, 1, 1, 1, 2, 30, 3000 if len(piece) < 20 else 1))
    if chance.random() < 0.15:
        piece = text[at : at + 300]
    return text[:at] + piece * many + text[end:]


def _spoil_refs(chance: random.Random, folder: Path) -> None:
    objects = [
        run_git(folder, "rev-parse", name) for name in ("HEAD", "HEAD^{tree}", "HEAD:invoke.yaml")
    ]
    ref = chance.choice(REFS)
    target = objects[0] if "heads" in ref or "remotes" in ref else chance.choice(objects)
    run_git(folder, "update-ref", ref, target)


def _arguments(chance: random.Random) -> list[str]:
    word, text = (lambda: chance.choice(WORDS)), (lambda: chance.choice(TEXTS))
    dry = ["--dry-run"] if chance.random() < 0.3 else []
    reading = (
        ["list"],
        ["list", "--json"],
        ["list", "--attention"],
        ["list", "--graph"],
        ["list", word(), "--graph", "--json"],
        ["list", word(), "--status", chance.choice(("Draft", "x", ""))],
        ["list", word(), word()],
        ["completion", chance.choice(("bash", "zsh")), "--", "check", "--status", word()],
        ["completion", "fish", "--", "mark", word(), text()],
        ["search", text()],
        ["search", "quota ledger", "--json"],
        ["governs", word(), text()],
        ["governs", ".", "--json"],
        ["context", word()],
        ["context", "1003", "--document", chance.choice(("api.md", "../x", ""))],
        ["context", "1001", "--section", text(), "--json"],
        ["context", "1003", "--phase", chance.choice(("1", "0", "x"))],
        ["check", "--all"],
        ["check", "--all", "--format", chance.choice(("json", "github", "text"))],
        ["check", "--since", chance.choice(("HEAD", "HEAD~1", "x"))],
        ["status", word()],
        ["status", word(), "--json"],
        ["review", chance.choice(("HEAD", "HEAD~1", "x")), "--format", "markdown"],
        ["review", "HEAD~1", "--json"],
    )
    writing = (
        ["check", "--fix", "--all", *dry],
        ["ask", word(), "--question", text(), *dry],
        ["decide", word(), "--question", "1", "--decision", text(), "--rationale", text(), *dry],
        ["mark", word(), chance.choice(("accepted", "implemented", "draft", "x")), *dry],
        ["mark", "1002", "rejected", "--reason", text(), *dry],
        ["sync", *dry],
        ["sync", word(), *dry],
        ["reserve", text(), "--no-branch", *dry],
        ["unreserve", word()],
        ["renumber", word(), *dry],
        ["renumber", "1001", "--to", word(), *dry],
        ["retitle", text(), *dry],
        ["issue", word(), *dry],
        ["issue", word(), "--key", text(), *dry],
        ["retitle", word(), text(), *dry],
        ["submit", word(), "--yes", "--no-pr", *dry],
    )
    # Each of these renders the template, which takes its time.
    rendering = (
        ["new", text(), "--defaults", "-d", f"scope={text()}", *dry],
        ["adopt", word(), *dry],
        ["adopt", "--all", "--complete", *dry],
        ["update", *dry],
        ["segment", word(), *dry],
        ["add-document", "1003", "--name", chance.choice(("api", "../x")), "--scope", text()],
        ["init", "--agents", "--apply", *dry],
    )
    kinds = (reading, writing, rendering)
    return chance.choice(chance.choices(kinds, (45, 45, 10))[0])


def run(arguments: list[str], folder: Path) -> Call:
    """Call `bep` in a folder, as a process of its own that was forked from this one."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            _become(arguments, folder, output.fileno())
        _, status, used = os.wait4(child, 0)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    return Call(arguments, code, said, used.ru_utime + used.ru_stime)


def _become(arguments: list[str], folder: Path, output: int) -> None:
    """Be a process of `bep`; never returns."""
    code = 120
    try:
        # What does not end is ended, and counts as a crash.
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(fd, mode, closefd=False) for fd, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.chdir(folder)
        sys.argv = ["bep", *arguments]
        from bep.tasks import program

        try:
            program.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
            code = 121
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
