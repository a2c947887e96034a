"""What `bep mcp` says of its outputs: the JSON Schemas of docs/schemas in a form that costs little.

An agent pays for each word of it in each conversation, so it has the names of what is there, which
an agent has to know, and leaves types and descriptions to docs/schemas.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bep.tasks import mcp
from tests.package_imports import PACKAGE, ROOT

FILE = PACKAGE / "tasks" / mcp.SCHEMAS


def text() -> str:
    """The file that `bep mcp` reads."""
    return json.dumps({name: of_tool(full(name)) for name in mcp.TOOLS}, indent=2) + "\n"


def full(name: str) -> dict[str, Any]:
    """The schema of what a task prints with `--json`."""
    found: dict[str, Any] = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text())
    return found


def of_tool(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The compact schema of a tool's output, which is an object: a list is its `result`."""
    short = {"type": schema["type"], **_names(schema, schema.get("$defs", {}))}
    is_list = schema["type"] == "array"
    return {"type": "object", "properties": {"result": short}} if is_list else short


def _names(schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    # What is not always there comes with options that no tool has.
    always = {name: schema["properties"][name] for name in schema.get("required", ())}
    inside = {name: _names(one, known) for name, one in always.items()}
    parts = {
        "required": schema.get("required"),
        "properties": {name: one for name, one in inside.items() if one},
        "items": _names(schema["items"], known) if "items" in schema else None,
    }
    return {key: value for key, value in parts.items() if value}
