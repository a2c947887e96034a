"""How proposals are related, as their documents say it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from bep import guide_file
from bep.proposal import relations
from bep.proposal.document import Document, Role
from bep.proposal.relations import Kind, Neighbour, Relation

OWN = guide_file.own()
ISSUES = OWN.sections["related-issues"].heading
FRONT = "---\nAuthor: Ada Lovelace\nStatus: Draft\n---\n\n# Relay\n\n"
PATH, PART = "proposals/BEP-1046-relay.md", "proposals/BEP-1046/routing.md"


def said(source: str, role: Role = Role.MAIN) -> list[tuple[int, str, int]]:
    """Line, kind and number of each relation in a document of BEP-1046."""
    document = Document(source, PATH if role is Role.MAIN else PART, role)
    return [(one.line, one.kind.value, one.to) for one in relations.of_document(1046, document)]


def issues(*lines: str) -> list[tuple[str, int]]:
    """Kind and number of each relation in a section of related issues."""
    text = "\n".join(lines)
    return [(kind, to) for _, kind, to in said(f"{FRONT}## {ISSUES}\n\n{text}\n")]


# --- What is a mention --------------------------------------------------------------------------


def test_links_and_mentions_are_relations_each_line_once():
    source = (
        f"{FRONT}As BEP-1002 says, [BEP-1002](BEP-1002-quota.md) and BEP-1001.\n\n"
        "[The design](./BEP-1003/api.md#errors), [a file](../src/BEP-1004/x.md).\n\nSee BEP-1002.\n"
    )

    assert said(source) == [
        (8, "mentions", 1001),
        (8, "mentions", 1002),
        (10, "mentions", 1003),
        (12, "mentions", 1002),
    ]


def test_links_of_sub_documents_lead_to_other_proposals():
    source = "[a](../BEP-1002-quota.md) [b](../BEP-1003/api.md) [c](../BEP-1046-relay.md) [d](x.md)"

    assert said(source, Role.SUB) == [(1, "mentions", 1002), (1, "mentions", 1003)]


@pytest.mark.parametrize(
    "text",
    [
        "BEP-1046, [itself](BEP-1046-relay.md), [a part](BEP-1046/routing.md)",
        "BEP-XXXX, BEP-12, BEP-1046789, XBEP-1002, src/BEP-1002.py, BEP-1002_x",
        "`BEP-1002` and `` `BEP-1002 ``",
        "```\nBEP-1002\n[a](BEP-1002-quota.md)\n```",
        "    BEP-1002",
        "<!-- BEP-1002 [a](BEP-1002-quota.md) -->",
        "Text <!-- BEP-1002 `x` --> and more",
        "<!-- context-for-ai\nscope: like BEP-1002\n-->",
        "BEP-0000 and [the blank document](BEP-0000-template.md)",
        "Following up of [BEP-1002 Quota](https://example.com/BEP-1002-quota.md), that is BEP-1002",
    ],
)
def test_what_is_no_mention(text):
    assert said(f"{FRONT}{text}\n") == []


def test_a_link_to_a_document_here_counts_whatever_is_linked_at_another_address():
    source = f"{FRONT}[old](https://example.com/BEP-1002-x.md), [new](BEP-1002-quota.md)\n"

    assert said(source) == [(8, "mentions", 1002)]


def test_code_and_comments_end_where_they_end():
    source = f"{FRONT}`<!--` BEP-1001 <!-- ` --> BEP-1002 `BEP-1003` <!-- open BEP-1004\n"

    assert [to for *_, to in said(source)] == [1001, 1002, 1004]


# --- What a proposal builds on ------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "- Builds on: BEP-1002",
        "- **Builds on**: [BEP-1002](BEP-1002-quota.md)",
        "* Related BEP: [Quota](BEP-1002-quota.md)",
        "1. Upstream (referenced, not expanded): **[BEP-1002](BEP-1002-quota.md)** (runner)",
        "Depends on: BEP-1002",
        "- JIRA: BA-1\n- Related BEPs:\n  - [BEP-1002](BEP-1002-quota.md)",
        "- Requires what is decided in\n  BEP-1002",
        "GitHub: #12\nExtends: BEP-1002\n",
        "### Builds on\n\n- BEP-1002",
        "| What | Which |\n|---|---|\n| Builds on | BEP-1002 |",
    ],
)
def test_an_entry_that_begins_with_the_guides_words_says_what_a_proposal_builds_on(line):
    assert issues(line) == [("builds-on", 1002)]


@pytest.mark.parametrize(
    "line",
    [
        "- Adjacent: BEP-1002",
        "- BEP-1002, on which others build",
        "- Related BEPsomething: BEP-1002",
        "- Builds on: nothing\n- Adjacent: BEP-1002",
        "- Builds on:\n  - nothing\n- Adjacent: BEP-1002",
        "Builds on: nothing\nAdjacent: BEP-1002",
        "Builds on: nothing\n\nLike BEP-1002",
        "| Adjacent | BEP-1002 |\n|---|---|\n| Adjacent | BEP-1002 |",
    ],
)
def test_other_entries_mention(line):
    assert {kind for kind, _ in issues(line)} == {"mentions"}


def test_only_sections_of_which_the_guide_says_it_have_such_entries():
    heading = OWN.sections["references"].heading
    assert said(f"{FRONT}## {heading}\n\n- Builds on: BEP-1002\n") == [(10, "mentions", 1002)]
    sections = dict(OWN.sections)
    sections["references"] = replace(sections["references"], builds_on=("after",))
    other = replace(OWN, sections=sections)
    text = f"{FRONT}## {heading}\n\n- After BEP-1002\n"
    found = relations.of_document(1046, Document(text, PATH, guide=other))
    assert [one.kind for one in found] == [Kind.BUILDS_ON]


def test_a_context_block_says_it_by_depends_on_which_may_lead_to_other_proposals():
    source = (
        "<!-- context-for-ai\ntype: detail-doc\nparent: BEP-1046 (Relay)\n"
        "depends-on: [data-model.md, BEP-1002, ../BEP-1003/api.md, BEP-1004 (see also)]\n"
        "-->\n\n# Routing\n"
    )

    assert said(source, Role.SUB) == [
        (4, "builds-on", 1002),
        (4, "builds-on", 1003),
        (4, "mentions", 1004),
    ]


def test_a_broken_context_block_is_read_line_by_line():
    source = "<!-- context-for-ai\nscope: a: b: c\ndepends-on: [BEP-1002]\n-->\n\n# Relay\n"

    assert said(source) == [(3, "builds-on", 1002)]


def test_a_successor_is_named_by_the_metadata_of_the_main_document():
    source = "---\nStatus: Superseded\nSuperseded-By: 1002, BEP-1003\n---\n\n# Relay\n\nBEP-1003\n"

    assert said(source) == [
        (3, "superseded-by", 1002),
        (3, "superseded-by", 1003),
        (8, "mentions", 1003),
    ]
    assert said(source, Role.SUB) == [(8, "mentions", 1003)]


@pytest.mark.parametrize("source", ["", "\ufeff", "---\n", "# \n", "<!-- context-for-ai", "BEP-"])
def test_a_document_that_says_nothing_has_no_relations(source):
    assert said(source) == []


PIECES = (
    *(
        "BEP-1001",
        "BEP-12",
        "BEP-1002-x.md",
        "[a](BEP-1003-x.md)",
        "[b](../BEP-1004/y.md)",
        "`",
        "\n",
    ),
    *(
        "- Builds on: ",
        "  - ",
        "| ",
        "<!-- ",
        " -->",
        "```",
        f"\n## {ISSUES}\n",
        "> ",
        "depends-on: [",
    ),
    *(
        "<!-- context-for-ai\n",
        "]\n-->\n",
        "---\n",
        "Superseded-By: 1005\n",
        "\ufeff",
        "\r\n",
        "### ",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from(Role))
def test_any_text_has_relations_in_order_which_are_seen_without_parsing(text, role):
    document = Document(text, PART if role is Role.SUB else PATH, role)

    found = relations.of_document(1046, document)

    assert found == sorted(found, key=lambda one: (one.line, one.to))
    assert len({(one.line, one.to) for one in found}) == len(found)
    for one in found:
        assert 1 <= one.line <= max(document.line_count, 1)
        assert relations.may_name(document, {one.to})
        assert one.to != 1046


# --- Between proposals --------------------------------------------------------------------------


def relation(number: int, to: int, kind: Kind = Kind.MENTIONS, line: int = 1) -> Relation:
    return Relation(number, f"proposals/BEP-{number}-x.md", line, kind, to)


def test_the_strongest_relation_of_a_pair_is_kept_at_its_first_place():
    found = [
        relation(2, 1, line=1),
        relation(1, 2, line=1),
        relation(1, 2, Kind.BUILDS_ON, line=2),
        relation(1, 2, Kind.BUILDS_ON, line=3),
    ]

    assert relations.strongest(found) == [found[2], found[0]]


def test_neighbours_are_what_a_proposal_names_and_what_names_it():
    found = [
        relation(3, 1),
        relation(1, 2, Kind.BUILDS_ON),
        relation(2, 1, Kind.SUPERSEDED_BY),
        relation(2, 3),
    ]

    assert relations.neighbours(found, 1) == [
        Neighbour(2, Kind.BUILDS_ON, is_named=True),
        Neighbour(2, Kind.SUPERSEDED_BY, is_named=False),
        Neighbour(3, Kind.MENTIONS, is_named=False),
    ]
    assert relations.around(found, {3}) == [found[0], found[3]]


def test_a_date_behind_a_successor_is_no_successor():
    source = "---\nStatus: Superseded\nSuperseded-By: BEP-1050 (2026-02-03), BEP-1050\n---\n\n# T\n"

    assert relations.successors(Document(source)) == [1050]
