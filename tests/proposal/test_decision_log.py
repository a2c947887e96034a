"""The Decision Log: a decision becomes a row of the table that stands there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings, strategies as st

from bep.errors import BepError
from bep.markdown import edits
from bep.proposal import decision_log, document
from bep.proposal.decision_log import Added, Decision
from tests import samples
from tests.conftest import CORPUS, ROOT
from tests.rendered import Document

TABLE = "| Date | Decision | Rationale |\n|------|----------|-----------|"
LOG = f"## Decision Log\n\n{TABLE}\n"
DECISION = Decision("2026-03-01", "D", "R")


def add(source: str, decision: Decision = DECISION) -> tuple[str, Added]:
    added = decision_log.add(document.Document(source, "p.md"), decision)
    return edits.applied(source, [added.splice]), added


@pytest.mark.parametrize(
    "line",
    [
        "[^1]: A footnote.",
        "Text directly below.",
        "Text with an escaped \\| pipe",
        "<!-- a remark -->",
        "> a quote",
        "- an item",
        "    code",
        "### Heading",
        "```\nx\n```",
        "First line\nsecond line",
    ],
)
@pytest.mark.parametrize("rows", ["", "| 2026-01-01 | A | B |\n", "| 2026-09-09 | A | B |\n"])
def test_a_line_directly_below_the_table_stays_below_the_rows(line, rows):
    source, _ = add(f"{LOG}{rows}{line}\n")

    new = "| 2026-03-01 | D | R |\n"
    expected = f"{new}{rows}" if "09-09" in rows else f"{rows}{new}"
    assert source == f"{LOG}{expected}{line}\n"


@pytest.mark.parametrize(
    ("table", "row", "left_empty", "dated"),
    [
        ("| Date | Decision | Rationale |", "| 2026-03-01 | D | R |", (), True),
        ("| Rationale | Decision |", "| R | D |", (), False),
        ("| Decision | Content |", "| D | R |", (), False),
        ("| **Decision** | Why |", "| D | R |", (), False),
        ("Date | Decision | Reason", "| 2026-03-01 | D | R |", (), True),
        (
            "| # | Date | Decision | Rationale | Alternatives Considered |",
            "| | 2026-03-01 | D | R | |",
            ("#", "Alternatives Considered"),
            True,
        ),
        ("| Decision | | Rationale |", "| D | | R |", (), False),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n## References\n"])
def test_the_columns_of_the_table_that_is_there_are_used(
    table, row, left_empty, dated, ending, tail
):
    dashes = re.sub(r"[^|]+", "---", table)
    source = f"# T\n\n## 7. Decision Summary\n\n{table}\n{dashes}\n{table.replace('D', 'E')}"
    before, after = (f"{text}{tail}".replace("\n", ending) for text in (source, f"{source}\n{row}"))

    new, added = add(before)

    assert new == after
    assert (added.left_empty, added.dated) == (left_empty, dated)


def test_a_fresh_log_gets_its_first_row():
    assert add(LOG)[0] == f"{LOG}| 2026-03-01 | D | R |\n"


@pytest.mark.parametrize(
    ("dates", "place"),
    [
        (["2026-01-01", "2026-02-01"], 2),
        (["2026-03-01", "2026-03-01"], 2),
        (["2026-01-01", "2026-04-01"], 1),
        (["2026-04-01", "2026-05-01"], 0),
        (["2026-02-01", "soon", "2026-04-01"], 1),
        (["2026-04-01", "2026-02-01"], 2),
        (["", "2026-13-01"], 2),
    ],
)
def test_a_row_stands_last_or_where_its_date_belongs(dates, place):
    rows = [f"| {date} | x | y |\n" for date in dates]

    new, _ = add(LOG + "".join(rows))

    rows.insert(place, "| 2026-03-01 | D | R |\n")
    assert new == LOG + "".join(rows)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("use `a|b`", "use `a\\|b`"),
        ("a \\| b", "a \\| b"),
        ("**bold** [x](y.md) <b>", "**bold** [x](y.md) <b>"),
        ("| |", "\\| \\|"),
    ],
)
def test_markdown_stays_and_pipes_are_escaped(text, cell):
    new, _ = add(LOG, Decision("2026-03-01", text, "R"))

    assert new == f"{LOG}| 2026-03-01 | {cell} | R |\n"


SECTION = f"""## Decision Log

{TABLE}
| 2026-03-01 | D | R |"""


@pytest.mark.parametrize(
    ("source", "new"),
    [
        ("## Plan\n\nx\n\n## Open Questions\n", "## Plan\n\nx\n\n{}\n\n## Open Questions\n"),
        ("# T\n\ntext", "# T\n\ntext\n\n{}"),
        ("# T\n\ntext\n", "# T\n\ntext\n\n{}\n"),
        ("## References\n", "{}\n\n## References\n"),
        ("# T\n### Plan\n### References\n", "# T\n### Plan\n\n#{}\n\n### References\n"),
        ("# T\n\n## Own\n\n## References\n", "# T\n\n## Own\n\n{}\n\n## References\n"),
        ("# Decisions\n\n## Goal\n\n", "# Decisions\n\n## Goal\n\n{}\n\n"),
        ("", "{}\n"),
    ],
)
def test_a_missing_log_is_added_at_its_place(source, new):
    assert add(source)[0] == new.format(SECTION)


def test_a_new_log_has_the_form_of_the_template():
    (path,) = (ROOT / "tests/golden/single/proposals").glob("BEP-*.md")
    rendered = path.read_text()

    assert tuple(Document(rendered).table("Decision Log")[0]) == ("Date", "Decision", "Rationale")
    assert f"\n{TABLE}\n" in rendered


def test_a_log_without_a_table_gets_one():
    source = "## Decision Log\n\n<!-- One row each. -->\n\n## Open Questions\n"

    assert add(source)[0] == source.replace("-->\n", f"-->\n\n{TABLE}\n| 2026-03-01 | D | R |\n")


@pytest.mark.parametrize("none", ["None yet.", "- None", "No decisions yet.", "*N/A*", "결정 없음"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_table_takes_the_place_of_the_statement_that_there_are_no_decisions(none, ending):
    source = f"## Decision Log\n\n<!-- One row each. -->\n{none}\n\n## Open Questions\n"
    source = source.replace("\n", ending)

    new, _ = add(source)

    assert decision_log.decisions(document.Document(source)) == []
    assert new == source.replace(none, f"{TABLE}\n| 2026-03-01 | D | R |".replace("\n", ending))
    assert decision_log.decisions(document.Document(new)) == [DECISION]


def test_a_statement_that_is_not_all_of_the_text_stays():
    source = "## Decision Log\n\nNone yet.\n\nWe chose.\n"

    assert add(source)[0].startswith(source)


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (
            "- 2026-01-05: We use Redis.\n- Two replicas.\n",
            ["2026-01-05: We use Redis.", "Two replicas."],
        ),
        ("### Storage\n\nRedis.\n", ["Storage"]),
        ("### Storage\n\n| Option | Cost |\n|---|---|\n| a | b |\n", ["Storage"]),
    ],
)
def test_decisions_in_another_form_still_count_when_a_row_is_added(log, text):
    new, _ = add(f"## Decision Log\n\n{log}")

    found = decision_log.decisions(document.Document(new))
    assert sorted(one.text for one in found) == sorted([*text, "D"])
    assert len(decision_log.spans(document.Document(new))) == len(found)


def test_a_row_of_dashes_is_no_decision():
    assert decision_log.decisions(document.Document(f"{LOG}| - | – | — |\n| | | |\n")) == []


def test_decisions_told_in_prose_stay_and_a_log_is_added():
    source = "## Design Decisions\n\nWe chose.\n\n| Option | Cost |\n|---|---|\n| a | b |\n"

    assert add(source)[0] == f"{source}\n{SECTION}\n"


def test_the_log_counts_before_the_summary_and_a_part_of_the_design_is_none():
    summary = "## Decision Summary\n\n| Decision | Content |\n|---|---|\n\n"
    design = f"## Proposed Design\n\n{summary.replace('## ', '### ')}"

    assert add(design + summary + LOG)[0] == f"{design}{summary}{LOG}| 2026-03-01 | D | R |\n"
    assert add(design + summary)[0] == design + summary.replace("---|\n", "---|\n| D | R |\n")


def test_a_table_in_code_is_none():
    source = f"## Decision Log\n\n```\n{TABLE}\n```\n"

    assert add(source)[0] == f"{source}\n{TABLE}\n| 2026-03-01 | D | R |\n"


def test_a_table_without_a_column_for_the_reason_is_refused():
    with pytest.raises(BepError) as refused:
        add("# T\n\n## Decision Log\n\n| Date | Decision |\n|---|---|\n")
    assert str(refused.value) == (
        "p.md:5: the Decision Log has no column for the reason; add a column Rationale to the table"
    )


CELL = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12
).map(str.strip)
LINES = st.sampled_from(
    [
        *("## Decision Log", "## Decision Summary", "## Plan", "# T", "text\udc80", "", ""),
        *("| Date | Decision | Rationale |\n|---|---|---|", "| Decision | Content |\n|:--|--:|"),
        *(
            "| 2026-01-01 | a | b |",
            "| x \\| y |",
            "a | b",
            "- item",
            "## References",
            "<!-- x -->",
        ),
    ]
)


@settings(max_examples=samples.examples(200))
@given(st.lists(LINES, max_size=10), CELL, CELL, st.sampled_from(["\n", "\r\n"]))
def test_a_decision_that_was_added_is_read_back_and_every_byte_stays(lines, text, reason, ending):
    source = ending.join("\n".join(lines).split("\n"))
    before = decision_log.find(document.Document(source))

    new, added = add(source, Decision("2026-03-01", text, reason))

    start, end, _ = added.splice
    assert start == end
    assert source[:start] + new[start : len(new) - len(source) + start] + source[start:] == new
    log = decision_log.find(document.Document(new))
    assert log is not None
    assert (
        decision_log.row_count(document.Document(new))
        == (len(before.table.rows) if before else 0) + 1
    )
    shown = {one.replace("\\|", "|") for one in (text, reason)}
    assert any(shown <= {cell.text for cell in row.cells} for row in log.table.rows)


def test_the_logs_of_the_real_documents():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    columns = {}
    for path in sorted((CORPUS / "proposals").glob("BEP-*.md")):
        log = decision_log.find(document.Document(path.read_bytes().decode()))
        if log:
            columns[path.name[4:8]] = (log.date, log.decision, log.rationale)
    dated, summary = (0, 1, 2), (None, 0, 1)
    assert columns == {"1046": dated, "1058": dated} | dict.fromkeys(
        ["1055", "1057", "1061", "1064", "1072"], summary
    )
