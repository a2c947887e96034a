"""The JSON Schemas of what tasks print with `--json`, each checked and prepared once."""

from __future__ import annotations

import json
from functools import cache

from jsonschema import Draft202012Validator

from tests.conftest import ROOT


@cache
def of(task: str) -> Draft202012Validator:
    """What holds the output of a task to its schema: `of("list").validate(found)`."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{task}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
