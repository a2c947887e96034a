"""What commits, trees and blobs hold."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from . import git_clone
from .git_process import (
    NO_FETCH,
    GitRefusal,
    Talk,
    answer,
    ended,
    items,
    run,
    talk,
    temporary_folder,
)

# Settings on which the files of a template depend, and those that run programs for a checkout.
_TEMPLATE_SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "status.showUntrackedFiles": "normal",
}
# The length of an object's id in a repository of the usual kind.
SHA1_LENGTH = 40
# More than this of requests that nobody has read yet might not fit into a pipe.
_REQUESTS = 4_000


def messages_of(folder: Path, objects: Sequence[str]) -> dict[str, str | None]:
    """The messages of those `objects` that are here; None for one that is not a commit."""
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


def contents_at_head(folder: Path, path: str) -> bytes | None:
    """The content of a file in HEAD, None if it has none.

    It is as Git would write it into the working tree: its attributes and settings may say other
    line endings, another encoding or a filter. Raises GitRefusal if that fails.
    """
    done = ended(folder, "cat-file", "--filters", f"HEAD:{path}")
    if done.code and answer(folder, "rev-parse", "--verify", "--quiet", f"HEAD:{path}"):
        raise GitRefusal(done.said)
    return None if done.code else done.out


def committed_id(folder: Path, path: str, content: bytes) -> str:
    """The id of the object that a commit would hold of a file with this content.

    '' if Git cannot convert it as its attributes say.
    """
    try:
        return run(folder, "hash-object", "--stdin", f"--path={path}", given=content)
    except GitRefusal:
        return ""


def content_at(folder: Path, commit: str, path: str) -> bytes | None:
    """The content of a file in a commit, None if it has none; of a link, where it leads."""
    done = ended(folder, "cat-file", "blob", f"{commit}:{path}")
    return None if done.code else done.out


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


def has_commit(folder: Path) -> bool:
    """Whether HEAD points to a commit."""
    return bool(commit_of(folder, "HEAD"))


def export(folder: Path, commit: str, target: Path, *, without: Sequence[str]) -> None:
    """Write the files of a commit into `target`, but for the folders `without`.

    Raises GitRefusal if the commit is not in the repository.
    """
    import tarfile

    excluded = [f":(exclude,top){name}" for name in without]
    call = ("archive", "--format=tar", commit, "--", ".", *excluded)
    done = ended(folder, *call, settings=_TEMPLATE_SETTINGS)
    if done.code:
        raise GitRefusal(done.said)
    made = {target}
    with tarfile.open(fileobj=io.BytesIO(done.out)) as archive:
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


def blobs(folder: Path, commit: str) -> dict[str, str]:
    """The files of a commit by their paths from the root, with the ids of their contents.

    The id of a symbolic link or a submodule is ''.
    """
    found = {}
    for entry in items(folder, "ls-tree", "-r", "-z", "--full-tree", commit):
        kind, path = entry.split("\t", 1)
        mode, _, blob = kind.split(" ")
        found[path] = blob if mode.startswith("100") else ""
    return found


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

    `content` is None if it is larger than was asked for.
    """

    id: str
    kind: str
    content: bytes | None


class Objects:
    """Objects by their names, from one `git cat-file`; a missing one is never fetched."""

    def __init__(self, folder: Path, environment: Mapping[str, str], largest: int) -> None:
        self._folder, self._environment, self._largest = folder, environment, largest
        self._process: Talk | None = None

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
        process = self._process = self._process or talk(
            self._folder, "cat-file", "--batch", environment=self._environment
        )
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
        environment: dict[str, str] = dict(NO_FETCH)
        if git_clone.is_partial(git_directory):
            # Git ends at the first object that it wants to fetch and may not. In a repository of no
            # remote, with these objects, a missing one is just missing.
            place = stack.enter_context(temporary_folder())
            asked = ("--path-format=absolute", "--git-path", "objects", "--show-object-format")
            path, form = run(folder, "rev-parse", *asked).split("\n")
            run(
                folder, "init", "--quiet", "--bare", "--template=", f"--object-format={form}", place
            )
            environment |= {"GIT_DIR": place, "GIT_OBJECT_DIRECTORY": path}
        found = Objects(folder, environment, largest)
        stack.callback(found.close)
        yield found
