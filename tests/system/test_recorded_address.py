"""What is recorded of a template's address: what others can use, and no password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bep.system import template_address
from bep.system.template_address import shared_address
from tests.conftest import Call, files_of, run_git

SECRET = "s3cret-t0ken"
WITH_SECRET = (
    f"https://user:{SECRET}@example.invalid/template.git",
    f"https://{SECRET}@example.invalid/template.git",
    f"git+https://user:{SECRET}@example.invalid/template.git",
    f"https://user:{SECRET}@with@example.invalid/template.git",
    f"http://oauth2:{SECRET}@example.invalid/template.git",
)


@pytest.fixture
def served(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server that git reaches at https://…@example.invalid: a folder, by Git's settings."""
    bare = tmp_path / "served/template.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(template), str(bare))
    config = tmp_path / "gitconfig"
    plain = Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text()
    names = {one.removeprefix("git+").removesuffix("template.git") for one in WITH_SECRET}
    rewritten = "".join(
        f"\tinsteadOf = {name}\n"
        for name in (*names, *(f"{kind}://example.invalid/" for kind in ("http", "https")))
    )
    config.write_text(f'{plain}[url "{bare.parent}/"]\n{rewritten}')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return bare


def everything(folder: Path) -> str:
    """All files of a repository and what `bep` keeps in its Git directory."""
    kept = (path for path in (folder / ".git/bep").rglob("*") if path.is_file())
    contents = [*files_of(folder).values(), *(path.read_bytes() for path in kept)]
    return b"\n".join(contents).decode()


@pytest.mark.parametrize("address", WITH_SECRET)
def test_a_token_in_the_address_is_used_and_never_written(tmp_path, served, bep, address):
    folder = tmp_path / "project"
    run_git(tmp_path, "init", "--quiet", str(folder))
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Root")
    for task in (("init",), ("new", "Cache", "--defaults"), ("adopt", "--all"), ("update",)):
        done = bep(folder, *task, "--template", address)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--allow-empty", "--message=More")
    assert SECRET not in everything(folder)
    assert "example.invalid/template.git" in (folder / "invoke.yaml").read_text()
    assert bep(folder, "new", "Other", "--defaults").returncode == 0


def test_a_token_is_not_shown_where_the_template_cannot_be_fetched(released, call: Call):
    for task in (("update",), ("new", "Cache", "--defaults")):
        address = f"https://user:{SECRET}@localhost:1/template.git"
        code, out, err = call(released, *task, "--template", address)
        assert code == 2
        assert "cannot be fetched" in err
        assert SECRET not in out + err


def clone(template: Path, folder: Path, origin: str) -> str:
    run_git(folder.parent, "clone", "--quiet", str(template), str(folder))
    run_git(folder, "remote", "set-url", "origin", origin)
    return str(folder)


def test_the_origin_of_a_clone_is_recorded_without_its_token(template, tmp_path):
    folder = clone(template, tmp_path / "clone", WITH_SECRET[0])
    assert shared_address(folder) == "https://example.invalid/template.git"


def test_the_origin_of_a_clone_is_recorded_as_it_was_given(template, tmp_path):
    folder = clone(template, tmp_path / "clone", "https://example.invalid/template.git")
    rewrite = f"url.https://user:{SECRET}@example.invalid/.insteadOf"
    run_git(tmp_path / "clone", "config", rewrite, "https://example.invalid/")
    assert shared_address(folder) == "https://example.invalid/template.git"


@pytest.mark.parametrize(
    "address",
    [
        "git@github.com:lablup/bep.git",
        "ssh://git@github.com/lablup/bep.git",
        "https://github.com/lablup/bep.git",
        "https://github.com/@lablup/bep",
        "gh:lablup/bep",
        "/srv/a@b:c/bep",
        "file:///srv/a@b/bep",
    ],
)
def test_an_address_without_a_password_is_recorded_as_it_is(address):
    assert template_address.without_password(address) == address


@pytest.mark.parametrize(
    ("spelled", "place"),
    [
        ("../template", "."),
        ("../template", "proposals"),
        ("../template/", "proposals/.copier"),
        ("./../template", "proposals"),
        ("../x/../template", "proposals"),
    ],
)
def test_a_relative_template_in_the_settings_is_relative_to_the_root(
    repository, template, tmp_path, call: Call, spelled, place
):
    (tmp_path / "template").symlink_to(template)
    (tmp_path / "x").mkdir()
    (repository / "proposals/.copier").mkdir()
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {spelled}\n")
    run_git(repository, "commit", "--quiet", "--all", "--message=Template")
    code, _, err = call(repository / place, "new", "Cache", "--defaults", "--dry-run")
    assert code == 0, err
    assert call(repository / place, "adopt", "1001")[0] == 0


def test_a_relative_template_in_a_call_is_relative_to_the_folder(repository, template, call: Call):
    (repository / "invoke.yaml").unlink()
    relative = os.path.relpath(template, repository / "proposals")
    task = ("new", "Cache", "--defaults", "--template", relative)
    assert call(repository / "proposals", *task)[0] == 0
    record = repository / "proposals/.copier/.copier-answers.BEP-1006.yml"
    assert f"_src_path: {template}\n" in record.read_text()
