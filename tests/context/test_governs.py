"""`bep governs`: from files to the proposals that they cite."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from bep.context import named_terms
from tests import schemas
from tests.conftest import Call, copy_repository, run_git, state

SCHEMA = schemas.of("governs")
LEDGER = "proposals/BEP-1002-quota-ledger.md"
LOG = """
## Decision Log

| Date | Decision | Rationale |
|------|----------|-----------|
| 2026-02-03 | `QuotaLedger` counts once | Twice was wrong |
| 2026-02-04 | The journal is elsewhere | It is BEP-1001 |

## Open Questions

- Does `charge()` wait?
- Who pays?
"""


@pytest.fixture(scope="module")
def _cited(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Code that cites proposals in each way that there is."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("cited") / "repository")
    ledger = folder / LEDGER
    ledger.write_text(ledger.read_text() + LOG)
    src = folder / "src"
    (src / "deep").mkdir(parents=True)
    (src / "ledger.py").write_text(
        '"""The ledger (BEP-1002).\n\nSee ../proposals/BEP-1001-event-journal.md"""\n\n\n'
        "class QuotaLedger:  # BEP-1002, BEP-1002\n    ...\n"
    )
    (src / "deep" / "relay.py").write_text("# BEP-1005 and BEP-4711, no XBEP-1001 or BEP-1001x\n")
    skill = folder / ".claude/skills/bep-guide/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("For example: `bep context 1001`, as in BEP-1001.\n")
    (src / "blob.bin").write_bytes(b"\0BEP-1002")
    (src / "charge.py").write_text("def charge():\n    pass\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Count quotas\n\nAs BEP-1002 says.")
    return folder


@pytest.fixture
def cited(_cited: Path, tmp_path: Path) -> Path:
    return copy_repository(_cited, tmp_path / "repository")


def governing(call: Call, folder: Path, *paths: str) -> dict[int, dict[str, Any]]:
    """What governs the paths, by number."""
    code, out, err = call(folder, "governs", *paths, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    SCHEMA.validate(found)
    return {one["number"]: one for one in found}


def places(one: dict[str, Any]) -> list[str]:
    return [f"{place['path']}:{place['line']}" for place in one["places"]]


def test_a_file_and_what_the_decisions_say_of_it(cited, call):
    there = state(cited)

    found = governing(call, cited, "src/ledger.py")

    assert [*found] == [1002, 1001]
    ledger, journal = found[1002], found[1001]
    assert (ledger["title"], ledger["status"], ledger["main"]) == ("Quota Ledger", "Draft", LEDGER)
    assert places(ledger) == ["src/ledger.py:1", "src/ledger.py:6"]
    assert places(journal) == ["src/ledger.py:3"]
    assert [one["subject"] for one in ledger["commits"]] == ["Count quotas"]
    assert journal["commits"] == []
    (decision,) = ledger["decisions"]
    assert decision["text"] == "| 2026-02-03 | `QuotaLedger` counts once | Twice was wrong |"
    assert (cited / LEDGER).read_text().splitlines()[decision["line"] - 1] == decision["text"]
    assert ledger["open_questions"] == []
    assert state(cited) == there


def test_the_numbers_of_the_agents_skill_are_examples(cited, call):
    places = [one for found in governing(call, cited, ".").values() for one in found["places"]]
    assert places
    assert not [one for one in places if one["path"].startswith(".claude")]


def test_a_long_status_does_not_touch_the_title(cited, call):
    ledger = cited / LEDGER
    ledger.write_text(ledger.read_text().replace("Status: Draft", "Status: implementable"))

    for task in (["governs", "src/ledger.py"], ["search", "Quota", "Ledger", "Journal"]):
        _, out, _ = call(cited, *task)
        lines = [line for line in out.splitlines() if line[0].isdigit()]
        assert "1002  implementable  Quota Ledger" in lines
        assert all(line[21:].startswith(("Quota", "Event")) for line in lines)


def test_a_file_that_only_a_commit_connects_with_a_proposal(cited, call):
    (found,) = governing(call, cited, "src/charge.py").values()

    assert (found["number"], found["places"]) == (1002, [])
    assert [one["text"] for one in found["open_questions"]] == ["- Does `charge()` wait?"]


def test_a_folder_with_numbers_that_are_reserved_or_unknown(cited, call, monkeypatch):
    found = governing(call, cited, "src")
    assert [*found] == [1002, 1001, 1005, 4711]
    assert (found[1005]["title"], found[1005]["main"]) == ("Relay in Sessions", None)
    assert found[4711]["title"] is None
    assert governing(call, cited, ".") == found
    assert governing(call, cited / "src", "deep").keys() == {1002, 1005, 4711}
    assert governing(call, cited, str(cited / "src")) == found

    code, out, err = call(cited, "governs", "src/deep", "src/ledger.py", "proposals")

    assert code == 0
    assert out == (
        "1002  Draft       Quota Ledger\n"
        "      cited in src/ledger.py:1\n"
        "      cited in src/ledger.py:6\n"
        f"      cited by {run_git(cited, 'rev-parse', 'HEAD')[:9]} Count quotas\n"
        f"      decision {LEDGER}:{found[1002]['decisions'][0]['line']}:"
        " 2026-02-03 | `QuotaLedger` counts once | Twice was wrong\n"
        "1001  Accepted    Event Journal\n"
        "      cited in src/ledger.py:3\n"
        "1005  -           Relay in Sessions\n"
        "      cited in src/deep/relay.py:1\n"
        "4711  unknown     no proposal has this number\n"
        "      cited in src/deep/relay.py:1\n"
    )
    assert err == (
        "bep: proposals holds the proposals, not what cites them; `bep context NUMBER` reads one\n"
    )


def test_what_the_branch_changes_new_files_included(cited, call):
    code, _, err = call(cited, "governs")
    assert (code, err) == (
        2,
        (
            "bep: the current branch does not say which change is meant;"
            " name files or folders: `bep governs src`\n"
        ),
    )
    run_git(cited, "switch", "--quiet", "--create=work")
    code, out, _ = call(cited, "governs")
    assert (code, out.startswith("No proposal is cited in what work changes against main")) == (
        0,
        True,
    )

    (cited / "src/new.py").write_text("# BEP-1001\n")
    (cited / ".gitignore").write_text("*.log\n")
    (cited / "ignored.log").write_text("BEP-1002\n")
    (cited / "src/charge.py").write_text("# BEP-1005\n")
    run_git(cited, "commit", "--quiet", "--message=Charge", "src/charge.py")

    found = governing(call, cited)

    assert {number: places(one) for number, one in found.items()} == {
        1001: ["src/new.py:1"],
        1005: ["src/charge.py:1"],
        1002: [],
    }
    assert governing(call, cited, "ignored.log") == {}


def test_a_proposal_that_only_a_branch_has(cited, call):
    run_git(cited, "switch", "--quiet", "--create=bep/1009-tusks")
    (cited / "proposals/BEP-1009-tusks.md").write_text("---\nStatus: Draft\n---\n# Tusks\n")
    run_git(cited, "add", "--all")
    run_git(cited, "commit", "--quiet", "--message=Tusks")
    run_git(cited, "switch", "--quiet", "main")
    (cited / "tusk.py").write_text("# BEP-1009\n")

    (found,) = governing(call, cited, "tusk.py").values()

    assert (found["title"], found["status"], found["branch"]) == (
        *("Tusks", "Draft"),
        "bep/1009-tusks",
    )
    assert "BEP-1009 is on the branch bep/1009-tusks" in call(cited, "governs", "tusk.py")[1]


def test_paths_that_lead_elsewhere(cited, call, tmp_path):
    (cited / "out").symlink_to(tmp_path)
    (cited / "in").symlink_to("src")
    there = state(cited)
    for path, said in {
        "/etc/passwd": "'/etc/passwd' is outside this repository; name a path inside it",
        "..": "'..' is outside this repository; name a path inside it",
        "out": "out: is a link that leads out of the repository; make it a file inside",
        "out/x": "out/x: is behind out, a link that leads out of the repository; make it a folder",
        ".git/config": ".git/config: leads into the Git directory; name a file inside",
        "1002": "there is no '1002' here; name a file or a folder of the working tree",
        "": "a path is empty; name a file or a folder",
        "proposals/README.md": "proposals holds the proposals, not what cites them;",
    }.items():
        code, out, err = call(cited, "governs", path)
        assert (code, out) == (2, ""), path
        assert err.startswith(f"bep: {said}"), path
        assert err.count("\n") == 1
    assert governing(call, cited, "in").keys() == {1002, 1001, 1005, 4711}
    assert state(cited) == there


def test_huge_binary_and_odd_files_take_no_time(cited, call):
    (cited / "huge.txt").write_text("BEP-1001 " + "x" * 10_000_000 + " BEP-1002 " * 3)
    (cited / "bytes.txt").write_bytes(b"\xff\xfe BEP-1001 \xff\n")
    (cited / "line\nbreak.txt").write_text("BEP-1001\n")
    os.mkfifo(cited / "pipe")
    begun = time.monotonic()

    found = governing(call, cited, ".")

    assert time.monotonic() - begun < 20
    assert {"huge.txt:1", "bytes.txt:1", "line\nbreak.txt:1"} <= {*places(found[1001])}
    assert places(found[1002]).count("huge.txt:1") == 1
    assert governing(call, cited, "src/blob.bin").keys() == {1002}  # by its commit


@pytest.mark.parametrize("attribute", ["binary", "-diff"])
def test_text_that_attributes_mark_as_binary_is_searched(cited, call, attribute):
    (cited / ".gitattributes").write_text(f"*.lock {attribute}\n")
    (cited / "api.lock").write_text("# BEP-1001\n")
    (cited / "blob.lock").write_bytes(b"\0 BEP-1001 \n")

    found = places(governing(call, cited, ".")[1001])

    assert "api.lock:1" in found
    assert "blob.lock:1" not in found


def test_without_a_commit_and_without_documents(tmp_path, call):
    run_git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").write_text("# BEP-1001\n")

    assert {number: one["title"] for number, one in governing(call, tmp_path, "a.py").items()} == {
        1001: None
    }


# --- Their context ------------------------------------------------------------------------------


def test_the_context_of_a_file_is_that_of_the_proposal_that_it_cites(cited, call):
    (cited / "src/wait.py").write_text(
        "# BEP-1002\n\n\nclass QuotaLedger:\n    def charge(): ...\n"
    )
    ledger = cited / LEDGER
    design = (
        "\n## Proposed Design\n\n### Rows\n\nIn `quota_ledger`.\n\n### Writers\n\n`charge()`.\n"
    )
    ledger.write_text(ledger.read_text() + design)

    found = json.loads(call(cited, "context", "--path", "src/wait.py", "--json")[1])

    assert found["number"] == 1002
    assert found["notes"][0] == "BEP-1002 is cited in src/wait.py:1."
    assert [(one["touches"], one["text"]) for one in found["open_questions"]] == [
        (True, "- Does `charge()` wait?"),
        (False, "- Who pays?"),
    ]
    reasons = {one["reason"]: one["text"] for one in found["documents"]}
    assert "### Writers" in reasons["shares `charge` with the code"]
    assert not any("### Rows" in text for text in reasons.values())
    text = call(cited, "context", "--path", "src/wait.py")[1]
    assert "Note: BEP-1002 is cited in src/wait.py:1." in text
    # Of a proposal that is named, whatever the file cites.
    code, out, _ = call(cited, "context", "1001", "--path", "src/wait.py")
    assert (code, "Note: src/wait.py does not cite BEP-1001." in out) == (0, True)


def test_of_several_proposals_that_a_file_cites_one_is_to_be_named(cited, call):
    code, out, err = call(cited, "context", "--path", "src/ledger.py")
    assert (code, out) == (0, call(cited, "governs", "src/ledger.py")[1])
    assert err == (
        "bep: src/ledger.py cites several; `bep context NUMBER --path PATH` reads one of them\n"
    )
    assert call(cited, "context", "--path", "src/ledger.py", "--json")[2] == (
        "bep: src/ledger.py cites 2 proposals: 1002, 1001; give the number of one,"
        " or ask `bep governs --json`\n"
    )
    assert (
        "is cited in src/ledger.py:3"
        in (call(cited, "context", "1001", "--path", "src/ledger.py")[1])
    )
    assert call(cited, "context", "--path", "VERSION")[2] == (
        "bep: no proposal is cited in VERSION;"
        " `bep search WORDS` finds proposals, `bep context NUMBER` reads one\n"
    )


def test_terms_are_what_only_programs_name():
    words = "`None`, `id` and `client-pool.md`, MyClass, my_name, Plain Words"
    assert named_terms.terms(words) == {"client-pool.md", "myclass", "my_name"}
    known = named_terms.Known(["src/client-pool.md\nclass MyClassy"])
    assert known.named_in("see `client-pool.md`")
    assert not known.named_in("MyClass")
