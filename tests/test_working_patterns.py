"""The guide's four working patterns of an AI agent, played through `bep` alone.

It answers in JSON where a task offers it. The agent here knows nothing but what `bep` says: it
opens no file that `bep` did not name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CORPUS, FIXTURES, PAGE, Call, run_git

Agent = Callable[..., Any]


@pytest.fixture(params=["fixtures", "corpus"])
def folder(repository: Path, template: Path, request: pytest.FixtureRequest) -> Path:
    """A repository with segmented proposals: made up ones, or the real ones."""
    if request.param == "fixtures":
        shutil.copytree(FIXTURES / "context", repository / "proposals", dirs_exist_ok=True)
        main = repository / "proposals/BEP-1010-parcel-relay.md"
        lines = main.read_text().splitlines(keepends=True)
        main.write_text("".join(line for line in lines if "tariffs" not in line))
        page = repository / PAGE
        row = "| [1010](BEP-1010-parcel-relay.md) | Parcel Relay | Ada Lovelace | Accepted |"
        page.write_text(page.read_text().replace("| _next_", f"{row}\n| _next_"))
    elif CORPUS.is_dir():
        shutil.rmtree(repository / "proposals")
        shutil.copytree(CORPUS / "proposals", repository / "proposals")
    else:
        pytest.skip("the corpus is not here")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Proposals")
    return repository


@pytest.fixture
def agent(folder: Path, call: Call) -> Agent:
    """Runs `bep`; gives what JSON says where it is asked for, else the lines of stdout."""

    def run(*arguments: str, code: int = 0) -> Any:
        done, out, err = call(folder, *arguments)
        assert done == code, err
        is_json = "--json" in arguments or "json" in arguments
        return json.loads(out) if is_json else out.splitlines()

    return run


@pytest.fixture
def words(folder: Path) -> str:
    """What the task is about, in words of the person who gives it."""
    is_real = (folder / "proposals/BEP-1046-unified-service-discovery.md").exists()
    return "service discovery" if is_real else "parcel relay"


def paths(found: dict[str, Any], main: str) -> list[str]:
    """The sub-documents that a context gives."""
    return [one["path"] for one in found["documents"] if one["path"] != main]


def test_reading_a_proposal(agent, folder, words):
    number, main = (agent("search", words, "--json")[0][key] for key in ("number", "main"))

    first = agent("context", str(number), "--json")
    reasons = [one["reason"] for one in first["documents"]]
    assert "Motivation" in reasons
    assert first["context"]["scope"]
    assert first["decisions"]
    # Nothing of the sub-documents but what is in them.
    assert paths(first, main) == []
    offered = [
        one for one in first["omitted"] if one["path"].startswith(f"proposals/BEP-{number}/")
    ]
    assert len(offered) == 5
    assert all(one["scope"] and one["lines"] for one in offered)

    wanted = offered[0]["path"]
    second = agent("context", str(number), "--document", wanted, "--json")
    assert paths(second, main) == [wanted]
    assert second["documents"][-1]["text"] == (folder / wanted).read_bytes().decode()
    assert second["decisions"] == first["decisions"]


def test_writing_a_proposal(agent, folder, words):
    related = agent("search", *words.split(), "cache", "--json")
    assert related[0]["number"]
    assert agent("search", "walrus telemetry", "--json") == []

    made = agent(
        *("new", "Walrus Telemetry", "--json", "-d", "scope=What walruses send"),
        *("-d", "components=data-model,api,viewer", "-d", "phases=Storage,Views"),
    )
    assert (made["layout"], made["status"]) == ("segmented", "Draft")
    assert len(made["documents"]) == 3
    number = str(made["number"])
    assert agent("list", number, "--json")[0]["title"] == "Walrus Telemetry"
    assert [one["number"] for one in agent("search", "walrus telemetry", "--json")] == [
        made["number"]
    ]

    # One document after the other; each has its context block already.
    fresh = agent("context", number, "--json")
    assert fresh["context"]["scope"] == "What walruses send"
    assert fresh["warning"].startswith("Not written yet: ")
    for path in made["documents"]:
        asked = ("context", number, "--document", path, "--json")
        assert "context-for-ai" in agent(*asked)["documents"][-1]["text"]
        text = (folder / path).read_text()
        (folder / path).write_text(text.replace("## Summary\n", "## Summary\n\nTusks.\n"))
        # What is written is there, and what the template asks for is not.
        written = agent(*asked)["documents"][-1]["text"]
        assert written.endswith("## Summary\n\nTusks.\n\n")

    agent("ask", number, "--question", "How often?")
    assert [one["text"] for one in agent("context", number, "--json")["open_questions"]] == [
        "- How often?"
    ]
    findings = agent("check", number, "--format", "json")
    assert [one for one in findings if one["severity"] == "error"] == []


def test_updating_a_proposal(agent, folder, words):
    number = str(agent("search", words, "--json")[0]["number"])
    before = agent("context", number, "--json")
    (target, *_) = (one["path"] for one in before["omitted"] if f"BEP-{number}/" in one["path"])

    given = agent("context", number, "--document", target, "--json")["documents"][-1]
    (folder / target).write_text(f"{given['text']}\nAnd so on.\n")
    assert run_git(folder, "diff", "--name-only") == target

    question = before["open_questions"][0]
    agent(
        *("decide", number, "--question", "1", "--decision", "Both", "--rationale", "Measured"),
        *("--date", "2026-03-01", "--drop-detail"),
    )
    after = agent("context", number, "--json")
    assert len(after["decisions"]) == len(before["decisions"]) + 1
    assert "| 2026-03-01 | Both | Measured |" in after["decisions"][-1]["text"]
    assert len(after["open_questions"]) == len(before["open_questions"]) - 1
    assert question["text"] not in [one["text"] for one in after["open_questions"]]

    agent("sync", number)
    new = agent("check", number, "--since", "HEAD", "--format", "json")
    assert [one for one in new if one["severity"] == "error"] == []


def test_implementing_a_phase(agent, folder, words):
    number = str(agent("search", words, "--json")[0]["number"])

    found = agent("context", number, "--phase", "1", "--json")
    main = found["documents"][0]["path"]
    assert found["phase"]["label"] == "1"
    assert "Implementation Plan" in [one["reason"] for one in found["documents"]]
    assert found["decisions"]
    assert 1 < len(paths(found, main)) < 5
    assert all(
        one["text"] == (folder / one["path"]).read_bytes().decode()
        for one in found["documents"]
        if one["path"] != main
    )
    # What has to be flagged before going on comes first.
    touching = [one["touches"] for one in found["open_questions"]]
    assert touching == sorted(touching, reverse=True)
    assert touching[0]
    assert set(paths(found, main)).isdisjoint(one["path"] for one in found["omitted"])

    for at in range(len(found["open_questions"]), 0, -1):
        agent(
            *("decide", number, "--question", str(at), "--decision", f"Answer {at}"),
            *("--rationale", "The owner said so", "--drop-detail"),
        )
    assert agent("context", number, "--phase", "1", "--json")["open_questions"] == []
    if found["status"] == "Draft":
        agent("mark", number, "accepted", "--target-version", "26.9.0", "--json")
    (step,) = agent("mark", number, "implemented", "--version", "26.9.0", "--json")
    assert step["to"] == "Implemented"
    assert agent("context", number, "--json")["status"] == "Implemented"
