"""Lines of pages that contradict the tool: manual steps that one of its tasks does.

A line is changed only where the whole sentence is on it, or the whole command: what goes on in
another line, and what is in a table, a heading or a comment, is left to a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from ..markdown import blocks, nested_blocks
from ..markdown.blocks import Kind
from ..markdown.edits import Splice


class _Rule(NamedTuple):
    """What a manual step looks like, why it misleads, and what takes its place.

    `sentence` is expanded with the groups of `pattern`; `command` is for a line of code, '' if
    there is none.
    """

    pattern: re.Pattern[str]
    reason: str
    sentence: str
    command: str = ""


def _rule(pattern: str, reason: str, sentence: str, command: str = "") -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), reason, sentence, command)


_RULES = (
    _rule(
        r"(?:\bcp\b|(?<!copier )\bcopy\b).*BEP-0000-template\.md",
        "documents come from `bep new`",
        'Run `bep new "Your title"`, which writes the document with all its sections.',
        'bep new "Your title"',
    ),
    _rule(
        r"(.*BEP-0000-template\.md.*?),? to (?:be )?cop(?:y|ied)\b(?: and fill(?:ed)? in)?(.*)",
        "documents come from `bep new`",
        r"\1\2",
    ),
    _rule(
        r"merge conflicts?\b.*\b(?:prevent|avoid)",
        "merging does not keep numbers apart, `bep reserve` does",
        "Nobody else can get a number that `bep reserve` has given out.",
    ),
    _rule(
        r"(?:pick|take|choose) the next (?:available|free) number",
        "`bep reserve` gives the number",
        '`bep reserve "Your title"` takes the next number.',
    ),
    _rule(
        r"add(?:ing)? (?:an? |your )?(?:entry|row|proposal)\b.*\b(?:registry|table)"
        r"|reserve (?:an? |your |the )?(?:BEP )?number"
        r" (?:here first|in (?:the )?(?:registry|table))",
        "`bep reserve` adds the row",
        'Reserve a number with `bep reserve "Your title"`, which also adds its row to the'
        " registry.",
    ),
)
# A person's line is shorter; the patterns cost more than a line is long.
_LONGEST = 2000
_OF_THE_TOOL = "`bep "
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])([*_]*)\s+(?=[^\sa-z])")
_ENDED = re.compile(r"([.!?:;])[*_)]*\Z")
_CHECKBOX = re.compile(r"\[[ xX]\]\s+")
_COPYING = re.compile(r"(\s*(?:\$ )?)cp [^&|;]*")


class Contradiction(NamedTuple):
    """A line of an existing page that contradicts the tool; without `edits`, for a person."""

    path: str
    line: int
    text: str
    reason: str
    edits: tuple[Splice, ...]


def find(path: str, text: str, own: Set[str], block: tuple[int, int]) -> list[Contradiction]:
    """The lines of a page that contradict the tool.

    `own` are the lines that the template itself writes, and `block` is the span of the page that is
    the tool's. A line that names one of the tool's commands contradicts nothing.
    """
    start, end = block
    found = {}
    for at, (begin, stop, _) in enumerate(blocks.lines(text), 1):
        line = text[begin:stop]
        if len(line) > _LONGEST or line in own or _OF_THE_TOOL in line or start <= begin < end:
            continue
        rule, _ = _first_match(line)
        if rule:
            found[at] = Contradiction(path, at, line.strip(), rule.reason, ())
    if found and path.endswith((".md", ".mdc")):
        for at, edits in _edits(text, found):
            found[at] = found[at]._replace(edits=edits)
    return list(found.values())


def _edits(
    text: str, found: Mapping[int, Contradiction]
) -> Iterator[tuple[int, tuple[Splice, ...]]]:
    """The edits of those of the lines that are prose or code."""
    starts = [start for start, _, _ in blocks.lines(text)]
    for view, block in nested_blocks.leaves(text):
        lines = [
            (block.start + start, block.start + end)
            for start, end, _ in blocks.lines(view.text[block.start : block.end])
        ]
        for index, (start, end) in enumerate(lines):
            place = view.place(start)
            at = bisect_right(starts, place)
            line = view.text[start:end]
            if at not in found or line.lstrip().startswith("|"):
                continue
            if block.kind is Kind.PARAGRAPH:
                before = view.text[slice(*lines[index - 1])] if index else ""
                is_last = index == len(lines) - 1
                is_begun = bool(before) and not _ENDED.search(before.rstrip())
                yield at, tuple(_of_prose(line, place, is_begun=is_begun, is_last=is_last))
            elif block.kind in (Kind.FENCE, Kind.INDENTED_CODE):
                yield at, tuple(_of_code(line, place))


def _of_prose(line: str, place: int, *, is_begun: bool, is_last: bool) -> Iterator[Splice]:
    """The edits of the sentences of a line; the first may be begun above it, the last go on."""
    box = _CHECKBOX.match(line)
    at = box.end() if box else len(line) - len(line.lstrip())
    end_of_line = len(line.rstrip())
    breaks = [*_BETWEEN_SENTENCES.finditer(line, at)]
    begins = [at, *(one.end() for one in breaks)]
    ends = [*(one.end(1) for one in breaks), end_of_line]
    for begin, end in zip(begins, ends, strict=True):
        sentence = line[begin:end]
        ended = _ENDED.search(sentence)
        goes_on = end == end_of_line and not (ended or is_last)
        is_torn = sentence.count("**") % 2 == 1
        if (is_begun and begin == at) or goes_on or is_torn:
            continue
        rule, match = _first_match(sentence)
        if rule and match:
            new = match.expand(rule.sentence).removesuffix(".")
            sign = ended[1] if ended and not new.endswith(ended[1]) else ""
            yield Splice(place + begin, place + end, new + sign)


def _first_match(text: str) -> tuple[_Rule, re.Match[str]] | tuple[None, None]:
    found = ((rule, match) for rule in _RULES if (match := rule.pattern.search(text)))
    return next(found, (None, None))


def _of_code(line: str, place: int) -> Iterator[Splice]:
    copying = _COPYING.fullmatch(line)
    rule, _ = _first_match(line)
    if copying and rule and rule.command:
        yield Splice(place, place + len(line), copying[1] + rule.command)
