"""A template on another machine: what was fetched once serves where it cannot be reached."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from bep.errors import BepError
from bep.system import template as templates
from tests.conftest import Call, copy_repository, run_git

OLD = (
    r"bep: the template file://\S+ cannot be reached \(fatal: .+\);"
    r" what was fetched on \d{4}-\d\d-\d\d at \d\d:\d\d is used"
)


@pytest.fixture
def remote(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The template as if it were on another machine, and a cache that does not know it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return copy_repository(template, tmp_path / "elsewhere" / "template.git")


def address(remote: Path) -> str:
    return f"file://{remote}"


def use(repository: Path, remote: Path) -> None:
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {address(remote)}\n")
    run_git(repository, "commit", "--quiet", "--all", "--message=Template")


def test_new_segment_and_add_document_work_offline_after_a_first_use(
    repository, remote, call: Call, bep
):
    use(repository, remote)
    first = call(repository, "new", "First", "--defaults", "--number", "1010")
    run_git(remote, "commit", "--quiet", "--allow-empty", "--message=Second")
    run_git(remote, "tag", "v1.1.0")
    second = call(repository, "new", "Second", "--defaults", "--number", "1011")
    away = remote.rename(remote.parent / "away")

    third = bep(repository, "new", "Third", "--defaults", "--number", "1012")
    by_name = call(repository, "new", "Fourth", "--defaults", "--number", "1013", "--to", "v1.0.0")
    missing = call(repository, "new", "Fifth", "--defaults", "--number", "1014", "--to", "v9.0.0")
    document = repository / "proposals/BEP-1012-third.md"
    text = document.read_text()
    document.write_text(text.replace("\n## Migration", "\n### Store\n\nIt keeps.\n\n## Migration"))
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposals")
    segmented = call(repository, "segment", "1012", "--component", "Store=store")
    added = call(repository, "add-document", "1012", "--name", "more", "--scope", "More")
    updated = call(repository, "update", "1010")

    assert (first[0], second[0]) == (0, 0)
    assert re.fullmatch(OLD, third.stderr.splitlines()[-1]), third.stderr
    assert "tags found" not in third.stderr
    assert [third.stderr.count("cannot be reached"), third.returncode] == [1, 0]
    recorded = {
        number: yaml.safe_load(
            (repository / f"proposals/.copier/.copier-answers.BEP-{number}.yml").read_text()
        )
        for number in (1010, 1011, 1012, 1013)
    }
    commits = {number: one["_commit"] for number, one in recorded.items()}
    assert commits[1012] == commits[1011] == "v1.1.0"
    assert commits[1013] == "v1.0.0"
    assert {one["_src_path"] for one in recorded.values()} == {address(remote)}
    assert missing[0] == 2
    for code, _, err in (by_name, segmented, added, updated):
        assert (code, len(re.findall(OLD, err))) == (0, 1), err
    assert away.is_dir()


def test_a_template_without_releases_is_used_without_a_word_of_copier(
    repository, remote, call: Call
):
    use(repository, remote)
    run_git(remote, "tag", "--delete", "v1.0.0")

    code, _, err = call(repository, "new", "First", "--defaults", "--number", "1010")

    assert code == 0
    assert "tag" not in err


def test_a_copy_follows_the_template_and_survives_what_a_killed_git_leaves(remote, tmp_path):
    found = templates.open_template(address(remote), tmp_path)
    run_git(remote, "branch", "--move", "main", "trunk")
    run_git(remote, "commit", "--quiet", "--allow-empty", "--message=Second")
    run_git(remote, "tag", "--force", "v1.0.0")
    (found.folder / "packed-refs.lock").touch()

    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: templates.open_template(address(remote), tmp_path), "1234"))

    assert set(again) == {found}
    for name in ("HEAD", "v1.0.0", "trunk"):
        assert run_git(found.folder, "rev-parse", name) == run_git(remote, "rev-parse", "HEAD")
    assert run_git(found.folder, "branch", "--list", "main") == ""
    assert "elsewhere" not in (found.folder / "config").read_text()


def test_a_copy_that_was_never_complete_is_not_used(remote, tmp_path):
    found = templates.open_template(address(remote), tmp_path)
    (found.folder / "bep-fetched").unlink()
    shutil.rmtree(remote)

    with pytest.raises(BepError, match="cannot be fetched"):
        templates.open_template(address(remote), tmp_path)


def test_without_a_place_for_the_cache_the_template_is_fetched_each_time(
    remote, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    found = templates.open_template(address(remote), tmp_path)

    assert found.folder == tmp_path / "template.git"
    assert templates.newest(found).name == "v1.0.0"
