"""The only caller of `git`; the other `git_*` modules say what it is asked.

Every call is non-interactive (no password prompt), speaks plain English, and passes names after
options that end option parsing, so that a name beginning with `-` stays a name. Settings of the
user that only change what git prints or does by default have no effect.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from ..errors import BepError

_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    **{f"GIT_{kind}_PATHSPECS": "0" for kind in ("LITERAL", "GLOB", "NOGLOB", "ICASE")},
}
# Settings on which the output of git depends and that no option of the command overrides.
_SETTINGS = {
    "color.ui": "false",
    "core.abbrev": "auto",
    "diff.orderFile": os.devnull,
    "diff.renameLimit": "1000",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    # A template may be a bare repository: somebody named it, or it is the clone made for this call.
    "safe.bareRepository": "all",
    "submodule.recurse": "false",
}
# A desktop program that asks for a password would wait forever.
_NOBODY_THERE = {"GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "SSH_ASKPASS_REQUIRE": "never"}
# Where a program can open a window: the last is that of an editor.
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "VSCODE_GIT_IPC_HANDLE")
# A server that accepts a connection and says nothing would be waited for as long.
_PATIENCE = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "60"}
_SSH_FAILED = "fatal: Could not read from remote repository."
# In hooks, aliases and `rebase --exec` Git sets these for the repository of the current folder:
# `git rev-parse --local-env-vars`, without the configuration, which Git hands on to submodules too.
OF_ONE_REPOSITORY = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)
# A partial clone fetches what is missing as soon as something asks for it, one object at a time.
NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
_NOTHING: Mapping[str, str] = {}
# Commands that write nothing, so that their answers stay true while nothing else writes.
_QUESTIONS = frozenset(
    {
        "cat-file",
        "check-attr",
        "check-ignore",
        "config",
        "describe",
        "diff",
        "for-each-ref",
        "grep",
        "ls-files",
        "ls-tree",
        "merge-base",
        "rev-parse",
        "status",
        "symbolic-ref",
    }
)
# These write nothing either, but their long answers are needed only once.
_LONG_QUESTIONS = frozenset({"log", "rev-list"})


class GitRefusal(Exception):
    """A git command that ended with an error; `str()` is what git said first, in one line."""


class Ended(NamedTuple):
    """A call that has ended: the exit code, and what git printed."""

    code: int
    out: bytes
    err: bytes

    @property
    def said(self) -> str:
        """What git complained of first, in one line."""
        said = (self.err or self.out).decode("utf-8", "replace")
        lines = [" ".join(line.split()) for line in said.split("\n") if line.strip()]
        # Git's first complaint says what is wrong; hints and consequences follow.
        complaints = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        if complaints and complaints[0] == _SSH_FAILED and lines[0] != _SSH_FAILED:
            # The line before is the reason, in the words of ssh or of the server.
            return lines[lines.index(_SSH_FAILED) - 1]
        return (complaints or lines or [f"git exited with {self.code}"])[0]


_Answers = dict[tuple[Path, tuple[str, ...]], Ended]
_answers: ContextVar[_Answers | None] = ContextVar("answers", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """Ask git each question only once in the block, until something writes or calls `look_again`.

    All answers then describe the same moment, and fewer processes are started.
    """
    before = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(before)


def look_again() -> None:
    """Forget all answers: another process may have changed something since."""
    if answers := _answers.get():
        answers.clear()


def ended(
    folder: Path,
    *arguments: str,
    given: str | bytes = "",
    environment: Mapping[str, str] = _NOTHING,
    settings: Mapping[str, str] = _NOTHING,
) -> Ended:
    """How `git ARGUMENTS` ended in `folder`, with an input, more of an environment, and settings.

    Raises BepError if there is no git.
    """
    # `-c` sets something for the command that follows its value.
    command = arguments[2 if arguments[0] == "-c" else 0]
    if command not in _QUESTIONS | _LONG_QUESTIONS:
        look_again()
    is_plain = not (given or environment or settings)
    answers = _answers.get() if command in _QUESTIONS and is_plain else None
    question = (folder, arguments)
    if answers is not None and question in answers:
        return answers[question]
    done = _process_of(folder, arguments, given, {**_environment(folder, settings), **environment})
    if answers is not None:
        answers[question] = done
    return done


def _process_of(
    folder: Path, arguments: Sequence[str], given: str | bytes, environment: Mapping[str, str]
) -> Ended:
    data = given.encode("utf-8", "surrogateescape") if isinstance(given, str) else given
    try:
        with subprocess.Popen(
            ["git", *arguments],
            cwd=folder,
            # A third pipe would make each call slower.
            stdin=subprocess.PIPE if data else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            try:
                out, err = process.communicate(data or None)
            except BaseException:
                # Killed, as `subprocess.run` does it, git would leave its locks behind.
                process.terminate()
                raise
    except FileNotFoundError:
        if not folder.is_dir():
            raise BepError("there is no such folder", path=str(folder)) from None
        raise BepError("git is not installed", "install Git 2.34 or newer") from None
    except NotADirectoryError:
        raise BepError("this is not a folder", path=str(folder)) from None
    if process.returncode in _INTERRUPTED:
        # Ctrl-C reaches git, too: this is not a refusal.
        raise KeyboardInterrupt
    return Ended(process.returncode, out, err)


def _environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    inherited = _with_settings(_inherited(folder), {**_SETTINGS, **settings})
    return {**_PATIENCE, **inherited, **_ENVIRONMENT, **_unattended()}


def _unattended() -> dict[str, str]:
    """What keeps programs from asking where nobody could answer; one that prints a token may."""
    if sys.stdin is not None and sys.stdin.isatty():
        return {}
    given = os.environ.get("GIT_ASKPASS", "")
    has_display = sys.platform == "darwin" or any(map(os.environ.get, _DISPLAYS))
    return {**_NOBODY_THERE, **({"GIT_ASKPASS": given} if given and not has_display else {})}


def _inherited(folder: Path) -> dict[str, str]:
    """The process's environment, without what names another repository than that of `folder`."""
    inherited = dict(os.environ)
    if OF_ONE_REPOSITORY.isdisjoint(inherited) or folder.resolve() == (here := Path.cwd()):
        return inherited
    if (named := repository(here)) and named[0] == folder.resolve():
        # What is relative was meant for the current folder.
        return {**inherited, "GIT_WORK_TREE": str(named[0]), "GIT_DIR": str(named[1])}
    return {name: text for name, text in inherited.items() if name not in OF_ONE_REPOSITORY}


def _with_settings(environment: dict[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """An environment in which git has these settings, whatever its files say."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    for at, (key, value) in enumerate(settings.items(), first):
        environment |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return {**environment, "GIT_CONFIG_COUNT": str(first + len(settings))}


def run(
    folder: Path,
    *arguments: str,
    given: str | bytes = "",
    environment: Mapping[str, str] = _NOTHING,
) -> str:
    """What `git ARGUMENTS` prints in `folder`, its final line ending removed.

    Raises GitRefusal if git exits with an error, BepError if there is no git.
    """
    done = ended(folder, *arguments, given=given, environment=environment)
    if done.code:
        raise GitRefusal(done.said)
    return done.out.decode("utf-8", "surrogateescape").removesuffix("\n")


def items(folder: Path, *arguments: str, environment: Mapping[str, str] = _NOTHING) -> list[str]:
    """What `git ARGUMENTS` prints with a NUL byte after each, such as paths; raises as `run`."""
    return [item for item in run(folder, *arguments, environment=environment).split("\0") if item]


def answer(folder: Path, *arguments: str) -> str:
    """Like `run`, but '' if git exits with an error: the question has no answer."""
    try:
        return run(folder, *arguments)
    except GitRefusal:
        return ""


def repository(folder: Path) -> tuple[Path, Path] | None:
    """The root of the working tree that holds `folder` and its Git directory.

    None if there is no working tree.
    """
    # A folder of the working tree may look like a Git directory, with settings that run programs.
    explicit = ("-c", "safe.bareRepository=explicit")
    question = ("rev-parse", "--show-toplevel", "--absolute-git-dir")
    paths = answer(folder, *explicit, *question).split("\n")
    if len(paths) > 2:
        # One of the paths has a line break.
        paths = [answer(folder, *explicit, "rev-parse", one) for one in question[1:]]
    return (Path(paths[0]), Path(paths[1])) if len(paths) == 2 else None


def why_no_repository(folder: Path) -> str:
    """What git says where `repository` finds none; '' if nothing."""
    try:
        run(folder, "rev-parse", "--show-toplevel")
    except GitRefusal as refusal:
        return str(refusal)
    return ""


Talk = subprocess.Popen[bytes]


def talk(folder: Path, *arguments: str, environment: Mapping[str, str]) -> Talk:
    """A process of `git ARGUMENTS` that answers, line by line, what it is given."""
    return subprocess.Popen(
        ["git", *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_environment(folder, _NOTHING), **environment},
    )


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder that is removed afterwards."""
    # Slow to load, and few commands need it.
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="bep-") as place:
        yield place


def literal(path: str) -> str:
    """A path from the root as Git's commands take it, whatever characters it has."""
    return f":(top,literal){path}"
