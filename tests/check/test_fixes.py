"""What `check --fix` may change, and to what."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.check.test_false_findings import METADATA, PAGE
from tests.conftest import Call, run_git

RBAC = "proposals/BEP-1000-RBAC.md"


def fixed(call: Call, folder: Path, files: dict[str, str]) -> dict[str, str]:
    """The files after `check --all --fix`."""
    for path, content in ({"proposals/README.md": PAGE} | files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode())
    run_git(folder, "init", "--quiet")
    call(folder, "check", "--all", "--fix")
    return {path: (folder / path).read_bytes().decode() for path in files}


# --- Dead links ---------------------------------------------------------------------------------


def linked(call: Call, folder: Path, link: str, *others: str, document: str = RBAC) -> str:
    """What a dead link in a document has become, beside other files."""
    files = dict.fromkeys((RBAC, *others), f"{METADATA}# Other\n")
    files[document] = f"{METADATA}# Title\n\n[there]({link})\n"
    text = fixed(call, folder, files)[document]
    return text.rpartition("[there](")[2].partition(")")[0]


@pytest.mark.parametrize(
    ("link", "others", "document", "becomes"),
    [
        (
            "../refs/BEP-1000-design-decision.md",
            ["proposals/BEP-1000/design-decision.md"],
            RBAC,
            "BEP-1000/design-decision.md",
        ),
        ("BEP-1000-data.md#x", ["proposals/BEP-1000/data.md"], RBAC, "BEP-1000/data.md#x"),
        ("1000/flow.png", ["proposals/BEP-1000/flow.png"], RBAC, "BEP-1000/flow.png"),
        ("./api.md", ["proposals/BEP-1000/api.md"], RBAC, "./BEP-1000/api.md"),
        ("BEP-1000-old.md", [], "proposals/BEP-1001-other.md", "BEP-1000-RBAC.md"),
        ("BEP-1000-RBAC.md", [], "proposals/BEP-1001/part.md", "../BEP-1000-RBAC.md"),
        (
            "BEP-1000-old.md",
            ["proposals/BEP-1000/a.md"],
            "proposals/BEP-1001-o.md",
            "BEP-1000-RBAC.md",
        ),
        (
            "1000/api.md",
            ["proposals/BEP-1000/api.md"],
            "proposals/BEP-1001-o.md",
            "BEP-1000/api.md",
        ),
    ],
)
def test_a_dead_link_becomes_the_only_one_that_it_can_mean(
    link: str, others: list[str], document: str, becomes: str, tmp_path: Path, call: Call
):
    assert linked(call, tmp_path, link, *others, document=document) == becomes


@pytest.mark.parametrize(
    ("link", "others", "document"),
    [
        # It would be the document itself.
        ("../refs/BEP-1000-design-decision.md", [], RBAC),
        ("BEP-1000-old-name.md#goal", [], RBAC),
        ("../BEP-1000-RBAC.md", [], RBAC),
        ("BEP-1001/part.md", [], "proposals/BEP-1001/part.md"),
        # It can mean several files.
        ("BEP-1000-data.md", ["proposals/BEP-1000/data.md"], "proposals/BEP-1001-other.md"),
        ("flow.png", ["proposals/BEP-1000/flow.png", "proposals/BEP-1000/diagrams/flow.png"], RBAC),
        ("BEP-1000-old.md", ["proposals/BEP-1000-second.md"], "proposals/BEP-1001-other.md"),
        # What it names is somewhere else.
        ("../src/README.md", ["proposals/BEP-1000/README.md"], RBAC),
        ("../refs/BEP-1000-design.md", [], "proposals/BEP-1001-other.md"),
        ("../BEP-1001/api.md", ["proposals/BEP-1000/api.md"], "proposals/BEP-1000/part.md"),
        ("./1001/flow.png", ["proposals/BEP-1000/flow.png"], RBAC),
    ],
)
def test_a_dead_link_that_can_mean_none_or_several_stays(
    link: str, others: list[str], document: str, tmp_path: Path, call: Call
):
    assert linked(call, tmp_path, link, *others, document=document) == link


# --- Missing keys -------------------------------------------------------------------------------

KEYS = ["Author", "Status", "Created", "Created-Version", "Target-Version", "Implemented-Version"]


@pytest.mark.parametrize(
    "lines",
    [
        ["Author: -", "Status: Accepted", "Created: -"],
        ["Author: -", "Status: Draft", "Implemented-Version:"],
        ["Status: ["],
        ["Created: 2026-01-15", "Target-Version: @x"],
        ["Author: >-", "  Ada Lovelace", "  (ada@example.com)", "Status: Draft"],
        ["Author:", "  - Ada Lovelace (ada@example.com)", "Created-Version: 26.1.0"],
        ["Odd: {", "Status: Draft"],
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_missing_keys_come_in_the_order_of_the_guide(
    lines: list[str], ending: str, tmp_path: Path, call: Call
):
    text = ending.join(["---", *lines, "---", "", "# Title", ""])

    result = fixed(call, tmp_path, {RBAC: text})[RBAC]

    found = result.split("---")[1].split(ending)
    assert [line.partition(":")[0] for line in found if line.partition(":")[0] in KEYS] == KEYS
    assert [line for line in found if line in lines] == lines
    for above, below in pairwise(lines):
        assert not below.startswith(" ") or f"{above}{ending}{below}" in result


@pytest.mark.parametrize(
    "lines",
    [
        '{Author: "Ada (ada@example.com)", Status: Draft}',
        '# ours\n{\n  Author: "Ada (ada@example.com)",\n  Status: Draft,\n}',
        "- Author: Ada (ada@example.com)\n- Status: Draft",
    ],
)
def test_metadata_that_is_not_one_key_per_line_gets_no_keys(lines: str, tmp_path: Path, call: Call):
    text = f"---\n{lines}\n---\n\n# Title\n"

    assert fixed(call, tmp_path, {RBAC: text})[RBAC] == text

    out = call(tmp_path, "check", "--all", "--format", "concise")[1]
    assert [line.split()[1] for line in out.splitlines() if " metadata-" in line] == [
        "metadata-unreadable"
    ]


def test_a_key_that_only_needs_its_right_name_is_not_missing(tmp_path: Path, call: Call):
    text = "---\nauthors: Ada (ada@example.com)\nStatus: Draft\nCreated: 2026-01-15\n---\n\n# T\n"

    result = fixed(call, tmp_path, {RBAC: text})[RBAC]

    assert "Author:" not in result
    assert "Created-Version:" in result
    assert "the guide has no key authors; write Author" in call(tmp_path, "check", "--all")[1]
