"""Validators for what tasks print with `--json`."""

from __future__ import annotations

from functools import cache

from jsonschema import Draft202012Validator

from tests import tool_schemas


@cache
def of(task: str) -> Draft202012Validator:
    """A validator for a task's output; the schema itself is checked once."""
    schema = tool_schemas.full(task)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
