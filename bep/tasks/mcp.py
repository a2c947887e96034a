"""The task `mcp`: the tasks that read, as tools of the Model Context Protocol.

A tool is a task that is called with `--json`: its arguments are some of the task's options, and
what it returns is what the task prints. An error of the tool is the line that the task would print.
"""

from __future__ import annotations

import gc
import json
import logging
import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import __version__, output
from ..errors import BepError, unknown
from . import catalogue, execution
from .command import Kind, Parameter, Task, command

if TYPE_CHECKING:
    from mcp.server import Server, ServerRequestContext
    from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult


class Tool(NamedTuple):
    """What a tool says of itself, and the parameters of its task that it has."""

    says: str
    parameters: tuple[str, ...]


# Every word costs all agents that have the tools at hand: `docs/agents.md` says how much.
TOOLS: Mapping[str, Tool] = {
    "list": Tool(
        "List proposals (BEPs) with status and documents; attention: which need a look, and why.",
        ("number", "status", "attention"),
    ),
    "search": Tool("Find proposals by words.", ("words", "limit")),
    "context": Tool(
        "Read what a task needs of one proposal: decisions, open questions, plan, and the parts"
        " that phase, document (a file name), section or path (of code that cites it) names."
        " number: 1046.",
        ("number", "phase", "document", "section", "path", "budget"),
    ),
    "check": Tool(
        "Judge proposals by the rules: what the branch changes, or all.",
        ("number", "since", "all"),
    ),
    "governs": Tool(
        "Which proposals do files or folders cite, and what do their decisions say? No path: what"
        " the branch changes.",
        ("path",),
    ),
}
_INSTRUCTIONS = (
    "Enhancement proposals of this repository. Before changing code, ask governs; follow decisions;"
    " flag open questions that touch the task. The command `bep` writes."
)
SCHEMAS = "output_schemas.json"


@command(help={}, examples=["bep mcp"])
def mcp() -> None:
    """Serve the read-only tasks to AI agents over MCP.

    Reads requests of the Model Context Protocol on stdin and answers on stdout, until stdin ends;
    it is meant to be started by an agent, not by people. The tools list, search, context, check and
    governs change nothing, and work on the repository of the current folder. Needs the extra `mcp`;
    docs/agents.md says how to register it.
    """
    try:
        import anyio
        from mcp.server.stdio import stdio_server
    except ImportError:
        raise BepError(
            "the Python package mcp is not installed",
            "run `pip install 'bep-templates[mcp]'`",
        ) from None
    # Commands run without it; a server runs too long for that.
    gc.enable()
    # A thread that waits for stdin cannot be interrupted; no tool leaves anything half done.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The sender of a malformed request gets the error.
    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)

    async def serve() -> None:
        server = _server()
        async with stdio_server() as (requests, answers):
            await server.run(requests, answers, server.create_initialization_options())

    if output.has_terminal():
        output.remark("waiting for the requests of an agent; Ctrl-C ends this")
    try:
        anyio.run(serve)
    except* (BrokenPipeError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        # The client has gone.
        pass


def _server() -> Server[Any]:
    import anyio
    from mcp.server import Server
    from mcp_types import CallToolResult, ListToolsResult, TextContent

    # Tasks print on the one stdout of the process.
    one_at_a_time = anyio.CapacityLimiter(1)
    tools = ListToolsResult.model_validate({"tools": listed()})

    async def list_tools(_: ServerRequestContext[Any], __: object) -> ListToolsResult:
        return tools

    async def call_tool(
        _: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        arguments = params.arguments or {}
        answer = await anyio.to_thread.run_sync(
            lambda: called(params.name, arguments), limiter=one_at_a_time
        )
        return CallToolResult(
            content=[TextContent(type="text", text=text) for text in answer.texts],
            structured_content=answer.data,
            is_error=answer.data is None,
        )

    return Server(
        "bep",
        version=__version__,
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def listed() -> list[dict[str, Any]]:
    """The tools, as the protocol has them."""
    from importlib import resources

    text = resources.files(__package__).joinpath(SCHEMAS).read_text(encoding="utf-8")
    schemas: dict[str, Any] = json.loads(text)
    return [
        {
            "name": name,
            "description": tool.says,
            "inputSchema": _input_schema(catalogue.task(name), tool.parameters),
            "outputSchema": schemas[name],
            "annotations": {"readOnlyHint": True},
        }
        for name, tool in TOOLS.items()
    ]


_KINDS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.FLAG: {"type": "boolean"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
    Kind.TEXT: {"type": "string"},
}


def _input_schema(task: Task, names: tuple[str, ...]) -> dict[str, Any]:
    properties = {name: _KINDS[task.parameter(name).kind] for name in names}
    required = {"required": list(task.required)} if task.required else {}
    return {"type": "object", "properties": properties, **required}


class Answer(NamedTuple):
    """What a tool answers: `data` is None for an error; `texts` are the same, and remarks."""

    data: dict[str, Any] | None
    texts: tuple[str, ...]


def called(name: str, arguments: Mapping[str, Any]) -> Answer:
    """Call a tool; an error is one line of its answer."""
    try:
        task, values = _call(name, arguments)
    except BepError as error:
        return Answer(None, (str(error),))
    with output.kept() as (out, err):
        execution.run(task, {**values, "json": True})
    remarks = [line.removeprefix("bep: ") for line in err.getvalue().splitlines()]
    if not out.getvalue():
        return Answer(None, tuple(remarks[-1:]))
    data = json.loads(out.getvalue())
    data = data if isinstance(data, dict) else {"result": data}
    return Answer(data, (json.dumps(data, ensure_ascii=False, separators=(",", ":")), *remarks))


def _call(name: str, arguments: Mapping[str, Any]) -> tuple[Task, dict[str, Any]]:
    """The task of a tool, and the values of its parameters."""
    if name not in TOOLS:
        raise unknown("tool", name, TOOLS)
    task, known = catalogue.task(name), TOOLS[name].parameters
    if wrong := next((one for one in arguments if one not in known), None):
        raise unknown("argument", wrong, known)
    given = {one: value for one, value in arguments.items() if value is not None}
    return task, {one: _value(task.parameter(one), value) for one, value in given.items()}


def _value(parameter: Parameter, value: Any) -> Any:
    """The value of a parameter; a number is a text here, and a single text a list of one."""
    if parameter.kind is Kind.FLAG and isinstance(value, bool):
        return value
    if parameter.kind is Kind.LIST:
        items = value if isinstance(value, list) else [value]
        return [_text(parameter, one) for one in items]
    if parameter.kind is Kind.TEXT:
        return _text(parameter, value)
    raise BepError(f"{parameter.word} is {value!r}", "give true or false")


def _text(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BepError(f"{parameter.word} is {value!r}", "give text")
    text = str(value)
    if "\0" in text:
        # The arguments of a process cannot contain it, so no task expects it.
        raise BepError(f"the argument {parameter.word} contains a NUL byte", "leave it out")
    return text
