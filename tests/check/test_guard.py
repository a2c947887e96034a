"""`bep check --only`: what a change touches of a proposal besides one section."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import assume, given, strategies as st

from bep.check.rules import outside_text
from bep.proposal import section_names
from bep.proposal.document import Document
from tests.conftest import Call, run_git
from tests.odd_documents import TEXTS

MAIN = "proposals/BEP-1002-quota-ledger.md"
SUB = "proposals/BEP-1002/data-model.md"
ANSWERS = "proposals/.copier/.copier-answers.BEP-1002.yml"
PAGE = "proposals/README.md"
TEXT = """\
---
Author: Ada Lovelace (ada@example.com)
Status: Draft
---

# Quota Ledger

Lead.

## Motivation

Why.

## Proposed Design

### Tables

One.

### Risks

Few.

## Migration / Compatibility

### Risks

Many.

## References
"""


def proposal(repository: Path) -> Path:
    """The repository on the branch of a proposal with a sub-document and an answers file."""
    for path, text in ((MAIN, TEXT), (SUB, "# Data Model\n\n## Interface / API\n\nNone.\n")):
        (repository / path).parent.mkdir(exist_ok=True)
        (repository / path).write_text(text)
    (repository / ANSWERS).parent.mkdir(exist_ok=True)
    (repository / ANSWERS).write_text("number: 1002\ntitle: Quota Ledger\n")
    (repository / "proposals/BEP-1002/old.svg").write_text("<svg/>")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposal")
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quota-ledger")
    return repository


def edit(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1))


def touched(call: Call, folder: Path, *arguments: str) -> list[str]:
    code, out, err = call(folder, "check", *arguments, "--json")
    found = json.loads(out)
    assert {one["rule"] for one in found} <= {"touched-outside"}
    assert code == bool(found), err
    return [f"{one['path']}:{one['line']}: {one['message']}" for one in found]


def test_what_a_change_touches_besides_a_section_is_said_with_its_place(repository, call):
    folder = proposal(repository)
    silent = "<!-- bep-check: ignore touched-outside: because -->"
    edit(folder, MAIN, "Why.\n\n", f"Why, and at length.\n\n### More\n\n{silent}\n\n\n\n")
    _, out, _ = call(folder, "check", "--only", "motivation")
    assert "only 'Motivation' of BEP-1002 may differ.\nNothing else of BEP-1002 is touched." in out
    assert touched(call, folder, "--only", "Background", "1002") == []
    # An agent with little respect.
    edit(folder, MAIN, "Status: Draft", "Status: Accepted")
    edit(folder, MAIN, "# Quota Ledger", "# Ledger")
    edit(folder, MAIN, "Lead.", "Lead")
    edit(folder, MAIN, "## Proposed", "## Goals\n\nMore.\n\n## Proposed")
    edit(folder, MAIN, "### Risks\n\nFew.\n\n", "")
    edit(folder, MAIN, "Many.", "No.")
    edit(folder, SUB, "None.", "Some.")
    edit(folder, ANSWERS, "Quota Ledger", "Ledger")
    edit(folder, PAGE, "Quota Ledger", "Ledger")
    run_git(folder, "mv", "proposals/BEP-1002/old.svg", "proposals/BEP-1002/new.svg")
    (folder / SUB).chmod(0o755)
    (folder / "proposals/BEP-1002/more.md").write_text("# More\n")
    (folder / "proposals/BEP-1002/link.md").symlink_to("data-model.md")
    run_git(folder, "commit", "--quiet", "--all", "--message=All of it")
    edit(folder, "proposals/BEP-1001-event-journal.md", "\n\n", "\n\nToo.\n\n")

    assert touched(call, folder, "--only", "Motivation") == [
        f"{ANSWERS}:2: the file changed",
        f"{MAIN}:3: the metadata changed: 1 line added, 1 line removed",
        f"{MAIN}:6: the title changed: 1 line added, 1 line removed",
        f"{MAIN}:8: the text above the first section changed: 1 line added, 1 line removed",
        f"{MAIN}:20: 'Goals' is new",
        f"{MAIN}:30: 'Proposed Design > Risks' is gone",
        f"{MAIN}:34: 'Migration / Compatibility > Risks' changed: 1 line added, 1 line removed",
        f"{SUB}:1: the file's mode changed from 100644 to 100755",
        f"{SUB}:5: 'Interface / API' changed: 1 line added, 1 line removed",
        "proposals/BEP-1002/link.md:1: the file is new",
        "proposals/BEP-1002/more.md:1: the file is new",
        "proposals/BEP-1002/new.svg:1: the file was renamed; it was proposals/BEP-1002/old.svg",
        f"{PAGE}:18: the row of 1002 changed",
    ]
    _, _, err = call(folder, "check", "--only", "Motivation")
    assert "bep: the change also touches BEP-1001, which --only does not look at" in err
    # In other words: all that is named may change, headings excepted.
    of_main = [one for one in touched(call, folder, "--only-document", MAIN) if MAIN in one]
    assert of_main == []
    nested = "Motivation,Proposed Design > Risks,Migration / Compatibility"
    assert [one for one in touched(call, folder, "--only", nested) if "Risks" in one] == []


def test_a_section_of_a_sub_document_and_line_endings_that_git_converts(repository, call):
    folder = proposal(repository)
    edit(folder, SUB, "None.", "Some.")
    text = (folder / SUB).read_bytes()
    (folder / SUB).write_bytes(text.replace(b"\n", b"\r\n"))
    arguments = ("--only-document", "data-model", "--only", "interface", "--since", "HEAD")

    assert touched(call, folder, *arguments) == [
        f"{SUB}:1: the title has other line endings",
        f"{SUB}:2: the text above the first section has other line endings",
    ]
    run_git(folder, "config", "core.autocrlf", "input")
    assert touched(call, folder, *arguments) == []
    assert len(touched(call, folder, "--only", "References", "--since", "HEAD")) == 1
    (folder / SUB).unlink()
    assert touched(call, folder, *arguments) == [f"{SUB}:1: the file is gone"]
    run_git(folder, "mv", "--force", MAIN, "proposals/BEP-1002-ledger.md")
    (folder / SUB).write_bytes(text)
    assert touched(call, folder, *arguments) == [
        f"proposals/BEP-1002-ledger.md:1: the file was renamed; it was {MAIN}"
    ]


def test_a_call_that_says_too_little_gets_one_line(repository, call):
    folder = proposal(repository)

    def said(*arguments: str) -> str:
        code, out, err = call(folder, "check", *arguments)
        assert (code, out) == (2, "")
        return err.removeprefix("bep: ").rstrip("\n")

    assert said("--only", "Migraton") == (
        f"{MAIN}: unknown section 'Migraton'; did you mean 'Motivation'? the sections are"
        " Motivation, Proposed Design, Migration / Compatibility, References"
    )
    assert said("--only", "Risks") == (
        f"{MAIN}: 2 sections are called 'Risks'; name the sections above it too:"
        " 'Proposed Design > Risks', 'Migration / Compatibility > Risks'"
    )
    assert said("--only", "Interface / API").endswith(
        "data-model.md has it: add `--only-document data-model.md`"
    )
    assert said("--only-document", "data-mode").startswith("unknown document 'data-mode'; did you")
    assert said("--only", "Motivation", "--all").startswith("--only and --all contradict")
    assert said("--only", "Motivation", "1001,1002").startswith("--only is for one proposal")
    assert said("--only", "Motivation", "1099").startswith("there is no proposal 1099")
    run_git(folder, "switch", "--quiet", "--detach")
    assert said("--only", "Motivation").startswith("--only needs a commit to compare with")
    assert said("--only", "Motivation", "--since", "HEAD").startswith("it is not clear which")


# --- Generated documents ------------------------------------------------------------------------

HEADINGS = ("Motivation", "Tables", "Risks", "Option 1", "References")
TEXTS_BELOW = st.lists(st.sampled_from([*TEXTS, "### Details\n", "#### Deep\n", ""]), max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[str], int]:
    """The parts of a document, the section that is named among them, and its place."""
    headings = draw(st.permutations(HEADINGS))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    parts = ["---\nStatus: Draft\n---\n\n# Title\n\nLead.\n\n"]
    parts += [f"## {one}\n\n" + "\n".join(draw(TEXTS_BELOW)) + "\n" for one in headings]
    at = draw(st.integers(1, len(headings)))
    return [one.replace("\n", ending) for one in parts], at


def differing(before: str, after: str, name: str) -> list[outside_text.Difference]:
    return outside_text.differences(Document(before), Document(after), [name])


def test_a_section_that_was_moved_is_in_another_place_and_nothing_else_is():
    title, *parts = [f"## {one}\n\n{one}.\n\nMore.\n\n" for one in ("Title", *HEADINGS)]
    before, after = "".join([title, *parts]), "".join([title, parts[3], *parts[:3], *parts[4:]])

    for name in ("Tables", "References"):
        [found] = differing(before, after, name)
        assert found == (len(title), "'Option 1' is in another place")


@given(documents(), TEXTS_BELOW, st.data())
def test_an_edit_inside_is_never_found_and_one_outside_always(document, texts, data):
    parts, at = document
    before = "".join(parts)
    heading, _, _ = parts[at].partition("\n")
    name = heading.removeprefix("## ").strip()
    ending = "\r\n" if "\r\n" in before else "\n"
    inside = ending.join([f"{heading.strip()}\n", *texts, ""]).replace("\r\n", "\n")
    changed = [*parts[:at], inside.replace("\n", ending), *parts[at + 1 :]]
    assert differing(before, "".join(changed), name) == []
    # The section is new, or it is the only one that was there before.
    assert differing("".join(parts[:at] + parts[at + 1 :]), before, name) == []

    (chain,) = section_names.named(Document(before), name)
    place = data.draw(st.integers(0, len(before)))
    length = data.draw(st.integers(0, 2))
    new = data.draw(st.sampled_from(["", "x", "\n", " ", "## New\n", "```\n", "-->", "|"]))
    start, end = chain[-1].start, chain[-1].end
    assume(place + length <= start or place >= end)
    assume(place != end or (new.strip() and end < len(before)))
    edited = before[:place] + new + before[place + length :]
    assume(edited != before)
    assert differing(before, edited, name)
