"""The only caller of `git`: its commands, and the files of the working tree and of commits.

Every call is non-interactive (no password prompt), speaks plain English, and passes names after
options that end option parsing, so that a name beginning with `-` stays a name. What it prints and
does depends on no setting of the user's that only changes what git prints or does by default.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import BepError
from ..markdown import merge_markers

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
# Settings on which the files of a template depend, and those that run programs for a checkout.
_TEMPLATE_SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "status.showUntrackedFiles": "normal",
}
# A desktop program that asks for a password would wait forever.
_NOBODY_THERE = {"GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "SSH_ASKPASS_REQUIRE": "never"}
# How an index begins that cannot say of a file that it is not checked out.
_PLAIN_INDEX = b"DIRC\0\0\0\2"
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
_FOUND = re.compile(r"([^\0]+)\0([0-9]+)\0([^\n]*)(?:\n|\Z)")
# The length of an object's id in a repository of the usual kind.
_SHA1 = 40
_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)
# A partial clone fetches what is missing as soon as something asks for it, one object at a time.
_NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
# More than this of requests that nobody has read yet might not fit into a pipe.
_REQUESTS = 4_000
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
# In the year 2106. A commit may carry any time, even one thousands of years ahead that Python's
# dates cannot hold.
_LATEST = 2**32 - 1
_COMMITTER = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "bep"), ("EMAIL", "bep@localhost"))
}


class GitRefusal(Exception):
    """A git command that ended with an error; `str()` is what git said first, in one line."""


class _Call(NamedTuple):
    """A call of git in `folder`, with its input and what it has besides the usual environment."""

    folder: Path
    arguments: tuple[str, ...]
    given: str = ""
    environment: Mapping[str, str] = _NOTHING
    settings: Mapping[str, str] = _NOTHING

    @property
    def command(self) -> str:
        return self.arguments[2 if self.arguments[0] == "-c" else 0]

    @property
    def is_plain(self) -> bool:
        """Whether folder and arguments are all that it consists of."""
        return not (self.given or self.environment or self.settings)


_Answers = dict[tuple[Path, tuple[str, ...]], subprocess.CompletedProcess[bytes]]
_answers: ContextVar[_Answers | None] = ContextVar("answers", default=None)


@contextmanager
def asking_once() -> Iterator[None]:
    """Ask git each question only once inside, until something here writes or calls `look_again`.

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


def _ended(call: _Call) -> subprocess.CompletedProcess[bytes]:
    if call.command not in _QUESTIONS | _LONG_QUESTIONS:
        look_again()
    answers = _answers.get()
    if answers is None or call.command not in _QUESTIONS or not call.is_plain:
        return _process_of(call)
    question = (call.folder, call.arguments)
    if question not in answers:
        answers[question] = _process_of(call)
    return answers[question]


def _process_of(call: _Call) -> subprocess.CompletedProcess[bytes]:
    folder = call.folder
    try:
        with subprocess.Popen(
            ["git", *call.arguments],
            cwd=folder,
            # A third pipe would make each call slower.
            stdin=subprocess.PIPE if call.given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**_environment(folder, call.settings), **call.environment},
        ) as process:
            try:
                given = call.given.encode("utf-8", "surrogateescape") if call.given else None
                out, err = process.communicate(given)
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
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def _environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    unattended = {} if sys.stdin is not None and sys.stdin.isatty() else _NOBODY_THERE
    inherited = _with_settings(_inherited(folder), {**_SETTINGS, **settings})
    return {**inherited, **_ENVIRONMENT, **unattended}


def _inherited(folder: Path) -> dict[str, str]:
    """The process's environment, without what names another repository than that of `folder`."""
    inherited = dict(os.environ)
    if OF_ONE_REPOSITORY.isdisjoint(inherited) or folder.resolve() == (here := Path.cwd()):
        return inherited
    if (named := repository(here)) and named[0] == folder.resolve():
        # What is relative was meant for the current folder.
        return {**inherited, "GIT_WORK_TREE": str(named[0]), "GIT_DIR": str(named[1])}
    return _without_repository()


def _without_repository() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name not in OF_ONE_REPOSITORY}


def _with_settings(environment: dict[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """An environment in which git has these settings, whatever its files say."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    for at, (key, value) in enumerate(settings.items(), first):
        environment |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return {**environment, "GIT_CONFIG_COUNT": str(first + len(settings))}


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    said = (done.stderr or done.stdout).decode("utf-8", "replace")
    lines = [" ".join(line.split()) for line in said.split("\n") if line.strip()]
    # Git's first complaint says what is wrong; hints and consequences follow.
    complaints = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (complaints or lines or [f"git exited with {done.returncode}"])[0]


def run(
    folder: Path, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None
) -> str:
    """What `git ARGUMENTS` prints in `folder`, its final line ending removed.

    Raises GitRefusal where git exits with an error, BepError where there is no git.
    """
    done = _ended(_Call(folder, arguments, given, environment or _NOTHING))
    if done.returncode:
        raise GitRefusal(_said(done))
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def answer(folder: Path, *arguments: str) -> str:
    """Like `run`, but '' where git exits with an error: the question has no answer."""
    try:
        return run(folder, *arguments)
    except GitRefusal:
        return ""


def repository(folder: Path) -> tuple[Path, Path] | None:
    """The root of the working tree that holds `folder` and its Git directory.

    None where there is no working tree.
    """
    # A folder of the working tree may look like a Git directory, with settings that run programs.
    explicit = ("-c", "safe.bareRepository=explicit")
    question = ("rev-parse", "--show-toplevel", "--absolute-git-dir")
    lines = answer(folder, *explicit, *question).split("\n")
    return (Path(lines[0]), Path(lines[1])) if len(lines) == 2 else None


def why_no_repository(folder: Path) -> str:
    """What git says where `repository` finds none; '' if nothing."""
    try:
        run(folder, "rev-parse", "--show-toplevel")
    except GitRefusal as refusal:
        return str(refusal)
    return ""


def identity(folder: Path) -> tuple[str, str]:
    """The name and address of Git's user here, '' for what is not set."""
    # Git lists a key once for each file that sets it; the last one counts.
    found = dict(_configured(folder))
    name = os.environ.get("GIT_AUTHOR_NAME") or found.get("user.name", "")
    address = os.environ.get("GIT_AUTHOR_EMAIL") or found.get("user.email", "")
    return name.strip(), address.strip()


def _configured(folder: Path) -> list[tuple[str, str]]:
    """The settings of remotes and of the user, as keys and values; a key can be there twice."""
    said = answer(folder, "config", "--null", "--get-regexp", r"^(remote\..*|user\.(name|email))$")
    entries = (entry.partition("\n") for entry in said.split("\0")[:-1])
    return [(key, value) for key, _, value in entries]


def branch(folder: Path) -> str | None:
    """The current branch, also before its first commit; None on a detached HEAD."""
    # The short form would depend on the names of other refs.
    return answer(folder, "symbolic-ref", "--quiet", "HEAD").removeprefix("refs/heads/") or None


def has_commit(folder: Path) -> bool:
    """Whether HEAD points to a commit."""
    return bool(commit_of(folder, "HEAD"))


def head_time(folder: Path) -> int:
    """When the current commit was made, in seconds since 1970; 0 where there is none."""
    return min(
        int(answer(folder, "log", "-1", "--no-show-signature", "--format=%ct") or 0), _LATEST
    )


def time_of(seconds: int) -> dt.datetime:
    """The time of a commit from its seconds; one that is too far away counts as the latest."""
    return dt.datetime.fromtimestamp(max(0, min(seconds, _LATEST)), dt.UTC)


def refs(folder: Path, *patterns: str) -> dict[str, str]:
    """All refs that match `patterns`, with the object each points to."""
    lines = run(folder, "for-each-ref", "--format=%(objectname) %(refname)", "--", *patterns)
    pairs = (line.split(" ", 1) for line in lines.split("\n") if line)
    return {name: oid for oid, name in pairs}


def commit_empty(folder: Path, text: str) -> str:
    """A new commit without parents and files that says `text`; returns its id.

    Works without a Git identity: the message says who made it.
    """
    tree = run(folder, "mktree")
    return run(folder, "commit-tree", "--no-gpg-sign", tree, given=text, environment=_COMMITTER)


def create_ref(folder: Path, ref: str, commit: str) -> bool:
    """Point the new `ref` to `commit`; False where the ref exists already.

    Atomic across processes and worktrees: of many at once exactly one gets True.
    Raises GitRefusal where the ref cannot be made for another reason.
    """
    try:
        run(folder, "update-ref", "--no-deref", ref, commit, "0" * len(commit))
    except GitRefusal as refusal:
        # One that existed may have been given back since.
        if "reference already exists" in str(refusal) or refs(folder, ref):
            return False
        raise
    return True


def set_ref(folder: Path, ref: str, commit: str) -> None:
    """Point `ref` to `commit`, or remove it where that is ''."""
    run(folder, "update-ref", "--no-deref", *(["--", ref, commit] if commit else ["-d", ref]))


def delete_ref(folder: Path, ref: str, commit: str) -> None:
    """Remove `ref` if it still points to `commit`."""
    run(folder, "update-ref", "--no-deref", "-d", ref, commit)


def switch_to_new_branch(folder: Path, name: str) -> None:
    """Create the branch `name` here and switch to it, uncommitted changes included.

    Raises GitRefusal if it exists or the name is invalid.
    """
    options = ("--no-guess", "--no-track", "--no-recurse-submodules")
    run(folder, "switch", *options, f"--create={name}")


def has_branch(folder: Path, name: str) -> bool:
    """Whether there is a local branch of that name."""
    return f"refs/heads/{name}" in refs(folder, f"refs/heads/{name}")


def rename_branch(folder: Path, old: str, new: str) -> None:
    """Give a local branch another name, also where it is checked out.

    Raises GitRefusal if there is none, the new name is taken or invalid.
    """
    run(folder, "branch", "--move", "--", old, new)


def main_branch(folder: Path, remote: str) -> str:
    """The branch that holds the registry: the remote's HEAD, else `main` or `master`.

    '' where none of them exists.
    """
    known = branches(folder)
    if head := known.heads.get(f"refs/remotes/{remote}/HEAD"):
        return head.removeprefix(f"refs/remotes/{remote}/")
    return next((name for name in ("main", "master") if f"refs/heads/{name}" in known.tips), "")


def remotes(folder: Path) -> list[str]:
    """The names of all remotes."""
    keys = (key for key, _ in _configured(folder) if key.startswith("remote."))
    return sorted({key.split(".", 1)[1].rpartition(".")[0] for key in keys} - {""})


def remote_address(folder: Path, remote: str) -> str:
    """The address of `remote` as it was given, '' if there is no such remote.

    What `url.*.insteadOf` makes of it is for this machine only, and may contain a password.
    """
    key = f"remote.{remote}.url"
    return next((value for name, value in _configured(folder) if name == key), "")


class RefMessage(NamedTuple):
    """A ref, the object it points to, and the message of that commit; None for another object."""

    ref: str
    commit: str
    message: str | None


def messages(folder: Path, *patterns: str) -> list[RefMessage]:
    """The refs that match `patterns`, with their messages."""
    form = "%(refname)%00%(objectname)%00%(objecttype)%00%(contents)%00"
    fields = run(folder, "for-each-ref", f"--format={form}", "--", *patterns).split("\0")[:-1]
    found = zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=True)
    return [
        RefMessage(name.lstrip("\n"), commit, text if kind == "commit" else None)
        for name, commit, kind, text in found
    ]


def files(folder: Path, *patterns: str) -> list[str]:
    """The tracked files, and the untracked ones that are not ignored, that match `patterns`."""
    listed = run(
        folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns
    )
    return sorted({name for name in listed.split("\0") if name})


def not_checked_out(folder: Path, git_directory: Path) -> dict[str, str]:
    """The blobs of regular files that Git was told not to check out, by their paths.

    A sparse checkout has such files. One of them can be in the working tree all the same.
    """
    index = Path(os.environ.get("GIT_INDEX_FILE") or git_directory / "index")
    # Only later formats of the index can say so; to ask git takes a while in a large repository.
    try:
        with index.open("rb") as file:
            if file.read(len(_PLAIN_INDEX)) == _PLAIN_INDEX:
                return {}
    except OSError:
        return {}
    found = {}
    for entry in run(folder, "ls-files", "-z", "-t", "--stage").split("\0"):
        if entry.startswith("S 100"):
            kind, path = entry.split("\t", 1)
            found[path] = kind.split(" ")[2]
    return found


class RemoteRefs(NamedTuple):
    """The refs of a remote with the objects they point to, and the branch of its HEAD, or ''."""

    head: str
    refs: dict[str, str]

    def main(self, named: str) -> str:
        """The main branch: `named`, else that of HEAD, `main` or `master`; '' if none is there."""
        candidates = [named] if named else [self.head, "main", "master"]
        return next((one for one in candidates if f"refs/heads/{one}" in self.refs), "")


def remote_refs(folder: Path, remote: str, *patterns: str) -> RemoteRefs:
    """What `remote` says of its refs that match `patterns`.

    Raises GitRefusal where it does not answer.
    """
    lines = run(folder, "ls-remote", "--symref", "--", remote, "HEAD", *patterns).split("\n")
    pairs = [line.split("\t", 1) for line in lines if "\t" in line]
    named = {name: oid for oid, name in pairs if not oid.startswith("ref: ")}
    heads = [oid for oid, name in pairs if oid.startswith("ref: refs/heads/") and name == "HEAD"]
    return RemoteRefs(heads[0].removeprefix("ref: refs/heads/") if heads else "", named)


def has_object(folder: Path, commit: str) -> bool:
    """Whether a commit is in this repository."""
    try:
        run(folder, "cat-file", "-e", f"{commit}^{{commit}}")
    except GitRefusal:
        return False
    return True


def fetch(folder: Path, remote: str, *refspecs: str, prune: bool = False) -> None:
    """Fetch refs of `remote`; without a destination, only their objects.

    Raises GitRefusal where that fails.
    """
    options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
    # Not even the remote's tracking branches change where nothing says so.
    options += ["--refmap=", "--no-prune-tags", "--prune" if prune else "--no-prune"]
    # Thousands of refs are more than a command line holds.
    given = "".join(f"{one}\n" for one in refspecs)
    run(folder, "fetch", *options, "--stdin", "--", remote, given=given)


def messages_of(folder: Path, objects: Sequence[str]) -> dict[str, str | None]:
    """The messages of those `objects` that are here; None for one that is no commit."""
    listed = run(folder, "cat-file", "--batch-check", given="".join(f"{one}\n" for one in objects))
    kinds = dict(line.split(" ")[:2] for line in listed.split("\n") if line)
    here: dict[str, str | None] = {one: None for one, kind in kinds.items() if kind != "missing"}
    commits = [one for one, kind in kinds.items() if kind == "commit"]
    if commits:
        form = ("--no-walk=unsorted", "--no-show-signature", "--format=%H%x00%B%x00", "--stdin")
        said = run(folder, "log", *form, given="".join(f"{one}\n" for one in commits))
        fields = [field.strip("\n") for field in said.split("\0")]
        here.update(zip(fields[0::2], fields[1::2], strict=False))
    return here


def names_at(folder: Path, commit: str, path: str) -> list[str]:
    """The names of the files and directories in a directory of a commit."""
    listed = answer(folder, "ls-tree", "--name-only", "-z", f"{commit}:{path}")
    return [name for name in listed.split("\0") if name]


class Push(NamedTuple):
    """How a push of one ref ended: `said` is the remote's or git's reason where it did not."""

    accepted: bool
    said: str


def push(folder: Path, remote: str, ref: str, new: str, expected: str = "") -> Push:
    """Set `ref` on `remote` to the commit `new` if it points to `expected` ('' is: to nothing).

    With `new` '' the ref is deleted. Of many at once, exactly one is accepted.
    """
    options = (
        "--porcelain",
        "--no-verify",
        "--no-signed",
        "--no-follow-tags",
        "--recurse-submodules=no",
        f"--force-with-lease={ref}:{expected}",
    )
    # The push of a mirror takes no ref by name, and not every server takes push options.
    settings = {f"remote.{remote}.mirror": "false", "push.pushOption": ""}
    call = ("push", *options, "--", remote, f"{new}:{ref}")
    done = _ended(_Call(folder, call, settings=settings))
    if done.returncode == 0:
        return Push(accepted=True, said="")
    return Push(accepted=False, said=_reason_of_push(done) or _said(done))


def _reason_of_push(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why a push with `--porcelain` was refused, '' where git does not say it of a ref."""
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    return next((line.split("\t")[-1] for line in lines if line.startswith("!\t")), "")


def push_branch(folder: Path, remote: str, branch: str) -> Push:
    """Bring a branch to `remote`, without force, and make it the branch's upstream.

    The user's own hooks and options of pushes apply.
    """
    ref = f"refs/heads/{branch}"
    settings = {f"remote.{remote}.mirror": "false"}
    call = ("push", "--porcelain", "--set-upstream", "--", remote, f"{ref}:{ref}")
    done = _ended(_Call(folder, call, settings=settings))
    if done.returncode == 0:
        return Push(accepted=True, said="")
    # What a hook of the server says is the true reason.
    errors = done.stderr.decode("utf-8", "replace").split("\n")
    told = [line.removeprefix("remote:").strip() for line in errors if line.startswith("remote:")]
    said = ": ".join(filter(None, [_reason_of_push(done), next(filter(None, told), "")]))
    return Push(accepted=False, said=said or _said(done))


def move_in_index(folder: Path, moves: Sequence[tuple[str, str]]) -> None:
    """Make the index follow files and directories that were renamed, as `git mv` does.

    Untracked files stay untracked; changes that were not staged stay unstaged. What follows already
    stays as it is. Raises GitRefusal, with nothing changed, where the index is locked.
    """
    lines = []
    for old, new in moves:
        listed = run(folder, "ls-files", "-s", "-z", "--", f":(literal){old}", f":(literal){new}")
        entries = [entry.split("\t", 1) for entry in listed.split("\0") if entry]
        known = {path for _, path in entries}
        for kind, path in entries:
            moved = f"{new}{path.removeprefix(old)}"
            if path != old and not path.startswith(f"{old}/"):
                continue
            lines += [f"0 {'0' * len(kind.split()[1])}\t{path}"]
            lines += [f"{kind}\t{moved}"] if moved not in known else []
    if lines:
        run(folder, "update-index", "-z", "--index-info", given="\0".join(lines) + "\0")


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """A folder that is removed afterwards."""
    # Slow to load, and few commands need it.
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="bep-") as place:
        yield place


@contextmanager
def _own_index(
    folder: Path, paths: Iterable[str], contents: Mapping[str, bytes]
) -> Iterator[Mapping[str, str]]:
    """The environment of an index that has HEAD, these files as they are, and these contents.

    It is another one than the repository's: what is staged there does not count.
    """
    with _temporary_folder() as place:
        own = {"GIT_INDEX_FILE": f"{place}/index"}
        if has_commit(folder):
            run(folder, "read-tree", "HEAD", environment=own)
        if named := [_literal(path) for path in paths if path not in contents]:
            run(folder, "add", "--all", "--", *named, environment=own)
        _set_contents(folder, contents, own)
        yield own


def _set_contents(
    folder: Path, contents: Mapping[str, bytes], environment: Mapping[str, str]
) -> None:
    """Give files these contents in the index that the environment names; they keep their modes."""
    named = [_literal(path) for path in contents]
    listed = run(folder, "ls-files", "-s", "-z", "--", *named, environment=environment)
    entries = (entry.partition("\t") for entry in listed.split("\0") if named and entry)
    modes = {path: kind.split(" ")[0] for kind, _, path in entries}
    lines = []
    for path, content in contents.items():
        given = content.decode("utf-8", "surrogateescape")
        blob = run(folder, "hash-object", "-w", "--stdin", f"--path={path}", given=given)
        lines.append(f"{modes.get(path, '100644')} {blob}\t{path}\0")
    given = "".join(lines)
    run(folder, "update-index", "--add", "-z", "--index-info", given=given, environment=environment)


def differing(folder: Path, paths: Iterable[str], contents: Mapping[str, bytes]) -> dict[str, bool]:
    """Those files that HEAD has otherwise, and whether they are there.

    Files are compared as they are in the working tree, or would be with these `contents`, whatever
    is staged. Raises GitRefusal where Git ignores one.
    """
    with _own_index(folder, paths, contents) as own:
        options = ("--cached", "--name-status", "--no-renames", "-z", "--no-ext-diff")
        fields = run(folder, "diff", *options, "HEAD", environment=own).split("\0")
    return {path: kind != "D" for kind, path in zip(fields[0::2], fields[1::2], strict=False)}


def commit_files(
    folder: Path, paths: Iterable[str], contents: Mapping[str, bytes], message: str
) -> str:
    """Commit these files as they are, those of `contents` with these; return the commit's id.

    Nothing else is committed, and what else is staged stays so. The user's own hooks and signature
    apply. Raises GitRefusal where git or a hook refuses.
    """
    names = list(paths)
    with _own_index(folder, names, contents) as own:
        run(folder, "commit", "--quiet", "--file=-", given=message, environment=own)
    follow_head(folder, [*names, *contents])
    return run(folder, "rev-parse", "HEAD")


def _literal(path: str) -> str:
    return f":(top,literal){path}"


def follow_head(folder: Path, paths: Iterable[str]) -> None:
    """Make the index say of files what HEAD says; the files stay as they are."""
    if named := [_literal(path) for path in paths]:
        run(folder, "reset", "--quiet", "HEAD", "--", *named)


def joined(folder: Path, theirs: str, settled: Mapping[str, bytes], message: str) -> str:
    """A commit that merges `theirs` into HEAD; return its id. HEAD and working tree stay.

    `settled` has the contents of files that both sides changed in one place. Raises GitRefusal,
    with the path, where another one needs a person.
    """
    ours = run(folder, "rev-parse", "HEAD")
    base = run(folder, "merge-base", ours, theirs)
    with _temporary_folder() as place:
        own = {"GIT_INDEX_FILE": f"{place}/index"}
        run(folder, "read-tree", "-i", "-m", "--aggressive", base, ours, theirs, environment=own)
        _set_contents(folder, settled, own)
        stages: dict[str, dict[str, str]] = {}
        for entry in run(folder, "ls-files", "-u", "-z", environment=own).split("\0"):
            kind, _, path = entry.partition("\t")
            if path:
                mode, blob, stage = kind.split(" ")
                if not mode.startswith("100"):
                    # A link or a submodule has no lines to merge.
                    raise GitRefusal(f"both sides changed {path}")
                stages.setdefault(path, {})[stage] = blob
        merged = {path: _merged(folder, path, blobs) for path, blobs in stages.items()}
        _set_contents(folder, merged, own)
        tree = run(folder, "write-tree", environment=own)
    return run(folder, "commit-tree", tree, "-p", ours, "-p", theirs, given=message)


def _merged(folder: Path, path: str, blobs: Mapping[str, str]) -> bytes:
    """Both sides' changes of one file, given by its stages; raises GitRefusal where they clash."""
    if len(blobs) == 3:
        texts = contents(folder, blobs.values())
        ours, base, theirs = (texts[blobs[stage]] for stage in "213")
        if (text := merged_text(folder, ours, base, theirs)) is not None:
            return text
    raise GitRefusal(f"both sides changed {path}")


def merged_text(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """Both sides' changes of a text; None where they clash."""
    done = _merge_file(folder, ours, base, theirs)
    return done.stdout if done.returncode == 0 else None


def conflict_text(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> bytes:
    """Both sides' changes of a text, with conflict markers where they clash."""
    return _merge_file(folder, ours, base, theirs).stdout


def _merge_file(
    folder: Path, ours: bytes, base: bytes, theirs: bytes
) -> subprocess.CompletedProcess[bytes]:
    with _temporary_folder() as place:
        paths = [Path(place) / name for name in ("ours", "base", "theirs")]
        for path, content in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(content)
        return _ended(_Call(folder, ("merge-file", "-p", "--diff3", *map(str, paths))))


def forward(folder: Path, commit: str) -> None:
    """Move the branch and its working tree to a commit that descends from HEAD.

    Raises GitRefusal, with nothing changed, where a local change is in the way.
    """
    run(folder, "merge", "--quiet", "--ff-only", "--no-stat", commit)


def under_way(git_directory: Path) -> str:
    """What of a merge, rebase or the like waits for its end, in a word; '' for nothing."""
    marks = {
        "MERGE_HEAD": "merge",
        "rebase-merge": "rebase",
        "rebase-apply": "rebase",
        "CHERRY_PICK_HEAD": "cherry-pick",
        "REVERT_HEAD": "revert",
    }
    return next((marks[name] for name in marks if (git_directory / name).exists()), "")


class OtherSide(NamedTuple):
    """What is brought into HEAD: its `commit`, and the one that both sides come from, or ''.

    `branch` is the one that a rebase took off, '' for anything else.
    """

    commit: str
    fork: str
    branch: str = ""


def other_side(folder: Path, git_directory: Path) -> OtherSide | None:
    """The other side of the merge, rebase or cherry-pick that is under way; None without one.

    For a rebase that is what it goes onto: the commits that are picked are this side's.
    """
    for place in (git_directory / "rebase-merge", git_directory / "rebase-apply"):
        with suppress(OSError, UnicodeDecodeError):
            onto = (place / "onto").read_text().strip()
            taken_off = (place / "head-name").read_text().strip()
            is_branch = taken_off.startswith("refs/heads/")
            return OtherSide(onto, onto, taken_off.removeprefix("refs/heads/") if is_branch else "")
    names = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "CHERRY_PICK_HEAD^")
    merged, picked, parent = commits_of(folder, *names)
    if merged:
        return OtherSide(merged, merge_base(folder, merged))
    return OtherSide(picked, parent) if picked else None


def index_lock(git_directory: Path) -> Path:
    """The file that exists while a git process writes the index, or was killed as it did."""
    return git_directory / "index.lock"


def unmerged(folder: Path) -> set[str]:
    """The paths that a merge left in conflict."""
    listed = run(folder, "ls-files", "-u", "-z")
    return {entry.split("\t", 1)[1] for entry in listed.split("\0") if "\t" in entry}


def marker_size(folder: Path, path: str) -> int:
    """The length of merge-conflict markers in a file, which attributes can change."""
    said = answer(folder, "check-attr", "-z", "conflict-marker-size", "--", path).split("\0")
    value = said[2] if len(said) > 2 else ""
    return int(value) if re.fullmatch("[1-9][0-9]{0,3}", value) else merge_markers.USUAL_SIZE


class Status(NamedTuple):
    """How a path differs from HEAD: Git's two letters, index first; `??` is untracked."""

    path: str
    letters: str


def status(folder: Path, *paths: str) -> list[Status]:
    """The paths below `paths` that differ from HEAD or the index, with untracked ones."""
    options = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
    listed = run(folder, "status", *options, "--", *paths)
    return [Status(entry[3:], entry[:2]) for entry in listed.split("\0") if entry]


def contents_at_head(folder: Path, path: str) -> bytes | None:
    """The content of a file in HEAD, None where it has none.

    It is as Git would write it into the working tree: its attributes and settings may say other
    line endings, another encoding or a filter. Raises GitRefusal where that fails.
    """
    done = _ended(_Call(folder, ("cat-file", "--filters", f"HEAD:{path}")))
    if done.returncode and answer(folder, "rev-parse", "--verify", "--quiet", f"HEAD:{path}"):
        raise GitRefusal(_said(done))
    return None if done.returncode else done.stdout


def committed_id(folder: Path, path: str, content: bytes) -> str:
    """The id of the object that a commit would hold of a file with this content.

    '' where Git cannot convert it as its attributes say.
    """
    given = content.decode("utf-8", "surrogateescape")
    try:
        return run(folder, "hash-object", "--stdin", f"--path={path}", given=given)
    except GitRefusal:
        return ""


def content_at(folder: Path, commit: str, path: str) -> bytes | None:
    """The content of a file in a commit, None where it has none; of a link, where it leads."""
    done = _ended(_Call(folder, ("cat-file", "blob", f"{commit}:{path}")))
    return done.stdout if done.returncode == 0 else None


def clone_bare(address: str, folder: Path) -> None:
    """Clone the repository at `address` into the new `folder`, without a working tree.

    Raises GitRefusal if it cannot be cloned.
    """
    run(folder.parent, "clone", "--quiet", "--bare", "--", address, str(folder))


def mirror(address: str, folder: Path) -> None:
    """Make branches, tags and HEAD of the bare repository `folder` those of another one.

    The repository is made where there is none; the address, which may hold a password, is not
    stored there. Raises GitRefusal if the other repository does not answer.
    """
    there = remote_refs(folder.parent, address, "refs/heads/*", "refs/tags/*")
    if not folder.exists():
        kind = "sha256" if any(len(oid) > _SHA1 for oid in there.refs.values()) else "sha1"
        run(folder.parent, "init", "--quiet", "--bare", f"--object-format={kind}", str(folder))
    prefixes = ("refs/heads/", "refs/tags/")
    wanted = {
        ref: oid
        for ref, oid in there.refs.items()
        if ref.startswith(prefixes) and not ref.endswith("^{}")
    }
    if wanted != refs(folder, *prefixes):
        run(
            folder,
            "fetch",
            *("--quiet", "--prune", "--force", "--update-shallow", "--no-write-fetch-head"),
            *("--", address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"),
        )
    if there.head:
        run(folder, "symbolic-ref", "HEAD", f"refs/heads/{there.head}")


def commit_of(folder: Path, revision: str) -> str:
    """The commit that a name, tag or description means, '' if there is none."""
    return answer(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )


def commits_of(folder: Path, *revisions: str) -> list[str]:
    """What `commit_of` returns for each name, from one process."""
    given = "".join(f"{one}^{{commit}}\n" for one in revisions)
    form = "--batch-check=%(objecttype) %(objectname)"
    lines = run(folder, "cat-file", form, given=given).split("\n")
    return [line.removeprefix("commit ") if line.startswith("commit ") else "" for line in lines]


def description(folder: Path, commit: str, tags: Sequence[str]) -> str:
    """A commit by one of `tags` before it, `v1.0.0-3-gabcdef0`; its short id without one."""
    chosen = [f"--match={tag}" for tag in tags] or ["--exclude=*"]
    return answer(folder, "describe", "--tags", "--always", *chosen, commit)


def tags(folder: Path) -> dict[str, str]:
    """The names of all tags, with the object that each is of."""
    form = "--format=%(objectname) %(*objectname) %(refname:lstrip=2)"
    listed = run(folder, "for-each-ref", form, "refs/tags/")
    found = (line.split(" ", 2) for line in listed.split("\n") if line)
    return {name: of or own for own, of, name in found}


def is_ancestor(folder: Path, commit: str, of: str) -> bool:
    """Whether `of` is `commit` or descends from it."""
    try:
        run(folder, "merge-base", "--is-ancestor", commit, of)
    except GitRefusal:
        return False
    return True


def is_reached(folder: Path, commit: str, tips: Iterable[str]) -> bool:
    """Whether any of the objects `tips` is `commit` or descends from it; unknown ones do not."""
    given = "".join(f"{one}\n" for one in (commit, *(f"^{tip}" for tip in tips)))
    options = ("--ignore-missing", "--max-count=1", "--stdin")
    return not run(folder, "rev-list", *options, given=given)


def export(folder: Path, commit: str, target: Path, *, without: Sequence[str]) -> None:
    """Write the files of a commit into `target`, but for the folders `without`.

    Raises GitRefusal where the commit is not in the repository.
    """
    import tarfile

    excluded = [f":(exclude,top){name}" for name in without]
    call = ("archive", "--format=tar", commit, "--", ".", *excluded)
    done = _ended(_Call(folder, call, settings=_TEMPLATE_SETTINGS))
    if done.returncode:
        raise GitRefusal(_said(done))
    made = {target}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            # Links are not needed, and full extraction of an archive costs twice this.
            content = archive.extractfile(member) if member.isfile() else None
            name = PurePosixPath(member.name)
            if content is None or name.is_absolute() or ".." in name.parts:
                continue
            path = target / name
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            path.write_bytes(content.read())


def has_changed(folder: Path, since: str, path: str) -> bool:
    """Whether a commit of HEAD that is not in `since` changed a file."""
    options = ("--max-count=1", f"{since}..HEAD", "--", _literal(path))
    return bool(answer(folder, "rev-list", *options))


def merge_base(folder: Path, *commits: str) -> str:
    """The newest commit that HEAD has in common with any of `commits`.

    '' where there is none, or where a shallow clone does not hold it.
    """
    return answer(folder, "merge-base", "HEAD", *commits).split("\n")[0]


def working_paths(folder: Path) -> frozenset[str]:
    """The files of the working tree from its root: tracked ones that are there, and new ones.

    Ignored files are none of it. A submodule, and another repository inside, is one path.
    """
    options = ("-z", "-t", "--cached", "--deleted", "--others", "--exclude-standard")
    entries = run(folder, "ls-files", *options).split("\0")[:-1]
    gone = {entry[2:] for entry in entries if entry.startswith("R ")}
    return frozenset({entry[2:].removesuffix("/") for entry in entries} - gone)


def blobs(folder: Path, commit: str) -> dict[str, str]:
    """The files of a commit by their paths from the root, with the ids of their contents.

    The id of a symbolic link or a submodule is ''.
    """
    listed = run(folder, "ls-tree", "-r", "-z", "--full-tree", commit)
    found = {}
    for entry in filter(None, listed.split("\0")):
        kind, path = entry.split("\t", 1)
        mode, _, blob = kind.split(" ")
        found[path] = blob if mode.startswith("100") else ""
    return found


def changed_files(folder: Path, commit: str) -> frozenset[str]:
    """The tracked files that differ between a commit and the working tree."""
    listed = run(folder, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", commit)
    return frozenset(name for name in listed.split("\0") if name)


def new_files(folder: Path) -> frozenset[str]:
    """The files that Git neither tracks nor ignores, from the root of the working tree `folder`."""
    listed = run(folder, "ls-files", "-z", "--others", "--exclude-standard")
    return frozenset(name for name in listed.split("\0") if name)


def changed_modes(folder: Path, commit: str, *paths: str) -> dict[str, tuple[str, str]]:
    """The modes of tracked files that differ between a commit and the working tree, old and new.

    A mode is as Git has it, `100644`; that of a missing file is `000000`. Only `paths` count.
    """
    options = ("--raw", "-z", "--no-renames", "--no-ext-diff")
    named = [f":(top,literal){path}" for path in paths]
    fields = run(folder, "diff", *options, commit, "--", *named).split("\0")
    found = {}
    for said, path in zip(fields[0::2], fields[1::2], strict=False):
        old, new = said.removeprefix(":").split(" ")[:2]
        if old != new:
            found[path] = old, new
    return found


def renamed_files(folder: Path, commit: str, *paths: str) -> dict[str, str]:
    """The old names of tracked files below `paths` that were renamed since a commit, by their new.

    A new file that Git does not track yet is not seen as a renamed one.
    """
    options = ("--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff")
    below = [f":(top,literal){path}" for path in paths]
    fields = run(folder, "diff", *options, commit, "--", *below).split("\0")
    return dict(zip(fields[2::3], fields[1::3], strict=False))


class Match(NamedTuple):
    """What a pattern matched in a line of a file."""

    path: str
    line: int
    text: str


def matches_in_files(
    folder: Path,
    pattern: str,
    *,
    paths: Sequence[str] = (),
    without: Sequence[str],
    commit: str = "",
) -> list[Match]:
    """What matches a pattern as a word, in text files below `paths`, from the root; () is all.

    The paths `without` are left out, with everything below them. The files are those of a commit,
    or, with '', of the working tree: tracked ones, and new ones that are not ignored.
    """
    options = ("-z", "-I", "--word-regexp", "--only-matching", "--extended-regexp", "--full-name")
    plain = ("--no-color", "--line-number", "--no-column", "--no-heading", "--no-break")
    below = [_literal(path) for path in paths] or [":(top)"]
    excluded = [f":(top,exclude,literal){path}" for path in without]
    where = (commit,) if commit else ("--untracked",)
    said = answer(folder, "grep", *options, *plain, "-e", pattern, *where, "--", *below, *excluded)
    # Only a path can hold a line break.
    found = _FOUND.findall(said)
    before = len(f"{commit}:") if commit else 0
    return [Match(path[before:], int(line), text) for path, line, text in found]


class Commit(NamedTuple):
    """A commit with its message and the files that it changed, none for a merge."""

    id: str
    message: str
    paths: tuple[str, ...]


def commits_saying(folder: Path, pattern: str, most: int) -> list[Commit]:
    """The newest commits of HEAD's history whose messages match a pattern, at most so many."""
    options = ("--extended-regexp", f"--grep={pattern}", f"--max-count={most}")
    # Names are never empty, so an empty field ends them.
    form = ("--no-show-signature", "--no-color", "--format=%x00%H%x00%B%x00")
    diff = ("--no-renames", "--no-ext-diff", "--name-only", "-z")
    try:
        said = run(folder, "log", *options, *form, *diff, environment=_NO_FETCH)
    except GitRefusal:
        # There is no commit yet, or the clone lacks a part of the history.
        return []
    fields = iter(said.split("\0"))
    found = []
    field = next(fields, None)
    while field is not None:
        if not field:
            field = next(fields, None)
            continue
        commit, message, paths = field, next(fields, ""), []
        field = next((one for one in fields if one), None)
        if field and field.startswith("\n"):
            paths = [field[1:]]
            while field := next(fields, None):
                paths.append(field)
        found.append(Commit(commit, message, tuple(paths)))
    return found


class FileChange(NamedTuple):
    """What a commit did to a file, by the ids of its contents: '' where there is none.

    `before` is the path that the file had, '' for a new one.
    """

    path: str
    before: str
    old: str
    new: str


class LogEntry(NamedTuple):
    """A commit of the log with the files that it changed, a merge compared to its first parent.

    `time` is when it was written, in seconds since 1970; None where it does not say.
    """

    id: str
    tree: str
    time: int | None
    parents: tuple[str, ...]
    changes: tuple[FileChange, ...]


_RAW = ("--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-relative")


def log_of_folders(folder: Path, tips: Iterable[str], below: Sequence[str]) -> Iterator[LogEntry]:
    """Every commit in the histories of `tips`, children first, with its changes below some folders.

    Renames inside of these are followed; in a partial clone, those that change nothing else.
    Raises GitRefusal where a part of the history is broken.
    """
    options = ("--topo-order", "--full-history", "--sparse", "--root", "--no-follow")
    form = ("--diff-merges=first-parent", "--format=%H %T %at %P", "--no-show-signature")
    paths = ("--", *map(_literal, below))
    given = "".join(f"{tip}\n" for tip in tips)

    def asked(*more: str) -> str:
        call = ("log", *options, *form, *_RAW, *more, "--stdin", *paths)
        return run(folder, *call, given=given, environment=_NO_FETCH)

    try:
        said = asked()
    except GitRefusal:
        # To compare contents, it would have to fetch them.
        said = asked("--find-renames=100%")
    fields = iter(said.split("\0"))
    field = next(fields, "")
    while field:
        commit, tree, time, *parents = field.split(" ")
        field = next(fields, "")
        changes, field = _file_changes(field.removeprefix("\n"), fields)
        written = int(time) if time.isdecimal() else None
        yield LogEntry(commit, tree, written, tuple(filter(None, parents)), changes)


def _file_changes(field: str, fields: Iterator[str]) -> tuple[tuple[FileChange, ...], str]:
    """The changes of raw output that begin with a field, and the first field behind them."""
    changes = []
    while field.startswith(":"):
        old_mode, new_mode, old, new, kind = field[1:].split(" ")
        before = path = next(fields)
        if kind[0] in "RC":
            path = next(fields)
        # A link or a submodule is no file that can be read.
        old = old if old_mode.startswith("100") else ""
        new = new if new_mode.startswith("100") else ""
        changes.append(FileChange(path, before if old else "", old, new))
        field = next(fields, "")
    return tuple(changes), field


def tree_changes(
    folder: Path, pairs: Sequence[tuple[str, str]], below: Sequence[str] = ()
) -> list[tuple[FileChange, ...]]:
    """What differs between the trees of each pair, below some folders or, without any, anywhere."""
    given = "".join(f"{old} {new}\n" for old, new in pairs)
    paths = ("--", *map(_literal, below))
    call = ("diff-tree", "--stdin", "-r", *_RAW, *paths)
    found: list[tuple[FileChange, ...]] = []
    if not pairs:
        return found
    fields = iter(run(folder, *call, given=given, environment=_NO_FETCH).split("\0"))
    field = next(fields, "")
    while field:
        # A line names each pair, also one between which nothing differs.
        *headers, field = field.split("\n")
        found += [()] * len(headers)
        if field:
            found[-1], field = _file_changes(field, fields)
    return found


def shallow_commits(git_directory: Path) -> frozenset[str]:
    """The commits behind which the history of this clone is cut off; none in a full clone."""
    with suppress(OSError, UnicodeDecodeError):
        return frozenset((common_directory(git_directory) / "shallow").read_text("ascii").split())
    return frozenset()


def contents(folder: Path, wanted: Iterable[str]) -> Mapping[str, bytes]:
    """What the objects with these ids hold; one process for all of them."""
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return {}
    given = "".join(f"{one}\n" for one in asked)
    said = run(folder, "cat-file", "--batch", given=given).encode("utf-8", "surrogateescape")
    found, at = {}, 0
    for one in asked:
        header, _, _ = said[at : at + 200].partition(b"\n")
        name, kind, *size = header.decode().split(" ")
        if not size:
            raise GitRefusal(f"the object {name} is {kind}")
        at += len(header) + 1
        found[one] = said[at : at + int(size[0])]
        at += int(size[0]) + 1
    return found


class Object(NamedTuple):
    """An object of Git: `kind` is `commit`, `tree`, `blob` or `tag`.

    `content` is None where it is larger than was asked for.
    """

    id: str
    kind: str
    content: bytes | None


class Objects:
    """Objects by their names, from one `git cat-file`; a missing one is never fetched."""

    def __init__(self, folder: Path, environment: Mapping[str, str], largest: int) -> None:
        self._folder, self._environment, self._largest = folder, environment, largest
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, wanted: Iterable[str]) -> dict[str, Object]:
        """The objects with these names, such as `1a2b…` or `1a2b…:folder`, that are here."""
        # A line break would make two requests of one.
        asked = [one for one in dict.fromkeys(wanted) if "\n" not in one]
        found: dict[str, Object] = {}
        while asked:
            size = count = 0
            while count < len(asked) and size < _REQUESTS:
                size += len(asked[count].encode("utf-8", "surrogateescape")) + 1
                count += 1
            done = self._answers(asked[:count], found)
            asked = asked[done:]
        return found

    def _answers(self, names: Sequence[str], found: dict[str, Object]) -> int:
        """Add what Git answers to some requests; return how many it has answered."""
        process = self._process = self._process or self._started()
        if process.stdin is None or process.stdout is None:
            raise ValueError("a process without pipes")
        with suppress(BrokenPipeError):
            requests = "".join(f"{name}\n" for name in names)
            process.stdin.write(requests.encode("utf-8", "surrogateescape"))
            process.stdin.flush()
        for count, name in enumerate(names, 1):
            header = process.stdout.readline().decode("utf-8", "replace").split()
            if not header:
                # It died of this object, which is broken.
                self.close()
                return count
            if len(header) != 3 or not header[2].isdecimal():
                continue
            if (size := int(header[2])) > self._largest:
                found[name] = Object(header[0], header[1], None)
                # Nobody wants to wait until a huge file has come through the pipe.
                self.close()
                return count
            content = process.stdout.read(size + 1)[:size]
            if len(content) == size:
                found[name] = Object(header[0], header[1], content)
        return len(names)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**_environment(self._folder, {}), **self._environment},
        )

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(BrokenPipeError):
                process.communicate()


@contextmanager
def objects(folder: Path, git_directory: Path, largest: int) -> Iterator[Objects]:
    """Read objects of the repository; of one larger than `largest` bytes, not the content."""
    with ExitStack() as stack:
        environment: dict[str, str] = dict(_NO_FETCH)
        if _is_partial(git_directory):
            # Git ends at the first object that it wants to fetch and may not. In a repository of no
            # remote, with these objects, a missing one is just missing.
            place = stack.enter_context(_temporary_folder())
            asked = ("--path-format=absolute", "--git-path", "objects", "--show-object-format")
            path, form = run(folder, "rev-parse", *asked).split("\n")
            run(
                folder, "init", "--quiet", "--bare", "--template=", f"--object-format={form}", place
            )
            environment |= {"GIT_DIR": place, "GIT_OBJECT_DIRECTORY": path}
        found = Objects(folder, environment, largest)
        stack.callback(found.close)
        yield found


def _is_partial(git_directory: Path) -> bool:
    """Whether objects may be missing because the clone left them at its remote."""
    return any(common_directory(git_directory).glob("objects/pack/*.promisor"))


def common_directory(git_directory: Path) -> Path:
    """The Git directory that all working trees of the repository share."""
    with suppress(OSError, UnicodeDecodeError):
        return git_directory / (git_directory / "commondir").read_text().strip()
    return git_directory


class Branch(NamedTuple):
    """A branch of this repository or a remote one: the full name of its ref, and its tip."""

    ref: str
    tip: str
    is_current: bool

    @property
    def name(self) -> str:
        """The name of a local branch, without `refs/heads/`."""
        return self.ref.removeprefix("refs/heads/")


class KnownBranches(NamedTuple):
    """The branches that are known here, and the full names of those of the remotes' HEADs."""

    branches: tuple[Branch, ...]
    heads: Mapping[str, str]

    @property
    def tips(self) -> dict[str, str]:
        """The tips of the branches, and of the remotes' HEADs, by the full names of their refs."""
        known = {one.ref: one.tip for one in self.branches}
        heads = {ref: known[branch] for ref, branch in self.heads.items() if branch in known}
        return known | heads

    @property
    def current(self) -> Branch | None:
        """The branch of HEAD; None where HEAD is detached or has no commit yet."""
        return next((one for one in self.branches if one.is_current), None)


def branches(folder: Path) -> KnownBranches:
    """All local branches, and those of remotes as they were fetched."""
    form = "%(HEAD)%00%(objectname)%00%(refname)%00%(symref)"
    listed = run(folder, "for-each-ref", f"--format={form}", "refs/heads/", "refs/remotes/")
    found, heads = [], {}
    for line in filter(None, listed.split("\n")):
        current, tip, ref, leads_to = line.split("\0")
        if leads_to:
            heads[ref] = leads_to
        else:
            found.append(Branch(ref, tip, current == "*"))
    return KnownBranches(tuple(found), heads)


def is_shallow(git_directory: Path) -> bool:
    """Whether the history of this clone is cut off."""
    return (common_directory(git_directory) / "shallow").exists()


def history_of(folder: Path, commits: Sequence[str], path: str) -> frozenset[str]:
    """The ids of all files and folders that a path has held in the history of some commits.

    Raises GitRefusal where a part of it is not here.
    """
    options = ("--objects", "--no-object-names", "--full-history", "--missing=allow-any")
    call = ("rev-list", *options, *commits, "--", f":(top,literal){path}")
    return frozenset(run(folder, *call, environment=_NO_FETCH).split("\n"))
