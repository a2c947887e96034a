"""Settings of a pull request are a stranger's text: they neither run code nor judge themselves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import copier
import pytest
import yaml

from bep.errors import BepError
from bep.system import repository, template_address, template_trust
from bep.system.template_trust import TrustedTemplate
from tests import forks
from tests.conftest import Call, copy_repository, pack, run_git, state
from tests.start.test_new import Terminal

# --- A template that a branch names -------------------------------------------------------------

_SPY = """
from jinja2.ext import Extension
from pathlib import Path

class Spy(Extension):
    def __init__(self, environment):
        super().__init__(environment)
        Path({marker!r}).write_text("run")
"""


@pytest.fixture(scope="module")
def _marker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marker") / "marker"


@pytest.fixture
def marker(_marker: Path) -> Path:
    """What the evil template writes when it is run."""
    _marker.unlink(missing_ok=True)
    return _marker


@pytest.fixture(scope="module")
def evil(template: Path, tmp_path_factory: pytest.TempPathFactory, _marker: Path) -> Path:
    """A template that renders proposals and runs code of its own."""
    folder = copy_repository(template, tmp_path_factory.mktemp("evil") / "template")
    (folder / "extensions/spy.py").write_text(_SPY.format(marker=str(_marker)))
    settings = folder / "copier.yml"
    extension = "_jinja_extensions:\n  - copier_template_extensions.TemplateExtensionLoader\n"
    text = settings.read_text()
    assert extension in text
    settings.write_text(text.replace(extension, f"{extension}  - extensions/spy.py:Spy\n"))
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Evil")
    run_git(folder, "tag", "v9.0.0")
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def _shared(template: Path, _start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shared repository, on its main a proposal in one file and one in segments."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("project") / "repository")
    (folder / "invoke.yaml").write_text(naming(template))
    run_git(folder, "commit", "--quiet", "--all", "--message=Released")
    for number, layout in ((1050, "single"), (1051, "segmented")):
        call = ["new", f"A {layout} one", "--defaults", "--number", str(number)]
        done = forks.run("bep", folder, *call, "--layout", layout)
        assert done.returncode == 0, done.stderr
    describe(folder, 1050)
    run_git(folder, "switch", "--quiet", "main")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    bare = folder.parent / "shared.git"
    run_git(folder, "clone", "--quiet", "--bare", str(folder), str(bare))
    return bare


@pytest.fixture
def project(_shared: Path, tmp_path: Path) -> Path:
    """A fresh clone of the shared repository."""
    run_git(tmp_path, "clone", "--quiet", str(_shared), "clone")
    return tmp_path / "clone"


def describe(folder: Path, number: int) -> None:
    """Give a proposal a section that can become a document of its own."""
    (path,) = (folder / "proposals").glob(f"BEP-{number}-*.md")
    heading = "## Current Design\n"
    assert heading in path.read_text()
    path.write_text(path.read_text().replace(heading, f"{heading}\nA cache.\n"))


def pull_request(folder: Path, text: str, name: str = "invoke.yaml", branch: str = "pr") -> Path:
    """A branch of a stranger, checked out: its settings file says `text`."""
    run_git(folder, "switch", "--quiet", "--force-create", branch)
    (folder / name).write_text(text)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Pull request")
    return folder


def naming(address: object) -> str:
    return f"bep:\n  template: '{address}'\n"


TASKS = [
    ("init",),
    ("new", "Session Relay", "--defaults"),
    ("new", "Session Relay", "--defaults", "--print-answers"),
    ("update",),
    ("update", "1050"),
    ("adopt", "1050", "--complete"),
    ("adopt", "--all"),
    ("segment", "1050", "--component", "Current Design=present"),
    ("add-document", "1051", "--name", "data-model", "--scope", "Tables"),
]


CALLS = [
    (*task, *filter(None, [option]))
    for task in TASKS
    for option in ("", "--dry-run", "--json")
    # `init` prints no data.
    if (task[0], option) != ("init", "--json")
]


@pytest.mark.sample(9)
@pytest.mark.parametrize("task", CALLS, ids=" ".join)
def test_no_task_runs_a_template_that_only_the_branch_names(
    project: Path, evil: Path, marker: Path, call: Call, task: tuple[str, ...]
):
    pull_request(project, naming(evil))
    before = state(project)

    code, out, err = call(project, *task)

    assert (code, out) == (2, "")
    assert err.startswith(f"bep: invoke.yaml: the template '{evil}' is not the one on origin/")
    assert err.endswith(f"; try again with --template {evil} if you trust it\n")
    assert err.count("\n") == 1
    assert not marker.exists()
    assert state(project) == before


def trusted(call: Call, folder: Path) -> bool:
    """Whether a rendering task takes the template of the settings."""
    code, _, err = call(folder, "adopt", "1001", "--dry-run")
    refused = err.endswith(" if you trust it\n")
    assert (code == 2) if refused else (code == 0), err
    return not refused


def test_the_same_template_as_on_main_is_run_without_a_question(
    project: Path, template: Path, call: Call
):
    assert trusted(call, project)
    pull_request(project, f"bep:\n  template: {template}/\n  branch: 'x-{{number}}'\n")
    assert trusted(call, project)


@pytest.mark.parametrize("name", ["invoke.yaml", "pyproject.toml"])
def test_either_settings_file_of_the_branch_is_a_strangers(
    project: Path, evil: Path, marker: Path, call: Call, name: str
):
    run_git(project, "switch", "--quiet", "--create", "pr")
    run_git(project, "rm", "--quiet", "invoke.yaml")
    text = naming(evil) if name == "invoke.yaml" else f'[tool.bep]\ntemplate = "{evil}"\n'
    pull_request(project, text, name)

    code, _, err = call(project, "new", "T", "--defaults")

    assert (code, err.startswith(f"bep: {name}: the template ")) == (2, True)
    assert not marker.exists()


@pytest.mark.parametrize(
    "lines",
    [
        "  main: pr\n",
        "  remote: mine\n",
        "  remote: mine\n  main: pr\n",
        "  main: origin/pr\n",
        "  main: HEAD\n",
    ],
)
def test_the_branch_does_not_say_what_main_is(
    project: Path, evil: Path, marker: Path, call: Call, lines: str
):
    pull_request(project, naming(evil) + lines)
    run_git(project, "remote", "add", "mine", str(project))
    run_git(project, "fetch", "--quiet", "mine")
    run_git(project, "update-ref", "refs/remotes/origin/pr", "HEAD")
    run_git(project, "tag", "refs/remotes/origin/HEAD")
    run_git(project, "tag", "refs/heads/main")

    assert not trusted(call, project)
    assert not marker.exists()


def test_a_branch_without_settings_gets_what_was_installed(
    project: Path, template: Path, monkeypatch: pytest.MonkeyPatch
):
    run_git(project, "switch", "--quiet", "--create", "pr")
    run_git(project, "rm", "--quiet", "invoke.yaml")
    monkeypatch.setattr(template_address, "installed_from", lambda: str(template))

    found = template_trust.decide(repository.find(project))

    assert found == TrustedTemplate(str(template))


def test_what_was_installed_is_trusted_by_its_path_and_by_its_origin(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clone = tmp_path / "installed"
    run_git(tmp_path, "init", "--quiet", str(clone))
    run_git(clone, "remote", "add", "origin", "git@github.com:lablup/bep-templates.git")
    monkeypatch.setattr(template_address, "installed_from", lambda: str(clone))

    for address in (clone, "gh:lablup/bep-templates"):
        pull_request(project, naming(address))
        assert template_trust.decide(repository.find(project)).address == str(clone)


GITHUB = "https://github.com/lablup/bep-templates.git"


@pytest.mark.parametrize(
    "spelling",
    [
        "gh:lablup/bep-templates",
        "git@github.com:lablup/bep-templates.git",
        "ssh://git@github.com:2222/lablup/bep-templates",
        "http://github.com:8080/lablup/bep-templates",
        "git+https://somebody@GitHub.com/lablup/bep-templates/",
        "--upload-pack=x@github.com:lablup/bep-templates.git",
        "ext::sh -c x@github.com:lablup/bep-templates.git",
    ],
)
def test_of_spellings_that_compare_equal_mains_is_the_one_that_is_used(
    project: Path, spelling: str
):
    on_main(project, naming(GITHUB))
    pull_request(project, naming(spelling))

    assert template_trust.decide(repository.find(project)).address == GITHUB


@pytest.mark.parametrize(
    "spelling",
    [
        "gh:evil/bep-templates",
        "https://github.com.evil.org/lablup/bep-templates",
        "https://evil.org/github.com/lablup/bep-templates",
        "gl:lablup/bep-templates",
        "~nobody-of-that-name/x",
        "x" * 5000,
        "gh:lablup/bep-templates\ngh:evil/x",
        "gh:l\u0430blup/bep-templates",
        "\x1b[2Jgh:lablup/bep-templates",
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_others_are_refused_in_one_line_that_a_terminal_can_show(project: Path, spelling: str):
    on_main(project, naming(GITHUB))
    pull_request(project, f"bep:\n  template: {json.dumps(spelling)}\n")

    with pytest.raises(BepError) as refused:
        template_trust.decide(repository.find(project))

    said = str(refused.value)
    assert said.isascii()
    assert said.isprintable()
    assert ascii(spelling) in said
    assert f"on origin/main ('{GITHUB}')" in said


def on_main(folder: Path, text: str) -> None:
    """The settings on the main branch of the remote, as they were fetched."""
    (folder / "invoke.yaml").write_text(text)
    run_git(folder, "commit", "--quiet", "--all", "--message=Settings")
    run_git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")


# --- What a person allows -----------------------------------------------------------------------


def test_what_the_call_names_is_run_and_known_from_then_on_in_all_working_trees(
    project: Path, evil: Path, marker: Path, tmp_path: Path, call: Call
):
    pull_request(project, naming(evil))
    run_git(project, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "pr")
    assert not trusted(call, tmp_path / "tree")

    code, _, err = call(project, "update", "1050", "--dry-run", "--template", str(evil))

    assert code == 0, err
    assert marker.exists()
    assert trusted(call, project)
    assert trusted(call, tmp_path / "tree")
    assert (project / ".git/bep/templates").read_text() == f"{evil}\n"
    other = pull_request(project, naming(f"{evil}-2"), branch="other")
    assert not trusted(call, other)


@pytest.mark.sample(4)
@pytest.mark.parametrize("task", TASKS, ids=" ".join)
def test_every_rendering_task_takes_the_remedy(
    project: Path, template: Path, tmp_path: Path, call: Call, task: tuple[str, ...]
):
    moved = copy_repository(template, tmp_path / "moved")
    run_git(moved, "remote", "add", "origin", str(template))
    pull_request(project, naming(moved))
    assert call(project, *task, "--dry-run")[0] == 2

    code, _, err = call(project, *task, "--dry-run", "--template", str(moved))

    assert code == 0, err
    assert trusted(call, project)


def test_a_clone_that_is_named_allows_the_origin_that_is_recorded_for_it(
    project: Path, tmp_path: Path
):
    clone = tmp_path / "mine"
    run_git(tmp_path, "init", "--quiet", str(clone))
    run_git(clone, "remote", "add", "origin", "git@github.com:me/bep-templates.git")
    template_trust.decide(repository.find(project), str(clone))

    pull_request(project, naming("gh:me/bep-templates"))

    used = template_trust.decide(repository.find(project)).address
    assert used == "git@github.com:me/bep-templates.git"


def test_a_person_at_the_terminal_is_asked_once(project: Path):
    pull_request(project, naming("gh:new/place"))
    found = repository.find(project)
    asked: list[str] = []

    def answering(answer: bool) -> template_trust.Ask:
        return lambda remark: bool(asked.append(remark)) or answer

    with pytest.raises(BepError, match="--template gh:new/place"):
        template_trust.decide(found, ask=answering(False))
    for _ in range(2):
        assert template_trust.decide(found, ask=answering(True)).address == "gh:new/place"
    assert len(asked) == 2
    assert asked[0].startswith("The template 'gh:new/place' is not the one on origin/main ('")


@pytest.mark.parametrize("answer", ["n", "", "y"])
def test_on_a_terminal_the_question_shows_both_addresses(
    project: Path, evil: Path, template: Path, marker: Path, answer: str
):
    pull_request(project, naming(evil))

    terminal = Terminal(project, "update", "1050", "--dry-run", columns=500)
    terminal.wait_for("[y/N]")
    assert not marker.exists()
    terminal.type(f"{answer}\r")
    code = terminal.end()

    assert f"The template '{evil}' is not the one on origin/main ('{template}')" in terminal.shown
    assert marker.exists() == (answer == "y")
    assert code != 0 or answer == "y"
    assert (project / ".git/bep/templates").exists() == (answer == "y")


@pytest.mark.parametrize("garbage", [b"", b"\xff\0\n\n", b"gh:new/place/../../x", b"*\n" * 9])
def test_a_broken_memory_remembers_nothing_and_can_be_written(project: Path, garbage: bytes):
    pull_request(project, naming("gh:new/place"))
    found = repository.find(project)
    memory = project / ".git/bep/templates"
    memory.parent.mkdir()
    memory.write_bytes(garbage)

    with pytest.raises(BepError):
        template_trust.decide(found)
    template_trust.decide(found, "gh:new/place")
    assert template_trust.decide(found).address == "gh:new/place"
    assert [path.name for path in memory.parent.iterdir()] == ["templates"]


def test_a_memory_that_cannot_be_written_stops_nothing(project: Path):
    (project / ".git/bep/templates").mkdir(parents=True)

    assert template_trust.decide(repository.find(project), "gh:a/b").address == "gh:a/b"


# --- What is recorded of a template that is a clone ---------------------------------------------


def sources(folder: Path) -> set[str]:
    """The templates that answers files record."""
    found = sorted((folder / "proposals/.copier").glob(".copier-answers.*.yml"))
    return {yaml.safe_load(path.read_text())["_src_path"] for path in found}


def test_of_a_clone_of_a_clone_one_step_is_recorded_and_stays(
    released: Path, template: Path, tmp_path: Path, call: Call
):
    folder = released
    first, second = tmp_path / "first", tmp_path / "second"
    run_git(tmp_path, "clone", "--quiet", str(template), str(first))
    run_git(tmp_path, "clone", "--quiet", str(first), str(second))
    on_main(folder, naming(second))
    for task in (
        ("new", "One", "--defaults", "--number", "1050", "--layout", "single"),
        ("adopt", "1001"),
        ("segment", "1050", "--component", "Current Design=present"),
        ("add-document", "1050", "--name", "data-model", "--scope", "Tables"),
    ):
        code, _, err = call(folder, *task)
        assert code == 0, err
        assert sources(folder) == {str(first)}
        if task[0] == "new":
            describe(folder, 1050)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    for name in ("v1.1.0", "v1.2.0"):
        (first / "includes/new").write_text(name)
        run_git(first, "add", "--all")
        run_git(first, "commit", "--quiet", "--message=Revision")
        run_git(first, "tag", name)
    run_git(second, "pull", "--quiet", "--tags")

    code, _, err = call(folder, "update", "--to", "v1.1.0")
    assert (code, err) == (0, "")
    assert sources(folder) == {str(first)}
    run_git(folder, "commit", "--quiet", "--all", "--message=Updated")
    copier.run_update(
        folder,
        answers_file="proposals/.copier/.copier-answers.BEP-1050.yml",
        defaults=True,
        unsafe=True,
        overwrite=True,
        quiet=True,
    )
    assert sources(folder) == {str(first)}
    assert "v1.2.0" in (folder / "proposals/.copier/.copier-answers.BEP-1050.yml").read_text()


def test_what_init_writes_for_a_clone_of_a_clone_serves_all_tasks(
    template: Path, tmp_path: Path, call: Call
):
    folder, first, second = tmp_path / "empty", tmp_path / "first", tmp_path / "second"
    run_git(tmp_path, "init", "--quiet", str(folder))
    run_git(tmp_path, "clone", "--quiet", str(template), str(first))
    run_git(tmp_path, "clone", "--quiet", str(first), str(second))

    for task in (("init", "--template", str(second)), ("new", "One", "--defaults"), ("update",)):
        code, _, err = call(folder, *task)
        assert code == 0, err
        run_git(folder, "add", "--all")
        run_git(folder, "commit", "--quiet", "--allow-empty", "--message=Change")

    settings = yaml.safe_load((folder / "invoke.yaml").read_text())
    assert settings["bep"]["template"] == str(first)


# --- A template inside the repository -----------------------------------------------------------


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "spelled", ["tools/template", "./tools/template", "link", "{root}/tools/template"]
)
def test_a_template_inside_the_repository_is_allowed_for_one_call_only(
    project: Path, checkout: Path, call: Call, spelled: str
):
    shutil.copytree(checkout, project / "tools/template")
    (project / "link").symlink_to("tools/template")
    run_git(project, "add", "--all")
    address = spelled.format(root=project)
    on_main(project, naming(address))
    run_git(project, "switch", "--quiet", "--create", "pr")

    code, _, err = call(project, "new", "T", "--defaults", "--dry-run")
    assert code == 2
    assert "in this repository, where any branch can change it; try again with" in err
    assert call(project, "new", "T", "--defaults", "--dry-run", "--template", address)[0] == 0
    assert call(project, "new", "T", "--defaults", "--dry-run")[0] == 2


@pytest.mark.parametrize("address", ["git@host.example:a/b.git", "host.example:a/b"])
@pytest.mark.parametrize("task", [("new", "T", "--defaults"), ("update",)], ids=" ".join)
def test_a_folder_that_git_would_take_for_mains_address_is_refused(
    project: Path, evil: Path, marker: Path, call: Call, task: tuple[str, ...], address: str
):
    on_main(project, naming(address))
    run_git(project, "switch", "--quiet", "--create", "pr")
    (project / address).parent.mkdir()
    run_git(project, "clone", "--quiet", "--bare", str(evil), str(project / address))
    run_git(project, "pack-refs", "--all")

    for named in ((), ("--template", address)):
        code, _, err = call(project, *task, *named)
        assert code == 2
        assert address in err
        assert err.count("\n") == 1
    assert not marker.exists()


# --- Where main is ------------------------------------------------------------------------------


def test_a_remote_of_another_name_holds_main_where_it_is_the_only_one(
    project: Path, evil: Path, call: Call
):
    run_git(project, "remote", "rename", "origin", "upstream")
    pull_request(project, naming(evil))
    run_git(project, "branch", "--quiet", "--force", "main", "pr")

    assert not trusted(call, project)
    run_git(project, "switch", "--quiet", "--detach", "upstream/main")
    assert trusted(call, project)


def test_without_a_remote_the_local_main_counts(project: Path, evil: Path, call: Call):
    run_git(project, "remote", "remove", "origin")
    assert trusted(call, project)
    pull_request(project, naming(evil))
    assert not trusted(call, project)


def test_a_detached_head_is_held_against_main_too(project: Path, evil: Path, call: Call):
    pull_request(project, naming(evil))
    run_git(project, "switch", "--quiet", "--detach")
    assert not trusted(call, project)
    run_git(project, "switch", "--quiet", "--detach", "origin/main")
    assert trusted(call, project)


def test_a_shallow_clone_of_the_branch_alone_knows_no_main(
    project: Path, evil: Path, marker: Path, tmp_path: Path, call: Call
):
    pull_request(project, naming(evil))
    run_git(project, "push", "--quiet", "origin", "pr:refs/heads/pr-shallow")
    shared = run_git(project, "remote", "get-url", "origin")
    options = ("--quiet", "--depth=1", "--branch=pr-shallow")
    run_git(tmp_path, "clone", *options, f"file://{shared}", "shallow")

    code, _, err = call(tmp_path / "shallow", "update", "--dry-run")

    assert (code, marker.exists()) == (2, False)
    assert "is on no main branch, as there is none here" in err
    run_git(project, "push", "--quiet", "origin", ":refs/heads/pr-shallow")


def test_a_repository_without_a_commit_holds_no_strangers_text(tmp_path: Path):
    run_git(tmp_path, "init", "--quiet", "new")
    (tmp_path / "new/invoke.yaml").write_text(naming("gh:a/b"))

    assert template_trust.decide(repository.find(tmp_path / "new")).address == "gh:a/b"
    (tmp_path / "new/.git/refs/heads/main").parent.mkdir(exist_ok=True)
    run_git(tmp_path / "new", "commit", "--quiet", "--allow-empty", "--message=Main")
    run_git(tmp_path / "new", "switch", "--quiet", "--orphan", "other")
    (tmp_path / "new/invoke.yaml").write_text(naming("gh:a/b"))
    with pytest.raises(BepError, match="not on main, which names none"):
        template_trust.decide(repository.find(tmp_path / "new"))


# --- What judges a change -----------------------------------------------------------------------

DEAD = "\n[gone](gone.md)\n"
LEDGER = "proposals/BEP-1002-quota-ledger.md"


def judged(call: Call, folder: Path, *arguments: str) -> tuple[list[tuple[str, str]], str]:
    """Rules and paths of what `check` finds, and what it remarks."""
    code, out, err = call(folder, "check", "--json", *arguments)
    assert code in (0, 1), err
    found = [(one["rule"], one["path"]) for one in json.loads(out) if one["rule"] == "link-missing"]
    return found, "\n".join(line for line in err.split("\n") if line.startswith("bep: "))


def break_link(folder: Path) -> None:
    with (folder / LEDGER).open("a") as file:
        file.write(DEAD)


SWITCHED_OFF = {
    "invoke.yaml": "bep:\n  check:\n    link-missing: off\n",
    "pyproject.toml": '[tool.bep.check]\nlink-missing = "off"\n',
}


@pytest.mark.parametrize("since", [(), ("--since", "origin/main"), ("--since", "main")], ids=str)
@pytest.mark.parametrize("name", SWITCHED_OFF)
def test_a_change_does_not_switch_off_the_rules_that_judge_it(
    project: Path, call: Call, name: str, since: tuple[str, ...]
):
    run_git(project, "switch", "--quiet", "--create", "pr")
    run_git(project, "rm", "--quiet", "invoke.yaml")
    break_link(project)
    pull_request(project, SWITCHED_OFF[name], name)
    base = run_git(project, "rev-parse", "main")[:9]

    found, remarks = judged(call, project, *since)

    assert found == [("link-missing", LEDGER)]
    assert remarks == (f"bep: the settings of {base} judge this change; those here differ in check")
    assert judged(call, project, "--all") == ([], "")


def test_settings_that_judge_nothing_are_not_named(project: Path, call: Call):
    more = "  untouched_days: 9\n  site:\n    title: T\n  version_file: V\n  branch: x{number}\n"
    pull_request(project, f"bep:\n{more}")

    assert "differ" not in call(project, "check", "--since", "main")[2]


def test_a_change_does_not_raise_the_limits_that_judge_it(project: Path, call: Call):
    on_main(project, "bep:\n  limits: {segmentation: {lines: 20}}\n")
    run_git(project, "switch", "--quiet", "--create", "pr")
    with (project / LEDGER).open("a") as file:
        file.write("\nMore.\n" * 20)
    pull_request(project, "bep:\n  limits: {segmentation: {lines: 9000}}\n")

    _, out, err = call(project, "check", "--since", "main")

    assert "beyond 20" in out
    assert "those here differ in limits" in err
    assert "single-lines" not in call(project, "check", "--all")[1]


@pytest.mark.parametrize("lines", ["  main: pr\n", "  remote: mine\n", "  main: nowhere\n"])
def test_a_branch_does_not_say_what_it_is_held_against(project: Path, call: Call, lines: str):
    break_link(project)
    pull_request(project, SWITCHED_OFF["invoke.yaml"] + lines)

    assert judged(call, project)[0] == [("link-missing", LEDGER)]


def test_a_rule_that_main_switched_off_is_off_and_one_it_made_stricter_is_strict(
    project: Path, call: Call
):
    on_main(project, SWITCHED_OFF["invoke.yaml"])
    run_git(project, "switch", "--quiet", "--create", "pr")
    break_link(project)
    assert judged(call, project) == ([], "")
    pull_request(project, "bep:\n  first_number: 1000\n")
    assert judged(call, project)[0] == []


def test_a_change_that_names_another_folder_is_judged_where_the_proposals_are(
    project: Path, call: Call
):
    (project / "docs").mkdir()
    shutil.copy(project / "proposals/README.md", project / "docs/README.md")
    break_link(project)
    pull_request(project, "bep:\n  proposals: docs\n")

    found, remarks = judged(call, project)

    assert found == [("link-missing", LEDGER)]
    assert remarks.endswith("those here differ in proposals")


def test_a_change_that_moves_the_folder_is_judged_as_what_it_is(project: Path, call: Call):
    with (project / LEDGER).open("a") as file:
        file.write("\n[old](old.md)\n")
    on_main(project, "bep:\n  first_number: 1000\n")
    run_git(project, "switch", "--quiet", "--create", "pr")
    run_git(project, "mv", "proposals", "docs")
    pull_request(project, "bep:\n  proposals: docs\n")
    moved = LEDGER.replace("proposals", "docs")
    assert judged(call, project) == ([], "")

    with (project / moved).open("a") as file:
        file.write(DEAD)
    assert judged(call, project)[0] == [("link-missing", moved)]


def test_broken_settings_of_a_change_fail_it(project: Path, call: Call):
    break_link(project)
    pull_request(project, "bep:\n  check: [\n")

    code, out, err = call(project, "check", "--since", "main")

    assert (code, out) == (2, "")
    assert err.startswith("bep: invoke.yaml:")


def test_broken_settings_on_main_do_not_keep_a_change_from_mending_them(project: Path, call: Call):
    on_main(project, "bep:\n  check: [\n")
    base = run_git(project, "rev-parse", "HEAD")[:9]
    run_git(project, "switch", "--quiet", "--create", "pr")
    break_link(project)
    pull_request(project, SWITCHED_OFF["invoke.yaml"])

    found, remarks = judged(call, project)

    assert found == [("link-missing", LEDGER)]
    assert f"bep: the default settings judge this change: {base}:invoke.yaml:" in remarks


@pytest.mark.parametrize("folder", ["proposals", "docs"])
def test_the_change_that_introduces_the_tool_is_judged_by_the_defaults_in_its_folder(
    project: Path, call: Call, folder: str
):
    run_git(project, "rm", "-r", "--quiet", "proposals", "invoke.yaml")
    run_git(project, "commit", "--quiet", "--message=Before")
    run_git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    run_git(project, "switch", "--quiet", "--create", "pr")
    run_git(project, "checkout", "--quiet", "HEAD~1", "--", "proposals")
    break_link(project)
    if folder != "proposals":
        run_git(project, "mv", "proposals", folder)
    pull_request(project, f"{SWITCHED_OFF['invoke.yaml']}  proposals: {folder}\n")

    found, remarks = judged(call, project)

    assert found == [("link-missing", LEDGER.replace("proposals", folder))]
    assert remarks.endswith("those here differ in check")


def test_a_base_without_settings_judges_by_the_defaults(project: Path, call: Call):
    run_git(project, "rm", "--quiet", "invoke.yaml")
    run_git(project, "commit", "--quiet", "--message=Without")
    run_git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    break_link(project)
    pull_request(project, "bep:\n  first_number: 1\n" + SWITCHED_OFF["invoke.yaml"][5:])

    found, remarks = judged(call, project)

    assert found == [("link-missing", LEDGER)]
    assert remarks.endswith("those here differ in first_number, check")


def test_the_hook_judges_a_commit_by_the_settings_before_it(project: Path, call: Call):
    break_link(project)
    (project / "invoke.yaml").write_text(SWITCHED_OFF["invoke.yaml"])
    run_git(project, "add", "--all")

    assert judged(call, project, "--since", "HEAD")[0] == [("link-missing", LEDGER)]
    run_git(project, "commit", "--quiet", "--message=Both")
    with (project / LEDGER).open("a") as file:
        file.write("\n[too](too.md)\n")
    assert judged(call, project, "--since", "HEAD") == ([], "")


def test_fix_follows_the_same_settings(project: Path, call: Call):
    on_main(project, "bep:\n  check:\n    section-length: off\n")
    run_git(project, "switch", "--quiet", "--create", "pr")
    before = (project / LEDGER).read_text()
    (project / LEDGER).write_text(before.replace("Status: ", "status: "))
    pull_request(project, "bep:\n  check:\n    metadata-key-spelling: off\n")

    call(project, "check", "--fix")

    assert (project / LEDGER).read_text() == before
