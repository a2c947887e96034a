"""`bep list --graph`: how the proposals of a repository are related."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from bep.maintain import relation_graph, relation_reader
from bep.maintain.proposal_list import Entry
from bep.proposal import relations
from bep.proposal.relations import Kind, Relation
from bep.system import repository as repositories
from tests import mermaid_parser, schemas
from tests.conftest import CORPUS, Call, copy_repository, run_git
from tests.markdown.test_mermaid import NASTY

SCHEMA = schemas.of("relations")
FRONT = "---\nAuthor: Ada Lovelace\nStatus: {status}\n---\n\n# {title}\n\n"

DASHED = "fill:#ffffff,stroke:#57606a,color:#1f2328,stroke-dasharray:4 3"


def write(folder: Path, name: str, text: str, status: str = "Draft", title: str = "Relay") -> None:
    path = folder / "proposals" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(FRONT.format(status=status, title=title) + text)


@pytest.fixture(scope="module")
def related(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose proposals are related in all ways."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("related") / "repository")
    write(folder, "BEP-1010-relay.md", "## Related Issues\n\n- Builds on: BEP-1001\n", "Accepted")
    write(
        folder, "BEP-1010/routing.md", "Like [BEP-1002](../BEP-1002-quota-ledger.md), BEP-1001.\n"
    )
    write(
        folder,
        "BEP-1011-old.md",
        "See BEP-1005 and BEP-1099.\n",
        "Superseded\nSuperseded-By: BEP-1010",
    )
    write(folder, "BEP-1012-alone.md", "Nothing.\n", "Drfat", 'Alone [x] "end"')
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    run_git(folder, "switch", "--quiet", "--create=bep/1013-flight")
    write(
        folder, "BEP-1013-flight.md", "## Related Issues\n\n- Requires: BEP-1010\n", title="Flight"
    )
    write(folder, "BEP-1013/api.md", "As in BEP-1011.\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Flight")
    run_git(folder, "switch", "--quiet", "-")
    return folder


def data(call: Call, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    code, out, _ = call(folder, "list", "--graph", *arguments, "--json")
    assert code == 0
    found: list[dict[str, Any]] = json.loads(out)
    SCHEMA.validate(found)
    return found


def test_the_graph_has_all_proposals_that_are_related(related, call):
    code, out, err = call(related, "list", "--graph")

    assert (code, err) == (0, "bep: no proposal has the number 1099\n")
    assert out.splitlines() == [
        "flowchart LR",
        "    %% A ==> B: A is superseded by B",
        "    %% A --> B: A builds on B",
        "    %% A -.-> B: A mentions B",
        '    BEP-1001["BEP-1001 Event Journal<br>Accepted"]:::status-accepted',
        '    BEP-1002["BEP-1002 Quota Ledger<br>Draft"]:::status-draft',
        '    BEP-1005["BEP-1005 Relay in Sessions<br>reserved"]:::number-reserved',
        '    BEP-1010["BEP-1010 Relay<br>Accepted"]:::status-accepted',
        '    BEP-1011["BEP-1011 Relay<br>Superseded"]:::status-superseded',
        '    BEP-1013["BEP-1013 Flight<br>Draft"]:::status-draft',
        '    BEP-1099["BEP-1099<br>no proposal has this number"]:::number-unknown',
        "    BEP-1010 --> BEP-1001",
        "    BEP-1010 -.-> BEP-1002",
        "    BEP-1011 -.-> BEP-1005",
        '    BEP-1011 ==>|"superseded by"| BEP-1010',
        "    BEP-1011 -.-> BEP-1099",
        "    BEP-1013 --> BEP-1010",
        "    BEP-1013 -.-> BEP-1011",
        "    classDef status-draft fill:#fff4ce,stroke:#9a6700,color:#1f2328",
        "    classDef status-accepted fill:#ddf4ff,stroke:#0969da,color:#1f2328",
        "    classDef status-superseded fill:#eaeef2,stroke:#57606a,color:#1f2328",
        f"    classDef number-reserved {DASHED}",
        f"    classDef number-unknown {DASHED}",
    ]


def test_the_graph_of_a_proposal_has_its_neighbours(related, call):
    _, out, _ = call(related, "list", "--graph", "1002")

    assert [line.strip() for line in out.splitlines() if "BEP-" in line] == [
        'BEP-1002["BEP-1002 Quota Ledger<br>Draft"]:::status-draft',
        'BEP-1010["BEP-1010 Relay<br>Accepted"]:::status-accepted',
        "BEP-1010 -.-> BEP-1002",
    ]


def test_a_proposal_without_relations_is_shown_alone(related, call):
    code, out, err = call(related, "list", "--graph", "1012")

    assert (code, err) == (0, "No relations.\n")
    name = 'BEP-1012["BEP-1012 Alone #91;x#93; #34;end#34;<br>Drfat"]:::no-status'
    assert [line.strip() for line in out.splitlines()][:2] == ["flowchart LR", name]


def test_other_choices_of_list_apply(related, call):
    found = data(call, related, "--status", "superseded")

    assert {(one["number"], one["to"]) for one in found} == {
        (1011, 1005), (1011, 1010), (1011, 1099), (1013, 1011)
    }  # fmt: skip


def test_json_has_the_place_of_each_relation(related, call):
    found = data(call, related, "1013")

    assert found == [
        {
            "number": 1013,
            "path": "proposals/BEP-1013-flight.md",
            "line": 10,
            "kind": "builds-on",
            "to": 1010,
            "known": True,
        },
        {
            "number": 1013,
            "path": "proposals/BEP-1013/api.md",
            "line": 8,
            "kind": "mentions",
            "to": 1011,
            "known": True,
        },
    ]
    assert [one["known"] for one in data(call, related, "1011")] == [True, True, False, True]


def test_what_is_wrong_is_one_line(related, call):
    code, out, err = call(related, "list", "--graph", "4711")
    assert (code, out) == (2, "")
    assert err == "bep: there is no proposal 4711; `bep list` shows all numbers\n"

    code, out, err = call(related, "list", "--graph", "--attention")
    assert (code, out) == (2, "")
    assert err == "bep: --graph and --attention cannot be given together; leave one of them out\n"


def test_a_repository_without_relations_has_an_empty_graph(repository, call):
    code, out, err = call(repository, "list", "--graph")

    assert (code, out, err) == (0, "flowchart LR\n", "No relations.\n")
    assert data(call, repository) == []


def test_documents_that_share_a_number_are_one_proposal(repository, call):
    write(repository, "BEP-1002-other.md", "BEP-1001 and BEP-1002\n", title="Other")

    _, out, err = call(repository, "list", "--graph")

    assert err == ""
    title = "BEP-1002 Other / Quota Ledger"
    assert f'BEP-1002["{title}<br>Draft"]' in out
    assert "BEP-1002 -.-> BEP-1001" in out


def test_what_cannot_be_read_is_reported_and_stops_nothing(repository, call):
    write(repository, "BEP-1010-relay.md", "BEP-1001\n")
    (repository / "proposals/BEP-1011-binary.md").write_bytes(b"\0BEP-1001")
    (repository / "proposals/BEP-1012-gone.md").symlink_to("nowhere.md")
    (repository / "proposals/BEP-1010/api.md").parent.mkdir()
    (repository / "proposals/BEP-1010/api.md").symlink_to("/etc/passwd")
    write(repository, "BEP-1013-bytes.md", "BEP-1002\n", title="Odd")
    with (repository / "proposals/BEP-1013-bytes.md").open("ab") as file:
        file.write(b"\xff BEP-1001\r\n\xed\xa0\x80")

    code, out, err = call(repository, "list", "--graph")

    assert code == 0
    arrows = [line.strip() for line in out.splitlines() if line.startswith("    BEP-10")]
    assert [line for line in arrows if "[" not in line] == [
        "BEP-1010 -.-> BEP-1001",
        "BEP-1011 -.-> BEP-1001",
        "BEP-1013 -.-> BEP-1001",
        "BEP-1013 -.-> BEP-1002",
    ]
    assert "BEP-1012-gone.md" in err
    assert "BEP-1010/api.md" in err
    assert all(line.startswith("bep: ") for line in err.splitlines())


def test_a_graph_that_mermaid_draws_only_if_asked_says_so(repository, call):
    for number in range(2000, 2040):
        others = " ".join(f"BEP-{other}" for other in range(2000, 2013))
        write(repository, f"BEP-{number}-x.md", others)

    _, out, err = call(repository, "list", "--graph")

    assert out.count("-.->") == 40 * 13 - 13 + 1  # With the legend's line.
    assert err == (
        "bep: the picture has 507 arrows, and Mermaid draws 500 unless `maxEdges` allows more;"
        " name some proposals\n"
    )


def test_mermaid_reads_the_graph_of_any_titles(related):
    chosen = random.Random(3)
    entries = [
        Entry(number, title, status=chosen.choice(["Draft", "Rejected", title]), main="x.md")
        for number, title in enumerate(NASTY, 1000)
    ]
    found = [
        Relation(chosen.choice(entries).number, "x.md", 1, kind, chosen.choice(entries).number + 9)
        for kind in Kind
        for _ in range(60)
    ]
    guide = repositories.find(related).guide
    drawn = relation_graph.graph(entries, found)

    (chart,) = mermaid_parser.parsed([relation_graph.flowchart(guide, drawn)])

    assert list(chart.nodes) == [f"BEP-{number}" for number in drawn.shown]
    assert len(chart.arrows) == len(drawn.relations)
    assert {one[2] for one in chart.arrows} == {"thick", "normal", "dotted"}
    styles = {name for classes in chart.classes.values() for name in classes}
    assert styles == set(chart.styles)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_what_real_proposals_build_on(tmp_path):
    shutil.copytree(CORPUS / "proposals", tmp_path / "proposals")
    run_git(tmp_path, "init", "--quiet")

    known = relation_reader.of_repository(repositories.find(tmp_path))

    pairs = relations.strongest(known.found)
    assert known.problems == []
    by_kind = {kind: [one[::4] for one in pairs if one.kind is kind] for kind in Kind}
    assert by_kind[Kind.SUPERSEDED_BY] == [(1004, 1067)]
    assert by_kind[Kind.BUILDS_ON] == [
        (1023, 1022),
        (1031, 1010),
        (1031, 1022),
        (1032, 1010),
        (1032, 1022),
        (1032, 1031),
        (1047, 1000),
        (1047, 1026),
        (1048, 1008),
        (1048, 1012),
        (1055, 1014),
        (1061, 1002),
        (1061, 1057),
    ]
    assert len(by_kind[Kind.MENTIONS]) == 30
