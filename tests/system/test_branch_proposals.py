"""What branches hold that main has not, whatever they hold besides, and whatever is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bep.system import branch_proposals, repository as repositories
from bep.system.branch_proposals import Found
from tests.conftest import run_git

ROW = "| 1099 | Reserved by Hand | Ada Lovelace | Draft |\n"
CACHE = ".git/bep/branches.json"


def find(folder: Path) -> Found:
    return branch_proposals.find(repositories.find(folder))


def held(folder: Path) -> list[tuple[int, str]]:
    return [(one.number, one.branch) for one in find(folder).proposals]


def branch(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """A branch from main on which these files are new; the working tree stays as it is."""
    lines = [f"commit refs/heads/{name}\ncommitter A <a@b> 1800000000 +0000\ndata 1\nx\n".encode()]
    lines.append(b"from refs/heads/main^0\n")
    for path, content in files.items():
        lines.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=folder, input=b"".join(lines), check=True
    )


def tree(folder: Path, lines: str) -> str:
    call = ["git", "mktree", "--missing"]
    done = subprocess.run(call, cwd=folder, input=lines, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def _drafts(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafts") / "repository"
    shutil.copytree(_start, folder, symlinks=True)
    page = (folder / "proposals/README.md").read_text().replace("| _next_ ", f"{ROW}| _next_ ")
    branch(folder, "row", {"proposals/README.md": page.encode()})
    relay = {"proposals/BEP-1006-relay.md": b"# Relay\n", "proposals/BEP-1006/x.md": b"# X\n"}
    branch(folder, "bep/1006-relay", relay)
    return folder


@pytest.fixture
def drafts(_drafts: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_drafts, tmp_path / "repository", symlinks=True))


def test_the_blank_document_of_a_branch_is_no_proposal(drafts):
    before = held(drafts)
    branch(drafts, "blank", {"proposals/BEP-0000-template.md": b"# Title\n"})

    assert held(drafts) == before


def test_garbage_on_a_branch_stops_nothing(drafts):
    blob = run_git(drafts, "rev-parse", "main:proposals/README.md").strip()
    empty = tree(drafts, "")
    branch(drafts, "binary", {"proposals/BEP-1010-a.md": b"\0\xff", "proposals/README.md": b"\0|"})
    branch(drafts, "huge", {"proposals/BEP-1011-b.md": b"x" * 5_000_001})
    odd = f"040000 tree {empty}\tBEP-1012-folder.md\n120000 blob {blob}\tBEP-1013-link.md\n"
    odd += f"100644 blob {blob}\tBEP-1014\n040000 tree {'1' * 40}\tBEP-1015\n"
    odd += f"160000 commit {'2' * 40}\tBEP-1016-submodule.md\n100644 blob {'3' * 40}\tREADME.md\n"
    root = tree(drafts, f"040000 tree {tree(drafts, odd)}\tproposals\n")
    file = tree(drafts, f"100644 blob {blob}\tproposals\n")
    for name, one in (("odd", root), ("file", file), ("none", empty)):
        made = run_git(drafts, "commit-tree", "-m", "x", one).strip()
        run_git(drafts, "update-ref", f"refs/heads/{name}", made)
    heads = drafts / ".git/refs/heads"
    for name, what in (("blob", blob), ("gone", "4" * 40), ("torn", "no id")):
        (heads / name).write_text(f"{what}\n")
    run_git(drafts, "tag", "--annotate", "--message=x", "t")
    (heads / "tag").write_text(run_git(drafts, "rev-parse", "t"))

    found = find(drafts)

    assert [(one.number, one.branch) for one in found.proposals] == [
        (1006, "bep/1006-relay"),
        (1010, "binary"),
        (1011, "huge"),
    ]
    assert [(row.number, row.title, row.branch) for row in found.rows] == [
        (1099, "Reserved by Hand", "row")
    ]
    repository = repositories.find(drafts)
    texts = branch_proposals.texts(
        repository, [blob for one in found.proposals for blob in one.documents.values()]
    )
    problems = [
        branch_proposals.document(repository.guide, texts, one, one.main).problem
        for one in found.proposals
    ]
    assert problems == [
        None,
        "proposals/BEP-1010-a.md on the branch binary is not UTF-8 text",
        "proposals/BEP-1011-b.md on the branch huge cannot be read here",
    ]


def test_the_cache_is_never_stale_and_garbage_in_it_is_harmless(drafts, tmp_path):
    expected = held(drafts)
    cache = drafts / CACHE
    kept = cache.read_text()
    for garbage in (
        "",
        "{",
        "[]",
        "[" * 100_000,
        kept[:-9],
        kept.replace('"tips": {', '"tips": {"a": 1, '),
    ):
        cache.write_text(garbage)
        assert held(drafts) == expected
    cache.unlink()
    cache.mkdir()
    assert held(drafts) == expected
    cache.rmdir()
    cache.parent.rename(tmp_path / "away")
    cache.parent.write_text("a file where the folder should be\n")
    assert held(drafts) == expected
    cache.parent.unlink()

    calls = [
        subprocess.Popen([sys.executable, "-m", "bep", "list"], cwd=drafts, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({one.communicate()[0] for one in calls}) == 1
    assert sorted(path.name for path in cache.parent.iterdir()) == ["branches.json"]

    branch(drafts, "bep/1006-relay", {"proposals/BEP-1007-other.md": b"# Other\n"})
    assert held(drafts) == [(1007, "bep/1006-relay")]
    run_git(drafts, "merge", "--quiet", "bep/1006-relay")
    assert held(drafts) == []
    settings = drafts / "invoke.yaml"
    settings.write_text(settings.read_text() + "  proposals: elsewhere\n")
    assert find(drafts).on_main == frozenset()


def test_worktrees_shallow_and_partial_clones(drafts, tmp_path):
    run_git(drafts, "worktree", "add", "--quiet", str(tmp_path / "tree"), "row")
    assert held(tmp_path / "tree") == [(1006, "bep/1006-relay")]
    newer = (drafts / "proposals/BEP-1002-quota-ledger.md").read_bytes() + b"\nNewer.\n"
    branch(drafts, "newer", {"proposals/BEP-1002-quota-ledger.md": newer})
    run_git(drafts, "config", "uploadpack.allowFilter", "true")
    source = f"file://{drafts}"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", source, "shallow")
    assert held(tmp_path / "shallow") == [(1006, "bep/1006-relay")]
    for kind in ("blob:none", "tree:0"):
        clone = tmp_path / kind.replace(":", "-")
        run_git(tmp_path, "clone", "--quiet", f"--filter={kind}", source, str(clone))
        before = sorted(path.name for path in (clone / ".git/objects/pack").iterdir())
        found = find(clone)
        if kind == "blob:none":
            assert {one.number for one in found.proposals} == {1002, 1006}
            repository = repositories.find(clone)
            assert branch_proposals.texts(repository, found.proposals[0].documents.values()) == {}
        assert sorted(path.name for path in (clone / ".git/objects/pack").iterdir()) == before


def test_five_thousand_branches_are_read_once(drafts):
    tip = run_git(drafts, "rev-parse", "main").strip()
    lines = []
    for at in range(5_000):
        lines.append(f"commit refs/heads/many/{at}\ncommitter A <a@b> {at} +0000\ndata 0\n\n")
        lines.append(f"from {tip}\nM 100644 inline src/{at}\ndata 1\nx\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=drafts, input="".join(lines).encode(), check=True
    )
    run_git(drafts, "pack-refs", "--all")

    def used() -> float:
        before = os.times()
        assert held(drafts) == [(1006, "bep/1006-relay")]
        after = os.times()
        return sum(after[:4]) - sum(before[:4])

    first, again = used(), used()
    assert again < first
    assert first < 5, "seconds of CPU; about one on a machine that has nothing else to do"
