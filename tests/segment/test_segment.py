"""`segment`: a proposal in one file becomes a main document and sub-documents."""

from __future__ import annotations

import builtins
import json
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import copier
import pytest
import yaml

from bep.errors import BepError
from bep.proposal.document import Document
from bep.segment.division import Division
from bep.segment.plan import Planner, wanted
from bep.segment.segment import Segmenter
from bep.system import repository
from bep.system.template_trust import TrustedTemplate
from tests import schemas
from tests.conftest import FIXTURES, PAGE, Call, run_git, state
from tests.segment import divided
from tests.series import REVISIONS, revise, template_at_v1

MAIN = "proposals/BEP-1010-media-relay.md"
OTHER = "proposals/BEP-1011-media-player.md"
FOLDER = "proposals/BEP-1010"
TRANSPORT, STORE = f"{FOLDER}/transport.md", f"{FOLDER}/store.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1010.yml"


def with_relay(folder: Path, template: Path) -> Path:
    """A repository with a proposal that has every sort of link, and another that links to it."""
    shutil.copytree(FIXTURES, folder / "proposals", ignore=shutil.ignore_patterns("divide"))
    shutil.copytree(FIXTURES / "divide", folder / "proposals", dirs_exist_ok=True)
    rows = "| [1010](BEP-1010-media-relay.md) | Media Relay | Ada Lovelace | Draft |\n"
    rows += "| [1011](BEP-1011-media-player.md) | Media Player | Grace Hopper | Draft |\n"
    registry = (folder / "proposals/registry.md").rename(folder / PAGE)
    registry.write_text(registry.read_text().replace("| _next_", rows + "| _next_"))
    (folder / "VERSION").write_text("26.8.0rc1\n")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(folder, "init", "--quiet")
    committed(folder)
    return folder


@pytest.fixture
def relay(tmp_path: Path, template: Path) -> Path:
    """The repository, as its authors left it."""
    return with_relay(tmp_path / "repository", template)


@pytest.fixture(scope="module")
def segmented(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """The repository after `bep segment 1010`, to be looked at only."""
    folder = with_relay(tmp_path_factory.mktemp("segmented") / "repository", template)
    segmenter = Segmenter(
        repository.find(folder),
        "1010",
        TrustedTemplate(str(template)),
        tmp_path_factory.mktemp("template"),
    )
    segmenter.segment(segmenter.plan())
    return folder


def committed(folder: Path) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Change")


def text(folder: Path, path: str) -> str:
    return (folder / path).read_bytes().decode()


def written(folder: Path, content: str) -> None:
    if text(folder, MAIN) != content:
        (folder / MAIN).write_bytes(content.encode())
        committed(folder)


def headings(content: str) -> list[str]:
    return [line for line in content.split("\n") if line.startswith("#")]


def made(folder: Path) -> list[str]:
    parts = sorted((folder / FOLDER).glob("*.md"))
    return [MAIN, *(path.relative_to(folder).as_posix() for path in parts)]


def proposal(design: str, *, current: int = 1, migration: int = 1) -> str:
    """A proposal in one file with that Proposed Design, and long sections around it."""
    lines = "".join(f"Line {at} of today.\n" for at in range(current))
    moves = "".join(f"- Move {at}.\n" for at in range(migration))
    return (
        "---\nAuthor: Ada Lovelace (ada@example.com)\nStatus: Draft\n---\n\n# Media Relay\n\n"
        f"## Motivation\n\nWhy.\n\n## Current Design\n\n{lines}\n{design}\n"
        f"## Migration / Compatibility\n\n{moves}\n## Implementation Plan\n\nPlan.\n"
    )


DESIGN = (
    "## Proposed Design\n\n### Data Model\n\nTables.\n\n#### Keys\n\nTwo.\n\n### REST API\n\nGET.\n"
)


# --- What goes where ----------------------------------------------------------------------------


def test_sections_of_the_design_become_documents_and_the_rest_stays(relay: Path, call: Call):
    written(relay, proposal(DESIGN))
    code, out, errors = call(relay, "segment", "1010")
    assert (code, errors) == (0, "")
    assert f"{FOLDER}/data-model.md" in out
    assert headings(text(relay, MAIN)) == [
        "# Media Relay",
        "## Motivation",
        "## Document Index",
        "## Current Design",
        "## Migration / Compatibility",
        "## Implementation Plan",
    ]
    model = text(relay, f"{FOLDER}/data-model.md")
    assert headings(model) == [
        "# Data Model",
        "## Summary",
        "## Current Design",
        "## Proposed Design",
        "### Keys",
        "## Interface / API",
        "## Implementation Notes",
    ]
    assert "## Proposed Design\n\nTables.\n\n### Keys\n\nTwo.\n\n## Interface" in model
    assert "Part of [BEP-1010](../BEP-1010-media-relay.md)." in model
    assert "parent: BEP-1010 (Media Relay)" in model
    assert "| [rest-api](./BEP-1010/rest-api.md) | REST API |" in text(relay, MAIN)
    assert "detail-docs: [data-model.md, rest-api.md]" in text(relay, MAIN)


@pytest.mark.parametrize(
    ("current", "migration", "files"),
    [
        (50, 30, set()),
        (51, 31, {"current-design.md", "migration.md"}),
    ],
)
def test_long_sections_get_a_document_of_their_own(
    current: int, migration: int, files: set[str], relay: Path, call: Call
):
    written(relay, proposal(DESIGN, current=current, migration=migration))
    assert call(relay, "segment", "1010")[0] == 0
    found = {path.name for path in (relay / FOLDER).glob("*.md")}
    assert found == {"data-model.md", "rest-api.md"} | files
    answers = yaml.safe_load(text(relay, ANSWERS))
    assert answers["migration_document"] is ("migration.md" in files)
    if "current-design.md" in files:
        today = text(relay, f"{FOLDER}/current-design.md")
        assert headings(today) == ["# Current Design", "## Summary", "## Current Design"]
        assert today.endswith("Line 50 of today.\n")
    if "migration.md" in files:
        moves = text(relay, f"{FOLDER}/migration.md")
        assert headings(moves)[0] == "# Migration / Compatibility"
        assert "## Proposed Design\n\n- Move 0.\n" in moves


@pytest.mark.parametrize(("lines", "file"), [(50, ""), (51, "overview.md")])
def test_an_introduction_stays_unless_it_is_long(lines: int, file: str, relay: Path, call: Call):
    words = "".join(f"Word {at}.\n" for at in range(lines))
    design = DESIGN.replace("## Proposed Design\n", f"## Proposed Design\n\n{words}")
    written(relay, proposal(design))
    assert call(relay, "segment", "1010")[0] == 0
    holder = text(relay, f"{FOLDER}/{file}" if file else MAIN)
    assert f"Proposed Design\n\n{words}" in holder
    assert yaml.safe_load(text(relay, ANSWERS))["overview_document"] is bool(file)


def test_named_components_may_be_of_the_second_level_and_others_stay(relay: Path, call: Call):
    design = DESIGN + "\n## API Design\n\n### Queries\n\nTwo.\n\n## Settings\n\n### Keys\n\nNone.\n"
    written(relay, proposal(design))
    named = ("REST API=http.md", "queries=graphql", "Settings=settings")
    code, _, errors = call(
        relay, "segment", "1010", *(w for n in named for w in ("--component", n))
    )
    assert (code, errors) == (0, "")
    assert {path.name for path in (relay / FOLDER).glob("*.md")} == {
        *("http.md", "graphql.md", "settings.md")
    }
    main = text(relay, MAIN)
    assert "## Proposed Design\n\n### Data Model\n\nTables.\n\n#### Keys\n" in main
    # Of the API nothing is left to say here.
    assert "## API Design\n\nSee [graphql](./BEP-1010/graphql.md).\n\n## Migration" in main
    settings = text(relay, f"{FOLDER}/settings.md")
    assert "# Settings\n" in settings
    assert "## Proposed Design\n\n### Keys\n\nNone.\n" in settings


@pytest.mark.parametrize(
    ("heading", "file"),
    [
        ("3. Database Schema", "database-schema.md"),
        ("2a. Per-node `liveness`", "per-node-liveness.md"),
        ("2. 2-Tier Storage (v2)", "tier-storage-v2.md"),
        ("1 & 2: Schema", "schema.md"),
        ("Phase 1: Schema", "phase-1-schema.md"),
        ("**API** of [agents](x.md)", "api-of-agents.md"),
        ("데이터 모델", "데이터-모델.md"),
        ("Overview", "overview.md"),
    ],
)
def test_a_file_is_named_after_its_heading(heading: str, file: str):
    document = Document(proposal(DESIGN.replace("Data Model", heading)), MAIN)
    plan = Planner(document, {}, frozenset()).plan()
    assert [one.file for one in plan] == [file, "rest-api.md"]
    assert plan[0].title.endswith(heading.split(". ", 1)[-1]) or heading.startswith("**")


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_a_design_of_another_name_keeps_its_heading(gap: str, relay: Path, call: Call):
    design = DESIGN.replace("Proposed Design\n\n", f"4. Suggested Architecture{gap}")
    written(relay, proposal(design))
    assert call(relay, "segment", "1010")[0] == 0
    links = "[data-model](./BEP-1010/data-model.md), [rest-api](./BEP-1010/rest-api.md)"
    assert re.search(
        rf"\n## 4\. Suggested Architecture\n\n{re.escape(f'See {links}.')}\n+## Migration",
        text(relay, MAIN),
    )
    assert "See [" not in text(relay, f"{FOLDER}/data-model.md")


def test_what_is_everybodys_stays_also_inside_of_the_design(relay: Path, call: Call):
    written(relay, proposal(f"{DESIGN}\n### Open Questions\n\n- Who pays?\n"))
    assert call(relay, "segment", "1010")[0] == 0
    assert {path.name for path in (relay / FOLDER).glob("*.md")} == {"data-model.md", "rest-api.md"}
    assert "## Proposed Design\n\n### Open Questions\n\n- Who pays?\n" in text(relay, MAIN)


def test_index_and_context_block_of_an_author_are_completed(relay: Path, call: Call):
    context = "<!-- context-for-ai\ntype: master-bep\nscope: Mine\n# why\nphases: 1\n-->\n\n# Media"
    content = proposal(DESIGN).replace("# Media", context, 1)
    index = "## Document Structure\n\nOne document for each part.\n\n## Current"
    written(relay, content.replace("## Current", index, 1))
    assert call(relay, "segment", "1010")[0] == 0
    main = text(relay, MAIN)
    assert "scope: Mine\ndetail-docs: [data-model.md, rest-api.md]\n# why\n" in main
    assert "One document for each part.\n\n| Document | Description |\n" in main
    assert main.count("context-for-ai") == main.count("(./BEP-1010/rest-api.md)") == 1


def test_sections_may_stand_at_the_level_of_the_title(relay: Path, call: Call):
    content = re.sub(r"^##", "#", proposal(DESIGN), flags=re.MULTILINE)
    written(relay, content.replace("Proposed Design", "Design"))
    code, _, errors = call(relay, "segment", "1010")
    assert (code, errors) == (0, "")
    links = "[data-model](./BEP-1010/data-model.md), [rest-api](./BEP-1010/rest-api.md)"
    assert f"\n# Design\n\nSee {links}.\n" in text(relay, MAIN)
    assert "## Proposed Design\n\nTables.\n\n### Keys" in text(relay, f"{FOLDER}/data-model.md")


def test_what_was_answered_before_is_kept(relay: Path, call: Call):
    tables = "{name: data-model, scope: Tables}"
    components = f"[{tables}, {{name: rest-api, scope: Calls, depends_on: [data-model]}}]"
    call(
        relay,
        *("new", "Frame Cache", "--number", "1020", "--layout", "single", "--defaults"),
        *("-d", f"components={components}"),
        *("-d", "phases=[{name: Base, components: [data-model]}, Rest]"),
        *("-d", "subsystems=manager"),
    )
    committed(relay)
    code, _, errors = call(relay, "segment", "1020")
    assert (code, errors) == (0, "")
    answers = yaml.safe_load(text(relay, "proposals/.copier/.copier-answers.BEP-1020.yml"))
    assert answers["layout"] == "segmented"
    assert answers["components"] == [
        {"name": "data-model", "scope": "Tables"},
        {"name": "rest-api", "scope": "Calls", "depends_on": ["data-model"]},
    ]
    assert answers["phases"] == [{"name": "Base", "components": ["data-model"]}, "Rest"]
    assert answers["subsystems"] == ["manager"]
    api = text(relay, "proposals/BEP-1020/rest-api.md")
    assert "scope: Calls\ndepends-on: [data-model.md]\n" in api
    main = text(relay, "proposals/BEP-1020-frame-cache.md")
    # Guidance for one file is the template's and no author's.
    assert [one for one in headings(main) if "Design" in one or "Migration" in one] == []
    assert "One subsection per component" not in main + api
    assert main.count("context-for-ai") == 1
    assert call(relay, "check", "1020", "--all")[0] == 0


# --- Links --------------------------------------------------------------------------------------


def test_every_link_that_worked_works(segmented: Path):
    count = len([*divided.links(run_git(segmented, "show", f"HEAD:{MAIN}"))])

    assert made(segmented) == [MAIN, STORE, TRANSPORT]
    for path in (*made(segmented), OTHER, PAGE):
        assert divided.broken(segmented, path) == Counter(), path
        assert divided.unresolved_references(text(segmented, path)) == 0, path
    own = [link for path in made(segmented) for link in divided.links(text(segmented, path))]
    # Two rows of the index, "Part of" twice, and the link of a footnote that two documents need.
    assert len(own) == count + 4 + 1


def test_links_lead_to_where_the_section_is_now(segmented: Path):
    main, transport, store = (text(segmented, path) for path in (MAIN, TRANSPORT, STORE))
    assert "[transport](./BEP-1010/transport.md#2-transport)" in main
    assert "[store](./BEP-1010/store.md#store), [why](#motivation)" in main
    assert "[limits](./BEP-1010/transport.md#limits)," in main
    assert "[mark](./BEP-1010/transport.md#pinned)" in main
    assert "see [limits](./BEP-1010/store.md#limits)" in main
    assert '![Flow](./BEP-1010/flow.svg "The flow")' in main
    assert "| data  | [store](./store.md#store) |" in transport
    assert "[journal](../BEP-1001-event-journal.md#motivation), `[no](#store)`" in transport
    assert "as [this](../BEP-1010-media-relay.md#limits) says" in transport
    assert "[above](#2-transport) and [this very one](#limits)" in transport
    assert '<img src="../old.png" alt="old"> <a href="#limits">' in transport
    assert "[transport](./transport.md#2-transport), [limits](./transport.md#limits)" in store
    assert "![Flow](./flow.svg) ![old](<../old.png>)" in store
    assert "[code](../../VERSION)" in store
    assert "[the plan](../BEP-1010-media-relay.md#implementation-plan)" in store


def test_other_documents_follow(relay: Path, call: Call):
    assert divided.broken(relay, MAIN) == divided.broken(relay, OTHER) == Counter()
    _, out, _ = call(relay, "segment", "1010")
    other = text(relay, OTHER)
    assert '[the store](BEP-1010/store.md#store "Store")' in other
    assert (
        "[limits](./BEP-1010/transport.md#limits); [why](BEP-1010-media-relay.md#motivation)"
        in other
    )
    assert "[not a link](BEP-1010-media-relay.md#store)" in other
    assert "[frames]: ../proposals/BEP-1010/transport.md#2-transport" in other
    assert f"{OTHER}: links lead to the sub-documents" in out
    assert run_git(relay, "diff", "--stat", "--", PAGE) == ""


def test_definitions_and_footnotes_go_with_those_who_use_them(segmented: Path):
    main, transport, store = (text(segmented, path) for path in (MAIN, TRANSPORT, STORE))
    assert main.count("[^cost]: Nobody asked.") == transport.count("[^cost]: Nobody asked.") == 1
    assert "[^cost]:" not in store
    assert "[quic]: https://example.com/quic" in transport
    assert "[quic]: https://example.com/quic" in store
    assert "[quic]:" not in main
    # Its second paragraph needs the journal, wherever the footnote goes.
    for part in (transport, store):
        assert "[^2]: Five is [measured](../BEP-1001-event-journal.md), not guessed." in part
        assert "\n    A second paragraph of the footnote, with [journal].\n" in part
        assert "[journal]: ../BEP-1001-event-journal.md#motivation" in part
    assert "[^2]:" not in main
    assert "[journal]: ./BEP-1001-event-journal.md#motivation" in main
    # Nobody uses it: it stays where it was.
    assert "[unused]: https://example.com/unused\n[^cost]: Nobody asked.\n\n[journal]: ./" in main
    assert "unused" not in transport + store


# --- What an author wrote -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "shape"), [("\n", "no final newline"), ("\r\n", "mark"), ("\r", "")]
)
def test_no_line_is_lost_whatever_the_bytes(ending: str, shape: str, relay: Path, call: Call):
    before = text(relay, MAIN).replace("\n", ending)
    if shape == "no final newline":
        before = before.rstrip("\r\n")
    if shape == "mark":
        before = "\ufeff" + before
    written(relay, before)
    code, _, errors = call(relay, "segment", "1010")
    assert (code, errors) == (0, "")
    after = [text(relay, path) for path in made(relay)]
    held = sum((divided.author_lines(one) for one in after), Counter())
    assert divided.author_lines(before) - held == Counter()
    # To CommonMark the second paragraph of a footnote is code; it stands in two documents.
    held = sum((divided.fences(one) for one in after), Counter())
    assert divided.fences(before) - held == Counter()
    assert len(held) == len(divided.fences(before))
    for one in after:
        assert one.count("\n") + one.count("\r") == one.count(ending) * len(ending)
    assert after[0].startswith("\ufeff") is (shape == "mark")


def test_bytes_that_are_no_text_stay(relay: Path, call: Call):
    content = proposal(DESIGN).encode().replace(b"Tables.", b"Tables: \xff\xfe.")
    (relay / MAIN).write_bytes(content)
    assert call(relay, "segment", "1010")[0] == 0
    assert b"Tables: \xff\xfe.\n" in (relay / f"{FOLDER}/data-model.md").read_bytes()


def test_setext_headings_change_their_level_too(relay: Path, call: Call):
    design = DESIGN + "\nSettings\n--------\n\nNone.\n"
    written(relay, proposal(design))
    assert call(relay, "segment", "1010", "--component", "Settings=settings")[0] == 0
    assert "\nSettings\n========\n\nPart of" in text(relay, f"{FOLDER}/settings.md")


# --- Afterwards ---------------------------------------------------------------------------------


def test_it_is_updated_as_one_born_segmented(relay: Path, tmp_path: Path, call: Call):
    """By `bep update` and by plain Copier, with the same bytes."""
    template = template_at_v1(tmp_path / "template")
    (relay / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    committed(relay)
    call(relay, "segment", "1010")
    committed(relay)
    revise(template, REVISIONS["heading of a section of sub-documents"], "v1.1.0")
    revise(template, REVISIONS["section added"], "v1.2.0")
    before = {path: text(relay, path) for path in made(relay)}

    copier.run_update(
        relay, answers_file=ANSWERS, defaults=True, unsafe=True, overwrite=True, quiet=True
    )
    after = {path: text(relay, path) for path in (*made(relay), ANSWERS)}
    assert headings(after[STORE])[-2:] == ["## Interfaces", "## Implementation Notes"]
    assert "## Alternatives" in headings(after[MAIN])
    for path, content in before.items():
        lost = divided.author_lines(content) - divided.author_lines(after[path])
        assert lost - Counter(["# Interface / API"]) == Counter()
        assert divided.broken(relay, path) == Counter()
    run_git(relay, "checkout", "--quiet", ".")
    assert call(relay, "update", "1010")[0] == 0
    assert after == {path: text(relay, path) for path in (*made(relay), ANSWERS)}


def test_check_finds_no_error_and_sync_nothing_to_do(relay: Path, call: Call):
    call(relay, "segment", "1010")
    _, out, _ = call(relay, "check", "1010", "--all", "--format", "json")
    assert [one for one in json.loads(out) if one["severity"] == "error"] == []
    committed(relay)
    call(relay, "sync", "1010")
    assert run_git(relay, "status", "--porcelain") == ""


# --- The call -----------------------------------------------------------------------------------


def test_a_dry_run_shows_the_plan_and_changes_nothing(relay: Path, call: Call):
    before = state(relay)
    code, out, _ = call(relay, "segment", "1010", "--dry-run")
    assert code == 0
    assert f"+++ b/{STORE}" in out
    assert state(relay) == before


def test_the_data_of_a_segmentation(relay: Path, call: Call):
    code, out, errors = call(relay, "segment", "BEP-1010", "--json")
    assert (code, errors) == (0, "")
    schemas.of("segment").validate(json.loads(out))
    assert json.loads(out) == {
        "number": 1010,
        "main": MAIN,
        "documents": [
            {"path": TRANSPORT, "heading": "2. Transport"},
            {"path": STORE, "heading": "Store"},
        ],
        "relinked": [OTHER],
        "remarks": [],
    }


class Terminal:
    """Somebody at a terminal who answers, and what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.asked: list[str] = []
        waiting = list(answers)

        def answer(prompt: str = "") -> str:
            self.asked.append(prompt)
            return waiting.pop(0)

        monkeypatch.setattr(builtins, "input", answer)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(os, "isatty", lambda _: True)


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch):
    """Makes standard streams those of a terminal at which the given answers are typed."""
    from bep.tasks import segments

    def sit(*answers: str) -> Terminal:
        monkeypatch.setattr(segments, "has_terminal", lambda: True)
        return Terminal(monkeypatch, *answers)

    return sit


def test_on_a_terminal_the_plan_is_shown_and_asked_for(relay: Path, call: Call, at_terminal):
    written(relay, proposal(DESIGN, migration=31))
    terminal = at_terminal("9=x", "3=-", "2=calls, 1=-", "")
    code, out, _ = call(relay, "segment", "1010")
    assert code == 0
    assert "'9=x' is not a change of the plan" in out
    # What was left once stays left.
    assert made(relay) == [MAIN, f"{FOLDER}/calls.md"]
    assert "### Data Model" in text(relay, MAIN)
    assert len(terminal.asked) == 4


def test_whoever_stops_at_the_plan_changes_nothing(relay: Path, call: Call, at_terminal):
    before = state(relay)
    at_terminal("q")
    code, _, errors = call(relay, "segment", "1010")
    assert (code, errors.strip()) == (2, "bep: stopped; nothing was changed")
    assert state(relay) == before


# --- Bad input ----------------------------------------------------------------------------------

SHORT = proposal(DESIGN)


@pytest.mark.parametrize(
    ("content", "components", "said"),
    [
        (
            SHORT.replace("## Proposed Design", "## Something Else"),
            [],
            "there is no section Proposed Design; name the components with --component",
        ),
        (
            proposal("## Proposed Design\n\nAll in one.\n"),
            [],
            f"{MAIN}:16: 'Proposed Design' has no subsections",
        ),
        (
            SHORT.replace("REST API", "1. Data model"),
            [],
            f"{MAIN}:26: '1. Data model' and 'Data Model' (line 18) would both become",
        ),
        (SHORT.replace("GET.\n", ""), [], f"{MAIN}:26: 'REST API' contains no text"),
        (
            SHORT.replace("GET.\n", "<!-- guidance -->\n"),
            ["REST API=x"],
            f"{MAIN}:26: 'REST API' contains no text",
        ),
        (SHORT, ["Data Model=a/b"], "component 'a/b' is not a file name in kebab-case"),
        (SHORT, ["Data Model=.."], "'Data Model': component '..'"),
        (SHORT, ["Data Model=../../x"], "is not a file name in kebab-case"),
        (SHORT, ["Data Model=con"], "Windows reserves"),
        (SHORT, ["Data Model=index"], "the layout reserves"),
        (SHORT, ["Data Model=overview"], "the layout reserves"),
        (
            SHORT,
            ["Dta Model=x"],
            "'Dta Model'; there are 'Current Design', 'Proposed Design', 'Data Model', 'REST API'",
        ),
        (SHORT, ["Motivation=why"], f"{MAIN}:8: 'Motivation' stays in the main document"),
        (SHORT, ["Data Model=x", "Proposed Design=y"], "one is inside the other"),
        (SHORT, ["Data Model=x", "data model=y"], "are one section"),
        (SHORT, ["Data Model=x", "REST API=x.md"], "would both become x.md"),
        (
            SHORT.replace("## Migration", "### Data Model\n\nAgain.\n\n## Migration"),
            ["Data Model=x"],
            "is the heading of several sections, on the lines 18 and 30",
        ),
        (
            SHORT.replace("## Implementation Plan\n\nPlan.\n", "## Settings\n\n```\nopen\n"),
            ["Settings=x"],
            f"{MAIN}:34: 'Settings' contains a code fence or comment that is never closed",
        ),
        (
            SHORT.replace("GET.\n", "GET.\n\n</details>\n"),
            [],
            f"{MAIN}:26: 'REST API' contains only half of a <details> element; close it in that",
        ),
        (
            SHORT.replace("GET.\n", "GET.\n\n</div>\n\n<div>\n"),
            [],
            f"{MAIN}:26: 'REST API' contains only half of a <div> element",
        ),
    ],
)
def test_a_document_or_plan_that_cannot_be(content: str, components: list[str], said: str):
    document = Document(content, MAIN)
    planner = Planner(document, {}, frozenset(["<!-- guidance -->"]))
    with pytest.raises(BepError) as caught:
        Division(
            document,
            planner.plan([wanted(one) for one in components] or None),
            {},
            frozenset(),
        ).divided()
    assert said in str(caught.value)
    # A section that is not there is a wrong call; the rest is said of the document.
    assert caught.value.code == (2 if components == ["Dta Model=x"] else 1)


def test_the_scope_of_a_document_without_one_is_its_title(relay: Path, call: Call):
    written(relay, SHORT)

    assert call(relay, "segment", "1010")[0] == 0

    text = (relay / MAIN).read_text()
    title = text.partition("\n# ")[2].partition("\n")[0]
    assert f"\nscope: {title}\n" in text


def test_what_is_folded_stays_folded(relay: Path, call: Call):
    folded = "<details>\n<summary>S</summary>\n\nGET.\n\n<div>\n\nx\n\n</div>\n</details>\n"
    written(relay, SHORT.replace("GET.\n", folded))

    assert call(relay, "segment", "1010")[0] == 0

    assert folded in (relay / "proposals/BEP-1010/rest-api.md").read_text()


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (SHORT, ["--component", "Dta Model=x"], "no section 'Dta Model'; there are 'Current"),
        (SHORT.replace("GET.\n", ""), [], f"{MAIN}:26: 'REST API' contains no text"),
        (SHORT + "\0", [], f"{MAIN}: is not text: NUL bytes in line 37; save it as UTF-8"),
        ("", [], f"{MAIN}: there is no section Proposed Design"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(
    content: str, arguments: list[str], said: str, relay: Path, call: Call
):
    written(relay, content)
    refused(relay, call, said, *arguments)


def refused(folder: Path, call: Call, said: str, *arguments: str) -> None:
    before = state(folder)
    code, out, errors = call(folder, "segment", "1010", *arguments)
    assert said in errors
    assert code == (2 if "no section 'Dta" in said else 1)
    assert out == ""
    assert errors.count("\n") == 1
    assert errors.startswith("bep: ")
    assert state(folder) == before


def test_one_that_has_segments_already(relay: Path, call: Call):
    call(relay, "segment", "1010")
    committed(relay)
    refused(relay, call, f"{MAIN}: the proposal already has segments, such as {STORE}")
    for path in made(relay)[1:]:
        (relay / path).unlink()
    refused(relay, call, "its answers say that it already has segments")


def test_files_that_are_there_already(relay: Path, call: Call):
    (relay / TRANSPORT).mkdir()
    (relay / TRANSPORT / "x").write_text("x")
    refused(relay, call, f"{TRANSPORT}: already exists; move it away")
    shutil.rmtree(relay / FOLDER)
    (relay / FOLDER).write_text("a file\n")
    refused(relay, call, f"{FOLDER} is not a directory; move it away")


def test_a_broken_answers_file(relay: Path, call: Call):
    (relay / ANSWERS).parent.mkdir()
    (relay / ANSWERS).write_text("<<<<<<< HEAD\nlayout: single\n")
    refused(relay, call, f"{ANSWERS}:1: contains merge-conflict markers")


@pytest.fixture
def fresh(released: Path, call: Call) -> Path:
    """A new proposal in one file with the components Alpha and Beta; returns the document."""
    options = ("-d", "layout=single", "-d", "components=alpha,beta", "--number", "1010")
    code, _, err = call(released, "new", "Media Relay", "--defaults", *options)
    assert code == 0, err
    path = released / "proposals/BEP-1010-media-relay.md"
    text = path.read_text()
    for name in ("Alpha", "Beta"):
        text = text.replace(f"### {name}\n", f"### {name}\n\nText of {name}.\n")
    path.write_text(text)
    return path


def test_a_definition_does_not_become_part_of_a_footnote(fresh: Path, call: Call):
    both = "Text[^1] and [spec].\n\n[^1]: a note\n\n[spec]: https://example.com/spec\n"
    text = fresh.read_text().replace("Text of Alpha.\n", both)
    fresh.write_text(text.replace("Text of Beta.\n", "More[^1] and [spec].\n"))

    assert call(fresh.parents[1], "segment", "1010")[::2] == (0, "")

    beta = (fresh.parent / "BEP-1010/beta.md").read_text()
    assert "[^1]: a note\n\n[spec]: https://example.com/spec\n" in beta


@pytest.mark.parametrize(
    ("listed", "copied"),
    [
        ("- one\n[^1]: a [note].\n", "[^1]: a [note]."),
        ("- one\n\n  [^1]: a [note].\n  Long.\n", "[^1]: a [note].\n  Long."),
        (
            "- one\n  - two\n\n    [^1]: a [note].\n\n        Long.\n",
            "[^1]: a [note].\n\n        Long.",
        ),
        ("> one\n> [^1]: a [note].\n> [^2]: no\n", "> [^1]: a [note]."),
    ],
)
def test_a_footnote_in_a_list_or_quote_stays_and_is_copied_to_those_who_use_it(
    fresh: Path, call: Call, listed: str, copied: str
):
    text = fresh.read_text().replace("Text of Alpha.\n", f"Text[^1].\n\n{listed}")
    text = text.replace("Text of Beta.\n", "- more[^1]\n\n[note]: https://example.com/note\n")
    fresh.write_text(text)

    assert call(fresh.parents[1], "segment", "1010")[::2] == (0, "")

    alpha, beta = ((fresh.parent / f"BEP-1010/{name}.md").read_text() for name in ("alpha", "beta"))
    assert f"\n{listed}" in alpha
    assert "\n[note]: https://example.com/note\n" in alpha
    assert f"\n\n{copied}\n\n" in beta
    assert "[note]: https://example.com/note\n" in beta


@pytest.mark.parametrize("heading", ["Migration / Compatibility", "🚀 Migration {#rollout}"])
def test_an_unwritten_section_stays_where_it_is_linked_or_has_a_heading_of_its_own(
    fresh: Path, call: Call, heading: str
):
    text = fresh.read_text().replace("## Migration / Compatibility", f"## {heading}")
    if "Compatibility" in heading:
        text = text.replace("Text of Alpha.", "See [what breaks](#migration--compatibility).")
    fresh.write_text(text)

    assert call(fresh.parents[1], "segment", "1010")[::2] == (0, "")

    assert f"\n## {heading}\n" in fresh.read_text()
    assert "anchor-missing" not in call(fresh.parents[1], "check", "1010")[1]


def test_no_such_proposal(relay: Path, call: Call):
    before = state(relay)
    code, _, errors = call(relay, "segment", "1099")
    assert (code, errors.count("\n")) == (2, 1)
    assert "the number 1099 has no document" in errors
    code, _, errors = call(relay, "segment", "1010,1011")
    assert code == 2
    assert "means 2 proposals; give one number" in errors
    assert state(relay) == before


def test_a_file_that_cannot_be_written_leaves_all_as_it_was(relay: Path, call: Call, monkeypatch):
    from bep.system import file_transaction

    before = state(relay)
    restore = file_transaction._Staging.restore
    calls = iter(range(3))

    def full(staging: file_transaction._Staging, name: str, path: str) -> None:
        if path.endswith("store.md") and next(calls) == 0:
            raise OSError(28, "No space left on device", path)
        restore(staging, name, path)

    monkeypatch.setattr(file_transaction._Staging, "restore", full)
    code, _, errors = call(relay, "segment", "1010")
    assert code == 2
    assert "no space left on device" in errors
    assert state(relay) == before
