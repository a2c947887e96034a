"""A briefing as one Markdown text, or as data, and what of it fits a budget.

It quotes documents byte for byte, each quotation below a line with its path and lines.

Tokenizers differ, and none is needed for an estimate: on real proposals a token of the common ones
is 4.3 bytes (3.5 to 7 for a document), so four bytes per token rarely underestimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .. import names
from ..markdown.escapes import markdown_text
from ..proposal import decision_log, lifecycle, open_questions, template_text
from ..words import counted
from . import briefing as briefings
from .briefing import Briefing, Entry
from .excerpts import Left, Piece

_FLAG = """\
## Open questions that this task touches: flag them before going on

Nobody has settled them. Ask those who can, and do not build on an answer of your own."""


class Given(NamedTuple):
    """A briefing with those of its pieces that are given.

    `call` is the command that gives the whole briefing, `replaced` says where to read on if the
    proposal is superseded, `place` where it is if not in the working tree. `too_much` is the
    length of the essentials if they alone are too long.
    """

    briefing: Briefing
    call: str
    replaced: str
    budget: int | None
    pieces: tuple[Piece, ...]
    place: str = ""
    too_much: int | None = None

    @property
    def too_long(self) -> tuple[Left, ...]:
        """What the task names and the budget leaves out: documents, sections, parts of both."""
        return tuple(_missing(self.briefing.pieces, self.pieces))


def fitted(
    briefing: Briefing,
    call: str,
    *,
    replaced: str = "",
    place: str = "",
    budget: int | None = None,
) -> Given:
    """The briefing with the pieces that fit into `budget` tokens, all of them for None.

    They are tried in the order of their importance, whole first, then section by section. The
    essentials are given regardless of the budget.
    """
    given = Given(briefing, call, replaced, budget, briefing.pieces, place)
    if budget is None or tokens(text(given)) <= budget:
        return given
    none = given._replace(pieces=())
    length = byte_length(text(none))
    least = tokens_of_bytes(length)
    if least > budget:
        return none._replace(too_much=least)
    kept: list[Piece] = []
    # Each piece adds its text and takes a line from the list of what is left out; the text as a
    # whole is not made for each of them.
    listed = len(briefing.pieces)

    def takes(piece: Piece, growth: int, lines: int) -> bool:
        nonlocal length, listed
        # Without a list there is no remark on it either.
        grown = length + growth if lines else byte_length(text(_with(given, [*kept, piece])))
        if tokens_of_bytes(grown) > budget:
            return False
        kept.append(piece)
        length, listed = grown, lines
        return True

    for piece in briefing.pieces:
        own = _listed_length(briefing, piece, piece.scope)
        if takes(piece, _length(briefing, piece) - own, listed - 1):
            continue
        # With the first child, a line for each of the others takes the place of the piece's.
        inside = [_listed_length(briefing, child, _child_scope(child)) for child in piece.children]
        gone, lines = own - sum(inside), 1 - len(inside)
        for child, line in zip(piece.children, inside, strict=True):
            if takes(child, _length(briefing, child) - line - gone, listed - 1 - lines):
                gone = lines = 0
    return _with(given, kept)


def _with(given: Given, kept: Sequence[Piece]) -> Given:
    return given._replace(pieces=tuple(kept))


def _length(brief: Briefing, piece: Piece) -> int:
    """The bytes that a piece adds to the text, with the blank line after it."""
    part = _of_piece(brief, piece, piece.text)
    return byte_length(part) + len(_gap(part))


def _listed_length(brief: Briefing, piece: Piece, scope: str) -> int:
    """The bytes of a piece's line in the list of what is left out."""
    return byte_length(_line(brief, _left(piece, scope))) + 1


def _missing(wanted: Iterable[Piece], kept: Iterable[Piece]) -> Iterator[Left]:
    given = frozenset(kept)
    for piece in wanted:
        if piece in given:
            continue
        children = [child for child in piece.children if child not in given]
        if len(children) < len(piece.children):
            for child in children:
                yield _left(child, _child_scope(child))
        else:
            yield _left(piece, piece.scope)


def _child_scope(child: Piece) -> str:
    return "" if child.heading else "its beginning"


def _left(piece: Piece, scope: str) -> Left:
    return Left(piece.path, piece.last_line - piece.line + 1, scope, piece.heading)


# --- Text ---------------------------------------------------------------------------------------


def text(given: Given) -> str:
    """The briefing as Markdown.

    Without a task, a proposal in one file comes as it is where its parts would be longer.
    """
    brief = given.briefing
    made = _joined([*_before(given), *_parts(given)])
    if brief.wish or not brief.whole or given.too_much or given.too_long:
        return made
    plain = "".join([*(f"{one}\n\n" for one in _before(given)), brief.whole])
    return plain if byte_length(plain) < byte_length(made) else made


def _before(given: Given) -> Iterator[str]:
    """The lines above everything else."""
    if given.place:
        yield f"{markdown_text(given.place)}."
    if warning := warning_of(given):
        yield f"**{warning}**"
    if status := given.briefing.main.registry_status:
        yield f"Its status, as the registry says: {markdown_text(status)}."


def _parts(given: Given) -> list[str]:
    brief = given.briefing
    parts = [*_head(given)]
    flagged = [one for one in brief.questions if one.touches]
    others = [one for one in brief.questions if not one.touches]
    if flagged:
        parts.append(_FLAG)
        here = _place(brief, brief.main.path)
        parts += [_sourced(here, one.line, one.line, "", one.text) for one in flagged]
    asked = brief.main.heading_of(open_questions.SECTION)
    for piece in brief.essentials:
        is_cut = piece.reason == asked
        kept = _without(brief, piece, flagged, others) if is_cut else piece.text
        if kept:
            parts.append(_of_piece(brief, piece, kept))
    parts += [_of_piece(brief, piece, piece.text) for piece in _in_order(given)]
    return [*parts, *_left_out(given)]


def _joined(parts: Sequence[str]) -> str:
    """The parts with one blank line between them, with or without line endings of their own."""
    joined: list[str] = []
    for part in parts:
        joined += [_gap(joined[-1]) if joined else "", part]
    return "".join(joined if joined[-1].endswith("\n") else [*joined, "\n"])


def _gap(part: str) -> str:
    """The line endings that a part needs to be followed by a blank line."""
    ended = part[len(part.rstrip("\r\n")) :].count("\n")
    return "\n" * (2 - min(ended, 2))


def _head(given: Given) -> Iterator[str]:
    brief = given.briefing
    name = names.proposal_name(brief.number)
    yield f"# {name}: {brief.title}"
    key = brief.main.guide.key("status")
    facts = [f"{key}: {brief.status or 'not said'}"]
    facts.append(f"main document: {brief.main.path} ({brief.main.line_count} lines)")
    if brief.phase:
        facts.append(f"task: {brief.phase.title}, line {brief.main.line(brief.phase.start)}")
    yield "; ".join(facts) + "."
    for note in notes_of(given):
        yield f"Note: {note}"


def warning_of(given: Given) -> str:
    """What a reader has to know first: not to be built, not written yet; '' for anything else."""
    brief = given.briefing
    name, guide, path = names.proposal_name(brief.number), brief.main.guide, brief.main.path
    status = guide.status_of(brief.status.partition(" ")[0])
    if status is None or not lifecycle.is_given_up(brief.main):
        said = f"Not written yet: {path} has only the template's text and answers to its questions."
        return said if brief.is_unwritten else ""
    known = guide.metadata.get(lifecycle.SUPERSEDED_BY)
    if known and status.id in known.needed_in:
        other = f" by {brief.superseded_by}" if brief.superseded_by else ""
        return f"{status.name}{other}: {name} is not to be built. {given.replaced}".rstrip()
    log = brief.main.heading_of(decision_log.SECTION)
    return f"{status.name}: {name} is not to be built; its {log} says why."


def notes_of(given: Given) -> list[str]:
    """Remarks on what a reader may miss."""
    notes = list(given.briefing.notes)
    if given.too_much:
        notes.append(
            f"The essentials alone are about {given.too_much} tokens, more than the budget of"
            f" {given.budget}; nothing else is included."
        )
    elif given.too_long:
        notes.append(
            f"Not everything that the task names fits into the budget of {given.budget} tokens;"
            " the rest is listed at the end."
        )
    return notes


def _without(
    brief: Briefing, piece: Piece, entries: Sequence[Entry], others: Sequence[Entry] = ()
) -> str:
    """A section without some of its entries; '' if neither `others` nor other text are left."""
    gone = [one for one in entries if piece.start <= one.start < piece.end]
    left = piece.without((one.start, one.start + len(one.text)) for one in gone)
    stays = any(piece.start <= one.start < piece.end for one in others)
    rest = brief.main.with_source(left)
    return left if not gone or stays or template_text.has_content(rest, rest.blocks) else ""


def _in_order(given: Given) -> list[Piece]:
    """The pieces by documents, the most important one first, and in a document by their place."""
    places: dict[str, int] = {}
    for piece in given.pieces:
        places.setdefault(piece.path, len(places))
    return sorted(given.pieces, key=lambda one: (places[one.path], one.start))


def _of_piece(brief: Briefing, piece: Piece, kept: str) -> str:
    return _sourced(_place(brief, piece.path), piece.line, piece.last_line, piece.reason, kept)


def _place(brief: Briefing, path: str) -> str:
    """The name of a document: its path, or the number for the main one, whose path is on top."""
    return path if path != brief.main.path else names.proposal_name(brief.number)


def _sourced(path: str, line: int, last_line: int, reason: str, kept: str) -> str:
    lines = f"{line}" if line == last_line else f"{line}-{last_line}"
    said = f" ({reason})" if reason else ""
    return f"> {path}:{lines}{said}\n\n{kept}"


def _left_out(given: Given) -> Iterator[str]:
    brief = given.briefing
    if not given.too_long and not brief.left:
        return
    yield "## Left out"
    if given.too_long:
        yield f"Over the budget of {given.budget} tokens:"
        yield "\n".join(_line(brief, one) for one in given.too_long)
    documents = [one for one in brief.left if not one.heading]
    if documents:
        yield f"Documents; `{given.call} --document NAME` gives one:"
        yield "\n".join(_line(brief, one) for one in documents)
    sections = [one for one in brief.left if one.heading]
    if sections:
        yield f"Sections of the main document; `{given.call} --section HEADING` gives one:"
        yield "\n".join(_line(brief, one) for one in sections)


def _line(brief: Briefing, left: Left) -> str:
    file = left.path.rpartition("/")[2]
    named = file if left.path != brief.main.path else ""
    if left.heading:
        named = f"{named}, section {left.heading}" if named else left.heading
    count = counted(left.lines, "line")
    return f"- {named} ({count}){f': {left.scope}' if left.scope else ''}"


# --- Data ---------------------------------------------------------------------------------------


def data(given: Given) -> dict[str, Any]:
    """The briefing as `context --json` prints it; `tokens` is the length of the Markdown text."""
    brief = given.briefing
    phase = brief.phase
    source = brief.main.source
    return {
        "warning": warning_of(given) or None,
        "number": brief.number,
        "title": brief.title,
        "status": brief.status or None,
        "context": brief.context,
        "decisions": [{"line": one.line, "text": one.text} for one in brief.decisions],
        "open_questions": [
            {"line": one.line, "touches": one.touches, "text": one.text} for one in brief.questions
        ],
        "phase": phase
        and {
            "label": phase.label,
            "name": phase.name,
            "text": source[phase.start : phase.end],
        },
        "documents": [
            {"path": piece.path, "reason": piece.reason, "text": kept}
            for piece, kept in (*_essentials(brief), *((one, one.text) for one in _in_order(given)))
        ],
        "omitted": [
            {"path": one.path, "lines": one.lines, "scope": _scope(one)}
            for one in (*given.too_long, *brief.left)
        ],
        "tokens": tokens(text(given)),
        "notes": notes_of(given),
    }


def _scope(left: Left) -> str:
    if not left.heading:
        return left.scope
    return f"section {left.heading}{f': {left.scope}' if left.scope else ''}"


def _essentials(brief: Briefing) -> Iterator[tuple[Piece, str]]:
    """The essentials without what has its own key."""
    own = {
        brief.main.heading_of(decision_log.SECTION): brief.decisions,
        brief.main.heading_of(open_questions.SECTION): brief.questions,
    }
    for piece in brief.essentials:
        if piece.reason == briefings.CONTEXT_BLOCK and brief.context is not None:
            continue
        kept = _without(brief, piece, own.get(piece.reason, ()))
        if kept:
            yield piece, kept


_BYTES = 4


def tokens(text: str) -> int:
    """The tokens of a text: its bytes in UTF-8 divided by four, rounded up."""
    return tokens_of_bytes(byte_length(text))


def byte_length(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogateescape"))


def tokens_of_bytes(count: int) -> int:
    """The tokens of a text of that many bytes."""
    return -(-count // _BYTES)
