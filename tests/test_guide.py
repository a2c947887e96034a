"""`guide.yml`: what it says, and what is said of one that is malformed."""

from __future__ import annotations

import re

import pytest

from bep import guide_file
from bep.errors import WRONG_DOCUMENTS, BepError
from bep.guide import Limits, Match, with_limits
from tests.conftest import ROOT, Call, run_git

TEXT = (ROOT / guide_file.FILE).read_text()
PATH = "proposals/.copier/guide.yml"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def refused(text: str) -> BepError:
    with pytest.raises(BepError) as caught:
        guide_file.read(text, PATH)
    assert caught.value.code == WRONG_DOCUMENTS
    assert "\n" not in str(caught.value)
    return caught.value


# --- What it says -------------------------------------------------------------------------------


def test_the_exact_heading_beats_an_alias_and_an_alias_a_beginning():
    names = guide_file.own().main_names

    assert names.find("migration / compatibility") == ("migration", Match.HEADING)
    assert names.find("migration") == ("migration", Match.ALIAS)
    assert names.find("migration roadmap") == ("migration", Match.BEGINNING)
    assert names.find("roadmap") == ("implementation-plan", Match.ALIAS)
    assert names.find("our migration") is None


def test_a_form_of_a_section_counts_as_the_section():
    own = guide_file.own()

    assert own.main_names.find("goal") == ("motivation", Match.HEADING)
    assert own.sub_names.find("goal") == ("summary", Match.ALIAS)
    form = own.documents["tech-spec"]
    assert own.section("motivation", form).heading == "Goal"
    assert own.section("migration", form).heading == "Migration / Compatibility"


def test_a_form_s_column_is_also_known_by_the_section_s_names():
    columns = guide_file.own().documents["tech-spec"].sections["decision-log"].columns

    assert [one.heading for one in columns.values()] == ["Decision", "Content"]
    assert "why" in columns["rationale"].names


@pytest.mark.parametrize(
    ("names", "layout"),
    [
        ({"motivation"}, "single"),
        ({"document index"}, "segmented"),
        ({"goal", "decision summary"}, "tech-spec"),
        ({"goal", "implementation design"}, "tech-spec"),
        ({"goal"}, "single"),
        ({"decision summary"}, "single"),
    ],
)
def test_a_layout_is_known_by_its_marks(names: set[str], layout: str):
    assert guide_file.own().layout_of(names).id == layout


def test_a_heading_may_end_in_parentheses():
    text = TEXT.replace("heading: Motivation\n", "heading: Motivation (why)\n", 1)

    names = guide_file.read(text, PATH).main_names

    assert names.family("motivation (why)") == names.family("goals (v2)") == "motivation"


def test_a_status_needs_what_a_new_proposal_does_not():
    own = guide_file.own()

    def needed(status: str) -> list[str]:
        return [one.id for one in own.requirements(own.statuses[status])]

    assert needed("draft") == []
    assert needed("accepted") == ["target-version"]
    assert needed("implemented") == ["target-version", "implemented-version"]
    assert needed("superseded") == ["superseded-by"]


def test_the_packaged_guide_is_that_of_the_template():
    packaged = ROOT / "bep" / guide_file.FILE

    assert packaged.read_text() == TEXT


# --- What is malformed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    heading: Motivation\n", "    heading: [Motivation]\n", "not text"),
        ("    heading: Motivation\n", "    heading: true\n", "not text"),
        ("    heading: Motivation\n", "    heading: ''\n", "not one line"),
        ("    minimum: true\n", "    minimum: perhaps\n", "neither true nor false"),
        ("    lines: 300\n", "    lines: many\n", "not a number"),
        ("    lines: 300\n", "    lines: 0\n", "not a number"),
        ("    aliases: [Related Issue,", "    aliases: Related Issue #", "not a list"),
        ("    heading: Motivation\n", "    headline: Motivation\n", "unknown key 'headline'"),
        ("    heading: Motivation\n", "", "heading is missing"),
        ("  motivation:\n", "  Motivation Of It:\n", "not an identifier"),
        ("  goal:\n    heading: Goal\n", "  motivation:\n    heading: Goal\n", "appears twice"),
        ("      - references\n  main", "      - sources\n  main",
         "no section 'sources'"),
        ("      - motivation\n      - current", "      - current-design\n      - current",
         "twice among the sections"),
        ("    form-of: motivation\n", "    form-of: motif\n", "no section 'motif'"),
        ("    form-of: proposed-design\n", "    form-of: current-state\n", "itself a form"),
        ("      - Goals\n", "      - Issues\n", "'Issues' is already a name of 'related-issues'"),
        ("      - Goals\n", "      - references\n", "a name of"),
        ("    main: tech-spec\n", "    main: tech-specs\n", "no document 'tech-specs'"),
        ("  layout: segmented\n", "  layout: folded\n", "no layout with sub-documents 'folded'"),
        ("  layout: segmented\n", "  layout: single\n", "no layout with sub-documents 'single'"),
        ("marks: [[document-index]]", "marks: [[index]]", "no section 'index'"),
        ("    needed-in: [implemented]\n", "    needed-in: [done]\n", "no status 'done'"),
        ("    form: version\n    needed-in", "    form: colour\n    needed-in", "no form 'colour'"),
        ("{from: rejected, to: draft,", "{from: rejected, to: limbo,", "no status 'limbo'"),
        ("{from: rejected, to: draft,", "{from: draft, to: accepted,", "accepted' appears twice"),
        ("    key: Status\n", "    key: Author\n", "'Author' appears twice"),
        ("    key: Status\n", "    key: The Status\n", "a key has only letters, digits"),
        ("    file: overview.md\n", "    file: ../overview.md\n", "not the name of a Markdown"),
        ("    file: overview.md\n", "    file: overview\n", "not the name of a Markdown"),
        ("    file: overview.md\n", "    file: migration.md\n", "'migration.md' appears twice"),
        ("    name: Accepted\n", "    name: draft\n", "'draft' appears twice"),
        ("    name: Accepted\n", "    name: 'On: hold'\n", "cannot hold 'On: hold' without quotes"),
        ("    name: Accepted\n", "    name: 'Yes'\n", "cannot hold 'Yes' without quotes"),
        ("        rationale: [Reason,", "        reason: [Reason,", "no column 'reason'"),
        ("      If nothing breaks, say so.\n\n", "      Say --> so.\n\n", "cannot contain -->"),
        ("  motivation:\n", "  motivation: !!python/object:os.system\n", "tag"),
        ("  motivation:\n", "  motivation: &m\n", "anchor"),
        ("sections:\n", "sections: [\n", "YAML"),
    ],
)  # fmt: skip
def test_a_malformed_guide_is_refused_in_one_line_with_its_place(old: str, new: str, said: str):
    if said == "anchor":
        new, said = "  motivation: &m\n", ""
        text = TEXT.replace(old, new, 1) + "\nmore: *m\n"
    else:
        assert old in TEXT
        text = TEXT.replace(old, new, 1)

    error = refused(text)

    assert said in error.message
    assert error.path == PATH
    assert error.line
    assert error.line <= text.count("\n") + 1


def test_the_line_is_that_of_the_mistake():
    text = TEXT.replace("      - Goals\n", "      - Issues\n", 1)
    assert refused(text).line == line_of(text, "      - Issues\n")
    text = TEXT.replace("    minimum: true\n", "    minimum: perhaps\n", 1)
    assert refused(text).line == line_of(text, "    minimum: perhaps")


@pytest.mark.parametrize("part", ["sections", "documents", "statuses", "transitions", "metadata"])
def test_a_part_that_is_missing_is_named(part: str):
    text = re.sub(rf"(?m)^{part}:\n", f"x-{part}:\n", TEXT)

    assert part in refused(text).message


def test_a_section_that_no_document_uses_is_refused():
    text = TEXT.replace("sections:\n", "sections:\n  spare: {heading: Spare}\n", 1)

    error = refused(text)

    assert "no document has the section 'spare'" in error.message
    assert error.line == line_of(text, "  spare:")


def test_what_the_tool_works_with_cannot_be_left_out():
    text = TEXT.replace("  author:\n    key: Author\n", "  writer:\n    key: Author\n", 1)

    assert "author is missing" in refused(text).message


@pytest.mark.parametrize("text", ["", "[]", "just text", "a: 1\n", "x: " + "y" * 200_000])
def test_text_that_is_no_guide_is_refused(text: str):
    refused(text)


# --- In a repository ----------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path, call: Call):
    run_git(tmp_path, "init", "--quiet")
    assert call(tmp_path, "init", "--template", str(ROOT))[0] == 0
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "--message=Made")
    return tmp_path


def test_a_repository_carries_its_guide_and_is_judged_by_it(repository, call: Call):
    file = repository / PATH
    assert guide_file.read(file.read_text()).oldest_tool

    code, out, _ = call(repository, "check", "--explain", "section-order")
    assert (code, "## References" in out) == (0, True)
    file.write_text(file.read_text().replace("heading: References", "heading: Sources"))
    _, out, _ = call(repository, "check", "--explain", "section-order")
    assert "## Sources" in out


def test_a_malformed_guide_of_a_repository_stops_in_one_line(repository, call: Call):
    file = repository / PATH
    text = file.read_text().replace("    lines: 300\n", "    lines: many\n", 1)
    file.write_text(text)

    for arguments in (["check"], ["list"], ["mark", "1000", "accepted"]):
        code, out, err = call(repository, *arguments)
        place = f"bep: {PATH}:{line_of(text, '    lines: many')}: "
        assert (code, out) == (1, "")
        assert err.startswith(place)
        assert err.count("\n") == 1


def test_a_guide_that_is_newer_than_the_tool_asks_for_the_newer_tool(repository, call: Call):
    file = repository / PATH
    file.write_text(re.sub(r"oldest-tool: .*", 'oldest-tool: "99.0.0"', file.read_text()))

    code, _, err = call(repository, "check")

    assert (code, err.count("\n")) == (2, 1)
    assert f"{PATH}: this guide needs bep 99.0.0 or newer" in err


def test_without_a_guide_the_tool_s_own_applies(repository, call: Call):
    (repository / PATH).unlink()

    assert call(repository, "check", "--all")[0] == 0


def motivation_of(lines: int) -> str:
    return "\n".join(f"Reason {at}." for at in range(lines))


def test_a_repository_sets_limits_of_its_own_in_place_of_the_guide_s(repository, call: Call):
    assert call(repository, "new", "Lengths", "--defaults")[0] == 0
    document = next((repository / "proposals").glob("BEP-1000-*.md"))
    text = document.read_text().replace(
        "## Motivation\n", f"## Motivation\n\n{motivation_of(35)}\n"
    )
    document.write_text(text)

    def found(limits: str) -> str:
        (repository / "invoke.yaml").write_text(f"bep:\n  limits: {limits}\n")
        return call(repository, "check", "--all")[1]

    assert "'Motivation': 35 lines; the guide says 10 to 30" in found("{}")
    assert "section-length" not in found("{sections: {motivation: 40}}")
    assert "35 lines; the guide says 5 to 20" in found("{sections: {motivation: 5-20}}")
    assert "single-lines" in found("{segmentation: {lines: 30}}")
    _, out, _ = call(repository, "check", "--explain", "single-lines")
    assert "at most 30 lines" in out


def test_a_limit_of_a_part_that_the_guide_lacks_is_told_and_does_nothing_else(
    repository, call: Call
):
    (repository / "invoke.yaml").write_text(
        "bep:\n  limits: {documents: {pages: 3}, sections: {motive: 9}}\n"
    )

    code, _, err = call(repository, "check", "--all")

    assert code == 0
    assert (
        "bep: the setting 'limits': the guide has no limit 'documents.pages'; it has no effect\n"
        in err
    )
    assert (
        "bep: the setting 'limits': the guide has no limit 'sections.motive'; it has no effect\n"
        in err
    )


def test_a_document_keeps_the_length_that_it_gives_a_section_itself():
    limited = with_limits(
        guide_file.own(), Limits(documents=(("main", 250),), sections=(("summary", (None, 9)),))
    )

    assert limited.documents["main"].lines == 250
    assert limited.documents["single"].lines == guide_file.own().documents["single"].lines
    for form in ("overview", "component"):
        assert limited.documents[form].sections == guide_file.own().documents[form].sections


def test_a_change_of_the_guide_is_judged_by_the_new_guide_and_told(repository, call: Call):
    run_git(repository, "switch", "--quiet", "--create", "process")
    assert "judges this change" not in call(repository, "check", "--since", "main")[2]
    file = repository / PATH
    file.write_text(file.read_text().replace("heading: References", "heading: Sources"))
    base = run_git(repository, "rev-parse", "main")[:9]

    _, _, err = call(repository, "check", "--since", "main")

    assert f"bep: {PATH} differs from that of {base}; the one here judges this change\n" in err
    assert "differs" not in call(repository, "check", "--all")[2]


def test_a_guide_that_a_change_removes_or_adds_is_told(repository, call: Call):
    base = run_git(repository, "rev-parse", "HEAD")[:9]
    run_git(repository, "rm", "--quiet", PATH)
    removed = (
        f"bep: {PATH} is missing, and {base} has it; the tool's own guide judges this change\n"
    )
    assert removed in call(repository, "check", "--since", "HEAD")[2]

    run_git(repository, "commit", "--quiet", "--message=Without")
    base = run_git(repository, "rev-parse", "HEAD")[:9]
    run_git(repository, "checkout", "--quiet", "HEAD^", "--", PATH)
    added = f"bep: {PATH} is new since {base}; it judges this change\n"
    assert added in call(repository, "check", "--since", "HEAD")[2]
