"""Rules that compare context blocks with files, plan and Decision Log (guide: AI Context Block)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import names
from ...markdown import escapes, plain_text
from ...proposal import circles, citation, decision_log, implementation_plan, relations
from ...proposal.derived_text import Part
from ...proposal.document import Document, Role
from .context_block import contexts, files, texts
from .decisions_and_questions import logs
from .derived_fixes import edits_of
from .rule import ERROR, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot
from .title_match import is_shorter_form

RULES = RuleSet("Context block")

_SOURCE = "guide: AI Context Block"

_PARENT = re.compile(
    r"[^\w]*+(?:BEP[- ]?)?0*(?P<number>\d{1,9})\b\s*+(?:[(:](?P<title>.*))?",
    re.IGNORECASE | re.DOTALL,
)
# Words, those of `EventBus` and `instance_id` one by one; an acronym is a word however short it is.
_ACRONYM = r"[A-Z]{2,}(?=s?(?![a-z]))"
_WORD = re.compile(rf"{_ACRONYM}|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_COMMON_WORDS = """
    about after all also and any are based been before being between both but can does done each for
    from had has have into its may more most must need needs new not now off one only onto other our
    out over own per same should such than that the their them then there these they this those
    through too two under until use used uses using very via was what when where which while who why
    will with within without yet your
"""
_COMMON = frozenset(_COMMON_WORDS.split())
# Inflections and derivations share as many letters: cache and caching, encrypt and encryption.
_ROOT = 4
_ROOT_OF_OTHER_SCRIPTS = 2


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="detail-docs: [data-model.md], beside a file BEP-1046/config-schema.md",
    remedy="List the file names of all sub-documents; `bep sync` does this.",
)
def detail_docs(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """`detail-docs` lists exactly the sub-documents that exist.

    An agent reads what is listed, and misses the rest.
    """
    main, context = proposal.main, proposal.main.context
    if context is None or context.keys is None or "detail-docs" not in context.keys:
        return
    listed = files(context.keys["detail-docs"])
    there = [part.names[-1] for part in proposal.parts]
    place = context.place("detail-docs")
    gone = sorted(set(listed) - set(there))
    unlisted = [name for name in there if name not in listed]
    edits = edits_of(proposal, Part.DETAIL_DOCS) if gone or unlisted else ()
    for name in gone:
        message = f"detail-docs lists {name}, which does not exist"
        yield Hit(main, place, message, text=name, edits=edits)
    for name in unlisted:
        yield Hit(main, place, f"detail-docs does not list {name}", text=name, edits=edits)


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="phases: 3, above a plan with a Phase 4",
    remedy="Write how many phases the {section[implementation-plan]} has; `bep sync` does this.",
)
def phases(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """`phases` is the number of phases of the {section[implementation-plan]}.

    Phases are counted if the plan numbers all of them: headings or list items such as
    `Phase 1: Foundation` or `Milestone 2`, or a table with a column Phase or Milestone.
    """
    main, context = proposal.main, proposal.main.context
    if context is None or context.keys is None or "phases" not in context.keys:
        return
    stated, counted = context.keys["phases"], implementation_plan.count(main)
    if isinstance(stated, list):
        return
    if not isinstance(stated, int) or isinstance(stated, bool):
        message = f"phases is {stated!r}; write the number of phases"
        yield Hit(main, context.place("phases"), message)
    elif counted is not None and counted != stated:
        plan = main.heading_of(implementation_plan.SECTION)
        message = f"phases is {stated}; the {plan} has {counted}"
        edits = edits_of(proposal, Part.PHASES)
        yield Hit(main, context.place("phases"), message, edits=edits)


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="""
        proposals/BEP-1046/data-model.md:
        parent: BEP-1064 (Unified Service Discovery)""",
    remedy="Write `parent: BEP-XXXX (Title)` with the number of the directory.",
)
def parent_number(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document's `parent` is the proposal whose directory it is in.

    An agent that follows another number reads another proposal.
    """
    for document, context, keys in contexts(proposal):
        if document.role is Role.SUB and "parent" in keys:
            match = _PARENT.match(str(keys["parent"]))
            if match is None or int(match["number"]) != proposal.number:
                wanted = names.proposal_name(proposal.number)
                message = f"parent is {keys['parent']!r}; the document belongs to {wanted}"
                yield Hit(document, context.place("parent"), message)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        proposals/BEP-1046/data-model.md:
        parent: BEP-1046 (Service Registry)""",
    remedy="Write the main document's title, or a shorter form of it.",
)
def parent_title(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document's `parent` gives the main document's title, or a shorter form of it."""
    title = escapes.plain_text(proposal.main.title_text)
    for document, context, keys in contexts(proposal):
        match = _PARENT.match(str(keys.get("parent"))) if document.role is Role.SUB else None
        given = ((match and match["title"]) or "").strip().removesuffix(")").strip()
        if given and title and not is_shorter_form(given, title):
            message = f"parent gives the title {given!r}; the main document's is {title!r}"
            yield Hit(document, context.place("parent"), message, text=given)


@RULES.of_proposals(
    ERROR,
    _SOURCE,
    example="depends-on: [data-modle.md]",
    remedy="Write the file names of sub-documents of the same proposal, or `[]`.",
)
def depends_on_missing(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """`depends-on` names sub-documents that exist, or other proposals.

    An agent reads what its document depends on, and cannot read a missing file.
    """
    there = {part.names[-1] for part in proposal.parts}
    for document in proposal.parts:
        for name in _needed(document):
            if name not in there and not name.startswith("BEP-"):
                place = document.context.place("depends-on") if document.context else 0
                message = f"depends-on names {name}, which does not exist"
                yield Hit(document, place, message, text=name)


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        a.md: depends-on: [b.md]
        b.md: depends-on: [a.md]""",
    remedy="Decide which of the documents comes first, and remove the other direction; a document"
    " that is merely worth reading is a link in the text, or `b.md (see also)`.",
)
def depends_on_circle(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """`depends-on` never forms a cycle.

    Each sub-document is a unit of work: in a cycle, there is none to begin with. Entries such as
    `b.md (see also)` are not dependencies.
    """
    documents = {part.names[-1]: part for part in proposal.parts}
    needs = {
        name: {one for one in _needed(document, with_see_also=False) if one in documents}
        for name, document in documents.items()
    }
    for found in circles.find(needs):
        circle = sorted(found)
        first = documents[circle[0]]
        place = first.context.place("depends-on") if first.context else 0
        message = f"depends-on forms a cycle: {', '.join(circle)}"
        yield Hit(first, place, message, text=", ".join(circle))


def _needed(document: Document, *, with_see_also: bool = True) -> list[str]:
    """Return the file names of the sub-documents in `depends-on`; it may name other proposals."""
    context, number = document.context, names.number_of_directory(document.names[-2])
    if context is None or context.keys is None:
        return []
    every = texts(context.keys.get("depends-on"))
    listed = [one for one in every if not citation.numbers_in(one) - {number}]
    return files([one for one in listed if with_see_also or not relations.is_see_also(one)])


@RULES.of_proposals(
    WARNING,
    _SOURCE,
    example="""
        key-decisions:
          - Storage in Redis
        above a {section[decision-log]} that never mentions storage or Redis""",
    remedy="Add the decision to the {section[decision-log]}, or use its words.",
)
def key_decision_unlogged(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A key decision of a context block is also in the {section[decision-log]}.

    One that shares no significant word with any row is reported; a paraphrase is not. `Caching` and
    `a cache` count as one word.
    """
    sections = list(logs(proposal.main))
    if not sections:
        return
    known: set[str] = set()
    for _, log in sections:
        for row in log.rows if log else ():
            known.update(*(_roots(cell.text) for cell in row.cells))
    for document, context, keys in contexts(proposal):
        for decision in texts(keys.get("key-decisions")):
            roots = _roots(decision)
            if roots and not roots & known:
                heading = proposal.main.heading_of(decision_log.SECTION)
                message = f"the key decision {decision!r} shares no word with the {heading}"
                yield Hit(document, context.place("key-decisions"), message, text=decision)


def _roots(text: str) -> set[str]:
    """Return the beginnings of the words that are neither short nor common."""
    return {_root(word) for word in _WORD.findall(plain_text.visible(text)) if _tells(word)}


def _tells(word: str) -> bool:
    if word.isupper() and word.isascii():
        return True
    return len(word) >= (3 if word.isascii() else 2) and word.casefold() not in _COMMON


def _root(word: str) -> str:
    if not word.isascii():
        return word.casefold()[:_ROOT_OF_OTHER_SCRIPTS]
    lower = word.casefold()
    return (lower.removesuffix("s") if len(lower) > _ROOT - 1 else lower)[:_ROOT]
