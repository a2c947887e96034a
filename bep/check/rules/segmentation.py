"""Rules about how a proposal is divided into documents (guide: Document Segmentation)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import names
from ...guide import CRITERIA
from ...markdown.blocks import Heading
from ...markdown.heading_text import normalise
from ...markdown.patterns import pattern
from ...proposal import (
    decision_log,
    document_index,
    implementation_plan,
    key_values,
    open_questions,
)
from ...proposal.derived_text import Part
from ...proposal.document import Document, TopSection
from .derived_fixes import edits_of
from .rule import ERROR, OFF, WARNING, Hit, RuleSet
from .snapshot import Proposal, Snapshot

RULES = RuleSet("Segmentation")

_WHEN = "guide: When to Segment"
_DESIGN = "proposed-design"

# Subsections that a design on any subject may have: such a word makes them one, or is all of them.
_GENERAL_WORDS = """
    alternatives? approach(?:es)? as-is background before after benefits? cases? changes? comparison
    compatibility concepts? considerations? constraints? creation current definitions? details?
    discarded errors? examples? exceptions? existing expected failures? flows? future goals?
    guarantees? how impacts? introduction invariants? issues? lifecycle limitations? migrations?
    motivation naming non-goals? notes? options? overview phases? prerequisites? principles?
    procedures? proposals? questions? rationale references? rejected relationships? requirements?
    reused risks? rollback rollout scenarios? semantics shutdown stages? steps? strateg(?:y|ies)
    structure summary termination terminology testing tests? things to-be updates? usage using why
    workflows?
"""
_GENERAL = pattern(
    rf"""(?:^|.*[^\w-])(?:{"|".join(_GENERAL_WORDS.split())})(?![\w-]).*
       | (?:architecture|contracts?|rules?|scope|security|support)""",
    re.VERBOSE,
)
_WORDS_OF_A_NAME = 3
# Phases that wait for what the others build.
_LAST_WORDS = "tests?|testing|documentation|docs|removal|clean-?up|deprecation"
_DEPENDENT = pattern(
    rf"""(?:add|write)\ (?:[\w-]+\ ){{0,2}}(?:tests?|docs|documentation)\b.*
       | (?:remove|drop|delete|deprecate)\ (?:the\ |all\ )?(?:old|legacy|deprecated|unused)\b.*
       | (?:clean\ up|document\ (?:the|all))\b.*
       | (?:.*[^\w-])?(?:{_LAST_WORDS})
       | (?:end-to-end|e2e|final|integration)\ (?:validation|verification)""",
    re.VERBOSE | re.IGNORECASE,
)
_CODE = pattern(r"\bai[./]backend[./]([a-z_]+)(?=[./])")
_SHARED_CODE = frozenset(["common", "cli", "plugin", "logging", "meta", "helpers", "testutils"])


@RULES.of_proposals(
    WARNING,
    f"{_WHEN}, criterion 1",
    example="A proposal in one file of 800 lines.",
    remedy="Divide it into a main document and sub-documents; `bep segment` does this.",
)
def single_lines(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal in one file has at most {from[lines]} lines.

    People do not read longer ones to the end, and an agent has to read all of it to find one part.
    """
    main, limit = proposal.main, proposal.guide.segmentation.lines
    if not proposal.parts and main.line_count > limit:
        message = (
            f"the proposal has {main.line_count} lines in one file; beyond {limit}, the"
            f" guide asks for segments ({_criterion('lines')})"
        )
        yield Hit(main, _beyond(main, limit), message)


@RULES.of_proposals(
    OFF,
    f"{_WHEN}, criterion 2",
    example="{section[proposed-design]} with subsections Data Model, Config Schema and Event"
    " Registration.",
    remedy="If the subsections are separate components, give each a sub-document; `bep segment`"
    " does this. Otherwise leave it, or silence the rule in the document.",
    spares_history=True,
)
def single_components(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal in one file designs fewer than {from[components]} distinct components.

    Its answers file lists the components. Without an answer, the subsections of
    {section[proposed-design]} count, if their headings can be names of components: a few words, and
    not about phases, changes, examples or what every design says. Of `Manager: persistence`, only
    `Manager` counts. Only the author knows whether they are separate components, so the rule is off
    by default.
    """
    main = proposal.main
    section = main.top_section(_DESIGN)
    if proposal.parts or section is None:
        return
    found = _answered(proposal.answers, "components") or _components(main, section)
    limit = proposal.guide.segmentation.components
    if len(found) >= limit:
        message = (
            f"{section.heading.text!r} has {len(found)} components ({', '.join(found)}); from"
            f" {limit} distinct ones on, the guide asks for segments ({_criterion('components')})"
        )
        yield Hit(main, section.heading.start, message)


def _components(main: Document, section: TopSection) -> list[str]:
    """Return the components that headings of a design's subsections name, normalised."""
    headings = [
        normalise(block.text)
        for block in main.blocks_between(section.text_start, section.end)
        if isinstance(block, Heading) and block.level == 3
    ]
    found = (one.partition(":")[0] for one in headings if not _GENERAL.fullmatch(one))
    return list(dict.fromkeys(one for one in found if len(one.split()) <= _WORDS_OF_A_NAME))


@RULES.of_proposals(
    WARNING,
    f"{_WHEN}, criterion 3",
    example="An {section[implementation-plan]} with four phases.",
    remedy="If the phases can be built independently, give each a sub-document. Otherwise leave it,"
    " or silence the rule in the document.",
    spares_history=True,
)
def single_phases(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal in one file has fewer than {from[phases]} independent phases.

    Phases are counted if the plan numbers them, except tests, documentation and the removal of old
    code, which depend on other phases. Only the author knows whether the rest are independent.
    """
    main = proposal.main
    section = main.top_section(implementation_plan.SECTION)
    count = implementation_plan.count(main)
    limit = proposal.guide.segmentation.phases
    if not proposal.parts and section and count and count - _dependent(main) >= limit:
        message = (
            f"the plan has {count} phases; from {limit} independent ones on, the guide"
            f" asks for segments ({_criterion('phases')})"
        )
        yield Hit(main, section.heading.start, message)


def _dependent(main: Document) -> int:
    """Return how many phases of a plan depend on the others by their names; not all of them can."""
    phases = [phase.name for phase in implementation_plan.phases(main)]
    found = sum(1 for name in phases if _DEPENDENT.fullmatch(name))
    return 0 if found == len(phases) else found


@RULES.of_proposals(
    WARNING,
    f"{_WHEN}, criterion 4",
    example="{section[proposed-design]} with code of the manager, the agent and the storage proxy.",
    remedy="If the document covers several subsystems, give each a sub-document. Otherwise leave"
    " it, or silence the rule in the document.",
    spares_history=True,
)
def single_subsystems(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal in one file covers one subsystem.

    Its answers file lists the subsystems. Without an answer, those whose code the design names
    (`src/ai/backend/manager/…`) count.
    """
    main = proposal.main
    if proposal.parts:
        return
    section = main.top_section(_DESIGN)
    answered = _answered(proposal.answers, "subsystems")
    if answered:
        found, said = answered, "the proposal covers"
    elif section:
        named = _CODE.findall(main.source[section.text_start : section.end])
        found, said = sorted(set(named) - _SHARED_CODE), f"{section.heading.text!r} names code of"
    else:
        return
    if len(found) >= proposal.guide.segmentation.subsystems:
        at = section.heading.start if section else main.title_start
        message = (
            f"{said} {len(found)} subsystems ({', '.join(found)}); where a document covers"
            f" several, the guide asks for segments ({_criterion('subsystems')})"
        )
        yield Hit(main, at, message)


def _answered(answers: str, question: str) -> list[str]:
    """Return the list that an answers file gives for a question; of mappings, their names."""
    if f"{question}:" not in answers:
        return []
    items = key_values.read(answers).items
    found = next((key_values.meaning(one.value) for one in items if one.key == question), None)
    listed = found if isinstance(found, list) else []
    return [str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in listed]


@RULES.of_proposals(
    WARNING,
    "guide: Segmented Structure",
    example="A main document of 250 lines, besides its sub-documents.",
    remedy="Move details into the sub-documents; the main document is overview and index.",
)
def main_lines(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A segmented proposal's main document has at most {most[main]} lines.

    It is what everyone reads first.
    """
    main, limit = proposal.main, proposal.form.lines
    if proposal.parts and 0 < limit < main.line_count:
        message = f"the main document has {main.line_count} lines; the guide says under {limit}"
        yield Hit(main, _beyond(main, limit), message)


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Guidelines",
    example="A sub-document of 400 lines.",
    remedy="Divide it into two units of work.",
)
def sub_lines(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document has at most {most[component]} lines.

    It is one unit of work, and whoever does it reads all of it.
    """
    for document in proposal.parts:
        limit = document.form.lines
        if 0 < limit < document.line_count:
            message = (
                f"the sub-document has {document.line_count} lines; the guide says under {limit}"
            )
            yield Hit(document, _beyond(document, limit), message)


@RULES.of_proposals(
    ERROR,
    "guide: Main Document",
    example="BEP-1046/config-schema.md, and no row for it in {section[document-index]}.",
    remedy="Add a row for the sub-document; `bep sync` does this.",
)
def index_incomplete(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """The {section[document-index]} has an entry for each sub-document.

    Readers look for the parts there, and assume that it is complete. (An entry that leads nowhere
    is a broken link.)
    """
    main, section = proposal.main, proposal.main.top_section(document_index.SECTION)
    if section is None:
        return
    missing = document_index.unlisted(main, (part.names[-1] for part in proposal.parts))
    edits = edits_of(proposal, Part.INDEX) if missing else ()
    for name in missing:
        message = f"{section.heading.text!r} has no entry for {name}"
        yield Hit(main, section.heading.start, message, text=name, edits=edits)


@RULES.of_proposals(
    WARNING,
    "guide: Segmented Structure",
    example="proposals/BEP-1046/BEP-1046-service-discovery.md, with metadata and a"
    " {section[decision-log]}, below the main document of that name",
    remedy="Move what it says into the main document, and the rest into sub-documents.",
)
def second_main(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A proposal has one main document.

    A second one among the sub-documents has its own status, decisions or questions, and no reader
    knows which are valid. It is recognised by two of these: metadata with a status, the `type` of a
    main document in its context block, a main document's file name, the main document's title, a
    {section[decision-log]} or {section[open-questions]}.
    """
    for document in proposal.parts:
        if len(marks := _marks_of_main(document, proposal)) > 1:
            message = f"this is a second main document: it has {' and '.join(marks)}"
            yield Hit(document, document.title_start, message)


def _marks_of_main(document: Document, proposal: Proposal) -> list[str]:
    """Return what a sub-document has that only a main document has, in words."""
    context, name = document.context, document.names[-1]
    main, title = proposal.main, normalise(document.title_text)
    of_main = main.context_form.type
    families = {document.guide.main_names.family(one.name) for one in document.top_sections}
    found = {
        "a status": bool(document.metadata.value("status")),
        f"the type {of_main}": bool(
            context and context.keys and context.keys.get("type") == of_main
        ),
        "a main document's file name": names.number_of_document(name) is not None,
        "its title": bool(title) and title == normalise(main.title_text),
        **{
            f"a section {main.heading_of(family)}": family in families
            for family in (decision_log.SECTION, open_questions.SECTION)
        },
    }
    return [words for words, is_so in found.items() if is_so]


@RULES.of_proposals(
    WARNING,
    "guide: Sub-Document Template",
    example="""
        proposals/BEP-1046/data-model.md:
        ---
        {key[status]}: {status[draft]}
        ---""",
    remedy="Move into the main document's metadata what it lacks, and remove the rest.",
)
def sub_metadata(proposal: Proposal, snapshot: Snapshot) -> Iterator[Hit]:
    """A sub-document has no metadata.

    Author and status belong to the proposal; if they are written twice, they will contradict each
    other sooner or later.
    """
    for document in proposal.parts:
        if document.front_matter:
            message = "a sub-document has no metadata; the main document's applies to it"
            yield Hit(document, document.front_matter.start, message)


def _criterion(name: str) -> str:
    return f"criterion {CRITERIA.index(name) + 1} of {len(CRITERIA)}"


def _beyond(document: Document, limit: int) -> int:
    """Return the offset of the first line beyond `limit`."""
    return document.line_start(limit + 1)
