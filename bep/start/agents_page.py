"""The page that tells AI agents how to work with proposals (guide: AI Agent Working Pattern).

It is a marked block of `AGENTS.md`, so that an author's own text can stand around it.
"""

from __future__ import annotations

import re

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits

NAME = "AGENTS.md"
_BEGIN = "<!-- bep-agents: begin; `bep init --agents` writes this block anew -->"
_END = "<!-- bep-agents: end -->"
_BLANK_LINE_LAST = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)\Z")
_MARK = re.compile(r"^<!-- bep-agents: (begin|end)\b[^\r\n]*?-->[ \t]*$", re.MULTILINE)

BODY = """\
# Working with BEPs

The proposals of this folder are read and changed with `bep`: it finds the few parts that a task
needs and keeps numbers, index, registry and Decision Log in step. With `--json` the reading
commands print one JSON document. `bep TASK --help` explains each of them.

## Reading a proposal

1. `bep context 1046`: status, motivation, decisions, open questions and plan of the proposal, and
   a list of its other parts with scope and length.
2. Take only the part that the task is about: `--phase 2`, `--document data-model.md` or
   `--section "Proposed Design"`. `--budget 8000` sets a limit in tokens.
3. Leave the files that it lists under "Left out" unread until the task needs one.
4. Where the first line says superseded or rejected, follow what it says instead.

## Implementing a phase

1. `bep context 1046 --phase 2` before anything else.
2. Open questions that touch the phase come first. Name them to whoever gave you the task and wait
   for the answer; do not settle one yourself.
3. Keep to the Decision Log. A decision in it is not up for discussion while implementing.
4. When all is released: `bep mark 1046 implemented --version 26.9.0`.

## Writing a proposal

1. `bep search quota ledger`: is there one already that says it, or that it must fit?
2. `bep new "A Short Title" --defaults -d scope="One line" -d components=data-model,api` takes a
   number that nobody else can get, writes the documents with their context blocks, adds the
   registry row and switches to a branch. It makes one file or segments by size and components.
3. Fill in the main document first, then one sub-document after the other; each is a unit of work
   that a reviewer can judge alone. Comments in the sections say what belongs there.
4. What is undecided: `bep ask 1046 --question "..."`, also where it concerns a sub-document.
5. `bep check` until it reports no errors.

## Updating a proposal

1. `bep context 1046`, then edit only the document that the change belongs to.
2. An answered question: `bep decide 1046 --question "part of its text" --decision "..."
   --rationale "..."` moves it into the Decision Log. Never edit the two sections by hand for that.
3. A sub-document added or renamed, another scope, a phase more: `bep sync 1046` brings index,
   context block and registry up to date. `bep add-document 1046 --name NAME --scope "One line"`
   adds one; `bep segment 1046` divides a proposal that has outgrown its one file.
4. `bep mark 1046 accepted --target-version 26.9.0` changes a status; `bep check` comes last.
"""


def updated(source: str, path: str) -> str:
    """The text of an `AGENTS.md` with the block as it is now; the rest keeps its bytes.

    A block that stands there is written anew, a missing one follows the text. `path` is named in
    errors. Raises BepError where the block's marks do not stand as one pair.
    """
    ending = edits.ending_near(source, 0)
    block = f"{_BEGIN}\n{BODY}{_END}".replace("\n", ending)
    marks = _marks(source)
    if not marks:
        return _behind(source, block, ending)
    if [mark[1] for mark in marks] != ["begin", "end"]:
        raise BepError(
            "the marks of the block are not one begin and one end",
            "leave one pair of them, or none",
            path,
            blocks.line_of(source, marks[-1].start()),
            WRONG_DOCUMENTS,
        )
    begin, end = marks
    return source[: begin.start()] + block + source[end.end() :]


def has_block(source: str) -> bool:
    """Whether the marks of the block stand in a text."""
    return bool(_marks(source))


def _marks(source: str) -> list[re.Match[str]]:
    return list(_MARK.finditer(source.replace("\r", "\n")))


def _behind(source: str, block: str, ending: str) -> str:
    """A text with the block as a paragraph of its own behind it."""
    if not source.strip("\ufeff \t\r\n"):
        return f"{source}{block}{ending}"
    ended = source.endswith(("\n", "\r"))
    blank = "" if _BLANK_LINE_LAST.search(source) else ending
    return f"{source}{'' if ended else ending}{blank}{block}{ending}"
