"""`bep sync`: derived text is rewritten from its sources, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from bep.markdown import edits
from bep.proposal import derived_text, document
from bep.proposal.derived_text import Correction
from tests import samples
from tests.conftest import CORPUS, PAGE, ROOT, run_git, state

MAIN = "proposals/BEP-1046-unified-service-discovery.md"
PARTS = "proposals/BEP-1046"
NOTHING = (0, "Nothing to settle.\n", "")
NEXT = "Next: look at the change, `git add` it and commit.\n"


@pytest.fixture
def segmented(repository: Path) -> Path:
    """The repository with a rendered segmented proposal and its row, all committed."""
    golden = ROOT / "tests/golden/segmented/proposals"
    shutil.copytree(golden, repository / "proposals", dirs_exist_ok=True)
    edit(repository, PAGE, "| _next_", f"{ROW}| _next_")
    edit(repository, PAGE, "| Quota Ledger | Grace Hopper", "| Quota Ledger | Grace B. Hopper")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Segmented")
    return repository


ROW = (
    "| [1046](BEP-1046-unified-service-discovery.md) | Unified Service Discovery | Grace Hopper"
    " | Draft |\n"
)


def edit(repository: Path, path: str, old: str, new: str) -> None:
    """Replace a text that must stand there."""
    file = repository / path
    text = file.read_bytes().decode("utf-8", "surrogateescape")
    assert old in text
    file.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))


def changed(repository: Path) -> list[str]:
    """The lines that differ from the last commit, of all files."""
    lines = run_git(repository, "diff", "--unified=0", "--no-color").split("\n")
    return [line for line in lines if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]


def test_a_rendered_proposal_is_in_order(segmented, call):
    there = state(segmented)

    assert call(segmented, "sync") == NOTHING
    assert state(segmented) == there


# --- The registry -------------------------------------------------------------------------------


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROW.replace("Draft", "Accepted"), "status"),
        (ROW.replace("Grace Hopper", "G. Hopper"), "author"),
        (ROW.replace("Grace Hopper", "Grace B. Hopper"), "author"),
        (ROW.replace("Grace Hopper", ""), "author"),
        (ROW.replace("Grace Hopper", "-"), "author"),
        (ROW.replace("[1046](BEP-1046-unified-service-discovery.md)", "1046"), "link"),
        (ROW.replace("discovery.md", "disc.md"), "link"),
        (ROW.replace("(BEP-1046-unified-service-discovery.md)", "(BEP-1046/)"), "link"),
        (ROW.replace("Unified Service Discovery", ""), "title"),
        ("| 1046 | | Ada | Rejected |\n", "status and author and title and link"),
        ("| 1046 |\n", "status and author and title and link"),
    ],
)
def test_a_row_says_what_the_document_says(segmented, call, row, told):
    edit(segmented, PAGE, ROW, row)

    code, out, err = call(segmented, "sync")

    assert (code, err) == (0, "")
    assert out == f"{PAGE}:21: the row of BEP-1046: {told} now as in its document\n{NEXT}"
    assert changed(segmented) == []


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("Unified Service Discovery", "Discovery"),
        ROW.replace("](BEP", "](./BEP"),
        ROW.replace("Grace Hopper", "Grace Hopper, Ada Lovelace"),
        ROW.replace("| Grace Hopper", "|Grace Hopper").replace("Draft |", "Draft | note |"),
    ],
)
def test_a_row_that_says_it_in_other_words_stays(segmented, call, row):
    edit(segmented, PAGE, ROW, row)
    there = state(segmented)

    assert call(segmented, "sync") == NOTHING
    assert state(segmented) == there


def test_missing_rows_are_added_at_their_places(segmented, call):
    edit(segmented, PAGE, ROW, "")
    run_git(segmented, "commit", "--quiet", "--all", "--message=Lost")
    for number, title in ((1004, "BEP-1004: By *Hand* | x"), (1044, "")):
        (segmented / f"proposals/BEP-{number}-a (b).md").write_text(
            f"---\nAuthor: Ada (a@b.c), Bo (b@b.c)\nStatus: Rejected\n---\n\n# {title}\n"
        )

    code, out, err = call(segmented, "sync")

    assert (code, err) == (0, "")
    assert out.splitlines()[:3] == [
        f"{PAGE}:15: the row of BEP-{number}: new" for number in (1004, 1044, 1046)
    ]
    assert changed(segmented) == [
        "+| [1004](BEP-1004-a%20%28b%29.md) | By Hand \\| x | Ada | Rejected |",
        "+| [1044](BEP-1044-a%20%28b%29.md) |  | Ada | Rejected |",
        f"+{ROW.strip()}",
    ]
    assert call(segmented, "sync") == NOTHING


@pytest.mark.parametrize(
    "heading",
    [
        "**Parcel Relay**",
        "[BEP-1004: Parcel Relay](https://example.org)",
        "[BEP-1004] Parcel&nbsp;Relay",
        "BEP-1004 \u2014 Parcel Relay",
        "Parcel Relay (BEP-1004) <!-- omit in toc -->",
        "Parcel Relay[^1]",
    ],
)
def test_a_new_row_has_the_title_that_list_shows(segmented, call, heading):
    (segmented / "proposals/BEP-1004-relay.md").write_text(f"# {heading}\n")
    shown = json.loads(call(segmented, "list", "1004", "--json")[1])[0]["title"]

    assert call(segmented, "sync")[0] == 0

    assert shown == "Parcel Relay"
    assert changed(segmented) == ["+| [1004](BEP-1004-relay.md) | Parcel Relay |  |  |"]


def test_what_a_document_does_not_say_stays(segmented, call):
    (segmented / MAIN).write_text("# Unified Service Discovery\n")
    (segmented / "proposals/BEP-1001-event-journal.md").write_bytes(b"")
    before = (segmented / PAGE).read_bytes()

    assert call(segmented, "sync")[0] == 0

    assert (segmented / PAGE).read_bytes() == before


# --- The Document Index -------------------------------------------------------------------------


def test_a_new_sub_document_gets_its_row_and_its_place_in_the_context_block(segmented, call):
    (segmented / PARTS / "pool (v2).md").write_text(
        "<!-- context-for-ai\nscope: Clients | their `pool`\n-->\n\n# BEP-1046: Pool\n"
    )
    (segmented / PARTS / "zone.md").write_text("# BEP-1046: Zones *and* regions\n")
    (segmented / PARTS / "empty-one.md").write_text("")
    (segmented / PARTS / "notes.txt").write_text("")
    (segmented / PARTS / "folder.md").mkdir()

    code, out, err = call(segmented, "sync")

    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        f"{MAIN}:49: new rows for empty-one.md, pool (v2).md, zone.md",
        f"{MAIN}:13: detail-docs: now the sub-documents that exist",
    ]
    docs = (
        "overview.md, data-model.md, config-schema.md, event-registration.md, api.md, migration.md"
    )
    assert changed(segmented) == [
        f"-detail-docs: [{docs}]",
        f"+detail-docs: [{docs}, empty-one.md, pool (v2).md, zone.md]",
        "+| [empty-one](./BEP-1046/empty-one.md) | Empty One |",
        "+| [pool (v2)](./BEP-1046/pool%20%28v2%29.md) | Clients \\| their `pool` |",
        "+| [zone](./BEP-1046/zone.md) | Zones and regions |",
    ]
    assert call(segmented, "sync") == NOTHING


def test_rows_that_lead_nowhere_go_unless_words_would_be_lost(segmented, call):
    edit(segmented, MAIN, "| Queries `services`", "| See the review of 3 May: `services`")
    run_git(segmented, "commit", "--quiet", "--all", "--message=Words")
    (segmented / PARTS / "data-model.md").unlink()
    (segmented / PARTS / "api.md").unlink()

    code, out, err = call(segmented, "sync")

    assert code == 1
    assert f"{MAIN}:45: the row of data-model.md leads nowhere: removed\n" in out
    assert err == (
        f"bep: {MAIN}:48: the row of api.md leads nowhere, but its text is nowhere else\n"
    )
    lines = changed(segmented)
    # What the answers file says of it was written there, and is no word of an author's.
    row = "-| [data-model](./BEP-1046/data-model.md) | Tables, queries and their indices |"
    assert row in lines
    assert (
        "+detail-docs: [overview.md, config-schema.md, event-registration.md, migration.md]"
        in lines
    )
    assert not any(line.startswith(("-| [api]", "+| [api]")) for line in lines)


def test_rows_that_stand_there_stay_and_new_ones_are_like_them(segmented, call):
    old = (segmented / MAIN).read_text()
    start, end = old.index("| Document |"), old.index("\n## Implementation Plan")
    table = (
        "| Phase | Document | Contents |\r\n|---|---|---|\r\n"
        "| 1 | [Data](BEP-1046/data-model.md#tables) | *All* tables |\r\n"
        "| 2 | [Rest](../proposals/BEP-1046/config-schema.md), [API](<BEP-1046/api.md>) | |\r\n"
        "| 3 | Overview: see `overview.md` | |\r\n"
        "| | [elsewhere](../docs/x.md), [gone](BEP-1047/x.md) | |\r\n"
    )
    text = f"{old[:start]}{table}\n{old[end:]}".replace("[migration](./BEP-1046/migration.md)", "x")
    (segmented / MAIN).write_bytes(text.encode())
    run_git(segmented, "commit", "--quiet", "--all", "--message=By hand")

    assert call(segmented, "sync")[0] == 0

    assert (segmented / MAIN).read_bytes().decode() == text.replace(
        table,
        table
        + "| | [event-registration](./BEP-1046/event-registration.md)"
        + " | How a service announces itself: heartbeat, expiry |\r\n"
        + "| | [migration](./BEP-1046/migration.md) | Migration plan and compatibility |\r\n",
    )


def with_index(folder: Path, index: str) -> str:
    """Give the main document another index; returns its text."""
    old = (folder / MAIN).read_text()
    start, end = old.index("| Document |"), old.index("\n## Implementation Plan")
    (folder / MAIN).write_text(f"{old[:start]}{index}{old[end:]}")
    return (folder / MAIN).read_text()


@pytest.mark.parametrize("index", ["", "See the folder.\n"])
def test_an_index_without_table_and_list_is_left_to_a_person(segmented, call, index):
    with_index(segmented, index)
    there = state(segmented)

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert "Document Index has no entry for api.md, config-schema.md, data-model.md" in err
    assert state(segmented) == there


@pytest.mark.parametrize("marker", ["-", "1."])
def test_an_index_that_is_a_list_gets_items(segmented, call, marker):
    index = f"{marker} [data](./BEP-1046/data-model.md)\n"
    text = with_index(segmented, index)

    assert call(segmented, "sync")[0] == 0

    after = (segmented / MAIN).read_text()
    added = after[after.index(index) + len(index) : after.index("\n## Implementation Plan")]
    assert [line.split("]")[0].lstrip("-.0123456789 ") for line in added.splitlines()] == [
        f"[{name}"
        for name in ("api", "config-schema", "event-registration", "migration", "overview")
    ]
    assert after.replace(added, "") == text
    assert "index-incomplete" not in call(segmented, "check", "1046", "--format", "concise")[1]
    assert call(segmented, "sync") == NOTHING


def test_what_the_index_names_without_a_link_is_there(segmented, call):
    index = (
        "| Document |\n|---|\n"
        "| `api.md`, config-schema.md, event-registration.md, migration.md, x-data-model.md |\n"
    )
    text = with_index(segmented, index)

    assert call(segmented, "sync")[0] == 0

    new = "".join(f"| [{name}](./BEP-1046/{name}.md) |\n" for name in ("data-model", "overview"))
    assert (segmented / MAIN).read_text() == text.replace(index, f"{index}{new}")


# --- The context block --------------------------------------------------------------------------


def test_phases_follow_the_plan(segmented, call):
    edit(segmented, MAIN, "3. Phase 3: Consumers", "3. Phase 3: Consumers\n4. Phase 4: Rest #")

    assert call(segmented, "sync")[1] == f"{MAIN}:18: phases: now 4, as in the plan\n{NEXT}"
    assert changed(segmented)[:2] == ["-phases: 3", "+phases: 4"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3. Phase 3: Consumers", "3. Consumers"),
        ("phases: 3", "phases: [one, two]"),
        ("phases: 3", "phases: some"),
        ("<!-- context-for-ai", "<!-- for somebody else"),
    ],
)
def test_what_cannot_be_counted_or_is_said_otherwise_stays(segmented, call, old, new):
    edit(segmented, MAIN, old, new)
    there = state(segmented)

    assert call(segmented, "sync") == NOTHING
    assert state(segmented) == there


def test_a_context_block_that_cannot_be_read_is_told(segmented, call):
    edit(segmented, MAIN, "phases: 3", "phases: [3")
    there = state(segmented)

    assert call(segmented, "sync") == (
        1,
        "",
        f"bep: {MAIN}:10: the context block is not YAML with keys and values\n",
    )
    assert state(segmented) == there


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("scope: S", "scope: &a S", ""),
        ("phases: 3", "phases: &a 4", ""),
        ("phases: 3", "phases: [&a 3, *a]", "phases"),
        ("type: master-bep", "type: &a master-bep\nother: *a", ""),
        ("phases: 3", "counts: &a 4\nphases: *a", "phases"),
        ("detail-docs: [", "files: &a [x.md]\ndetail-docs: [*a, ", "detail-docs"),
    ],
)
def test_a_value_with_an_alias_is_told_and_left(segmented, call, old, new, named):
    edit(segmented, MAIN, old, new)
    there = (segmented / MAIN).read_bytes()

    code, _, err = call(segmented, "sync")

    if named:
        said = f"the value of {named} in the context block cannot be edited: it has the alias *a"
        assert (code, err) == (1, f"bep: {MAIN}:10: {said}, and aliases are not read here\n")
        assert (segmented / MAIN).read_bytes() == there
    else:
        assert (code, err) == (0, "")


@pytest.mark.parametrize("text", ["!!bool x", "2026-02-30", "*a", "[" * 90_000, "9" * 5_000])
def test_an_answers_file_that_cannot_be_read_is_told_and_the_rest_is_mended(segmented, call, text):
    file = segmented / "proposals/.copier/.copier-answers.BEP-1046.yml"
    file.write_text(f"layout: {text}\n")
    edit(segmented, MAIN, "phases: 3", "phases: 4")

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert err.startswith(
        f"bep: {segmented.joinpath(file).relative_to(segmented)}:1: cannot be read as YAML"
    )
    assert "phases: 3" in (segmented / MAIN).read_text()


@pytest.mark.parametrize(("revision", "is_recorded"), [("v1.0.0", False), ("v1.1.0", True)])
def test_a_file_that_the_guide_of_another_revision_names_stays_recorded(
    segmented, call, revision, is_recorded
):
    file = segmented / "proposals/.copier/.copier-answers.BEP-1046.yml"
    file.write_text(re.sub("(?m)^_commit: .*", "_commit: v1.0.0", file.read_text()))
    page_answers = segmented / "proposals/.copier/.copier-answers.BEP-0000.yml"
    page_answers.write_text(f"_commit: {revision}\nnumber: 0\nlayout: registry\n")
    (segmented / PARTS / "migration.md").unlink()

    call(segmented, "sync")

    assert ("migration_document: true" in file.read_text()) == is_recorded


@pytest.mark.parametrize("text", ["{a: b}", "5.5", "[{name: A, components: {x: y}}]", "'[['"])
def test_answers_without_their_form_are_left_when_a_sub_document_goes(segmented, call, text):
    answers = "proposals/.copier/.copier-answers.BEP-1046.yml"
    file = segmented / answers
    file.write_text(f"layout: segmented\ncomponents: [data-model]\nphases: {text}\n")
    (segmented / PARTS / "data-model.md").unlink()
    there = file.read_bytes()

    code, out, _ = call(segmented, "sync")

    assert code in (0, 1)
    assert answers not in out
    assert file.read_bytes() == there


def test_what_is_not_utf_8_comes_into_no_other_file(segmented, call):
    korean = "---\nAuthor: {} (a@b.c)\nStatus: Draft\n---\n\n# {}\n"
    new = "proposals/BEP-1050-encoded.md"
    (segmented / new).write_bytes(korean.format("김가을", "한글 제목").encode("euc-kr"))
    part = "---\n---\n\n# 한글\n".encode("euc-kr")
    (segmented / PARTS / "encoded.md").write_bytes(part)

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert f"{new}:1: the title is not UTF-8 and is not copied to the registry" in err
    assert f"{new}:2: " in err
    page, main = (segmented / PAGE).read_text("utf-8"), (segmented / MAIN).read_text("utf-8")
    assert "| [1050](BEP-1050-encoded.md) |  |  | Draft |" in page
    assert "(./BEP-1046/encoded.md) | Encoded |" in main


# --- Which proposals ----------------------------------------------------------------------------


def test_only_the_proposals_that_are_named_change(segmented, call):
    for old in ("| Grace Hopper | Draft", "| Ada Lovelace | Accepted"):
        edit(segmented, PAGE, old, "| Nobody | Accepted")

    assert call(segmented, "sync", "1001")[0] == 0
    assert [line[:8] for line in changed(segmented)] == ["-| [1046", "+| [1046"]
    assert call(segmented, "sync", "1040-1050")[0] == 0
    assert changed(segmented) == []
    assert call(segmented, "sync", "4711") == (
        2,
        "",
        "bep: there is no proposal 4711; `bep list` shows all numbers\n",
    )


def test_two_documents_with_one_number_keep_row_and_sub_documents(segmented, call):
    other = segmented / "proposals/BEP-1046-other.md"
    other.write_text("---\nAuthor: Ada (a@b.c)\nStatus: Rejected\n---\n\n# Other\n")
    (segmented / PARTS / "new.md").write_text("# New\n")
    edit(segmented, PAGE, "| Grace Hopper | Draft", "| Grace Hopper | Accepted")

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert err.startswith("bep: proposals/BEP-1046-other.md: 1046 is also the number of ")
    assert changed(segmented) == []
    assert call(segmented, "sync", "1001")[0] == 0


@pytest.mark.parametrize("name", ["BEP-1046-a-copy.md", "BEP-1046-zzz.md"])
@pytest.mark.parametrize("link", ["{}", "./{}", "/proposals/{}"])
def test_of_two_documents_of_the_main_branch_the_one_that_is_linked_keeps_the_number(
    segmented, call, name, link
):
    linked = Path(MAIN).name
    edit(segmented, PAGE, f"({linked})", f"({link.format(linked)})")
    shutil.copy(segmented / MAIN, segmented / "proposals" / name)
    run_git(segmented, "add", "--all")
    run_git(segmented, "commit", "--quiet", "--message=A copy")

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert err == (
        f"bep: proposals/{name}: 1046 is also the number of {MAIN};"
        f" give this one another with `bep renumber proposals/{name}`\n"
    )


def test_one_proposal_that_both_sides_changed_gets_no_other_number(segmented, call):
    run_git(segmented, "switch", "--quiet", "--create", "theirs")
    edit(segmented, PAGE, "| Event Journal |", "| Journal of Events |")
    run_git(segmented, "commit", "--quiet", "--all", "--message=theirs")
    run_git(segmented, "switch", "--quiet", "main")
    edit(
        segmented,
        PAGE,
        "| Event Journal | Ada Lovelace | Accepted",
        "| Event Journal | Ada | Draft",
    )
    run_git(segmented, "commit", "--quiet", "--all", "--message=ours")
    with pytest.raises(AssertionError):
        run_git(segmented, "merge", "theirs")

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert "two titles for the number 1001" in err
    assert "both sides changed the same proposal: remove the wrong row\n" in err
    assert "renumber" not in err


def test_a_document_in_conflict_is_told_and_the_rest_is_done(segmented, call):
    run_git(segmented, "switch", "--quiet", "--create", "theirs")
    edit(segmented, MAIN, "phases: 3", "phases: 4")
    run_git(segmented, "commit", "--quiet", "--all", "--message=theirs")
    run_git(segmented, "switch", "--quiet", "main")
    edit(segmented, MAIN, "phases: 3", "phases: 5")
    edit(segmented, PAGE, "| Ada Lovelace |", "| Nobody |")
    run_git(segmented, "commit", "--quiet", "--all", "--message=ours")
    with pytest.raises(AssertionError):
        run_git(segmented, "merge", "theirs")

    code, out, err = call(segmented, "sync")

    assert (code, err) == (1, f"bep: {MAIN}: is in conflict after a merge; resolve it\n")
    assert out == f"{PAGE}:17: the row of BEP-1001: author now as in its document\n"


def test_a_dry_run_shows_the_plan_and_changes_nothing(segmented, call):
    edit(segmented, MAIN, "phases: 3", "phases: 4")
    edit(segmented, PAGE, "| Grace Hopper | Draft", "| Grace Hopper | Accepted")
    there = state(segmented)

    code, out, err = call(segmented, "sync", "--dry-run")

    assert (code, err.count("\n")) == (0, 2)
    assert state(segmented) == there
    (segmented / "plan").write_text(out)
    run_git(segmented, "apply", "plan")
    assert changed(segmented) == []


def test_a_conflict_in_the_registry_and_derived_text_are_settled_together(segmented, call):
    lines = (segmented / PAGE).read_text().split("\n")
    at = lines.index(ROW.strip())
    lines[at : at + 1] = [
        "<<<<<<< HEAD",
        ROW.strip().replace("Draft", "Accepted"),
        "=======",
        "| 1047 | Next One | Ada | Draft |",
        ">>>>>>> other",
    ]
    (segmented / PAGE).write_text("\n".join(lines))

    assert call(segmented, "sync")[0] == 0

    assert changed(segmented) == ["+| 1047 | Next One | Ada | Draft |"]


def in_conflict(repository: Path, size: int) -> None:
    """A merge of two branches that each added a row, with markers of that length."""
    (repository / ".gitattributes").write_text(f"README.md conflict-marker-size={size}\n")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Attributes")
    run_git(repository, "branch", "theirs")
    for branch, row in (("theirs", THEIRS), ("main", OURS)):
        run_git(repository, "switch", "--quiet", branch)
        edit(repository, PAGE, "| _next_", f"{row}\n| _next_")
        run_git(repository, "commit", "--quiet", "--all", "--message=Row")
    with pytest.raises(AssertionError):
        run_git(repository, "merge", "theirs")


OURS = "| 1070 | Our Plan | Ada Lovelace | Draft |"
THEIRS = "| 1071 | Their Plan | Grace Hopper | Draft |"


@pytest.mark.parametrize("size", [3, 5, 7, 8, 10, 32])
def test_a_conflict_whose_markers_have_another_length_is_settled(segmented, call, size):
    in_conflict(segmented, size)
    assert f"\n{'<' * size} HEAD\n" in (segmented / PAGE).read_text()

    code, out, err = call(segmented, "sync")

    assert code == 0, err
    assert "joined 1 conflicting part" in out
    text = (segmented / PAGE).read_text()
    assert f"{OURS}\n{THEIRS}\n| _next_" in text
    assert "HEAD" not in text


@pytest.mark.parametrize("style", ["merge", "diff3"])
@pytest.mark.parametrize("ours", [True, False])
def test_a_row_that_one_side_gave_back_does_not_return(segmented, call, style, ours):
    run_git(segmented, "config", "merge.conflictStyle", style)
    edit(segmented, PAGE, "| _next_", f"{OURS}\n| _next_")
    run_git(segmented, "commit", "--quiet", "--all", "--message=Reserved")
    run_git(segmented, "branch", "theirs")
    for branch, row in (("theirs", f"{OURS}\n{THEIRS}\n"), ("main", "")):
        run_git(segmented, "switch", "--quiet", branch)
        edit(segmented, PAGE, f"{OURS}\n", row)
        run_git(segmented, "commit", "--quiet", "--all", "--message=Rows")
    run_git(segmented, "switch", "--quiet", "main" if ours else "theirs")
    with pytest.raises(AssertionError):
        run_git(segmented, "merge", "theirs" if ours else "main")

    code, out, err = call(segmented, "sync")

    assert code == 0, err
    assert "1070: left out, as one side deleted it" in out
    text = (segmented / PAGE).read_text()
    assert THEIRS in text
    assert OURS not in text


@pytest.mark.parametrize("size", [1, 2])
def test_markers_that_say_nothing_by_themselves_are_refused(segmented, call, size):
    in_conflict(segmented, size)
    before = state(segmented)
    line = (segmented / PAGE).read_text().split("\n").index(f"{'<' * size} HEAD") + 1

    code, out, err = call(segmented, "sync")

    assert (code, out) == (1, "")
    assert err == (
        f"bep: {PAGE}:{line}: is in conflict, and its markers of length {size} are ambiguous;"
        " resolve it by hand and `git add` it\n"
    )
    assert state(segmented) == before


def test_a_conflict_of_which_a_part_was_taken_out_is_refused(segmented, call):
    in_conflict(segmented, 4)
    edit(segmented, PAGE, "\n====\n", "\n")
    before = state(segmented)

    code, _, err = call(segmented, "sync")

    assert code == 1
    assert "its markers of length 4 are ambiguous" in err
    assert state(segmented) == before


# --- For all documents --------------------------------------------------------------------------

NAMES = st.sampled_from(["a.md", "b.md", "c d.md", "é.md"])
INDEX = st.sampled_from(
    [
        "## Document Index\n\n| Document | Description |\n|---|---|",
        "| [a](./BEP-1046/a.md) | A |",
        "| [b](BEP-1046/b.md) | about b |",
        "| [x](./BEP-1046/x.md) | |",
        "| [y](./BEP-1046/y.md) | about y |",
        "| text | [c](BEP-1046/c%20d.md) |",
        "",
        "1. Phase 1: a\n2. Phase 2: b",
        "## Implementation Plan\n",
        "### Phase 1\udc80",
    ]
)
BLOCK = st.sampled_from(
    [
        *("detail-docs: []", "detail-docs: [a.md, x.md]", "detail-docs:\n  - b.md\n  - x.md"),
        *("phases: 1", "phases:", "own: 'x' # note", "# comment"),
    ]
)


@settings(max_examples=samples.examples(200))
@given(
    st.lists(BLOCK, max_size=4, unique_by=lambda line: line.partition(":")[0]),
    st.lists(INDEX, max_size=9),
    st.dictionaries(NAMES, st.sampled_from(["", "about", "x | y"]), max_size=4),
    st.sampled_from(["\n", "\r\n"]),
)
def test_corrections_touch_only_what_they_must_and_are_enough(block, body, parts, ending):
    lines = ["# T", "", "<!-- context-for-ai", "type: master-bep", *block, "-->", "", *body, "end"]
    source = ending.join("\n".join(lines).split("\n"))

    def corrections(text: str) -> list[Correction]:
        return derived_text.of_main_document(
            document.Document(text, "proposals/BEP-1046-t.md"), parts
        )

    found = corrections(source)
    new = edits.applied(source, [edit for one in found for edit in one.splices])

    left = corrections(new)
    assert not any(one.splices for one in left)
    assert [one.what for one in left] == [one.what for one in found if not one.splices]
    assert all(1 <= one.line <= len(source.split(ending)) for one in found)
    # A row that says nothing but the file's name goes with the file.
    derived_lines = ("detail-docs", "phases", "  - ", "| [x]", *(["| [a]"] * ("a.md" not in parts)))
    kept = [line for line in source.split(ending) if not line.startswith(derived_lines)]
    remaining = iter(new.split(ending))
    assert all(line in remaining for line in kept)


def test_the_real_proposals_need_one_correction_and_two_decisions(tmp_path, call):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    shutil.copytree(CORPUS / "proposals", tmp_path / "proposals")
    run_git(tmp_path, "init", "--quiet")
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "--message=Real")

    code, out, err = call(tmp_path, "sync")

    assert (code, err.count("\n")) == (1, 3)
    assert "1026 is also the number of" in err
    assert "the row of 1033 names 'HyeokJin Kim'; the document is by Hyeokjin Jeon;" in err
    assert "the row of 1053 names 'Gyubong Lee'; the document is by Joongi Kim;" in err
    assert [line.split(": ", 1)[1] for line in out.splitlines()] == [
        "phases: now 4, as in the plan"
    ]
    assert len(changed(tmp_path)) == 1
    assert call(tmp_path, "sync") == (1, "", err)


# --- Values that are no source ------------------------------------------------------------------


def authored(folder: Path, author: str, status: str = "Draft") -> None:
    """Give the main document another author and status."""
    there = (
        "Author: Grace Hopper (grace@example.com), Ada Lovelace (ada@example.com)\nStatus: Draft"
    )
    edit(folder, MAIN, there, f"Author: {author}\nStatus: {status}")


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    "author",
    [
        *("\\|", "'[Mira Example'", "Your Full Name (email@example.com)", "Your Full Name", "TBD"),
        *("-", "'>-'", "[", "{a: b}", "'*Mira*'", "<!-- who -->", "N/A", "'?'", "mira@example.com"),
        *("'Mira Example (mira@example.com), \\|'", "'[Mira Example](https://example.com)'"),
    ],
)
def test_what_is_nobody_s_name_stays_out_of_the_registry(segmented, call, author):
    authored(segmented, author)
    page = (segmented / PAGE).read_text()

    code, out, err = call(segmented, "sync", "1046")
    call(segmented, "check", "--all", "--fix")

    assert (segmented / PAGE).read_text() == page
    assert (code, out) == (1, "")
    assert err.startswith(f"bep: {MAIN}:2: ")
    assert " is not a person's name and is not copied to the registry; correct it\n" in err

    edit(segmented, PAGE, ROW, "")
    assert call(segmented, "sync", "1046")[1] == f"{PAGE}:15: the row of BEP-1046: new\n"
    assert ROW.replace("Grace Hopper", "") in (segmented / PAGE).read_text()


@pytest.mark.parametrize(
    "status", ["Drfat", "'>-'", "Draft Accepted", "\\|", "Accepted (26.4)", "?"]
)
def test_an_unknown_status_stays_out_of_the_registry(segmented, call, status):
    authored(segmented, "Grace Hopper", status)
    page = (segmented / PAGE).read_text()

    code, out, err = call(segmented, "sync", "1046")
    call(segmented, "check", "--all", "--fix")

    assert (segmented / PAGE).read_text() == page
    assert (code, out) == (1, "")
    assert err.startswith(f"bep: {MAIN}:3: the status ")


@pytest.mark.parametrize(
    ("author", "row"),
    [
        ("[Mira Example, Ada Lovelace]", "Mira Example"),
        ("\n  - Mira Example (mira@example.com)\n  - Ada Lovelace", "Mira Example"),
        ("\n- Mira Example", "Mira Example"),
        (">-\n  Mira\n  Example (mira@example.com)", "Mira Example"),
        ("|\n  Mira Example <mira@example.com>", "Mira Example"),
        ("\n  Mira Example", "Mira Example"),
        ("'Mira | 미라 (mira@example.com)'", "Mira \\| 미라"),
        ("Robert O'Brien-Smith Jr. (r@example.com)", "Robert O'Brien-Smith Jr."),
    ],
)
def test_lists_and_folded_text_are_read(segmented, call, author, row):
    authored(segmented, author)
    edit(segmented, PAGE, "| Grace Hopper |", "| - |")

    assert call(segmented, "sync", "1046")[0] == 0

    assert f"| {row} | Draft |" in (segmented / PAGE).read_text()


def test_a_status_is_written_as_the_guide_spells_it(segmented, call):
    authored(segmented, "Grace Hopper (grace@example.com)", "accepted")

    assert call(segmented, "sync", "1046")[0] == 0

    assert "| Grace Hopper | Accepted |" in (segmented / PAGE).read_text()


# --- Two people ---------------------------------------------------------------------------------


def test_two_names_are_both_reported_and_neither_is_taken(segmented, call):
    authored(segmented, "Mira Example (mira@example.com)", "Accepted")

    code, out, err = call(segmented, "sync", "1046")

    assert code == 1
    assert out == f"{PAGE}:21: the row of BEP-1046: status now as in its document\n"
    assert err == (
        f"bep: {PAGE}:21: the row of 1046 names 'Grace Hopper'; the document is by Mira Example;"
        " `bep sync 1046 --author document` or `--author registry` settles it\n"
    )
    call(segmented, "check", "--all", "--fix")
    assert "| Grace Hopper | Accepted |" in (segmented / PAGE).read_text()
    assert "Author: Mira Example (mira@example.com)" in (segmented / MAIN).read_text()


@pytest.mark.parametrize(
    "author", ["grace hopper", "[Mira Example, Grace Hopper]", "Grace  Hopper <g@h.i>"]
)
def test_one_common_name_is_no_disagreement(segmented, call, author):
    authored(segmented, author)

    assert call(segmented, "sync", "1046") == NOTHING


def test_the_document_can_be_right(segmented, call):
    authored(segmented, "Mira Example (mira@example.com), Ada Lovelace")

    code, out, _ = call(segmented, "sync", "1046", "--author", "document")

    assert (code, out) == (
        0,
        f"{PAGE}:21: the row of BEP-1046: author now as in its document\n{NEXT}",
    )
    assert "| Mira Example | Draft |" in (segmented / PAGE).read_text()
    assert call(segmented, "sync", "1046") == NOTHING


@pytest.mark.parametrize(
    "author", ["Mira Example (mira@example.com)", "[Mira Example, Ada]", "'\\|'"]
)
def test_the_registry_can_be_right(segmented, call, author):
    authored(segmented, author)

    code, out, _ = call(segmented, "sync", "1046", "--author", "registry")

    assert (code, out) == (0, f"{MAIN}:2: Author: now Grace Hopper, as in the registry\n{NEXT}")
    assert "\nAuthor: Grace Hopper\n" in (segmented / MAIN).read_text()
    assert call(segmented, "sync", "1046") == NOTHING


@pytest.mark.parametrize(
    ("row", "address"),
    [("Ada Lovelace", "ada@example.com"), ("Ada Lovelace <ada@example.org>", "ada@example.org")],
)
def test_an_author_of_the_registry_gets_the_address_that_is_known(segmented, call, row, address):
    authored(segmented, "Mira Example (mira@example.com)")
    edit(segmented, PAGE, "Discovery | Grace Hopper |", f"Discovery | {row} |")

    assert call(segmented, "sync", "1046", "--author", "registry")[0] == 0

    assert f"\nAuthor: Ada Lovelace ({address})\n" in (segmented / MAIN).read_text()


def test_a_list_of_lines_is_not_replaced(segmented, call):
    authored(segmented, "\n  - Mira Example\n  - Ada Lovelace")
    there = state(segmented)

    code, _, err = call(segmented, "sync", "1046", "--author", "registry")

    assert code == 1
    assert err == f"bep: {MAIN}:2: the value of Author continues below; write it on one line\n"
    assert state(segmented) == there


def test_another_side_is_refused(segmented, call):
    there = state(segmented)

    assert call(segmented, "sync", "1046", "--author", "Mira") == (
        2,
        "",
        "bep: --author 'Mira' is neither side; use --author document or --author registry\n",
    )
    assert state(segmented) == there
