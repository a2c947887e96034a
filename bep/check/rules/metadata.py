"""Rules about the lines of a main document's metadata (guide: Step 4, Fill Metadata)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import yaml

from ...guide import Guide
from ...markdown import edits as splices, yaml_data
from ...markdown.blocks import Block, Kind
from ...markdown.edits import Splice
from ...markdown.patterns import pattern
from ...markdown.yaml_data import Unreadable
from ...proposal import key_values, metadata
from ...proposal.document import Document
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Metadata")

_GUIDE = "guide: Step 4, Fill Metadata"

# A line that YAML reads as it looks: most are, and the parser is slow.
_SIMPLE = pattern(
    r"""\s*(?:\#.*)? |
        [A-Za-z][A-Za-z0-9_-]*[ ]*: (?: [ ]+ [A-Za-z0-9(.] (?: [^:#] | :(?!\s|$) | (?<!\s)\# )* )?
        (?: \s+\#.* | \s* )""",
    re.VERBOSE,
)
_LONG = 1000
_KEY = pattern(r"""(["']?)([A-Za-z][A-Za-z0-9_-]*)\1[ \t]*:""")
_ENTRY_WITHOUT_BLANK = pattern(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:(?=\S)")


class _Keys(NamedTuple):
    """The keys of a guide: in order, those in every document, and by how they may be spelled."""

    order: tuple[str, ...]
    always: tuple[str, ...]
    by_letters: Mapping[str, str]
    first: re.Pattern[str]

    def known(self, key: str) -> str:
        """Return the guide's key of which `key` is a spelling, or else `key` itself."""
        return self.by_letters.get(key_values.letters(key), key)

    def meant(self, key: str) -> str:
        """Return the guide's key that `key` is meant as, '' if it is like none of them."""
        known = self.known(key)
        return next(iter(get_close_matches(known, self.order, 1, 0.75)), "")


@lru_cache(maxsize=8)
def _keys(guide: Guide) -> _Keys:
    order = tuple(one.key for one in guide.metadata.values())
    return _Keys(
        order=order,
        always=tuple(one.key for one in guide.metadata.values() if not one.on_demand),
        by_letters={key_values.letters(key): key for key in order},
        first=pattern(rf"\s*(?:#.*\s+)?(?:{'|'.join(map(re.escape, order))})[ \t]*:"),
    )


@RULES.of_proposals(
    ERROR,
    _GUIDE,
    example="# Unified Service Discovery",
    remedy="Put the metadata at the top of the file, between two lines of `---`, or start the"
    " document with `bep new`.",
)
def metadata_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A main document begins with its metadata.

    Without it no reader can tell whether the proposal is accepted, and `list` shows little about
    it. The opening `---` must be the first line of the file: below a blank line or a comment it is
    a horizontal rule.
    """
    main = proposal.main
    if main.front_matter:
        return
    opening = next((block for block in main.blocks if block.kind is Kind.RULE), None)
    if opening and _opens_metadata(main, opening):
        first = not main.source[: opening.start].lstrip("\ufeff")
        why = (
            "the metadata is not closed; add a line `---` below it"
            if first
            else "the metadata is not at the top; move it to the first line"
        )
        yield Hit(main, opening.start, why)
    else:
        yield Hit(main, 0, "the metadata is missing; add it between two lines of `---`")


def _opens_metadata(document: Document, rule: Block) -> bool:
    below = document.source[rule.end : rule.end + 1000]
    return (
        document.text_of(rule).strip() == "---"
        and _keys(document.guide).first.match(below) is not None
    )


@RULES.of_proposals(
    ERROR,
    _GUIDE,
    example="""
        ---
        {key[author]}: Ada Lovelace (ada@example.com)
        {key[status]}:Draft
        ---""",
    remedy="Write one `Key: value` per line, with a space after the colon; quote a value that"
    " contains `: ` or begins with a sign such as `@`.",
)
def metadata_unreadable(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The metadata is YAML with one key per line.

    GitHub shows it as a table, and other tools read it: a line that is not `Key: value` hides all
    or part of it. `check --fix` adds a missing space after a colon.
    """
    main, block = proposal.main, proposal.main.front_matter
    if block is None or _is_simple(main, block):
        return
    lines = [*main.lines_of(block)][1:-1]
    broken = False
    for at, line in lines:
        if colon := _ENTRY_WITHOUT_BLANK.match(line):
            broken = True
            place = at + colon.end()
            message = f"there is no space after {colon[0]!r}; add one"
            yield Hit(main, at, message, text=line, edits=(Splice(place, place, " "),))
    if broken:
        return
    try:
        node = yaml_data.compose("\n".join(line for _, line in lines))
    except Unreadable as error:
        at, line = lines[min(error.line, len(lines)) - 1]
        yield Hit(main, at, f"this is not YAML: {error.reason}", text=line)
        return
    if _is_in_braces(node):
        at, line = next(one for one in lines if one[1].lstrip().startswith("{"))
        message = "the metadata is in braces; write one `Key: value` per line, without them"
        yield Hit(main, at, message, text=line)
    elif not isinstance(node, yaml.MappingNode):
        yield Hit(main, lines[0][0], "this is not `Key: value`", text=lines[0][1])


def _is_in_braces(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.MappingNode) and bool(node.flow_style)


def _is_simple(document: Document, block: Block) -> bool:
    lines = [line for _, line in document.lines_of(block)][1:-1]
    return all(len(line) < _LONG and _SIMPLE.fullmatch(line) for line in lines)


@RULES.of_proposals(
    ERROR,
    _GUIDE,
    example="""
        {key[status]}: {status[draft]}
        {key[status]}: {status[accepted]}""",
    remedy="Keep one of the two lines.",
)
def metadata_repeated(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A key appears only once in the metadata.

    If there are two lines, some tools read the first, others the last.
    """
    seen: Counter[str] = Counter()
    for entry in proposal.main.metadata.entries:
        seen[entry.key] += 1
        if seen[entry.key] > 1:
            message = f"{entry.key} appears a second time; keep one of the lines"
            yield Hit(proposal.main, entry.start, message, text=f"{entry.key}: {entry.value}")


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="""
        {key[author]}: Ada Lovelace (ada@example.com)
        {key[status]}: {status[draft]}
        {key[created]}: 2026-01-15""",
    remedy="Add the key, with nothing after the colon if its value is not known yet;"
    " `bep check --fix` does this.",
    spares_history=True,
)
def metadata_key_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The metadata has all keys of the guide, including those that are filled in later.

    An empty key reminds its author to fill it in; a missing one is overlooked.
    """
    main, block = proposal.main, proposal.main.front_matter
    if block is None or not _has_place(main, block):
        return
    keys = (_KEY.match(line) for _, line in main.lines_of(block))
    known = _keys(main.guide)
    present = {known.meant(key[2]) for key in keys if key}
    for key in known.always:
        if key not in present:
            message = f"the key {key} is missing; add it, empty if its value is not known yet"
            edits, rank = (_insertion(main, key),), known.order.index(key)
            yield Hit(main, block.start, message, text=key, edits=edits, rank=rank)


def _has_place(document: Document, block: Block) -> bool:
    """Return whether a key can be added: nothing but comments is above the first one."""
    lines = (line for _, line in document.lines_of(block))
    return not key_values.read("\n".join([*lines][1:-1])).head


def _insertion(document: Document, key: str) -> Splice:
    """Return the edit that adds an empty key below those that precede it in the guide."""
    known = _keys(document.guide)
    before = known.order[: known.order.index(key)]
    above = [one for one in document.metadata.entries if known.known(one.key) in before]
    if above:
        at = metadata.own_end(document.source, above[-1])
        return splices.line_below(document.source, at, f"{key}:")
    at = document.line_start(2)
    return Splice(at, at, f"{key}:{splices.ending_near(document.source, 0)}")


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="""
        author: Ada Lovelace (ada@example.com)
        Created_Version: 26.1.0""",
    remedy="Write the key as the guide does; `bep check --fix` does this.",
)
def metadata_key_spelling(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A key is spelled as the guide spells it.

    Tools look for `{key[created-version]}`: they do not find `created_version`.
    """
    main = proposal.main
    keys = {entry.key for entry in main.metadata.entries}
    for entry in main.metadata.entries:
        wanted = _keys(main.guide).known(entry.key)
        if wanted != entry.key:
            edit = Splice(entry.start, entry.start + len(entry.key), wanted)
            edits = () if wanted in keys else (edit,)
            message = f"{entry.key} should be written {wanted}"
            yield Hit(main, entry.start, message, text=entry.key, edits=edits)


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="Target-Verison: 26.3.0",
    remedy="Correct a misspelled key; move what is not metadata into the text.",
    spares_history=True,
)
def metadata_key_unknown(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The metadata has only the guide's keys.

    Tools that read metadata do not look for other keys.
    """
    known = _keys(proposal.guide)
    for entry in proposal.main.metadata.entries:
        if known.known(entry.key) not in known.order:
            close = known.meant(entry.key)
            remedy = f"; write {close}" if close else ""
            message = f"the guide has no key {entry.key}{remedy}"
            yield Hit(proposal.main, entry.start, message, text=entry.key)


@RULES.of_proposals(
    WARNING,
    _GUIDE,
    example="""
        {key[status]}: {status[draft]}
        {key[author]}: Ada Lovelace (ada@example.com)""",
    remedy="Put the lines, with their comments, in the guide's order; `bep check --fix` does this.",
    spares_history=True,
)
def metadata_order(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The keys are in the guide's order.

    Someone who reads many proposals then finds each key in the same place.
    """
    main = proposal.main
    order = _keys(main.guide).order
    known = [one for one in main.metadata.entries if one.key in order]
    for above, below in pairwise(known):
        if order.index(below.key) < order.index(above.key):
            message = f"{below.key} is below {above.key}; the guide puts it first"
            text = f"{above.key}, {below.key}"
            yield Hit(main, below.start, message, text=text, edits=_in_order(main))
            return


def _in_order(document: Document) -> tuple[Splice, ...]:
    """Return the edit that puts the keys in order, each with the comments above it.

    Unknown keys come last. Return no edit if a line is more than a plain `Key: value`: it may
    belong to its neighbours.
    """
    block = document.front_matter
    if block is None or not _is_simple(document, block):
        return ()
    first, last = document.line_start(2), document.line_start(document.line(block.end - 1))
    read = key_values.read(document.source[first:last])
    order = {key: at for at, key in enumerate(_keys(document.guide).order)}
    items = sorted(read.items, key=lambda item: order.get(item.key, len(order)))
    return (Splice(first, last, key_values.joined(read._replace(items=tuple(items)))),)
