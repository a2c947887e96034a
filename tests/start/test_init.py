"""`bep init`: a repository is made ready; what exists is touched only with `--apply`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bep.proposal import document, registry_table
from tests.conftest import CORPUS, Call, copy_repository, run_git

MADE = {
    "invoke.yaml",
    "proposals/README.md",
    "proposals/BEP-0000-template.md",
    "proposals/.copier/guide.yml",
    "proposals/.copier/.copier-answers.BEP-0000.yml",
}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A repository without a file."""
    folder = tmp_path / "empty"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    return folder


@pytest.fixture
def init(call: Call, template: Path) -> Callable[..., list[str]]:
    """Runs `bep init` and gives the lines that it said."""

    def run(folder: Path, *arguments: str) -> list[str]:
        code, out, err = call(folder, "init", "--template", str(template), *arguments)
        # What would be done is told on stderr, since the diff stands on stdout.
        assert code == 0
        assert "--dry-run" in arguments or err == ""
        return (err if "--dry-run" in arguments else out).splitlines()

    return run


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def said_of(lines: list[str]) -> dict[str, str]:
    """What is said of each file."""
    pairs = (line.partition(": ") for line in lines)
    return {
        path: rest
        for path, colon, rest in pairs
        if colon and re.fullmatch(r"\w[\w./-]*\.\w+", path)
    }


# --- An empty repository ------------------------------------------------------------------------


def test_a_template_may_ask_what_only_a_proposal_answers(empty, call, template, tmp_path):
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", str(template), str(fork))
    questions = fork / "copier.yml"
    questions.write_text(f"{questions.read_text()}\nsponsor:\n  type: str\n  help: Sponsor.\n")
    run_git(fork, "commit", "--quiet", "--all", "--message=Ask for a sponsor")
    run_git(fork, "tag", "v90.0.0")

    assert call(empty, "init", "--template", str(fork))[0] == 0
    missing = call(empty, "new", "Session Relay", "--defaults")
    assert (missing[0], "sponsor is missing; give it, as with -d" in missing[2]) == (2, True)
    assert call(empty, "new", "Session Relay", "--defaults", "-d", "sponsor=Ada")[0] == 0


def test_an_empty_repository_gets_page_blank_document_answers_and_settings(empty, init):
    lines = init(empty)

    assert set(files(empty)) == MADE
    assert said_of(lines) == dict.fromkeys(MADE, "made")
    page = registry_table.read((empty / "proposals/README.md").read_text(), "page")
    assert page.rows == ()
    assert run_git(empty, "for-each-ref") == ""


def test_the_blank_document_has_the_guides_metadata_and_sections(empty, init):
    init(empty)

    read = document.Document((empty / "proposals/BEP-0000-template.md").read_text())
    assert [entry.key for entry in read.metadata.entries] == [
        "Author",
        "Status",
        "Created",
        "Created-Version",
        "Target-Version",
        "Implemented-Version",
    ]
    assert read.metadata.value("created") == "YYYY-MM-DD"
    headings = [block.text for block in read.blocks if getattr(block, "level", 0) == 2]
    assert headings == [
        "Related Issues",
        "Motivation",
        "Current Design",
        "Proposed Design",
        "Migration / Compatibility",
        "Implementation Plan",
        "Decision Log",
        "Open Questions",
        "References",
    ]


def test_the_settings_name_the_template_that_was_used(empty, init, template):
    init(empty)

    settings = yaml.safe_load((empty / "invoke.yaml").read_text())
    assert settings["bep"]["template"] == str(template)


def test_the_first_proposal_follows_without_another_word(empty, init, call):
    init(empty)

    code, out, err = call(empty, "new", "First", "--defaults")

    assert code == 0, err
    assert "proposals/BEP-1000-first.md" in out
    assert [one for one in files(empty) if "1000" in one]
    page = (empty / "proposals/README.md").read_text()
    assert "| [1000](BEP-1000-first.md) | First | Grace Hopper | Draft |\n" in page


# --- Again --------------------------------------------------------------------------------------


def test_a_second_run_says_equal_and_changes_nothing(empty, init):
    init(empty)
    before = files(empty)

    lines = init(empty)

    assert files(empty) == before
    assert said_of(lines) == dict.fromkeys(MADE, "equal to the template's")


def test_a_file_that_was_deleted_is_made_again(empty, init):
    init(empty)
    before = files(empty)
    (empty / "invoke.yaml").unlink()

    lines = init(empty)

    assert files(empty) == before
    assert said_of(lines)["invoke.yaml"] == "made"


def test_a_page_with_rows_of_its_own_is_kept(empty, init, call):
    init(empty)
    call(empty, "reserve", "First")
    before = files(empty)

    said = said_of(init(empty))

    assert files(empty) == before
    assert said["proposals/README.md"].startswith("differs")


# --- What exists --------------------------------------------------------------------------------


def test_what_exists_is_kept_byte_for_byte_and_said_to_differ(repository, init):
    before = files(repository)

    said = said_of(init(repository))

    after = files(repository)
    assert {path: after[path] for path in before} == before
    assert said["proposals/README.md"].startswith("differs")
    assert said["invoke.yaml"].startswith("differs")
    assert said["proposals/BEP-0000-template.md"] == "made"
    assert "proposals/.copier/.copier-answers.BEP-0000.yml" not in after, "the page is not ours"


def test_settings_in_pyproject_toml_are_respected(empty, init, call, template):
    (empty / "pyproject.toml").write_text(
        '[tool.bep]\nproposals = "docs/beps"\nfirst_number = 1\nissue_prefix = "CORE"\n'
    )

    said = "\n".join(init(empty))

    made = files(empty)
    assert "docs/beps/README.md" in made
    assert "invoke.yaml" not in made, "it would hide the settings that are there"
    assert f'the template, in [tool.bep] of pyproject.toml: `template = "{template}"`' in said
    assert "docs/beps/.copier/.copier-answers.BEP-0000.yml" in made
    assert not [path for path in made if path.startswith("proposals/")]
    assert b"CORE-XXXX" in made["docs/beps/BEP-0000-template.md"]
    code, _, err = call(empty, "new", "First", "--defaults")
    assert code == 0, err
    assert [path for path in files(empty) if path.endswith("BEP-0001-first.md")], (
        "the settings hold after init too"
    )


def test_a_folder_in_place_of_a_file_is_left_alone(empty, init):
    (empty / "proposals/BEP-0000-template.md").mkdir(parents=True)

    said = said_of(init(empty))

    assert said["proposals/BEP-0000-template.md"].startswith("differs")
    assert (empty / "proposals/README.md").is_file()


def test_a_file_in_place_of_the_folder_is_refused_and_nothing_is_made(empty, call, template):
    (empty / "proposals").write_text("in the way")

    code, out, err = call(empty, "init", "--template", str(template))

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: proposals[^\n]*\n", err), err
    assert set(files(empty)) == {"proposals"}


# --- Lines that contradict the tool -------------------------------------------------------------

CONTRADICTIONS = [
    "1. **Reserve a BEP number** by adding your proposal to the BEP Number Registry table below.",
    "Copy `proposals/BEP-0000-template.md` to create a new document.",
    "cp proposals/BEP-0000-template.md proposals/BEP-XXXX-title.md",
    "Git merge conflicts will naturally prevent duplicate numbers.",
    "Numbers start from 1000. Pick the next available number.",
    "Edit proposals/README.md - add entry to the BEP Number Registry table:",
]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_that_contradict_the_tool_are_named_with_their_places(empty, init, ending):
    (empty / "docs").mkdir()
    page = ["# How to write a BEP", *(f"  {line}" for line in CONTRADICTIONS), "More."]
    (empty / "docs/guide.md").write_bytes(ending.join(page).encode())

    lines = init(empty)

    found = [one for one in lines if one.startswith("docs/guide.md:")]
    assert [one.partition(" contradicts the tool: ")[0] for one in found] == [
        f"docs/guide.md:{at}: {line!r}" for at, line in enumerate(CONTRADICTIONS, 2)
    ]
    assert (empty / "docs/guide.md").read_bytes() == ending.join(page).encode()


def test_what_init_makes_contradicts_nothing(empty, init):
    init(empty)

    assert not [line for line in init(empty) if "contradicts" in line]


def test_the_templates_own_lines_contradict_nothing_on_a_page_that_has_grown(empty, init):
    init(empty)
    page = empty / "proposals/README.md"
    page.write_text(page.read_text() + "\nPick the next available number.\n")

    found = [line for line in init(empty) if "contradicts" in line]

    assert len(found) == 1
    assert "next available number" in found[0]


def test_pages_about_other_things_are_not_judged(empty, init):
    (empty / "CONTRIBUTING.md").write_text("Pick the next available number.\n")
    (empty / ".gitignore").write_text("ignored/\n")
    (empty / "ignored").mkdir()
    (empty / "ignored/bep.md").write_text("BEP: pick the next available number.\n")

    assert not [line for line in init(empty) if "contradicts" in line]


def test_the_contradictions_of_the_real_page_are_found(empty, init):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    (empty / "proposals").mkdir()
    shutil.copy(CORPUS / "proposals/README.md", empty / "proposals")
    page = (empty / "proposals/README.md").read_text().split("\n")
    wrong = [
        at
        for at, line in enumerate(page, 1)
        if ("BEP-0000-template.md" in line and "Copy" in line)
        or "merge conflicts" in line
        or "reserve your BEP number here first" in line
        or "by adding your proposal" in line
    ]  # fmt: skip

    lines = init(empty)

    named = [int(line.split(":")[1]) for line in lines if "contradicts" in line]
    assert named == wrong
    assert len(wrong) == 5


# --- They are changed where that is asked for ---------------------------------------------------

SKILL = ".claude/skills/bep-guide/SKILL.md"
# As the pages of a real repository have it, and what it says afterwards.
RESERVE = (
    'Reserve a number with `bep reserve "Your title"`, which also adds its row to the registry'
)
NEW = 'Run `bep new "Your title"`, which writes the document with all its sections'
CHANGED = [
    (
        "The page (`proposals/BEP-0000-template.md`) is the **blank** one to copy and fill in.",
        "The page (`proposals/BEP-0000-template.md`) is the **blank** one.",
    ),
    (
        "Edit `proposals/README.md` — add entry to the **BEP Number Registry** table:",
        f"{RESERVE}:",
    ),
    (
        "Numbers start from 1000. Pick the next available number.",
        'Numbers start from 1000. `bep reserve "Your title"` takes the next number.',
    ),
    (
        "```bash\n$ cp proposals/BEP-0000-template.md proposals/BEP-XXXX-title.md\n```",
        '```bash\n$ bep new "Your title"\n```',
    ),
    (
        "1. Search first\n2. Reserve number in registry\n3. Decide structure",
        f"1. Search first\n2. {RESERVE}\n3. Decide structure",
    ),
    (
        "- **Reserve a number first.** Add your entry to the BEP Number Registry before writing.",
        f"- **Reserve a number first.** {RESERVE}.",
    ),
    (
        "> - [ ] Copy `BEP-0000-template.md`!\n> - [ ] Then write.",
        f"> - [ ] {NEW}!\n> - [ ] Then write.",
    ),
]
# A sentence that goes on in another line, and what is no prose.
LEFT = [
    "Whoever begins\ncopies with cp BEP-0000-template.md.",
    "Copy BEP-0000-template.md\nto a new name.",
    "**First. Then copy BEP-0000-template.md.** Last.",
    "| Step |\n|---|\n| Copy BEP-0000-template.md |",
    "## Copy BEP-0000-template.md",
    "<!-- Copy BEP-0000-template.md. -->",
    "```sh\n# Copy BEP-0000-template.md\ncp BEP-0000-template.md x.md && vi x.md\n```",
    f"Copy BEP-0000-template.md.{' x' * 1500}",
]


@pytest.mark.sample(5)
@pytest.mark.parametrize(("old", "new"), CHANGED)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_that_says_it_alone_is_changed_and_no_other_byte(empty, init, old, new, ending):
    page = "---\ndescription: Guide for BEPs\n---\n\n{}\n\nThe end.\n".replace("\n", ending)
    (empty / SKILL).parent.mkdir(parents=True)
    (empty / SKILL).write_bytes(page.format(old.replace("\n", ending)).encode())

    lines = init(empty, "--apply")

    assert (empty / SKILL).read_bytes().decode() == page.format(new.replace("\n", ending))
    assert f"+++ b/{SKILL}" in lines
    assert [line for line in lines if line.startswith(SKILL) and " is changed: " in line]
    assert not [line for line in init(empty) if line.startswith(SKILL)], (
        "it contradicts nothing now"
    )


@pytest.mark.sample(4)
@pytest.mark.parametrize("text", LEFT)
def test_what_a_line_does_not_say_alone_is_left_to_a_person(empty, init, text):
    page = f"# BEPs\n\n{text}\n"
    (empty / "page.md").write_text(page)

    lines = init(empty, "--apply")

    assert (empty / "page.md").read_text() == page
    by_hand = [line for line in lines if line.startswith("page.md:")]
    assert all(line.endswith("; change it by hand") for line in by_hand)
    assert by_hand or len(page) > 2000


def test_a_proposal_says_what_its_author_wants(empty, init):
    init(empty)
    for name in ("BEP-1001-x.md", "BEP-1001/part.md"):
        path = empty / "proposals" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# BEP\n\nCopy BEP-0000-template.md.\n")

    assert not [line for line in init(empty, "--apply") if "BEP-1001" in line]


def test_a_dry_run_shows_what_apply_would_change(empty, init, call, template):
    (empty / "page.md").write_text("# BEPs\n\nPick the next available number.\n")
    arguments = ("init", "--template", str(template), "--apply")

    _, out, err = call(empty, *arguments, "--dry-run")

    assert set(files(empty)) == {"page.md"}
    assert "page.md:3: 'Pick the next available number.' would be changed: " in err
    (empty.parent / "plan.diff").write_text(out)
    run_git(empty, "apply", str(empty.parent / "plan.diff"))
    planned = files(empty)
    (empty / "page.md").write_text("# BEPs\n\nPick the next available number.\n")
    init(empty, "--apply")
    assert files(empty) == planned


def test_without_apply_it_says_how_many_lines_it_would_change(empty, init):
    (empty / "page.md").write_text("# BEPs\n\nPick the next available number.\n")

    assert "`bep init --apply` changes 1 of these lines; with --dry-run it shows how." in init(
        empty
    )


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "edit", [("step", "point"), ("the", "The"), (".\n", ".  \n"), ("alone", "too")]
)
def test_its_own_pages_contradict_nothing_after_they_were_edited_a_little(empty, init, edit):
    init(empty, "--agents")
    names = ("README.md", "BEP-0000-template.md", "AGENTS.md")
    for page in (empty / SKILL, *(empty / "proposals" / name for name in names)):
        page.write_text(page.read_text().replace(*edit))

    assert not [
        line for line in init(empty, "--apply") if "contradicts" in line or "changed" in line
    ]


def test_the_block_for_agents_and_the_text_around_it_change_together(empty, init):
    (empty / "proposals").mkdir()
    (empty / "proposals/AGENTS.md").write_text("# BEPs\n\nPick the next available number.\n")

    init(empty, "--agents", "--apply")

    text = (empty / "proposals/AGENTS.md").read_text()
    assert text.startswith(
        '# BEPs\n\n`bep reserve "Your title"` takes the next number.\n\n<!-- bep-'
    )


# --- What a first proposal needs ----------------------------------------------------------------


def test_it_names_the_identity_and_the_remote_that_are_missing(empty, init, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    missing = [line for line in init(empty) if line.startswith("Missing: ")]

    assert len(missing) == 3
    for line in missing:
        command = re.search("`git ([^`]*)`", line)[1].replace("--global ", "")
        run_git(empty, *shlex.split(command))
    assert not [line for line in init(empty) if line.startswith("Missing: ")]


# --- Nothing is changed -------------------------------------------------------------------------


def test_a_dry_run_is_a_diff_that_gives_the_same_files(empty, init, call, template):
    code, out, _ = call(empty, "init", "--template", str(template), "--invoke", "--dry-run")
    assert code == 0
    assert files(empty) == {}
    (empty.parent / "plan.diff").write_text(out)

    init(empty, "--invoke")
    made = files(empty)
    run_git(empty, "clean", "--quiet", "--force", "-d")
    run_git(empty, "apply", str(empty.parent / "plan.diff"))

    assert files(empty) == made


def test_outside_of_a_repository_it_is_refused(tmp_path, call, template):
    code, out, err = call(tmp_path, "init", "--template", str(template))

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: [^\n]*not a Git repository[^\n]*\n", err)
    assert not (tmp_path / "proposals").exists()


# --- invoke -------------------------------------------------------------------------------------


def test_invoke_then_has_the_tasks_of_bep(empty, init):
    assert said_of(init(empty, "--invoke"))["tasks.py"] == "made"

    done = subprocess.run(
        [sys.executable, "-m", "invoke", "--list"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    tasks = {line.split()[0] for line in done.stdout.splitlines()[2:] if line.strip()}
    assert {"init", "list", "new", "reserve"} <= tasks
    assert len((empty / "tasks.py").read_text().splitlines()) <= 3


def test_a_tasks_py_of_ones_own_is_kept(empty, init):
    (empty / "tasks.py").write_text("# mine\n")

    assert said_of(init(empty, "--invoke"))["tasks.py"].startswith("differs")
    assert (empty / "tasks.py").read_text() == "# mine\n"


def test_invoke_can_be_asked_for_later(empty, init):
    init(empty)
    before = files(empty)

    said = said_of(init(empty, "--invoke"))

    assert said["tasks.py"] == "made"
    after = files(empty)
    assert after.pop("tasks.py")
    assert after == before


# --- Skill and page for agents ------------------------------------------------------------------

AGENTS = "proposals/AGENTS.md"
RECORD = "proposals/.copier/.copier-answers.BEP-0000.yml"


def made_of(lines: list[str]) -> dict[str, str]:
    """What is said of each file, also of those in a folder that begins with a dot."""
    return {path: rest for path, _, rest in (line.partition(": ") for line in lines)}


def test_skill_and_page_for_agents_are_made_and_recorded(empty, init):
    lines = init(empty, "--agents")

    assert set(files(empty)) == MADE | {AGENTS, SKILL}
    assert "made" == said_of(lines)[AGENTS] == made_of(lines)[SKILL]
    assert f"skills:\n- {SKILL}\n" in (empty / RECORD).read_text()
    before = files(empty)
    lines = init(empty, "--agents")
    assert said_of(lines)[AGENTS] == "its block is equal to this version's"
    assert made_of(lines)[SKILL] == "equal to the template's"
    assert files(empty) == before


def test_the_skill_joins_a_page_that_is_recorded_and_more_files_of_it_later(empty, init, template):
    init(empty)
    (empty / "invoke.yaml").write_text(f"bep:\n  template: {template}\n  skills: {SKILL}\n")

    lines = init(empty, "--agents")

    assert said_of(lines)[RECORD] == "now records the skill"
    other = SKILL.replace(".claude", "docs")
    (empty / "invoke.yaml").write_text(f"bep:\n  skills: [{SKILL}, {other}]\n")
    assert said_of(init(empty, "--agents"))[other] == "made"
    assert f"skills:\n- {SKILL}\n- {other}\n" in (empty / RECORD).read_text()
    assert (empty / other).read_bytes() == (empty / SKILL).read_bytes()
    before = files(empty)
    (empty / SKILL).unlink()
    init(empty, "--agents")
    assert files(empty) == before, "a file of it that was deleted is made again"


def test_a_skill_by_hand_is_left_and_adopted_on_demand(empty, init, call, template):
    (empty / SKILL).parent.mkdir(parents=True)
    (empty / SKILL).write_text("# Ours\n")

    lines = init(empty, "--agents")

    assert (
        made_of(lines)[SKILL] == "left as it is; `bep adopt 0` records it, for updates to reach it"
    )
    assert "skills: []" in (empty / RECORD).read_text()
    code, out, _ = call(empty, "adopt", "0", "--template", str(template))
    assert (code, f"with {SKILL}" in out) == (0, True)
    assert f"skills:\n- {SKILL}\nadopted: true\n" in (empty / RECORD).read_text()
    assert (empty / SKILL).read_text() == "# Ours\n"
    _, out, _ = call(empty, "adopt", "--all", "--template", str(template))
    assert "recorded" in out


def test_beside_a_page_by_hand_the_skill_waits_for_adoption(repository, init, call):
    lines = init(repository, "--agents")

    assert made_of(lines)[SKILL] == "made; `bep adopt 0` records it"
    assert not (repository / RECORD).exists()
    run_git(repository, "add", "--all")
    _, out, _ = call(repository, "check", "--json", "--all")
    (found,) = (one for one in json.loads(out) if one["rule"] == "skill-outdated")
    assert (found["path"], found["line"]) == (SKILL, 4)


@pytest.mark.parametrize("made", ["a folder", "a link out", "a link to nowhere"])
def test_what_is_no_file_is_told_and_left(empty, init, tmp_path, made):
    skill = empty / SKILL
    (skill if made == "a folder" else skill.parent).mkdir(parents=True)
    if made != "a folder":
        target = tmp_path / "secret.md"
        if made == "a link out":
            target.write_text("secret")
        skill.symlink_to(target)

    lines = init(empty, "--agents")

    assert made_of(lines)[SKILL] == "is not a regular file; move it away and try again"
    assert "skills: []" in (empty / RECORD).read_text()
    assert not list(tmp_path.glob("secret.md")) or (tmp_path / "secret.md").read_text() == "secret"


def test_a_page_of_a_revision_without_a_skill_is_brought_up_to_date_first(empty, call, template):
    old = copy_repository(template, empty.parent / "old")
    questions = old / "copier.yml"
    text = questions.read_text()
    start, end = text.index("skills:\n"), text.index("adopted:\n")
    questions.write_text(text[:start] + text[end:])
    run_git(old, "commit", "--quiet", "--all", "--message=Old")
    run_git(old, "tag", "v1.1.0")
    assert call(empty, "init", "--template", str(old))[0] == 0
    before = files(empty)

    code, _, err = call(empty, "init", "--agents", "--template", str(old))

    assert code == 2
    assert err == (
        "bep: the process page comes from v1.1.0, which has no skill for agents; bring it up to"
        " date first, with `bep update 0`\n"
    )
    assert files(empty) == before


def test_of_a_page_for_agents_that_exists_only_the_block_is_the_tools(empty, init):
    page = empty / AGENTS
    page.parent.mkdir()
    block = "<!-- bep-agents: begin; of old -->\r\nOld.\r\n<!-- bep-agents: end -->"
    page.write_bytes(f"Ours \udcff\r\n{block}\r\nBehind.\r\n".encode("utf-8", "surrogateescape"))
    old = page.read_bytes()

    assert said_of(init(empty, "--agents", "--dry-run"))[AGENTS] == "its block is to be updated"
    assert page.read_bytes() == old
    assert said_of(init(empty, "--agents"))[AGENTS] == "its block was updated"
    content = page.read_bytes()
    assert content.startswith(b"Ours \xff\r\n<!-- bep-agents: begin;")
    assert content.endswith(b"<!-- bep-agents: end -->\r\nBehind.\r\n")
    assert content.count(b"\r\n") == content.count(b"\n") > 10
    page.write_bytes(content.replace(b"bep search", b"bep list"))
    assert said_of(init(empty, "--agents"))[AGENTS] == "exists; left as it is", "updates merge it"


def test_a_torn_block_is_told_with_its_place_and_nothing_is_written(empty, call, template):
    page = empty / AGENTS
    page.parent.mkdir()
    page.write_text("# Ours\n\n<!-- bep-agents: end -->\n")

    code, out, err = call(empty, "init", "--template", str(template), "--agents")

    assert (code, out) == (1, "")
    assert err == (
        "bep: proposals/AGENTS.md:3: the block is not marked by one begin and one end;"
        " keep one pair of marks, or none\n"
    )
    assert set(files(empty)) == {AGENTS}
