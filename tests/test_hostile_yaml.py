"""YAML that ends a careless reader: each proposal that holds some is told, all others go on.

One repository has many proposals with such a text, in front matter, context block or answers file,
and one healthy proposal; each command runs on it once.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Call, copy_repository, files_of, pack, run_git
from tests.rendered import EXAMPLES
from tests.series import REVISIONS, revise, template_at_v1
from tests.update.test_update import render

BOMB = ", ".join(
    ["&a [x, x, x, x, x, x, x, x, x]"]
    + [f"&{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 9)}]" for at in range(9)]
)
VALUES = {
    "tag of a truth": "!!bool x",
    "tag of a number": "!!int ''",
    "tag of a date": "!!timestamp x",
    "tag of Python": "!!python/object/apply:os.system ['touch ran']",
    "no character": '"\\U00110000"',
    "no day": "2026-02-30",
    "no time zone": "2026-02-03 10:00:00 +99:99",
    "digits": "9" * 5_000,
    "hexadecimal digits": f"0x{'f' * 5_000}",
    "no digits": "0x_",
    "lists": "[" * 99_000,
    "mappings": "{a: " * 24_000,
    "lists of lines": f"\n  {'- ' * 45_000}x",
    "keys": f"\n  {'? ' * 45_000}x",
    "aliases of aliases": f"[{BOMB}]",
    "a part of itself": "&a [*a]",
    "nothing": "*nothing",
    "a list for a key": "{[a]: b}",
    "unclosed": "'x",
    "two documents": "x\n---\ny",
    "too long": "x" * 120_000,
}
NAMES = list(VALUES)
# As a value of front matter it is a plain text to YAML, or a rule about values has a word on it.
PLAIN_IN_FRONT_MATTER = {
    "no day",
    "no time zone",
    "digits",
    "hexadecimal digits",
    "no digits",
    "a list for a key",
    # The line `---` ends the front matter.
    "two documents",
}
HEALTHY = "proposals/BEP-1012-idle-checks-per-resource-group.md"
PAGE = "proposals/README.md"
TITLE = "Idle Checks per Resource Group"
ROW = "| [1012](BEP-1012-idle-checks-per-resource-group.md) | Idle Checks | Nobody | Draft |"
FRONT_MATTER, CONTEXT_BLOCK, ANSWERS = 2000, 3000, 4000
PLACES = {FRONT_MATTER: "Created-Version: 26.1.0", CONTEXT_BLOCK: "type: master-bep"}


def main(number: int) -> str:
    return HEALTHY.replace("1012", str(number))


def answers(number: int) -> str:
    return f"proposals/.copier/.copier-answers.BEP-{number:04d}.yml"


def hostile(place: int) -> dict[int, str]:
    """The numbers of the proposals with a hostile text at `place`, with its name."""
    return {place + at: name for at, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in two revisions."""
    folder = template_at_v1(tmp_path_factory.mktemp("two") / "template")
    revise(folder, REVISIONS["guidance reworded"], "v1.1.0")
    return folder


@pytest.fixture(scope="module")
def start(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one healthy proposal."""
    folder = tmp_path_factory.mktemp("start") / "repository"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for layout in ("registry", "single"):
        render(template, folder, EXAMPLES[layout], "v1.0.0")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    page = folder / PAGE
    page.write_text(page.read_text().replace("|--------|\n", f"|--------|\n{ROW}\n", 1))
    assert ROW in page.read_text()
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Healthy")
    return folder


@pytest.fixture(scope="module")
def start_among_hostile(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with all the others."""
    folder = copy_repository(start, tmp_path_factory.mktemp("hostile") / "repository")
    document, stored = (folder / HEALTHY).read_text(), (folder / answers(1012)).read_text()
    for place in (FRONT_MATTER, CONTEXT_BLOCK, ANSWERS):
        for number, name in hostile(place).items():
            text = document.replace("1012", str(number))
            kept = stored.replace("1012", str(number))
            if place == ANSWERS:
                kept += f"github: {VALUES[name]}\n"
            else:
                line = PLACES[place]
                assert line in text
                text = text.replace(line, f"{line.partition(':')[0]}: {VALUES[name]}", 1)
            (folder / main(number)).write_text(text)
            (folder / answers(number)).write_text(kept)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Hostile")
    pack(folder)
    return folder


@pytest.fixture
def among_hostile(start_among_hostile: Path, tmp_path: Path) -> Path:
    return copy_repository(start_among_hostile, tmp_path / "repository")


@pytest.fixture
def alone(start: Path, tmp_path: Path) -> Path:
    return copy_repository(start, tmp_path / "repository")


def told(errors: str) -> list[str]:
    """The lines on stderr, each of which begins with the program's name."""
    lines = errors.splitlines()
    assert all(line.startswith("bep: ") for line in lines), lines
    return lines


def refused(lines: list[str]) -> set[int]:
    """The numbers of the answers files that the lines are about; each has its place."""
    found = [
        re.match(r"bep: \S+BEP-(\d+)\.yml:4[4-6]: cannot be read as YAML", one) for one in lines
    ]
    return {int(one[1]) for one in found if one}


# --- Among hostile ones -------------------------------------------------------------------------


def test_list_shows_them_all(among_hostile: Path, call: Call):
    code, out, errors = call(among_hostile, "list")

    assert (code, errors) == (0, "")
    assert [line[:4] for line in out.splitlines()[1:]] == [
        "1012",
        *(str(one) for place in (FRONT_MATTER, CONTEXT_BLOCK, ANSWERS) for one in hostile(place)),
    ]


def test_the_revision_of_an_answers_file_that_cannot_be_read_is_null(
    among_hostile: Path, call: Call
):
    code, out, errors = call(among_hostile, "list", "--json")

    assert (code, errors) == (0, "")
    assert {one["number"]: one["template_revision"] for one in json.loads(out)} == {
        1012: "v1.0.0",
        **dict.fromkeys(hostile(FRONT_MATTER), "v1.0.0"),
        **dict.fromkeys(hostile(CONTEXT_BLOCK), "v1.0.0"),
        **dict.fromkeys(hostile(ANSWERS)),
    }


def test_attention_is_drawn_to_the_healthy_one_too(among_hostile: Path, call: Call):
    code, out, errors = call(among_hostile, "list", "--attention")

    assert (code, errors) == (0, "")
    assert "1012  Idle Checks" in out


def test_check_reports_each_text_at_its_line(among_hostile: Path, call: Call):
    code, out, _ = call(among_hostile, "check", "--all", "--json")

    assert code == 1
    found = {(one["rule"], one["path"]): one["line"] for one in json.loads(out)}
    for number, name in hostile(FRONT_MATTER).items():
        line = found.get(("metadata-unreadable", main(number)))
        assert (line is None) == (name in PLAIN_IN_FRONT_MATTER), name
        assert line in (None, 5, 6, 7), name
    for number, name in hostile(CONTEXT_BLOCK).items():
        # What is not closed ends with the block.
        assert found["context-unreadable", main(number)] in (11, 12, 18), name


def test_sync_tells_each_and_mends_the_healthy_one(among_hostile: Path, call: Call):
    code, _, errors = call(among_hostile, "sync")

    lines = told(errors)
    assert code == 1
    assert refused(lines) == set(hostile(ANSWERS))
    for number in hostile(CONTEXT_BLOCK):
        problem = "the context block is not YAML with keys and values"
        assert f"bep: {main(number)}:10: {problem}" in lines
    assert ROW.replace("Nobody", "Ada Lovelace") in (among_hostile / PAGE).read_text()


def test_search_finds_the_healthy_one(among_hostile: Path, call: Call):
    code, out, errors = call(among_hostile, "search", "idle", "--limit", "100")

    assert (code, errors) == (0, "")
    assert "1012  Draft" in out


@pytest.mark.parametrize("place", [FRONT_MATTER, CONTEXT_BLOCK, ANSWERS])
def test_context_gives_what_can_be_read(place: int, among_hostile: Path, call: Call):
    for number in (1012, *hostile(place)):
        code, out, errors = call(among_hostile, "context", str(number))

        assert code == 0
        assert f"# {TITLE}" in out
        assert "Traceback" not in errors


def test_update_refuses_what_cannot_be_read_and_updates_the_others(among_hostile: Path, call: Call):
    before = files_of(among_hostile)
    code, out, errors = call(among_hostile, "update")

    lines = told(errors)
    assert code == 1
    assert refused(lines) == set(hostile(ANSWERS))
    assert len(lines) == len(VALUES)
    assert f"{len(VALUES)} refused" in out
    after = files_of(among_hostile)
    for number in (1012, *hostile(FRONT_MATTER), *hostile(CONTEXT_BLOCK)):
        assert b"_commit: v1.1.0" in after[answers(number)]
    for number in hostile(ANSWERS):
        for path in (main(number), answers(number)):
            assert after[path] == before[path]


def test_adopt_refuses_them_among_all_and_writes_one_anew_that_is_named(
    among_hostile: Path, call: Call
):
    code, _, errors = call(among_hostile, "adopt", "--all")

    assert code == 1
    assert refused(told(errors)) == set(hostile(ANSWERS))
    number = ANSWERS + NAMES.index("lists")
    assert call(among_hostile, "adopt", str(number))[0] == 0
    # Nor has the tag run what it names.
    assert not (among_hostile / "ran").exists()
    assert b"[[[" not in (among_hostile / answers(number)).read_bytes()


@pytest.mark.sample(1)
@pytest.mark.parametrize("place", [FRONT_MATTER, CONTEXT_BLOCK, ANSWERS])
def test_mark_and_ask_change_their_own_lines(place: int, among_hostile: Path, call: Call):
    call(among_hostile, "sync")
    for number, name in {1012: "", **hostile(place)}.items():
        asked = call(among_hostile, "ask", str(number), "--question", "Why?")
        marked = call(among_hostile, "mark", str(number), "rejected", "--reason", "No need")

        assert (asked[0], marked[0]) == (0, 0), (name, asked, marked)


def test_a_new_proposal_is_made_among_them(among_hostile: Path, call: Call):
    code, out, errors = call(among_hostile, "new", "Another", "--json")

    assert code == 0, errors
    assert json.loads(out)["title"] == "Another"


# --- Answers that are another proposal's --------------------------------------------------------


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("layout: single", "layout: folded", "answer 'layout': layout 'folded' is unknown"),
        ("layout: single", "layout: ../single", "answer 'layout': layout '../single' is unknown"),
        ("layout: single", "layout: single/..", "answer 'layout': layout 'single/..' is unknown"),
        ("layout: single", "layout: [single]", "answer 'layout': layout ['single'] is unknown"),
        ("layout: single", "layout: ''", "answer 'layout': layout '' is unknown"),
        ("layout: single", "layout: registry", "answer 'layout': it is 'registry'; only the"),
        ("proposals: proposals", "proposals: docs", "answer 'proposals': it is 'docs', and the"),
        ("proposals: proposals", "proposals: proposals/", "answer 'proposals': it is 'proposals/'"),
        ("proposals: proposals", "proposals: ../up", "answer 'proposals': it is '../up', and the"),
        ("proposals: proposals", "proposals: /etc", "answer 'proposals': it is '/etc', and the"),
        ("proposals: proposals", "proposals: 5", "answer 'proposals': it is 5, and the file"),
        ("slug: idle-checks-per-resource-group", "slug:", "answer 'slug': it is empty"),
        ("slug: idle-checks-per-resource-group", "slug: ''", "answer 'slug': it is empty"),
        ("number: 1012", "number: [1012]", "answer 'number': "),
        ("number: 1012", "number: .inf", "answer 'number': "),
        ("number: 1012", "number: 2026-02-03", "answer 'number': "),
        ("number: 1012", "number: {a: b}", "answer 'number': "),
        ("estimated_lines: 240", "estimated_lines: '!!int x'", "answer 'estimated_lines': "),
    ],
)
def test_answers_that_render_other_files_are_refused_with_their_line(
    old: str, new: str, said: str, alone: Path, call: Call
):
    file = alone / answers(1012)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    run_git(alone, "commit", "--quiet", "--all", "--message=Edit")
    before = files_of(alone)

    code, out, errors = call(alone, "update")

    assert code == 1
    (line,) = told(errors)
    at = file.read_text().splitlines().index(new) + 1
    assert line.startswith(f"bep: {answers(1012)}:{at}: {said}")
    assert "1 refused" in out
    after = files_of(alone)
    assert b"_commit: v1.1.0" in after[answers(0)]
    for path in (HEALTHY, answers(1012)):
        assert after[path] == before[path]


@pytest.mark.parametrize("answer", ["layout: ../single", "proposals: docs", "slug:"])
def test_segment_and_adopt_refuse_them_too(answer: str, alone: Path, call: Call):
    file = alone / answers(1012)
    name = answer.partition(":")[0]
    file.write_text(re.sub(rf"^{name}: .*$", answer, file.read_text(), flags=re.MULTILINE))
    run_git(alone, "commit", "--quiet", "--all", "--message=Edit")

    for arguments in (("segment", "1012"), ("adopt", "--all")):
        code, _, errors = call(alone, *arguments)
        assert code == 1, arguments
        assert f"bep: {answers(1012)}:" in told(errors)[0]


# --- Settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["bep:\n  main: ", "other:\n  tool: x\nbep:\nmore: "])
def test_settings_that_cannot_be_read_end_a_command_in_one_line(
    key: str, name: str, alone: Path, call: Call
):
    (alone / "invoke.yaml").write_text(f"{key}{VALUES[name]}\n")

    code, out, errors = call(alone, "list")

    assert (code, out) == (2, "")
    (line,) = told(errors)
    assert re.match(r"bep: invoke\.yaml:[2-6]: cannot be parsed \(.+\); fix its syntax", line)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"x = {'[' * 99_000}", "pyproject.toml: cannot be parsed (it is nested too deeply)"),
        (f"x = {'{a = ' * 9_000}", "pyproject.toml: cannot be parsed (it is nested too deeply)"),
        (f"x = {'9' * 5_000}", "pyproject.toml: cannot be parsed (a number has too many digits)"),
        (f"{'a.' * 20_000}a = 1", "pyproject.toml:2: cannot be parsed (a key has more than 100"),
        (f"x = {{{'a . ' * 200}a = 1}}", "pyproject.toml:2: cannot be parsed (a key has more"),
        (f"""{"'a'." * 200}a = 1""", "pyproject.toml:2: cannot be parsed (a key has more than"),
        ("x = 2026-02-30", "pyproject.toml:2: cannot be parsed (Invalid date or datetime)"),
        ('x = "\\UFFFFFFFF"', "pyproject.toml:2: cannot be parsed ("),
        ('x = """', "pyproject.toml:2: cannot be parsed (Unterminated string)"),
        (f"x = '{'x' * 600_000}'", "pyproject.toml: cannot be parsed (it is longer than 500000"),
    ],
    ids=lambda text: text[:12],
)
def test_toml_that_cannot_be_read_ends_a_command_in_one_line(
    text: str, said: str, alone: Path, call: Call
):
    (alone / "invoke.yaml").unlink()
    (alone / "pyproject.toml").write_text(f"[tool.bep]\n{text}")

    code, out, errors = call(alone, "list")

    assert (code, out) == (2, "")
    (line,) = told(errors)
    assert line.startswith(f"bep: {said}")


def test_aliases_in_settings_are_read(alone: Path, call: Call):
    text = "defaults: &defaults\n  first_number: 1000\nbep:\n  <<: *defaults\nother: *defaults\n"
    (alone / "invoke.yaml").write_text(text)

    code, out, errors = call(alone, "list")

    assert (code, errors) == (0, "")
    assert out.splitlines()[1].startswith("1012")


def test_a_data_file_that_cannot_be_read_makes_nothing(alone: Path, call: Call):
    (alone / "data.yml").write_text(f"title: x\nphases: {VALUES['lists']}\n")
    before = files_of(alone)

    code, _, errors = call(alone, "new", "Another", "--data-file", "data.yml")

    assert code == 2
    (line,) = told(errors)
    assert line.startswith("bep: data.yml:2: cannot be read as YAML (it is nested deeper")
    assert files_of(alone) == before
