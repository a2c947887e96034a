"""Reports of an update: its outcomes as data, as a diff, in a line, as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from typing import Any

from .. import names
from ..markdown import edits, terminal_text
from ..markdown.escapes import markdown_text, table_cell
from ..merge.merge import Wanted
from ..system.repository import Repository, decode
from .proposal_update import CarriedFile
from .update import Outcome, ProposalOutcome

_LONGEST = 10
_MANY = 3


def data(repository: Repository, outcome: Outcome, *, with_diff: bool) -> dict[str, Any]:
    """An outcome as `update --json` prints it."""
    return {
        "number": outcome.number,
        "from": outcome.recorded,
        "to": outcome.revision,
        "outcome": outcome.outcome,
        "files": [
            {"path": one.path, "outcome": one.outcome, "kept": list(one.kept)}
            | ({"diff": diff(repository, one)} if with_diff else {})
            for one in outcome.files
        ],
    }


def diff(repository: Repository, carried: CarriedFile) -> str:
    """What becomes of a file, as a unified diff that `git apply` takes."""
    path = repository.root / carried.before
    old = repository.read(path) if carried.before and repository.tree.is_file(path) else None
    if carried.content is None:
        return edits.unified_diff(carried.before, old or "", None)
    if carried.path != carried.before and old is not None:
        removed = edits.unified_diff(carried.before, old, None)
        return removed + edits.unified_diff(carried.path, None, decode(carried.content))
    return edits.unified_diff(carried.path, old, decode(carried.content))


def wanted(one: Wanted) -> list[str]:
    """What the template changed in a kept section, as the lines of a short diff."""
    before, after = (text.splitlines() for text in (one.before, one.after))
    lines = [
        line
        for line in [*unified_diff(before, after, n=0, lineterm="")][2:]
        if not line.startswith("@@")
    ]
    if len(lines) > _LONGEST:
        lines[_LONGEST - 1 :] = [f"... {len(lines) - _LONGEST + 1} more lines"]
    return lines


def problems(outcomes: Sequence[Outcome]) -> list[str]:
    """Why proposals were refused; one line for all files with the same problem."""
    by_reason: dict[str, list[str]] = {}
    for one in outcomes:
        if one.problem:
            _, found, reason = one.problem.partition(": ")
            by_reason.setdefault(reason if found else one.problem, []).append(one.problem)
    return [
        f"{same[0]} (and so are {len(same) - 1} other files)" if len(same) > _MANY else line
        for same in by_reason.values()
        for line in same[: 1 if len(same) > _MANY else None]
    ]


def summary(outcomes: Sequence[Outcome], revision: str) -> str:
    """How many proposals had which outcome, in one line."""
    counts = Counter(one.outcome for one in outcomes)
    words = {
        ProposalOutcome.UPDATED: "updated",
        ProposalOutcome.MERGED: "merged",
        ProposalOutcome.CURRENT: "up to date",
        ProposalOutcome.LEFT_ALONE: "final (left alone)",
        ProposalOutcome.REFUSED: "refused",
    }
    parts = [f"{counts[outcome]} {word}" for outcome, word in words.items() if counts[outcome]]
    return f"Template revision {revision}: {', '.join(parts) or 'no proposal to update'}."


def report(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table for a pull request."""
    lines = [
        "| Proposal | From | To | Outcome | Author lines before | after | Kept sections |",
        "|----------|------|----|---------|--------------------:|------:|---------------|",
    ]
    for one in outcomes:
        before, after = (sum(file.lines[at] for file in one.files) for at in (0, 1))
        kept = dict.fromkeys(section for file in one.files for section in file.kept)
        cells = [
            names.proposal_name(one.number),
            one.recorded or "",
            one.revision,
            one.outcome,
            *((str(before), str(after)) if one.files else ("", "")),
            "; ".join(filter(None, [*kept, *one.remarks, one.problem])),
        ]
        shown = (terminal_text.line(table_cell(cell)) for cell in cells)
        lines.append(f"| {' | '.join(shown)} |")
    for one in outcomes:
        for file in one.files:
            for kept_back in file.wanted:
                title = f"{names.proposal_name(one.number)}, {kept_back.section}"
                body = terminal_text.text("\n".join(wanted(kept_back)))
                fence = "`" * max(3, 1 + max(map(len, re.findall("`+", body)), default=0))
                lines += ["", f"What the template changed in {markdown_text(title)}:", ""]
                lines += [f"{fence}diff", body, fence]
    return "\n".join(lines) + "\n"
