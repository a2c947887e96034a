"""The agents' skill and page go with every update, whatever a team has made of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import copier
import pytest
from copier.errors import CopierError

from tests.conftest import Call, copy_repository, files_of, pack, run_git
from tests.series import GUIDE, Edit, revise, template_at_v1

RECORD = "proposals/.copier/.copier-answers.BEP-0000.yml"
PAGE = "proposals/AGENTS.md"
SKILLS = [f".{name}/bep-guide/SKILL.md" for name in ("claude", "crlf", "bare", "link", "hand")]
CLAUDE, CRLF, BARE, LINK, HAND = SKILLS
LINKED = "docs/how-we-work.md"
BY_HAND = """\
---
name: bep-guide
description: How we write BEPs
version: 0.9.0
---

# BEP Writing Guide

## Workflow

Ask Ada.

## When to write one

A proposal is needed for

- anything that Ada says.
"""
REVISION = [
    Edit(GUIDE, "    length: 10-50 lines\n", "    length: 10-20 lines\n"),
    Edit("includes/process/occasions.jinja", "- a new subsystem or plugin,\n", "- a plugin,\n"),
    Edit("includes/agents_page.jinja", "The commands that matter most:", "Know these:"),
    Edit("includes/skill.jinja", "\n## Context blocks", "\n## Costs\n\nNone.\n\n## Context blocks"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two revisions, and a repository with the skill of the first, edited."""
    folder = tmp_path_factory.mktemp("skill")
    template, repository = template_at_v1(folder / "template"), folder / "repository"
    repository.mkdir()
    run_git(repository, "init", "--quiet")
    answers = {"layout": "registry", "skills": SKILLS[:-1]}
    copier.run_copy(str(template), repository, answers, defaults=True, quiet=True, unsafe=True)
    listed = "".join(f"  - {path}\n" for path in SKILLS)
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n  skills:\n{listed}")
    _edit(repository)
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Edited")
    revise(template, REVISION, "v1.1.0")
    for one in (template, repository):
        pack(one)
    return folder


def _edit(repository: Path) -> None:
    texts = {path: (repository / path).read_text() for path in (*SKILLS[:-1], PAGE)}
    own = "## Our own\n\nAsk #proposals.\n\n## Segments\n"
    for old, new in (
        ("## Segments\n", own),
        ("say so. |\n| Implementation", "say so! |\n| Implementation"),
        ("tags: [bep", "owner: us\ntags: [us, bep"),
    ):
        texts[CLAUDE] = texts[CLAUDE].replace(old, new)
    texts[CRLF] = texts[CRLF].replace("\n", "\r\n")
    texts[BARE] = texts[BARE].partition("---\n\n")[2]
    texts[HAND] = BY_HAND
    texts[PAGE] = f"# Ours\n\n{texts[PAGE]}\nBehind.\n"
    texts[LINKED] = texts.pop(LINK)
    (repository / LINK).unlink()
    (repository / LINK).symlink_to(f"../../{LINKED}")
    for path, text in texts.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(text.encode())


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    return copy_repository(made / "repository", tmp_path / "repository")


def by_copier(folder: Path) -> None:
    copier.run_update(
        folder, answers_file=RECORD, defaults=True, overwrite=True, unsafe=True, quiet=True
    )


def committed(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Changed")


def test_what_teams_have_made_of_it_is_merged_by_both_doors(repository, call: Call, tmp_path):
    assert call(repository, "adopt", "0", "--template", str(_template(repository)))[0] == 0
    assert (repository / HAND).read_text() == BY_HAND
    assert f"- {HAND}\nadopted: true\n" in (repository / RECORD).read_text()
    committed(repository)
    theirs = copy_repository(repository, tmp_path / "theirs")

    code, out, err = call(repository, "update", "--to", "v1.1.0")

    assert code == 0, err
    assert f"{HAND}: merged; kept: When to write one" in out
    by_copier(theirs)
    assert files_of(theirs) == files_of(repository)
    texts = {path: (repository / path).read_bytes().decode() for path in (*SKILLS, PAGE, LINKED)}
    for path in (CLAUDE, CRLF, BARE, LINKED):
        lines = texts[path].splitlines()
        assert "## Costs" in lines, path
        assert "- a plugin," in lines, path
        assert any(line.startswith("| Current Design | 10-20 lines |") for line in lines), path
    for path in (CLAUDE, CRLF, LINKED, HAND):
        assert "version: v1.1.0" in texts[path].splitlines(), path
    assert "owner: us\ntags: [us, bep" in texts[CLAUDE]
    assert "\n## Our own\n\nAsk #proposals.\n\n## Segments\n" in texts[CLAUDE]
    assert "If nothing breaks, say so! |" in texts[CLAUDE]
    assert texts[CRLF].count("\r\n") == texts[CRLF].count("\n")
    assert texts[BARE].startswith("# Working with BEPs\n")
    assert (repository / LINK).is_symlink()
    assert "Ask Ada." in texts[HAND]
    assert "## Costs" in texts[HAND]
    assert "- anything that Ada says." in texts[HAND]
    assert texts[PAGE].startswith("# Ours\n\n<!-- bep-agents: begin")
    assert "proposal. Know these:\n" in texts[PAGE]
    assert texts[PAGE].endswith("<!-- bep-agents: end -->\n\nBehind.\n")
    committed(repository)
    _, out, _ = call(repository, "update", "--to", "v1.1.0")
    assert run_git(repository, "status", "--porcelain") == "", out


def _template(repository: Path) -> Path:
    return Path((repository / "invoke.yaml").read_text().split()[2])


REFUSED = {
    "a folder": "cannot be read (is a directory)",
    "a link out": "is a link that leads out of the repository",
    "no text": "contains NUL characters and is not text",
    "a change that is not committed": "has changes that are not committed",
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_merged_is_refused_in_one_line_and_nothing_changes(
    repository, call: Call, tmp_path, kind
):
    skill = repository / CLAUDE
    skill.unlink()
    if kind == "a folder":
        skill.mkdir()
        (skill / "x").write_text("x")
    elif kind == "a link out":
        (tmp_path / "secret").write_text("secret")
        skill.symlink_to(tmp_path / "secret")
    else:
        skill.write_bytes(b"\0" if kind == "no text" else b"# Not committed\n")
    if kind != "a change that is not committed":
        committed(repository)
    before = files_of(repository)

    code, _, err = call(repository, "update", "--to", "v1.1.0")

    (told,) = err.splitlines()
    assert code == 1
    assert told.startswith(f"bep: {CLAUDE}: ")
    assert REFUSED[kind] in told
    assert files_of(repository) == before
    if kind == "a folder":
        with pytest.raises(CopierError, match="SKILL"):
            by_copier(repository)
        assert files_of(repository) == before


def test_what_the_team_has_removed_stays_removed(repository, call: Call):
    for path in (CLAUDE, BARE):
        (repository / path).unlink()
    page = repository / PAGE
    page.write_text("# Ours alone\n")
    shutil.rmtree(repository / "docs")
    committed(repository)

    assert call(repository, "update", "--to", "v1.1.0")[0] == 0

    assert page.read_text() == "# Ours alone\n"
    assert not (repository / CLAUDE).exists()


def test_check_says_that_the_skill_is_not_the_one_that_is_recorded(repository, call: Call):
    old = (repository / CLAUDE).read_text()
    assert call(repository, "update", "--to", "v1.1.0")[0] == 0
    (repository / CLAUDE).write_text(old)

    _, out, _ = call(repository, "check", "--all", "--format", "concise")

    assert f"{CLAUDE}:4:10: skill-outdated it is of v1.0.0, and v1.1.0 is recorded; " in out


def test_a_revision_that_got_a_tag_later_is_the_same(repository, call: Call):
    commit = run_git(_template(repository), "rev-parse", "--short", "v1.0.0")
    for path in (RECORD, CRLF):
        file = repository / path
        file.write_bytes(file.read_bytes().replace(b"v1.0.0", commit.encode()))
    committed(repository)

    _, out, _ = call(repository, "update", "--to", "v1.1.0")

    assert f"{CRLF}: updated\n" in out, "no author has touched it"
    assert b"\r\nversion: v1.1.0\r\n" in (repository / CRLF).read_bytes()
