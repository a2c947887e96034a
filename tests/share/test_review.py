"""`review`: what each commit of a history means to a reviewer, and whatever a change is made of.

`UPDATE_GOLDEN=1 python -m pytest tests/share/test_review.py` writes the files of
`tests/golden/review` anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt

from bep.markdown import terminal_text
from bep.markdown.escapes import quoted_text
from bep.share import digest_text, review as reviewing
from bep.system import repository as repositories
from tests import forks, schemas
from tests.conftest import PAGE, ROOT, Call, run_git
from tests.series import REVISIONS, proposals_at_v1, template_at_v2

GOLDEN = ROOT / "tests" / "golden" / "review"
SCHEMA = schemas.of("review")
GUIDE = "proposals/.copier/guide.yml"
JOURNAL = "proposals/BEP-1001-event-journal.md"
LEDGER = "proposals/BEP-1002-quota-ledger.md"
TOKENS = "proposals/BEP-1006-token-service.md"
HEAD = "|------|----------|-----------|\n"
ROWS = (
    "| 2026-03-02 | Tokens are opaque | Clients must not read them |\n"
    "| 2026-03-02 | They expire after an hour | Long enough for an upload |\n"
    "| 2026-03-03 | One table for all kinds | Fewer joins |\n"
)


class Folder(NamedTuple):
    """A repository to edit and to call `bep` in."""

    root: Path

    def bep(self, *arguments: str) -> str:
        done = forks.run("bep", self.root, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def edit(self, path: str, *edits: tuple[str, str]) -> None:
        file = self.root / path
        text = file.read_bytes().decode()
        for old, new in edits:
            assert old in text, (path, old)
            text = text.replace(old, new)
        file.write_bytes(text.encode())

    def commit(self) -> None:
        run_git(self.root, "add", "--all")
        run_git(self.root, "commit", "--quiet", "--message=Step")


# --- A history ----------------------------------------------------------------------------------


def new(here: Folder) -> None:
    here.bep(
        "new", "Token Service", "--defaults", "-d", "components=issuer,store", "--to", "v1.0.0"
    )


def written(here: Folder) -> None:
    here.edit(
        TOKENS,
        (HEAD, HEAD + ROWS),
        ("\n## Current Design", "\nNobody knows who calls.\n\n## Current Design"),
        ("### Issuer\n", "### Issuer\n\nIt signs.\nIt forgets.\n"),
        ("### Store\n", "### Store\n\nA table of hashes.\n"),
        (
            "questions that have an answer. -->",
            "questions that have an answer. -->\n\n- Which hash?",
        ),
        ("- Which hash?", "- Which hash?\n- Do we need refresh tokens?\n- Who rotates the keys?"),
    )


def accepted(here: Folder) -> None:
    more = ["--target-version", "26.9.0", "--despite-open-questions"]
    here.bep("mark", "1006", "accepted", *more)


def decisions_altered(here: Folder) -> None:
    here.edit(
        TOKENS,
        ("after an hour | Long enough for an upload", "after a day | Uploads take longer"),
        ("| 2026-03-03 | One table for all kinds | Fewer joins |\n", ""),
    )


def questions_answered(here: Folder) -> None:
    here.bep(
        "decide",
        "1006",
        "--question",
        "hash",
        "--decision",
        "Argon2",
        "--rationale",
        "The slowest hash there is",
    )
    here.edit(TOKENS, ("- Do we need refresh tokens?\n", ""))
    here.bep("ask", "1006", "--question", "Which clock counts?")


def reformatted(here: Folder) -> None:
    """Nothing that a reader sees: another alignment, CRLF, emphasis."""
    here.edit(
        TOKENS,
        ("| 2026-03-02 | Tokens are opaque |", "|2026-03-02|**Tokens**   are _opaque_|"),
        ("|------|----------|-----------|", "|:-----|:--------:|-----------|"),
        ("\n", "\r\n"),
    )


def segmented(here: Folder) -> None:
    here.edit(TOKENS, ("\r\n", "\n"))
    here.commit()
    here.bep("segment", "1006", "--component", "Issuer=issuer", "--component", "Store=store")


def updated(here: Folder) -> None:
    here.bep("update")
    shutil.copy(here.root.parent / "template" / "guide.yml", here.root / GUIDE)


def renumbered(here: Folder) -> None:
    here.bep("renumber", "1006", "--to", "1020")


def others(here: Folder) -> None:
    """An accepted document is edited, another proposal is taken away."""
    here.edit(JOURNAL, ("Events get lost.", "Events get lost, twice."))
    (here.root / LEDGER).unlink()
    row = next(line for line in (here.root / PAGE).read_text().split("\n") if "[1002]" in line)
    here.edit(PAGE, (f"{row}\n", ""))


STEPS: list[Callable[[Folder], None]] = [
    *(new, written, accepted, decisions_altered, questions_answered, reformatted, segmented),
    *(updated, renumbered, others),
]


@pytest.fixture(scope="module")
def history(_start, tmp_path_factory) -> dict[str, str]:
    """What `review` says of each step, by its name; and of all of them as Markdown and JSON."""
    folder = tmp_path_factory.mktemp("history")
    revision = ("guidance reworded", "decision log column added", "metadata key renamed")
    edits = [edit for name in revision for edit in REVISIONS[name]]
    here = Folder(
        proposals_at_v1(_start, folder / "repository", template_at_v2(folder / "template", edits))
    )
    (here.root / "tokens.py").write_text("# BEP-1006 says why. See BEP-1002, not BEP-10060.\n")
    (here.root / GUIDE).parent.mkdir()
    shutil.copy(ROOT / "guide.yml", here.root / GUIDE)
    here.commit()
    run_git(here.root, "switch", "--quiet", "--create", "bep/1006-token-service")
    said = {}
    for step in STEPS:
        step(here)
        said[f"{step.__name__}.txt"] = here.bep("review", "HEAD")
        here.commit()
    said["everything.md"] = here.bep("review", "--format", "markdown")
    said["everything.json"] = here.bep("review", "--json")
    return {name: _steady(text) for name, text in said.items()}


def _steady(text: str) -> str:
    """Put words for what differs from run to run: commits, and the day."""
    text = re.sub(r"\b[0-9a-f]{9}\b", "COMMIT", text)
    return re.sub(r"\b(?!2026-03)\d{4}-\d\d-\d\d\b", "TODAY", text)


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "name", [*(f"{step.__name__}.txt" for step in STEPS), "everything.md", "everything.json"]
)
def test_a_reviewer_reads(history, name):
    golden = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(history[name])

    assert history[name] == golden.read_text()


def test_what_merely_looks_different_alters_no_decision(history):
    assert all("decision is" not in history[name] for name in ("reformatted.txt", "renumbered.txt"))
    assert "A template update and nothing else, v1.0.0 -> v2.0.0" in history["updated.txt"]


def test_the_output_is_by_the_schema(history):
    SCHEMA.validate(json.loads(history["everything.json"]))


# --- Whatever a change is made of ---------------------------------------------------------------


@pytest.fixture
def here(repository: Path) -> Folder:
    """The repository of all tests on a branch of its own."""
    run_git(repository, "switch", "--quiet", "--create", "bep/1002-quotas")
    return Folder(repository)


def digests(call: Call, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = call(folder, "review", "--json", *arguments)
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    SCHEMA.validate(found)
    return found


def test_nothing_is_said_in_one_line(here, call):
    assert digests(call, here.root) == []
    for form in ("text", "markdown"):
        code, out, _ = call(here.root, "review", "--format", form)

        assert code == 0
        assert re.fullmatch(r"Reviewed what .*: nothing changes in the proposals\.\n", out)


def test_what_is_not_committed_counts_too(here, call):
    shutil.copy(here.root / LEDGER, here.root / "proposals/BEP-1030-new.md")
    here.edit(LEDGER, ("counted twice", "counted thrice"))
    (here.root / "proposals/BEP-1002").mkdir()
    (here.root / "proposals/BEP-1002/picture.png").write_bytes(b"\0")

    ledger, new = digests(call, here.root)
    said = call(here.root, "review")[1]

    assert [(one["path"], one["change"]) for one in ledger["documents"]] == [
        (LEDGER, "changed"),
        ("proposals/BEP-1002/picture.png", "added"),
    ]
    assert (new["number"], new["status"]) == (1030, {"from": None, "to": "Draft"})
    assert "Documents added: proposals/BEP-1002/picture.png" in said


def test_a_change_of_a_row_alone_has_its_findings(here, call):
    here.edit(
        PAGE, ("| Quota Ledger | Grace Hopper | Draft |", "| Quota | Grace Hopper | Accepted |")
    )

    (found,) = digests(call, here.root)

    assert (found["number"], found["documents"]) == (1002, [])
    assert "registry-status" in {one["rule"] for one in found["findings"]}


def test_a_proposal_that_gets_another_title_and_text_is_still_the_same(here, call):
    text = (here.root / LEDGER).read_text().replace("# Quota Ledger", "# BEP-1002: Budgets")
    (here.root / LEDGER).unlink()
    (here.root / "proposals/BEP-1002-budgets.md").write_text(text.replace("Quotas", "Budgets"))

    (found,) = digests(call, here.root)

    assert (found["title"], found["path"]) == ("Budgets", "proposals/BEP-1002-budgets.md")
    assert [one["change"] for one in found["documents"]] == ["moved"]
    assert "Title before: Quota Ledger" in call(here.root, "review")[1]


def test_what_cannot_be_read_stops_nothing(here, call):
    (here.root / JOURNAL).write_bytes(b"\0\0")
    here.edit(LEDGER, ("counted twice", "counted thrice"))

    code, out, _ = call(here.root, "review")

    assert code == 0
    said = " ".join(out.split())
    assert f"BEP-1001 cannot be compared: {JOURNAL}: the file is not UTF-8 text" in said
    assert "was Accepted" not in said
    assert "Motivation +1 -1" in said


def test_code_is_searched_for_the_number_as_a_word(here, call):
    for name, text in {
        "a.py": "# BEP-1002: why",
        "b.py": "BEP-10020 XBEP-1002 BEP-1002_x",
        "c d\n.py": "BEP-1001 BEP-1002",
        "proposals/x.txt": "BEP-1002",
        "bin": "\0BEP-1002",
    }.items():
        (here.root / name).write_text(text)
    here.commit()
    (here.root / "new.py").write_text("BEP-1002")
    (here.root / ".git/info").mkdir(exist_ok=True)
    (here.root / ".git/info/exclude").write_text("ignored.py\n")
    (here.root / "ignored.py").write_text("BEP-1002")
    here.edit(LEDGER, ("counted twice", "counted thrice"))

    (found,) = digests(call, here.root, "HEAD")

    assert found["cited_by"] == ["a.py", "c d\n.py", "new.py"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "unknown revision 'nope'; name a branch, tag or commit"),
        (["--format", "markdwn"], "unknown format 'markdwn'; did you mean 'markdown'?"),
        (["--format", "xml"], "unknown format 'xml'; use one of text, markdown, json"),
        (["--format", "text", "--json"], "--json and --format text contradict each other"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(here, call, arguments, said):
    code, out, err = call(here.root, "review", *arguments)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_without_a_commit_in_common_nothing_is_compared(here, call, tmp_path):
    here.edit(LEDGER, ("counted twice", "counted thrice"))
    here.commit()
    run_git(tmp_path, "clone", "-q", "--depth=1", "--branch=main", f"file://{here.root}", "shallow")
    shallow = tmp_path / "shallow"
    run_git(shallow, "fetch", "-q", "--depth=1", "origin", "bep/1002-quotas")
    run_git(shallow, "switch", "--quiet", "--detach", "FETCH_HEAD")

    for arguments in ([], ["main"]):
        code, _, err = call(shallow, "review", *arguments)
        assert code == 2
        assert ("git fetch --unshallow" in err) == bool(arguments)
    assert call(tmp_path, "review")[0] == 2


# --- Strangers' text ----------------------------------------------------------------------------

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = (
    "@acme/team #12 acme/api#3 GH-4 https://github.com/acme/api/issues/5 <!-- --> <b>x</b>"
    " ``` `a` [x](https://a.b) ![i](x) | $x$ &#64;team \u202e ::error::x ~~s~~"
)


def test_strangers_text_notifies_nobody_and_is_no_markup(here, call):
    here.edit(
        LEDGER,
        ("# Quota Ledger", f"# {HOSTILE}"),
        (
            "Quotas are counted twice.",
            f"x\n\n## {HOSTILE}\n\ny\n\n## Open Questions\n\n- {HOSTILE}?",
        ),
    )
    (here.root / f"@team #7 {chr(96)}x").write_text("BEP-1002")
    here.commit()

    _, out, _ = call(here.root, "review", "--format", "markdown")

    tokens = (
        MarkdownIt("commonmark", {"linkify": True}).enable(["table", "strikethrough"]).parse(out)
    )
    kinds = {one.type for token in tokens for one in [token, *(token.children or [])]}
    assert kinds <= {
        *("heading_open", "heading_close", "inline", "text", "softbreak", "paragraph_open"),
        *("paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open"),
        *("list_item_close", "text_special", "code_inline"),
    }
    shown = "".join(one.content for token in tokens for one in token.children or [])
    assert not re.search(r"@\w|#\d|GH-\d|https?://|\u202e", shown)
    assert "acme/team" in shown


@given(st.text(max_size=40))
@example("1. x")
@example("- x")
@example("---")
@example("a\n\n# b")
@example("\u200b")
def test_quoted_text_shows_what_was_written(text):
    tokens = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .parse(f"- {quoted_text(text)}\n")
    )

    inline = [token for token in tokens if token.type == "inline"]
    assert len(inline) <= 1
    kinds = {one.type for token in inline for one in token.children or []}
    assert kinds <= {"text", "text_special"}
    shown = "".join(one.content for token in inline for one in token.children or [])
    expected = terminal_text.line(" ".join(text.split()))
    assert shown.replace("\u200b", "") == expected.replace("\u200b", "")


@pytest.mark.parametrize("most", [1500, 3000, 9000, 65_000])
def test_what_does_not_fit_is_counted(here, most):
    text = (here.root / LEDGER).read_text()
    rows = "".join(f"| 2026-01-01 | Decision {at} | {'why ' * 20}|\n" for at in range(4))
    log = f"\n## Decision Log\n\n| Date | Decision | Rationale |\n{HEAD}{rows}"
    for number in range(1100, 1116):
        (here.root / f"proposals/BEP-{number}-many.md").write_text(text + log)
    here.commit()
    for path in (here.root / "proposals").glob("BEP-11*.md"):
        path.write_text(path.read_text().replace("why why", "how"))

    found = reviewing.review(repositories.find(here.root), "HEAD")
    out = digest_text.markdown(found, most)

    assert len(out) <= most
    assert "### Look at these first" in out
    shown = out.count("\n### BEP-11")
    cut = re.search(r"\*\*Cut to fit:\*\* (?:(\d+) proposals? and )?\d+ lines", out)
    assert (16 - shown) == int((cut and cut[1]) or 0)
    assert (cut is None) == (most == 65_000)
