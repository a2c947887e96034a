"""Git's settings of a user change nothing: each task gives the same output and the same bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import forks
from tests.conftest import copy_repository, files_of, run_git

SETTINGS = r"""
[branch]
    autoSetupMerge = always
    sort = -committerdate
[clone]
    defaultRemoteName = upstream
[color]
    ui = always
    diff = always
    status = always
[column]
    ui = always
[commit]
    gpgSign = true
[core]
    abbrev = 40
    attributesFile = {folder}/attributes
    autocrlf = true
    fsmonitor = {folder}/fails
    logAllRefUpdates = always
    pager = {folder}/fails
    quotePath = true
    untrackedCache = true
    warnAmbiguousRefs = false
[diff]
    colorMoved = zebra
    external = {folder}/fails
    ignoreSubmodules = all
    mnemonicPrefix = true
    noprefix = true
    orderFile = {folder}/missing
    relative = true
    renameLimit = 1
    renames = copies
[fetch]
    all = true
    prune = true
    pruneTags = true
    recurseSubmodules = true
[format]
    pretty = fuller
[gpg]
    program = {folder}/fails
[grep]
    column = true
    fullName = true
    lineNumber = true
    patternType = fixed
[i18n]
    commitEncoding = ISO-8859-1
    logOutputEncoding = ISO-8859-1
[init]
    defaultBranch = trunk
[log]
    date = iso
    decorate = full
    follow = true
    showSignature = true
[merge]
    renames = false
[pager]
    diff = {folder}/fails
    for-each-ref = {folder}/fails
    log = {folder}/fails
    status = {folder}/fails
[push]
    default = nothing
    followTags = true
    gpgSign = true
    pushOption = x
    recurseSubmodules = on-demand
[remote "origin"]
    mirror = true
    prune = true
    pruneTags = true
    tagOpt = --tags
[safe]
    bareRepository = explicit
[status]
    branch = true
    relativePaths = false
    renames = copies
    short = true
    showStash = true
    showUntrackedFiles = no
[submodule]
    recurse = true
[tag]
    forceSignAnnotated = true
    gpgSign = true
    sort = -version:refname
"""
VARIABLES = {
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "false",
    "GIT_PAGER_IN_USE": "1",
    "LANGUAGE": "de",
    "LC_MESSAGES": "de_DE.UTF-8",
}
# Commits and the time at which the remote was asked.
VARYING = re.compile(r"\b[0-9a-f]{9}\b|\d\d:\d\d(?=; `bep sync`)")
TITLE = "Größe der Sitzungen"
TASKS = (
    ("init", "--agents"),
    ("reserve", TITLE, "--no-branch"),
    ("reserve", TITLE, "--no-branch"),
    ("list", "--json"),
    ("unreserve", "1006"),
    ("sync",),
    ("new", TITLE, "--defaults", "--to=v1.0.0"),
    ("reserve", "Entwürfe"),
    ("new", "Überlast", "--defaults", "--layout=segmented", "--data=components=a,b"),
    ("check",),
    ("check", "--since", "HEAD~1"),
    ("review", "HEAD~1"),
    ("ask", "1001", "--question=How many?"),
    ("decide", "1001", "--question=How many?", "--decision=Two", "--rationale=Enough"),
    ("list", "--attention"),
    ("list", "--times"),
    ("adopt", "1001"),
    ("update", "--dry-run"),
    ("update",),
    ("update", "--to=main"),
    ("renumber", "1006", "--to=1010"),
    ("check", "--since=HEAD"),
    ("add-document", "1008", "--name=limits", "--scope=Größe"),
    ("mark", "1010", "rejected", "--reason=No"),
    ("context", "1008"),
    ("search", "Größe"),
    ("governs", "."),
    ("unreserve", "1007"),
)


class Life(NamedTuple):
    """What each task answered, and the files after it."""

    answers: list[tuple[int, str, str]]
    files: list[dict[str, bytes]]


def lived(folder: Path, start: Path, variables: dict[str, str]) -> Life:
    """A repository with a shared one, in which all tasks are called, one after another."""
    folder.mkdir()
    shared, project = folder / "shared.git", folder / "repository"
    run_git(folder, "clone", "--quiet", "--bare", str(start), str(shared))
    run_git(folder, "clone", "--quiet", str(shared), str(project))
    life = Life([], [])
    for task in TASKS:
        done = forks.run("bep", project, *task, environment={**os.environ, **variables})
        said = (VARYING.sub("...", text) for text in (done.stdout, done.stderr))
        life.answers.append((done.returncode, *said))
        life.files.append(files_of(project))
        run_git(project, "add", "--all")
        run_git(project, "commit", "--quiet", "--allow-empty", "--message=More")
    return life


@pytest.fixture(scope="module")
def lives(template: Path, _start: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Life]:
    """The same life under the tests' settings and under all of the above."""
    folder = tmp_path_factory.mktemp("settings")
    revised = copy_repository(template, folder / "template")
    guide = revised / "guide.yml"
    for word, tag in (("THIS", "v1.1.0"), ("Any", "")):
        guide.write_text(re.sub(r"Why \w+ change", f"Why {word} change", guide.read_text()))
        run_git(revised, "commit", "--quiet", "--all", f"--message={word}")
        run_git(revised, "tag", *([tag] if tag else ["--list"]))
    start = copy_repository(_start, folder / "start")
    (start / "invoke.yaml").write_text(f"bep:\n  template: {revised}\n")
    with (start / "proposals/BEP-1001-event-journal.md").open("a") as document:
        document.write("\n## Open Questions\n\n- How long?\n")
    (start / "sessions.py").write_text("# BEP-1008 says why.\n")
    run_git(start, "add", "sessions.py")
    run_git(start, "commit", "--quiet", "--all", "--message=Question", "--date=2026-01-01T12:00Z")
    (folder / "attributes").write_text("*.jinja export-ignore\n*.md diff=none\n")
    (folder / "fails").write_text("#!/bin/sh\nexit 1\n")
    (folder / "fails").chmod(0o755)
    config = folder / "gitconfig"
    plain = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    config.write_text(plain + SETTINGS.format(folder=folder))
    full = {**VARIABLES, "GIT_CONFIG_GLOBAL": str(config)}
    return [lived(folder / "plain", start, {}), lived(folder / "full", start, full)]


@pytest.mark.sample(5)
@pytest.mark.parametrize("at", range(len(TASKS)), ids=lambda at: " ".join(TASKS[at][:2]))
def test_a_task_gives_the_same_output_and_the_same_bytes(lives, at):
    plain, full = lives
    assert full.answers[at] == plain.answers[at]
    assert full.files[at] == plain.files[at]
    assert plain.answers[at][0] == 0


def test_a_title_has_one_number_in_all_clones_whatever_their_encoding(repository, tmp_path, call):
    shared = tmp_path / "shared.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(shared))
    for name in ("one", "two"):
        run_git(tmp_path, "clone", "--quiet", str(shared), name)
        run_git(tmp_path / name, "config", "i18n.logOutputEncoding", "ISO-8859-1")
        run_git(tmp_path / name, "config", "i18n.commitEncoding", "ISO-8859-1")
        assert call(tmp_path / name, "reserve", TITLE)[:2] == (0, "1006\n")


def test_an_address_that_the_settings_rewrite_is_the_one_that_is_asked(repository, tmp_path, call):
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), "shared.git")
    run_git(repository, "remote", "add", "origin", "https://example.invalid/shared.git")
    run_git(repository, "config", f"url.{tmp_path}/.insteadOf", "https://example.invalid/")
    assert call(repository, "reserve", TITLE)[:2] == (0, "1006\n")
    assert "refs/bep/1006" in run_git(tmp_path / "shared.git", "for-each-ref")


def test_a_bare_template_is_read_where_only_named_ones_are_allowed(
    released, template, tmp_path, call, monkeypatch
):
    bare = tmp_path / "template.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(template), str(bare))
    config = tmp_path / "gitconfig"
    plain = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    config.write_text(f"{plain}[safe]\n\tbareRepository = explicit\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert call(released, "update", "--dry-run", "--template", str(bare))[0] == 0


def test_a_new_branch_follows_no_other(repository, call):
    run_git(repository, "config", "branch.autoSetupMerge", "always")
    assert call(repository, "reserve", "Cache")[0] == 0
    assert "branch.bep/1006-cache" not in run_git(repository, "config", "--list")


@pytest.mark.parametrize("name", ["main", "origin/main", "heads/main"])
def test_a_tag_named_like_the_main_branch_changes_no_branch(repository, tmp_path, call, name):
    run_git(tmp_path, "clone", "--quiet", str(repository), "clone")
    run_git(tmp_path / "clone", "tag", name)
    assert call(tmp_path / "clone", "reserve", "Cache", "--offline")[0] == 0
    assert run_git(tmp_path / "clone", "branch", "--show-current") == "bep/1006-cache"
