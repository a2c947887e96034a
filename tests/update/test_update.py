"""`update`: a revised template reaches every proposal, and no author loses a line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import copier
import pytest
import yaml

from bep.system import file_transaction, template
from bep.system.template_revisions import TemplateRevisions
from tests import schemas
from tests.conftest import Call, copy_repository, files_of, pack, run_git, state
from tests.rendered import EXAMPLES
from tests.series import REVISIONS, Edit, revise, template_at_v1, with_each_revision

SINGLE = "proposals/BEP-1012-idle-checks-per-resource-group.md"
SEGMENTED = "proposals/BEP-1046-unified-service-discovery.md"
DATA_MODEL = "proposals/BEP-1046/data-model.md"
BLANK = "proposals/BEP-0000-template.md"
PAGE = "proposals/README.md"


Series = tuple[Path, dict[str, str]]


def answers_file(number: int) -> str:
    return f"proposals/.copier/.copier-answers.BEP-{number:04d}.yml"


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Series:
    """The template with each of the revisions, and their tags."""
    folder = template_at_v1(tmp_path_factory.mktemp("series") / "template")
    return folder, with_each_revision(folder)


@pytest.fixture(scope="module")
def rendered_at_v1(series: Series, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with page, blank document and two proposals that nobody has edited."""
    folder = tmp_path_factory.mktemp("rendered") / "repository"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for answers in EXAMPLES.values():
        render(series[0], folder, answers, "v1.0.0")
    (folder / "invoke.yaml").write_text(f"bep:\n  template: {series[0]}\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    pack(folder)
    return folder


def render(template: Path, folder: Path, answers: dict[str, object], revision: str) -> None:
    copier.run_copy(
        str(template),
        folder,
        answers,
        vcs_ref=revision,
        defaults=True,
        quiet=True,
        unsafe=True,
        skip_tasks=True,
        overwrite=True,
    )


@pytest.fixture
def proposals(rendered_at_v1: Path, tmp_path: Path) -> Path:
    """A repository of the test's own, as rendered."""
    return copy_repository(rendered_at_v1, tmp_path / "repository")


def edit(folder: Path, path: str, change: Callable[[str], str], *, commit: bool = True) -> None:
    file = folder / path
    with file.open(newline="") as stream:
        old = stream.read()
    new = change(old)
    assert new != old
    with file.open("w", newline="") as stream:
        stream.write(new)
    if commit:
        run_git(folder, "commit", "--quiet", "--all", "--message=Edit")


def written_by_an_author(text: str) -> str:
    """A document in which an author has written into every section, but left its guidance."""
    lines = []
    for line in text.split("\n"):
        lines.append(line)
        if line.startswith("## "):
            name = line.removeprefix("## ")
            lines += [
                "",
                f"What we say on {name}: {{{{ not a template }}}}",
                "",
                f"- more on {name}",
            ]
        if line.startswith("|---"):
            lines.append("| 2026-01-02 | Decided | Because \\| so |")
    return "\n".join(lines)


def author_lines(old: str, new: str) -> Counter[str]:
    """Counted by the test's own means: lines that the author added."""
    return Counter(filter(str.strip, new.split("\n"))) - Counter(old.split("\n"))


# What the examples leave to defaults that read the world.
NOT_ASKED = {"proposals": "proposals", "first_number": 1000, "issue_prefix": "BA"}
UNKNOWN = {"registry": {"number": 0, "title": "Title", "slug": "template"}}


def fresh(series: Series, tag: str, place: Path) -> dict[str, bytes]:
    """All examples as the revision `tag` renders them; `test_revision` holds this to Copier."""
    found = template.open_template(str(series[0]), place)
    revision = TemplateRevisions(found, place, place, tool="")
    rendered = revision.at(revision.wanted(tag))
    renamed = {"scope": "summary"} if "summary" in rendered.questions else {}
    files: dict[str, bytes] = {}
    for name, answers in EXAMPLES.items():
        stored = {**NOT_ASKED, **UNKNOWN.get(name, {}), **answers}
        complete = rendered.replayed({renamed.get(key, key): stored[key] for key in stored})
        files |= rendered.rendered(complete.answers, str(series[0]))
    return files


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", REVISIONS)
def test_an_untouched_proposal_becomes_a_fresh_rendering(
    name, proposals, series, call: Call, tmp_path
):
    code, _, errors = call(proposals, "update", "--to", series[1][name])

    assert (code, errors) == (0, "")
    place = tmp_path / "place"
    place.mkdir()
    expected = fresh(series, series[1][name], place)
    got = files_of(proposals)
    assert {path: got.get(path) for path in expected if path != "invoke.yaml"} == {
        path: text for path, text in expected.items() if path != "invoke.yaml"
    }


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", REVISIONS)
def test_no_line_of_an_author_is_lost_in_any_revision(name, proposals, series, call: Call):
    documents = [SINGLE, SEGMENTED, DATA_MODEL, BLANK, PAGE]
    before = {path: (proposals / path).read_text() for path in documents}
    for path in documents:
        edit(proposals, path, written_by_an_author)
    edited = {path: (proposals / path).read_text() for path in documents}

    code, _, errors = call(proposals, "update", "--to", series[1][name])

    assert (code, errors) == (0, "")
    for path in documents:
        after = (proposals / path).read_text()
        wanted = author_lines(before[path], edited[path])
        if name == "decision log column added":
            # A row counts by its cells; that of the log has an empty one more.
            after = after.replace(" Because \\| so |  |", " Because \\| so |")
        assert wanted - Counter(after.split("\n")) == Counter(), path
        assert "<<<<<<<" not in after
    run_git(proposals, "commit", "--quiet", "--all", "--message=Update")
    state_before = state(proposals)
    assert call(proposals, "update", "--to", series[1][name])[0] == 0
    assert state(proposals) == state_before


def test_links_to_a_section_that_the_template_renames_lead_there(proposals, series, call: Call):
    own = (
        "See [here](#migration--compatibility), ![there][x] and"
        f" [again](<{Path(SINGLE).name}#Migration--Compatibility> 'T'), not"
        " `#migration--compatibility` or [that](BEP-1046-x.md#migration--compatibility).\n\n"
        "[x]: #migration--compatibility\n\n"
    )
    edit(proposals, SINGLE, lambda text: text.replace("## Current", f"{own}## Current", 1))

    assert call(proposals, "update", "1012", "--to", series[1]["section renamed"])[0] == 0

    text = (proposals / SINGLE).read_text()
    assert "\n## Transition\n" in text
    assert (
        "See [here](#transition), ![there][x] and"
        f" [again](<{Path(SINGLE).name}#transition> 'T'), not"
        " `#migration--compatibility` or [that](BEP-1046-x.md#migration--compatibility).\n\n"
        "[x]: #transition\n\n"
    ) in text
    run_git(proposals, "commit", "--quiet", "--all", "--message=Update")
    before = state(proposals)
    assert call(proposals, "update", "1012", "--to", series[1]["section renamed"])[0] == 0
    assert state(proposals) == before


def test_links_within_a_proposal_lead_to_what_the_template_renames(proposals, series, call: Call):
    link = "[s](./BEP-1046/data-model.md#interface--api)"
    edit(proposals, DATA_MODEL, lambda text: text.replace("## Current", "Mine.\n\n## Current", 1))
    edit(proposals, SEGMENTED, lambda text: text.replace("## Docum", f"{link}\n\n## Docum", 1))
    assert "\n## Interface / API\n" in (proposals / DATA_MODEL).read_text()
    revision = series[1]["heading of a section of sub-documents"]

    assert call(proposals, "update", "1046", "--to", revision)[0] == 0

    assert "\n## Interfaces\n" in (proposals / DATA_MODEL).read_text()
    assert "[s](./BEP-1046/data-model.md#interfaces)" in (proposals / SEGMENTED).read_text()


def test_several_revisions_are_skipped_at_once(proposals, call: Call, tmp_path):
    template = template_at_v1(tmp_path / "template")
    (proposals / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    for number in (0, 1012, 1046):
        file = proposals / answers_file(number)
        text = file.read_text()
        source = yaml.safe_load(text)["_src_path"]
        file.write_text(text.replace(source, str(template)))
    run_git(proposals, "commit", "--quiet", "--all", "--message=Another template")
    edit(proposals, SINGLE, lambda text: text.replace("## Current", "Mine.\n\n## Current", 1))
    skipped = {"section renamed", "metadata key renamed", "heading of a section of sub-documents"}
    for at, (name, edits) in enumerate(REVISIONS.items(), 1):
        if name not in skipped:
            revise(template, edits, f"v1.{at}.0")

    code, out, errors = call(proposals, "update")

    assert (code, errors) == (0, "")
    assert out.splitlines()[-2].startswith("Template revision v1.16.0: ")
    text = (proposals / SINGLE).read_text()
    assert "Mine.\n" in text
    assert text.index("## Current Design") < text.index("## Motivation") < text.index("Mine.")
    assert yaml.safe_load((proposals / answers_file(1012)).read_text())["_commit"] == "v1.16.0"


def test_what_gave_way_is_kept_and_told(proposals, series, call: Call):
    edit(proposals, DATA_MODEL, lambda text: text.replace("## Interface / API", "## Our API"))
    edit(proposals, SEGMENTED, lambda text: text.replace("phases: 3", "phases: 4"))

    code, out, _ = call(
        proposals, "update", "1046", "--to", series[1]["phases become a list"], "--json"
    )
    assert code == 0
    (outcome,) = json.loads(out)
    kept = {file["path"]: file["kept"] for file in outcome["files"]}
    assert kept[SEGMENTED] == ["phases"]
    assert "phases: 4" in (proposals / SEGMENTED).read_text()


def test_the_templates_text_of_a_kept_section_is_shown_and_taken_on_demand(
    proposals, series, call: Call, tmp_path
):
    template = copy_repository(series[0], tmp_path / "template")
    run_git(template, "checkout", "--quiet", "v1.0.0")
    reworded = [
        Edit("includes/main/related-issues.jinja", "- JIRA:", "- Issues in JIRA:"),
        Edit("includes/main/implementation-plan.jinja", "}}. Phase {{", "}}. Step {{"),
    ]
    revise(template, reworded, "v2.0.0")
    mine = "- JIRA: BA-3871, and what we say of it"
    edit(proposals, SINGLE, lambda text: text.replace("- JIRA: BA-3871", mine))
    edit(proposals, SINGLE, lambda text: text.replace("2. Phase", "2. Our phase"))
    edit(proposals, SINGLE, lambda text: text.replace("## Current", "Mine.\n\n## Current", 1))
    update = ("update", "1012", "--template", str(template))
    report = tmp_path / "report.md"
    before = state(proposals)

    shown = call(proposals, *update, "--dry-run", "--report", str(report))[2]
    refused = call(proposals, *update, "--take", "Related Isues")
    elsewhere = call(proposals, *update, "--take", "Motivation")
    many = call(proposals, "update", "--template", str(template), "--take", "Motivation")
    assert state(proposals) == before
    code, out, _ = call(proposals, *update)
    kept = (proposals / SINGLE).read_bytes()
    diff = call(proposals, *update, "--take", "related issues", "--dry-run")[1]
    taken = call(proposals, *update, "--take", "related issues")

    take = "bep update 1012 --take 'Related Issues'"
    said = [
        f"    What the template changed in 'Related Issues'; `{take}` takes it:",
        "      -- JIRA: BA-3871",
        "      +- Issues in JIRA: BA-3871",
    ]
    for text in (shown, out):
        at = text.splitlines().index(said[0])
        assert text.splitlines()[at : at + 3] == said
    wanted = "\n```diff\n-- JIRA: BA-3871\n+- Issues in JIRA: BA-3871\n```\n"
    assert f"What the template changed in BEP-1012, Related Issues:\n{wanted}" in report.read_text()
    assert refused[2] == (
        "bep: this update of BEP-1012 keeps no section 'Related Isues';"
        " did you mean 'Related Issues'? use one of Related Issues, Implementation Plan\n"
    )
    assert "; use one of Related Issues, Implementation Plan\n" in elsewhere[2]
    assert (refused[0], elsewhere[0], many[0], code, taken[0]) == (2, 2, 2, 0, 0)
    assert f"-{mine}" in diff
    assert mine.encode() in kept
    after = (proposals / SINGLE).read_bytes()
    _, start, rest = kept.partition(b"## Related Issues\n")
    assert after.startswith(kept[: -len(start + rest)] + start)
    assert after.endswith(rest[rest.index(b"## Motivation") :])
    assert b"- Issues in JIRA: BA-3871\n" in after
    assert mine.encode() not in after
    run_git(proposals, "commit", "--quiet", "--all", "--message=Update")
    done = state(proposals)
    assert call(proposals, *update)[0] == 0
    assert call(proposals, *update, "--take", "Related Issues")[0] == 2
    assert state(proposals) == done


def test_a_dry_run_shows_the_plan_and_a_diff_that_git_takes(proposals, series, call: Call):
    edit(proposals, SINGLE, lambda text: text.replace("## Current", "Mine.\n\n## Current", 1))
    before = state(proposals)
    tag = series[1]["optional sub-document"]

    code, diff, plan = call(proposals, "update", "--to", tag, "--dry-run")

    assert code == 0
    assert state(proposals) == before
    assert "  proposals/BEP-1046/rollout.md: added" in plan
    done = subprocess.run(["git", "apply"], cwd=proposals, input=diff, text=True, check=False)
    assert done.returncode == 0
    applied = files_of(proposals)
    run_git(proposals, "checkout", "--quiet", ".")
    run_git(proposals, "clean", "--quiet", "--force", "-d")
    call(proposals, "update", "--to", tag)
    assert files_of(proposals) == applied


def test_the_data_of_an_update_is_that_of_the_interface(proposals, series, call: Call):
    tag = series[1]["guidance reworded"]
    code, out, _ = call(proposals, "update", "1012", "--to", tag, "--json", "--dry-run")

    assert code == 0
    (outcome,) = json.loads(out)
    assert list(outcome) == ["number", "from", "to", "outcome", "files"]
    assert [outcome[key] for key in ("number", "from", "to", "outcome")] == [
        1012,
        "v1.0.0",
        tag,
        "updated",
    ]
    first = outcome["files"][0]
    assert list(first) == ["path", "outcome", "kept", "diff"]
    assert (first["path"], first["outcome"], first["kept"]) == (SINGLE, "updated", [])
    assert "+<!-- The reason for the change" in first["diff"]
    schemas.of("update").validate([outcome])


def test_the_data_of_a_refused_update_say_where_it_comes_from(proposals, series, call: Call):
    assert call(proposals, "update", "--to", series[1]["guidance reworded"])[0] == 0
    run_git(proposals, "commit", "--quiet", "--all", "--message=Update")
    (proposals / answers_file(1046)).write_text("- broken\n")
    run_git(proposals, "commit", "--quiet", "--all", "--message=Broken")

    code, out, _ = call(proposals, "update", "--to", "v1.0.0", "--json")

    assert code == 1
    found = json.loads(out)
    schemas.of("update").validate(found)
    tag = series[1]["guidance reworded"]
    told = {one["number"]: (one["from"], one["outcome"]) for one in found}
    assert told == {0: (tag, "refused"), 1012: (tag, "refused"), 1046: (None, "refused")}


def test_a_report_is_a_table_for_a_pull_request(proposals, series, call: Call, tmp_path):
    edit(proposals, SINGLE, lambda text: text.replace("## Current", "Mine.\n\n## Current", 1))
    report = tmp_path / "report.md"

    call(proposals, "update", "--to", series[1]["guidance reworded"], "--report", str(report))

    rows = report.read_text().splitlines()
    tag = series[1]["guidance reworded"]
    assert rows[3] == f"| BEP-1012 | v1.0.0 | {tag} | merged | 1 | 1 |  |"
    assert len(rows) == 5


@pytest.mark.parametrize("task", ["update", "adopt"])
def test_a_report_that_cannot_be_written_is_refused_before_anything_is(
    task, proposals, call: Call, tmp_path
):
    (tmp_path / "link").symlink_to(tmp_path / "aim")
    if task == "adopt":
        (proposals / answers_file(1012)).unlink()
    there = state(proposals)

    for path in (tmp_path, tmp_path / "no/report.md", tmp_path / "link"):
        code, out, errors = call(proposals, task, "1012", "--report", str(path))

        assert (code, out, errors.count("\n")) == (2, "", 1)
        assert errors.startswith(f"bep: {path}: cannot be written (")
    assert state(proposals) == there
    report = tmp_path / "report.md"
    assert call(proposals, "update", "9", "--report", str(report))[0] == 2
    assert not report.exists()


def test_final_proposals_are_left_unless_they_are_named(proposals, series, call: Call):
    edit(proposals, SINGLE, lambda text: text.replace("Status: Draft", "Status: Implemented"))
    tag = series[1]["guidance reworded"]

    _, out, _ = call(proposals, "update", "--to", tag, "--json", "--dry-run")
    assert [one["outcome"] for one in json.loads(out)] == ["updated", "final", "updated"]
    _, out, _ = call(proposals, "update", "1012", "--to", tag, "--json", "--dry-run")
    assert [one["outcome"] for one in json.loads(out)] == ["merged"]
    _, out, _ = call(proposals, "update", "--final", "--to", tag, "--json", "--dry-run")
    assert [one["outcome"] for one in json.loads(out)] == ["updated", "merged", "updated"]
    _, out, _ = call(proposals, "update", "--status", "draft", "--to", tag, "--json", "--dry-run")
    assert [one["number"] for one in json.loads(out)] == [1046]


# --- Files that moved, went or came ---------------------------------------------------------------


def test_a_main_document_that_was_moved_is_found_by_its_number(proposals, series, call: Call):
    moved = "proposals/BEP-1012-another-name.md"
    run_git(proposals, "mv", SINGLE, moved)
    run_git(proposals, "commit", "--quiet", "--message=Move")

    assert call(proposals, "update", "--to", series[1]["section added"])[0] == 0
    assert "## Alternatives" in (proposals / moved).read_text()
    assert not (proposals / SINGLE).exists()


def test_a_deleted_sub_document_stays_deleted_and_an_own_one_stays(proposals, series, call: Call):
    run_git(proposals, "rm", "--quiet", DATA_MODEL)
    own = proposals / "proposals/BEP-1046/notes.md"
    own.write_text("# Notes\n")
    run_git(proposals, "add", "--all")
    run_git(proposals, "commit", "--quiet", "--message=Others")

    assert (
        call(proposals, "update", "--to", series[1]["heading of a section of sub-documents"])[0]
        == 0
    )
    assert not (proposals / DATA_MODEL).exists()
    assert own.read_text() == "# Notes\n"


def test_a_sub_document_that_the_template_drops_goes_unless_it_was_edited(
    proposals, series, call: Call, tmp_path
):
    template = series[0]
    run_git(template, "checkout", "--quiet", "v1.0.0")
    guide = template / "guide.yml"
    guide.write_text(guide.read_text().replace("[overview, component,", "[component,"))
    run_git(template, "commit", "--quiet", "--all", "--message=No overview")
    run_git(template, "branch", "--force", "no-overview")
    overview = proposals / "proposals/BEP-1046/overview.md"

    call(proposals, "update", "1046", "--to", "no-overview")
    assert not overview.exists()
    run_git(proposals, "checkout", "--quiet", ".")
    edit(proposals, "proposals/BEP-1046/overview.md", lambda text: text + "\nMine.\n")
    _, out, _ = call(proposals, "update", "1046", "--to", "no-overview")
    assert overview.read_text().endswith("\nMine.\n")
    assert "overview.md: current; kept: (the whole file)" in out


def test_the_registry_rows_of_the_page_are_the_authors(proposals, series, call: Call):
    row = "| [1012](BEP-1012-idle-checks-per-resource-group.md) | Idle Checks | Ada | Draft |\n"
    tail = "\n## Our own rules\n\nAsk Ada.\n"
    edit(
        proposals,
        PAGE,
        lambda text: (
            text.replace(
                "|--------|-------|--------|--------|\n",
                f"|--------|-------|--------|--------|\n{row}",
            )
            + tail
        ),
    )
    assert call(proposals, "update", "0", "--to", series[1]["process page reworded"])[0] == 0
    text = (proposals / PAGE).read_text()
    assert row in text
    assert text.endswith(tail)
    assert "describe what is going to change" in text
    assert "| Rejected | Refused or cancelled, with the reason |" in text


# --- What is refused ------------------------------------------------------------------------------


def refused(call: Call, folder: Path, *arguments: str) -> str:
    """The one line with which an update refuses; nothing may have changed."""
    before = state(folder)
    code, _, errors = call(folder, "update", *arguments)
    assert code != 0
    assert state(folder) == before
    (line,) = errors.strip().splitlines()
    return line


# What Git makes of the files that it writes: attributes, settings.
CONVERSIONS: dict[str, tuple[str, dict[str, str]]] = {
    "line endings by attribute": ("* text=auto eol=crlf\n", {}),
    "line endings by setting": ("", {"core.autocrlf": "true"}),
    "line endings that are safe": ("", {"core.autocrlf": "true", "core.safecrlf": "true"}),
    "line feeds only": ("", {"core.autocrlf": "input"}),
    "ids": ("*.md ident\n", {}),
    "a filter": (
        "*.md filter=here\n",
        {"filter.here.clean": "sed s/HERE/THERE/", "filter.here.smudge": "sed s/THERE/HERE/"},
    ),
}


def convert(folder: Path, attributes: str, settings: dict[str, str]) -> None:
    """Let Git convert files, some of which an author has written in."""
    for name, value in settings.items():
        run_git(folder, "config", name, value)
    (folder / ".gitattributes").write_text(attributes)
    for path in (SINGLE, SEGMENTED, BLANK):
        file = folder / path
        file.write_text(written_by_an_author(file.read_text()) + "\n$Id$ THERE\n")
    run_git(folder, "-c", "core.safecrlf=false", "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Conversion")


def check_out_anew(folder: Path) -> None:
    shutil.rmtree(folder / "proposals")
    run_git(folder, "checkout", "--", "proposals")


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("name", "fresh_checkout"),
    [*((name, True) for name in CONVERSIONS), ("line endings by attribute", False)],
)
def test_an_update_goes_on_where_git_converts_files(
    name, fresh_checkout, proposals, series, call: Call
):
    convert(proposals, *CONVERSIONS[name])
    if fresh_checkout:
        check_out_anew(proposals)
    first, second = series[1]["decision log column added"], series[1]["metadata key added"]

    assert call(proposals, "update", "--to", first)[0] == 0
    once = run_git(proposals, "diff", "HEAD")
    assert call(proposals, "update", "--to", first)[::2] == (0, "")
    assert run_git(proposals, "diff", "HEAD") == once
    # As if the first one had been killed before its last file.
    run_git(proposals, "checkout", "--", SINGLE, answers_file(1046))
    assert call(proposals, "update", "--to", first)[::2] == (0, "")
    assert run_git(proposals, "diff", "HEAD") == once
    run_git(proposals, "commit", "--quiet", "--all", "--message=First")
    assert run_git(proposals, "status", "--porcelain") == ""
    code, out, errors = call(proposals, "update", "--to", second)

    assert (code, errors) == (0, "")
    assert "3 merged" in out
    text = (proposals / SINGLE).read_text()
    assert "\nDiscussion:\n" in text
    assert "What we say on Motivation: {{ not a template }}\n" in text
    for path in (SINGLE, SEGMENTED, DATA_MODEL, answers_file(1012)):
        written = (proposals / path).read_bytes()
        assert written.count(b"\r\n") in (0, written.count(b"\n")), path
        if fresh_checkout:
            assert (b"\r\n" in written) == name.startswith("line endings"), path


def test_changes_that_are_not_committed_are_seen_where_git_converts_files(
    proposals, series, call: Call
):
    convert(proposals, *CONVERSIONS["line endings by attribute"])
    check_out_anew(proposals)
    edit(proposals, SINGLE, lambda text: f"{text}More.\r\n", commit=False)

    code, _, errors = call(proposals, "update", "--to", series[1]["guidance reworded"])

    said = f"bep: {SINGLE}: has changes that are not committed; commit or stash it first\n"
    assert (code, errors) == (1, said)
    assert (proposals / SINGLE).read_bytes().endswith(b"More.\r\n")


def test_a_document_in_another_encoding_is_refused_and_the_others_go_on(
    proposals, series, call: Call
):
    (proposals / ".gitattributes").write_text(f"{SINGLE} text working-tree-encoding=UTF-16\n")
    document = proposals / SINGLE
    document.write_bytes(document.read_text().encode("utf-16"))
    run_git(proposals, "add", "--all")
    run_git(proposals, "commit", "--quiet", "--message=Encoding")
    before = document.read_bytes()

    code, out, errors = call(proposals, "update", "--to", series[1]["guidance reworded"])

    assert (code, len(errors.splitlines())) == (1, 1)
    assert errors.startswith(f"bep: {SINGLE}: it contains NUL characters and is not text;")
    assert "BEP-1046: updated" in out
    assert document.read_bytes() == before


def test_a_proposal_that_cannot_be_written_keeps_none_of_the_others_back(
    proposals, series, call: Call, monkeypatch
):
    restore = file_transaction._Staging.restore

    def failing(staging: file_transaction._Staging, name: str, path: str) -> None:
        if path == SEGMENTED:
            raise OSError(5, "Input/output error", path)
        restore(staging, name, path)

    monkeypatch.setattr(file_transaction._Staging, "restore", failing)
    before = (proposals / DATA_MODEL).read_bytes()

    code, out, err = call(proposals, "update", "--to", series[1]["guidance reworded"])

    assert code == 1
    assert f"{SEGMENTED}: cannot be written (input/output error)" in err
    assert "BEP-1012: updated" in out
    changed = run_git(proposals, "status", "--short")
    assert SINGLE in changed
    assert "1046" not in changed
    assert (proposals / DATA_MODEL).read_bytes() == before


def test_a_filter_that_fails_is_told_and_the_others_go_on(proposals, series, call: Call):
    edit(proposals, SINGLE, lambda text: text + "More.\n", commit=False)
    (proposals / ".gitattributes").write_text(f"{SINGLE} filter=gone\n")
    for name, value in (("smudge", "false"), ("clean", "cat"), ("required", "true")):
        run_git(proposals, "config", f"filter.gone.{name}", value)
    before = (proposals / SINGLE).read_bytes()

    code, out, errors = call(proposals, "update", "--to", series[1]["guidance reworded"])

    assert (code, len(errors.splitlines())) == (1, 1)
    assert errors.startswith(f"bep: {SINGLE}: cannot be read from HEAD (")
    assert "BEP-1046: updated" in out
    assert (proposals / SINGLE).read_bytes() == before


def test_uncommitted_changes_of_another_kind_are_refused(proposals, series, call: Call):
    tag = series[1]["guidance reworded"]
    edit(proposals, SINGLE, lambda text: text + "\nNot committed.\n", commit=False)

    said = refused(call, proposals, "1012", "--to", tag)
    assert said == (f"bep: {SINGLE}: has changes that are not committed; commit or stash it first")
    (proposals / "notes.txt").write_text("Other files may.\n")
    assert call(proposals, "update", "1046", "--to", tag)[0] == 0


def test_uncommitted_changes_of_what_is_not_touched_stay(proposals, series, call: Call):
    edit(proposals, DATA_MODEL, lambda text: text + "\nNot committed.\n", commit=False)

    assert call(proposals, "update", "1046", "--to", series[1]["guidance reworded"])[0] == 0
    assert (proposals / DATA_MODEL).read_text().endswith("\nNot committed.\n")


def test_a_new_proposal_has_to_be_committed_first(proposals, series, call: Call):
    run_git(proposals, "rm", "--quiet", "--cached", SINGLE, answers_file(1012))
    run_git(proposals, "commit", "--quiet", "--message=Not there yet")

    said = refused(call, proposals, "1012", "--to", series[1]["guidance reworded"])
    assert said.startswith(f"bep: {answers_file(1012)}: is not committed")


def test_a_merge_that_is_not_finished_is_refused(proposals, series, call: Call):
    run_git(proposals, "switch", "--quiet", "--create=other")
    edit(proposals, SINGLE, lambda text: text.replace("# Idle", "# Busy"))
    run_git(proposals, "switch", "--quiet", "main")
    edit(proposals, SINGLE, lambda text: text.replace("# Idle", "# Lazy"))
    subprocess.run(["git", "merge", "other"], cwd=proposals, check=False, capture_output=True)

    said = refused(call, proposals, "1046", "--to", series[1]["guidance reworded"])
    assert said == f"bep: {SINGLE}: is in conflict; finish the merge first"


def test_another_template_than_the_configured_one_is_not_run(proposals, series, call: Call):
    edit(
        proposals,
        answers_file(1012),
        lambda text: text.replace(f"_src_path: {series[0]}", "_src_path: gh:else/template"),
    )
    said = refused(call, proposals, "1012", "--to", series[1]["guidance reworded"])
    assert "comes from the template gh:else/template, which is not the configured one" in said
    code, out, _ = call(proposals, "update", "--to", series[1]["guidance reworded"])
    assert code == 1
    assert "2 updated, 1 refused" in out


def test_a_template_named_in_the_call_is_tried_and_not_recorded(
    proposals, series, call: Call, tmp_path
):
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", str(series[0]), str(fork))
    run_git(fork, "checkout", "--quiet", "v1.0.0")
    revise(fork, REVISIONS["guidance reworded"], "v7.0.0")

    assert call(proposals, "update", "1012", "--template", str(fork))[0] == 0
    recorded = yaml.safe_load((proposals / answers_file(1012)).read_text())
    assert (recorded["_commit"], recorded["_src_path"]) == ("v7.0.0", str(series[0]))


def test_drafts_of_a_template_can_be_looked_at_only(proposals, series, call: Call, tmp_path):
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", str(series[0]), str(fork))
    run_git(fork, "checkout", "--quiet", "--detach", "v1.0.0")
    file = fork / "guide.yml"
    file.write_text(file.read_text().replace("Why this change", "Why any change"))
    arguments = ("1012", "--template", str(fork), "--to", "HEAD")

    said = refused(call, proposals, *arguments)
    assert "has changes that are not committed; commit them, or look at them with --dry-run" in said
    code, diff, plan = call(proposals, "update", *arguments, "--dry-run")
    assert code == 0
    assert "+<!-- Why any change is needed" in diff
    assert plan.startswith("bep: the template has changes that are not committed")


def test_a_recorded_revision_that_is_gone_is_told(proposals, series, call: Call):
    edit(
        proposals,
        answers_file(1012),
        lambda text: text.replace("_commit: v1.0.0", "_commit: v0.9.0-5-gdeadbee"),
    )
    said = refused(call, proposals, "1012", "--to", series[1]["guidance reworded"])
    assert said == (
        f"bep: {answers_file(1012)}: the recorded revision v0.9.0-5-gdeadbee is no longer in the"
        " template; `bep adopt 1012` records the document anew"
    )


def test_an_update_goes_forward_only(proposals, series, call: Call):
    tag = series[1]["guidance reworded"]
    call(proposals, "update", "1012", "--to", tag)
    run_git(proposals, "commit", "--quiet", "--all", "--message=Update")

    said = refused(call, proposals, "1012", "--to", "v1.0.0")
    assert (
        said
        == f"bep: the recorded revision {tag} is newer than v1.0.0; an update only goes forward"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Idle", "title: 'Idle", "cannot be read as YAML"),
        ("number: 1012", "number: ten", "answer 'number'"),
        ("created: '2026-01-15'", "created: yesterday", "'yesterday' is not a date"),
        ("number: 1012", "number: 1013", "answer 'number' is 1013 and not 1012"),
        ("title: Idle", "<<<<<<< HEAD\ntitle: Idle", "contains merge-conflict markers"),
        ("_commit: v1.0.0\n", "", "does not say which template"),
        ("jira:\n- BA-3871", "jira: {a: b}", "is not a list"),
    ],
)
def test_answers_that_were_edited_badly_are_one_line(old, new, said, proposals, series, call: Call):
    edit(proposals, answers_file(1012), lambda text: text.replace(old, new))
    line = refused(call, proposals, "1012", "--to", series[1]["guidance reworded"])
    assert line.startswith(f"bep: {answers_file(1012)}:")
    assert said in line


def test_an_answer_to_no_question_is_told(proposals, series, call: Call):
    edit(proposals, answers_file(1012), lambda text: text + "colour: green\n")
    code, out, _ = call(proposals, "update", "1012", "--to", series[1]["guidance reworded"])
    assert code == 0
    assert "  the answer 'colour' answers no question and is left out" in out


def test_an_answers_file_without_its_document_is_told_and_the_others_go_on(
    proposals, series, call: Call
):
    run_git(proposals, "rm", "--quiet", SINGLE)
    run_git(proposals, "commit", "--quiet", "--message=Gone")

    code, out, errors = call(proposals, "update", "--to", series[1]["guidance reworded"])
    assert code == 1
    assert errors == (
        f"bep: {answers_file(1012)}: the main document of this answers file is gone; restore it,"
        " or delete the answers file\n"
    )
    assert "2 updated, 1 refused" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1099",), "there is no proposal 1099"),
        (("--to", "v9.9.9"), "has no revision 'v9.9.9'"),
        (("--template", "/nowhere/at/all"), "cannot be fetched"),
        (("--status", "Done"), "unknown status 'Done'"),
    ],
)
def test_bad_calls_are_one_line(arguments, said, proposals, call: Call):
    before = state(proposals)
    code, _, errors = call(proposals, "update", *arguments)
    assert code == 2
    assert said in errors
    assert len(errors.strip().splitlines()) == 1
    assert state(proposals) == before


@pytest.mark.parametrize(
    "task",
    [
        ("init",),
        ("new", "Relay", "--defaults"),
        ("new", "--print-answers"),
        ("adopt", "1003"),
        ("update",),
    ],
    ids=" ".join,
)
def test_a_template_that_needs_a_newer_tool_says_so(task, proposals, call: Call, tmp_path, series):
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", str(series[0]), str(fork))
    run_git(fork, "checkout", "--quiet", "v1.0.0")
    revise(fork, [Edit("revisions.yml", 'oldest_tool: "1.0.0"', 'oldest_tool: "99.0.0"')], "v8.0.0")
    (proposals / "proposals/BEP-1003-by-hand.md").write_text("# By Hand\n")
    before = state(proposals)

    code, _, errors = call(proposals, *task, "--template", str(fork))

    assert code
    assert "the template revision v8.0.0 needs bep 99.0.0, this is " in errors
    assert errors.endswith("; install a newer one\n")
    assert errors.count("\n") == 1
    assert state(proposals) == before


def test_a_new_question_without_a_default_is_named(proposals, series, call: Call):
    template = series[0]
    run_git(template, "checkout", "--quiet", "v1.0.0")
    question = "reviewer:\n  type: str\n  help: Who reviews it?\n\ninvoke_tasks:\n"
    edit_ = Edit("copier.yml", "invoke_tasks:\n", question)
    file = template / edit_.path
    file.write_text(file.read_text().replace(edit_.old, edit_.new, 1))
    run_git(template, "commit", "--quiet", "--all", "--message=Question")
    run_git(template, "branch", "--force", "question")

    code, out, _ = call(proposals, "update", "1012", "--to", "question")
    assert code == 0
    assert "  the new question 'reviewer' has no answer" in out
    assert yaml.safe_load((proposals / answers_file(1012)).read_text())["reviewer"] == ""


# --- Odd documents --------------------------------------------------------------------------------

ODD: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "byte-order mark": lambda text: f"\ufeff{text}",
    "no final newline": lambda text: text.rstrip("\n"),
    "no front matter": lambda text: text[text.index("\n---\n") + 5 :],
    "broken front matter": lambda text: text.replace("Author: ", "Author: 'unclosed ", 1),
    "front matter without end": lambda text: text.replace("\n---\n", "\n", 1),
    "several H1": lambda text: text + "\n# Appendix\n\n## Motivation\n\nAgain.\n",
    "unclosed fence": lambda text: text.replace("## Proposed", "```python\n## Proposed", 1),
    "unclosed comment": lambda text: text + "\n<!-- never closed\n",
    "zero bytes": lambda text: "",
    "headings only in fences": lambda text: "```\n# Idle\n\n## Motivation\n```\n",
    "a heading five times": lambda text: text + "\n## Risks\n\nSome.\n" * 5,
    "template syntax": lambda text: text.replace(
        "## Current", "{{ a }} {% if %} {#\n\n## Current", 1
    ),
    "only blank lines": lambda text: "\n\n\n",
    "bytes that are no UTF-8": lambda text: text.replace(
        "## Current", "\udcff\udcfe\n\n## Current", 1
    ),
    "form feeds": lambda text: text.replace("## Current", "\x0c\x0b\x85\n\n## Current", 1),
}


@pytest.mark.sample(10)
@pytest.mark.parametrize(
    ("odd", "revision"),
    [
        *((odd, "section added") for odd in ODD),
        *((odd, "metadata key renamed") for odd in ("CRLF", "broken front matter")),
        *((odd, "sections reordered") for odd in ("several H1", "unclosed fence")),
    ],
)
def test_odd_documents_lose_no_line(odd, revision, proposals, series, call: Call):
    file = proposals / SINGLE
    old = file.read_bytes().decode()
    text = ODD[odd](old)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    run_git(proposals, "commit", "--quiet", "--all", "--message=Odd")

    code, _, errors = call(proposals, "update", "1012", "--to", series[1][revision])

    assert (code, errors) == (0, "")
    after = file.read_bytes().decode("utf-8", "surrogateescape")
    left = Counter(after.replace("\r\n", "\n").split("\n"))
    mine = text.replace("\r\n", "\n")
    for line, count in author_lines(old, mine).items():
        assert left[line] >= count, line
    if odd == "CRLF":
        assert after.count("\n") == after.count("\r\n")
    assert after.startswith("\ufeff") == text.startswith("\ufeff")
    if odd == "no final newline":
        assert not after.endswith("\n")


def test_a_binary_file_is_refused(proposals, series, call: Call):
    (proposals / SINGLE).write_bytes(b"\x89PNG\x00\x01\x02")
    run_git(proposals, "commit", "--quiet", "--all", "--message=Binary")
    said = refused(call, proposals, "1012", "--to", series[1]["section added"])
    assert said == f"bep: {SINGLE}: it contains NUL characters and is not text; correct the file"


def test_a_document_of_50000_lines_is_merged(proposals, series, call: Call):
    much = "".join(f"## Part {at}\n\nText {at}.\n\n" for at in range(12_500))
    edit(proposals, SINGLE, lambda text: text.replace("## References", f"{much}## References"))
    assert call(proposals, "update", "1012", "--to", series[1]["section added"])[0] == 0
    assert (proposals / SINGLE).read_text().count("\n## Part ") == 12_500


def test_a_document_that_is_a_folder_is_told(proposals, series, call: Call):
    run_git(proposals, "rm", "--quiet", SINGLE)
    (proposals / SINGLE).mkdir()
    (proposals / SINGLE / "x").touch()
    run_git(proposals, "add", "--all")
    run_git(proposals, "commit", "--quiet", "--message=Folder")
    said = refused(call, proposals, "1012", "--to", series[1]["section added"])
    assert said.startswith("bep: ")


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("guide.yml", "    heading: Motivation\n", "    heding: Motivation\n"),
        ("includes/metadata.jinja", "", "{{ 1 / 0 }}\n"),
        ("includes/metadata.jinja", "", "{{ 1 + 'a' }}\n"),
        ("bep/template_api.py", "from __future__", "def (\nfrom __future__"),
    ],
    ids=["guide", "division", "types", "syntax"],
)
def test_a_mistake_in_the_template_is_one_line(
    path, old, new, proposals, series, tmp_path, call: Call
):
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", str(series[0]), str(fork))
    run_git(fork, "checkout", "--quiet", "v1.0.0")
    file = fork / path
    file.write_text(file.read_text().replace(old, new, 1) if old else new + file.read_text())
    run_git(fork, "commit", "--quiet", "--all", "--message=Mistake")
    run_git(fork, "tag", "v8.0.0")

    for task in (["new", "Relay", "--defaults"], ["update"]):
        code, _, err = call(proposals, *task, "--template", str(fork))
        assert code, task
        assert "Traceback" not in err
        assert "the template revision v8.0.0: " in err
        assert len(err.splitlines()) <= 3
