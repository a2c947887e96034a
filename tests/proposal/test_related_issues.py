"""The issues in their section: which are there, and how one more is added."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, strategies as st

from bep.markdown import edits
from bep.proposal import related_issues
from bep.proposal.document import Document
from bep.proposal.related_issues import GITHUB, JIRA
from bep.questionnaire import issue_references
from tests.conftest import CORPUS

HEAD = "# BEP-1001: Title\n\n## Related Issues\n\n"
TAIL = "\n## Motivation\n\n- JIRA: TBD\n"


def added(source: str, tracker: str, reference: str) -> str:
    return edits.applied(source, related_issues.add(Document(source), tracker, reference))


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("- JIRA: BA-XXXX\n- GitHub: #XXXX\n", "- JIRA: BA-7\n- GitHub: #XXXX\n"),
        ("- JIRA: TBD\n- GitHub: #3\n", "- JIRA: BA-7\n- GitHub: #3\n"),
        ("- JIRA:\n", "- JIRA: BA-7\n"),
        ("* **JIRA:** (none yet)\n", "* **JIRA:** BA-7\n"),
        ("- Jira issue: n/a\n", "- Jira issue: BA-7\n"),
        ("- JIRA: BA-XXXX (epic: BA-1)\n", "- JIRA: BA-7 (epic: BA-1)\n"),
        ("- JIRA: BA-1, BA-2\n- Epic: BA-3\n", "- JIRA: BA-1, BA-2, BA-7\n- Epic: BA-3\n"),
        ("- JIRA: BA-1\n- JIRA: TBD\n", "- JIRA: BA-1\n- JIRA: BA-7\n"),
        ("- JIRA: BA-1 (epic)\n- Other\n", "- JIRA: BA-1 (epic)\n- JIRA: BA-7\n- Other\n"),
        (
            "- JIRA Epic: TBD\n  - BA-2\n- Other\n",
            "- JIRA Epic: TBD\n  - BA-2\n- JIRA: BA-7\n- Other\n",
        ),
        ("- Epic **BA-1**\n", "- JIRA: BA-7\n- Epic **BA-1**\n"),
        ("1. Epic **BA-1**\n", "1. Epic **BA-1**\n2. JIRA: BA-7\n"),
        ("TBD\n", "- JIRA: BA-7\n"),
        ("JIRA: TBD\n", "JIRA: BA-7\n"),
        ("None.\n", "- JIRA: BA-7\n"),
        ("It answers BA-1.\n", "It answers BA-1.\n\n- JIRA: BA-7\n"),
        ("<!-- JIRA: TBD -->\n", "<!-- JIRA: TBD -->\n\n- JIRA: BA-7\n"),
        (
            "| What | Issue |\n|--|--|\n| JIRA | TBD |\n",
            "| What | Issue |\n|--|--|\n| JIRA | BA-7 |\n",
        ),
        (
            "| What | Issue | Why |\n|--|--|--|\n| GitHub | #3 | x |\n",
            "| What | Issue | Why |\n|--|--|--|\n| GitHub | #3 | x |\n| JIRA | BA-7 | |\n",
        ),
        (
            "| A | B |\n|--|--|\n| x | y |\n",
            "| A | B |\n|--|--|\n| x | y |\n\n- JIRA: BA-7\n",
        ),
        ("### JIRA\n\n- TBD\n\n### GitHub\n\n- #3\n", "### JIRA\n\n- BA-7\n\n### GitHub\n\n- #3\n"),
        ("### JIRA\n\n-\n", "### JIRA\n\n- BA-7\n"),
        ("### JIRA\n\n- BA-1: epic\n", "### JIRA\n\n- BA-1: epic\n- BA-7\n"),
        ("### JIRA\n\n### GitHub\n", "### JIRA\n\n- BA-7\n\n### GitHub\n"),
        ("- JIRA: TBD\r\n- Other\r\n", "- JIRA: BA-7\r\n- Other\r\n"),
    ],
)
def test_an_issue_is_added_in_the_form_that_the_section_has(body, after):
    assert added(HEAD + body + TAIL, JIRA, "BA-7") == HEAD + after + TAIL


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("- JIRA: BA-1\n- GitHub: #XXXX\n", "- JIRA: BA-1\n- GitHub: #7\n"),
        ("- JIRA: BA-1\n- Other\n", "- JIRA: BA-1\n- GitHub: #7\n- Other\n"),
        ("- GitHub: #1, [a/b#2](https://x/2)\n", "- GitHub: #1, [a/b#2](https://x/2), #7\n"),
        ("- Other\n", "- GitHub: #7\n- Other\n"),
    ],
)
def test_github_comes_after_jira(body, after):
    assert added(HEAD + body + TAIL, GITHUB, "#7") == HEAD + after + TAIL


LINES = (
    *("- JIRA: TBD", "- JIRA:", "* **JIRA**: BA-1", "  - BA-2", "- GitHub: #XXXX", "1. x", ""),
    *("2) JIRA: n/a", "| A | B |", "|---|---|", "| JIRA | TBD |", "| GitHub | |", "> - JIRA: TBD"),
    *("<!-- JIRA: TBD -->", "TBD", "None", "### JIRA", "### GitHub Issues", "### Other", "text"),
    *("    - JIRA: TBD", "- [ ] JIRA: BA-XXXX", "<details>", "JIRA: BA-XXXX", "---", "===", "-"),
    *("- JIRA: [BA-1](http://x/browse/BA-1)", "- `JIRA: TBD`", "- JIRA: TBD <!-- x -->", "[x]: y"),
)


@given(
    st.lists(st.sampled_from(LINES), max_size=7),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([(JIRA, "BA-777"), (GITHUB, "#777")]),
)
def test_whatever_the_section_has_the_issue_is_read_there_and_at_most_one_line_differs(
    body, ending, issue
):
    source = ending.join([*HEAD.split("\n")[:-1], *body, *TAIL.split("\n")])

    after = added(source, *issue)

    assert issue[1] in related_issues.text(Document(after))
    gone = Counter(source.split(ending)) - Counter(after.split(ending))
    assert sum(count for line, count in gone.items() if line) <= 1
    assert after.count("\n") == after.count(ending)


def test_a_missing_section_is_added_at_its_place():
    assert added("# T\n\n## Motivation\n\nWhy\n", JIRA, "BA-7") == (
        "# T\n\n## Related Issues\n\n- JIRA: BA-7\n\n## Motivation\n\nWhy\n"
    )


def test_code_and_comments_say_nothing():
    body = "- JIRA: BA-1\n\n```\nBA-2\n```\n\n<!-- BA-3 -->\n\nText <!-- BA-4 --> BA-5\n"

    found = related_issues.text(Document(HEAD + body + TAIL))

    assert issue_references.keys_in(found) == ["BA-1", "BA-5"]


@pytest.mark.parametrize("tracker", [(JIRA, "BA-99999"), (GITHUB, "#99999")])
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_every_real_document_takes_one_and_keeps_its_lines(tracker):
    for path in sorted(CORPUS.glob("proposals/*.md")):
        source = path.read_bytes().decode("utf-8", "surrogateescape")
        document = Document(source, path.name)
        text = added(source, *tracker)

        assert tracker[1] in related_issues.text(document.with_source(text)), path
        lines = {*text.split("\n")}
        kept = [line for line in source.split("\n") if line not in lines]
        # At most the line that it was added to differs, and only by the issue.
        assert len(kept) <= 1, path
        for line in kept:
            assert re.sub(r"(BA-|#)X+|TBD", "", line).strip() in text, path
