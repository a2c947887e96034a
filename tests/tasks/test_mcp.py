"""`bep mcp`, driven by the official client: one server for all tests, in one repository."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, ListToolsResult

from bep.context import briefing_text
from bep.tasks import mcp
from tests import schemas, tool_schemas
from tests.conftest import FIXTURES, PAGE, Call, copy_repository, run_git, state

SERVER = [sys.executable, "-m", "bep", "mcp"]
MAIN = "proposals/BEP-1010-parcel-relay.md"


@pytest.fixture(scope="module")
def there(_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server looks at: a repository with a segmented proposal, and code that cites it."""
    folder = copy_repository(_start, tmp_path_factory.mktemp("served") / "repository")
    shutil.copytree(FIXTURES / "context", folder / "proposals", dirs_exist_ok=True)
    main = folder / MAIN
    lines = main.read_text().splitlines(keepends=True)
    main.write_text("".join(line for line in lines if "tariffs" not in line))
    page = folder / PAGE
    row = "| [1010](BEP-1010-parcel-relay.md) | Parcel Relay | Ada Lovelace | Accepted |"
    page.write_text(page.read_text().replace("| _next_", f"{row}\n| _next_"))
    (folder / "relay.py").write_text("# BEP-1010\n")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=Proposals")
    return folder


class Agent:
    """Calls the tools of a server, in the words of the protocol's client."""

    def __init__(
        self, call: Callable[[str, dict[str, Any]], CallToolResult], tools: ListToolsResult
    ) -> None:
        self._call, self.tools = call, tools

    def __call__(self, name: str, **arguments: Any) -> Any:
        """What a tool returns, which is what the task prints with `--json`."""
        done = self._call(name, arguments)
        assert not done.is_error, done.content
        assert json.loads(done.content[0].text) == done.structured_content
        found = done.structured_content
        found = found if name == "context" else found["result"]
        schemas.of(name).validate(found)
        return found

    def refused(self, name: str, **arguments: Any) -> str:
        """The one line that a tool answers with an error."""
        done = self._call(name, arguments)
        assert done.is_error
        (content,) = done.content
        assert "\n" not in content.text
        return content.text


@pytest.fixture(scope="module")
def agent(there: Path) -> Iterator[Agent]:
    names = ("HOME", "PYTHONPATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
    server = StdioServerParameters(
        command=SERVER[0],
        args=SERVER[1:],
        cwd=there,
        env={name: os.environ[name] for name in names if name in os.environ},
    )
    client = Client(stdio_client(server))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        yield Agent(
            lambda name, arguments: portal.call(client.call_tool, name, arguments),
            portal.call(client.list_tools),
        )


@pytest.fixture
def written(there: Path) -> Iterator[Path]:
    """The repository, in which a test may write."""
    yield there
    run_git(there, "switch", "--quiet", "--force", "main")
    run_git(there, "reset", "--quiet", "--hard")
    run_git(there, "clean", "--quiet", "-d", "--force")


def test_listing_the_tools_costs_less_than_800_tokens(agent):
    tools = agent.tools.model_dump(by_alias=True, exclude_unset=True, mode="json")["tools"]

    assert tools == mcp.listed()
    assert {tool["name"] for tool in tools} == {"list", "search", "context", "check", "governs"}
    assert all(tool["annotations"] == {"readOnlyHint": True} for tool in tools)
    sent = json.dumps(tools, separators=(",", ":"))
    assert briefing_text.tokens(sent) < 800


def test_the_schemas_of_the_outputs_are_those_of_the_documentation():
    assert tool_schemas.FILE.read_text() == tool_schemas.text(), "invoke schemas writes it"


def test_a_tool_answers_what_the_task_prints(agent, there, call: Call):
    before = state(there)
    for arguments, given in (
        (["list", "1001", "1010"], {"number": ["1001", "1010"]}),
        (["list", "--attention"], {"attention": True}),
        (["search", "parcel", "relay"], {"words": ["parcel", "relay"]}),
        (["check", "1010", "--all"], {"number": [1010], "all": True}),
        (["context", "1010", "--phase", "1"], {"number": 1010, "phase": 1}),
        (["governs", "."], {"path": "."}),
    ):
        printed = json.loads(call(there, *arguments, "--json")[1])
        assert agent(arguments[0], **given) == printed, arguments
    assert state(there) == before


def test_what_goes_wrong_is_one_line(agent, there):
    for name, arguments, said in (
        ("governs", {"path": ["/etc/passwd"]}, "'/etc/passwd' is outside this repository; "),
        ("governs", {"path": [".git/config"]}, ".git/config: leads into the Git directory; "),
        ("context", {"number": "../../etc/passwd"}, "'../../etc/passwd' is not a proposal; "),
        ("context", {"number": "1010", "document": "../x"}, f"{MAIN}: unknown sub-document '../x'"),
        ("context", {"number": "4711"}, "there is no proposal 4711; "),
        ("list", {"number": ["4711"]}, "there is no proposal 4711; "),
        ("search", {}, "search needs WORDS; "),
        ("list", {"numbers": 1}, "unknown argument 'numbers'; did you mean 'number'? "),
        ("list", {"attention": "yes"}, "attention is 'yes'; give true or false"),
        ("search", {"words": {"a": 1}}, "words is {'a': 1}; give text"),
        ("search", {"words": ["a\0b"]}, "the argument words contains a NUL byte; leave it out"),
        ("mark", {"number": "1010"}, "unknown tool 'mark'; "),
    ):
        assert agent.refused(name, **arguments).startswith(said), (name, arguments)


# --- The guide's working patterns, as far as they read ------------------------------------------


def paths(found: dict[str, Any]) -> list[str]:
    return [one["path"] for one in found["documents"] if one["path"] != MAIN]


def test_reading_a_proposal(agent, there):
    number = agent("search", words=["parcel", "relay"])[0]["number"]
    first = agent("context", number=number)
    assert first["decisions"]
    assert paths(first) == []
    offered = [one["path"] for one in first["omitted"] if f"BEP-{number}/" in one["path"]]

    second = agent("context", number=number, document=offered[0])

    assert paths(second)[:1] == [offered[0]]
    assert (there / offered[0]).read_text() in [one["text"] for one in second["documents"]]
    assert second["decisions"] == first["decisions"]


def test_writing_a_proposal(agent, written, call: Call):
    assert agent("search", words=["walrus", "telemetry"]) == []
    made = json.loads(call(written, "new", "Walrus Telemetry", "--defaults", "--json")[1])
    number = made["number"]

    assert agent("list", number=[number])[0]["title"] == "Walrus Telemetry"
    assert call(written, "ask", str(number), "--question", "How often?")[0] == 0
    assert [one["text"] for one in agent("context", number=number)["open_questions"]] == [
        "- How often?"
    ]
    assert [one for one in agent("check", number=[number]) if one["severity"] == "error"] == []


def test_updating_a_proposal(agent, written, call: Call):
    before = agent("context", number="1010")
    assert len(before["open_questions"]) > 1

    decided = ("--decision", "Both", "--rationale", "Measured", "--drop-detail")
    assert call(written, "decide", "1010", "--question", "1", *decided)[0] == 0

    after = agent("context", number="1010")
    assert len(after["decisions"]) == len(before["decisions"]) + 1
    assert len(after["open_questions"]) == len(before["open_questions"]) - 1
    new = agent("check", number=["1010"], since="HEAD")
    assert [one for one in new if one["severity"] == "error"] == []


def test_implementing_a_phase(agent):
    (governing,) = agent("governs", path=["relay.py"])
    assert (governing["number"], governing["status"]) == (1010, "Accepted")

    found = agent("context", number=governing["number"], phase="1")

    assert found["phase"]["label"] == "1"
    assert paths(found)
    touching = [one["touches"] for one in found["open_questions"]]
    assert touching == sorted(touching, reverse=True)
    assert touching[0]
    assert set(paths(found)).isdisjoint(one["path"] for one in found["omitted"])


# --- Clients that misbehave ---------------------------------------------------------------------


def message(**parts: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **parts}).encode() + b"\n"


CLIENT = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "odd", "version": "1"},
}
BEGIN = message(id=1, method="initialize", params=CLIENT) + message(
    method="notifications/initialized"
)


def asked(number: int) -> bytes:
    params = {"name": "list", "arguments": {"number": ["1010"]}}
    return message(id=number, method="tools/call", params=params)


def started(folder: Path) -> subprocess.Popen[bytes]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(SERVER, cwd=folder, **pipes)


def test_garbage_and_a_flood_are_survived_and_an_end_is_the_end(there):
    odd = (
        b"garbage\n\xff\xfe\0\n{}\n[]\n\n"
        + message(id=2)
        + message(id=3, method="tools/call", params={"name": 5})
        + b'{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"list","arguments":'
        + b'{"a":' * 50_000
        + b"1"
        + b"}" * 50_000
        + b"}}\n"
        + b"x" * 5_000_000
        + b"\n"
    )
    flood = b"".join(map(asked, range(10, 60)))
    with started(there) as server:
        server.stdin.write(BEGIN + odd + flood)
        server.stdin.flush()
        answers: dict[int, Any] = {}
        while not set(range(10, 60)) <= answers.keys():
            answer = json.loads(server.stdout.readline())
            answers[answer["id"]] = answer
        assert all(not answers[at]["result"]["isError"] for at in range(10, 60))
        assert answers[3]["error"]["message"] == "Invalid request parameters"
        # It does not wait for the answer.
        server.stdout.close()
        server.stdin.write(asked(60))
        server.stdin.close()
        assert server.wait(60) == 0
        assert server.stderr.read() == b""


def test_ctrl_c_ends_the_server(there):
    with started(there) as server:
        server.stdin.write(BEGIN)
        server.stdin.flush()
        server.stdout.readline()
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == -signal.SIGINT
        assert server.stderr.read() == b""


def test_without_the_package_it_says_what_to_install(there, call: Call, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server.stdio", None)

    assert call(there, "mcp") == (
        2,
        "",
        "bep: the Python package mcp is not installed; run `pip install 'bep-templates[mcp]'`\n",
    )
