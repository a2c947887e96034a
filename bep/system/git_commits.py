"""Commits of some files, and what moves the index and the branch with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import git_merge, git_objects
from .git_process import GitRefusal, answer, items, literal, run, temporary_folder

_COMMITTER = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "bep"), ("EMAIL", "bep@localhost"))
}


def commit_empty(folder: Path, text: str) -> str:
    """A new commit without parents and files that says `text`; returns its id.

    Works without a Git identity: the message says who made it.
    """
    tree = run(folder, "mktree")
    return run(folder, "commit-tree", "--no-gpg-sign", tree, given=text, environment=_COMMITTER)


def move_in_index(folder: Path, moves: Sequence[tuple[str, str]]) -> None:
    """Make the index follow files and directories that were renamed, as `git mv` does.

    Untracked files stay untracked; changes that were not staged stay unstaged. What follows already
    stays as it is. Raises GitRefusal, with nothing changed, if the index is locked.
    """
    lines, intended = [], []
    for old, new in moves:
        both = (f":(literal){old}", f":(literal){new}")
        listed = items(folder, "ls-files", "-s", "-z", "--", *both)
        entries = [entry.split("\t", 1) for entry in listed]
        known = {path for _, path in entries}
        only_intended = _only_intended(folder, known)
        for kind, path in entries:
            moved = f"{new}{path.removeprefix(old)}"
            if path != old and not path.startswith(f"{old}/"):
                continue
            lines += [f"0 {'0' * len(kind.split()[1])}\t{path}"]
            if path in only_intended:
                intended.append(f":(literal){moved}")
            elif moved not in known:
                lines.append(f"{kind}\t{moved}")
    if lines:
        run(folder, "update-index", "-z", "--index-info", given="\0".join(lines) + "\0")
    if intended:
        run(folder, "add", "--intent-to-add", "--sparse", "--", *intended)


def _only_intended(folder: Path, known: Collection[str]) -> set[str]:
    """The files of the index that have no content there: `git add --intent-to-add`."""
    if not known:
        return set()
    staged = items(folder, "diff", "--cached", "--name-only", "--no-renames", "-z")
    in_head = answer(folder, "ls-tree", "--name-only", "-z", "-r", "HEAD", "--", *known).split("\0")
    return {*known} - {*staged} - {*in_head}


@contextmanager
def _own_index(
    folder: Path, paths: Iterable[str], contents: Mapping[str, bytes]
) -> Iterator[Mapping[str, str]]:
    """The environment of an index that has HEAD, these files as they are, and these contents.

    It is another one than the repository's: what is staged there does not count.
    """
    with temporary_folder() as place:
        own = {"GIT_INDEX_FILE": f"{place}/index"}
        if git_objects.has_commit(folder):
            run(folder, "read-tree", "HEAD", environment=own)
        if named := [literal(path) for path in paths if path not in contents]:
            # Also what a sparse checkout would not have there.
            run(folder, "add", "--all", "--sparse", "--", *named, environment=own)
        _set_contents(folder, contents, own)
        yield own


def _set_contents(
    folder: Path, contents: Mapping[str, bytes], environment: Mapping[str, str]
) -> None:
    """Give files these contents in the index that the environment names; they keep their modes."""
    if not contents:
        return
    named = map(literal, contents)
    listed = items(folder, "ls-files", "-s", "-z", "--", *named, environment=environment)
    modes = {path: kind.split(" ")[0] for kind, _, path in (one.partition("\t") for one in listed)}
    lines = []
    for path, content in contents.items():
        blob = run(folder, "hash-object", "-w", "--stdin", f"--path={path}", given=content)
        lines.append(f"{modes.get(path, '100644')} {blob}\t{path}\0")
    given = "".join(lines)
    run(folder, "update-index", "--add", "-z", "--index-info", given=given, environment=environment)


def differing(folder: Path, paths: Iterable[str], contents: Mapping[str, bytes]) -> dict[str, bool]:
    """Those files that HEAD has otherwise, and whether they are there.

    Files are compared as they are in the working tree, or would be with these `contents`, whatever
    is staged. Raises GitRefusal if Git ignores one.
    """
    with _own_index(folder, paths, contents) as own:
        options = ("--cached", "--name-status", "--no-renames", "-z", "--no-ext-diff")
        fields = items(folder, "diff", *options, "HEAD", environment=own)
    return {path: kind != "D" for kind, path in zip(fields[0::2], fields[1::2], strict=True)}


def commit_files(
    folder: Path, paths: Iterable[str], contents: Mapping[str, bytes], message: str
) -> str:
    """Commit these files as they are, those of `contents` with these; return the commit's id.

    Nothing else is committed, and the repository's index stays as it is. The user's own hooks and
    signature apply. Raises GitRefusal if git or a hook refuses.
    """
    with _own_index(folder, paths, contents) as own:
        # No setting may take a line that begins with # for a comment.
        options = ("--quiet", "--cleanup=whitespace", "--file=-")
        run(folder, "commit", *options, given=message, environment=own)
    return run(folder, "rev-parse", "HEAD")


def follow_head(folder: Path, paths: Iterable[str]) -> None:
    """Reset files in the index to HEAD; the files themselves stay as they are."""
    if named := [literal(path) for path in paths]:
        run(folder, "reset", "--quiet", "HEAD", "--", *named)


def joined(folder: Path, theirs: str, settled: Mapping[str, bytes], message: str) -> str:
    """A commit that merges `theirs` into HEAD; return its id. HEAD and working tree stay.

    `settled` has the contents of files that both sides changed in one place. Raises GitRefusal,
    with the path, if another one needs a person.
    """
    ours = run(folder, "rev-parse", "HEAD")
    base = run(folder, "merge-base", ours, theirs)
    with temporary_folder() as place:
        own = {"GIT_INDEX_FILE": f"{place}/index"}
        run(folder, "read-tree", "-i", "-m", "--aggressive", base, ours, theirs, environment=own)
        _set_contents(folder, settled, own)
        stages: dict[str, dict[str, str]] = {}
        for entry in items(folder, "ls-files", "-u", "-z", environment=own):
            kind, _, path = entry.partition("\t")
            mode, blob, stage = kind.split(" ")
            if not mode.startswith("100"):
                # A link or a submodule has no lines to merge.
                raise GitRefusal(f"both sides changed {path}")
            stages.setdefault(path, {})[stage] = blob
        merged = {path: _merged(folder, path, blobs) for path, blobs in stages.items()}
        _set_contents(folder, merged, own)
        tree = run(folder, "write-tree", environment=own)
    # The command that makes commits for people would read the setting itself.
    signs = answer(folder, "config", "--type=bool", "commit.gpgSign") == "true"
    options = ("-S",) if signs else ()
    return run(folder, "commit-tree", *options, tree, "-p", ours, "-p", theirs, given=message)


def _merged(folder: Path, path: str, blobs: Mapping[str, str]) -> bytes:
    """Both sides' changes of one file, given by its stages; raises GitRefusal if they clash."""
    if len(blobs) == 3:
        texts = git_objects.contents(folder, blobs.values())
        ours, base, theirs = (texts[blobs[stage]] for stage in "213")
        if (text := git_merge.merged_text(folder, ours, base, theirs)) is not None:
            return text
    raise GitRefusal(f"both sides changed {path}")


def forward(folder: Path, commit: str) -> None:
    """Move the branch and its working tree to a commit that descends from HEAD.

    Raises GitRefusal, with nothing changed, if a local change is in the way.
    """
    run(folder, "merge", "--quiet", "--ff-only", "--no-stat", commit)
