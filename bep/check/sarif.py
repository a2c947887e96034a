"""Findings as a SARIF 2.1.0 log, which code scanning reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..guide import Guide
from .rules import catalogue
from .rules.finding import Finding
from .rules.rule import Rule, Severity

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"


def log(found: Sequence[Finding], guide: Guide) -> dict[str, Any]:
    """Return the log of a run with these findings; rules are explained in the guide's words.

    Code scanning recognises a finding by its fingerprint when lines have moved.
    """
    rules = [catalogue.BY_NAME[name].in_words_of(guide) for name in sorted({f.rule for f in found})]
    index = {rule.name: at for at, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for one in found:
        identity = f"{one.rule}\0{one.path}\0{one.text}"
        seen[identity] += 1
        fingerprint = hashlib.sha256(
            f"{identity}\0{seen[identity]}".encode("utf-8", "surrogateescape")
        )
        results.append(
            {
                "ruleId": one.rule,
                "ruleIndex": index[one.rule],
                "level": one.severity.value,
                "message": {"text": one.message},
                "locations": [{"physicalLocation": _place(one)}],
                "partialFingerprints": {"finding/v1": fingerprint.hexdigest()},
            }
        )
    driver = {"name": "bep", "version": __version__, "rules": [_described(one) for one in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _place(one: Finding) -> dict[str, Any]:
    region = {"startLine": one.line}
    if one.column is not None:
        region["startColumn"] = one.column
        if one.length:
            region["endColumn"] = one.column + one.length
    uri = quote(one.path.encode("utf-8", "surrogateescape"))
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}


def _described(rule: Rule[Any]) -> dict[str, Any]:
    level = "none" if rule.severity is Severity.OFF else rule.severity.value
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(rule.explanation.split())},
        "help": {
            "text": f"{rule.remedy}\n\nBreaks it:\n\n{rule.example}",
            "markdown": f"{rule.remedy}\n\nBreaks it:\n\n```text\n{rule.example}\n```",
        },
        "defaultConfiguration": {"level": level},
    }
