"""`init`: a repository is made ready; what exists is never touched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .. import names
from ..errors import BepError
from ..system import file_transaction, git
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import agents_page

# Manual steps in pages that a task of this project does, and why they mislead.
_CONTRADICTIONS = (
    (r"(?:\bcp\b|\bcopy\b).*BEP-0000-template\.md", "documents come from `bep new`"),
    (
        r"merge conflicts?\b.*\b(?:prevent|avoid)",
        "merging does not keep numbers apart, `bep reserve` does",
    ),
    (r"(?:pick|take|choose) the next (?:available|free) number", "`bep reserve` gives the number"),
    (
        r"add(?:ing)? (?:an? )?(?:entry|row|your proposal)\b.*\b(?:registry|table)",
        "`bep reserve` adds the row",
    ),
)
_PAGES = ("*.md", "*.mdc", "*.rst", "*.txt")


class Outcome(NamedTuple):
    """What became of a file: `made`, `equal`, or left as it is because it `differs` or is `kept`.

    An answers file that exists is kept: it records what page and blank document came from. Of the
    page for agents only the marked block is the tool's: it is `current`, `added` or
    `updated`.
    """

    path: str
    state: str


class Contradiction(NamedTuple):
    """A line of an existing page that contradicts the tool."""

    path: str
    line: int
    text: str
    reason: str


class Initialised(NamedTuple):
    """What `init` did, file by file, and what it noticed."""

    outcomes: tuple[Outcome, ...]
    contradictions: tuple[Contradiction, ...]
    changes: tuple[Change, ...]


def initialise(
    repository: Repository,
    rendered: Mapping[str, bytes],
    *,
    agents: bool = False,
    dry_run: bool = False,
) -> Initialised:
    """Write those of the rendered files that are missing, and the page for `agents` where asked.

    The answers file, which records that page and blank document come from the template, is
    written only where both do. Raises BepError where a file cannot be written, or the block of
    the page for agents is broken.
    """
    answers = f"{repository.settings.proposals}/{names.answers_file(0)}"
    states = {
        path: _state(repository, repository.root / path, content)
        for path, content in rendered.items()
    }
    foreign = any(
        state == "differs" and path.startswith(f"{repository.settings.proposals}/")
        for path, state in states.items()
        if path != answers
    )
    if foreign and states[answers] == "made":
        del states[answers]
    elif states[answers] == "differs":
        states[answers] = "kept"
    made = [
        Change(repository.root / path, rendered[path])
        for path, state in states.items()
        if state == "made"
    ]
    own = {path for path, state in states.items() if state in ("made", "equal")}
    if agents:
        outcome, content = _page_for_agents(repository)
        states[outcome.path] = outcome.state
        own.add(outcome.path)
        if outcome.state != "current":
            made.append(Change(repository.root / outcome.path, content))
    found = tuple(one for one in _contradictions(repository, rendered) if one.path not in own)
    if made and not dry_run:
        file_transaction.write(repository.tree, made)
    return Initialised(tuple(Outcome(*item) for item in sorted(states.items())), found, tuple(made))


def _page_for_agents(repository: Repository) -> tuple[Outcome, bytes]:
    """What becomes of the page for agents, and its new content."""
    file = repository.proposals / agents_page.NAME
    path = repository.relative(file)
    is_new = not repository.tree.has(file)
    old = "" if is_new else repository.read(file)
    new = agents_page.updated(old, path)
    if new == old:
        return Outcome(path, "current"), encode(new)
    had_block = agents_page.has_block(old)
    return Outcome(path, "made" if is_new else "updated" if had_block else "added"), encode(new)


def _state(repository: Repository, path: Path, content: bytes) -> str:
    tree = repository.tree
    if not tree.has(path):
        return "made"
    return "equal" if tree.is_file(path) and tree.read(path) == content else "differs"


def _contradictions(repository: Repository, rendered: Mapping[str, bytes]) -> list[Contradiction]:
    """The lines of pages that contradict the tool and are not the template's own."""
    own = {line for content in rendered.values() for line in decode(content).split("\n")}
    pattern = "|".join(f"({expression})" for expression, _ in _CONTRADICTIONS)
    compiled = re.compile(pattern, re.IGNORECASE)
    found = []
    for path in git.files(repository.root, *_PAGES):
        try:
            text = decode(repository.tree.read(repository.root / path))
        except (OSError, BepError):
            continue
        if "BEP" not in text:
            continue
        for at, line in enumerate(text.split("\n"), 1):
            if line not in own and (match := compiled.search(line)):
                reason = _CONTRADICTIONS[(match.lastindex or 1) - 1][1]
                found.append(Contradiction(path, at, line.strip(), reason))
    return found
