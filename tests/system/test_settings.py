"""Settings of a repository, and the addresses of templates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bep.errors import BepError
from bep.guide import Limits
from bep.system import settings, template_address, working_tree
from bep.system.settings import Jira, Settings
from tests.conftest import ROOT, run_git


def tree(root: Path) -> working_tree.WorkingTree:
    return working_tree.of(root, root / ".git")


# --- Settings -----------------------------------------------------------------------------------


def test_without_a_file_everything_has_its_default(tmp_path):
    assert settings.read(tree(tmp_path)) == (Settings(), [])
    assert Settings() == Settings(
        proposals="proposals",
        template="",
        remote="origin",
        main="",
        first_number=1000,
        issue_prefix="BA",
        version_file="VERSION",
        branch="bep/{number}-{slug}",
        claims="refs/bep/",
        check={},
        limits=Limits(),
        jira=Jira(url="", project="", issue_type="Task"),
    )


VALUES = {
    "proposals": "docs/proposals",
    "template": "gh:lablup/bep-templates",
    "remote": "upstream",
    "main": "trunk",
    "first_number": 1,
    "issue_prefix": "CORE",
    "version_file": "src/VERSION",
    "untouched_days": 30,
    "branch": "docs/add-bep-{number}",
    "claims": "refs/tags/bep/",
}


def test_every_setting_is_read_from_invoke_yaml(tmp_path):
    lines = [f"  {key}: {value!r}" for key, value in VALUES.items()]
    (tmp_path / "invoke.yaml").write_text("bep:\n" + "\n".join(lines) + "\n")

    assert settings.read(tree(tmp_path)) == (Settings(**VALUES), [])
    others = {"skills", "check", "limits", "jira", "pull_request", "site"}
    assert {*VALUES, *others} == set(Settings.__annotations__)


@pytest.mark.parametrize("written", ["a/b/SKILL.md", "[a/b/SKILL.md]"])
def test_a_skill_is_a_path_or_several(tmp_path, written):
    (tmp_path / "invoke.yaml").write_text(f"bep:\n  skills: {written}\n")

    assert settings.read(tree(tmp_path))[0].skills == ("a/b/SKILL.md",)


def test_every_setting_is_read_from_pyproject_toml(tmp_path):
    lines = [f"{key} = {value!r}" for key, value in VALUES.items()]
    (tmp_path / "pyproject.toml").write_text("[tool.bep]\n" + "\n".join(lines) + "\n")

    assert settings.read(tree(tmp_path)) == (Settings(**VALUES), [])


def test_invoke_yaml_counts_before_pyproject_toml(tmp_path):
    (tmp_path / "invoke.yaml").write_text("bep:\n  first_number: 7\n")
    (tmp_path / "pyproject.toml").write_text("[tool.bep]\nfirst_number = 8\n")

    assert settings.read(tree(tmp_path))[0].first_number == 7


@pytest.mark.parametrize(
    "text", ["", "tasks:\n  auto_dash_names: true\n", "- 1\n", "# bep\n", "bep:\n"]
)
def test_an_invoke_yaml_for_other_things_leaves_pyproject_toml_to_speak(tmp_path, text):
    (tmp_path / "invoke.yaml").write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.bep]\nfirst_number = 8\n")

    assert settings.read(tree(tmp_path))[0].first_number == 8


def test_a_broken_pyproject_toml_without_a_word_of_bep_is_not_our_concern(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool\n")

    assert settings.read(tree(tmp_path)) == (Settings(), [])


@pytest.mark.parametrize("days", ["0", "-1"])
def test_days_are_at_least_one(tmp_path, days):
    (tmp_path / "invoke.yaml").write_text(f"bep:\n  untouched_days: {days}\n")

    with pytest.raises(BepError) as refused:
        settings.read(tree(tmp_path))

    assert str(refused.value) == (
        f"invoke.yaml: setting 'untouched_days' is {days}; write a number of days, at least 1"
    )


def test_unknown_settings_are_named(tmp_path):
    (tmp_path / "invoke.yaml").write_text("bep:\n  propsals: docs\n  remote:\n")

    assert settings.read(tree(tmp_path)) == (Settings(), ["propsals"])


def test_severities_are_read_as_they_are_meant(tmp_path):
    (tmp_path / "invoke.yaml").write_text(
        "bep:\n  check:\n    title-missing: off\n    link-missing: 'off'\n    phases: warning\n"
    )

    read, unknown = settings.read(tree(tmp_path))

    assert read.check == {"title-missing": "off", "link-missing": "off", "phases": "warning"}
    assert unknown == []


def test_limits_are_read_from_either_file(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[tool.bep.limits]\ndocuments = {main = 250}\nsections = {motivation = '5-40'}\n"
    )
    in_toml, _ = settings.read(tree(tmp_path))
    (tmp_path / "invoke.yaml").write_text(
        "bep:\n  limits:\n    documents: {main: 250}\n    sections: {motivation: 5-40}\n"
        "    segmentation: {lines: 700}\n"
    )
    in_yaml, _ = settings.read(tree(tmp_path))

    assert in_toml.limits == Limits((("main", 250),), (("motivation", (5, 40)),))
    assert in_yaml.limits == in_toml.limits._replace(segmentation=(("lines", 700),))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("300", "setting 'limits' is not a table"),
        ("{lines: 300}", "setting 'limits': unknown part 'lines'; name one of documents"),
        ("{documents: 300}", "setting 'limits.documents' is not a table"),
        ("{documents: {main: 0}}", "setting 'limits.documents.main' is 0"),
        ("{documents: {main: yes}}", "setting 'limits.documents.main' is True"),
        ("{documents: {main: 2-3}}", "setting 'limits.documents.main' is '2-3'"),
        ("{sections: {motivation: 40-5}}", "setting 'limits.sections.motivation' is '40-5'"),
        ("{sections: {motivation: long}}", "setting 'limits.sections.motivation' is 'long'"),
        ("{sections: {motivation: [1]}}", "setting 'limits.sections.motivation' is [1]"),
        ("{segmentation: {layout: x}}", "unknown criterion 'layout'; name one of lines"),
        ("{segmentation: {phases: 3.5}}", "setting 'limits.segmentation.phases' is 3.5"),
    ],
)
def test_a_malformed_limit_is_one_line_with_its_name(tmp_path, limits, said):
    (tmp_path / "invoke.yaml").write_text(f"bep:\n  limits: {limits}\n")

    with pytest.raises(BepError) as refused:
        settings.read(tree(tmp_path))

    assert str(refused.value).startswith("invoke.yaml: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_where_jira_is_is_read_from_either_file(tmp_path):
    where = Jira("https://jira.example.com/jira", "CORE", "Story")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.bep.jira]\nurl = 'https://jira.example.com/jira/'\nproject = 'CORE'\n"
        "issue_type = 'Story'\n"
    )
    assert settings.read(tree(tmp_path))[0].jira == where
    (tmp_path / "invoke.yaml").write_text("bep:\n  jira:\n    url: http://localhost:8080\n")
    assert settings.read(tree(tmp_path))[0].jira == Jira("http://localhost:8080")


@pytest.mark.parametrize(
    ("jira", "said"),
    [
        ("https://x", "setting 'jira' is not a table; write a table of url, project, issue_type"),
        ("{uri: x}", "setting 'jira': unknown part 'uri'; name one of url, project, issue_type"),
        ("{token: x}", "setting 'jira': unknown part 'token'"),
        ("{url: example.com}", "'jira.url' is 'example.com'; write the address of JIRA, such as"),
        ("{url: 'https://x/?a=b'}", "setting 'jira.url' is 'https://x/?a=b'"),
        ("{url: 'file:///etc'}", "setting 'jira.url' is 'file:///etc'"),
        ("{url: 1}", "setting 'jira.url' is 1"),
        ("{url: 'https://ada:s3cret@x'}", "'jira.url' contains a user or password; the credent"),
        ("{project: ba}", "'jira.project' is 'ba'; write a project key, such as BA"),
        # `BEP-12` in a document is a proposal.
        ("{project: BEP}", "setting 'jira.project' is 'BEP'"),
        ("{issue_type: ''}", "setting 'jira.issue_type' is ''"),
        ('{issue_type: "a\\nb"}', "setting 'jira.issue_type' is 'a\\nb'"),
    ],
)
def test_a_malformed_part_of_jira_is_one_line_with_its_name(tmp_path, jira, said):
    (tmp_path / "invoke.yaml").write_text(f"bep:\n  jira: {jira}\n")

    with pytest.raises(BepError) as refused:
        settings.read(tree(tmp_path))

    assert str(refused.value).startswith("invoke.yaml: ")
    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("invoke.yaml", "bep:\n  first_number: [\n", "invoke.yaml:3: "),
        ("invoke.yaml", "bep:\n  main: x\n bad: y\n", "invoke.yaml:3: "),
        ("pyproject.toml", "[tool.bep]\nmain = \n", "pyproject.toml:2: "),
        ("invoke.yaml", "bep: proposals\n", "invoke.yaml: "),
        ("invoke.yaml", "bep:\n  first_number: '1000'\n", "invoke.yaml: setting 'first_number'"),
        ("invoke.yaml", "bep:\n  first_number: true\n", "invoke.yaml: setting 'first_number'"),
        ("invoke.yaml", "bep:\n  first_number: 0\n", "invoke.yaml: setting 'first_number'"),
        ("invoke.yaml", "bep:\n  main: 1\n", "invoke.yaml: setting 'main'"),
        ("invoke.yaml", "bep:\n  skills: []\n", "invoke.yaml: setting 'skills' is []"),
        ("invoke.yaml", "bep:\n  skills: ../x/SKILL.md\n", "invoke.yaml: setting 'skills': '../x"),
        ("invoke.yaml", "bep:\n  proposals: ../up\n", "invoke.yaml: setting 'proposals'"),
        ("invoke.yaml", "bep:\n  proposals: /etc\n", "invoke.yaml: setting 'proposals'"),
        ("invoke.yaml", "bep:\n  issue_prefix: ba\n", "invoke.yaml: setting 'issue_prefix'"),
        ("invoke.yaml", "bep:\n  branch: 'bep/{slug}'\n", "invoke.yaml: setting 'branch'"),
        ("invoke.yaml", "bep:\n  claims: bep\n", "invoke.yaml: setting 'claims'"),
        ("invoke.yaml", "bep:\n  claims: refs/../x/\n", "invoke.yaml: setting 'claims'"),
        ("invoke.yaml", "bep:\n  check: off\n", "invoke.yaml: setting 'check'"),
        ("invoke.yaml", "bep:\n  check: {phases: fatal}\n", "invoke.yaml: setting 'check': phases"),
        ("pyproject.toml", "[tool]\nbep = 3\n", "pyproject.toml: "),
        ("pyproject.toml", "tool = 'bep'\n", ""),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_place(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    if not said:
        assert settings.read(tree(tmp_path)) == (Settings(), [])
        return

    with pytest.raises(BepError) as refused:
        settings.read(tree(tmp_path))

    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_a_settings_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "invoke.yaml").write_bytes(b"bep:\n  main: \xff\n")

    with pytest.raises(BepError, match=r"^invoke\.yaml: cannot be read"):
        settings.read(tree(tmp_path))


# --- Addresses ----------------------------------------------------------------------------------

SAME = [
    "gh:lablup/bep-templates",
    "gh:lablup/bep-templates.git",
    "https://github.com/lablup/bep-templates",
    "https://github.com/lablup/bep-templates/",
    "https://github.com/lablup/bep-templates.git",
    "https://GitHub.com/lablup/bep-templates.git",
    "https://user:token@github.com/lablup/bep-templates.git",
    "git+https://github.com/lablup/bep-templates.git",
    "git@github.com:lablup/bep-templates.git",
    "github.com:lablup/bep-templates",
    "ssh://git@github.com/lablup/bep-templates.git",
    "ssh://git@github.com:22/lablup/bep-templates.git",
    "git+ssh://git@github.com/lablup/bep-templates.git",
    "git://github.com/lablup/bep-templates",
]


@pytest.mark.parametrize("address", SAME)
def test_the_spellings_of_one_address_compare_equal(address):
    assert template_address.canonical(address) == template_address.canonical(SAME[0])


@pytest.mark.parametrize(
    "address",
    [
        "gh:lablup/bep",
        "gh:other/bep-templates",
        "gl:lablup/bep-templates",
        "https://example.com/lablup/bep-templates",
        "https://github.com.evil.org/lablup/bep-templates",
        "https://evil.org/github.com/lablup/bep-templates",
        "https://github.com@evil.org/lablup/bep-templates",
        "git@evil.org:github.com/lablup/bep-templates",
    ],
)
def test_other_addresses_are_others(address):
    assert template_address.canonical(address) != template_address.canonical(SAME[0])


def test_gitlab_has_its_short_form_too():
    assert template_address.canonical("gl:a/b") == template_address.canonical(
        "git@gitlab.com:a/b.git"
    )


def test_paths_of_one_folder_compare_equal(tmp_path, monkeypatch):
    (tmp_path / "template").mkdir()
    (tmp_path / "link").symlink_to("template")
    monkeypatch.chdir(tmp_path)

    here = template_address.canonical(str(tmp_path / "template"))

    assert template_address.canonical("./template/") == here
    assert template_address.canonical("link") == here
    assert template_address.canonical(str(tmp_path / "other")) != here


def clone_with_origin(folder: Path, origin: str) -> Path:
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    run_git(folder, "remote", "add", "origin", origin)
    return folder


def test_a_local_clone_stands_for_its_origin(tmp_path):
    clone = clone_with_origin(tmp_path / "clone", "git@github.com:lablup/bep-templates.git")

    assert template_address.shared_address(str(clone)) == "git@github.com:lablup/bep-templates.git"


def test_a_local_folder_without_origin_is_given_with_its_absolute_path(template, monkeypatch):
    monkeypatch.chdir(template.parent)

    assert template_address.shared_address(template.name) == str(template)


def test_a_plain_folder_inside_a_clone_is_not_taken_for_the_clone(tmp_path):
    clone = clone_with_origin(tmp_path / "clone", "git@github.com:lablup/other.git")
    (clone / "template").mkdir()

    assert template_address.shared_address(str(clone / "template")) == str(clone / "template")


def test_a_remote_address_is_shared_as_it_is():
    assert template_address.shared_address("gh:lablup/bep-templates") == "gh:lablup/bep-templates"


def test_the_call_counts_before_the_settings():
    assert template_address.find("gh:a/call", "gh:a/settings") == "gh:a/call"
    assert template_address.find("", "gh:a/settings") == "gh:a/settings"


@pytest.mark.parametrize("inside", [False, True], ids=["elsewhere", "in the checkout"])
def test_last_counts_where_this_was_installed_from(tmp_path, inside):
    """In the checkout's root its egg-info stands before the installation's record."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from bep.system import template_address; print(template_address.find('', ''))",
        ],
        cwd=ROOT if inside else tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert Path(found.stdout.strip()) == ROOT, found.stderr


def test_the_clone_that_this_was_installed_from_serves_for_its_address(monkeypatch, tmp_path):
    clone = clone_with_origin(tmp_path / "clone", "git@github.com:lablup/bep-templates.git")
    monkeypatch.setattr(template_address, "installed_from", lambda: str(clone))

    assert template_address.find("", "gh:lablup/bep-templates") == str(clone)
    assert template_address.find("", "gh:lablup/other") == "gh:lablup/other"


def test_where_nothing_names_a_template_it_is_said(monkeypatch):
    monkeypatch.setattr(template_address, "installed_from", lambda: "")

    with pytest.raises(BepError, match="--template"):
        template_address.find("", "")


def test_a_linked_worktree_of_a_clone_stands_for_its_origin(tmp_path):
    clone = clone_with_origin(tmp_path / "clone", "git@github.com:lablup/bep-templates.git")
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=Start")
    run_git(clone, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))

    assert (
        template_address.shared_address(str(tmp_path / "tree"))
        == "git@github.com:lablup/bep-templates.git"
    )
