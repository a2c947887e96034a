"""What `adopt --complete` adds: true values only, and nothing that `check` would report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bep import guide_file
from bep.errors import BepError
from bep.proposal.document import Document, Role
from bep.proposal.registry_table import Row
from bep.update import additions
from bep.update.additions import Files, Part
from tests.conftest import Call, copy_repository, run_git

NUMBER = 1005
NAME = "proposals/BEP-1005-session-relay.md"
FRONT = """\
---
Author: Ada Lovelace (ada@example.com)
Status: Draft
Created: 2026-01-15
Created-Version: 26.1.0
Target-Version:
Implemented-Version:
---
"""


def row(title: str) -> Row:
    return Row(NUMBER, "", title, "Ada Lovelace", "Draft", 0, 0, 1, ())


def files(main: str, subs: dict[str, str] | None = None, title: str = "") -> Files:
    own = guide_file.own()
    return Files(
        number=NUMBER,
        main=Document(main, NAME, guide=own),
        subs={
            name: Document(text, f"proposals/BEP-1005/{name}", Role.SUB, guide=own)
            for name, text in (subs or {}).items()
        },
        row=row(title) if title else None,
        guide=own,
    )


def scope(main: str, title: str = "") -> str:
    return additions.scope(files(main, title=title))


@pytest.fixture
def written(repository: Path, template: Path, tmp_path: Path) -> Path:
    """A repository in which a test writes documents; the template is one of its own."""
    (repository / "invoke.yaml").write_text(
        f"bep:\n  template: {copy_repository(template, tmp_path / 'template')}\n"
    )
    return repository


def completed(folder: Path, call: Call, texts: dict[str, str], *arguments: str) -> str:
    """What the table says after the documents with these texts were completed.

    `check` has nothing to say of what was added.
    """
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=By hand")
    code, out, _ = call(folder, "adopt", str(NUMBER), *(arguments or ("--complete",)))
    assert code == 0
    assert "Nothing to report." in call(folder, "check", "--since", "HEAD")[1]
    for name, text in texts.items():
        lines = (folder / name).read_text().split("\n")
        assert [line for line in text.split("\n") if line not in lines] == []
    return out


def text_of(folder: Path, name: str = NAME) -> str:
    return (folder / name).read_text()


# --- The scope ----------------------------------------------------------------------------------


def test_the_scope_is_the_first_sentence_of_the_abstract():
    text = (
        "# Relay\n\n## Abstract\n\nThis *proposal* lets [sessions](x.md) talk via `relay`. More.\n"
    )
    assert scope(text, "Relay in Sessions") == "This proposal lets sessions talk via relay"


def test_a_sentence_may_have_abbreviations_and_several_lines():
    text = "# Relay\n\n## Overview\n\nIt moves data, e.g. images,\nbetween two sessions. More.\n"
    assert scope(text) == "It moves data, e.g. images, between two sessions"


@pytest.mark.parametrize(
    "abstract",
    [
        "Relays.",
        "The following parts are described here:\n\n- one",
        f"{'A very long sentence ' * 20}.",
        "- a list of things to do",
        "![picture](a.png)",
        "",
    ],
)
def test_without_such_a_sentence_the_scope_is_the_title_of_the_registry(abstract):
    text = f"# Session Relay\n\n## Abstract\n\n{abstract}\n\n## Motivation\n\nToday it is hard.\n"
    assert scope(text, "Relay in _Sessions_") == "Relay in Sessions"


def test_a_motivation_is_no_scope_and_neither_is_an_overview_of_the_design():
    text = "# Relay\n\n## Motivation\n\nToday sessions cannot talk to others.\n\n"
    text += "## Proposed Design\n\n### Overview\n\nThere is one process for each agent.\n"
    assert scope(text, "Relay in Sessions") == "Relay in Sessions"
    assert scope(text) == "Relay"


@pytest.mark.parametrize("text", ["", "text\n", "# Title\n"])
def test_where_nothing_says_it_the_scope_is_unknown(text):
    assert scope(text) == ""


# --- The context block --------------------------------------------------------------------------


def context(text: str) -> dict[str, object]:
    keys = Document(text, NAME, guide=guide_file.own()).context
    assert keys is not None
    return dict(keys.keys or {})


def test_phases_are_those_of_the_plan(written: Path, call: Call):
    plan = "## Implementation Plan\n\n1. Phase 1: Relay\n2. Phase 2: Clients\n"
    completed(written, call, {NAME: f"{FRONT}\n# Relay\n\n{plan}"})

    assert context(text_of(written)) == {
        "type": "master-bep",
        "scope": "Relay in Sessions",
        "detail-docs": [],
        "key-constraints": [],
        "key-decisions": [],
        "phases": 2,
    }


def test_without_a_plan_there_is_no_number_of_phases(written: Path, call: Call):
    completed(written, call, {NAME: f"{FRONT}\n# Relay\n\n## Motivation\n\nIn three phases.\n"})
    assert "phases" not in context(text_of(written))


def test_where_the_plan_does_not_count_its_phases_nothing_is_added(written: Path, call: Call):
    before = f"{FRONT}\n# Relay\n\n## Implementation Plan\n\nThe relay, then the clients.\n"
    out = completed(written, call, {NAME: before})

    assert text_of(written) == before
    assert "not added: context block (context-key-missing)" in out


def test_a_block_gets_the_keys_that_it_lacks_and_keeps_what_it_says(written: Path, call: Call):
    block = "<!-- context-for-ai\ntype: master-bep\nscope: Relays # short\nkey-decisions: []\n-->\n"
    completed(written, call, {NAME: f"{FRONT}\n{block}\n# Relay\n"})

    assert (
        "scope: Relays # short\ndetail-docs: []\nkey-constraints: []\nkey-decisions: []\n-->"
        in (text_of(written))
    )


def test_a_block_that_cannot_be_read_is_left_to_its_author(written: Path, call: Call):
    before = f"{FRONT}\n<!-- context-for-ai\nscope: [\n-->\n\n# Relay\n"
    completed(written, call, {NAME: before})
    assert text_of(written) == before


def test_a_limit_of_lines_is_not_crossed(written: Path, call: Call):
    before = f"{FRONT}\n# Relay\n{'text' * 10}\n" + "\n" * 487
    out = completed(written, call, {NAME: before})

    assert text_of(written) == before
    assert "not added: context block (single-lines)" in out


def test_sub_documents_get_blocks_that_say_what_they_are_about(written: Path, call: Call):
    subs = {
        "proposals/BEP-1005/wire_format.md": "# BEP-1005: Wire Format\n\nPart of the proposal.\n\n"
        "## Overview\n\nMessages are framed with their length.\n",
        "proposals/BEP-1005/api.md": "# Handlers\n\n- text\n",
    }
    completed(written, call, {NAME: f"{FRONT}\n# Session Relay\n", **subs})

    assert context(text_of(written))["detail-docs"] == ["api.md", "wire_format.md"]
    wire = text_of(written, "proposals/BEP-1005/wire_format.md")
    assert wire.startswith(
        "<!-- context-for-ai\ntype: detail-doc\nparent: BEP-1005 (Session Relay)\n"
        "scope: Messages are framed with their length\ndepends-on: []\nkey-decisions: []\n-->\n"
    )
    assert "\nscope: Handlers\n" in text_of(written, "proposals/BEP-1005/api.md")
    answers = yaml.safe_load(text_of(written, "proposals/.copier/.copier-answers.BEP-1005.yml"))
    assert answers["components"] == [
        {"name": "api", "scope": "Handlers"},
        {"name": "wire_format", "scope": "Messages are framed with their length"},
    ]


# --- Metadata -----------------------------------------------------------------------------------


def test_a_missing_status_is_the_registrys(written: Path, call: Call):
    before = FRONT.replace("Status: Draft\n", "")
    completed(written, call, {NAME: f"{before}\n# Relay\n"}, "--complete", "metadata")
    assert text_of(written) == f"{FRONT}\n# Relay\n"


@pytest.mark.parametrize(
    ("lacking", "rule"), [("Created", "metadata-empty"), ("Author", "author-address")]
)
def test_a_key_without_a_value_that_check_accepts_is_not_added(lacking, rule, written, call):
    before = "".join(line for line in FRONT.splitlines(True) if not line.startswith(f"{lacking}:"))
    out = completed(written, call, {NAME: f"{before}\n# Relay\n"}, "--complete", "metadata")

    assert text_of(written) == f"{before}\n# Relay\n"
    assert f"not added: {lacking} ({rule})" in out


def test_no_front_matter_is_better_than_half_of_it(written: Path, call: Call):
    out = completed(written, call, {NAME: "# Relay\n"}, "--complete", "metadata")

    assert text_of(written) == "# Relay\n"
    assert "not added: metadata (" in out


def test_a_misspelled_key_is_not_added_again(written: Path, call: Call):
    before = FRONT.replace("Target-Version", "target_version")
    completed(written, call, {NAME: f"{before}\n# Relay\n"}, "--complete", "metadata")
    assert text_of(written) == f"{before}\n# Relay\n"


# --- The index ----------------------------------------------------------------------------------

INDEX = """\
## Document Index

<!-- One row per sub-document: what a reader finds there. -->

| Document | Description |
|----------|-------------|
"""


def test_the_index_has_titles_and_what_the_documents_say_of_themselves(written: Path, call: Call):
    main = f"{FRONT}\n# Session Relay\n\n## Motivation\n\nSee [it](./BEP-1005/wire.md).\n\n"
    main += "## Proposed Design\n\nA relay.\n"
    subs = {
        "proposals/BEP-1005/api.md": "# Handlers\n",
        "proposals/BEP-1005/wire.md": "# BEP-1005: Wire | Format\n\nA frame of [a] comes first.\n",
    }
    completed(written, call, {NAME: main, **subs}, "--complete", "index")

    rows = (
        "| [Wire \\| Format](./BEP-1005/wire.md) | A frame of \\[a] comes first |\n"
        "| [Handlers](./BEP-1005/api.md) |  |\n"
    )
    expected = main.replace("## Proposed Design", f"{INDEX}{rows}\n## Proposed Design")
    assert text_of(written).replace("| |\n", "|  |\n") == expected


def test_an_index_of_any_name_is_enough(written: Path, call: Call):
    index = "## Document Structure\n\n- [Handlers](./BEP-1005/api.md)\n"
    texts = {
        NAME: f"{FRONT}\n# Session Relay\n\n{index}",
        "proposals/BEP-1005/api.md": "# Handlers\n",
    }
    completed(written, call, texts, "--complete", "index")
    assert text_of(written) == texts[NAME]


def test_a_proposal_in_one_file_gets_no_index(written: Path, call: Call):
    completed(written, call, {NAME: f"{FRONT}\n# Session Relay\n"}, "--complete", "index")
    assert "Index" not in text_of(written)


# --- Sections -----------------------------------------------------------------------------------


def sections_of(folder: Path) -> list[str]:
    return [line for line in text_of(folder).split("\n") if line.startswith("#")]


def test_an_own_heading_may_be_the_design_so_no_prose_is_asked_for(written: Path, call: Call):
    main = f"{FRONT}\n# Session Relay\n\n## Motivation\n\nText.\n\n## The Relay\n\nA process.\n"
    out = completed(written, call, {NAME: main}, "--complete", "sections")

    assert sections_of(written) == [
        "# Session Relay",
        "## Motivation",
        "## The Relay",
        "## Decision Log",
        "## Open Questions",
        "## References",
    ]
    assert "Proposed Design" in out
    assert "(perhaps there under another heading)" in out


def test_a_word_of_an_own_heading_at_any_level_is_enough(written: Path, call: Call):
    main = (
        f"{FRONT}\n# Session Relay\n\n## Motivation\n\nText.\n\n### Unanswered questions\n\nOne?\n"
    )
    completed(written, call, {NAME: main}, "--complete", "sections")
    assert "## Open Questions" not in sections_of(written)


def test_a_document_with_several_titles_gets_no_sections(written: Path, call: Call):
    main = f"{FRONT}\n# Relay\n\n## Motivation\n\nText.\n\n# Clients\n\nText.\n"
    completed(written, call, {NAME: main}, "--complete", "sections,index")
    assert text_of(written) == main


def test_a_title_is_the_authors_to_give(written: Path, call: Call):
    main = f"{FRONT}\nText without a title.\n\n## Motivation\n\nText.\n"
    completed(written, call, {NAME: main}, "--complete", "sections")
    assert "# " not in [line[:2] for line in sections_of(written)]


def test_a_finished_proposal_gets_no_empty_section(written: Path, call: Call):
    front = FRONT.replace("Draft", "Accepted").replace("Target-Version:", "Target-Version: 26.2.0")
    main = f"{front}\n# Relay\n\n## Motivation\n\n{'Text.' * 9}\n"
    out = completed(written, call, {NAME: main}, "--complete", "sections")

    assert sections_of(written) == [
        "# Relay",
        "## Motivation",
        "## Decision Log",
        "## Open Questions",
    ]
    assert "section-unfilled" in out


# --- Parts and remarks --------------------------------------------------------------------------


def test_parts_are_a_list_in_any_order():
    assert additions.parts_of("index, Metadata") == {Part.INDEX, Part.METADATA}
    with pytest.raises(BepError, match="unknown part 'title'; use one of metadata, context"):
        additions.parts_of("metadata,title")


def test_what_was_not_added_is_in_the_data_and_in_the_report(written: Path, call: Call):
    (written / NAME).write_text("# Relay\n")
    run_git(written, "add", "--all")
    run_git(written, "commit", "--quiet", "--message=By hand")
    report = written.parent / "report.md"
    arguments = ("adopt", "1005", "--complete", "--dry-run", "--json", "--report", str(report))
    (one,) = json.loads(call(written, *arguments)[1])

    assert one["remark"].startswith("not added: metadata (")
    assert one["remark"] in report.read_text()


def test_of_many_sub_documents_a_remark_says_how_many(written: Path, call: Call):
    long = f"# Part\n{'text' * 10}\n" + "\n" * 297
    texts = {NAME: f"{FRONT}\n# Relay\n"}
    texts |= {f"proposals/BEP-1005/part-{at}.md": long for at in range(4)}
    out = completed(written, call, texts, "--complete", "context")
    assert "not added: 4 parts of 4 sub-documents (sub-lines)" in out
