"""`bep renumber`: a proposal moves to another number, with everything that carries the old one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import assume, example, given, strategies as st
from markdown_it import MarkdownIt

from bep.errors import BepError
from bep.maintain import renumber as renumbering
from bep.maintain.move_journal import Begun
from bep.maintain.moved_files import Mention
from bep.markdown import links
from bep.system import file_transaction, repository as repositories
from bep.system.working_tree import WorkingTree
from tests import forks
from tests.conftest import CORPUS, PAGE, files_of, make_claim, run_git, state

MAIN = "proposals/BEP-1046-relay.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1046.yml"
PROSE = "".join(f"Line {at} of the motivation.\n" for at in range(20))
ROW = "| [1046](BEP-1046-relay.md) | Relay  |Ada | Draft |  more |\n"


def put(folder: Path, name: str, text: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def commit(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Work")


def planned(folder: Path, number: int | str = 1046, to: int = 1073):
    found = repositories.find(folder)
    return renumbering.renumber(found, str(number), to, dry_run=True)[0]


def renumber(folder: Path, number: int | str = 1046, to: int = 1073):
    return renumbering.renumber(repositories.find(folder), str(number), to)[0]


def refusal(folder: Path, number: int | str = 1046, to: int = 1073) -> str:
    """What a refused plan says; it must be one line and have changed nothing."""
    before = state(folder)
    with pytest.raises(BepError) as caught:
        planned(folder, number, to)
    assert state(folder) == before
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return str(caught.value)


@pytest.fixture
def single(repository: Path) -> Path:
    """A repository with the proposal 1046 in one file, its row and its answers file."""
    put(repository, MAIN, "# Relay\n\nText.\n")
    put(repository, ANSWERS, "# made by Copier\n_commit: v1\nnumber: 1046\ntitle: 'number: 1046'\n")
    page = (repository / PAGE).read_text()
    put(repository, PAGE, page.replace("| _next_", ROW + "| 1060 | Other | Bo | Draft |\n| _next_"))
    commit(repository)
    return repository


@pytest.fixture
def segmented(single: Path) -> Path:
    """The same with two sub-documents and a picture."""
    put(
        single,
        MAIN,
        "# BEP-1046: Relay\n\n| Document |\n|---|\n| [data](./BEP-1046/data.md#x) |\n\n" + PROSE,
    )
    put(
        single,
        "proposals/BEP-1046/data.md",
        "<!-- context-for-ai\ntype: detail-doc\nparent: BEP-1046 (Relay)\ndepends-on: [api.md]\n"
        "-->\n\n# BEP-1046: Data\n\nPart of [BEP-1046](../BEP-1046-relay.md), see [api](api.md).\n"
        + PROSE,
    )
    put(single, "proposals/BEP-1046/api.md", "# API\n\nThe text of the interface.\n")
    put(single, "proposals/BEP-1046/diagrams/a.svg", "<svg/>\n")
    commit(single)
    return single


# --- What moves ---------------------------------------------------------------------------------


def test_a_single_proposal_moves_with_its_row_and_answers(single):
    before = files_of(single)

    plan = renumber(single)

    assert plan.moves == (
        (MAIN, "proposals/BEP-1073-relay.md"),
        (ANSWERS, "proposals/.copier/.copier-answers.BEP-1073.yml"),
    )
    after = files_of(single)
    assert after["proposals/BEP-1073-relay.md"] == before[MAIN]
    row = ROW.replace("1046", "1073")
    page = before[PAGE].decode().replace(ROW, "").replace("| _next_", row + "| _next_")
    assert after[PAGE].decode() == page
    answers = after["proposals/.copier/.copier-answers.BEP-1073.yml"]
    assert answers == before[ANSWERS].replace(b"\nnumber: 1046", b"\nnumber: 1073")
    assert yaml.safe_load(answers)["number"] == 1073
    assert not {MAIN, ANSWERS} & set(after)
    assert len(after) == len(before)


def test_a_segmented_proposal_moves_with_its_directory(segmented):
    before = files_of(segmented)

    plan = renumber(segmented)

    assert ("proposals/BEP-1046", "proposals/BEP-1073") in plan.moves
    after = files_of(segmented)
    assert not [path for path in after if "1046" in path]
    assert after["proposals/BEP-1073/diagrams/a.svg"] == b"<svg/>\n"
    assert after["proposals/BEP-1073/api.md"] == before["proposals/BEP-1046/api.md"]
    for name in ("-relay.md", "/data.md"):
        old = before[f"proposals/BEP-1046{name}"]
        assert after[f"proposals/BEP-1073{name}"] == old.replace(b"1046", b"1073")
    assert b"[api](api.md)" in after["proposals/BEP-1073/data.md"]


def test_a_proposal_as_the_template_makes_it_has_its_old_number_nowhere(repository, call):
    answers = repository.parent / "a.yml"
    answers.write_text(
        "layout: segmented\ncomponents: [{name: data-model}, {name: api, depends_on: [data-model]}]"
        "\noverview_document: true\nmigration_document: true\ndiagrams: true\n"
    )
    arguments = ("--defaults", "--number", "1046", "--data-file", str(answers))
    code, _, err = call(repository, "new", "Session Relay", *arguments)
    assert code == 0, err
    commit(repository)

    plan = renumber(repository)

    assert plan.mentions == ()
    assert not [p for p, content in files_of(repository).items() if b"1046" in content]
    read = yaml.safe_load((repository / plan.moves[-1][1]).read_text())
    assert read["number"] == 1073
    code, out, _ = call(repository, "list", "--json")
    assert code == 0
    assert "BEP-1073-session-relay.md" in out


def test_planning_changes_nothing(segmented):
    before = state(segmented)
    plan = planned(segmented)
    assert state(segmented) == before
    assert [change.path.relative_to(segmented).as_posix() for change in plan.changes] == [
        "proposals/BEP-1046/data.md",
        MAIN,
        PAGE,
        ANSWERS,
    ]


def test_history_is_kept(segmented):
    renumber(segmented)
    commit(segmented)
    for name in ("proposals/BEP-1073-relay.md", "proposals/BEP-1073/data.md"):
        assert len(run_git(segmented, "log", "--follow", "--format=%s", "--", name).split("\n")) > 1


def test_a_document_without_row_gets_one(single):
    page = (single / PAGE).read_text()
    put(single, PAGE, page.replace(ROW, ""))
    renumber(single)
    lines = [
        line for line in (single / PAGE).read_text().split("\n") if "BEP-1073-relay.md" in line
    ]
    assert len(lines) == 1
    assert lines[0].startswith("| [1073](BEP-1073-relay.md) |")
    assert (single / PAGE).read_text().replace(f"{lines[0]}\n", "") == page.replace(ROW, "")


@pytest.mark.parametrize(
    ("row", "moved"),
    [
        ("| 1046 | A | B | Draft |", "| 1073 | A | B | Draft |"),
        ("|1046|A|", "|1073|A|"),
        ("| [1046](./BEP-1046-relay.md) | A 1046 |", "| [1073](./BEP-1073-relay.md) | A 1046 |"),
        ("| [1046](BEP-1046-gone-1046.md) | A |", "| [1073](BEP-1073-gone-1046.md) | A |"),
    ],
)
def test_a_row_keeps_its_other_cells(single, row, moved):
    page = (single / PAGE).read_text()
    put(single, PAGE, page.replace(ROW, row + "\n"))
    renumber(single)
    expected = page.replace(ROW, "").replace("| _next_", moved + "\n| _next_")
    assert (single / PAGE).read_text() == expected


@pytest.mark.sample(6)
@pytest.mark.parametrize("to", [1004, 1050, 1073, 999, 12345])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_rows_ascend_with_the_line_endings_of_the_page(single, to, ending):
    page = (single / PAGE).read_text().split("\n## Files")[0].rstrip("\n")
    page = page.rpartition("\n")[0]  # without the `_next_` row and a final line ending
    put(single, PAGE, page.replace("\n", ending))
    put(single, "invoke.yaml", "bep: {first_number: 1}\n")

    renumber(single, to=to)

    text = (single / PAGE).read_bytes().decode()
    assert text.count(ending) == page.count("\n")
    assert not text.endswith(ending)
    registry = repositories.find(single).read_registry()
    numbers = [row.number for row in registry.rows]
    assert numbers == sorted(numbers)
    assert to in numbers
    row = ROW.strip().replace("1046", str(to)).replace(f"BEP-{to}", f"BEP-{to:04d}")
    assert row in text.split(ending)


def test_a_smaller_and_a_longer_number_are_written_as_names_are(segmented):
    put(segmented, "invoke.yaml", "bep: {first_number: 1}\n")
    run_git(segmented, "add", "invoke.yaml")
    run_git(segmented, "commit", "--quiet", "--message=Settings")
    renumber(segmented, to=7)
    assert (segmented / "proposals/BEP-0007/data.md").exists()
    renumber(segmented, 7, 10460)
    renumber(segmented, 10460, 1046)
    assert run_git(segmented, "status", "--porcelain") == ""


# --- What stays ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_other_byte_stays(segmented, ending, mark):
    text = (
        "---\nAuthor: A  \n---\n\n# BEP-1046 Relay  \n\nTrailing  \n\t- x [a](BEP-1046/data.md)\n"
        "\n> - q ![b](<BEP-1046/diagrams/a.svg> 't')\n\n\ud800 [x](/proposals/BEP-1046-relay.md)"
    )
    content = (mark + text.replace("\n", ending)).encode("utf-8", "surrogatepass")
    put(segmented, MAIN, content)
    commit(segmented)

    renumber(segmented)

    assert (segmented / "proposals/BEP-1073-relay.md").read_bytes() == content.replace(
        b"1046", b"1073"
    )


REWRITTEN = [
    "[a](BEP-{}-relay.md)",
    "[a](./BEP-{}-relay.md#part)",
    "[a](../proposals/BEP-{}/data.md?x=1#BEP-1046)",
    '[a [b] c](BEP-{}/data.md "BEP")',
    "[a](<BEP-{}/with blank.md>)",
    "[a](BEP-{}/a(b).md)",
    "[a](BEP-{}/a%20b.md)",
    "[a](BEP%2D{}/a%20b.md)",
    "[a](BEP\\-{}-relay.md)",
    "[a](BEP-{}/)",
    "[a](BEP-{})",
    "[BEP-{0}](BEP-{0}-relay.md)",
    "[BEP-{0}: Relay](BEP-{0}-relay.md)",
    "![x](BEP-{}/diagrams/a.svg)",
    "[![x](BEP-{0}/diagrams/a.svg)](BEP-{0}-relay.md)",
    "[x]: BEP-{}-relay.md",
    "[x]:\n  <BEP-{}-relay.md> 'title'",
    '<a href="BEP-{}-relay.md">x</a>',
    "text <img alt='x' src=BEP-{}/diagrams/a.svg> text",
    "<div>\n<img src='BEP-{}/diagrams/a.svg'>\n</div>",
    "- item\n  [a](BEP-{}-relay.md)\n\n  1. [b](BEP-{}/data.md)",
    "> quote\n> [a](BEP-{}-relay.md)",
    "> - [a](BEP-{}-relay.md)\nlazy [b](BEP-{}/data.md)",
    "| a |\n|---|\n| [a](BEP-{}-relay.md) |",
    "# [a](BEP-{}-relay.md)",
    "[a](BEP-{}-relay.md)\n===",
    "`` ` `` [a](BEP-{}-relay.md)",
    "\\`[a](BEP-{}-relay.md)\\`",
    "[a](BEP-{}-relay.md\n'title')",
    "*[a](BEP-{0}-relay.md)*, [b](BEP-{0}/api.md)",
]


@pytest.mark.sample(12)
@pytest.mark.parametrize("form", REWRITTEN)
def test_a_link_to_what_moves_follows_it(segmented, form):
    put(segmented, "proposals/BEP-1001-other.md", form.replace("{0}", "{}").replace("{}", "1046"))
    commit(segmented)
    renumber(segmented)
    text = (segmented / "proposals/BEP-1001-other.md").read_text()
    assert text == form.replace("{0}", "{}").replace("{}", "1073")


@pytest.mark.sample(10)
@pytest.mark.parametrize(
    "text",
    [
        "```\n[a](BEP-1046-relay.md)\n```",
        "- x\n\n  ```\n  [a](BEP-1046-relay.md)\n  ```",
        "> ~~~\n> [a](BEP-1046-relay.md)\n> ~~~",
        "    [a](BEP-1046-relay.md)",
        "- x\n\n      [a](BEP-1046-relay.md)",
        "`[a](BEP-1046-relay.md)`",
        "``[a`](BEP-1046-relay.md)``",
        "<!-- [a](BEP-1046-relay.md) -->",
        "x <!-- [a](BEP-1046-relay.md) -->",
        "\\[a](BEP-1046-relay.md)",
        "[a] (BEP-1046-relay.md)",
        "[a](BEP-1046-other.md)",
        "[a](BEP-10461-relay.md)",
        "[a](sub/BEP-1046-relay.md)",
        "[a](https://example.com/BEP-1046-relay.md)",
        "[a](//proposals/BEP-1046-relay.md)",
        "[a](../../proposals/BEP-1046-relay.md)",
        "[BEP-1046](BEP-1001-event-journal.md)",
        "[a](<BEP-1046-relay.md)",
        "[a](BEP-1046-relay.md 'x)",
        "<span href='BEP-1046-relay.md'>",
        "<div>\n[a](BEP-1046-relay.md)\n</div>",
        "See BEP-1046.",
        "# BEP-1046: of another proposal",
        "---\nx: '[a](BEP-1046-relay.md)'\n---",
    ],
)
def test_what_is_no_link_to_it_stays_and_is_listed(segmented, text):
    name = "proposals/BEP-1001-other.md"
    put(segmented, name, text)
    commit(segmented)
    plan = renumber(segmented)
    assert (segmented / name).read_text() == text
    lines = [at for at, line in enumerate(text.split("\n"), 1) if re.search(r"BEP-1046\b", line)]
    assert [one.line for one in plan.mentions if one.path == name] == lines


def test_anchors_of_headings_that_carry_the_number_follow(segmented):
    name = "proposals/BEP-1001-other.md"
    put(segmented, name, "[a](BEP-1046/data.md#bep-1046-data) [b](BEP-1046/data.md#bep-1046-x)\n")
    renumber(segmented)
    text = "[a](BEP-1073/data.md#bep-1073-data) [b](BEP-1073/data.md#bep-1046-x)\n"
    assert (segmented / name).read_text() == text


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("heading", "old", "new"),
    [
        ("BEP-1046: the [schema](x.md)", "bep-1046-the-schema", "bep-1073-the-schema"),
        ("BEP-1046 `a_b` *and* <b>c</b>", "bep-1046-a_b-and-c", "bep-1073-a_b-and-c"),
        ("See [BEP-1046](../BEP-1046-relay.md)", "see-bep-1046", "see-bep-1073"),
        ("BEP-1046: 설계", "bep-1046-설계", "bep-1073-설계"),
        ("BEP-1046: Größe", "bep-1046-größe", "bep-1073-größe"),
        ("BEP-1046: Größe", "bep-1046-gr%C3%B6%C3%9Fe", "bep-1073-gr%C3%B6%C3%9Fe"),
        ("BEP-1046 R&amp;D", "bep-1046-rd", "bep-1073-rd"),
        ("BEP-1046 Limits", "BEP-1046-Limits", "BEP-1073-Limits"),
        ("BEP-1046 Limits", "user-content-bep-1046-limits", "user-content-bep-1073-limits"),
        ("BEP-1046 and BEP-1046", "bep-1046-and-bep-1046", "bep-1073-and-bep-1046"),
    ],
)
def test_anchors_are_those_that_check_knows(segmented, heading, old, new):
    put(segmented, "proposals/BEP-1046/api.md", f"# API\n\n## {heading}\n\n## {heading}\n")
    put(segmented, "proposals/BEP-1001-other.md", f"[a](BEP-1046/api.md#{old}-1)\n")
    renumber(segmented)
    text = (segmented / "proposals/BEP-1001-other.md").read_text()
    assert text == f"[a](BEP-1073/api.md#{new}-1)\n"


@pytest.mark.parametrize(
    "heading",
    [
        "BEP 1046: Relay",
        "BEP1046: Relay",
        "[BEP-1046] Relay",
        "**BEP-1046** Relay",
        "Relay (BEP-1046)",
        "[BEP-1046: Relay](https://example.com) {#relay}",
        "[BEP-1046](https://example.com): Relay",
        "[BEP-1046](BEP-1046-relay.md): Relay",
        "Relay of [its parts](BEP-1046)",
    ],
)
def test_the_number_in_a_heading_is_found_in_each_form_that_a_title_may_have(segmented, heading):
    text = f"# {heading}\n\nText.\n"
    put(segmented, MAIN, text)
    commit(segmented)

    plan = renumber(segmented)

    renumbered = (segmented / "proposals/BEP-1073-relay.md").read_text()
    assert renumbered == text.replace("1046", "1073")
    assert not [one for one in plan.mentions if one.path.endswith("relay.md")]


def test_only_labels_of_its_own_documents_change(segmented):
    text = (
        "<!-- context-for-ai\nparent: BEP-1046 (BEP-1046)\nscope: BEP-1046\n-->\n\n"
        "# BEP-10461: x\n\n## Why BEP-1046\n\n## BEP-1046 Steps\n\n- # BEP-1046\n\nBEP-1046\n"
    )
    put(segmented, "proposals/BEP-1046/api.md", text)
    commit(segmented)
    renumber(segmented)
    expected = text.replace("parent: BEP-1046", "parent: BEP-1073", 1)
    expected = expected.replace("## BEP-1046 S", "## BEP-1073 S")
    assert (segmented / "proposals/BEP-1073/api.md").read_text() == expected


def test_untracked_documents_and_ignored_files(segmented):
    put(segmented, "proposals/BEP-1002-quota-ledger.md", "[a](BEP-1046-relay.md)\n")
    put(segmented, "proposals/notes/new.md", "[a](../BEP-1046-relay.md)\n")
    put(segmented, ".gitignore", "ignored\n")
    put(segmented, "ignored/x.md", "BEP-1046\n")
    plan = renumber(segmented)
    text = (segmented / "proposals/notes/new.md").read_text()
    assert text == "[a](../BEP-1073-relay.md)\n"
    assert plan.mentions == ()


# --- What is listed -----------------------------------------------------------------------------


def test_mentions_are_listed_with_new_path_line_and_text(segmented):
    put(segmented, "src/a.py", "x = 1\n\n#   See BEP-1046, bep/1046.  \n# BEP-10461 xbep-1046\n")
    put(segmented, "docs/b.txt", "bep 1046\r\n" + "x" * 200 + " Bep-1046\r\n")
    put(segmented, "picture.png", b"\0BEP-1046\n")
    put(segmented, "large.txt", b"BEP-1046\n" * 300_000)
    put(segmented, "odd.txt", b"\xff BEP-1046 \xff\n")
    (segmented / "link.txt").symlink_to("src/a.py")
    put(segmented, "proposals/BEP-1046/api.md", "# API\n\nBEP-1046 says so.\n")
    commit(segmented)
    (segmented / "new.txt").write_text("untracked: BEP-1046")

    plan = planned(segmented)

    assert plan.mentions == (
        Mention("docs/b.txt", 1, "bep 1046"),
        Mention("docs/b.txt", 2, "x" * 120),
        Mention("new.txt", 1, "untracked: BEP-1046"),
        Mention("odd.txt", 1, "\ufffd BEP-1046 \ufffd"),
        Mention("proposals/BEP-1073/api.md", 3, "BEP-1046 says so."),
        Mention("src/a.py", 3, "#   See BEP-1046, bep/1046."),
    )


# --- What is refused ----------------------------------------------------------------------------


def test_a_number_without_document(single):
    assert "1005 has no document" in refusal(single, 1005)


def test_a_number_with_two_documents_names_both(single):
    put(single, "proposals/BEP-1046-second.md", "# Second\n")
    said = refusal(single)
    assert "BEP-1046-relay.md" in said
    assert "BEP-1046-second.md" in said


@pytest.mark.parametrize("to", [1046, 1001, 1003, 1060])
def test_a_number_that_cannot_be_had(single, to):
    assert "another number" in refusal(single, to=to)


@pytest.mark.parametrize("to", [0, -1, 12])
def test_a_number_that_no_new_proposal_can_have(single, to):
    assert f"number {to} is too low; numbers start from 1000" in refusal(single, to=to)


@pytest.mark.parametrize(
    "name", ["BEP-1073-x.md", "BEP-1073/x.md", ".copier/.copier-answers.BEP-1073.yml"]
)
def test_a_number_in_use_without_row(single, name):
    put(single, f"proposals/{name}", "x")
    assert "1073 is in use" in refusal(single)


def test_a_broken_or_missing_registry(single):
    page = (single / PAGE).read_text()
    put(single, PAGE, page.replace(ROW, f"<<<<<<< HEAD\n{ROW}=======\n>>>>>>> x\n"))
    assert "merge-conflict" in refusal(single)
    put(single, PAGE, page.replace(ROW, ROW + ROW))
    assert "two rows" in refusal(single)
    (single / PAGE).unlink()
    assert "no registry" in refusal(single)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_document_as_a_user(single):
    (single / MAIN).chmod(0)
    assert f"{MAIN}: cannot be read" in refusal(single)


def test_an_unreadable_file(single, monkeypatch):
    real = WorkingTree.read

    def read(tree, path):
        if path.name == "BEP-1001-event-journal.md":
            raise PermissionError(13, "Permission denied")
        return real(tree, path)

    with monkeypatch.context() as patch:
        patch.setattr(WorkingTree, "read", read)
        with pytest.raises(BepError, match=r"event-journal\.md: cannot be read"):
            planned(single)


def test_answers_that_say_another_number(single):
    put(single, ANSWERS, "number: 1047\n")
    assert f"{ANSWERS}: the answers do not give the number 1046" in refusal(single)


@pytest.mark.parametrize("path", [MAIN, PAGE, "proposals/BEP-1046/api.md"])
def test_files_in_conflict(segmented, path):
    put_in_conflict(segmented, "proposals/BEP-1001-event-journal.md")
    assert planned(segmented)
    put_in_conflict(segmented, path)
    assert f"{path}: is in conflict" in refusal(segmented)


def put_in_conflict(folder: Path, path: str) -> None:
    """The index as a merge leaves it: three versions of the file."""
    run_git(folder, "add", "--", path)
    blob = run_git(folder, "rev-parse", f":{path}")
    stages = [f"100644 {blob} {stage}\t{path}" for stage in (1, 2, 3)]
    lines = "\n".join([f"0 {'0' * 40}\t{path}", *stages, ""])
    subprocess.run(
        ["git", "update-index", "--index-info"], cwd=folder, input=lines, text=True, check=True
    )


# --- What fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_failing_move_restores_everything(segmented, monkeypatch, failing, error):
    before = state(segmented)
    rename, calls = file_transaction._rename, []

    def renamed(tree, path, to):
        calls.append(path)
        if len(calls) == failing + 1:
            raise error
        return rename(tree, path, to)

    monkeypatch.setattr(file_transaction, "_rename", renamed)
    with pytest.raises((BepError, KeyboardInterrupt)):
        renumber(segmented)

    assert state(segmented) == before


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_killed_between_moves_it_is_completed_by_the_next_task(segmented, after):
    child = os.fork()
    if child == 0:
        rename, calls = file_transaction._rename, []

        def renamed(tree, path, to):
            calls.append(path)
            if len(calls) > after:
                os._exit(9)
            return rename(tree, path, to)

        file_transaction._rename = renamed
        try:
            renumber(segmented)
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    file_transaction.complete_interrupted(repositories.find(segmented).tree)

    assert not (segmented / MAIN).exists()
    assert (segmented / "proposals/BEP-1073-relay.md").is_file()
    assert (segmented / "proposals/BEP-1073").is_dir()
    assert not (segmented / "proposals/BEP-1046").exists()
    assert "number: 1073" in (segmented / ANSWERS.replace("1046", "1073")).read_text()


# --- The index and the claims -------------------------------------------------------------------


def assert_moved(folder: Path) -> None:
    """All of 1046 has become 1073: in the index as in the working tree, and in the claims."""
    changed = run_git(folder, "status", "--porcelain", "--untracked-files=all").split("\n")
    moved = {line.split(" -> ")[0][3:] for line in changed if line.lstrip()[0] == "R"}
    assert {MAIN, ANSWERS, "proposals/BEP-1046/data.md"} <= moved, changed
    assert not [line for line in changed if line.startswith(("??", "D", " D"))], changed
    assert refs(folder) == ["refs/bep/1073"]
    assert list((folder / ".git" / "bep").glob("*")) == [folder / ".git" / "bep" / "lock"]


def refs(folder: Path) -> list[str]:
    return run_git(folder, "for-each-ref", "--format=%(refname)", "refs/bep/").split()


def git_that(folder: Path, does: str) -> dict[str, str]:
    """An environment in which a program `git` does something before `git update-index`."""
    real = shutil.which("git")
    program = folder.parent / "bin" / "git"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = update-index ]; then {does}; fi\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


def bep_with(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return forks.run("bep", folder, "renumber", "1046", "--to", "1073", environment=environment)


@pytest.fixture
def claimed(segmented: Path) -> Path:
    """The proposal with a claim of its number."""
    make_claim(segmented, 1046, "Relay")
    return segmented


@pytest.mark.parametrize("to", [[], ["--to", "1073"]])
def test_a_locked_index_is_refused_before_anything_moves(claimed, call, to):
    (claimed / ".git" / "index.lock").touch()
    before = state(claimed)

    code, out, err = call(claimed, "renumber", "1046", *to)

    assert (code, out) == (2, "")
    assert re.fullmatch(r"bep: \.git/index\.lock: [^\n]+; [^\n]+\n", err), err
    assert state(claimed) == before


def test_the_locked_index_of_a_linked_worktree_is_its_own(claimed, call, tmp_path):
    tree = tmp_path / "tree"
    run_git(claimed, "worktree", "add", "--quiet", "--detach", str(tree))
    (claimed / ".git" / "index.lock").touch()
    lock = claimed / ".git" / "worktrees" / "tree" / "index.lock"
    lock.touch()

    code, _, err = call(tree, "renumber", "1046", "--to", "1073")

    assert code == 2
    assert str(lock) in err
    lock.unlink()
    assert call(tree, "renumber", "1046", "--to", "1073")[0] == 0
    assert "BEP-1073-relay.md" in run_git(tree, "status", "--porcelain")


def test_a_dry_run_needs_no_index(claimed, call):
    (claimed / ".git" / "index.lock").touch()

    assert call(claimed, "renumber", "1046", "--to", "1073", "--dry-run")[0] == 0


@pytest.mark.parametrize("again", [["1046", "--to", "1073"], ["1046"], [MAIN], ["BEP-1046"]])
def test_a_lock_that_appears_in_between_is_told_and_the_same_call_finishes(claimed, call, again):
    lock = claimed / ".git" / "index.lock"

    done = bep_with(claimed, git_that(claimed, f"touch {lock}"))

    assert done.returncode == 2
    assert re.fullmatch(r"bep: [^\n]+\n", done.stderr), done.stderr
    assert "are moved to 1073" in done.stderr
    assert "bep renumber 1046 --to 1073" in done.stderr
    assert (claimed / MAIN.replace("1046", "1073")).is_file()
    code, _, err = call(claimed, "renumber", *again)
    assert code == 2, "the lock is still there"
    assert "index.lock" in err
    lock.unlink()
    code, out, err = call(claimed, "renumber", *again)
    assert (code, err) == (0, "")
    assert "BEP-1046 is now BEP-1073." in out
    assert "The number 1046 is free again." in out
    assert_moved(claimed)


@pytest.mark.parametrize(
    "command",
    [
        ["sync"],
        ["reserve", "A Third", "--no-branch"],
        ["unreserve", "1005", "--of=Edsger Dijkstra"],
    ],
)
def test_the_next_command_that_writes_lets_the_index_follow(claimed, call, command):
    lock = claimed / ".git" / "index.lock"
    bep_with(claimed, git_that(claimed, f"touch {lock}"))
    _, _, err = call(claimed, "sync")
    assert "bep renumber 1046 --to 1073" in err, "the lock is still there"
    lock.unlink()

    code, _, err = call(claimed, *command)

    assert code == 0, err
    assert "finished renumbering 1046 to 1073" in err
    run_git(claimed, "update-ref", "-d", "refs/bep/1074")
    assert_moved(claimed)
    assert "renumbering" not in call(claimed, *command)[2]


@pytest.mark.parametrize("command", [["list"], ["check"], ["sync", "--dry-run"]])
def test_a_command_that_only_reads_leaves_it_alone(claimed, call, command):
    bep_with(claimed, git_that(claimed, "kill -KILL $PPID; exit 1"))
    before = state(claimed)

    call(claimed, *command)

    assert state(claimed) == before


def test_what_was_staged_since_stays_staged(claimed, call):
    bep_with(claimed, git_that(claimed, "kill -KILL $PPID; exit 1"))
    new = MAIN.replace("1046", "1073")
    put(claimed, new, "# Relay\n\nStaged since.\n")
    run_git(claimed, "add", "--", new)

    assert call(claimed, "renumber", "1046", "--to", "1073")[0] == 0

    assert run_git(claimed, "show", f":{new}") == "# Relay\n\nStaged since."


def test_a_note_that_cannot_be_read_ends_no_command(claimed, call):
    folder = claimed / ".git" / "bep"
    folder.mkdir(exist_ok=True)
    (folder / "moving.json").write_text("{")

    assert call(claimed, "renumber", "1046", "--to", "1073")[0] == 0
    assert_moved(claimed)


def test_a_plan_that_the_files_have_outrun_is_refused(segmented):
    plan = planned(segmented)
    put(segmented, MAIN, "# Written since\n")
    before = state(segmented)
    with pytest.raises(BepError, match="changed since"):
        renumbering.apply(repositories.find(segmented), plan, Begun(1046, 1073, plan.moves, "x"))
    assert state(segmented) == before


def test_of_two_documents_with_one_number_the_one_that_is_named_moves(segmented):
    """The directory, the answers file and the row stay with the document that they belong to."""
    put(segmented, "proposals/BEP-1046-other.md", "# Other\n\nBy hand.\n")
    commit(segmented)
    page = (segmented / PAGE).read_bytes()

    assert "two documents" in refusal(segmented)
    plan = renumber(segmented, "proposals/BEP-1046-other.md")

    assert plan.moves == (("proposals/BEP-1046-other.md", "proposals/BEP-1073-other.md"),)
    lines = (segmented / PAGE).read_bytes().splitlines(keepends=True)
    new = [line for line in lines if b"[1073](BEP-1073-other.md) | Other |" in line]
    assert len(new) == 1
    assert b"".join(line for line in lines if line not in new) == page
    assert (segmented / MAIN).exists()
    assert (segmented / "proposals/BEP-1046").is_dir()


def test_lines_that_name_the_other_document_of_the_number_are_no_mentions(segmented):
    put(segmented, "proposals/BEP-1046-other.md", "# BEP-1046: Other\n")
    put(segmented, "src/a.py", "# BEP-1046-relay.md\n# BEP-1046/data.md\n# BEP-1046-other.md\n")
    put(segmented, "src/b.py", "# BEP-1046 and BEP-1046-relay.md\n")
    commit(segmented)

    plan = planned(segmented, "proposals/BEP-1046-other.md")

    assert {(one.path, one.line) for one in plan.mentions} == {("src/a.py", 3), ("src/b.py", 1)}


@pytest.mark.parametrize("value", ["BEP-1046", "'BEP-1046'", "bep-1046 (in part)"])
def test_a_proposal_that_it_supersedes_names_it_by_its_new_number(segmented, value):
    name = "proposals/BEP-1001-other.md"
    text = f"---\nStatus: Superseded\nSuperseded-By: {value}\n---\n\n# BEP-1046\n"
    put(segmented, name, text)
    commit(segmented)

    plan = renumber(segmented)

    assert (segmented / name).read_text() == text.replace("1046", "1073", 1)
    assert [one.line for one in plan.mentions if one.path == name] == [6]


def test_whom_a_shared_number_supersedes_is_left_to_the_author(segmented):
    name = "proposals/BEP-1001-other.md"
    put(segmented, name, "---\nSuperseded-By: BEP-1046\n---\n\n# Other\n")
    put(segmented, "proposals/BEP-1046-other.md", "# Other\n")
    commit(segmented)

    plan = renumber(segmented, "proposals/BEP-1046-other.md")

    assert "Superseded-By: BEP-1046" in (segmented / name).read_text()
    assert [one.line for one in plan.mentions if one.path == name] == [2]


# --- Links as CommonMark has them ---------------------------------------------------------------


def rendered_targets(text: str) -> list[str]:
    """The destinations of inline links and images that markdown-it-py finds."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    found = []
    todo = parser.parse(text)[::-1]
    while todo:
        token = todo.pop()
        todo += (token.children or [])[::-1]
        if token.type in ("link_open", "image") and token.markup != "autolink":
            found.append(unquote(str(token.attrs["href" if token.type == "link_open" else "src"])))
    return found


PIECES = [
    "[",
    "]",
    "(",
    ")",
    "a",
    "b.md",
    "`",
    "``",
    "\\",
    "!",
    "<",
    ">",
    " ",
    "\n",
    "](c)",
    "[x](d)",
]
MORE = ["- ", "> ", "  ", "    ", "```\n", "\n\n", "# ", "1. ", "\t", "[a](e f)", "[a](<g>)", "'t'"]
BLOCKS = ["<a>", "---\n", "| a |\n|---|\n", "<div>\n"]


@given(st.lists(st.sampled_from(PIECES + MORE + BLOCKS), max_size=25))
@example(["[", "]", "(", ")"])
@example(["- ", "- ", "\t", "[x](d)"])
@example(["- ", "\t", "- ", "[x](d)"])
@example(["- ", "- ", "\t", "[x](d)", "\n", "\t", "\t", "[a](<g>)"])
def test_links_are_those_of_a_commonmark_parser(pieces):
    text = "No front matter\n\n" + "".join(pieces)
    # markdown-it-py counts the columns of a tab in a quote in a quote otherwise than CommonMark.
    assume(not (">" in text and "\t" in text))
    found = links.links(text)
    assert all(text[link.start : link.end] == link.destination for link in found)
    ours = [links._decoded(link.destination) for link in found]
    assert sorted(ours) == sorted(rendered_targets(text))


# --- Real proposals -----------------------------------------------------------------------------

# Most documents stay as they are.
targets_of = cache(rendered_targets)


def live_links(root: Path) -> set[tuple[str, str]]:
    """All relative links in the proposals that lead to a file: where from and where to."""
    found = set()
    for path in (root / "proposals").rglob("*.md"):
        for target in targets_of(path.read_bytes().decode("utf-8", "replace")):
            name = target.partition("#")[0]
            if name and ":" not in name and (path.parent / name).exists():
                found.add(
                    (
                        path.relative_to(root).as_posix(),
                        os.path.relpath((path.parent / name).resolve(), root),
                    )
                )
    return found


@pytest.mark.sample(1)
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("number", [1046, 1048])
def test_a_real_proposal(repository, number):
    shutil.rmtree(repository / "proposals")
    shutil.copytree(CORPUS / "proposals", repository / "proposals")
    subprocess.run(["chmod", "-R", "u+w", str(repository)], check=True)
    commit(repository)
    before, live = files_of(repository), live_links(repository)

    plan = renumber(repository, number, 1090)

    def moved(path):
        return path.replace(f"BEP-{number}", "BEP-1090")

    assert live_links(repository) == {(moved(source), moved(target)) for source, target in live}
    after = files_of(repository)
    assert set(after) == {moved(path) for path in before}
    for path, content in before.items():
        now = after[moved(path)].split(b"\n")
        kept = [line for line in content.split(b"\n") if str(number).encode() not in line]
        assert [
            line for line in now if b"1090" not in line and str(number).encode() not in line
        ] == kept
    listed = {(one.path, one.line) for one in plan.mentions}
    for path, content in after.items():
        for at, line in enumerate(content.split(b"\n"), 1):
            if f"BEP-{number}".encode() in line:
                assert (path, at) in listed
    commit(repository)
    for _, new in plan.moves:
        log = run_git(repository, "log", "--format=%s", "-M", "--diff-filter=R", "--", "proposals")
        assert log.split("\n") == ["Work"], new


# --- The branch ---------------------------------------------------------------------------------


@pytest.fixture
def on_branch(repository, call):
    """A repository on the branch of a proposal that is committed."""
    call(repository, "new", "Token Service", "--defaults")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Token Service")
    return repository


def branches(folder) -> list[str]:
    return run_git(folder, "branch", "--format=%(refname:short)").split("\n")


def test_the_branch_of_the_proposal_follows(on_branch, call):
    code, out, err = call(on_branch, "renumber", "1006", "--to", "1020", "--dry-run")
    assert code == 0
    assert "The branch bep/1006-token-service would be bep/1020-token-service.\n" in err
    assert branches(on_branch) == ["bep/1006-token-service", "main"]

    code, out, _ = call(on_branch, "renumber", "1006", "--to", "1020")
    assert code == 0
    assert "The branch bep/1006-token-service is now bep/1020-token-service.\n" in out
    assert run_git(on_branch, "branch", "--show-current") == "bep/1020-token-service"
    assert branches(on_branch) == ["bep/1020-token-service", "main"]
    assert "BEP-1020" in call(on_branch, "context")[1]


def test_the_old_number_is_gone_before_the_commit_as_well(on_branch, call):
    assert call(on_branch, "renumber", "1006")[0] == 0

    listed = json.loads(call(on_branch, "list", "--json")[1])

    assert [one["number"] for one in listed if one["title"] == "Token Service"] == [1007]
    assert "the number 1006 has no document" in call(on_branch, "status", "1006")[2]


def test_a_branch_that_was_pushed_keeps_its_name(on_branch, call, tmp_path):
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    run_git(on_branch, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(on_branch, "push", "--quiet", "origin", "main", "bep/1006-token-service")

    code, out, _ = call(on_branch, "renumber", "1006", "--to", "1020")

    assert code == 0
    assert "The branch bep/1006-token-service keeps its name: it is on origin" in out
    assert run_git(on_branch, "branch", "--show-current") == "bep/1006-token-service"
    # It names a number without document now, but only one proposal can be meant.
    assert "BEP-1020" in call(on_branch, "context")[1]


def test_a_name_that_is_taken_is_reported(on_branch, call):
    run_git(on_branch, "branch", "bep/1020-token-service")

    code, _, err = call(on_branch, "renumber", "1006", "--to", "1020")

    assert code == 0
    assert "bep: the branch bep/1006-token-service keeps its name: " in err


def test_the_branch_of_two_documents_stays(on_branch, call):
    settings = on_branch / "invoke.yaml"
    settings.write_text(f"{settings.read_text()}  branch: 'p/{{number}}'\n")
    other = on_branch / "proposals/BEP-1006-other.md"
    other.write_bytes((on_branch / "proposals/BEP-1006-token-service.md").read_bytes())
    run_git(on_branch, "add", "--all")
    run_git(on_branch, "commit", "--quiet", "--message=Other")
    run_git(on_branch, "branch", "--move", "p/1006")

    code, out, _ = call(on_branch, "renumber", str(other), "--to", "1020")

    assert code == 0
    assert "branch" not in out
    assert run_git(on_branch, "branch", "--show-current") == "p/1006"
