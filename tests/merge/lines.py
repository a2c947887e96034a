"""What must hold of a merged document's lines, whatever its sections: part of the oracle.

`texts` are the old rendering, the author's document and the new rendering; `rows` are lines of
tables that the template changed, which count by their cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from tests.merge.reading import (
    Document,
    Node,
    filled,
    read,
    split,
    trimmed,
    with_endings,
    without_number,
)

_MARKERS = ("<<<<<<<", "=======", "|||||||", ">>>>>>>")

Texts = tuple[str, str, str]


def lines_of(node: Node) -> list[str]:
    """A section's heading with its labels and own lines, blank ones left out."""
    return filled((*node.labels, *node.heading, *node.own))


def lines_problems(texts: Texts, result: str, rows: Collection[str]) -> Iterator[str]:
    """Nothing that the author wrote is lost, and nothing comes from nowhere."""
    base, ours, theirs, merged = (_body(read(text)) for text in (*texts, result))
    before = {*base, *rows}
    if lost := Counter(line for line in ours if line not in before) - Counter(merged):
        yield f"lines are lost: {sorted(lost.elements())}"
    strange = {*merged} - {*ours, *theirs, *rows}
    # A new section has a number in a document whose sections have one.
    if strange := {line for line in strange if without_number((line,))[0] not in theirs}:
        yield f"lines from nowhere: {sorted(strange)}"
    for marker in _MARKERS:
        if _starts(merged, marker) > max(_starts(ours, marker), _starts(theirs, marker)):
            yield f"a conflict marker: {marker}"


def bytes_problems(texts: Texts, result: str, rows: Collection[str]) -> Iterator[str]:
    """The byte order mark and the author's line endings stand; no blank lines at the end."""
    base, ours, theirs = texts
    if result.startswith("\ufeff") != ours.startswith("\ufeff"):
        yield "the byte order mark came or went"
    if _blank_end(result) > max(_blank_end(ours), _blank_end(theirs)):
        yield "blank lines at the end"
    before, after = _endings(ours), _endings(result)
    if len(before) == 1 and after - before:
        yield f"line endings from nowhere: {after}"
    if len(before) > 1:
        own = {*_body(read(ours))} - {*_body(read(base)), *rows}
        odd = {line for line in with_endings(ours) if line.rstrip("\r\n") in own}
        # The last line may get the line ending that it lacked, and another become one without.
        there = {*with_endings(result), *with_endings(ours)[-1:]}
        if with_endings(ours)[-1].rstrip("\r\n") == with_endings(ours)[-1]:
            last = with_endings(result)[-1]
            there |= {last + ending for ending in ("\n", "\r\n", "\r")}
        if odd - there:
            yield f"lines have other endings: {sorted(odd - there)}"
        mine, now = (_ending_of_each(text) for text in (ours, result))
        if others := [line for line in mine if mine[line] != now.get(line, mine[line])]:
            yield f"lines of both have other endings: {others}"


def _body(document: Document) -> list[str]:
    """All lines but blank ones and those of front matter and context block."""
    return [line for node in document.nodes() for line in lines_of(node)]


def _starts(lines: Sequence[str], marker: str) -> int:
    return sum(line.startswith(marker) for line in lines)


def _blank_end(text: str) -> int:
    """How many blank lines the text ends with."""
    lines = split(text)
    return len(lines) - len(trimmed(("-", *lines))) + 1


def _ending_of_each(text: str) -> dict[str, str]:
    """The endings of the lines that are there once, the last one left out if it has none."""
    lines = with_endings(text)
    texts = [line.rstrip("\r\n") for line in lines]
    counts = Counter(texts)
    return {
        text: line[len(text) :]
        for line, text in zip(lines, texts, strict=True)
        if counts[text] == 1 and line != text
    }


def _endings(text: str) -> set[str]:
    return {line[len(line.rstrip("\r\n")) :] for line in with_endings(text)} - {""}
