"""`bep retitle`: a proposal gets another title, wherever the tool wrote the old one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
import yaml

from bep import names
from bep.errors import BepError
from bep.maintain import retitle as retitling
from bep.markdown import plain_text
from bep.proposal.document import Document
from bep.system import repository as repositories
from tests import forks
from tests.conftest import CORPUS, PAGE, Call, files_of, run_git, state
from tests.series import REVISIONS, revise
from tests.start.test_new import Terminal

MAIN = "proposals/BEP-1046-relay.md"
NEW = "proposals/BEP-1046-parcel-relay.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1046.yml"
OTHER = "proposals/BEP-1060-other.md"
ROW = "| [1046](BEP-1046-relay.md) | Relay  |Ada | Draft |  more |\n"
MENTION = "# See proposals/BEP-1046-relay.md, and BEP-1046-relays.md."
ODD = "A | `b|c` 이름 {0.__class__} $(id) \"q\" 'r' #1 @team: x --> #"


def put(folder: Path, name: str, text: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def text(folder: Path, name: str) -> str:
    return (folder / name).read_bytes().decode()


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Work")


def refusal(call: Call, folder: Path, *arguments: str, code: int = 2) -> str:
    """What a refused call says: one line, nothing changed."""
    before = state(folder)
    found, out, err = call(folder, "retitle", *arguments)
    assert (found, out) == (code, "")
    assert re.fullmatch(r"bep: [^\n]+\n", err), err
    assert state(folder) == before
    return err


@pytest.fixture
def relay(repository: Path) -> Path:
    """A repository with a segmented proposal, a proposal that links it, and their branch."""
    put(
        repository,
        MAIN,
        "# BEP-1046: Relay\n\nSee [data](BEP-1046/data.md), [above](#bep-1046-relay).\n",
    )
    put(
        repository,
        "proposals/BEP-1046/data.md",
        "<!-- context-for-ai\ntype: detail-doc\nparent: BEP-1046 (Relay)  # of\nscope: Data\n-->\n"
        "\n# Data\n\nPart of [BEP-1046](../BEP-1046-relay.md#top).\n",
    )
    put(
        repository,
        ANSWERS,
        "# by Copier\n_commit: v1\nnumber: 1046\ntitle: Relay\nslug: relay\nx: 1\n",
    )
    put(repository, OTHER, "# Other\n\nAs [the relay](./BEP-1046-relay.md#BEP-1046-Relay 'x').\n")
    put(repository, "src/relay.py", f"{MENTION}\n")
    rows = ROW + "| [1060](BEP-1060-other.md) | Other | Bo | Draft |\n"
    put(repository, PAGE, text(repository, PAGE).replace("| _next_", rows + "| _next_"))
    commit(repository)
    run_git(repository, "switch", "--quiet", "--create", "bep/1046-relay")
    return repository


# --- What changes -------------------------------------------------------------------------------


def test_everything_that_has_the_title_gets_the_new_one(relay, call):
    before = files_of(relay)

    code, out, err = call(relay, "retitle", "1046", "Parcel Relay")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{MAIN} -> {NEW}",
        f"src/relay.py:1: still has the old name: {MENTION}",
        "The branch bep/1046-relay is now bep/1046-parcel-relay.",
        "BEP-1046 has the title 'Parcel Relay'.",
    ]
    assert text(relay, NEW) == (
        "# BEP-1046: Parcel Relay\n\n"
        "See [data](BEP-1046/data.md), [above](#bep-1046-parcel-relay).\n"
    )
    data = text(relay, "proposals/BEP-1046/data.md")
    assert "parent: BEP-1046 (Parcel Relay)  # of\n" in data
    assert "(../BEP-1046-parcel-relay.md#top)" in data
    assert "(./BEP-1046-parcel-relay.md#bep-1046-parcel-relay 'x')" in text(relay, OTHER)
    assert text(relay, PAGE) == before[PAGE].decode().replace(
        ROW, "| [1046](BEP-1046-parcel-relay.md) | Parcel Relay  |Ada | Draft |  more |\n"
    )
    assert text(relay, ANSWERS) == before[ANSWERS].decode().replace(
        "title: Relay\nslug: relay\n", "title: Parcel Relay\nslug: parcel-relay\n"
    )
    assert set(files_of(relay)) == set(before) - {MAIN} | {NEW}
    assert f"R  {MAIN} -> {NEW}" in run_git(relay, "status", "--porcelain").replace("RM", "R ")
    assert run_git(relay, "branch", "--show-current") == "bep/1046-parcel-relay"


def test_a_second_call_has_nothing_to_do(relay, call):
    assert call(relay, "retitle", "Parcel Relay")[0] == 0
    before = state(relay)

    code, out, _ = call(relay, "retitle", "Parcel Relay")

    assert (code, state(relay)) == (0, before)
    assert out == "BEP-1046 already has the title 'Parcel Relay'; nothing to change.\n"


def test_there_and_back_every_byte_is_as_before(relay, call):
    before = files_of(relay)

    assert call(relay, "retitle", "Parcel Relay")[0] == 0
    assert call(relay, "retitle", "1046", "Relay")[0] == 0

    assert files_of(relay) == {
        **before,
        OTHER: before[OTHER].replace(b"BEP-1046-Relay", b"bep-1046-relay"),
    }


def test_a_dry_run_shows_the_diff_and_changes_nothing(relay, call):
    before = state(relay)

    code, out, err = call(relay, "retitle", "Parcel Relay", "--dry-run")

    assert (code, state(relay)) == (0, before)
    assert "+# BEP-1046: Parcel Relay\n" in out
    assert f"{MAIN} -> {NEW}" in err
    (relay.parent / "plan.diff").write_text(out)
    run_git(relay, "apply", str(relay.parent / "plan.diff"))
    shutil.move(relay / MAIN, relay / NEW)
    planned = files_of(relay)
    run_git(relay, "reset", "--hard", "--quiet")
    (relay / NEW).unlink()
    assert call(relay, "retitle", "Parcel Relay")[0] == 0
    assert files_of(relay) == planned


def test_the_file_keeps_its_name_where_the_slug_does(relay, call):
    assert call(relay, "retitle", "Parcel Relay", "--slug", "relay")[0] == 0

    assert text(relay, MAIN).startswith("# BEP-1046: Parcel Relay\n")
    assert "title: Parcel Relay\nslug: relay\n" in text(relay, ANSWERS)
    assert run_git(relay, "branch", "--show-current") == "bep/1046-relay"
    assert "->" not in run_git(relay, "status", "--porcelain")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Relay\n", "# Parcel Relay\n"),
        ("#  Relay  ##\r\n\r\nText.\r\n", "#  Parcel Relay  ##\r\n\r\nText.\r\n"),
        ("Relay\nof old\n===\n", "Parcel Relay\n===\n"),
        ("---\nA: b\n---\n\n# [BEP-1046] Relay", "---\nA: b\n---\n\n# [BEP-1046] Parcel Relay"),
        ("# [BEP-1046](x.md) — *Relay* {#r}\n", "# [BEP-1046](x.md) — Parcel Relay {#r}\n"),
        ('# <a id="r"></a>BEP-1046: Relay\n', '# <a id="r"></a>BEP-1046: Parcel Relay\n'),
        ("# **BEP-1046: Relay**\n", "# BEP-1046: Parcel Relay\n"),
        ("# [BEP-1046: Relay](x.md)\n", "# [BEP-1046: Parcel Relay](x.md)\n"),
        ("# [Relay](x.md)\n", "# [Parcel Relay](x.md)\n"),
        ("# Relay <!-- omit in toc -->\n", "# Parcel Relay <!-- omit in toc -->\n"),
        ("# Relay (BEP-1046)[^1]\n\n[^1]: a\n", "# Parcel Relay (BEP-1046)[^1]\n\n[^1]: a\n"),
        ("# BEP1046: Relay (BEP-1047)\n", "# BEP1046: Parcel Relay\n"),
        ("#\n\nText.\n", "# Parcel Relay\n\nText.\n"),
        ("\ufeff# Relay\n\n## Relay\n", "\ufeff# Parcel Relay\n\n## Relay\n"),
        ("```\n# No\n```\n# Relay\n# Two\n", "```\n# No\n```\n# Parcel Relay\n# Two\n"),
    ],
)  # fmt: skip
def test_the_heading_keeps_its_form(relay, call, old, new):
    put(relay, MAIN, old)

    assert call(relay, "retitle", "Parcel Relay")[0] == 0

    assert text(relay, NEW) == new


@pytest.mark.sample(10)
@pytest.mark.parametrize(
    "title", [ODD, "- [ ] list", "1. One", "> q", "=== a", "#", "---", "*a* _b_", "```", "<b>"]
)
@pytest.mark.parametrize("heading", ["# Relay\n", "# BEP-1046: Relay ##\n", "Relay\n=====\n"])
def test_any_title_is_read_back_everywhere(relay, call, heading, title):
    put(relay, MAIN, f"{heading}\nText.\n")
    if title in ("---", "- [ ] list") and "BEP" in heading:
        # Behind `BEP-1046:`, a hyphen cannot be told from the sign before a title.
        assert "cannot say" in refusal(call, relay, "--title", title, code=1)
        return

    code, _, err = call(relay, "retitle", f"--title={title}")

    assert (code, err) == (0, "")
    new = f"proposals/{names.main_document(1046, names.slug(title))}"
    read = Document(text(relay, new))
    assert names.title_in(plain_text.visible(read.title_text), 1046) == title
    assert "Text.\n" in text(relay, new)
    answers = yaml.safe_load(text(relay, ANSWERS))
    assert (answers["title"], answers["slug"]) == (title, names.slug(title))
    row = repositories.find(relay).read_registry().row(1046)
    assert (row.title, row.author) == (title, "Ada")
    part = Document(text(relay, "proposals/BEP-1046/data.md"))
    assert part.context.keys["parent"] == f"BEP-1046 ({title})"
    assert not [line for line in call(relay, "check", "1046")[1].splitlines() if "-title" in line]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("parent: BEP-1046", "parent: BEP-1046"),
        ("parent: 'BEP-1046: Relay'", "parent: 'BEP-1046: Parcel Relay'"),
        ("parent: ../BEP-1046-relay.md", "parent: ../BEP-1046-parcel-relay.md"),
        ("parent: BEP-1047 (Relay)", "parent: BEP-1047 (Relay)"),
        ("parent: [BEP-1046]", "parent: [BEP-1046]"),
        ("scope: BEP-1046 (Relay)", "scope: BEP-1046 (Relay)"),
    ],
)
def test_a_parent_keeps_its_form(relay, call, old, new):
    put(relay, "proposals/BEP-1046/data.md", f"<!-- context-for-ai\ntype: detail-doc\n{old}\n-->\n")

    assert call(relay, "retitle", "Parcel Relay")[0] == 0

    expected = f"<!-- context-for-ai\ntype: detail-doc\n{new}\n-->\n"
    assert text(relay, "proposals/BEP-1046/data.md") == expected


def test_without_answers_and_row_the_rest_is_done(relay, call):
    (relay / ANSWERS).unlink()
    put(relay, PAGE, text(relay, PAGE).replace(ROW, ""))

    assert call(relay, "retitle", "Parcel Relay")[0] == 0

    assert (relay / NEW).is_file()
    assert "1046" not in text(relay, PAGE)
    assert not (relay / ANSWERS).exists()


def test_history_may_get_another_title(relay, call):
    put(relay, MAIN, "---\nStatus: Implemented\n---\n\n# Relay\n")

    assert call(relay, "retitle", "Parcel Relay")[0] == 0


def test_of_two_documents_with_one_number_the_named_one_is_retitled(relay, call):
    put(relay, "proposals/BEP-1046-second.md", "# Second\n")
    before = files_of(relay)
    assert "two documents" in refusal(call, relay, "1046", "Third", code=1)

    assert call(relay, "retitle", "proposals/BEP-1046-second.md", "Third")[0] == 0

    changed = {path for path, content in files_of(relay).items() if before.get(path) != content}
    assert changed == {"proposals/BEP-1046-third.md"}


# --- Position and flags -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["Parcel Relay"],
        ["BEP-1046", "Parcel Relay"],
        [MAIN, "Parcel Relay"],
        ["--number", "1046", "Parcel Relay"],
        ["1046", "--title", "BEP-1046: Parcel  Relay"],
        ["--slug=parcel-relay", "--", "Parcel Relay"],
    ],
)
def test_the_number_may_be_left_out(relay, call, arguments):
    assert call(relay, "retitle", *arguments)[0] == 0

    assert text(relay, NEW).startswith("# BEP-1046: Parcel Relay\n")


def test_invoke_takes_it_by_flags(relay):
    put(relay, "tasks.py", "from bep.tasks import namespace\n")

    subprocess.run(
        [sys.executable, "-m", "invoke", "retitle", "--title", "Parcel Relay"],
        cwd=relay,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(retitling.__file__).parents[2])},
    )

    assert (relay / NEW).is_file()


@pytest.mark.parametrize(("keys", "code"), [("y\r", 0), ("\r", 2), ("n\r", 2), ("\x04", 2)])
def test_on_a_terminal_the_change_is_shown_and_asked_for(relay, keys, code):
    before = state(relay)
    person = Terminal(relay, "retitle", "Parcel Relay")
    person.wait_for("+# BEP-1046: Parcel Relay")
    person.wait_for("Give BEP-1046 the title 'Parcel Relay'? [y/N] ")
    assert state(relay) == before
    person.type(keys)

    assert person.end() == code, person.shown
    assert (relay / NEW).is_file() == (code == 0)
    assert code == 0 or state(relay) == before


def test_on_a_terminal_yes_does_not_ask(relay):
    assert Terminal(relay, "retitle", "Parcel Relay", "--yes").end() == 0
    assert (relay / NEW).is_file()


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1099", "X"], "the number 1099 has no document"),
        (["1046"], "retitle needs TITLE; write `bep retitle [NUMBER] TITLE`"),
        (["1046", " "], "the title is empty"),
        (["1046", "BEP-1046: "], "the title is empty"),
        (["1046", "a\nb"], "U+000A"),
        (["1046", "a\u202eb"], "U+202E"),
        (["1046", "OTHER"], "BEP-1060 has the title 'OTHER'"),
        (["1046", "Hand Written Title"], "BEP-1061 has the title"),
        (["1046", "X", "--slug", "A b"], "correct --slug"),
        (["1046", "Taken"], "proposals/BEP-1046-taken.md: exists already"),
        (["1046,1060", "X"], "means 2 proposals"),
        (["Parcel", "Relay"], "quote it: `bep retitle 'Parcel Relay'`"),
    ],
)
def test_bad_calls_change_nothing(relay, call, arguments, said):
    put(relay, "proposals/BEP-1061-x.md", "# BEP-1061: Hand *Written* Title\n")
    (relay / "proposals/BEP-1046-taken.md").mkdir()

    assert said in refusal(call, relay, *arguments)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (MAIN, "Text.\n", "there is no heading of level 1"),
        (MAIN, "# Re<a id='x'></a>lay\n", ":1: the heading contains an anchor"),
        (ANSWERS, "title: [\n", "cannot be set"),
        (ANSWERS, "title: Relay\n", "cannot be set"),
        (PAGE, "# No table\n", "the registry table is missing"),
        (
            "proposals/BEP-1046/data.md",
            "<!-- context-for-ai\n{parent: BEP-1046 (Relay)}\n-->\n",
            "data.md:1: the context block",
        ),
    ],
)
def test_what_is_broken_is_named_and_nothing_changes(relay, call, name, content, said):
    put(relay, name, content)

    assert said in refusal(call, relay, "Parcel Relay", code=1)


def test_on_main_the_number_is_needed(relay, call):
    run_git(relay, "switch", "--quiet", "--detach")

    assert "give its number" in refusal(call, relay, "Parcel Relay")


def test_files_in_conflict(relay, call):
    run_git(relay, "switch", "--quiet", "--create", "theirs")
    put(relay, OTHER, text(relay, OTHER) + "Theirs.\n")
    commit(relay)
    run_git(relay, "switch", "--quiet", "bep/1046-relay")
    put(relay, OTHER, text(relay, OTHER) + "Ours.\n")
    commit(relay)
    subprocess.run(
        ["git", "merge", "--quiet", "theirs"], cwd=relay, check=False, capture_output=True
    )

    assert f"{OTHER}: is in conflict" in refusal(call, relay, "Parcel Relay", code=1)


def test_a_plan_that_the_files_have_outrun_is_refused(relay):
    found = repositories.find(relay)
    plan = retitling.plan(found, "1046", "Parcel Relay")
    put(relay, OTHER, "# Written since\n")
    before = state(relay)

    with pytest.raises(BepError, match="changed since"):
        retitling.apply(found, plan)

    assert state(relay) == before


# --- The branch ---------------------------------------------------------------------------------


def test_a_branch_that_was_pushed_keeps_its_name(relay, call, tmp_path):
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    run_git(relay, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(relay, "push", "--quiet", "origin", "HEAD")

    code, out, _ = call(relay, "retitle", "Parcel Relay")

    assert code == 0
    assert "The branch bep/1046-relay keeps its name: it is on origin" in out
    assert run_git(relay, "branch", "--show-current") == "bep/1046-relay"
    for line in out.splitlines():
        if line.startswith("  git "):
            run_git(relay, *line.split()[1:])
    assert run_git(relay, "branch", "--show-current") == "bep/1046-parcel-relay"
    assert run_git(relay, "ls-remote", "--heads", "origin").endswith("/bep/1046-parcel-relay")


def test_a_branch_of_another_name_and_a_name_that_is_taken(relay, call):
    run_git(relay, "branch", "bep/1046-parcel-relay")

    code, out, err = call(relay, "retitle", "Parcel Relay")

    assert code == 0
    assert err.startswith("bep: the branch bep/1046-relay keeps its name: ")
    assert (relay / NEW).is_file()
    code, out, _ = call(relay, "retitle", "Letter Relay", "--dry-run")
    assert "branch" not in out


def test_a_locked_index_is_refused_and_a_later_one_followed(relay, call):
    lock = relay / ".git" / "index.lock"
    lock.touch()
    assert "index.lock" in refusal(call, relay, "Parcel Relay")
    lock.unlink()
    plan = retitling.plan(repositories.find(relay), "", "Parcel Relay")
    program = relay.parent / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = update-index ]; then touch {lock}; fi\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)

    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = forks.run("bep", relay, "retitle", "Parcel Relay", environment=environment)

    assert done.returncode == 2
    assert "the files of 1046 are renamed" in done.stderr
    assert (relay / plan.moves[0][1]).is_file()
    lock.unlink()
    code, out, err = call(relay, "retitle", "1046", "Parcel Relay")
    assert code == 0
    assert "finished giving 1046 another title" in err
    assert "already" in out
    assert run_git(relay, "branch", "--show-current") == "bep/1046-parcel-relay"
    assert run_git(relay, "status", "--porcelain", NEW)[0] in "RA"


# --- Afterwards ---------------------------------------------------------------------------------


@pytest.fixture
def rendered(released: Path, call: Call) -> Path:
    """A proposal as the template makes it, with a line of its author, committed."""
    arguments = ("--number", "1046", "--defaults", "-d", "components=api,data-model,cache")
    assert call(released, "new", "Session Relay", *arguments)[0] == 0
    main = released / "proposals/BEP-1046-session-relay.md"
    main.write_text(main.read_text().replace("## Motivation\n", "## Motivation\n\nWe need it.\n"))
    commit(released)
    return released


@pytest.mark.sample(1)
@pytest.mark.parametrize("title", ["Parcel Relay", ODD])
def test_it_is_what_the_template_makes_of_the_new_title(rendered, call, title):
    """Files that nobody edited are those of a fresh proposal, and an update changes nothing."""
    assert call(rendered, "retitle", "1046", title)[0] == 0
    commit(rendered)

    code, _, err = call(rendered, "update", "--json")

    assert code == 0, err
    assert run_git(rendered, "status", "--porcelain") == ""
    fresh = files_of(rendered)
    run_git(rendered, "rm", "-r", "--quiet", "proposals/BEP-1046", ANSWERS)
    (rendered / f"proposals/{names.main_document(1046, names.slug(title))}").unlink()
    run_git(rendered, "commit", "--quiet", "--all", "--message=Away")
    arguments = ("--number", "1046", "--defaults", "-d", "components=api,data-model,cache")
    scope = ("-d", "scope=Session Relay")
    assert call(rendered, "new", title, "--again", *arguments, *scope)[0] == 0
    main = f"proposals/{names.main_document(1046, names.slug(title))}"
    fresh[main] = fresh[main].replace(b"\nWe need it.\n", b"")
    assert files_of(rendered) == fresh


@pytest.mark.parametrize("door", ["bep", "copier"])
def test_an_update_reaches_a_retitled_proposal(
    rendered, call, template, tmp_path, monkeypatch, door
):
    revised = tmp_path / "template"
    shutil.copytree(template, revised, symlinks=True)
    revise(revised, REVISIONS["section added"], "v1.9.0")
    put(rendered, ANSWERS, text(rendered, ANSWERS).replace(str(template), str(revised)))
    assert call(rendered, "retitle", "1046", "Parcel Relay")[0] == 0
    commit(rendered)

    if door == "bep":
        assert call(rendered, "update", "1046", "--template", str(revised))[0] == 0
    else:
        monkeypatch.chdir(rendered)
        copier.run_update(answers_file=ANSWERS, defaults=True, overwrite=True, unsafe=True)

    changed = run_git(rendered, "diff", "--name-only", "HEAD").splitlines()
    assert sorted(changed) == [ANSWERS, NEW]
    assert "We need it.\n" in text(rendered, NEW)
    assert "## Alternatives\n" in text(rendered, NEW)
    assert run_git(rendered, "ls-files", "--others", "--exclude-standard") == ""


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", [1046, 1053, 1004])
def test_a_real_proposal(repository, call, number):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    shutil.rmtree(repository / "proposals")
    shutil.copytree(CORPUS / "proposals", repository / "proposals")
    commit(repository)
    before = files_of(repository)
    findings = len(call(repository, "check", "--all", "--format", "json")[1].splitlines())

    assert call(repository, "retitle", str(number), "Parcel Relay")[0] == 0

    commit(repository)
    again = len(call(repository, "check", "--all", "--format", "json")[1].splitlines())
    assert again <= findings
    lines = run_git(repository, "diff", "--numstat", "HEAD~1").splitlines()
    assert all(len(set(line.split("\t")[:2])) == 1 for line in lines), "a line for a line"
    assert len(files_of(repository)) == len(before)
