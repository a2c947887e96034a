"""The rules on any document: they end, point into it, and find nothing new without a change."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from bep.check import fix
from bep.check.rules import runner
from bep.check.rules.finding import Finding, Severities
from bep.check.rules.snapshot import Change, Proposal, Reservation, Snapshot
from bep.markdown import blocks, edits as splices
from bep.markdown.edits import Splice
from bep.proposal.document import Document, Role
from tests import samples

MAIN = "proposals/BEP-1046-discovery.md"
SUB = "proposals/BEP-1046/data-model.md"
PAGE = "proposals/README.md"
METADATA = [
    "---\n",
    "Status: draft\n",
    "Status:Accepted\n",
    "author: Ada\n",
    "# Created: when\n",
    "Created: 2026/1/5\n",
    "Superseded-By: BEP-1046\n",
    "Target-Version: 26.3\n",
    "Odd: [\n",
    "  more\n",
    "---\r\n",
]
BODY = [
    "\n",
    "# Title\n",
    "## 2. Motivation\n",
    "## Open Questions\n",
    "## Decision Log\n",
    "### Resolved\n",
    "### Phase 2: Events\n",
    "## Plan\n",
    "| Date | Decision | Rationale |\n",
    "|---|---|---|\n",
    "| 2026-02-30 | Use events | |\n",
    "- ~~one~~\n",
    "  1. Answer: [x](BEP-1046/gone.md#a)\n",
    "> [y](./1046/flow.png) BEP-1099\n",
    "<!-- context-for-ai\n",
    "detail-docs: [a.md]\n",
    "depends-on: [data-model.md]\n",
    "phases: 3\n",
    "-->\n",
    "<!-- bep-check: ignore title-missing: why -->\n",
    "```\n",
    "<<<<<<< HEAD\n",
    "text \udcff\u2028 text",
    "a\rb\n",
    "[z]: x.md\n",
]
documents = st.builds(
    lambda mark, head, body: mark + "".join([*head, *body]),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.sampled_from(METADATA), max_size=8),
    st.lists(st.sampled_from(BODY), max_size=14),
)
ROWS = [
    "| Number | Title | Author | Status |\n",
    "|---|---|---|---|\n",
    "| [1046](BEP-1046-discovery.md) | Title | Grace | Draft |\n",
    "| 1046 | b | | |\n",
    "| [1047](BEP-1046/) | c |\n",
    "| _next_ |\n",
    "\n",
]
pages = st.lists(st.sampled_from(ROWS), max_size=8).map("".join)


def snapshot(main: str, sub: str, page: str) -> Snapshot:
    proposal = Proposal(1046, Document(main, MAIN), (Document(sub, SUB, Role.SUB),))
    paths = frozenset([MAIN, SUB, PAGE, "proposals/BEP-1046/flow.png", "lib"])
    claims = {1050: Reservation("Relay", "Ada", 400)}
    return Snapshot(
        "proposals", paths, (proposal,), Document(page, PAGE, Role.PROCESS), claims=claims
    )


snapshots = st.builds(snapshot, documents, documents, pages)


@given(snapshots)
def test_about_some_proposals_is_found_what_is_found_about_all(one):
    every = runner.findings(one, Severities({}))

    for numbers in (frozenset([1046]), frozenset([1047]), frozenset([1046, 1050])):
        found = runner.findings(one, Severities({}), numbers)
        assert found == [finding for finding in every if finding.number in numbers]


@settings(max_examples=samples.examples(150))
@given(snapshots)
def test_findings_point_into_their_documents(one):
    for finding in runner.findings(one, Severities({})):
        page = one.documents.get(finding.path)
        assert finding.line >= 1
        assert page is None or finding.line <= page.line_count + 1
        assert finding.message
        assert "\n" not in finding.message
        for edit in finding.edits:
            assert page is not None
            assert 0 <= edit.start <= edit.end <= len(page.source)


@settings(max_examples=samples.examples(60))
@given(snapshots)
def test_nothing_is_new_where_nothing_changed(one):
    assert runner.introduced(Change(one, one, {}), Severities({})) == []


@settings(max_examples=samples.examples(60))
@given(snapshots, snapshots)
def test_what_is_new_was_not_found_before(before, after):
    def known(findings: list[Finding]) -> Counter[tuple[str, str, str]]:
        return Counter((one.rule, one.path, one.text) for one in findings)

    whole = known(runner.findings(after, Severities({})))
    old = known(runner.findings(before, Severities({})))

    new = known(
        [
            one
            for one in runner.introduced(Change(before, after, {}), Severities({}))
            if not one.rule.startswith("transition")
        ]
    )

    assert new == whole - old


@settings(max_examples=samples.examples(100))
@given(snapshots)
def test_mending_ends_and_changes_only_lines_that_were_found(one):
    def judge(state: Snapshot) -> list[Finding]:
        return runner.findings(state, Severities({}))

    result = fix.mend(one, judge)

    for path, text in result.texts.items():
        old, new = body(one.documents[path]), body(result.snapshot.documents[path])
        assert result.snapshot.documents[path].source == text
        assert len(old) == len(new)
        changed = [line for line, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        first = one.documents[path].line_count - len(old)
        found = {finding.line for finding in result.fixed if finding.path == path}
        assert found
        assert {first + line + 1 for line in changed} <= found
    assert not fix.mend(result.snapshot, judge).fixed


def body(page: Document) -> list[str]:
    """The lines below the metadata, with their endings."""
    start = page.front_matter.end if page.front_matter else 0
    return [page.source[a:c] for a, _, c in blocks.lines(page.source) if a >= start]


def test_severities_of_the_settings_count():
    one = snapshot("# T\n", "", "")

    def rules(**set_by_user: str) -> set[str]:
        told = {name.replace("_", "-"): value for name, value in set_by_user.items()}
        return {
            f"{finding.severity} {finding.rule}"
            for finding in runner.findings(one, Severities(told))
        }

    assert "error metadata-missing" in rules()
    assert "warning metadata-missing" in rules(metadata_missing="warning")
    assert not {one for one in rules(metadata_missing="off") if "metadata-missing" in one}
    assert runner.unknown_rules({"phases": "off", "phase": "off"}) == ["phase"]


def test_a_silenced_finding_is_new_when_its_comment_goes():
    comment = "<!-- bep-check: ignore title-missing: comes later -->\n"
    before, after = (snapshot(text, "", "") for text in (f"text\n\n{comment}", "text\n"))

    new = runner.introduced(Change(before, after, {}), Severities({}))

    assert [finding.rule for finding in new if finding.path == MAIN] == ["title-missing"]


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        ([Splice(0, 1, "A")], "Abc"),
        ([Splice(2, 3, "C"), Splice(0, 1, "A")], "AbC"),
        ([Splice(1, 1, "x"), Splice(1, 1, "y")], "axybc"),
        ([Splice(1, 2, "B"), Splice(1, 1, "x")], "axBc"),
        ([Splice(3, 3, "d")], "abcd"),
        ([], "abc"),
    ],
)
def test_edits_are_splices(edits, text):
    assert splices.applied("abc", edits) == text


def test_what_a_submodule_or_a_linked_folder_holds_is_taken_for_granted():
    text = (
        "# T\n\n[a](../lib/x.md), [b](../library/x.md), [^1] and [Note]: later\n\n[^1]: later\n\n"
    )
    text += "[Todo]: later\n\n[real]: gone.md\n"

    found = runner.findings(snapshot(text, "", ""), Severities({}))

    dead = [one.text for one in found if one.rule == "link-missing"]
    assert dead == ["../library/x.md", "gone.md"]


@pytest.mark.parametrize(
    ("context", "rules"),
    [
        ("parent: BEP-1046 (T)\ndepends-on: [none]", set()),
        ("parent: BEP-1046\ndepends-on: N/A, nothing else", set()),
        ("parent: ../BEP-1046-discovery.md\ndepends-on: [data-model.md (itself)]", {"circle"}),
        ("parent: 1046\ndepends-on: [gone]", {"missing"}),
        ("parent: 1064", {"number"}),
    ],
)
def test_context_blocks_are_read_as_they_are_meant(context, rules):
    sub = f"<!-- context-for-ai\n{context}\n-->\n# T\n"

    found = runner.findings(snapshot("# T\n", sub, ""), Severities({}))

    names = {"parent-number": "number", "depends-on-missing": "missing"}
    names |= {"depends-on-circle": "circle", "context-unreadable": "unreadable"}
    assert {names[one.rule] for one in found if one.rule in names} == rules


def test_an_index_without_links_lists_what_it_names():
    main = "# T\n\n## Document Index\n\n- data-model.md: tables\n"

    rules = {one.rule for one in runner.findings(snapshot(main, "# T\n", ""), Severities({}))}

    assert "index-incomplete" not in rules
