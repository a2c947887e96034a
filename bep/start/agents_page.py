"""The page that says how AI agents work with proposals (guide: AI Agent Working Pattern).

It is a marked block of `AGENTS.md`, so that an author's own text can surround it.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import WRONG_DOCUMENTS, BepError
from ..markdown import blocks, edits

NAME = "AGENTS.md"
_BEGIN = "<!-- bep-agents: begin; `bep init --agents` writes this block anew -->"
_END = "<!-- bep-agents: end -->"
_BLANK_LINE_LAST = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)\Z")
_MARK = re.compile(r"^<!-- bep-agents: (begin|end)\b[^\r\n]*?-->[ \t]*$", re.MULTILINE)

BODY = Path(__file__).with_name("agents_page.md").read_text("utf-8")


def updated(source: str, path: str) -> str:
    """The text of an `AGENTS.md` with the block as it is now; the rest keeps its bytes.

    An existing block is rewritten, a missing one is appended. `path` is named in errors. Raises
    BepError if the block's marks are not one pair.
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
    """Whether a text contains marks of the block."""
    return bool(_marks(source))


def block(source: str) -> tuple[int, int] | None:
    """The span of the block, None where there is none or its marks are not one pair."""
    marks = _marks(source)
    is_whole = [mark[1] for mark in marks] == ["begin", "end"]
    return (marks[0].start(), marks[1].end()) if is_whole else None


def _marks(source: str) -> list[re.Match[str]]:
    return list(_MARK.finditer(source.replace("\r", "\n")))


def _behind(source: str, block: str, ending: str) -> str:
    """A text with the block appended as a separate paragraph."""
    if not source.strip("\ufeff \t\r\n"):
        return f"{source}{block}{ending}"
    ended = source.endswith(("\n", "\r"))
    blank = "" if _BLANK_LINE_LAST.search(source) else ending
    return f"{source}{'' if ended else ending}{blank}{block}{ending}"
