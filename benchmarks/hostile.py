"""Documents that were written to take long, through everything that reads documents.

Run it with `python benchmarks/hostile.py [FRAGMENT ...] [--reader READER] [--size BYTES]`. Each
fragment is put into a proposal, once of `--size` bytes and once of four times as many, and each
reader reads both. A reader whose time grows with the length of its text takes four times as long;
what takes more than six times as long is named, and so is what does not end in a minute. Exits 1
then.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.hostile_texts import (
    CONFLICT,
    EMPTY_PAGE,
    EMPTY_PROPOSAL,
    FRAGMENTS,
    PAGE,
    PATH,
    SUBS,
    Case,
    Fragment,
    case,
    revised,
)
from bep import guide_file
from bep.check.rules import runner
from bep.check.rules.finding import Severities
from bep.check.rules.snapshot import Proposal, Snapshot
from bep.context import (
    briefing,
    briefing_text,
    search_score,
)
from bep.context.excerpts import Wish
from bep.errors import BepError
from bep.markdown import (
    anchors,
    blocks as markdown,
    edits as splices,
    links,
    nested_blocks,
    plain_text,
    references,
    section_tree,
)
from bep.merge import author_lines, completion, merge, parts
from bep.merge.merge import Rules
from bep.proposal import (
    context_block,
    decision_log,
    derived_text,
    implementation_plan,
    key_values,
    metadata,
    open_questions,
    question_edits,
    registry_conflicts,
    registry_table,
    relations,
    sub_documents,
)
from bep.proposal.document import Document, Role
from bep.segment.division import Division
from bep.segment.plan import Planner

SIZE = 50_000
TIMES = 4
# Measured times scatter; what is quadratic takes sixteen times as long.
TOO_MUCH = 6.0
LONGEST = 60
# Below this a time says more about the machine than about the text.
SHORTEST = 0.02


# --- Readers ------------------------------------------------------------------------------------


def _page(one: Case, role: Role = Role.MAIN) -> Document:
    path = PATH if role is Role.MAIN else f"proposals/BEP-1046/{SUBS[0]}"
    return Document(one.text, path, role)


def _snapshot(one: Case, *, inside: bool = False) -> Snapshot:
    process = Document(EMPTY_PAGE, "proposals/README.md", Role.PROCESS)
    main = Document(one.plain if inside else one.text, PATH)
    subs = tuple(
        Document(one.text if inside else "# API\n\nText.\n", f"proposals/BEP-1046/{name}", Role.SUB)
        for name in SUBS[: 1 if inside else 2]
    )
    paths = frozenset({process.path, main.path, *(sub.path for sub in subs)})
    return Snapshot("proposals", paths, (Proposal(1046, main, subs),), process)


def _snapshot_of_page(one: Case) -> Snapshot:
    process = Document(one.text, "proposals/README.md", Role.PROCESS)
    main = Document(EMPTY_PROPOSAL, PATH)
    paths = frozenset({process.path, main.path})
    return Snapshot("proposals", paths, (Proposal(1046, main),), process)


def _leaves(one: Case) -> object:
    return list(nested_blocks.leaves(one.text))


def _definitions(one: Case) -> object:
    blocks = markdown.blocks(one.text)
    leaves = list(nested_blocks.leaves(one.text, blocks))
    return references.definitions(one.text, blocks, leaves), list(references.uses(leaves))


def _anchors(one: Case) -> object:
    return anchors.placed(one.text, list(nested_blocks.leaves(one.text)))


def _parts_of(one: Case) -> object:
    return parts.joined(parts.read(one.text))


def _seen(one: Case) -> object:
    return plain_text.visible(one.fragment), plain_text.rendered(one.fragment)


def _metadata(one: Case) -> object:
    read = Document(one.text)
    return metadata.authors(read.metadata.value("author")), [
        splices.applied(one.text, [metadata.set_value(one.text, read.metadata, key, "x", PATH)])
        for key in ("target-version", "superseded-by")
    ]


def _context(one: Case) -> object:
    document = _page(one)
    read = document.context_lines
    told = [context_block.texts(read, item.key) for item in read.items[:3]]
    if document.context is None:
        return told
    block = document.context.block
    entries = context_block.entries(one.text, block.start, block.end)
    edits = context_block.append(
        one.text, entries, document.context_form.keys, "key-decisions", "x"
    )
    return document.context, told, splices.applied(one.text, edits)


def _keyed(one: Case) -> object:
    read = key_values.read(one.fragment)
    return key_values.joined(read), [key_values.meaning(item.value) for item in read.items]


def _page_of(one: Case) -> object:
    document = _page(one)
    lines = [document.line(block.start) for block in document.blocks]
    return (
        lines,
        document.section_at,
        document.links,
        document.anchors,
        document.mentions,
        document.top_sections,
    )


def _asked(one: Case) -> object:
    document = Document(one.text)
    found = open_questions.find(document)
    edits = question_edits.add(document, "Who else?")
    ends = [question_edits.remove(document, found[at]) for at in (0, -1)] if found else []
    return open_questions.matching(found, "question 7"), splices.applied(one.text, edits), ends


def _decided(one: Case) -> object:
    document = Document(one.text, PATH)
    decision = decision_log.Decision("2026-01-02", "Use it", "Because")
    added = decision_log.add(document, decision)
    return splices.applied(one.text, [added.splice])


def _phases(one: Case) -> object:
    main = Document(one.text, PATH)
    mentions = sub_documents.mentions(main, SUBS)
    return implementation_plan.count(main), implementation_plan.phases(main), mentions


def _briefed(one: Case, wish: Wish, budget: int | None = None) -> object:
    subs = {
        name: Document("# API\n\nText.\n", f"proposals/BEP-1046/{name}", Role.SUB)
        for name in SUBS[:2]
    }
    told = []
    for with_subs in (subs, {}):
        found = briefing.brief(_page(one), with_subs, wish)
        given = briefing_text.fitted(found, "bep context 1046", budget=budget)
        told.append((briefing_text.text(given), briefing_text.data(given)))
    return told


def _searched(one: Case) -> object:
    wanted = search_score.words("unified question part zebra")
    places = list(search_score.places(one.text, 1.0, wanted))
    last = [search_score.first_line(word, one.text) for word in wanted]
    return search_score.score(wanted, places), last, list(search_score.places(one.text))


def _planned(one: Case) -> object:
    document = Document(one.text, PATH)
    planned = Planner(document, {}, frozenset()).plan()
    shell = "# X\n\n## Proposed Design\n\n<!-- y -->\n\n## Testing\n"
    shells = {one.file: shell for one in planned}
    guidance = frozenset({"<!-- Why this change is needed. -->"})
    return Division(document, planned, shells, guidance).divided()


def _merged(base: str, ours: str, theirs: str) -> object:
    merged = merge.merge(base, ours, theirs, Rules(section_of=guide_file.own().main_names.family))
    return author_lines.written(base, ours), author_lines.lost(base, ours, merged.text)


def _merged_from_templates(one: Case) -> object:
    return _merged(one.text, one.text.replace("Nobody", "No one"), revised(one.text))


def _derived(one: Case) -> object:
    descriptions = {name: f"What {name} holds" for name in SUBS}
    found = derived_text.of_main_document(Document(one.text, PATH), descriptions)
    edits = [edit for correction in found for edit in correction.splices]
    return splices.applied(one.text, edits), derived_text.description(Document(one.text), "a.md")


def _judged(snapshot: Snapshot) -> object:
    return runner.findings(snapshot, Severities({}))


def _registry(one: Case) -> object:
    registry_table.read.cache_clear()
    page = registry_table.read(one.text, "proposals/README.md")
    added = registry_table.add_row(page, 999, "Title", "A", "", "")
    return (
        added,
        page.numbers(),
        page.row(1),
        registry_table.set_row(page, 998, "T", "A", "Draft", ""),
    )


READERS: dict[str, Callable[[Case], object]] = {
    "blocks": lambda one: markdown.blocks(one.text),
    "sections": lambda one: list(section_tree.sections(one.text).below()),
    "nesting": _leaves,
    "links": lambda one: links.links(one.text),
    "definitions": _definitions,
    "anchors": _anchors,
    "parts": _parts_of,
    "visible": _seen,
    "metadata": _metadata,
    "context block": _context,
    "keys": _keyed,
    "page": _page_of,
    "questions": _asked,
    "decisions": _decided,
    "phases": _phases,
    "briefing": lambda one: _briefed(one, Wish()),
    "briefing of a phase": lambda one: _briefed(one, Wish(phase="1")),
    "briefing of a section": lambda one: _briefed(one, Wish(section="Proposed Design")),
    "briefing in a budget": lambda one: _briefed(one, Wish(section="Proposed Design"), 5000),
    "search": _searched,
    "relations": lambda one: relations.of_document(1046, Document(one.text, PATH)),
    "division": _planned,
    "merge": lambda one: _merged(one.plain, one.text, revised(one.plain)),
    "merge of templates": _merged_from_templates,
    "merge of a new text": lambda one: _merged(one.plain, one.plain + "\nMine.\n", one.text),
    "merge of a lost text": lambda one: _merged(one.text, one.text + "\nMine.\n", one.plain),
    "completion": lambda one: completion.complete(
        one.text, revised(one.plain), Rules(section_of=guide_file.own().main_names.family)
    ),
    "derived text": _derived,
    "rules": lambda one: _judged(_snapshot(one)),
    "rules of a sub-document": lambda one: _judged(_snapshot(one, inside=True)),
    "diff": lambda one: splices.unified_diff(PATH, one.plain, one.text),
}
OF_PAGES: dict[str, Callable[[Case], object]] = {
    "blocks": READERS["blocks"],
    "registry": _registry,
    "rules": lambda one: _judged(_snapshot_of_page(one)),
    "settling": lambda one: registry_conflicts.settle(
        one.text, "proposals/README.md", guide_file.own()
    ),
}


def readers(fragment: Fragment) -> dict[str, Callable[[Case], object]]:
    """Something that reads the document containing a fragment."""
    return OF_PAGES if fragment.place in (PAGE, CONFLICT) else READERS


REFUSALS = (BepError, merge.Unmergeable, context_block.Unclear, question_edits.NoPlace)


def read(reader: Callable[[Case], object], one: Case) -> None:
    """Let a reader read; a refusal of the document is an answer like any other."""
    with contextlib.suppress(*REFUSALS):
        reader(one)


class TooLong(Exception):
    """A reader that does not end."""


def seconds(reader: Callable[[Case], object], one: Case, runs: int) -> float:
    """The least processor time of some runs; raises TooLong."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        return min(_once(reader, one) for _ in range(runs))
    finally:
        signal.alarm(0)


def _once(reader: Callable[[Case], object], one: Case) -> float:
    start = time.process_time()
    read(reader, one)
    return time.process_time() - start


class Measured(NamedTuple):
    """The time that a reader took for a text, and for one four times as long; None without end."""

    fragment: str
    reader: str
    small: float
    large: float | None

    @property
    def ratio(self) -> float:
        return float("inf") if self.large is None else self.large / max(self.small, 1e-9)

    @property
    def is_linear(self) -> bool:
        return self.large is not None and (self.large < SHORTEST or self.ratio <= TOO_MUCH)


def measured(name: str, size: int, wanted: str) -> Iterator[Measured]:
    fragment = FRAGMENTS[name]
    small, large = case(fragment, size), case(fragment, TIMES * size)
    for what, reader in readers(fragment).items():
        if wanted and what != wanted:
            continue
        short = long = 0.0
        try:
            short = seconds(reader, small, 1)
            long = seconds(reader, large, 1)
            if long >= SHORTEST and long > TOO_MUCH * short and long < LONGEST / 8:
                short, long = seconds(reader, small, 5), seconds(reader, large, 2)
        except TooLong:
            yield Measured(name, what, short, None)
        else:
            yield Measured(name, what, short, long)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fragment", nargs="*")
    parser.add_argument("--reader", default="")
    parser.add_argument("--size", type=int, default=SIZE)
    given = parser.parse_args()
    names = given.fragment or list(FRAGMENTS)
    every: list[Measured] = []
    for name in names:
        for one in measured(name, given.size, given.reader):
            every.append(one)
            if not one.is_linear or given.fragment:
                long = "no end" if one.large is None else f"{one.large:.2f} s"
                print(f"{name:<28} {one.reader:<24} {long:>9} {one.ratio:6.1f}", flush=True)
    wrong = [one for one in every if not one.is_linear]
    slowest = sorted(every, key=lambda one: -(one.large or LONGEST))[:10]
    print(f"{len(names)} fragments, {len(every)} readings of {TIMES * given.size} characters")
    print(f"not linear: {len(wrong)}")
    for one in slowest:
        print(f"  {one.fragment:<28} {one.reader:<24} {one.large or LONGEST:.2f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
