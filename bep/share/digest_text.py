"""Digests as people read them: text for a terminal, Markdown for a summary or a comment.

Both are made from one outline. What an author wrote is marked in it, and escaped where it is
printed.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .. import names
from ..check.rules.finding import Finding
from ..check.rules.rule import Severity
from ..markdown import escapes
from ..proposal.decision_log import Decision
from ..words import counted
from . import decision_changes, section_changes
from .decision_changes import Altered, Answered
from .digest import Digest, Kind, Review, Side
from .section_changes import SectionChange

FORMATS = ("text", "markdown", "json")
# What GitHub takes as a comment is a little more.
MOST_CHARACTERS = 65_000

_WIDTH = 80
_SHOWN = 300
_BEFORE_DIFFERENCE = 60
_LISTED = 20
_ROOM_FOR_NOTE = 300


class Said(str):
    """Text of an author, on one line."""

    __slots__ = ()


class Line(NamedTuple):
    """A line of a digest, `depth` levels below its heading."""

    depth: int
    words: tuple[str, ...]


class Block(NamedTuple):
    """A heading, and what is below it."""

    heading: tuple[str, ...]
    lines: list[Line]
    is_proposal: bool = False


def text(review: Review) -> list[str]:
    """Return a review as lines of at most 80 columns where words allow it, without its remarks."""
    blocks = _blocks(review, [])
    if not blocks:
        return [f"Reviewed {review.scope}: nothing changes in the proposals."]
    found = [f"Reviewed {review.scope}: {_summary(review.digests)}."]
    for block in blocks:
        found += ["", *_wrapped("", "".join(block.heading))]
        for line in block.lines:
            found += _wrapped("  " * line.depth, "".join(line.words))
    return found


def markdown(review: Review, most: int = MOST_CHARACTERS) -> str:
    """Return a review as Markdown of at most `most` characters, which says what is cut."""
    scope = escapes.quoted_text(review.scope)
    blocks = _blocks(review, review.remarks)
    if not blocks:
        return f"Reviewed {scope}: nothing changes in the proposals.\n"
    found = [f"## Proposals\n\nReviewed {scope}: {_summary(review.digests)}.\n"]
    room = most - len(found[0]) - _ROOM_FOR_NOTE
    proposals = left = 0
    for block in blocks:
        lines = _rendered(block)
        # However much there is to look at first, proposals follow.
        kept = _fitting(lines, room if block.is_proposal or block is blocks[-1] else room // 2)
        room -= sum(map(len, kept))
        found += kept
        if kept or not block.is_proposal:
            left += len(lines) - len(kept)
        else:
            proposals += 1
    cut = [*([counted(proposals, "proposal")] if proposals else []), counted(left, "line")]
    if proposals or left:
        found.append(
            f"\n**Cut to fit:** {' and '.join(cut)} of the rest are not shown; `bep review` prints"
            " everything.\n"
        )
    return "".join(found)


def _summary(digests: Sequence[Digest]) -> str:
    """Return in words how many proposals are new, changed and removed."""
    kinds = Counter(
        "new" if one.before is None else "removed" if one.after is None else "changed"
        for one in digests
    )
    counts = [f"{kinds[kind]} {kind}" for kind in ("new", "changed", "removed") if kinds[kind]]
    return f"{counted(len(digests), 'proposal')} ({', '.join(counts)})" if counts else "no proposal"


# --- The outline --------------------------------------------------------------------------------


def _blocks(review: Review, remarks: Sequence[str]) -> list[Block]:
    """Return the parts of a review: what comes first, the proposals, and what else there is."""
    first = [line for one in review.digests for line in _warnings(one)]
    found = [Block(("Look at these first",), first)] if first else []
    found += [
        Block((f"{_name(one.side)}: ", Said(one.side.title)), list(_lines(one)), is_proposal=True)
        for one in review.digests
    ]
    rest = [Line(1, ("Changed: ", *_listed(review.others)))] if review.others else []
    rest += _findings(review.findings)
    if not found and not rest:
        return []
    rest += [Line(1, ("Note: ", Said(remark))) for remark in remarks]
    return [*found, Block(("Elsewhere in the folder",), rest)] if rest else found


def _name(side: Side) -> str:
    return names.proposal_name(side.number)


def _warnings(one: Digest) -> Iterator[Line]:
    """Yield what comes first: decisions altered or removed, edits of a settled text."""
    name = _name(one.side)
    for problem in one.problems:
        yield Line(1, (f"{name} cannot be compared: ", Said(problem)))
    for altered in one.decisions.altered:
        yield Line(1, (f"{name}: a decision is altered: ", _title(altered.before)))
        yield from _differences(altered)
    for removed in one.decisions.removed:
        yield Line(1, (f"{name}: a decision is removed: ", *_decision(removed)))
    if one.binding and one.after is None:
        yield Line(1, (f"{name} is removed, and it was {one.binding}",))
    elif one.binding and (edited := _edited(one)):
        words = f"{name} was {one.binding} before this change, which edits it: "
        yield Line(1, (words, *_sections(one, edited)))


def _differences(altered: Altered) -> Iterator[Line]:
    for field, old, new in zip(("date", "decision", "rationale"), *altered, strict=True):
        if decision_changes.said(old) != decision_changes.said(new):
            start = _start_of_difference(old, new)
            yield Line(2, (f"{field} before: ", _shown(old, start)))
            yield Line(2, (f"{field} now: ", _shown(new, start)))


def _edited(one: Digest) -> list[SectionChange]:
    """Return the sections in which an author edits a text; a new status has its own line."""
    old, new = one.before, one.after
    has_new_status = old is not None and new is not None and old.status != new.status
    return [
        section
        for section in one.sections
        if section.author and not (has_new_status and section.section == section_changes.METADATA)
    ]


def _lines(one: Digest) -> Iterator[Line]:
    yield Line(1, (Said(one.side.path),))
    yield from _life(one)
    if one.is_update:
        yield Line(1, _update(one))
    else:
        yield from _meaning(one)
    yield from _findings(one.findings)
    if one.cited_by:
        yield Line(1, ("Cited by: ", *_listed(one.cited_by)))


def _update(one: Digest) -> tuple[str, ...]:
    lines = counted(sum(section.template for section in one.sections), "line")
    sections = counted(len(one.sections), "section")
    return ("A template update and nothing else, ", *_revisions(one), f": {lines} in {sections}")


def _revisions(one: Digest) -> tuple[str, ...]:
    """Return the template's revisions that a proposal had and has."""
    old, new = (side.revision if side else "" for side in (one.before, one.after))
    return (_said(old or "none"), " -> ", _said(new or "none"))


def _life(one: Digest) -> Iterator[Line]:
    """Yield what became of the proposal as a whole: status, number, title, template."""
    old, new = one.before, one.after
    if old is None or new is None:
        status = ("status ", _said(one.side.status)) if one.side.status else ("without a status",)
        yield Line(1, ("New, " if new else "Removed, ", *status))
        return
    if old.status != new.status:
        yield Line(1, ("Status ", _said(old.status or "none"), " -> ", _said(new.status or "none")))
    if old.number != new.number:
        yield Line(1, (f"Number {_name(old)} -> {_name(new)}",))
    if old.title != new.title:
        yield Line(1, ("Title before: ", _said(old.title)))
    if old.revision != new.revision and not one.is_update:
        yield Line(1, ("Template ", *_revisions(one)))


def _meaning(one: Digest) -> Iterator[Line]:
    yield from _list("Decisions added", [_decision(found) for found in one.decisions.added])
    questions = one.questions
    yield from _list("Questions opened", [(_shown(found),) for found in questions.opened])
    yield from _list("Questions answered", [_answered(found) for found in questions.answered])
    removed = [(_shown(found),) for found in questions.removed]
    yield from _list("Questions removed without an answer", removed)
    yield from _phases(one)
    if one.sections:
        yield Line(1, ("Sections: ", *_sections(one, one.sections)))
    elif any(file.kind is Kind.CHANGED and file.is_document for file in one.documents):
        yield Line(1, ("No text changes, only order, blanks, line endings or the look of tables",))
    if one.moved_lines:
        yield Line(1, (f"Of these lines, {one.moved_lines} moved from one section to another",))
    yield from _documents(one)


def _phases(one: Digest) -> Iterator[Line]:
    old = one.before.phases if one.before else ()
    new = one.after.phases if one.after else ()
    added = [(_said(phase),) for phase in new if phase not in old]
    removed = [(_said(phase),) for phase in old if phase not in new]
    yield from _list("Phases added", added)
    yield from _list("Phases removed", removed)


def _documents(one: Digest) -> Iterator[Line]:
    own = {side.path for side in (one.before, one.after) if side}
    for kind in Kind:
        found = [document for document in one.documents if document.kind is kind]
        if kind is Kind.MOVED:
            for document in found:
                yield Line(1, ("Moved: ", Said(document.before), " -> ", Said(document.path)))
        elif others := [document.path for document in found if document.path not in own]:
            yield Line(1, (f"Documents {kind}: ", *_listed(others)))


def _findings(found: Sequence[Finding]) -> Iterator[Line]:
    """Yield new findings, errors first."""
    ordered = sorted(found, key=lambda one: one.severity is not Severity.ERROR)
    place = [(Said(one.path), f":{one.line}: ", _said(one.message)) for one in ordered]
    items = [
        (f"{one.severity}: ", *words, f" [{one.rule}]")
        for one, words in zip(ordered, place, strict=True)
    ]
    yield from _list("New findings", items)


def _list(heading: str, items: Sequence[tuple[str, ...]]) -> Iterator[Line]:
    if items:
        yield Line(1, (f"{heading}:",))
        yield from (Line(2, item) for item in items[:_LISTED])
    if len(items) > _LISTED:
        yield Line(2, (f"and {len(items) - _LISTED} more",))


def _answered(one: Answered) -> tuple[str, ...]:
    answer = _decision(one.decision) if one.decision else ("answered in place",)
    return (_shown(one.question), " -> ", *answer)


def _title(one: Decision) -> Said:
    return Said(textwrap.shorten(decision_changes.said(one.text), _WIDTH, placeholder="..."))


def _decision(one: Decision) -> tuple[str, ...]:
    date = (_said(one.date), ": ") if one.date else ()
    reason = (" (", _shown(one.rationale), ")") if one.rationale else ()
    return (*date, _shown(one.text), *reason)


def _sections(one: Digest, found: Sequence[SectionChange]) -> Iterator[str]:
    for at, section in enumerate(found[:_LISTED]):
        yield ", " if at else ""
        yield _said(one.section_name(section))
        yield f" +{section.added} -{section.removed}"
        if section.template:
            yield f" ({section.template} of the template)" if section.author else " (template)"
    if len(found) > _LISTED:
        yield f" and {len(found) - _LISTED} more"


def _listed(paths: Sequence[str]) -> Iterator[str]:
    for at, path in enumerate(paths[:_LISTED]):
        yield ", " if at else ""
        yield Said(path)
    if len(paths) > _LISTED:
        yield f" and {len(paths) - _LISTED} more"


def _said(text: str, start: int = 0) -> Said:
    """Return an author's text on one line, from `start` on, cut to what a reader takes in."""
    line = " ".join(text.split())[start:]
    cut = f"{line[:_SHOWN].rstrip()}..." if len(line) > _SHOWN else line
    return Said(f"...{cut}" if start else cut or "(nothing)")


def _shown(markdown: str, start: int = 0) -> Said:
    """Return what a reader sees of an author's Markdown, as `_said`."""
    return _said(decision_changes.said(markdown), start)


def _start_of_difference(old: str, new: str) -> int:
    """Return from where two texts are shown, so that what differs is among it."""
    one, other = decision_changes.said(old), decision_changes.said(new)
    pairs = enumerate(zip(one, other, strict=False))
    at = next((at for at, (was, now) in pairs if was != now), min(len(one), len(other)))
    return at - _BEFORE_DIFFERENCE if at > _SHOWN // 2 else 0


# --- Text and Markdown --------------------------------------------------------------------------


def _wrapped(indent: str, line: str) -> list[str]:
    return textwrap.wrap(
        line,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _rendered(block: Block) -> list[str]:
    """Return a block as lines of Markdown: a heading and a list."""
    lines = (f"{'  ' * (line.depth - 1)}- {_quoted(line.words)}\n" for line in block.lines)
    return [f"\n### {_quoted(block.heading)}\n\n", *lines]


def _quoted(words: Iterable[str]) -> str:
    return "".join(escapes.quoted_text(one) if isinstance(one, Said) else one for one in words)


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """Return the first lines that fit, none if it is the heading only."""
    found: list[str] = []
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        found.append(line)
    return found if len(found) > 1 or len(lines) == 1 else []
