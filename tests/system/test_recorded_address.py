"""What is recorded of a template's address: what others can use, and no password."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bep.errors import BepError
from bep.system import repository as repositories, template_address, template_trust
from bep.system.template_address import shared_address
from tests import forks
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


@pytest.mark.sample(1)
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


# --- A clone whose origin does not have the revision --------------------------------------------

ANSWERS = "proposals/.copier/.copier-answers.BEP-{:04d}.yml"


@pytest.fixture
def cloned(template: Path, tmp_path: Path) -> Path:
    """A clone of the template; its origin is `origin.git` beside it and has only v1.0.0."""
    run_git(tmp_path, "clone", "--quiet", "--bare", str(template), str(tmp_path / "origin.git"))
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / "clone"))
    return tmp_path / "clone"


def release(clone: Path, tag: str = "v1.1.0", *options: str) -> None:
    """Commit a change of the template in the clone, and tag it."""
    guide = clone / "guide.yml"
    guide.write_text(f"{guide.read_text()}# {tag}\n")
    run_git(clone, "commit", "--quiet", "--all", f"--message={tag}")
    run_git(clone, "tag", *options, tag)


def on_head(clone: Path) -> None:
    """Commit a change of the template in the clone, without a tag."""
    release(clone, "unnamed")
    run_git(clone, "tag", "--delete", "unnamed")


def tagged_at_origin(clone: Path) -> None:
    """Give the tag another commit at the origin."""
    release(clone)
    run_git(clone, "push", "--quiet", "origin", "v1.0.0:refs/tags/v1.1.0")


def unpushed_annotated(clone: Path) -> None:
    release(clone, "v1.1.0", "--annotate", "--message=Release")
    run_git(clone, "push", "--quiet", "origin", "HEAD")


def unpushed_tag_of_a_pushed_commit(clone: Path) -> None:
    release(clone)
    run_git(clone, "push", "--quiet", "origin", "HEAD")


def unpushed_on_a_branch(clone: Path) -> None:
    run_git(clone, "switch", "--quiet", "--create", "work")
    release(clone)


def made_unreachable(clone: Path) -> None:
    release(clone)
    (clone.parent / "origin.git").rename(clone.parent / "moved.git")


ONLY_IN_THE_CLONE = {
    "a tag": release,
    "an annotated tag": unpushed_annotated,
    "a tag of a pushed commit": unpushed_tag_of_a_pushed_commit,
    "a tag on a branch": unpushed_on_a_branch,
    "a tag that is another commit at the origin": tagged_at_origin,
    "a tag, and the origin does not answer": made_unreachable,
}


def pushed(clone: Path) -> None:
    release(clone)
    run_git(clone, "push", "--quiet", "--tags", "origin", "HEAD")


def pushed_annotated(clone: Path) -> None:
    release(clone, "v1.1.0", "--annotate", "--message=Release")
    run_git(clone, "push", "--quiet", "--tags", "origin", "HEAD")


def pushed_tag_alone(clone: Path) -> None:
    release(clone)
    run_git(clone, "push", "--quiet", "origin", "v1.1.0")


def pushed_from_another_clone(clone: Path) -> None:
    release(clone)
    other = clone.parent / "other"
    run_git(clone.parent, "clone", "--quiet", str(clone), str(other))
    run_git(other, "push", "--quiet", str(clone.parent / "origin.git"), "v1.1.0")


AT_THE_ORIGIN: dict[str, Callable[[Path], None]] = {
    "the tag that was cloned": lambda clone: None,
    "a pushed tag": pushed,
    "a pushed annotated tag": pushed_annotated,
    "a pushed tag on no branch": pushed_tag_alone,
    "a tag that another clone pushed": pushed_from_another_clone,
}


def repository_at(folder: Path) -> Path:
    run_git(folder.parent, "init", "--quiet", str(folder))
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Root")
    return folder


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=More")


def source_of(folder: Path, number: int = 1000) -> str:
    """The template's address that an answers file records."""
    return str(yaml.safe_load((folder / ANSWERS.format(number)).read_text())["_src_path"])


def assert_updated_by_copier(folder: Path, number: int = 1000) -> None:
    commit(folder)
    record = ANSWERS.format(number)
    done = forks.run("copier", folder, "update", "--trust", "--defaults", "--answers-file", record)
    assert done.returncode == 0, done.stderr
    assert run_git(folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("how", ONLY_IN_THE_CLONE)
def test_the_path_is_recorded_where_only_the_clone_has(cloned, how):
    ONLY_IN_THE_CLONE[how](cloned)
    assert template_address.recorded_address(str(cloned), "v1.1.0") == str(cloned)


@pytest.mark.parametrize("how", AT_THE_ORIGIN)
def test_the_origin_is_recorded_where_it_has(cloned, how):
    AT_THE_ORIGIN[how](cloned)
    newest = run_git(cloned, "describe", "--tags")
    address = template_address.recorded_address(str(cloned), newest)
    assert address == str(cloned.parent / "origin.git")


@pytest.mark.sample(1)
@pytest.mark.parametrize("how", ["a tag", "a tag that is another commit at the origin"])
def test_what_only_the_clone_has_is_updated_from_its_path(cloned, tmp_path, call: Call, how):
    ONLY_IN_THE_CLONE[how](cloned)
    folder = repository_at(tmp_path / "project")
    for task in (("init", "--template", str(cloned)), ("new", "Cache", "--defaults")):
        code, _, err = call(folder, *task)
        assert code == 0, err
        assert err.count(f"the path {cloned} is recorded") == 1
        assert "v1.1.0" in err
        commit(folder)
    assert f"template: {cloned}\n" in (folder / "invoke.yaml").read_text()
    assert [source_of(folder, 0), source_of(folder)] == [str(cloned)] * 2
    (folder / "new").write_text("")
    assert_updated_by_copier(folder)
    assert call(folder, "update")[0] == 0


@pytest.mark.sample(1)
@pytest.mark.parametrize("how", ["the tag that was cloned", "a tag that another clone pushed"])
def test_what_the_origin_has_is_updated_from_there(cloned, tmp_path, call: Call, how):
    AT_THE_ORIGIN[how](cloned)
    folder = repository_at(tmp_path / "project")
    assert call(folder, "init", "--template", str(cloned))[0] == 0
    commit(folder)
    code, _, err = call(folder, "new", "Cache", "--defaults", "--template", str(cloned))
    assert code == 0, err
    assert "recorded" not in err
    cloned.rename(tmp_path / "gone")
    assert source_of(folder) == str(tmp_path / "origin.git")
    assert_updated_by_copier(folder)


@pytest.mark.sample(1)
@pytest.mark.parametrize("is_pushed", [False, True], ids=["only in the clone", "pushed"])
def test_a_commit_without_a_tag_is_recorded_where_it_is(cloned, tmp_path, call: Call, is_pushed):
    on_head(cloned)
    if is_pushed:
        run_git(cloned, "push", "--quiet", "origin", "HEAD")
    folder = repository_at(tmp_path / "project")
    assert call(folder, "init", "--template", str(cloned))[0] == 0
    commit(folder)
    task = ("new", "Cache", "--defaults", "--to", "HEAD", "--template", str(cloned))
    code, _, err = call(folder, *task)
    assert code == 0, err
    assert ("v1.0.0-1-g" in err) is not is_pushed
    assert source_of(folder) == str(tmp_path / ("origin.git" if is_pushed else "clone"))
    commit(folder)
    record = ANSWERS.format(1000)
    options = ("--trust", "--defaults", "--vcs-ref", "main", "--answers-file", record)
    done = forks.run("copier", folder, "update", *options)
    assert done.returncode == 0, done.stderr


def test_a_clone_that_is_behind_its_origin_records_it_all_the_same(cloned, tmp_path):
    on_head(cloned)
    run_git(cloned, "push", "--quiet", "origin", "HEAD")
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "other")
    on_head(tmp_path / "other")
    run_git(tmp_path / "other", "push", "--quiet", "origin", "HEAD")

    newest = run_git(cloned, "describe", "--tags")

    address = template_address.recorded_address(str(cloned), newest)
    assert address == str(tmp_path / "origin.git")


def test_a_branch_that_the_origin_no_longer_has_does_not_count(cloned, tmp_path):
    run_git(cloned, "switch", "--quiet", "--create", "work")
    on_head(cloned)
    run_git(cloned, "push", "--quiet", "origin", "work")
    run_git(tmp_path / "origin.git", "branch", "--quiet", "--delete", "--force", "work")

    commit = run_git(cloned, "rev-parse", "HEAD")

    assert template_address.recorded_address(str(cloned), commit) == str(cloned)


def test_what_was_last_fetched_counts_where_the_origin_does_not_answer(cloned, tmp_path):
    (tmp_path / "origin.git").rename(tmp_path / "moved.git")
    address = template_address.recorded_address(str(cloned), "v1.0.0")
    assert address == str(tmp_path / "origin.git")


def test_an_origin_with_a_relative_address_is_recorded_with_its_path(cloned, tmp_path):
    run_git(cloned, "remote", "set-url", "origin", "../origin.git")
    address = template_address.recorded_address(str(cloned), "v1.0.0")
    assert address == str(tmp_path / "origin.git")


def test_copier_copy_records_the_path_of_a_clone_too(cloned, tmp_path):
    release(cloned)
    folder = repository_at(tmp_path / "project")
    for data in (("layout=registry",), ("title=Cache", "number=1000")):
        options = [part for one in data for part in ("--data", one)]
        done = forks.run(
            "copier", folder, "copy", "--trust", "--defaults", *options, str(cloned), "."
        )
        assert done.returncode == 0, done.stderr
        assert f"the path {cloned} is recorded" in done.stderr
        commit(folder)
    assert [source_of(folder, 0), source_of(folder)] == [str(cloned)] * 2
    (folder / "new").write_text("")
    assert_updated_by_copier(folder)


def test_adopt_records_the_path_of_a_clone_too(repository, cloned, call: Call):
    release(cloned)
    code, _, err = call(repository, "adopt", "--all", "--template", str(cloned))
    assert code == 0, err
    assert err.count(f"the path {cloned} is recorded") == 1
    assert source_of(repository, 1001) == str(cloned)
    assert_updated_by_copier(repository, 1001)


def test_adopt_records_the_origin_that_has_the_revision(repository, cloned, call: Call):
    code, _, err = call(repository, "adopt", "--all", "--template", str(cloned))
    assert code == 0, err
    assert "recorded" not in err
    assert source_of(repository, 1001) == str(cloned.parent / "origin.git")
    assert_updated_by_copier(repository, 1001)


def test_the_remark_shows_no_token_of_the_origin(cloned, tmp_path, call: Call):
    release(cloned)
    address = f"https://user:{SECRET}@localhost:1/template.git"
    run_git(cloned, "remote", "set-url", "origin", address)
    folder = repository_at(tmp_path / "project")
    code, out, err = call(folder, "init", "--template", str(cloned))
    assert code == 0, err
    assert "origin https://localhost:1/template.git does not have v1.1.0" in err
    assert SECRET not in out + err + everything(folder)


# --- A template without revisions ---------------------------------------------------------------

NO_REVISION = "so no revision is recorded"
REASON = "its answers file records no template revision, so no update reaches it"


def test_new_says_once_that_a_plain_folder_has_no_revision(repository, call: Call):
    for task in (("new", "Cache", "--defaults"), ("new", "Other", "--defaults", "--dry-run")):
        code, _, err = call(repository, *task)
        assert code == 0, err
        assert err.count(NO_REVISION) == 1


def test_init_says_that_a_plain_folder_has_no_revision(checkout, tmp_path, call: Call):
    code, _, err = call(repository_at(tmp_path / "project"), "init", "--template", str(checkout))
    assert code == 0, err
    assert err.count(NO_REVISION) == 1


def test_new_says_nothing_of_a_template_with_revisions(released, call: Call):
    code, _, err = call(released, "new", "Cache", "--defaults")
    assert (code, err) == (0, "")


def test_copier_copy_says_that_a_plain_folder_has_no_revision(repository, checkout):
    options = ("--trust", "--defaults", "--data", "title=Cache")
    done = forks.run("copier", repository, "copy", *options, str(checkout), ".")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(NO_REVISION) == 1


def test_a_proposal_without_a_revision_needs_attention_until_it_is_adopted(
    repository, template, call: Call
):
    assert call(repository, "new", "Cache", "--defaults")[0] == 0
    assert REASON in call(repository, "list", "1006", "--attention")[1]
    assert call(repository, "adopt", "1006", "--template", str(template))[0] == 0
    assert REASON not in call(repository, "list", "1006", "--attention")[1]


@pytest.mark.parametrize("text", ["", "_src_path: x\n", "_commit:\n", "- 1\n"])
def test_a_record_that_names_no_revision_needs_attention(repository, call: Call, text):
    assert REASON not in call(repository, "list", "1001", "--attention")[1]
    record = repository / ANSWERS.format(1001)
    record.parent.mkdir(exist_ok=True)
    record.write_text(text)
    assert REASON in call(repository, "list", "1001", "--attention")[1]


# --- Messages about an address ------------------------------------------------------------------

ELSEWHERE = f"https://user:{SECRET}@example.invalid/other.git"


def settings_naming(folder: Path, address: str) -> None:
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {address}\n")


@pytest.mark.parametrize("address", WITH_SECRET)
def test_a_refusal_of_an_unknown_template_shows_no_token(released, call: Call, address):
    settings_naming(released, address)
    for task in (("update",), ("new", "Cache", "--defaults"), ("adopt", "1001"), ("init",)):
        code, out, err = call(released, *task)
        assert code == 2
        assert "example.invalid/template.git' is not the one on main" in err
        assert "--template and this address" in err
        assert SECRET not in out + err


def test_the_token_of_the_template_on_main_is_not_shown(released, call: Call):
    settings_naming(released, ELSEWHERE)
    run_git(released, "commit", "--quiet", "--all", "--message=Template")
    run_git(released, "switch", "--quiet", "--create", "work")
    settings_naming(released, "https://example.invalid/mine.git")
    code, out, err = call(released, "update")
    assert code == 2
    assert "('https://example.invalid/other.git')" in err
    assert SECRET not in out + err


def test_the_question_whether_a_template_is_trusted_shows_no_token(released, monkeypatch):
    settings_naming(released, ELSEWHERE)
    asked: list[str] = []
    monkeypatch.chdir(released)

    def ask(said: str) -> bool:
        asked.append(said)
        return False

    with pytest.raises(BepError) as refused:
        template_trust.decide(repositories.find(released), ask=ask)
    assert "'https://example.invalid/other.git'" in asked[0]
    assert SECRET not in asked[0] + str(refused.value)


def test_the_token_of_a_shadowed_address_is_not_shown(released, call: Call):
    (released / f"https:/user:{SECRET}@example.invalid/other.git").mkdir(parents=True)
    code, out, err = call(released, "update", "--template", ELSEWHERE)
    assert code == 2
    assert "git would take this for the template 'https://example.invalid/other.git'" in err
    assert SECRET not in out + err


def test_the_token_in_an_answers_file_is_not_shown(released, call: Call):
    assert call(released, "adopt", "1001")[0] == 0
    record = released / ANSWERS.format(1001)
    record.write_text(f"_commit: v1.0.0\n_src_path: {ELSEWHERE}\n")
    commit(released)
    code, out, err = call(released, "update", "1001")
    assert code == 1
    assert "comes from the template https://example.invalid/other.git" in err
    assert SECRET not in out + err


def test_what_git_says_of_an_address_shows_no_password(released, call: Call):
    address = f"git://user:{SECRET}@nowhere.invalid/template.git"
    for task in (("update",), ("new", "Cache", "--defaults"), ("adopt", "1001")):
        code, out, err = call(released, *task, "--template", address)
        assert code == 2
        assert "cannot be fetched" in err
        assert SECRET not in out + err
