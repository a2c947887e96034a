"""What is directly above a heading belongs to it: an anchor, a comment such as `omit in toc`.

Every command that adds text at the end of a section writes it above these lines, and a section
that moves takes them along.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bep.markdown import section_tree
from tests.conftest import Call, run_git
from tests.series import template_at_v1

LABELS = {
    "an anchor": '<a name="refs"></a>',
    "an anchor with id": "<a id='refs'></a>",
    "a comment": "<!-- omit in toc -->",
    "a comment of two lines": "<!-- markdownlint-disable\n     MD024 -->",
    "an anchor and a comment": '<a name="refs"></a>\n<!-- omit in toc -->',
    "a comment on the anchor's line": '<a name="refs"></a> <!-- omit in toc -->',
    "two anchors": '<a name="refs"></a>\n<a name="sources"></a>',
    "a span": '<span id="refs"></span>',
    "an anchor and a blank line": '<a id="refs"></a>\n',
}
of_each = pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
_COMMON = ["an anchor", "a comment", "an anchor and a blank line"]
of_common = pytest.mark.parametrize("label", [LABELS[name] for name in _COMMON], ids=_COMMON)


def sections_of(text: str) -> list[str]:
    return [text[one.start : one.end] for one in section_tree.sections(text).below()]


# --- Where a section starts ---------------------------------------------------------------------


@of_each
@pytest.mark.parametrize(
    "above",
    [
        "Words.\n\n",
        "Words.\n",
        "- an item\n",
        "> quoted\n",
        "| a |\n|---|\n| b |\n",
        "```\nx\n```\n",
    ],
    ids=["blank line", "paragraph", "list", "quote", "table", "code"],
)
def test_a_section_starts_with_what_is_directly_above_its_heading(label: str, above: str):
    text = f"# T\n\n## A\n\n{above}{label}\n## B\n\nEnd.\n"
    is_apart = label.endswith("\n") and not above.endswith(("\n\n", "```\n"))
    expected = [f"## A\n\n{above}", f"{label}\n## B\n\nEnd.\n"]

    found = sections_of(text)[1:]

    assert "".join(found) == "".join(expected)
    if not is_apart:
        assert found == expected


@pytest.mark.parametrize(
    "last",
    [
        "<!-- what a section is for, in a section that says nothing -->",
        "<!-- guidance\n     of two lines -->\n",
        '<a href="#top">back to the top</a>',
        "Words with `<a name=x></a>`",
        '```\n<a name="x"></a>\n```',
        "![a picture](x.png)",
        "</details>\n",
    ],
)
def test_what_is_no_label_stays_with_the_section_above(last: str):
    assert sections_of(f"## A\n{last}\n## B\n") == [f"## A\n{last}\n", "## B\n"]


def test_an_anchor_in_a_heading_of_two_lines_is_a_part_of_it():
    assert sections_of('A\n---\n\n<a name="b"></a>\nB\n---\n') == [
        "A\n---\n\n",
        '<a name="b"></a>\nB\n---\n',
    ]


# --- The commands -------------------------------------------------------------------------------


def new(folder: Path, call: Call) -> Path:
    """A proposal from the template."""
    made = call(folder, "new", "Relay", "--defaults")
    assert made[0] == 0, made
    return next((folder / "proposals").glob("BEP-*-relay.md"))


@pytest.fixture
def labelled(released: Path, call: Call):
    """Makes a proposal from the template, with a label above the heading References."""

    def make(label: str, heading: str = "## References") -> Path:
        path = new(released, call)
        text = path.read_text()
        assert text.count(f"\n{heading}\n") == 1
        path.write_text(text.replace(f"\n{heading}\n", f"\n{label}\n{heading}\n"))
        run_git(released, "add", "--all")
        run_git(released, "commit", "--quiet", "--message=Relay")
        return path

    return make


def number_of(path: Path) -> str:
    return path.name.split("-")[1]


@of_common
def test_a_question_goes_above_the_label_of_the_next_heading(labelled, call: Call, label: str):
    path = labelled(label)

    assert call(path.parent, "ask", number_of(path), "--question", "How many?")[0] == 0

    assert f"- How many?\n\n{label}\n## References\n" in path.read_text()


@of_common
def test_a_decision_log_that_is_added_goes_above_the_label(labelled, call: Call, label: str):
    path = labelled(label, "## Open Questions")
    text = path.read_text()
    start, end = text.index("## Decision Log"), text.index(f"{label}\n## Open")
    path.write_text(text[:start] + text[end:])

    code, out, err = call(path.parent, "mark", number_of(path), "rejected", "--reason", "Too slow")

    assert code == 0, out + err
    assert "| Proposal rejected | Too slow |\n\n" + f"{label}\n## Open Questions\n" in (
        path.read_text()
    )


@pytest.mark.sample(2)
@of_common
def test_a_revision_s_new_section_goes_above_the_label(
    released: Path, call: Call, tmp_path: Path, label: str
):
    template = template_at_v1(tmp_path / "template")
    (released / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(released, "commit", "--quiet", "--all", "--message=Template")
    path = new(released, call)
    text = path.read_text()
    path.write_text(text.replace("\n## References\n", f"\nMine.\n\n{label}\n## References\n"))
    run_git(released, "add", "--all")
    run_git(released, "commit", "--quiet", "--message=Relay")
    guide = template / "guide.yml"
    text = guide.read_text()
    text = text.replace(
        "  references:\n    heading:",
        "  risks:\n    heading: Risks\n    guidance: What may fail.\n  references:\n    heading:",
        1,
    )
    guide.write_text(text.replace("      - references\n", "      - risks\n      - references\n"))
    run_git(template, "commit", "--quiet", "--all", "--message=Risks")
    run_git(template, "tag", "v2.0.0")

    code, out, err = call(released, "update")

    assert code == 0, out + err
    result = path.read_text()
    assert f"\nMine.\n\n## Risks\n\n<!-- What may fail. -->\n\n{label}\n## References\n" in result


@of_common
def test_a_section_that_becomes_a_document_takes_its_label_along(labelled, call: Call, label: str):
    path = labelled("", "## Migration / Compatibility")
    text = path.read_text().replace(
        "\n\n## Migration",
        f"\n\nSee [the command](#refs).\n\n### Core\n\nLast words.\n\n{label}\n### Command\n\n"
        "What it prints.\n\n### API\n\nWhat it answers.\n\n## Migration",
        1,
    )
    path.write_text(text)
    run_git(path.parent, "commit", "--quiet", "--all", "--message=Design")

    code, out, err = call(path.parent, "segment", number_of(path))

    assert code == 0, out + err
    folder = path.parent / f"BEP-{number_of(path)}"
    assert f"-->\n\n{label}\n# Command\n" in (folder / "command.md").read_text()
    assert label.strip() not in (folder / "core.md").read_text()
    if "refs" in label:
        assert f"[the command](./{folder.name}/command.md#refs)" in path.read_text()


@of_common
def test_an_adopted_document_gets_its_missing_sections_above_the_label(
    labelled, call: Call, label: str
):
    path = labelled(label)
    text = path.read_text()
    start, end = text.index("## Open Questions"), text.index(f"{label}\n## Ref")
    path.write_text(text[:start] + text[end:])
    (path.parent / f".copier/.copier-answers.BEP-{number_of(path)}.yml").unlink()
    run_git(path.parent, "add", "--all")
    run_git(path.parent, "commit", "--quiet", "--message=By hand")

    code, out, err = call(path.parent, "adopt", number_of(path), "--complete=sections")

    assert code == 0, out + err
    text = path.read_text()
    assert text.index("## Open Questions") < text.index(f"{label}\n## References\n")
